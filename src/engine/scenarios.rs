//! The scenarios of a plan one after the other, each from the one that it extends: what its lines
//! change is computed again, and nothing else, so that many scenarios of a plan take time in
//! proportion to their lines.
//!
//! A scenario gives the same values as the plan bound with it afresh; a test holds it to that. One
//! whose lines do more than set numbers is bound afresh.

use super::{Engine, Options};
use crate::plan::Plan;
use crate::plan::cell::Cell;
use crate::plan::model::{Amount, Change, Input};
use std::sync::Arc;

/// The scenarios of a plan, one after the other.
#[derive(Debug)]
pub struct Scenarios {
    plan: Arc<Plan>,
    options: Options,
    /// The plan with the scenarios of `path`, each extending the one before.
    engine: Engine,
    path: Vec<Applied>,
    /// A scenario that had to be bound afresh.
    apart: Option<Engine>,
}

/// A scenario in force, and what its lines have changed.
#[derive(Debug)]
struct Applied {
    scenario: u32,
    before: Vec<(Cell, f64)>,
}

impl Scenarios {
    /// The scenarios of a plan, looked at as the base is.
    pub fn new(plan: Arc<Plan>, options: Options) -> Self {
        let options = Options { scenario: None, ..options };
        let engine = Engine::new(Arc::clone(&plan), options);
        Self { plan, options, engine, path: Vec::new(), apart: None }
    }

    /// The numbers of the scenarios in an order in which each follows what it extends.
    pub fn order(plan: &Plan) -> Vec<u32> {
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); plan.scenarios.len()];
        let mut open: Vec<u32> = Vec::new();
        for (index, scenario) in (0..).zip(&plan.scenarios) {
            match scenario.extends {
                Some(base) => children[base as usize].push(index),
                None => open.push(index),
            }
        }
        let mut order = Vec::with_capacity(plan.scenarios.len());
        while let Some(scenario) = open.pop() {
            order.push(scenario);
            open.append(&mut children[scenario as usize]);
        }
        order
    }

    /// The plan without any scenario.
    pub fn base(&mut self) -> &Engine {
        while self.leave() {}
        &self.engine
    }

    /// The plan with a scenario; quick where what it extends was asked for before it.
    pub fn of(&mut self, scenario: u32) -> &Engine {
        self.apart = None;
        let extends = self.plan.scenarios[scenario as usize].extends;
        while self.path.last().map(|it| it.scenario) != extends && self.leave() {}
        let follows = self.path.last().map(|it| it.scenario) == extends;
        if follows && self.enter(scenario) {
            return &self.engine;
        }
        let options = Options { scenario: Some(scenario), ..self.options };
        self.apart.insert(Engine::new(Arc::clone(&self.plan), options))
    }

    /// Applies the lines of a scenario, if all of them set numbers.
    fn enter(&mut self, scenario: u32) -> bool {
        let plan = Arc::clone(&self.plan);
        let lines = &plan.scenarios[scenario as usize].lines;
        let sets = |(change, _): &_| match change {
            Change::Set(cell, input) => self.engine.set_plainly(*cell, input.amount).is_some(),
            _ => false,
        };
        // A late key result looks back on days that the scenario changes, too.
        if !self.engine.late.is_empty() || !lines.iter().all(sets) {
            return false;
        }
        self.engine.options.scenario = Some(scenario);
        let mut before = Vec::with_capacity(lines.len());
        for (change, _) in lines {
            if let Change::Set(cell, Input { amount: Amount::Number(number), .. }) = change {
                before.push((*cell, self.engine.columns.get(*cell)));
                self.engine.set_number(*cell, *number);
            }
        }
        self.path.push(Applied { scenario, before });
        true
    }

    /// Takes back the lines of the last scenario in force; `false` if there is none.
    fn leave(&mut self) -> bool {
        let Some(last) = self.path.pop() else { return false };
        self.engine.options.scenario = self.path.last().map(|it| it.scenario);
        for (cell, number) in last.before.into_iter().rev() {
            self.engine.set_number(cell, number);
        }
        true
    }
}
