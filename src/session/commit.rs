//! `commit`: a scenario becomes the plan.
//!
//! What it sets replaces the values in force where they stand, moved shares are written as shares,
//! dropped initiatives go with the dated lines about them, added ones and the scenario's assertions
//! come after everything else. The scenario itself goes; one that extends it then builds on the plan.

use super::edit::{Edit, EditFailure};
use super::effect::Effect;
use super::{Session, SetFailure, fields};
use crate::engine::{Engine, Options, Value};
use crate::plan::Found;
use crate::plan::cell::{CELLS, Cell, Field, Kind};
use crate::plan::model::Change;
use crate::quantity::UnitId;
use crate::source::{FileId, Span};
use crate::syntax::edit::{Splice, insert_line};
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{Body, Node, Tree};
use std::fmt;

/// Why a scenario could not become the plan.
#[derive(Debug)]
pub enum CommitFailure {
    /// It cannot be written as a plan, in words.
    Words(String),
    /// The plan would not be sound, or could not be written.
    Edit(EditFailure),
}

impl fmt::Display for CommitFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommitFailure::Words(words) => out.write_str(words),
            CommitFailure::Edit(failure) => failure.fmt(out),
        }
    }
}

impl std::error::Error for CommitFailure {}

impl From<SetFailure> for CommitFailure {
    fn from(failure: SetFailure) -> Self {
        match failure {
            SetFailure::Path(words) => CommitFailure::Words(words),
            SetFailure::Edit(failure) => CommitFailure::Edit(failure),
        }
    }
}

impl From<EditFailure> for CommitFailure {
    fn from(failure: EditFailure) -> Self {
        CommitFailure::Edit(failure)
    }
}

/// What becomes of the plan's text.
#[derive(Default)]
struct Draft {
    edit: Edit,
    /// What comes at the end of the root file.
    added: Vec<String>,
}

impl Draft {
    fn push(&mut self, file: FileId, splice: Splice) {
        match self.edit.files.iter_mut().find(|(other, _)| *other == file) {
            Some((_, splices)) => splices.push(splice),
            None => self.edit.files.push((file, vec![splice])),
        }
    }
}

impl Session {
    /// Makes a scenario the plan, as one undoable step. Tells what that did.
    ///
    /// # Errors
    ///
    /// If it cannot be written as a plan, or the plan would not be the scenario; nothing is changed
    /// then.
    pub fn commit_scenario(&mut self, id: &str) -> Result<Effect, CommitFailure> {
        self.settle();
        let base = self.view.scenario.take();
        self.computed = None;
        let done = self.commit_in_base(id);
        if done.is_err() && base.is_some() {
            (self.view.scenario, self.computed) = (base, None);
        }
        done
    }

    fn commit_in_base(&mut self, id: &str) -> Result<Effect, CommitFailure> {
        let Some(index) = self.plan.scenario(id) else {
            return Err(CommitFailure::Words(format!("there is no scenario `{id}`")));
        };
        let options = Options { scenario: Some(index as u32), ..self.options() };
        let scenario = self.engine(options);
        let mut draft = Draft::default();
        self.write_values(&scenario, index, &mut draft)?;
        self.write_shares(&scenario, &mut draft)?;
        self.write_work(&scenario, &mut draft);
        self.take_out(index, &mut draft);
        if !draft.added.is_empty() {
            let root = FileId(0);
            let text = self.text(root);
            let lines = self.line_ends(root, &format!("\n{}", draft.added.join("\n")));
            draft.push(root, insert_line(text, None, &lines));
        }
        self.is_the_same(&scenario, &draft.edit)?;
        Ok(self.commit_edit(&draft.edit, &format!("commit {id}"))?)
    }

    /// The lines of the scenario and of those that it extends, theirs first.
    fn chain(&self, index: usize) -> Vec<usize> {
        let mut chain = vec![index];
        while let Some(next) = self.plan.scenarios[chain[chain.len() - 1]].extends {
            chain.push(next as usize);
        }
        chain.reverse();
        chain
    }

    fn write_values(
        &mut self,
        scenario: &Engine,
        index: usize,
        draft: &mut Draft,
    ) -> Result<(), CommitFailure> {
        let mut last: Vec<(Cell, String)> = Vec::new();
        for index in self.chain(index) {
            let tree = fields::tree(self, self.plan.scenarios[index].name.file);
            for (change, place) in &self.plan.scenarios[index].lines {
                let cell = match *change {
                    Change::Set(cell, _) => cell,
                    Change::Observe(kr, _) => Cell { field: Field::KrActual, index: kr },
                    _ => continue,
                };
                let name = self.plan.scenarios[index].name.span;
                let Some(text) = value_of_line(&tree, name, place.span) else { continue };
                let value = text.of(self.text(place.file)).to_owned();
                last.retain(|(other, _)| *other != cell);
                last.push((cell, value));
            }
        }
        for (cell, value) in last {
            let dropped =
                cell.kind() == Kind::Initiative && !scenario.is_there(cell.index as usize);
            // Shares are written with what is moved, and what was added is written as it will be.
            if cell.field == Field::BucketShare || dropped {
                continue;
            }
            let path = self.plan.cell_name(cell);
            let (file, splice) = self.in_base(&path, cell, &value)?;
            draft.push(file, splice);
        }
        Ok(())
    }

    /// Writes the share of every bucket that the scenario sets, or moves from or to.
    fn write_shares(&self, scenario: &Engine, draft: &mut Draft) -> Result<(), CommitFailure> {
        let lines: Vec<&Change> = scenario.lines_in_force();
        let mut touched: Vec<(u32, bool)> = Vec::new();
        for line in lines {
            match *line {
                Change::Set(cell, _) if cell.field == Field::BucketShare => {
                    touched.push((cell.index, false));
                }
                Change::MoveShare(_, from, to) => touched.extend([(from, false), (to, false)]),
                Change::MoveEffort(_, from, to) => {
                    let team = |bucket: u32| self.plan.buckets[bucket as usize].team;
                    if team(from) != team(to) {
                        let message = "person-weeks that move between teams cannot be written as \
                                       shares; set the teams' `people` or `capacity` instead";
                        return Err(CommitFailure::Words(message.to_owned()));
                    }
                    touched.extend([(from, true), (to, true)]);
                }
                _ => {}
            }
        }
        let efforts: Vec<u32> = touched.iter().filter(|it| it.1).map(|it| it.0).collect();
        touched.sort_unstable();
        touched.dedup_by_key(|it| it.0);
        for (bucket, _) in touched {
            // A bucket that takes the rest goes on doing so.
            if scenario.takes_rest(bucket) {
                continue;
            }
            let share = match efforts.contains(&bucket) {
                true => self.share_of_effort(scenario, bucket)?,
                false => scenario.bucket_share(bucket as usize).number(),
            };
            let Some(share) = share else {
                let id = self.plan.bucket_id(bucket as usize);
                return Err(CommitFailure::Words(format!("the share of `{id}` has no value")));
            };
            let text = self.plan.units.spell((share * 1e12).round() / 1e12, UnitId::PERCENT);
            let cell = Cell { field: Field::BucketShare, index: bucket };
            let place = match scenario.base_input(cell) {
                Some(input) => input.place,
                None => self.plan.buckets[bucket as usize].share_place,
            };
            draft.push(place.file, Splice { span: place.span, text });
        }
        Ok(())
    }

    /// The share that a bucket's capacity is of its team's.
    fn share_of_effort(
        &self,
        scenario: &Engine,
        bucket: u32,
    ) -> Result<Option<f64>, CommitFailure> {
        let team = self.plan.buckets[bucket as usize].team as usize;
        let of = |cell| scenario.read(cell).number();
        let whole = of(Cell::new(Field::TeamCapacity, team));
        let part = of(Cell::new(Field::BucketCapacity, bucket as usize));
        match (part, whole) {
            (Some(part), Some(whole)) if whole > 0.0 => Ok(Some(part / whole)),
            _ => {
                let id = self.plan.bucket_id(bucket as usize);
                let message = format!(
                    "person-weeks move from or to `{id}`, whose team has no capacity to take a share of"
                );
                Err(CommitFailure::Words(message))
            }
        }
    }

    /// Takes out what the scenario drops, and adds what it adds.
    fn write_work(&self, scenario: &Engine, draft: &mut Draft) {
        for (index, initiative) in self.plan.initiatives.iter().enumerate() {
            match (initiative.scenario, scenario.is_there(index)) {
                (None, false) => {
                    self.take_out_statement(initiative.place.file, initiative.place.span, draft);
                    self.take_out_lines_about(Kind::Initiative, index as u32, draft);
                }
                (Some(_), true) => {
                    let text = initiative.place.span.of(self.text(initiative.place.file));
                    let text = text.strip_prefix("add").unwrap_or(text).trim_start();
                    draft.added.push(outdented(text));
                }
                _ => {}
            }
        }
    }

    fn take_out_lines_about(&self, kind: Kind, index: u32, draft: &mut Draft) {
        for (file, _) in self.plan.sources.iter() {
            let tree = fields::tree(self, file);
            let text = self.text(file);
            for node in &tree.statements {
                let Some(subject) = fields::subject(node) else { continue };
                let about = self.find(subject.span.of(text)).ok();
                if about.is_some_and(|found| found == Found::Thing(kind, index)) {
                    self.take_out_statement(file, node.span, draft);
                }
            }
        }
    }

    /// Takes the scenario out, keeps its assertions, and frees those that extend it.
    fn take_out(&self, index: usize, draft: &mut Draft) {
        let scenario = &self.plan.scenarios[index];
        let file = scenario.name.file;
        let tree = fields::tree(self, file);
        if let Some(node) = fields::find(&tree.statements, scenario.name.span) {
            let text = self.text(file);
            let block = entity_block(node);
            let asserts = block.iter().filter(|it| it.keyword == Keyword::Assert);
            draft.added.extend(asserts.map(|it| it.span.of(text).to_owned()));
        }
        self.take_out_statement(file, scenario.place.span, draft);
        for other in &self.plan.scenarios {
            if other.extends != Some(index as u32) {
                continue;
            }
            let tree = fields::tree(self, other.name.file);
            let node = fields::find(&tree.statements, other.name.span);
            let Some(Body::Entity(entity)) = node.map(|node| &node.body) else { continue };
            if let Some(extends) = entity.extends {
                let text = self.text(other.name.file);
                let before = text[..extends.span.start as usize].trim_end();
                let before = before.strip_suffix("extends").unwrap_or(before).trim_end();
                let span = Span::new(before.len(), extends.span.end as usize);
                draft.push(other.name.file, Splice { span, text: String::new() });
            }
        }
    }

    /// Takes a statement out, with its line where nothing else stands on it.
    fn take_out_statement(&self, file: FileId, span: Span, draft: &mut Draft) {
        let span = whole_lines(self.text(file), span);
        draft.push(file, Splice { span, text: String::new() });
    }

    /// Whether the plan would be what the scenario is, cell by cell.
    fn is_the_same(&self, scenario: &Engine, edit: &Edit) -> Result<(), CommitFailure> {
        let (tried, _) = self.tried(edit)?;
        let near = |one: Value, other: Value| match (one, other) {
            (Value::Number(one), Value::Number(other)) => {
                (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
            }
            (one, other) => one == other,
        };
        let things = [
            (Kind::Kr, self.plan.krs.len()),
            (Kind::Bucket, self.plan.buckets.len()),
            (Kind::Team, self.plan.teams.len()),
            (Kind::Objective, self.plan.objectives.len()),
        ];
        for (kind, count) in things {
            // What a share is follows from how a move is written; the capacity must be the same.
            let counts = |field: &Field| *field != Field::BucketShare;
            let fields = CELLS.iter().filter(|entry| entry.kind == kind).map(|entry| entry.field);
            let fields = fields.filter(counts);
            for cell in fields.flat_map(|field| (0..count).map(move |at| Cell::new(field, at))) {
                let (is, was) = (tried.engine.read(cell), scenario.read(cell));
                if !near(is, was) {
                    let name = self.plan.cell_name(cell);
                    let message = format!(
                        "written into the plan, `{name}` would not be what it is in the scenario; nothing was changed"
                    );
                    return Err(CommitFailure::Words(message));
                }
            }
        }
        Ok(())
    }
}

fn entity_block(node: &Node) -> &[Node] {
    match &node.body {
        Body::Entity(entity) => &entity.block,
        _ => &[],
    }
}

/// The value of a `set` line.
fn value_of_line(tree: &Tree, scenario: Span, line: Span) -> Option<Span> {
    let node = fields::find(&tree.statements, scenario)?;
    let found = entity_block(node).iter().find(|field| field.span == line)?;
    match &found.body {
        Body::Set(_, value) => Some(value.span),
        _ => None,
    }
}

/// A statement with the lines that it stands on alone, their ends, and one of two blank lines that
/// would come together.
fn whole_lines(text: &str, span: Span) -> Span {
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let rest = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let alone = text[line..start].trim().is_empty() && matches!(text[end..rest].trim(), "" | ";")
        || text[end..rest].trim_start().starts_with('#') && text[line..start].trim().is_empty();
    if !alone {
        // What separates it from its neighbour goes with it.
        let after = text[end..rest].trim_start();
        if after.starts_with(';') {
            end = rest - after.len() + 1;
        }
        return Span::new(start, end);
    }
    start = line;
    end = (rest + 1).min(text.len());
    let blank_before = text[..start].ends_with("\n\n") || text[..start].ends_with("\r\n\r\n");
    let blank = text[end..].starts_with('\n') || text[end..].starts_with("\r\n");
    if blank_before && (blank || end == text.len()) {
        start -= if text[..start].ends_with("\r\n") { 2 } else { 1 };
    }
    Span::new(start, end)
}

/// A block without the indent that it had in another.
fn outdented(text: &str) -> String {
    let indents = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let least = indents.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |all, line| {
        let cut = least.min(line.len() - line.trim_start().len());
        // The block's own fields keep one step; its closing brace none.
        format!("{all}\n{}", &line[cut..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_goes_with_its_lines() {
        let cut = |text: &str, statement: &str| {
            let at = text.find(statement).expect("it is there");
            let span = whole_lines(text, Span::new(at, at + statement.len()));
            format!("{}{}", &text[..span.start as usize], &text[span.end as usize..])
        };
        assert_eq!(cut("a\n\nx {\n}\n\nb\n", "x {\n}"), "a\n\nb\n");
        assert_eq!(cut("a\nx\nb\n", "x"), "a\nb\n");
        assert_eq!(cut("a; x; b\n", "x"), "a;  b\n");
        assert_eq!(cut("a\n\nx", "x"), "a\n");
        assert_eq!(cut("a\r\n\r\nx\r\n\r\nb", "x"), "a\r\n\r\nb");
    }
}
