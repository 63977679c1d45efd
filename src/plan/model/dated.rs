//! What happens on a day: check-ins, amendments, the talk and assertions.

use super::{Input, TextPlace};
use crate::plan::cell::Cell;
use crate::source::Place;
use jiff::civil::Date;

/// What was observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// A number in the unit of the key result or metric.
    Number(Input),
    /// `done`
    Done,
    /// `open`
    Open,
    /// A milestone, by its place in the key result's list.
    Milestone(u32),
    /// `n/a`
    NotApplicable,
    /// Wrong, and reported.
    Bad,
}

/// `checkin`
#[derive(Debug)]
pub struct Checkin {
    /// The day.
    pub date: Date,
    /// What was observed.
    pub observation: Observation,
    /// The value's text.
    pub value: Place,
    /// What is expected at the end.
    pub expecting: Option<Input>,
    /// How sure the team is.
    pub confidence: Option<Input>,
    /// A remark.
    pub note: Option<TextPlace>,
    /// The whole statement.
    pub place: Place,
}

/// `amended`
#[derive(Debug)]
pub struct Amendment {
    /// The cell.
    pub cell: Cell,
    /// The day from which it counts.
    pub date: Date,
    /// The new value.
    pub value: Input,
    /// The reason.
    pub why: Option<TextPlace>,
    /// The whole statement.
    pub place: Place,
}

/// What a line of the talk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkKind {
    /// Leadership proposes.
    Proposed,
    /// The team agrees.
    Agreed,
    /// The team opts out.
    Declined,
    /// The team answers.
    Feedback,
}

impl TalkKind {
    /// Its word in the language and in reports.
    pub fn word(self) -> &'static str {
        match self {
            TalkKind::Proposed => "proposed",
            TalkKind::Agreed => "agreed",
            TalkKind::Declined => "declined",
            TalkKind::Feedback => "feedback",
        }
    }
}

/// What a line of the talk is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An objective.
    Objective(u32),
    /// A key result.
    Kr(u32),
    /// An initiative.
    Initiative(u32),
}

/// A line of the talk.
#[derive(Debug)]
pub struct Talk {
    /// The day.
    pub date: Date,
    /// What it is.
    pub kind: TalkKind,
    /// What it is about.
    pub subject: Subject,
    /// The team that speaks; `None` for `leadership` where no team has that name.
    pub team: Option<u32>,
    /// Its id, as written.
    pub by: Place,
    /// What is said.
    pub text: Option<TextPlace>,
    /// The whole statement.
    pub place: Place,
}

/// `assert`
#[derive(Debug)]
pub struct Assertion {
    /// The day at whose end it must hold; `None` for the as-of date.
    pub date: Option<Date>,
    /// What must hold, an index into [`Plan::formulas`](super::Plan::formulas); `None` if it is wrong.
    pub formula: Option<u32>,
    /// The author's words.
    pub message: Option<TextPlace>,
    /// The formula's text.
    pub place: Place,
}
