use super::review::{Review, days};
use super::{At, Rule};
use crate::engine::AsOfSource;
use crate::plan::cell::{Field, Kind};
use crate::plan::model::{Grading, KrKind};

/// So many days without a check-in are too many.
const MOST_DAYS: i32 = 21;

pub(super) const RULE: Rule = Rule {
    id: "stale",
    says: "no check-in for three weeks within the cycle",
    evidence: "dates",
    principle: None,
    mend: "`okr checkin` writes down what you see, even if nothing has moved",
    one: "a key result is stale",
    many: "key results are stale",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    // Where nothing was checked in and no day was asked for, the day says nothing.
    let known = matches!(
        review.engine.moment.source,
        AsOfSource::Given | AsOfSource::Today | AsOfSource::NewestCheckin
    );
    for objective in review.objectives.clone().into_iter().filter(|_| known) {
        for kr in review.krs(objective) {
            judge(review, objective, kr);
        }
    }
}

fn judge(review: &mut Review<'_>, objective: usize, kr: usize) {
    let (Some(cycle), Some(as_of)) = (review.plan.objectives[objective].cycle, review.as_of())
    else {
        return;
    };
    let cycle = &review.plan.cycles[cycle as usize];
    let stated = &review.plan.krs[kr];
    if stated.actual.is_some() || as_of < cycle.from || is_settled(review, kr) {
        return;
    }
    let last = review.checkins(kr).last().map(|checkin| checkin.date);
    let since = last.map_or(cycle.from, |last| last.max(cycle.from));
    let gone = days(since, as_of.min(cycle.to));
    if gone < MOST_DAYS {
        return;
    }
    let id = review.plan.kr_id(kr);
    let message = match last {
        Some(last) => format!("the last check-in of `{id}` is {gone} days old: {last}"),
        None => format!("`{id}` has no check-in, {gone} days after the cycle began"),
    };
    review.give(At::new(Kind::Kr, kr), stated.name, message, RULE.mend);
}

/// Whether there is nothing more to be seen: it is done or reached, or other cells grade it.
fn is_settled(review: &Review<'_>, kr: usize) -> bool {
    let stated = &review.plan.krs[kr];
    let actual = || review.number(Field::KrActual, kr);
    match stated.grading {
        Grading::Keep(_) => false,
        Grading::Done => actual() == Some(1.0),
        Grading::Milestones(_, count) => actual() == Some(f64::from(count) - 1.0),
        Grading::Formula(_) if !review.reads_own_actual(kr) => true,
        _ if stated.kind == KrKind::Guardrail => false,
        _ => review.number(Field::KrGrade, kr).is_some_and(|grade| grade >= 1.0 - 1e-9),
    }
}
