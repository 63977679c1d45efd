//! A table of things by scenarios: one set of rows for the terminal, Markdown and CSV.

use super::csv::Table;
use super::line::Line;
use super::markdown::{Page, escape};
use super::style::{Ink, Style, one_line, width_of};

/// The widest label where there is room.
const WIDEST: usize = 44;
/// The narrowest label that is worth having.
const LEAST: usize = 16;

/// A cell: how it is painted and what it says.
pub type GridCell = (Ink, String);

/// A row.
#[derive(Clone, Debug)]
pub enum GridRow {
    /// A heading over the rows that follow.
    Section(String),
    /// A label, how far it is indented, and a cell for each column.
    Cells(String, usize, Vec<GridCell>),
}

/// A table whose first column is the base that the others are compared with.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The names of the columns.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<GridRow>,
}

impl Grid {
    /// Adds a heading.
    pub fn section(&mut self, text: &str) {
        self.rows.push(GridRow::Section(text.to_owned()));
    }

    /// Adds a row.
    pub fn row(&mut self, label: &str, indent: usize, cells: Vec<GridCell>) {
        self.rows.push(GridRow::Cells(label.to_owned(), indent, cells));
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| match row {
            GridRow::Cells(_, _, cells) => {
                cells.get(column).map(|(_, text)| width_of(&one_line(text)))
            }
            GridRow::Section(_) => None,
        });
        cells.max().unwrap_or(0).max(width_of(&one_line(&self.head[column]))).min(24)
    }

    fn label(&self) -> usize {
        let labels = self.rows.iter().map(|row| match row {
            GridRow::Section(text) => width_of(&one_line(text)),
            GridRow::Cells(label, indent, _) => indent + width_of(&one_line(label)),
        });
        labels.max().unwrap_or(0).clamp(LEAST, WIDEST)
    }

    /// The table for a terminal; what is too wide for it goes on below, with the base once more.
    pub fn text(&self, style: &Style) -> String {
        let widths: Vec<usize> = (0..self.head.len()).map(|column| self.width(column)).collect();
        let mut out = String::new();
        let mut next = 1;
        loop {
            let mut columns: Vec<usize> = (0..self.head.len().min(1)).collect();
            let used = |columns: &[usize]| columns.iter().map(|it| widths[*it] + 2).sum::<usize>();
            while next < self.head.len()
                && (columns.len() < 2 || LEAST + used(&columns) + widths[next] + 2 <= style.width)
            {
                columns.push(next);
                next += 1;
            }
            let room = style.width.saturating_sub(used(&columns)).max(LEAST);
            self.part(&mut out, &columns, &widths, self.label().min(room), style);
            if next >= self.head.len() {
                return out;
            }
        }
    }

    fn part(
        &self,
        out: &mut String,
        columns: &[usize],
        widths: &[usize],
        label: usize,
        style: &Style,
    ) {
        let ends: Vec<usize> = columns
            .iter()
            .scan(label, |end, column| {
                *end += widths[*column] + 2;
                Some(*end)
            })
            .collect();
        let cut = |text: &str, room| style.truncate(&one_line(text), room).into_owned();
        out.push('\n');
        let mut line = Line::new(style);
        for (column, end) in columns.iter().zip(&ends) {
            put_right(&mut line, Ink::Dim, &cut(&self.head[*column], widths[*column]), *end);
        }
        line.end(out);
        for row in &self.rows {
            let mut line = Line::new(style);
            match row {
                GridRow::Section(text) => {
                    out.push('\n');
                    line.put(Ink::Bold, &cut(text, style.width));
                }
                GridRow::Cells(text, indent, cells) => {
                    line.to(*indent).put(Ink::Plain, &cut(text, label.saturating_sub(*indent)));
                    for (column, end) in columns.iter().zip(&ends) {
                        let Some((ink, text)) = cells.get(*column) else { continue };
                        put_right(&mut line, *ink, &cut(text, widths[*column]), *end);
                    }
                }
            }
            line.end(out);
        }
    }

    /// The table as Markdown.
    pub(super) fn markdown(&self, page: &mut Page) {
        let mut open = false;
        for row in &self.rows {
            match row {
                GridRow::Section(text) => {
                    page.heading(2, text);
                    open = false;
                }
                GridRow::Cells(label, indent, cells) => {
                    if !open {
                        self.head_of_markdown(page);
                        open = true;
                    }
                    let label = format!("{}{}", "&emsp;".repeat(indent / 2), escape(label));
                    let cells = cells.iter().map(|(_, text)| escape(text));
                    page.row(&std::iter::once(label).chain(cells).collect::<Vec<_>>());
                }
            }
        }
    }

    fn head_of_markdown(&self, page: &mut Page) {
        let names: Vec<String> =
            self.head.iter().map(|name| format!("{} >", escape(name))).collect();
        let captions: Vec<&str> =
            std::iter::once("").chain(names.iter().map(String::as_str)).collect();
        page.table(&captions);
    }
}

/// A text that ends before a column; blanks at its end keep their place and are not written.
fn put_right(line: &mut Line, ink: Ink, text: &str, end: usize) {
    let written = text.trim_end_matches(' ');
    line.right(ink, written, end.saturating_sub(text.len() - written.len()));
}

/// Rows of texts and numbers as CSV.
pub(super) fn csv(header: &[&str], rows: impl Iterator<Item = Vec<CsvField>>) -> String {
    let mut table = Table::new(header);
    for row in rows {
        for field in row {
            match field {
                CsvField::Text(text) => table.text(&text),
                CsvField::Number(number) => table.number(number),
            };
        }
        table.end();
    }
    table.out
}

/// A field of a CSV row.
pub(super) enum CsvField {
    /// A text, made safe to open in a spreadsheet.
    Text(String),
    /// A number, or nothing.
    Number(Option<f64>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(columns: usize) -> Grid {
        let mut grid = Grid {
            head: (0..columns).map(|it| format!("scenario {it}")).collect(),
            rows: Vec::new(),
        };
        grid.section("Buckets");
        let cells = (0..columns).map(|it| (Ink::Plain, format!("{it}%"))).collect();
        grid.row("A bucket with a name that is rather long", 2, cells);
        grid
    }

    #[test]
    fn what_is_too_wide_goes_on_below_with_the_base() {
        let text = grid(7).text(&Style { width: 60, ..Style::default() });
        assert!(text.lines().all(|line| width_of(line) <= 60), "{text}");
        assert_eq!(text.matches("scenario 0").count(), 3, "{text}");
        assert_eq!(text.matches("scenario 6").count(), 1, "{text}");
    }

    #[test]
    fn no_columns_are_no_trouble() {
        assert!(grid(0).text(&Style::default()).contains("Buckets"));
    }
}
