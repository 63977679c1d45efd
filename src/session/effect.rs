//! What a change did: grades that moved, problems that are new, assertions that broke.

use super::Session;
use crate::diagnostic::{self, Problem};
use crate::engine::{Engine, Value, Verdict};
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a change of the plan did.
#[derive(Debug, Default)]
pub struct Effect {
    /// The grades that moved: key results first, then objectives, teams and cycles.
    pub moved: Vec<Moved>,
    /// Problems of the plan, assertions aside, that it did not have before.
    pub problems: Vec<Problem>,
    /// Assertions that held before, or were not there, and do not hold now.
    pub broken: Vec<Problem>,
    /// How many errors and warnings there were before and are no more.
    pub mended: usize,
}

/// A grade that moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// What has it: `speed.latency`, or the cell where it is a projection.
    pub path: String,
    /// The grade before; `None` if there was none to have.
    pub before: Option<Value>,
    /// The grade now; `None` if what had it is gone.
    pub after: Option<Value>,
    /// Its colour now.
    pub band: Option<&'static str>,
}

/// The fields that are compared, those of one kind of thing together.
const GRADES: [(Field, bool); 8] = [
    (Field::KrGrade, false),
    (Field::ObjectiveGrade, false),
    (Field::TeamGrade, false),
    (Field::CycleGrade, false),
    (Field::KrProjectedGrade, true),
    (Field::ObjectiveProjectedGrade, true),
    (Field::TeamProjectedGrade, true),
    (Field::CycleProjectedGrade, true),
];

/// How many key results a plan may have for their projected grades to be compared.
const MOST_PROJECTED: usize = 10_000;

/// A plan with its grades and problems at one time.
pub(super) struct Standing {
    /// `None` where an edit in place leaves every name as it is.
    plan: Option<Arc<Plan>>,
    grades: Vec<Vec<Value>>,
    problems: Vec<Problem>,
    failing: Vec<String>,
}

impl Standing {
    /// The session as it stands; its engine has been computed.
    pub fn of(session: &Session) -> Self {
        let plan = Some(Arc::clone(&session.plan));
        let Some(engine) = session.computed_already() else {
            return Self { plan, grades: Vec::new(), problems: Vec::new(), failing: Vec::new() };
        };
        let mut problems = session.problems.clone();
        problems.extend(engine.problems());
        let failing = session.failing(engine).iter().map(|it| it.message.clone()).collect();
        Self { plan, grades: grades(engine), problems, failing }
    }

    /// The same for a plan that is edited in place, and nobody else may hold.
    pub fn in_place(session: &Session) -> Self {
        Self { plan: None, ..Self::of(session) }
    }
}

/// Every grade, by field.
fn grades(engine: &Engine) -> Vec<Vec<Value>> {
    // In a very large plan all that is projected is too much for one edit.
    let projects = !engine.plan.initiatives.is_empty() && engine.plan.krs.len() <= MOST_PROJECTED;
    let of = |(field, projected): (Field, bool)| match projected && !projects {
        true => Vec::new(),
        false => {
            let all = 0..count(&engine.plan, field);
            all.map(|index| engine.read(Cell::new(field, index))).collect()
        }
    };
    GRADES.into_iter().map(of).collect()
}

fn count(plan: &Plan, field: Field) -> usize {
    match field {
        Field::KrGrade | Field::KrProjectedGrade => plan.krs.len(),
        Field::ObjectiveGrade | Field::ObjectiveProjectedGrade => plan.objectives.len(),
        Field::TeamGrade | Field::TeamProjectedGrade => plan.teams.len(),
        _ => plan.cycles.len(),
    }
}

impl Session {
    /// The problems of assertions that fail in the view.
    fn failing(&self, engine: &Engine) -> Vec<Problem> {
        let outcomes = engine.assertions();
        let failing = outcomes.into_iter().filter(|it| matches!(it.verdict, Verdict::Fails(_)));
        self.assertion_problems(&failing.collect::<Vec<_>>())
    }

    /// What has changed since the session stood like this.
    pub(super) fn effect(&self, before: &Standing) -> Effect {
        let Some(engine) = self.computed_already() else { return Effect::default() };
        let now = Standing::of(self);
        let fresh = |problems: &[Problem], old: &[Problem]| {
            let old: std::collections::HashSet<&str> =
                old.iter().map(|it| it.message.as_str()).collect();
            let new = problems.iter().filter(|it| !old.contains(it.message.as_str()));
            new.cloned().collect::<Vec<_>>()
        };
        let mut problems = fresh(&now.problems, &before.problems);
        diagnostic::in_file_order(&mut problems);
        let failing = self.failing(engine);
        let known = |it: &&Problem| before.failing.iter().any(|old| same_claim(old, &it.message));
        let broken = failing.iter().filter(|it| !known(it)).cloned().collect();
        Effect {
            moved: moved(before, &now, engine),
            problems,
            broken,
            mended: fresh(&before.problems, &now.problems).len(),
        }
    }
}

/// Whether two messages are about the same assertion: all but the values that it reads.
fn same_claim(a: &str, b: &str) -> bool {
    let claim = |text: &str| text.rsplit_once(" (").map_or(text.len(), |(claim, _)| claim.len());
    a[..claim(a)] == b[..claim(b)]
}

fn moved(before: &Standing, now: &Standing, engine: &Engine) -> Vec<Moved> {
    let mut found = Vec::new();
    for (at, (field, projected)) in GRADES.into_iter().enumerate() {
        let empty = Vec::new();
        let old = before.grades.get(at).unwrap_or(&empty);
        let new = now.grades.get(at).unwrap_or(&empty);
        if old.len() == new.len() && same_names(before, now, field, old, new) {
            let pairs = old.iter().zip(new).enumerate().filter(|(_, (old, new))| old != new);
            found.extend(pairs.map(|(index, (old, new))| {
                let path = name(&engine.plan, field, index, projected);
                let band = band(engine, field, index, *new);
                Moved { path, before: Some(*old), after: Some(*new), band }
            }));
        } else {
            by_name(before, (field, projected), (old, new), engine, &mut found);
        }
    }
    found
}

/// Whether things of the same number are the same things, as far as their grades differ.
fn same_names(
    before: &Standing,
    now: &Standing,
    field: Field,
    old: &[Value],
    new: &[Value],
) -> bool {
    let (Some(before), Some(now)) = (&before.plan, &now.plan) else { return true };
    let differs = (0..old.len()).filter(|&at| old[at] != new[at]);
    let names = |at| (name(before, field, at, false), name(now, field, at, false));
    differs.map(names).all(|(old, new)| old == new)
}

fn by_name(
    before: &Standing,
    (field, projected): (Field, bool),
    (old, new): (&[Value], &[Value]),
    engine: &Engine,
    found: &mut Vec<Moved>,
) {
    let names = |plan: &Plan, count: usize| {
        (0..count).map(|index| name(plan, field, index, projected)).collect::<Vec<_>>()
    };
    let Some(old_plan) = &before.plan else { return };
    let old_names = names(old_plan, old.len());
    let mut left: FxHashMap<&str, Value> =
        old_names.iter().map(String::as_str).zip(old.iter().copied()).collect();
    for (index, path) in names(&engine.plan, new.len()).into_iter().enumerate() {
        let was = left.remove(path.as_str());
        let graded = was.is_some() || new[index].number().is_some();
        if was != Some(new[index]) && graded {
            let band = band(engine, field, index, new[index]);
            found.push(Moved { path, before: was, after: Some(new[index]), band });
        }
    }
    for path in &old_names {
        if let Some(was) = left.remove(path.as_str()) {
            found.push(Moved { path: path.clone(), before: Some(was), after: None, band: None });
        }
    }
}

fn name(plan: &Plan, field: Field, index: usize, projected: bool) -> String {
    match projected {
        true => plan.cell_name(Cell::new(field, index)),
        false => plan.thing_name(field.entry().kind, index as u32),
    }
}

fn band(engine: &Engine, field: Field, index: usize, value: Value) -> Option<&'static str> {
    let thresholds = match field {
        Field::KrGrade | Field::KrProjectedGrade => {
            engine.objective_thresholds(engine.plan.krs[index].objective as usize)
        }
        Field::ObjectiveGrade | Field::ObjectiveProjectedGrade => {
            engine.objective_thresholds(index)
        }
        Field::TeamGrade | Field::TeamProjectedGrade => engine.team_thresholds(Some(index as u32)),
        _ => engine.thresholds(),
    };
    let krs = || engine.plan.objectives[index].krs.clone();
    if field == Field::ObjectiveGrade && krs().any(|kr| engine.is_broken(kr as usize)) {
        return Some(crate::engine::Band::Red.word());
    }
    value.number().map(|grade| thresholds.band(grade).word())
}
