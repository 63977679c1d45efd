//! The hidden base: every cell as it was written, so that a returning workbook can be merged three
//! ways.
//!
//! One row a cell: sheet, key, field, type, and the value as text; of a formula of the plan its text,
//! and its result beside it. The first rows hold the lists of
//! dropdowns; of very many cells several stand side by side in one row, and a record without a sheet
//! is of the same row as the one before.

use super::columns::Sheet;
use rust_xlsxwriter::{Worksheet, XlsxError};

/// The headers of a record.
pub const HEADERS: [&str; 6] = ["sheet", "key", "field", "type", "value", "result"];

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
}

/// How many records a sheet can hold in one block of columns.
const ROOM: usize = 1_000_000;

/// From so many records on they do not repeat what the one before says.
const SPARSE: usize = 20_000;

/// The first column of the dropdowns' lists.
const LISTS: u16 = 0;

/// The base while it is written.
pub struct BaseSheet {
    sheet: Worksheet,
    blocks: usize,
    first: u32,
    count: usize,
    /// Whether the sheet and the key of a record are left out where they are those of the one before.
    sparse: bool,
    last: Option<(Sheet, String)>,
    failure: Option<XlsxError>,
}

impl BaseSheet {
    /// A base for about so many records, with the lists of the dropdowns in its first rows.
    ///
    /// # Errors
    ///
    /// If the sheet cannot be written.
    pub fn new(
        mut sheet: Worksheet,
        records: usize,
        lists: &[Vec<String>],
    ) -> Result<Self, XlsxError> {
        sheet.set_name(Sheet::Base.name())?;
        sheet.set_hidden(true);
        for (row, list) in (0_u32..).zip(lists) {
            for (column, item) in (LISTS..).zip(list) {
                sheet.write_string(row, column, item)?;
            }
        }
        let blocks = records / ROOM + 1;
        let header = lists.len() as u32;
        for block in 0..blocks {
            for (column, title) in (0_u16..).zip(HEADERS) {
                sheet.write_string(header, block_column(block) + column, title)?;
            }
        }
        let sparse = records > SPARSE;
        let first = header + 1;
        Ok(Self { sheet, blocks, first, count: 0, sparse, last: None, failure: None })
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
        let row = self.first + (self.count / self.blocks) as u32;
        let column = block_column(self.count % self.blocks);
        self.count += 1;
        let same = !key.is_empty()
            && self.last.as_ref().is_some_and(|(of, last)| *of == sheet && last == key);
        let (name, shown) = if same && self.sparse { ("", "") } else { (sheet.name(), key) };
        if !same {
            self.last = Some((sheet, key.to_owned()));
        }
        let cells = [name, shown, field, kind, value, result];
        for (at, cell) in (column..).zip(cells) {
            if cell.is_empty() || self.failure.is_some() {
                continue;
            }
            if let Err(error) = self.sheet.write_string(row, at, cell) {
                self.failure = Some(error);
            }
        }
    }

    /// The sheet, whole.
    ///
    /// # Errors
    ///
    /// If a record could not be written.
    pub fn finish(self) -> Result<Worksheet, XlsxError> {
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.sheet),
        }
    }
}

fn block_column(block: usize) -> u16 {
    (block * (HEADERS.len() + 1)) as u16
}

/// A number as the base keeps it.
pub fn number_text(number: f64) -> String {
    format!("{number}")
}
