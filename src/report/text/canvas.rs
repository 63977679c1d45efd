//! A drawing of a value that holds from one observation to the next, in lines or in ASCII.

/// Cells of a drawing, the lowest row first.
pub(super) struct Canvas {
    /// Columns.
    pub width: usize,
    cells: Vec<Option<char>>,
    signs: &'static Signs,
}

/// What a drawing is drawn with.
struct Signs {
    level: char,
    upright: char,
    /// The corner that a rise leaves below, and a fall above.
    rise: char,
    fall: char,
    mark: char,
}

const LINES: Signs = Signs { level: '─', upright: '│', rise: '╯', fall: '╮', mark: '●' };
const ASCII: Signs = Signs { level: '-', upright: '|', rise: '\'', fall: '.', mark: '*' };

impl Canvas {
    /// An empty drawing.
    pub fn new(width: usize, rows: usize, unicode: bool) -> Self {
        let signs = if unicode { &LINES } else { &ASCII };
        Self { width, cells: vec![None; width * rows], signs }
    }

    /// Draws a value observed at some columns, from left to right; what has no row is a gap. The
    /// last one holds up to the column `end`.
    pub fn steps(&mut self, observed: &[(usize, Option<usize>)], end: usize) {
        let mut last = None;
        for (index, &(column, row)) in observed.iter().enumerate() {
            let Some(row) = row else {
                last = None;
                continue;
            };
            if let Some(last) = last.filter(|&last| last != row) {
                self.upright(column, last, row);
            }
            let until = observed.get(index + 1).map_or(end + 1, |next| next.0);
            (column..until).for_each(|column| self.put(column, row, self.signs.level));
            self.put(column, row, self.signs.mark);
            last = Some(row);
        }
    }

    fn upright(&mut self, column: usize, from: usize, to: usize) {
        for row in from.min(to)..from.max(to) {
            self.put(column, row, self.signs.upright);
        }
        let corner = if from < to { self.signs.rise } else { self.signs.fall };
        self.put(column, from, corner);
    }

    fn put(&mut self, column: usize, row: usize, sign: char) {
        if let Some(cell) = self.cells.get_mut(row * self.width + column.min(self.width - 1)) {
            *cell = Some(sign);
        }
    }

    /// What a cell shows; `None` if it is empty.
    pub fn glyph(&self, column: usize, row: usize) -> Option<char> {
        self.cells[row * self.width + column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(observed: &[(usize, Option<usize>)], unicode: bool) -> String {
        let mut canvas = Canvas::new(12, 4, unicode);
        canvas.steps(observed, 10);
        let row = |row| (0..12).map(|column| canvas.glyph(column, row).unwrap_or(' ')).collect();
        let rows: Vec<String> = (0..4).rev().map(row).collect();
        rows.iter().map(|row| format!("{}\n", row.trim_end())).collect()
    }

    #[test]
    fn a_value_holds_until_the_next() {
        let observed = [(0, Some(0)), (3, Some(3)), (5, Some(3)), (8, Some(2))];
        assert_eq!(drawn(&observed, true), "   ●─●──╮\n   │    ●──\n   │\n●──╯\n");
        assert_eq!(drawn(&observed, false), "   *-*--.\n   |    *--\n   |\n*--'\n");
    }

    #[test]
    fn what_is_missing_is_a_gap() {
        let observed = [(0, None), (2, Some(1)), (4, None), (6, Some(2))];
        assert_eq!(drawn(&observed, true), "\n      ●────\n  ●─\n\n");
    }
}
