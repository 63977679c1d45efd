//! From nodes of the graph to steps.

use super::super::Engine;
use super::super::bind::KrState;
use super::super::formula::{Slot, Templates};
use super::super::grade::wanted;
use super::super::graph::{Node, for_each_inline};
use super::super::projection::unprojected;
use super::super::store::{ERROR, NO_DATA};
use super::means::{Means, Shape};
use super::{Lanes, Lowered, Rule, Source, Step, What};
use crate::plan::cell::{Cell, Field, Kind, Range};
use crate::plan::model::{Amount, CodeOp, Grading, Input};
use rustc_hash::FxHashMap;

pub(super) fn scalar(world: &Engine, given: Vec<Cell>) -> Lanes<'_> {
    let mut lowering = Lowering::new(world, given);
    let nodes = world.affected(lowering.lanes.given.iter().copied());
    for &node in &nodes {
        for cell in world.cells_of(world.graph.node(node)) {
            lowering.column_of(cell);
        }
    }
    lowering.lanes.scalar = Some(nodes);
    lowering.lanes
}

pub(super) fn lower(world: &Engine, given: Vec<Cell>) -> Lanes<'_> {
    let mut lowering = Lowering::new(world, given);
    let nodes = world.affected(lowering.lanes.given.iter().copied());
    for &number in &nodes {
        match world.graph.node(number) {
            Node::Formula(index) => lowering.formula(index),
            Node::Kr(index) => lowering.kr(index as usize),
            Node::Objective(index) => lowering.means(Means::of_objective(&lowering, index)),
            Node::Team(index) => lowering.means(Means::of_team(&lowering, index)),
            Node::Cycle(index) => lowering.means(Means::of_cycle(&lowering, index)),
            // Capacities that follow from grades are too rare to be lowered.
            Node::Capacity(_) | Node::Buckets(_) => return scalar(world, lowering.lanes.given),
            Node::Funding | Node::Projection => {}
        }
    }
    lowering.lanes
}

/// Lanes in the making.
pub(super) struct Lowering<'e> {
    pub world: &'e Engine,
    lanes: Lanes<'e>,
}

impl<'e> Lowering<'e> {
    fn new(world: &'e Engine, given: Vec<Cell>) -> Self {
        let lanes = Lanes {
            world,
            given: given.clone(),
            columns: 0,
            of_cell: FxHashMap::default(),
            steps: Vec::new(),
            templates: Templates::default(),
            scalar: None,
        };
        let mut lowering = Self { world, lanes };
        for cell in given {
            lowering.column_of(cell);
        }
        lowering
    }

    fn column(&mut self) -> u32 {
        self.lanes.columns += 1;
        self.lanes.columns - 1
    }

    fn column_of(&mut self, cell: Cell) -> u32 {
        let column = self.column();
        self.lanes.of_cell.insert(cell, Source::Column(column));
        column
    }

    pub fn source(&self, cell: Cell) -> Source {
        self.lanes.source(cell)
    }

    /// The columns behind cells, each once.
    pub fn reads(&self, cells: impl IntoIterator<Item = Cell>) -> Vec<(Cell, u32)> {
        let mut reads: Vec<(Cell, u32)> = Vec::new();
        for cell in cells {
            let cell = unprojected(cell).unwrap_or(cell);
            if let Source::Column(column) = self.source(cell)
                && !reads.contains(&(cell, column))
            {
                reads.push((cell, column));
            }
        }
        reads
    }

    /// The cells that a formula reads, with those behind cells that are computed when read.
    fn cells_read(&self, formula: u32, cells: &mut Vec<Cell>) {
        for step in self.world.plan.steps(formula) {
            let CodeOp::Cell(cell, _) = step.op else { continue };
            let cell = unprojected(cell).unwrap_or(cell);
            if cells.contains(&cell) {
                continue;
            }
            cells.push(cell);
            if !self.is_kept(cell) && cell.kind() == Kind::Kr {
                self.cells_behind(cell.index as usize, cells);
            }
        }
    }

    /// The cells that a key result's grade follows from, and the grade.
    fn cells_behind(&self, kr: usize, cells: &mut Vec<Cell>) {
        for field in [Field::KrActual, Field::KrBaseline, Field::KrTarget, Field::KrGrade] {
            let cell = Cell::new(field, kr);
            if !cells.contains(&cell) {
                cells.push(cell);
            }
        }
        let mut formulas = Vec::new();
        for_each_inline(&self.world.plan, kr, |input| {
            if let Amount::Formula(formula) = input.amount {
                formulas.push(formula);
            }
        });
        formulas.into_iter().for_each(|formula| self.cells_read(formula, cells));
    }

    fn is_kept(&self, cell: Cell) -> bool {
        self.world.columns.has(cell.field) && cell.field != Field::BucketShare
    }

    /// Whether an amount is the same in all futures.
    fn is_fixed(&self, input: Input) -> bool {
        let Amount::Formula(formula) = input.amount else { return true };
        let mut cells = Vec::new();
        self.cells_read(formula, &mut cells);
        self.reads(cells).is_empty()
    }

    fn lowered(&mut self, formula: u32, range: Range) -> Option<Lowered> {
        let mut slots: Vec<Slot> = Vec::new();
        let code = self.world.plan.steps(formula);
        let template = self.lanes.templates.of(code, &mut slots, Slot::Read)?;
        let mut sources = Vec::with_capacity(slots.len());
        for slot in slots {
            sources.push(match slot {
                Slot::Number(number) => (Source::Number(number), 1.0),
                Slot::Column(..) => return None,
                Slot::Read(cell, size) => {
                    let mut behind = Vec::new();
                    let plain = unprojected(cell).unwrap_or(cell);
                    if !self.is_kept(plain) && plain.kind() == Kind::Kr {
                        self.cells_behind(plain.index as usize, &mut behind);
                    }
                    if !self.reads(behind).is_empty() {
                        return None;
                    }
                    (self.source(cell), size)
                }
            });
        }
        let size = self.world.plan.formulas[formula as usize].size;
        Some(Lowered { formula, template, slots: sources, size, range })
    }

    fn formula(&mut self, index: u32) {
        let at = self.world.graph.formulas[index as usize];
        let mut cells = Vec::new();
        self.cells_read(at.formula, &mut cells);
        let reads = self.reads(cells);
        let what = match self.lowered(at.formula, at.cell.field.entry().range) {
            // A capacity is scaled by the time that is left, which the engine knows.
            Some(lowered) if at.cell.field != Field::TeamCapacity => {
                What::Formula(lowered, at.cell)
            }
            _ => What::FormulaWalked(at.formula, at.cell),
        };
        let out = self.column_of(at.cell);
        self.lanes.steps.push(Step { what, out, reads });
    }

    fn kr(&mut self, kr: usize) {
        let grade = Cell::new(Field::KrGrade, kr);
        let state = self.world.krs[kr];
        let fixed = match () {
            () if state.is(KrState::NOT_APPLICABLE) || state.is(KrState::DECLINED) => Some(NO_DATA),
            () if self.world.plan.krs[kr].broken => Some(ERROR),
            () => None,
        };
        let mut cells = Vec::new();
        self.cells_behind(kr, &mut cells);
        cells.retain(|cell| *cell != grade);
        let reads = self.reads(cells);
        if let Some(fixed) = fixed.or((reads.is_empty()).then(|| self.world.columns.get(grade))) {
            self.lanes.of_cell.insert(grade, Source::Number(fixed));
            return;
        }
        let rule = self.rule(kr).unwrap_or(Rule::Engine);
        let out = self.column_of(grade);
        self.lanes.steps.push(Step { what: What::Grade(rule, kr as u32), out, reads });
    }

    /// How a key result is graded by a loop, if it can be.
    fn rule(&mut self, kr: usize) -> Option<Rule> {
        let plan = &self.world.plan;
        let cell = |field| Cell::new(field, kr);
        let source = |field| self.source(cell(field));
        let (actual, baseline) = (source(Field::KrActual), source(Field::KrBaseline));
        let target = source(Field::KrTarget);
        let still = matches!((baseline, target), (Source::Number(_), Source::Number(_)));
        // Equal ends are an error, which the engine words; here they go its way.
        let stuck = plan.krs[kr].has_target && still && baseline == target;
        match plan.krs[kr].grading {
            _ if self.world.late.contains_key(&(kr as u32)) || stuck => None,
            Grading::Linear { uncapped } => {
                Some(Rule::Linear { actual, baseline, target, uncapped })
            }
            Grading::Score => Some(Rule::Score { actual }),
            Grading::Keep(bounds) => {
                let bounds = plan.bounds[bounds as usize];
                let end = |input: Option<Input>, open: f64| match input {
                    None => Some(open),
                    Some(input) if self.is_fixed(input) => self.world.amount(input, None).ok(),
                    Some(_) => None,
                };
                let low = end(bounds.low, f64::NEG_INFINITY)?;
                Some(Rule::Keep { actual, low, high: end(bounds.high, f64::INFINITY)? })
            }
            Grading::Steps(first, count) if still => {
                let (points, way) = self.points(kr, first, count)?;
                Some(Rule::Steps { actual, points, way })
            }
            Grading::Curve(first, count) if still => {
                let (mut points, way) = self.points(kr, first, count)?;
                let Source::Number(baseline) = baseline else { return None };
                let baseline = wanted(baseline).ok()?;
                if points.first().is_some_and(|(at, _)| (at - baseline) * way > 0.0) {
                    points.insert(0, (baseline, 0.0));
                }
                Some(Rule::Curve { actual, points, way })
            }
            Grading::Formula(Input { amount: Amount::Formula(formula), .. })
                if !plan.krs[kr].has_target || still =>
            {
                self.lowered(formula, Range::Any).map(Rule::Formula)
            }
            _ => None,
        }
    }

    /// The points of steps or a curve that are the same in all futures.
    fn points(&self, kr: usize, first: u32, count: u32) -> Option<(Vec<(f64, f64)>, f64)> {
        let stated = &self.world.plan.points[first as usize..(first + count) as usize];
        if !stated.iter().all(|point| self.is_fixed(point.at) && self.is_fixed(point.grade)) {
            return None;
        }
        self.world.fixed_points(kr, first, count)
    }

    fn means(&mut self, mut means: Means) {
        let reads = self.reads(means.reads.iter().copied());
        let mut joint = Source::Number(NO_DATA);
        let mut columns = 0;
        for (part, cell) in means.parts.iter_mut().zip(means.cells) {
            let source = match part.shape {
                Shape::Fixed => Source::Number(self.world.columns.get(cell)),
                Shape::LikeJoint => joint,
                Shape::Sum => {
                    part.out = self.column();
                    columns += 1;
                    Source::Column(part.out)
                }
            };
            if cell == means.cells[0] {
                joint = source;
            }
            self.lanes.of_cell.insert(cell, source);
        }
        if columns > 0 {
            let out = means.parts[0].out;
            self.lanes.steps.push(Step { what: What::Means(means), out, reads });
        }
    }
}
