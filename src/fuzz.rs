//! Entries for the fuzzer: any bytes in, no panic out.

use crate::command::{Common, Desk, Lines, Output, Stand};
use crate::engine::{Engine, Options};
use crate::plan;
use crate::plan::cell::{Cell, Field};
use crate::repl::{complete, hint};
use crate::session::Session;
use crate::source::{FileId, Source};
use crate::syntax::{self, format};
use crate::workbook::adopt::{Wishes, adopt};
use crate::workbook::read::{Book, child};
use std::path::Path;
use std::sync::Arc;

/// Any bytes as a plan: parsed, resolved, graded; and formatted twice if it is sound.
pub fn plan(bytes: &[u8]) {
    let source = Source::from_bytes("fuzz.okr", None, bytes.to_vec());
    let parse = syntax::parse(FileId(0), &source);
    if parse.problems.is_empty() {
        let once = format::format(&source, &parse);
        let again = Source::from_text("fuzz.okr", once.clone());
        let parse = syntax::parse(FileId(0), &again);
        assert_eq!(format::format(&again, &parse), once, "formatting is idempotent");
    }
    let loaded = plan::load::load_source(source, Path::new("/nonexistent"));
    let (plan, problems) = plan::resolve(loaded);
    let engine = Engine::new(Arc::new(plan), Options::default());
    let _ = engine.assertions();
    for problem in problems.iter().chain(&engine.problems()) {
        let _ = crate::diagnostic::render(problem, &engine.plan.sources, false);
    }
}

/// Any text as the formula of an assertion.
pub fn formula(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let line = text.replace(['\n', '\r'], " ");
    plan(format!("okr 1\nmetric m \"M\" {line}\nassert {line}\n").as_bytes());
}

/// What the lines of the prompt work on.
const TYPED_AT: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
metric arr \"Revenue\" 4.2M EUR
team web \"Web\" { people 4; bucket run 40%; bucket build rest }
objective speed \"Fast\" {
  owner web
  kr latency \"p95\" { baseline 900 ms; target 400 ms; weight 2 } # soon
  kr load \"Load\" { target 10; actual 5 }
}
2026-02-01 checkin speed.latency 600 ms confidence 0.5
2026-02-10 amended speed.latency.target 450 ms
assert speed.grade >= 0.3 \"sinking\"
scenario easy \"Easier\" { set speed.latency.target = 500 ms }
";

/// The commands that touch no file.
const HARMLESS: [&str; 14] = [
    "set", "undo", "redo", "show", "diff", "scenario", "as-of", "help", "grade", "explain",
    "trend", "check", "checkin", "compare",
];

/// Any bytes as lines typed at the prompt, each also completed and hinted at; what comes of them is
/// what a fresh load of the text gives.
pub fn lines(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let fresh = |text: &str| {
        let mut session =
            Session::of("", plan::load_text("typed", text, Path::new("/nonexistent")));
        session.immediate = false;
        session
    };
    let mut output = Output::to_nobody();
    let mut desk = Desk::new(fresh(TYPED_AT), &mut output, Common::default(), Stand::Prompt);
    let mut open = Lines::default();
    // Each statement reads the plan again, so a long text would take long for no other reason.
    for line in text.lines().take(200) {
        let word = line.trim_start().strip_prefix(':').and_then(|it| it.split_whitespace().next());
        if word.is_some_and(|word| !HARMLESS.contains(&word)) {
            continue;
        }
        desk.session.computed();
        let before = format!("{}{line}", open.open());
        let _ = (complete::offer(&desk.session, &before), hint::hint(&desk.session, &before));
        for taken in open.push(line, false) {
            desk.taken(taken);
        }
    }
    let mut session = desk.session;
    let kept = grades(&mut session);
    session.settle();
    let mut again = fresh(session.text(FileId(0)));
    again.view = session.view.clone();
    assert_eq!(kept, grades(&mut again), "the plan is what its text says");
}

/// The bits of every grade of a key result, and of every cycle.
fn grades(session: &mut Session) -> Vec<Option<u64>> {
    let engine = session.computed();
    let bits = |field: Field, index: usize| {
        engine.read(Cell::new(field, index)).number().map(f64::to_bits)
    };
    let krs = (0..engine.plan.krs.len()).map(|index| bits(Field::KrGrade, index));
    let cycles = (0..engine.plan.cycles.len()).map(|index| bits(Field::CycleGrade, index));
    krs.chain(cycles).collect()
}

/// Any bytes as a workbook, read and adopted. The formats that are read in a process of their own
/// are refused here: it is that process's business to survive them.
pub fn workbook(bytes: &[u8]) {
    child::use_program("/nonexistent");
    let Ok(book) = Book::from_bytes(bytes.to_vec(), "fuzz.csv") else { return };
    if let Ok(adopted) = adopt(&book, "fuzz.csv", &Wishes::default()) {
        plan(adopted.plan.as_bytes());
    }
}
