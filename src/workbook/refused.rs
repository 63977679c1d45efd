//! Changes that the plan refuses: which cells they come from, so that these are listed as not taken
//! and the others apply.

use super::import::{Failure, checked};
use super::merge::{Options, Outcome, Todo};
use super::receipt::{NotTaken, Receipt};
use super::write::place_of;
use crate::diagnostic::Problem;

/// So many cells are looked for; more are a failure of the whole.
const MOST: usize = 50;

/// Takes the changes out that make a merge fail, and lists their cells as not taken; `None` if the
/// failure comes from something else. `start` is the receipt before anything was written.
pub fn take_out(
    outcome: &mut Outcome,
    start: &Receipt,
    failure: &Failure,
    options: &Options,
    problems: &[Problem],
) -> Option<()> {
    let mut trial = Trial { outcome, start: start.clone(), options, problems };
    let mut fault = Fault::of(failure)?;
    for _ in 0..MOST {
        let culprit = trial.culprit(&fault)?;
        trial.list(culprit, &fault)?;
        let all = trial.outcome.todo.clone();
        match trial.of(all) {
            None => {
                let Trial { outcome, start, .. } = trial;
                outcome.receipt = start;
                return Some(());
            }
            Some(next) => fault = next,
        }
    }
    None
}

/// What is wrong with a merge.
struct Fault {
    /// Each in words, by which it is known again.
    words: Vec<String>,
    /// Why the first cell is not taken.
    reason: String,
}

impl Fault {
    fn of(failure: &Failure) -> Option<Self> {
        match failure {
            Failure::Refused(_) => None,
            Failure::Unwritable(why, _) => {
                let reason = "the plan would not hold it as it is meant".to_owned();
                Some(Self { words: vec![why.clone()], reason })
            }
            Failure::Problems(_, problems, _) => {
                let words = problems.iter().map(|problem| problem.message.clone()).collect();
                let first = problems.first()?;
                let help = match first.help.as_str() {
                    "" => String::new(),
                    help => format!(" ({help})"),
                };
                let reason = format!("the plan refuses it: {}{help}", first.message);
                Some(Self { words, reason })
            }
        }
    }
}

struct Trial<'a> {
    outcome: &'a mut Outcome,
    /// The receipt with what was taken out so far.
    start: Receipt,
    options: &'a Options,
    problems: &'a [Problem],
}

impl Trial<'_> {
    /// What is wrong if only this is done.
    fn of(&mut self, todo: Vec<Todo>) -> Option<Fault> {
        let all = std::mem::replace(&mut self.outcome.todo, todo);
        self.outcome.receipt = self.start.clone();
        let failure = checked(self.outcome, self.options, self.problems).err();
        self.outcome.todo = all;
        self.outcome.receipt = self.start.clone();
        failure.and_then(|failure| Fault::of(&failure))
    }

    /// The change with which a fault appears, by its place; what one row has changed is seen together.
    fn culprit(&mut self, fault: &Fault) -> Option<usize> {
        let word = fault.words.first()?;
        let mut order: Vec<usize> = (0..self.outcome.todo.len()).collect();
        let rows: Vec<_> = self.outcome.todo.iter().map(row).collect();
        order.sort_by_key(|&at| (rows[at], at));
        let starts: Vec<usize> = (0..order.len())
            .filter(|&at| at == 0 || rows[order[at]] != rows[order[at - 1]])
            .chain([order.len()])
            .collect();
        let group = self.boundary(word, &order, &starts)?;
        let within: Vec<usize> = (starts[group]..=starts[group + 1]).collect();
        let at = self.boundary(word, &order, &within)?;
        order.get(within[at]).copied()
    }

    /// The step from one number of changes to the next with which a fault appears.
    fn boundary(&mut self, word: &str, order: &[usize], steps: &[usize]) -> Option<usize> {
        let (mut sound, mut unsound) = (0, steps.len().checked_sub(1)?);
        while unsound > sound + 1 {
            let middle = sound.midpoint(unsound);
            let some = order[..steps[middle]].iter().map(|&at| self.outcome.todo[at].clone());
            let fault = self.of(some.collect());
            match fault.is_some_and(|fault| fault.words.iter().any(|it| it == word)) {
                true => unsound = middle,
                false => sound = middle,
            }
        }
        (unsound == sound + 1).then_some(sound)
    }

    /// Takes a change out and lists its cell; `None` for a deletion, which is refused as it is.
    fn list(&mut self, culprit: usize, fault: &Fault) -> Option<()> {
        let Outcome { todo, engine, layout, .. } = &mut *self.outcome;
        let plan = &engine.plan;
        let (line, place) = match todo.get(culprit)? {
            Todo::Set { table, index, field, line, .. } => {
                (*line, place_of(engine, layout, *table, *index, *field))
            }
            Todo::Note { kr, line, .. } => (*line, Some(plan.krs[*kr].name)),
            Todo::NewKr(new) => (new.line, None),
            Todo::Delete { .. } => return None,
        };
        let change = self.start.changes.get_mut(line)?;
        change.kind = "";
        self.start.not_taken.push(NotTaken {
            cell: change.cell.clone(),
            value: change.to.clone().unwrap_or_default(),
            reason: fault.reason.clone(),
            at: place.map(|place| plan.line_of(place)),
        });
        todo.remove(culprit);
        Some(())
    }
}

/// Whose a change is.
fn row(todo: &Todo) -> (u8, usize) {
    use super::columns::Table;
    match todo {
        Todo::Set { table, index, .. } | Todo::Delete { table, index } => (*table as u8, *index),
        Todo::Note { kr, .. } => (Table::KeyResults as u8, *kr),
        Todo::NewKr(new) => (u8::MAX, new.line),
    }
}
