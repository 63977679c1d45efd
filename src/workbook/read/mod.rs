//! Any workbook as sheets of cells at their own places: `.xlsx`, `.xlsm`, `.xlsb`, `.xls`, `.ods`
//! and `.csv`.
//!
//! What is read is what the file holds, cleaned of characters that would command a terminal, and
//! never more than the limits of [`guard`](super::guard) allow. Nothing that a file points at is
//! followed: links, macros and formulas that fetch are flagged.

pub mod child;

mod binary;
mod cells;
mod csv;
mod format;
mod notes;
mod ods;
mod open;
mod sheet;
mod strings;
mod styles;
mod wire;
mod xlsx;

#[cfg(test)]
mod mutation;

#[cfg(test)]
mod tests;

pub use cells::{Area, At, Cell, Note, Sheet, Value, Visibility, column_letters};
pub(in crate::workbook) use cells::{clean, is_plain};
pub use format::{Format, FormatKind};

use super::guard::{Data, Refusal};
use super::sift::Returned;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// The format of a workbook's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `.xlsx` or `.xlsm`
    Xlsx,
    /// `.xlsb`
    Xlsb,
    /// `.xls`
    Xls,
    /// `.ods`
    Ods,
    /// `.csv`, `.tsv` or `.txt`
    Csv,
}

/// A workbook that has been read.
#[derive(Clone, Debug)]
pub struct Book {
    /// The format of its file.
    pub kind: Kind,
    /// The sheets with cells, in their order; charts are left out.
    pub sheets: Vec<Sheet>,
    /// The number formats of cells, by [`Cell::format`]; the first is the general one.
    pub formats: Vec<Format>,
    /// What it would do beyond holding cells, none of which is done.
    pub flags: Vec<Flag>,
    /// Whether its dates count from 1904. [`Value::Date`] has been converted already.
    pub dates_from_1904: bool,
}

/// Something that a workbook would do or fetch, which is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// What it is.
    pub kind: FlagKind,
    /// The sheet, and the cell, where it is one cell's doing.
    pub place: Option<(String, At)>,
    /// The formula, or the name of the part.
    pub text: Arc<str>,
}

/// Kinds of [`Flag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// Cells of another workbook are read.
    ExternalLink,
    /// There are macros.
    Macro,
    /// Data would be fetched from a database or a web page.
    Connection,
    /// A formula links to an address: `HYPERLINK`.
    Hyperlink,
    /// A formula fetches: `WEBSERVICE`, `IMPORTDATA`, `RTD`, DDE and the like.
    Fetch,
}

impl FlagKind {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            FlagKind::ExternalLink => "a link to another workbook",
            FlagKind::Macro => "macros",
            FlagKind::Connection => "a data connection",
            FlagKind::Hyperlink => "a HYPERLINK formula",
            FlagKind::Fetch => "a formula that fetches data",
        }
    }
}

impl Book {
    /// Reads a workbook. What it is follows from its bytes, not from its name; a file that is none
    /// of the others is taken as CSV if its name says so.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is over a limit, damaged, or of no known format.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        open::open(path)
    }

    /// Reads a workbook that may be one that was exported, without what no merge looks at.
    ///
    /// # Errors
    ///
    /// As for [`Book::open`].
    pub fn open_returned(path: &Path) -> Result<Returned, Refusal> {
        open::open_returned(path)
    }

    /// The same of a workbook in memory; `name` is its file name.
    ///
    /// # Errors
    ///
    /// As for [`Book::open`].
    pub fn returned_from_bytes(bytes: Vec<u8>, name: &str) -> Result<Returned, Refusal> {
        open::read_returned(&mut Cursor::new(bytes), name, None)
    }

    /// Reads a workbook that is in memory; `name` is its file name.
    ///
    /// # Errors
    ///
    /// As for [`Book::open`].
    pub fn from_bytes(bytes: Vec<u8>, name: &str) -> Result<Self, Refusal> {
        let mut data = Cursor::new(bytes);
        Self::from_data(&mut data, name)
    }

    fn from_data(data: &mut dyn Data, name: &str) -> Result<Self, Refusal> {
        open::read(data, name)
    }

    /// The sheet of a name; letters' case does not matter, as in spreadsheet programs.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        let same = |sheet: &&Sheet| sheet.name.to_lowercase() == name.to_lowercase();
        self.sheets
            .iter()
            .find(|sheet| sheet.name == name)
            .or_else(|| self.sheets.iter().find(same))
    }

    /// The number format of a cell.
    pub fn format(&self, cell: &Cell) -> &Format {
        self.formats.get(cell.format as usize).unwrap_or(&Format::GENERAL)
    }
}
