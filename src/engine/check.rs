//! The values that a cell may take, checked where a formula gives them; names of cells.

use super::Engine;
use crate::diagnostic::{Kind, Problem};
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field, Kind as CellKind, fixed_unit};
use crate::plan::out_of_range;
use crate::quantity::UnitId;
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

impl Plan {
    /// The path of a cell, `speed.latency.target`.
    pub fn cell_name(&self, cell: Cell) -> String {
        let thing = self.thing_name(cell.kind(), cell.index);
        match cell.field {
            Field::MetricValue => thing,
            field => format!("{thing}.{}", field.entry().word),
        }
    }

    /// The path of a thing, `speed.latency`.
    pub fn thing_name(&self, kind: CellKind, index: u32) -> String {
        let index = index as usize;
        match kind {
            CellKind::Kr => self.kr_id(index),
            CellKind::Bucket => self.bucket_id(index),
            CellKind::Cycle => self.source(self.cycles[index].name).to_owned(),
            CellKind::Team => self.source(self.teams[index].name).to_owned(),
            CellKind::Metric => self.source(self.metrics[index].name).to_owned(),
            CellKind::Objective => self.source(self.objectives[index].name).to_owned(),
            CellKind::Initiative => self.source(self.initiatives[index].name).to_owned(),
        }
    }

    /// The unit of a cell.
    pub fn unit_of(&self, cell: Cell) -> UnitId {
        fixed_unit(cell.field.entry().unit).unwrap_or_else(|| match cell.kind() {
            CellKind::Metric => self.metrics[cell.index as usize].unit,
            _ => self.krs[cell.index as usize].unit,
        })
    }
}
