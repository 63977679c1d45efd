use super::exceptions::Spared;
use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::Kind;
use crate::plan::model::Grading;

pub(super) const RULE: Rule = Rule {
    id: "all-or-nothing",
    says: "more than half of an objective's key results are `done`",
    evidence: "counts",
    principle: Some("easy to grade with a number"),
    mend: "ask what would be different once it is done, and count that",
    one: "an objective is all or nothing",
    many: "objectives are all or nothing",
    virtue: "measurable",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        let stated = &review.plan.objectives[objective];
        let krs = review.counted(objective);
        let done = krs.iter().filter(|&&kr| review.plan.krs[kr].grading == Grading::Done).count();
        if 2 * done <= krs.len() || review.spares(stated.owner, Spared::All) {
            continue;
        }
        let id = review.plan.source(stated.name);
        let message = match krs.len() {
            1 => format!("the only key result of `{id}` is done or not done"),
            of => format!("{done} of {of} key results of `{id}` are done or not done"),
        };
        review.give(At::new(Kind::Objective, objective), stated.name, message, RULE.mend);
    }
}
