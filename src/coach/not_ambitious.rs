use super::exceptions::Spared;
use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::{Field, Kind};
use crate::plan::model::KrKind;

/// Progress or confidence over it is as good as reached.
const REACHED: f64 = 0.9;

pub(super) const RULE: Rule = Rule {
    id: "not-ambitious",
    says: "the goal is already as good as reached",
    evidence: "progress over 0.9 before half the cycle, or confidence over 0.9 on every aspirational key result; a closed cycle's mean above the sweet spot",
    principle: Some("objectives are ambitious, somewhat uncomfortable"),
    mend: "aim higher, so that 60–70 % would be a good place to land; or say that it is `kind committed`",
    one: "a goal is not ambitious",
    many: "goals are not ambitious",
    virtue: "ambitious",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        if review.spares(review.plan.objectives[objective].owner, Spared::All) {
            continue;
        }
        let aspirational: Vec<usize> = review
            .counted(objective)
            .into_iter()
            .filter(|&kr| review.plan.krs[kr].kind == KrKind::Aspirational)
            .collect();
        for &kr in &aspirational {
            reached_early(review, objective, kr);
        }
        sure(review, objective, &aspirational);
    }
    for landing in review.landings() {
        if landing.mean > landing.sweet.1 + 1e-9 && !review.spares(landing.team, Spared::All) {
            let (low, high) = landing.sweet;
            let message = format!(
                "{} at {:.2}, above the sweet spot {low} .. {high}",
                landing.what, landing.mean
            );
            review.give_on(
                &landing,
                message,
                "aim higher next time: who always lands there has aimed too low",
            );
        }
    }
}

fn reached_early(review: &mut Review<'_>, objective: usize, kr: usize) {
    let cycle = review.plan.objectives[objective].cycle;
    let elapsed = cycle.and_then(|cycle| review.engine.elapsed(cycle as usize));
    let (Some(elapsed), Some(progress)) = (elapsed, review.number(Field::KrProgress, kr)) else {
        return;
    };
    if progress > REACHED + 1e-9 && elapsed < 0.5 - 1e-9 {
        let message = format!(
            "`{}` is {:.0}% of the way after {:.0}% of the cycle",
            review.plan.kr_id(kr),
            progress * 100.0,
            elapsed * 100.0
        );
        review.give(At::new(Kind::Kr, kr), review.plan.krs[kr].name, message, RULE.mend);
    }
}

fn sure(review: &mut Review<'_>, objective: usize, aspirational: &[usize]) {
    let confidences: Vec<Option<f64>> =
        aspirational.iter().map(|&kr| review.number(Field::KrConfidence, kr)).collect();
    let sure = |it: &Option<f64>| it.is_some_and(|it| it > REACHED + 1e-9);
    if confidences.is_empty() || !confidences.iter().all(sure) {
        return;
    }
    let least = confidences.into_iter().flatten().fold(1.0, f64::min);
    let id = review.plan.source(review.plan.objectives[objective].name);
    let message = match aspirational.len() {
        1 => format!("the confidence of the aspirational key result of `{id}` is {least:.2}"),
        count => format!(
            "the confidence of all {count} aspirational key results of `{id}` is at least {least:.2}"
        ),
    };
    let place = review.plan.objectives[objective].name;
    review.give(At::new(Kind::Objective, objective), place, message, RULE.mend);
}
