//! What of the cycle's work is funded: the initiatives that take part, their efforts and the pots
//! that they draw from (`capacity.md`, "Funding").

use super::Engine;
use super::grade::{Stop, wanted};
use super::portfolio::{Funded, Payment, Portfolio, Pot, Work};
use super::store::{NO_DATA, Value, value_of};
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::{Cell, Field, Range};
use crate::plan::model::{Change, Draw, Estimate, Initiative, Input, Pays};
use crate::plan::out_of_range;
use crate::quantity::readable;
use crate::source::Place;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is funded.
#[derive(Clone, Debug, Default)]
pub struct Funding {
    /// The work as numbers.
    pub portfolio: Portfolio,
    /// What is funded of it.
    pub funded: Funded,
    /// The place of each initiative of the plan in the portfolio; `None` if it takes no part.
    pub places: Vec<Option<u32>>,
    /// Initiatives whose numbers are wrong.
    broken: Vec<bool>,
    /// Pots on which a draw is wrong, so that their demand is not known.
    spoilt: Vec<bool>,
    /// What is wrong with the numbers.
    pub(super) problems: Vec<Problem>,
}

impl Funding {
    /// Whether the numbers of an initiative are wrong.
    pub(super) fn is_broken(&self, initiative: usize) -> bool {
        self.broken[initiative]
    }
}

/// The number that an amount has, or the problem that it is out of range.
pub(super) fn within(
    amount: Result<f64, Stop>,
    range: Range,
    what: &str,
    input: Input,
) -> Result<f64, Stop> {
    let number = amount?;
    match out_of_range(range, number) {
        None => Ok(number),
        Some(must) => {
            let message = format!("{what} {must}, and this is {}", readable(number));
            let help = "keep it in range: `clamp(…, low, high)` or `max(0, …)`";
            Err(Stop::wrong(Kind::OutOfRange, input.place, message, help))
        }
    }
}

impl Engine {
    /// What of the cycle's work is funded; computed when it is first asked for.
    pub fn funding(&self) -> &Funding {
        self.funding.get_or_init(|| self.fund())
    }

    /// Whether an initiative is part of the plan as it is looked at: written in the base and not
    /// dropped, or added by the scenario.
    pub fn is_there(&self, initiative: usize) -> bool {
        match self.plan.initiatives[initiative].scenario {
            None => !self.scenario_lines().any(|line| drops(line, initiative)),
            Some(_) => {
                let adds =
                    |line: &&Change| matches!(**line, Change::Add(it) if it as usize == initiative);
                self.scenario_lines().any(|line| adds(&line))
                    && !self.scenario_lines().any(|line| drops(line, initiative))
            }
        }
    }

    /// Whether an initiative takes part: it is there, and belongs to the cycle in force, or to none.
    pub fn takes_part(&self, initiative: usize) -> bool {
        let cycle = self.plan.initiatives[initiative].cycle;
        (cycle.is_none() || cycle == self.moment.cycle) && self.is_there(initiative)
    }

    /// Whether something has been observed in the cycle in force, so that some of its capacity is
    /// spent.
    pub fn is_mid_cycle(&self) -> bool {
        let Some(cycle) = self.moment.cycle else { return false };
        let cycle = &self.plan.cycles[cycle as usize];
        let until = self.moment.as_of.unwrap_or(cycle.to).min(cycle.to);
        let seen = |date| cycle.from <= date && date <= until;
        self.plan.checkins.iter().any(|checkin| seen(checkin.date))
    }

    /// The pot of a draw: buckets come first, then teams.
    pub fn pot(&self, draw: Draw) -> usize {
        match draw {
            Draw::Bucket(bucket) => bucket as usize,
            Draw::Team(team) => self.plan.buckets.len() + team as usize,
        }
    }

    fn fund(&self) -> Funding {
        let mut funding = Funding {
            places: vec![None; self.plan.initiatives.len()],
            broken: vec![false; self.plan.initiatives.len()],
            ..Funding::default()
        };
        let taking_part: Vec<usize> =
            (0..self.plan.initiatives.len()).filter(|&it| self.takes_part(it)).collect();
        if taking_part.is_empty() && self.plan.buckets.is_empty() {
            return funding;
        }
        funding.portfolio.pots = self.pots();
        funding.spoilt = (0..funding.portfolio.pots.len())
            .map(|pot| self.pot_capacity(pot) == Value::Error)
            .collect();
        for initiative in self.order_of_visit(&taking_part) {
            let work = self.work(initiative, &mut funding);
            funding.places[initiative] = Some(funding.portfolio.works.len() as u32);
            funding.portfolio.works.push(work);
        }
        funding.problems.extend(self.dropped_needs(&taking_part));
        funding.funded = funding.portfolio.fund();
        funding
    }

    /// What work draws from, as it is now: buckets, then teams.
    pub fn pots(&self) -> Vec<Pot> {
        let number = |cell| value_of(self.columns.get(cell)).number().unwrap_or(f64::NAN);
        let buckets = self.plan.buckets.iter().enumerate().map(|(index, bucket)| Pot {
            capacity: number(Cell::new(Field::BucketCapacity, index)),
            prorata: self.plan.teams[bucket.team as usize].prorata,
            team: bucket.team,
        });
        let teams = self.plan.teams.iter().enumerate().map(|(index, team)| Pot {
            capacity: number(Cell::new(Field::TeamCapacity, index)),
            prorata: team.prorata,
            team: index as u32,
        });
        buckets.chain(teams).collect()
    }

    /// By priority, then file order, an initiative after all that it needs.
    fn order_of_visit(&self, taking_part: &[usize]) -> Vec<usize> {
        let count = self.plan.initiatives.len();
        let mut waiting = vec![0_usize; count];
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut takes_part = vec![false; count];
        taking_part.iter().for_each(|&it| takes_part[it] = true);
        for &initiative in taking_part {
            for needed in self.needs(initiative).filter(|&needed| takes_part[needed]) {
                waiting[initiative] += 1;
                next[needed].push(initiative);
            }
        }
        let priority = |it: usize| {
            let stored = self.columns.get(Cell::new(Field::InitiativePriority, it));
            Priority(value_of(stored).number().unwrap_or(0.0))
        };
        let mut ready: BinaryHeap<Reverse<(Priority, usize)>> = taking_part
            .iter()
            .filter(|&&it| waiting[it] == 0)
            .map(|&it| Reverse((priority(it), it)))
            .collect();
        let mut order = Vec::with_capacity(taking_part.len());
        while let Some(Reverse((_, initiative))) = ready.pop() {
            order.push(initiative);
            for &after in &next[initiative] {
                waiting[after] -= 1;
                if waiting[after] == 0 {
                    ready.push(Reverse((priority(after), after)));
                }
            }
        }
        // What needs itself in a ring is reported where the plan is read; it comes last.
        order.extend(taking_part.iter().copied().filter(|&it| waiting[it] > 0));
        order
    }

    fn needs(&self, initiative: usize) -> impl Iterator<Item = usize> {
        let needs = &self.plan.initiatives[initiative].needs;
        let mut needed: Vec<usize> = needs.iter().map(|(needed, _)| *needed as usize).collect();
        needed.sort_unstable();
        needed.dedup();
        needed.into_iter()
    }

    fn work(&self, index: usize, funding: &mut Funding) -> Work {
        let initiative = &self.plan.initiatives[index];
        let finished = wanted(self.columns.get(Cell::new(Field::InitiativeFinished, index)));
        let (finished, _) = Stop::split(finished);
        let mut sound = !finished.is_nan();
        let left = if sound { 1.0 - finished } else { 1.0 };
        let (draws, spoilt) = self.draws(initiative, left, &mut funding.problems);
        for pot in spoilt {
            funding.spoilt[pot] = true;
        }
        sound &= initiative.draws.iter().all(|(_, draw)| !funding.spoilt[self.pot(*draw)]);
        let payment = self.payment(initiative, &mut funding.problems);
        sound &= payment.is_some();
        funding.broken[index] = !sound;
        let mut unmet = false;
        let mut needs = Vec::new();
        for needed in self.needs(index) {
            match funding.places[needed] {
                Some(place) => needs.push(place),
                None => unmet |= !self.is_finished(needed),
            }
        }
        let payment = payment.unwrap_or(Payment::AsFunded);
        Work { initiative: index as u32, draws, needs, unmet, payment, left }
    }

    /// The pots that an initiative draws from, each once, with the efforts of which a share is left;
    /// and the pots on which an effort is wrong.
    fn draws(
        &self,
        initiative: &Initiative,
        left: f64,
        problems: &mut Vec<Problem>,
    ) -> (Vec<(u32, f64)>, Vec<usize>) {
        let mut draws: Vec<(u32, f64)> = Vec::with_capacity(initiative.draws.len());
        let mut spoilt = Vec::new();
        for (estimate, draw) in &initiative.draws {
            let pot = self.pot(*draw);
            match self.effort(estimate, problems) {
                Some(effort) => match draws.iter_mut().find(|(other, _)| *other as usize == pot) {
                    Some((_, sum)) => *sum += effort * left,
                    None => draws.push((pot as u32, effort * left)),
                },
                None => spoilt.push(pot),
            }
        }
        (draws, spoilt)
    }

    /// What a work draws while an amount inside its statement is tried; `None` if that is wrong.
    pub fn draws_with(&mut self, place: usize, tried: (Place, f64)) -> Option<Vec<(u32, f64)>> {
        let work = &self.funding().portfolio.works[place];
        let (index, left) = (work.initiative as usize, work.left);
        let before = self.tried.replace(tried);
        let plan = std::sync::Arc::clone(&self.plan);
        let (draws, spoilt) = self.draws(&plan.initiatives[index], left, &mut Vec::new());
        self.tried = before;
        spoilt.is_empty().then_some(draws)
    }

    fn is_finished(&self, initiative: usize) -> bool {
        self.columns.get(Cell::new(Field::InitiativeFinished, initiative)) == 1.0
    }

    fn effort(&self, estimate: &Estimate, problems: &mut Vec<Problem>) -> Option<f64> {
        let amount = self.amount(estimate.mean, None);
        noted(within(amount, Range::NotNegative, "an effort", estimate.mean), problems)
    }

    fn payment(&self, initiative: &Initiative, problems: &mut Vec<Problem>) -> Option<Payment> {
        let points = match &initiative.pays {
            Pays::AsFunded => return Some(Payment::AsFunded),
            Pays::WhenDone => return Some(Payment::WhenDone),
            Pays::Curve(points) => points,
        };
        let mut read: Vec<(f64, f64)> = Vec::with_capacity(points.len() + 1);
        for point in points {
            let at = within(self.amount(point.at, None), Range::Share, "a funded share", point.at);
            let grade = self.amount(point.grade, None);
            let share = within(grade, Range::Share, "the share that is paid", point.grade);
            let (at, share) = (noted(at, problems)?, noted(share, problems)?);
            if read.last().is_some_and(|(before, _)| *before >= at) {
                let message = "the funded share rises from point to point";
                let problem = Problem::new(Kind::PointsOrder, point.at.place, message);
                problems.push(problem.help("write the points in order: `0.5 -> 0.2, 1 -> 1`"));
                return None;
            }
            read.push((at, share));
        }
        if read.first().is_none_or(|(at, _)| *at > 0.0) {
            read.insert(0, (0.0, 0.0));
        }
        Some(Payment::Curve(read))
    }

    /// Initiatives that need what the scenario drops: an error at the line that drops it.
    fn dropped_needs(&self, taking_part: &[usize]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut at = self.options.scenario;
        while let Some(index) = at {
            let scenario = &self.plan.scenarios[index as usize];
            for (change, place) in &scenario.lines {
                let Change::Drop(dropped) = *change else { continue };
                let needs = |it: &&usize| self.needs(**it).any(|need| need == dropped as usize);
                let Some(needing) = taking_part.iter().find(needs) else { continue };
                let id = |it: usize| self.plan.source(self.plan.initiatives[it].name).to_owned();
                let (dropped, needing) = (id(dropped as usize), id(*needing));
                let message = format!("`{dropped}` is dropped, but `{needing}` needs it");
                let problem = Problem::new(Kind::DropNeeded, *place, message);
                problems.push(problem.help(format!("drop `{needing}` as well")));
            }
            at = scenario.extends;
        }
        problems
    }

    /// The demand on a pot in person-weeks: whole efforts, funded or not.
    pub fn demand(&self, pot: usize) -> Value {
        let funding = self.funding();
        match funding.funded.demand.get(pot) {
            Some(_) if funding.spoilt[pot] => Value::Error,
            Some(demand) => Value::Number(*demand),
            None => Value::Number(0.0),
        }
    }

    /// The capacity of a pot in person-weeks.
    pub fn pot_capacity(&self, pot: usize) -> Value {
        match pot.checked_sub(self.plan.buckets.len()) {
            None => self.read(Cell::new(Field::BucketCapacity, pot)),
            Some(team) => self.read(Cell::new(Field::TeamCapacity, team)),
        }
    }

    /// Demand over capacity: 0 without demand, no data with demand and no capacity.
    pub fn load(&self, pot: usize) -> Value {
        match (self.demand(pot), self.pot_capacity(pot)) {
            (Value::Number(demand), _) if demand <= 0.0 => Value::Number(0.0),
            (Value::Number(_), Value::Number(capacity)) if capacity <= 0.0 => Value::NoData,
            (Value::Number(demand), Value::Number(capacity)) => Value::Number(demand / capacity),
            (Value::Number(_), other) => other,
            (other, _) => other,
        }
    }

    /// The share of an initiative that is funded.
    pub fn funded(&self, initiative: usize) -> Value {
        self.of_work(initiative, |funded, place| funded.shares[place])
    }

    /// The share of its effect that an initiative pays.
    pub fn paid(&self, initiative: usize) -> Value {
        self.of_work(initiative, |funded, place| funded.paid[place])
    }

    fn of_work(&self, initiative: usize, of: impl Fn(&Funded, usize) -> f64) -> Value {
        let funding = self.funding();
        match funding.places[initiative] {
            None => Value::NoData,
            Some(_) if funding.broken[initiative] => Value::Error,
            Some(place) => {
                let number = of(&funding.funded, place as usize);
                value_of(if number.is_nan() { NO_DATA } else { number })
            }
        }
    }

    /// A stored value of funding, for cells that are kept.
    pub(super) fn funding_cell(&self, cell: Cell) -> Option<Value> {
        let index = cell.index as usize;
        Some(match cell.field {
            Field::BucketDemand => self.demand(index),
            Field::BucketLoad => self.load(index),
            Field::InitiativeFunded => self.funded(index),
            Field::InitiativePaid => self.paid(index),
            _ => return None,
        })
    }
}

/// The number of a result; its problem is noted.
pub(super) fn noted(result: Result<f64, Stop>, problems: &mut Vec<Problem>) -> Option<f64> {
    let (number, problem) = Stop::split(result);
    problems.extend(problem);
    (!number.is_nan()).then_some(number)
}

fn drops(line: &Change, initiative: usize) -> bool {
    matches!(*line, Change::Drop(it) if it as usize == initiative)
}

/// A priority, for the order of visit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Priority(f64);

impl Eq for Priority {}

impl PartialOrd for Priority {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Priority {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
