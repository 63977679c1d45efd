//! Uncertain numbers (`capacity.md`, "Ranges"): what `low .. high` and `low .. likely .. high` mean.
//!
//! Everything here is computed in software ([`libm`]), so that it has the same bits everywhere.

mod normal;
mod pert;

pub use normal::{deviate, share_below};
pub use pert::Pert;

/// The number of standard deviations between P5 and P50 of a normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// How an uncertain number is distributed.
#[derive(Clone, Debug)]
pub enum Distribution {
    /// Not at all: low is high.
    Constant(f64),
    /// Two ends of either sign: they are P5 and P95 of a normal distribution.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        spread: f64,
    },
    /// Two ends of one sign: P5 and P95 of a lognormal distribution, or of its mirror image.
    Lognormal {
        /// The mean of the logarithm.
        mu: f64,
        /// The standard deviation of the logarithm.
        sigma: f64,
        /// 1, or −1 where both ends are negative.
        sign: f64,
    },
    /// Least, likely and greatest: a Beta-PERT with λ = 4.
    Pert(Box<Pert>),
}

impl Distribution {
    /// The distribution of a range of two ends (P5 and P95) or three (least, likely, greatest).
    /// `None` if the ends are not in order, or not numbers.
    ///
    /// Two positive ends are a lognormal's, two negative ones its mirror image, others a normal's.
    pub fn of(ends: &[f64]) -> Option<Self> {
        if ends.iter().any(|end| !end.is_finite()) || ends.windows(2).any(|it| it[0] > it[1]) {
            return None;
        }
        match *ends {
            [low, .., high] if low == high => Some(Self::Constant(low)),
            [low, high] if low > 0.0 => Some(lognormal(low, high, 1.0)),
            [low, high] if high < 0.0 => Some(lognormal(-high, -low, -1.0)),
            [low, high] => {
                let spread = (high - low) / (2.0 * Z95);
                Some(Self::Normal { mean: (low + high) / 2.0, spread })
            }
            [least, likely, greatest] => {
                Some(Self::Pert(Box::new(Pert::new(least, likely, greatest))))
            }
            _ => None,
        }
    }

    /// The value that lies as far up as so many standard deviations of a normal distribution.
    pub fn at(&self, deviate: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Normal { mean, spread } => mean + spread * deviate,
            Self::Lognormal { mu, sigma, sign } => sign * libm::exp(mu + sign * sigma * deviate),
            Self::Pert(pert) => pert.at(deviate),
        }
    }

    /// The value below which a share of 0..1 lies.
    pub fn quantile(&self, share: f64) -> f64 {
        self.at(deviate(share))
    }
}

fn lognormal(low: f64, high: f64, sign: f64) -> Distribution {
    let (mu, sigma) = of_logarithm(low, high);
    Distribution::Lognormal { mu, sigma, sign }
}

/// The mean and the standard deviation of the logarithm.
fn of_logarithm(low: f64, high: f64) -> (f64, f64) {
    let mu = (libm::log(low) + libm::log(high)) / 2.0;
    (mu, libm::log(high / low) / (2.0 * Z95))
}

/// The mean of a range of two ends (P5 and P95) or three (least, likely, greatest), its point value.
/// `None` if the ends are not in order.
pub fn mean(ends: &[f64]) -> Option<f64> {
    if ends.windows(2).any(|pair| pair[0] > pair[1]) {
        return None;
    }
    match *ends {
        [low, high] if low == high => Some(low),
        [low, high] if low > 0.0 => Some(lognormal_mean(low, high)),
        [low, high] if high < 0.0 => Some(-lognormal_mean(-high, -low)),
        [low, high] => Some((low + high) / 2.0),
        [least, likely, greatest] => Some((least + 4.0 * likely + greatest) / 6.0),
        _ => None,
    }
}

fn lognormal_mean(low: f64, high: f64) -> f64 {
    let (mu, sigma) = of_logarithm(low, high);
    libm::exp(mu + sigma * sigma / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_ranges() {
        let near = |ends: &[f64], wanted: f64| {
            assert!(mean(ends).is_some_and(|mean| (mean - wanted).abs() < 0.005), "{ends:?}");
        };
        near(&[5.0, 20.0], 10.93);
        near(&[-20.0, -5.0], -10.93);
        near(&[-5.0, 20.0], 7.5);
        near(&[1.0, 2.0, 9.0], 3.0);
        near(&[4.0, 4.0], 4.0);
        assert_eq!(mean(&[2.0, 1.0]), None);
    }

    #[test]
    fn ends_are_the_outer_twentieths_or_the_bounds() {
        for (low, high) in [(5.0, 20.0), (-20.0, -5.0), (-5.0, 20.0), (0.0, 3.0)] {
            let it = Distribution::of(&[low, high]).expect("in order");
            assert!((it.quantile(0.05) - low).abs() < 1e-12 * high.abs().max(1.0), "{low}..{high}");
            assert!(
                (it.quantile(0.95) - high).abs() < 1e-12 * high.abs().max(1.0),
                "{low}..{high}"
            );
        }
        let pert = Distribution::of(&[1.0, 2.0, 9.0]).expect("in order");
        assert!((pert.at(-9.0) - 1.0).abs() < 1e-6 && (pert.at(9.0) - 9.0).abs() < 1e-2);
        assert!(matches!(Distribution::of(&[3.0, 3.0]), Some(Distribution::Constant(3.0))));
        assert!(matches!(Distribution::of(&[3.0, 3.0, 3.0]), Some(Distribution::Constant(3.0))));
        assert!(Distribution::of(&[2.0, 1.0]).is_none());
    }

    #[test]
    fn the_mean_is_that_of_the_distribution() {
        for ends in
            [&[5.0, 20.0][..], &[-9.0, -2.0], &[-5.0, 20.0], &[1.0, 2.0, 9.0], &[0.0, 0.0, 1.0]]
        {
            let it = Distribution::of(ends).expect("in order");
            // The middle of a million slices of equal probability.
            let slices = 200_000;
            let sum: f64 =
                (0..slices).map(|at| it.quantile((f64::from(at) + 0.5) / f64::from(slices))).sum();
            let (found, wanted) = (sum / f64::from(slices), mean(ends).expect("in order"));
            assert!((found - wanted).abs() < 2e-4 * wanted.abs(), "{ends:?}: {found} {wanted}");
        }
    }
}
