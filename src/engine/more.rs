//! What is computed when it is read: confidence, pace, forecast, progress, and what has elapsed.

use super::bind::{KrState, NO_CHECKIN, checkins_until};
use super::grade::Stop;
use super::store::Value;
use super::{Engine, time};
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::{Cell, Field, Range};
use crate::plan::model::*;
use crate::plan::out_of_range;
use crate::quantity::readable;
use jiff::civil::Date;

/// How a key result keeps up with the time that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the time, or nearly.
    OnTrack,
    /// Somewhat slower.
    Behind,
    /// Much slower.
    AtRisk,
}

impl Pace {
    /// The pace in words.
    pub fn words(self) -> &'static str {
        match self {
            Pace::OnTrack => "on track",
            Pace::Behind => "behind",
            Pace::AtRisk => "at risk",
        }
    }
}

fn value(result: Result<f64, Stop>) -> Value {
    match result {
        Ok(number) => Value::Number(number),
        Err(Stop::NoData) => Value::NoData,
        Err(Stop::Poisoned | Stop::Wrong(_)) => Value::Error,
    }
}

impl Engine {
    /// A cell without a column.
    pub(super) fn read_computed(&self, cell: Cell) -> Value {
        let index = cell.index as usize;
        match cell.field {
            Field::KrProgress => self.kr_progress(index),
            Field::KrConfidence => value(self.confidence(index)),
            Field::KrPace => self.pace(index),
            Field::KrForecast => value(self.forecast(index)),
            Field::KrForecastGrade => value(self.forecast_grade(index)),
            Field::CycleElapsed => self.elapsed(index).map_or(Value::NoData, Value::Number),
            _ => {
                let future = self.funding_cell(cell).or_else(|| self.projected_cell(cell));
                future.unwrap_or(Value::NoData)
            }
        }
    }

    /// Progress, where the key result goes from a baseline to a target.
    pub fn kr_progress(&self, index: usize) -> Value {
        let kr = &self.plan.krs[index];
        let measured = matches!(
            kr.grading,
            Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..) | Grading::Formula(_)
        );
        if !measured || !kr.has_target || kr.broken {
            return Value::NoData;
        }
        match self.read(Cell::new(Field::KrActual, index)) {
            Value::Number(actual) => value(self.progress(index, actual)),
            other => other,
        }
    }

    fn seen(&self, index: usize) -> &[Checkin] {
        checkins_until(&self.plan, &self.plan.krs[index].checkins, self.moment.as_of)
    }

    /// The newest confidence of the check-ins so far.
    fn confidence(&self, index: usize) -> Result<f64, Stop> {
        let newest = self.seen(index).iter().rev().find_map(|checkin| checkin.confidence);
        self.amount(newest.ok_or(Stop::NoData)?, None)
    }

    /// What is wrong with the formulas of confidences and expectations so far, which are computed
    /// only when they are read.
    pub(super) fn checkin_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut judge = |input: Input, range: Range, what: &str| match self.amount(input, None) {
            Ok(value) => problems.extend(out_of_range(range, value).map(|must| {
                let message = format!("{what} {must}, and this is {}", readable(value));
                let help = "clamp it: `clamp(…, 0, 1)`";
                Problem::new(Kind::OutOfRange, input.place, message).help(help)
            })),
            Err(Stop::Wrong(problem)) => problems.push(*problem),
            Err(_) => {}
        };
        let is_formula = |input: &Input| matches!(input.amount, Amount::Formula(_));
        let computed = |it: &Checkin| it.confidence.iter().chain(&it.expecting).any(is_formula);
        if !self.plan.checkins.iter().any(computed) {
            return problems;
        }
        for (index, kr) in self.plan.krs.iter().enumerate() {
            let score = kr.grading == Grading::Score;
            let expected = if score { Range::Share } else { Range::Any };
            for checkin in self.seen(index) {
                if let Some(input) = checkin.confidence.filter(is_formula) {
                    judge(input, Range::Share, "a confidence");
                }
                if let Some(input) = checkin.expecting.filter(is_formula) {
                    judge(input, expected, "what is expected");
                }
            }
        }
        problems
    }

    /// grade ÷ elapsed.
    pub fn pace(&self, index: usize) -> Value {
        let elapsed = self.kr_elapsed(index, self.moment.as_of);
        match (self.read(Cell::new(Field::KrGrade, index)), elapsed) {
            (Value::Number(grade), Some(elapsed)) if elapsed > 0.0 => {
                Value::Number(grade / elapsed)
            }
            (Value::Number(_), _) => Value::NoData,
            (other, _) => other,
        }
    }

    /// What has elapsed of a key result's cycle on a day.
    fn kr_elapsed(&self, index: usize, date: Option<Date>) -> Option<f64> {
        let objective = &self.plan.objectives[self.plan.krs[index].objective as usize];
        let cycle = &self.plan.cycles[objective.cycle? as usize];
        Some(time::elapsed(cycle, date?))
    }

    /// What has elapsed of a cycle.
    pub fn elapsed(&self, cycle: usize) -> Option<f64> {
        Some(time::elapsed(&self.plan.cycles[cycle], self.moment.as_of?))
    }

    /// The newest check-in's `expecting`, else the straight line from the baseline at the cycle's
    /// start through the newest observation to its end.
    fn forecast(&self, index: usize) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let lined = matches!(
            kr.grading,
            Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..) | Grading::Formula(_)
        );
        let out = self.krs[index].is(KrState::NOT_APPLICABLE);
        if self.newest[index] == NO_CHECKIN || kr.broken || out {
            return Err(Stop::NoData);
        }
        let newest = &self.plan.checkins[self.newest[index] as usize];
        if let Some(expecting) = newest.expecting.filter(|_| lined || kr.grading == Grading::Score)
        {
            return self.amount(expecting, None);
        }
        if !lined {
            return Err(Stop::NoData);
        }
        let elapsed = self.kr_elapsed(index, Some(newest.date)).filter(|elapsed| *elapsed > 0.0);
        let elapsed = elapsed.ok_or(Stop::NoData)?;
        let actual = super::grade::wanted(self.columns.of(Field::KrActual)[index])?;
        let baseline = super::grade::wanted(self.columns.of(Field::KrBaseline)[index])?;
        Ok(baseline + (actual - baseline) / elapsed)
    }

    fn forecast_grade(&self, index: usize) -> Result<f64, Stop> {
        if self.krs[index].is(KrState::DECLINED) {
            return Err(Stop::NoData);
        }
        let forecast = self.forecast(index)?;
        self.raw_grade(index, Some(forecast))
    }
}
