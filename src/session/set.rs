//! `set`: which bytes of the plan a new value of a cell replaces.
//!
//! In the base it is the value in force: the newest amendment up to the as-of date, else the field,
//! which is added where it is missing. An actual is the undated one, else the check-in of the as-of
//! date, else a new check-in on it. With a scenario in force it is that scenario's `set` line.

use super::edit::{Edit, EditFailure};
use super::effect::Effect;
use super::{Session, fields, quick};
use crate::plan::cell::{Access, Cell, Field, Kind};
use crate::plan::model::{Change, Grading};
use crate::plan::{Found, NameError};
use crate::source::{Place, Span};
use crate::syntax::edit::{Splice, value_splice};
use crate::syntax::keyword::{self, Context, Shape};
use crate::syntax::tree::{Body, Node, quote};
use crate::{suggest, syntax};
use jiff::civil::Date;
use std::fmt;

/// Why a value could not be set.
#[derive(Debug)]
pub enum SetFailure {
    /// The path leads nowhere, or to what cannot be set.
    Path(String),
    /// The plan would not be sound, or could not be written.
    Edit(EditFailure),
}

impl fmt::Display for SetFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetFailure::Path(message) => out.write_str(message),
            SetFailure::Edit(failure) => failure.fmt(out),
        }
    }
}

impl std::error::Error for SetFailure {}

impl From<EditFailure> for SetFailure {
    fn from(failure: EditFailure) -> Self {
        SetFailure::Edit(failure)
    }
}

impl From<syntax::edit::EditError> for SetFailure {
    fn from(error: syntax::edit::EditError) -> Self {
        SetFailure::Edit(EditFailure::Edit(error))
    }
}

impl From<NameError> for SetFailure {
    fn from(error: NameError) -> Self {
        SetFailure::Path(format!("{}; {}", error.message, error.help))
    }
}

/// What a path that is to be set leads to.
enum Target {
    Cell(Cell),
    /// A field that is no cell, such as `speed.owner`: of what, and its word.
    Field(Kind, u32, &'static keyword::Entry),
}

impl Session {
    /// Gives a cell, or a field, another value, written as in the file. Tells what that did.
    ///
    /// # Errors
    ///
    /// If there is no such path, it cannot be set, or the plan would not be sound.
    pub fn set(&mut self, path: &str, value: &str) -> Result<Effect, SetFailure> {
        let value = value.trim();
        match self.target(path)? {
            Target::Cell(cell) => self.set_cell(path, cell, value),
            Target::Field(kind, index, entry) => {
                self.settle();
                self.set_field(path, kind, index, entry, value)
            }
        }
    }

    fn target(&self, path: &str) -> Result<Target, SetFailure> {
        if let Some(target) = self.field_target(path) {
            return Ok(target);
        }
        let wrong = |message: String| Err(SetFailure::Path(message));
        match self.find(path)? {
            Found::Cell(cell) => match self.refused(path, cell) {
                None => Ok(Target::Cell(cell)),
                Some(message) => wrong(message),
            },
            Found::Thing(kind, _) => {
                let inputs = inputs(kind);
                let help = match inputs.first() {
                    Some(first) => format!("name one of its cells: `{path}.{first}`"),
                    None => "nothing of it can be set".to_owned(),
                };
                wrong(format!("`{path}` is {}, not a number; {help}", kind.words()))
            }
            Found::Scenario(_) => wrong(format!(
                "`{path}` is a scenario; go into it with `:scenario {path}` and set a cell there"
            )),
            Found::Unknown => {
                wrong(format!("`{path}` stands in a broken statement; mend it first"))
            }
        }
    }

    /// A field of a thing that is no cell, or an actual that is no number.
    fn field_target(&self, path: &str) -> Option<Target> {
        let (thing, word) = path.rsplit_once('.')?;
        let Ok(Found::Thing(kind, index)) = self.find(thing) else { return None };
        if word == Field::KrActual.entry().word && kind == Kind::Kr {
            return Some(Target::Cell(Cell { field: Field::KrActual, index }));
        }
        if Field::of(kind, word).is_some() {
            return None;
        }
        let entry = keyword::lookup(context(kind)?, word)?;
        let one = !entry.repeats && !matches!(entry.shape, Shape::Entity(_) | Shape::Bucket);
        one.then_some(Target::Field(kind, index, entry))
    }

    /// Why a cell cannot be set.
    fn refused(&self, path: &str, cell: Cell) -> Option<String> {
        let entry = cell.field.entry();
        let outright = cell.field == Field::TeamCapacity
            && self.plan.teams[cell.index as usize].people.is_none();
        if entry.access == Access::Input || outright {
            return None;
        }
        let inputs = inputs(entry.kind);
        let help = match inputs[..] {
            [] => String::new(),
            _ => format!(": {}", suggest::one_of(&inputs)),
        };
        Some(format!("`{path}` is computed and cannot be set; set what it follows from{help}"))
    }

    fn set_cell(&mut self, path: &str, cell: Cell, value: &str) -> Result<Effect, SetFailure> {
        if let Some(place) = self.place_of_number(cell).filter(|_| self.sets_in_place(cell)) {
            let value = with_unit(&self.current_text(place), value);
            if let Some(effect) = self.quickly(cell, place, &value) {
                return Ok(effect);
            }
        }
        self.settle();
        let (file, splice) = match self.view.scenario.clone() {
            Some(scenario) => self.in_scenario(&scenario, path, cell, value)?,
            None => self.in_base(path, cell, value)?,
        };
        let label = format!("set {path} {value}");
        Ok(self.commit_edit(&Edit::of(file, vec![splice]), &label)?)
    }

    /// Whether the value in force of a cell is replaced where it stands.
    fn sets_in_place(&mut self, cell: Cell) -> bool {
        if cell.field != Field::KrActual {
            return true;
        }
        let as_of = self.computed().moment.as_of;
        let kr = &self.plan.krs[cell.index as usize];
        kr.actual.is_some() || self.checkin_on(cell, as_of).is_some()
    }

    /// The place of the value of the check-in on a day.
    fn checkin_on(&self, cell: Cell, day: Option<Date>) -> Option<Place> {
        let range = self.plan.krs[cell.index as usize].checkins.clone();
        let checkins = &self.plan.checkins[range.start as usize..range.end as usize];
        checkins.iter().find(|checkin| Some(checkin.date) == day).map(|checkin| checkin.value)
    }

    pub(super) fn in_base(
        &mut self,
        path: &str,
        cell: Cell,
        value: &str,
    ) -> Result<(crate::source::FileId, Splice), SetFailure> {
        if cell.field == Field::KrActual {
            return self.actual(path, cell, value);
        }
        if let Some(input) = self.computed().input_in_force(cell) {
            return self.replaced(input.place, value);
        }
        if cell.field == Field::BucketShare {
            return self.replaced(self.plan.buckets[cell.index as usize].share_place, value);
        }
        let entry = cell.field.entry();
        self.added(entry.kind, cell.index, entry.word, value)
    }

    fn replaced(
        &self,
        place: Place,
        value: &str,
    ) -> Result<(crate::source::FileId, Splice), SetFailure> {
        let old = self.plan.source(place);
        let splice = value_splice(self.text(place.file), place.span, &with_unit(old, value))?;
        Ok((place.file, splice))
    }

    /// Adds a field with a value.
    fn added(
        &self,
        kind: Kind,
        index: u32,
        word: &str,
        value: &str,
    ) -> Result<(crate::source::FileId, Splice), SetFailure> {
        value_splice("", Span::default(), value)?;
        self.added_line(kind, index, &format!("{word} {value}"))
    }

    fn added_line(
        &self,
        kind: Kind,
        index: u32,
        line: &str,
    ) -> Result<(crate::source::FileId, Splice), SetFailure> {
        let name = self.name_of(kind, index);
        let tree = fields::tree(self, name.file);
        let Some(node) = fields::find(&tree.statements, name.span) else {
            let thing = self.plan.thing_name(kind, index);
            return Err(SetFailure::Path(format!("`{thing}` is not found in its file")));
        };
        let text = self.text(name.file);
        Ok((name.file, fields::added_field(text, fields::stand(node), line)))
    }

    /// An actual: the undated one, the check-in of the as-of date, or a new check-in on it.
    fn actual(
        &mut self,
        path: &str,
        cell: Cell,
        value: &str,
    ) -> Result<(crate::source::FileId, Splice), SetFailure> {
        let as_of = self.computed().moment.as_of;
        let kr = &self.plan.krs[cell.index as usize];
        let value = match kr.grading {
            Grading::Milestones(..) if !value.starts_with('"') && value != "n/a" => quote(value),
            _ => value.to_owned(),
        };
        if let Some((_, place)) = kr.actual {
            return self.replaced(place, &value);
        }
        if let Some(place) = self.checkin_on(cell, as_of) {
            return self.replaced(place, &value);
        }
        let Some(day) = as_of else {
            let message = format!(
                "the plan has no dates, so there is no day on which to check `{path}` in; \
                 choose one with `:as-of`"
            );
            return Err(SetFailure::Path(message));
        };
        value_splice("", Span::default(), &value)?;
        let file = kr.name.file;
        let kr = self.plan.kr_id(cell.index as usize);
        let line = format!("{day} checkin {kr} {value}");
        let tree = fields::tree(self, file);
        Ok((file, fields::added_dated(self.text(file), &tree, &line)))
    }

    /// The scenario's own `set` line of a cell, or a new one.
    fn in_scenario(
        &self,
        id: &str,
        path: &str,
        cell: Cell,
        value: &str,
    ) -> Result<(crate::source::FileId, Splice), SetFailure> {
        let Some(index) = self.plan.scenario(id) else {
            let message =
                format!("there is no scenario `{id}` any more; `:scenario base` leaves it");
            return Err(SetFailure::Path(message));
        };
        let scenario = &self.plan.scenarios[index];
        let tree = fields::tree(self, scenario.name.file);
        let node = fields::find(&tree.statements, scenario.name.span);
        let value = match self.plan.krs.get(cell.index as usize).map(|kr| kr.grading) {
            Some(Grading::Milestones(..))
                if cell.field == Field::KrActual && !value.starts_with('"') && value != "n/a" =>
            {
                quote(value)
            }
            _ => value.to_owned(),
        };
        let line = scenario.lines.iter().rev().find(|(change, _)| match change {
            Change::Set(other, _) => *other == cell,
            Change::Observe(kr, _) => cell == Cell { field: Field::KrActual, index: *kr },
            _ => false,
        });
        if let (Some((_, place)), Some(node)) = (line, node)
            && let Some(old) = set_value(node, place.span)
        {
            return self.replaced(Place { file: place.file, span: old }, &value);
        }
        let Some(node) = node else {
            return Err(SetFailure::Path(format!("`{id}` is not found in its file")));
        };
        value_splice("", Span::default(), &value)?;
        let file = scenario.name.file;
        let line = format!("set {path} = {value}");
        Ok((file, fields::added_field(self.text(file), fields::stand(node), &line)))
    }

    /// A field that is no cell: what follows its word, or the field itself where there is none.
    fn set_field(
        &mut self,
        path: &str,
        kind: Kind,
        index: u32,
        entry: &'static keyword::Entry,
        value: &str,
    ) -> Result<Effect, SetFailure> {
        if self.view.scenario.is_some() {
            let message = format!(
                "a scenario changes numbers, and `{path}` is none; `:scenario base` leaves it first"
            );
            return Err(SetFailure::Path(message));
        }
        if value.contains(['\n', '{', '}', ';', '#']) {
            return Err(SetFailure::Path(format!("`{value}` is more than one value")));
        }
        let value = match entry.shape {
            Shape::Text if !value.starts_with('"') => quote(value),
            _ => value.to_owned(),
        };
        let name = self.name_of(kind, index);
        let tree = fields::tree(self, name.file);
        let node = fields::find(&tree.statements, name.span);
        let field = node.and_then(|node| field_of(node, entry.keyword));
        let (file, splice) = match field {
            Some(field) => {
                let span = Span { start: field.word.end, end: field.span.end };
                (name.file, Splice { span, text: format!(" {value}") })
            }
            None => self.added_line(kind, index, &format!("{} {value}", entry.word))?,
        };
        let label = format!("set {path} {value}");
        Ok(self.commit_edit(&Edit::of(file, vec![splice]), &label)?)
    }
}

fn field_of(node: &Node, keyword: keyword::Keyword) -> Option<&Node> {
    match &node.body {
        Body::Entity(entity) => entity.block.iter().find(|field| field.keyword == keyword),
        _ => None,
    }
}

/// The value of the `set` line at a span of a scenario.
fn set_value(node: &Node, line: Span) -> Option<Span> {
    let Body::Entity(entity) = &node.body else { return None };
    let found = entity.block.iter().find(|field| field.span == line)?;
    match &found.body {
        Body::Set(_, value) => Some(value.span),
        _ => None,
    }
}

/// The block in which the fields of a kind stand.
fn context(kind: Kind) -> Option<Context> {
    match kind {
        Kind::Team => Some(Context::Team),
        Kind::Bucket => Some(Context::Bucket),
        Kind::Objective => Some(Context::Objective),
        Kind::Kr => Some(Context::Kr),
        Kind::Initiative => Some(Context::Initiative),
        Kind::Cycle | Kind::Metric => None,
    }
}

fn inputs(kind: Kind) -> Vec<&'static str> {
    let all = crate::plan::cell::fields(kind);
    all.filter(|it| it.access == Access::Input && !it.word.is_empty()).map(|it| it.word).collect()
}

/// A bare number in the place of one with a unit keeps the unit. A percentage is never guessed.
fn with_unit(old: &str, new: &str) -> String {
    match (quick::written(old), quick::written(new)) {
        (Some(old), Some(bare)) if bare.unit.is_empty() && !matches!(&*old.unit, "" | "%") => {
            format!("{new} {}", old.unit)
        }
        _ => new.to_owned(),
    }
}
