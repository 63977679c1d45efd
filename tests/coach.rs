//! The coach: each rule where it speaks and where it must not, from outside; `allow`; public OKRs.

use crate::harness::{Folder, okr, root};
use okr::coach::TABLE;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A quarter, a team with capacity, and one that leads.
const HEAD: &str = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31
team top \"Top\" { kind leadership }
team t \"T\" { people 4; bucket road 60%; bucket run rest }
";

/// What the coach says about a plan, as JSON.
fn advice(plan: &str, more: &[&str]) -> Vec<Value> {
    let arguments = ["coach", "-", "--format", "json"].iter().chain(more);
    let done = okr(arguments).stdin(plan).run().exits(0).says_nothing();
    done.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn ids(advice: &[Value]) -> BTreeSet<String> {
    advice.iter().filter_map(|it| it["id"].as_str()).map(str::to_owned).collect()
}

/// Where a rule speaks, or must not: the rule, whether it speaks, what is special, the plan below
/// the head.
struct Case(&'static str, bool, &'static str, &'static str);

const CASES: &[Case] = &[
    Case(
        "infeasible",
        true,
        "over in most futures, although the mean fits",
        "objective o \"O\" { kr a \"A\" { target 10 } }
initiative i \"I\" { draws 10 .. 30.9 .. 31 pw from t.road; draws 3.2 pw from t.road; moves o.a by 9 }",
    ),
    Case(
        "infeasible",
        false,
        "over in fewer than half of the futures",
        "objective o \"O\" { kr a \"A\" { target 10 } }
initiative i \"I\" { draws 20 .. 21 .. 41 pw from t.road; draws 5 pw from t.road; moves o.a by 9 }",
    ),
    Case(
        "infeasible",
        true,
        "a bucket",
        "objective o \"O\" { kr a \"A\" { target 10 } }
initiative i \"I\" { draws 31 pw from t.road; moves o.a by 9 }",
    ),
    Case(
        "infeasible",
        false,
        "a bucket that is just full",
        "objective o \"O\" { kr a \"A\" { target 10 } }
initiative i \"I\" { draws 30.72 pw from t.road; moves o.a by 9 }",
    ),
    Case(
        "out-of-reach",
        true,
        "what is funded does not bring it there",
        "objective o \"O\" { kr a \"A\" { target 10 } }
initiative i \"I\" { draws 1 pw from t.road; moves o.a by 3.9 }",
    ),
    Case(
        "out-of-reach",
        false,
        "what is funded brings it to yellow",
        "objective o \"O\" { kr a \"A\" { target 10 } }
initiative i \"I\" { draws 1 pw from t.road; moves o.a by 4 }",
    ),
    Case("infeasible", true, "a team without buckets is one bucket",
        "team u \"U\" { capacity 2 pw }\ninitiative i \"I\" { draws 1 pw from u; draws 1.1 pw from u; moves o.a by 1 }
objective o \"O\" { kr a \"A\" { target 10 } }"),
    Case("infeasible", false, "just as much as there is",
        "team u \"U\" { capacity 2 pw }\ninitiative i \"I\" { draws 2 pw from u; moves o.a by 1 }
objective o \"O\" { kr a \"A\" { target 10 } }"),
    Case("infeasible", false, "what is finished draws no more",
        "team u \"U\" { capacity 2 pw }\ninitiative i \"I\" { draws 3 pw from u; finished 50%; moves o.a by 1 }
objective o \"O\" { kr a \"A\" { target 10 } }"),
    Case("not-measurable", true, "a score by hand", "objective o \"O\" { kr a \"A\" { grading score; actual 0.5 } }"),
    Case("not-measurable", true, "a formula of nothing", "objective o \"O\" { kr a \"A\" { grading formula 0.3 + 0.2 } }"),
    Case("not-measurable", false, "a score that a metric computes",
        "metric asked \"Asked\" 10\nmetric found \"Found\" 6\nobjective o \"O\" { kr a \"A\" { grading score } }
2026-02-01 checkin o.a found / asked"),
    Case("not-measurable", false, "a formula of other cells", "objective o \"O\" { kr a \"A\" { grading formula t.grade }; kr b \"B\" { target 4 } }"),
    Case("out-of-reach", true, "twice running",
        "objective o \"O\" { kr a \"A\" { target 10 } }
2026-01-10 checkin o.a 1 confidence 0.8\n2026-01-20 checkin o.a 1 confidence 0.29\n2026-01-30 checkin o.a 1 confidence 0.2"),
    Case("out-of-reach", false, "not running",
        "objective o \"O\" { kr a \"A\" { target 10 } }
2026-01-10 checkin o.a 1 confidence 0.2\n2026-01-20 checkin o.a 1 confidence 0.3\n2026-01-30 checkin o.a 1 confidence 0.2"),
    Case("out-of-reach", true, "a check-in without confidence between",
        "objective o \"O\" { kr a \"A\" { target 10 } }
2026-01-10 checkin o.a 1 confidence 0.2\n2026-01-20 checkin o.a 1\n2026-01-30 checkin o.a 1 confidence 0.2"),
    Case("out-of-reach", true, "closed below the sweet spot", "objective o \"O\" { kr a \"A\" { target 10; actual 5.9 } }"),
    Case("out-of-reach", false, "closed at its lower end", "objective o \"O\" { kr a \"A\" { target 10; actual 6 } }"),
    Case("out-of-reach", false, "an innovation team lands lower",
        "team lab \"Lab\" { kind innovation; people 2; bucket all rest }
objective o \"O\" { owner lab; kr a \"A\" { target 10; actual 4 } }"),
    Case("out-of-reach", true, "its policy says otherwise",
        "policy innovation { sweet 0.5 .. 0.7 }\nteam lab \"Lab\" { kind innovation; people 2; bucket all rest }
objective o \"O\" { owner lab; kr a \"A\" { target 10; actual 4 } }"),
    Case("out-of-reach", true, "a BAU team lands at 0.9",
        "team desk \"Desk\" { kind bau; people 2; bucket all rest }
objective o \"O\" { owner desk; kr a \"A\" { target 10; actual 8.9 } }"),
    Case("not-ambitious", true, "reached before half the cycle", "objective o \"O\" { kr a \"A\" { target 100 } }\n2026-02-13 checkin o.a 91"),
    Case("not-ambitious", false, "0.9 is not over it", "objective o \"O\" { kr a \"A\" { target 100 } }\n2026-02-13 checkin o.a 90"),
    Case("not-ambitious", false, "at half the cycle", "objective o \"O\" { kr a \"A\" { target 100 } }\n2026-02-14 checkin o.a 91"),
    Case("not-ambitious", false, "a promise may be kept early",
        "objective o \"O\" { kind committed; kr a \"A\" { target 100 } }\n2026-02-13 checkin o.a 91"),
    Case("not-ambitious", true, "everyone is sure",
        "objective o \"O\" { kr a \"A\" { target 100 }; kr b \"B\" { target 9; kind committed } }\n2026-02-13 checkin o.a 10 confidence 0.91"),
    Case("not-ambitious", false, "one is not",
        "objective o \"O\" { kr a \"A\" { target 100 }; kr b \"B\" { target 9 } }
2026-02-13 checkin o.a 10 confidence 0.95\n2026-02-13 checkin o.b 1 confidence 0.9"),
    Case("not-ambitious", true, "closed above the sweet spot", "objective o \"O\" { kr a \"A\" { target 10; actual 7.1 } }"),
    Case("not-ambitious", false, "closed at its upper end", "objective o \"O\" { kr a \"A\" { target 10; actual 7 } }"),
    Case("not-ambitious", false, "a BAU team keeps its promises",
        "team desk \"Desk\" { kind bau; people 2; bucket all rest }\nobjective o \"O\" { owner desk; kr a \"A\" { target 10; actual 10 } }"),
    Case("assigned", true, "no answer", "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-01 proposed o by leadership"),
    Case("assigned", true, "an answer when it was too late",
        "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-01 proposed o by top\n2026-01-02 agreed o by t"),
    Case("assigned", false, "an answer on the first day",
        "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-01 proposed o by top\n2026-01-01 feedback o.a by t \"too much\""),
    Case("assigned", false, "proposed by the team itself", "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-01 proposed o by t"),
    Case("assigned", false, "there is still time",
        "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-01 proposed o by top\n2025-12-05 checkin o.a 0"),
    Case("no-voice", true, "only leadership speaks",
        "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-01 proposed o by top\n2025-12-02 agreed o by top"),
    Case("no-voice", false, "feedback on a key result", "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\n2025-12-02 feedback o.a by t \"hm\""),
    Case("no-voice", false, "an initiative of its own",
        "objective o \"O\" { owner t; kr a \"A\" { target 10 } }\ninitiative i \"I\" { owner t; draws 1 pw from t.road; moves o.a by 3 }"),
    Case("no-voice", true, "an initiative of another team",
        "team u \"U\" { people 2; bucket all rest }\nobjective o \"O\" { owner t; kr a \"A\" { target 10 } }
initiative i \"I\" { owner u; draws 1 pw from u.all; moves o.a by 3 }"),
    Case("no-voice", false, "who leads speaks for itself", "objective o \"O\" { owner top; kr a \"A\" { target 10 } }"),
    Case("no-capacity", true, "people, but no buckets", "team u \"U\" { people 3 }\nobjective o \"O\" { owner u; kr a \"A\" { target 10 } }"),
    Case("no-capacity", false, "a team without objectives", "team u \"U\"\nobjective o \"O\" { owner t; kr a \"A\" { target 10 } }"),
    Case("performance-review", true, "a bonus", "objective o \"O\" { kr a \"Bonuses of the sales team\" { target 10 } }"),
    Case("performance-review", true, "every key result is somebody's",
        "objective o \"O\" { kr a \"A\" { target 10; lead \"Ann\" }; kr b \"B\" { target 10; lead \"Bob, tech lead\" } }"),
    Case("performance-review", false, "users rate the app", "objective o \"O\" { kr a \"Rating in the app store\" { baseline 3; target 4 } }"),
    Case("performance-review", false, "two lead together",
        "objective o \"O\" { kr a \"A\" { target 10; lead \"Ann and Bob\" }; kr b \"B\" { target 10; lead \"Bob\" } }"),
    Case("not-owned-by-team", true, "the same lead, with and without a title",
        "objective o \"O\" { kr a \"A\" { target 10; lead \"Ann\" }; kr b \"B\" { target 10; lead \"ann, developer\" } }"),
    Case("not-owned-by-team", true, "a product manager", "objective o \"O\" { lead \"Ann, Product Manager\"; kr a \"A\" { target 10 } }"),
    Case("not-owned-by-team", true, "an owner", "objective o \"O\" { kr a \"A\" { target 10; lead \"Ann (product owner)\" } }"),
    Case("not-owned-by-team", false, "two leads", "objective o \"O\" { kr a \"A\" { target 10; lead \"Ann\" }; kr b \"B\" { target 10; lead \"Bob\" } }"),
    Case("not-owned-by-team", false, "a name that sounds like it", "objective o \"O\" { kr a \"A\" { target 10; lead \"Tom Owners, tech lead\" }; kr b \"B\" { target 3 } }"),
    Case("kpi", true, "a bound that is no guardrail", "objective o \"O\" { kr a \"A\" { keep >= 4 } }"),
    Case("kpi", true, "hardly a change", "objective o \"O\" { kr a \"A\" { baseline 1000; target 1019 } }"),
    Case("kpi", true, "in the title", "objective o \"O\" { kr a \"Sustaining the quality of answers\" { baseline 3; target 5 } }"),
    Case("kpi", false, "a guardrail", "objective o \"O\" { kr a \"Maintain quality\" { keep >= 4; kind guardrail }; kr b \"B\" { target 3 } }"),
    Case("kpi", false, "two percent", "objective o \"O\" { kr a \"A\" { baseline 1000; target 1020 } }"),
    Case("kpi", false, "a word within a word", "objective o \"O\" { kr a \"Sustainable suppliers\" { target 10 } }"),
    Case("kpi", false, "a service of a platform team",
        "team p \"P\" { kind platform; people 2; bucket all rest }\nobjective o \"O\" { owner p; kr a \"A\" { keep >= 4 } }"),
    Case("kpi", true, "a platform team's tiny change",
        "team p \"P\" { kind platform; people 2; bucket all rest }\nobjective o \"O\" { owner p; kr a \"A\" { baseline 1000; target 1001 } }"),
    Case("kpi", false, "a BAU team", "team d \"D\" { kind bau; people 2; bucket all rest }\nobjective o \"O\" { owner d; kr a \"A\" { keep >= 4 } }"),
    Case("bau", true, "in the objective's title", "objective o \"Keeping the lights on\" { kr a \"A\" { target 10 } }"),
    Case("bau", true, "in a key result's title", "objective o \"O\" { kr a \"Regular backups\" { target 10 } }"),
    Case("bau", true, "all of it is drawn from BAU buckets",
        "team d \"D\" { kind bau; people 2; bucket all rest }\nobjective o \"O\" { owner t; kr a \"A\" { target 10 } }
initiative i \"I\" { draws 1 pw from d.all; moves o.a by 3 }"),
    Case("bau", false, "only part of it",
        "team d \"D\" { kind bau; people 2; bucket all rest }\nobjective o \"O\" { owner t; kr a \"A\" { target 10 } }
initiative i \"I\" { draws 1 pw from d.all; draws 1 pw from t.run; moves o.a by 3 }"),
    Case("bau", false, "other meanings", "objective o \"Continuous deployment everywhere\" { kr a \"Regular expressions understood\" { target 10 } }"),
    Case("bau", false, "a BAU team", "team d \"D\" { kind bau; people 2; bucket all rest }\nobjective o \"Regular work\" { owner d; kr a \"A\" { target 10 } }"),
    Case("all-or-nothing", true, "two of three", "objective o \"O\" { kr a \"A\" { grading done }; kr b \"B\" { grading done }; kr c \"C\" { target 1 } }"),
    Case("all-or-nothing", false, "half", "objective o \"O\" { kr a \"A\" { grading done }; kr b \"B\" { target 2 } }"),
    Case("all-or-nothing", true, "a guardrail does not count", "objective o \"O\" { kr a \"A\" { grading done }; kr c \"C\" { keep >= 1; kind guardrail } }"),
    Case("all-or-nothing", false, "what was declined does not count",
        "objective o \"O\" { kr a \"A\" { grading done }; kr b \"B\" { grading done }; kr c \"C\" { target 1 } }\n2025-12-01 declined o.b by t"),
    Case("all-or-nothing", false, "an innovation team", "team lab \"Lab\" { kind innovation; people 2; bucket all rest }\nobjective o \"O\" { owner lab; kr a \"A\" { grading done } }"),
    Case("prescriptive", true, "an output that is done", "objective o \"O\" { kr a \"The catalogue is rewritten\" { grading done } }"),
    Case("prescriptive", true, "a milestone", "objective o \"O\" { kr a \"Migration: migrated schools\" { grading milestones \"half\" -> 0.5, \"all\" -> 1 } }"),
    Case("prescriptive", true, "it names an initiative",
        "objective o \"O\" { kr a \"Schools on the Edge Cache\" { target 10 } }\ninitiative edge_cache \"Cache in three regions\" { draws 1 pw from t.road; moves o.a by 1 }"),
    Case("prescriptive", false, "a number", "objective o \"O\" { kr a \"Teams that ship every week\" { target 10 } }"),
    Case("prescriptive", false, "the word is another", "objective o \"O\" { kr a \"A partnership is signed\" { grading done }; kr b \"B\" { target 3 } }"),
    Case("prescriptive", false, "milestones of an innovation team",
        "team lab \"Lab\" { kind innovation; people 2; bucket all rest }\nobjective o \"O\" { owner lab; kr a \"Build, measure, learn\" { grading milestones \"half\" -> 0.5, \"all\" -> 1 } }"),
    Case("single-guardrail-risk", true, "speed and growth", "objective o \"O\" { kr a \"A\" { baseline 9 s; target 4 s }; kr b \"Revenue\" { target 10 } }"),
    Case("single-guardrail-risk", false, "with a guardrail", "objective o \"O\" { kr a \"A\" { baseline 9 s; target 4 s }; kr b \"B\" { keep <= 3; kind guardrail } }"),
    Case("single-guardrail-risk", false, "something else as well", "objective o \"O\" { kr a \"A\" { baseline 9 s; target 4 s }; kr b \"Readers who are happy\" { target 10 } }"),
    Case("single-guardrail-risk", false, "time that is to grow", "objective o \"O\" { kr a \"Mean time between failures\" { baseline 4 h; target 9 h } }"),
    Case("nobody-moves-it", true, "a key result",
        "objective o \"O\" { kr a \"A\" { target 10 }; kr b \"B\" { target 10 } }\ninitiative i \"I\" { draws 1 pw from t.road; moves o.a by 1 }"),
    Case("nobody-moves-it", true, "no initiative at all, with capacity planned", "objective o \"O\" { owner t; kr a \"A\" { target 10 } }"),
    Case("nobody-moves-it", true, "an initiative that moves nothing",
        "objective o \"O\" { kr a \"A\" { target 10 } }\ninitiative i \"I\" { draws 1 pw from t.road; moves o.a by 1 }\ninitiative j \"J\" { draws 1 pw from t.road }"),
    Case("nobody-moves-it", false, "one that others need",
        "objective o \"O\" { kr a \"A\" { target 10 } }\ninitiative i \"I\" { draws 1 pw from t.road; moves o.a by 1; needs j }\ninitiative j \"J\" { draws 1 pw from t.road }"),
    Case("nobody-moves-it", false, "what cannot be moved",
        "objective o \"O\" { kr a \"A\" { target 10 }; kr b \"B\" { grading done }; kr c \"C\" { grading formula a.grade } }\ninitiative i \"I\" { draws 1 pw from t.road; closes 50% of o.a }"),
    Case("nobody-moves-it", false, "a plan without initiatives and capacity", "objective o \"O\" { kr a \"A\" { target 10 } }"),
    Case("moving-target", true, "three times",
        "objective o \"O\" { kr a \"A\" { target 10 } }\n2026-01-05 amended o.a.target 11\n2026-01-06 amended o.a.weight 2\n2026-01-07 amended o.a.target 12\n2026-01-08 checkin o.a 1"),
    Case("moving-target", false, "twice", "objective o \"O\" { kr a \"A\" { target 10 } }\n2026-01-05 amended o.a.target 11\n2026-01-06 amended o.a.target 12\n2026-01-08 checkin o.a 1"),
    Case("moving-target", true, "towards the actual in the last quarter",
        "objective o \"O\" { kr a \"A\" { target 10 } }\n2026-03-01 checkin o.a 6\n2026-03-10 amended o.a.target 8\n2026-03-20 checkin o.a 6"),
    Case("moving-target", false, "away from it",
        "objective o \"O\" { kr a \"A\" { target 10 } }\n2026-03-01 checkin o.a 6\n2026-03-10 amended o.a.target 12\n2026-03-20 checkin o.a 6"),
    Case("moving-target", false, "before the last quarter",
        "objective o \"O\" { kr a \"A\" { target 10 } }\n2026-03-01 checkin o.a 6\n2026-03-08 amended o.a.target 8\n2026-03-20 checkin o.a 6"),
    Case("moving-target", false, "not yet", "objective o \"O\" { kr a \"A\" { target 10 } }\n2026-03-01 checkin o.a 6\n2026-03-10 amended o.a.target 8"),
    Case("stale", true, "three weeks", "objective o \"O\" { kr a \"A\" { target 10 }; kr b \"B\" { target 10 } }\n2026-02-01 checkin o.a 1\n2026-02-22 checkin o.b 1"),
    Case("stale", false, "a day less", "objective o \"O\" { kr a \"A\" { target 10 }; kr b \"B\" { target 10 } }\n2026-02-02 checkin o.a 1\n2026-02-22 checkin o.b 1"),
    Case("stale", true, "never, since the cycle began", "objective o \"O\" { kr a \"A\" { target 10 }; kr b \"B\" { target 10 } }\n2026-01-22 checkin o.b 1"),
    Case("stale", false, "what is done is done",
        "objective o \"O\" { kr a \"A\" { grading done; due 2026-01-02 late 10% }; kr b \"B\" { target 10 } }\n2026-01-09 checkin o.a done\n2026-03-01 checkin o.b 1"),
    Case("stale", false, "the cycle was over", "objective o \"O\" { kr a \"A\" { target 10 }; kr b \"B\" { target 10 } }\n2026-03-15 checkin o.a 1\n2026-06-01 checkin o.b 1"),
    Case("stale", false, "no check-in anywhere", "objective o \"O\" { kr a \"A\" { target 10 } }"),
    Case("granular", true, "six key results", "objective o \"O\" { kr a \"A\" { target 1 }; kr b \"A\" { target 1 }; kr c \"A\" { target 1 }; kr d \"A\" { target 1 }; kr e \"A\" { target 1 }; kr f \"A\" { target 1 } }"),
    Case("granular", false, "five", "objective o \"O\" { kr a \"A\" { target 1 }; kr b \"A\" { target 1 }; kr c \"A\" { target 1 }; kr d \"A\" { target 1 }; kr e \"A\" { target 1 } }"),
    Case("granular", true, "six objectives of a team",
        "objective o \"O\" { owner t; kr a \"A\" { target 1 } }\nobjective p \"O\" { owner t; kr a \"A\" { target 1 } }\nobjective q \"O\" { owner t; kr a \"A\" { target 1 } }
objective r \"O\" { owner t; kr a \"A\" { target 1 } }\nobjective s \"O\" { owner t; kr a \"A\" { target 1 } }\nobjective u \"O\" { owner t; kr a \"A\" { target 1 } }"),
    Case("granular", true, "a weight under 5 %", "objective o \"O\" { kr a \"A\" { target 1; weight 20 }; kr b \"B\" { target 1 } }"),
    Case("granular", false, "5 %", "objective o \"O\" { kr a \"A\" { target 1; weight 19 }; kr b \"B\" { target 1 } }"),
    Case("granular", true, "two days", "objective o \"O\" { kr a \"A\" { target 1 } }\ninitiative i \"I\" { draws 1 pd from t.road; draws 1 pd from t.run; moves o.a by 1 }"),
    Case("granular", false, "half a person-week", "objective o \"O\" { kr a \"A\" { target 1 } }\ninitiative i \"I\" { draws 20 ph from t.road; moves o.a by 1 }"),
    Case("granular", true, "five digits", "objective o \"O\" { kr a \"A\" { target 1_234.5 ms } }"),
    Case("granular", false, "zeros are no digits", "objective o \"O\" { kr a \"A\" { target 1_234_000 ms } }"),
    Case("granular", false, "a formula is not written so finely", "objective o \"O\" { kr a \"A\" { baseline 3; target baseline * 1.23456 } }"),
    Case("granular", true, "fine shares", "team u \"U\" { people 2; bucket a 33%; bucket b 67% }\nobjective o \"O\" { kr a \"A\" { target 1 } }"),
    Case("granular", false, "a rest is what it is", "team u \"U\" { people 2; bucket a 35%; bucket b rest }\nobjective o \"O\" { kr a \"A\" { target 1 } }"),
    Case("granular", true, "seven buckets", "team u \"U\" { people 2; bucket a 5%; bucket b 5%; bucket c 5%; bucket d 5%; bucket e 5%; bucket f 5%; bucket g rest }"),
    Case("allow-unused", true, "nothing to silence", "objective o \"O\" { allow kpi \"because\"; kr a \"A\" { target 10 } }"),
    Case("allow-unused", true, "the team's kind is spared already",
        "team d \"D\" { kind bau; people 2; bucket all rest }\nobjective o \"O\" { owner d; kr a \"A\" { keep >= 4; allow kpi \"because\" } }"),
    Case("allow-unused", false, "it silences", "objective o \"O\" { kr a \"A\" { keep >= 4; allow kpi \"because\" } }"),
    Case("allow-unused", false, "a team speaks for its objectives",
        "team u \"U\" { people 2; bucket all rest; allow kpi \"because\" }\nobjective o \"O\" { owner u; kr a \"A\" { keep >= 4 } }"),
];

#[test]
fn rules_speak_where_they_should_and_only_there() {
    let mut wrong = String::new();
    for Case(rule, speaks, what, body) in CASES {
        let ids = ids(&advice(&format!("{HEAD}{body}\n"), &[]));
        if ids.contains(*rule) != *speaks {
            wrong += &format!("{rule}, {what}: {ids:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_cases_of_both_sides() {
    for rule in TABLE {
        for side in [true, false] {
            let has = CASES.iter().any(|case| case.0 == rule.id && case.1 == side);
            assert!(has, "{}: {side}", rule.id);
        }
    }
    assert!(CASES.iter().all(|case| TABLE.iter().any(|rule| rule.id == case.0)));
}

#[test]
fn every_rule_is_explained() {
    for rule in TABLE {
        let done = okr(["explain", rule.id]).run().exits(0);
        done.prints(rule.evidence).prints("(advice)");
        let done = okr(["explain", rule.id, "--format", "json"]).run().exits(0);
        let meaning: Value = serde_json::from_str(done.stdout()).expect("JSON");
        assert_eq!(meaning["rule"]["says"], rule.says);
    }
    okr(["explain", "not-ambitous"]).run().exits(2).says("`not-ambitious`");
}

#[test]
fn the_plan_of_every_flag_has_every_rule() {
    let folder = root().join("samples");
    let found = |name: &str| {
        let done = okr(["coach", name, "--format", "json"]).within(&folder).run().exits(0);
        let lines = done.stdout().lines().map(|it| serde_json::from_str(it).expect("JSON"));
        lines.collect::<Vec<Value>>()
    };
    let all: BTreeSet<String> = TABLE.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(ids(&found("flags.okr")), all);
    assert_eq!(found("flags-mended.okr"), Vec::<Value>::new());
    assert_eq!(found("flags-allowed.okr"), Vec::<Value>::new());
    let text = okr(["coach", "flags.okr"]).within(&folder).run().exits(0);
    insta::assert_snapshot!("coach-flags", text.stdout());
    let markdown = okr(["coach", "flags.okr", "--format", "md"]).within(&folder).run().exits(0);
    insta::assert_snapshot!("coach-flags-md", markdown.stdout());
}

#[test]
fn advice_has_the_fields_of_a_problem_and_its_place() {
    let plan = format!("{HEAD}objective ö \"Ö\" {{ kr a \"é\" {{ target 412.75 ms }} }}\n")
        .replace('ö', "o");
    let given = advice(&plan, &[]);
    let one = given.iter().find(|it| it["id"] == "granular").expect("advice");
    let keys: Vec<&String> = one.as_object().expect("an object").keys().collect();
    for key in
        ["id", "severity", "file", "line", "column", "end_line", "end_column", "message", "help"]
    {
        assert!(keys.iter().any(|it| *it == key), "{key}");
    }
    assert_eq!(one["severity"], "advice");
    assert_eq!(one["file"], "-");
    assert_eq!([&one["line"], &one["column"], &one["end_column"]], [5, 37, 46]);
    assert_eq!(one["about"], "o.a");
    assert_eq!(one["principle"], "keep it high level");
    assert!(one["message"].as_str().is_some_and(|it| it.contains("412.75 ms")));
    let csv = okr(["coach", "-", "--format", "csv"]).stdin(plan).run().exits(0);
    csv.prints("id,severity,file,line").prints("granular,advice,'-,5,37");
}

#[test]
fn check_shows_advice_and_counts_it_when_strict() {
    let plan = format!("{HEAD}objective o \"O\" {{ kr a \"A\" {{ keep >= 4 }} }}\n");
    let folder = Folder::new().with("q1.okr", &plan);
    let text = folder.okr(["check", "q1.okr"]).run().exits(0).prints("no problems");
    let text = text.prints("q1.okr: 1 piece of advice by the coach: `okr coach q1.okr`");
    assert!(!text.stdout().contains("[kpi]"), "{}", text.whole());
    let json = folder.okr(["check", "q1.okr", "--format", "json"]).run().exits(0);
    let one: Value = serde_json::from_str(json.stdout()).expect("one line");
    assert_eq!((&one["id"], &one["severity"]), (&"kpi".into(), &"advice".into()));
    folder.okr(["check", "--strict", "q1.okr"]).run().exits(1).prints("help[kpi]: ");
    folder.okr(["check", "--strict", "q1.okr", "--format", "json"]).run().exits(1);
    let quiet = folder.okr(["check", "--quiet", "q1.okr"]).run().exits(0);
    assert_eq!(quiet.stdout(), "");
    // A plan with errors is to be mended first.
    let bad = plan.clone() + "metric m \"M\" nowhere\n";
    let json = okr(["check", "-", "--format", "json"]).stdin(bad.as_str()).run().exits(1);
    assert_eq!(json.stdout().lines().count(), 1);
    okr(["coach", "-"]).stdin(bad).run().exits(1).says("unknown-name").prints("kpi");
    let allowed = plan.replace("keep >= 4", "keep >= 4; allow kpi \"we mean it\"");
    okr(["check", "--strict", "-"]).stdin(allowed).run().exits(0);
}

#[test]
fn allow_names_a_rule() {
    let plan =
        format!("{HEAD}objective o \"O\" {{ kr a \"A\" {{ keep >= 4; allow kip \"?\" }} }}\n");
    let done = okr(["check", "-"]).stdin(plan.as_str()).run().exits(1);
    done.prints("the coach has no rule `kip`").prints("did you mean `kpi`?");
    let strange = plan.replace("kip", "something-else-entirely");
    okr(["check", "-"]).stdin(strange).run().exits(1).prints("the rules are `infeasible`");
}

#[test]
fn only_what_can_still_be_changed_is_judged() {
    let plan = "okr 1
cycle q1 \"Q1\" 2026-01-01 .. 2026-03-31\ncycle q2 \"Q2\" 2026-04-01 .. 2026-06-30
cycle q3 \"Q3\" 2026-07-01 .. 2026-09-30
objective old \"O\" { cycle q1; kr a \"A\" { keep >= 4 } }
objective now \"N\" { cycle q2; kr a \"A\" { keep >= 4 } }
objective next \"X\" { cycle q3; kr a \"A\" { keep >= 4 } }
objective no \"X\" { cycle q2; kr a \"A\" { keep >= 4 } }
2026-03-20 declined no by leadership
2026-04-20 checkin now.a 5\n";
    let about = |more: &[&str]| -> BTreeSet<String> {
        let given = advice(plan, more);
        let kpis = given.iter().filter(|it| it["id"] == "kpi");
        kpis.filter_map(|it| it["about"].as_str()).map(str::to_owned).collect()
    };
    let named = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(about(&[]), named(&["now.a", "next.a"]));
    assert_eq!(about(&["--cycle", "q1"]), named(&["old.a", "now.a", "next.a"]));
    assert_eq!(about(&["--cycle", "q3"]), named(&["next.a"]));
}

/// Key results that others have published, told anew: what the coach should say of each, and no more.
#[test]
fn public_okrs_get_the_advice_that_they_deserve() {
    // GitLab, first quarter of 2018; the JavaScript team of IPFS, first quarter of 2019; Wikimedia's
    // product department, 2023–24.
    let told: &[(&str, &str, &[&str])] = &[
        (
            "New yearly contracts twice as large as last year",
            "baseline 1 times; target 2 times",
            &[],
        ),
        ("Sellers who reach seven tenths of their quota", "baseline 40%; target 70%", &[]),
        ("Support answers premium tickets as agreed", "baseline 80%; target 100%", &["bau"]),
        ("Companies of the Fortune 500 among the customers", "target 30 companies", &[]),
        ("Data protection rules are fully implemented", "grading done", &["prescriptive"]),
        ("Billing supports customers in Europe", "grading done", &[]),
        ("New content has version 1 addresses by default", "grading done", &[]),
        ("The missing interfaces are implemented", "grading done", &["prescriptive"]),
        ("The site of benchmarks is launched", "grading done", &["prescriptive"]),
        ("Continuous deployment of the file system's packages", "target 2 packages", &[]),
        ("Benchmark scenarios that exist", "target 10 scenarios", &[]),
        ("Unreverted edits from phones, on a sample of wikis", "baseline 100%; target 110%", &[]),
        ("Support the growth of content of high quality", "baseline 4; target 5", &[]),
    ];
    let mut wrong = BTreeMap::new();
    for (title, fields, wanted) in told {
        let other =
            "kr other \"Readers who come back\" { target 10 }; kr more \"Again\" { target 3 }";
        let plan =
            format!("{HEAD}objective o \"O\" {{ kr a \"{title}\" {{ {fields} }}; {other} }}\n");
        let found = ids(&advice(&plan, &[]));
        if !found.iter().map(String::as_str).eq(wanted.iter().copied()) {
            wrong.insert(title, found);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn titles_of_a_plan_cannot_steer_the_terminal() {
    let title = "Keep\u{1b}[31m\u{202e} it";
    let plan = format!("{HEAD}objective o \"{title}\" {{ kr a \"{title}\" {{ target 4 }} }}\n");
    for format in ["text", "json", "csv", "md"] {
        let done = okr(["coach", "-", "--format", format]).stdin(plan.as_str()).run().exits(0);
        assert!(!done.stdout().contains(['\u{1b}', '\u{202e}']), "{format}: {}", done.whole());
    }
}
