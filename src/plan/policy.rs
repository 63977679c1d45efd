//! The fields of policies.

use super::cell::Range;
use super::model::*;
use super::names::Scope;
use super::resolve::{Resolver, Seen};
use super::value::Wanted;
use crate::diagnostic::{Kind, Problem};
use crate::source::{FileId, Place};
use crate::syntax::keyword::{self, Keyword};
use crate::syntax::tree::{Body, Node, Value, ValueKind};

impl Resolver<'_> {
    pub(super) fn read_policies(&mut self) {
        let declared = std::mem::take(&mut self.declared.policies);
        let mut seen: Vec<(Option<u8>, Place)> = Vec::new();
        for (file, node) in declared {
            let Body::Policy(stated) = &node.body else { continue };
            let kind = stated.kind.map(|kind| kind.index);
            let place = self.place(file, node.word);
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == kind) {
                let problem =
                    Problem::new(Kind::DuplicateField, place, "this policy is given twice");
                self.problems.push(problem.other(*first, "the first").help("join the two"));
            }
            seen.push((kind, place));
            let mut policy = Policy::default();
            let mut seen = Seen::default();
            for field in &stated.block {
                if self.counts(&mut seen, file, &stated.block, field) {
                    self.policy_field(file, field, &mut policy);
                }
            }
            match kind {
                None => self.plan.policies.general = policy,
                Some(kind) => self.plan.policies.kinds[kind as usize] = policy,
            }
        }
        self.check_thresholds(&self.plan.policies.general.clone());
        for kind in 0..self.plan.policies.kinds.len() {
            self.check_thresholds(&self.plan.policies.kinds[kind].clone());
        }
    }

    /// What begins below another threshold lies below it; what a policy does not say is as in the
    /// general one, and there as in the handbook.
    fn check_thresholds(&mut self, policy: &Policy) {
        let general = self.plan.policies.general.clone();
        let number = |input: Option<Input>| match input?.amount {
            Amount::Number(number) => Some(number),
            _ => None,
        };
        let pairs = [
            (
                ("yellow", 0.4, policy.yellow, general.yellow),
                ("green", 0.7, policy.green, general.green),
            ),
            (
                ("behind", 0.75, policy.behind, general.behind),
                ("on_track", 0.95, policy.on_track, general.on_track),
            ),
        ];
        for (
            (low, low_default, low_own, low_general),
            (high, high_default, high_own, high_general),
        ) in pairs
        {
            let Some(place) = low_own.or(high_own).map(|input| input.place) else { continue };
            let least = low_own.or(low_general).map_or(Some(low_default), |it| number(Some(it)));
            let most = high_own.or(high_general).map_or(Some(high_default), |it| number(Some(it)));
            if let (Some(least), Some(most)) = (least, most)
                && least > most
            {
                let message = format!("`{low}` is {least}, above `{high}`, which is {most}");
                let help = format!("`{low}` lies at or below `{high}`");
                self.problem(Kind::RangeOrder, place.file, place.span, message, help);
            }
        }
    }

    fn policy_field(&mut self, file: FileId, node: &Node, policy: &mut Policy) {
        let scope = Scope::default();
        match (&node.body, node.keyword) {
            (Body::Value(value), Keyword::Sweet) => policy.sweet = self.sweet(file, value),
            (Body::Value(value), keyword) => {
                let range = match keyword {
                    Keyword::OnTrack | Keyword::Behind => Range::NotNegative,
                    _ => Range::Share,
                };
                let input = self.amount(file, value, Wanted::bare(keyword.word(), range), scope);
                *match keyword {
                    Keyword::Yellow => &mut policy.yellow,
                    Keyword::Green => &mut policy.green,
                    Keyword::OnTrack => &mut policy.on_track,
                    Keyword::Behind => &mut policy.behind,
                    _ => &mut policy.effort_correlation,
                } = Some(input);
            }
            (Body::Choice(choice), _) => {
                policy.skip_missing = Some(keyword::MISSING[choice.index as usize] == "skip");
            }
            _ => {}
        }
    }

    fn sweet(&mut self, file: FileId, value: &Value) -> Option<(Input, Input)> {
        let ValueKind::Range(ends) = &value.kind else { return None };
        let [low, high] = **ends;
        let spans = (low.text, high.text);
        let wanted = Wanted::bare("sweet", Range::Share);
        let low = self.formula(file, low, spans.0, wanted, Scope::default());
        let high = self.formula(file, high, spans.1, wanted, Scope::default());
        if let (Amount::Number(from), Amount::Number(to)) = (low.amount, high.amount)
            && from > to
        {
            let message = "the range does not go from low to high";
            self.problem(Kind::RangeOrder, file, value.span, message, "swap its ends");
        }
        Some((low, high))
    }
}
