//! What a cell hangs on (`capacity.md`, "sensitivity"): every uncertain or given input at a low and a
//! high value, one at a time, all else at its point value.

use super::sensitivity_trial::{Lever, Trial, What};
use super::standpoint::Standpoint;
use crate::engine::{Engine, Origin, Reach, Way};
use crate::estimate::Distribution;
use crate::plan::cell::{CELLS, Cell, Field, Range};
use crate::plan::model::{Amount, Draw, Grading, Input};
use crate::quantity::UnitId;
use serde::Serialize;
use std::ops::ControlFlow;

/// By how much a given number is varied.
const GIVEN: f64 = 0.1;

/// `okr sensitivity`
#[derive(Clone, Debug, Serialize)]
pub struct Sensitivity {
    /// `okr.sensitivity/1`
    pub schema: &'static str,
    /// The cell.
    pub cell: String,
    /// The cell with all inputs at their point values.
    pub base: f64,
    /// The inputs that can reach it, the largest swing first.
    pub inputs: Vec<Swing>,
    /// From where this looks.
    #[serde(flatten)]
    pub standpoint: Standpoint,
    /// The base as people read it.
    #[serde(skip)]
    pub shown: String,
}

/// What one input does.
#[derive(Clone, Debug, Serialize)]
pub struct Swing {
    /// The input's path; of initiatives also `i.draws.team.bucket`, `i.moves.o.kr`, `i.closes.o.kr`.
    pub id: String,
    /// Its P10, or nine tenths of it, in its unit.
    pub low: f64,
    /// Its P90, or eleven tenths of it.
    pub high: f64,
    /// The cell with the low value; null where it has no number then.
    pub at_low: Option<f64>,
    /// The cell with the high value.
    pub at_high: Option<f64>,
    /// The distance of the two; of one of them from the base where the other is null.
    pub swing: f64,
    /// Whether it is a range of the plan; else it is a given number, varied by a tenth.
    pub uncertain: bool,
    /// The input's ends and the cell there, as people read them.
    #[serde(skip)]
    pub shown: [String; 4],
}

/// An input to vary.
struct Candidate {
    id: String,
    lever: Lever,
    way: Way,
    low: f64,
    high: f64,
    unit: UnitId,
    uncertain: bool,
}

/// Is told how many of how many inputs are done; may stop the work.
pub type GoOn<'g> = &'g mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// Varies the inputs of a cell one by one. `None` if that is stopped.
///
/// # Errors
///
/// If the cell has no number to begin with: why, in words.
pub fn sensitivity(
    engine: &Engine,
    cell: Cell,
    go_on: GoOn<'_>,
) -> Result<Option<Sensitivity>, String> {
    let plan = &engine.plan;
    let name = plan.cell_name(cell);
    let value = engine.read(cell);
    let Some(base) = value.number() else {
        return Err(format!("`{name}` has no number ({}), so nothing can move it", value.word()));
    };
    let candidates = candidates(engine, cell);
    let mut trial = Trial::new(engine, cell);
    let mut inputs = Vec::with_capacity(candidates.len());
    let count = candidates.len();
    for (done, candidate) in candidates.into_iter().enumerate() {
        if go_on(done, count).is_break() {
            return Ok(None);
        }
        inputs.push(swing(&mut trial, base, candidate));
    }
    // Ties stay in the order of the plan.
    inputs.sort_by(|a, b| b.swing.total_cmp(&a.swing));
    Ok(Some(Sensitivity {
        schema: "okr.sensitivity/1",
        cell: name,
        base,
        inputs,
        standpoint: Standpoint::of(engine),
        shown: plan.units.show(base, plan.unit_of(cell)),
    }))
}

fn swing(trial: &mut Trial, base: f64, candidate: Candidate) -> Swing {
    let Candidate { id, lever, way, low, high, unit, uncertain } = candidate;
    let at_low = trial.with(lever, &way, low);
    let at_high = trial.with(lever, &way, high);
    let swing = match (at_low, at_high) {
        (Some(low), Some(high)) => (high - low).abs(),
        (one, other) => one.or(other).map_or(0.0, |it| (it - base).abs()),
    };
    let plan = trial.plan();
    let units = &plan.units;
    let of_cell = |value: Option<f64>| match value {
        Some(value) => units.show(value, plan.unit_of(trial.cell())),
        None => "error".into(),
    };
    let shown = [units.show(low, unit), units.show(high, unit), of_cell(at_low), of_cell(at_high)];
    Swing { id, low, high, at_low, at_high, swing, uncertain, shown }
}

/// The inputs that can reach a cell, in the order of the plan's kinds.
fn candidates(engine: &Engine, cell: Cell) -> Vec<Candidate> {
    let mut found = Vec::new();
    let reach = Reach::new(engine);
    for entry in CELLS {
        // An order is no quantity, and bounds of shares bind only who plans.
        let left_out = matches!(
            entry.field,
            Field::InitiativePriority | Field::BucketFloor | Field::BucketCeiling
        );
        if left_out {
            continue;
        }
        for index in 0..count_of(engine, entry.field) {
            let input = Cell::new(entry.field, index);
            let Some(candidate) = cell_candidate(engine, input).filter(|_| input != cell) else {
                continue;
            };
            let way = reach.way(Origin::Cell(input), cell);
            found.extend(way.map(|way| Candidate { way, ..candidate }));
        }
    }
    for place in 0..engine.funding().portfolio.works.len() {
        work_candidates(&reach, engine, place, cell, &mut found);
    }
    found
}

fn count_of(engine: &Engine, field: Field) -> usize {
    use crate::plan::cell::Kind;
    let plan = &engine.plan;
    match field.entry().kind {
        Kind::Cycle => plan.cycles.len(),
        Kind::Team => plan.teams.len(),
        Kind::Bucket => plan.buckets.len(),
        Kind::Metric => plan.metrics.len(),
        Kind::Objective => plan.objectives.len(),
        Kind::Kr => plan.krs.len(),
        Kind::Initiative => plan.initiatives.len(),
    }
}

/// An input cell with a number or a range of its own.
fn cell_candidate(engine: &Engine, cell: Cell) -> Option<Candidate> {
    let input = engine.input_in_force(cell)?;
    let value = engine.read(cell).number()?;
    let is_number = matches!(input.amount, Amount::Number(_));
    let index = cell.index as usize;
    let out_of_reach = match cell.field {
        Field::InitiativeChance | Field::InitiativeFinished => !engine.takes_part(index),
        Field::KrActual => !engine.plan.krs[index].grading.is_numeric(),
        _ => false,
    };
    if out_of_reach {
        return None;
    }
    let range = engine.plan.ranges.get(&input.place);
    if range.is_none() && !is_number {
        return None;
    }
    let (low, high) = match ends(engine, range.map(Vec::as_slice)) {
        Some(ends) => ends,
        None if is_number => given(value)?,
        None => return None,
    };
    let (least, greatest) = match cell.field.entry().range {
        Range::Any if is_score(engine, cell) => (0.0, 1.0),
        Range::Any => (f64::NEG_INFINITY, f64::INFINITY),
        Range::NotNegative if cell.field == Field::BucketShare => (0.0, room(engine, index, value)),
        Range::NotNegative => (0.0, f64::INFINITY),
        Range::Share => (0.0, 1.0),
    };
    Some(Candidate {
        id: engine.plan.cell_name(cell),
        lever: Lever::Cell(cell),
        way: Way::default(),
        low: low.max(least),
        high: high.min(greatest),
        unit: engine.plan.unit_of(cell),
        uncertain: range.is_some(),
    })
}

/// Whether a cell is the actual of a score, which is a grade.
fn is_score(engine: &Engine, cell: Cell) -> bool {
    cell.field == Field::KrActual && engine.plan.krs[cell.index as usize].grading == Grading::Score
}

/// The greatest share of a bucket that the fixed shares of its team leave it.
fn room(engine: &Engine, bucket: usize, share: f64) -> f64 {
    let team = &engine.plan.teams[engine.plan.buckets[bucket].team as usize];
    let others = team.buckets.clone().filter(|&it| it as usize != bucket);
    let fixed = others.filter(|&it| !engine.takes_rest(it));
    let sum: f64 = fixed.filter_map(|it| engine.bucket_share(it as usize).number()).sum();
    (1.0 - sum).max(share)
}

/// P10 and P90 of a range that is none of a point.
fn ends(engine: &Engine, range: Option<&[Input]>) -> Option<(f64, f64)> {
    let ends: Option<Vec<f64>> = range?.iter().map(|end| engine.bound(*end)).collect();
    let distribution = Distribution::of(&ends?)?;
    Some((distribution.quantile(0.1), distribution.quantile(0.9)))
}

/// A tenth less and a tenth more; `None` of nothing, which a tenth does not move.
fn given(value: f64) -> Option<(f64, f64)> {
    (value != 0.0).then(|| (value - GIVEN * value.abs(), value + GIVEN * value.abs()))
}

/// What an initiative draws, moves and closes.
fn work_candidates(
    reach: &Reach<'_>,
    engine: &Engine,
    place: usize,
    cell: Cell,
    found: &mut Vec<Candidate>,
) {
    let plan = &engine.plan;
    let index = engine.funding().portfolio.works[place].initiative;
    let initiative = &plan.initiatives[index as usize];
    let id = plan.source(initiative.name);
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: String, input: Input, unit: UnitId, within: (f64, f64), origin, what| {
        let before = names.iter().filter(|it| **it == name).count();
        names.push(name.clone());
        let name = if before == 0 { name } else { format!("{name}#{}", before + 1) };
        let range = plan.ranges.get(&input.place);
        let is_number = matches!(input.amount, Amount::Number(_));
        let ends = ends(engine, range.map(Vec::as_slice))
            .or_else(|| engine.bound(input).filter(|_| is_number).and_then(given));
        let (Some((low, high)), Some(way)) = (ends, reach.way(origin, cell)) else { return };
        found.push(Candidate {
            id: name,
            lever: Lever::Amount { at: input.place, work: place, what },
            way,
            low: low.max(within.0),
            high: high.min(within.1),
            unit,
            uncertain: range.is_some(),
        });
    };
    for (estimate, draw) in &initiative.draws {
        let from = match *draw {
            Draw::Bucket(bucket) => plan.bucket_id(bucket as usize),
            Draw::Team(team) => plan.source(plan.teams[team as usize].name).to_owned(),
        };
        let name = format!("{id}.draws.{from}");
        let within = (0.0, f64::INFINITY);
        let origin = Origin::Draws(index);
        add(name, estimate.mean, UnitId::PERSON_WEEKS, within, origin, What::Draws);
    }
    let any = (f64::NEG_INFINITY, f64::INFINITY);
    for (line, (kr, estimate)) in (0_u32..).zip(&initiative.moves) {
        let name = format!("{id}.moves.{}", plan.kr_id(*kr as usize));
        let what = What::Effect { kr: *kr, line, closes: false };
        add(name, estimate.mean, plan.krs[*kr as usize].unit, any, Origin::Effect(*kr), what);
    }
    for (line, (estimate, kr)) in (0_u32..).zip(&initiative.closes) {
        let name = format!("{id}.closes.{}", plan.kr_id(*kr as usize));
        let what = What::Effect { kr: *kr, line, closes: true };
        add(name, estimate.mean, UnitId::PERCENT, (0.0, 1.0), Origin::Effect(*kr), what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Options;
    use crate::plan;
    use std::sync::Arc;

    fn engine(text: &str) -> Engine {
        let folder = std::path::Path::new(".");
        let (plan, problems) = plan::resolve(plan::load_text("p.okr", text, folder));
        assert!(problems.iter().all(|it| !it.is_error()), "{problems:?}");
        Engine::new(Arc::new(plan), Options::default())
    }

    const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
metric arr "ARR" 80 .. 120
team t "T" { people 2; leave 1 .. 5 pw; focus 50%; bucket x 60%; bucket y 40% }
team u "U" { capacity 9 pw }
objective o "O" {
  owner t
  kr a "A" { baseline 0; target arr; actual 20; weight 2 }
  kr b "B" { baseline 900; target 400; actual 800 }
}
objective p "P" { owner u
  kr far "Far" { target 10; actual 3 }
}
initiative one "1" { draws 10 .. 20 pw from t.x; moves o.a by 10 .. 60; chance 80% }
initiative two "2" { draws 3 pw from u; closes 20% of o.b }
initiative three "3" { draws 3 pw from u; moves p.far by 2 }
"#;

    fn of(path: &str) -> Sensitivity {
        let engine = engine(PLAN);
        let Ok(plan::Found::Cell(cell)) = engine.plan.find(path, Default::default()) else {
            panic!("{path} is no cell");
        };
        let found = sensitivity(&engine, cell, &mut |_, _| ControlFlow::Continue(()));
        found.expect("it has a number").expect("nobody stops it")
    }

    #[test]
    fn inputs_that_reach_a_cell_one_at_a_time() {
        let found = of("o.a.projected");
        let ids: Vec<&str> = found.inputs.iter().map(|it| it.id.as_str()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        let wanted = [
            "o.a.actual",
            "one.chance",
            "one.draws.t.x",
            "one.moves.o.a",
            "t.focus",
            "t.leave",
            "t.people",
            "t.x.share",
        ];
        assert_eq!(sorted, wanted);
        assert_eq!(ids[0], "one.moves.o.a");
        assert!(found.inputs.windows(2).all(|pair| pair[0].swing >= pair[1].swing));
    }

    #[test]
    fn each_is_the_plan_with_that_number() {
        for path in
            ["o.a.projected", "o.projected_grade", "q.projected_grade", "one.funded", "o.a.grade"]
        {
            let found = of(path);
            for input in &found.inputs {
                for (value, at) in [(input.low, input.at_low), (input.high, input.at_high)] {
                    let text = with(&input.id, value);
                    let engine = engine(&text);
                    let Ok(plan::Found::Cell(cell)) = engine.plan.find(path, Default::default())
                    else {
                        panic!("{path} is no cell");
                    };
                    let wanted = engine.read(cell).number().expect("a number");
                    let at = at.expect("a number");
                    assert!((at - wanted).abs() < 1e-9, "{path} by {}: {at} {wanted}", input.id);
                }
            }
        }
    }

    /// The plan with another number for an input.
    fn with(id: &str, value: f64) -> String {
        let (from, to) = match id {
            "arr" => ("80 .. 120", format!("{value}")),
            "t.people" => ("people 2", format!("people {value}")),
            "t.leave" => ("1 .. 5 pw", format!("{value} pw")),
            "t.focus" => ("focus 50%", format!("focus {value}")),
            "t.x.share" => ("x 60%", format!("x {value}")),
            "t.y.share" => ("y 40%", format!("y {value}")),
            "u.capacity" => ("capacity 9", format!("capacity {value}")),
            "o.a.actual" => ("actual 20", format!("actual {value}")),
            "o.a.weight" => ("weight 2", format!("weight {value}")),
            "o.b.baseline" => ("baseline 900", format!("baseline {value}")),
            "o.b.target" => ("target 400", format!("target {value}")),
            "o.b.actual" => ("actual 800", format!("actual {value}")),
            "p.far.target" => ("target 10", format!("target {value}")),
            "p.far.actual" => ("actual 3 ", format!("actual {value} ")),
            "one.chance" => ("chance 80%", format!("chance {value}")),
            "one.draws.t.x" => ("10 .. 20 pw", format!("{value} pw")),
            "one.moves.o.a" => ("by 10 .. 60", format!("by {value}")),
            "two.draws.u" => ("3 pw from u; closes", format!("{value} pw from u; closes")),
            "two.closes.o.b" => ("closes 20%", format!("closes {value}")),
            "three.draws.u" => ("3 pw from u; moves", format!("{value} pw from u; moves")),
            "three.moves.p.far" => ("by 2 ", format!("by {value} ")),
            other => panic!("{other} is not foreseen"),
        };
        assert!(PLAN.contains(from), "{from}");
        PLAN.replace(from, &to)
    }

    const TIED: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
metric size "Size" 3
team t "T" { people 3; bucket x 40%; bucket y 30%; bucket z rest }
team u "U" { capacity 9 pw; when_short prorata; bucket v 50%; bucket w 50% }
team n "N" { bucket k 100% }
objective o "O" {
  owner t
  kr a "A" { baseline 0; target 100; actual 20; weight 2 }
  kr b "B" { baseline 900; target 400; actual 800 }
  kr c "C" { grading score; actual 0.95 }
  kr d "D" { target 40; grading curve 10 -> 0.3, 40 -> 1 }
}
initiative one "1" { draws 10 .. 20 pw from t.x; moves o.a by 10 .. 60; chance 80% }
initiative two "2" { draws 9 pw from t.y; draws 4 pw from u.v; closes 20% of o.b; moves o.d by 8 }
initiative three "3" { draws 3 pw from u.v; moves o.b by -200; needs two; finished 20% }
initiative four "4" { draws 5 pw from u.w; closes 40% of o.b; pays when_done; needs one; priority 2 }
initiative five "5" { draws size * 4 pw from t.z; moves o.a by size * 5; pays curve 0.5 -> 0.2, 1 -> 1 }
initiative six "6" { draws 2 pw from n.k; moves o.c by 0.02 }
initiative seven "7" { moves o.d by 12; needs four; chance 50% }
"#;

    #[test]
    fn all_that_follows_from_an_input_is_computed_again() {
        let engine = engine(TIED);
        for path in ["q.projected_grade", "o.a.projected", "o.b.projected_grade", "o.d.projected"] {
            let Ok(plan::Found::Cell(cell)) = engine.plan.find(path, Default::default()) else {
                panic!("{path} is no cell");
            };
            let mut trial = Trial::new(&engine, cell);
            let all = candidates(&engine, cell);
            assert!(all.len() > 4, "{path}: {}", all.len());
            for it in all {
                for value in [it.low, it.high] {
                    let found = trial.with(it.lever, &it.way, value);
                    let wanted = Trial::new(&engine, cell).with_all(it.lever, value);
                    let near = found.zip(wanted).is_some_and(|(a, b)| (a - b).abs() < 1e-12);
                    assert!(
                        near || found == wanted,
                        "{path} {} {value}: {found:?} {wanted:?}",
                        it.id
                    );
                }
            }
        }
    }

    #[test]
    fn ranges_at_their_tenths_and_given_numbers_a_tenth_away() {
        let found = of("o.projected_grade");
        let of = |id: &str| found.inputs.iter().find(|it| it.id == id).expect(id).clone();
        let chance = of("one.chance");
        assert!((chance.low - 0.72).abs() < 1e-12 && (chance.high - 0.88).abs() < 1e-12);
        assert!(!chance.uncertain && of("one.moves.o.a").uncertain);
        let moves = Distribution::of(&[10.0, 60.0]).expect("in order");
        assert_eq!(of("one.moves.o.a").low, moves.quantile(0.1));
        assert!(of("arr").uncertain);
        // Both buckets have shares: neither can have more.
        assert_eq!(of("t.x.share").high, 0.6);
        assert!((of("t.x.share").low - 0.54).abs() < 1e-12);
        assert!(
            found.inputs.iter().all(|it| it.id != "p.far.actual" && it.id != "three.moves.p.far")
        );
    }

    #[test]
    fn without_a_number_there_is_nothing_to_move() {
        let engine = engine(&PLAN.replace("actual 3 ", ""));
        let cell = Cell::new(Field::KrGrade, 2);
        let found = sensitivity(&engine, cell, &mut |_, _| ControlFlow::Continue(()));
        assert!(found.is_err_and(|message| message.contains("no data")));
    }
}
