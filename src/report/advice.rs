//! The coach's advice as data: grouped by objective, what matters most first, and a line a team.

use crate::coach::{Advice, At, Rule, TABLE, exceptions};
use crate::diagnostic::Record;
use crate::engine::{Engine, State};
use crate::plan::cell::{Cell, Field, Kind};
use crate::plan::model::{KrKind, TalkKind};
use crate::syntax::keyword::TEAM_KINDS;
use std::collections::BTreeMap;

/// `okr coach`: what the coach has to say.
#[derive(Clone, Debug)]
pub struct Coaching<'a> {
    /// The as-of date, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// A line for each team that owns objectives or gets advice.
    pub teams: Vec<TeamLine>,
    /// The advice, grouped by objective; what matters most comes first.
    pub groups: Vec<AdviceGroup<'a>>,
}

/// What is to be said about a team, in a line.
#[derive(Clone, Debug)]
pub struct TeamLine {
    /// The team's title.
    pub title: String,
    /// What its kind is spared of, and where it is meant to land; empty without an exception.
    pub exception: String,
    /// "ambitious, measurable, agreed; two figures are granular"
    pub words: String,
}

/// The advice on one objective, or on a team beside its objectives.
#[derive(Clone, Debug)]
pub struct AdviceGroup<'a> {
    /// The path of the objective or team; empty for the plan.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The advice; what matters most comes first.
    pub advice: Vec<Record<'a>>,
}

/// The advice on a plan, grouped and in order.
pub fn coaching<'a>(engine: &'a Engine, advice: &'a [Advice]) -> Coaching<'a> {
    Coaching {
        as_of: engine.moment.as_of.map(|date| date.to_string()),
        as_of_from: engine.moment.source.words().to_owned(),
        teams: team_lines(engine, advice),
        groups: groups(engine, advice),
    }
}

fn groups<'a>(engine: &'a Engine, advice: &'a [Advice]) -> Vec<AdviceGroup<'a>> {
    let plan = &engine.plan;
    let mut groups: BTreeMap<Option<At>, Vec<&'a Advice>> = BTreeMap::new();
    for one in advice {
        let objective = one.at.objective(plan).map(|index| At { kind: Kind::Objective, index });
        let team = || one.at.team(plan).map(|index| At { kind: Kind::Team, index });
        groups.entry(objective.or_else(team)).or_default().push(one);
    }
    let mut groups: Vec<(Option<At>, Vec<&'a Advice>)> = groups.into_iter().collect();
    for (_, group) in &mut groups {
        group.sort_by_key(|it| (it.rule.rank(), it.place));
    }
    groups.sort_by_key(|(_, group)| group.first().map(|it| (it.rule.rank(), it.place)));
    let group = |(at, group): (Option<At>, Vec<&'a Advice>)| AdviceGroup {
        id: at.map(|at| at.path(plan)).unwrap_or_default(),
        title: match at {
            Some(At { kind: Kind::Objective, index }) => {
                plan.text(plan.objectives[index as usize].title)
            }
            Some(At { index, .. }) => plan.text(plan.teams[index as usize].title),
            None => "The plan".into(),
        },
        advice: group.into_iter().map(|one| one.finding().record(&plan.sources)).collect(),
    };
    groups.into_iter().map(group).collect()
}

fn team_lines(engine: &Engine, advice: &[Advice]) -> Vec<TeamLine> {
    let plan = &engine.plan;
    let mut owned: Vec<Vec<usize>> = vec![Vec::new(); plan.teams.len()];
    let declined = |it: usize| engine.objective_status(it) == Some(TalkKind::Declined);
    for (index, objective) in plan.objectives.iter().enumerate() {
        let judged = objective.cycle.is_none() || objective.cycle == engine.moment.cycle;
        if let Some(owner) = objective.owner.filter(|_| judged && !declined(index)) {
            owned[owner as usize].push(index);
        }
    }
    let mut given: BTreeMap<u32, Vec<&Advice>> = BTreeMap::new();
    for one in advice {
        if let Some(team) = one.at.team(plan) {
            given.entry(team).or_default().push(one);
        }
    }
    let line = |(team, owned): (usize, Vec<usize>)| {
        let advice = given.remove(&(team as u32)).unwrap_or_default();
        (!owned.is_empty() || !advice.is_empty()).then(|| team_line(engine, team, &owned, &advice))
    };
    owned.into_iter().enumerate().filter_map(line).collect()
}

fn team_line(engine: &Engine, team: usize, owned: &[usize], advice: &[&Advice]) -> TeamLine {
    let stated = &engine.plan.teams[team];
    let flaws = flaws(advice);
    let virtues = virtues(engine, owned, advice);
    let words: Vec<String> = [virtues.join(", "), flaws.join(", ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let words = if words.is_empty() { "nothing to add".to_owned() } else { words.join("; ") };
    let title = engine.plan.text(stated.title);
    let id = engine.plan.source(stated.name);
    TeamLine {
        title: super::words::title(&title, id).to_owned(),
        exception: exception(engine, team),
        words,
    }
}

/// "bau: spared of kpi, bau, not-ambitious; lands in 0.9 .. 1"
fn exception(engine: &Engine, team: usize) -> String {
    let kind = engine.plan.teams[team].kind;
    let (Some(kind), Some(exception)) = (kind, exceptions::of(kind)) else { return String::new() };
    let written = engine.plan.policies.kinds[usize::from(kind)].sweet.is_some();
    let written = written.then(|| engine.team_thresholds(Some(team as u32)).sweet);
    let lands = written.or(exception.sweet());
    let lands = lands.map(|(low, high)| format!("; lands in {low} .. {high}")).unwrap_or_default();
    format!("{}: {}{lands}", TEAM_KINDS[usize::from(kind)], exception.words())
}

/// What was found, rule by rule, in words: "two figures are granular".
fn flaws(advice: &[&Advice]) -> Vec<String> {
    let count = |rule: &Rule| advice.iter().filter(|it| it.rule.id == rule.id).count();
    let words = |rule: &&Rule| match count(rule) {
        0 => None,
        1 => Some(rule.one.to_owned()),
        several => Some(format!("{} {}", number(several), rule.many)),
    };
    TABLE.iter().filter_map(words).collect()
}

/// A small number as a word.
fn number(count: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// What a team can be praised for: nothing was found, and there was something to look at.
fn virtues(engine: &Engine, owned: &[usize], advice: &[&Advice]) -> Vec<&'static str> {
    let plan = &engine.plan;
    let krs = || owned.iter().flat_map(|&it| plan.objectives[it].krs.clone()).map(|kr| kr as usize);
    let aims = |kr: usize| {
        plan.krs[kr].kind == KrKind::Aspirational && engine.kr_state(kr) == State::Graded
    };
    let agreed = |&it: &usize| engine.objective_status(it) == Some(TalkKind::Agreed);
    let loaded = |bucket: u32| {
        engine.read(Cell { field: Field::BucketLoad, index: bucket }).number().is_some()
    };
    let mut buckets = owned
        .iter()
        .filter_map(|&it| plan.objectives[it].owner)
        .flat_map(|team| plan.teams[team as usize].buckets.clone());
    let found = |id: &str| advice.iter().any(|it| it.rule.id == id);
    let checks = [
        ("ambitious", krs().any(aims) && !found("out-of-reach")),
        ("measurable", krs().next().is_some()),
        ("agreed", !owned.is_empty() && owned.iter().all(agreed)),
        ("feasible", buckets.any(loaded)),
    ];
    let faultless = |virtue: &str| !advice.iter().any(|it| it.rule.virtue == virtue);
    let praised = checks.into_iter().filter(|(virtue, seen)| *seen && faultless(virtue));
    praised.map(|(virtue, _)| virtue).collect()
}
