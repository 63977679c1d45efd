//! What others, and code by hand, need for the work of `okr`: the right-hand sides of the ratios in
//! `benches/README.md`.
//!
//! `cargo bench --bench peers`; a word behind it (`-- by_hand`) runs only the rows that contain it.

use std::process::{Command, ExitStatus, Stdio};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/columns.rs"]
mod columns;
#[path = "support/expressions.rs"]
mod expressions;
#[path = "support/nom_parser.rs"]
mod nom_parser;
#[path = "support/yardstick.rs"]
mod yardstick;

use by_hand::Plan;
use columns::Columns;

/// Key results of the yardstick.
const YARDSTICK: usize = 100_000;
/// Blocks of 1,024 rows that the column formulas run over: about a row for each key result.
const BLOCKS: usize = 98;

fn main() {
    divan::main();
}

/// `git --version`, the measure of a quick start. A bench of one sample an iteration: no process is
/// quick enough to be timed in groups.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn start_git() -> std::io::Result<ExitStatus> {
    Command::new("git").arg("--version").stdout(Stdio::null()).status()
}

/// The yardstick in bare nom, to a tree with spans and a table of names.
#[divan::bench(sample_count = 20)]
fn parse_nom(bencher: Bencher) {
    let text = yardstick::plan(YARDSTICK);
    let names = nom_parser::parse(&text).map_or(0, |tree| tree.names.len());
    assert!(names > YARDSTICK, "the peer finds {names} names in the yardstick");
    bencher.counter(BytesCount::of_str(&text)).bench(|| nom_parser::parse(&text));
}

/// Every key result and all means above them, by hand.
#[divan::bench]
fn regrade_by_hand(bencher: Bencher) {
    let mut plan = Plan::new(YARDSTICK);
    bencher.counter(ItemsCount::new(YARDSTICK)).bench_local(|| plan.regrade());
}

/// One edit of a key result anywhere in the plan and what it reaches up to the cycle, by hand.
#[divan::bench(args = [1_000, YARDSTICK], sample_size = 256)]
fn edit_by_hand(bencher: Bencher, krs: usize) {
    let mut plan = Plan::new(krs);
    plan.regrade();
    let mut kr = 0;
    bencher.bench_local(|| {
        // A prime step: in time it edits every key result, and never two neighbours in a row.
        kr = (kr + 7_919) % krs;
        plan.edit(kr, (kr % 900) as f64)
    });
}

/// Reading a formula and evaluating it once, as a REPL line needs it.
#[divan::bench(sample_size = 64)]
fn formula_evalexpr_parse(bencher: Bencher) {
    let context = expressions::named();
    bencher.bench(|| evalexpr::eval_with_context(black_box(expressions::FORMULA), &context));
}

/// Evaluating a formula that is built, its cells found by name.
#[divan::bench(sample_size = 64)]
fn formula_evalexpr_names(bencher: Bencher) {
    let (tree, context) = (expressions::tree(), expressions::named());
    bencher.bench(|| tree.eval_with_context(black_box(&context)));
}

/// Evaluating a formula that is built, its cells found by position.
#[divan::bench(sample_size = 64)]
fn formula_evalexpr_slots(bencher: Bencher) {
    let (tree, context) = (expressions::tree(), expressions::Slots::new());
    bencher.bench(|| tree.eval_with_context(black_box(&context)));
}

/// The formula over columns, one operation after the other, as lowered code would run.
#[divan::bench]
fn formula_columns_by_operation(bencher: Bencher) {
    let mut columns = Columns::new(BLOCKS);
    bencher.counter(ItemsCount::new(columns.rows())).bench_local(|| columns.by_operation());
}

/// The formula over columns, all operations in one loop.
#[divan::bench]
fn formula_columns_fused(bencher: Bencher) {
    let mut columns = Columns::new(BLOCKS);
    bencher.counter(ItemsCount::new(columns.rows())).bench_local(|| columns.fused());
}
