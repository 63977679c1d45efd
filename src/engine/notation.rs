//! How postfix code is written for evalexpr, and how the names in that are read back.

use super::formula::Ours;
use crate::plan::model::{Code, CodeOp};
use crate::syntax::keyword::Function;
use crate::syntax::tree::Binary;
use std::fmt::Write;

/// Writes normalised text for postfix code: `lt((v0 + v1), v2)`. Operands are written where they
/// begin, so that no tree is built and nothing recurses.
pub(super) fn write_text(code: &[Code], text: &mut String) {
    let mut pending: Vec<Open> = Vec::new();
    let mut slot = 0;
    let mut at = code.len();
    // Walk the prefix order: the root is last, and its operands lie before it, first operand first.
    let mut ranges: Vec<(usize, usize)> = vec![(0, at)];
    while let Some((start, end)) = ranges.pop() {
        at = end - 1;
        let step = &code[at];
        match step.op {
            CodeOp::Number(_) | CodeOp::Cell(..) => {
                let _ = write!(text, "v{slot}");
                slot += 1;
                close_finished(&mut pending, text);
            }
            op => {
                let (open, between, close) = notation(op);
                text.push_str(open);
                let operands = operand_ranges(code, start, at);
                pending.push(Open { left: operands.len(), between, close });
                ranges.extend(operands.into_iter().rev());
                // A call without operands cannot occur: every function takes one at least.
            }
        }
    }
}

/// An operation whose operands are being written.
struct Open {
    left: usize,
    between: &'static str,
    close: &'static str,
}

fn close_finished(pending: &mut Vec<Open>, text: &mut String) {
    while let Some(open) = pending.last_mut() {
        open.left -= 1;
        if open.left > 0 {
            text.push_str(open.between);
            return;
        }
        text.push_str(open.close);
        pending.pop();
    }
}

/// The half-open ranges of the operands of the operation at `at`, first operand first.
pub(super) fn operand_ranges(code: &[Code], start: usize, at: usize) -> Vec<(usize, usize)> {
    let mut ranges = Vec::with_capacity(2);
    let mut end = at;
    while end > start {
        let from = end - code[end - 1].steps as usize;
        ranges.push((from, end));
        end = from;
    }
    ranges.reverse();
    ranges
}

/// How an operation is written: what opens it, what stands between operands, what closes it.
fn notation(op: CodeOp) -> (&'static str, &'static str, &'static str) {
    match op {
        CodeOp::Binary(Binary::Add) => ("(", " + ", ")"),
        CodeOp::Binary(Binary::Subtract) => ("(", " - ", ")"),
        CodeOp::Binary(Binary::Multiply) => ("(", " * ", ")"),
        CodeOp::Negate => ("(-", "", ")"),
        CodeOp::Not => ("not_(", ", ", ")"),
        CodeOp::RangeMean(_) => ("range_mean_(", ", ", ")"),
        CodeOp::Binary(binary) => (binary_name(binary), ", ", ")"),
        CodeOp::Call(function, _) => (function_name(function), ", ", ")"),
        CodeOp::Number(_) | CodeOp::Cell(..) => ("", "", ""),
    }
}

macro_rules! names {
    ($($kind:ident $name:ident $text:literal)*) => {
        const fn binary_name(binary: Binary) -> &'static str {
            $(names!(@binary $kind $name binary $text);)*
            let _ = binary;
            ""
        }

        const fn function_name(function: Function) -> &'static str {
            $(names!(@function $kind $name function $text);)*
            let _ = function;
            ""
        }

        pub(super) fn ours(name: &str) -> Option<Ours> {
            match name {
                $(names!(@key $text) => Some(Ours::$kind($kind::$name)),)*
                "not_" => Some(Ours::Not),
                "range_mean_" => Some(Ours::RangeMean),
                _ => None,
            }
        }
    };
    (@binary Binary $name:ident $value:ident $text:literal) => {
        if matches!($value, Binary::$name) { return concat!($text, "("); }
    };
    (@binary Function $name:ident $value:ident $text:literal) => {};
    (@function Function $name:ident $value:ident $text:literal) => {
        if matches!($value, Function::$name) { return concat!($text, "("); }
    };
    (@function Binary $name:ident $value:ident $text:literal) => {};
    (@key $text:literal) => { $text };
}

names! {
    Binary Or "or_"
    Binary And "and_"
    Binary Less "less_"
    Binary AtMost "at_most_"
    Binary Greater "greater_"
    Binary AtLeast "at_least_"
    Binary Equal "equal_"
    Binary Unequal "unequal_"
    Binary Divide "divide_"
    Binary Power "power_"
    Function Min "min_"
    Function Max "max_"
    Function Clamp "clamp_"
    Function If "if_"
    Function Abs "abs_"
    Function Round "round_"
    Function Floor "floor_"
    Function Ceil "ceil_"
    Function Sqrt "sqrt_"
    Function Exp "exp_"
    Function Ln "ln_"
    Function Log10 "log10_"
    Function Mod "mod_"
    Function Sum "sum_"
    Function Mean "mean_"
    Function Median "median_"
    Function Count "count_"
}
