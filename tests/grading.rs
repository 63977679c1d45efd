//! Each rule of `grading.md` at its edges, through the real program.

use crate::harness::okr;
use serde_json::Value;

/// A plan of one objective `o` in a cycle of 100 days, with key results and lines after it.
fn plan(krs: &str, after: &str) -> String {
    format!(
        "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-04-10\nteam t \"T\"\nobjective o \"O\" {{\n  owner t\n{krs}\n}}\n{after}\n"
    )
}

/// The key result `o.a` of a plan, as JSON.
#[track_caller]
fn graded(krs: &str, after: &str, options: &[&str]) -> Value {
    let card = card(&plan(krs, after), options, 0);
    let objective = &card["objectives"][0];
    objective["key_results"][0].clone()
}

#[track_caller]
fn card(text: &str, options: &[&str], code: i32) -> Value {
    let arguments = [&["grade", "-", "--format", "json"], options].concat();
    let ran = okr(&arguments).stdin(text).run().exits(code);
    serde_json::from_str(ran.stdout()).expect("the output is JSON")
}

#[track_caller]
fn near(value: &Value, wanted: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((value - wanted).abs() < 1e-12, "{value} is not {wanted}");
}

#[track_caller]
fn grade_of(kr: &str, after: &str) -> Value {
    graded(&format!("kr a \"A\" {{ {kr} }}"), after, &[])["grade"].clone()
}

#[test]
fn known_answers() {
    near(&grade_of("baseline 900 ms; target 400 ms; actual 610 ms", ""), 0.58);
    near(&grade_of("target 6 features; actual 3 features", ""), 0.5);
    let days: String = (1..=5).map(|day| format!("2026-01-0{day} checkin o.a {day}\n")).collect();
    near(&grade_of("keep 2 .. 4", &days), 0.6);
    near(&grade_of("grading curve 10 -> 0.3, 20 -> 0.7, 30 -> 1; actual 25", ""), 0.85);
    let kr = graded("kr a \"A\" { target 100 }", "2026-02-09 checkin o.a 15", &[]);
    near(&kr["pace"], 0.375);
    let krs = "kr a \"A\" { weight 2; target 1; actual 0.58 }
        kr b \"B\" { target 1; actual 0.3 }
        kr c \"C\" { target 1; actual 1 }";
    near(&card(&plan(krs, ""), &[], 0)["objectives"][0]["grade"], 0.615);
    let after = "metric stars \"S\" 978\nmetric forks \"F\" 1600";
    near(&grade_of("grading formula mean(stars / 2000, forks / 5000)", after), 0.4045);
    let after =
        "team w \"W\" { capacity (60 - 8 - 10) * 8 ph * 60% }\nassert w.capacity == 201.6 ph";
    grade_of("target 1; actual 1", after);
}

#[test]
fn linear_is_clamped_and_uncapped_only_below() {
    near(&grade_of("target 10; actual 15", ""), 1.0);
    near(&grade_of("target 10; actual -5", ""), 0.0);
    near(&grade_of("target 10; actual 15; grading linear uncapped", ""), 1.5);
    near(&grade_of("target 10; actual -5; grading linear uncapped", ""), 0.0);
    let kr = graded("kr a \"A\" { baseline 5; target 10; actual 20 }", "", &[]);
    near(&kr["progress"], 3.0);
}

#[test]
fn steps_go_either_way() {
    let steps = "baseline 61; target 50; grading steps 58 -> 0.2, 54 -> 0.5, 50 -> 1";
    near(&grade_of(&format!("{steps}; actual 60"), ""), 0.0);
    near(&grade_of(&format!("{steps}; actual 58"), ""), 0.2);
    near(&grade_of(&format!("{steps}; actual 51"), ""), 0.5);
    near(&grade_of(&format!("{steps}; actual 40"), ""), 1.0);
    near(&grade_of("grading steps 1 -> 0.1, 5 -> 0.9; actual 5", ""), 0.9);
}

#[test]
fn curves_begin_at_the_baseline_and_are_flat_outside() {
    let curve = "baseline 10; grading curve 20 -> 0.5, 30 -> 1";
    near(&grade_of(&format!("{curve}; actual 15"), ""), 0.25);
    near(&grade_of(&format!("{curve}; actual 5"), ""), 0.0);
    near(&grade_of(&format!("{curve}; actual 99"), ""), 1.0);
    near(&grade_of("baseline 10; grading curve 10 -> 0.2, 20 -> 1; actual 0", ""), 0.2);
    near(&grade_of("baseline 900; grading curve 700 -> 0.3, 400 -> 1; actual 550", ""), 0.65);
}

#[test]
fn words_are_graded_by_the_newest_and_milestones_by_the_furthest() {
    near(&grade_of("grading done", "2026-01-05 checkin o.a done"), 1.0);
    let reopened = "2026-01-05 checkin o.a done\n2026-01-09 checkin o.a open";
    near(&grade_of("grading done", reopened), 0.0);
    let stones = "grading milestones \"alpha\" -> 0.3, \"beta\" -> 0.7, \"live\" -> 1";
    let back = "2026-01-05 checkin o.a \"beta\" \"shown\"\n2026-01-09 checkin o.a \"alpha\"";
    near(&grade_of(stones, back), 0.7);
    near(&grade_of("grading score", "2026-01-05 checkin o.a 65%"), 0.65);
}

#[test]
fn missing_data_counts_zero_or_is_skipped() {
    let krs = "kr a \"A\" { target 1; actual 1 }\nkr b \"B\" { target 1 }";
    let objective = card(&plan(krs, ""), &[], 0)["objectives"][0].clone();
    near(&objective["grade"], 0.5);
    assert_eq!((objective["graded"].as_u64(), objective["of"].as_u64()), (Some(1), Some(2)));
    assert!(objective["key_results"][1]["grade"].is_null());
    assert_eq!(objective["key_results"][1]["state"], "no data");
    let objective = card(&plan(krs, "policy { missing skip }"), &[], 0)["objectives"][0].clone();
    near(&objective["grade"], 1.0);
    let text = plan(krs, "policy bau { missing skip }").replace("\"T\"", "\"T\" { kind bau }");
    near(&card(&text, &[], 0)["objectives"][0]["grade"], 1.0);
}

#[test]
fn not_applicable_and_declined_are_left_out() {
    let krs = "kr a \"A\" { target 1; actual 1 }\nkr b \"B\" { target 1; actual n/a }
        kr d \"D\" { target 1; actual 0.2 }";
    let after = "2026-01-03 declined o.d by t \"not realistic\"";
    let objective = card(&plan(krs, after), &[], 0)["objectives"][0].clone();
    near(&objective["grade"], 1.0);
    assert_eq!(objective["of"], 1);
    assert_eq!(objective["key_results"][1]["state"], "not applicable");
    assert_eq!(objective["key_results"][2]["state"], "declined");
    assert!(objective["key_results"][2]["grade"].is_null());
    let before = card(&plan(krs, after), &["--as-of", "2026-01-02"], 0);
    assert_eq!(before["objectives"][0]["key_results"][2]["state"], "graded");
}

#[test]
fn a_broken_guardrail_makes_the_band_red_and_no_mean() {
    let krs = "kr a \"A\" { target 1; actual 1 }\nkr g \"G\" { keep <= 5; kind guardrail }";
    let objective = |after: &str| card(&plan(krs, after), &[], 0)["objectives"][0].clone();
    assert_eq!(objective("")["band"], "green");
    let holds = "2026-01-01 checkin o.g 5\n2026-01-02 checkin o.g 4";
    assert_eq!(objective(holds)["band"], "green");
    let violated = "2026-01-01 checkin o.g 5\n2026-01-02 checkin o.g 5\n2026-01-03 checkin o.g 5
2026-01-04 checkin o.g 5\n2026-01-05 checkin o.g 6";
    let broken = objective(violated);
    assert_eq!(broken["band"], "red");
    near(&broken["grade"], 1.0);
    let share = "2026-01-01 checkin o.g 6\n2026-01-02 checkin o.g 4";
    assert_eq!(objective(share)["band"], "red");
}

#[test]
fn committed_and_aspirational_stand_apart() {
    let krs =
        "kr a \"A\" { target 1; actual 0.6 }\nkr b \"B\" { target 1; actual 1; kind committed }";
    let card = card(&plan(krs, ""), &[], 0);
    let objective = &card["objectives"][0];
    near(&objective["grade"], 0.8);
    near(&objective["committed_grade"], 1.0);
    near(&objective["aspirational_grade"], 0.6);
    assert_eq!(card["cycles"][0]["sweet_spot"], "in");
}

#[test]
fn teams_roll_up_with_children_weighing_one() {
    let text = "okr 1\ncycle c \"C\" 2026-01-01 .. 2026-04-10
team top \"Top\"\nteam low \"Low\" { parent top }
objective x \"X\" { owner top; weight 3; kr a \"A\" { target 1; actual 0.2 } }
objective y \"Y\" { owner low; weight 5; kr a \"A\" { target 1; actual 1 } }\n";
    let card = card(text, &[], 0);
    near(&card["teams"][0]["grade"], (3.0 * 0.2 + 1.0) / 4.0);
    near(&card["teams"][1]["grade"], 1.0);
    near(&card["cycles"][0]["grade"], (3.0 * 0.2 + 5.0) / 8.0);
    assert_eq!(card["teams"][1]["parent"], "top");
}

#[test]
fn bands_are_not_rounded_first() {
    let band = |actual: &str| {
        graded(&format!("kr a \"A\" {{ target 1; actual {actual} }}"), "", &[])["band"].clone()
    };
    assert_eq!(band("0.3999"), "red");
    assert_eq!(band("0.4"), "yellow");
    assert_eq!(band("0.39999999995"), "yellow");
    assert_eq!(band("0.6999"), "yellow");
    assert_eq!(band("0.7"), "green");
}

#[test]
fn the_day_selects_what_counts() {
    let after = "2026-01-10 checkin o.a 2\n2026-02-10 checkin o.a 6 confidence 0.4
2026-01-20 amended o.a.target 8 \"less\"";
    let kr = "kr a \"A\" { target 10 }";
    near(&graded(kr, after, &["--as-of", "2026-01-15"])["grade"], 0.2);
    near(&graded(kr, after, &["--as-of", "2026-01-25"])["grade"], 0.25);
    near(&graded(kr, after, &[])["grade"], 0.75);
    near(&graded(kr, after, &["--original"])["grade"], 0.6);
    near(&graded(kr, after, &[])["confidence"], 0.4);
    let card = card(&plan(kr, after), &[], 0);
    assert_eq!(card["as_of"], "2026-02-10");
    near(&card["cycles"][0]["elapsed"], 0.41);
}

#[test]
fn forecasts_follow_the_line_or_what_is_expected() {
    let kr = "kr a \"A\" { baseline 100; target 200 }";
    let line = graded(kr, "2026-02-09 checkin o.a 120", &[]);
    near(&line["forecast"], 150.0);
    near(&line["forecast_grade"], 0.5);
    let told = graded(kr, "2026-02-09 checkin o.a 120 expecting 190", &[]);
    near(&told["forecast"], 190.0);
    near(&told["forecast_grade"], 0.9);
    let keep = graded("kr a \"A\" { keep >= 1 }", "2026-02-09 checkin o.a 2", &[]);
    assert!(keep["forecast"].is_null() && keep["progress"].is_null());
    let undated = graded("kr a \"A\" { target 2; actual 1 }", "", &[]);
    assert!(undated["forecast"].is_null());
    near(&undated["pace"], 0.5);
}

#[test]
fn lateness_costs_each_started_week() {
    let kr = |late: &str| format!("kr a \"A\" {{ target 10; due 2026-02-01{late} }}");
    let after = "2026-01-20 checkin o.a 4\n2026-02-10 checkin o.a 9\n2026-02-20 checkin o.a 9";
    near(&graded(&kr(""), after, &[])["grade"], 0.9);
    near(&graded(&kr(" late zero"), after, &[])["grade"], 0.4);
    // Held since February 10th: 9 days late, two started weeks.
    near(&graded(&kr(" late 10%"), after, &[])["grade"], 0.7);
    // Never below the grade on the due day.
    near(&graded(&kr(" late 40%"), after, &[])["grade"], 0.4);
    // A dip breaks the run: held since February 20th, 19 days late, three weeks.
    let dip = "2026-01-20 checkin o.a 4\n2026-02-10 checkin o.a 9\n2026-02-15 checkin o.a 8
2026-02-20 checkin o.a 9";
    near(&graded(&kr(" late 10%"), dip, &[])["grade"], 0.6);
    let none = "2026-02-02 checkin o.a 10";
    near(&graded(&kr(" late zero"), none, &[])["grade"], 0.0);
    near(&graded(&kr(" late 10%"), none, &[])["grade"], 0.9);
    let undated = "kr a \"A\" { target 10; actual 9; due 2026-02-01 late zero }";
    near(&graded(undated, "", &["--as-of", "2026-03-01"])["grade"], 0.9);
}

#[test]
fn a_poisoned_cell_reports_once_and_shows_error_above() {
    let krs = "kr a \"A\" { target 1 / zero; actual 1 }\nkr b \"B\" { target a.target; actual 1 }";
    let text = plan(krs, "metric zero \"Z\" 0");
    let ran = okr(["grade", "-", "--format", "json"]).stdin(text.as_str()).run().exits(1);
    assert_eq!(ran.stderr().matches("error[").count(), 1, "{}", ran.stderr());
    let card: Value = serde_json::from_str(ran.stdout()).expect("the output is JSON");
    let objective = &card["objectives"][0];
    assert!(objective["grade"].is_null());
    assert_eq!(objective["state"], "error");
    assert_eq!(objective["key_results"][1]["state"], "error");
    assert!(card["cycles"][0]["grade"].is_null());
}

#[test]
fn several_cycles_have_a_row_each() {
    let text =
        "okr 1\ncycle q1 \"Q1\" 2026-01-01 .. 2026-03-31\ncycle q2 \"Q2\" 2026-04-01 .. 2026-06-30
objective x \"X\" { cycle q1; kr a \"A\" { target 1; actual 0.2 } }
objective y \"Y\" { cycle q2; kr a \"A\" { target 1; actual 1 } }\n";
    let card = |options: &[&str]| card(text, options, 0);
    assert_eq!(card(&[])["cycle"], "q2");
    near(&card(&[])["cycles"][0]["grade"], 0.2);
    near(&card(&[])["cycles"][1]["grade"], 1.0);
    assert_eq!(card(&["--as-of", "2026-02-01"])["cycle"], "q1");
    assert_eq!(card(&["--cycle", "q1"])["cycle"], "q1");
    assert_eq!(card(&["--as-of", "2025-02-01"])["cycle"], "q1");
}

#[test]
fn scenarios_set_what_is_in_force() {
    let after = "2026-01-10 checkin o.a 2\nscenario s \"S\" { set o.a.target = 4 }
scenario x \"X\" extends s { set o.a.actual = 3 }";
    let kr = "kr a \"A\" { target 10 }";
    near(&graded(kr, after, &["--scenario", "s"])["grade"], 0.5);
    near(&graded(kr, after, &["--scenario", "x"])["grade"], 0.75);
    near(&graded(kr, after, &["--scenario", "base"])["grade"], 0.2);
    okr(["grade", "-", "--scenario", "y"])
        .stdin(plan(kr, after))
        .run()
        .exits(1)
        .says("no scenario");
}

#[test]
fn fail_under_judges_the_grade_that_was_asked_for() {
    let text = plan("kr a \"A\" { target 1; actual 0.3 }", "");
    okr(["grade", "-", "--fail-under", "0.4"]).stdin(text.as_str()).run().exits(1).says("under");
    okr(["grade", "-", "--fail-under", "30%"]).stdin(text.as_str()).run().exits(0);
    okr(["grade", "-", "o.a", "--fail-under", "0.4"]).stdin(text.as_str()).run().exits(1);
    okr(["grade", "-", "o.b"]).stdin(text.as_str()).run().exits(1).says("has no `b`");
    okr(["grade", "-", "--fail-under", "x"]).stdin(text.as_str()).run().exits(2);
    okr(["grade", "/no/such/file"]).run().exits(4);
}

#[test]
fn teams_count_the_cycle_in_force_alone() {
    let text =
        "okr 1\ncycle q1 \"Q1\" 2026-01-01 .. 2026-03-31\ncycle q2 \"Q2\" 2026-04-01 .. 2026-06-30
team t \"T\"
objective x \"X\" { owner t; cycle q1; kr a \"A\" { target 1; actual 0.2 } }
objective y \"Y\" { owner t; cycle q2; kr a \"A\" { target 1; actual 1 } }\n";
    near(&card(text, &["--cycle", "q1"], 0)["teams"][0]["grade"], 0.2);
    near(&card(text, &[], 0)["teams"][0]["grade"], 1.0);
}

#[test]
fn steps_count_from_the_baseline_that_is_not_written() {
    for (actual, wanted) in [("-6", 0.7), ("-4", 0.4), ("1", 0.0)] {
        let steps = format!("target -10; grading steps 0 -> 0.4, -5 -> 0.7; actual {actual}");
        near(&grade_of(&steps, ""), wanted);
    }
    near(&grade_of("target -10; grading steps 0 -> 0.4; actual -6", ""), 0.4);
    near(&grade_of("target -10; grading steps 0 -> 0.4; actual 1", ""), 0.0);
    near(&grade_of("target 10; grading steps 0 -> 0.4; actual 1", ""), 0.4);
    near(&grade_of("grading steps 10 -> 0.5, 5 -> 1; target 5; actual 7", ""), 0.5);
}

#[test]
fn what_is_declined_is_not_asked_about() {
    let after = "2026-01-02 checkin o.a n/a expecting 4\n2026-01-02 declined o.a by t";
    let kr = graded("kr a \"A\" { target 5 }", after, &[]);
    assert_eq!(kr["state"], "declined");
    for cell in ["progress", "grade", "forecast", "forecast_grade"] {
        assert!(kr[cell].is_null(), "{cell}");
    }
}

#[test]
fn nothing_is_out_of_reach_before_anything_is_graded() {
    let verdicts = |krs: &str, after: &str| {
        let card = card(&plan(krs, after), &[], 0);
        (card["cycles"][0]["sweet_spot"].clone(), card["teams"][0]["sweet_spot"].clone())
    };
    let below = (Value::from("below"), Value::from("below"));
    assert_eq!(verdicts("kr a \"A\" { target 5 }", ""), (Value::Null, Value::Null));
    assert_eq!(verdicts("kr a \"A\" { target 5 }", "2026-01-02 checkin o.a 0"), below);
    let committed = "kr a \"A\" { target 5 }\nkr b \"B\" { kind committed; target 5; actual 1 }";
    assert_eq!(verdicts(committed, ""), (Value::Null, Value::Null));
    let child = "team d \"D\" { parent t }\nobjective p \"P\" { owner d; kr a \"A\" { target 5; actual 1 } }";
    assert_eq!(verdicts("kr a \"A\" { target 5 }", child), below);
}

#[test]
fn weights_of_what_does_not_count_are_no_weights() {
    let krs = "kr a \"A\" { target 5; actual 3; weight 0 }\nkr b \"B\" { target 5; actual n/a }";
    let card = card(&plan(krs, ""), &[], 1);
    assert_eq!(card["objectives"][0]["state"], "error");
    let none = "kr b \"B\" { target 5; actual n/a; weight 0 }";
    assert!(graded(none, "", &[])["grade"].is_null());
}
