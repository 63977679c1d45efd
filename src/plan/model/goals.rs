//! Objectives and key results.

use super::{Input, Observation, TextPlace};
use crate::quantity::UnitId;
use crate::source::Place;
use jiff::civil::Date;
use std::ops::Range;

/// `objective`
#[derive(Debug)]
pub struct Objective {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// The whole statement.
    pub place: Place,
    /// The team that owns it.
    pub owner: Option<u32>,
    /// The cycle that it belongs to; `None` if the plan has none.
    pub cycle: Option<u32>,
    /// Whether its key results are committed unless they say otherwise.
    pub committed: bool,
    /// How much it counts; 1 by default.
    pub weight: Option<Input>,
    /// Its key results in [`Plan::krs`](super::Plan::krs).
    pub krs: Range<u32>,
    /// What is shown, never computed with.
    pub remarks: Remarks,
    /// Whether a mistake may have hidden key results.
    pub broken: bool,
}

/// Texts that are shown, never computed with.
#[derive(Debug, Default)]
pub struct Remarks {
    /// `supports`: the goal above.
    pub supports: Option<Place>,
    /// `tag`
    pub tags: Vec<Place>,
    /// `note`
    pub notes: Vec<TextPlace>,
    /// `lead`
    pub lead: Option<TextPlace>,
    /// `allow`: the rule and its reason.
    pub allows: Vec<(Place, TextPlace)>,
}

/// What a key result expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KrKind {
    /// Lands in the sweet spot.
    Aspirational,
    /// Expects 1.0.
    Committed,
    /// Counts in no mean; a broken one makes the objective red.
    Guardrail,
}

/// `kr`
#[derive(Debug)]
pub struct Kr {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// Its objective.
    pub objective: u32,
    /// What it expects.
    pub kind: KrKind,
    /// Its unit.
    pub unit: UnitId,
    /// Where it starts; 0 by default.
    pub baseline: Option<Input>,
    /// Where it is to go.
    pub target: Option<Input>,
    /// Whether it has a target, sound or not.
    pub has_target: bool,
    /// Where it is, undated.
    pub actual: Option<(Observation, Place)>,
    /// How much it counts; 1 by default.
    pub weight: Option<Input>,
    /// How it is graded.
    pub grading: Grading,
    /// When it is due.
    pub due: Option<Box<Due>>,
    /// Its check-ins in [`Plan::checkins`](super::Plan::checkins), by date.
    pub checkins: Range<u32>,
    /// What is shown, never computed with.
    pub remarks: Option<Box<Remarks>>,
    /// Whether a mistake makes it ungradable.
    pub broken: bool,
}

/// How a key result is graded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grading {
    /// Progress, clamped; `uncapped` clamps only below.
    Linear {
        /// Whether grades over 1 stay.
        uncapped: bool,
    },
    /// The furthest step reached: so many points from this one on.
    Steps(u32, u32),
    /// Straight lines between the points.
    Curve(u32, u32),
    /// 1 once done.
    Done,
    /// The furthest milestone: so many from this one on.
    Milestones(u32, u32),
    /// The actual is the grade.
    Score,
    /// The formula, clamped.
    Formula(Input),
    /// The share of check-ins within the bounds, an index into [`Plan::bounds`](super::Plan::bounds).
    Keep(u32),
}

impl Grading {
    /// Its word in the language and in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Grading::Linear { .. } => "linear",
            Grading::Steps(..) => "steps",
            Grading::Curve(..) => "curve",
            Grading::Done => "done",
            Grading::Milestones(..) => "milestones",
            Grading::Score => "score",
            Grading::Formula(_) => "formula",
            Grading::Keep { .. } => "keep",
        }
    }

    /// Whether its observations are numbers.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Grading::Done | Grading::Milestones(..))
    }
}

/// `keep …`; ends included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// The least value.
    pub low: Option<Input>,
    /// The greatest value.
    pub high: Option<Input>,
}

/// `V -> G`
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The value.
    pub at: Input,
    /// The grade there.
    pub grade: Input,
}

/// `"NAME" -> G`
#[derive(Clone, Copy, Debug)]
pub struct Milestone {
    /// Its name.
    pub name: TextPlace,
    /// Its grade.
    pub grade: Input,
}

/// `due`
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// The day.
    pub date: Date,
    /// Where it stands.
    pub place: Place,
    /// What lateness costs.
    pub late: Option<Late>,
}

/// What lateness costs.
#[derive(Clone, Copy, Debug)]
pub enum Late {
    /// The grade on the due day is final.
    Zero,
    /// So much less for each started week.
    Weekly(Input),
}
