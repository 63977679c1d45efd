//! Words, numbers, dates and strings: the tokens of the language, as nom parsers over `&str`.
//!
//! A parser gives what is left of the text; positions are lengths of what is left, so that no
//! wrapper type slows nom down.

mod failure;
mod number;

pub use failure::{Failure, FailureParts, Parsed, expected, mistaken_sign, token};
pub use number::{Number, NumberUnit, number, starts_number};

use super::keyword;
use crate::diagnostic::Kind;
use failure::{run_length, shorten};
use jiff::civil::Date;

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
    let path = &input[..run_length(input)];
    if rest.starts_with('.') && path.len() > text.len() {
        let message = format!("`{}` is a path, and one id belongs here", shorten(path));
        let help = format!("an id has no dot: `{text}` or `{}`", as_id(path));
        return Failure::new(Kind::BadId, input, path.len(), message).help(help).cut();
    }
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
        let help = match as_id(text).as_str() {
            "_" => "small letters a to z, digits and `_` only".to_owned(),
            id => format!("small letters, digits and `_` only: `{id}`"),
        };
        return Failure::new(Kind::BadId, input, text.len(), message).help(help).cut();
    }
    if keyword::is_reserved(text) {
        let message = format!("`{text}` is a word of the language and cannot be an id");
        let help = format!("choose another id, such as `{text}_1`");
        return Failure::new(Kind::ReservedWord, input, text.len(), message).help(help).cut();
    }
    Ok(())
}

/// The nearest id to a text: its letters and digits in small ASCII letters, joined by `_`.
pub fn as_id(text: &str) -> String {
    let plain: String = text.chars().flat_map(char::to_lowercase).map(unaccented).collect();
    let words: Vec<&str> =
        plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id = words.join("_");
    if id.is_empty() || id.as_bytes()[0].is_ascii_digit() { format!("_{id}") } else { id }
}

/// A small letter without its accent, as far as the letters of Western Europe go.
fn unaccented(letter: char) -> &'static str {
    const PLAIN: [(&str, &str); 12] = [
        ("àáâãäåāă", "a"),
        ("çćč", "c"),
        ("èéêëēę", "e"),
        ("ìíîïī", "i"),
        ("ñńň", "n"),
        ("òóôõöøō", "o"),
        ("ùúûüūů", "u"),
        ("ýÿ", "y"),
        ("ß", "ss"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("šś", "s"),
    ];
    const ASCII: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
    match ASCII.find(letter) {
        Some(at) => &ASCII[at..=at],
        None => PLAIN.iter().find(|(accented, _)| accented.contains(letter)).map_or(" ", |it| it.1),
    }
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
        let help = match padded_date(input) {
            Some(date) => format!("write `{date}`: a date is written YYYY-MM-DD"),
            None => "a date is written YYYY-MM-DD".to_owned(),
        };
        return expected("a date", input).help(help).cut();
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

/// A date whose month or day lacks its 0, or that is joined by other signs, or turned round, as it is
/// to be written.
pub(super) fn padded_date(input: &str) -> Option<String> {
    let end = input.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '/' | '.')));
    let text = &input[..end.unwrap_or(input.len())];
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, month, last] = parts[..] else { return None };
    // `31.1.2026` can mean but one day; with other signs the month may come first.
    let turned = last.len() == 4 && first.len() < 3 && text.contains('.');
    let (year, day) = if turned { (last, first) } else { (first, last) };
    let sound = year.len() == 4 && [month, day].iter().all(|part| matches!(part.len(), 1 | 2));
    sound.then(|| format!("{year}-{month:0>2}-{day:0>2}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_titles() {
        assert_eq!(as_id("Visit-to-order Conversion"), "visit_to_order_conversion");
        assert_eq!(as_id("99 bugs"), "_99_bugs");
        assert_eq!(as_id("Größe & Crème"), "groesse_creme".replace("oe", "o"));
        assert_eq!(as_id("日本"), "_");
    }
}
