//! A formula that is no part of the plan: typed at the prompt, checked against its names and units.

use super::check::Type;
use super::model::{Code, Plan};
use super::names::Scope;
use super::resolve::Resolver;
use crate::diagnostic::{Kind, Problem};
use crate::quantity::{Dim, UnitId};
use crate::source::{FileId, Place, Source, SourceMap, Span};
use crate::syntax;
use crate::syntax::tree::{Body, Expr, Tree};

/// A checked formula.
#[derive(Debug)]
pub struct Asked {
    /// Its code; the spans are those of the text.
    pub code: Vec<Code>,
    /// What its result is.
    pub kind: AskedKind,
}

/// What the result of a formula is.
#[derive(Clone, Debug, PartialEq)]
pub enum AskedKind {
    /// True or false, as 1 or 0.
    Truth,
    /// A number in base units, to be divided by the unit's size.
    Number(UnitId),
    /// A number whose unit has no word of its own, in base units: `EUR/ms`.
    Compound(String),
}

/// What is wrong with a formula, and the text that the problems point at.
#[derive(Debug)]
pub struct NotAsked {
    /// The text, as the only file.
    pub sources: SourceMap,
    /// The problems.
    pub problems: Vec<Problem>,
}

/// The parser reads a formula as a part of a statement.
const BEFORE: &str = "assert ";

/// Checks a formula against a plan, which it leaves as it was.
///
/// # Errors
///
/// What is wrong with the formula, its names or its units.
pub fn ask(plan: &mut Plan, text: &str) -> Result<Asked, NotAsked> {
    let mut sources = SourceMap::default();
    let file = sources.add(Source::from_text("input", format!("{BEFORE}{text}")));
    let parse = syntax::parse(file, sources.get(file));
    if !parse.problems.is_empty() {
        return Err(shown(text, parse.problems));
    }
    match the_formula(&parse.tree) {
        Ok(expr) => check(plan, text, &sources, parse.tree, expr),
        Err(span) => {
            let place = Place { file, span };
            let problem = Problem::new(Kind::Expected, place, "one formula at a time");
            Err(shown(text, vec![problem.help("leave out what follows it")]))
        }
    }
}

/// The only formula of the tree, or where there is more.
fn the_formula(tree: &Tree) -> Result<Expr, Span> {
    match tree.statements.as_slice() {
        [only] => match &only.body {
            Body::Assert(assert) => match assert.message {
                None => Ok(assert.formula),
                Some(message) => Err(message.span),
            },
            _ => Err(only.span),
        },
        [_, second, ..] => Err(second.span),
        [] => Err(Span::new(BEFORE.len(), BEFORE.len())),
    }
}

fn check(
    plan: &mut Plan,
    text: &str,
    sources: &SourceMap,
    tree: Tree,
    expr: Expr,
) -> Result<Asked, NotAsked> {
    let (code, formulas) = (plan.code.len(), plan.formulas.len());
    let units = tree.units.iter().map(|word| plan.units.intern(word)).collect();
    let trees = [tree];
    let mut resolver = Resolver::new(std::mem::take(plan), sources, &trees, vec![units]);
    resolver.resolved = true;
    let checked = resolver.check(FileId(0), expr, Scope::default());
    let kind = match checked.kind {
        Type::Truth => AskedKind::Truth,
        Type::Zero => AskedKind::Number(UnitId::BARE),
        Type::Number(Dim::BARE) if checked.written_in == UnitId::PERCENT => {
            AskedKind::Number(UnitId::PERCENT)
        }
        Type::Number(Dim::BARE) | Type::Unknown => AskedKind::Number(UnitId::BARE),
        Type::Number(dim) => match checked.unit {
            Some(unit) => AskedKind::Number(unit),
            None => AskedKind::Compound(resolver.plan.units.describe(dim)),
        },
    };
    let problems = std::mem::take(&mut resolver.problems);
    *plan = resolver.plan;
    plan.formulas.truncate(formulas);
    let code = plan.code.split_off(code).into_iter();
    let back = |span: Span| span.back(BEFORE.len() as u32);
    let code = code.map(|step| Code { span: back(step.span), ..step }).collect();
    match problems.is_empty() && checked.kind != Type::Unknown {
        true => Ok(Asked { code, kind }),
        false => Err(shown(text, problems)),
    }
}

/// The problems, as ones of the text alone.
fn shown(text: &str, mut problems: Vec<Problem>) -> NotAsked {
    let mut sources = SourceMap::default();
    sources.add(Source::from_text("input", text));
    for problem in &mut problems {
        problem.place.span = problem.place.span.back(BEFORE.len() as u32);
    }
    NotAsked { sources, problems }
}
