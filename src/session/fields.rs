//! Where the statements of a plan stand in its text, and where a new field or line goes.

use super::Session;
use crate::plan::cell::Kind;
use crate::source::{FileId, Place, Span};
use crate::syntax;
use crate::syntax::edit::{Splice, insert_line};
use crate::syntax::keyword::{self, Context};
use crate::syntax::tree::{Body, Entity, Name, Node, Tree};

/// Where a statement stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    /// The whole statement.
    pub span: Span,
    /// The braces of its block, if it has one.
    pub braces: Option<Span>,
    /// Its last field.
    pub last_field: Option<Span>,
}

/// The statement whose id stands at a span, with the context of its fields.
pub(super) fn find(nodes: &[Node], name: Span) -> Option<&Node> {
    let near = nodes.iter().filter(|node| node.span.start <= name.start);
    for node in near.rev() {
        match &node.body {
            Body::Entity(entity) if entity.name.span == name => return Some(node),
            Body::Period(period) if period.name.span == name => return Some(node),
            Body::Entity(entity) if node.span.end >= name.end => {
                return find(&entity.block, name);
            }
            Body::Add(inner) if node.span.end >= name.end => {
                return find(std::slice::from_ref(inner), name);
            }
            _ if node.span.end >= name.end => return None,
            _ => {}
        }
    }
    None
}

pub(super) fn stand(node: &Node) -> Stand {
    let entity: Option<&Entity> = match &node.body {
        Body::Entity(entity) => Some(entity),
        _ => None,
    };
    Stand {
        span: node.span,
        braces: entity.and_then(|entity| entity.braces),
        last_field: entity.and_then(|entity| entity.block.last()).map(|field| field.span),
    }
}

/// The tree of a file of the plan.
pub(super) fn tree(session: &Session, file: FileId) -> Tree {
    syntax::parse(file, session.plan.sources.get(file)).tree
}

/// The splice that adds a field to a statement: after its last field, in a block made for it if it
/// has none.
pub(super) fn added_field(text: &str, stand: Stand, field: &str) -> Splice {
    let insert = |at: u32, text: String| Splice { span: Span { start: at, end: at }, text };
    match (stand.last_field, stand.braces) {
        (Some(last), _) => {
            let line = text[..last.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let lead = &text[line..last.start as usize];
            let indent = if lead.trim().is_empty() { lead } else { "" };
            insert_line(text, Some(last), &format!("{indent}{field}"))
        }
        (None, Some(braces)) => {
            let inner = &text[braces.start as usize + 1..braces.end as usize - 1];
            match inner.trim().is_empty() {
                true => Splice { span: braces, text: format!("{{ {field} }}") },
                false => insert(braces.start + 1, format!(" {field};")),
            }
        }
        (None, None) => insert(stand.span.end, format!(" {{ {field} }}")),
    }
}

/// The splice that adds a dated line: after the last dated line of the file, else at its end.
pub(super) fn added_dated(text: &str, tree: &Tree, line: &str) -> Splice {
    let dated = tree.statements.iter().filter(|node| is_dated(node)).map(|node| node.span);
    insert_line(text, dated.max_by_key(|span| span.start), line)
}

/// Whether a statement is a dated line.
pub(super) fn is_dated(node: &Node) -> bool {
    match &node.body {
        Body::Assert(assert) => assert.date.is_some(),
        _ => keyword::lookup(Context::Dated, node.keyword.word()).is_some(),
    }
}

/// The path that a dated line is about.
pub(super) fn subject(node: &Node) -> Option<Name> {
    match &node.body {
        Body::Checkin(checkin) => Some(checkin.path),
        Body::Amended(amended) => Some(amended.path),
        Body::Talk(talk) => Some(talk.path),
        _ => None,
    }
}

impl Session {
    /// Where the id of a thing stands.
    pub fn name_of(&self, kind: Kind, index: u32) -> Place {
        let (plan, index) = (&self.plan, index as usize);
        match kind {
            Kind::Cycle => plan.cycles[index].name,
            Kind::Team => plan.teams[index].name,
            Kind::Bucket => plan.buckets[index].name,
            Kind::Metric => plan.metrics[index].name,
            Kind::Objective => plan.objectives[index].name,
            Kind::Kr => plan.krs[index].name,
            Kind::Initiative => plan.initiatives[index].name,
        }
    }

    /// The splice that adds a dated line to a file of the plan.
    pub fn dated_line(&mut self, file: FileId, line: &str) -> Splice {
        self.settle();
        added_dated(self.text(file), &tree(self, file), line)
    }
}
