//! Foreign workbooks: a tracker that this program did not write becomes a plan, and its own grades
//! are compared with those that the plan gives.

mod audit;
mod draft;
mod marks;
mod period;
mod quantity;
mod row;
mod rows;
mod table;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use audit::{Audit, Disagreement};
pub use table::Mapped;
pub use words::{Column, TABLE as COLUMNS};

use super::guard::{Refusal, at_most};
use super::read::{Book, Flag, Sheet, Visibility, column_letters};
use crate::engine::{Engine, Options};
use crate::plan;
use crate::source::{FileId, Source};
use crate::syntax::{self, format::format};
use draft::Draft;
use jiff::civil::Date;
use period::Period;
use quantity::Commas;
use rows::Rows;
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use table::Table;
use write::{Told, Written};

/// What is asked of an adoption.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Columns that are named by hand.
    pub columns: Vec<Mapped>,
    /// The only sheet to take.
    pub sheet: Option<String>,
    /// The day as of which the sheet's actuals hold; they become check-ins then.
    pub as_of: Option<Date>,
}

impl Wishes {
    /// Reads `Ziel=target,C=kr`: a header or a column's letters, and what it means.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and the words there are.
    pub fn parse_columns(text: &str) -> Result<Vec<Mapped>, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(parse_column).collect()
    }
}

fn parse_column(part: &str) -> Result<Mapped, String> {
    let (header, word) = part
        .rsplit_once('=')
        .ok_or_else(|| format!("`{part}` names no column: write `HEADER=COLUMN`"))?;
    let column = Column::of_word(word).ok_or_else(|| {
        let words: Vec<&str> = COLUMNS.iter().map(|entry| entry.word).collect();
        let nearest = crate::suggest::nearest(word.trim(), words.iter().copied());
        let help =
            nearest.map_or_else(|| words.join(", "), |word| format!("did you mean `{word}`?"));
        format!("`{}` is no column; {help}", word.trim())
    })?;
    Ok(Mapped { header: header.trim().to_owned(), column })
}

/// A plan made of a foreign workbook.
#[derive(Debug)]
pub struct Adopted {
    /// The plan's text, laid out.
    pub plan: String,
    /// What was taken, and what was not.
    pub receipt: Receipt,
}

/// What an adoption took, and what it did not.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Receipt {
    /// `okr.adopt/1`
    pub schema: &'static str,
    /// The workbook's name.
    pub book: String,
    /// The sheets that were taken, and how.
    pub sheets: Vec<Taken>,
    /// How many cycles, teams, objectives and key results the plan has.
    pub counts: Counts,
    /// The scale of the sheet's own grades: 1, 5, 10 or 100.
    pub scale: f64,
    /// The sheet's own grades against ours.
    pub audit: Audit,
    /// What could not be taken as it stands.
    pub remarks: Vec<Note>,
    /// What the workbook would do or fetch; none of it was done.
    pub flags: Vec<Note>,
}

/// How many of each the plan has.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[allow(missing_docs)] // the names say it
pub struct Counts {
    pub cycles: usize,
    pub teams: usize,
    pub objectives: usize,
    pub key_results: usize,
}

/// A sheet that was taken.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// The row of its header, from 1.
    pub header_row: u32,
    /// Its columns that were understood.
    pub columns: Vec<TakenColumn>,
    /// Headers of those that were not taken, with their letters.
    pub not_taken: Vec<String>,
}

/// A column that was understood.
#[derive(Clone, Debug, Serialize)]
pub struct TakenColumn {
    /// Its letters.
    pub column: String,
    /// Its header.
    pub header: String,
    /// What it was taken for.
    pub taken_as: &'static str,
}

/// A word on a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// `Q1 2026!H7`; empty for the workbook as a whole.
    pub place: String,
    /// What is to be said.
    pub text: String,
}

/// Makes a plan of a workbook; `name` is its file name.
///
/// # Errors
///
/// If no sheet has a table of key results: what was looked for and what was found.
pub fn adopt(book: &Book, name: &str, wishes: &Wishes) -> Result<Adopted, Refusal> {
    let tables = tables(book, wishes)?;
    let mut draft = Draft::default();
    for table in &tables {
        let commas = Commas { decimal: writes_decimal_commas(table.sheet) };
        let period = period_of(table.sheet, table.header, name);
        Rows::new(book, table, &mut draft, commas, period).read();
    }
    at_most(draft.objectives.iter().map(|it| it.krs.len()).sum(), MOST_KRS, "key results")?;
    refuse_copies(&draft)?;
    if draft.objectives.iter().all(|objective| objective.krs.is_empty()) {
        let sheets: Vec<&str> = tables.iter().map(|table| table.sheet.name.as_str()).collect();
        let what =
            format!("the table on sheet {} has no key results below its header", sheets.join(", "));
        return Err(Refusal::new(what, how_to_name()));
    }
    period_of_due_days(&mut draft);
    let scale = audit::settle_scale(&mut draft);
    let head = head(name, &tables, scale);
    let (written, text, engine) = sound(&draft, &head, wishes.as_of)?;
    let audit = audit::audit(&draft, &engine, &written.ids);
    let counts = Counts {
        cycles: written.cycles,
        teams: written.teams,
        objectives: draft.objectives.len(),
        key_results: draft.objectives.iter().map(|it| it.krs.len()).sum(),
    };
    let remarks =
        draft.remarks.iter().map(|it| Note { place: it.place.clone(), text: it.text.clone() });
    let receipt = Receipt {
        schema: "okr.adopt/1",
        book: name.to_owned(),
        sheets: tables.iter().map(taken).collect(),
        counts,
        scale,
        audit,
        remarks: remarks.collect(),
        flags: book.flags.iter().map(flag).collect(),
    };
    Ok(Adopted { plan: text, receipt })
}

/// The most key results that a sheet may have.
const MOST_KRS: usize = 200_000;

/// How a column is named that no word names.
fn how_to_name() -> String {
    let words: Vec<&str> = COLUMNS.iter().map(|entry| entry.word).collect();
    format!(
        "name the columns with --map 'HEADER=COLUMN,…' and the sheet with --sheet NAME; COLUMN is one of {}",
        words.join(", ")
    )
}

/// The tables of a workbook: of the sheet that was asked for, else of every sheet that people see,
/// else of the hidden ones.
fn tables<'b>(book: &'b Book, wishes: &Wishes) -> Result<Vec<Table<'b>>, Refusal> {
    if let Some(name) = &wishes.sheet {
        let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        let sheet = book.sheet(name).ok_or_else(|| {
            let what = format!("the workbook has no sheet `{name}`");
            Refusal::new(what, format!("it has {}", listed(&names)))
        })?;
        let table = Table::find(sheet, &wishes.columns);
        return table.map(|table| vec![table]).map_err(|_| unreadable(book, wishes, &[sheet]));
    }
    for seen in [true, false] {
        let shown = |sheet: &&Sheet| (sheet.visibility == Visibility::Visible) == seen;
        let sheets = book.sheets.iter().filter(shown);
        let mut tables: Vec<Table<'b>> =
            sheets.filter_map(|sheet| Table::find(sheet, &wishes.columns).ok()).collect();
        // Logs of check-ins and lists of measures stand beside the table that has the objectives.
        let whole = |table: &Table<'_>| table.has(Column::Objective) || table.has(Column::Item);
        if tables.iter().any(whole) {
            tables.retain(whole);
        }
        if !tables.is_empty() {
            return Ok(tables);
        }
    }
    Err(unreadable(book, wishes, &book.sheets.iter().collect::<Vec<_>>()))
}

/// What was looked for, and what was found instead.
fn unreadable(book: &Book, wishes: &Wishes, sheets: &[&Sheet]) -> Refusal {
    let mut found = Vec::new();
    for sheet in sheets.iter().filter(|sheet| !sheet.cells().is_empty()).take(10) {
        let heads = Table::find(sheet, &wishes.columns).err().unwrap_or_default();
        let texts: Vec<String> = heads.iter().take(12).map(|head| clip(&head.header)).collect();
        found.push(match texts.as_slice() {
            [] => {
                let first = sheet.cells().iter().filter_map(|cell| cell.text()).take(5).map(clip);
                let first: Vec<String> = first.collect();
                format!("sheet `{}` with no header, but {}", sheet.name, listed(&first))
            }
            texts => format!("sheet `{}` with {}", sheet.name, listed(texts)),
        });
    }
    let found = match found.as_slice() {
        [] if book.sheets.is_empty() => "no sheets with cells".to_owned(),
        [] => "only empty sheets".to_owned(),
        found => found.join("; "),
    };
    let columns = match wishes.columns.as_slice() {
        [] => String::new(),
        columns => {
            let names: Vec<&str> = columns.iter().map(|it| it.header.as_str()).collect();
            format!(" and the columns {}", listed(&names))
        }
    };
    Refusal::new(
        format!(
            "no table of key results was found: looked for a header row with a key result and an \
             objective, a target, an actual, a start or a score{columns}; found {found}"
        ),
        how_to_name(),
    )
}

fn clip(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(30) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}

/// A copied sheet would count every key result twice.
fn refuse_copies(draft: &Draft) -> Result<(), Refusal> {
    let mut seen = rustc_hash::FxHashMap::default();
    for objective in &draft.objectives {
        for kr in &objective.krs {
            let sheet = kr.place.rsplit_once('!').map_or("", |(sheet, _)| sheet);
            let key = (&objective.title, &objective.period, &kr.title);
            match seen.insert(key, sheet) {
                Some(other) if other != sheet => {
                    let title = clip(&kr.title);
                    let what = format!(
                        "the key result `{title}` stands on the sheets `{other}` and `{sheet}`"
                    );
                    return Err(Refusal::new(what, "say which sheet counts with --sheet NAME"));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether a sheet's texts have decimal commas, such as `0,5`, and no decimal points.
fn writes_decimal_commas(sheet: &Sheet) -> bool {
    let decimal = |text: &str, sign: char| {
        text.split_once(sign).is_some_and(|(before, after)| {
            let decimals = after.bytes().take_while(u8::is_ascii_digit).count();
            before.ends_with(|it: char| it.is_ascii_digit()) && matches!(decimals, 1 | 2)
        })
    };
    let short = || sheet.cells().iter().filter_map(|cell| cell.text()).filter(|it| it.len() < 20);
    let is_date = |text: &str| text.matches('.').count() > 1;
    short().any(|it| decimal(it, ',')) && !short().any(|it| !is_date(it) && decimal(it, '.'))
}

/// The cycle of a sheet: as its name says, else what stands above its table, else the file's name.
fn period_of(sheet: &Sheet, header: u32, name: &str) -> Option<Period> {
    let above = sheet.rows().take_while(|(row, _)| *row < header);
    let above =
        above.flat_map(|(_, cells)| cells).filter_map(|cell| cell.text()).find_map(Period::within);
    let header_words = sheet.row(header).iter().filter_map(|cell| cell.text());
    Period::within(&sheet.name)
        .or(above)
        .or_else(|| header_words.into_iter().find_map(Period::within))
        .or_else(|| Period::within(name))
}

/// Where nothing names the cycle, days that all lie in one quarter do.
fn period_of_due_days(draft: &mut Draft) {
    if draft.objectives.iter().any(|objective| objective.period.is_some()) {
        return;
    }
    let krs = draft.objectives.iter().flat_map(|objective| &objective.krs);
    let mut quarters = krs.filter_map(|kr| kr.due).map(Period::around);
    let Some(Some(first)) = quarters.next() else { return };
    if quarters.all(|it| it.as_ref() == Some(&first)) {
        draft.objectives.iter_mut().for_each(|it| it.period = Some(first.clone()));
    }
}

fn head(name: &str, tables: &[Table<'_>], scale: f64) -> Vec<String> {
    let sheets: Vec<&str> = tables.iter().map(|table| table.sheet.name.as_str()).collect();
    let mut head = vec![
        format!("Adopted from {name}, sheet {}.", listed(&sheets)),
        "Read it once from top to bottom: what the sheet does not say is asked in comments."
            .to_owned(),
    ];
    if scale != 1.0 {
        head.push(format!("Its scores are on a scale of {scale}."));
    }
    head
}

/// How often the plan is written anew: one run finds all problems, up to ten thousand.
const MOST_ROUNDS: usize = 8;

/// The plan as text that has no errors: a key result whose numbers do not fit together becomes one
/// with notes.
fn sound(
    draft: &Draft,
    head: &[String],
    as_of: Option<Date>,
) -> Result<(Written, String, Engine), Refusal> {
    let mut plain = FxHashSet::default();
    let mut rounds = 0;
    loop {
        rounds += 1;
        let written = write::write(draft, &Told { head, as_of, plain: &plain });
        let source = Source::from_text("adopted.okr", written.text.clone());
        let parse = syntax::parse(FileId(0), &source);
        let text = format(&source, &parse);
        let (plan, mut problems) =
            plan::resolve(plan::load_text("adopted.okr", text.clone(), Path::new(".")));
        let engine = Engine::new(Arc::new(plan), Options::default());
        problems.extend(engine.problems());
        let mut wrong = problems.iter().filter(|problem| problem.is_error()).peekable();
        let Some(first) = wrong.peek() else { return Ok((written, text, engine)) };
        let message = first.message.clone();
        let before = plain.len();
        for problem in wrong {
            // The layout keeps lines, so that a place in the one text is one in the other.
            let line =
                engine.plan.sources.get(problem.place.file).position(problem.place.span.start).line
                    - 1;
            let after = written.lines.partition_point(|(lines, _)| lines.start <= line);
            let hit = after.checked_sub(1).and_then(|at| written.lines.get(at));
            plain.extend(hit.filter(|(lines, _)| lines.contains(&line)).map(|(_, which)| *which));
        }
        if plain.len() == before || rounds == MOST_ROUNDS {
            return Err(Refusal::new(
                format!("the sheet could not be written as a plan: {message}"),
                "please report this, with the sheet",
            ));
        }
    }
}

fn taken(table: &Table<'_>) -> Taken {
    let mut taken =
        Taken { name: table.sheet.name.clone(), header_row: table.header + 1, ..Taken::default() };
    for head in &table.heads {
        let letters = column_letters(head.column);
        match head.is {
            Some(column) => taken.columns.push(TakenColumn {
                column: letters,
                header: head.header.clone(),
                taken_as: column.word(),
            }),
            None => taken.not_taken.push(format!("{letters} {}", clip(&head.header))),
        }
    }
    taken
}

fn flag(flag: &Flag) -> Note {
    let place = flag.place.as_ref().map(|(sheet, at)| format!("{sheet}!{at}")).unwrap_or_default();
    Note { place, text: format!("{}, not followed: {}", flag.kind.words(), clip(&flag.text)) }
}
