//! Scenarios side by side, as the program computed them.

use super::super::pen::{Cached, Pen, Tag};
use super::super::style::Look;
use super::{EFFORT, GRADE, SHARE, Source};
use crate::engine::{Engine, Options, Value};
use crate::plan::cell::{Cell, Field as Of};
use rust_xlsxwriter::XlsxError;
use std::sync::Arc;

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let others: Vec<Engine> = (0..plan.scenarios.len())
        .map(|scenario| {
            let options = Options { scenario: Some(scenario as u32), ..engine.options };
            Engine::new(Arc::clone(plan), options)
        })
        .collect();
    let all: Vec<&Engine> = std::iter::once(engine).chain(&others).collect();
    let width = all.len() as u16;
    pen.sheet.set_column_width(0, WIDTH)?;
    for column in 1..=width {
        pen.sheet.set_column_width(column, 17)?;
    }
    let (title, days) = super::cycle_words(engine);
    pen.text(0, 0, &format!("Scenarios  {title}"), Look::Title, Tag::NONE)?;
    pen.text(1, 0, &days, Look::Subtitle, Tag::NONE)?;
    pen.text(2, 0, WORDS, Look::Subtitle, Tag::NONE)?;
    let sheet = &mut pen.sheet;
    sheet.set_row_height(0, 26)?;
    sheet.set_freeze_panes(5, 1)?;
    super::print_set_up(sheet, true, Some((4, 4)), 0)?;
    super::lock(sheet);
    let titles: Vec<String> = plan
        .scenarios
        .iter()
        .map(|scenario| format!("{}: {}", plan.source(scenario.name), plan.text(scenario.title)))
        .collect();
    pen.room(4, titles.iter().map(|title| (title.as_str(), 17.0)))?;
    pen.text(4, 0, "what", Look::Header, Tag::NONE)?;
    pen.text(4, 1, "the plan as it is", Look::HeaderRight, Tag::NONE)?;
    for (title, column) in titles.iter().zip(2_u16..) {
        pen.text(4, column, title, Look::HeaderRight, Tag::NONE)?;
    }
    let mut row = 5;
    let mut heading = None;
    for line in lines(engine) {
        match line.cell {
            None => heading = Some(line.title),
            Some(cell) => row = write_line(pen, &all, row, (&line, cell), &mut heading)?,
        }
    }
    Ok(())
}

/// The width of the first column.
const WIDTH: f64 = 66.0;

const WORDS: &str = "Computed by okr; see `okr compare` for the reasons behind the differences.";

/// A line of the sheet.
struct Line {
    title: String,
    cell: Option<Cell>,
    form: &'static str,
}

fn lines(engine: &Engine) -> Vec<Line> {
    let plan = &engine.plan;
    let heading = |title: &str| Line { title: title.into(), cell: None, form: "" };
    let line = |title: String, field: Of, index: usize, form: &'static str| Line {
        title,
        cell: Some(Cell::new(field, index)),
        form,
    };
    let mut lines = vec![heading("Grades")];
    if let Some(cycle) = engine.moment.cycle.map(|cycle| cycle as usize) {
        let title = plan.text(plan.cycles[cycle].title);
        lines.push(line(title.clone(), Of::CycleGrade, cycle, GRADE));
        lines.push(line(format!("{title}, projected"), Of::CycleProjectedGrade, cycle, GRADE));
    }
    for (index, objective) in plan.objectives.iter().enumerate() {
        let title = plan.text(objective.title);
        lines.push(line(title.clone(), Of::ObjectiveGrade, index, GRADE));
        let projected = format!("{title}, projected");
        lines.push(line(projected, Of::ObjectiveProjectedGrade, index, GRADE));
    }
    if !plan.buckets.is_empty() {
        lines.push(heading("Buckets"));
    }
    for index in 0..plan.buckets.len() {
        let id = plan.bucket_id(index);
        lines.push(line(format!("{id}, share"), Of::BucketShare, index, SHARE));
        lines.push(line(format!("{id}, capacity in pw"), Of::BucketCapacity, index, EFFORT));
        lines.push(line(format!("{id}, load"), Of::BucketLoad, index, "0%"));
    }
    let own = plan.initiatives.iter().enumerate().filter(|(_, it)| it.scenario.is_none());
    let funded: Vec<Line> = own
        .map(|(index, it)| line(plan.text(it.title), Of::InitiativeFunded, index, "0%"))
        .collect();
    if !funded.is_empty() {
        lines.push(heading("Initiatives, funded"));
        lines.extend(funded);
    }
    lines
}

fn write_line(
    pen: &mut Pen<'_>,
    all: &[&Engine],
    row: u32,
    (line, cell): (&Line, Cell),
    heading: &mut Option<String>,
) -> Result<u32, XlsxError> {
    let read = |engine: &Engine| match cell.field {
        Of::BucketShare => engine.bucket_share(cell.index as usize),
        _ => engine.read(cell),
    };
    let values: Vec<Value> = all.iter().map(|engine| read(engine)).collect();
    if !values.iter().any(|value| matches!(value, Value::Number(_))) {
        return Ok(row);
    }
    let row = match heading.take() {
        None => row,
        Some(heading) => {
            pen.text(row + 1, 0, &heading, Look::Heading, Tag::NONE)?;
            row + 2
        }
    };
    pen.room(row, [(line.title.as_str(), WIDTH)])?;
    pen.text(row, 0, &line.title, Look::Text, Tag::NONE)?;
    for (value, column) in values.iter().zip(1_u16..) {
        let differs = *value != values[0];
        let look = if differs { Look::Changed } else { Look::Computed };
        pen.value(row, column, &Cached::from(*value), look, line.form, Tag::NONE)?;
    }
    Ok(row + 1)
}
