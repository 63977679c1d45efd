//! The receipt of a workbook that came back: what changed, what was asked, what was not taken.

use crate::diagnostic::clean;
use crate::workbook::receipt::{Change, Conflict, Receipt};
use std::fmt::Write as _;

/// The receipt as JSON.
pub fn json(receipt: &Receipt) -> String {
    let text = serde_json::to_string_pretty(receipt);
    text.map(|text| text + "\n").unwrap_or_default()
}

/// The receipt as text.
pub fn text(receipt: &Receipt) -> String {
    let mut out = String::new();
    let as_of = receipt.as_of.as_ref().map(|date| format!(", observations on {date}"));
    let _ = writeln!(out, "{} -> {}{}", receipt.book, receipt.plan, as_of.unwrap_or_default());
    section(&mut out, "change", receipt.changes.iter().map(change));
    section(&mut out, "conflict", receipt.conflicts.iter().map(conflict));
    section(
        &mut out,
        "proposed deletion",
        receipt.deletions.iter().map(|it| {
            let field = spaced(&it.field);
            let from = it.from.as_ref().map(|from| format!(": {}", shortened(from)));
            let applied = if it.applied { "deleted" } else { "kept; `--delete` applies it" };
            let at = it.at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
            format!("{}{field}{}{at}, {applied}", it.key, from.unwrap_or_default())
        }),
    );
    section(
        &mut out,
        "cell not taken",
        receipt.not_taken.iter().map(|it| {
            let at = it.at.as_ref().map(|at| format!("; edit {at}")).unwrap_or_default();
            format!("not taken: {} {}: {}{at}", it.cell, shortened(&it.value), it.reason)
        }),
    );
    section(
        &mut out,
        "value read as something else",
        receipt.coercions.iter().map(|it| {
            format!("{}: `{}` read as {} ({})", it.cell, shortened(&it.from), it.to, it.reason)
        }),
    );
    section(
        &mut out,
        "warning",
        receipt.warnings.iter().map(|it| match it.cell.as_str() {
            "" => it.message.clone(),
            cell => format!("{cell}: {}", it.message),
        }),
    );
    out.push_str(outcome(receipt));
    clean(&out).into_owned()
}

/// The last line: what became of it.
fn outcome(receipt: &Receipt) -> &'static str {
    let nothing = receipt.changes.is_empty() && !receipt.deletions.iter().any(|it| it.applied);
    match () {
        () if receipt.written => "written\n",
        () if receipt.is_open() => "",
        () if nothing => "nothing to change\n",
        () if receipt.dry_run => "a dry run: nothing was written\n",
        () => "",
    }
}

fn section(out: &mut String, what: &str, lines: impl ExactSizeIterator<Item = String>) {
    let count = lines.len();
    if count == 0 {
        return;
    }
    let plural = match (count, what) {
        (1, _) => what.to_owned(),
        (_, "cell not taken") => "cells not taken".to_owned(),
        (_, "value read as something else") => "values read as something else".to_owned(),
        _ => format!("{what}s"),
    };
    let _ = writeln!(out, "{count} {plural}");
    for line in lines {
        let _ = writeln!(out, "  {}", line.replace('\n', "\n    "));
    }
}

fn spaced(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!(" {field}") }
}

/// A long text, or one of several lines, as its beginning.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(MOST).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

fn value(value: &Option<String>) -> String {
    value.as_ref().map_or_else(|| "nothing".into(), |value| shortened(value))
}

fn change(it: &Change) -> String {
    let how = match (&it.at, it.how.as_str()) {
        (Some(at), "") => at.clone(),
        (Some(at), how) => format!("{how}, {at}"),
        (None, how) => how.to_owned(),
    };
    let kind = if it.kind == "changed" { String::new() } else { format!("{}: ", it.kind) };
    let what = match &it.from {
        Some(from) => format!("{} -> {}", shortened(from), value(&it.to)),
        None => value(&it.to),
    };
    let field = spaced(&it.field);
    format!("{kind}{}{field}: {what} ({}; {how})", it.key, it.cell)
}

fn conflict(it: &Conflict) -> String {
    let settled = it.settled.map(|side| format!("; {side} taken")).unwrap_or_default();
    format!("{}{settled}", question(it))
}

/// A conflict with its three sides.
pub fn question(it: &Conflict) -> String {
    let at = it.at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
    let sides = match (&it.base, &it.ours) {
        // A copied row has no sides.
        (None, None) if it.field == "key" => format!("theirs in {}", it.cell),
        _ => format!(
            "base {}, ours {}{at}, theirs {} ({})",
            value(&it.base),
            value(&it.ours),
            value(&it.theirs),
            it.cell
        ),
    };
    format!("{}{}: {sides}: {}", it.key, spaced(&it.field), it.reason)
}

/// Why nothing is written.
pub fn what_holds_back(receipt: &Receipt, untaken: bool) -> String {
    let open = receipt.conflicts.iter().filter(|it| it.settled.is_none()).count();
    let conflicts = (open > 0).then(|| {
        let plural = if open == 1 { "conflict is" } else { "conflicts are" };
        format!("{open} {plural} open: settle with `--theirs` or `--ours`")
    });
    let untaken = untaken.then(|| {
        let count = receipt.not_taken.len();
        let plural = if count == 1 { "cell has" } else { "cells have" };
        format!("{count} changed {plural} no place in the plan: leave them with `--skip-untaken`")
    });
    let both: Vec<String> = conflicts.into_iter().chain(untaken).collect();
    format!("nothing was written: {}", both.join("; "))
}
