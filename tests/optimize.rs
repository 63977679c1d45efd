//! `optimize`: the best shares of teams' buckets.

use crate::harness::Folder;
use serde_json::Value;

const HEAD: &str = "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n";

fn plan(text: &str) -> Folder {
    Folder::new().with("p.okr", format!("{HEAD}{text}"))
}

fn optimize(folder: &Folder, words: &[&str]) -> Value {
    let few: &[&str] = if words.contains(&"-n") { &[] } else { &["-n", "500"] };
    let words = [&["optimize", "p.okr"], words, few, &["--format", "json"]].concat();
    let done = folder.okr(words).run().exits(0);
    serde_json::from_str(done.stdout()).expect("JSON")
}

#[track_caller]
fn near(found: &Value, wanted: f64) {
    let number = found.as_f64().unwrap_or(f64::NAN);
    assert!((number - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

#[track_caller]
fn has_shares(found: &Value, wanted: &[(&str, f64)]) {
    let shares = found["shares"].as_array().expect("a list");
    assert_eq!(shares.len(), wanted.len(), "{found}");
    for (share, (id, after)) in shares.iter().zip(wanted) {
        assert_eq!(share["id"], *id);
        near(&share["after"], *after);
    }
}

#[track_caller]
fn is_proven(found: &Value, method: &str) {
    assert_eq!((&found["proven"], &found["method"]), (&true.into(), &method.into()), "{found}");
}

/// Three buckets, of which each point is worth most in the last.
const EASY: &str = r#"team t "T" { capacity 10 pw; bucket x 50%; bucket y 30% { floor 10% }; bucket z rest { ceiling 45% } }
objective o "O" { owner t; kr a "A" { target 100 }; kr b "B" { target 100 }; kr c "C" { target 100 } }
initiative one "1" { draws 6 pw from t.x; moves o.a by 30 }
initiative two "2" { draws 6 pw from t.y; moves o.b by 60 }
initiative three "3" { draws 6 pw from t.z; moves o.c by 90 }
scenario less "Less" { set t.capacity = 5 pw }
"#;

#[test]
fn what_is_worth_most_gets_most_within_floors_and_ceilings() {
    let folder = plan(EASY);
    let found = optimize(&folder, &["--over", "t"]);
    assert_eq!(found["schema"], "okr.optimize/1");
    assert_eq!(found["cell"], "q.projected_grade");
    is_proven(&found, "lp");
    has_shares(&found, &[("t.x", 0.0), ("t.y", 0.55), ("t.z", 0.45)]);
    near(&found["before"], (25.0 + 30.0 + 30.0) / 300.0);
    near(&found["promised"], (55.0 + 67.5) / 300.0);
    near(&found["initiatives"][1]["funded"], 5.5 / 6.0);
    // Of one key result alone.
    let found = optimize(&folder, &["o.b", "--over", "t"]);
    assert_eq!(found["cell"], "o.b.projected_grade");
    near(&found["promised"], 0.6);
    near(&found["shares"][1]["after"], 0.6);
    // What is not needed stays where it was: thirty points are enough.
    near(&found["moved"], 0.3);
    let text = folder.okr(["optimize", "p.okr", "--over", "t", "-n", "500"]).run().exits(0);
    text.prints("proven optimal, by linear programming").prints("at its ceiling").prints("is cut");
}

/// The best per person-week first (greedy) takes `small`, and then `large` no longer fits; the linear
/// relaxation pays for parts of what pays only when it is done.
#[test]
fn a_knapsack_on_which_greed_and_relaxations_fail() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 40%; bucket y 30%; bucket z 30% }
objective o "O" { owner t; kr a "A" { target 100 } }
initiative small "S" { draws 5 pw from t.x; moves o.a by 40; pays when_done }
initiative middle "M" { draws 4 pw from t.y; moves o.a by 28; pays when_done }
initiative large "L" { draws 6 pw from t.z; moves o.a by 36; pays when_done }
"#,
    );
    let found = optimize(&folder, &["o.a.projected", "--over", "t"]);
    is_proven(&found, "milp");
    near(&found["promised"], 68.0);
    has_shares(&found, &[("t.x", 0.5), ("t.y", 0.4), ("t.z", 0.1)]);
}

/// A worthless work comes first in its bucket and has to be paid for.
#[test]
fn what_comes_first_is_paid_for_first() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 50%; bucket y 50% }
objective o "O" { owner t; kr a "A" { target 100 }; kr b "B" { target 100 } }
initiative chore "Chore" { draws 5 pw from t.x; moves o.a by 1; priority -1 }
initiative prize "Prize" { draws 5 pw from t.x; moves o.a by 60 }
initiative steady "Steady" { draws 10 pw from t.y; moves o.b by 50 }
"#,
    );
    let found = optimize(&folder, &["--over", "t"]);
    is_proven(&found, "milp");
    near(&found["promised"], 61.0 / 200.0);
    has_shares(&found, &[("t.x", 1.0), ("t.y", 0.0)]);
}

/// 1 − 0.2 × 0.2 beats every split but the one that is wholly done.
#[test]
fn products_of_what_remains() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 60%; bucket y 40% { ceiling 70% } }
objective o "O" { owner t; kr a "A" { target 100; actual 0 } }
initiative one "1" { draws 5 pw from t.x; closes 60% of o.a }
initiative two "2" { draws 5 pw from t.x; closes 30% of o.a }
initiative three "3" { draws 8 pw from t.y; closes 80% of o.a }
"#,
    );
    let found = optimize(&folder, &["o.a.projected", "--over", "t"]);
    is_proven(&found, "enumeration");
    // At 5 pw each: 1 − 0.4 × 0.5; at 3 and 7: 1 − 0.64 × 0.3; at 10 and 0: 1 − 0.4 × 0.7.
    near(&found["promised"], 100.0 * (1.0 - 0.64 * 0.3));
    has_shares(&found, &[("t.x", 0.3), ("t.y", 0.7)]);
}

#[test]
fn what_cannot_be_proven_is_said_to_be_found() {
    for (work, kr) in [
        ("initiative two \"2\" { draws 4 pw from t.y; moves o.a by 40; needs one }", "target 100"),
        ("initiative two \"2\" { draws 4 pw from t.y; closes 50% of o.a }", "target 100"),
        (
            "initiative two \"2\" { draws 4 pw from t.y; moves o.a by 40 }",
            "target 100; grading formula (actual / target) ^ 2",
        ),
    ] {
        let folder = plan(&format!(
            "team t \"T\" {{ capacity 8 pw; bucket x 50%; bucket y 40% ; bucket z rest {{ floor 0% }} }}\n\
             objective o \"O\" {{ owner t; kr a \"A\" {{ {kr} }} }}\n\
             initiative one \"1\" {{ draws 4 pw from t.x; moves o.a by 30 }}\n{work}\n"
        ));
        let found = optimize(&folder, &["--over", "t"]);
        assert_eq!(
            (&found["proven"], &found["method"]),
            (&false.into(), &"search".into()),
            "{work}"
        );
        has_shares(&found, &[("t.x", 0.5), ("t.y", 0.5), ("t.z", 0.0)]);
        let text = folder.okr(["optimize", "p.okr", "--over", "t", "-n", "500"]).run().exits(0);
        text.prints("best found");
    }
}

#[test]
fn what_nothing_draws_on_keeps_its_share_and_nothing_moves_between_teams() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 40%; bucket y 20%; bucket idle 30% }
team u "U" { capacity 10 pw; bucket v 50%; bucket w rest }
objective o "O" { owner t; kr a "A" { target 100 }; kr b "B" { target 100 } }
initiative one "1" { draws 6 pw from t.x; moves o.a by 30 }
initiative two "2" { draws 6 pw from t.y; moves o.b by 60 }
initiative three "3" { draws 9 pw from u.v; moves o.b by 9 }
"#,
    );
    let found = optimize(&folder, &["--over", "t"]);
    has_shares(&found, &[("t.x", 0.0), ("t.y", 0.6)]);
    let both = optimize(&folder, &["--over", "t", "u"]);
    // The rest of `u` has no work and no bounds, so that there is nothing to give.
    has_shares(&both, &[("t.x", 0.0), ("t.y", 0.6), ("u.v", 0.5)]);
    is_proven(&both, "lp");
}

#[test]
fn the_best_shares_can_be_saved_as_a_scenario() {
    let folder = plan(EASY);
    let words = ["optimize", "p.okr", "--over", "t", "-n", "500", "--save-as", "best"];
    folder.okr(words).run().exits(0).says("wrote scenario best to p.okr");
    let text = folder.read("p.okr");
    assert!(text.contains("scenario best \"The best shares for q.projected_grade\" {\n  set t.x.share = 0%\n  set t.y.share = 55%\n}\n"), "{text}");
    folder.okr(words).run().exits(1).says("`best` is taken");
    let words = ["explain", "p.okr", "q.projected_grade", "--scenario", "best", "--format", "json"];
    let done = folder.okr(words).run().exits(0);
    let cell: Value = serde_json::from_str(done.stdout()).expect("JSON");
    near(&cell["cell"]["number"], (55.0 + 67.5) / 300.0);
    // What is the best already is not saved again, and says so.
    let words = ["optimize", "p.okr", "--over", "t", "--scenario", "best"];
    folder.okr(words).run().exits(0).prints("no other shares promise more");
    let words = ["optimize", "p.okr", "--over", "t", "--scenario", "less", "--save-as", "more"];
    folder.okr(words).run().exits(0);
    assert!(
        folder
            .read("p.okr")
            .contains("scenario more \"The best shares for q.projected_grade\" extends less {")
    );
}

#[test]
fn what_has_no_shares_to_vary_is_an_error() {
    let folder = plan(&format!(
        "{EASY}team bare \"Bare\" {{ capacity 5 pw }}\nteam none \"None\" {{ bucket m 50% }}\n"
    ));
    for (words, says) in [
        (&["--over", "bare"][..], "has no buckets"),
        (&["--over", "none"], "has no capacity"),
        (&["--over", "o"], "is no team"),
        (&["--over", "tt"], "did you mean `t`?"),
        (&["o.d", "--over", "t"], "has no `d`"),
        (&["one", "--over", "t"], "is an initiative"),
        (&["--over", "t", "--save-as", "a b"], "is no id"),
    ] {
        let words = [&["optimize", "p.okr"], words].concat();
        folder.okr(words).run().exits(1).says(says);
    }
    let text = EASY.replace("floor 10%", "floor 60%").replace("50%", "50% { floor 50% }");
    plan(&text).okr(["optimize", "p.okr", "--over", "t"]).run().exits(1).says("the floors of `t`");
}

#[test]
fn in_every_form_and_in_a_scenario() {
    let folder = plan(&format!("{EASY}:optimize --over t\n"));
    folder.okr(["run", "p.okr"]).run().exits(0).prints("proven optimal");
    let words = ["optimize", "p.okr", "--over", "t", "-n", "500", "--format"];
    let with = |form: &str| folder.okr([&words[..], &[form]].concat()).run().exits(0);
    with("csv").prints("share,t.y,0.3,0.55").prints("funded,one,");
    with("md").prints("| t.y").prints("flatters itself");
    let found = optimize(&folder, &["--over", "t", "--scenario", "less"]);
    assert_eq!(found["scenario"], "less");
    near(&found["promised"], (27.5 + 33.75) / 300.0);
    // The cell may also come last.
    let found = optimize(&folder, &["--over", "t", "o.b.projected"]);
    near(&found["promised"], 60.0);
}

#[test]
fn what_is_promised_is_tried_in_other_futures() {
    let folder = plan(&EASY.replace("draws 6 pw from t.z", "draws 2 .. 12 pw from t.z"));
    let words = ["--over", "t", "-n", "4000"];
    let found = optimize(&folder, &words);
    let (promised, delivered) = (&found["promised"], &found["delivered"]);
    assert!(delivered.as_f64() > Some(0.0) && delivered != promised, "{found}");
    assert_eq!((&found["seed"], &found["samples"]), (&43.into(), &4000.into()));
    // The same as a simulation of these shares.
    folder.okr([&["optimize", "p.okr", "--save-as", "best"], &words[..]].concat()).run().exits(0);
    let words = ["simulate", "p.okr", "best", "-n", "4000", "--seed", "43", "--format", "json"];
    let done = folder.okr(words).run().exits(0);
    let simulation: Value = serde_json::from_str(done.stdout()).expect("JSON");
    let cells = simulation["scenarios"][1]["cells"].as_array().expect("a list");
    let cell = cells.iter().find(|it| it["id"] == "q.projected_grade").expect("the cycle");
    near(&cell["mean"], delivered.as_f64().expect("a number"));
    let text = folder.okr(["optimize", "p.okr", "--over", "t", "-n", "500", "--seed", "7"]);
    text.run().exits(0).prints("500 futures (seed 7)");
}
