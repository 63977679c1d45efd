//! Reports in a terminal: the scorecard, the trend and the arithmetic of a cell.

mod canvas;
mod chart;
mod columns;
mod head;
mod rows;
mod tables;
mod tree;
mod trend;

pub use tree::explanation;
pub use trend::trend;

use super::data::Scorecard;
use super::line::Line;
use super::outline::{self, Entry};
use super::style::{Ink, Style, one_line};
use columns::Columns;
use rows::Rows;

/// `okr grade` in a terminal: the cycle, its objectives team by team with a line for each key
/// result, then the means of teams and cycles and the capacity.
pub fn scorecard(card: &Scorecard, style: &Style) -> String {
    let entries = outline::entries(card);
    let mut out = String::new();
    head::head(&mut out, card, style);
    let columns = Columns::fit(&entries, style);
    let mut rows = Rows { out: &mut out, columns, style, projected: card.projected };
    rows.begin(entries.is_empty());
    entries.iter().for_each(|entry| rows.entry(entry));
    tables::means(&mut out, card, style);
    tables::capacity(&mut out, card, style);
    out
}

/// How far a heading or an objective of this depth stands from the margin.
fn indent_of(depth: usize) -> usize {
    2 * depth.min(4)
}

/// How far an entry stands from the margin.
fn entry_indent(entry: &Entry) -> usize {
    match entry {
        Entry::Cycle(_) | Entry::NoOwner => 0,
        Entry::Team(_, depth, _) | Entry::Objective(_, depth) => indent_of(*depth),
    }
}

/// A remark on lines of its own.
fn note(out: &mut String, text: &str, style: &Style) {
    for text in style.wrap(&one_line(text), style.width, 3) {
        let mut line = Line::new(style);
        line.put(Ink::Dim, &text);
        line.end(out);
    }
}

/// The ink of a state that is not a grade.
fn state_ink(state: &str) -> Ink {
    if state == "error" { Ink::Red } else { Ink::Dim }
}

#[cfg(test)]
mod tests;
