//! Edits of single numbers in a large plan: the plan's number and the engine's cell change at once,
//! and the text is read again only when somebody needs it.
//!
//! Until then the spans of the plan are those of the old text. [`Session::settle`] makes the edits
//! in the text and reads it.

use super::Session;
use super::edit::Edit;
use super::effect::{Effect, Standing};
use super::steps::Step;
use crate::engine::Edited;
use crate::plan::cell::{Cell, Field, Kind, Range};
use crate::plan::model::{Amount, Grading, Input, Observation, Plan};
use crate::plan::{load_again, out_of_range};
use crate::quantity::UnitId;
use crate::source::{FileId, Place, Source, Span};
use crate::syntax;
use crate::syntax::edit::{Splice, apply};
use crate::syntax::tree::{Body, Op, Tree, UnitRef, ValueKind};
use std::collections::BTreeMap;

/// Values that have been replaced, by their places in the text as it was read.
#[derive(Debug, Default)]
pub(super) struct Pending(BTreeMap<Place, String>);

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a place of the old text lies in the new one.
    fn shifted(&self, place: Place) -> Span {
        let first = Place { file: place.file, span: Span::default() };
        let before = self.0.range(first..place);
        let shift: i64 =
            before.map(|(place, text)| text.len() as i64 - place.span.len() as i64).sum();
        let start = (i64::from(place.span.start) + shift) as usize;
        let length = self.0.get(&place).map_or(place.span.len(), String::len);
        Span::new(start, start + length)
    }

    fn splices(&self, file: FileId) -> Vec<Splice> {
        let of = self.0.iter().filter(|(place, _)| place.file == file);
        of.map(|(place, text)| Splice { span: place.span, text: text.clone() }).collect()
    }

    fn files(&self) -> Vec<FileId> {
        let mut files: Vec<FileId> = self.0.keys().map(|place| place.file).collect();
        files.dedup();
        files
    }
}

/// A number as written: `400 ms`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    pub value: f64,
    /// Its unit's word; empty for a bare number, `%` for a percentage.
    pub unit: String,
}

/// The number that a text is, if it is one alone.
pub(super) fn written(text: &str) -> Option<Written> {
    let source = Source::from_text("", format!("metric a \"\" {text}"));
    let parse = syntax::parse(FileId::default(), &source);
    let (tree, []) = (parse.tree, parse.problems.as_slice()) else { return None };
    let [only] = tree.statements.as_slice() else { return None };
    let Body::Entity(metric) = &only.body else { return None };
    let ValueKind::Formula(expr) = metric.value.as_ref()?.kind else { return None };
    let (number, sign) = match expr.nodes(&tree.exprs) {
        [number] => (number, 1.0),
        [number, minus] if minus.op == Op::Negate => (number, -1.0),
        _ => return None,
    };
    let Op::Number(value, unit) = number.op else { return None };
    Some(Written { value: sign * value, unit: unit_word(&tree, unit) })
}

fn unit_word(tree: &Tree, unit: UnitRef) -> String {
    match unit {
        UnitRef::BARE => String::new(),
        UnitRef::PERCENT => "%".into(),
        UnitRef(word) => tree.units[(word - UnitRef::FIRST_WORD) as usize].clone(),
    }
}

impl Session {
    /// Reads the plan again if its text is behind its numbers.
    pub fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let files = self.pending.files().into_iter();
        let texts = files.filter_map(|file| {
            let splices = self.pending.splices(file);
            Some((file, apply(self.text(file), &splices).ok()?))
        });
        // No longer than the texts that were accepted before, give or take a number.
        let loaded = load_again(&self.plan.sources, texts.collect()).unwrap_or_default();
        let tried = self.looked_at(loaded);
        self.plan = tried.plan;
        self.problems = tried.problems;
        self.computed = Some(tried.engine);
        self.pending = Pending::default();
    }

    /// The text of a file with the edits that it has not been read again for.
    #[cfg(test)]
    pub(super) fn current_text_of(&self, file: FileId) -> String {
        apply(self.text(file), &self.pending.splices(file)).expect("the edits fit")
    }

    /// Whether the text is behind the numbers.
    #[cfg(test)]
    pub(super) fn is_behind(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether a number is another one than in the text; one that was set and taken back is not.
    pub(super) fn has_replaced(&self) -> bool {
        self.pending.0.iter().any(|(place, text)| self.plan.source(*place) != text)
    }

    /// Replaces the number at a place by another, if nothing but the cell's value follows from it.
    pub(super) fn quickly(&mut self, cell: Cell, place: Place, new: &str) -> Option<Effect> {
        if self.immediate || self.view.scenario.is_some() || !self.takes_numbers(cell) {
            return None;
        }
        let span = self.pending.shifted(place);
        let old = self.current_text(place);
        let number = self.fitting(cell, place, &old, new)?;
        let effect = self.set_number(cell, place, number, new)?;
        let splice =
            |span, text: &str| Edit::of(place.file, vec![Splice { span, text: text.into() }]);
        let forward = splice(span, new);
        let after = Span { start: span.start, end: span.start + new.len() as u32 };
        let back = splice(after, &old);
        let label = format!("set {} {new}", self.plan.cell_name(cell));
        self.note_step(Step::number(&label, forward, back, cell));
        Some(effect)
    }

    /// Undoes or redoes such a change.
    pub(super) fn quick_again(&mut self, cell: Cell, edit: &Edit) -> Option<Effect> {
        if self.immediate || self.view.scenario.is_some() || !self.takes_numbers(cell) {
            return None;
        }
        let [(file, splices)] = edit.files.as_slice() else { return None };
        let [splice] = splices.as_slice() else { return None };
        let place = self.place_of_number(cell)?;
        if place.file != *file || self.pending.shifted(place) != splice.span {
            return None;
        }
        let number = self.fitting(cell, place, &self.current_text(place), &splice.text)?;
        self.set_number(cell, place, number, &splice.text)
    }

    /// The text at a place, edits that are not in the text yet included.
    pub(super) fn current_text(&self, place: Place) -> String {
        match self.pending.0.get(&place) {
            Some(text) => text.clone(),
            None => self.plan.source(place).to_owned(),
        }
    }

    /// Whether a plain number in the cell has no meaning but its value.
    fn takes_numbers(&self, cell: Cell) -> bool {
        let plan = &self.plan;
        let gradings = |kr: usize| {
            matches!(
                plan.krs[kr].grading,
                Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..)
            )
        };
        let plain = match cell.field {
            Field::KrBaseline | Field::KrTarget => {
                matches!(plan.krs[cell.index as usize].grading, Grading::Linear { .. })
            }
            Field::KrActual => gradings(cell.index as usize),
            Field::KrWeight | Field::ObjectiveWeight | Field::MetricValue => true,
            _ => false,
        };
        plain && !(0..plan.krs.len()).any(|kr| is_late_by(plan, kr, cell))
    }

    /// The new number in the cell's unit, if it is written in the unit of the old one.
    fn fitting(&mut self, cell: Cell, place: Place, old: &str, new: &str) -> Option<f64> {
        let (old, new) = (written(old)?, written(new)?);
        if old.unit != new.unit {
            return None;
        }
        let wanted = self.plan.unit_of(cell);
        let unit = match old.unit.as_str() {
            "" => UnitId::BARE,
            "%" => UnitId::PERCENT,
            word => {
                let word = word.to_owned();
                self.with_plan(|plan| plan.units.intern(&word))
            }
        };
        let as_written = unit == wanted
            || unit == UnitId::BARE
            || (wanted == UnitId::BARE && unit == UnitId::PERCENT);
        let convert = |value: f64| match as_written {
            true => value,
            false => self.plan.units.convert(value, unit, wanted),
        };
        let known = number_at(&self.plan, cell, place)?;
        let number = convert(new.value);
        let percent = unit == UnitId::BARE && wanted == UnitId::PERCENT && new.value.abs() > 1.0;
        let range: Range = cell.field.entry().range;
        let fits = convert(old.value).to_bits() == known.to_bits()
            && !percent
            && out_of_range(range, number).is_none();
        fits.then_some(number)
    }

    /// Sets the number in plan and engine; `None` if that makes an error, and then changes nothing.
    fn set_number(&mut self, cell: Cell, place: Place, number: f64, text: &str) -> Option<Effect> {
        self.computed();
        let before = Standing::in_place(self);
        let known = number_at(&self.plan, cell, place)?;
        let errors = |session: &Session| {
            let engine = session.computed_already();
            let problems = engine.map(|engine| engine.problems()).unwrap_or_default();
            problems.iter().filter(|it| it.is_error()).count()
        };
        let errors_before = errors(self);
        if !self.put(cell, place, number) || errors(self) > errors_before {
            self.put(cell, place, known);
            return None;
        }
        match self.plan.source(place) == text {
            true => drop(self.pending.0.remove(&place)),
            false => drop(self.pending.0.insert(place, text.to_owned())),
        }
        Some(self.effect(&before))
    }

    fn put(&mut self, cell: Cell, place: Place, number: f64) -> bool {
        self.with_plan(|plan| {
            each_input(plan, cell, &mut |input| {
                if input.place == place {
                    input.amount = Amount::Number(number);
                }
            });
        });
        let engine = self.computed.as_mut();
        engine.is_some_and(|engine| engine.set(cell, number) != Edited::Refused)
    }

    /// The place of the number in force in a cell.
    pub(super) fn place_of_number(&mut self, cell: Cell) -> Option<Place> {
        let input = self.computed().input_in_force(cell)?;
        matches!(input.amount, Amount::Number(_)).then_some(input.place)
    }
}

/// Whether the grades of a key result on earlier days, which decide how late it is, may follow from a
/// cell: it is its own, or a formula reads who knows what.
fn is_late_by(plan: &Plan, index: usize, cell: Cell) -> bool {
    let kr = &plan.krs[index];
    if kr.due.as_ref().is_none_or(|due| due.late.is_none()) {
        return false;
    }
    let own = cell.kind() == Kind::Kr && cell.index as usize == index;
    let is_formula = |input: &Input| matches!(input.amount, Amount::Formula(_));
    let observed = |observation: &Observation| match observation {
        Observation::Number(input) => is_formula(input),
        _ => false,
    };
    let checkins = &plan.checkins[kr.checkins.start as usize..kr.checkins.end as usize];
    let plain = matches!(kr.grading, Grading::Linear { .. } | Grading::Done);
    own || !plain
        || kr.baseline.iter().chain(&kr.target).any(is_formula)
        || kr.actual.iter().any(|(observation, _)| observed(observation))
        || checkins.iter().any(|checkin| observed(&checkin.observation))
}

fn number_at(plan: &Plan, cell: Cell, place: Place) -> Option<f64> {
    let amounts = |input: Input| match input.amount {
        Amount::Number(number) if input.place == place => Some(number),
        _ => None,
    };
    let observed = |observation: Observation| match observation {
        Observation::Number(input) => amounts(input),
        _ => None,
    };
    let amended =
        || plan.amendments.iter().filter(|it| it.cell == cell).find_map(|it| amounts(it.value));
    let index = cell.index as usize;
    let checked_in = |range: &std::ops::Range<u32>| {
        let all = &plan.checkins[range.start as usize..range.end as usize];
        all.iter().find_map(|checkin| observed(checkin.observation))
    };
    match cell.field {
        Field::KrBaseline => plan.krs[index].baseline.and_then(amounts).or_else(amended),
        Field::KrTarget => plan.krs[index].target.and_then(amounts).or_else(amended),
        Field::KrWeight => plan.krs[index].weight.and_then(amounts).or_else(amended),
        Field::ObjectiveWeight => plan.objectives[index].weight.and_then(amounts).or_else(amended),
        Field::KrActual => {
            let kr = &plan.krs[index];
            let undated = kr.actual.and_then(|(observation, _)| observed(observation));
            undated.or_else(|| checked_in(&kr.checkins))
        }
        Field::MetricValue => {
            amounts(plan.metrics[index].value).or_else(|| checked_in(&plan.metrics[index].checkins))
        }
        _ => None,
    }
}

/// Calls `with` for every input that may be in force in a cell, by field, check-ins and amendments.
fn each_input(plan: &mut Plan, cell: Cell, with: &mut dyn FnMut(&mut Input)) {
    let index = cell.index as usize;
    let mut checkins = 0..0;
    match cell.field {
        Field::KrBaseline => plan.krs[index].baseline.iter_mut().for_each(&mut *with),
        Field::KrTarget => plan.krs[index].target.iter_mut().for_each(&mut *with),
        Field::KrWeight => plan.krs[index].weight.iter_mut().for_each(&mut *with),
        Field::ObjectiveWeight => plan.objectives[index].weight.iter_mut().for_each(&mut *with),
        Field::MetricValue => {
            with(&mut plan.metrics[index].value);
            checkins = plan.metrics[index].checkins.clone();
        }
        Field::KrActual => {
            if let Some((Observation::Number(input), _)) = &mut plan.krs[index].actual {
                with(input);
            }
            checkins = plan.krs[index].checkins.clone();
        }
        _ => {}
    }
    for checkin in &mut plan.checkins[checkins.start as usize..checkins.end as usize] {
        if let Observation::Number(input) = &mut checkin.observation {
            with(input);
        }
    }
    let amended = plan.amendments.iter_mut().filter(|amendment| amendment.cell == cell);
    amended.for_each(|amendment| with(&mut amendment.value));
}
