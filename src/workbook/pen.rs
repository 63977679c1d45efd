//! Writing the cells of a sheet, each of them into the base as well.

use super::base::{BaseSheet, kind, number_text};
use super::columns::Sheet;
use super::formula::{Inexpressible, LONGEST};
use super::style::{Look, Styles, lines};
use super::text::fitted;
use crate::engine::Value;
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Formula, Note, Worksheet, XlsxError};

/// Who the workbook's own notes are from.
pub const AUTHOR: &str = "okr";

/// The height of a line, in points.
const LINE: f64 = 14.5;

/// The tallest row, in points.
const TALLEST: f64 = 400.0;

/// What a formula's cell shows to those who do not recalculate.
#[derive(Clone, Debug, PartialEq)]
pub enum Cached {
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
    /// Nothing.
    Empty,
    /// An error.
    Error,
}

impl From<Value> for Cached {
    fn from(value: Value) -> Self {
        match value {
            Value::Number(number) if number.is_finite() => Cached::Number(number),
            Value::Number(_) | Value::Error => Cached::Error,
            Value::NoData => Cached::Empty,
        }
    }
}

/// Whose cell it is: the key of its row and the field of its column, or neither.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tag<'a> {
    /// The row's key.
    pub key: &'a str,
    /// The column's header.
    pub field: &'a str,
}

impl<'a> Tag<'a> {
    /// Of a cell without a key.
    pub const NONE: Tag<'static> = Tag { key: "", field: "" };

    /// Of a row's field.
    pub fn new(key: &'a str, field: &'a str) -> Self {
        Self { key, field }
    }
}

/// Writes one sheet.
pub struct Pen<'a> {
    /// The sheet.
    pub sheet: Worksheet,
    of: Sheet,
    base: &'a mut BaseSheet,
    styles: &'a mut Styles,
}

type Done = Result<(), XlsxError>;

impl<'a> Pen<'a> {
    /// A pen for a sheet, which takes its name.
    ///
    /// # Errors
    ///
    /// If the name is none for a sheet.
    pub fn new(
        mut sheet: Worksheet,
        of: Sheet,
        base: &'a mut BaseSheet,
        styles: &'a mut Styles,
    ) -> Result<Self, XlsxError> {
        sheet.set_name(of.name())?;
        // A formula without a result shows nothing rather than 0.
        sheet.set_formula_result_default("");
        Ok(Self { sheet, of, base, styles })
    }

    /// A typed text, which never becomes a formula.
    pub fn text(&mut self, row: u32, column: u16, text: &str, look: Look, tag: Tag<'_>) -> Done {
        let (text, cut) = fitted(text);
        if text.is_empty() {
            return self.blank(row, column, look);
        }
        let format = self.styles.get(look, "");
        self.sheet.write_string_with_format(row, column, &text, format)?;
        let kind = if cut { kind::CUT } else { kind::TEXT };
        self.base.add(self.of, tag.key, tag.field, kind, if cut { "" } else { &text });
        Ok(())
    }

    /// A number.
    pub fn number(
        &mut self,
        row: u32,
        column: u16,
        number: f64,
        look: Look,
        form: &str,
        tag: Tag<'_>,
    ) -> Done {
        let format = self.styles.get(look, form);
        self.sheet.write_number_with_format(row, column, number, format)?;
        self.base.add(self.of, tag.key, tag.field, kind::NUMBER, &number_text(number));
        Ok(())
    }

    /// A date.
    pub fn date(&mut self, row: u32, column: u16, date: Date, look: Look, tag: Tag<'_>) -> Done {
        let format = self.styles.get(look, "yyyy-mm-dd");
        let day = ExcelDateTime::from_ymd(
            u16::try_from(date.year()).unwrap_or(1900),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        );
        match day {
            Ok(day) => {
                self.sheet.write_datetime_with_format(row, column, &day, format)?;
                self.base.add(self.of, tag.key, tag.field, kind::DATE, &date.to_string());
                Ok(())
            }
            // Before 1900 a spreadsheet knows no dates.
            Err(_) => self.text(row, column, &date.to_string(), look, tag),
        }
    }

    /// Makes room in a row for texts that wrap, each in a column of so many characters. It has to
    /// be asked for before the row is written.
    pub fn room<'t>(&mut self, row: u32, texts: impl IntoIterator<Item = (&'t str, f64)>) -> Done {
        let lines = texts.into_iter().map(|(text, width)| lines(text, width)).max().unwrap_or(1);
        if lines > 1 {
            self.sheet.set_row_height(row, (lines as f64 * LINE + 1.0).min(TALLEST))?;
        }
        Ok(())
    }

    /// An empty cell of a look.
    pub fn blank(&mut self, row: u32, column: u16, look: Look) -> Done {
        let format = self.styles.get(look, "");
        self.sheet.write_blank(row, column, format)?;
        Ok(())
    }

    /// A live formula with the program's own result.
    pub fn live(
        &mut self,
        row: u32,
        column: u16,
        formula: &str,
        cached: &Cached,
        look: Look,
        form: &str,
    ) -> Done {
        let result = match cached {
            Cached::Number(number) => number_text(*number),
            Cached::Text(text) => text.clone(),
            Cached::Empty => String::new(),
            Cached::Error => "#VALUE!".into(),
        };
        let format = self.styles.get(look, form);
        let formula = Formula::new(format!("={formula}")).set_result(result);
        self.sheet.write_formula_with_format(row, column, formula, format)?;
        Ok(())
    }

    /// A live formula where there is one; else the program's result, and a note that says so.
    #[allow(clippy::too_many_arguments)] // a cell is its place, what it says and how it looks
    pub fn live_or_value(
        &mut self,
        row: u32,
        column: u16,
        formula: Result<String, Inexpressible>,
        cached: &Cached,
        look: Look,
        form: &str,
        tag: Tag<'_>,
    ) -> Result<bool, XlsxError> {
        let why = match formula {
            Ok(formula) if formula.len() <= LONGEST => {
                self.live(row, column, &formula, cached, look, form)?;
                return Ok(true);
            }
            Ok(_) => "its formula is longer than a spreadsheet reads".to_owned(),
            Err(why) => why,
        };
        self.value(row, column, cached, look, form, tag)?;
        let text = format!("Computed by okr and not live here: {why}.");
        self.note(row, column, &text, tag)?;
        Ok(false)
    }

    /// The program's own result, as a plain value.
    pub fn value(
        &mut self,
        row: u32,
        column: u16,
        cached: &Cached,
        look: Look,
        form: &str,
        tag: Tag<'_>,
    ) -> Done {
        match cached {
            Cached::Number(number) => self.number(row, column, *number, look, form, tag),
            Cached::Text(text) => self.text(row, column, text, look, tag),
            Cached::Empty => self.blank(row, column, look),
            Cached::Error => self.text(row, column, "error", look, tag),
        }
    }

    /// Records a formula of the plan, with its result.
    pub fn record_formula(&mut self, tag: Tag<'_>, text: &str, cached: &Cached) {
        let result = match cached {
            Cached::Number(number) => number_text(*number),
            _ => String::new(),
        };
        let (text, _) = fitted(text);
        self.base.add_formula(self.of, tag.key, tag.field, kind::FORMULA, &text, &result);
    }

    /// A note on a cell.
    pub fn note(&mut self, row: u32, column: u16, text: &str, tag: Tag<'_>) -> Done {
        let (text, _) = fitted(text);
        let note = Note::new(&text).set_author(AUTHOR).add_author_prefix(false).set_width(260);
        self.sheet.insert_note(row, column, &note)?;
        self.base.add(self.of, tag.key, tag.field, kind::NOTE, &text);
        Ok(())
    }

    /// Records what the workbook says of itself.
    pub fn meta(&mut self, field: &str, value: &str) {
        self.base.add(Sheet::Base, "", field, kind::META, value);
    }
}
