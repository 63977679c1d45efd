//! Where the objectives of a team landed when their cycle was over.

use super::At;
use super::review::Review;
use crate::engine::State;
use crate::plan::cell::{Field, Kind};
use crate::plan::model::TalkKind;
use crate::source::Place;
use std::collections::BTreeMap;

/// The mean of a team's objectives in a cycle that is over.
pub(super) struct Landing {
    /// The team; the cycle, for objectives that no team owns.
    pub at: At,
    /// Its name.
    pub place: Place,
    /// What landed: `q1`, or `checkout` in `q1`.
    pub what: String,
    /// The mean of their aspirational key results.
    pub mean: f64,
    /// Where it was meant to land, ends included.
    pub sweet: (f64, f64),
    /// The team.
    pub team: Option<u32>,
    /// The objectives.
    pub objectives: Vec<usize>,
}

impl Review<'_> {
    /// The landings of every cycle that is over on the as-of date, team by team.
    pub fn landings(&self) -> Vec<Landing> {
        let Some(as_of) = self.as_of() else { return Vec::new() };
        let mut groups: BTreeMap<(u32, Option<u32>), Vec<usize>> = BTreeMap::new();
        for (index, objective) in self.plan.objectives.iter().enumerate() {
            let Some(cycle) = objective.cycle else { continue };
            let over = self.plan.cycles[cycle as usize].to <= as_of;
            let declined = self.engine.objective_status(index) == Some(TalkKind::Declined);
            if over && !declined {
                groups.entry((cycle, objective.owner)).or_default().push(index);
            }
        }
        groups.into_iter().filter_map(|(group, of)| self.landing(group, of)).collect()
    }

    fn landing(
        &self,
        (cycle, team): (u32, Option<u32>),
        objectives: Vec<usize>,
    ) -> Option<Landing> {
        let krs = objectives.iter().flat_map(|&it| self.plan.objectives[it].krs.clone());
        let graded = |kr: u32| self.engine.kr_state(kr as usize) == State::Graded;
        // Where nothing was ever observed, nothing has landed.
        if !krs.into_iter().any(graded) {
            return None;
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for &objective in &objectives {
            let mean = self.engine.objective(objective).aspirational.number();
            let weight = self.number(Field::ObjectiveWeight, objective);
            if let (Some(mean), Some(weight)) = (mean, weight) {
                sum += weight * mean;
                weights += weight;
            }
        }
        let named = &self.plan.cycles[cycle as usize];
        let (at, place) = match team {
            Some(team) => {
                (At { kind: Kind::Team, index: team }, self.plan.teams[team as usize].name)
            }
            None => (At { kind: Kind::Cycle, index: cycle }, named.name),
        };
        (weights > 0.0).then(|| Landing {
            at,
            place,
            what: self.landed(team, named.name),
            mean: sum / weights,
            sweet: self.sweet(team),
            team,
            objectives,
        })
    }

    fn landed(&self, team: Option<u32>, cycle: Place) -> String {
        let cycle = self.plan.source(cycle);
        match team {
            Some(team) => {
                let team = self.plan.source(self.plan.teams[team as usize].name);
                format!("`{team}` closed `{cycle}`")
            }
            None => format!("`{cycle}` closed"),
        }
    }

    /// Gives advice on a landing, unless the team, or every objective, allows it.
    pub fn give_on(&mut self, landing: &Landing, message: String, help: &str) {
        let own = self.silences(landing.at);
        let mut all = true;
        for &objective in &landing.objectives {
            all &= self.silences(At::new(Kind::Objective, objective));
        }
        if !own && !all {
            self.say(landing.at, landing.place, message, help);
        }
    }
}
