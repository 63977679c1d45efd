//! The order of computation: level by level, nodes of one kind together; and rings.

use super::Engine;
use super::bind::KrState;
use super::graph::{Kernel, Node, Run};
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::{Cell, Field};

impl Engine {
    /// Puts all nodes in order; those in a ring, and behind one, are set aside.
    pub(super) fn schedule(&mut self) {
        let count = self.graph.count();
        let mut waiting = vec![0_u32; count];
        for number in 0..count as u32 {
            self.for_each_dependent(self.graph.node(number), |next| waiting[next as usize] += 1);
        }
        let mut order: Vec<u32> = Vec::with_capacity(count);
        let mut runs: Vec<Run> = Vec::new();
        let mut level: Vec<u32> =
            (0..count as u32).filter(|node| waiting[*node as usize] == 0).collect();
        while !level.is_empty() {
            let mut next = Vec::new();
            for &number in &level {
                self.for_each_dependent(self.graph.node(number), |dependent| {
                    let left = &mut waiting[dependent as usize];
                    *left -= 1;
                    if *left == 0 {
                        next.push(dependent);
                    }
                });
            }
            self.add_level(&mut level, &mut order, &mut runs);
            next.sort_unstable();
            level = next;
        }
        let ringed: Vec<u32> =
            (0..count as u32).filter(|node| waiting[*node as usize] > 0).collect();
        let mut rank = vec![u32::MAX; count];
        for (place, &number) in order.iter().enumerate() {
            rank[number as usize] = place as u32;
        }
        (self.graph.order, self.graph.runs, self.graph.rank) = (order, runs, rank);
        if !ringed.is_empty() {
            self.report_rings(&ringed);
        }
        self.graph.ringed = ringed;
    }

    /// Appends a level, its nodes grouped by kernel.
    fn add_level(&self, level: &mut [u32], order: &mut Vec<u32>, runs: &mut Vec<Run>) {
        let keyed = |number: &u32| self.kernel(*number);
        level.sort_by_key(keyed); // stable, and mostly in order already
        let mut start = 0;
        while start < level.len() {
            let kernel = keyed(&level[start]);
            let end = start + level[start..].iter().take_while(|it| keyed(it) == kernel).count();
            let first = order.len() as u32;
            order.extend_from_slice(&level[start..end]);
            runs.push(Run { kernel, nodes: first..order.len() as u32 });
            start = end;
        }
    }

    fn kernel(&self, number: u32) -> Kernel {
        match self.graph.node(number) {
            Node::Formula(index) => Kernel::Formulas(self.graph.formulas[index as usize].template),
            Node::Kr(index) if self.krs[index as usize].is(KrState::SIMPLE) => Kernel::Simple,
            Node::Kr(index) if self.krs[index as usize].is(KrState::RULED) => Kernel::Ruled,
            Node::Kr(_) => Kernel::Krs,
            Node::Objective(_) => Kernel::Objectives,
            Node::Team(_) => Kernel::Teams,
            Node::Cycle(_) => Kernel::Cycles,
            Node::Capacity(_) => Kernel::Capacities,
            Node::Buckets(_) => Kernel::Buckets,
            Node::Funding | Node::Projection => Kernel::Futures,
        }
    }

    /// Reports each ring once, cell by cell.
    fn report_rings(&mut self, ringed: &[u32]) {
        let mut before = vec![u32::MAX; self.graph.count()];
        let mut is_ringed = vec![false; self.graph.count()];
        ringed.iter().for_each(|&number| is_ringed[number as usize] = true);
        for &number in ringed {
            self.for_each_dependent(self.graph.node(number), |next| {
                if is_ringed[next as usize] {
                    before[next as usize] = number;
                }
            });
        }
        let mut seen = vec![0_u32; self.graph.count()];
        for (round, &start) in (1_u32..).zip(ringed) {
            let mut at = start;
            while at != u32::MAX && seen[at as usize] == 0 {
                seen[at as usize] = round;
                at = before[at as usize];
            }
            if at != u32::MAX && seen[at as usize] == round {
                self.report_ring(at, &before);
            }
        }
    }

    fn report_ring(&mut self, start: u32, before: &[u32]) {
        let mut ring = vec![start];
        let mut at = before[start as usize];
        while at != start {
            ring.push(at);
            at = before[at as usize];
        }
        // Begin with the formula that stands first in the plan, so that the message is stable.
        let place = |number: &u32| match self.graph.node(*number) {
            Node::Formula(index) => {
                let formula = self.graph.formulas[index as usize].formula;
                let formula = &self.plan.formulas[formula as usize];
                (0, formula.file.0, formula.span.start)
            }
            _ => (1, 0, *number),
        };
        let first = (0..ring.len()).min_by_key(|&at| place(&ring[at])).unwrap_or(0);
        ring.rotate_left(first);
        let names: Vec<String> = ring.iter().map(|number| self.node_name(*number)).collect();
        let shown = crate::suggest::ring(&names);
        let message = format!("cells refer to one another in a ring: {shown}");
        let Some(place) = self.node_place(ring[0]) else { return };
        let problem = Problem::new(Kind::Ring, place, message);
        self.note_binding(problem.help("let one of them be a number"));
    }

    /// The main cell of a node.
    pub(super) fn node_cell(&self, number: u32) -> Cell {
        let cell = |field, index| Cell { field, index };
        match self.graph.node(number) {
            Node::Formula(index) => self.graph.formulas[index as usize].cell,
            Node::Kr(index) => cell(Field::KrGrade, index),
            Node::Objective(index) => cell(Field::ObjectiveGrade, index),
            Node::Team(index) => cell(Field::TeamGrade, index),
            Node::Cycle(index) => cell(Field::CycleGrade, index),
            Node::Capacity(index) => cell(Field::TeamCapacity, index),
            Node::Buckets(index) => {
                let first = self.plan.teams[index as usize].buckets.start;
                cell(Field::BucketCapacity, first)
            }
            Node::Funding => cell(Field::InitiativeFunded, 0),
            Node::Projection => cell(Field::CycleProjectedGrade, self.moment.cycle.unwrap_or(0)),
        }
    }

    fn node_name(&self, number: u32) -> String {
        match self.graph.node(number) {
            Node::Buckets(index) => {
                let team = &self.plan.teams[index as usize];
                format!("the buckets of {}", self.plan.source(team.name))
            }
            Node::Funding => "what is funded".to_owned(),
            Node::Projection => "what is projected".to_owned(),
            _ => self.plan.cell_name(self.node_cell(number)),
        }
    }

    fn node_place(&self, number: u32) -> Option<crate::source::Place> {
        match self.graph.node(number) {
            Node::Formula(index) => {
                let formula = self.graph.formulas[index as usize].formula;
                let formula = &self.plan.formulas[formula as usize];
                Some(crate::source::Place { file: formula.file, span: formula.span })
            }
            Node::Kr(index) => Some(self.plan.krs[index as usize].name),
            Node::Buckets(index) | Node::Capacity(index) => {
                Some(self.plan.teams[index as usize].name)
            }
            _ => None,
        }
    }
}
