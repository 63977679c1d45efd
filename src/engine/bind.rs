//! Binding a plan to a day: which input is in force, and what has been observed by then.

use super::rollup::Members;
use super::ruled::Ruled;
use super::store::{Columns, ERROR, NO_DATA};
use super::{Engine, Moment, Options, time};
use crate::diagnostic::Problem;
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// What is known of a key result besides its numbers, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KrState(u16);

impl KrState {
    pub const GUARDRAIL: u16 = 1;
    pub const COMMITTED: u16 = 2;
    pub const NOT_APPLICABLE: u16 = 4;
    pub const DECLINED: u16 = 8;
    pub const SKIP_MISSING: u16 = 16;
    /// Loops over columns may grade it: it is linear.
    pub const SIMPLE: u16 = 32;
    pub const UNCAPPED: u16 = 64;
    /// Loops over columns may grade it: its rule is laid out.
    pub const RULED: u16 = 128;
    /// It would be one of the two, if it counted.
    pub const LINEAR: u16 = 256;
    pub const LAID_OUT: u16 = 512;

    pub fn is(self, bit: u16) -> bool {
        self.0 & bit != 0
    }

    pub fn set(&mut self, bit: u16, on: bool) {
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }

    /// Whether it is in no mean.
    pub fn is_left_out(self) -> bool {
        self.0 & (Self::GUARDRAIL | Self::NOT_APPLICABLE | Self::DECLINED) != 0
    }
}

/// No check-in counts.
pub(super) const NO_CHECKIN: u32 = u32::MAX;

/// What a binding collects before the graph is made.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    /// The formulas that are in force, by the cell that they give.
    pub formulas: FxHashMap<Cell, u32>,
    /// Formulas inside gradings, bounds, points and check-ins, with their key results.
    pub inline: Vec<(u32, u32)>,
    /// Changes of buckets by scenarios: the bucket, the amount, and 1 or −1.
    pub moves: Vec<Moved>,
    /// Actuals that a scenario sets.
    pub set_actuals: Vec<u32>,
}

/// A scenario's change of a bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub bucket: u32,
    pub amount: Input,
    pub sign: f64,
    pub is_effort: bool,
}

impl Engine {
    /// Fills the inputs; nothing is computed yet.
    pub(super) fn bind(plan: Arc<Plan>, options: Options, moment: Moment) -> Self {
        let mut engine = Self {
            columns: Columns::new(),
            krs: vec![KrState::default(); plan.krs.len()],
            newest: vec![NO_CHECKIN; plan.krs.len()],
            objective_status: vec![None; plan.objectives.len()],
            kr_status: FxHashMap::default(),
            templates: super::Templates::default(),
            ruled: Default::default(),
            graph: super::graph::Graph::default(),
            members: Members::default(),
            late: FxHashMap::default(),
            earlier: None,
            kept: FxHashMap::default(),
            problems: FxHashMap::default(),
            binding: Vec::new(),
            funding: OnceLock::new(),
            effects: OnceLock::new(),
            projection: OnceLock::new(),
            is_projection: false,
            tried: None,
            time_left: if options.remaining { time::share_left(&plan, &moment) } else { 1.0 },
            plan,
            moment,
            options,
        };
        let plan = Arc::clone(&engine.plan);
        engine.make_room(&plan);
        engine.bind_status(&plan);
        engine.bind_krs(&plan);
        engine.bind_objectives(&plan);
        engine.bind_metrics(&plan);
        engine.bind_teams(&plan);
        engine.bind_initiatives(&plan);
        engine.bind_amendments(&plan);
        engine.bind_scenario(&plan);
        engine
    }

    fn make_room(&mut self, plan: &Plan) {
        let (krs, objectives) = (plan.krs.len(), plan.objectives.len());
        let (teams, buckets) = (plan.teams.len(), plan.buckets.len());
        let rooms = [
            (Field::KrBaseline, krs, 0.0),
            (Field::KrTarget, krs, NO_DATA),
            (Field::KrActual, krs, NO_DATA),
            (Field::KrWeight, krs, 1.0),
            (Field::KrGrade, krs, NO_DATA),
            (Field::ObjectiveWeight, objectives, 1.0),
            (Field::ObjectiveGrade, objectives, NO_DATA),
            (Field::ObjectiveCommittedGrade, objectives, NO_DATA),
            (Field::ObjectiveAspirationalGrade, objectives, NO_DATA),
            (Field::TeamPeople, teams, NO_DATA),
            (Field::TeamLeave, teams, 0.0),
            (Field::TeamFocus, teams, 1.0),
            (Field::TeamCapacity, teams, NO_DATA),
            (Field::TeamGrade, teams, NO_DATA),
            (Field::TeamCommittedGrade, teams, NO_DATA),
            (Field::TeamAspirationalGrade, teams, NO_DATA),
            (Field::BucketShare, buckets, NO_DATA),
            (Field::BucketFloor, buckets, NO_DATA),
            (Field::BucketCeiling, buckets, NO_DATA),
            (Field::BucketCapacity, buckets, NO_DATA),
            (Field::CycleGrade, plan.cycles.len(), NO_DATA),
            (Field::CycleCommittedGrade, plan.cycles.len(), NO_DATA),
            (Field::CycleAspirationalGrade, plan.cycles.len(), NO_DATA),
            (Field::MetricValue, plan.metrics.len(), NO_DATA),
            (Field::InitiativeChance, plan.initiatives.len(), 1.0),
            (Field::InitiativePriority, plan.initiatives.len(), 0.0),
            (Field::InitiativeFinished, plan.initiatives.len(), 0.0),
        ];
        for (field, count, value) in rooms {
            self.columns.fill(field, count, value);
        }
    }

    /// Puts an input into its cell, over what is in it.
    pub(super) fn put(&mut self, cell: Cell, input: Input) {
        self.take_formula(cell);
        self.put_first(cell, input);
    }

    fn take_formula(&mut self, cell: Cell) {
        if !self.graph.inputs.formulas.is_empty() {
            self.graph.inputs.formulas.remove(&cell);
        }
    }

    /// Puts an input into a cell that has none yet.
    fn put_first(&mut self, cell: Cell, input: Input) {
        let value = match input.amount {
            Amount::Number(number) if cell.field == Field::TeamCapacity => number * self.time_left,
            Amount::Number(number) => number,
            Amount::Formula(formula) => {
                self.graph.inputs.formulas.insert(cell, formula);
                NO_DATA
            }
            Amount::Bad => ERROR,
        };
        self.columns.set(cell, value);
    }

    fn put_some(&mut self, field: Field, index: usize, input: Option<Input>) {
        if let Some(input) = input {
            self.put_first(Cell::new(field, index), input);
        }
    }

    /// The talk up to the day: the newest of proposed, agreed and declined is the status.
    fn bind_status(&mut self, plan: &Plan) {
        let as_of = self.moment.as_of;
        let talk = plan.talk.iter().filter(|talk| as_of.is_none_or(|as_of| talk.date <= as_of));
        for talk in talk.filter(|talk| talk.kind != TalkKind::Feedback) {
            match talk.subject {
                Subject::Objective(index) => {
                    self.objective_status[index as usize] = Some(talk.kind);
                }
                Subject::Kr(index) => drop(self.kr_status.insert(index, talk.kind)),
                Subject::Initiative(_) => {}
            }
        }
    }

    fn bind_krs(&mut self, plan: &Plan) {
        let mut ruled = Ruled::default();
        for (index, kr) in plan.krs.iter().enumerate() {
            self.put_some(Field::KrBaseline, index, kr.baseline);
            self.put_some(Field::KrTarget, index, kr.target);
            self.put_some(Field::KrWeight, index, kr.weight);
            self.newest[index] = newest_checkin(plan, &kr.checkins, self.moment.as_of);
            let observation = match self.newest[index] {
                NO_CHECKIN => kr.actual.map(|(observation, _)| observation),
                newest => Some(plan.checkins[newest as usize].observation),
            };
            let mut state = KrState::default();
            state.set(KrState::GUARDRAIL, kr.kind == KrKind::Guardrail);
            state.set(KrState::COMMITTED, kr.kind == KrKind::Committed);
            ruled.lay_out(plan, index, &mut state);
            self.krs[index] = state;
            match observation {
                Some(Observation::Number(input)) => {
                    self.put_first(Cell::new(Field::KrActual, index), input);
                }
                Some(observation) => self.observe(plan, index, observation),
                None => {}
            }
            super::graph::for_each_inline(plan, index, |input| {
                if let Amount::Formula(formula) = input.amount {
                    self.graph.inputs.inline.push((index as u32, formula));
                }
            });
        }
        self.ruled = Arc::new(ruled);
        for (&kr, &status) in &self.kr_status {
            self.krs[kr as usize].set(KrState::DECLINED, status == TalkKind::Declined);
        }
    }

    /// Puts an observation into a key result's actual: `done` as 1, `open` as 0, a milestone as its
    /// place in the list, the furthest so far.
    pub(super) fn observe(&mut self, plan: &Plan, index: usize, observation: Observation) {
        let cell = Cell::new(Field::KrActual, index);
        self.krs[index].set(KrState::NOT_APPLICABLE, observation == Observation::NotApplicable);
        let value = match observation {
            Observation::Number(input) => return self.put(cell, input),
            Observation::Done => 1.0,
            Observation::Open => 0.0,
            Observation::Milestone(at) => self.furthest(plan, index, at),
            Observation::NotApplicable => NO_DATA,
            Observation::Bad => ERROR,
        };
        self.take_formula(cell);
        self.columns.set(cell, value);
    }

    fn furthest(&self, plan: &Plan, index: usize, newest: u32) -> f64 {
        let seen = checkins_until(plan, &plan.krs[index].checkins, self.moment.as_of);
        let reached = seen.iter().filter_map(|checkin| match checkin.observation {
            Observation::Milestone(at) => Some(at),
            _ => None,
        });
        f64::from(reached.max().unwrap_or(newest).max(newest))
    }

    fn bind_objectives(&mut self, plan: &Plan) {
        for (index, objective) in plan.objectives.iter().enumerate() {
            if let Some(weight) = objective.weight {
                self.put(Cell::new(Field::ObjectiveWeight, index), weight);
            }
            let declined = self.objective_status[index] == Some(TalkKind::Declined);
            let skip = self.skips_missing(objective.owner);
            if declined || skip {
                for kr in objective.krs.clone() {
                    let state = &mut self.krs[kr as usize];
                    state.set(KrState::SKIP_MISSING, skip);
                    if declined {
                        state.set(KrState::DECLINED, true);
                    }
                }
            }
        }
    }

    /// Whether a key result without data is left out, by the policy of the owner's kind.
    fn skips_missing(&self, owner: Option<u32>) -> bool {
        let policies = &self.plan.policies;
        let kind = owner.and_then(|team| self.plan.teams[team as usize].kind);
        let own = kind.and_then(|kind| policies.kinds[kind as usize].skip_missing);
        own.or(policies.general.skip_missing).unwrap_or(false)
    }

    fn bind_metrics(&mut self, plan: &Plan) {
        for (index, metric) in plan.metrics.iter().enumerate() {
            let newest = newest_checkin(plan, &metric.checkins, self.moment.as_of);
            let observed = plan.checkins.get(newest as usize).map(|checkin| checkin.observation);
            let input = match observed {
                Some(Observation::Number(input)) => input,
                _ => metric.value,
            };
            self.put(Cell::new(Field::MetricValue, index), input);
        }
    }

    fn bind_teams(&mut self, plan: &Plan) {
        for (index, team) in plan.teams.iter().enumerate() {
            self.put_some(Field::TeamPeople, index, team.people);
            self.put_some(Field::TeamLeave, index, team.leave);
            self.put_some(Field::TeamFocus, index, team.focus);
            self.put_some(Field::TeamCapacity, index, team.capacity);
        }
        for (index, bucket) in plan.buckets.iter().enumerate() {
            self.put_some(Field::BucketShare, index, bucket.share);
            self.put_some(Field::BucketFloor, index, bucket.floor);
            self.put_some(Field::BucketCeiling, index, bucket.ceiling);
        }
        self.graph.rests = plan.buckets.iter().map(|bucket| bucket.share.is_none()).collect();
    }

    fn bind_initiatives(&mut self, plan: &Plan) {
        for (index, initiative) in plan.initiatives.iter().enumerate() {
            self.put_some(Field::InitiativeChance, index, initiative.chance);
            self.put_some(Field::InitiativePriority, index, initiative.priority);
            self.put_some(Field::InitiativeFinished, index, initiative.finished);
        }
    }

    /// The newest amendment of each cell up to the day.
    fn bind_amendments(&mut self, plan: &Plan) {
        if self.options.original {
            return;
        }
        for amendment in &plan.amendments {
            if self.moment.as_of.is_none_or(|as_of| amendment.date <= as_of) {
                self.put(amendment.cell, amendment.value);
            }
        }
    }

    /// The lines of the scenario in force, those of the scenarios that it extends first.
    fn bind_scenario(&mut self, plan: &Plan) {
        let mut chain = Vec::new();
        let mut at = self.options.scenario;
        while let Some(index) = at {
            chain.push(index);
            at = plan.scenarios[index as usize].extends;
        }
        for index in chain.into_iter().rev() {
            for (change, _) in &plan.scenarios[index as usize].lines {
                self.change(plan, change);
            }
        }
    }

    fn change(&mut self, plan: &Plan, change: &Change) {
        match *change {
            Change::Set(cell, input) => self.set_over(cell, input),
            Change::Observe(kr, observation) => {
                self.graph.inputs.set_actuals.push(kr);
                self.observe(plan, kr as usize, observation);
            }
            Change::MoveShare(amount, from, to) => self.moved(amount, from, to, false),
            Change::MoveEffort(amount, from, to) => self.moved(amount, from, to, true),
            Change::Drop(_) | Change::Add(_) => {}
        }
    }

    fn moved(&mut self, amount: Input, from: u32, to: u32, is_effort: bool) {
        for (bucket, sign) in [(from, -1.0), (to, 1.0)] {
            self.graph.inputs.moves.push(Moved { bucket, amount, sign, is_effort });
        }
    }

    /// `set` of a cell: over amendments, and of an actual over the newest check-in.
    pub(super) fn set_over(&mut self, cell: Cell, input: Input) {
        match cell.field {
            Field::BucketShare => {
                self.graph.rests[cell.index as usize] = false;
                self.graph.inputs.moves.retain(|it| it.bucket != cell.index || it.is_effort);
            }
            Field::KrActual => {
                self.graph.inputs.set_actuals.push(cell.index);
                self.krs[cell.index as usize].set(KrState::NOT_APPLICABLE, false);
            }
            _ => {}
        }
        self.put(cell, input);
    }

    pub(super) fn note_binding(&mut self, problem: Problem) {
        self.binding.push(problem);
    }
}

/// The index of the newest check-in of a range up to a day.
fn newest_checkin(plan: &Plan, range: &std::ops::Range<u32>, as_of: Option<Date>) -> u32 {
    match checkins_until(plan, range, as_of).len() {
        0 => NO_CHECKIN,
        count => range.start + count as u32 - 1,
    }
}

/// The check-ins of a range up to a day, by date.
pub(super) fn checkins_until<'p>(
    plan: &'p Plan,
    range: &std::ops::Range<u32>,
    as_of: Option<Date>,
) -> &'p [Checkin] {
    let all = &plan.checkins[range.start as usize..range.end as usize];
    match as_of {
        None => all,
        Some(as_of) => &all[..all.partition_point(|checkin| checkin.date <= as_of)],
    }
}
