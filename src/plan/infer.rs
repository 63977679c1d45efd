//! The unit of a key result or metric: `unit`, else that of the first number written with one.
//!
//! Numbers that stand alone decide first; where none has a unit, formulas do, by the cells that
//! they read. A ring of such formulas leaves the unit bare.

use super::cell::Kind as CellKind;
use super::check::Type;
use super::facts::Facts;
use super::names::Scope;
use super::resolve::{DatedCheckin, Resolver};
use crate::quantity::UnitId;
use crate::source::FileId;
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{Body, Expr, Keep, Node, Value, ValueKind};

/// How deep inference follows formulas into other key results.
const MAX_DEPTH: u32 = 64;

/// What is known while units are inferred.
#[derive(Debug, Default)]
pub(super) struct Known {
    krs: Vec<State>,
    metrics: Vec<State>,
    depth: u32,
    finished: bool,
}

impl Known {
    pub fn reserve(&mut self, krs: usize) {
        self.krs.reserve_exact(krs);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Unknown,
    InProgress,
    /// The field that would have shown it could not be read.
    Unreadable,
    Unit(UnitId),
}

impl<'t> Resolver<'t> {
    /// Finds the unit of every key result and metric.
    pub(super) fn infer_units(&mut self) {
        self.units_known.metrics = vec![State::Unknown; self.plan.metrics.len()];
        self.quiet = true;
        for index in 0..self.plan.metrics.len() as u32 {
            let unit = self.own_unit(CellKind::Metric, index).unwrap_or_default();
            self.plan.metrics[index as usize].unit = unit;
        }
        for index in 0..self.plan.krs.len() as u32 {
            if self.units_known.krs[index as usize] == State::Unknown {
                let unit = self.own_unit(CellKind::Kr, index).unwrap_or_default();
                self.plan.krs[index as usize].unit = unit;
            }
        }
        self.quiet = false;
        self.units_known.finished = true;
        self.plan.code.clear();
    }

    /// Notes what the fields of the next key result show.
    pub(super) fn note_unit(&mut self, unit: Option<UnitId>) {
        self.units_known.krs.push(unit.map_or(State::Unknown, State::Unit));
    }

    fn state(&mut self, kind: CellKind, index: u32) -> &mut State {
        match kind {
            CellKind::Metric => &mut self.units_known.metrics[index as usize],
            _ => &mut self.units_known.krs[index as usize],
        }
    }

    /// The unit of a key result or metric; `None` within a ring, and where the field that would have
    /// shown it could not be read.
    pub(super) fn own_unit(&mut self, kind: CellKind, index: u32) -> Option<UnitId> {
        match *self.state(kind, index) {
            State::Unit(unit) => return Some(unit),
            State::InProgress | State::Unreadable => return None,
            State::Unknown => {}
        }
        let found = self.written_unit(kind, index).or_else(|| self.formula_unit(kind, index));
        if found.is_none() && kind == CellKind::Kr && self.hides_its_unit(index) {
            *self.state(kind, index) = State::Unreadable;
            return None;
        }
        let unit = found.unwrap_or_default();
        *self.state(kind, index) = State::Unit(unit);
        Some(unit)
    }

    /// Whether a field of a key result that would show its unit could not be read.
    fn hides_its_unit(&self, kr: u32) -> bool {
        let shows =
            [Keyword::Unit, Keyword::Baseline, Keyword::Target, Keyword::Keep, Keyword::Actual];
        let block = &self.declared.krs[kr as usize].what.block;
        block.iter().any(|it| matches!(it.body, Body::Broken(_)) && shows.contains(&it.keyword))
    }

    /// Calls `found` with the values that may show the unit, in the order in which they count, until
    /// it gives something.
    fn first_value<T>(
        &self,
        kind: CellKind,
        index: u32,
        mut found: impl FnMut(FileId, Expr) -> Option<T>,
    ) -> Option<T> {
        if kind == CellKind::Metric {
            let stated = &self.declared.metrics[index as usize];
            let value = stated.what.value.as_ref();
            let first = value.and_then(|it| exprs(it).find_map(|expr| found(stated.file, expr)));
            if first.is_some() {
                return first;
            }
        } else {
            let stated = &self.declared.krs[index as usize];
            let facts = Facts::of(&stated.what.block);
            let first = facts.exprs().find_map(|expr| found(stated.file, expr));
            if first.is_some() {
                return first;
            }
        }
        self.checkins_of(kind, index).iter().find_map(|checkin| {
            exprs(&checkin.what.value).find_map(|expr| found(checkin.file, expr))
        })
    }

    /// The check-ins of a subject, by date.
    pub(super) fn checkins_of(&self, kind: CellKind, index: u32) -> &[DatedCheckin<'t>] {
        let range = match kind {
            CellKind::Metric => self.plan.metrics[index as usize].checkins.clone(),
            _ => self.plan.krs[index as usize].checkins.clone(),
        };
        &self.declared.checkins[range.start as usize..range.end as usize]
    }

    /// The unit of the first number that stands alone with one; a `unit` field has been seen.
    fn written_unit(&mut self, kind: CellKind, index: u32) -> Option<UnitId> {
        self.first_value(kind, index, |file, expr| {
            let unit = self.literal(file, expr)?.unit;
            (unit != UnitId::BARE).then_some(unit)
        })
    }

    /// The unit that a formula gives.
    fn formula_unit(&mut self, kind: CellKind, index: u32) -> Option<UnitId> {
        if self.units_known.depth >= MAX_DEPTH {
            return None;
        }
        let mut formulas: Vec<(FileId, Expr)> = Vec::new();
        self.first_value(kind, index, |file, expr| -> Option<()> {
            if self.literal(file, expr).is_none() {
                formulas.push((file, expr));
            }
            None
        });
        if formulas.is_empty() {
            return None;
        }
        let scope = match kind {
            CellKind::Kr => self.kr_scope(index),
            _ => Scope::default(),
        };
        *self.state(kind, index) = State::InProgress;
        self.units_known.depth += 1;
        let mut found = None;
        for (file, expr) in formulas {
            let checked = self.check(file, expr, scope);
            if let (Type::Number(_), Some(unit)) = (checked.kind, checked.unit) {
                found = Some(unit);
                break;
            }
        }
        self.units_known.depth -= 1;
        found
    }

    /// The scope of a key result's formulas.
    pub(super) fn kr_scope(&self, kr: u32) -> Scope {
        let objective = self.plan.krs[kr as usize].objective;
        Scope { kr: Some(kr), objective: Some(objective), team: None }
    }
}

/// The formulas of a field that show a unit.
pub(super) fn field_exprs(node: &Node) -> [Option<Expr>; 3] {
    match &node.body {
        Body::Value(value) => expr_list(value),
        Body::Keep(keep) => match **keep {
            Keep::AtLeast(bound) | Keep::AtMost(bound) => [Some(bound), None, None],
            Keep::Within(low, high) => [Some(low), Some(high), None],
        },
        _ => [None; 3],
    }
}

/// The formulas of a value.
fn exprs(value: &Value) -> impl Iterator<Item = Expr> + use<> {
    expr_list(value).into_iter().flatten()
}

fn expr_list(value: &Value) -> [Option<Expr>; 3] {
    match &value.kind {
        ValueKind::Formula(expr) => [Some(*expr), None, None],
        ValueKind::Range(ends) => [Some(ends[0]), Some(ends[1]), None],
        ValueKind::Pert(ends) => [Some(ends[0]), Some(ends[1]), Some(ends[2])],
        _ => [None; 3],
    }
}
