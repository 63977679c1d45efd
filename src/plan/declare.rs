//! The first pass: every name, before anything refers to one.

use super::cell::{Field, Kind as CellKind};
use super::facts::Facts;
use super::model::*;
use super::names::Global;
use super::resolve::{Resolver, Stated};
use crate::diagnostic::{Kind, Problem, Severity};
use crate::quantity::UnitId;
use crate::source::{FileId, Place, Span};
use crate::syntax::keyword::{self, Context, Keyword};
use crate::syntax::tree::{Body, Entity, Name, Node, Period};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// The newest edition of the language that this program knows.
pub const EDITION: f64 = 1.0;

impl<'t> Resolver<'t> {
    /// Declares the statements of all files, in the order in which they count.
    pub(super) fn declare(&mut self, order: &[(FileId, Range<usize>)]) {
        self.make_room();
        for (file, range) in order {
            let trees = self.trees;
            for node in &trees[file.0 as usize].statements[range.clone()] {
                self.declare_statement(*file, node);
            }
        }
        self.check_editions();
    }

    /// A large plan's vectors are made in one piece.
    fn make_room(&mut self) {
        let statements = || self.trees.iter().flat_map(|tree| &tree.statements);
        let dated = statements().filter(|node| matches!(node.body, Body::Checkin(_))).count();
        let objectives = statements().filter(|node| node.keyword == Keyword::Objective).count();
        let krs = self.trees.iter().map(|tree| tree.key_results).sum();
        self.plan.names.reserve(statements().count() - dated);
        self.plan.objectives.reserve_exact(objectives);
        self.declared.objectives.reserve_exact(objectives);
        self.declared.dated.reserve_exact(dated);
        self.plan.krs.reserve_exact(krs);
        self.declared.krs.reserve_exact(krs);
        self.krs_read.reserve_exact(krs);
        self.units_known.reserve(krs);
    }

    fn declare_statement(&mut self, file: FileId, node: &'t Node) {
        match &node.body {
            Body::Period(period) => self.declare_cycle(file, period),
            Body::Policy(_) => self.declared.policies.push((file, node)),
            Body::Entity(entity) => self.declare_entity(file, node, entity),
            Body::Assert(_) => self.declared.assertions.push((file, node)),
            Body::Checkin(_) | Body::Amended(_) | Body::Talk(_) => {
                self.declared.dated.push((file, node));
            }
            Body::Broken(Some(_)) if node.keyword == Keyword::Checkin => {
                self.declared.dated.push((file, node));
            }
            Body::Command(span) if file == FileId(0) => {
                self.check_command(file, *span);
                self.plan.commands.push(self.place(file, *span));
            }
            Body::Broken(Some(name)) if defines_a_name(node.keyword) => {
                let place = self.place(file, name.span);
                let name = self.text(file, name.span);
                self.plan.names.define(name, Global::Unknown, place);
            }
            Body::Broken(None) if defines_a_name(node.keyword) => self.plan.names.miss_one(),
            _ => {}
        }
    }

    /// A `:` line whose command is not known is said to be so before it is run. A newer program may
    /// know it, so that it is no error.
    fn check_command(&mut self, file: FileId, span: Span) {
        let name = self.text(file, span).split([' ', '\t', '\r']).next().unwrap_or_default();
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if keyword::COMMANDS.contains(&name) || name.is_empty() || !name.chars().all(sound) {
            return; // what is no name has been reported
        }
        let at = Span { start: span.start, end: span.start + name.len() as u32 };
        let message = format!("there is no command `{name}`, so `okr run` will stop here");
        let help = match crate::suggest::nearest(name, keyword::COMMANDS.iter().copied()) {
            Some(nearest) => format!("did you mean `:{nearest}`?"),
            None => "`okr --help` lists the commands".into(),
        };
        let problem = Problem::new(Kind::BadCommand, self.place(file, at), message).help(help);
        self.problems.push(Problem { severity: Severity::Warning, ..problem });
    }

    /// Notes a name of the plan's scope; a second definition is reported, and shows the first.
    fn define(&mut self, file: FileId, name: Name, global: Global) -> bool {
        if name.span.is_empty() {
            self.plan.names.miss_one();
            return true;
        }
        let place = self.place(file, name.span);
        let text = self.text(file, name.span);
        let first = self.plan.names.define(text, global, place);
        first.map(|first| self.duplicate(text, place, first)).is_none()
    }

    fn duplicate(&mut self, text: &str, place: Place, first: Place) {
        let message = format!("`{text}` is defined twice");
        let problem = Problem::new(Kind::DuplicateName, place, message);
        self.problems.push(problem.other(first, "the first").help("give one of them another id"));
    }

    fn declare_cycle(&mut self, file: FileId, period: &Period) {
        if period.to.date < period.from.date {
            let message = format!("the cycle ends on {}, before it begins", period.to.date);
            self.problem(Kind::DatesReversed, file, period.to.span, message, "swap the dates");
        }
        let index = self.plan.cycles.len() as u32;
        self.define(file, period.name, Global::Thing(CellKind::Cycle, index));
        self.plan.cycles.push(Cycle {
            name: self.place(file, period.name.span),
            title: self.text_place(file, period.title),
            from: period.from.date.min(period.to.date),
            to: period.to.date.max(period.from.date),
            reversed: period.to.date < period.from.date,
        });
    }

    fn declare_entity(&mut self, file: FileId, node: &'t Node, entity: &'t Entity) {
        match node.keyword {
            Keyword::Team => self.declare_team(file, entity),
            Keyword::Metric => self.declare_metric(file, entity),
            Keyword::Objective => self.declare_objective(file, node, entity),
            Keyword::Initiative => {
                self.declare_initiative(file, node, entity, None);
            }
            Keyword::Scenario => self.declare_scenario(file, node, entity),
            _ => {}
        }
    }

    fn declare_team(&mut self, file: FileId, entity: &'t Entity) {
        let index = self.plan.teams.len() as u32;
        self.define(file, entity.name, Global::Thing(CellKind::Team, index));
        let first = self.plan.buckets.len() as u32;
        let mut inner = Inner::default();
        for bucket in entities(&entity.block, Keyword::Bucket) {
            let id = self.plan.buckets.len() as u32;
            self.define_inner(file, bucket.name, CellKind::Team, Context::Team, id, &mut inner);
            self.plan.buckets.push(self.new_bucket(file, index, bucket));
            self.declared.buckets.push(Stated { file, what: bucket });
        }
        self.declare_broken_inside(file, &entity.block, Keyword::Bucket, CellKind::Team, index);
        let buckets = first..self.plan.buckets.len() as u32;
        self.plan.names.index(CellKind::Team, index, inner.names);
        self.plan.teams.push(Team {
            name: self.place(file, entity.name.span),
            title: self.title_place(file, entity),
            kind: None,
            parent: None,
            people: None,
            leave: None,
            focus: None,
            capacity: None,
            prorata: false,
            buckets,
            allows: Vec::new(),
        });
        self.declared.teams.push(Stated { file, what: entity });
    }

    fn new_bucket(&self, file: FileId, team: u32, entity: &Entity) -> Bucket {
        let span = entity.value.as_ref().map_or(entity.name.span, |value| value.span);
        Bucket {
            name: self.place(file, entity.name.span),
            title: entity.title.map(|title| self.text_place(file, title)),
            team,
            share: None,
            share_place: self.place(file, span),
            floor: None,
            ceiling: None,
        }
    }

    fn declare_metric(&mut self, file: FileId, entity: &'t Entity) {
        let index = self.plan.metrics.len() as u32;
        self.define(file, entity.name, Global::Thing(CellKind::Metric, index));
        self.plan.metrics.push(Metric {
            name: self.place(file, entity.name.span),
            title: self.title_place(file, entity),
            unit: UnitId::BARE,
            value: Input { amount: Amount::Bad, place: self.place(file, entity.name.span) },
            checkins: 0..0,
        });
        self.declared.metrics.push(Stated { file, what: entity });
    }

    fn declare_objective(&mut self, file: FileId, node: &'t Node, entity: &'t Entity) {
        let index = self.plan.objectives.len() as u32;
        self.define(file, entity.name, Global::Thing(CellKind::Objective, index));
        let first = self.plan.krs.len() as u32;
        self.plan.objectives.push(Objective {
            name: self.place(file, entity.name.span),
            title: self.title_place(file, entity),
            place: self.place(file, node.span),
            owner: None,
            cycle: None,
            committed: is_committed(&entity.block),
            weight: None,
            krs: first..first,
            remarks: Remarks::default(),
            broken: entity.broken,
        });
        self.declared.objectives.push(Stated { file, what: entity });
        let mut inner = Inner { few: std::mem::take(&mut self.few_names), ..Inner::default() };
        for kr in entities(&entity.block, Keyword::Kr) {
            self.declare_kr(file, index, kr, &mut inner);
        }
        self.plan.objectives[index as usize].krs.end = self.plan.krs.len() as u32;
        self.declare_broken_inside(file, &entity.block, Keyword::Kr, CellKind::Objective, index);
        self.plan.names.index(CellKind::Objective, index, inner.names);
        inner.few.clear();
        self.few_names = inner.few;
    }

    fn declare_kr(
        &mut self,
        file: FileId,
        objective: u32,
        entity: &'t Entity,
        inner: &mut Inner<'t>,
    ) {
        let id = self.plan.krs.len() as u32;
        let (kind, context) = (CellKind::Objective, Context::Objective);
        self.define_inner(file, entity.name, kind, context, id, inner);
        let facts = Facts::of(&entity.block);
        let unit = self.unit_of_fields(file, &facts);
        let mut kr = self.new_kr(file, objective, entity, &facts);
        kr.unit = unit.unwrap_or_default();
        self.plan.krs.push(kr);
        self.declared.krs.push(Stated { file, what: entity });
        self.note_unit(unit);
        match entity.plain && unit.is_some() {
            true => self.read_at_a_glance(),
            false => self.krs_read.push(false),
        }
    }

    pub(super) fn new_kr(
        &self,
        file: FileId,
        objective: u32,
        entity: &Entity,
        facts: &Facts<'t>,
    ) -> Kr {
        Kr {
            name: self.place(file, entity.name.span),
            title: self.title_place(file, entity),
            objective,
            kind: KrKind::Aspirational,
            unit: UnitId::BARE,
            baseline: None,
            target: None,
            actual: None,
            weight: None,
            grading: facts.grading,
            has_target: facts.target,
            due: None,
            checkins: 0..0,
            remarks: None,
            broken: entity.broken || facts.unreadable,
        }
    }

    /// Declares an initiative, of the base or of the scenario that adds it.
    pub(super) fn declare_initiative(
        &mut self,
        file: FileId,
        node: &'t Node,
        entity: &'t Entity,
        scenario: Option<u32>,
    ) -> u32 {
        let index = self.plan.initiatives.len() as u32;
        self.define(file, entity.name, Global::Thing(CellKind::Initiative, index));
        self.plan.initiatives.push(Initiative {
            name: self.place(file, entity.name.span),
            title: self.title_place(file, entity),
            place: self.place(file, node.span),
            owner: None,
            cycle: None,
            theme: None,
            draws: Vec::new(),
            moves: Vec::new(),
            closes: Vec::new(),
            chance: None,
            pays: Pays::AsFunded,
            priority: None,
            needs: Vec::new(),
            finished: None,
            remarks: Remarks::default(),
            scenario,
        });
        self.declared.initiatives.push(Stated { file, what: entity });
        index
    }

    fn declare_scenario(&mut self, file: FileId, node: &'t Node, entity: &'t Entity) {
        let index = self.plan.scenarios.len() as u32;
        if self.text(file, entity.name.span) == "base" {
            let message = "a scenario cannot be named `base`: that is the plan without scenarios";
            self.problem(Kind::NameClash, file, entity.name.span, message, "give it another id");
        }
        self.define(file, entity.name, Global::Scenario(index));
        self.plan.scenarios.push(Scenario {
            name: self.place(file, entity.name.span),
            title: self.title_place(file, entity),
            extends: None,
            lines: Vec::new(),
            assertions: Vec::new(),
            place: self.place(file, node.span),
        });
        self.declared.scenarios.push(Stated { file, what: entity });
        for child in &entity.block {
            match &child.body {
                Body::Add(added) => {
                    if let Body::Entity(entity) = &added.body {
                        self.declare_initiative(file, added, entity, Some(index));
                    }
                }
                Body::Broken(Some(_)) if child.keyword == Keyword::Add => {
                    self.broken_add(file, child)
                }
                _ => {}
            }
        }
    }

    /// `add initiative ID` with a mistake in it still defines its id.
    fn broken_add(&mut self, file: FileId, node: &Node) {
        let text = self.sources.get(file).text();
        let line = text[node.span.start as usize..].lines().next().unwrap_or_default();
        let Some(name) = line.split_whitespace().nth(2) else { return };
        let at = node.span.start as usize + (name.as_ptr() as usize - line.as_ptr() as usize);
        let place = self.place(file, Span::new(at, at + name.len()));
        self.plan.names.define(name, Global::Unknown, place);
    }

    /// Notes a name inside an objective or a team: not twice, and not the name of a field or cell.
    fn define_inner(
        &mut self,
        file: FileId,
        name: Name,
        kind: CellKind,
        context: Context,
        index: u32,
        inner: &mut Inner<'t>,
    ) {
        let place = self.place(file, name.span);
        let text = self.text(file, name.span);
        if text.is_empty() {
            let of = match kind {
                CellKind::Objective => self.plan.objectives.len() - 1,
                _ => self.plan.teams.len(),
            };
            return self.plan.names.define_broken(kind, of as u32, "");
        }
        if keyword::lookup(context, text).is_some() || Field::of(kind, text).is_some() {
            let message = format!("`{text}` is a field or cell of {} itself", kind.words());
            let help = "give it another id, so that its path has one meaning";
            self.problem(Kind::NameClash, file, name.span, message, help);
        }
        match inner.first(text) {
            Some(first) => self.duplicate(text, place, first),
            None => inner.add(text, index, place),
        }
    }

    fn declare_broken_inside(
        &mut self,
        file: FileId,
        block: &[Node],
        keyword: Keyword,
        kind: CellKind,
        index: u32,
    ) {
        for node in block.iter().filter(|node| node.keyword == keyword) {
            if let Body::Broken(Some(name)) = &node.body {
                let name = self.text(file, name.span);
                self.plan.names.define_broken(kind, index, name);
            }
        }
    }

    /// `okr 1` stands first, once, and names an edition that this program knows.
    fn check_editions(&mut self) {
        for (index, tree) in self.trees.iter().enumerate() {
            let file = FileId(index as u32);
            for (at, node) in tree.statements.iter().enumerate() {
                if node.keyword == Keyword::Okr {
                    self.check_edition(file, node, at);
                }
            }
        }
        let statements = &self.trees[0].statements;
        if !statements.is_empty() && !statements.iter().any(|node| node.keyword == Keyword::Okr) {
            let message = "the plan does not say which edition of the language it is written in";
            let help = "begin the file with `okr 1`";
            // Where the line would stand: no statement that is there is at fault.
            let bom = self.sources.get(FileId(0)).text().starts_with('\u{feff}');
            let top = if bom { Span::new(3, 3) } else { Span::default() };
            self.problem(Kind::EditionMissing, FileId(0), top, message, help);
        }
    }

    fn check_edition(&mut self, file: FileId, node: &Node, at: usize) {
        if at > 0 {
            let message = "`okr` is the first statement of a file, and stands there once";
            let first = self.trees[file.0 as usize].statements.first();
            let help = match first.is_some_and(|first| first.keyword == Keyword::Okr) {
                true => "remove it: the first statement is one already",
                false => "move it to the top",
            };
            return self.problem(Kind::EditionPlace, file, node.word, message, help);
        }
        let Body::Edition(edition, span) = node.body else { return };
        if edition > EDITION {
            let message =
                format!("edition {edition} is newer than this program, which knows {EDITION}");
            self.problem(Kind::EditionNewer, file, span, message, "update the program");
        } else if edition != EDITION {
            let message = format!("there is no edition {edition} of the language");
            self.problem(Kind::EditionPlace, file, span, message, "write `okr 1`");
        }
    }
}

/// Whether the block of an objective says that it is committed.
fn is_committed(block: &[Node]) -> bool {
    let kind = block.iter().find(|node| node.keyword == Keyword::Kind).map(|node| &node.body);
    matches!(kind, Some(Body::Choice(choice))
        if keyword::OBJECTIVE_KINDS[choice.index as usize] == "committed")
}

/// The names inside one objective or team, with their first places.
#[derive(Default)]
struct Inner<'t> {
    few: Vec<(&'t str, u32, Place)>,
    names: FxHashMap<Box<str>, u32>,
    places: FxHashMap<&'t str, Place>,
}

impl<'t> Inner<'t> {
    /// From how many names on they are hashed.
    const FEW: usize = 15;

    fn first(&self, name: &str) -> Option<Place> {
        match self.names.is_empty() {
            true => self.few.iter().find(|it| it.0 == name).map(|it| it.2),
            false => self.places.get(name).copied(),
        }
    }

    fn add(&mut self, name: &'t str, index: u32, place: Place) {
        if self.names.is_empty() && self.few.len() < Self::FEW {
            self.few.push((name, index, place));
            return;
        }
        for (name, index, place) in self.few.drain(..) {
            self.names.insert(name.into(), index);
            self.places.insert(name, place);
        }
        self.names.insert(name.into(), index);
        self.places.insert(name, place);
    }
}

/// The statements of a keyword in a block.
fn entities(block: &[Node], keyword: Keyword) -> impl Iterator<Item = &Entity> {
    block.iter().filter(move |node| node.keyword == keyword).filter_map(|node| match &node.body {
        Body::Entity(entity) => Some(&**entity),
        _ => None,
    })
}

fn defines_a_name(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Cycle
            | Keyword::Team
            | Keyword::Metric
            | Keyword::Objective
            | Keyword::Initiative
            | Keyword::Scenario
    )
}
