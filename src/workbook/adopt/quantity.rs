//! Numbers as people type them into sheets: with units, magnitudes, currencies and commas.

use super::super::read::{Cell, Format, FormatKind, Value};
use crate::quantity::CURRENCIES;
use crate::syntax::keyword::is_reserved;
use crate::syntax::lexical::is_word;

/// How a number is bounded by a sign before it: `<= 2%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At most.
    Most,
    /// At least.
    Least,
}

/// A number with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number in its unit; a percent as a fraction.
    pub value: f64,
    /// Whether it is a percent.
    pub percent: bool,
    /// The unit's word, fit for the language.
    pub unit: Option<String>,
    /// A power of ten that was written as a letter: 6 of `4.2M`.
    pub magnitude: i32,
    /// The sign before it.
    pub bound: Option<Bound>,
}

/// What a cell says where a number is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// A number.
    Number(Quantity),
    /// It is done, or not yet.
    Done(bool),
    /// It does not apply.
    NotApplicable,
    /// Something else.
    Words(String),
    /// A formula whose result is not in the file.
    Missing,
    /// An error, `#DIV/0!`.
    Error(String),
}

const DONE: &[&str] = &[
    "done",
    "yes",
    "y",
    "complete",
    "completed",
    "true",
    "x",
    "✓",
    "✔",
    "✅",
    "launched",
    "shipped",
    "delivered",
    "achieved",
    "finished",
    "ja",
    "erledigt",
    "fertig",
    "abgeschlossen",
    "oui",
    "fait",
    "termine",
    "terminé",
    "si",
    "sí",
    "hecho",
    "completado",
    "completo",
];
const OPEN: &[&str] = &[
    "open",
    "no",
    "n",
    "not done",
    "not started",
    "todo",
    "to do",
    "pending",
    "false",
    "in progress",
    "wip",
    "nein",
    "offen",
    "non",
    "a faire",
    "à faire",
    "en cours",
    "en curso",
    "pendiente",
    "started",
    "not yet",
    "incomplete",
];
const NOT_APPLICABLE: &[&str] = &["n/a", "na", "not applicable", "entfällt", "s/o", "n.a."];
const NOTHING: &[&str] = &["", "-", "–", "—", "?", "tbd", "tbc", "tba", "none", "unknown", "n/k"];

/// Whether commas of a sheet are decimal points: `None` where only a number itself can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commas {
    /// A comma before three digits is a decimal point as well: the sheet writes them so elsewhere.
    pub decimal: bool,
}

/// What a cell says.
pub fn of_cell(cell: &Cell, format: &Format, commas: Commas) -> Said {
    match &cell.value {
        Value::Missing => Said::Missing,
        Value::Error(text) => Said::Error(text.to_string()),
        Value::Bool(truth) => Said::Done(*truth),
        Value::Date(date) => Said::Words(date.date().to_string()),
        Value::Number(number) => Said::Number(Quantity {
            value: rounded(*number),
            percent: format.kind == FormatKind::Percent,
            unit: format.unit.as_deref().and_then(unit_word),
            magnitude: 0,
            bound: None,
        }),
        Value::Text(text) => of_text(text, commas),
    }
}

/// What a text says.
pub fn of_text(text: &str, commas: Commas) -> Said {
    let text = text.trim();
    // Templates have what is to be filled in in brackets.
    let lower = text.trim_matches(['[', ']', '<', '>']).trim().to_lowercase();
    let is = |words: &[&str]| words.contains(&lower.as_str());
    match () {
        () if is(NOTHING) => Said::Nothing,
        () if is(DONE) => Said::Done(true),
        () if is(OPEN) => Said::Done(false),
        () if is(NOT_APPLICABLE) => Said::NotApplicable,
        () => match scientific(text).or_else(|| number(text, commas)) {
            Some(quantity) => Said::Number(quantity),
            None => Said::Words(text.to_owned()),
        },
    }
}

/// A number to the 15 digits that spreadsheets keep, so that `0.1 + 0.2` is 0.3.
pub fn rounded(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// Reads `1.5e6`, as programs write it.
fn scientific(text: &str) -> Option<Quantity> {
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let signed = |it: &str| digits(it.strip_prefix(['-', '+']).unwrap_or(it));
    let is_one = signed(whole) && digits(fraction) && signed(exponent);
    let value = text.parse::<f64>().ok().filter(|it| is_one && it.is_finite())?;
    Some(Quantity { value: rounded(value), percent: false, unit: None, magnitude: 0, bound: None })
}

/// Reads `≤ 4.2M €`; `None` for what is no number with at most a short unit.
fn number(text: &str, commas: Commas) -> Option<Quantity> {
    let (bound, rest) = bound(text);
    let (negative, rest) = sign(rest);
    let (currency, rest) = currency(rest);
    let (negative, rest) = match sign(rest) {
        (true, rest) => (!negative, rest),
        (false, rest) => (negative, rest),
    };
    let end = rest.find(|it: char| !is_numeral(it)).unwrap_or(rest.len());
    let digits = rest[..end].trim_end_matches([' ', '\u{a0}', '\u{202f}', '\'', ',', '.']);
    let mut value = decimal(digits, commas)?;
    if negative {
        value = -value;
    }
    let rest = rest[digits.len()..].trim_matches([' ', '\u{a0}', '\u{202f}']);
    let (magnitude, rest) = magnitude(rest, currency.is_some());
    let percent = rest.starts_with('%');
    let rest = rest.trim_start_matches('%').trim();
    let (after, rest) = self::currency(rest);
    let unit = match (currency.or(after), rest) {
        (unit, "") => unit.map(str::to_owned),
        (None, words) if !percent => Some(unit_word(words)?),
        _ => return None,
    };
    let power = magnitude - if percent { 2 } else { 0 };
    value = format!("{value:e}").split_once('e').and_then(|(digits, exponent)| {
        format!("{digits}e{}", exponent.parse::<i32>().ok()? + power).parse().ok()
    })?;
    let quantity = Quantity { value: rounded(value), percent, unit, magnitude, bound };
    quantity.value.is_finite().then_some(quantity)
}

/// `≤`, `at most`, `>=` and the like.
fn bound(text: &str) -> (Option<Bound>, &str) {
    const SIGNS: [(&str, Bound); 16] = [
        ("<=", Bound::Most),
        (">=", Bound::Least),
        ("=<", Bound::Most),
        ("=>", Bound::Least),
        ("≤", Bound::Most),
        ("≥", Bound::Least),
        ("<", Bound::Most),
        (">", Bound::Least),
        ("at most ", Bound::Most),
        ("at least ", Bound::Least),
        ("max. ", Bound::Most),
        ("min. ", Bound::Least),
        ("max ", Bound::Most),
        ("min ", Bound::Least),
        ("under ", Bound::Most),
        ("below ", Bound::Most),
    ];
    for (sign, bound) in SIGNS {
        let head =
            text.get(..sign.len()).filter(|head| head.eq_ignore_ascii_case(sign) || *head == sign);
        if head.is_some() {
            return (Some(bound), text[sign.len()..].trim_start());
        }
    }
    (None, text.trim_start_matches(['~', '≈', '+', '=']).trim_start())
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

/// A currency's sign or code at the beginning.
fn currency(text: &str) -> (Option<&'static str>, &str) {
    for (sign, word) in CURRENCIES {
        for spelling in [sign.to_string(), word.to_owned()] {
            let Some(rest) = text.strip_prefix(spelling.as_str()) else { continue };
            if !rest.starts_with(char::is_alphabetic) {
                return (Some(word), rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']));
            }
        }
    }
    (None, text)
}

fn is_numeral(character: char) -> bool {
    character.is_ascii_digit()
        || matches!(character, '.' | ',' | '\'' | ' ' | '\u{a0}' | '\u{202f}' | '_')
}

/// Digits with points, commas and spaces. The last of point and comma is the decimal one if both are
/// there; one that stands alone before exactly three digits groups them, unless it is a point, or the
/// sheet's commas are decimal.
fn decimal(digits: &str, commas: Commas) -> Option<f64> {
    let plain: String = digits
        .chars()
        .filter(|it| !matches!(it, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '_'))
        .collect();
    if !plain.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let (points, kommas) = (plain.matches('.').count(), plain.matches(',').count());
    let last = plain.rfind(['.', ',']);
    let after = last.map_or(0, |at| plain.len() - at - 1);
    let decimal = match (points, kommas) {
        (0, 0) => None,
        (1, 0) if commas.decimal && after == 3 => None,
        (1, 0) => last,
        (0, 1) if after == 3 && !commas.decimal && !plain.starts_with("0,") => None,
        (0, 1) => last,
        (0, _) | (_, 0) => None,
        (1, _) | (_, 1) => last,
        _ => return None,
    };
    let (whole, fraction) = match decimal {
        Some(at) => (&plain[..at], &plain[at + 1..]),
        None => (plain.as_str(), ""),
    };
    let mut groups = whole.split(['.', ',']);
    let first = groups.next()?;
    let grouped = whole.len() > first.len();
    if (grouped && first.len() > 3) || groups.any(|group| group.len() != 3) {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    fraction
        .bytes()
        .all(|it| it.is_ascii_digit())
        .then(|| format!("{whole}.{fraction}").parse().ok())?
}

/// A magnitude's letter or word, as a power of ten, and what follows. A small `m` is millions only
/// with money: elsewhere it is metres or minutes.
fn magnitude(text: &str, is_money: bool) -> (i32, &str) {
    const WORDS: [(&str, i32); 16] = [
        ("thousand", 3),
        ("million", 6),
        ("billion", 9),
        ("millionen", 6),
        ("milliarden", 9),
        ("tsd", 3),
        ("mio", 6),
        ("mrd", 9),
        ("mln", 6),
        ("bn", 9),
        ("mm", 6),
        ("k", 3),
        ("b", 9),
        ("m", 6),
        ("millions", 6),
        ("mil", 3),
    ];
    let end = text.find(|it: char| !it.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim_start_matches('.').trim_start();
    let money = is_money || self::currency(rest).0.is_some();
    let lower = word.to_lowercase();
    let fits = match word {
        "M" | "K" | "k" => true,
        "m" | "mm" | "MM" | "b" | "B" => money,
        _ => true,
    };
    match WORDS.iter().find(|(it, _)| *it == lower).filter(|_| fits) {
        Some((_, power)) => (*power, rest),
        None => (0, text),
    }
}

/// A unit as a word of the language: at most four words joined by `_`; `None` for what is none.
pub fn unit_word(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    if let Some((_, word)) = CURRENCIES.iter().find(|(sign, _)| text == sign.to_string()) {
        return Some((*word).to_owned());
    }
    let words: Vec<&str> =
        text.split(|it: char| !is_word(it)).filter(|it| !it.is_empty()).collect();
    let word = words.join("_");
    let speaks = matches!(
        word.to_lowercase().as_str(),
        "number" | "count" | "integer" | "num" | "value" | "absolute"
    );
    let is_one = (1..=4).contains(&words.len())
        && word.starts_with(char::is_alphabetic)
        && word.chars().count() <= 30
        && !is_reserved(&word)
        && !matches!(word.as_str(), "k" | "M" | "B" | "K")
        // An exponent that is too large for a number.
        && !(word.starts_with(['e', 'E']) && word[1..].bytes().all(|it| it.is_ascii_digit()))
        && !speaks
        // A sentence is no unit.
        && !text.contains([';', ':', '?', '!', '"', '=']);
    is_one.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match of_text(text, Commas::default()) {
            Said::Number(it) => format!(
                "{}{}{}{}",
                it.bound.map_or("", |it| if it == Bound::Most { "<= " } else { ">= " }),
                it.value,
                if it.percent { " %" } else { "" },
                it.unit.map_or(String::new(), |unit| format!(" {unit}"))
            ),
            said => format!("{said:?}"),
        }
    }

    #[test]
    fn numbers_as_people_type_them() {
        for (text, number) in [
            ("900 ms", "900 ms"),
            ("$4.2M", "4200000 USD"),
            ("4,2 Mio. €", "4200000 EUR"),
            ("€ 1.200.000,50", "1200000.5 EUR"),
            ("EUR 300k", "300000 EUR"),
            ("-$5", "-5 USD"),
            ("65%", "0.65 %"),
            ("3,1 %", "0.031 %"),
            ("1,200,000", "1200000"),
            ("1,200", "1200"),
            ("0,125", "0.125"),
            ("1.200", "1.2"),
            ("1'000.5", "1000.5"),
            ("1 234,5", "1234.5"),
            ("10k users", "10000 users"),
            ("5 m", "5 m"),
            ("5 MB", "5 MB"),
            ("≤ 2%", "<= 0.02 %"),
            ("at least 99.9%", ">= 0.999 %"),
            ("< 5 open bugs", "<= 5 open_bugs"),
            ("3x", "3 x"),
            ("12 new customers", "12 new_customers"),
            ("+12", "12"),
            ("0.1", "0.1"),
            ("1.5E+6", "1500000"),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }

    #[test]
    fn words_are_no_numbers() {
        for text in [
            "Launch in 3 markets",
            "2026-03-31",
            "12.34.56",
            "1,2,3",
            "10 of 20 shops are open: yes",
            "5 done",
            "NaN",
            "inf",
        ] {
            assert!(
                matches!(of_text(text, Commas::default()), Said::Words(_)),
                "{text}: {}",
                read(text)
            );
        }
        assert_eq!(of_text("Done", Commas::default()), Said::Done(true));
        assert_eq!(of_text("in progress", Commas::default()), Said::Done(false));
        assert_eq!(of_text("TBD", Commas::default()), Said::Nothing);
        assert_eq!(of_text("N/A", Commas::default()), Said::NotApplicable);
    }

    #[test]
    fn commas_of_a_sheet_that_writes_them_so() {
        let commas = Commas { decimal: true };
        let value = |text| match of_text(text, commas) {
            Said::Number(it) => it.value,
            said => panic!("{said:?}"),
        };
        assert_eq!(value("1,200"), 1.2);
        assert_eq!(value("1.200"), 1200.0);
        assert_eq!(value("0,5"), 0.5);
    }
}
