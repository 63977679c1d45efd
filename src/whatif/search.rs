//! The value of one cell for many values of inputs.

use crate::engine::portfolio::{Funded, Portfolio};
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
}

/// The greatest grade, share or load that is shown as not over its bound.
pub const NEAR: f64 = 1e-9;

impl Trial {
    /// Tries inputs of a plan.
    pub fn new(engine: Engine, cell: Cell) -> Self {
        let projected = matches!(
            cell.field,
            Field::KrProjected
                | Field::KrProjectedGrade
                | Field::ObjectiveProjectedGrade
                | Field::TeamProjectedGrade
                | Field::CycleProjectedGrade
        );
        let quick = (projected && engine.shares_only_fund()).then(|| {
            Box::new(Quick {
                portfolio: engine.funding().portfolio.clone(),
                effects: engine.effects(),
                world: engine.to_projected(),
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
        let funded = self.fund(shares)?;
        let quick = self.quick.as_mut()?;
        for (kr, value) in self.engine.landed(&quick.effects, &funded) {
            quick.world.put_projected(kr, value);
        }
        match quick.world.read(self.cell) {
            Value::Number(number) => Some(number),
            Value::NoData | Value::Error => None,
        }
    }
}

impl Trial {
    /// What is funded with these shares, where shares do nothing but fund.
    fn fund(&mut self, shares: &[(u32, f64)]) -> Option<Funded> {
        let quick = self.quick.as_mut()?;
        for &(bucket, share) in shares {
            let capacity = capacity_with(&self.engine, bucket, share)?;
            if let Some(pot) = quick.portfolio.pots.get_mut(bucket as usize) {
                pot.capacity = capacity;
            }
        }
        Some(quick.portfolio.fund())
    }

    /// Where the key results that are moved land with these shares, each by its index; a NaN for one
    /// that has no data then. `None` where that does not follow from funding alone.
    pub fn landed(&mut self, shares: &[(u32, f64)]) -> Option<Vec<(u32, f64)>> {
        let funded = self.fund(shares)?;
        let landed = self.engine.landed(&self.quick.as_ref()?.effects, &funded);
        let number = |value: Value| value.number().unwrap_or(f64::NAN);
        Some(landed.into_iter().map(|(kr, value)| (kr, number(value))).collect())
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
