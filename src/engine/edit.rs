//! Computing: everything once, or after a change only what it reaches.

use super::Engine;
use super::bind::KrState;
use super::formula::{BLOCK, Slot};
use super::grade::Stop;
use super::graph::{Kernel, Node, Run};
use super::rollup::{Changed, Mean};
use super::store::{ERROR, Value, value_of};
use super::walk::Missing;
use crate::diagnostic::Problem;
use crate::plan::cell::{Access, Cell, Field};
use crate::plan::model::{Amount, Input};
use crate::plan::out_of_range;
use crate::source::Place;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a change of an input did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// So many nodes were computed again.
    Recomputed(usize),
    /// The graph itself changed, and everything was computed again.
    Rebuilt,
    /// The cell is computed and cannot be set.
    Refused,
}

impl Engine {
    /// Computes every cell.
    pub fn recalculate(&mut self) {
        self.problems.clear();
        self.forget_futures();
        let runs = std::mem::take(&mut self.graph.runs);
        for run in &runs {
            self.compute_run(run);
        }
        self.graph.runs = runs;
        for number in self.graph.ringed.clone() {
            self.poison(number);
        }
    }

    fn compute_run(&mut self, run: &Run) {
        let range = run.nodes.start as usize..run.nodes.end as usize;
        match run.kernel {
            Kernel::Simple => self.compute_quick(range, true),
            Kernel::Ruled => self.compute_quick(range, false),
            Kernel::Objectives => {
                let first = self.graph.number(Node::Objective(0));
                let numbers: Vec<u32> = self.graph.order[range].to_vec();
                let left = self.objective_means(numbers.into_iter().map(|number| number - first));
                for objective in left {
                    self.compute(first + objective, Changed::All);
                }
            }
            Kernel::Formulas(template) if template != u32::MAX => {
                self.compute_formulas(template, range);
            }
            _ => {
                for at in range {
                    let number = self.graph.order[at];
                    self.compute(number, Changed::All);
                }
            }
        }
    }

    /// Key results in one loop; those that have no number by it are looked at again by the rule.
    fn compute_quick(&mut self, range: std::ops::Range<usize>, simple: bool) {
        let first = self.graph.number(Node::Kr(0));
        let mut again = Vec::new();
        let mut grades = std::mem::take(self.columns.column(Field::KrGrade));
        let krs = self.graph.order[range].iter().map(|number| number - first);
        match simple {
            true => self.linear_grades(krs, &mut grades, &mut again),
            false => {
                for kr in krs {
                    match self.quick_grade(kr as usize) {
                        Some(grade) => grades[kr as usize] = grade,
                        None => again.push(kr),
                    }
                }
            }
        }
        *self.columns.column(Field::KrGrade) = grades;
        for kr in again {
            self.compute(first + kr, Changed::All);
        }
    }

    /// Formulas of one template in columns; what has no number is walked.
    fn compute_formulas(&mut self, template: u32, range: std::ops::Range<usize>) {
        let mut buffer = Vec::new();
        let mut results = vec![0.0; BLOCK];
        let numbers: Vec<u32> = self.graph.order[range].to_vec();
        for block in numbers.chunks(BLOCK) {
            let shape = self.templates.get(template);
            let load = |slot: usize, column: &mut [f64]| {
                for (value, number) in column.iter_mut().zip(block) {
                    let first = self.graph.formulas[*number as usize].first_slot as usize;
                    *value = self.slot(self.graph.slots[first + slot]);
                }
            };
            shape.run_block(block.len(), &mut buffer, load, &mut results);
            for (number, result) in block.iter().zip(&results) {
                self.keep_result(*number, *result);
            }
        }
    }

    #[inline]
    pub(super) fn slot(&self, slot: Slot) -> f64 {
        match slot {
            Slot::Number(number) => number,
            Slot::Column(field, index, size) => self.columns.get(Cell { field, index }) * size,
            Slot::Read(cell, size) => self.read(cell).number().map_or(f64::NAN, |it| it * size),
        }
    }

    /// Puts the result of a formula into its cell; tells whether that changed it.
    fn keep_result(&mut self, number: u32, result: f64) -> bool {
        let formula = self.graph.formulas[number as usize];
        if formula.any && !result.is_nan() {
            self.note(number, Vec::new());
            return self.columns.set(formula.cell, result / formula.size);
        }
        let stated = self.plan.formulas[formula.formula as usize];
        let (value, problem) = if result.is_nan() {
            match self.walk(self.plan.steps(formula.formula), None) {
                Ok(result) => (result / stated.size, None),
                Err(Missing::Fault(span, fault)) => {
                    (ERROR, Some(fault.problem(Place { file: stated.file, span })))
                }
                Err(missing) => (missing.value().stored(), None),
            }
        } else {
            (result / stated.size, None)
        };
        let value = match formula.cell.field {
            Field::TeamCapacity if !value.is_nan() => value * self.time_left,
            _ => value,
        };
        let place = Place { file: stated.file, span: stated.span };
        let (value, problem) = match self.range_problem(formula.cell, value, place) {
            Some(problem) => (ERROR, Some(problem)),
            None => (value, problem),
        };
        self.note(number, problem.into_iter().collect());
        self.columns.set(formula.cell, value)
    }

    fn note(&mut self, number: u32, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.problems.insert(number, problems);
        } else if !self.problems.is_empty() {
            self.problems.remove(&number);
        }
    }

    /// Computes one node; tells whether a cell changed.
    fn compute(&mut self, number: u32, changed: Changed) -> bool {
        match self.graph.node(number) {
            Node::Formula(index) => self.compute_formula(index),
            Node::Kr(index) => self.compute_kr(number, index),
            Node::Objective(index) => {
                let mean = self.objective_mean(index, changed);
                self.keep_mean(number, index, OBJECTIVE_MEANS, mean)
            }
            Node::Team(index) => {
                let mean = self.team_mean(index, changed);
                self.keep_mean(number, index, TEAM_MEANS, mean)
            }
            Node::Cycle(index) => {
                let mean = self.cycle_mean(index, changed);
                self.keep_mean(number, index, CYCLE_MEANS, mean)
            }
            Node::Capacity(index) => {
                // Where it is written outright, its buckets follow from it all the same.
                let Some(result) = self.team_capacity(index as usize) else { return true };
                let (capacity, problem) = Stop::split(result);
                self.note(number, problem.into_iter().collect());
                self.columns.set(Cell { field: Field::TeamCapacity, index }, capacity)
            }
            Node::Buckets(index) => {
                let (changed, problems) = self.compute_buckets(index as usize);
                self.note(number, problems);
                changed
            }
            Node::Funding | Node::Projection => {
                self.forget_futures();
                true
            }
        }
    }

    pub(super) fn compute_kr(&mut self, number: u32, index: u32) -> bool {
        let (grade, problem) = match self.quick_grade(index as usize) {
            Some(grade) => (grade, None),
            None => Stop::split(self.grade_kr(index as usize)),
        };
        self.note(number, problem.into_iter().collect());
        self.columns.set(Cell { field: Field::KrGrade, index }, grade)
    }

    /// Computes one node from what it follows from now.
    pub(super) fn recompute(&mut self, number: u32) {
        self.compute(number, Changed::All);
    }

    fn compute_formula(&mut self, index: u32) -> bool {
        let formula = self.graph.formulas[index as usize];
        let result = match formula.template {
            u32::MAX => f64::NAN,
            template => {
                let shape = self.templates.get(template);
                let first = formula.first_slot as usize;
                let slots = &self.graph.slots[first..first + shape.slots()];
                let slots: Vec<f64> = slots.iter().map(|slot| self.slot(*slot)).collect();
                shape.run(&slots, &mut Vec::with_capacity(8))
            }
        };
        self.keep_result(index, result)
    }

    pub(super) fn keep_mean(
        &mut self,
        number: u32,
        index: u32,
        fields: [Field; 3],
        (mean, stop): (Mean, Option<Stop>),
    ) -> bool {
        let problem = stop.and_then(|stop| Stop::split(Err(stop)).1);
        self.note(number, problem.into_iter().collect());
        let mut changed = false;
        for (field, value) in
            fields.into_iter().zip([mean.grade, mean.committed, mean.aspirational])
        {
            changed |= self.columns.set(Cell { field, index }, value.stored());
        }
        changed
    }

    /// The cells of a node in a ring are poisoned; the ring itself has been reported.
    fn poison(&mut self, number: u32) {
        let poisoned: Vec<Cell> = match self.graph.node(number) {
            Node::Objective(index) => OBJECTIVE_MEANS.map(|field| Cell { field, index }).to_vec(),
            Node::Team(index) => TEAM_MEANS.map(|field| Cell { field, index }).to_vec(),
            Node::Cycle(index) => CYCLE_MEANS.map(|field| Cell { field, index }).to_vec(),
            Node::Buckets(index) => self.plan.teams[index as usize]
                .buckets
                .clone()
                .map(|index| Cell { field: Field::BucketCapacity, index })
                .collect(),
            Node::Funding | Node::Projection => Vec::new(),
            _ => vec![self.node_cell(number)],
        };
        for cell in poisoned {
            self.columns.set(cell, ERROR);
        }
    }

    /// Sets an input to a number in the cell's unit and computes again what follows from it.
    ///
    /// The number stands over what is in force, as a scenario's `set` does.
    pub fn set(&mut self, cell: Cell, number: f64) -> Edited {
        if let Some(number) = self.set_plainly(cell, Amount::Number(number)) {
            return self.set_number(cell, number);
        }
        let place = self.input_in_force(cell).map_or_else(Place::default, |input| input.place);
        self.set_input(cell, Input { amount: Amount::Number(number), place })
    }

    /// Sets an input, to a number or a formula of the plan.
    pub fn set_input(&mut self, cell: Cell, input: Input) -> Edited {
        if !self.is_input(cell) {
            return Edited::Refused;
        }
        match self.set_plainly(cell, input.amount) {
            Some(number) => self.set_number(cell, number),
            None => self.rebuild_with(cell, input),
        }
    }

    /// Puts a stored number into an input, and computes what follows from it.
    pub(super) fn set_number(&mut self, cell: Cell, number: f64) -> Edited {
        if !self.columns.set(cell, number) {
            return Edited::Recomputed(0);
        }
        self.forget_futures();
        let straight = self.propagate_straight(cell);
        Edited::Recomputed(straight.unwrap_or_else(|| self.propagate(cell)))
    }

    fn is_input(&self, cell: Cell) -> bool {
        let outright = cell.field == Field::TeamCapacity
            && self.plan.teams[cell.index as usize].people.is_none();
        outright || cell.field.entry().access == Access::Input
    }

    /// The number of an amount that an input can take without a change of the graph.
    pub(super) fn set_plainly(&self, cell: Cell, amount: Amount) -> Option<f64> {
        let number = match amount {
            Amount::Number(number) if number.is_finite() => number,
            _ => return None,
        };
        let special = match cell.field {
            Field::KrActual => {
                self.krs[cell.index as usize].is(KrState::NOT_APPLICABLE)
                    || self.krs[cell.index as usize].is(KrState::DECLINED)
            }
            Field::BucketShare => true,
            Field::TeamCapacity => self.time_left != 1.0,
            _ => false,
        };
        let whole = self.graph.reads_projection || !self.graph.ringed.is_empty();
        let sound = out_of_range(cell.field.entry().range, number).is_none();
        let plain = !special && !whole && sound && self.is_input(cell);
        (plain && !self.graph.gives(cell)).then_some(number)
    }

    /// Makes the graph anew with one input changed.
    fn rebuild_with(&mut self, cell: Cell, input: Input) -> Edited {
        self.set_over(cell, input);
        self.rebuild();
        Edited::Rebuilt
    }

    /// Makes the graph anew and computes everything.
    pub(super) fn rebuild(&mut self) {
        let inputs = std::mem::take(&mut self.graph.inputs);
        let rests = std::mem::take(&mut self.graph.rests);
        let mut graph = super::graph::Graph::default();
        (graph.inputs, graph.rests) = (inputs, rests);
        self.graph = graph;
        self.binding.clear();
        self.problems.clear();
        self.link();
        self.recalculate();
    }

    /// What is funded and projected is computed again when it is asked for.
    pub(super) fn forget_futures(&mut self) {
        self.funding.take();
        self.effects.take();
        self.projection.take();
    }

    /// Computes what follows from a cell, in order, each node once.
    pub(super) fn propagate(&mut self, cell: Cell) -> usize {
        let mut queue: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::with_capacity(8);
        let rank = &self.graph.rank;
        let source = self.source_member(cell);
        self.graph
            .readers(cell)
            .iter()
            .for_each(|(_, node)| queue.push(Reverse((rank[*node as usize], source))));
        self.for_each_owner(cell, |node| queue.push(Reverse((rank[node as usize], source))));
        self.propagate_queue(queue)
    }

    /// Computes nodes and what follows from them. Each comes with the member that it stands for
    /// above, or [`ANY`].
    pub(super) fn propagate_from(&mut self, nodes: impl IntoIterator<Item = (u32, u32)>) -> usize {
        let rank = &self.graph.rank;
        let queue = nodes.into_iter().map(|(node, it)| Reverse((rank[node as usize], it)));
        let queue = queue.collect();
        self.propagate_queue(queue)
    }

    fn propagate_queue(&mut self, mut queue: BinaryHeap<Reverse<(u32, u32)>>) -> usize {
        let mut computed = 0;
        while let Some(Reverse((place, member))) = queue.pop() {
            let mut changed = if member == ANY { Changed::All } else { Changed::Member(member) };
            while let Some(Reverse((next, other))) = queue.peek().copied() {
                if next != place {
                    break;
                }
                if other != member {
                    changed = Changed::All;
                }
                queue.pop();
            }
            let number = self.graph.order[place as usize];
            computed += 1;
            if self.compute(number, changed) || self.hands_on(number) {
                let (rank, source) = (&self.graph.rank, self.member(number));
                self.for_each_dependent(self.graph.node(number), |node| {
                    queue.push(Reverse((rank[node as usize], source)));
                });
            }
        }
        computed
    }

    /// Whether what is read from a node may change although its grade did not: the forecast of a key
    /// result, say.
    fn hands_on(&self, number: u32) -> bool {
        matches!(self.graph.node(number), Node::Kr(index)
            if !self.graph.readers(Cell { field: Field::KrProgress, index }).is_empty()
                || !self.graph.readers(Cell { field: Field::KrForecast, index }).is_empty()
                || !self.graph.readers(Cell { field: Field::KrForecastGrade, index }).is_empty())
    }

    /// The number by which a mean knows the member that a node is.
    fn member(&self, number: u32) -> u32 {
        match self.graph.node(number) {
            Node::Kr(index) | Node::Objective(index) => index,
            Node::Formula(index) => self.source_member(self.graph.formulas[index as usize].cell),
            _ => ANY,
        }
    }

    fn source_member(&self, cell: Cell) -> u32 {
        match cell.field {
            Field::KrWeight | Field::ObjectiveWeight => cell.index,
            _ => ANY,
        }
    }

    /// The value of any cell, computed now if it is not kept.
    pub fn read(&self, cell: Cell) -> Value {
        if cell.field == Field::BucketShare {
            return self.bucket_share(cell.index as usize);
        }
        match self.columns.has(cell.field) {
            true => value_of(self.columns.get(cell)),
            false => self.read_computed(cell),
        }
    }
}

/// No member in particular: a mean adds up everything.
pub(super) const ANY: u32 = u32::MAX;

pub(super) const OBJECTIVE_MEANS: [Field; 3] =
    [Field::ObjectiveGrade, Field::ObjectiveCommittedGrade, Field::ObjectiveAspirationalGrade];
pub(super) const TEAM_MEANS: [Field; 3] =
    [Field::TeamGrade, Field::TeamCommittedGrade, Field::TeamAspirationalGrade];
pub(super) const CYCLE_MEANS: [Field; 3] =
    [Field::CycleGrade, Field::CycleCommittedGrade, Field::CycleAspirationalGrade];
