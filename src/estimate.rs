//! Uncertain numbers (`capacity.md`, "Ranges"): what `low .. high` and `low .. likely .. high` mean.

/// The number of standard deviations between P5 and P50 of a normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// The mean of a range of two ends (P5 and P95) or three (least, likely, greatest), its point value.
/// `None` if the ends are not in order.
///
/// Two positive ends are a lognormal's, two negative ones its mirror image, others a normal's; three
/// are a Beta-PERT's with λ = 4.
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
    let mu = (low.ln() + high.ln()) / 2.0;
    let sigma = (high / low).ln() / (2.0 * Z95);
    (mu + sigma * sigma / 2.0).exp()
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
}
