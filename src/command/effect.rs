//! What a change did, for people: `speed.latency  0.58 → 0.64  yellow`.

use super::{Output, Status};
use crate::diagnostic::Problem;
use crate::engine::Value;
use crate::report::style::{Ink, Style, width_of};
use crate::session::{EditFailure, Effect, Moved, Session};

/// How many grades are shown.
const MOST: usize = 30;

/// Shows what a change did: grades as the result, problems beside it.
pub(super) fn show(output: &mut Output, session: &Session, effect: &Effect) {
    let style = output.style();
    output.result(&table(&effect.moved, &style));
    if effect.moved.is_empty() && output.asks {
        output.note("no grade moved");
    }
    output.problems(session, &effect.problems);
    output.problems(session, &effect.broken);
    if effect.mended > 0 && effect.problems.is_empty() {
        let problems = if effect.mended == 1 { "problem is" } else { "problems are" };
        output.note(&format!("{} {problems} gone", effect.mended));
    }
}

/// Tells why an edit was not made.
pub(super) fn refused(output: &mut Output, failure: &EditFailure, so: &str) -> Status {
    match failure {
        EditFailure::Problems(plan, problems) => {
            let errors: Vec<Problem> =
                problems.iter().filter(|it| it.is_error()).cloned().collect();
            output.problems_in(&plan.sources, &errors);
            output.error(&format!("the plan would not be sound, so {so}"));
            Status::Failed
        }
        EditFailure::Edit(error) => {
            output.error(&error.to_string());
            Status::Failed
        }
        EditFailure::Save(error) => {
            output.error(&error.to_string());
            Status::Refused
        }
        EditFailure::Load(error) => {
            output.error(&error.to_string());
            Status::Refused
        }
    }
}

fn table(moved: &[Moved], style: &Style) -> String {
    let shown = &moved[..moved.len().min(MOST)];
    let rows: Vec<[String; 3]> = shown.iter().map(row).collect();
    let widest = |column: usize| rows.iter().map(|row| width_of(&row[column])).max().unwrap_or(0);
    let widths = [widest(0), widest(1), widest(2)];
    let arrow = style.pick("→", "->");
    let mut text = String::new();
    for ([path, before, after], moved) in rows.iter().zip(shown) {
        let pad = |text: &str, width: usize| " ".repeat(width - width_of(text));
        let line = format!(
            "{path}{}  {}{before} {arrow} {after}",
            pad(path, widths[0]),
            pad(before, widths[1]),
        );
        text.push_str(&line);
        if let Some(band) = moved.band {
            text.push_str(&pad(after, widths[2]));
            text.push_str("  ");
            style.paint_into(&mut text, Ink::of_band(Some(band)), band);
        }
        text.push('\n');
    }
    if moved.len() > MOST {
        text.push_str(&format!("and {} more\n", moved.len() - MOST));
    }
    text
}

fn row(moved: &Moved) -> [String; 3] {
    let numbers = (moved.before.and_then(Value::number), moved.after.and_then(Value::number));
    let digits = match numbers {
        // As many digits as tell the two apart.
        (Some(before), Some(after)) => (2..15)
            .find(|&digits| format!("{before:.digits$}") != format!("{after:.digits$}"))
            .unwrap_or(15),
        _ => 2,
    };
    let word = |value: Option<Value>, none: &str| match value {
        Some(Value::Number(number)) => format!("{number:.digits$}"),
        Some(other) => other.word().to_owned(),
        None => none.to_owned(),
    };
    [moved.path.clone(), word(moved.before, "new"), word(moved.after, "gone")]
}
