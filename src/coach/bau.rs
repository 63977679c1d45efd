use super::exceptions::Spared;
use super::review::{Review, listed};
use super::{At, Rule};
use crate::plan::cell::Kind;
use crate::plan::model::TextPlace;

pub(super) const RULE: Rule = Rule {
    id: "bau",
    says: "business as usual",
    evidence: "words such as continue, keep the lights on, regular, support; an objective whose initiatives all draw from `bau` teams' buckets",
    principle: Some("OKRs are not BAU"),
    mend: "leave it to the bucket for running things, and write down what is to change",
    one: "a goal is business as usual",
    many: "goals are business as usual",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        if review.spares(review.plan.objectives[objective].owner, Spared::All) {
            continue;
        }
        let at = At::new(Kind::Objective, objective);
        let stated = review.plan.objectives[objective].title;
        title(review, at, stated, review.word(RULE.id, stated));
        for kr in review.counted(objective) {
            let at = At::new(Kind::Kr, kr);
            title(review, at, review.plan.krs[kr].title, review.kr_word(RULE.id, kr));
        }
        drawn(review, objective);
    }
}

fn title(review: &mut Review<'_>, at: At, title: TextPlace, word: Option<String>) {
    if let Some(word) = word {
        let path = at.path(review.plan);
        let message = format!("the title of `{path}` is that of business as usual: \"{word}\"");
        review.give(at, title.0, message, RULE.mend);
    }
}

/// All that moves the objective is done by BAU teams.
fn drawn(review: &mut Review<'_>, objective: usize) {
    let plan = review.plan;
    let krs = plan.objectives[objective].krs.clone();
    let mut movers: Vec<usize> = krs.flat_map(|kr| review.movers(kr as usize).to_vec()).collect();
    movers.sort_unstable();
    movers.dedup();
    let mut draws = movers.iter().flat_map(|&it| &plan.initiatives[it].draws).peekable();
    if draws.peek().is_none() {
        return;
    }
    if draws.all(|(_, draw)| review.is_kind(Some(review.drawn(*draw)), "bau")) {
        let names: Vec<String> =
            movers.iter().map(|&it| plan.source(plan.initiatives[it].name).to_owned()).collect();
        let stated = &plan.objectives[objective];
        let id = plan.source(stated.name);
        let message =
            format!("all that moves `{id}` draws from BAU teams' buckets: {}", listed(&names));
        review.give(At::new(Kind::Objective, objective), stated.name, message, RULE.mend);
    }
}
