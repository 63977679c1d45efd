//! Workbooks: `okr export` beside rust_xlsxwriter writing the same cells, and `okr import` beside
//! calamine streaming them.
//!
//! `cargo bench --bench workbook`; `OKR_BENCH_KRS=10000` makes the yardstick smaller.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

#[path = "support/cells.rs"]
mod cells;
#[path = "support/yardstick.rs"]
mod yardstick;

use cells::Book;

/// The program as it is shipped.
const OKR: &str = env!("CARGO_BIN_EXE_okr");

/// Key results of the yardstick.
fn krs() -> usize {
    let given = std::env::var("OKR_BENCH_KRS").ok().and_then(|krs| krs.parse().ok());
    given.unwrap_or(100_000)
}

/// The yardstick and its workbook, in a folder of the build.
struct Files {
    plan: PathBuf,
    book: PathBuf,
    again: PathBuf,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = |name: &str| folder.join(format!("workbook-bench-{name}"));
    let files = Files { plan: file("y.okr"), book: file("y.xlsx"), again: file("again.xlsx") };
    std::fs::write(&files.plan, yardstick::plan(krs())).expect("the plan can be written");
    okr(&["export"], &files.plan, &["-o"], &files.book);
    files
});

/// The cells of the workbook, which the peer writes.
static CELLS: LazyLock<Book> = LazyLock::new(|| cells::read(&FILES.book));

/// Runs `okr WORDS FILE WORDS FILE`, and wants it to succeed.
fn okr(command: &[&str], file: &PathBuf, option: &[&str], other: &PathBuf) {
    let mut run = Command::new(OKR);
    run.args(command).arg(file).args(option).arg(other).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(run.status().is_ok_and(|status| status.success()), "{run:?} fails");
}

fn main() {
    divan::main();
}

/// rust_xlsxwriter alone: the cells of the exported workbook, from memory to a file.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn export_rust_xlsxwriter(bencher: Bencher) {
    let (files, book) = (&*FILES, &*CELLS);
    let bencher = bencher.counter(ItemsCount::new(book.count()));
    bencher.bench_local(|| cells::write(book, &files.again));
}

/// `okr export`, the whole process: the plan read and graded, the workbook written.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn export_okr(bencher: Bencher) {
    let files = &*FILES;
    bencher.bench_local(|| okr(&["export"], &files.plan, &["-o"], &files.again));
}

/// `okr check`, the whole process: what of the two others is not the workbook's.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn load_okr(bencher: Bencher) {
    let files = &*FILES;
    bencher.bench_local(|| okr(&["check", "--quiet"], &files.plan, &[], &files.plan));
}

/// calamine alone: every cell of every sheet, as a stream.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn import_calamine(bencher: Bencher) {
    let files = &*FILES;
    bencher.bench_local(|| black_box(cells::stream(&files.book)));
}

/// `okr import` of the workbook as it was exported, the whole process: nothing has changed.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn import_okr(bencher: Bencher) {
    let files = &*FILES;
    bencher.bench_local(|| okr(&["import"], &files.book, &["--into"], &files.plan));
}
