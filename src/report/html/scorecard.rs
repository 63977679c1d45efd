//! The scorecard: means, then objective by objective its key results.

use super::data::Report;
use super::{Page, band, bar, chart, escape, text};
use crate::engine::Step;
use crate::quantity::readable;
use crate::report::data::{KrRow, ObjectiveRow};
use crate::report::outline::{self, Entry};
use crate::report::words::{self, Guardrail, Journey, Mean, Sign};

/// How deep the arithmetic of a grade is shown.
const DEEPEST: usize = 5;
/// How many steps of it are shown.
const MOST_STEPS: usize = 40;

pub(super) fn section(page: &mut Page, report: &Report<'_>) {
    page.raw("<section aria-labelledby=\"scorecard\">\n<h2 id=\"scorecard\">Scorecard</h2>\n");
    let card = &report.card;
    let teams: Vec<(Mean, usize)> =
        outline::teams(card).into_iter().map(|(team, depth)| (Mean::from(team), depth)).collect();
    means(page, "Team", "Means of the teams in the cycle in force", &teams);
    if card.cycles.len() > 1 {
        let cycles: Vec<(Mean, usize)> =
            card.cycles.iter().map(|cycle| (Mean::from(cycle), 0)).collect();
        means(page, "Cycle", "Means of the cycles", &cycles);
    }
    let entries = outline::entries(card);
    if entries.is_empty() {
        page.raw("<p>There is no objective in the plan yet.</p>\n");
    }
    // The level of the heading above: 3 for a team or a cycle, 4 for a team below a cycle.
    let (mut base, mut above) = (2, 2);
    for entry in entries {
        match entry {
            Entry::Cycle(cycle) => {
                (base, above) = (3, 3);
                heading(page, 3, words::title(&cycle.title, &cycle.id), "");
            }
            Entry::Team(team, _, _) => {
                above = base + 1;
                let kind = team.kind.map(|kind| format!(" <span class=\"dim\">{kind}</span>"));
                let title = words::title(&team.title, &team.id);
                heading(page, above, title, &kind.unwrap_or_default());
            }
            Entry::NoOwner => {
                above = base + 1;
                heading(page, above, "Without an owner", "");
            }
            Entry::Objective(row, _) => objective(page, report, row, above + 1),
        }
    }
    page.raw("</section>\n");
}

fn heading(page: &mut Page, level: usize, title: &str, more: &str) {
    page.raw(&format!("<h{level}>{}{more}</h{level}>\n", text(title)));
}

fn means(page: &mut Page, of: &str, caption: &str, means: &[(Mean, usize)]) {
    if means.is_empty() {
        return;
    }
    page.raw("<table class=\"cards\" role=\"table\">\n");
    page.table_head(caption, &[of, "Grade", "Committed >", "Aspirational >", "Sweet spot"]);
    page.raw("<tbody role=\"rowgroup\">\n");
    for (mean, depth) in means {
        let number = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
        let grade = match mean.grade {
            Some(grade) => {
                format!("{} {} {}", bar(grade, false), words::grade(grade), band(mean.band))
            }
            None => escape(words::state(mean.state)),
        };
        page.raw(&format!(
            "<tr class=\"alone\" role=\"row\"><th role=\"rowheader\" scope=\"row\" style=\"padding-left:{}rem\">{}</th>{}{}{}{}</tr>\n",
            0.6 + 1.2 * (*depth).min(6) as f64,
            text(mean.title),
            cell("Grade", &format!("<span>{grade}</span>"), false),
            cell("Committed", &number(mean.committed), true),
            cell("Aspirational", &number(mean.aspirational), true),
            cell("Sweet spot", mean.verdict.unwrap_or_default(), false),
        ));
    }
    page.raw("</tbody></table>\n");
}

/// A cell that tells the name of its column where the table stands as cards.
fn cell(label: &str, markup: &str, number: bool) -> String {
    let class = if number { " class=\"num\"" } else { "" };
    let label = if markup.is_empty() { String::new() } else { format!(" data-label=\"{label}\"") };
    format!("<td role=\"cell\"{class}{label}>{markup}</td>")
}

fn objective(page: &mut Page, report: &Report<'_>, row: &ObjectiveRow, level: usize) {
    page.raw("<article class=\"objective\">\n");
    let grade = match row.grade {
        Some(grade) => format!(" {} {}", words::grade(grade), band(row.band)),
        None => format!(" <span class=\"chip\">{}</span>", escape(words::state(row.state))),
    };
    heading(page, level, words::title(&row.title, &row.id), &grade);
    let remarks: Vec<String> = words::remarks(row).iter().map(|it| escape(it)).collect();
    let lead = format!("<code>{}</code> · {}", escape(&row.id), remarks.join(" · "));
    page.raw(&format!("<p class=\"dim\">{lead}</p>\n"));
    if !row.broken_guardrails.is_empty() {
        let broken: Vec<String> =
            row.broken_guardrails.iter().map(|id| format!("<code>{}</code>", escape(id))).collect();
        page.raw(&format!(
            "<p><span class=\"chip red\">red</span> because a guardrail is broken: {}</p>\n",
            broken.join(", ")
        ));
    }
    if !row.key_results.is_empty() {
        page.raw("<table class=\"cards krs\" role=\"table\">\n");
        let caption = format!("Key results of {}", words::title(&row.title, &row.id));
        page.table_head(
            &caption,
            &[
                "Key result",
                "From → to",
                "Now >",
                "Grade",
                "Pace",
                "Sure >",
                "Projected >",
                "Trend and pace",
            ],
        );
        page.raw("<tbody role=\"rowgroup\">\n");
        row.key_results.iter().for_each(|kr| key_result(page, report, kr));
        page.raw("</tbody></table>\n");
    }
    page.raw("</article>\n");
}

fn key_result(page: &mut Page, report: &Report<'_>, kr: &KrRow) {
    let guardrail = kr.kind == "guardrail";
    let weight = kr.weight.filter(|&weight| weight != 1.0 && !guardrail);
    let weight = weight.map(|weight| format!(" ×{}", readable(weight))).unwrap_or_default();
    let grade = match guardrail {
        true => guardrail_words(kr),
        false => match kr.grade {
            Some(grade) => format!("{} {}", words::grade(grade), band(kr.band)),
            None => escape(words::state(kr.state)),
        },
    };
    let projected = kr.projected_grade.filter(|_| !guardrail).map(words::grade);
    let chart = report.trends.get(&kr.id).map(chart::trend).unwrap_or_default();
    page.raw(&format!(
        "<tr class=\"kr\" role=\"row\"><th role=\"rowheader\" scope=\"row\">{}{weight}</th>{}{}{}{}{}{}{}</tr>\n",
        text(words::title(&kr.title, &kr.id)),
        cell("From → to", &escape(&journey(kr)), false),
        cell("Now", &escape(words::actual(kr)), true),
        cell("Grade", &format!("<span>{grade}</span>"), false),
        cell("Pace", kr.pace_word.filter(|_| !guardrail).unwrap_or_default(), false),
        cell("Sure", &kr.confidence.map(words::percent).unwrap_or_default(), true),
        cell("Projected", &projected.unwrap_or_default(), true),
        format_args!("<td role=\"cell\" class=\"chart\">{chart}</td>"),
    ));
    page.raw("<tr class=\"why\" role=\"row\"><td role=\"cell\" colspan=\"8\">");
    if let Some(step) = report.steps.get(&kr.id) {
        let title = escape(words::title(&kr.title, &kr.id));
        page.raw(&format!(
            "<details><summary>How it came about<span class=\"hidden\">: {title}</span></summary>"
        ));
        let mut left = MOST_STEPS;
        steps(page, std::slice::from_ref(step), 1, &mut left);
        page.raw("</details>");
    }
    page.raw("</td></tr>\n");
}

fn guardrail_words(kr: &KrRow) -> String {
    let Guardrail { words, detail, sign } = Guardrail::of(kr);
    match sign {
        Sign::Good => format!("<span class=\"chip green\">{words}</span>{detail}"),
        Sign::Bad => format!("<span class=\"chip red\">{words}</span>{detail}"),
        Sign::Fair | Sign::None => escape(&words),
    }
}

fn journey(kr: &KrRow) -> String {
    match Journey::of(kr) {
        Journey::Span { from, to, unit } => format!("{from} → {to}{unit}"),
        Journey::Words(words) => words.replace(">=", "≥").replace("<=", "≤"),
    }
}

/// The arithmetic as nested lists, as far as it is readable.
fn steps(page: &mut Page, all: &[Step], depth: usize, left: &mut usize) {
    page.raw("<ul class=\"tree\">");
    for step in all {
        if *left == 0 {
            page.raw("<li class=\"dim\">and more: <code>okr explain</code> shows all of it</li>");
            break;
        }
        *left -= 1;
        page.raw(&format!(
            "<li><code>{}</code> = <strong>{}</strong>",
            escape(&step.name),
            escape(&step.value)
        ));
        if !step.how.is_empty() {
            page.raw(&format!(" <span class=\"dim\">{}</span>", escape(&step.how)));
        }
        if let Some(place) = &step.place {
            page.raw(&format!(" <code class=\"dim\">{}</code>", escape(place)));
        }
        if !step.from.is_empty() && depth < DEEPEST {
            steps(page, &step.from, depth + 1, left);
        }
        page.raw("</li>");
        if *left == 0 {
            break;
        }
    }
    page.raw("</ul>");
}
