//! A plan as data: every statement resolved, with the places it came from.
//!
//! Things refer to one another by index. Values of key results stand in the key result's unit.

mod dated;
mod goals;
mod work;

pub use dated::{Amendment, Assertion, Checkin, Observation, Subject, Talk, TalkKind};
pub use goals::{Bounds, Due, Grading, Kr, KrKind, Late, Milestone, Objective, Point, Remarks};
pub use work::{Change, Draw, Estimate, Initiative, Pays, Scenario};

use super::cell::Cell;
use super::names::Names;
use crate::quantity::{UnitId, Units};
use crate::source::{FileId, Place, SourceMap, Span};
use crate::syntax::keyword::Function;
use crate::syntax::tree::{Binary, Text};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::Arc;

/// A whole plan.
#[derive(Debug, Default)]
pub struct Plan {
    /// Its files, the root first.
    pub sources: Arc<SourceMap>,
    /// Its units.
    pub units: Units,
    /// Periods, in file order like everything below.
    pub cycles: Vec<Cycle>,
    /// Thresholds: for all, then one for each kind of team in the order of `TEAM_KINDS`.
    pub policies: Policies,
    /// Teams.
    pub teams: Vec<Team>,
    /// Buckets of all teams, each team's together.
    pub buckets: Vec<Bucket>,
    /// Named numbers.
    pub metrics: Vec<Metric>,
    /// Objectives.
    pub objectives: Vec<Objective>,
    /// Key results of all objectives, each objective's together.
    pub krs: Vec<Kr>,
    /// Points of steps and curves.
    pub points: Vec<Point>,
    /// Bounds to keep; the first are none, for those that could not be read.
    pub bounds: Vec<Bounds>,
    /// Milestones.
    pub milestones: Vec<Milestone>,
    /// Work.
    pub initiatives: Vec<Initiative>,
    /// Overlays.
    pub scenarios: Vec<Scenario>,
    /// Observations, sorted by subject and date.
    pub checkins: Vec<Checkin>,
    /// Amendments, sorted by cell and date.
    pub amendments: Vec<Amendment>,
    /// The talk, in order of date, then file.
    pub talk: Vec<Talk>,
    /// Assertions outside scenarios.
    pub assertions: Vec<Assertion>,
    /// The `:` lines of the root file: their words.
    pub commands: Vec<Place>,
    /// Checked formulas.
    pub formulas: Vec<Formula>,
    /// Their code.
    pub code: Vec<Code>,
    /// The ends of ranges that stand as amounts of their own, by their place: two, or three with what
    /// is likely between them.
    pub ranges: FxHashMap<Place, Vec<Input>>,
    /// Where names lead.
    pub names: Names,
}

/// Where a string stands; see [`Plan::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextPlace(pub Place);

/// `cycle`
#[derive(Debug)]
pub struct Cycle {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Whether the days were written the wrong way round, so that its length is not known.
    pub reversed: bool,
}

/// A number as written: a literal, a formula, or one that could not be understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A number, in the unit of its cell.
    Number(f64),
    /// An index into [`Plan::formulas`].
    Formula(u32),
    /// Wrong, and reported; poisons its cell.
    Bad,
}

/// An amount and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// The number.
    pub amount: Amount,
    /// Its text.
    pub place: Place,
}

/// `policy`
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Below it is red.
    pub yellow: Option<Input>,
    /// From it on is green.
    pub green: Option<Input>,
    /// The sweet spot's ends.
    pub sweet: Option<(Input, Input)>,
    /// Whether a key result without data is left out (`missing skip`).
    pub skip_missing: Option<bool>,
    /// The least pace that is on track.
    pub on_track: Option<Input>,
    /// The least pace that is only behind.
    pub behind: Option<Input>,
    /// How much a team's efforts vary together.
    pub effort_correlation: Option<Input>,
}

/// The general policy and one for each kind of team.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// `policy { … }`
    pub general: Policy,
    /// `policy KIND { … }`, by index into `TEAM_KINDS`.
    pub kinds: [Policy; 5],
}

/// `team`
#[derive(Debug)]
pub struct Team {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// Its kind, an index into `TEAM_KINDS`.
    pub kind: Option<u8>,
    /// The team above.
    pub parent: Option<u32>,
    /// How many people.
    pub people: Option<Input>,
    /// Effort lost to leave, in person-weeks.
    pub leave: Option<Input>,
    /// Share of time for planned work.
    pub focus: Option<Input>,
    /// The capacity outright, in person-weeks.
    pub capacity: Option<Input>,
    /// Whether a short bucket is shared in proportion.
    pub prorata: bool,
    /// Its buckets in [`Plan::buckets`].
    pub buckets: Range<u32>,
    /// `allow`: the rules of the coach that it silences, each with its reason.
    pub allows: Vec<(Place, TextPlace)>,
}

/// `bucket`
#[derive(Debug)]
pub struct Bucket {
    /// Its id.
    pub name: Place,
    /// Its title, if it has one.
    pub title: Option<TextPlace>,
    /// Its team.
    pub team: u32,
    /// Its share; `None` for `rest`.
    pub share: Option<Input>,
    /// Where the share stands.
    pub share_place: Place,
    /// The least share.
    pub floor: Option<Input>,
    /// The greatest share.
    pub ceiling: Option<Input>,
}

/// `metric`
#[derive(Debug)]
pub struct Metric {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// Its unit.
    pub unit: UnitId,
    /// Its value before any check-in.
    pub value: Input,
    /// Its check-ins in [`Plan::checkins`], by date.
    pub checkins: Range<u32>,
}

/// A formula whose names and units are checked.
#[derive(Clone, Copy, Debug)]
pub struct Formula {
    /// Its file.
    pub file: FileId,
    /// Its text.
    pub span: Span,
    /// Its code in [`Plan::code`], in postfix order.
    pub start: u32,
    /// The end of its code.
    pub end: u32,
    /// How many base units the unit of its result has; the result is divided by it.
    pub size: f64,
}

/// One step of a formula, with where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// A number or name whole; of an operation its sign, of a call the function's name.
    pub span: Span,
    /// How many steps it and its operands are.
    pub steps: u32,
    /// What it does.
    pub op: CodeOp,
}

/// What a step of a formula does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CodeOp {
    /// A number in base units.
    Number(f64),
    /// A cell, times the size of its unit in base units.
    Cell(Cell, f64),
    /// Unary minus.
    Negate,
    /// `not`
    Not,
    /// An operation of two operands.
    Binary(Binary),
    /// A function of the last so many operands.
    Call(Function, u32),
    /// The mean of a range of two or three ends (`capacity.md`, "Ranges").
    RangeMean(u32),
}

impl Plan {
    /// The text at a place.
    pub fn source(&self, place: Place) -> &str {
        self.sources.text(place)
    }

    /// The meaning of a string.
    pub fn text(&self, text: TextPlace) -> String {
        Text { span: text.0.span }.decode(self.sources.get(text.0.file).text())
    }

    /// `file:line` of a place.
    pub fn line_of(&self, place: Place) -> String {
        self.sources.line_of(place)
    }

    /// The path of a key result, `speed.latency`.
    pub fn kr_id(&self, index: usize) -> String {
        let kr = &self.krs[index];
        let objective = self.source(self.objectives[kr.objective as usize].name);
        format!("{objective}.{}", self.source(kr.name))
    }

    /// The path of a bucket, `checkout.roadmap`.
    pub fn bucket_id(&self, index: usize) -> String {
        let bucket = &self.buckets[index];
        let team = self.source(self.teams[bucket.team as usize].name);
        format!("{team}.{}", self.source(bucket.name))
    }

    /// The steps of a formula.
    pub fn steps(&self, formula: u32) -> &[Code] {
        let formula = &self.formulas[formula as usize];
        &self.code[formula.start as usize..formula.end as usize]
    }

    /// Whether a team is another one, or below it.
    pub fn is_below(&self, team: u32, above: u32) -> bool {
        let mut at = Some(team);
        // A ring of parents is reported where the plan is read.
        for _ in 0..=self.teams.len() {
            match at {
                Some(team) if team == above => return true,
                Some(team) => at = self.teams[team as usize].parent,
                None => return false,
            }
        }
        false
    }

    /// The scenario of an id.
    pub fn scenario(&self, id: &str) -> Option<usize> {
        self.scenarios.iter().position(|scenario| self.source(scenario.name) == id)
    }

    /// The cycle of an id.
    pub fn cycle(&self, id: &str) -> Option<usize> {
        self.cycles.iter().position(|cycle| self.source(cycle.name) == id)
    }
}
