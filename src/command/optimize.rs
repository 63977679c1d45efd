//! `okr optimize`: the best shares of teams' buckets.

use super::interrupt::{goes_on, watched};
use super::seek::what_is_wrong;
use super::simulate::samples;
use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::diagnostic::Problem;
use crate::engine::{Moment, Options};
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind};
use crate::report::json;
use crate::report::whatif::optimize as view;
use crate::session::Session;
use crate::whatif::optimize::{Optimum, Proof, SEED, optimize};
use crate::whatif::simulate::SAMPLES;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "optimize",
    about: "The best shares of teams' buckets, within floors and ceilings",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The cell to make as great as possible; by default the projected grade of the cycle in force
    #[arg(value_name = "CELL")]
    cell: Option<String>,
    /// The teams whose shares may vary
    #[arg(long, value_name = "TEAM", required = true, num_args = 1..)]
    over: Vec<String>,
    /// In how many futures the best shares are tried
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = SAMPLES, value_parser = samples)]
    samples: u64,
    /// What all draws hang on: the same seed gives the same futures
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
    /// Writes the best shares into the plan, as a scenario with this id
    #[arg(long, value_name = "ID")]
    save_as: Option<String>,
    /// Its title
    #[arg(long, value_name = "TEXT", requires = "save_as")]
    title: Option<String>,
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
    let outcome = found(call, &arguments, options);
    let Some(session) = &call.session else { return Status::Usage };
    let problems = what_is_wrong(session, &session.engine(options));
    call.output.problems(session, &problems);
    let sound = !problems.iter().any(Problem::is_error);
    match outcome {
        Err((message, status)) => {
            if !message.is_empty() {
                call.output.error(&message);
            }
            status
        }
        Ok(_) if !sound => Status::Failed,
        Ok(optimum) => save(call, &arguments, &optimum),
    }
}

fn found(call: &mut Call<'_>, arguments: &Arguments, options: Options) -> Result<Optimum, Failure> {
    let Some(session) = &call.session else { return Err((String::new(), Status::Usage)) };
    if let Some(id) = &arguments.save_as {
        check_id(session, id)?;
    }
    let (cell, over) = typed(session, arguments);
    let cell = target(session, cell, options)?;
    let mut teams: Vec<u32> = Vec::new();
    for id in over {
        let team = team(session, id)?;
        if !teams.contains(&team) {
            teams.push(team);
        }
    }
    let Arguments { samples, seed, .. } = *arguments;
    let proof = Proof { samples, seed, watch: &watched };
    let optimum = optimize(&|| session.engine(options), cell, &teams, proof, &mut goes_on);
    let optimum =
        optimum.map_err(|message| (message.unwrap_or_else(|| "stopped".into()), Status::Failed))?;
    let shown = match call.common.format {
        Format::Text => view::text(&optimum, &call.output.style()),
        Format::Json => json::to_json(&optimum),
        Format::Csv => view::to_csv(&optimum),
        Format::Md => view::markdown(&optimum),
    };
    call.output.result(&shown);
    Ok(optimum)
}

/// Whether a scenario can have this id.
fn check_id(session: &Session, id: &str) -> Result<(), Failure> {
    let word = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
    let is_name = id.chars().all(word) && !id.starts_with(|it: char| it.is_ascii_digit());
    if id.is_empty() || !is_name || id == "base" {
        let help = "an id has small letters, digits and `_`, and is not `base`";
        return Err((format!("`{id}` is no id for a scenario; {help}"), Status::Failed));
    }
    match session.plan.names.place(id) {
        None => Ok(()),
        Some(place) => {
            let line = session.line_of(place);
            Err((format!("`{id}` is taken, at {line}; choose another id"), Status::Failed))
        }
    }
}

/// The cell and the teams; `--over` takes words as long as there are any, so that the cell may be
/// the last of them.
fn typed<'a>(session: &Session, arguments: &'a Arguments) -> (Option<&'a str>, &'a [String]) {
    let is_team = |id: &str| matches!(session.find(id), Ok(Found::Thing(Kind::Team, _)));
    match (&arguments.cell, arguments.over.as_slice()) {
        (None, [teams @ .., last]) if !teams.is_empty() && !is_team(last) => {
            (Some(last.as_str()), teams)
        }
        (cell, over) => (cell.as_deref(), over),
    }
}

/// The cell that a path names; of a thing its projected grade.
fn target(session: &Session, path: Option<&str>, options: Options) -> Result<Cell, Failure> {
    let failed = |message: String| (message, Status::Failed);
    let Some(path) = path else {
        let cycle = Moment::of(&session.plan, &options).cycle;
        let help = "write one, or name the cell to make as great as possible";
        let cycle = cycle.ok_or_else(|| failed(format!("the plan has no cycle; {help}")))?;
        return Ok(Cell { field: Field::CycleProjectedGrade, index: cycle });
    };
    match session.find(path) {
        Ok(Found::Cell(cell)) => Ok(cell),
        Ok(Found::Thing(kind, index)) => {
            let field = match kind {
                Kind::Cycle => Field::CycleProjectedGrade,
                Kind::Team => Field::TeamProjectedGrade,
                Kind::Objective => Field::ObjectiveProjectedGrade,
                Kind::Kr => Field::KrProjectedGrade,
                Kind::Bucket | Kind::Metric | Kind::Initiative => {
                    let help = "name a cell, such as `speed.projected_grade`";
                    return Err(failed(format!("`{path}` is {}; {help}", kind.words())));
                }
            };
            Ok(Cell { field, index })
        }
        Ok(_) => Err(failed(format!("`{path}` is no cell"))),
        Err(error) => Err(failed(format!("{}; {}", error.message, error.help))),
    }
}

fn team(session: &Session, id: &str) -> Result<u32, Failure> {
    match session.find(id) {
        Ok(Found::Thing(Kind::Team, team)) => Ok(team),
        Ok(_) => Err((format!("`{id}` is no team; `--over` takes teams"), Status::Failed)),
        Err(error) => Err((format!("{}; {}", error.message, error.help), Status::Failed)),
    }
}

/// Writes the shares as a scenario, if that is wanted.
fn save(call: &mut Call<'_>, arguments: &Arguments, optimum: &Optimum) -> Status {
    let Some(id) = &arguments.save_as else { return Status::Done };
    if optimum.lines.is_empty() {
        call.output.note("the shares are the best already, so no scenario was written");
        return Status::Done;
    }
    let title =
        arguments.title.clone().unwrap_or_else(|| format!("The best shares for {}", optimum.cell));
    let extends = match arguments.scenario.as_deref().filter(|it| *it != "base") {
        Some(base) => format!(" extends {base}"),
        None => String::new(),
    };
    let title = crate::syntax::tree::quote(&title);
    let lines = optimum.lines.join("\n  ");
    let text = format!("scenario {id} {title}{extends} {{\n  {lines}\n}}\n");
    super::whatif::save(call, &text, id)
}
