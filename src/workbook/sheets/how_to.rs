//! How to: what may be edited, what the colours mean, and how the workbook comes back.

use super::super::columns::{Role, Table};
use super::super::pen::{Pen, Tag};
use super::super::style::Look;
use super::Source;
use rust_xlsxwriter::XlsxError;

/// The width of the column of words.
const WIDTH: f64 = 84.0;

/// What the sheet says: headings and paragraphs.
const WORDS: &[(bool, &str)] = &[
    (true, "What this is"),
    (
        false,
        "A plan of objectives and key results, as a workbook. The plan itself is a text file that a \
             program, okr, reads; this workbook was written from it, and what you change here goes back \
             into it.",
    ),
    (true, "What you may edit"),
    (
        false,
        "Everything on a cream ground with blue letters: titles, weights, baselines, targets, actuals, \
             confidence and notes on Key results; values on Metrics; people, leave, focus, shares and draws \
             on Capacity. Grades follow at once, up to the scorecard.",
    ),
    (
        false,
        "Sort, filter and hide as you like; widen columns; add comments to cells, they come back as notes. \
             Sort whole tables only: the key must stay with its row.",
    ),
    (
        false,
        "An empty cell takes the value out of the plan, after being asked; write 0 if you mean 0.",
    ),
    (
        false,
        "Done and open, milestones and n/a (not applicable) are words: choose them from the list in the cell.",
    ),
    (true, "A new key result"),
    (
        false,
        "Write it in a row below the table: leave the key empty, name the objective by its id or title (a new \
             title makes a new objective; then name the owner as well), and give a unit, a title and a target.",
    ),
    (true, "What not to edit"),
    (
        false,
        "Grey cells say which row this is; white cells are computed. Changes there are reported, and not \
             taken. The hidden sheet holds what was written, so that your changes can be told from other people's.",
    ),
    (true, "What the colours mean"),
    (
        false,
        "Grades go from 0 to 1. Red, yellow and green stand as a word beside each grade; where a team has \
             thresholds of its own, the word follows them. A broken guardrail makes its objective red, whatever the mean.",
    ),
    (
        false,
        "The sweet spot is about the mean of the aspirational key results: below it they are out of reach, \
             above it not ambitious enough.",
    ),
    (true, "How it comes back"),
    (
        false,
        "Save the file as .xlsx and send it back. okr import compares it with the plan cell by cell and lists \
             every change before it is made. What both you and somebody else have changed is asked about.",
    ),
    (true, "The columns of Key results"),
];

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    pen.sheet.set_column_width(0, 22)?;
    pen.sheet.set_column_width(1, WIDTH)?;
    pen.text(0, 0, "How to use this workbook", Look::Title, Tag::NONE)?;
    pen.sheet.set_row_height(0, 26)?;
    let mut row = 1;
    for (heading, words) in WORDS {
        match heading {
            true => {
                row += 1;
                pen.text(row, 0, words, Look::Heading, Tag::NONE)?;
            }
            false => {
                pen.room(row, [(*words, WIDTH)])?;
                pen.text(row, 1, words, Look::Prose, Tag::NONE)?;
            }
        }
        row += 1;
    }
    for column in Table::KeyResults.columns().iter().filter(|it| it.role != Role::Hidden) {
        let look = if column.role == Role::Input { Look::InputText } else { Look::Text };
        pen.text(row, 0, column.header, look, Tag::NONE)?;
        pen.text(row, 1, column.doc, Look::Prose, Tag::NONE)?;
        row += 1;
    }
    let sheet = &mut pen.sheet;
    super::print_set_up(sheet, false, None, 0)?;
    super::lock(sheet);
    let protected = match source.protect {
        true => {
            "The input sheets are protected: only the cream cells can be edited, and a protected \
                 table cannot be sorted. There is no password."
        }
        false => "The input sheets are not protected, so that they can be sorted and filtered.",
    };
    pen.text(row + 1, 1, protected, Look::Remark, Tag::NONE)
}
