//! The receipt of an adopted workbook: what was taken, what disagrees, what was left.

use crate::diagnostic::clean;
use crate::quantity::readable;
use crate::workbook::adopt::{Audit, Disagreement, Receipt, Taken};
use serde::Serialize;
use std::fmt::Write as _;

/// How many lines of one kind are shown; JSON has all.
const MOST: usize = 100;

/// The receipt as JSON, with the plan where it is written nowhere else.
pub fn json(receipt: &Receipt, plan: Option<&str>) -> String {
    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        receipt: &'a Receipt,
        #[serde(skip_serializing_if = "Option::is_none")]
        plan: Option<&'a str>,
    }
    let text = serde_json::to_string_pretty(&Whole { receipt, plan });
    text.map(|text| text + "\n").unwrap_or_default()
}

/// The receipt as text.
pub fn text(receipt: &Receipt) -> String {
    let mut out = String::new();
    let counts = receipt.counts;
    let _ = writeln!(
        out,
        "{}: {}, {}, {}, {}",
        receipt.book,
        plural(counts.objectives, "objective"),
        plural(counts.key_results, "key result"),
        plural(counts.teams, "team"),
        plural(counts.cycles, "cycle"),
    );
    receipt.sheets.iter().for_each(|sheet| taken(&mut out, sheet));
    audit(&mut out, &receipt.audit);
    let notes = receipt.remarks.iter().chain(&receipt.flags);
    let lines: Vec<String> = notes
        .map(|note| match note.place.as_str() {
            "" => note.text.clone(),
            place => format!("{place}: {}", note.text),
        })
        .collect();
    if !lines.is_empty() {
        out.push_str("to look at:\n");
        shortened(&mut out, &lines);
    }
    clean(&out).into_owned()
}

fn taken(out: &mut String, sheet: &Taken) {
    let columns: Vec<String> = sheet
        .columns
        .iter()
        .map(|it| format!("{} {} = {}", it.column, it.header, it.taken_as))
        .collect();
    let _ = writeln!(
        out,
        "sheet `{}`, header in row {}: {}",
        sheet.name,
        sheet.header_row,
        columns.join(", ")
    );
    if !sheet.not_taken.is_empty() {
        let _ = writeln!(out, "  columns not taken: {}", sheet.not_taken.join(", "));
    }
}

fn audit(out: &mut String, audit: &Audit) {
    if audit.compared == 0 {
        return;
    }
    let apart = audit.disagreements.len();
    let agree = audit.compared - apart;
    let _ = write!(out, "{} of the sheet compared: {agree} agree", plural(audit.compared, "grade"));
    if audit.rounded > 0 {
        let _ = write!(out, " ({} once rounded)", audit.rounded);
    }
    match apart {
        0 => out.push('\n'),
        1 => out.push_str(", 1 does not\n"),
        apart => {
            let _ = writeln!(out, ", {apart} do not");
        }
    }
    let lines: Vec<String> = audit.disagreements.iter().map(disagreement).collect();
    shortened(out, &lines);
}

/// "row 7 says 0.55, the rule gives 0.58 = (610 - 900) / (400 - 900)"
fn disagreement(it: &Disagreement) -> String {
    let gives = it.gives.map_or("no grade".into(), readable);
    let mut line = format!("row {} says {}, the rule gives {gives}", it.row, readable(it.says));
    if !it.arithmetic.is_empty() {
        let sign = if it.gives.is_some() && it.arithmetic.contains('/') { " = " } else { ": " };
        line.push_str(sign);
        line.push_str(&it.arithmetic);
    }
    if !it.instead.is_empty() {
        let _ = write!(line, "; {}", it.instead);
    }
    let what = if it.path.is_empty() { "the total" } else { &it.path };
    let _ = write!(line, " [{}, {what}]", it.place);
    line
}

fn shortened(out: &mut String, lines: &[String]) {
    for line in lines.iter().take(MOST) {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > MOST {
        let _ = writeln!(out, "  … and {} more; `--format json` has all", lines.len() - MOST);
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
