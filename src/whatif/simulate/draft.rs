//! Drawing a block of futures: efforts, what is funded of them, and where that moves key results.

use super::super::lanes;
use super::model::{Known, Model, Moved, Push, Step, Task, Variable};
use crate::engine::Value;
use crate::engine::lanes::ROWS;

/// What a thread draws into: columns of a block of futures.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub columns: Vec<Vec<f64>>,
    shared: Vec<Vec<f64>>,
    spare: Vec<f64>,
    gap: Vec<f64>,
}

impl Draft {
    pub fn new(model: &Model) -> Self {
        let column = vec![0.0; ROWS];
        let mut columns = vec![column.clone(); model.columns as usize];
        for (at, value) in &model.constants {
            columns[*at as usize].fill(*value);
        }
        let shared = vec![column.clone(); model.teams.len()];
        Self { columns, shared, spare: column.clone(), gap: column }
    }

    /// Draws the futures from the given one on; a block is as long as `rows`.
    pub fn run(&mut self, model: &Model, first: u64, rows: usize) {
        for (shared, column) in model.teams.iter().zip(&mut self.shared) {
            shared.key.normals(first, &mut column[..rows]);
        }
        for task in &model.tasks {
            self.efforts(model, task, first, rows);
        }
        self.demands(model, rows);
        for (key, probability, column) in &model.chances {
            key.chances(first, *probability, &mut self.columns[*column as usize][..rows]);
        }
        for step in &model.steps {
            match step {
                Step::Open { left, at } => self.columns[*left as usize][..rows].fill(*at),
                Step::Fund(task) => self.fund(model, &model.tasks[*task as usize], rows),
            }
        }
    }

    fn efforts(&mut self, model: &Model, task: &Task, first: u64, rows: usize) {
        for effort in task.efforts.iter().filter(|effort| !effort.drawn.is_empty()) {
            let Known::Column(column) = effort.amount else { continue };
            let mut sum = std::mem::take(&mut self.columns[column as usize]);
            let shared = &self.shared[effort.team as usize][..rows];
            let correlation = model.teams[effort.team as usize].correlation;
            let draw = |variable: &Variable, out: &mut [f64]| {
                variable.key.normals(first, out);
                lanes::draw_together(&variable.distribution, out, shared, correlation);
            };
            if let Some((variable, others)) = effort.drawn.split_first() {
                draw(variable, &mut sum[..rows]);
                for variable in others {
                    draw(variable, &mut self.spare[..rows]);
                    lanes::add(&mut sum[..rows], &self.spare[..rows]);
                }
            }
            if effort.fixed != 0.0 || effort.left != 1.0 {
                sum[..rows].iter_mut().for_each(|it| *it = (effort.fixed + *it) * effort.left);
            }
            self.columns[column as usize] = sum;
        }
    }

    fn demands(&mut self, model: &Model, rows: usize) {
        for pot in &model.pots {
            let Known::Column(column) = pot.demand else { continue };
            if pot.constant_demand {
                continue;
            }
            let mut sum = std::mem::take(&mut self.columns[column as usize]);
            sum[..rows].fill(0.0);
            for (task, effort) in &pot.wants {
                match model.tasks[*task as usize].efforts[*effort as usize].amount {
                    Known::Number(0.0) => {}
                    Known::Number(amount) => sum[..rows].iter_mut().for_each(|it| *it += amount),
                    Known::Column(amount) => {
                        lanes::add(&mut sum[..rows], &self.columns[amount as usize][..rows]);
                    }
                }
            }
            self.columns[column as usize] = sum;
        }
    }

    fn column(&self, known: Known, rows: usize) -> Option<&[f64]> {
        match known {
            Known::Column(column) => Some(&self.columns[column as usize][..rows]),
            Known::Number(_) => None,
        }
    }

    fn fund(&mut self, model: &Model, task: &Task, rows: usize) {
        if self.fund_one(model, task, rows) {
            return self.pay(task, rows);
        }
        if let Known::Column(column) = task.share {
            let mut share = std::mem::take(&mut self.columns[column as usize]);
            self.share(model, task, &mut share[..rows]);
            self.columns[column as usize] = share;
        }
        for effort in &task.efforts {
            let pot = &model.pots[effort.pot as usize];
            let (Known::Column(left), false) = (pot.left, pot.prorata) else { continue };
            let mut remainder = std::mem::take(&mut self.columns[left as usize]);
            if let (Some(share), Some(amount)) =
                (self.column(task.taken, rows), self.column(effort.amount, rows))
            {
                lanes::take(&mut remainder[..rows], share, amount);
            }
            self.columns[left as usize] = remainder;
        }
        self.pay(task, rows);
    }

    /// Funds a work with one effort on one pot that is not shared in proportion; tells whether it is
    /// such a work.
    fn fund_one(&mut self, model: &Model, task: &Task, rows: usize) -> bool {
        let ([effort], Known::Column(share)) = (task.efforts.as_slice(), task.share) else {
            return false;
        };
        let pot = &model.pots[effort.pot as usize];
        let (Known::Column(left), Known::Column(amount), false) =
            (pot.left, effort.amount, pot.prorata)
        else {
            return false;
        };
        let mut remainder = std::mem::take(&mut self.columns[left as usize]);
        let mut shares = std::mem::take(&mut self.columns[share as usize]);
        let amount = &self.columns[amount as usize][..rows];
        lanes::fund(&mut remainder[..rows], amount, &mut shares[..rows]);
        self.columns[left as usize] = remainder;
        self.columns[share as usize] = shares;
        true
    }

    /// What a work pays.
    fn pay(&mut self, task: &Task, rows: usize) {
        // What is paid as it is funded, and needs nothing, is the share itself.
        let Known::Column(column) = task.paid else { return };
        if task.paid == task.share {
            return;
        }
        let mut paid = std::mem::take(&mut self.columns[column as usize]);
        match task.share {
            Known::Column(share) => {
                paid[..rows].copy_from_slice(&self.columns[share as usize][..rows]);
            }
            Known::Number(share) => paid[..rows].fill(share),
        }
        lanes::pay(&task.payment, &mut paid[..rows]);
        for needed in &task.needs {
            if let Some(needed) = self.column(*needed, rows) {
                lanes::withhold(&mut paid[..rows], needed);
            }
        }
        self.columns[column as usize] = paid;
    }

    fn share(&self, model: &Model, task: &Task, share: &mut [f64]) {
        share.fill(1.0);
        for effort in &task.efforts {
            let Some(wanted) = self.column(effort.amount, share.len()) else { continue };
            let pot = &model.pots[effort.pot as usize];
            let rows = share.len();
            match pot.prorata {
                true => {
                    if let Some(demand) = self.column(pot.demand, rows) {
                        lanes::limit_prorata(share, pot.capacity, demand, wanted);
                    }
                }
                false => {
                    if let Some(left) = self.column(pot.left, rows) {
                        lanes::limit(share, left, wanted);
                    }
                }
            }
        }
        lanes::settle(share);
    }

    /// Where a key result lands in each future of the block.
    ///
    /// Tells whether all values are numbers.
    pub fn project(&mut self, moved: &Moved, first: u64, out: &mut [f64]) -> bool {
        let rows = out.len();
        if self.moved_plainly(moved, out) {
            return true;
        }
        let closes = moved.pushes.iter().any(|push| push.closes);
        out.fill(0.0);
        self.gap[..rows].fill(1.0);
        for push in &moved.pushes {
            self.push(push, first, out);
        }
        let start = moved.start;
        if closes {
            for (out, gap) in out.iter_mut().zip(&self.gap) {
                *out = start.projected(*out, *gap);
            }
        } else {
            out.iter_mut().for_each(|it| *it += start.value);
            if start.score {
                out.iter_mut().for_each(|it| *it = it.clamp(0.0, 1.0));
            }
        }
        start.observed || self.without_data(moved, out)
    }

    /// One certain change of an observed value, if the work succeeds and as far as it pays; tells
    /// whether it is that.
    fn moved_plainly(&self, moved: &Moved, out: &mut [f64]) -> bool {
        let (start, [push]) = (moved.start, moved.pushes.as_slice()) else { return false };
        let (Some(chance), Known::Column(paid), None, false) =
            (push.chance, push.paid, &push.amount, push.closes)
        else {
            return false;
        };
        if !start.observed || start.score {
            return false;
        }
        let column = |at: u32| &self.columns[at as usize][..out.len()];
        let (chance, paid) = (column(chance), column(paid));
        lanes::moved(start.value, push.factor, chance, paid, out);
        true
    }

    /// Adds an effect to the change of each future, or to the gap that it leaves.
    fn push(&mut self, push: &Push, first: u64, out: &mut [f64]) {
        let rows = out.len();
        let factor = match push.paid {
            Known::Number(paid) => push.factor * paid,
            Known::Column(_) => push.factor,
        };
        if factor == 0.0 {
            return;
        }
        let mut amount = std::mem::take(&mut self.spare);
        if let Some(variable) = &push.amount {
            variable.key.normals(first, &mut amount[..rows]);
            lanes::draw(&variable.distribution, &mut amount[..rows]);
            if push.closes {
                amount[..rows].iter_mut().for_each(|it| *it = it.clamp(0.0, 1.0));
            }
        }
        let drawn = push.amount.as_ref().map(|_| &amount[..rows]);
        let chance = push.chance.map(|column| &self.columns[column as usize][..rows]);
        let paid = match push.paid {
            Known::Column(paid) => Some(&self.columns[paid as usize][..rows]),
            Known::Number(_) => None,
        };
        let factors: Vec<&[f64]> = [chance, paid, drawn].into_iter().flatten().collect();
        match push.closes {
            true => {
                each_product(factor, &factors, &mut self.gap[..rows], |gap, it| gap * (1.0 - it));
            }
            false => each_product(factor, &factors, out, |sum, it| sum + it),
        }
        self.spare = amount;
    }

    /// A key result has data where one of its initiatives is funded at all; tells whether that is so
    /// in all futures.
    fn without_data(&self, moved: &Moved, out: &mut [f64]) -> bool {
        let always = |push: &Push| matches!(push.funded, Known::Number(funded) if funded > 0.0);
        if moved.pushes.iter().any(always) {
            return true;
        }
        let rows = out.len();
        let funded: Vec<&[f64]> =
            moved.pushes.iter().filter_map(|push| self.column(push.funded, rows)).collect();
        for (row, out) in out.iter_mut().enumerate() {
            if !funded.iter().any(|share| share[row] > 0.0) {
                *out = Value::NoData.stored();
            }
        }
        false
    }
}

/// Combines each value with the product of a factor and columns.
fn each_product(
    factor: f64,
    columns: &[&[f64]],
    out: &mut [f64],
    combine: impl Fn(f64, f64) -> f64,
) {
    match *columns {
        [] => out.iter_mut().for_each(|out| *out = combine(*out, factor)),
        [one] => {
            out.iter_mut().zip(one).for_each(|(out, a)| *out = combine(*out, factor * a));
        }
        [one, other] => {
            for ((out, a), b) in out.iter_mut().zip(one).zip(other) {
                *out = combine(*out, factor * a * b);
            }
        }
        [one, other, third, ..] => {
            for (((out, a), b), c) in out.iter_mut().zip(one).zip(other).zip(third) {
                *out = combine(*out, factor * a * b * c);
            }
        }
    }
}
