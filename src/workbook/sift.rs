//! A returning workbook while it is read: its base is taken up row by row, and what no merge looks
//! at is not kept, so that memory follows the inputs and not the file.

use super::columns::Role;
use super::guard::Refusal;
use super::read::{Book, Cell};
use super::snapshot::{Builder, Snapshot};
use super::tables::headed;

/// What is kept of a workbook's rows.
#[derive(Debug, Default)]
pub struct Sift {
    /// The base, and the sheet that holds it.
    base: Option<(Builder, usize)>,
    /// The sheet at hand.
    sheet: usize,
    /// The last row of the base.
    last: u32,
    /// The columns, from the left, whose formulas nobody reads.
    computed: Vec<bool>,
}

impl Sift {
    /// A sheet begins; `index` is its place in the workbook.
    pub fn begin(&mut self, index: usize) {
        self.sheet = index;
        self.computed.clear();
    }

    /// Whether a formula of a column is kept.
    pub fn keeps_formula(&self, column: u32) -> bool {
        !self.computed.get(column as usize).is_some_and(|computed| *computed)
    }

    /// How many records of the base have been taken up.
    pub fn records(&self) -> usize {
        self.base.as_ref().map_or(0, |(base, _)| base.records())
    }

    /// A row is whole; what stays of it is kept.
    ///
    /// # Errors
    ///
    /// If it is one of the base and stands above one that came before it.
    pub fn row(&mut self, row: u32, cells: &mut Vec<Cell>) -> Result<(), Refusal> {
        match &mut self.base {
            Some((base, sheet)) if *sheet == self.sheet => {
                if row <= self.last {
                    let what = "the rows of its hidden sheet are out of order";
                    return Err(Refusal::damaged(what));
                }
                self.last = row;
                cells.sort_by_key(|cell| cell.at.column);
                base.row(cells);
                cells.clear();
            }
            Some(_) => self.table(cells),
            None => match Builder::at(cells) {
                Some(base) => {
                    self.base = Some((base, self.sheet));
                    self.last = row;
                }
                None => self.table(cells),
            },
        }
        Ok(())
    }

    /// Takes note of the columns below a table's header.
    fn table(&mut self, cells: &[Cell]) {
        let Some((_, columns)) = headed(cells) else { return };
        self.computed.clear();
        for (at, column) in columns {
            if matches!(column.role, Role::Computed | Role::Hidden) {
                let at = at as usize;
                self.computed.resize(self.computed.len().max(at + 1), false);
                self.computed[at] = true;
            }
        }
    }

    /// The base, and the sheet that holds it.
    pub fn finish(self) -> Option<(Snapshot, usize)> {
        self.base.map(|(base, sheet)| (base.finish(), sheet))
    }
}

/// A workbook that may be one that was exported.
#[derive(Debug)]
pub struct Returned {
    /// Its cells, without the base and without formulas that are never read.
    pub book: Book,
    /// The base, and the sheet that holds it.
    pub base: Option<(Snapshot, usize)>,
}
