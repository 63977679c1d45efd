//! The formula of `expressions.rs` by hand over columns, in blocks of 1,024 rows.
//!
//! Once as a machine for lowered formulas would run it, one operation after the other over a whole
//! block, and once with all operations in one loop, which only a compiler could reach.

/// Rows that are worked through at a time: a column of a block is 8 KB, so that the few which a
/// formula needs at once stay in the second cache at worst.
const BLOCK: usize = 1024;

type Block = [f64; BLOCK];

/// The cells that the formula reads, a column each, and its results.
pub struct Columns {
    cells: Vec<[Block; 4]>,
    results: Vec<Block>,
    /// Between two operations.
    registers: [Block; 3],
}

impl Columns {
    /// So many blocks of rows, no two alike.
    pub fn new(blocks: usize) -> Self {
        let block = |block| std::array::from_fn(|cell| block_of(block, cell));
        Self {
            cells: (0..blocks).map(block).collect(),
            results: vec![[0.0; BLOCK]; blocks],
            registers: [[0.0; BLOCK]; 3],
        }
    }

    /// The rows of all blocks.
    pub fn rows(&self) -> usize {
        self.cells.len() * BLOCK
    }

    /// `max(a * 1.3, b + 20, c * d)`, five operations over each block.
    pub fn by_operation(&mut self) {
        let [first, second, third] = &mut self.registers;
        for ([a, b, c, d], result) in self.cells.iter().zip(&mut self.results) {
            scale(first, a, 1.3);
            shift(second, b, 20.0);
            combine(third, first, second, f64::max);
            combine(first, c, d, |c, d| c * d);
            combine(result, third, first, f64::max);
        }
    }

    /// The same in one loop.
    pub fn fused(&mut self) {
        for ([a, b, c, d], result) in self.cells.iter().zip(&mut self.results) {
            for row in 0..BLOCK {
                result[row] = (a[row] * 1.3).max(b[row] + 20.0).max(c[row] * d[row]);
            }
        }
    }
}

/// A column of made-up values.
fn block_of(block: usize, cell: usize) -> Block {
    std::array::from_fn(|row| ((block * 31 + cell * 7 + row * 13) % 997) as f64)
}

fn scale(to: &mut Block, from: &Block, factor: f64) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from * factor;
    }
}

fn shift(to: &mut Block, from: &Block, by: f64) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from + by;
    }
}

fn combine(to: &mut Block, left: &Block, right: &Block, operation: impl Fn(f64, f64) -> f64) {
    for ((to, left), right) in to.iter_mut().zip(left).zip(right) {
        *to = operation(*left, *right);
    }
}
