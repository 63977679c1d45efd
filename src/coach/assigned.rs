use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::Kind;
use crate::plan::model::{Subject, Talk, TalkKind};

pub(super) const RULE: Rule = Rule {
    id: "assigned",
    says: "handed down",
    evidence: "proposed by a leadership team, and by the cycle's start neither feedback nor `agreed` by the owner",
    principle: Some("the communication is two-way"),
    mend: "ask the team, and write down its `feedback` or that it `agreed`, or `declined`",
    one: "an objective was handed down",
    many: "objectives were handed down",
    virtue: "agreed",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        judge(review, objective);
    }
}

fn judge(review: &mut Review<'_>, objective: usize) {
    let stated = &review.plan.objectives[objective];
    if stated.owner.is_some() && review.leads(stated.owner) {
        return;
    }
    let start = stated.cycle.map(|cycle| review.plan.cycles[cycle as usize].from);
    if start.is_some_and(|start| !review.is_past(start)) {
        return;
    }
    let handed = |talk: &&Talk| {
        talk.kind == TalkKind::Proposed
            && talk.subject == Subject::Objective(objective as u32)
            && review.leads(talk.team)
    };
    let Some(proposed) = review.talk(objective).find(handed) else { return };
    let answer = review.talk(objective).find(|talk| is_answer(review, stated.owner, talk));
    // What is proposed when the cycle has begun can be answered until today.
    let deadline = start.filter(|start| proposed.date < *start);
    let in_time = |talk: &Talk| deadline.is_none_or(|deadline| talk.date <= deadline);
    if answer.is_some_and(in_time) {
        return;
    }
    let id = review.plan.source(stated.name);
    let who =
        stated.owner.map_or("a team", |it| review.plan.source(review.plan.teams[it as usize].name));
    let by = review.plan.source(proposed.by);
    let until = deadline.or(review.as_of()).map(|it| format!(" by {it}")).unwrap_or_default();
    let late = answer.map(|it| format!("; the first came on {}", it.date)).unwrap_or_default();
    let message = format!(
        "`{id}` was proposed by {by} on {}, with no answer by {who}{until}{late}",
        proposed.date
    );
    review.give(At::new(Kind::Objective, objective), stated.name, message, RULE.mend);
}

/// Whether a line of the talk is the owner's answer; without an owner, that of any team below.
fn is_answer(review: &Review<'_>, owner: Option<u32>, talk: &Talk) -> bool {
    let speaks = match (owner, talk.team) {
        (Some(owner), Some(team)) => review.is_below(team, owner),
        (None, Some(team)) => !review.is_kind(Some(team), "leadership"),
        (_, None) => false,
    };
    speaks && talk.kind != TalkKind::Proposed
}
