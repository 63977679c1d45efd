//! Number formats: what a number in a cell means to the people who see it.

use std::sync::Arc;

/// What a format makes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FormatKind {
    /// A number.
    #[default]
    Number,
    /// Times one hundred, with a `%`.
    Percent,
    /// A day, with or without a time.
    Date,
    /// A time of the day, or a duration; the number is in days.
    Time,
    /// Text, even where it looks like a number.
    Text,
}

/// A number format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Format {
    /// What it makes of a number.
    pub kind: FormatKind,
    /// A word or sign shown with the number: `€`, `ms`.
    pub unit: Option<Arc<str>>,
}

impl Format {
    /// The general format.
    pub const GENERAL: Format = Format { kind: FormatKind::Number, unit: None };

    /// A format without a unit.
    pub const fn of(kind: FormatKind) -> Self {
        Self { kind, unit: None }
    }

    /// The format of a number that Excel has built in.
    pub fn built_in(id: u32) -> Self {
        Self::of(match id {
            9 | 10 => FormatKind::Percent,
            14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => FormatKind::Date,
            18..=21 | 32 | 33 | 45..=47 | 55 | 56 => FormatKind::Time,
            49 => FormatKind::Text,
            _ => FormatKind::Number,
        })
    }

    /// The format of a code such as `0.0%` or `#,##0 "ms"`: of its first section, which is that of
    /// positive numbers.
    pub fn of_code(code: &str) -> Self {
        let mut scan = Scan::default();
        let mut characters = code.chars();
        while let Some(character) = characters.next() {
            match character {
                ';' => break,
                '"' => scan.literal.extend(characters.by_ref().take_while(|&it| it != '"')),
                '\\' => scan.literal.extend(characters.next()),
                // The width of a character, and one to fill the cell with.
                '_' | '*' => drop(characters.next()),
                '[' => {
                    let inside: String = characters.by_ref().take_while(|&it| it != ']').collect();
                    scan.bracket(&inside);
                }
                _ => scan.sign(character),
            }
        }
        scan.format()
    }
}

/// What the signs of a format code have said so far.
#[derive(Default)]
struct Scan {
    literal: String,
    percent: bool,
    text: bool,
    digits: bool,
    date: bool,
    time: bool,
    months: bool,
    previous: char,
}

impl Scan {
    /// `[$€-407]`, `[h]`, `[Red]`
    fn bracket(&mut self, inside: &str) {
        if let Some(currency) = inside.strip_prefix('$') {
            self.literal.push_str(currency.split('-').next().unwrap_or_default());
        }
        let letters = inside.to_ascii_lowercase();
        let elapsed = |letter| !letters.is_empty() && letters.chars().all(|it| it == letter);
        self.time |= elapsed('h') || elapsed('m') || elapsed('s');
    }

    fn sign(&mut self, character: char) {
        let previous = std::mem::replace(&mut self.previous, character);
        match character.to_ascii_lowercase() {
            '%' => self.percent = true,
            '@' => self.text = true,
            '0' | '#' | '?' => self.digits = true,
            'y' | 'd' => self.date = true,
            'h' | 's' => self.time = true,
            'm' => self.months = true,
            // `E+` of a scientific number, and the letters of `General`.
            _ if previous == 'E' || character.is_ascii_alphabetic() => {}
            '$' | '€' | '£' | '¥' => self.literal.push(character),
            _ => {}
        }
    }

    fn format(self) -> Format {
        let kind = match self {
            Scan { percent: true, .. } => FormatKind::Percent,
            // Letters among digits are a date's only if there are no digits: `0 d` is no format.
            Scan { digits: false, date: true, .. } => FormatKind::Date,
            Scan { digits: false, months: true, time: false, .. } => FormatKind::Date,
            Scan { time: true, .. } => FormatKind::Time,
            Scan { text: true, .. } => FormatKind::Text,
            _ => FormatKind::Number,
        };
        let unit = super::cells::clean(self.literal.trim()).into_owned();
        // Magnitudes go with a scaling of the format: the number itself is whole.
        let magnitude = matches!(unit.as_str(), "k" | "K" | "m" | "M" | "B" | "bn" | "Mio" | "T");
        let is_unit = kind == FormatKind::Number
            && !magnitude
            && (1..=12).contains(&unit.chars().count())
            && unit.chars().any(|it| it.is_alphabetic() || "$€£¥".contains(it));
        Format { kind, unit: is_unit.then(|| unit.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_what_a_number_means() {
        use FormatKind::*;
        for (code, kind, unit) in [
            ("General", Number, None),
            ("0.0%", Percent, None),
            ("0.00E+00", Number, None),
            ("#,##0 \"ms\"", Number, Some("ms")),
            ("[$€-407]#,##0.00", Number, Some("€")),
            ("\"$\"#,##0_);[Red](\"$\"#,##0)", Number, Some("$")),
            ("_-* #,##0.00\\ \"€\"_-", Number, Some("€")),
            ("0.0,,\"M\"", Number, None),
            ("yyyy\\-mm\\-dd", Date, None),
            ("mmm\\-yy", Date, None),
            ("d/m/yyyy h:mm", Date, None),
            ("mm:ss", Time, None),
            ("[h]:mm:ss", Time, None),
            ("h:mm AM/PM", Time, None),
            ("@", Text, None),
            ("0;\"yes\"", Number, None),
        ] {
            let format = Format::of_code(code);
            assert_eq!((format.kind, format.unit.as_deref()), (kind, unit), "{code}");
        }
    }
}
