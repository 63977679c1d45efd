//! What is sought, in the words of the language: `CELL >= V`, and the ends of a span.

use super::search_line::Goal;
use crate::diagnostic::Problem;
use crate::engine::{Engine, Options};
use crate::plan::cell::Cell;
use crate::plan::model::{Amount, Change, Plan};
use crate::plan::{self};
use crate::quantity::MAGNITUDES;
use crate::source::FileId;
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::Binary;
use std::sync::Arc;

/// What is sought, read in a plan.
#[derive(Debug)]
pub struct Asked {
    /// The plan, with a scenario more that holds what was typed; it is never in force.
    pub plan: Arc<Plan>,
    /// The cell that is to reach a value.
    pub cell: Cell,
    /// The value.
    pub goal: Goal,
    /// The ends of the span that was typed.
    pub within: Option<(f64, f64)>,
}

/// Why what was typed cannot be sought.
#[derive(Debug)]
pub enum Wrong {
    /// What is wrong with it, and the plan to show it in.
    Problems(Box<Plan>, Vec<Problem>),
    /// It leads nowhere in this plan, in words.
    Plan(String),
    /// It is not of the form that is asked for, in words.
    Usage(String),
}

/// Reads `CELL >= V` and, for the input `by`, `LOW .. HIGH`, as the parser reads them in a plan.
///
/// # Errors
///
/// If a name, a unit or the form is wrong.
pub fn read(
    plan: &Plan,
    options: Options,
    goal: &str,
    by: &str,
    within: Option<&str>,
) -> Result<Asked, Wrong> {
    let ends = within.map(ends).transpose()?;
    let id = plan.names.free("seek");
    let mut text = format!("scenario {id} \"\" {{\n  assert {}\n", goal.trim());
    for end in ends.iter().flat_map(|(low, high)| [low, high]) {
        text.push_str(&format!("  set {by} = {end}\n"));
    }
    text.push_str("}\n");
    let loaded = plan::load_with(&plan.sources, "<seek>", &text)
        .map_err(|error| Wrong::Plan(error.to_string()))?;
    let typed = loaded.trees.last().map(|tree| tree.statements.as_slice()).unwrap_or_default();
    let alone = matches!(typed, [only] if only.keyword == Keyword::Scenario);
    let file = FileId(loaded.trees.len() as u32 - 1);
    let (plan, problems) = plan::resolve(loaded);
    let new = |problem: &Problem| problem.is_error() && problem.place.file == file;
    let problems: Vec<Problem> = problems.into_iter().filter(new).collect();
    if !problems.is_empty() {
        return Err(Wrong::Problems(Box::new(plan), problems));
    }
    let plan = Arc::new(plan);
    let wanted = if ends.is_some() { 2 } else { 0 };
    let Some(scenario) = plan.scenarios.last().filter(|_| alone) else { return Err(not_a_goal()) };
    let ([assertion], true) = (&scenario.assertions[..], scenario.lines.len() == wanted) else {
        return Err(not_a_goal());
    };
    let engine = Engine::new(Arc::clone(&plan), options);
    let compared = assertion.formula.and_then(|formula| engine.compared(formula));
    let Some(compared) = compared else { return Err(not_a_goal()) };
    let at_least = match compared.sign {
        Binary::AtLeast => true,
        Binary::AtMost => false,
        _ => return Err(not_a_goal()),
    };
    let Some(value) = compared.value else {
        let message = "the value on the right of the comparison has no data, or is wrong";
        return Err(Wrong::Plan(message.into()));
    };
    let within = match scenario.lines[..] {
        [(Change::Set(_, low), _), (Change::Set(_, high), _)] => {
            Some(span(low.amount, high.amount)?)
        }
        _ if wanted == 2 => return Err(not_a_span()),
        _ => None,
    };
    let goal = Goal { at_least, value };
    Ok(Asked { cell: compared.cell, goal, within, plan: Arc::clone(&plan) })
}

fn not_a_goal() -> Wrong {
    let message = "what is sought is a cell compared with a value: `speed.projected_grade >= 0.7`, \
                   or `<=`";
    Wrong::Usage(message.into())
}

fn not_a_span() -> Wrong {
    Wrong::Usage("`--within` takes two numbers, the lower one first: `--within 2 .. 8`".into())
}

fn span(low: Amount, high: Amount) -> Result<(f64, f64), Wrong> {
    match (low, high) {
        (Amount::Number(low), Amount::Number(high)) if low < high => Ok((low, high)),
        _ => Err(not_a_span()),
    }
}

/// The texts of both ends; a bare low one takes the unit of the high one.
fn ends(text: &str) -> Result<(String, String), Wrong> {
    let Some((low, high)) = text.split_once("..") else { return Err(not_a_span()) };
    let (low, high) = (low.trim(), high.trim());
    if low.is_empty() || high.is_empty() || high.contains("..") {
        return Err(not_a_span());
    }
    let bare = low.parse::<f64>().is_ok_and(|low| low != 0.0);
    let low = if bare { format!("{low}{}", unit(high)) } else { low.to_owned() };
    Ok((low, high.to_owned()))
}

/// The unit of a number, with what stands before it: `%`, ` ms`.
fn unit(number: &str) -> &str {
    let digit = |it: char| it.is_ascii_digit() || ['.', '_', '-'].contains(&it);
    let rest = number.trim_start_matches(digit);
    let first = rest.split_whitespace().next().unwrap_or_default();
    match MAGNITUDES.iter().any(|(sign, _)| *sign == first) && !rest.starts_with(' ') {
        true => &rest[first.len()..],
        false => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_low_end_takes_the_unit() {
        let both = |text| ends(text).expect("two ends");
        assert_eq!(both("8..16 pw"), ("8 pw".into(), "16 pw".into()));
        assert_eq!(both("10 .. 60%"), ("10%".into(), "60%".into()));
        assert_eq!(both("1 .. 4M EUR"), ("1 EUR".into(), "4M EUR".into()));
        assert_eq!(both("0 .. 4k"), ("0".into(), "4k".into()));
        assert_eq!(both("-5 .. 5"), ("-5".into(), "5".into()));
        assert!(ends("5").is_err() && ends("1 .. 2 .. 3").is_err() && ends(".. 3").is_err());
    }
}
