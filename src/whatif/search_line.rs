//! Searching one number: the nearest to the present one that reaches a goal, else the best.
//!
//! The way to the goal need not be monotone nor without jumps, so the whole span is sampled, its
//! bends are found, and only then the place at which the goal is reached is narrowed down.

use super::search::GoOn;

/// How many places of the span are looked at, whatever is known of it.
pub const POINTS: usize = 1001;
/// How many of the highest places are looked at more closely.
const PEAKS: usize = 32;
/// By how much, relative to the goal, rounding may fall short of it.
const SHORT: f64 = 1e-9;

/// What is wanted of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Whether it is to be at least `value`, not at most.
    pub at_least: bool,
    /// The value.
    pub value: f64,
}

impl Goal {
    /// Whether a value reaches the goal, but for rounding.
    pub fn holds(&self, value: f64) -> bool {
        self.past(value) >= -SHORT * self.value.abs().max(1.0)
    }

    /// By how much a value is past the goal; negative short of it.
    fn past(&self, value: f64) -> f64 {
        if self.at_least { value - self.value } else { self.value - value }
    }
}

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The least number.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// The present one, or what stands for it.
    pub present: f64,
}

/// Where a search ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Whether the goal is reached.
    pub reached: bool,
    /// The number.
    pub at: f64,
    /// The value there.
    pub value: f64,
}

/// A place that was looked at, and by how much it is past the goal.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: f64,
    past: f64,
    value: f64,
}

/// Why there is nothing to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// There is no value anywhere in the span.
    NoValue,
    /// The search was stopped.
    Stopped,
}

/// Searches a span, given places at which the value may bend.
///
/// # Errors
///
/// If there is no value anywhere, or the search was stopped.
pub fn nearest(
    value: &mut dyn FnMut(f64) -> Option<f64>,
    span: Span,
    goal: Goal,
    kinks: &[f64],
    go_on: GoOn<'_>,
) -> Result<Place, Nothing> {
    let mut look = |at: f64| -> Result<Sample, Nothing> {
        if !go_on() {
            return Err(Nothing::Stopped);
        }
        let value = value(at);
        let past = value.map_or(f64::NEG_INFINITY, |value| goal.past(value));
        Ok(Sample { at, past, value: value.unwrap_or(f64::NAN) })
    };
    let place = |sample: Sample, reached| Place { reached, at: sample.at, value: sample.value };
    let present = look(span.present)?;
    if present.past >= 0.0 && (span.low..=span.high).contains(&span.present) {
        return Ok(place(present, true));
    }
    let mut samples = Vec::with_capacity(POINTS + kinks.len());
    for at in places(&span, kinks) {
        samples.push(look(at)?);
    }
    peaks(&mut samples, &mut look)?;
    let mut best: Option<Sample> = None;
    let away = |sample: &Sample| (sample.at - span.present).abs();
    let split = samples.partition_point(|sample| sample.at < span.present);
    let (below, above) = samples.split_at(split);
    for side in [above.to_vec(), below.iter().rev().copied().collect()] {
        let found = first_reached(&side, &mut look)?;
        best = [best, found].into_iter().flatten().min_by(|a, b| away(a).total_cmp(&away(b)));
    }
    if let Some(best) = best {
        return Ok(place(rounded(best, 0.0, &span, &mut look)?, true));
    }
    let highest = samples.iter().map(|it| it.past).fold(f64::NEG_INFINITY, f64::max);
    if highest == f64::NEG_INFINITY {
        return Err(Nothing::NoValue);
    }
    let short = SHORT * goal.value.abs().max(1.0);
    let reached = highest >= -short;
    let least = if reached { -short } else { highest - SHORT * highest.abs().min(1.0) * 1e-3 };
    let nearest = samples
        .iter()
        .filter(|sample| sample.past >= least)
        .min_by(|a, b| away(a).total_cmp(&away(b)));
    let nearest = *nearest.ok_or(Nothing::NoValue)?;
    Ok(place(rounded(nearest, least, &span, &mut look)?, reached))
}

/// The places to look at, in order.
fn places(span: &Span, kinks: &[f64]) -> Vec<f64> {
    let steps = (POINTS - 1) as f64;
    let even = (0..POINTS).map(|step| {
        let share = step as f64 / steps;
        span.low * (1.0 - share) + span.high * share
    });
    let mut places: Vec<f64> = even
        .chain(kinks.iter().copied())
        .chain([span.low, span.high, span.present])
        .filter(|at| (span.low..=span.high).contains(at))
        .collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    places
}

/// Looks more closely at the highest places short of the goal: where the lines from both sides of an
/// interval meet inside it, and between the neighbours of a peak.
fn peaks(
    samples: &mut Vec<Sample>,
    look: &mut dyn FnMut(f64) -> Result<Sample, Nothing>,
) -> Result<(), Nothing> {
    let mut more = Vec::new();
    for four in samples.windows(4) {
        let [a, b, c, d] = [four[0], four[1], four[2], four[3]];
        if let Some((at, past)) = meeting([a, b, c, d])
            && past > b.past.max(c.past)
        {
            more.push(look(at)?);
        }
    }
    insert(samples, &mut more);
    let mut tops: Vec<usize> = (0..samples.len()).filter(|&at| is_top(samples, at)).collect();
    tops.sort_by(|a, b| samples[*b].past.total_cmp(&samples[*a].past));
    for &top in tops.iter().take(PEAKS) {
        let low = samples[top.saturating_sub(1)].at;
        let high = samples[(top + 1).min(samples.len() - 1)].at;
        let (found, own) = (climb(low, high, look)?, samples[top]);
        // A bend that is known is better than what comes near it.
        if found.past > own.past + SHORT * 10.0 * own.value.abs().max(1.0) {
            more.push(found);
        }
    }
    insert(samples, &mut more);
    Ok(())
}

fn insert(samples: &mut Vec<Sample>, more: &mut Vec<Sample>) {
    samples.append(more);
    samples.sort_by(|a, b| a.at.total_cmp(&b.at));
    samples.dedup_by(|a, b| a.at == b.at);
}

/// Where the line through the first two places meets the one through the last two, if that is
/// between the second and the third.
fn meeting(four: [Sample; 4]) -> Option<(f64, f64)> {
    let [a, b, c, d] = four;
    let (left, right) = ((b.past - a.past) / (b.at - a.at), (d.past - c.past) / (d.at - c.at));
    let at = (c.past - b.past + left * b.at - right * c.at) / (left - right);
    let inside = at > b.at && at < c.at;
    inside.then_some((at, b.past + left * (at - b.at)))
}

/// Whether a place is short of the goal, no lower than its neighbours and higher than one of them.
fn is_top(samples: &[Sample], at: usize) -> bool {
    let own = samples[at].past;
    let before = at.checked_sub(1).map_or(own, |before| samples[before].past);
    let after = samples.get(at + 1).map_or(own, |after| after.past);
    own < 0.0 && own.is_finite() && own >= before && own >= after && (own > before || own > after)
}

/// The highest place of an interval with one peak, by golden sections.
fn climb(
    low: f64,
    high: f64,
    look: &mut dyn FnMut(f64) -> Result<Sample, Nothing>,
) -> Result<Sample, Nothing> {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let (mut low, mut high) = (low, high);
    let (mut left, mut right) =
        (look(high - RATIO * (high - low))?, look(low + RATIO * (high - low))?);
    for _ in 0..60 {
        if left.past >= right.past {
            (high, right) = (right.at, left);
            left = look(high - RATIO * (high - low))?;
        } else {
            (low, left) = (left.at, right);
            right = look(low + RATIO * (high - low))?;
        }
    }
    Ok(if left.past >= right.past { left } else { right })
}

/// The first of a row of places at which the goal is reached, narrowed down from the one before.
fn first_reached(
    side: &[Sample],
    look: &mut dyn FnMut(f64) -> Result<Sample, Nothing>,
) -> Result<Option<Sample>, Nothing> {
    let Some(first) = side.iter().position(|sample| sample.past >= 0.0) else { return Ok(None) };
    let mut inside = side[first];
    let Some(outside) = first.checked_sub(1).map(|before| side[before]) else {
        return Ok(Some(inside));
    };
    let (known, mut outside) = (inside, outside.at);
    for _ in 0..100 {
        let middle = look(outside + (inside.at - outside) / 2.0)?;
        if middle.at == outside || middle.at == inside.at {
            break;
        }
        match middle.past >= 0.0 {
            true => inside = middle,
            false => outside = middle.at,
        }
    }
    // What is funded within 1e-9 is funded, but where it is exactly is known better.
    let near = (known.at - inside.at).abs() <= 10.0 * SHORT * known.at.abs().max(1e-3);
    Ok(Some(if near { known } else { inside }))
}

/// The same place with the fewest digits, where that is as good.
fn rounded(
    sample: Sample,
    least: f64,
    span: &Span,
    look: &mut dyn FnMut(f64) -> Result<Sample, Nothing>,
) -> Result<Sample, Nothing> {
    for digits in [9, 12] {
        let at: f64 = format!("{:.digits$e}", sample.at).parse().unwrap_or(sample.at);
        let near = (at - sample.at).abs() <= 1e-12 * (span.high - span.low);
        if near && (span.low..=span.high).contains(&at) {
            let round = look(at)?;
            if round.past >= least {
                return Ok(round);
            }
        }
    }
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { low: 0.0, high: 1.0, present: 0.2 };

    fn seek(span: Span, at_least: bool, wanted: f64, value: impl Fn(f64) -> f64) -> Place {
        let goal = Goal { at_least, value: wanted };
        let mut value = |at| Some(value(at));
        nearest(&mut value, span, goal, &[], &mut || true).expect("a place")
    }

    #[test]
    fn the_nearest_way_on_either_side() {
        let place = seek(SPAN, true, 0.7, |at| at);
        assert!(place.reached && (place.at - 0.7).abs() < 1e-12 && place.value >= 0.7, "{place:?}");
        let place = seek(SPAN, false, 0.1, |at| at);
        assert!(place.reached && (place.at - 0.1).abs() < 1e-12, "{place:?}");
        let place = seek(SPAN, true, 0.15, |at| (at - 0.25).abs());
        assert!(place.reached && (place.at - 0.1).abs() < 1e-9, "{place:?}");
        assert_eq!(seek(SPAN, true, 0.2, |at| at).at, 0.2);
    }

    #[test]
    fn jumps_and_narrow_peaks() {
        let place = seek(SPAN, true, 1.0, |at| f64::from(u8::from(at >= 0.612_345)));
        assert!(place.reached && (place.at - 0.612_345).abs() < 1e-12, "{place:?}");
        // The peak of 1 at a third lies between two of the even places.
        let tent = |at: f64| 1.0 - 50.0 * (at - 1.0 / 3.0).abs();
        let place = seek(SPAN, true, 0.9999, tent);
        assert!(place.reached && (place.at - 1.0 / 3.0).abs() < 3e-6, "{place:?}");
        let place = seek(SPAN, true, 1.1, tent);
        assert!(!place.reached && (place.at - 1.0 / 3.0).abs() < 1e-9, "{place:?}");
        assert!((place.value - 1.0).abs() < 1e-9);
        let place = seek(SPAN, true, 3.0, |at| 2.0 - (at - 0.123_456).powi(2));
        assert!(!place.reached && (place.at - 0.123_456).abs() < 1e-4, "{place:?}");
        assert!((place.value - 2.0).abs() < 1e-8);
    }

    #[test]
    fn there_may_be_nothing_to_tell() {
        let goal = Goal { at_least: true, value: 1.0 };
        let nothing = nearest(&mut |_| None, SPAN, goal, &[], &mut || true);
        assert_eq!(nothing, Err(Nothing::NoValue));
        let stopped = nearest(&mut |at| Some(at), SPAN, goal, &[], &mut || false);
        assert_eq!(stopped, Err(Nothing::Stopped));
        let place = seek(SPAN, true, 1.0, |_| 0.4);
        assert!(!place.reached && place.at == 0.2 && (place.value - 0.4).abs() < 1e-12);
    }
}
