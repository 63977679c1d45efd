//! Random numbers that are looked up rather than drawn in turn: draw k of a variable depends on the
//! seed, the variable's name and k alone. So another variable shifts no draw, and plans that differ
//! share their futures.

use crate::estimate::deviate;
use multiversion::multiversion;
use std::sync::LazyLock;

/// What the draws of one variable begin from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64);

/// 2⁶⁴ over the golden ratio, odd: the step between two counters.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Stirs 64 bits so that each hangs on all (the mixing of SplitMix64).
#[inline(always)]
fn stir(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The 64-bit hash FNV-1a of a name.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl Key {
    /// The key of a variable.
    pub fn of(seed: u64, name: &str) -> Self {
        Self(stir(stir(seed.wrapping_add(STEP)) ^ hash(name)))
    }

    /// The 64 bits of a draw.
    #[inline(always)]
    pub fn bits(self, draw: u64) -> u64 {
        stir(self.0.wrapping_add(draw.wrapping_add(1).wrapping_mul(STEP)))
    }

    /// The draws from the given one on as 1 with a probability, else 0.
    pub fn chances(self, first: u64, probability: f64, out: &mut [f64]) {
        // A share of 2⁶³, so that a probability of 1 has room.
        let bound = (probability.clamp(0.0, 1.0) * 9_223_372_036_854_775_808.0) as u64;
        chances(self, first, bound, out);
    }

    /// The draws from the given one on as deviates of a normal distribution.
    pub fn normals(self, first: u64, out: &mut [f64]) {
        let table = &**TAIL;
        for (start, block) in (first..).step_by(SCAN * RUNS).zip(out.chunks_mut(SCAN * RUNS)) {
            let mut far = [false; RUNS];
            middles(self, start, block, &mut far);
            // Most runs have none far out, which one look tells.
            for (run, some) in block.chunks_mut(SCAN).enumerate().filter(|(run, _)| far[*run]) {
                let draws = start + (run * SCAN) as u64..;
                for (draw, out) in draws.zip(some).filter(|(_, out)| out.abs() > FAR) {
                    *out = normal(table, self.bits(draw));
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
fn chances(key: Key, first: u64, bound: u64, out: &mut [f64]) {
    for (draw, out) in (first..).zip(out) {
        *out = if key.bits(draw) >> 1 < bound { 1.0 } else { 0.0 };
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2"))]
fn middles(key: Key, first: u64, out: &mut [f64], far: &mut [bool; RUNS]) {
    let starts = (first..).step_by(SCAN);
    for ((start, some), far) in starts.zip(out.chunks_mut(SCAN)).zip(far) {
        let mut any = false;
        for (draw, out) in (start..).zip(some) {
            let deviate = middle(key.bits(draw));
            any |= deviate.abs() > FAR;
            *out = deviate;
        }
        *far = any;
    }
}

/// The share of a tail from which on the middle's formula does not hold.
const FAR_SHARE: f64 = 0.004;
/// From this deviate on a draw may lie in the tail.
const FAR: f64 = 2.652;
/// How many draws are looked through at once for those in the tail.
const SCAN: usize = 32;
/// How many such runs are drawn at once.
const RUNS: usize = 32;

/// The probability in the tail that 52 bits say, within 0..0.5, in the middle of their cell.
#[inline(always)]
fn tail_of(bits: u64) -> f64 {
    const WHOLE: f64 = 4_503_599_627_370_496.0; // 2⁵², whose mantissa takes 52 bits
    f64::from_bits(WHOLE.to_bits() | (bits >> 12)) - WHOLE + 0.5
}

/// The deviate of 64 bits in the middle of the distribution: 52 say how far out it lies, one on which
/// side. Fitted to AS 241 by a quotient of polynomials; off by less than 2e-9 of a deviation.
#[inline(always)]
fn middle(bits: u64) -> f64 {
    let from_middle = 0.5 - tail_of(bits) * CELL;
    let place = from_middle * from_middle * 8.129_552_549_427_679 - 1.0;
    let size = from_middle * polynomial(&OVER, place) / polynomial(&UNDER, place);
    f64::from_bits(size.to_bits() ^ (bits << 63))
}

/// A polynomial, from the highest power down.
#[inline(always)]
fn polynomial(terms: &[f64; 8], at: f64) -> f64 {
    let [a, b, c, d, e, f, g, h] = terms;
    ((((((a * at + b) * at + c) * at + d) * at + e) * at + f) * at + g) * at + h
}

const OVER: [f64; 8] = [
    -0.007_310_795_003_060_634,
    0.305_386_267_115_585_75,
    -2.733_140_832_122_314_3,
    10.493_578_999_127_966,
    -20.924_994_114_506_607,
    22.779_231_522_401_54,
    -12.876_684_630_733_019,
    2.963_996_966_229_441,
];

const UNDER: [f64; 8] = [
    -0.009_923_993_431_568_209,
    0.210_608_233_424_871_56,
    -1.448_260_602_916_492_2,
    4.765_428_543_940_428,
    -8.549_811_877_184_927,
    8.602_182_411_373_83,
    -4.570_210_861_172_493,
    1.0,
];

/// Parts of an octave of probability.
const PARTS: u64 = 32;
/// Octaves of probability, from a half down to 2⁻⁵⁴, times their parts, up to a power of two.
const LINES: usize = 2048;

type Table = [[f64; 4]; LINES];

/// The inverse of the normal distribution, by AS 241, as lines of the third degree: an octave of the
/// tail's probability has 32 of them. It is off by less than 2e-9 of a deviation.
static TAIL: LazyLock<Box<Table>> = LazyLock::new(|| {
    let lines: Vec<[f64; 4]> = (0..LINES as u64).map(line).collect();
    lines.into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([[0.0; 4]; LINES]))
});

/// Half the smallest step between two probabilities: 2⁻⁵³ of 52 bits in the middle of their cells.
const CELL: f64 = 1.0 / 9_007_199_254_740_992.0;

/// The deviate of 64 bits, wherever it lies.
fn normal(table: &Table, bits: u64) -> f64 {
    let tail = tail_of(bits);
    if tail * CELL >= FAR_SHARE {
        return middle(bits);
    }
    let tail = tail.to_bits();
    let line = (tail >> 47).wrapping_sub(1022 * PARTS) as usize % LINES;
    let along = f64::from_bits(((tail << 5) & 0x000f_ffff_ffff_ffff) | 1.0_f64.to_bits()) - 1.0;
    let [a, b, c, d] = table[line];
    let size = a + along * (b + along * (c + along * d));
    f64::from_bits(size.to_bits() ^ (bits << 63))
}

/// The polynomial of the third degree through four points of a line.
fn line(at: u64) -> [f64; 4] {
    // Where Chebyshev's polynomial of the fourth degree is 0, within 0..1.
    const KNOTS: [f64; 4] = [
        0.038_060_233_744_356_62,
        0.308_658_283_817_455_1,
        0.691_341_716_182_544_9,
        0.961_939_766_255_643_4,
    ];
    let octave = libm::ldexp(CELL, (at / PARTS) as i32 - 1);
    let share = |along: f64| octave * (1.0 + ((at % PARTS) as f64 + along) / PARTS as f64);
    let mut slopes = KNOTS.map(|along| -deviate(share(along).min(0.5)));
    for degree in 1..4 {
        for knot in (degree..4).rev() {
            let width = KNOTS[knot] - KNOTS[knot - degree];
            slopes[knot] = (slopes[knot] - slopes[knot - 1]) / width;
        }
    }
    // From Newton's form to powers.
    let mut powers = [slopes[3], 0.0, 0.0, 0.0];
    for degree in (0..3).rev() {
        for power in (1..4).rev() {
            powers[power] = powers[power - 1] - KNOTS[degree] * powers[power];
        }
        powers[0] = slopes[degree] - KNOTS[degree] * powers[0];
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::share_below;

    #[test]
    fn the_table_is_the_inverse() {
        let mut worst: f64 = 0.0;
        for draw in 0..200_000_u64 {
            let bits = ((Key(7).bits(draw) >> (draw % 50)) << 12) | (draw % 2);
            let found = normal(&TAIL, bits);
            let share = ((bits >> 12) as f64 + 0.5) * CELL;
            let wanted = if bits & 1 == 1 { deviate(share) } else { -deviate(share) };
            worst = worst.max((found - wanted).abs());
        }
        assert!(worst < 2e-9, "{worst}");
        // What a block gives is what one draw gives, on either side of the tail's beginning.
        let mut block = vec![0.0; 20_000];
        Key(9).normals(5, &mut block);
        let single = |draw: u64| normal(&TAIL, Key(9).bits(draw));
        assert!((5..).zip(&block).all(|(draw, found)| *found == single(draw)));
        assert!(block.iter().any(|it| it.abs() > 3.5));
        assert!(normal(&TAIL, 0) > 8.2 && normal(&TAIL, 1) < -8.2);
        assert!(normal(&TAIL, u64::MAX).abs() < 1e-9);
    }

    #[test]
    fn draws_are_those_of_a_normal_distribution() {
        let mut draws = vec![0.0; 400_000];
        Key::of(42, "edge_cache.draws.checkout.roadmap").normals(0, &mut draws);
        let count = draws.len() as f64;
        let moment = |power: i32| draws.iter().map(|it| it.powi(power)).sum::<f64>() / count;
        assert!(moment(1).abs() < 0.006 && (moment(2) - 1.0).abs() < 0.01);
        assert!(moment(3).abs() < 0.03 && (moment(4) - 3.0).abs() < 0.06);
        for at in [-3.0, -1.5, -0.2, 0.0, 0.7, 2.0, 3.5] {
            let below = draws.iter().filter(|it| **it < at).count() as f64 / count;
            let share = share_below(at);
            assert!((below - share).abs() < 4.5 * (share * (1.0 - share) / count).sqrt(), "{at}");
        }
    }

    #[test]
    fn variables_are_independent_and_draws_looked_up() {
        let (mut one, mut other) = (vec![0.0; 100_000], vec![0.0; 100_000]);
        Key::of(42, "a.chance").normals(0, &mut one);
        Key::of(42, "b.chance").normals(0, &mut other);
        let together = one.iter().zip(&other).map(|(a, b)| a * b).sum::<f64>() / 100_000.0;
        assert!(together.abs() < 0.015, "{together}");
        let neighbours = one.windows(2).map(|it| it[0] * it[1]).sum::<f64>() / 100_000.0;
        assert!(neighbours.abs() < 0.015, "{neighbours}");
        let mut later = vec![0.0; 10];
        Key::of(42, "a.chance").normals(77, &mut later);
        assert_eq!(later, one[77..87]);
        assert_ne!(Key::of(43, "a.chance"), Key::of(42, "a.chance"));
    }

    #[test]
    fn chances() {
        let mut draws = vec![0.0; 100_000];
        for probability in [0.0, 0.003, 0.5, 0.8, 1.0] {
            Key::of(1, "x").chances(0, probability, &mut draws);
            let found = draws.iter().sum::<f64>() / 100_000.0;
            let spread = (probability * (1.0 - probability) / 100_000.0_f64).sqrt();
            assert!((found - probability).abs() <= 4.5 * spread, "{probability}: {found}");
        }
    }
}
