//! `okr run`: the `:` lines of a script.

use super::{Call, Common, Entry, Status, Subject};
use crate::diagnostic::Problem;
use crate::engine::Options;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "run",
    about: "Loads a script's plan, then runs its `:` lines in order",
    subject: Subject::Plan,
    in_scripts: false,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    #[command(flatten)]
    common: Common,
}

/// Stops at the first line that fails. A plan with errors runs nothing, and an assertion that fails
/// makes the script fail though every line went well.
fn run(call: &mut Call<'_>) -> Status {
    let Some(mut session) = call.session.take() else { return Status::Usage };
    let engine = session.engine(Options::default());
    let mut problems = session.problems.clone();
    problems.extend(engine.problems());
    if problems.iter().any(Problem::is_error) {
        call.output.problems(&session, &problems);
        return Status::Failed;
    }
    let failed = session.assertion_problems(&engine.assertions());
    for place in session.plan.commands.clone() {
        let line = session.plan.source(place).to_owned();
        let words = shlex::split(&line).unwrap_or_default();
        if words.is_empty() {
            continue;
        }
        let at = session.line_of(place);
        let status;
        (session, status) = super::run_line(&words, session, call.output);
        if status != Status::Done {
            call.output.error(&format!("{at}: `:{}` failed, so the script stops", line.trim()));
            return status;
        }
    }
    call.output.problems(&session, &failed);
    match failed.iter().any(Problem::is_error) {
        true => Status::Failed,
        false => Status::Done,
    }
}
