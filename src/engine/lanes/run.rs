//! The code at work on a block of futures.

use super::super::Engine;
use super::super::grade::{Stop, linear};
use super::super::rollup::Members;
use super::super::store::ERROR;
use super::super::walk::Missing;
use super::{Bench, Lanes, Lowered, ROWS, Rule, Source, Step, What};
use crate::plan::cell::{Cell, Field};
use crate::plan::out_of_range;
use multiversion::multiversion;

impl Lanes<'_> {
    /// Computes what follows from the given columns in the first rows of a block.
    pub fn run(&self, rows: usize, bench: &mut Bench) {
        for column in 0..self.given.len() as u32 {
            if !bench.clean[column as usize] {
                bench.judge(column, rows);
            }
        }
        if let Some(nodes) = &self.scalar {
            return self.run_scalar(nodes, rows, bench);
        }
        for step in &self.steps {
            match &step.what {
                What::Formula(lowered, cell) => {
                    self.run_formula(lowered, step.out, rows, bench);
                    let again = bench.without_number(step.out, rows);
                    self.by_engine(step, &again, bench, |world| {
                        world.result_for(*cell, lowered.formula)
                    });
                }
                What::FormulaWalked(formula, cell) => {
                    let all: Vec<usize> = (0..rows).collect();
                    self.by_engine(step, &all, bench, |world| world.result_for(*cell, *formula));
                }
                What::Grade(rule, kr) => {
                    let again = self.run_rule(rule, step.out, rows, bench);
                    let kr = *kr as usize;
                    self.by_engine(step, &again, bench, |world| Stop::split(world.grade_kr(kr)).0);
                }
                What::Means(means) => {
                    let again = means.run(rows, bench);
                    for row in again {
                        let world = self.future(step, row, bench);
                        let found = means.of_engine(world);
                        for (part, mean) in means.parts.iter().zip(found) {
                            if part.shape == super::means::Shape::Sum {
                                bench.columns[part.out as usize * ROWS + row] = mean;
                            }
                        }
                    }
                    for part in &means.parts {
                        bench.judge(part.out, rows);
                    }
                    continue;
                }
            }
            bench.judge(step.out, rows);
        }
    }

    /// Computes some rows of a step by the engine.
    fn by_engine(
        &self,
        step: &Step,
        rows: &[usize],
        bench: &mut Bench,
        compute: impl Fn(&mut Engine) -> f64,
    ) {
        for &row in rows {
            let found = compute(self.future(step, row, bench));
            bench.columns[step.out as usize * ROWS + row] = found;
        }
    }

    /// The plan with what a step reads as it is in one future.
    fn future<'b>(&self, step: &Step, row: usize, bench: &'b mut Bench) -> &'b mut Engine {
        let world = bench.world.get_or_insert_with(|| {
            let mut world = Box::new(self.world.fork());
            world.late = self.world.late.clone();
            world.members = Members::of(&world.plan, world.moment.cycle);
            world
        });
        for (cell, column) in &step.reads {
            world.columns.set(*cell, bench.columns[*column as usize * ROWS + row]);
        }
        world
    }

    fn run_formula(&self, lowered: &Lowered, out: u32, rows: usize, bench: &mut Bench) {
        let (before, after) = bench.columns.split_at_mut(out as usize * ROWS);
        let load = |slot: usize, column: &mut [f64]| {
            let (source, size) = lowered.slots[slot];
            match source {
                Source::Number(number) => column.fill(number * size),
                Source::Column(from) => {
                    let from = &before[from as usize * ROWS..][..column.len()];
                    column.copy_from_slice(from);
                    if size != 1.0 {
                        column.iter_mut().for_each(|value| *value *= size);
                    }
                }
            }
        };
        let out = &mut after[..ROWS];
        self.templates.get(lowered.template).run_block(rows, &mut bench.stack, load, out);
        let range = lowered.range;
        for value in &mut out[..rows] {
            *value /= lowered.size;
            if out_of_range(range, *value).is_some() {
                *value = f64::NAN; // for the engine to say so
            }
        }
    }

    /// Grades a block by a rule; gives the rows that the engine must look at.
    fn run_rule(&self, rule: &Rule, out: u32, rows: usize, bench: &mut Bench) -> Vec<usize> {
        if let Rule::Formula(lowered) = rule {
            self.run_formula(lowered, out, rows, bench);
            let grades = &mut bench.columns[out as usize * ROWS..][..rows];
            grades.iter_mut().for_each(|grade| *grade = grade.clamp(0.0, 1.0));
            return bench.without_number(out, rows);
        }
        let (before, after) = bench.columns.split_at_mut(out as usize * ROWS);
        let out = &mut after[..rows];
        match rule {
            Rule::Linear { actual, baseline, target, uncapped } => {
                run_linear(before, out, [*actual, *baseline, *target], *uncapped)
            }
            Rule::Score { actual } => {
                copy(before, *actual, out);
                let beyond = |row: &usize| !(0.0..=1.0).contains(&out[*row]) && !out[*row].is_nan();
                (0..out.len()).filter(beyond).collect()
            }
            Rule::Keep { actual, low, high } => {
                copy(before, *actual, out);
                each_number(out, |value| f64::from(u8::from(value >= *low && value <= *high)));
                Vec::new()
            }
            Rule::Steps { actual, points, way } => {
                copy(before, *actual, out);
                each_number(out, |value| {
                    let reached = points.iter().rev().find(|(at, _)| (value - at) * way >= 0.0);
                    reached.map_or(0.0, |(_, grade)| *grade)
                });
                Vec::new()
            }
            Rule::Curve { actual, points, way } => {
                copy(before, *actual, out);
                each_number(out, |value| on_curve(points, *way, value));
                Vec::new()
            }
            Rule::Formula(_) | Rule::Engine => (0..out.len()).collect(),
        }
    }

    /// Computes everything future by future.
    fn run_scalar(&self, nodes: &[u32], rows: usize, bench: &mut Bench) {
        let world = bench.world.get_or_insert_with(|| {
            let mut world = Box::new(self.world.fork());
            world.late = self.world.late.clone();
            world.link();
            world.recalculate();
            world
        });
        for row in 0..rows {
            for (column, cell) in self.given.iter().enumerate() {
                world.columns.set(*cell, bench.columns[column * ROWS + row]);
            }
            for &node in nodes {
                world.recompute(node);
            }
            for (cell, source) in &self.of_cell {
                if let Source::Column(column) = source
                    && *column as usize >= self.given.len()
                {
                    bench.columns[*column as usize * ROWS + row] = world.read(*cell).stored();
                }
            }
        }
    }
}

impl Bench {
    /// Notes whether a column has numbers only.
    fn judge(&mut self, column: u32, rows: usize) {
        let values = &self.columns[column as usize * ROWS..][..rows];
        self.clean[column as usize] = !values.iter().fold(false, |any, it| any | it.is_nan());
    }

    fn without_number(&self, column: u32, rows: usize) -> Vec<usize> {
        let values = &self.columns[column as usize * ROWS..][..rows];
        if !values.iter().fold(false, |any, it| any | it.is_nan()) {
            return Vec::new();
        }
        (0..rows).filter(|row| values[*row].is_nan()).collect()
    }
}

fn copy(before: &[f64], from: Source, out: &mut [f64]) {
    match from {
        Source::Number(number) => out.fill(number),
        Source::Column(column) => {
            out.copy_from_slice(&before[column as usize * ROWS..][..out.len()]);
        }
    }
}

/// What has no number keeps saying why.
fn each_number(values: &mut [f64], grade: impl Fn(f64) -> f64) {
    for value in values.iter_mut().filter(|value| !value.is_nan()) {
        *value = grade(*value);
    }
}

fn on_curve(points: &[(f64, f64)], way: f64, value: f64) -> f64 {
    let mut before: Option<(f64, f64)> = None;
    for &(at, grade) in points {
        if (value - at) * way <= 0.0 {
            return match before {
                Some((from, low)) => low + (grade - low) * ((value - from) / (at - from)),
                None => grade,
            };
        }
        before = Some((at, grade));
    }
    before.map_or(0.0, |(_, grade)| grade)
}

fn run_linear(
    before: &[f64],
    out: &mut [f64],
    [actual, baseline, target]: [Source; 3],
    uncapped: bool,
) -> Vec<usize> {
    let column = |column: u32| &before[column as usize * ROWS..][..out.len()];
    match (actual, baseline, target) {
        (Source::Column(actual), Source::Number(baseline), Source::Number(target)) => {
            let actual = column(actual);
            if linear_column(actual, baseline, target, uncapped, out) {
                return Vec::new();
            }
        }
        _ => {
            let at = |source: Source, row: usize| match source {
                Source::Number(number) => number,
                Source::Column(it) => before[it as usize * ROWS + row],
            };
            for (row, out) in out.iter_mut().enumerate() {
                let (baseline, target) = (at(baseline, row), at(target, row));
                *out = linear_of((at(actual, row) - baseline) / (target - baseline), uncapped);
            }
        }
    }
    if !out.iter().fold(false, |any, it| any | it.is_nan()) {
        return Vec::new();
    }
    let plain = |source: Source| matches!(source, Source::Number(it) if !it.is_nan());
    if let (Source::Column(actual), true) = (actual, plain(baseline) && plain(target)) {
        // Only the actual can be missing, and it says why.
        let actual = &before[actual as usize * ROWS..][..out.len()];
        let missing = out.iter_mut().zip(actual).filter(|it| it.1.is_nan());
        missing.for_each(|(out, actual)| *out = *actual);
    }
    (0..out.len()).filter(|row| out[*row].is_nan() && value_missing(out[*row])).collect()
}

/// Grades a column; tells whether every progress was a finite number. Those that are not are NaNs.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
fn linear_column(
    actual: &[f64],
    baseline: f64,
    target: f64,
    uncapped: bool,
    out: &mut [f64],
) -> bool {
    let (way, most) = (target - baseline, if uncapped { f64::INFINITY } else { 1.0 });
    let mut finite = true;
    for (out, actual) in out.iter_mut().zip(actual) {
        let progress = (actual - baseline) / way;
        let is_finite = progress.abs() < f64::INFINITY;
        finite &= is_finite;
        let grade = progress.max(0.0).min(most);
        *out = if is_finite { grade } else { f64::NAN };
    }
    finite
}

/// The grade of progress; a NaN where that is no finite number.
#[inline]
fn linear_of(progress: f64, uncapped: bool) -> f64 {
    let grade = linear(progress, uncapped);
    if progress.is_finite() { grade } else { f64::NAN }
}

/// Whether a NaN does not say why there is no number.
fn value_missing(value: f64) -> bool {
    value.to_bits() & 3 == 0
}

impl Engine {
    /// The result of a formula for a cell, as the engine would keep it.
    fn result_for(&self, cell: Cell, formula: u32) -> f64 {
        let stated = self.plan.formulas[formula as usize];
        let value = match self.walk(self.plan.steps(formula), None) {
            Ok(result) => result / stated.size,
            Err(Missing::Fault(..)) => return ERROR,
            Err(missing) => return missing.value().stored(),
        };
        let value = match cell.field {
            Field::TeamCapacity => value * self.time_left,
            _ => value,
        };
        match out_of_range(cell.field.entry().range, value) {
            Some(_) => ERROR,
            None => value,
        }
    }
}
