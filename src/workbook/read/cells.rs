//! Sheets, cells and what they hold.

use super::super::guard::{MAX_COLUMNS, MAX_ROWS, Refusal};
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A place on a sheet, both from 0; shown as spreadsheets do: `K7`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The row, from 0.
    pub row: u32,
    /// The column, from 0.
    pub column: u32,
}

impl At {
    /// The place of a row and a column, both from 0.
    pub const fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }

    /// Reads `K7`, also `$K$7`; `None` if it is no place of the largest grid.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut column, mut row, mut digits) = (0_u32, 0_u32, 0);
        for byte in text.bytes() {
            match byte {
                b'$' => {}
                b'A'..=b'Z' | b'a'..=b'z' if digits == 0 => {
                    let letter = u32::from(byte.to_ascii_uppercase() - b'A');
                    column = column.checked_mul(26)?.checked_add(letter + 1)?;
                }
                b'0'..=b'9' => {
                    row = row.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
                    digits += 1;
                }
                _ => return None,
            }
        }
        let fits = (1..=MAX_ROWS).contains(&row) && (1..=MAX_COLUMNS).contains(&column);
        fits.then(|| Self { row: row - 1, column: column - 1 })
    }
}

/// The letters of a column, from 0: `A`, …, `Z`, `AA`.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(b'A' + ((left - 1) % 26) as u8);
        left = (left - 1) / 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

impl fmt::Display for At {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", column_letters(self.column), self.row + 1)
    }
}

/// A range of cells, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The upper left cell.
    pub first: At,
    /// The lower right cell.
    pub last: At,
}

impl Area {
    /// Reads `B2:C5`, or one cell.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        let (first, last) = (At::parse(first)?, At::parse(last)?);
        (first.row <= last.row && first.column <= last.column).then_some(Self { first, last })
    }

    /// Whether a cell is in it.
    pub fn contains(&self, at: At) -> bool {
        (self.first.row..=self.last.row).contains(&at.row)
            && (self.first.column..=self.last.column).contains(&at.column)
    }
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A formula whose result the file does not have: some libraries leave it empty.
    Missing,
    /// A finite number; a percent is a fraction.
    Number(f64),
    /// Text, cleaned of control and bidirectional characters; line ends are `\n`.
    Text(Arc<str>),
    /// Yes or no.
    Bool(bool),
    /// A day, with a time of the day.
    Date(DateTime),
    /// An error such as `#DIV/0!`, or a number that is not finite.
    Error(Arc<str>),
}

/// A cell that holds something.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Where it is.
    pub at: At,
    /// What it holds; of a formula its result as last computed.
    pub value: Value,
    /// Its number format, an index into [`Book::formats`](super::Book::formats).
    pub format: u32,
    /// Its formula, from 1, an index into those of the sheet; 0 is none, and one that is not there
    /// has not been kept.
    pub(super) formula: u32,
}

impl Cell {
    /// A cell without a formula.
    pub fn new(at: At, value: Value, format: u32) -> Self {
        Self { at, value, format, formula: 0 }
    }

    /// A cell with a formula whose text is not kept.
    pub(super) fn computed(at: At, value: Value, format: u32) -> Self {
        Self { at, value, format, formula: u32::MAX }
    }

    /// Whether it is computed by a formula.
    pub fn is_formula(&self) -> bool {
        self.formula > 0
    }

    /// Its text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// Whether people see a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// It is shown.
    #[default]
    Visible,
    /// It is hidden and can be shown by hand.
    Hidden,
    /// It is hidden from the menus as well.
    VeryHidden,
}

/// A note on a cell, or an answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Who wrote it; may be empty.
    pub author: String,
    /// What it says.
    pub text: String,
}

/// A sheet.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Its name, cleaned.
    pub name: String,
    /// Whether people see it.
    pub visibility: Visibility,
    /// Ranges merged to one cell; what they hold is at their upper left cell.
    pub merged: Vec<Area>,
    /// Notes, each cell's in their order.
    pub notes: BTreeMap<At, Vec<Note>>,
    cells: Vec<Cell>,
    formulas: Vec<Arc<str>>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(name: &str, visibility: Visibility) -> Self {
        Self { name: clean(name).into_owned(), visibility, ..Self::default() }
    }

    /// Every cell that holds something, row by row.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell at a place, if it holds something.
    pub fn get(&self, at: At) -> Option<&Cell> {
        let index = self.cells.binary_search_by_key(&at, |cell| cell.at).ok()?;
        self.cells.get(index)
    }

    /// The cells of one row, from left to right.
    pub fn row(&self, row: u32) -> &[Cell] {
        let start = self.cells.partition_point(|cell| cell.at.row < row);
        let length = self.cells[start..].partition_point(|cell| cell.at.row == row);
        &self.cells[start..start + length]
    }

    /// The rows that hold something, from the top.
    pub fn rows(&self) -> impl Iterator<Item = (u32, &[Cell])> {
        let rows = self.cells.chunk_by(|a, b| a.at.row == b.at.row);
        rows.filter_map(|cells| Some((cells.first()?.at.row, cells)))
    }

    /// The formula of a cell, without its `=`. Where cells share one, it is spelled as for this
    /// cell.
    pub fn formula(&self, cell: &Cell) -> Option<&str> {
        let index = (cell.formula as usize).checked_sub(1)?;
        self.formulas.get(index).map(AsRef::as_ref)
    }

    /// The merged range that a cell is in.
    pub fn merged_at(&self, at: At) -> Option<&Area> {
        self.merged.iter().find(|area| area.contains(at))
    }

    /// Adds a cell; [`Sheet::finish`] puts it in its place.
    pub(super) fn push(&mut self, mut cell: Cell, formula: Option<Arc<str>>) {
        if let Some(formula) = formula {
            self.formulas.push(formula);
            cell.formula = self.formulas.len() as u32;
        }
        self.cells.push(cell);
    }

    /// Puts the cells in order.
    ///
    /// # Errors
    ///
    /// If a cell is there twice: nobody could say which one counts.
    pub(super) fn finish(&mut self) -> Result<(), Refusal> {
        if !self.cells.is_sorted_by_key(|cell| cell.at) {
            self.cells.sort_by_key(|cell| cell.at);
        }
        self.cells.shrink_to_fit();
        match self.cells.windows(2).find(|pair| pair[0].at == pair[1].at) {
            Some(pair) => {
                let (name, at) = (&self.name, pair[0].at);
                Err(Refusal::damaged(format!("{name}!{at} is in the file twice")))
            }
            None => Ok(()),
        }
    }
}

/// Text without the characters that would command a terminal or turn the text around; line ends are
/// `\n`.
pub(in crate::workbook) fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_unwanted) {
        return std::borrow::Cow::Borrowed(text);
    }
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    unified.chars().filter(|&character| !is_unwanted(character)).collect()
}

/// Whether a text is of plain ASCII without any control character: most are, and it is quickly seen.
pub(in crate::workbook) fn is_plain(text: &str) -> bool {
    !text.bytes().fold(false, |other, byte| other | !(0x20..0x7f).contains(&byte))
}

fn is_unwanted(character: char) -> bool {
    let invisible = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    (character.is_control() && character != '\n' && character != '\t') || invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_shown() {
        for (text, row, column) in [("A1", 0, 0), ("K7", 6, 10), ("XFD1048576", 1_048_575, 16_383)]
        {
            let at = At::parse(text).expect("it is a place");
            assert_eq!((at.row, at.column), (row, column));
            assert_eq!(at.to_string(), text);
        }
        assert_eq!(At::parse("$AA$10").map(|at| at.to_string()).as_deref(), Some("AA10"));
        for text in
            ["", "A", "7", "A0", "XFE1", "A1048577", "A1B", "A-1", "AAAAAAAAAAA1", "A99999999999"]
        {
            assert_eq!(At::parse(text), None, "{text}");
        }
    }

    #[test]
    fn cells_come_in_order() {
        let mut sheet = Sheet::new("S", Visibility::Visible);
        for (row, column) in [(3, 1), (0, 2), (3, 0)] {
            sheet.push(Cell::new(At::new(row, column), Value::Bool(true), 0), Some("A1".into()));
        }
        sheet.finish().expect("no cell is there twice");
        let rows: Vec<(u32, usize)> = sheet.rows().map(|(row, cells)| (row, cells.len())).collect();
        assert_eq!(rows, [(0, 1), (3, 2)]);
        assert_eq!(sheet.row(3).len(), 2);
        assert!(sheet.row(1).is_empty());
        assert!(sheet.get(At::new(3, 1)).is_some_and(|cell| sheet.formula(cell) == Some("A1")));
        sheet.push(Cell::new(At::new(0, 2), Value::Bool(true), 0), None);
        assert!(sheet.finish().is_err());
    }

    #[test]
    fn texts_lose_what_is_unsafe() {
        assert_eq!(clean("a\u{1b}[31m\u{202e}b\r\nc\td\re\u{7f}"), "a[31mb\nc\td\ne");
        assert_eq!(clean("שלום 👍"), "שלום 👍");
    }
}
