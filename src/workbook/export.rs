//! A plan as a workbook. The same plan and as-of date give the same bytes.

use super::base::{BaseSheet, Size, VERSION};
use super::columns::{Sheet, Table};
use super::layout::Layout;
use super::pen::Pen;
use super::sheets::{
    Source, capacity, history, how_to, key_results, metrics, scenarios, scorecard,
};
use super::style::{Forms, Styles};
use crate::engine::Engine;
use crate::plan::Plan;
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};
use std::fmt;

/// How a workbook is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether input sheets are protected, so that only inputs can be edited.
    pub protect: bool,
}

/// Why a workbook could not be written.
#[derive(Debug)]
pub struct ExportError(String);

impl fmt::Display for ExportError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the plan does not fit into a workbook: {}", self.0)
    }
}

impl std::error::Error for ExportError {}

impl From<XlsxError> for ExportError {
    fn from(error: XlsxError) -> Self {
        ExportError(error.to_string())
    }
}

/// From so many key results on, speed counts more than the size of the file.
const LARGE: usize = 10_000;

/// From so many objectives on the scorecard goes to disk row by row.
const LARGE_CARD: usize = 1_000;

/// A plan as the bytes of an `.xlsx` file.
///
/// # Errors
///
/// If the plan has more rows than a sheet.
pub fn export(engine: &Engine, options: Options) -> Result<Vec<u8>, ExportError> {
    let layout = Layout::of(engine);
    let source = Source { engine, layout: &layout, protect: options.protect };
    let plan = &engine.plan;
    let mut workbook = Workbook::new();
    if plan.krs.len() > LARGE {
        workbook.set_zip_compression_level(1);
    }
    let base = workbook.new_worksheet_with_constant_memory()?;
    let mut base = BaseSheet::new(base, size(engine), &key_results::lists(&source))?;
    let (mut forms, mut styles) = (Forms::default(), Styles::default());
    for sheet in Sheet::ALL {
        let Some(write) = writer(plan, sheet) else { continue };
        // Long sheets go to disk row by row.
        let empty = match sheet {
            Sheet::KeyResults | Sheet::CheckIns => workbook.new_worksheet_with_constant_memory()?,
            Sheet::Scorecard if plan.objectives.len() > LARGE_CARD => {
                workbook.new_worksheet_with_constant_memory()?
            }
            _ => Worksheet::new(),
        };
        let mut pen = Pen::new(empty, sheet, &mut base, (&mut forms, &mut styles))?;
        if sheet == Sheet::Scorecard {
            describe(&mut pen, engine);
        }
        write(&mut pen, &source)?;
        let mut sheet_done = pen.sheet;
        if sheet == Sheet::Scorecard {
            sheet_done.set_active(true);
        }
        workbook.push_worksheet(sheet_done);
    }
    workbook.push_worksheet(base.finish()?);
    workbook.set_properties(&properties(engine));
    Ok(workbook.save_to_buffer()?)
}

type Write = fn(&mut Pen<'_>, &Source<'_>) -> Result<(), XlsxError>;

/// What writes a sheet; `None` for one that the plan does not need.
fn writer(plan: &Plan, sheet: Sheet) -> Option<Write> {
    match sheet {
        Sheet::Scorecard => Some(scorecard::write),
        Sheet::KeyResults => Some(key_results::write),
        Sheet::Metrics if plan.metrics.is_empty() => None,
        Sheet::Metrics => Some(metrics::write),
        Sheet::Capacity if plan.teams.is_empty() && plan.initiatives.is_empty() => None,
        Sheet::Capacity => Some(capacity::write),
        Sheet::CheckIns => Some(history::write),
        Sheet::Scenarios if plan.scenarios.is_empty() => None,
        Sheet::Scenarios => Some(scenarios::write),
        Sheet::HowTo => Some(how_to::write),
        Sheet::Base => None,
    }
}

/// How much the base is going to hold.
fn size(engine: &Engine) -> Size {
    let plan = &engine.plan;
    let columns = |table: Table| table.columns().len();
    let records = plan.krs.len() * columns(Table::KeyResults)
        + plan.metrics.len() * columns(Table::Metrics)
        + (plan.teams.len() + plan.buckets.len()) * 10
        + plan.initiatives.len() * 20
        + plan.checkins.len() * columns(Table::CheckIns)
        + (plan.objectives.len() + plan.teams.len()) * 12
        + plan.scenarios.len() * (plan.objectives.len() * 2 + plan.buckets.len() * 3)
        + 1_000;
    // A key result is a row of its sheet, and as a guardrail one of the scorecard.
    let rows = plan.krs.len() * 2 + plan.checkins.len() + plan.objectives.len();
    let rows = rows + (plan.metrics.len() + plan.teams.len() + plan.buckets.len()) * 2;
    let compared = plan.objectives.len() + plan.buckets.len() * 3 + plan.teams.len();
    let rows = rows + plan.initiatives.len() * 20 + (plan.scenarios.len() + 2) * compared + 1_000;
    Size { records, rows }
}

fn describe(pen: &mut Pen<'_>, engine: &Engine) {
    let as_of = engine.moment.as_of.map(|date| date.to_string()).unwrap_or_default();
    pen.meta("format", VERSION);
    pen.meta("as of", &as_of);
    pen.meta("export", &export_id(engine));
}

/// A hash of the plan's text, the as-of date and the version of the form.
fn export_id(engine: &Engine) -> String {
    let mut hash = Fnv::new();
    for (_, source) in engine.plan.sources.iter() {
        hash.add(source.text().as_bytes());
    }
    let as_of = engine.moment.as_of.map(|date| date.to_string()).unwrap_or_default();
    hash.add(as_of.as_bytes());
    hash.add(VERSION.as_bytes());
    format!("{:032x}", hash.0)
}

/// FNV-1a of 128 bits: the same on every machine.
struct Fnv(u128);

impl Fnv {
    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn add(&mut self, bytes: &[u8]) {
        // A length before each part, so that parts cannot run into one another.
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 ^= u128::from(*byte);
            self.0 = self.0.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

fn properties(engine: &Engine) -> DocProperties {
    let plan = &engine.plan;
    let cycle = engine.moment.cycle.map(|cycle| plan.text(plan.cycles[cycle as usize].title));
    let title = cycle.map_or_else(|| "OKRs".to_owned(), |cycle| format!("OKRs, {cycle}"));
    let as_of = engine.moment.as_of.map(|date| format!(" as of {date}")).unwrap_or_default();
    // Fixed, so that the same plan and date give the same bytes.
    let created = engine.moment.as_of.unwrap_or(Date::constant(2000, 1, 1));
    let properties = DocProperties::new()
        .set_title(super::text::cleaned(&title))
        .set_subject(format!("Objectives and key results{as_of}"))
        .set_author("okr")
        .set_comment("Written by okr from a plan; comes back with `okr import`.");
    let created = rust_xlsxwriter::ExcelDateTime::from_ymd(
        u16::try_from(created.year()).unwrap_or(2000),
        created.month().unsigned_abs(),
        created.day().unsigned_abs(),
    )
    .or_else(|_| rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1));
    match created {
        Ok(created) => properties.set_creation_datetime(&created),
        Err(_) => properties,
    }
}
