//! `feasible`: what fits, and the smallest change that would make it fit.

use crate::harness::Folder;
use serde_json::Value;

const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team above "Above" { kind leadership }
team t "T" { parent above; capacity 10 pw; bucket build 50%; bucket run rest }
team u "U" { capacity 4 pw }
objective o "O" {
  owner t
  kr fits "Fits" { target 10; actual 6 }
  kr short "Short" { target 100; kind committed }
  kr far "Far" { target 100; actual 1 }
  kr near "Near" { target 100; actual 50 }
  kr gate "Gate" { grading done }
  kr guard "Guard" { keep <= 3; kind guardrail; actual 2 }
}
initiative big "Big" { draws 8 pw from t.build; moves o.short by 80 }
initiative other "Other" { draws 1 pw from t.build; moves o.near by 2 }
"#;

fn report(words: &[&str]) -> Value {
    let folder = Folder::new().with("p.okr", PLAN);
    let all = [&["feasible", "p.okr", "--format", "json"], words].concat();
    let done = folder.okr(all).run().exits(0);
    serde_json::from_str(done.stdout()).expect("JSON")
}

fn kr(report: &Value, id: &str) -> Value {
    let teams = report["teams"].as_array().expect("teams");
    let krs = teams.iter().flat_map(|team| team["key_results"].as_array().into_iter().flatten());
    krs.into_iter().find(|kr| kr["id"] == id).cloned().unwrap_or(Value::Null)
}

#[test]
fn each_key_result_has_its_verdict_and_its_way_out() {
    let report = report(&[]);
    assert_eq!(report["schema"], "okr.feasible/1");
    assert_eq!(kr(&report, "o.fits")["verdict"], "fits");
    let short = kr(&report, "o.short");
    assert_eq!(short["verdict"], "needs_capacity");
    assert_eq!(short["held_back_by"], serde_json::json!(["big"]));
    // 80 × f = 70 wants 7 of 8 person-weeks, and there are 5.
    let more = short["more_capacity"]["buckets"][0][1].as_f64().unwrap_or(0.0);
    assert!((more - 2.0).abs() < 1e-6, "{more}");
    // 50 of 71.43 are 0.7.
    let target = short["other_target"]["to"].as_f64().unwrap_or(0.0);
    assert!((target - 50.0 / 0.7).abs() < 1e-6, "{target}");
    assert_eq!(kr(&report, "o.far")["verdict"], "decline");
    let near = kr(&report, "o.near");
    assert_eq!(near["verdict"], "amend");
    assert_eq!(near["more_capacity"], Value::Null);
    assert_eq!(kr(&report, "o.gate")["verdict"], "unknown");
    assert_eq!(kr(&report, "o.guard"), Value::Null);
}

#[test]
fn a_bucket_tells_whom_it_cuts() {
    let report = report(&["t"]);
    assert_eq!(report["teams"].as_array().map(Vec::len), Some(1));
    let bucket = &report["teams"][0]["buckets"][0];
    assert_eq!((bucket["id"].as_str(), &bucket["shortfall"]), (Some("t.build"), &Value::from(4)));
    assert_eq!(bucket["cut"][0]["id"], "big");
    assert_eq!(bucket["cut"][0]["funded"], 0.625);
    assert_eq!(bucket["cut"][0]["missing"], 3);
    assert_eq!(bucket["fits"], serde_json::json!([]));
}

#[test]
fn people_read_it() {
    let folder = Folder::new().with("p.okr", PLAN);
    let done = folder.okr(["feasible", "p.okr", "above"]).run().exits(0);
    insta::assert_snapshot!("feasible", done.whole());
    let done = folder.okr(["feasible", "p.okr", "--format", "md"]).run().exits(0);
    insta::assert_snapshot!("feasible-md", done.whole());
    let done = folder.okr(["feasible", "p.okr", "--format", "csv"]).run().exits(0);
    assert!(done.stdout().lines().count() == 6, "{}", done.stdout());
    folder.okr(["feasible", "p.okr", "o.far"]).run().exits(1).says("a team belongs here");
    folder.okr(["feasible", "p.okr", "tt"]).run().exits(1).says("did you mean");
}

const UNCERTAIN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" { capacity 20 pw; bucket build 50%; bucket run 50% }
team none "None" { bucket all 100% }
objective o "O" {
  owner t
  kr likely "Likely" { target 10; actual 0 }
  kr sure "Sure" { target 10; actual 8 }
  kr never "Never" { target 10; actual 1 }
  kr empty "Empty" { target 10; grading formula o.blank.actual / 10 }
  kr blank "Blank" { target 10 }
}
initiative big "Big" { draws 5 .. 20 pw from t.build; moves o.sure by 0 }
initiative lucky "Lucky" { draws 1 pw from t.run; moves o.likely by 7; chance 70% }
initiative lost "Lost" { draws 1 pw from none.all }
"#;

#[test]
fn probabilities_come_from_as_many_futures_as_are_asked_for() {
    let folder = Folder::new().with("p.okr", UNCERTAIN);
    let json = |words: &[&str]| -> Value {
        let all = [words, &["--format", "json"][..]].concat();
        let done = folder.okr(all).run().exits(0);
        serde_json::from_str(done.stdout()).expect("JSON")
    };
    let report = json(&["feasible", "p.okr"]);
    assert_eq!((&report["samples"], &report["seed"]), (&Value::from(10_000), &Value::from(42)));
    let green = |id: &str| kr(&report, id)["p_green"].clone();
    let likely = green("o.likely").as_f64().expect("a number");
    assert!((likely - 0.7).abs() < 0.02, "{likely}");
    assert_eq!(kr(&report, "o.likely")["p_sweet"], 0.0 + likely);
    assert_eq!((green("o.sure"), green("o.never")), (Value::from(1), Value::from(0)));
    assert_eq!((green("o.empty"), green("o.blank")), (Value::Null, Value::Null));
    let over = |team: usize, at: usize| report["teams"][team]["buckets"][at]["p_over"].clone();
    // Ten person-weeks are the median of 5 .. 20.
    let half = over(0, 0).as_f64().expect("a number");
    assert!((half - 0.5).abs() < 0.02, "{half}");
    assert_eq!((over(0, 1), over(1, 0)), (Value::from(0), Value::Null));

    // They are those of `simulate` with as many futures of the same seed.
    let drawn = ["-n", "2_500", "--seed", "7"];
    let report = json(&[&["feasible", "p.okr", "t"], &drawn[..]].concat());
    let simulated = json(&[&["simulate", "p.okr"], &drawn[..]].concat());
    let base = &simulated["scenarios"][0];
    let found = |list: &Value, id: &str| -> Value {
        let mut all = list.as_array().into_iter().flatten();
        all.find(|it| it["id"] == id).cloned().unwrap_or(Value::Null)
    };
    for id in ["o.likely", "o.sure", "o.never"] {
        let cell = found(&base["cells"], &format!("{id}.projected_grade"));
        for field in ["p_green", "p_sweet"] {
            assert_eq!(kr(&report, id)[field], cell[field], "{id}.{field}");
        }
    }
    for bucket in report["teams"][0]["buckets"].as_array().expect("buckets") {
        let id = bucket["id"].as_str().expect("an id");
        assert_eq!(bucket["p_over"], found(&base["buckets"], id)["p_over"], "{id}");
    }
    folder.okr(["feasible", "p.okr", "-n", "0"]).run().exits(2).says("from 1 to");
}
