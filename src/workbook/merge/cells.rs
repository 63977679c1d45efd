//! One cell, merged three ways.

use super::super::coerce::{self, Reading, Theirs, Unclear};
use super::super::columns::{Column, Field, Role, Table};
use super::super::guard::Refusal;
use super::super::held::{Held, unit};
use super::super::read::{At, Cell, Value, clean};
use super::super::receipt::{Change, Coercion, Conflict, Deletion, NotTaken};
use super::super::snapshot::{Was, digits, same_number, text_of};
use super::super::tables::{Grid, Row, trimmed};
use super::super::text::fitted;
use super::{Ask, Merge, New, Side, Todo};
use crate::engine::Value as Result_;
use crate::plan::model::{Grading, Observation};
use crate::quantity::UnitId;
use crate::source::Place;

/// Whether a column is merged.
pub fn is_input(table: Table, field: Field) -> bool {
    table.column(field).is_some_and(|column| column.role == Role::Input)
}

/// A text as it comes back from a cell.
pub fn returned(text: &str) -> String {
    clean(&fitted(text).0).into_owned()
}

/// A place in a returning workbook: whose cell, of which column.
pub struct Spot<'a> {
    pub table: Table,
    pub index: usize,
    pub key: &'a str,
    pub column: &'static Column,
    pub sheet: &'a str,
    pub at: At,
}

impl Spot<'_> {
    /// `Key results!H7`
    pub fn address(&self) -> String {
        format!("{}!{}", self.sheet, self.at)
    }
}

impl<'a> Merge<'a> {
    fn read_cell(
        &self,
        table: Table,
        index: Option<usize>,
        key: &str,
        field: Field,
        cell: Option<&Cell>,
    ) -> Reading {
        let units = &self.engine.plan.units;
        let column = table.column(field).map_or("", |column| column.header);
        let usual = match self.base.and_then(|base| base.cell(table.sheet(), key, column)) {
            Some(Was::Number(number)) => Some(number),
            Some(Was::Formula(_, result)) => result,
            _ => None,
        };
        match field {
            Field::Title | Field::Note => coerce::text(cell),
            Field::Actual => match index {
                Some(kr) => self.observed(kr, cell, usual),
                None => coerce::number(cell, UnitId::BARE, units, usual),
            },
            Field::Confidence => share(coerce::number(cell, UnitId::PERCENT, units, usual)),
            _ => {
                let unit = index.map_or(UnitId::BARE, |at| match table {
                    Table::Draws => UnitId::PERSON_WEEKS,
                    _ => unit(&self.engine, table, at, field),
                });
                coerce::number(cell, unit, units, usual)
            }
        }
    }

    /// An actual: a number, or a word of the key result's grading.
    fn observed(&self, kr: usize, cell: Option<&Cell>, usual: Option<f64>) -> Reading {
        let Some(cell) = cell else { return Reading::EMPTY };
        let plan = &self.engine.plan;
        let text = match &cell.value {
            Value::Text(text) => trimmed(text).to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(number) => format!("{number}"),
            Value::Missing | Value::Error(_) | Value::Date(_) => {
                return coerce::number(Some(cell), plan.krs[kr].unit, &plan.units, usual);
            }
        };
        let is_text = matches!(cell.value, Value::Text(_));
        let said = |word: &str, same: bool| Reading {
            value: Theirs::Text(word.to_owned()),
            coerced: (!same).then_some("read as the word"),
            formula: cell.is_formula(),
        };
        if is_text && matches!(text.to_lowercase().as_str(), "n/a" | "na") {
            return said("n/a", text == "n/a");
        }
        if text.is_empty() {
            return Reading { formula: cell.is_formula(), ..Reading::EMPTY };
        }
        let wrong = |words: String| Reading {
            value: Theirs::Wrong(words),
            coerced: None,
            formula: cell.is_formula(),
        };
        match plan.krs[kr].grading {
            Grading::Done => match text.to_lowercase().as_str() {
                "done" | "true" | "1" => said("done", is_text && text == "done"),
                "open" | "false" | "0" => said("open", is_text && text == "open"),
                _ => wrong(format!("`{text}` is neither `done` nor `open`")),
            },
            Grading::Milestones(first, count) => {
                let own = &plan.milestones[first as usize..(first + count) as usize];
                let names: Vec<String> =
                    own.iter().map(|it| returned(&plan.text(it.name))).collect();
                let exact = names.iter().find(|name| trimmed(name) == text);
                let alike: Vec<&String> = names
                    .iter()
                    .filter(|name| name.to_lowercase() == text.to_lowercase())
                    .collect();
                match (exact, &alike[..]) {
                    (Some(name), _) => said(name, true),
                    (None, [name]) => said(name, false),
                    _ => wrong(format!("`{text}` is no milestone; there is {}", names.join(", "))),
                }
            }
            Grading::Score => {
                share(coerce::number(Some(cell), UnitId::PERCENT, &plan.units, usual))
            }
            _ => coerce::number(Some(cell), plan.krs[kr].unit, &plan.units, usual),
        }
    }

    /// Merges one cell.
    pub fn cell(
        &mut self,
        spot: &Spot<'_>,
        cell: Option<&Cell>,
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        let was = self.was(spot);
        if was == Some(Was::Cut) || is_untouched(cell, was) {
            return Ok(());
        }
        let reading =
            self.read_cell(spot.table, Some(spot.index), spot.key, spot.column.field, cell);
        if let Some(Was::Formula(text, result)) = was {
            return self.formula_cell(spot, cell, &reading, (text, result), ask);
        }
        let ours = self.ours(spot.table, spot.index, spot.column.field);
        if was.is_none() && reading.formula && matches!(ours, Held::Formula(..)) {
            return Ok(());
        }
        // A draw that is a range is no input.
        if spot.table == Table::Draws && matches!(ours, Held::Formula(..)) {
            if cell.is_some_and(|cell| !cell.is_formula()) && was.is_none() {
                self.not_taken(spot, cell, "it is a range in the plan");
            }
            return Ok(());
        }
        if self.has_no_way(spot, &ours) {
            if cell.is_some_and(|cell| !trimmed(&text_of(&cell.value)).is_empty()) && was.is_none()
            {
                let reason =
                    "the key result is graded by a rule of its own, without baseline and target";
                self.not_taken(spot, cell, reason);
            }
            return Ok(());
        }
        let theirs = match self.settled_value(spot, cell, &reading, ask)? {
            Some(theirs) => theirs,
            None => return Ok(()),
        };
        if same_as_was(&theirs, was) {
            return Ok(());
        }
        self.note_coercion(spot, cell, &reading, &theirs);
        if same_as_held(&theirs, &ours) {
            return Ok(());
        }
        let row_known = self.base.is_some_and(|base| base.has(spot.table.sheet(), spot.key));
        if !row_known {
            // Without a base an empty cell says nothing.
            if theirs == New::Nothing {
                return Ok(());
            }
            let reason = "the workbook has no base for it";
            return self.conflict(spot, cell, was, &ours, theirs, reason, ask);
        }
        match held_is_was(&ours, was) {
            true => {
                self.apply(spot, &ours, theirs, false);
                Ok(())
            }
            false => {
                let reason = "both the plan and the workbook have changed it";
                self.conflict(spot, cell, was, &ours, theirs, reason, ask)
            }
        }
    }

    /// Whether a key result knows neither baseline nor target.
    fn has_no_way(&self, spot: &Spot<'_>, ours: &Held) -> bool {
        let numbers = matches!(spot.column.field, Field::Baseline | Field::Target);
        spot.table == Table::KeyResults
            && numbers
            && *ours == Held::Empty
            && matches!(
                self.engine.plan.krs[spot.index].grading,
                Grading::Done | Grading::Milestones(..) | Grading::Score | Grading::Keep(_)
            )
    }

    /// The cell of a field that was a formula.
    fn formula_cell(
        &mut self,
        spot: &Spot<'_>,
        cell: Option<&Cell>,
        reading: &Reading,
        (text, result): (&str, Option<f64>),
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        // Programs rewrite a formula's text: any formula is the old one.
        if reading.formula {
            return Ok(());
        }
        let ours = self.ours(spot.table, spot.index, spot.column.field);
        let Some(theirs) = self.settled_value(spot, cell, reading, ask)? else { return Ok(()) };
        if let (New::Number(number), Some(result)) = (&theirs, result)
            && same_number(*number, result)
        {
            let message = format!("holds the formula's own result, pasted; `{text}` stays");
            self.receipt.warn(spot.address(), message);
            return Ok(());
        }
        if theirs == New::Nothing && result.is_none() {
            return Ok(());
        }
        if same_as_held(&theirs, &ours) {
            return Ok(());
        }
        let unchanged = matches!(&ours, Held::Formula(now, _) if returned(now) == text);
        if unchanged {
            self.apply(spot, &ours, theirs, true);
            return Ok(());
        }
        let was = Was::Formula(text, result);
        let reason = "both the plan and the workbook have changed it";
        self.conflict(spot, cell, Some(was), &ours, theirs, reason, ask)
    }

    /// The value of a reading, once it is clear; `None` where nothing is to be taken.
    fn settled_value(
        &mut self,
        spot: &Spot<'_>,
        cell: Option<&Cell>,
        reading: &Reading,
        ask: &mut Ask<'_>,
    ) -> Result<Option<New>, Refusal> {
        Ok(match &reading.value {
            Theirs::Empty => Some(New::Nothing),
            Theirs::Number(number) => Some(New::Number(*number)),
            Theirs::Text(text) => Some(New::Text(text.clone())),
            Theirs::Missing => {
                let message = "is a formula whose result the workbook does not hold; nothing was taken \
                               from it (open the file in a spreadsheet program and save it)";
                self.receipt.warn(spot.address(), message);
                None
            }
            Theirs::Unclear(unclear) => self.unclear(spot, cell, unclear, ask),
            Theirs::Error(error) => {
                let what = format!("{} holds {error}, which is no value", spot.address());
                return Err(Refusal::new(what, "mend the cell and save the workbook again"));
            }
            Theirs::Wrong(why) => {
                self.not_taken(spot, cell, why);
                None
            }
        })
    }

    /// A value of which it has to be asked what it means: nothing but an answer, `--as-meant` or
    /// `--ours` settles it.
    fn unclear(
        &mut self,
        spot: &Spot<'_>,
        cell: Option<&Cell>,
        unclear: &Unclear,
        ask: &mut Ask<'_>,
    ) -> Option<New> {
        let was = self.was(spot);
        let ours = self.ours(spot.table, spot.index, spot.column.field);
        let (stands, meant) = (New::Number(unclear.stands), unclear.meant.map(New::Number));
        if same_as_was(&stands, was) || same_as_held(&stands, &ours) {
            return None;
        }
        if let Some(meant) = &meant
            && (self.options.as_meant || same_as_held(meant, &ours))
        {
            self.receipt.coercions.push(Coercion {
                cell: spot.address(),
                from: cell.map_or_else(String::new, |cell| text_of(&cell.value)),
                to: self.shown(spot, meant).unwrap_or_default(),
                reason: "as meant",
            });
            return Some(meant.clone());
        }
        let mut question = Conflict {
            key: spot.key.to_owned(),
            field: spot.column.header.to_owned(),
            base: was.and_then(|was| self.shown_was(spot, was)),
            ours: self.shown_held(spot, &ours),
            at: self.place_of(spot).map(|place| self.engine.plan.line_of(place)),
            theirs: self.shown(spot, &stands),
            cell: spot.address(),
            meant: meant.as_ref().and_then(|meant| self.shown(spot, meant)),
            reason: unclear.why.clone(),
            question: true,
            settled: None,
        };
        let side = if self.options.ours { Some(Side::Ours) } else { ask(&question) };
        question.settled = side.map(Side::word);
        self.receipt.conflicts.push(question);
        match side {
            Some(Side::Theirs) => Some(stands),
            Some(Side::Meant) => meant,
            Some(Side::Ours) | None => None,
        }
    }

    fn note_coercion(
        &mut self,
        spot: &Spot<'_>,
        cell: Option<&Cell>,
        reading: &Reading,
        theirs: &New,
    ) {
        let typed = cell.map_or_else(String::new, |cell| text_of(&cell.value));
        if let Some(reason) = reading.coerced {
            self.receipt.coercions.push(Coercion {
                cell: spot.address(),
                from: typed,
                to: self.shown(spot, theirs).unwrap_or_default(),
                reason,
            });
        }
        if reading.formula && *theirs != New::Nothing {
            let shown = self.shown(spot, theirs).unwrap_or_default();
            let message = format!("is a formula now; its result {shown} is taken");
            self.receipt.warn(spot.address(), message);
        }
    }

    /// Settles a conflict, or leaves it open.
    #[allow(clippy::too_many_arguments)] // a conflict has three sides, a place and a reason
    pub fn conflict(
        &mut self,
        spot: &Spot<'_>,
        _cell: Option<&Cell>,
        was: Option<Was<'_>>,
        ours: &Held,
        theirs: New,
        reason: &str,
        ask: &mut Ask<'_>,
    ) -> Result<(), Refusal> {
        let mut conflict = Conflict {
            key: spot.key.to_owned(),
            field: spot.column.header.to_owned(),
            base: was.and_then(|was| self.shown_was(spot, was)),
            ours: self.shown_held(spot, ours),
            at: self.place_of(spot).map(|place| self.engine.plan.line_of(place)),
            theirs: self.shown(spot, &theirs),
            cell: spot.address(),
            meant: None,
            reason: reason.to_owned(),
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
        if side == Some(Side::Theirs) {
            self.apply(spot, ours, theirs, matches!(ours, Held::Formula(..)));
        }
        Ok(())
    }

    /// Takes a value over.
    fn apply(&mut self, spot: &Spot<'_>, ours: &Held, theirs: New, replaces_formula: bool) {
        if theirs == New::Nothing {
            return self.propose(spot, ours);
        }
        if self.falls_back(spot, &theirs) {
            return;
        }
        let kind = match (replaces_formula, ours) {
            (true, _) => "formula replaced",
            (_, Held::Empty) => "added",
            _ => "changed",
        };
        let change = Change {
            kind,
            key: spot.key.to_owned(),
            field: spot.column.header.to_owned(),
            from: self.shown_held(spot, ours),
            to: self.shown(spot, &theirs),
            cell: spot.address(),
            at: None,
            how: String::new(),
        };
        self.receipt.changes.push(change);
        let line = self.receipt.changes.len() - 1;
        let (table, index, field) = (spot.table, spot.index, spot.column.field);
        self.todo.push(Todo::Set { table, index, field, new: theirs, replaces_formula, line });
    }

    /// A milestone before one that another check-in has reached changes nothing: the furthest counts.
    /// It is listed as not taken.
    fn falls_back(&mut self, spot: &Spot<'_>, theirs: &New) -> bool {
        let (Table::KeyResults, Field::Actual, New::Text(word)) =
            (spot.table, spot.column.field, theirs)
        else {
            return false;
        };
        let plan = &self.engine.plan;
        let kr = &plan.krs[spot.index];
        let Grading::Milestones(first, count) = kr.grading else { return false };
        let own = &plan.milestones[first as usize..(first + count) as usize];
        let place = own.iter().position(|it| returned(&plan.text(it.name)) == *word);
        let (Some(place), None) = (place, kr.actual) else { return false };
        let seen = self.engine.observations(spot.index);
        // The newest one is replaced if it is of the day of the observation, or later.
        let stays = match seen.last() {
            Some(newest) if self.as_of.is_none_or(|as_of| newest.date >= as_of) => seen.len() - 1,
            _ => seen.len(),
        };
        let reached = seen[..stays].iter().filter_map(|checkin| match checkin.observation {
            Observation::Milestone(at) if at as usize > place => Some((at, checkin)),
            _ => None,
        });
        let Some((at, checkin)) = reached.max_by_key(|(at, _)| *at) else { return false };
        let name = own.get(at as usize).map(|it| plan.text(it.name)).unwrap_or_default();
        let reason = format!(
            "the furthest milestone counts, and `{name}` was reached on {}; to take that back, change \
             its check-in",
            checkin.date
        );
        let at = Some(plan.line_of(checkin.place));
        self.receipt.not_taken.push(NotTaken {
            cell: spot.address(),
            value: word.clone(),
            reason,
            at,
        });
        true
    }

    /// An emptied input: a proposed deletion of what the plan says there.
    fn propose(&mut self, spot: &Spot<'_>, ours: &Held) {
        let Some(place) = self.place_of(spot) else { return };
        if spot.column.field == Field::Title && spot.table != Table::Buckets {
            return self.not_taken(spot, None, "a title cannot be empty");
        }
        let required = matches!(
            (spot.table, spot.column.field),
            (Table::Metrics, Field::Value) | (Table::Buckets, Field::Share) | (Table::Draws, _)
        );
        if required {
            return self.not_taken(spot, None, "it cannot be empty; write 0 if you mean 0");
        }
        let applied = self.options.delete;
        self.receipt.deletions.push(Deletion {
            key: spot.key.to_owned(),
            field: spot.column.header.to_owned(),
            from: self.shown_held(spot, ours),
            cell: spot.address(),
            at: Some(self.engine.plan.line_of(place)),
            applied,
        });
        if applied {
            let (table, index, field) = (spot.table, spot.index, spot.column.field);
            let new = New::Nothing;
            let line = usize::MAX;
            self.todo.push(Todo::Set { table, index, field, new, replaces_formula: false, line });
        }
    }

    /// Lists a cell as not taken.
    pub fn not_taken(&mut self, spot: &Spot<'_>, cell: Option<&Cell>, reason: &str) {
        let place = self.place_of(spot).unwrap_or_else(|| self.row_place(spot.table, spot.index));
        self.receipt.not_taken.push(NotTaken {
            cell: spot.address(),
            value: cell.map_or_else(String::new, |cell| text_of(&cell.value)),
            reason: reason.to_owned(),
            at: Some(self.engine.plan.line_of(place)),
        });
    }

    /// Where the plan says what stands in a cell; `None` where it says nothing.
    pub fn place_of(&self, spot: &Spot<'_>) -> Option<Place> {
        super::super::write::place_of(
            &self.engine,
            &self.layout,
            spot.table,
            spot.index,
            spot.column.field,
        )
    }

    fn unit_of(&self, spot: &Spot<'_>) -> UnitId {
        match (spot.table, spot.column.field) {
            (Table::Draws, _) => UnitId::PERSON_WEEKS,
            (table, field) => unit(&self.engine, table, spot.index, field),
        }
    }

    fn shown_number(&self, spot: &Spot<'_>, number: f64) -> String {
        // To the fifteen digits that a workbook keeps.
        let rounded = digits(number).parse().unwrap_or(number);
        self.engine.plan.units.spell(rounded, self.unit_of(spot))
    }

    /// A new value in words.
    pub fn shown(&self, spot: &Spot<'_>, new: &New) -> Option<String> {
        match new {
            New::Number(number) => Some(self.shown_number(spot, *number)),
            New::Text(text) => Some(text.clone()),
            New::Nothing => None,
        }
    }

    /// What the plan holds, in words.
    pub fn shown_held(&self, spot: &Spot<'_>, held: &Held) -> Option<String> {
        match held {
            Held::Empty => None,
            Held::Number(number) => Some(self.shown_number(spot, *number)),
            Held::Text(text) => Some(text.clone()),
            Held::Formula(text, Result_::Number(value)) => {
                Some(format!("{text} = {}", self.shown_number(spot, *value)))
            }
            Held::Formula(text, _) => Some(text.clone()),
        }
    }

    /// What the base holds.
    fn was(&self, spot: &Spot<'_>) -> Option<Was<'a>> {
        self.base?.cell(spot.table.sheet(), spot.key, spot.column.header)
    }

    fn shown_was(&self, spot: &Spot<'_>, was: Was<'_>) -> Option<String> {
        match was {
            Was::Text(text) | Was::Date(text) => Some(text.to_owned()),
            Was::Number(number) => Some(self.shown_number(spot, number)),
            Was::Formula(text, Some(value)) => {
                Some(format!("{text} = {}", self.shown_number(spot, value)))
            }
            Was::Formula(text, None) => Some(text.to_owned()),
            Was::Cut => None,
        }
    }

    /// The spot of a row's column.
    pub fn spot<'k>(
        &self,
        grid: &Grid<'k>,
        row: &Row<'_>,
        key: &'k str,
        index: usize,
        (at, column): (u32, &'static Column),
    ) -> Spot<'k> {
        let at = At::new(row.number, at);
        Spot { table: grid.table, index, key, column, sheet: &grid.sheet.name, at }
    }
}

/// A number from 0 to 1; a percentage as text is one as well.
pub fn share(reading: Reading) -> Reading {
    match reading.value {
        Theirs::Unclear(Unclear { stands, .. }) => {
            let hundredth = crate::quantity::readable(stands / 100.0);
            let percent = crate::quantity::readable(stands);
            let hint = match (2.0..=100.0).contains(&stands) {
                true => format!("; write {hundredth} for {percent}%"),
                false => String::new(),
            };
            let value = Theirs::Wrong(format!("{percent} does not lie within 0..1{hint}"));
            Reading { value, ..reading }
        }
        Theirs::Number(number) if !(0.0..=1.0).contains(&number) => {
            let value = Theirs::Wrong(format!("{number} does not lie within 0..1"));
            Reading { value, ..reading }
        }
        _ => reading,
    }
}

/// Whether a cell is as it was written, so that there is nothing to merge.
fn is_untouched(cell: Option<&Cell>, was: Option<Was<'_>>) -> bool {
    match (cell, was) {
        (None, None) => true,
        (Some(cell), Some(Was::Formula(..))) => cell.is_formula(),
        (Some(cell), Some(was)) => match (&cell.value, was) {
            (Value::Number(is), Was::Number(was)) => same_number(*is, was),
            (Value::Text(is), Was::Text(was)) => is.as_ref() == was,
            _ => false,
        },
        _ => false,
    }
}

/// Whether a value is what the base had.
fn same_as_was(theirs: &New, was: Option<Was<'_>>) -> bool {
    match (theirs, was) {
        (New::Nothing, None) => true,
        (New::Number(one), Some(Was::Number(other))) => same_number(*one, other),
        (New::Text(one), Some(Was::Text(other))) => one == other,
        _ => false,
    }
}

/// Whether a value is what the plan holds.
pub fn same_as_held(theirs: &New, held: &Held) -> bool {
    match (theirs, held) {
        (New::Nothing, Held::Empty) => true,
        (New::Number(one), Held::Number(other)) => same_number(*one, *other),
        (New::Text(one), Held::Text(other)) => *one == returned(other),
        _ => false,
    }
}

/// Whether the plan still holds what the base had.
fn held_is_was(held: &Held, was: Option<Was<'_>>) -> bool {
    match (held, was) {
        (Held::Empty, None) => true,
        (Held::Number(one), Some(Was::Number(other))) => same_number(*one, other),
        (Held::Text(one), Some(Was::Text(other))) => returned(one) == other,
        (Held::Formula(text, _), Some(Was::Formula(was, _))) => returned(text) == was,
        _ => false,
    }
}
