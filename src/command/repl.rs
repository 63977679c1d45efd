//! `okr repl`: the plan at a prompt.

use super::{Call, Common, Desk, Entry, Stand, Stands, Status, Subject};
use crate::session::Session;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "repl",
    about: "The plan at a prompt: type changes, see which grades move; `okr` alone does the same",
    subject: Subject::Own,
    stands: Stands::COMMAND_LINE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The plan's root file
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// With lines from a pipe: goes on after one that failed
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let mut session = match arguments.file.as_deref() {
        None => Session::unnamed(),
        Some("-") => {
            call.output.error(
                "the prompt reads its lines from standard input, so the plan cannot come from \
                 there; name its file: `okr repl q1.okr`",
            );
            return Status::Usage;
        }
        Some(file) => match Session::load(file) {
            Ok(session) => session,
            Err(error) => {
                call.output.error(&error.to_string());
                call.output.note(&format!("`okr new {file}` begins one"));
                return Status::Refused;
            }
        },
    };
    call.output.done();
    session.immediate = false;
    if let Err(message) = call.common.options(&session, None, false) {
        call.output.error(&message);
        return Status::Failed;
    }
    session.view.as_of = call.common.as_of.unwrap_or_default();
    session.view.cycle = call.common.cycle.take();
    let base = Common { as_of: None, ..call.common.clone() };
    let mut desk = Desk::new(session, call.output, base, Stand::Prompt);
    desk.keep_going = arguments.keep_going;
    (call.prompt)(&mut desk)
}
