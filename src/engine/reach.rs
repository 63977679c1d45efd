//! What an input can reach, by the plan's structure alone.

use super::Engine;
use super::graph::Node;
use super::projection::unprojected;
use crate::plan::cell::{Cell, Field, Kind};
use crate::plan::model::{Amount, CodeOp, Input, Pays};
use rustc_hash::FxHashSet;

/// Where a change begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An input cell.
    Cell(Cell),
    /// What an initiative draws.
    Draws(u32),
    /// What an initiative does to a key result.
    Effect(u32),
}

/// What follows from a change.
#[derive(Debug, Default)]
struct Changed {
    cells: FxHashSet<Cell>,
    pots: FxHashSet<usize>,
    initiatives: FxHashSet<usize>,
    krs: FxHashSet<u32>,
}

impl Engine {
    /// The nodes that follow from some cells, in order; not those in a ring, or behind one, which
    /// are errors whatever happens.
    pub(super) fn affected(&self, cells: impl IntoIterator<Item = Cell>) -> Vec<u32> {
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut todo: Vec<u32> = Vec::new();
        for cell in cells {
            todo.extend(self.graph.readers(cell).iter().map(|(_, node)| *node));
            self.for_each_owner(cell, |node| todo.push(node));
        }
        while let Some(node) = todo.pop() {
            if seen.insert(node) {
                self.for_each_dependent(self.graph.node(node), |next| todo.push(next));
            }
        }
        let ringed: FxHashSet<u32> = self.graph.ringed.iter().copied().collect();
        let mut nodes: Vec<u32> = seen.into_iter().filter(|node| !ringed.contains(node)).collect();
        nodes.sort_unstable_by_key(|node| self.graph.rank[*node as usize]);
        nodes
    }

    /// The cells that a node computes.
    pub(super) fn cells_of(&self, node: Node) -> Vec<Cell> {
        let each = |fields: &[Field], index| {
            fields.iter().map(|field| Cell { field: *field, index }).collect::<Vec<_>>()
        };
        match node {
            Node::Formula(index) => vec![self.graph.formulas[index as usize].cell],
            Node::Kr(index) => each(&[Field::KrGrade], index),
            Node::Objective(index) => each(OBJECTIVE, index),
            Node::Team(index) => each(TEAM, index),
            Node::Cycle(index) => each(CYCLE, index),
            Node::Capacity(index) => each(&[Field::TeamCapacity], index),
            Node::Buckets(index) => self.plan.teams[index as usize]
                .buckets
                .clone()
                .flat_map(|index| each(&[Field::BucketShare, Field::BucketCapacity], index))
                .collect(),
            Node::Funding | Node::Projection => Vec::new(),
        }
    }

    /// Whether a change at an origin may change a cell.
    pub fn reaches(&self, origin: Origin, cell: Cell) -> bool {
        let mut changed = Changed::default();
        if let Origin::Cell(input) = origin {
            changed.cells = self.closure([input]);
            self.leave_siblings(input, &mut changed.cells);
        }
        if !is_future(cell) && !self.graph.reads_futures() {
            return stands_on(cell).iter().any(|it| changed.cells.contains(it));
        }
        match origin {
            Origin::Draws(initiative) => drop(changed.initiatives.insert(initiative as usize)),
            Origin::Effect(kr) => drop(changed.krs.insert(kr)),
            Origin::Cell(_) => {}
        }
        self.spread(&mut changed);
        let future = self.future_cells(&changed);
        let world = self.projected();
        let plain = |cell: &Cell| !is_future(*cell);
        let from = changed.cells.iter().copied().filter(plain).chain(future.iter().copied());
        let mut reached = world.closure(from);
        reached.extend(future);
        let cell = unprojected(cell).unwrap_or(cell);
        stands_on(cell).iter().any(|it| reached.contains(it) || changed.cells.contains(it))
    }

    /// A share changes its own bucket and the one that takes the rest, though all buckets of a team
    /// are computed together.
    fn leave_siblings(&self, input: Cell, cells: &mut FxHashSet<Cell>) {
        if input.field != Field::BucketShare {
            return;
        }
        let team = self.plan.buckets[input.index as usize].team as usize;
        for index in self.plan.teams[team].buckets.clone() {
            if index != input.index && !self.takes_rest(index) {
                cells.remove(&Cell { field: Field::BucketShare, index });
                cells.remove(&Cell { field: Field::BucketCapacity, index });
            }
        }
    }

    /// Some cells and all that are computed from them.
    fn closure(&self, cells: impl IntoIterator<Item = Cell>) -> FxHashSet<Cell> {
        let mut closure: FxHashSet<Cell> = cells.into_iter().collect();
        for node in self.affected(closure.iter().copied().collect::<Vec<_>>()) {
            closure.extend(self.cells_of(self.graph.node(node)));
        }
        closure
    }

    fn reads(&self, input: Input, cells: &FxHashSet<Cell>) -> bool {
        let Amount::Formula(formula) = input.amount else { return false };
        self.plan.steps(formula).iter().any(|step| match step.op {
            CodeOp::Cell(cell, _) => stands_on(cell).iter().any(|it| cells.contains(it)),
            _ => false,
        })
    }

    /// Follows the change through pots and initiatives to key results: who draws on a pot that
    /// changes, or comes after work that does, may be funded otherwise.
    fn spread(&self, changed: &mut Changed) {
        let plan = &self.plan;
        let has = |changed: &Changed, field, index: usize| {
            changed.cells.contains(&Cell::new(field, index))
        };
        for bucket in 0..plan.buckets.len() {
            if has(changed, Field::BucketCapacity, bucket) {
                changed.pots.insert(bucket);
            }
        }
        for team in 0..plan.teams.len() {
            if has(changed, Field::TeamCapacity, team) {
                changed.pots.insert(plan.buckets.len() + team);
            }
        }
        let works = &self.funding().portfolio.works;
        loop {
            let before = (changed.pots.len(), changed.initiatives.len());
            for work in works {
                let index = work.initiative as usize;
                let initiative = &plan.initiatives[index];
                let draws = || initiative.draws.iter().map(|(_, draw)| self.pot(*draw));
                let mut own = initiative.draws.iter().map(|(estimate, _)| estimate.mean);
                let pays = match &initiative.pays {
                    Pays::Curve(points) => points.as_slice(),
                    _ => &[],
                };
                let otherwise = changed.initiatives.contains(&index)
                    || has(changed, Field::InitiativeFinished, index)
                    || has(changed, Field::InitiativePriority, index)
                    || draws().any(|pot| changed.pots.contains(&pot))
                    || initiative
                        .needs
                        .iter()
                        .any(|it| changed.initiatives.contains(&(it.0 as usize)))
                    || own.any(|input| self.reads(input, &changed.cells))
                    || pays.iter().any(|it| {
                        self.reads(it.at, &changed.cells) || self.reads(it.grade, &changed.cells)
                    });
                if otherwise {
                    changed.initiatives.insert(index);
                    changed.pots.extend(draws());
                }
            }
            if before == (changed.pots.len(), changed.initiatives.len()) {
                break;
            }
        }
        for work in works {
            self.spread_to_krs(work.initiative as usize, changed);
        }
    }

    fn spread_to_krs(&self, index: usize, changed: &mut Changed) {
        let initiative = &self.plan.initiatives[index];
        let moves = initiative.moves.iter().map(|(kr, estimate)| (*kr, estimate));
        let closes = initiative.closes.iter().map(|(estimate, kr)| (*kr, estimate));
        let chance = changed.cells.contains(&Cell::new(Field::InitiativeChance, index));
        for (kr, estimate) in moves.chain(closes) {
            if chance
                || changed.initiatives.contains(&index)
                || self.reads(estimate.mean, &changed.cells)
                || self.starts_otherwise(kr, changed)
            {
                changed.krs.insert(kr);
            }
        }
    }

    /// Whether a moved key result starts from elsewhere, or has another gap to close.
    fn starts_otherwise(&self, kr: u32, changed: &Changed) -> bool {
        let has = |field| changed.cells.contains(&Cell { field, index: kr });
        let closed = self.effects().on(kr).iter().any(|effect| effect.closes);
        let observed = self.start(kr).is_some_and(|start| start.observed);
        has(Field::KrActual)
            || (closed && has(Field::KrTarget))
            || ((closed || !observed) && has(Field::KrBaseline))
    }

    /// The cells of funding and the projected values that a change reaches at once.
    fn future_cells(&self, changed: &Changed) -> Vec<Cell> {
        let mut cells: Vec<Cell> =
            changed.krs.iter().map(|kr| Cell { field: Field::KrActual, index: *kr }).collect();
        let buckets = changed.pots.iter().filter(|pot| **pot < self.plan.buckets.len());
        for &bucket in buckets {
            cells.push(Cell::new(Field::BucketDemand, bucket));
            cells.push(Cell::new(Field::BucketLoad, bucket));
        }
        for &initiative in &changed.initiatives {
            cells.push(Cell::new(Field::InitiativeFunded, initiative));
            cells.push(Cell::new(Field::InitiativePaid, initiative));
        }
        cells
    }
}

/// Whether a cell is of funding, or projected.
fn is_future(cell: Cell) -> bool {
    unprojected(cell).is_some()
        || matches!(
            cell.field,
            Field::BucketDemand
                | Field::BucketLoad
                | Field::InitiativeFunded
                | Field::InitiativePaid
        )
}

/// The kept cells that a cell stands on: itself, or what it is computed from when it is read.
fn stands_on(cell: Cell) -> Vec<Cell> {
    let computed = matches!(
        cell.field,
        Field::KrProgress
            | Field::KrConfidence
            | Field::KrPace
            | Field::KrForecast
            | Field::KrForecastGrade
    );
    match computed && cell.kind() == Kind::Kr {
        true => [Field::KrGrade, Field::KrActual, Field::KrBaseline, Field::KrTarget]
            .map(|field| Cell { field, ..cell })
            .to_vec(),
        false => vec![cell],
    }
}

const OBJECTIVE: &[Field] =
    &[Field::ObjectiveGrade, Field::ObjectiveCommittedGrade, Field::ObjectiveAspirationalGrade];
const TEAM: &[Field] = &[Field::TeamGrade, Field::TeamCommittedGrade, Field::TeamAspirationalGrade];
const CYCLE: &[Field] =
    &[Field::CycleGrade, Field::CycleCommittedGrade, Field::CycleAspirationalGrade];
