//! `commit`: a scenario becomes the plan, and nothing else changes.

use crate::harness::Folder;

const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" {
  people 2          # as long as nobody leaves
  bucket build 50%
  bucket run 30%
  bucket spare rest
}
objective o "O" {
  owner t
  kr a "A" { target 100; actual 20 }
  kr b "B" { target 10; actual 5 }
}

initiative big "Big" { draws 8 pw from t.build; moves o.a by 40 }  # the big one

initiative small "Small" { draws 1 pw from t.run; moves o.b by 2; chance 50% }

2026-01-10 proposed big by t
2026-01-11 amended o.a.target 120
2026-01-12 proposed small by t

# What if?
scenario push "Push" {
  move 10% from t.run to t.build
  set o.a.target = 90
  set big.chance = 75%
  assert t.build.load <= 100%
}

scenario lean "Lean" extends push {
  drop small
  set t.people = 3
  add initiative tiny "Tiny" {
    draws 1 pw from t.run
    moves o.b by 1
  }
}

scenario cross "Cross" extends lean { set o.b.weight = 2 }
"#;

fn plan() -> Folder {
    Folder::new().with("p.okr", PLAN)
}

#[track_caller]
fn diff(folder: &Folder) -> Vec<String> {
    let new = folder.read("p.okr");
    let (old, new): (Vec<&str>, Vec<&str>) = (PLAN.lines().collect(), new.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("-{line}"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+{line}"));
    gone.chain(come).collect()
}

#[test]
fn values_are_edited_in_place_and_the_scenario_goes() {
    let folder = plan();
    folder.okr(["commit", "p.okr", "push"]).run().exits(0).says("scenario push is the plan now");
    assert_eq!(
        diff(&folder),
        [
            "-  bucket build 50%",
            "-  bucket run 30%",
            "-initiative big \"Big\" { draws 8 pw from t.build; moves o.a by 40 }  # the big one",
            "-2026-01-11 amended o.a.target 120",
            "-scenario push \"Push\" {",
            "-  move 10% from t.run to t.build",
            "-  set o.a.target = 90",
            "-  set big.chance = 75%",
            "-  assert t.build.load <= 100%",
            "-scenario lean \"Lean\" extends push {",
            "+  bucket build 60%",
            "+  bucket run 20%",
            "+initiative big \"Big\" { draws 8 pw from t.build; moves o.a by 40; chance 75% }  # the big one",
            "+2026-01-11 amended o.a.target 90",
            "+scenario lean \"Lean\" {",
            "+assert t.build.load <= 100%",
        ]
    );
    folder.okr(["check", "p.okr"]).run().exits(0);
}

#[test]
fn a_chain_is_committed_whole() {
    let folder = plan();
    let grade = |words: &[&str]| {
        let all = [&["grade", "p.okr", "--projected", "--format", "csv"], words].concat();
        folder.okr(all).run().exits(0).stdout().to_owned()
    };
    let wanted = grade(&["--scenario", "lean"]);
    folder.okr(["commit", "p.okr", "lean"]).run().exits(0);
    assert_eq!(grade(&[]), wanted);
    let text = folder.read("p.okr");
    assert!(!text.contains("small") && !text.contains("scenario lean"), "{text}");
    assert!(text.contains("\ninitiative tiny \"Tiny\" {\n  draws 1 pw from t.run\n"), "{text}");
    assert!(text.contains("scenario push") && text.contains("scenario cross \"Cross\" {"));
    assert!(text.contains("people 3          # as long as nobody leaves"));
}

#[test]
fn person_weeks_become_shares_within_a_team() {
    let folder = Folder::new().with(
        "p.okr",
        "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\n\
         team t \"T\" { capacity 20 pw; bucket a 50%; bucket b 30%; bucket c rest }\n\
         team u \"U\" { capacity 20 pw; bucket a 50% }\n\
         scenario s \"S\" { move 2 pw from t.a to t.b }\n\
         scenario x \"X\" { move 2 pw from t.a to u.a }\n",
    );
    folder.okr(["commit", "p.okr", "x"]).run().exits(1).says("between teams");
    folder.okr(["commit", "p.okr", "s"]).run().exits(0);
    assert!(folder.read("p.okr").contains("bucket a 40%; bucket b 40%; bucket c rest"));
}

#[test]
fn what_cannot_be_committed_leaves_the_plan() {
    let folder = plan();
    folder.okr(["commit", "p.okr", "puhs"]).run().exits(1).says("did you mean `push`");
    let broken = PLAN.replace("drop small", "drop big\n  set t.build.share = 80%");
    let folder = Folder::new().with("p.okr", &broken);
    folder.okr(["commit", "p.okr", "lean"]).run().exits(1);
    assert_eq!(folder.read("p.okr"), broken);
}
