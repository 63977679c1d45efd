//! What the line editor asks: completion, hints, colours.

use super::complete::{Offer, offer};
use super::hint::{self, hint};
use super::paint::paint;
use crate::diagnostic::clean;
use crate::session::Session;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper, Result};
use std::borrow::Cow;

/// The editor's helper. It has the plan while a line is edited.
pub struct Aid {
    /// The plan, while a line is edited.
    pub session: Option<Session>,
    /// The lines of the block that is open, with a newline behind each.
    pub above: String,
    /// Whether there are colours; without them there is no grey for hints.
    pub color: bool,
    files: FilenameCompleter,
}

impl Aid {
    /// A helper without a plan.
    pub fn new(color: bool) -> Self {
        Self { session: None, above: String::new(), color, files: FilenameCompleter::new() }
    }

    fn before(&self, line: &str, cursor: usize) -> String {
        format!("{}{}", self.above, &line[..cursor])
    }
}

impl Helper for Aid {}
impl Validator for Aid {}

impl Completer for Aid {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let Some(session) = &self.session else { return Ok((cursor, Vec::new())) };
        let Offer { replaces, mut words, files, spaced } =
            offer(session, &self.before(line, cursor));
        if files {
            return self.files.complete_path(line, cursor);
        }
        if let ([only], true) = (words.as_mut_slice(), spaced) {
            only.push(' ');
        }
        let start = cursor.saturating_sub(replaces);
        let pair = |word: String| {
            // Below a path, the list shows its last names only.
            let display = word.rsplit('.').next().unwrap_or(&word).to_owned();
            Pair { display, replacement: word }
        };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

impl rustyline::hint::Hint for hint::Hint {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        (self.typed > 0).then(|| &self.shown[..self.typed])
    }
}

impl Hinter for Aid {
    type Hint = hint::Hint;

    fn hint(&self, line: &str, cursor: usize, _: &Context<'_>) -> Option<hint::Hint> {
        if !self.color || cursor < line.len() || line.len() > 200 {
            return None;
        }
        let mut hint = hint(self.session.as_ref()?, &self.before(line, cursor))?;
        hint.shown = clean(&hint.shown).into_owned();
        Some(hint)
    }
}

impl Highlighter for Aid {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        match self.color {
            true => Cow::Owned(paint(&self.above, line, cursor)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        match self.color {
            true => Cow::Owned(format!("\u{1b}[1m{prompt}\u{1b}[0m")),
            false => Cow::Borrowed(prompt),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m"))
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.color
    }
}
