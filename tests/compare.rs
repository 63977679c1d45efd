//! `compare` and `whatif`: the base and scenarios side by side.

use crate::harness::{self, Folder, okr};
use serde_json::Value;

const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" {
  capacity 10 pw
  bucket build 50%
  bucket run 30% { floor 20% }
  bucket spare rest
}
objective o "O" {
  owner t
  kr a "A" { target 100; actual 20 }
  kr b "B" { target 10; actual 5 }
}
initiative big "Big" { draws 8 pw from t.build; moves o.a by 40 }
initiative small "Small" { draws 1 pw from t.run; moves o.b by 2; chance 50% }
scenario push "Push" { move 20% from t.spare to t.build }
scenario freeze "Freeze" extends push { set t.capacity = 8 pw; drop small; assert t.build.load <= 150% }
scenario third "Third" extends freeze { set t.run.share = 20% }
scenario fourth "Fourth" extends third { set o.a.actual = 30 }
scenario fifth "Fifth" extends fourth { add initiative more "More" { draws 1 pw from t.run; moves o.b by 3 } }
"#;

fn plan() -> Folder {
    Folder::new().with("p.okr", PLAN)
}

fn json(folder: &Folder, words: &[&str], code: i32) -> Value {
    let done = folder.okr([words, &["--format", "json"]].concat()).run().exits(code);
    serde_json::from_str(done.stdout()).expect("JSON")
}

fn scenario<'a>(report: &'a Value, id: &str) -> &'a Value {
    let all = report["scenarios"].as_array().expect("a list");
    all.iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

fn row<'a>(outlook: &'a Value, list: &str, id: &str) -> &'a Value {
    let all = outlook[list].as_array().expect("a list");
    all.iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}"))
}

#[test]
fn the_base_comes_first_and_all_scenarios_without_names() {
    let report = json(&plan(), &["compare", "p.okr"], 0);
    let ids: Vec<&Value> =
        report["scenarios"].as_array().into_iter().flatten().map(|it| &it["id"]).collect();
    assert_eq!(ids, ["base", "push", "freeze", "third", "fourth", "fifth"]);
    let base = scenario(&report, "base");
    assert_eq!(row(base, "buckets", "t.build")["load"], 1.6);
    assert_eq!(row(base, "buckets", "t.build")["shortfall"], 3);
    assert_eq!(row(base, "initiatives", "big")["funded"], 0.625);
    assert_eq!(row(base, "key_results", "o.a")["projected"], 45);
    assert_eq!(row(base, "key_results", "o.b")["projected"], 6);
    let push = scenario(&report, "push");
    assert_eq!(row(push, "buckets", "t.spare")["share"], 0);
    assert_eq!(row(push, "initiatives", "big")["funded"], 0.875);
}

#[test]
fn a_chain_five_deep_is_the_same_edits_made_by_hand() {
    let report = json(&plan(), &["compare", "p.okr", "fifth"], 0);
    let by_hand = PLAN
        .lines()
        .filter(|line| !line.starts_with("scenario") && !line.starts_with("initiative small"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("capacity 10 pw", "capacity 8 pw")
        .replace("build 50%", "build 70%")
        .replace("run 30%", "run 20%")
        .replace("actual 20", "actual 30");
    let more = "initiative more \"More\" { draws 1 pw from t.run; moves o.b by 3 }\n";
    let folder = Folder::new().with("p.okr", format!("{by_hand}\n{more}"));
    let wanted = json(&folder, &["compare", "p.okr"], 0);
    let (found, wanted) = (scenario(&report, "fifth"), scenario(&wanted, "base"));
    for field in ["grade", "projected_grade", "objectives", "key_results", "initiatives"] {
        assert_eq!(found[field], wanted[field], "{field}");
    }
    for bucket in wanted["buckets"].as_array().into_iter().flatten() {
        let id = bucket["id"].as_str().unwrap_or_default();
        assert_eq!(row(found, "buckets", id)["demand"], bucket["demand"]);
    }
}

#[test]
fn why_is_said_in_words() {
    let folder = plan();
    let done = folder.okr(["compare", "p.okr", "push", "freeze"]).run().exits(0);
    insta::assert_snapshot!("compare", done.whole());
    let done = folder.okr(["compare", "p.okr", "push", "--format", "md"]).run().exits(0);
    insta::assert_snapshot!("compare-md", done.whole());
    let done = folder.okr(["compare", "p.okr", "push", "--format", "csv"]).run().exits(0);
    assert!(done.stdout().lines().any(|it| it == "push,bucket,t.build,capacity,7"));
}

#[test]
fn unknown_scenarios_are_told_with_the_nearest() {
    plan().okr(["compare", "p.okr", "puhs"]).run().exits(1).says("did you mean `push`");
}

#[test]
fn a_typed_change_is_a_scenario() {
    let folder = plan();
    let words = ["whatif", "p.okr", "move 20% from t.spare to t.build"];
    let report = json(&folder, &words, 0);
    let push = json(&folder, &["compare", "p.okr", "push"], 0);
    let (typed, written) = (scenario(&report, "whatif"), scenario(&push, "push"));
    for field in ["grade", "projected_grade", "key_results", "buckets", "initiatives", "why"] {
        assert_eq!(typed[field], written[field], "{field}");
    }
    let two = ["whatif", "p.okr", "drop small; set big.chance = 50%", "--scenario", "push"];
    let report = json(&folder, &two, 0);
    assert_eq!(row(scenario(&report, "whatif"), "key_results", "o.a")["projected"], 37.5);
}

#[test]
fn a_typed_change_can_be_kept() {
    let folder = plan();
    let change = "set t.run.share = 20%  # a remark";
    folder.okr(["whatif", "p.okr", change, "--save-as", "lean"]).run().exits(0).says("wrote");
    let text = folder.read("p.okr");
    assert!(text.starts_with(PLAN));
    let report = json(&folder, &["compare", "p.okr", "lean"], 0);
    assert_eq!(row(scenario(&report, "lean"), "buckets", "t.run")["capacity"], 2);
    folder.okr(["whatif", "p.okr", change, "--save-as", "lean"]).run().exits(1).says("lean");
    assert_eq!(folder.read("p.okr"), text);
}

#[test]
fn wrong_changes_are_shown_and_nothing_is_written() {
    let folder = plan();
    for (change, words) in [
        ("set t.bulid.share = 20%", "did you mean"),
        ("set t.build.load = 20%", "computed"),
        ("move 10% from t.build", "to"),
        ("move 60% from t.build to t.run", "takes more than"),
        ("set t.build.share = 90%", "add up to 120%"),
        ("grade", "grade"),
        ("drop small }\nteam x \"X\" {", "no changes of"),
        ("", "no changes of"),
        ("# nothing", "no changes of"),
    ] {
        let words_of = ["whatif", "p.okr", change, "--save-as", "wrong"];
        let done = folder.okr(words_of).run();
        assert_ne!(done.code(), 0, "{change}: {}", done.whole());
        assert!(done.stderr().contains(words), "{change}: {}", done.whole());
        assert_eq!(folder.read("p.okr"), PLAN);
    }
}

#[test]
fn mid_cycle_the_report_says_what_it_counts() {
    let done = okr(["compare", "samples/department.okr", "shift"]).within(harness::root()).run();
    assert!(done.stdout().starts_with("counts the capacity of the whole cycle"));
    let left = ["compare", "samples/department.okr", "shift", "--remaining"];
    let done = okr(left).within(harness::root()).run();
    assert!(!done.stdout().contains("whole cycle") && done.stdout().contains("only the capacity"));
}
