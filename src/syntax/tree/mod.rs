//! The tree of one file: every statement, field and formula with its span, every comment and blank
//! line.
//!
//! Names and strings are spans into the text. Formulas stand in one flat array in postfix order, so
//! that no walk, and no drop, recurses however deep a formula is.

mod expr;

pub use expr::{Binary, Expr, ExprNode, Exprs, Op, UnitRef};

use super::keyword::Keyword;
use crate::source::Span;
use jiff::civil::Date;

/// A parsed file.
#[derive(Debug, Default)]
pub struct Tree {
    /// The statements in file order.
    pub statements: Vec<Node>,
    /// The nodes of all formulas, each formula contiguous, in postfix order.
    pub exprs: Exprs,
    /// The unit words of the file's numbers, as written; see [`UnitRef`].
    pub units: Vec<String>,
    /// Comments and blank lines in file order.
    pub trivia: Vec<Trivia>,
    /// How many key results there are, for those who make room for them.
    pub key_results: usize,
    /// How many blocks the file leaves open, or below zero, closes too often.
    pub open_blocks: i32,
}

/// A comment or a blank line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trivia {
    /// Which of the two.
    pub kind: TriviaKind,
    /// A comment from its `#` to the end of the line; a blank line without its line end.
    pub span: Span,
}

/// What stands between statements without meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriviaKind {
    /// From `#` to the end of the line.
    Comment,
    /// A line with nothing but white space.
    BlankLine,
}

/// A statement or a field.
#[derive(Debug)]
pub struct Node {
    /// The word that it begins with.
    pub keyword: Keyword,
    /// That word.
    pub word: Span,
    /// The whole, from the date or the word to the last value or brace.
    pub span: Span,
    /// What follows the word.
    pub body: Body,
}

/// A date as written.
#[derive(Clone, Copy, Debug)]
pub struct DateLit {
    /// Its text.
    pub span: Span,
    /// The day.
    pub date: Date,
}

/// A string as written, quotes included.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Its text.
    pub span: Span,
}

/// The id of a statement, or a path with dots.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// Its text.
    pub span: Span,
}

/// A word of a closed list.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Its text.
    pub span: Span,
    /// Its index in the list.
    pub index: u8,
}

/// What follows a keyword, by its [`Shape`](super::keyword::Shape).
#[derive(Debug)]
pub enum Body {
    /// `okr 1`
    Edition(f64, Span),
    /// A value.
    Value(Value),
    /// A word of a closed list.
    Choice(Choice),
    /// An id or a path.
    Name(Name),
    /// A string.
    Text(Text),
    /// A unit's word, or a theme that is a word.
    Word(Span),
    /// Words or strings.
    Tags(Vec<Span>),
    /// `cycle`
    Period(Box<Period>),
    /// `policy`
    Policy(Box<Policy>),
    /// A statement with an id, a title and a block.
    Entity(Box<Entity>),
    /// `grading`
    Grading(Box<Grading>),
    /// `keep`
    Keep(Box<Keep>),
    /// `due`
    Due(Box<Due>),
    /// `draws`, `moves` and `closes`
    Effect(Box<Effect>),
    /// `pays`
    Pays(Choice, Box<Vec<Point>>),
    /// `allow`
    Allow(Span, Text),
    /// `set`
    Set(Name, Box<Value>),
    /// `move`
    Move(Box<Value>, Name, Name),
    /// `add`
    Add(Box<Node>),
    /// `assert`
    Assert(Box<Assert>),
    /// `checkin`
    Checkin(Box<Checkin>),
    /// `amended`
    Amended(Box<Amended>),
    /// `proposed`, `agreed`, `declined` and `feedback`
    Talk(Box<Talk>),
    /// The words of a `:` line, without the colon.
    Command(Span),
    /// A statement with a mistake in it; the id that it defines, if that could be read.
    Broken(Option<Name>),
}

/// `cycle ID "Title" FROM .. TO`
#[derive(Debug)]
pub struct Period {
    /// The id.
    pub name: Name,
    /// The title.
    pub title: Text,
    /// The first day.
    pub from: DateLit,
    /// The last day.
    pub to: DateLit,
}

/// `policy [KIND] { … }`
#[derive(Debug)]
pub struct Policy {
    /// The kind of team; `None` for all.
    pub kind: Option<Choice>,
    /// Its fields.
    pub block: Vec<Node>,
}

/// A statement with an id, a title and a block.
#[derive(Debug)]
pub struct Entity {
    /// The id.
    pub name: Name,
    /// The title.
    pub title: Option<Text>,
    /// A metric's value or a bucket's share.
    pub value: Option<Box<Value>>,
    /// The scenario that a scenario extends.
    pub extends: Option<Name>,
    /// Its fields.
    pub block: Vec<Node>,
    /// The braces, if there is a block.
    pub braces: Option<Span>,
    /// Whether a mistake in it may have hidden fields.
    pub broken: bool,
    /// Whether nothing in it is wrong, and all its formulas are single numbers.
    pub plain: bool,
}

/// A point of a curve, or a step: `V -> G`.
#[derive(Debug)]
pub struct Point {
    /// The value that is reached.
    pub at: Expr,
    /// The grade there.
    pub grade: Expr,
}

/// A milestone: `"NAME" -> G`.
#[derive(Debug)]
pub struct MilestonePoint {
    /// Its name.
    pub name: Text,
    /// Its grade.
    pub grade: Expr,
}

/// `grading …`
#[derive(Debug)]
pub enum Grading {
    /// `linear`, and whether `uncapped`.
    Linear {
        /// Whether grades over 1 stay.
        uncapped: bool,
    },
    /// `steps V -> G, …`
    Steps(Vec<Point>),
    /// `curve V -> G, …`
    Curve(Vec<Point>),
    /// `done`
    Done,
    /// `milestones "NAME" -> G, …`
    Milestones(Vec<MilestonePoint>),
    /// `score`
    Score,
    /// `formula F`
    Formula(Expr),
}

/// `keep …`; ends included.
#[derive(Debug)]
pub enum Keep {
    /// `keep >= V`
    AtLeast(Expr),
    /// `keep <= V`
    AtMost(Expr),
    /// `keep LOW .. HIGH`
    Within(Expr, Expr),
}

/// `due DATE [late …]`
#[derive(Debug)]
pub struct Due {
    /// The day.
    pub date: DateLit,
    /// What lateness costs.
    pub late: Option<Late>,
}

/// What lateness costs.
#[derive(Debug)]
pub enum Late {
    /// `late zero`: the grade on the due day is final.
    Zero,
    /// `late 10%`: so much for each started week.
    Weekly(Value),
}

/// `draws VALUE from BUCKET`, `moves KR by VALUE`, `closes VALUE of KR`.
#[derive(Debug)]
pub struct Effect {
    /// The effort, the change or the share.
    pub value: Value,
    /// The bucket or the key result.
    pub path: Name,
}

/// `[DATE] assert FORMULA ["message"]`
#[derive(Debug)]
pub struct Assert {
    /// The day at whose end it must hold.
    pub date: Option<DateLit>,
    /// What must hold.
    pub formula: Expr,
    /// The author's words.
    pub message: Option<Text>,
}

/// `DATE checkin PATH VALUE …`
#[derive(Debug)]
pub struct Checkin {
    /// The day.
    pub date: DateLit,
    /// The key result or metric.
    pub path: Name,
    /// What was observed.
    pub value: Value,
    /// What is expected at the end of the cycle.
    pub expecting: Option<Value>,
    /// How sure the team is, 0..1.
    pub confidence: Option<Value>,
    /// A remark.
    pub note: Option<Text>,
}

/// `DATE amended PATH.FIELD VALUE ["why"]`
#[derive(Debug)]
pub struct Amended {
    /// The day from which it counts.
    pub date: DateLit,
    /// The field.
    pub path: Name,
    /// Its new value.
    pub value: Value,
    /// The reason.
    pub why: Option<Text>,
}

/// `DATE proposed PATH by TEAM ["why"]` and its like; the keyword tells which.
#[derive(Debug)]
pub struct Talk {
    /// The day.
    pub date: DateLit,
    /// What is talked about.
    pub path: Name,
    /// Who speaks.
    pub team: Name,
    /// What is said.
    pub text: Option<Text>,
}

/// A value of a field.
#[derive(Debug)]
pub struct Value {
    /// Its text.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// What a value is.
#[derive(Debug)]
pub enum ValueKind {
    /// A formula; mostly a number.
    Formula(Expr),
    /// `low .. high`
    Range(Box<[Expr; 2]>),
    /// `low .. likely .. high`
    Pert(Box<[Expr; 3]>),
    /// `done`
    Done,
    /// `open`
    Open,
    /// `rest`
    Rest,
    /// `n/a`
    NotApplicable,
    /// A milestone's name.
    Milestone(Text),
}

impl Text {
    /// The string's meaning, its escapes resolved.
    pub fn decode(self, text: &str) -> String {
        let raw = self.span.of(text);
        let raw = raw.strip_prefix('"').unwrap_or(raw);
        let raw = raw.strip_suffix('"').unwrap_or(raw);
        if raw.contains('\\') { unescape(raw) } else { raw.to_owned() }
    }
}

/// Resolves escapes; those that are wrong have been reported and stay as written.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut characters = after.chars();
        rest = match characters.next() {
            Some('n') => push_rest(&mut out, '\n', characters),
            Some('t') => push_rest(&mut out, '\t', characters),
            Some('u') => unescape_number(&mut out, after),
            Some(other) => push_rest(&mut out, other, characters),
            None => after,
        };
    }
    out.push_str(rest);
    out
}

fn push_rest<'a>(out: &mut String, character: char, rest: std::str::Chars<'a>) -> &'a str {
    out.push(character);
    rest.as_str()
}

/// `u{1F600}…`: pushes the character and gives what follows.
fn unescape_number<'a>(out: &mut String, after: &'a str) -> &'a str {
    let number = after.strip_prefix("u{").and_then(|rest| rest.split_once('}'));
    let character = number
        .and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok())
        .and_then(char::from_u32);
    match (character, number) {
        (Some(character), Some((_, rest))) => {
            out.push(character);
            rest
        }
        _ => after,
    }
}

/// A string as the language writes it, quoted and escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if character.is_control() => out.push_str(&format!("\\u{{{:x}}}", character as u32)),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_quoting() {
        for text in ["", "plain", "a \"b\" \\ c\n\td\u{1b}\u{1F600}", "\\u{41}"] {
            let quoted = quote(text);
            let span = Span::new(0, quoted.len());
            assert_eq!(Text { span }.decode(&quoted), text);
        }
    }
}
