use super::review::Review;
use super::words::{GROWTH, SPEED};
use super::{At, Rule};
use crate::plan::cell::{Field, Kind};
use crate::plan::model::{Grading, KrKind};
use crate::quantity::{CURRENCIES, family};

pub(super) const RULE: Rule = Rule {
    id: "single-guardrail-risk",
    says: "an objective that rewards speed or growth alone, without a guardrail",
    evidence: "counts",
    principle: None,
    mend: "add a key result of `kind guardrail` for what must not suffer, such as errors or complaints",
    one: "an objective has no guardrail",
    many: "objectives have no guardrail",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        let krs = review.krs(objective);
        let guards = |kr: &usize| {
            let kr = &review.plan.krs[*kr];
            kr.kind == KrKind::Guardrail || matches!(kr.grading, Grading::Keep(_))
        };
        if krs.is_empty() || krs.iter().any(guards) {
            continue;
        }
        let rewards: Vec<Option<&str>> = krs.iter().map(|&kr| reward(review, kr)).collect();
        if rewards.iter().any(Option::is_none) {
            continue;
        }
        let count = |topic: &str| rewards.iter().filter(|it| **it == Some(topic)).count();
        let counts: Vec<String> = [SPEED, GROWTH]
            .into_iter()
            .filter(|topic| count(topic) > 0)
            .map(|topic| format!("{topic} ({} of {})", count(topic), krs.len()))
            .collect();
        let stated = &review.plan.objectives[objective];
        let id = review.plan.source(stated.name);
        let message = format!(
            "all that the key results of `{id}` reward is {}, without a guardrail",
            counts.join(" and ")
        );
        review.give(At::new(Kind::Objective, objective), stated.name, message, RULE.mend);
    }
}

/// What a key result rewards: speed, growth, or something else.
fn reward(review: &Review<'_>, kr: usize) -> Option<&'static str> {
    let stated = &review.plan.krs[kr];
    let way = review.number(Field::KrTarget, kr).zip(review.number(Field::KrBaseline, kr));
    let (up, down) = way.map_or((false, false), |(to, from)| (to > from, to < from));
    let unit = review.plan.units.word(stated.unit);
    let is_time = family(unit).contains(&"ms");
    let is_money = CURRENCIES.iter().any(|(_, word)| *word == unit);
    if review.word(SPEED, stated.title).is_some() || is_time && down {
        return Some(SPEED);
    }
    let grows = review.word(GROWTH, stated.title).is_some() || is_money;
    (up && grows).then_some(GROWTH)
}
