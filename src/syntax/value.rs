//! What follows the keyword of a field: values, ranges, gradings, bounds and the rest.

use super::keyword::{self, Entry, GRADINGS, PAYS, Shape};
use super::lexical::{self, Failure, Parsed, expected};
use super::parser::Parser;
use super::tree::*;
use crate::diagnostic::Kind;
use crate::source::Span;
use crate::suggest;

impl<'a> Parser<'a> {
    /// A value: a formula, a range, a word such as `done`, or a milestone's name.
    pub(super) fn value(&mut self, input: &'a str) -> Parsed<'a, Value> {
        if let Some((rest, kind)) = value_word(input) {
            return Ok((rest, Value { span: self.span(input, rest), kind }));
        }
        if input.starts_with('"') {
            let (rest, text) = self.text("a value", input)?;
            return Ok((rest, Value { span: text.span, kind: ValueKind::Milestone(text) }));
        }
        let (rest, low) = self.formula(input)?;
        let Some((rest, middle)) = self.range_part(rest)? else {
            let kind = ValueKind::Formula(low);
            return Ok((rest, Value { span: self.span(input, rest), kind }));
        };
        match self.range_part(rest)? {
            None => {
                let kind = ValueKind::Range(Box::new([low, middle]));
                Ok((rest, Value { span: self.span(input, rest), kind }))
            }
            Some((rest, high)) => {
                let kind = ValueKind::Pert(Box::new([low, middle, high]));
                Ok((rest, Value { span: self.span(input, rest), kind }))
            }
        }
    }

    /// `.. FORMULA`, if it follows.
    fn range_part(&mut self, input: &'a str) -> Result<Option<(&'a str, Expr)>, nom::Err<Failure>> {
        let at = self.gap(input);
        match at.strip_prefix("..") {
            None => Ok(None),
            Some(after) => {
                let after = self.gap(after);
                self.formula(after).map(Some)
            }
        }
    }

    /// A string.
    pub(super) fn text(&mut self, what: &str, input: &'a str) -> Parsed<'a, Text> {
        let (rest, _) = lexical::string(what, input)?;
        Ok((rest, Text { span: self.span(input, rest) }))
    }

    /// A string, if one follows.
    pub(super) fn optional_text(&mut self, input: &'a str) -> Parsed<'a, Option<Text>> {
        let at = self.gap(input);
        if !at.starts_with('"') {
            return Ok((input, None));
        }
        let (rest, text) = self.text("a string", at)?;
        Ok((rest, Some(text)))
    }

    /// The title that a statement wants after its id.
    pub(super) fn title(&mut self, input: &'a str) -> Parsed<'a, Text> {
        let at = self.gap(input);
        if at.starts_with('"') {
            return self.text("a title", at);
        }
        let found = lexical::token(at);
        let length = if found == "\n" { 0 } else { found.len() };
        let failure = Failure::new(Kind::MissingTitle, at, length, "a title in quotes is missing");
        let help = match lexical::mistaken_sign(at) {
            Some(help) => help,
            None => "write it after the id: `ID \"Title\"`".to_owned(),
        };
        failure.help(help).cut()
    }

    pub(super) fn name(&mut self, what: &str, input: &'a str) -> Parsed<'a, Name> {
        let at = self.gap(input);
        let (rest, _) = lexical::id(what, at)?;
        Ok((rest, Name { span: self.span(at, rest) }))
    }

    pub(super) fn path(&mut self, what: &str, input: &'a str) -> Parsed<'a, Name> {
        let at = self.gap(input);
        let (rest, _) = lexical::path(what, at)?;
        Ok((rest, Name { span: self.span(at, rest) }))
    }

    pub(super) fn date(&mut self, input: &'a str) -> Parsed<'a, DateLit> {
        let at = self.gap(input);
        let (rest, date) = lexical::date(at)?;
        Ok((rest, DateLit { span: self.span(at, rest), date }))
    }

    /// What follows a word that must stand here.
    pub(super) fn literal(
        &mut self,
        word: &str,
        input: &'a str,
    ) -> Result<&'a str, nom::Err<Failure>> {
        match self.accept(word, input) {
            Some(rest) => Ok(rest),
            None => expected(&format!("`{word}`"), self.gap(input)).cut(),
        }
    }

    /// What follows a word, if it stands here.
    pub(super) fn accept(&mut self, word: &str, input: &'a str) -> Option<&'a str> {
        self.gap(input).strip_prefix(word).filter(|rest| !rest.starts_with(lexical::is_word))
    }

    /// A word of a closed list.
    pub(super) fn choice(&mut self, words: &[&str], input: &'a str) -> Parsed<'a, Choice> {
        let at = self.gap(input);
        let end = at.find(|c: char| !lexical::is_word(c)).unwrap_or(at.len());
        let word = &at[..end];
        match words.iter().position(|known| *known == word) {
            Some(index) => {
                let span = self.span_len(at, end);
                Ok((&at[end..], Choice { span, index: index as u8 }))
            }
            None => unknown_word(word, words, at),
        }
    }

    /// The body of a field by its shape; `input` follows the keyword.
    pub(super) fn field_body(&mut self, entry: &Entry, input: &'a str) -> Parsed<'a, Body> {
        let at = self.gap(input);
        match entry.shape {
            Shape::Value => map(self.value(at), Body::Value),
            Shape::Range => self.range(entry, at),
            Shape::Choice(words) => map(self.choice(words, at), Body::Choice),
            Shape::Name => map(self.name("an id", at), Body::Name),
            Shape::Path => map(self.path("a path", at), Body::Name),
            Shape::Text => map(self.text("a string in quotes", at), Body::Text),
            Shape::Label => self.label(at),
            Shape::Tags => map(self.tags(at), Body::Tags),
            Shape::Unit => self.unit(at),
            Shape::Grading => map(self.grading(at), |it| Body::Grading(Box::new(it))),
            Shape::Keep => map(self.keep(at), |it| Body::Keep(Box::new(it))),
            Shape::Due => map(self.due(at), |it| Body::Due(Box::new(it))),
            Shape::Draws => self.effect(at, "from", true),
            Shape::Moves => self.effect(at, "by", false),
            Shape::Closes => self.effect(at, "of", true),
            Shape::Pays => self.pays(at),
            Shape::Allow => self.allow(at),
            Shape::Set => self.set(at),
            Shape::Move => self.move_share(at),
            _ => expected(entry.usage, at).cut(),
        }
    }

    fn range(&mut self, entry: &Entry, at: &'a str) -> Parsed<'a, Body> {
        let (rest, value) = self.value(at)?;
        match value.kind {
            ValueKind::Range(..) => Ok((rest, Body::Value(value))),
            _ => expected("`..` and the upper end", self.gap(rest))
                .help(format!("write `{}`", entry.usage))
                .cut(),
        }
    }

    fn label(&mut self, at: &'a str) -> Parsed<'a, Body> {
        if at.starts_with('"') {
            return map(self.text("a word or a string", at), Body::Text);
        }
        let word = lexical::word(at).filter(|(_, word)| !keyword::is_reserved(word));
        let (rest, _) = word.ok_or_else(|| failure(expected("a word or a string", at)))?;
        Ok((rest, Body::Word(self.span(at, rest))))
    }

    fn tags(&mut self, at: &'a str) -> Parsed<'a, Vec<Span>> {
        let mut tags = Vec::new();
        let mut at = at;
        loop {
            let rest = match at.starts_with('"') {
                true => self.text("a tag", at)?.0,
                false => tag_word(at)?,
            };
            tags.push(self.span(at, rest));
            let after = self.gap(rest);
            match after.strip_prefix(',') {
                Some(after) => at = self.wide_gap(after),
                None => return Ok((rest, tags)),
            }
        }
    }

    fn unit(&mut self, at: &'a str) -> Parsed<'a, Body> {
        let rest = match at.strip_prefix('%') {
            Some(rest) => rest,
            None => lexical::word(at).ok_or_else(|| failure(expected("a unit", at)))?.0,
        };
        let word = &at[..at.len() - rest.len()];
        if keyword::is_reserved(word) {
            let message = format!("`{word}` is a word of the language and cannot be a unit");
            let failure = Failure::new(Kind::ReservedWord, at, word.len(), message);
            return failure.help("choose another word").cut();
        }
        Ok((rest, Body::Word(self.span(at, rest))))
    }

    fn grading(&mut self, at: &'a str) -> Parsed<'a, Grading> {
        let (rest, choice) = self.choice(GRADINGS, at)?;
        match GRADINGS[choice.index as usize] {
            "linear" => {
                let after = self.gap(rest);
                let uncapped = after
                    .strip_prefix("uncapped")
                    .filter(|rest| !rest.starts_with(lexical::is_word));
                let linear = Grading::Linear { uncapped: uncapped.is_some() };
                Ok((uncapped.unwrap_or(rest), linear))
            }
            "steps" => map(self.points(rest), Grading::Steps),
            "curve" => map(self.points(rest), Grading::Curve),
            "milestones" => map(self.milestones(rest), Grading::Milestones),
            "done" => Ok((rest, Grading::Done)),
            "score" => Ok((rest, Grading::Score)),
            _ => {
                let after = self.gap(rest);
                map(self.formula(after), Grading::Formula)
            }
        }
    }

    /// `V -> G, V -> G, …`
    fn points(&mut self, input: &'a str) -> Parsed<'a, Vec<Point>> {
        let mut points = Vec::new();
        let mut at = self.gap(input);
        loop {
            let (rest, value) = self.formula(at).map_err(arrow_for_equals)?;
            let (rest, grade) = self.arrow(rest)?;
            points.push(Point { at: value, grade });
            let after = self.gap(rest);
            match after.strip_prefix(',') {
                Some(after) => at = self.wide_gap(after),
                None => return Ok((rest, points)),
            }
        }
    }

    /// `-> G`
    fn arrow(&mut self, input: &'a str) -> Parsed<'a, Expr> {
        let at = self.gap(input);
        let Some(after) = at.strip_prefix("->") else {
            let help = "a point is written `VALUE -> GRADE`";
            return expected("`->` and a grade", at).help(help).cut();
        };
        let after = self.gap(after);
        self.formula(after)
    }

    fn milestones(&mut self, input: &'a str) -> Parsed<'a, Vec<MilestonePoint>> {
        let mut points = Vec::new();
        let mut at = self.gap(input);
        loop {
            let (rest, name) = self
                .text("a milestone's name in quotes", at)
                .map_err(|error| with_help(error, "a milestone is written `\"NAME\" -> GRADE`"))?;
            let (rest, grade) = self.arrow(rest)?;
            points.push(MilestonePoint { name, grade });
            let after = self.gap(rest);
            match after.strip_prefix(',') {
                Some(after) => at = self.wide_gap(after),
                None if after.starts_with('"') => {
                    let help = "a comma stands between two milestones";
                    return expected("`,` or the end of the line", after).help(help).cut();
                }
                None => return Ok((rest, points)),
            }
        }
    }

    fn keep(&mut self, at: &'a str) -> Parsed<'a, Keep> {
        for (sign, make) in [(">=", Keep::AtLeast as fn(Expr) -> Keep), ("<=", Keep::AtMost)] {
            if let Some(after) = at.strip_prefix(sign) {
                let after = self.gap(after);
                return map(self.formula(after), make);
            }
        }
        if at.starts_with(['<', '>', '=']) {
            let failure = expected("`>=`, `<=` or `LOW .. HIGH`", at);
            return failure.help("the bound itself is included: write `>=` or `<=`").cut();
        }
        let (rest, low) = self.formula(at)?;
        match self.range_part(rest)? {
            Some((rest, high)) => Ok((rest, Keep::Within(low, high))),
            None => expected("`..` and the upper bound", self.gap(rest))
                .help("write `keep >= V`, `keep <= V` or `keep LOW .. HIGH`")
                .cut(),
        }
    }

    fn due(&mut self, at: &'a str) -> Parsed<'a, Due> {
        let (rest, date) = self.date(at)?;
        let after = self.gap(rest);
        let Some(after) = self.accept("late", after) else {
            return Ok((rest, Due { date, late: None }));
        };
        let at = self.gap(after);
        if let Some(rest) = self.accept("zero", at) {
            return Ok((rest, Due { date, late: Some(Late::Zero) }));
        }
        let (rest, value) = self.value(at)?;
        Ok((rest, Due { date, late: Some(Late::Weekly(value)) }))
    }

    /// `VALUE word PATH`, or the other way round.
    fn effect(&mut self, at: &'a str, word: &str, value_first: bool) -> Parsed<'a, Body> {
        let (rest, value, path) = if value_first {
            let (rest, value) = self.value(at)?;
            let rest = self.literal(word, rest)?;
            let (rest, path) = self.path("a path", rest)?;
            (rest, value, path)
        } else {
            let (rest, path) = self.path("a key result", at)?;
            let rest = self.literal(word, rest)?;
            let rest = self.gap(rest);
            let (rest, value) = self.value(rest)?;
            (rest, value, path)
        };
        Ok((rest, Body::Effect(Box::new(Effect { value, path }))))
    }

    fn pays(&mut self, at: &'a str) -> Parsed<'a, Body> {
        let (rest, choice) = self.choice(PAYS, at)?;
        if PAYS[choice.index as usize] != "curve" {
            return Ok((rest, Body::Pays(choice, Box::default())));
        }
        let (rest, points) = self.points(rest)?;
        Ok((rest, Body::Pays(choice, Box::new(points))))
    }

    fn allow(&mut self, at: &'a str) -> Parsed<'a, Body> {
        let rest = tag_word(at)?;
        let rule = self.span(at, rest);
        let at = self.gap(rest);
        let (rest, reason) = self.text("the reason in quotes", at)?;
        Ok((rest, Body::Allow(rule, reason)))
    }

    fn set(&mut self, at: &'a str) -> Parsed<'a, Body> {
        let (rest, path) = self.path("a path", at)?;
        let at = self.gap(rest);
        let Some(after) = at.strip_prefix('=').filter(|after| !after.starts_with('=')) else {
            return expected("`=` and the new value", at).cut();
        };
        let after = self.gap(after);
        let (rest, value) = self.value(after)?;
        Ok((rest, Body::Set(path, Box::new(value))))
    }

    fn move_share(&mut self, at: &'a str) -> Parsed<'a, Body> {
        let (rest, value) = self.value(at)?;
        let rest = self.literal("from", rest)?;
        let (rest, from) = self.path("a bucket", rest)?;
        let rest = self.literal("to", rest)?;
        let (rest, to) = self.path("a bucket", rest)?;
        Ok((rest, Body::Move(Box::new(value), from, to)))
    }
}

fn with_help(error: nom::Err<Failure>, help: &str) -> nom::Err<Failure> {
    match error {
        nom::Err::Failure(failure) if failure.is_without_help() => {
            nom::Err::Failure(failure.help(help))
        }
        other => other,
    }
}

/// A `=` between the value and the grade of a point stands for an arrow.
fn arrow_for_equals(error: nom::Err<Failure>) -> nom::Err<Failure> {
    match error {
        nom::Err::Failure(failure) => {
            nom::Err::Failure(failure.instead(Kind::SingleEquals, || {
                let message = "expected `->` and a grade, found `=`";
                (Kind::Expected, message.into(), "a point is written `VALUE -> GRADE`".into())
            }))
        }
        other => other,
    }
}

/// Changes what a parser has read, leaving the rest.
pub(super) fn map<'a, T, U>(parsed: Parsed<'a, T>, change: impl FnOnce(T) -> U) -> Parsed<'a, U> {
    parsed.map(|(rest, value)| (rest, change(value)))
}

fn failure(failure: Failure) -> nom::Err<Failure> {
    nom::Err::Failure(failure)
}

/// A tag or a rule: a word that may have `-` inside.
fn tag_word(at: &str) -> Result<&str, nom::Err<Failure>> {
    let end = at.find(|c: char| !lexical::is_word(c) && c != '-').unwrap_or(at.len());
    let end = at[..end].trim_end_matches('-').len();
    let begins = |c: char| c.is_alphabetic() || c == '_';
    let sound = at[..end].starts_with(begins) && !keyword::is_reserved(&at[..end]);
    if sound { Ok(&at[end..]) } else { expected("a word", at).cut() }
}

/// The values that are words: `done`, `open` and `n/a`.
fn value_word(input: &str) -> Option<(&str, ValueKind)> {
    let words =
        [("done", ValueKind::Done), ("open", ValueKind::Open), ("n/a", ValueKind::NotApplicable)];
    if !input.starts_with(['d', 'o', 'n']) {
        return None;
    }
    words.into_iter().find_map(|(word, kind)| {
        let rest = input.strip_prefix(word)?;
        (!rest.starts_with(|c: char| lexical::is_word(c) || c == '.')).then_some((rest, kind))
    })
}

fn unknown_word<'a, T>(word: &str, words: &[&str], at: &'a str) -> Parsed<'a, T> {
    let list = suggest::one_of(words);
    if word.is_empty() {
        return expected(&list, at).cut();
    }
    let message = format!("`{word}` is no word that can stand here");
    let help = match suggest::nearest(word, words.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("write {list}"),
    };
    Failure::new(Kind::UnknownWord, at, word.len(), message).help(help).cut()
}
