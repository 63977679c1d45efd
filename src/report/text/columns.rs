//! The columns of the scorecard: wide where there is room, and given up one after the other where
//! there is not.

use super::super::data::KrRow;
use super::super::outline::Entry;
use super::super::style::{Style, one_line, width_of};
use super::super::words::{self, Journey};
use super::entry_indent;

/// Blank columns between two texts.
const GAP: usize = 2;
/// `0.58`
const GRADE: usize = 4;
/// `yellow`
const BAND: usize = 6;
/// `on track`
const PACE: usize = 8;
/// `100%`
const SURE: usize = 4;
/// The widest actual, forecast or journey.
const WIDEST: usize = 20;
/// The widest journey where there is little room, unless its bare numbers need more.
const SHORT: usize = 14;
/// The least that a title gets.
const LEAST: usize = 8;

/// How the way from baseline to target is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// With the arrows below one another.
    #[default]
    Aligned,
    /// From the left.
    Flush,
    /// The target alone.
    Target,
}

/// How many columns each part of a key result's line takes; 0 for one that is left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// The title with its indent.
    pub title: usize,
    /// The baseline, where arrows stand below one another.
    pub from: usize,
    /// How the journey is drawn.
    pub way: Way,
    /// The journey.
    pub journey: usize,
    /// The actual.
    pub now: usize,
    /// Whether the actual shows its unit.
    pub units: bool,
    /// The cells of the bar.
    pub bar: usize,
    /// The pace.
    pub pace: usize,
    /// The confidence.
    pub sure: usize,
    /// The forecast.
    pub forecast: usize,
}

/// What the key results would like to have.
#[derive(Debug, Default)]
struct Needs {
    title: usize,
    heading: usize,
    from: usize,
    to: usize,
    span: usize,
    numbers: usize,
    words: usize,
    now: usize,
    now_without_unit: usize,
    pace: usize,
    sure: usize,
    forecast: usize,
}

/// What is given up, and below which room for the titles.
type Step = (usize, fn(&mut Columns, &Needs));

/// What is given up, in this order.
const STEPS: [Step; 12] = [
    (60, |columns, _| columns.forecast = 0),
    (52, |columns, _| columns.bar = 8),
    (50, Columns::unalign),
    (46, Columns::shorten_now),
    (36, Columns::shorten_journey),
    (32, |columns, _| columns.bar = 6),
    (23, |columns, _| columns.sure = 0),
    (20, Columns::drop_baseline),
    (20, |columns, _| columns.pace = columns.pace.min(PACE)),
    (18, |columns, _| columns.journey = 0),
    (16, |columns, _| columns.bar = 0),
    (14, |columns, _| columns.pace = 0),
];

impl Columns {
    /// The columns for these entries.
    pub fn fit(entries: &[Entry], style: &Style) -> Self {
        let needs = Needs::of(entries, style);
        let mut columns = Self::roomy(&needs, style);
        for (wanted, give_up) in STEPS {
            if columns.room(style) < needs.title.min(wanted) {
                give_up(&mut columns, &needs);
            }
        }
        let wanted = needs.title.max(columns.heading_wants(&needs));
        columns.title = columns.room(style).min(wanted).max(LEAST);
        columns
    }

    fn roomy(needs: &Needs, style: &Style) -> Self {
        let arrow = width_of(style.pick(" → ", " -> "));
        let aligned = if needs.to > 0 { needs.from + arrow + needs.to } else { 0 };
        let (way, from) = match aligned > WIDEST {
            true => (Way::Flush, 0),
            false => (Way::Aligned, needs.from),
        };
        Self {
            title: 0,
            from,
            way,
            journey: aligned.max(needs.words).min(WIDEST),
            now: needs.now.min(WIDEST),
            units: true,
            bar: 10,
            pace: needs.pace,
            sure: needs.sure,
            forecast: needs.forecast.min(WIDEST),
        }
    }

    fn unalign(&mut self, needs: &Needs) {
        (self.way, self.from) = (Way::Flush, 0);
        self.journey = self.journey.min(needs.span.max(needs.words));
    }

    fn shorten_now(&mut self, needs: &Needs) {
        self.units = false;
        self.now = self.now.min(needs.now_without_unit.max(4));
    }

    fn shorten_journey(&mut self, needs: &Needs) {
        self.journey = self.journey.min(needs.numbers.max(SHORT));
    }

    fn drop_baseline(&mut self, needs: &Needs) {
        self.way = Way::Target;
        self.journey = self.journey.min((needs.to + 3).max(SHORT - 4));
    }

    /// What is left for the titles.
    fn room(&self, style: &Style) -> usize {
        style.width.saturating_sub(self.end() - self.title).max(LEAST)
    }

    /// The title column that shows the longest heading on one line.
    fn heading_wants(&self, needs: &Needs) -> usize {
        needs.heading.saturating_sub(self.bar_at() - self.title).min(60)
    }

    /// Where the journey begins.
    pub fn journey_at(&self) -> usize {
        self.title + GAP
    }

    /// Where the actual ends.
    pub fn now_end(&self) -> usize {
        let journey = if self.journey > 0 { GAP + self.journey } else { 0 };
        let now = if self.now > 0 { GAP + self.now } else { 0 };
        self.title + journey + now
    }

    /// Where the bar begins.
    pub fn bar_at(&self) -> usize {
        self.now_end() + GAP
    }

    /// Where the grade begins.
    pub fn grade_at(&self) -> usize {
        self.bar_at() + if self.bar > 0 { self.bar + 1 } else { 0 }
    }

    /// Where the band begins.
    pub fn band_at(&self) -> usize {
        self.grade_at() + GRADE + 1
    }

    /// Where the pace begins.
    pub fn pace_at(&self) -> usize {
        self.band_at() + BAND + if self.pace > 0 { 1 } else { 0 }
    }

    /// Where the confidence ends.
    pub fn sure_end(&self) -> usize {
        self.pace_at() + self.pace + if self.sure > 0 { 1 + self.sure } else { 0 }
    }

    /// Where the forecast begins.
    pub fn forecast_at(&self) -> usize {
        self.sure_end() + GAP
    }

    /// Whether the pace has room for its sign.
    pub fn pace_has_sign(&self) -> bool {
        self.pace > PACE
    }

    /// Where the line ends.
    pub fn end(&self) -> usize {
        self.sure_end() + if self.forecast > 0 { GAP + self.forecast } else { 0 }
    }
}

impl Needs {
    fn of(entries: &[Entry], style: &Style) -> Self {
        let mut needs = Self::default();
        for entry in entries {
            let indent = entry_indent(entry);
            if let Entry::Objective(objective, _) = entry {
                let title = words::title(&objective.title, &objective.id);
                needs.heading = needs.heading.max(indent + width_of(&one_line(title)));
                objective.key_results.iter().for_each(|kr| needs.add(kr, indent + 2, style));
            }
        }
        needs
    }

    fn add(&mut self, kr: &KrRow, indent: usize, style: &Style) {
        let wide = |text: &str| width_of(&one_line(text));
        let title = indent + wide(words::title(&kr.title, &kr.id)) + wide(&weight(kr, style));
        self.title = self.title.max(title);
        match Journey::of(kr) {
            Journey::Words(words) => self.words = self.words.max(wide(&words)),
            Journey::Span { from, to, unit } => {
                let (from, to, unit) = (wide(from), wide(to), wide(unit));
                let arrow = width_of(style.pick(" → ", " -> "));
                self.from = self.from.max(from);
                self.to = self.to.max(to + unit);
                self.span = self.span.max(from + arrow + to + unit);
                self.numbers = self.numbers.max(from + arrow + to);
            }
        }
        let actual = wide(words::actual(kr));
        self.now = self.now.max(actual);
        if words::is_number(kr) {
            let (number, unit) = words::split_unit(&kr.shown.actual);
            let number = wide(number) + usize::from(unit == "%");
            self.now_without_unit = self.now_without_unit.max(number);
        }
        if kr.projected_grade.is_some() || kr.pace_word.is_some() {
            self.pace = PACE + 2;
        }
        if kr.confidence.is_some() {
            self.sure = SURE;
        }
        if !kr.shown.forecast.is_empty() {
            self.forecast = self.forecast.max(wide(&kr.shown.forecast)).max("forecast".len());
        }
    }
}

/// The weight of a key result, if it is not that of every other: ` ×2`.
pub(super) fn weight(kr: &KrRow, style: &Style) -> String {
    match kr.weight {
        Some(weight) if weight != 1.0 && kr.kind != "guardrail" => {
            format!(" {}{}", style.pick("×", "x"), crate::quantity::readable(weight))
        }
        _ => String::new(),
    }
}
