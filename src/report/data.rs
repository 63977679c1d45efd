//! Reports as data. The JSON of a report is its serialised form: names here are the contract of
//! `interface.md`, and only grow.

pub use crate::engine::Step;
use serde::Serialize;

/// `okr grade`: the scorecard.
#[derive(Clone, Debug, Serialize)]
pub struct Scorecard {
    /// `okr.grade/1`
    pub schema: &'static str,
    /// The as-of date, `YYYY-MM-DD`; null if the plan has no date at all.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words: "the newest check-in".
    pub as_of_from: String,
    /// The scenario in force; null for the base.
    pub scenario: Option<String>,
    /// Whether amendments are left aside.
    pub original: bool,
    /// Whether projected grades are shown.
    pub projected: bool,
    /// The cycle in force.
    pub cycle: Option<String>,
    /// Cycles with their means.
    pub cycles: Vec<CycleRow>,
    /// Teams with their means.
    pub teams: Vec<TeamRow>,
    /// Objectives with their key results.
    pub objectives: Vec<ObjectiveRow>,
    /// Capacity, team by team.
    pub capacity: Vec<CapacityRow>,
}

/// A cycle's row.
#[derive(Clone, Debug, Serialize)]
pub struct CycleRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The weighted mean of its objectives.
    pub grade: Option<f64>,
    /// `red`, `yellow` or `green`; null without a grade.
    pub band: Option<&'static str>,
    /// The mean of the committed key results alone.
    pub committed_grade: Option<f64>,
    /// The mean of the aspirational key results alone.
    pub aspirational_grade: Option<f64>,
    /// The share of its days up to the as-of date.
    pub elapsed: Option<f64>,
    /// Its grade with every actual as projected; null unless asked for.
    pub projected_grade: Option<f64>,
    /// `in`, `above` or `below` the sweet spot.
    pub sweet_spot: Option<&'static str>,
    /// `graded`, `no data` or `error`.
    pub state: &'static str,
}

/// A team's row.
#[derive(Clone, Debug, Serialize)]
pub struct TeamRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of the team above.
    pub parent: Option<String>,
    /// `delivery`, `platform`, `innovation`, `bau` or `leadership`.
    pub kind: Option<&'static str>,
    /// The mean of its objectives and child teams.
    pub grade: Option<f64>,
    /// `red`, `yellow` or `green`.
    pub band: Option<&'static str>,
    /// The mean of the committed key results alone.
    pub committed_grade: Option<f64>,
    /// The mean of the aspirational key results alone.
    pub aspirational_grade: Option<f64>,
    /// Its grade with every actual as projected; null unless asked for.
    pub projected_grade: Option<f64>,
    /// `in`, `above` or `below` the sweet spot.
    pub sweet_spot: Option<&'static str>,
    /// `graded`, `no data` or `error`.
    pub state: &'static str,
}

/// An objective's row.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectiveRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of the team that owns it.
    pub owner: Option<String>,
    /// The id of its cycle.
    pub cycle: Option<String>,
    /// `aspirational` or `committed`.
    pub kind: &'static str,
    /// How much it counts.
    pub weight: Option<f64>,
    /// The last word of the talk: `proposed`, `agreed` or `declined`.
    pub status: Option<&'static str>,
    /// The weighted mean of its counted key results.
    pub grade: Option<f64>,
    /// `red`, `yellow` or `green`; red if a guardrail is broken.
    pub band: Option<&'static str>,
    /// How many of the counted key results have data.
    pub graded: usize,
    /// How many key results count.
    pub of: usize,
    /// The mean of the committed key results alone.
    pub committed_grade: Option<f64>,
    /// The mean of the aspirational key results alone.
    pub aspirational_grade: Option<f64>,
    /// Its grade with every actual as projected; null unless asked for.
    pub projected_grade: Option<f64>,
    /// The ids of guardrails that are broken.
    pub broken_guardrails: Vec<String>,
    /// `graded`, `no data`, `declined` or `error`.
    pub state: &'static str,
    /// Its key results.
    pub key_results: Vec<KrRow>,
}

/// A key result's row.
#[derive(Clone, Debug, Serialize)]
pub struct KrRow {
    /// Its path, `speed.latency`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `aspirational`, `committed` or `guardrail`.
    pub kind: &'static str,
    /// `linear`, `steps`, `curve`, `done`, `milestones`, `score`, `formula` or `keep`.
    pub grading: &'static str,
    /// Its unit; null for bare numbers.
    pub unit: Option<String>,
    /// Where it starts, in its unit (a percent as a fraction).
    pub baseline: Option<f64>,
    /// Where it is to go.
    pub target: Option<f64>,
    /// Where it is: a number, or a word such as `done` or a milestone's name.
    pub actual: Option<Actual>,
    /// How much it counts.
    pub weight: Option<f64>,
    /// `graded`, `no data`, `not applicable`, `declined` or `error`.
    pub state: &'static str,
    /// (actual - baseline) / (target - baseline), unclamped.
    pub progress: Option<f64>,
    /// Its grade.
    pub grade: Option<f64>,
    /// `red`, `yellow` or `green`.
    pub band: Option<&'static str>,
    /// The newest confidence.
    pub confidence: Option<f64>,
    /// grade / elapsed.
    pub pace: Option<f64>,
    /// Where it is expected at the end of the cycle.
    pub forecast: Option<f64>,
    /// The grade of the forecast.
    pub forecast_grade: Option<f64>,
    /// Where the funded initiatives bring it; null unless asked for.
    pub projected: Option<f64>,
    /// The grade of the projection; null unless asked for.
    pub projected_grade: Option<f64>,
    /// `red`, `yellow` or `green` of the projected grade.
    pub projected_band: Option<&'static str>,
    /// `on track`, `behind` or `at risk`.
    pub pace_word: Option<&'static str>,
    /// The bound of a `keep` in words: `>= 99.9%`.
    pub keep: Option<String>,
    /// Whether it is a guardrail and broken.
    pub broken: bool,
    /// When it is due.
    pub due: Option<String>,
    /// The day of the observation that counts; null for an undated actual.
    pub observed_on: Option<String>,
    /// The last word of the talk about it.
    pub status: Option<&'static str>,
    /// Its numbers as people read them, in its unit.
    #[serde(skip)]
    pub shown: Shown,
}

/// The numbers of a key result as text with units; empty where there is none.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// `900 ms`
    pub baseline: String,
    /// `400 ms`
    pub target: String,
    /// `610 ms`
    pub actual: String,
    /// `450 ms`
    pub forecast: String,
}

/// An observation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Actual {
    /// A number in the key result's unit.
    Number(f64),
    /// `done`, `open` or a milestone's name.
    Word(String),
}

/// A team's capacity and that of its buckets, in person-weeks.
#[derive(Clone, Debug, Serialize)]
pub struct CapacityRow {
    /// The team's id.
    pub id: String,
    /// Its capacity in person-weeks.
    pub capacity: Option<f64>,
    /// What the initiatives draw from it, in person-weeks.
    pub demand: Option<f64>,
    /// Its buckets.
    pub buckets: Vec<BucketRow>,
    /// The share that the fixed ones leave where no bucket takes the rest.
    pub slack: Option<f64>,
}

/// A bucket's row.
#[derive(Clone, Debug, Serialize)]
pub struct BucketRow {
    /// Its path, `checkout.roadmap`.
    pub id: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Its share of the team's capacity.
    pub share: Option<f64>,
    /// Its capacity in person-weeks.
    pub capacity: Option<f64>,
    /// What the initiatives draw from it, in person-weeks.
    pub demand: Option<f64>,
    /// Demand over capacity; null with demand and no capacity.
    pub load: Option<f64>,
}

/// `okr trend`: grades over the check-ins.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// `okr.trend/1`
    pub schema: &'static str,
    /// The as-of date.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// The cycle's first and last day, if there is one.
    pub period: Option<(String, String)>,
    /// The days on which something was observed, up to the as-of date.
    pub dates: Vec<String>,
    /// One row for each thing drawn.
    pub rows: Vec<TrendRow>,
}

/// The grades of one thing over the dates of a [`Trend`].
#[derive(Clone, Debug, Serialize)]
pub struct TrendRow {
    /// Its path.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `cycle`, `team`, `objective` or `key result`.
    pub kind: &'static str,
    /// Its grade at the end of each date; null where it has none.
    pub grades: Vec<Option<f64>>,
    /// The band of the last grade.
    pub band: Option<&'static str>,
    /// Where its yellow band begins.
    pub yellow: f64,
    /// Where its green band begins.
    pub green: f64,
}

/// `okr explain` of a cell.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// `okr.explain/1`
    pub schema: &'static str,
    /// The as-of date.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// The scenario in force; null for the base.
    pub scenario: Option<String>,
    /// Whether amendments are left aside.
    pub original: bool,
    /// The root of the arithmetic.
    pub cell: Step,
}
