//! How a text is left open: which blocks and parentheses, and what stands where it ends. The REPL
//! asks it whether a statement goes on, and what may be typed next.

use super::keyword::{self, Context, Shape};
use super::lexical;
use super::recover::{Sign, sign};

/// What is open where a text ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The contexts of the blocks that are open, the innermost last; `None` for a block that no
    /// statement of the language has.
    pub blocks: Vec<Option<Context>>,
    /// How many parentheses are open in the statement or field that the text ends in.
    pub parentheses: usize,
    /// Where that statement or field begins; the end of the text if none has begun.
    pub start: usize,
    /// Whether the text ends within a string or a comment.
    pub in_text: bool,
}

impl Open {
    /// What is open where `text` ends.
    pub fn at_end_of(text: &str) -> Self {
        let mut open = Open::default();
        let mut at = 0;
        while at < text.len() {
            let (sign, length) = sign(&text[at..]);
            open.take(sign, text, at, length);
            at += length;
        }
        if !open.in_text && text[open.start..].trim().is_empty() {
            open.start = text.len();
        }
        open
    }

    /// Whether a block or a parenthesis is open, so that the statement goes on.
    pub fn goes_on(&self) -> bool {
        !self.blocks.is_empty() || self.parentheses > 0
    }

    /// Where a field or statement that is typed next would stand; `None` in an unknown block.
    pub fn context(&self) -> Option<Context> {
        self.blocks.last().copied().unwrap_or(Some(Context::Plan))
    }

    fn take(&mut self, sign: Sign, text: &str, at: usize, length: usize) {
        let end = at + length;
        self.in_text = false;
        match sign {
            Sign::Open => {
                let block = self.block_of(text[self.start..at].trim_start());
                self.blocks.push(block);
                (self.start, self.parentheses) = (end, 0);
            }
            Sign::Close => {
                self.blocks.pop();
                (self.start, self.parentheses) = (end, 0);
            }
            Sign::OpenParenthesis => self.parentheses += 1,
            Sign::CloseParenthesis => self.parentheses = self.parentheses.saturating_sub(1),
            Sign::Newline if self.parentheses == 0 && !ends_in_comma(&text[self.start..at]) => {
                self.start = end;
            }
            Sign::Semicolon if !text[self.start..at].trim_start().starts_with(':') => {
                (self.start, self.parentheses) = (end, 0);
            }
            Sign::Newline | Sign::Semicolon => {}
            Sign::Other => {
                let piece = &text[at..end];
                let open_string = piece.starts_with('"')
                    && (length == 1 || !piece.ends_with('"') || piece.ends_with("\\\""));
                self.in_text = end == text.len() && (piece.starts_with('#') || open_string);
            }
        }
    }

    /// The context of the block that a header opens.
    fn block_of(&self, header: &str) -> Option<Context> {
        let outer = self.context()?;
        let (_, word) = lexical::word(header)?;
        match keyword::lookup(outer, word)?.shape {
            Shape::Policy => Some(Context::Policy),
            Shape::Entity(context) => Some(context),
            Shape::Bucket => Some(Context::Bucket),
            Shape::Scenario => Some(Context::Scenario),
            Shape::Add => Some(Context::Initiative),
            _ => None,
        }
    }
}

fn ends_in_comma(text: &str) -> bool {
    text.trim_end().ends_with(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<Option<Context>> {
        Open::at_end_of(text).blocks
    }

    #[test]
    fn knows_the_blocks_that_are_open() {
        assert_eq!(
            blocks("objective o \"{\" { # {\n kr a \"A\" { target 1 }"),
            [Some(Context::Objective)]
        );
        let kr = "objective o \"O\" {\n kr a \"A\" {\n target";
        assert_eq!(blocks(kr), [Some(Context::Objective), Some(Context::Kr)]);
        assert_eq!(Open::at_end_of(kr).context(), Some(Context::Kr));
        assert_eq!(
            blocks("scenario s \"S\" { add initiative i \"I\" {").last(),
            Some(&Some(Context::Initiative))
        );
        assert_eq!(blocks("dance {"), [None]);
        assert_eq!(blocks("policy bau {"), [Some(Context::Policy)]);
        assert!(!Open::at_end_of("okr 1\n} }").goes_on());
    }

    #[test]
    fn knows_parentheses_and_where_the_field_begins() {
        let open = Open::at_end_of("max(1,\n 2");
        assert_eq!((open.parentheses, open.start), (1, 0));
        assert!(open.goes_on());
        assert!(!Open::at_end_of("max(1, 2)").goes_on());
        assert_eq!(Open::at_end_of("kr a \"A\" { target 1; act").start, 20);
        // A parenthesis that was forgotten does not outlive its block.
        assert!(!Open::at_end_of("metric a \"A\" 1\nteam t \"T\" { people (3 }").goes_on());
        assert!(Open::at_end_of("note \"abc").in_text);
        assert!(Open::at_end_of("note # abc").in_text);
        assert!(!Open::at_end_of("note \"abc\"").in_text);
    }
}
