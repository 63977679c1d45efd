//! Lateness: what a result after its due day still counts (`grading.md`, "One key result").
//!
//! The grade on the due day, and the grades at the check-ins after it, belong to other days. A key
//! result whose numbers all stand alone is graded for those days by itself; for any other the plan
//! is computed as of them.

use super::bind::{KrState, NO_CHECKIN, checkins_until};
use super::grade::{Given, Stop};
use super::graph::for_each_inline;
use super::store::{ERROR, NO_DATA, Value};
use super::time::days_between;
use super::{Engine, Options};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Amount, Due, Grading, Input, Late, Observation};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
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

/// The grades by the rule alone of late key results on earlier days.
pub(super) type Earlier = FxHashMap<(u32, Date), Value>;

impl Engine {
    /// Looks up what late key results were graded before.
    pub(super) fn trace_lateness(&mut self) {
        let Some(as_of) = self.moment.as_of else { return };
        let plan = Arc::clone(&self.plan);
        let late: Vec<(u32, Due)> = (0_u32..)
            .zip(&plan.krs)
            .filter(|(_, kr)| !kr.checkins.is_empty())
            .filter_map(|(index, kr)| Some((index, **kr.due.as_ref()?)))
            .filter(|(_, due)| due.late.is_some())
            .filter(|(_, due)| due.date < as_of)
            .collect();
        if late.is_empty() {
            return;
        }
        let earlier = match self.earlier.take() {
            Some(earlier) => earlier,
            None => Arc::new(self.grade_earlier_days(&late)),
        };
        for (kr, due) in late {
            // An undated actual is never late.
            let index = kr as usize;
            if self.newest[index] != NO_CHECKIN && !self.krs[index].is(KrState::NOT_APPLICABLE) {
                let history = self.history(kr, &due, &earlier);
                self.late.insert(kr, history);
            }
        }
        self.earlier = Some(earlier);
    }

    /// The plan on an earlier day, with what is known of the days before.
    pub(crate) fn on_day(&self, date: Date) -> Self {
        let moment = self.moment.on(date);
        Self::with_earlier(Arc::clone(&self.plan), self.options, moment, self.earlier.clone())
    }

    /// The grades of late key results on their due days and at the check-ins after them, day by day,
    /// so that each day finds those before it.
    fn grade_earlier_days(&self, late: &[(u32, Due)]) -> Earlier {
        let mut earlier = Earlier::default();
        let mut wanted: BTreeMap<Date, Vec<u32>> = BTreeMap::new();
        for (kr, due) in late {
            let alone = self.stands_alone(*kr as usize);
            for date in self.days_of(*kr, due) {
                match alone {
                    true => {
                        let value = value_of_grade(self.grade_alone(*kr as usize, date));
                        earlier.insert((*kr, date), value);
                    }
                    false => wanted.entry(date).or_default().push(*kr),
                }
            }
        }
        for (date, krs) in wanted {
            let known = Arc::new(earlier);
            let moment = self.moment.on(date);
            let plan = Arc::clone(&self.plan);
            let view = Self::with_earlier(plan, self.options, moment, Some(Arc::clone(&known)));
            let graded: Vec<(u32, Value)> = krs
                .into_iter()
                .map(|kr| (kr, value_of_grade(view.raw_grade(kr as usize, None))))
                .collect();
            drop(view);
            earlier = Arc::unwrap_or_clone(known);
            earlier.extend(graded.into_iter().map(|(kr, value)| ((kr, date), value)));
        }
        earlier
    }

    /// The days before this one on which a late key result's grade matters.
    fn days_of(&self, kr: u32, due: &Due) -> Vec<Date> {
        let checkins = &self.plan.krs[kr as usize].checkins;
        let seen = checkins_until(&self.plan, checkins, self.moment.as_of);
        let mut days = vec![due.date];
        if let Some(Late::Weekly(_)) = due.late {
            let after = seen.iter().map(|checkin| checkin.date).filter(|date| *date > due.date);
            days.extend(after);
            days.pop_if(|newest| Some(*newest) == self.moment.as_of && *newest > due.date);
        }
        days
    }

    fn history(&self, kr: u32, due: &Due, earlier: &Earlier) -> History {
        let seen =
            checkins_until(&self.plan, &self.plan.krs[kr as usize].checkins, self.moment.as_of);
        let graded = |date: Date| earlier.get(&(kr, date)).copied().unwrap_or(Value::NoData);
        let mut after: Vec<Date> =
            seen.iter().map(|checkin| checkin.date).filter(|date| *date > due.date).collect();
        let newest = after.pop();
        let since = match due.late {
            Some(Late::Weekly(_)) => after.into_iter().map(|date| (date, graded(date))).collect(),
            _ => Vec::new(),
        };
        let on_due_day = match graded(due.date) {
            Value::NoData => Value::Number(0.0),
            value => value,
        };
        History { on_due_day, since, newest }
    }

    /// Whether every number of a key result stands alone, on every day.
    fn stands_alone(&self, index: usize) -> bool {
        let kr = &self.plan.krs[index];
        let mut alone = !matches!(kr.grading, Grading::Formula(_));
        let mut look = |input: Input| alone &= !matches!(input.amount, Amount::Formula(_));
        for_each_inline(&self.plan, index, &mut look);
        kr.baseline.into_iter().chain(kr.target).for_each(&mut look);
        for field in [Field::KrBaseline, Field::KrTarget] {
            self.amendments_of(Cell::new(field, index)).for_each(|it| look(it.value));
        }
        alone && self.options.scenario.is_none()
    }

    /// The grade by the rule alone on another day, of a key result that stands alone.
    fn grade_alone(&self, index: usize, date: Date) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let stored = |input: Option<Input>, nothing: f64| match input.map(|input| input.amount) {
            None => nothing,
            Some(Amount::Number(number)) => number,
            Some(_) => ERROR,
        };
        let in_force = |field: Field, written: Option<Input>| {
            let Options { original, .. } = self.options;
            let mut amended = self.amendments_of(Cell::new(field, index));
            let newest = amended.rfind(|it| !original && it.date <= date).map(|it| it.value);
            newest.or(written)
        };
        let seen = checkins_until(&self.plan, &kr.checkins, Some(date));
        let actual = match seen.last().map(|checkin| checkin.observation) {
            None | Some(Observation::NotApplicable) => NO_DATA,
            Some(Observation::Number(input)) => stored(Some(input), NO_DATA),
            Some(Observation::Done) => 1.0,
            Some(Observation::Open) => 0.0,
            Some(Observation::Milestone(_)) => f64::from(furthest(seen)),
            Some(Observation::Bad) => ERROR,
        };
        let given = Given {
            baseline: stored(in_force(Field::KrBaseline, kr.baseline), 0.0),
            target: stored(in_force(Field::KrTarget, kr.target), NO_DATA),
            actual,
            until: Some(date),
            dated: true,
            instead: false,
        };
        self.grade_given(index, &given)
    }

    /// How late a key result is, in words: ` (0.4 on the day, held since 2026-02-10, 2 weeks late)`.
    pub(super) fn lateness_words(&self, index: usize, due: Date) -> String {
        let Some(history) = self.late.get(&(index as u32)) else { return String::new() };
        let shown = |number: f64| crate::quantity::readable(number).into_owned();
        let on_due_day = history.on_due_day.number().map_or("error".into(), shown);
        let raw = self.raw_grade(index, None).unwrap_or(0.0);
        match history.held_since(raw) {
            Some(since) => {
                let weeks = (days_between(due, since) + 6) / 7;
                format!(" ({on_due_day} on that day; held since {since}, in week {weeks} after it)")
            }
            None => format!(" ({on_due_day} on that day)"),
        }
    }

    /// A grade with what lateness costs.
    pub(super) fn with_lateness(&self, index: usize, raw: Result<f64, Stop>) -> Result<f64, Stop> {
        let Some(history) = self.late.get(&(index as u32)) else { return raw };
        let Some(due) = &self.plan.krs[index].due else { return raw };
        let on_due_day = match history.on_due_day {
            Value::Number(grade) => grade,
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

/// The furthest milestone of check-ins.
fn furthest(seen: &[crate::plan::model::Checkin]) -> u32 {
    let reached = seen.iter().filter_map(|checkin| match checkin.observation {
        Observation::Milestone(at) => Some(at),
        _ => None,
    });
    reached.max().unwrap_or(0)
}

fn value_of_grade(grade: Result<f64, Stop>) -> Value {
    match grade {
        Ok(grade) => Value::Number(grade),
        Err(Stop::NoData) => Value::NoData,
        Err(Stop::Poisoned | Stop::Wrong(_)) => Value::Error,
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
