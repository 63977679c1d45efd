//! `okr whatif`: changes typed on the spot, beside the plan as it is.

use super::compare::{engines, show};
use super::{Call, Common, Entry, Stand, Stands, Status, Subject, effect};
use crate::diagnostic::Problem;
use crate::plan;
use crate::plan::model::Scenario;
use crate::session::{AddFailure, Session};
use crate::source::FileId;
use crate::syntax::keyword::Keyword;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "whatif",
    about: "Changes typed on the spot, beside the plan as it is",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

/// The scenario that a typed change makes.
const ID: &str = "whatif";

#[derive(Args, Default)]
struct Arguments {
    /// The changes, as lines of a scenario: `move 10% from t.run to t.build; set t.people = 5`
    #[arg(value_name = "CHANGE", required = true, num_args = 1..)]
    changes: Vec<String>,
    /// The scenario that the changes come on top of
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Writes the changes into the plan, as a scenario with this id
    #[arg(long, value_name = "ID")]
    save_as: Option<String>,
    /// Its title
    #[arg(long, value_name = "TEXT", requires = "save_as")]
    title: Option<String>,
    /// Counts only the capacity after the as-of date
    #[arg(long)]
    remaining: bool,
    /// Also shows the many key results and initiatives that are the same everywhere
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    if let Some(message) = bad_scenario(session, &arguments) {
        call.output.error(&message);
        return Status::Failed;
    }
    let id = arguments.save_as.clone().unwrap_or_else(|| session.plan.names.free(ID));
    let text = statement(&arguments, &id);
    let mut overlay = match overlaid(session, &text) {
        Ok(overlay) => overlay,
        Err(failure) => {
            failure.say(call);
            return Status::Failed;
        }
    };
    let status = call.on(&mut overlay, |call| {
        match engines(call, std::slice::from_ref(&id), arguments.remaining) {
            Ok(engines) => show(call, &engines),
            Err(status) => status,
        }
    });
    match arguments.save_as {
        Some(_) if status == Status::Done => save(call, &text, &id),
        _ => status,
    }
}

fn bad_scenario(session: &Session, arguments: &Arguments) -> Option<String> {
    let wanted = arguments.scenario.as_deref().filter(|id| *id != "base")?;
    Common::default().options(session, Some(wanted), false).err()
}

/// The changes as a scenario of the plan.
fn statement(arguments: &Arguments, id: &str) -> String {
    // Words that nobody put into quotation marks are one text, too.
    let changes = arguments.changes.join(" ");
    let title = arguments.title.clone().unwrap_or_else(|| changes.trim().to_owned());
    let extends = match arguments.scenario.as_deref().filter(|it| *it != "base") {
        Some(base) => format!(" extends {base}"),
        None => String::new(),
    };
    let title = crate::syntax::tree::quote(&title);
    let lines: Vec<&str> = changes.trim().split('\n').map(str::trim).collect();
    format!("scenario {id} {title}{extends} {{\n  {}\n}}\n", lines.join("\n  "))
}

/// Why typed changes cannot be looked at.
enum Failure {
    /// What is wrong with them, and the plan to show it in.
    Problems(Box<Session>, Vec<Problem>),
    /// In words.
    Words(String),
}

impl Failure {
    fn say(&self, call: &mut Call<'_>) {
        match self {
            Failure::Problems(overlay, problems) => call.output.problems(overlay, problems),
            Failure::Words(words) => call.output.error(words),
        }
    }
}

/// The plan with a scenario after its own statements.
fn overlaid(session: &Session, text: &str) -> Result<Session, Failure> {
    let loaded = plan::load_with(&session.plan.sources, "<changes>", text)
        .map_err(|error| Failure::Words(error.to_string()))?;
    let typed = loaded.trees.last().map(|tree| tree.statements.as_slice()).unwrap_or_default();
    let alone = matches!(typed, [only] if only.keyword == Keyword::Scenario);
    let file = FileId(loaded.trees.len() as u32 - 1);
    let mut overlay = Session::of(&session.file, loaded);
    overlay.view = session.view.clone();
    let new: Vec<Problem> = overlay
        .problems
        .iter()
        .filter(|problem| problem.is_error() && problem.place.file == file)
        .cloned()
        .collect();
    if !new.is_empty() {
        return Err(Failure::Problems(Box::new(overlay), new));
    }
    let changes = |scenario: &Scenario| scenario.lines.len() + scenario.assertions.len();
    let empty = overlay.plan.scenarios.last().is_none_or(|scenario| changes(scenario) == 0);
    if !alone || empty {
        let help = "write lines of a scenario: `set PATH = VALUE`, `move 10% from A to B`, \
                    `drop INITIATIVE`, `add initiative …`";
        return Err(Failure::Words(format!("these are no changes of a scenario; {help}")));
    }
    Ok(overlay)
}

/// Writes a scenario at the end of the root file.
pub(super) fn save(call: &mut Call<'_>, text: &str, id: &str) -> Status {
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let root = session.plan.sources.get(FileId(0));
    let (name, has_file) = (root.name().to_owned(), root.path().is_some());
    match session.add(text) {
        Ok(_) if !has_file && call.stand != Stand::Prompt => {
            call.output.result(session.text(FileId(0)));
            Status::Done
        }
        Ok(_) => {
            let to = if call.stand == Stand::Prompt { "the plan" } else { &name };
            call.output.note(&format!("wrote scenario {id} to {to}"));
            Status::Done
        }
        Err(AddFailure::Syntax(sources, problems)) => {
            call.output.problems_in(&sources, &problems);
            Status::Failed
        }
        Err(AddFailure::Edit(failure)) => {
            effect::refused(call.output, &failure, "nothing was written")
        }
    }
}
