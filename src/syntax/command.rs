//! `:` lines.

use super::keyword::Keyword;
use super::parser::Parser;
use super::tree::*;
use crate::diagnostic::{Kind, Problem};
use crate::source::{Place, Span};

impl<'a> Parser<'a> {
    /// A `:` line, to its end; a comment behind it is none of its words.
    pub(super) fn command(&mut self, start: &'a str) -> &'a str {
        let end = memchr::memchr(b'\n', start.as_bytes()).unwrap_or(start.len());
        let line = start[1..end].trim_end_matches('\r');
        let words = &line[..comment_start(line)];
        // A blank that is escaped at the end belongs to the last word.
        let trimmed = words.trim_end();
        let words_end = 1 + if trimmed.ends_with('\\') { words.len() } else { trimmed.len() };
        let span = self.span_len(start, words_end);
        let body = Body::Command(Span { start: span.start + 1, end: span.end });
        let word = Span { start: span.start, end: span.start + 1 };
        let place = self.place(span);
        let problem = match shlex::split(words) {
            None => Some(not_split(words, place)),
            Some(_) if names_a_command(words) => None,
            Some(_) => {
                let message = "a command's name follows the `:`";
                let problem = Problem::new(Kind::BadCommand, self.place(word), message);
                Some(problem.help("write `:grade`, say"))
            }
        };
        self.problems.extend(problem);
        self.tree.statements.push(Node { keyword: Keyword::Command, word, span, body });
        if words.len() < line.len() {
            self.comment(&start[1 + words.len()..]);
        }
        &start[end..]
    }
}

/// What is wrong with a `:` line whose words cannot be told apart.
fn not_split(words: &str, place: Place) -> Problem {
    let escapes = words.len() - words.trim_end_matches('\\').len();
    let (why, help) = match escapes % 2 == 1 && shlex::split(&words[..words.len() - 1]).is_some() {
        true => ("a `\\` stands at its end", "remove it, or write `\\\\` for the sign itself"),
        false => ("a quote is not closed", "close the quote"),
    };
    let message = format!("the words of this line cannot be told apart: {why}");
    Problem::new(Kind::BadCommand, place, message).help(help)
}

/// Whether the words of a `:` line begin with what could be a command's name.
fn names_a_command(words: &str) -> bool {
    let name = words.split([' ', '\t']).next().unwrap_or_default();
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(sound)
}

/// Where the comment of a `:` line begins: at a `#` that begins a word, outside quotes.
pub fn comment_start(line: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, '#') if before.is_whitespace() => return at,
            _ => {}
        }
        before = character;
    }
    line.len()
}
