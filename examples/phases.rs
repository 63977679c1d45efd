//! Prints the time of each phase of loading a plan, the least of several rounds:
//! `cargo run --release --example phases -- /tmp/yardstick.okr 10`

use okr::engine::Engine;
use okr::plan::cell::{Cell, Field};
use okr::source::{FileId, Source};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PHASES: [&str; 7] = ["read", "parse", "load", "resolve", "engine", "regrade", "edit"];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        eprintln!("usage: phases FILE [ROUNDS]");
        return ExitCode::from(2);
    };
    let rounds = arguments.next().and_then(|word| word.parse().ok()).unwrap_or(5);
    let mut times = vec![Vec::new(); PHASES.len()];
    for _ in 0..rounds {
        match round(&file) {
            Ok(round) => times.iter_mut().zip(round).for_each(|(all, time)| all.push(time)),
            Err(error) => {
                eprintln!("phases: {error}");
                return ExitCode::from(4);
            }
        }
    }
    for (phase, mut times) in PHASES.into_iter().zip(times) {
        times.sort_unstable();
        println!("{phase:8} least {:>12?}  median {:>12?}", times[0], times[times.len() / 2]);
    }
    ExitCode::SUCCESS
}

/// How often everything is graded again, for the average.
const REGRADES: u32 = 20;

/// The times of the phases, each on its own.
fn round(file: &str) -> Result<[Duration; 7], Box<dyn std::error::Error>> {
    let timed = |start: Instant| start.elapsed();
    let start = Instant::now();
    let source = Source::from_bytes(file, None, std::fs::read(file)?);
    let read = timed(start);
    let start = Instant::now();
    let parse = okr::syntax::parse(FileId(0), &source);
    let parsed = timed(start);
    drop((parse, source));
    let start = Instant::now();
    let loaded = okr::plan::load(file)?;
    let load = timed(start);
    let start = Instant::now();
    let (plan, _) = okr::plan::resolve(loaded);
    let resolve = timed(start);
    let start = Instant::now();
    let mut engine = Engine::new(Arc::new(plan), Default::default());
    let bound = timed(start);
    let start = Instant::now();
    (0..REGRADES).for_each(|_| engine.recalculate());
    let regrade = timed(start) / REGRADES;
    Ok([read, parsed, load, resolve, bound, regrade, edit(&mut engine)])
}

/// One edit of a key result somewhere, on average.
fn edit(engine: &mut Engine) -> Duration {
    const EDITS: u32 = 20_000;
    let krs = engine.plan.krs.len();
    let mut kr = 0;
    let start = Instant::now();
    for edit in 0..EDITS {
        kr = (kr + 7_919) % krs.max(1);
        engine.set(Cell::new(Field::KrActual, kr), f64::from(edit) * 0.01 + 1.0);
    }
    start.elapsed() / EDITS
}
