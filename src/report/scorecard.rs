//! The scorecard of an engine as data.

use super::data::*;
use crate::engine::{Engine, Mean, State, Thresholds, Value};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Bounds, Grading, KrKind, Objective, Observation};
use crate::quantity::UnitId;
use crate::syntax::keyword::TEAM_KINDS;

/// What of a plan a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    #[default]
    All,
    /// A cycle.
    Cycle(u32),
    /// A team, with the teams below it.
    Team(u32),
    /// An objective.
    Objective(u32),
    /// A key result.
    Kr(u32),
}

/// The scorecard of a plan, or of a part of it.
pub fn scorecard(engine: &Engine, part: Part) -> Scorecard {
    card(engine, part, false)
}

/// The same with where the funded work brings it.
pub fn projected_scorecard(engine: &Engine, part: Part) -> Scorecard {
    card(engine, part, true)
}

fn card(engine: &Engine, part: Part, projected: bool) -> Scorecard {
    let plan = &engine.plan;
    let id = |index: u32| plan.source(plan.cycles[index as usize].name).to_owned();
    let scenario = |index: u32| plan.source(plan.scenarios[index as usize].name).to_owned();
    let objectives = (0..plan.objectives.len()).filter(|&index| shows(engine, part, index));
    let teams = (0..plan.teams.len()).filter(|&team| shows_team(engine, part, team as u32));
    let whole = matches!(part, Part::All | Part::Cycle(_));
    let cycle_of = |objective: u32| plan.objectives[objective as usize].cycle;
    let cycle = |index: &usize| match part {
        Part::All => true,
        Part::Cycle(only) => *index == only as usize,
        Part::Team(_) => engine.moment.cycle == Some(*index as u32),
        Part::Objective(only) => cycle_of(only) == Some(*index as u32),
        Part::Kr(only) => cycle_of(plan.krs[only as usize].objective) == Some(*index as u32),
    };
    let begun = Begun::of(engine);
    Scorecard {
        schema: "okr.grade/1",
        as_of: engine.moment.as_of.map(|date| date.to_string()),
        as_of_from: engine.moment.source.words().to_owned(),
        scenario: engine.options.scenario.map(scenario),
        original: engine.options.original,
        projected,
        cycle: engine.moment.cycle.map(id),
        cycles: (0..plan.cycles.len())
            .filter(cycle)
            .map(|it| cycle_row(engine, it, projected, &begun))
            .collect(),
        teams: teams.clone().map(|index| team_row(engine, index, projected, &begun)).collect(),
        objectives: objectives.map(|index| objective_row(engine, index, part, projected)).collect(),
        capacity: match whole || matches!(part, Part::Team(_)) {
            true => teams.filter_map(|index| capacity_row(engine, index)).collect(),
            false => Vec::new(),
        },
    }
}

/// Whether an objective belongs to a part.
pub fn shows(engine: &Engine, part: Part, index: usize) -> bool {
    let objective = &engine.plan.objectives[index];
    match part {
        Part::All => true,
        Part::Cycle(cycle) => objective.cycle == Some(cycle),
        Part::Team(team) => objective.owner.is_some_and(|owner| engine.plan.is_below(owner, team)),
        Part::Objective(only) => index == only as usize,
        Part::Kr(kr) => objective.krs.contains(&kr),
    }
}

fn shows_team(engine: &Engine, part: Part, team: u32) -> bool {
    match part {
        Part::All | Part::Cycle(_) => true,
        Part::Team(above) => engine.plan.is_below(team, above),
        Part::Objective(_) | Part::Kr(_) => false,
    }
}

fn mean_state(mean: &Mean) -> &'static str {
    match mean.grade {
        Value::Number(_) => "graded",
        Value::Error => "error",
        _ => "no data",
    }
}

fn band(thresholds: &Thresholds, grade: Value) -> Option<&'static str> {
    grade.number().map(|grade| thresholds.band(grade).word())
}

/// A projected grade, where it is asked for.
fn future(engine: &Engine, field: Field, index: usize, projected: bool) -> Option<f64> {
    projected.then(|| engine.read(Cell::new(field, index)).number()).flatten()
}

/// In which teams and cycles an aspirational key result is graded: before that, nothing can be said
/// about how ambitious they are.
struct Begun {
    teams: Vec<bool>,
    cycles: Vec<bool>,
}

impl Begun {
    fn of(engine: &Engine) -> Self {
        let plan = &engine.plan;
        let mut begun =
            Self { teams: vec![false; plan.teams.len()], cycles: vec![false; plan.cycles.len()] };
        for objective in &plan.objectives {
            let graded = |kr: u32| {
                plan.krs[kr as usize].kind == KrKind::Aspirational
                    && engine.kr_state(kr as usize) == State::Graded
            };
            let of_cycle = objective.cycle.map(|it| begun.cycles[it as usize]);
            let of_team = objective.owner.map(|it| begun.teams[it as usize]);
            let known = of_cycle.unwrap_or(true) && of_team.unwrap_or(true);
            if known || !objective.krs.clone().any(graded) {
                continue;
            }
            if let Some(cycle) = objective.cycle {
                begun.cycles[cycle as usize] = true;
            }
            let in_force = objective.cycle.is_none() || objective.cycle == engine.moment.cycle;
            let mut team = objective.owner.filter(|_| in_force);
            while let Some(at) = team.filter(|at| !begun.teams[*at as usize]) {
                begun.teams[at as usize] = true;
                team = plan.teams[at as usize].parent;
            }
        }
        begun
    }
}

/// The verdict on the mean of what has begun.
fn sweet(engine: &Engine, begun: bool, mean: &Mean, of: &Thresholds) -> Option<&'static str> {
    engine.sweet_spot(mean, of).filter(|_| begun).map(|sweet| sweet.word())
}

fn cycle_row(engine: &Engine, index: usize, projected: bool, begun: &Begun) -> CycleRow {
    let cycle = &engine.plan.cycles[index];
    let mean = engine.cycle(index);
    let thresholds = engine.thresholds();
    CycleRow {
        id: engine.plan.source(cycle.name).to_owned(),
        title: engine.plan.text(cycle.title),
        from: cycle.from.to_string(),
        to: cycle.to.to_string(),
        grade: mean.grade.number(),
        band: band(&thresholds, mean.grade),
        committed_grade: mean.committed.number(),
        aspirational_grade: mean.aspirational.number(),
        elapsed: engine.elapsed(index),
        projected_grade: future(engine, Field::CycleProjectedGrade, index, projected),
        sweet_spot: sweet(engine, begun.cycles[index], &mean, &thresholds),
        state: mean_state(&mean),
    }
}

fn team_row(engine: &Engine, index: usize, projected: bool, begun: &Begun) -> TeamRow {
    let plan = &engine.plan;
    let team = &plan.teams[index];
    let mean = engine.team(index);
    let thresholds = engine.team_thresholds(Some(index as u32));
    TeamRow {
        id: plan.source(team.name).to_owned(),
        title: plan.text(team.title),
        parent: team.parent.map(|it| plan.source(plan.teams[it as usize].name).to_owned()),
        kind: team.kind.map(|kind| TEAM_KINDS[kind as usize]),
        grade: mean.grade.number(),
        band: band(&thresholds, mean.grade),
        committed_grade: mean.committed.number(),
        aspirational_grade: mean.aspirational.number(),
        projected_grade: future(engine, Field::TeamProjectedGrade, index, projected),
        sweet_spot: sweet(engine, begun.teams[index], &mean, &thresholds),
        state: mean_state(&mean),
    }
}

fn objective_row(engine: &Engine, index: usize, part: Part, projected: bool) -> ObjectiveRow {
    let plan = &engine.plan;
    let objective: &Objective = &plan.objectives[index];
    let mean = engine.objective(index);
    let (graded, of) = engine.graded_of(index);
    let status = engine.objective_status(index).map(|kind| kind.word());
    let krs = objective.krs.clone().map(|kr| kr as usize);
    let broken: Vec<String> =
        krs.clone().filter(|&kr| engine.is_broken(kr)).map(|kr| plan.kr_id(kr)).collect();
    let red = (!broken.is_empty()).then_some("red");
    let shown = |kr: &usize| !matches!(part, Part::Kr(only) if *kr != only as usize);
    ObjectiveRow {
        id: plan.source(objective.name).to_owned(),
        title: plan.text(objective.title),
        owner: objective.owner.map(|it| plan.source(plan.teams[it as usize].name).to_owned()),
        cycle: objective.cycle.map(|it| plan.source(plan.cycles[it as usize].name).to_owned()),
        kind: if objective.committed { "committed" } else { "aspirational" },
        weight: engine.read(Cell::new(Field::ObjectiveWeight, index)).number(),
        status,
        grade: mean.grade.number(),
        band: red.or_else(|| band(&engine.objective_thresholds(index), mean.grade)),
        graded,
        of,
        committed_grade: mean.committed.number(),
        aspirational_grade: mean.aspirational.number(),
        projected_grade: future(engine, Field::ObjectiveProjectedGrade, index, projected),
        broken_guardrails: broken,
        state: if status == Some("declined") { "declined" } else { mean_state(&mean) },
        key_results: krs.filter(shown).map(|kr| kr_row(engine, kr, projected)).collect(),
    }
}

/// A key result's row.
pub fn kr_row(engine: &Engine, index: usize, projected: bool) -> KrRow {
    let plan = &engine.plan;
    let kr = &plan.krs[index];
    let read = |field| engine.read(Cell::new(field, index)).number();
    let thresholds = engine.objective_thresholds(kr.objective as usize);
    let unit = plan.units.word(kr.unit);
    let keep = matches!(kr.grading, Grading::Keep { .. });
    let ways = !keep && kr.grading.is_numeric();
    let baseline = read(Field::KrBaseline)
        .filter(|_| ways && kr.grading != Grading::Score || kr.baseline.is_some());
    let target = read(Field::KrTarget).filter(|_| kr.has_target);
    let actual = actual(engine, index);
    let grade = read(Field::KrGrade);
    let pace = read(Field::KrPace);
    let forecast = read(Field::KrForecast);
    let show =
        |value: Option<f64>| value.map_or_else(String::new, |it| plan.units.show(it, kr.unit));
    let shown = Shown {
        baseline: show(baseline),
        target: show(target),
        actual: match &actual {
            Some(Actual::Number(number)) => plan.units.show(*number, kr.unit),
            Some(Actual::Word(word)) => word.clone(),
            None => String::new(),
        },
        forecast: show(forecast),
    };
    let projected_grade = future(engine, Field::KrProjectedGrade, index, projected);
    KrRow {
        id: plan.kr_id(index),
        title: plan.text(kr.title),
        kind: match kr.kind {
            KrKind::Aspirational => "aspirational",
            KrKind::Committed => "committed",
            KrKind::Guardrail => "guardrail",
        },
        grading: kr.grading.word(),
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
        baseline,
        target,
        actual,
        weight: read(Field::KrWeight),
        state: engine.kr_state(index).word(),
        progress: read(Field::KrProgress).filter(|_| engine.kr_state(index) != State::Error),
        grade,
        band: grade.map(|grade| thresholds.band(grade).word()),
        confidence: read(Field::KrConfidence),
        pace,
        forecast,
        forecast_grade: read(Field::KrForecastGrade),
        projected: future(engine, Field::KrProjected, index, projected),
        projected_grade,
        projected_band: projected_grade.map(|grade| thresholds.band(grade).word()),
        pace_word: pace.map(|pace| thresholds.pace(pace).words()),
        keep: keep_words(engine, index),
        broken: engine.is_broken(index),
        due: kr.due.as_ref().map(|due| due.date.to_string()),
        observed_on: engine.newest_checkin(index).map(|checkin| checkin.date.to_string()),
        status: engine.kr_status(index).map(|kind| kind.word()),
        shown,
    }
}

/// The observation in force: a number, a word, or a milestone's name.
fn actual(engine: &Engine, index: usize) -> Option<Actual> {
    let kr = &engine.plan.krs[index];
    let number = engine.read(Cell::new(Field::KrActual, index)).number()?;
    match kr.grading {
        Grading::Done => Some(Actual::Word(if number == 1.0 { "done" } else { "open" }.into())),
        Grading::Milestones(first, count) => {
            let at = (number as u32).min(count.saturating_sub(1));
            let milestone = engine.plan.milestones.get((first + at) as usize)?;
            Some(Actual::Word(engine.plan.text(milestone.name)))
        }
        _ => Some(Actual::Number(number)),
    }
}

/// The bound of a `keep` in words.
fn keep_words(engine: &Engine, index: usize) -> Option<String> {
    let kr = &engine.plan.krs[index];
    let Grading::Keep(bounds) = kr.grading else { return None };
    let Bounds { low, high } = engine.plan.bounds[bounds as usize];
    let show = |input: crate::plan::model::Input| match engine.bound(input) {
        Some(bound) => engine.plan.units.show(bound, kr.unit),
        None => engine.plan.source(input.place).to_owned(),
    };
    Some(match (low, high) {
        (Some(low), Some(high)) => format!("{} .. {}", show(low), show(high)),
        (Some(low), None) => format!(">= {}", show(low)),
        (None, Some(high)) => format!("<= {}", show(high)),
        (None, None) => return None,
    })
}

fn capacity_row(engine: &Engine, index: usize) -> Option<CapacityRow> {
    let plan = &engine.plan;
    let team = &plan.teams[index];
    if team.people.is_none() && team.capacity.is_none() && team.buckets.is_empty() {
        return None;
    }
    let bucket = |bucket: u32| {
        let bucket = bucket as usize;
        BucketRow {
            id: plan.bucket_id(bucket),
            title: plan.buckets[bucket].title.map(|title| plan.text(title)),
            share: engine.read(Cell::new(Field::BucketShare, bucket)).number(),
            capacity: engine.read(Cell::new(Field::BucketCapacity, bucket)).number(),
            demand: engine.demand(bucket).number(),
            load: engine.load(bucket).number(),
        }
    };
    Some(CapacityRow {
        id: plan.source(team.name).to_owned(),
        capacity: engine.read(Cell::new(Field::TeamCapacity, index)).number(),
        demand: demand_of_team(engine, index),
        buckets: team.buckets.clone().map(bucket).collect(),
        slack: engine.slack(index),
    })
}

/// What is drawn from a team's buckets, or from the one that it implies.
fn demand_of_team(engine: &Engine, team: usize) -> Option<f64> {
    let implied = engine.plan.buckets.len() + team;
    let buckets = engine.plan.teams[team].buckets.clone();
    let pots = buckets.map(|bucket| bucket as usize).chain([implied]);
    pots.map(|pot| engine.demand(pot).number()).sum()
}

/// An observation as the language writes it.
pub fn observation_words(engine: &Engine, kr: usize, observation: Observation) -> String {
    let plan = &engine.plan;
    match observation {
        Observation::Number(input) => match engine.bound(input) {
            Some(number) => plan.units.show(number, plan.krs[kr].unit),
            None => plan.source(input.place).to_owned(),
        },
        Observation::Done => "done".into(),
        Observation::Open => "open".into(),
        Observation::NotApplicable => "n/a".into(),
        Observation::Milestone(at) => match plan.krs[kr].grading {
            Grading::Milestones(first, _) => plan.text(plan.milestones[(first + at) as usize].name),
            _ => String::new(),
        },
        Observation::Bad => "error".into(),
    }
}

/// A number with its unit, or the word for what there is instead.
pub fn shown(engine: &Engine, value: Value, unit: UnitId) -> String {
    match value {
        Value::Number(number) => engine.plan.units.show(number, unit),
        other => other.word().to_owned(),
    }
}
