//! Means: of an objective over its key results, of a team and a cycle over objectives.

use super::Engine;
use super::bind::KrState;
use super::edit::OBJECTIVE_MEANS;
use super::grade::Stop;
use super::store::{NO_DATA, Value, value_of};
use super::sums::{Sums, WIDE, Wide};
use crate::diagnostic::Kind;
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Input, Objective};

/// The three means of an objective, a team or a cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean of all that counts.
    pub grade: Value,
    /// Of the committed key results alone.
    pub committed: Value,
    /// Of the aspirational key results alone.
    pub aspirational: Value,
}

impl Mean {
    fn of(sums: &Sums) -> Self {
        let mean = |[sum, weight]: [f64; 2]| match weight {
            _ if sums.wrong > 0.0 => Value::Error,
            weight if weight > 0.0 => Value::Number(sum / weight),
            _ => Value::NoData,
        };
        Self {
            grade: mean(sums.joint),
            committed: mean(sums.committed),
            aspirational: mean(sums.aspirational),
        }
    }

    const ERROR: Mean =
        Mean { grade: Value::Error, committed: Value::Error, aspirational: Value::Error };
}

/// Lists of numbers in one array.
#[derive(Debug, Default)]
pub(super) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Groups items by their list.
    fn group(count: usize, list_of: impl Fn(usize) -> Option<u32>, items: usize) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for list in (0..items).filter_map(&list_of) {
            starts[list as usize + 1] += 1;
        }
        for at in 1..=count {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut grouped = vec![0; starts[count] as usize];
        for item in 0..items {
            if let Some(list) = list_of(item) {
                grouped[next[list as usize] as usize] = item as u32;
                next[list as usize] += 1;
            }
        }
        Self { starts, items: grouped }
    }

    pub fn get(&self, list: usize) -> &[u32] {
        &self.items[self.starts[list] as usize..self.starts[list + 1] as usize]
    }

    /// Where an item stands in its list; lists are in ascending order.
    fn position(&self, list: usize, item: u32) -> Option<usize> {
        self.get(list).binary_search(&item).ok()
    }
}

/// Who is a member of which mean, and the wide sums.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// Where the key results of each objective begin, and where the last one's end.
    pub kr_starts: Vec<u32>,
    /// The objective of each key result.
    pub objective_of: Vec<u32>,
    /// What each objective counts in.
    pub above: Vec<Above>,
    pub team_objectives: Lists,
    pub team_children: Lists,
    pub cycle_objectives: Lists,
    wide_teams: Vec<Option<Wide>>,
    wide_cycles: Vec<Option<Wide>>,
    wide_objectives: rustc_hash::FxHashMap<u32, Wide>,
}

impl Members {
    /// The members of every mean. A team's are its objectives of the cycle in force.
    pub fn of(plan: &Plan, in_force: Option<u32>) -> Self {
        let (teams, cycles) = (plan.teams.len(), plan.cycles.len());
        let owner = |index: usize| {
            let objective = &plan.objectives[index];
            objective.owner.filter(|_| objective.cycle.is_none() || objective.cycle == in_force)
        };
        let cycle = |index: usize| plan.objectives[index].cycle;
        let parent = |index: usize| plan.teams[index].parent;
        let ends = plan.objectives.iter().map(|objective| objective.krs.end);
        let above = |it: &Objective| Above { team: it.owner, cycle: it.cycle };
        let mut objective_of = vec![0; plan.krs.len()];
        for (index, objective) in (0..).zip(&plan.objectives) {
            objective_of[objective.krs.start as usize..objective.krs.end as usize].fill(index);
        }
        Self {
            kr_starts: std::iter::once(0).chain(ends).collect(),
            objective_of,
            above: plan.objectives.iter().map(above).collect(),
            team_objectives: Lists::group(teams, owner, plan.objectives.len()),
            team_children: Lists::group(teams, parent, teams),
            cycle_objectives: Lists::group(cycles, cycle, plan.objectives.len()),
            wide_teams: (0..teams).map(|_| None).collect(),
            wide_cycles: (0..cycles).map(|_| None).collect(),
            wide_objectives: rustc_hash::FxHashMap::default(),
        }
    }
}

/// What an objective counts in, apart from formulas.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Above {
    /// The team that owns it.
    pub team: Option<u32>,
    /// Its cycle.
    pub cycle: Option<u32>,
}

/// What has changed below a mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// One member, by its number.
    Member(u32),
    /// Anything.
    All,
}

impl Engine {
    /// What a key result adds to its objective's mean.
    #[inline]
    fn kr_term(&self, index: usize) -> Sums {
        let mut sums = Sums::default();
        let state = self.krs[index];
        if state.is_left_out() {
            return sums;
        }
        let grade = self.columns.of(Field::KrGrade)[index];
        let weight = self.columns.of(Field::KrWeight)[index];
        let grade = match value_of(grade) {
            Value::Number(grade) => grade,
            Value::NoData if state.is(KrState::SKIP_MISSING) => return sums,
            Value::NoData => 0.0,
            other => return sums.of_missing(other),
        };
        if weight.is_nan() {
            return sums.of_missing(value_of(weight));
        }
        let term = [weight * grade, weight];
        sums.joint = term;
        match state.is(KrState::COMMITTED) {
            true => sums.committed = term,
            false => sums.aspirational = term,
        }
        sums
    }

    /// What an objective adds to the means above it.
    #[inline]
    fn objective_term(&self, index: u32) -> Sums {
        let index = index as usize;
        let weight = self.columns.of(Field::ObjectiveWeight)[index];
        if weight.is_nan() {
            return Sums::default().of_missing(value_of(weight));
        }
        self.mean_term(
            weight,
            self.columns.of(Field::ObjectiveGrade)[index],
            self.columns.of(Field::ObjectiveCommittedGrade)[index],
            self.columns.of(Field::ObjectiveAspirationalGrade)[index],
        )
    }

    fn team_term(&self, index: u32) -> Sums {
        let index = index as usize;
        self.mean_term(
            1.0,
            self.columns.of(Field::TeamGrade)[index],
            self.columns.of(Field::TeamCommittedGrade)[index],
            self.columns.of(Field::TeamAspirationalGrade)[index],
        )
    }

    #[inline]
    fn mean_term(&self, weight: f64, grade: f64, committed: f64, aspirational: f64) -> Sums {
        let mut sums = Sums::default();
        match value_of(grade) {
            Value::Number(grade) => sums.joint = [weight * grade, weight],
            Value::NoData => return sums,
            other => return sums.of_missing(other),
        }
        if !committed.is_nan() {
            sums.committed = [weight * committed, weight];
        }
        if !aspirational.is_nan() {
            sums.aspirational = [weight * aspirational, weight];
        }
        sums
    }

    /// The means of an objective. Weights that are all zero are an error.
    pub(super) fn objective_mean(&mut self, index: u32, changed: Changed) -> (Mean, Option<Stop>) {
        let krs = self.plan.objectives[index as usize].krs.clone();
        let (first, count) = (krs.start as usize, krs.len());
        let sums = if count < WIDE {
            let mut sums = Sums::default();
            (first..first + count).for_each(|kr| sums.add(&self.kr_term(kr)));
            sums
        } else {
            let mut wide = self.members.wide_objectives.remove(&index);
            let term = |member: usize| self.kr_term(first + member);
            let sums = match (&mut wide, changed) {
                (Some(wide), Changed::Member(kr)) => {
                    wide.update(kr as usize - first, count, term);
                    wide.total()
                }
                _ => wide.insert(Wide::new(count, term)).total(),
            };
            if let Some(wide) = wide {
                self.members.wide_objectives.insert(index, wide);
            }
            sums
        };
        self.checked_mean(&sums, || self.zero_kr_weights(index))
    }

    /// The means of many objectives in one loop over the columns, in the order in which
    /// [`Engine::objective_mean`] adds, so that both give the same bits. Gives those that it leaves
    /// to that: wide ones, and those with a key result or a weight that is no number.
    pub(super) fn objective_means(&mut self, objectives: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut left = Vec::new();
        let mut means = OBJECTIVE_MEANS.map(|field| std::mem::take(self.columns.column(field)));
        let grades = self.columns.of(Field::KrGrade);
        let weights = self.columns.of(Field::KrWeight);
        for objective in objectives {
            let at = objective as usize;
            let krs = self.members.kr_starts[at] as usize..self.members.kr_starts[at + 1] as usize;
            let sums = match krs.len() < WIDE {
                true => plain_sums(&self.krs[krs.clone()], &grades[krs.clone()], &weights[krs]),
                false => None,
            };
            match sums {
                Some(sums) => {
                    for ([sum, weight], column) in sums.into_iter().zip(&mut means) {
                        column[at] = if weight > 0.0 { sum / weight } else { NO_DATA };
                    }
                }
                None => left.push(objective),
            }
        }
        for (field, column) in OBJECTIVE_MEANS.into_iter().zip(means) {
            *self.columns.column(field) = column;
        }
        left
    }

    fn checked_mean(&self, sums: &Sums, zero: impl Fn() -> Option<Input>) -> (Mean, Option<Stop>) {
        if sums.joint[1] == 0.0
            && sums.wrong == 0.0
            && let Some(input) = zero()
        {
            let message = "the weights are all zero, so that nothing counts";
            let help = "give at least one of them a weight above 0";
            let stop = Stop::wrong(Kind::ZeroWeights, input.place, message, help);
            return (Mean::ERROR, Some(stop));
        }
        (Mean::of(sums), None)
    }

    /// The first weight, if every counted key result of an objective has the weight 0.
    fn zero_kr_weights(&self, index: u32) -> Option<Input> {
        let krs = self.plan.objectives[index as usize].krs.clone();
        let mut first = None;
        for kr in krs {
            if self.krs[kr as usize].is_left_out() {
                continue;
            }
            let cell = Cell { field: Field::KrWeight, index: kr };
            if self.columns.get(cell) != 0.0 {
                return None;
            }
            first = first.or_else(|| self.input_in_force(cell));
        }
        first
    }

    fn zero_objective_weights(&self, objectives: &[u32]) -> Option<Input> {
        let cell = |index: u32| Cell { field: Field::ObjectiveWeight, index };
        let all_zero = objectives.iter().all(|&it| self.columns.get(cell(it)) == 0.0);
        let first = objectives.first().filter(|_| all_zero)?;
        self.input_in_force(cell(*first))
    }

    /// The means of a team over its own objectives and its child teams.
    pub(super) fn team_mean(&mut self, index: u32, changed: Changed) -> (Mean, Option<Stop>) {
        let mut wide = self.members.wide_teams[index as usize].take();
        let objectives = self.members.team_objectives.get(index as usize);
        let at = match changed {
            Changed::Member(it) => self.members.team_objectives.position(index as usize, it),
            Changed::All => None,
        };
        let mut sums = self.sum_objectives(objectives, &mut wide, at);
        for &child in self.members.team_children.get(index as usize) {
            sums.add(&self.team_term(child));
        }
        let children = !self.members.team_children.get(index as usize).is_empty();
        let zero = || if children { None } else { self.zero_objective_weights(objectives) };
        let mean = self.checked_mean(&sums, zero);
        self.members.wide_teams[index as usize] = wide;
        mean
    }

    /// The means of a cycle over its objectives.
    pub(super) fn cycle_mean(&mut self, index: u32, changed: Changed) -> (Mean, Option<Stop>) {
        let mut wide = self.members.wide_cycles[index as usize].take();
        let objectives = self.members.cycle_objectives.get(index as usize);
        let at = match changed {
            Changed::Member(it) => self.members.cycle_objectives.position(index as usize, it),
            Changed::All => None,
        };
        let sums = self.sum_objectives(objectives, &mut wide, at);
        let mean = self.checked_mean(&sums, || self.zero_objective_weights(objectives));
        self.members.wide_cycles[index as usize] = wide;
        mean
    }

    fn sum_objectives(
        &self,
        objectives: &[u32],
        wide: &mut Option<Wide>,
        changed: Option<usize>,
    ) -> Sums {
        let term = |member: usize| self.objective_term(objectives[member]);
        if objectives.len() < WIDE {
            let mut sums = Sums::default();
            (0..objectives.len()).for_each(|member| sums.add(&term(member)));
            return sums;
        }
        match (wide.as_mut(), changed) {
            (Some(wide), Some(at)) => {
                wide.update(at, objectives.len(), term);
                wide.total()
            }
            _ => wide.insert(Wide::new(objectives.len(), term)).total(),
        }
    }
}

/// The joint, committed and aspirational sums of an objective's key results; `None` if one of them
/// is no plain number, or nothing counts.
#[inline]
fn plain_sums(states: &[KrState], grades: &[f64], weights: &[f64]) -> Option<[[f64; 2]; 3]> {
    let mut sums = [[0.0; 2]; 3];
    for ((state, &grade), &weight) in states.iter().zip(grades).zip(weights) {
        if state.is_left_out() {
            continue;
        }
        let grade = match value_of(grade) {
            Value::Number(grade) => grade,
            Value::NoData if state.is(KrState::SKIP_MISSING) => continue,
            Value::NoData => 0.0,
            _ => return None,
        };
        if weight.is_nan() {
            return None;
        }
        for part in [0, if state.is(KrState::COMMITTED) { 1 } else { 2 }] {
            sums[part][0] += weight * grade;
            sums[part][1] += weight;
        }
    }
    (sums[0][1] > 0.0).then_some(sums)
}
