//! Statements and blocks, by the keyword table.
//!
//! After its keyword a statement is decided (nom's `cut`), so that a failure lands where it is. A
//! failed statement or field becomes [`Body::Broken`], which keeps the id that it defines.

use super::keyword::{self, Context, Entry, Keyword, Shape};
use super::lexical::{self, Failure, Parsed, expected};
use super::parser::Parser;
use super::recover;
use super::tree::*;
use super::value::map;
use crate::diagnostic::{Kind, Problem};
use crate::source::Span;
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
    fn statement(
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
    fn unknown(&mut self, start: &'a str, after: &'a str, word: &str, context: Context) -> Node {
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
    fn doubtful(&mut self, start: &'a str, node: Node) -> Node {
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

    fn broken_node(&mut self, start: &'a str, keyword: Keyword, after: &'a str) -> Node {
        let at = lexical::spaces(after);
        // A dated line names a path; other statements define an id.
        let dated = keyword::lookup(Context::Dated, keyword.word()).is_some();
        let part_of = |c: char| lexical::is_word(c) || (dated && c == '.');
        let end = at.find(|c: char| !part_of(c)).unwrap_or(at.len());
        let name = (end > 0).then(|| Name { span: self.span_len(at, end) });
        let span = self.span_len(start, 0);
        Node { keyword, word: span, span, body: Body::Broken(name) }
    }

    /// A `:` line, to its end; a comment behind it is none of its words.
    fn command(&mut self, start: &'a str) -> &'a str {
        let end = memchr::memchr(b'\n', start.as_bytes()).unwrap_or(start.len());
        let line = start[1..end].trim_end_matches('\r');
        let words = &line[..comment_start(line)];
        // A blank that is escaped at the end belongs to the last word.
        let trimmed = words.trim_end();
        let words_end = 1 + if trimmed.ends_with('\\') { words.len() } else { trimmed.len() };
        let span = self.span_len(start, words_end);
        let body = Body::Command(Span { start: span.start + 1, end: span.end });
        let word = Span { start: span.start, end: span.start + 1 };
        if shlex::split(words).is_none() {
            let place = self.place(span);
            let message = "the words of this line cannot be told apart: a quote is not closed";
            self.problems
                .push(Problem::new(Kind::BadCommand, place, message).help("close the quote"));
        }
        if !names_a_command(words) {
            let place = self.place(word);
            let message = "a command's name follows the `:`";
            let help = "write `:grade`, say";
            self.problems.push(Problem::new(Kind::BadCommand, place, message).help(help));
        }
        self.tree.statements.push(Node { keyword: Keyword::Command, word, span, body });
        if words.len() < line.len() {
            self.comment(&start[1 + words.len()..]);
        }
        &start[end..]
    }

    /// What follows a keyword.
    fn body(&mut self, entry: &Entry, date: Option<DateLit>, after: &'a str) -> Parsed<'a, Body> {
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
        let (rest, name) = self.name("an id", after)?;
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
        entity.plain = before == (self.formulas, self.problems.len());
        Ok((rest, entity))
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

    /// A block with its braces, if one follows; one whose `{` is missing is read as well.
    fn optional_block(
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
    fn block(
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
            if let Some(rest) = start.strip_prefix('}') {
                return rest;
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

    fn assertion(&mut self, date: Option<DateLit>, after: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(after);
        let (rest, formula) = self.formula(at)?;
        let (rest, message) = self.optional_text(rest)?;
        Ok((rest, Body::Assert(Box::new(Assert { date, formula, message }))))
    }

    fn checkin(&mut self, date: DateLit, after: &'a str) -> Parsed<'a, Body> {
        let (rest, path) = self.path("a key result or metric", after)?;
        let at = self.gap(rest);
        let (mut rest, value) = self.value(at)?;
        let (mut expecting, mut confidence) = (None, None);
        for (word, slot) in [("expecting", &mut expecting), ("confidence", &mut confidence)] {
            if let Some(after) = self.accept(word, rest) {
                let at = self.gap(after);
                let value;
                (rest, value) = self.value(at)?;
                *slot = Some(value);
            }
        }
        let (rest, note) = self.optional_text(rest)?;
        let checkin = Checkin { date, path, value, expecting, confidence, note };
        Ok((rest, Body::Checkin(Box::new(checkin))))
    }

    fn amended(&mut self, date: DateLit, after: &'a str) -> Parsed<'a, Body> {
        let (rest, path) = self.path("a path such as `speed.latency.target`", after)?;
        let at = self.gap(rest);
        let (rest, value) = self.value(at)?;
        let (rest, why) = self.optional_text(rest)?;
        Ok((rest, Body::Amended(Box::new(Amended { date, path, value, why }))))
    }

    fn talk(&mut self, date: DateLit, after: &'a str, text_wanted: bool) -> Parsed<'a, Body> {
        let (rest, path) = self.path("what it is about", after)?;
        let rest = self.literal("by", rest)?;
        let (rest, team) = self.name("a team", rest)?;
        let (rest, text) = match text_wanted {
            false => self.optional_text(rest)?,
            true => {
                let at = self.gap(rest);
                map(self.text("the answer in quotes", at), Some)?
            }
        };
        Ok((rest, Body::Talk(Box::new(Talk { date, path, team, text }))))
    }

    /// `add initiative …`
    fn add(&mut self, after: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(after);
        let rest = self.literal(Keyword::Initiative.word(), at)?;
        let Some(entry) = keyword::lookup(Context::Plan, Keyword::Initiative.word()) else {
            return expected("`initiative`", at).cut();
        };
        let word = self.span(at, rest);
        let (rest, body) = self.body(entry, None, rest)?;
        let span = self.span(at, rest);
        let node = Node { keyword: Keyword::Initiative, word, span, body };
        Ok((rest, Body::Add(Box::new(node))))
    }
}

/// The end of a field or statement: a newline, `;`, a `}`, a comment or the end of the file.
fn end_of_field(input: &str) -> Result<&str, nom::Err<Failure>> {
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
        _ => "a field ends at its line or at `;`",
    };
    failure.help(help).cut()
}

fn digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// How the statement is written, unless a formula is at fault beyond its beginning.
fn with_usage(error: nom::Err<Failure>, entry: &Entry, after: &str) -> nom::Err<Failure> {
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
fn is_id_alone(word: &str, after: &str) -> bool {
    !word.is_empty() && lexical::spaces(after).starts_with('"')
}

/// Whether an id and a title or a block follow a word, so that it was meant to define something.
fn defines(after: &str) -> bool {
    let Some((rest, _)) = lexical::word(lexical::spaces(after)) else { return false };
    lexical::spaces(rest).starts_with(['"', '{'])
}

fn stray_parenthesis<T>(at: &str) -> Result<T, nom::Err<Failure>> {
    let message = "this `)` closes nothing";
    Failure::new(Kind::UnclosedParenthesis, at, 1, message).help("remove it").cut()
}

/// Whether a field of a block begins here that cannot stand around the block: the `{` is missing.
fn begins_block(at: &str, context: Context) -> bool {
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
fn homes(word: &str) -> String {
    let contexts = keyword::TABLE.iter().filter(|entry| entry.word == word);
    let home = |context: &Context| match context {
        Context::Plan => format!("at {}", context.words()),
        other => format!("in {}", other.words()),
    };
    let mut homes: Vec<String> = contexts.flat_map(|entry| entry.contexts).map(home).collect();
    homes.dedup();
    if homes.is_empty() { home(&Context::Plan) } else { homes.join(" or ") }
}

fn unknown_statement(word: &str, at: &str, context: Context) -> Failure {
    if word.is_empty() {
        let words: Vec<&str> = keyword::words(context).collect();
        return expected("a statement", at).help(did_you_mean("", &words));
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

/// The nearest word, or the whole list.
fn did_you_mean(word: &str, words: &[&str]) -> String {
    match suggest::nearest(word, words.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("the words here are {}", suggest::one_of(words)),
    }
}

/// Whether the words of a `:` line begin with what could be a command's name.
fn names_a_command(words: &str) -> bool {
    let name = words.split([' ', '\t']).next().unwrap_or_default();
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(sound)
}

/// Where the comment of a `:` line begins: at a `#` that begins a word, outside quotes.
fn comment_start(line: &str) -> usize {
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
