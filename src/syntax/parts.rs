//! Large files, read in parts on several threads.
//!
//! A file is cut before lines that look like the beginning of a statement, and each part is read by
//! itself. A part that is read to its end without a problem has ended between two statements, so
//! that the next one begins as it would in the whole file. Where any part has a problem, nothing of
//! this counts, and the file is read in one go.

use super::keyword::{self, Context};
use super::lexical;
use super::parser::Parser;
use super::tree::{ExprNode, Exprs, Op, Tree, UnitRef};
use crate::source::FileId;
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// How long a part is, or a little more. Small enough to share the work evenly.
const PART: usize = 512 << 10;

/// The tree of a large file without mistakes; `None` for any other file, which is read in one go.
pub(super) fn parse(file: FileId, text: &str) -> Option<Tree> {
    if text.len() < 2 * PART {
        return None;
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    parse_on(threads, PART, file, text)
}

fn parse_on(threads: usize, part: usize, file: FileId, text: &str) -> Option<Tree> {
    let parts = cut(text, part);
    if threads < 2 || parts.len() < 2 || parts.len() > Exprs::MOST_PARTS {
        return None;
    }
    let work = Work {
        file,
        text,
        parts: &parts,
        next: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(parts.len()))
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, || work.run()).ok())
            .collect();
        let mut done = work.run();
        others.into_iter().for_each(|other| match other.join() {
            Ok(parts) => done.extend(parts),
            Err(_) => work.failed.store(true, Ordering::Relaxed),
        });
        done
    });
    if work.failed.load(Ordering::Relaxed) || done.len() < parts.len() {
        return None;
    }
    done.sort_unstable_by_key(|(part, _)| *part);
    Some(join(done.into_iter().map(|(_, part)| part).collect()))
}

/// What the threads share.
struct Work<'a> {
    file: FileId,
    text: &'a str,
    parts: &'a [Range<usize>],
    next: AtomicUsize,
    failed: AtomicBool,
}

impl Work<'_> {
    /// Reads parts until none is left, or one has a problem.
    fn run(&self) -> Vec<(usize, ReadPart)> {
        let mut done = Vec::new();
        while !self.failed.load(Ordering::Relaxed) {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(range) = self.parts.get(part) else { break };
            let mut parser =
                Parser::part(self.file, &self.text[..range.end], Exprs::first_of(part));
            parser.make_room(range.len());
            parser.statements(&self.text[range.start..range.end]);
            if parser.problems.is_empty() && parser.exprs.len() <= Exprs::PART {
                done.push((part, (parser.tree, parser.exprs)));
            } else {
                self.failed.store(true, Ordering::Relaxed);
            }
        }
        done
    }
}

/// A part's tree and the nodes of its formulas.
type ReadPart = (Tree, Vec<ExprNode>);

/// The parts of a text, each but the first from the beginning of a statement on.
fn cut(text: &str, part: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(end) = next_statement(text, start + part) {
        parts.push(start..end);
        start = end;
    }
    parts.push(start..text.len());
    parts
}

/// The first line, after the one that holds `from`, that looks like a statement at the top level.
fn next_statement(text: &str, from: usize) -> Option<usize> {
    let tail = text.as_bytes().get(from..)?;
    memchr::memchr_iter(b'\n', tail)
        .map(|end| from + end + 1)
        .find(|&start| begins_statement(&text[start..]))
}

/// Whether a line begins with a date, or with a word that stands nowhere but at the top level.
fn begins_statement(line: &str) -> bool {
    let Some((_, word)) = lexical::word(line) else { return lexical::looks_like_date(line) };
    keyword::lookup(Context::Plan, word).is_some_and(|entry| entry.contexts == [Context::Plan])
}

/// The parts as one tree, as if the file had been read in one go.
fn join(parts: Vec<ReadPart>) -> Tree {
    let mut whole = Tree::default();
    whole.statements.reserve_exact(parts.iter().map(|(tree, _)| tree.statements.len()).sum());
    whole.trivia.reserve_exact(parts.iter().map(|(tree, _)| tree.trivia.len()).sum());
    let mut known: FxHashMap<String, UnitRef> = FxHashMap::default();
    let mut exprs = Vec::with_capacity(parts.len());
    for (tree, mut nodes) in parts {
        whole.statements.extend(tree.statements);
        whole.trivia.extend(tree.trivia);
        whole.key_results += tree.key_results;
        let units = join_units(&mut whole.units, &mut known, tree.units);
        rename_units(&mut nodes, &units);
        exprs.push(nodes);
    }
    whole.exprs = Exprs::of_parts(exprs);
    whole
}

/// The units of the whole for those of a part.
fn join_units(
    whole: &mut Vec<String>,
    known: &mut FxHashMap<String, UnitRef>,
    part: Vec<String>,
) -> Vec<UnitRef> {
    let mut units = Vec::with_capacity(part.len());
    for word in part {
        let next = UnitRef(whole.len() as u32 + UnitRef::FIRST_WORD);
        let unit = *known.entry(word.clone()).or_insert(next);
        if unit == next {
            whole.push(word);
        }
        units.push(unit);
    }
    units
}

fn rename_units(nodes: &mut [ExprNode], units: &[UnitRef]) {
    let same = |(at, unit): (usize, &UnitRef)| unit.0 == at as u32 + UnitRef::FIRST_WORD;
    if units.iter().enumerate().all(same) {
        return;
    }
    for node in nodes {
        if let Op::Number(_, unit) = &mut node.op
            && let Some(word) = unit.0.checked_sub(UnitRef::FIRST_WORD)
        {
            *unit = units[word as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::syntax::tree::Expr;
    use proptest::prelude::*;
    use std::fmt::Write;

    /// Every sample of the language, without its first line, `okr 1`.
    fn samples() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
        files.sort();
        let plans = files.iter().filter(|path| path.extension().is_some_and(|it| it == "okr"));
        plans.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
    }

    /// All of a tree as text, its formulas by their nodes.
    fn shown(tree: &Tree) -> String {
        let mut out = format!("{:?} {:?}\n", tree.units, tree.trivia);
        let statements = format!("{:?}", tree.statements);
        let mut pieces = statements.split("Expr { start: ");
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let mut numbers = piece.splitn(3, ", ").map(|word| word.trim_start_matches("end: "));
            let mut number = || numbers.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            let expr = Expr { start: number(), end: number(), ..Expr::default() };
            let rest = numbers.next().unwrap_or_default();
            let _ = writeln!(out, "{:?} {rest}", expr.nodes(&tree.exprs));
        }
        out
    }

    fn in_one_go(text: &str) -> (Tree, usize) {
        let parse = super::super::parse(FileId(0), &Source::from_text("a", text));
        (parse.tree, parse.problems.len())
    }

    proptest! {
        #[test]
        fn a_file_in_parts_is_the_file_in_one_go(
            order in prop::collection::vec(0..100_usize, 1..6),
            part in 20..3_000_usize,
            cut in prop::option::weighted(0.7, (0.0..1.0, 0..30_usize, "[{}()\"#\n; a-z0-9:.,-]{0,6}")),
        ) {
            let samples = samples();
            let texts = order.iter().map(|at| samples[at % samples.len()].as_str());
            let mut text = texts.collect::<Vec<_>>().join("\n");
            if let Some((at, length, instead)) = &cut {
                let from = text.floor_char_boundary((text.len() as f64 * at) as usize);
                let to = text.ceil_char_boundary((from + length).min(text.len()));
                text.replace_range(from..to, instead);
            }
            let (tree, problems) = in_one_go(&text);
            let parts = parse_on(3, part, FileId(0), &text);
            prop_assert!(cut.is_some() || parts.is_some() || text.len() < 2 * part);
            if let Some(parts) = parts {
                prop_assert_eq!(problems, 0);
                prop_assert_eq!(shown(&parts), shown(&tree));
            }
        }
    }

    #[test]
    fn parts_begin_with_statements() {
        let text =
            "okr 1\nteam a \"A\" {\nkind bau\n}\n2026-01-01 checkin a 1\n  metric b\nmetric c";
        let starts: Vec<&str> = cut(text, 1).into_iter().map(|it| &text[it][..6]).collect();
        assert_eq!(starts, ["okr 1\n", "team a", "2026-0", "metric"]);
    }
}
