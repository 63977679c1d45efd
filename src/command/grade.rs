//! `okr grade`: the scorecard.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::engine::{Engine, State, Value};
use crate::report::scorecard::{Part, projected_scorecard, scorecard};
use crate::report::{csv, json, markdown, text};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "grade",
    about: "The scorecard: grades of key results, objectives, teams and cycles",
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
    /// Also shows where the funded initiatives bring the grades
    #[arg(long)]
    projected: bool,
    /// With --projected: counts only the capacity after the as-of date
    #[arg(long, requires = "projected")]
    remaining: bool,
    /// Fails if the grade of PATH, or else of the cycle in force, is lower
    #[arg(long, value_name = "GRADE", value_parser = grade_value, allow_hyphen_values = true)]
    fail_under: Option<f64>,
    #[command(flatten)]
    common: Common,
}

fn grade_value(text: &str) -> Result<f64, String> {
    let (digits, scale) = match text.strip_suffix('%') {
        Some(digits) => (digits, 100.0),
        None => (text, 1.0),
    };
    match digits.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&(value / scale)) => Ok(value / scale),
        _ => Err("a grade is a number within 0..1, or a percentage".into()),
    }
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let options = match call.options(arguments.scenario.as_deref(), arguments.original) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let options = match call.remaining(options, arguments.remaining) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let part = match call.part(arguments.path.as_deref()) {
        Ok(part) => part,
        Err(status) => return status,
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let card = match arguments.projected {
        true => projected_scorecard(&engine, part),
        false => scorecard(&engine, part),
    };
    let shown = match call.common.format {
        Format::Text => text::scorecard(&card, &call.output.style()),
        Format::Json => json::to_json(&card),
        Format::Csv => csv::scorecard_csv(&card),
        Format::Md => markdown::scorecard(&card),
    };
    call.output.result(&shown);
    let status = call.report_problems(&engine);
    status.max(under(call, &engine, part, arguments.fail_under))
}

fn under(call: &mut Call<'_>, engine: &Engine, part: Part, least: Option<f64>) -> Status {
    let Some(least) = least else { return Status::Done };
    let grade = match part {
        Part::All => {
            engine.moment.cycle.map_or(Value::NoData, |it| engine.cycle(it as usize).grade)
        }
        Part::Cycle(index) => engine.cycle(index as usize).grade,
        Part::Team(index) => engine.team(index as usize).grade,
        Part::Objective(index) => engine.objective(index as usize).grade,
        Part::Kr(index) => {
            use crate::plan::cell::{Cell, Field};
            engine.read(Cell { field: Field::KrGrade, index })
        }
    };
    match grade {
        Value::Number(grade) if grade < least - 1e-9 => {
            let message = format!("the grade {grade:.2} is under {least}");
            call.output.error(&message);
            Status::Failed
        }
        Value::NoData if !is_aside(engine, part) => {
            call.output.error(&format!("there is no grade yet, and {least} was asked for"));
            Status::Failed
        }
        _ => Status::Done,
    }
}

/// Whether a part is a key result that is not to have a grade.
fn is_aside(engine: &Engine, part: Part) -> bool {
    matches!(part, Part::Kr(index)
        if matches!(engine.kr_state(index as usize), State::Declined | State::NotApplicable))
}
