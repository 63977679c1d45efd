//! The projected plan in many futures at once.
//!
//! A future gives a few cells of the plan other values: the actuals of key results that work moves,
//! what is funded of it, the demand on buckets. [`Lanes`] is what follows from those cells, as
//! straight-line code over columns of up to 1,024 futures: formulas run lowered, gradings and means
//! in loops. What has no number in a future, or is too rare to be lowered, is computed by the
//! engine itself, on a plan of its own with the cells of that future.

mod lower;
mod means;
mod run;

use super::Engine;
use super::formula::Templates;
use super::store::{NO_DATA, value_of};
use crate::plan::cell::{Cell, Field, Range};
use rustc_hash::FxHashMap;

/// How many futures a block has.
pub const ROWS: usize = super::formula::BLOCK;

/// Where the value of a cell comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// It is the same in all futures, as stored: see [`super::value_of`].
    Number(f64),
    /// It stands in a column.
    Column(u32),
}

/// What follows from cells that differ from future to future.
#[derive(Debug)]
pub struct Lanes<'e> {
    world: &'e Engine,
    given: Vec<Cell>,
    columns: u32,
    of_cell: FxHashMap<Cell, Source>,
    steps: Vec<Step>,
    templates: Templates,
    /// The nodes to compute future by future, where a part of the plan is not lowered at all.
    scalar: Option<Vec<u32>>,
}

/// A step of the code: what it computes, and how.
#[derive(Debug)]
struct Step {
    what: What,
    /// The column that it fills; means fill more.
    out: u32,
    /// The columns that it reads, for the engine to compute it from.
    reads: Vec<(Cell, u32)>,
}

/// What a step computes.
#[derive(Debug)]
enum What {
    /// A cell's formula.
    Formula(Lowered, Cell),
    /// The same by the engine alone.
    FormulaWalked(u32, Cell),
    /// A key result's grade.
    Grade(Rule, u32),
    /// The means of an objective, a team or a cycle.
    Means(means::Means),
}

/// A formula as lowered code.
#[derive(Debug)]
struct Lowered {
    formula: u32,
    template: u32,
    slots: Vec<(Source, f64)>,
    size: f64,
    range: Range,
}

/// How a key result is graded by a loop.
#[derive(Debug)]
enum Rule {
    Linear {
        actual: Source,
        baseline: Source,
        target: Source,
        uncapped: bool,
    },
    Score {
        actual: Source,
    },
    Keep {
        actual: Source,
        low: f64,
        high: f64,
    },
    Steps {
        actual: Source,
        points: Vec<(f64, f64)>,
        way: f64,
    },
    Curve {
        actual: Source,
        points: Vec<(f64, f64)>,
        way: f64,
    },
    Formula(Lowered),
    /// By the engine alone.
    Engine,
}

/// What a thread works with.
#[derive(Debug)]
pub struct Bench {
    columns: Vec<f64>,
    /// Whether each column has numbers only.
    clean: Vec<bool>,
    stack: Vec<f64>,
    world: Option<Box<Engine>>,
}

impl<'e> Lanes<'e> {
    /// Lowers what follows from some cells of the projected plan of an engine.
    pub fn new(engine: &'e Engine, given: Vec<Cell>) -> Self {
        lower::lower(engine.projected(), given)
    }

    /// The same without lowering: everything is computed future by future, as a measure.
    pub fn scalar(engine: &'e Engine, given: Vec<Cell>) -> Self {
        lower::scalar(engine.projected(), given)
    }

    /// Room to compute a block.
    pub fn bench(&self) -> Bench {
        Bench {
            columns: vec![0.0; self.columns as usize * ROWS],
            clean: vec![false; self.columns as usize],
            stack: Vec::new(),
            world: None,
        }
    }

    /// Where the value of a cell of the projected plan comes from.
    pub fn source(&self, cell: Cell) -> Source {
        if cell.field == Field::KrProjected && self.world.stays(cell.index as usize) {
            return Source::Number(NO_DATA);
        }
        let plain = super::projection::unprojected(cell).unwrap_or(cell);
        match self.of_cell.get(&plain) {
            Some(source) => *source,
            None => Source::Number(self.world.read(plain).stored()),
        }
    }

    /// How many cells are given; their columns are the first.
    pub fn given(&self) -> &[Cell] {
        &self.given
    }
}

impl Bench {
    /// A column.
    pub fn column(&self, column: u32) -> &[f64] {
        &self.columns[column as usize * ROWS..][..ROWS]
    }

    /// A column to fill.
    pub fn column_mut(&mut self, column: u32) -> &mut [f64] {
        &mut self.columns[column as usize * ROWS..][..ROWS]
    }

    /// Says whether a given column is known to have numbers only, so that nobody need look.
    pub fn vouch(&mut self, column: u32, numbers_only: bool) {
        self.clean[column as usize] = numbers_only;
    }

    /// The value of a source in a future of the block.
    pub fn value(&self, source: Source, row: usize) -> super::Value {
        value_of(match source {
            Source::Number(number) => number,
            Source::Column(column) => self.column(column)[row],
        })
    }
}
