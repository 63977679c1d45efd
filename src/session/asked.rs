//! A formula that somebody asks: its value in the plan, with its unit.

use super::Session;
use crate::diagnostic::{self, Problem};
use crate::engine::Value;
use crate::plan::{self, AskedKind};
use crate::source::SourceMap;
use std::sync::Arc;

/// The answer to a formula.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value in words: `610 ms`, `65%`, `true`, `no data`.
    pub text: String,
    /// The number in its unit, if there is one.
    pub number: Option<f64>,
}

/// Why a formula has no answer.
#[derive(Debug)]
pub struct NoAnswer {
    /// The formula's text, as the only file.
    pub sources: SourceMap,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl NoAnswer {
    /// The problems with the formula's text.
    pub fn render(&self, color: bool) -> String {
        let shown = self.problems.iter().map(|it| diagnostic::render(it, &self.sources, color));
        shown.collect()
    }
}

impl Session {
    /// The value of a formula in the view.
    ///
    /// # Errors
    ///
    /// What is wrong with the formula.
    pub fn answer(&mut self, formula: &str) -> Result<Answer, NoAnswer> {
        let asked = self.with_plan(|plan| plan::ask(plan, formula)).map_err(|not| {
            let plan::NotAsked { sources, problems } = not;
            NoAnswer { sources, problems }
        })?;
        let answer = self.computed().answer(&asked.code);
        match answer {
            Ok(number) => Ok(self.shown(number, &asked.kind)),
            Err((_, Some(problem))) => {
                let mut sources = SourceMap::default();
                sources.add(crate::source::Source::from_text("input", formula));
                Err(NoAnswer { sources, problems: vec![problem] })
            }
            Err((value, None)) => Ok(Answer { text: value.word().to_owned(), number: None }),
        }
    }

    fn shown(&self, number: f64, kind: &AskedKind) -> Answer {
        let units = &self.plan.units;
        let (text, number) = match kind {
            AskedKind::Truth => ((number != 0.0).to_string(), number),
            AskedKind::Number(unit) => {
                let number = number / units.size(*unit);
                (units.spell(readably(number), *unit), number)
            }
            AskedKind::Compound(words) => (format!("{} {words}", readably(number)), number),
        };
        Answer { text, number: Some(number) }
    }

    /// The value of a cell with its unit, as the prompt shows it.
    pub fn shown_value(&self, value: Value, cell: crate::plan::cell::Cell) -> String {
        match value {
            Value::Number(number) => {
                self.plan.units.spell(readably(number), self.plan.unit_of(cell))
            }
            other => other.word().to_owned(),
        }
    }

    /// Does something with the plan itself, which the kept engine shares; where somebody else holds
    /// it as well, with one read anew.
    pub(super) fn with_plan<T>(&mut self, work: impl FnOnce(&mut plan::Plan) -> T) -> T {
        let mut plan = std::mem::take(&mut self.plan);
        if let Some(engine) = &mut self.computed {
            drop(engine.lend_plan());
        }
        let done = match Arc::get_mut(&mut plan) {
            Some(plan) => work(plan),
            None => {
                let again = plan::load_again(&plan.sources, Vec::new()).unwrap_or_default();
                let (mut again, _) = plan::resolve(again);
                work(&mut again)
            }
        };
        if let Some(engine) = &mut self.computed {
            engine.plan = Arc::clone(&plan);
        }
        self.plan = plan;
        done
    }
}

/// A number without the noise of its last digits.
fn readably(number: f64) -> f64 {
    format!("{number:.9e}").parse().unwrap_or(number)
}
