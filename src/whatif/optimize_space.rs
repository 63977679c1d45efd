//! The shares that may vary, and how far: what an optimum is looked for in.

use super::search::{NEAR, capacity_with};
use super::search_kinks::kinks;
use super::seek::{bounds, tidy};
use crate::engine::Engine;
use crate::engine::portfolio::Portfolio;
use crate::plan::cell::{Cell, Field};

/// A share of each bucket that varies, in the order of [`Space::vars`].
pub type Point = Vec<f64>;

/// A share that varies.
#[derive(Clone, Copy, Debug)]
pub struct Var {
    /// Its bucket.
    pub bucket: u32,
    /// The least share.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// The share as it is.
    pub present: f64,
}

/// The shares that vary, team by team.
#[derive(Clone, Debug, Default)]
pub struct Space {
    /// The shares.
    pub vars: Vec<Var>,
    /// For each team, its variables and what they add up to.
    pub teams: Vec<(Vec<usize>, f64)>,
}

impl Space {
    /// The shares of these teams' buckets. A bucket on which nothing draws, and that has neither
    /// floor nor ceiling, keeps its share.
    ///
    /// # Errors
    ///
    /// Why the shares of a team cannot vary, in words.
    pub fn new(engine: &Engine, teams: &[u32]) -> Result<Self, String> {
        let mut space = Self::default();
        for &team in teams {
            space.add_team(engine, team)?;
        }
        Ok(space)
    }

    fn add_team(&mut self, engine: &Engine, team: u32) -> Result<(), String> {
        let plan = &engine.plan;
        let id = plan.source(plan.teams[team as usize].name);
        let buckets = plan.teams[team as usize].buckets.clone();
        if buckets.is_empty() {
            let help = "there are no shares to vary";
            return Err(format!("the team `{id}` has no buckets; {help}"));
        }
        if engine.read(Cell::new(Field::TeamCapacity, team as usize)).number().is_none() {
            let help = "give it `people` or `capacity`";
            return Err(format!("the team `{id}` has no capacity that could be shared; {help}"));
        }
        let drawn = |bucket: u32| {
            let works = &engine.funding().portfolio.works;
            works.iter().flat_map(|work| &work.draws).any(|(pot, _)| *pot == bucket)
        };
        let bounded = |bucket: u32| {
            [Field::BucketFloor, Field::BucketCeiling]
                .iter()
                .any(|field| engine.read(Cell { field: *field, index: bucket }).number().is_some())
        };
        let mut own = Vec::new();
        for bucket in buckets.filter(|&bucket| drawn(bucket) || bounded(bucket)) {
            let present = engine.bucket_share(bucket as usize).number().ok_or_else(|| {
                format!("`{}.share` has no number", plan.bucket_id(bucket as usize))
            })?;
            let (low, high) = bounds(engine, bucket);
            own.push(self.vars.len());
            self.vars.push(Var { bucket, low, high, present });
        }
        let sum =
            |of: &dyn Fn(&Var) -> f64| own.iter().map(|&var| of(&self.vars[var])).sum::<f64>();
        let (low, high, present) = (sum(&|it| it.low), sum(&|it| it.high), sum(&|it| it.present));
        if present < low - NEAR || present > high + NEAR {
            let percent = |it: f64| plan.units.show(it, crate::quantity::UnitId::PERCENT);
            let (bound, word) = if present < low { (low, "floors") } else { (high, "ceilings") };
            let message = format!(
                "the {word} of `{id}` add up to {}, and the shares that vary to {}",
                percent(bound),
                percent(present)
            );
            return Err(format!("{message}; change the {word}"));
        }
        self.teams.push((own, present));
        Ok(())
    }

    /// The shares as they are.
    pub fn present(&self) -> Point {
        self.vars.iter().map(|var| var.present).collect()
    }

    /// The nearest point like this one within all bounds, each team adding up to what it has.
    pub fn fitted(&self, point: &Point) -> Point {
        let mut fitted: Point =
            point.iter().zip(&self.vars).map(|(it, var)| it.clamp(var.low, var.high)).collect();
        for (vars, sum) in &self.teams {
            for &var in vars {
                let now: f64 = vars.iter().map(|&it| fitted[it]).sum();
                let Var { low, high, .. } = self.vars[var];
                fitted[var] = (fitted[var] + sum - now).clamp(low, high);
            }
        }
        fitted
    }

    /// Whether a point lies within all bounds, and each team adds up to what it has.
    pub fn contains(&self, point: &Point) -> bool {
        let within = |(it, var): (&f64, &Var)| *it >= var.low - NEAR && *it <= var.high + NEAR;
        let adds_up = |(vars, sum): &(Vec<usize>, f64)| {
            (vars.iter().map(|&var| point[var]).sum::<f64>() - sum).abs() <= NEAR
        };
        point.iter().zip(&self.vars).all(within) && self.teams.iter().all(adds_up)
    }

    /// By how many shares of a team's capacity a point differs from the present one: half of what
    /// all change, as what one gains another loses.
    pub fn moved(&self, point: &Point) -> f64 {
        let change = |(it, var): (&f64, &Var)| (it - var.present).abs();
        point.iter().zip(&self.vars).map(change).sum::<f64>() / 2.0
    }

    /// The buckets with their shares.
    pub fn shares(&self, point: &Point) -> Vec<(u32, f64)> {
        self.vars.iter().zip(point).map(|(var, share)| (var.bucket, *share)).collect()
    }

    /// The work with the capacities that these shares give.
    pub fn portfolio(&self, engine: &Engine, point: &Point) -> Portfolio {
        let mut portfolio = engine.funding().portfolio.clone();
        for (bucket, share) in self.shares(point) {
            if let Some(pot) = portfolio.pots.get_mut(bucket as usize) {
                pot.capacity = capacity_with(engine, bucket, share).unwrap_or(f64::NAN);
            }
        }
        portfolio
    }

    /// The capacity of a variable's team, in person-weeks.
    pub fn capacity(&self, engine: &Engine, var: usize) -> f64 {
        let team = engine.plan.buckets[self.vars[var].bucket as usize].team as usize;
        engine.read(Cell::new(Field::TeamCapacity, team)).number().unwrap_or(0.0)
    }

    /// The shares of one variable at which funding bends, with the others as at a point; and its
    /// bounds and its present share.
    pub fn bends(&self, engine: &Engine, point: &Point, var: usize) -> Vec<f64> {
        let Var { bucket, low, high, present } = self.vars[var];
        let mut start = point.clone();
        start[var] = low;
        let portfolio = self.portfolio(engine, &start);
        let mut rates = vec![0.0; portfolio.pots.len()];
        let mut bends = vec![low, high, present.clamp(low, high)];
        if let Some(rate) = rates.get_mut(bucket as usize) {
            *rate = self.capacity(engine, var);
            bends.extend(kinks(&portfolio, &rates, 0.0, high - low).iter().map(|it| low + it));
        }
        bends.iter_mut().for_each(|it| *it = tidy(*it).clamp(low, high));
        bends.sort_by(f64::total_cmp);
        bends.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
        bends
    }

    /// How far `from` can give to `to`, at most, both ways.
    pub fn room(&self, point: &Point, from: usize, to: usize) -> (f64, f64) {
        let (giver, taker) = (self.vars[from], self.vars[to]);
        let most = (point[from] - giver.low).min(taker.high - point[to]);
        let least = -(giver.high - point[from]).min(point[to] - taker.low);
        (least.min(0.0), most.max(0.0))
    }

    /// The point after `from` has given so much to `to`.
    pub fn given(&self, point: &Point, from: usize, to: usize, amount: f64) -> Point {
        let mut given = point.clone();
        let clamp = |share: f64, var: usize| share.clamp(self.vars[var].low, self.vars[var].high);
        given[from] = clamp(tidy(point[from] - amount), from);
        given[to] = clamp(tidy(point[to] + amount), to);
        given
    }

    /// How far along that way funding bends.
    pub fn bends_between(
        &self,
        engine: &Engine,
        point: &Point,
        from: usize,
        to: usize,
    ) -> Vec<f64> {
        let (least, most) = self.room(point, from, to);
        let start = self.given(point, from, to, least);
        let portfolio = self.portfolio(engine, &start);
        let mut rates = vec![0.0; portfolio.pots.len()];
        for (var, sign) in [(from, -1.0), (to, 1.0)] {
            if let Some(rate) = rates.get_mut(self.vars[var].bucket as usize) {
                *rate = sign * self.capacity(engine, var);
            }
        }
        let mut bends: Vec<f64> =
            kinks(&portfolio, &rates, 0.0, most - least).iter().map(|it| least + it).collect();
        bends.extend([least, most]);
        for back in [point[from] - self.vars[from].present, self.vars[to].present - point[to]] {
            bends.extend((back > least && back < most).then_some(back));
        }
        bends
    }
}
