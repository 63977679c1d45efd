//! What an input can reach, by the plan's structure alone.

use super::Engine;
use super::graph::Node;
use super::projection::unprojected;
use crate::plan::cell::{Cell, Field, Kind};
use crate::plan::model::{Amount, CodeOp, Input, Pays, Point};
use rustc_hash::{FxHashMap, FxHashSet};

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
    /// Whether the numbers of work themselves change, not only what there is for it.
    work: bool,
}

/// How a change reaches a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    /// Whether what is funded changes.
    pub funds: bool,
    /// Whether the numbers of work itself change: efforts, payments, priorities, effects.
    pub work: bool,
    /// The key results that land elsewhere, in order.
    pub krs: Vec<u32>,
}

/// What work hangs on, made ready for many questions.
#[derive(Debug)]
pub struct Reach<'e> {
    engine: &'e Engine,
    /// The places of the work that draws on each pot.
    drawers: Vec<Vec<u32>>,
    /// The places of the work that needs each initiative.
    needing: FxHashMap<u32, Vec<u32>>,
    /// The places of the work with formulas among its numbers.
    reading: Vec<u32>,
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

impl<'e> Reach<'e> {
    /// Makes a plan ready.
    pub fn new(engine: &'e Engine) -> Self {
        let plan = &engine.plan;
        let pots = plan.buckets.len() + plan.teams.len();
        let mut reach = Self {
            engine,
            drawers: vec![Vec::new(); pots],
            needing: Default::default(),
            reading: Vec::new(),
        };
        for (place, work) in (0_u32..).zip(&engine.funding().portfolio.works) {
            let initiative = &plan.initiatives[work.initiative as usize];
            for (_, draw) in &initiative.draws {
                reach.drawers[engine.pot(*draw)].push(place);
            }
            for (needed, _) in &initiative.needs {
                reach.needing.entry(*needed).or_default().push(place);
            }
            let mut formulas = false;
            let mut look = |input: Input| formulas |= matches!(input.amount, Amount::Formula(_));
            initiative.draws.iter().for_each(|(estimate, _)| look(estimate.mean));
            initiative.moves.iter().for_each(|(_, estimate)| look(estimate.mean));
            initiative.closes.iter().for_each(|(estimate, _)| look(estimate.mean));
            points(&initiative.pays)
                .iter()
                .for_each(|it| [it.at, it.grade].into_iter().for_each(&mut look));
            if formulas {
                reach.reading.push(place);
            }
        }
        reach
    }

    /// How a change at an origin may change a cell; `None` if it cannot.
    pub fn way(&self, origin: Origin, cell: Cell) -> Option<Way> {
        let engine = self.engine;
        let mut changed = Changed::default();
        if let Origin::Cell(input) = origin {
            changed.cells = engine.closure([input]);
            engine.leave_siblings(input, &mut changed.cells);
        }
        let stands_on = stands_on(unprojected(cell).unwrap_or(cell));
        let plainly = |changed: &Changed| stands_on.iter().any(|it| changed.cells.contains(it));
        if !cell.field.is_future() && !engine.graph.reads_futures() {
            return plainly(&changed).then(Way::default);
        }
        self.spread(origin, &mut changed);
        let future = engine.future_cells(&changed);
        let plain = |cell: &Cell| !cell.field.is_future();
        let from = changed.cells.iter().copied().filter(plain).chain(future.iter().copied());
        let mut reached = engine.projected().closure(from);
        reached.extend(future);
        if !plainly(&changed) && !stands_on.iter().any(|it| reached.contains(it)) {
            return None;
        }
        let funds = !changed.pots.is_empty() || !changed.initiatives.is_empty();
        let mut krs: Vec<u32> = changed.krs.into_iter().collect();
        krs.sort_unstable();
        Some(Way { funds, work: changed.work, krs })
    }

    /// Follows the change through pots and initiatives to key results: who draws on a pot that
    /// changes, or needs work that does, may be funded otherwise.
    fn spread(&self, origin: Origin, changed: &mut Changed) {
        let engine = self.engine;
        let buckets = engine.plan.buckets.len();
        let works = &engine.funding().portfolio.works;
        let mut todo: Vec<usize> = Vec::new();
        let mut krs: FxHashSet<u32> = FxHashSet::default();
        if let Origin::Draws(initiative) = origin {
            todo.push(initiative as usize);
        }
        if let Origin::Effect(kr) = origin {
            krs.insert(kr);
        }
        for cell in &changed.cells {
            let index = cell.index as usize;
            match cell.field {
                Field::BucketCapacity => drop(changed.pots.insert(index)),
                Field::TeamCapacity => drop(changed.pots.insert(buckets + index)),
                Field::InitiativeFinished | Field::InitiativePriority => todo.push(index),
                Field::InitiativeChance => krs.extend(moved_by(engine, index)),
                Field::KrActual | Field::KrBaseline | Field::KrTarget => {
                    krs.extend(starts_otherwise(engine, *cell).then_some(cell.index));
                }
                _ => {}
            }
        }
        for &place in &self.reading {
            let index = works[place as usize].initiative as usize;
            let initiative = &engine.plan.initiatives[index];
            let reads = |input: Input| engine.reads(input, &changed.cells);
            if initiative.draws.iter().any(|(estimate, _)| reads(estimate.mean))
                || points(&initiative.pays).iter().any(|it| reads(it.at) || reads(it.grade))
            {
                todo.push(index);
            }
            let moves = initiative.moves.iter().map(|(kr, estimate)| (*kr, estimate));
            let closes = initiative.closes.iter().map(|(estimate, kr)| (*kr, estimate));
            let before = krs.len();
            krs.extend(moves.chain(closes).filter(|it| reads(it.1.mean)).map(|it| it.0));
            changed.work |= krs.len() > before;
        }
        changed.work |= !todo.is_empty();
        let drawing =
            |pot: usize| self.drawers[pot].iter().map(|&it| works[it as usize].initiative as usize);
        todo.extend(changed.pots.iter().flat_map(|pot| drawing(*pot)));
        while let Some(index) = todo.pop() {
            let takes_part = engine.funding().places[index].is_some();
            if !takes_part || !changed.initiatives.insert(index) {
                continue;
            }
            let needing = self.needing.get(&(index as u32)).into_iter().flatten();
            todo.extend(needing.map(|&it| works[it as usize].initiative as usize));
            for (_, draw) in &engine.plan.initiatives[index].draws {
                let pot = engine.pot(*draw);
                if changed.pots.insert(pot) {
                    todo.extend(drawing(pot));
                }
            }
        }
        krs.extend(changed.initiatives.iter().flat_map(|index| moved_by(engine, *index)));
        changed.krs = krs;
    }
}

/// The key results that an initiative moves, if it takes part.
fn moved_by(engine: &Engine, index: usize) -> impl Iterator<Item = u32> {
    let initiative = &engine.plan.initiatives[index];
    let takes_part = engine.funding().places[index].is_some();
    let moves = initiative.moves.iter().map(|it| it.0);
    moves.chain(initiative.closes.iter().map(|it| it.1)).filter(move |_| takes_part)
}

/// Whether a moved key result starts from elsewhere, or has another gap to close.
fn starts_otherwise(engine: &Engine, cell: Cell) -> bool {
    let effects = engine.effects().on(cell.index);
    let closed = effects.iter().any(|effect| effect.closes);
    let observed = engine.start(cell.index).is_some_and(|start| start.observed);
    !effects.is_empty()
        && match cell.field {
            Field::KrTarget => closed,
            Field::KrBaseline => closed || !observed,
            _ => true,
        }
}

/// The points of a payment by a curve.
fn points(pays: &Pays) -> &[Point] {
    match pays {
        Pays::Curve(points) => points,
        _ => &[],
    }
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
