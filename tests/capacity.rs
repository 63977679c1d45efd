//! Capacity, funding and projections (`capacity.md`), from outside.

use crate::harness::Folder;
use serde_json::Value;

fn read_json(text: &str) -> Value {
    serde_json::from_str(text).expect("the output is JSON")
}

/// A cycle of 13 weeks, and one key result to move.
const BASE: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
objective o "O" {
  owner t
  kr a "A" { baseline 0; target 100; actual 20 }
}
"#;

fn plan(rest: &str) -> Folder {
    Folder::new().with("p.okr", format!("{BASE}{rest}"))
}

/// A cell's number, by `explain`.
fn cell(folder: &Folder, path: &str) -> Value {
    cell_in(folder, path, None)
}

fn cell_in(folder: &Folder, path: &str, scenario: Option<&str>) -> Value {
    let mut words = vec!["explain", "p.okr", path, "--format", "json"];
    words.extend(scenario.into_iter().flat_map(|id| ["--scenario", id]));
    let done = folder.okr(words).run().exits(0);
    read_json(done.stdout())["cell"]["number"].clone()
}

fn number(folder: &Folder, path: &str) -> f64 {
    cell(folder, path).as_f64().unwrap_or_else(|| panic!("{path} has no number"))
}

#[track_caller]
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

#[test]
fn the_first_takes_what_it_wants_and_needs_hold_back_effects() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 60%; bucket y rest }
initiative one "1" { draws 4 pw from t.x; moves o.a by 10; chance 50% }
initiative two "2" { draws 4 pw from t.x; draws 1 pw from t.y; moves o.a by 10; needs one }
initiative three "3" { draws 1 pw from t.x; moves o.a by 40; needs two }
"#,
    );
    near(number(&folder, "two.funded"), 0.5);
    near(number(&folder, "three.funded"), 0.0);
    near(number(&folder, "o.a.projected"), 20.0 + 0.5 * 10.0 + 0.5 * 10.0);
    near(number(&folder, "t.x.load"), 1.5);
    near(number(&folder, "t.y.demand"), 1.0);
    near(number(&folder, "o.a.projected_grade"), 0.3);
    near(number(&folder, "o.projected_grade"), 0.3);
    near(number(&folder, "t.projected_grade"), 0.3);
    near(number(&folder, "q.projected_grade"), 0.3);
}

#[test]
fn priority_goes_before_file_order_but_not_before_needs() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw }
initiative last "L" { draws 6 pw from t; moves o.a by 1; needs base_work; priority -5 }
initiative other "O" { draws 6 pw from t; moves o.a by 1 }
initiative base_work "B" { draws 2 pw from t; moves o.a by 1; priority 3 }
"#,
    );
    near(number(&folder, "other.funded"), 1.0);
    near(number(&folder, "base_work.funded"), 1.0);
    near(number(&folder, "last.funded"), 2.0 / 6.0);
}

#[test]
fn a_prorata_bucket_is_shared_and_what_is_not_used_stays_idle() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; when_short prorata }
team u "U" { capacity 1 pw }
initiative one "1" { draws 10 pw from t; draws 4 pw from u; moves o.a by 8 }
initiative two "2" { draws 10 pw from t; moves o.a by 8 }
"#,
    );
    near(number(&folder, "one.funded"), 0.25);
    near(number(&folder, "two.funded"), 0.5);
}

#[test]
fn closes_multiply_the_gap_that_moves_leave() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw }
initiative one "1" { draws 1 pw from t; closes 50% of o.a }
initiative two "2" { draws 1 pw from t; closes 50% of o.a; chance 50% }
initiative three "3" { draws 1 pw from t; moves o.a by 30 }
"#,
    );
    // 20 + 30, then a gap of 50, of which 0.5 × 0.75 stays.
    near(number(&folder, "o.a.projected"), 100.0 - 50.0 * 0.5 * 0.75);
}

#[test]
fn payments_and_finished_work() {
    let folder = plan(
        r#"team t "T" { capacity 3 pw }
initiative half "H" { draws 4 pw from t; moves o.a by 40; finished 50%; pays when_done }
initiative part "P" { draws 2 pw from t; moves o.a by 10; pays curve 0.25 -> 0.5, 1 -> 1 }
"#,
    );
    near(number(&folder, "half.funded"), 1.0);
    near(number(&folder, "part.funded"), 0.5);
    near(number(&folder, "part.paid"), 0.5 + 0.5 / 3.0);
    near(number(&folder, "o.a.projected"), 20.0 + 20.0 + 10.0 * (0.5 + 0.5 / 3.0));
}

#[test]
fn every_actual_in_a_formula_reads_the_projection() {
    let folder = plan(
        r#"team t "T" { capacity 3 pw }
objective p "P" {
  owner t
  kr f "F" { target 2; grading formula o.a.actual / 100 }
  kr g "G" { target o.a.actual; actual 20 }
  kr k "K" { keep >= 30 }
}
initiative i "I" { draws 1 pw from t; moves o.a by 60; moves p.k by 5 }
2026-01-10 checkin p.k 29
2026-01-11 checkin p.k 27
"#,
    );
    near(number(&folder, "p.f.grade"), 0.2);
    near(number(&folder, "p.f.projected_grade"), 0.8);
    near(number(&folder, "p.g.projected_grade"), 0.25);
    near(number(&folder, "p.k.grade"), 0.0);
    near(number(&folder, "p.k.projected"), 32.0);
    near(number(&folder, "p.k.projected_grade"), 1.0);
}

#[test]
fn formulas_may_read_loads_and_projections() {
    let folder = plan(
        r#"team t "T" { capacity 4 pw; bucket x 50%; bucket y rest }
objective p "P" {
  owner t
  kr low "Low" { target 50; actual o.a.projected }
  kr load "Load" { keep <= 200% ; actual t.x.load * 100% }
}
initiative i "I" { draws 3 pw from t.x; moves o.a by 30 }
assert t.x.load <= 150% "too much"
"#,
    );
    near(number(&folder, "o.a.projected"), 40.0);
    near(number(&folder, "p.low.grade"), 0.8);
    near(number(&folder, "p.load.actual"), 1.5);
    folder.okr(["check", "p.okr"]).run().exits(0).prints("the assertion holds");
    let text = folder.read("p.okr").replace("150%", "149%");
    let folder = Folder::new().with("p.okr", text);
    folder.okr(["check", "p.okr"]).run().exits(1).prints("t.x.load is 1.5");
}

#[test]
fn a_ring_through_funding_is_shown() {
    let folder = plan(
        r#"team t "T" { people 1 + t.x.load; bucket x 50% }
initiative i "I" { draws 3 pw from t.x; moves o.a by 30 }
"#,
    );
    folder.okr(["check", "p.okr"]).run().exits(1).prints("ring").prints("what is funded");
}

#[test]
fn without_capacity_there_is_no_load() {
    let folder = plan(
        r#"team t "T" { capacity 0 pw; bucket x 50%; bucket y rest }
team u "U" { bucket x 50% }
initiative i "I" { draws 3 pw from t.x; moves o.a by 30 }
initiative n "N" { draws 0 pw from t.x; moves o.a by 3 }
initiative w "W" { draws 3 pw from u.x; moves o.a by 30 }
"#,
    );
    assert_eq!(cell(&folder, "t.x.load"), Value::Null);
    near(number(&folder, "t.y.load"), 0.0);
    near(number(&folder, "i.funded"), 0.0);
    near(number(&folder, "n.funded"), 1.0);
    assert_eq!(cell(&folder, "w.funded"), Value::Null);
    near(number(&folder, "o.a.projected"), 23.0);
}

#[test]
fn data_begins_where_work_is_funded() {
    let folder = plan(
        r#"team t "T" { capacity 2 pw; bucket x 50%; bucket y rest }
objective p "P" {
  owner t
  kr new "New" { baseline 10; target 20 }
  kr dry "Dry" { baseline 10; target 20 }
}
initiative i "I" { draws 1 pw from t.x; moves p.new by 5 }
initiative d "D" { draws 1 pw from t.x; moves p.dry by 5 }
"#,
    );
    near(number(&folder, "p.new.projected"), 15.0);
    assert_eq!(cell(&folder, "p.dry.projected"), Value::Null);
    assert_eq!(cell(&folder, "p.dry.projected_grade"), Value::Null);
}

#[test]
fn scenarios_drop_add_move_and_set() {
    let folder = plan(
        r#"team t "T" { capacity 10 pw; bucket x 50%; bucket y rest }
initiative i "I" { draws 10 pw from t.x; moves o.a by 40 }
scenario lean "Lean" { drop i; add initiative j "J" { draws 1 pw from t.x; moves o.a by 7 } }
scenario more "More" { move 10% from t.y to t.x }
scenario most "Most" extends more { move 2 pw from t.y to t.x; set i.chance = 50% }
"#,
    );
    near(number(&folder, "o.a.projected"), 40.0);
    let projected = |id| cell_in(&folder, "o.a.projected", Some(id)).as_f64().unwrap_or(f64::NAN);
    near(projected("lean"), 27.0);
    near(projected("more"), 20.0 + 0.6 * 40.0);
    near(projected("most"), 20.0 + 0.5 * 0.8 * 40.0);
    assert_eq!(cell(&folder, "j.funded"), Value::Null);
    near(cell_in(&folder, "t.y.capacity", Some("most")).as_f64().unwrap_or(0.0), 2.0);
}

#[test]
fn only_what_is_left_of_the_cycle_counts_when_asked() {
    let base = BASE.replace("kr a", "kr b \"B\" { target 5 }\n  kr a");
    let rest = r#"team t "T" { people 2 }
initiative i "I" { draws 20 pw from t; moves o.a by 40 }
2026-01-31 checkin o.b 3
"#;
    let folder = Folder::new().with("p.okr", format!("{base}{rest}"));
    let grade = |words: &[&str]| {
        let all = [&["grade", "p.okr", "o.a", "--projected", "--format", "json"], words].concat();
        let done = folder.okr(all).run().exits(0);
        read_json(done.stdout())["objectives"][0]["key_results"][0]["projected"].as_f64()
    };
    near(grade(&[]).unwrap_or(0.0), 60.0);
    // 9 of 13 weeks are left: 18 of 20 person-weeks.
    near(grade(&["--remaining"]).unwrap_or(0.0), 20.0 + 0.9 * 40.0);
    let none = plan("team t \"T\" { people 2 }\n");
    none.okr(["grade", "p.okr", "--projected", "--remaining"]).run().exits(2).says("--as-of");
}

#[test]
fn numbers_out_of_range_are_errors_at_their_place() {
    for (text, id) in [
        ("initiative i \"I\" { draws 1 pw - 3 pw from t; moves o.a by 1 }", "out-of-range"),
        ("initiative i \"I\" { draws 1 pw from t; moves o.a by 1; chance 1 + 1 }", "out-of-range"),
        ("initiative i \"I\" { draws 1 pw from t; closes 1 + 1 of o.a }", "out-of-range"),
        ("initiative i \"I\" { draws 1 pw / 0 from t; moves o.a by 1 }", "no-result"),
    ] {
        let folder = plan(&format!("team t \"T\" {{ capacity 2 pw }}\n{text}\n"));
        let done = folder.okr(["check", "p.okr", "--format", "json"]).run().exits(1);
        let ids: Vec<Value> =
            done.stdout().lines().map(|line| read_json(line)["id"].clone()).collect();
        assert_eq!(ids, [id], "{text}");
    }
}

#[test]
fn shares_that_an_overlay_brings_over_all_are_shown_at_its_line() {
    let plan = "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n\
                team t \"T\" { capacity 10 pw; bucket b 50%; bucket c 50% }\n\
                scenario s \"S\" { set t.b.share = 60% }\n\
                scenario u \"U\" extends s { set t.c.share = 30%; move 20% from t.c to t.b }\n";
    let folder = crate::harness::Folder::new().with("p.okr", plan);
    let over = |scenario: &str| folder.okr(["compare", "p.okr", scenario]).run().exits(1);
    over("s").says("add up to 110%").says("p.okr:4:34");
    let done = folder.okr(["compare", "p.okr", "u"]).run().exits(0);
    assert!(done.stdout().contains("t.b"), "{}", done.stdout());
    let written = plan.replace("move 20%", "move 10%").replace("= 30%", "= 45%");
    let folder = folder.with("q.okr", &written);
    folder.okr(["compare", "q.okr", "u"]).run().exits(1).says("add up to 105%").says("q.okr:5:54");
}
