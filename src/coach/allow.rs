//! `allow RULE "reason"`: where rules are silent.

use super::{At, Rule, TABLE};
use crate::diagnostic::{Kind as ProblemKind, Problem};
use crate::plan::Plan;
use crate::plan::cell::Kind;
use crate::plan::model::TextPlace;
use crate::source::Place;
use crate::suggest;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// One `allow`.
#[derive(Debug)]
pub(super) struct Allow {
    /// The thing in which it stands.
    pub at: At,
    /// The rule that it names, if there is one of that name.
    pub rule: Option<&'static Rule>,
    /// The rule's word.
    pub place: Place,
    /// Whether it has silenced anything.
    pub used: AtomicBool,
}

/// Every `allow` of a plan.
#[derive(Debug, Default)]
pub(super) struct Allows {
    pub all: Vec<Allow>,
    by_place: FxHashMap<At, Vec<usize>>,
}

impl Allows {
    pub fn of(plan: &Plan) -> Self {
        let mut allows = Self::default();
        each(plan, |at, (place, _)| {
            let rule = Rule::from_id(plan.source(*place));
            allows.by_place.entry(at).or_default().push(allows.all.len());
            allows.all.push(Allow { at, rule, place: *place, used: AtomicBool::new(false) });
        });
        allows
    }

    /// Whether the thing itself says that the rule is to be silent; then that `allow` is used.
    pub fn silence(&self, at: At, rule: &Rule) -> bool {
        let mut silent = false;
        for &index in self.by_place.get(&at).into_iter().flatten() {
            let allow = &self.all[index];
            if allow.rule.is_some_and(|it| it.id == rule.id) {
                allow.used.store(true, Ordering::Relaxed);
                silent = true;
            }
        }
        silent
    }
}

/// Every `allow` of the plan and the thing in which it stands.
fn each(plan: &Plan, mut tell: impl FnMut(At, &(Place, TextPlace))) {
    for (index, team) in plan.teams.iter().enumerate() {
        team.allows.iter().for_each(|it| tell(At::new(Kind::Team, index), it));
    }
    for (index, objective) in plan.objectives.iter().enumerate() {
        objective.remarks.allows.iter().for_each(|it| tell(At::new(Kind::Objective, index), it));
    }
    for (index, kr) in plan.krs.iter().enumerate() {
        let remarks = kr.remarks.iter().flat_map(|remarks| &remarks.allows);
        remarks.for_each(|it| tell(At::new(Kind::Kr, index), it));
    }
    for (index, initiative) in plan.initiatives.iter().enumerate() {
        initiative.remarks.allows.iter().for_each(|it| tell(At::new(Kind::Initiative, index), it));
    }
}

/// Problems of every `allow` that names no rule.
pub fn unknown_rules(plan: &Plan) -> Vec<Problem> {
    let mut problems = Vec::new();
    each(plan, |_, (place, _)| {
        let id = plan.source(*place);
        if Rule::from_id(id).is_some() {
            return;
        }
        let help = match suggest::nearest(id, TABLE.iter().map(|rule| rule.id)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                let ids: Vec<&str> = TABLE.iter().map(|rule| rule.id).collect();
                format!("the rules are {}", suggest::one_of(&ids))
            }
        };
        let message = format!("the coach has no rule `{id}`");
        problems.push(Problem::new(ProblemKind::UnknownName, *place, message).help(help));
    });
    problems
}
