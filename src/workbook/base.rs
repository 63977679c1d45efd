//! The hidden base: every cell as it was written, so that a returning workbook can be merged three
//! ways.
//!
//! One row a cell: sheet, key, field, type, and the value as text; of a formula of the plan its text,
//! and its result beside it. The first rows hold the lists of dropdowns.
//!
//! A large base is packed: the cells of one row are lines of one cell below the header `fields`, each
//! as `FIELD:T VALUE` with a letter for the type, of a formula `FIELD:f RESULT TEXT`, where
//! `\n` and `\\` stand for a line end and a backslash. A key that repeats the row's is left out; a row
//! without a sheet is of the one before, and without a key too it goes on with that row. If the rows
//! are too many for a sheet, several stand in blocks side by side.

use super::columns::Sheet;
use super::text::LONGEST;
use rust_xlsxwriter::{Worksheet, XlsxError};
use std::borrow::Cow;

/// The headers of a record.
pub const HEADERS: [&str; 6] = ["sheet", "key", "field", "type", "value", "result"];

/// The header of the cells of a packed row.
pub const FIELDS: &str = "fields";

/// The field of a key's own cell, which a packed row leaves out.
pub const KEY_FIELD: &str = "key";

/// Whether the keys of a sheet's rows are cells of their own, as they stand.
pub fn leaves_out_key(sheet: Sheet) -> bool {
    matches!(sheet, Sheet::KeyResults | Sheet::Metrics | Sheet::Capacity)
}

/// The version of the workbook's form.
pub const VERSION: &str = "okr.workbook/1";

/// The words of the type column.
pub mod kind {
    /// A text.
    pub const TEXT: &str = "text";
    /// A number.
    pub const NUMBER: &str = "number";
    /// A date, `YYYY-MM-DD`.
    pub const DATE: &str = "date";
    /// A formula of the plan: its text, and its result.
    pub const FORMULA: &str = "formula";
    /// A text that had to be cut, and is never compared.
    pub const CUT: &str = "cut";
    /// A note on the cell.
    pub const NOTE: &str = "note";
    /// What the workbook says of itself.
    pub const META: &str = "meta";

    /// The letters of the types in a packed row.
    pub const LETTERS: [(&str, char); 6] =
        [(TEXT, 't'), (NUMBER, 'n'), (DATE, 'd'), (FORMULA, 'f'), (CUT, 'c'), (NOTE, 'o')];
}

/// How many rows a sheet can hold in one block of columns.
const ROOM: usize = 1_000_000;

/// From so many records on a base is packed.
const PACKED: usize = 20_000;

/// How many columns a block takes, an empty one at its end.
const BLOCK: u16 = HEADERS.len() as u16 + 2;

/// The first column of the dropdowns' lists.
const LISTS: u16 = 0;

/// How much a base is going to hold, about, and rather too much than too little.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Cells that are recorded.
    pub records: usize,
    /// Rows that they stand in.
    pub rows: usize,
}

/// The base while it is written.
pub struct BaseSheet {
    sheet: Worksheet,
    blocks: usize,
    first: u32,
    /// How many rows have been begun.
    count: usize,
    packed: bool,
    last: Option<(Sheet, String)>,
    /// The lines of the packed row at hand.
    lines: String,
    line: String,
    failure: Option<XlsxError>,
}

impl BaseSheet {
    /// A base of about such a size, with the lists of the dropdowns in its first rows.
    ///
    /// # Errors
    ///
    /// If the sheet cannot be written.
    pub fn new(mut sheet: Worksheet, size: Size, lists: &[Vec<String>]) -> Result<Self, XlsxError> {
        sheet.set_name(Sheet::Base.name())?;
        sheet.set_hidden(true);
        for (row, list) in (0_u32..).zip(lists) {
            for (column, item) in (LISTS..).zip(list) {
                sheet.write_string(row, column, item)?;
            }
        }
        let packed = size.records > PACKED;
        let rows = if packed { size.rows } else { size.records };
        let blocks = rows / ROOM + 1;
        let header = lists.len() as u32;
        for block in 0..blocks {
            let titles = HEADERS.into_iter().chain(packed.then_some(FIELDS));
            for (column, title) in (block_column(block)..).zip(titles) {
                sheet.write_string(header, column, title)?;
            }
        }
        let first = header + 1;
        Ok(Self {
            sheet,
            blocks,
            first,
            count: 0,
            packed,
            last: None,
            lines: String::new(),
            line: String::new(),
            failure: None,
        })
    }

    /// The reference to a list of a dropdown.
    pub fn list_reference(row: usize, items: usize) -> String {
        let last = super::layout::letters(LISTS + items.saturating_sub(1) as u16);
        let first = super::layout::letters(LISTS);
        let row = row + 1;
        format!("={}${first}${row}:${last}${row}", Sheet::Base.prefix())
    }

    /// Adds a record.
    pub fn add(&mut self, sheet: Sheet, key: &str, field: &str, kind: &str, value: &str) {
        self.add_formula(sheet, key, field, kind, value, "");
    }

    /// Adds a record with a result.
    pub fn add_formula(
        &mut self,
        sheet: Sheet,
        key: &str,
        field: &str,
        kind: &str,
        value: &str,
        result: &str,
    ) {
        if self.packed && !key.is_empty() && self.pack(sheet, key, field, kind, value, result) {
            return;
        }
        let row = self.begin(sheet, key);
        let column = self.column();
        for (at, cell) in (column + 2..).zip([field, kind, value, result]) {
            self.put(row, at, cell);
        }
    }

    /// Adds a record to the packed row at hand; tells whether it fits into a cell.
    fn pack(
        &mut self,
        sheet: Sheet,
        key: &str,
        field: &str,
        kind: &str,
        value: &str,
        result: &str,
    ) -> bool {
        let Some((_, letter)) = kind::LETTERS.into_iter().find(|(of, _)| *of == kind) else {
            return false;
        };
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        let own_key =
            leaves_out_key(sheet) && field == KEY_FIELD && kind == kind::TEXT && value == key;
        if !own_key {
            line.extend([field, ":"]);
            line.push(letter);
            line.push(' ');
            if kind == kind::FORMULA {
                line.extend([result, " "]);
            }
            escape(value, &mut line);
        }
        let fits = line.len() < LONGEST;
        if fits {
            let same = self.is_last(sheet, key);
            if !same || self.lines.len() + 1 + line.len() > LONGEST {
                self.begin(sheet, key);
            }
            if !self.lines.is_empty() && !own_key {
                self.lines.push('\n');
            }
            self.lines.push_str(&line);
        }
        self.line = line;
        fits
    }

    fn is_last(&self, sheet: Sheet, key: &str) -> bool {
        !key.is_empty() && self.last.as_ref().is_some_and(|(of, last)| *of == sheet && last == key)
    }

    /// Begins a row, which says whose it is where the one before does not.
    fn begin(&mut self, sheet: Sheet, key: &str) -> u32 {
        self.flush();
        self.count += 1;
        let (row, column) = (self.row(), self.column());
        let same_row = self.is_last(sheet, key);
        let same_sheet = self.last.as_ref().is_some_and(|(of, _)| *of == sheet);
        if !self.packed || !same_sheet || key.is_empty() {
            self.put(row, column, sheet.name());
        }
        if !self.packed || !same_row {
            self.put(row, column + 1, key);
        }
        if !same_row {
            self.last = Some((sheet, key.to_owned()));
        }
        row
    }

    /// Writes the lines of the packed row at hand.
    fn flush(&mut self) {
        if !self.lines.is_empty() {
            let lines = std::mem::take(&mut self.lines);
            self.put(self.row(), self.column() + HEADERS.len() as u16, &lines);
            self.lines = lines;
            self.lines.clear();
        }
    }

    /// The row that was begun last.
    fn row(&self) -> u32 {
        self.first + (self.count.saturating_sub(1) / self.blocks) as u32
    }

    /// The first column of its block.
    fn column(&self) -> u16 {
        block_column(self.count.saturating_sub(1) % self.blocks)
    }

    fn put(&mut self, row: u32, column: u16, text: &str) {
        if text.is_empty() || self.failure.is_some() {
            return;
        }
        if let Err(error) = self.sheet.write_string(row, column, text) {
            self.failure = Some(error);
        }
    }

    /// The sheet, whole.
    ///
    /// # Errors
    ///
    /// If a record could not be written.
    pub fn finish(mut self) -> Result<Worksheet, XlsxError> {
        self.flush();
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.sheet),
        }
    }
}

/// A value on one line.
fn escape(value: &str, line: &mut String) {
    if memchr::memchr2(b'\\', b'\n', value.as_bytes()).is_none() {
        return line.push_str(value);
    }
    for character in value.chars() {
        match character {
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            other => line.push(other),
        }
    }
}

/// A value from its line.
pub fn unescape(line: &str) -> Cow<'_, str> {
    if !line.contains('\\') {
        return Cow::Borrowed(line);
    }
    let mut value = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => value.push('\n'),
                other => value.extend(other),
            },
            other => value.push(other),
        }
    }
    Cow::Owned(value)
}

fn block_column(block: usize) -> u16 {
    (block * usize::from(BLOCK)) as u16
}

/// A number as the base keeps it.
pub fn number_text(number: f64) -> String {
    format!("{number}")
}
