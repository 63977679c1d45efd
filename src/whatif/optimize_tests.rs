//! The best shares beside a grid of all shares, on plans drawn by lot.

use super::optimize::{Optimum, Proof, optimize};
use super::search::Trial;
use crate::engine::{Engine, Options};
use crate::plan::cell::{Cell, Field};
use crate::plan::{self, Plan};
use std::fmt::Write;
use std::sync::Arc;

const HEAD: &str = "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n";

fn read(text: &str) -> Arc<Plan> {
    let (plan, problems) =
        plan::resolve(plan::load_text("p.okr", format!("{HEAD}{text}"), std::path::Path::new(".")));
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    Arc::new(plan)
}

fn engine(plan: &Arc<Plan>) -> Engine {
    Engine::new(Arc::clone(plan), Options::default())
}

fn grade() -> Cell {
    Cell::new(Field::CycleProjectedGrade, 0)
}

fn best(plan: &Arc<Plan>, cell: Cell, teams: &[u32]) -> Optimum {
    let proof = Proof { samples: 100, seed: 1, watch: &super::simulate::unwatched };
    let found = optimize(&|| engine(plan), cell, teams, proof, &mut || true);
    found.unwrap_or_else(|error| panic!("{error:?}"))
}

/// A random number generator that is always the same.
struct Lot(u64);

impl Lot {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % count
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}

/// Which parts of the language a plan may use.
#[derive(Clone, Copy)]
struct Uses {
    closes: bool,
    moves: bool,
    shapes: bool,
    payments: bool,
    several: bool,
    hard: bool,
}

const MOVES: Uses = Uses {
    closes: false,
    moves: true,
    shapes: false,
    payments: false,
    several: false,
    hard: false,
};

fn key_results(lot: &mut Lot, uses: Uses, text: &mut String) {
    text.push_str("objective o \"O\" {\n  owner t\n");
    for kr in ["a", "b", "c"] {
        let gradings = [
            "target 100",
            "target 100; grading linear uncapped",
            "target 100; grading steps 30 -> 0.3, 55 -> 0.7, 80 -> 1",
            "target 100; grading curve 20 -> 0.1, 60 -> 0.8, 100 -> 1",
            "baseline 100; target 0; actual 90; grading linear",
            "keep >= 40; actual 5",
        ];
        let grading = if uses.shapes { lot.of(&gradings) } else { gradings[0] };
        let weight = 1 + lot.below(3);
        let _ = writeln!(text, "  kr {kr} \"K\" {{ {grading}; weight {weight} }}");
    }
    text.push_str("}\n");
}

fn work(lot: &mut Lot, uses: Uses, number: u64, text: &mut String) {
    let bucket = lot.of(&["x", "y", "z"]);
    let effort = 1 + lot.below(5);
    let _ = write!(text, "initiative w{number} \"W\" {{ draws {effort} pw from t.{bucket}");
    if uses.several && lot.below(3) == 0 {
        let other = if bucket == "x" { "y" } else { "x" };
        let _ = write!(text, "; draws {} pw from t.{other}", 1 + lot.below(3));
    }
    let kr = lot.of(&["a", "b", "c"]);
    let down = text.contains(&format!("kr {kr} \"K\" {{ baseline 100"));
    if uses.closes
        && !(uses.moves && lot.below(2) == 0)
        && !text.contains(&format!("kr {kr} \"K\" {{ keep"))
    {
        let _ = write!(text, "; closes {}% of o.{kr}", 10 + 10 * lot.below(7));
    } else {
        let sign = if down { "-" } else { "" };
        let _ = write!(text, "; moves o.{kr} by {sign}{}", 5 + 10 * lot.below(6));
    }
    if uses.payments {
        let curve = "; pays curve 0.5 -> 0.2, 0.8 -> 0.9, 1 -> 1";
        text.push_str(lot.of(&["", "; pays when_done", curve]));
    }
    if uses.hard && number > 0 && lot.below(3) == 0 {
        let _ = write!(text, "; needs w{}", lot.below(number));
    }
    let _ = writeln!(text, "; chance {}%; priority {} }}", 50 + 10 * lot.below(6), lot.below(3));
}

fn random_plan(seed: u64, uses: Uses) -> String {
    let mut lot = Lot(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let short = if uses.hard { lot.of(&["", "; when_short prorata"]) } else { "" };
    let bounds = lot.of(&["", " { floor 10% }", " { ceiling 40% }", " { floor 20%; ceiling 60% }"]);
    let mut text = format!(
        "team t \"T\" {{ capacity 10 pw{short}; bucket x 40%{bounds}; bucket y 40%; bucket z rest }}\n"
    );
    key_results(&mut lot, uses, &mut text);
    for number in 0..4 + lot.below(4) {
        work(&mut lot, uses, number, &mut text);
    }
    text
}

/// The greatest value on a grid of shares in whole percents.
fn grid(plan: &Arc<Plan>, optimum: &Optimum) -> f64 {
    let mut trial = Trial::new(engine(plan), grade());
    let sum: f64 = optimum.shares.iter().map(|it| it.before).sum();
    let bound = |it: usize| {
        let share = &optimum.shares[it];
        (share.floor.unwrap_or(0.0), share.ceiling.unwrap_or(1.0))
    };
    let bucket = |it: usize| {
        let id = optimum.shares[it].id.rsplit('.').next().expect("a bucket");
        ["x", "y", "z"].iter().position(|name| *name == id).expect("a bucket") as u32
    };
    let count = optimum.shares.len();
    let steps: i32 = if count == 3 { 50 } else { 200 };
    let mut top = f64::NEG_INFINITY;
    for first in 0..=steps {
        for second in 0..=(if count == 3 { steps - first } else { 0 }) {
            let share = |it: i32| f64::from(it) / f64::from(steps) * sum;
            let mut shares = vec![share(first)];
            if count == 3 {
                shares.push(share(second));
            }
            if count > 1 {
                shares.push((sum - shares.iter().sum::<f64>()).max(0.0));
            }
            let fits = |(it, share): (usize, &f64)| {
                let (low, high) = bound(it);
                *share >= low - 1e-9 && *share <= high + 1e-9
            };
            if count > 1 && !shares.iter().enumerate().all(fits) {
                continue;
            }
            let shares: Vec<(u32, f64)> =
                shares.iter().enumerate().map(|(it, share)| (bucket(it), *share)).collect();
            top = top.max(trial.with_shares(&shares).unwrap_or(f64::NEG_INFINITY));
        }
    }
    top
}

/// How many of these plans are proven, and by which methods.
fn compare_with_grids(seeds: std::ops::Range<u64>, uses: Uses) -> (usize, Vec<String>) {
    let (mut proven, mut methods) = (0, Vec::new());
    for seed in seeds {
        let text = random_plan(seed, uses);
        let plan = read(&text);
        let optimum = best(&plan, grade(), &[0]);
        let promised = optimum.promised.expect("a value");
        let top = grid(&plan, &optimum);
        let told =
            format!("{seed}: {promised} {top} {} {}\n{text}", optimum.method, optimum.proven);
        assert!(promised >= top - 1e-9, "{told}\n{:#?}", optimum.shares);
        let sums = |of: fn(&super::optimize::ShareChange) -> f64| -> f64 {
            optimum.shares.iter().map(of).sum()
        };
        assert!((sums(|it| it.after) - sums(|it| it.before)).abs() < 1e-9, "{told}");
        for share in &optimum.shares {
            assert!(share.after >= share.floor.unwrap_or(0.0) - 1e-9, "{told}");
            assert!(share.after <= share.ceiling.unwrap_or(1.0) + 1e-9, "{told}");
        }
        proven += usize::from(optimum.proven);
        if !methods.contains(&optimum.method) {
            methods.push(optimum.method.clone());
        }
    }
    (proven, methods)
}

#[test]
fn straight_lines() {
    let (proven, methods) = compare_with_grids(0..16, MOVES);
    assert!(proven >= 15, "{proven} {methods:?}");
    assert!(methods.contains(&"lp".into()) && methods.contains(&"milp".into()), "{methods:?}");
}

#[test]
fn all_at_once_steps_curves_and_bounds_to_keep() {
    let uses = Uses { shapes: true, payments: true, ..MOVES };
    let (proven, methods) = compare_with_grids(100..116, uses);
    assert!(proven >= 14, "{proven} {methods:?}");
}

#[test]
fn several_draws() {
    let uses = Uses { payments: true, several: true, ..MOVES };
    let (proven, methods) = compare_with_grids(200..216, uses);
    assert!(proven >= 13, "{proven} {methods:?}");
}

#[test]
fn products_of_gaps() {
    let uses = Uses { closes: true, moves: false, payments: true, ..MOVES };
    let (proven, methods) = compare_with_grids(300..316, uses);
    assert!(proven >= 15, "{proven} {methods:?}");
    assert!(methods.contains(&"enumeration".into()), "{methods:?}");
}

#[test]
fn everything_at_once_is_searched() {
    let uses =
        Uses { closes: true, moves: true, shapes: true, payments: true, several: true, hard: true };
    let (_, methods) = compare_with_grids(400..412, uses);
    assert!(methods.contains(&"search".into()), "{methods:?}");
}

/// What the short way and the whole plan say is the same.
#[test]
fn trials_agree_with_the_plan() {
    let uses =
        Uses { closes: true, moves: true, shapes: true, payments: true, several: true, hard: true };
    let mut lot = Lot(7);
    for seed in 500..520 {
        let plan = read(&random_plan(seed, uses));
        let mut trial = Trial::new(engine(&plan), grade());
        assert!(trial.is_quick());
        for _ in 0..10 {
            let (x, y) = (lot.below(60) as f64 / 100.0, lot.below(40) as f64 / 100.0);
            let quick = trial.with_shares(&[(0, x), (1, y), (2, 1.0 - x - y)]);
            let mut whole = engine(&plan);
            let share = |index: u32| Cell { field: Field::BucketShare, index };
            whole.set_all(&[(share(0), x), (share(1), y)]);
            let whole = whole.read(grade()).number();
            let (quick, whole) = (quick.expect("a value"), whole.expect("a value"));
            assert!((quick - whole).abs() < 1e-12, "{seed}: {quick} {whole}");
        }
    }
}
