//! A drawing of lines in braille dots, or in ASCII.

/// Cells of a drawing, the lowest row first.
pub(super) struct Canvas {
    /// Columns.
    pub width: usize,
    rows: usize,
    /// Dots of a cell across and up.
    grain: (usize, usize),
    dots: Vec<u8>,
    marks: Vec<bool>,
}

/// The bits of a braille character by row from below, left and right.
const BITS: [[u8; 2]; 4] = [[0x40, 0x80], [0x04, 0x20], [0x02, 0x10], [0x01, 0x08]];

impl Canvas {
    /// An empty drawing.
    pub fn new(width: usize, rows: usize, braille: bool) -> Self {
        let grain = if braille { (2, 4) } else { (1, 1) };
        let cells = width * rows;
        Self { width, rows, grain, dots: vec![0; cells], marks: vec![false; cells] }
    }

    /// Draws a line from point to point, each a share of the width and of the height; a missing
    /// point leaves a gap.
    pub fn polyline(&mut self, points: impl Iterator<Item = Option<(f64, f64)>>) {
        let mut last = None;
        for point in points {
            let point = point.map(|(x, y)| self.place(x, y));
            if let (Some(from), Some(to)) = (last, point) {
                self.segment(from, to);
            }
            if let Some((x, y)) = point {
                let cell = self.cell(x, y);
                self.marks[cell] = true;
            }
            last = point;
        }
    }

    /// The dot of a point. The heights 0 and 1 are in the middle of the lowest and highest row.
    fn place(&self, x: f64, y: f64) -> (usize, usize) {
        let (across, up) = self.grain;
        let x = x.clamp(0.0, 1.0) * (self.width * across - 1) as f64;
        let y = y.clamp(0.0, 1.0) * ((self.rows - 1) * up) as f64 + (up - 1) as f64 / 2.0;
        (x.round() as usize, y.round() as usize)
    }

    fn cell(&self, x: usize, y: usize) -> usize {
        y / self.grain.1 * self.width + x / self.grain.0
    }

    fn segment(&mut self, from: (usize, usize), to: (usize, usize)) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        let between = |from: usize, to: usize, step: usize| {
            let share = step as f64 / steps as f64;
            (from as f64 + (to as f64 - from as f64) * share).round() as usize
        };
        for step in 0..=steps {
            let (x, y) = (between(from.0, to.0, step), between(from.1, to.1, step));
            let cell = self.cell(x, y);
            self.dots[cell] |= BITS[y % self.grain.1][x % self.grain.0];
        }
    }

    /// What a cell shows; `None` if it is empty.
    pub fn glyph(&self, column: usize, row: usize) -> Option<char> {
        let cell = row * self.width + column;
        let braille = self.grain.1 > 1;
        match (self.marks[cell], self.dots[cell]) {
            (true, _) => Some(if braille { '●' } else { '*' }),
            (false, 0) => None,
            (false, bits) if braille => char::from_u32(0x2800 + u32::from(bits)),
            (false, _) => Some('.'),
        }
    }
}
