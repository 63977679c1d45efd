//! Edits of a plan's text: byte splices that leave everything else as it is, and safe saving.

mod save;

#[cfg(test)]
mod tests;

pub use save::{SaveError, Snapshot, write_new};

use super::format::token::{Kind, Tokens};
use super::lexical;
use super::parser::parse;
use super::tree::{Body, Tree};
use crate::source::{FileId, Source, Span};
use std::fmt;

/// Bytes to replace, and what comes in their place. An empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// What is replaced.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

/// Why a text could not be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// Two splices change the same bytes; the second is here.
    Overlap(Span),
    /// The splice lies outside of the text, or cuts a character in two.
    OutOfPlace(Span),
    /// The text is no value of the language.
    NotAValue {
        /// The text.
        value: String,
        /// What is wrong with it.
        reason: String,
        /// How to mend it.
        help: String,
    },
}

impl fmt::Display for EditError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::Overlap(_) => {
                write!(
                    out,
                    "two changes are about the same place of the plan; make them one by one"
                )
            }
            EditError::OutOfPlace(_) => write!(
                out,
                "the change does not fit the plan's text; load the plan again and repeat it"
            ),
            EditError::NotAValue { value, reason, help } => {
                write!(out, "`{value}` is no value: {reason}; {help}")
            }
        }
    }
}

impl std::error::Error for EditError {}

/// The text with all splices made; everything else stays byte for byte. The splices may come in any
/// order; those that insert at one place stay in theirs.
pub fn apply(text: &str, splices: &[Splice]) -> Result<String, EditError> {
    let mut order: Vec<&Splice> = splices.iter().collect();
    order.sort_by_key(|splice| splice.span);
    let added: usize = splices.iter().map(|splice| splice.text.len()).sum();
    let mut out = String::with_capacity(text.len() + added);
    let mut done = 0;
    for Splice { span, text: new } in order {
        let (start, end) = (span.start as usize, span.end as usize);
        if start < done {
            return Err(EditError::Overlap(*span));
        }
        if start > end || text.get(start..end).is_none() {
            return Err(EditError::OutOfPlace(*span));
        }
        out.push_str(&text[done..start]);
        out.push_str(new);
        done = end;
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// The splice that puts another value in the place of one. A space is added only where the new value
/// would run into its neighbour, as in `target(5)`.
pub fn value_splice(text: &str, value: Span, new: &str) -> Result<Splice, EditError> {
    let new = new.trim();
    check_value(new)?;
    let before = text.get(..value.start as usize).and_then(|text| text.chars().next_back());
    let after = text.get(value.end as usize..).and_then(|text| text.chars().next());
    let runs_on = |character: Option<char>| character.is_some_and(lexical::is_word);
    let space = |wanted: bool| if wanted { " " } else { "" };
    let first = space(runs_on(before) && !new.starts_with(['(', '"']));
    let last = space(runs_on(after) && !new.ends_with([')', '"']));
    Ok(Splice { span: value, text: format!("{first}{new}{last}") })
}

/// Whether a text is one value and nothing else, so that it can break out of no line and no block.
fn check_value(value: &str) -> Result<(), EditError> {
    const BEFORE: &str = "metric value \"\" ";
    let source = Source::from_text("", format!("{BEFORE}{value}"));
    let parsed = parse(FileId::default(), &source);
    let refused = |reason: &str, help: &str| {
        let help =
            if help.is_empty() { "write it as in a plan: `450 ms`, `65%`, `done`" } else { help };
        let (value, reason, help) = (value.to_owned(), reason.to_owned(), help.to_owned());
        Err(EditError::NotAValue { value, reason, help })
    };
    if let Some(problem) = parsed.problems.first() {
        return refused(&problem.message, &problem.help);
    }
    let whole = Span::new(BEFORE.len(), source.text().len());
    let span = match parsed.tree.statements.as_slice() {
        [only] => match &only.body {
            Body::Entity(metric) => metric.value.as_ref().map(|value| value.span),
            _ => None,
        },
        _ => None,
    };
    if span == Some(whole) { Ok(()) } else { refused("there is more in it", "") }
}

/// The splice that adds a line after the line on which a statement ends, behind that line's comment,
/// or at the end of the file. The new line ends as its neighbour does; a missing line end at the
/// end of the file is added.
///
/// Where other statements follow on the same line, the new one comes after the line on which the
/// last of them ends. Where the statement's own block closes on that line, it comes right after the
/// statement, behind a `;`, so that it stays in the block.
pub fn insert_line(text: &str, after_statement: Option<Span>, line: &str) -> Splice {
    let place = match after_statement {
        Some(statement) => place_after(text, statement.end as usize),
        None => Place::Line(text.len()),
    };
    let at = match place {
        Place::Line(at) | Place::Behind(at) => at,
    };
    let new = match place {
        Place::Behind(_) => format!("; {}", line.trim()),
        Place::Line(_) => {
            let before = text[..at].trim_start_matches('\u{feff}');
            let end = last_line_end(before);
            let first = if before.is_empty() || before.ends_with('\n') { "" } else { end };
            format!("{first}{line}{end}")
        }
    };
    Splice { span: Span::new(at, at), text: new }
}

/// Where something new goes.
enum Place {
    /// At the beginning of a line, or at the end of the file.
    Line(usize),
    /// On the line of the statement that ends there.
    Behind(usize),
}

/// The place after the statement that ends at `end`: after its line, but never within another
/// statement that begins on it.
fn place_after(text: &str, end: usize) -> Place {
    let mut tokens = Tokens::new(&text[end..], &Tree::default());
    let mut open = 0_usize;
    let mut goes_on = false;
    while let Some((kind, _)) = tokens.next() {
        match kind {
            Kind::Newline if open == 0 && !goes_on => return Place::Line(end + tokens.at()),
            Kind::OpenBrace | Kind::Open => open += 1,
            Kind::CloseBrace | Kind::Close if open == 0 => return Place::Behind(end),
            Kind::CloseBrace | Kind::Close => open -= 1,
            _ => {}
        }
        // White space and comments after a comma do not end its list.
        if !matches!(kind, Kind::Newline | Kind::Comment) {
            goes_on = kind == Kind::Comma;
        }
    }
    Place::Line(text.len())
}

/// The last line end of a text; `\n` where it has none.
fn last_line_end(text: &str) -> &'static str {
    let last = memchr::memrchr(b'\n', text.as_bytes());
    if last.is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" }
}
