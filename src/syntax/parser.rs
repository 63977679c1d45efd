//! The parser's state and its entry: a pure total function from any text to a tree and problems.

use super::lexical::{self, Failure, Number, NumberUnit, Parsed};
use super::tree::{ExprNode, Exprs, Node, Tree, Trivia, TriviaKind, UnitRef};
use crate::diagnostic::{Kind, Problem};
use crate::source::{FileId, Place, Source, Span};
use rustc_hash::FxHashMap;

/// What [`parse`] gives.
#[derive(Debug)]
pub struct Parse {
    /// The tree of all that could be read.
    pub tree: Tree,
    /// Every syntax problem, in file order.
    pub problems: Vec<Problem>,
}

/// Reads a file. Any text gives a tree and a list of problems; nothing panics and nothing recurses
/// deeper than the limits of the language.
pub fn parse(file: FileId, source: &Source) -> Parse {
    let mut parser = Parser::new(file, source.text());
    if let Some(at) = source.bad_utf8() {
        let place = parser.place(Span::new(at, at + 1));
        let problem = Problem::new(Kind::NotUtf8, place, "this byte is not UTF-8");
        parser.problems.push(problem.help("save the file as UTF-8"));
    }
    if let Some(at) = lone_return(source.text()) {
        let place = parser.place(Span::new(at, at + 1));
        let problem = Problem::new(Kind::LoneReturn, place, "a return without a newline");
        parser.problems.push(problem.help("end the line with a newline"));
    }
    if parser.problems.is_empty()
        && let Some(tree) = super::parts::parse(file, source.text())
    {
        return Parse { tree, problems: Vec::new() };
    }
    parser.statements(source.text());
    let parse = parser.finish();
    match lone_return(source.text()) {
        Some(_) if parse.problems.len() > 1 => fewer_problems(parse, file, source.text()),
        _ => parse,
    }
}

/// A return without a newline ends a line for some editors and is a blank for others: of the two
/// ways to read on, the one counts that finds less wrong.
fn fewer_problems(parse: Parse, file: FileId, text: &str) -> Parse {
    let mut bytes = text.as_bytes().to_vec();
    for at in 0..bytes.len() {
        if bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
            bytes[at] = b'\n';
        }
    }
    let Ok(ended) = String::from_utf8(bytes) else { return parse };
    let mut parser = Parser::new(file, &ended);
    let known = [Kind::NotUtf8, Kind::LoneReturn];
    parser.problems =
        parse.problems.iter().filter(|it| known.contains(&it.kind)).cloned().collect();
    parser.statements(&ended);
    let other = parser.finish();
    if other.problems.len() < parse.problems.len() { other } else { parse }
}

/// The first return that no newline follows.
fn lone_return(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'\r', bytes).find(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// The parser of one file.
pub(super) struct Parser<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) tree: Tree,
    /// The nodes of formulas; the first one's number in the file.
    pub(super) exprs: Vec<ExprNode>,
    pub(super) first_expr: u32,
    pub(super) problems: Vec<Problem>,
    /// Parentheses that are open; inside them a newline is white space.
    pub(super) parentheses: u32,
    /// The fields so far of the blocks that are open, the innermost block's last.
    pub(super) fields: Vec<Node>,
    /// How many formulas there were that are more than a number.
    pub(super) formulas: u32,
    /// How deep the formula parser has recursed.
    pub(super) depth: u32,
    unit_refs: FxHashMap<&'a str, UnitRef>,
    last_unit: (&'a str, UnitRef),
    /// How many `{` the file has more than `}`, counted when first asked for.
    balance: Option<i32>,
}

impl<'a> Parser<'a> {
    fn new(file: FileId, text: &'a str) -> Self {
        Self {
            file,
            text,
            tree: Tree::default(),
            exprs: Vec::new(),
            first_expr: 0,
            problems: Vec::new(),
            parentheses: 0,
            fields: Vec::new(),
            formulas: 0,
            depth: 0,
            unit_refs: FxHashMap::default(),
            last_unit: ("", UnitRef::BARE),
            balance: None,
        }
    }

    /// All that has been read.
    fn finish(mut self) -> Parse {
        crate::diagnostic::in_file_order(&mut self.problems);
        // A file without problems leaves nothing open.
        let open_blocks = match self.problems.is_empty() {
            true => 0,
            false => super::recover::brace_balance(self.text),
        };
        Parse {
            tree: Tree { exprs: Exprs::whole(self.exprs), open_blocks, ..self.tree },
            problems: self.problems,
        }
    }

    /// The parser of a part of a file: `text` ends with the part.
    pub(super) fn part(file: FileId, text: &'a str, first_expr: u32) -> Self {
        Self { first_expr, ..Self::new(file, text) }
    }

    /// Makes room for the nodes of a long text, as many as are usual.
    pub(super) fn make_room(&mut self, length: usize) {
        self.exprs.reserve(length / 24);
        self.tree.statements.reserve(length / 128);
    }

    /// The offset of what is left of the text.
    pub(super) fn at(&self, rest: &str) -> usize {
        self.text.len() - rest.len()
    }

    /// The span from one rest of the text to a later one.
    pub(super) fn span(&self, from: &str, to: &str) -> Span {
        Span::new(self.at(from), self.at(to))
    }

    /// The span of the first `length` bytes.
    pub(super) fn span_len(&self, from: &str, length: usize) -> Span {
        Span::new(self.at(from), self.at(from) + length)
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// Notes a failure as a problem.
    pub(super) fn report(&mut self, error: nom::Err<Failure>) {
        if let nom::Err::Error(failure) | nom::Err::Failure(failure) = error {
            let parts = failure.into_parts();
            let at = self.text.len() - parts.left;
            let place = self.place(Span::new(at, at + parts.length));
            self.problems.push(Problem::new(parts.kind, place, parts.message).help(parts.help));
        }
    }

    /// White space before the next token: spaces, and inside parentheses newlines and comments.
    pub(super) fn gap(&mut self, input: &'a str) -> &'a str {
        let rest = lexical::spaces(input);
        if self.parentheses == 0 { rest } else { self.wide_gap(rest) }
    }

    /// White space with newlines and comments, as inside parentheses and after a comma.
    pub(super) fn wide_gap(&mut self, input: &'a str) -> &'a str {
        let mut rest = lexical::spaces(input);
        loop {
            rest = match rest.as_bytes() {
                [b'\n', ..] => &rest[1..],
                [b'\r', b'\n', ..] => &rest[2..],
                [b'#', ..] => self.comment(rest),
                _ => return rest,
            };
            rest = lexical::spaces(rest);
        }
    }

    /// Notes a comment and gives what follows it, from its line end on.
    pub(super) fn comment(&mut self, input: &'a str) -> &'a str {
        let end = memchr::memchr(b'\n', input.as_bytes()).unwrap_or(input.len());
        let length = input[..end].trim_end_matches('\r').len();
        self.trivia(TriviaKind::Comment, self.span_len(input, length));
        &input[length..]
    }

    fn trivia(&mut self, kind: TriviaKind, span: Span) {
        if self.tree.trivia.last().is_none_or(|last| last.span.start < span.start) {
            self.tree.trivia.push(Trivia { kind, span });
        }
    }

    /// What stands between statements: white space, newlines, `;`, comments and blank lines.
    pub(super) fn separators(&mut self, input: &'a str) -> &'a str {
        let mut rest = input;
        let mut line_is_blank = self.at(input) == 0;
        loop {
            let line = rest;
            rest = lexical::spaces(rest);
            rest = match rest.as_bytes() {
                [b'\n', ..] | [b'\r', b'\n', ..] => {
                    if line_is_blank {
                        self.trivia(TriviaKind::BlankLine, self.span(line, rest));
                    }
                    line_is_blank = true;
                    &rest[if rest.starts_with('\r') { 2 } else { 1 }..]
                }
                [b'#', ..] => {
                    line_is_blank = false;
                    self.comment(rest)
                }
                [b';', ..] => {
                    line_is_blank = false;
                    &rest[1..]
                }
                _ => return rest,
            };
        }
    }

    /// A number, its unit interned for the file.
    pub(super) fn number(&mut self, input: &'a str) -> Parsed<'a, (f64, UnitRef)> {
        let (rest, Number { value, unit }) = lexical::number(input, |rest| self.gap(rest))?;
        let unit = match unit {
            NumberUnit::Bare => UnitRef::BARE,
            NumberUnit::Percent => UnitRef::PERCENT,
            NumberUnit::Word(word) => self.unit_ref(word),
        };
        Ok((rest, (value, unit)))
    }

    fn unit_ref(&mut self, word: &'a str) -> UnitRef {
        if self.last_unit.0 == word {
            return self.last_unit.1;
        }
        let next = UnitRef(self.tree.units.len() as u32 + UnitRef::FIRST_WORD);
        let unit = *self.unit_refs.entry(word).or_insert(next);
        if unit == next {
            self.tree.units.push(word.to_owned());
        }
        self.last_unit = (word, unit);
        unit
    }

    /// Whether the file opens more blocks than it closes; one missing brace is used up by each call
    /// that gives `true`.
    pub(super) fn takes_missing_brace(&mut self) -> bool {
        let balance = self.brace_balance();
        self.balance = Some(balance - i32::from(balance > 0));
        balance > 0
    }

    /// Whether the file closes more blocks than it opens; one `}` too many is used up by each call
    /// that gives `true`.
    pub(super) fn takes_extra_brace(&mut self) -> bool {
        let balance = self.brace_balance();
        self.balance = Some(balance + i32::from(balance < 0));
        balance < 0
    }

    fn brace_balance(&self) -> i32 {
        self.balance.unwrap_or_else(|| super::recover::brace_balance(self.text))
    }
}
