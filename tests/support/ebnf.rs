//! Reads the notation of `grammar/okr.ebnf`, recognises texts by it, and makes up sentences of it.
//!
//! The notation is described at the top of that file: the W3C's EBNF, with tokens (rules in
//! capitals) that take the longest text they can, and white space between the tokens of all other
//! rules. Three parts, in the order of this file: reading, recognising, writing.
//!
//! The recogniser computes, for a rule and a place, every place where a text of that rule may end,
//! and remembers it. So it follows all readings of an ambiguous text at once, the difference
//! `A - B` is a difference of sets, and the work is in proportion to the text wherever the number
//! of ends is small. It cannot follow a left recursion; reading refuses a grammar that has one.

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use rustc_hash::FxHashMap;

// ---- Reading ------------------------------------------------------------------------------------

/// What is wrong with the text of a grammar, and in which line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrammarError {
    pub line: usize,
    pub message: String,
}

impl fmt::Display for GrammarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for GrammarError {}

type Result<T, E = GrammarError> = std::result::Result<T, E>;

fn error<T>(line: usize, message: impl Into<String>) -> Result<T> {
    Err(GrammarError { line, message: message.into() })
}

/// The characters of a set such as `[a-z_]` or `[^"]`.
#[derive(Debug, Clone, Default)]
struct Class {
    negated: bool,
    /// `\p{L}` is among the members.
    letters: bool,
    /// Both ends included.
    ranges: Vec<(char, char)>,
}

impl Class {
    fn contains(&self, c: char) -> bool {
        let listed = self.ranges.iter().any(|&(low, high)| (low..=high).contains(&c));
        (listed || self.letters && c.is_alphabetic()) != self.negated
    }
}

/// The right-hand side of a rule, or a part of it.
#[derive(Debug, Clone)]
enum Expr {
    Text(String),
    Class(Class),
    /// An index into [`Grammar::rules`].
    Rule(usize),
    Sequence(Vec<Expr>),
    Choice(Vec<Expr>),
    Repeat {
        of: Box<Expr>,
        optional: bool,
        many: bool,
    },
    /// A text that is the first and is not the second.
    Minus(Box<Expr>, Box<Expr>),
    /// Reads nothing, where this does not stand.
    Not(Box<Expr>),
}

impl Expr {
    /// Calls `f` with this expression and all within it.
    fn visit<'e>(&'e self, f: &mut impl FnMut(&'e Expr)) {
        f(self);
        match self {
            Expr::Text(_) | Expr::Class(_) | Expr::Rule(_) => {}
            Expr::Sequence(parts) | Expr::Choice(parts) => {
                parts.iter().for_each(|part| part.visit(f));
            }
            Expr::Repeat { of, .. } | Expr::Not(of) => of.visit(f),
            Expr::Minus(a, b) => {
                a.visit(f);
                b.visit(f);
            }
        }
    }

    /// The words that stand in quotes in this.
    fn words(&self) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        self.visit(&mut |expr| match expr {
            Expr::Text(text) if is_word(text) => {
                words.insert(text.clone());
            }
            _ => {}
        });
        words
    }

    /// Whether this may be empty; every rule that may stand at its start goes to `first`.
    fn start(&self, empty: &[bool], first: &mut Vec<usize>) -> bool {
        match self {
            Expr::Text(text) => text.is_empty(),
            Expr::Class(_) => false,
            Expr::Rule(rule) => {
                first.push(*rule);
                empty[*rule]
            }
            Expr::Sequence(parts) => parts.iter().all(|part| part.start(empty, first)),
            Expr::Choice(parts) => {
                // Not `any`, which would stop at the first.
                parts.iter().filter(|part| part.start(empty, first)).count() > 0
            }
            Expr::Repeat { of, optional, .. } => of.start(empty, first) || *optional,
            Expr::Minus(a, b) => {
                b.start(empty, first);
                a.start(empty, first)
            }
            Expr::Not(of) => {
                of.start(empty, first);
                true
            }
        }
    }

    /// The number of rules that the shallowest sentence of this needs below each other.
    fn height(&self, rules: &[usize]) -> usize {
        let least = |parts: &[Expr]| parts.iter().map(|part| part.height(rules)).min();
        let most = |parts: &[Expr]| parts.iter().map(|part| part.height(rules)).max();
        match self {
            Expr::Text(_) | Expr::Class(_) | Expr::Not(_) => 0,
            Expr::Rule(rule) => rules[*rule].saturating_add(1),
            Expr::Sequence(parts) => most(parts).unwrap_or(0),
            Expr::Choice(parts) => least(parts).unwrap_or(0),
            Expr::Repeat { optional: true, .. } => 0,
            Expr::Repeat { of, .. } | Expr::Minus(of, _) => of.height(rules),
        }
    }
}

/// One `name ::= …` of a grammar.
#[derive(Debug)]
struct Rule {
    name: String,
    line: usize,
    body: Expr,
    /// In capitals: no white space within, and always the longest text.
    token: bool,
    /// Marked `ws: wide`.
    wide: bool,
    /// Marked `sentences: NAME`: the rule that stands for this one when sentences are made up.
    sentences: Option<usize>,
    /// May contain itself.
    recursive: bool,
}

/// A grammar, read and checked.
#[derive(Debug)]
pub struct Grammar {
    rules: Vec<Rule>,
    names: FxHashMap<String, usize>,
    /// For each rule, see [`Expr::height`].
    heights: Vec<usize>,
}

impl Grammar {
    /// Reads a grammar. An error is one of the notation, a rule that is missing, defined twice, or
    /// without any finite sentence, or a left recursion.
    pub fn read(text: &str) -> Result<Grammar> {
        let drafts = drafts(lex(text)?)?;
        let names = index(&drafts)?;
        let rules = drafts.iter().map(|draft| draft.finish(&names)).collect::<Result<Vec<_>>>()?;
        let mut grammar = Grammar { rules, names, heights: vec![] };
        grammar.refuse_left_recursion()?;
        grammar.measure()?;
        Ok(grammar)
    }

    /// The keywords: every word (a letter, then letters, digits and `_`) that stands in quotes in
    /// a rule of the syntax. What tokens are made of (the `n` of `\n`) is none, nor is `n/a`.
    pub fn words(&self) -> BTreeSet<String> {
        let syntax = self.rules.iter().filter(|rule| !rule.token);
        syntax.flat_map(|rule| rule.body.words()).collect()
    }

    /// The words that stand in quotes in one rule (not in those that it names): `RESERVED`, say.
    ///
    /// # Panics
    /// When there is no rule `name`.
    pub fn words_of(&self, name: &str) -> BTreeSet<String> {
        self.rules[self.rule(name)].body.words()
    }

    /// The names of the rules that no sentence of `start` needs; [`BLANK`] and [`WIDE_BLANK`] are
    /// always needed.
    ///
    /// # Panics
    /// When there is no rule `start`.
    pub fn unused(&self, start: &str) -> BTreeSet<String> {
        let mut used = vec![false; self.rules.len()];
        for root in [Some(self.rule(start)), self.blank(Space::Narrow), self.blank(Space::Wide)] {
            for rule in root.into_iter().flat_map(|root| [self.reachable(root), vec![root]]) {
                rule.into_iter().for_each(|rule| used[rule] = true);
            }
        }
        let unused = self.rules.iter().zip(used).filter(|(_, used)| !used);
        unused.map(|(rule, _)| rule.name.clone()).collect()
    }

    fn rule(&self, name: &str) -> usize {
        match self.names.get(name) {
            Some(&rule) => rule,
            None => panic!("the grammar has no rule `{name}`"),
        }
    }

    /// The white space around a whole text of the rule.
    fn outside(&self, rule: usize) -> Space {
        if self.rules[rule].token { Space::None } else { Space::Narrow }
    }

    /// The rule of white space, if the grammar has it.
    fn blank(&self, space: Space) -> Option<usize> {
        match space {
            Space::None => None,
            Space::Narrow => self.names.get(BLANK).copied(),
            Space::Wide => self.names.get(WIDE_BLANK).copied(),
        }
    }

    /// All rules below `rule`, with itself only where it is recursive.
    fn reachable(&self, rule: usize) -> Vec<usize> {
        let below = |rule: usize| {
            let mut below: Vec<usize> = self.rules[rule].sentences.into_iter().collect();
            self.rules[rule].body.visit(&mut |expr| {
                if let Expr::Rule(rule) = expr {
                    below.push(*rule);
                }
            });
            below
        };
        closure(rule, self.rules.len(), below)
    }

    /// Which rules may be empty.
    fn empty(&self) -> Vec<bool> {
        let mut empty = vec![false; self.rules.len()];
        loop {
            let bodies = self.rules.iter().map(|rule| &rule.body);
            let next: Vec<bool> = bodies.map(|body| body.start(&empty, &mut vec![])).collect();
            if next == empty {
                return empty;
            }
            empty = next;
        }
    }

    fn refuse_left_recursion(&self) -> Result<()> {
        let empty = self.empty();
        let first = |rule: usize| {
            let mut first = vec![];
            self.rules[rule].body.start(&empty, &mut first);
            first
        };
        for (number, rule) in self.rules.iter().enumerate() {
            if closure(number, self.rules.len(), first).contains(&number) {
                return error(rule.line, format!("left recursion through `{}`", rule.name));
            }
        }
        Ok(())
    }

    /// Fills in the heights, and which rules are recursive.
    fn measure(&mut self) -> Result<()> {
        self.heights = vec![usize::MAX; self.rules.len()];
        loop {
            let next: Vec<usize> = self.rules.iter().map(|rule| self.height(&rule.body)).collect();
            if next == self.heights {
                break;
            }
            self.heights = next;
        }
        for rule in 0..self.rules.len() {
            self.rules[rule].recursive = self.reachable(rule).contains(&rule);
            if self.heights[rule] == usize::MAX {
                let Rule { line, name, .. } = &self.rules[rule];
                return error(*line, format!("`{name}` has no finite sentence"));
            }
        }
        Ok(())
    }

    fn height(&self, expr: &Expr) -> usize {
        expr.height(&self.heights)
    }
}

/// All that can be reached from `from`, one of `count` nodes, by one step or more.
fn closure(from: usize, count: usize, steps: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut seen = vec![false; count];
    let mut found = vec![];
    let mut todo = steps(from);
    while let Some(next) = todo.pop() {
        if !std::mem::replace(&mut seen[next], true) {
            found.push(next);
            todo.extend(steps(next));
        }
    }
    found
}

fn is_word(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().all(in_word)
}

/// Whether `c` belongs to a word or a number, so that another one beside it would make one of two.
fn in_word(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_'
}

/// The smallest parts of the notation.
#[derive(Debug, Clone)]
enum Lexeme {
    Name(String),
    /// `::=`
    Define,
    Text(String),
    Class(Class),
    /// One of `| ? * + ( ) - !`.
    Sign(char),
    /// A comment that says something to the machine: `ws: wide`, `sentences: NAME`.
    Mark(String, String),
}

type Lexemes = Vec<(usize, Lexeme)>;

fn lex(text: &str) -> Result<Lexemes> {
    let mut lexer = Lexer { rest: text, line: 1 };
    let mut lexemes = vec![];
    loop {
        lexer.skip(|c| c.is_whitespace());
        if lexer.rest.is_empty() {
            return Ok(lexemes);
        }
        let line = lexer.line;
        if let Some(lexeme) = lexer.next()? {
            lexemes.push((line, lexeme));
        }
    }
}

struct Lexer<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Lexer<'t> {
    /// Takes `length` bytes.
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.line += taken.matches('\n').count();
        taken
    }

    /// Takes all characters that `belongs` says yes to.
    fn skip(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        self.take(self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len()))
    }

    /// What stands between `open`, which comes next, and `close`.
    fn between(&mut self, open: &str, close: &str) -> Result<&'t str> {
        let (line, start) = (self.line, open.len());
        let Some(length) = self.rest[start..].find(close) else {
            return error(line, format!("`{open}` without `{close}`"));
        };
        Ok(&self.take(start + length + close.len())[start..start + length])
    }

    /// The next lexeme; none for a comment.
    fn next(&mut self) -> Result<Option<Lexeme>> {
        let line = self.line;
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        Ok(Some(match first {
            '/' if self.rest.starts_with("/*") => return Ok(mark(self.between("/*", "*/")?)),
            ':' if self.rest.starts_with("::=") => {
                self.take(3);
                Lexeme::Define
            }
            '"' | '\'' => Lexeme::Text(self.text(first)?),
            '[' => Lexeme::Class(class(line, self.between("[", "]")?)?),
            '#' => {
                let text = self.skip(|c| c == '#' || c.is_ascii_alphanumeric());
                Lexeme::Text(code(line, text)?.to_string())
            }
            '|' | '?' | '*' | '+' | '(' | ')' | '-' | '!' => {
                self.take(1);
                Lexeme::Sign(first)
            }
            _ if in_word(first) => Lexeme::Name(self.skip(in_word).to_string()),
            _ => return error(line, format!("`{first}` means nothing here")),
        }))
    }

    /// A text in the quotes `quote`.
    fn text(&mut self, quote: char) -> Result<String> {
        let line = self.line;
        let text = self.between(&quote.to_string(), &quote.to_string())?;
        if text.contains('\n') { error(line, "a quote is not closed") } else { Ok(text.into()) }
    }
}

/// The mark that a comment is, if it is one.
fn mark(comment: &str) -> Option<Lexeme> {
    let (key, value) = comment.trim().split_once(": ")?;
    let mark = matches!(key, "ws" | "sentences");
    mark.then(|| Lexeme::Mark(key.into(), value.into()))
}

/// The character of `#x20AC`.
fn code(line: usize, text: &str) -> Result<char> {
    let digits = text.strip_prefix("#x").unwrap_or_default();
    let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    code.map_or_else(|| error(line, format!("`{text}` is no character")), Ok)
}

/// The set that stands between brackets.
fn class(line: usize, text: &str) -> Result<Class> {
    let mut class = Class::default();
    let mut rest = text;
    if let Some(members) = rest.strip_prefix('^') {
        (class.negated, rest) = (true, members);
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(r"\p{L}") {
            (class.letters, rest) = (true, after);
            continue;
        }
        let low = member(line, &mut rest)?;
        let high = match rest.strip_prefix('-') {
            Some(after) if !after.is_empty() => {
                rest = after;
                member(line, &mut rest)?
            }
            _ => low,
        };
        if high < low {
            return error(line, format!("`{low}-{high}` runs backwards"));
        }
        class.ranges.push((low, high));
    }
    Ok(class)
}

/// Takes one character of a set, itself or as its code.
fn member(line: usize, rest: &mut &str) -> Result<char> {
    let digits = rest.strip_prefix("#x").unwrap_or_default();
    let digits = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    let length =
        if digits > 0 { 2 + digits } else { rest.chars().next().map_or(0, char::len_utf8) };
    let (taken, after) = rest.split_at(length);
    *rest = after;
    match taken.chars().next() {
        Some(c) if digits == 0 => Ok(c),
        _ => code(line, taken),
    }
}

/// A rule whose right-hand side is not read yet.
struct Draft {
    name: String,
    line: usize,
    body: Lexemes,
    marks: Vec<(usize, String, String)>,
}

/// Cuts the lexemes into rules.
fn drafts(lexemes: Lexemes) -> Result<Vec<Draft>> {
    let mut drafts: Vec<Draft> = vec![];
    let mut lexemes = lexemes.into_iter().peekable();
    while let Some((line, lexeme)) = lexemes.next() {
        let defines = matches!(lexemes.peek(), Some((_, Lexeme::Define)));
        match (lexeme, drafts.last_mut()) {
            (Lexeme::Name(name), _) if defines => {
                lexemes.next();
                drafts.push(Draft { name, line, body: vec![], marks: vec![] });
            }
            (Lexeme::Mark(key, value), Some(draft)) => draft.marks.push((line, key, value)),
            (lexeme, Some(draft)) => draft.body.push((line, lexeme)),
            (_, None) => return error(line, "a rule starts with `name ::=`"),
        }
    }
    Ok(drafts)
}

fn index(drafts: &[Draft]) -> Result<FxHashMap<String, usize>> {
    let mut names = FxHashMap::default();
    for (number, draft) in drafts.iter().enumerate() {
        if names.insert(draft.name.clone(), number).is_some() {
            return error(draft.line, format!("`{}` is defined twice", draft.name));
        }
    }
    Ok(names)
}

fn find(names: &FxHashMap<String, usize>, line: usize, name: &str) -> Result<usize> {
    match names.get(name) {
        Some(&rule) => Ok(rule),
        None => error(line, format!("there is no rule `{name}`")),
    }
}

impl Draft {
    fn finish(&self, names: &FxHashMap<String, usize>) -> Result<Rule> {
        let mut reader = Reader { rest: &self.body, line: self.line, names };
        let body = reader.choice()?;
        if let Some(&(line, _)) = reader.rest.first() {
            return error(line, format!("`{}` goes on where it should end", self.name));
        }
        let mut rule = Rule {
            name: self.name.clone(),
            line: self.line,
            body,
            token: !self.name.contains(char::is_lowercase),
            wide: false,
            sentences: None,
            recursive: false,
        };
        for (line, key, value) in &self.marks {
            match (key.as_str(), value.as_str()) {
                ("ws", "wide") => rule.wide = true,
                ("sentences", name) => rule.sentences = Some(find(names, *line, name)?),
                _ => return error(*line, format!("unknown mark `{key}: {value}`")),
            }
        }
        Ok(rule)
    }
}

/// Reads the right-hand side of one rule.
struct Reader<'g> {
    rest: &'g [(usize, Lexeme)],
    /// That of the last lexeme taken.
    line: usize,
    names: &'g FxHashMap<String, usize>,
}

impl Reader<'_> {
    fn take(&mut self) -> Option<&Lexeme> {
        let ((line, lexeme), rest) = self.rest.split_first()?;
        (self.line, self.rest) = (*line, rest);
        Some(lexeme)
    }

    fn peek(&self) -> Option<&Lexeme> {
        self.rest.first().map(|(_, lexeme)| lexeme)
    }

    /// Takes the sign if it comes next.
    fn sign(&mut self, sign: char) -> bool {
        let next = matches!(self.peek(), Some(Lexeme::Sign(c)) if *c == sign);
        if next {
            self.take();
        }
        next
    }

    fn choice(&mut self) -> Result<Expr> {
        let mut parts = vec![self.sequence()?];
        while self.sign('|') {
            parts.push(self.sequence()?);
        }
        Ok(one_or(parts, Expr::Choice))
    }

    fn sequence(&mut self) -> Result<Expr> {
        let mut parts = vec![];
        while !matches!(self.peek(), None | Some(Lexeme::Sign('|' | ')'))) {
            parts.push(self.difference()?);
        }
        if parts.is_empty() {
            return error(self.line, "something is missing here; for nothing, use `?`");
        }
        Ok(one_or(parts, Expr::Sequence))
    }

    fn difference(&mut self) -> Result<Expr> {
        if self.sign('!') {
            return Ok(Expr::Not(Box::new(self.repeat()?)));
        }
        let mut whole = self.repeat()?;
        while self.sign('-') {
            whole = Expr::Minus(Box::new(whole), Box::new(self.repeat()?));
        }
        Ok(whole)
    }

    fn repeat(&mut self) -> Result<Expr> {
        let mut expr = self.atom()?;
        loop {
            let (optional, many) = match self.peek() {
                Some(Lexeme::Sign('?')) => (true, false),
                Some(Lexeme::Sign('*')) => (true, true),
                Some(Lexeme::Sign('+')) => (false, true),
                _ => return Ok(expr),
            };
            self.take();
            expr = Expr::Repeat { of: Box::new(expr), optional, many };
        }
    }

    fn atom(&mut self) -> Result<Expr> {
        let names = self.names;
        match self.take().cloned() {
            Some(Lexeme::Name(name)) => Ok(Expr::Rule(find(names, self.line, &name)?)),
            Some(Lexeme::Text(text)) => Ok(Expr::Text(text)),
            Some(Lexeme::Class(class)) => Ok(Expr::Class(class)),
            Some(Lexeme::Sign('(')) => {
                let expr = self.choice()?;
                if self.sign(')') { Ok(expr) } else { error(self.line, "`(` without `)`") }
            }
            _ => error(self.line, "a name, a quoted text, a set or `(` belongs here"),
        }
    }
}

fn one_or(mut parts: Vec<Expr>, many: impl Fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

// ---- Recognising --------------------------------------------------------------------------------

/// The rule whose texts may stand before every token of the syntax.
const BLANK: &str = "BLANK";

/// The rule that takes its place within a rule marked `ws: wide`.
const WIDE_BLANK: &str = "WIDE_BLANK";

/// Rules within rules; far more than the language allows, far less than the stack takes.
const DEEPEST: usize = 20_000;

/// For [`DEEPEST`] rules, without optimisation; pages that nothing touches cost nothing.
const STACK: usize = 512 << 20;

/// The white space in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    /// Within a token.
    None,
    Narrow,
    Wide,
}

impl Grammar {
    /// Whether the whole of `text` is a `start`; otherwise the byte offset of the furthest place at
    /// which something else would have to stand: in the syntax, the start of a token. A text that
    /// nests more than [`DEEPEST`] rules is refused at that place.
    ///
    /// # Panics
    /// When there is no rule `start`.
    pub fn derives(&self, start: &str, text: &str) -> Result<(), usize> {
        let start = self.rule(start);
        std::thread::scope(|scope| {
            let work = move || Matcher::new(self, text).whole(start);
            let builder = std::thread::Builder::new().stack_size(STACK);
            let thread = builder.spawn_scoped(scope, work).expect("a thread can be started");
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// Places in the text, ascending, none twice.
type Ends = Vec<usize>;

/// Recognises parts of one text.
struct Matcher<'a> {
    grammar: &'a Grammar,
    text: &'a str,
    /// Where the texts of a rule end that start at a place.
    known: FxHashMap<(usize, usize, Space), Rc<[usize]>>,
    /// The furthest place that something did not match.
    furthest: usize,
    depth: usize,
}

impl<'a> Matcher<'a> {
    fn new(grammar: &'a Grammar, text: &'a str) -> Self {
        Matcher { grammar, text, known: FxHashMap::default(), furthest: 0, depth: 0 }
    }

    /// See [`Grammar::derives`].
    fn whole(mut self, start: usize) -> Result<(), usize> {
        let outer = self.grammar.outside(start);
        for end in self.rule(start, 0, outer).iter() {
            let end = self.skip(*end, outer);
            if end == self.text.len() {
                return Ok(());
            }
            self.furthest = self.furthest.max(end);
        }
        Err(self.furthest)
    }

    fn ends(&mut self, expr: &Expr, at: usize, space: Space) -> Ends {
        match expr {
            Expr::Text(text) => self
                .terminal(at, space, |rest| rest.starts_with(text.as_str()).then_some(text.len())),
            Expr::Class(class) => self.terminal(at, space, |rest| {
                rest.chars().next().filter(|&c| class.contains(c)).map(char::len_utf8)
            }),
            Expr::Rule(rule) => self.rule(*rule, at, space).to_vec(),
            Expr::Sequence(parts) => {
                parts.iter().fold(vec![at], |from, part| self.step(part, &from, space))
            }
            Expr::Choice(parts) => {
                let ends = parts.iter().flat_map(|part| self.ends(part, at, space));
                sorted(ends.collect())
            }
            Expr::Repeat { of, optional, many } => self.repeat(of, *optional, *many, at, space),
            Expr::Minus(a, b) => {
                let mut ends = self.ends(a, at, space);
                let not = self.quietly(|matcher| matcher.ends(b, at, space));
                ends.retain(|end| !not.contains(end));
                ends
            }
            Expr::Not(of) => match &self.quietly(|matcher| matcher.ends(of, at, space))[..] {
                [] => vec![at],
                _ => self.miss(at),
            },
        }
    }

    /// The ends of `expr` from all places of `from`.
    fn step(&mut self, expr: &Expr, from: &[usize], space: Space) -> Ends {
        match from {
            [] => vec![],
            [at] => self.ends(expr, *at, space),
            _ => sorted(from.iter().flat_map(|&at| self.ends(expr, at, space)).collect()),
        }
    }

    fn repeat(&mut self, of: &Expr, optional: bool, many: bool, at: usize, space: Space) -> Ends {
        let mut found = BTreeSet::new();
        if optional {
            found.insert(at);
        }
        let mut todo = self.ends(of, at, space);
        while let Some(end) = todo.pop() {
            if found.insert(end) && many {
                todo.extend(self.ends(of, end, space));
            }
        }
        found.into_iter().collect()
    }

    /// What `f` says; what it misses is no failure.
    fn quietly<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let furthest = self.furthest;
        let result = f(self);
        self.furthest = furthest;
        result
    }

    /// The ends of a rule, after the white space of the place that names it.
    fn rule(&mut self, rule: usize, at: usize, outer: Space) -> Rc<[usize]> {
        let grammar = self.grammar;
        let Rule { token, wide, .. } = grammar.rules[rule];
        let inner = if token {
            Space::None
        } else if wide {
            Space::Wide
        } else {
            outer
        };
        let at = if token || inner != outer { self.skip(at, outer) } else { at };
        if inner == Space::Wide && outer == Space::Narrow && self.skip(at, inner) != at {
            return self.miss(at).into();
        }
        if token && outer != Space::None {
            return self.token(rule, at);
        }
        self.known(rule, at, inner)
    }

    /// The end of a token of the syntax; where it fails, it fails as a whole.
    fn token(&mut self, rule: usize, at: usize) -> Rc<[usize]> {
        let ends = self.quietly(|matcher| matcher.known(rule, at, Space::None));
        match ends.last() {
            Some(&end) if !self.splits_word(at, end) => ends,
            _ => self.miss(at).into(),
        }
    }

    /// The ends of a rule, its white space chosen; remembered.
    fn known(&mut self, rule: usize, at: usize, space: Space) -> Rc<[usize]> {
        if let Some(ends) = self.known.get(&(rule, at, space)) {
            return Rc::clone(ends);
        }
        if self.depth == DEEPEST {
            return self.miss(at).into();
        }
        self.depth += 1;
        let grammar = self.grammar;
        let mut ends = self.ends(&grammar.rules[rule].body, at, space);
        self.depth -= 1;
        if grammar.rules[rule].token {
            ends.drain(..ends.len().saturating_sub(1));
        }
        let ends: Rc<[usize]> = ends.into();
        self.known.insert((rule, at, space), Rc::clone(&ends));
        ends
    }

    /// The end of what `length` finds at the start of the text after `at` and its white space.
    fn terminal(
        &mut self,
        at: usize,
        space: Space,
        length: impl Fn(&str) -> Option<usize>,
    ) -> Ends {
        let at = self.skip(at, space);
        match length(&self.text[at..]) {
            Some(length) if space == Space::None || !self.splits_word(at, at + length) => {
                vec![at + length]
            }
            _ => self.miss(at),
        }
    }

    /// No ends, and a note of where they are missing.
    fn miss(&mut self, at: usize) -> Ends {
        self.furthest = self.furthest.max(at);
        vec![]
    }

    /// The place after the white space at `at`.
    fn skip(&mut self, at: usize, space: Space) -> usize {
        let Some(blank) = self.grammar.blank(space) else { return at };
        self.quietly(|matcher| matcher.known(blank, at, Space::None)).last().copied().unwrap_or(at)
    }

    /// Whether a token from `at` to `end` would leave the rest of a word behind.
    fn splits_word(&self, at: usize, end: usize) -> bool {
        let (token, rest) = (&self.text[at..end], &self.text[end..]);
        token.chars().next_back().is_some_and(in_word) && rest.chars().next().is_some_and(in_word)
    }
}

fn sorted(mut ends: Ends) -> Ends {
    ends.sort_unstable();
    ends.dedup();
    ends
}

// ---- Writing ------------------------------------------------------------------------------------

/// How often something is made anew that breaks a difference or a `!`.
const TRIES: usize = 1_000;

/// Tokens, for each unit of depth, after which a sentence is brought to its end.
const TOKENS: usize = 15;

/// The characters of which negated sets and `\p{L}` take theirs.
const PALETTE: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz\
                       {|}~\tñßжλ日本–…€🎯";

impl Grammar {
    /// A random text that [`derives`](Grammar::derives) from `start`. With more `depth`, rules
    /// nest deeper and the text gets longer; about 40 gives a page, 0 the shortest.
    ///
    /// # Panics
    /// When there is no rule `start`, or its restrictions (`-`, `!`) leave hardly a sentence.
    pub fn sentence(&self, start: &str, rng: &mut impl FnMut() -> u64, depth: usize) -> String {
        for _ in 0..TRIES {
            let sentence = Writer::new(self, rng, depth).sentence(self.rule(start), depth);
            if self.derives(start, &sentence).is_ok() {
                return sentence;
            }
        }
        panic!("no sentence of `{start}` found");
    }
}

/// Where in a sentence something is written.
#[derive(Debug, Clone, Copy)]
struct Place {
    space: Space,
    /// How many rules may still nest.
    depth: usize,
    /// Within a recursive rule, where every repetition multiplies the text.
    rare: bool,
}

struct Writer<'a, R> {
    grammar: &'a Grammar,
    rng: &'a mut R,
    out: String,
    /// How many tokens may be written before all is kept short.
    fuel: usize,
    /// A wide rule begins: the white space before its first token is not wide yet.
    wide_begins: bool,
}

impl<'a, R: FnMut() -> u64> Writer<'a, R> {
    fn new(grammar: &'a Grammar, rng: &'a mut R, depth: usize) -> Self {
        let fuel = TOKENS * depth;
        Writer { grammar, rng, out: String::new(), fuel, wide_begins: false }
    }

    /// One attempt: what it makes may still break a `!`.
    fn sentence(mut self, start: usize, depth: usize) -> String {
        let space = self.grammar.outside(start);
        self.rule(start, Place { space, depth, rare: false });
        self.out
    }

    /// A number below `count`.
    fn pick(&mut self, count: usize) -> usize {
        // The upper half, since simple generators have poor low bits.
        ((self.rng)() >> 32) as usize % count.max(1)
    }

    fn write(&mut self, expr: &Expr, place: Place) {
        match expr {
            Expr::Text(text) => self.token(place, |writer| writer.out.push_str(text)),
            Expr::Class(class) => self.token(place, |writer| {
                let c = writer.member(class);
                writer.out.push(c);
            }),
            Expr::Rule(rule) => self.rule(*rule, place),
            Expr::Sequence(parts) => parts.iter().for_each(|part| self.write(part, place)),
            Expr::Choice(parts) => self.choice(parts, place),
            Expr::Repeat { of, optional, many } => self.repeat(of, *optional, *many, place),
            Expr::Minus(a, b) => self.minus(a, b, place),
            Expr::Not(_) => {}
        }
    }

    fn rule(&mut self, rule: usize, outer: Place) {
        let grammar = self.grammar;
        let rule = &grammar.rules[rule];
        let depth = outer.depth.saturating_sub(1);
        if let Some(instead) = rule.sentences {
            self.rule(instead, Place { depth, ..outer });
        } else if rule.token {
            let place = Place { space: Space::None, depth, rare: false };
            self.token(outer, |writer| writer.write(&rule.body, place));
        } else {
            let space = if rule.wide { Space::Wide } else { outer.space };
            self.wide_begins |= space != outer.space;
            self.write(&rule.body, Place { space, depth, rare: rule.recursive });
        }
    }

    /// Writes a token by `write`, and white space before it.
    fn token(&mut self, place: Place, write: impl FnOnce(&mut Self)) {
        let start = self.out.len();
        write(self);
        if place.space != Space::None {
            self.fuel = self.fuel.saturating_sub(1);
            let token = self.out.split_off(start);
            self.gap(&token, place);
            self.out.push_str(&token);
        }
    }

    /// White space between what is written and `token`; mostly what people would put there.
    fn gap(&mut self, token: &str, place: Place) {
        let begins = std::mem::take(&mut self.wide_begins);
        let space = if begins { Space::Narrow } else { place.space };
        let Some(blank) = self.grammar.blank(space) else { return };
        let Some(last) = self.out.chars().next_back() else { return };
        let apart = glues(last) && token.starts_with(glues);
        match self.pick(12) {
            0 => self.rule(blank, Place { space: Space::None, ..place }),
            1..4 if !apart => return,
            _ => self.out.push(' '),
        }
        if apart && self.out.ends_with(last) {
            self.out.push(' ');
        }
    }

    fn choice(&mut self, parts: &[Expr], place: Place) {
        let heights: Vec<usize> = parts.iter().map(|part| self.grammar.height(part)).collect();
        let least = heights.iter().copied().min().unwrap_or(0);
        let most = if self.fuel == 0 { least } else { place.depth.max(least) };
        let fitting: Vec<&Expr> =
            parts.iter().zip(heights).filter(|(_, h)| *h <= most).map(|(part, _)| part).collect();
        let chosen = self.pick(fitting.len());
        self.write(fitting[chosen], place);
    }

    /// The chances are in eighths. In the syntax, a list of names alone is blank lines and such.
    fn repeat(&mut self, of: &Expr, optional: bool, many: bool, place: Place) {
        if !optional {
            self.write(of, place);
        }
        let filler = many && matches!(of, Expr::Rule(_));
        let chance = match (place.rare, place.space) {
            (true, _) => 1,
            (false, Space::None) => 4,
            (false, _) if filler => 2,
            (false, _) if many => 7,
            (false, _) => 5,
        };
        while self.room(of, place) && self.pick(8) < chance {
            self.write(of, place);
            if !many {
                return;
            }
        }
    }

    /// Whether something that need not be there may be.
    fn room(&self, expr: &Expr, place: Place) -> bool {
        let token = place.space == Space::None;
        self.grammar.height(expr) <= place.depth && (token || self.fuel > 0)
    }

    fn minus(&mut self, a: &Expr, b: &Expr, place: Place) {
        let start = self.out.len();
        for _ in 0..TRIES {
            self.out.truncate(start);
            self.write(a, place);
            let text = &self.out[start..];
            if !Matcher::new(self.grammar, text).ends(b, 0, place.space).contains(&text.len()) {
                return;
            }
        }
    }

    fn member(&mut self, class: &Class) -> char {
        let listed = || class.ranges.iter().flat_map(|&(low, high)| low..=high);
        let members: Vec<char> = if class.negated || class.letters && self.pick(4) == 0 {
            PALETTE.chars().filter(|&c| class.contains(c)).collect()
        } else if class.letters {
            ('a'..='z').chain(listed()).collect()
        } else {
            listed().collect()
        };
        let chosen = self.pick(members.len());
        members.get(chosen).copied().unwrap_or(' ')
    }
}

/// Whether `c`, beside another such character, wants a space between for the eye or the grammar.
fn glues(c: char) -> bool {
    in_word(c) || "\"%$€£¥".contains(c)
}

// ---- Tests --------------------------------------------------------------------------------------

#[cfg(test)]
mod tests {
    use super::*;

    /// Small, but with an ambiguity, a difference, a `!`, and both kinds of white space.
    const TOY: &str = r#"
        /* A list of sums. */
        list  ::= item (";" item)*
        item  ::= "let" NAME "=" sum | sum
        sum   ::= term (("+" | "-") term)*
        term  ::= !DAY NUMBER UNIT? | NAME | group
        group ::= "(" sum ")"              /* ws: wide */

        NUMBER ::= [0-9]+                  /* sentences: DIGIT */
        DIGIT  ::= [0-9]
        DAY    ::= DIGIT DIGIT "-" DIGIT DIGIT
        UNIT   ::= LETTERS - "let"
        LETTERS ::= [\p{L}]+
        NAME   ::= WORD - "let"
        WORD   ::= [a-z]+
        BLANK  ::= #x20*
        WIDE_BLANK ::= [ #xA]*
    "#;

    fn toy() -> Grammar {
        Grammar::read(TOY).expect("the toy grammar is sound")
    }

    /// A small generator of random numbers (SplitMix64).
    fn random(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }

    #[test]
    fn derives_what_the_rules_say() {
        let toy = toy();
        for text in ["1", "a", "let a = 1", "1+2 ;3", "1 mètre - x", "12 -34", "(1\n + (\n2))"] {
            assert_eq!(toy.derives("list", text), Ok(()), "{text}");
        }
    }

    #[test]
    fn tells_the_furthest_place_that_fails() {
        let toy = toy();
        for (text, at) in [
            ("", 0),
            ("let", 3),        // no name follows
            ("letter = 1", 7), // a longer word is a name
            ("1 let", 2),      // but this is no unit
            ("1a2", 0),        // a token splits no word
            ("12-34", 0),      // a day is no sum
            ("1 +\n2", 3),     // wide only within parentheses,
            ("1 + \n(2)", 4),  // not before them,
            ("(1\n)\n", 4),    // nor after
            ("日 1", 0),
            ("a 日", 2),
        ] {
            assert_eq!(toy.derives("list", text), Err(at), "{text:?}");
        }
    }

    #[test]
    fn follows_all_readings_at_once() {
        let rule = r#"::= ("a" | "ab" | "b")* "b""#;
        let token = Grammar::read(&format!("S {rule}")).expect("sound");
        for text in ["b", "ab", "abb", "aab"] {
            assert_eq!(token.derives("S", text), Ok(()), "{text}");
        }
        assert_eq!(token.derives("S", "aba"), Err(3));
        let syntax = Grammar::read(&format!("s {rule}")).expect("sound");
        assert_eq!(syntax.derives("s", "ab"), Err(2), "in the syntax, a word is whole");
    }

    #[test]
    fn depth_is_refused_before_the_stack_ends() {
        let nested = |depth| "(".repeat(depth) + "1" + &")".repeat(depth);
        assert_eq!(toy().derives("list", &nested(1_000)), Ok(()));
        assert!(toy().derives("list", &nested(100_000)).is_err());
    }

    #[test]
    fn sentences_derive_and_end() {
        let (toy, mut rng) = (toy(), random(1));
        for depth in (0..60).step_by(3) {
            for start in ["list", "group", "NAME"] {
                let sentence = toy.sentence(start, &mut rng, depth);
                assert_eq!(toy.derives(start, &sentence), Ok(()), "{sentence}");
                assert!(sentence.len() < 20_000, "{sentence}");
            }
        }
        assert!(toy.sentence("NUMBER", &mut rng, 20).len() == 1, "`sentences` is heeded");
    }

    #[test]
    fn words_are_those_of_the_syntax() {
        assert_eq!(Vec::from_iter(toy().words()), ["let"]);
        assert_eq!(Vec::from_iter(toy().words_of("NAME")), ["let"]);
        assert_eq!(Vec::from_iter(toy().words_of("sum")), [""; 0]);
    }

    #[test]
    fn unused_rules_are_found() {
        assert_eq!(Vec::from_iter(toy().unused("list")), [""; 0]);
        assert_eq!(Vec::from_iter(toy().unused("sum")), ["item", "list"]);
    }

    #[test]
    fn a_bad_grammar_is_refused_with_its_line() {
        for (text, message) in [
            ("a ::= 'x'\nb ::= c", "line 2: there is no rule `c`"),
            ("a ::= 'x'\na ::= 'y'", "line 2: `a` is defined twice"),
            ("a ::= b\nb ::= 'x'? a", "line 1: left recursion through `a`"),
            ("a ::= 'x' a", "line 1: `a` has no finite sentence"),
            ("a ::= 'x", "line 1: `'` without `'`"),
            ("a ::= 'x\ny'", "line 1: a quote is not closed"),
            ("a ::= [x", "line 1: `[` without `]`"),
            ("a ::= [z-a]", "line 1: `z-a` runs backwards"),
            ("a ::= [#xD800]", "line 1: `#xD800` is no character"),
            ("a ::= #y", "line 1: `#y` is no character"),
            ("a ::= ('x'\n|", "line 2: something is missing here; for nothing, use `?`"),
            ("a ::= ('x'", "line 1: `(` without `)`"),
            ("a ::= 'x' )", "line 1: `a` goes on where it should end"),
            ("a ::= *", "line 1: a name, a quoted text, a set or `(` belongs here"),
            ("a ::= 'x' &", "line 1: `&` means nothing here"),
            ("'x'", "line 1: a rule starts with `name ::=`"),
            ("a ::= 'x' /* ws: none */", "line 1: unknown mark `ws: none`"),
            ("a ::= 'x' /* ws", "line 1: `/*` without `*/`"),
        ] {
            let error = Grammar::read(text).map(|_| ()).expect_err(text);
            assert_eq!(error.to_string(), message, "{text}");
        }
    }
}
