//! The best shares of teams' buckets (`capacity.md`, "optimize").
//!
//! Teams that have nothing to do with one another are looked at apart. Where the cell is a sum of
//! grades that follow from funding by straight lines, a solver finds the best shares; where they
//! bend upwards between corners, the corners are tried; everything else is searched. Whatever says
//! how good shares are, the engine has the last word: a solver's answer is the best only if the
//! engine reaches its value.

use super::optimize_linear::{Wanted, solve};
use super::optimize_model::{Class, Group, Model};
use super::optimize_search::{Judge, corners, equal};
use super::optimize_space::{Point, Space};
use super::search::{GoOn, Trial};
use super::seek::{shown_unit, tidy};
use super::simulate::{Futures, Stopped, Watch};
use super::standpoint::Standpoint;
use crate::engine::Engine;
use crate::plan::cell::{Cell, Field};
use crate::quantity::UnitId;
use serde::Serialize;

/// How many corners are looked at.
const MOST_CORNERS: usize = 20_000;
/// How many points a search tries, where shares do nothing but fund.
const MOST_TRIED: usize = 40_000;
/// How many it tries where the whole plan has to be computed for each.
const MOST_COMPUTED: usize = 3_000;
/// How many points are tried to see whether a proven optimum can be beaten.
const DOUBT: usize = 1_000;
/// How near a solver's value and the engine's must be.
const AGREE: f64 = 1e-7;

/// `okr optimize`
#[derive(Clone, Debug, Serialize)]
pub struct Optimum {
    /// `okr.optimize/1`
    pub schema: &'static str,
    /// The cell that is made as great as possible.
    pub cell: String,
    /// The cell as it is.
    pub before: Option<f64>,
    /// The cell with the best shares, by the point values of the estimates.
    pub promised: Option<f64>,
    /// Its mean over simulated futures; null for a cell that is the same in all.
    pub delivered: Option<f64>,
    /// How far that mean may be off by chance.
    pub standard_error: Option<f64>,
    /// How many futures.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
    /// How the shares were found: `lp`, `milp`, `enumeration`, `search`, or several of them.
    pub method: String,
    /// Whether nothing better exists.
    pub proven: bool,
    /// The shares that may vary.
    pub shares: Vec<ShareChange>,
    /// The initiatives that take part.
    pub initiatives: Vec<FundedChange>,
    /// How many points of capacity move, over all teams: 0.1 is ten.
    pub moved: f64,
    /// From where this looks.
    #[serde(flatten)]
    pub standpoint: Standpoint,
    /// The lines that a scenario needs to set these shares.
    #[serde(skip)]
    pub lines: Vec<String>,
    /// The cell before and after, and as delivered, as people read it.
    #[serde(skip)]
    pub shown: [String; 3],
}

/// A share before and after.
#[derive(Clone, Debug, Serialize)]
pub struct ShareChange {
    /// The bucket.
    pub id: String,
    /// Its share as it is.
    pub before: f64,
    /// The best one.
    pub after: f64,
    /// Its floor, if it has one.
    pub floor: Option<f64>,
    /// Its ceiling, if it has one.
    pub ceiling: Option<f64>,
    /// Whether it takes what the others leave.
    pub rest: bool,
}

/// How much of an initiative is funded, before and after.
#[derive(Clone, Debug, Serialize)]
pub struct FundedChange {
    /// The initiative.
    pub id: String,
    /// The share of it that is funded with the best shares.
    pub funded: Option<f64>,
    /// The share that is funded now.
    pub before: Option<f64>,
}

/// How the best point of a group was found.
struct Found {
    point: Point,
    method: &'static str,
    proven: bool,
}

/// The seed of the futures in which an optimum is tried; another one than that of a simulation, so
/// that nobody who has looked at those has chosen by them.
pub const SEED: u64 = super::simulate::SEED + 1;

/// The futures in which an optimum is tried.
#[derive(Clone, Copy)]
pub struct Proof<'w> {
    /// How many.
    pub samples: u64,
    /// What all draws hang on.
    pub seed: u64,
    /// Is told of what is drawn; may stop it.
    pub watch: Watch<'w>,
}

/// Finds the best shares of teams' buckets for a cell.
///
/// # Errors
///
/// Why there is none, in words; `None` if the search was stopped.
pub fn optimize(
    make: &dyn Fn() -> Engine,
    cell: Cell,
    teams: &[u32],
    proof: Proof<'_>,
    go_on: GoOn<'_>,
) -> Result<Optimum, Option<String>> {
    let engine = make();
    let space = Space::new(&engine, teams).map_err(Some)?;
    let mut trial = Trial::new(make(), cell);
    let model = Model::of(&engine, cell);
    let groups = match &model {
        Some(model) => model.groups(&engine, &space),
        None => Vec::new(),
    };
    let mut work =
        Work { engine: &engine, space: &space, trial: &mut trial, model: model.as_ref(), go_on };
    let mut point = space.fitted(&space.present());
    let mut found: Vec<Found> = Vec::new();
    match groups.is_empty() {
        true => found.push(work.search(&space, &point).ok_or(None)?),
        false => {
            for group in &groups {
                let best = work.group(group, &point).ok_or(None)?;
                point = best.point.clone();
                found.push(best);
            }
        }
    }
    if let Some(last) = found.last() {
        point = last.point.clone();
    }
    let mut methods: Vec<&str> = found.iter().map(|it| it.method).collect();
    methods.sort_unstable();
    methods.dedup();
    let proven = found.iter().all(|it| it.proven);
    let mut after = make();
    set_shares(&mut after, &space, &point);
    let promised = after.read(cell).number();
    // What was tried and what the whole plan computes must be the same.
    let tried = trial.with_shares(&space.shares(&point));
    let agree = tried.zip(promised).is_some_and(|(a, b)| (a - b).abs() <= equal(b));
    let optimum = report(&engine, &after, cell, &space, &point);
    let optimum =
        Optimum { method: methods.join(", "), proven: proven && agree, promised, ..optimum };
    tried_out(optimum, &after, cell, proof)
}

/// What the best shares deliver, on average, in futures that nobody has looked at.
fn tried_out(
    mut optimum: Optimum,
    after: &Engine,
    cell: Cell,
    proof: Proof<'_>,
) -> Result<Optimum, Option<String>> {
    (optimum.samples, optimum.seed) = (proof.samples, proof.seed);
    if cell.field.is_future() {
        let futures = Futures::new(after, proof.seed, &[cell]);
        let found = futures.cell(cell, proof.samples, proof.watch).map_err(|Stopped| None)?;
        (optimum.delivered, optimum.standard_error) = (found.mean, found.standard_error);
        optimum.shown[2] = shown(after, cell, found.mean);
    }
    Ok(optimum)
}

/// A value of a cell as people read it.
fn shown(engine: &Engine, cell: Cell, value: Option<f64>) -> String {
    match value {
        Some(value) => engine.plan.units.show(value, shown_unit(&engine.plan, cell)),
        None => "no data".into(),
    }
}

/// Sets the shares; a bucket that takes the rest gets what is left.
fn set_shares(engine: &mut Engine, space: &Space, point: &Point) {
    let set = |(bucket, _): &(u32, f64)| !engine.takes_rest(*bucket);
    let shares = space.shares(point).into_iter().filter(set);
    let inputs: Vec<(Cell, f64)> =
        shares.map(|(index, share)| (Cell { field: Field::BucketShare, index }, share)).collect();
    engine.set_all(&inputs);
}

/// What a search works with.
struct Work<'a> {
    engine: &'a Engine,
    space: &'a Space,
    trial: &'a mut Trial,
    model: Option<&'a Model>,
    go_on: GoOn<'a>,
}

impl Work<'_> {
    /// The best shares of teams that belong together, the others as in `base`. `None` if the search
    /// was stopped.
    fn group(&mut self, group: &Group, base: &Point) -> Option<Found> {
        let teams = group.teams.iter().map(|&team| self.space.teams[team].clone()).collect();
        let space = Space { vars: self.space.vars.clone(), teams };
        let exact = match group.class {
            Class::Linear => self.linear(group, &space, base)?,
            Class::Corners => self.corners(&space, base)?,
            Class::Search => None,
        };
        match exact {
            Some(found) => Some(found),
            None => self.search(&space, base),
        }
    }

    fn judge<'b>(&'b mut self, space: &'b Space, base: &Point) -> Judge<'b> {
        Judge::new(space, self.engine, self.trial, base.clone(), &mut *self.go_on)
    }

    /// By a solver: first without whole numbers, then with them. The inner `None` is for programmes
    /// that it does not solve, and for answers that the engine does not confirm.
    #[allow(clippy::option_option)]
    fn linear(&mut self, group: &Group, space: &Space, base: &Point) -> Option<Option<Found>> {
        let Some(model) = self.model else { return Some(None) };
        let Some(constant) = self.constant(model, group, base) else { return Some(None) };
        let (engine, all) = (self.engine, self.space);
        for exact in [false, true] {
            let ask = |wanted| solve(engine, model, group, all, base, (exact, wanted));
            let Some(solved) = ask(Wanted::Greatest).filter(|it| it.optimal) else { continue };
            let bound = constant + solved.value;
            let near = AGREE * bound.abs().max(1.0);
            let mut judge = self.judge(space, base);
            judge.climb(space.fitted(&solved.point), usize::MAX);
            judge.climb(base.clone(), usize::MAX);
            judge.search(DOUBT);
            let Some(top) = judge.top() else { return judge.ended(None) };
            if (top - bound).abs() > near {
                continue;
            }
            let nearest = ask(Wanted::Nearest(top - constant - equal(top)));
            if let Some(nearest) = nearest {
                judge.climb(space.fitted(&nearest.point), usize::MAX);
            }
            judge.settle();
            let method = if exact { "milp" } else { "lp" };
            return judge.ended(Some((method, true)));
        }
        Some(None)
    }

    /// What the cell has beside the weighted grades of a group, with the shares of `base`.
    fn constant(&mut self, model: &Model, group: &Group, base: &Point) -> Option<f64> {
        let value = self.trial.with_shares(&self.space.shares(base))?;
        let landed = self.trial.landed(&self.space.shares(base))?;
        let mut constant = value;
        for part in group.parts.iter().map(|&part| &model.parts[part]) {
            let (_, at) = landed.iter().find(|(kr, _)| *kr == part.kr)?;
            // Without data a key result counts as 0.
            let grade = if at.is_nan() { 0.0 } else { part.grade(self.engine, *at)? };
            constant -= part.weight * grade;
        }
        Some(constant)
    }

    /// By trying every corner; the inner `None` where there are too many.
    #[allow(clippy::option_option)]
    fn corners(&mut self, space: &Space, base: &Point) -> Option<Option<Found>> {
        let engine = self.engine;
        let mut judge = self.judge(space, base);
        let Some(found) = all_corners(&mut judge, engine, space, base, MOST_CORNERS) else {
            return Some(None);
        };
        judge.corners(&found);
        let top = judge.top();
        judge.search(DOUBT);
        judge.settle();
        let beaten = judge.top().zip(top).is_none_or(|(now, then)| now > then + equal(then));
        match beaten {
            true => judge.ended(None),
            false => judge.ended(Some(("enumeration", true))),
        }
    }

    /// By trying, from many starts.
    fn search(&mut self, space: &Space, base: &Point) -> Option<Found> {
        let engine = self.engine;
        let quick = self.trial.is_quick();
        let most = if quick { MOST_TRIED } else { MOST_COMPUTED };
        let mut judge = self.judge(space, base);
        if let Some(found) = all_corners(&mut judge, engine, space, base, most / 4) {
            judge.corners(&found);
        }
        judge.search(most);
        judge.follow_ridges(most);
        judge.settle();
        let found = judge.ended(Some(("search", false)))?;
        Some(found.unwrap_or(Found { point: base.clone(), method: "search", proven: false }))
    }
}

impl Judge<'_> {
    /// The best point, found like this; nothing if the search was stopped.
    #[allow(clippy::option_option)]
    fn ended(&self, how: Option<(&'static str, bool)>) -> Option<Option<Found>> {
        if self.stopped {
            return None;
        }
        let best = how.zip(self.best.clone());
        Some(best.map(|((method, proven), (point, _))| Found { point, method, proven }))
    }
}

/// Every corner of each team's shares, if all together are not more than `most`.
fn all_corners(
    judge: &mut Judge<'_>,
    engine: &Engine,
    space: &Space,
    base: &Point,
    most: usize,
) -> Option<Vec<Vec<Vec<f64>>>> {
    let bends: Vec<Vec<f64>> = (0..space.vars.len())
        .map(|var| judge.with_crossings(base, var, space.bends(engine, base, var)))
        .collect();
    let teams = 0..space.teams.len();
    let found: Option<Vec<_>> = teams.map(|team| corners(space, &bends, team, most)).collect();
    found.filter(|teams| {
        let all = teams.iter().try_fold(1_usize, |all, team| all.checked_mul(team.len()));
        all.is_some_and(|all| all <= most)
    })
}

fn report(engine: &Engine, after: &Engine, cell: Cell, space: &Space, point: &Point) -> Optimum {
    let plan = &engine.plan;
    let number = |engine: &Engine, field, index| engine.read(Cell { field, index }).number();
    let changes = space.vars.iter().zip(point).map(|(var, share)| ShareChange {
        id: plan.bucket_id(var.bucket as usize),
        before: var.present,
        after: tidy(*share),
        floor: number(engine, Field::BucketFloor, var.bucket),
        ceiling: number(engine, Field::BucketCeiling, var.bucket),
        rest: engine.takes_rest(var.bucket),
    });
    let shares: Vec<ShareChange> = changes.collect();
    let differ = |it: &&ShareChange| (it.after - it.before).abs() > 1e-12 && !it.rest;
    let line = |it: &ShareChange| {
        format!("set {}.share = {}", it.id, plan.units.spell(it.after, UnitId::PERCENT))
    };
    let lines = shares.iter().filter(differ).map(line).collect();
    let mut taking_part: Vec<usize> =
        engine.funding().portfolio.works.iter().map(|work| work.initiative as usize).collect();
    taking_part.sort_unstable();
    let initiatives = taking_part.into_iter().map(|initiative| FundedChange {
        id: plan.source(plan.initiatives[initiative].name).to_owned(),
        funded: after.funded(initiative).number(),
        before: engine.funded(initiative).number(),
    });
    let before = engine.read(cell).number();
    Optimum {
        schema: "okr.optimize/1",
        cell: plan.cell_name(cell),
        before,
        promised: None,
        delivered: None,
        standard_error: None,
        samples: 0,
        seed: 0,
        method: String::new(),
        proven: false,
        moved: tidy(space.moved(point)),
        shares,
        initiatives: initiatives.collect(),
        standpoint: Standpoint::of(engine),
        lines,
        shown: [
            shown(engine, cell, before),
            shown(after, cell, after.read(cell).number()),
            String::new(),
        ],
    }
}
