//! `.xls` and `.xlsb`, read by calamine: in a process of its own where one has been named, since a
//! damaged file can make it ask for memory without end.

use super::super::guard::{MAX_COLUMNS, MAX_MERGED, MAX_ROWS, MAX_SHEETS, Refusal, at_most};
use super::cells::{Area, At, Cell, Sheet, Value, Visibility};
use super::format::{Format, FormatKind};
use super::sheet::{Context, date_of_serial, iso_date};
use super::{Book, Flag, FlagKind, Kind};
use calamine::{Data, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xls, Xlsb};
use std::fmt::Display;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads such a file in this process; what panics is damaged.
pub(super) fn read(kind: Kind, bytes: Vec<u8>, context: Context) -> Result<Book, Refusal> {
    let read = || match kind {
        Kind::Xlsb => read_xlsb(bytes, context),
        _ => read_xls(bytes, context),
    };
    // What is caught is gone with the file that caused it.
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Refusal::damaged("its reader ran into cells that cannot be")))
}

fn damaged(error: impl Display) -> Refusal {
    let text = error.to_string();
    if text.to_lowercase().contains("password") {
        let what = "the workbook is protected by a password";
        return Refusal::new(what, "save it again without a password");
    }
    let short: String = text.chars().take(200).collect();
    Refusal::damaged(short)
}

fn visibility(visible: SheetVisible) -> Visibility {
    match visible {
        SheetVisible::Visible => Visibility::Visible,
        SheetVisible::Hidden => Visibility::Hidden,
        SheetVisible::VeryHidden => Visibility::VeryHidden,
    }
}

fn read_xls(bytes: Vec<u8>, mut context: Context) -> Result<Book, Refusal> {
    let mut book = Xls::new(Cursor::new(bytes)).map_err(damaged)?;
    context.dates_from_1904 = book.has_1904_epoch();
    if let Ok(Some(_)) = book.vba_project() {
        context.flags.push(Flag { kind: FlagKind::Macro, place: None, text: "macros".into() });
    }
    let mut sheets = Vec::new();
    for listed in book.sheets_metadata().to_vec() {
        if listed.typ != SheetType::WorkSheet {
            continue;
        }
        at_most(sheets.len() + 1, MAX_SHEETS, "sheets")?;
        let mut sheet = Sheet::new(&listed.name, visibility(listed.visible));
        let values = book.worksheet_range(&listed.name).map_err(damaged)?;
        let formulas = book.worksheet_formula(&listed.name).map_err(damaged)?;
        let mut adding = Adding { sheet: &mut sheet, context: &mut context };
        if let Some((top, left)) = values.start() {
            for (row, column, value) in values.used_cells() {
                let (row, column) = (top + row as u32, left + column as u32);
                let formula = formulas.get_value((row, column)).filter(|it| !it.is_empty());
                adding.add((row, column), value.clone(), formula)?;
            }
            adding.add_missing(&formulas, |at| {
                values.get_value(at).is_none_or(|it| *it == Data::Empty)
            })?;
        }
        let merged = book.merge_cells_by_sheet_name(&listed.name).unwrap_or_default();
        at_most(merged.len(), MAX_MERGED, "merged ranges on a sheet")?;
        for area in merged {
            let ends = (on_grid(area.start), on_grid(area.end));
            if let (Some(first), Some(last)) = ends {
                sheet.merged.push(Area { first, last });
            }
        }
        sheet.finish()?;
        sheets.push(sheet);
    }
    Ok(finished(Kind::Xls, sheets, context))
}

fn read_xlsb(bytes: Vec<u8>, mut context: Context) -> Result<Book, Refusal> {
    let mut book = Xlsb::new(Cursor::new(bytes)).map_err(damaged)?;
    context.dates_from_1904 = book.has_1904_epoch();
    let mut sheets = Vec::new();
    for listed in book.sheets_metadata().to_vec() {
        if listed.typ != SheetType::WorkSheet {
            continue;
        }
        at_most(sheets.len() + 1, MAX_SHEETS, "sheets")?;
        let mut sheet = Sheet::new(&listed.name, visibility(listed.visible));
        let formulas = xlsb_formulas(&mut book, &listed.name, &mut context)?;
        let formula_at = |at: (u32, u32)| {
            let found = formulas.binary_search_by_key(&at, |(at, _)| *at).ok();
            found.map(|index| &formulas[index].1)
        };
        let mut reader = book.worksheet_cells_reader(&listed.name).map_err(damaged)?;
        let mut adding = Adding { sheet: &mut sheet, context: &mut context };
        while let Some(cell) = reader.next_cell().map_err(damaged)? {
            let at = cell.get_position();
            adding.add(at, Data::from(cell.get_value().clone()), formula_at(at))?;
        }
        sheet.finish()?;
        sheets.push(sheet);
    }
    Ok(finished(Kind::Xlsb, sheets, context))
}

/// A place and the formula there.
type Formula = ((u32, u32), String);

/// The formulas of a sheet, by their place.
fn xlsb_formulas(
    book: &mut Xlsb<Cursor<Vec<u8>>>,
    sheet: &str,
    context: &mut Context,
) -> Result<Vec<Formula>, Refusal> {
    let mut formulas = Vec::new();
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    while let Some(cell) = reader.next_formula().map_err(damaged)? {
        context.count_cell()?;
        if !cell.get_value().is_empty() {
            formulas.push((cell.get_position(), cell.get_value().clone()));
        }
    }
    formulas.sort_by_key(|(at, _)| *at);
    Ok(formulas)
}

fn finished(kind: Kind, sheets: Vec<Sheet>, context: Context) -> Book {
    let Context { formats, flags, dates_from_1904, .. } = context;
    Book { kind, sheets, formats: formats.into_list(), flags, dates_from_1904 }
}

fn on_grid((row, column): (u32, u32)) -> Option<At> {
    (row < MAX_ROWS && column < MAX_COLUMNS).then_some(At::new(row, column))
}

/// A sheet to which cells are added.
struct Adding<'a> {
    sheet: &'a mut Sheet,
    context: &'a mut Context,
}

impl Adding<'_> {
    fn add(
        &mut self,
        at: (u32, u32),
        value: Data,
        formula: Option<&String>,
    ) -> Result<(), Refusal> {
        let at = on_grid(at).ok_or_else(|| {
            Refusal::damaged(format!("{} has a cell that is not on the sheet", self.sheet.name))
        })?;
        let Some((value, format)) = self.value(value)? else {
            return match formula {
                Some(_) => self.push(at, Value::Missing, FormatKind::Number, formula),
                None => Ok(()),
            };
        };
        self.push(at, value, format, formula)
    }

    /// Formulas where no value is.
    fn add_missing(
        &mut self,
        formulas: &calamine::Range<String>,
        is_empty: impl Fn((u32, u32)) -> bool,
    ) -> Result<(), Refusal> {
        let Some((top, left)) = formulas.start() else { return Ok(()) };
        for (row, column, formula) in formulas.used_cells() {
            let at = (top + row as u32, left + column as u32);
            if is_empty(at) && !formula.is_empty() {
                self.add(at, Data::Empty, Some(formula))?;
            }
        }
        Ok(())
    }

    fn push(
        &mut self,
        at: At,
        value: Value,
        format: FormatKind,
        formula: Option<&String>,
    ) -> Result<(), Refusal> {
        self.context.count_cell()?;
        let formula = match formula {
            Some(text) => Some(self.context.texts.keep(text.trim_start_matches('='))?),
            None => None,
        };
        if let Some(formula) = &formula {
            self.context.look_at_formula(&self.sheet.name, at, formula);
        }
        let format = self.context.formats.intern(Format::of(format));
        self.sheet.push(Cell::new(at, value, format), formula);
        Ok(())
    }

    fn value(&mut self, value: Data) -> Result<Option<(Value, FormatKind)>, Refusal> {
        let number = FormatKind::Number;
        let keep = |context: &mut Context, text: &str| context.texts.keep(text);
        Ok(Some(match value {
            Data::Empty => return Ok(None),
            Data::Int(whole) => (Value::Number(whole as f64), number),
            Data::Float(float) if float.is_finite() => (Value::Number(float), number),
            Data::Float(float) => (Value::Error(float.to_string().into()), number),
            Data::String(text) => (Value::Text(keep(self.context, &text)?), number),
            Data::Bool(truth) => (Value::Bool(truth), number),
            Data::Error(error) => (Value::Error(error.to_string().into()), number),
            Data::DateTime(date) => self.date(date),
            Data::DateTimeIso(text) | Data::DurationIso(text) => match iso_date(&text) {
                Some(date) => (Value::Date(date), FormatKind::Date),
                None => (Value::Text(keep(self.context, &text)?), number),
            },
        }))
    }

    fn date(&self, date: ExcelDateTime) -> (Value, FormatKind) {
        let serial = date.as_f64();
        if date.is_duration() || serial < 1.0 {
            return (Value::Number(serial), FormatKind::Time);
        }
        match date_of_serial(serial, self.context.dates_from_1904) {
            Some(date) => (Value::Date(date), FormatKind::Date),
            None if serial.is_finite() => (Value::Number(serial), FormatKind::Number),
            None => (Value::Error(serial.to_string().into()), FormatKind::Number),
        }
    }
}
