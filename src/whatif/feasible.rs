//! What a delivery team brings to the leadership meeting: what fits, what does not and by how much,
//! and the smallest change that would make it fit.
//!
//! A key result is feasible if its projected grade reaches what it is meant to: the sweet spot for
//! an aspirational one, green for a committed one (`grading.md`, "Bands").

use super::compare::{BucketOutlook, limit_words, pots};
use super::feasible_ways::{Bench, Ways, first};
use super::simulate::{Futures, Stopped, Watch, correlation};
use crate::engine::{Band, Engine, Value};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::KrKind;
use rayon::prelude::*;
use serde::Serialize;

/// How near a threshold counts as having reached it.
pub(super) const REACHED: f64 = 1e-9;
/// Into how many steps the way to a nearer target is cut before the step that reaches it is refined.
const STEPS: usize = 256;

/// `okr feasible`.
#[derive(Clone, Debug, Serialize)]
pub struct Feasibility {
    /// `okr.feasible/1`
    pub schema: &'static str,
    /// The as-of date, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// The scenario in force; null for the base.
    pub scenario: Option<String>,
    /// Whether only the capacity after the as-of date counts.
    pub remaining: bool,
    /// Whether there are check-ins in the cycle, so that part of its capacity is spent.
    pub mid_cycle: bool,
    /// How many futures the probabilities come from.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
    /// How much the efforts of a team vary together.
    pub effort_correlation: f64,
    /// The teams that own objectives or have capacity.
    pub teams: Vec<TeamFeasibility>,
}

/// A team's part of the conversation.
#[derive(Clone, Debug, Serialize)]
pub struct TeamFeasibility {
    /// The team's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its capacity in person-weeks.
    pub capacity: Option<f64>,
    /// Its buckets, or the one that it implies.
    pub buckets: Vec<BucketFeasibility>,
    /// The key results of its objectives in the cycle in force.
    pub key_results: Vec<KrFeasibility>,
}

/// What fits into a bucket.
#[derive(Clone, Debug, Serialize)]
pub struct BucketFeasibility {
    /// Shares, efforts and load.
    #[serde(flatten)]
    pub bucket: BucketOutlook,
    /// The probability that more is wanted than there is; null without a capacity.
    pub p_over: Option<f64>,
    /// The initiatives that it funds wholly.
    pub fits: Vec<String>,
    /// Those that it cuts.
    pub cut: Vec<Cut>,
}

/// An initiative that a bucket cuts.
#[derive(Clone, Debug, Serialize)]
pub struct Cut {
    /// The initiative's id.
    pub id: String,
    /// The share that is funded.
    pub funded: f64,
    /// What it wants of the bucket and does not get, in person-weeks.
    pub missing: f64,
}

/// What the arithmetic says of a key result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It gets where it is meant to.
    Fits,
    /// It would with more capacity.
    NeedsCapacity,
    /// It does not, however well it is funded, but comes near: the target is to be amended.
    Amend,
    /// It does not come near, however well it is funded: it is to be declined.
    Decline,
    /// It has no projection.
    Unknown,
}

impl Verdict {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Fits => "fits",
            Verdict::NeedsCapacity => "needs capacity",
            Verdict::Amend => "amend",
            Verdict::Decline => "decline or amend",
            Verdict::Unknown => "not known",
        }
    }
}

/// A key result and what would make it feasible.
#[derive(Clone, Debug, Serialize)]
pub struct KrFeasibility {
    /// Its path.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `aspirational` or `committed`.
    pub kind: &'static str,
    /// Its grade now.
    pub grade: Option<f64>,
    /// Where it lands, in its unit.
    pub projected: Option<f64>,
    /// The grade of that.
    pub projected_grade: Option<f64>,
    /// `red`, `yellow` or `green` of that grade.
    pub band: Option<&'static str>,
    /// The grade that it is meant to reach.
    pub wanted: f64,
    /// The probability that it reaches green; null if it has a grade in no future.
    pub p_green: Option<f64>,
    /// The probability that it lands in the sweet spot; null likewise.
    pub p_sweet: Option<f64>,
    /// `fits`, `needs_capacity`, `amend`, `decline` or `unknown`.
    pub verdict: Verdict,
    /// The initiatives that move it and are not wholly funded.
    pub held_back_by: Vec<String>,
    /// The least capacity that would do.
    pub more_capacity: Option<MoreCapacity>,
    /// The least change of the target that would do.
    pub other_target: Option<OtherTarget>,
    /// The verdict and the ways out, in words.
    pub advice: String,
    /// Where it lands, as people read it.
    #[serde(skip)]
    pub shown: String,
}

/// More of a bucket.
#[derive(Clone, Debug, Serialize)]
pub struct MoreCapacity {
    /// The buckets, each with the person-weeks that it needs on top.
    pub buckets: Vec<(String, f64)>,
    /// The projected grade with them.
    pub reaches: f64,
}

/// Another target.
#[derive(Clone, Debug, Serialize)]
pub struct OtherTarget {
    /// The target now, in the key result's unit.
    pub from: f64,
    /// The nearest one that would do.
    pub to: f64,
}

/// How many futures the probabilities come from unless one says otherwise: by chance alone they are
/// then off by up to a point.
pub const SAMPLES: u64 = 10_000;

/// What fits, for a team and those below it, or for all.
///
/// # Errors
///
/// If the watch stops it.
pub fn feasible(
    engine: &Engine,
    teams: &[u32],
    samples: u64,
    seed: u64,
    watch: Watch<'_>,
) -> Result<Feasibility, Stopped> {
    let plan = &engine.plan;
    let scenario = |index: u32| plan.source(plan.scenarios[index as usize].name).to_owned();
    let parts: Vec<Part> = teams.iter().filter_map(|&team| Part::of(engine, team)).collect();
    let futures = Futures::new(engine, seed, &[]);
    let krs: Vec<usize> = parts.iter().flat_map(|part| part.krs.iter().copied()).collect();
    let pots: Vec<usize> = parts.iter().flat_map(|part| part.pots.iter().copied()).collect();
    let found = futures.likelihoods(&krs, &pots, samples, watch)?;
    let (mut odds, mut over) = (found.krs.into_iter(), found.over.into_iter());
    let ways = Ways::new(engine);
    let mut teams = Vec::with_capacity(parts.len());
    for part in parts {
        let mut team = part.report(engine, &ways, watch)?;
        team.buckets.iter_mut().for_each(|it| it.p_over = over.next().flatten());
        for kr in &mut team.key_results {
            let odds = odds.next().unwrap_or_default();
            (kr.p_green, kr.p_sweet) = (odds.green, odds.sweet);
        }
        teams.push(team);
    }
    Ok(Feasibility {
        schema: "okr.feasible/1",
        as_of: engine.moment.as_of.map(|date| date.to_string()),
        as_of_from: engine.moment.source.words().to_owned(),
        scenario: engine.options.scenario.map(scenario),
        remaining: engine.options.remaining,
        mid_cycle: engine.is_mid_cycle(),
        samples,
        seed,
        effort_correlation: correlation(engine, None),
        teams,
    })
}

/// A team with the pots and the key results that it answers for.
struct Part {
    team: u32,
    pots: Vec<usize>,
    krs: Vec<usize>,
}

impl Part {
    /// The part of a team; `None` if it has neither capacity nor key results in the cycle in force.
    fn of(engine: &Engine, team: u32) -> Option<Self> {
        let plan = &engine.plan;
        let row = &plan.teams[team as usize];
        let implied = plan.buckets.len() + team as usize;
        let own = |pot: &usize| row.buckets.contains(&(*pot as u32)) || *pot == implied;
        let pots: Vec<usize> = pots(engine).into_iter().filter(own).collect();
        let in_force = |objective: &&crate::plan::model::Objective| {
            objective.owner == Some(team)
                && (objective.cycle.is_none() || objective.cycle == engine.moment.cycle)
        };
        let krs = plan.objectives.iter().filter(in_force).flat_map(|it| it.krs.clone());
        let counted = |kr: &usize| {
            plan.krs[*kr].kind != KrKind::Guardrail
                && !matches!(
                    engine.kr_state(*kr),
                    crate::engine::State::Declined | crate::engine::State::NotApplicable
                )
        };
        let krs: Vec<usize> = krs.map(|kr| kr as usize).filter(counted).collect();
        (!pots.is_empty() || !krs.is_empty()).then_some(Self { team, pots, krs })
    }

    /// What the arithmetic says of it, without probabilities.
    fn report(
        &self,
        engine: &Engine,
        ways: &Ways<'_>,
        watch: Watch<'_>,
    ) -> Result<TeamFeasibility, Stopped> {
        let plan = &engine.plan;
        let row = &plan.teams[self.team as usize];
        let of_kr = |bench: &mut Bench, kr: &usize| match watch(0, 0).is_break() {
            true => Err(Stopped),
            false => Ok(of_kr(engine, ways, bench, *kr)),
        };
        let key_results: Result<Vec<KrFeasibility>, Stopped> =
            self.krs.par_iter().map_init(|| ways.bench(), of_kr).collect();
        Ok(TeamFeasibility {
            id: plan.source(row.name).to_owned(),
            title: plan.text(row.title),
            capacity: engine.read(Cell::new(Field::TeamCapacity, self.team as usize)).number(),
            buckets: self.pots.iter().map(|pot| of_bucket(engine, *pot)).collect(),
            key_results: key_results?,
        })
    }
}

fn of_bucket(engine: &Engine, pot: usize) -> BucketFeasibility {
    let funding = engine.funding();
    let (mut fits, mut cut) = (Vec::new(), Vec::new());
    for (work, share) in funding.portfolio.works.iter().zip(&funding.funded.shares) {
        let Some((_, effort)) = work.draws.iter().find(|(other, _)| *other as usize == pot) else {
            continue;
        };
        let initiative = &engine.plan.initiatives[work.initiative as usize];
        let id = engine.plan.source(initiative.name).to_owned();
        match *share == 1.0 {
            true => fits.push(id),
            false => {
                let funded = if share.is_nan() { 0.0 } else { *share };
                cut.push(Cut { id, funded, missing: effort * (1.0 - funded) });
            }
        }
    }
    BucketFeasibility {
        bucket: super::compare::bucket_outlook(engine, pot),
        p_over: None,
        fits,
        cut,
    }
}

fn of_kr(engine: &Engine, ways: &Ways<'_>, bench: &mut Bench, kr: usize) -> KrFeasibility {
    let plan = &engine.plan;
    let row = &plan.krs[kr];
    let read = |field| engine.read(Cell::new(field, kr)).number();
    let thresholds = engine.objective_thresholds(row.objective as usize);
    let committed = row.kind == KrKind::Committed;
    let wanted = if committed { thresholds.green } else { thresholds.sweet.0 };
    let projected = read(Field::KrProjected);
    let grade = read(Field::KrProjectedGrade);
    let held = held_back_by(engine, kr);
    let mut it = KrFeasibility {
        id: plan.kr_id(kr),
        title: plan.text(row.title),
        kind: if committed { "committed" } else { "aspirational" },
        grade: read(Field::KrGrade),
        projected,
        projected_grade: grade,
        band: grade.map(|grade| thresholds.band(grade).word()),
        wanted,
        p_green: None,
        p_sweet: None,
        verdict: Verdict::Unknown,
        held_back_by: held
            .iter()
            .map(|it| engine.plan.source(plan.initiatives[*it].name).to_owned())
            .collect(),
        more_capacity: None,
        other_target: None,
        advice: String::new(),
        shown: projected.map_or_else(String::new, |it| plan.units.show(it, row.unit)),
    };
    if engine.stays(kr) && grade.is_none_or(|grade| grade < wanted - REACHED) {
        it.verdict = Verdict::Unknown;
    } else if grade.is_some_and(|grade| grade >= wanted - REACHED) {
        it.verdict = Verdict::Fits;
    } else {
        let mut ways = ways.around(kr, bench);
        it.more_capacity = ways.more_capacity(wanted);
        it.other_target = other_target(engine, kr, wanted);
        it.verdict = match (&it.more_capacity, ways.best().or(grade)) {
            (Some(_), _) => Verdict::NeedsCapacity,
            (None, Some(best)) if thresholds.band(best) != Band::Red => Verdict::Amend,
            (None, Some(_)) => Verdict::Decline,
            (None, None) => Verdict::Unknown,
        };
    }
    it.advice = advice(engine, kr, &held, &it);
    it
}

/// The initiatives that move a key result and are not wholly funded, each once.
fn held_back_by(engine: &Engine, kr: usize) -> Vec<usize> {
    let works = &engine.funding().portfolio.works;
    let mut held: Vec<usize> = Vec::new();
    for effect in engine.effects().on(kr as u32) {
        let index = works[effect.work as usize].initiative as usize;
        if engine.funded(index) != Value::Number(1.0) && !held.contains(&index) {
            held.push(index);
        }
    }
    held
}

/// The target nearest to the one in force with which the projected value is where it is meant to be.
fn other_target(engine: &Engine, kr: usize, wanted: f64) -> Option<OtherTarget> {
    let row = &engine.plan.krs[kr];
    let value = engine.read(Cell::new(Field::KrProjected, kr)).number()?;
    let target = engine.read(Cell::new(Field::KrTarget, kr)).number().filter(|_| row.has_target)?;
    let baseline = engine.read(Cell::new(Field::KrBaseline, kr)).number()?;
    // Only what lies between where it starts and its target can be a nearer target.
    if (value - baseline) * (target - baseline) <= 0.0 {
        return None;
    }
    let at = |part: f64| target + (value - target) * part;
    let reached = |part: f64| {
        let grade = engine.grade_if_projected(kr, value, Some(at(part)));
        grade.is_some_and(|grade| grade >= wanted - REACHED)
    };
    let steps: Vec<f64> = (1..=STEPS).map(|step| step as f64 / STEPS as f64).collect();
    first(&steps, reached).map(|part| OtherTarget { from: target, to: at(part) })
}

fn weeks(effort: f64) -> String {
    format!("{} pw", crate::quantity::readable((effort * 10.0).ceil() / 10.0))
}

/// The verdict and the ways out, in words.
fn advice(engine: &Engine, kr: usize, held: &[usize], it: &KrFeasibility) -> String {
    let unit = engine.plan.krs[kr].unit;
    let target = it.other_target.as_ref().map(|target| {
        let show = |number: f64| engine.plan.units.show(number, unit);
        format!("amend the target to {} instead of {}", show(target.to), show(target.from))
    });
    let more = it.more_capacity.as_ref().map(|more| {
        let buckets: Vec<String> = more
            .buckets
            .iter()
            .map(|(id, effort)| format!("{} more in {id}", weeks(*effort)))
            .collect();
        format!("give it {}", buckets.join(" and "))
    });
    let held: Vec<String> = held.iter().map(|index| reason(engine, *index)).collect();
    let held = if held.is_empty() { String::new() } else { format!(" ({})", held.join("; ")) };
    let moved = !engine.effects().on(kr as u32).is_empty();
    match it.verdict {
        Verdict::Fits => "fits".to_owned(),
        Verdict::NeedsCapacity => {
            let ways: Vec<String> = more.into_iter().chain(target).collect();
            format!("{}{held}", ways.join(", or "))
        }
        Verdict::Amend | Verdict::Decline => {
            let why = match moved {
                true => "not reached even if all that moves it is funded",
                false => "no initiative moves it",
            };
            let decline = (it.verdict == Verdict::Decline).then(|| "decline it".to_owned());
            let ways: Vec<String> = target.into_iter().chain(decline).collect();
            let ways =
                if ways.is_empty() { "find what moves it".into() } else { ways.join(", or ") };
            format!("{why}: {ways}")
        }
        Verdict::Unknown if engine.stays(kr) => {
            "no number grades it, so capacity does not say whether it gets there".to_owned()
        }
        Verdict::Unknown => match moved {
            true => "nothing that moves it is funded, and there is no data yet".to_owned(),
            false => "there is no data yet, and no initiative moves it".to_owned(),
        },
    }
}

fn reason(engine: &Engine, index: usize) -> String {
    let id = engine.plan.source(engine.plan.initiatives[index].name);
    let funded = engine.funded(index).number().map_or("unknown".into(), |share| {
        format!("{}% funded", crate::quantity::readable((share * 100.0).round()))
    });
    format!("{id} is {funded}{}", limit_words(engine, index))
}
