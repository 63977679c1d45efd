//! The as-of date, the cycle in force, and what has elapsed (`grading.md`, "Time").

use crate::plan::Plan;
use crate::plan::model::Cycle;
use jiff::civil::Date;

/// The as-of date that a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsOf {
    /// The newest check-in's, else the last day of the latest cycle.
    #[default]
    Default,
    /// Today's, given by the caller, so that nothing here reads a clock.
    Today(Date),
    /// A given one.
    Date(Date),
}

/// How a plan is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// The as-of date.
    pub as_of: AsOf,
    /// The cycle in force, an index into the plan's; by default that of the date.
    pub cycle: Option<u32>,
    /// Grades against the values before any amendment.
    pub original: bool,
    /// The scenario in force, an index into the plan's; `None` is the base.
    pub scenario: Option<u32>,
    /// Whether only the capacity after the as-of date counts.
    pub remaining: bool,
}

/// Where an as-of date came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOfSource {
    /// `--as-of DATE`
    Given,
    /// `--as-of today`
    Today,
    /// The newest check-in.
    NewestCheckin,
    /// The last day of the latest cycle.
    CycleEnd,
    /// The newest dated line of a plan with neither check-ins nor cycles.
    NewestLine,
    /// The plan has no dates at all.
    Nowhere,
}

impl AsOfSource {
    /// The source in words.
    pub fn words(self) -> &'static str {
        match self {
            AsOfSource::Given => "as given",
            AsOfSource::Today => "today",
            AsOfSource::NewestCheckin => "the newest check-in",
            AsOfSource::CycleEnd => "the last day of the cycle",
            AsOfSource::NewestLine => "the newest dated line",
            AsOfSource::Nowhere => "the plan has no dates",
        }
    }
}

/// A day, where it came from, and the cycle in force on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The as-of date; `None` if the plan has no dates at all.
    pub as_of: Option<Date>,
    /// Where it came from.
    pub source: AsOfSource,
    /// The cycle in force.
    pub cycle: Option<u32>,
}

impl Moment {
    /// The moment of a plan.
    pub fn of(plan: &Plan, options: &Options) -> Self {
        let (as_of, source) = as_of(plan, options.as_of);
        let cycle = options.cycle.or_else(|| cycle_in_force(plan, as_of));
        Self { as_of, source, cycle }
    }

    /// The same plan on another day.
    pub(crate) fn on(self, date: Date) -> Self {
        Self { as_of: Some(date), source: AsOfSource::Given, cycle: self.cycle }
    }
}

fn as_of(plan: &Plan, wanted: AsOf) -> (Option<Date>, AsOfSource) {
    match wanted {
        AsOf::Date(date) => return (Some(date), AsOfSource::Given),
        AsOf::Today(date) => return (Some(date), AsOfSource::Today),
        AsOf::Default => {}
    }
    if let Some(date) = plan.checkins.iter().map(|checkin| checkin.date).max() {
        return (Some(date), AsOfSource::NewestCheckin);
    }
    if let Some(date) = plan.cycles.iter().map(|cycle| cycle.to).max() {
        return (Some(date), AsOfSource::CycleEnd);
    }
    let amended = plan.amendments.iter().map(|amendment| amendment.date);
    let talk = plan.talk.iter().map(|talk| talk.date);
    match amended.chain(talk).max() {
        Some(date) => (Some(date), AsOfSource::NewestLine),
        None => (None, AsOfSource::Nowhere),
    }
}

/// The cycle that contains the date (the latest started, if several), else the latest started before
/// it, else the first.
fn cycle_in_force(plan: &Plan, as_of: Option<Date>) -> Option<u32> {
    let first = (!plan.cycles.is_empty()).then_some(0);
    let Some(date) = as_of else { return first };
    let numbered = || plan.cycles.iter().enumerate();
    let contains = |(_, cycle): &(usize, &Cycle)| cycle.from <= date && date <= cycle.to;
    let latest = |(index, cycle): &(usize, &Cycle)| (cycle.from, *index);
    numbered()
        .filter(contains)
        .max_by_key(latest)
        .or_else(|| numbered().filter(|(_, cycle)| cycle.from <= date).max_by_key(latest))
        .map(|(index, _)| index as u32)
        .or(first)
}

/// The share of a cycle's days up to and including a date, within 0..1.
pub(super) fn elapsed(cycle: &Cycle, date: Date) -> f64 {
    let days = days_between(cycle.from, cycle.to) + 1;
    let passed = (days_between(cycle.from, date) + 1).clamp(0, days);
    f64::from(passed) / f64::from(days)
}

/// The days from one date to another; negative if that is earlier.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The weeks of a cycle: its working days, Monday to Friday, over five.
pub(super) fn weeks(cycle: &Cycle) -> f64 {
    weeks_between(cycle.from, cycle.to)
}

fn weeks_between(from: Date, to: Date) -> f64 {
    let days = (days_between(from, to) + 1).max(0);
    let first = i32::from(from.weekday().to_monday_zero_offset());
    let whole = days / 7 * 5;
    let rest = (0..days % 7).filter(|day| (first + day) % 7 < 5).count() as i32;
    f64::from(whole + rest) / 5.0
}

/// The share of the cycle's working days that come after the as-of date.
pub(super) fn share_left(plan: &Plan, moment: &Moment) -> f64 {
    let (Some(cycle), Some(as_of)) = (moment.cycle, moment.as_of) else { return 1.0 };
    let cycle = &plan.cycles[cycle as usize];
    let all = weeks_between(cycle.from, cycle.to);
    let passed = weeks_between(cycle.from, as_of.min(cycle.to));
    if all > 0.0 { ((all - passed) / all).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::model::TextPlace;
    use crate::source::Place;
    use jiff::civil::date;

    fn cycle(from: Date, to: Date) -> Cycle {
        Cycle {
            name: Place::default(),
            title: TextPlace(Place::default()),
            from,
            to,
            reversed: false,
        }
    }

    #[test]
    fn days_and_weeks() {
        let quarter = cycle(date(2026, 1, 1), date(2026, 3, 31));
        assert_eq!(weeks(&quarter), 64.0 / 5.0);
        assert_eq!(elapsed(&quarter, date(2026, 2, 28)), 59.0 / 90.0);
        assert_eq!(elapsed(&quarter, date(2025, 12, 31)), 0.0);
        assert_eq!(elapsed(&quarter, date(2026, 1, 1)), 1.0 / 90.0);
        assert_eq!(elapsed(&quarter, date(2026, 5, 1)), 1.0);
        let weekend = cycle(date(2026, 1, 3), date(2026, 1, 4));
        assert_eq!(weeks(&weekend), 0.0);
    }
}
