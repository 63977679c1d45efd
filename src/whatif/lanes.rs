//! Loops over columns of futures: the arithmetic of a simulation.

use crate::engine::portfolio::{NEAR, Payment};
use crate::estimate::Distribution;
use multiversion::multiversion;

/// e to the power of a number within ±700, to about 14 digits, with the same bits everywhere.
#[inline(always)]
fn exp(x: f64) -> f64 {
    // The whole number in the lowest bits of a sum is its rounding.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const HIGH: f64 = 0.693_147_180_369_123_8; // ln 2, its first 33 bits
    const LOW: f64 = 1.908_214_929_270_587_7e-10; // and the rest
    let sum = x * std::f64::consts::LOG2_E + ROUND;
    let whole = sum.to_bits().wrapping_sub(ROUND.to_bits());
    let count = sum - ROUND;
    let rest = x - count * HIGH - count * LOW;
    // The series up to the 11th power, in pairs.
    let (square, fourth) = (rest * rest, (rest * rest) * (rest * rest));
    let first = (1.0 + rest) + square * (0.5 + rest * (1.0 / 6.0));
    let second =
        (1.0 / 24.0 + rest * (1.0 / 120.0)) + square * (1.0 / 720.0 + rest * (1.0 / 5_040.0));
    let third = (1.0 / 40_320.0 + rest * (1.0 / 362_880.0))
        + square * (1.0 / 3_628_800.0 + rest * (1.0 / 39_916_800.0));
    let power = first + fourth * (second + fourth * third);
    f64::from_bits(power.to_bits().wrapping_add(whole << 52))
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
fn lognormals(mu: f64, own: f64, sign: f64, deviates: &mut [f64]) {
    deviates.iter_mut().for_each(|it| *it = sign * exp((mu + own * *it).clamp(-700.0, 700.0)));
}

/// The same for deviates that share a part, where no power is too large.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
fn shared_lognormals(mu: f64, own: f64, of_shared: f64, deviates: &mut [f64], shared: &[f64]) {
    for (it, shared) in deviates.iter_mut().zip(shared) {
        *it = exp(mu + (own * *it + of_shared * shared));
    }
}

/// Turns normal deviates into draws of a distribution.
pub(super) fn draw(distribution: &Distribution, deviates: &mut [f64]) {
    match distribution {
        Distribution::Constant(value) => deviates.fill(*value),
        Distribution::Normal { mean, spread } => {
            deviates.iter_mut().for_each(|it| *it = mean + spread * *it);
        }
        Distribution::Lognormal { mu, sigma, sign } => {
            lognormals(*mu, sign * sigma, *sign, deviates);
        }
        Distribution::Pert(pert) => deviates.iter_mut().for_each(|it| *it = pert.at(*it)),
    }
}

/// Turns normal deviates into efforts: a part of each deviate is shared by the team.
pub(super) fn draw_together(
    distribution: &Distribution,
    deviates: &mut [f64],
    shared: &[f64],
    correlation: f64,
) {
    let (together, apart) = (libm::sqrt(correlation), libm::sqrt(1.0 - correlation));
    // No deviate is over 9, so no power over 700 here.
    if let Distribution::Lognormal { mu, sigma, sign: 1.0 } = distribution
        && mu.abs() + 2.0 * 9.0 * sigma < 700.0
    {
        return shared_lognormals(*mu, sigma * apart, sigma * together, deviates, shared);
    }
    for (own, shared) in deviates.iter_mut().zip(shared) {
        *own = together * shared + apart * *own;
    }
    draw(distribution, deviates);
    // An effort is never negative, though a range that is a formula may reach below 0.
    deviates.iter_mut().for_each(|it| *it = it.max(0.0));
}

/// Funds one effort: the share of it that is left, which is taken.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
pub(super) fn fund(left: &mut [f64], effort: &[f64], share: &mut [f64]) {
    for ((left, effort), share) in left.iter_mut().zip(effort).zip(share) {
        let ratio = if *effort > 0.0 { *left / effort } else { 1.0 };
        let settled = if ratio >= 1.0 - NEAR { 1.0 } else { ratio };
        *share = settled;
        *left = (*left - settled * effort).max(0.0);
    }
}

/// A value moved by a product of a factor and two columns.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
pub(super) fn moved(start: f64, factor: f64, one: &[f64], other: &[f64], out: &mut [f64]) {
    for ((out, one), other) in out.iter_mut().zip(one).zip(other) {
        *out = start + factor * one * other;
    }
}

/// Lowers shares to what is there of what is wanted.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
pub(super) fn limit(share: &mut [f64], there: &[f64], wanted: &[f64]) {
    for ((share, there), wanted) in share.iter_mut().zip(there).zip(wanted) {
        let ratio = if *wanted > 0.0 { there / wanted } else { 1.0 };
        *share = if ratio < *share { ratio } else { *share };
    }
}

/// Lowers shares to a pot's ratio where anything is wanted of it.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
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
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
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
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
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
            let (found, wanted) = (exp(x), libm::exp(x));
            assert!((found / wanted - 1.0).abs() < 3e-14, "{x}: {found} {wanted}");
            x += 0.173;
        }
        assert_eq!(exp(0.0), 1.0);
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
