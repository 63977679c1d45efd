//! Formulas at work: templates of evalexpr trees, lowered to straight-line code over columns.
//!
//! Formulas of one shape share a template: the cells and numbers that they name are its slots. A
//! template's text is normalised so that evalexpr's meaning is ours: every number comes through a
//! slot and is a float, every operator is in parentheses, and all but `+ - *` are functions of ours.
//! A part that is no finite number makes the result a NaN; [`super::walk`] then says what happened.

pub(super) use super::function::{apply, binary_of};
use super::notation::{ours, write_text};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Code, CodeOp};
use crate::syntax::keyword::Function;
use crate::syntax::tree::Binary;
use evalexpr::{
    Context, EvalexprError, EvalexprResult, Node, Operator, Value as Evaluated, build_operator_tree,
};
use rustc_hash::FxHashMap;

/// How many rows a block of columns has.
pub(super) const BLOCK: usize = 1024;

/// What a slot of a template is filled with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Slot {
    /// A number.
    Number(f64),
    /// A cell with a column, times the size of its unit.
    Column(Field, u32, f64),
    /// A cell that is computed when it is read, times the size of its unit.
    Read(Cell, f64),
}

/// An operation that is ours rather than evalexpr's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ours {
    Binary(Binary),
    Function(Function),
    Not,
    RangeMean,
}

/// A step of lowered code, on a stack of columns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Load(u32),
    Add,
    Subtract,
    Multiply,
    Negate,
    Ours(Ours, u32),
}

/// The shape of a formula: evalexpr's tree and the code lowered from it.
#[derive(Debug)]
pub struct Template {
    tree: Node,
    steps: Vec<Step>,
    slots: usize,
    depth: usize,
}

/// All templates of an engine, by their text.
#[derive(Debug, Default)]
pub(super) struct Templates {
    list: Vec<Template>,
    by_text: FxHashMap<String, u32>,
    text: String,
}

impl Templates {
    /// The template of a formula's code, and what fills its slots.
    ///
    /// `None` if evalexpr cannot read the text, which the limits of the language rule out.
    pub fn of(
        &mut self,
        code: &[Code],
        slots: &mut Vec<Slot>,
        slot: impl Fn(Cell, f64) -> Slot,
    ) -> Option<u32> {
        let first = slots.len();
        for step in code {
            match step.op {
                CodeOp::Number(number) => slots.push(Slot::Number(number)),
                CodeOp::Cell(cell, size) => slots.push(slot(cell, size)),
                _ => {}
            }
        }
        self.text.clear();
        write_text(code, &mut self.text);
        if let Some(&index) = self.by_text.get(&self.text) {
            return Some(index);
        }
        let template = Template::new(&self.text, slots.len() - first)?;
        self.list.push(template);
        let index = self.list.len() as u32 - 1;
        self.by_text.insert(self.text.clone(), index);
        Some(index)
    }

    pub fn get(&self, index: u32) -> &Template {
        &self.list[index as usize]
    }
}

impl Template {
    /// The template of a formula's code; see [`crate::plan::Plan::steps`]. Its slots are the code's
    /// numbers and cells, in order. `None` if evalexpr cannot read its text, which the limits of the
    /// language rule out.
    pub fn of_code(code: &[Code]) -> Option<Self> {
        let is_slot = |step: &&Code| matches!(step.op, CodeOp::Number(_) | CodeOp::Cell(..));
        let mut text = String::new();
        write_text(code, &mut text);
        Self::new(&text, code.iter().filter(is_slot).count())
    }

    fn new(text: &str, slots: usize) -> Option<Self> {
        let tree = build_operator_tree(text).ok()?;
        let mut steps = Vec::new();
        lower(&tree, &mut steps)?;
        let (mut depth, mut deepest) = (0_usize, 0);
        for step in &steps {
            depth = match step {
                Step::Load(_) => depth + 1,
                Step::Negate => depth,
                Step::Ours(_, count) => depth + 1 - *count as usize,
                _ => depth - 1,
            };
            deepest = deepest.max(depth);
        }
        Some(Self { tree, steps, slots, depth: deepest })
    }

    /// How many slots it has.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The result of one formula by the lowered code; a NaN if any part is no finite number.
    pub fn run(&self, slots: &[f64], stack: &mut Vec<f64>) -> f64 {
        stack.clear();
        for step in &self.steps {
            run_step(*step, slots, stack);
        }
        match stack.pop() {
            Some(result) if result.is_finite() => result,
            _ => f64::NAN,
        }
    }

    /// The result of one formula by evalexpr itself.
    pub fn evaluate(&self, slots: &[f64]) -> f64 {
        let context = Slots { values: slots.iter().map(|it| Evaluated::Float(*it)).collect() };
        match self.tree.eval_number_with_context(&context) {
            Ok(result) if result.is_finite() => result,
            _ => f64::NAN,
        }
    }

    /// The results of up to 1,024 formulas at once. `load` fills a column with a slot of each
    /// row.
    pub fn run_block(
        &self,
        rows: usize,
        buffer: &mut Vec<f64>,
        mut load: impl FnMut(usize, &mut [f64]),
        results: &mut [f64],
    ) {
        buffer.resize((self.depth.max(1)) * BLOCK, 0.0);
        let mut top = 0;
        for step in &self.steps {
            match *step {
                Step::Load(slot) => {
                    load(slot as usize, &mut buffer[top * BLOCK..top * BLOCK + rows]);
                    top += 1;
                }
                Step::Negate => {
                    for value in &mut buffer[(top - 1) * BLOCK..][..rows] {
                        *value = -*value;
                    }
                }
                Step::Ours(ours, count) => {
                    top -= count as usize;
                    block_call(ours, count as usize, rows, &mut buffer[top * BLOCK..]);
                    top += 1;
                }
                arithmetic => {
                    top -= 1;
                    let (left, right) = buffer[(top - 1) * BLOCK..].split_at_mut(BLOCK);
                    block_arithmetic(arithmetic, &mut left[..rows], &right[..rows]);
                }
            }
        }
        for (result, value) in results[..rows].iter_mut().zip(&buffer[..rows]) {
            *result = if value.is_finite() { *value } else { f64::NAN };
        }
    }
}

fn run_step(step: Step, slots: &[f64], stack: &mut Vec<f64>) {
    match step {
        Step::Load(slot) => stack.push(slots[slot as usize]),
        Step::Negate => {
            if let Some(value) = stack.last_mut() {
                *value = -*value;
            }
        }
        Step::Ours(ours, count) => {
            let first = stack.len() - count as usize;
            let result = call(ours, &stack[first..]);
            stack.truncate(first);
            stack.push(result);
        }
        arithmetic => {
            if let (Some(right), Some(left)) = (stack.pop(), stack.last_mut()) {
                *left = arithmetic_of(arithmetic, *left, right);
            }
        }
    }
}

fn arithmetic_of(step: Step, left: f64, right: f64) -> f64 {
    match step {
        Step::Add => left + right,
        Step::Subtract => left - right,
        _ => left * right,
    }
}

fn block_arithmetic(step: Step, left: &mut [f64], right: &[f64]) {
    let pairs = left.iter_mut().zip(right);
    match step {
        Step::Add => pairs.for_each(|(left, right)| *left += right),
        Step::Subtract => pairs.for_each(|(left, right)| *left -= right),
        _ => pairs.for_each(|(left, right)| *left *= right),
    }
}

/// A function of ours on columns: the first column takes the result.
fn block_call(ours: Ours, count: usize, rows: usize, columns: &mut [f64]) {
    if let (Ours::Binary(Binary::Divide), 2) = (ours, count) {
        let (left, right) = columns.split_at_mut(BLOCK);
        for (left, right) in left[..rows].iter_mut().zip(&right[..rows]) {
            *left = divide(*left, *right);
        }
        return;
    }
    match ours {
        Ours::Function(Function::Max) => return block_fold(count, rows, columns, f64::max),
        Ours::Function(Function::Min) => return block_fold(count, rows, columns, f64::min),
        _ => {}
    }
    let mut arguments = vec![0.0; count];
    for row in 0..rows {
        for (column, argument) in arguments.iter_mut().enumerate() {
            *argument = columns[column * BLOCK + row];
        }
        columns[row] = call(ours, &arguments);
    }
}

/// The first column becomes the pick of each row's values, one after the other, as [`apply`] folds
/// them.
fn block_fold(
    count: usize,
    rows: usize,
    columns: &mut [f64],
    pick: impl Fn(f64, f64) -> f64 + Copy,
) {
    let (first, others) = columns.split_at_mut(BLOCK);
    let sound = |value: f64| if value.is_finite() { value } else { f64::NAN };
    first[..rows].iter_mut().for_each(|value| *value = sound(*value));
    for other in others.chunks(BLOCK).take(count.saturating_sub(1)) {
        for (value, other) in first[..rows].iter_mut().zip(&other[..rows]) {
            let both = value.is_finite() && other.is_finite();
            *value = if both { pick(*value, *other) } else { f64::NAN };
        }
    }
}

fn divide(left: f64, right: f64) -> f64 {
    // An infinite divisor would give a finite result out of a part that is none.
    if right.is_finite() { left / right } else { f64::NAN }
}

/// One of our operations on floats; truths are 1 and 0. A NaN, or an infinity, in gives a NaN out,
/// but for what a lazy operation does not need.
fn call(ours: Ours, arguments: &[f64]) -> f64 {
    match (ours, arguments) {
        (Ours::Binary(Binary::And), [left, right]) => {
            if *left == 0.0 {
                0.0
            } else {
                left * right
            }
        }
        (Ours::Binary(Binary::Or), [left, right]) => match left {
            left if *left == 1.0 => 1.0,
            left if left.is_nan() => f64::NAN,
            _ => *right,
        },
        (Ours::Function(Function::If), [condition, yes, no]) => match condition {
            condition if condition.is_nan() => f64::NAN,
            condition if *condition != 0.0 => *yes,
            _ => *no,
        },
        _ if arguments.iter().any(|argument| !argument.is_finite()) => f64::NAN,
        (Ours::Not, [truth]) => 1.0 - truth,
        (Ours::RangeMean, ends) => crate::estimate::mean(ends).unwrap_or(f64::NAN),
        (Ours::Binary(binary), [left, right]) => binary_of(binary, *left, *right),
        (Ours::Function(function), arguments) => apply(function, arguments),
        _ => f64::NAN,
    }
}

/// Turns evalexpr's tree into postfix steps. The tree is at most 1,000 levels deep.
fn lower(node: &Node, steps: &mut Vec<Step>) -> Option<()> {
    let before = steps.len();
    for child in node.children() {
        lower(child, steps)?;
    }
    let step = match node.operator() {
        Operator::RootNode | Operator::Tuple => return Some(()),
        Operator::VariableIdentifierRead { identifier } => Step::Load(slot_index(identifier)?),
        Operator::Add => Step::Add,
        Operator::Sub => Step::Subtract,
        Operator::Mul => Step::Multiply,
        Operator::Neg => Step::Negate,
        Operator::FunctionIdentifier { identifier } => {
            let operands = count_operands(&steps[before..]);
            Step::Ours(ours(identifier)?, operands)
        }
        _ => return None,
    };
    steps.push(step);
    Some(())
}

/// How many values a run of steps leaves on the stack.
fn count_operands(steps: &[Step]) -> u32 {
    let left = steps.iter().fold(0_i64, |depth, step| match step {
        Step::Load(_) => depth + 1,
        Step::Negate => depth,
        Step::Ours(_, count) => depth + 1 - i64::from(*count),
        _ => depth - 1,
    });
    left as u32
}

fn slot_index(identifier: &str) -> Option<u32> {
    identifier.strip_prefix('v')?.parse().ok()
}

/// evalexpr's view of the slots and of our functions.
struct Slots {
    values: Vec<Evaluated>,
}

impl Context for Slots {
    fn get_value(&self, identifier: &str) -> Option<&Evaluated> {
        self.values.get(slot_index(identifier)? as usize)
    }

    fn call_function(&self, identifier: &str, argument: &Evaluated) -> EvalexprResult<Evaluated> {
        let Some(ours) = ours(identifier) else {
            return Err(EvalexprError::FunctionIdentifierNotFound(identifier.to_owned()));
        };
        let arguments: Vec<f64> = match argument {
            Evaluated::Tuple(tuple) => {
                tuple.iter().map(Evaluated::as_number).collect::<EvalexprResult<_>>()?
            }
            single => vec![single.as_number()?],
        };
        Ok(Evaluated::Float(call(ours, &arguments)))
    }

    fn are_builtin_functions_disabled(&self) -> bool {
        true
    }

    fn set_builtin_functions_disabled(&mut self, _: bool) -> EvalexprResult<()> {
        Ok(())
    }
}
