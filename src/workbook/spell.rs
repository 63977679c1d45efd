//! Numbers as the plan spells them: in the old unit and magnitude where that is exact.

use super::snapshot::same_number;
use crate::quantity::{CURRENCIES, MAGNITUDES, UnitId, Units};

/// How a number is written in a plan.
#[derive(Clone, Debug, PartialEq)]
struct Spelling {
    /// A currency sign in front.
    sign: Option<char>,
    /// The magnitude's letter and its power of ten.
    magnitude: Option<(&'static str, i32)>,
    /// Whether it is a percentage.
    percent: bool,
    /// The unit's word; empty for none.
    unit: String,
    /// What stands between number and unit.
    space: bool,
    /// Whether its digits are grouped.
    grouped: bool,
}

/// Reads how a literal is written; `None` if it is no plain literal.
fn spelling(text: &str) -> Option<Spelling> {
    let text = text.trim();
    let unsigned = text.strip_prefix('-').unwrap_or(text).trim_start();
    let sign = unsigned.chars().next().filter(|c| CURRENCIES.iter().any(|it| it.0 == *c));
    let rest = sign.map_or(unsigned, |sign| unsigned[sign.len_utf8()..].trim_start());
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_');
    let end = rest.find(|c: char| !is_digit(c)).unwrap_or(rest.len());
    if end == 0 {
        return None;
    }
    let digits = &rest[..end];
    let tail = &rest[end..];
    let space = tail.starts_with(char::is_whitespace);
    let word = tail.trim();
    if word.chars().any(|c| !(c.is_alphanumeric() || matches!(c, '%' | '_' | ' '))) {
        return None;
    }
    let mut words = word.split_whitespace();
    let first = words.next().unwrap_or_default();
    let glued = if space { "" } else { first };
    let magnitude = MAGNITUDES.iter().find(|it| it.0 == glued).copied();
    let unit = match magnitude {
        Some(_) => words.next().unwrap_or_default(),
        None => first,
    };
    if words.next().is_some() {
        return None;
    }
    let percent = unit == "%";
    Some(Spelling {
        sign,
        magnitude,
        percent,
        unit: if percent { String::new() } else { unit.to_owned() },
        space: space || magnitude.is_some(),
        grouped: digits.contains('_'),
    })
}

/// A number of a unit, spelled as the old text is if that is exact in fifteen digits, else plainly.
pub fn respelled(old: &str, value: f64, unit: UnitId, units: &Units) -> String {
    let plain = || units.spell(value, unit);
    let Some(spelling) = spelling(old) else { return plain() };
    let currency = spelling.sign.and_then(|sign| CURRENCIES.iter().find(|it| it.0 == sign));
    let written = currency.map_or(spelling.unit.as_str(), |it| it.1);
    if spelling.percent {
        if units.dim(unit) != crate::quantity::Dim::BARE {
            return plain();
        }
        return units.spell(value, UnitId::PERCENT);
    }
    let mut own = Units::default();
    let row = own.intern(units.word(unit));
    let in_written = match written {
        "" => value,
        word => {
            let to = own.intern(word);
            if own.dim(to) != own.dim(row) {
                return plain();
            }
            own.convert(value, row, to)
        }
    };
    let power = spelling.magnitude.map_or(0, |it| it.1);
    let Some(digits) = decimal(in_written, power) else { return plain() };
    // What was written must be what was meant.
    let back: f64 = format!("{digits}e{power}").parse().unwrap_or(f64::NAN);
    let back = match written {
        "" => back,
        word => {
            let from = own.intern(word);
            own.convert(back, from, row)
        }
    };
    if !same_number(back, value) {
        return plain();
    }
    let digits = if spelling.grouped && power == 0 { grouped(&digits) } else { digits };
    let letter = spelling.magnitude.map_or("", |it| it.0);
    let sign = spelling.sign.map(String::from).unwrap_or_default();
    let (minus, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits.to_owned()),
        None => ("", digits),
    };
    let unit = match (spelling.unit.as_str(), spelling.space) {
        ("", _) => String::new(),
        (word, true) => format!(" {word}"),
        (word, false) => word.to_owned(),
    };
    format!("{minus}{sign}{digits}{letter}{unit}")
}

/// A number over a power of ten as decimal digits, at most fifteen of them; `None` if it would need
/// an exponent, or many zeros in front.
fn decimal(value: f64, power: i32) -> Option<String> {
    let text = format!("{value:.14e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let scaled: f64 = format!("{mantissa}e{}", exponent - power).parse().ok()?;
    let shown = format!("{scaled}");
    (shown.len() <= 18).then_some(shown)
}

fn grouped(digits: &str) -> String {
    let (minus, rest) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let (whole, part) = rest.split_once('.').map_or((rest, ""), |(whole, part)| (whole, part));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    let point = if part.is_empty() { String::new() } else { format!(".{part}") };
    format!("{minus}{text}{point}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_spelling() {
        let mut units = Units::default();
        let eur = units.intern("EUR");
        let ms = units.intern("ms");
        let s = units.intern("s");
        let days = units.intern("days");
        let [kg, usd, renewals] = ["kg", "USD", "renewals"].map(|word| units.intern(word));
        for (old, value, unit, wanted) in [
            ("65%", 0.66, UnitId::PERCENT, "66%"),
            ("6.2%", 0.0775, UnitId::PERCENT, "7.75%"),
            ("4.2M EUR", 4_300_000.0, eur, "4.3M EUR"),
            ("61k EUR", 54_900.0, eur, "54.9k EUR"),
            ("1_400 ms", 1250.0, ms, "1_250 ms"),
            ("900 ms", 0.5, s, "500 ms"),
            ("2.1 s", 1.45, s, "1.45 s"),
            ("3kg", 4.0, kg, "4kg"),
            ("$4.2M", 5e6, usd, "$5M"),
            ("12", 9.0, days, "9"),
            ("12_400 renewals", 12_500.0, renewals, "12_500 renewals"),
            ("baseline * 2", 9.0, days, "9 days"),
            ("-5 .. 20", 9.0, UnitId::BARE, "9"),
            ("-2 EUR", -3.0, eur, "-3 EUR"),
            ("0.3", 0.45, UnitId::BARE, "0.45"),
            ("32 pd", 7.0, UnitId::PERSON_WEEKS, "35 pd"),
        ] {
            assert_eq!(respelled(old, value, unit, &units), wanted, "{old} {value}");
        }
    }

    #[test]
    fn what_is_not_exact_is_spelled_plainly() {
        let mut units = Units::default();
        let eur = units.intern("EUR");
        let ms = units.intern("ms");
        assert_eq!(respelled("90 w", 1e-12, ms, &units), "0.000000000001 ms");
        assert_eq!(respelled("4.2M EUR", 123.25, eur, &units), "0.00012325M EUR");
    }
}
