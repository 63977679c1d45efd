//! Entries for the fuzzer: any bytes in, no panic out.

use crate::engine::{Engine, Options};
use crate::plan;
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

/// Any bytes as a workbook, read and adopted. The formats that are read in a process of their own
/// are refused here: it is that process's business to survive them.
pub fn workbook(bytes: &[u8]) {
    child::use_program("/nonexistent");
    let Ok(book) = Book::from_bytes(bytes.to_vec(), "fuzz.csv") else { return };
    if let Ok(adopted) = adopt(&book, "fuzz.csv", &Wishes::default()) {
        plan(adopted.plan.as_bytes());
    }
}
