//! Assertions: whether each holds at the end of its day.

use super::formula::{Slot, Templates};
use super::walk::Missing;
use super::{Engine, store::Value};
use crate::diagnostic::{Kind, Problem};
use crate::plan::model::{Assertion, Code, CodeOp};
use crate::source::Place;
use crate::syntax::tree::Binary;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What became of an assertion.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not; with the values that it read, in words.
    Fails(String),
    /// It reads a cell without data.
    Unknown,
    /// Its day is after the as-of date.
    NotYetDue,
    /// It is wrong, or reads what is wrong; reported there.
    Broken,
}

/// An assertion with what became of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The formula's place.
    pub place: Place,
    /// The day at whose end it was judged.
    pub date: Option<Date>,
    /// The author's words.
    pub message: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// The cells without data that make it unknown.
    pub without_data: Vec<String>,
    /// What went wrong in computing it, at its cause.
    pub problem: Option<Problem>,
}

impl Engine {
    /// Judges the assertions of the plan, or the scenario's own where one is in force.
    pub fn assertions(&self) -> Vec<Outcome> {
        let assertions = match self.options.scenario {
            None => &self.plan.assertions,
            Some(index) => &self.plan.scenarios[index as usize].assertions,
        };
        let mut outcomes: Vec<Outcome> =
            assertions.iter().map(|assertion| self.unjudged(assertion)).collect();
        let mut by_day: BTreeMap<Option<Date>, Vec<usize>> = BTreeMap::new();
        for (at, assertion) in assertions.iter().enumerate() {
            if outcomes[at].verdict == Verdict::Unknown {
                let other = assertion.date.filter(|date| Some(*date) != self.moment.as_of);
                by_day.entry(other).or_default().push(at);
            }
        }
        // A day after the other, so that each goes on from the one before.
        let mut days = by_day.keys().any(Option::is_some).then(|| self.days());
        for (day, at_day) in by_day {
            let view = days.as_mut().zip(day).map(|(days, day)| days.on(day));
            let engine = view.unwrap_or(self);
            for at in at_day {
                let Some(formula) = assertions[at].formula else { continue };
                (outcomes[at].verdict, outcomes[at].problem) = engine.verdict(formula);
                if outcomes[at].verdict == Verdict::Unknown {
                    outcomes[at].without_data = engine.without_data(formula);
                }
            }
        }
        outcomes
    }

    /// An assertion before it is judged: broken, not yet due, or unknown so far.
    fn unjudged(&self, assertion: &Assertion) -> Outcome {
        let as_of = self.moment.as_of;
        let verdict = match (assertion.formula, assertion.date, as_of) {
            (None, ..) => Verdict::Broken,
            (_, Some(date), Some(as_of)) if date > as_of => Verdict::NotYetDue,
            _ => Verdict::Unknown,
        };
        Outcome {
            place: assertion.place,
            date: assertion.date.or(as_of),
            message: assertion.message.map(|message| self.plan.text(message)),
            verdict,
            without_data: Vec::new(),
            problem: None,
        }
    }

    fn verdict(&self, formula: u32) -> (Verdict, Option<Problem>) {
        match self.evaluate(formula) {
            Ok(truth) if truth != 0.0 => (Verdict::Holds, None),
            Ok(_) => (Verdict::Fails(self.values_read(formula)), None),
            Err(Missing::NoData) => (Verdict::Unknown, None),
            Err(Missing::Poisoned) => (Verdict::Broken, None),
            Err(Missing::Fault(span, fault)) => {
                let file = self.plan.formulas[formula as usize].file;
                (Verdict::Broken, Some(fault.problem(Place { file, span })))
            }
        }
    }

    /// The result of a formula that is evaluated once: by evalexpr, and by a walk where that has no
    /// finite number.
    pub(super) fn evaluate(&self, formula: u32) -> Result<f64, Missing> {
        self.evaluate_code(self.plan.steps(formula))
    }

    /// The result, in base units, of a formula that is no part of the plan.
    ///
    /// # Errors
    ///
    /// The value that stands for what is missing, and, where the formula itself has no result, the
    /// problem, in the file with the number 0.
    pub fn answer(&self, code: &[Code]) -> Result<f64, (Value, Option<Problem>)> {
        self.evaluate_code(code).map_err(|missing| match missing {
            Missing::Fault(span, fault) => {
                let place = Place { span, ..Place::default() };
                (Value::Error, Some(fault.problem(place)))
            }
            missing => (missing.value(), None),
        })
    }

    fn evaluate_code(&self, code: &[Code]) -> Result<f64, Missing> {
        let mut templates = Templates::default();
        let mut slots = Vec::new();
        if let Some(template) = templates.of(code, &mut slots, Slot::Read) {
            let slots: Vec<f64> = slots.iter().map(|slot| self.slot(*slot)).collect();
            let result = templates.get(template).evaluate(&slots);
            if result.is_finite() {
                return Ok(result);
            }
        }
        self.walk(code, None)
    }

    /// The result of a formula by the walk, by lowered code and by evalexpr, in this order; a NaN
    /// where it has none. One meaning, which tests hold them to.
    pub fn three_ways(&self, formula: u32) -> [f64; 3] {
        let code = self.plan.steps(formula);
        let mut templates = Templates::default();
        let mut slots = Vec::new();
        let template = templates.of(code, &mut slots, Slot::Read);
        let slots: Vec<f64> = slots.iter().map(|slot| self.slot(*slot)).collect();
        let shape = template.map(|template| templates.get(template));
        let lowered = shape.map_or(f64::NAN, |shape| shape.run(&slots, &mut Vec::new()));
        let evaluated = shape.map_or(f64::NAN, |shape| shape.evaluate(&slots));
        [self.walk(code, None).unwrap_or(f64::NAN), lowered, evaluated]
    }

    /// The cells that a formula reads, with their values: `speed.grade is 0.18`.
    fn values_read(&self, formula: u32) -> String {
        let mut read: Vec<String> = Vec::new();
        // What is compared for equality may differ in the last digit only.
        let equality = CodeOp::Binary(Binary::Equal);
        let exact = self.plan.steps(formula).iter().any(|step| step.op == equality);
        for step in self.plan.steps(formula) {
            let CodeOp::Cell(cell, _) = step.op else { continue };
            let shown = match self.read(cell) {
                Value::Number(number) if exact => {
                    self.plan.units.spell(number, self.plan.unit_of(cell))
                }
                Value::Number(number) => self.plan.units.show(number, self.plan.unit_of(cell)),
                other => other.word().to_owned(),
            };
            let line = format!("{} is {shown}", self.plan.cell_name(cell));
            if !read.contains(&line) {
                read.push(line);
            }
        }
        read.extend(self.hair(formula));
        read.join(", ")
    }

    /// By how little the two sides of an equality differ, if that is a rounding.
    fn hair(&self, formula: u32) -> Option<String> {
        let code = self.plan.steps(formula);
        let root = code.last().filter(|step| step.op == CodeOp::Binary(Binary::Equal))?;
        let split = code.len() - 1 - code.get(code.len().checked_sub(2)?)?.steps as usize;
        let left = self.walk(&code[..split], None).ok()?;
        let right = self.walk(&code[split..code.len() - 1], None).ok()?;
        let apart = (left - right).abs();
        let near = root.steps > 1 && apart > 0.0 && apart <= 1e-9 * left.abs().max(right.abs());
        near.then(|| {
            format!("the sides differ by a rounding of {apart:.1e}: write `abs(a - b) < 0.000001`")
        })
    }
}

impl Engine {
    /// The cells without data that a formula reads.
    fn without_data(&self, formula: u32) -> Vec<String> {
        let cells = self.plan.steps(formula).iter().filter_map(|step| match step.op {
            CodeOp::Cell(cell, _) if self.read(cell) == Value::NoData => Some(cell),
            _ => None,
        });
        let mut names: Vec<String> =
            cells.map(|cell| format!("`{}`", self.plan.cell_name(cell))).collect();
        names.dedup();
        names
    }
}

impl Outcome {
    /// The outcome as a problem of the plan; `None` if it holds or is not due.
    pub fn problem(&self, formula: &str) -> Option<Problem> {
        let said = self.message.as_ref().map(|text| format!(": \"{text}\"")).unwrap_or_default();
        let on = self.date.map(|date| format!(" on {date}")).unwrap_or_default();
        let problem = |kind, message: String| Some(Problem::new(kind, self.place, message));
        match &self.verdict {
            Verdict::Holds | Verdict::NotYetDue => None,
            Verdict::Broken => self.problem.clone(),
            Verdict::Fails(values) => {
                let values = if values.is_empty() { String::new() } else { format!(" ({values})") };
                let message = format!("the assertion `{formula}` does not hold{on}{said}{values}");
                problem(Kind::AssertionFailed, message)
            }
            Verdict::Unknown => {
                let cells = self.without_data.join(" and ");
                let has = if self.without_data.len() == 1 { "has" } else { "have" };
                let message =
                    format!("the assertion `{formula}` is unknown{on}: {cells} {has} no data");
                let help = "it neither holds nor fails; check in a value by that day";
                problem(Kind::AssertionUnknown, message).map(|problem| problem.help(help))
            }
        }
    }
}
