//! The smallest change of one input that brings a cell to a value (`capacity.md`, "seek").

use super::search::{GoOn, NEAR, Trial, capacity_with};
use super::search_kinks::kinks;
use super::search_line::{Goal, Nothing, Place, Span, nearest};
use super::seek_chance::{Chance, Probability, share_of_futures};
use super::simulate::Watch;
use super::standpoint::Standpoint;
use crate::engine::Engine;
use crate::plan::Plan;
use crate::plan::cell::{Access, Cell, Field, Range};
use crate::quantity::UnitId;
use serde::Serialize;

/// `okr seek`
#[derive(Clone, Debug, Serialize)]
pub struct Sought {
    /// `okr.seek/1`
    pub schema: &'static str,
    /// Whether the cell can be brought to the value.
    pub reachable: bool,
    /// The cell.
    pub cell: String,
    /// The value that is wanted, in the cell's unit.
    pub wanted: f64,
    /// The input that is changed.
    pub by: String,
    /// Its new value, in its unit; where the cell comes nearest, if that is not near enough.
    pub value: f64,
    /// The cell there.
    pub reached: f64,
    /// `>=` or `<=`
    pub comparison: &'static str,
    /// The input as it is; null without a number.
    pub present: Option<f64>,
    /// The cell as it is.
    pub before: Option<f64>,
    /// The bucket that gives or takes what the other one takes or gives.
    pub from: Option<String>,
    /// That bucket's share as it is.
    pub from_present: Option<f64>,
    /// Its new share.
    pub from_value: Option<f64>,
    /// The least and the greatest value that was tried.
    pub within: [f64; 2],
    /// In how many futures that is reached; null where the point values are asked.
    pub probability: Option<Probability>,
    /// From where this looks.
    #[serde(flatten)]
    pub standpoint: Standpoint,
    /// The same in words.
    #[serde(skip)]
    pub words: Words,
}

/// Numbers as people read them.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The value that is wanted.
    pub wanted: String,
    /// The cell as it is.
    pub before: String,
    /// The cell at the new value.
    pub reached: String,
    /// The input as it is.
    pub present: String,
    /// Its new value.
    pub value: String,
    /// By how much it changes: `7.3 points more`; empty if it does not, or has no number now.
    pub change: String,
    /// The ends of the span.
    pub within: [String; 2],
    /// Where a share comes from: `from` another bucket, the `slack`, or nowhere.
    pub source: &'static str,
    /// That bucket's share as it is and will be, `30% -> 22.7%`.
    pub from: String,
}

/// What is changed, and how far it can go.
#[derive(Clone, Copy, Debug)]
pub struct By {
    cell: Cell,
    /// The bucket that gives or takes the difference; `None` if it comes from the slack.
    from: Option<u32>,
    present: Option<f64>,
    low: f64,
    high: f64,
}

impl By {
    /// An input, or the share of a bucket with the one that the difference comes from; any other
    /// input is searched between the two ends.
    ///
    /// # Errors
    ///
    /// Why this cannot be varied, in words.
    pub fn new(
        engine: &Engine,
        cell: Cell,
        from: Option<u32>,
        within: Option<(f64, f64)>,
    ) -> Result<Self, String> {
        let plan = &engine.plan;
        let name = plan.cell_name(cell);
        let outright =
            cell.field == Field::TeamCapacity && plan.teams[cell.index as usize].people.is_none();
        if cell.field.entry().access != Access::Input && !outright {
            let help = "name an input, such as a share, people, a chance or a target";
            return Err(format!("`{name}` is computed and cannot be changed; {help}"));
        }
        if cell.field == Field::BucketShare {
            return Self::share(engine, cell.index, from, within);
        }
        if from.is_some() {
            return Err(format!("`--from` goes with the share of a bucket, not with `{name}`"));
        }
        let present = engine.read(cell).number();
        let (low, high) = match (within, present) {
            (Some(within), _) => within,
            (None, Some(present)) if present > 0.0 => (0.0, 4.0 * present),
            (None, present) => {
                let is = match present {
                    Some(present) => {
                        format!("is {}", plan.units.show(present, shown_unit(plan, cell)))
                    }
                    None => "has no number".into(),
                };
                let help = "say where to look: `--within LOW .. HIGH`";
                return Err(format!("`{name}` {is}, so that four times it is no span; {help}"));
            }
        };
        let (least, greatest) = match cell.field.entry().range {
            Range::Any => (f64::NEG_INFINITY, f64::INFINITY),
            Range::NotNegative => (0.0, f64::INFINITY),
            Range::Share => (0.0, 1.0),
        };
        let (low, high) = (low.max(least), high.min(greatest));
        Ok(Self { cell, from: None, present, low, high })
    }

    /// b + δ and c − δ, both within 0..1, their floors and ceilings.
    fn share(
        engine: &Engine,
        bucket: u32,
        from: Option<u32>,
        within: Option<(f64, f64)>,
    ) -> Result<Self, String> {
        let plan = &engine.plan;
        let cell = Cell { field: Field::BucketShare, index: bucket };
        let (team, id) = (plan.buckets[bucket as usize].team, plan.bucket_id(bucket as usize));
        let from = match from {
            Some(from) if from == bucket => {
                return Err(format!("`{id}` cannot give to itself; name another bucket"));
            }
            Some(from) if plan.buckets[from as usize].team != team => {
                let other = plan.bucket_id(from as usize);
                let message = format!("`{other}` is another team's: shares move inside one team");
                return Err(format!("{message}; name a bucket of the same team"));
            }
            Some(from) => Some(from),
            None => source_of(engine, bucket)?,
        };
        let number = |bucket: u32| {
            let share = engine.bucket_share(bucket as usize).number();
            let id = plan.bucket_id(bucket as usize);
            share.ok_or_else(|| format!("`{id}.share` has no number to start from"))
        };
        let present = number(bucket)?;
        let (low, high) = bounds(engine, bucket);
        let (mut most, mut least) = (high, low);
        match from {
            Some(from) => {
                let other = number(from)?;
                let (low, high) = bounds(engine, from);
                (least, most) =
                    (least.max(present - (high - other)), most.min(present + other - low));
            }
            None => most = most.min(present + engine.slack(team as usize).unwrap_or(0.0)),
        }
        (least, most) = (tidy(least), tidy(most));
        if let Some((low, high)) = within {
            (least, most) = (least.max(low), most.min(high));
        }
        if least > most + NEAR {
            let message = format!("floors and ceilings leave `{id}` no share that it could have");
            return Err(format!("{message}; change them, or name another bucket with `--from`"));
        }
        Ok(Self { cell, from, present: Some(present), low: least, high: most.max(least) })
    }

    /// The share of the other bucket at a share of this one.
    fn other(&self, engine: &Engine, value: f64) -> Option<f64> {
        let other = engine.bucket_share(self.from? as usize).number()?;
        Some((other - (value - self.present?)).max(0.0))
    }
}

/// A share without what rounding leaves in its last digits.
pub fn tidy(share: f64) -> f64 {
    (share * 1e12).round() / 1e12
}

/// The unit in which people read a cell: shares as percentages.
pub fn shown_unit(plan: &Plan, cell: Cell) -> UnitId {
    match cell.field {
        Field::BucketShare
        | Field::BucketFloor
        | Field::BucketCeiling
        | Field::BucketLoad
        | Field::TeamFocus
        | Field::InitiativeChance
        | Field::InitiativeFinished
        | Field::InitiativeFunded
        | Field::InitiativePaid => UnitId::PERCENT,
        _ => plan.unit_of(cell),
    }
}

/// The least and the greatest share of a bucket.
pub fn bounds(engine: &Engine, bucket: u32) -> (f64, f64) {
    let number = |field| engine.read(Cell { field, index: bucket }).number();
    let floor = number(Field::BucketFloor).unwrap_or(0.0).max(0.0);
    (floor, number(Field::BucketCeiling).unwrap_or(1.0).min(1.0))
}

/// Where the share comes from if nothing is said: the slack, then the `rest`.
fn source_of(engine: &Engine, bucket: u32) -> Result<Option<u32>, String> {
    let plan = &engine.plan;
    let team = plan.buckets[bucket as usize].team as usize;
    if engine.slack(team).is_some() {
        return Ok(None);
    }
    let rest = plan.teams[team].buckets.clone().find(|&other| engine.takes_rest(other));
    match rest.filter(|&rest| rest != bucket) {
        Some(rest) => Ok(Some(rest)),
        None => {
            let id = plan.bucket_id(bucket as usize);
            let others = plan.teams[team].buckets.clone().filter(|&other| other != bucket);
            let others: Vec<String> = others.map(|it| plan.bucket_id(it as usize)).collect();
            let help = match others.first() {
                Some(other) => format!("say which bucket gives it: `--from {other}`"),
                None => "the team has no other bucket".into(),
            };
            Err(format!("`{id}` can take from neither slack nor `rest`; {help}"))
        }
    }
}

/// What is sought.
#[derive(Clone, Copy)]
pub struct Question<'w> {
    /// The cell.
    pub cell: Cell,
    /// What it is to reach.
    pub goal: Goal,
    /// By what.
    pub by: By,
    /// How likely that is to be, and what may stop the drawing; else the point values are asked.
    pub chance: Option<(Chance, Watch<'w>)>,
}

/// Searches the least change of an input that brings a cell to a value.
///
/// # Errors
///
/// Why there is no answer, in words; `None` if the search was stopped.
pub fn seek(
    engine: Engine,
    question: Question<'_>,
    go_on: GoOn<'_>,
) -> Result<Sought, Option<String>> {
    let Question { cell, goal, by, chance } = question;
    let plan = std::sync::Arc::clone(&engine.plan);
    let before = engine.read(cell).number();
    let standpoint = Standpoint::of(&engine);
    let present = by.present.unwrap_or(by.low);
    let span = Span { low: by.low, high: by.high, present };
    let bends = bends(&engine, &by);
    let others: Option<(u32, f64)> = by.from.zip(by.other(&engine, present));
    let rest = |bucket: u32| engine.takes_rest(bucket);
    let shares = |at: f64| -> Vec<(u32, f64)> {
        let other = others.map(|(from, share)| (from, (share - (at - present)).max(0.0)));
        [(by.cell.index, at)].into_iter().chain(other).collect()
    };
    let fixed: Vec<bool> = match by.cell.field {
        Field::BucketShare => shares(present).iter().map(|(bucket, _)| !rest(*bucket)).collect(),
        _ => Vec::new(),
    };
    let mut now = None;
    let mut trial = Trial::new(engine, cell);
    let mut value = |at: f64| match (by.cell.field, chance) {
        (Field::BucketShare, None) => trial.with_shares(&shares(at)),
        (_, None) => trial.with(&[(by.cell, at)]),
        (field, Some((chance, watch))) => {
            match field {
                Field::BucketShare => {
                    let all = shares(at).into_iter().zip(&fixed).filter(|(_, fixed)| **fixed);
                    let cell = |index| Cell { field: Field::BucketShare, index };
                    let inputs: Vec<(Cell, f64)> =
                        all.map(|((bucket, share), _)| (cell(bucket), share)).collect();
                    trial.set(&inputs);
                }
                _ => trial.set(&[(by.cell, at)]),
            }
            let share = share_of_futures(trial.engine(), cell, goal, &chance, watch);
            // The present value comes first.
            now = now.or(share.filter(|_| at == present));
            share
        }
    };
    let wanted = match chance {
        Some((chance, _)) => Goal { at_least: true, value: chance.least },
        None => goal,
    };
    let place =
        nearest(&mut value, span, wanted, &bends, go_on).map_err(|nothing| match nothing {
            Nothing::Stopped => None,
            Nothing::NoValue => {
                let (cell, by) = (plan.cell_name(cell), plan.cell_name(by.cell));
                Some(format!("`{cell}` has no number, whatever `{by}` is"))
            }
        })?;
    let likely = chance.map(|(chance, _)| Probability {
        wanted: chance.least,
        reached: place.value,
        present: now.filter(|_| by.present.is_some()),
        samples: chance.samples,
        seed: chance.seed,
    });
    let value = match (likely, by.cell.field) {
        (None, _) => place.value,
        (Some(_), Field::BucketShare) => trial.with_shares(&shares(place.at)).unwrap_or(f64::NAN),
        (Some(_), _) => trial.with(&[(by.cell, place.at)]).unwrap_or(f64::NAN),
    };
    let found = sought(&plan, cell, before, goal, &by, others, Place { value, ..place });
    Ok(Sought { standpoint, probability: likely, ..found })
}

/// Where what is funded bends as shares go from the least to the greatest.
fn bends(engine: &Engine, by: &By) -> Vec<f64> {
    let (Field::BucketShare, Some(present)) = (by.cell.field, by.present) else {
        return Vec::new();
    };
    let portfolio = &engine.funding().portfolio;
    let team = engine.plan.buckets[by.cell.index as usize].team as usize;
    let team = engine.read(Cell::new(Field::TeamCapacity, team)).number();
    let Some(team) = team.filter(|team| *team > 0.0) else { return Vec::new() };
    if portfolio.pots.is_empty() {
        return Vec::new();
    }
    let mut portfolio = portfolio.clone();
    let mut rates = vec![0.0; portfolio.pots.len()];
    let mut pots = vec![(by.cell.index, by.low, team)];
    pots.extend(by.from.zip(by.other(engine, by.low)).map(|(from, share)| (from, share, -team)));
    for (bucket, share, rate) in pots {
        rates[bucket as usize] = rate;
        portfolio.pots[bucket as usize].capacity =
            capacity_with(engine, bucket, share).unwrap_or(f64::NAN);
    }
    let found = kinks(&portfolio, &rates, 0.0, by.high - by.low);
    found.into_iter().map(|at| by.low + at).chain([present]).collect()
}

fn sought(
    plan: &Plan,
    cell: Cell,
    before: Option<f64>,
    goal: Goal,
    by: &By,
    others: Option<(u32, f64)>,
    place: Place,
) -> Sought {
    let unit = shown_unit(plan, cell);
    let show = |value: f64| plan.units.show(value, unit);
    let short = !place.reached && show(place.value) == show(goal.value);
    let unit_by = shown_unit(plan, by.cell);
    let show_by = |value: f64| plan.units.show(value, unit_by);
    let present = by.present;
    let from_value =
        others.zip(present).map(|((_, share), now)| tidy((share - (place.at - now)).max(0.0)));
    let change = by.present.map(|present| place.at - present).filter(|change| *change != 0.0);
    let shown = |change: f64| {
        let way = if change > 0.0 { "more" } else { "less" };
        match by.cell.field {
            Field::BucketShare => {
                format!("{} points {way}", crate::quantity::readable(change.abs() * 100.0))
            }
            _ => format!("{} {way}", show_by(change.abs())),
        }
    };
    let words = Words {
        wanted: show(goal.value),
        before: before.map_or_else(|| "no data".into(), show),
        reached: if short { plan.units.spell(place.value, unit) } else { show(place.value) },
        present: by.present.map_or_else(|| "no data".into(), show_by),
        value: show_by(place.at),
        change: change.map(shown).unwrap_or_default(),
        within: [by.low, by.high].map(show_by),
        source: match (by.cell.field, others) {
            (_, Some(_)) => "from",
            (Field::BucketShare, None) => "slack",
            _ => "",
        },
        from: match others.zip(from_value) {
            Some(((_, share), value)) => format!("{} -> {}", show_by(share), show_by(value)),
            None => String::new(),
        },
    };
    Sought {
        schema: "okr.seek/1",
        reachable: place.reached,
        cell: plan.cell_name(cell),
        wanted: goal.value,
        by: plan.cell_name(by.cell),
        value: place.at,
        reached: place.value,
        comparison: if goal.at_least { ">=" } else { "<=" },
        present,
        before,
        from: others.map(|(from, _)| plan.bucket_id(from as usize)),
        from_present: others.map(|(_, share)| share),
        from_value,
        within: [by.low, by.high],
        probability: None,
        standpoint: Standpoint::default(),
        words,
    }
}
