//! `okr simulate`: a key result and a future, lowered and scalar, beside numpy.
//!
//! `cargo bench --bench simulate`; `support/simulate.py` does the same in numpy.

use std::path::Path;
use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use okr::engine::{Engine, Options};
use okr::plan;
use okr::plan::cell::{Cell, Field};
use okr::whatif::simulate::{Futures, Observed, SAMPLES, SEED, unwatched};
use rayon::{ThreadPool, ThreadPoolBuilder};

#[path = "support/team.rs"]
mod team;

/// Key results of the plan.
const KRS: usize = 20;
/// Futures of the scalar evaluation, which is slow.
const SCALAR: u64 = 2_048;

fn main() {
    divan::main();
}

fn engine(uncertain_moves: bool) -> Engine {
    let (plan, _) = plan::resolve(plan::load_text(
        "team.okr",
        team::plan(KRS, uncertain_moves),
        Path::new("."),
    ));
    let engine = Engine::new(Arc::new(plan), Options::default());
    engine.projected();
    engine
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started")
}

fn cycle() -> Observed {
    Observed::Cell(Cell::new(Field::CycleProjectedGrade, 0))
}

/// The futures themselves: draws, funding, values, grades and all means, up to the cycle's grade in
/// each of them. An item is a key result in a future.
#[divan::bench(args = [1, 2])]
fn futures(bencher: Bencher, threads: usize) {
    draw(bencher, &engine(false), threads);
}

/// The same where every other initiative moves its key result by an uncertain amount.
#[divan::bench(args = [1, 2])]
fn futures_with_uncertain_moves(bencher: Bencher, threads: usize) {
    draw(bencher, &engine(true), threads);
}

fn draw(bencher: Bencher, engine: &Engine, threads: usize) {
    let pool = pool(threads);
    let futures = Futures::new(engine, SEED, &[]);
    let items = ItemsCount::new(KRS as u64 * SAMPLES);
    bencher
        .counter(items)
        .bench(|| pool.install(|| black_box(futures.values(cycle(), SAMPLES, &unwatched))));
}

/// All that the report says: the futures, and of every cell the mean, its error, three percentiles
/// and the probabilities.
#[divan::bench(args = [1, 2])]
fn report(bencher: Bencher, threads: usize) {
    let (engine, pool) = (engine(false), pool(threads));
    let items = ItemsCount::new(KRS as u64 * SAMPLES);
    bencher.counter(items).bench(|| {
        pool.install(|| {
            black_box(Futures::new(&engine, SEED, &[]).summary(SAMPLES, &[], &unwatched))
        })
    });
}

/// The same futures, each graded by the engine, node by node.
#[divan::bench(sample_count = 10)]
fn futures_scalar(bencher: Bencher) {
    let (engine, pool) = (engine(false), pool(1));
    let futures = Futures::scalar(&engine, SEED, &[]);
    bencher
        .counter(ItemsCount::new(KRS as u64 * SCALAR))
        .bench(|| pool.install(|| black_box(futures.values(cycle(), SCALAR, &unwatched))));
}
