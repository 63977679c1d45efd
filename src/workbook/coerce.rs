//! What a cell of a returning workbook means: numbers typed as text, decimal commas, units, words.

use super::read::{Cell, Value};
use super::snapshot::{digits, text_of};
use super::tables::trimmed;
use crate::quantity::{MAGNITUDES, UnitId, Units};

/// What a cell is read as.
#[derive(Clone, Debug, PartialEq)]
pub enum Theirs {
    /// Nothing.
    Empty,
    /// A number in the row's unit.
    Number(f64),
    /// A text.
    Text(String),
    /// A formula without a result: nothing can be taken.
    Missing,
    /// It cannot be told what is meant.
    Unclear(Unclear),
    /// An error, or a number that is none.
    Error(String),
    /// It has no meaning here.
    Wrong(String),
}

/// A number that may mean two things.
#[derive(Clone, Debug, PartialEq)]
pub struct Unclear {
    /// What it is if it is meant as it stands, in the row's unit.
    pub stands: f64,
    /// What is more likely meant, in the row's unit; `None` where nothing tells.
    pub meant: Option<f64>,
    /// The question.
    pub why: String,
}

/// How a cell was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it is read as.
    pub value: Theirs,
    /// Why it was read as something else than was typed, if it was.
    pub coerced: Option<&'static str>,
    /// Whether it is computed by a formula.
    pub formula: bool,
}

impl Reading {
    fn plain(value: Theirs, cell: &Cell) -> Self {
        Self { value, coerced: None, formula: cell.is_formula() }
    }

    fn coerced(value: Theirs, why: &'static str, cell: &Cell) -> Self {
        Self { value, coerced: Some(why), formula: cell.is_formula() }
    }

    /// Nothing.
    pub const EMPTY: Reading = Reading { value: Theirs::Empty, coerced: None, formula: false };
}

/// A cell that wants a text.
pub fn text(cell: Option<&Cell>) -> Reading {
    let Some(cell) = cell else { return Reading::EMPTY };
    match &cell.value {
        Value::Text(text) if trimmed(text).is_empty() => {
            Reading { formula: cell.is_formula(), ..Reading::EMPTY }
        }
        Value::Text(text) => Reading::plain(Theirs::Text(text.to_string()), cell),
        Value::Missing => Reading::plain(Theirs::Missing, cell),
        Value::Error(error) => Reading::plain(Theirs::Error(error.to_string()), cell),
        other => Reading::coerced(Theirs::Text(text_of(other)), "read as text", cell),
    }
}

/// A cell that wants a number of a unit; a percent is a fraction. `usual` is what stood there.
pub fn number(cell: Option<&Cell>, unit: UnitId, units: &Units, usual: Option<f64>) -> Reading {
    let Some(cell) = cell else { return Reading::EMPTY };
    let reading = match &cell.value {
        Value::Number(number) => Reading::plain(Theirs::Number(*number), cell),
        Value::Missing => Reading::plain(Theirs::Missing, cell),
        Value::Error(error) => Reading::plain(Theirs::Error(error.to_string()), cell),
        Value::Bool(truth) => {
            let wrong = format!("{truth} is no number");
            Reading::plain(Theirs::Wrong(wrong), cell)
        }
        Value::Date(at) => {
            let wrong = format!("the date {} is no number", at.date());
            Reading::plain(Theirs::Wrong(wrong), cell)
        }
        Value::Text(text) if trimmed(text).is_empty() => {
            Reading { formula: cell.is_formula(), ..Reading::EMPTY }
        }
        Value::Text(text) => typed(trimmed(text), text, (unit, units), cell, usual),
    };
    match reading.value {
        Theirs::Number(number) if unit == UnitId::PERCENT => asked(reading, number, cell, usual),
        _ => reading,
    }
}

/// A value over 1 in a percent row: 65 may be 65 % or 6500 %.
fn asked(reading: Reading, number: f64, cell: &Cell, usual: Option<f64>) -> Reading {
    let written = matches!(&cell.value, Value::Text(text) if text.contains('%'));
    let usual = usual.is_some_and(|usual| usual.abs() > 1.0 && number.abs() < usual.abs() * 10.0);
    if number.abs() <= 1.0 || written || usual {
        return reading;
    }
    let shown = crate::quantity::readable(number * 100.0);
    let meant = crate::quantity::readable(number);
    let why = format!("{meant} in a percent cell is {shown}%; was {meant}% meant?");
    let unclear = Unclear { stands: number, meant: Some(number / 100.0), why };
    Reading { value: Theirs::Unclear(unclear), ..reading }
}

fn typed(
    text: &str,
    whole: &str,
    (unit, units): (UnitId, &Units),
    cell: &Cell,
    usual: Option<f64>,
) -> Reading {
    let (digits, word) = split(text);
    let (digits, sign) = match (digits.is_empty(), word.chars().next()) {
        // A currency may stand in front.
        (true, Some(sign)) if crate::quantity::CURRENCIES.iter().any(|it| it.0 == sign) => {
            (trimmed(&word[sign.len_utf8()..]), Some(sign))
        }
        _ => (digits, None),
    };
    let (digits, word) = match sign {
        Some(sign) => {
            let (digits, rest) = split(digits);
            let currency = crate::quantity::CURRENCIES.iter().find(|it| it.0 == sign);
            (digits, format!("{rest} {}", currency.map_or("", |it| it.1)))
        }
        None => (digits, word.to_owned()),
    };
    let (number, why) = match spelled(digits) {
        Spelled::No => {
            return Reading::plain(Theirs::Wrong(format!("`{text}` is no number")), cell);
        }
        Spelled::Unclear(number) => {
            let value = match in_unit(number, trimmed(&word), unit, units) {
                Ok((decimal, _)) => comma(text, number, decimal, usual),
                Err(wrong) => Theirs::Wrong(wrong),
            };
            return Reading::plain(value, cell);
        }
        Spelled::Number(number, why) => (number, why),
    };
    let spaced = whole != text || text.contains('\u{a0}');
    let why = if spaced && why == TEXT { "spaces around a number" } else { why };
    match in_unit(number, trimmed(&word), unit, units) {
        Ok((number, None)) => Reading::coerced(Theirs::Number(number), why, cell),
        Ok((number, Some(why))) => Reading::coerced(Theirs::Number(number), why, cell),
        Err(wrong) => Reading::plain(Theirs::Wrong(wrong), cell),
    }
}

/// A comma that groups or is a decimal one: the number that lies nearer to what stood there is meant.
fn comma(text: &str, number: f64, decimal: f64, usual: Option<f64>) -> Theirs {
    // To the digits that were typed: 1.1 times a thousand is 1100.
    let thousandfold = |number: f64| digits(number * 1000.0).parse().unwrap_or(number * 1000.0);
    let (grouped, whole): (f64, f64) = (thousandfold(decimal), thousandfold(number));
    let far = |from: f64, to: f64| (from / to).abs().ln().abs();
    let usual = usual.filter(|usual| usual.is_normal());
    let is_decimal = usual.map(|usual| far(decimal, usual) < far(grouped, usual));
    let why = format!("`{text}` may be {number} or {whole}");
    let (stands, meant) = match is_decimal {
        Some(true) => (grouped, Some(decimal)),
        Some(false) => (decimal, Some(grouped)),
        None => (decimal, None),
    };
    let why = match is_decimal {
        Some(true) => format!("{why}; was {number} meant?"),
        Some(false) => format!("{why}; was {whole} meant?"),
        None => why,
    };
    Theirs::Unclear(Unclear { stands, meant, why })
}

/// The number at the beginning of a text, and what follows it.
fn split(text: &str) -> (&str, &str) {
    let is_digit = |c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '\u{a0}' | '\u{202f}' | ' ' | '_')
    };
    let signed = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    let start = text.len() - signed.len();
    let end = signed.find(|c: char| !is_digit(c)).map_or(text.len(), |at| start + at);
    // An exponent belongs to the number.
    let rest = &text[end..];
    let exponent =
        rest.strip_prefix(['e', 'E']).map(|it| it.strip_prefix(['-', '+']).unwrap_or(it));
    let end = match exponent {
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => {
            let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            text.len() - digits.len() + count
        }
        _ => end,
    };
    if !text[..end].contains(|c: char| c.is_ascii_digit()) {
        return ("", text);
    }
    (trimmed(&text[..end]), trimmed(&text[end..]))
}

const TEXT: &str = "a number typed as text";
const COMMA: &str = "a decimal comma";

enum Spelled {
    Number(f64, &'static str),
    /// A comma that may group or be a decimal one: the number if it is one.
    Unclear(f64),
    No,
}

/// The number that digits with points, commas and spaces are.
fn spelled(digits: &str) -> Spelled {
    let text: String = digits.replace('\u{2212}', "-");
    let spaces = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '_');
    let parts: Vec<&str> = text.split(spaces).collect();
    let grouped = |parts: &[&str]| {
        let first = parts[0].trim_start_matches(['-', '+']);
        parts.len() == 1
            || ((1..=3).contains(&first.len())
                && parts[1..].iter().enumerate().all(|(at, part)| {
                    let whole = part.split(['.', ',']).next().unwrap_or(part);
                    whole.len() == 3 && (at + 2 == parts.len() || whole.len() == part.len())
                }))
    };
    if !grouped(&parts) {
        return Spelled::No;
    }
    let joined = parts.concat();
    let (commas, points) = (joined.matches(',').count(), joined.matches('.').count());
    let read = |text: &str, why: &'static str| match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Spelled::Number(number, why),
        _ => Spelled::No,
    };
    match (commas, points) {
        (0, 0 | 1) => read(&joined, TEXT),
        (0, _) => match thousands(&joined, '.') {
            true => read(&joined.replace('.', ""), TEXT),
            false => Spelled::No,
        },
        (1, 0) => {
            let (whole, part) = joined.split_once(',').unwrap_or((&joined, ""));
            let decimal = joined.replace(',', ".");
            let first = whole.trim_start_matches(['-', '+']);
            // `1,234` groups or not; `0,5` and `12,50` can mean nothing else than a decimal comma.
            let groups =
                part.len() == 3 && (1..=3).contains(&first.len()) && !first.starts_with('0');
            match decimal.parse::<f64>() {
                Ok(number) if groups && parts.len() == 1 => Spelled::Unclear(number),
                _ => read(&decimal, COMMA),
            }
        }
        (_, 0) => match thousands(&joined, ',') {
            true => read(&joined.replace(',', ""), TEXT),
            false => Spelled::No,
        },
        _ => both(&joined, read),
    }
}

/// Points and commas: the last of them is the decimal one, the others group.
fn both(text: &str, read: impl Fn(&str, &'static str) -> Spelled) -> Spelled {
    let comma_last = text.rfind(',') > text.rfind('.');
    let (decimal, group) = if comma_last { (',', '.') } else { ('.', ',') };
    let Some((whole, part)) = text.rsplit_once(decimal) else { return Spelled::No };
    if whole.contains(decimal) || part.contains(group) || !thousands(whole, group) {
        return Spelled::No;
    }
    let why = if comma_last { COMMA } else { TEXT };
    read(&format!("{}.{part}", whole.replace(group, "")), why)
}

/// Whether a sign groups digits by thousands.
fn thousands(text: &str, sign: char) -> bool {
    let mut parts = text.trim_start_matches(['-', '+']).split(sign);
    let first = parts.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && parts.all(|part| part.len() == 3)
}

/// A number with a word behind it, in the row's unit, and why that is another one.
fn in_unit(
    number: f64,
    word: &str,
    unit: UnitId,
    units: &Units,
) -> Result<(f64, Option<&'static str>), String> {
    if word.is_empty() {
        return Ok((number, None));
    }
    if word == "%" {
        let fits = units.dim(unit) == crate::quantity::Dim::BARE;
        let wrong =
            || format!("`{word}` is not the unit of this row, which is `{}`", units.word(unit));
        return if fits {
            Ok((number / 100.0, Some("a percentage as text")))
        } else {
            Err(wrong())
        };
    }
    let mut words = word.split_whitespace();
    let first = words.next().unwrap_or_default();
    let magnitude = MAGNITUDES.iter().find(|(sign, _)| *sign == first);
    let (number, name) = match magnitude {
        Some((_, power)) => (number * 10f64.powi(*power), words.next().unwrap_or_default()),
        None => (number, first),
    };
    if words.next().is_some() {
        return Err(format!("`{word}` is no unit"));
    }
    if name.is_empty() {
        return Ok((number, Some("a magnitude as text")));
    }
    let mut own = Units::default();
    let (from, to) = (own.intern(name), own.intern(units.word(unit)));
    match own.dim(from) == own.dim(to) && unit != UnitId::BARE {
        true => Ok((own.convert(number, from, to), Some("a number with its unit"))),
        false => Err(format!(
            "`{name}` does not convert to the unit of this row, `{}`",
            units.word(unit)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<f64> {
        match spelled(text) {
            Spelled::Number(number, _) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn numbers_are_read_where_they_can_mean_one_thing() {
        for (text, wanted) in [
            ("610", 610.0),
            ("-6.5", -6.5),
            ("0,65", 0.65),
            ("12,50", 12.5),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1,234,567", 1_234_567.0),
            ("1 234", 1234.0),
            ("1\u{a0}234,5", 1234.5),
            ("1'234", 1234.0),
            ("0,123", 0.123),
            ("1234,567", 1234.567),
            ("\u{2212}3", -3.0),
        ] {
            assert_eq!(read(text), Some(wanted), "{text}");
        }
        assert!(matches!(spelled("1,234"), Spelled::Unclear(_)));
        for text in ["", "1 2", "1.2.3", "1,2,3", "1.23,4,5", "a"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn units_convert() {
        let mut units = Units::default();
        let ms = units.intern("ms");
        let eur = units.intern("EUR");
        let read = |text: &str, unit| {
            let (digits, word) = split(text);
            let Spelled::Number(number, _) = spelled(digits) else { return None };
            in_unit(number, word, unit, &units).ok().map(|it| it.0)
        };
        assert_eq!(read("0.76 s", ms), Some(760.0));
        assert_eq!(read("760ms", ms), Some(760.0));
        assert_eq!(read("4.3M EUR", eur), Some(4_300_000.0));
        assert_eq!(read("65 %", UnitId::PERCENT), Some(0.65));
        assert_eq!(read("5 EUR", ms), None);
        assert_eq!(read("1e3 ms", ms), Some(1000.0));
    }
}
