//! `:quit`: leaves the prompt.

use super::reload::may_drop;
use super::{Call, Entry, Stands, Status, Subject, Then};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "quit",
    about: "Leaves the prompt",
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
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    // Where nobody can be asked the end of the input says what was not saved.
    if call.output.asks && !may_drop(call, arguments.force, "quit") {
        return Status::Failed;
    }
    call.then = Then::Quit;
    Status::Done
}
