//! The source of a thing, for people: its statement and the dated lines about it.

use super::{Session, fields};
use crate::plan::cell::Kind;
use crate::plan::{Found, NameError};
use crate::source::{FileId, Place, Span};

/// A piece of a plan's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// `file:line`
    pub at: String,
    /// The text, from the beginning of its first line.
    pub text: String,
}

impl Session {
    /// The source of what a path names, with the dated lines about it; of a cell, that of its value
    /// in force. Without a path the text of every file.
    ///
    /// # Errors
    ///
    /// If the path leads nowhere.
    pub fn source_of(&mut self, path: &str) -> Result<Vec<Piece>, NameError> {
        self.settle();
        let (kind, index) = match self.find(path)? {
            Found::Thing(kind, index) => (kind, index),
            Found::Cell(cell) if cell.kind() == Kind::Metric => (Kind::Metric, cell.index),
            Found::Cell(cell) => {
                let input = self.computed().input_in_force(cell);
                match input {
                    Some(input) => return Ok(vec![self.line_with(input.place)]),
                    None => (cell.kind(), cell.index),
                }
            }
            Found::Scenario(index) => {
                let name = self.plan.scenarios[index as usize].name;
                return Ok(self.statement(name).into_iter().collect());
            }
            Found::Unknown => {
                let name = path.split('.').next().unwrap_or(path);
                let place = self.plan.names.place(name);
                return Ok(place.map(|place| self.line_with(place)).into_iter().collect());
            }
        };
        let mut pieces: Vec<Piece> =
            self.statement(self.name_of(kind, index)).into_iter().collect();
        pieces.extend(self.dated_lines(&self.plan.thing_name(kind, index)));
        Ok(pieces)
    }

    /// Every file, whole.
    pub fn whole_source(&mut self) -> Vec<Piece> {
        self.settle();
        let files = self.plan.sources.iter();
        files.map(|(_, it)| Piece { at: it.name().into(), text: it.text().into() }).collect()
    }

    fn statement(&self, name: Place) -> Option<Piece> {
        let tree = fields::tree(self, name.file);
        let node = fields::find(&tree.statements, name.span)?;
        Some(self.piece(name.file, node.span))
    }

    /// The dated lines about a path and what is below it.
    fn dated_lines(&self, path: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (file, source) in self.plan.sources.iter() {
            let tree = fields::tree(self, file);
            let about = |name: &str| {
                name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let named = tree.statements.iter().filter(|node| {
                fields::subject(node).is_some_and(|name| about(name.span.of(source.text())))
            });
            pieces.extend(named.map(|node| self.piece(file, node.span)));
        }
        pieces
    }

    fn line_with(&self, place: Place) -> Piece {
        let source = self.plan.sources.get(place.file);
        let line = source.line_span(source.line_index(place.span.start));
        self.piece(place.file, line)
    }

    /// A span, its indentation included where nothing else stands before it.
    fn piece(&self, file: FileId, span: Span) -> Piece {
        let text = self.text(file);
        let line = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let lead = text[line..span.start as usize].trim_start_matches('\u{feff}');
        let start = if lead.trim().is_empty() {
            span.start as usize - lead.len()
        } else {
            span.start as usize
        };
        Piece {
            at: self.line_of(Place { file, span }),
            text: text[start..span.end as usize].to_owned(),
        }
    }
}
