//! `okr seek` in words: what it takes, or how near it comes.

use super::super::grid::{CsvField, csv};
use super::super::line::Line;
use super::super::markdown::{Page, escape};
use super::super::style::{Ink, Style, one_line};
use super::super::words;
use super::standpoint::{heads, put_heads};
use crate::quantity::readable;
use crate::whatif::seek::Sought;
use crate::whatif::seek_chance::Probability;

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
    let wanted = format!("{} {} {}", sought.cell, sought.comparison, sought.words.wanted);
    match &sought.probability {
        Some(it) => format!("{wanted} in at least {} of futures", percent(it.wanted)),
        None => wanted,
    }
}

fn percent(share: f64) -> String {
    format!("{}%", readable(share * 100.0))
}

/// In how many futures the goal is reached, now and then.
fn futures(it: &Probability) -> String {
    let now = it.present.map(|share| format!(", {} now", words::percent(share)));
    let (now, share) = (now.unwrap_or_default(), words::percent(it.reached));
    format!("in {share} of {} futures drawn with seed {}{now}", it.samples, it.seed)
}

/// The answer, sentence by sentence.
fn answer(sought: &Sought) -> Vec<String> {
    let Sought { cell, by, words: said, .. } = sought;
    let from_to = format!("{} -> {}", said.present, said.value);
    let mut answer = Vec::new();
    match (sought.reachable, said.change.as_str()) {
        (true, "") => answer.push(match sought.present {
            Some(_) => format!("holds already, with {by} at {}", said.value),
            None => format!("needs {by} at {}", said.value),
        }),
        (true, change) => answer.push(format!("{by} needs {change} ({from_to})")),
        (false, _) => {
            let best = match &sought.probability {
                Some(it) => format!("{} of futures", words::percent(it.reached)),
                None => said.reached.clone(),
            };
            answer.push(format!("unreachable; best is {best} at {}", said.value));
            let [low, high] = &said.within;
            answer.push(format!("{by} is {} now; looked at {low} .. {high}", said.present));
        }
    }
    let moves = !said.change.is_empty();
    if let (true, "from", Some(from)) = (moves, said.source, &sought.from) {
        answer.push(format!("from {from} ({})", said.from));
    } else if moves && said.source == "slack" {
        answer.push("from the share that no bucket has".into());
    }
    if sought.reachable && moves {
        answer.push(format!("{cell}: {} -> {}", said.before, said.reached));
    } else if sought.reachable {
        answer.push(format!("{cell} is {}", said.reached));
    } else {
        answer.push(format!("{cell} is {} now", said.before));
    }
    answer.extend(sought.probability.as_ref().map(futures));
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
        CsvField::Number(sought.probability.map(|it| it.wanted)),
        CsvField::Number(sought.probability.map(|it| it.reached)),
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
        "probability",
        "probability_reached",
    ];
    csv(&header, std::iter::once(row))
}
