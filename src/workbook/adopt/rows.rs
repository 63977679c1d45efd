//! The rows of a foreign table, as objectives and key results.

use super::super::read::{At, Book, Cell, FormatKind, Value};
use super::draft::{Claim, Draft, Kr, Remark};
use super::marks::{Mark, label, mark, without_number};
use super::period::Period;
use super::quantity::{self, Commas, Said};
use super::row::{self, Row};
use super::table::Table;
use super::words::{Column, plain};
use jiff::civil::Date;

/// Reads the rows of a table into a draft.
pub struct Rows<'a, 'b> {
    /// The workbook.
    pub book: &'b Book,
    /// The table.
    pub table: &'a Table<'b>,
    /// What is filled.
    pub draft: &'a mut Draft,
    /// How commas are read.
    pub commas: Commas,
    /// The cycle of rows that name none.
    pub period: Option<Period>,
    /// The index of the objective that blank cells mean.
    current: Option<usize>,
}

/// What a row is.
enum Kind {
    /// An objective, with a key result or without.
    Objective(String, Option<String>),
    /// A key result of the objective above.
    Kr(String),
    /// A total of the sheet's own.
    Total,
    /// Something else.
    Other,
}

/// Words with which a row of totals begins.
const TOTALS: &[&str] = &[
    "total",
    "totals",
    "average",
    "avg",
    "mean",
    "overall",
    "overall score",
    "overall progress",
    "total score",
    "final score",
    "summary",
    "gesamt",
    "durchschnitt",
    "summe",
    "moyenne",
    "promedio",
    "media",
];

impl<'a, 'b> Rows<'a, 'b> {
    /// Rows that are still to be read.
    pub fn new(
        book: &'b Book,
        table: &'a Table<'b>,
        draft: &'a mut Draft,
        commas: Commas,
        period: Option<Period>,
    ) -> Self {
        Self { book, table, draft, commas, period, current: None }
    }

    /// Reads every row below the header.
    pub fn read(&mut self) {
        self.current = None;
        let rows = self.table.sheet.rows().skip_while(|(row, _)| *row <= self.table.header);
        for (row, cells) in rows {
            if self.table.repeats_header(cells) {
                continue;
            }
            match self.kind(row, cells) {
                Kind::Objective(title, kr) => {
                    self.objective(row, &title, kr.is_none());
                    if let Some(kr) = kr {
                        self.kr(row, &kr);
                    }
                }
                Kind::Kr(title) => self.kr(row, &title),
                Kind::Total => self.total(row),
                Kind::Other => self.remark(row, cells),
            }
        }
    }

    fn kind(&self, row: u32, cells: &[Cell]) -> Kind {
        let first = cells.iter().find_map(Cell::text).map(plain).unwrap_or_default();
        let text = |column| self.table.text(row, column);
        let is_total = TOTALS.contains(&first.as_str());
        if self.table.has(Column::Item) {
            let Some(title) = text(Column::Item).filter(|_| !is_total) else {
                return if is_total { Kind::Total } else { Kind::Other };
            };
            return match self.is_objective(row, &title, cells) {
                true => Kind::Objective(without_number(&title), None),
                false => Kind::Kr(without_number(&title)),
            };
        }
        if let Some(title) = self.label(cells) {
            return Kind::Objective(title, None);
        }
        let kr = text(Column::Kr).map(|title| without_number(&title));
        match (text(Column::Objective), kr) {
            (_, None) if is_total => Kind::Total,
            (Some(objective), kr) => Kind::Objective(without_number(&objective), kr),
            (None, Some(kr)) => Kind::Kr(kr),
            (None, None) => Kind::Other,
        }
    }

    /// In a table without a column of objectives, `Objective 2: Be fast` on a row of its own.
    fn label(&self, cells: &[Cell]) -> Option<String> {
        if self.table.has(Column::Objective) {
            return None;
        }
        label(cells)
    }

    /// Which of both a row is in a table with one column of titles: as its type says, else its number.
    fn is_objective(&self, row: u32, title: &str, cells: &[Cell]) -> bool {
        if let Some(level) = self.table.text(row, Column::Level) {
            return Column::of_header(&level) == Some(Column::Objective)
                || plain(&level).starts_with("obj");
        }
        let numbers = cells.iter().filter_map(Cell::text).chain([title]);
        let mut marked = numbers.filter_map(mark);
        marked.next() == Some(Mark::Objective)
    }

    /// Finds the objective of a title, or begins it; `alone` if the row is about nothing else.
    fn objective(&mut self, row: u32, title: &str, alone: bool) {
        let period = self.row_period(row);
        let column = self.title_column([Column::Objective, Column::Item, Column::Kr]);
        let place = self.place(row, column);
        let index = self.draft.objective(title, period, &place);
        self.current = Some(index);
        let (team, lead) = self.owner(row);
        let weight = alone.then(|| self.weight(row)).flatten();
        let score = if alone { Some(Column::Score) } else { None };
        let claim = self.claim(row, Column::ObjectiveScore).or_else(|| self.claim(row, score?));
        let note = self.table.text(row, Column::Note).filter(|_| alone);
        let objective = &mut self.draft.objectives[index];
        objective.team = objective.team.take().or(team);
        objective.weight = objective.weight.or(weight);
        objective.claim = objective.claim.take().or(claim);
        objective.notes.extend(note);
        if alone {
            objective.lead = objective.lead.take().or(lead);
        }
    }

    fn kr(&mut self, row: u32, title: &str) {
        let Some(index) = self.current.or_else(|| self.objective_above()) else { return };
        let (team, lead) = self.owner(row);
        let claim = self.claim(row, Column::Score);
        let objective = &mut self.draft.objectives[index];
        if objective.team.is_none() {
            objective.team = team.clone();
        }
        let other = team.filter(|team| objective.team.as_ref() != Some(team));
        let mut kr = Kr {
            title: title.to_owned(),
            place: self
                .place(row, self.title_column([Column::Kr, Column::Item, Column::Objective])),
            row: row + 1,
            lead: lead.or(other),
            claim,
            kind: self.table.text(row, Column::Level).and_then(|text| kind_of_kr(&text)),
            weight: self.weight(row),
            due: self.date(row, Column::Due),
            updated: self.date(row, Column::Updated),
            confidence: self.confidence(row),
            ..Kr::default()
        };
        if kr.due.is_none()
            && let Some(text) = self.words(row, Column::Due)
        {
            kr.notes.push(format!("due: {text}"));
        }
        if kr.weight.is_none()
            && let Some(text) = self.words(row, Column::Weight)
        {
            kr.notes.push(format!("weight: {text}"));
        }
        kr.notes.extend(self.table.text(row, Column::Note));
        kr.notes.extend(self.cell_notes(row));
        let values = Row {
            baseline: self.said(row, Column::Baseline),
            target: self.said(row, Column::Target),
            actual: self.said(row, Column::Actual),
            unit: self.unit(row, title),
            has_actuals: self.table.has(Column::Actual),
        };
        let places = [Column::Baseline, Column::Target, Column::Actual]
            .map(|column| self.table.head(column).map(|it| At::new(row, it.column)));
        for (place, text) in row::fill(&mut kr, values) {
            let at = places.get(place).copied().flatten().unwrap_or(At::new(row, 0));
            self.remark_at(at, text);
        }
        self.draft.objectives[index].krs.push(kr);
    }

    /// In a sheet whose objectives stand above the table, the nearest; else the sheet's name.
    fn objective_above(&mut self) -> Option<usize> {
        let above = self.table.sheet.rows().take_while(|(row, _)| *row < self.table.header);
        let labels: Vec<String> = above.filter_map(|(_, cells)| label(cells)).collect();
        let title = labels.last().cloned().unwrap_or_else(|| self.table.sheet.name.clone());
        let title = if title.trim().is_empty() { "Objective".to_owned() } else { title };
        self.objective(self.table.header, &title, false);
        let objective = &mut self.draft.objectives[self.current?];
        if objective.krs.is_empty() {
            // The words of the header are no owner.
            objective.team = None;
        }
        self.current
    }

    /// The team, and who speaks for it where both are told.
    fn owner(&self, row: u32) -> (Option<String>, Option<String>) {
        let (team, owner) =
            (self.table.text(row, Column::Team), self.table.text(row, Column::Owner));
        match (team, owner) {
            (None, owner) if !self.table.has(Column::Team) => (owner, None),
            both => both,
        }
    }

    fn said(&self, row: u32, column: Column) -> Said {
        match self.table.cell(row, column) {
            Some(cell) => quantity::of_cell(cell, self.book.format(cell), self.commas),
            None => Said::Nothing,
        }
    }

    /// The unit of a row: of its own column, a header, or the title, in this order.
    fn unit(&self, row: u32, title: &str) -> Option<String> {
        let own = self.table.text(row, Column::Unit);
        let headers = [Column::Target, Column::Actual, Column::Baseline];
        let headers = headers.into_iter().filter_map(|column| self.table.head(column));
        let known = |text: &str| {
            let word = quantity::unit_word(text);
            let is_known = text.trim() == "%"
                || word.is_some_and(|word| {
                    crate::quantity::CURRENCIES.iter().any(|(_, it)| *it == word)
                        || !crate::quantity::family(&word).is_empty()
                });
            is_known.then(|| text.trim().to_owned())
        };
        let in_text = |text: &str| super::words::in_parentheses(text).and_then(known);
        own.or_else(|| headers.map(|head| head.header.as_str()).find_map(in_text))
            .or_else(|| in_text(title))
    }

    /// What a cell says where it says something else than was looked for.
    fn words(&self, row: u32, column: Column) -> Option<String> {
        self.table
            .text(row, column)
            .filter(|text| quantity::of_text(text, self.commas) != Said::Nothing)
    }

    /// The notes on the cells of a row, as the language has them: `Kim: looks good`.
    fn cell_notes(&self, row: u32) -> Vec<String> {
        let notes = self.table.sheet.notes.range(At::new(row, 0)..At::new(row + 1, 0));
        let said = notes.flat_map(|(_, notes)| notes).map(|note| match note.author.as_str() {
            "" => note.text.clone(),
            author => format!("{author}: {}", note.text),
        });
        said.collect()
    }

    fn weight(&self, row: u32) -> Option<f64> {
        match self.said(row, Column::Weight) {
            Said::Number(it) if it.value >= 0.0 => Some(it.value),
            _ => None,
        }
    }

    fn confidence(&mut self, row: u32) -> Option<f64> {
        let column = self.table.head(Column::Confidence)?.column;
        match self.said(row, Column::Confidence) {
            Said::Number(it) => {
                let scale = match it.value {
                    value if value <= 1.0 => 1.0,
                    value if value <= 10.0 => 10.0,
                    _ => 100.0,
                };
                let share = quantity::rounded(it.value / scale);
                (0.0..=1.0).contains(&share).then_some(share)
            }
            Said::Words(text) => {
                let text = format!("confidence `{text}` is no number and was left out");
                self.remark_at(At::new(row, column), text);
                None
            }
            _ => None,
        }
    }

    fn date(&self, row: u32, column: Column) -> Option<Date> {
        let cell = self.table.cell(row, column)?;
        match &cell.value {
            Value::Date(date) => Some(date.date()),
            Value::Text(text) => date_of_text(text),
            _ => None,
        }
    }

    /// The cycle of a row: its own column, else that of the sheet.
    fn row_period(&self, row: u32) -> Option<Period> {
        let year = self.period.as_ref().map(|period| period.first.year());
        let own = self.table.text(row, Column::Cycle);
        let own = own.and_then(|text| Period::read(&text, year));
        let merged = || self.current.and_then(|index| self.draft.objectives[index].period.clone());
        own.or_else(|| merged().filter(|_| self.table.has(Column::Cycle)))
            .or_else(|| self.period.clone())
    }

    /// A grade of the sheet's own.
    fn claim(&mut self, row: u32, column: Column) -> Option<Claim> {
        let cell = self.table.cell(row, column)?;
        // The one cell of a merged range counts once.
        let at = self.table.sheet.get(At::new(row, cell.at.column)).map(|it| it.at)?;
        let number = match self.said(row, column) {
            Said::Number(number) => number,
            Said::Missing => {
                let text = "the formula's result is not in the file, so it was not compared; open the \
                            workbook in a spreadsheet program and save it";
                self.remark_at(at, text.into());
                return None;
            }
            _ => return None,
        };
        let percent = number.percent || self.book.format(cell).kind == FormatKind::Percent;
        // What was typed, or rounded by its formula, stands for every number that rounds to it.
        let rounds =
            self.table.sheet.formula(cell).is_none_or(|it| it.to_uppercase().contains("ROUND"));
        let typed = rounds.then(|| decimals(number.value));
        Some(Claim {
            place: self.place(row, at.column),
            row: row + 1,
            // A percent is a grade as it stands; the scale of others is found when all are known.
            value: if percent { number.value } else { f64::NAN },
            raw: number.value,
            typed,
        })
    }

    fn total(&mut self, row: u32) {
        let claim =
            self.claim(row, Column::Score).or_else(|| self.claim(row, Column::ObjectiveScore));
        self.draft.totals.extend(claim);
    }

    fn title_column(&self, columns: [Column; 3]) -> u32 {
        columns.into_iter().find_map(|it| self.table.head(it)).map_or(0, |head| head.column)
    }

    fn place(&self, row: u32, column: u32) -> String {
        format!("{}!{}", self.table.sheet.name, At::new(row, column))
    }

    fn remark_at(&mut self, at: At, text: String) {
        let place = format!("{}!{at}", self.table.sheet.name);
        self.draft.remarks.push(Remark { place, text });
    }

    fn remark(&mut self, row: u32, cells: &[Cell]) {
        let words: Vec<&str> = cells.iter().filter_map(Cell::text).collect();
        let said: String = words.join(" | ").chars().take(60).collect();
        let at = cells.first().map_or(At::new(row, 0), |cell| cell.at);
        if !said.trim().is_empty() {
            self.remark_at(at, format!("the row has no title and was left out: {said}"));
        }
    }
}

/// A type that says what is expected of a key result, where it is not what is expected of all.
fn kind_of_kr(text: &str) -> Option<&'static str> {
    match plain(text).as_str() {
        "committed" | "commit" | "commitment" | "roofshot" | "roof shot" => Some("committed"),
        "guardrail" | "health metric" | "health" => Some("guardrail"),
        _ => None,
    }
}

/// How many decimals a number has when it is written out.
fn decimals(number: f64) -> usize {
    format!("{number}").split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// `2026-03-31`, `31.03.2026`, and `31/03/2026` where the day cannot be a month.
fn date_of_text(text: &str) -> Option<Date> {
    let text = text.trim();
    let head = text.get(..10).unwrap_or(text);
    if let Ok(date) = head.parse::<Date>() {
        return Some(date);
    }
    let parts: Vec<i16> =
        text.split(['.', '/', '-']).map(|it| it.trim().parse().ok()).collect::<Option<_>>()?;
    let [first, second, year] = parts[..] else { return None };
    let year = if year < 100 { year + 2000 } else { year };
    let (day, month) = match (first, second) {
        (first, second) if text.contains('.') => (first, second),
        (first, second) if first > 12 => (first, second),
        (first, second) if second > 12 || first == second => (second, first),
        _ => return None,
    };
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_where_they_mean_one_thing() {
        let read = |text| date_of_text(text).map(|date| date.to_string());
        for text in ["2026-03-31", "31.03.2026", "31/3/26", "3/31/2026", "2026-03-31T10:00:00"] {
            assert_eq!(read(text).as_deref(), Some("2026-03-31"), "{text}");
        }
        assert_eq!(read("03/04/2026"), None);
        assert_eq!(read("end of March"), None);
    }
}
