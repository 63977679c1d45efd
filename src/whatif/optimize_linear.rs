//! The best shares as a linear programme, for a solver.
//!
//! Without whole numbers it allows more than funding does, so its optimum is a bound: shares whose
//! value reaches it are the best. With them it says exactly what funding does: works of a bucket are
//! filled in their order, each only once the one before is full.

use super::optimize_model::{Effect, Group, Model, Part};
use super::optimize_space::{Point, Space};
use super::search::capacity_with;
use crate::engine::Engine;
use crate::engine::portfolio::Payment;
use crate::plan::model::Grading;
use good_lp::solvers::{SolutionStatus, WithTimeLimit};
use good_lp::{
    Constraint, Expression, ProblemVariables, Solution, SolverModel, Variable, microlp, variable,
};

/// How many whole numbers a programme may have.
const MOST_WHOLE: usize = 150;
/// After how many seconds a solver gives up.
const PATIENCE: f64 = 10.0;
/// How near two numbers count as the same.
const SAME: f64 = 1e-12;

/// What a solver found.
#[derive(Clone, Debug)]
pub struct Solved {
    /// The shares.
    pub point: Point,
    /// The weighted sum of grades there.
    pub value: f64,
    /// Whether the solver says that there is nothing better.
    pub optimal: bool,
}

/// What is wanted of a programme.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The greatest weighted sum of grades.
    Greatest,
    /// The fewest points moved, with a weighted sum of at least so much.
    Nearest(f64),
}

struct Programme<'a> {
    engine: &'a Engine,
    model: &'a Model,
    group: &'a Group,
    exact: bool,
    variables: ProblemVariables,
    constraints: Vec<Constraint>,
    whole: usize,
    /// The share of each work that is funded, and whether it is whole.
    funded: Vec<Expression>,
    done: Vec<Expression>,
}

/// Solves the programme of a group of teams; with whole numbers if it is to be exact. `None` if
/// there are too many of them, or the solver fails.
pub fn solve(
    engine: &Engine,
    model: &Model,
    group: &Group,
    space: &Space,
    base: &Point,
    (exact, wanted): (bool, Wanted),
) -> Option<Solved> {
    let count = model.portfolio.works.len();
    let mut programme = Programme {
        engine,
        model,
        group,
        exact,
        variables: ProblemVariables::new(),
        constraints: Vec::new(),
        whole: 0,
        funded: vec![Expression::default(); count],
        done: vec![Expression::default(); count],
    };
    let shares = programme.shares(space);
    let capacities = programme.capacities(space, &shares)?;
    programme.fund(&capacities);
    let mut sum = Expression::default();
    for &part in &group.parts {
        let part = &model.parts[part];
        let grade = programme.grade(part)?;
        sum += part.weight * grade;
    }
    if programme.whole > MOST_WHOLE {
        return None;
    }
    let goal = match wanted {
        Wanted::Greatest => sum.clone(),
        Wanted::Nearest(least) => {
            programme.constraints.push(sum.clone().geq(least));
            let mut moved = Expression::default();
            for (var, share) in &shares {
                let by = programme.variables.add(variable().min(0.0).max(1.0));
                let present = space.vars[*var].present;
                programme.constraints.push(Expression::from(by).geq(*share - present));
                programme.constraints.push(Expression::from(by).geq(present - *share));
                moved += by;
            }
            -moved
        }
    };
    let problem = programme.variables.maximise(goal).using(microlp).with_time_limit(PATIENCE);
    let problem = programme.constraints.into_iter().fold(problem, |it, one| it.with(one));
    let solution = problem.solve().ok()?;
    let mut point = base.clone();
    for (var, share) in &shares {
        let shape = space.vars[*var];
        point[*var] = solution.value(*share).clamp(shape.low, shape.high);
    }
    let value = solution.eval(&sum);
    let optimal = matches!(solution.status(), SolutionStatus::Optimal);
    value.is_finite().then_some(Solved { point, value, optimal })
}

impl Programme<'_> {
    fn between(&mut self, low: f64, high: f64) -> Variable {
        self.variables.add(variable().min(low).max(high.max(low)))
    }

    /// A number that is 0 or 1 where the programme is exact, else anything between.
    fn switch(&mut self) -> Variable {
        if !self.exact {
            return self.between(0.0, 1.0);
        }
        self.whole += 1;
        self.variables.add(variable().binary())
    }

    fn require(&mut self, constraint: Constraint) {
        self.constraints.push(constraint);
    }

    /// The shares of the group's teams, each team adding up to what it has.
    fn shares(&mut self, space: &Space) -> Vec<(usize, Variable)> {
        let mut shares = Vec::new();
        for &team in &self.group.teams {
            let (vars, sum) = &space.teams[team];
            let mut total = Expression::default();
            for &var in vars {
                let share = self.between(space.vars[var].low, space.vars[var].high);
                total += share;
                shares.push((var, share));
            }
            self.require(total.eq(*sum));
        }
        shares
    }

    /// The capacity of each pot in person-weeks, and the most that it can be.
    fn capacities(
        &self,
        space: &Space,
        shares: &[(usize, Variable)],
    ) -> Option<Vec<(Expression, f64)>> {
        let pots = self.model.portfolio.pots.iter();
        let mut capacities: Vec<(Expression, f64)> =
            pots.map(|pot| (Expression::from(pot.capacity), pot.capacity)).collect();
        for (var, share) in shares {
            let shape = space.vars[*var];
            let rate = space.capacity(self.engine, *var);
            let at = |share: f64| capacity_with(self.engine, shape.bucket, share);
            let moved = self.engine.effort_moved(shape.bucket)?;
            // A bucket from which more is moved than it has is not a straight line.
            if shape.low * rate + moved < 0.0 {
                return None;
            }
            let pot = capacities.get_mut(shape.bucket as usize)?;
            *pot = (rate * *share + moved, at(shape.high)?);
        }
        Some(capacities)
    }

    fn draws(&self, work: usize) -> Vec<(usize, f64)> {
        let draws = self.model.portfolio.works[work].draws.iter();
        let drawn = draws.filter(|(_, effort)| *effort > 0.0);
        drawn.map(|(pot, effort)| (*pot as usize, *effort)).collect()
    }

    /// What is funded, in the order of visit.
    fn fund(&mut self, capacities: &[(Expression, f64)]) {
        let works = self.group.works.clone();
        for &work in &works {
            let funded = self.between(0.0, 1.0);
            self.funded[work] = funded.into();
        }
        for (pot, capacity) in capacities.iter().enumerate() {
            let drawing: Vec<(usize, f64)> = works
                .iter()
                .flat_map(|&work| {
                    let own = self.draws(work).into_iter().filter(|(other, _)| *other == pot);
                    own.map(move |(_, effort)| (work, effort)).collect::<Vec<_>>()
                })
                .collect();
            if drawing.is_empty() || capacity.1.is_nan() {
                continue;
            }
            let single = drawing.iter().all(|(work, _)| self.draws(*work).len() == 1);
            let used = drawing
                .iter()
                .map(|(work, effort)| *effort * self.funded[*work].clone())
                .fold(Expression::default(), |sum, one| sum + one);
            match self.exact && single {
                true => self.in_order(&drawing, used, capacity),
                false => self.require(used.leq(capacity.0.clone())),
            }
        }
        for &work in &works {
            let draws = self.draws(work);
            let chained = draws.len() == 1 && self.exact && self.is_single(draws[0].0, &works);
            match self.exact && !chained {
                true => self.limited(work, &draws, &works, capacities),
                false if !self.exact => self.done[work] = self.funded[work].clone(),
                false => {}
            }
        }
    }

    fn is_single(&self, pot: usize, works: &[usize]) -> bool {
        let draws_on = |work: usize| self.draws(work).iter().any(|(other, _)| *other == pot);
        works.iter().all(|&work| !draws_on(work) || self.draws(work).len() == 1)
    }

    /// One pot's works, each only once the one before is whole; what is left is idle only once all
    /// are.
    fn in_order(
        &mut self,
        drawing: &[(usize, f64)],
        used: Expression,
        (capacity, most): &(Expression, f64),
    ) {
        let mut before: Option<Variable> = None;
        for (work, _) in drawing {
            let whole = self.switch();
            let funded = self.funded[*work].clone();
            if let Some(before) = before {
                self.require(funded.clone().leq(before));
            }
            self.require(funded.geq(whole));
            self.done[*work] = whole.into();
            before = Some(whole);
        }
        let idle = self.between(0.0, most.max(0.0));
        self.require((used + idle).eq(capacity.clone()));
        if let Some(last) = before {
            self.require(Expression::from(idle).leq(most.max(0.0) * last));
        }
    }

    /// A work that draws from several pots: what is scarcest decides, and something does.
    fn limited(
        &mut self,
        work: usize,
        draws: &[(usize, f64)],
        works: &[usize],
        capacities: &[(Expression, f64)],
    ) {
        let whole = self.switch();
        let mut reasons = Expression::from(whole);
        self.require(self.funded[work].clone().geq(whole));
        self.done[work] = whole.into();
        for (pot, effort) in draws {
            let scarce = self.switch();
            reasons += scarce;
            let mut used = *effort * self.funded[work].clone();
            for &other in works.iter().take_while(|other| **other != work) {
                let own = self.draws(other).into_iter().filter(|(it, _)| it == pot);
                own.for_each(|(_, effort)| used += effort * self.funded[other].clone());
            }
            let (capacity, most) = &capacities[*pot];
            let slack = most.max(0.0) * (1.0 - Expression::from(scarce));
            self.require(used.geq(capacity.clone() - slack));
        }
        self.require(reasons.eq(1.0));
    }

    /// The share of its effect that a work pays.
    fn paid(&mut self, work: usize) -> Expression {
        let constant = self.model.portfolio.works[work].clone();
        if !self.group.works.contains(&work) {
            let paid = self.engine.paid(constant.initiative as usize).number();
            return Expression::from(paid.unwrap_or(0.0));
        }
        match constant.payment {
            Payment::AsFunded => self.funded[work].clone(),
            Payment::WhenDone => self.done[work].clone(),
            Payment::Curve(points) => {
                let mut ends = points.clone();
                if let Some((_, last)) = points.last().filter(|(at, _)| *at < 1.0) {
                    ends.push((1.0, *last));
                }
                let funded = self.funded[work].clone();
                self.along(&ends, funded, false)
            }
        }
    }

    /// Straight lines between points: the value at a place. Where they rise ever less and more is
    /// better, no whole numbers are needed to walk them in order.
    fn along(&mut self, points: &[(f64, f64)], at: Expression, more_is_better: bool) -> Expression {
        let slope = |pair: &[(f64, f64)]| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
        let pairs: Vec<&[(f64, f64)]> =
            points.windows(2).filter(|pair| pair[1].0 - pair[0].0 > SAME).collect();
        let concave = pairs.windows(2).all(|two| slope(two[0]) >= slope(two[1]) - SAME);
        let ordered = self.exact && !(concave && more_is_better);
        let (first, mut value) = match points.first() {
            Some((first, value)) => (*first, Expression::from(*value)),
            None => return Expression::default(),
        };
        let mut place = Expression::from(first);
        let mut before: Option<Variable> = None;
        for (index, pair) in pairs.iter().enumerate() {
            let length = pair[1].0 - pair[0].0;
            let part = self.between(0.0, length);
            place += part;
            value += slope(pair) * part;
            if let Some(before) = before {
                self.require(Expression::from(part).leq(length * before));
            }
            if ordered && index + 1 < pairs.len() {
                let full = self.switch();
                self.require(Expression::from(part).geq(length * full));
                before = Some(full);
            }
        }
        // What cannot vary needs no variable, and rounding must not make it impossible.
        if !pairs.is_empty() {
            self.require(place.eq(at));
        }
        value
    }

    /// The grade of a key result; at most that where more is better.
    fn grade(&mut self, part: &Part) -> Option<Expression> {
        let mut value = Expression::from(part.start.value);
        let mut reach = (part.start.value, part.start.value);
        for Effect { work, amount, .. } in part.effects.clone() {
            value += amount * self.paid(work);
            reach = (reach.0 + amount.min(0.0), reach.1 + amount.max(0.0));
        }
        if part.plain {
            return Some(value);
        }
        match part.grading {
            Grading::Steps(..) => self.steps(part, value, reach),
            Grading::Keep(_) => self.kept(part, value, reach),
            _ => {
                let inside = part.bends.iter().filter(|it| **it > reach.0 && **it < reach.1);
                let places: Vec<f64> =
                    [reach.0].into_iter().chain(inside.copied()).chain([reach.1]).collect();
                let graded = places.iter().map(|at| Some((*at, part.grade(self.engine, *at)?)));
                let points: Vec<(f64, f64)> = graded.collect::<Option<_>>()?;
                Some(self.along(&points, value, true))
            }
        }
    }

    /// The furthest step: each that is reached adds what it is worth more.
    fn steps(&mut self, part: &Part, value: Expression, reach: (f64, f64)) -> Option<Expression> {
        let way = part.start.way;
        let (worst, best) = if way > 0.0 { reach } else { (reach.1, reach.0) };
        let mut grade = part.grade(self.engine, worst)?;
        let mut sum = Expression::from(grade);
        let mut steps: Vec<f64> = part.bends.clone();
        steps.sort_by(|a, b| (a * way).total_cmp(&(b * way)));
        let ahead = |at: &f64| (at - worst) * way > 0.0 && (best - at) * way >= 0.0;
        for at in steps.into_iter().filter(ahead) {
            let worth = part.grade(self.engine, at)?;
            let reached = self.switch();
            self.require((way * (value.clone() - worst)).geq((at - worst) * way * reached));
            sum += (worth - grade) * reached;
            grade = worth;
        }
        Some(sum)
    }

    /// 1 within the bounds, else 0.
    fn kept(&mut self, part: &Part, value: Expression, reach: (f64, f64)) -> Option<Expression> {
        let crate::plan::model::Bounds { low, high } = match part.grading {
            Grading::Keep(bounds) => self.engine.plan.bounds[bounds as usize],
            _ => return None,
        };
        let (first, last) = (part.bends.first().copied()?, part.bends.last().copied()?);
        let kept = self.switch();
        if low.is_some() {
            let from = reach.0.min(first);
            self.require((value.clone() - from).geq((first - from) * kept));
        }
        if high.is_some() {
            let to = reach.1.max(last);
            self.require((to - value).geq((to - last) * kept));
        }
        Some(kept.into())
    }
}
