//! Lateness: what a result after its due day still counts (`grading.md`, "One key result").
//!
//! The grade on the due day, and the grades at the check-ins after it, belong to other days. A key
//! result whose numbers all stand alone is graded for those days by itself; for any other the plan
//! is computed as of them.

use super::grade::Stop;
use super::store::Value;
use super::time::days_between;
use super::{Engine, bind::KrState};
use crate::plan::model::Late;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What is known of a late key result from the days before.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// The grade on the due day; 0 where there was no data.
    on_due_day: Value,
    /// The grades by the rule alone at the check-ins after the due day, but the newest.
    since: Vec<(Date, Value)>,
    /// The day of the newest check-in, if that is after the due day.
    newest: Option<Date>,
}

impl Engine {
    /// Looks up what late key results were graded before.
    pub(super) fn trace_lateness(&mut self) {
        let Some(as_of) = self.moment.as_of else { return };
        let plan = Arc::clone(&self.plan);
        let mut views: FxHashMap<Date, Engine> = FxHashMap::default();
        for (index, kr) in plan.krs.iter().enumerate() {
            let Some(due) = kr.due.filter(|due| due.late.is_some() && due.date < as_of) else {
                continue;
            };
            let dated = plan.checkins[kr.checkins.start as usize..kr.checkins.end as usize].iter();
            let since: Vec<Date> = dated
                .map(|checkin| checkin.date)
                .filter(|date| *date > due.date && *date <= as_of)
                .collect();
            if kr.checkins.is_empty() || self.krs[index].is(KrState::NOT_APPLICABLE) {
                continue; // an undated actual is never late
            }
            let on_due_day = match self.grade_on(index, due.date, &mut views) {
                Value::NoData => Value::Number(0.0),
                value => value,
            };
            let (newest, earlier) = match since.split_last() {
                Some((newest, earlier)) => (Some(*newest), earlier),
                None => (None, &[][..]),
            };
            let since = match due.late {
                Some(Late::Weekly(_)) => earlier
                    .iter()
                    .map(|date| (*date, self.grade_on(index, *date, &mut views)))
                    .collect(),
                _ => Vec::new(),
            };
            self.late.insert(index as u32, History { on_due_day, since, newest });
        }
    }

    /// The grade of a key result by its rule alone on an earlier day.
    fn grade_on(&self, index: usize, date: Date, views: &mut FxHashMap<Date, Engine>) -> Value {
        let view = views.entry(date).or_insert_with(|| {
            let plan = Arc::clone(&self.plan);
            Engine::at(plan, self.options, self.moment.on(date))
        });
        match view.raw_grade(index, None) {
            Ok(grade) => Value::Number(grade),
            Err(Stop::NoData) => Value::NoData,
            Err(Stop::NotEvaluated) => Value::NotEvaluated,
            Err(Stop::Poisoned | Stop::Wrong(_)) => Value::Error,
        }
    }

    /// A grade with what lateness costs.
    pub(super) fn with_lateness(&self, index: usize, raw: Result<f64, Stop>) -> Result<f64, Stop> {
        let Some(history) = self.late.get(&(index as u32)) else { return raw };
        let Some(due) = self.plan.krs[index].due else { return raw };
        let on_due_day = match history.on_due_day {
            Value::Number(grade) => grade,
            Value::NotEvaluated => return Err(Stop::NotEvaluated),
            _ => return Err(Stop::Poisoned),
        };
        let raw = raw?;
        match due.late {
            Some(Late::Zero) => Ok(on_due_day),
            Some(Late::Weekly(cost)) if raw > on_due_day => {
                let Some(held_since) = history.held_since(raw) else { return Ok(raw) };
                let weeks = (days_between(due.date, held_since) + 6) / 7;
                let cost = self.amount(cost, None)?;
                Ok((raw - cost * f64::from(weeks)).max(on_due_day))
            }
            _ => Ok(raw),
        }
    }
}

impl History {
    /// The first check-in of the unbroken run, up to the newest, that holds a grade.
    fn held_since(&self, grade: f64) -> Option<Date> {
        let holds = |value: &Value| value.number().is_some_and(|it| it >= grade - 1e-12);
        let run = self.since.iter().rev().take_while(|(_, value)| holds(value));
        run.last().map(|(date, _)| *date).or(self.newest)
    }
}
