//! Metrics: named numbers that formulas read.

use super::super::columns::{Field, Role, Sheet, Table};
use super::super::formula::Printer;
use super::super::held::{Held, held};
use super::super::layout::Here;
use super::super::pen::{Cached, Pen, Tag};
use super::super::style::{Look, number_format};
use super::Source;
use crate::plan::cell::{Cell, Field as Of};
use crate::quantity::UnitId;
use rust_xlsxwriter::XlsxError;

const TABLE: Table = Table::Metrics;

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let block = source.layout.block(TABLE);
    let last = block.end() - 1;
    let width = TABLE.columns().len() as u16 - 1;
    super::widths(&mut pen.sheet, TABLE)?;
    pen.sheet.set_row_height(0, 24)?;
    super::header(pen, TABLE, 0)?;
    let sheet = &mut pen.sheet;
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, last, width)?;
    super::print_set_up(sheet, false, Some((0, 0)), 0)?;
    sheet.set_header(super::print_header("Metrics", source.engine));
    super::quiet(sheet, last, width)?;
    if source.protect {
        super::protect_inputs(sheet);
    }
    for index in 0..source.engine.plan.metrics.len() {
        write_row(pen, source, block.first + index as u32, index)?;
    }
    super::fit(pen, TABLE)
}

fn write_row(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    row: u32,
    index: usize,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let metric = &plan.metrics[index];
    let key = plan.source(metric.name);
    let cell = Cell::new(Of::MetricValue, index);
    for (at, column) in (0_u16..).zip(TABLE.columns()) {
        let tag = Tag::new(key, column.header);
        match (column.role, column.field) {
            (Role::Key, _) => pen.text(row, at, key, Look::Reference, tag)?,
            (_, Field::Unit) => {
                pen.text(row, at, plan.units.word(metric.unit), Look::Reference, tag)?;
            }
            (_, field) => match held(engine, TABLE, index, field) {
                Held::Text(text) => pen.text(row, at, &text, Look::InputText, tag)?,
                Held::Number(number) => {
                    let form = number_format(metric.unit == UnitId::PERCENT, [number]);
                    pen.number(row, at, number, Look::Input, &form, tag)?;
                }
                Held::Empty => pen.blank(row, at, Look::Input)?,
                Held::Formula(text, value) => {
                    let form = number_format(metric.unit == UnitId::PERCENT, value.number());
                    let here = Here { sheet: Sheet::Metrics, own: Some((TABLE, index)), row };
                    let printer = Printer { engine, layout: source.layout, here };
                    let formula = match engine.input(cell) {
                        Some(input) => printer.input(input).map(|piece| piece.guarded()),
                        None => Err("it is wrong in the plan".to_owned()),
                    };
                    let cached = Cached::from(value);
                    if pen.live_or_value(row, at, formula, &cached, Look::Input, &form, tag)? {
                        pen.record_formula(tag, &text, &cached);
                    }
                }
            },
        }
    }
    Ok(())
}
