//! Statements that are added to a plan: dated lines after the last dated line of the file that they
//! are about, others at the end of the root file.

use super::edit::{Edit, EditFailure};
use super::effect::Effect;
use super::{Session, fields};
use crate::diagnostic::Problem;
use crate::plan::Found;
use crate::source::{FileId, Source, SourceMap};
use crate::syntax;
use crate::syntax::edit::insert_line;
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{Node, Tree};

/// Why statements could not be added.
#[derive(Debug)]
pub enum AddFailure {
    /// They cannot be read; the text as the only file, and what is wrong with it.
    Syntax(SourceMap, Vec<Problem>),
    /// The plan would not be sound, or could not be written.
    Edit(EditFailure),
}

impl Session {
    /// Adds statements as one step, with the comments between them. Tells what that did.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or the plan would not be sound.
    pub fn add(&mut self, text: &str) -> Result<Effect, AddFailure> {
        let text = text.trim_matches(['\n', '\r']);
        let mut sources = SourceMap::default();
        let file = sources.add(Source::from_text("input", text));
        let parse = syntax::parse(file, sources.get(file));
        if parse.problems.iter().any(Problem::is_error) {
            return Err(AddFailure::Syntax(sources, parse.problems));
        }
        self.settle();
        let edit = self.placed(text, &parse.tree);
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        self.commit_edit(&edit, first.trim()).map_err(AddFailure::Edit)
    }

    fn placed(&self, text: &str, tree: &Tree) -> Edit {
        let dated = tree.statements.iter().all(fields::is_dated);
        if !dated {
            return Edit::of(FileId(0), vec![self.at_the_end(text, tree)]);
        }
        let mut files: Vec<(FileId, String)> = Vec::new();
        for node in &tree.statements {
            let file = self.file_of(node, text);
            let line = node.span.of(text);
            match files.iter_mut().find(|(other, _)| *other == file) {
                Some((_, lines)) => *lines = format!("{lines}\n{line}"),
                None => files.push((file, line.to_owned())),
            }
        }
        if let [(_, lines)] = files.as_mut_slice() {
            *lines = text.to_owned(); // with its comments
        }
        let splice = |(file, lines): (FileId, String)| {
            let tree = fields::tree(self, file);
            let lines = self.line_ends(file, &lines);
            (file, vec![fields::added_dated(self.text(file), &tree, &lines)])
        };
        Edit { files: files.into_iter().map(splice).collect() }
    }

    /// The file that holds what a dated line is about.
    fn file_of(&self, node: &Node, text: &str) -> FileId {
        let path = fields::subject(node).map(|name| name.span.of(text));
        match path.and_then(|path| self.find(path).ok()) {
            Some(Found::Thing(kind, index)) => self.name_of(kind, index).file,
            Some(Found::Cell(cell)) => self.name_of(cell.kind(), cell.index).file,
            _ => FileId(0),
        }
    }

    fn at_the_end(&self, text: &str, tree: &Tree) -> crate::syntax::edit::Splice {
        let root = self.text(FileId(0));
        let blank = root.trim_start_matches('\u{feff}').trim().is_empty();
        let edition = tree.statements.first().is_some_and(|node| node.keyword == Keyword::Okr);
        let before = match (blank, edition) {
            (true, false) => "okr 1\n\n",
            // A block stands apart from what is above it.
            (false, _) if text.contains('\n') && !root.ends_with("\n\n") => "\n",
            _ => "",
        };
        let lines = self.line_ends(FileId(0), &format!("{before}{text}"));
        insert_line(root, None, &lines)
    }

    /// The text with the line ends of a file.
    pub(super) fn line_ends(&self, file: FileId, text: &str) -> String {
        match self.text(file).contains("\r\n") {
            true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            false => text.replace("\r\n", "\n"),
        }
    }
}
