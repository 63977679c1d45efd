//! What is shown in grey behind the cursor: the value of the path there, how a command or a field
//! goes on.

use super::complete::word_at_end;
use crate::command;
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind};
use crate::session::Session;
use crate::syntax::keyword;
use crate::syntax::lexical;
use crate::syntax::open::Open;

/// A hint: what is shown, and what of it the right arrow takes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What is shown.
    pub shown: String,
    /// How much of it, in bytes, is typed by the right arrow.
    pub typed: usize,
}

/// The hint at the end of a text that begins where the statement does.
pub fn hint(session: &Session, before: &str) -> Option<Hint> {
    let line = before.rsplit('\n').next().unwrap_or(before);
    if let Some(command) = line.trim_start().strip_prefix(':') {
        return on_command(session, command);
    }
    let open = Open::at_end_of(before);
    if open.in_text {
        return None;
    }
    value_at_end(session, line).or_else(|| on_keyword(&open, before))
}

fn shown(text: String) -> Option<Hint> {
    Some(Hint { shown: text, typed: 0 })
}

fn on_command(session: &Session, line: &str) -> Option<Hint> {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    if !line.contains([' ', '\t']) {
        let mut fitting = command::entries(command::Stand::Prompt)
            .filter(|entry| entry.name.starts_with(name) && !name.is_empty());
        let (first, other) = (fitting.next()?, fitting.next());
        let rest = &first.name[name.len()..];
        return match other {
            Some(_) => None,
            None => Some(Hint { shown: format!("{rest}  {}", first.about), typed: rest.len() }),
        };
    }
    let value = value_at_end(session, line);
    if value.is_some() {
        return value;
    }
    let entry = command::entry(name).filter(|entry| entry.stands.prompt)?;
    let usage = entry.usage();
    let usage = usage.split_once(' ').map_or("", |(_, usage)| usage);
    match (words.next(), usage.is_empty()) {
        (None, false) => shown(usage.to_owned()),
        _ => None,
    }
}

/// The value of the path at the end, or of the one before the space at the end.
fn value_at_end(session: &Session, line: &str) -> Option<Hint> {
    let trimmed = line.trim_end();
    let path = &trimmed[trimmed.len() - word_at_end(trimmed)..];
    if path.is_empty() || line.len() > trimmed.len() + 1 {
        return None;
    }
    let cell = match session.find(path).ok()? {
        Found::Cell(cell) => cell,
        Found::Thing(kind, index) => Cell { field: main_field(kind)?, index },
        _ => return None,
    };
    let engine = session.computed_already()?;
    let value = session.shown_value(engine.read(cell), cell);
    let field = match session.find(path) {
        Ok(Found::Thing(..)) => format!("{} ", cell.field.entry().word),
        _ => String::new(),
    };
    let space = if line.len() > trimmed.len() { "" } else { "  " };
    shown(format!("{space}= {field}{value}"))
}

/// The cell by which a thing is known.
fn main_field(kind: Kind) -> Option<Field> {
    match kind {
        Kind::Cycle => Some(Field::CycleGrade),
        Kind::Team => Some(Field::TeamGrade),
        Kind::Bucket => Some(Field::BucketCapacity),
        Kind::Objective => Some(Field::ObjectiveGrade),
        Kind::Kr => Some(Field::KrGrade),
        Kind::Metric | Kind::Initiative => None,
    }
}

/// How a field goes on whose keyword has just been typed.
fn on_keyword(open: &Open, before: &str) -> Option<Hint> {
    let field = before[open.start..].trim_start();
    let word = field.strip_suffix(' ')?;
    let (word, context) = match lexical::date(word) {
        Ok((rest, _)) => (rest.trim_start(), keyword::Context::Dated),
        Err(_) => (word, open.context()?),
    };
    let entry = keyword::lookup(context, word)?;
    let (_, rest) = entry.usage.split_once(&format!("{word} "))?;
    shown(rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::complete::tests::session;

    #[track_caller]
    fn hints(before: &str, shown: Option<&str>) {
        assert_eq!(hint(&session(), before).map(|hint| hint.shown).as_deref(), shown, "{before}");
    }

    #[test]
    fn values_usages_and_rests() {
        hints("1 + speed.latency.actual", Some("  = 600 ms"));
        hints("speed.latency.actual ", Some("= 600 ms"));
        hints("speed.latency", Some("  = grade 0.6"));
        hints("arr", Some("  = 4200000 EUR"));
        hints(":set speed.latency.target ", Some("= 400 ms"));
        hints(":set ", Some("PATH VALUE"));
        hints("objective x \"X\" { kr ", Some("ID \"Title\" { … }"));
        hints(
            "2026-01-01 checkin ",
            Some("PATH VALUE [expecting VALUE] [confidence VALUE] [\"note\"]"),
        );
        hints("nothing", None);
        hints("note \"arr", None);
        hints("", None);
        let rest = hint(&session(), ":scen").expect("one command fits");
        assert_eq!(&rest.shown[..rest.typed], "ario");
        hints(":s", None);
    }
}
