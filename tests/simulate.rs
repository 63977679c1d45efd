//! `okr simulate` from outside (`capacity.md`, "simulate").

use crate::harness::Folder;
use serde_json::Value;

const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" { capacity 20 pw; bucket x 50%; bucket y rest }
team solo "Solo" { capacity 4 pw }
team none "None" { bucket z 100% }
objective o "O" {
  owner t
  kr a "A" { baseline 0; target 100; actual 20 }
  kr b "B" { baseline 900 ms; target 400 ms; actual 800 ms }
  kr ready "D" { grading done; actual done }
}
initiative one "1" { draws 5 .. 20 pw from t.x; moves o.a by 40; chance 50% }
initiative two "2" { draws 1 .. 2 .. 9 pw from solo; moves o.b by -300 ms .. -100 ms }
initiative three "3" { draws 1 pw from none.z; moves o.b by -1 ms }
scenario more "More" { move 30% from t.y to t.x }
scenario less "Less" { move 30% from t.x to t.y }
"#;

fn folder(text: &str) -> Folder {
    Folder::new().with("p.okr", text)
}

fn json(folder: &Folder, words: &[&str]) -> Value {
    let words = [&["simulate", "p.okr", "--format", "json"], words].concat();
    let done = folder.okr(words).run().exits(0).says_nothing();
    serde_json::from_str(done.stdout()).expect("the output is JSON")
}

fn row<'v>(scenario: &'v Value, list: &str, id: &str) -> &'v Value {
    let rows = scenario[list].as_array().expect("a list");
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[track_caller]
fn near(found: &Value, wanted: f64, by: f64) {
    assert!((number(found) - wanted).abs() <= by, "{found} is not near {wanted}");
}

#[test]
fn cells_and_buckets_of_the_base() {
    let report = json(&folder(PLAN), &["-n", "20000", "--seed", "7"]);
    assert_eq!(report["schema"], "okr.simulate/1");
    assert_eq!((&report["samples"], &report["seed"]), (&20000.into(), &7.into()));
    let base = &report["scenarios"][0];
    assert_eq!(base["id"], "base");
    for field in ["better", "same", "worse"] {
        assert!(base[field].is_null(), "{field}");
    }
    let x = row(base, "buckets", "t.x");
    near(&x["capacity"], 10.0, 1e-9);
    near(&x["demand_p50"], 10.0, 0.2);
    near(&x["p_over"], 0.5, 0.012);
    near(&x["demand_p80"], 14.26, 0.25);
    assert!(number(&x["shortfall_mean"]) > 1.0);
    let y = row(base, "buckets", "t.y");
    assert_eq!((&y["demand_p80"], &y["p_over"]), (&0.into(), &0.into()));
    near(&row(base, "buckets", "solo")["demand_p50"], 2.7, 0.15);
    let z = row(base, "buckets", "none.z");
    assert!(z["capacity"].is_null() && z["p_over"].is_null());
    near(&z["demand_p50"], 1.0, 0.0);

    let value = row(base, "cells", "o.a.projected");
    assert!(value["p_green"].is_null() && value["p_sweet"].is_null());
    assert_eq!(value["p10"], 20);
    let grade = row(base, "cells", "o.a.projected_grade");
    // In half the futures it works; of those it is wholly funded in half.
    near(&grade["p90"], 0.6, 1e-9);
    near(&grade["p_sweet"], 0.25, 0.012);
    assert_eq!(grade["p_green"], 0);
    near(&row(base, "cells", "o.ready.projected_grade")["mean"], 1.0, 0.0);
    assert!(row(base, "cells", "o.ready.projected")["mean"].is_null());
    for id in ["o.projected_grade", "t.projected_grade", "q.projected_grade"] {
        let grade = row(base, "cells", id);
        let (p10, p50, p90) = (number(&grade["p10"]), number(&grade["p50"]), number(&grade["p90"]));
        assert!(p10 < p50 && p50 < p90, "{grade}");
        assert!(number(&grade["standard_error"]) < 0.002);
    }
}

#[test]
fn scenarios_share_their_futures() {
    let folder = folder(PLAN);
    let report = json(&folder, &["more", "less", "-n", "20000"]);
    let [base, more, less] = [0, 1, 2].map(|at| report["scenarios"][at].clone());
    assert_eq!((&more["id"], &less["id"]), (&"more".into(), &"less".into()));
    // More capacity only helps where the work succeeds and was short before.
    assert_eq!(more["worse"], 0);
    near(&more["better"], 5_000.0, 250.0);
    assert_eq!(less["better"], 0);
    for scenario in [&more, &less] {
        let sum =
            ["better", "same", "worse"].map(|field| number(&scenario[field])).iter().sum::<f64>();
        assert_eq!(sum, 20_000.0);
        let demand = |it: &Value| row(it, "buckets", "t.x")["demand_p80"].clone();
        assert_eq!(demand(scenario), demand(&base));
    }
    // By another cell: a value whose target lies below, and a load.
    let by =
        |cell: &str| json(&folder, &["more", "-n", "5000", "--cell", cell])["scenarios"][1].clone();
    assert_eq!(by("o.b.projected")["same"], 5000);
    assert_eq!(by("t.x.load")["better"], 5000);
    assert_eq!(by("o.a")["worse"], 0);
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let folder = folder(PLAN);
    let words = ["simulate", "p.okr", "more", "-n", "7777", "--format", "json"];
    let run = |threads: &str| {
        folder.okr(words).env("RAYON_NUM_THREADS", threads).run().exits(0).stdout().to_owned()
    };
    let one = run("1");
    assert_eq!(one, run("2"));
    assert_eq!(one, run("7"));
}

#[test]
fn a_later_initiative_shifts_no_earlier_draw() {
    let more = format!(
        "{PLAN}initiative last_one \"L\" {{ draws 1 .. 3 pw from t.y; moves o.a by 0 .. 1; chance 10% }}\n\
         team other \"Other\" {{ people 1 }}\n"
    );
    let cells = |text: &str| {
        let report = json(&folder(text), &["-n", "3000"]);
        ["o.b.projected", "o.b.projected_grade"]
            .map(|id| row(&report["scenarios"][0], "cells", id).clone())
    };
    assert_eq!(cells(PLAN), cells(&more));
}

#[test]
fn text_says_what_a_reader_must_know() {
    let folder = folder(PLAN);
    let done = folder.okr(["simulate", "p.okr", "more", "-n", "40000"]).run().exits(0);
    for part in [
        "40000 futures, seed 42, efforts of a team correlate by 0.3",
        "off by up to 0.5 points",
        "q.projected_grade",
        "0.45 .. 0.50",
        "q.projected_grade beside the base: better in about 25%",
        "worse in none",
        "Impacts are the plan's assumptions",
        "never",
    ] {
        assert!(done.stdout().contains(part), "{part:?} expected\n{}", done.stdout());
    }
    // No probability with more than two digits.
    let percents = done.stdout().split_whitespace().filter(|word| word.ends_with('%'));
    assert!(percents.clone().count() > 5);
    percents.for_each(|word| assert!(word.trim_start_matches(['<', '>']).len() <= 3, "{word}"));
}

#[test]
fn mid_cycle_is_said_first() {
    let text = format!("{PLAN}2026-02-01 checkin o.c 3\n")
        .replace("kr ready", "kr c \"C\" { target 9 }\n  kr ready");
    let folder = folder(&text);
    let first = |words: &[&str]| {
        let all = [&["simulate", "p.okr", "-n", "100"], words].concat();
        folder.okr(all).run().exits(0).stdout().lines().next().unwrap_or_default().to_owned()
    };
    assert!(first(&[]).contains("check-ins"), "{}", first(&[]));
    assert!(first(&["--format", "md"]).starts_with('#'));
    assert!(!first(&["--remaining"]).contains("check-ins"));
}

#[test]
fn csv_and_markdown() {
    let folder = folder(PLAN);
    let csv =
        folder.okr(["simulate", "p.okr", "more", "-n", "50", "--format", "csv"]).run().exits(0);
    let lines: Vec<&str> = csv.stdout().lines().collect();
    assert_eq!(lines[0], "scenario,id,mean,standard_error,p10,p50,p90,p_green,p_sweet");
    // Three key results twice, an objective, three teams and the cycle; for two scenarios.
    assert_eq!(lines.len(), 1 + 2 * (6 + 1 + 3 + 1));
    assert!(lines.iter().all(|line| line.split(',').count() == 9));
    let md = folder.okr(["simulate", "p.okr", "-n", "50", "--format", "md"]).run().exits(0);
    md.prints("| &emsp;A | ").prints("## Buckets, in person-weeks");
}

#[test]
fn zero_people_and_finished_work() {
    let text = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" { people 0 }
team u "U" { people 1 }
objective o "O" { owner t
  kr a "A" { target 10; actual 1 }
  kr b "B" { target 10; actual 1 }
  kr c "C" { target 10; baseline 2 }
}
initiative i "I" { draws 1 .. 9 pw from t; moves o.a by 5 .. 6; moves o.c by 1 }
initiative j "J" { draws 1 .. 9 pw from t; moves o.b by 5 .. 6; finished 100% }
"#;
    let report = json(&folder(text), &["-n", "2000"]);
    let base = &report["scenarios"][0];
    let of = |id: &str| row(base, "cells", id).clone();
    assert_eq!((&of("o.a.projected")["p90"], &of("o.a.projected")["mean"]), (&1.into(), &1.into()));
    assert_eq!(of("o.b.projected")["mean"], 1);
    assert!(of("o.c.projected")["mean"].is_null(), "nothing is funded that would move it");
    let bucket = row(base, "buckets", "t");
    assert_eq!((&bucket["capacity"], &bucket["p_over"]), (&0.into(), &1.into()));
    near(&bucket["shortfall_mean"], 3.9, 0.3);
}

#[test]
fn broken_guardrails_make_no_future_green() {
    let text = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" { capacity 9 pw }
objective o "O" { owner t
  kr a "A" { target 10; actual 9 }
  kr g "G" { keep <= 3; kind guardrail; actual 2 }
}
initiative i "I" { moves o.g by 2; chance 30% }
"#;
    let report = json(&folder(text), &["-n", "20000"]);
    let base = &report["scenarios"][0];
    near(&row(base, "cells", "o.projected_grade")["p_green"], 0.7, 0.02);
    near(&row(base, "cells", "o.projected_grade")["mean"], 0.9, 1e-9);
    near(&row(base, "cells", "q.projected_grade")["p_green"], 1.0, 0.0);
}

#[test]
fn wrong_usage_is_said() {
    let folder = folder(PLAN);
    for count in ["0", "-5", "10000001", "99999999999999999999", "many"] {
        let count = format!("-n={count}");
        let done = folder.okr(["simulate", "p.okr", &count]).run();
        done.exits(2).says("a whole number from 1 to 10000000");
    }
    folder.okr(["simulate", "p.okr", "mor"]).run().exits(1).says("did you mean `more`?");
    let cell = |path| folder.okr(["simulate", "p.okr", "--cell", path]).run().exits(1);
    cell("o.a.grade").says("is not simulated");
    cell("o.x").says("`o` has no `x`");
    folder.okr(["simulate", "p.okr", "--remaining"]).run().exits(2).says("--as-of");
    folder.okr(["simulate", "p.okr", "-n", "1"]).run().exits(0).prints("1 future,");
}

#[test]
fn what_is_wrong_with_the_plan_is_said() {
    let folder = folder(&PLAN.replace("moves o.a by 40", "moves o.a by 40 / (o.a.actual - 20)"));
    let words = ["simulate", "p.okr", "-n", "100", "--format", "json"];
    let done = folder.okr(words).run().exits(1).says("division by zero");
    let report: Value = serde_json::from_str(done.stdout()).expect("the output is JSON");
    let base = &report["scenarios"][0];
    assert!(row(base, "cells", "o.a.projected_grade")["mean"].is_null());
    assert!(row(base, "cells", "o.b.projected_grade")["mean"].is_number());
}

/// Interrupted, a command ends at once as interrupted programs do, and leaves no file behind.
#[cfg(unix)]
#[test]
#[cfg_attr(not(debug_assertions), ignore = "too quick to be interrupted there")]
fn an_interrupted_command_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};
    const SIGINT: i32 = 2;
    let plan = "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n\
                team t \"T\" { capacity 20 pw; bucket build 50%; bucket run 50% }\n\
                objective o \"O\" { owner t\n  kr a \"A\" { target 10; actual 0 }\n}\n\
                initiative i \"I\" { draws 5 .. 20 pw from t.build; moves o.a by 2 .. 9 }\n";
    let folder = crate::harness::Folder::new().with("p.okr", plan);
    let many = "10000000";
    for words in [
        &["simulate", "p.okr", "-n", many][..],
        &["feasible", "p.okr", "-n", many],
        &["optimize", "p.okr", "--over", "t", "-n", many, "--save-as", "best"],
        &["report", "p.okr", "-o", "r.html", "--simulate", many],
    ] {
        let mut okr = Command::new(env!("CARGO_BIN_EXE_okr"));
        okr.args(words).current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = okr.spawn().expect("it starts");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        let done = child.wait_with_output().expect("it ends");
        assert_eq!(done.status.signal(), Some(SIGINT), "{words:?} {:?}", done.status);
        assert!(done.stdout.is_empty(), "{words:?}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(folder.read("p.okr"), plan);
}
