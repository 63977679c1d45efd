//! The chart of one thing's grades over time, from 0 to 1 and day by day.

use super::super::data::{Trend, TrendRow};
use super::super::line::Line;
use super::super::style::{Ink, Style};
use super::canvas::Canvas;
use jiff::civil::Date;

/// Text rows of the drawing: one for each tenth and one for 0.
const ROWS: usize = 11;
/// Where the axis stands.
const AXIS_AT: usize = 5;
/// Room for a band's name behind the drawing.
const BAND: usize = 7;
/// The widest drawing.
const WIDEST: usize = 100;
/// `2026-08-28`
const DATE: usize = 10;

/// Draws the grades from 0 to 1 (or to the highest, if that is more) over the days of the cycle.
pub(super) fn chart(out: &mut String, trend: &Trend, row: &TrendRow, style: &Style) {
    let top = row.grades.iter().flatten().fold(1.0, |top: f64, &grade| top.max(grade));
    let width = style.width.saturating_sub(AXIS_AT + 1 + BAND).clamp(16, WIDEST);
    let days = Days::of(trend);
    let mut canvas = Canvas::new(width, ROWS, style.unicode);
    let column = |share: f64| (share.clamp(0.0, 1.0) * (width - 1) as f64).round() as usize;
    let mut observed: Vec<(usize, Option<usize>)> = Vec::new();
    for (index, (date, grade)) in trend.dates.iter().zip(&row.grades).enumerate() {
        let at = column(days.share(index, date));
        observed.pop_if(|last| last.0 == at);
        observed.push((at, grade.map(|grade| level_of(grade, top))));
    }
    let last = observed.last().map_or(0, |last| last.0);
    let end = trend.as_of.as_ref().map_or(last, |as_of| column(days.share(0, as_of)));
    canvas.steps(&observed, end.max(last));
    let picture = Picture { canvas, row, top, style };
    (0..ROWS).rev().for_each(|level| picture.row(out, level));
    picture.axis(out, &days);
}

/// The row of a grade: the highest whose value it has reached.
fn level_of(grade: f64, top: f64) -> usize {
    (grade / top * (ROWS - 1) as f64 + 1e-9).clamp(0.0, (ROWS - 1) as f64) as usize
}

/// The days along the axis.
struct Days<'a> {
    from: &'a str,
    to: &'a str,
    as_of: Option<&'a str>,
    span: Option<(Date, f64)>,
    count: usize,
}

impl<'a> Days<'a> {
    fn of(trend: &'a Trend) -> Self {
        let first = trend.dates.first().map_or("", String::as_str);
        let last = trend.dates.last().map_or("", String::as_str);
        let (from, to) = match &trend.period {
            Some((from, to)) => (first.min(from), last.max(to)),
            None => (first, last),
        };
        let span = from.parse().ok().zip(to.parse().ok());
        let span = span.map(|(from, to): (Date, Date)| (from, f64::from((to - from).get_days())));
        Self { from, to, as_of: trend.as_of.as_deref(), span, count: trend.dates.len() }
    }

    /// How far along the axis a date is; dates that are none stand at equal distances.
    fn share(&self, index: usize, date: &str) -> f64 {
        match (self.span, date.parse::<Date>()) {
            (Some((from, days)), Ok(date)) if days > 0.0 => {
                f64::from((date - from).get_days()) / days
            }
            _ => index as f64 / self.count.saturating_sub(1).max(1) as f64,
        }
    }
}

/// A drawing with its labels.
struct Picture<'a> {
    canvas: Canvas,
    row: &'a TrendRow,
    top: f64,
    style: &'a Style,
}

impl Picture<'_> {
    /// A row of the drawing: its label, its dots and the band that begins here.
    fn row(&self, out: &mut String, level: usize) {
        let begins = self.band_at(level);
        let mut line = Line::new(self.style);
        let value = begins.map(|(_, value)| value).or_else(|| self.tick(level));
        if let Some(value) = value {
            line.right(Ink::Dim, &format!("{value:.2}"), AXIS_AT - 1);
        }
        let tick = if value.is_some() { ("┤", "+") } else { ("│", "|") };
        line.to(AXIS_AT).put(Ink::Dim, self.style.pick(tick.0, tick.1));
        self.dots(&mut line, level, begins.is_some());
        if let Some((word, _)) = begins {
            line.to(AXIS_AT + 1 + self.canvas.width + 1).put(Ink::of_band(Some(word)), word);
        }
        line.end(out);
    }

    /// The label of a row, on the lowest, the middle and the highest.
    fn tick(&self, level: usize) -> Option<f64> {
        let value = level as f64 / (ROWS - 1) as f64 * self.top;
        level.is_multiple_of((ROWS - 1) / 2).then_some(value)
    }

    fn level_of(&self, grade: f64) -> usize {
        level_of(grade, self.top)
    }

    fn band_at(&self, level: usize) -> Option<(&'static str, f64)> {
        let begins = [("yellow", self.row.yellow), ("green", self.row.green)];
        begins.into_iter().rev().find(|&(_, from)| self.level_of(from) == level)
    }

    /// The ink of a row: that of its band.
    fn ink(&self, level: usize) -> Ink {
        Ink::of_band(Some(match level {
            _ if level >= self.level_of(self.row.green) => "green",
            _ if level >= self.level_of(self.row.yellow) => "yellow",
            _ => "red",
        }))
    }

    fn dots(&self, line: &mut Line, level: usize, dashed: bool) {
        let ink = self.ink(level);
        let empty = self.style.pick("┄", ".");
        for column in 0..self.canvas.width {
            match self.canvas.glyph(column, level) {
                Some(glyph) => line.put(ink, glyph.encode_utf8(&mut [0; 4])),
                None if dashed && (self.style.unicode || column % 2 == 1) => {
                    line.put(Ink::Dim, empty)
                }
                None => line.skip(1),
            };
        }
    }

    /// The axis of time with the first day, the as-of date and the last day.
    fn axis(&self, out: &mut String, days: &Days) {
        let start = AXIS_AT + 1;
        let end = start + self.canvas.width;
        let mut line = Line::new(self.style);
        line.to(AXIS_AT).put(Ink::Dim, self.style.pick("└", "+"));
        line.put(Ink::Dim, &self.style.pick("─", "-").repeat(self.canvas.width));
        line.end(out);
        let mut line = Line::new(self.style);
        line.to(start).put(Ink::Dim, days.from);
        if let Some(as_of) = days.as_of {
            let share = days.share(0, as_of).clamp(0.0, 1.0);
            let middle = start + (share * (self.canvas.width - 1) as f64).round() as usize;
            let at = middle.saturating_sub(DATE / 2);
            if at > start + DATE && at + 2 * DATE < end {
                line.to(at).put(Ink::Plain, as_of);
            }
        }
        if days.to != days.from && start + 2 * DATE < end {
            line.right(Ink::Dim, days.to, end);
        }
        line.end(out);
    }
}
