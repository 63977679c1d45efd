//! Capacity by bucket: what there is, what is drawn, and whether it fits.

use super::{Page, bar, escape, text};
use crate::report::data::{BucketRow, CapacityRow, Scorecard};
use crate::report::words;

pub(super) fn section(page: &mut Page, card: &Scorecard) {
    if card.capacity.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"capacity\">\n<h2 id=\"capacity\">Capacity</h2>\n");
    let titles = words::team_titles(card);
    for row in &card.capacity {
        let title = titles.get(row.id.as_str()).copied().unwrap_or(&row.id);
        team(page, row, title);
    }
    page.raw("</section>\n");
}

fn team(page: &mut Page, row: &CapacityRow, title: &str) {
    let weeks = |weeks: Option<f64>| weeks.map(words::weeks).unwrap_or_default();
    let all = row
        .capacity
        .map(|all| format!(" <span class=\"dim\">{} person-weeks</span>", words::weeks(all)));
    page.raw(&format!("<h3>{}{}</h3>\n", text(title), all.unwrap_or_default()));
    if row.buckets.is_empty() {
        let demand = weeks(row.demand);
        if !demand.is_empty() {
            let fits = fits(row.capacity, row.demand);
            page.raw(&format!("<p>{demand} person-weeks are drawn: {fits}</p>\n"));
        }
        return;
    }
    page.raw("<table class=\"cards\" role=\"table\">\n");
    let caption = format!("Buckets of {title}, in person-weeks");
    page.table_head(&caption, &["Bucket", "Share >", "Capacity >", "Drawn >", "Load", "Verdict"]);
    page.raw("<tbody role=\"rowgroup\">\n");
    for it in &row.buckets {
        bucket(page, it);
    }
    if let Some(slack) = row.slack.filter(|slack| *slack > 0.0) {
        let weeks = weeks(row.capacity.map(|all| all * slack));
        let share = words::percent(slack);
        page.raw(&line("slack", &share, &weeks, "", "", ""));
    }
    page.raw("</tbody></table>\n");
}

fn bucket(page: &mut Page, row: &BucketRow) {
    let weeks = |weeks: Option<f64>| weeks.map(words::weeks).unwrap_or_default();
    let title = words::title(row.title.as_deref().unwrap_or_default(), &row.id);
    let over = row.load.is_some_and(|load| load > 1.0 + 1e-9);
    let load = row.load.map(|load| format!("{} {:.0}%", bar(load, over), load * 100.0));
    page.raw(&line(
        &text(title),
        &row.share.map(words::percent).unwrap_or_default(),
        &weeks(row.capacity),
        &weeks(row.demand),
        &load.map(|load| format!("<span>{load}</span>")).unwrap_or_default(),
        fits(row.capacity, row.demand),
    ));
}

/// Whether what is drawn fits, in colour and words.
fn fits(capacity: Option<f64>, demand: Option<f64>) -> &'static str {
    match (capacity, demand) {
        (_, Some(demand)) if demand <= 0.0 => "<span class=\"chip\">free</span>",
        (Some(capacity), Some(demand)) if demand <= capacity * (1.0 + 1e-9) => {
            "<span class=\"chip green\">fits</span>"
        }
        (Some(_), Some(_)) => "<span class=\"chip red\">does not fit</span>",
        _ => "",
    }
}

/// A row; all but the title is markup of ours.
fn line(
    title: &str,
    share: &str,
    capacity: &str,
    drawn: &str,
    load: &str,
    verdict: &str,
) -> String {
    let cell = |label: &str, markup: &str, class: &str| {
        let label = match markup {
            "" => String::new(),
            _ => format!(" data-label=\"{}\"", escape(label)),
        };
        format!("<td role=\"cell\"{class}{label}>{markup}</td>")
    };
    let number = " class=\"num\"";
    format!(
        "<tr class=\"alone\" role=\"row\"><th role=\"rowheader\" scope=\"row\">{title}</th>{}{}{}{}{}</tr>\n",
        cell("Share", share, number),
        cell("Capacity", capacity, number),
        cell("Drawn", drawn, number),
        cell("Load", load, ""),
        cell("Verdict", verdict, ""),
    )
}
