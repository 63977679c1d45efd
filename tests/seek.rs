//! `seek`: the smallest change that brings a cell to a value.

use crate::harness::Folder;
use serde_json::Value;

const HEAD: &str = "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n";

/// Half of the 40 that `big` moves needs 40 % of the capacity.
const PLAN: &str = r#"team t "T" {
  capacity 10 pw
  bucket build 30%
  bucket run 40% { floor 20% }
  bucket spare rest
}
team s "S" { capacity 10 pw; bucket a 30%; bucket b 30% { ceiling 50% } }
team full "Full" { capacity 10 pw; bucket x 50%; bucket y 50% }
objective o "O" {
  owner t
  kr a "A" { target 100; actual 20 }
  kr b "B" { target 10; actual 5 }
  kr lat "L" { baseline 900 ms; target 400 ms; actual 800 ms }
}
initiative big "Big" { draws 8 pw from t.build; moves o.a by 40 }
initiative small "Small" { draws 3 pw from t.run; moves o.b by 2; chance 50% }
initiative edge "Edge" { draws 5 pw from s.a; moves o.lat by -250 ms; pays when_done; chance 80% }
scenario push "Push" { move 20% from t.spare to t.build }
"#;

fn plan(text: &str) -> Folder {
    Folder::new().with("p.okr", format!("{HEAD}{text}"))
}

fn seek(folder: &Folder, words: &[&str]) -> Value {
    let words = [&["seek", "p.okr"], words, &["--format", "json"]].concat();
    let done = folder.okr(words).run().exits(0);
    serde_json::from_str(done.stdout()).expect("JSON")
}

#[track_caller]
fn near(found: &Value, wanted: f64) {
    let number = found.as_f64().unwrap_or(f64::NAN);
    assert!((number - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

#[track_caller]
fn reaches(found: &Value, value: f64) {
    assert_eq!(found["reachable"], true, "{found}");
    near(&found["value"], value);
}

#[track_caller]
fn comes_near(found: &Value, value: f64, reached: f64) {
    assert_eq!(found["reachable"], false, "{found}");
    near(&found["value"], value);
    near(&found["reached"], reached);
}

#[test]
fn a_share_comes_from_the_rest_or_the_slack_or_from_where_it_is_said() {
    let folder = plan(PLAN);
    let found = seek(&folder, &["o.a.projected >= 40", "--by", "t.build.share"]);
    reaches(&found, 0.4);
    near(&found["reached"], 40.0);
    near(&found["from_value"], 0.2);
    assert_eq!(found["schema"], "okr.seek/1");
    assert_eq!(found["cell"], "o.a.projected");
    assert_eq!(found["wanted"], 40);
    assert_eq!((&found["by"], &found["from"]), (&"t.build.share".into(), &"t.spare".into()));
    // The run bucket keeps its floor.
    let words = ["o.a.projected >= 50", "--by", "t.build.share", "--from", "t.run"];
    comes_near(&seek(&folder, &words), 0.5, 45.0);
    // Less for the build means more for the run, which lands all of its work at 30 %.
    let words = ["o.a.projected <= 30", "--by", "t.build", "--from", "t.run.share"];
    reaches(&seek(&folder, &words), 0.2);
    // From the slack of 40 points; `when_done` jumps.
    let found = seek(&folder, &["o.lat.projected <= 700 ms", "--by", "s.a.share"]);
    reaches(&found, 0.5);
    near(&found["reached"], 600.0);
    assert_eq!(found["from"], Value::Null);
    let text = folder.okr(["seek", "p.okr", "o.a.projected >= 40", "--by", "t.build.share"]);
    text.run().exits(0).prints("t.build.share needs 10 points more (30% -> 40%)");
    let words = ["seek", "p.okr", "o.a.projected >= 50", "--by", "t.build", "--from", "t.run"];
    folder.okr(words).run().exits(0).prints("unreachable; best is 45 at 50%");
}

#[test]
fn what_gives_nothing_is_an_error() {
    let folder = plan(PLAN);
    for (words, says) in [
        (&["--by", "full.x.share"][..], "neither slack nor `rest`"),
        (&["--by", "t.spare.share"], "neither slack nor `rest`"),
        (&["--by", "t.build.share", "--from", "s.a"], "another team's"),
        (&["--by", "t.build.share", "--from", "t.build"], "cannot give to itself"),
        (&["--by", "t.build.share", "--from", "t"], "is no bucket"),
        (&["--by", "o.a.grade"], "is computed"),
        (&["--by", "o.a"], "`o.a.target`"),
        (&["--by", "big.priority"], "--within"),
        (&["--by", "o.a.weight", "--from", "t.run"], "`--from` goes with the share"),
        (&["--by", "t.buid.share"], "did you mean `t.build"),
    ] {
        let words = [&["seek", "p.okr", "o.a.projected >= 40"], words].concat();
        folder.okr(words).run().exits(1).says(says);
    }
    for (goal, code, says) in [
        ("o.a.projectd >= 40", 1, "did you mean `o.a.projected`?"),
        ("o.lat.projected <= 3", 1, "ms"),
        ("o.a.projected > 40", 2, "compared with a value"),
        ("40 <= o.a.projected", 2, "compared with a value"),
        ("o.a.projected >= 40; drop big", 2, "compared with a value"),
        ("o.a.projected >= 40 }\nteam z \"Z\" {", 2, "compared with a value"),
    ] {
        folder.okr(["seek", "p.okr", goal, "--by", "t.build"]).run().exits(code).says(says);
    }
    let words =
        ["seek", "p.okr", "o.a.projected >= 40", "--by", "t.capacity", "--within", "8 .. 2"];
    folder.okr(words).run().exits(2).says("the lower one first");
}

#[test]
fn any_input_can_be_searched() {
    let folder = plan(PLAN);
    let found = seek(&folder, &["o.lat.grade >= 0.9", "--by", "o.lat.actual"]);
    reaches(&found, 450.0);
    let found = seek(&folder, &["t.build.load <= 100%", "--by", "t.capacity"]);
    reaches(&found, 8.0 / 0.3);
    near(&found["within"][1], 40.0);
    let words = ["t.build.load <= 100%", "--by", "t.capacity", "--within", "5", "..", "20 pw"];
    comes_near(&seek(&folder, &words), 20.0, 8.0 / 6.0);
    let words = ["--by", "t.capacity", "--scenario", "push", "t.build.load", "<=", "100%"];
    reaches(&seek(&folder, &words), 16.0);
    // A chance ends at one.
    let found = seek(&folder, &["o.lat.projected <= 500 ms", "--by", "edge.chance"]);
    near(&found["within"][1], 1.0);
    let found = seek(&folder, &["o.a.projected_grade >= 0.2", "--by", "o.a.target"]);
    reaches(&found, 100.0);
    let words = ["o.lat.grade >= 0.9", "--by", "o.lat.actual", "--within", "0.3 .. 1 s"];
    reaches(&seek(&folder, &words), 450.0);
}

/// Two buckets whose work pulls one key result up and the other one: the grade rises, falls and rises.
#[test]
fn the_way_need_not_be_monotone() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 0%; bucket y 100% }
objective o "O" { owner t; kr a "A" { target 100; actual 0 } }
initiative up "Up" { draws 2 pw from t.x; moves o.a by 30 }
initiative harm "Harm" { draws 3 pw from t.x; moves o.a by -30 }
initiative after "After" { draws 4 pw from t.x; moves o.a by 60; pays when_done }
"#,
    );
    let by = ["--by", "t.x.share", "--from", "t.y"];
    let at = |goal: &str| seek(&folder, &[&[goal][..], &by].concat());
    reaches(&at("o.a.projected >= 15"), 0.1);
    reaches(&at("o.a.projected >= 30"), 0.2);
    // Past the peak only all of the last one is enough.
    reaches(&at("o.a.projected >= 31"), 0.9);
    comes_near(&at("o.a.projected >= 61"), 0.9, 60.0);
}

/// What is wanted is there in one point alone: each bucket just fits its work.
#[test]
fn one_point_is_found() {
    let folder = plan(
        r#"team t "T" { capacity 7 pw; bucket x 50%; bucket y 50% }
objective o "O" { owner t; kr a "A" { target 100; actual 0 } }
initiative one "One" { draws 3 pw from t.x; moves o.a by 30; pays when_done }
initiative two "Two" { draws 4 pw from t.y; moves o.a by 30; pays when_done }
"#,
    );
    let words = ["o.a.projected >= 60", "--by", "t.x.share", "--from", "t.y"];
    let found = seek(&folder, &words);
    reaches(&found, 3.0 / 7.0);
    near(&found["from_value"], 4.0 / 7.0);
}

#[test]
fn what_holds_needs_nothing_and_formulas_that_read_shares_are_followed() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 50%; bucket y rest }
objective o "O" {
  owner t
  kr a "A" { target 100; actual 0 }
  kr l "L" { keep <= 150%; actual t.x.load * 100% }
}
initiative one "One" { draws 4 pw from t.x; moves o.a by t.y.capacity / 1 pw * 10 }
initiative two "Two" { draws 8 pw from t.x; moves o.a by 0 }
"#,
    );
    let words = ["seek", "p.okr", "o.a.projected >= 40", "--by", "t.x"];
    folder.okr(words).run().exits(0).prints("holds already, with t.x.share at 50%");
    // With less for x there is more effect, until its work is no longer funded.
    reaches(&seek(&folder, &["o.a.projected >= 55", "--by", "t.x"]), 0.45);
    comes_near(&seek(&folder, &["o.a.projected >= 61", "--by", "t.x"]), 0.4, 60.0);
    reaches(&seek(&folder, &["o.l.grade >= 1", "--by", "t.x", "--within", "0 .. 1"]), 0.8);
}

#[test]
fn in_every_form_and_on_a_line_of_a_script() {
    let folder = plan(&format!("{PLAN}:seek 'o.a.projected >= 40' --by t.build.share\n"));
    folder.okr(["run", "p.okr"]).run().exits(0).prints("needs 10 points more");
    let words = ["seek", "p.okr", "o.a.projected >= 40", "--by", "t.build.share", "--format"];
    let with = |form: &str| folder.okr([&words[..], &[form]].concat()).run().exits(0);
    with("csv").prints("true,o.a.projected,>=,40,t.build.share,0.4,40,0.3,35,t.spare,0.2");
    with("md").prints("- t.build.share needs 10 points more (30% -&gt; 40%)");
}

#[test]
fn the_first_line_says_when_spent_capacity_counts() {
    let text = PLAN.replace("actual 5", "baseline 0") + "2026-01-30 checkin o.b 5\n";
    let folder = plan(&text);
    let words = ["seek", "p.okr", "o.a.projected >= 24", "--by", "t.build.share"];
    let done = folder.okr(words).run().exits(0);
    assert!(done.stdout().starts_with("counts the capacity of the whole cycle"));
    let words = [&words[..], &["--remaining"]].concat();
    folder.okr(words).run().exits(0).prints("only the capacity after it counts");
}

/// One initiative whose effort is lognormal: it is funded in full in as many futures as its effort
/// is within the capacity.
#[test]
fn of_sampled_futures() {
    let folder = plan(
        r#"team t "T" { capacity 100 pw; bucket x 10%; bucket y rest }
objective o "O" { owner t; kr a "A" { target 100 } }
initiative one "One" { draws 10 .. 40 pw from t.x; moves o.a by 100; pays when_done }
initiative luck "Luck" { draws 1 pw from t.y; moves o.a by 50; chance 30% }
"#,
    );
    let words = ["o.a.projected >= 100", "--by", "t.x.share", "-n", "1000", "--probability"];
    let at = |share: &str| seek(&folder, &[&words[..], &[share]].concat());
    let found = at("95%");
    assert_eq!(found["reachable"], true);
    // Its P95 is 40 pw.
    let value = found["value"].as_f64().expect("a number");
    assert!((value - 0.4).abs() < 0.03, "{found}");
    assert!(found["probability"]["reached"].as_f64() >= Some(0.95), "{found}");
    assert!(found["probability"]["present"].as_f64() < Some(0.1), "{found}");
    assert_eq!(found["wanted"], 100);
    assert_eq!(found, at("0.95"));
    let half = at("50%")["value"].as_f64().expect("a number");
    assert!((half - 0.2).abs() < 0.03, "{half}");
    // Luck is not to be had by capacity.
    let words = ["o.a.projected >= 120", "--by", "t.x.share", "-n", "1000", "--probability", "50%"];
    let found = seek(&folder, &words);
    assert_eq!(found["reachable"], false);
    assert!(
        (found["probability"]["reached"].as_f64().unwrap_or(0.0) - 0.3).abs() < 0.06,
        "{found}"
    );
    let words = ["seek", "p.okr", "o.a.projected >= 100", "--by", "t.x.share", "-n", "500"];
    let text = folder.okr([&words[..], &["--probability", "50%"]].concat()).run().exits(0);
    text.prints("in at least 50% of futures").prints("of 500 futures drawn with seed 42");
    let wrong = folder.okr([&words[..], &["--probability", "150%"]].concat()).run().exits(2);
    wrong.says("over 0 and up to 1");
    let words = ["seek", "p.okr", "t.x.share >= 20%", "--by", "t.x.share", "--probability", "50%"];
    folder.okr(words).run().exits(1).says("the same in all futures");
}

#[test]
fn a_plan_without_buckets_can_be_sought_in_as_well() {
    let text = "objective o \"O\" {\n  kr a \"A\" { target 100; actual 20 }\n  kr b \"B\" { target 10; actual 5 }\n}\n";
    let found = seek(&plan(text), &["o.grade >= 0.6", "--by", "o.b.actual"]);
    assert_eq!(found["reachable"], true);
    near(&found["value"], 10.0);
}
