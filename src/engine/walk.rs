//! Walking a formula step by step: what its result is, or which part has none and why.
//!
//! Lowered code and evalexpr say only that something is missing; the walk says what. It is the
//! meaning that both are tested against.

use super::Engine;
use super::formula::{apply, binary_of};
use super::notation::operand_ranges;
use super::store::Value;
use crate::diagnostic::{Kind, Problem};
use crate::estimate;
use crate::plan::cell::Cell;
use crate::plan::model::{Code, CodeOp};
use crate::source::{Place, Span};
use crate::syntax::keyword::Function;
use crate::syntax::tree::Binary;

/// Why a part of a formula has no number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Missing {
    /// It reads a cell without data.
    NoData,
    /// It reads a cell that is poisoned; that is reported there.
    Poisoned,
    /// It has no finite result itself.
    Fault(Span, Fault),
}

/// What has no finite result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    DivisionByZero,
    Root,
    Logarithm,
    Remainder,
    Power,
    Large,
    RangeOrder,
}

impl Missing {
    /// The value of a cell with such a formula.
    pub fn value(self) -> Value {
        match self {
            Missing::NoData => Value::NoData,
            Missing::Poisoned | Missing::Fault(..) => Value::Error,
        }
    }
}

impl Fault {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Fault::DivisionByZero => (
                "a division by zero",
                "guard it: `if(b == 0, …, a / b)`; a branch not taken is not computed",
            ),
            Fault::Root => ("the root of a negative number", "guard it: `sqrt(max(x, 0))`"),
            Fault::Logarithm => (
                "the logarithm of a number that is not positive",
                "guard it with `if(x > 0, …, …)`",
            ),
            Fault::Remainder => {
                ("a remainder of a division by zero", "guard it: `if(b == 0, …, mod(a, b))`")
            }
            Fault::Power => (
                "a power that is no number",
                "a negative base wants a whole exponent, 0 a positive one",
            ),
            Fault::Large => ("a number that is too large", "check the magnitudes"),
            Fault::RangeOrder => ("a range that does not go from low to high", "swap its ends"),
        }
    }

    /// The problem at the place of the part.
    pub fn problem(self, place: Place) -> Problem {
        let (what, help) = self.words();
        let kind = if self == Fault::RangeOrder { Kind::RangeOrder } else { Kind::NoResult };
        Problem::new(kind, place, format!("{what}, so the formula has no result")).help(help)
    }
}

/// The result of a part: a number, where a truth is 1 or 0.
pub(super) type Walked = Result<f64, Missing>;

/// A cell that is read as another value, such as an actual as its forecast.
pub(super) type Over = Option<(Cell, f64)>;

impl Engine {
    fn read_over(&self, cell: Cell, over: Over) -> Value {
        match over {
            Some((instead, value)) if instead == cell => Value::Number(value),
            _ => self.read(cell),
        }
    }

    /// The result of postfix code in base units, with one cell read as something else if wanted.
    /// The code is at most 1,000 levels deep.
    pub(super) fn walk(&self, code: &[Code], over: Over) -> Walked {
        let Some((root, _)) = code.split_last() else { return Err(Missing::Poisoned) };
        let at = code.len() - 1;
        let operands = || operand_ranges(code, 0, at);
        let part = |(start, end): (usize, usize)| self.walk(&code[start..end], over);
        match root.op {
            CodeOp::Number(number) if number.is_nan() => Err(Missing::Poisoned),
            CodeOp::Number(number) => Ok(number),
            CodeOp::Cell(cell, size) => match self.read_over(cell, over) {
                Value::Number(number) => finite(number * size, root.span, Fault::Large),
                Value::NoData => Err(Missing::NoData),
                Value::Error => Err(Missing::Poisoned),
            },
            CodeOp::Negate => Ok(-part(operands()[0])?),
            CodeOp::Not => Ok(1.0 - part(operands()[0])?),
            CodeOp::Binary(binary) => {
                let operands = operands();
                let left = part(operands[0])?;
                match binary {
                    Binary::And if left == 0.0 => Ok(0.0),
                    Binary::Or if left != 0.0 => Ok(1.0),
                    _ => binary_walked(binary, left, part(operands[1])?, root.span),
                }
            }
            CodeOp::Call(function, _) => {
                self.walk_call(code, function, &operands(), root.span, over)
            }
            CodeOp::RangeMean(_) => {
                let ends = operands().into_iter().map(part).collect::<Result<Vec<_>, _>>()?;
                let mean = estimate::mean(&ends);
                mean.ok_or(Missing::Fault(root.span, Fault::RangeOrder))
            }
        }
    }

    fn walk_call(
        &self,
        code: &[Code],
        function: Function,
        operands: &[(usize, usize)],
        span: Span,
        over: Over,
    ) -> Walked {
        let part = |(start, end): (usize, usize)| self.walk(&code[start..end], over);
        if function == Function::If {
            let condition = part(operands[0])?;
            return part(if condition != 0.0 { operands[1] } else { operands[2] });
        }
        let skips =
            matches!(function, Function::Sum | Function::Mean | Function::Median | Function::Count);
        let mut arguments = Vec::with_capacity(operands.len());
        for operand in operands {
            match part(*operand) {
                Ok(number) => arguments.push(number),
                Err(Missing::NoData) if skips => {}
                Err(missing) => return Err(missing),
            }
        }
        if arguments.is_empty() && matches!(function, Function::Mean | Function::Median) {
            return Err(Missing::NoData);
        }
        let first = arguments.first().copied().unwrap_or(0.0);
        let fault = match function {
            Function::Sqrt if first < 0.0 => Fault::Root,
            Function::Ln | Function::Log10 if first <= 0.0 => Fault::Logarithm,
            Function::Mod if arguments.get(1) == Some(&0.0) => Fault::Remainder,
            _ => Fault::Large,
        };
        finite(apply(function, &arguments), span, fault)
    }
}

fn binary_walked(binary: Binary, left: f64, right: f64, span: Span) -> Walked {
    let fault = match binary {
        Binary::Divide if right == 0.0 => Fault::DivisionByZero,
        Binary::Power if left <= 0.0 => Fault::Power,
        _ => Fault::Large,
    };
    finite(binary_of(binary, left, right), span, fault)
}

fn finite(number: f64, span: Span, fault: Fault) -> Walked {
    if number.is_finite() { Ok(number) } else { Err(Missing::Fault(span, fault)) }
}
