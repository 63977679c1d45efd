//! Laws of the engine: an edit gives the bits of a fresh load, and one formula means one thing
//! however it is evaluated.

use okr::engine::{Edited, Engine, Options, Value};
use okr::plan::cell::{CELLS, Cell, Field, Kind};
use okr::plan::{self, Plan};
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// A plan that is made anew from its parts.
#[derive(Clone, Debug)]
struct Draft {
    teams: usize,
    metrics: Vec<String>,
    objectives: Vec<(usize, String, Vec<DraftKr>)>,
}

#[derive(Clone, Debug)]
struct DraftKr {
    grading: usize,
    baseline: String,
    target: String,
    actual: String,
    weight: String,
}

impl Draft {
    fn text(&self) -> String {
        let mut text = String::from("okr 1\ncycle c \"C\" 2026-01-01 .. 2026-03-31\n");
        for team in 0..self.teams {
            let parent =
                if team > 0 { format!("parent t{}", (team - 1) / 2) } else { String::new() };
            let _ = writeln!(text, "team t{team} \"T\" {{ {parent} }}");
        }
        for (index, value) in self.metrics.iter().enumerate() {
            let _ = writeln!(text, "metric m{index} \"M\" {value}");
        }
        for (index, (owner, weight, krs)) in self.objectives.iter().enumerate() {
            let _ =
                writeln!(text, "objective o{index} \"O\" {{\n  owner t{owner}\n  weight {weight}");
            for (kr, it) in krs.iter().enumerate() {
                let grading = match it.grading {
                    0 => "grading linear uncapped",
                    1 => {
                        "grading formula clamp((actual - baseline) / (target - baseline), 0, 1) ^ 2"
                    }
                    2 => "kind committed",
                    3 => "kind guardrail",
                    _ => "",
                };
                let DraftKr { baseline, target, actual, weight, .. } = it;
                let _ = writeln!(
                    text,
                    "  kr k{kr} \"K\" {{ baseline {baseline}; target {target}; actual {actual}; weight {weight}; {grading} }}"
                );
            }
            text.push_str("}\n");
        }
        text
    }

    fn engine(&self) -> Engine {
        let loaded = plan::load_text("draft.okr", self.text(), Path::new("."));
        let (plan, problems) = plan::resolve(loaded);
        let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{}", self.text());
        Engine::new(Arc::new(plan), Options::default())
    }
}

/// A formula over cells that come before the key result `k` of the objective `o`.
fn formula(o: usize, k: usize, pick: u32) -> String {
    let number = f64::from(pick % 97) + 1.5;
    let earlier = match (o, k) {
        (0, 0) => "m0".to_owned(),
        (o, 0) => format!("o{}.k0.target", o - 1),
        (_, k) => {
            format!("k{}.{}", k - 1, ["baseline", "actual", "target", "grade"][pick as usize % 4])
        }
    };
    match pick % 7 {
        0 => format!("{earlier} * 1.5 + {number}"),
        1 => format!("max({earlier}, m0) + {number}"),
        2 => format!("if({earlier} > {number}, {earlier}, m0 / {number}) + 0.25"),
        3 => format!("mean({earlier}, m1, {number})"),
        4 => format!("baseline + {number} + abs({earlier})"),
        5 => "m1 / (m0 - m0)".to_owned(),
        _ => format!("{number}"),
    }
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..4000).prop_map(|it| format!("{}", f64::from(it) / 8.0)),
        Just("0".to_owned()),
        (0_u32..1000).prop_map(|it| format!("{}", f64::from(it) / 7.0)),
    ]
}

fn draft() -> impl Strategy<Value = Draft> {
    let kr = (0_usize..8, number(), number(), number(), 1_u32..5, any::<u32>());
    let objective = (0_usize..4, 1_u32..4, prop::collection::vec(kr, 1..45));
    (prop::collection::vec(number(), 2..4), prop::collection::vec(objective, 1..45)).prop_map(
        |(metrics, objectives)| {
            let objectives = objectives.into_iter().enumerate().map(|(o, (owner, weight, krs))| {
                let krs = krs.into_iter().enumerate().map(|(k, parts)| {
                    let (grading, baseline, target, actual, weight, pick) = parts;
                    let target = if pick % 5 == 0 { formula(o, k, pick / 5) } else { target };
                    DraftKr { grading, baseline, target, actual, weight: weight.to_string() }
                });
                (owner, weight.to_string(), krs.collect())
            });
            Draft { teams: 4, metrics, objectives: objectives.collect() }
        },
    )
}

/// One edit: which cell, and its new value.
#[derive(Clone, Debug)]
struct Edit {
    kind: usize,
    objective: prop::sample::Index,
    kr: prop::sample::Index,
    value: u32,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit =
        (0_usize..6, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u32..2000);
    let edit = edit.prop_map(|(kind, objective, kr, value)| Edit { kind, objective, kr, value });
    prop::collection::vec(edit, 1..25)
}

/// Makes the edit in both; gives whether the engine took it.
fn apply(draft: &mut Draft, engine: &mut Engine, edit: &Edit) -> Edited {
    let value = f64::from(edit.value) / 3.0;
    let spelled = format!("{value}");
    let objective = edit.objective.index(draft.objectives.len());
    let before: usize = draft.objectives[..objective].iter().map(|it| it.2.len()).sum();
    let kr = edit.kr.index(draft.objectives[objective].2.len());
    let cell = |field| Cell::new(field, before + kr);
    let it = &mut draft.objectives[objective];
    let (slot, cell) = match edit.kind {
        0 => (&mut it.2[kr].baseline, cell(Field::KrBaseline)),
        1 => (&mut it.2[kr].target, cell(Field::KrTarget)),
        2 => (&mut it.2[kr].actual, cell(Field::KrActual)),
        3 => (&mut it.2[kr].weight, cell(Field::KrWeight)),
        4 => (&mut it.1, Cell::new(Field::ObjectiveWeight, objective)),
        _ => (&mut draft.metrics[0], Cell::new(Field::MetricValue, 0)),
    };
    *slot = spelled;
    engine.set(cell, value)
}

/// Every cell of a plan.
fn cells(plan: &Plan) -> Vec<Cell> {
    let count = |kind| match kind {
        Kind::Cycle => plan.cycles.len(),
        Kind::Team => plan.teams.len(),
        Kind::Bucket => plan.buckets.len(),
        Kind::Metric => plan.metrics.len(),
        Kind::Objective => plan.objectives.len(),
        Kind::Kr => plan.krs.len(),
        Kind::Initiative => plan.initiatives.len(),
    };
    CELLS
        .iter()
        .flat_map(|entry| (0..count(entry.kind)).map(|index| Cell::new(entry.field, index)))
        .collect()
}

fn same(left: Value, right: Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.to_bits() == right.to_bits(),
        (left, right) => left == right,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn edits_give_the_bits_of_a_fresh_load(mut draft in draft(), edits in edits()) {
        let mut engine = draft.engine();
        for edit in &edits {
            let edited = apply(&mut draft, &mut engine, edit);
            prop_assert_ne!(edited, Edited::Refused);
        }
        let fresh = draft.engine();
        for cell in cells(&fresh.plan) {
            let (edited, loaded) = (engine.read(cell), fresh.read(cell));
            let name = fresh.plan.cell_name(cell);
            prop_assert!(same(edited, loaded), "{name}: {edited:?}, fresh {loaded:?}\n{}", draft.text());
        }
        let messages = |engine: &Engine| {
            let mut all: Vec<String> = engine.problems().into_iter().map(|it| it.message).collect();
            all.sort();
            all
        };
        prop_assert_eq!(messages(&engine), messages(&fresh));
    }

    #[test]
    fn a_formula_has_one_meaning(source in expression(), values in prop::collection::vec(-40_i32..40, 4)) {
        let text = format!(
            "okr 1\nmetric a \"A\" {}\nmetric b \"B\" {}\nmetric c \"C\" {} / 4\nmetric d \"D\" {} / 8\nmetric f \"F\" {source}\n",
            values[0], values[1], values[2], values[3],
        );
        let loaded = plan::load_text("f.okr", text.clone(), Path::new("."));
        let (plan, problems) = plan::resolve(loaded);
        prop_assume!(problems.iter().all(|problem| !problem.is_error()));
        let engine = Engine::new(Arc::new(plan), Options::default());
        for formula in 0..engine.plan.formulas.len() as u32 {
            let [walked, lowered, evaluated] = engine.three_ways(formula);
            let agree = |left: f64, right: f64| {
                (left.is_nan() && right.is_nan()) || (left - right).abs() <= 1e-12 * left.abs().max(1.0)
            };
            prop_assert!(agree(walked, lowered), "{text}walked {walked}, lowered {lowered}");
            prop_assert!(agree(walked, evaluated), "{text}walked {walked}, evalexpr {evaluated}");
        }
    }
}

/// Formulas of every operator and function.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b", "c", "d", "0", "1", "2.5", "40%"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "^"]);
        let comparison = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
        let one = prop::sample::select(vec![
            "abs", "round", "floor", "ceil", "sqrt", "exp", "ln", "log10", "-",
        ]);
        let many = prop::sample::select(vec!["min", "max", "sum", "mean", "median", "count"]);
        prop_oneof![
            (pair.clone(), operator).prop_map(|((l, r), op)| format!("({l} {op} {r})")),
            (inner.clone(), one).prop_map(|(it, name)| format!("{name}({it})")),
            (prop::collection::vec(inner.clone(), 1..4), many)
                .prop_map(|(list, name)| format!("{name}({})", list.join(", "))),
            pair.clone().prop_map(|(l, r)| format!("mod({l}, {r})")),
            (pair.clone(), inner.clone()).prop_map(|((l, r), x)| format!("clamp({x}, {l}, {r})")),
            (pair.clone(), pair, comparison, prop::bool::ANY).prop_map(
                |((l, r), (x, y), op, not)| {
                    let not = if not { "not " } else { "" };
                    format!("if({not}{l} {op} {r} and {x} > 0 or {y} == 1, {x}, {y})")
                }
            ),
        ]
    })
}
