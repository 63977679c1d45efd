//! What the page shows, gathered from an engine.

use crate::engine::{Engine, Step};
use crate::plan::cell::{Cell, Field};
use crate::report::advice::Coaching;
use crate::report::data::Scorecard;
use crate::report::scorecard::{Part, projected_scorecard};
use crate::whatif::compare::Comparison;
use crate::whatif::simulate::Simulation;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

/// A report of a plan.
pub struct Report<'a> {
    /// The plan's file, as the user gave it.
    pub file: String,
    /// The scorecard, with where the funded work brings it.
    pub card: Scorecard,
    /// The grades of key results over their check-ins, by their paths.
    pub trends: FxHashMap<String, KrTrend>,
    /// How grades came about, by the paths of key results and objectives.
    pub steps: FxHashMap<String, Step>,
    /// The base beside the scenarios; `None` without scenarios.
    pub scenarios: Option<Comparison>,
    /// Many futures of them; `None` unless asked for.
    pub futures: Option<Simulation>,
    /// The coach's advice.
    pub coaching: Coaching<'a>,
}

/// The grades of a key result within its cycle.
#[derive(Clone, Debug, Default)]
pub struct KrTrend {
    /// The share of the cycle's days that had passed, the grade at the end of that day, and the day.
    pub points: Vec<(f64, f64, Date)>,
    /// The share that has passed on the as-of date.
    pub elapsed: f64,
    /// Where its yellow band begins.
    pub yellow: f64,
    /// Where its green band begins.
    pub green: f64,
}

impl<'a> Report<'a> {
    /// Gathers what the page shows.
    pub fn of(
        file: &str,
        engine: &Engine,
        scenarios: Option<Comparison>,
        futures: Option<Simulation>,
        coaching: Coaching<'a>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            card: projected_scorecard(engine, Part::All),
            trends: trends(engine),
            steps: steps(engine),
            scenarios,
            futures,
            coaching,
        }
    }
}

fn trends(engine: &Engine) -> FxHashMap<String, KrTrend> {
    let plan = &engine.plan;
    let as_of = engine.moment.as_of;
    let mut trends: Vec<Option<KrTrend>> =
        (0..plan.krs.len()).map(|kr| empty(engine, kr)).collect();
    let until = |date: &Date| as_of.is_none_or(|as_of| *date <= as_of);
    let mut dates: Vec<Date> = plan.checkins.iter().map(|it| it.date).filter(until).collect();
    dates.sort_unstable();
    dates.dedup();
    let mut days = engine.days();
    for date in dates {
        let view = days.on(date);
        for (kr, trend) in trends.iter_mut().enumerate() {
            let Some(trend) = trend else { continue };
            let Some(at) = elapsed(engine, kr, date) else { continue };
            if let Some(grade) = view.read(Cell::new(Field::KrGrade, kr)).number() {
                trend.points.push((at, grade, date));
            }
        }
    }
    let named = trends.into_iter().enumerate().filter_map(|(kr, trend)| {
        let mut trend = trend.filter(|trend| !trend.points.is_empty())?;
        trend.points = thinned(trend.points);
        Some((plan.kr_id(kr), trend))
    });
    named.collect()
}

fn empty(engine: &Engine, kr: usize) -> Option<KrTrend> {
    let objective = engine.plan.krs[kr].objective as usize;
    let cycle = engine.plan.objectives[objective].cycle?;
    let thresholds = engine.objective_thresholds(objective);
    Some(KrTrend {
        points: Vec::new(),
        elapsed: engine.elapsed(cycle as usize)?,
        yellow: thresholds.yellow,
        green: thresholds.green,
    })
}

/// The share of a key result's cycle that has passed on a day within it.
fn elapsed(engine: &Engine, kr: usize, date: Date) -> Option<f64> {
    let objective = &engine.plan.objectives[engine.plan.krs[kr].objective as usize];
    let cycle = &engine.plan.cycles[objective.cycle? as usize];
    let days = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days() + 1);
    let within = cycle.from <= date && date <= cycle.to;
    within.then(|| f64::from(days(cycle.from, date)) / f64::from(days(cycle.from, cycle.to)))
}

/// The points at which a line bends: of equal grades in a row only the ends.
fn thinned(points: Vec<(f64, f64, Date)>) -> Vec<(f64, f64, Date)> {
    let bends = |at: usize| {
        let same = |other: usize| points[other].1 == points[at].1;
        at == 0 || at + 1 == points.len() || !same(at - 1) || !same(at + 1)
    };
    (0..points.len()).filter(|&at| bends(at)).map(|at| points[at]).collect()
}

fn steps(engine: &Engine) -> FxHashMap<String, Step> {
    let plan = &engine.plan;
    let mut steps = FxHashMap::default();
    for kr in 0..plan.krs.len() {
        steps.insert(plan.kr_id(kr), engine.explain(Cell::new(Field::KrGrade, kr)));
    }
    steps
}
