//! Layout: the same plan, its white space in order.
//!
//! The formatter goes through the tokens of the text once and writes each as it stands; only what is
//! between them changes. A line stays a line, so that nothing is joined, split or reordered, and
//! nothing is aligned, so that a diff touches what changed.
//!
//! - Two spaces of indentation for each open brace, and one level more where a statement goes on in
//!   parentheses or after a comma. The `)` that closes them all stands as the line of its `(`.
//! - One space between tokens; none inside of parentheses, before `,` and `;`, after a unary minus,
//!   between a function and its `(`. Two spaces before a comment at the end of a line.
//! - No two blank lines in a row, none first in the file or in a block, none last in either.
//! - No `;` that separates nothing, no white space at the end of a line, one line end at the end of
//!   the file. Line ends are those that most lines have; a byte order mark stays.

pub(super) mod token;

#[cfg(test)]
mod tests;

use super::parser::Parse;
use crate::source::Source;
use token::{Kind, Tokens};

/// One level of indentation.
const INDENT: &str = "  ";
/// What stands before a comment at the end of a line.
const BEFORE_COMMENT: &str = "  ";

/// The file in its normal layout. It says the same, and formatting it again changes nothing.
///
/// Formatting is for files without syntax problems; a file that has some comes back as it is.
pub fn format(source: &Source, parse: &Parse) -> String {
    let text = source.text();
    if parse.problems.iter().any(|problem| problem.is_error()) {
        return text.to_owned();
    }
    let mut layout = Layout::new(text);
    for (kind, token) in Tokens::new(text, &parse.tree) {
        match kind {
            Kind::Newline => layout.newline(),
            Kind::Semicolon => layout.semicolon(),
            Kind::Comment => layout.comment(token),
            _ => layout.token(kind, token),
        }
    }
    layout.finish()
}

/// The line end that most lines of the text have.
fn line_end(text: &str) -> &'static str {
    let bytes = text.as_bytes();
    let (mut all, mut crlf) = (0_usize, 0_usize);
    for end in memchr::memchr_iter(b'\n', bytes) {
        all += 1;
        crlf += usize::from(end > 0 && bytes[end - 1] == b'\r');
    }
    if 2 * crlf > all { "\r\n" } else { "\n" }
}

/// The text written so far, and what the next token must know about it.
struct Layout {
    out: String,
    line_end: &'static str,
    /// Braces that are open.
    depth: usize,
    /// Parentheses that are open.
    parentheses: usize,
    /// The level of the line being written.
    level: usize,
    /// The level of the line that opened the outermost parenthesis.
    parenthesis_level: usize,
    /// The last token that is neither comment nor line end.
    last: Kind,
    /// Whether the line being written has a token.
    begun: bool,
    /// Whether the line being read has nothing yet but white space.
    blank: bool,
    /// Whether a blank line was read that is not yet written.
    blank_line: bool,
    /// Whether a `;` was read on this line that is not yet written.
    pending_semicolon: bool,
    /// Whether a blank line here would be the first thing of the file or of a block.
    at_first: bool,
}

impl Layout {
    fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len() + text.len() / 16);
        if text.starts_with('\u{feff}') {
            out.push('\u{feff}');
        }
        Self {
            out,
            line_end: line_end(text),
            depth: 0,
            parentheses: 0,
            level: 0,
            parenthesis_level: 0,
            last: Kind::Newline,
            begun: false,
            blank: true,
            blank_line: false,
            pending_semicolon: false,
            at_first: true,
        }
    }

    /// The end of a line. One that held nothing but `;` leaves no trace.
    fn newline(&mut self) {
        if self.begun {
            self.out.push_str(self.line_end);
        }
        self.blank_line |= self.blank;
        (self.begun, self.blank, self.pending_semicolon) = (false, true, false);
    }

    /// A `;`, written only when another statement follows it on its line.
    fn semicolon(&mut self) {
        self.pending_semicolon = true;
        self.blank = false;
    }

    fn comment(&mut self, text: &str) {
        if self.begun {
            self.out.push_str(BEFORE_COMMENT);
        } else {
            self.begin_line(Kind::Comment);
            self.at_first = false;
        }
        self.out.push_str(text);
    }

    fn token(&mut self, kind: Kind, text: &str) {
        if self.begun {
            self.separate(kind);
        } else {
            self.begin_line(kind);
        }
        self.out.push_str(text);
        self.count(kind);
        self.at_first = kind == Kind::OpenBrace;
        self.last = kind;
    }

    /// The blank line before a line, if there is one, and the line's indentation.
    fn begin_line(&mut self, kind: Kind) {
        if self.blank_line && !self.at_first && kind != Kind::CloseBrace {
            self.out.push_str(self.line_end);
        }
        self.level = self.level_of(kind);
        for _ in 0..self.level {
            self.out.push_str(INDENT);
        }
        (self.begun, self.blank, self.blank_line) = (true, false, false);
        self.pending_semicolon = false;
    }

    /// The level of a line that begins so. Lines that go on with a statement, in parentheses or
    /// after a comma, stand one level deeper than it; a last `)` stands as the line of its `(`.
    fn level_of(&self, first: Kind) -> usize {
        match first {
            Kind::CloseBrace => self.depth.saturating_sub(1),
            Kind::Close if self.parentheses == 1 => self.parenthesis_level,
            _ if self.parentheses > 0 || self.last == Kind::Comma => self.depth + 1,
            _ => self.depth,
        }
    }

    /// What stands between two tokens of a line.
    fn separate(&mut self, next: Kind) {
        let pending = std::mem::take(&mut self.pending_semicolon);
        if pending && self.last != Kind::OpenBrace && next != Kind::CloseBrace {
            self.out.push(';');
        }
        let touches = matches!(
            (self.last, next),
            (Kind::Open | Kind::Sign, _)
                | (_, Kind::Close | Kind::Comma)
                | (Kind::Function, Kind::Open)
        );
        if !touches {
            self.out.push(' ');
        }
    }

    /// Keeps count of braces and parentheses.
    fn count(&mut self, kind: Kind) {
        match kind {
            Kind::OpenBrace => self.depth += 1,
            Kind::CloseBrace => self.depth = self.depth.saturating_sub(1),
            Kind::Open => {
                if self.parentheses == 0 {
                    self.parenthesis_level = self.level;
                }
                self.parentheses += 1;
            }
            Kind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
    }

    fn finish(mut self) -> String {
        if self.begun {
            self.out.push_str(self.line_end);
        }
        self.out
    }
}
