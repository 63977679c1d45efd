use super::review::{Review, listed, moved};
use super::{At, Rule};
use crate::plan::cell::Kind;
use rustc_hash::FxHashSet;

pub(super) const RULE: Rule = Rule {
    id: "nobody-moves-it",
    says: "a key result that no initiative moves, or an initiative that moves nothing",
    evidence: "names",
    principle: Some("break down into initiatives"),
    mend: "add an initiative that `moves` or `closes` it, or ask why it is a goal",
    one: "a goal is moved by nobody",
    many: "goals are moved by nobody",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        key_results(review, objective);
    }
    let plan = review.plan;
    let needs = review.initiatives.iter().flat_map(|&it| &plan.initiatives[it].needs);
    let needed: FxHashSet<u32> = needs.map(|(needed, _)| *needed).collect();
    for index in review.initiatives.clone() {
        let initiative = &plan.initiatives[index];
        if moved(initiative).next().is_some() || needed.contains(&(index as u32)) {
            continue;
        }
        let id = review.plan.source(initiative.name);
        let message = format!("the initiative `{id}` moves no key result");
        let help = "say what it `moves` or `closes`, or leave it to the bucket for running things";
        review.give(At::new(Kind::Initiative, index), initiative.name, message, help);
    }
}

/// The key results of an objective that nobody moves: each alone, or the objective where that is so
/// of all of several. Without any plan of capacity there is nothing to break down.
fn key_results(review: &mut Review<'_>, objective: usize) {
    let stated = &review.plan.objectives[objective];
    let planned = stated.owner.is_some_and(|team| plans(review, team));
    if review.initiatives.is_empty() && !planned {
        return;
    }
    let movable: Vec<usize> =
        review.counted(objective).into_iter().filter(|&kr| review.can_be_moved(kr)).collect();
    let still = |kr: &usize| review.movers(*kr).is_empty();
    let idle: Vec<usize> = movable.iter().copied().filter(still).collect();
    let all = idle.len() == movable.len();
    let mut left = Vec::new();
    for kr in idle {
        if !review.silences(At::new(Kind::Kr, kr)) {
            left.push(kr);
        }
    }
    if all && left.len() > 1 {
        let names: Vec<String> = left.iter().map(|&kr| review.plan.kr_id(kr)).collect();
        let message = format!("no initiative moves {}", listed(&names));
        review.say(At::new(Kind::Objective, objective), stated.name, message, RULE.mend);
        return;
    }
    for kr in left {
        let message = format!("no initiative moves `{}`", review.plan.kr_id(kr));
        review.say(At::new(Kind::Kr, kr), review.plan.krs[kr].name, message, RULE.mend);
    }
}

/// Whether a team's capacity is written down.
fn plans(review: &Review<'_>, team: u32) -> bool {
    let team = &review.plan.teams[team as usize];
    team.people.is_some() || team.capacity.is_some() || !team.buckets.is_empty()
}
