use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::{Cell, Field, Kind};
use crate::plan::model::{Grading, Observation};

pub(super) const RULE: Rule = Rule {
    id: "not-measurable",
    says: "a key result that no number grades",
    evidence: "`score` by hand without a metric, no target",
    principle: Some("key results are graded by a number"),
    mend: "count something: a baseline and a target, a bound to keep, or a metric that the score is computed from",
    one: "a key result is not measurable",
    many: "key results are not measurable",
    virtue: "measurable",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        for kr in review.krs(objective) {
            let id = || review.plan.kr_id(kr);
            let message = match review.plan.krs[kr].grading {
                Grading::Score if by_hand(review, kr) => {
                    format!(
                        "no number grades `{}`: it is scored by hand, without a metric or a target",
                        id()
                    )
                }
                Grading::Formula(_) if measures_nothing(review, kr) => {
                    format!(
                        "no number grades `{}`: its formula reads nothing that is measured",
                        id()
                    )
                }
                _ => continue,
            };
            let place = review.plan.krs[kr].name;
            review.give(At::new(Kind::Kr, kr), place, message, RULE.mend);
        }
    }
}

/// Whether a score has neither a target nor a formula that computes it from something measured.
fn by_hand(review: &Review<'_>, kr: usize) -> bool {
    let plan = review.plan;
    if plan.krs[kr].has_target {
        return false;
    }
    let seen = review.checkins(kr).into_iter().map(|checkin| checkin.observation);
    let undated = plan.krs[kr].actual.map(|(observation, _)| observation);
    let computed = |observation: Observation| match observation {
        Observation::Number(input) => !review.cells_of(input).is_empty(),
        _ => false,
    };
    !seen.chain(undated).any(computed)
}

/// Whether a formula without a target reads no cell that is observed or written as a metric.
fn measures_nothing(review: &Review<'_>, kr: usize) -> bool {
    let measured = |cell: &Cell| {
        !matches!(cell.field, Field::KrWeight | Field::ObjectiveWeight | Field::CycleElapsed)
    };
    !review.plan.krs[kr].has_target && !review.formula_cells(kr).iter().any(measured)
}
