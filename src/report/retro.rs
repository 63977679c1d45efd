//! What a cycle came to, as data: what landed, how sure the team was, where the capacity went, and
//! what was amended.

use super::scorecard::{Part, kr_row, shows};
use crate::engine::{Engine, State};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Checkin, KrKind};
use crate::syntax::keyword::TEAM_KINDS;
use serde::Serialize;
use std::collections::BTreeMap;

/// How near below a threshold counts as having reached it.
const REACHED: f64 = 1e-9;
/// How many buckets of confidence there are between 0 and 1.
const BUCKETS: usize = 5;

/// `okr retro`
#[derive(Clone, Debug, Serialize)]
pub struct Retro {
    /// `okr.retro/1`
    pub schema: &'static str,
    /// The as-of date.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// The cycle.
    pub cycle: Option<RetroCycle>,
    /// Its key results, objective by objective.
    pub key_results: Vec<RetroKr>,
    /// The teams that own objectives of the cycle.
    pub teams: Vec<RetroMean>,
    /// The kinds of those teams.
    pub kinds: Vec<RetroMean>,
    /// Confidence against outcome.
    pub calibration: Calibration,
    /// Planned against used shares of capacity.
    pub shares: Vec<RetroShare>,
    /// What was amended, original against amended.
    pub amendments: Vec<RetroAmendment>,
}

/// The cycle of a retrospective.
#[derive(Clone, Debug, Serialize)]
pub struct RetroCycle {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Whether it is over on the as-of date.
    pub over: bool,
    /// Its grade.
    pub grade: Option<f64>,
    /// `red`, `yellow` or `green`.
    pub band: Option<&'static str>,
    /// The mean of the committed key results alone.
    pub committed_grade: Option<f64>,
    /// The mean of the aspirational key results alone.
    pub aspirational_grade: Option<f64>,
    /// `in`, `above` or `below` the sweet spot.
    pub sweet_spot: Option<&'static str>,
    /// Its grade against the values before any amendment.
    pub original_grade: Option<f64>,
}

/// What became of a key result.
#[derive(Clone, Debug, Serialize)]
pub struct RetroKr {
    /// Its path.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The id of its objective.
    pub objective: String,
    /// The id of the team that owns it.
    pub owner: Option<String>,
    /// `aspirational`, `committed` or `guardrail`.
    pub kind: &'static str,
    /// Its grade.
    pub grade: Option<f64>,
    /// `red`, `yellow` or `green`.
    pub band: Option<&'static str>,
    /// `landed`, `short`, `kept`, `missed`, `held`, `broken`, `no data`, `not applicable`, `declined`
    /// or `error`.
    pub outcome: &'static str,
    /// The first confidence that was told.
    pub first_confidence: Option<f64>,
    /// The last one.
    pub last_confidence: Option<f64>,
}

/// The mean of a team, or of a kind of teams, against where it was meant to land.
#[derive(Clone, Debug, Serialize)]
pub struct RetroMean {
    /// The team's id, or the kind.
    pub id: String,
    /// The team's title, or the kind.
    pub title: String,
    /// How many objectives it has in the cycle.
    pub objectives: usize,
    /// Their weighted mean.
    pub grade: Option<f64>,
    /// The mean of their aspirational key results alone.
    pub aspirational_grade: Option<f64>,
    /// The mean of their committed key results alone.
    pub committed_grade: Option<f64>,
    /// Where the aspirational mean was meant to land, ends included.
    pub sweet: [f64; 2],
    /// `in`, `above` or `below` it.
    pub sweet_spot: Option<&'static str>,
}

/// How well confidences told outcomes: of aspirational key results, whether they reached the sweet
/// spot; of committed ones, whether they were kept.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Calibration {
    /// How many confidences were told about key results that have a grade.
    pub count: usize,
    /// Their mean.
    pub mean_confidence: Option<f64>,
    /// The share of them that came true.
    pub came_true: Option<f64>,
    /// The mean of (confidence − outcome)²: 0 is perfect, 0.25 is what always saying 0.5 gets.
    pub brier: Option<f64>,
    /// Confidences from `from` up to `to`, and how many came true.
    pub buckets: Vec<ConfidenceBucket>,
}

/// Confidences that are about as sure.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConfidenceBucket {
    /// The least confidence.
    pub from: f64,
    /// The confidence below which it ends; the last one includes 1.
    pub to: f64,
    /// How many there are.
    pub count: usize,
    /// Their mean.
    pub mean_confidence: Option<f64>,
    /// The share of them that came true.
    pub came_true: Option<f64>,
}

/// A bucket's planned and used share of its team's capacity.
#[derive(Clone, Debug, Serialize)]
pub struct RetroShare {
    /// The bucket's path.
    pub id: String,
    /// Its title, or its id.
    pub title: String,
    /// The planned share.
    pub planned: Option<f64>,
    /// The share that its initiatives took: what was finished before, and what was funded of the rest.
    pub used: Option<f64>,
    /// The same in person-weeks.
    pub planned_weeks: Option<f64>,
    /// The same in person-weeks.
    pub used_weeks: Option<f64>,
}

/// A field that was amended.
#[derive(Clone, Debug, Serialize)]
pub struct RetroAmendment {
    /// The cell, `speed.latency.target`.
    pub id: String,
    /// How often it was amended.
    pub times: usize,
    /// Its value before any amendment.
    pub original: Option<f64>,
    /// Its value in force.
    pub amended: Option<f64>,
    /// The grade of the key result or objective against the values before any amendment.
    pub original_grade: Option<f64>,
    /// Its grade.
    pub grade: Option<f64>,
    /// The reason of the last amendment.
    pub why: Option<String>,
    /// The values as people read them: original, amended.
    #[serde(skip)]
    pub shown: [String; 2],
}

/// What the cycle in force came to; `original` is the same plan without its amendments.
pub fn retro(engine: &Engine, original: &Engine) -> Retro {
    let objectives = objectives(engine);
    Retro {
        schema: "okr.retro/1",
        as_of: engine.moment.as_of.map(|date| date.to_string()),
        as_of_from: engine.moment.source.words().to_owned(),
        cycle: engine.moment.cycle.map(|cycle| retro_cycle(engine, original, cycle as usize)),
        key_results: objectives
            .iter()
            .flat_map(|&it| engine.plan.objectives[it].krs.clone())
            .map(|kr| retro_kr(engine, kr as usize))
            .collect(),
        teams: teams(engine, &objectives),
        kinds: kinds(engine, &objectives),
        calibration: calibration(engine, &objectives),
        shares: shares(engine),
        amendments: amendments(engine, original, &objectives),
    }
}

/// The objectives of the cycle in force.
fn objectives(engine: &Engine) -> Vec<usize> {
    let part = engine.moment.cycle.map_or(Part::All, Part::Cycle);
    (0..engine.plan.objectives.len()).filter(|&index| shows(engine, part, index)).collect()
}

fn retro_cycle(engine: &Engine, original: &Engine, index: usize) -> RetroCycle {
    let cycle = &engine.plan.cycles[index];
    let (mean, thresholds) = (engine.cycle(index), engine.thresholds());
    RetroCycle {
        id: engine.plan.source(cycle.name).to_owned(),
        title: engine.plan.text(cycle.title),
        from: cycle.from.to_string(),
        to: cycle.to.to_string(),
        over: engine.moment.as_of.is_some_and(|as_of| as_of >= cycle.to),
        grade: mean.grade.number(),
        band: mean.grade.number().map(|grade| thresholds.band(grade).word()),
        committed_grade: mean.committed.number(),
        aspirational_grade: mean.aspirational.number(),
        sweet_spot: engine.sweet_spot(&mean, &thresholds).map(|sweet| sweet.word()),
        original_grade: original.cycle(index).grade.number(),
    }
}

fn retro_kr(engine: &Engine, index: usize) -> RetroKr {
    let plan = &engine.plan;
    let objective = &plan.objectives[plan.krs[index].objective as usize];
    let row = kr_row(engine, index, false);
    let mut confidences = confidences(engine, index);
    RetroKr {
        id: row.id,
        title: row.title,
        objective: plan.source(objective.name).to_owned(),
        owner: objective.owner.map(|it| plan.source(plan.teams[it as usize].name).to_owned()),
        kind: row.kind,
        grade: row.grade,
        band: row.band,
        outcome: outcome(engine, index),
        first_confidence: confidences.first().copied(),
        last_confidence: confidences.pop(),
    }
}

/// The confidences about a key result that were told up to the as-of date.
fn confidences(engine: &Engine, kr: usize) -> Vec<f64> {
    let range = engine.plan.krs[kr].checkins.clone();
    let all = &engine.plan.checkins[range.start as usize..range.end as usize];
    let past = |it: &&Checkin| engine.moment.as_of.is_none_or(|as_of| it.date <= as_of);
    all.iter().filter(past).filter_map(|it| engine.bound(it.confidence?)).collect()
}

fn outcome(engine: &Engine, kr: usize) -> &'static str {
    match (engine.kr_state(kr), engine.plan.krs[kr].kind) {
        (State::Graded, KrKind::Guardrail) if engine.is_broken(kr) => "broken",
        (State::Graded, KrKind::Guardrail) => "held",
        (State::Graded, kind) => match (has_landed(engine, kr), kind) {
            (Some(true), KrKind::Committed) => "kept",
            (_, KrKind::Committed) => "missed",
            (Some(true), _) => "landed",
            _ => "short",
        },
        (state, _) => state.word(),
    }
}

/// Whether a key result did what was expected of it: the sweet spot, or all of it if committed.
fn has_landed(engine: &Engine, kr: usize) -> Option<bool> {
    let stated = &engine.plan.krs[kr];
    let grade = engine.read(Cell::new(Field::KrGrade, kr)).number()?;
    let owner = engine.plan.objectives[stated.objective as usize].owner;
    let least = match stated.kind {
        KrKind::Committed => 1.0,
        _ => engine.team_thresholds(owner).sweet.0,
    };
    Some(grade >= least - REACHED)
}

/// A weighted mean in the making.
#[derive(Default)]
struct Sum {
    sum: f64,
    weight: f64,
}

impl Sum {
    fn add(&mut self, weight: f64, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += weight * value;
            self.weight += weight;
        }
    }

    fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

fn mean_of(
    engine: &Engine,
    objectives: &[usize],
    (id, title): (String, String),
    sweet: (f64, f64),
) -> RetroMean {
    let [mut grade, mut aspirational, mut committed] = [const { Sum { sum: 0.0, weight: 0.0 } }; 3];
    for &objective in objectives {
        let mean = engine.objective(objective);
        let weight = engine.read(Cell::new(Field::ObjectiveWeight, objective)).number();
        let weight = weight.unwrap_or(1.0);
        grade.add(weight, mean.grade.number());
        aspirational.add(weight, mean.aspirational.number());
        committed.add(weight, mean.committed.number());
    }
    let verdict = |mean: f64| match mean {
        _ if mean < sweet.0 - REACHED => "below",
        _ if mean > sweet.1 + REACHED => "above",
        _ => "in",
    };
    RetroMean {
        id,
        title,
        objectives: objectives.len(),
        grade: grade.mean(),
        aspirational_grade: aspirational.mean(),
        committed_grade: committed.mean(),
        sweet: [sweet.0, sweet.1],
        sweet_spot: aspirational.mean().map(verdict),
    }
}

fn teams(engine: &Engine, objectives: &[usize]) -> Vec<RetroMean> {
    let plan = &engine.plan;
    let mut owned: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &objective in objectives {
        if let Some(owner) = plan.objectives[objective].owner {
            owned.entry(owner).or_default().push(objective);
        }
    }
    let mean = |(team, objectives): (u32, Vec<usize>)| {
        let stated = &plan.teams[team as usize];
        let names = (plan.source(stated.name).to_owned(), plan.text(stated.title));
        mean_of(engine, &objectives, names, engine.team_thresholds(Some(team)).sweet)
    };
    owned.into_iter().map(mean).collect()
}

fn kinds(engine: &Engine, objectives: &[usize]) -> Vec<RetroMean> {
    let plan = &engine.plan;
    let mut owned: BTreeMap<u8, (u32, Vec<usize>)> = BTreeMap::new();
    for &objective in objectives {
        let owner = plan.objectives[objective].owner;
        let kind = owner.and_then(|team| Some((team, plan.teams[team as usize].kind?)));
        if let Some((team, kind)) = kind {
            owned.entry(kind).or_insert((team, Vec::new())).1.push(objective);
        }
    }
    let mean = |(kind, (team, objectives)): (u8, (u32, Vec<usize>))| {
        let word = TEAM_KINDS[usize::from(kind)].to_owned();
        let sweet = engine.team_thresholds(Some(team)).sweet;
        mean_of(engine, &objectives, (word.clone(), word), sweet)
    };
    owned.into_iter().map(mean).collect()
}

fn calibration(engine: &Engine, objectives: &[usize]) -> Calibration {
    let krs = objectives.iter().flat_map(|&it| engine.plan.objectives[it].krs.clone());
    let mut told: Vec<(f64, f64)> = Vec::new();
    for kr in krs.map(|kr| kr as usize) {
        let counts =
            engine.plan.krs[kr].kind != KrKind::Guardrail && engine.kr_state(kr) == State::Graded;
        if let Some(landed) = has_landed(engine, kr).filter(|_| counts) {
            let outcome = f64::from(u8::from(landed));
            told.extend(confidences(engine, kr).into_iter().map(|it| (it, outcome)));
        }
    }
    let width = 1.0 / BUCKETS as f64;
    let place = |confidence: f64| ((confidence / width + REACHED) as usize).min(BUCKETS - 1);
    let bucket = |index: usize| {
        let within: Vec<(f64, f64)> =
            told.iter().copied().filter(|(it, _)| place(*it) == index).collect();
        ConfidenceBucket {
            from: round(index as f64 * width),
            to: round((index + 1) as f64 * width),
            count: within.len(),
            mean_confidence: mean(within.iter().map(|(it, _)| *it)),
            came_true: mean(within.iter().map(|(_, outcome)| *outcome)),
        }
    };
    Calibration {
        count: told.len(),
        mean_confidence: mean(told.iter().map(|(it, _)| *it)),
        came_true: mean(told.iter().map(|(_, outcome)| *outcome)),
        brier: mean(told.iter().map(|(it, outcome)| (it - outcome).powi(2))),
        buckets: (0..BUCKETS).map(bucket).collect(),
    }
}

/// A tenth, without the dust of the division.
fn round(tenths: f64) -> f64 {
    (tenths * 10.0).round() / 10.0
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

fn shares(engine: &Engine) -> Vec<RetroShare> {
    let plan = &engine.plan;
    let mut used = vec![0.0; plan.buckets.len()];
    for (index, initiative) in plan.initiatives.iter().enumerate() {
        if !engine.takes_part(index) {
            continue;
        }
        let finished = initiative.finished.and_then(|it| engine.bound(it)).unwrap_or(0.0);
        let funded = engine.funded(index).number().unwrap_or(0.0);
        let taken = finished + (1.0 - finished) * funded;
        for (effort, draw) in &initiative.draws {
            if let Some(slot) = used.get_mut(engine.pot(*draw)) {
                *slot += taken * engine.bound(effort.mean).unwrap_or(0.0);
            }
        }
    }
    let share = |(index, used): (usize, f64)| {
        let bucket = &plan.buckets[index];
        let read = |field, index| engine.read(Cell { field, index }).number();
        let team = read(Field::TeamCapacity, bucket.team).filter(|it| *it > 0.0);
        RetroShare {
            id: plan.bucket_id(index),
            title: crate::whatif::compare::pot_title(plan, index),
            planned: engine.bucket_share(index).number(),
            used: team.map(|team| used / team),
            planned_weeks: read(Field::BucketCapacity, index as u32),
            used_weeks: team.map(|_| used),
        }
    };
    used.into_iter().enumerate().map(share).collect()
}

fn amendments(engine: &Engine, original: &Engine, objectives: &[usize]) -> Vec<RetroAmendment> {
    use crate::plan::cell::Kind;
    let plan = &engine.plan;
    let of_cycle = |cell: Cell| match cell.kind() {
        Kind::Kr => objectives.contains(&(plan.krs[cell.index as usize].objective as usize)),
        Kind::Objective => objectives.contains(&(cell.index as usize)),
        _ => false,
    };
    let mut rows: Vec<RetroAmendment> = Vec::new();
    for amendment in &plan.amendments {
        let past = engine.moment.as_of.is_none_or(|as_of| amendment.date <= as_of);
        if !past || !of_cycle(amendment.cell) {
            continue;
        }
        let cell = amendment.cell;
        let id = plan.cell_name(cell);
        let why = amendment.why.map(|why| plan.text(why));
        if let Some(row) = rows.last_mut().filter(|row| row.id == id) {
            (row.times, row.why) = (row.times + 1, why);
            continue;
        }
        let grade = Cell {
            field: if cell.kind() == Kind::Kr { Field::KrGrade } else { Field::ObjectiveGrade },
            index: cell.index,
        };
        let unit = plan.unit_of(cell);
        let show =
            |value: Option<f64>| value.map_or_else(String::new, |it| plan.units.show(it, unit));
        let (before, now) = (original.read(cell).number(), engine.read(cell).number());
        rows.push(RetroAmendment {
            id,
            times: 1,
            original: before,
            amended: now,
            original_grade: original.read(grade).number(),
            grade: engine.read(grade).number(),
            why,
            shown: [show(before), show(now)],
        });
    }
    rows
}
