//! A plan day by day, in ascending order: of what a day brings, only what follows from it is
//! computed again, so that many days of a plan take time in proportion to what happens on them.
//!
//! A day gives the same values as the plan bound to it afresh; a test holds it to that. Where a day
//! brings something that changes the graph, such as a formula, the plan is bound afresh.

use super::bind::{KrState, NO_CHECKIN};
use super::edit::ANY;
use super::graph::Node;
use super::late::Earlier;
use super::store::NO_DATA;
use super::{Engine, Moment, Options};
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::Arc;

/// Something that happens on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A check-in of a key result.
    Kr(u32, u32),
    /// A check-in of a metric.
    Metric(u32, u32),
    /// An amendment.
    Amended(u32),
    /// A line of the talk.
    Said(u32),
    /// The day after a key result was due.
    Late(u32),
}

/// A plan day by day.
#[derive(Debug)]
pub struct Days {
    plan: Arc<Plan>,
    options: Options,
    moment: Moment,
    /// The grades of late key results on the days before.
    pub(super) earlier: Arc<Earlier>,
    engine: Option<Engine>,
    /// What happens, by date.
    events: Vec<(Date, Event)>,
    /// How many of the events have happened on the day of the engine.
    done: usize,
    /// Cells that the scenario in force sets, over whatever happens.
    fixed: FxHashSet<Cell>,
}

impl Engine {
    /// The plan on other days up to this one's, to be asked for in ascending order.
    pub fn days(&self) -> Days {
        Days::new(self, self.earlier.clone().unwrap_or_default())
    }
}

impl Days {
    pub(super) fn new(engine: &Engine, earlier: Arc<Earlier>) -> Self {
        let plan = Arc::clone(&engine.plan);
        let fixed = engine
            .scenario_lines()
            .filter_map(|change| match change {
                Change::Set(cell, _) => Some(*cell),
                Change::Observe(kr, _) => Some(Cell { field: Field::KrActual, index: *kr }),
                _ => None,
            })
            .collect();
        Self {
            events: events(&plan),
            plan,
            options: engine.options,
            moment: engine.moment,
            earlier,
            engine: None,
            done: 0,
            fixed,
        }
    }

    /// The plan on a day; quick where the day is not before the last one that was asked for.
    pub fn on(&mut self, date: Date) -> &Engine {
        let engine = match self.engine.take() {
            Some(engine) => self.follow(engine, date),
            None => self.afresh(date),
        };
        self.engine.insert(engine)
    }

    fn afresh(&mut self, date: Date) -> Engine {
        self.done = self.events.partition_point(|(day, _)| *day <= date);
        let (plan, moment) = (Arc::clone(&self.plan), self.moment.on(date));
        let earlier = Some(Arc::clone(&self.earlier));
        let mut engine = Engine::with_earlier(plan, self.options, moment, earlier);
        engine.earlier = None; // so that more may be added to them
        engine
    }

    fn follow(&mut self, mut engine: Engine, date: Date) -> Engine {
        let done = self.events[self.done..].partition_point(|(day, _)| *day <= date);
        let next: Range<usize> = self.done..self.done + done;
        let back = engine.moment.as_of.is_none_or(|day| day > date);
        let plain = |(_, event): &(Date, Event)| engine.may_follow(*event);
        // What the time left or a projection gives follows from the day as a whole.
        let whole = engine.graph.reads_projection
            || engine.options.remaining
            || !engine.graph.ringed.is_empty();
        if back || whole || !self.events[next.clone()].iter().all(plain) {
            drop(engine);
            return self.afresh(date);
        }
        engine.moment = self.moment.on(date);
        for at in next.clone() {
            engine.happens(self.events[at].1, &self.fixed, &self.earlier);
        }
        engine.pass_time();
        engine.forget_futures();
        self.done = next.end;
        engine
    }
}

/// What happens in a plan, by date.
fn events(plan: &Plan) -> Vec<(Date, Event)> {
    let numbered = |range: &Range<u32>| range.clone();
    let date = |checkin: u32| plan.checkins[checkin as usize].date;
    let mut events = Vec::with_capacity(plan.checkins.len());
    for (index, kr) in (0..).zip(&plan.krs) {
        events.extend(numbered(&kr.checkins).map(|at| (date(at), Event::Kr(index, at))));
        if let Some(due) = kr.due.as_ref().filter(|due| due.late.is_some())
            && let Ok(next) = due.date.tomorrow()
        {
            events.push((next, Event::Late(index)));
        }
    }
    for (index, metric) in (0..).zip(&plan.metrics) {
        events.extend(numbered(&metric.checkins).map(|at| (date(at), Event::Metric(index, at))));
    }
    events.extend((0..).zip(&plan.amendments).map(|(at, it)| (it.date, Event::Amended(at))));
    events.extend((0..).zip(&plan.talk).map(|(at, it)| (it.date, Event::Said(at))));
    events.sort_unstable();
    events
}

fn is_number(input: Input) -> bool {
    matches!(input.amount, Amount::Number(number) if number.is_finite())
}

impl Engine {
    /// Whether an event changes values alone, and neither the graph nor who counts.
    fn may_follow(&self, event: Event) -> bool {
        let plain = |cell: Cell| !self.graph.inputs.formulas.contains_key(&cell);
        match event {
            Event::Kr(kr, checkin) => {
                let number = match self.plan.checkins[checkin as usize].observation {
                    Observation::Number(input) => is_number(input),
                    Observation::Done | Observation::Open | Observation::Milestone(_) => true,
                    Observation::NotApplicable | Observation::Bad => false,
                };
                let out = self.krs[kr as usize].is(KrState::NOT_APPLICABLE);
                number && !out && plain(Cell { field: Field::KrActual, index: kr })
            }
            Event::Metric(metric, checkin) => {
                let observation = self.plan.checkins[checkin as usize].observation;
                matches!(observation, Observation::Number(input) if is_number(input))
                    && plain(Cell { field: Field::MetricValue, index: metric })
            }
            Event::Amended(at) => {
                let amendment = &self.plan.amendments[at as usize];
                self.options.original || (is_number(amendment.value) && plain(amendment.cell))
            }
            Event::Said(at) => {
                let said = &self.plan.talk[at as usize];
                let before = match said.subject {
                    Subject::Objective(index) => self.objective_status[index as usize],
                    Subject::Kr(index) => self.kr_status.get(&index).copied(),
                    Subject::Initiative(_) => return true,
                };
                let declined = |kind: TalkKind| kind == TalkKind::Declined;
                said.kind == TalkKind::Feedback
                    || (!declined(said.kind) && !before.is_some_and(declined))
            }
            Event::Late(_) => true,
        }
    }

    /// Takes over what happens, and computes what follows.
    fn happens(&mut self, event: Event, fixed: &FxHashSet<Cell>, earlier: &Earlier) {
        let plan = Arc::clone(&self.plan);
        match event {
            Event::Kr(kr, checkin) => {
                let cell = Cell { field: Field::KrActual, index: kr };
                let seen = &plan.checkins[checkin as usize];
                self.count_kept(kr, checkin);
                self.newest[kr as usize] = checkin;
                if !fixed.contains(&cell) {
                    let value = self.observed_value(cell, seen.observation);
                    self.columns.set(cell, value);
                }
                self.late_checkin(kr, seen.date, earlier);
                self.propagate_observation(kr);
            }
            Event::Metric(metric, checkin) => {
                let cell = Cell { field: Field::MetricValue, index: metric };
                if let Observation::Number(input) = plan.checkins[checkin as usize].observation {
                    self.put_plain(cell, input, fixed);
                }
            }
            Event::Amended(at) if !self.options.original => {
                let amendment = &plan.amendments[at as usize];
                self.put_plain(amendment.cell, amendment.value, fixed);
            }
            Event::Amended(_) => {}
            Event::Said(at) => match plan.talk[at as usize] {
                Talk { kind: TalkKind::Feedback, .. } => {}
                Talk { kind, subject: Subject::Objective(index), .. } => {
                    self.objective_status[index as usize] = Some(kind);
                }
                Talk { kind, subject: Subject::Kr(index), .. } => {
                    self.kr_status.insert(index, kind);
                }
                Talk { subject: Subject::Initiative(_), .. } => {}
            },
            Event::Late(kr) => {
                self.becomes_late(kr, earlier);
                self.propagate_observation(kr);
            }
        }
    }

    fn put_plain(&mut self, cell: Cell, input: Input, fixed: &FxHashSet<Cell>) {
        if let (Amount::Number(number), false) = (input.amount, fixed.contains(&cell))
            && self.columns.set(cell, number)
        {
            self.propagate(cell);
        }
    }

    /// The stored actual of an observation that follows others; a milestone counts where it is the
    /// furthest so far.
    fn observed_value(&self, cell: Cell, observation: Observation) -> f64 {
        match observation {
            Observation::Number(Input { amount: Amount::Number(number), .. }) => number,
            Observation::Done => 1.0,
            Observation::Milestone(at) => match self.columns.get(cell) {
                before if before.is_nan() => f64::from(at),
                before => before.max(f64::from(at)),
            },
            Observation::Open => 0.0,
            _ => NO_DATA,
        }
    }

    /// Computes what follows from a key result's newest check-in, what is computed when it is read
    /// included.
    fn propagate_observation(&mut self, kr: u32) {
        let mut seeds = vec![(self.graph.number(Node::Kr(kr)), kr)];
        let fields = super::graph::KR_CELLS.iter().chain([&Field::KrActual]);
        for field in fields {
            let readers = self.graph.readers(Cell { field: *field, index: kr });
            seeds.extend(readers.iter().map(|(_, node)| (*node, ANY)));
        }
        self.propagate_from(seeds);
    }

    /// Computes what follows from the time alone.
    fn pass_time(&mut self) {
        let timed = [Field::CycleElapsed, Field::KrPace];
        let seeds: Vec<(u32, u32)> = timed
            .into_iter()
            .flat_map(|it| self.graph.readers_of_any(it))
            .map(|(_, node)| (*node, ANY))
            .collect();
        if !seeds.is_empty() {
            self.propagate_from(seeds);
        }
    }

    /// Counts the check-ins before a new one that hold a bound, where that bound is a number.
    fn count_kept(&mut self, kr: u32, checkin: u32) {
        let plan = Arc::clone(&self.plan);
        let Grading::Keep(bounds) = plan.krs[kr as usize].grading else { return };
        let ends = plan.bounds[bounds as usize];
        if !ends.low.into_iter().chain(ends.high).all(is_number) {
            return;
        }
        let first = plan.krs[kr as usize].checkins.start;
        let before = self.kept.remove(&kr).filter(|it| it.until <= checkin);
        let mut kept = before.unwrap_or(Kept { until: first, held: 0, count: 0 });
        for at in kept.until..checkin {
            match plan.checkins[at as usize].observation {
                Observation::Number(Input { amount: Amount::Number(value), .. }) => {
                    kept.held += u32::from(self.keeps(bounds, value).unwrap_or(false));
                    kept.count += 1;
                }
                Observation::NotApplicable => {}
                _ => return,
            }
        }
        kept.until = checkin;
        self.kept.insert(kr, kept);
    }
}

/// How many check-ins before the newest one hold a bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// The first check-in that is not counted.
    pub until: u32,
    /// How many hold it.
    pub held: u32,
    /// How many there are.
    pub count: u32,
}

impl Kept {
    /// Whether it counts all check-ins but the newest.
    pub fn is_of(&self, newest: u32) -> bool {
        newest != NO_CHECKIN && self.until == newest
    }
}
