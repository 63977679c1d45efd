//! `okr simulate`: the plan and its scenarios in many futures.

use super::compare::{engines, report_all};
use super::interrupt::watched;
use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind};
use crate::report::json;
use crate::report::whatif::simulate as view;
use crate::whatif::simulate::{MOST_SAMPLES, Request, SAMPLES, SEED, simulate};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "simulate",
    about: "Draws what is uncertain many times: where grades land, and how sure that is",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The scenarios to hold against the base, future by future
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// How many futures
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = SAMPLES, value_parser = samples)]
    samples: u64,
    /// What all draws hang on: the same seed gives the same futures
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
    /// The cell by which scenarios are held against the base; by default the grade of the cycle
    #[arg(long, value_name = "CELL")]
    cell: Option<String>,
    /// Counts only the capacity after the as-of date
    #[arg(long)]
    remaining: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) fn samples(text: &str) -> Result<u64, String> {
    let count = text.replace('_', "").parse::<u64>();
    match count {
        Ok(count) if (1..=MOST_SAMPLES).contains(&count) => Ok(count),
        _ => Err(format!("a number of futures is a whole number from 1 to {MOST_SAMPLES}")),
    }
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let cell = match arguments.cell.as_deref().map(|path| simulated(call, path)).transpose() {
        Ok(cell) => cell,
        Err(message) => {
            call.output.error(&message);
            return Status::Failed;
        }
    };
    let mut ids: Vec<String> = Vec::new();
    for id in arguments.scenarios.iter().filter(|id| *id != "base") {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    let engines = match engines(call, &ids, arguments.remaining) {
        Ok(engines) => engines,
        Err(status) => return status,
    };
    let Arguments { samples, seed, .. } = arguments;
    call.output.begin("simulating");
    let simulation = simulate(&engines, Request { samples, seed, cell }, &watched);
    call.output.done();
    let Ok(Some(simulation)) = simulation else {
        call.output.error("stopped");
        return Status::Failed;
    };
    let shown = match call.common.format {
        Format::Text => view::text(&simulation, &call.output.style()),
        Format::Json => json::to_json(&simulation),
        Format::Csv => view::to_csv(&simulation),
        Format::Md => view::markdown(&simulation),
    };
    call.output.result(&shown);
    report_all(call, &engines)
}

/// The cell of a path, if it can differ from future to future; a thing stands for its grade.
fn simulated(call: &Call<'_>, path: &str) -> Result<Cell, String> {
    let Some(session) = &call.session else { return Err("there is no plan".into()) };
    let cell = |field, index| Ok(Cell { field, index });
    let help = "a simulation knows projected values and grades, `demand` and `load` of a bucket, \
                `funded` and `paid` of an initiative";
    match session.find(path) {
        Ok(Found::Thing(Kind::Kr, index)) => cell(Field::KrProjectedGrade, index),
        Ok(Found::Thing(Kind::Objective, index)) => cell(Field::ObjectiveProjectedGrade, index),
        Ok(Found::Thing(Kind::Team, index)) => cell(Field::TeamProjectedGrade, index),
        Ok(Found::Thing(Kind::Cycle, index)) => cell(Field::CycleProjectedGrade, index),
        Ok(Found::Cell(cell)) if cell.field.is_future() => Ok(cell),
        Ok(_) => Err(format!("`{path}` is not simulated; {help}")),
        Err(error) => Err(format!("{}; {}", error.message, error.help)),
    }
}
