//! What an import did, or would do: every change, and everything that was not taken.

use serde::Serialize;

/// `okr.import/1`
pub const SCHEMA: &str = "okr.import/1";

/// The receipt of an import.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Receipt {
    /// `okr.import/1`
    pub schema: &'static str,
    /// The workbook, as it was named.
    pub book: String,
    /// The plan's root file.
    pub plan: String,
    /// The day on which observations are entered.
    pub as_of: Option<String>,
    /// Whether the workbook has its base, so that the merge is three-way.
    pub base: bool,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// Whether the plan was written.
    pub written: bool,
    /// Whether the loaded plan has taken it over, which `:save` writes.
    #[serde(skip)]
    pub taken_over: bool,
    /// Changes of the plan.
    pub changes: Vec<Change>,
    /// What both sides have changed, or what cannot be told without being asked.
    pub conflicts: Vec<Conflict>,
    /// Values, rows and blocks that the workbook no longer has.
    pub deletions: Vec<Deletion>,
    /// Cells that were changed and have no place in the plan.
    pub not_taken: Vec<NotTaken>,
    /// Values that were read as something else than they were typed.
    pub coercions: Vec<Coercion>,
    /// What else there is to know.
    pub warnings: Vec<Warning>,
}

/// A change of the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// `changed`, `added`, `deleted`, `formula replaced`, `note added`, `new key result` or
    /// `new objective`.
    pub kind: &'static str,
    /// The path of what is changed.
    pub key: String,
    /// The field's header; empty for a whole block.
    pub field: String,
    /// What stood in the plan.
    pub from: Option<String>,
    /// What stands there now.
    pub to: Option<String>,
    /// The cell that it comes from.
    pub cell: String,
    /// `file:line` of what is replaced, or of what the new line is about.
    pub at: Option<String>,
    /// How it is written: `check-in 2026-02-28`, `amended`, `in place`.
    pub how: String,
}

/// A conflict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// The path.
    pub key: String,
    /// The field's header.
    pub field: String,
    /// What the workbook held when it was written.
    pub base: Option<String>,
    /// What the plan holds.
    pub ours: Option<String>,
    /// Where it holds that.
    pub at: Option<String>,
    /// What the workbook holds.
    pub theirs: Option<String>,
    /// In which cell.
    pub cell: String,
    /// What is more likely meant, where it is a question about the value.
    pub meant: Option<String>,
    /// Why it has to be asked.
    pub reason: String,
    /// Whether it is a question about what the value means, and no conflict of two changes.
    pub question: bool,
    /// `theirs`, `meant` or `ours`, once it is settled.
    pub settled: Option<&'static str>,
}

/// A proposed deletion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deletion {
    /// The path.
    pub key: String,
    /// The field's header; empty for a whole block.
    pub field: String,
    /// What would be gone.
    pub from: Option<String>,
    /// The emptied cell; empty for a missing row.
    pub cell: String,
    /// Where it stands in the plan.
    pub at: Option<String>,
    /// Whether it was applied.
    pub applied: bool,
}

/// A cell that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotTaken {
    /// The cell.
    pub cell: String,
    /// What it holds.
    pub value: String,
    /// Why it was not taken.
    pub reason: String,
    /// The file and line to edit instead.
    pub at: Option<String>,
}

/// A value that was read as something else than it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coercion {
    /// The cell.
    pub cell: String,
    /// What was typed.
    pub from: String,
    /// What it was read as.
    pub to: String,
    /// Why.
    pub reason: &'static str,
}

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The cell, or the sheet.
    pub cell: String,
    /// What there is to know.
    pub message: String,
}

impl Receipt {
    /// An empty one.
    pub fn new(book: &str, plan: &str) -> Self {
        Self { schema: SCHEMA, book: book.into(), plan: plan.into(), ..Self::default() }
    }

    /// Whether a conflict is unsettled.
    pub fn is_open(&self) -> bool {
        self.conflicts.iter().any(|conflict| conflict.settled.is_none())
    }

    /// Adds a warning.
    pub fn warn(&mut self, cell: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(Warning { cell: cell.into(), message: message.into() });
    }
}
