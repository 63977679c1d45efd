//! `okr feasible`: what a delivery team brings to the leadership meeting.

use super::super::bars::put_bar;
use super::super::grid::{CsvField, csv};
use super::super::line::Line;
use super::super::markdown::{Page, escape};
use super::super::style::{Ink, Style, one_line, width_of};
use super::super::words;
use super::compare::WHOLE_CYCLE;
use super::simulate::{ASSUMPTIONS, about, drawn};
use crate::whatif::feasible::{
    BucketFeasibility, Feasibility, KrFeasibility, TeamFeasibility, Verdict,
};

/// The widest label.
const WIDEST: usize = 40;
/// Where columns end, to the right of the label.
const VALUE: usize = 18;
const LOAD: usize = 28;
const PROBABILITY: usize = 41;
/// Where a line ends.
const END: usize = 51;

/// For a terminal.
pub fn text(report: &Feasibility, style: &Style) -> String {
    let mut out = String::new();
    for head in heads(report) {
        wrapped(&mut out, style, 0, Ink::Dim, &head);
    }
    if report.teams.is_empty() {
        out.push_str("\nNo team has capacity or objectives in the cycle.\n");
    }
    for team in &report.teams {
        of_team(&mut out, team, style);
    }
    out.push('\n');
    wrapped(&mut out, style, 0, Ink::Dim, ASSUMPTIONS);
    out
}

fn heads(report: &Feasibility) -> Vec<String> {
    let mut heads = Vec::new();
    if report.mid_cycle && !report.remaining {
        heads.push(WHOLE_CYCLE.to_owned());
    }
    if let Some(as_of) = &report.as_of {
        let left = if report.remaining { "; only the capacity after it counts" } else { "" };
        let scenario = report.scenario.as_ref().map(|it| format!("; scenario {it}"));
        let scenario = scenario.unwrap_or_default();
        heads.push(format!("as of {as_of} ({}){left}{scenario}", report.as_of_from));
    }
    heads.push(drawn(report.samples, report.seed, report.effort_correlation));
    heads
}

fn wrapped(out: &mut String, style: &Style, indent: usize, ink: Ink, text: &str) {
    let room = style.width.saturating_sub(indent).max(20);
    for text in style.wrap(&one_line(text), room, 12) {
        let mut line = Line::new(style);
        line.to(indent).put(ink, &text);
        line.end(out);
    }
}

fn of_team(out: &mut String, team: &TeamFeasibility, style: &Style) {
    out.push('\n');
    let mut line = Line::new(style);
    line.put(Ink::Bold, words::title(&team.title, &team.id));
    if let Some(capacity) = team.capacity {
        line.skip(1).put(Ink::Dim, &format!("{} person-weeks", words::weeks(capacity)));
    }
    line.end(out);
    let labels = team.buckets.iter().map(|it| width_of(&one_line(label(it))));
    let titles = team.key_results.iter().map(|it| width_of(&one_line(title(it))));
    let room = style.width.saturating_sub(END).max(12);
    let wide = labels.chain(titles).max().unwrap_or(0).clamp(12, WIDEST.min(room));
    if !team.buckets.is_empty() {
        header(out, ["Bucket", "wanted", "load", "P(over)"], wide, style);
    }
    for bucket in &team.buckets {
        of_bucket(out, bucket, wide, style);
    }
    if !team.key_results.is_empty() {
        out.push('\n');
        header(out, ["Key result", "lands at", "grade", "P(green)"], wide, style);
    }
    for kr in &team.key_results {
        of_kr(out, kr, wide, style);
    }
}

fn header(
    out: &mut String,
    [name, value, grade, probability]: [&str; 4],
    wide: usize,
    style: &Style,
) {
    let mut line = Line::new(style);
    line.to(2).put(Ink::Dim, name).right(Ink::Dim, value, wide + VALUE);
    match grade {
        "load" => line.right(Ink::Dim, grade, wide + LOAD),
        _ => line.skip(2).put(Ink::Dim, grade),
    };
    line.right(Ink::Dim, probability, wide + PROBABILITY);
    line.end(out);
}

fn label(bucket: &BucketFeasibility) -> &str {
    &bucket.bucket.id
}

fn title(kr: &KrFeasibility) -> &str {
    words::title(&kr.title, &kr.id)
}

fn of_bucket(out: &mut String, it: &BucketFeasibility, wide: usize, style: &Style) {
    let mut line = Line::new(style);
    line.to(2).put(Ink::Plain, &style.truncate(&one_line(label(it)), wide));
    let number = |weeks: Option<f64>| weeks.map_or("?".into(), words::weeks);
    let (capacity, demand) = (number(it.bucket.capacity), number(it.bucket.demand));
    line.right(Ink::Plain, &format!("{demand} of {capacity} pw"), wide + VALUE);
    let over = it.bucket.shortfall.is_some_and(|short| short > 1e-9);
    let ink = if over { Ink::Red } else { Ink::Plain };
    let load = match it.bucket.load {
        Some(load) => words::percent(load),
        None if over => "no capacity".into(),
        None => String::new(),
    };
    line.right(ink, &load, wide + LOAD);
    line.right(Ink::Plain, &about(it.p_over, style), wide + PROBABILITY);
    if style.width >= wide + END {
        line.skip(2);
        put_bar(&mut line, style, it.bucket.load.unwrap_or(0.0).min(1.0), 8, ink);
    }
    line.end(out);
    if over {
        let short = words::weeks(it.bucket.shortfall.unwrap_or(0.0));
        let cut: Vec<String> = it
            .cut
            .iter()
            .map(|cut| format!("{} gets {}", cut.id, words::percent(cut.funded)))
            .collect();
        let cut = if cut.is_empty() { String::new() } else { format!(": {}", cut.join(", ")) };
        wrapped(out, style, 4, Ink::Red, &format!("{short} pw short{cut}"));
    }
}

fn of_kr(out: &mut String, kr: &KrFeasibility, wide: usize, style: &Style) {
    let mut line = Line::new(style);
    line.to(2).put(Ink::Plain, &style.truncate(&one_line(title(kr)), wide));
    line.right(Ink::Plain, &style.truncate(&one_line(&kr.shown), 14), wide + VALUE);
    let ink = Ink::of_band(kr.band);
    let grade = kr.projected_grade.map_or("no data".into(), words::grade);
    line.to(wide + VALUE + 2).put(ink, &grade).skip(1).put(ink, kr.band.unwrap_or_default());
    line.right(Ink::Plain, &about(kr.p_green, style), wide + PROBABILITY);
    let fits = kr.verdict == Verdict::Fits;
    if fits {
        line.skip(2).put(Ink::Green, style.pick("✓ fits", "+ fits"));
    }
    line.end(out);
    if !fits {
        let mark = style.pick("✗ ", "! ");
        let text = format!("{mark}{}: {}", kr.verdict.words(), kr.advice);
        wrapped(out, style, 4, Ink::Yellow, &text);
    }
}

/// As Markdown.
pub fn markdown(report: &Feasibility) -> String {
    let mut page = Page::default();
    page.heading(1, "What fits, and what would make it fit");
    for head in heads(report) {
        page.paragraph(&escape(&head));
    }
    for team in &report.teams {
        page.heading(2, words::title(&team.title, &team.id));
        buckets_of(&mut page, team);
        krs_of(&mut page, team);
    }
    page.paragraph(ASSUMPTIONS);
    page.out
}

fn buckets_of(page: &mut Page, team: &TeamFeasibility) {
    let plain = Style::default();
    if team.buckets.is_empty() {
        return;
    }
    page.table(&["Bucket", "Capacity >", "Wanted >", "Load >", "Short >", "P(over) >", "Cut"]);
    for it in &team.buckets {
        let number = |weeks: Option<f64>| weeks.map(words::weeks).unwrap_or_default();
        let percent = |share: Option<f64>| share.map(words::percent).unwrap_or_default();
        let cut: Vec<String> = it
            .cut
            .iter()
            .map(|cut| format!("{} {}", escape(&cut.id), words::percent(cut.funded)))
            .collect();
        page.row(&[
            escape(label(it)),
            number(it.bucket.capacity),
            number(it.bucket.demand),
            percent(it.bucket.load),
            number(it.bucket.shortfall.filter(|short| *short > 1e-9)),
            escape(&about(it.p_over, &plain)),
            cut.join(", "),
        ]);
    }
}

fn krs_of(page: &mut Page, team: &TeamFeasibility) {
    let plain = Style::default();
    if team.key_results.is_empty() {
        return;
    }
    page.table(&[
        "Key result",
        "Lands at >",
        "Grade >",
        "Band",
        "P(green) >",
        "Verdict",
        "What to do",
    ]);
    for kr in &team.key_results {
        let advice = if kr.verdict == Verdict::Fits { String::new() } else { escape(&kr.advice) };
        page.row(&[
            escape(title(kr)),
            escape(&kr.shown),
            kr.projected_grade.map(words::grade).unwrap_or_default(),
            kr.band.unwrap_or_default().into(),
            escape(&about(kr.p_green, &plain)),
            kr.verdict.words().into(),
            advice,
        ]);
    }
}

/// As CSV: a row a key result.
pub fn to_csv(report: &Feasibility) -> String {
    let text = |text: &str| CsvField::Text(text.to_owned());
    let rows = report.teams.iter().flat_map(|team| {
        team.key_results.iter().map(move |kr| {
            let pw = kr.more_capacity.as_ref();
            let pw = pw.map(|it| it.buckets.iter().map(|(_, effort)| effort).sum());
            vec![
                text(&team.id),
                text(&kr.id),
                text(&kr.title),
                CsvField::Number(kr.projected),
                CsvField::Number(kr.projected_grade),
                text(kr.band.unwrap_or_default()),
                CsvField::Number(kr.p_green),
                text(kr.verdict.words()),
                CsvField::Number(pw),
                CsvField::Number(kr.other_target.as_ref().map(|it| it.to)),
                text(&kr.advice),
            ]
        })
    });
    let header = [
        "team",
        "id",
        "title",
        "projected",
        "projected_grade",
        "band",
        "p_green",
        "verdict",
        "more_capacity",
        "other_target",
        "advice",
    ];
    csv(&header, rows)
}
