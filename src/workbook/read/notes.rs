//! Notes on cells: the classic ones, and threads of comments.

use super::super::guard::{MAX_NOTES, Node, Part, Refusal, Xml, at_most};
use super::cells::{At, Note, clean};
use super::strings::unescape;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Notes by their cell.
pub(super) type Notes = BTreeMap<At, Vec<Note>>;

/// Reads `comments1.xml`.
pub(super) fn read_classic(mut xml: Xml<Part<'_>>, notes: &mut Notes) -> Result<(), Refusal> {
    let mut authors: Vec<String> = Vec::new();
    let mut current: Option<(At, usize)> = None;
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "author" => {
                    authors.push(xml.text(|_| true)?);
                    at_most(authors.len(), MAX_NOTES, "authors of notes")?;
                }
                "comment" => {
                    let at = tag.get("ref").and_then(|place| At::parse(&place));
                    current = at.map(|at| (at, tag.number("authorId").unwrap_or(usize::MAX)));
                }
                "text" => {
                    let mut text = String::new();
                    super::strings::rich_text(&mut xml, &mut text)?;
                    if let Some((at, author)) = current {
                        let author = authors.get(author).map(String::as_str).unwrap_or_default();
                        add(notes, at, author, &unescape(&text))?;
                    }
                }
                _ => {}
            },
            Node::End => return Ok(()),
            _ => {}
        }
    }
}

/// The names of people, by the ids that threads of comments use.
pub(super) fn read_people(mut xml: Xml<Part<'_>>) -> Result<FxHashMap<String, String>, Refusal> {
    let mut people = FxHashMap::default();
    loop {
        match xml.node()? {
            Node::Open(tag) if tag.name() == "person" => {
                if let (Some(id), Some(name)) = (tag.get("id"), tag.get("displayName")) {
                    people.insert(id.into_owned(), name.into_owned());
                    at_most(people.len(), MAX_NOTES, "authors of notes")?;
                }
            }
            Node::End => return Ok(people),
            _ => {}
        }
    }
}

/// Reads `threadedComment1.xml`. Each thread has a classic note as well, which says no more and is
/// left out then.
pub(super) fn read_threads(
    mut xml: Xml<Part<'_>>,
    people: &FxHashMap<String, String>,
    notes: &mut Notes,
) -> Result<(), Refusal> {
    let mut current: Option<(At, String)> = None;
    let mut threads = Notes::new();
    loop {
        match xml.node()? {
            Node::Open(tag) => match tag.name() {
                "threadedComment" => {
                    let at = tag.get("ref").and_then(|place| At::parse(&place));
                    let id = tag.get("personId").unwrap_or_default();
                    let author = people.get(id.as_ref()).cloned().unwrap_or_default();
                    current = at.map(|at| (at, author));
                }
                "text" => {
                    let text = xml.text(|_| true)?;
                    if let Some((at, author)) = &current {
                        add(&mut threads, *at, author, &text)?;
                    }
                }
                _ => {}
            },
            Node::End => {
                notes.extend(threads);
                return Ok(());
            }
            _ => {}
        }
    }
}

/// Adds a note. Programs begin a note with its author's name on a line of its own, which is no part
/// of what it says.
pub(super) fn add(notes: &mut Notes, at: At, author: &str, text: &str) -> Result<(), Refusal> {
    let (author, text) = (clean(author).trim().to_owned(), clean(text));
    let named = text.trim().strip_prefix(&format!("{author}:")).filter(|_| !author.is_empty());
    let text = named.unwrap_or(&text).trim().to_owned();
    if text.is_empty() {
        return Ok(());
    }
    at_most(notes.len() + 1, MAX_NOTES, "notes")?;
    let on_cell = notes.entry(at).or_default();
    at_most(on_cell.len() + 1, 1_000, "notes on one cell")?;
    on_cell.push(Note { author, text });
    Ok(())
}
