//! How one key result is graded (`grading.md`, "One key result").

use super::Engine;
use super::bind::{KrState, NO_CHECKIN, checkins_until};
use super::ruled::{curve_at, step_reached};
use super::store::{ERROR, NO_DATA, Value, value_of};
use super::walk::{Missing, Over};
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;
use crate::quantity::readable;
use crate::source::Place;
use jiff::civil::Date;

/// Why there is no number.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// Nothing has been observed.
    NoData,
    /// It follows from what is wrong, and reported there.
    Poisoned,
    /// It is wrong itself.
    Wrong(Box<Problem>),
}

impl Stop {
    pub fn wrong(kind: Kind, place: Place, message: impl Into<String>, help: &str) -> Self {
        Stop::Wrong(Box::new(Problem::new(kind, place, message).help(help)))
    }

    /// The stored form of a result, and the problem if it is one's own.
    pub fn split(result: Result<f64, Stop>) -> (f64, Option<Problem>) {
        match result {
            Ok(number) => (number, None),
            Err(Stop::NoData) => (NO_DATA, None),
            Err(Stop::Poisoned) => (ERROR, None),
            Err(Stop::Wrong(problem)) => (ERROR, Some(*problem)),
        }
    }
}

/// What a stored number means for what is computed from it.
pub(super) fn wanted(stored: f64) -> Result<f64, Stop> {
    match value_of(stored) {
        Value::Number(number) => Ok(number),
        Value::NoData => Err(Stop::NoData),
        Value::Error => Err(Stop::Poisoned),
    }
}

/// The grade of linear progress.
#[inline]
pub(super) fn linear(progress: f64, uncapped: bool) -> f64 {
    let floor = progress.max(0.0);
    if uncapped { floor } else { floor.min(1.0) }
}

/// What a key result is graded by: its numbers as stored, and the day up to which check-ins count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub baseline: f64,
    pub target: f64,
    pub actual: f64,
    /// The day up to which check-ins count.
    pub until: Option<Date>,
    /// Whether the actual is the newest check-in's.
    pub dated: bool,
    /// Whether the actual is taken as something else, such as its forecast.
    pub instead: bool,
}

/// (actual − baseline) / (target − baseline), unclamped.
fn progress_of(given: &Given) -> Result<f64, Stop> {
    let (baseline, target) = (wanted(given.baseline)?, wanted(given.target)?);
    let progress = (wanted(given.actual)? - baseline) / (target - baseline);
    if progress.is_finite() { Ok(progress) } else { Err(Stop::Poisoned) }
}

/// A resolved point: its value, its grade, and where the value stands.
struct PointAt {
    at: f64,
    grade: f64,
    place: Place,
}

/// The values and grades of points.
fn pairs(points: &[PointAt]) -> Vec<(f64, f64)> {
    points.iter().map(|point| (point.at, point.grade)).collect()
}

impl Engine {
    /// An amount that stands inside a statement, evaluated where it is needed.
    pub(super) fn amount(&self, input: Input, over: Over) -> Result<f64, Stop> {
        if let Some((place, number)) = self.tried
            && place == input.place
        {
            return Ok(number);
        }
        match input.amount {
            Amount::Number(number) => Ok(number),
            Amount::Bad => Err(Stop::Poisoned),
            Amount::Formula(index) => {
                let formula = &self.plan.formulas[index as usize];
                match self.walk(self.plan.steps(index), over) {
                    Ok(result) => Ok(result / formula.size),
                    Err(Missing::NoData) => Err(Stop::NoData),
                    Err(Missing::Poisoned) => Err(Stop::Poisoned),
                    Err(Missing::Fault(span, fault)) => {
                        let place = Place { file: formula.file, span };
                        Err(Stop::Wrong(Box::new(fault.problem(place))))
                    }
                }
            }
        }
    }

    /// An amount that must be a grade, 0..1.
    fn grade_amount(&self, input: Input, over: Over) -> Result<f64, Stop> {
        let grade = self.amount(input, over)?;
        if (0.0..=1.0).contains(&grade) {
            return Ok(grade);
        }
        let message = format!("a grade must lie within 0..1, and this is {}", readable(grade));
        Err(Stop::wrong(Kind::OutOfRange, input.place, message, "clamp it: `clamp(…, 0, 1)`"))
    }

    /// The grade of a key result as of the day: its rule, then lateness.
    pub(super) fn grade_kr(&self, index: usize) -> Result<f64, Stop> {
        let state = self.krs[index];
        if state.is(KrState::NOT_APPLICABLE) || state.is(KrState::DECLINED) {
            return Err(Stop::NoData);
        }
        if self.plan.krs[index].broken {
            return Err(Stop::Poisoned);
        }
        let raw = self.raw_grade(index, None);
        self.with_lateness(index, raw)
    }

    /// What a key result is graded by now; with the actual taken as something else if wanted.
    fn given(&self, index: usize, instead: Option<f64>) -> Given {
        let cell = |field| self.columns.of(field)[index];
        Given {
            baseline: cell(Field::KrBaseline),
            target: cell(Field::KrTarget),
            actual: instead.unwrap_or_else(|| cell(Field::KrActual)),
            until: self.moment.as_of,
            // A projected value stands alone: it keeps its bounds or not.
            dated: self.newest[index] != NO_CHECKIN && !self.is_projection(),
            instead: instead.is_some(),
        }
    }

    /// The grade by the rule alone; with the actual taken as something else if wanted.
    pub(super) fn raw_grade(&self, index: usize, instead: Option<f64>) -> Result<f64, Stop> {
        self.grade_given(index, &self.given(index, instead))
    }

    /// The grade by the rule alone with another actual, and with another target if one is given.
    pub(super) fn grade_if(&self, index: usize, actual: f64, target: Option<f64>) -> Option<f64> {
        let given = self.given(index, Some(actual));
        let given = Given { target: target.unwrap_or(given.target), ..given };
        self.grade_given(index, &given).ok()
    }

    /// The grade by the rule alone of what is given.
    pub(super) fn grade_given(&self, index: usize, given: &Given) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let cell = Cell::new(Field::KrActual, index);
        let over = given.instead.then_some((cell, given.actual));
        let actual = || wanted(given.actual);
        if kr.has_target && kr.grading.is_numeric() {
            self.check_way(index, given)?;
        }
        match kr.grading {
            Grading::Linear { uncapped } => Ok(linear(progress_of(given)?, uncapped)),
            Grading::Steps(first, count) => {
                let points = self.points(index, given, first, count, over)?;
                let direction = self.direction(index, given, &points)?;
                Ok(step_reached(&pairs(&points), actual()?, direction))
            }
            Grading::Curve(first, count) => {
                let points = self.points(index, given, first, count, over)?;
                let direction = self.direction(index, given, &points)?;
                let baseline = wanted(given.baseline)?;
                Ok(curve_at(&pairs(&points), actual()?, baseline, direction))
            }
            Grading::Done => actual(),
            Grading::Milestones(first, _) => {
                let at = first as usize + actual()? as usize;
                self.grade_amount(self.plan.milestones[at].grade, over)
            }
            Grading::Score => {
                let score = actual()?;
                let input = self.actual_input(index);
                let Some(input) = input.filter(|_| !(0.0..=1.0).contains(&score)) else {
                    return Ok(score);
                };
                let message =
                    format!("a score must lie within 0..1, and this is {}", readable(score));
                let help = "clamp it: `clamp(…, 0, 1)`";
                Err(Stop::wrong(Kind::OutOfRange, input.place, message, help))
            }
            Grading::Formula(input) => Ok(self.amount(input, over)?.clamp(0.0, 1.0)),
            Grading::Keep(bounds) => self.share_kept(index, given, bounds),
        }
    }

    /// (actual − baseline) / (target − baseline), unclamped.
    pub(super) fn progress(&self, index: usize, actual: f64) -> Result<f64, Stop> {
        progress_of(&self.given(index, Some(actual)))
    }

    /// Equal baseline and target is an error at the target.
    fn check_way(&self, index: usize, given: &Given) -> Result<(), Stop> {
        let target = given.target;
        if given.baseline != target {
            return Ok(());
        }
        let Some(input) = self.input_in_force(Cell::new(Field::KrTarget, index)) else {
            return Ok(());
        };
        let unit = self.plan.krs[index].unit;
        let shown = self.plan.units.show(target, unit);
        let message = match self.plan.krs[index].baseline {
            Some(_) => format!("baseline and target are both {shown}, so there is no way to go"),
            None => format!("the target is {shown}, and so is a baseline that is not written"),
        };
        let help = "set a target that differs from the baseline, or use `keep`";
        Err(Stop::wrong(Kind::EqualTarget, input.place, message, help))
    }

    /// The points of steps or a curve, which must go one way.
    fn points(
        &self,
        index: usize,
        given: &Given,
        first: u32,
        count: u32,
        over: Over,
    ) -> Result<Vec<PointAt>, Stop> {
        let stated = &self.plan.points[first as usize..(first + count) as usize];
        let mut points: Vec<PointAt> = Vec::with_capacity(stated.len());
        for point in stated {
            let at = self.amount(point.at, over)?;
            let grade = self.grade_amount(point.grade, over)?;
            points.push(PointAt { at, grade, place: point.at.place });
        }
        let direction = self.direction(index, given, &points)?;
        for pair in points.windows(2) {
            if (pair[1].at - pair[0].at) * direction <= 0.0 {
                let message = "this point does not lie beyond the one before it";
                let help = "points go one way, from the baseline to the target";
                return Err(Stop::wrong(Kind::PointsOrder, pair[1].place, message, help));
            }
        }
        Ok(points)
    }

    /// The points of steps or a curve that follow from nothing that varies, and their direction.
    pub(super) fn fixed_points(
        &self,
        index: usize,
        first: u32,
        count: u32,
    ) -> Option<(Vec<(f64, f64)>, f64)> {
        let given = self.given(index, None);
        let points = self.points(index, &given, first, count, None).ok()?;
        let way = self.direction(index, &given, &points).ok()?;
        Some((pairs(&points), way))
    }

    /// 1 where points rise, −1 where they fall: from baseline to target where both are given, else
    /// by the points; with only one, from the baseline, be it written or 0, to the target or to it.
    fn direction(&self, index: usize, given: &Given, points: &[PointAt]) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let baseline = wanted(given.baseline)?;
        let way = if kr.baseline.is_some() && kr.has_target {
            wanted(given.target)? - baseline
        } else if let [first, second, ..] = points {
            second.at - first.at
        } else if kr.has_target {
            wanted(given.target)? - baseline
        } else {
            points.first().map_or(1.0, |only| only.at - baseline)
        };
        Ok(if way < 0.0 { -1.0 } else { 1.0 })
    }

    /// Whether the points of a key result rise.
    pub(super) fn rises_given(&self, index: usize) -> Result<bool, Stop> {
        let given = self.given(index, None);
        let points = match self.plan.krs[index].grading {
            Grading::Steps(first, count) | Grading::Curve(first, count) => {
                self.points(index, &given, first, count, None)?
            }
            _ => Vec::new(),
        };
        Ok(self.direction(index, &given, &points)? > 0.0)
    }

    /// The share of check-ins so far within the bounds; 1 or 0 of a single value.
    fn share_kept(&self, index: usize, given: &Given, bounds: u32) -> Result<f64, Stop> {
        let newest = wanted(given.actual)?;
        let mut held = u32::from(self.keeps(bounds, newest)?);
        let mut count = 1;
        if !given.instead && given.dated {
            if let Some(kept) = self.kept.get(&(index as u32))
                && kept.is_of(self.newest[index])
                && given.until == self.moment.as_of
            {
                return Ok(f64::from(held + kept.held) / f64::from(count + kept.count));
            }
            let kr = &self.plan.krs[index];
            let seen = checkins_until(&self.plan, &kr.checkins, given.until);
            for checkin in &seen[..seen.len().saturating_sub(1)] {
                match checkin.observation {
                    Observation::Number(input) => {
                        let value = self.amount(input, None)?;
                        held += u32::from(self.keeps(bounds, value)?);
                        count += 1;
                    }
                    Observation::Bad => return Err(Stop::Poisoned),
                    _ => {}
                }
            }
        }
        Ok(f64::from(held) / f64::from(count))
    }

    /// Whether a value lies within the bounds, ends included.
    pub(super) fn keeps(&self, bounds: u32, value: f64) -> Result<bool, Stop> {
        let Bounds { low, high } = self.plan.bounds[bounds as usize];
        let low = low.map(|low| self.amount(low, None)).transpose()?;
        let high = high.map(|high| self.amount(high, None)).transpose()?;
        Ok(low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high))
    }
}
