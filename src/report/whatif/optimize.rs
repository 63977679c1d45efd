//! `okr optimize` in words: the shares before and after, what they fund, and what to make of it.

use super::super::grid::{CsvField, csv};
use super::super::line::Line;
use super::super::markdown::{Page, escape};
use super::super::style::{Ink, Style, one_line, width_of};
use super::super::words;
use super::standpoint::{heads, put_heads};
use crate::quantity::readable;
use crate::whatif::optimize::{FundedChange, Optimum, ShareChange};

/// What optimising a point estimate does to it.
const FLATTERS: &str = "An optimum of point estimates flatters itself: it leans on the estimates \
                        that err in its favour, so expect less.";

/// By how little shares differ and count as the same.
const SAME: f64 = 1e-9;

/// The answer for a terminal.
pub fn text(optimum: &Optimum, style: &Style) -> String {
    let mut out = String::new();
    put_heads(&mut out, &optimum.standpoint, style);
    if !out.is_empty() {
        out.push('\n');
    }
    paragraph(&mut out, Ink::Bold, &promise(optimum, style), style);
    paragraph(&mut out, Ink::Plain, &proof(optimum), style);
    out.push('\n');
    table(&mut out, &share_rows(optimum, style), ["share", "now", "best", "points"], style);
    let changed = changes(optimum, style);
    if !changed.is_empty() {
        out.push('\n');
        table(&mut out, &changed, ["initiative", "now", "best", ""], style);
    }
    out.push('\n');
    paragraph(&mut out, Ink::Dim, FLATTERS, style);
    out
}

fn paragraph(out: &mut String, ink: Ink, text: &str, style: &Style) {
    for wrapped in style.wrap(&one_line(text), style.width, 6) {
        let mut line = Line::new(style);
        line.put(ink, &wrapped);
        line.end(out);
    }
}

/// A row: what it is about, before, after, and a remark.
type Row = [String; 4];

fn table(out: &mut String, rows: &[Row], head: [&str; 4], style: &Style) {
    let head = head.map(str::to_owned);
    let wide = |column: usize| {
        let all = std::iter::once(&head).chain(rows);
        all.map(|row| width_of(&one_line(&row[column]))).max().unwrap_or(0)
    };
    let (now, best) = (wide(1), wide(2));
    let label = wide(0).min(style.width.saturating_sub(now + best + wide(3) + 8).max(12));
    for (index, row) in std::iter::once(&head).chain(rows).enumerate() {
        let ink = if index == 0 { Ink::Dim } else { Ink::Plain };
        let mut line = Line::new(style);
        line.to(2).put(ink, &style.truncate(&one_line(&row[0]), label));
        line.right(ink, &row[1], 2 + label + 2 + now);
        line.right(ink, &row[2], 2 + label + 2 + now + 2 + best);
        line.to(2 + label + 2 + now + 2 + best + 2).put(ink, &row[3]);
        line.end(out);
    }
}

/// What is promised, and beside it what is delivered.
fn promise(optimum: &Optimum, style: &Style) -> String {
    let arrow = style.pick("→", "->");
    let [before, after, delivered] = &optimum.shown;
    let delivered = match (optimum.delivered, optimum.standard_error) {
        (Some(_), Some(error)) if error > 0.0 => {
            let give = style.pick("±", "+-");
            format!(
                ", {delivered} {give} {} delivered on average in {} futures (seed {})",
                first_digit(error),
                optimum.samples,
                optimum.seed
            )
        }
        (Some(_), _) => format!(", {delivered} delivered: nothing in it is uncertain"),
        (None, _) => String::new(),
    };
    let promise = match optimum.moved <= SAME {
        true => format!("{before} promised, and no other shares promise more"),
        false => format!("{before} {arrow} {after} promised"),
    };
    format!("{}: {promise}{delivered}", optimum.cell)
}

/// A small number to its first digit: more of an error are chance themselves.
fn first_digit(number: f64) -> String {
    let place = (-number.log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{number:.place$}")
}

/// How it was found, and whether it is the best.
fn proof(optimum: &Optimum) -> String {
    let methods: Vec<&str> = optimum.method.split(", ").map(method).collect();
    let found = methods.join(" and ");
    match optimum.proven {
        true => format!("proven optimal, by {found}"),
        false => format!("best found, by {found}: nothing proves that there is no better"),
    }
}

fn method(word: &str) -> &str {
    match word {
        "lp" => "linear programming",
        "milp" => "linear programming with whole numbers",
        "enumeration" => "enumeration of all corners",
        "search" => "searching from many starts",
        other => other,
    }
}

fn percent(share: f64) -> String {
    format!("{}%", readable(share * 100.0))
}

fn share_rows(optimum: &Optimum, style: &Style) -> Vec<Row> {
    let row = |it: &ShareChange| {
        let change = it.after - it.before;
        let points = match change {
            _ if change.abs() <= SAME => String::new(),
            _ if change > 0.0 => format!("+{}", readable(change * 100.0)),
            _ => readable(change * 100.0).into_owned(),
        };
        let at = |bound: Option<f64>| bound.is_some_and(|bound| (bound - it.after).abs() <= SAME);
        let bound = match (at(it.floor), at(it.ceiling)) {
            (true, _) => "at its floor",
            (_, true) => "at its ceiling",
            _ if it.rest => "the rest",
            _ => "",
        };
        let gap = if points.is_empty() || bound.is_empty() { "" } else { style.pick(" · ", ", ") };
        [it.id.clone(), percent(it.before), percent(it.after), format!("{points}{gap}{bound}")]
    };
    optimum.shares.iter().map(row).collect()
}

/// The initiatives of which more or less is funded.
fn changes(optimum: &Optimum, style: &Style) -> Vec<Row> {
    let dash = || style.pick("–", "-").to_owned();
    let shown = |share: Option<f64>| share.map_or_else(dash, words::percent);
    let row = |it: &FundedChange| {
        let (before, after) = (it.before.unwrap_or(0.0), it.funded.unwrap_or(0.0));
        let said = match () {
            () if (after - before).abs() <= SAME => return None,
            () if after >= 1.0 => "is funded",
            () if after > before => "is funded further",
            () if after <= 0.0 => "is cut",
            () => "is cut back",
        };
        Some([it.id.clone(), shown(it.before), shown(it.funded), said.to_owned()])
    };
    optimum.initiatives.iter().filter_map(row).collect()
}

/// The answer as Markdown.
pub fn markdown(optimum: &Optimum) -> String {
    let style = Style { color: false, width: usize::MAX, unicode: true };
    let mut page = Page::default();
    page.heading(1, &format!("The best shares for {}", escape(&optimum.cell)));
    for head in heads(&optimum.standpoint) {
        page.paragraph(&escape(&head));
    }
    page.paragraph(&escape(&promise(optimum, &style)));
    page.paragraph(&escape(&proof(optimum)));
    let mut table = |captions: [&str; 4], rows: Vec<Row>| {
        if !rows.is_empty() {
            page.table(&captions);
            rows.iter().for_each(|row| page.row(&row.each_ref().map(|text| escape(text))));
        }
    };
    table(["share", "now >", "best >", "points"], share_rows(optimum, &style));
    table(["initiative", "now >", "best >", ""], changes(optimum, &style));
    page.paragraph(FLATTERS);
    page.out
}

/// The answer as CSV: a row for each share and initiative.
pub fn to_csv(optimum: &Optimum) -> String {
    let row = |kind: &str, id: &str, before: Option<f64>, after: Option<f64>| {
        let text = |text: &str| CsvField::Text(text.to_owned());
        vec![text(kind), text(id), CsvField::Number(before), CsvField::Number(after)]
    };
    let mut rows = vec![
        row("promised", &optimum.cell, optimum.before, optimum.promised),
        row("delivered", &optimum.cell, None, optimum.delivered),
    ];
    let shares = optimum.shares.iter();
    rows.extend(shares.map(|it| row("share", &it.id, Some(it.before), Some(it.after))));
    let initiatives = optimum.initiatives.iter();
    rows.extend(initiatives.map(|it| row("funded", &it.id, it.before, it.funded)));
    csv(&["kind", "id", "before", "after"], rows.into_iter())
}
