//! The trend: a sparkline for each of several things, a chart for one.

use super::super::bars::sparkline;
use super::super::data::{Trend, TrendRow};
use super::super::line::Line;
use super::super::style::{Ink, Style, one_line, width_of};
use super::super::words;
use super::chart;
use super::note;

/// `okr trend` in a terminal.
pub fn trend(trend: &Trend, style: &Style) -> String {
    let mut out = String::new();
    match trend.rows.as_slice() {
        [row] if !trend.dates.is_empty() => {
            title(&mut out, row, style);
            chart::chart(&mut out, trend, row, style);
        }
        rows => {
            caption(&mut out, trend, style);
            sparklines(&mut out, trend, rows, style);
        }
    }
    out
}

/// The title of the one thing drawn, and its way.
fn title(out: &mut String, row: &TrendRow, style: &Style) {
    let title = one_line(words::title(&row.title, &row.id));
    for text in style.wrap(&title, style.width, 3) {
        let mut line = Line::new(style);
        line.put(Ink::Bold, &text);
        line.end(out);
    }
    let mut line = Line::new(style);
    line.put(Ink::Dim, &row.id).skip(2);
    put_way(&mut line, row, style);
    line.end(out);
    out.push('\n');
}

fn caption(out: &mut String, trend: &Trend, style: &Style) {
    let text = match (trend.dates.first(), trend.dates.last()) {
        (Some(first), Some(last)) if first != last => format!("Check-ins {first} .. {last}"),
        (Some(first), _) => format!("Check-ins of {first}"),
        _ => "There is no dated check-in yet".into(),
    };
    let as_of = words::as_of_date(trend.as_of.as_deref(), &trend.as_of_from);
    let as_of = as_of.map(|as_of| format!(", {as_of}")).unwrap_or_default();
    let key = if style.unicode { "" } else { "; a digit is a tenth" };
    note(out, &format!("{text}{as_of}{key}"), style);
    out.push('\n');
}

/// `0.08 → 0.61 yellow`
fn put_way(line: &mut Line, row: &TrendRow, style: &Style) {
    let graded = || row.grades.iter().copied().flatten();
    let (Some(first), Some(last)) = (graded().next(), graded().next_back()) else {
        line.put(Ink::Dim, "no data");
        return;
    };
    let ink = Ink::of_band(row.band);
    line.put(Ink::Dim, &format!("{}{}", words::grade(first), style.pick(" → ", " -> ")));
    line.put(ink, &words::grade(last)).skip(1).put(ink, row.band.unwrap_or_default());
}

/// How far a row stands from the margin, as its kind does in the plan.
fn indent_of(row: &TrendRow) -> usize {
    match row.kind {
        "objective" => 2,
        "key result" => 4,
        _ => 0,
    }
}

fn sparklines(out: &mut String, trend: &Trend, rows: &[TrendRow], style: &Style) {
    /// `0.08 -> 0.61 yellow` with the gaps before it.
    const WAY: usize = 2 + 19 + 2;
    let least = rows.iter().map(indent_of).min().unwrap_or(0);
    let wide = |row: &TrendRow| {
        indent_of(row) - least + width_of(&one_line(words::title(&row.title, &row.id)))
    };
    let room = style.width.saturating_sub(WAY).max(16);
    let cells = trend.dates.len().min(room / 2);
    let title = rows.iter().map(wide).max().unwrap_or(0).min(room.saturating_sub(cells + 2)).max(8);
    for row in rows {
        let indent = indent_of(row) - least;
        let mut line = Line::new(style);
        let text = one_line(words::title(&row.title, &row.id));
        let ink = if row.kind == "key result" { Ink::Plain } else { Ink::Bold };
        line.to(indent).put(ink, &style.truncate(&text, title.saturating_sub(indent)));
        line.to(title + 2).put(Ink::of_band(row.band), &sparkline(&row.grades, cells, style));
        line.to(title + 2 + cells + 2);
        put_way(&mut line, row, style);
        line.end(out);
    }
}
