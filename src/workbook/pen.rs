//! Writing the cells of a sheet, each of them into the base as well.

use super::base::{BaseSheet, kind, number_text};
use super::columns::Sheet;
use super::formula::{Inexpressible, LONGEST};
use super::style::{Form, Forms, Look, Styles, lines, width_of};
use super::text::fitted;
use crate::engine::Value;
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Formula, Note, Worksheet, XlsxError};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

/// Who the workbook's own notes are from.
pub const AUTHOR: &str = "okr";

/// How the workbook's own notes begin; they are known by that where nobody tells who wrote them.
pub mod own_note {
    /// Of a share.
    pub const REST: &str = "The rest: what the team's other buckets leave.";
    /// Of a draw that is no number.
    pub const IN_THE_PLAN: &str = "In the plan: ";
    /// Of what has no formula.
    pub const COMPUTED: &str = "Computed by okr and not live here: ";
}

/// Whether a note's text is one of the workbook's own.
pub fn is_own_note(text: &str) -> bool {
    [own_note::REST, own_note::IN_THE_PLAN, own_note::COMPUTED]
        .iter()
        .any(|start| text.starts_with(start))
}

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

/// What is put into a cell, or said of its row.
enum Ink {
    Text(String),
    Number(f64),
    Day(ExcelDateTime),
    Blank,
    Formula(Formula),
    Note(Box<Note>),
    Height(f64),
    /// A number format that is used from now on.
    Form(Box<str>),
}

/// One cell's ink.
struct Stroke {
    row: u32,
    column: u16,
    look: Look,
    form: Form,
    ink: Ink,
}

/// So many strokes go to the other thread at once.
const BATCH: usize = 2_048;
/// So many batches may wait there.
const AHEAD: usize = 8;
/// From so many rows on they are written by a thread of their own.
const MANY: usize = 5_000;

/// Strokes on their way to another thread.
struct Away {
    batch: Vec<Stroke>,
    sender: SyncSender<Vec<Stroke>>,
}

impl Away {
    fn put(&mut self, stroke: Stroke) {
        self.batch.push(stroke);
        if self.batch.len() == BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        // Nobody listens where writing has failed; its error is told at the end.
        let _ = self.sender.send(batch);
    }
}

/// Writes one sheet.
pub struct Pen<'a> {
    /// The sheet.
    pub sheet: Worksheet,
    of: Sheet,
    base: &'a mut BaseSheet,
    forms: &'a mut Forms,
    styles: &'a mut Styles,
    away: Option<Away>,
    /// The widest number of each column, in characters.
    widest: Vec<f64>,
}

type Done = Result<(), XlsxError>;

fn put(sheet: &mut Worksheet, styles: &mut Styles, stroke: Stroke) -> Done {
    let Stroke { row, column, look, form, ink } = stroke;
    if let Ink::Form(code) = ink {
        styles.add(code);
        return Ok(());
    }
    let format = styles.get(look, form);
    match ink {
        Ink::Text(text) => sheet.write_string_with_format(row, column, text, format)?,
        Ink::Number(number) => sheet.write_number_with_format(row, column, number, format)?,
        Ink::Day(day) => sheet.write_datetime_with_format(row, column, &day, format)?,
        Ink::Blank => sheet.write_blank(row, column, format)?,
        Ink::Formula(formula) => sheet.write_formula_with_format(row, column, formula, format)?,
        Ink::Note(note) => sheet.insert_note(row, column, &note)?,
        Ink::Height(height) => sheet.set_row_height(row, height)?,
        Ink::Form(_) => sheet,
    };
    Ok(())
}

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
        (forms, styles): (&'a mut Forms, &'a mut Styles),
    ) -> Result<Self, XlsxError> {
        sheet.set_name(of.name())?;
        // A formula without a result shows nothing rather than 0.
        sheet.set_formula_result_default("");
        Ok(Self { sheet, of, base, forms, styles, away: None, widest: Vec::new() })
    }

    /// Writes many rows: what they hold is worked out here, while another thread writes what came
    /// before. The sheet itself is out of reach meanwhile.
    ///
    /// # Errors
    ///
    /// As for the rows.
    pub fn apart(&mut self, rows: usize, write: impl FnOnce(&mut Self) -> Done) -> Done {
        if rows < MANY {
            return write(self);
        }
        let mut sheet = std::mem::take(&mut self.sheet);
        let mut styles = std::mem::take(self.styles);
        let mut write = Some(write);
        let done = thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel::<Vec<Stroke>>(AHEAD);
            let writing = || {
                let mut strokes = receiver.into_iter().flatten();
                strokes.try_for_each(|stroke| put(&mut sheet, &mut styles, stroke))
            };
            let writer = thread::Builder::new().spawn_scoped(scope, writing).ok()?;
            let write = write.take()?;
            self.away = Some(Away { batch: Vec::with_capacity(BATCH), sender });
            let done = write(self);
            if let Some(mut away) = self.away.take() {
                away.send();
            }
            let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Some(done.and(written))
        });
        self.sheet = sheet;
        *self.styles = styles;
        match (done, write) {
            (Some(done), _) => done,
            // There was no other thread to be had.
            (None, Some(write)) => write(self),
            (None, None) => Ok(()),
        }
    }

    fn put(&mut self, (row, column): (u32, u16), look: Look, form: &str, ink: Ink) -> Done {
        let (number, is_new) = self.forms.number(form);
        if is_new {
            let ink = Ink::Form(form.into());
            self.pass(Stroke { row, column, look, form: number, ink })?;
        }
        self.pass(Stroke { row, column, look, form: number, ink })
    }

    /// Takes note of how wide a number is.
    fn measure(&mut self, column: u16, number: f64, form: &str) {
        let at = usize::from(column);
        if self.widest.len() <= at {
            self.widest.resize(at + 1, 0.0);
        }
        self.widest[at] = self.widest[at].max(width_of(number, form));
    }

    /// Makes a column wider than its width if a number that has been written wants it.
    ///
    /// # Errors
    ///
    /// If there is no such column.
    pub fn fit(&mut self, column: u16, width: f64) -> Done {
        // A margin on either side.
        let wanted = self.widest.get(usize::from(column)).map_or(0.0, |widest| widest + 2.0);
        if wanted > width {
            self.sheet.set_column_width(column, wanted)?;
        }
        Ok(())
    }

    fn pass(&mut self, stroke: Stroke) -> Done {
        match &mut self.away {
            Some(away) => {
                away.put(stroke);
                Ok(())
            }
            None => put(&mut self.sheet, self.styles, stroke),
        }
    }

    /// A typed text, which never becomes a formula.
    pub fn text(&mut self, row: u32, column: u16, text: &str, look: Look, tag: Tag<'_>) -> Done {
        let (text, cut) = fitted(text);
        if text.is_empty() {
            return self.blank(row, column, look);
        }
        let kind = if cut { kind::CUT } else { kind::TEXT };
        self.base.add(self.of, tag.key, tag.field, kind, if cut { "" } else { &text });
        self.put((row, column), look, "", Ink::Text(text.into_owned()))
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
        self.base.add(self.of, tag.key, tag.field, kind::NUMBER, &number_text(number));
        self.measure(column, number, form);
        self.put((row, column), look, form, Ink::Number(number))
    }

    /// A date.
    pub fn date(&mut self, row: u32, column: u16, date: Date, look: Look, tag: Tag<'_>) -> Done {
        let day = ExcelDateTime::from_ymd(
            u16::try_from(date.year()).unwrap_or(1900),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        );
        match day {
            Ok(day) => {
                self.base.add(self.of, tag.key, tag.field, kind::DATE, &date.to_string());
                self.put((row, column), look, "yyyy-mm-dd", Ink::Day(day))
            }
            // Before 1900 a spreadsheet knows no dates.
            Err(_) => self.text(row, column, &date.to_string(), look, tag),
        }
    }

    /// Makes room in a row for texts that wrap, each in a column of so many characters. It has to
    /// be asked for before the row is written.
    pub fn room<'t>(&mut self, row: u32, texts: impl IntoIterator<Item = (&'t str, f64)>) -> Done {
        let lines = texts.into_iter().map(|(text, width)| lines(text, width)).max().unwrap_or(1);
        match lines {
            0 | 1 => Ok(()),
            lines => {
                let height = (lines as f64 * LINE + 1.0).min(TALLEST);
                self.put((row, 0), Look::Text, "", Ink::Height(height))
            }
        }
    }

    /// An empty cell of a look.
    pub fn blank(&mut self, row: u32, column: u16, look: Look) -> Done {
        self.put((row, column), look, "", Ink::Blank)
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
        if let Cached::Number(number) = cached {
            self.measure(column, *number, form);
        }
        let formula = match cached {
            Cached::Number(number) => Formula::new(formula).set_result(number_text(*number)),
            Cached::Text(text) => Formula::new(formula).set_result(text),
            Cached::Empty => Formula::new(formula),
            Cached::Error => Formula::new(formula).set_result("#VALUE!"),
        };
        self.put((row, column), look, form, Ink::Formula(formula))
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
        let text = format!("{}{why}.", own_note::COMPUTED);
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
        let note =
            Note::new(text.as_ref()).set_author(AUTHOR).add_author_prefix(false).set_width(260);
        self.base.add(self.of, tag.key, tag.field, kind::NOTE, &text);
        self.put((row, column), Look::Text, "", Ink::Note(Box::new(note)))
    }

    /// Records what the workbook says of itself.
    pub fn meta(&mut self, field: &str, value: &str) {
        self.base.add(Sheet::Base, "", field, kind::META, value);
    }
}
