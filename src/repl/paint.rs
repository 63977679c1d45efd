//! The colours of a line, by the keyword table, and the bracket that matches the one at the cursor.

use crate::syntax::keyword::{self, Context, Function};
use crate::syntax::lexical;
use crate::syntax::open::Open;

const KEYWORD: &str = "\u{1b}[1;34m";
const COMMAND: &str = "\u{1b}[1;35m";
const STRING: &str = "\u{1b}[32m";
const NUMBER: &str = "\u{1b}[36m";
const FUNCTION: &str = "\u{1b}[34m";
const COMMENT: &str = "\u{1b}[2m";
const BRACKET: &str = "\u{1b}[1;7m";
const PLAIN: &str = "\u{1b}[0m";

/// The line in colours. `above` is what the open block has so far.
pub fn paint(above: &str, line: &str, cursor: usize) -> String {
    let matching = matching_bracket(line, cursor);
    let mut painted = String::with_capacity(line.len() * 2);
    let mut at = 0;
    let mut begins = true;
    let is_command = line.trim_start().starts_with(':');
    while at < line.len() {
        let (length, color) = token(above, line, at, begins, is_command);
        let text = &line[at..at + length];
        let color = if matching.contains(&Some(at)) { BRACKET } else { color };
        if color.is_empty() {
            painted.push_str(text);
        } else {
            painted.push_str(color);
            painted.push_str(text);
            painted.push_str(PLAIN);
        }
        begins = match text {
            "{" | "}" | ";" | "\n" => true,
            _ if text.trim().is_empty() => begins,
            // A keyword follows a date.
            _ => color == NUMBER && lexical::looks_like_date(text),
        };
        at += length;
    }
    painted
}

/// The length of the token at a place, and its colour.
fn token<'c>(
    above: &str,
    line: &str,
    at: usize,
    begins: bool,
    is_command: bool,
) -> (usize, &'c str) {
    let rest = &line[at..];
    let first = rest.chars().next().unwrap_or(' ');
    if is_command && line[..at].trim().is_empty() && first == ':' {
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        return (length, COMMAND);
    }
    match first {
        '#' if !is_command => (rest.find('\n').unwrap_or(rest.len()), COMMENT),
        '"' => (string_length(rest), STRING),
        _ if lexical::looks_like_date(rest) => (10, NUMBER),
        _ if first.is_ascii_digit() => {
            let part_of = |c: char| lexical::is_word(c) || c == '.' || c == '%';
            let length = rest.find(|c: char| !part_of(c)).unwrap_or(rest.len());
            (rest[..length].find("..").unwrap_or(length), NUMBER)
        }
        _ if lexical::is_word(first) => {
            let length = rest.find(|c: char| !(lexical::is_word(c) || c == '.'));
            let word = &rest[..length.unwrap_or(rest.len())];
            (word.len(), word_color(above, line, at, word, begins && !is_command))
        }
        _ => (first.len_utf8(), ""),
    }
}

fn word_color<'c>(above: &str, line: &str, at: usize, word: &str, begins: bool) -> &'c str {
    if begins {
        let before = format!("{above}{}", &line[..at]);
        let open = Open::at_end_of(&before);
        let dated = lexical::looks_like_date(before[open.start..].trim_start());
        let context = if dated { Some(Context::Dated) } else { open.context() };
        if context.is_some_and(|context| keyword::lookup(context, word).is_some()) {
            return KEYWORD;
        }
    }
    if keyword::is_reserved(word) {
        return KEYWORD;
    }
    let called = line[at + word.len()..].trim_start().starts_with('(');
    if called && Function::from_word(word).is_some() { FUNCTION } else { "" }
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            '\n' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The bracket at the cursor, or before it, and the one that matches it.
fn matching_bracket(line: &str, cursor: usize) -> [Option<usize>; 2] {
    let bytes = line.as_bytes();
    let is_bracket = |at: &usize| bytes.get(*at).is_some_and(|byte| b"(){}".contains(byte));
    let candidates = [Some(cursor), cursor.checked_sub(1)];
    let Some(at) = candidates.into_iter().flatten().find(is_bracket) else { return [None; 2] };
    let (open, close, forward) = match bytes[at] {
        b'(' => (b'(', b')', true),
        b'{' => (b'{', b'}', true),
        b')' => (b'(', b')', false),
        _ => (b'{', b'}', false),
    };
    let mut depth = 0_i32;
    let mut judge = |at: &usize| {
        depth += match bytes[*at] {
            byte if byte == open => 1,
            byte if byte == close => -1,
            _ => 0,
        };
        depth == 0
    };
    let other = match forward {
        true => (at..bytes.len()).find(|at| judge(at)),
        false => (0..=at).rev().find(|at| judge(at)),
    };
    match other {
        Some(other) => [Some(at), Some(other)],
        None => [None; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(painted: &str) -> String {
        let mut text = String::new();
        let mut rest = painted;
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            text.push_str(before);
            rest = after.split_once('m').map_or("", |(_, rest)| rest);
        }
        text + rest
    }

    #[test]
    fn words_have_the_colour_of_their_kind() {
        let painted = paint("", "objective o \"kr\" { kr a \"A\" { target max(1, kr) } } # kr", 99);
        assert_eq!(painted.matches(&format!("{KEYWORD}kr")).count(), 1, "{painted:?}");
        assert!(painted.contains(&format!("{KEYWORD}objective")));
        assert!(painted.contains(&format!("{STRING}\"kr\"")));
        assert!(painted.contains(&format!("{FUNCTION}max")));
        assert!(painted.contains(&format!("{COMMENT}# kr")));
        let dated = paint("", "2026-01-01 checkin a 3", 99);
        assert!(dated.contains(&format!("{NUMBER}2026-01-01")));
        assert!(dated.contains(&format!("{KEYWORD}checkin")));
        assert!(paint("team t \"T\" {\n", "people 3", 99).contains(&format!("{KEYWORD}people")));
        assert!(paint("", ":grade x", 99).contains(&format!("{COMMAND}:grade")));
    }

    #[test]
    fn brackets_match() {
        assert_eq!(matching_bracket("max((1), 2)", 3), [Some(3), Some(10)]);
        assert_eq!(matching_bracket("max((1), 2)", 11), [Some(10), Some(3)]);
        assert_eq!(matching_bracket("max((1), 2", 3), [None, None]);
        assert_eq!(matching_bracket("a", 1), [None, None]);
    }

    proptest! {
        #[test]
        fn colours_change_no_text(
            line in "[a-z0-9(){}\"# :;.%äé\u{301}👩\n-]{0,40}",
            cursor in 0..40_usize,
        ) {
            prop_assert_eq!(plain(&paint("objective o \"O\" {\n", &line, cursor)), line);
        }
    }
}
