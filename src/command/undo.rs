//! `:undo`: takes changes back.

use super::{Call, Entry, Looks, Stands, Status, Subject, effect};
use crate::session::{EditFailure, Session, Stepped};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "undo",
    about: "Takes the last change of the plan back",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run: |call| step(call, "undone", "undo", Session::undo),
};

#[derive(Args, Default)]
pub(super) struct Arguments {
    /// How many changes
    #[arg(value_name = "COUNT", value_parser = count)]
    count: Option<u32>,
    #[command(flatten)]
    looks: Looks,
}

fn count(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "how many changes: a whole number from 1 on".into())
}

type Step = fn(&mut Session) -> Result<Option<Stepped>, EditFailure>;

/// Goes so many steps back or forth.
pub(super) fn step(call: &mut Call<'_>, done: &str, word: &str, step: Step) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    for _ in 0..arguments.count.unwrap_or(1) {
        match step(session) {
            Ok(Some(stepped)) => {
                call.output.note(&format!("{done}: {}", stepped.label));
                effect::show(call.output, session, &stepped.effect);
            }
            Ok(None) => {
                call.output.error(&format!("there is nothing to {word}"));
                return Status::Failed;
            }
            Err(failure) => return effect::refused(call.output, &failure, "nothing was changed"),
        }
    }
    Status::Done
}
