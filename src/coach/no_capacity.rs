use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::Kind;

pub(super) const RULE: Rule = Rule {
    id: "no-capacity",
    says: "goals without capacity",
    evidence: "a team that owns objectives and has no buckets",
    principle: Some("allocate capacity on a high level"),
    mend: "give the team `people` and a few buckets with shares in steps of ten",
    one: "there is no capacity behind the goals",
    many: "teams have no capacity behind their goals",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    let mut owned = vec![0_usize; review.plan.teams.len()];
    for &objective in &review.objectives {
        if let Some(owner) = review.plan.objectives[objective].owner {
            owned[owner as usize] += 1;
        }
    }
    for (team, count) in owned.into_iter().enumerate() {
        let stated = &review.plan.teams[team];
        if count == 0 || !stated.buckets.is_empty() {
            continue;
        }
        let id = review.plan.source(stated.name);
        let goals = if count == 1 { "an objective".into() } else { format!("{count} objectives") };
        let message = format!("`{id}` owns {goals} and has no buckets");
        review.give(At::new(Kind::Team, team), stated.name, message, RULE.mend);
    }
}
