//! Check-ins: the history, newest first, for reading.

use super::super::columns::{Field, Table};
use super::super::pen::{Pen, Tag};
use super::super::style::{Look, number_format};
use super::Source;
use crate::plan::model::*;
use crate::quantity::UnitId;
use rust_xlsxwriter::XlsxError;

const TABLE: Table = Table::CheckIns;

/// What a check-in is about.
struct About {
    key: String,
    title: TextPlace,
    unit: UnitId,
    milestones: Option<u32>,
}

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let plan = &source.engine.plan;
    let as_of = source.engine.moment.as_of;
    let mut seen: Vec<(About, &Checkin)> = Vec::new();
    for (index, kr) in plan.krs.iter().enumerate() {
        let milestones = match kr.grading {
            Grading::Milestones(first, _) => Some(first),
            _ => None,
        };
        for checkin in &plan.checkins[kr.checkins.start as usize..kr.checkins.end as usize] {
            let (title, unit) = (kr.title, kr.unit);
            seen.push((About { key: plan.kr_id(index), title, unit, milestones }, checkin));
        }
    }
    for metric in &plan.metrics {
        let key = plan.source(metric.name);
        let (title, unit) = (metric.title, metric.unit);
        for checkin in &plan.checkins[metric.checkins.start as usize..metric.checkins.end as usize]
        {
            seen.push((About { key: key.to_owned(), title, unit, milestones: None }, checkin));
        }
    }
    seen.retain(|(_, checkin)| as_of.is_none_or(|as_of| checkin.date <= as_of));
    seen.sort_by_key(|(_, checkin)| std::cmp::Reverse(checkin.date));
    let last = seen.len().max(1) as u32;
    let width = TABLE.columns().len() as u16 - 1;
    super::widths(&mut pen.sheet, TABLE)?;
    pen.sheet.set_row_height(0, 24)?;
    super::header(pen, TABLE, 0)?;
    let sheet = &mut pen.sheet;
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, last, width)?;
    super::print_set_up(sheet, true, Some((0, 0)), 0)?;
    sheet.set_header(super::print_header("Check-ins", source.engine));
    super::lock(sheet);
    pen.apart(seen.len(), |pen| {
        let mut rows = seen.iter().zip(1_u32..);
        rows.try_for_each(|((about, checkin), row)| write_row(pen, source, row, about, checkin))
    })?;
    super::fit(pen, TABLE)
}

fn write_row(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    row: u32,
    about: &About,
    checkin: &Checkin,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let key = format!("{} {}", checkin.date, about.key);
    let bound = |input: Option<Input>| input.and_then(|input| engine.bound(input));
    let note = checkin.note.map_or_else(String::new, |note| plan.text(note));
    let title = plan.text(about.title);
    let value = match checkin.observation {
        Observation::Number(_) => String::new(),
        other => word(plan, about, other),
    };
    let width = |field| TABLE.column(field).map_or(1.0, |column| column.width);
    let texts = [
        (&note, Field::Note),
        (&title, Field::Title),
        (&value, Field::Value),
        (&about.key, Field::Key),
    ];
    pen.room(row, texts.map(|(text, field)| (text.as_str(), width(field))))?;
    for (at, column) in (0_u16..).zip(TABLE.columns()) {
        let tag = Tag::new(&key, column.header);
        let percent = about.unit == UnitId::PERCENT;
        match column.field {
            Field::Date => pen.date(row, at, checkin.date, Look::Text, tag)?,
            Field::Key => pen.text(row, at, &about.key, Look::Reference, tag)?,
            Field::Title => pen.text(row, at, &title, Look::Text, tag)?,
            Field::Unit => pen.text(row, at, plan.units.word(about.unit), Look::Text, tag)?,
            Field::Value => match checkin.observation {
                Observation::Number(input) => match engine.bound(input) {
                    Some(number) => {
                        let form = number_format(percent, [number]);
                        pen.number(row, at, number, Look::Computed, &form, tag)?;
                    }
                    None => pen.text(row, at, plan.source(input.place), Look::Text, tag)?,
                },
                _ => pen.text(row, at, &value, Look::TextRight, tag)?,
            },
            Field::Expecting => match bound(checkin.expecting) {
                Some(number) => {
                    let form = number_format(percent, [number]);
                    pen.number(row, at, number, Look::Computed, &form, tag)?;
                }
                None => pen.blank(row, at, Look::Computed)?,
            },
            Field::Confidence => match bound(checkin.confidence) {
                Some(number) => pen.number(row, at, number, Look::Computed, "0.0#", tag)?,
                None => pen.blank(row, at, Look::Computed)?,
            },
            _ => pen.text(row, at, &note, Look::Text, tag)?,
        }
    }
    Ok(())
}

/// An observation that is no number.
fn word(plan: &Plan, about: &About, observation: Observation) -> String {
    match (observation, about.milestones) {
        (Observation::Done, _) => "done".into(),
        (Observation::Open, _) => "open".into(),
        (Observation::NotApplicable, _) => "n/a".into(),
        (Observation::Milestone(at), Some(first)) => {
            plan.text(plan.milestones[(first + at) as usize].name)
        }
        _ => "error".into(),
    }
}
