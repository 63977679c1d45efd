//! Quarters, halves, years and months as people name them.

use jiff::civil::Date;

/// A cycle of the plan to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How it is called.
    pub title: String,
}

/// Months by their first three letters, in four languages.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene"],
    &["feb", "fev", "fév"],
    &["mar", "mär", "mrz"],
    &["apr", "avr", "abr"],
    &["may", "mai"],
    &["jun", "juin"],
    &["jul", "juil"],
    &["aug", "aou", "aoû", "ago"],
    &["sep"],
    &["oct", "okt"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

impl Period {
    /// The months from one to another of a year, both from 1.
    fn months(year: i16, from: i8, to: i8, title: String) -> Option<Self> {
        let first = Date::new(year, from, 1).ok()?;
        let last = Date::new(year, to, 1).ok()?.last_of_month();
        (first <= last).then_some(Self { first, last, title })
    }

    /// A quarter of a year, from 1.
    pub fn quarter(year: i16, quarter: i8) -> Option<Self> {
        let from = (1..=4).contains(&quarter).then_some(quarter * 3 - 2)?;
        Self::months(year, from, from + 2, format!("Q{quarter} {year}"))
    }

    /// The quarter that a day is in.
    pub fn around(day: Date) -> Option<Self> {
        Self::quarter(day.year(), (day.month() - 1) / 3 + 1)
    }

    /// Reads a name such as `Q1 2026`, `2026-Q1`, `FY26 H1`, `T1/26`, `March 2026`, `2026`; `year` is
    /// taken where the text has none.
    pub fn read(text: &str, year: Option<i16>) -> Option<Self> {
        let words = words(text);
        let mut found = Found::default();
        let mut rest = words.as_slice();
        while let Some((word, after)) = rest.split_first() {
            found.take(word);
            rest = after;
        }
        found.period(year)
    }

    /// The same within a longer text, such as a file's name: only what has a year counts.
    pub fn within(text: &str) -> Option<Self> {
        let words = words(text);
        let windows = (1..=3).rev().flat_map(|length| words.windows(length));
        let named = windows.filter_map(|window| {
            let mut found = Found::default();
            let all = window.iter().all(|word| found.take(word));
            (all && found.year.is_some() && found.part.is_some())
                .then(|| found.period(None))
                .flatten()
        });
        let mut named = named;
        named.next()
    }
}

/// Letters and digits of a text, apart: `Q1-2026` is `q 1 2026`, joined again where a letter counts
/// what follows.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for character in text.chars().take(200).flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            let continues = previous.is_alphanumeric()
                && (previous.is_numeric() == character.is_numeric() || previous.is_alphabetic());
            match words.last_mut() {
                Some(word) if continues => word.push(character),
                _ => words.push(character.to_string()),
            }
        }
        previous = character;
    }
    words
}

/// A part of a year: months, both from 1, and how it is called.
type Part = (i8, i8, &'static str);

#[derive(Default)]
struct Found {
    year: Option<i16>,
    part: Option<Part>,
    pending: Option<char>,
    ordinal: Option<String>,
    month: Option<i8>,
}

impl Found {
    /// Takes a word; tells whether it means something.
    fn take(&mut self, word: &str) -> bool {
        if let Some(letter) = self.pending.take()
            && let Some(part) = part(letter, word)
        {
            self.part = self.part.or(Some(part));
            return true;
        }
        if let Some(year) = year(word) {
            self.year = self.year.or(Some(year));
            return true;
        }
        let mut letters = word.chars();
        let first = letters.next().unwrap_or(' ');
        if let Some(part) = part(first, letters.as_str()) {
            self.part = self.part.or(Some(part));
            return true;
        }
        match word {
            "q" | "h" | "t" | "quarter" | "quartal" | "trimestre" | "half" => {
                let letter = if word.starts_with('h') { 'h' } else { 'q' };
                match self.ordinal.take().and_then(|number| part(letter, &number)) {
                    Some(part) => self.part = self.part.or(Some(part)),
                    None => self.pending = Some(letter),
                }
                true
            }
            // `1st quarter`, `1. Quartal`
            "1" | "2" | "3" | "4" => {
                self.ordinal = Some(word.to_owned());
                true
            }
            "fy" | "year" | "jahr" => true,
            "st" | "nd" | "rd" | "th" => self.ordinal.is_some(),
            _ => self.take_month(word),
        }
    }

    /// Months make a period from the first to the last.
    fn take_month(&mut self, word: &str) -> bool {
        let named = |names: &&[&str]| names.iter().any(|name| word.starts_with(name));
        let Some(at) = MONTHS.iter().position(|names| word.len() >= 3 && named(names)) else {
            return false;
        };
        let month = at as i8 + 1;
        let first = *self.month.get_or_insert(month);
        self.part = Some((first.min(month), month.max(first), ""));
        true
    }

    fn period(self, year: Option<i16>) -> Option<Period> {
        let year = self.year.or(year)?;
        match self.part {
            Some((from, to, title @ ("Q1" | "Q2" | "Q3" | "Q4" | "H1" | "H2"))) => {
                Period::months(year, from, to, format!("{title} {year}"))
            }
            Some((from, to, _)) => {
                let quarter =
                    (to - from == 2 && from % 3 == 1).then(|| Period::quarter(year, to / 3));
                quarter.flatten().or_else(|| {
                    let title = match from == to {
                        true => format!("{} {year}", month(from)),
                        false => format!("{} to {} {year}", month(from), month(to)),
                    };
                    Period::months(year, from, to, title)
                })
            }
            None => Period::months(year, 1, 12, format!("{year}")),
        }
    }
}

/// The English name of a month, from 1.
fn month(number: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let index = usize::try_from(number).unwrap_or(1).clamp(1, 12) - 1;
    NAMES[index]
}

fn part(letter: char, number: &str) -> Option<Part> {
    match (letter, number) {
        ('q' | 't', "1") => Some((1, 3, "Q1")),
        ('q' | 't', "2") => Some((4, 6, "Q2")),
        ('q' | 't', "3") => Some((7, 9, "Q3")),
        ('q' | 't', "4") => Some((10, 12, "Q4")),
        ('h', "1") => Some((1, 6, "H1")),
        ('h', "2") => Some((7, 12, "H2")),
        _ => None,
    }
}

/// `2026`, `fy2026`, `fy26`, `26` — the last only where something else says that it is a year, which
/// a number beyond the quarters does.
fn year(word: &str) -> Option<i16> {
    let digits = word.strip_prefix("fy").unwrap_or(word);
    let number: i16 = digits.parse().ok()?;
    match digits.len() {
        4 => (1990..2100).contains(&number).then_some(number),
        2 => (20..60).contains(&number).then_some(2000 + number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Period::read(text, None).map(|it| format!("{} {} {}", it.title, it.first, it.last))
    }

    #[test]
    fn periods_are_read() {
        let first = Some("Q1 2026 2026-01-01 2026-03-31".to_owned());
        for text in [
            "Q1 2026",
            "2026-Q1",
            "2026Q1",
            "Q1/26",
            "q1-fy26",
            "FY2026 Q1",
            "T1 2026",
            "1st quarter 2026",
            "Quarter 1 2026",
            "Jan - Mar 2026",
            "Januar bis März 2026",
        ] {
            assert_eq!(read(text), first, "{text}");
        }
        assert_eq!(read("H2 2026").as_deref(), Some("H2 2026 2026-07-01 2026-12-31"));
        assert_eq!(read("2026").as_deref(), Some("2026 2026-01-01 2026-12-31"));
        assert_eq!(read("February 2026").as_deref(), Some("February 2026 2026-02-01 2026-02-28"));
        assert_eq!(read("Q1"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(Period::read("Q4", Some(2025)).map(|it| it.title).as_deref(), Some("Q4 2025"));
    }

    #[test]
    fn periods_are_found_in_names() {
        let within = |text| Period::within(text).map(|it| it.title);
        assert_eq!(within("okr_tracker_Q2-2026_final").as_deref(), Some("Q2 2026"));
        assert_eq!(within("Company OKRs 2026 Q3").as_deref(), Some("Q3 2026"));
        assert_eq!(within("tracker2026"), None);
        assert_eq!(within("OKRs 2026"), None);
    }
}
