//! The value of one cell for many values of inputs.

use crate::engine::portfolio::{Funded, Part, Portfolio, Ties};
use crate::engine::{Effects, Engine, Value};
use crate::plan::cell::{Cell, Field};

/// Told before each of many trials; false stops the search.
pub type GoOn<'a> = &'a mut dyn FnMut() -> bool;

/// A plan in which inputs are tried out, and the cell that is looked at.
#[derive(Debug)]
pub struct Trial {
    engine: Engine,
    cell: Cell,
    quick: Option<Box<Quick>>,
}

/// What follows from shares where they do nothing but fund: the work as numbers, and one projected
/// plan in which only what the work moves is computed again.
#[derive(Debug)]
struct Quick {
    portfolio: Portfolio,
    effects: Effects,
    world: Engine,
    ties: Ties,
    /// What is funded with the shares that were tried last.
    funded: Funded,
    /// The buckets whose shares have been tried, and what hangs on them.
    tried: Vec<u32>,
    part: Part,
    krs: Vec<u32>,
    /// Where key results land, as far as it was asked.
    landed: Vec<(u32, f64)>,
    /// Room to work in.
    left: Vec<f64>,
}

/// The greatest grade, share or load that is shown as not over its bound.
pub const NEAR: f64 = 1e-9;

impl Trial {
    /// Tries inputs of a plan.
    pub fn new(engine: Engine, cell: Cell) -> Self {
        let projected = cell.field.is_projected();
        let quick = (projected && engine.shares_only_fund()).then(|| {
            Box::new(Quick {
                portfolio: engine.funding().portfolio.clone(),
                effects: engine.effects().clone(),
                world: engine.to_projected(),
                ties: Ties::of(&engine.funding().portfolio),
                funded: engine.funding().funded.clone(),
                tried: Vec::new(),
                part: Part::default(),
                krs: Vec::new(),
                landed: Vec::new(),
                left: Vec::new(),
            })
        });
        Self { engine, cell, quick }
    }

    /// The plan, as the last inputs left it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether shares do nothing but fund, so that the cell follows from what is funded alone.
    pub fn is_quick(&self) -> bool {
        self.quick.is_some()
    }

    /// Sets inputs, each over what is in force.
    pub fn set(&mut self, inputs: &[(Cell, f64)]) {
        match inputs {
            [(cell, number)] => drop(self.engine.set(*cell, *number)),
            _ => self.engine.set_all(inputs),
        }
    }

    /// The cell with inputs set, each over what is in force.
    pub fn with(&mut self, inputs: &[(Cell, f64)]) -> Option<f64> {
        self.set(inputs);
        self.engine.read(self.cell).number()
    }

    /// The cell with these shares of buckets; a bucket that takes the rest is given what is left.
    pub fn with_shares(&mut self, shares: &[(u32, f64)]) -> Option<f64> {
        if self.quick.is_none() {
            let set = |(bucket, _): &&(u32, f64)| !self.engine.takes_rest(*bucket);
            let input = |(index, share): &(u32, f64)| {
                (Cell { field: Field::BucketShare, index: *index }, *share)
            };
            let inputs: Vec<(Cell, f64)> = shares.iter().filter(set).map(input).collect();
            self.engine.set_all(&inputs);
            return self.engine.read(self.cell).number();
        }
        self.fund(shares)?;
        let quick = self.quick.as_mut()?;
        for kr in &quick.krs {
            if let Some(value) = self.engine.landed_at(*kr, &quick.effects, &quick.funded) {
                quick.world.put_projected(*kr, value);
            }
        }
        match quick.world.read(self.cell) {
            Value::Number(number) => Some(number),
            Value::NoData | Value::Error => None,
        }
    }
}

impl Trial {
    /// Funds with these shares, where shares do nothing but fund.
    fn fund(&mut self, shares: &[(u32, f64)]) -> Option<()> {
        let quick = self.quick.as_mut()?;
        for &(bucket, share) in shares {
            let capacity = capacity_with(&self.engine, bucket, share)?;
            if let Some(pot) = quick.portfolio.pots.get_mut(bucket as usize) {
                pot.capacity = capacity;
            }
        }
        quick.widen(shares);
        quick.portfolio.fund_again(&quick.part, &mut quick.left, &mut quick.funded);
        Some(())
    }

    /// Where the key results that are moved land with these shares, each by its index; a NaN for one
    /// that has no data then. `None` where that does not follow from funding alone.
    pub fn landed(&mut self, shares: &[(u32, f64)]) -> Option<Vec<(u32, f64)>> {
        self.fund(shares)?;
        let quick = self.quick.as_mut()?;
        let number = |value: Value| value.number().unwrap_or(f64::NAN);
        if quick.landed.is_empty() {
            let landed = self.engine.landed(&quick.effects, &quick.funded);
            quick.landed = landed.into_iter().map(|(kr, value)| (kr, number(value))).collect();
            quick.landed.sort_unstable_by_key(|(kr, _)| *kr);
        }
        for kr in &quick.krs {
            let value = self.engine.landed_at(*kr, &quick.effects, &quick.funded);
            if let (Some(value), Ok(at)) =
                (value, quick.landed.binary_search_by_key(kr, |(kr, _)| *kr))
            {
                quick.landed[at].1 = number(value);
            }
        }
        Some(quick.landed.clone())
    }
}

impl Quick {
    /// Takes in what hangs on buckets whose shares have not been tried before.
    fn widen(&mut self, shares: &[(u32, f64)]) {
        let before = self.tried.len();
        for (bucket, _) in shares {
            if !self.tried.contains(bucket) {
                self.tried.push(*bucket);
            }
        }
        if self.tried.len() == before {
            return;
        }
        self.part = self.ties.part(&self.portfolio, self.tried.iter().copied());
        let Part { works, needing, .. } = &self.part;
        let within = |work: &u32| works.binary_search(work).or(needing.binary_search(work)).is_ok();
        let moved = self.effects.effects.iter().filter(|it| within(&it.work));
        self.krs = moved.map(|it| it.kr).collect();
        self.krs.dedup();
    }
}

/// The capacity of a bucket with another share, in person-weeks; a NaN without any. `None` where
/// that is less than nothing.
pub fn capacity_with(engine: &Engine, bucket: u32, share: f64) -> Option<f64> {
    let team = engine.plan.buckets[bucket as usize].team as usize;
    let team = engine.read(Cell::new(Field::TeamCapacity, team)).number();
    let Some(team) = team else { return Some(f64::NAN) };
    let capacity = share.max(0.0) * team + engine.effort_moved(bucket)?;
    (capacity >= -NEAR).then(|| capacity.max(0.0))
}
