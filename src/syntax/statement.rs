//! Statements and blocks, by the keyword table.
//!
//! After its keyword a statement is decided (nom's `cut`), so that a failure lands where it is. A
//! failed statement or field becomes [`Body::Broken`], which keeps the id that it defines.

use super::block::{begins_block, homes};
use super::keyword::{self, Context, Entry, Keyword, Shape};
use super::lexical::{self, Failure, Parsed, expected};
use super::parser::Parser;
use super::recover;
use super::tree::*;
use super::value::map;
use crate::diagnostic::{Kind, Problem};
use crate::suggest;

impl<'a> Parser<'a> {
    /// The statements of a file, or of a part of it, to its end.
    pub(super) fn statements(&mut self, text: &'a str) {
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        loop {
            let start = self.separators(rest);
            if start.is_empty() {
                return;
            }
            rest = self.top_level(start);
        }
    }

    /// One statement at the top level, or the way past a bad one.
    fn top_level(&mut self, start: &'a str) -> &'a str {
        if start.starts_with('}') {
            let run = start.bytes().take_while(|byte| *byte == b'}').count();
            let place = self.place(self.span_len(start, run));
            let problem = Problem::new(Kind::StrayBrace, place, "this `}` closes no block");
            self.problems.push(problem.help("remove it, or look for a missing `{` above"));
            return &start[run..];
        }
        if start.starts_with(':') {
            return self.command(start);
        }
        let parsed = self.statement(start);
        let end = parsed.and_then(|(rest, node)| {
            let end = end_of_field(rest).map_err(|failure| (rest, failure));
            let node = if end.is_ok() { node } else { self.doubtful(start, node) };
            self.tree.statements.push(node);
            end
        });
        match end {
            Ok(rest) => rest,
            Err((failed, failure)) => {
                self.report(failure);
                recover::next_statement(start, failed)
            }
        }
    }

    /// A statement with its date, if it has one. A failure comes with the place reached, and the
    /// broken statement is in the tree by then.
    pub(super) fn statement(
        &mut self,
        start: &'a str,
    ) -> Result<(&'a str, Node), (&'a str, nom::Err<Failure>)> {
        let (at, date, context) = match lexical::looks_like_date(start) {
            false => (start, None, Context::Plan),
            true => match self.date(start) {
                Ok((rest, date)) => (lexical::spaces(rest), Some(date), Context::Dated),
                Err(failure) => {
                    self.broken(start, Keyword::Checkin, &start[10..]);
                    return Err((&start[10..], failure));
                }
            },
        };
        let (after, word) = lexical::word(at).unwrap_or((at, ""));
        let Some(entry) = keyword::lookup(context, word) else {
            if is_id_alone(word, after) {
                self.broken(start, Keyword::Objective, start);
            } else if defines(after) {
                let nearest = suggest::nearest(word, keyword::words(context));
                let cycle = nearest == Some(Keyword::Cycle.word());
                let keyword = if cycle { Keyword::Cycle } else { Keyword::Objective };
                self.broken(start, keyword, after);
            }
            return Err((at, nom::Err::Failure(unknown_statement(word, at, context))));
        };
        match self.body(entry, date, after) {
            Ok((rest, body)) => {
                let (word, span) = (self.span(at, after), self.span(start, rest));
                Ok((rest, Node { keyword: entry.keyword, word, span, body }))
            }
            Err(failure) => {
                self.broken(start, entry.keyword, after);
                Err((after, with_usage(failure, entry, after)))
            }
        }
    }

    /// A field of which only the nearest word is known, with the id that it defines: what it would
    /// have said is not missed, so that no other problem follows.
    pub(super) fn unknown(
        &mut self,
        start: &'a str,
        after: &'a str,
        word: &str,
        context: Context,
    ) -> Node {
        let inner = match context {
            Context::Objective => Some(Keyword::Kr),
            Context::Team => Some(Keyword::Bucket),
            _ => None,
        };
        if let Some(keyword) = inner.filter(|_| is_id_alone(word, after)) {
            return self.broken_node(start, keyword, start);
        }
        let nearest = suggest::nearest(word, keyword::words(context));
        let entry = nearest.and_then(|word| keyword::lookup(context, word));
        self.broken_node(start, entry.map_or(Keyword::Note, |entry| entry.keyword), after)
    }

    /// Keeps a broken statement with the id that it defines.
    fn broken(&mut self, start: &'a str, keyword: Keyword, after: &'a str) {
        let node = self.broken_node(start, keyword, after);
        self.tree.statements.push(node);
    }

    /// A field with something behind it that does not belong there: what has been read is not what
    /// was meant. Check-ins and what has a block are kept, so that nothing below them is missed.
    pub(super) fn doubtful(&mut self, start: &'a str, node: Node) -> Node {
        let kept = match &node.body {
            Body::Entity(entity) => entity.value.is_none() || entity.braces.is_some(),
            Body::Checkin(_) | Body::Policy(_) | Body::Add(_) => true,
            _ => false,
        };
        if kept {
            return node;
        }
        self.broken_node(start, node.keyword, &self.text[node.word.end as usize..])
    }

    pub(super) fn broken_node(&mut self, start: &'a str, keyword: Keyword, after: &'a str) -> Node {
        let at = lexical::spaces(after);
        // A dated line names a path; other statements define an id.
        let dated = keyword::lookup(Context::Dated, keyword.word()).is_some();
        let part_of = |c: char| lexical::is_word(c) || (dated && c == '.');
        let end = at.find(|c: char| !part_of(c)).unwrap_or(at.len());
        let name = (end > 0).then(|| Name { span: self.span_len(at, end) });
        let span = self.span_len(start, 0);
        Node { keyword, word: span, span, body: Body::Broken(name) }
    }

    /// What follows a keyword.
    pub(super) fn body(
        &mut self,
        entry: &Entry,
        date: Option<DateLit>,
        after: &'a str,
    ) -> Parsed<'a, Body> {
        match (entry.shape, date) {
            (Shape::Edition, _) => self.edition(after),
            (Shape::Include, _) => {
                let at = self.gap(after);
                map(self.text("the file's path in quotes", at), Body::Text)
            }
            (Shape::Period, _) => self.period(after),
            (Shape::Policy, _) => self.policy(after),
            (Shape::Entity(_) | Shape::Bucket | Shape::Metric | Shape::Scenario, _) => {
                map(self.entity(entry, after), |entity| Body::Entity(Box::new(entity)))
            }
            (Shape::Assert, date) => self.assertion(date, after),
            (Shape::Checkin, Some(date)) => self.checkin(date, after),
            (Shape::Amended, Some(date)) => self.amended(date, after),
            (Shape::Talk, Some(date)) => self.talk(date, after, false),
            (Shape::Feedback, Some(date)) => self.talk(date, after, true),
            (Shape::Add, _) => self.add(after),
            _ => self.field_body(entry, after),
        }
    }

    fn edition(&mut self, after: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(after);
        if !lexical::starts_number(at) {
            return expected("the edition of the language, as in `okr 1`", at).cut();
        }
        let (rest, (value, unit)) = self.number(at)?;
        let digits = &at[..at.len() - rest.len()];
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if unit != UnitRef::BARE || !whole {
            return expected("the edition as a whole number, as in `okr 1`", at).cut();
        }
        Ok((rest, Body::Edition(value, self.span(at, rest))))
    }

    fn period(&mut self, after: &'a str) -> Parsed<'a, Body> {
        let (rest, name) = self.name("an id", after)?;
        let (rest, title) = self.title(rest)?;
        let (rest, from) = self.date(rest)?;
        let at = self.gap(rest);
        let Some(rest) = at.strip_prefix("..") else {
            return expected("`..` and the last day", at).cut();
        };
        let (rest, to) = self.date(rest)?;
        Ok((rest, Body::Period(Box::new(Period { name, title, from, to }))))
    }

    fn policy(&mut self, after: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(after);
        let named = at.starts_with(lexical::is_word);
        let (rest, kind) = match named {
            true => map(self.choice(keyword::TEAM_KINDS, at), Some)?,
            false => (after, None),
        };
        let (rest, (block, _)) = self.optional_block(rest, Context::Policy);
        Ok((rest, Body::Policy(Box::new(Policy { kind, block }))))
    }

    /// `ID "Title" …` and a block. A mistake in the header is noted, and the block is read all the
    /// same, so that its names are known.
    fn entity(&mut self, entry: &Entry, after: &'a str) -> Parsed<'a, Entity> {
        let context = match entry.shape {
            Shape::Entity(context) => context,
            Shape::Bucket => Context::Bucket,
            _ => Context::Scenario,
        };
        let (rest, name) = self.new_name(after)?;
        let mut entity = Entity {
            name,
            title: None,
            value: None,
            extends: None,
            block: Vec::new(),
            braces: None,
            broken: false,
            plain: false,
        };
        let before = (self.formulas, self.problems.len());
        let header = self.header(entry.shape, rest, context, &mut entity);
        let header_end = match header {
            Ok(rest) => rest,
            Err(failure) => match recover::header_brace(rest) {
                Some(brace) if entry.shape != Shape::Metric => {
                    self.report(failure);
                    entity.broken = true;
                    brace
                }
                _ => return Err(failure),
            },
        };
        if entry.shape == Shape::Metric {
            return Ok((header_end, entity));
        }
        let (rest, block);
        (rest, block) = self.optional_block(header_end, context);
        (entity.block, entity.braces) = block;
        self.tree.key_results += usize::from(context == Context::Kr);
        entity.broken |= name.span.is_empty();
        entity.plain = before == (self.formulas, self.problems.len());
        Ok((rest, entity))
    }

    /// The id that a statement defines. Where its title stands in its place it has none, and what
    /// follows is read all the same.
    fn new_name(&mut self, after: &'a str) -> Parsed<'a, Name> {
        let at = self.gap(after);
        if !at.starts_with('"') {
            return self.name("an id", after);
        }
        let (_, title) = self.text("a title", at)?;
        let id = lexical::as_id(&title.decode(self.text));
        let id = if id == "_" { "an_id" } else { id.as_str() };
        let failure =
            expected("an id", at).help(format!("put one before the title, such as `{id}`"));
        self.report(nom::Err::Failure(failure));
        Ok((at, Name { span: self.span_len(at, 0) }))
    }

    fn header(
        &mut self,
        shape: Shape,
        rest: &'a str,
        context: Context,
        entity: &mut Entity,
    ) -> Result<&'a str, nom::Err<Failure>> {
        let (mut rest, title) = match shape {
            Shape::Bucket => self.optional_text(rest)?,
            _ => map(self.title(rest), Some)?,
        };
        entity.title = title;
        if matches!(shape, Shape::Bucket | Shape::Metric) {
            let at = self.gap(rest);
            let value;
            (rest, value) = match self.accept("rest", at).filter(|_| shape == Shape::Bucket) {
                Some(rest) => (rest, Value { span: self.span(at, rest), kind: ValueKind::Rest }),
                None => self.value(at)?,
            };
            entity.value = Some(Box::new(value));
        }
        if shape == Shape::Scenario
            && let Some(after) = self.accept("extends", rest)
        {
            let name;
            (rest, name) = self.name("the scenario that it extends", after)?;
            entity.extends = Some(name);
        }
        let after = lexical::spaces(rest);
        if !after.starts_with('{') && !begins_block(after, context) {
            end_of_field(rest)?;
        }
        Ok(rest)
    }
}

/// The end of a field or statement: a newline, `;`, a `}`, a comment or the end of the file.
pub(super) fn end_of_field(input: &str) -> Result<&str, nom::Err<Failure>> {
    let at = lexical::spaces(input);
    if at.is_empty() || at.starts_with(['\n', '\r', ';', '}', '#']) {
        return Ok(at);
    }
    if at.starts_with(',') && at.len() == input.len() && at[1..].starts_with(digit) {
        let message = "a number has no comma";
        let help = "group digits with `_`, as in `1_000`; the decimal sign is a point, as in `1.5`";
        return Failure::new(Kind::BadNumber, at, 1, message).help(help).cut();
    }
    let failure = expected("the end of the line", at);
    let help = match at.chars().next() {
        Some(',') => "what follows stands on a line of its own, or after `;`",
        Some('=') => "a field is followed by its value, without `=`",
        Some('{') => "this has no block",
        Some(')') => return stray_parenthesis(at),
        Some('"') => "only one text stands here",
        Some('.') if at.starts_with("..") => "no range stands here",
        _ => "a field ends at its line or at `;`",
    };
    if failure.is_without_help() { failure.help(help).cut() } else { failure.cut() }
}

fn digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// How the statement is written, unless a formula is at fault beyond its beginning.
pub(super) fn with_usage(
    error: nom::Err<Failure>,
    entry: &Entry,
    after: &str,
) -> nom::Err<Failure> {
    match error {
        nom::Err::Failure(failure) => {
            let at_start = failure.left() == lexical::spaces(after).len();
            let helps = at_start || !matches!(entry.shape, Shape::Value | Shape::Metric);
            let helps = helps && failure.is_without_help();
            let usage = format!("it is written `{}`", entry.usage);
            nom::Err::Failure(if helps { failure.help(usage) } else { failure })
        }
        other => other,
    }
}

/// Whether a word is an id whose keyword is missing: its title follows.
pub(super) fn is_id_alone(word: &str, after: &str) -> bool {
    !word.is_empty() && lexical::spaces(after).starts_with('"')
}

/// Whether an id and a title or a block follow a word, so that it was meant to define something.
pub(super) fn defines(after: &str) -> bool {
    let Some((rest, _)) = lexical::word(lexical::spaces(after)) else { return false };
    lexical::spaces(rest).starts_with(['"', '{'])
}

fn stray_parenthesis<T>(at: &str) -> Result<T, nom::Err<Failure>> {
    let message = "this `)` closes nothing";
    Failure::new(Kind::UnclosedParenthesis, at, 1, message).help("remove it").cut()
}

fn unknown_statement(word: &str, at: &str, context: Context) -> Failure {
    if word.is_empty() {
        let words: Vec<&str> = keyword::words(context).collect();
        if let Some(date) = lexical::padded_date(at) {
            let length = at.find([' ', '\t', '\n', '\r']).unwrap_or(at.len());
            let message = format!("`{}` is no date", &at[..length]);
            let failure = Failure::new(Kind::BadDate, at, length, message);
            return failure.help(format!("write `{date}`"));
        }
        let failure = expected("a statement", at);
        return match failure.is_without_help() {
            true => failure.help(did_you_mean("", &words)),
            false => failure,
        };
    }
    let verbs = context == Context::Dated;
    let elsewhere = keyword::TABLE.iter().any(|entry| entry.word == word);
    if elsewhere && !verbs {
        let dated = keyword::lookup(Context::Dated, word).is_some();
        let message = format!("`{word}` does not stand here");
        let help = match dated {
            true => format!("it follows a date: `2026-01-31 {word} …`"),
            false => format!("it stands {}", homes(word)),
        };
        return Failure::new(Kind::MisplacedStatement, at, word.len(), message).help(help);
    }
    let message = match verbs {
        true => format!("`{word}` is nothing that happens on a date"),
        false => format!("`{word}` begins no statement"),
    };
    let words: Vec<&str> = keyword::words(context).collect();
    Failure::new(Kind::UnknownStatement, at, word.len(), message).help(did_you_mean(word, &words))
}

/// The nearest word, or the whole list.
pub(super) fn did_you_mean(word: &str, words: &[&str]) -> String {
    match suggest::nearest(word, words.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("the words here are {}", suggest::one_of(words)),
    }
}
