//! One formula in evalexpr 11.3.1 alone.
//!
//! The formula is a target of the yardstick's kind, with what it reads in four cells:
//! `max(own * 1.3, other + 20, metric * share)`.

use evalexpr::{
    Context, ContextWithMutableVariables, EvalexprError, EvalexprResult, HashMapContext, Node,
    Value,
};

/// The formula as evalexpr reads it, every literal a float.
pub const FORMULA: &str = "max(a * 1.3, b + 20.0, c * d)";

/// The formula's cells and their values.
const CELLS: [(&str, f64); 4] = [("a", 900.0), ("b", 400.0), ("c", 4.2e6), ("d", 0.0005)];

/// The formula, built.
pub fn tree() -> Node {
    evalexpr::build_operator_tree(FORMULA).expect("the formula of the bench is sound")
}

/// The formula's cells by name.
pub fn named() -> HashMapContext {
    let mut context = HashMapContext::new();
    for (name, value) in CELLS {
        let set = context.set_value(name.into(), Value::Float(value));
        set.expect("a name is set once");
    }
    context
}

/// The formula's cells by position: a name is one letter, which counts from `a`.
pub struct Slots(Vec<Value>);

impl Slots {
    /// The same cells as [`named`] has.
    pub fn new() -> Self {
        Self(CELLS.map(|(_, value)| Value::Float(value)).to_vec())
    }
}

impl Context for Slots {
    fn get_value(&self, identifier: &str) -> Option<&Value> {
        let letter = identifier.bytes().next()?;
        self.0.get(usize::from(letter.wrapping_sub(b'a')))
    }

    fn call_function(&self, identifier: &str, _: &Value) -> EvalexprResult<Value> {
        Err(EvalexprError::FunctionIdentifierNotFound(identifier.into()))
    }

    fn are_builtin_functions_disabled(&self) -> bool {
        false
    }

    fn set_builtin_functions_disabled(&mut self, _: bool) -> EvalexprResult<()> {
        Err(EvalexprError::BuiltinFunctionsCannotBeDisabled)
    }
}
