//! Futures of a plan: what is uncertain is drawn, the work funded, and the plan graded, many times
//! (`capacity.md`, "simulate").
//!
//! [`Futures`] is a plan made ready; its draws are keyed by names, so that two plans see the same
//! futures. Blocks of 1,024 futures are computed by themselves and put together in order, so that
//! the result does not depend on the number of threads.

mod draft;
mod likely;
mod model;
mod outcome;
mod summary;

pub use likely::{Likelihoods, Odds};
pub use model::{CORRELATION, correlation};
pub use outcome::{
    Histogram, Request, ShownCell, Simulated, SimulatedBucket, SimulatedCell, Simulation, rounded,
    simulate,
};
pub use summary::{BucketSummary, CellSummary, Summary, Watched};

use crate::engine::lanes::{Bench, Lanes, ROWS, Source};
use crate::engine::{Engine, Value};
use crate::plan::cell::{Cell, Field};
use draft::Draft;
use model::{Known, Model};
use rayon::prelude::*;
use std::ops::ControlFlow;

/// How many futures there are unless one says otherwise.
pub const SAMPLES: u64 = 100_000;
/// The greatest number of futures.
pub const MOST_SAMPLES: u64 = 10_000_000;
/// The seed unless one says otherwise.
pub const SEED: u64 = 42;

/// How many bytes of values are kept at a time; a plan with more is simulated in several passes.
const KEPT: u64 = 256 << 20;

/// It was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Is told of every block that is done, how many of how many, by any thread; may stop the work.
pub type Watch<'w> = &'w (dyn Fn(u64, u64) -> ControlFlow<()> + Sync);

/// Goes on whatever is done.
pub fn unwatched(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A plan made ready to be simulated.
#[derive(Debug)]
pub struct Futures<'e> {
    engine: &'e Engine,
    model: Model,
    lanes: Lanes<'e>,
    /// Cells that are given beside the moved actuals.
    funding: Vec<Given>,
}

/// A cell of funding that a formula reads.
#[derive(Clone, Copy, Debug)]
enum Given {
    Funded(u32),
    Paid(u32),
    Demand(u32),
    Load(u32),
}

/// What is looked at in every future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A cell; of what the funded work leads to if that differs.
    Cell(Cell),
    /// The demand on a pot in person-weeks.
    Demand(usize),
}

/// Where what is looked at stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Number(f64),
    Lane(u32),
    Draft(u32),
}

impl At {
    /// Whether it differs from future to future.
    fn varies(&self) -> bool {
        !matches!(self, At::Number(_))
    }

    /// The value in all futures; a NaN if it differs.
    fn number(&self) -> f64 {
        match self {
            At::Number(number) => *number,
            At::Lane(_) | At::Draft(_) => f64::NAN,
        }
    }
}

/// What a thread works with.
struct Workplace {
    draft: Draft,
    bench: Bench,
}

impl<'e> Futures<'e> {
    /// Makes a plan ready; all its draws hang on the seed. A bucket's load that is to be looked at
    /// must be among the cells to be watched.
    pub fn new(engine: &'e Engine, seed: u64, watched: &[Cell]) -> Self {
        Self::with(engine, seed, watched, Lanes::new)
    }

    /// The same, graded future by future by the engine itself, as a measure.
    pub fn scalar(engine: &'e Engine, seed: u64, watched: &[Cell]) -> Self {
        Self::with(engine, seed, watched, Lanes::scalar)
    }

    fn with(
        engine: &'e Engine,
        seed: u64,
        watched: &[Cell],
        lower: impl Fn(&'e Engine, Vec<Cell>) -> Lanes<'e>,
    ) -> Self {
        let model = Model::new(engine, seed);
        let mut cells: Vec<Cell> =
            model.moved.iter().map(|it| Cell { field: Field::KrActual, index: it.kr }).collect();
        let mut funding = Vec::new();
        let mut give = |field, index: usize, given: Given| {
            let cell = Cell::new(field, index);
            if engine.projection_reads(cell) || watched.contains(&cell) {
                cells.push(cell);
                funding.push(given);
            }
        };
        let works = &engine.funding().portfolio.works;
        for ((place, task), work) in (0_u32..).zip(&model.tasks).zip(works) {
            let initiative = work.initiative as usize;
            if matches!(task.share, Known::Column(_)) {
                give(Field::InitiativeFunded, initiative, Given::Funded(place));
            }
            if matches!(task.paid, Known::Column(_)) {
                give(Field::InitiativePaid, initiative, Given::Paid(place));
            }
        }
        for (pot, state) in model.pots.iter().enumerate().take(engine.plan.buckets.len()) {
            if matches!(state.demand, Known::Column(_)) {
                give(Field::BucketDemand, pot, Given::Demand(pot as u32));
                give(Field::BucketLoad, pot, Given::Load(pot as u32));
            }
        }
        let lanes = lower(engine, cells);
        Self { engine, model, lanes, funding }
    }

    /// The plan.
    pub fn engine(&self) -> &'e Engine {
        self.engine
    }

    fn at(&self, observed: Observed) -> At {
        let of = |known: Known, otherwise: Value| match known {
            Known::Column(column) => At::Draft(column),
            Known::Number(_) => At::Number(otherwise.stored()),
        };
        let engine = self.engine;
        let work = |cell: Cell| engine.funding().places[cell.index as usize];
        match observed {
            Observed::Demand(pot) => match engine.demand(pot) {
                Value::Number(_) if pot < self.model.pots.len() => {
                    of(self.model.pots[pot].demand, engine.demand(pot))
                }
                value => At::Number(value.stored()),
            },
            Observed::Cell(cell) => match (cell.field, engine.read(cell)) {
                (Field::BucketDemand, Value::Number(_)) => {
                    self.at(Observed::Demand(cell.index as usize))
                }
                (Field::InitiativeFunded, value @ Value::Number(_)) => match work(cell) {
                    Some(place) => of(self.model.tasks[place as usize].share, value),
                    None => At::Number(value.stored()),
                },
                (Field::InitiativePaid, value @ Value::Number(_)) => match work(cell) {
                    Some(place) => of(self.model.tasks[place as usize].paid, value),
                    None => At::Number(value.stored()),
                },
                (Field::InitiativeFunded | Field::InitiativePaid, value) => {
                    At::Number(value.stored())
                }
                (Field::BucketDemand, value) => At::Number(value.stored()),
                _ => match self.lanes.source(cell) {
                    Source::Number(number) => At::Number(number),
                    Source::Column(column) => At::Lane(column),
                },
            },
        }
    }

    fn workplace(&self) -> Workplace {
        Workplace { draft: Draft::new(&self.model), bench: self.lanes.bench() }
    }

    /// Computes a block of futures from the given one on.
    fn block(&self, first: u64, rows: usize, place: &mut Workplace) {
        let Workplace { draft, bench } = place;
        draft.run(&self.model, first, rows);
        for (column, moved) in (0_u32..).zip(&self.model.moved) {
            let clean = draft.project(moved, first, &mut bench.column_mut(column)[..rows]);
            bench.vouch(column, clean);
        }
        let before = self.model.moved.len() as u32;
        for (column, given) in (before..).zip(&self.funding) {
            self.give(*given, draft, &mut bench.column_mut(column)[..rows]);
            bench.vouch(column, false);
        }
        self.lanes.run(rows, bench);
    }

    fn give(&self, given: Given, draft: &Draft, out: &mut [f64]) {
        let (known, capacity) = match given {
            Given::Funded(task) => (self.model.tasks[task as usize].share, None),
            Given::Paid(task) => (self.model.tasks[task as usize].paid, None),
            Given::Demand(pot) => (self.model.pots[pot as usize].demand, None),
            Given::Load(pot) => {
                let pot = &self.model.pots[pot as usize];
                (pot.demand, Some(pot.capacity))
            }
        };
        let Known::Column(column) = known else { return };
        out.copy_from_slice(&draft.columns[column as usize][..out.len()]);
        let Some(capacity) = capacity else { return };
        for load in out {
            *load = match *load {
                demand if demand <= 0.0 => 0.0,
                demand if capacity > 0.0 => demand / capacity,
                _ => Value::NoData.stored(),
            };
        }
    }

    /// The stored values of what is looked at in the futures of a block.
    fn column<'p>(&self, at: At, rows: usize, place: &'p Workplace) -> Option<&'p [f64]> {
        match at {
            At::Number(_) => None,
            At::Lane(column) => Some(&place.bench.column(column)[..rows]),
            At::Draft(column) => Some(&place.draft.columns[column as usize][..rows]),
        }
    }

    /// What is looked at in each future, in order; stored as [`crate::engine::value_of`] reads it.
    ///
    /// # Errors
    ///
    /// If the watch stops it.
    pub fn values(
        &self,
        observed: Observed,
        samples: u64,
        watch: Watch<'_>,
    ) -> Result<Values, Stopped> {
        match self.at(observed) {
            At::Number(number) => Ok(Values::Same(number)),
            at => {
                let mut kept =
                    self.keep(&[at], samples, &|_, _| (), &Meter::new(watch, samples))?.0;
                Ok(Values::Each(kept.pop().unwrap_or_default()))
            }
        }
    }

    /// Simulates; keeps the values of what stands at some places, and what a look at each block
    /// gives, in order.
    fn keep<T: Send>(
        &self,
        places: &[At],
        samples: u64,
        look: &(dyn Fn(&Workplace, usize) -> T + Sync),
        meter: &Meter<'_>,
    ) -> Result<(Vec<Vec<f64>>, Vec<T>), Stopped> {
        let width = places.len() * ROWS;
        let blocks = samples.div_ceil(ROWS as u64) as usize;
        let mut kept = vec![0.0; width * blocks];
        let work = |place: &mut Workplace, (block, kept): (usize, &mut [f64])| {
            let first = (block * ROWS) as u64;
            let rows = (samples - first).min(ROWS as u64) as usize;
            self.block(first, rows, place);
            for (at, kept) in places.iter().zip(kept.chunks_mut(ROWS)) {
                match (at, self.column(*at, rows, place)) {
                    (_, Some(column)) => kept[..rows].copy_from_slice(column),
                    (At::Number(number), None) => kept.fill(*number),
                    _ => {}
                }
            }
            meter.block_done()?;
            Ok(look(place, rows))
        };
        let mut empty: Vec<&mut [f64]> = Vec::new();
        let looks: Result<Vec<T>, Stopped> = if width == 0 {
            empty.resize_with(blocks, Default::default);
            let blocks = empty.into_par_iter().enumerate();
            blocks.map_init(|| self.workplace(), work).collect()
        } else {
            let blocks = kept.par_chunks_mut(width).enumerate();
            blocks.map_init(|| self.workplace(), work).collect()
        };
        let looks = looks?;
        let column = |at: usize| -> Vec<f64> {
            let parts = kept.chunks(width).map(|block| &block[at * ROWS..][..ROWS]);
            let mut column = Vec::with_capacity(blocks * ROWS);
            parts.for_each(|part| column.extend_from_slice(part));
            column.truncate(samples as usize);
            column
        };
        let columns = (0..places.len()).into_par_iter().map(column).collect();
        Ok((columns, looks))
    }
}

/// What is looked at, future by future.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// The same in all.
    Same(f64),
    /// In order.
    Each(Vec<f64>),
}

impl Values {
    /// The stored value in a future.
    pub fn get(&self, future: usize) -> f64 {
        match self {
            Values::Same(value) => *value,
            Values::Each(values) => values.get(future).copied().unwrap_or(f64::NAN),
        }
    }
}

/// Counts blocks for the watch.
struct Meter<'w> {
    watch: Watch<'w>,
    done: std::sync::atomic::AtomicU64,
    of: u64,
}

impl<'w> Meter<'w> {
    fn new(watch: Watch<'w>, samples: u64) -> Self {
        Self::of_blocks(watch, samples.div_ceil(ROWS as u64))
    }

    fn of_blocks(watch: Watch<'w>, of: u64) -> Self {
        Self { watch, done: std::sync::atomic::AtomicU64::new(0), of }
    }

    fn block_done(&self) -> Result<(), Stopped> {
        let done = 1 + self.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match (self.watch)(done, self.of) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stopped),
        }
    }
}

#[cfg(test)]
mod tests;
