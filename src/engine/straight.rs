//! An edit of a key result that no formula reads goes straight up: to its objective, to the team and
//! those above it, and to the cycle. No queue is needed, and little memory is touched.

use super::Engine;
use super::edit::{CYCLE_MEANS, OBJECTIVE_MEANS, TEAM_MEANS};
use super::graph::Node;
use super::rollup::{Above, Changed};
use crate::plan::cell::{Cell, Field};

impl Engine {
    /// Computes what follows from a cell of a key result, each node once, and tells how many there
    /// were; `None` where a formula may read any of it.
    pub(super) fn propagate_straight(&mut self, cell: Cell) -> Option<usize> {
        let graded = matches!(cell.field, Field::KrBaseline | Field::KrTarget | Field::KrActual);
        let read = || self.graph.reads_grades || !self.graph.readers(cell).is_empty();
        if !graded || read() {
            return None;
        }
        let kr = cell.index;
        if !self.compute_kr(self.graph.number(Node::Kr(kr)), kr) {
            return Some(1);
        }
        let objective = self.members.objective_of[kr as usize];
        let number = self.graph.number(Node::Objective(objective));
        let mean = self.objective_mean(objective, Changed::Member(kr));
        if !self.keep_mean(number, objective, OBJECTIVE_MEANS, mean) {
            return Some(2);
        }
        let Above { team, cycle } = self.members.above[objective as usize];
        let teams = self.compute_teams(team, objective);
        if let Some(cycle) = cycle {
            let mean = self.cycle_mean(cycle, Changed::Member(objective));
            let number = self.graph.number(Node::Cycle(cycle));
            self.keep_mean(number, cycle, CYCLE_MEANS, mean);
        }
        Some(2 + teams + usize::from(cycle.is_some()))
    }

    /// A team's means after a change of one of its objectives, and those of the teams above it.
    fn compute_teams(&mut self, team: Option<u32>, objective: u32) -> usize {
        let mut computed = 0;
        let mut changed = Changed::Member(objective);
        let mut next = team;
        while let Some(team) = next {
            let mean = self.team_mean(team, changed);
            let number = self.graph.number(Node::Team(team));
            computed += 1;
            if !self.keep_mean(number, team, TEAM_MEANS, mean) {
                break;
            }
            changed = Changed::All;
            next = self.plan.teams[team as usize].parent;
        }
        computed
    }
}
