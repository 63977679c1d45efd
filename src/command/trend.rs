//! `okr trend`: grades over the check-ins.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::engine::Options;
use crate::report::scorecard::Part;
use crate::report::trend::trend;
use crate::report::{across, csv, json, markdown, text};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "trend",
    about: "Grades over the check-ins, as a chart",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// A cycle, team, objective or key result to show alone
    #[arg(value_name = "PATH")]
    path: Option<String>,
    /// The scenario to look at
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Grades against the values before any amendment
    #[arg(long)]
    original: bool,
    /// Over the cycles of the plan, each at its end, instead of over the check-ins
    #[arg(long)]
    across: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let options = match call.options(arguments.scenario.as_deref(), arguments.original) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let part = match call.part(arguments.path.as_deref()) {
        Ok(part) => part,
        Err(status) => return status,
    };
    if arguments.across {
        return over_cycles(call, options, part);
    }
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let drawn = trend(&engine, part);
    let shown = match call.common.format {
        Format::Text => text::trend(&drawn, &call.output.style()),
        Format::Json => json::to_json(&drawn),
        Format::Csv => csv::trend_csv(&drawn),
        Format::Md => markdown::trend(&drawn),
    };
    call.output.result(&shown);
    call.report_problems(&engine)
}

/// `--across`: of the plan, or of a team.
fn over_cycles(call: &mut Call<'_>, options: Options, part: Part) -> Status {
    let team = match part {
        Part::All => None,
        Part::Team(team) => Some(team),
        _ => {
            call.output.error("only a team has grades in several cycles; name one, or nothing");
            return Status::Usage;
        }
    };
    let Some(session) = &call.session else { return Status::Usage };
    let told = across::across(&session.plan, options, team);
    let shown = match call.common.format {
        Format::Text => across::text(&told, &call.output.style()),
        Format::Json => json::to_json(&told),
        Format::Csv => across::csv(&told),
        Format::Md => across::markdown(&told),
    };
    let engine = session.engine(options);
    call.output.result(&shown);
    call.report_problems(&engine)
}
