//! Formulas, flat and in postfix order.

use crate::source::Span;
use crate::syntax::keyword::Function;

/// A formula: its nodes in [`Tree::exprs`](super::Tree::exprs), half-open, in postfix order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Expr {
    /// The first node.
    pub start: u32,
    /// The node after the last; the last is the root.
    pub end: u32,
    /// Its text, parentheses included.
    pub text: Span,
}

/// The unit of a number: 0 is bare, 1 is `%`, the others index [`Tree::units`](super::Tree::units) from 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UnitRef(pub u32);

impl UnitRef {
    /// A bare number.
    pub const BARE: UnitRef = UnitRef(0);
    /// A percentage.
    pub const PERCENT: UnitRef = UnitRef(1);
    /// Where own words begin.
    pub const FIRST_WORD: u32 = 2;
}

/// One node of a formula.
#[derive(Clone, Copy, Debug)]
pub struct ExprNode {
    /// A number or name whole; of an operation its sign, of a call the function's name.
    pub span: Span,
    /// How many nodes it and all below it are.
    pub size: u32,
    /// What it is.
    pub op: Op,
}

/// What a node of a formula is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// A number in its own unit.
    Number(f64, UnitRef),
    /// A cell's name.
    Name,
    /// Unary minus.
    Negate,
    /// `not`
    Not,
    /// An operation of two operands.
    Binary(Binary),
    /// A function of the last so many operands.
    Call(Function, u32),
}

/// An operation of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `or`, lazy
    Or,
    /// `and`, lazy
    And,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

impl Binary {
    /// The sign as written.
    pub const fn sign(self) -> &'static str {
        match self {
            Binary::Or => "or",
            Binary::And => "and",
            Binary::Less => "<",
            Binary::AtMost => "<=",
            Binary::Greater => ">",
            Binary::AtLeast => ">=",
            Binary::Equal => "==",
            Binary::Unequal => "!=",
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Power => "^",
        }
    }

    /// How tightly it binds; more is tighter. `not` stands at 3 and unary minus at 7.
    pub const fn precedence(self) -> u8 {
        match self {
            Binary::Or => 1,
            Binary::And => 2,
            Binary::Less
            | Binary::AtMost
            | Binary::Greater
            | Binary::AtLeast
            | Binary::Equal
            | Binary::Unequal => 4,
            Binary::Add | Binary::Subtract => 5,
            Binary::Multiply | Binary::Divide => 6,
            Binary::Power => 8,
        }
    }

    /// Whether it compares.
    pub const fn compares(self) -> bool {
        self.precedence() == 4
    }
}

/// The nodes of all formulas of a file, each formula contiguous, in postfix order. A file that is
/// read in parts has them in as many arrays.
#[derive(Debug, Default)]
pub struct Exprs {
    parts: Vec<Vec<ExprNode>>,
    /// How many low bits of a node's number count within its part.
    bits: u32,
}

impl Exprs {
    const PART_BITS: u32 = 20;
    /// How many nodes a part of a file may have.
    pub(in crate::syntax) const PART: usize = 1 << Self::PART_BITS;
    /// How many parts a file may have.
    pub(in crate::syntax) const MOST_PARTS: usize = 1 << (32 - Self::PART_BITS);

    /// The nodes of a file that is read in one go.
    pub(in crate::syntax) fn whole(nodes: Vec<ExprNode>) -> Self {
        Self { parts: vec![nodes], bits: 31 }
    }

    /// The nodes of a file that is read in parts.
    pub(in crate::syntax) fn of_parts(parts: Vec<Vec<ExprNode>>) -> Self {
        Self { parts, bits: Self::PART_BITS }
    }

    /// The number of the first node of a part.
    pub(in crate::syntax) fn first_of(part: usize) -> u32 {
        (part << Self::PART_BITS) as u32
    }

    #[inline]
    fn locate(&self, number: u32) -> (&[ExprNode], usize) {
        let part = (number >> self.bits) as usize;
        (&self.parts[part], (number & ((1 << self.bits) - 1)) as usize)
    }

    /// All nodes in file order.
    pub fn iter(&self) -> impl Iterator<Item = &ExprNode> {
        self.parts.iter().flatten()
    }
}

impl Expr {
    /// The nodes of the formula.
    #[inline]
    pub fn nodes(self, exprs: &Exprs) -> &[ExprNode] {
        let (part, first) = exprs.locate(self.start);
        &part[first..first + (self.end - self.start) as usize]
    }

    /// Whether it has no nodes, as a formula that could not be read.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}
