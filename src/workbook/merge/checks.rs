//! What a workbook is refused for: tables that are there twice, values that stand in other rows
//! than they stood in.

use super::super::columns::{Field, Role, Table};
use super::super::guard::Refusal;
use super::super::read::{Cell, Value};
use super::super::snapshot::{Was, same_number, text_of};
use super::super::tables::{Grid, Row};
use super::cells::is_input;
use super::{Merge, Options};
use rustc_hash::FxHashMap;

/// How to mend values that stand in other rows.
const EXCHANGED: &str = "undo the sort or sort the whole table, or say `--accept-permutation` if they \
                         are meant to be exchanged";

/// One table of each kind; the key results must be there.
pub fn chosen<'b>(grids: Vec<Grid<'b>>, options: &Options) -> Result<Vec<Grid<'b>>, Refusal> {
    let mut chosen: Vec<Grid<'b>> = Vec::new();
    for table in Table::ALL {
        let own = || grids.iter().enumerate().filter(|(_, grid)| grid.table == table);
        let named = options.sheet.as_deref().map(str::to_lowercase);
        let on_sheet: Vec<usize> = own()
            .filter(|(_, grid)| {
                named.as_ref().is_some_and(|it| grid.sheet.name.to_lowercase() == *it)
            })
            .map(|(at, _)| at)
            .collect();
        let all: Vec<usize> = own().map(|(at, _)| at).collect();
        let picked = match (&on_sheet[..], &all[..]) {
            (_, []) => continue,
            ([only], _) | ([], [only]) => *only,
            _ => {
                let names: Vec<String> =
                    own().map(|(_, grid)| format!("`{}`", grid.sheet.name)).collect();
                let what = format!(
                    "there are {} tables of {}s, on {}",
                    all.len(),
                    table.row_words(),
                    names.join(" and ")
                );
                return Err(Refusal::new(what, "name the one to take with `--sheet NAME`"));
            }
        };
        let Grid { sheet, sheet_index, header, end, .. } = grids[picked];
        let columns = grids[picked].columns.clone();
        chosen.push(Grid { table, sheet, sheet_index, header, end, columns });
    }
    let named = options.sheet.as_deref();
    if let Some(name) = named.filter(|name| {
        let lower = name.to_lowercase();
        !grids.iter().any(|grid| grid.sheet.name.to_lowercase() == lower)
    }) {
        let what = format!("it has no sheet `{name}` with a table of this program");
        return Err(Refusal::new(what, "name a sheet with key results"));
    }
    match chosen.iter().any(|grid| grid.table == Table::KeyResults) {
        true => Ok(chosen),
        false => Err(Refusal::new(
            "it has no table of key results: on no sheet is there a row with the headers `key`, \
             `target` and `actual`",
            "a workbook that okr did not write is adopted with `okr import BOOK -o NEW.okr`",
        )),
    }
}

/// A title that is another key's title in the base stands in the wrong row.
pub fn misplaced(merge: &Merge<'_>, grid: &Grid<'_>, rows: &[Row<'_>]) -> Result<(), Refusal> {
    let (Some(base), false) = (merge.base, merge.options.accept_permutation) else {
        return Ok(());
    };
    let Some(column) = grid.table.column(Field::Title).filter(|it| it.role == Role::Input) else {
        return Ok(());
    };
    let sheet = grid.table.sheet();
    let title = |key: &str| match base.cell(sheet, key, column.header) {
        Some(Was::Text(title)) => Some(title),
        _ => None,
    };
    let mut owners: FxHashMap<&str, &str> = FxHashMap::default();
    for row in rows {
        if let Some(title) = title(&row.key) {
            owners.insert(title, &row.key);
        }
    }
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| !row.key.is_empty()) {
        let Some(theirs) = grid.cell(row, Field::Title).and_then(|cell| cell.text()) else {
            continue;
        };
        let own = title(&row.key);
        if let Some(other) = owners.get(theirs).filter(|other| **other != row.key)
            && own != Some(theirs)
        {
            wrong.push(format!(
                "{} holds the title of `{other}` in the row of `{}`",
                grid.at(row.number, Field::Title),
                row.key
            ));
        }
    }
    match wrong.len() {
        0 => Ok(()),
        count => {
            let more = if count > 3 { format!(", and {} more", count - 3) } else { String::new() };
            wrong.truncate(3);
            let what = format!(
                "rows and keys do not belong together any more: {}{more}; some columns were sorted \
                 without the others",
                wrong.join(", ")
            );
            Err(Refusal::new(what, EXCHANGED))
        }
    }
}

/// Three or more changed cells of a column whose new values are those of the same rows in another
/// order were sorted without the other columns.
pub fn permuted(merge: &Merge<'_>, grid: &Grid<'_>, rows: &[Row<'_>]) -> Result<(), Refusal> {
    let (Some(base), false) = (merge.base, merge.options.accept_permutation) else {
        return Ok(());
    };
    for (_, column) in &grid.columns {
        if !is_input(grid.table, column.field) {
            continue;
        }
        let mut changed: Vec<(String, String)> = Vec::new();
        for row in rows.iter().filter(|row| !row.key.is_empty()) {
            let was = base.cell(grid.table.sheet(), &row.key, column.header);
            let cell = grid.cell(row, column.field);
            if cell.is_some_and(Cell::is_formula)
                || !matches!(was, None | Some(Was::Text(_) | Was::Number(_)))
            {
                continue;
            }
            // As typed: a word in the row of a number is as telling as a number.
            if !is_what_was(cell, was) {
                changed.push((was_text(was), is_text(cell)));
            }
        }
        if is_permutation(&changed) {
            let what = format!(
                "the {} changed cells of the column `{}` on `{}` hold the old values of the same rows \
                 in another order: it was sorted without the other columns",
                changed.len(),
                column.header,
                grid.sheet.name
            );
            return Err(Refusal::new(what, EXCHANGED));
        }
    }
    Ok(())
}

/// Whether a cell holds what it held.
pub fn is_what_was(cell: Option<&Cell>, was: Option<Was<'_>>) -> bool {
    match (cell.map(|cell| &cell.value), was) {
        (Some(Value::Number(is)), Some(Was::Number(was))) => same_number(*is, was),
        (Some(Value::Text(is)), Some(Was::Text(was))) => is.as_ref() == was,
        (None, None) => true,
        _ => was_text(was) == is_text(cell),
    }
}

fn was_text(was: Option<Was<'_>>) -> String {
    match was {
        Some(Was::Text(text)) => text.to_owned(),
        Some(Was::Number(number)) => rounded(number),
        _ => String::new(),
    }
}

fn is_text(cell: Option<&Cell>) -> String {
    cell.map_or_else(String::new, |cell| match cell.number() {
        Some(number) => rounded(number),
        None => text_of(&cell.value),
    })
}

/// A number to the digits that survive however it was saved.
fn rounded(number: f64) -> String {
    format!("{number:.12e}")
}

/// Whether three or more changes, or most of them, only exchange values.
fn is_permutation(changed: &[(String, String)]) -> bool {
    let mut left: Vec<&(String, String)> = changed.iter().collect();
    loop {
        let mut counts: FxHashMap<&str, i64> = FxHashMap::default();
        for (was, is) in left.iter().copied() {
            *counts.entry(was).or_default() += 1;
            *counts.entry(is).or_default() -= 1;
        }
        let before = left.len();
        // A value that came from elsewhere, or went elsewhere, is a change of its own.
        left.retain(|(was, is)| counts[was.as_str()] <= 0 && counts[is.as_str()] >= 0);
        if left.len() == before {
            break;
        }
    }
    match left.len() {
        count if count < 3 => false,
        count if count == changed.len() => true,
        count => count >= 5 && count * 2 > changed.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_permutation;

    fn changes(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(was, is)| ((*was).into(), (*is).into())).collect()
    }

    #[test]
    fn exchanged_values_are_seen() {
        assert!(is_permutation(&changes(&[("1", "2"), ("2", "3"), ("3", "1")])));
        assert!(!is_permutation(&changes(&[("1", "2"), ("2", "1")])));
        assert!(!is_permutation(&changes(&[("1", "2"), ("2", "3"), ("3", "4")])));
        let mut sorted =
            changes(&[("1", "2"), ("2", "3"), ("3", "4"), ("4", "5"), ("5", "6"), ("6", "1")]);
        sorted.push(("7".into(), "9".into()));
        assert!(is_permutation(&sorted));
    }
}
