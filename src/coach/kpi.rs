use super::exceptions::Spared;
use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::{Field, Kind};
use crate::plan::model::Grading;

/// A smaller change of the baseline is none.
const LEAST_CHANGE: f64 = 0.02;

pub(super) const RULE: Rule = Rule {
    id: "kpi",
    says: "a health metric in the shape of a key result",
    evidence: "`keep` that is no guardrail, a change under 2 % of the baseline, words such as maintain, sustain, monitor",
    principle: Some("OKRs are not KPIs"),
    mend: "make it `kind guardrail`, or put it on a dashboard",
    one: "a key result is a KPI",
    many: "key results are KPIs",
    virtue: "",
    look,
};

fn look(review: &mut Review<'_>) {
    for objective in review.objectives.clone() {
        let owner = review.plan.objectives[objective].owner;
        if review.spares(owner, Spared::All) {
            continue;
        }
        let services = review.spares(owner, Spared::Services);
        for kr in review.counted(objective) {
            judge(review, kr, services);
        }
    }
}

fn judge(review: &mut Review<'_>, kr: usize, services: bool) {
    let stated = &review.plan.krs[kr];
    let id = || review.plan.kr_id(kr);
    let at = At::new(Kind::Kr, kr);
    if matches!(stated.grading, Grading::Keep(_)) {
        if !services {
            let message = format!("`{}` keeps a bound and is no guardrail: that is a KPI", id());
            review.give(at, stated.name, message, RULE.mend);
        }
        return;
    }
    if let Some(change) = small_change(review, kr) {
        let message =
            format!("`{}` is to change by {} of its baseline only", id(), review.percent(change));
        let place = stated.target.map_or(stated.name, |target| target.place);
        review.give(
            at,
            place,
            message,
            "aim for a change that is felt, or make it `kind guardrail`",
        );
        return;
    }
    let word = review.kr_word(RULE.id, kr).filter(|_| !services);
    if let Some(word) = word {
        let message = format!("the title of `{}` is that of a KPI: \"{word}\"", id());
        review.give(at, stated.title.0, message, RULE.mend);
    }
}

/// The way from the baseline to the target as a share of the baseline, if it is very short.
fn small_change(review: &Review<'_>, kr: usize) -> Option<f64> {
    let measured = matches!(
        review.plan.krs[kr].grading,
        Grading::Linear { .. } | Grading::Steps(..) | Grading::Curve(..) | Grading::Formula(_)
    );
    let target = review.number(Field::KrTarget, kr).filter(|_| measured)?;
    let baseline = review.number(Field::KrBaseline, kr).filter(|it| *it != 0.0)?;
    let change = ((target - baseline) / baseline).abs();
    (change < LEAST_CHANGE - 1e-9).then_some(change)
}
