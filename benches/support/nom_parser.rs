//! The parser to compare ours with: a grammar like that of a plan in bare nom 8, written apart from
//! it.
//!
//! It builds what any such parser must build, a tree with spans and a table of the names that the
//! tree defines, and nothing that makes a parser pleasant: no comments in the tree, no messages, no
//! going on after an error, no limit to the depth of parentheses.

#![expect(dead_code, reason = "a bench builds the tree and reads next to nothing of it")]

use std::cell::RefCell;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, not_line_ending, one_of};
use nom::combinator::{eof, fail, map, not, opt, peek, recognize, value, verify};
use nom::multi::{many0_count, separated_list0};
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
    /// In post-order: a node stands behind the nodes below it.
    pub nodes: Vec<Node>,
    /// Where each name is defined, by the name around it: `("o00017", "p95_2")`.
    pub names: FxHashMap<(&'a str, &'a str), Span>,
}

/// A node of the tree; its text is that of its span.
pub struct Node {
    pub span: Span,
    /// How many nodes the tree below it has, itself included.
    pub size: u32,
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Copy)]
pub enum Kind {
    /// `[DATE] KEYWORD part… [{ … }]`: statements and fields alike.
    Statement,
    Text,
    Date,
    /// A number in the unit that ends its span.
    Number(f64),
    /// `speed.latency.target`, and every single word.
    Path,
    Call,
    Negated,
    Binary(char),
    /// `->`, `..`, a comma or a comparison.
    Mark,
}

type Result<'a, T> = IResult<&'a str, T>;

/// The tree and the names of a whole file.
pub fn parse(text: &str) -> std::result::Result<Tree<'_>, nom::Err<nom::error::Error<&str>>> {
    let mut tree = Tree::default();
    // An eighth of a node and a hundredth of a name a byte: the yardstick has a little less.
    tree.nodes.reserve(text.len() / 8);
    tree.names.reserve(text.len() / 100);
    let reader = Reader { start: text.as_ptr() as usize, tree: RefCell::new(tree) };
    terminated(|i| reader.statements(i, ""), (blank, eof)).parse(text)?;
    Ok(reader.tree.into_inner())
}

fn spaces(input: &str) -> Result<'_, &str> {
    Ok(run(input, |b| b == b' ' || b == b'\t'))
}

fn comment(input: &str) -> Result<'_, &str> {
    recognize((char('#'), not_line_ending)).parse(input)
}

/// Spaces and a comment.
fn space(input: &str) -> Result<'_, ()> {
    value((), (spaces, opt(comment))).parse(input)
}

/// Everything between two statements.
fn blank(input: &str) -> Result<'_, ()> {
    let gap = || |i| Ok(run(i, |b| b == b';' || b.is_ascii_whitespace()));
    value((), (gap(), many0_count((comment, gap())))).parse(input)
}

/// Consumes the bytes of a kind; a byte of a longer character must be of it or not as all are.
///
/// nom's own `take_while` decodes characters first, which makes the whole parser a sixth slower.
fn run(input: &str, of_kind: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = input.bytes().position(|byte| !of_kind(byte)).unwrap_or(input.len());
    (&input[end..], &input[..end])
}

/// A name; beyond ASCII, every character is a letter.
fn word(input: &str) -> Result<'_, &str> {
    let (rest, word) = run(input, |b| b == b'_' || b.is_ascii_alphanumeric() || !b.is_ascii());
    match word.bytes().next() {
        Some(first) if !first.is_ascii_digit() => Ok((rest, word)),
        _ => fail().parse(input),
    }
}

/// Names with dots between them.
fn path(input: &str) -> Result<'_, &str> {
    recognize(pair(word, many0_count(pair(char('.'), word)))).parse(input)
}

fn digits(input: &str) -> Result<'_, &str> {
    take_while1(|c: char| c.is_ascii_digit() || c == '_').parse(input)
}

/// `YYYY-MM-DD`, told from a difference by its length alone.
fn date(input: &str) -> Result<'_, Kind> {
    let shape = recognize((digits, char('-'), digits, char('-'), digits));
    value(Kind::Date, verify(shape, |date: &str| date.len() == 10)).parse(input)
}

/// A string with its escapes left as they are.
fn text(input: &str) -> Result<'_, Kind> {
    let plain = take_while1(|c| c != '"' && c != '\\' && c != '\n');
    let escape = recognize((char('\\'), one_of("\"\\nt")));
    let inside = many0_count(alt((plain, escape)));
    value(Kind::Text, delimited(char('"'), inside, char('"'))).parse(input)
}

/// A number with its unit: `612 ms`, `3.1%`, `4.2M EUR`, `900`.
fn number(input: &str) -> Result<'_, Kind> {
    let (rest, figure) = recognize(pair(digits, opt(pair(char('.'), digits)))).parse(input)?;
    let (rest, glued) = opt(alt((tag("%"), word))).parse(rest)?;
    let spaced = preceded(char(' '), verify(word, |word: &str| !RESERVED.contains(&word)));
    let (rest, _) = match glued {
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
    Ok((rest, Kind::Number(figure_value(figure) * factor)))
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
fn sign(input: &str) -> Result<'_, Kind> {
    let comparison = alt((tag("<="), tag(">="), tag("=="), tag("!="), tag("<"), tag(">")));
    value(Kind::Mark, alt((tag("->"), tag(".."), tag(","), tag("="), comparison))).parse(input)
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

/// The parsers that add to the tree.
///
/// A parser that fails may leave nodes behind. None does that and is then tried in another way: the
/// first character decides what a part is.
struct Reader<'a> {
    start: usize,
    tree: RefCell<Tree<'a>>,
}

impl<'a> Reader<'a> {
    /// The bytes from one rest of the file to a later one.
    fn span(&self, from: &str, to: &str) -> Span {
        let at = |rest: &str| (rest.as_ptr() as usize - self.start) as u32;
        (at(from), at(to))
    }

    /// How many nodes there are, for a later [`Reader::close`].
    fn mark(&self) -> usize {
        self.tree.borrow().nodes.len()
    }

    /// Adds a node above all that were added since the mark.
    fn close(&self, mark: usize, span: Span, kind: Kind) {
        let nodes = &mut self.tree.borrow_mut().nodes;
        let size = (nodes.len() - mark + 1) as u32;
        nodes.push(Node { span, size, kind });
    }

    /// A parser with its result as a node.
    fn leaf(
        &self,
        input: &'a str,
        mut parser: impl FnMut(&'a str) -> Result<'a, Kind>,
    ) -> Result<'a, ()> {
        let (rest, kind) = parser(input)?;
        self.close(self.mark(), self.span(input, rest), kind);
        Ok((rest, ()))
    }

    fn statements(&self, input: &'a str, scope: &'a str) -> Result<'a, usize> {
        many0_count(preceded(blank, |i| self.statement(i, scope))).parse(input)
    }

    fn statement(&self, input: &'a str, scope: &'a str) -> Result<'a, ()> {
        let mark = self.mark();
        let (rest, _) = opt(terminated(|i| self.leaf(i, date), space)).parse(input)?;
        let (rest, _) = word(rest)?;
        let (rest, name) = self.name(rest, scope)?;
        let (rest, _) = many0_count(preceded(space, |i| self.part(i))).parse(rest)?;
        let body = delimited(char('{'), |i| self.statements(i, name), (blank, char('}')));
        let (rest, _) = opt(preceded(space, body)).parse(rest)?;
        self.close(mark, self.span(input, rest), Kind::Statement);
        let end = alt((value((), one_of("\r\n;}")), value((), eof)));
        preceded(space, peek(end)).parse(rest)
    }

    /// Enters a word that has a title behind it into the names; nothing is consumed.
    fn name(&self, input: &'a str, scope: &'a str) -> Result<'a, &'a str> {
        let (rest, name) = opt(delimited(spaces, word, (spaces, char('"')))).parse(input)?;
        if let Some(name) = name {
            self.tree.borrow_mut().names.insert((scope, name), self.span(input, rest));
        }
        Ok((input, name.unwrap_or(scope)))
    }

    /// A string, a date, a mark or a formula.
    fn part(&self, input: &'a str) -> Result<'a, ()> {
        match input.bytes().next() {
            Some(b'"') => self.leaf(input, text),
            Some(b'0'..=b'9') => alt((|i| self.leaf(i, date), |i| self.formula(i, 0))).parse(input),
            Some(b'.' | b',' | b'=' | b'<' | b'>' | b'!') => self.leaf(input, sign),
            Some(b'-') if input.starts_with("->") => self.leaf(input, sign),
            _ => self.formula(input, 0),
        }
    }

    /// Operands with operators of at least this level between them.
    fn formula(&self, input: &'a str, least: u8) -> Result<'a, ()> {
        let mark = self.mark();
        let (mut rest, ()) = self.operand(input)?;
        while let Ok((after, (operator, level))) = operator(rest)
            && level >= least
        {
            // `^` goes to the right, the others to the left.
            (rest, ()) = self.formula(after, level + u8::from(operator != '^'))?;
            self.close(mark, self.span(input, rest), Kind::Binary(operator));
        }
        Ok((rest, ()))
    }

    fn operand(&self, input: &'a str) -> Result<'a, ()> {
        match input.bytes().next() {
            Some(b'0'..=b'9') => self.leaf(input, number),
            Some(b'-') => self.negated(input),
            Some(b'(') => self.group(input),
            _ => self.path_or_call(input),
        }
    }

    fn negated(&self, input: &'a str) -> Result<'a, ()> {
        let mark = self.mark();
        // A power binds tighter: it is the operand.
        let (rest, ()) = preceded((char('-'), space), |i| self.formula(i, 3)).parse(input)?;
        self.close(mark, self.span(input, rest), Kind::Negated);
        Ok((rest, ()))
    }

    /// One or more formulas in parentheses.
    fn group(&self, input: &'a str) -> Result<'a, ()> {
        let comma = (space, char(','), space);
        let inner = separated_list0(comma, |i| self.formula(i, 0));
        value((), delimited((char('('), space), inner, (space, char(')')))).parse(input)
    }

    /// A path, or a call where a parenthesis follows at once.
    fn path_or_call(&self, input: &'a str) -> Result<'a, ()> {
        let mark = self.mark();
        let (rest, _) = path(input)?;
        let (rest, group) = opt(|i| self.group(i)).parse(rest)?;
        let kind = if group.is_some() { Kind::Call } else { Kind::Path };
        self.close(mark, self.span(input, rest), kind);
        Ok((rest, ()))
    }
}
