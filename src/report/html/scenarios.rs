//! The base and the scenarios side by side.

use super::{Page, escape, message, text};
use crate::report::words;
use crate::whatif::compare::{Comparison, Outlook};

pub(super) fn section(page: &mut Page, comparison: &Comparison) {
    page.raw("<section aria-labelledby=\"scenarios\">\n<h2 id=\"scenarios\">Scenarios</h2>\n");
    if comparison.mid_cycle && !comparison.remaining {
        page.raw("<p class=\"dim\">The capacity of the whole cycle is counted, although there are check-ins in it.</p>\n");
    }
    page.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Scenarios side by side\">\n<table>\n");
    let titles: Vec<String> = comparison.scenarios.iter().map(title).collect();
    let columns: Vec<String> = titles.iter().map(|title| format!("{title} >")).collect();
    let mut head = vec!["What"];
    head.extend(columns.iter().map(String::as_str));
    page.table_head("What each would come to; differences from the base are in bold", &head);
    page.raw("<tbody>\n");
    let all = &comparison.scenarios;
    let grade = |grade: Option<f64>| grade.map(words::grade).unwrap_or_else(|| "–".into());
    row(page, "Projected grade", &each(all, |it| grade(it.projected_grade)));
    let Some(base) = all.first() else { return };
    for (index, objective) in base.objectives.iter().enumerate() {
        let title = format!(
            "{} <span class=\"dim\">projected</span>",
            text(words::title(&objective.title, &objective.id))
        );
        row(
            page,
            &title,
            &each(all, |it| grade(it.objectives.get(index).and_then(|it| it.projected_grade))),
        );
    }
    for bucket in &base.buckets {
        let title =
            format!("<code>{}</code> <span class=\"dim\">share · load</span>", escape(&bucket.id));
        let cells = each(all, |it| {
            let Some(it) = it.buckets.iter().find(|it| it.id == bucket.id) else {
                return "–".into();
            };
            let share = it.share.map(words::percent).unwrap_or_else(|| "–".into());
            let load = it
                .load
                .map_or_else(|| "no capacity".into(), |load| format!("{:.0}%", load * 100.0));
            format!("{share} · {load}")
        });
        row(page, &title, &cells);
    }
    let mut initiatives: Vec<(&str, &str)> = Vec::new();
    for it in all.iter().flat_map(|it| &it.initiatives) {
        if !initiatives.iter().any(|(id, _)| *id == it.id) {
            initiatives.push((&it.id, &it.title));
        }
    }
    for (id, title) in initiatives {
        let cells = each(all, |outlook| {
            let it = outlook.initiatives.iter().find(|it| it.id == id);
            it.and_then(|it| it.funded).map(words::percent).unwrap_or_else(|| "–".into())
        });
        let title = format!("{} <span class=\"dim\">funded</span>", text(words::title(title, id)));
        row(page, &title, &cells);
    }
    page.raw("</tbody></table>\n</div>\n");
    for outlook in all.iter().filter(|it| !it.why.is_empty()) {
        page.raw(&format!("<h3>{}: why</h3>\n<ul>\n", title(outlook)));
        for line in &outlook.why {
            page.raw(&format!("<li>{}</li>\n", message(line)));
        }
        page.raw("</ul>\n");
    }
    page.raw("</section>\n");
}

/// The title as markup.
fn title(outlook: &Outlook) -> String {
    match outlook.id.as_str() {
        "base" => "The plan".into(),
        id => text(words::title(&outlook.title, id)),
    }
}

fn each(all: &[Outlook], cell: impl Fn(&Outlook) -> String) -> Vec<String> {
    all.iter().map(cell).collect()
}

/// A row; what differs from the base is bold.
fn row(page: &mut Page, title: &str, cells: &[String]) {
    page.raw(&format!("<tr><th scope=\"row\">{title}</th>"));
    for cell in cells {
        match cells.first() {
            Some(base) if base != cell => {
                page.raw(&format!("<td class=\"num\"><strong>{cell}</strong></td>"));
            }
            _ => page.raw(&format!("<td class=\"num\">{cell}</td>")),
        }
    }
    page.raw("</tr>\n");
}
