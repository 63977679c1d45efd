//! Looking for the best shares by trying them: at every corner where there are few, else from many
//! starts, giving from one bucket to another as long as that helps.

use super::optimize_space::{Point, Space};
use super::search::{GoOn, Trial};
use super::seek::tidy;
use crate::engine::Engine;

/// How near two values count as equal.
const EQUAL: f64 = 1e-9;
/// By how much rounding may lower a value that counts as the same.
const ROUNDING: f64 = 1e-12;
/// From how many places a search starts.
const STARTS: u64 = 64;
/// Into how many parts a way along a ridge is divided.
const RIDGE: i32 = 20;
/// How many times a search goes through all pairs.
const ROUNDS: usize = 40;

/// The values of points, and the best one so far.
pub struct Judge<'a> {
    /// The shares that vary.
    pub space: &'a Space,
    /// The plan as it is.
    pub engine: &'a Engine,
    trial: &'a mut Trial,
    go_on: GoOn<'a>,
    /// The point from which only the space's teams differ.
    base: Point,
    /// The best point so far; among equals the one that moves least.
    pub best: Option<(Point, f64)>,
    /// Whether the search was stopped.
    pub stopped: bool,
    tried: usize,
}

impl<'a> Judge<'a> {
    /// Judges points of a space; `trial` tries them in a plan like `engine`.
    pub fn new(
        space: &'a Space,
        engine: &'a Engine,
        trial: &'a mut Trial,
        base: Point,
        go_on: GoOn<'a>,
    ) -> Self {
        Self { space, engine, trial, go_on, base, best: None, stopped: false, tried: 0 }
    }

    /// The value at a point; it may become the best one.
    pub fn at(&mut self, point: &Point) -> Option<f64> {
        self.stopped |= !(self.go_on)();
        if self.stopped {
            return None;
        }
        self.tried += 1;
        let value = self.trial.with_shares(&self.space.shares(point))?;
        let found = (point.clone(), value);
        if self.space.contains(point) && self.is_better(&found, self.best.as_ref()) {
            self.best = Some(found);
        }
        Some(value)
    }

    /// The best value so far.
    pub fn top(&self) -> Option<f64> {
        self.best.as_ref().map(|(_, value)| *value)
    }

    /// Whether a point is better than another, or as good and moves less.
    fn is_better(&self, (point, value): &(Point, f64), other: Option<&(Point, f64)>) -> bool {
        let Some((best, top)) = other else { return true };
        match *value > top + equal(*top) {
            true => true,
            false => {
                *value >= top - ROUNDING * top.abs().max(1.0)
                    && self.space.moved(point) < self.space.moved(best) - EQUAL
            }
        }
    }

    /// The shares of one variable at which a key result that follows from it alone reaches a value at
    /// which its grade bends, between those at which funding does.
    pub fn with_crossings(&mut self, base: &Point, var: usize, bends: Vec<f64>) -> Vec<f64> {
        let at = |share: f64| {
            let mut point = base.clone();
            point[var] = share;
            point
        };
        let crossings = self.crossings(&bends, &at);
        let mut all = bends;
        let (low, high) = (self.space.vars[var].low, self.space.vars[var].high);
        all.extend(crossings.into_iter().map(|share| tidy(share).clamp(low, high)));
        all.sort_by(f64::total_cmp);
        all.dedup_by(|a, b| (*a - *b).abs() < ROUNDING / 2.0);
        all
    }

    /// Tries every corner: each team's shares but one at one of their bends.
    pub fn corners(&mut self, corners: &[Vec<Vec<f64>>]) {
        let mut point = self.base.clone();
        let mut places = vec![0_usize; corners.len()];
        loop {
            for ((vars, _), (team, place)) in
                self.space.teams.iter().zip(corners.iter().zip(&places))
            {
                for (var, share) in vars.iter().zip(&team[*place]) {
                    point[*var] = *share;
                }
            }
            self.at(&point);
            let Some(next) = (0..places.len()).find(|&it| places[it] + 1 < corners[it].len())
            else {
                return;
            };
            places[next] += 1;
            places[..next].fill(0);
            if self.stopped {
                return;
            }
        }
    }

    /// Searches from the present shares, from the best so far and from places drawn by lot, always
    /// the same ones, until so many points have been tried.
    pub fn search(&mut self, most: usize) {
        let end = self.tried + most;
        let present = self.base.clone();
        let known = self.best.as_ref().map(|(point, _)| point.clone());
        for start in [Some(present.clone()), known].into_iter().flatten() {
            self.climb(start, end);
        }
        let bends: Vec<Vec<f64>> = (0..self.space.vars.len())
            .map(|var| self.space.bends(self.engine, &present, var))
            .collect();
        for number in 0..STARTS {
            if self.stopped || self.tried >= end {
                break;
            }
            let start = self.drawn(&bends, number);
            self.climb(start, end);
        }
    }

    /// Follows a ridge, on which no bucket can give to another alone: gives from one to another, and
    /// then looks for the best that a second gift makes of it.
    pub fn follow_ridges(&mut self, most: usize) {
        let end = self.tried + most;
        for first in pairs(self.space) {
            for second in pairs(self.space).into_iter().filter(|second| *second != first) {
                let meet =
                    [first.0, first.1].iter().any(|var| *var == second.0 || *var == second.1);
                if meet && !self.stopped && self.tried < end {
                    self.ridge(first, second);
                }
            }
        }
    }

    fn ridge(&mut self, first: (usize, usize), second: (usize, usize)) {
        let Some((start, _)) = self.best.clone() else { return };
        let (least, most) = self.space.room(&start, first.0, first.1);
        let step = (most - least) / f64::from(RIDGE);
        let at = |judge: &mut Self, amount: f64| {
            let point = judge.space.given(&start, first.0, first.1, amount);
            let value = judge.at(&point)?;
            Some(judge.along((point, value), second.0, second.1).1)
        };
        let mut best = (0.0, f64::NEG_INFINITY);
        for number in 0..=RIDGE {
            let amount = least + step * f64::from(number);
            match at(self, amount) {
                Some(value) if value > best.1 => best = (amount, value),
                _ => {}
            }
        }
        let mut width = step;
        while width > 1e-10 && best.1 > f64::NEG_INFINITY && !self.stopped {
            width /= 2.0;
            for amount in [best.0 - width, best.0 + width] {
                let inside = (least..=most).contains(&amount);
                if let Some(value) = inside.then(|| at(self, amount)).flatten()
                    && value > best.1
                {
                    best = (amount, value);
                }
            }
        }
    }

    /// Gives back what need not be moved, and drops digits that do nothing.
    pub fn settle(&mut self) {
        if let Some((best, _)) = self.best.clone() {
            self.climb(best, usize::MAX);
        }
        for digits in [4, 6, 8, 10] {
            let Some((point, value)) = self.best.clone() else { return };
            let round = self.rounded(&point, digits);
            let same = |it: f64| it >= value - ROUNDING * value.abs().max(1.0);
            if self.space.contains(&round) && self.at(&round).is_some_and(same) {
                self.best = Some((round, value));
                return;
            }
        }
    }

    /// The point with each share that moves but one of each team at so many digits.
    fn rounded(&self, point: &Point, digits: i32) -> Point {
        let mut round = point.clone();
        let scale = 10_f64.powi(digits);
        for (vars, sum) in &self.space.teams {
            let moves =
                |var: &&usize| (point[**var] - self.space.vars[**var].present).abs() > EQUAL;
            let Some(&last) = vars.iter().rfind(moves) else { continue };
            for &var in vars.iter().filter(moves).filter(|var| **var != last) {
                round[var] = (point[var] * scale).round() / scale;
            }
            let others: f64 = vars.iter().filter(|var| **var != last).map(|&var| round[var]).sum();
            round[last] = tidy(sum - others);
        }
        round
    }

    /// A point drawn by lot: each share at one of its bends, then fitted in an order drawn by lot.
    fn drawn(&self, bends: &[Vec<f64>], number: u64) -> Point {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut lot = |below: usize| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) % below.max(1) as u64) as usize
        };
        let mut point = self.base.clone();
        for &var in self.space.teams.iter().flat_map(|(vars, _)| vars) {
            point[var] = bends[var][lot(bends[var].len())];
        }
        self.space.fitted(&point)
    }

    /// Gives from one bucket to another as long as that makes the value greater, or moves less.
    pub fn climb(&mut self, start: Point, end: usize) {
        let Some(value) = self.at(&start) else { return };
        let mut best = (start, value);
        for _ in 0..ROUNDS {
            let before = best.clone();
            for (from, to) in pairs(self.space) {
                if self.stopped || self.tried >= end {
                    return;
                }
                best = self.along(best, from, to);
            }
            if best.0 == before.0 {
                return;
            }
        }
    }

    /// The best point on the way on which one bucket gives to another, in either direction.
    fn along(&mut self, from: (Point, f64), giver: usize, taker: usize) -> (Point, f64) {
        let mut amounts = self.space.bends_between(self.engine, &from.0, giver, taker);
        amounts.sort_by(f64::total_cmp);
        amounts.dedup_by(|a, b| (*a - *b).abs() < ROUNDING);
        let known = amounts.len();
        let space = self.space;
        let at = |amount: f64| space.given(&from.0, giver, taker, amount);
        amounts.extend(self.crossings(&amounts, &at));
        if !self.trial.is_quick() {
            let (first, last) = (amounts[0], amounts[known - 1]);
            amounts.extend((1..16).map(|it| first + (last - first) * f64::from(it) / 16.0));
        }
        let mut best = from.clone();
        let mut highest = 0.0;
        let mut samples = Vec::with_capacity(amounts.len());
        for amount in amounts {
            let point = self.space.given(&from.0, giver, taker, amount);
            let Some(value) = self.at(&point) else { continue };
            samples.push(amount);
            let found = (point, value);
            if self.is_better(&found, Some(&best)) {
                (best, highest) = (found, amount);
            }
        }
        samples.sort_by(f64::total_cmp);
        let place = samples.partition_point(|amount| *amount < highest);
        let low = samples.get(place.saturating_sub(1)).copied().unwrap_or(highest);
        let high = samples.get(place + 1).copied().unwrap_or(highest);
        self.between(best, &from.0, (giver, taker), (low, high))
    }

    /// Looks between the neighbours of the best place for what a curved way hides; once a tenth of
    /// the way promises nothing, there is nothing to find.
    fn between(
        &mut self,
        best: (Point, f64),
        from: &Point,
        (giver, taker): (usize, usize),
        (low, high): (f64, f64),
    ) -> (Point, f64) {
        const RATIO: f64 = 0.618_033_988_749_894_9;
        let mut best = best;
        let (mut low, mut high) = (low, high);
        let mut at = |judge: &mut Self, amount: f64| {
            let point = judge.space.given(from, giver, taker, amount);
            let value = judge.at(&point).unwrap_or(f64::NEG_INFINITY);
            let found = (point, value);
            let better = value > best.1 + equal(best.1);
            if better {
                best = found;
            }
            (amount, value, better)
        };
        let mut left = at(self, high - RATIO * (high - low));
        let mut right = at(self, low + RATIO * (high - low));
        let mut promising = left.2 || right.2;
        for step in 0..50 {
            if self.stopped || (step > 3 && !promising) {
                break;
            }
            if left.1 >= right.1 {
                (high, right) = (right.0, left);
                left = at(self, high - RATIO * (high - low));
                promising |= left.2;
            } else {
                (low, left) = (left.0, right);
                right = at(self, low + RATIO * (high - low));
                promising |= right.2;
            }
        }
        best
    }

    /// Where between two of these places a key result reaches a value at which its grade bends or
    /// jumps, from either side.
    fn crossings(&mut self, places: &[f64], at: &dyn Fn(f64) -> Point) -> Vec<f64> {
        let mut found = Vec::new();
        let mut before: Option<(f64, Vec<(u32, f64)>)> = None;
        for &place in places {
            let Some(values) = self.landed(&at(place)) else { return found };
            if let Some((start, old)) = &before {
                for (number, ((kr, from), (_, to))) in old.iter().zip(&values).enumerate() {
                    if from == to {
                        continue;
                    }
                    for bend in self.engine.bends(*kr).unwrap_or_default() {
                        let ends = [(*start, from - bend), (place, to - bend)];
                        if ends[0].1 * ends[1].1 < 0.0 {
                            found.extend(self.crossing(number, bend, ends, at));
                        }
                    }
                }
            }
            before = Some((place, values));
        }
        found
    }

    fn landed(&mut self, point: &Point) -> Option<Vec<(u32, f64)>> {
        self.trial.landed(&self.space.shares(point))
    }

    /// The place where a key result's value passes a bend, and what lies just before and behind:
    /// rounding may leave the place itself short of a jump.
    fn crossing(
        &mut self,
        number: usize,
        bend: f64,
        [(start, before), (end, after)]: [(f64, f64); 2],
        at: &dyn Fn(f64) -> Point,
    ) -> [f64; 3] {
        let (mut low, mut high) = ((start, before), (end, after));
        let mut place = start + (end - start) * (before / (before - after));
        for _ in 0..60 {
            let values = self.landed(&at(place)).unwrap_or_default();
            let off = values.get(number).map_or(0.0, |(_, value)| value - bend);
            if off.abs() <= ROUNDING * bend.abs().max(1.0) || high.0 - low.0 <= ROUNDING {
                break;
            }
            match off * low.1 > 0.0 {
                true => low = (place, off),
                false => high = (place, off),
            }
            place = f64::midpoint(low.0, high.0);
        }
        [place - 2.0 * ROUNDING, place, place + 2.0 * ROUNDING]
    }
}

/// Every two buckets of a team.
fn pairs(space: &Space) -> Vec<(usize, usize)> {
    let of_team = |vars: &Vec<usize>| {
        let vars = vars.clone();
        let pairs = (0..vars.len()).flat_map(move |a| (a + 1..vars.len()).map(move |b| (a, b)));
        pairs.collect::<Vec<_>>()
    };
    let teams = space.teams.iter();
    teams.flat_map(|(vars, _)| of_team(vars).into_iter().map(|(a, b)| (vars[a], vars[b]))).collect()
}

/// How far apart equal values of this size may be.
pub fn equal(value: f64) -> f64 {
    EQUAL * value.abs().max(1.0)
}

/// Every corner of a team's shares: all but one of them at one of their bends. `None` where there
/// are more than `most`.
pub fn corners(
    space: &Space,
    bends: &[Vec<f64>],
    team: usize,
    most: usize,
) -> Option<Vec<Vec<f64>>> {
    let (vars, sum) = &space.teams[team];
    let mut found: Vec<Vec<f64>> = Vec::new();
    for free in 0..vars.len() {
        let others: Vec<usize> = (0..vars.len()).filter(|&it| it != free).collect();
        let mut partial: Vec<Vec<f64>> = vec![Vec::new()];
        for (step, &place) in others.iter().enumerate() {
            let later = || others[step + 1..].iter().chain([&free]).map(|&it| space.vars[vars[it]]);
            let least: f64 = later().map(|var| var.low).sum();
            let greatest: f64 = later().map(|var| var.high).sum();
            let mut next = Vec::new();
            for point in &partial {
                for &share in &bends[vars[place]] {
                    let used = point.iter().sum::<f64>() + share;
                    if used + least <= sum + EQUAL && used + greatest >= sum - EQUAL {
                        next.push([point.as_slice(), &[share]].concat());
                    }
                }
            }
            partial = next;
            if partial.len() > most {
                return None;
            }
        }
        let var = space.vars[vars[free]];
        found.extend(partial.into_iter().map(|mut point| {
            let rest = tidy(sum - point.iter().sum::<f64>());
            point.insert(free, rest.clamp(var.low, var.high));
            point
        }));
    }
    let order = |a: &Vec<f64>, b: &Vec<f64>| {
        a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|it| it.is_ne())
    };
    found.sort_by(|a, b| order(a, b).unwrap_or(std::cmp::Ordering::Equal));
    found.dedup();
    (found.len() <= most && !found.is_empty()).then_some(found)
}
