//! What a simulation comes to: the base, and scenarios held against it future by future.

use super::summary::{BucketSummary, CellSummary, Summary, Watched};
use super::{Futures, Stopped, Values, Watch, correlation};
use crate::engine::{Engine, Value, value_of};
use crate::plan::cell::{Cell, Field};
use crate::quantity::UnitId;
use crate::whatif::standpoint::Standpoint;
use serde::Serialize;

/// How near two futures count as the same.
const SAME: f64 = 1e-9;
/// How many bars a histogram has.
const BARS: usize = 20;

/// What to simulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// How many futures.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
    /// The cell by which scenarios are held against the base; by default the grade of the cycle.
    pub cell: Option<Cell>,
}

/// `okr simulate`
#[derive(Clone, Debug, Serialize)]
pub struct Simulation {
    /// `okr.simulate/1`
    pub schema: &'static str,
    /// How many futures.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
    /// How much the efforts of a team vary together.
    pub effort_correlation: f64,
    /// The cell by which scenarios are held against the base; null without a cycle.
    pub compared: Option<String>,
    /// From where this looks.
    #[serde(flatten)]
    pub standpoint: Standpoint,
    /// The base, then the scenarios.
    pub scenarios: Vec<Simulated>,
}

/// A plan or a scenario of it, simulated.
#[derive(Clone, Debug, Serialize)]
pub struct Simulated {
    /// Its id, `base` for the plan itself.
    pub id: String,
    /// Its title; empty for the base.
    pub title: String,
    /// Projected values and grades of key results, objectives, teams and cycles.
    pub cells: Vec<SimulatedCell>,
    /// Buckets.
    pub buckets: Vec<SimulatedBucket>,
    /// In how many futures it is better than the base; null for the base.
    pub better: Option<u64>,
    /// In how many it is the same.
    pub same: Option<u64>,
    /// In how many it is worse.
    pub worse: Option<u64>,
    /// How the futures of some cells lie.
    pub histograms: Vec<Histogram>,
}

/// A cell in many futures. Numbers are in its unit, and null where no future has any.
#[derive(Clone, Debug, Serialize)]
pub struct SimulatedCell {
    /// Its path.
    pub id: String,
    /// The mean over the futures that have a number.
    pub mean: Option<f64>,
    /// The standard error of the mean.
    pub standard_error: Option<f64>,
    /// A tenth of the futures lies up to here.
    pub p10: Option<f64>,
    /// Half of them.
    pub p50: Option<f64>,
    /// Nine tenths.
    pub p90: Option<f64>,
    /// Of a grade: the probability of green.
    pub p_green: Option<f64>,
    /// Of a grade: the probability of the sweet spot.
    pub p_sweet: Option<f64>,
    /// How the report shows it.
    #[serde(skip)]
    pub shown: ShownCell,
}

/// A cell as people read it.
#[derive(Clone, Debug, Default)]
pub struct ShownCell {
    /// What has it: `cycle`, `team`, `objective` or `key result`.
    pub kind: &'static str,
    /// The path of what has it.
    pub of: String,
    /// Its title.
    pub title: String,
    /// Whether it is a grade.
    pub is_grade: bool,
    /// P10, P50 and P90 with their unit.
    pub numbers: [String; 3],
    /// The band of the median.
    pub band: Option<&'static str>,
    /// Whether it belongs to the cycle in force.
    pub in_force: bool,
}

/// A bucket in many futures, in person-weeks.
#[derive(Clone, Debug, Serialize)]
pub struct SimulatedBucket {
    /// Its path.
    pub id: String,
    /// Its capacity; null without one.
    pub capacity: Option<f64>,
    /// The median of what is wanted of it.
    pub demand_p50: Option<f64>,
    /// The demand that four in five futures stay within.
    pub demand_p80: Option<f64>,
    /// The probability that more is wanted than there is.
    pub p_over: Option<f64>,
    /// What is missing on average.
    pub shortfall_mean: Option<f64>,
}

/// How many futures lie where, in bars of the same width.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// The cell.
    pub id: String,
    /// The lower end of the first bar.
    pub from: f64,
    /// The upper end of the last bar, included.
    pub to: f64,
    /// The futures of each bar.
    pub counts: Vec<u64>,
    /// Futures without a number.
    pub without: u64,
    /// The unit of the cell, for the report.
    #[serde(skip)]
    pub unit: UnitId,
}

/// Simulates the base and scenarios of one plan. The first engine is the base.
///
/// # Errors
///
/// If the watch stops it.
pub fn simulate(
    engines: &[Engine],
    request: Request,
    watch: Watch<'_>,
) -> Result<Option<Simulation>, Stopped> {
    let Some(base) = engines.first() else { return Ok(None) };
    let cycle = base.moment.cycle.map(|it| Cell { field: Field::CycleProjectedGrade, index: it });
    let compared = request.cell.or(cycle);
    let mut watched: Vec<Cell> = cycle.into_iter().chain(request.cell).collect();
    watched.dedup();
    let mut scenarios: Vec<Simulated> = Vec::with_capacity(engines.len());
    let mut of_base: Option<Values> = None;
    for engine in engines {
        let futures = Futures::new(engine, request.seed, &watched);
        let summary = futures.summary(request.samples, &watched, watch)?;
        let mut simulated = shown(engine, &summary, request.samples);
        let values =
            compared.and_then(|cell| summary.watched.into_iter().find(|it| it.cell == cell));
        if let Some(Watched { cell, values }) = values {
            match &of_base {
                None => of_base = Some(values),
                Some(of_base) => {
                    let way = better_way(base, cell);
                    let counts = held_against(&values, of_base, way, request.samples);
                    [simulated.better, simulated.same, simulated.worse] = counts.map(Some);
                }
            }
        }
        scenarios.push(simulated);
    }
    Ok(Some(Simulation {
        schema: "okr.simulate/1",
        samples: request.samples,
        seed: request.seed,
        effort_correlation: correlation(base, None),
        compared: compared.map(|cell| base.plan.cell_name(cell)),
        standpoint: Standpoint::of(base),
        scenarios,
    }))
}

/// 1 where more of a cell is better, −1 where less is.
fn better_way(engine: &Engine, cell: Cell) -> f64 {
    match cell.field {
        Field::KrProjected => engine.start(cell.index).map_or(1.0, |start| start.way),
        Field::BucketDemand | Field::BucketLoad => -1.0,
        _ => 1.0,
    }
}

/// In how many futures a scenario is better than the base, the same, and worse. No number is worse
/// than any.
fn held_against(values: &Values, base: &Values, way: f64, samples: u64) -> [u64; 3] {
    let mut counts = [0; 3];
    for future in 0..samples as usize {
        let number = |it: &Values| value_of(it.get(future)).number().map(|number| number * way);
        let place = match (number(values), number(base)) {
            (Some(here), Some(there)) if here > there + SAME => 0,
            (Some(here), Some(there)) if here < there - SAME => 2,
            (Some(_), Some(_)) | (None, None) => 1,
            (Some(_), None) => 0,
            (None, Some(_)) => 2,
        };
        counts[place] += 1;
    }
    counts
}

fn shown(engine: &Engine, summary: &Summary, samples: u64) -> Simulated {
    let plan = &engine.plan;
    let scenario = engine.options.scenario.map(|it| &plan.scenarios[it as usize]);
    Simulated {
        id: scenario.map_or("base", |it| plan.source(it.name)).to_owned(),
        title: scenario.map(|it| plan.text(it.title)).unwrap_or_default(),
        cells: summary.cells.iter().map(|it| shown_cell(engine, it)).collect(),
        buckets: summary.buckets.iter().map(|it| shown_bucket(engine, it)).collect(),
        better: None,
        same: None,
        worse: None,
        histograms: summary
            .watched
            .iter()
            .filter_map(|it| histogram(engine, it, samples))
            .collect(),
    }
}

fn shown_bucket(engine: &Engine, it: &BucketSummary) -> SimulatedBucket {
    SimulatedBucket {
        id: engine.pot_name(it.pot),
        capacity: it.capacity,
        demand_p50: it.demand_p50,
        demand_p80: it.demand_p80,
        p_over: it.p_over,
        shortfall_mean: it.shortfall_mean,
    }
}

fn shown_cell(engine: &Engine, it: &CellSummary) -> SimulatedCell {
    let plan = &engine.plan;
    let index = it.cell.index as usize;
    let objective = |index: usize| {
        let objective = &plan.objectives[index];
        let in_force = objective.cycle.is_none() || objective.cycle == engine.moment.cycle;
        (in_force, engine.objective_thresholds(index))
    };
    let (kind, title, (in_force, thresholds)) = match it.cell.field {
        Field::ObjectiveProjectedGrade => {
            ("objective", plan.text(plan.objectives[index].title), objective(index))
        }
        Field::TeamProjectedGrade => {
            let thresholds = engine.team_thresholds(Some(it.cell.index));
            ("team", plan.text(plan.teams[index].title), (true, thresholds))
        }
        Field::CycleProjectedGrade => {
            let in_force = engine.moment.cycle == Some(it.cell.index);
            ("cycle", plan.text(plan.cycles[index].title), (in_force, engine.thresholds()))
        }
        _ => {
            let kr = &plan.krs[index];
            ("key result", plan.text(kr.title), objective(kr.objective as usize))
        }
    };
    let unit = plan.unit_of(it.cell);
    let number = |value: Option<f64>| value.map(|it| rounded(engine, it, unit)).unwrap_or_default();
    let is_grade = it.cell.field != Field::KrProjected;
    let shown = ShownCell {
        kind,
        of: plan.thing_name(it.cell.kind(), it.cell.index),
        title,
        is_grade,
        numbers: [number(it.p10), number(it.p50), number(it.p90)],
        band: it.p50.filter(|_| is_grade).map(|grade| thresholds.band(grade).word()),
        in_force,
    };
    SimulatedCell {
        id: plan.cell_name(it.cell),
        mean: it.mean,
        standard_error: it.standard_error,
        p10: it.p10,
        p50: it.p50,
        p90: it.p90,
        p_green: it.p_green,
        p_sweet: it.p_sweet,
        shown,
    }
}

/// A number of a simulation with its unit, to three digits: more are chance.
pub fn rounded(engine: &Engine, value: f64, unit: UnitId) -> String {
    engine.plan.units.show(to_digits(value, 3), unit)
}

/// A number to so many significant digits.
fn to_digits(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}

/// The bars of a cell: of a grade over 0..1 or wider, of a value between the least and the greatest.
fn histogram(engine: &Engine, it: &Watched, samples: u64) -> Option<Histogram> {
    let numbers = || {
        (0..samples as usize).filter_map(|at| match value_of(it.values.get(at)) {
            Value::Number(number) => Some(number),
            _ => None,
        })
    };
    let least = numbers().reduce(f64::min)?;
    let greatest = numbers().reduce(f64::max)?;
    let is_grade =
        !matches!(it.cell.field, Field::KrProjected | Field::BucketDemand | Field::BucketLoad);
    let (from, to) = match is_grade {
        true if (0.0..=1.0).contains(&least) && greatest <= 1.0 => (0.0, 1.0),
        _ => (least, greatest),
    };
    let bars = if from < to { BARS } else { 1 };
    let mut counts = vec![0; bars];
    let width = (to - from) / bars as f64;
    let mut seen = 0;
    for number in numbers() {
        // A hair below the end of a bar counts as its end, so that 0.15 lies in the bar from there.
        let bar = if width > 0.0 { ((number - from) / width + 1e-9) as usize } else { 0 };
        counts[bar.min(bars - 1)] += 1;
        seen += 1;
    }
    let id = engine.plan.cell_name(it.cell);
    let unit = engine.plan.unit_of(it.cell);
    Some(Histogram { id, from, to, counts, without: samples - seen, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn futures_are_held_against_each_other() {
        let values = Values::Each(vec![1.0, 2.0, 3.0, f64::NAN, f64::NAN]);
        let base = Values::Each(vec![2.0, 2.0 + 1e-10, 1.0, f64::NAN, 1.0]);
        assert_eq!(held_against(&values, &base, 1.0, 5), [1, 2, 2]);
        assert_eq!(held_against(&values, &Values::Same(2.0), -1.0, 3), [1, 1, 1]);
    }

    #[test]
    fn numbers_have_three_digits() {
        let cases = [(0.123_456, 0.123), (612.4, 612.0), (-98_765.0, -98_800.0), (0.0, 0.0)];
        for (value, wanted) in cases {
            assert_eq!(to_digits(value, 3), wanted);
        }
        assert_eq!(to_digits(1e-300, 3), 1e-300);
        assert_eq!(to_digits(1.234e300, 3), 1.23e300);
    }
}
