//! What the input cells of the workbook hold, of the plan as it is: export writes it, and import
//! asks it again for what stands in the plan by then.

use super::columns::{Field, Table};
use super::layout::DrawRow;
use crate::engine::{Engine, State, Value};
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::*;
use crate::quantity::UnitId;

/// The content of an input cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// Nothing.
    Empty,
    /// A number in the row's unit; a percent as a fraction.
    Number(f64),
    /// A text.
    Text(String),
    /// A formula of the plan: its text on one line, and its result.
    Formula(String, Value),
}

impl Held {
    fn of(plan: &Plan, input: Option<Input>, value: Value) -> Self {
        let text = || input.map_or_else(String::new, |input| one_line(plan.source(input.place)));
        match (input.map(|input| input.amount), value) {
            (Some(Amount::Formula(_)), value) => Held::Formula(text(), value),
            (Some(Amount::Bad), _) | (_, Value::Error) => Held::Formula(text(), Value::Error),
            (_, Value::Number(number)) => Held::Number(number),
            _ => Held::Empty,
        }
    }
}

/// A text without its line ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What an input cell of a table holds. `index` is the index of the row's thing in the plan.
pub fn held(engine: &Engine, table: Table, index: usize, field: Field) -> Held {
    match table {
        Table::KeyResults => key_result(engine, index, field),
        Table::Metrics => metric(engine, index, field),
        Table::Teams => team(engine, index, field),
        Table::Buckets => bucket(engine, index, field),
        Table::Draws | Table::CheckIns => Held::Empty,
    }
}

fn cell(engine: &Engine, field: Of, index: usize) -> Held {
    let cell = Cell::new(field, index);
    Held::of(&engine.plan, engine.input(cell), engine.read(cell))
}

fn key_result(engine: &Engine, index: usize, field: Field) -> Held {
    let plan = &engine.plan;
    let kr = &plan.krs[index];
    match field {
        Field::Title => Held::Text(plan.text(kr.title)),
        Field::Weight => cell(engine, Of::KrWeight, index),
        Field::Baseline if kr.baseline.is_some() || goes_a_way(kr) => {
            match cell(engine, Of::KrBaseline, index) {
                Held::Empty => Held::Number(0.0),
                held => held,
            }
        }
        Field::Target if kr.has_target => cell(engine, Of::KrTarget, index),
        Field::Actual => actual(engine, index),
        Field::Confidence => {
            let given = engine.observations(index).iter().rev().find_map(|it| it.confidence);
            match given {
                Some(given) => {
                    Held::of(plan, Some(given), engine.read(Cell::new(Of::KrConfidence, index)))
                }
                None => Held::Empty,
            }
        }
        Field::Note => notes(plan, kr.remarks.as_deref().map_or(&[], |it| &it.notes)),
        _ => Held::Empty,
    }
}

/// Whether a key result goes from a baseline somewhere.
pub fn goes_a_way(kr: &Kr) -> bool {
    matches!(
        kr.grading,
        Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..) | Grading::Formula(_)
    ) && (kr.has_target || !matches!(kr.grading, Grading::Formula(_)))
}

/// The notes of a thing, one a line.
pub fn notes(plan: &Plan, notes: &[TextPlace]) -> Held {
    match notes {
        [] => Held::Empty,
        notes => {
            let lines: Vec<String> = notes.iter().map(|note| plan.text(*note)).collect();
            Held::Text(lines.join("\n"))
        }
    }
}

fn actual(engine: &Engine, index: usize) -> Held {
    let kr = &engine.plan.krs[index];
    if engine.kr_state(index) == State::NotApplicable {
        return Held::Text("n/a".into());
    }
    let number = engine.read(Cell::new(Of::KrActual, index));
    match (kr.grading, number) {
        (Grading::Done, Value::Number(number)) => {
            Held::Text(if number == 1.0 { "done" } else { "open" }.into())
        }
        (Grading::Milestones(first, count), Value::Number(number)) => {
            let at = (number as u32).min(count.saturating_sub(1));
            let milestone = engine.plan.milestones[(first + at) as usize];
            Held::Text(engine.plan.text(milestone.name))
        }
        _ => cell(engine, Of::KrActual, index),
    }
}

fn metric(engine: &Engine, index: usize, field: Field) -> Held {
    match field {
        Field::Title => Held::Text(engine.plan.text(engine.plan.metrics[index].title)),
        Field::Value => cell(engine, Of::MetricValue, index),
        _ => Held::Empty,
    }
}

fn team(engine: &Engine, index: usize, field: Field) -> Held {
    let team = &engine.plan.teams[index];
    let written = |field: Of, input: Option<Input>| match input {
        Some(_) => cell(engine, field, index),
        None => Held::Empty,
    };
    match field {
        Field::Title => Held::Text(engine.plan.text(team.title)),
        Field::People => written(Of::TeamPeople, team.people),
        Field::Leave => written(Of::TeamLeave, team.leave),
        Field::Focus => written(Of::TeamFocus, team.focus),
        _ => Held::Empty,
    }
}

fn bucket(engine: &Engine, index: usize, field: Field) -> Held {
    let bucket = &engine.plan.buckets[index];
    match field {
        Field::Title => {
            bucket.title.map_or(Held::Empty, |title| Held::Text(engine.plan.text(title)))
        }
        Field::Share => match bucket.share {
            Some(_) => cell(engine, Of::BucketShare, index),
            None => Held::Formula("rest".into(), engine.read(Cell::new(Of::BucketShare, index))),
        },
        _ => Held::Empty,
    }
}

/// The effort of a draw in person-weeks, and whether it is one number that stands in one place.
pub fn draw(engine: &Engine, row: &DrawRow) -> (Value, Option<Input>) {
    let draws = &engine.plan.initiatives[row.initiative].draws;
    let mut sum = 0.0;
    for line in &row.lines {
        match engine.bound(draws[*line].0.mean) {
            Some(effort) => sum += effort,
            None => return (Value::Error, None),
        }
    }
    let only = match row.lines[..] {
        [line] => Some(draws[line].0),
        _ => None,
    };
    let single = only.filter(|it| it.range.is_none()).map(|it| it.mean);
    let number = single.filter(|input| matches!(input.amount, Amount::Number(_)));
    (Value::Number(sum), number)
}

/// What the input cell of a draw holds.
pub fn draw_held(engine: &Engine, row: &DrawRow) -> Held {
    match draw(engine, row) {
        (Value::Number(effort), Some(_)) => Held::Number(effort),
        (value, _) => {
            let draws = &engine.plan.initiatives[row.initiative].draws;
            let texts: Vec<String> = row
                .lines
                .iter()
                .map(|line| one_line(engine.plan.source(draws[*line].0.mean.place)))
                .collect();
            Held::Formula(texts.join(" + "), value)
        }
    }
}

/// The key of a draw's row, `edge_cache.draws.checkout.roadmap`.
pub fn draw_key(plan: &Plan, row: &DrawRow) -> String {
    let initiative = plan.source(plan.initiatives[row.initiative].name);
    format!("{initiative}.draws.{}", from_id(plan, row.from))
}

/// The path of what an initiative draws from.
pub fn from_id(plan: &Plan, from: Draw) -> String {
    match from {
        Draw::Bucket(bucket) => plan.bucket_id(bucket as usize),
        Draw::Team(team) => plan.source(plan.teams[team as usize].name).to_owned(),
    }
}

/// The unit of a row's numbers.
pub fn unit(engine: &Engine, table: Table, index: usize, field: Field) -> UnitId {
    match (table, field) {
        (Table::KeyResults, Field::Baseline | Field::Target | Field::Actual) => {
            engine.plan.krs[index].unit
        }
        (Table::Metrics, Field::Value) => engine.plan.metrics[index].unit,
        (Table::Teams, Field::Leave) | (Table::Draws, Field::Draw) => UnitId::PERSON_WEEKS,
        (Table::Teams, Field::Focus) | (Table::Buckets, Field::Share) => UnitId::PERCENT,
        _ => UnitId::BARE,
    }
}
