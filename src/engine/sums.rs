//! What is added up for means. A wide sum is a tree with blocks of 8, its shape given by the number of
//! members alone: a change of one member adds up a few blocks again, and gives the same bits as adding
//! all.

use super::store::Value;

/// How many summands a block has: so few that a change touches little memory.
const BLOCK: usize = 8;
/// From how many members on a mean has a tree of sums.
pub(super) const WIDE: usize = 33;

/// What is added up for a mean: the joint one, that of the committed and of the aspirational key
/// results; each Σ weight × grade and Σ weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub joint: [f64; 2],
    pub committed: [f64; 2],
    pub aspirational: [f64; 2],
    /// Members that are wrong.
    pub wrong: f64,
}

impl Sums {
    #[inline]
    pub fn add(&mut self, other: &Sums) {
        for (sum, term) in [
            (&mut self.joint, &other.joint),
            (&mut self.committed, &other.committed),
            (&mut self.aspirational, &other.aspirational),
        ] {
            sum[0] += term[0];
            sum[1] += term[1];
        }
        self.wrong += other.wrong;
    }

    /// What a member without a number adds: nothing, or that it is wrong.
    pub fn of_missing(mut self, value: Value) -> Sums {
        match value {
            Value::NoData => {}
            _ => self.wrong = 1.0,
        }
        self
    }
}

/// Sums of blocks, level by level, up to one.
#[derive(Debug, Default)]
pub(super) struct Wide {
    sums: Vec<Sums>,
}

impl Wide {
    pub fn new(count: usize, term: impl Fn(usize) -> Sums) -> Self {
        let mut wide = Wide::default();
        for level in levels(count) {
            for block in 0..level.blocks {
                let sum = wide.block(level, block, &term);
                wide.sums.push(sum);
            }
        }
        wide
    }

    /// The sum of a block of a level; the lowest adds up the members themselves.
    fn block(&self, level: Level, block: usize, term: &impl Fn(usize) -> Sums) -> Sums {
        let members = block * BLOCK..((block + 1) * BLOCK).min(level.width);
        let mut sum = Sums::default();
        match level.below {
            None => members.for_each(|member| sum.add(&term(member))),
            Some(below) => {
                self.sums[below + members.start..below + members.end]
                    .iter()
                    .for_each(|it| sum.add(it));
            }
        }
        sum
    }

    pub fn update(&mut self, member: usize, count: usize, term: impl Fn(usize) -> Sums) {
        let mut at = member;
        for level in levels(count) {
            at /= BLOCK;
            self.sums[level.start + at] = self.block(level, at, &term);
        }
    }

    pub fn total(&self) -> Sums {
        self.sums.last().copied().unwrap_or_default()
    }
}

/// A level of a tree of sums.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// How many summands it adds up, and in how many blocks.
    width: usize,
    blocks: usize,
    /// Where its sums begin, and where those of the level below.
    start: usize,
    below: Option<usize>,
}

/// The levels of a tree of sums over so many members, from the lowest up.
fn levels(count: usize) -> impl Iterator<Item = Level> {
    let level = |width: usize, start, below| {
        let blocks = width.div_ceil(BLOCK).max(1);
        Level { width, blocks, start, below }
    };
    std::iter::successors(Some(level(count, 0, None)), move |it| {
        (it.blocks > 1).then(|| level(it.blocks, it.start + it.blocks, Some(it.start)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_gives_the_bits_of_a_fresh_sum() {
        let mut values: Vec<f64> = (0..5000).map(|it| 1.0 / (it as f64 + 3.0)).collect();
        let term = |values: &[f64], at: usize| Sums { joint: [values[at], 1.0], ..Sums::default() };
        let mut wide = Wide::new(values.len(), |at| term(&values, at));
        for at in [0, 31, 32, 1023, 1024, 4999] {
            values[at] += 0.123;
            wide.update(at, values.len(), |at| term(&values, at));
            let fresh = Wide::new(values.len(), |at| term(&values, at));
            assert_eq!(wide.total(), fresh.total());
        }
        assert_eq!(wide.total().joint[1], 5000.0);
    }
}
