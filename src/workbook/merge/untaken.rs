//! Nothing vanishes: what else was changed or added, in references, computed columns, further
//! columns and other sheets.

use super::super::columns::{Field, Sheet as Of, Table};
use super::super::read::{At, Book, Cell, Sheet, Value};
use super::super::receipt::NotTaken;
use super::super::snapshot::{Was, digits, same_number, text_of};
use super::super::tables::{Grid, Row, address, trimmed};
use super::Merge;
use super::cells::Spot;
use std::collections::BTreeMap;

impl Merge<'_> {
    /// A grey cell: read in new rows only.
    pub fn reference(&mut self, spot: &Spot<'_>, cell: Option<&Cell>) {
        let Some(base) = self.base else { return };
        let was = base.cell(spot.table.sheet(), spot.key, spot.column.header);
        let same = match (cell.map(|cell| &cell.value), was) {
            (None, _) => true,
            (Some(Value::Number(one)), Some(Was::Number(other))) => same_number(*one, other),
            (Some(Value::Text(is)), Some(Was::Text(was))) if is.as_ref() == was => true,
            (Some(value), Some(Was::Text(text))) => trimmed(&text_of(value)) == trimmed(text),
            (Some(value), Some(_)) => trimmed(&text_of(value)).is_empty(),
            (Some(value), None) => trimmed(&text_of(value)).is_empty(),
        };
        if !same {
            let reason = "a grey cell says which row it is, and is read in new rows only";
            self.not_taken(spot, cell, reason);
        }
    }

    /// A computed cell: never imported.
    pub fn computed(&mut self, spot: &Spot<'_>, cell: Option<&Cell>) {
        let Some(cell) = cell.filter(|cell| !cell.is_formula() && !self.hides_formulas) else {
            return;
        };
        let Some(base) = self.base else { return };
        let was = base.cell(spot.table.sheet(), spot.key, spot.column.header);
        let same = match (&cell.value, was) {
            (Value::Number(one), Some(Was::Number(other))) => same_number(*one, other),
            (Value::Text(is), Some(Was::Text(was))) => is.as_ref() == was,
            (value, Some(Was::Text(text))) => text_of(value) == text,
            (value, _) => trimmed(&text_of(value)).is_empty(),
        };
        if !same {
            let message = format!(
                "{} was overwritten; it is computed, and never imported",
                spot.column.header
            );
            self.receipt.warn(spot.address(), message);
        }
    }

    /// Everything else in the workbook.
    pub fn others(&mut self, book: &Book, base_sheet: Option<usize>, grids: &[Grid<'_>]) {
        // Without a base nobody can tell what was changed.
        let known = self.base.is_some();
        for (index, sheet) in book.sheets.iter().enumerate().filter(|_| known) {
            if Some(index) == base_sheet {
                continue;
            }
            let own: Vec<&Grid<'_>> =
                grids.iter().filter(|grid| grid.sheet_index == index).collect();
            self.sheet(sheet, &own);
        }
        self.aggregate();
    }

    fn sheet(&mut self, sheet: &Sheet, grids: &[&Grid<'_>]) {
        self.other_cells(sheet, grids);
        if grids.is_empty() {
            self.loose_notes(sheet);
        }
    }

    /// The cells of a sheet that stand in no merged cell.
    fn other_cells(&mut self, sheet: &Sheet, grids: &[&Grid<'_>]) {
        let of = self.sheet_of(sheet, grids);
        let is_other =
            |cell: &&Cell| !(is_read(grids, cell.at) || (cell.is_formula() && of.is_some()));
        // Most sheets have none, and need no list of what stood there.
        let mut others: Vec<&Cell> = sheet.cells().iter().filter(is_other).collect();
        if others.is_empty() {
            return;
        }
        let base = self.base.zip(of);
        let mut labels = base.map(|(base, of)| base.labels(of)).unwrap_or_default();
        let scorecard = of == Some(Of::Scorecard);
        if scorecard {
            // What stood there as a formula comes last, so that it takes no other cell's text away.
            others.sort_by_key(|cell| cell.at.column > 2 && self.computes(cell.at));
        }
        if let (false, true, Some((base, of))) = (scorecard, grids.is_empty(), base) {
            // What stands where it stood is that; what is left over was changed.
            let in_place = in_place(&others, &base.loose(of));
            let mut in_place = in_place.into_iter();
            others.sort_by_cached_key(|_| !in_place.next().unwrap_or_default());
        }
        for cell in sheet.cells().iter().filter(|cell| is_read(grids, cell.at)) {
            labels.use_up(&cell.value);
        }
        for cell in others {
            if labels.use_up(&cell.value) {
                continue;
            }
            let text = text_of(&cell.value);
            if trimmed(&text).is_empty() {
                continue;
            }
            if scorecard && self.computes(cell.at) {
                if self.hides_formulas {
                    continue;
                }
                let message = "a computed cell was overwritten; it is never imported";
                self.receipt.warn(address(sheet, cell.at), message);
                continue;
            }
            let reason = match of {
                Some(_) => "this cell is none that is read",
                None => "this sheet is none of the export",
            };
            self.receipt.not_taken.push(NotTaken {
                cell: address(sheet, cell.at),
                value: text,
                reason: reason.into(),
                at: self.row_line(grids, cell.at),
            });
        }
    }

    fn loose_notes(&mut self, sheet: &Sheet) {
        for (at, notes) in &sheet.notes {
            for note in notes {
                if let Some(text) = self.note_text(note) {
                    self.receipt.not_taken.push(NotTaken {
                        cell: address(sheet, *at),
                        value: text,
                        reason: "a note has a place in the plan at a key result only".into(),
                        at: None,
                    });
                }
            }
        }
    }

    /// The line of the plan that a row is about.
    fn row_line(&self, grids: &[&Grid<'_>], at: At) -> Option<String> {
        let grid = grids.iter().find(|grid| at.row > grid.header && at.row < grid.end)?;
        let row = grid.row(at.row);
        if grid.table == Table::CheckIns {
            return self.checkin_line(grid, &row);
        }
        let index = *self.index.get(&(grid.table, row.key))?;
        Some(self.engine.plan.line_of(self.row_place(grid.table, index)))
    }

    /// The line of the check-in that a row of the history shows; else that of what it is about.
    fn checkin_line(&self, grid: &Grid<'_>, row: &Row<'_>) -> Option<String> {
        let plan = &self.engine.plan;
        let find = |table: Table| self.index.get(&(table, row.key.clone())).copied();
        let (table, index, seen) = match (find(Table::KeyResults), find(Table::Metrics)) {
            (Some(kr), _) => (Table::KeyResults, kr, &plan.krs[kr].checkins),
            (None, Some(metric)) => (Table::Metrics, metric, &plan.metrics[metric].checkins),
            (None, None) => return None,
        };
        let seen = plan.checkins.get(seen.start as usize..seen.end as usize)?;
        let date = match grid.cell(row, Field::Date).map(|cell| &cell.value) {
            Some(Value::Date(at)) => Some(at.date()),
            _ => None,
        };
        let own = seen.iter().find(|checkin| Some(checkin.date) == date);
        let place = own.map_or_else(|| self.row_place(table, index), |checkin| checkin.place);
        Some(plan.line_of(place))
    }

    /// Which sheet of the export a sheet is: by its tables, else by its name.
    fn sheet_of(&self, sheet: &Sheet, grids: &[&Grid<'_>]) -> Option<Of> {
        if let Some(grid) = grids.first() {
            return Some(grid.table.sheet());
        }
        Of::ALL.into_iter().find(|of| of.name() == sheet.name).or_else(|| self.renamed(sheet))
    }

    /// A summary sheet under another name: most of its texts are those of the base.
    fn renamed(&self, sheet: &Sheet) -> Option<Of> {
        let base = self.base?;
        let texts: Vec<String> = sheet
            .cells()
            .iter()
            .filter(|cell| !cell.is_formula())
            .map(|cell| text_of(&cell.value))
            .collect();
        [Of::Scorecard, Of::Scenarios, Of::HowTo].into_iter().find(|of| {
            let labels = base.labels(*of);
            let known = texts.iter().filter(|text| labels.contains(text)).count();
            known * 2 > texts.len() && known > 3
        })
    }

    /// Whether a place of the scorecard is computed.
    fn computes(&self, at: At) -> bool {
        let layout = &self.layout;
        let blocks =
            [layout.cycle_rows, layout.team_rows, layout.objective_rows, layout.guardrail_rows];
        at.column >= 2 && blocks.iter().any(|it| at.row >= it.first && at.row < it.end())
    }

    /// Many warnings that a column was overwritten become one.
    fn aggregate(&mut self) {
        const MANY: usize = 5;
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        let group = |warning: &super::super::receipt::Warning| {
            let (sheet, cell) = warning.cell.rsplit_once('!')?;
            let column: String = cell.chars().take_while(char::is_ascii_alphabetic).collect();
            Some((format!("{sheet}!{column}"), warning.message.clone()))
        };
        for warning in &self.receipt.warnings {
            if let Some(group) = group(warning) {
                *counts.entry(group).or_default() += 1;
            }
        }
        let mut told: Vec<(String, String)> = Vec::new();
        let mut kept = Vec::new();
        for mut warning in std::mem::take(&mut self.receipt.warnings) {
            let Some(group) = group(&warning).filter(|group| counts[group] > MANY) else {
                kept.push(warning);
                continue;
            };
            if !told.contains(&group) {
                warning.message =
                    format!("{} (and {} more of the column)", warning.message, counts[&group] - 1);
                kept.push(warning);
                told.push(group);
            }
        }
        self.receipt.warnings = kept;
    }
}

/// Which cells, in their order, hold what was written in that order.
fn in_place(cells: &[&Cell], was: &[String]) -> Vec<bool> {
    let is: Vec<String> = cells
        .iter()
        .map(|cell| match &cell.value {
            Value::Number(number) => digits(*number),
            value => text_of(value),
        })
        .collect();
    let same = |at: usize, of: usize| is.get(at).zip(was.get(of)).is_some_and(|(a, b)| a == b);
    let mut found = vec![false; cells.len()];
    let (mut at, mut of) = (0, 0);
    while at < is.len() && of < was.len() {
        if same(at, of) {
            found[at] = true;
            (at, of) = (at + 1, of + 1);
        } else if same(at + 1, of + 1) {
            (at, of) = (at + 1, of + 1);
        } else if same(at + 1, of) {
            at += 1;
        } else if same(at, of + 1) {
            of += 1;
        } else {
            (at, of) = (at + 1, of + 1);
        }
    }
    found
}

/// Whether a place is in a column of a table, in one of its rows or its header.
fn is_read(grids: &[&Grid<'_>], at: At) -> bool {
    grids.iter().any(|grid| {
        at.row >= grid.header
            && at.row < grid.end
            && grid.columns.iter().any(|(column, _)| *column == at.column)
            && (grid.table != Table::CheckIns || at.row == grid.header)
    })
}
