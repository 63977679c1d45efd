//! Laws of sessions: whatever is done, in whatever order, the plan is what its text says.

use super::Session;
use crate::engine::{AsOf, Value};
use crate::plan::cell::{CELLS, Cell, Kind};
use crate::plan::{Plan, load_text};
use crate::source::FileId;
use jiff::civil::date;
use proptest::prelude::*;
use std::path::Path;

const PLAN: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
cycle q2 \"Q2\" 2026-04-01 .. 2026-06-30
metric arr \"Revenue\" 4.2M EUR
team web \"Web\" { people 4; bucket run 40%; bucket build rest }
objective speed \"Fast\" {
  owner web
  cycle q1
  kr latency \"p95\" { baseline 900 ms; target 400 ms; weight 2 } # soon
  kr load \"Load\" { target 10; actual 5 }
  kr share \"Share\" { baseline 10%; target load.target * 5%; actual 20% }
  kr late \"Late\" { target 4; due 2026-02-10 late 10% }
  kr live \"Live\" { grading done }
}
objective calm \"Calm\" { cycle q2; kr errors \"Errors\" { keep <= 5; kind guardrail } }
2026-02-01 checkin speed.latency 600 ms confidence 0.5 \"EU\"
2026-02-15 checkin speed.latency 550 ms
2026-02-20 checkin speed.late 3
2026-02-10 amended speed.latency.target 450 ms
2026-02-15 checkin calm.errors 3
assert speed.grade >= 0.3 \"sinking\"
initiative cache \"Cache\" { draws 8 pw from web.build; moves speed.latency by -50 ms }
scenario easy \"Easier\" { set speed.latency.target = 500 ms; move 10% from web.run to web.build }
";

fn session(text: &str) -> Session {
    let mut session = Session::of("", load_text("plan", text, Path::new(".")));
    session.immediate = false;
    session
}

/// What somebody does.
#[derive(Clone, Debug)]
enum Deed {
    Set(&'static str, &'static str),
    Add(String),
    Ask(String),
    Undo,
    Redo,
    Scenario(bool),
    AsOf(u8),
    Settle,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let path = prop::sample::select(vec![
        "speed.latency.target",
        "speed.latency.actual",
        "speed.latency.baseline",
        "speed.latency.weight",
        "speed.load.actual",
        "speed.load.target",
        "speed.share.actual",
        "speed.late.actual",
        "speed.late.target",
        "speed.live.actual",
        "speed.weight",
        "calm.errors.actual",
        "arr",
        "web.run.share",
        "web.people",
        "web.focus",
        "cache.chance",
        "speed.lead",
        "speed.grade",
        "nothing.here",
    ]);
    let value = prop::sample::select(vec![
        "5",
        "7",
        "450 ms",
        "0.5 s",
        "-3",
        "20%",
        "0.2",
        "1_000",
        "4.3M EUR",
        "done",
        "n/a",
        "arr / 1M EUR",
        "900 ms",
        "0",
        "1 / 0",
        "x",
        "\"a\"",
        "10 ms",
        "3 }",
        "1e308",
    ]);
    let statement = prop::sample::select(vec![
        "metric more \"More\" 3",
        "objective extra \"Extra\" {\n  cycle q1\n  kr a \"A\" { target arr; actual 1M EUR }\n}",
        "2026-02-25 checkin speed.latency 520 ms",
        "2026-03-05 checkin calm.errors 9",
        "2026-02-26 declined speed.load by web \"no\"",
        "kr misplaced \"M\"",
        "team web \"Again\"",
        "assert speed.load.grade > 0.4",
    ]);
    let deed = prop_oneof![
        6 => (path, value).prop_map(|(path, value)| Deed::Set(path, value)),
        2 => statement.prop_map(|text| Deed::Add(text.to_owned())),
        1 => "[ -~äé\n]{0,30}".prop_map(Deed::Add),
        1 => "[a-z0-9 .+*/()<>=%\"-]{0,20}".prop_map(Deed::Ask),
        1 => Just(Deed::Ask("speed.latency.actual * 2 + 3 ms".to_owned())),
        3 => Just(Deed::Undo),
        2 => Just(Deed::Redo),
        1 => any::<bool>().prop_map(Deed::Scenario),
        1 => (0..3_u8).prop_map(Deed::AsOf),
        1 => Just(Deed::Settle),
    ];
    prop::collection::vec(deed, 1..25)
}

fn does(session: &mut Session, deed: &Deed) {
    match deed {
        Deed::Set(path, value) => drop(session.set(path, value)),
        Deed::Add(text) => drop(session.add(text)),
        Deed::Ask(text) => drop(session.answer(text)),
        Deed::Undo => drop(session.undo()),
        Deed::Redo => drop(session.redo()),
        Deed::Scenario(enter) => session.view.scenario = enter.then(|| "easy".to_owned()),
        Deed::AsOf(0) => session.view.as_of = AsOf::Default,
        Deed::AsOf(day) => session.view.as_of = AsOf::Date(date(2026, 2, 5 + *day as i8)),
        Deed::Settle => session.settle(),
    }
}

fn count(plan: &Plan, kind: Kind) -> usize {
    match kind {
        Kind::Cycle => plan.cycles.len(),
        Kind::Team => plan.teams.len(),
        Kind::Bucket => plan.buckets.len(),
        Kind::Metric => plan.metrics.len(),
        Kind::Objective => plan.objectives.len(),
        Kind::Kr => plan.krs.len(),
        Kind::Initiative => plan.initiatives.len(),
    }
}

/// Every cell, to the bit.
fn cells(session: &mut Session) -> Vec<(String, Option<u64>)> {
    let engine = session.computed();
    let mut cells = Vec::new();
    for entry in CELLS {
        for index in 0..count(&engine.plan, entry.kind) {
            let cell = Cell::new(entry.field, index);
            let bits = match engine.read(cell) {
                Value::Number(number) => Some(number.to_bits()),
                _ => None,
            };
            cells.push((engine.plan.cell_name(cell), bits));
        }
    }
    cells
}

fn messages(session: &mut Session) -> Vec<String> {
    let engine = session.engine(session.options());
    session.all_problems(&engine).into_iter().map(|it| it.message).collect()
}

/// The session is what a fresh load of its text is.
fn is_as_its_text_says(session: &mut Session) {
    let kept = cells(session);
    let mut fresh = self::session(&session.current_text_of(FileId(0)));
    fresh.view = session.view.clone();
    assert_eq!(kept, cells(&mut fresh));
    assert_eq!(session.problems.len(), fresh.problems.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_session_is_what_its_text_says(deeds in deeds()) {
        let mut session = session(PLAN);
        for deed in &deeds {
            does(&mut session, deed);
            is_as_its_text_says(&mut session);
        }
        session.settle();
        let text = session.text(FileId(0)).to_owned();
        let mut fresh = self::session(&text);
        fresh.view = session.view.clone();
        prop_assert_eq!(messages(&mut session), messages(&mut fresh));
    }

    #[test]
    fn undoing_everything_gives_the_first_text(deeds in deeds()) {
        let mut session = session(PLAN);
        deeds.iter().for_each(|deed| does(&mut session, deed));
        session.settle();
        let last = session.text(FileId(0)).to_owned();
        let mut undone = 0;
        while session.undo().expect("it can be undone").is_some() {
            undone += 1;
        }
        session.settle();
        prop_assert_eq!(session.text(FileId(0)), PLAN);
        for _ in 0..undone {
            session.redo().expect("it can be redone");
        }
        session.settle();
        prop_assert_eq!(session.text(FileId(0)), last);
    }
}

#[test]
fn a_plain_number_is_set_without_reading_the_plan_again() {
    let text = PLAN.replace("; due 2026-02-10 late 10%", "");
    let mut session = session(&text);
    for (path, value) in [
        ("speed.load.actual", "6"),
        ("speed.latency.target", "425"),
        ("speed.latency.baseline", "950 ms"),
        ("speed.latency.actual", "500 ms"),
        ("arr", "5.1M EUR"),
        ("speed.latency.weight", "3"),
        ("speed.load.actual", "7"),
    ] {
        session.set(path, value).expect("it is sound");
        assert!(session.is_behind(), "{path} {value}");
        is_as_its_text_says(&mut session);
    }
    let expected = text
        .replace("actual 5", "actual 7")
        .replace("target 450 ms", "target 425 ms")
        .replace("900 ms", "950 ms")
        .replace("550 ms", "500 ms")
        .replace("4.2M", "5.1M")
        .replace("weight 2", "weight 3");
    assert_eq!(session.current_text_of(FileId(0)), expected);
    for _ in 0..7 {
        session.undo().expect("it can be undone");
        is_as_its_text_says(&mut session);
    }
    assert_eq!(session.current_text_of(FileId(0)), text);
    assert!(!session.is_unsaved());
}

#[test]
fn a_number_that_was_set_and_taken_back_is_not_unsaved() {
    let mut session = session(PLAN);
    session.set("speed.latency.target", "425 ms").expect("it is sound");
    assert!(session.is_unsaved() && session.is_behind());
    session.undo().expect("it can be undone");
    assert!(!session.is_unsaved());
}
