//! The base of a returning workbook: what its hidden sheet says was written.

use super::base::{HEADERS, KEY_FIELD, VERSION, kind, leaves_out_key, unescape};
use super::columns::Sheet;
use super::read::{Book, Cell, Value};
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;

/// What a cell held when it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Was<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A day.
    Date(&'a str),
    /// A formula of the plan: its text, and its result.
    Formula(&'a str, Option<f64>),
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
    /// Every text, one after the other.
    texts: String,
    /// The fields' names, by their number.
    fields: FxHashMap<Box<str>, u16>,
    /// The rows of each sheet, by their key; without one stands what has none.
    rows: [FxHashMap<Box<str>, u32>; Sheet::ALL.len()],
    /// How many rows there are.
    count: u32,
    /// What each cell held, row by row once all have been read.
    cells: Vec<Held>,
    /// Where each row begins among the cells, and at the end their number.
    starts: Vec<u32>,
    notes: FxHashSet<String>,
    labels: [OnceCell<FxHashSet<Box<str>>>; Sheet::ALL.len()],
}

/// A cell of a base, made small: there may be millions.
#[derive(Clone, Copy, Debug)]
struct Held {
    row: u32,
    field: u16,
    kind: Kind,
    start: u32,
    length: u32,
    number: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Number,
    Date,
    /// With or without a result.
    Formula(bool),
    Cut,
}

impl Snapshot {
    /// The base of a workbook, and the sheet that holds it; `None` if it has none.
    pub fn of(book: &Book) -> Option<(Self, usize)> {
        book.sheets.iter().enumerate().find_map(|(index, sheet)| {
            let mut rows = sheet.rows();
            let mut builder = rows.find_map(|(_, cells)| Builder::at(cells))?;
            rows.for_each(|(_, cells)| builder.row(cells));
            Some((builder.finish(), index))
        })
    }

    /// Whether this program can read the workbook's form.
    pub fn is_known(&self) -> bool {
        self.version == VERSION
    }

    fn text(&self, held: &Held) -> &str {
        let start = held.start as usize;
        self.texts.get(start..start + held.length as usize).unwrap_or_default()
    }

    fn was(&self, held: &Held) -> Was<'_> {
        match held.kind {
            Kind::Text => Was::Text(self.text(held)),
            Kind::Number => Was::Number(held.number),
            Kind::Date => Was::Date(self.text(held)),
            Kind::Formula(known) => Was::Formula(self.text(held), known.then_some(held.number)),
            Kind::Cut => Was::Cut,
        }
    }

    fn row(&self, row: u32) -> &[Held] {
        let ends = (self.starts.get(row as usize), self.starts.get(row as usize + 1));
        let (Some(&start), Some(&end)) = ends else { return &[] };
        self.cells.get(start as usize..end as usize).unwrap_or_default()
    }

    /// What a cell held.
    pub fn cell(&self, sheet: Sheet, key: &str, field: &str) -> Option<Was<'_>> {
        if key.is_empty() {
            return None;
        }
        let row = *self.rows[sheet as usize].get(key)?;
        let field = *self.fields.get(field)?;
        let held = self.row(row).iter().rev().find(|held| held.field == field)?;
        Some(self.was(held))
    }

    /// Whether a row was there.
    pub fn has(&self, sheet: Sheet, key: &str) -> bool {
        !key.is_empty() && self.rows[sheet as usize].contains_key(key)
    }

    /// The keys of a sheet, sorted.
    pub fn keys(&self, sheet: Sheet) -> Vec<&str> {
        let own = self.rows[sheet as usize].keys().map(AsRef::as_ref);
        let mut keys: Vec<&str> = own.filter(|key: &&str| !key.is_empty()).collect();
        keys.sort_unstable();
        keys
    }

    /// What stood on a sheet, wherever; to be ticked off.
    pub fn labels(&self, sheet: Sheet) -> Labels<'_> {
        let mut labels = Labels::default();
        for row in self.rows[sheet as usize].values() {
            for held in self.row(*row) {
                match self.was(held) {
                    Was::Text(text) | Was::Date(text) => {
                        *labels.texts.entry(text).or_default() += 1;
                    }
                    Was::Number(number) | Was::Formula(_, Some(number)) => {
                        // -0 is 0.
                        *labels.numbers.entry((number + 0.0).to_bits()).or_default() += 1;
                    }
                    Was::Formula(..) | Was::Cut => {}
                }
            }
        }
        labels
    }

    /// What stood on a sheet outside its rows, in the order in which it was written; numbers by
    /// their digits.
    pub fn loose(&self, sheet: Sheet) -> Vec<String> {
        let row = self.rows[sheet as usize].get("").copied();
        let held = row.map_or(&[][..], |row| self.row(row)).iter();
        let text = |held: &Held| match self.was(held) {
            Was::Text(text) | Was::Date(text) => Some(text.to_owned()),
            Was::Number(number) | Was::Formula(_, Some(number)) => Some(digits(number)),
            Was::Formula(..) | Was::Cut => None,
        };
        held.filter_map(text).collect()
    }

    /// Whether a text is one that stood on a sheet.
    pub fn is_label(&self, sheet: Sheet, text: &str) -> bool {
        let known = self.labels[sheet as usize].get_or_init(|| {
            let labels = self.labels(sheet);
            labels.texts.keys().map(|text| Box::from(*text)).collect()
        });
        known.contains(text)
    }

    /// Whether a note on a cell is one of the workbook's own.
    pub fn is_own_note(&self, text: &str) -> bool {
        self.notes.contains(text.trim())
    }

    fn meta(&mut self, field: &str, value: &str) {
        match field {
            "format" => self.version = value.to_owned(),
            "as of" => self.as_of = value.parse().ok(),
            "export" => self.export = value.to_owned(),
            _ => {}
        }
    }
}

/// What stood on a sheet, with how often it is still to be found there.
#[derive(Debug, Default)]
pub struct Labels<'a> {
    texts: FxHashMap<&'a str, usize>,
    /// Numbers by their bits.
    numbers: FxHashMap<u64, usize>,
    /// The same by fifteen digits, once a number is not found by its bits.
    digits: Option<FxHashMap<String, Vec<u64>>>,
}

impl Labels<'_> {
    /// Whether a text is among them, used up or not.
    pub fn contains(&self, text: &str) -> bool {
        self.texts.contains_key(text)
    }

    /// Takes one away that a value is; tells whether there was one.
    pub fn use_up(&mut self, value: &Value) -> bool {
        match value {
            Value::Number(number) => self.use_up_number(*number),
            Value::Text(text) => take(self.texts.get_mut(text.as_ref())),
            other => take(self.texts.get_mut(text_of(other).as_str())),
        }
    }

    fn use_up_number(&mut self, number: f64) -> bool {
        if take(self.numbers.get_mut(&(number + 0.0).to_bits())) {
            return true;
        }
        let numbers = &mut self.numbers;
        let digits = self.digits.get_or_insert_with(|| {
            let mut known: FxHashMap<String, Vec<u64>> = FxHashMap::default();
            for bits in numbers.keys() {
                known.entry(digits(f64::from_bits(*bits))).or_default().push(*bits);
            }
            known.values_mut().for_each(|all| all.sort_unstable());
            known
        });
        near(number)
            .iter()
            .filter_map(|text| digits.get(text))
            .flatten()
            .any(|bits| take(numbers.get_mut(bits)))
    }
}

fn take(left: Option<&mut usize>) -> bool {
    match left {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

/// A base while its rows are read.
#[derive(Debug)]
pub struct Builder {
    snapshot: Snapshot,
    /// The first columns of its blocks.
    blocks: Vec<u32>,
    /// Whose the last row was.
    last: Option<(Sheet, u32)>,
}

impl Builder {
    /// A base that begins below a row of cells, if that is the header of one.
    pub fn at(cells: &[Cell]) -> Option<Self> {
        let is = |column: u32, word: &str| {
            cells.iter().any(|cell| cell.at.column == column && cell.text() == Some(word))
        };
        let starts = cells.iter().filter(|cell| cell.text() == Some(HEADERS[0]));
        let whole = |first: &u32| (0_u32..).zip(HEADERS).all(|(at, word)| is(first + at, word));
        let blocks: Vec<u32> = starts.map(|cell| cell.at.column).filter(whole).collect();
        let begun = || Self { snapshot: Snapshot::default(), blocks: blocks.clone(), last: None };
        (!blocks.is_empty()).then(begun)
    }

    /// How many records have been read.
    pub fn records(&self) -> usize {
        self.snapshot.cells.len()
    }

    /// Reads a row, which stands below the ones before.
    pub fn row(&mut self, cells: &[Cell]) {
        let mut rest = cells;
        for block in 0..self.blocks.len() {
            let end = self.blocks.get(block + 1).copied().unwrap_or(u32::MAX);
            let own = rest.partition_point(|cell| cell.at.column < end);
            self.block(self.blocks[block], &rest[..own]);
            rest = &rest[own..];
        }
    }

    fn block(&mut self, first: u32, cells: &[Cell]) {
        const RECORD: u32 = HEADERS.len() as u32;
        let before = cells.partition_point(|cell| cell.at.column < first + RECORD);
        let (record, packed) = cells.split_at(before);
        let part = |offset: u32| {
            let cell = record.iter().find(|cell| cell.at.column == first + offset);
            cell.map_or(Part::Same(""), |cell| match &cell.value {
                Value::Text(text) => Part::Same(text),
                other => Part::Made(text_of(other)),
            })
        };
        let (name, key, kind) = (part(0), part(1), part(3));
        let of = match name.text() {
            "" => self.last.map(|(of, _)| of).filter(|_| !key.text().is_empty()),
            name => match Sheet::ALL.into_iter().find(|it| it.name() == name) {
                Some(of) => Some(of),
                None => return,
            },
        };
        if let Some(of) = of {
            let row = self.row_of(of, key.text());
            self.last = Some((of, row));
            if leaves_out_key(of) && kind.text().is_empty() {
                self.take((of, row), KEY_FIELD, kind::TEXT, key.text(), "");
            }
        }
        let Some(row) = self.last else { return };
        if !kind.text().is_empty() {
            let (field, value, result) = (part(2), part(4), part(5));
            self.take(row, field.text(), kind.text(), value.text(), result.text());
        }
        for cell in packed.iter().filter_map(Cell::text) {
            cell.split('\n').for_each(|line| self.packed(row, line));
        }
    }

    /// `FIELD:T VALUE`, `FIELD:f RESULT TEXT`
    fn packed(&mut self, row: (Sheet, u32), line: &str) {
        let Some((field, rest)) = line.split_once(':') else { return };
        let Some((letter, value)) = rest.split_once(' ') else { return };
        let known = kind::LETTERS.into_iter().find(|(_, it)| letter.chars().eq([*it]));
        let Some((kind, _)) = known else { return };
        match value.split_once(' ').filter(|_| kind == kind::FORMULA) {
            Some((result, formula)) => self.take(row, field, kind, &unescape(formula), result),
            None => self.take(row, field, kind, &unescape(value), ""),
        }
    }

    fn row_of(&mut self, of: Sheet, key: &str) -> u32 {
        let snapshot = &mut self.snapshot;
        let rows = &mut snapshot.rows[of as usize];
        match rows.get(key) {
            Some(row) => *row,
            None => {
                let row = snapshot.count;
                snapshot.count += 1;
                rows.insert(key.into(), row);
                row
            }
        }
    }

    fn take(
        &mut self,
        (of, row): (Sheet, u32),
        field: &str,
        kind: &str,
        value: &str,
        result: &str,
    ) {
        let snapshot = &mut self.snapshot;
        let (mut number, mut kept) = (0.0, value);
        let kind = match kind {
            kind::META if of == Sheet::Base => return snapshot.meta(field, value),
            kind::NOTE => {
                snapshot.notes.insert(value.to_owned());
                return;
            }
            kind::NUMBER => match value.parse() {
                Ok(parsed) => {
                    (number, kept) = (parsed, "");
                    Kind::Number
                }
                Err(_) => Kind::Text,
            },
            kind::DATE => Kind::Date,
            kind::FORMULA => match result.parse() {
                Ok(parsed) => {
                    number = parsed;
                    Kind::Formula(true)
                }
                Err(_) => Kind::Formula(false),
            },
            kind::CUT => Kind::Cut,
            _ => Kind::Text,
        };
        let next = snapshot.fields.len() as u16;
        let field = match snapshot.fields.get(field) {
            Some(known) => *known,
            // No form has so many fields: a base that does is none of this program.
            None if next == u16::MAX => return,
            None => {
                snapshot.fields.insert(field.into(), next);
                next
            }
        };
        let (start, length) = (snapshot.texts.len() as u32, kept.len() as u32);
        snapshot.texts.push_str(kept);
        snapshot.cells.push(Held { row, field, kind, start, length, number });
    }

    /// The base, whole.
    pub fn finish(self) -> Snapshot {
        let mut snapshot = self.snapshot;
        // The cells of a row stay in their order: the last one of a field counts.
        snapshot.cells.sort_by_key(|held| held.row);
        let mut starts = vec![0; snapshot.count as usize + 1];
        for held in &snapshot.cells {
            starts[held.row as usize + 1] += 1;
        }
        for row in 1..starts.len() {
            starts[row] += starts[row - 1];
        }
        snapshot.starts = starts;
        snapshot
    }
}

/// A part of a record, as it stands or made a text.
enum Part<'c> {
    Same(&'c str),
    Made(String),
}

impl Part<'_> {
    fn text(&self) -> &str {
        match self {
            Part::Same(text) => text,
            Part::Made(text) => text,
        }
    }
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
