//! Changes of a plan's text, made whole or not at all.

use super::Session;
use super::effect::{Effect, Standing};
use super::files::SaveFailure;
use super::steps::Step;
use crate::diagnostic::{self, Problem};
use crate::engine::Engine;
use crate::plan::{self, LoadError, Loaded, Plan};
use crate::source::{FileId, Span};
use crate::syntax::edit::{self, EditError, Splice};
use std::fmt;
use std::sync::Arc;

/// A change of a plan's text: the splices of each file that it touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The splices by file.
    pub files: Vec<(FileId, Vec<Splice>)>,
}

impl Edit {
    /// A change of one file.
    pub fn of(file: FileId, splices: Vec<Splice>) -> Self {
        Self { files: vec![(file, splices)] }
    }

    /// A change that replaces the whole text of a file, as far as it differs.
    pub fn whole(file: FileId, before: &str, after: &str) -> Self {
        match difference(before, after) {
            None => Self::default(),
            Some(splice) => Self::of(file, vec![splice]),
        }
    }
}

/// The one splice that turns a text into another, without what both begin and end with.
fn difference(before: &str, after: &str) -> Option<Splice> {
    if before == after {
        return None;
    }
    let same = |(a, b): &(u8, u8)| a == b;
    let mut start = before.bytes().zip(after.bytes()).take_while(same).count();
    while !before.is_char_boundary(start) || !after.is_char_boundary(start) {
        start -= 1;
    }
    let ends = before[start..].bytes().rev().zip(after[start..].bytes().rev());
    let mut end = ends.take_while(same).count();
    while !before.is_char_boundary(before.len() - end) || !after.is_char_boundary(after.len() - end)
    {
        end -= 1;
    }
    let text = after[start..after.len() - end].to_owned();
    Some(Splice { span: Span::new(start, before.len() - end), text })
}

/// Why an edit was not made.
#[derive(Debug)]
pub enum EditFailure {
    /// The edited plan would have these problems, which it has not now.
    Problems(Box<Plan>, Vec<Problem>),
    /// A file could not be read or written.
    Save(SaveFailure),
    /// The edit does not fit the text.
    Edit(EditError),
    /// The plan could not be read again.
    Load(LoadError),
}

impl fmt::Display for EditFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditFailure::Problems(plan, problems) => problems.iter().try_for_each(|problem| {
                out.write_str(&diagnostic::render(problem, &plan.sources, false))
            }),
            EditFailure::Save(error) => error.fmt(out),
            EditFailure::Edit(error) => error.fmt(out),
            EditFailure::Load(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for EditFailure {}

/// A plan as an edit would leave it.
pub(super) struct Tried {
    pub plan: Arc<Plan>,
    pub problems: Vec<Problem>,
    pub engine: Box<Engine>,
}

impl Session {
    /// Makes a change as one undoable step, if the plan is then as sound as before: it has no error
    /// that it has not had. An immediate session has written it by then. Tells what it did.
    ///
    /// # Errors
    ///
    /// Why the change was not made; the plan and its files are then as they were.
    pub fn commit_edit(&mut self, edit: &Edit, label: &str) -> Result<Effect, EditFailure> {
        self.settle();
        self.computed();
        let (tried, inverse) = self.tried(edit)?;
        let effect = self.adopt(tried)?;
        self.note_step(Step::texts(label, edit.clone(), inverse));
        Ok(effect)
    }

    /// Takes a plan over, written by then in an immediate session. Tells what that changes.
    pub(super) fn adopt(&mut self, tried: Tried) -> Result<Effect, EditFailure> {
        let before = Standing::of(self);
        let old = std::mem::replace(&mut self.plan, tried.plan);
        let old_problems = std::mem::replace(&mut self.problems, tried.problems);
        self.computed = Some(tried.engine);
        if self.immediate
            && self.has_file()
            && let Err(failure) = self.save()
        {
            (self.plan, self.problems, self.computed) = (old, old_problems, None);
            return Err(EditFailure::Save(failure));
        }
        Ok(self.effect(&before))
    }

    /// The plan after an edit, and the edit that takes it back.
    pub(super) fn tried(&self, edit: &Edit) -> Result<(Tried, Edit), EditFailure> {
        let (tried, inverse) = self.after(edit)?;
        let mut new: Vec<Problem> = tried.problems.clone();
        new.extend(tried.engine.problems());
        let before = self.errors();
        new.retain(|problem| problem.is_error() && !before.contains(&problem.message));
        if new.is_empty() {
            return Ok((tried, inverse));
        }
        let Tried { plan, engine, .. } = tried;
        drop(engine);
        let plan = Arc::try_unwrap(plan).unwrap_or_default();
        Err(EditFailure::Problems(Box::new(plan), new))
    }

    /// The plan after an edit, sound or not, and the edit that takes it back.
    pub(super) fn after(&self, edit: &Edit) -> Result<(Tried, Edit), EditFailure> {
        let mut inverse = Edit::default();
        let mut texts = Vec::with_capacity(edit.files.len());
        for (file, splices) in &edit.files {
            let text = self.text(*file);
            texts.push((*file, edit::apply(text, splices).map_err(EditFailure::Edit)?));
            inverse.files.push((*file, inverted(text, splices)));
        }
        let loaded = plan::load_again(&self.plan.sources, texts).map_err(EditFailure::Load)?;
        Ok((self.looked_at(loaded), inverse))
    }

    /// A loaded plan, computed in the view of this one.
    pub(super) fn looked_at(&self, loaded: Loaded) -> Tried {
        let (plan, problems) = super::resolve(loaded);
        let plan = Arc::new(plan);
        let engine = Box::new(Engine::new(Arc::clone(&plan), self.view.options(&plan)));
        Tried { plan, problems, engine }
    }

    /// The messages of the errors that the plan has.
    fn errors(&self) -> Vec<String> {
        let mut errors: Vec<String> = Vec::new();
        let note = |problems: &[Problem], errors: &mut Vec<String>| {
            let found = problems.iter().filter(|it| it.is_error());
            errors.extend(found.map(|problem| problem.message.clone()));
        };
        note(&self.problems, &mut errors);
        match self.computed_already() {
            Some(engine) => note(&engine.problems(), &mut errors),
            None => note(&self.engine(self.options()).problems(), &mut errors),
        }
        errors
    }
}

/// The splices that take others back, in the text that those lead to.
fn inverted(text: &str, splices: &[Splice]) -> Vec<Splice> {
    let mut order: Vec<&Splice> = splices.iter().collect();
    order.sort_by_key(|splice| splice.span);
    let mut shift: i64 = 0;
    let mut inverse = Vec::with_capacity(order.len());
    for Splice { span, text: new } in order {
        let start = (i64::from(span.start) + shift) as usize;
        let old = span.of(text).to_owned();
        inverse.push(Splice { span: Span::new(start, start + new.len()), text: old });
        shift += new.len() as i64 - span.len() as i64;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_difference_is_the_edit(before in "[aäb\n]{0,12}", after in "[aäb\n]{0,12}") {
            let edit = Edit::whole(FileId(0), &before, &after);
            let splices = edit.files.first().map_or(Vec::new(), |(_, splices)| splices.clone());
            prop_assert_eq!(edit::apply(&before, &splices).expect("it fits"), after);
        }

        #[test]
        fn an_inverse_takes_back(text in "[aä\n]{0,12}", a in 0..6_usize, b in 0..6_usize, new in "[xö]{0,3}") {
            let at = |n: usize| text.char_indices().map(|it| it.0).nth(n).unwrap_or(text.len());
            let (start, end) = (at(a.min(b)), at(a.max(b)));
            let splices = [
                Splice { span: Span::new(start, end), text: new.clone() },
                Splice { span: Span::new(text.len(), text.len()), text: new },
            ];
            if end < text.len() {
                let after = edit::apply(&text, &splices).expect("it fits");
                let back = inverted(&text, &splices);
                prop_assert_eq!(edit::apply(&after, &back).expect("it fits"), text);
            }
        }
    }
}
