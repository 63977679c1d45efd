//! `okr` and its peers, row beside row in one run: the two sides of the ratios in
//! `benches/README.md`.
//!
//! `cargo bench --bench peers`; a word behind it (`-- edit`) runs only the rows that contain it.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use okr::engine::{Engine, Options, Template};
use okr::plan::cell::{Cell, Field};
use okr::plan::model::Plan as Stated;
use okr::source::{FileId, Source};

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

/// `okr --version` beside it.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn start_okr() -> std::io::Result<ExitStatus> {
    okr(&["--version"])
}

fn okr(arguments: &[&str]) -> std::io::Result<ExitStatus> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_okr"));
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status()
}

/// A command on the yardstick, the whole process.
fn of_yardstick(bencher: Bencher, command: &str, last: &str) {
    let text = yardstick::plan(YARDSTICK);
    let file = tempfile::Builder::new().suffix(".okr").tempfile().expect("a folder for a file");
    std::fs::write(file.path(), &text).expect("room for the yardstick");
    let path = file.path().to_string_lossy().into_owned();
    let bytes = BytesCount::of_str(&text);
    bencher.counter(bytes).bench_local(|| okr(&[command, &path, last]));
}

/// Reading, resolving and grading the yardstick and showing one team of it, the whole process.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn parse_okr_grade_process(bencher: Bencher) {
    of_yardstick(bencher, "grade", "t0001");
}

/// The same with the coach's advice on all of it.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn parse_okr_check_process(bencher: Bencher) {
    of_yardstick(bencher, "check", "--quiet");
}

/// Reading the yardstick to its tree: comments, spans and all, on the threads that there are.
#[divan::bench(sample_count = 20)]
fn parse_okr_tree(bencher: Bencher) {
    let text = yardstick::plan(YARDSTICK);
    let bytes = BytesCount::of_str(&text);
    let source = Source::from_bytes("yardstick.okr", None, text.into_bytes());
    bencher.counter(bytes).bench(|| okr::syntax::parse(FileId(0), &source));
}

fn plan(text: String) -> Stated {
    let (plan, problems) =
        okr::plan::resolve(okr::plan::load_text("bench.okr", text, Path::new(".")));
    let first = problems.iter().find(|it| it.is_error());
    assert!(first.is_none(), "the plan of the bench is sound: {first:?}");
    plan
}

fn engine(krs: usize) -> Engine {
    Engine::new(Arc::new(plan(yardstick::plan(krs))), Options::default())
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

/// Every cell of the yardstick, all gradings and formulas.
#[divan::bench]
fn regrade_okr(bencher: Bencher) {
    let mut engine = engine(YARDSTICK);
    bencher.counter(ItemsCount::new(YARDSTICK)).bench_local(|| engine.recalculate());
}

/// One edit of a key result's actual anywhere in the plan and what it reaches up to the cycle.
#[divan::bench(args = [1_000, YARDSTICK], sample_size = 256)]
fn edit_okr(bencher: Bencher, krs: usize) {
    let mut engine = engine(krs);
    let (mut kr, mut value) = (0, 0.0);
    bencher.bench_local(|| {
        kr = (kr + 7_919) % krs;
        value += 0.125; // what is set to what it is reaches nothing
        engine.set(Cell::new(Field::KrActual, kr), value)
    });
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

/// The formula lowered by okr, over blocks of 1,024 rows.
#[divan::bench]
fn formula_columns_okr(bencher: Bencher) {
    const ROWS: usize = 1024;
    let plan = plan(FORMULA_PLAN.into());
    let template = Template::of_code(plan.steps(0)).expect("the formula of the bench is sound");
    let columns: Vec<Vec<f64>> = (0..template.slots())
        .map(|slot| (0..BLOCKS * ROWS).map(|row| ((row * 13 + slot * 7) % 997) as f64).collect())
        .collect();
    let (mut buffer, mut results) = (Vec::new(), vec![0.0; ROWS]);
    bencher.counter(ItemsCount::new(BLOCKS * ROWS)).bench_local(|| {
        for block in 0..BLOCKS {
            let rows = block * ROWS..(block + 1) * ROWS;
            let load = |slot: usize, out: &mut [f64]| {
                out.copy_from_slice(&columns[slot][rows.clone()]);
            };
            template.run_block(ROWS, &mut buffer, load, &mut results);
            black_box(&results);
        }
    });
}

/// The formula of `expressions.rs` in a plan.
const FORMULA_PLAN: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
metric a \"a\" 900
metric b \"b\" 400
metric c \"c\" 4.2e6
metric d \"d\" 0.0005
objective o \"O\" {
  kr k \"K\" { baseline 0; target max(a * 1.3, b + 20, c * d); actual 10 }
}
";
