//! A plan as data: every statement resolved, with the places it came from.
//!
//! Things refer to one another by index. Values of key results stand in the key result's unit.

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
    /// Its key results in [`Plan::krs`].
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
    /// Its check-ins in [`Plan::checkins`], by date.
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
    /// The share of check-ins within the bounds, an index into [`Plan::bounds`].
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
    /// What must hold, an index into [`Plan::formulas`]; `None` if it is wrong.
    pub formula: Option<u32>,
    /// The author's words.
    pub message: Option<TextPlace>,
    /// The formula's text.
    pub place: Place,
}

/// An uncertain effort, change or share, with its point value (the mean) as amount.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// The point value.
    pub mean: Input,
    /// The ends of the range, and what is likely, if it is one.
    pub range: Option<(Input, Option<Input>, Input)>,
}

/// `initiative`
#[derive(Debug)]
pub struct Initiative {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// The whole statement.
    pub place: Place,
    /// The team that owns it.
    pub owner: Option<u32>,
    /// The cycle that it belongs to.
    pub cycle: Option<u32>,
    /// What it belongs to; shown only.
    pub theme: Option<Place>,
    /// What it draws: the effort and where from.
    pub draws: Vec<(Estimate, Draw)>,
    /// What it moves: the key result and by how much, in its unit.
    pub moves: Vec<(u32, Estimate)>,
    /// What it closes: the share and the key result.
    pub closes: Vec<(Estimate, u32)>,
    /// The probability that it works.
    pub chance: Option<Input>,
    /// How the effect follows from funding.
    pub pays: Pays,
    /// Lower is funded first.
    pub priority: Option<Input>,
    /// What must be funded before.
    pub needs: Vec<(u32, Place)>,
    /// The share already done.
    pub finished: Option<Input>,
    /// What is shown, never computed with.
    pub remarks: Remarks,
    /// The scenario that adds it; `None` in the base.
    pub scenario: Option<u32>,
}

/// Where an initiative draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// A bucket.
    Bucket(u32),
    /// A team without buckets, which has one implied bucket.
    Team(u32),
}

/// How an initiative's effect follows from its funding.
#[derive(Clone, Debug, Default)]
pub enum Pays {
    /// In proportion.
    #[default]
    AsFunded,
    /// All when fully funded, else nothing.
    WhenDone,
    /// Straight lines between the points `F -> G`.
    Curve(Vec<Point>),
}

/// `scenario`
#[derive(Debug)]
pub struct Scenario {
    /// Its id.
    pub name: Place,
    /// Its title.
    pub title: TextPlace,
    /// The scenario that it extends.
    pub extends: Option<u32>,
    /// Its lines in order.
    pub lines: Vec<(Change, Place)>,
    /// Its own assertions.
    pub assertions: Vec<Assertion>,
    /// The whole statement.
    pub place: Place,
}

/// A line of a scenario.
#[derive(Debug)]
pub enum Change {
    /// `set` of a number.
    Set(Cell, Input),
    /// `set` of an actual that is no number.
    Observe(u32, Observation),
    /// `move` of a share (of the team's capacity) between buckets.
    MoveShare(Input, u32, u32),
    /// `move` of person-weeks between buckets.
    MoveEffort(Input, u32, u32),
    /// `drop`
    Drop(u32),
    /// `add`
    Add(u32),
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
