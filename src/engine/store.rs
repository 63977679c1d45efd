//! Where the values of cells are kept: a column a field, eight bytes a cell.
//!
//! A cell without a number holds one of two quiet NaNs. No computation hands them on: whatever
//! reads a NaN looks which one it is.

use crate::plan::cell::{CELLS, Cell, Field};

/// The value of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number in the cell's unit.
    Number(f64),
    /// Nothing has been observed yet.
    NoData,
    /// Poisoned: wrong, or follows from what is wrong; reported at its cause.
    Error,
}

pub(super) const NO_DATA: f64 = f64::from_bits(0x7ff8_0000_0000_0001);
pub(super) const ERROR: f64 = f64::from_bits(0x7ff8_0000_0000_0002);

/// The value that a stored number means.
pub fn value_of(number: f64) -> Value {
    if !number.is_nan() {
        return Value::Number(number);
    }
    match number.to_bits() & 3 {
        1 => Value::NoData,
        _ => Value::Error,
    }
}

impl Value {
    /// The number, if there is one.
    pub fn number(self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The stored form; see [`value_of`].
    pub fn stored(self) -> f64 {
        match self {
            Value::Number(number) => number,
            Value::NoData => NO_DATA,
            Value::Error => ERROR,
        }
    }

    /// The value in words, where it is no number.
    pub fn word(self) -> &'static str {
        match self {
            Value::Number(_) => "",
            Value::NoData => "no data",
            Value::Error => "error",
        }
    }
}

/// A column a field; those that are computed when read have none.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    columns: Vec<Vec<f64>>,
}

impl Columns {
    pub fn new() -> Self {
        Self { columns: vec![Vec::new(); CELLS.len()] }
    }

    /// Makes room for a field of so many things.
    pub fn fill(&mut self, field: Field, count: usize, value: f64) {
        self.columns[field as usize] = vec![value; count];
    }

    /// Whether the field has a column.
    pub fn has(&self, field: Field) -> bool {
        !self.columns[field as usize].is_empty()
    }

    /// The column of a field.
    pub fn of(&self, field: Field) -> &[f64] {
        &self.columns[field as usize]
    }

    /// The column of a field, to take it out for a while.
    pub fn column(&mut self, field: Field) -> &mut Vec<f64> {
        &mut self.columns[field as usize]
    }

    /// A cell's stored value.
    #[inline]
    pub fn get(&self, cell: Cell) -> f64 {
        self.columns[cell.field as usize][cell.index as usize]
    }

    /// Sets a cell; tells whether that changed a bit.
    #[inline]
    pub fn set(&mut self, cell: Cell, value: f64) -> bool {
        let slot = &mut self.columns[cell.field as usize][cell.index as usize];
        let changed = slot.to_bits() != value.to_bits();
        *slot = value;
        changed
    }
}
