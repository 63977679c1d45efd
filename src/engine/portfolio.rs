//! The work of a cycle as numbers: what draws from what, and what that pays (`capacity.md`, "The
//! model"). Names and formulas are left behind, so that a simulation runs on the same rules.

use rustc_hash::FxHashSet;

/// How near an amount counts as being reached.
pub const NEAR: f64 = 1e-9;

/// What work draws from: a bucket, or the one bucket that a team without buckets implies.
#[derive(Clone, Debug, PartialEq)]
pub struct Pot {
    /// Its capacity in person-weeks; a NaN where it has none.
    pub capacity: f64,
    /// Whether a short pot is shared in proportion.
    pub prorata: bool,
    /// The team that has it.
    pub team: u32,
}

/// How the effect of work follows from its funding.
#[derive(Clone, Debug, PartialEq)]
pub enum Payment {
    /// In proportion.
    AsFunded,
    /// All when it is wholly funded, else nothing.
    WhenDone,
    /// Straight lines between the points, flat after the last; the first lies at 0.
    Curve(Vec<(f64, f64)>),
}

impl Payment {
    /// The share of the effect at a funded share.
    pub fn of(&self, funded: f64) -> f64 {
        match self {
            Payment::AsFunded => funded,
            Payment::WhenDone => f64::from(u8::from(funded == 1.0)),
            Payment::Curve(points) => curve(points, funded),
        }
    }
}

fn curve(points: &[(f64, f64)], at: f64) -> f64 {
    let next = points.partition_point(|(from, _)| *from < at);
    match (next.checked_sub(1).map(|before| points[before]), points.get(next)) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * ((at - from) / (to - from)),
        (None, Some((_, first))) => *first,
        (Some((_, last)), None) => last,
        (None, None) => 0.0,
    }
}

/// An initiative that takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Its index in the plan.
    pub initiative: u32,
    /// The pots that it draws from, each once, and the mean effort that is left to do.
    pub draws: Vec<(u32, f64)>,
    /// The places in the order of visit of what must be funded before.
    pub needs: Vec<u32>,
    /// Whether it needs what takes no part, and is not finished.
    pub unmet: bool,
    /// How its effect follows from its funding.
    pub payment: Payment,
    /// The share that is still to be done.
    pub left: f64,
}

/// The work of a cycle, in the order in which it is funded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portfolio {
    /// What work draws from: buckets, then teams.
    pub pots: Vec<Pot>,
    /// The work: each after all that it needs, else by priority, then file order.
    pub works: Vec<Work>,
}

/// What is funded of a portfolio.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Funded {
    /// The efforts that are wanted of each pot, funded or not.
    pub demand: Vec<f64>,
    /// The share of each work that is funded; a NaN where a pot has no capacity.
    pub shares: Vec<f64>,
    /// The share of its effect that each pays.
    pub paid: Vec<f64>,
    /// The pot that limits each, if one does.
    pub limits: Vec<Option<u32>>,
}

/// A part of a portfolio that can be funded by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Its pots, rising.
    pub pots: Vec<u32>,
    /// All works that draw from them by their places, rising; they draw from no other pot.
    pub works: Vec<u32>,
    /// Works beside those that need one of them, so that what they pay may change.
    pub needing: Vec<u32>,
}

/// What of a portfolio hangs together.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    /// The places of the work that draws on each pot.
    drawers: Vec<Vec<u32>>,
    /// The places of the work that needs each.
    needing: Vec<Vec<u32>>,
}

impl Ties {
    /// Finds what hangs together.
    pub fn of(portfolio: &Portfolio) -> Self {
        let mut ties = Self {
            drawers: vec![Vec::new(); portfolio.pots.len()],
            needing: vec![Vec::new(); portfolio.works.len()],
        };
        for (place, work) in (0_u32..).zip(&portfolio.works) {
            work.draws.iter().for_each(|(pot, _)| ties.drawers[*pot as usize].push(place));
            work.needs.iter().for_each(|need| ties.needing[*need as usize].push(place));
        }
        ties
    }

    /// The part that some pots belong to: what draws on them, the pots that this draws on as well,
    /// and so on.
    pub fn part(&self, portfolio: &Portfolio, pots: impl IntoIterator<Item = u32>) -> Part {
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut works: FxHashSet<u32> = FxHashSet::default();
        let mut todo: Vec<u32> = pots.into_iter().collect();
        while let Some(pot) = todo.pop() {
            if !seen.insert(pot) {
                continue;
            }
            for place in &self.drawers[pot as usize] {
                if works.insert(*place) {
                    todo.extend(portfolio.works[*place as usize].draws.iter().map(|draw| draw.0));
                }
            }
        }
        let needing = works.iter().flat_map(|place| &self.needing[*place as usize]);
        let needing: FxHashSet<u32> = needing.filter(|it| !works.contains(it)).copied().collect();
        let rising = |all: FxHashSet<u32>| {
            let mut all: Vec<u32> = all.into_iter().collect();
            all.sort_unstable();
            all
        };
        Part { pots: rising(seen), works: rising(works), needing: rising(needing) }
    }
}

impl Portfolio {
    /// Funds the work with the efforts that are expected.
    pub fn fund(&self) -> Funded {
        let mut demand = vec![0.0; self.pots.len()];
        for (pot, effort) in self.works.iter().flat_map(|work| &work.draws) {
            demand[*pot as usize] += effort;
        }
        let mut left: Vec<f64> = self.pots.iter().map(|pot| pot.capacity).collect();
        let count = self.works.len();
        let mut funded = Funded {
            demand,
            shares: vec![0.0; count],
            paid: vec![0.0; count],
            limits: vec![None; count],
        };
        (0..count).for_each(|place| self.fund_one(place, &mut left, &mut funded));
        funded
    }

    /// Funds a part again, with the capacities that its pots have now. The rest stands as it was, and
    /// so does what is wanted. `left` is room to work in.
    pub fn fund_again(&self, part: &Part, left: &mut Vec<f64>, funded: &mut Funded) {
        left.resize(self.pots.len(), 0.0);
        part.pots.iter().for_each(|&pot| left[pot as usize] = self.pots[pot as usize].capacity);
        part.works.iter().for_each(|&place| self.fund_one(place as usize, left, funded));
        part.needing.iter().for_each(|&place| self.pay_one(place as usize, funded));
    }

    fn fund_one(&self, place: usize, left: &mut [f64], funded: &mut Funded) {
        let work = &self.works[place];
        let (share, limit) = self.share(work, &funded.demand, left);
        for (pot, effort) in &work.draws {
            let left = &mut left[*pot as usize];
            // What has no share takes nothing, and nothing is no capacity.
            if !share.is_nan() && !left.is_nan() {
                *left = (*left - share * effort).max(0.0);
            }
        }
        funded.shares[place] = share;
        funded.limits[place] = limit;
        self.pay_one(place, funded);
    }

    /// What a work that is funded pays.
    fn pay_one(&self, place: usize, funded: &mut Funded) {
        let (work, share) = (&self.works[place], funded.shares[place]);
        let met = work.needs.iter().all(|need| funded.shares[*need as usize] == 1.0);
        let paid = if met && !work.unmet { work.payment.of(share) } else { 0.0 };
        funded.paid[place] = if share.is_nan() { share } else { paid };
    }

    /// The share of a work that can be funded, and what limits it.
    fn share(&self, work: &Work, demand: &[f64], left: &[f64]) -> (f64, Option<u32>) {
        let (mut share, mut limit) = (1.0, None);
        for &(pot, effort) in &work.draws {
            let at = pot as usize;
            let there = match self.pots[at].prorata {
                true => ratio(self.pots[at].capacity, demand[at]),
                false => ratio(left[at], effort),
            };
            if effort > 0.0 && (there < share || there.is_nan()) {
                (share, limit) = (there, Some(pot));
            }
            if there.is_nan() && effort > 0.0 {
                break;
            }
        }
        if share >= 1.0 - NEAR { (1.0, None) } else { (share, limit) }
    }
}

/// What there is over what is wanted, at most 1; 1 without anything wanted, else a NaN stays one.
pub fn ratio(there: f64, wanted: f64) -> f64 {
    match wanted > 0.0 {
        true if there.is_nan() => there,
        true => (there / wanted).min(1.0),
        false => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pot(capacity: f64, prorata: bool) -> Pot {
        Pot { capacity, prorata, team: 0 }
    }

    fn work(draws: &[(u32, f64)]) -> Work {
        Work {
            initiative: 0,
            draws: draws.to_vec(),
            needs: Vec::new(),
            unmet: false,
            payment: Payment::AsFunded,
            left: 1.0,
        }
    }

    #[test]
    fn the_first_takes_what_it_wants() {
        let works = vec![work(&[(0, 6.0)]), work(&[(0, 8.0), (1, 1.0)]), work(&[(0, 1.0)])];
        let funded = Portfolio { pots: vec![pot(10.0, false), pot(9.0, false)], works }.fund();
        assert_eq!(funded.shares, [1.0, 0.5, 0.0]);
        assert_eq!(funded.limits, [None, Some(0), Some(0)]);
        assert_eq!(funded.demand, [15.0, 1.0]);
    }

    #[test]
    fn in_proportion_what_another_pot_cuts_stays_idle() {
        let works = vec![work(&[(0, 10.0), (1, 4.0)]), work(&[(0, 10.0)])];
        let funded = Portfolio { pots: vec![pot(10.0, true), pot(1.0, false)], works }.fund();
        assert_eq!(funded.shares, [0.25, 0.5]);
    }

    #[test]
    fn what_needs_the_unfunded_pays_nothing_but_takes_its_effort() {
        let mut second = work(&[(0, 2.0)]);
        second.needs = vec![0];
        let works = vec![work(&[(1, 2.0)]), second, work(&[(0, 2.0)])];
        let funded = Portfolio { pots: vec![pot(2.0, false), pot(1.0, false)], works }.fund();
        assert_eq!(funded.shares, [0.5, 1.0, 0.0]);
        assert_eq!(funded.paid, [0.5, 0.0, 0.0]);
    }

    #[test]
    fn nothing_wanted_is_funded_and_nothing_there_is_not() {
        let works = vec![work(&[(0, 0.0)]), work(&[(0, 1.0)]), work(&[])];
        let funded = Portfolio { pots: vec![pot(0.0, true)], works }.fund();
        assert_eq!(funded.shares, [1.0, 0.0, 1.0]);
        let works = vec![work(&[(0, 1.0)])];
        let funded = Portfolio { pots: vec![pot(f64::NAN, false)], works }.fund();
        assert!(funded.shares[0].is_nan() && funded.limits == [Some(0)]);
        // A draw of nothing leaves a pot without capacity what it is.
        let works = vec![work(&[(0, 0.0)]), work(&[(0, 1.0)])];
        let funded = Portfolio { pots: vec![pot(f64::NAN, false)], works }.fund();
        assert!(funded.shares[0] == 1.0 && funded.shares[1].is_nan());
    }

    #[test]
    fn a_part_is_funded_as_the_whole_would_be() {
        let mut works = vec![
            work(&[(0, 6.0)]),
            work(&[(1, 3.0)]),
            work(&[(0, 2.0), (2, 1.0)]),
            work(&[(2, 4.0)]),
            work(&[]),
        ];
        works[4].needs = vec![3];
        let pots = vec![pot(7.0, false), pot(2.0, true), pot(3.0, false)];
        let mut portfolio = Portfolio { pots, works };
        let ties = Ties::of(&portfolio);
        let part = ties.part(&portfolio, [0]);
        assert_eq!(part, Part { pots: vec![0, 2], works: vec![0, 2, 3], needing: vec![4] });
        let (mut funded, mut left) = (portfolio.fund(), Vec::new());
        for capacity in [0.0, 3.0, 9.0, f64::NAN, 7.0] {
            portfolio.pots[0].capacity = capacity;
            portfolio.fund_again(&part, &mut left, &mut funded);
            let wanted = portfolio.fund();
            assert_eq!(funded.limits, wanted.limits);
            let same =
                |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same(&funded.shares, &wanted.shares) && same(&funded.paid, &wanted.paid));
        }
    }

    #[test]
    fn payments() {
        let points = Payment::Curve(vec![(0.0, 0.0), (0.5, 0.2), (0.8, 1.0)]);
        let close = |at: f64, wanted: f64| assert!((points.of(at) - wanted).abs() < 1e-12, "{at}");
        close(0.0, 0.0);
        close(0.25, 0.1);
        close(0.5, 0.2);
        close(0.65, 0.6);
        close(1.0, 1.0);
        assert_eq!(Payment::Curve(vec![(0.0, 0.3), (1.0, 1.0)]).of(0.0), 0.3);
        assert_eq!(Payment::WhenDone.of(0.999), 0.0);
    }
}
