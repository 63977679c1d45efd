//! Bars and sparklines.

use super::line::Line;
use super::style::{Ink, Style};

/// The blocks of a sparkline, low to high.
const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Puts a bar of so many cells on the line: the filled part in the ink, the rest dim. A bar is full
/// only at 1 and empty only at 0.
pub fn put_bar(line: &mut Line, style: &Style, value: f64, cells: usize, ink: Ink) {
    let filled = filled(value, cells);
    let rest = cells - filled;
    line.put_own(ink, &style.pick("■", "#").repeat(filled), filled);
    line.put_own(Ink::Dim, &style.pick("□", "-").repeat(rest), rest);
}

fn filled(value: f64, cells: usize) -> usize {
    if value <= 0.0 || value >= 1.0 || cells < 2 {
        return if value >= 1.0 { cells } else { 0 };
    }
    ((value * cells as f64).round() as usize).clamp(1, cells - 1)
}

/// The grades as a row of blocks, of at most so many cells: where there are more grades, each cell
/// shows the last one of its share. In ASCII a cell is the grade's tenth, `9` for 0.9 and above.
pub fn sparkline(grades: &[Option<f64>], cells: usize, style: &Style) -> String {
    let cells = cells.min(grades.len());
    (1..=cells).map(|cell| spark(grades[cell * grades.len() / cells - 1], style)).collect()
}

fn spark(grade: Option<f64>, style: &Style) -> &'static str {
    const TENTHS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let Some(grade) = grade else { return style.pick("·", ".") };
    if style.unicode {
        BLOCKS[(grade * 8.0).clamp(0.0, 7.0) as usize]
    } else {
        TENTHS[(grade * 10.0 + 1e-9).clamp(0.0, 9.0) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_and_empty_only_at_the_ends() {
        let cells = [-1.0, 0.0, 0.01, 0.5, 0.99, 1.0, 7.0].map(|value| filled(value, 8));
        assert_eq!(cells, [0, 0, 1, 4, 7, 8, 8]);
        assert_eq!(filled(0.9, 0), 0);
    }

    #[test]
    fn a_sparkline_shows_the_last_of_each_share() {
        let style = Style::default();
        let grades = [None, Some(0.0), Some(0.5), Some(1.0)];
        assert_eq!(sparkline(&grades, 10, &style), "·▁▅█");
        assert_eq!(sparkline(&grades, 2, &style), "▁█");
        assert_eq!(sparkline(&grades, 4, &Style { unicode: false, ..style }), ".059");
        assert_eq!(sparkline(&[], 4, &style), "");
    }
}
