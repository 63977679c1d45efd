//! Beta-PERT: a bounded distribution with a likely value.

use super::normal::share_below;

/// How far the table reaches, in standard deviations of a normal distribution; no draw lies further.
const REACH: f64 = 8.5;
/// How many lines of the third degree the table has.
const LINES: usize = 512;

/// A Beta-PERT distribution with λ = 4, with a table of its quantile over a normal's deviates.
#[derive(Clone, Debug)]
pub struct Pert {
    least: f64,
    width: f64,
    /// At each knot the value within 0..1, and its slope times the distance of knots.
    knots: Vec<[f64; 2]>,
}

impl Pert {
    /// The distribution between two ends that differ, with a likely value between them.
    pub fn new(least: f64, likely: f64, greatest: f64) -> Self {
        let width = greatest - least;
        let shape = Shape::new(1.0 + 4.0 * ((likely - least) / width));
        let step = 2.0 * REACH / LINES as f64;
        let mut knots = vec![[0.0; 2]; LINES + 1];
        let middle = LINES / 2;
        // From the middle out, so that each knot is near the one before it.
        let mut near = 0.5;
        for at in (0..=middle).rev() {
            let deviate = (at as f64 - middle as f64) * step;
            near = shape.below(share_below(deviate), near);
            knots[at] = [near, shape.slope(near, deviate) * step];
        }
        let other = shape.mirrored();
        near = 1.0 - knots[middle][0];
        for (below, knot) in (1..).zip(&mut knots[middle + 1..]) {
            let deviate = -f64::from(below) * step;
            near = other.below(share_below(deviate), near);
            *knot = [1.0 - near, other.slope(near, deviate) * step];
        }
        Self { least, width, knots }
    }

    /// The value that lies as far up as so many standard deviations of a normal distribution.
    #[inline]
    pub fn at(&self, deviate: f64) -> f64 {
        let place = (deviate.clamp(-REACH, REACH) + REACH) * (LINES as f64 / (2.0 * REACH));
        let line = (place as usize).min(LINES - 1);
        let along = place - line as f64;
        let ([from, from_slope], [to, to_slope]) = (self.knots[line], self.knots[line + 1]);
        // The curve of the third degree with these ends and slopes.
        let rise = to - from;
        let bend = from_slope + to_slope - 2.0 * rise;
        let unit = from + along * (from_slope + along * (rise - from_slope - bend + along * bend));
        self.least + self.width * unit
    }
}

/// A beta distribution on 0..1 whose two parameters add up to 6.
#[derive(Clone, Copy, Debug)]
struct Shape {
    alpha: f64,
    beta: f64,
    /// The logarithm of the factor before its density.
    log_factor: f64,
}

impl Shape {
    fn new(alpha: f64) -> Self {
        let beta = 6.0 - alpha;
        let log_factor = libm::lgamma(6.0) - libm::lgamma(alpha) - libm::lgamma(beta);
        Self { alpha, beta, log_factor }
    }

    fn mirrored(self) -> Self {
        Self { alpha: self.beta, beta: self.alpha, ..self }
    }

    /// The logarithm of the density times x.
    fn log_weight(self, x: f64) -> f64 {
        self.log_factor + self.alpha * libm::log(x) + (self.beta - 1.0) * libm::log1p(-x)
    }

    /// How fast the value rises with the deviate of a normal distribution.
    fn slope(self, x: f64, deviate: f64) -> f64 {
        const LOG_ROOT_2_PI: f64 = 0.918_938_533_204_672_7;
        if x <= 0.0 || x >= 1.0 {
            return 0.0;
        }
        x * libm::exp(-deviate * deviate / 2.0 - LOG_ROOT_2_PI - self.log_weight(x))
    }

    /// The logarithm of the share below x: the density's factor times a hypergeometric series,
    /// whose terms are all positive.
    fn log_share(self, x: f64) -> f64 {
        let (mut term, mut sum, mut count) = (1.0, 1.0, 0.0);
        while term > sum * 1e-17 && count < 10_000.0 {
            term *= x * (6.0 + count) / (self.alpha + 1.0 + count);
            sum += term;
            count += 1.0;
        }
        self.log_weight(x) + libm::log1p(-x) + libm::log(sum / self.alpha)
    }

    /// The value with this share below it; begins its search near another value.
    fn below(self, share: f64, near: f64) -> f64 {
        let wanted = libm::log(share);
        let mut x = near;
        for _ in 0..60 {
            let found = self.log_share(x);
            // A step of Newton's on the logarithms of both, which are nearly in line.
            let slope = libm::exp(self.log_weight(x) - found);
            let step = ((wanted - found) / slope).clamp(-2.0, 2.0);
            let next = (x * libm::exp(step)).min(x + (1.0 - x) * 0.9);
            if (next - x).abs() <= 1e-16 * x {
                break;
            }
            x = next;
        }
        x
    }
}

/// The share of the table's reach that is cut off on each side, which no draw can tell.
#[cfg(test)]
fn cut_off() -> f64 {
    share_below(-REACH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::deviate;

    #[test]
    fn shares_of_known_shapes() {
        // α = 1: 1 − (1 − x)⁵; α = 3: x³ (10 − 15 x + 6 x²).
        let first = Shape::new(1.0);
        let third = Shape::new(3.0);
        for x in [1e-9, 1e-3, 0.1, 0.5, 0.9] {
            let wanted = -libm::expm1(5.0 * libm::log1p(-x));
            assert!((libm::exp(first.log_share(x)) / wanted - 1.0).abs() < 1e-12, "{x}");
            let wanted = x * x * x * (10.0 - 15.0 * x + 6.0 * x * x);
            assert!((libm::exp(third.log_share(x)) / wanted - 1.0).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn the_table_is_near_the_quantile() {
        // α = 1 and α = 5 have closed quantiles.
        let (left, right) = (Pert::new(0.0, 0.0, 1.0), Pert::new(-3.0, 5.0, 5.0));
        let mut share = 0.001;
        while share < 1.0 {
            let wanted = -libm::expm1(libm::log1p(-share) / 5.0);
            assert!((left.at(deviate(share)) - wanted).abs() < 1e-8, "{share}");
            let wanted = -3.0 + 8.0 * libm::pow(share, 0.2);
            assert!((right.at(deviate(share)) - wanted).abs() < 1e-7, "{share}");
            share += 0.001;
        }
        assert!(cut_off() < 1e-16);
    }

    #[test]
    fn the_table_rises_within_its_bounds() {
        for likely in [0.0, 0.01, 0.3, 0.5, 0.77, 1.0] {
            let pert = Pert::new(0.0, likely, 1.0);
            let mut before = -1e-12;
            for at in -1000..=1000 {
                let value = pert.at(f64::from(at) * 0.009);
                assert!(value >= before - 1e-12 && value <= 1.0 + 1e-12, "{likely} {at} {value}");
                before = value;
            }
        }
    }
}
