//! Where the funded work brings the plan: the same engine with every actual as projected
//! (`capacity.md`, "Projection").

use super::Engine;
use super::bind::KrState;
use super::funding::{noted, within};
use super::grade::{Stop, wanted};
use super::portfolio::Funded;
use super::store::{ERROR, NO_DATA, Value, value_of};
use crate::diagnostic::Problem;
use crate::plan::cell::{Cell, Field, Range};
use crate::plan::model::{Amount, Estimate, Grading, Input, KrKind};
use std::sync::{Arc, OnceLock};

/// What one initiative does to one key result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The place of the work in the portfolio.
    pub work: u32,
    /// The key result.
    pub kr: u32,
    /// By how much, in the key result's unit, or the share of the gap that it closes.
    pub amount: f64,
    /// Whether it closes a share of the gap.
    pub closes: bool,
    /// Which of the initiative's `moves` or `closes` it is.
    pub line: u32,
}

/// What the work does to the key results that it moves.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// All effects, by key result, `moves` before `closes`, then file order.
    pub effects: Vec<Effect>,
    /// Key results with an effect whose numbers are wrong.
    pub spoilt: Vec<u32>,
    /// What is wrong with the numbers.
    pub(super) problems: Vec<Problem>,
}

/// A key result that is moved: where it starts, and the way to its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// The actual, without data the baseline.
    pub value: f64,
    /// Whether it has data.
    pub observed: bool,
    /// The target; a NaN where it has none.
    pub target: f64,
    /// 1 where the target lies above the baseline, else −1.
    pub way: f64,
    /// Whether it is a score, which stays within 0..1.
    pub score: bool,
}

impl Start {
    /// The projected value after a sum of changes and a product of the shares of the gap that stay.
    #[inline]
    pub fn projected(&self, change: f64, gap_left: f64) -> f64 {
        let mut value = self.value + change;
        if gap_left != 1.0 {
            let gap = ((self.target - value) * self.way).max(0.0);
            value += self.way * gap * (1.0 - gap_left);
        }
        if self.score { value.clamp(0.0, 1.0) } else { value }
    }
}

impl Engine {
    /// The plan as the funded work leaves it; computed when it is first asked for. In it, every
    /// actual is the projected one, lateness does not count, and funding stands as it is here.
    pub fn projected(&self) -> &Engine {
        self.projection.get_or_init(|| Box::new(self.project()))
    }

    /// Whether this is the plan as the funded work leaves it.
    pub(super) fn is_projection(&self) -> bool {
        self.is_projection
    }

    /// What the work that takes part does to key results; computed when it is first asked for.
    pub fn effects(&self) -> &Effects {
        self.effects.get_or_init(|| self.all_effects())
    }

    fn all_effects(&self) -> Effects {
        let mut effects = Effects::default();
        for (place, work) in (0_u32..).zip(&self.funding().portfolio.works) {
            let initiative = &self.plan.initiatives[work.initiative as usize];
            for (line, (kr, change)) in (0_u32..).zip(&initiative.moves) {
                let amount = self.amount(change.mean, None);
                effects
                    .add(amount, Effect { work: place, kr: *kr, amount: 0.0, closes: false, line });
            }
            for (line, (share, kr)) in (0_u32..).zip(&initiative.closes) {
                let amount = self.closing(share);
                effects
                    .add(amount, Effect { work: place, kr: *kr, amount: 0.0, closes: true, line });
            }
        }
        let file_order = |effect: &Effect| {
            let work = &self.funding().portfolio.works[effect.work as usize];
            (effect.kr, effect.closes, work.initiative, effect.line)
        };
        effects.effects.sort_by_key(file_order);
        effects
    }

    fn closing(&self, share: &Estimate) -> Result<f64, Stop> {
        let what = "the share that it closes";
        within(self.amount(share.mean, None), Range::Share, what, share.mean)
    }

    /// Where a moved key result starts.
    pub fn start(&self, kr: u32) -> Option<Start> {
        let index = kr as usize;
        let number = |field| wanted(self.columns.of(field)[index]);
        let (actual, baseline) = (number(Field::KrActual), number(Field::KrBaseline).ok()?);
        let (value, observed) = match actual {
            Ok(actual) => (actual, true),
            Err(Stop::NoData) => (baseline, false),
            Err(_) => return None,
        };
        let target = match number(Field::KrTarget) {
            Ok(target) => target,
            Err(Stop::NoData) if !self.plan.krs[index].has_target => f64::NAN,
            Err(_) => f64::NAN,
        };
        let way = if target < baseline { -1.0 } else { 1.0 };
        let score = self.plan.krs[index].grading == Grading::Score;
        Some(Start { value, observed, target, way, score })
    }

    /// Whether a formula of the projected plan reads a cell.
    pub fn projection_reads(&self, cell: Cell) -> bool {
        !self.projected().graph.readers(cell).is_empty()
    }

    /// Whether a key result keeps its grade whatever is funded.
    pub fn stays(&self, kr: usize) -> bool {
        let state = self.krs[kr];
        state.is(KrState::NOT_APPLICABLE)
            || state.is(KrState::DECLINED)
            || !self.plan.krs[kr].grading.is_numeric()
    }

    /// The value that a key result would have with other funding; `None` without one.
    pub fn projected_by(&self, funded: &Funded, kr: u32) -> Option<f64> {
        let actual = Cell { field: Field::KrActual, index: kr };
        match self.landed_at(kr, self.effects(), funded) {
            Some(value) => value.number(),
            None => self.read(actual).number(),
        }
    }

    /// The grade that a key result would have in the projected plan with another value, and with
    /// another target if one is given.
    pub fn grade_if_projected(&self, kr: usize, value: f64, target: Option<f64>) -> Option<f64> {
        self.projected().grade_if(kr, value, target)
    }

    /// The projected values of the key results that the work moves.
    pub(super) fn projected_actuals(&self, effects: &Effects, funded: &Funded) -> Vec<(u32, f64)> {
        let of_krs = effects.effects.chunk_by(|a, b| a.kr == b.kr);
        let mut moved: Vec<(u32, f64)> = of_krs
            .filter(|of_kr| !effects.spoilt.contains(&of_kr[0].kr))
            .filter_map(|of_kr| Some((of_kr[0].kr, self.projected_actual(of_kr, funded)?)))
            .collect();
        moved.extend(effects.spoilt.iter().map(|kr| (*kr, ERROR)));
        moved
    }

    /// Where all its effects bring a key result; `None` if it stays as it is.
    fn projected_actual(&self, of_kr: &[Effect], funded: &Funded) -> Option<f64> {
        let kr = of_kr.first()?.kr;
        if self.stays(kr as usize) {
            return None;
        }
        let works = &self.funding().portfolio.works;
        let start = self.start(kr)?;
        let (mut change, mut gap_left, mut touched) = (0.0, 1.0, start.observed);
        let mut sound = true;
        for effect in of_kr {
            let place = effect.work as usize;
            let work = &works[place];
            let chance =
                self.columns.get(Cell::new(Field::InitiativeChance, work.initiative as usize));
            let paid = self.paid_of(funded, place);
            match (paid, value_of(chance)) {
                (Value::Number(paid), Value::Number(chance)) => {
                    let sure = chance * paid * work.left * effect.amount;
                    match effect.closes {
                        true => gap_left *= 1.0 - sure,
                        false => change += sure,
                    }
                    touched |= funded.shares[place] > 0.0;
                }
                (Value::NoData, Value::Number(_)) => {}
                _ => sound = false,
            }
        }
        Some(match (sound, touched) {
            (false, _) => ERROR,
            (true, false) => NO_DATA,
            (true, true) => start.projected(change, gap_left),
        })
    }

    /// Where a key result lands with these effects if this much is funded; `None` if it stays where
    /// it is.
    pub fn landed_at(&self, kr: u32, effects: &Effects, funded: &Funded) -> Option<Value> {
        match effects.spoilt.contains(&kr) {
            true => Some(Value::Error),
            false => self.projected_actual(effects.on(kr), funded).map(value_of),
        }
    }

    pub(super) fn project(&self) -> Engine {
        let mut world = self.fork();
        world.is_projection = true;
        for (field, count) in [
            (Field::BucketDemand, self.plan.buckets.len()),
            (Field::BucketLoad, self.plan.buckets.len()),
            (Field::InitiativeFunded, self.plan.initiatives.len()),
            (Field::InitiativePaid, self.plan.initiatives.len()),
        ] {
            world.columns.fill(field, count, NO_DATA);
            for index in 0..count {
                let cell = Cell::new(field, index);
                let value = self.funding_cell(cell).unwrap_or(Value::NoData);
                world.columns.set(cell, value.stored());
            }
        }
        for (kr, value) in self.projected_actuals(self.effects(), &self.funding().funded) {
            let cell = Cell { field: Field::KrActual, index: kr };
            world.graph.inputs.formulas.remove(&cell);
            world.columns.set(cell, value);
        }
        world.late = self
            .late
            .iter()
            .filter(|(kr, _)| !self.plan.krs[**kr as usize].grading.is_numeric())
            .map(|(kr, history)| (*kr, history.clone()))
            .collect();
        world.link();
        world.recalculate();
        world
    }

    /// The bound inputs once more, nothing computed from them yet.
    pub(super) fn fork(&self) -> Engine {
        let mut graph = super::graph::Graph::default();
        graph.inputs = self.graph.inputs.clone();
        graph.rests = self.graph.rests.clone();
        Engine {
            kept: Default::default(),
            plan: Arc::clone(&self.plan),
            moment: self.moment,
            options: self.options,
            columns: self.columns.clone(),
            krs: self.krs.clone(),
            newest: self.newest.clone(),
            objective_status: self.objective_status.clone(),
            kr_status: self.kr_status.clone(),
            templates: super::Templates::default(),
            ruled: Arc::clone(&self.ruled),
            graph,
            members: super::rollup::Members::default(),
            late: Default::default(),
            earlier: None,
            problems: Default::default(),
            binding: Vec::new(),
            funding: OnceLock::new(),
            effects: OnceLock::new(),
            projection: OnceLock::new(),
            is_projection: self.is_projection,
            tried: self.tried,
            time_left: self.time_left,
        }
    }

    /// A projected cell: what it is in the projected plan.
    pub(super) fn projected_cell(&self, cell: Cell) -> Option<Value> {
        let plain = unprojected(cell)?;
        let kr = cell.index as usize;
        if cell.field == Field::KrProjected && self.stays(kr) {
            return Some(Value::NoData);
        }
        Some(match self.is_projection() {
            true => self.read(plain),
            false => self.projected().read(plain),
        })
    }

    /// What is wrong in the projected plan and not in this one.
    pub fn projection_problems(&self) -> Vec<Problem> {
        let known = self.problems();
        let new = |problem: &Problem| !known.iter().any(|it| it.message == problem.message);
        self.projected().problems().into_iter().filter(new).collect()
    }

    /// What is wrong with the numbers of initiatives, each once.
    pub(super) fn work_problems(&self) -> Vec<Problem> {
        if self.is_projection() || self.plan.initiatives.is_empty() {
            return Vec::new();
        }
        let mut problems = self.funding().problems.clone();
        problems.extend(self.effects().problems.iter().cloned());
        problems
    }

    /// Whether a key result is a guardrail that its projected value breaks.
    pub fn breaks_when_projected(&self, kr: usize) -> bool {
        self.plan.krs[kr].kind == KrKind::Guardrail && self.projected().is_broken(kr)
    }
}

impl Effects {
    fn add(&mut self, amount: Result<f64, Stop>, effect: Effect) {
        match amount {
            // What reads a cell without data does nothing until there is some.
            Err(Stop::NoData) => {}
            amount => match noted(amount, &mut self.problems) {
                Some(amount) => self.effects.push(Effect { amount, ..effect }),
                None => self.spoilt.push(effect.kr),
            },
        }
    }

    /// The effects on one key result.
    pub fn on(&self, kr: u32) -> &[Effect] {
        let start = self.effects.partition_point(|effect| effect.kr < kr);
        let count = self.effects[start..].partition_point(|effect| effect.kr == kr);
        &self.effects[start..start + count]
    }
}

/// The cell that a projected one is in the projected plan.
pub(super) fn unprojected(cell: Cell) -> Option<Cell> {
    let field = match cell.field {
        Field::KrProjected => Field::KrActual,
        Field::KrProjectedGrade => Field::KrGrade,
        Field::ObjectiveProjectedGrade => Field::ObjectiveGrade,
        Field::TeamProjectedGrade => Field::TeamGrade,
        Field::CycleProjectedGrade => Field::CycleGrade,
        _ => return None,
    };
    Some(Cell { field, ..cell })
}

/// The formulas of an initiative's effects, and those of its efforts and payments.
pub(super) fn for_each_work_input(
    initiative: &crate::plan::model::Initiative,
    mut effort: impl FnMut(Input),
    mut effect: impl FnMut(Input),
) {
    use crate::plan::model::Pays;
    initiative.draws.iter().for_each(|(estimate, _)| effort(estimate.mean));
    if let Pays::Curve(points) = &initiative.pays {
        points.iter().flat_map(|point| [point.at, point.grade]).for_each(&mut effort);
    }
    initiative.moves.iter().for_each(|(_, estimate)| effect(estimate.mean));
    initiative.closes.iter().for_each(|(estimate, _)| effect(estimate.mean));
}

/// The formula of an amount, if it is one.
pub(super) fn formula_of(input: Input) -> Option<u32> {
    match input.amount {
        Amount::Formula(formula) => Some(formula),
        _ => None,
    }
}
