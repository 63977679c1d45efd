//! The unit of a key result or metric: `unit`, else that of the first number written with one.
//!
//! Numbers that stand alone decide first; where none has a unit, formulas do, by the cells that
//! they read. A ring of such formulas leaves the unit bare.

use super::cell::Kind as CellKind;
use super::check::Type;
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Unknown,
    InProgress,
    Unit(UnitId),
}

impl<'t> Resolver<'t> {
    /// Finds the unit of every key result and metric.
    pub(super) fn infer_units(&mut self) {
        self.units_known.krs = vec![State::Unknown; self.plan.krs.len()];
        self.units_known.metrics = vec![State::Unknown; self.plan.metrics.len()];
        self.quiet = true;
        for index in 0..self.plan.metrics.len() as u32 {
            let unit = self.own_unit(CellKind::Metric, index).unwrap_or_default();
            self.plan.metrics[index as usize].unit = unit;
        }
        for index in 0..self.plan.krs.len() as u32 {
            let unit = self.own_unit(CellKind::Kr, index).unwrap_or_default();
            self.plan.krs[index as usize].unit = unit;
        }
        self.quiet = false;
        self.units_known.finished = true;
        self.plan.code.clear();
    }

    fn state(&mut self, kind: CellKind, index: u32) -> &mut State {
        match kind {
            CellKind::Metric => &mut self.units_known.metrics[index as usize],
            _ => &mut self.units_known.krs[index as usize],
        }
    }

    /// The unit of a key result or metric; `None` within a ring.
    pub(super) fn own_unit(&mut self, kind: CellKind, index: u32) -> Option<UnitId> {
        match *self.state(kind, index) {
            State::Unit(unit) => return Some(unit),
            State::InProgress => return None,
            State::Unknown => {}
        }
        let values = self.values(kind, index);
        let unit = match self.written_unit(kind, index, &values) {
            Some(unit) => unit,
            None => self.formula_unit(kind, index, &values).unwrap_or_default(),
        };
        *self.state(kind, index) = State::Unit(unit);
        Some(unit)
    }

    /// The values that may show the unit, in the order in which they count.
    fn values(&self, kind: CellKind, index: u32) -> Vec<(FileId, Expr)> {
        let mut values = Vec::with_capacity(4);
        if kind == CellKind::Metric {
            let stated = &self.declared.metrics[index as usize];
            values.extend(
                stated.what.value.iter().flat_map(|it| exprs(it).map(|e| (stated.file, e))),
            );
        } else {
            let stated = &self.declared.krs[index as usize];
            for keyword in [Keyword::Baseline, Keyword::Target, Keyword::Keep, Keyword::Actual] {
                let node = stated.what.block.iter().find(|node| node.keyword == keyword);
                values.extend(node.into_iter().flat_map(field_exprs).map(|e| (stated.file, e)));
            }
        }
        for checkin in self.checkins_of(kind, index) {
            values.extend(exprs(&checkin.what.value).map(|expr| (checkin.file, expr)));
        }
        values
    }

    /// The check-ins of a subject, by date.
    pub(super) fn checkins_of(&self, kind: CellKind, index: u32) -> &[DatedCheckin<'t>] {
        let range = match kind {
            CellKind::Metric => self.plan.metrics[index as usize].checkins.clone(),
            _ => self.plan.krs[index as usize].checkins.clone(),
        };
        &self.declared.checkins[range.start as usize..range.end as usize]
    }

    /// The `unit` field, or the unit of the first number that stands alone with one.
    fn written_unit(
        &mut self,
        kind: CellKind,
        index: u32,
        values: &[(FileId, Expr)],
    ) -> Option<UnitId> {
        if kind == CellKind::Kr {
            let stated = &self.declared.krs[index as usize];
            let node = stated.what.block.iter().find(|node| node.keyword == Keyword::Unit);
            if let Some(Body::Word(span)) = node.map(|node| &node.body) {
                let word = self.text(stated.file, *span);
                return Some(self.plan.units.intern(word));
            }
        }
        values
            .iter()
            .filter_map(|(file, expr)| self.literal(*file, *expr))
            .map(|literal| literal.unit)
            .find(|unit| *unit != UnitId::BARE)
    }

    /// The unit that a formula gives.
    fn formula_unit(
        &mut self,
        kind: CellKind,
        index: u32,
        values: &[(FileId, Expr)],
    ) -> Option<UnitId> {
        let is_formula = |(file, expr): &&(FileId, Expr)| self.literal(*file, *expr).is_none();
        let formulas: Vec<(FileId, Expr)> = values.iter().filter(is_formula).copied().collect();
        if formulas.is_empty() || self.units_known.depth >= MAX_DEPTH {
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
fn field_exprs(node: &Node) -> Vec<Expr> {
    match &node.body {
        Body::Value(value) => exprs(value).collect(),
        Body::Keep(keep) => match **keep {
            Keep::AtLeast(bound) | Keep::AtMost(bound) => vec![bound],
            Keep::Within(low, high) => vec![low, high],
        },
        _ => Vec::new(),
    }
}

/// The formulas of a value.
fn exprs(value: &Value) -> impl Iterator<Item = Expr> + use<> {
    let list = match &value.kind {
        ValueKind::Formula(expr) => [Some(*expr), None, None],
        ValueKind::Range(low, high) => [Some(*low), Some(*high), None],
        ValueKind::Pert(ends) => [Some(ends[0]), Some(ends[1]), Some(ends[2])],
        _ => [None; 3],
    };
    list.into_iter().flatten()
}
