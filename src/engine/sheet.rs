//! What a workbook asks of an engine: which input is in force, and what of a grade belongs to
//! earlier days.

use super::bind::{KrState, checkins_until};
use super::store::Value;
use super::{Engine, Stop};
use crate::plan::cell::Cell;
use crate::plan::model::*;
use jiff::civil::Date;

/// What is known of a key result with a due date that has passed.
#[derive(Clone, Debug)]
pub struct Lateness {
    /// The grade on the due day; 0 where there was no data.
    pub on_due_day: Value,
    /// From when on which grade by the rule alone has been held after the due day, the lowest first.
    pub held: Vec<(Date, f64)>,
}

impl Engine {
    /// The input that gives a cell its value: amended, or as written.
    pub fn input(&self, cell: Cell) -> Option<Input> {
        self.input_in_force(cell)
    }

    /// The newest amendment of a cell up to the day.
    pub fn amendment(&self, cell: Cell) -> Option<&Amendment> {
        self.amendment_in_force(cell)
    }

    /// Whether a cell has ever been amended.
    pub fn is_amended(&self, cell: Cell) -> bool {
        self.amendments_of(cell).len() > 0
    }

    /// The check-ins of a key result up to the day, by date.
    pub fn observations(&self, index: usize) -> &[Checkin] {
        checkins_until(&self.plan, &self.plan.krs[index].checkins, self.moment.as_of)
    }

    /// The check-ins of a metric up to the day, by date.
    pub fn metric_observations(&self, index: usize) -> &[Checkin] {
        checkins_until(&self.plan, &self.plan.metrics[index].checkins, self.moment.as_of)
    }

    /// Whether a key result without data is left out of the means.
    pub fn skips(&self, index: usize) -> bool {
        self.krs[index].is(KrState::SKIP_MISSING)
    }

    /// The grade of a key result by its rule alone, before lateness.
    pub fn by_rule(&self, index: usize) -> Value {
        match self.raw_grade(index, None) {
            Ok(grade) => Value::Number(grade),
            Err(Stop::NoData) => Value::NoData,
            Err(_) => Value::Error,
        }
    }

    /// Whether the points of a key result's steps or curve rise.
    pub fn rises(&self, index: usize) -> bool {
        self.rises_given(index).unwrap_or(true)
    }

    /// What is known of a late key result from the days before; `None` if it is not late.
    pub fn lateness(&self, index: usize) -> Option<Lateness> {
        let history = self.late.get(&(index as u32))?;
        let held = history.runs_with(self.by_rule(index));
        Some(Lateness { on_due_day: history.on_due_day(), held })
    }
}
