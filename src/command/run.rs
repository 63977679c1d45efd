//! `okr run`: the `:` lines of a script.

use super::{Call, Common, Desk, Entry, Stand, Stands, Status, Subject};
use crate::diagnostic::Problem;
use crate::session::Session;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "run",
    about: "Loads a script's plan, then runs its `:` lines in order",
    subject: Subject::Own,
    stands: Stands::COMMAND_LINE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The plan with `:` lines; `-` is standard input
    #[arg(value_name = "SCRIPT", required = true)]
    file: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Stops at the first line that fails. A plan with errors runs nothing, and an assertion that fails
/// makes the script fail though every line went well. What the command line says of dates, forms
/// and colours holds for every line that does not say otherwise.
fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let file = arguments.file.unwrap_or_default();
    let mut session = match Session::load(&file) {
        Ok(session) => session,
        Err(error) => {
            call.output.error(&error.to_string());
            return Status::Refused;
        }
    };
    let options = match call.common.options(&session, None, false) {
        Ok(options) => options,
        Err(message) => {
            call.output.error(&message);
            return Status::Failed;
        }
    };
    session.view.as_of = call.common.as_of.unwrap_or_default();
    session.view.cycle = call.common.cycle.take();
    let engine = session.engine(options);
    let mut problems = session.problems.clone();
    problems.extend(engine.problems());
    if problems.iter().any(Problem::is_error) {
        call.output.problems(&session, &problems);
        return Status::Failed;
    }
    // All that is read of the text is read now: a line may change the text.
    let failed = session.assertion_problems(&engine.assertions());
    let sources = session.plan.sources.clone();
    let lines: Vec<(String, String)> = session
        .plan
        .commands
        .iter()
        .map(|place| (session.line_of(*place), session.plan.source(*place).to_owned()))
        .collect();
    drop(engine);
    if lines.is_empty() {
        call.output
            .note(&format!("{file}: the script has no `:` lines, so there is nothing to run"));
    }
    let base = Common { as_of: None, ..call.common.clone() };
    let mut desk = Desk::new(session, call.output, base, Stand::Script);
    for (at, line) in lines {
        let status = desk.line(&line);
        if status != Status::Done {
            let line = line.trim();
            desk.output.error(&format!("{at}: `:{line}` failed, so the script stops"));
            return status;
        }
    }
    call.output.problems_in(&sources, &failed);
    match failed.iter().any(Problem::is_error) {
        true => Status::Failed,
        false => Status::Done,
    }
}
