//! What a simulation draws, and what it does with it: the work of the cycle with its variables.
//!
//! Whatever is the same in all futures is worked out here, once.

use super::super::random::Key;
use crate::engine::portfolio::{Payment, ratio};
use crate::engine::{Effect, Engine, Start};
use crate::estimate::Distribution;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Draw, Estimate};

/// How much a team's efforts vary together, unless the policy says otherwise.
pub const CORRELATION: f64 = 0.3;

/// A number that is known, or stands in a column of the draft.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Known {
    /// The same in all futures.
    Number(f64),
    /// In a column.
    Column(u32),
}

/// An uncertain number with the key of its draws.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub key: Key,
    pub distribution: Distribution,
}

/// The effort of one work on one pot.
#[derive(Clone, Debug)]
pub(super) struct Effort {
    pub pot: u32,
    /// What is certain of it, without what is finished.
    pub fixed: f64,
    /// What is drawn; the rest of the team's efforts vary with it.
    pub drawn: Vec<Variable>,
    /// The index of the team's shared variable.
    pub team: u32,
    /// The share of it that is left to do.
    pub left: f64,
    pub amount: Known,
}

/// A work that is funded future by future.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub efforts: Vec<Effort>,
    /// The funded shares that must be 1.
    pub needs: Vec<Known>,
    pub payment: Payment,
    pub unmet: bool,
    pub share: Known,
    pub paid: Known,
    /// The share again, as a column where it is taken from one.
    pub taken: Known,
}

/// A step of funding, in the order of visit.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A pot's remainder begins to differ from future to future.
    Open { left: u32, at: f64 },
    /// A work takes its share.
    Fund(u32),
}

/// An effect on a key result.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub closes: bool,
    /// The chances of its initiative.
    pub chance: Option<u32>,
    pub paid: Known,
    /// The share of its funding, which gives data.
    pub funded: Known,
    /// What is certain: the share left to do, and the amount if that is certain too.
    pub factor: f64,
    pub amount: Option<Variable>,
}

/// A key result whose projected value differs from future to future.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    pub kr: u32,
    pub start: Start,
    pub pushes: Vec<Push>,
}

/// What a pot has and what is wanted of it.
#[derive(Clone, Debug)]
pub(super) struct PotState {
    pub capacity: f64,
    pub prorata: bool,
    /// All efforts on it: task and effort.
    pub wants: Vec<(u32, u32)>,
    pub demand: Known,
    /// Whether the demand's column is the same in all futures.
    pub constant_demand: bool,
    /// What is left after all works; a column from where it differs on.
    pub left: Known,
}

/// The variables of a plan and what they lead to.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// The teams with uncertain efforts.
    pub teams: Vec<Shared>,
    pub tasks: Vec<Task>,
    pub pots: Vec<PotState>,
    pub steps: Vec<Step>,
    /// Chances of initiatives: key, probability.
    pub chances: Vec<(Key, f64, u32)>,
    pub moved: Vec<Moved>,
    /// Columns of the draft.
    pub columns: u32,
    /// Those that are the same in all futures.
    pub constants: Vec<(u32, f64)>,
}

/// What the efforts of a team share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    pub team: u32,
    pub key: Key,
    /// The correlation of two efforts.
    pub correlation: f64,
}

impl Model {
    pub fn new(engine: &Engine, seed: u64) -> Self {
        let mut model = Self::default();
        let funding = engine.funding();
        let pots = funding.portfolio.pots.iter();
        model.pots = pots
            .map(|pot| PotState {
                capacity: pot.capacity,
                prorata: pot.prorata,
                wants: Vec::new(),
                demand: Known::Number(0.0),
                constant_demand: true,
                left: Known::Number(pot.capacity),
            })
            .collect();
        for place in 0..funding.portfolio.works.len() {
            let task = model.task(engine, seed, place);
            model.tasks.push(task);
        }
        model.sum_demands();
        for place in 0..model.tasks.len() {
            model.fund(engine, place);
        }
        model.effects(engine, seed);
        model
    }

    fn column(&mut self) -> u32 {
        self.columns += 1;
        self.columns - 1
    }

    /// A column of what is known; one of its own where that is a number.
    fn as_column(&mut self, known: Known) -> Known {
        if let Known::Number(number) = known {
            let column = self.column();
            self.constants.push((column, number));
            return Known::Column(column);
        }
        known
    }

    /// The efforts of a work: each line is a variable of its own, named by what it draws from.
    fn task(&mut self, engine: &Engine, seed: u64, place: usize) -> Task {
        let work = &engine.funding().portfolio.works[place];
        let initiative = &engine.plan.initiatives[work.initiative as usize];
        let id = engine.plan.source(initiative.name);
        let mut efforts: Vec<Effort> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for (estimate, draw) in &initiative.draws {
            let pot = engine.pot(*draw);
            let at = efforts.iter().position(|effort| effort.pot as usize == pot);
            let at = at.unwrap_or_else(|| {
                efforts.push(Effort {
                    pot: pot as u32,
                    fixed: 0.0,
                    drawn: Vec::new(),
                    team: u32::MAX,
                    left: work.left,
                    amount: Known::Number(0.0),
                });
                efforts.len() - 1
            });
            let from = match *draw {
                Draw::Bucket(bucket) => engine.plan.bucket_id(bucket as usize),
                Draw::Team(team) => {
                    engine.plan.source(engine.plan.teams[team as usize].name).to_owned()
                }
            };
            let name = numbered(format!("{id}.draws.{from}"), &mut names);
            match estimated(engine, estimate) {
                Some(Distribution::Constant(value)) if value >= 0.0 => efforts[at].fixed += value,
                Some(Distribution::Constant(_)) | None => {}
                Some(distribution) => {
                    let team = engine.funding().portfolio.pots[pot].team;
                    efforts[at].team = self.team(engine, seed, team);
                    let key = Key::of(seed, &name);
                    efforts[at].drawn.push(Variable { key, distribution });
                }
            }
        }
        for (at, effort) in efforts.iter_mut().enumerate() {
            effort.amount = match effort.drawn.is_empty() || effort.left == 0.0 {
                true if effort.drawn.is_empty() => Known::Number(effort.fixed * effort.left),
                true => Known::Number(0.0),
                false => Known::Column(self.column()),
            };
            self.pots[effort.pot as usize].wants.push((place as u32, at as u32));
        }
        let unknown = Known::Number(f64::NAN);
        Task {
            efforts,
            needs: work.needs.iter().map(|_| unknown).collect(),
            payment: work.payment.clone(),
            unmet: work.unmet,
            share: unknown,
            paid: unknown,
            taken: unknown,
        }
    }

    /// The index of a team's shared variable.
    fn team(&mut self, engine: &Engine, seed: u64, team: u32) -> u32 {
        if let Some(at) = self.teams.iter().position(|shared| shared.team == team) {
            return at as u32;
        }
        let id = engine.plan.source(engine.plan.teams[team as usize].name);
        let key = Key::of(seed, &format!("{id}.effort"));
        self.teams.push(Shared { team, key, correlation: correlation(engine, Some(team)) });
        self.teams.len() as u32 - 1
    }

    fn sum_demands(&mut self) {
        for pot in 0..self.pots.len() {
            let wants = self.pots[pot].wants.clone();
            let mut sum = 0.0;
            let mut varies = false;
            for (task, effort) in wants {
                match self.tasks[task as usize].efforts[effort as usize].amount {
                    Known::Number(amount) => sum += amount,
                    Known::Column(_) => varies = true,
                }
            }
            self.pots[pot].constant_demand = !varies;
            self.pots[pot].demand = match varies {
                true => Known::Column(self.column()),
                false => Known::Number(sum),
            };
        }
    }

    /// Works out the share of a work where it is the same in all futures, else how to.
    fn fund(&mut self, engine: &Engine, place: usize) {
        let needs = engine.funding().portfolio.works[place].needs.clone();
        let mut task = self.tasks[place].clone();
        for (slot, need) in task.needs.iter_mut().zip(needs) {
            *slot = self.tasks[need as usize].share;
        }
        task.share = match self.known_share(&task) {
            Some(share) => Known::Number(share),
            None => Known::Column(self.column()),
        };
        task.paid = self.known_paid(&task);
        self.take(place, &mut task);
        self.tasks[place] = task;
    }

    /// The share of a work, if it is the same in all futures; a NaN where a pot has no capacity.
    fn known_share(&self, task: &Task) -> Option<f64> {
        let pot = |effort: &Effort| &self.pots[effort.pot as usize];
        let wants = |effort: &&Effort| effort.amount != Known::Number(0.0);
        if task.efforts.iter().filter(wants).any(|effort| pot(effort).capacity.is_nan()) {
            return Some(f64::NAN);
        }
        let mut share: f64 = 1.0;
        let mut known = true;
        for effort in task.efforts.iter().filter(wants) {
            let pot = pot(effort);
            if pot.capacity == 0.0 {
                return Some(0.0);
            }
            let (there, wanted) = match pot.prorata {
                true => (Known::Number(pot.capacity), pot.demand),
                false => (pot.left, effort.amount),
            };
            match (there, wanted) {
                (Known::Number(there), Known::Number(wanted)) => {
                    share = share.min(ratio(there, wanted));
                }
                (Known::Number(0.0), _) => share = 0.0,
                _ => known = false,
            }
        }
        let settled = if share >= 1.0 - crate::engine::portfolio::NEAR { 1.0 } else { share };
        (known || share == 0.0).then_some(settled)
    }

    fn known_paid(&mut self, task: &Task) -> Known {
        let met = |need: &Known| matches!(need, Known::Number(share) if *share == 1.0);
        let never = |need: &Known| matches!(need, Known::Number(share) if *share != 1.0);
        match task.share {
            Known::Number(share) if share.is_nan() => Known::Number(share),
            _ if task.unmet || task.needs.iter().any(never) => Known::Number(0.0),
            Known::Number(share) if task.needs.iter().all(met) => {
                Known::Number(task.payment.of(share))
            }
            share if task.payment == Payment::AsFunded && task.needs.iter().all(met) => share,
            _ => Known::Column(self.column()),
        }
    }

    /// What is left of the pots after a work, and the step that works it out.
    fn take(&mut self, place: usize, task: &mut Task) {
        let varies = matches!(task.share, Known::Column(_));
        let nothing = matches!(task.share, Known::Number(share) if share.is_nan() || share == 0.0);
        let mut takes = false;
        for effort in &mut task.efforts {
            let pot = effort.pot as usize;
            if effort.amount == Known::Number(0.0) || nothing {
                continue;
            }
            if varies && self.pots[pot].prorata {
                self.pots[pot].demand = self.as_column(self.pots[pot].demand);
            }
            if self.pots[pot].prorata {
                effort.amount = if varies { self.as_column(effort.amount) } else { effort.amount };
                continue;
            }
            match (task.share, effort.amount, self.pots[pot].left) {
                (Known::Number(share), Known::Number(amount), Known::Number(left)) => {
                    self.pots[pot].left = Known::Number((left - share * amount).max(0.0));
                    continue;
                }
                (_, _, Known::Number(left)) => {
                    let column = self.column();
                    self.pots[pot].left = Known::Column(column);
                    self.steps.push(Step::Open { left: column, at: left });
                }
                (_, _, Known::Column(_)) => {}
            }
            effort.amount = self.as_column(effort.amount);
            takes = true;
        }
        if takes && !varies {
            task.taken = self.as_column(task.share);
        } else {
            task.taken = task.share;
        }
        if takes || varies || matches!(task.paid, Known::Column(_)) {
            self.steps.push(Step::Fund(place as u32));
        }
    }

    fn effects(&mut self, engine: &Engine, seed: u64) {
        let effects = engine.effects();
        let mut chances: Vec<Option<Option<u32>>> = vec![None; self.tasks.len()];
        for of_kr in effects.effects.chunk_by(|a, b| a.kr == b.kr) {
            let kr = of_kr[0].kr;
            if engine.stays(kr as usize) || effects.spoilt.contains(&kr) {
                continue;
            }
            let Some(start) = engine.start(kr) else { continue };
            let pushes: Option<Vec<Push>> =
                of_kr.iter().map(|effect| self.push(engine, seed, effect, &mut chances)).collect();
            let Some(pushes) = pushes else { continue };
            let varies = |push: &Push| {
                let pays = push.factor != 0.0 && push.paid != Known::Number(0.0);
                let unsure = push.chance.is_some() || push.amount.is_some();
                let data = !start.observed && matches!(push.funded, Known::Column(_));
                (pays && (unsure || matches!(push.paid, Known::Column(_)))) || data
            };
            if pushes.iter().any(varies) {
                self.moved.push(Moved { kr, start, pushes });
            }
        }
    }

    /// An effect; `None` if what it follows from is wrong.
    fn push(
        &mut self,
        engine: &Engine,
        seed: u64,
        effect: &Effect,
        chances: &mut [Option<Option<u32>>],
    ) -> Option<Push> {
        let place = effect.work as usize;
        let work = &engine.funding().portfolio.works[place];
        let initiative = &engine.plan.initiatives[work.initiative as usize];
        let id = engine.plan.source(initiative.name);
        let chance = engine.read(Cell::new(Field::InitiativeChance, work.initiative as usize));
        let chance = chance.number()?;
        if engine.paid(work.initiative as usize) == crate::engine::Value::Error {
            return None;
        }
        let task = &self.tasks[place];
        let (paid, funded) = (task.paid, task.share);
        let line = effect.line as usize;
        let (estimate, word) = match effect.closes {
            true => (&initiative.closes[line].0, "closes"),
            false => (&initiative.moves[line].1, "moves"),
        };
        // Without a share there is no effect, and no data.
        let is_nan = |known: Known| matches!(known, Known::Number(number) if number.is_nan());
        if is_nan(paid) || is_nan(funded) {
            let nothing = Known::Number(0.0);
            let (closes, factor) = (effect.closes, 0.0);
            return Some(Push {
                closes,
                chance: None,
                paid: nothing,
                funded: nothing,
                factor,
                amount: None,
            });
        }
        let before = match effect.closes {
            true => initiative.closes[..line].iter().filter(|it| it.1 == effect.kr).count(),
            false => initiative.moves[..line].iter().filter(|it| it.0 == effect.kr).count(),
        };
        let name = format!("{id}.{word}.{}", engine.plan.kr_id(effect.kr as usize));
        let name = if before == 0 { name } else { format!("{name}#{}", before + 1) };
        let (factor, amount) = match estimated(engine, estimate)? {
            Distribution::Constant(value) => (work.left * value, None),
            distribution => {
                let key = Key::of(seed, &name);
                (work.left, Some(Variable { key, distribution }))
            }
        };
        let (factor, chance) = match chance {
            chance if chance <= 0.0 => (0.0, None),
            chance if chance >= 1.0 => (factor, None),
            chance => {
                let column = match chances[place] {
                    Some(column) => column,
                    None => {
                        let column = self.column();
                        let key = Key::of(seed, &format!("{id}.chance"));
                        self.chances.push((key, chance, column));
                        Some(column)
                    }
                };
                chances[place] = Some(column);
                (factor, column)
            }
        };
        let amount = amount.filter(|_| factor != 0.0);
        Some(Push { closes: effect.closes, chance, paid, funded, factor, amount })
    }
}

/// The second and later lines of one name are told apart.
fn numbered(name: String, names: &mut Vec<String>) -> String {
    let before = names.iter().filter(|it| **it == name).count();
    names.push(name.clone());
    if before == 0 { name } else { format!("{name}#{}", before + 1) }
}

/// How an estimate is distributed; `None` if it has no number.
fn estimated(engine: &Engine, estimate: &Estimate) -> Option<Distribution> {
    let Some((low, likely, high)) = estimate.range else {
        return engine.bound(estimate.mean).map(Distribution::Constant);
    };
    let ends: Option<Vec<f64>> =
        [Some(low), likely, Some(high)].into_iter().flatten().map(|it| engine.bound(it)).collect();
    Distribution::of(&ends?)
}

/// How much a team's efforts vary together: the policy of its kind, else the general one.
pub fn correlation(engine: &Engine, team: Option<u32>) -> f64 {
    let policies = &engine.plan.policies;
    let kind = team.and_then(|team| engine.plan.teams[team as usize].kind);
    let own = kind.and_then(|kind| policies.kinds[kind as usize].effort_correlation);
    let stated = own.or(policies.general.effort_correlation);
    let stated = stated.and_then(|input| engine.bound(input));
    stated.unwrap_or(CORRELATION).clamp(0.0, 1.0)
}
