use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::{Field, Kind};
use crate::plan::model::{Amendment, Observation};
use rustc_hash::FxHashMap;

/// More amendments of one key result are too many.
const MOST: usize = 2;
/// From here on the cycle is in its last quarter.
const LAST_QUARTER: f64 = 0.75;

pub(super) const RULE: Rule = Rule {
    id: "moving-target",
    says: "amended more than twice, or towards the actual in the cycle's last quarter",
    evidence: "dates, before and after",
    principle: None,
    mend: "leave the target, let the grade say what happened, and write the reason into a note",
    one: "a target moves",
    many: "targets move",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    let mut amended: FxHashMap<usize, Vec<&Amendment>> = FxHashMap::default();
    let plan = review.plan;
    for amendment in plan.amendments.iter().filter(|it| review.is_past(it.date)) {
        if amendment.cell.kind() == Kind::Kr {
            amended.entry(amendment.cell.index as usize).or_default().push(amendment);
        }
    }
    for objective in review.objectives.clone() {
        for kr in review.krs(objective) {
            if let Some(amendments) = amended.get(&kr) {
                often(review, kr, amendments);
                late(review, objective, kr, amendments);
            }
        }
    }
}

fn often(review: &mut Review<'_>, kr: usize, amendments: &[&Amendment]) {
    if amendments.len() <= MOST {
        return;
    }
    let mut dates: Vec<String> = amendments.iter().map(|it| it.date.to_string()).collect();
    dates.sort_unstable();
    let message = format!(
        "`{}` was amended {} times: {}",
        review.plan.kr_id(kr),
        dates.len(),
        dates.join(", ")
    );
    let newest =
        amendments.iter().max_by_key(|it| it.date).map_or(review.plan.krs[kr].name, |it| it.place);
    review.give(At::new(Kind::Kr, kr), newest, message, RULE.mend);
}

/// Amendments of the target in the last quarter that came nearer to where the key result was.
fn late(review: &mut Review<'_>, objective: usize, kr: usize, amendments: &[&Amendment]) {
    let Some(cycle) = review.plan.objectives[objective].cycle else { return };
    let stated = &review.plan.krs[kr];
    let mut old = stated.target.and_then(|target| review.engine.bound(target));
    for amendment in amendments.iter().filter(|it| it.cell.field == Field::KrTarget) {
        let new = review.engine.bound(amendment.value);
        let before = std::mem::replace(&mut old, new);
        let actual = actual_on(review, kr, amendment);
        let (Some(old), Some(new), Some(actual)) = (before, new, actual) else { continue };
        let nearer = (new - actual).abs() < (old - actual).abs() - 1e-9;
        if !nearer || review.elapsed_on(cycle, amendment.date) <= LAST_QUARTER {
            continue;
        }
        let show = |value| review.plan.units.show(value, stated.unit);
        let message = format!(
            "the target of `{}` went from {} to {} on {}, towards the actual of {}",
            review.plan.kr_id(kr),
            show(old),
            show(new),
            amendment.date,
            show(actual)
        );
        review.give(At::new(Kind::Kr, kr), amendment.place, message, RULE.mend);
    }
}

/// The newest number up to the day of an amendment.
fn actual_on(review: &Review<'_>, kr: usize, amendment: &Amendment) -> Option<f64> {
    let seen = review.checkins(kr).into_iter().rev().find(|it| it.date <= amendment.date);
    let undated = || review.plan.krs[kr].actual.map(|(observation, _)| observation);
    match seen.map(|it| it.observation).or_else(undated)? {
        Observation::Number(input) => review.engine.bound(input),
        _ => None,
    }
}
