//! What kinds of teams are spared of, in one table: the handbook says that the OKRs of BAU,
//! innovation and platform teams look very different. The figures are ours; `policy KIND { sweet … }`
//! changes where a kind of team is meant to land.

use crate::engine::sweet_of_kind;
use crate::syntax::keyword::TEAM_KINDS;

/// What of a rule a kind of team is spared of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spared {
    /// All of it.
    All,
    /// What it says about milestones.
    Milestones,
    /// What it says about services: bounds to keep, and words.
    Services,
}

impl Spared {
    fn words(self) -> &'static str {
        match self {
            Spared::All => "",
            Spared::Milestones => " for milestones",
            Spared::Services => " for services with internal users",
        }
    }
}

/// The exception of a kind of team.
#[derive(Debug)]
pub struct Exception {
    /// The kind, a word of `TEAM_KINDS`.
    pub kind: &'static str,
    /// The rules that it is spared of.
    pub spared: &'static [(&'static str, Spared)],
}

/// Every exception.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        kind: "bau",
        spared: &[("kpi", Spared::All), ("bau", Spared::All), ("not-ambitious", Spared::All)],
    },
    Exception {
        kind: "innovation",
        spared: &[("all-or-nothing", Spared::All), ("prescriptive", Spared::Milestones)],
    },
    Exception { kind: "platform", spared: &[("kpi", Spared::Services)] },
];

/// The exception of a kind of team, an index into `TEAM_KINDS`.
pub fn of(kind: Option<u8>) -> Option<&'static Exception> {
    let word = TEAM_KINDS.get(usize::from(kind?))?;
    EXCEPTIONS.iter().find(|exception| exception.kind == *word)
}

impl Exception {
    /// Where it is meant to land, ends included, unless a `policy` says otherwise.
    pub fn sweet(&self) -> Option<(f64, f64)> {
        sweet_of_kind(self.kind)
    }

    /// Whether the rule is silent about this part.
    pub fn spares(&self, rule: &str, part: Spared) -> bool {
        self.spared.iter().any(|&(id, of)| id == rule && (of == Spared::All || of == part))
    }

    /// The rules that it is spared of, in words.
    pub fn words(&self) -> String {
        let rules: Vec<String> =
            self.spared.iter().map(|(rule, part)| format!("{rule}{}", part.words())).collect();
        format!("spared of {}", rules.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;

    #[test]
    fn the_table_names_kinds_and_rules_that_exist() {
        for exception in EXCEPTIONS {
            assert!(TEAM_KINDS.contains(&exception.kind));
            for (rule, _) in exception.spared {
                assert!(Rule::from_id(rule).is_some(), "{rule}");
            }
        }
    }

    #[test]
    fn all_of_a_rule_has_every_part_in_it() {
        let of = |kind: &str| of(TEAM_KINDS.iter().position(|it| *it == kind).map(|it| it as u8));
        let bau = of("bau").expect("an exception");
        assert!(bau.spares("kpi", Spared::All) && bau.spares("kpi", Spared::Services));
        assert!(!bau.spares("granular", Spared::All));
        let platform = of("platform").expect("an exception");
        assert!(platform.spares("kpi", Spared::Services) && !platform.spares("kpi", Spared::All));
        assert!(of("delivery").is_none());
        assert_eq!(platform.words(), "spared of kpi for services with internal users");
    }
}
