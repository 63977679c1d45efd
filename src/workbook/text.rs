//! Text as a cell may hold it.

use std::borrow::Cow;

/// The longest text of a cell, in UTF-16 units.
pub const LONGEST: usize = 32_767;

/// What marks a text that had to be cut.
const CUT: &str = " … [cut here; the whole text is in the plan]";

/// A text without the control characters that no spreadsheet shows; line ends and tabs stay.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    let shown = |c: char| {
        (!c.is_control() || matches!(c, '\n' | '\t')) && !matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if super::read::is_plain(text) || text.chars().all(shown) {
        return Cow::Borrowed(text);
    }
    text.replace("\r\n", "\n").chars().filter(|c| shown(*c)).collect()
}

/// A text that fits into a cell, and whether it had to be cut.
pub fn fitted(text: &str) -> (Cow<'_, str>, bool) {
    let text = cleaned(text);
    if text.len() <= LONGEST || text.encode_utf16().count() <= LONGEST {
        return (text, false);
    }
    let room = LONGEST - CUT.encode_utf16().count();
    let mut units = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= room
        })
        .collect();
    (Cow::Owned(kept + CUT), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_into_cells() {
        assert_eq!(cleaned("a\u{1}b\r\nc\td\u{7f}"), "ab\nc\td");
        assert_eq!(fitted("=1+1"), ("=1+1".into(), false));
        assert_eq!(fitted(&"x".repeat(LONGEST)), ("x".repeat(LONGEST).into(), false));
        let trains = "🚆".repeat(20_000);
        let (cut, was) = fitted(&trains);
        assert!(was && cut.ends_with(CUT));
        assert!(cut.encode_utf16().count() <= LONGEST);
    }
}
