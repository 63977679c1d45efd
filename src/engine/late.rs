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
    /// Of the check-ins after the due day, but the newest: the least grade by the rule alone from a
    /// day on, and that day, both ascending.
    runs: Vec<(f64, Date)>,
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

    /// The grades of late key results on their due days and at the check-ins after them, day by day,
    /// so that each day finds those before it.
    fn grade_earlier_days(&self, late: &[(u32, Due)]) -> Earlier {
        let mut earlier = Earlier::default();
        let mut wanted: BTreeMap<Date, Vec<u32>> = BTreeMap::new();
        for (kr, due) in late {
            let days = self.days_of(*kr, due);
            match self.stands_alone(*kr as usize) {
                true => earlier.extend(
                    self.grades_alone(*kr as usize, &days)
                        .map(|(date, grade)| ((*kr, date), grade)),
                ),
                false => {
                    days.into_iter().for_each(|date| wanted.entry(date).or_default().push(*kr))
                }
            }
        }
        if wanted.is_empty() {
            return earlier;
        }
        let mut days = super::Days::new(self, Arc::new(earlier));
        for (date, krs) in wanted {
            let view = days.on(date);
            let graded: Vec<((u32, Date), Value)> = krs
                .into_iter()
                .map(|kr| ((kr, date), value_of_grade(view.raw_grade(kr as usize, None))))
                .collect();
            Arc::make_mut(&mut days.earlier).extend(graded);
        }
        Arc::unwrap_or_clone(days.earlier)
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
        let on_due_day = match graded(due.date) {
            Value::NoData => Value::Number(0.0),
            value => value,
        };
        let mut history = History { on_due_day, runs: Vec::new(), newest };
        if let Some(Late::Weekly(_)) = due.late {
            after.into_iter().for_each(|date| history.add(date, graded(date)));
        }
        history
    }

    /// Notes that the day after a key result was due has come.
    pub(super) fn becomes_late(&mut self, kr: u32, earlier: &Earlier) {
        let plan = Arc::clone(&self.plan);
        let index = kr as usize;
        let Some(due) = plan.krs[index].due.as_deref().filter(|due| due.late.is_some()) else {
            return;
        };
        let late = self.moment.as_of.is_some_and(|as_of| due.date < as_of);
        let seen = self.newest[index] != NO_CHECKIN;
        if late && seen && !self.krs[index].is(KrState::NOT_APPLICABLE) {
            let history = self.history(kr, due, earlier);
            self.late.insert(kr, history);
        }
    }

    /// Notes a check-in of a key result that may be late.
    pub(super) fn late_checkin(&mut self, kr: u32, date: Date, earlier: &Earlier) {
        let plan = Arc::clone(&self.plan);
        let Some(due) = plan.krs[kr as usize].due.as_deref() else { return };
        match self.late.get_mut(&kr) {
            None => self.becomes_late(kr, earlier),
            Some(history) if date > due.date && history.newest.is_none_or(|it| it < date) => {
                let before = history.newest.replace(date);
                if let (Some(Late::Weekly(_)), Some(before)) = (due.late, before) {
                    let graded = earlier.get(&(kr, before)).copied().unwrap_or(Value::NoData);
                    history.add(before, graded);
                }
            }
            Some(_) => {}
        }
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

    /// The grades by the rule alone on ascending days, of a key result that stands alone.
    fn grades_alone(&self, index: usize, days: &[Date]) -> impl Iterator<Item = (Date, Value)> {
        let kr = &self.plan.krs[index];
        let mut seen = 0;
        let mut so_far = SoFar::default();
        days.iter().map(move |date| {
            let until = checkins_until(&self.plan, &kr.checkins, Some(*date));
            until[seen..].iter().for_each(|checkin| so_far.add(checkin.observation, |value| {
                matches!(kr.grading, Grading::Keep(bounds) if self.keeps(bounds, value).unwrap_or(false))
            }));
            seen = until.len();
            let grade = match kr.grading {
                Grading::Keep(_) => so_far.share(),
                _ => self.grade_alone(index, *date, so_far.furthest),
            };
            (*date, value_of_grade(grade))
        })
    }

    /// The grade by the rule alone on another day, of a key result that stands alone.
    fn grade_alone(&self, index: usize, date: Date, furthest: u32) -> Result<f64, Stop> {
        let kr = &self.plan.krs[index];
        let stored = |input: Option<Input>, nothing: f64| match input.map(|input| input.amount) {
            None => nothing,
            Some(Amount::Number(number)) => number,
            Some(_) => ERROR,
        };
        let in_force = |field: Field, written: Option<Input>| {
            let Options { original, .. } = self.options;
            let amended = self.amendments_of(Cell::new(field, index)).as_slice();
            let until = if original { 0 } else { amended.partition_point(|it| it.date <= date) };
            amended[..until].last().map(|it| it.value).or(written)
        };
        let seen = checkins_until(&self.plan, &kr.checkins, Some(date));
        let actual = match seen.last().map(|checkin| checkin.observation) {
            None | Some(Observation::NotApplicable) => NO_DATA,
            Some(Observation::Number(input)) => stored(Some(input), NO_DATA),
            Some(Observation::Done) => 1.0,
            Some(Observation::Open) => 0.0,
            Some(Observation::Milestone(_)) => f64::from(furthest),
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

/// What the check-ins so far come to, of a key result that stands alone.
#[derive(Clone, Copy, Debug, Default)]
struct SoFar {
    newest: Option<Observation>,
    /// The furthest milestone.
    furthest: u32,
    /// How many numbers there are, and how many of them hold the bounds.
    count: u32,
    held: u32,
    /// Whether one of them was wrong.
    bad: bool,
}

impl SoFar {
    fn add(&mut self, observation: Observation, holds: impl Fn(f64) -> bool) {
        match observation {
            Observation::Number(Input { amount: Amount::Number(value), .. }) => {
                self.count += 1;
                self.held += u32::from(holds(value));
            }
            Observation::Number(_) | Observation::Bad => self.bad = true,
            Observation::Milestone(at) => self.furthest = self.furthest.max(at),
            _ => {}
        }
        self.newest = Some(observation);
    }

    /// The share of the numbers that hold the bounds.
    fn share(&self) -> Result<f64, Stop> {
        match self.newest {
            None | Some(Observation::NotApplicable) => Err(Stop::NoData),
            _ if self.bad => Err(Stop::Poisoned),
            _ => Ok(f64::from(self.held) / f64::from(self.count)),
        }
    }
}

fn value_of_grade(grade: Result<f64, Stop>) -> Value {
    match grade {
        Ok(grade) => Value::Number(grade),
        Err(Stop::NoData) => Value::NoData,
        Err(Stop::Poisoned | Stop::Wrong(_)) => Value::Error,
    }
}

impl History {
    /// The grade on the due day.
    pub fn on_due_day(&self) -> Value {
        self.on_due_day
    }

    /// The runs of the check-ins after the due day, the newest included with its grade: from when
    /// on a grade has been held, the lowest first.
    pub fn runs_with(&self, newest: Value) -> Vec<(Date, f64)> {
        let mut all = self.clone();
        if let Some(date) = self.newest {
            all.add(date, newest);
        }
        all.runs.into_iter().map(|(least, from)| (from, least)).collect()
    }

    /// Adds a check-in: the runs before it last no longer than its grade allows.
    fn add(&mut self, date: Date, grade: Value) {
        let grade = grade.number().unwrap_or(f64::NEG_INFINITY);
        let mut since = date;
        while let Some((_, from)) = self.runs.pop_if(|(least, _)| *least >= grade) {
            since = from;
        }
        self.runs.push((grade, since));
    }

    /// The first check-in of the unbroken run, up to the newest, that holds a grade.
    fn held_since(&self, grade: f64) -> Option<Date> {
        let run = self.runs.partition_point(|(least, _)| *least < grade - 1e-12);
        self.runs.get(run).map(|(_, from)| *from).or(self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_run_is_unbroken_up_to_the_newest() {
        let day = |at: usize| date(2026, 1, at as i8 + 1);
        let grades = [0.3, 0.5, 0.2, 0.4, 0.6, 0.5, 0.5, 0.7, 0.1, 0.9, 0.4, 0.8];
        for end in 0..grades.len() {
            let newest = Some(day(end));
            let mut history = History { on_due_day: Value::NoData, runs: Vec::new(), newest };
            (0..end).for_each(|at| history.add(day(at), Value::Number(grades[at])));
            for grade in [0.1, 0.2, 0.35, 0.5, 0.7, 1.0] {
                let run = (0..end).rev().take_while(|at| grades[*at] >= grade).last();
                assert_eq!(history.held_since(grade), run.map(day).or(newest), "{grade} at {end}");
            }
        }
    }
}
