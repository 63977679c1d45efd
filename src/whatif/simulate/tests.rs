use super::super::random::Key;
use super::*;
use crate::engine::{Options, value_of};
use crate::estimate::{Distribution, deviate, share_below};
use crate::plan;
use std::sync::Arc;

const SAMPLES: u64 = 150;

fn engine(text: &str) -> Engine {
    let (plan, problems) = plan::resolve(plan::load_text("p.okr", text, std::path::Path::new(".")));
    let errors: Vec<_> = problems.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    Engine::new(Arc::new(plan), Options::default())
}

fn cell(engine: &Engine, path: &str) -> Cell {
    match engine.plan.find(path, Default::default()) {
        Ok(plan::Found::Cell(cell)) => cell,
        other => panic!("{path}: {other:?}"),
    }
}

fn all(futures: &Futures<'_>, observed: Observed, samples: u64) -> Vec<f64> {
    let values = futures.values(observed, samples, &unwatched).expect("nobody stops it");
    (0..samples as usize).map(|at| values.get(at)).collect()
}

/// An uncertain number in a plan: where it stands, what it is called, and its ends.
struct Blank {
    mark: &'static str,
    name: &'static str,
    ends: &'static [f64],
    /// The team that it varies with.
    team: Option<&'static str>,
}

const fn blank(
    mark: &'static str,
    name: &'static str,
    ends: &'static [f64],
    team: Option<&'static str>,
) -> Blank {
    Blank { mark, name, ends, team }
}

const BLANKS: &[Blank] = &[
    blank("$1", "one.draws.t.x", &[3.0, 9.0], Some("t")),
    blank("$2", "one.draws.t.y", &[1.0, 2.0, 6.0], Some("t")),
    blank("$3", "two.draws.t.x", &[2.0, 7.0], Some("t")),
    blank("$4", "two.draws.t.x#2", &[0.5, 1.5], Some("t")),
    blank("$5", "three.draws.u", &[4.0, 12.0], Some("u")),
    blank("$6", "one.moves.o.a", &[-10.0, 60.0], None),
    blank("$7", "two.closes.o.b", &[0.1, 0.9], None),
    blank("$8", "three.moves.o.c", &[-200.0, -60.0], None),
    blank("$9", "four.moves.p.new", &[1.0, 2.0, 9.0], None),
];

const CHANCES: &[(&str, &str, f64)] = &[("@1", "one.chance", 0.7), ("@2", "three.chance", 0.4)];

const PLAN: &str = r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
policy { effort_correlation 0.45; missing skip }
metric arr "ARR" 250
team t "T" { capacity 20 pw; bucket x 55%; bucket y rest; when_short prorata }
team u "U" { capacity 9 pw; parent t }
team v "V" { capacity 3 pw; bucket z 50%; bucket w rest; parent t; kind bau }
policy bau { green 0.5 }
objective o "O" {
  owner t
  kr a "A" { baseline 0; target 100; actual 20; weight 2 }
  kr b "B" { target 50; actual 10; grading steps 12 -> 0.2, 25 -> 0.5, 45 -> 1; kind committed }
  kr c "C" { baseline 900; target 400; actual 800; grading curve 700 -> 0.3, 500 -> 0.7, 450 -> 1 }
  kr guard "G" { keep <= 700; kind guardrail }
}
objective p "P" {
  owner u
  weight 3
  kr f "F" { target 2; grading formula clamp(o.a.actual / 100 + new.actual / arr, 0, 1) ^ 2 }
  kr g "G" { target max(o.a.actual, 30) * 2; actual 40 }
  kr new "New" { baseline 10; target 20 }
  kr pace "Pace" { target 3; grading formula o.a.progress + o.b.grade / 3 }
  kr div "Div" { target 3; grading formula if(o.a.actual > 40, 1 / (o.a.actual - 40), 0) }
  kr sc "Score" { grading score; actual 0.4 }
  kr gone "Gone" { actual n/a; target 3 }
  kr still "Still" { target 10; actual 7 }
}
objective r "R" {
  owner v
  kr load "Load" { keep <= 130%; actual t.x.load * 100% }
  kr dem "Dem" { target 40; actual t.x.demand / 1 pw }
  kr fun "Fun" { target 1; grading formula if(one.funded >= 0.9, two.paid, 0) }
  kr count "Count" { target 4; grading formula count(p.new.actual, o.c.actual) / 4 }
  kr pro "Pro" { target 100; actual o.a.projected }
  kr curvy "Curvy" { target 10; actual 4; grading curve o.a.actual / 10 -> 0.5, 20 -> 1 }
}
initiative one "1" { draws $1 from t.x; draws $2 from t.y; moves o.a by $6; chance @1 }
initiative two "2" {
  draws $3 from t.x; draws $4 from t.x; draws 1 pw from v.z; closes $7 of o.b; moves o.a by 5
  pays curve 0.5 -> 0.2, 1 -> 1
}
initiative three "3" {
  draws $5 from u; draws 2 pw from t.y; moves o.c by $8; moves o.guard by 1; chance @2; priority -1
  moves p.sc by 0.3; moves o.a by 7
}
initiative four "4" { draws 5 pw from u; moves p.new by $9; needs three; pays when_done; finished 20% }
initiative five "5" { draws 1 pw from v.w; closes 20% of o.b; moves o.a by 3; needs one; finished 50% }
"#;

fn drawn(blank: &Blank, draw: u64) -> f64 {
    let normal = |name: &str| {
        let mut out = [0.0];
        Key::of(7, name).normals(draw, &mut out);
        out[0]
    };
    let own = normal(blank.name);
    let deviate = match blank.team {
        Some(team) => 0.45_f64.sqrt() * normal(&format!("{team}.effort")) + 0.55_f64.sqrt() * own,
        None => own,
    };
    let value = Distribution::of(blank.ends).expect("in order").at(deviate);
    if blank.name.contains("closes") { value.clamp(0.0, 1.0) } else { value }
}

fn number(value: f64) -> String {
    format!("{value:.17}")
}

/// The plan of one future, with numbers where the ranges were.
fn future(draw: u64) -> Engine {
    let mut text = PLAN.to_owned();
    for blank in BLANKS {
        let unit = if blank.team.is_some() { " pw" } else { "" };
        text = text.replace(blank.mark, &format!("{}{unit}", number(drawn(blank, draw))));
    }
    for (mark, name, chance) in CHANCES {
        let mut out = [0.0];
        Key::of(7, name).chances(draw, *chance, &mut out);
        text = text.replace(mark, &number(out[0]));
    }
    engine(&text)
}

fn uncertain() -> Engine {
    let mut text = PLAN.to_owned();
    for blank in BLANKS {
        let ends: Vec<String> = blank.ends.iter().map(|it| number(*it)).collect();
        let unit = if blank.team.is_some() { " pw" } else { "" };
        text = text.replace(blank.mark, &format!("{}{unit}", ends.join(" .. ")));
    }
    for (mark, _, chance) in CHANCES {
        text = text.replace(mark, &number(*chance));
    }
    engine(&text)
}

/// Every cell that a simulation knows.
fn cells(engine: &Engine) -> Vec<Cell> {
    let plan = &engine.plan;
    let of = |field, count: usize| (0..count).map(move |index| Cell::new(field, index));
    of(Field::KrProjected, plan.krs.len())
        .chain(of(Field::KrProjectedGrade, plan.krs.len()))
        .chain(of(Field::ObjectiveProjectedGrade, plan.objectives.len()))
        .chain(of(Field::TeamProjectedGrade, plan.teams.len()))
        .chain(of(Field::CycleProjectedGrade, plan.cycles.len()))
        .chain(of(Field::BucketDemand, plan.buckets.len()))
        .chain(of(Field::BucketLoad, plan.buckets.len()))
        .chain(of(Field::InitiativeFunded, plan.initiatives.len()))
        .chain(of(Field::InitiativePaid, plan.initiatives.len()))
        .collect()
}

#[test]
fn a_future_is_the_plan_with_its_draws_for_numbers() {
    let uncertain = uncertain();
    let cells = cells(&uncertain);
    let lowered = Futures::new(&uncertain, 7, &cells);
    let values: Vec<Vec<f64>> =
        cells.iter().map(|it| all(&lowered, Observed::Cell(*it), SAMPLES)).collect();
    let mut differing = 0;
    for draw in 0..SAMPLES as usize {
        let future = future(draw as u64);
        for (cell, values) in cells.iter().zip(&values) {
            let (found, wanted) = (value_of(values[draw]), future.read(*cell));
            let close = match (found, wanted) {
                (Value::Number(found), Value::Number(wanted)) => {
                    (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0)
                }
                (found, wanted) => found == wanted,
            };
            let name = uncertain.plan.cell_name(*cell);
            assert!(close, "{name} in future {draw}: {found:?}, not {wanted:?}");
            differing += usize::from(values[draw] != values[0]);
        }
    }
    assert!(differing > 20 * SAMPLES as usize, "the plan is uncertain: {differing}");
}

#[test]
fn lowered_and_scalar_agree() {
    let uncertain = uncertain();
    let cells = cells(&uncertain);
    let (lowered, scalar) =
        (Futures::new(&uncertain, 3, &cells), Futures::scalar(&uncertain, 3, &cells));
    for cell in cells {
        let found = all(&lowered, Observed::Cell(cell), 1_100);
        let wanted = all(&scalar, Observed::Cell(cell), 1_100);
        for (draw, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            let close = match (value_of(*found), value_of(wanted)) {
                (Value::Number(found), Value::Number(wanted)) => {
                    (found - wanted).abs() <= 1e-12 * wanted.abs().max(1e-3)
                }
                (found, wanted) => found == wanted,
            };
            let name = uncertain.plan.cell_name(cell);
            assert!(close, "{name} in future {draw}: {found:?}, not {wanted:?}");
        }
    }
}

#[test]
fn capacities_that_follow_from_grades_are_computed_by_the_engine() {
    let plan = engine(
        r#"okr 1
cycle q "Q" 2026-01-05 .. 2026-04-05
team t "T" { people 1 }
team u "U" { people 1 + o.a.actual; bucket x 50%; bucket y rest }
objective o "O" {
  owner t
  kr a "A" { target 10; actual 2 }
  kr b "B" { target 300; grading formula u.capacity / 300 pw }
  kr c "C" { target 300; grading formula u.y.capacity / 300 pw }
}
initiative i "I" { draws 4 .. 20 pw from t; moves o.a by 6 }
"#,
    );
    let futures = Futures::new(&plan, 1, &[]);
    let read = |path: &str| all(&futures, Observed::Cell(cell(&plan, path)), 50);
    let (actual, whole, half) =
        (read("o.a.projected"), read("o.b.projected_grade"), read("o.c.projected_grade"));
    assert!(actual.iter().any(|it| *it != actual[0]));
    for ((actual, whole), half) in actual.iter().zip(whole).zip(half) {
        let capacity = (1.0 + actual) * 13.0 / 300.0;
        assert!((whole - capacity).abs() < 1e-12 && (half - capacity / 2.0).abs() < 1e-12);
    }
}

/// A plan whose only work draws and moves what the test says.
fn alone(work: &str) -> Engine {
    engine(&format!(
        "okr 1\ncycle q \"Q\" 2026-01-05 .. 2026-04-05\nteam t \"T\" {{ capacity 20 pw }}\n\
         objective o \"O\" {{ owner t\nkr a \"A\" {{ target 100 }}\n}}\n{work}"
    ))
}

#[test]
fn means_and_tails_are_those_of_the_distributions() {
    for (ends, plain) in [
        (&[5.0, 20.0][..], "5 .. 20"),
        (&[-20.0, -5.0], "-20 .. -5"),
        (&[-5.0, 20.0], "-5 .. 20"),
        (&[1.0, 2.0, 9.0], "1 .. 2 .. 9"),
        (&[0.0, 0.0, 4.0], "0 .. 0 .. 4"),
    ] {
        let plan = alone(&format!("initiative i \"I\" {{ moves o.a by {plain} }}"));
        let count = 60_000;
        let futures = Futures::new(&plan, 5, &[]);
        let values = all(&futures, Observed::Cell(cell(&plan, "o.a.projected")), count);
        let mean = values.iter().sum::<f64>() / count as f64;
        let spread = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count as f64;
        let wanted = crate::estimate::mean(ends).expect("in order");
        assert!((mean - wanted).abs() < 4.0 * (spread / count as f64).sqrt(), "{plain}: {mean}");
        let it = Distribution::of(ends).expect("in order");
        for share in [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999] {
            let at = it.quantile(share);
            let below = values.iter().filter(|it| **it <= at).count() as f64 / count as f64;
            let spread = (share * (1.0 - share) / count as f64).sqrt();
            assert!((below - share).abs() < 4.5 * spread, "{plain} at {share}: {below}");
        }
    }
}

#[test]
fn efforts_of_a_team_vary_together_and_others_do_not() {
    let work = "initiative i \"I\" { draws 4 .. 9 pw from t; moves o.a by 1 }\n\
                initiative j \"J\" { draws 4 .. 9 pw from t; moves o.a by 1 .. 9 }\n\
                initiative k \"K\" { draws 4 .. 9 pw from u; moves o.a by 1 .. 9 }\n\
                team u \"U\" { capacity 9 pw }\n";
    let plan = alone(work);
    let futures = Futures::new(&plan, 5, &[]);
    let pot = |id: usize| all(&futures, Observed::Demand(id), 40_000);
    let (of_t, of_u) = (pot(0), pot(1));
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / values.len() as f64
    };
    // Two lognormals with normals of correlation ρ: cov = m² (e^{ρσ²} − 1).
    let sigma = (9.0_f64 / 4.0).ln() / (2.0 * deviate(0.95));
    let mean = crate::estimate::mean(&[4.0, 9.0]).expect("in order");
    let single = mean * mean * ((sigma * sigma).exp() - 1.0);
    let both = 2.0 * single + 2.0 * mean * mean * ((0.3 * sigma * sigma).exp() - 1.0);
    assert!((variance(&of_u) / single - 1.0).abs() < 0.03, "{} {single}", variance(&of_u));
    assert!((variance(&of_t) / both - 1.0).abs() < 0.03, "{} {both}", variance(&of_t));
    let sum: Vec<f64> = of_t.iter().zip(&of_u).map(|(t, u)| t + u).collect();
    assert!((variance(&sum) / (single + both) - 1.0).abs() < 0.03);
}

#[test]
fn a_later_initiative_shifts_no_earlier_draw() {
    let first = "initiative i \"I\" { draws 4 .. 9 pw from t; moves o.a by 1 .. 20; chance 60% }\n";
    let more = "team u \"U\" { capacity 9 pw }\nobjective z \"Z\" { owner u\nkr k \"K\" { target 9 } }\n\
                initiative a \"A\" { draws 1 .. 9 pw from u; moves z.k by 1 .. 2; chance 40%; priority -3 }\n";
    let (short, long) = (alone(first), alone(&format!("{more}{first}")));
    let values = |plan: &Engine| {
        all(&Futures::new(plan, 42, &[]), Observed::Cell(cell(plan, "o.a.projected")), 3000)
    };
    assert_eq!(values(&short), values(&long));
}

#[test]
fn the_probability_of_too_much_is_known() {
    let plan = alone("initiative i \"I\" { draws 10 .. 40 pw from t; moves o.a by 1 }\n");
    let summary = Futures::new(&plan, 42, &[]).summary(60_000, &[], &unwatched).expect("runs");
    let bucket = &summary.buckets[0];
    // The median of 10 .. 40 is the capacity of 20.
    assert!((bucket.p_over.expect("known") - 0.5).abs() < 0.009, "{bucket:?}");
    assert!((bucket.demand_p50.expect("known") - 20.0).abs() < 0.25);
    let (mu, sigma) = (20.0_f64.ln(), 4.0_f64.ln() / (2.0 * deviate(0.95)));
    // E max(0, X − K) of a lognormal.
    let d = (mu + sigma * sigma - 20.0_f64.ln()) / sigma;
    let short = (mu + sigma * sigma / 2.0).exp() * share_below(d) - 20.0 * share_below(d - sigma);
    assert!((bucket.shortfall_mean.expect("known") / short - 1.0).abs() < 0.04);
}

#[test]
fn a_summary_does_not_hang_on_the_threads() {
    let plan = uncertain();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let cell = Cell::new(Field::CycleProjectedGrade, 0);
            Futures::new(&plan, 9, &[]).summary(5_000, &[cell], &unwatched).expect("runs")
        })
    };
    let one = format!("{:?}", run(1));
    assert_eq!(one, format!("{:?}", run(2)));
    assert_eq!(one, format!("{:?}", run(5)));
}

#[test]
fn what_is_the_same_in_all_futures_needs_none() {
    let plan = alone("initiative i \"I\" { draws 10 pw from t; moves o.a by 80 }\n");
    let summary = Futures::new(&plan, 42, &[]).summary(10, &[], &unwatched).expect("runs");
    let of = |path: &str| {
        let cell = cell(&plan, path);
        summary.cells.iter().find(|it| it.cell == cell).expect("it is there").clone()
    };
    let value = of("o.a.projected");
    assert_eq!((value.mean, value.standard_error, value.p90), (Some(80.0), Some(0.0), Some(80.0)));
    assert_eq!((value.p_green, value.p_sweet), (None, None));
    let grade = of("q.projected_grade");
    assert_eq!((grade.p10, grade.p_green, grade.p_sweet), (Some(0.8), Some(1.0), Some(0.0)));
    assert_eq!(summary.buckets[0].p_over, Some(0.0));
    assert_eq!(summary.buckets[0].demand_p80, Some(10.0));
}

#[test]
fn it_stops_when_it_is_told_to() {
    let plan = uncertain();
    let stop = |done: u64, _: u64| match done {
        0..3 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let futures = Futures::new(&plan, 42, &[]);
    assert_eq!(futures.summary(100_000, &[], &stop), Err(Stopped));
}
