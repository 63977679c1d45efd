//! A plan day by day: each day has the bits of the plan bound to it afresh, and many days take time
//! in proportion to what happens on them.

use crate::harness::okr;
use okr::engine::{AsOf, Engine, Options, Scenarios, Value};
use okr::plan::cell::{CELLS, Cell, Kind};
use okr::plan::{self, Plan};
use proptest::prelude::*;
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// Key results of every kind, with what else happens to them; `$` is the place for a lateness.
const PLAN: &str = "okr 1
cycle c \"C\" 2026-01-01 .. 2026-02-09
cycle later \"L\" 2026-02-10 .. 2026-03-31
team t \"T\" { people 3; bucket run 20%; bucket rest_of_it rest }
metric m \"M\" 40
metric twice \"M\" m * 2
objective o \"O\" { owner t; cycle c
  kr linear \"K\" { target 100; $ }
  kr uncapped \"K\" { target 50; grading linear uncapped; weight 2 }
  kr steps \"K\" { baseline 10; target 90; grading steps 20 -> 0.2, m -> 0.5, 90 -> 1; $ }
  kr curve \"K\" { target 80; grading curve 20 -> 0.3, target -> 1 }
  kr keep \"K\" { keep 20 .. 70; $ }
  kr bound \"K\" { keep <= m; $ }
  kr ready \"K\" { grading done; $ }
  kr miles \"K\" { grading milestones \"a\" -> 0.2, \"b\" -> 0.6, \"c\" -> 1; $ }
  kr follows \"K\" { target m * 3; $ }
  kr timed \"K\" { grading formula c.elapsed * linear.pace / 10 }
  kr reads \"K\" { grading formula mean(linear.forecast_grade, keep.grade, linear.confidence); $ }
}
objective p \"P\" { owner t; cycle later; kind committed
  kr score \"K\" { grading score }
  kr guard \"K\" { target 10; kind guardrail }
}
initiative i \"I\" { draws 2 pw from t.run; moves r.plain by m / 4 }
objective r \"R\" { owner t; cycle c; kr plain \"K\" { target 90 } }
scenario s \"S\" { set o.linear.target = 70; set o.curve.actual = 33; set m = 30 }
";

/// One line, by what is picked.
fn line(day: u32, pick: u32) -> String {
    let date = format!("2026-{:02}-{:02}", day / 28 + 1, day % 28 + 1);
    let number = pick / 97 % 101;
    let numeric = ["linear", "uncapped", "steps", "curve", "keep", "bound", "follows"];
    let numeric = numeric[pick as usize % numeric.len()];
    match pick / 7 % 16 {
        0..=4 => format!("{date} checkin o.{numeric} {number}"),
        5 => format!("{date} checkin r.plain {number}"),
        6 => format!("{date} checkin o.{numeric} {number} expecting 80 confidence 0.5"),
        7 => format!("{date} checkin o.{numeric} m / 2"),
        8 => format!("{date} checkin o.{numeric} n/a"),
        9 => format!("{date} checkin o.ready {}", ["done", "open"][pick as usize % 2]),
        10 => format!("{date} checkin o.miles \"{}\"", ["a", "b", "c"][pick as usize % 3]),
        11 => format!("{date} checkin m {}", number + 1),
        12 => format!("{date} checkin p.score 0.{number}"),
        13 => format!("{date} amended o.linear.target {}", number + 1),
        14 => format!("{date} amended o.uncapped.weight {}", number % 5),
        _ => {
            let verb = ["proposed", "agreed", "declined", "agreed"][pick as usize % 4];
            format!("{date} {verb} {} by t", ["o", "p", "o.curve"][pick as usize % 3])
        }
    }
}

/// A plan with such lines, each subject and day once.
fn text(lateness: u32, picks: &[(u32, u32)]) -> String {
    let late = ["due 2026-01-20 late zero", "due 2026-01-10 late 10%", "due 2026-02-01"];
    let mut parts = PLAN.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        text += late[(lateness as usize >> (2 * at)) % 3];
        text += part;
    }
    let mut seen = HashSet::new();
    for (day, pick) in picks {
        let line = line(*day, *pick);
        let words: Vec<&str> = line.split(' ').take(3).collect();
        let verb = if words[1] == "checkin" { "checkin" } else { "said" };
        if seen.insert(format!("{} {verb} {}", words[0], words[2])) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

fn cells(plan: &Plan) -> Vec<Cell> {
    let count = |kind| match kind {
        Kind::Cycle => plan.cycles.len(),
        Kind::Team => plan.teams.len(),
        Kind::Bucket => plan.buckets.len(),
        Kind::Metric => plan.metrics.len(),
        Kind::Objective => plan.objectives.len(),
        Kind::Kr => plan.krs.len(),
        Kind::Initiative => plan.initiatives.len(),
    };
    let all = |kind| 0..count(kind);
    CELLS.iter().flat_map(|it| all(it.kind).map(|index| Cell::new(it.field, index))).collect()
}

fn same(left: Value, right: Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.to_bits() == right.to_bits(),
        (left, right) => left == right,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_day_has_the_bits_of_the_plan_bound_afresh(
        lateness in any::<u32>(),
        picks in prop::collection::vec((0_u32..56, any::<u32>()), 1..60),
        scenario in any::<bool>(),
        step in 1_usize..5,
    ) {
        let text = text(lateness, &picks);
        let (plan, problems) = plan::resolve(plan::load_text("d.okr", text.clone(), Path::new(".")));
        let errors: Vec<_> = problems.iter().filter(|it| it.is_error()).collect();
        prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
        let plan = Arc::new(plan);
        let options = Options { scenario: scenario.then_some(0), cycle: Some(0), ..Options::default() };
        let engine = Engine::new(Arc::clone(&plan), options);
        let Some(last) = engine.moment.as_of else { return Ok(()) };
        let mut days = engine.days();
        let first = jiff::civil::date(2026, 1, 1);
        for date in first.series(jiff::Span::new().days(1)).take_while(|it| *it <= last).step_by(step) {
            let view = days.on(date);
            let fresh = Engine::new(Arc::clone(&plan), Options { as_of: AsOf::Date(date), ..options });
            for cell in cells(&plan) {
                let (day, bound) = (view.read(cell), fresh.read(cell));
                let name = plan.cell_name(cell);
                prop_assert!(same(day, bound), "{name} on {date}: {day:?}, afresh {bound:?}\n{text}");
            }
            for kr in 0..plan.krs.len() {
                prop_assert_eq!(view.kr_state(kr), fresh.kr_state(kr));
                prop_assert_eq!(view.kr_status(kr), fresh.kr_status(kr));
            }
            let messages = |engine: &Engine| {
                engine.problems().into_iter().map(|it| it.message).collect::<Vec<_>>()
            };
            prop_assert_eq!(messages(view), messages(&fresh));
        }
    }
}

/// A line of a scenario, by what is picked.
fn change(pick: u32) -> String {
    let number = pick / 7 % 101;
    match pick % 12 {
        0 => format!("set o.linear.target = {number}"),
        1 => format!("set o.curve.actual = {number}"),
        2 => format!("set m = {number}"),
        3 => format!("set o.uncapped.weight = {number}"),
        4 => format!("set o.steps.baseline = {number}"),
        5 => format!("set t.people = {number}"),
        6 => format!("set o.weight = {number}"),
        7 => format!("set p.score.actual = 0.{number}"),
        8 => format!("set twice = {number}"),
        9 => "set o.follows.target = m + 1".to_owned(),
        10 => "set o.ready.actual = done".to_owned(),
        _ => format!("set t.run.share = {}%", number / 2),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_scenario_has_the_bits_of_the_plan_bound_afresh(
        late in prop::bool::weighted(0.2),
        picks in prop::collection::vec((0_u32..56, any::<u32>()), 1..20),
        lines in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u32>(), 0..3)), 1..12),
    ) {
        let mut text = text(if late { 0 } else { u32::MAX / 3 * 2 }, &picks);
        for (index, (extends, changes)) in lines.iter().enumerate() {
            let extends = match *extends as usize % (index + 1) {
                0 => String::new(),
                base => format!("extends x{} ", base - 1),
            };
            let changes: Vec<String> = changes.iter().map(|pick| change(*pick)).collect();
            let _ = writeln!(text, "scenario x{index} \"X\" {extends}{{ {} }}", changes.join("; "));
        }
        let (plan, problems) = plan::resolve(plan::load_text("d.okr", text.clone(), Path::new(".")));
        let errors: Vec<_> = problems.iter().filter(|it| it.is_error()).collect();
        prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
        let plan = Arc::new(plan);
        let mut scenarios = Scenarios::new(Arc::clone(&plan), Options::default());
        let order = Scenarios::order(&plan);
        prop_assert_eq!(order.len(), plan.scenarios.len());
        for scenario in order.into_iter().map(Some).chain([None]) {
            let fresh = Engine::new(Arc::clone(&plan), Options { scenario, ..Options::default() });
            let view = match scenario {
                Some(scenario) => scenarios.of(scenario),
                None => scenarios.base(),
            };
            for cell in cells(&plan) {
                let (then, bound) = (view.read(cell), fresh.read(cell));
                let name = plan.cell_name(cell);
                prop_assert!(same(then, bound), "{name} in {scenario:?}: {then:?}, afresh {bound:?}\n{text}");
            }
            prop_assert_eq!(view.problems(), fresh.problems());
        }
    }
}

/// The date of a day from 1900 on.
fn date(day: i64) -> String {
    let first = jiff::civil::date(1900, 1, 1);
    first.saturating_add(jiff::Span::new().days(day)).to_string()
}

/// A day afresh takes about a millisecond in such a plan: 6,000 of them would take too long.
const MANY: i64 = 6_000;

fn many(head: &str, line: impl Fn(i64) -> String) -> String {
    let mut text = format!("okr 1\ncycle c \"C\" 1900-01-01 .. {}\n{head}", date(MANY));
    for day in 0..MANY {
        let _ = writeln!(text, "{}", line(day).replace("DAY", &date(day)));
    }
    text
}

fn wide(target: &str) -> String {
    let krs = (0..MANY).map(|kr| format!("  kr k{kr} \"K\" {{ target {target} }}\n"));
    format!("objective o \"O\" {{\n{}}}\n", krs.collect::<String>())
}

#[test]
fn many_days_take_no_time_without_end() {
    let asserted = |day| format!("DAY checkin o.k{day} 50\nDAY assert o.grade >= 0");
    let plans = [
        many(&wide("100"), asserted),
        many(
            &format!(
                "{}objective p \"P\" {{ kr k \"K\" {{ keep <= 50; due 1900-01-02 late 1% }} }}\n",
                wide("9")
            ),
            |day| format!("DAY checkin p.k {}", day % 100),
        ),
        many(
            &format!(
                "{}metric m \"M\" 9\nobjective p \"P\" {{ kr k \"K\" {{ target m * 20; due 1900-01-02 late 1% }} }}\n",
                wide("9")
            ),
            |day| format!("DAY checkin p.k {}", day % 100),
        ),
    ];
    let sets = |extends: fn(i64) -> String| {
        let lines = (0..MANY / 3).map(|at| {
            let extends = extends(at);
            format!(
                "scenario s{at} \"S\" {extends}{{ set o.k{at}.target = 7; assert o.grade >= 0 }}\n"
            )
        });
        format!(
            "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-03-31\n{}{}",
            wide("9"),
            lines.collect::<String>()
        )
    };
    let chain = sets(|at| if at == 0 { String::new() } else { format!("extends s{} ", at - 1) });
    for plan in plans.into_iter().chain([chain, sets(|_| String::new())]) {
        let started = std::time::Instant::now();
        okr(["check", "-", "--quiet"]).stdin(plan).run().exits(0);
        let seconds = started.elapsed().as_secs_f64();
        assert!(seconds < 20.0, "{seconds}");
    }
}

/// Late key results that read one another ask for one another's days, each once.
#[test]
fn late_key_results_that_read_each_other_take_no_time_without_end() {
    let mut text =
        "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-12-31\nobjective o \"O\" {\n".to_owned();
    for kr in 0..40 {
        let (month, day) = (kr / 20 + 1, kr % 20 + 1);
        let reads = if kr == 0 { "1".to_owned() } else { format!("k{}.grade + 1", kr - 1) };
        let _ = writeln!(
            text,
            "  kr k{kr} \"K\" {{ target {reads}; due 2026-{month:02}-{day:02} late 10% }}"
        );
    }
    text += "}\n";
    for kr in 0..40 {
        for month in 3..9 {
            let _ = writeln!(text, "2026-{month:02}-{:02} checkin o.k{kr} 0.{month}", kr % 28 + 1);
        }
    }
    okr(["grade", "-"]).stdin(text).run().exits(0);
}
