//! The receipt of a workbook that came back: what changed, what was asked, what was not taken.

use crate::diagnostic::clean;
use crate::workbook::merge::Side;
use crate::workbook::receipt::{Change, Conflict, NotTaken, Receipt};
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
    let (questions, conflicts): (Vec<&Conflict>, Vec<&Conflict>) =
        receipt.conflicts.iter().partition(|it| it.question);
    section(&mut out, "conflict", conflicts.into_iter().map(conflict));
    section(&mut out, "question about a value", questions.into_iter().map(conflict));
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
    section(&mut out, "cell not taken", receipt.not_taken.iter().map(not_taken));
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
        () if receipt.taken_over => "taken over; `:save` writes it\n",
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
        (_, "question about a value") => "questions about values".to_owned(),
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
    let settled = match (it.question, it.settled) {
        (_, None) => String::new(),
        (true, Some("theirs")) => "; taken as it stands".into(),
        (true, Some("meant")) => "; taken as meant".into(),
        (_, Some(side)) => format!("; {side} taken"),
    };
    format!("{}{settled}", question(it))
}

/// A conflict with its three sides, or a question about a value.
pub fn question(it: &Conflict) -> String {
    if it.question {
        let at = it.at.as_ref().map(|at| format!(", {at}")).unwrap_or_default();
        let holds = format!("the plan holds {}{at}", value(&it.ours));
        return format!("{}{}: {} ({}; {holds})", it.key, spaced(&it.field), it.reason, it.cell);
    }
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

/// What may be answered: the sides of a conflict, or the readings of a value.
pub fn answers(it: &Conflict) -> String {
    match (&it.meant, it.question) {
        (Some(meant), true) => format!(
            "take {} as meant (m), {} as it stands (t), keep ours (o), or stop (s)?",
            shortened(meant),
            value(&it.theirs)
        ),
        (None, true) => {
            format!("take it as {} (t), keep ours (o), or stop (s)?", value(&it.theirs))
        }
        _ => "take theirs (t), keep ours (o), or stop (s)?".into(),
    }
}

/// The side of a conflict that an answer takes: a letter, its word, or one of the values of a
/// question. `Some(None)` is to stop; `None` is none of these.
pub fn answered(it: &Conflict, answer: &str) -> Option<Option<Side>> {
    let same = |text: &Option<String>| {
        let bare = |text: &str| text.replace(' ', "").to_lowercase();
        let Some(text) = text.as_ref().filter(|_| it.question) else { return false };
        let number = text.split(' ').next().unwrap_or_default();
        bare(text) == bare(answer) || number.to_lowercase() == bare(answer)
    };
    let side = match answer.trim().to_lowercase().as_str() {
        "m" | "meant" | "as meant" if it.meant.is_some() => Some(Side::Meant),
        "t" | "theirs" => Some(Side::Theirs),
        "o" | "ours" => Some(Side::Ours),
        "s" | "stop" => None,
        _ if same(&it.meant) => Some(Side::Meant),
        _ if same(&it.theirs) => Some(Side::Theirs),
        _ => return None,
    };
    Some(side)
}

/// The cells that have no place, told before they are left out.
pub fn untaken_question(receipt: &Receipt) -> String {
    let mut out = String::new();
    section(&mut out, "cell not taken", receipt.not_taken.iter().map(not_taken));
    out
}

fn not_taken(it: &NotTaken) -> String {
    let at = it.at.as_ref().map(|at| format!("; edit {at}")).unwrap_or_default();
    format!("not taken: {} {}: {}{at}", it.cell, shortened(&it.value), it.reason)
}

/// Why nothing is written.
pub fn what_holds_back(receipt: &Receipt, untaken: bool) -> String {
    let open = |question: bool| {
        let all = receipt.conflicts.iter();
        all.filter(|it| it.settled.is_none() && it.question == question).count()
    };
    let conflicts = match open(false) {
        0 => None,
        1 => Some("1 conflict is open: settle with `--theirs` or `--ours`".to_owned()),
        open => Some(format!("{open} conflicts are open: settle with `--theirs` or `--ours`")),
    };
    let questions = (open(true) > 0).then(|| {
        let open = open(true);
        let plural =
            if open == 1 { "question about a value is" } else { "questions about values are" };
        let mut unsettled =
            receipt.conflicts.iter().filter(|it| it.settled.is_none() && it.question);
        let how = match unsettled.find_map(|it| it.meant.as_ref()) {
            Some(meant) => format!("`--as-meant` takes {} and the like", shortened(meant)),
            None => "write the number in full".into(),
        };
        format!("{open} {plural} open: {how}, `--ours` keeps the plan's")
    });
    let untaken = untaken.then(|| {
        let count = receipt.not_taken.len();
        let plural = if count == 1 { "cell has" } else { "cells have" };
        format!("{count} changed {plural} no place in the plan: leave them with `--skip-untaken`")
    });
    let all: Vec<String> = conflicts.into_iter().chain(questions).chain(untaken).collect();
    format!("nothing was written: {}", all.join("; "))
}
