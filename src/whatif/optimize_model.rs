//! How a cell follows from what is funded, as numbers, where it is a weighted sum of grades: what a
//! solver and a proof need to know.

use super::optimize_space::Space;
use crate::engine::portfolio::{Payment, Portfolio};
use crate::engine::{Engine, Start, Value};
use crate::plan::cell::{Cell, Field};
use crate::plan::model::Grading;

/// How near two numbers count as the same.
const SAME: f64 = 1e-12;

/// What one work does to a key result.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// Its place in the order of visit.
    pub work: usize,
    /// By how much it moves it, or which share of the gap it closes, if it pays in full.
    pub amount: f64,
    /// Whether it closes a share of the gap.
    pub closes: bool,
}

/// A key result that counts in the cell.
#[derive(Clone, Debug)]
pub struct Part {
    /// The key result.
    pub kr: u32,
    /// By how much the cell rises with its grade, or with its value where that is the cell.
    pub weight: f64,
    /// Whether its value is what counts, not its grade.
    pub plain: bool,
    /// Where it starts.
    pub start: Start,
    /// What moves it.
    pub effects: Vec<Effect>,
    /// The values at which its grade bends or jumps, in order.
    pub bends: Vec<f64>,
    /// How it is graded.
    pub grading: Grading,
}

/// A cell as a weighted sum of grades.
#[derive(Clone, Debug)]
pub struct Model {
    /// The work.
    pub portfolio: Portfolio,
    /// The key results that count.
    pub parts: Vec<Part>,
}

/// How the best shares of some teams can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// By linear programming, with whole numbers where it bends the wrong way.
    Linear,
    /// At a corner: the value bends upwards everywhere between them.
    Corners,
    /// By trying.
    Search,
}

/// Teams whose shares have to be found together.
#[derive(Clone, Debug)]
pub struct Group {
    /// The teams, by their place in the space.
    pub teams: Vec<usize>,
    /// The work that follows from their shares, in the order of visit.
    pub works: Vec<usize>,
    /// The key results that follow from it, by their place in the model.
    pub parts: Vec<usize>,
    /// How the best shares can be found.
    pub class: Class,
}

impl Part {
    /// The grade at a value, or the value itself where that counts.
    pub fn grade(&self, engine: &Engine, value: f64) -> Option<f64> {
        if self.plain {
            Some(value)
        } else {
            engine.grade_if_projected(self.kr as usize, value, None)
        }
    }

    /// The least and the greatest value that it can reach.
    pub fn reach(&self) -> (f64, f64) {
        let Start { value, target, .. } = self.start;
        let moves = || self.effects.iter().filter(|it| !it.closes).map(|it| it.amount);
        let least = value + moves().filter(|it| *it < 0.0).sum::<f64>();
        let greatest = value + moves().filter(|it| *it > 0.0).sum::<f64>();
        match self.effects.iter().any(|it| it.closes) {
            true => (least.min(target), greatest.max(target)),
            false => (least, greatest),
        }
    }

    /// Whether its grade bends or jumps between the ends of its reach.
    fn is_bent(&self) -> bool {
        let (low, high) = self.reach();
        let inside = |bend: &&f64| **bend > low + SAME && **bend < high - SAME;
        self.bends.iter().any(|bend| inside(&bend))
    }

    /// Whether more of every work never lowers the grade.
    fn only_gains(&self) -> bool {
        let way = if self.plain { 1.0 } else { self.start.way };
        self.effects.iter().all(|it| match it.closes {
            true => !self.plain || self.start.way > 0.0,
            false => it.amount * way >= 0.0,
        })
    }
}

impl Model {
    /// The model of a cell; `None` where it is no weighted sum of grades that follow from funding.
    pub fn of(engine: &Engine, cell: Cell) -> Option<Self> {
        let effects = engine.effects();
        let mut krs: Vec<u32> = effects.effects.iter().map(|effect| effect.kr).collect();
        krs.dedup();
        krs.retain(|kr| !engine.stays(*kr as usize));
        let mut world = engine.to_projected();
        let follows = |read: Cell| match read.field {
            Field::KrActual => krs.contains(&read.index),
            Field::KrBaseline | Field::KrTarget | Field::KrWeight | Field::ObjectiveWeight => false,
            field => {
                matches!(
                    field.entry().kind,
                    crate::plan::cell::Kind::Kr
                        | crate::plan::cell::Kind::Objective
                        | crate::plan::cell::Kind::Team
                        | crate::plan::cell::Kind::Cycle
                ) && !is_capacity(field)
            }
        };
        if !effects.spoilt.is_empty() || !engine.shares_only_fund() || world.is_read(follows) {
            return None;
        }
        let portfolio = engine.funding().portfolio.clone();
        let sound = |initiative: usize| engine.funded(initiative).number().is_some();
        if !portfolio.works.iter().all(|work| sound(work.initiative as usize)) {
            return None;
        }
        let mut parts = Vec::new();
        for kr in krs {
            let mut part = part(engine, effects, &portfolio, kr)?;
            (part.weight, part.plain) = weight(engine, &mut world, cell, &part)?;
            if part.weight.abs() > SAME {
                parts.push(part);
            }
        }
        Some(Self { portfolio, parts })
    }

    /// Teams that have nothing to do with one another, apart.
    pub fn groups(&self, engine: &Engine, space: &Space) -> Vec<Group> {
        let mut ties = Ties((0..self.portfolio.pots.len()).collect());
        let pots = |work: usize| -> Vec<usize> {
            let draws = self.portfolio.works[work].draws.iter();
            draws.filter(|(_, effort)| *effort > 0.0).map(|(pot, _)| *pot as usize).collect()
        };
        for (vars, _) in &space.teams {
            ties.tie(vars.iter().map(|&var| space.vars[var].bucket as usize));
        }
        for (place, work) in self.portfolio.works.iter().enumerate() {
            let needed = work.needs.iter().flat_map(|need| pots(*need as usize));
            ties.tie(pots(place).into_iter().chain(needed));
        }
        let varies = |ties: &Ties, pot: usize| {
            let root = ties.root(pot);
            space.teams.iter().any(|(vars, _)| {
                vars.first().is_some_and(|&it| ties.root(space.vars[it].bucket as usize) == root)
            })
        };
        for part in &self.parts {
            let moved: Vec<usize> = part
                .effects
                .iter()
                .filter_map(|effect| pots(effect.work).first().copied())
                .filter(|pot| varies(&ties, *pot))
                .collect();
            ties.tie(moved);
        }
        let mut groups: Vec<(usize, Group)> = Vec::new();
        for (team, (vars, _)) in space.teams.iter().enumerate() {
            let Some(&first) = vars.first() else { continue };
            let root = ties.root(space.vars[first].bucket as usize);
            match groups.iter_mut().find(|(other, _)| *other == root) {
                Some((_, group)) => group.teams.push(team),
                None => {
                    let of = |pot: Option<&usize>| pot.is_some_and(|pot| ties.root(*pot) == root);
                    let works: Vec<usize> = (0..self.portfolio.works.len())
                        .filter(|work| of(pots(*work).first()))
                        .collect();
                    let touched = |part: &Part| {
                        part.effects.iter().any(|effect| works.contains(&effect.work))
                    };
                    let parts =
                        (0..self.parts.len()).filter(|it| touched(&self.parts[*it])).collect();
                    let teams = vec![team];
                    groups.push((root, Group { teams, works, parts, class: Class::Search }));
                }
            }
        }
        let classed = |(_, group): (usize, Group)| {
            let class = self.class(engine, &group);
            Group { class, ..group }
        };
        groups.into_iter().map(classed).collect()
    }

    fn class(&self, engine: &Engine, group: &Group) -> Class {
        let works = || group.works.iter().map(|&work| &self.portfolio.works[work]);
        let parts = || group.parts.iter().map(|&part| &self.parts[part]);
        let prorata = |work: &crate::engine::portfolio::Work| {
            work.draws.iter().any(|(pot, _)| self.portfolio.pots[*pot as usize].prorata)
        };
        if works().any(|work| !work.needs.is_empty() || prorata(work)) {
            return Class::Search;
        }
        // Where something is done all at once and harms, the best may be just short of it.
        if parts().any(|part| part.weight < 0.0 || (self.jumps(part) && !part.only_gains())) {
            return Class::Search;
        }
        if parts().all(|part| self.is_linear(engine, part)) {
            return Class::Linear;
        }
        let single = |work: &crate::engine::portfolio::Work| {
            work.draws.iter().filter(|(_, effort)| *effort > 0.0).count() <= 1
        };
        let cornered = works().all(single) && parts().all(|part| self.is_cornered(part));
        if cornered { Class::Corners } else { Class::Search }
    }

    /// Whether some of what moves a key result pays all at once, or its grade jumps.
    fn jumps(&self, part: &Part) -> bool {
        let at_once =
            |effect: &Effect| self.portfolio.works[effect.work].payment == Payment::WhenDone;
        matches!(part.grading, Grading::Steps(..) | Grading::Keep(_))
            || part.effects.iter().any(at_once)
    }

    fn is_linear(&self, engine: &Engine, part: &Part) -> bool {
        let rising = |grades: &[f64]| grades.windows(2).all(|pair| pair[0] <= pair[1]);
        let steps = || {
            let mut bends = part.bends.clone();
            if part.start.way < 0.0 {
                bends.reverse();
            }
            let grades: Option<Vec<f64>> =
                bends.iter().map(|bend| part.grade(engine, *bend)).collect();
            grades.is_some_and(|grades| rising(&grades))
        };
        let graded = match part.grading {
            Grading::Steps(..) => part.plain || steps(),
            Grading::Formula(_) => part.plain,
            _ => true,
        };
        graded && part.effects.iter().all(|effect| !effect.closes)
    }

    /// Whether the value bends upwards between the corners, for this key result.
    fn is_cornered(&self, part: &Part) -> bool {
        let pot = |effect: &Effect| {
            let draws = self.portfolio.works[effect.work].draws.iter();
            draws.filter(|(_, effort)| *effort > 0.0).map(|(pot, _)| *pot).next()
        };
        let mut pots: Vec<u32> = part.effects.iter().filter_map(pot).collect();
        pots.sort_unstable();
        pots.dedup();
        let rises = |effect: &Effect| match &self.portfolio.works[effect.work].payment {
            Payment::Curve(points) => points.windows(2).all(|pair| pair[0].1 <= pair[1].1),
            _ => true,
        };
        let alike =
            part.effects.iter().all(|it| it.closes) || part.effects.iter().all(|it| !it.closes);
        pots.len() <= 1
            || (alike && !part.is_bent() && part.only_gains() && part.effects.iter().all(rises))
    }
}

fn is_capacity(field: Field) -> bool {
    matches!(field, Field::TeamPeople | Field::TeamLeave | Field::TeamFocus | Field::TeamCapacity)
        || field == Field::CycleElapsed
}

fn part(
    engine: &Engine,
    effects: &crate::engine::Effects,
    portfolio: &Portfolio,
    kr: u32,
) -> Option<Part> {
    let start = engine.start(kr)?;
    let mut bends = engine.bends(kr)?;
    let closes = effects.on(kr).iter().any(|effect| effect.closes);
    bends.extend(Some(start.target).filter(|target| closes && !target.is_nan()));
    bends.sort_by(f64::total_cmp);
    bends.dedup();
    let mut own = Vec::new();
    for effect in effects.on(kr) {
        let work = &portfolio.works[effect.work as usize];
        let chance = Cell::new(Field::InitiativeChance, work.initiative as usize);
        let chance = engine.read(chance).number()?;
        let amount = if work.unmet { 0.0 } else { chance * work.left * effect.amount };
        own.push(Effect { work: effect.work as usize, amount, closes: effect.closes });
    }
    let grading = engine.plan.krs[kr as usize].grading;
    Some(Part { kr, weight: 0.0, plain: false, start, effects: own, bends, grading })
}

/// By how much the cell rises with the grade of a key result, and whether its value is the cell.
fn weight(engine: &Engine, world: &mut Engine, cell: Cell, part: &Part) -> Option<(f64, bool)> {
    if cell.field == Field::KrProjected {
        return Some((if cell.index == part.kr { 1.0 } else { 0.0 }, true));
    }
    let (first, last) = (*part.bends.first()?, *part.bends.last()?);
    let beyond = (last - first).abs() + first.abs() + 1.0;
    let tried = [first - beyond, first, (first + last) / 2.0, last, last + beyond];
    let graded = tried.iter().filter_map(|&value| Some((value, part.grade(engine, value)?)));
    let graded: Vec<(f64, f64)> = graded.collect();
    let low = graded.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let high = graded.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    if high.1 - low.1 < SAME {
        return None;
    }
    let own = Cell { field: Field::KrActual, index: part.kr };
    let before = world.read(own);
    let mut cell_at = |value: f64| {
        world.put_projected(part.kr, Value::Number(value));
        world.read(cell).number()
    };
    let (at_low, at_high) = (cell_at(low.0), cell_at(high.0));
    world.put_projected(part.kr, before);
    let weight = (at_high? - at_low?) / (high.1 - low.1);
    // Without data a key result counts as 0, which must be where its grade starts.
    let sure = part.start.observed
        || (!engine.is_skipped_without_data(part.kr)
            && part.grade(engine, part.start.value).is_some_and(|grade| grade.abs() < SAME));
    (sure || weight.abs() < SAME).then_some((weight, false))
}

/// What belongs together.
struct Ties(Vec<usize>);

impl Ties {
    fn root(&self, mut at: usize) -> usize {
        while self.0[at] != at {
            at = self.0[at];
        }
        at
    }

    fn tie(&mut self, all: impl IntoIterator<Item = usize>) {
        let mut first: Option<usize> = None;
        for one in all {
            let root = self.root(one);
            match first {
                None => first = Some(root),
                Some(first) => self.0[root] = self.root(first),
            }
        }
    }
}
