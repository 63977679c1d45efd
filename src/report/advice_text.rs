//! The coach's advice as text, CSV and Markdown.

use super::advice::{AdviceGroup, Coaching};
use super::csv::Table;
use super::line::Line;
use super::markdown::{Page, code, escape, spans};
use super::style::{Ink, Style, one_line};
use super::words;
use crate::diagnostic::Record;

/// `okr coach` in a terminal: a line a team, then the advice, objective by objective.
pub fn text(coaching: &Coaching<'_>, style: &Style) -> String {
    let mut out = String::new();
    if let Some(as_of) = words::as_of_date(coaching.as_of.as_deref(), &coaching.as_of_from) {
        paragraph(&mut out, Ink::Dim, 0, &as_of, style);
    }
    if coaching.groups.is_empty() {
        paragraph(&mut out, Ink::Plain, 0, "The coach has nothing to add.", style);
    }
    for (index, team) in coaching.teams.iter().enumerate() {
        if index == 0 {
            out.push('\n');
        }
        paragraph(&mut out, Ink::Plain, 0, &format!("{}: {}", team.title, team.words), style);
        if !team.exception.is_empty() {
            paragraph(&mut out, Ink::Dim, 2, &team.exception, style);
        }
    }
    for group in &coaching.groups {
        out.push('\n');
        head(&mut out, group, style);
        group.advice.iter().for_each(|row| advice(&mut out, row, style));
    }
    out
}

fn head(out: &mut String, group: &AdviceGroup<'_>, style: &Style) {
    let title = words::title(&group.title, &group.id);
    paragraph(out, Ink::Bold, 0, title, style);
}

fn advice(out: &mut String, row: &Record<'_>, style: &Style) {
    let mut line = Line::new(style);
    let place = format!("{}:{}", row.file, row.line);
    line.to(2).put(Ink::Yellow, row.id).skip(2).put(Ink::Dim, &place);
    line.end(out);
    paragraph(out, Ink::Plain, 4, row.message, style);
    let principle =
        row.counsel.and_then(|it| it.principle).map(|it| format!(" ({it})")).unwrap_or_default();
    let help = format!("{} {}{principle}", style.pick("→", "->"), row.help);
    paragraph(out, Ink::Dim, 4, &help, style);
}

/// A text of any length on lines of its own.
fn paragraph(out: &mut String, ink: Ink, indent: usize, text: &str, style: &Style) {
    let width = style.width.saturating_sub(indent).max(20);
    for text in style.wrap(&one_line(text), width, usize::MAX) {
        let mut line = Line::new(style);
        line.to(indent).put(ink, &text);
        line.end(out);
    }
}

/// A row a piece of advice, with the names of the JSON.
pub fn csv(coaching: &Coaching<'_>) -> String {
    let mut table = Table::new(&[
        "id",
        "severity",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "message",
        "help",
        "principle",
        "about",
    ]);
    for row in coaching.groups.iter().flat_map(|group| &group.advice) {
        table.text(row.id).text(row.severity.word()).text(row.file);
        for number in [row.line, row.column, row.end_line, row.end_column] {
            table.number(Some(number as f64));
        }
        let counsel = row.counsel;
        table.text(row.message).text(row.help).maybe(counsel.and_then(|it| it.principle));
        table.maybe(counsel.map(|it| it.about)).end();
    }
    table.out
}

/// `okr coach` as Markdown.
pub fn markdown(coaching: &Coaching<'_>) -> String {
    let mut page = Page::default();
    page.heading(1, "The coach's advice");
    if let Some(as_of) = words::as_of_date(coaching.as_of.as_deref(), &coaching.as_of_from) {
        page.paragraph(&escape(&as_of));
    }
    sections(&mut page, coaching);
    page.out
}

/// The lines of the teams and the advice, below a heading of the page.
pub(super) fn sections(page: &mut Page, coaching: &Coaching<'_>) {
    if coaching.groups.is_empty() {
        page.paragraph("The coach has nothing to add.");
    }
    let lines: Vec<String> = coaching
        .teams
        .iter()
        .map(|team| {
            let exception = match team.exception.as_str() {
                "" => String::new(),
                exception => format!(" *({})*", escape(exception)),
            };
            format!("- **{}**: {}{exception}", escape(&team.title), escape(&team.words))
        })
        .collect();
    if !lines.is_empty() {
        page.paragraph(&lines.join("\n"));
    }
    for group in &coaching.groups {
        page.heading(2, words::title(&group.title, &group.id));
        page.table(&["Rule", "Where", "What", "How to mend it", "Principle"]);
        for row in &group.advice {
            page.row(&[
                format!("`{}`", row.id),
                format!("`{}`", code(&format!("{}:{}", row.file, row.line))),
                spans(row.message),
                spans(row.help),
                escape(row.counsel.and_then(|it| it.principle).unwrap_or_default()),
            ]);
        }
    }
}
