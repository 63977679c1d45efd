//! `:reload`: reads the files again.

use super::{Call, Entry, Looks, Stands, Status, Subject, effect};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "reload",
    about: "Reads the plan's files again",
    subject: Subject::Own,
    stands: Stands::PROMPT,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// Drops unsaved changes without asking
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if !may_drop(call, arguments.force, "reload") {
        return Status::Failed;
    }
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    if !session.has_file() {
        call.output.error("the plan has no file yet; `:save q1.okr` gives it one");
        return Status::Failed;
    }
    match session.reload() {
        Ok(done) => {
            effect::show(call.output, session, &done);
            Status::Done
        }
        Err(error) => {
            call.output.error(&error.to_string());
            Status::Refused
        }
    }
}

/// Whether unsaved changes may be dropped: there are none, or it was said, or somebody agrees.
pub(super) fn may_drop(call: &mut Call<'_>, force: bool, word: &str) -> bool {
    let Some(session) = call.session.as_ref() else { return true };
    if force || !session.is_unsaved() {
        return true;
    }
    match call.output.confirm("There are unsaved changes. Drop them?") {
        Some(true) => true,
        Some(false) => {
            call.output.note("kept; `:diff` shows them, `:save` writes them");
            false
        }
        None => {
            let or = match word {
                "" => String::new(),
                word => format!(", or drop them with `:{word} --force`"),
            };
            call.output.error(&format!("there are unsaved changes; `:save` them{or}"));
            false
        }
    }
}
