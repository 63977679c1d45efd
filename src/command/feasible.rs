//! `okr feasible`: what the delivery team brings to the talk.

use super::compare::report_all;
use super::interrupt::watched;
use super::simulate::samples;
use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::plan::Found;
use crate::plan::cell::Kind;
use crate::report::json;
use crate::report::whatif::feasible as view;
use crate::whatif::feasible::{SAMPLES, feasible};
use crate::whatif::simulate::SEED;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "feasible",
    about: "What fits, what does not, and the smallest change that would make it fit",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The team, with those below it; without one, all
    #[arg(value_name = "TEAM")]
    team: Option<String>,
    /// The scenario to look at
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// How many futures the probabilities come from
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = SAMPLES, value_parser = samples)]
    samples: u64,
    /// What all draws hang on: the same seed gives the same futures
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
    /// Counts only the capacity after the as-of date
    #[arg(long)]
    remaining: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let options = call.options(arguments.scenario.as_deref(), false);
    let options = options.and_then(|options| call.remaining(options, arguments.remaining));
    let options = match options {
        Ok(options) => options,
        Err(status) => return status,
    };
    let teams = match teams(call, arguments.team.as_deref()) {
        Ok(teams) => teams,
        Err(status) => return status,
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let Arguments { samples, seed, .. } = arguments;
    call.output.begin("looking for what fits");
    let report = feasible(&engine, &teams, samples, seed, &watched);
    call.output.done();
    let Ok(report) = report else {
        call.output.error("stopped");
        return Status::Failed;
    };
    let shown = match call.common.format {
        Format::Text => view::text(&report, &call.output.style()),
        Format::Json => json::to_json(&report),
        Format::Csv => view::to_csv(&report),
        Format::Md => view::markdown(&report),
    };
    call.output.result(&shown);
    report_all(call, std::slice::from_ref(&engine))
}

/// The team of a path and those below it, or all, in the order of the plan.
fn teams(call: &mut Call<'_>, path: Option<&str>) -> Result<Vec<u32>, Status> {
    let Some(session) = &call.session else { return Err(Status::Usage) };
    let plan = &session.plan;
    let all = 0..plan.teams.len() as u32;
    let Some(path) = path else { return Ok(all.collect()) };
    let message = match session.find(path) {
        Ok(Found::Thing(Kind::Team, above)) => {
            return Ok(all.filter(|team| plan.is_below(*team, above)).collect());
        }
        Ok(Found::Thing(kind, _)) => {
            format!("`{path}` is {}, and a team belongs here", kind.words())
        }
        Ok(_) => format!("`{path}` is no team"),
        Err(error) => format!("{}; {}", error.message, error.help),
    };
    call.output.error(&message);
    Err(Status::Failed)
}
