//! The tables of a returning workbook: found by their headers, on any sheet, in any column order,
//! below any number of rows.

use super::columns::{Column, Field, Role, Table};
use super::read::{At, Book, Cell, Sheet};

/// The header of the keys.
const KEY_HEADER: &str = "key";

/// A table that was found.
#[derive(Debug)]
pub struct Grid<'b> {
    /// Which one it is.
    pub table: Table,
    /// The sheet that it stands on.
    pub sheet: &'b Sheet,
    /// That sheet's place in the workbook.
    pub sheet_index: usize,
    /// The header's row.
    pub header: u32,
    /// The row after its last.
    pub end: u32,
    /// Its columns.
    pub columns: Vec<(u32, &'static Column)>,
}

/// A row of a table.
#[derive(Debug)]
pub struct Row<'b> {
    /// Its key, trimmed; empty for a new row.
    pub key: String,
    /// Its number on the sheet, from 0.
    pub number: u32,
    /// Its cells.
    pub cells: &'b [Cell],
}

impl<'b> Grid<'b> {
    /// The column of a field; `None` if somebody took it out.
    pub fn column(&self, field: Field) -> Option<u32> {
        self.columns.iter().find(|(_, column)| column.field == field).map(|(at, _)| *at)
    }

    /// The column of the keys.
    pub fn key_column(&self) -> u32 {
        let key = self.columns.iter().find(|(_, column)| column.role == Role::Key);
        key.map_or(0, |(at, _)| *at)
    }

    /// The rows that hold something.
    pub fn rows(&self) -> Vec<Row<'b>> {
        let sheet: &'b Sheet = self.sheet;
        let key_column = self.key_column();
        sheet
            .rows()
            .filter(|(row, _)| *row > self.header && *row < self.end)
            .map(|(number, cells)| row(number, cells, key_column))
            .collect()
    }

    /// One of its rows, by its number.
    pub fn row(&self, number: u32) -> Row<'b> {
        row(number, self.sheet.row(number), self.key_column())
    }

    /// The cell of a row in a field's column.
    pub fn cell(&self, row: &Row<'b>, field: Field) -> Option<&'b Cell> {
        let column = self.column(field)?;
        row.cells.iter().find(|cell| cell.at.column == column)
    }

    /// The address of a field in a row.
    pub fn at(&self, row: u32, field: Field) -> String {
        let column = self.column(field).unwrap_or_else(|| self.key_column());
        address(self.sheet, At::new(row, column))
    }
}

fn row(number: u32, cells: &[Cell], key_column: u32) -> Row<'_> {
    let key = cells.iter().find(|cell| cell.at.column == key_column);
    let key = key.map(|cell| super::snapshot::text_of(&cell.value));
    let key = key.map_or_else(String::new, |key| trimmed(&key).to_owned());
    Row { key, number, cells }
}

/// `Key results!H7`
pub fn address(sheet: &Sheet, at: At) -> String {
    format!("{}!{at}", sheet.name)
}

/// A text without the spaces around it, those included that break no line.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{202f}')
}

/// Every table of a workbook, but those on the sheet of the base.
pub fn tables(book: &Book, base: Option<usize>) -> Vec<Grid<'_>> {
    let sheets = book.sheets.iter().enumerate();
    sheets.filter(|(index, _)| Some(*index) != base).flat_map(|(at, it)| on(at, it)).collect()
}

fn on(sheet_index: usize, sheet: &Sheet) -> Vec<Grid<'_>> {
    let mut grids: Vec<Grid<'_>> = Vec::new();
    for (row, cells) in sheet.rows() {
        let Some((table, columns)) = headed(cells) else { continue };
        if let Some(before) = grids.last_mut() {
            before.end = row;
        }
        grids.push(Grid { table, sheet, sheet_index, header: row, end: u32::MAX, columns });
    }
    grids
}

/// The table whose header a row of cells is.
pub fn headed(cells: &[Cell]) -> Option<(Table, Vec<(u32, &'static Column)>)> {
    let is_key = |cell: &Cell| {
        cell.text().is_some_and(|text| trimmed(text).eq_ignore_ascii_case(KEY_HEADER))
    };
    if !cells.iter().any(is_key) {
        return None;
    }
    let words: Vec<(u32, String)> = cells
        .iter()
        .filter_map(|cell| Some((cell.at.column, trimmed(cell.text()?).to_lowercase())))
        .collect();
    let has = |word: &str| words.iter().any(|(_, it)| it == word);
    let table = match () {
        () if has("actual") && has("target") => Table::KeyResults,
        () if has("date") && has("value") => Table::CheckIns,
        () if has("value") => Table::Metrics,
        () if has("people") => Table::Teams,
        () if has("draws") => Table::Draws,
        () if has("share") => Table::Buckets,
        () => return None,
    };
    let mut columns: Vec<(u32, &'static Column)> = Vec::new();
    for (at, word) in &words {
        let column = table.columns().iter().find(|column| column.header == word);
        // Of two columns with one header the first is meant.
        if let Some(column) = column
            && !columns.iter().any(|(_, it)| it.field == column.field)
        {
            columns.push((*at, column));
        }
    }
    Some((table, columns))
}
