use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::Kind;

pub(super) const RULE: Rule = Rule {
    id: "no-voice",
    says: "the delivery team did not speak",
    evidence: "no feedback, agreed, declined or initiative by the owner",
    principle: Some("the tech lead is a key contributor"),
    mend: "let the team answer before the cycle begins: `feedback`, `agreed`, or an initiative of its own",
    one: "a team had no voice in an objective",
    many: "objectives are without the team's voice",
    virtue: "agreed",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        let stated = &review.plan.objectives[objective];
        let Some(owner) = stated.owner else { continue };
        if review.leads(Some(owner)) || speaks(review, objective, owner) {
            continue;
        }
        let team = review.plan.source(review.plan.teams[owner as usize].name);
        let id = review.plan.source(stated.name);
        let message = format!(
            "`{team}` owns `{id}`, and there is no feedback, agreement, refusal or initiative by it"
        );
        review.give(At::new(Kind::Objective, objective), stated.name, message, RULE.mend);
    }
}

/// Whether the owner, or a team below it, has said or planned anything. What a team proposes itself
/// is its voice as well.
fn speaks(review: &Review<'_>, objective: usize, owner: u32) -> bool {
    let own = |team: Option<u32>| team.is_some_and(|team| review.is_below(team, owner));
    let planned = |initiative: &usize| {
        let initiative = &review.plan.initiatives[*initiative];
        own(initiative.owner)
            || initiative.owner.is_none()
                && initiative.draws.iter().any(|(_, draw)| own(Some(review.drawn(*draw))))
    };
    let mut krs = review.plan.objectives[objective].krs.clone();
    review.talk(objective).any(|talk| own(talk.team))
        || krs.any(|kr| review.movers(kr as usize).iter().any(planned))
}
