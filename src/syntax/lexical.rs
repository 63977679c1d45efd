//! Words, numbers, dates and strings: the tokens of the language, as nom parsers over `&str`.
//!
//! A parser gives what is left of the text; positions are lengths of what is left, so that no
//! wrapper type slows nom down.

use super::keyword;
use crate::diagnostic::Kind;
use crate::quantity::{CURRENCIES, MAGNITUDES};
use jiff::civil::Date;
use nom::bytes::complete::take_while;
use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser as _};

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
        _ => format!("`{}`", shorten(found)),
    };
    let length = if found == "\n" || found.starts_with('#') { 0 } else { found.len() };
    Failure::new(Kind::Expected, at, length, format!("expected {what}, found {shown}"))
}

fn shorten(text: &str) -> String {
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
        _ if first.is_alphanumeric() || first == '_' => {
            at.find(|c: char| !is_word(c) && c != '.').unwrap_or(at.len())
        }
        _ => OPERATORS
            .iter()
            .find(|sign| at.starts_with(**sign))
            .map_or(first.len_utf8(), |s| s.len()),
    };
    let mut end = end.min(at.len());
    while !at.is_char_boundary(end) {
        end -= 1;
    }
    at[..end].trim_end_matches('.')
}

/// Signs of more than one character.
const OPERATORS: [&str; 11] = ["->", "..", "<=", ">=", "==", "!=", "//", "&&", "||", "**", "<>"];

/// The bytes of plain words: letters, digits and `_`. A table, because every word of a file is
/// measured with it.
const WORD_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

/// Whether the character continues a word.
pub fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || character == '_'
        || (!character.is_ascii() && character.is_alphabetic())
}

/// Spaces and tabs, which mean nothing; a lone return counts as one.
pub fn spaces(input: &str) -> &str {
    let bytes = input.as_bytes();
    let mut at = 0;
    while at < bytes.len() && is_space(bytes, at) {
        at += 1;
    }
    &input[at..]
}

fn is_space(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b' ' | b'\t' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    }
}

/// What follows a word (letters of any script, digits and `_`, not beginning with a digit), and the
/// word, if one begins here.
pub fn word(input: &str) -> Option<(&str, &str)> {
    let length = word_length(input);
    let begins = length > 0 && !input.as_bytes()[0].is_ascii_digit();
    begins.then(|| (&input[length..], &input[..length]))
}

/// The length of the word characters at the beginning.
pub fn word_length(input: &str) -> usize {
    let bytes = input.as_bytes();
    let mut length = 0;
    while length < bytes.len() && WORD_BYTES[bytes[length] as usize] {
        length += 1;
    }
    match bytes.get(length) {
        Some(byte) if !byte.is_ascii() => input.find(|c: char| !is_word(c)).unwrap_or(input.len()),
        _ => length,
    }
}

/// An id: `[a-z_][a-z0-9_]*`, no reserved word. `what` names it for the message.
pub fn id<'a>(what: &str, input: &'a str) -> Parsed<'a, &'a str> {
    let (rest, text) = id_text(input);
    if text.is_empty() {
        return expected(what, input).cut();
    }
    check_id(text, input)?;
    Ok((rest, text))
}

/// The text that stands where an id is wanted, with the signs that people put into ids.
fn id_text(input: &str) -> (&str, &str) {
    let mut end = word_length(input);
    if input[end..].starts_with('-') {
        end = input.find(|c: char| !is_word(c) && c != '-').unwrap_or(input.len());
        end = input[..end].trim_end_matches('-').len();
    }
    (&input[end..], &input[..end])
}

fn check_id(text: &str, input: &str) -> Result<(), nom::Err<Failure>> {
    let small = |byte: u8| WORD_BYTES[byte as usize] && !byte.is_ascii_uppercase();
    if !text.bytes().all(small) || text.as_bytes()[0].is_ascii_digit() {
        let message = format!("`{}` cannot be an id", shorten(text));
        let help = format!("small letters, digits and `_` only: `{}`", as_id(text));
        return Failure::new(Kind::BadId, input, text.len(), message).help(help).cut();
    }
    if keyword::is_reserved(text) {
        let message = format!("`{text}` is a word of the language and cannot be an id");
        let help = format!("choose another id, such as `{text}_1`");
        return Failure::new(Kind::ReservedWord, input, text.len(), message).help(help).cut();
    }
    Ok(())
}

/// The nearest id to a text: its ASCII letters and digits in small letters, joined by `_`.
pub fn as_id(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let id = words.join("_");
    if id.is_empty() || id.as_bytes()[0].is_ascii_digit() { format!("_{id}") } else { id }
}

/// A path: an id, and names joined to it by dots. A cell's name may be a reserved word, as in
/// `speed.latency.confidence`.
pub fn path<'a>(what: &str, input: &'a str) -> Parsed<'a, &'a str> {
    let mut rest = path_part(what, input, false)?;
    while let Some(after) = rest.strip_prefix('.') {
        if after.starts_with('.') {
            break;
        }
        rest = path_part("a name after the dot", after, true)?;
    }
    Ok((rest, &input[..input.len() - rest.len()]))
}

/// What follows one name of a path; a `-` behind it is a minus.
fn path_part<'a>(
    what: &str,
    input: &'a str,
    may_be_reserved: bool,
) -> Result<&'a str, nom::Err<Failure>> {
    let (text, rest) = input.split_at(word_length(input));
    if text.is_empty() {
        return expected(what, input).cut();
    }
    if !(may_be_reserved && keyword::is_reserved(text)) {
        check_id(text, input)?;
    }
    Ok(rest)
}

/// Whether a date stands here, right or wrong: four digits, two and two, joined by `-`.
pub fn looks_like_date(input: &str) -> bool {
    let bytes = input.as_bytes();
    bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && [0, 1, 2, 3, 5, 6, 8, 9].iter().all(|&at| bytes[at].is_ascii_digit())
        && !bytes.get(10).is_some_and(u8::is_ascii_digit)
}

/// A date, `YYYY-MM-DD`.
pub fn date(input: &str) -> Parsed<'_, Date> {
    if !looks_like_date(input) {
        let failure = expected("a date", input).help("a date is written YYYY-MM-DD");
        return failure.cut();
    }
    let digit = |at: usize| i16::from(input.as_bytes()[at] - b'0');
    let digits = |from: usize, to: usize| (from..to).fold(0, |sum, at| sum * 10 + digit(at));
    match Date::new(digits(0, 4), digits(5, 7) as i8, digits(8, 10) as i8) {
        Ok(_) if word_length(&input[10..]) > 0 => {
            let length = 10 + word_length(&input[10..]);
            let message = format!("`{}` runs on after its day", &input[..length]);
            Failure::new(Kind::BadDate, input, length, message).help("put a space after it").cut()
        }
        Ok(date) => Ok((&input[10..], date)),
        Err(_) => {
            let message = format!("{} is no day of the calendar", &input[..10]);
            Failure::new(Kind::BadDate, input, 10, message).help(last_day_help(input)).cut()
        }
    }
}

fn last_day_help(input: &str) -> String {
    let month = Date::new(input[..4].parse().unwrap_or(1), input[5..7].parse().unwrap_or(0), 1);
    match month {
        Ok(month) => format!("the month ends on {}", month.last_of_month()),
        Err(_) => "a date is written YYYY-MM-DD".into(),
    }
}

/// A string with its quotes. An unclosed one is one failure; see [`unclosed_end`].
pub fn string<'a>(what: &str, input: &'a str) -> Parsed<'a, &'a str> {
    if !input.starts_with('"') {
        return expected(what, input).cut();
    }
    let bytes = input.as_bytes();
    let mut at = 1;
    while let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]) {
        at += found;
        match bytes[at] {
            b'"' => return Ok((&input[at + 1..], &input[..at + 1])),
            b'\\' => at += escape_length(&input[at..])?,
            _ => break,
        }
    }
    let length = unclosed_end(input);
    let message = "the string is not closed on its line";
    Failure::new(Kind::UnclosedString, input, length, message).help("close it with `\"`").cut()
}

/// Where an unclosed string ends: at the end of its line, or before the `{` that ends the line.
pub fn unclosed_end(input: &str) -> usize {
    let line = input.find('\n').map_or(input, |end| &input[..end]).trim_end();
    line.strip_suffix('{').unwrap_or(line).trim_end().len()
}

/// The length of the escape that the text begins with.
fn escape_length(at: &str) -> Result<usize, nom::Err<Failure>> {
    match at.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'n' | b't') => return Ok(2),
        Some(b'u') => {
            let digits = at[2..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let sound = |digits: &str| {
                digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            };
            let number = digits
                .filter(|(digits, _)| sound(digits))
                .and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok());
            return match (digits, number.and_then(char::from_u32)) {
                (Some((digits, _)), Some(_)) => Ok(digits.len() + 4),
                (Some((digits, _)), None) if digits.len() <= 8 => {
                    let length = digits.len() + 4;
                    let message = format!("`{}` is the number of no character", &at[..length]);
                    let help = "the number is hexadecimal, at most 10ffff: `\\u{e9}` is é";
                    Failure::new(Kind::BadEscape, at, length, message).help(help).cut()
                }
                _ => {
                    let message = "`\\u` wants the hexadecimal number of a character in braces";
                    let help = "write `\\u{e9}` for é";
                    Failure::new(Kind::BadEscape, at, 2, message).help(help).cut()
                }
            };
        }
        Some(b'\n' | b'\r') | None => return Ok(1),
        _ => {}
    }
    let length = 1 + at[1..].chars().next().map_or(0, char::len_utf8);
    let message = format!("`{}` is no escape", &at[..length]);
    let help = "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}`";
    Failure::new(Kind::BadEscape, at, length, message).help(help).cut()
}

/// A number as read: its value, and the unit that stands with it.
#[derive(Debug, PartialEq)]
pub struct Number<'a> {
    /// The value; a percentage as a fraction, a magnitude multiplied in.
    pub value: f64,
    /// What follows or precedes it.
    pub unit: NumberUnit<'a>,
}

/// The unit of a [`Number`].
#[derive(Debug, PartialEq)]
pub enum NumberUnit<'a> {
    /// None.
    Bare,
    /// `%`
    Percent,
    /// A word, or the word of a currency sign.
    Word(&'a str),
}

/// Whether a number begins here.
pub fn starts_number(input: &str) -> bool {
    input.starts_with(|c: char| c.is_ascii_digit()) || currency(input).is_some()
}

fn currency(input: &str) -> Option<(&str, &'static str)> {
    if input.as_bytes().first().is_none_or(|byte| byte.is_ascii() && *byte != b'$') {
        return None;
    }
    let (_, word) = CURRENCIES.iter().find(|(sign, _)| input.starts_with(*sign))?;
    let rest = &input[input.chars().next().map_or(0, char::len_utf8)..];
    rest.starts_with(|c: char| c.is_ascii_digit()).then_some((rest, *word))
}

/// A number with its unit, glued or after white space; `gap` gives what follows white space where
/// the number stands.
pub fn number<'a>(input: &'a str, gap: impl FnOnce(&'a str) -> &'a str) -> Parsed<'a, Number<'a>> {
    let (digits_at, sign_unit) =
        currency(input).map_or((input, None), |(at, word)| (at, Some(word)));
    let (rest, decimal) = decimal(digits_at)?;
    let (rest, power, glued) = suffix(rest)?;
    let value = decimal.value(power);
    if !value.is_finite() {
        let length = input.len() - rest.len();
        let message = "the number is too large";
        let help = "the largest numbers are about 1.8e308";
        return Failure::new(Kind::BadNumber, input, length, message).help(help).cut();
    }
    let (rest, unit) = match glued {
        NumberUnit::Bare => spaced_unit(&input[..input.len() - rest.len()], rest, gap(rest))?,
        glued => (rest, glued),
    };
    match (sign_unit, unit) {
        (None, unit) => Ok((rest, Number { value, unit })),
        (Some(word), NumberUnit::Bare) => {
            Ok((rest, Number { value, unit: NumberUnit::Word(word) }))
        }
        (Some(word), _) => {
            let length = input.len() - rest.len();
            let message = format!("the number has two units: the sign means {word} already");
            let help = "leave the sign or the unit out";
            Failure::new(Kind::BadNumber, input, length, message).help(help).cut()
        }
    }
}

/// Digits with their scale.
struct Decimal<'a> {
    text: &'a str,
    mantissa: Option<u64>,
    power: i32,
}

impl Decimal<'_> {
    /// The value times a power of ten, rounded once.
    fn value(&self, power: i32) -> f64 {
        const EXACT: [f64; 23] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
        ];
        let power = self.power.saturating_add(power);
        let exact = EXACT.get(power.unsigned_abs() as usize);
        if let (Some(mantissa @ 0..=0x1f_ffff_ffff_ffff), Some(scale)) = (self.mantissa, exact) {
            let mantissa = mantissa as f64;
            return if power < 0 { mantissa / scale } else { mantissa * scale };
        }
        let digits: String = self.text.chars().filter(|&c| c != '_' && c != '.').collect();
        format!("{digits}e{power}").parse().unwrap_or(f64::INFINITY)
    }
}

fn digits(input: &str) -> Parsed<'_, &str> {
    take_while(|c: char| c.is_ascii_digit() || c == '_').parse(input)
}

/// The most digits that fit a mantissa, whatever they are.
const SAFE_DIGITS: usize = 18;

/// A number as nearly all are: digits, soundly grouped, and perhaps a fraction. `None` for any
/// other, right or wrong.
fn plain_decimal(input: &str) -> Option<(&str, Decimal<'_>)> {
    let bytes = input.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut mantissa, mut point) = (0, 0_u64, None);
    loop {
        match bytes.get(at) {
            Some(byte @ b'0'..=b'9') => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            Some(b'_') if at > 0 && digit(at - 1) && digit(at + 1) => {}
            Some(b'.') if point.is_none() && digit(at + 1) => point = Some(at),
            Some(b'.') if bytes.get(at + 1) == Some(&b'.') => break,
            Some(b'_' | b'.' | b'e') => return None,
            _ => break,
        }
        at += 1;
        if at > SAFE_DIGITS {
            return None;
        }
    }
    let places = point.map_or(0, |point| {
        bytes[point + 1..at].iter().filter(|&&byte| byte != b'_').count() as i32
    });
    let decimal = Decimal { text: &input[..at], mantissa: Some(mantissa), power: -places };
    (at > 0).then_some((&input[at..], decimal))
}

/// `12_000.5e3`: the digits, their point and exponent.
fn decimal(input: &str) -> Parsed<'_, Decimal<'_>> {
    if let Some(plain) = plain_decimal(input) {
        return Ok(plain);
    }
    let (mut rest, whole) = digits(input)?;
    check_groups(whole, input)?;
    let mut fraction = "";
    if rest.starts_with('.') && !rest.starts_with("..") {
        let after = &rest[1..];
        if !after.starts_with(|c: char| c.is_ascii_digit()) {
            let message = "a number has digits on both sides of its point";
            let length = input.len() - after.len();
            return Failure::new(Kind::BadNumber, input, length, message)
                .help(format!("write `{whole}` or `{whole}.0`"))
                .cut();
        }
        (rest, fraction) = digits(after)?;
        check_groups(fraction, after)?;
        if rest.starts_with('.') && !rest.starts_with("..") {
            let length = token(input).len();
            let help = "digits are grouped with `_`, as in `1_000_000`";
            let failure = Failure::new(Kind::BadNumber, input, length, "a number has one point");
            return failure.help(help).cut();
        }
    }
    let text = &input[..input.len() - rest.len()];
    let (rest, exponent) = exponent(rest);
    let mantissa = mantissa(whole, fraction);
    let places = fraction.bytes().filter(|&b| b != b'_').count() as i32;
    let power = exponent.saturating_sub(places);
    Ok((rest, Decimal { text, mantissa, power }))
}

fn check_groups(digits: &str, at: &str) -> Result<(), nom::Err<Failure>> {
    if !digits.contains('_') || (!digits.ends_with('_') && !digits.contains("__")) {
        return Ok(());
    }
    let message = "`_` groups digits: it stands between two of them";
    let groups: Vec<&str> = digits.split('_').filter(|group| !group.is_empty()).collect();
    let help = format!("write `{}`", groups.join("_"));
    Failure::new(Kind::BadNumber, at, digits.len(), message).help(help).cut()
}

fn mantissa(whole: &str, fraction: &str) -> Option<u64> {
    let digits = whole.bytes().chain(fraction.bytes()).filter(|&byte| byte != b'_');
    digits
        .into_iter()
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// An exponent has a digit after its `e`; else the `e` begins a unit.
fn exponent(input: &str) -> (&str, i32) {
    let Some(after) = input.strip_prefix('e') else { return (input, 0) };
    let (negative, after) = match after.strip_prefix('-') {
        Some(after) => (true, after),
        None => (false, after.strip_prefix('+').unwrap_or(after)),
    };
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    if end == 0 {
        return (input, 0);
    }
    let exponent = after[..end].parse::<i32>().unwrap_or(i32::MAX / 4);
    (&after[end..], if negative { -exponent } else { exponent })
}

/// What is glued to a number: `%`, a magnitude, or a word that is wholly a unit.
fn suffix(input: &str) -> Result<(&str, i32, NumberUnit<'_>), nom::Err<Failure>> {
    if let Some(rest) = input.strip_prefix('%') {
        return Ok((rest, -2, NumberUnit::Percent));
    }
    let Some((rest, glued)) = word(input) else { return Ok((input, 0, NumberUnit::Bare)) };
    if let Some(power) = magnitude(glued) {
        return Ok((rest, power, NumberUnit::Bare));
    }
    check_unit(glued, input)?;
    Ok((rest, 0, NumberUnit::Word(glued)))
}

/// The power of ten of a magnitude's letter.
fn magnitude(word: &str) -> Option<i32> {
    let found = || MAGNITUDES.iter().find(|(sign, _)| *sign == word).map(|(_, power)| *power);
    if word.len() == 1 { found() } else { None }
}

fn check_unit(unit: &str, at: &str) -> Result<(), nom::Err<Failure>> {
    if !keyword::is_reserved(unit) {
        return Ok(());
    }
    let message = format!("`{unit}` is a word of the language and cannot be a unit");
    let failure = Failure::new(Kind::ReservedWord, at, unit.len(), message);
    failure.help(format!("put a space before `{unit}`")).cut()
}

/// A unit after a space; a magnitude or `%` there is the mistake of a missing glue.
fn spaced_unit<'a>(number: &str, input: &'a str, at: &'a str) -> Parsed<'a, NumberUnit<'a>> {
    let spaced = at.len() < input.len();
    if spaced && at.starts_with('%') {
        return glue_it(number, "%", at);
    }
    match word(at) {
        Some((rest, unit)) if spaced && !keyword::is_reserved(unit) && !unit.starts_with('_') => {
            match magnitude(unit).is_some() {
                true => glue_it(number, unit, at),
                false => Ok((rest, NumberUnit::Word(unit))),
            }
        }
        _ => Ok((input, NumberUnit::Bare)),
    }
}

fn glue_it<'a, T>(number: &str, sign: &str, at: &'a str) -> Parsed<'a, T> {
    let message = format!("`{sign}` stands right after the number, without a space");
    let help = match sign {
        "%" => format!("glue it: `{number}%`; for the remainder of a division write `mod(a, b)`"),
        sign => format!("glue it: `{number}{sign}`"),
    };
    Failure::new(Kind::GlueIt, at, sign.len(), message).help(help).cut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (f64, String, &str) {
        match number(text, spaces) {
            Ok((rest, Number { value, unit })) => {
                let unit = match unit {
                    NumberUnit::Bare => String::new(),
                    NumberUnit::Percent => "%".into(),
                    NumberUnit::Word(word) => word.into(),
                };
                (value, unit, rest)
            }
            Err(error) => panic!("{text}: {error:?}"),
        }
    }

    fn fails(text: &str) -> Kind {
        match number(text, spaces) {
            Err(nom::Err::Failure(failure)) => failure.into_parts().kind,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn numbers_with_units() {
        assert_eq!(read("65%"), (0.65, "%".into(), ""));
        assert_eq!(read("3.1%;"), (0.031, "%".into(), ";"));
        assert_eq!(read("4.2M EUR"), (4_200_000.0, "EUR".into(), ""));
        assert_eq!(read("4.2M"), (4_200_000.0, "".into(), ""));
        assert_eq!(read("5MB"), (5.0, "MB".into(), ""));
        assert_eq!(read("1EUR"), (1.0, "EUR".into(), ""));
        assert_eq!(read("1e3 ms"), (1000.0, "ms".into(), ""));
        assert_eq!(read("1_000"), (1000.0, "".into(), ""));
        assert_eq!(read("€5"), (5.0, "EUR".into(), ""));
        assert_eq!(read("8..16 pw"), (8.0, "".into(), "..16 pw"));
        assert_eq!(read("0.5 confidence"), (0.5, "".into(), " confidence"));
        assert_eq!(read("123456789012345678901234567890").0, 123456789012345678901234567890.0);
        assert_eq!(read("1e-320").0, 1e-320);
    }

    #[test]
    fn wrong_numbers() {
        assert_eq!(fails("1."), Kind::BadNumber);
        assert_eq!(fails("1.2.3"), Kind::BadNumber);
        assert_eq!(fails("1__0"), Kind::BadNumber);
        assert_eq!(fails("1e999"), Kind::BadNumber);
        assert_eq!(fails("5 %"), Kind::GlueIt);
        assert_eq!(fails("5 M"), Kind::GlueIt);
        assert_eq!(fails("$5 EUR"), Kind::BadNumber);
    }

    #[test]
    fn ids_of_titles() {
        assert_eq!(as_id("Visit-to-order Conversion"), "visit_to_order_conversion");
        assert_eq!(as_id("99 bugs"), "_99_bugs");
    }
}
