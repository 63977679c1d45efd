//! The values that a cell may take, checked where a formula gives them.

use super::Engine;
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::Cell;
use crate::plan::out_of_range;
use crate::source::Place;

impl Engine {
    /// The problem of a value outside the range of its cell.
    pub(super) fn range_problem(&self, cell: Cell, value: f64, place: Place) -> Option<Problem> {
        let entry = cell.field.entry();
        let must = out_of_range(entry.range, value).filter(|_| !value.is_nan())?;
        let name = self.plan.cell_name(cell);
        let shown = self.plan.units.show(value, self.plan.unit_of(cell));
        let message = format!("`{name}` {must}, and this is {shown}");
        let help = "keep it in range: `clamp(…, low, high)` or `max(0, …)`";
        Some(Problem::new(Kind::OutOfRange, place, message).help(help))
    }
}
