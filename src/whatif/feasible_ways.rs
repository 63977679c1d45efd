//! The least capacity on top that brings a key result where it is meant to be. Only the work that can
//! bear on the key result is funded again.

use super::feasible::{MoreCapacity, REACHED};
use crate::engine::Engine;
use crate::engine::portfolio::{Funded, Part, Payment, Portfolio, Ties};

/// Into how many even steps a way is cut, beside the points at which funding bends.
const STEPS: usize = 32;
/// How often a step is halved.
const HALVINGS: usize = 48;

/// A plan with what hangs together in it.
#[derive(Debug)]
pub(super) struct Ways<'e> {
    engine: &'e Engine,
    ties: Ties,
}

/// What a thread tries capacities in: the work and what is funded of it. Of that only the part that
/// was tried last is as it says.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    portfolio: Portfolio,
    funded: Funded,
    left: Vec<f64>,
}

/// The part of the work that can bear on a key result.
#[derive(Debug)]
pub(super) struct Around<'e, 'b> {
    engine: &'e Engine,
    kr: u32,
    part: Part,
    /// The works that move it, and what those need.
    bearing: Vec<u32>,
    /// The pots that these draw from.
    pots: Vec<u32>,
    bench: &'b mut Bench,
}

impl<'e> Ways<'e> {
    /// Makes a plan ready.
    pub fn new(engine: &'e Engine) -> Self {
        Self { engine, ties: Ties::of(&engine.funding().portfolio) }
    }

    /// Something to try capacities in.
    pub fn bench(&self) -> Bench {
        let funding = self.engine.funding();
        Bench {
            portfolio: funding.portfolio.clone(),
            funded: funding.funded.clone(),
            left: Vec::new(),
        }
    }

    /// The part of the work around a key result: what moves it, what that needs, and all that vies
    /// with these for capacity.
    pub fn around<'b>(&self, kr: usize, bench: &'b mut Bench) -> Around<'e, 'b> {
        let kr = kr as u32;
        let mut bearing: Vec<u32> =
            self.engine.effects().on(kr).iter().map(|effect| effect.work).collect();
        let mut at = 0;
        while let Some(place) = bearing.get(at).copied() {
            for need in &bench.portfolio.works[place as usize].needs {
                if !bearing.contains(need) {
                    bearing.push(*need);
                }
            }
            at += 1;
        }
        let works = &bench.portfolio.works;
        let draws = bearing.iter().flat_map(|place| &works[*place as usize].draws);
        let mut pots: Vec<u32> = draws.map(|draw| draw.0).collect();
        pots.sort_unstable();
        pots.dedup();
        let mut part = self.ties.part(&bench.portfolio, pots.iter().copied());
        // What is funded after all of these takes nothing from them.
        let last = bearing.iter().max().copied().unwrap_or(0);
        part.works.retain(|place| *place <= last);
        Around { engine: self.engine, kr, part, pots, bearing, bench }
    }
}

impl Around<'_, '_> {
    /// The projected grade with more in some pots.
    fn grade_with(&mut self, more: &[(u32, f64)]) -> Option<f64> {
        let Bench { portfolio, funded, left } = &mut *self.bench;
        let before: Vec<f64> =
            more.iter().map(|(pot, _)| portfolio.pots[*pot as usize].capacity).collect();
        for (pot, weeks) in more {
            let capacity = &mut portfolio.pots[*pot as usize].capacity;
            *capacity = if capacity.is_nan() { *weeks } else { *capacity + weeks };
        }
        portfolio.fund_again(&self.part, left, funded);
        for ((pot, _), before) in more.iter().zip(before) {
            portfolio.pots[*pot as usize].capacity = before;
        }
        let value = self.engine.projected_by(funded, self.kr)?;
        self.engine.grade_if_projected(self.kr as usize, value, None)
    }

    /// The projected grade with everything funded.
    pub fn best(&mut self) -> Option<f64> {
        let demand = &self.engine.funding().funded.demand;
        let all: Vec<(u32, f64)> =
            self.part.pots.iter().map(|pot| (*pot, demand[*pot as usize])).collect();
        self.grade_with(&all)
    }

    /// The least capacity on top, of one bucket if one will do, that brings the key result where it
    /// is meant to be.
    pub fn more_capacity(&mut self, wanted: f64) -> Option<MoreCapacity> {
        let wanted = wanted - REACHED;
        let short = self.short_pots();
        let mut least: Option<(Vec<(u32, f64)>, f64)> = None;
        let single = short.iter().map(|pot| vec![*pot]);
        for pots in single.chain((short.len() > 1).then(|| short.clone())) {
            if least.is_some() && pots.len() > 1 {
                break;
            }
            let at = |part: f64| -> Vec<(u32, f64)> {
                pots.iter().map(|(pot, missing)| (*pot, missing * part)).collect()
            };
            let points = self.points(&pots);
            let reached = |part| self.grade_with(&at(part)).is_some_and(|grade| grade >= wanted);
            let Some(part) = first(&points, reached) else { continue };
            let more = at(part);
            let sum: f64 = more.iter().map(|(_, weeks)| weeks).sum();
            if least.as_ref().is_none_or(|(_, other)| sum < *other) {
                least = Some((more, sum));
            }
        }
        let (more, _) = least?;
        let reaches = self.grade_with(&more).filter(|grade| *grade >= wanted)?;
        let named = more.iter().map(|(pot, weeks)| (self.engine.pot_name(*pot as usize), *weeks));
        Some(MoreCapacity { buckets: named.collect(), reaches })
    }

    fn capacity(&self, pot: u32) -> f64 {
        let capacity = self.bench.portfolio.pots[pot as usize].capacity;
        if capacity.is_nan() { 0.0 } else { capacity }
    }

    /// The pots that cut an initiative, with what is missing in each.
    fn short_pots(&self) -> Vec<(u32, f64)> {
        let demand = &self.engine.funding().funded.demand;
        let missing = |pot: &u32| (*pot, demand[*pot as usize] - self.capacity(*pot));
        self.pots.iter().map(missing).filter(|(_, missing)| *missing > REACHED).collect()
    }

    /// The parts of what is missing, rising up to all of it, at which the funding of what bears on
    /// the key result bends or jumps, and even steps between.
    fn points(&self, pots: &[(u32, f64)]) -> Vec<f64> {
        let mut points: Vec<f64> = (1..=STEPS).map(|step| step as f64 / STEPS as f64).collect();
        for (pot, missing) in pots {
            let there = self.capacity(*pot);
            self.bends(*pot, &mut |at| {
                let part = (at - there) / missing;
                points.extend((part > 0.0 && part < 1.0).then_some(part));
            });
        }
        points.sort_unstable_by(f64::total_cmp);
        points.dedup();
        points
    }

    /// The capacities of a pot from which on a work that bears on the key result is funded at all,
    /// wholly, or up to a point of its curve.
    fn bends(&self, pot: u32, note: &mut impl FnMut(f64)) {
        let portfolio = &self.bench.portfolio;
        let prorata = portfolio.pots[pot as usize].prorata;
        let demand = self.engine.funding().funded.demand[pot as usize];
        let mut taken = 0.0;
        for place in &self.part.works {
            let work = &portfolio.works[*place as usize];
            let Some((_, effort)) = work.draws.iter().find(|(it, _)| *it == pot) else { continue };
            if self.bearing.contains(place) {
                let mut at = |share: f64| match prorata {
                    true => note(share * demand),
                    false => note(taken + share * effort),
                };
                if let Payment::Curve(points) = &work.payment {
                    points.iter().for_each(|(share, _)| at(*share));
                }
                at(0.0);
                at(1.0);
            }
            taken += effort;
        }
    }
}

/// The first part of a way from which on a goal is reached, by rising points of it up to 1: the step
/// to the first that reaches it is halved again and again. The way there need not be monotone.
pub(super) fn first(points: &[f64], mut reached: impl FnMut(f64) -> bool) -> Option<f64> {
    let at = points.iter().position(|point| reached(*point))?;
    let (mut low, mut high) = (at.checked_sub(1).map_or(0.0, |before| points[before]), points[at]);
    for _ in 0..HALVINGS {
        let middle = (low + high) / 2.0;
        if reached(middle) { high = middle } else { low = middle }
    }
    Some(high)
}
