//! Probabilities alone: futures are counted, and no value is kept.

use super::summary::{CellSummary, Wanted, always, nothing};
use super::{At, Futures, Meter, Observed, Stopped, Watch, Workplace};
use crate::plan::cell::{Cell, Field};

/// How probable it is that a key result lands well.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Odds {
    /// The share of futures in which it is green; `None` if it has a grade in none of them.
    pub green: Option<f64>,
    /// The share of futures in which its grade lies in the sweet spot.
    pub sweet: Option<f64>,
}

/// How probable it is that key results land well, and that buckets do not hold what they must.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Likelihoods {
    /// Of the key results, in the order of the question.
    pub krs: Vec<Odds>,
    /// Of the pots, likewise: the share of futures in which more is wanted than there is; `None`
    /// without a capacity.
    pub over: Vec<Option<f64>>,
}

/// What a block of futures counts: of each key result green, sweet and graded ones, and of each pot
/// the futures in which it is over.
type Tally = (Vec<[u64; 3]>, Vec<u64>);

impl Futures<'_> {
    /// Counts the futures in which key results are green and in the sweet spot, and those in which
    /// pots are over-allocated.
    ///
    /// # Errors
    ///
    /// If the watch stops it.
    pub fn likelihoods(
        &self,
        krs: &[usize],
        pots: &[usize],
        samples: u64,
        watch: Watch<'_>,
    ) -> Result<Likelihoods, Stopped> {
        let wanted: Vec<Wanted> = krs.iter().map(|kr| self.kr_grade(*kr)).collect();
        let varying: Vec<&Wanted> = wanted.iter().filter(|it| it.varies()).collect();
        let demands: Vec<(At, Option<f64>)> =
            pots.iter().map(|pot| self.demand_and_capacity(*pot)).collect();
        let look = |place: &Workplace, rows: usize| -> Tally {
            let counts = self.count(&varying, rows, place);
            let graded = |it: &&Wanted| match self.column(it.at, rows, place) {
                Some(grades) => grades.iter().filter(|grade| !grade.is_nan()).count() as u64,
                None => rows as u64,
            };
            let krs = varying
                .iter()
                .zip(counts)
                .map(|(it, [green, sweet])| [u64::from(green), u64::from(sweet), graded(it)]);
            (krs.collect(), demands.iter().map(|it| self.over(*it, rows, place)).collect())
        };
        let idle = varying.is_empty() && demands.iter().all(|(at, _)| !at.varies());
        let blocks = match idle {
            true => Vec::new(),
            false => self.keep(&[], samples, &look, &Meter::new(watch, samples))?.1,
        };
        let mut sums = vec![[0; 3]; varying.len()];
        let mut over = vec![0; demands.len()];
        for (of_krs, of_pots) in blocks {
            for (sum, counts) in sums.iter_mut().zip(of_krs) {
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            over.iter_mut().zip(of_pots).for_each(|(sum, count)| *sum += count);
        }
        let share = |count: u64| count as f64 / samples as f64;
        let mut sums = sums.into_iter();
        let odds = |it: &Wanted| match it.at {
            At::Number(number) if !it.varies() => {
                let summary = always(it, number);
                Odds { green: summary.p_green, sweet: summary.p_sweet }
            }
            _ => match sums.next() {
                Some([green, sweet, graded]) if graded > 0 => {
                    Odds { green: Some(share(green)), sweet: Some(share(sweet)) }
                }
                _ => Odds::default(),
            },
        };
        let of_pot = |((at, capacity), count): (&(At, Option<f64>), u64)| match at {
            At::Number(demand) => capacity
                .filter(|_| !demand.is_nan())
                .map(|capacity| if *demand > capacity * OVER { 1.0 } else { 0.0 }),
            _ => capacity.map(|_| share(count)),
        };
        Ok(Likelihoods {
            krs: wanted.iter().map(odds).collect(),
            over: demands.iter().zip(over).map(of_pot).collect(),
        })
    }

    /// Where one cell lies, without probabilities. A bucket's load must be among the cells that are
    /// watched.
    ///
    /// # Errors
    ///
    /// If the watch stops it.
    pub fn cell(&self, cell: Cell, samples: u64, watch: Watch<'_>) -> Result<CellSummary, Stopped> {
        let wanted = Wanted::plain(cell, self.at(Observed::Cell(cell)));
        let found = self.cells(&[wanted], samples, &Meter::new(watch, samples))?;
        Ok(found.into_iter().next().map_or_else(|| nothing(cell), |(summary, _)| summary))
    }

    fn kr_grade(&self, kr: usize) -> Wanted {
        let objective = self.engine.plan.krs[kr].objective as usize;
        let grade = Cell::new(Field::KrProjectedGrade, kr);
        self.graded(grade, Field::KrProjectedGrade, self.engine.objective_thresholds(objective))
    }

    fn demand_and_capacity(&self, pot: usize) -> (At, Option<f64>) {
        (self.at(Observed::Demand(pot)), self.engine.pot_capacity(pot).number())
    }

    /// In how many futures of a block more is wanted of a pot than there is.
    fn over(&self, (at, capacity): (At, Option<f64>), rows: usize, place: &Workplace) -> u64 {
        let (Some(capacity), Some(demands)) = (capacity, self.column(at, rows, place)) else {
            return 0;
        };
        demands.iter().filter(|demand| **demand > capacity * OVER).count() as u64
    }
}

/// How far over its capacity a pot counts as over-allocated.
pub(super) const OVER: f64 = 1.0 + 1e-9;
