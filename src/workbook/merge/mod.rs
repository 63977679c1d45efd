//! The three-way merge of a returning workbook (`workbook.md`, "How `import` reads"): the base from
//! its hidden sheet, theirs from its cells, ours from the plan as it is now.
//!
//! Reading gives a list of what is to be done and a receipt; [`write`](super::write) turns the list
//! into splices.

mod cells;
mod checks;
mod rows;
mod untaken;

pub use cells::returned;

use super::base::VERSION;
use super::columns::{Field, Role, Sheet, Table};
use super::guard::Refusal;
use super::held::{draw_key, held};
use super::layout::Layout;
use super::read::Kind;
use super::receipt::{Conflict, Deletion, Receipt};
use super::sift::Returned;
use super::snapshot::Snapshot;
use super::tables::{Grid, tables};
use crate::engine::{AsOf, Engine, Options as Look};
use crate::plan::Plan;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// How a workbook is merged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Takes the workbook's side of every conflict.
    pub theirs: bool,
    /// Keeps the plan's side of every conflict.
    pub ours: bool,
    /// Takes values of which it has to be asked what they mean as they are probably meant.
    pub as_meant: bool,
    /// Applies proposed deletions.
    pub delete: bool,
    /// Writes baselines, targets and weights as amendments.
    pub amend: bool,
    /// Takes values that were moved from row to row.
    pub accept_permutation: bool,
    /// The sheet to take of several copies.
    pub sheet: Option<String>,
    /// The day on which observations are entered; by default that of the export.
    pub as_of: Option<Date>,
}

/// A side of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The workbook's, as it stands.
    Theirs,
    /// The workbook's, as it is probably meant.
    Meant,
    /// The plan's.
    Ours,
}

impl Side {
    /// What a receipt calls it.
    pub fn word(self) -> &'static str {
        match self {
            Side::Theirs => "theirs",
            Side::Meant => "meant",
            Side::Ours => "ours",
        }
    }
}

/// Asks somebody about a conflict; `None` leaves it open.
pub type Ask<'a> = dyn FnMut(&Conflict) -> Option<Side> + 'a;

/// A new value.
#[derive(Clone, Debug, PartialEq)]
pub enum New {
    /// A number in the row's unit.
    Number(f64),
    /// A text, or a word such as `done`.
    Text(String),
    /// None any more.
    Nothing,
}

/// One thing to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Todo {
    /// A field of something that is there.
    Set {
        /// Its table.
        table: Table,
        /// Its place in the plan, or among the draws.
        index: usize,
        /// The field.
        field: Field,
        /// What it is to hold.
        new: New,
        /// Whether a formula goes.
        replaces_formula: bool,
        /// The place of its line in the receipt.
        line: usize,
    },
    /// A note on a key result.
    Note {
        /// The key result.
        kr: usize,
        /// What it says.
        text: String,
        /// The place of its line in the receipt.
        line: usize,
    },
    /// A whole block.
    Delete {
        /// Its table.
        table: Table,
        /// Its place in the plan, or among the draws.
        index: usize,
    },
    /// A new key result.
    NewKr(Box<NewKr>),
}

/// A key result that is new.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewKr {
    /// The objective that it belongs to; `None` for a new one.
    pub objective: Option<usize>,
    /// The title of a new objective, and the team that owns it.
    pub new_objective: Option<(String, u32)>,
    /// Its title.
    pub title: String,
    /// The unit of its numbers, as typed.
    pub unit: String,
    /// Its weight.
    pub weight: Option<f64>,
    /// Its baseline.
    pub baseline: Option<f64>,
    /// Its target.
    pub target: Option<f64>,
    /// Its actual.
    pub actual: Option<New>,
    /// Its confidence.
    pub confidence: Option<f64>,
    /// Its notes.
    pub notes: Vec<String>,
    /// The place of its line in the receipt.
    pub line: usize,
}

/// What reading came to.
#[derive(Debug)]
pub struct Outcome {
    /// What is to be written.
    pub todo: Vec<Todo>,
    /// The receipt so far.
    pub receipt: Receipt,
    /// The day on which observations are entered.
    pub as_of: Option<Date>,
    /// The plan as it is now, computed.
    pub engine: Engine,
    /// Where its draws are.
    pub layout: Layout,
}

/// A merge at work.
pub(super) struct Merge<'a> {
    pub engine: Engine,
    pub layout: Layout,
    pub base: Option<&'a Snapshot>,
    pub options: &'a Options,
    pub receipt: Receipt,
    pub todo: Vec<Todo>,
    pub index: FxHashMap<(Table, String), usize>,
    /// Whether the file does not tell of every formula that it is one: `.xls` shares them.
    pub hides_formulas: bool,
    /// The keys of rows that have lost theirs and are known by their titles.
    pub known_by_title: FxHashSet<String>,
    pub as_of: Option<Date>,
}

/// The tables whose cells are merged.
pub(super) const MERGED: [Table; 5] =
    [Table::KeyResults, Table::Metrics, Table::Teams, Table::Buckets, Table::Draws];

/// Reads what a workbook changes in a plan.
///
/// # Errors
///
/// If the workbook is none that was exported, or its rows cannot be told apart.
pub fn read(
    returned: &Returned,
    plan: &Arc<Plan>,
    options: &Options,
    receipt: Receipt,
    ask: &mut Ask<'_>,
) -> Result<Outcome, Refusal> {
    let Returned { book, base: found } = returned;
    let base_sheet = found.as_ref().map(|(_, sheet)| *sheet);
    let base = found.as_ref().map(|(snapshot, _)| snapshot);
    if let Some(base) = base.filter(|base| !base.is_known()) {
        let what = format!("its hidden sheet is of the form `{}`, not `{VERSION}`", base.version);
        return Err(Refusal::new(what, "import it with the version of okr that wrote it"));
    }
    let exported = base.and_then(|base| base.as_of);
    let engine = now(plan, options.as_of.or(exported));
    let as_of = options.as_of.or(exported).or(engine.moment.as_of);
    let layout = Layout::of(&engine);
    let mut merge = Merge {
        index: index(&engine, &layout),
        engine,
        layout,
        base,
        options,
        receipt,
        todo: Vec::new(),
        hides_formulas: book.kind == Kind::Xls,
        known_by_title: FxHashSet::default(),
        as_of,
    };
    merge.of_this_plan()?;
    merge.receipt.base = merge.base.is_some();
    merge.receipt.as_of = as_of.map(|date| date.to_string());
    let grids = checks::chosen(tables(book, base_sheet), options)?;
    if merge.base.is_none() {
        let message = "the workbook has no base (the hidden sheet `_okr`), so nobody can tell who \
                       changed what: every difference is asked about";
        merge.receipt.warn(book_name(&merge.receipt), message);
    }
    if merge.hides_formulas {
        let message = "an .xls does not tell which computed cells are still formulas, so nobody looked \
                       whether one was overwritten";
        merge.receipt.warn(book_name(&merge.receipt), message);
    }
    for grid in &grids {
        if MERGED.contains(&grid.table) {
            merge.table(grid, ask)?;
        }
    }
    merge.missing_sheets(&grids);
    merge.others(book, base_sheet, &grids);
    let Merge { engine, layout, receipt, todo, as_of, .. } = merge;
    Ok(Outcome { todo, receipt, as_of, engine, layout })
}

fn book_name(receipt: &Receipt) -> String {
    receipt.book.clone()
}

/// The plan as it is now: with its newest check-ins, and with the day of the export.
fn now(plan: &Arc<Plan>, date: Option<Date>) -> Engine {
    let newest = plan.checkins.iter().map(|checkin| checkin.date).max();
    let as_of = match (newest, date) {
        (Some(newest), Some(date)) => AsOf::Date(newest.max(date)),
        (None, Some(date)) => AsOf::Date(date),
        _ => AsOf::Default,
    };
    let look = Look { as_of, ..Look::default() };
    let engine = Engine::new(Arc::clone(plan), look);
    // The cycle in force is that of the export's day, whatever has been observed since.
    let cycle = date.and_then(|date| {
        let then = Look { as_of: AsOf::Date(date), ..Look::default() };
        crate::engine::Moment::of(plan, &then).cycle
    });
    match cycle {
        Some(cycle) if engine.moment.cycle != Some(cycle) => {
            Engine::new(Arc::clone(plan), Look { cycle: Some(cycle), ..look })
        }
        _ => engine,
    }
}

/// Where the rows of each table are in the plan, by their keys.
pub(in crate::workbook) fn index(
    engine: &Engine,
    layout: &Layout,
) -> FxHashMap<(Table, String), usize> {
    let plan = &engine.plan;
    let mut index = FxHashMap::default();
    for kr in 0..plan.krs.len() {
        index.insert((Table::KeyResults, plan.kr_id(kr)), kr);
    }
    for (at, metric) in plan.metrics.iter().enumerate() {
        index.insert((Table::Metrics, plan.source(metric.name).to_owned()), at);
    }
    for (at, team) in plan.teams.iter().enumerate() {
        index.insert((Table::Teams, plan.source(team.name).to_owned()), at);
    }
    for bucket in 0..plan.buckets.len() {
        index.insert((Table::Buckets, plan.bucket_id(bucket)), bucket);
    }
    for (at, draw) in layout.draws.iter().enumerate() {
        index.insert((Table::Draws, draw_key(plan, draw)), at);
    }
    index
}

impl Merge<'_> {
    /// A workbook of another plan has none of this plan's keys, or hardly one by chance.
    fn of_this_plan(&self) -> Result<(), Refusal> {
        let Some(base) = self.base else { return Ok(()) };
        let Some((table, keys)) = MERGED
            .map(|table| (table, base.keys(table.sheet())))
            .into_iter()
            .find(|(_, keys)| !keys.is_empty())
        else {
            return Ok(());
        };
        let is_there = |key: &&&str| match table.sheet() {
            Sheet::Capacity => MERGED.iter().any(|of| self.has_row(*of, key)),
            _ => self.has_row(table, key),
        };
        let known = keys.iter().filter(is_there).count();
        if known * 10 >= keys.len() {
            return Ok(());
        }
        let first: Vec<String> = keys.iter().take(3).map(|key| format!("`{key}`")).collect();
        let more = if keys.len() > first.len() { ", …" } else { "" };
        let had = match known {
            0 => "none".to_owned(),
            known => format!("only {known}"),
        };
        let what = format!(
            "this workbook was exported from another plan: of its {} keys ({}{more}) the plan has {had}",
            keys.len(),
            first.join(", ")
        );
        Err(Refusal::new(what, "name the plan that it was exported from with `--into`"))
    }

    fn has_row(&self, table: Table, key: &str) -> bool {
        self.index.contains_key(&(table, key.to_owned()))
    }

    /// Merges a table, row by row.
    fn table(&mut self, grid: &Grid<'_>, ask: &mut Ask<'_>) -> Result<(), Refusal> {
        let rows = grid.rows();
        checks::misplaced(self, grid, &rows)?;
        checks::permuted(self, grid, &rows)?;
        self.rows(grid, &rows, ask)?;
        if self.base.is_some() {
            self.missing(grid, &rows);
            self.missing_columns(grid);
        }
        self.notes(grid, &rows);
        Ok(())
    }

    /// Rows that the base has and the sheet has not: proposed deletions.
    fn missing(&mut self, grid: &Grid<'_>, rows: &[super::tables::Row<'_>]) {
        let Some(base) = self.base else { return };
        let there: rustc_hash::FxHashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        let keys = base.keys(grid.table.sheet());
        let gone: Vec<String> = keys
            .into_iter()
            .filter(|key| !there.contains(key) && !self.known_by_title.contains(*key))
            .filter(|key| self.belongs(grid.table, key))
            .map(str::to_owned)
            .collect();
        for key in gone {
            let Some(&index) = self.index.get(&(grid.table, key.clone())) else { continue };
            let applied = self.options.delete;
            if applied {
                self.todo.push(Todo::Delete { table: grid.table, index });
            }
            let place = self.row_place(grid.table, index);
            self.receipt.deletions.push(Deletion {
                key,
                field: String::new(),
                from: Some(format!("the whole {}", grid.table.row_words())),
                cell: String::new(),
                at: Some(self.engine.plan.line_of(place)),
                applied,
            });
        }
    }

    /// Input columns that are gone are left alone.
    fn missing_columns(&mut self, grid: &Grid<'_>) {
        let inputs = grid.table.columns().iter().filter(|column| column.role == Role::Input);
        let gone = inputs.filter(|column| grid.column(column.field).is_none());
        for column in gone {
            let message =
                format!("the column `{}` is gone; nothing was read from it", column.header);
            self.receipt.warn(grid.sheet.name.clone(), message);
        }
    }

    /// Whether a key of a sheet is one of a table's: three tables share a sheet.
    fn belongs(&self, table: Table, key: &str) -> bool {
        if table.sheet() != Sheet::Capacity {
            return true;
        }
        self.index.contains_key(&(table, key.to_owned()))
    }

    /// Where a row's thing is named.
    pub fn row_place(&self, table: Table, index: usize) -> crate::source::Place {
        let plan = &self.engine.plan;
        match table {
            Table::KeyResults => plan.krs[index].name,
            Table::Metrics => plan.metrics[index].name,
            Table::Teams => plan.teams[index].name,
            Table::Buckets => plan.buckets[index].name,
            Table::Draws | Table::CheckIns => {
                let row = &self.layout.draws[index];
                let draws = &plan.initiatives[row.initiative].draws;
                draws[row.lines[0]].0.mean.place
            }
        }
    }

    /// What the plan holds now.
    pub fn ours(&self, table: Table, index: usize, field: Field) -> super::held::Held {
        match table {
            Table::Draws => super::held::draw_held(&self.engine, &self.layout.draws[index]),
            _ => held(&self.engine, table, index, field),
        }
    }

    /// Sheets of the export that are gone are left alone.
    fn missing_sheets(&mut self, grids: &[Grid<'_>]) {
        let Some(base) = self.base else { return };
        let mut gone = Vec::new();
        for table in MERGED {
            let had = !base.keys(table.sheet()).is_empty() && self.had(table);
            if had && !grids.iter().any(|grid| grid.table == table) {
                gone.push(table);
            }
        }
        for table in gone {
            let message =
                format!("the table of {}s is gone; nothing was read from it", table.row_words());
            self.receipt.warn(table.sheet().name(), message);
        }
    }

    fn had(&self, table: Table) -> bool {
        self.index.keys().any(|(of, _)| *of == table)
    }
}
