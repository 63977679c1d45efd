//! A merge's changes as splices of the plan's files: values are replaced where they stand, fields and
//! lines are added, nothing else moves.

mod blocks;
mod krs;
mod place;

pub use place::place_of;

use super::columns::{Field, Table};
use super::layout::Layout;
use super::merge::{New, Options, Outcome, Todo};
use super::receipt::Receipt;
use super::spell::respelled;
use crate::engine::Engine;
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::{Checkin, Grading};
use crate::quantity::UnitId;
use crate::source::{FileId, Place, Span};
use crate::syntax::edit::{EditError, Splice, insert_line, value_splice};
use crate::syntax::tree::{Tree, quote};
use crate::syntax::{self};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The splices of a plan's files.
pub type Edits = Vec<(FileId, Vec<Splice>)>;

/// Why a change could not be written; nothing is, then.
#[derive(Debug)]
pub struct Unwritable(pub String);

impl From<EditError> for Unwritable {
    fn from(error: EditError) -> Self {
        Unwritable(error.to_string())
    }
}

/// Something with a block of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Kr(usize),
    Team(usize),
}

/// What an observation on the as-of date is to say.
#[derive(Clone, Debug, Default)]
struct Observed {
    actual: Option<(New, usize)>,
    confidence: Option<(New, usize)>,
}

/// Turns changes into splices.
struct Writer<'a> {
    engine: &'a Engine,
    layout: &'a Layout,
    options: &'a Options,
    as_of: Option<Date>,
    receipt: &'a mut Receipt,
    trees: FxHashMap<FileId, Tree>,
    splices: BTreeMap<FileId, Vec<Splice>>,
    fields: BTreeMap<Owner, Vec<String>>,
    dated: BTreeMap<FileId, Vec<String>>,
    observed: BTreeMap<usize, Observed>,
    deleted: Vec<Place>,
}

/// The splices that an outcome comes to. What is added and changed is told in the receipt.
///
/// # Errors
///
/// If a change has no place in the plan's text.
pub fn edits(outcome: &mut Outcome, options: &Options) -> Result<Edits, Unwritable> {
    let Outcome { todo, receipt, as_of, engine, layout } = outcome;
    let mut writer = Writer {
        engine,
        layout,
        options,
        as_of: *as_of,
        receipt,
        trees: FxHashMap::default(),
        splices: BTreeMap::new(),
        fields: BTreeMap::new(),
        dated: BTreeMap::new(),
        observed: BTreeMap::new(),
        deleted: Vec::new(),
    };
    for todo in todo.iter() {
        match todo {
            Todo::Set { table, index, field, new, line, .. } => {
                writer.set(*table, *index, *field, new, *line)?;
            }
            Todo::Note { kr, text, line } => writer.add_note(*kr, text, *line),
            Todo::Delete { table, index } => writer.delete(*table, *index)?,
            Todo::NewKr(_) => {}
        }
    }
    writer.observations()?;
    writer.new_krs(todo)?;
    writer.finish()
}

impl Writer<'_> {
    fn text(&self, file: FileId) -> &str {
        self.engine.plan.sources.get(file).text()
    }

    fn tree(&mut self, file: FileId) -> &Tree {
        let source = self.engine.plan.sources.get(file);
        self.trees.entry(file).or_insert_with(|| syntax::parse(file, source).tree)
    }

    fn splice(&mut self, file: FileId, splice: Splice) {
        self.splices.entry(file).or_default().push(splice);
    }

    /// Tells in the receipt where and how a change is written.
    fn tell(&mut self, line: usize, at: Option<Place>, how: &str) {
        let at = at.map(|place| self.engine.plan.line_of(place));
        if let Some(change) = self.receipt.changes.get_mut(line) {
            change.at = at;
            change.how = how.to_owned();
        }
    }

    /// Puts a value in the place of another.
    fn replace(&mut self, place: Place, value: &str) -> Result<(), Unwritable> {
        let splice = value_splice(self.text(place.file), place.span, value)?;
        self.splice(place.file, splice);
        Ok(())
    }

    fn set(
        &mut self,
        table: Table,
        index: usize,
        field: Field,
        new: &New,
        line: usize,
    ) -> Result<(), Unwritable> {
        match (table, field) {
            (_, Field::Title) => self.title(table, index, new, line),
            (Table::KeyResults, Field::Note) => self.notes(index, new, line),
            (Table::KeyResults, Field::Actual) => {
                let observed = self.observed.entry(index).or_default();
                observed.actual = Some((new.clone(), line));
                Ok(())
            }
            (Table::KeyResults, Field::Confidence) => {
                let observed = self.observed.entry(index).or_default();
                observed.confidence = Some((new.clone(), line));
                Ok(())
            }
            _ => self.number(table, index, field, new, line),
        }
    }

    fn title(
        &mut self,
        table: Table,
        index: usize,
        new: &New,
        line: usize,
    ) -> Result<(), Unwritable> {
        let plan = &self.engine.plan;
        let (name, title) = match table {
            Table::KeyResults => (plan.krs[index].name, Some(plan.krs[index].title)),
            Table::Metrics => (plan.metrics[index].name, Some(plan.metrics[index].title)),
            Table::Teams => (plan.teams[index].name, Some(plan.teams[index].title)),
            _ => (plan.buckets[index].name, plan.buckets[index].title),
        };
        self.tell(line, Some(name), "in place");
        match (new, title) {
            (New::Text(text), Some(title)) => {
                let splice = Splice { span: title.0.span, text: quote(text) };
                self.splice(title.0.file, splice);
            }
            (New::Text(text), None) => {
                let at = Span { start: name.span.end, end: name.span.end };
                self.splice(name.file, Splice { span: at, text: format!(" {}", quote(text)) });
            }
            (_, Some(title)) => {
                // With the space before it.
                let before =
                    self.text(title.0.file)[..title.0.span.start as usize].trim_end().len();
                let span = Span { start: before as u32, end: title.0.span.end };
                self.splice(title.0.file, Splice { span, text: String::new() });
            }
            (_, None) => {}
        }
        Ok(())
    }

    /// A number in force, in place; a field that is added; or one that goes.
    fn number(
        &mut self,
        table: Table,
        index: usize,
        field: Field,
        new: &New,
        line: usize,
    ) -> Result<(), Unwritable> {
        let place = place_of(self.engine, self.layout, table, index, field);
        let unit = self.unit(table, index, field);
        let New::Number(number) = new else { return self.clear(table, index, field, place) };
        let amendable = table == Table::KeyResults;
        if amendable && self.options.amend {
            return self.amend(index, field, *number, line);
        }
        if let Some(place) = place {
            let old = self.engine.plan.source(place).to_owned();
            let value = respelled(&old, *number, unit, &self.engine.plan.units);
            let amended = amendable && self.amendment(index, field) == Some(place);
            self.tell(line, Some(place), if amended { "in the amendment" } else { "in place" });
            return self.replace(place, &value);
        }
        let (owner, name, word) = match table {
            Table::KeyResults => (Owner::Kr(index), self.engine.plan.krs[index].name, field),
            _ => (Owner::Team(index), self.engine.plan.teams[index].name, field),
        };
        let word = table.column(word).map_or("", |column| column.header);
        let value = self.engine.plan.units.spell(*number, unit);
        self.fields.entry(owner).or_default().push(format!("{word} {value}"));
        self.tell(line, Some(name), "a new field");
        Ok(())
    }

    fn unit(&self, table: Table, index: usize, field: Field) -> UnitId {
        match table {
            Table::Draws => UnitId::PERSON_WEEKS,
            _ => super::held::unit(self.engine, table, index, field),
        }
    }

    /// The amendment that gives a field its value.
    fn amendment(&self, index: usize, field: Field) -> Option<Place> {
        let cell = Cell::new(place::plan_field(field)?, index);
        self.engine.amendment(cell).map(|amendment| amendment.value.place)
    }

    /// A new amendment on the as-of date, or another value in the one of that day.
    fn amend(
        &mut self,
        index: usize,
        field: Field,
        number: f64,
        line: usize,
    ) -> Result<(), Unwritable> {
        let (Some(of), Some(as_of)) = (place::plan_field(field), self.as_of) else {
            return Err(Unwritable("the plan has no dates; name the day with `--as-of`".into()));
        };
        let cell = Cell::new(of, index);
        let plan = &self.engine.plan;
        let unit = self.unit(Table::KeyResults, index, field);
        if let Some(place) = self.engine.amendment(cell).filter(|it| it.date == as_of) {
            let place = place.value.place;
            let value = respelled(plan.source(place), number, unit, &plan.units);
            self.tell(line, Some(place), "in the amendment");
            return self.replace(place, &value);
        }
        let old = self.engine.input(cell).map(|input| plan.source(input.place).to_owned());
        let value = match old {
            Some(old) => respelled(&old, number, unit, &plan.units),
            None => plan.units.spell(number, unit),
        };
        let file = plan.krs[index].name.file;
        let word = of.entry().word;
        let text = format!("{as_of} amended {}.{word} {value}", plan.kr_id(index));
        let name = plan.krs[index].name;
        self.dated.entry(file).or_default().push(text);
        self.tell(line, Some(name), &format!("amended {as_of}"));
        Ok(())
    }

    /// A value that goes: its field, or its amendment.
    fn clear(
        &mut self,
        table: Table,
        index: usize,
        field: Field,
        place: Option<Place>,
    ) -> Result<(), Unwritable> {
        let Some(place) = place else { return Ok(()) };
        if table == Table::KeyResults && self.amendment(index, field) == Some(place) {
            let cell = place::plan_field(field).map(|of| Cell::new(of, index));
            let line = cell.and_then(|cell| self.engine.amendment(cell)).map(|it| it.place);
            if let Some(line) = line {
                self.deleted.push(line);
            }
            return Ok(());
        }
        let name = match table {
            Table::KeyResults => self.engine.plan.krs[index].name,
            _ => self.engine.plan.teams[index].name,
        };
        let tree = self.tree(place.file);
        let Some(span) = blocks::field_at(tree, name.span, place.span) else {
            let line = self.engine.plan.line_of(place);
            return Err(Unwritable(format!("the field at {line} cannot be taken out")));
        };
        self.deleted.push(Place { file: place.file, span });
        Ok(())
    }

    /// The check-in of a key result on the day of observations, or the newest one where that is
    /// later.
    fn checkin(&self, kr: usize) -> Option<&Checkin> {
        let newest = self.engine.newest_checkin(kr)?;
        let on_or_after = self.as_of.is_none_or(|as_of| newest.date >= as_of);
        on_or_after.then_some(newest)
    }

    /// What an actual is written like.
    fn observation_text(&self, kr: usize, new: &New, old: Option<Place>) -> String {
        let plan = &self.engine.plan;
        match new {
            New::Number(number) => {
                let like = old.or_else(|| {
                    let cells = [Of::KrTarget, Of::KrBaseline].map(|of| Cell::new(of, kr));
                    cells.into_iter().find_map(|cell| self.engine.input(cell)).map(|it| it.place)
                });
                let unit = plan.krs[kr].unit;
                match like {
                    Some(like) => respelled(plan.source(like), *number, unit, &plan.units),
                    None => plan.units.spell(*number, unit),
                }
            }
            New::Text(word) => match plan.krs[kr].grading {
                Grading::Milestones(first, count) if word != "n/a" => {
                    // The name as the plan has it, which a cell may hold cleaned.
                    let own = &plan.milestones[first as usize..(first + count) as usize];
                    let names = own.iter().map(|it| plan.text(it.name));
                    let name = names.into_iter().find(|it| super::merge::returned(it) == *word);
                    quote(&name.unwrap_or_else(|| word.clone()))
                }
                _ => word.clone(),
            },
            New::Nothing => String::new(),
        }
    }

    /// Adds all fields, dated lines and deletions.
    fn finish(mut self) -> Result<Edits, Unwritable> {
        self.add_fields();
        for place in std::mem::take(&mut self.deleted) {
            let splice = blocks::removed(self.text(place.file), place.span);
            let inside = |other: &Splice| {
                other.span.start >= splice.span.start && other.span.end <= splice.span.end
            };
            // What was changed in a block that goes, goes with it.
            let all = self.splices.entry(place.file).or_default();
            all.retain(|other| !inside(other));
            let covered = all.iter().any(|other| {
                other.text.is_empty()
                    && other.span.start <= splice.span.start
                    && other.span.end >= splice.span.end
            });
            if !covered {
                all.push(splice);
            }
        }
        for (file, lines) in std::mem::take(&mut self.dated) {
            let end = if self.text(file).contains("\r\n") { "\r\n" } else { "\n" };
            let tree = self.tree(file);
            let last = blocks::last_dated(tree);
            let splice = insert_line(self.text(file), last, &lines.join(end));
            self.splice(file, splice);
        }
        Ok(self.splices.into_iter().filter(|(_, splices)| !splices.is_empty()).collect())
    }
}
