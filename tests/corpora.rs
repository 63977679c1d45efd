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
fn workbooks() {
    replay("workbook", okr::fuzz::workbook);
}
