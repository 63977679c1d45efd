//! A line of text with tab stops, painted as it is written.

use super::style::{Ink, Style, one_line, width_of};

/// A line in the making. Whatever is put on it is made safe for the terminal, and no blanks are
/// left at its end.
#[derive(Debug)]
pub struct Line<'a> {
    style: &'a Style,
    text: String,
    used: usize,
    wanted: usize,
}

impl<'a> Line<'a> {
    /// An empty line.
    pub fn new(style: &'a Style) -> Self {
        let text = String::with_capacity(2 * style.width);
        Self { style, text, used: 0, wanted: 0 }
    }

    /// Goes to a column; what stands there already pushes it on by a blank.
    pub fn to(&mut self, column: usize) -> &mut Self {
        self.wanted = if self.used == 0 { column } else { column.max(self.used + 1) };
        self
    }

    /// Leaves so many columns blank.
    pub fn skip(&mut self, count: usize) -> &mut Self {
        self.wanted = self.used.max(self.wanted) + count;
        self
    }

    /// Adds a text.
    pub fn put(&mut self, ink: Ink, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        let text = one_line(text);
        self.put_own(ink, &text, width_of(&text))
    }

    /// Adds a text of our own that is known to be safe, and its width.
    pub fn put_own(&mut self, ink: Ink, text: &str, width: usize) -> &mut Self {
        if width == 0 {
            return self;
        }
        let blanks = self.wanted.saturating_sub(self.used);
        push_blanks(&mut self.text, blanks);
        self.style.paint_into(&mut self.text, ink, text);
        self.used += blanks + width;
        self
    }

    /// Draws a rule up to a column, if there is room for one.
    pub fn rule_to(&mut self, column: usize) -> &mut Self {
        let length = column.saturating_sub(self.used + 1);
        if length < 2 {
            return self;
        }
        let rule = self.style.pick("─", "-").repeat(length);
        self.to(self.used + 1).put_own(Ink::Dim, &rule, length)
    }

    /// Adds a text that ends before a column.
    pub fn right(&mut self, ink: Ink, text: &str, end: usize) -> &mut Self {
        self.to(end.saturating_sub(width_of(&one_line(text)))).put(ink, text)
    }

    /// Whether nothing was put on it.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Ends the line.
    pub fn end(self, out: &mut String) {
        out.push_str(&self.text);
        out.push('\n');
    }
}

fn push_blanks(text: &mut String, count: usize) {
    const BLANKS: &str = "                                ";
    let mut left = count;
    while left > 0 {
        let some = left.min(BLANKS.len());
        text.push_str(&BLANKS[..some]);
        left -= some;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_at_their_columns() {
        let style = Style::default();
        let mut line = Line::new(&style);
        line.put(Ink::Bold, "日本").to(6).put(Ink::Plain, "a").right(Ink::Plain, "1.5", 12);
        line.to(20).put(Ink::Plain, "");
        let mut out = String::new();
        line.end(&mut out);
        assert_eq!(out, "日本  a  1.5\n");
    }

    #[test]
    fn what_is_too_long_pushes_on() {
        let style = Style::default();
        let mut line = Line::new(&style);
        line.put(Ink::Plain, "much too long").to(4).put(Ink::Plain, "next");
        let mut out = String::new();
        line.end(&mut out);
        assert_eq!(out, "much too long next\n");
    }
}
