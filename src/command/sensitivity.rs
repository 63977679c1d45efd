//! `okr sensitivity`: what a cell hangs on.

use super::compare::report_all;
use super::interrupt::watched;
use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind};
use crate::report::json;
use crate::report::whatif::sensitivity as view;
use crate::whatif::sensitivity::sensitivity;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "sensitivity",
    about: "What a cell hangs on: every input low and high, one at a time, ranked by swing",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

/// How many inputs are shown in text unless one says otherwise.
const SHOWN: usize = 20;

#[derive(Args, Default)]
struct Arguments {
    /// The cell, such as `speed.projected_grade`; a thing stands for its projected grade
    #[arg(value_name = "CELL")]
    cell: String,
    /// Shows so many inputs; by default 20 in text, all in the other forms
    #[arg(long, value_name = "COUNT")]
    top: Option<usize>,
    /// The scenario to look at
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Counts only the capacity after the as-of date
    #[arg(long)]
    remaining: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let options = call.options(arguments.scenario.as_deref(), false);
    let options = match options.and_then(|it| call.remaining(it, arguments.remaining)) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let cell = match moved(call, &arguments.cell) {
        Ok(cell) => cell,
        Err(message) => {
            call.output.error(&message);
            return Status::Failed;
        }
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    call.output.begin("varying inputs");
    let found = sensitivity(&engine, cell, &mut watched);
    call.output.done();
    let message = match found {
        Ok(Some(mut found)) => {
            let shown = match call.common.format {
                Format::Text => {
                    view::text(&found, arguments.top.unwrap_or(SHOWN), &call.output.style())
                }
                form => {
                    found.inputs.truncate(arguments.top.unwrap_or(usize::MAX));
                    match form {
                        Format::Json => json::to_json(&found),
                        Format::Csv => view::to_csv(&found),
                        Format::Text | Format::Md => view::markdown(&found),
                    }
                }
            };
            call.output.result(&shown);
            return report_all(call, std::slice::from_ref(&engine));
        }
        Ok(None) => "stopped".into(),
        Err(message) => message,
    };
    call.output.error(&message);
    report_all(call, std::slice::from_ref(&engine)).max(Status::Failed)
}

/// The cell of a path; a thing stands for its projected grade, a metric for itself.
fn moved(call: &Call<'_>, path: &str) -> Result<Cell, String> {
    let Some(session) = &call.session else { return Err("there is no plan".into()) };
    let field = match session.find(path) {
        Ok(Found::Cell(cell)) => return Ok(cell),
        Ok(Found::Thing(Kind::Kr, _)) => Field::KrProjectedGrade,
        Ok(Found::Thing(Kind::Objective, _)) => Field::ObjectiveProjectedGrade,
        Ok(Found::Thing(Kind::Team, _)) => Field::TeamProjectedGrade,
        Ok(Found::Thing(Kind::Cycle, _)) => Field::CycleProjectedGrade,
        Ok(Found::Thing(Kind::Bucket, _)) => Field::BucketLoad,
        Ok(Found::Thing(Kind::Initiative, _)) => Field::InitiativeFunded,
        Ok(_) => return Err(format!("`{path}` is no cell; name one, such as its grade")),
        Err(error) => return Err(format!("{}; {}", error.message, error.help)),
    };
    match session.find(path) {
        Ok(Found::Thing(_, index)) => Ok(Cell { field, index }),
        _ => Err(format!("`{path}` is no cell")),
    }
}
