//! The sheets, one file each.

pub mod capacity;
pub mod history;
pub mod how_to;
pub mod key_results;
pub mod metrics;
pub mod scenarios;
pub mod scorecard;

use super::columns::{Column, Role, Table};
use super::layout::Layout;
use super::pen::{Pen, Tag};
use super::style::{BANDS, BAR, Look};
use crate::engine::Engine;
use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, ConditionalFormatDataBar,
    ConditionalFormatDataBarAxisPosition, ConditionalFormatType, Format, IgnoreError,
    ProtectionOptions, Worksheet, XlsxError,
};

/// What every sheet is written from.
pub struct Source<'a> {
    /// The plan, computed.
    pub engine: &'a Engine,
    /// Where everything stands.
    pub layout: &'a Layout,
    /// Whether input sheets are protected as well.
    pub protect: bool,
}

/// A grade's form.
pub const GRADE: &str = "0.00";

/// An effort's form.
pub const EFFORT: &str = "#,##0.0";

/// A share's form.
pub const SHARE: &str = "0.0%";

/// The look of a column's header.
fn header_look(column: &Column) -> Look {
    use super::columns::Field as F;
    match column.field {
        F::Weight | F::Baseline | F::Target | F::Actual | F::Confidence | F::Progress => {
            Look::HeaderRight
        }
        F::Grade | F::Value | F::People | F::Leave | F::Focus | F::Weeks | F::Capacity => {
            Look::HeaderRight
        }
        F::Shares | F::Share | F::Demand | F::Load | F::Draw | F::Finished | F::Priority => {
            Look::HeaderRight
        }
        F::Chance | F::Funded | F::Expecting => Look::HeaderRight,
        _ => Look::Header,
    }
}

/// Writes a table's header row.
fn header(pen: &mut Pen<'_>, table: Table, row: u32) -> Result<(), XlsxError> {
    for (at, column) in (0_u16..).zip(table.columns()) {
        pen.text(row, at, column.header, header_look(column), Tag::NONE)?;
    }
    Ok(())
}

/// The widths of a table's columns; those that only serve others are hidden.
fn widths(sheet: &mut Worksheet, table: Table) -> Result<(), XlsxError> {
    for (at, column) in (0_u16..).zip(table.columns()) {
        sheet.set_column_width(at, column.width)?;
        if column.role == Role::Hidden {
            sheet.set_column_hidden(at)?;
        }
    }
    Ok(())
}

/// Makes columns wider for the numbers that have been written.
fn fit(pen: &mut Pen<'_>, table: Table) -> Result<(), XlsxError> {
    let columns = (0_u16..).zip(table.columns());
    let mut shown = columns.filter(|(_, column)| column.role != Role::Hidden);
    shown.try_for_each(|(at, column)| pen.fit(at, column.width))
}

/// Colours the words of bands in a range.
fn band_colours(
    sheet: &mut Worksheet,
    (first, left): (u32, u16),
    (last, right): (u32, u16),
) -> Result<(), XlsxError> {
    word_colours(sheet, (first, left), (last, right), BANDS)
}

/// Colours the words of guardrails in a range.
fn state_colours(
    sheet: &mut Worksheet,
    first: (u32, u16),
    last: (u32, u16),
) -> Result<(), XlsxError> {
    let [(_, green, on_green), _, (_, red, on_red)] = BANDS;
    let states = [("broken", red, on_red), ("holds", green, on_green)];
    word_colours(sheet, first, last, states)
}

fn word_colours(
    sheet: &mut Worksheet,
    (first, left): (u32, u16),
    (last, right): (u32, u16),
    words: impl IntoIterator<Item = (&'static str, u32, u32)>,
) -> Result<(), XlsxError> {
    for (word, fill, ink) in words {
        let format = Format::new()
            .set_background_color(Color::RGB(fill))
            .set_font_color(Color::RGB(ink))
            .set_bold();
        let rule = ConditionalFormatCell::new()
            .set_rule(ConditionalFormatCellRule::EqualTo(word))
            .set_format(format);
        sheet.add_conditional_format(first, left, last, right, &rule)?;
    }
    Ok(())
}

/// Bars from 0 to 1 behind grades.
fn grade_bars(sheet: &mut Worksheet, first: u32, column: u16, last: u32) -> Result<(), XlsxError> {
    let bars = ConditionalFormatDataBar::new()
        .set_minimum(ConditionalFormatType::Number, 0)
        .set_maximum(ConditionalFormatType::Number, 1)
        .set_fill_color(Color::RGB(BAR))
        .set_solid_fill(true)
        .set_axis_position(ConditionalFormatDataBarAxisPosition::None);
    sheet.add_conditional_format(first, column, last, column, &bars)?;
    Ok(())
}

/// How a sheet is printed: A4, one page wide, with the header on every page.
fn print_set_up(
    sheet: &mut Worksheet,
    landscape: bool,
    header: Option<(u32, u32)>,
    pages_high: u16,
) -> Result<(), XlsxError> {
    sheet.set_paper_size(9);
    match landscape {
        true => sheet.set_landscape(),
        false => sheet.set_portrait(),
    };
    sheet.set_print_fit_to_pages(1, pages_high);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_print_center_horizontally(true);
    sheet.set_footer("&L&9&A&R&9Page &P of &N");
    if let Some((first, last)) = header {
        sheet.set_repeat_rows(first, last)?;
    }
    Ok(())
}

/// Locks a summary sheet: what stands there is computed.
fn lock(sheet: &mut Worksheet) {
    let options = ProtectionOptions {
        format_columns: true,
        format_rows: true,
        use_autofilter: true,
        ..ProtectionOptions::new()
    };
    sheet.protect_with_options(&options);
}

/// Protects an input sheet: what may be edited stays open.
fn protect_inputs(sheet: &mut Worksheet) {
    let options = ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        use_autofilter: true,
        edit_objects: true,
        ..ProtectionOptions::new()
    };
    sheet.protect_with_options(&options);
}

/// Formulas that differ from row to row are meant to.
fn quiet(sheet: &mut Worksheet, last_row: u32, last_column: u16) -> Result<(), XlsxError> {
    sheet.ignore_error_range(0, 0, last_row, last_column, IgnoreError::FormulaDiffers)?;
    Ok(())
}

/// What stands above every printed page of a sheet without a title of its own.
fn print_header(title: &str, engine: &Engine) -> String {
    let (cycle, days) = cycle_words(engine);
    // A header holds 255 characters, and `&` begins its codes.
    let right: String = format!("{cycle}  {days}").chars().take(150).collect();
    format!("&L&14&\"-,Bold\"{title}&R&9{}", right.replace('&', "&&"))
}

/// The cycle in force, as a heading: its title, its days and the as-of date.
fn cycle_words(engine: &Engine) -> (String, String) {
    let plan = &engine.plan;
    let cycle = engine.moment.cycle.map(|cycle| &plan.cycles[cycle as usize]);
    let title = cycle.map_or_else(String::new, |cycle| plan.text(cycle.title));
    let days = cycle.map(|cycle| format!("{} to {}", cycle.from, cycle.to));
    let as_of =
        engine.moment.as_of.map(|date| format!("as of {date} ({})", engine.moment.source.words()));
    let elapsed = engine.moment.cycle.and_then(|cycle| engine.elapsed(cycle as usize));
    let elapsed =
        elapsed.map(|elapsed| format!("{:.0} % of the days have passed", elapsed * 100.0));
    let parts: Vec<String> = days.into_iter().chain(as_of).chain(elapsed).collect();
    (title, parts.join("  ·  "))
}
