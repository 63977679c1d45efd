//! One input after the other tried in a plan: what follows from it, and nothing else, is computed
//! again.

use super::search::capacity_with;
use crate::engine::portfolio::{Funded, Portfolio, Ties};
use crate::engine::{Effects, Engine, Value, Way};
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::Amount;
use crate::source::Place;
use std::sync::Arc;

/// Where an input is changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lever {
    /// A cell.
    Cell(Cell),
    /// An amount inside the statement of an initiative.
    Amount {
        /// Where it is written.
        at: Place,
        /// The initiative's place in the portfolio.
        work: usize,
        what: What,
    },
}

/// What an amount inside the statement of an initiative says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// An effort.
    Draws,
    /// What it does to a key result; `line` counts its `moves`, or its `closes`.
    Effect { kr: u32, line: u32, closes: bool },
}

/// A plan in which inputs are tried one by one.
pub(super) struct Trial {
    engine: Engine,
    cell: Cell,
    /// Where the cell is projected and no formula reads what is.
    world: Option<World>,
}

/// The projected plan, and what it follows from, with all inputs as they are.
struct World {
    /// In it only what an input reaches is computed again.
    engine: Engine,
    portfolio: Portfolio,
    ties: Ties,
    funded: Funded,
    effects: Effects,
    /// Where the key results that are moved land, by their index.
    landed: Vec<(u32, Value)>,
    /// Whether shares of buckets count for nothing but funding.
    shares_fund: bool,
    /// Room to work in.
    left: Vec<f64>,
}

impl World {
    fn new(engine: &Engine) -> Self {
        let funding = engine.funding();
        let effects = engine.effects().clone();
        let mut landed = engine.landed(&effects, &funding.funded);
        landed.sort_unstable_by_key(|(kr, _)| *kr);
        Self {
            engine: engine.to_projected(),
            portfolio: funding.portfolio.clone(),
            ties: Ties::of(&funding.portfolio),
            left: Vec::new(),
            funded: funding.funded.clone(),
            effects,
            landed,
            shares_fund: engine.shares_only_fund(),
        }
    }

    /// Funds again what some pots belong to.
    fn fund_again(&mut self, pots: impl IntoIterator<Item = u32>) {
        let part = self.ties.part(&self.portfolio, pots);
        self.portfolio.fund_again(&part, &mut self.left, &mut self.funded);
    }

    /// Gives pots other capacities.
    fn set_capacities(&mut self, capacities: &[(u32, f64)]) {
        for (pot, capacity) in capacities {
            self.portfolio.pots[*pot as usize].capacity = *capacity;
        }
        self.fund_again(capacities.iter().map(|(pot, _)| *pot));
    }

    /// The capacities of pots as they are.
    fn capacities(&self, pots: &[(u32, f64)]) -> Vec<(u32, f64)> {
        pots.iter().map(|(pot, _)| (*pot, self.portfolio.pots[*pot as usize].capacity)).collect()
    }

    /// Gives a work other draws; returns those that it had.
    fn set_draws(&mut self, work: usize, draws: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
        let before = std::mem::replace(&mut self.portfolio.works[work].draws, draws);
        let draws = &self.portfolio.works[work].draws;
        for ((pot, effort), (_, was)) in draws.iter().zip(&before) {
            self.funded.demand[*pot as usize] += effort - was;
        }
        let pots: Vec<u32> = before.iter().map(|(pot, _)| *pot).collect();
        self.fund_again(pots);
        before
    }

    /// Puts key results where they land with what is funded.
    fn land(&mut self, from: &Engine, krs: &[u32]) {
        for kr in krs {
            if let Some(value) = from.landed_at(*kr, &self.effects, &self.funded) {
                self.engine.put_projected(*kr, value);
            }
        }
    }

    /// Puts them back.
    fn land_again(&mut self, krs: &[u32]) {
        for kr in krs {
            if let Ok(at) = self.landed.binary_search_by_key(kr, |(kr, _)| *kr) {
                self.engine.put_projected(*kr, self.landed[at].1);
            }
        }
    }
}

impl Trial {
    /// Tries inputs of a plan, for a cell.
    pub fn new(engine: &Engine, cell: Cell) -> Self {
        let projected = cell.field.is_projected();
        let engine = Engine::new(Arc::clone(&engine.plan), engine.options);
        let world = (projected && !engine.reads_futures()).then(|| World::new(&engine));
        Self { engine, cell, world }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.engine.plan
    }

    /// The cell.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// The cell with an input at a value, which reaches it like this; the input is then as it was.
    pub fn with(&mut self, lever: Lever, way: &Way, value: f64) -> Option<f64> {
        let quick = match lever {
            Lever::Cell(input) => self.with_cell(input, way, value),
            Lever::Amount { at, work, what } => self.with_amount(at, work, what, way, value),
        };
        quick.unwrap_or_else(|| self.with_all(lever, value))
    }

    /// The same by computing everything again.
    pub fn with_all(&mut self, lever: Lever, value: f64) -> Option<f64> {
        match lever {
            Lever::Amount { at, .. } => {
                self.engine.try_amount(Some((at, value)));
                let found = self.engine.read(self.cell).number();
                self.engine.try_amount(None);
                found
            }
            Lever::Cell(input) if is_plain(&self.engine, input) => {
                let before = self.engine.input_in_force(input)?;
                self.engine.set(input, value);
                let found = self.engine.read(self.cell).number();
                self.engine.set_input(input, before);
                found
            }
            // Setting it takes more away than setting it back would restore.
            Lever::Cell(input) => {
                let engine = &self.engine;
                let mut fresh = Engine::new(Arc::clone(&engine.plan), engine.options);
                fresh.set(input, value);
                fresh.read(self.cell).number()
            }
        }
    }

    /// With an input that leaves the numbers of work as they are; the outer `None` where it does not,
    /// or where that does not suffice.
    #[allow(clippy::option_option)]
    fn with_cell(&mut self, input: Cell, way: &Way, value: f64) -> Option<Option<f64>> {
        if input.field == Field::BucketShare {
            return self.with_share(input.index, way, value);
        }
        if way.work || !is_plain(&self.engine, input) {
            return None;
        }
        let before = self.engine.input_in_force(input)?;
        let world = self.world.as_mut()?;
        let lands = input.field == Field::KrActual && way.krs.contains(&input.index);
        self.engine.keeping_work(|engine| _ = engine.set(input, value));
        let mut found = None;
        if let Some(capacities) = other_capacities(&self.engine, world, way.funds) {
            let capacities_before = world.capacities(&capacities);
            world.set_capacities(&capacities);
            if !lands {
                world.engine.set(input, value);
            }
            world.land(&self.engine, &way.krs);
            found = Some(world.engine.read(self.cell).number());
            if !lands {
                world.engine.set_input(input, before);
            }
            world.set_capacities(&capacities_before);
            world.land_again(&way.krs);
        }
        self.engine.keeping_work(|engine| _ = engine.set_input(input, before));
        found
    }

    /// With another share of a bucket, and of the one that takes the rest; the outer `None` where
    /// shares do more than fund.
    #[allow(clippy::option_option)]
    fn with_share(&mut self, bucket: u32, way: &Way, value: f64) -> Option<Option<f64>> {
        let (engine, world) = (&self.engine, self.world.as_mut().filter(|it| it.shares_fund)?);
        let team = &engine.plan.teams[engine.plan.buckets[bucket as usize].team as usize];
        let mut rest = 1.0 - value;
        for other in team.buckets.clone().filter(|&it| it != bucket && !engine.takes_rest(it)) {
            rest -= engine.bucket_share(other as usize).number()?;
        }
        let taker = team.buckets.clone().find(|&it| engine.takes_rest(it));
        let shares = [Some((bucket, value)), taker.map(|taker| (taker, rest.max(0.0)))];
        let capacity = |(bucket, share)| Some((bucket, capacity_with(engine, bucket, share)?));
        let capacities: Option<Vec<(u32, f64)>> =
            shares.into_iter().flatten().map(capacity).collect();
        let capacities = capacities?;
        let before = world.capacities(&capacities);
        world.set_capacities(&capacities);
        world.land(engine, &way.krs);
        let found = world.engine.read(self.cell).number();
        world.set_capacities(&before);
        world.land_again(&way.krs);
        Some(found)
    }

    /// With an amount of an initiative; the outer `None` where trying it does not suffice.
    #[allow(clippy::option_option)]
    fn with_amount(
        &mut self,
        at: Place,
        work: usize,
        what: What,
        way: &Way,
        value: f64,
    ) -> Option<Option<f64>> {
        let world = self.world.as_mut()?;
        match what {
            What::Draws => {
                let draws = self.engine.draws_with(work, (at, value))?;
                let demand: Vec<f64> =
                    draws.iter().map(|(pot, _)| world.funded.demand[*pot as usize]).collect();
                let pots: Vec<u32> = draws.iter().map(|(pot, _)| *pot).collect();
                let before = world.set_draws(work, draws);
                world.land(&self.engine, &way.krs);
                world.set_draws(work, before);
                // To the last bit.
                for (pot, demand) in pots.into_iter().zip(demand) {
                    world.funded.demand[pot as usize] = demand;
                }
            }
            What::Effect { kr, line, closes } => {
                let is_it = |it: &crate::engine::Effect| {
                    (it.kr, it.work as usize, it.line, it.closes) == (kr, work, line, closes)
                };
                let first = world.effects.effects.partition_point(|it| it.kr < kr);
                let place = first + world.effects.on(kr).iter().position(is_it)?;
                let before = std::mem::replace(&mut world.effects.effects[place].amount, value);
                world.land(&self.engine, &[kr]);
                world.effects.effects[place].amount = before;
            }
        }
        let found = world.engine.read(self.cell).number();
        world.land_again(&way.krs);
        Some(found)
    }
}

/// The pots whose capacities differ now, with these; `None` if one has lost its capacity, or got one.
fn other_capacities(engine: &Engine, world: &World, funds: bool) -> Option<Vec<(u32, f64)>> {
    if !funds {
        return Some(Vec::new());
    }
    let pots = engine.pots();
    let mut other = Vec::new();
    for (pot, (now, before)) in (0_u32..).zip(pots.iter().zip(&world.portfolio.pots)) {
        if now.capacity.is_nan() != before.capacity.is_nan() {
            return None;
        }
        if now.capacity != before.capacity && !now.capacity.is_nan() {
            other.push((pot, now.capacity));
        }
    }
    Some(other)
}

/// Whether setting a cell, and then the input that was in force, leaves all as it was.
fn is_plain(engine: &Engine, cell: Cell) -> bool {
    let number =
        engine.input_in_force(cell).is_some_and(|input| matches!(input.amount, Amount::Number(_)));
    let special = matches!(cell.field, Field::BucketShare | Field::TeamCapacity);
    number && !special
}
