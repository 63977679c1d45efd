//! Why a parser failed, in the user's words: the token that stands there and what is expected.

use crate::diagnostic::Kind;
use crate::quantity::CURRENCIES;
use nom::IResult;
use nom::error::{ErrorKind, ParseError};

/// Why a parser failed: where, what kind of problem, what is wrong and how to mend it.
#[derive(Debug)]
pub struct Failure(Box<FailureParts>);

/// The parts of a [`Failure`].
#[derive(Debug)]
pub struct FailureParts {
    /// The kind of problem.
    pub kind: Kind,
    /// The length of the text that is left where the problem begins.
    pub left: usize,
    /// How many bytes it covers.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// What a parser gives: what is left, and what it read.
pub type Parsed<'a, T> = IResult<&'a str, T, Failure>;

impl Failure {
    /// The failure's parts.
    pub fn into_parts(self) -> FailureParts {
        *self.0
    }

    /// A failure at the first `length` bytes of `at`.
    pub fn new(kind: Kind, at: &str, length: usize, message: impl Into<String>) -> Self {
        let (left, message, help) = (at.len(), message.into(), String::new());
        Failure(Box::new(FailureParts { kind, left, length: length.min(left), message, help }))
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = help.into();
        self
    }

    /// Other words for a failure of a kind: another kind, message and help.
    pub fn instead(mut self, kind: Kind, words: impl FnOnce() -> (Kind, String, String)) -> Self {
        if self.0.kind == kind {
            (self.0.kind, self.0.message, self.0.help) = words();
        }
        self
    }

    /// Whether something else is expected and nothing is said yet about how to mend it.
    pub fn is_without_help(&self) -> bool {
        self.0.kind == Kind::Expected && self.0.help.is_empty()
    }

    /// How much of the text is left where the problem begins.
    pub fn left(&self) -> usize {
        self.0.left
    }

    /// The failure as nom wants it: final, because the keyword has already decided.
    pub fn cut<T>(self) -> Result<T, nom::Err<Failure>> {
        Err(nom::Err::Failure(self))
    }
}

impl ParseError<&str> for Failure {
    fn from_error_kind(input: &str, _: ErrorKind) -> Self {
        expected("something else", input)
    }

    fn append(_: &str, _: ErrorKind, other: Self) -> Self {
        other
    }

    fn or(self, other: Self) -> Self {
        if self.0.left <= other.0.left { self } else { other }
    }
}

/// "expected …, found …" at the token that stands there.
pub fn expected(what: &str, at: &str) -> Failure {
    let found = token(at);
    let shown = match found {
        "" => "the end of the file".to_owned(),
        "\n" => "the end of the line".to_owned(),
        _ if found.starts_with('#') => "the end of the line".to_owned(),
        _ => match unseen(found) {
            Some(character) => format!("the character U+{:04X}", u32::from(character)),
            None => format!("`{}`", shorten(found)),
        },
    };
    let length = if found == "\n" || found.starts_with('#') { 0 } else { found.len() };
    let failure =
        Failure::new(Kind::Expected, at, length, format!("expected {what}, found {shown}"));
    if let Some(help) = mistaken_sign(at) {
        return failure.help(help);
    }
    match unseen(found) {
        Some(blank) if blank.is_whitespace() => {
            failure.help("it looks like a space and is none: write a plain space")
        }
        Some(_) => failure.help("it cannot be seen: remove it"),
        None => failure,
    }
}

/// How to write a sign that stands for one of the language's: quotes of word processors, a currency
/// behind its number or spelt before it, dashes.
pub fn mistaken_sign(at: &str) -> Option<String> {
    let first = at.chars().next()?;
    if matches!(first, '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '‚' | '\'' | '`') {
        return Some("a text stands in straight double quotes: `\"…\"`".into());
    }
    if let Some((_, word)) = CURRENCIES.iter().find(|(sign, _)| at.starts_with(*sign)) {
        return Some(format!(
            "the sign stands before the number, as in `{first}10`, or write `10 {word}`"
        ));
    }
    if matches!(first, '–' | '—' | '−') {
        return Some("a minus is `-`, and a range is written `LOW .. HIGH`".into());
    }
    if matches!(first, '→' | '≥' | '≤' | '≠' | '×' | '÷' | '…') {
        let ours = match first {
            '→' => "->",
            '≥' => ">=",
            '≤' => "<=",
            '≠' => "!=",
            '×' => "*",
            '÷' => "/",
            _ => "..",
        };
        return Some(format!("write `{ours}`"));
    }
    None
}

/// The character that a token is, if it is one that nobody sees.
fn unseen(token: &str) -> Option<char> {
    let character = token.chars().next().filter(|first| first.len_utf8() == token.len())?;
    if character == '\n' {
        return None;
    }
    let unseen = matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}');
    (unseen || character.is_control() || character.is_whitespace()).then_some(character)
}

pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let head: String = text.chars().take(37).collect();
    format!("{head}…")
}

/// The text of the token at the beginning, for messages: a word, a number, a string or one sign.
pub fn token(at: &str) -> &str {
    let Some(first) = at.chars().next() else { return "" };
    if at.starts_with("\r\n") || first == '\n' {
        return "\n";
    }
    let end = match first {
        '"' => at[1..].find(['"', '\n']).map_or(at.len(), |end| end + 2),
        '#' => at.find('\n').unwrap_or(at.len()),
        _ if first.is_alphanumeric() || first == '_' => run_length(at),
        _ => OPERATORS
            .iter()
            .find(|sign| at.starts_with(**sign))
            .map_or(first.len_utf8(), |s| s.len()),
    };
    let mut end = end.min(at.len());
    while !at.is_char_boundary(end) {
        end -= 1;
    }
    &at[..end]
}

/// The length of the word, number or path at the beginning; a dot in it stands between two others.
pub(super) fn run_length(at: &str) -> usize {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let goes_on =
        |&(place, c): &(usize, char)| part(c) || (c == '.' && at[place + 1..].starts_with(part));
    at.char_indices().take_while(goes_on).map(|(_, c)| c.len_utf8()).sum()
}

/// Signs of more than one character.
const OPERATORS: [&str; 11] = ["->", "..", "<=", ">=", "==", "!=", "//", "&&", "||", "**", "<>"];
