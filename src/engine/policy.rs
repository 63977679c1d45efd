//! Thresholds: bands, the sweet spot and pace, by the kind of team.

use super::more::Pace;
use super::store::Value;
use super::{Engine, Mean};
use crate::plan::model::{Input, Policy};
use crate::syntax::keyword::TEAM_KINDS;

/// How near below a threshold counts as having reached it.
const REACHED: f64 = 1e-9;

/// A grade's band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// Below `yellow`.
    Red,
    /// From `yellow` on.
    Yellow,
    /// From `green` on.
    Green,
}

impl Band {
    /// The band's word.
    pub fn word(self) -> &'static str {
        match self {
            Band::Red => "red",
            Band::Yellow => "yellow",
            Band::Green => "green",
        }
    }
}

/// Where an aspirational mean lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweet {
    /// In the sweet spot: ambitious and landing.
    In,
    /// Above it: not ambitious enough.
    Above,
    /// Below it: out of reach.
    Below,
}

impl Sweet {
    /// The verdict's word.
    pub fn word(self) -> &'static str {
        match self {
            Sweet::In => "in",
            Sweet::Above => "above",
            Sweet::Below => "below",
        }
    }
}

/// The thresholds of a policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Red below it.
    pub yellow: f64,
    /// Green from it on.
    pub green: f64,
    /// The ends of the sweet spot, included.
    pub sweet: (f64, f64),
    /// On track from this pace on.
    pub on_track: f64,
    /// Behind from this pace on.
    pub behind: f64,
}

impl Default for Thresholds {
    /// The handbook's: `grading.md`, "Bands" and "Time".
    fn default() -> Self {
        Self { yellow: 0.4, green: 0.7, sweet: (0.6, 0.7), on_track: 0.95, behind: 0.75 }
    }
}

impl Thresholds {
    /// The band of a grade, which is not rounded first.
    pub fn band(&self, grade: f64) -> Band {
        match grade {
            _ if grade >= self.green - REACHED => Band::Green,
            _ if grade >= self.yellow - REACHED => Band::Yellow,
            _ => Band::Red,
        }
    }

    /// Where a mean lies.
    pub fn sweet(&self, mean: f64) -> Sweet {
        match mean {
            _ if mean < self.sweet.0 - REACHED => Sweet::Below,
            _ if mean > self.sweet.1 + REACHED => Sweet::Above,
            _ => Sweet::In,
        }
    }

    /// A pace in words.
    pub fn pace(&self, pace: f64) -> Pace {
        match pace {
            _ if pace >= self.on_track - REACHED => Pace::OnTrack,
            _ if pace >= self.behind - REACHED => Pace::Behind,
            _ => Pace::AtRisk,
        }
    }
}

/// Where the aspirational mean of a kind of team is meant to land unless the policy of that kind says
/// otherwise, ends included (`coach.md`; the figures are ours).
pub const SWEET_OF_KIND: [(&str, (f64, f64)); 2] =
    [("bau", (0.9, 1.0)), ("innovation", (0.4, 0.7))];

/// The sweet spot of a kind of team by its word, if it has one of its own.
pub fn sweet_of_kind(word: &str) -> Option<(f64, f64)> {
    SWEET_OF_KIND.iter().find(|(kind, _)| *kind == word).map(|(_, sweet)| *sweet)
}

impl Engine {
    /// The general thresholds, which hold for cycles.
    pub fn thresholds(&self) -> Thresholds {
        self.over(Thresholds::default(), &self.plan.policies.general)
    }

    /// The thresholds of a team: its kind's over the general ones.
    pub fn team_thresholds(&self, team: Option<u32>) -> Thresholds {
        let kind = team.and_then(|team| self.plan.teams[team as usize].kind);
        match kind {
            Some(kind) => {
                let general = self.thresholds();
                let sweet = sweet_of_kind(TEAM_KINDS[kind as usize]).unwrap_or(general.sweet);
                let own = &self.plan.policies.kinds[kind as usize];
                self.over(Thresholds { sweet, ..general }, own)
            }
            None => self.thresholds(),
        }
    }

    /// The thresholds of an objective: those of its owner's kind.
    pub fn objective_thresholds(&self, objective: usize) -> Thresholds {
        self.team_thresholds(self.plan.objectives[objective].owner)
    }

    fn over(&self, mut thresholds: Thresholds, policy: &Policy) -> Thresholds {
        let number = |input: Option<Input>, slot: &mut f64| {
            if let Some(Ok(number)) = input.map(|input| self.amount(input, None)) {
                *slot = number;
            }
        };
        number(policy.yellow, &mut thresholds.yellow);
        number(policy.green, &mut thresholds.green);
        number(policy.on_track, &mut thresholds.on_track);
        number(policy.behind, &mut thresholds.behind);
        if let Some((low, high)) = policy.sweet {
            number(Some(low), &mut thresholds.sweet.0);
            number(Some(high), &mut thresholds.sweet.1);
        }
        thresholds
    }

    /// The sweet-spot verdict on a mean: of its aspirational part alone.
    pub fn sweet_spot(&self, mean: &Mean, thresholds: &Thresholds) -> Option<Sweet> {
        match mean.aspirational {
            Value::Number(mean) => Some(thresholds.sweet(mean)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hair_below_a_threshold_has_reached_it() {
        let thresholds = Thresholds::default();
        assert_eq!(thresholds.band(0.7 - 1e-10), Band::Green);
        assert_eq!(thresholds.band(0.7 - 1e-8), Band::Yellow);
        assert_eq!(thresholds.band(0.4), Band::Yellow);
        assert_eq!(thresholds.band(0.399), Band::Red);
        assert_eq!(thresholds.sweet(0.6), Sweet::In);
        assert_eq!(thresholds.sweet(0.71), Sweet::Above);
        assert_eq!(thresholds.pace(0.94), Pace::Behind);
    }
}
