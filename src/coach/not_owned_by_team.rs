use super::review::Review;
use super::{At, Rule, words};
use crate::plan::cell::Kind;
use crate::plan::model::TextPlace;

/// Titles of those who should not own what a team owns.
const TITLES: [&[&str]; 5] =
    [&["product", "manager"], &["product", "owner"], &["owner"], &["pm"], &["po"]];

pub(super) const RULE: Rule = Rule {
    id: "not-owned-by-team",
    says: "one person owns it",
    evidence: "every key result of an objective has the same `lead`, or a lead whose title is product manager or owner",
    principle: Some("the team owns the OKRs"),
    mend: "let the team own it: share the leads among those who do the work, or leave them out",
    one: "one person owns an objective",
    many: "objectives are owned by one person",
    virtue: "owned by the team",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        let at = At::new(Kind::Objective, objective);
        let stated = &review.plan.objectives[objective];
        let id = review.plan.source(stated.name);
        let krs = review.counted(objective);
        let lead = |kr: &usize| review.plan.krs[*kr].remarks.as_ref()?.lead;
        let leads: Vec<Option<String>> =
            krs.iter().map(|kr| lead(kr).map(|lead| review.title(lead))).collect();
        let same = |it: &Option<String>| it.is_some() && name(it) == name(&leads[0]);
        if leads.len() > 1 && leads.iter().all(same) {
            let who = leads[0].clone().unwrap_or_default();
            let all = if leads.len() == 2 { "both".into() } else { format!("all {}", leads.len()) };
            let message = format!("{all} key results of `{id}` have the same lead, {who}");
            review.give(at, stated.name, message, RULE.mend);
            continue;
        }
        let of_krs = krs.iter().filter_map(|kr| Some((At::new(Kind::Kr, *kr), lead(kr)?)));
        let all = stated.remarks.lead.map(|lead| (at, lead)).into_iter().chain(of_krs);
        let titled: Vec<(At, TextPlace)> =
            all.filter(|(_, lead)| has_title(&review.title(*lead))).collect();
        for (at, lead) in titled {
            let who = review.title(lead);
            let path = at.path(review.plan);
            let message = format!("the lead of `{path}` is {who}: the team owns it, not the role");
            review.give(at, lead.0, message, RULE.mend);
        }
    }
}

/// The name without the title behind a comma.
fn name(lead: &Option<String>) -> String {
    let lead = lead.as_deref().unwrap_or_default();
    lead.split(',').next().unwrap_or_default().trim().to_lowercase()
}

fn has_title(lead: &str) -> bool {
    let words = words::tokens(lead);
    TITLES.iter().any(|title| words.windows(title.len()).any(|window| window == *title))
}
