//! What many futures say about a plan: percentiles, probabilities, shortfalls.

use super::likely::OVER;
use super::{At, Futures, KEPT, Meter, Observed, Stopped, Values, Watch, Workplace};
use crate::engine::lanes::ROWS;
use crate::engine::{Value, value_of};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::KrKind;
use crate::whatif::compare::pots;
use rayon::prelude::*;

/// How near below a threshold counts as having reached it, as for bands.
const REACHED: f64 = 1e-9;

/// What the futures of a plan say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Projected values and grades of key results, then of objectives, teams and cycles.
    pub cells: Vec<CellSummary>,
    /// Buckets, and the ones that teams without buckets imply.
    pub buckets: Vec<BucketSummary>,
    /// The futures of cells that were asked for, one by one.
    pub watched: Vec<Watched>,
}

/// A cell, future by future.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// The cell.
    pub cell: Cell,
    /// Its values, as stored.
    pub values: Values,
}

/// What the futures say about a cell. All are `None` where it has a number in none of them.
#[derive(Clone, Debug, PartialEq)]
pub struct CellSummary {
    /// The cell.
    pub cell: Cell,
    /// The mean over the futures in which it has a number.
    pub mean: Option<f64>,
    /// How far the mean may be off by chance: the standard deviation over the root of their number.
    pub standard_error: Option<f64>,
    /// The ⌈n/10⌉-th smallest.
    pub p10: Option<f64>,
    /// The ⌈n/2⌉-th smallest.
    pub p50: Option<f64>,
    /// The ⌈9n/10⌉-th smallest.
    pub p90: Option<f64>,
    /// Of a grade: the share of futures in which it is green.
    pub p_green: Option<f64>,
    /// Of a grade: the share of futures in the sweet spot, by the aspirational mean.
    pub p_sweet: Option<f64>,
}

/// What the futures say about a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct BucketSummary {
    /// The pot: a bucket, or a team's implied one; see [`crate::engine::Engine::pot_name`].
    pub pot: usize,
    /// Its capacity in person-weeks.
    pub capacity: Option<f64>,
    /// The ⌈n/2⌉-th smallest demand in person-weeks.
    pub demand_p50: Option<f64>,
    /// The ⌈8n/10⌉-th smallest demand.
    pub demand_p80: Option<f64>,
    /// The share of futures in which the demand is over the capacity.
    pub p_over: Option<f64>,
    /// The mean of what is missing, in person-weeks.
    pub shortfall_mean: Option<f64>,
}

/// A cell to summarise.
pub(super) struct Wanted {
    cell: Cell,
    pub at: At,
    graded: Option<Graded>,
    /// Whether its values are wanted one by one.
    watched: bool,
}

/// What a grade is held against.
pub(super) struct Graded {
    green: f64,
    sweet: (f64, f64),
    /// The mean that the sweet spot judges.
    sweet_at: At,
    /// Guardrails, by their projected grades, and the thresholds below which they are broken.
    guards: Vec<(At, f64)>,
}

impl Wanted {
    /// A cell that is held against nothing.
    pub fn plain(cell: Cell, at: At) -> Self {
        Self { cell, at, graded: None, watched: false }
    }

    /// Whether it, or what it is held against, differs from future to future.
    pub fn varies(&self) -> bool {
        let judged = |graded: &Graded| {
            let mut guards = graded.guards.iter().map(|(at, _)| at);
            graded.sweet_at.varies() || guards.any(|at| at.varies())
        };
        self.at.varies() || self.graded.as_ref().is_some_and(judged)
    }
}

/// How many futures of a block are green, and in the sweet spot.
pub(super) type Counts = Vec<[u32; 2]>;

impl Futures<'_> {
    /// Simulates and sums up.
    ///
    /// # Errors
    ///
    /// If the watch stops it.
    pub fn summary(
        &self,
        samples: u64,
        watched: &[Cell],
        watch: Watch<'_>,
    ) -> Result<Summary, Stopped> {
        let mut wanted = self.wanted_cells();
        let cells = wanted.len();
        wanted.extend(watched.iter().map(|cell| Wanted {
            cell: *cell,
            at: self.at(Observed::Cell(*cell)),
            graded: None,
            watched: true,
        }));
        let pots = pots(self.engine);
        let pot_places: Vec<At> = pots.iter().map(|pot| self.at(Observed::Demand(*pot))).collect();
        let columns = wanted.iter().filter(|it| it.varies()).count()
            + pot_places.iter().filter(|at| at.varies()).count();
        let at_once = (KEPT / (8 * samples.max(1))).max(1) as usize;
        let blocks = samples.div_ceil(ROWS as u64);
        let meter = Meter::of_blocks(watch, blocks * columns.div_ceil(at_once) as u64);
        let mut summary = Summary::default();
        for group in in_groups(&wanted, Wanted::varies, at_once) {
            for (it, (result, values)) in group.iter().zip(self.cells(group, samples, &meter)?) {
                match summary.cells.len() < cells {
                    true => summary.cells.push(result),
                    false => summary.watched.push(Watched { cell: it.cell, values }),
                }
            }
        }
        let pots: Vec<(usize, At)> = pots.into_iter().zip(pot_places).collect();
        for group in in_groups(&pots, |(_, at)| at.varies(), at_once) {
            summary.buckets.extend(self.buckets(group, samples, &meter)?);
        }
        Ok(summary)
    }

    /// The projected values and grades of all key results, and the grades of all that is above.
    fn wanted_cells(&self) -> Vec<Wanted> {
        let plan = &self.engine.plan;
        let mut wanted = Vec::with_capacity(2 * plan.krs.len() + plan.objectives.len());
        for (index, kr) in plan.krs.iter().enumerate() {
            let value = Cell::new(Field::KrProjected, index);
            let at = self.at(Observed::Cell(value));
            wanted.push(Wanted::plain(value, at));
            let grade = Cell::new(Field::KrProjectedGrade, index);
            let thresholds = self.engine.objective_thresholds(kr.objective as usize);
            wanted.push(self.graded(grade, Field::KrProjectedGrade, thresholds));
        }
        for index in 0..plan.objectives.len() {
            let grade = Cell::new(Field::ObjectiveProjectedGrade, index);
            let thresholds = self.engine.objective_thresholds(index);
            let mut it = self.graded(grade, Field::ObjectiveAspirationalGrade, thresholds);
            if let Some(graded) = &mut it.graded {
                graded.guards = self.guards(index, thresholds.green);
            }
            wanted.push(it);
        }
        for index in 0..plan.teams.len() {
            let grade = Cell::new(Field::TeamProjectedGrade, index);
            let thresholds = self.engine.team_thresholds(Some(index as u32));
            wanted.push(self.graded(grade, Field::TeamAspirationalGrade, thresholds));
        }
        for index in 0..plan.cycles.len() {
            let grade = Cell::new(Field::CycleProjectedGrade, index);
            let thresholds = self.engine.thresholds();
            wanted.push(self.graded(grade, Field::CycleAspirationalGrade, thresholds));
        }
        wanted
    }

    pub(super) fn graded(
        &self,
        cell: Cell,
        sweet: Field,
        thresholds: crate::engine::Thresholds,
    ) -> Wanted {
        let at = self.at(Observed::Cell(cell));
        let sweet_at = self.at(Observed::Cell(Cell { field: sweet, ..cell }));
        let graded = Graded {
            green: thresholds.green,
            sweet: thresholds.sweet,
            sweet_at,
            guards: Vec::new(),
        };
        Wanted { cell, at, graded: Some(graded), watched: false }
    }

    /// An objective's guardrails: a broken one makes it red, whatever its mean.
    fn guards(&self, objective: usize, green: f64) -> Vec<(At, f64)> {
        let plan = &self.engine.plan;
        let krs = plan.objectives[objective].krs.clone().map(|kr| kr as usize);
        krs.filter(|&kr| plan.krs[kr].kind == KrKind::Guardrail)
            .map(|kr| {
                let grade = Cell::new(Field::KrProjectedGrade, kr);
                // A bound that is not kept grades 0, which breaks whatever `green` is.
                let keeps = matches!(plan.krs[kr].grading, crate::plan::model::Grading::Keep(_));
                let least = if keeps { green.max(0.5) } else { green };
                (self.at(Observed::Cell(grade)), least)
            })
            .collect()
    }

    pub(super) fn cells(
        &self,
        wanted: &[Wanted],
        samples: u64,
        meter: &Meter<'_>,
    ) -> Result<Vec<(CellSummary, Values)>, Stopped> {
        let varying: Vec<&Wanted> = wanted.iter().filter(|it| it.varies()).collect();
        let places: Vec<At> = varying.iter().map(|it| it.at).collect();
        let (mut kept, counts) = match places.is_empty() {
            true => Default::default(),
            false => {
                let look = |place: &Workplace, rows: usize| self.count(&varying, rows, place);
                self.keep(&places, samples, &look, meter)?
            }
        };
        let sums = sum_counts(&counts, varying.len());
        let mut found: Vec<(CellSummary, Values)> = varying
            .par_iter()
            .zip(kept.par_iter_mut())
            .zip(sums)
            .map(|((it, values), counts)| summed_up(it, std::mem::take(values), counts, samples))
            .collect();
        found.reverse();
        Ok(wanted
            .iter()
            .map(|it| match it.at {
                At::Number(number) if !it.varies() => (always(it, number), Values::Same(number)),
                _ => found.pop().unwrap_or_else(|| (nothing(it.cell), Values::Same(f64::NAN))),
            })
            .collect())
    }

    /// Counts the green futures of a block, and those in the sweet spot.
    pub(super) fn count(&self, wanted: &[&Wanted], rows: usize, place: &Workplace) -> Counts {
        let green = |it: &Wanted, graded: &Graded| {
            let same;
            let grades = match self.column(it.at, rows, place) {
                Some(grades) => grades,
                None => {
                    same = vec![it.at.number(); rows];
                    &same
                }
            };
            let least = graded.green - REACHED;
            if graded.guards.is_empty() {
                return grades.iter().map(|it| u32::from(*it >= least)).sum();
            }
            let whole = |row: &usize| {
                graded.guards.iter().all(|(at, least)| {
                    let grade = match at {
                        At::Number(number) => *number,
                        at => self.column(*at, rows, place).map_or(f64::NAN, |it| it[*row]),
                    };
                    grade.is_nan() || grade >= least - REACHED
                })
            };
            (0..rows).filter(|row| grades[*row] >= least).filter(whole).count() as u32
        };
        let sweet = |graded: &Graded| {
            let (low, high) = (graded.sweet.0 - REACHED, graded.sweet.1 + REACHED);
            let within = |grade: f64| grade >= low && grade <= high;
            match graded.sweet_at {
                At::Number(grade) if within(grade) => rows as u32,
                at => self
                    .column(at, rows, place)
                    .map_or(0, |it| it.iter().map(|grade| u32::from(within(*grade))).sum()),
            }
        };
        let counts = |it: &&Wanted| match &it.graded {
            Some(graded) => [green(it, graded), sweet(graded)],
            None => [0, 0],
        };
        wanted.iter().map(counts).collect()
    }

    fn buckets(
        &self,
        pots: &[(usize, At)],
        samples: u64,
        meter: &Meter<'_>,
    ) -> Result<Vec<BucketSummary>, Stopped> {
        let varying: Vec<At> = pots.iter().map(|it| it.1).filter(|at| at.varies()).collect();
        let mut kept = match varying.is_empty() {
            true => Vec::new(),
            false => self.keep(&varying, samples, &|_, _| (), meter)?.0,
        };
        kept.reverse();
        let summary = |&(pot, at): &(usize, At)| {
            let capacity = self.engine.pot_capacity(pot).number();
            let demands = match at {
                At::Number(demand) => vec![demand],
                _ => kept.pop().unwrap_or_default(),
            };
            of_bucket(pot, capacity, demands)
        };
        Ok(pots.iter().map(summary).collect())
    }
}

/// The summary of a cell that is the same in all futures.
pub(super) fn always(it: &Wanted, number: f64) -> CellSummary {
    let Value::Number(number) = value_of(number) else { return nothing(it.cell) };
    let share = |truth: bool| Some(if truth { 1.0 } else { 0.0 });
    let value = Some(number);
    let mut summary = CellSummary {
        mean: value,
        standard_error: Some(0.0),
        p10: value,
        p50: value,
        p90: value,
        ..nothing(it.cell)
    };
    if let Some(graded) = &it.graded {
        let broken =
            |(at, least): &(At, f64)| matches!(at, At::Number(it) if *it < least - REACHED);
        let whole = !graded.guards.iter().any(broken);
        summary.p_green = share(number >= graded.green - REACHED && whole);
        summary.p_sweet = match graded.sweet_at {
            At::Number(mean) if mean.is_nan() => None,
            At::Number(mean) => {
                let (low, high) = graded.sweet;
                share(mean >= low - REACHED && mean <= high + REACHED)
            }
            _ => share(false),
        };
    }
    summary
}

fn of_bucket(pot: usize, capacity: Option<f64>, mut demands: Vec<f64>) -> BucketSummary {
    let known = demands.iter().all(|demand| !demand.is_nan()) && !demands.is_empty();
    let count = demands.len() as f64;
    let over = |capacity: f64| {
        let over = demands.iter().filter(|demand| **demand > capacity * OVER).count();
        over as f64 / count
    };
    let short = |capacity: f64| {
        let missing = demands.chunks(ROWS);
        missing
            .map(|it| it.iter().map(|demand| (demand - capacity).max(0.0)).sum::<f64>())
            .sum::<f64>()
            / count
    };
    let capacity = capacity.filter(|_| known);
    let (p_over, shortfall_mean) = (capacity.map(over), capacity.map(short));
    let [demand_p50, demand_p80] = match known {
        true => smallest(&mut demands, [50, 80]).map(Some),
        false => [None, None],
    };
    BucketSummary { pot, capacity, demand_p50, demand_p80, p_over, shortfall_mean }
}

pub(super) fn nothing(cell: Cell) -> CellSummary {
    CellSummary {
        cell,
        mean: None,
        standard_error: None,
        p10: None,
        p50: None,
        p90: None,
        p_green: None,
        p_sweet: None,
    }
}

fn sum_counts(counts: &[Counts], width: usize) -> Vec<[u64; 2]> {
    let mut sums = vec![[0_u64; 2]; width];
    for block in counts {
        for (sum, count) in sums.iter_mut().zip(block) {
            sum[0] += u64::from(count[0]);
            sum[1] += u64::from(count[1]);
        }
    }
    sums
}

/// The summary of a cell that differs from future to future; its values as they were if they are
/// wanted one by one.
fn summed_up(
    it: &Wanted,
    values: Vec<f64>,
    counts: [u64; 2],
    samples: u64,
) -> (CellSummary, Values) {
    let mut summary = nothing(it.cell);
    if it.watched {
        return (summary, Values::Each(values));
    }
    let mut numbers = values;
    numbers.retain(|value| !value.is_nan());
    if !numbers.is_empty() {
        let count = numbers.len() as f64;
        let mean = blockwise(&numbers, |value| value) / count;
        let squares = blockwise(&numbers, |value| (value - mean) * (value - mean));
        let spread = if count > 1.0 { squares / (count - 1.0) } else { 0.0 };
        summary.mean = Some(mean);
        summary.standard_error = Some((spread / count).sqrt());
        let [p10, p50, p90] = smallest(&mut numbers, [10, 50, 90]);
        (summary.p10, summary.p50, summary.p90) = (Some(p10), Some(p50), Some(p90));
        if let Some(graded) = &it.graded {
            let share = |count: u64| Some(count as f64 / samples as f64);
            summary.p_green = share(counts[0]);
            let judged = !matches!(graded.sweet_at, At::Number(mean) if mean.is_nan());
            summary.p_sweet = share(counts[1]).filter(|_| judged);
        }
    }
    (summary, Values::Same(f64::NAN))
}

/// A sum over blocks of 1,024 in order.
fn blockwise(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.chunks(ROWS).map(|block| block.iter().map(|value| of(*value)).sum::<f64>()).sum()
}

/// The ⌈p·n⌉-th smallest for rising percentages p; the values end up in another order.
fn smallest<const N: usize>(values: &mut [f64], percentages: [usize; N]) -> [f64; N] {
    let count = values.len();
    let mut done = 0;
    percentages.map(|percentage| {
        let place = (percentage * count).div_ceil(100).max(1) - 1;
        if place < done {
            return values[place];
        }
        let (_, found, _) = values[done..].select_nth_unstable_by(place - done, f64::total_cmp);
        let found = *found;
        done = place + 1;
        found
    })
}

/// Splits into runs with at most so many varying members each.
fn in_groups<T>(all: &[T], varies: impl Fn(&T) -> bool, most: usize) -> Vec<&[T]> {
    let mut groups = Vec::new();
    let (mut start, mut count) = (0, 0);
    for (at, it) in all.iter().enumerate() {
        if varies(it) {
            if count == most {
                groups.push(&all[start..at]);
                (start, count) = (at, 0);
            }
            count += 1;
        }
    }
    if start < all.len() {
        groups.push(&all[start..]);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_members() {
        let mut values: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        assert_eq!(smallest(&mut values, [10, 50, 90]), [1.0, 5.0, 9.0]);
        let mut values: Vec<f64> = (1..=11).rev().map(f64::from).collect();
        assert_eq!(smallest(&mut values, [10, 50, 90]), [2.0, 6.0, 10.0]);
        assert_eq!(smallest(&mut [7.0], [10, 50, 90]), [7.0; 3]);
        assert_eq!(smallest(&mut [7.0, 8.0], [10, 50, 90]), [7.0, 7.0, 8.0]);
    }

    #[test]
    fn groups_hold_so_many_varying_members() {
        let all = [1, 0, 0, 1, 1, 0, 1];
        let groups = in_groups(&all, |it| *it == 1, 2);
        assert_eq!(groups, [&[1, 0, 0, 1][..], &[1, 0, 1][..]]);
        assert_eq!(in_groups(&[0, 0], |it| *it == 1, 2), [&[0, 0][..]]);
    }
}
