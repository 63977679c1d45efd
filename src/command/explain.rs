//! `okr explain`: the arithmetic of a cell, or the meaning of a problem's or a rule's id.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::coach::{self, Rule};
use crate::diagnostic::{Kind, Severity};
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind as CellKind};
use crate::report::data::Explanation;
use crate::report::{csv, json, markdown, text};
use crate::session::Session;
use crate::suggest;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "explain",
    about: "How a grade came about, down to the lines; or what the id of a problem or of a coach's rule means",
    subject: Subject::Own,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The plan and a path in it, such as `q1.okr speed.grade`; or the id of a problem or rule
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
    let known = |id: &str| Kind::from_id(id).is_some() || Rule::from_id(id).is_some();
    match (&arguments.what[..], call.session.is_some()) {
        ([id], _) if known(id) => explain_id(call, id),
        ([path], true) => match call.session.take() {
            Some(session) => explain_path(call, session, path, &arguments),
            None => Status::Usage,
        },
        ([id], false) => unknown_id(call, id),
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

/// What an id means: of a problem, of a rule of the coach, or of both.
fn explain_id(call: &mut Call<'_>, id: &str) -> Status {
    let (kind, rule) = (Kind::from_id(id), Rule::from_id(id));
    let meanings: Vec<(&str, String)> = kind
        .map(|kind| (kind.severity().word(), kind.explanation().to_owned()))
        .into_iter()
        .chain(rule.map(|rule| (Severity::Advice.word(), rule.explanation())))
        .collect();
    let shown = match call.common.format {
        Format::Json => json::to_json(&meaning(id, kind, rule)),
        Format::Csv => csv::meanings(id, &meanings),
        Format::Md => markdown::meanings(id, &meanings),
        Format::Text => {
            let text = |(severity, text): &(&str, String)| format!("{id} ({severity})\n\n{text}\n");
            meanings.iter().map(text).collect::<Vec<_>>().join("\n")
        }
    };
    call.output.result(&shown);
    Status::Done
}

fn meaning(id: &str, kind: Option<Kind>, rule: Option<&'static Rule>) -> serde_json::Value {
    let rule = rule.map(|rule| {
        serde_json::json!({
            "says": rule.says, "evidence": rule.evidence, "principle": rule.principle, "mend": rule.mend,
        })
    });
    let severity = kind.map_or(Severity::Advice, Kind::severity);
    let text = match (kind, &rule) {
        (Some(kind), _) => kind.explanation(),
        (None, _) => Rule::from_id(id).map_or("", |rule| rule.says),
    };
    serde_json::json!({
        "schema": "okr.problem/1", "id": id, "severity": severity, "text": text, "rule": rule,
    })
}

fn unknown_id(call: &mut Call<'_>, id: &str) -> Status {
    let rules = coach::TABLE.iter().map(|rule| rule.id);
    let ids = Kind::ALL.iter().map(|kind| kind.id()).chain(rules);
    let help = match suggest::nearest(id, ids) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if std::path::Path::new(id).exists() => {
            format!("name a path in it, too: `okr explain {id} speed.grade`")
        }
        None => {
            "to explain a cell, name the plan and the path: `okr explain q1.okr speed.grade`".into()
        }
    };
    call.output.error(&format!("there is no problem or rule with the id `{id}`; {help}"));
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
