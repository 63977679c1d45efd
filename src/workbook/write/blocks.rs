//! Statements and fields in a file's tree: where they stand, where new ones go, and how they go.

use super::super::columns::Table;
use super::{Owner, Unwritable, Writer};
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::{Subject, TextPlace};
use crate::source::{Place, Span};
use crate::syntax::edit::{Splice, insert_line};
use crate::syntax::keyword::{self, Context};
use crate::syntax::tree::{Body, Entity, Node, Tree, quote};

/// The statement whose id stands at a span.
pub fn find(nodes: &[Node], name: Span) -> Option<&Node> {
    nodes.iter().find_map(|node| match &node.body {
        Body::Entity(entity) if entity.name.span == name => Some(node),
        Body::Entity(entity) if node.span.start <= name.start && name.end <= node.span.end => {
            find(&entity.block, name)
        }
        Body::Add(inner) => find(std::slice::from_ref(inner), name),
        _ => None,
    })
}

/// The block of a statement.
pub fn entity(node: &Node) -> Option<&Entity> {
    match &node.body {
        Body::Entity(entity) => Some(entity),
        _ => None,
    }
}

/// The field of a statement in which a place stands.
pub fn field_at(tree: &Tree, name: Span, place: Span) -> Option<Span> {
    let node = find(&tree.statements, name)?;
    let inside = |field: &&Node| field.span.start <= place.start && place.end <= field.span.end;
    entity(node)?.block.iter().find(inside).map(|field| field.span)
}

/// The last dated line of a file.
pub fn last_dated(tree: &Tree) -> Option<Span> {
    let is_dated = |node: &&Node| match &node.body {
        Body::Assert(assert) => assert.date.is_some(),
        _ => keyword::lookup(Context::Dated, node.keyword.word()).is_some(),
    };
    let dated = tree.statements.iter().filter(is_dated).map(|node| node.span);
    dated.max_by_key(|span| span.start)
}

/// The splice that adds fields to a statement.
pub fn added(text: &str, node: &Node, fields: &[String]) -> Splice {
    let Some(entity) = entity(node) else {
        return insert_line(text, Some(node.span), &fields.join("; "));
    };
    let insert = |at: u32, text: String| Splice { span: Span { start: at, end: at }, text };
    // Fields, not further blocks, are what new fields stand behind.
    let last = entity.block.iter().rev().find(|it| super::blocks::entity(it).is_none());
    let last = last.or(entity.block.last());
    match (last, entity.braces) {
        (Some(last), _) => {
            let start = last.span.start as usize;
            let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
            let lead = &text[line..start];
            if !lead.trim().is_empty() {
                return insert_line(text, Some(last.span), &fields.join("; "));
            }
            let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let lines: Vec<String> = fields.iter().map(|field| format!("{lead}{field}")).collect();
            insert_line(text, Some(last.span), &lines.join(end))
        }
        (None, Some(braces)) => {
            let inner = &text[braces.start as usize + 1..braces.end as usize - 1];
            match inner.trim().is_empty() {
                true => Splice { span: braces, text: format!("{{ {} }}", fields.join("; ")) },
                false => insert(braces.start + 1, format!(" {};", fields.join("; "))),
            }
        }
        (None, None) => insert(node.span.end, format!(" {{ {} }}", fields.join("; "))),
    }
}

/// The splice that takes a statement or field out, with its line where nothing else stands on it.
pub fn removed(text: &str, span: Span) -> Splice {
    let (start, end) = (span.start as usize, span.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let lead = &text[line..start];
    let rest_end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let rest = text[end..rest_end].trim();
    let alone = lead.trim_start_matches('\u{feff}').trim().is_empty()
        && (rest.is_empty() || rest.starts_with('#'));
    if alone {
        return Splice { span: Span::new(line, rest_end), text: String::new() };
    }
    // On a line with others: with the sign that separates it.
    let after = &text[end..];
    let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
    if after[blank..].starts_with(';') {
        let next = &after[blank + 1..];
        let spaces = next.len() - next.trim_start_matches([' ', '\t']).len();
        return Splice { span: Span::new(start, end + blank + 1 + spaces), text: String::new() };
    }
    let before = text[..start].trim_end_matches([' ', '\t']);
    let from = before.strip_suffix(';').map_or(start, str::len);
    Splice { span: Span::new(from, end), text: String::new() }
}

impl Writer<'_> {
    /// Adds the collected fields, each statement's together.
    pub(super) fn add_fields(&mut self) {
        for (owner, fields) in std::mem::take(&mut self.fields) {
            let name = match owner {
                Owner::Kr(index) => self.engine.plan.krs[index].name,
                Owner::Team(index) => self.engine.plan.teams[index].name,
            };
            self.tree(name.file);
            let text = self.text(name.file);
            let Some(tree) = self.trees.get(&name.file) else { continue };
            if let Some(node) = find(&tree.statements, name.span) {
                let splice = added(text, node, &fields);
                self.splice(name.file, splice);
            }
        }
    }

    /// Takes a block out, with the dated lines about it.
    pub(super) fn delete(&mut self, table: Table, index: usize) -> Result<(), Unwritable> {
        let plan = &self.engine.plan;
        if table == Table::Draws {
            let row = self.layout.draws[index].clone();
            let initiative = &plan.initiatives[row.initiative];
            let name = initiative.name;
            let places: Vec<Place> =
                row.lines.iter().map(|line| initiative.draws[*line].0.mean.place).collect();
            for place in places {
                let tree = self.tree(place.file);
                if let Some(span) = field_at(tree, name.span, place.span) {
                    self.deleted.push(Place { file: place.file, span });
                }
            }
            return Ok(());
        }
        let (name, checkins) = match table {
            Table::KeyResults => (plan.krs[index].name, plan.krs[index].checkins.clone()),
            Table::Metrics => (plan.metrics[index].name, plan.metrics[index].checkins.clone()),
            Table::Teams => (plan.teams[index].name, 0..0),
            _ => (plan.buckets[index].name, 0..0),
        };
        let mut lines: Vec<Place> = checkins.map(|at| plan.checkins[at as usize].place).collect();
        if table == Table::KeyResults {
            let fields = [Of::KrBaseline, Of::KrTarget, Of::KrWeight];
            let own = |cell: &Cell| fields.contains(&cell.field) && cell.index as usize == index;
            lines.extend(plan.amendments.iter().filter(|it| own(&it.cell)).map(|it| it.place));
            let about = |subject: &Subject| *subject == Subject::Kr(index as u32);
            lines.extend(plan.talk.iter().filter(|it| about(&it.subject)).map(|it| it.place));
        }
        self.deleted.extend(lines);
        let tree = self.tree(name.file);
        match find(&tree.statements, name.span) {
            Some(node) => {
                let place = Place { file: name.file, span: node.span };
                self.deleted.push(place);
                Ok(())
            }
            None => {
                let line = self.engine.plan.line_of(name);
                Err(Unwritable(format!("the statement at {line} cannot be taken out")))
            }
        }
    }

    /// A further note of a key result.
    pub(super) fn add_note(&mut self, kr: usize, text: &str, line: usize) {
        let name = self.engine.plan.krs[kr].name;
        self.fields.entry(Owner::Kr(kr)).or_default().push(format!("note {}", quote(text)));
        self.tell(line, Some(name), "a new note");
    }

    /// The notes of a key result, one a line of the cell.
    pub(super) fn notes(
        &mut self,
        kr: usize,
        new: &super::New,
        line: usize,
    ) -> Result<(), Unwritable> {
        let plan = &self.engine.plan;
        let name = plan.krs[kr].name;
        let old: Vec<TextPlace> =
            plan.krs[kr].remarks.as_deref().map_or_else(Vec::new, |it| it.notes.clone());
        let text = match new {
            super::New::Text(text) => text.as_str(),
            _ => "",
        };
        // A note may itself have several lines: then the whole cell is one.
        let lines: Vec<&str> = match &old[..] {
            [] | [_] => {
                if text.is_empty() {
                    vec![]
                } else {
                    vec![text]
                }
            }
            _ => text.lines().collect(),
        };
        for (note, new) in old.iter().zip(&lines) {
            if super::super::merge::returned(&self.engine.plan.text(*note)) != *new {
                self.splice(note.0.file, Splice { span: note.0.span, text: quote(new) });
            }
        }
        for note in old.iter().skip(lines.len()) {
            let place = note.0;
            let tree = self.tree(place.file);
            if let Some(span) = field_at(tree, name.span, place.span) {
                self.deleted.push(Place { file: place.file, span });
            }
        }
        for new in lines.iter().skip(old.len()) {
            self.fields.entry(Owner::Kr(kr)).or_default().push(format!("note {}", quote(new)));
        }
        let how = if old.is_empty() { "a new field" } else { "in place" };
        self.tell(line, Some(old.first().map_or(name, |note| note.0)), how);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_takes_its_line_along() {
        let remove = |text: &str, what: &str| {
            let at = text.find(what).expect("it is there");
            let splice = removed(text, Span::new(at, at + what.len()));
            format!(
                "{}{}{}",
                &text[..splice.span.start as usize],
                splice.text,
                &text[splice.span.end as usize..]
            )
        };
        assert_eq!(remove("a\n  b 1 # why\nc\n", "b 1"), "a\nc\n");
        assert_eq!(remove("x { a 1; b 2; c 3 }", "b 2"), "x { a 1; c 3 }");
        assert_eq!(remove("x { a 1; b 2 }", "b 2"), "x { a 1 }");
        assert_eq!(remove("x { b 2 }", "b 2"), "x {  }");
    }
}
