//! The fields of teams, metrics and objectives.

use super::cell::{Kind as CellKind, Range};
use super::model::*;
use super::names::{Found, NameError, Scope};
use super::resolve::{Resolver, Seen};
use super::value::Wanted;
use crate::diagnostic::{Kind, Problem};
use crate::quantity::UnitId;
use crate::source::{FileId, Place, Span};
use crate::syntax::keyword::{self, Keyword};
use crate::syntax::tree::{Body, Node, Tree, Value, ValueKind};

impl<'t> Resolver<'t> {
    pub(super) fn read_teams(&mut self) {
        for index in 0..self.plan.teams.len() {
            let stated = &self.declared.teams[index];
            let (file, block) = (stated.file, &stated.what.block);
            let mut seen = Seen::default();
            for field in block {
                if self.counts(&mut seen, file, block, field) {
                    self.team_field(file, field, index);
                }
            }
            self.check_outright(index, file, block);
        }
        for index in 0..self.plan.buckets.len() {
            self.read_bucket(index);
        }
        for index in 0..self.plan.teams.len() {
            self.check_rests(index);
        }
        self.check_parents();
    }

    fn team_field(&mut self, file: FileId, node: &'t Node, index: usize) {
        let scope = Scope { team: Some(index as u32), ..Scope::default() };
        match (&node.body, node.keyword) {
            (Body::Choice(choice), Keyword::Kind) => {
                self.plan.teams[index].kind = Some(choice.index);
            }
            (Body::Choice(choice), _) => {
                let prorata = keyword::WHEN_SHORT[choice.index as usize] == "prorata";
                self.plan.teams[index].prorata = prorata;
            }
            (Body::Name(name), _) => {
                self.plan.teams[index].parent = self.team_ref(file, name.span);
            }
            (Body::Allow(rule, reason), _) => {
                let allow = (self.place(file, *rule), self.text_place(file, *reason));
                self.plan.teams[index].allows.push(allow);
            }
            (Body::Value(value), keyword) => {
                let word = keyword.word();
                let input = match keyword {
                    Keyword::People => {
                        let wanted = Wanted::bare(word, Range::NotNegative);
                        self.estimate(file, value, wanted, scope).mean
                    }
                    Keyword::Leave => self.estimate(file, value, Wanted::effort(word), scope).mean,
                    Keyword::Focus => {
                        self.share(file, value, Wanted::bare(word, Range::NotNegative), scope)
                    }
                    _ => self.amount(file, value, Wanted::effort(word), scope),
                };
                let team = &mut self.plan.teams[index];
                *match keyword {
                    Keyword::People => &mut team.people,
                    Keyword::Leave => &mut team.leave,
                    Keyword::Focus => &mut team.focus,
                    _ => &mut team.capacity,
                } = Some(input);
            }
            _ => {}
        }
    }

    /// `capacity` and the fields that it would follow from do not stand together.
    fn check_outright(&mut self, index: usize, file: FileId, block: &[Node]) {
        if self.plan.teams[index].capacity.is_none() {
            return;
        }
        let parts = [Keyword::People, Keyword::Leave, Keyword::Focus];
        if let Some(part) = block.iter().find(|node| parts.contains(&node.keyword)) {
            let word = part.keyword.word();
            let message = format!("`{word}` stands beside an outright `capacity`");
            let help = "keep `capacity`, or people, leave and focus";
            self.problem(Kind::NoCapacity, file, part.word, message, help);
        }
    }

    fn read_bucket(&mut self, index: usize) {
        let stated = &self.declared.buckets[index];
        let (file, entity) = (stated.file, stated.what);
        let scope = Scope { team: Some(self.plan.buckets[index].team), ..Scope::default() };
        match entity.value.as_ref().map(|value| (value, &value.kind)) {
            Some((_, ValueKind::Rest)) => {}
            Some((value, _)) => {
                let wanted = Wanted::bare("a share", Range::NotNegative);
                self.plan.buckets[index].share = Some(self.share(file, value, wanted, scope));
            }
            None => {
                let place = self.plan.buckets[index].share_place;
                self.plan.buckets[index].share = Some(Input { amount: Amount::Bad, place });
            }
        }
        let mut seen = Seen::default();
        for field in &entity.block {
            if !self.counts(&mut seen, file, &entity.block, field) {
                continue;
            }
            if let Body::Value(value) = &field.body {
                let wanted = Wanted::bare(field.keyword.word(), Range::Share);
                let input = self.amount(file, value, wanted, scope);
                let bucket = &mut self.plan.buckets[index];
                match field.keyword {
                    Keyword::Floor => bucket.floor = Some(input),
                    _ => bucket.ceiling = Some(input),
                }
            }
        }
        self.check_bounds_of(index, file);
    }

    /// A floor does not lie above the ceiling; two that do bound nothing.
    fn check_bounds_of(&mut self, index: usize, file: FileId) {
        let bucket = &mut self.plan.buckets[index];
        let (Some(floor), Some(ceiling)) = (bucket.floor, bucket.ceiling) else { return };
        if let (Amount::Number(least), Amount::Number(most)) = (floor.amount, ceiling.amount)
            && least > most
        {
            (bucket.floor, bucket.ceiling) = (None, None);
            let message = "the floor lies above the ceiling";
            self.problem(Kind::RangeOrder, file, floor.place.span, message, "swap the two");
        }
    }

    /// A share of time, which may be over 100 %; a bare number that would be 200 % or more lacks its
    /// sign.
    fn share(&mut self, file: FileId, value: &Value, wanted: Wanted, scope: Scope) -> Input {
        if let ValueKind::Formula(expr) = value.kind
            && let Some(literal) = self.literal(file, expr)
            && literal.unit == UnitId::BARE
            && literal.value >= 2.0
        {
            let percent = self.plan.units.show(literal.value, UnitId::PERCENT);
            let message = format!("{} without `%` would be {percent}", literal.value);
            let help = format!("write `{}%`", literal.value);
            let kind = match wanted.what {
                "a share" => Kind::SharesOver,
                _ => Kind::PercentOverOne,
            };
            return self.bad(kind, file, value.span, message, help);
        }
        self.amount(file, value, wanted, scope)
    }

    fn check_rests(&mut self, team: usize) {
        let buckets = self.plan.teams[team].buckets.clone();
        let mut rests = buckets.filter(|&it| self.plan.buckets[it as usize].share.is_none());
        let (Some(first), Some(second)) = (rests.next(), rests.next()) else { return };
        let first = self.plan.buckets[first as usize].share_place;
        let place = self.plan.buckets[second as usize].share_place;
        let problem = Problem::new(Kind::TwoRests, place, "two buckets of a team take the rest");
        self.problems.push(problem.other(first, "the first").help("give one of them a share"));
    }

    /// Teams above teams make no ring.
    fn check_parents(&mut self) {
        let above: Vec<Option<u32>> = self.plan.teams.iter().map(|team| team.parent).collect();
        for ring in rings(&above) {
            self.ring_of_teams(&ring);
            self.plan.teams[ring[0]].parent = None;
        }
    }

    fn ring_of_teams(&mut self, chain: &[usize]) {
        let name = |team: &usize| self.plan.source(self.plan.teams[*team].name).to_owned();
        let names: Vec<String> = chain.iter().map(name).collect();
        let ring = crate::suggest::ring(&names);
        let message = format!("teams stand above one another in a ring: {ring}");
        let place = self.plan.teams[chain[0]].name;
        self.problems.push(Problem::new(Kind::Ring, place, message).help("take one `parent` out"));
    }

    /// The team of an id.
    pub(super) fn team_ref(&mut self, file: FileId, span: Span) -> Option<u32> {
        self.thing_ref(file, span, CellKind::Team)
    }

    /// The thing of a kind that a path leads to, or a problem.
    pub(super) fn thing_ref(&mut self, file: FileId, span: Span, kind: CellKind) -> Option<u32> {
        let path = self.text(file, span);
        match self.plan.find(path, Scope::default()) {
            Ok(Found::Thing(found, index)) if found == kind => Some(index),
            Ok(Found::Cell(cell)) if kind == CellKind::Metric && cell.kind() == kind => {
                Some(cell.index)
            }
            Ok(Found::Unknown) => None,
            Ok(found) => {
                let what = found_words(found);
                let message = format!("`{path}` is {what}, and {} belongs here", kind.words());
                let help = self.nearest_of(kind, path);
                self.problem(Kind::WrongKind, file, span, message, help);
                None
            }
            Err(error) => {
                // What is nearest among the things of the kind, if those have names of their own.
                let inner = matches!(kind, CellKind::Kr | CellKind::Bucket);
                let help = match inner || error.at > 0 {
                    true => error.help.clone(),
                    false => self.nearest_of(kind, path),
                };
                self.name_problem(file, span, NameError { help, ..error });
                None
            }
        }
    }

    fn nearest_of(&self, kind: CellKind, path: &str) -> String {
        if !self.plan.may_suggest() {
            return format!("name {}", kind.words());
        }
        let of_kind = |global: super::names::Global| matches!(global, super::names::Global::Thing(found, _) if found == kind);
        let mut names: Vec<&str> = self
            .plan
            .names
            .globals()
            .filter_map(|(name, global)| of_kind(global).then_some(name))
            .collect();
        names.sort_unstable();
        match crate::suggest::nearest(path, names.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if kind == CellKind::Kr => "a key result is named `objective.kr`".into(),
            None if kind == CellKind::Bucket => "a bucket is named `team.bucket`".into(),
            None if names.is_empty() => {
                let word = kind.words().split_once(' ').map_or("", |(_, word)| word);
                format!("the plan has no {word}")
            }
            None => format!("there is {}", crate::suggest::one_of(&names[..names.len().min(8)])),
        }
    }

    pub(super) fn read_metrics(&mut self) {
        for index in 0..self.plan.metrics.len() {
            let stated = &self.declared.metrics[index];
            let (file, entity) = (stated.file, stated.what);
            let Some(value) = &entity.value else { continue };
            let wanted = Wanted::unit("the metric", self.plan.metrics[index].unit);
            let estimate = self.estimate(file, value, wanted, Scope::default());
            self.plan.metrics[index].value = estimate.mean;
        }
        for metric in std::mem::take(&mut self.broken_metrics) {
            self.plan.metrics[metric as usize].value.amount = Amount::Bad;
        }
    }

    pub(super) fn read_objectives(&mut self) {
        for index in 0..self.plan.objectives.len() {
            let stated = &self.declared.objectives[index];
            let (file, block) = (stated.file, &stated.what.block);
            let mut seen = Seen::default();
            for field in block {
                if field.keyword != Keyword::Kr && self.counts(&mut seen, file, block, field) {
                    self.objective_field(file, field, index);
                }
            }
            self.check_objective(index, file);
        }
        for index in 0..self.plan.krs.len() {
            if !self.krs_read[index] {
                self.read_kr(index);
            }
        }
        // A cycle that could not be read is one, too.
        let stated = |tree: &Tree| tree.statements.iter().any(|it| it.keyword == Keyword::Cycle);
        if self.plan.cycles.is_empty()
            && let Some(objective) = self.plan.objectives.first()
            && !self.trees.iter().any(stated)
        {
            let message = "the plan has no cycle, so nothing has a pace";
            let help = "add `cycle q1 \"Q1 2026\" 2026-01-01 .. 2026-03-31`";
            self.problems.push(Problem::new(Kind::NoCycle, objective.name, message).help(help));
        }
    }

    fn objective_field(&mut self, file: FileId, node: &'t Node, index: usize) {
        let scope = Scope { objective: Some(index as u32), ..Scope::default() };
        match (&node.body, node.keyword) {
            (Body::Name(name), Keyword::Owner) => {
                self.plan.objectives[index].owner = self.team_ref(file, name.span);
            }
            (Body::Name(name), Keyword::Cycle) => {
                let cycle = self.thing_ref(file, name.span, CellKind::Cycle);
                let any = (!self.plan.cycles.is_empty()).then_some(0);
                self.plan.objectives[index].cycle = cycle.or(any);
            }
            (Body::Name(name), Keyword::Supports) => {
                self.check_supports(file, name.span);
                let place = self.place(file, name.span);
                self.plan.objectives[index].remarks.supports = Some(place);
            }
            (Body::Choice(choice), _) => {
                let committed = keyword::OBJECTIVE_KINDS[choice.index as usize] == "committed";
                self.plan.objectives[index].committed = committed;
            }
            (Body::Value(value), _) => {
                let wanted = Wanted::bare("a weight", Range::NotNegative);
                let weight = self.amount(file, value, wanted, scope);
                self.plan.objectives[index].weight = Some(weight);
            }
            _ => {
                let mut remarks = std::mem::take(&mut self.plan.objectives[index].remarks);
                self.remark(file, node, &mut remarks);
                self.plan.objectives[index].remarks = remarks;
            }
        }
    }

    fn check_supports(&mut self, file: FileId, span: Span) {
        let path = self.text(file, span);
        match self.plan.find(path, Scope::default()) {
            Ok(Found::Thing(CellKind::Objective | CellKind::Kr, _) | Found::Unknown) => {}
            Ok(found) => {
                let what = found_words(found);
                let message = format!("`{path}` is {what}, and a goal belongs here");
                let help = "name an objective or a key result";
                self.problem(Kind::WrongKind, file, span, message, help);
            }
            Err(error) => self.name_problem(file, span, error),
        }
    }

    fn check_objective(&mut self, index: usize, file: FileId) {
        let objective = &self.plan.objectives[index];
        let name = objective.name;
        if objective.krs.is_empty() && !objective.broken && !self.has_broken_kr(index) {
            let message = "the objective has no key results, and so no grade";
            let help = "add `kr ID \"Title\" { … }`";
            self.problem(Kind::EmptyObjective, file, name.span, message, help);
        }
        if self.plan.objectives[index].cycle.is_none() {
            match self.plan.cycles.len() {
                0 => {}
                1 => self.plan.objectives[index].cycle = Some(0),
                _ => self.cycle_wanted(name),
            }
        }
    }

    fn has_broken_kr(&self, index: usize) -> bool {
        let block = &self.declared.objectives[index].what.block;
        block.iter().any(|node| node.keyword == Keyword::Kr)
    }

    fn cycle_wanted(&mut self, name: Place) {
        let ids: Vec<&str> =
            self.plan.cycles.iter().map(|cycle| self.plan.source(cycle.name)).collect();
        let lines: Vec<String> = ids.iter().take(8).map(|id| format!("cycle {id}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let help = format!("add {}", crate::suggest::one_of(&lines));
        let message = "the plan has several cycles, and the objective does not name its own";
        self.problems.push(Problem::new(Kind::CycleWanted, name, message).help(help));
    }

    /// `tag`, `note`, `lead` and `allow`, which are shown and never computed with.
    pub(super) fn remark(&mut self, file: FileId, node: &Node, remarks: &mut Remarks) {
        match (&node.body, node.keyword) {
            (Body::Tags(tags), _) => {
                remarks.tags = tags.iter().map(|tag| self.place(file, *tag)).collect();
            }
            (Body::Text(text), Keyword::Note) => remarks.notes.push(self.text_place(file, *text)),
            (Body::Text(text), Keyword::Lead) => remarks.lead = Some(self.text_place(file, *text)),
            (Body::Allow(rule, reason), _) => {
                let allow = (self.place(file, *rule), self.text_place(file, *reason));
                remarks.allows.push(allow);
            }
            _ => {}
        }
    }
}

/// What a path has led to, in words.
pub(super) fn found_words(found: Found) -> &'static str {
    match found {
        Found::Cell(cell) if cell.kind() == CellKind::Metric => "a metric",
        Found::Cell(_) => "a cell",
        Found::Thing(kind, _) => kind.words(),
        Found::Scenario(_) => "a scenario",
        Found::Unknown => "unknown",
    }
}

/// The rings of a relation in which each thing leads to one other at most; each begins with its
/// first member.
pub(super) fn rings(next: &[Option<u32>]) -> Vec<Vec<usize>> {
    let mut round = vec![0_u32; next.len()];
    let mut rings = Vec::new();
    for (start, number) in (0..next.len()).zip(1..) {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(here) = at.filter(|here| round[*here] == 0) {
            round[here] = number;
            path.push(here);
            at = next[here].map(|next| next as usize);
        }
        if let Some(here) = at.filter(|here| round[*here] == number) {
            let from = path.iter().position(|it| *it == here).unwrap_or(0);
            let mut ring = path.split_off(from);
            let first = (0..ring.len()).min_by_key(|at| ring[*at]).unwrap_or(0);
            ring.rotate_left(first);
            rings.push(ring);
        }
    }
    rings
}
