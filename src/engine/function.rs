//! What operators and functions give for finite numbers: one meaning for every way to evaluate.

use crate::syntax::keyword::Function;
use crate::syntax::tree::Binary;

/// An operation of two finite numbers; truths are 1 and 0.
pub(super) fn binary_of(binary: Binary, left: f64, right: f64) -> f64 {
    let truth = |truth: bool| if truth { 1.0 } else { 0.0 };
    match binary {
        Binary::Or => truth(left != 0.0 || right != 0.0),
        Binary::And => truth(left != 0.0 && right != 0.0),
        Binary::Less => truth(left < right),
        Binary::AtMost => truth(left <= right),
        Binary::Greater => truth(left > right),
        Binary::AtLeast => truth(left >= right),
        Binary::Equal => truth(left == right),
        Binary::Unequal => truth(left != right),
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Power => libm::pow(left, right),
    }
}

/// A function of finite numbers; what has no finite result gives a NaN or an infinity.
pub(super) fn apply(function: Function, arguments: &[f64]) -> f64 {
    let first = arguments.first().copied().unwrap_or(f64::NAN);
    let second = arguments.get(1).copied();
    match function {
        Function::Min => arguments.iter().copied().fold(f64::INFINITY, f64::min),
        Function::Max => arguments.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Function::Clamp => {
            let third = arguments.get(2).copied().unwrap_or(f64::NAN);
            first.min(third).max(second.unwrap_or(f64::NAN))
        }
        Function::If => f64::NAN,
        Function::Abs => first.abs(),
        Function::Round => round(first, second.unwrap_or(0.0)),
        Function::Floor => first.floor(),
        Function::Ceil => first.ceil(),
        Function::Sqrt => first.sqrt(),
        Function::Exp => libm::exp(first),
        Function::Ln => libm::log(first),
        Function::Log10 => libm::log10(first),
        Function::Mod => remainder(first, second.unwrap_or(f64::NAN)),
        Function::Sum => arguments.iter().sum(),
        Function::Mean if arguments.is_empty() => f64::NAN,
        Function::Mean => arguments.iter().sum::<f64>() / arguments.len() as f64,
        Function::Median => median(arguments),
        Function::Count => arguments.len() as f64,
    }
}

/// Half away from zero, to a number of decimal digits. What is a half but for the last bits of a
/// binary fraction counts as one, as in a spreadsheet.
fn round(value: f64, digits: f64) -> f64 {
    let scale = 10_f64.powi(digits.clamp(-400.0, 400.0).trunc() as i32);
    let scaled = (value * scale).abs();
    if !scaled.is_finite() || scale == 0.0 || scaled >= 4_503_599_627_370_496.0 {
        return if scale == 0.0 { 0.0 } else { value };
    }
    let whole = scaled.floor();
    let up = scaled - whole >= 0.5 - 4.0 * f64::EPSILON * scaled;
    let rounded = (if up { whole + 1.0 } else { whole }).copysign(value);
    // Dividing by a power of ten that is exact rounds once; multiplying by its inverse would not.
    if digits < 0.0 { rounded * 10_f64.powi((-digits).trunc() as i32) } else { rounded / scale }
}

/// The remainder with the sign of the divisor.
fn remainder(value: f64, divisor: f64) -> f64 {
    /// From here on a quotient is no longer exact, nor is what is left.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = (value / divisor).floor();
    let wrong_sign = |rest: f64| rest != 0.0 && (rest < 0.0) != (divisor < 0.0);
    if whole.abs() >= EXACT || !whole.is_finite() {
        let rest = value % divisor;
        return if wrong_sign(rest) { rest + divisor } else { rest };
    }
    let rest = value - divisor * whole;
    // The quotient was rounded up to a whole number: nothing is left.
    if wrong_sign(rest) { 0.0 } else { rest }
}

fn median(arguments: &[f64]) -> f64 {
    let mut sorted = arguments.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}
