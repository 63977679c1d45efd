//! Reports as Markdown.

use super::bars;
use super::data::{CycleRow, Explanation, KrRow, ObjectiveRow, Scorecard, Step, Trend, TrendRow};
use super::outline::{self, Entry};
use super::style::{Style, one_line};
use super::words::{self, Guardrail, Journey, Mean, Sign};
use crate::diagnostic::Record;
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
            Entry::Team(team, ..) => page.heading(2, words::title(&team.title, &team.id)),
            Entry::NoOwner => page.heading(2, "Without an owner"),
            Entry::Objective(row, _) => objective(&mut page, row),
        }
    }
    capacity(&mut page, card);
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
    let Guardrail { words, detail, sign } = Guardrail::of(kr);
    match sign {
        Sign::Good => format!("🟢 {words}{detail}"),
        Sign::Bad => format!("🔴 {words}{detail}"),
        Sign::Fair | Sign::None => words,
    }
}

fn journey(kr: &KrRow) -> String {
    match Journey::of(kr) {
        Journey::Span { from, to, unit } => format!("{from} → {to}{unit}"),
        Journey::Words(words) => words.replace(">=", "≥").replace("<=", "≤"),
    }
}

fn capacity(page: &mut Page, card: &Scorecard) {
    if card.capacity.is_empty() {
        return;
    }
    page.heading(2, "Capacity");
    page.table(&["Team, bucket", "Share >", "Person-weeks >", "Wanted >", "Load >"]);
    let titles = words::team_titles(card);
    for row in &card.capacity {
        let weeks = |weeks: Option<f64>| weeks.map(words::weeks).unwrap_or_default();
        let title = titles.get(row.id.as_str()).copied().unwrap_or(&row.id);
        let demand = weeks(row.demand.filter(|_| row.buckets.is_empty()));
        let title = format!("**{}**", escape(title));
        page.row(&[title, String::new(), weeks(row.capacity), demand, String::new()]);
        for bucket in &row.buckets {
            let title = words::title(bucket.title.as_deref().unwrap_or_default(), &bucket.id);
            let share = bucket.share.map(words::percent).unwrap_or_default();
            let load = bucket.load.map(words::percent).unwrap_or_default();
            let (capacity, demand) = (weeks(bucket.capacity), weeks(bucket.demand));
            page.row(&[escape(title), share, capacity, demand, load]);
        }
        if let Some(share) = row.slack.filter(|&share| share > 0.0) {
            let slack = row.capacity.map(|all| all * share);
            let none = String::new;
            page.row(&["slack".into(), words::percent(share), weeks(slack), none(), none()]);
        }
    }
}

/// `okr trend` as Markdown.
pub fn trend(trend: &Trend) -> String {
    let mut page = Page::default();
    page.heading(1, "Grades over the check-ins");
    let days = trend.dates.first().zip(trend.dates.last());
    let days = days.map(|(first, last)| format!("Check-ins {first} .. {last}"));
    let as_of = words::as_of_date(trend.as_of.as_deref(), &trend.as_of_from);
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

/// `okr check` as Markdown: a table of problems under the plan's name.
pub fn problems(file: &str, records: &[Record<'_>], summary: &str) -> String {
    let mut page = Page::default();
    page.heading(1, file);
    page.paragraph(&escape(summary));
    if !records.is_empty() {
        page.table(&["Where", "Severity", "Id", "What", "Help"]);
    }
    for it in records {
        page.row(&[
            format!("`{}:{}:{}`", code(it.file), it.line, it.column),
            it.severity.word().into(),
            format!("`{}`", it.id),
            spans(it.message),
            spans(it.help),
        ]);
    }
    page.out
}

/// What an id means: its severity and text, or several.
pub fn meanings(id: &str, meanings: &[(&str, String)]) -> String {
    let mut page = Page::default();
    page.heading(1, id);
    for (severity, text) in meanings {
        page.paragraph(&format!("*{severity}*"));
        page.paragraph(&spans(text));
    }
    page.out
}

/// A message: what stands between backquotes is shown as code.
pub(super) fn spans(message: &str) -> String {
    let whole = message.matches('`').count().is_multiple_of(2);
    let piece = |(at, text): (usize, &str)| match at % 2 == 1 && whole && !text.is_empty() {
        true => format!("`{}`", code(text)),
        false => escape_inner(text),
    };
    message.split('`').enumerate().map(piece).collect()
}

/// `okr explain` as Markdown: a nested list.
pub fn explanation(explanation: &Explanation) -> String {
    let mut page = Page::default();
    page.heading(1, &explanation.cell.name);
    let parts: Vec<String> =
        words::explained_as(explanation).iter().map(|part| escape(part)).collect();
    if !parts.is_empty() {
        page.paragraph(&parts.join(" · "));
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
pub(super) struct Page {
    pub(super) out: String,
}

impl Page {
    fn begin(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    pub(super) fn heading(&mut self, level: usize, text: &str) {
        self.begin();
        self.out.push_str(&format!("{} {}\n", "#".repeat(level), escape(text)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.begin();
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// The head of a table; a caption that ends with ` >` aligns its column to the right.
    pub(super) fn table(&mut self, captions: &[&str]) {
        self.begin();
        let names: Vec<&str> =
            captions.iter().map(|caption| caption.trim_end_matches(" >")).collect();
        let rules =
            captions.iter().map(|caption| if caption.ends_with(" >") { "--:" } else { "---" });
        self.out.push_str(&format!("| {} |\n", names.join(" | ")));
        self.out.push_str(&format!("| {} |\n", rules.collect::<Vec<_>>().join(" | ")));
    }

    pub(super) fn row(&mut self, cells: &[String]) {
        self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

/// Text that Markdown shows as it is: on one line, without control characters, tags, emphasis,
/// links and columns of its own.
pub(super) fn escape(text: &str) -> String {
    escape_inner(one_line(text).trim())
}

/// A piece of such a text, with the blanks around it.
fn escape_inner(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                escaped.extend(['\\', character]);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Text for a code span, in which nothing can be escaped.
pub(super) fn code(text: &str) -> String {
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
        insta::assert_snapshot!(scorecard(&fixture::scorecard()), @r"
        # Q3 2026

        2026-07-01 .. 2026-09-30 · 64% elapsed · as of 2026-08-28 (the newest check-in)

        | Cycle | Grade | Band | Committed | Aspirational | Sweet spot |
        | --- | --: | --- | --: | --: | --- |
        | Q2 2026 | 0.74 | 🟢 green | 0.55 | 0.64 | not ambitious enough |
        | Q3 2026 | 0.61 | 🟡 yellow | 0.55 | 0.64 | ambitious and landing |

        | Team | Grade | Band | Committed | Aspirational | Sweet spot |
        | --- | --: | --- | --: | --: | --- |
        | Digital department | 0.61 | 🟡 yellow |  | 0.61 | ambitious and landing |
        | &emsp;Sales platform | 0.93 | 🟢 green |  | 0.93 | not ambitious enough |
        | &emsp;Ticket app | 0.38 | 🔴 red | 0.25 | 0.38 | out of reach |
        | &emsp;Mobility lab |  | no data |  |  |  |

        ## Digital department

        ## Sales platform

        ### A holiday Saturday that nobody notices

        `scale` · **0.93** · 🟢 green · 2 of 3 graded

        | Key result | From → to | Now | Grade | Band | Pace | Confidence | Forecast |
        | --- | --- | --: | --: | --- | --- | --: | --: |
        | Sales requests served in the load test | 620 → 1140 rps | 1270 rps | 1.25 | 🟢 green | on track |  |  |
        | Cloud bill of a month | 61k → 48k EUR | 48k EUR | 1.00 | 🟢 green | on track |  |  |
        | 日本語のキャッシュ 🚄 | 0 → 1 |  |  | error |  |  |  |

        ## Ticket app

        ### Buying a ticket takes less time than finding the track, on every phone we know

        `buying` · **0.50** · 🔴 red · 3 of 4 graded · agreed · weight 2

        Red because a guardrail is broken: `buying.crash_free`

        | Key result | From → to | Now | Grade | Band | Pace | Confidence | Forecast |
        | --- | --- | --: | --: | --- | --- | --: | --: |
        | Median time from opening the app to a valid ticket ×2 | 74 → 40 s | 52 s | 0.64 | 🟡 yellow | on track | 60% | 43 s |
        | p95 of the fare search | 1400 → 600 ms | 980 ms | 0.34 | 🔴 red | at risk | 30% |  |
        | Search-to-ticket conversion | 6.2 → 7.75% | 6.98% | 0.50 | 🟡 yellow | behind |  |  |
        | Gaps closed of the six that riders named | 0 → 6 features |  |  | no data |  |  |  |
        | Sessions without a crash | keep ≥ 99.5% | 99.2% |  | 🔴 guardrail broken (held 75%) |  |  |  |
        | Complaints in a fortnight | keep ≤ 40 complaints | 31 complaints |  | 🟢 guardrail holds |  |  |  |
        | noise | keep 2 .. 4 |  |  | guardrail: no data |  |  |  |

        ### The September tariff is right from its first morning

        `tariff` · **0.38** · 🔴 red · 2 of 3 graded · proposed · committed 0.25 · aspirational 0.80

        | Key result | From → to | Now | Grade | Band | Pace | Confidence | Forecast |
        | --- | --- | --: | --: | --- | --- | --: | --: |
        | The new tariff is on sale |  | live in the app | 0.80 | 🟢 green | on track |  |  |
        | The auditor has signed off the rounding | by 2026-09-25 |  |  | no data |  |  |  |
        | Station staff who passed the quiz | 0 → 100% |  |  | n/a |  |  |  |
        | Riders find the answer before they ask | by hand | 0.1 | 0.10 | 🔴 red | at risk |  |  |

        ## Mobility lab

        ### An on-demand bus fills the evening gap

        `ondemand` · declined · no key result counts · declined

        | Key result | From → to | Now | Grade | Band | Pace | Confidence | Forecast |
        | --- | --- | --: | --: | --- | --- | --: | --: |
        | Rides between midnight and four | 0 → 300 rides | 12 rides |  | declined |  |  |  |

        ## Without an owner

        ### =Ideas that ?\[31mnobody \| owns &lt;b&gt;yet&lt;/b&gt;

        `ideas` · no data · no key results

        ## Q2 2026

        ## Digital department

        ## Ticket app

        ### Every station sells tickets

        `stations` · **0.74** · 🟢 green · 1 of 1 graded

        | Key result | From → to | Now | Grade | Band | Pace | Confidence | Forecast |
        | --- | --- | --: | --: | --- | --- | --: | --: |
        | Stations with a new machine | 0 → 40 stations | 30 stations | 0.74 | 🟢 green | at risk |  |  |

        ## Capacity

        | Team, bucket | Share | Person-weeks | Wanted | Load |
        | --- | --: | --: | --: | --: |
        | **Ticket app** |  | 65.6 |  |  |
        | roadmap | 50% | 32.8 | 0 | 0% |
        | Platform health | 20% | 13.1 | 0 | 0% |
        | Keep tickets selling | 30% | 19.7 | 0 | 0% |
        | **Mobility lab** |  | 18 |  |  |
        | bets | 90% | 16.2 | 0 | 0% |
        | slack | 10% | 1.8 |  |  |
        ");
    }

    #[test]
    fn a_trend() {
        insta::assert_snapshot!(trend(&fixture::trend()), @"
        # Grades over the check-ins

        Check-ins 2026-07-10 .. 2026-08-28 · as of 2026-08-28 (the newest check-in)

        | What | Id | Trend | First | Last | Band |
        | --- | --- | --- | --: | --: | --- |
        | Q3 2026 | `q3` | ▁▂▄▄▅ | 0.08 | 0.61 | 🟡 yellow |
        | Ticket app | `tickets` | ··▁▅█ | 0.10 | 0.93 | 🟢 green |
        | Buying a ticket takes no time | `buying` | ▁▂▄▄▅ | 0.08 | 0.61 | 🟡 yellow |
        | Median time from opening the app to a valid ticket | `buying.tap` | ▁▁▁▁▁ | 0.00 | 0.00 | 🔴 red |
        | Gaps closed | `buying.gaps` | ····· |  |  | no data |
        ");
    }

    #[test]
    fn an_explanation() {
        insta::assert_snapshot!(explanation(&fixture::explanation()), @r"
        # buying.grade

        as of 2026-08-28 (the newest check-in)

        - `buying.grade` = **0.4314**: the weighted mean of the counted key results: (2 \* 0.6471 + 1 \* 0) / (2 + 1), a key result without data counting 0 (`department.okr:123`)
          - `buying.tap.grade` = **0.6471**: linear: progress, clamped to 0 .. 1 (`department.okr:130`)
            - `buying.tap.progress` = **0.6471**: progress = (52 - 74) / (40 - 74)
              - `buying.tap.actual` = **52 s**: checked in on 2026-08-28 (`department.okr:402`)
              - `buying.tap.baseline` = **74 s**: as written (`department.okr:131`)
              - `buying.tap.target` = **40 s**: as written (`department.okr:132`)
          - `buying.gaps.grade` = **no data**: counts 0 (missing zero) (`department.okr:148`)
        ");
    }
}
