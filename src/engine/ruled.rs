//! Rules whose numbers all stand in the plan: steps, curves, bounds and the like without a formula,
//! laid out so that many key results are graded in one loop.
//!
//! Whatever is out of the ordinary, such as an observation that is missing or points that do not go
//! one way, is left to the rule itself ([`Engine::grade_kr`]), which knows what to say about it.

use super::Engine;
use super::bind::{KrState, NO_CHECKIN};
use super::grade::linear;
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;

/// No rule is laid out.
const NONE: u32 = u32::MAX;

/// How a key result is graded, with its numbers in [`Ruled::points`].
#[derive(Clone, Copy, Debug)]
struct Rule {
    kind: RuleKind,
    way: Way,
    has_target: bool,
    first: u32,
    count: u32,
    /// Where the last point is the target: by what that is multiplied and divided, as a formula that
    /// reads it would.
    at_target: Option<(f64, f64)>,
}

/// How many points a rule has at most whose last is the target.
const FEW: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RuleKind {
    Steps,
    Curve,
    /// The actual is the grade.
    Actual,
    /// The actual is a milestone's place in the list.
    Milestones,
    /// The first point is the least and the greatest value.
    Keep,
}

/// What tells the direction of points (`Engine::direction`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// From the baseline to the target; the points must agree.
    Ends,
    /// The points themselves.
    Points,
    /// From the baseline to the only point.
    Only,
}

/// The rules of a plan's key results, as far as they are laid out.
#[derive(Debug, Default)]
pub(super) struct Ruled {
    of_kr: Vec<u32>,
    rules: Vec<Rule>,
    points: Vec<(f64, f64)>,
}

impl Ruled {
    /// Lays out the rule of a key result, if all its numbers stand in the plan, and notes what loops
    /// may do with it.
    pub fn lay_out(&mut self, plan: &Plan, index: usize, state: &mut KrState) {
        let kr = &plan.krs[index];
        if kr.broken || kr.due.as_ref().is_some_and(|due| due.late.is_some()) {
            return;
        }
        if let Grading::Linear { uncapped } = kr.grading {
            state.set(KrState::LINEAR, true);
            return state.set(KrState::UNCAPPED, uncapped);
        }
        let first = self.points.len();
        match self.rule(plan, index, first as u32) {
            Some(rule) => {
                self.of_kr.resize(plan.krs.len(), NONE);
                self.of_kr[index] = self.rules.len() as u32;
                self.rules.push(rule);
                state.set(KrState::LAID_OUT, true);
            }
            None => self.points.truncate(first),
        }
    }

    fn rule(&mut self, plan: &Plan, index: usize, first: u32) -> Option<Rule> {
        let kr = &plan.krs[index];
        let rule = |kind, way, count| {
            Some(Rule { kind, way, has_target: kr.has_target, first, count, at_target: None })
        };
        match kr.grading {
            Grading::Steps(from, count) | Grading::Curve(from, count) => {
                let points = &plan.points[from as usize..(from + count) as usize];
                let at_target = points.last().and_then(|last| target(plan, index, last.at));
                for (at, point) in (1..).zip(points) {
                    let is_target = at_target.is_some() && at == points.len();
                    let at = if is_target { Some(f64::NAN) } else { number(point.at) };
                    self.points.push((at?, grade(point.grade)?));
                }
                let kind = match kr.grading {
                    Grading::Steps(..) => RuleKind::Steps,
                    _ => RuleKind::Curve,
                };
                let way = match at_target {
                    Some(_) if points.len() > FEW || kr.baseline.is_none() => return None,
                    Some(_) => Way::Ends,
                    None => self.way(kr, first as usize)?,
                };
                rule(kind, way, count).map(|rule| Rule { at_target, ..rule })
            }
            Grading::Milestones(from, count) => {
                for milestone in &plan.milestones[from as usize..(from + count) as usize] {
                    self.points.push((0.0, grade(milestone.grade)?));
                }
                rule(RuleKind::Milestones, Way::Points, count)
            }
            Grading::Keep(bounds) => {
                let Bounds { low, high } = plan.bounds[bounds as usize];
                let low = low.map_or(Some(f64::NEG_INFINITY), number)?;
                self.points.push((low, high.map_or(Some(f64::INFINITY), number)?));
                rule(RuleKind::Keep, Way::Points, 1)
            }
            Grading::Done | Grading::Score => rule(RuleKind::Actual, Way::Points, 0),
            Grading::Linear { .. } | Grading::Formula(_) => None,
        }
    }

    /// What tells the direction of the points; `None` where they do not go one way.
    fn way(&self, kr: &Kr, first: usize) -> Option<Way> {
        let points = &self.points[first..];
        let rises = points.windows(2).all(|pair| pair[1].0 > pair[0].0);
        let falls = points.windows(2).all(|pair| pair[1].0 < pair[0].0);
        match points.len() {
            0 => None,
            1 if kr.has_target => Some(Way::Ends),
            1 => Some(Way::Only),
            _ if !rises && !falls => None,
            _ if kr.has_target && kr.baseline.is_some() => Some(Way::Ends),
            _ => Some(Way::Points),
        }
    }
}

/// An amount that is a plain number.
fn number(input: Input) -> Option<f64> {
    match input.amount {
        Amount::Number(number) if number.is_finite() => Some(number),
        _ => None,
    }
}

/// By what a key result's own target is multiplied and divided in an amount that is nothing else.
fn target(plan: &Plan, kr: usize, input: Input) -> Option<(f64, f64)> {
    let Amount::Formula(formula) = input.amount else { return None };
    let target = Cell::new(Field::KrTarget, kr);
    match plan.steps(formula) {
        [Code { op: CodeOp::Cell(cell, size), .. }] if *cell == target => {
            Some((*size, plan.formulas[formula as usize].size))
        }
        _ => None,
    }
}

/// An amount that is a plain number within 0..1.
fn grade(input: Input) -> Option<f64> {
    number(input).filter(|grade| (0.0..=1.0).contains(grade))
}

impl Engine {
    /// Marks the key results that loops over columns may grade, of those that count.
    pub(super) fn mark_quick(&mut self) {
        for state in &mut self.krs {
            let out = state.is(KrState::NOT_APPLICABLE) || state.is(KrState::DECLINED);
            state.set(KrState::SIMPLE, !out && state.is(KrState::LINEAR));
            state.set(KrState::RULED, !out && state.is(KrState::LAID_OUT));
        }
    }

    /// The grade of a key result that loops may grade, from the columns alone; `None` where the rule
    /// itself must look.
    #[inline]
    pub(super) fn quick_grade(&self, index: usize) -> Option<f64> {
        let state = self.krs[index];
        if state.is(KrState::SIMPLE) {
            let cell = |field| self.columns.of(field)[index];
            let (baseline, target) = (cell(Field::KrBaseline), cell(Field::KrTarget));
            let progress = (cell(Field::KrActual) - baseline) / (target - baseline);
            return progress.is_finite().then(|| linear(progress, state.is(KrState::UNCAPPED)));
        }
        if state.is(KrState::RULED) { self.ruled_grade(index) } else { None }
    }

    /// The grades of linear key results, and those that the rule itself must look at.
    pub(super) fn linear_grades(
        &self,
        krs: impl Iterator<Item = u32>,
        grades: &mut [f64],
        again: &mut Vec<u32>,
    ) {
        let baselines = self.columns.of(Field::KrBaseline);
        let (targets, actuals) =
            (self.columns.of(Field::KrTarget), self.columns.of(Field::KrActual));
        for kr in krs {
            let at = kr as usize;
            let baseline = baselines[at];
            let progress = (actuals[at] - baseline) / (targets[at] - baseline);
            grades[at] = linear(progress, self.krs[at].is(KrState::UNCAPPED));
            if !progress.is_finite() {
                again.push(kr);
            }
        }
    }

    fn ruled_grade(&self, index: usize) -> Option<f64> {
        let rule = self.ruled.rules[self.ruled.of_kr[index] as usize];
        let actual = self.columns.of(Field::KrActual)[index];
        if actual.is_nan() || self.tried.is_some() {
            return None;
        }
        let points = &self.ruled.points[rule.first as usize..(rule.first + rule.count) as usize];
        match rule.kind {
            RuleKind::Actual => (0.0..=1.0).contains(&actual).then_some(actual),
            RuleKind::Milestones => points.get(actual as usize).map(|point| point.1),
            RuleKind::Keep => {
                // Earlier check-ins count as well, where there are any.
                let alone = self.newest[index] == NO_CHECKIN || self.is_projection();
                let held = actual >= points[0].0 && actual <= points[0].1;
                alone.then_some(f64::from(u8::from(held)))
            }
            RuleKind::Steps | RuleKind::Curve => self.pointed_grade(index, rule, points, actual),
        }
    }

    /// The grade of steps or a curve.
    fn pointed_grade(
        &self,
        index: usize,
        rule: Rule,
        points: &[(f64, f64)],
        actual: f64,
    ) -> Option<f64> {
        let baseline = self.columns.of(Field::KrBaseline)[index];
        let target = self.columns.of(Field::KrTarget)[index];
        if baseline.is_nan() || (rule.has_target && (target.is_nan() || target == baseline)) {
            return None;
        }
        let mut with_target = [(0.0, 0.0); FEW];
        let points = match rule.at_target {
            Some((size, by)) => {
                let points = points_to(points, target * size / by, &mut with_target);
                let falls = target < baseline;
                let one_way = |pair: &[(f64, f64)]| {
                    (pair[1].0 < pair[0].0) == falls && pair[1].0 != pair[0].0
                };
                if !points.windows(2).all(one_way) {
                    return None;
                }
                points
            }
            None => points,
        };
        let (first, last) = (points[0].0, points[points.len() - 1].0);
        let way = match rule.way {
            Way::Ends => target - baseline,
            Way::Points => last - first,
            Way::Only => first - baseline,
        };
        let direction = if way < 0.0 { -1.0 } else { 1.0 };
        if (last - first) * direction < 0.0 {
            return None;
        }
        Some(match rule.kind {
            RuleKind::Steps => step_reached(points, actual, direction),
            _ => curve_at(points, actual, baseline, direction),
        })
    }
}

/// Points with another last value.
fn points_to<'a>(
    points: &[(f64, f64)],
    last: f64,
    room: &'a mut [(f64, f64); FEW],
) -> &'a [(f64, f64)] {
    let room = &mut room[..points.len()];
    room.copy_from_slice(points);
    if let Some(point) = room.last_mut() {
        point.0 = last;
    }
    room
}

/// The grade of the furthest step that the actual has reached, else 0.
pub(super) fn step_reached(points: &[(f64, f64)], actual: f64, direction: f64) -> f64 {
    let reached = points.iter().rev().find(|point| (actual - point.0) * direction >= 0.0);
    reached.map_or(0.0, |point| point.1)
}

/// Straight lines between the points, from the implied `baseline -> 0`, flat outside.
pub(super) fn curve_at(points: &[(f64, f64)], actual: f64, baseline: f64, direction: f64) -> f64 {
    let begins = points.first().is_some_and(|first| (first.0 - baseline) * direction > 0.0);
    let mut before = begins.then_some((baseline, 0.0));
    for &(at, grade) in points {
        if (actual - at) * direction <= 0.0 {
            return match before {
                Some((from, least)) if (actual - from) * direction > 0.0 => {
                    least + (grade - least) * ((actual - from) / (at - from))
                }
                Some((_, least)) => least,
                None => grade,
            };
        }
        before = Some((at, grade));
    }
    before.map_or(0.0, |(_, grade)| grade)
}
