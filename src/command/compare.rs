//! `okr compare`: the base and scenarios side by side.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::diagnostic::Problem;
use crate::engine::{Engine, Options};
use crate::report::json;
use crate::report::whatif::compare as view;
use crate::session::Session;
use crate::whatif::compare::{Comparison, compare};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "compare",
    about: "The base and scenarios side by side, and why they differ",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The scenarios to compare with the base; without any, all of the plan
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
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
    let Some(session) = &call.session else { return Status::Usage };
    let ids = match arguments.scenarios.is_empty() {
        true => all(session),
        false => arguments.scenarios.iter().filter(|id| *id != "base").cloned().collect(),
    };
    if ids.is_empty() && arguments.scenarios.is_empty() {
        let help = "write one: `scenario push \"Push\" { move 10% from team.a to team.b }`, or \
                    try a change with `okr whatif`";
        call.output.note(&format!("the plan has no scenario to compare with; {help}"));
    }
    match engines(call, &ids, arguments.remaining) {
        Ok(engines) => show(call, &engines),
        Err(status) => status,
    }
}

/// The ids of all scenarios.
fn all(session: &Session) -> Vec<String> {
    let plan = &session.plan;
    plan.scenarios.iter().map(|scenario| plan.source(scenario.name).to_owned()).collect()
}

/// The plan's engine and those of scenarios.
///
/// # Errors
///
/// If there is no such scenario, or no day to count from; that has been said then.
pub(super) fn engines(
    call: &mut Call<'_>,
    ids: &[String],
    remaining: bool,
) -> Result<Vec<Engine>, Status> {
    let mut looks: Vec<Options> = Vec::with_capacity(ids.len() + 1);
    for id in std::iter::once("base").chain(ids.iter().map(String::as_str)) {
        let options = call.options(Some(id), false)?;
        looks.push(call.remaining(options, remaining)?);
    }
    let Some(session) = &call.session else { return Err(Status::Usage) };
    Ok(looks.into_iter().map(|options| session.engine(options)).collect())
}

/// Prints a comparison, then what is wrong with any of the engines, each once.
pub(super) fn show(call: &mut Call<'_>, engines: &[Engine]) -> Status {
    let comparison = compare(engines);
    let shown = rendered(&comparison, call);
    call.output.result(&shown);
    report_all(call, engines)
}

fn rendered(comparison: &Comparison, call: &Call<'_>) -> String {
    match call.common.format {
        Format::Text => view::text(comparison, call.matches.get_flag("all"), &call.output.style()),
        Format::Json => json::to_json(comparison),
        Format::Csv => view::to_csv(comparison),
        Format::Md => view::markdown(comparison),
    }
}

/// What is wrong with the plan in any of its futures. An assertion that fails is judged in its own
/// scenario.
pub(super) fn report_all(call: &mut Call<'_>, engines: &[Engine]) -> Status {
    let Some(session) = &call.session else { return Status::Usage };
    let mut problems: Vec<Problem> = Vec::new();
    for engine in engines {
        for problem in session.all_problems(engine).into_iter().chain(engine.projection_problems())
        {
            let known = |it: &Problem| it.message == problem.message && it.place == problem.place;
            if !problems.iter().any(known) {
                problems.push(problem);
            }
        }
    }
    call.output.problems(session, &problems);
    if problems.iter().any(Problem::is_error) { Status::Failed } else { Status::Done }
}
