//! In how many sampled futures a cell reaches a value.

use super::search_line::Goal;
use super::simulate::{Futures, Observed, Watch};
use crate::engine::{Engine, value_of};
use crate::plan::cell::Cell;
use serde::Serialize;

/// How many futures are drawn for every value that is tried, unless one says otherwise.
pub const SAMPLES: u64 = 10_000;

/// How likely a goal is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    /// The least share of futures in which it is to be reached.
    pub least: f64,
    /// How many futures.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
}

/// The share of futures in which a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Probability {
    /// The share that is wanted.
    pub wanted: f64,
    /// The share with the new value.
    pub reached: f64,
    /// The share as it is.
    pub present: Option<f64>,
    /// How many futures.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
}

/// The share of futures in which a cell reaches a value; one in which it has no number does not.
/// `None` if the watch stops it, or the plan is wrong.
pub fn share_of_futures(
    engine: &Engine,
    cell: Cell,
    goal: Goal,
    chance: &Chance,
    watch: Watch<'_>,
) -> Option<f64> {
    if matches!(engine.read(cell), crate::engine::Value::Error) {
        return None;
    }
    let futures = Futures::new(engine, chance.seed, &[cell]);
    let values = futures.values(Observed::Cell(cell), chance.samples, watch).ok()?;
    let reached = |future: &usize| {
        value_of(values.get(*future)).number().is_some_and(|value| goal.holds(value))
    };
    let count = (0..chance.samples as usize).filter(reached).count();
    Some(count as f64 / chance.samples as f64)
}
