//! Where the plan says what an input cell holds.

use super::super::columns::{Field, Table};
use super::super::layout::Layout;
use crate::engine::Engine;
use crate::plan::cell::{Cell, Field as Of};
use crate::source::Place;

/// The plan's field of a column of key results.
pub fn plan_field(field: Field) -> Option<Of> {
    match field {
        Field::Weight => Some(Of::KrWeight),
        Field::Baseline => Some(Of::KrBaseline),
        Field::Target => Some(Of::KrTarget),
        _ => None,
    }
}

/// The text that gives a cell its value; `None` where there is none.
pub fn place_of(
    engine: &Engine,
    layout: &Layout,
    table: Table,
    index: usize,
    field: Field,
) -> Option<Place> {
    let plan = &engine.plan;
    let input = |of: Of| engine.input(Cell::new(of, index)).map(|input| input.place);
    match (table, field) {
        (Table::KeyResults, Field::Title) => Some(plan.krs[index].title.0),
        (Table::KeyResults, Field::Note) => {
            let notes = plan.krs[index].remarks.as_deref().map(|it| &it.notes);
            notes.and_then(|notes| notes.first()).map(|note| note.0)
        }
        (Table::KeyResults, Field::Actual) => match engine.newest_checkin(index) {
            Some(newest) => Some(newest.value),
            None => plan.krs[index].actual.map(|(_, place)| place),
        },
        (Table::KeyResults, Field::Confidence) => {
            let given = engine.observations(index).iter().rev().find_map(|it| it.confidence);
            given.map(|input| input.place)
        }
        (Table::KeyResults, field) => input(plan_field(field)?),
        (Table::Metrics, Field::Title) => Some(plan.metrics[index].title.0),
        (Table::Metrics, Field::Value) => input(Of::MetricValue),
        (Table::Teams, Field::Title) => Some(plan.teams[index].title.0),
        (Table::Teams, Field::People) => {
            plan.teams[index].people.and_then(|_| input(Of::TeamPeople))
        }
        (Table::Teams, Field::Leave) => plan.teams[index].leave.and_then(|_| input(Of::TeamLeave)),
        (Table::Teams, Field::Focus) => plan.teams[index].focus.and_then(|_| input(Of::TeamFocus)),
        (Table::Buckets, Field::Title) => plan.buckets[index].title.map(|title| title.0),
        (Table::Buckets, Field::Share) => Some(plan.buckets[index].share_place),
        (Table::Draws, Field::Draw) => {
            let row = &layout.draws[index];
            let draws = &plan.initiatives[row.initiative].draws;
            row.lines.first().map(|line| draws[*line].0.mean.place)
        }
        _ => None,
    }
}
