//! Loops over columns of futures: the arithmetic of a simulation.

use crate::engine::portfolio::{NEAR, Payment};
use crate::estimate::Distribution;
use std::sync::LazyLock;

/// Two to the power of 64ths.
static POWERS: LazyLock<[f64; 64]> =
    LazyLock::new(|| std::array::from_fn(|at| libm::exp2(at as f64 / 64.0)));

/// e to the power of a number, to about 16 digits, with the same bits everywhere; meant for loops.
#[inline(always)]
fn exp(powers: &[f64; 64], x: f64) -> f64 {
    // The whole number in the lowest bits of a sum is its rounding.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const HIGH: f64 = 0.010_830_424_695_996_044; // ln 2 / 64, its first 34 bits
    const LOW: f64 = 2.531_017_216_665_087_7e-13; // and the rest
    let x = x.clamp(-700.0, 700.0);
    let sum = x * (64.0 * std::f64::consts::LOG2_E) + ROUND;
    let whole = sum.to_bits().wrapping_sub(ROUND.to_bits());
    let count = sum - ROUND;
    let rest = x - count * HIGH - count * LOW;
    let high = 1.0 / 6.0 + rest * (1.0 / 24.0 + rest * (1.0 / 120.0));
    let small = rest + rest * rest * (0.5 + rest * high);
    let power = powers[(whole & 63) as usize].to_bits();
    let power = f64::from_bits(power.wrapping_add((whole & !63) << 46));
    power + power * small
}

/// Turns normal deviates into draws of a distribution.
pub(super) fn draw(distribution: &Distribution, deviates: &mut [f64]) {
    match distribution {
        Distribution::Constant(value) => deviates.fill(*value),
        Distribution::Normal { mean, spread } => {
            deviates.iter_mut().for_each(|it| *it = mean + spread * *it);
        }
        Distribution::Lognormal { mu, sigma, sign } => {
            let powers = &*POWERS;
            let spread = sign * sigma;
            deviates.iter_mut().for_each(|it| *it = sign * exp(powers, mu + spread * *it));
        }
        Distribution::Pert(pert) => deviates.iter_mut().for_each(|it| *it = pert.at(*it)),
    }
}

/// Mixes a deviate that a team's efforts share into each one's own.
pub(super) fn correlate(deviates: &mut [f64], shared: &[f64], correlation: f64) {
    let (together, apart) = (correlation.sqrt(), (1.0 - correlation).sqrt());
    for (own, shared) in deviates.iter_mut().zip(shared) {
        *own = together * shared + apart * *own;
    }
}

/// Lowers shares to what is there of what is wanted.
pub(super) fn limit(share: &mut [f64], there: &[f64], wanted: &[f64]) {
    for ((share, there), wanted) in share.iter_mut().zip(there).zip(wanted) {
        let ratio = if *wanted > 0.0 { there / wanted } else { 1.0 };
        *share = if ratio < *share { ratio } else { *share };
    }
}

/// Lowers shares to a pot's ratio where anything is wanted of it.
pub(super) fn limit_prorata(share: &mut [f64], capacity: f64, demand: &[f64], wanted: &[f64]) {
    for ((share, demand), wanted) in share.iter_mut().zip(demand).zip(wanted) {
        let ratio = if *wanted > 0.0 { capacity / demand } else { 1.0 };
        *share = if ratio < *share { ratio } else { *share };
    }
}

/// A share that is nearly all is all.
pub(super) fn settle(share: &mut [f64]) {
    share.iter_mut().for_each(|it| *it = if *it >= 1.0 - NEAR { 1.0 } else { *it });
}

/// Takes a share of an effort out of what is left.
pub(super) fn take(left: &mut [f64], share: &[f64], effort: &[f64]) {
    for ((left, share), effort) in left.iter_mut().zip(share).zip(effort) {
        *left = (*left - share * effort).max(0.0);
    }
}

/// What a share pays.
pub(super) fn pay(payment: &Payment, paid: &mut [f64]) {
    match payment {
        Payment::AsFunded => {}
        Payment::WhenDone => {
            paid.iter_mut().for_each(|it| *it = if *it == 1.0 { 1.0 } else { 0.0 });
        }
        Payment::Curve(_) => paid.iter_mut().for_each(|it| *it = payment.of(*it)),
    }
}

/// Nothing is paid where what is needed is not wholly funded.
pub(super) fn withhold(paid: &mut [f64], needed: &[f64]) {
    for (paid, needed) in paid.iter_mut().zip(needed) {
        *paid = if *needed == 1.0 { *paid } else { 0.0 };
    }
}

/// Adds a column.
pub(super) fn add(sum: &mut [f64], column: &[f64]) {
    sum.iter_mut().zip(column).for_each(|(sum, it)| *sum += it);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_e() {
        let mut x = -650.0;
        while x < 650.0 {
            let (found, wanted) = (exp(&POWERS, x), libm::exp(x));
            assert!(
                (found / wanted - 1.0).abs() < 4e-16 + 1e-17 * x.abs(),
                "{x}: {found} {wanted}"
            );
            x += 0.173;
        }
        assert_eq!(exp(&POWERS, 0.0), 1.0);
    }

    #[test]
    fn draws_are_those_of_the_distribution() {
        for ends in [&[5.0, 20.0][..], &[-20.0, -5.0], &[-5.0, 20.0], &[1.0, 2.0, 9.0], &[3.0, 3.0]]
        {
            let it = Distribution::of(ends).expect("in order");
            let deviates: Vec<f64> = (-40..=40).map(|at| f64::from(at) * 0.1).collect();
            let mut drawn = deviates.clone();
            draw(&it, &mut drawn);
            for (deviate, drawn) in deviates.iter().zip(drawn) {
                assert!(
                    (drawn - it.at(*deviate)).abs() < 1e-14 * drawn.abs(),
                    "{ends:?} {deviate}"
                );
            }
        }
    }
}
