//! `:load`: another plan in the place of this one.

use super::reload::may_drop;
use super::{Call, Entry, Looks, Stands, Status, Subject};
use crate::session::Session;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "load",
    about: "Loads another plan in the place of this one",
    subject: Subject::Own,
    stands: Stands::PROMPT,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The plan's root file
    #[arg(value_name = "FILE", required = true)]
    file: Option<String>,
    /// Drops unsaved changes without asking
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let file = arguments.file.unwrap_or_default();
    if file == "-" {
        call.output.error("the lines come from standard input, so a plan cannot; name its file");
        return Status::Usage;
    }
    match may_drop(call, arguments.force, "load") {
        true => load(call, &file),
        false => Status::Failed,
    }
}

/// Loads a plan and says what it is.
pub(super) fn load(call: &mut Call<'_>, file: &str) -> Status {
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    match Session::load(file) {
        Ok(other) => {
            session.replace(other);
            let problems = session.problems.clone();
            call.output.problems(session, &problems);
            call.output.note(&summary(session));
            Status::Done
        }
        Err(error) => {
            call.output.error(&error.to_string());
            Status::Refused
        }
    }
}

/// What a plan has: `q1.okr: 3 objectives, 9 key results, 2 teams`.
pub(super) fn summary(session: &Session) -> String {
    let plan = &session.plan;
    let counted = |count: usize, one: &str| {
        (count > 0).then(|| format!("{count} {one}{}", if count == 1 { "" } else { "s" }))
    };
    let parts = [
        counted(plan.objectives.len(), "objective"),
        counted(plan.krs.len(), "key result"),
        counted(plan.teams.len(), "team"),
        counted(plan.initiatives.len(), "initiative"),
        counted(plan.scenarios.len(), "scenario"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => format!("{}: nothing in it yet", session.file),
        false => format!("{}: {}", session.file, parts.join(", ")),
    }
}
