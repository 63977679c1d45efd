use super::review::Review;
use super::{At, Rule};
use crate::plan::cell::{Field, Kind};
use crate::plan::model::{Amount, Input, KrKind};
use crate::quantity::UnitId;
use std::collections::BTreeMap;

const MOST_OBJECTIVES: usize = 5;
const MOST_KRS: usize = 5;
const LEAST_WEIGHT: f64 = 0.05;
const LEAST_EFFORT: f64 = 0.5;
const MOST_DIGITS: usize = 4;
const MOST_BUCKETS: usize = 6;

pub(super) const RULE: Rule = Rule {
    id: "granular",
    says: "too fine",
    evidence: "over 5 objectives a team, over 5 key results an objective, a key result under 5 % of the weight, an initiative under half a person-week, a target of more than four significant digits, shares finer than five points, over 6 buckets",
    principle: Some("keep it high level"),
    mend: "fewer and rounder: what matters to the second digit only is noise",
    one: "a figure is granular",
    many: "figures are granular",
    virtue: "high level",
    look,
};

fn look(review: &mut Review<'_>) {
    goals_of_teams(review);
    for team in 0..review.plan.teams.len() {
        buckets_of_team(review, team);
    }
    for objective in review.objectives.clone() {
        key_results(review, objective);
        for kr in review.krs(objective) {
            target(review, kr);
        }
    }
    for initiative in review.initiatives.clone() {
        effort(review, initiative);
    }
}

/// Objectives of a team, cycle by cycle.
fn goals_of_teams(review: &mut Review<'_>) {
    let plan = review.plan;
    let mut goals: BTreeMap<(u32, Option<u32>), usize> = BTreeMap::new();
    for &objective in &review.objectives {
        let objective = &plan.objectives[objective];
        if let Some(owner) = objective.owner {
            *goals.entry((owner, objective.cycle)).or_default() += 1;
        }
    }
    for ((team, _), count) in goals.into_iter().filter(|(_, count)| *count > MOST_OBJECTIVES) {
        let name = plan.teams[team as usize].name;
        let id = plan.source(name);
        let message = format!("`{id}` has {count} objectives in one cycle, over {MOST_OBJECTIVES}");
        let help = "keep the three that matter most";
        review.give(At { kind: Kind::Team, index: team }, name, message, help);
    }
}

fn buckets_of_team(review: &mut Review<'_>, team: usize) {
    let plan = review.plan;
    let stated = &plan.teams[team];
    let at = At::new(Kind::Team, team);
    let id = plan.source(stated.name);
    if stated.buckets.len() > MOST_BUCKETS {
        let message = format!("`{id}` has {} buckets, over {MOST_BUCKETS}", stated.buckets.len());
        review.give(at, stated.name, message, "join buckets until a handful is left");
    }
    let written = |bucket: u32| plan.buckets[bucket as usize].share;
    let fine = |share: &Input| matches!(share.amount, Amount::Number(share) if is_fine(share));
    let fine: Vec<Input> = stated.buckets.clone().filter_map(written).filter(fine).collect();
    if let Some(first) = fine.first() {
        let shares: Vec<&str> = fine.iter().map(|share| plan.source(share.place)).collect();
        let message = format!("shares of `{id}` are finer than five points: {}", shares.join(", "));
        review.give(at, first.place, message, "round them to steps of five or ten points");
    }
}

/// Whether a share is no multiple of five points.
fn is_fine(share: f64) -> bool {
    let steps = share * 20.0;
    (steps - steps.round()).abs() > 1e-9
}

fn key_results(review: &mut Review<'_>, objective: usize) {
    let stated = &review.plan.objectives[objective];
    let id = review.plan.source(stated.name);
    let all = review.krs(objective).len();
    if all > MOST_KRS {
        let message = format!("`{id}` has {all} key results, over {MOST_KRS}");
        let help = "keep those that would tell you that the objective is reached";
        review.give(At::new(Kind::Objective, objective), stated.name, message, help);
    }
    let weights: Vec<(usize, f64)> = review
        .counted(objective)
        .into_iter()
        .filter_map(|kr| Some((kr, review.number(Field::KrWeight, kr)?)))
        .collect();
    let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let alike = weights.iter().all(|(_, weight)| *weight == weights[0].1);
    if alike || sum <= 0.0 {
        return;
    }
    for (kr, weight) in weights {
        if weight / sum < LEAST_WEIGHT - 1e-9 {
            let share = review.percent(weight / sum);
            let message = format!(
                "`{}` has {share} of the weight of `{id}`, under 5%",
                review.plan.kr_id(kr)
            );
            let stated = &review.plan.krs[kr];
            let place = stated.weight.map_or(stated.name, |weight| weight.place);
            let help = "leave it out, or let it count";
            review.give(At::new(Kind::Kr, kr), place, message, help);
        }
    }
}

fn target(review: &mut Review<'_>, kr: usize) {
    let stated = &review.plan.krs[kr];
    let Some(target) = stated.target.filter(|_| stated.kind != KrKind::Guardrail) else { return };
    let text = review.plan.source(target.place);
    let Some(digits) = digits(text).filter(|digits| *digits > MOST_DIGITS) else { return };
    let id = review.plan.kr_id(kr);
    let message = format!("the target of `{id}`, {text}, has {digits} significant digits");
    let rounded = review.engine.bound(target).map(|value| round(value, 2));
    let help = match rounded {
        Some(rounded) => {
            format!("round it: {} says as much", review.plan.units.show(rounded, stated.unit))
        }
        None => "round it".into(),
    };
    review.give(At::new(Kind::Kr, kr), target.place, message, help);
}

/// A number with so many significant digits.
fn round(value: f64, digits: i32) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let power = 10f64.powi(value.abs().log10().floor() as i32 + 1 - digits);
    (value / power).round() * power
}

/// The significant digits of a literal as it is spelled; `None` if it is a formula.
fn digits(text: &str) -> Option<usize> {
    let text = text.trim_start_matches(['-', '+', ' ', '$', '€', '£', '¥']);
    let end = text.find(|it: char| !it.is_ascii_digit() && !matches!(it, '.' | '_'));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    if number.is_empty() || unit.contains(|it: char| "+-*/^()".contains(it) || it.is_ascii_digit())
    {
        return None;
    }
    let whole = !number.contains('.');
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    Some(if whole { digits.trim_end_matches('0') } else { digits }.len())
}

fn effort(review: &mut Review<'_>, index: usize) {
    let initiative = &review.plan.initiatives[index];
    let draws: Option<Vec<f64>> =
        initiative.draws.iter().map(|(effort, _)| review.engine.bound(effort.mean)).collect();
    let Some(effort) = draws.filter(|draws| !draws.is_empty()).map(|it| it.iter().sum::<f64>())
    else {
        return;
    };
    if effort < LEAST_EFFORT - 1e-9 {
        let id = review.plan.source(initiative.name);
        let shown = review.plan.units.show(effort, UnitId::PERSON_WEEKS);
        let message = format!("the initiative `{id}` takes {shown}, under half a person-week");
        let help = "leave it to the team: a plan of a quarter needs no tasks";
        review.give(At::new(Kind::Initiative, index), initiative.name, message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_that_are_spelled() {
        for (text, wanted) in [
            ("400 ms", 1),
            ("12_400 renewals", 3),
            ("412.75 ms", 5),
            ("$9_437", 4),
            ("99.995%", 5),
            ("0.0025", 2),
            ("4.2M EUR", 2),
            ("-1_234.5 ms", 5),
        ] {
            assert_eq!(digits(text), Some(wanted), "{text}");
        }
        assert_eq!(digits("baseline * 1.23456"), None);
        assert_eq!(digits("peak * (1 + extra)"), None);
        assert_eq!(round(412.75, 2), 410.0);
    }

    #[test]
    fn shares_in_steps_of_five_points_are_coarse() {
        assert!([0.0, 0.05, 0.1, 0.15, 0.35, 0.7, 0.85, 1.0].into_iter().all(|it| !is_fine(it)));
        assert!([0.33, 0.125, 0.999].into_iter().all(is_fine));
    }
}
