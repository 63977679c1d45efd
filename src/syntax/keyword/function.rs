//! The functions of formulas.

/// A function of formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// The least argument.
    Min,
    /// The greatest argument.
    Max,
    /// The first argument, kept within the other two.
    Clamp,
    /// The second argument where the first is true, else the third; lazy.
    If,
    /// The size without sign.
    Abs,
    /// Half away from zero, to a number of digits.
    Round,
    /// The next whole number below.
    Floor,
    /// The next whole number above.
    Ceil,
    /// The square root.
    Sqrt,
    /// e to the power.
    Exp,
    /// The natural logarithm.
    Ln,
    /// The decimal logarithm.
    Log10,
    /// The remainder, with the sign of the divisor.
    Mod,
    /// The sum of the arguments that have data.
    Sum,
    /// Their mean.
    Mean,
    /// Their median.
    Median,
    /// How many arguments have data.
    Count,
}

/// A function's row: its word, how many arguments it takes, and what it does.
#[derive(Debug)]
pub struct FunctionEntry {
    /// The function.
    pub function: Function,
    /// Its word.
    pub word: &'static str,
    /// The fewest arguments.
    pub least: usize,
    /// The most arguments.
    pub most: usize,
    /// How it is written.
    pub usage: &'static str,
    /// What it gives.
    pub doc: &'static str,
}

const fn function(
    function: Function,
    word: &'static str,
    least: usize,
    most: usize,
    usage: &'static str,
    doc: &'static str,
) -> FunctionEntry {
    FunctionEntry { function, word, least, most, usage, doc }
}

/// Every function of formulas.
pub const FUNCTIONS: &[FunctionEntry] = &[
    function(Function::Min, "min", 1, usize::MAX, "min(a, b, …)", "the least"),
    function(Function::Max, "max", 1, usize::MAX, "max(a, b, …)", "the greatest"),
    function(Function::Clamp, "clamp", 3, 3, "clamp(x, low, high)", "x, kept within low and high"),
    function(Function::If, "if", 3, 3, "if(condition, a, b)", "a where it is true, else b; lazy"),
    function(Function::Abs, "abs", 1, 1, "abs(x)", "without its sign"),
    function(Function::Round, "round", 1, 2, "round(x, digits)", "half away from zero"),
    function(Function::Floor, "floor", 1, 1, "floor(x)", "the next whole number below"),
    function(Function::Ceil, "ceil", 1, 1, "ceil(x)", "the next whole number above"),
    function(Function::Sqrt, "sqrt", 1, 1, "sqrt(x)", "the square root"),
    function(Function::Exp, "exp", 1, 1, "exp(x)", "e to the power of x"),
    function(Function::Ln, "ln", 1, 1, "ln(x)", "the natural logarithm"),
    function(Function::Log10, "log10", 1, 1, "log10(x)", "the decimal logarithm"),
    function(Function::Mod, "mod", 2, 2, "mod(a, b)", "the remainder, with the sign of b"),
    function(Function::Sum, "sum", 1, usize::MAX, "sum(a, b, …)", "the sum of those with data"),
    function(Function::Mean, "mean", 1, usize::MAX, "mean(a, b, …)", "the mean of those with data"),
    function(Function::Median, "median", 1, usize::MAX, "median(a, b, …)", "the median, likewise"),
    function(Function::Count, "count", 1, usize::MAX, "count(a, b, …)", "how many have data"),
];

impl Function {
    /// The function's row.
    pub fn entry(self) -> &'static FunctionEntry {
        &FUNCTIONS[self as usize]
    }

    /// The function of a word.
    pub fn from_word(word: &str) -> Option<Function> {
        FUNCTIONS.iter().find(|entry| entry.word == word).map(|entry| entry.function)
    }
}
