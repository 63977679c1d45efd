//! `okr report`: one page for people who look rather than read.

use super::compare::engines;
use super::interrupt::watched;
use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::coach;
use crate::engine::{Engine, Options};
use crate::report::advice::coaching;
use crate::report::html::{self, Report};
use crate::report::scorecard::{Part, scorecard};
use crate::report::{advice_text, markdown, whatif};
use crate::syntax::edit::write_new;
use crate::whatif::compare::compare;
use crate::whatif::simulate::{Request, SEED, Simulation, simulate};
use clap::Args;
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "report",
    about: "One self-contained page: scorecard, trend, capacity, scenarios, the coach's advice",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The page to write; one that is there is replaced; without it, or with `-`, standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// The scenario to look at
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Grades against the values before any amendment
    #[arg(long)]
    original: bool,
    /// Also shows so many futures: where the grades land, and how sure that is
    #[arg(long, value_name = "COUNT", value_parser = super::simulate::samples)]
    simulate: Option<u64>,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if matches!(call.common.format, Format::Json | Format::Csv) {
        call.output.error("a report is a page, or Markdown with `--format md`; for programs there is `okr grade --format json`");
        return Status::Usage;
    }
    let options = match call.options(arguments.scenario.as_deref(), arguments.original) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let engines = match scenarios(call) {
        Ok(engines) => engines,
        Err(status) => return status,
    };
    let scenarios = (engines.len() > 1).then(|| compare(&engines));
    let futures = match arguments.simulate {
        Some(samples) => match simulated(call, &engines, samples) {
            Some(futures) => Some(futures),
            None => return Status::Failed,
        },
        None => None,
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let base = session.engine(Options { scenario: None, original: false, ..options });
    let advice = coach::advise(&base);
    let coaching = coaching(&base, &advice);
    let shown = match call.common.format {
        Format::Md => {
            let mut text = markdown::scorecard(&scorecard(&engine, Part::All));
            for part in scenarios
                .iter()
                .map(whatif::compare::markdown)
                .chain([advice_text::markdown(&coaching)])
            {
                text.push('\n');
                text.push_str(&below(&part));
            }
            text
        }
        _ => html::page(&Report::of(&session.file, &engine, scenarios, futures, coaching)),
    };
    let status = write(call, arguments.output.as_deref(), &shown);
    status.max(call.report_problems(&engine))
}

/// The base and all scenarios.
fn scenarios(call: &mut Call<'_>) -> Result<Vec<Engine>, Status> {
    let Some(session) = &call.session else { return Err(Status::Usage) };
    let plan = &session.plan;
    let ids: Vec<String> =
        plan.scenarios.iter().map(|it| plan.source(it.name).to_owned()).collect();
    engines(call, &ids, false)
}

/// Their futures, unless it was told to stop.
fn simulated(call: &mut Call<'_>, engines: &[Engine], samples: u64) -> Option<Simulation> {
    call.output.begin("simulating");
    let futures = simulate(engines, Request { samples, seed: SEED, cell: None }, &watched);
    call.output.done();
    let futures = futures.ok().flatten();
    if futures.is_none() {
        call.output.error("stopped");
    }
    futures
}

/// A page of Markdown with its headings a level lower.
fn below(page: &str) -> String {
    let line = |line: &str| match line.starts_with('#') {
        true => format!("#{line}\n"),
        false => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}

fn write(call: &mut Call<'_>, file: Option<&str>, text: &str) -> Status {
    let Some(file) = file.filter(|file| *file != "-") else {
        call.output.result(text);
        return Status::Done;
    };
    match write_new(Path::new(file), text.as_bytes(), true) {
        Ok(()) => {
            call.output.note(&format!("{file}: written"));
            Status::Done
        }
        Err(error) => {
            call.output.error(&error.to_string());
            Status::Refused
        }
    }
}
