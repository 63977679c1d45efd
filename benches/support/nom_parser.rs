//! The parser to compare ours with: a grammar like that of a plan in bare nom 8, written apart from
//! it.
//!
//! It builds what any such parser must build, a tree with spans and a table of the names that the
//! tree defines, and nothing that makes a parser pleasant: no comments in the tree, no messages, no
//! going on after an error, no limit to the depth of parentheses.

#![expect(dead_code, reason = "a bench builds the tree and reads next to nothing of it")]

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, not_line_ending, one_of};
use nom::combinator::{eof, map, not, opt, peek, recognize, value, verify};
use nom::multi::{many0, many0_count, separated_list0};
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};
use rustc_hash::FxHashMap;

/// Start and end in bytes, half-open.
pub type Span = (u32, u32);

/// The words that end a value, so that none of them is its unit.
const RESERVED: [&str; 6] = ["expecting", "confidence", "from", "to", "by", "of"];

/// A parsed file.
#[derive(Default)]
pub struct Tree<'a> {
    pub statements: Vec<Statement<'a>>,
    /// Where each name is defined, by the names around it: `("o00017", "p95_2")`.
    pub names: FxHashMap<(&'a str, &'a str), Span>,
}

/// `[DATE] KEYWORD part… [{ … }]`: statements and fields alike.
pub struct Statement<'a> {
    pub span: Span,
    pub date: Option<&'a str>,
    pub keyword: &'a str,
    pub parts: Vec<Node<'a>>,
    pub body: Vec<Statement<'a>>,
}

/// A part of a statement, or of a formula in it.
pub struct Node<'a> {
    pub span: Span,
    pub kind: Kind<'a>,
}

/// What a node is.
pub enum Kind<'a> {
    Text(&'a str),
    Date(&'a str),
    /// A number and its unit, which may be empty.
    Number(f64, &'a str),
    /// `speed.latency.target`, and every single word.
    Path(&'a str),
    Call(&'a str, Vec<Node<'a>>),
    Negated(Box<Node<'a>>),
    Binary(char, Box<(Node<'a>, Node<'a>)>),
    /// `->`, `..`, a comma or a comparison.
    Mark(&'a str),
}

type Result<'a, T> = IResult<&'a str, T>;

/// The tree and the names of a whole file.
pub fn parse(text: &str) -> std::result::Result<Tree<'_>, nom::Err<nom::error::Error<&str>>> {
    let reader = Reader { start: text.as_ptr() as usize };
    let (_, statements) = terminated(|i| reader.statements(i), (blank, eof)).parse(text)?;
    let mut tree = Tree { statements, names: FxHashMap::default() };
    tree.names.reserve(text.len() / 128);
    for statement in &tree.statements {
        define(&mut tree.names, "", statement);
    }
    Ok(tree)
}

/// Enters the name of a statement, and of those in its body: a word before a title is a name.
fn define<'a>(
    names: &mut FxHashMap<(&'a str, &'a str), Span>,
    scope: &'a str,
    statement: &Statement<'a>,
) {
    let [Node { kind: Kind::Path(name), span }, Node { kind: Kind::Text(_), .. }, ..] =
        statement.parts[..]
    else {
        return;
    };
    names.insert((scope, name), span);
    for inner in &statement.body {
        define(names, name, inner);
    }
}

fn spaces(input: &str) -> Result<'_, &str> {
    take_while(|c| c == ' ' || c == '\t').parse(input)
}

/// Spaces and a comment.
fn space(input: &str) -> Result<'_, ()> {
    value((), (spaces, opt((char('#'), not_line_ending)))).parse(input)
}

/// Everything between two statements.
fn blank(input: &str) -> Result<'_, ()> {
    let gap = take_while1(|c: char| c == ';' || c.is_ascii_whitespace());
    value((), (space, many0_count((gap, space)))).parse(input)
}

/// A name.
fn word(input: &str) -> Result<'_, &str> {
    let rest = take_while1(|c: char| c.is_ascii_alphanumeric() || c == '_' || c.is_alphanumeric());
    verify(rest, |word: &str| !word.starts_with(|c: char| c.is_ascii_digit())).parse(input)
}

/// Names with dots between them.
fn path(input: &str) -> Result<'_, &str> {
    recognize(pair(word, many0_count(pair(char('.'), word)))).parse(input)
}

fn digits(input: &str) -> Result<'_, &str> {
    take_while1(|c: char| c.is_ascii_digit() || c == '_').parse(input)
}

/// `YYYY-MM-DD`, told from a difference by its length alone.
fn date(input: &str) -> Result<'_, &str> {
    let shape = recognize((digits, char('-'), digits, char('-'), digits));
    verify(shape, |date: &str| date.len() == 10).parse(input)
}

/// A string with its escapes left as they are.
fn text(input: &str) -> Result<'_, &str> {
    let plain = take_while1(|c| c != '"' && c != '\\' && c != '\n');
    let escape = recognize((char('\\'), one_of("\"\\nt")));
    delimited(char('"'), recognize(many0_count(alt((plain, escape)))), char('"')).parse(input)
}

/// A number with its unit: `612 ms`, `3.1%`, `4.2M EUR`, `900`.
fn number(input: &str) -> Result<'_, Kind<'_>> {
    let (rest, figure) = recognize(pair(digits, opt(pair(char('.'), digits)))).parse(input)?;
    let (rest, glued) = opt(alt((tag("%"), word))).parse(rest)?;
    let spaced = preceded(char(' '), verify(word, |word: &str| !RESERVED.contains(&word)));
    let (rest, unit) = match glued {
        None | Some("k" | "M" | "B") => opt(spaced).parse(rest)?,
        Some(_) => (rest, None),
    };
    let factor = match glued {
        Some("%") => 0.01,
        Some("k") => 1e3,
        Some("M") => 1e6,
        Some("B") => 1e9,
        _ => 1.0,
    };
    let unit = unit.or(glued).unwrap_or("");
    Ok((rest, Kind::Number(figure_value(figure) * factor, unit)))
}

/// The value of digits that may be grouped. The shape is checked, so that it always parses.
fn figure_value(figure: &str) -> f64 {
    let parsed = match figure.contains('_') {
        true => figure.replace('_', "").parse(),
        false => figure.parse(),
    };
    parsed.unwrap_or(f64::NAN)
}

/// `->`, `..`, a comma or a comparison.
fn mark(input: &str) -> Result<'_, &str> {
    let comparison = alt((tag("<="), tag(">="), tag("=="), tag("!="), tag("<"), tag(">")));
    alt((tag("->"), tag(".."), tag(","), tag("="), comparison)).parse(input)
}

/// An operator and how tightly it binds; the minus of an arrow is none.
fn operator(input: &str) -> Result<'_, (char, u8)> {
    let sign = terminated(one_of("+-*/^"), not(char('>')));
    let level = |operator| match operator {
        '+' | '-' => (operator, 1),
        '*' | '/' => (operator, 2),
        _ => (operator, 3),
    };
    delimited(spaces, map(sign, level), spaces).parse(input)
}

/// The parsers that need to know where the file begins, for their spans.
struct Reader {
    start: usize,
}

impl Reader {
    /// The bytes from one rest of the file to a later one.
    fn span(&self, from: &str, to: &str) -> Span {
        let at = |rest: &str| (rest.as_ptr() as usize - self.start) as u32;
        (at(from), at(to))
    }

    fn statements<'a>(&self, input: &'a str) -> Result<'a, Vec<Statement<'a>>> {
        many0(preceded(blank, |i| self.statement(i))).parse(input)
    }

    fn statement<'a>(&self, input: &'a str) -> Result<'a, Statement<'a>> {
        let (rest, date) = opt(terminated(date, space)).parse(input)?;
        let (rest, keyword) = word(rest)?;
        let (rest, parts) = many0(preceded(space, |i| self.part(i))).parse(rest)?;
        let (rest, body) = opt(preceded(space, |i| self.block(i))).parse(rest)?;
        let span = self.span(input, rest);
        let end = alt((value((), one_of("\r\n;}")), value((), eof)));
        let (rest, ()) = preceded(space, peek(end)).parse(rest)?;
        Ok((rest, Statement { span, date, keyword, parts, body: body.unwrap_or_default() }))
    }

    fn block<'a>(&self, input: &'a str) -> Result<'a, Vec<Statement<'a>>> {
        delimited(char('{'), |i| self.statements(i), (blank, char('}'))).parse(input)
    }

    /// A string, a date, a mark or a formula, which the first character tells apart.
    fn part<'a>(&self, input: &'a str) -> Result<'a, Node<'a>> {
        match input.bytes().next() {
            Some(b'"') => self.leaf(input, |i| map(text, Kind::Text).parse(i)),
            Some(b'0'..=b'9') => {
                let day = |i| self.leaf(i, |i| map(date, Kind::Date).parse(i));
                alt((day, |i| self.formula(i, 0))).parse(input)
            }
            Some(b'.' | b',' | b'=' | b'<' | b'>' | b'!') => self.mark(input),
            Some(b'-') if input.starts_with("->") => self.mark(input),
            _ => self.formula(input, 0),
        }
    }

    fn mark<'a>(&self, input: &'a str) -> Result<'a, Node<'a>> {
        self.leaf(input, |i| map(mark, Kind::Mark).parse(i))
    }

    /// A node without nodes below it.
    fn leaf<'a>(
        &self,
        input: &'a str,
        kind: impl FnOnce(&'a str) -> Result<'a, Kind<'a>>,
    ) -> Result<'a, Node<'a>> {
        let (rest, kind) = kind(input)?;
        Ok((rest, Node { span: self.span(input, rest), kind }))
    }

    /// Operands with operators of at least this level between them.
    fn formula<'a>(&self, input: &'a str, least: u8) -> Result<'a, Node<'a>> {
        let (mut rest, mut left) = self.operand(input)?;
        while let Ok((after, (operator, level))) = operator(rest)
            && level >= least
        {
            // `^` goes to the right, the others to the left.
            let (after, right) = self.formula(after, level + u8::from(operator != '^'))?;
            let span = (left.span.0, right.span.1);
            left = Node { span, kind: Kind::Binary(operator, Box::new((left, right))) };
            rest = after;
        }
        Ok((rest, left))
    }

    fn operand<'a>(&self, input: &'a str) -> Result<'a, Node<'a>> {
        match input.bytes().next() {
            Some(b'0'..=b'9') => self.leaf(input, number),
            Some(b'-') => self.leaf(input, |i| self.negated(i)),
            Some(b'(') => {
                let inner = |i| self.formula(i, 0);
                delimited((char('('), space), inner, (space, char(')'))).parse(input)
            }
            _ => self.leaf(input, |i| self.named(i)),
        }
    }

    fn negated<'a>(&self, input: &'a str) -> Result<'a, Kind<'a>> {
        let operand = preceded((char('-'), space), |i| self.operand(i));
        map(operand, |operand| Kind::Negated(Box::new(operand))).parse(input)
    }

    /// A path, or a call where a parenthesis follows at once.
    fn named<'a>(&self, input: &'a str) -> Result<'a, Kind<'a>> {
        let (rest, name) = path(input)?;
        let comma = (space, char(','), space);
        let arguments = separated_list0(comma, |i| self.formula(i, 0));
        match opt(delimited((char('('), space), arguments, (space, char(')')))).parse(rest)? {
            (rest, None) => Ok((rest, Kind::Path(name))),
            (rest, Some(arguments)) => Ok((rest, Kind::Call(name, arguments))),
        }
    }
}
