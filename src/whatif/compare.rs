//! The base and scenarios side by side, and why they differ.

use crate::engine::{Engine, Value};
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// How near two numbers count as the same.
const SAME: f64 = 1e-9;

/// `okr compare` and `okr whatif`.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// `okr.compare/1`
    pub schema: &'static str,
    /// The as-of date, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// The cycle in force.
    pub cycle: Option<String>,
    /// Whether only the capacity after the as-of date counts.
    pub remaining: bool,
    /// Whether there are check-ins in the cycle, so that part of its capacity is spent.
    pub mid_cycle: bool,
    /// The base, then the scenarios.
    pub scenarios: Vec<Outlook>,
}

/// Where one scenario brings the plan.
#[derive(Clone, Debug, Serialize)]
pub struct Outlook {
    /// The scenario's id; `base` for none.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The grade of the cycle in force.
    pub grade: Option<f64>,
    /// The same with every actual as projected.
    pub projected_grade: Option<f64>,
    /// The objectives of the cycle in force.
    pub objectives: Vec<ObjectiveOutlook>,
    /// Their key results.
    pub key_results: Vec<KrOutlook>,
    /// Buckets, and teams without any.
    pub buckets: Vec<BucketOutlook>,
    /// The initiatives that take part.
    pub initiatives: Vec<InitiativeOutlook>,
    /// Why it differs from the base, in words.
    pub why: Vec<String>,
}

/// An objective in a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectiveOutlook {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its grade.
    pub grade: Option<f64>,
    /// Its projected grade.
    pub projected_grade: Option<f64>,
}

/// A key result in a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct KrOutlook {
    /// Its path.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its unit; null for bare numbers.
    pub unit: Option<String>,
    /// Where it lands, in its unit.
    pub projected: Option<f64>,
    /// The grade of that.
    pub projected_grade: Option<f64>,
    /// `red`, `yellow` or `green` of that grade.
    pub projected_band: Option<&'static str>,
    /// Where it lands as people read it.
    #[serde(skip)]
    pub shown: String,
}

/// A bucket in a scenario; efforts in person-weeks.
#[derive(Clone, Debug, Serialize)]
pub struct BucketOutlook {
    /// Its path, or the id of a team without buckets.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its share of the team's capacity.
    pub share: Option<f64>,
    /// Its capacity.
    pub capacity: Option<f64>,
    /// What the initiatives draw: the sum of mean efforts.
    pub demand: Option<f64>,
    /// Demand over capacity; null with demand and no capacity.
    pub load: Option<f64>,
    /// What is missing.
    pub shortfall: Option<f64>,
}

/// An initiative in a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct InitiativeOutlook {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The share that is funded.
    pub funded: Option<f64>,
    /// The share of its effect that it pays.
    pub paid: Option<f64>,
}

/// Compares engines of one plan, the base first.
pub fn compare(engines: &[Engine]) -> Comparison {
    let mut scenarios: Vec<Outlook> = engines.iter().map(outlook).collect();
    if let Some((base, others)) = scenarios.split_first_mut() {
        for (other, engine) in others.iter_mut().zip(&engines[1..]) {
            other.why = why(base, other, &engines[0], engine);
        }
    }
    let first = engines.first();
    let id = |engine: &Engine| {
        let cycle = engine.moment.cycle?;
        Some(engine.plan.source(engine.plan.cycles[cycle as usize].name).to_owned())
    };
    Comparison {
        schema: "okr.compare/1",
        as_of: first.and_then(|it| it.moment.as_of).map(|date| date.to_string()),
        as_of_from: first.map_or(String::new(), |it| it.moment.source.words().to_owned()),
        cycle: first.and_then(id),
        remaining: first.is_some_and(|it| it.options.remaining),
        mid_cycle: first.is_some_and(Engine::is_mid_cycle),
        scenarios,
    }
}

/// Where a plan goes as it is looked at.
pub fn outlook(engine: &Engine) -> Outlook {
    let plan = &engine.plan;
    let read = |field, index| engine.read(Cell::new(field, index)).number();
    let of_cycle = |field| engine.moment.cycle.and_then(|cycle| read(field, cycle as usize));
    let in_force = |index: &usize| {
        let cycle = plan.objectives[*index].cycle;
        cycle.is_none() || cycle == engine.moment.cycle
    };
    let objectives: Vec<usize> = (0..plan.objectives.len()).filter(in_force).collect();
    let krs = objectives.iter().flat_map(|&it| plan.objectives[it].krs.clone());
    let (id, title) = match engine.options.scenario {
        None => ("base".to_owned(), "As planned".to_owned()),
        Some(index) => {
            let scenario = &plan.scenarios[index as usize];
            (plan.source(scenario.name).to_owned(), plan.text(scenario.title))
        }
    };
    Outlook {
        id,
        title,
        grade: of_cycle(Field::CycleGrade),
        projected_grade: of_cycle(Field::CycleProjectedGrade),
        key_results: krs.map(|kr| kr_outlook(engine, kr as usize)).collect(),
        objectives: objectives
            .iter()
            .map(|&index| ObjectiveOutlook {
                id: plan.source(plan.objectives[index].name).to_owned(),
                title: plan.text(plan.objectives[index].title),
                grade: read(Field::ObjectiveGrade, index),
                projected_grade: read(Field::ObjectiveProjectedGrade, index),
            })
            .collect(),
        buckets: pots(engine).into_iter().map(|pot| bucket_outlook(engine, pot)).collect(),
        initiatives: (0..plan.initiatives.len())
            .filter(|&index| engine.takes_part(index))
            .map(|index| InitiativeOutlook {
                id: plan.source(plan.initiatives[index].name).to_owned(),
                title: plan.text(plan.initiatives[index].title),
                funded: engine.funded(index).number(),
                paid: engine.paid(index).number(),
            })
            .collect(),
        why: Vec::new(),
    }
}

fn kr_outlook(engine: &Engine, index: usize) -> KrOutlook {
    let plan = &engine.plan;
    let kr = &plan.krs[index];
    let read = |field| engine.read(Cell::new(field, index)).number();
    let projected = read(Field::KrProjected);
    let grade = read(Field::KrProjectedGrade);
    let unit = plan.units.word(kr.unit);
    let thresholds = engine.objective_thresholds(kr.objective as usize);
    KrOutlook {
        id: plan.kr_id(index),
        title: plan.text(kr.title),
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
        projected,
        projected_grade: grade,
        projected_band: grade.map(|grade| thresholds.band(grade).word()),
        shown: projected.map_or_else(String::new, |it| plan.units.show(it, kr.unit)),
    }
}

/// Every bucket, and every team without buckets that has a capacity or is drawn on.
pub fn pots(engine: &Engine) -> Vec<usize> {
    let plan = &engine.plan;
    let buckets = plan.buckets.len();
    let implied = |team: &usize| {
        let pot = buckets + team;
        let drawn = engine.demand(pot).number().is_none_or(|demand| demand > 0.0);
        plan.teams[*team].buckets.is_empty() && (drawn || engine.pot_capacity(pot) != Value::NoData)
    };
    let teams = (0..plan.teams.len()).filter(implied).map(|team| buckets + team);
    (0..buckets).chain(teams).collect()
}

pub(super) fn bucket_outlook(engine: &Engine, pot: usize) -> BucketOutlook {
    let plan = &engine.plan;
    let (capacity, demand) = (engine.pot_capacity(pot).number(), engine.demand(pot).number());
    BucketOutlook {
        id: engine.pot_name(pot),
        title: pot_title(plan, pot),
        share: plan.buckets.get(pot).and_then(|_| engine.bucket_share(pot).number()),
        capacity,
        demand,
        load: engine.load(pot).number(),
        shortfall: demand.map(|demand| (demand - capacity.unwrap_or(0.0)).max(0.0)),
    }
}

/// The title of a bucket, else its id; of a team without buckets the team's.
pub fn pot_title(plan: &Plan, pot: usize) -> String {
    match plan.buckets.get(pot) {
        Some(bucket) => match bucket.title {
            Some(title) => plan.text(title),
            None => plan.source(bucket.name).to_owned(),
        },
        None => plan.text(plan.teams[pot - plan.buckets.len()].title),
    }
}

fn differ(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() > SAME * one.abs().max(1.0),
        (one, other) => one.is_some() != other.is_some(),
    }
}

fn percent(share: f64) -> String {
    format!("{}%", crate::quantity::readable((share * 1000.0).round() / 10.0))
}

fn weeks(effort: f64) -> String {
    format!("{} pw", crate::quantity::readable((effort * 10.0).round() / 10.0))
}

/// Why a scenario differs from the base: its capacities, then the initiatives that are funded
/// otherwise, then what that does to key results.
fn why(base: &Outlook, other: &Outlook, was: &Engine, is: &Engine) -> Vec<String> {
    let mut reasons = Vec::new();
    let buckets: FxHashMap<&str, &BucketOutlook> =
        base.buckets.iter().map(|it| (it.id.as_str(), it)).collect();
    let krs: FxHashMap<&str, &KrOutlook> =
        base.key_results.iter().map(|it| (it.id.as_str(), it)).collect();
    for bucket in &other.buckets {
        let Some(before) = buckets.get(bucket.id.as_str()) else { continue };
        reasons.extend(capacity_reason(before, bucket));
    }
    for (index, initiative) in was.plan.initiatives.iter().enumerate() {
        let id = was.plan.source(initiative.name);
        match (was.takes_part(index), is.takes_part(index)) {
            (true, false) => reasons.push(format!("{id} falls out: it is dropped")),
            (false, true) => reasons.push(format!("{id} comes in{}", funding_words(is, index))),
            (true, true) if differ(was.funded(index).number(), is.funded(index).number()) => {
                reasons.push(funding_reason(was, is, index));
            }
            _ => {}
        }
    }
    for kr in &other.key_results {
        let before = krs.get(kr.id.as_str());
        reasons.extend(before.and_then(|before| kr_reason(before, kr)));
    }
    reasons
}

fn capacity_reason(before: &BucketOutlook, after: &BucketOutlook) -> Option<String> {
    let short = |it: &BucketOutlook| it.shortfall.is_some_and(|short| short > SAME);
    let moved = match (before.capacity, after.capacity) {
        (Some(was), Some(is)) if differ(Some(was), Some(is)) => {
            Some(format!("{} has {} instead of {}", after.id, weeks(is), weeks(was)))
        }
        _ => None,
    };
    let now = match (short(before), short(after)) {
        (_, true) if moved.is_some() || !short(before) => {
            let short = weeks(after.shortfall.unwrap_or(0.0));
            Some(format!("{} short of what is wanted", short))
        }
        (true, false) => Some("what is wanted fits now".to_owned()),
        _ => None,
    };
    match (moved, now) {
        (Some(moved), Some(now)) => Some(format!("{moved}: {now}")),
        (None, Some(now)) => Some(format!("{}: {now}", after.id)),
        (moved, None) => moved,
    }
}

/// `edge_cache is 83% funded instead of 100%: checkout.platform is 4.1 pw short`.
fn funding_reason(was: &Engine, is: &Engine, index: usize) -> String {
    let id = was.plan.source(was.plan.initiatives[index].name);
    let before = was.funded(index).number().map_or("not known".to_owned(), percent);
    format!("{id}{} instead of {before}{}", funded_words(is, index), limit_words(is, index))
}

fn funded_words(engine: &Engine, index: usize) -> String {
    match engine.funded(index).number() {
        Some(1.0) => " is wholly funded".to_owned(),
        Some(0.0) => " falls out: nothing of it is funded".to_owned(),
        Some(share) => format!(" is {} funded", percent(share)),
        None => " has no known funding".to_owned(),
    }
}

fn funding_words(engine: &Engine, index: usize) -> String {
    format!(" and{}{}", funded_words(engine, index), limit_words(engine, index))
}

/// `: checkout.platform is 4.1 pw short`; empty where nothing limits the initiative.
pub fn limit_words(engine: &Engine, initiative: usize) -> String {
    let funding = engine.funding();
    let Some(place) = funding.places[initiative] else { return String::new() };
    let Some(pot) = funding.funded.limits[place as usize] else { return String::new() };
    let pot = pot as usize;
    let name = engine.pot_name(pot);
    match (engine.demand(pot).number(), engine.pot_capacity(pot).number()) {
        (Some(demand), Some(capacity)) if demand > capacity => {
            format!(": {name} is {} short", weeks(demand - capacity))
        }
        (_, None) => format!(": {name} has no capacity"),
        _ => String::new(),
    }
}

fn kr_reason(before: &KrOutlook, after: &KrOutlook) -> Option<String> {
    if !differ(before.projected_grade, after.projected_grade)
        && !differ(before.projected, after.projected)
    {
        return None;
    }
    let value =
        |it: &KrOutlook| if it.shown.is_empty() { "no data".into() } else { it.shown.clone() };
    let grade =
        |it: &KrOutlook| it.projected_grade.map_or("no grade".into(), crate::quantity::grade);
    let grades = format!("{} instead of {}", grade(after), grade(before));
    Some(match before.shown == after.shown {
        true => format!("{} is graded {grades}", after.id),
        false => {
            let (is, was) = (value(after), value(before));
            format!("{} lands at {is} instead of {was}: {grades}", after.id)
        }
    })
}
