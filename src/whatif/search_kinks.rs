//! Where what is funded bends as capacities change along a line: exactly, one bend after another.
//!
//! Between two bends every funded share is a straight line, so the next bend is where a line that
//! is least now meets another one.

use crate::engine::portfolio::{Payment, Portfolio, Ties, Work};

/// How near two amounts count as the same.
const SAME: f64 = 1e-12;
/// How many bends are followed.
const MOST: usize = 4096;

/// A straight line: its value here, and by how much it rises.
#[derive(Clone, Copy, Debug)]
struct Ray {
    value: f64,
    rise: f64,
}

impl Ray {
    fn over(self, by: f64) -> Ray {
        Ray { value: self.value / by, rise: self.rise / by }
    }

    /// After how much this line falls under another one that is not less now.
    fn meets(self, other: Ray) -> Option<f64> {
        let closing = self.rise - other.rise;
        (closing > 0.0).then(|| (other.value - self.value) / closing)
    }

    /// Whether it is the lesser one, here or right after.
    fn is_under(self, other: Ray) -> bool {
        match (self.value - other.value).abs() <= SAME * (1.0 + other.value.abs()) {
            true => self.rise < other.rise,
            false => self.value < other.value,
        }
    }
}

/// Where funding bends while the capacities of a portfolio's pots go from `from` to `to` times
/// `rates` away from what they are. In order, without the ends.
pub fn kinks(portfolio: &Portfolio, rates: &[f64], from: f64, to: f64) -> Vec<f64> {
    let mut demand = vec![0.0; portfolio.pots.len()];
    for (pot, effort) in portfolio.works.iter().flat_map(|work| &work.draws) {
        demand[*pot as usize] += effort;
    }
    // What hangs on no pot that changes bends nowhere.
    let changing = (0_u32..).zip(rates).filter(|(_, rate)| **rate != 0.0).map(|(pot, _)| pot);
    let part = Ties::of(portfolio).part(portfolio, changing);
    let works: Vec<&Work> =
        part.works.iter().map(|place| &portfolio.works[*place as usize]).collect();
    let mut kinks = Vec::new();
    let mut at = from;
    while kinks.len() < MOST {
        let Some(step) = step(portfolio, &works, rates, &demand, at) else { break };
        at += step.max(SAME);
        if at >= to || !at.is_finite() {
            break;
        }
        kinks.push(at);
    }
    kinks
}

/// How far it is to the next bend.
fn step(
    portfolio: &Portfolio,
    works: &[&Work],
    rates: &[f64],
    demand: &[f64],
    at: f64,
) -> Option<f64> {
    let mut nearest: Option<f64> = None;
    let mut note = |after: Option<f64>| {
        if let Some(after) = after.filter(|after| *after > SAME) {
            nearest = Some(nearest.map_or(after, |other| other.min(after)));
        }
    };
    let whole: Vec<Ray> = portfolio
        .pots
        .iter()
        .zip(rates)
        .map(|(pot, rate)| Ray { value: pot.capacity + at * rate, rise: *rate })
        .collect();
    let mut left = whole.clone();
    for work in works {
        let full = Ray { value: 1.0, rise: 0.0 };
        let there = |(pot, effort): &(u32, f64)| {
            let pot = *pot as usize;
            match portfolio.pots[pot].prorata {
                true => whole[pot].over(demand[pot]),
                false => left[pot].over(*effort),
            }
        };
        let drawn = || work.draws.iter().filter(|(_, effort)| *effort > 0.0);
        let rays: Vec<Ray> = std::iter::once(full).chain(drawn().map(there)).collect();
        let least =
            rays.iter().fold(full, |least, ray| if ray.is_under(least) { *ray } else { least });
        rays.iter().for_each(|ray| note(least.meets(*ray)));
        if let Payment::Curve(points) = &work.payment {
            points.iter().for_each(|(point, _)| note(reaches(least, *point)));
        }
        for (pot, effort) in drawn() {
            let left = &mut left[*pot as usize];
            left.value -= least.value * effort;
            left.rise -= least.rise * effort;
            // What rounding leaves of a pot that was emptied is nothing.
            if left.value.abs() <= SAME * effort {
                left.value = 0.0;
            }
            if left.rise.abs() <= SAME * (1.0 + rates[*pot as usize].abs()) {
                left.rise = 0.0;
            }
        }
    }
    nearest
}

fn reaches(ray: Ray, value: f64) -> Option<f64> {
    (ray.rise != 0.0).then(|| (value - ray.value) / ray.rise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::portfolio::Pot;

    fn pot(capacity: f64, prorata: bool) -> Pot {
        Pot { capacity, prorata, team: 0 }
    }

    fn work(draws: &[(u32, f64)], payment: Payment) -> Work {
        Work {
            initiative: 0,
            draws: draws.to_vec(),
            needs: vec![],
            unmet: false,
            payment,
            left: 1.0,
        }
    }

    fn near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len(), "{found:?} {wanted:?}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        }
    }

    #[test]
    fn one_draw_after_the_other_and_the_points_of_payments() {
        let curve = Payment::Curve(vec![(0.0, 0.0), (0.25, 0.5), (1.0, 1.0)]);
        let works = vec![work(&[(0, 4.0)], Payment::AsFunded), work(&[(0, 4.0)], curve)];
        let portfolio = Portfolio { pots: vec![pot(0.0, false)], works };
        near(&kinks(&portfolio, &[1.0], 0.0, 20.0), &[4.0, 5.0, 8.0]);
    }

    #[test]
    fn the_scarcer_of_two_pots_decides() {
        let works = vec![
            work(&[(0, 4.0), (1, 8.0)], Payment::AsFunded),
            work(&[(0, 4.0)], Payment::AsFunded),
        ];
        let portfolio = Portfolio { pots: vec![pot(0.0, false), pot(4.0, false)], works };
        // Half of the first from two person-weeks on, and then the second one.
        near(&kinks(&portfolio, &[1.0, 0.0], 0.0, 20.0), &[2.0, 6.0]);
        // What one pot gains the other one loses.
        near(&kinks(&portfolio, &[1.0, -1.0], 0.0, 4.0), &[4.0 / 3.0]);
    }

    #[test]
    fn in_proportion_all_bend_at_once() {
        let works =
            vec![work(&[(0, 4.0)], Payment::AsFunded), work(&[(0, 6.0)], Payment::WhenDone)];
        let portfolio = Portfolio { pots: vec![pot(0.0, true)], works };
        near(&kinks(&portfolio, &[2.0], 0.0, 20.0), &[5.0]);
    }
}
