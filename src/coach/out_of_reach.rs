use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::{Field, Kind};
use crate::plan::model::KrKind;

/// Under it nobody believes in a key result.
const LEAST: f64 = 0.3;

pub(super) const RULE: Rule = Rule {
    id: "out-of-reach",
    says: "nobody believes in it",
    evidence: "confidence under 0.3 twice running, a closed mean below the sweet spot, a projected grade under `yellow`",
    principle: Some("the sweet spot is 60–70 %"),
    mend: "talk about the target with the team, fund what moves it, or decline it",
    one: "a goal is out of reach",
    many: "goals are out of reach",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        for kr in review.counted(objective) {
            doubted(review, kr);
            projected(review, objective, kr);
        }
    }
    for landing in review.landings() {
        if landing.mean < landing.sweet.0 - 1e-9 {
            let (low, high) = landing.sweet;
            let message = format!(
                "{} at {:.2}, below the sweet spot {low} .. {high}",
                landing.what, landing.mean
            );
            review.give_on(&landing, message, "take on less, or ask what the targets stood on");
        }
    }
}

fn doubted(review: &mut Review<'_>, kr: usize) {
    let engine = review.engine;
    let confident = review.checkins(kr).into_iter().rev();
    let mut confident =
        confident.filter_map(|checkin| Some((checkin, engine.bound(checkin.confidence?)?))).take(2);
    let (Some((newest, now)), Some((_, before))) = (confident.next(), confident.next()) else {
        return;
    };
    if now < LEAST - 1e-9 && before < LEAST - 1e-9 {
        let message = format!(
            "nobody believes in `{}`: its confidence was {before:.2} and then {now:.2}, on {}",
            review.plan.kr_id(kr),
            newest.date
        );
        review.give(At::new(Kind::Kr, kr), review.plan.krs[kr].name, message, RULE.mend);
    }
}

/// A key result that initiatives move, and not far enough.
fn projected(review: &mut Review<'_>, objective: usize, kr: usize) {
    if review.movers(kr).is_empty() || review.plan.krs[kr].kind == KrKind::Guardrail {
        return;
    }
    let Some(grade) = review.number(Field::KrProjectedGrade, kr) else { return };
    let yellow = review.engine.objective_thresholds(objective).yellow;
    if grade < yellow - 1e-9 {
        let message = format!(
            "with all that is funded `{}` ends at {grade:.2}, under {yellow}",
            review.plan.kr_id(kr)
        );
        review.give(At::new(Kind::Kr, kr), review.plan.krs[kr].name, message, RULE.mend);
    }
}
