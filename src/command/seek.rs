//! `okr seek`: the smallest change of an input that brings a cell to a value.

use super::interrupt::{goes_on, watched};
use super::simulate::samples;
use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::diagnostic::Problem;
use crate::engine::{Engine, Options};
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind};
use crate::report::json;
use crate::report::whatif::seek as view;
use crate::session::Session;
use crate::whatif::seek::{By, Question, seek};
use crate::whatif::seek_chance::{Chance, SAMPLES};
use crate::whatif::seek_goal::{Wrong, read};
use crate::whatif::simulate::{SEED, Watch};
use clap::Args;
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry {
    name: "seek",
    about: "The smallest change of an input that brings a cell to a value",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// What is to hold: a cell, `>=` or `<=`, and a value: `speed.projected_grade >= 0.7`
    #[arg(value_name = "CELL >= V", required_unless_present = "within", num_args = 1..)]
    goal: Vec<String>,
    /// The input to change, such as `checkout.platform.share` or `checkout.people`
    #[arg(long, value_name = "CELL", required = true)]
    by: Option<String>,
    /// With a share: the bucket that gives it; by default what no bucket has, else the `rest`
    #[arg(long, value_name = "BUCKET")]
    from: Option<String>,
    /// Where to look: `2 .. 8`; by default from 0 to four times the value
    #[arg(long, value_name = "LOW .. HIGH", num_args = 1..=5, allow_negative_numbers = true)]
    within: Vec<String>,
    /// Asks it of sampled futures: in this share of them it is to hold, `80%`
    #[arg(long, value_name = "SHARE", value_parser = share)]
    probability: Option<f64>,
    /// With --probability: how many futures are drawn for each value that is tried
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = SAMPLES, value_parser = samples)]
    samples: u64,
    /// With --probability: what all draws hang on
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
    /// The scenario to look at
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Counts only the capacity after the as-of date
    #[arg(long)]
    remaining: bool,
    #[command(flatten)]
    common: Common,
}

/// What went wrong, and the exit status.
type Failure = (String, Status);

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let options = call.options(arguments.scenario.as_deref(), false);
    let options = match options.and_then(|it| call.remaining(it, arguments.remaining)) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let problems = what_is_wrong(session, &engine);
    let outcome = sought(call, &arguments, options);
    let failed = match outcome {
        Ok(()) => Status::Done,
        Err((message, status)) => {
            if !message.is_empty() {
                call.output.error(&message);
            }
            status
        }
    };
    let Some(session) = &call.session else { return Status::Usage };
    call.output.problems(session, &problems);
    let errors = problems.iter().any(Problem::is_error);
    failed.max(if errors { Status::Failed } else { Status::Done })
}

/// What is wrong with the plan, now and as projected.
pub(super) fn what_is_wrong(session: &Session, engine: &Engine) -> Vec<Problem> {
    let mut problems = session.all_problems(engine);
    problems.extend(engine.projection_problems());
    problems
}

fn sought(call: &mut Call<'_>, arguments: &Arguments, options: Options) -> Result<(), Failure> {
    let Some(session) = &call.session else { return Err((String::new(), Status::Usage)) };
    let by = input(session, arguments.by.as_deref().unwrap_or_default())?;
    let from = arguments.from.as_deref().map(|path| bucket(session, path)).transpose()?;
    let (goal, within) = typed(arguments);
    let name = session.plan.cell_name(by);
    let asked = match read(&session.plan, options, &goal, &name, within.as_deref()) {
        Ok(asked) => asked,
        Err(Wrong::Plan(message)) => return Err((message, Status::Failed)),
        Err(Wrong::Usage(message)) => return Err((message, Status::Usage)),
        Err(Wrong::Problems(plan, problems)) => {
            call.output.problems_in(&plan.sources, &problems);
            return Err((String::new(), Status::Failed));
        }
    };
    let failed = |message: String| (message, Status::Failed);
    let engine = Engine::new(Arc::clone(&asked.plan), options);
    let by = By::new(&engine, by, from, asked.within).map_err(failed)?;
    let Arguments { samples, seed, .. } = *arguments;
    let chance = arguments.probability.map(|least| Chance { least, samples, seed });
    if chance.is_some() && !asked.cell.field.is_future() {
        let name = session.plan.cell_name(asked.cell);
        let help = "`--probability` asks of projected values and grades, `load` and `demand` of a \
                    bucket, `funded` and `paid` of an initiative";
        return Err(failed(format!("`{name}` is the same in all futures; {help}")));
    }
    let chance = chance.map(|chance| (chance, &watched as Watch<'_>));
    let question = Question { cell: asked.cell, goal: asked.goal, by, chance };
    let found = seek(engine, question, &mut goes_on);
    let found = found.map_err(|message| failed(message.unwrap_or_else(|| "stopped".into())))?;
    let shown = match call.common.format {
        Format::Text => view::text(&found, &call.output.style()),
        Format::Json => json::to_json(&found),
        Format::Csv => view::to_csv(&found),
        Format::Md => view::markdown(&found),
    };
    call.output.result(&shown);
    Ok(())
}

/// A share of futures, as a percentage or a number.
fn share(text: &str) -> Result<f64, String> {
    let (digits, scale) = match text.strip_suffix('%') {
        Some(digits) => (digits, 100.0),
        None => (text, 1.0),
    };
    match digits.trim().parse::<f64>().map(|share| share / scale) {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("a probability is a share over 0 and up to 1, such as `80%`".into()),
    }
}

/// What is sought and where; `--within` takes words as long as there are any, so that what is sought
/// may be the last of them.
fn typed(arguments: &Arguments) -> (String, Option<String>) {
    let (mut goal, mut within) = (arguments.goal.join(" "), arguments.within.clone());
    let compares = |word: &String| word.contains(">=") || word.contains("<=");
    if goal.is_empty() && within.last().is_some_and(compares) {
        goal = within.pop().unwrap_or_default();
    }
    (goal, Some(within.join(" ")).filter(|text| !text.is_empty()))
}

/// The input that a path names; a bucket stands for its share.
fn input(session: &Session, path: &str) -> Result<Cell, Failure> {
    let failed = |message: String| (message, Status::Failed);
    match session.find(path) {
        Ok(Found::Cell(cell)) => Ok(cell),
        Ok(Found::Thing(Kind::Bucket, index)) => Ok(Cell { field: Field::BucketShare, index }),
        Ok(Found::Thing(kind, _)) => {
            let inputs = crate::plan::cell::fields(kind)
                .filter(|entry| entry.access == crate::plan::cell::Access::Input)
                .map(|entry| format!("`{path}.{}`", entry.word));
            let inputs: Vec<String> = inputs.collect();
            let help = match inputs.is_empty() {
                true => "it has no input".to_owned(),
                false => format!("name one of its inputs: {}", inputs.join(", ")),
            };
            Err(failed(format!("`{path}` is {}, not a number; {help}", kind.words())))
        }
        Ok(_) => Err(failed(format!("`{path}` is no input that could be changed"))),
        Err(error) => Err(failed(format!("{}; {}", error.message, error.help))),
    }
}

/// The bucket that a path names, by itself or by its share.
fn bucket(session: &Session, path: &str) -> Result<u32, Failure> {
    match session.find(path) {
        Ok(Found::Thing(Kind::Bucket, index)) => Ok(index),
        Ok(Found::Cell(Cell { field: Field::BucketShare, index })) => Ok(index),
        Ok(_) => {
            let message = format!("`{path}` is no bucket; `--from` takes one, `team.bucket`");
            Err((message, Status::Failed))
        }
        Err(error) => Err((format!("{}; {}", error.message, error.help), Status::Failed)),
    }
}
