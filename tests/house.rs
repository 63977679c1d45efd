//! The house of `architecture.md`: a room knows only those above it, and a file stays readable.

use crate::harness::root;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, those that know least first.
const ROOMS: [&str; 17] = [
    "source",
    "suggest",
    "diagnostic",
    "quantity",
    "estimate",
    "syntax",
    "plan",
    "engine",
    "whatif",
    "coach",
    "workbook",
    "report",
    "session",
    "command",
    "repl",
    "fuzz",
    "main",
];

/// How long a file may be before it wants splitting, tests in it included.
const LONGEST: usize = 700;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|it| it == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

fn room(path: &Path) -> Option<usize> {
    let below = path.strip_prefix(root().join("src")).ok()?;
    let first = below.components().next()?.as_os_str().to_str()?.trim_end_matches(".rs");
    ROOMS.iter().position(|room| *room == first)
}

#[test]
fn a_room_knows_only_those_above_it() {
    for path in files(&root().join("src")) {
        let Some(own) = room(&path) else { continue };
        let text = fs::read_to_string(&path).expect("the file is text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, used) in code.lines().flat_map(|line| {
            line.match_indices("crate::").map(move |(at, sign)| (line, &line[at + sign.len()..]))
        }) {
            let name = used.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            let other = ROOMS.iter().position(|room| Some(*room) == name);
            let fine = line.trim_start().starts_with("//") || other.is_none_or(|it| it <= own);
            assert!(fine, "{} knows a room below it: {line}", path.display());
        }
    }
}

#[test]
fn files_stay_readable() {
    for path in files(&root().join("src")) {
        let lines = fs::read_to_string(&path).expect("the file is text").lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: split it by meaning", path.display());
    }
}

#[test]
fn nothing_is_unsafe_or_left_for_later() {
    for path in files(&root().join("src")) {
        let text = fs::read_to_string(&path).expect("the file is text");
        for word in ["unsafe ", "todo!", "unimplemented!", "TODO", "FIXME"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}
