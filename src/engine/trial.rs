//! What a search over inputs asks of an engine: many values of a cell for many values of inputs,
//! without binding the plan anew for each.

use super::Engine;
use super::bind::KrState;
use super::grade::wanted;
use super::notation::operand_ranges;
use super::portfolio::Funded;
use super::projection::{Effects, for_each_work_input, formula_of, unprojected};
use super::store::{ERROR, NO_DATA, Value, value_of};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Amount, Bounds, CodeOp, Grading, Input};
use crate::source::Place;
use crate::syntax::tree::Binary;

/// A cell compared with a value, `speed.grade >= 0.7`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// The cell on the left.
    pub cell: Cell,
    /// The sign between.
    pub sign: Binary,
    /// The value on the right as it is now, in the cell's unit; `None` if it has none.
    pub value: Option<f64>,
}

impl Engine {
    /// What a formula compares, if it is a cell on the left of a comparison.
    pub fn compared(&self, formula: u32) -> Option<Compared> {
        let code = self.plan.steps(formula);
        let last = code.len().checked_sub(1)?;
        let CodeOp::Binary(sign) = code[last].op else { return None };
        let sides = operand_ranges(code, 0, last);
        let [left, right] = sides.as_slice() else { return None };
        let ([step], true) = (&code[left.0..left.1], sign.compares()) else { return None };
        let CodeOp::Cell(cell, size) = step.op else { return None };
        let value = self.walk(&code[right.0..right.1], None).ok().map(|value| value / size);
        Some(Compared { cell, sign, value })
    }

    /// Whether a bucket takes what the others of its team leave.
    pub fn takes_rest(&self, bucket: u32) -> bool {
        self.graph.rests[bucket as usize]
    }

    /// What scenarios move into a bucket in person-weeks, beside its share of the team's capacity.
    pub fn effort_moved(&self, bucket: u32) -> Option<f64> {
        let moves = self.graph.inputs.moves.iter();
        let own = moves.filter(|it| it.bucket == bucket && it.is_effort);
        own.map(|it| self.amount(it.amount, None).ok().map(|amount| it.sign * amount)).sum()
    }

    /// Whether the shares of buckets count for nothing but funding: no formula reads them, or what
    /// is funded, or what follows from that.
    pub fn shares_only_fund(&self) -> bool {
        let reads = |cell: Cell| {
            matches!(
                cell.field,
                Field::BucketShare
                    | Field::BucketCapacity
                    | Field::BucketDemand
                    | Field::BucketLoad
                    | Field::InitiativeFunded
                    | Field::InitiativePaid
            ) || unprojected(cell).is_some()
        };
        let reads_any = |formula: u32| {
            self.plan.steps(formula).iter().any(|step| match step.op {
                CodeOp::Cell(cell, _) => reads(cell),
                _ => false,
            })
        };
        if !self.graph.ringed.is_empty() || self.graph.any_reader(reads) {
            return false;
        }
        let mut found = false;
        for initiative in &self.plan.initiatives {
            let mut look = |input| found |= formula_of(input).is_some_and(reads_any);
            let mut inputs: Vec<Input> = Vec::new();
            for_each_work_input(initiative, |it| inputs.push(it), |_| {});
            for_each_work_input(initiative, |_| {}, |it| inputs.push(it));
            inputs.into_iter().for_each(&mut look);
        }
        !found
    }

    /// Whether a formula in force reads a cell of which this holds.
    pub fn is_read(&self, holds: impl Fn(Cell) -> bool) -> bool {
        self.graph.any_reader(holds)
    }

    /// Whether a key result without data is left out of means rather than counted as 0.
    pub fn is_skipped_without_data(&self, kr: u32) -> bool {
        self.krs[kr as usize].is(KrState::SKIP_MISSING)
    }

    /// The values at which the grade of a key result bends or jumps; `None` where a formula grades
    /// it, or one of them is not known.
    pub fn bends(&self, kr: u32) -> Option<Vec<f64>> {
        let index = kr as usize;
        let cell = |field| wanted(self.columns.of(field)[index]).ok();
        let amounts = |inputs: &mut dyn Iterator<Item = Input>| -> Option<Vec<f64>> {
            inputs.map(|input| self.amount(input, None).ok()).collect()
        };
        match self.plan.krs[index].grading {
            Grading::Linear { .. } => Some(vec![cell(Field::KrBaseline)?, cell(Field::KrTarget)?]),
            Grading::Steps(first, count) | Grading::Curve(first, count) => {
                let points = &self.plan.points[first as usize..(first + count) as usize];
                let mut bends = amounts(&mut points.iter().map(|point| point.at))?;
                bends.push(cell(Field::KrBaseline)?);
                Some(bends)
            }
            Grading::Score => Some(vec![0.0, 1.0]),
            Grading::Keep(bounds) => {
                let Bounds { low, high } = self.plan.bounds[bounds as usize];
                amounts(&mut low.into_iter().chain(high))
            }
            Grading::Done | Grading::Milestones(..) => Some(Vec::new()),
            Grading::Formula(_) => None,
        }
    }

    /// Sets several inputs to numbers in their units, each over what is in force, and computes
    /// everything again.
    pub fn set_all(&mut self, inputs: &[(Cell, f64)]) {
        for (cell, number) in inputs {
            let place = self.input_in_force(*cell).map_or_else(Place::default, |input| input.place);
            self.set_over(*cell, Input { amount: Amount::Number(*number), place });
        }
        self.rebuild();
    }

    /// Whether a formula reads what is funded or projected.
    pub fn reads_futures(&self) -> bool {
        self.graph.reads_futures()
    }

    /// Tries a number instead of an amount that stands inside a statement, such as an effort; with
    /// none, all is as written again.
    pub fn try_amount(&mut self, tried: Option<(Place, f64)>) {
        self.tried = tried;
        match self.graph.reads_futures() {
            true => self.rebuild(),
            false => self.forget_futures(),
        }
    }

    /// Makes a change that leaves what is funded, and what effects amount to, as they are: neither is
    /// computed again.
    pub fn keeping_work(&mut self, change: impl FnOnce(&mut Self)) {
        let (funding, effects) =
            (std::mem::take(&mut self.funding), std::mem::take(&mut self.effects));
        change(self);
        (self.funding, self.effects) = (funding, effects);
    }

    /// The projected plan on its own, to be changed by [`Engine::put_projected`].
    pub fn to_projected(&self) -> Engine {
        self.project()
    }

    /// Puts a projected value into a projected plan, and computes what follows from it.
    pub fn put_projected(&mut self, kr: u32, value: Value) {
        let cell = Cell { field: Field::KrActual, index: kr };
        if self.columns.set(cell, value.stored()) {
            self.propagate(cell);
        }
    }

    /// The projected values of the key results that the work moves, if this much of it is funded.
    pub fn landed(&self, effects: &Effects, funded: &Funded) -> Vec<(u32, Value)> {
        let landed = self.projected_actuals(effects, funded);
        landed.into_iter().map(|(kr, value)| (kr, value_of(value))).collect()
    }

    /// The share of its effect that a work pays; no data where a pot has no capacity.
    pub(super) fn paid_of(&self, funded: &Funded, place: usize) -> Value {
        let funding = self.funding();
        let initiative = funding.portfolio.works[place].initiative as usize;
        value_of(match funded.paid[place] {
            _ if funding.is_broken(initiative) => ERROR,
            paid if paid.is_nan() => NO_DATA,
            paid => paid,
        })
    }
}
