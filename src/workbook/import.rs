//! A returning workbook, from its cells to the changed text of the plan: merged, written, read again
//! and compared, before anything is saved.

use super::columns::{Field, Role, Table};
use super::guard::Refusal;
use super::held::{Held, draw_held, held};
use super::layout::Layout;
use super::merge::{self, Ask, New, Options, Outcome, Todo, returned};
use super::receipt::Receipt;
use super::refused::take_out;
use super::sift::Returned;
use super::snapshot::same_number;
use super::write::{Edits, edits};
use crate::diagnostic::Problem;
use crate::engine::{AsOf, Engine, Options as Look, Value};
use crate::plan::{self, Plan};
use crate::syntax::edit;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A merge that is ready to be saved.
#[derive(Debug)]
pub struct Prepared {
    /// What it does.
    pub receipt: Receipt,
    /// The splices of each file.
    pub edits: Edits,
}

/// Why nothing can be merged.
#[derive(Debug)]
pub enum Failure {
    /// The workbook is refused.
    Refused(Refusal),
    /// A change has no place in the plan's text, or would not come out as it was meant.
    Unwritable(String, Box<Receipt>),
    /// The plan would have these problems, which it has not now.
    Problems(Box<Plan>, Vec<Problem>, Box<Receipt>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

/// Merges a workbook with a plan. Nothing is saved.
///
/// # Errors
///
/// If the workbook is refused, or its changes cannot be made.
pub fn prepare(
    book: &Returned,
    plan: &Arc<Plan>,
    problems: &[Problem],
    options: &Options,
    receipt: Receipt,
    ask: &mut Ask<'_>,
) -> Result<Prepared, Failure> {
    let mut outcome = merge::read(book, plan, options, receipt, ask)?;
    drop_pasted(&mut outcome, options);
    let start = outcome.receipt.clone();
    let edits = match checked(&mut outcome, options, problems) {
        Ok(edits) => edits,
        Err(failure) => match take_out(&mut outcome, &start, &failure, options, problems) {
            Some(()) => checked(&mut outcome, options, problems)?,
            None => return Err(failure),
        },
    };
    let mut receipt = outcome.receipt;
    receipt.changes.retain(|change| !change.kind.is_empty());
    receipt.not_taken.sort();
    Ok(Prepared { receipt, edits })
}

/// The splices of a merge, of which the plan will be sound and hold exactly what is meant.
///
/// # Errors
///
/// If a change has no place, the plan would have new problems, or would not hold what is meant.
pub(super) fn checked(
    outcome: &mut Outcome,
    options: &Options,
    problems: &[Problem],
) -> Result<Edits, Failure> {
    let edits = match edits(outcome, options) {
        Ok(edits) => edits,
        Err(why) => return Err(Failure::Unwritable(why.0, Box::new(outcome.receipt.clone()))),
    };
    if !edits.is_empty() {
        verify(outcome, &edits, problems, &dropped(&outcome.receipt))?;
    }
    Ok(edits)
}

/// The changes that were taken back, by their lines.
fn dropped(receipt: &Receipt) -> Vec<usize> {
    let all = receipt.changes.iter().enumerate();
    all.filter(|(_, change)| change.kind.is_empty()).map(|(line, _)| line).collect()
}

/// The plan with edits made, read and computed again.
fn edited(engine: &Engine, edits: &Edits) -> Result<(Engine, Vec<Problem>), String> {
    let sources = &engine.plan.sources;
    let texts = edits
        .iter()
        .map(|(file, splices)| Ok((*file, edit::apply(sources.get(*file).text(), splices)?)))
        .collect::<Result<Vec<_>, edit::EditError>>();
    let texts = texts.map_err(|error| error.to_string())?;
    let loaded = plan::load_again(sources, texts).map_err(|error| error.to_string())?;
    let (plan, problems) = plan::resolve(loaded);
    let as_of = engine.moment.as_of.map_or(AsOf::Default, AsOf::Date);
    let look = Look { as_of, ..engine.options };
    Ok((Engine::new(Arc::new(plan), look), problems))
}

/// A constant that is what the sheet's own inputs give was pasted over its formula: no change.
fn drop_pasted(outcome: &mut Outcome, options: &Options) {
    let is_candidate =
        |todo: &Todo| matches!(todo, Todo::Set { replaces_formula: true, new: New::Number(_), .. });
    if !outcome.todo.iter().any(is_candidate) {
        return;
    }
    let all = outcome.todo.clone();
    let receipt = outcome.receipt.clone();
    outcome.todo.retain(|todo| !is_candidate(todo));
    let trial = edits(outcome, options).ok().filter(|edits| !edits.is_empty());
    let engine = trial.and_then(|edits| edited(&outcome.engine, &edits).ok());
    outcome.todo = all;
    outcome.receipt = receipt;
    let Some((after, _)) = engine else { return };
    let layout = Layout::of(&after);
    let index = merge::index(&after, &layout);
    let mut pasted = Vec::new();
    for todo in outcome.todo.iter().filter(|todo| is_candidate(todo)) {
        let Todo::Set { table, field, new: New::Number(number), line, .. } = todo else { continue };
        let Some(change) = outcome.receipt.changes.get(*line) else { continue };
        let Some(&at) = index.get(&(*table, change.key.clone())) else { continue };
        let held = held(&after, *table, at, *field);
        if let Held::Formula(text, Value::Number(value)) = held
            && (same_number(value, *number) || (value - number).abs() <= 1e-12 * value.abs())
        {
            pasted.push((*line, text));
        }
    }
    for (line, text) in pasted {
        let change = &mut outcome.receipt.changes[line];
        change.kind = "";
        let cell = change.cell.clone();
        let message = format!("holds what the sheet's own inputs give, pasted; `{text}` stays");
        outcome.receipt.warn(cell, message);
        outcome.todo.retain(|todo| !matches!(todo, Todo::Set { line: it, .. } if *it == line));
    }
}

/// What every input of a plan holds, by table, key and field.
type Contents = FxHashMap<(Table, String, Field), Held>;

fn contents(engine: &Engine) -> Contents {
    let layout = Layout::of(engine);
    let mut contents = Contents::default();
    for ((table, key), at) in merge::index(engine, &layout) {
        for column in table.columns().iter().filter(|it| it.role == Role::Input) {
            let held = match table {
                Table::Draws => draw_held(engine, &layout.draws[at]),
                _ => held(engine, table, at, column.field),
            };
            contents.insert((table, key.clone(), column.field), held);
        }
    }
    contents
}

/// The parsed result must be the plan with exactly the changes of the receipt.
fn verify(
    outcome: &Outcome,
    edits: &Edits,
    problems: &[Problem],
    dropped: &[usize],
) -> Result<(), Failure> {
    let failed = |why: String| Failure::Unwritable(why, Box::new(outcome.receipt.clone()));
    let (after, mut new_problems) = edited(&outcome.engine, edits).map_err(failed)?;
    new_problems.extend(after.problems());
    let known: Vec<String> = problems
        .iter()
        .cloned()
        .chain(outcome.engine.problems())
        .map(|problem| problem.message)
        .collect();
    new_problems.retain(|it| it.is_error() && !known.contains(&it.message));
    if !new_problems.is_empty() {
        let plan = Arc::try_unwrap(after.plan).unwrap_or_default();
        let receipt = Box::new(outcome.receipt.clone());
        return Err(Failure::Problems(Box::new(plan), new_problems, receipt));
    }
    let (before, now) = (contents(&outcome.engine), contents(&after));
    let wanted = wanted(outcome, dropped);
    let other = now.iter().filter(|(place, held)| {
        let as_wanted = match (wanted.get(*place), before.get(*place)) {
            (Some(wanted), _) => wanted.as_ref().is_none_or(|wanted| is(held, wanted)),
            (None, Some(before)) => same(before, held),
            // Of a new key result everything is new.
            (None, None) => place.0 == Table::KeyResults,
        };
        !as_wanted
    });
    // The same one of several, whatever else is changed.
    let first = other.map(|((table, key, field), _)| {
        let word = table.column(*field).map_or("", |column| column.header);
        format!("the change of `{key}` would not come out as it is meant ({word}), so nothing is written")
    });
    if let Some(why) = first.min() {
        return Err(failed(why));
    }
    let gone: Vec<&str> = deleted_keys(outcome);
    let lost = before.keys().find(|it| {
        !now.contains_key(*it)
            && !gone.iter().any(|gone| it.1 == *gone || it.1.starts_with(&format!("{gone}.")))
    });
    match lost {
        Some((_, key, _)) => Err(failed(format!("`{key}` would be lost, so nothing is written"))),
        None => Ok(()),
    }
}

/// What cells are to hold; `None` where that follows from what is left, as after a deletion.
fn wanted(outcome: &Outcome, dropped: &[usize]) -> FxHashMap<(Table, String, Field), Option<New>> {
    let keys: FxHashMap<(Table, usize), String> = merge::index(&outcome.engine, &outcome.layout)
        .into_iter()
        .map(|((t, k), i)| ((t, i), k))
        .collect();
    let mut wanted = FxHashMap::default();
    for todo in &outcome.todo {
        match todo {
            Todo::Set { table, index, field, new, line, .. } if !dropped.contains(line) => {
                let Some(key) = keys.get(&(*table, *index)) else { continue };
                let free = *new == New::Nothing || *field == Field::Note;
                let new = (!free).then(|| new.clone());
                wanted.insert((*table, key.clone(), *field), new);
                // With the check-in of an actual its confidence may go.
                if *field == Field::Actual && free {
                    let confidence = (*table, key.clone(), Field::Confidence);
                    wanted.entry(confidence).or_insert(None);
                }
            }
            Todo::Note { kr, .. } => {
                if let Some(key) = keys.get(&(Table::KeyResults, *kr)) {
                    wanted.insert((Table::KeyResults, key.clone(), Field::Note), None);
                }
            }
            _ => {}
        }
    }
    wanted
}

fn deleted_keys(outcome: &Outcome) -> Vec<&str> {
    let all = outcome.receipt.deletions.iter();
    all.filter(|it| it.applied && it.field.is_empty()).map(|it| it.key.as_str()).collect()
}

fn is(held: &Held, wanted: &New) -> bool {
    match (held, wanted) {
        (Held::Number(one), New::Number(other)) => same_number(*one, *other),
        (Held::Text(one), New::Text(other)) => returned(one) == *other,
        (Held::Empty, New::Nothing) => true,
        _ => false,
    }
}

/// Whether a cell still says the same; a formula's result may have moved.
fn same(before: &Held, after: &Held) -> bool {
    match (before, after) {
        (Held::Formula(one, _), Held::Formula(other, _)) => one == other,
        (Held::Number(one), Held::Number(other)) => same_number(*one, *other),
        (one, other) => one == other,
    }
}
