//! The sheet's own grades against ours.

use super::draft::{Actual, Claim, Draft, Grading, Kr};
use super::quantity::rounded;
use crate::engine::Engine;
use crate::plan::Found;
use crate::plan::cell::{Cell, Field, Kind};
use crate::quantity::readable;
use serde::Serialize;

/// What became of the sheet's own grades.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Audit {
    /// How many were compared.
    pub compared: usize,
    /// How many of them are ours when ours are rounded as they are.
    pub rounded: usize,
    /// Those that the rule contradicts.
    pub disagreements: Vec<Disagreement>,
}

/// A grade of the sheet that the rule contradicts.
#[derive(Clone, Debug, Serialize)]
pub struct Disagreement {
    /// `Q1 2026!H7`
    pub place: String,
    /// The row, from 1.
    pub row: u32,
    /// The path of what is graded; empty for a total.
    pub path: String,
    /// What the sheet says, from 0 to 1.
    pub says: f64,
    /// What the rule gives.
    pub gives: Option<f64>,
    /// How: `(610 - 900) / (400 - 900)`
    pub arithmetic: String,
    /// What the sheet seems to do instead; may be empty.
    pub instead: String,
}

/// Scales on which people give grades.
const SCALES: [f64; 4] = [1.0, 100.0, 10.0, 5.0];
/// How far two numbers may lie apart that are the same.
const SAME: f64 = 1e-6;

/// Brings the sheet's grades to the scale from 0 to 1: the one on which most agree with the numbers
/// of their rows, else that of the greatest. Gives the scale.
pub fn settle_scale(draft: &mut Draft) -> f64 {
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    let mut most = 0.0_f64;
    for kr in draft.objectives.iter().flat_map(|it| &it.krs) {
        if let Some(claim) = kr.claim.as_ref().filter(|claim| claim.value.is_nan()) {
            most = most.max(claim.raw);
            pairs.extend(linear(kr).map(|grade| (claim.raw, grade.clamp(0.0, 1.0))));
        }
    }
    let agreeing = |scale: f64| {
        let close =
            |(raw, grade): &&(f64, f64)| *grade > 0.0 && (raw / scale - grade).abs() < 0.006;
        pairs.iter().filter(close).count()
    };
    let by_size = SCALES.into_iter().find(|scale| match *scale {
        1.0 => most <= 1.5,
        10.0 => most <= 10.0,
        scale => scale == 100.0 && most > 10.0,
    });
    let best = SCALES.into_iter().rev().max_by_key(|scale| agreeing(*scale));
    let scale = match best {
        Some(best) if agreeing(best) > 0 => best,
        _ => by_size.unwrap_or(1.0),
    };
    let places = if scale == 100.0 { 2 } else { usize::from(scale != 1.0) };
    let scaled = |claim: &mut Claim| {
        if claim.value.is_nan() {
            claim.value = rounded(claim.raw / scale);
            claim.typed = claim.typed.map(|decimals| decimals + places);
        }
    };
    for objective in &mut draft.objectives {
        objective.claim.iter_mut().for_each(scaled);
        objective.krs.iter_mut().filter_map(|kr| kr.claim.as_mut()).for_each(scaled);
    }
    draft.totals.iter_mut().for_each(scaled);
    scale
}

/// The progress that a row's own numbers give.
fn linear(kr: &Kr) -> Option<f64> {
    let Actual::Number(actual) = &kr.actual else { return None };
    let target = kr.target.as_ref().filter(|_| kr.grading == Grading::Linear)?;
    let baseline = kr.baseline.as_ref().map_or(0.0, |it| it.value);
    Some((actual.value - baseline) / (target.value - baseline))
}

/// Compares every grade of the sheet with the engine's; `ids` are those of the objectives, each with
/// its key results.
pub fn audit(draft: &Draft, engine: &Engine, ids: &[(String, Vec<String>)]) -> Audit {
    let mut audit = Audit::default();
    let mut grades = Vec::new();
    for (objective, (id, kr_ids)) in draft.objectives.iter().zip(ids) {
        let mut parts = Vec::new();
        for (kr, kr_id) in objective.krs.iter().zip(kr_ids) {
            let path = format!("{id}.{kr_id}");
            let Some(index) = index_of(engine, &path) else { continue };
            let grade = engine.read(Cell::new(Field::KrGrade, index)).number();
            if kr.actual != Actual::NotApplicable {
                let weight = engine.read(Cell::new(Field::KrWeight, index)).number();
                parts.push((weight.unwrap_or(1.0), grade.unwrap_or(0.0)));
            }
            if let Some(claim) = kr.claim.as_ref().filter(|_| kr.grading != Grading::Score) {
                let instead = instead(kr, claim);
                audit.compare(claim, grade, path, || arithmetic(kr), &instead);
            }
        }
        let Some(index) = index_of(engine, id) else { continue };
        let grade = engine.objective(index).grade.number();
        grades.extend(grade.map(|grade| (objective.weight.unwrap_or(1.0), grade)));
        if let Some(claim) = &objective.claim {
            audit.compare(claim, grade, id.clone(), || mean_words(&parts), "");
        }
    }
    for claim in &draft.totals {
        let sum: f64 = grades.iter().map(|(weight, _)| weight).sum();
        let mean = grades.iter().map(|(weight, grade)| weight * grade).sum::<f64>() / sum;
        let mean = mean.is_finite().then_some(mean);
        audit.compare(claim, mean, String::new(), || mean_words(&grades), "");
    }
    audit
}

fn index_of(engine: &Engine, path: &str) -> Option<usize> {
    match engine.plan.find(path, Default::default()) {
        Ok(Found::Thing(Kind::Kr | Kind::Objective, index)) => Some(index as usize),
        _ => None,
    }
}

impl Audit {
    fn compare(
        &mut self,
        claim: &Claim,
        grade: Option<f64>,
        path: String,
        arithmetic: impl FnOnce() -> String,
        instead: &str,
    ) {
        self.compared += 1;
        let apart = grade.map_or(claim.value.abs(), |grade| (claim.value - grade).abs());
        if apart <= SAME {
            return;
        }
        let rounds = claim.typed.filter(|&decimals| decimals > 0 && grade.is_some());
        if rounds.is_some_and(|decimals| apart <= 0.5 * 10_f64.powi(-(decimals as i32)) + 1e-9) {
            self.rounded += 1;
            return;
        }
        self.disagreements.push(Disagreement {
            place: claim.place.clone(),
            row: claim.row,
            path,
            says: claim.value,
            gives: grade,
            arithmetic: arithmetic(),
            instead: instead.to_owned(),
        });
    }
}

/// How our grade of a row comes about.
fn arithmetic(kr: &Kr) -> String {
    let number = |value: f64| readable(value).into_owned();
    let target = kr.target.as_ref().map_or(0.0, |it| it.value);
    match (&kr.actual, kr.grading) {
        (Actual::NotApplicable, _) => "the row does not apply".into(),
        (Actual::Done(done), _) => if *done { "it is done" } else { "it is not done" }.into(),
        (Actual::Unknown, _) => "there is no actual".into(),
        (Actual::Number(actual), Grading::KeepMost | Grading::KeepLeast) => {
            let sign = if kr.grading == Grading::KeepMost { "<=" } else { ">=" };
            let holds = if kr.grading == Grading::KeepMost {
                actual.value <= target
            } else {
                actual.value >= target
            };
            let word = if holds { "holds" } else { "breaks" };
            format!("{} {word} {sign} {}", number(actual.value), number(target))
        }
        (Actual::Number(actual), _) => {
            let baseline = kr.baseline.as_ref().map_or(0.0, |it| it.value);
            let (actual, baseline, target) =
                (number(actual.value), signed(baseline), number(target));
            let progress = linear(kr).unwrap_or(0.0);
            let limit = match progress {
                progress if progress > 1.0 => format!("{}, but no more than 1: ", number(progress)),
                progress if progress < 0.0 => format!("{}, but no less than 0: ", number(progress)),
                _ => String::new(),
            };
            format!("{limit}({actual} - {baseline}) / ({target} - {baseline})")
        }
    }
}

fn signed(value: f64) -> String {
    let shown = readable(value);
    if value < 0.0 { format!("({shown})") } else { shown.into_owned() }
}

/// What a sheet commonly does instead of the rule.
fn instead(kr: &Kr, claim: &Claim) -> String {
    let (Actual::Number(actual), Some(target)) = (&kr.actual, &kr.target) else {
        return String::new();
    };
    let progress = linear(kr).unwrap_or(f64::NAN);
    let share = actual.value / target.value;
    let near = |value: f64| (claim.value - value).abs() < 0.005 + SAME;
    match () {
        () if near(progress) => "the sheet does not keep it within 0 and 1".into(),
        () if near(share) || (near(share.clamp(0.0, 1.0)) && share > 0.0) => {
            "the sheet divides by the target and leaves the start out".into()
        }
        () if near(target.value / actual.value) => {
            "the sheet divides the target by the actual".into()
        }
        () if near(1.0 - progress) => "the sheet counts what is left to do".into(),
        () => String::new(),
    }
}

/// `(2 * 0.58 + 0.3) / 3`
fn mean_words(parts: &[(f64, f64)]) -> String {
    if parts.is_empty() {
        return "nothing is graded".into();
    }
    let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let part = |(weight, grade): &(f64, f64)| match *weight {
        1.0 => readable(*grade).into_owned(),
        weight => format!("{} * {}", readable(weight), readable(*grade)),
    };
    let shown: Vec<String> = parts.iter().take(12).map(part).collect();
    let more = if parts.len() > 12 { " + …" } else { "" };
    format!("({}{more}) / {}", shown.join(" + "), readable(sum))
}
