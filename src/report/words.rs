//! The words and numbers that every rendering of a report shares.

use super::data::{Actual, CycleRow, Explanation, KrRow, ObjectiveRow, Scorecard, TeamRow};
pub use crate::quantity::grade;
use crate::quantity::readable;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// A share in whole percent; only all of it is 100%.
pub fn percent(share: f64) -> String {
    let percent = (share * 100.0).round();
    let percent = if share < 1.0 { percent.min(99.0) } else { percent };
    format!("{percent}%")
}

/// What a mean says about the ambition: the sweet spot's verdict.
pub fn verdict(sweet_spot: Option<&str>) -> Option<&'static str> {
    match sweet_spot? {
        "in" => Some("ambitious and landing"),
        "above" => Some("not ambitious enough"),
        "below" => Some("out of reach"),
        _ => None,
    }
}

/// A state in words, short enough for a table.
pub fn state(state: &str) -> &str {
    if state == "not applicable" { "n/a" } else { state }
}

/// Whether a guardrail holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardrail {
    /// `guardrail holds`
    pub words: String,
    /// ` (held 92%)`; empty where there is nothing to add.
    pub detail: String,
    /// Its sign.
    pub sign: Sign,
}

impl Guardrail {
    /// The guardrail that a key result is.
    pub fn of(kr: &KrRow) -> Self {
        let (words, sign) = match kr.state {
            "graded" if kr.broken => ("guardrail broken".to_owned(), Sign::Bad),
            "graded" => ("guardrail holds".to_owned(), Sign::Good),
            other => (format!("guardrail: {}", state(other)), Sign::None),
        };
        let detail = match kr.grade.filter(|&share| kr.state == "graded" && share < 1.0) {
            Some(share) if kr.grading == "keep" => format!(" (held {})", percent(share)),
            Some(share) => format!(" ({})", grade(share)),
            None => String::new(),
        };
        Self { words, detail, sign }
    }
}

/// The sign before a word, so that a column can be skimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As it should be.
    Good,
    /// To be watched.
    Fair,
    /// Not as it should be.
    Bad,
    /// Nothing to say.
    None,
}

impl Sign {
    /// The sign of a pace's word.
    pub fn of_pace(word: &str) -> Self {
        match word {
            "on track" => Self::Good,
            "behind" => Self::Fair,
            "at risk" => Self::Bad,
            _ => Self::None,
        }
    }

    /// The band whose colour goes with it.
    pub fn band(self) -> Option<&'static str> {
        match self {
            Self::Good => Some("green"),
            Self::Fair => Some("yellow"),
            Self::Bad => Some("red"),
            Self::None => None,
        }
    }
}

/// The title, or the last word of the id where there is none.
pub fn title<'a>(title: &'a str, id: &'a str) -> &'a str {
    if title.trim().is_empty() { id.rsplit('.').next().unwrap_or(id) } else { title }
}

/// The way a key result is to go, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Journey<'a> {
    /// From a baseline to a target, without the unit where both share one, and the unit.
    Span {
        /// `900`
        from: &'a str,
        /// `400`
        to: &'a str,
        /// ` ms`; empty if `from` and `to` carry their own.
        unit: &'a str,
    },
    /// Anything else: `keep >= 99.9%`, `by 2026-03-15`.
    Words(Cow<'a, str>),
}

impl<'a> Journey<'a> {
    /// The way of a key result.
    pub fn of(kr: &'a KrRow) -> Self {
        if let Some(keep) = &kr.keep {
            return Self::Words(format!("keep {}", shared_unit(keep)).into());
        }
        if kr.target.is_none() && kr.shown.target.is_empty() {
            return Self::Words(without_target(kr));
        }
        let (from, to) = (&kr.shown.baseline, &kr.shown.target);
        let ((start, from_unit), (end, unit)) = (split_unit(from), split_unit(to));
        if from_unit == unit || from.is_empty() {
            return Self::Span { from: start, to: end, unit };
        }
        Self::Span { from, to, unit: "" }
    }
}

/// A range whose ends share a unit says it once: `150 .. 400 cases`.
fn shared_unit(keep: &str) -> Cow<'_, str> {
    let Some((low, high)) = keep.split_once(" .. ") else { return keep.into() };
    match (split_unit(low), split_unit(high)) {
        ((low, low_unit), (_, unit)) if low_unit == unit => format!("{low} .. {high}").into(),
        _ => keep.into(),
    }
}

fn without_target(kr: &KrRow) -> Cow<'_, str> {
    match (kr.grading, &kr.due) {
        ("milestones", _) if kr.actual.is_some() => "".into(),
        ("done" | "milestones", Some(due)) => format!("by {due}").into(),
        ("done", None) => "to be done".into(),
        ("score", _) => "by hand".into(),
        ("formula", _) => "by formula".into(),
        ("linear", _) => "".into(),
        (grading, _) => grading.into(),
    }
}

/// A number as people read it, and its unit: `610` and ` ms`, `3.1` and `%`.
pub fn split_unit(shown: &str) -> (&str, &str) {
    match shown.find([' ', '%']) {
        Some(at) => shown.split_at(at),
        None => (shown, ""),
    }
}

/// Where a key result is: a number with its unit, or a word.
pub fn actual(kr: &KrRow) -> &str {
    match &kr.actual {
        Some(Actual::Word(word)) => word,
        _ => &kr.shown.actual,
    }
}

/// Whether [`actual`] is a number.
pub fn is_number(kr: &KrRow) -> bool {
    !matches!(kr.actual, Some(Actual::Word(_)))
}

/// The as-of date and where it came from.
pub fn as_of(card: &Scorecard) -> String {
    let known = as_of_date(card.as_of.as_deref(), &card.as_of_from);
    known.unwrap_or_else(|| "no date in the plan".into())
}

/// The as-of date and where it came from, if the plan has one.
pub fn as_of_date(date: Option<&str>, from: &str) -> Option<String> {
    let date = date?;
    Some(if from.is_empty() { format!("as of {date}") } else { format!("as of {date} ({from})") })
}

/// What else the grades rest on: the scenario, and whether amendments are left aside.
pub fn standpoint(card: &Scorecard) -> Option<String> {
    seen_from(card.scenario.as_deref(), card.original)
}

/// What an explanation rests on: the day, where it came from, and the standpoint.
pub fn explained_as(explanation: &Explanation) -> Vec<String> {
    let as_of = as_of_date(explanation.as_of.as_deref(), &explanation.as_of_from);
    let standpoint = seen_from(explanation.scenario.as_deref(), explanation.original);
    as_of.into_iter().chain(standpoint).collect()
}

fn seen_from(scenario: Option<&str>, original: bool) -> Option<String> {
    let scenario = scenario.map(|id| format!("scenario {id}"));
    let original = original.then(|| "original values, amendments left aside".to_owned());
    let parts: Vec<String> = scenario.into_iter().chain(original).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The titles of teams by their ids.
pub fn team_titles(card: &Scorecard) -> FxHashMap<&str, &str> {
    card.teams.iter().map(|team| (team.id.as_str(), title(&team.title, &team.id))).collect()
}

/// Person-weeks to the tenth.
pub fn weeks(weeks: f64) -> String {
    readable((weeks * 10.0).round() / 10.0).into_owned()
}

/// The row of the cycle in force.
pub fn cycle_in_force(card: &Scorecard) -> Option<&CycleRow> {
    card.cycles.iter().find(|cycle| Some(&cycle.id) == card.cycle.as_ref())
}

/// What is to be said about an objective beside its grade, each in a few words.
pub fn remarks(objective: &ObjectiveRow) -> Vec<String> {
    let graded = match objective.of {
        _ if objective.key_results.is_empty() => "no key results".to_owned(),
        0 => "no key result counts".to_owned(),
        of => format!("{} of {of} graded", objective.graded),
    };
    let mut remarks = vec![graded];
    remarks.extend(objective.status.map(str::to_owned));
    let means = means(objective.committed_grade, objective.aspirational_grade);
    if means.is_empty() && objective.kind == "committed" {
        remarks.push("committed".into());
    }
    if let Some(weight) = objective.weight.filter(|&weight| weight != 1.0) {
        remarks.push(format!("weight {}", readable(weight)));
    }
    remarks.extend(means);
    remarks
}

/// The means of committed and aspirational key results, if there are both.
pub fn means(committed: Option<f64>, aspirational: Option<f64>) -> Vec<String> {
    match (committed, aspirational) {
        (Some(committed), Some(aspirational)) => vec![
            format!("committed {}", grade(committed)),
            format!("aspirational {}", grade(aspirational)),
        ],
        _ => Vec::new(),
    }
}

/// A mean of a team or cycle, as a row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Mean<'a> {
    /// The title, or the id.
    pub title: &'a str,
    /// What stands behind the title: a kind of team, the days of a cycle.
    pub remark: &'a str,
    /// The mean itself.
    pub grade: Option<f64>,
    /// Its band.
    pub band: Option<&'static str>,
    /// `graded`, `no data` or `error`.
    pub state: &'static str,
    /// The mean of the committed key results alone.
    pub committed: Option<f64>,
    /// The mean of the aspirational key results alone.
    pub aspirational: Option<f64>,
    /// The mean with every actual as projected.
    pub projected: Option<f64>,
    /// The sweet spot's verdict.
    pub verdict: Option<&'static str>,
}

impl<'a> Mean<'a> {
    /// A heading without a mean.
    pub fn titled(title: &'a str) -> Self {
        Self {
            title,
            remark: "",
            grade: None,
            band: None,
            state: "",
            committed: None,
            aspirational: None,
            projected: None,
            verdict: None,
        }
    }
}

impl<'a> From<&'a TeamRow> for Mean<'a> {
    fn from(team: &'a TeamRow) -> Self {
        Self {
            title: title(&team.title, &team.id),
            remark: team.kind.unwrap_or_default(),
            grade: team.grade,
            band: team.band,
            state: team.state,
            committed: team.committed_grade,
            aspirational: team.aspirational_grade,
            projected: team.projected_grade,
            verdict: verdict(team.sweet_spot),
        }
    }
}

impl<'a> From<&'a CycleRow> for Mean<'a> {
    fn from(cycle: &'a CycleRow) -> Self {
        Self {
            title: title(&cycle.title, &cycle.id),
            remark: "",
            grade: cycle.grade,
            band: cycle.band,
            state: cycle.state,
            committed: cycle.committed_grade,
            aspirational: cycle.aspirational_grade,
            projected: cycle.projected_grade,
            verdict: verdict(cycle.sweet_spot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_grade_never_looks_like_a_threshold_that_it_has_not_reached() {
        let shown = [0.698, 0.6999, 0.7, 0.7 - 1e-10, 0.615, 0.3999, 0.999, -0.0, 0.004].map(grade);
        assert_eq!(shown, ["0.69", "0.69", "0.70", "0.70", "0.62", "0.39", "0.99", "0.00", "0.00"]);
        let large = [1.25, 9.99, 12.34, 123.4, 1e9, -3.0].map(grade);
        assert_eq!(large, ["1.25", "9.99", "12.3", "123", ">999", "-3.0"]);
        assert_eq!([0.656, 0.999, 1.0, 0.0].map(percent), ["66%", "99%", "100%", "0%"]);
    }

    #[test]
    fn journeys_say_a_shared_unit_once() {
        let journey = |baseline: &str, target: &str| {
            let mut kr = fixture::kr("a.b", "", "linear");
            kr.target = Some(1.0);
            kr.shown.baseline = baseline.into();
            kr.shown.target = target.into();
            format!("{:?}", Journey::of(&kr))
        };
        let span = |from, to, unit| format!("{:?}", Journey::Span { from, to, unit });
        assert_eq!(journey("900 ms", "400 ms"), span("900", "400", " ms"));
        assert_eq!(journey("3.1%", "4.03%"), span("3.1", "4.03", "%"));
        assert_eq!(journey("0", "6 features"), span("0", "6 features", ""));
        assert_eq!(journey("", "6 features"), span("", "6", " features"));
        assert_eq!(shared_unit("150 cases .. 400 cases"), "150 .. 400 cases");
        assert_eq!(shared_unit(">= 99.9%"), ">= 99.9%");
    }
}
