//! What follows a date, assertions, and `add` lines of scenarios.

use super::keyword::{self, Context, Keyword};
use super::lexical::{Parsed, expected};
use super::parser::Parser;
use super::tree::*;
use super::value::map;

impl<'a> Parser<'a> {
    pub(super) fn assertion(&mut self, date: Option<DateLit>, after: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(after);
        let (rest, formula) = self.formula(at)?;
        let (rest, message) = self.optional_text(rest)?;
        Ok((rest, Body::Assert(Box::new(Assert { date, formula, message }))))
    }

    pub(super) fn checkin(&mut self, date: DateLit, after: &'a str) -> Parsed<'a, Body> {
        let (rest, path) = self.path("a key result or metric", after)?;
        let at = self.gap(rest);
        let (mut rest, value) = self.value(at)?;
        let (mut expecting, mut confidence) = (None, None);
        for (word, slot) in [("expecting", &mut expecting), ("confidence", &mut confidence)] {
            if let Some(after) = self.accept(word, rest) {
                let at = self.gap(after);
                let value;
                (rest, value) = self.value(at)?;
                *slot = Some(value);
            }
        }
        let (rest, note) = self.optional_text(rest)?;
        let checkin = Checkin { date, path, value, expecting, confidence, note };
        Ok((rest, Body::Checkin(Box::new(checkin))))
    }

    pub(super) fn amended(&mut self, date: DateLit, after: &'a str) -> Parsed<'a, Body> {
        let (rest, path) = self.path("a path such as `speed.latency.target`", after)?;
        let at = self.gap(rest);
        let (rest, value) = self.value(at)?;
        let (rest, why) = self.optional_text(rest)?;
        Ok((rest, Body::Amended(Box::new(Amended { date, path, value, why }))))
    }

    pub(super) fn talk(
        &mut self,
        date: DateLit,
        after: &'a str,
        text_wanted: bool,
    ) -> Parsed<'a, Body> {
        let (rest, path) = self.path("what it is about", after)?;
        let rest = self.literal("by", rest)?;
        let (rest, team) = self.name("a team", rest)?;
        let (rest, text) = match text_wanted {
            false => self.optional_text(rest)?,
            true => {
                let at = self.gap(rest);
                map(self.text("the answer in quotes", at), Some)?
            }
        };
        Ok((rest, Body::Talk(Box::new(Talk { date, path, team, text }))))
    }

    /// `add initiative …`
    pub(super) fn add(&mut self, after: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(after);
        let rest = self.literal(Keyword::Initiative.word(), at)?;
        let Some(entry) = keyword::lookup(Context::Plan, Keyword::Initiative.word()) else {
            return expected("`initiative`", at).cut();
        };
        let word = self.span(at, rest);
        let (rest, body) = self.body(entry, None, rest)?;
        let span = self.span(at, rest);
        let node = Node { keyword: Keyword::Initiative, word, span, body };
        Ok((rest, Body::Add(Box::new(node))))
    }
}
