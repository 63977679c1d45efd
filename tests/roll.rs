//! Carrying a quarter over: `okr roll`, `okr retro` and `okr trend --across`, from outside.

use crate::harness::{Folder, okr, root};
use serde_json::Value;

/// A quarter with something of everything.
const PLAN: &str = "okr 1
cycle q1 \"Q1 2026\" 2026-01-01 .. 2026-03-31
policy { missing zero }
team t \"T\" { people 4; leave 2 pw; bucket road 60%; bucket run rest }
metric arr \"Revenue\" 4M EUR
objective speed \"Fast\" {
  owner t
  weight 2
  kr latency \"Latency\" { baseline 900 ms; target 400 ms; grading curve 700 ms -> 0.3, 500 ms -> 0.7, target -> 1 }
  kr orders \"Orders\" { baseline 3.1%; target baseline * 1.3; due 2026-02-15 }
  kr sales \"Sales\" { target arr * 5% }
  kr mean \"Mean of both\" { grading formula (latency.grade + gone.a.grade) / 2 }
  kr moved \"Moved\" { baseline 10; target 30 }
  kr reached \"Reached\" { target 10 }
  kr wave \"Wave\" { grading milestones \"one\" -> 0.2, \"two\" -> 0.6, \"three\" -> 1 }
  kr hand \"By hand\" { grading score }
  kr na \"Not applicable\" { target 3 }
  kr no \"Declined\" { target 3 }
  kr errors \"Errors\" { keep <= 0.5%; kind guardrail }
}
objective gone \"Gone\" { owner t; supports speed.reached; kr a \"A\" { target 10 } }
objective promise \"Promise\" { owner t; kind committed; supports gone; kr day \"On the day\" { grading done; due 2026-03-15 }; kr all \"All\" { target 100% } }
objective never \"Never\" { owner t; kr a \"A\" { target 10 } }
initiative cache \"Cache\" { owner t; draws 4 pw from t.road; moves speed.latency by -100 ms; finished 25% }
2025-12-01 declined never by t \"not now\\n}\"
2025-12-01 declined speed.no by t
2026-01-30 checkin speed.latency 760 ms confidence 0.5
2026-02-28 checkin speed.latency 0.61 s confidence 0.4
2026-02-28 checkin speed.orders 3.4% confidence 0.8
2026-02-28 checkin speed.moved 14
2026-02-20 amended speed.moved.target 20
2026-02-28 checkin speed.reached 12 confidence 0.9
2026-02-28 checkin speed.wave \"one\"
2026-02-28 checkin speed.hand 0.4
2026-02-28 checkin speed.na n/a
2026-02-28 checkin speed.errors 0.4%
2026-02-28 checkin gone.a 11
2026-02-28 checkin promise.all 70% confidence 0.9
2026-02-28 checkin arr 4.5M EUR
scenario s \"S\" { set speed.latency.target = 500 ms }
:grade
";

const NEXT: [&str; 5] = ["--cycle", "Q2 2026", "2026-04-01", "..", "2026-06-30"];

fn rolled(plan: &str) -> String {
    let done = okr(["roll", "-"].iter().chain(&NEXT)).stdin(plan).run().exits(0).says_nothing();
    done.stdout().to_owned()
}

fn graded(plan: &str) -> Value {
    let done = okr(["grade", "-", "--format", "json"]).stdin(plan).run().exits(0);
    serde_json::from_str(done.stdout()).expect("JSON")
}

#[test]
fn what_is_open_goes_on_from_where_it_stands() {
    insta::assert_snapshot!("rolled", rolled(PLAN));
}

#[test]
fn a_draft_is_sound_laid_out_and_stands_at_zero() {
    let mut plans = vec![("PLAN".to_owned(), rolled(PLAN))];
    for name in ["first-steps.okr", "department.okr", "script.okr", "multi/plan.okr", "flags.okr"] {
        let file = root().join("samples").join(name);
        let file = file.to_string_lossy();
        let done = okr(["roll", &file].iter().chain(&NEXT)).run().exits(0);
        plans.push((name.to_owned(), done.stdout().to_owned()));
    }
    for (name, draft) in plans {
        okr(["check", "-"]).stdin(draft.as_str()).run().exits(0).prints("no problems");
        let laid_out = okr(["fmt", "-"]).stdin(draft.as_str()).run().exits(0);
        assert_eq!(laid_out.stdout(), draft, "{name}");
        let card = graded(&draft);
        assert_eq!(card["cycles"][0]["id"], "q2", "{name}");
        let grade = card["cycles"][0]["grade"].as_f64();
        assert!(grade.is_none_or(|grade| grade == 0.0), "{name}: {grade:?}");
        assert!(!draft.contains("checkin") && !draft.contains("scenario"), "{name}");
        // Seen on the first day where it stands, a key result has made no progress.
        for objective in card["objectives"].as_array().expect("objectives") {
            for kr in objective["key_results"].as_array().expect("key results") {
                let (Some(baseline), Some(id)) = (kr["baseline"].as_f64(), kr["id"].as_str())
                else {
                    continue;
                };
                if kr["grading"] == "formula" || kr["grading"] == "score" {
                    continue;
                }
                let unit = kr["unit"].as_str().filter(|unit| *unit != "%").unwrap_or_default();
                let line = match kr["unit"].as_str() {
                    Some("%") => format!("2026-04-01 checkin {id} {}%\n", baseline * 100.0),
                    _ => format!("2026-04-01 checkin {id} {baseline} {unit}\n"),
                };
                let card = graded(&(draft.clone() + &line));
                let rows = card["objectives"].as_array().expect("objectives").iter();
                let mut krs = rows.flat_map(|it| it["key_results"].as_array().expect("a list"));
                let seen = krs.find(|it| it["id"] == id).expect("the key result");
                assert!(seen["grade"].as_f64().expect("a grade").abs() < 1e-9, "{name}: {seen}");
            }
        }
    }
}

#[test]
fn files_are_written_once() {
    let folder = Folder::new().with("q1.okr", PLAN).with("old.okr", "mine");
    let to = |file: &str, more: &[&str]| {
        let words: Vec<&str> = ["roll", "q1.okr"]
            .iter()
            .chain(&NEXT)
            .chain(&["-o", file])
            .chain(more)
            .copied()
            .collect();
        folder.okr(words).run()
    };
    to("q2.okr", &[]).exits(0).says("q2.okr: drafted: ");
    assert_eq!(folder.read("q2.okr"), rolled(PLAN));
    to("old.okr", &[]).exits(4).says("--force");
    assert_eq!(folder.read("old.okr"), "mine");
    to("old.okr", &["--force"]).exits(0);
    assert_eq!(folder.read("old.okr"), rolled(PLAN));
    to("-", &[]).exits(0).prints("cycle q2 \"Q2 2026\" 2026-04-01 .. 2026-06-30");
}

#[test]
fn ids_follow_from_titles() {
    let id = |old: &str, title: &str| {
        let plan = PLAN.replace("cycle q1 \"Q1 2026\"", old);
        let words = ["roll", "-", "--cycle", title, "2026-04-01", "..", "2026-06-30"];
        let done = okr(words).stdin(plan).run().exits(0);
        let line = done.stdout().lines().find(|line| line.starts_with("cycle ")).expect("a cycle");
        line.split(' ').nth(1).expect("an id").to_owned()
    };
    assert_eq!(id("cycle q1 \"Q1 2026\"", "Q2 2026"), "q2");
    assert_eq!(id("cycle q1_2026 \"Q1 2026\"", "Q2 2026"), "q2_2026");
    assert_eq!(id("cycle winter \"The winter\"", "Q2 2026"), "q2_2026");
    assert_eq!(id("cycle winter \"Winter\"", "Sömmer \"26\""), "s_");
    assert_eq!(id("cycle winter \"Winter\"", "2026"), "cycle_2026");
    assert_eq!(id("cycle winter \"Winter\"", "Speed"), "speed_");
    assert_eq!(id("cycle winter \"Winter\"", "Open"), "open_");
}

#[test]
fn wrong_usage_is_told() {
    let run = |words: &[&str]| okr(["roll", "-"].iter().chain(words)).stdin(PLAN).run();
    run(&["--cycle", "Q2", "2026-04-01", "to", "2026-06-30"]).exits(2).says("`..`");
    run(&["--cycle", "Q2", "2026-04-01", "..", "2026-02-30"]).exits(2).says("2026-02-30");
    run(&["--cycle", "Q2", "2026-04-01", "..", "2026-03-31"]).exits(2).says("before it begins");
    run(&["--cycle", "Q2", "2026-04-01"]).exits(2);
    run(&[]).exits(2).says("--cycle");
    let bad = PLAN.replace("people 4", "people four");
    okr(["roll", "-"].iter().chain(&NEXT)).stdin(bad).run().exits(1).says("mend them first");
    let words = ["roll", "-", "--from", "q9"];
    okr(words.iter().chain(&NEXT)).stdin(PLAN).run().exits(1).says("q9");
    let none = "okr 1\nobjective o \"O\" { kr a \"A\" { target 1 } }\n";
    okr(["roll", "-"].iter().chain(&NEXT)).stdin(none).run().exits(1).says("no cycle");
}

/// Titles and reasons with line ends and quotes stay where they are.
#[test]
fn texts_of_the_plan_stay_texts() {
    let hostile = "x\\n}\\nobjective evil \\\"E\\\" { kr a \\\"A\\\" { target 1 } }\\n#\\u{1b}[31m";
    let plan = PLAN
        .replace("\"Never\"", &format!("\"{hostile}\""))
        .replace("\"Fast\"", &format!("\"{hostile}\""));
    let draft = rolled(&plan);
    let card = graded(&draft);
    let ids: Vec<&str> = card["objectives"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|it| it["id"].as_str())
        .collect();
    assert_eq!(ids, ["speed", "promise"]);
    assert!(!draft.contains('\u{1b}'));
}

#[test]
fn a_retrospective_tells_what_came_of_it() {
    let told = |format: &str| {
        let words = ["retro", "-", "--as-of", "2026-03-31", "--format", format];
        okr(words).stdin(PLAN).run().exits(0).says_nothing().stdout().to_owned()
    };
    insta::assert_snapshot!("retro", told("text"));
    insta::assert_snapshot!("retro-md", told("md"));
    insta::assert_snapshot!("retro-csv", told("csv"));
    let json: Value = serde_json::from_str(&told("json")).expect("JSON");
    assert_eq!(json["schema"], "okr.retro/1");
    assert_eq!(json["cycle"]["over"], true);
    let outcome = |id: &str| {
        let krs = json["key_results"].as_array().expect("a list");
        krs.iter().find(|it| it["id"] == id).expect("a key result")["outcome"].clone()
    };
    for (id, wanted) in [
        ("speed.latency", "short"),
        ("speed.reached", "landed"),
        ("promise.all", "missed"),
        ("speed.errors", "held"),
        ("speed.na", "not applicable"),
        ("speed.no", "declined"),
        ("speed.sales", "no data"),
    ] {
        assert_eq!(outcome(id), wanted, "{id}");
    }
    // 0.5 and 0.4 of what fell short, 0.8 of what fell short, 0.9 of what landed, 0.9 of what was missed.
    let calibration = &json["calibration"];
    assert_eq!(calibration["count"], 5);
    let near = |value: &Value, wanted: f64| {
        assert!((value.as_f64().expect("a number") - wanted).abs() < 1e-12, "{value} {wanted}");
    };
    near(&calibration["mean_confidence"], 0.7);
    near(&calibration["came_true"], 0.2);
    near(&calibration["brier"], (0.25 + 0.16 + 0.64 + 0.01 + 0.81) / 5.0);
    assert_eq!(calibration["buckets"][4]["count"], 3);
    assert_eq!(calibration["buckets"][2]["count"], 2);
    // 4 person-weeks of the 49.2 that there are, a quarter of them finished before.
    near(&json["shares"][0]["used"], 4.0 / (4.0 * 12.8 - 2.0));
    assert_eq!(json["amendments"][0]["id"], "speed.moved.target");
    assert_eq!([&json["amendments"][0]["original"], &json["amendments"][0]["amended"]], [30, 20]);
    near(&json["amendments"][0]["original_grade"], 0.2);
    near(&json["amendments"][0]["grade"], 0.4);
}

#[test]
fn grades_over_cycles_stand_side_by_side() {
    let plan = "okr 1
cycle q2 \"Q2\" 2026-04-01 .. 2026-06-30\ncycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
cycle q3 \"Q3\" 2026-07-01 .. 2026-09-30\ncycle q4 \"Q4\" 2026-10-01 .. 2026-12-31
team t \"T\"\nteam u \"U\"
objective a \"A\" { cycle q1; owner t; kr x \"X\" { target 10 } }
objective b \"B\" { cycle q2; owner t; kr x \"X\" { target 10 } }
objective c \"C\" { cycle q2; owner u; kr x \"X\" { target 10 } }
objective d \"D\" { cycle q3; owner u; kr x \"X\" { target 10 } }
2026-03-01 checkin a.x 3\n2026-04-02 checkin a.x 10\n2026-06-01 checkin b.x 6\n2026-06-01 checkin c.x 8
2026-08-01 checkin d.x 4\n";
    let told = |more: &[&str]| {
        let done = okr(["trend", "-", "--across"].iter().chain(more)).stdin(plan).run().exits(0);
        done.stdout().to_owned()
    };
    insta::assert_snapshot!("across", told(&[]));
    insta::assert_snapshot!("across-md", told(&["--format", "md"]));
    let json: Value = serde_json::from_str(&told(&["--format", "json"])).expect("JSON");
    let cycles: Vec<&Value> =
        json["cycles"].as_array().expect("a list").iter().map(|it| &it["id"]).collect();
    assert_eq!(cycles, ["q1", "q2", "q3"]);
    // What was checked in after a cycle's end does not count in it.
    assert_eq!(json["rows"][0]["grades"], serde_json::json!([0.3, 0.7, 0.4]));
    assert_eq!(json["rows"][1]["grades"], serde_json::json!([0.3, 0.6, null]));
    let one: Value = serde_json::from_str(&told(&["u", "--format", "json"])).expect("JSON");
    assert_eq!(one["rows"].as_array().map(Vec::len), Some(1));
    assert!(told(&["--format", "csv"]).contains("q2,t,team,0.6,yellow,0.6,in,2026-06-30"));
    okr(["trend", "-", "--across", "a"]).stdin(plan).run().exits(2).says("only a team");
}
