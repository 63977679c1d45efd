//! The handbook's judgement as named rules, one file a rule (`coach.md`).
//!
//! A rule looks at a plan as of one day and gives [`Advice`]: what it saw, with numbers, where, and
//! how to mend it. It never blocks. `allow RULE "reason"` silences it where it stands; what kinds of
//! teams are spared of stands in [`exceptions`], the words that rules look for in [`words`].

mod all_or_nothing;
mod allow;
mod allow_unused;
mod assigned;
mod bau;
pub mod exceptions;
mod granular;
mod infeasible;
mod kpi;
mod landing;
mod moving_target;
mod no_capacity;
mod no_voice;
mod nobody_moves_it;
mod not_ambitious;
mod not_measurable;
mod not_owned_by_team;
mod out_of_reach;
mod performance_review;
mod prescriptive;
mod review;
mod single_guardrail_risk;
mod stale;
pub mod words;

pub use allow::unknown_rules;

use crate::diagnostic::{Counsel, Finding, Severity};
use crate::engine::Engine;
use crate::plan::Plan;
use crate::plan::cell::Kind;
use crate::source::Place;
use rayon::iter::{ParallelBridge, ParallelIterator};
use review::Review;

/// A rule of the coach.
#[derive(Debug)]
pub struct Rule {
    /// The stable id, as in `allow not-ambitious`.
    pub id: &'static str,
    /// What it says, in a few words.
    pub says: &'static str,
    /// What it looks at.
    pub evidence: &'static str,
    /// The principle of the handbook that it stands on; `None` where it is ours.
    pub principle: Option<&'static str>,
    /// How to mend it in general.
    pub mend: &'static str,
    /// One finding in a team's summary: `a target is granular`.
    pub one: &'static str,
    /// Several, after their number: `targets are granular`.
    pub many: &'static str,
    /// What a team is that it finds nothing on: `measurable`; empty if that goes without saying.
    pub virtue: &'static str,
    look: fn(&mut Review<'_>),
}

/// Every rule; what matters most comes first.
pub const TABLE: &[&Rule] = &[
    &infeasible::RULE,
    &not_measurable::RULE,
    &out_of_reach::RULE,
    &not_ambitious::RULE,
    &assigned::RULE,
    &no_voice::RULE,
    &no_capacity::RULE,
    &performance_review::RULE,
    &not_owned_by_team::RULE,
    &kpi::RULE,
    &bau::RULE,
    &all_or_nothing::RULE,
    &prescriptive::RULE,
    &single_guardrail_risk::RULE,
    &nobody_moves_it::RULE,
    &moving_target::RULE,
    &stale::RULE,
    &granular::RULE,
    &allow_unused::RULE,
];

impl Rule {
    /// The rule of an id.
    pub fn from_id(id: &str) -> Option<&'static Rule> {
        TABLE.iter().copied().find(|rule| rule.id == id)
    }

    /// What `okr explain ID` says about it.
    pub fn explanation(&self) -> String {
        let sentence = |text: &str| {
            let mut letters = text.chars();
            let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
            format!("{first}{}.", letters.as_str())
        };
        let principle = match self.principle {
            Some(principle) => format!("The handbook: {principle}.\n"),
            None => String::new(),
        };
        format!(
            "{}\nIt looks at: {}.\n{principle}{}",
            sentence(self.says),
            self.evidence,
            sentence(self.mend)
        )
    }

    /// Its place in the table: the lower, the more it matters.
    pub fn rank(&self) -> usize {
        TABLE.iter().position(|rule| rule.id == self.id).unwrap_or(TABLE.len())
    }
}

/// What a piece of advice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The kind of thing.
    pub kind: Kind,
    /// Its index in the plan.
    pub index: u32,
}

impl At {
    fn new(kind: Kind, index: usize) -> Self {
        Self { kind, index: index as u32 }
    }

    /// The thing's path.
    pub fn path(self, plan: &Plan) -> String {
        plan.thing_name(self.kind, self.index)
    }

    /// The objective that it belongs to.
    pub fn objective(self, plan: &Plan) -> Option<u32> {
        match self.kind {
            Kind::Objective => Some(self.index),
            Kind::Kr => Some(plan.krs[self.index as usize].objective),
            _ => None,
        }
    }

    /// The team that it belongs to.
    pub fn team(self, plan: &Plan) -> Option<u32> {
        let index = self.index as usize;
        match self.kind {
            Kind::Team => Some(self.index),
            Kind::Bucket => Some(plan.buckets[index].team),
            Kind::Initiative => plan.initiatives[index].owner,
            Kind::Objective | Kind::Kr => plan.objectives[self.objective(plan)? as usize].owner,
            Kind::Cycle | Kind::Metric => None,
        }
    }
}

/// A piece of advice.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The rule that gives it.
    pub rule: &'static Rule,
    /// What it is about.
    pub at: At,
    /// Its path.
    pub about: String,
    /// The line that it points at.
    pub place: Place,
    /// What the rule saw, with numbers.
    pub message: String,
    /// How to mend it here.
    pub help: String,
}

impl Advice {
    /// The advice as it is shown.
    pub fn finding(&self) -> Finding<'_> {
        Finding {
            id: self.rule.id,
            severity: Severity::Advice,
            place: self.place,
            message: &self.message,
            others: &[],
            help: &self.help,
            counsel: Some(Counsel { principle: self.rule.principle, about: &self.about }),
        }
    }
}

/// From how many key results on rules look at a plan side by side.
const MANY: usize = 2_000;

/// What the coach has to say about a plan as of the engine's day, in file order.
///
/// The objectives of the cycle in force and of later ones are judged; those of an earlier cycle only
/// by where they landed.
pub fn advise(engine: &Engine) -> Vec<Advice> {
    let review = Review::new(engine);
    // What silenced nothing is known only when all others have looked.
    let (last, others) =
        (&allow_unused::RULE, TABLE.iter().filter(|it| it.id != allow_unused::RULE.id));
    let mut advice: Vec<Advice> = match engine.plan.krs.len() < MANY {
        true => others.flat_map(|rule| review.look(rule)).collect(),
        false => others.par_bridge().flat_map_iter(|rule| review.look(rule)).collect(),
    };
    advice.extend(review.look(last));
    advice.sort_by_key(|it| (it.place, it.rule.rank()));
    advice
}
