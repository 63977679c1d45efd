//! The arithmetic of a cell as a tree, down to the lines that it comes from.

use super::super::data::{Explanation, Step};
use super::super::line::Line;
use super::super::style::{Ink, Style, one_line, width_of, wrap};
use super::super::words;

/// The least room for text, however deep a step stands.
const LEAST: usize = 28;

/// The widest tree.
const WIDEST: usize = 110;
/// A blank at which no line breaks.
const GLUE: &str = "\u{a0}";

/// `okr explain` in a terminal.
pub fn explanation(explanation: &Explanation, style: &Style) -> String {
    let mut out = String::new();
    let mut tree = Tree { out: &mut out, style, guides: Vec::new() };
    let mut open = vec![(&explanation.cell, 0, true)];
    while let Some((step, depth, last)) = open.pop() {
        tree.step(step, depth, last);
        let children = step.from.iter().rev().enumerate();
        open.extend(children.map(|(index, child)| (child, depth + 1, index == 0)));
    }
    let parts = words::explained_as(explanation);
    if !parts.is_empty() {
        let mut line = Line::new(style);
        line.put(Ink::Dim, &parts.join(" · "));
        out.push('\n');
        line.end(&mut out);
    }
    out
}

/// The tree in the making.
struct Tree<'a> {
    out: &'a mut String,
    style: &'a Style,
    /// For each level above, whether it goes on below.
    guides: Vec<bool>,
}

impl Tree<'_> {
    fn step(&mut self, step: &Step, depth: usize, last: bool) {
        self.guides.truncate(depth.saturating_sub(1));
        let before = self.guide();
        let branch = match (depth, last) {
            (0, _) => "",
            (_, true) => self.style.pick("└─ ", "`- "),
            (_, false) => self.style.pick("├─ ", "|- "),
        };
        if depth > 0 {
            self.guides.push(!last);
        }
        let after = self.guide();
        let stem = if step.from.is_empty() { "" } else { self.style.pick("│", "|") };
        let node = Node { style: self.style, first: before + branch, rest: after, stem };
        node.draw(self.out, step);
    }

    /// The guides of the levels above; the highest ones are left out where they would take the
    /// room of the text.
    fn guide(&self) -> String {
        let most = self.style.width.saturating_sub(LEAST) / 3;
        let shown = &self.guides[self.guides.len().saturating_sub(most)..];
        shown.iter().map(|&on| if on { self.style.pick("│  ", "|  ") } else { "   " }).collect()
    }
}

/// A step with what stands before its lines.
struct Node<'a> {
    style: &'a Style,
    first: String,
    rest: String,
    stem: &'static str,
}

impl Node<'_> {
    /// The name and the value, how it came about, and where; on one line if there is room.
    fn draw(&self, out: &mut String, step: &Step) {
        let room = self.room();
        let name = one_line(&step.name);
        let value = one_line(&step.value);
        let how = one_line(&step.how);
        let place = one_line(step.place.as_deref().unwrap_or_default());
        let gap = |text: &str| if text.is_empty() { 0 } else { width_of(text) + 2 };
        let head = width_of(&name) + 3 + width_of(&value);
        let (with_place, with_how) = (head + gap(&place), head + gap(&how) + gap(&place));
        if head > room {
            self.wrapped_head(out, &format!("{name} = {value}"), room);
        } else {
            let mut line = self.begin(true);
            line.put(Ink::Bold, &name).put(Ink::Plain, " = ").put(value_ink(step), &value);
            if with_how <= room {
                line.skip(2).put(Ink::Plain, &how);
            }
            if with_place <= room {
                line.right(Ink::Dim, &place, self.style.width.min(WIDEST));
            }
            line.end(out);
        }
        if head > room || with_how > room {
            self.wrapped(out, Ink::Plain, &how, room);
        }
        if head > room || with_place > room {
            self.wrapped(out, Ink::Dim, &place, room);
        }
    }

    fn room(&self) -> usize {
        self.style.width.min(WIDEST).saturating_sub(width_of(&self.first)).max(LEAST)
    }

    fn wrapped_head(&self, out: &mut String, head: &str, room: usize) {
        for (index, text) in wrap(head, room).iter().enumerate() {
            let mut line = self.begin(index == 0);
            line.put(Ink::Bold, text);
            line.end(out);
        }
    }

    fn wrapped(&self, out: &mut String, ink: Ink, text: &str, room: usize) {
        for text in wrap(&glue(text), room.saturating_sub(3)).iter().filter(|it| !it.is_empty()) {
            let mut line = self.begin(false);
            line.skip(2).put(ink, &text.replace(GLUE, " "));
            line.end(out);
        }
    }

    fn begin(&self, first: bool) -> Line<'_> {
        let mut line = Line::new(self.style);
        if first {
            line.put(Ink::Dim, &self.first);
        } else {
            line.put(Ink::Dim, &self.rest).put(Ink::Dim, self.stem);
            line.skip(1 - self.stem.len().min(1));
        }
        line
    }
}

/// Keeps what binds tightly on one line: `2 × 0.58`, `(610 - 900)`.
fn glue(text: &str) -> String {
    let glued = |text: String, sign: &str| {
        text.replace(&format!(" {sign} "), &format!("{GLUE}{sign}{GLUE}"))
    };
    ["×", "*", "-", "->", ".."].into_iter().fold(text.to_owned(), glued)
}

fn value_ink(step: &Step) -> Ink {
    match (step.number, step.value.as_str()) {
        (None, "error") => Ink::Red,
        (None, _) => Ink::Dim,
        _ => Ink::Plain,
    }
}
