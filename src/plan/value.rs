//! Values of fields: numbers in the unit of their cell, formulas, ranges.

use super::cell::Range;
use super::check::Type;
use super::model::{Amount, Code, CodeOp, Estimate, Formula, Input};
use super::names::Scope;
use super::resolve::Resolver;
use crate::diagnostic::Kind;
use crate::estimate;
use crate::quantity::{self, Dim, UnitId};
use crate::source::{FileId, Place, Span};
use crate::syntax::tree::{Binary, Expr, Op, UnitRef, Value, ValueKind};

/// What a field wants of its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The unit of the cell.
    pub unit: UnitId,
    /// The values that it may take.
    pub range: Range,
    /// The field's name, for messages.
    pub what: &'static str,
}

impl Wanted {
    /// A bare number of a range.
    pub fn bare(what: &'static str, range: Range) -> Self {
        Self { unit: UnitId::BARE, range, what }
    }

    /// An effort in person-weeks.
    pub fn effort(what: &'static str) -> Self {
        Self { unit: UnitId::PERSON_WEEKS, range: Range::NotNegative, what }
    }

    /// The field's name, quoted if it is a word of the language.
    fn shown(&self) -> String {
        if self.what.contains(' ') { self.what.to_owned() } else { format!("`{}`", self.what) }
    }

    /// Any number of a unit.
    pub fn unit(what: &'static str, unit: UnitId) -> Self {
        Self { unit, range: Range::Any, what }
    }
}

/// A number that stands alone, perhaps with a minus.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal {
    pub value: f64,
    pub unit: UnitId,
}

/// Whether a value lies in a range, and if not, what it would have to do.
pub fn out_of_range(range: Range, value: f64) -> Option<&'static str> {
    match range {
        Range::Any => None,
        Range::NotNegative => (value < 0.0).then_some("cannot be negative"),
        Range::Share => (!(0.0..=1.0).contains(&value)).then_some("must lie within 0..1"),
    }
}

impl Resolver<'_> {
    /// The plan's unit for a number's.
    pub(super) fn unit(&self, file: FileId, unit: UnitRef) -> UnitId {
        match unit.0.checked_sub(UnitRef::FIRST_WORD) {
            Some(word) => self.unit_ids[file.0 as usize][word as usize],
            None => UnitId(unit.0),
        }
    }

    /// The formula's number, if it is one alone.
    pub(super) fn literal(&self, file: FileId, expr: Expr) -> Option<Literal> {
        match expr.nodes(&self.trees[file.0 as usize].exprs) {
            [number] => self.literal_of(file, number.op, 1.0),
            [number, minus] if minus.op == Op::Negate => self.literal_of(file, number.op, -1.0),
            _ => None,
        }
    }

    fn literal_of(&self, file: FileId, op: Op, sign: f64) -> Option<Literal> {
        let Op::Number(value, unit) = op else { return None };
        Some(Literal { value: sign * value, unit: self.unit(file, unit) })
    }

    /// A value that must be one number.
    pub(super) fn amount(
        &mut self,
        file: FileId,
        value: &Value,
        wanted: Wanted,
        scope: Scope,
    ) -> Input {
        match &value.kind {
            ValueKind::Formula(expr) => self.formula(file, *expr, value.span, wanted, scope),
            ValueKind::Range(..) | ValueKind::Pert(_) => {
                let message = format!("{} is one number, not a range", wanted.shown());
                let help = "ranges may stand in `draws`, `moves`, `closes`, `chance`, `people`, `leave` and `metric`";
                self.bad(Kind::RangeUnwanted, file, value.span, message, help)
            }
            _ => self.word_unwanted(file, value, &wanted.shown()),
        }
    }

    fn word_unwanted(&mut self, file: FileId, value: &Value, what: &str) -> Input {
        let word = value.span.of(self.sources.get(file).text());
        let message = format!("{what} is a number, not `{word}`");
        let help = match value.kind {
            ValueKind::Done | ValueKind::Open => {
                "`done` and `open` are observations of a key result with `grading done`"
            }
            ValueKind::Rest => "`rest` is the share of a bucket",
            ValueKind::NotApplicable => "`n/a` may stand as an actual",
            _ => {
                "leave the quotes out; a milestone's name is an observation of a key result with `grading milestones`"
            }
        };
        self.bad(Kind::ValueUnwanted, file, value.span, message, help)
    }

    /// Reports a problem and gives an input that poisons its cell.
    pub(super) fn bad(
        &mut self,
        kind: Kind,
        file: FileId,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Input {
        self.problem(kind, file, span, message, help);
        Input { amount: Amount::Bad, place: Place { file, span } }
    }

    /// A formula for a cell: a number in the cell's unit, or checked code.
    pub(super) fn formula(
        &mut self,
        file: FileId,
        expr: Expr,
        span: Span,
        wanted: Wanted,
        scope: Scope,
    ) -> Input {
        let place = Place { file, span };
        if let Some(literal) = self.literal(file, expr) {
            return match self.fit_literal(file, literal, span, wanted) {
                Some(number) => Input { amount: Amount::Number(number), place },
                None => Input { amount: Amount::Bad, place },
            };
        }
        let checked = self.check(file, expr, scope);
        let size = match checked.kind {
            Type::Number(dim) => self.fit_dim(file, dim, span, wanted),
            Type::Zero => Some(1.0),
            Type::Truth => {
                let text = span.of(self.sources.get(file).text());
                let message = format!("{} is a number, and this is true or false", wanted.shown());
                let help = format!("write `if({text}, 1, 0)`");
                self.problem(Kind::TruthAsNumber, file, span, message, help);
                None
            }
            Type::Unknown => None,
        };
        match size {
            Some(size) => Input { amount: self.keep_formula(place, checked.start, size), place },
            None => Input { amount: Amount::Bad, place },
        }
    }

    pub(super) fn keep_formula(&mut self, place: Place, start: u32, size: f64) -> Amount {
        let end = self.plan.code.len() as u32;
        let formula = Formula { file: place.file, span: place.span, start, end, size };
        self.plan.formulas.push(formula);
        Amount::Formula(self.plan.formulas.len() as u32 - 1)
    }

    /// A literal in the unit of its cell, or a problem.
    fn fit_literal(
        &mut self,
        file: FileId,
        literal: Literal,
        span: Span,
        wanted: Wanted,
    ) -> Option<f64> {
        let Literal { value, unit } = literal;
        let number = if unit == wanted.unit {
            value
        } else if unit == UnitId::BARE {
            self.fit_bare(file, value, span, wanted)?
        } else if wanted.unit == UnitId::BARE && unit == UnitId::PERCENT {
            value
        } else {
            self.fit_unit(file, literal, span, wanted)?
        };
        if let Some(must) = out_of_range(wanted.range, number) {
            let shown = self.plan.units.show(value, unit);
            let message = format!("{} {must}, and this is {shown}", wanted.shown());
            let help = match wanted.range {
                Range::Share if (2.0..=100.0).contains(&number) && unit == UnitId::BARE => {
                    format!("write `{number}%` or a number up to 1")
                }
                Range::Share => "write a number from 0 to 1, or from `0%` to `100%`".to_owned(),
                _ => "write 0 or more".to_owned(),
            };
            self.problem(Kind::OutOfRange, file, span, message, help);
            return None;
        }
        Some(number)
    }

    /// A bare literal takes the unit; over 1 it is no percentage.
    fn fit_bare(&mut self, file: FileId, value: f64, span: Span, wanted: Wanted) -> Option<f64> {
        if wanted.unit == UnitId::PERCENT && value.abs() > 1.0 {
            let percent = self.plan.units.show(value, UnitId::PERCENT);
            let message = format!("{value} without `%` would be {percent}");
            let help = format!("write `{value}%`");
            self.problem(Kind::PercentOverOne, file, span, message, help);
            return None;
        }
        Some(value)
    }

    /// Whether a number written in one unit may stand where another is wanted.
    fn units_fit(&self, from: UnitId, to: UnitId) -> bool {
        let percent = from == UnitId::PERCENT || to == UnitId::PERCENT;
        let share = from == UnitId::PERCENT && to == UnitId::BARE;
        from == to || share || (!percent && self.plan.units.dim(from) == self.plan.units.dim(to))
    }

    fn fit_unit(
        &mut self,
        file: FileId,
        literal: Literal,
        span: Span,
        wanted: Wanted,
    ) -> Option<f64> {
        let (from, to) = (literal.unit, wanted.unit);
        let units = &self.plan.units;
        if self.units_fit(from, to) {
            return Some(units.convert(literal.value, from, to));
        }
        let found = units.word(from).to_owned();
        self.unit_mismatch(file, span, wanted, &found, false);
        None
    }

    fn unit_mismatch(
        &mut self,
        file: FileId,
        span: Span,
        wanted: Wanted,
        found: &str,
        computed: bool,
    ) {
        let what = wanted.shown();
        if wanted.unit == UnitId::BARE {
            let message = format!("{what} is a bare number, and this is in {found}");
            let help = match computed {
                true => format!("divide it by a number in {found}"),
                false => exponent_help(found).unwrap_or_else(|| "leave the unit out".to_owned()),
            };
            return self.problem(Kind::UnitUnwanted, file, span, message, help);
        }
        let word = self.plan.units.word(wanted.unit).to_owned();
        let message = format!("{what} is in {word}, and this is in {found}");
        if let Some(help) = exponent_help(found) {
            return self.problem(Kind::UnitMismatch, file, span, message, help);
        }
        let family = quantity::family(&word);
        let help = match (computed, family.is_empty()) {
            (true, _) => format!("the result of the formula must be in {word}"),
            (false, true) => format!("write it in {word}"),
            (false, false) => format!("write it in {}", crate::suggest::one_of(&family)),
        };
        self.problem(Kind::UnitMismatch, file, span, message, help);
    }

    /// By what a result in base units is divided to be in the cell's unit, or a problem.
    fn fit_dim(&mut self, file: FileId, dim: Dim, span: Span, wanted: Wanted) -> Option<f64> {
        if dim == Dim::BARE {
            return Some(1.0);
        }
        if dim == self.plan.units.dim(wanted.unit) {
            return Some(self.plan.units.size(wanted.unit));
        }
        let found = self.plan.units.describe(dim);
        self.unit_mismatch(file, span, wanted, &found, true);
        None
    }

    /// A value that may be a range; its point value is the mean.
    pub(super) fn estimate(
        &mut self,
        file: FileId,
        value: &Value,
        wanted: Wanted,
        scope: Scope,
    ) -> Estimate {
        let exprs: Vec<Expr> = match &value.kind {
            ValueKind::Range(ends) => ends.to_vec(),
            ValueKind::Pert(ends) => ends.to_vec(),
            _ => return Estimate { mean: self.amount(file, value, wanted, scope), range: None },
        };
        let last = exprs.last().and_then(|expr| self.literal(file, *expr));
        let ends: Vec<Input> =
            exprs.iter().map(|expr| self.range_end(file, *expr, last, wanted, scope)).collect();
        let place = Place { file, span: value.span };
        let mean = Input { amount: self.range_mean(place, &ends, wanted.unit), place };
        self.plan.ranges.insert(place, ends.clone());
        let range = match ends[..] {
            [low, high] => Some((low, None, high)),
            [low, likely, high] => Some((low, Some(likely), high)),
            _ => None,
        };
        Estimate { mean, range }
    }

    /// An end of a range; a bare one takes the unit of the last.
    fn range_end(
        &mut self,
        file: FileId,
        expr: Expr,
        last: Option<Literal>,
        wanted: Wanted,
        scope: Scope,
    ) -> Input {
        let span = expr.text;
        let bare = self.literal(file, expr).filter(|literal| literal.unit == UnitId::BARE);
        let unit = last.map(|literal| literal.unit).filter(|unit| *unit != UnitId::BARE);
        let (Some(literal), Some(unit)) = (bare, unit) else {
            return self.formula(file, expr, span, wanted, scope);
        };
        let value = if unit == UnitId::PERCENT { literal.value / 100.0 } else { literal.value };
        let place = Place { file, span };
        if !self.units_fit(unit, wanted.unit) {
            return Input { amount: Amount::Bad, place }; // reported where the unit stands
        }
        match self.fit_literal(file, Literal { value, unit }, span, wanted) {
            Some(number) => Input { amount: Amount::Number(number), place },
            None => Input { amount: Amount::Bad, place },
        }
    }

    fn range_mean(&mut self, place: Place, ends: &[Input], unit: UnitId) -> Amount {
        let numbers: Option<Vec<f64>> = ends
            .iter()
            .map(|end| if let Amount::Number(number) = end.amount { Some(number) } else { None })
            .collect();
        if let Some(numbers) = numbers {
            return match estimate::mean(&numbers) {
                Some(mean) => Amount::Number(mean),
                None => {
                    let message = "the range does not go from low to high";
                    let help = match numbers.len() {
                        2 => "swap its ends",
                        _ => {
                            "write its numbers in this order: the least, the likely one, the greatest"
                        }
                    };
                    self.problem(Kind::RangeOrder, place.file, place.span, message, help);
                    Amount::Bad
                }
            };
        }
        if ends.iter().any(|end| end.amount == Amount::Bad) {
            return Amount::Bad;
        }
        self.range_code(place, ends, unit)
    }

    /// Code for the mean of a range with formulas in it, in base units.
    fn range_code(&mut self, place: Place, ends: &[Input], unit: UnitId) -> Amount {
        let start = self.plan.code.len() as u32;
        let size = self.plan.units.size(unit);
        for end in ends {
            match end.amount {
                Amount::Number(number) => {
                    self.push_code(end.place.span, 1, CodeOp::Number(number * size))
                }
                Amount::Formula(formula) => self.repeat_code(formula, size),
                Amount::Bad => {}
            }
        }
        let steps = self.plan.code.len() as u32 - start + 1;
        self.push_code(place.span, steps, CodeOp::RangeMean(ends.len() as u32));
        self.keep_formula(place, start, size)
    }

    fn push_code(&mut self, span: Span, steps: u32, op: CodeOp) {
        self.plan.code.push(Code { span, steps, op });
    }

    /// Appends the code of a formula again; a bare result is brought to base units.
    fn repeat_code(&mut self, formula: u32, size: f64) {
        let formula = self.plan.formulas[formula as usize];
        let range = formula.start as usize..formula.end as usize;
        self.plan.code.extend_from_within(range.clone());
        if formula.size != size {
            let steps = range.len() as u32;
            self.push_code(formula.span, 1, CodeOp::Number(size / formula.size));
            self.push_code(formula.span, steps + 2, CodeOp::Binary(Binary::Multiply));
        }
    }
}

/// A unit such as `E5` was meant as an exponent.
fn exponent_help(unit: &str) -> Option<String> {
    let digits = unit.strip_prefix('E').filter(|digits| !digits.is_empty())?;
    let exponent = digits.bytes().all(|byte| byte.is_ascii_digit());
    exponent.then(|| format!("an exponent has a small `e`: `1e{digits}`"))
}
