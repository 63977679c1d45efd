//! What a workbook may ask for: limits on sizes and counts, and the words of a refusal.
//!
//! Every number that a file names is checked here before anything is set aside for it, and what is
//! unpacked is counted as it comes, whatever the file says of itself.

mod package;
mod xml;

pub use package::{Data, Package, Part};
pub use xml::{Node, Tag, Xml};

use std::fmt;

/// The largest workbook file, in bytes.
pub const MAX_FILE: u64 = 256 << 20;
/// The largest part of a workbook once unpacked, in bytes.
pub const MAX_PART: u64 = 1 << 30;
/// What may be unpacked of one workbook in all, in bytes.
pub const MAX_UNPACKED: u64 = 2 << 30;
/// How many bytes may come out of one packed byte; Excel's own files stay under 50.
pub const MAX_RATIO: u64 = 150;
/// What is never too much to unpack, in bytes, whatever the ratio.
pub const ALWAYS_FINE: u64 = 1 << 20;
/// The most parts of a package.
pub const MAX_PARTS: usize = 10_000;
/// The longest piece of XML between two tags, in bytes.
pub const MAX_NODE: usize = 1 << 20;
/// The deepest nesting of XML.
pub const MAX_DEPTH: usize = 128;
/// The longest text of a cell, in bytes; Excel's own limit is 32,767 characters.
pub const MAX_TEXT: usize = 256 << 10;
/// The most cells with a content, of all sheets together.
pub const MAX_CELLS: usize = 16_000_000;
/// The most bytes of texts, of all sheets together.
pub const MAX_TEXTS: usize = 256 << 20;
/// The rows of a sheet.
pub const MAX_ROWS: u32 = 1_048_576;
/// The columns of a sheet.
pub const MAX_COLUMNS: u32 = 16_384;
/// The most sheets.
pub const MAX_SHEETS: usize = 1_000;
/// The most shared texts.
pub const MAX_STRINGS: u64 = 4_000_000;
/// The most number formats and cell styles; Excel has 65,490.
pub const MAX_STYLES: usize = 70_000;
/// The most merged ranges of a sheet.
pub const MAX_MERGED: usize = 100_000;
/// The most notes of a workbook.
pub const MAX_NOTES: usize = 100_000;
/// How often one cell of an OpenDocument sheet that has a content may be repeated.
pub const MAX_REPEATS: u64 = 100_000;

/// Why a workbook is not read: what is wrong, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub help: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.what, self.help)
    }
}

impl std::error::Error for Refusal {}

/// How to mend most files: whatever is wrong with them, a spreadsheet program writes them anew.
const SAVE_AGAIN: &str =
    "open it in a spreadsheet program and save it again as .xlsx, with only the sheet of the OKRs";

impl Refusal {
    /// A refusal in its own words.
    pub fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }

    /// The file is not as its format says.
    pub fn damaged(what: impl fmt::Display) -> Self {
        Self::new(format!("the workbook is damaged: {what}"), SAVE_AGAIN)
    }

    /// The file wants more than a workbook of OKRs ever needs.
    pub fn too_much(what: impl Into<String>) -> Self {
        Self::new(what, SAVE_AGAIN)
    }
}

/// Refuses a count over its limit: "the workbook has more than 1,000 sheets".
pub fn at_most(count: usize, limit: usize, what: &str) -> Result<(), Refusal> {
    match count > limit {
        true => {
            Err(Refusal::too_much(format!("the workbook has more than {} {what}", spaced(limit))))
        }
        false => Ok(()),
    }
}

/// A whole number with commas, as sentences write it.
fn spaced(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
