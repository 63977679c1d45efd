//! From trees to a plan: the resolver's state and the order of its passes.
//!
//! First every name is declared, then units are found, then fields and dated lines are read with
//! both known. Each pass goes through all files, so that every problem is found in one run.

use super::cell::{Access, Cell, Kind as CellKind, fixed_unit};
use super::load::Loaded;
use super::model::{Bounds, Plan, TextPlace};
use crate::diagnostic::{self, Kind, Problem};
use crate::quantity::{UnitId, Units};
use crate::source::{FileId, Place, SourceMap, Span};
use crate::syntax::tree::{Body, Checkin, Entity, Node, Text, Tree};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A statement of a file.
#[derive(Clone, Copy)]
pub(super) struct Stated<'t, T> {
    pub file: FileId,
    pub what: &'t T,
}

/// A check-in whose subject is known.
pub(super) struct DatedCheckin<'t> {
    pub subject: (CellKind, u32),
    pub date: Date,
    pub file: FileId,
    pub node: &'t Node,
    pub what: &'t Checkin,
}

/// The statements of the plan, in the order of the plan's vectors.
#[derive(Default)]
pub(super) struct Declared<'t> {
    pub teams: Vec<Stated<'t, Entity>>,
    pub buckets: Vec<Stated<'t, Entity>>,
    pub metrics: Vec<Stated<'t, Entity>>,
    pub objectives: Vec<Stated<'t, Entity>>,
    pub krs: Vec<Stated<'t, Entity>>,
    pub initiatives: Vec<Stated<'t, Entity>>,
    pub scenarios: Vec<Stated<'t, Entity>>,
    pub policies: Vec<(FileId, &'t Node)>,
    pub dated: Vec<(FileId, &'t Node)>,
    pub assertions: Vec<(FileId, &'t Node)>,
    pub checkins: Vec<DatedCheckin<'t>>,
}

/// The resolver's state.
pub(super) struct Resolver<'t> {
    pub sources: &'t SourceMap,
    pub trees: &'t [Tree],
    pub plan: Plan,
    pub problems: Vec<Problem>,
    pub declared: Declared<'t>,
    /// The plan's units for each file's.
    pub unit_ids: Vec<Vec<UnitId>>,
    /// While units are inferred, problems are not noted: they will be when the field is read.
    pub quiet: bool,
    /// How many problems there were, the quiet ones, too.
    pub noticed: usize,
    /// Metrics of which a check-in could not be read.
    pub broken_metrics: Vec<u32>,
    /// Milestones by their list and name.
    pub milestone_names: FxHashMap<(u32, String), u32>,
    /// Room for the names of one objective at a time.
    pub few_names: Vec<(&'t str, u32, Place)>,
    /// Which key results have been read.
    pub krs_read: Vec<bool>,
    /// Whether the plan is resolved already, so that it tells the units itself.
    pub resolved: bool,
    /// What is known of each key result's and metric's unit while units are inferred.
    pub units_known: super::infer::Known,
}

/// Resolves names and units of a loaded plan. Gives the plan, as far as it can be understood, and
/// every problem of text, names and units in file order.
pub fn resolve(loaded: Loaded) -> (Plan, Vec<Problem>) {
    let Loaded { sources, trees, order, problems } = loaded;
    let sources = Arc::new(sources);
    let mut units = Units::default();
    let unit_ids = trees
        .iter()
        .map(|tree| tree.units.iter().map(|word| units.intern(word)).collect())
        .collect();
    let bounds = vec![Bounds::default()];
    let plan = Plan { sources: Arc::clone(&sources), units, bounds, ..Plan::default() };
    let mut resolver = Resolver::new(plan, &sources, &trees, unit_ids);
    resolver.problems = problems;
    resolver.declare(&order);
    resolver.find_checkins();
    resolver.infer_units();
    resolver.read_policies();
    resolver.read_teams();
    resolver.read_metrics();
    resolver.read_objectives();
    resolver.read_checkins();
    resolver.read_dated();
    resolver.read_initiatives();
    resolver.read_scenarios();
    resolver.read_assertions();
    resolver.check_needs();
    let (plan, mut problems) = (resolver.plan, resolver.problems);
    diagnostic::in_file_order(&mut problems);
    drop_aside(trees);
    (plan, problems)
}

/// Trees of a large plan are many small pieces; another thread returns them while this one goes on.
fn drop_aside(trees: Vec<Tree>) {
    let statements: usize = trees.iter().map(|tree| tree.statements.len()).sum();
    if statements > 10_000 {
        drop(std::thread::Builder::new().spawn(move || drop(trees)));
    }
}

impl<'t> Resolver<'t> {
    pub(super) fn new(
        plan: Plan,
        sources: &'t SourceMap,
        trees: &'t [Tree],
        unit_ids: Vec<Vec<UnitId>>,
    ) -> Self {
        Self {
            sources,
            trees,
            plan,
            problems: Vec::new(),
            declared: Declared::default(),
            unit_ids,
            quiet: false,
            noticed: 0,
            broken_metrics: Vec::new(),
            milestone_names: FxHashMap::default(),
            few_names: Vec::new(),
            krs_read: Vec::new(),
            resolved: false,
            units_known: super::infer::Known::default(),
        }
    }

    /// The text of a span; lives as long as the sources.
    pub(super) fn text(&self, file: FileId, span: Span) -> &'t str {
        span.of(self.sources.get(file).text())
    }

    pub(super) fn place(&self, file: FileId, span: Span) -> Place {
        Place { file, span }
    }

    pub(super) fn text_place(&self, file: FileId, text: Text) -> TextPlace {
        TextPlace(Place { file, span: text.span })
    }

    /// Where a title would stand: an empty string at the name, for a statement without one.
    pub(super) fn title_place(&self, file: FileId, entity: &Entity) -> TextPlace {
        let head = Span { start: entity.name.span.end, end: entity.name.span.end };
        TextPlace(Place { file, span: entity.title.map_or(head, |title| title.span) })
    }

    /// The unit of a cell; `None` where that of its key result or metric is not known.
    pub(super) fn cell_unit(&mut self, cell: Cell) -> Option<UnitId> {
        if self.resolved {
            return Some(self.plan.unit_of(cell));
        }
        let entry = cell.field.entry();
        match fixed_unit(entry.unit) {
            Some(unit) => Some(unit),
            None => self.own_unit(entry.kind, cell.index),
        }
    }

    /// Whether a field counts: the first of its keyword, or one that may repeat. Another is reported.
    pub(super) fn counts(
        &mut self,
        seen: &mut Seen,
        file: FileId,
        block: &'t [Node],
        node: &'t Node,
    ) -> bool {
        let bit = 1_u128 << (node.keyword as u32);
        if matches!(node.body, Body::Broken(_)) {
            return true; // reported already, and perhaps meant to be another field
        }
        if seen.0 & bit != 0 && !repeats(node) {
            self.field_twice(file, block, node);
            return false;
        }
        seen.0 |= bit;
        true
    }

    fn field_twice(&mut self, file: FileId, block: &'t [Node], node: &'t Node) {
        let same =
            |first: &&Node| first.keyword == node.keyword && !matches!(first.body, Body::Broken(_));
        let Some(first) = block.iter().find(same) else { return };
        let word = node.keyword.word();
        let problem = Problem::new(
            Kind::DuplicateField,
            self.place(file, node.word),
            format!("`{word}` is given twice"),
        );
        let first = self.place(file, first.word);
        self.problems.push(problem.other(first, "the first").help("keep one of the two"));
    }

    /// Reports that an input is wanted and a computed cell is named.
    pub(super) fn check_settable(&mut self, file: FileId, span: Span, cell: Cell) -> bool {
        let entry = cell.field.entry();
        let settable = entry.access == Access::Input || self.is_outright_capacity(cell);
        if !settable {
            let path = self.text(file, span);
            let message = format!("`{path}` is computed and cannot be set");
            let inputs: Vec<&str> = super::cell::fields(entry.kind)
                .filter(|entry| entry.access == Access::Input && !entry.word.is_empty())
                .map(|entry| entry.word)
                .collect();
            let help = match inputs[..] {
                [] => "set what it follows from".to_owned(),
                _ => format!("set what it follows from: {}", crate::suggest::one_of(&inputs)),
            };
            self.problem(Kind::NotSettable, file, span, message, help);
        }
        settable
    }

    fn is_outright_capacity(&self, cell: Cell) -> bool {
        cell.field == super::cell::Field::TeamCapacity
            && self.plan.teams[cell.index as usize].people.is_none()
    }
}

/// The keywords that a block has had so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen(u128);

fn repeats(node: &Node) -> bool {
    crate::syntax::keyword::TABLE
        .iter()
        .find(|entry| entry.keyword == node.keyword)
        .is_none_or(|entry| entry.repeats)
}
