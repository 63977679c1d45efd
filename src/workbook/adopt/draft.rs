//! The plan to be, as a foreign sheet tells it.

use super::period::Period;
use super::quantity::Quantity;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

/// Everything that was taken from a workbook.
#[derive(Debug, Default)]
pub struct Draft {
    /// The objectives with their key results, in the order of the sheets.
    pub objectives: Vec<Objective>,
    /// The sheets' own totals.
    pub totals: Vec<Claim>,
    /// What could not be taken as it stands, each with its place.
    pub remarks: Vec<Remark>,
    /// Objectives by title and cycle.
    known: FxHashMap<(String, Option<Period>), usize>,
}

impl Draft {
    /// The objective of a title in a cycle; a new one at this place if there is none yet.
    pub fn objective(&mut self, title: &str, period: Option<Period>, place: &str) -> usize {
        let key = (title.to_owned(), period.clone());
        *self.known.entry(key).or_insert_with(|| {
            let (title, place) = (title.to_owned(), place.to_owned());
            self.objectives.push(Objective { title, place, period, ..Objective::default() });
            self.objectives.len() - 1
        })
    }
}

/// A word on a place of the workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// `Q1 2026!H7`
    pub place: String,
    /// What was done about it.
    pub text: String,
}

/// An objective to be.
#[derive(Debug, Default)]
pub struct Objective {
    /// Its title.
    pub title: String,
    /// Where it first stands.
    pub place: String,
    /// Its cycle, if the sheet tells.
    pub period: Option<Period>,
    /// The title of its team.
    pub team: Option<String>,
    /// Who speaks for it.
    pub lead: Option<String>,
    /// How much it counts.
    pub weight: Option<f64>,
    /// The sheet's own grade.
    pub claim: Option<Claim>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Its key results.
    pub krs: Vec<Kr>,
}

/// How a key result is graded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grading {
    /// From baseline to target.
    #[default]
    Linear,
    /// `keep <= target`
    KeepMost,
    /// `keep >= target`
    KeepLeast,
    /// Done or not.
    Done,
    /// The sheet's own grade is the grade.
    Score,
}

/// Where a key result is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Actual {
    /// Nobody says.
    #[default]
    Unknown,
    /// A number.
    Number(Quantity),
    /// Done, or not yet.
    Done(bool),
    /// Left out of every mean.
    NotApplicable,
}

/// A key result to be.
#[derive(Debug, Default)]
pub struct Kr {
    /// Its title.
    pub title: String,
    /// `Q1 2026!C7`
    pub place: String,
    /// The row, from 1.
    pub row: u32,
    /// `committed` or `guardrail`, where the sheet says so.
    pub kind: Option<&'static str>,
    /// How it is graded.
    pub grading: Grading,
    /// Where it starts.
    pub baseline: Option<Quantity>,
    /// Where it is to go.
    pub target: Option<Quantity>,
    /// Where it is.
    pub actual: Actual,
    /// The day on which it was looked at.
    pub updated: Option<Date>,
    /// How likely it is reached, 0..1.
    pub confidence: Option<f64>,
    /// How much it counts.
    pub weight: Option<f64>,
    /// When it is due.
    pub due: Option<Date>,
    /// Who speaks for it.
    pub lead: Option<String>,
    /// The sheet's own grade.
    pub claim: Option<Claim>,
    /// Remarks of the sheet.
    pub notes: Vec<String>,
    /// Words to whoever reads the plan.
    pub comments: Vec<String>,
}

/// A grade that the sheet gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// `Q1 2026!H7`
    pub place: String,
    /// The row, from 1.
    pub row: u32,
    /// The grade, on the scale of the plan.
    pub value: f64,
    /// The same as the sheet has it, before its scale.
    pub raw: f64,
    /// How many decimals were typed; `None` for the result of a formula.
    pub typed: Option<usize>,
}
