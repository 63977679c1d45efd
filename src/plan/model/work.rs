//! Initiatives, and scenarios that change the plan.

use super::{Assertion, Input, Observation, Point, Remarks, TextPlace};
use crate::plan::cell::Cell;
use crate::source::Place;

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
