//! Where the table of a foreign sheet is, and what its columns mean.

use super::super::read::{At, Cell, Sheet, Value, column_letters};
use super::marks::{Mark, mark};
use super::words::Column;
use rustc_hash::FxHashMap;

/// How many rows with a content are looked through for a header.
const HEADER_WITHIN: usize = 100;
/// The widest table that is looked at, in columns.
const WIDEST: usize = 500;

/// A column that `--map` names: by its header, or by its letters.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The header or the letters, as given.
    pub header: String,
    /// What it means.
    pub column: Column,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Head {
    /// Where it is on the sheet, from 0.
    pub column: u32,
    /// Its header.
    pub header: String,
    /// What it means; `None` where that is not known, or another column means it already.
    pub is: Option<Column>,
}

/// A table of a sheet.
#[derive(Clone, Debug)]
pub struct Table<'b> {
    /// The sheet.
    pub sheet: &'b Sheet,
    /// The row of the header, from 0.
    pub header: u32,
    /// Its columns, from the left.
    pub heads: Vec<Head>,
    merged: FxHashMap<u32, Vec<(u32, u32, At)>>,
}

impl<'b> Table<'b> {
    /// The table of a sheet; `Err` has the heads of the row that came nearest.
    pub fn find(sheet: &'b Sheet, mapped: &[Mapped]) -> Result<Self, Vec<Head>> {
        let mut best: Option<(usize, u32, Vec<Head>)> = None;
        let mut above: &[Cell] = &[];
        for (row, cells) in sheet.rows().take(HEADER_WITHIN) {
            let heads = heads_of(cells, above, mapped);
            above = cells;
            let known = heads.iter().filter(|head| head.is.is_some()).count();
            let rank = known + if is_table(&heads, mapped) { WIDEST } else { 0 };
            if known > 0 && best.as_ref().is_none_or(|(most, ..)| rank > *most) {
                best = Some((rank, row, heads));
            }
        }
        match best {
            Some((rank, header, mut heads)) if rank >= WIDEST => {
                settle_outline(sheet, header, &mut heads);
                let merged = merged_by_column(sheet, &heads);
                Ok(Self { sheet, header, heads, merged })
            }
            Some((_, _, heads)) => Err(heads),
            None => Err(Vec::new()),
        }
    }

    /// The column that means something.
    pub fn head(&self, column: Column) -> Option<&Head> {
        self.heads.iter().find(|head| head.is == Some(column))
    }

    /// Whether a column means it.
    pub fn has(&self, column: Column) -> bool {
        self.head(column).is_some()
    }

    /// The cell of a row in the column that means something; of a merged range its one cell.
    pub fn cell(&self, row: u32, column: Column) -> Option<&'b Cell> {
        let column = self.head(column)?.column;
        let at = At::new(row, column);
        self.sheet.get(at).or_else(|| {
            let ranges = self.merged.get(&column)?;
            let after = ranges.partition_point(|(first, ..)| *first <= row);
            let (_, last, first) = ranges.get(after.checked_sub(1)?)?;
            (row <= *last).then(|| self.sheet.get(*first)).flatten()
        })
    }

    /// The text of such a cell, trimmed, on one line; numbers as text.
    pub fn text(&self, row: u32, column: Column) -> Option<String> {
        let cell = self.cell(row, column)?;
        let text = match &cell.value {
            Value::Text(text) => text.to_string(),
            Value::Number(number) => format!("{}", super::quantity::rounded(*number)),
            Value::Date(date) => date.date().to_string(),
            Value::Bool(_) | Value::Missing | Value::Error(_) => return None,
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }

    /// Whether a row repeats the header.
    pub fn repeats_header(&self, cells: &[Cell]) -> bool {
        let known = || self.heads.iter().filter(|head| head.is.is_some());
        let same = known().filter(|head| {
            cells.iter().any(|cell| {
                cell.at.column == head.column
                    && cell.text().is_some_and(|it| it.trim() == head.header)
            })
        });
        let same = same.count();
        same >= 2 && same * 2 >= known().count()
    }
}

/// The heads of a row. Where a cell is empty the one above it counts, as in headers of two rows.
fn heads_of(cells: &[Cell], above: &[Cell], mapped: &[Mapped]) -> Vec<Head> {
    let text_at = |cells: &[Cell], column: u32| {
        let index = cells.binary_search_by_key(&column, |cell| cell.at.column).ok()?;
        Some(cells[index].text()?.trim().to_owned())
    };
    let columns = cells.iter().chain(above).map(|cell| cell.at.column);
    let mut columns: Vec<u32> = columns.collect();
    columns.sort_unstable();
    columns.dedup();
    columns.truncate(WIDEST);
    let own = cells.iter().filter(|cell| cell.text().is_some()).count();
    let mut heads: Vec<Head> = Vec::new();
    for column in columns {
        let header = text_at(cells, column).or_else(|| {
            let is_free = cells.binary_search_by_key(&column, |cell| cell.at.column).is_err();
            (own >= 2 && is_free).then(|| text_at(above, column)).flatten()
        });
        let Some(header) = header else { continue };
        let given = mapped.iter().find(|it| names(it, &header, column)).map(|it| it.column);
        heads.push(Head { column, header, is: given });
    }
    let given: Vec<Column> = heads.iter().filter_map(|head| head.is).collect();
    let mut meant: Vec<(usize, usize, Column)> = Vec::new();
    for (index, head) in heads.iter().enumerate().filter(|(_, head)| head.is.is_none()) {
        if let Some((column, rank)) =
            Column::ranked(&head.header).filter(|(it, _)| !given.contains(it))
        {
            meant.push((rank, index, column));
        }
    }
    meant.sort_unstable_by_key(|(rank, index, _)| (*rank, *index));
    let mut taken = given;
    for (_, index, column) in meant {
        if !taken.contains(&column) {
            heads[index].is = Some(column);
            taken.push(column);
        }
    }
    settle_titles(&mut heads);
    heads
}

fn names(mapped: &Mapped, header: &str, column: u32) -> bool {
    let given = mapped.header.trim();
    given.to_lowercase() == header.to_lowercase() || given == column_letters(column)
}

/// A column of titles beside one of objectives has the key results; beside one of key results it is
/// a description.
fn settle_titles(heads: &mut [Head]) {
    let has = |heads: &[Head], column| heads.iter().any(|head| head.is == Some(column));
    let (objective, kr) = (has(heads, Column::Objective), has(heads, Column::Kr));
    for head in heads {
        if head.is == Some(Column::Item) && (objective || kr) {
            head.is = (!kr).then_some(Column::Kr);
        }
    }
}

/// One column of titles has objectives as well only where something tells them apart: a type, or
/// numbers before them. Else all of them are key results.
fn settle_outline(sheet: &Sheet, header: u32, heads: &mut [Head]) {
    if heads.iter().any(|head| head.is == Some(Column::Level)) {
        return;
    }
    let Some(titles) = heads.iter_mut().find(|head| head.is == Some(Column::Item)) else { return };
    let below = sheet.cells().iter().filter(|cell| cell.at.row > header);
    if !below.filter_map(Cell::text).any(|text| mark(text) == Some(Mark::Objective)) {
        titles.is = Some(Column::Kr);
    }
}

/// Whether the heads are those of a table of key results, with all columns that were asked for.
fn is_table(heads: &[Head], mapped: &[Mapped]) -> bool {
    let has = |column| heads.iter().any(|head| head.is == Some(column));
    let numbers = [Column::Target, Column::Actual, Column::Score, Column::Baseline];
    let titles = has(Column::Kr) || has(Column::Item);
    let both = has(Column::Kr) && has(Column::Objective);
    (both || titles && numbers.into_iter().any(has)) && mapped.iter().all(|it| has(it.column))
}

fn merged_by_column(sheet: &Sheet, heads: &[Head]) -> FxHashMap<u32, Vec<(u32, u32, At)>> {
    let mut merged: FxHashMap<u32, Vec<(u32, u32, At)>> = FxHashMap::default();
    for area in &sheet.merged {
        // A range over several columns is a heading, no value of each of them.
        if area.first.column == area.last.column
            && heads.iter().any(|head| head.column == area.first.column)
        {
            let range = (area.first.row, area.last.row, area.first);
            merged.entry(area.first.column).or_default().push(range);
        }
    }
    merged.values_mut().for_each(|ranges| ranges.sort_unstable());
    merged
}
