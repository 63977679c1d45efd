//! Reports as Markdown.

use super::data::{
    CapacityRow, CycleRow, Explanation, KrRow, ObjectiveRow, Scorecard, Step, Trend, TrendRow,
};
use super::outline::{self, Entry};
use super::style::{Style, one_line};
use super::words::{self, Journey, Mean};
use super::{bars, words::Sign};
use crate::quantity::readable;

/// The deepest level of a nested list.
const DEEPEST: usize = 16;
/// Blocks of a sparkline.
const SPARKS: usize = 24;

/// `okr grade` as Markdown: a table of means, then one of key results for each objective.
pub fn scorecard(card: &Scorecard) -> String {
    let mut page = Page::default();
    head(&mut page, card);
    means(&mut page, "Cycle", card.cycles.iter().map(|cycle| (Mean::from(cycle), 0)).collect());
    let teams = outline::teams(card).into_iter();
    means(&mut page, "Team", teams.map(|(team, depth)| (Mean::from(team), depth)).collect());
    for entry in outline::entries(card) {
        match entry {
            Entry::Cycle(cycle) => page.heading(2, words::title(&cycle.title, &cycle.id)),
            Entry::Team(team, _) => page.heading(2, words::title(&team.title, &team.id)),
            Entry::NoOwner => page.heading(2, "Without an owner"),
            Entry::Objective(row, _) => objective(&mut page, row),
        }
    }
    capacity(&mut page, &card.capacity);
    page.out
}

fn head(page: &mut Page, card: &Scorecard) {
    let cycle = words::cycle_in_force(card);
    page.heading(1, cycle.map_or("Scorecard", |cycle| words::title(&cycle.title, &cycle.id)));
    let days = |cycle: &CycleRow| format!("{} .. {}", cycle.from, cycle.to);
    let gone = |cycle: &CycleRow| Some(format!("{} elapsed", words::percent(cycle.elapsed?)));
    let parts =
        [cycle.map(days), cycle.and_then(gone), Some(words::as_of(card)), words::standpoint(card)];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| escape(&part)).collect();
    page.paragraph(&parts.join(" · "));
}

fn means(page: &mut Page, caption: &str, rows: Vec<(Mean, usize)>) {
    if rows.is_empty() {
        return;
    }
    page.table(&[caption, "Grade >", "Band", "Committed >", "Aspirational >", "Sweet spot"]);
    for (mean, depth) in rows {
        let number = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
        page.row(&[
            format!("{}{}", "&emsp;".repeat(depth.min(DEEPEST)), escape(mean.title)),
            number(mean.grade),
            band(mean.grade, mean.band, mean.state),
            number(mean.committed),
            number(mean.aspirational),
            mean.verdict.unwrap_or_default().into(),
        ]);
    }
}

/// A band in words with its colour, or the state in its place.
fn band(grade: Option<f64>, band: Option<&str>, state: &str) -> String {
    match (grade, band) {
        (None, _) => words::state(state).into(),
        (_, Some("red")) => "🔴 red".into(),
        (_, Some("yellow")) => "🟡 yellow".into(),
        (_, Some("green")) => "🟢 green".into(),
        (_, other) => other.unwrap_or_default().into(),
    }
}

fn objective(page: &mut Page, row: &ObjectiveRow) {
    page.heading(3, words::title(&row.title, &row.id));
    let grade = row.grade.map(|grade| format!("**{}**", words::grade(grade)));
    let mut parts = vec![format!("`{}`", code(&row.id))];
    parts.extend(grade);
    parts.push(band(row.grade, row.band, row.state));
    parts.extend(words::remarks(row).iter().map(|remark| escape(remark)));
    page.paragraph(&parts.join(" · "));
    if !row.broken_guardrails.is_empty() {
        let broken: Vec<String> =
            row.broken_guardrails.iter().map(|id| format!("`{}`", code(id))).collect();
        page.paragraph(&format!("Red because a guardrail is broken: {}", broken.join(", ")));
    }
    if !row.key_results.is_empty() {
        page.table(&[
            "Key result",
            "From → to",
            "Now >",
            "Grade >",
            "Band",
            "Pace",
            "Confidence >",
            "Forecast >",
        ]);
        row.key_results.iter().for_each(|kr| page.row(&key_result(kr)));
    }
}

fn key_result(kr: &KrRow) -> [String; 8] {
    let weight = kr.weight.filter(|&weight| weight != 1.0 && kr.kind != "guardrail");
    let weight = weight.map(|weight| format!(" ×{}", readable(weight))).unwrap_or_default();
    let guardrail = kr.kind == "guardrail";
    let band = match guardrail {
        true => guardrail_words(kr),
        false => band(kr.grade, kr.band, kr.state),
    };
    [
        format!("{}{weight}", escape(words::title(&kr.title, &kr.id))),
        escape(&journey(kr)),
        escape(words::actual(kr)),
        kr.grade.filter(|_| !guardrail).map(words::grade).unwrap_or_default(),
        band,
        kr.pace_word.filter(|_| !guardrail).unwrap_or_default().into(),
        kr.confidence.map(words::percent).unwrap_or_default(),
        escape(&kr.shown.forecast),
    ]
}

fn guardrail_words(kr: &KrRow) -> String {
    let (words, sign) = words::guardrail(kr);
    match sign {
        Sign::Good => format!("🟢 {words}"),
        Sign::Bad => format!("🔴 {words}"),
        Sign::Fair | Sign::None => words,
    }
}

fn journey(kr: &KrRow) -> String {
    match Journey::of(kr) {
        Journey::Span { from, to, unit } => format!("{from} → {to}{unit}"),
        Journey::Words(words) => words.replace(">=", "≥").replace("<=", "≤"),
    }
}

fn capacity(page: &mut Page, rows: &[CapacityRow]) {
    if rows.is_empty() {
        return;
    }
    page.heading(2, "Capacity");
    page.table(&["Team, bucket", "Share >", "Person-weeks >"]);
    for row in rows {
        let weeks = |weeks: Option<f64>| weeks.map(|it| readable(it).into()).unwrap_or_default();
        page.row(&[format!("**{}**", escape(&row.id)), String::new(), weeks(row.capacity)]);
        for bucket in &row.buckets {
            let title = words::title(bucket.title.as_deref().unwrap_or_default(), &bucket.id);
            let share = bucket.share.map(words::percent).unwrap_or_default();
            page.row(&[escape(title), share, weeks(bucket.capacity)]);
        }
        if let Some(share) = row.slack.filter(|&share| share > 0.0) {
            let slack = row.capacity.map(|all| all * share);
            page.row(&["slack".into(), words::percent(share), weeks(slack)]);
        }
    }
}

/// `okr trend` as Markdown.
pub fn trend(trend: &Trend) -> String {
    let mut page = Page::default();
    page.heading(1, "Grades over the check-ins");
    let days = trend.dates.first().zip(trend.dates.last());
    let days = days.map(|(first, last)| format!("Check-ins {first} .. {last}"));
    let as_of = trend.as_of.as_ref().map(|date| format!("as of {date}"));
    let parts: Vec<String> = days.into_iter().chain(as_of).map(|part| escape(&part)).collect();
    if !parts.is_empty() {
        page.paragraph(&parts.join(" · "));
    }
    page.table(&["What", "Id", "Trend", "First >", "Last >", "Band"]);
    trend.rows.iter().for_each(|row| page.row(&trend_row(row)));
    page.out
}

fn trend_row(row: &TrendRow) -> [String; 6] {
    let graded = || row.grades.iter().copied().flatten();
    let number = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
    let last = graded().next_back();
    [
        escape(words::title(&row.title, &row.id)),
        format!("`{}`", code(&row.id)),
        bars::sparkline(&row.grades, SPARKS, &Style::default()),
        number(graded().next()),
        number(last),
        band(last, row.band, "no data"),
    ]
}

/// `okr explain` as Markdown: a nested list.
pub fn explanation(explanation: &Explanation) -> String {
    let mut page = Page::default();
    page.heading(1, &explanation.cell.name);
    if let Some(as_of) = &explanation.as_of {
        page.paragraph(&escape(&format!("as of {as_of}")));
    }
    page.out.push('\n');
    let mut open = vec![(&explanation.cell, 0)];
    while let Some((step, depth)) = open.pop() {
        page.out.push_str(&format!("{}- {}\n", "  ".repeat(depth.min(DEEPEST)), item(step)));
        open.extend(step.from.iter().rev().map(|child| (child, depth + 1)));
    }
    page.out
}

fn item(step: &Step) -> String {
    let mut item = format!("`{}` = **{}**", code(&step.name), escape(&step.value));
    if !step.how.is_empty() {
        item.push_str(&format!(": {}", escape(&step.how)));
    }
    if let Some(place) = &step.place {
        item.push_str(&format!(" (`{}`)", code(place)));
    }
    item
}

/// A page in the making.
#[derive(Default)]
struct Page {
    out: String,
}

impl Page {
    fn begin(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.begin();
        self.out.push_str(&format!("{} {}\n", "#".repeat(level), escape(text)));
    }

    fn paragraph(&mut self, text: &str) {
        self.begin();
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// The head of a table; a caption that ends with ` >` aligns its column to the right.
    fn table(&mut self, captions: &[&str]) {
        self.begin();
        let names: Vec<&str> =
            captions.iter().map(|caption| caption.trim_end_matches(" >")).collect();
        let rules =
            captions.iter().map(|caption| if caption.ends_with(" >") { "--:" } else { "---" });
        self.out.push_str(&format!("| {} |\n", names.join(" | ")));
        self.out.push_str(&format!("| {} |\n", rules.collect::<Vec<_>>().join(" | ")));
    }

    fn row(&mut self, cells: &[String]) {
        self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

/// Text that Markdown shows as it is: on one line, without control characters, tags, emphasis,
/// links and columns of its own.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in one_line(text).trim().chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                escaped.extend(['\\', character]);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Text for a code span, in which nothing can be escaped.
fn code(text: &str) -> String {
    one_line(text).replace(['`', '|'], "'")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn texts_are_shown_as_they_are() {
        let text = "a|b <img src=x>\n*bold* [link](x) `code` \u{1b}[31m";
        let shown = "a\\|b &lt;img src=x&gt; \\*bold\\* \\[link\\](x) \\`code\\` ?\\[31m";
        assert_eq!(escape(text), shown);
        assert_eq!(code("a`|b\n"), "a''b ");
    }

    #[test]
    fn a_scorecard() {
        insta::assert_snapshot!(scorecard(&fixture::scorecard()), @"");
    }

    #[test]
    fn a_trend() {
        insta::assert_snapshot!(trend(&fixture::trend()), @"");
    }

    #[test]
    fn an_explanation() {
        insta::assert_snapshot!(explanation(&fixture::explanation()), @"");
    }
}
