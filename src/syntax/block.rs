//! Blocks and their fields.

use super::keyword::{self, Context, Entry, Keyword};
use super::lexical::{self, Failure, expected};
use super::parser::Parser;
use super::recover;
use super::statement::{did_you_mean, end_of_field, with_usage};
use super::tree::*;
use crate::diagnostic::{Kind, Problem};
use crate::source::Span;

impl<'a> Parser<'a> {
    /// A block with its braces, if one follows; one whose `{` is missing is read as well.
    pub(super) fn optional_block(
        &mut self,
        input: &'a str,
        context: Context,
    ) -> (&'a str, (Vec<Node>, Option<Span>)) {
        let at = lexical::spaces(input);
        if let Some(inside) = at.strip_prefix('{') {
            let (rest, block) = self.block(Some(at), inside, context);
            return (rest, (block, Some(self.span(at, rest))));
        }
        let first = self.separators(at);
        if !begins_block(first, context) {
            return (input, (Vec::new(), None));
        }
        let failure = expected("`{`", at).help(format!(
            "`{}` stands in the block of {}, which begins with `{{` and ends with `}}`",
            lexical::token(first),
            context.words(),
        ));
        self.report(nom::Err::Failure(failure));
        let (rest, block) = self.block(None, at, context);
        (rest, (block, None))
    }

    /// A block from behind its `{` to its `}`; mistakes inside are noted field by field. One without
    /// a `{` ends where something begins that does not belong in it, too.
    pub(super) fn block(
        &mut self,
        open: Option<&'a str>,
        inside: &'a str,
        context: Context,
    ) -> (&'a str, Vec<Node>) {
        // Fields gather on one stack, so that each block takes just the room that it needs.
        let first = self.fields.len();
        let rest = self.fields(open, inside, context);
        (rest, self.fields.drain(first..).collect())
    }

    fn fields(&mut self, open: Option<&'a str>, inside: &'a str, context: Context) -> &'a str {
        let mut rest = inside;
        loop {
            let start = self.separators(rest);
            if let Some(after) = start.strip_prefix('}') {
                if !self.closes_too_early(after, context) {
                    return after;
                }
                let place = self.place(self.span_len(start, 1));
                let message = format!("this `}}` closes {} that goes on", context.words());
                let problem = Problem::new(Kind::StrayBrace, place, message);
                self.problems.push(problem.help("remove it"));
                rest = after;
                continue;
            }
            if start.is_empty() {
                self.takes_missing_brace();
                self.unclosed(open, context);
                return rest;
            }
            let (after, word) = lexical::word(start).unwrap_or((start, ""));
            rest = match keyword::lookup(context, word) {
                Some(entry) => self.field(entry, start, after, context),
                None if belongs_outside(start, word) => {
                    if open.is_none() || self.takes_missing_brace() {
                        self.unclosed(open, context);
                        return rest; // before the line end, with which the block ends
                    }
                    self.misplaced(start, word, context)
                }
                None => {
                    self.report(nom::Err::Failure(unknown_field(start, word, context)));
                    let unknown = self.unknown(start, after, word, context);
                    self.fields.push(unknown);
                    recover::next_field(start, start, context)
                }
            };
        }
    }

    /// Whether the block goes on behind a `}` with which the file has one too many.
    fn closes_too_early(&mut self, after: &'a str, context: Context) -> bool {
        let next = after.trim_start();
        (next.starts_with('#') || begins_block(next, context)) && {
            let next = self.separators(after);
            begins_block(next, context) && self.takes_extra_brace()
        }
    }

    /// One field of a block.
    fn field(
        &mut self,
        entry: &Entry,
        start: &'a str,
        after: &'a str,
        context: Context,
    ) -> &'a str {
        let parsed = self.body(entry, None, after);
        let parsed = match parsed {
            Ok((rest, body)) => {
                let (word, span) = (self.span(start, after), self.span(start, rest));
                let node = Node { keyword: entry.keyword, word, span, body };
                let end = end_of_field(rest).map_err(|failure| (rest, failure));
                let node = if end.is_ok() { node } else { self.doubtful(start, node) };
                self.fields.push(node);
                end
            }
            Err(failure) => {
                let broken = self.broken_node(start, entry.keyword, after);
                self.fields.push(broken);
                Err((after, with_usage(failure, entry, after)))
            }
        };
        match parsed {
            Ok(rest) => rest,
            Err((failed, failure)) => {
                self.report(failure);
                recover::next_field(start, failed, context)
            }
        }
    }

    fn unclosed(&mut self, open: Option<&str>, context: Context) {
        let Some(open) = open else { return };
        let place = self.place(self.span_len(open, 1));
        let message = format!("the block of {} is never closed", context.words());
        self.problems
            .push(Problem::new(Kind::UnclosedBlock, place, message).help("close it with `}`"));
    }

    /// A statement inside a block to which it does not belong: noted, and read for its names.
    fn misplaced(&mut self, start: &'a str, word: &str, context: Context) -> &'a str {
        if start.starts_with(':') {
            let place = self.place(self.span_len(start, 1));
            let message = format!("a `:` line cannot stand in {}", context.words());
            let help = "move it out of the block";
            self.problems.push(Problem::new(Kind::CommandInBlock, place, message).help(help));
            let end = memchr::memchr(b'\n', start.as_bytes()).unwrap_or(start.len());
            return &start[end..];
        }
        let shown = if word.is_empty() { lexical::token(start) } else { word };
        let length = if lexical::looks_like_date(start) { 10 } else { shown.len() };
        let place = self.place(self.span_len(start, length));
        let shown = if word.is_empty() { "a dated line".into() } else { format!("`{shown}`") };
        let message = format!("{shown} does not belong in {}", context.words());
        let help = format!("it stands {}", homes(word));
        self.problems.push(Problem::new(Kind::MisplacedStatement, place, message).help(help));
        if keyword::lookup(Context::Plan, word).is_none() && !lexical::looks_like_date(start) {
            return recover::next_field(start, start, context);
        }
        match self.statement(start) {
            Ok((rest, node)) => {
                self.tree.statements.push(node);
                rest
            }
            Err((failed, failure)) => {
                self.report(failure);
                recover::next_field(start, failed, context)
            }
        }
    }
}

/// Whether a field of a block begins here that cannot stand around the block: the `{` is missing.
pub(super) fn begins_block(at: &str, context: Context) -> bool {
    let around = match context {
        Context::Kr => Context::Objective,
        Context::Bucket => Context::Team,
        _ => Context::Plan,
    };
    let Some((_, word)) = lexical::word(at) else { return false };
    keyword::lookup(context, word).is_some() && keyword::lookup(around, word).is_none()
}

/// Whether the text begins something that stands outside blocks, or in another block.
fn belongs_outside(start: &str, word: &str) -> bool {
    start.starts_with(':')
        || lexical::looks_like_date(start)
        || keyword::TABLE
            .iter()
            .any(|entry| entry.word == word && !entry.contexts.contains(&Context::Dated))
        || word == Keyword::Assert.word()
}

/// Where a keyword stands, in words.
pub(super) fn homes(word: &str) -> String {
    let contexts = keyword::TABLE.iter().filter(|entry| entry.word == word);
    let home = |context: &Context| match context {
        Context::Plan => format!("at {}", context.words()),
        other => format!("in {}", other.words()),
    };
    let mut homes: Vec<String> = contexts.flat_map(|entry| entry.contexts).map(home).collect();
    homes.dedup();
    if homes.is_empty() { home(&Context::Plan) } else { homes.join(" or ") }
}

fn unknown_field(start: &str, word: &str, context: Context) -> Failure {
    let words: Vec<&str> = keyword::words(context).collect();
    if word.is_empty() {
        let help = match start.starts_with(['+', '-', '*', '/', '^', '<', '>', '=', '(']) {
            true => "a formula ends with its line; to go on, put the whole into parentheses".into(),
            false => did_you_mean("", &words),
        };
        return expected("a field or `}`", start).help(help);
    }
    let message = format!("{} has no field `{word}`", context.words());
    Failure::new(Kind::UnknownField, start, word.len(), message).help(did_you_mean(word, &words))
}
