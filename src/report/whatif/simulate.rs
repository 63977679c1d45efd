//! `okr simulate` as people read it: percentiles, probabilities and pictures.

use super::super::grid::{CsvField, Grid, GridCell, csv};
use super::super::line::Line;
use super::super::markdown::{Page, escape};
use super::super::style::{Ink, Style, one_line};
use super::super::words;
use super::standpoint::{heads as standpoint, put_heads};
use crate::quantity::{UnitId, readable};
use crate::whatif::simulate::{Histogram, Simulated, SimulatedBucket, SimulatedCell, Simulation};

/// What a reader is to know of any simulation.
pub(super) const ASSUMPTIONS: &str = "Impacts are the plan's assumptions: the futures differ in what its \
                           ranges and chances say, and in nothing else.";

/// A probability with at most two digits: more would be chance, and pretence.
pub(super) fn about(probability: Option<f64>, style: &Style) -> String {
    match probability {
        None => style.pick("–", "-").into(),
        Some(0.0) => "never".into(),
        Some(1.0) => "always".into(),
        Some(it) if it < 0.01 => "<1%".into(),
        Some(it) if it > 0.99 => ">99%".into(),
        Some(it) => format!("{:.0}%", it * 100.0),
    }
}

/// What was drawn, and how far chance alone may be off.
pub(super) fn drawn(samples: u64, seed: u64, effort_correlation: f64) -> String {
    // Two standard errors of a probability of a half, in points.
    let points = 100.0 / libm::sqrt(samples as f64);
    let points = match points {
        0.1.. => format!("{points:.1}"),
        _ => format!("{points:.2}"),
    };
    let futures = if samples == 1 { "future" } else { "futures" };
    format!(
        "{samples} {futures}, seed {seed}, efforts of a team correlate by {}; by chance alone a \
         probability is off by up to {points} points",
        readable(effort_correlation)
    )
}

fn drawn_by(simulation: &Simulation) -> String {
    drawn(simulation.samples, simulation.seed, simulation.effort_correlation)
}

/// For a terminal.
pub fn text(simulation: &Simulation, style: &Style) -> String {
    let mut out = String::new();
    put_heads(&mut out, &simulation.standpoint, style);
    wrapped(&mut out, style, 0, Ink::Dim, &drawn_by(simulation));
    let many = simulation.scenarios.len() > 1;
    for scenario in &simulation.scenarios {
        if many {
            out.push('\n');
            let mut line = Line::new(style);
            line.put(Ink::Bold, &scenario.id).skip(1).put(Ink::Dim, &scenario.title);
            line.end(&mut out);
        }
        if let Some(verdict) = verdict(simulation, scenario, style) {
            wrapped(&mut out, style, 2, Ink::Plain, &verdict);
        }
        for histogram in &scenario.histograms {
            picture(&mut out, scenario, histogram, simulation.samples, style);
        }
        out.push_str(&grades(scenario, style).text(style));
        for grid in [values(scenario), buckets(scenario, style)] {
            if !grid.rows.is_empty() {
                out.push_str(&grid.text(style));
            }
        }
    }
    out.push('\n');
    wrapped(&mut out, style, 0, Ink::Dim, ASSUMPTIONS);
    out
}

fn wrapped(out: &mut String, style: &Style, indent: usize, ink: Ink, text: &str) {
    let room = style.width.saturating_sub(indent).max(20);
    for text in style.wrap(&one_line(text), room, 6) {
        let mut line = Line::new(style);
        line.to(indent).put(ink, &text);
        line.end(out);
    }
}

/// In how many futures a scenario is better than the base.
fn verdict(simulation: &Simulation, scenario: &Simulated, style: &Style) -> Option<String> {
    let share = |count: Option<u64>| {
        let share = count? as f64 / simulation.samples as f64;
        Some(match share {
            0.0 => "none".to_owned(),
            1.0 => "all futures".into(),
            share => format!("about {}", about(Some(share), style)),
        })
    };
    let (better, same) = (share(scenario.better)?, share(scenario.same)?);
    let worse = share(scenario.worse)?;
    let cell = simulation.compared.as_deref().unwrap_or_default();
    Some(format!(
        "{cell} beside the base: better in {better}, the same in {same}, worse in {worse}"
    ))
}

/// Where the futures of a cell lie, a bar a line.
fn picture(
    out: &mut String,
    scenario: &Simulated,
    histogram: &Histogram,
    samples: u64,
    style: &Style,
) {
    out.push('\n');
    let mut line = Line::new(style);
    line.put(Ink::Bold, &histogram.id);
    if let Some(cell) = scenario.cells.iter().find(|it| it.id == histogram.id) {
        line.skip(2).put(Ink::Dim, &summary(cell, style));
    }
    line.end(out);
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    let used = |count: &u64| *count > 0;
    let first = histogram.counts.iter().position(used).unwrap_or(0);
    let last = histogram.counts.iter().rposition(used).unwrap_or(0);
    let room = style.width.saturating_sub(30).clamp(8, 50);
    let labels: Vec<String> = (first..=last).map(|at| label(histogram, at)).collect();
    let wide = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    for (at, label) in (first..=last).zip(labels) {
        let count = histogram.counts[at];
        let cells = (count as f64 / most as f64 * room as f64).round() as usize;
        let cells = if count > 0 { cells.max(1) } else { 0 };
        let mut line = Line::new(style);
        line.right(Ink::Plain, &label, 2 + wide).to(4 + wide);
        line.put_own(Ink::Plain, &style.pick("■", "#").repeat(cells), cells);
        if count > 0 {
            line.skip(1).put(Ink::Dim, &about(Some(count as f64 / samples as f64), style));
        }
        line.end(out);
    }
    if histogram.without > 0 {
        let share = about(Some(histogram.without as f64 / samples as f64), style);
        wrapped(out, style, 2, Ink::Dim, &format!("without a number: {share}"));
    }
}

/// `0.45 .. 0.50`, the lower end of a bar and the upper one.
fn label(histogram: &Histogram, at: usize) -> String {
    let bars = histogram.counts.len() as f64;
    let end = |at: usize| histogram.from + (histogram.to - histogram.from) * (at as f64 / bars);
    let show = |value: f64| match histogram.unit {
        UnitId::PERCENT => words_of(value * 100.0) + "%",
        _ => words_of(value),
    };
    match bars {
        1.0 => show(histogram.from),
        _ => format!("{} .. {}", show(end(at)), show(end(at + 1))),
    }
}

/// A number to about three digits.
fn words_of(value: f64) -> String {
    match value.abs() {
        0.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn summary(cell: &SimulatedCell, style: &Style) -> String {
    let grade = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
    let [p10, p50, p90] = match cell.shown.is_grade {
        true => [grade(cell.p10), grade(cell.p50), grade(cell.p90)],
        false => cell.shown.numbers.clone(),
    };
    let mut parts = vec![format!("P10 {p10}, P50 {p50}, P90 {p90}")];
    if let (Some(mean), Some(error)) = (cell.mean, cell.standard_error) {
        let sign = style.pick("±", "+/-");
        parts.push(format!("mean {} {sign} {}", words_of(mean), small(error)));
    }
    parts.join("; ")
}

/// A standard error to one digit.
fn small(error: f64) -> String {
    format!("{error:.0e}")
        .parse()
        .map_or_else(|_| String::new(), |it: f64| readable(it).into_owned())
}

/// The grades of the cycle in force with its teams, objectives and key results.
fn grades(scenario: &Simulated, style: &Style) -> Grid {
    let head = ["P10", "P50", "P90", "green", "sweet spot"].map(str::to_owned).to_vec();
    let mut grid = Grid { head, rows: Vec::new() };
    for (kind, section) in [
        ("cycle", "Cycle, projected grade"),
        ("team", "Teams"),
        ("objective", "Objectives"),
        ("key result", "Key results"),
    ] {
        let of_kind =
            |it: &&SimulatedCell| it.shown.kind == kind && it.shown.is_grade && it.shown.in_force;
        let rows: Vec<&SimulatedCell> = scenario.cells.iter().filter(of_kind).collect();
        if rows.is_empty() {
            continue;
        }
        grid.section(section);
        for it in rows {
            grid.row(words::title(&it.shown.title, &it.shown.of), 2, grade_cells(it, style));
        }
    }
    grid
}

/// The projected values that differ from future to future.
fn values(scenario: &Simulated) -> Grid {
    let head = ["P10", "P50", "P90"].map(str::to_owned).to_vec();
    let mut grid = Grid { head, rows: Vec::new() };
    let uncertain = |it: &&SimulatedCell| {
        !it.shown.is_grade && it.shown.in_force && it.standard_error.is_some_and(|it| it > 0.0)
    };
    let rows: Vec<&SimulatedCell> = scenario.cells.iter().filter(uncertain).collect();
    if !rows.is_empty() {
        grid.section("Key results, projected values");
    }
    for it in rows {
        let numbers = it.shown.numbers.iter().map(|text| (Ink::Plain, text.clone()));
        grid.row(words::title(&it.shown.title, &it.shown.of), 2, numbers.collect());
    }
    grid
}

fn grade_cells(it: &SimulatedCell, style: &Style) -> Vec<GridCell> {
    let number = |grade: Option<f64>| match grade {
        Some(grade) => words::grade(grade),
        None => style.pick("–", "-").into(),
    };
    vec![
        (Ink::Plain, number(it.p10)),
        (Ink::of_band(it.shown.band), number(it.p50)),
        (Ink::Plain, number(it.p90)),
        (Ink::Plain, about(it.p_green, style)),
        (Ink::Plain, about(it.p_sweet, style)),
    ]
}

fn buckets(scenario: &Simulated, style: &Style) -> Grid {
    let head = ["capacity", "demand P50", "P80", "too much", "short by"];
    let mut grid = Grid { head: head.map(str::to_owned).to_vec(), rows: Vec::new() };
    if scenario.buckets.is_empty() {
        return grid;
    }
    grid.section("Buckets, in person-weeks");
    let number = |weeks: Option<f64>| match weeks {
        Some(weeks) => words::weeks(weeks),
        None => style.pick("–", "-").into(),
    };
    let row = |it: &SimulatedBucket| -> Vec<GridCell> {
        let over = it.p_over.is_some_and(|it| it >= 0.5);
        vec![
            (Ink::Plain, number(it.capacity)),
            (Ink::Plain, number(it.demand_p50)),
            (Ink::Plain, number(it.demand_p80)),
            (if over { Ink::Red } else { Ink::Plain }, about(it.p_over, style)),
            (Ink::Plain, number(it.shortfall_mean)),
        ]
    };
    for it in &scenario.buckets {
        grid.row(&it.id, 2, row(it));
    }
    grid
}

/// As Markdown.
pub fn markdown(simulation: &Simulation) -> String {
    let mut page = Page::default();
    let style = Style { color: false, width: usize::MAX, unicode: true };
    page.heading(1, "Simulation");
    for head in standpoint(&simulation.standpoint) {
        page.paragraph(&escape(&head));
    }
    page.paragraph(&escape(&drawn_by(simulation)));
    for scenario in &simulation.scenarios {
        if simulation.scenarios.len() > 1 {
            page.heading(2, &format!("{} {}", scenario.id, scenario.title));
        }
        if let Some(verdict) = verdict(simulation, scenario, &style) {
            page.paragraph(&escape(&verdict));
        }
        grades(scenario, &style).markdown(&mut page);
        values(scenario).markdown(&mut page);
        buckets(scenario, &style).markdown(&mut page);
    }
    page.paragraph(&escape(ASSUMPTIONS));
    page.out
}

/// As CSV, a row for each cell of each scenario.
pub fn to_csv(simulation: &Simulation) -> String {
    let header =
        ["scenario", "id", "mean", "standard_error", "p10", "p50", "p90", "p_green", "p_sweet"];
    let rows = simulation.scenarios.iter().flat_map(|scenario| {
        scenario.cells.iter().map(|it| {
            let numbers =
                [it.mean, it.standard_error, it.p10, it.p50, it.p90, it.p_green, it.p_sweet];
            let texts = [&scenario.id, &it.id].map(|text| CsvField::Text(text.clone()));
            texts.into_iter().chain(numbers.map(CsvField::Number)).collect()
        })
    });
    csv(&header, rows)
}
