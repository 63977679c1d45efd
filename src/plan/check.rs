//! Names and units of formulas: from the spanned tree to checked code in base units.
//!
//! A walk over the postfix array with a stack of types; every mismatch is reported, and what
//! follows from a mistake is quiet.

use super::cell::{Cell, Kind};
use super::model::{Code, CodeOp};
use super::names::{Found, NameError, Scope};
use super::resolve::Resolver;
use crate::diagnostic::{Kind as Problems, Problem};
use crate::quantity::{Dim, UnitId};
use crate::source::{FileId, Place, Span};
use crate::syntax::keyword::Function;
use crate::syntax::tree::{Binary, Expr, Op};

/// The type of a formula or a part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Type {
    /// True or false.
    Truth,
    /// A number of a dimension.
    Number(Dim),
    /// The literal 0, which fits every unit.
    Zero,
    /// Wrong, and reported.
    Unknown,
}

/// A part of a formula on the stack.
#[derive(Clone, Copy, Debug)]
struct Part {
    kind: Type,
    /// The unit that it is written in or read from, for messages.
    unit: UnitId,
    /// Its number, if it is a bare literal.
    bare: Option<f64>,
    /// Its text, parentheses aside.
    span: Span,
}

impl Part {
    fn new(kind: Type, span: Span) -> Self {
        Self { kind, unit: UnitId::BARE, bare: None, span }
    }
}

/// A checked formula.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked {
    /// Its type.
    pub kind: Type,
    /// Where its code begins in the plan's.
    pub start: u32,
    /// The unit of its first part with one of its dimension, if any.
    pub unit: Option<UnitId>,
    /// The unit that the whole is written in or read from; a bare number's may be `%`.
    pub written_in: UnitId,
}

impl Resolver<'_> {
    /// Checks a formula and appends its code to the plan's.
    pub(super) fn check(&mut self, file: FileId, expr: Expr, scope: Scope) -> Checked {
        let start = self.plan.code.len() as u32;
        let noticed = self.noticed;
        let mut stack: Vec<Part> = Vec::new();
        let mut units: Vec<UnitId> = Vec::new();
        for node in expr.nodes(&self.trees[file.0 as usize].exprs) {
            let (part, op) = match node.op {
                Op::Number(value, unit) => {
                    let unit = self.unit(file, unit);
                    let number = value * self.plan.units.size(unit);
                    (self.literal_part(value, unit, node.span), CodeOp::Number(number))
                }
                Op::Name => self.name_part(file, node.span, scope),
                Op::Negate => (self.negate(file, &mut stack, node.span), CodeOp::Negate),
                Op::Not => (self.not(file, &mut stack, node.span), CodeOp::Not),
                Op::Binary(binary) => {
                    let part = self.binary(file, &mut stack, binary, node.span);
                    (part, CodeOp::Binary(binary))
                }
                Op::Call(function, count) => {
                    let part = self.call(file, &mut stack, function, count as usize, node.span);
                    (part, CodeOp::Call(function, count))
                }
            };
            units.extend((part.unit != UnitId::BARE).then_some(part.unit));
            stack.push(part);
            self.plan.code.push(Code { span: node.span, steps: node.size, op });
        }
        let whole = stack.pop();
        let written_in = whole.map_or(UnitId::BARE, |part| part.unit);
        // A part that is wrong leaves the whole without a meaning, whatever is around it.
        let kind = match whole {
            Some(part) if self.noticed == noticed => part.kind,
            _ => Type::Unknown,
        };
        let fits = |unit: &UnitId| kind == Type::Number(self.plan.units.dim(*unit));
        let unit = units.into_iter().find(|unit| *unit != UnitId::PERCENT && fits(unit));
        Checked { kind, start, unit, written_in }
    }

    fn literal_part(&self, value: f64, unit: UnitId, span: Span) -> Part {
        let kind = match value == 0.0 && self.plan.units.dim(unit) == Dim::BARE {
            true => Type::Zero,
            false => Type::Number(self.plan.units.dim(unit)),
        };
        Part { kind, unit, bare: (unit == UnitId::BARE).then_some(value), span }
    }

    fn name_part(&mut self, file: FileId, span: Span, scope: Scope) -> (Part, CodeOp) {
        let unknown = (Part::new(Type::Unknown, span), CodeOp::Number(f64::NAN));
        match self.find_cell(file, span, scope) {
            None => unknown,
            Some(cell) => {
                let Some(unit) = self.cell_unit(cell) else { return unknown };
                let kind = Type::Number(self.plan.units.dim(unit));
                let size = self.plan.units.size(unit);
                (Part { kind, unit, bare: None, span }, CodeOp::Cell(cell, size))
            }
        }
    }

    /// The cell of a path, or a problem; `None` quietly below a broken statement.
    pub(super) fn find_cell(&mut self, file: FileId, span: Span, scope: Scope) -> Option<Cell> {
        let path = span.of(self.sources.get(file).text());
        match self.plan.find(path, scope) {
            Ok(Found::Cell(cell)) => Some(cell),
            Ok(Found::Unknown) => None,
            Ok(Found::Thing(kind, index)) => {
                let cell = match kind {
                    Kind::Kr if !self.plan.krs[index as usize].grading.is_numeric() => "grade",
                    Kind::Kr => "actual",
                    Kind::Bucket | Kind::Team => "capacity",
                    Kind::Initiative => "chance",
                    _ => "grade",
                };
                self.not_a_cell(file, span, kind, cell);
                None
            }
            Ok(Found::Scenario(_)) => {
                let message = format!("`{path}` is a scenario, not a number");
                let help = format!("a scenario is chosen with `--scenario {path}`");
                self.problem(Problems::NotACell, file, span, message, help);
                None
            }
            Err(error) => {
                self.name_problem(file, span, error);
                None
            }
        }
    }

    /// The cell of a path that is to be changed: a thing is told apart from its inputs.
    pub(super) fn find_input(&mut self, file: FileId, span: Span) -> Option<Cell> {
        let path = span.of(self.sources.get(file).text());
        let input = match self.plan.find(path, Scope::default()) {
            Ok(Found::Thing(Kind::Kr, _)) => (Kind::Kr, "target"),
            Ok(Found::Thing(Kind::Bucket, _)) => (Kind::Bucket, "share"),
            Ok(Found::Thing(Kind::Team, _)) => (Kind::Team, "people"),
            Ok(Found::Thing(Kind::Objective, _)) => (Kind::Objective, "weight"),
            _ => return self.find_cell(file, span, Scope::default()),
        };
        self.not_a_cell(file, span, input.0, input.1);
        None
    }

    fn not_a_cell(&mut self, file: FileId, span: Span, kind: Kind, cell: &str) {
        let path = span.of(self.sources.get(file).text());
        let message = format!("`{path}` is {}, not a number", kind.words());
        let help = format!("name one of its cells: `{path}.{cell}`");
        self.problem(Problems::NotACell, file, span, message, help);
    }

    /// Reports a path that leads nowhere at the part of it that is wrong.
    pub(super) fn name_problem(&mut self, file: FileId, span: Span, error: NameError) {
        let start = span.start as usize + error.at;
        let part = self.sources.get(file).text()[start..span.end as usize].find('.');
        let end = part.map_or(span.end as usize, |length| start + length);
        let at = Span::new(start, end);
        self.problem(Problems::UnknownName, file, at, error.message, error.help);
    }

    fn negate(&mut self, file: FileId, stack: &mut Vec<Part>, span: Span) -> Part {
        let Some(operand) = stack.pop() else { return Part::new(Type::Unknown, span) };
        let kind = self.want_number(file, &operand);
        let bare = operand.bare.map(|value| -value);
        Part { kind, unit: operand.unit, bare, span: span.to(operand.span) }
    }

    fn not(&mut self, file: FileId, stack: &mut Vec<Part>, span: Span) -> Part {
        let Some(operand) = stack.pop() else { return Part::new(Type::Unknown, span) };
        let kind = self.want_truth(file, &operand);
        Part::new(kind, span.to(operand.span))
    }

    /// A number's type; a truth is reported, and unknown.
    fn want_number(&mut self, file: FileId, part: &Part) -> Type {
        if part.kind != Type::Truth {
            return part.kind;
        }
        let message = "a number is wanted here, and this is true or false";
        let text = part.span.of(self.sources.get(file).text());
        // A part ends with its last name or number: what it opened is closed again.
        let open = text.matches('(').count().saturating_sub(text.matches(')').count());
        let help = format!("write `if({text}{}, 1, 0)`", ")".repeat(open));
        self.problem(Problems::TruthAsNumber, file, part.span, message, help);
        Type::Unknown
    }

    fn want_truth(&mut self, file: FileId, part: &Part) -> Type {
        if matches!(part.kind, Type::Truth | Type::Unknown) {
            return part.kind;
        }
        let message = "a comparison is wanted here, and this is a number";
        let help = "compare it: `… > 0`";
        self.problem(Problems::NumberAsTruth, file, part.span, message, help);
        Type::Unknown
    }

    fn binary(&mut self, file: FileId, stack: &mut Vec<Part>, binary: Binary, sign: Span) -> Part {
        let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
            return Part::new(Type::Unknown, sign);
        };
        let span = left.span.to(right.span);
        if matches!(binary, Binary::And | Binary::Or) {
            let left = self.want_truth(file, &left);
            let right = self.want_truth(file, &right);
            let known = left == Type::Truth && right == Type::Truth;
            return Part::new(if known { Type::Truth } else { Type::Unknown }, span);
        }
        if left.kind == Type::Truth && right.kind == Type::Truth {
            self.truths_joined(file, binary, span);
            let truth = binary.compares();
            return Part::new(if truth { Type::Truth } else { Type::Unknown }, span);
        }
        let kinds = (self.want_number(file, &left), self.want_number(file, &right));
        if kinds.0 == Type::Unknown || kinds.1 == Type::Unknown {
            let truth = binary.compares();
            return Part::new(if truth { Type::Truth } else { Type::Unknown }, span);
        }
        let (kind, unit) = match binary {
            Binary::Multiply => self.product(kinds, 1, &left, &right),
            Binary::Divide => self.product(kinds, -1, &left, &right),
            Binary::Power => (self.power(file, &left, &right), UnitId::BARE),
            _ => {
                let same = self.same_unit(file, &left, &right, sign, binary.sign());
                let truth = binary.compares() && same != Type::Unknown;
                (if truth { Type::Truth } else { same }, carried(&left, &right))
            }
        };
        Part { kind, unit, bare: None, span }
    }

    /// Two truths where numbers are wanted are one mistake.
    fn truths_joined(&mut self, file: FileId, binary: Binary, both: Span) {
        let word = binary.sign();
        let message = format!("`{word}` wants numbers, and both sides are true or false");
        let help = match binary {
            Binary::Equal => "write `(a and b) or (not a and not b)`",
            Binary::Unequal => "write `(a and not b) or (not a and b)`",
            _ => "write `if(…, 1, 0)` on both sides",
        };
        self.problem(Problems::TruthAsNumber, file, both, message, help);
    }

    /// The type of a product, and the unit of the factor that is in it, if one is.
    fn product(
        &mut self,
        kinds: (Type, Type),
        sign: i32,
        left: &Part,
        right: &Part,
    ) -> (Type, UnitId) {
        let dim = |kind| if let Type::Number(dim) = kind { dim } else { Dim::BARE };
        let dim = self.plan.units.product(dim(kinds.0), dim(kinds.1), sign);
        let fits = |unit: &UnitId| dim != Dim::BARE && self.plan.units.dim(*unit) == dim;
        let unit = [left.unit, right.unit].into_iter().find(fits).unwrap_or_default();
        (Type::Number(dim), unit)
    }

    /// A power of a number with a unit wants a whole literal as its exponent.
    fn power(&mut self, file: FileId, left: &Part, right: &Part) -> Type {
        let bare = |kind| matches!(kind, Type::Zero | Type::Number(Dim::BARE));
        if !bare(right.kind) {
            self.unwanted_unit(file, right, "an exponent");
            return Type::Unknown;
        }
        if bare(left.kind) {
            return Type::Number(Dim::BARE);
        }
        let whole = right.bare.filter(|it| it.fract() == 0.0 && it.abs() <= 100.0);
        if let (Type::Number(dim), Some(exponent)) = (left.kind, whole)
            && let Some(dim) = self.plan.units.power(dim, exponent as i32)
        {
            return Type::Number(dim);
        }
        self.unwanted_unit(file, left, "the base of a power that is no whole number");
        Type::Unknown
    }

    fn unwanted_unit(&mut self, file: FileId, part: &Part, what: &str) {
        let unit = self.describe(part);
        let message = format!("{what} wants a bare number, and this is in {unit}");
        let written = part.span.of(self.sources.get(file).text());
        let help = match part.unit {
            _ if written.starts_with(|c: char| c.is_ascii_digit())
                && !written.contains(['*', '/']) =>
            {
                "leave the unit out".to_owned()
            }
            UnitId::BARE => "divide by a number with that unit".to_owned(),
            unit => format!("divide it by `1 {}`", self.plan.units.word(unit)),
        };
        self.problem(Problems::UnitUnwanted, file, part.span, message, help);
    }

    fn describe(&self, part: &Part) -> String {
        match part.kind {
            Type::Number(Dim::BARE) | Type::Zero => "a bare number".into(),
            Type::Number(_) if part.unit != UnitId::BARE => {
                self.plan.units.word(part.unit).to_owned()
            }
            Type::Number(dim) => self.plan.units.describe(dim),
            Type::Truth => "true or false".into(),
            Type::Unknown => "unknown".into(),
        }
    }

    /// The common type of two operands, or a problem at `at`.
    fn same_unit(&mut self, file: FileId, left: &Part, right: &Part, at: Span, sign: &str) -> Type {
        match (left.kind, right.kind) {
            (Type::Unknown, _) | (_, Type::Unknown) => return Type::Unknown,
            (Type::Zero, other) | (other, Type::Zero) => return other,
            (left, right) if left == right => return left,
            _ => {}
        }
        for (bare, other) in [(right, left), (left, right)] {
            if let (Some(_), false) = (bare.bare, other.unit == UnitId::BARE)
                && other.kind != Type::Number(Dim::BARE)
            {
                let word = self.plan.units.word(other.unit);
                let message = format!("`{sign}` joins a number in {word} and a bare number");
                let written = bare.span.of(self.sources.get(file).text());
                let help = format!("give it the unit: `{written} {word}`");
                self.problem(Problems::BareNumber, file, at, message, help);
                return Type::Unknown;
            }
        }
        let (left, right) = (self.describe(left), self.describe(right));
        let message = format!("`{sign}` joins {left} and {right}");
        let help = "all that it joins must be in one unit, or in units of one family";
        self.problem(Problems::UnitMismatch, file, at, message, help);
        Type::Unknown
    }

    fn call(
        &mut self,
        file: FileId,
        stack: &mut Vec<Part>,
        function: Function,
        count: usize,
        name: Span,
    ) -> Part {
        let parts = stack.split_off(stack.len().saturating_sub(count));
        let span = parts.iter().map(|part| part.span).fold(name, Span::to);
        let kind = match function {
            Function::If => self.condition(file, &parts),
            Function::Round
            | Function::Floor
            | Function::Ceil
            | Function::Exp
            | Function::Ln
            | Function::Log10 => self.bare_call(file, &parts, function),
            Function::Sqrt => self.root(file, &parts),
            Function::Count => self.count(file, &parts),
            _ => self.common(file, &parts, function),
        };
        let unit = match function {
            Function::Count | Function::Sqrt => UnitId::BARE,
            _ => parts
                .iter()
                .map(|part| part.unit)
                .find(|unit| *unit != UnitId::BARE)
                .filter(|unit| kind == Type::Number(self.plan.units.dim(*unit)))
                .unwrap_or(UnitId::BARE),
        };
        Part { kind, unit, bare: None, span }
    }

    /// `if`: a truth, and two branches of one type.
    fn condition(&mut self, file: FileId, parts: &[Part]) -> Type {
        let [condition, yes, no] = parts else { return Type::Unknown };
        let known = self.want_truth(file, condition) == Type::Truth;
        if yes.kind == Type::Truth && no.kind == Type::Truth {
            return if known { Type::Truth } else { Type::Unknown };
        }
        let kinds = (self.want_number(file, yes), self.want_number(file, no));
        if kinds.0 == Type::Unknown || kinds.1 == Type::Unknown {
            return Type::Unknown;
        }
        let same = self.same_unit(file, yes, no, no.span, "if");
        if known { same } else { Type::Unknown }
    }

    /// All arguments in one unit, which the result takes.
    fn common(&mut self, file: FileId, parts: &[Part], function: Function) -> Type {
        let mut parts = parts.iter();
        let Some(first) = parts.next() else { return Type::Unknown };
        let mut so_far = Part { kind: self.want_number(file, first), ..*first };
        for part in parts {
            let kind = self.want_number(file, part);
            let part = Part { kind, ..*part };
            let same = self.same_unit(file, &so_far, &part, part.span, function.entry().word);
            if same == Type::Unknown {
                so_far.kind = Type::Unknown;
            } else if so_far.kind != same || so_far.unit == UnitId::BARE {
                so_far = Part { kind: same, unit: carried(&so_far, &part), ..so_far };
            }
        }
        so_far.kind
    }

    /// `count` takes numbers of any units.
    fn count(&mut self, file: FileId, parts: &[Part]) -> Type {
        let kinds: Vec<Type> = parts.iter().map(|part| self.want_number(file, part)).collect();
        match kinds.contains(&Type::Unknown) {
            true => Type::Unknown,
            false => Type::Number(Dim::BARE),
        }
    }

    fn bare_call(&mut self, file: FileId, parts: &[Part], function: Function) -> Type {
        let mut sound = true;
        for part in parts {
            match self.want_number(file, part) {
                Type::Zero | Type::Number(Dim::BARE) => {}
                Type::Unknown => sound = false,
                _ => {
                    self.unwanted_unit(file, part, &format!("`{}`", function.entry().word));
                    sound = false;
                }
            }
        }
        if sound { Type::Number(Dim::BARE) } else { Type::Unknown }
    }

    fn root(&mut self, file: FileId, parts: &[Part]) -> Type {
        let Some(part) = parts.first() else { return Type::Unknown };
        match self.want_number(file, part) {
            Type::Number(dim) => match self.plan.units.root(dim) {
                Some(dim) => Type::Number(dim),
                None => {
                    self.unwanted_unit(file, part, "`sqrt`");
                    Type::Unknown
                }
            },
            Type::Zero => Type::Number(Dim::BARE),
            kind => kind,
        }
    }

    /// Notes a problem at a span of a file.
    pub(super) fn problem(
        &mut self,
        kind: Problems,
        file: FileId,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.noticed += 1;
        if !self.quiet {
            self.problems.push(Problem::new(kind, Place { file, span }, message).help(help));
        }
    }
}

/// The unit that the result of two operands is shown in.
fn carried(left: &Part, right: &Part) -> UnitId {
    if left.unit == UnitId::BARE { right.unit } else { left.unit }
}
