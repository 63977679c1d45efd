//! Reports as JSON.

use crate::diagnostic::clean;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::borrow::Cow;
use std::io::{self, Write};

/// The report as indented JSON with a newline at its end. Whole numbers have no decimals, and what
/// could steer a terminal is escaped.
pub fn to_json<T: Serialize + ?Sized>(report: &T) -> String {
    let formatter = Spelling { pretty: PrettyFormatter::new() };
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, formatter);
    match report.serialize(&mut serializer) {
        Ok(()) => bytes.push(b'\n'),
        // Reports have no maps with keys other than texts, so there is nothing that can fail.
        Err(error) => bytes = format!("{}\n", serde_json::Value::from(error.to_string())).into(),
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Records as JSON Lines: one object a line, spelt as in [`to_json`].
pub fn to_json_lines<T: Serialize>(records: &[T]) -> String {
    let mut out = String::new();
    for record in records {
        let mut bytes = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut bytes, OneLine);
        if record.serialize(&mut serializer).is_ok() {
            out.push_str(&String::from_utf8_lossy(&bytes));
            out.push('\n');
        }
    }
    out
}

/// The compact form of serde_json with texts spelt our way.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        safe_fragment(out, fragment)
    }
}

/// A piece of a text, with what could steer a terminal escaped.
fn safe_fragment<W: ?Sized + Write>(out: &mut W, fragment: &str) -> io::Result<()> {
    if fragment.is_ascii() && !fragment.contains('\u{7f}') {
        // serde_json has escaped the other control characters.
        return out.write_all(fragment.as_bytes());
    }
    if matches!(clean(fragment), Cow::Borrowed(_)) {
        return out.write_all(fragment.as_bytes());
    }
    fragment.chars().try_for_each(|character| match clean(character.encode_utf8(&mut [0; 4])) {
        Cow::Borrowed(text) => out.write_all(text.as_bytes()),
        Cow::Owned(_) => write!(out, "\\u{:04x}", u32::from(character)),
    })
}

/// The indented form of serde_json with numbers and texts spelt our way.
struct Spelling<'a> {
    pretty: PrettyFormatter<'a>,
}

/// Passes a call on to the indented form.
macro_rules! indented {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.pretty.$name(out $(, $argument)*)
        })*
    };
}

impl Formatter for Spelling<'_> {
    indented! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        if value.fract() == 0.0 && value.abs() < 1e15 {
            return self.pretty.write_i64(out, value as i64);
        }
        self.pretty.write_f64(out, value)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        safe_fragment(out, fragment)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn whole_numbers_have_no_decimals() {
        let numbers = [900.0, 2.0, 0.58, -0.0, 1e300, f64::NAN];
        insta::assert_snapshot!(to_json(&numbers), @"
        [
          900,
          2,
          0.58,
          0,
          1e+300,
          null
        ]
        ");
    }

    #[test]
    fn a_key_result_has_the_names_of_the_interface() {
        insta::assert_snapshot!(to_json(&fixture::scorecard().objectives[1].key_results[0]), @r#"
        {
          "id": "buying.tap",
          "title": "Median time from opening the app to a valid ticket",
          "kind": "aspirational",
          "grading": "linear",
          "unit": "s",
          "baseline": 74,
          "target": 40,
          "actual": 52,
          "weight": 2,
          "state": "graded",
          "progress": 0.647,
          "grade": 0.647,
          "band": "yellow",
          "confidence": 0.6,
          "pace": 1.0109375,
          "forecast": 43,
          "forecast_grade": null,
          "projected": null,
          "projected_grade": null,
          "projected_band": null,
          "pace_word": "on track",
          "keep": null,
          "broken": false,
          "due": null,
          "observed_on": "2026-08-28",
          "status": null
        }
        "#);
    }

    #[test]
    fn texts_mean_the_same_and_cannot_steer_the_terminal() {
        let text = "a\u{1b}[31m\u{202e}\u{7f}\u{9b}\n\"日本\\";
        let json = to_json(text);
        assert_eq!(json, "\"a\\u001b[31m\\u202e\\u007f\\u009b\\n\\\"日本\\\\\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(text));
    }

    #[test]
    fn lines_are_as_safe_as_reports() {
        let text = "a\u{1b}[31m\u{202e}\u{7f}\u{9b}\n\"日本\\";
        assert_eq!(to_json_lines(&[text, "b"]), format!("{}\"b\"\n", to_json(text)));
    }

    #[test]
    fn every_report_is_valid_json() {
        let reports = [
            to_json(&fixture::scorecard()),
            to_json(&fixture::trend()),
            to_json(&fixture::explanation()),
        ];
        for report in reports {
            let value: serde_json::Value = serde_json::from_str(&report).expect("valid JSON");
            assert!(value["schema"].is_string());
        }
    }
}
