//! How one key result is graded (`grading.md`, "One key result").

use super::Engine;
use super::bind::{KrState, NO_CHECKIN, checkins_until};
use super::store::{ERROR, NO_DATA, NOT_EVALUATED, Value, value_of};
use super::walk::{Missing, Over};
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;
use crate::source::Place;

/// Why there is no number.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// Nothing has been observed.
    NoData,
    /// It follows from what is not computed yet.
    NotEvaluated,
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
            Err(Stop::NotEvaluated) => (NOT_EVALUATED, None),
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
        Value::NotEvaluated => Err(Stop::NotEvaluated),
        Value::Error => Err(Stop::Poisoned),
    }
}

/// The grade of linear progress.
#[inline]
pub(super) fn linear(progress: f64, uncapped: bool) -> f64 {
    let floor = progress.max(0.0);
    if uncapped { floor } else { floor.min(1.0) }
}

/// A resolved point: its value, its grade, and where the value stands.
struct PointAt {
    at: f64,
    grade: f64,
    place: Place,
}

impl Engine {
    /// An amount that stands inside a statement, evaluated where it is needed.
    pub(super) fn amount(&self, input: Input, over: Over) -> Result<f64, Stop> {
        match input.amount {
            Amount::Number(number) => Ok(number),
            Amount::Bad => Err(Stop::Poisoned),
            Amount::Formula(index) => {
                let formula = &self.plan.formulas[index as usize];
                match self.walk(self.plan.steps(index), over) {
                    Ok(result) => Ok(result / formula.size),
                    Err(Missing::NoData) => Err(Stop::NoData),
                    Err(Missing::NotEvaluated) => Err(Stop::NotEvaluated),
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
        let message = format!("a grade is within 0..1, and this is {grade}");
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

    /// The grade by the rule alone; with the actual taken as something else if wanted.
    pub(super) fn raw_grade(&self, index: usize, instead: Option<f64>) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let cell = Cell::new(Field::KrActual, index);
        let over = instead.map(|value| (cell, value));
        let actual = || instead.map_or_else(|| wanted(self.columns.get(cell)), Ok);
        if kr.has_target && kr.grading.is_numeric() {
            self.check_way(index)?;
        }
        match kr.grading {
            Grading::Linear { uncapped } => Ok(linear(self.progress(index, actual()?)?, uncapped)),
            Grading::Steps(first, count) => {
                let points = self.points(index, first, count, over)?;
                Ok(self.step_reached(index, &points, actual()?))
            }
            Grading::Curve(first, count) => {
                let points = self.points(index, first, count, over)?;
                self.curve_at(index, &points, actual()?)
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
                let message = format!("a score is within 0..1, and this is {score}");
                Err(Stop::wrong(Kind::OutOfRange, input.place, message, "clamp it"))
            }
            Grading::Formula(input) => Ok(self.amount(input, over)?.clamp(0.0, 1.0)),
            Grading::Keep { low, high } => self.share_kept(index, low, high, instead),
        }
    }

    /// (actual − baseline) / (target − baseline), unclamped.
    pub(super) fn progress(&self, index: usize, actual: f64) -> Result<f64, Stop> {
        let baseline = wanted(self.columns.of(Field::KrBaseline)[index])?;
        let target = wanted(self.columns.of(Field::KrTarget)[index])?;
        let progress = (actual - baseline) / (target - baseline);
        if progress.is_finite() { Ok(progress) } else { Err(Stop::Poisoned) }
    }

    /// Equal baseline and target is an error at the target.
    fn check_way(&self, index: usize) -> Result<(), Stop> {
        let baseline = self.columns.of(Field::KrBaseline)[index];
        let target = self.columns.of(Field::KrTarget)[index];
        if baseline != target {
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
        let direction = self.direction(index, &points)?;
        for pair in points.windows(2) {
            if (pair[1].at - pair[0].at) * direction <= 0.0 {
                let message = "this point does not go on from the one before it";
                let help = "points go one way, from the baseline to the target";
                return Err(Stop::wrong(Kind::PointsOrder, pair[1].place, message, help));
            }
        }
        Ok(points)
    }

    /// 1 where points rise, −1 where they fall: from baseline to target where both are given, else
    /// by the points, else from the baseline to the only one.
    fn direction(&self, index: usize, points: &[PointAt]) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let baseline = wanted(self.columns.of(Field::KrBaseline)[index])?;
        let way = if kr.baseline.is_some() && kr.has_target {
            wanted(self.columns.of(Field::KrTarget)[index])? - baseline
        } else if let [first, second, ..] = points {
            second.at - first.at
        } else {
            points.first().map_or(1.0, |only| only.at - baseline)
        };
        Ok(if way < 0.0 { -1.0 } else { 1.0 })
    }

    /// The grade of the furthest step that the actual has reached, else 0.
    fn step_reached(&self, index: usize, points: &[PointAt], actual: f64) -> f64 {
        let direction = self.direction(index, points).unwrap_or(1.0);
        let reached = points.iter().rev().find(|point| (actual - point.at) * direction >= 0.0);
        reached.map_or(0.0, |point| point.grade)
    }

    /// Straight lines between the points, from the implied `baseline -> 0`, flat outside.
    fn curve_at(&self, index: usize, points: &[PointAt], actual: f64) -> Result<f64, Stop> {
        let direction = self.direction(index, points)?;
        let baseline = wanted(self.columns.of(Field::KrBaseline)[index])?;
        let mut before: Option<(f64, f64)> = None;
        if points.first().is_some_and(|first| (first.at - baseline) * direction > 0.0) {
            before = Some((baseline, 0.0));
        }
        for point in points {
            if (actual - point.at) * direction <= 0.0 {
                return Ok(match before {
                    Some((at, grade)) if (actual - at) * direction > 0.0 => {
                        grade + (point.grade - grade) * ((actual - at) / (point.at - at))
                    }
                    Some((_, grade)) => grade,
                    None => point.grade,
                });
            }
            before = Some((point.at, point.grade));
        }
        Ok(before.map_or(0.0, |(_, grade)| grade))
    }

    /// The share of check-ins so far within the bounds; 1 or 0 of a single value.
    fn share_kept(
        &self,
        index: usize,
        low: Option<Input>,
        high: Option<Input>,
        instead: Option<f64>,
    ) -> Result<f64, Stop> {
        let newest = self.columns.of(Field::KrActual)[index];
        let newest = instead.map_or_else(|| wanted(newest), Ok)?;
        let mut held = 0;
        let mut count = 0;
        let mut note = |value: f64, holds: bool| {
            let _ = value;
            count += 1;
            held += u32::from(holds);
        };
        let holds = self.keeps(low, high, newest)?;
        note(newest, holds);
        if instead.is_none() && self.newest[index] != NO_CHECKIN {
            let kr = &self.plan.krs[index];
            let seen = checkins_until(&self.plan, &kr.checkins, self.moment.as_of);
            for checkin in &seen[..seen.len().saturating_sub(1)] {
                match checkin.observation {
                    Observation::Number(input) => {
                        let value = self.amount(input, None)?;
                        note(value, self.keeps(low, high, value)?);
                    }
                    Observation::Bad => return Err(Stop::Poisoned),
                    _ => {}
                }
            }
        }
        Ok(f64::from(held) / f64::from(count))
    }

    /// Whether a value lies within the bounds, ends included.
    pub(super) fn keeps(
        &self,
        low: Option<Input>,
        high: Option<Input>,
        value: f64,
    ) -> Result<bool, Stop> {
        let low = low.map(|low| self.amount(low, None)).transpose()?;
        let high = high.map(|high| self.amount(high, None)).transpose()?;
        Ok(low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high))
    }

    /// The input that gives a key result's actual.
    fn actual_input(&self, index: usize) -> Option<Input> {
        let observation = match self.newest[index] {
            NO_CHECKIN => self.plan.krs[index].actual.map(|(observation, _)| observation),
            newest => Some(self.plan.checkins[newest as usize].observation),
        };
        match observation {
            Some(Observation::Number(input)) => Some(input),
            _ => None,
        }
    }

    /// The input of a cell that is in force: set by the scenario, amended, or as written.
    pub(super) fn input_in_force(&self, cell: Cell) -> Option<Input> {
        let set = self.scenario_lines().rev().find_map(|change| match change {
            Change::Set(other, input) if *other == cell => Some(*input),
            _ => None,
        });
        set.or_else(|| self.amendment_in_force(cell).map(|amendment| amendment.value))
            .or_else(|| self.written_input(cell))
    }

    /// The lines of the scenario in force, those of the scenarios that it extends first.
    pub(super) fn scenario_lines(&self) -> impl DoubleEndedIterator<Item = &Change> {
        let mut chain = Vec::new();
        let mut at = self.options.scenario;
        while let Some(index) = at {
            let scenario = &self.plan.scenarios[index as usize];
            chain.push(scenario);
            at = scenario.extends;
        }
        let lines: Vec<&Change> = chain
            .into_iter()
            .rev()
            .flat_map(|scenario| scenario.lines.iter().map(|(change, _)| change))
            .collect();
        lines.into_iter()
    }

    /// The newest amendment of a cell up to the day.
    pub(super) fn amendment_in_force(&self, cell: Cell) -> Option<&Amendment> {
        if self.options.original {
            return None;
        }
        let in_force = |amendment: &&Amendment| {
            amendment.cell == cell && self.moment.as_of.is_none_or(|as_of| amendment.date <= as_of)
        };
        let amendments = &self.plan.amendments;
        let start = amendments.partition_point(|amendment| amendment.cell < cell);
        amendments[start..].iter().take_while(|it| it.cell == cell).filter(in_force).last()
    }

    /// The input of a cell as the plan's fields give it.
    pub(super) fn written_input(&self, cell: Cell) -> Option<Input> {
        let index = cell.index as usize;
        let plan = &self.plan;
        match cell.field {
            Field::KrBaseline => plan.krs[index].baseline,
            Field::KrTarget => plan.krs[index].target,
            Field::KrWeight => plan.krs[index].weight,
            Field::KrActual => self.actual_input(index),
            Field::ObjectiveWeight => plan.objectives[index].weight,
            Field::MetricValue => {
                let metric = &plan.metrics[index];
                let seen = checkins_until(plan, &metric.checkins, self.moment.as_of);
                match seen.last().map(|checkin| checkin.observation) {
                    Some(Observation::Number(input)) => Some(input),
                    _ => Some(metric.value),
                }
            }
            Field::TeamPeople => plan.teams[index].people,
            Field::TeamLeave => plan.teams[index].leave,
            Field::TeamFocus => plan.teams[index].focus,
            Field::TeamCapacity => plan.teams[index].capacity,
            Field::BucketShare => plan.buckets[index].share,
            Field::BucketFloor => plan.buckets[index].floor,
            Field::BucketCeiling => plan.buckets[index].ceiling,
            Field::InitiativeChance => plan.initiatives[index].chance,
            Field::InitiativePriority => plan.initiatives[index].priority,
            Field::InitiativeFinished => plan.initiatives[index].finished,
            _ => None,
        }
    }
}
