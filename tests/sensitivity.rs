//! `okr sensitivity` from outside (`capacity.md`).

use crate::harness::Folder;
use serde_json::Value;

const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" { capacity 10 pw; bucket x 50%; bucket y rest }
objective o "O" {
  owner t
  kr a "A" { baseline 0; target 100; actual 20 }
  kr other "Other" { target 10; actual 3 }
}
initiative one "1" { draws 4 pw from t.x; moves o.a by 20 .. 60; chance 50% }
initiative two "2" { draws 2 pw from t.x; moves o.a by 10 }
"#;

fn json(folder: &Folder, words: &[&str]) -> Value {
    let words = [&["sensitivity", "p.okr", "--format", "json"], words].concat();
    let done = folder.okr(words).run().exits(0).says_nothing();
    serde_json::from_str(done.stdout()).expect("the output is JSON")
}

fn input<'v>(report: &'v Value, id: &str) -> &'v Value {
    let inputs = report["inputs"].as_array().expect("a list");
    inputs.iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id} in {report}"))
}

#[track_caller]
fn near(found: &Value, wanted: f64) {
    let number = found.as_f64().unwrap_or(f64::NAN);
    assert!((number - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

#[test]
fn a_tornado() {
    let folder = Folder::new().with("p.okr", PLAN);
    let report = json(&folder, &["o.a.projected"]);
    assert_eq!(
        (&report["schema"], &report["cell"]),
        (&"okr.sensitivity/1".into(), &"o.a.projected".into())
    );
    // 20 + half of the mean effect, and half of 10: the bucket has 5 of 6.
    let mean = {
        let (mu, sigma) =
            ((20.0_f64 * 60.0).sqrt().ln(), 3.0_f64.ln() / (2.0 * 1.644_853_626_951_472_2));
        (mu + sigma * sigma / 2.0).exp()
    };
    near(&report["base"], 20.0 + 0.5 * mean + 5.0);
    let chance = input(&report, "one.chance");
    near(&chance["low"], 0.45);
    near(&chance["at_low"], 20.0 + 0.45 * mean + 5.0);
    near(&chance["swing"], 0.1 * mean);
    let draws = input(&report, "one.draws.t.x");
    near(&draws["at_high"], 20.0 + 0.5 * mean + 10.0 * (5.0 - 4.4) / 2.0);
    let capacity = input(&report, "t.capacity");
    near(&capacity["low"], 9.0);
    near(&capacity["at_low"], 20.0 + 0.5 * mean + 10.0 * 0.25);
    let moves = input(&report, "one.moves.o.a");
    assert_eq!(moves["uncertain"], true);
    let swings: Vec<f64> = report["inputs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["swing"].as_f64().expect("a number"))
        .collect();
    assert!(swings.windows(2).all(|pair| pair[0] >= pair[1]), "{swings:?}");
    let all = report.to_string();
    assert!(!all.contains("o.other"), "{all}");
    assert_eq!(json(&folder, &["o", "--top", "2"])["inputs"].as_array().map(Vec::len), Some(2));
    assert_eq!(json(&folder, &["o"])["cell"], "o.projected_grade");
}

#[test]
fn the_other_forms() {
    let folder = Folder::new().with("p.okr", PLAN);
    let run = |words: &[&str]| folder.okr([&["sensitivity", "p.okr"], words].concat()).run();
    let text = run(&["o.a.projected", "--top", "3"]).exits(0);
    let text = text.prints("o.a.projected is ").prints("one.moves.o.a").prints("│").prints("■");
    text.prints("`--top` shows more");
    run(&["o.a.projected", "--format", "csv"])
        .exits(0)
        .prints("cell,id,low,high,at_low,at_high,swing");
    run(&["o.a.projected", "--format", "md"]).exits(0).prints("| `one.chance` | 0.45 | 0.55 |");
    run(&["o.a.projectd"]).exits(1).says("projected");
    run(&["o.x"]).exits(1).says("`o` has no `x`");
    run(&["o.a.confidence"]).exits(1).says("no number");
    run(&["o.a.baseline"]).exits(0).prints("No input");
}

#[test]
fn in_a_scenario() {
    let text = format!("{PLAN}scenario more \"More\" {{ move 10% from t.y to t.x; drop two }}\n");
    let folder = Folder::new().with("p.okr", text);
    let report = json(&folder, &["o.a.projected", "--scenario", "more"]);
    assert_eq!(report["scenario"], "more");
    near(&input(&report, "t.x.share")["low"], 0.54);
    assert!(!report.to_string().contains("two."));
}
