//! Undo and redo: every change of the plan is a step, kept as the bytes that it changed.

use super::edit::Edit;
use super::effect::Effect;
use super::{EditFailure, Session};
use crate::plan::{self, cell::Cell};
use crate::source::SourceMap;
use std::sync::Arc;

/// A change that can be taken back.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was done, in the user's words.
    pub label: String,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    /// Splices, and those that take them back.
    Texts { forward: Edit, back: Edit, cell: Option<Cell> },
    /// The files were read anew.
    Sources { before: Arc<SourceMap>, after: Arc<SourceMap> },
}

impl Step {
    pub(super) fn texts(label: &str, forward: Edit, back: Edit) -> Self {
        Self { label: label.to_owned(), change: Change::Texts { forward, back, cell: None } }
    }

    /// A number of a cell that was replaced by another.
    pub(super) fn number(label: &str, forward: Edit, back: Edit, cell: Cell) -> Self {
        let change = Change::Texts { forward, back, cell: Some(cell) };
        Self { label: label.to_owned(), change }
    }

    pub(super) fn sources(label: &str, before: Arc<SourceMap>, after: Arc<SourceMap>) -> Self {
        Self { label: label.to_owned(), change: Change::Sources { before, after } }
    }
}

/// What can be undone and redone.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Steps {
    fn done(&mut self, step: Step) {
        self.undone.clear();
        self.done.push(step);
    }
}

/// What an undo or a redo did.
#[derive(Debug)]
pub struct Stepped {
    /// What was taken back or done again.
    pub label: String,
    /// What that did.
    pub effect: Effect,
}

impl Session {
    /// Takes the last change back; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If a file could not be written; the change then stays.
    pub fn undo(&mut self) -> Result<Option<Stepped>, EditFailure> {
        let Some(step) = Arc::make_mut(&mut self.steps).done.pop() else { return Ok(None) };
        match self.step(&step, true) {
            Ok(effect) => {
                let label = step.label.clone();
                Arc::make_mut(&mut self.steps).undone.push(step);
                Ok(Some(Stepped { label, effect }))
            }
            Err(failure) => {
                Arc::make_mut(&mut self.steps).done.push(step);
                Err(failure)
            }
        }
    }

    /// Does the change again that was taken back last; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If a file could not be written; the plan is then as it was.
    pub fn redo(&mut self) -> Result<Option<Stepped>, EditFailure> {
        let Some(step) = Arc::make_mut(&mut self.steps).undone.pop() else { return Ok(None) };
        match self.step(&step, false) {
            Ok(effect) => {
                let label = step.label.clone();
                Arc::make_mut(&mut self.steps).done.push(step);
                Ok(Some(Stepped { label, effect }))
            }
            Err(failure) => {
                Arc::make_mut(&mut self.steps).undone.push(step);
                Err(failure)
            }
        }
    }

    /// Notes a change that has been made.
    pub(super) fn note_step(&mut self, step: Step) {
        Arc::make_mut(&mut self.steps).done(step);
    }

    fn step(&mut self, step: &Step, back: bool) -> Result<Effect, EditFailure> {
        if let Change::Texts { forward, back: backward, cell: Some(cell) } = &step.change {
            let edit = if back { backward } else { forward };
            if let Some(effect) = self.quick_again(*cell, edit) {
                return Ok(effect);
            }
        }
        self.settle();
        self.computed();
        let tried = match &step.change {
            Change::Texts { forward, back: backward, .. } => {
                self.after(if back { backward } else { forward })?.0
            }
            Change::Sources { before, after } => {
                let sources = if back { before } else { after };
                let loaded = plan::load_again(sources, Vec::new()).map_err(EditFailure::Load)?;
                self.looked_at(loaded)
            }
        };
        self.adopt(tried)
    }
}
