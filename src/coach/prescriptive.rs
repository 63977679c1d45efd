use super::exceptions::Spared;
use super::review::Review;
use super::{At, Rule, words};
use crate::plan::cell::Kind;
use crate::plan::model::Grading;
use rustc_hash::FxHashMap;

pub(super) const RULE: Rule = Rule {
    id: "prescriptive",
    says: "an output instead of an outcome",
    evidence: "words such as launch, ship, build, implement, migrate, rewrite in a `done` or milestone key result; a key result that names an initiative",
    principle: Some("give the team space to run discovery"),
    mend: "write down what it is to change for whom, and leave the way there to an initiative",
    one: "a key result prescribes the output",
    many: "key results prescribe the output",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    let named = Named::of(review);
    for objective in review.objectives.clone() {
        let owner = review.plan.objectives[objective].owner;
        let milestones = review.spares(owner, Spared::Milestones);
        for kr in review.counted(objective) {
            let stated = &review.plan.krs[kr];
            let output = match stated.grading {
                Grading::Done => true,
                Grading::Milestones(..) => !milestones,
                _ => false,
            };
            let word = output.then(|| review.word(RULE.id, stated.title)).flatten();
            let initiative = match named.is_empty() {
                true => None,
                false => named.within(&review.title(stated.title)),
            };
            if word.is_none() && initiative.is_none() {
                continue;
            }
            let id = review.plan.kr_id(kr);
            let message = match (word, initiative) {
                (Some(word), _) => format!("`{id}` is an output, not an outcome: \"{word}\""),
                (None, Some(initiative)) => {
                    let initiative = review.plan.source(review.plan.initiatives[initiative].name);
                    format!(
                        "`{id}` names the initiative `{initiative}`: that is the way, not the goal"
                    )
                }
                (None, None) => continue,
            };
            review.give(At::new(Kind::Kr, kr), stated.title.0, message, RULE.mend);
        }
    }
}

/// The initiatives by the first words of their titles and ids; single words are too common.
struct Named {
    by_first: FxHashMap<String, Vec<(Vec<String>, usize)>>,
}

impl Named {
    fn of(review: &Review<'_>) -> Self {
        let mut by_first: FxHashMap<String, Vec<(Vec<String>, usize)>> = FxHashMap::default();
        for &index in &review.initiatives {
            let initiative = &review.plan.initiatives[index];
            let id = review.plan.source(initiative.name).replace('_', " ");
            for name in [review.title(initiative.title), id] {
                let words = words::tokens(&name);
                if words.len() > 1 {
                    by_first.entry(words[0].clone()).or_default().push((words, index));
                }
            }
        }
        Self { by_first }
    }

    fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    /// The initiative that a title names.
    fn within(&self, title: &str) -> Option<usize> {
        let words = words::tokens(title);
        (0..words.len()).find_map(|at| {
            let names = self.by_first.get(&words[at])?;
            names.iter().find(|(name, _)| words[at..].starts_with(name)).map(|(_, index)| *index)
        })
    }
}
