//! The small tables at the end of the scorecard: means and capacity.

use super::super::bars::put_bar;
use super::super::data::{CapacityRow, Scorecard};
use super::super::line::Line;
use super::super::outline;
use super::super::style::{Ink, Style, one_line, width_of};
use super::super::words::{self, Mean};
use super::{indent_of, state_ink};
use rustc_hash::FxHashMap;

/// The widest verdict.
const VERDICT: usize = "ambitious and landing".len();

/// The means of teams, and of cycles if there are several.
pub(super) fn means(out: &mut String, card: &Scorecard, style: &Style) {
    let teams: Vec<(Mean, usize)> = outline::teams(card)
        .into_iter()
        .map(|(team, depth)| (Mean::from(team), indent_of(depth)))
        .collect();
    table(out, "Teams", &teams, style);
    if card.cycles.len() > 1 {
        let cycles: Vec<(Mean, usize)> =
            card.cycles.iter().map(|cycle| (Mean::from(cycle), 0)).collect();
        table(out, "Cycles", &cycles, style);
    }
}

/// The columns of a table of means.
struct Means {
    title: usize,
    bar: usize,
    apart: bool,
}

impl Means {
    fn fit(rows: &[(Mean, usize)], style: &Style) -> Self {
        let title = |(mean, indent): &(Mean, usize)| indent + width_of(&one_line(mean.title));
        let wanted = rows.iter().map(title).max().unwrap_or(0).max(8);
        let apart =
            rows.iter().any(|(mean, _)| mean.committed.is_some() && mean.aspirational.is_some());
        let mut means = Self { title: wanted, bar: 10, apart };
        for (bar, apart) in [(10, apart), (6, apart), (0, apart), (6, false), (0, false)] {
            (means.bar, means.apart) = (bar, apart);
            if means.verdict_at() + VERDICT <= style.width {
                return means;
            }
        }
        let rest = means.verdict_at() - means.title + VERDICT;
        means.title = style.width.saturating_sub(rest).max(8);
        means
    }

    fn grade_at(&self) -> usize {
        self.title + 2 + if self.bar > 0 { self.bar + 1 } else { 0 }
    }

    fn committed_end(&self) -> usize {
        self.grade_at() + 11 + 2 + 9
    }

    fn aspirational_end(&self) -> usize {
        self.committed_end() + 2 + 12
    }

    fn verdict_at(&self) -> usize {
        2 + if self.apart { self.aspirational_end() } else { self.grade_at() + 11 }
    }
}

fn table(out: &mut String, caption: &str, rows: &[(Mean, usize)], style: &Style) {
    if rows.is_empty() {
        return;
    }
    let means = Means::fit(rows, style);
    out.push('\n');
    let mut line = Line::new(style);
    line.put(Ink::Bold, caption);
    if means.apart {
        line.right(Ink::Dim, "committed", means.committed_end());
        line.right(Ink::Dim, "aspirational", means.aspirational_end());
    }
    line.end(out);
    for (mean, indent) in rows {
        row(out, mean, *indent, &means, style);
    }
}

fn row(out: &mut String, mean: &Mean, indent: usize, means: &Means, style: &Style) {
    let mut line = Line::new(style);
    let title = one_line(mean.title);
    line.to(indent).put(Ink::Plain, &style.truncate(&title, means.title.saturating_sub(indent)));
    let ink = Ink::of_band(mean.band);
    match mean.grade {
        Some(grade) => {
            line.to(means.title + 2);
            put_bar(&mut line, style, grade, means.bar, ink);
            line.right(ink, &words::grade(grade), means.grade_at() + 4);
            line.skip(1).put(ink, mean.band.unwrap_or_default());
        }
        None => {
            line.to(means.grade_at()).put(state_ink(mean.state), words::state(mean.state));
        }
    }
    if means.apart {
        let number = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
        line.right(Ink::Plain, &number(mean.committed), means.committed_end());
        line.right(Ink::Plain, &number(mean.aspirational), means.aspirational_end());
    }
    line.to(means.verdict_at()).put(Ink::Plain, mean.verdict.unwrap_or_default());
    line.end(out);
}

/// The capacity of teams and buckets.
pub(super) fn capacity(out: &mut String, card: &Scorecard, style: &Style) {
    if card.capacity.is_empty() {
        return;
    }
    let titles = words::team_titles(card);
    let lines: Vec<Capacity> =
        card.capacity.iter().flat_map(|row| capacity_lines(row, &titles)).collect();
    let wide = |line: &Capacity| width_of(&one_line(line.title)) + line.indent();
    let wanted = lines.iter().map(wide).max().unwrap_or(0).max(10);
    let title = wanted.min(style.width.saturating_sub(24)).max(8);
    out.push('\n');
    let mut line = Line::new(style);
    line.put(Ink::Bold, "Capacity").right(Ink::Dim, "share", title + 8);
    line.right(Ink::Dim, "person-weeks", title + 22);
    let loaded = lines.iter().any(|line| line.demand.is_some_and(|demand| demand > 0.0));
    if loaded {
        line.right(Ink::Dim, "wanted", title + 30).to(title + 32).put(Ink::Dim, "load");
    }
    line.end(out);
    lines.iter().for_each(|line| line.put(out, title, loaded, style));
}

/// A line of the table of capacity.
struct Capacity<'a> {
    title: &'a str,
    share: Option<f64>,
    weeks: Option<f64>,
    demand: Option<f64>,
    load: Option<f64>,
    bucket: bool,
}

fn capacity_lines<'a>(
    row: &'a CapacityRow,
    titles: &FxHashMap<&str, &'a str>,
) -> Vec<Capacity<'a>> {
    let title = titles.get(row.id.as_str()).copied().unwrap_or(&row.id);
    let implied = row.buckets.is_empty();
    let load = match (row.demand, row.capacity) {
        (Some(demand), Some(capacity)) if capacity > 0.0 => Some(demand / capacity),
        _ => None,
    };
    let team = Capacity {
        title,
        share: None,
        weeks: row.capacity,
        demand: row.demand.filter(|_| implied),
        load: load.filter(|_| implied),
        bucket: false,
    };
    let buckets = row.buckets.iter().map(|bucket| Capacity {
        title: words::title(bucket.title.as_deref().unwrap_or_default(), &bucket.id),
        share: bucket.share,
        weeks: bucket.capacity,
        demand: bucket.demand,
        load: bucket.load,
        bucket: true,
    });
    let slack = row.slack.filter(|&slack| slack > 0.0);
    let slack = slack.map(|share| Capacity {
        title: "slack",
        share: Some(share),
        weeks: row.capacity.map(|all| all * share),
        demand: None,
        load: None,
        bucket: true,
    });
    std::iter::once(team).chain(buckets).chain(slack).collect()
}

impl Capacity<'_> {
    fn indent(&self) -> usize {
        if self.bucket { 2 } else { 0 }
    }

    fn put(&self, out: &mut String, title: usize, loaded: bool, style: &Style) {
        let mut line = Line::new(style);
        let text = one_line(self.title);
        let room = title.saturating_sub(self.indent());
        line.to(self.indent()).put(Ink::Plain, &style.truncate(&text, room));
        let share = self.share.map(words::percent).unwrap_or_default();
        line.right(Ink::Plain, &share, title + 8);
        let weeks = self.weeks.map(words::weeks).unwrap_or_default();
        line.right(Ink::Plain, &weeks, title + 22);
        if loaded {
            self.put_load(&mut line, title, style);
        }
        line.end(out);
    }

    /// What is wanted, and the load as a bar: more than there is is red, and said in words.
    fn put_load(&self, line: &mut Line, title: usize, style: &Style) {
        let Some(demand) = self.demand else { return };
        line.right(Ink::Plain, &words::weeks(demand), title + 30).to(title + 32);
        match self.load {
            Some(load) => {
                let ink = if load > 1.0 + 1e-9 { Ink::Red } else { Ink::Plain };
                let room = style.width.saturating_sub(title + 32);
                if room >= 16 {
                    put_bar(line, style, load.min(1.0), 8, ink);
                    line.skip(1);
                }
                line.put(ink, &words::percent(load));
                if load > 1.0 + 1e-9 && room >= 30 {
                    line.put(ink, " over-allocated");
                }
            }
            None if demand > 0.0 => drop(line.put(Ink::Red, "no capacity")),
            None => {}
        }
    }
}
