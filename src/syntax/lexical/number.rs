//! Numbers with their units: digits, groups, exponents, magnitudes, currency signs.

use super::{Failure, Parsed, token, word};
use crate::diagnostic::Kind;
use crate::quantity::{CURRENCIES, MAGNITUDES};
use crate::syntax::keyword;
use nom::Parser as _;
use nom::bytes::complete::take_while;

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
    use super::super::spaces;
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
}
