//! `okr checkin`: adds one line to the plan.

use super::call::{parse_date, today};
use super::{Call, Entry, Looks, Stand, Stands, Status, Subject, effect};
use crate::plan::Found;
use crate::plan::cell::Kind;
use crate::plan::model::{Checkin, Grading};
use crate::session::{Edit, EditFailure, Session};
use crate::source::{FileId, Span};
use crate::syntax::edit::{EditError, Splice, value_splice};
use crate::syntax::tree::quote;
use clap::Args;
use jiff::civil::Date;

pub(super) const ENTRY: Entry = Entry {
    name: "checkin",
    about: "Adds one check-in line to the plan's file",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The key result or metric
    #[arg(value_name = "PATH", required = true)]
    path: Option<String>,
    /// What was observed, written as in the file: `610 ms`, `64%`, `done`, `n/a`
    #[arg(value_name = "VALUE", required = true, allow_hyphen_values = true)]
    value: Option<String>,
    /// The rest of a value that the shell has split: `ms` of `610 ms`
    #[arg(value_name = "UNIT", allow_negative_numbers = true)]
    unit: Vec<String>,
    /// The day of the check-in; by default today
    #[arg(long, value_name = "D", value_parser = parse_day)]
    date: Option<Date>,
    /// What is expected at the end of the cycle
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    expecting: Option<String>,
    /// How sure the team is, 0..1
    #[arg(long, value_name = "V", allow_hyphen_values = true)]
    confidence: Option<String>,
    /// A remark
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,
    /// Changes a check-in that is there for the day
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    looks: Looks,
}

/// What a check-in is about.
struct About {
    path: String,
    file: FileId,
    same_day: Option<usize>,
    milestones: bool,
    actual: bool,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if let Some(option) = arguments.value.as_ref().filter(|value| value.starts_with("--")) {
        let message = format!("there is no option `{option}`; see `okr checkin --help`");
        call.output.error(&message);
        return Status::Usage;
    }
    let Some(session) = call.session.take() else { return Status::Usage };
    match checkin(call, session, &arguments) {
        Ok(()) => Status::Done,
        Err((message, status)) => {
            if !message.is_empty() {
                call.output.error(&message);
            }
            status
        }
    }
}

/// A date, or `today`.
fn parse_day(text: &str) -> Result<Date, String> {
    if text == "today" { Ok(today()) } else { parse_date(text) }
}

type Failure = (String, Status);

fn checkin(
    call: &mut Call<'_>,
    session: &mut Session,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let date = arguments.date.unwrap_or_else(today);
    let path = arguments.path.as_deref().unwrap_or_default();
    let about = about(session, path, date)?;
    if about.actual {
        let message = format!(
            "`{path}` has an undated `actual`, which holds on every date; take it out of the plan to check in"
        );
        return Err((message, Status::Failed));
    }
    let file = match about.same_day {
        // A check-in need not stand in the file of what it is about.
        Some(checkin) => session.plan.checkins[checkin].place.file,
        None => about.file,
    };
    let splices = match about.same_day {
        Some(_) if !arguments.replace => {
            let message =
                format!("`{path}` has a check-in on {date} already; `--replace` changes it");
            return Err((message, Status::Failed));
        }
        Some(checkin) => replaced(session, &about, &session.plan.checkins[checkin], arguments)?,
        None => vec![added(session, &about, date, arguments)?],
    };
    let name = session.plan.sources.get(file).name().to_owned();
    let label = format!("checkin {path} on {date}");
    let edit = Edit::of(file, splices);
    let effect = session.commit_edit(&edit, &label).map_err(|failure| explained(call, &failure))?;
    if call.stand == Stand::Prompt {
        effect::show(call.output, session, &effect);
    } else if session.plan.sources.get(file).path().is_none() {
        call.output.result(session.text(file));
    } else {
        call.output.note(&format!("{name}: checked in {} on {date}", about.path));
        effect::show(call.output, session, &effect);
    }
    if let Some(cycle) = missed_cycle(session, &about, date) {
        call.output.note(&format!("{date} lies outside {cycle}: was another `--date` meant?"));
    }
    Ok(())
}

/// The cycle of a key result, in words, if a day does not lie in it.
fn missed_cycle(session: &Session, about: &About, date: Date) -> Option<String> {
    let Ok(Found::Thing(Kind::Kr, kr)) = session.find(&about.path) else { return None };
    let plan = &session.plan;
    let objective = plan.krs[kr as usize].objective;
    let cycle = &plan.cycles[plan.objectives[objective as usize].cycle? as usize];
    let outside = date < cycle.from || date > cycle.to;
    outside.then(|| format!("`{}` ({} .. {})", plan.source(cycle.name), cycle.from, cycle.to))
}

fn explained(call: &mut Call<'_>, failure: &EditFailure) -> Failure {
    let status = effect::refused(call.output, failure, "nothing was written");
    (String::new(), status)
}

fn about(session: &Session, path: &str, date: Date) -> Result<About, Failure> {
    let plan = &session.plan;
    let wrong = |message: String| (message, Status::Failed);
    let (file, checkins, milestones, actual) = match session.find(path) {
        Ok(Found::Thing(Kind::Kr, index)) => {
            let kr = &plan.krs[index as usize];
            let milestones = matches!(kr.grading, Grading::Milestones(..));
            (kr.name.file, kr.checkins.clone(), milestones, kr.actual.is_some())
        }
        Ok(Found::Cell(cell)) if cell.kind() == Kind::Metric => {
            let metric = &plan.metrics[cell.index as usize];
            (metric.name.file, metric.checkins.clone(), false, false)
        }
        Ok(_) => {
            let message = format!(
                "`{path}` cannot be checked in: name a key result, `objective.kr`, or a metric"
            );
            return Err(wrong(message));
        }
        Err(error) => return Err(wrong(format!("{}; {}", error.message, error.help))),
    };
    let same_day = checkins.map(|at| at as usize).find(|&at| plan.checkins[at].date == date);
    Ok(About { path: path.to_owned(), file, same_day, milestones, actual })
}

/// The value as the file writes it; a milestone's name may come without its quotes.
fn value_text(about: &About, arguments: &Arguments) -> Result<String, Failure> {
    let words: Vec<&str> =
        arguments.value.iter().chain(&arguments.unit).map(String::as_str).collect();
    let text = words.join(" ");
    if about.milestones && !text.starts_with('"') && text != "n/a" {
        return Ok(quote(&text));
    }
    sound_value("the value", &text)?;
    Ok(text)
}

/// Whether a text is one value of the language and no more.
fn sound_value(what: &str, text: &str) -> Result<(), Failure> {
    let refused = |reason: String| Err((format!("{what} {reason}"), Status::Failed));
    match value_splice("", Span::default(), text) {
        // Parentheses would carry it over the end of its line.
        _ if text.contains(['\n', '\r']) => {
            refused("has a line break, and a check-in is one line: leave it out".into())
        }
        Ok(_) => Ok(()),
        Err(EditError::NotAValue { value, reason, help }) => {
            refused(format!("`{value}` is no value: {reason}; {help}"))
        }
        Err(error) => refused(error.to_string()),
    }
}

fn tail(arguments: &Arguments) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut tail = Vec::new();
    for (word, value) in
        [("expecting", &arguments.expecting), ("confidence", &arguments.confidence)]
    {
        if let Some(value) = value {
            sound_value(&format!("`--{word}`"), value)?;
            tail.push((word, value.clone()));
        }
    }
    Ok(tail)
}

/// A new line after the last dated line of the file, else at its end.
fn added(
    session: &mut Session,
    about: &About,
    date: Date,
    arguments: &Arguments,
) -> Result<Splice, Failure> {
    let mut line = format!("{date} checkin {} {}", about.path, value_text(about, arguments)?);
    for (word, value) in tail(arguments)? {
        line.push_str(&format!(" {word} {value}"));
    }
    if let Some(note) = &arguments.note {
        line.push_str(&format!(" {}", quote(note)));
    }
    Ok(session.dated_line(about.file, &line))
}

/// Changes of the line of the day: what is given is replaced, the rest stays.
fn replaced(
    session: &Session,
    about: &About,
    checkin: &Checkin,
    arguments: &Arguments,
) -> Result<Vec<Splice>, Failure> {
    let text = session.plan.sources.get(checkin.place.file).text();
    let value = value_text(about, arguments)?;
    let failed = |error: EditError| (error.to_string(), Status::Failed);
    let mut splices = vec![value_splice(text, checkin.value.span, &value).map_err(failed)?];
    let mut end = checkin.value.span.end;
    let mut missing = String::new();
    let given = tail(arguments)?;
    for (word, old) in [("expecting", checkin.expecting), ("confidence", checkin.confidence)] {
        let new = given.iter().find(|(given, _)| *given == word).map(|(_, value)| value);
        match (old, new) {
            (Some(old), Some(new)) => {
                flush(&mut splices, &mut missing, end);
                splices.push(value_splice(text, old.place.span, new).map_err(failed)?);
            }
            (None, Some(new)) => missing.push_str(&format!(" {word} {new}")),
            _ => {}
        }
        if let Some(old) = old {
            flush(&mut splices, &mut missing, end);
            end = old.place.span.end;
        }
    }
    match (checkin.note, &arguments.note) {
        (Some(old), Some(new)) => splices.push(Splice { span: old.0.span, text: quote(new) }),
        (None, Some(new)) => missing.push_str(&format!(" {}", quote(new))),
        _ => {}
    }
    flush(&mut splices, &mut missing, end);
    Ok(splices)
}

/// Inserts what was missing so far behind the part that ends at `end`.
fn flush(splices: &mut Vec<Splice>, missing: &mut String, end: u32) {
    if !missing.is_empty() {
        splices.push(Splice { span: Span { start: end, end }, text: std::mem::take(missing) });
    }
}
