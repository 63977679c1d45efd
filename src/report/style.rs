//! How a report is drawn: its colours, width and characters, and text measured in columns.

use crate::diagnostic::clean;
use anstyle::AnsiColor;
use std::borrow::Cow;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What the terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used. They never stand alone.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
    /// Whether there are block, box and arrow characters; ASCII stands in for them otherwise.
    pub unicode: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80, unicode: true }
    }
}

impl Style {
    /// The first text, or its ASCII stand-in.
    pub fn pick(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// The text in the ink, if there are colours. It must be safe: see [`one_line`].
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        let mut painted = String::with_capacity(text.len());
        self.paint_into(&mut painted, ink, text);
        painted
    }

    /// Adds the text in the ink, if there are colours. It must be safe: see [`one_line`].
    pub fn paint_into(&self, out: &mut String, ink: Ink, text: &str) {
        if !self.color || ink == Ink::Plain || text.is_empty() {
            return out.push_str(text);
        }
        let style = ink.style();
        // Writing to a text cannot fail.
        let _ = write!(out, "{}{text}{}", style.render(), style.render_reset());
    }

    /// The text cut to so many columns, with an ellipsis if anything is lost.
    pub fn truncate<'a>(&self, text: &'a str, width: usize) -> Cow<'a, str> {
        if width_of(text) <= width {
            return Cow::Borrowed(text);
        }
        let ellipsis = self.pick("…", "...");
        let room = width.saturating_sub(width_of(ellipsis));
        let kept = text[..fitting(text, room)].trim_end();
        let ellipsis = &ellipsis[..fitting(ellipsis, width)];
        Cow::Owned(format!("{kept}{ellipsis}"))
    }

    /// The text on at most so many lines of so many columns, with an ellipsis if anything is lost.
    pub fn wrap(&self, text: &str, width: usize, lines: usize) -> Vec<String> {
        let mut wrapped = wrap(text, width);
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            let ellipsis = self.pick("…", "...");
            if let Some(last) = wrapped.last_mut() {
                last.truncate(fitting(last, width.saturating_sub(width_of(ellipsis))));
                last.push_str(ellipsis);
            }
        }
        wrapped
    }
}

/// What a text is painted with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// As it comes.
    #[default]
    Plain,
    /// Titles.
    Bold,
    /// What may be overlooked.
    Dim,
    /// The red band and what is broken.
    Red,
    /// The yellow band.
    Yellow,
    /// The green band.
    Green,
}

impl Ink {
    /// The ink of a band's word.
    pub fn of_band(band: Option<&str>) -> Self {
        match band {
            Some("red") => Self::Red,
            Some("yellow") => Self::Yellow,
            Some("green") => Self::Green,
            _ => Self::Plain,
        }
    }

    fn style(self) -> anstyle::Style {
        let color = |color: AnsiColor| color.on_default();
        match self {
            Self::Plain => anstyle::Style::new(),
            Self::Bold => anstyle::Style::new().bold(),
            Self::Dim => anstyle::Style::new().dimmed(),
            Self::Red => color(AnsiColor::Red),
            Self::Yellow => color(AnsiColor::Yellow),
            Self::Green => color(AnsiColor::Green),
        }
    }
}

/// Text that is safe on a terminal and stays on its line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let text = clean(text);
    if text.contains(['\n', '\t']) {
        return Cow::Owned(text.replace(['\n', '\t'], " "));
    }
    text
}

/// How many columns a text takes.
pub fn width_of(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else if text.chars().all(is_narrow) {
        text.chars().count()
    } else {
        Clusters(text).map(UnicodeWidthStr::width).sum()
    }
}

/// Whether a character surely takes one column and none joins it: ASCII, Latin, arrows and blocks.
fn is_narrow(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '…' | '≤' | '≥'
        | '←'..='↓' | '\u{2500}'..='\u{25cf}')
}

/// How many bytes of the text fit into so many columns.
fn fitting(text: &str, width: usize) -> usize {
    if text.is_ascii() {
        return width.min(text.len());
    }
    let mut left = width;
    let fits = |cluster: &&str| match left.checked_sub(cluster.width()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    Clusters(text).take_while(fits).map(str::len).sum()
}

/// The text on lines of so many columns, broken between words; a longer word is broken anywhere.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = width_of(word);
        let gap = usize::from(used > 0);
        if used + gap + wide > width && wide <= width {
            lines.push(String::new());
            used = 0;
        }
        used = push_word(&mut lines, used, word, width);
    }
    lines
}

/// Adds a word to the last line, breaking it where the line is full; gives the columns used.
fn push_word(lines: &mut Vec<String>, used: usize, word: &str, width: usize) -> usize {
    let mut used = used;
    let mut gap = if used > 0 { " " } else { "" };
    for cluster in Clusters(word) {
        let wide = cluster.width();
        if used + gap.len() + wide > width && used > 0 {
            lines.push(String::new());
            (used, gap) = (0, "");
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(gap);
            line.push_str(cluster);
        }
        used += gap.len() + wide;
        gap = "";
    }
    used
}

/// The pieces of a text that must stay together: a character with its marks, an emoji with what it
/// is joined to, the two letters of a flag.
struct Clusters<'a>(&'a str);

impl<'a> Iterator for Clusters<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut characters = self.0.char_indices();
        let (_, first) = characters.next()?;
        let mut previous = first;
        let ends = |&(at, next): &(usize, char)| {
            let flag = at == first.len_utf8() && is_flag_letter(first) && is_flag_letter(next);
            let joined = previous == '\u{200d}' || flag || is_mark(next);
            previous = next;
            !joined
        };
        let end = characters.find(ends).map_or(self.0.len(), |(at, _)| at);
        let (cluster, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(cluster)
    }
}

fn is_flag_letter(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_mark(character: char) -> bool {
    character.width() == Some(0) || matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_characters_are_narrow() {
        let narrow = ('\0'..='\u{ffff}').filter(|&it| is_narrow(it));
        narrow.for_each(|it| assert_eq!(it.width(), Some(1), "{it:?}"));
    }

    const FAMILY: &str = "👨\u{200d}👩\u{200d}👧";

    #[test]
    fn columns_are_those_of_a_terminal() {
        assert_eq!(width_of("abc"), 3);
        assert_eq!(width_of("e\u{301}te\u{301}"), 3);
        assert_eq!(width_of("日本語"), 6);
        assert_eq!(width_of("Größe ≤ 4 → ■□…"), 15);
        assert_eq!(width_of(FAMILY), 2);
        assert_eq!(width_of("🇸🇪🇳🇴"), 4);
        assert_eq!(width_of("👍🏽"), 2);
    }

    #[test]
    fn cuts_between_clusters_only() {
        let style = Style::default();
        assert_eq!(style.truncate("latency", 7), "latency");
        assert_eq!(style.truncate("latency", 6), "laten…");
        assert_eq!(style.truncate("late ncy", 6), "late…");
        assert_eq!(style.truncate("日本語", 5), "日本…");
        assert_eq!(style.truncate("日本語", 4), "日…");
        assert_eq!(style.truncate("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(style.truncate(&FAMILY.repeat(2), 3), format!("{FAMILY}…"));
        let ascii = Style { unicode: false, ..style };
        assert_eq!(ascii.truncate("latency", 6), "lat...");
        assert_eq!(ascii.truncate("latency", 2), "..");
        assert_eq!(style.truncate("latency", 0), "");
    }

    #[test]
    fn wraps_between_words_and_breaks_what_is_longer() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 6), ["incomp", "rehens", "ible"]);
        assert_eq!(wrap("a 日本語日本語", 6), ["a 日本", "語日本", "語"]);
        assert_eq!(wrap("", 6), [""]);
        let style = Style::default();
        assert_eq!(style.wrap("one two three four", 8, 2), ["one two", "three…"]);
        assert_eq!(style.wrap("one two", 7, 1), ["one two"]);
    }

    #[test]
    fn a_text_from_a_plan_cannot_steer_the_terminal() {
        assert_eq!(one_line("red\u{1b}[31m\nand\tmore\u{202e}"), "red?[31m and more\u{fffd}");
    }

    #[test]
    fn paints_only_where_there_are_colours() {
        let style = Style { color: true, ..Style::default() };
        assert_eq!(style.paint(Ink::Red, "red"), "\u{1b}[31mred\u{1b}[0m");
        assert_eq!(Style::default().paint(Ink::Red, "red"), "red");
    }
}
