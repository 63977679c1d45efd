//! Which input of the plan a cell holds, for messages and explanations.

use super::Engine;
use super::bind::{NO_CHECKIN, checkins_until};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;

impl Engine {
    /// The input of a cell that is in force: set by the scenario, amended, or as written.
    pub fn input_in_force(&self, cell: Cell) -> Option<Input> {
        let set = self.scenario_lines().rev().find_map(|change| match change {
            Change::Set(other, input) if *other == cell => Some(*input),
            _ => None,
        });
        set.or_else(|| self.amendment_in_force(cell).map(|amendment| amendment.value))
            .or_else(|| self.written_input(cell))
    }

    /// The input of a cell that is in force in the base: amended, or as written.
    pub fn base_input(&self, cell: Cell) -> Option<Input> {
        let amended = self.amendment_in_force(cell).map(|amendment| amendment.value);
        amended.or_else(|| self.written_input(cell))
    }

    /// The lines of the scenario in force, in order.
    pub fn lines_in_force(&self) -> Vec<&Change> {
        self.scenario_lines().collect()
    }

    /// The lines of the scenario in force, those of the scenarios that it extends first.
    pub(super) fn scenario_lines(&self) -> impl DoubleEndedIterator<Item = &Change> {
        let mut chain = Vec::new();
        let mut at = self.options.scenario;
        while let Some(index) = at {
            let scenario = &self.plan.scenarios[index as usize];
            chain.push(scenario);
            at = scenario.extends;
        }
        let lines: Vec<&Change> = chain
            .into_iter()
            .rev()
            .flat_map(|scenario| scenario.lines.iter().map(|(change, _)| change))
            .collect();
        lines.into_iter()
    }

    /// The newest amendment of a cell up to the day.
    pub fn amendment_in_force(&self, cell: Cell) -> Option<&Amendment> {
        if self.options.original {
            return None;
        }
        let in_force = |amendment: &&Amendment| {
            amendment.cell == cell && self.moment.as_of.is_none_or(|as_of| amendment.date <= as_of)
        };
        self.amendments_of(cell).rfind(in_force)
    }

    /// All amendments of a cell, by date.
    pub(super) fn amendments_of(&self, cell: Cell) -> std::slice::Iter<'_, Amendment> {
        let amendments = &self.plan.amendments;
        let start = amendments.partition_point(|amendment| amendment.cell < cell);
        let count = amendments[start..].partition_point(|amendment| amendment.cell == cell);
        amendments[start..start + count].iter()
    }

    /// The input of a cell as the plan's fields give it.
    pub(super) fn written_input(&self, cell: Cell) -> Option<Input> {
        let index = cell.index as usize;
        let plan = &self.plan;
        match cell.field {
            Field::KrBaseline => plan.krs[index].baseline,
            Field::KrTarget => plan.krs[index].target,
            Field::KrWeight => plan.krs[index].weight,
            Field::KrActual => self.actual_input(index),
            Field::ObjectiveWeight => plan.objectives[index].weight,
            Field::MetricValue => {
                let metric = &plan.metrics[index];
                let seen = checkins_until(plan, &metric.checkins, self.moment.as_of);
                match seen.last().map(|checkin| checkin.observation) {
                    Some(Observation::Number(input)) => Some(input),
                    _ => Some(metric.value),
                }
            }
            Field::TeamPeople => plan.teams[index].people,
            Field::TeamLeave => plan.teams[index].leave,
            Field::TeamFocus => plan.teams[index].focus,
            Field::TeamCapacity => plan.teams[index].capacity,
            Field::BucketShare => plan.buckets[index].share,
            Field::BucketFloor => plan.buckets[index].floor,
            Field::BucketCeiling => plan.buckets[index].ceiling,
            Field::InitiativeChance => plan.initiatives[index].chance,
            Field::InitiativePriority => plan.initiatives[index].priority,
            Field::InitiativeFinished => plan.initiatives[index].finished,
            _ => None,
        }
    }

    /// The input that gives a key result's actual.
    pub(super) fn actual_input(&self, index: usize) -> Option<Input> {
        let observation = match self.newest[index] {
            NO_CHECKIN => self.plan.krs[index].actual.map(|(observation, _)| observation),
            newest => Some(self.plan.checkins[newest as usize].observation),
        };
        match observation {
            Some(Observation::Number(input)) => Some(input),
            _ => None,
        }
    }
}
