//! `okr explain`: the arithmetic of a cell, or the meaning of a problem's id.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::diagnostic::Kind;
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind as CellKind};
use crate::report::data::Explanation;
use crate::report::{csv, json, markdown, text};
use crate::session::Session;
use crate::suggest;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "explain",
    about: "How a grade came about, down to the lines; or what a problem's id means",
    subject: Subject::Own,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The plan and a path in it, such as `q1.okr speed.grade`; or a problem's id
    #[arg(value_name = "FILE PATH | ID", required = true, num_args = 1..=2)]
    what: Vec<String>,
    /// The scenario to look at
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Explains with the values before any amendment
    #[arg(long)]
    original: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    match (&arguments.what[..], call.session.is_some()) {
        ([path], true) => match (Kind::from_id(path), call.session.take()) {
            (None, Some(session)) => explain_path(call, session, path, &arguments),
            (kind, _) => kind.map_or(Status::Usage, |kind| explain_id(call, kind)),
        },
        ([id], false) => match Kind::from_id(id) {
            Some(kind) => explain_id(call, kind),
            None => unknown_id(call, id),
        },
        ([file, path], false) => match Session::load(file) {
            Ok(session) => explain_path(call, &session, path, &arguments),
            Err(error) => {
                call.output.error(&error.to_string());
                Status::Refused
            }
        },
        _ => {
            call.output.error("name one path: `:explain speed.grade`");
            Status::Usage
        }
    }
}

fn explain_id(call: &mut Call<'_>, kind: Kind) -> Status {
    let severity = kind.severity().word();
    let text = match call.common.format {
        Format::Json => json::to_json(&serde_json::json!({
            "schema": "okr.problem/1", "id": kind.id(), "severity": severity, "text": kind.explanation(),
        })),
        Format::Csv => csv::problem_kind(kind),
        Format::Md => markdown::problem_kind(kind),
        Format::Text => format!("{} ({severity})\n\n{}\n", kind.id(), kind.explanation()),
    };
    call.output.result(&text);
    Status::Done
}

fn unknown_id(call: &mut Call<'_>, id: &str) -> Status {
    let ids = Kind::ALL.iter().map(|kind| kind.id());
    let help = match suggest::nearest(id, ids) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if std::path::Path::new(id).exists() => {
            format!("name a path in it, too: `okr explain {id} speed.grade`")
        }
        None => {
            "to explain a cell, name the plan and the path: `okr explain q1.okr speed.grade`".into()
        }
    };
    call.output.error(&format!("there is no problem with the id `{id}`; {help}"));
    Status::Usage
}

fn explain_path(
    call: &mut Call<'_>,
    session: &Session,
    path: &str,
    arguments: &Arguments,
) -> Status {
    let scenario = arguments.scenario.as_deref();
    let options = match call.common.options(session, scenario, arguments.original) {
        Ok(options) => options,
        Err(message) => {
            call.output.error(&message);
            return Status::Failed;
        }
    };
    let cell = match session.find(path) {
        Ok(Found::Cell(cell)) => cell,
        Ok(Found::Thing(kind, index)) => main_cell(kind, index),
        Ok(Found::Scenario(_) | Found::Unknown) => {
            call.output.error(&format!("`{path}` has no arithmetic of its own"));
            return Status::Failed;
        }
        Err(error) => {
            call.output.error(&format!("{}; {}", error.message, error.help));
            return Status::Failed;
        }
    };
    let engine = session.engine(options);
    let explanation = Explanation {
        schema: "okr.explain/1",
        as_of: engine.moment.as_of.map(|date| date.to_string()),
        as_of_from: engine.moment.source.words().to_owned(),
        scenario: engine
            .options
            .scenario
            .map(|index| engine.plan.source(engine.plan.scenarios[index as usize].name).to_owned()),
        original: engine.options.original,
        cell: engine.explain(cell),
    };
    let shown = match call.common.format {
        Format::Json => json::to_json(&explanation),
        Format::Md => markdown::explanation(&explanation),
        Format::Csv => csv::explanation(&explanation),
        Format::Text => text::explanation(&explanation, &call.output.style()),
    };
    call.output.result(&shown);
    call.output.plan_problems(session, &engine)
}

/// The cell that a thing is asked for.
fn main_cell(kind: CellKind, index: u32) -> Cell {
    let field = match kind {
        CellKind::Cycle => Field::CycleGrade,
        CellKind::Team => Field::TeamGrade,
        CellKind::Bucket => Field::BucketCapacity,
        CellKind::Metric => Field::MetricValue,
        CellKind::Objective => Field::ObjectiveGrade,
        CellKind::Kr => Field::KrGrade,
        CellKind::Initiative => Field::InitiativeChance,
    };
    Cell { field, index }
}
