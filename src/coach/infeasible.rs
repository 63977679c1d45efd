use super::review::{Review, listed};
use super::{At, Rule};
use crate::plan::cell::Kind;
use crate::quantity::UnitId;
use crate::whatif::compare::pots;
use crate::whatif::simulate::{Futures, Observed, SEED, unwatched};

/// A bucket that is fuller is looked at in many futures.
const NEARLY: f64 = 0.8;
/// How many futures.
const FUTURES: u64 = 4_096;

pub(super) const RULE: Rule = Rule {
    id: "infeasible",
    says: "does not fit",
    evidence: "a bucket's load over 100 %, or a probability over 50 % that it is over-allocated",
    principle: Some("assess the feasibility"),
    mend: "drop or shrink an initiative, or move capacity into the bucket",
    one: "a bucket does not fit",
    many: "buckets do not fit",
    virtue: "feasible",
    look,
};

fn look(review: &mut Review<'_>) {
    for pot in pots(review.engine) {
        let capacity = review.engine.pot_capacity(pot).number();
        let demand = review.engine.demand(pot).number();
        let (Some(capacity), Some(demand)) = (capacity, demand) else { continue };
        if demand > capacity * (1.0 + 1e-9) {
            let message = overdrawn(review, pot, capacity, demand);
            let over = weeks(review, demand - capacity);
            let help = format!(
                "drop or shrink an initiative, or move {over} here: `okr compare` shows what falls out"
            );
            give(review, pot, message, help);
        } else if demand > NEARLY * capacity && is_skewed(review, pot) {
            probably(review, pot, capacity);
        }
    }
}

/// What is drawn fits on average, and still more often not.
fn probably(review: &mut Review<'_>, pot: usize, capacity: f64) {
    let futures = Futures::new(review.engine, SEED, &[]);
    let Ok(wanted) = futures.values(Observed::Demand(pot), FUTURES, &unwatched) else { return };
    let over = (0..FUTURES as usize).filter(|&it| wanted.get(it) > capacity * (1.0 + 1e-9)).count();
    if 2 * over <= FUTURES as usize {
        return;
    }
    let id = review.engine.pot_name(pot);
    let share = over as f64 / FUTURES as f64 * 100.0;
    let message = format!(
        "more than the {} of `{id}` is wanted in {share:.0}% of {FUTURES} futures, although the mean fits",
        weeks(review, capacity)
    );
    let help = "drop or shrink an initiative: `okr simulate` shows how much is missing";
    give(review, pot, message, help.to_owned());
}

/// Whether a draw on a pot has a likely value of its own. Only such a one can lie above its mean more
/// often than not; the others are symmetric, or skewed the other way.
fn is_skewed(review: &Review<'_>, pot: usize) -> bool {
    let skewed = |it: &&usize| {
        let mut draws = review.plan.initiatives[**it].draws.iter();
        draws.any(|(effort, draw)| {
            review.engine.pot(*draw) == pot && matches!(effort.range, Some((_, Some(_), _)))
        })
    };
    review.initiatives.iter().any(|it| skewed(&it))
}

/// Gives advice on a bucket, or on the team that is one.
fn give(review: &mut Review<'_>, pot: usize, message: String, help: String) {
    let plan = review.plan;
    let (at, place) = match pot.checked_sub(plan.buckets.len()) {
        None => (At::new(Kind::Bucket, pot), plan.buckets[pot].name),
        Some(team) => (At::new(Kind::Team, team), plan.teams[team].name),
    };
    review.give(at, place, message, help);
}

fn overdrawn(review: &Review<'_>, pot: usize, capacity: f64, demand: f64) -> String {
    let id = review.engine.pot_name(pot);
    let load = match capacity > 0.0 {
        true => {
            let load = demand / capacity * 100.0;
            // So many digits that what is over 100 % says so.
            let over = |digits: &usize| format!("{load:.digits$}") != format!("{:.digits$}", 100.0);
            let digits = (0..6).find(over).unwrap_or_default();
            format!("a load of {load:.digits$}%")
        }
        false => "without any capacity".to_owned(),
    };
    let cut = match cut(review, pot) {
        names if names.is_empty() => String::new(),
        names => format!(", which cuts {}", listed(&names)),
    };
    let digits = (1..6).find(|&digits| rounded(demand, digits) != rounded(capacity, digits));
    let shown = |effort: f64| {
        review.plan.units.show(rounded(effort, digits.unwrap_or(1)), UnitId::PERSON_WEEKS)
    };
    let (demand, capacity) = (shown(demand), shown(capacity));
    format!("the initiatives draw {demand} from the {capacity} of `{id}`: {load}{cut}")
}

/// The initiatives that draw from a pot and are not funded whole.
fn cut(review: &Review<'_>, pot: usize) -> Vec<String> {
    let (plan, engine) = (review.plan, review.engine);
    let short = |it: &&usize| {
        let draws = &plan.initiatives[**it].draws;
        let drawn = draws.iter().any(|(_, draw)| engine.pot(*draw) == pot);
        drawn && engine.funded(**it).number().is_some_and(|funded| funded < 1.0 - 1e-9)
    };
    let name = |it: &usize| plan.source(plan.initiatives[*it].name).to_owned();
    review.initiatives.iter().filter(short).map(name).collect()
}

fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}

fn weeks(review: &Review<'_>, effort: f64) -> String {
    review.plan.units.show(rounded(effort, 1), UnitId::PERSON_WEEKS)
}
