use super::review::Review;
use super::{At, Rule, words};
use crate::plan::cell::Kind;
use crate::plan::model::TextPlace;

pub(super) const RULE: Rule = Rule {
    id: "performance-review",
    says: "grades tied to people's appraisal",
    evidence: "words such as bonus, appraisal, rating in a title; a `lead` alone on every key result of an objective",
    principle: Some("no performance review"),
    mend: "keep pay and appraisal out of the grades: who is paid by them will aim low",
    one: "a goal reads like a performance review",
    many: "goals read like performance reviews",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        let at = At::new(Kind::Objective, objective);
        title(review, at, review.plan.objectives[objective].title);
        for kr in review.krs(objective) {
            title(review, At::new(Kind::Kr, kr), review.plan.krs[kr].title);
        }
        leads(review, objective);
    }
    for initiative in review.initiatives.clone() {
        let at = At::new(Kind::Initiative, initiative);
        title(review, at, review.plan.initiatives[initiative].title);
    }
}

fn title(review: &mut Review<'_>, at: At, title: TextPlace) {
    if let Some(word) = review.word(RULE.id, title) {
        let message = format!(
            "the title of `{}` ties it to people's appraisal: \"{word}\"",
            at.path(review.plan)
        );
        review.give(at, title.0, message, RULE.mend);
    }
}

/// Every key result has one person's name on it.
fn leads(review: &mut Review<'_>, objective: usize) {
    let krs = review.counted(objective);
    let alone = |kr: &usize| {
        let lead = review.plan.krs[*kr].remarks.as_ref().and_then(|remarks| remarks.lead);
        lead.is_some_and(|lead| is_one_person(&review.title(lead)))
    };
    if krs.len() < 2 || !krs.iter().all(alone) {
        return;
    }
    let stated = &review.plan.objectives[objective];
    let id = review.plan.source(stated.name);
    let message = format!("each of the {} key results of `{id}` is one person's `lead`", krs.len());
    let help = "the team owns the key results: name a lead for the objective, or none";
    review.give(At::new(Kind::Objective, objective), stated.name, message, help);
}

/// Whether a lead names one person, perhaps with a title behind a comma, not several.
fn is_one_person(lead: &str) -> bool {
    let several = ["&", "+", "/", ";"].iter().any(|sign| lead.contains(sign));
    !several && !words::tokens(lead).iter().any(|word| matches!(word.as_str(), "and" | "team"))
}
