//! A plan under review: what rules ask of it, and the advice that they give.

use super::allow::{Allow, Allows};
use super::exceptions::{self, Spared};
use super::{Advice, At, Rule, TABLE, words};
use crate::engine::{Engine, State};
use crate::plan::Plan;
use crate::plan::cell::{Cell, Field, Kind};
use crate::plan::model::{
    Checkin, CodeOp, Draw, Grading, Initiative, KrKind, Subject, Talk, TalkKind, TextPlace,
};
use crate::quantity::UnitId;
use crate::source::Place;
use crate::syntax::keyword::TEAM_KINDS;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The review of a plan by one rule; what it has found out about the plan is shared by all.
pub(super) struct Review<'e> {
    /// The plan as of a day.
    pub engine: &'e Engine,
    /// The plan.
    pub plan: &'e Plan,
    /// The objectives that are judged: of the cycle in force and later ones, not declined.
    pub objectives: Vec<usize>,
    /// The initiatives that are judged: of the base, and of no cycle that is over.
    pub initiatives: Vec<usize>,
    /// Which of them move a key result.
    movers: Arc<FxHashMap<u32, Vec<usize>>>,
    /// The lines of the talk about each objective and its key results, in order.
    talk: Arc<FxHashMap<u32, Vec<usize>>>,
    allows: Arc<Allows>,
    rule: &'static Rule,
    advice: Vec<Advice>,
}

impl<'e> Review<'e> {
    pub fn new(engine: &'e Engine) -> Self {
        let plan: &Plan = &engine.plan;
        let judged = |cycle: Option<u32>| judges(engine, cycle);
        let declined = |it: &usize| engine.objective_status(*it) == Some(TalkKind::Declined);
        let objectives = (0..plan.objectives.len())
            .filter(|&it| judged(plan.objectives[it].cycle) && !declined(&it))
            .collect();
        let initiatives: Vec<usize> = (0..plan.initiatives.len())
            .filter(|&it| plan.initiatives[it].scenario.is_none())
            .filter(|&it| judged(plan.initiatives[it].cycle))
            .collect();
        let mut movers: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for &initiative in &initiatives {
            for kr in moved(&plan.initiatives[initiative]) {
                movers.entry(kr).or_default().push(initiative);
            }
        }
        let mut talk: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (at, said) in plan.talk.iter().enumerate() {
            let objective = match said.subject {
                Subject::Objective(objective) => objective,
                Subject::Kr(kr) => plan.krs[kr as usize].objective,
                Subject::Initiative(_) => continue,
            };
            talk.entry(objective).or_default().push(at);
        }
        Self {
            engine,
            plan,
            talk: Arc::new(talk),
            objectives,
            initiatives,
            movers: Arc::new(movers),
            allows: Arc::new(Allows::of(plan)),
            rule: TABLE[0],
            advice: Vec::new(),
        }
    }

    /// What a rule has to say.
    pub fn look(&self, rule: &'static Rule) -> Vec<Advice> {
        let mut review = Review {
            engine: self.engine,
            plan: self.plan,
            objectives: self.objectives.clone(),
            initiatives: self.initiatives.clone(),
            movers: Arc::clone(&self.movers),
            talk: Arc::clone(&self.talk),
            allows: Arc::clone(&self.allows),
            rule,
            advice: Vec::new(),
        };
        (rule.look)(&mut review);
        review.advice
    }

    // ---- what a rule gives ----------------------------------------------------------------------

    /// Gives advice, unless an `allow` of the thing, or of what it belongs to, silences it.
    pub fn give(
        &mut self,
        at: At,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !self.silences(at) {
            self.say(at, place, message, help);
        }
    }

    /// Gives advice that nothing silences any more.
    pub fn say(
        &mut self,
        at: At,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        let about = at.path(self.plan);
        self.advice.push(Advice { rule: self.rule, at, about, place, message, help });
    }

    /// Whether an `allow` of the thing, or of what it belongs to, silences the rule.
    pub fn silences(&mut self, at: At) -> bool {
        let objective = at.objective(self.plan).map(|it| At::new(Kind::Objective, it as usize));
        let team = at.team(self.plan).map(|it| At::new(Kind::Team, it as usize));
        let mut chain = vec![at];
        chain.extend(objective.filter(|it| *it != at));
        chain.extend(team.filter(|it| *it != at));
        let mut silent = false;
        for at in chain {
            silent |= self.allows.silence(at, self.rule);
        }
        silent
    }

    /// Every `allow` that silenced nothing.
    pub fn idle_allows(&self) -> Vec<&Allow> {
        let idle = |allow: &&Allow| !allow.used.load(Ordering::Relaxed) && allow.rule.is_some();
        self.allows.all.iter().filter(idle).collect()
    }

    // ---- what a rule asks -----------------------------------------------------------------------

    /// The key results of an objective that are neither declined nor not applicable.
    pub fn krs(&self, objective: usize) -> Vec<usize> {
        let live = |kr: &usize| {
            let out = matches!(self.engine.kr_state(*kr), State::Declined | State::NotApplicable);
            !out && !self.plan.krs[*kr].broken
        };
        self.plan.objectives[objective].krs.clone().map(|kr| kr as usize).filter(live).collect()
    }

    /// Those of them that count in its mean.
    pub fn counted(&self, objective: usize) -> Vec<usize> {
        let counts = |kr: &usize| self.plan.krs[*kr].kind != KrKind::Guardrail;
        self.krs(objective).into_iter().filter(counts).collect()
    }

    /// The text of a title.
    pub fn title(&self, title: TextPlace) -> String {
        self.plan.text(title)
    }

    /// The first word or phrase of a topic in a title.
    pub fn word(&self, topic: &str, title: TextPlace) -> Option<String> {
        let stated = self.plan.source(title.0);
        if words::may_hold(topic, stated) { words::found(topic, &self.title(title)) } else { None }
    }

    /// The same for a key result: one that is to change by a good deal is meant to, whatever words
    /// stand in its title, unless that begins with what to do.
    pub fn kr_word(&self, topic: &str, kr: usize) -> Option<String> {
        /// From this share of the baseline on a change is no keeping up.
        const CHANGE: f64 = 0.2;
        let stated = &self.plan.krs[kr];
        let word = self.word(topic, stated.title)?;
        let way = self.number(Field::KrTarget, kr).zip(self.number(Field::KrBaseline, kr));
        let changes = way
            .is_some_and(|(to, from)| from != 0.0 && ((to - from) / from).abs() >= CHANGE - 1e-9);
        (!changes || words::commands(topic, &self.title(stated.title))).then_some(word)
    }

    /// A cell's number.
    pub fn number(&self, field: Field, index: usize) -> Option<f64> {
        self.engine.read(Cell::new(field, index)).number()
    }

    /// The as-of date.
    pub fn as_of(&self) -> Option<Date> {
        self.engine.moment.as_of
    }

    /// Whether a day is not after the as-of date.
    pub fn is_past(&self, date: Date) -> bool {
        self.as_of().is_none_or(|as_of| date <= as_of)
    }

    /// The check-ins of a key result so far, by date.
    pub fn checkins(&self, kr: usize) -> Vec<&'e Checkin> {
        let range = self.plan.krs[kr].checkins.clone();
        let all = &self.plan.checkins[range.start as usize..range.end as usize];
        all.iter().filter(|it| self.is_past(it.date)).collect()
    }

    /// The lines of the talk so far about an objective or one of its key results.
    pub fn talk(&self, objective: usize) -> impl Iterator<Item = &'e Talk> + '_ {
        let (plan, as_of) = (self.plan, self.as_of());
        let about = self.talk.get(&(objective as u32)).map_or(&[][..], Vec::as_slice);
        let said = about.iter().map(move |&at| &plan.talk[at]);
        said.filter(move |it| as_of.is_none_or(|as_of| it.date <= as_of))
    }

    /// The kind of a team, as an index into `TEAM_KINDS`.
    pub fn kind(&self, team: Option<u32>) -> Option<u8> {
        self.plan.teams[team? as usize].kind
    }

    /// Whether a team is of a kind.
    pub fn is_kind(&self, team: Option<u32>, word: &str) -> bool {
        self.kind(team).is_some_and(|kind| TEAM_KINDS[usize::from(kind)] == word)
    }

    /// Whether a team leads: it has that kind, or is `leadership` without being a team of the plan.
    pub fn leads(&self, speaker: Option<u32>) -> bool {
        speaker.is_none() || self.is_kind(speaker, "leadership")
    }

    /// Whether a team is another one, or stands below it.
    pub fn is_below(&self, team: u32, above: u32) -> bool {
        let parent = |team: &u32| self.plan.teams[*team as usize].parent;
        let chain = std::iter::successors(Some(team), parent);
        chain.take(self.plan.teams.len() + 1).any(|it| it == above)
    }

    /// Whether the exception of the team's kind spares it of the rule.
    pub fn spares(&self, team: Option<u32>, part: Spared) -> bool {
        let exception = exceptions::of(self.kind(team));
        exception.is_some_and(|exception| exception.spares(self.rule.id, part))
    }

    /// Where a team's mean is meant to land, ends included.
    pub fn sweet(&self, team: Option<u32>) -> (f64, f64) {
        self.engine.team_thresholds(team).sweet
    }

    /// The initiatives that move or close a key result.
    pub fn movers(&self, kr: usize) -> &[usize] {
        self.movers.get(&(kr as u32)).map_or(&[], Vec::as_slice)
    }

    /// The team that an initiative draws from.
    pub fn drawn(&self, draw: Draw) -> u32 {
        match draw {
            Draw::Bucket(bucket) => self.plan.buckets[bucket as usize].team,
            Draw::Team(team) => team,
        }
    }

    /// Whether an initiative can move the key result at all: it is graded by a number of its own.
    pub fn can_be_moved(&self, kr: usize) -> bool {
        match self.plan.krs[kr].grading {
            Grading::Done | Grading::Milestones(..) => false,
            Grading::Formula(_) => self.reads_own_actual(kr),
            _ => true,
        }
    }

    /// Whether a formula that grades a key result reads that one's own actual.
    pub fn reads_own_actual(&self, kr: usize) -> bool {
        let own = Cell::new(Field::KrActual, kr);
        self.formula_cells(kr).contains(&own)
    }

    /// The cells that the grading formula of a key result reads; none without one.
    pub fn formula_cells(&self, kr: usize) -> Vec<Cell> {
        match self.plan.krs[kr].grading {
            Grading::Formula(input) => self.cells_of(input),
            _ => Vec::new(),
        }
    }

    /// The cells that an amount reads.
    pub fn cells_of(&self, input: crate::plan::model::Input) -> Vec<Cell> {
        let crate::plan::model::Amount::Formula(formula) = input.amount else { return Vec::new() };
        let cell = |code: &crate::plan::model::Code| match code.op {
            CodeOp::Cell(cell, _) => Some(cell),
            _ => None,
        };
        self.plan.steps(formula).iter().filter_map(cell).collect()
    }

    /// The share of a cycle's days up to and including a day.
    pub fn elapsed_on(&self, cycle: u32, date: Date) -> f64 {
        let cycle = &self.plan.cycles[cycle as usize];
        let days = f64::from(days(cycle.from, cycle.to) + 1);
        (f64::from(days_or_zero(cycle.from, date)) / days).clamp(0.0, 1.0)
    }

    /// A share in percent, for reading.
    pub fn percent(&self, share: f64) -> String {
        self.plan.units.show(share, UnitId::PERCENT)
    }
}

/// The days from one day to another; negative if that is earlier.
pub(super) fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn days_or_zero(from: Date, date: Date) -> i32 {
    if date < from { 0 } else { days(from, date) + 1 }
}

/// Whether what belongs to a cycle is judged: it is not over when the one in force begins.
fn judges(engine: &Engine, cycle: Option<u32>) -> bool {
    let (Some(cycle), Some(in_force)) = (cycle, engine.moment.cycle) else { return true };
    let cycles = &engine.plan.cycles;
    cycles[cycle as usize].to >= cycles[in_force as usize].from
}

/// The key results that an initiative moves or closes.
pub(super) fn moved(initiative: &Initiative) -> impl Iterator<Item = u32> + '_ {
    let moves = initiative.moves.iter().map(|(kr, _)| *kr);
    moves.chain(initiative.closes.iter().map(|(_, kr)| *kr))
}

/// `one, two and three`
pub(super) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
