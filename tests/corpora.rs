//! The seeds of the fuzzer, each run once.

use crate::harness::root;
use std::fs;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = root().join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        run(&fs::read(&path).expect("a seed can be read"));
        count += 1;
    }
    assert!(count > 0, "{target} has no seeds");
}

#[test]
fn plans() {
    replay("plan", okr::fuzz::plan);
}

#[test]
fn formulas() {
    replay("formula", okr::fuzz::formula);
}

#[test]
fn lines() {
    replay("lines", okr::fuzz::lines);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 120, ..Default::default() })]

    /// Lines of words that make sense in some order, most of them not in this one.
    #[test]
    fn lines_of_any_kind(lines in proptest::collection::vec(line(), 1..30)) {
        okr::fuzz::lines(lines.join("\n").as_bytes());
    }
}

fn line() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let words = prop::sample::select(vec![
        ":set",
        ":undo",
        ":redo",
        ":grade",
        ":show",
        ":diff",
        ":scenario",
        ":as-of",
        ":checkin",
        ":explain",
        ":help",
        "easy",
        "base",
        "default",
        "2026-02-05",
        "speed",
        "speed.latency",
        "speed.latency.target",
        "speed.load.actual",
        "arr",
        "5",
        "450 ms",
        "4.3M EUR",
        "64%",
        "done",
        "objective o \"O\" {",
        "kr a \"A\" {",
        "}",
        "target 3",
        "actual 2",
        "(",
        ")",
        "+",
        "*",
        ";",
        "\"",
        "#",
        "checkin",
        "metric n \"N\" 3",
        "assert speed.grade > 0.5",
        "",
        "é\u{301}👩",
        "--format",
        "json",
        "-",
        "max(1,",
        "include \"x\"",
        "okr 1",
        "amended",
    ]);
    prop_oneof![
        4 => prop::collection::vec(words, 0..5).prop_map(|words| words.join(" ")),
        2 => (prop::sample::select(vec!["speed.latency.target", "speed.load.actual", "arr"]), 1..900)
            .prop_map(|(path, value)| format!(":set {path} {value}")),
        1 => "\\PC{0,30}",
    ]
}

#[test]
fn workbooks() {
    replay("workbook", okr::fuzz::workbook);
}
