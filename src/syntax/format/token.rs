//! The tokens of a file as the formatter sees them: pieces of text that stay as they are, with white
//! space between them that may change.
//!
//! The text alone does not tell everything: whether a `-` is a sign or an operation, whether a word
//! before `(` is a function, where a tag with dashes ends. That much is marked from the tree.

use super::super::lexical;
use super::super::tree::{Body, Due, Late, Node, Op, Tree, Value, ValueKind};
use crate::source::Span;

/// What a token is, as far as its surroundings depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) enum Kind {
    /// A word, path, number, unit, date or string.
    Word,
    /// The name of a function before its `(`.
    Function,
    /// A unary minus.
    Sign,
    /// A binary operator, `->`, `..` or `=`.
    Operator,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// From `#` on, without trailing white space.
    Comment,
    /// A `:` line.
    Command,
    /// A line end.
    Newline,
}

/// What the tree knows about the token that begins at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Negate,
    Function,
    /// One token up to the offset, whatever signs are in it.
    WordTo(u32),
}

/// The tokens of a text.
pub(in crate::syntax) struct Tokens<'a> {
    text: &'a str,
    rest: &'a str,
    /// By offset, each where a token begins; those already passed are gone.
    marks: std::iter::Peekable<std::vec::IntoIter<(u32, Mark)>>,
}

impl<'a> Tokens<'a> {
    /// The tokens of `text` after its byte order mark, if it has one.
    pub(in crate::syntax) fn new(text: &'a str, tree: &Tree) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { text, rest, marks: marks(tree).into_iter().peekable() }
    }

    /// The offset after the last token.
    pub(in crate::syntax) fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn mark(&mut self) -> Option<Mark> {
        let at = self.at() as u32;
        while self.marks.next_if(|&(place, _)| place < at).is_some() {}
        self.marks.next_if(|&(place, _)| place == at).map(|(_, mark)| mark)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (Kind, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = lexical::spaces(self.rest);
        let mark = self.mark();
        let first = self.rest.chars().next()?;
        let (kind, length) = match mark {
            Some(Mark::WordTo(end)) => {
                (Kind::Word, end as usize + self.rest.len() - self.text.len())
            }
            Some(Mark::Negate) => (Kind::Sign, 1),
            Some(Mark::Function) => (Kind::Function, word_length(self.rest)),
            None => token(self.rest, first),
        };
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        let whole_line = matches!(kind, Kind::Comment | Kind::Command);
        Some((kind, if whole_line { trim_line(kind, token) } else { token }))
    }
}

/// The token at the beginning by its first character: its kind and length.
fn token(at: &str, first: char) -> (Kind, usize) {
    let sign = |kind| (kind, 1);
    match first {
        '\n' => sign(Kind::Newline),
        '\r' => (Kind::Newline, 2),
        '#' => (Kind::Comment, line_length(at)),
        ':' => (Kind::Command, line_length(at)),
        '"' => (Kind::Word, string_length(at)),
        '(' => sign(Kind::Open),
        ')' => sign(Kind::Close),
        '{' => sign(Kind::OpenBrace),
        '}' => sign(Kind::CloseBrace),
        ',' => sign(Kind::Comma),
        ';' => sign(Kind::Semicolon),
        _ if lexical::looks_like_date(at) => (Kind::Word, 10),
        _ if lexical::starts_number(at) => (Kind::Word, number_length(at)),
        _ if lexical::is_word(first) => (Kind::Word, word_length(at)),
        _ => (Kind::Operator, operator_length(at, first)),
    }
}

fn line_length(at: &str) -> usize {
    memchr::memchr(b'\n', at.as_bytes()).unwrap_or(at.len())
}

fn string_length(at: &str) -> usize {
    lexical::string("", at).map_or(1, |(rest, _)| at.len() - rest.len())
}

/// A number with what is glued to it; a unit after a space is a token of its own.
fn number_length(at: &str) -> usize {
    let length = lexical::number(at, lexical::spaces).map_or(1, |(rest, _)| at.len() - rest.len());
    at[..length].find([' ', '\t', '\r']).unwrap_or(length)
}

/// A word, or a path with its dots.
fn word_length(at: &str) -> usize {
    let run = |from: usize| at[from..].find(|c| !lexical::is_word(c)).unwrap_or(at.len() - from);
    let mut end = run(0);
    while let Some(after) = at[end..].strip_prefix('.')
        && after.starts_with(lexical::is_word)
    {
        end += 1 + run(end + 1);
    }
    end
}

fn operator_length(at: &str, first: char) -> usize {
    const TWO: [&str; 6] = ["->", "..", "<=", ">=", "==", "!="];
    if TWO.iter().any(|sign| at.starts_with(sign)) { 2 } else { first.len_utf8() }
}

/// A comment or a `:` line without trailing white space. A blank that a `\` makes part of the last
/// word of a `:` line stays.
fn trim_line(kind: Kind, line: &str) -> &str {
    let trimmed = line.trim_end_matches([' ', '\t', '\r']);
    let escapes = trimmed.bytes().rev().take_while(|&byte| byte == b'\\').count();
    let escaped = kind == Kind::Command && escapes % 2 == 1;
    if escaped { line.trim_end_matches('\r') } else { trimmed }
}

/// The marks of a tree by offset.
fn marks(tree: &Tree) -> Vec<(u32, Mark)> {
    let mut marks: Vec<(u32, Mark)> = Vec::new();
    for node in tree.exprs.iter() {
        match node.op {
            Op::Negate => marks.push((node.span.start, Mark::Negate)),
            Op::Call(..) => marks.push((node.span.start, Mark::Function)),
            _ => {}
        }
    }
    let mut nodes: Vec<&Node> = tree.statements.iter().rev().collect();
    while let Some(node) = nodes.pop() {
        mark_words(&node.body, &mut |span| marks.push((span.start, Mark::WordTo(span.end))));
        nodes.extend(children(&node.body).iter().rev());
    }
    marks.sort_unstable();
    marks
}

/// The fields in a statement's block.
fn children(body: &Body) -> &[Node] {
    match body {
        Body::Policy(policy) => &policy.block,
        Body::Entity(entity) => &entity.block,
        Body::Add(node) => std::slice::from_ref(node),
        _ => &[],
    }
}

/// Words that the tree must tell: `unit %`, tags and rules with dashes in them, `n/a`.
fn mark_words(body: &Body, mark: &mut impl FnMut(Span)) {
    match body {
        Body::Word(word) | Body::Allow(word, _) => mark(*word),
        Body::Tags(tags) => tags.iter().for_each(|tag| mark(*tag)),
        _ => {}
    }
    for value in values(body).into_iter().flatten() {
        if matches!(value.kind, ValueKind::NotApplicable) {
            mark(value.span);
        }
    }
}

/// The values of a statement or field.
fn values(body: &Body) -> [Option<&Value>; 3] {
    match body {
        Body::Value(value) => [Some(value), None, None],
        Body::Entity(entity) => [entity.value.as_deref(), None, None],
        Body::Effect(effect) => [Some(&effect.value), None, None],
        Body::Set(_, value) | Body::Move(value, ..) => [Some(value.as_ref()), None, None],
        Body::Amended(amended) => [Some(&amended.value), None, None],
        Body::Checkin(checkin) => {
            [Some(&checkin.value), checkin.expecting.as_ref(), checkin.confidence.as_ref()]
        }
        Body::Due(due) => [late_share(due), None, None],
        _ => [None, None, None],
    }
}

fn late_share(due: &Due) -> Option<&Value> {
    match &due.late {
        Some(Late::Weekly(value)) => Some(value),
        _ => None,
    }
}
