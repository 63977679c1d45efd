//! From where a what-if looks: the day, the scenario, and whose capacity counts.

use crate::engine::Engine;
use serde::Serialize;

/// From where a what-if looks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Standpoint {
    /// The scenario in force; null for the base.
    pub scenario: Option<String>,
    /// The as-of date, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// Whether only the capacity after the as-of date counts.
    pub remaining: bool,
    /// Whether there are check-ins in the cycle, so that part of its capacity is spent.
    pub mid_cycle: bool,
}

impl Standpoint {
    /// That of an engine.
    pub fn of(engine: &Engine) -> Self {
        let plan = &engine.plan;
        let scenario = engine.options.scenario.map(|it| plan.scenarios[it as usize].name);
        Self {
            scenario: scenario.map(|name| plan.source(name).to_owned()),
            as_of: engine.moment.as_of.map(|date| date.to_string()),
            as_of_from: engine.moment.source.words().to_owned(),
            remaining: engine.options.remaining,
            mid_cycle: engine.is_mid_cycle(),
        }
    }
}
