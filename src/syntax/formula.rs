//! Formulas: precedence climbing over nom's `&str`, into the flat postfix array of the tree.

use super::keyword::{self, Function};
use super::lexical::{self, Failure, Parsed, expected};
use super::parser::Parser;
use super::tree::{Binary, Expr, ExprNode, Op};
use crate::diagnostic::Kind;
use crate::source::Span;
use crate::suggest;

/// How many parentheses may be open in one another.
pub const MAX_PARENTHESES: u32 = 200;
/// How many levels a formula may have.
pub const MAX_LEVELS: u32 = 1_000;
/// How many parts a formula may have.
pub const MAX_PARTS: usize = 10_000;
/// How deep the parser recurses: parentheses, signs and powers together.
const MAX_RECURSION: u32 = 3 * MAX_PARENTHESES;

/// `not` binds between `and` and the comparisons.
const NOT_PRECEDENCE: u8 = 3;
/// Unary minus binds between `*` and `^`.
const NEGATE_PRECEDENCE: u8 = 7;

impl<'a> Parser<'a> {
    /// A formula.
    pub(super) fn formula(&mut self, input: &'a str) -> Parsed<'a, Expr> {
        match self.lone_number(input) {
            Some(parsed) => Ok(parsed),
            None => self.any_formula(input),
        }
    }

    /// A number with no operator behind it, as most values are; `None` for anything else.
    fn lone_number(&mut self, input: &'a str) -> Option<(&'a str, Expr)> {
        let digit = input.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if !digit || self.parentheses > 0 || lexical::looks_like_date(input) {
            return None;
        }
        let (rest, (value, unit)) = self.number(input).ok()?;
        let None = operator(lexical::spaces(rest)).ok()? else { return None };
        let start = self.exprs.len();
        let text = self.span(input, rest);
        self.push(text, start, Op::Number(value, unit));
        Some((rest, self.expr(start, text)))
    }

    /// The formula whose nodes are those from `start` on.
    fn expr(&self, start: usize, text: Span) -> Expr {
        let (start, end) = (start as u32, self.exprs.len() as u32);
        Expr { start: self.first_expr + start, end: self.first_expr + end, text }
    }

    fn any_formula(&mut self, input: &'a str) -> Parsed<'a, Expr> {
        self.formulas += 1;
        let start = self.exprs.len();
        let (parentheses, depth) = (self.parentheses, std::mem::take(&mut self.depth));
        let result = self.expression(input, 1);
        self.parentheses = parentheses;
        self.depth = depth;
        match result.and_then(|(rest, ())| self.check_size(input, start).map(|()| rest)) {
            Ok(rest) => {
                let text = self.span(input, rest);
                Ok((rest, self.expr(start, text)))
            }
            Err(error) => {
                self.exprs.truncate(start);
                Err(error)
            }
        }
    }

    fn check_size(&self, input: &str, start: usize) -> Result<(), nom::Err<Failure>> {
        let nodes = &self.exprs[start..];
        if nodes.len() > MAX_PARTS {
            let message = format!("the formula has more than {MAX_PARTS} parts");
            return Failure::new(Kind::TooDeep, input, 1, message).help(SPLIT).cut();
        }
        if nodes.len() > MAX_LEVELS as usize && levels(nodes) > MAX_LEVELS {
            let message = format!("the formula has more than {MAX_LEVELS} levels");
            return Failure::new(Kind::TooDeep, input, 1, message).help(SPLIT).cut();
        }
        Ok(())
    }

    /// Operands joined by operators that bind at least as tightly as `least`.
    fn expression(&mut self, input: &'a str, least: u8) -> Parsed<'a, ()> {
        self.depth += 1;
        if self.depth > MAX_RECURSION {
            let message =
                format!("parentheses, signs and powers nest more than {MAX_RECURSION} deep");
            return Failure::new(Kind::TooDeep, input, 1, message).help(SPLIT).cut();
        }
        let first = self.exprs.len();
        let (mut input, ()) = self.prefix(input, least)?;
        let mut compared = false;
        loop {
            let at = self.gap(input);
            let Some((after, binary)) = operator(at)? else { break };
            if binary.precedence() < least {
                break;
            }
            if binary.compares() && std::mem::replace(&mut compared, true) {
                return chained(at, binary);
            }
            let span = self.span(at, after);
            let operand = self.operand(at, after)?;
            let right_first = u8::from(binary != Binary::Power);
            (input, ()) = self.expression(operand, binary.precedence() + right_first)?;
            self.push(span, first, Op::Binary(binary));
        }
        self.depth -= 1;
        Ok((input, ()))
    }

    fn push(&mut self, span: Span, first: usize, op: Op) {
        let size = (self.exprs.len() - first + 1) as u32;
        self.exprs.push(ExprNode { span, size, op });
    }

    /// What follows an operator, which may not be the end of the line.
    fn operand(&mut self, operator: &'a str, after: &'a str) -> Result<&'a str, nom::Err<Failure>> {
        let rest = self.gap(after);
        if rest.is_empty() || rest.starts_with(['\n', '\r', '#', ';', '}']) {
            let sign = &operator[..operator.len() - after.len()];
            let message = format!("nothing follows `{sign}`");
            let help = "a formula ends with its line; to go on, put the whole into parentheses";
            let failure = Failure::new(Kind::OperatorAtLineEnd, operator, sign.len(), message);
            return failure.help(help).cut();
        }
        Ok(rest)
    }

    /// `not x`, `-x`, or an atom.
    fn prefix(&mut self, input: &'a str, least: u8) -> Parsed<'a, ()> {
        let first = self.exprs.len();
        if let Some(after) = input.strip_prefix('-').filter(|after| !after.starts_with('>')) {
            let operand = self.operand(input, after)?;
            let (rest, ()) = self.expression(operand, NEGATE_PRECEDENCE + 1)?;
            self.push(self.span_len(input, 1), first, Op::Negate);
            return Ok((rest, ()));
        }
        if let Some(after) = keyword_prefix(input, "not").filter(|_| least <= NOT_PRECEDENCE) {
            let operand = self.operand(input, after)?;
            let (rest, ()) = self.expression(operand, NOT_PRECEDENCE)?;
            self.push(self.span_len(input, 3), first, Op::Not);
            return Ok((rest, ()));
        }
        self.atom(input)
    }

    fn atom(&mut self, input: &'a str) -> Parsed<'a, ()> {
        let first = self.exprs.len();
        match input.chars().next() {
            Some('(') => self.parenthesized(input),
            Some('0'..='9') if lexical::looks_like_date(input) => {
                let message = "a date cannot stand in a formula";
                let help = "a cycle's `.elapsed` is the share of its days that have passed";
                Failure::new(Kind::DateInFormula, input, 10, message).help(help).cut()
            }
            Some('0'..='9' | '$' | '€' | '£' | '¥') if lexical::starts_number(input) => {
                let (rest, (value, unit)) = self.number(input)?;
                self.push(self.span(input, rest), first, Op::Number(value, unit));
                Ok((rest, ()))
            }
            Some(c) if c.is_alphabetic() || c == '_' => self.name_or_call(input),
            _ => no_operand(input).cut(),
        }
    }

    fn parenthesized(&mut self, input: &'a str) -> Parsed<'a, ()> {
        self.open(input)?;
        let inner = self.gap(&input[1..]);
        let (rest, ()) = self.expression(inner, 1)?;
        let end = self.gap(rest);
        let rest = self.close(input, rest, end, "`)` or an operator")?;
        Ok((rest, ()))
    }

    fn open(&mut self, input: &str) -> Result<(), nom::Err<Failure>> {
        self.parentheses += 1;
        if self.parentheses <= MAX_PARENTHESES {
            return Ok(());
        }
        let message = format!("parentheses nest more than {MAX_PARENTHESES} deep");
        Failure::new(Kind::TooDeep, input, 1, message).help(SPLIT).cut()
    }

    /// The closing parenthesis at `end`. Where the line has ended before it, the opening one is at
    /// fault.
    fn close(
        &mut self,
        open: &'a str,
        last: &'a str,
        end: &'a str,
        what: &str,
    ) -> Result<&'a str, nom::Err<Failure>> {
        if let Some(rest) = end.strip_prefix(')') {
            self.parentheses -= 1;
            return Ok(rest);
        }
        let crossed = last[..last.len() - end.len()].contains('\n');
        let lost = crossed || self.runs_into_a_field(open, end);
        if lost || end.is_empty() || end.starts_with([';', '}', '{']) {
            let message = "this `(` is never closed";
            let failure = Failure::new(Kind::UnclosedParenthesis, open, 1, message);
            return failure.help("close it with `)`").cut();
        }
        expected(what, end).cut()
    }

    /// Whether the line of `end` is not that of `open` and begins with a word of the language, so
    /// that it was not meant to go on with a formula.
    fn runs_into_a_field(&self, open: &str, end: &str) -> bool {
        let between = &self.text[self.at(open)..self.at(end)];
        let Some((_, line)) = between.rsplit_once('\n') else { return false };
        let line = lexical::spaces(line);
        let word = lexical::word(line).map_or("", |(_, word)| word);
        lexical::looks_like_date(line) || keyword::TABLE.iter().any(|entry| entry.word == word)
    }

    fn name_or_call(&mut self, input: &'a str) -> Parsed<'a, ()> {
        let end = input.find(|c: char| !lexical::is_word(c)).unwrap_or(input.len());
        let (word, after) = input.split_at(end);
        let open = self.gap(after);
        if open.starts_with('(') {
            return self.call(input, word, open);
        }
        if keyword::is_reserved(word) {
            return no_operand(input).cut();
        }
        if let Some(failure) = unit_before_number(word, input, open) {
            return failure.cut();
        }
        let first = self.exprs.len();
        let (rest, _) = lexical::path("a name", input)?;
        self.push(self.span(input, rest), first, Op::Name);
        Ok((rest, ()))
    }

    fn call(&mut self, input: &'a str, word: &str, open: &'a str) -> Parsed<'a, ()> {
        let Some(function) = Function::from_word(word) else {
            return unknown_function(input, word).cut();
        };
        let first = self.exprs.len();
        self.open(open)?;
        let mut count = 0;
        let mut rest = self.gap(&open[1..]);
        if !rest.starts_with(')') {
            loop {
                (rest, ()) = self.expression(rest, 1)?;
                count += 1;
                let end = self.gap(rest);
                match end.strip_prefix(',') {
                    Some(after) => rest = self.gap(after),
                    None => break,
                }
            }
        }
        let end = self.gap(rest);
        let rest = self.close(open, rest, end, "`,` or `)`")?;
        check_count(input, word, function, count)?;
        self.push(self.span_len(input, word.len()), first, Op::Call(function, count as u32));
        Ok((rest, ()))
    }
}

const SPLIT: &str = "split it: name a part of it with a `metric`, or use `sum(…)`";

/// The rest of the text after a word, if it begins with just that word.
fn keyword_prefix<'a>(input: &'a str, word: &str) -> Option<&'a str> {
    input.strip_prefix(word).filter(|rest| !rest.starts_with(lexical::is_word))
}

/// The operator that stands here, if one does; signs of other languages fail with ours.
fn operator(at: &str) -> Result<Option<(&str, Binary)>, nom::Err<Failure>> {
    let bytes = at.as_bytes();
    let (length, binary) = match (bytes.first(), bytes.get(1)) {
        (Some(b'&'), Some(b'&')) => return no_such(at, 2, "and"),
        (Some(b'|'), Some(b'|')) => return no_such(at, 2, "or"),
        (Some(b'*'), Some(b'*')) => return no_such(at, 2, "^"),
        (Some(b'/'), Some(b'/')) => return no_such(at, 2, "floor(a / b)"),
        (Some(b'<'), Some(b'>')) => return no_such(at, 2, "!="),
        (Some(b'='), Some(b'<')) => return no_such(at, 2, "<="),
        (Some(b'='), Some(b'>')) => return no_such(at, 2, ">="),
        (Some(b'%'), _) => return no_such(at, 1, "mod(a, b)"),
        (Some(b'?'), _) => return no_such(at, 1, "if(condition, a, b)"),
        (Some(b'<'), Some(b'=')) => (2, Binary::AtMost),
        (Some(b'>'), Some(b'=')) => (2, Binary::AtLeast),
        (Some(b'='), Some(b'=')) => (2, Binary::Equal),
        (Some(b'!'), Some(b'=')) => (2, Binary::Unequal),
        (Some(b'='), _) => {
            let message = "a single `=` compares nothing";
            return Failure::new(Kind::SingleEquals, at, 1, message).help("write `==`").cut();
        }
        (Some(b'-'), Some(b'>')) => return Ok(None),
        (Some(b'<'), _) => (1, Binary::Less),
        (Some(b'>'), _) => (1, Binary::Greater),
        (Some(b'+'), _) => (1, Binary::Add),
        (Some(b'-'), _) => (1, Binary::Subtract),
        (Some(b'*'), _) => (1, Binary::Multiply),
        (Some(b'/'), _) => (1, Binary::Divide),
        (Some(b'^'), _) => (1, Binary::Power),
        (Some(b'a'), Some(b'n')) if keyword_prefix(at, "and").is_some() => (3, Binary::And),
        (Some(b'o'), Some(b'r')) if keyword_prefix(at, "or").is_some() => (2, Binary::Or),
        _ => return Ok(None),
    };
    Ok(Some((&at[length..], binary)))
}

fn no_such<T>(at: &str, length: usize, ours: &str) -> Result<T, nom::Err<Failure>> {
    let message = format!("there is no operator `{}`", &at[..length]);
    let help = format!("write `{ours}`");
    Failure::new(Kind::NoSuchOperator, at, length, message).help(help).cut()
}

fn chained<'a, T>(at: &'a str, binary: Binary) -> Parsed<'a, T> {
    let sign = binary.sign();
    let failure = Failure::new(Kind::ChainedComparison, at, sign.len(), "comparisons do not chain");
    failure.help("write `a < b and b < c`").cut()
}

fn no_operand(input: &str) -> Failure {
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if input.starts_with('.') && digit(&input[1..]) {
        let message = "a number has digits on both sides of its point";
        let length = lexical::token(&input[1..]).len() + 1;
        let help = format!("write `0{}`", &input[..length]);
        return Failure::new(Kind::BadNumber, input, length, message).help(help);
    }
    if input.starts_with('!') && !input.starts_with("!=") {
        let message = "there is no operator `!`";
        return Failure::new(Kind::NoSuchOperator, input, 1, message).help("write `not`");
    }
    if input.starts_with('+') {
        let message = "a number has no sign `+`";
        return Failure::new(Kind::NoSuchOperator, input, 1, message).help("leave it out");
    }
    let failure = expected("a number, a name or `(`", input);
    match input.strip_prefix('=') {
        Some(after) if !after.starts_with('=') => failure.help("leave the `=` out"),
        _ => failure,
    }
}

/// `USD 10`, as it is written in some places.
fn unit_before_number(word: &str, input: &str, after: &str) -> Option<Failure> {
    let is_unit = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let digits = lexical::token(after);
    if !is_unit || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let failure = expected("a number, a name or `(`", input);
    Some(failure.help(format!("the unit follows its number: `{digits} {word}`")))
}

fn unknown_function(input: &str, word: &str) -> Failure {
    let words = keyword::FUNCTIONS.iter().map(|entry| entry.word);
    let help = match suggest::nearest(word, words.clone()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("the functions are {}", words.collect::<Vec<_>>().join(", ")),
    };
    let message = format!("there is no function `{word}`");
    Failure::new(Kind::UnknownFunction, input, word.len(), message).help(help)
}

fn check_count(
    input: &str,
    word: &str,
    function: Function,
    count: usize,
) -> Result<(), nom::Err<Failure>> {
    let entry = function.entry();
    if (entry.least..=entry.most).contains(&count) {
        return Ok(());
    }
    let wanted = match (entry.least, entry.most) {
        (least, usize::MAX) => format!("at least {least}"),
        (least, most) if least == most => format!("{least}"),
        (least, most) => format!("{least} or {most}"),
    };
    let arguments = if wanted.ends_with(" 1") || wanted == "1" { "argument" } else { "arguments" };
    let message = format!("`{word}` takes {wanted} {arguments}, not {count}");
    let help = format!("write `{}`: {}", entry.usage, entry.doc);
    Failure::new(Kind::WrongArguments, input, word.len(), message).help(help).cut()
}

/// How many levels a formula has.
fn levels(nodes: &[ExprNode]) -> u32 {
    let mut stack: Vec<u32> = Vec::new();
    for node in nodes {
        let operands = operands(node.op).min(stack.len());
        let deepest = stack.drain(stack.len() - operands..).max().unwrap_or(0);
        stack.push(deepest + 1);
    }
    stack.into_iter().max().unwrap_or(0)
}

/// How many operands a node takes from the stack.
pub fn operands(op: Op) -> usize {
    match op {
        Op::Number(..) | Op::Name => 0,
        Op::Negate | Op::Not => 1,
        Op::Binary(_) => 2,
        Op::Call(_, count) => count as usize,
    }
}
