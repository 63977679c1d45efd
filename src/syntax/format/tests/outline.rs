//! What a text says, without its layout: two texts with the same outline mean the same, and have the
//! same comments and blank lines in the same places.

use crate::source::{FileId, Source, Span};
use crate::syntax::parse;
use crate::syntax::tree::*;

/// The outline, one item a line. Blank lines count as the formatter keeps them: one in a row, none
/// where a file or block begins or ends.
pub fn of(text: &str) -> Vec<String> {
    let source = Source::from_text("plan.okr", text);
    let parsed = parse(FileId::default(), &source);
    assert!(parsed.problems.is_empty(), "{text:?}\n{:#?}", parsed.problems);
    let mut outline = Outline { text, tree: &parsed.tree, items: Vec::new() };
    outline.nodes(&parsed.tree.statements);
    for trivia in &parsed.tree.trivia {
        outline.trivia(trivia);
    }
    outline.items.sort_by_key(|&(at, ..)| at);
    collapse(outline.items.into_iter().map(|(_, kind, text)| (kind, text)))
}

/// What a text says, without comments and blank lines.
pub fn meaning(text: &str) -> Vec<String> {
    let silent = |line: &String| !line.starts_with('#') && !line.is_empty();
    of(text).into_iter().filter(silent).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Item {
    Statement,
    Open,
    Close,
    Trailing,
    Comment,
    Blank,
}

fn collapse(items: impl Iterator<Item = (Item, String)>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut no_blank = true;
    for (item, text) in items {
        if item == Item::Close && out.last().is_some_and(String::is_empty) {
            out.pop();
        }
        if item != Item::Blank || !no_blank {
            out.push(text);
        }
        no_blank = matches!(item, Item::Open | Item::Blank) || item == Item::Trailing && no_blank;
    }
    if out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out
}

struct Outline<'a> {
    text: &'a str,
    tree: &'a Tree,
    items: Vec<(u32, Item, String)>,
}

impl Outline<'_> {
    fn of(&self, span: Span) -> &str {
        span.of(self.text)
    }

    fn trivia(&mut self, trivia: &Trivia) {
        let at = trivia.span.start;
        let line = &self.text[..at as usize];
        let line = &line[line.rfind('\n').map_or(0, |end| end + 1)..];
        let own_line = line.trim_start_matches('\u{feff}').trim_matches([' ', '\t', '\r', ';']);
        let item = match trivia.kind {
            TriviaKind::BlankLine => Item::Blank,
            TriviaKind::Comment if own_line.is_empty() => Item::Comment,
            TriviaKind::Comment => Item::Trailing,
        };
        let text = self.of(trivia.span).trim_end_matches([' ', '\t', '\r']).to_owned();
        let text = if item == Item::Trailing { text.replacen('#', "# trailing", 1) } else { text };
        self.items.push((at, item, text));
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            let body = self.body(&node.body);
            let text = format!("{:?} {} {body}", node.keyword, self.of(node.word));
            self.items.push((node.span.start, Item::Statement, text));
            match &node.body {
                Body::Add(inner) => self.nodes(std::slice::from_ref(inner)),
                Body::Entity(entity) => self.block(entity.braces, &entity.block),
                Body::Policy(policy) => {
                    let open = self.of(node.span).find('{').map(|at| node.span.start + at as u32);
                    let braces = open.map(|start| Span { start, end: node.span.end });
                    self.block(braces, &policy.block);
                }
                _ => {}
            }
        }
    }

    fn block(&mut self, braces: Option<Span>, block: &[Node]) {
        if let Some(braces) = braces {
            self.items.push((braces.start, Item::Open, "{".into()));
            self.nodes(block);
            self.items.push((braces.end - 1, Item::Close, "}".into()));
        }
    }

    fn name(&self, name: Name) -> &str {
        self.of(name.span)
    }

    fn quoted(&self, text: Option<Text>) -> &str {
        text.map_or("-", |text| self.of(text.span))
    }

    fn date(&self, date: Option<DateLit>) -> &str {
        date.map_or("-", |date| self.of(date.span))
    }

    fn expr(&self, expr: Expr) -> String {
        let nodes = expr.nodes(&self.tree.exprs).iter();
        nodes.map(|node| self.expr_node(node)).collect::<Vec<_>>().join(" ")
    }

    fn expr_node(&self, node: &ExprNode) -> String {
        let text: String = self.of(node.span).split([' ', '\t', '\r']).collect();
        match node.op {
            Op::Number(value, UnitRef(unit)) => {
                let word = unit.checked_sub(2).map(|unit| &self.tree.units[unit as usize]);
                format!("{text}={:x} {unit}", value.to_bits(), unit = word.map_or("", |word| word))
            }
            op => format!("{text} {op:?} {}", node.size),
        }
    }

    fn value(&self, value: &Value) -> String {
        match &value.kind {
            ValueKind::Formula(formula) => self.expr(*formula),
            ValueKind::Range(ends) => ends.map(|expr| self.expr(expr)).join(" .. "),
            ValueKind::Pert(three) => three.map(|expr| self.expr(expr)).join(" .. "),
            word => format!("{:?} {}", std::mem::discriminant(word), self.of(value.span)),
        }
    }

    fn optional(&self, value: Option<&Value>) -> String {
        value.map_or("-".into(), |value| self.value(value))
    }

    fn points(&self, points: &[Point]) -> String {
        let point = |point: &Point| format!("{}->{}", self.expr(point.at), self.expr(point.grade));
        points.iter().map(point).collect::<Vec<_>>().join(", ")
    }

    fn body(&self, body: &Body) -> String {
        match body {
            Body::Edition(value, span) => format!("{value} {}", self.of(*span)),
            Body::Value(value) => self.value(value),
            Body::Choice(choice) => self.of(choice.span).into(),
            Body::Name(name) => self.name(*name).into(),
            Body::Text(text) => self.quoted(Some(*text)).into(),
            Body::Word(span) => self.of(*span).into(),
            Body::Command(span) => self.of(*span).into(),
            Body::Tags(tags) => {
                format!("{:?}", tags.iter().map(|tag| self.of(*tag)).collect::<Vec<_>>())
            }
            Body::Policy(policy) => policy.kind.map_or("", |kind| self.of(kind.span)).into(),
            Body::Entity(entity) => self.entity(entity),
            Body::Grading(grading) => self.grading(grading),
            Body::Keep(keep) => self.keep(keep),
            Body::Pays(choice, points) => {
                format!("{} {}", self.of(choice.span), self.points(points))
            }
            Body::Effect(effect) => {
                format!("{} {}", self.value(&effect.value), self.name(effect.path))
            }
            Body::Allow(rule, reason) => format!("{} {}", self.of(*rule), self.of(reason.span)),
            Body::Set(name, value) => format!("{} = {}", self.name(*name), self.value(value)),
            Body::Add(_) => String::new(),
            Body::Broken(_) => "broken".into(),
            _ => self.longer_body(body),
        }
    }

    fn longer_body(&self, body: &Body) -> String {
        match body {
            Body::Period(it) => format!(
                "{} {} {} {}",
                self.name(it.name),
                self.of(it.title.span),
                self.of(it.from.span),
                self.of(it.to.span)
            ),
            Body::Due(it) => {
                let late = match &it.late {
                    None => "-".into(),
                    Some(Late::Zero) => "zero".into(),
                    Some(Late::Weekly(share)) => self.value(share),
                };
                format!("{} {late}", self.date(Some(it.date)))
            }
            Body::Move(value, from, to) => {
                format!("{} {} {}", self.value(value), self.name(*from), self.name(*to))
            }
            Body::Assert(it) => format!(
                "{} {} {}",
                self.date(it.date),
                self.expr(it.formula),
                self.quoted(it.message)
            ),
            Body::Checkin(it) => format!(
                "{} {} {} {} {} {}",
                self.date(Some(it.date)),
                self.name(it.path),
                self.value(&it.value),
                self.optional(it.expecting.as_ref()),
                self.optional(it.confidence.as_ref()),
                self.quoted(it.note)
            ),
            Body::Amended(it) => format!(
                "{} {} {} {}",
                self.date(Some(it.date)),
                self.name(it.path),
                self.value(&it.value),
                self.quoted(it.why)
            ),
            Body::Talk(it) => format!(
                "{} {} {} {}",
                self.date(Some(it.date)),
                self.name(it.path),
                self.name(it.team),
                self.quoted(it.text)
            ),
            other => panic!("no outline for {other:?}"),
        }
    }

    fn keep(&self, keep: &Keep) -> String {
        match keep {
            Keep::AtLeast(bound) => format!(">= {}", self.expr(*bound)),
            Keep::AtMost(bound) => format!("<= {}", self.expr(*bound)),
            Keep::Within(low, high) => format!("{} .. {}", self.expr(*low), self.expr(*high)),
        }
    }

    fn entity(&self, entity: &Entity) -> String {
        format!(
            "{} {} {} {}",
            self.name(entity.name),
            self.quoted(entity.title),
            self.optional(entity.value.as_deref()),
            entity.extends.map_or("-", |name| self.name(name))
        )
    }

    fn grading(&self, grading: &Grading) -> String {
        match grading {
            Grading::Linear { uncapped } => format!("linear {uncapped}"),
            Grading::Steps(points) => format!("steps {}", self.points(points)),
            Grading::Curve(points) => format!("curve {}", self.points(points)),
            Grading::Done => "done".into(),
            Grading::Score => "score".into(),
            Grading::Formula(formula) => format!("formula {}", self.expr(*formula)),
            Grading::Milestones(points) => {
                let point = |it: &MilestonePoint| {
                    format!("{} -> {}", self.of(it.name.span), self.expr(it.grade))
                };
                points.iter().map(point).collect::<Vec<_>>().join(", ")
            }
        }
    }
}
