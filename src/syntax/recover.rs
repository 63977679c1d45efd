//! Going on after a mistake: where the next sound statement or field begins.

use super::keyword::{self, Context};
use super::lexical;

/// A sign that matters to nesting, while text is skipped.
pub(super) enum Sign {
    Open,
    Close,
    OpenParenthesis,
    CloseParenthesis,
    Newline,
    Semicolon,
    Other,
}

/// The sign at the beginning and the length that it covers; strings and comments are one each.
pub(super) fn sign(at: &str) -> (Sign, usize) {
    match at.as_bytes()[0] {
        b'{' => (Sign::Open, 1),
        b'}' => (Sign::Close, 1),
        b'(' => (Sign::OpenParenthesis, 1),
        b')' => (Sign::CloseParenthesis, 1),
        b'\n' => (Sign::Newline, 1),
        b';' => (Sign::Semicolon, 1),
        b'#' => (Sign::Other, memchr::memchr(b'\n', at.as_bytes()).unwrap_or(at.len())),
        b'"' => (Sign::Other, string_length(at)),
        _ => (Sign::Other, plain_length(at)),
    }
}

/// The bytes up to the next that could matter.
fn plain_length(at: &str) -> usize {
    let matters =
        |byte: &u8| matches!(byte, b'{' | b'}' | b'(' | b')' | b'\n' | b';' | b'#' | b'"');
    at.as_bytes().iter().skip(1).position(matters).map_or(at.len(), |length| length + 1)
}

/// The length of the string at the beginning; an unclosed one ends where its line does.
fn string_length(at: &str) -> usize {
    let bytes = at.as_bytes();
    let mut length = 1;
    while length < bytes.len() {
        match bytes[length] {
            b'"' => return length + 1,
            b'\n' => break,
            b'\\' if bytes.get(length + 1).is_some_and(|&byte| byte != b'\n') => length += 2,
            _ => length += 1,
        }
    }
    lexical::unclosed_end(at).max(1)
}

/// How many `{` the text has more than `}`; strings and comments do not count.
pub(super) fn brace_balance(text: &str) -> i32 {
    let mut balance = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (sign, length) = sign(rest);
        balance += match sign {
            Sign::Open => 1,
            Sign::Close => -1,
            _ => 0,
        };
        rest = &rest[length..];
    }
    balance
}

/// The end of a bad statement at the top level: the next line at brace depth 0. `failed` is where
/// the mistake was found.
pub(super) fn next_statement<'a>(statement: &'a str, failed: &'a str) -> &'a str {
    let mut depth = 0_i32;
    let mut parentheses = 0_i32;
    let mut rest = statement;
    let mut goes_on = false;
    while !rest.is_empty() {
        let (sign, length) = sign(rest);
        goes_on = ends_in_operator(&rest[..length], goes_on);
        match sign {
            Sign::Open => depth += 1,
            Sign::Close => depth = (depth - 1).max(0),
            Sign::OpenParenthesis => parentheses += 1,
            Sign::CloseParenthesis => parentheses -= 1,
            Sign::Newline => {
                let past = rest.len() <= failed.len();
                let open = parentheses > 0 || goes_on;
                let ended = !open || begins_anew(&rest[1..], Context::Plan);
                if depth == 0 && past && ended {
                    return rest;
                }
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    rest
}

/// The end of a bad field inside a block: the next newline or `;` outside nested braces, or the `}`
/// that closes the block.
pub(super) fn next_field<'a>(field: &'a str, failed: &'a str, context: Context) -> &'a str {
    let mut depth = 0_i32;
    let mut parentheses = 0_i32;
    let mut rest = field;
    let mut goes_on = false;
    // A comma in place of a `;`.
    if let Some(next) = lexical::spaces(failed).strip_prefix(',')
        && begins_anew(next, context)
    {
        return next;
    }
    while !rest.is_empty() {
        let (sign, length) = sign(rest);
        goes_on = ends_in_operator(&rest[..length], goes_on);
        let past = rest.len() <= failed.len();
        match sign {
            Sign::Open => depth += 1,
            Sign::Close if depth == 0 => return rest,
            Sign::Close => depth -= 1,
            Sign::OpenParenthesis => parentheses += 1,
            Sign::CloseParenthesis => parentheses -= 1,
            Sign::Semicolon if depth == 0 && past && parentheses <= 0 => return rest,
            Sign::Newline if depth == 0 && past => {
                let open = parentheses > 0 || goes_on;
                if !open || begins_anew(&rest[1..], context) {
                    return rest;
                }
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    rest
}

/// Whether the text so far ends in an operator or a comma, so that its author goes on with the next line.
/// Comments and line ends leave that as it was.
fn ends_in_operator(piece: &str, before: bool) -> bool {
    let piece = piece.trim_end();
    if piece.is_empty() || piece.starts_with('#') {
        return before;
    }
    let word =
        |word: &str| piece.strip_suffix(word).is_some_and(|rest| !rest.ends_with(lexical::is_word));
    piece.ends_with(['+', '-', '*', '/', '^', '<', '>', '=', ','])
        || ["and", "or", "not"].into_iter().any(word)
}

/// The rest of a header's line up to its `{`, if it has one.
pub(super) fn header_brace(header: &str) -> Option<&str> {
    let mut rest = header;
    while !rest.is_empty() {
        let (sign, length) = sign(rest);
        match sign {
            Sign::Open => return Some(rest),
            Sign::Newline | Sign::Semicolon | Sign::Close => return None,
            _ => rest = &rest[length..],
        }
    }
    None
}

/// Whether a line begins a statement or a field, so that an open parenthesis before it is a mistake.
fn begins_anew(line: &str, context: Context) -> bool {
    let line = lexical::spaces(line);
    if line.starts_with(['}', ':']) || lexical::looks_like_date(line) {
        return true;
    }
    let Some((_, word)) = lexical::word(line) else { return false };
    keyword::lookup(context, word).is_some() || keyword::lookup(Context::Plan, word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_over_what_is_nested() {
        let text = "bad { a \"}\" # }\n { } }\nnext";
        assert_eq!(next_statement(text, text), "\nnext");
        let text = "bad (1,\n 2) x\nweight 2";
        assert_eq!(next_field(text, text, Context::Kr), "\nweight 2");
        let text = "bad (1,\nweight 2";
        assert_eq!(next_field(text, text, Context::Kr), "\nweight 2");
        assert_eq!(next_field("bad { x } }", "", Context::Kr), "}");
    }

    #[test]
    fn counts_braces() {
        assert_eq!(brace_balance("a { b { \"}\" } # }\n"), 1);
        assert_eq!(brace_balance("a \"open {\n}"), 0);
    }
}
