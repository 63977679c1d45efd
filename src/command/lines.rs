//! Lines as they are typed: which belong together, and what they are.

use crate::syntax;
use crate::syntax::keyword::{self, Context};
use crate::syntax::lexical;
use crate::syntax::open::Open;

/// Puts lines together until nothing is open.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
    /// Whether the last line was blank: the next one tells whether the block was left.
    after_blank: bool,
}

/// What lines come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A line, or all lines of a block.
    Whole(String),
    /// Lines of a block that was left open.
    Left(String),
}

impl Lines {
    /// The lines of the block that is open.
    pub fn open(&self) -> &str {
        &self.text
    }

    /// Takes a line. A blank line leaves an open block: at once if it is `sure`, otherwise (in a
    /// file, or a paste, where blocks have blank lines) once a line follows that does not belong to
    /// the block.
    pub fn push(&mut self, line: &str, sure: bool) -> Vec<Taken> {
        let mut taken = Vec::new();
        if !self.text.is_empty() {
            if line.trim().is_empty() {
                if sure {
                    return self.end();
                }
                self.after_blank = true;
                self.text.push('\n');
                return taken;
            }
            if self.after_blank && !self.belongs(line) {
                taken = self.end();
            }
        }
        self.after_blank = false;
        if self.text.is_empty() {
            if line.trim().is_empty() {
                return taken;
            }
        } else {
            self.text.push('\n');
        }
        self.text.push_str(line);
        if !goes_on(&self.text) {
            taken.push(Taken::Whole(std::mem::take(&mut self.text)));
        }
        taken
    }

    /// Leaves the block that is open, if one is.
    pub fn end(&mut self) -> Vec<Taken> {
        self.after_blank = false;
        match self.text.is_empty() {
            true => Vec::new(),
            false => vec![Taken::Left(std::mem::take(&mut self.text))],
        }
    }

    /// Whether a line may stand in the block that is open.
    fn belongs(&self, line: &str) -> bool {
        let line = line.trim_start();
        if line.starts_with(['}', '#', ';']) {
            return true;
        }
        let open = Open::at_end_of(&self.text);
        let word = lexical::word(line).map_or("", |(_, word)| word);
        if open.parentheses > 0 {
            let anew = line.starts_with(':') || lexical::looks_like_date(line);
            return !anew && keyword::lookup(Context::Plan, word).is_none();
        }
        open.context().is_some_and(|context| keyword::lookup(context, word).is_some())
    }
}

fn goes_on(text: &str) -> bool {
    !text.trim_start().starts_with(':') && Open::at_end_of(text).goes_on()
}

/// What a part of the typed text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The words of a `:` line.
    Command(String),
    /// A formula.
    Formula(String),
    /// Statements, with their comments.
    Statements(String),
}

/// The pieces of a text; statements that follow one another are one.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut statements = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = piece_length(rest);
        let (piece, after) = rest.split_at(length);
        rest = after;
        let trimmed = piece.trim();
        if let Some(line) = trimmed.strip_prefix(':') {
            flush(&mut statements, &mut pieces);
            pieces.push(Piece::Command(without_comment(line).to_owned()));
        } else if is_formula(trimmed) {
            flush(&mut statements, &mut pieces);
            pieces.push(Piece::Formula(trimmed.to_owned()));
        } else {
            statements.push_str(piece);
        }
    }
    flush(&mut statements, &mut pieces);
    pieces
}

/// The length of the first line, or of all lines of the block that it opens.
fn piece_length(text: &str) -> usize {
    let mut end = 0;
    loop {
        end += text[end..].find('\n').map_or(text.len() - end, |at| at + 1);
        if end == text.len() || !goes_on(&text[..end]) {
            return end;
        }
    }
}

/// Comments and blank lines alone are nothing to add.
fn flush(statements: &mut String, pieces: &mut Vec<Piece>) {
    let nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let text = std::mem::take(statements);
    if !text.lines().all(nothing) {
        pieces.push(Piece::Statements(text));
    }
}

/// A `:` line up to its comment.
fn without_comment(line: &str) -> &str {
    line[..syntax::comment_start(line)].trim_end()
}

/// Whether a line is a formula rather than a statement: a statement begins with a date, or with a
/// word and then another word or a string, which no formula has side by side.
pub fn is_formula(line: &str) -> bool {
    let line = line.trim_start();
    if line.is_empty()
        || line.starts_with(['#', ':', '}', '{', ';'])
        || lexical::looks_like_date(line)
    {
        return false;
    }
    let Some((after, word)) = lexical::word(line) else { return true };
    let rest = lexical::spaces(after);
    let apart = rest.len() < after.len();
    let next = lexical::word(rest).map_or("", |(_, next)| next);
    if keyword::lookup(Context::Plan, word).is_some() {
        let begins = rest.starts_with(['"', '{']) || rest.starts_with(lexical::is_word);
        let formula = word == keyword::Keyword::Assert.word() && rest.starts_with(['(', '-']);
        return !(apart && (begins && !matches!(next, "and" | "or") || formula) || rest.is_empty());
    }
    if matches!(word, "not" | "and" | "or") || word.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let word_follows = !next.is_empty()
        && !next.starts_with(|c: char| c.is_ascii_digit())
        && !matches!(next, "and" | "or");
    !(apart && (word_follows || rest.starts_with(['"', '{'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_statements() {
        for formula in [
            "1 + 1",
            "speed.grade",
            "not a > 1",
            "a and b",
            "max(1, 2)",
            "-x",
            "(1)",
            "3 ms + 2 ms",
            "team.grade",
            "arr / 2",
            "3kg",
            "a",
            "$5 + $3",
        ] {
            assert!(is_formula(formula), "{formula}");
        }
        for statement in [
            "okr 1",
            "metric a \"A\" 1",
            "2026-01-01 checkin a 1",
            "policy { yellow 0.3 }",
            "assert a > 1",
            "assert (a) > 1",
            "objectiv o \"O\" {",
            "objective",
            "# remark",
            "}",
            "policy bau {",
            "help me",
        ] {
            assert!(!is_formula(statement), "{statement}");
        }
    }

    #[test]
    fn a_text_falls_into_pieces() {
        let text = "# head\nmetric a \"A\" 1\n\nobjective o \"O\" {\n:no command\n}\n:grade # all\na + 1\n# end\n";
        let statements = "# head\nmetric a \"A\" 1\n\nobjective o \"O\" {\n:no command\n}\n";
        assert_eq!(
            pieces(text),
            [
                Piece::Statements(statements.into()),
                Piece::Command("grade".into()),
                Piece::Formula("a + 1".into()),
            ]
        );
    }

    #[test]
    fn blank_lines_leave_or_belong() {
        let mut lines = Lines::default();
        assert_eq!(lines.push("objective o \"O\" {", false), []);
        assert_eq!(lines.push("", false), []);
        assert_eq!(lines.push("  kr a \"A\" {", false), []);
        assert_eq!(lines.push("", false), []);
        // A command cannot stand in a block, so the blank line left it.
        let taken = lines.push(":grade", false);
        assert!(matches!(&taken[..], [Taken::Left(_), Taken::Whole(line)] if line == ":grade"));
        assert_eq!(lines.push("max(1,", true), []);
        assert_eq!(lines.push("", true), [Taken::Left("max(1,".into())]);
        assert_eq!(lines.push("", true), []);
        assert_eq!(lines.push("max(1,", false), []);
        assert_eq!(lines.push("", false), []);
        assert_eq!(lines.push("2)", false), [Taken::Whole("max(1,\n\n2)".into())]);
        assert_eq!(lines.end(), []);
    }
}
