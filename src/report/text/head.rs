//! The head of the scorecard: the cycle in force, the day and the standpoint.

use super::super::bars::put_bar;
use super::super::data::{CycleRow, Scorecard};
use super::super::line::Line;
use super::super::style::{Ink, Style, one_line};
use super::super::words;
use super::{note, state_ink};

/// Where the bars begin.
const BAR_AT: usize = 9;

/// The cycle's title and days, the as-of date, and the cycle's grade beside its elapsed time.
pub(super) fn head(out: &mut String, card: &Scorecard, style: &Style) {
    let cycle = words::cycle_in_force(card);
    if let Some(cycle) = cycle {
        title(out, cycle, style);
    }
    note(out, &words::as_of(card), style);
    if let Some(standpoint) = words::standpoint(card) {
        note(out, &standpoint, style);
    }
    if let Some(cycle) = cycle {
        out.push('\n');
        grade(out, cycle, style);
        elapsed(out, cycle, style);
        apart(out, cycle, style);
    }
}

fn title(out: &mut String, cycle: &CycleRow, style: &Style) {
    let days = format!("{} .. {}", cycle.from, cycle.to);
    let room = style.width.saturating_sub(days.len() + 2).max(8);
    let mut line = Line::new(style);
    let title = one_line(words::title(&cycle.title, &cycle.id));
    line.put(Ink::Bold, &style.truncate(&title, room)).skip(2).put(Ink::Plain, &days);
    line.end(out);
}

/// How many cells the two bars have.
fn cells(style: &Style) -> usize {
    style.width.saturating_sub(BAR_AT + 36).clamp(4, 40)
}

fn grade(out: &mut String, cycle: &CycleRow, style: &Style) {
    let mut line = Line::new(style);
    line.put(Ink::Plain, "grade").to(BAR_AT);
    match cycle.grade {
        Some(grade) => {
            let ink = Ink::of_band(cycle.band);
            put_bar(&mut line, style, grade, cells(style), ink);
            line.skip(1).put(ink, &words::grade(grade));
            line.skip(1).put(ink, cycle.band.unwrap_or_default());
        }
        None => {
            line.put(state_ink(cycle.state), words::state(cycle.state));
        }
    }
    if let Some(verdict) = words::verdict(cycle.sweet_spot) {
        line.put(Ink::Plain, ",").skip(1).put(Ink::Bold, verdict);
    }
    line.end(out);
}

fn elapsed(out: &mut String, cycle: &CycleRow, style: &Style) {
    let Some(elapsed) = cycle.elapsed else { return };
    let mut line = Line::new(style);
    line.put(Ink::Plain, "elapsed").to(BAR_AT);
    put_bar(&mut line, style, elapsed, cells(style), Ink::Plain);
    line.right(Ink::Plain, &words::percent(elapsed), BAR_AT + cells(style) + 5);
    line.end(out);
}

/// The means of committed and aspirational key results, where there are both.
fn apart(out: &mut String, cycle: &CycleRow, style: &Style) {
    let means = words::means(cycle.committed_grade, cycle.aspirational_grade);
    if !means.is_empty() {
        let mut line = Line::new(style);
        line.to(BAR_AT).put(Ink::Dim, &means.join(style.pick(" · ", ", ")));
        line.end(out);
    }
}
