//! `okr seek` in words: what it takes, or how near it comes.

use super::super::grid::{CsvField, csv};
use super::super::line::Line;
use super::super::markdown::{Page, escape};
use super::super::style::{Ink, Style, one_line};
use super::standpoint::{heads, put_heads};
use crate::whatif::seek::Sought;

/// The answer for a terminal.
pub fn text(sought: &Sought, style: &Style) -> String {
    let mut out = String::new();
    put_heads(&mut out, &sought.standpoint, style);
    if !out.is_empty() {
        out.push('\n');
    }
    let mut line = Line::new(style);
    line.put(Ink::Bold, &wanted(sought));
    line.end(&mut out);
    for (index, said) in answer(sought).iter().enumerate() {
        let ink = match (index, sought.reachable) {
            (0, true) => Ink::Green,
            (0, false) => Ink::Red,
            _ => Ink::Plain,
        };
        for wrapped in style.wrap(&one_line(said), style.width.saturating_sub(2), 6) {
            let mut line = Line::new(style);
            line.to(2).put(ink, &wrapped);
            line.end(&mut out);
        }
    }
    out
}

fn wanted(sought: &Sought) -> String {
    format!("{} {} {}", sought.cell, sought.comparison, sought.words.wanted)
}

/// The answer, sentence by sentence.
fn answer(sought: &Sought) -> Vec<String> {
    let Sought { cell, by, words, .. } = sought;
    let from_to = format!("{} -> {}", words.present, words.value);
    let mut answer = Vec::new();
    match (sought.reachable, words.change.as_str()) {
        (true, "") => answer.push(match sought.present {
            Some(_) => format!("holds already, with {by} at {}", words.value),
            None => format!("needs {by} at {}", words.value),
        }),
        (true, change) => answer.push(format!("{by} needs {change} ({from_to})")),
        (false, _) => {
            answer.push(format!("unreachable; best is {} at {}", words.reached, words.value));
            let [low, high] = &words.within;
            answer.push(format!("{by} is {} now; looked at {low} .. {high}", words.present));
        }
    }
    if let ("from", Some(from)) = (words.source, &sought.from) {
        answer.push(format!("from {from} ({})", words.from));
    } else if words.source == "slack" && !words.change.is_empty() {
        answer.push("from the share that no bucket has".into());
    }
    if sought.reachable && !words.change.is_empty() {
        answer.push(format!("{cell}: {} -> {}", words.before, words.reached));
    } else if sought.reachable {
        answer.push(format!("{cell} is {}", words.reached));
    } else {
        answer.push(format!("{cell} is {} now", words.before));
    }
    answer
}

/// The answer as Markdown.
pub fn markdown(sought: &Sought) -> String {
    let mut page = Page::default();
    page.heading(1, &escape(&wanted(sought)));
    for head in heads(&sought.standpoint) {
        page.paragraph(&escape(&head));
    }
    let said: Vec<String> = answer(sought).iter().map(|it| format!("- {}", escape(it))).collect();
    page.paragraph(&said.join("\n"));
    page.out
}

/// The answer as CSV, one row.
pub fn to_csv(sought: &Sought) -> String {
    let text = |text: &str| CsvField::Text(text.to_owned());
    let row = vec![
        text(if sought.reachable { "true" } else { "false" }),
        text(&sought.cell),
        text(sought.comparison),
        CsvField::Number(Some(sought.wanted)),
        text(&sought.by),
        CsvField::Number(Some(sought.value)),
        CsvField::Number(Some(sought.reached)),
        CsvField::Number(sought.present),
        CsvField::Number(sought.before),
        text(sought.from.as_deref().unwrap_or_default()),
        CsvField::Number(sought.from_value),
    ];
    let header = [
        "reachable",
        "cell",
        "comparison",
        "wanted",
        "by",
        "value",
        "reached",
        "present",
        "before",
        "from",
        "from_value",
    ];
    csv(&header, std::iter::once(row))
}
