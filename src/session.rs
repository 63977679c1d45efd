//! A loaded plan: its problems, its engine, and its edits. The command line, scripts and the REPL
//! drive the same one.

use crate::diagnostic::{self, Problem};
use crate::engine::{Engine, Options, Outcome};
use crate::plan::{self, LoadError, Loaded, NameError, Plan};
use crate::source::{FileId, Place};
use crate::syntax::edit::{self, SaveError, Snapshot, Splice};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plan in use.
#[derive(Debug)]
pub struct Session {
    /// The root file as the user gave it, `-` for standard input.
    pub file: String,
    /// The plan.
    pub plan: Arc<Plan>,
    /// What is wrong with its text, names and units.
    pub problems: Vec<Problem>,
}

/// Why an edit was not made.
#[derive(Debug)]
pub enum EditFailure {
    /// The edited plan would have these problems, which it has not now.
    Problems(Box<Plan>, Vec<Problem>),
    /// The file could not be read or written.
    Save(SaveError),
    /// The edit does not fit the text.
    Edit(edit::EditError),
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

impl Session {
    /// Reads a plan.
    ///
    /// # Errors
    ///
    /// If the root file cannot be read; what is wrong with the plan is in its problems.
    pub fn load(file: &str) -> Result<Self, LoadError> {
        Ok(Self::of(file, plan::load(file)?))
    }

    /// Takes a plan that is loaded.
    pub fn of(file: &str, loaded: Loaded) -> Self {
        let (plan, problems) = plan::resolve(loaded);
        Self { file: file.to_owned(), plan: Arc::new(plan), problems }
    }

    /// Computes the plan.
    pub fn engine(&self, options: Options) -> Engine {
        Engine::new(Arc::clone(&self.plan), options)
    }

    /// Every problem of the plan: of its text, of computing it, and of its assertions, in file order.
    pub fn all_problems(&self, engine: &Engine) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        problems.extend(engine.problems());
        problems.extend(self.assertion_problems(&engine.assertions()));
        diagnostic::in_file_order(&mut problems);
        problems
    }

    /// The problems of assertions that do not hold, or could not be judged.
    pub fn assertion_problems(&self, outcomes: &[Outcome]) -> Vec<Problem> {
        outcomes.iter().filter_map(|it| it.problem(self.plan.source(it.place))).collect()
    }

    /// Where a path typed by the user leads.
    ///
    /// # Errors
    ///
    /// Tells what is wrong with the path, and the nearest name.
    pub fn find(&self, path: &str) -> Result<plan::Found, NameError> {
        self.plan.find(path, Default::default())
    }

    /// The text of a file of the plan after an edit, if the plan is then as sound as before.
    ///
    /// # Errors
    ///
    /// The problems that the edit would make.
    pub fn edited(&self, file: FileId, splices: &[Splice]) -> Result<String, EditFailure> {
        let source = self.plan.sources.get(file);
        let text = edit::apply(source.text(), splices).map_err(EditFailure::Edit)?;
        let loaded = plan::load_edited(&self.plan.sources, file, &text);
        let (plan, problems) = plan::resolve(loaded.map_err(EditFailure::Load)?);
        let engine = Engine::new(Arc::new(plan), Options::default());
        let mut after = problems;
        after.extend(engine.problems());
        let before = self.messages();
        after.retain(|problem| problem.is_error() && !before.contains(&problem.message));
        if after.is_empty() {
            return Ok(text);
        }
        match Arc::try_unwrap(engine.plan) {
            Ok(plan) => Err(EditFailure::Problems(Box::new(plan), after)),
            Err(_) => Err(EditFailure::Problems(Box::default(), Vec::new())),
        }
    }

    fn messages(&self) -> Vec<String> {
        let engine = self.engine(Options::default());
        let problems = self.problems.iter().cloned().chain(engine.problems());
        problems.map(|problem| problem.message).collect()
    }

    /// Writes an edited file of the plan, if nobody else has changed it since it was read.
    ///
    /// # Errors
    ///
    /// If the file has changed meanwhile, or cannot be written; it is then as it was.
    pub fn save(&self, file: FileId, text: &str) -> Result<(), EditFailure> {
        let source = self.plan.sources.get(file);
        let path: PathBuf = source.path().map(Path::to_owned).unwrap_or_default();
        let limit = crate::source::MAX_FILE_BYTES;
        let (snapshot, bytes) = Snapshot::read(&path, limit).map_err(EditFailure::Save)?;
        if bytes != source.text().as_bytes() {
            return Err(EditFailure::Save(SaveError::Changed(path)));
        }
        snapshot.save(text.as_bytes()).map(drop).map_err(EditFailure::Save)
    }

    /// `file:line` of a place.
    pub fn line_of(&self, place: Place) -> String {
        self.plan.line_of(place)
    }
}
