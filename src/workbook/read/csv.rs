//! `.csv`, `.tsv` and the like: any encoding and separator that spreadsheet programs write.

use super::super::guard::{MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Refusal};
use super::cells::{At, Cell, Sheet, Value, Visibility};
use super::sheet::Context;
use super::{Book, Kind};
use std::borrow::Cow;

/// The largest text file, in bytes.
pub(super) const MAX_BYTES: u64 = 32 << 20;

/// Separators, the likeliest first.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Reads a text file; its sheet has the file's name without its end.
pub(super) fn read(bytes: &[u8], name: &str, mut context: Context) -> Result<Book, Refusal> {
    let text = decode(bytes)?;
    let (text, separator) = match hinted(&text) {
        Some((rest, separator)) => (rest, separator),
        None => (text.as_ref(), likely_separator(&text)),
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut sheet = Sheet::new(stem, Visibility::Visible);
    let mut records = Records { rest: text, separator };
    let mut at = At::default();
    while let Some((field, ends_row)) = records.next_field()? {
        if !field.is_empty() {
            if at.row >= MAX_ROWS || at.column >= MAX_COLUMNS {
                let what = "the text has over 1,048,576 lines, or over 16,384 columns in a line";
                return Err(Refusal::too_much(what));
            }
            context.count_cell()?;
            let value = value(&field, &mut context)?;
            if let Value::Text(text) = &value {
                context.look_at_formula(&sheet.name, at, text);
            }
            sheet.push(Cell::new(at, value, 0), None);
        }
        at = match ends_row {
            true => At::new(at.row.saturating_add(1), 0),
            false => At::new(at.row, at.column.saturating_add(1)),
        };
    }
    sheet.finish()?;
    let Context { formats, flags, .. } = context;
    let formats = formats.into_list();
    Ok(Book { kind: Kind::Csv, sheets: vec![sheet], formats, flags, dates_from_1904: false })
}

/// Text of UTF-8, UTF-16 or, if it is neither, Windows' Western encoding.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[length..]).0);
    }
    let head = &bytes[..bytes.len().min(1_000)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match (even, odd) {
        (0, 0) => Ok(match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        }),
        _ if odd * 4 > head.len() && even * 16 < head.len() => {
            Ok(encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0)
        }
        _ if even * 4 > head.len() && odd * 16 < head.len() => {
            Ok(encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0)
        }
        _ => Err(Refusal::new(
            "the file is no text, though its name says so",
            "save it again from a spreadsheet program, as .xlsx or as .csv",
        )),
    }
}

/// `sep=;` on a line of its own, as Excel writes and reads it.
fn hinted(text: &str) -> Option<(&str, char)> {
    let (line, rest) = text.split_once('\n')?;
    let mut separator = line.trim_end_matches('\r').strip_prefix("sep=")?.chars();
    let found = separator.next()?;
    separator.next().is_none().then_some((rest, found))
}

/// The separator with which the most of the first lines have the same number of fields.
fn likely_separator(text: &str) -> char {
    let score = |separator: char| {
        let mut records = Records { rest: text, separator };
        let mut widths = Vec::new();
        let mut width = 1_usize;
        while let Ok(Some((_, ends_row))) = records.next_field() {
            if !ends_row {
                width += 1;
                continue;
            }
            widths.push(std::mem::replace(&mut width, 1));
            if widths.len() == 50 {
                break;
            }
        }
        let most = |candidate: &usize| widths.iter().filter(|it| *it == candidate).count();
        let best = widths.iter().filter(|&&it| it > 1).max_by_key(|it| (most(it), **it));
        best.map_or((0, 0), |best| (most(best), *best))
    };
    let best = SEPARATORS.iter().rev().max_by_key(|&&separator| score(separator));
    best.copied().unwrap_or(',')
}

/// The fields of a text, one by one.
struct Records<'t> {
    rest: &'t str,
    separator: char,
}

impl<'t> Records<'t> {
    /// The next field, and whether it ends its line.
    fn next_field(&mut self) -> Result<Option<(Cow<'t, str>, bool)>, Refusal> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let field = match self.rest.strip_prefix('"') {
            Some(quoted) => self.quoted(quoted),
            None => {
                let separator = self.separator;
                let ends = |it: char| it == separator || it == '\n' || it == '\r';
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                let field = &self.rest[..end];
                self.rest = &self.rest[end..];
                Cow::Borrowed(field)
            }
        };
        if field.len() > MAX_TEXT {
            return Err(Refusal::too_much(format!(
                "the text has a field of more than {} KB; perhaps a quotation mark is not closed",
                MAX_TEXT >> 10
            )));
        }
        if let Some(rest) = self.rest.strip_prefix(self.separator) {
            self.rest = rest;
            // A separator at the very end is followed by one more, empty, field.
            return Ok(Some((field, rest.is_empty())));
        }
        let rest = self.rest;
        self.rest = rest.strip_prefix("\r\n").or(rest.strip_prefix(['\r', '\n'])).unwrap_or(rest);
        Ok(Some((field, true)))
    }

    /// A field in quotation marks, in which two of them are one; what follows the closing one up to
    /// the separator belongs to it.
    fn quoted(&mut self, mut rest: &'t str) -> Cow<'t, str> {
        let mut field = String::new();
        loop {
            let Some(end) = rest.find('"') else {
                field.push_str(rest);
                self.rest = "";
                return Cow::Owned(field);
            };
            field.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        let separator = self.separator;
        let ends = |it: char| it == separator || it == '\n' || it == '\r';
        let end = rest.find(ends).unwrap_or(rest.len());
        field.push_str(&rest[..end]);
        self.rest = &rest[end..];
        Cow::Owned(field)
    }
}

/// Digits with at most one point are a number; everything else stays text. Text that this program
/// has kept from being taken for a formula is as it was before.
fn value(field: &str, context: &mut Context) -> Result<Value, Refusal> {
    let trimmed = field.trim();
    let digits = trimmed.strip_prefix('-').unwrap_or(trimmed);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    let padded = whole.len() > 1 && whole.starts_with('0');
    if all_digits(whole)
        && all_digits(fraction)
        && !padded
        && let Ok(number) = trimmed.parse::<f64>()
        && number.is_finite()
    {
        return Ok(Value::Number(number));
    }
    let plain =
        field.strip_prefix('\'').filter(|it| it.starts_with(['=', '+', '-', '@', '\t', '\r']));
    Ok(Value::Text(context.texts.keep(plain.unwrap_or(field))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        let book = Book::from_bytes(bytes.to_vec(), "t.csv").expect("the text can be read");
        let shown = |cell: &Cell| format!("{}={:?}", cell.at, cell.value);
        book.sheets[0].rows().map(|(_, cells)| cells.iter().map(shown).collect()).collect()
    }

    fn values(bytes: &[u8]) -> String {
        let all = rows(bytes).concat().join(" ");
        all.replace("Text(", "").replace("Number(", "").replace(')', "")
    }

    #[test]
    fn separators_are_found() {
        assert_eq!(values(b"a,b\n1,2\n"), r#"A1="a" B1="b" A2=1.0 B2=2.0"#);
        assert_eq!(values(b"a;b\n1,5;2\n"), r#"A1="a" B1="b" A2="1,5" B2=2.0"#);
        assert_eq!(values(b"a\tb\r\n1\t2"), r#"A1="a" B1="b" A2=1.0 B2=2.0"#);
        assert_eq!(values(b"sep=|\na|b,c,d\n"), r#"A1="a" B1="b,c,d""#);
        assert_eq!(values(b"a\n\nb\n"), r#"A1="a" A3="b""#);
    }

    #[test]
    fn quotation_marks_hold_anything() {
        assert_eq!(
            values(b"\"a \"\"b\"\"\",\"c\nd\"\n\"x\"y,z"),
            "A1=\"a \\\"b\\\"\" B1=\"c\\nd\" A2=\"xy\" B2=\"z\""
        );
        assert_eq!(values(b"\"never closed,\n1"), "A1=\"never closed,\\n1\"");
    }

    #[test]
    fn encodings_are_found() {
        let utf16: Vec<u8> = "\u{feff}é;b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(values(&utf16), r#"A1="é" B1="b""#);
        let bare: Vec<u8> = "name;b\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(values(&bare), r#"A1="name" B1="b""#);
        assert_eq!(values(b"\xef\xbb\xbf\xc3\xa9,b"), r#"A1="é" B1="b""#);
        assert_eq!(values(b"\xe9,5 \x80"), r#"A1="é" B1="5 €""#);
        assert!(Book::from_bytes(b"a\0b\0\0\0c".to_vec(), "t.csv").is_err());
    }

    #[test]
    fn only_plain_digits_are_numbers() {
        assert_eq!(
            values(b"-1.50,007,1e5,nan,'=1+1,'x,12."),
            r#"A1=-1.5 B1="007" C1="1e5" D1="nan" E1="=1+1" F1="'x" G1="12.""#
        );
    }
}
