//! The coach's advice.

use super::{Page, escape, message, text};
use crate::report::advice::Coaching;
use crate::report::words;

pub(super) fn section(page: &mut Page, coaching: &Coaching<'_>) {
    page.raw("<section aria-labelledby=\"advice\">\n<h2 id=\"advice\">The coach’s advice</h2>\n");
    if coaching.groups.is_empty() {
        page.raw("<p>The coach has nothing to add.</p>\n");
    }
    if !coaching.teams.is_empty() {
        page.raw("<ul>\n");
        for team in &coaching.teams {
            let exception = match team.exception.as_str() {
                "" => String::new(),
                exception => format!(" <span class=\"dim\">({})</span>", escape(exception)),
            };
            page.raw(&format!(
                "<li><strong>{}</strong>: {}{exception}</li>\n",
                text(&team.title),
                message(&team.words)
            ));
        }
        page.raw("</ul>\n");
    }
    for group in &coaching.groups {
        page.raw(&format!("<h3>{}</h3>\n", text(words::title(&group.title, &group.id))));
        for row in &group.advice {
            let principle = row.counsel.and_then(|it| it.principle);
            let principle =
                principle.map(|it| format!(" <span class=\"dim\">({})</span>", escape(it)));
            page.raw(&format!(
                "<div class=\"advice\"><p><code>{}</code> <span class=\"dim\">{}:{}</span></p><p>{}</p><p class=\"dim\">→ {}{}</p></div>\n",
                row.id,
                escape(row.file),
                row.line,
                message(row.message),
                message(row.help),
                principle.unwrap_or_default()
            ));
        }
    }
    page.raw("</section>\n");
}
