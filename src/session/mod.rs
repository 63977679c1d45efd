//! A loaded plan: its problems, its engine, and its edits. The command line, scripts and the REPL
//! drive the same one.
//!
//! Every change goes through [`Session::commit_edit`]: splices of one or several files, made as one
//! undoable step if the plan is then as sound as before. Nothing is written until [`Session::save`],
//! unless the session is [immediate](Session::immediate).

mod add;
mod asked;
mod commit;
mod edit;
mod effect;
mod fields;
mod files;
mod quick;
mod set;
mod source_of;
mod steps;

#[cfg(test)]
mod tests;

pub use add::AddFailure;
pub use asked::{Answer, NoAnswer};
pub use commit::CommitFailure;
pub use edit::{Edit, EditFailure};
pub use effect::{Effect, Moved};
pub use files::SaveFailure;
pub use set::SetFailure;
pub use source_of::Piece;
pub use steps::{Step, Stepped};

use crate::coach;
use crate::diagnostic::{self, Problem};
use crate::engine::{AsOf, Engine, Options, Outcome};
use crate::plan::{self, LoadError, Loaded, NameError, Plan};
use crate::source::{FileId, Place, Source, SourceMap};
use crate::syntax::edit::Splice;
use std::path::Path;
use std::sync::Arc;

/// How the plan is looked at where a command does not say: names, so that edits do not shift them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The as-of date.
    pub as_of: AsOf,
    /// The cycle in force, by its id.
    pub cycle: Option<String>,
    /// The scenario in force, by its id; `None` is the base.
    pub scenario: Option<String>,
}

impl View {
    /// The options for a plan; what the plan does not have counts as not named.
    pub fn options(&self, plan: &Plan) -> Options {
        let cycle = self.cycle.as_deref().and_then(|id| plan.cycle(id));
        let scenario = self.scenario.as_deref().and_then(|id| plan.scenario(id));
        let [cycle, scenario] = [cycle, scenario].map(|index| index.map(|index| index as u32));
        Options { as_of: self.as_of, cycle, scenario, ..Options::default() }
    }
}

/// A plan in use.
#[derive(Debug)]
pub struct Session {
    /// The root file as the user gave it, `-` for standard input, empty for a plan without a file.
    pub file: String,
    /// The plan.
    pub plan: Arc<Plan>,
    /// What is wrong with its text, names and units.
    pub problems: Vec<Problem>,
    /// How it is looked at where a command does not say.
    pub view: View,
    /// Whether every change is written at once, as on the command line.
    pub immediate: bool,
    /// The files as they are on disk, as far as is known.
    saved: Arc<SourceMap>,
    /// The plan computed in the view, once it has been asked for.
    computed: Option<Box<Engine>>,
    steps: Arc<steps::Steps>,
    pending: quick::Pending,
}

/// What a loaded plan means, and what is wrong with it, the rules that it names included.
fn resolve(loaded: Loaded) -> (Plan, Vec<Problem>) {
    let (plan, mut problems) = plan::resolve(loaded);
    let unknown = coach::unknown_rules(&plan);
    if !unknown.is_empty() {
        problems.extend(unknown);
        diagnostic::in_file_order(&mut problems);
    }
    (plan, problems)
}

impl Session {
    /// Reads a plan.
    ///
    /// # Errors
    ///
    /// If the root file cannot be read; what is wrong with the plan is in its problems.
    pub fn load(file: &str) -> Result<Self, LoadError> {
        Ok(Self::of(file, plan::load(file)?))
    }

    /// A plan without a file yet.
    pub fn unnamed() -> Self {
        let source = Source::from_text("the new plan", "");
        Self::of("", plan::load::load_source(source, Path::new(".")))
    }

    /// Takes a plan that is loaded.
    pub fn of(file: &str, loaded: Loaded) -> Self {
        let (plan, problems) = resolve(loaded);
        Self {
            file: file.to_owned(),
            saved: Arc::clone(&plan.sources),
            plan: Arc::new(plan),
            problems,
            view: View::default(),
            immediate: true,
            computed: None,
            steps: Arc::default(),
            pending: quick::Pending::default(),
        }
    }

    /// The same session once more, without what has been computed; its text is up to date.
    pub fn spare(&self) -> Self {
        Self {
            file: self.file.clone(),
            plan: Arc::clone(&self.plan),
            problems: self.problems.clone(),
            view: self.view.clone(),
            immediate: self.immediate,
            saved: Arc::clone(&self.saved),
            computed: None,
            steps: Arc::clone(&self.steps),
            pending: quick::Pending::default(),
        }
    }

    /// Whether the plan has neither a file nor any text.
    pub fn is_blank(&self) -> bool {
        self.file.is_empty() && self.text(FileId(0)).trim().is_empty()
    }

    /// The text of a file of the plan, as it was when the plan was last read as a whole.
    pub fn text(&self, file: FileId) -> &str {
        self.plan.sources.get(file).text()
    }

    /// Computes the plan.
    pub fn engine(&self, options: Options) -> Engine {
        Engine::new(Arc::clone(&self.plan), options)
    }

    /// The options of the view.
    pub fn options(&self) -> Options {
        self.view.options(&self.plan)
    }

    /// Whether the plan has a file that it can be written to.
    pub fn has_file(&self) -> bool {
        !self.file.is_empty() && self.file != "-"
    }

    /// The plan computed in the view. It is kept, and edits of single numbers keep it up to date.
    pub fn computed(&mut self) -> &Engine {
        let engine = match self.computed.take() {
            Some(engine) if engine.options == self.options() => engine,
            _ => Box::new(self.engine(self.options())),
        };
        self.computed.insert(engine)
    }

    /// The plan computed in the view, if that has been asked for since the view last changed.
    pub fn computed_already(&self) -> Option<&Engine> {
        self.computed.as_deref().filter(|engine| engine.options == self.options())
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
        let edit = Edit::of(file, splices.to_vec());
        let (text, ..) = self.tried(&edit)?;
        Ok(text.plan.sources.get(file).text().to_owned())
    }

    /// `file:line` of a place.
    pub fn line_of(&self, place: Place) -> String {
        self.plan.line_of(place)
    }
}
