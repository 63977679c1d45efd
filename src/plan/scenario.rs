//! The lines of scenarios.

use super::cell::{Field, Kind as CellKind, Range};
use super::model::*;
use super::names::{Found, Global, Scope};
use super::resolve::Resolver;
use super::value::Wanted;
use crate::diagnostic::{Kind, Problem};
use crate::quantity::Dim;
use crate::source::{FileId, Span};
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{self, Body, Node, Value, ValueKind};

impl<'t> Resolver<'t> {
    pub(super) fn read_scenarios(&mut self) {
        for index in 0..self.plan.scenarios.len() {
            let stated = &self.declared.scenarios[index];
            let (file, entity) = (stated.file, stated.what);
            if let Some(extends) = entity.extends {
                self.plan.scenarios[index].extends = self.scenario_ref(file, extends.span);
            }
            for node in &entity.block {
                self.scenario_line(file, node, index);
            }
        }
        self.check_extends();
    }

    fn scenario_ref(&mut self, file: FileId, span: Span) -> Option<u32> {
        let name = self.text(file, span);
        match self.plan.find(name, Scope::default()) {
            Ok(Found::Scenario(index)) => Some(index),
            Ok(Found::Unknown) => None,
            Ok(found) => {
                let what = super::fields::found_words(found);
                let message = format!("`{name}` is {what}, and a scenario belongs here");
                self.problem(Kind::WrongKind, file, span, message, "name a scenario");
                None
            }
            Err(error) => {
                let scenarios: Vec<&str> = self
                    .plan
                    .names
                    .globals()
                    .filter(|(_, global)| matches!(global, Global::Scenario(_)))
                    .map(|(name, _)| name)
                    .collect();
                let help = match crate::suggest::nearest(name, scenarios) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => error.help.clone(),
                };
                self.name_problem(file, span, super::NameError { help, ..error });
                None
            }
        }
    }

    fn scenario_line(&mut self, file: FileId, node: &'t Node, index: usize) {
        let change = match &node.body {
            Body::Set(path, value) => self.set_line(file, path.span, value),
            Body::Move(value, from, to) => self.move_line(file, value, from.span, to.span),
            Body::Name(name) if node.keyword == Keyword::Drop => {
                self.thing_ref(file, name.span, CellKind::Initiative).map(Change::Drop)
            }
            Body::Add(added) => self.added(added).map(Change::Add),
            Body::Assert(what) => {
                let assertion = self.assertion(file, what);
                self.plan.scenarios[index].assertions.push(assertion);
                None
            }
            _ => None,
        };
        if let Some(change) = change {
            let place = self.place(file, node.span);
            self.plan.scenarios[index].lines.push((change, place));
        }
    }

    /// The initiative that an `add` line declares.
    fn added(&self, node: &Node) -> Option<u32> {
        let Body::Entity(entity) = &node.body else { return None };
        let declared = &self.declared.initiatives;
        let same = |stated: &super::resolve::Stated<'_, tree::Entity>| {
            std::ptr::eq(stated.what, &**entity)
        };
        declared.iter().position(same).map(|index| index as u32)
    }

    fn set_line(&mut self, file: FileId, span: Span, value: &Value) -> Option<Change> {
        if let Some(kr) = self.actual_of_words(file, span) {
            return Some(Change::Observe(kr, self.observation(file, value, kr as usize)));
        }
        let cell = self.find_input(file, span)?;
        if !self.check_settable(file, span, cell) {
            return None;
        }
        if cell.field == Field::KrActual && matches!(value.kind, ValueKind::NotApplicable) {
            return Some(Change::Observe(cell.index, Observation::NotApplicable));
        }
        let input = self.cell_input(file, value, cell);
        Some(Change::Set(cell, input))
    }

    /// The key result whose actual, which is no number, a path names.
    fn actual_of_words(&self, file: FileId, span: Span) -> Option<u32> {
        let kr = self.text(file, span).strip_suffix(".actual")?;
        match self.plan.find(kr, Scope::default()) {
            Ok(Found::Thing(CellKind::Kr, index)) => {
                (!self.plan.krs[index as usize].grading.is_numeric()).then_some(index)
            }
            _ => None,
        }
    }

    fn move_line(&mut self, file: FileId, value: &Value, from: Span, to: Span) -> Option<Change> {
        let buckets = (
            self.thing_ref(file, from, CellKind::Bucket),
            self.thing_ref(file, to, CellKind::Bucket),
        );
        let is_effort = self.is_effort(file, value);
        let wanted = match is_effort {
            true => Wanted::effort("what moves"),
            false => Wanted::bare("a share", Range::NotNegative),
        };
        let input = self.amount(file, value, wanted, Scope::default());
        let (Some(from_bucket), Some(to_bucket)) = buckets else { return None };
        if is_effort {
            return Some(Change::MoveEffort(input, from_bucket, to_bucket));
        }
        let team = |bucket: u32| self.plan.buckets[bucket as usize].team;
        if team(from_bucket) != team(to_bucket) {
            let message = "a share moves between two buckets of one team";
            let help = "between teams, move person-weeks: `move 3 pw from … to …`";
            let place = self.place(file, from.to(to));
            self.problems.push(Problem::new(Kind::MoveShare, place, message).help(help));
            return None;
        }
        Some(Change::MoveShare(input, from_bucket, to_bucket))
    }

    /// Whether a moved value is an effort rather than a share.
    fn is_effort(&mut self, file: FileId, value: &Value) -> bool {
        let ValueKind::Formula(expr) = value.kind else { return false };
        if let Some(literal) = self.literal(file, expr) {
            return self.plan.units.dim(literal.unit) != Dim::BARE;
        }
        let quiet = std::mem::replace(&mut self.quiet, true);
        let checked = self.check(file, expr, Scope::default());
        self.quiet = quiet;
        self.plan.code.truncate(checked.start as usize);
        checked.kind == super::check::Type::Number(Dim::EFFORT)
    }

    /// What scenarios extend makes no ring.
    fn check_extends(&mut self) {
        let base: Vec<Option<u32>> =
            self.plan.scenarios.iter().map(|scenario| scenario.extends).collect();
        for ring in super::fields::rings(&base) {
            let name = |it: &usize| self.plan.source(self.plan.scenarios[*it].name).to_owned();
            let names: Vec<String> = ring.iter().map(name).collect();
            let shown = crate::suggest::ring(&names);
            let message = format!("scenarios extend one another in a ring: {shown}");
            let place = self.plan.scenarios[ring[0]].name;
            let problem = Problem::new(Kind::Ring, place, message);
            self.problems.push(problem.help("take one `extends` out"));
            self.plan.scenarios[ring[0]].extends = None;
        }
    }
}
