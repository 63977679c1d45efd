//! `okr report`: one page that opens offline, prints well, and works on a phone, with a keyboard and
//! with a screen reader. Nothing in it is loaded from elsewhere, there is no script, and every text of
//! the plan is escaped.

mod advice;
mod capacity;
mod chart;
mod data;
mod futures;
mod scenarios;
mod scorecard;

pub use data::{KrTrend, Report};

use crate::diagnostic::clean;
use crate::report::data::CycleRow;
use crate::report::words;
use std::fmt::Write;

/// The page.
pub fn page(report: &Report<'_>) -> String {
    let mut page = Page { out: String::with_capacity(64 << 10) };
    let cycle = words::cycle_in_force(&report.card);
    let title = cycle.map_or("Scorecard", |cycle| words::title(&cycle.title, &cycle.id));
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
    page.raw(&format!("<title>{} – OKR report</title>\n<style>\n", escape(title)));
    page.raw(include_str!("style.css"));
    page.raw(
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the scorecard</a>\n",
    );
    header(&mut page, report, cycle, title);
    page.raw("<main id=\"main\">\n");
    scorecard::section(&mut page, report);
    capacity::section(&mut page, &report.card);
    if let Some(comparison) = &report.scenarios {
        scenarios::section(&mut page, comparison);
    }
    if let Some(simulation) = &report.futures {
        futures::section(&mut page, simulation);
    }
    advice::section(&mut page, &report.coaching);
    page.raw("</main>\n");
    page.raw(&format!(
        "<footer><p>Made by okr {} from <code>{}</code>. Nothing on this page is loaded from elsewhere.</p></footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escape(&report.file)
    ));
    page.out
}

fn header(page: &mut Page, report: &Report<'_>, cycle: Option<&CycleRow>, title: &str) {
    let card = &report.card;
    page.raw(&format!("<header>\n<h1>{}</h1>\n", text(title)));
    let days = cycle.map(|cycle| format!("{} .. {}", cycle.from, cycle.to));
    let parts = [days, Some(words::as_of(card)), words::standpoint(card)];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| escape(&part)).collect();
    page.raw(&format!("<p class=\"dim\">{}</p>\n", parts.join(" · ")));
    if let Some(cycle) = cycle {
        page.raw("<div class=\"head\">\n");
        match cycle.grade {
            Some(grade) => {
                let band = band(cycle.band);
                page.raw(&format!("<span class=\"big\">{}</span> {band}\n", words::grade(grade)));
            }
            None => {
                page.raw(&format!("<span class=\"chip\">{}</span>\n", words::state(cycle.state)))
            }
        }
        if let Some(verdict) = words::verdict(cycle.sweet_spot) {
            page.raw(&format!("<strong>{verdict}</strong>\n"));
        }
        if let Some(elapsed) = cycle.elapsed {
            let shown = words::percent(elapsed);
            page.raw(&format!(
                "<span>{} <span class=\"dim\">{shown} of the time</span></span>\n",
                bar(elapsed, false)
            ));
        }
        for mean in words::means(cycle.committed_grade, cycle.aspirational_grade) {
            page.raw(&format!("<span class=\"dim\">{}</span>\n", escape(&mean)));
        }
        page.raw("</div>\n");
    }
    page.raw("<nav aria-label=\"Sections\"><ul>\n<li><a href=\"#scorecard\">Scorecard</a></li>\n");
    if !card.capacity.is_empty() {
        page.raw("<li><a href=\"#capacity\">Capacity</a></li>\n");
    }
    if report.scenarios.is_some() {
        page.raw("<li><a href=\"#scenarios\">Scenarios</a></li>\n");
    }
    if report.futures.is_some() {
        page.raw("<li><a href=\"#futures\">Futures</a></li>\n");
    }
    page.raw("<li><a href=\"#advice\">The coach’s advice</a></li>\n</ul></nav>\n</header>\n");
}

/// A page in the making.
pub(super) struct Page {
    out: String,
}

impl Page {
    /// Adds markup of our own, in which every text of the plan is escaped.
    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// The head of a table; a caption that ends with ` >` aligns its column to the right.
    fn table_head(&mut self, caption: &str, columns: &[&str]) {
        // What a heading above says already is for those who do not see it.
        let hidden = if caption.starts_with("Key results of") { " class=\"hidden\"" } else { "" };
        let _ = write!(
            self.out,
            "<caption><span{hidden}>{}</span></caption>\n<thead role=\"rowgroup\"><tr role=\"row\">",
            escape(caption)
        );
        for column in columns {
            let (name, class) = match column.strip_suffix(" >") {
                Some(name) => (name, " class=\"num\""),
                None => (*column, ""),
            };
            let _ = write!(self.out, "<th role=\"columnheader\" scope=\"col\"{class}>{name}</th>");
        }
        self.raw("</tr></thead>\n");
    }
}

/// Text for an element or an attribute: markup, quotes and control characters are made harmless.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A text of the plan within a sentence of ours, whichever way its script runs.
fn text(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// A message: what stands between backquotes is shown as code.
fn message(text: &str) -> String {
    let whole = text.matches('`').count().is_multiple_of(2);
    if !whole {
        return escape(text);
    }
    let parts = text.split('`').enumerate();
    let part = |(at, part): (usize, &str)| match at % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    };
    parts.map(part).collect()
}

/// A band in its colour and as a word.
fn band(band: Option<&str>) -> String {
    match band {
        Some(word) => format!("<span class=\"chip {word}\">{word}</span>"),
        None => String::new(),
    }
}

/// A bar that a number stands beside.
fn bar(share: f64, over: bool) -> String {
    let width = (share.clamp(0.0, 1.0) * 100.0).round();
    let class = if over { "bar over" } else { "bar" };
    format!("<span class=\"{class}\" aria-hidden=\"true\"><i style=\"width:{width}%\"></i></span>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_inert() {
        let text = "<script>alert('x')</script> \"&\" \u{202e}\u{1b}\n";
        let inert = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;&amp;&quot; \u{fffd}? ";
        assert_eq!(escape(text), inert);
        assert_eq!(message("`a<b>` is <b>"), "<code>a&lt;b&gt;</code> is &lt;b&gt;");
        assert_eq!(message("a ` alone"), "a ` alone");
    }
}
