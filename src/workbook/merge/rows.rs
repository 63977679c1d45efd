//! Rows: those that are there, copied ones, unknown ones and new ones; and the notes on their cells.

use super::super::coerce::{self, Theirs, Unclear};
use super::super::columns::{Field, Role, Table};
use super::super::guard::Refusal;
use super::super::read::{At, Cell};
use super::super::receipt::{Change, Coercion, Conflict, NotTaken};
use super::super::snapshot::text_of;
use super::super::tables::{Grid, Row, address, trimmed};
use super::cells::{is_input, returned, share};
use super::{Ask, Merge, New, NewKr, Side, Todo};
use crate::quantity::UnitId;
use rustc_hash::FxHashMap;

impl Merge<'_> {
    /// Merges the rows of a table.
    pub fn rows(
        &mut self,
        grid: &Grid<'_>,
        rows: &[Row<'_>],
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        let mut seen: FxHashMap<&str, u32> = FxHashMap::default();
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        for row in rows.iter().filter(|row| !row.key.is_empty()) {
            *counts.entry(&row.key).or_default() += 1;
        }
        for row in rows {
            if row.key.is_empty() {
                self.new_row(grid, row, ask)?;
                continue;
            }
            let first = seen.get(row.key.as_str()).copied();
            seen.entry(&row.key).or_insert(row.number);
            if counts[row.key.as_str()] > 1 && !self.copied(grid, row, first, ask) {
                continue;
            }
            match self.index.get(&(grid.table, row.key.clone())).copied() {
                Some(index) => self.known_row(grid, row, index, ask)?,
                None => self.unknown_row(grid, row),
            }
        }
        Ok(())
    }

    /// A row whose key is there twice; tells whether it is read.
    fn copied(
        &mut self,
        grid: &Grid<'_>,
        row: &Row<'_>,
        first: Option<u32>,
        ask: &mut Ask<'_>,
    ) -> bool {
        let key_column = grid.key_column();
        let Some(first) = first else { return self.options.theirs };
        let cell = address(grid.sheet, At::new(row.number, key_column));
        let mut conflict = Conflict {
            key: row.key.clone(),
            field: "key".into(),
            base: None,
            ours: None,
            at: self
                .index
                .get(&(grid.table, row.key.clone()))
                .map(|&index| self.engine.plan.line_of(self.row_place(grid.table, index))),
            theirs: Some(row.key.clone()),
            cell,
            meant: None,
            reason: format!(
                "the key stands in row {} already: a copied row. Theirs takes the first and leaves the \
                 copy; ours leaves both. For a new row, empty the copy's key",
                first + 1
            ),
            question: false,
            settled: None,
        };
        let side = match (self.options.theirs, self.options.ours) {
            (true, _) => Some(Side::Theirs),
            (_, true) => Some(Side::Ours),
            _ => ask(&conflict),
        };
        conflict.settled = side.map(Side::word);
        self.receipt.conflicts.push(conflict);
        false
    }

    fn known_row(
        &mut self,
        grid: &Grid<'_>,
        row: &Row<'_>,
        index: usize,
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        for &(at, column) in &grid.columns {
            let cell = row.cells.iter().find(|cell| cell.at.column == at);
            let spot = self.spot(grid, row, &row.key, index, (at, column));
            match column.role {
                Role::Key => {}
                Role::Input => self.cell(&spot, cell, ask)?,
                Role::Reference => self.reference(&spot, cell),
                Role::Computed | Role::Hidden => self.computed(&spot, cell),
            }
        }
        Ok(())
    }

    /// A row with a key that the plan does not have.
    fn unknown_row(&mut self, grid: &Grid<'_>, row: &Row<'_>) {
        let sheet = grid.table.sheet();
        let was = self.base.is_some_and(|base| base.has(sheet, &row.key));
        if was && !self.is_changed(grid, row) {
            // Taken out of the plan since, and not touched in the workbook.
            return;
        }
        let words = grid.table.row_words();
        let reason = match was {
            true => format!("the {words} `{}` is not in the plan any more", row.key),
            false => {
                format!("there is no {words} `{}` in the plan; a new row has an empty key", row.key)
            }
        };
        let key = row.cells.iter().find(|cell| cell.at.column == grid.key_column());
        let mut cells: Vec<&Cell> = row
            .cells
            .iter()
            .filter(|cell| {
                let column = grid.columns.iter().find(|(at, _)| *at == cell.at.column);
                column.is_some_and(|(_, it)| is_input(grid.table, it.field)) && !cell.is_formula()
            })
            .collect();
        cells.extend(key.filter(|_| cells.is_empty()));
        for cell in cells {
            self.receipt.not_taken.push(NotTaken {
                cell: address(grid.sheet, cell.at),
                value: text_of(&cell.value),
                reason: reason.clone(),
                at: None,
            });
        }
    }

    fn is_changed(&self, grid: &Grid<'_>, row: &Row<'_>) -> bool {
        let Some(base) = self.base else { return true };
        grid.columns.iter().filter(|(_, column)| is_input(grid.table, column.field)).any(
            |(at, column)| {
                let cell = row.cells.iter().find(|cell| cell.at.column == *at);
                let was = base.cell(grid.table.sheet(), &row.key, column.header);
                let formula = cell.is_some_and(|cell| cell.is_formula());
                !formula && !super::checks::is_what_was(cell, was)
            },
        )
    }

    /// A row without a key.
    fn new_row(
        &mut self,
        grid: &Grid<'_>,
        row: &Row<'_>,
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        let typed = |field: Field| {
            let cell = grid.cell(row, field).filter(|cell| !cell.is_formula())?;
            let text = text_of(&cell.value);
            (!trimmed(&text).is_empty()).then(|| trimmed(&text).to_owned())
        };
        let own: Vec<&Cell> = row
            .cells
            .iter()
            .filter(|cell| grid.columns.iter().any(|(at, _)| *at == cell.at.column))
            .filter(|cell| !cell.is_formula() && !trimmed(&text_of(&cell.value)).is_empty())
            .collect();
        let any_input = own.iter().any(|cell| {
            let column = grid.columns.iter().find(|(at, _)| *at == cell.at.column);
            column.is_some_and(|(_, it)| matches!(it.role, Role::Input | Role::Reference))
        });
        if !any_input || (own.len() == 1 && self.is_label(grid, own[0])) {
            return Ok(());
        }
        if grid.table != Table::KeyResults {
            let reason = format!("a new {} is written in the plan", grid.table.row_words());
            return self.all_untaken(grid, &own, &reason);
        }
        let (Some(title), Some(objective)) = (typed(Field::Title), typed(Field::Objective)) else {
            let reason = "a new key result needs a title and an objective";
            return self.all_untaken(grid, &own, reason);
        };
        let found = self.objective(&objective);
        if let Some(kr) = found.and_then(|found| self.kr_titled(found, &title)) {
            // Imported before, or typed by hand since: this row is that key result.
            let key = self.engine.plan.kr_id(kr);
            self.known_by_title.insert(key.clone());
            let row = Row { key, number: row.number, cells: row.cells };
            return self.known_inputs(grid, &row, kr, ask);
        }
        self.new_kr(grid, row, &own, title, (objective, found), typed(Field::Owner))
    }

    /// A cell that is one of the export's own words, such as a heading between tables.
    fn is_label(&self, grid: &Grid<'_>, cell: &Cell) -> bool {
        let Some(base) = self.base else { return true };
        base.is_label(grid.table.sheet(), &text_of(&cell.value))
    }

    /// The inputs of a row that has no key of its own.
    fn known_inputs(
        &mut self,
        grid: &Grid<'_>,
        row: &Row<'_>,
        index: usize,
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        for &(at, column) in grid.columns.iter().filter(|(_, it)| it.role == Role::Input) {
            let cell = row.cells.iter().find(|cell| cell.at.column == at);
            let spot = self.spot(grid, row, &row.key, index, (at, column));
            self.cell(&spot, cell, ask)?;
        }
        Ok(())
    }

    /// Lists every cell of a row as not taken.
    fn all_untaken(
        &mut self,
        grid: &Grid<'_>,
        cells: &[&Cell],
        reason: &str,
    ) -> Result<(), Refusal> {
        for cell in cells {
            self.receipt.not_taken.push(NotTaken {
                cell: address(grid.sheet, cell.at),
                value: text_of(&cell.value),
                reason: reason.to_owned(),
                at: None,
            });
        }
        Ok(())
    }

    /// The objective of an id, else of a title.
    fn objective(&self, words: &str) -> Option<usize> {
        let plan = &self.engine.plan;
        let all = || plan.objectives.iter().enumerate();
        let by_id = all().find(|(_, it)| plan.source(it.name) == words);
        let title = |it: &crate::plan::model::Objective| returned(&plan.text(it.title));
        by_id
            .or_else(|| all().find(|(_, it)| trimmed(&title(it)) == words))
            .or_else(|| all().find(|(_, it)| title(it).to_lowercase() == words.to_lowercase()))
            .map(|(index, _)| index)
    }

    fn kr_titled(&self, objective: usize, title: &str) -> Option<usize> {
        let plan = &self.engine.plan;
        let krs = plan.objectives[objective].krs.clone().map(|kr| kr as usize);
        krs.into_iter().find(|&kr| trimmed(&returned(&plan.text(plan.krs[kr].title))) == title)
    }

    fn team(&self, words: &str) -> Option<u32> {
        let plan = &self.engine.plan;
        let all = || plan.teams.iter().zip(0_u32..);
        let by_id = all().find(|(it, _)| plan.source(it.name) == words);
        let same = |it: &crate::plan::model::Team| {
            trimmed(&returned(&plan.text(it.title))).to_lowercase() == words.to_lowercase()
        };
        by_id.or_else(|| all().find(|(it, _)| same(it))).map(|(_, index)| index)
    }

    fn new_kr(
        &mut self,
        grid: &Grid<'_>,
        row: &Row<'_>,
        own: &[&Cell],
        title: String,
        (objective, found): (String, Option<usize>),
        owner: Option<String>,
    ) -> Result<(), Refusal> {
        let mut new = NewKr { title, objective: found, ..NewKr::default() };
        if found.is_none() {
            let team = owner.as_deref().and_then(|owner| self.team(owner));
            let Some(team) = team else {
                let reason = match owner {
                    Some(owner) => format!(
                        "there is no objective `{objective}`, and a new one wants an owner: there is no \
                         team `{owner}`"
                    ),
                    None => format!(
                        "there is no objective `{objective}`, and a new one wants an owner, a team's id or \
                         title"
                    ),
                };
                return self.all_untaken(grid, own, &reason);
            };
            new.new_objective = Some((objective.clone(), team));
        }
        let unit = grid.cell(row, Field::Unit).map(|cell| text_of(&cell.value));
        new.unit = unit.map_or_else(String::new, |unit| trimmed(&unit).to_owned());
        if !is_unit(&new.unit) {
            let reason = format!("`{}` is no unit: a unit is one word, or `%`", new.unit);
            return self.all_untaken(grid, own, &reason);
        }
        if let Err(reason) = self.new_numbers(grid, row, &mut new)? {
            return self.all_untaken(grid, own, &reason);
        }
        if let Some(note) = grid.cell(row, Field::Note) {
            new.notes = text_of(&note.value).lines().map(str::to_owned).collect();
        }
        let words =
            matches!(&new.actual, Some(New::Text(word)) if word == "done" || word == "open");
        if new.target.is_none() && !words {
            let reason = "a new key result needs a target, or `done` or `open` as its actual";
            return self.all_untaken(grid, own, reason);
        }
        self.receipt.changes.push(Change {
            kind: "new key result",
            key: objective,
            field: String::new(),
            from: None,
            to: Some(new.title.clone()),
            cell: grid.at(row.number, Field::Title),
            at: None,
            how: String::new(),
        });
        new.line = self.receipt.changes.len() - 1;
        self.todo.push(Todo::NewKr(Box::new(new)));
        Ok(())
    }

    /// The numbers of a new row, in the unit that it names.
    fn new_numbers(
        &mut self,
        grid: &Grid<'_>,
        row: &Row<'_>,
        new: &mut NewKr,
    ) -> Result<Result<(), String>, Refusal> {
        let mut units = crate::quantity::Units::default();
        let unit = if new.unit.is_empty() { UnitId::BARE } else { units.intern(&new.unit) };
        let mut numbers = [None; 5];
        let fields =
            [Field::Weight, Field::Baseline, Field::Target, Field::Actual, Field::Confidence];
        for (slot, field) in numbers.iter_mut().zip(fields) {
            let own = match field {
                Field::Weight => UnitId::BARE,
                Field::Confidence => UnitId::PERCENT,
                _ => unit,
            };
            let cell = grid.cell(row, field);
            let place = || grid.at(row.number, field);
            if field == Field::Actual
                && let Some(word) = cell.and_then(|cell| cell.text()).map(trimmed)
                && matches!(word.to_lowercase().as_str(), "done" | "open" | "n/a")
            {
                new.actual = Some(New::Text(word.to_lowercase()));
                continue;
            }
            let reading = coerce::number(cell, own, &units, None);
            let reading = if field == Field::Confidence { share(reading) } else { reading };
            match reading.value {
                Theirs::Empty | Theirs::Missing => {}
                Theirs::Number(number) => *slot = Some(number),
                Theirs::Text(text) => return Ok(Err(format!("`{text}` is no number"))),
                Theirs::Unclear(Unclear { meant: Some(meant), .. }) if self.options.as_meant => {
                    self.receipt.coercions.push(Coercion {
                        cell: place(),
                        from: cell.map_or_else(String::new, |cell| text_of(&cell.value)),
                        to: units.spell(meant, own),
                        reason: "as meant",
                    });
                    *slot = Some(meant);
                }
                Theirs::Unclear(Unclear { why, meant: Some(_), .. }) => {
                    return Ok(Err(format!("{}: {why} `--as-meant` takes it so", place())));
                }
                Theirs::Unclear(Unclear { why, .. }) | Theirs::Wrong(why) => {
                    return Ok(Err(format!("{}: {why}", place())));
                }
                Theirs::Error(error) => {
                    let what = format!("{} holds {error}, which is no value", place());
                    return Err(Refusal::new(what, "mend the cell and save the workbook again"));
                }
            }
        }
        let [weight, baseline, target, actual, confidence] = numbers;
        (new.weight, new.baseline, new.target) = (weight, baseline, target);
        new.confidence = confidence;
        new.actual = actual.map(New::Number).or(new.actual.take());
        Ok(Ok(()))
    }

    /// Notes on the cells of a table's rows.
    pub fn notes(&mut self, grid: &Grid<'_>, rows: &[Row<'_>]) {
        let notes: Vec<(At, super::super::read::Note)> = grid
            .sheet
            .notes
            .iter()
            .filter(|(at, _)| at.row >= grid.header && at.row < grid.end)
            .flat_map(|(at, notes)| notes.iter().map(|note| (*at, note.clone())))
            .collect();
        for (at, note) in notes {
            let row = rows.binary_search_by_key(&at.row, |row| row.number).ok();
            let row = row.and_then(|row| rows.get(row));
            let Some(text) = self.note_text(&note) else { continue };
            let index = row.and_then(|row| self.index.get(&(grid.table, row.key.clone())).copied());
            match (grid.table, index, row) {
                (Table::KeyResults, Some(kr), Some(row)) => {
                    self.note(kr, &row.key, text, address(grid.sheet, at));
                }
                _ => self.receipt.not_taken.push(NotTaken {
                    cell: address(grid.sheet, at),
                    value: text,
                    reason: "a note has a place in the plan at a key result only".into(),
                    at: index.map(|it| self.engine.plan.line_of(self.row_place(grid.table, it))),
                }),
            }
        }
    }

    /// What a note on a cell says, with who says it; `None` for one of the workbook's own.
    pub fn note_text(&self, note: &super::super::read::Note) -> Option<String> {
        let author = trimmed(&note.author).to_owned();
        let text = note.text.trim();
        // Excel writes the author's name above the text.
        let text = text.strip_prefix(&format!("{author}:")).unwrap_or(text).trim();
        let own = match self.base {
            Some(base) => base.is_own_note(text),
            None => author == super::super::pen::AUTHOR || super::super::pen::is_own_note(text),
        };
        if own || text.is_empty() {
            return None;
        }
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        Some(if author.is_empty() { text } else { format!("{author}: {text}") })
    }

    fn note(&mut self, kr: usize, key: &str, text: String, cell: String) {
        let plan = &self.engine.plan;
        let notes = plan.krs[kr].remarks.as_deref().map_or(&[][..], |it| &it.notes);
        if notes.iter().any(|note| returned(&plan.text(*note)) == text) {
            return;
        }
        self.receipt.changes.push(Change {
            kind: "note added",
            key: key.to_owned(),
            field: "note".into(),
            from: None,
            to: Some(text.clone()),
            cell,
            at: None,
            how: String::new(),
        });
        let line = self.receipt.changes.len() - 1;
        self.todo.push(Todo::Note { kr, text, line });
    }
}

/// Whether a text is a unit of the language, or none.
fn is_unit(text: &str) -> bool {
    if text.is_empty() || text == "%" {
        return true;
    }
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(|c| c.is_alphanumeric() || c == '_')
        && !crate::syntax::keyword::is_reserved(text)
}
