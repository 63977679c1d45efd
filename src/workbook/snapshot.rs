//! The base of a returning workbook: what its hidden sheet says was written.

use super::base::{HEADERS, VERSION, kind};
use super::columns::Sheet;
use super::read::{Book, Sheet as Found, Value};
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

/// What a cell held when it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Was {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day.
    Date(String),
    /// A formula of the plan: its text, and its result.
    Formula(String, Option<f64>),
    /// A text that was cut, and is never compared.
    Cut,
}

/// The base of a workbook.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The version of the workbook's form.
    pub version: String,
    /// The as-of date of the export.
    pub as_of: Option<Date>,
    /// The hash of what was exported.
    pub export: String,
    cells: FxHashMap<(Sheet, String), FxHashMap<String, Was>>,
    labels: FxHashMap<Sheet, FxHashMap<String, usize>>,
    notes: FxHashSet<String>,
}

impl Snapshot {
    /// The base of a workbook, and the sheet that holds it; `None` if it has none.
    pub fn of(book: &Book) -> Option<(Self, usize)> {
        book.sheets.iter().enumerate().find_map(|(index, sheet)| {
            let (row, blocks) = header(sheet)?;
            Some((Self::read(sheet, row, &blocks), index))
        })
    }

    fn read(sheet: &Found, header: u32, blocks: &[u32]) -> Self {
        let mut snapshot = Self::default();
        let mut last: Option<(Sheet, String)> = None;
        for (row, cells) in sheet.rows().filter(|(row, _)| *row > header) {
            debug_assert!(row > header);
            for &first in blocks {
                let part = |offset: u32| {
                    let cell = cells.iter().find(|cell| cell.at.column == first + offset);
                    cell.map_or_else(String::new, |cell| text_of(&cell.value))
                };
                let [name, key, field] = [part(0), part(1), part(2)];
                let own = Sheet::ALL.into_iter().find(|it| it.name() == name);
                if let Some(of) = own {
                    last = Some((of, key));
                } else if !name.is_empty() || field.is_empty() {
                    continue;
                }
                if let Some((of, key)) = last.clone() {
                    snapshot.take(of, key, field, &part(3), part(4), &part(5));
                }
            }
        }
        snapshot
    }

    fn take(
        &mut self,
        of: Sheet,
        key: String,
        field: String,
        kind: &str,
        value: String,
        result: &str,
    ) {
        let was = match kind {
            kind::META => return self.meta(&field, value),
            kind::NOTE => {
                self.notes.insert(value);
                return;
            }
            kind::NUMBER => match value.parse() {
                Ok(number) => Was::Number(number),
                Err(_) => Was::Text(value),
            },
            kind::DATE => Was::Date(value),
            kind::FORMULA => Was::Formula(value, result.parse().ok()),
            kind::CUT => Was::Cut,
            _ => Was::Text(value),
        };
        if key.is_empty() {
            let text = match was {
                Was::Number(number) => digits(number),
                Was::Text(text) | Was::Date(text) => text,
                Was::Formula(..) | Was::Cut => return,
            };
            *self.labels.entry(of).or_default().entry(text).or_default() += 1;
        } else {
            self.cells.entry((of, key)).or_default().insert(field, was);
        }
    }

    fn meta(&mut self, field: &str, value: String) {
        match field {
            "format" => self.version = value,
            "as of" => self.as_of = value.parse().ok(),
            "export" => self.export = value,
            _ => {}
        }
    }

    /// Whether this program can read the workbook's form.
    pub fn is_known(&self) -> bool {
        self.version == VERSION
    }

    /// What a cell held.
    pub fn cell(&self, sheet: Sheet, key: &str, field: &str) -> Option<&Was> {
        self.cells.get(&(sheet, key.to_owned()))?.get(field)
    }

    /// Whether a row was there.
    pub fn has(&self, sheet: Sheet, key: &str) -> bool {
        self.cells.contains_key(&(sheet, key.to_owned()))
    }

    /// The keys of a sheet, sorted.
    pub fn keys(&self, sheet: Sheet) -> Vec<&str> {
        let own = self.cells.keys().filter(|(of, _)| *of == sheet);
        let mut keys: Vec<&str> = own.map(|(_, key)| key.as_str()).collect();
        keys.sort_unstable();
        keys
    }

    /// Cells of a sheet that have no key, by their text, with how many there are; whatever stands in
    /// rows with keys counts as well.
    pub fn labels(&self, sheet: Sheet) -> FxHashMap<String, usize> {
        let mut labels = self.labels.get(&sheet).cloned().unwrap_or_default();
        for (_, fields) in self.cells.iter().filter(|((of, _), _)| *of == sheet) {
            for was in fields.values() {
                let text = match was {
                    Was::Number(number) => digits(*number),
                    Was::Text(text) | Was::Date(text) => text.clone(),
                    Was::Formula(_, Some(result)) => digits(*result),
                    Was::Formula(..) | Was::Cut => continue,
                };
                *labels.entry(text).or_default() += 1;
            }
        }
        labels
    }

    /// Whether a note on a cell is one of the workbook's own.
    pub fn is_own_note(&self, text: &str) -> bool {
        self.notes.contains(text.trim())
    }
}

/// The header's row, and the first columns of its blocks.
fn header(sheet: &Found) -> Option<(u32, Vec<u32>)> {
    for (row, cells) in sheet.rows() {
        let is = |column: u32, word: &str| {
            cells.iter().any(|cell| cell.at.column == column && cell.text() == Some(word))
        };
        let starts = cells.iter().filter(|cell| cell.text() == Some(HEADERS[0]));
        let whole = |first: &u32| (0_u32..).zip(HEADERS).all(|(at, word)| is(first + at, word));
        let blocks: Vec<u32> = starts.map(|cell| cell.at.column).filter(whole).collect();
        if !blocks.is_empty() {
            return Some((row, blocks));
        }
    }
    None
}

/// A value as text, as the base keeps it.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => format!("{number}"),
        Value::Bool(truth) => truth.to_string(),
        Value::Date(at) => at.date().to_string(),
        Value::Error(error) => error.to_string(),
        Value::Missing => String::new(),
    }
}

/// A number to the fifteen digits that a spreadsheet saves.
pub fn digits(number: f64) -> String {
    let number = if number == 0.0 { 0.0 } else { number };
    format!("{number:.14e}")
}

/// Whether two numbers are the same to fifteen digits, whichever way the last one was rounded.
pub fn same_number(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= 0.7 * last_digit(one.abs().max(other.abs()))
}

/// The numbers whose fifteen digits a saved number may have been.
pub fn near(number: f64) -> [String; 3] {
    let unit = last_digit(number.abs());
    [digits(number), digits(number - unit), digits(number + unit)]
}

/// What one more in the fifteenth digit is.
fn last_digit(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { 10f64.powi(number.log10().floor() as i32 - 14) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_to_fifteen_digits() {
        for (one, other) in [
            (0.633_490_196_078_431_5, 0.633_490_196_078_432),
            (0.633_490_196_078_431_5, 0.633_490_196_078_431),
            (1.0 / 3.0, 0.333_333_333_333_333),
            (-2.0e300 / 3.0, -6.666_666_666_666_67e299),
            (0.0, -0.0),
        ] {
            assert!(same_number(one, other), "{one} {other}");
            assert!(near(other).contains(&digits(one)), "{one} {other}");
        }
        assert!(!same_number(0.633_490_196_078_431, 0.633_490_196_078_432));
        assert!(!same_number(1.0, 1.000_000_000_000_01));
        assert!(!same_number(0.0, 1e-300));
    }
}
