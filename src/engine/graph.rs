//! What follows from what: nodes, and who reads which cell.
//!
//! A node computes one cell, or a few that belong together. Most edges need no memory: a key result
//! leads to its objective, that to its team and cycle. Only what formulas read is listed, sorted.

use super::Engine;
use super::bind::Inputs;
use super::formula::Slot;
use super::projection::{for_each_work_input, formula_of, unprojected};
use crate::plan::Plan;
use crate::plan::cell::{Cell, FUNDING, Field, PROJECTED, Range};
use crate::plan::model::{Amount, Bounds, CodeOp, Grading, Input, Late, Observation};
use std::sync::Arc;

/// A cell that a formula gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormulaCell {
    pub cell: Cell,
    pub formula: u32,
    pub template: u32,
    pub first_slot: u32,
    /// By what its result is divided: the size of the cell's unit.
    pub size: f64,
    /// Whether any number is a sound result.
    pub any: bool,
}

/// What a node computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A cell with a formula, by index.
    Formula(u32),
    /// A key result's grade.
    Kr(u32),
    /// An objective's means.
    Objective(u32),
    /// A team's means.
    Team(u32),
    /// A cycle's means.
    Cycle(u32),
    /// A team's capacity.
    Capacity(u32),
    /// The shares and capacities of a team's buckets.
    Buckets(u32),
    /// What of the cycle's work is funded.
    Funding,
    /// Where that brings the plan.
    Projection,
}

/// A run of nodes of one kind, computed together.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub kernel: Kernel,
    pub nodes: std::ops::Range<u32>,
}

/// How a run is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kernel {
    /// Formulas of one template, in columns.
    Formulas(u32),
    /// Capacities of teams.
    Capacities,
    /// Buckets of teams.
    Buckets,
    /// Linear key results with nothing special.
    Simple,
    /// Key results whose rule is laid out.
    Ruled,
    /// Any key results.
    Krs,
    /// Objectives.
    Objectives,
    /// Teams.
    Teams,
    /// Cycles.
    Cycles,
    /// Funding and projection.
    Futures,
}

/// The graph of an engine.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// What the binding collected.
    pub inputs: Inputs,
    /// Whether a bucket takes the rest.
    pub rests: Vec<bool>,
    /// Shares as a scenario moves them.
    pub moved_shares: rustc_hash::FxHashMap<u32, f64>,
    /// Cells with formulas.
    pub formulas: Vec<FormulaCell>,
    /// What fills their slots.
    pub slots: Vec<Slot>,
    /// Who reads a cell: pairs in order.
    readers: Vec<(Cell, u32)>,
    read_fields: u64,
    given_fields: u64,
    bases: [u32; 9],
    /// Whether a formula reads a projected cell.
    pub reads_projection: bool,
    /// Whether a formula reads what is computed of key results, or a mean above them.
    pub reads_grades: bool,
    /// Nodes in an order in which none comes before what it follows from.
    pub order: Vec<u32>,
    /// The order in runs.
    pub runs: Vec<Run>,
    /// The place of each node in the order.
    pub rank: Vec<u32>,
    /// Nodes in a ring, or behind one.
    pub ringed: Vec<u32>,
}

impl Graph {
    /// How many nodes there are.
    pub fn count(&self) -> usize {
        self.bases[8] as usize
    }

    pub fn number(&self, node: Node) -> u32 {
        let [krs, objectives, teams, cycles, capacities, buckets, funding, projection, _] =
            self.bases;
        match node {
            Node::Formula(index) => index,
            Node::Kr(index) => krs + index,
            Node::Objective(index) => objectives + index,
            Node::Team(index) => teams + index,
            Node::Cycle(index) => cycles + index,
            Node::Capacity(index) => capacities + index,
            Node::Buckets(index) => buckets + index,
            Node::Funding => funding,
            Node::Projection => projection,
        }
    }

    pub fn node(&self, number: u32) -> Node {
        let [krs, objectives, teams, cycles, capacities, buckets, funding, projection, _] =
            self.bases;
        match number {
            _ if number < krs => Node::Formula(number),
            _ if number < objectives => Node::Kr(number - krs),
            _ if number < teams => Node::Objective(number - objectives),
            _ if number < cycles => Node::Team(number - teams),
            _ if number < capacities => Node::Cycle(number - cycles),
            _ if number < buckets => Node::Capacity(number - capacities),
            _ if number < funding => Node::Buckets(number - buckets),
            _ if number < projection => Node::Funding,
            _ => Node::Projection,
        }
    }

    /// The nodes that read a cell through formulas.
    #[inline]
    pub fn readers(&self, cell: Cell) -> &[(Cell, u32)] {
        if self.read_fields & (1 << cell.field as u64) == 0 {
            return &[];
        }
        let start = self.readers.partition_point(|(other, _)| *other < cell);
        let count = self.readers[start..].partition_point(|(other, _)| *other == cell);
        &self.readers[start..start + count]
    }

    /// Whether a formula reads a cell of which this holds.
    pub fn any_reader(&self, holds: impl Fn(Cell) -> bool) -> bool {
        self.readers.iter().any(|(cell, _)| holds(*cell))
    }

    /// Whether a formula gives a cell.
    pub fn gives(&self, cell: Cell) -> bool {
        self.given_fields & (1 << cell.field as u64) != 0
            && self.inputs.formulas.contains_key(&cell)
    }

    /// Whether a formula reads what is funded or projected.
    pub fn reads_futures(&self) -> bool {
        self.reads_projection || FUNDING.iter().any(|field| self.is_read(*field))
    }

    /// Whether a formula reads a field of anything.
    fn is_read(&self, field: Field) -> bool {
        self.read_fields & (1 << field as u64) != 0
    }

    /// The nodes that read a field of anything through formulas.
    pub fn readers_of_any(&self, field: Field) -> &[(Cell, u32)] {
        let start = self.readers.partition_point(|(other, _)| other.field < field);
        let count = self.readers[start..].partition_point(|(other, _)| other.field == field);
        &self.readers[start..start + count]
    }

    /// Notes which cells a formula reads.
    fn add_reads(&mut self, plan: &Plan, formula: u32, node: u32, is_projection: bool) {
        for step in plan.steps(formula) {
            if let CodeOp::Cell(cell, _) = step.op {
                let plain = if is_projection { unprojected(cell) } else { None };
                self.add_reader(plain.unwrap_or(cell), node);
            }
        }
    }

    fn add_reader(&mut self, cell: Cell, node: u32) {
        self.readers.push((cell, node));
        self.read_fields |= 1 << cell.field as u64;
    }
}

impl Engine {
    /// Makes the graph of a bound plan and puts its nodes in order.
    pub(super) fn link(&mut self) {
        let plan = Arc::clone(&self.plan);
        self.members = super::rollup::Members::of(&plan, self.moment.cycle);
        self.number_nodes(&plan);
        self.link_formulas(&plan);
        self.link_inline(&plan);
        self.link_futures(&plan);
        let computed = [KR_CELLS, OBJECTIVE_CELLS, TEAM_CELLS, CYCLE_CELLS];
        self.graph.reads_grades =
            computed.iter().any(|fields| fields.iter().any(|field| self.graph.is_read(*field)));
        self.graph.readers.sort_unstable();
        self.graph.readers.dedup();
        self.mark_quick();
        self.schedule();
    }

    fn number_nodes(&mut self, plan: &Plan) {
        let counts = [
            self.graph.inputs.formulas.len(),
            plan.krs.len(),
            plan.objectives.len(),
            plan.teams.len(),
            plan.cycles.len(),
            plan.teams.len(),
            plan.teams.len(),
            1,
            1,
        ];
        let mut sum = 0;
        for (base, count) in self.graph.bases.iter_mut().zip(counts) {
            sum += count as u32;
            *base = sum;
        }
    }

    fn link_formulas(&mut self, plan: &Plan) {
        let mut cells: Vec<(Cell, u32)> =
            self.graph.inputs.formulas.iter().map(|(cell, formula)| (*cell, *formula)).collect();
        cells.sort_unstable();
        let columns = &self.columns;
        let kept = |field: Field| columns.has(field) && field != Field::BucketShare;
        let slot = |cell: Cell, size: f64| match kept(cell.field) {
            true => Slot::Column(cell.field, cell.index, size),
            false => Slot::Read(cell, size),
        };
        for (index, (cell, formula)) in cells.into_iter().enumerate() {
            let first_slot = self.graph.slots.len() as u32;
            let code = plan.steps(formula);
            let template = self.templates.of(code, &mut self.graph.slots, slot);
            let template = template.unwrap_or(u32::MAX);
            self.graph.given_fields |= 1 << cell.field as u64;
            let size = plan.formulas[formula as usize].size;
            let any = cell.field.entry().range == Range::Any;
            let node = FormulaCell { cell, formula, template, first_slot, size, any };
            self.graph.formulas.push(node);
            self.graph.add_reads(plan, formula, index as u32, self.is_projection());
        }
    }

    /// Formulas inside gradings, bounds, points and check-ins belong to their key result's node.
    fn link_inline(&mut self, plan: &Plan) {
        for (kr, formula) in self.graph.inputs.inline.clone() {
            let node = self.graph.number(Node::Kr(kr));
            self.graph.add_reads(plan, formula, node, self.is_projection());
        }
        for moved in self.graph.inputs.moves.clone() {
            if let Amount::Formula(formula) = moved.amount.amount {
                let team = plan.buckets[moved.bucket as usize].team;
                let node = self.graph.number(Node::Buckets(team));
                self.graph.add_reads(plan, formula, node, self.is_projection());
            }
        }
    }

    /// What funding and projection follow from, where a formula reads them.
    fn link_futures(&mut self, plan: &Plan) {
        let graph = &mut self.graph;
        graph.reads_projection = PROJECTED.iter().any(|field| graph.is_read(*field));
        let funded = FUNDING.iter().any(|field| graph.is_read(*field));
        if self.is_projection || !(funded || graph.reads_projection) {
            return;
        }
        let (funding, projection) = (graph.number(Node::Funding), graph.number(Node::Projection));
        let count = |cells: usize| 0..cells as u32;
        let inputs = [
            (Field::TeamCapacity, count(plan.teams.len()), funding),
            (Field::BucketCapacity, count(plan.buckets.len()), funding),
            (Field::InitiativePriority, count(plan.initiatives.len()), funding),
            (Field::InitiativeFinished, count(plan.initiatives.len()), funding),
            (Field::InitiativeChance, count(plan.initiatives.len()), projection),
        ];
        for (field, indices, node) in inputs {
            indices.for_each(|index| graph.add_reader(Cell { field, index }, node));
        }
        for initiative in &plan.initiatives {
            let mut reads: Vec<(u32, u32)> = Vec::new();
            let mut effects: Vec<(u32, u32)> = Vec::new();
            for_each_work_input(
                initiative,
                |input| reads.extend(formula_of(input).map(|it| (it, funding))),
                |input| effects.extend(formula_of(input).map(|it| (it, projection))),
            );
            for (formula, node) in reads.into_iter().chain(effects) {
                graph.add_reads(plan, formula, node, false);
            }
            let moved = initiative.moves.iter().map(|(kr, _)| *kr);
            for kr in moved.chain(initiative.closes.iter().map(|(_, kr)| *kr)) {
                for field in [Field::KrActual, Field::KrBaseline, Field::KrTarget] {
                    graph.add_reader(Cell { field, index: kr }, projection);
                }
            }
        }
    }

    /// Calls `found` with every node that follows directly from a node.
    #[inline]
    pub(super) fn for_each_dependent(&self, node: Node, mut found: impl FnMut(u32)) {
        let graph = &self.graph;
        let mut readers = |fields: &[Field], index: u32| {
            for &field in fields {
                let cell = Cell { field, index };
                graph.readers(cell).iter().for_each(|(_, node)| found(*node));
            }
        };
        match node {
            Node::Formula(index) => {
                let cell = graph.formulas[index as usize].cell;
                readers(&[cell.field], cell.index);
                self.for_each_owner(cell, found);
            }
            Node::Kr(index) => {
                readers(KR_CELLS, index);
                found(graph.number(Node::Objective(self.members.objective_of[index as usize])));
            }
            Node::Objective(index) => {
                readers(OBJECTIVE_CELLS, index);
                self.for_each_above(index, found);
            }
            Node::Team(index) => {
                readers(TEAM_CELLS, index);
                if let Some(parent) = self.plan.teams[index as usize].parent {
                    found(graph.number(Node::Team(parent)));
                }
            }
            Node::Cycle(index) => readers(CYCLE_CELLS, index),
            Node::Capacity(index) => {
                readers(&[Field::TeamCapacity], index);
                found(graph.number(Node::Buckets(index)));
            }
            Node::Buckets(index) => {
                for bucket in self.plan.teams[index as usize].buckets.clone() {
                    readers(&[Field::BucketShare, Field::BucketCapacity], bucket);
                }
            }
            Node::Funding => {
                let read = FUNDING.iter().flat_map(|field| graph.readers_of_any(*field));
                read.for_each(|(_, node)| found(*node));
                if graph.reads_projection && !self.is_projection() {
                    found(graph.number(Node::Projection));
                }
            }
            Node::Projection => {
                let read = PROJECTED.iter().flat_map(|field| graph.readers_of_any(*field));
                read.for_each(|(_, node)| found(*node));
            }
        }
    }

    /// The nodes that an input leads to without a formula.
    #[inline]
    pub(super) fn for_each_owner(&self, cell: Cell, mut found: impl FnMut(u32)) {
        let graph = &self.graph;
        match cell.field {
            Field::KrBaseline | Field::KrTarget | Field::KrActual => {
                found(graph.number(Node::Kr(cell.index)));
            }
            Field::KrWeight => {
                let objective = self.members.objective_of[cell.index as usize];
                found(graph.number(Node::Objective(objective)));
            }
            Field::ObjectiveWeight => self.for_each_above(cell.index, found),
            Field::TeamPeople | Field::TeamLeave | Field::TeamFocus | Field::TeamCapacity => {
                found(graph.number(Node::Capacity(cell.index)));
            }
            Field::BucketShare | Field::BucketFloor | Field::BucketCeiling => {
                let team = self.plan.buckets[cell.index as usize].team;
                found(graph.number(Node::Buckets(team)));
            }
            _ => {}
        }
    }

    fn for_each_above(&self, objective: u32, mut found: impl FnMut(u32)) {
        let above = self.members.above[objective as usize];
        if let Some(team) = above.team {
            found(self.graph.number(Node::Team(team)));
        }
        if let Some(cycle) = above.cycle {
            found(self.graph.number(Node::Cycle(cycle)));
        }
    }
}

pub(super) const KR_CELLS: &[Field] = &[
    Field::KrGrade,
    Field::KrProgress,
    Field::KrConfidence,
    Field::KrPace,
    Field::KrForecast,
    Field::KrForecastGrade,
];
const OBJECTIVE_CELLS: &[Field] =
    &[Field::ObjectiveGrade, Field::ObjectiveCommittedGrade, Field::ObjectiveAspirationalGrade];
const TEAM_CELLS: &[Field] =
    &[Field::TeamGrade, Field::TeamCommittedGrade, Field::TeamAspirationalGrade];
const CYCLE_CELLS: &[Field] =
    &[Field::CycleGrade, Field::CycleCommittedGrade, Field::CycleAspirationalGrade];

/// Calls `found` with every amount that a key result's node evaluates itself.
pub(super) fn for_each_inline(plan: &Plan, index: usize, mut found: impl FnMut(Input)) {
    let kr = &plan.krs[index];
    match kr.grading {
        Grading::Formula(input) => found(input),
        Grading::Steps(first, count) | Grading::Curve(first, count) => {
            for point in &plan.points[first as usize..(first + count) as usize] {
                found(point.at);
                found(point.grade);
            }
        }
        Grading::Milestones(first, count) => {
            for milestone in &plan.milestones[first as usize..(first + count) as usize] {
                found(milestone.grade);
            }
        }
        Grading::Keep(bounds) => {
            let Bounds { low, high } = plan.bounds[bounds as usize];
            low.into_iter().chain(high).for_each(&mut found);
        }
        Grading::Linear { .. } | Grading::Done | Grading::Score => {}
    }
    if let Some(Late::Weekly(cost)) = kr.due.as_ref().and_then(|due| due.late) {
        found(cost);
    }
    for checkin in &plan.checkins[kr.checkins.start as usize..kr.checkins.end as usize] {
        if let Observation::Number(input) = checkin.observation {
            found(input);
        }
        checkin.expecting.into_iter().chain(checkin.confidence).for_each(&mut found);
    }
}
