//! Capacity (`capacity.md`, "The model"): of a team, and of its buckets.

use super::grade::{Stop, wanted};
use super::store::{ERROR, value_of};
use super::{Engine, Value, time};
use crate::diagnostic::{Kind, Problem};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Change, Input};
use crate::source::Place;

impl Engine {
    /// (people × weeks of the cycle − leave) × focus, in person-weeks. `None` where the capacity is
    /// written outright.
    pub(super) fn team_capacity(&self, index: usize) -> Option<Result<f64, Stop>> {
        self.plan.teams[index].people?;
        Some(self.capacity_of_people(index))
    }

    fn capacity_of_people(&self, index: usize) -> Result<f64, Stop> {
        let people = wanted(self.columns.of(Field::TeamPeople)[index])?;
        let leave = wanted(self.columns.of(Field::TeamLeave)[index])?;
        let focus = wanted(self.columns.of(Field::TeamFocus)[index])?;
        let Some(weeks) = self.cycle_weeks() else { return Err(Stop::NoData) };
        if self.moment.cycle.is_some_and(|cycle| self.plan.cycles[cycle as usize].reversed) {
            return Err(Stop::Poisoned);
        }
        let time = people * weeks;
        if leave > time {
            let team = &self.plan.teams[index];
            let place = team.leave.or(team.people).map_or(team.name, |input| input.place);
            let show = |effort| self.plan.units.show(effort, crate::quantity::UnitId::PERSON_WEEKS);
            let (leave, time) = (show(leave), show(time));
            let message = format!(
                "the leave is {leave}, longer than the {time} that the team has in the cycle"
            );
            let help = "leave is the sum over all people, in the cycle in force";
            return Err(Stop::wrong(Kind::LeaveOverTime, place, message, help));
        }
        Ok((time - leave) * focus * self.time_left)
    }

    /// The weeks of the cycle in force.
    pub fn cycle_weeks(&self) -> Option<f64> {
        let cycle = self.moment.cycle?;
        Some(time::weeks(&self.plan.cycles[cycle as usize]))
    }

    /// Shares and capacities of a team's buckets; what is wrong with them.
    pub(super) fn compute_buckets(&mut self, team: usize) -> (bool, Vec<Problem>) {
        let buckets = self.plan.teams[team].buckets.clone();
        if buckets.is_empty() {
            return (false, Vec::new());
        }
        let mut problems = Vec::new();
        let mut shares: Vec<f64> = Vec::with_capacity(buckets.len());
        for bucket in buckets.clone() {
            let share = match self.graph.rests[bucket as usize] {
                true => Ok(0.0),
                false => self.fixed_share(bucket),
            };
            let (share, problem) = Stop::split(share);
            problems.extend(problem);
            shares.push(share);
        }
        let fixed: f64 = shares.iter().sum();
        if fixed > 1.0 + 1e-9 {
            problems.push(self.shares_over(team, fixed));
            shares.fill(ERROR);
        }
        let mut changed = false;
        for (bucket, share) in buckets.zip(shares) {
            let rest = self.graph.rests[bucket as usize];
            let share = match rest {
                true if fixed.is_nan() => ERROR,
                true if !share.is_nan() => (1.0 - fixed).max(0.0),
                _ => share,
            };
            changed |= self.put_bucket(team, bucket, share, rest, &mut problems);
        }
        (changed, problems)
    }

    fn put_bucket(
        &mut self,
        team: usize,
        bucket: u32,
        share: f64,
        rest: bool,
        problems: &mut Vec<Problem>,
    ) -> bool {
        problems.extend(self.bounds_problem(bucket, share));
        let (capacity, problem) = Stop::split(self.bucket_capacity(team, bucket, share));
        problems.extend(problem);
        let cell = |field| Cell { field, index: bucket };
        let written = self.graph.inputs.formulas.contains_key(&cell(Field::BucketShare));
        let moved = self.graph.inputs.moves.iter().any(|it| it.bucket == bucket && !it.is_effort);
        // A share is kept where it is computed; a written one stays as it is, so that computing
        // twice gives the same.
        let mut changed = false;
        if rest || (share.is_nan() && !written) {
            changed |= self.columns.set(cell(Field::BucketShare), share);
        } else if moved {
            changed |= self.shares_moved(bucket, share);
        }
        changed | self.columns.set(cell(Field::BucketCapacity), capacity)
    }

    /// Keeps a moved share beside the written one.
    fn shares_moved(&mut self, bucket: u32, share: f64) -> bool {
        let before = self.graph.moved_shares.insert(bucket, share);
        before.map(f64::to_bits) != Some(share.to_bits())
    }

    /// The share of a bucket that does not take the rest, with what a scenario moves.
    fn fixed_share(&self, bucket: u32) -> Result<f64, Stop> {
        let mut share = wanted(self.columns.of(Field::BucketShare)[bucket as usize])?;
        for moved in self.graph.inputs.moves.iter().filter(|it| it.bucket == bucket) {
            if moved.is_effort {
                continue;
            }
            share += moved.sign * self.amount(moved.amount, None)?;
            if share < -1e-9 {
                return Err(self.takes_too_much(bucket, moved.amount));
            }
        }
        Ok(share.max(0.0))
    }

    fn takes_too_much(&self, bucket: u32, amount: Input) -> Stop {
        let id = self.plan.bucket_id(bucket as usize);
        let message = format!("this takes more than `{id}` has");
        Stop::wrong(Kind::OutOfRange, amount.place, message, "move less")
    }

    fn bucket_capacity(&self, team: usize, bucket: u32, share: f64) -> Result<f64, Stop> {
        let share = wanted(share)?;
        let team = wanted(self.columns.of(Field::TeamCapacity)[team])?;
        let mut capacity = share * team;
        for moved in self.graph.inputs.moves.iter().filter(|it| it.bucket == bucket) {
            if !moved.is_effort {
                continue;
            }
            capacity += moved.sign * self.amount(moved.amount, None)?;
            if capacity < -1e-9 {
                return Err(self.takes_too_much(bucket, moved.amount));
            }
        }
        Ok(capacity.max(0.0))
    }

    fn shares_over(&self, team: usize, fixed: f64) -> Problem {
        let buckets = self.plan.teams[team].buckets.clone();
        let last = buckets.rev().find(|&it| !self.graph.rests[it as usize]).unwrap_or(0);
        let share = Cell { field: Field::BucketShare, index: last };
        let written = self
            .input_in_force(share)
            .map_or(self.plan.buckets[last as usize].share_place, |it| it.place);
        let place = self.share_changed(team).unwrap_or(written);
        let shown = self.plan.units.show(fixed, crate::quantity::UnitId::PERCENT);
        let message = format!("the shares of the team's buckets add up to {shown}");
        Problem::new(Kind::SharesOver, place, message)
            .help("lower one of them, or let one take the `rest`: nothing is rescaled silently")
    }

    /// The last line of the scenario in force that changes a share of a team.
    fn share_changed(&self, team: usize) -> Option<Place> {
        let own = |bucket: u32| self.plan.buckets[bucket as usize].team as usize == team;
        self.scenario_lines().rev().find_map(|line| match line {
            Change::Set(Cell { field: Field::BucketShare, index }, input) if own(*index) => {
                Some(input.place)
            }
            Change::MoveShare(input, _, to) if own(*to) => Some(input.place),
            _ => None,
        })
    }

    /// A warning where a share lies outside its own floor or ceiling.
    fn bounds_problem(&self, bucket: u32, share: f64) -> Option<Problem> {
        let bound = |field: Field| value_of(self.columns.of(field)[bucket as usize]).number();
        let share = value_of(share).number()?;
        let (word, bound) = match (bound(Field::BucketFloor), bound(Field::BucketCeiling)) {
            (Some(floor), _) if share < floor - 1e-9 => ("floor", floor),
            (_, Some(ceiling)) if share > ceiling + 1e-9 => ("ceiling", ceiling),
            _ => return None,
        };
        let percent = |share| self.plan.units.show(share, crate::quantity::UnitId::PERCENT);
        let past = if word == "floor" { "under" } else { "over" };
        let message =
            format!("the share is {}, {past} the {word} of {}", percent(share), percent(bound));
        let place: Place = self.plan.buckets[bucket as usize].share_place;
        Some(
            Problem::new(Kind::ShareBounds, place, message)
                .help(format!("change the share or the {word}")),
        )
    }

    /// The share of a bucket in force, with what a scenario moves.
    pub fn bucket_share(&self, bucket: usize) -> Value {
        match self.graph.moved_shares.get(&(bucket as u32)) {
            Some(share) => value_of(*share),
            None => value_of(self.columns.of(Field::BucketShare)[bucket]),
        }
    }

    /// What the fixed shares of a team leave, where no bucket takes the rest.
    pub fn slack(&self, team: usize) -> Option<f64> {
        let mut buckets = self.plan.teams[team].buckets.clone();
        if buckets.is_empty() || buckets.any(|it| self.graph.rests[it as usize]) {
            return None;
        }
        let shares: Option<f64> = self.plan.teams[team]
            .buckets
            .clone()
            .map(|bucket| self.bucket_share(bucket as usize).number())
            .sum();
        shares.map(|shares| (1.0 - shares).max(0.0)).filter(|slack| *slack > 1e-9)
    }
}
