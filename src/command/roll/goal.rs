//! A key result in the next cycle: what becomes of it, and its text.

use super::draft::{Draft, comment};
use crate::engine::State;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Grading, Input, Kr, KrKind, Point, Subject};
use crate::source::Place;
use crate::syntax::keyword::Keyword;
use crate::syntax::tree::{Node, quote};
use std::fmt::Write;

/// What becomes of a key result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Stays as it is: a guardrail, a bound to keep.
    Kept,
    /// Goes on from where it stands.
    Carried,
    /// A promise that was not kept: goes on, and wants a post-mortem.
    Missed,
    /// Needs no more.
    Reached,
    /// Was opted out.
    Declined,
    /// Was not applicable.
    NotApplicable,
}

/// A key result of the cycle that is over.
pub(super) struct Goal {
    index: usize,
    pub id: String,
    pub title: String,
    pub fate: Fate,
    /// Where it starts now, in its unit.
    baseline: Option<f64>,
    grade: Option<f64>,
}

impl Goal {
    pub fn of(draft: &Draft<'_>, index: usize) -> Self {
        let kr = &draft.plan.krs[index];
        let number = |field| draft.engine.read(Cell::new(field, index)).number();
        let measured = !matches!(
            kr.grading,
            Grading::Done | Grading::Milestones(..) | Grading::Score | Grading::Keep(_)
        );
        Self {
            index,
            id: draft.plan.kr_id(index),
            title: draft.plan.text(kr.title),
            fate: fate(draft, index),
            baseline: number(Field::KrActual).filter(|_| measured),
            grade: number(Field::KrGrade),
        }
    }

    /// What the talk about it is about.
    pub fn subject(&self) -> Subject {
        Subject::Kr(self.index as u32)
    }

    /// Its statement in the draft.
    pub fn write(&self, draft: &Draft<'_>, out: &mut String) {
        let kr = &draft.plan.krs[self.index];
        self.remark(draft, kr, out);
        let _ = writeln!(out, "kr {} {} {{", draft.plan.source(kr.name), quote(&self.title));
        let fields = draft.statements.fields(kr.name);
        let starts = fields.iter().any(|node| node.keyword == Keyword::Baseline);
        if let Some(baseline) = self.baseline.filter(|_| !starts) {
            let baseline = grouped(&draft.plan.units.spell(baseline, kr.unit));
            let _ = writeln!(out, "baseline {baseline}");
        }
        for node in fields {
            self.field(draft, kr, node, out);
        }
        out.push_str("}\n");
    }

    /// What is to be said before it.
    fn remark(&self, draft: &Draft<'_>, kr: &Kr, out: &mut String) {
        if self.fate == Fate::Kept {
            return;
        }
        let number = |field| draft.engine.read(Cell::new(field, self.index)).number();
        let show = |value: f64| draft.plan.units.show(value, kr.unit);
        let landed = match self.grade {
            Some(grade) => format!("a grade of {}", crate::report::words::grade(grade)),
            None => "without data".to_owned(),
        };
        let way = match (self.baseline, number(Field::KrBaseline)) {
            (Some(now), Some(from)) if kr.has_target => {
                format!("from {} to {}, {landed}", show(from), show(now))
            }
            _ => landed,
        };
        match self.fate {
            Fate::Missed => comment(
                out,
                &format!(
                    "Post-mortem: this was promised, and ended {way}. What happened, and what can be promised now?"
                ),
            ),
            _ => comment(out, &format!("Last time {way}. Is the target still right?")),
        }
    }

    fn field(&self, draft: &Draft<'_>, kr: &Kr, node: &Node, out: &mut String) {
        let text = draft.statements.text(kr.name, node.span);
        let spell = |value: f64| grouped(&draft.plan.units.spell(value, kr.unit));
        let number = |field| draft.engine.read(Cell::new(field, self.index)).number();
        let amended = |field| draft.is_amended(field, self.index);
        let mut line = |text: &str| {
            let _ = writeln!(out, "{text}");
        };
        match node.keyword {
            Keyword::Actual => {}
            Keyword::Baseline => match self.baseline.or(number(Field::KrBaseline)) {
                Some(baseline) if self.baseline.is_some() || amended(Field::KrBaseline) => {
                    line(&format!("baseline {}", spell(baseline)));
                }
                _ => line(text),
            },
            Keyword::Target => {
                let moves = amended(Field::KrTarget)
                    || kr.target.is_some_and(|target| !draft.reads_metrics_only(target));
                match number(Field::KrTarget).filter(|_| moves) {
                    Some(target) => {
                        let was = crate::report::style::one_line(text);
                        line(&format!("target {}  # was: {was}", spell(target)));
                    }
                    None => line(text),
                }
            }
            Keyword::Weight if amended(Field::KrWeight) => {
                line(&format!("weight {}", number(Field::KrWeight).unwrap_or(1.0)));
            }
            Keyword::Due if kr.due.as_ref().is_some_and(|due| due.date < draft.period.from) => {
                line(&format!(
                    "# It was due: {}. When is it now?",
                    crate::report::style::one_line(text)
                ));
            }
            Keyword::Grading => self.grading(draft, kr, text, out),
            _ => line(text),
        }
    }

    /// The grading without what has been passed.
    fn grading(&self, draft: &Draft<'_>, kr: &Kr, text: &str, out: &mut String) {
        let left = match kr.grading {
            Grading::Steps(first, count) => self.points_ahead(draft, kr, first, count),
            Grading::Curve(first, count) => self.points_ahead(draft, kr, first, count),
            Grading::Milestones(first, count) => self.milestones_ahead(draft, first, count),
            _ => None,
        };
        let written = match left {
            None => text.to_owned(),
            Some(points) if points.is_empty() => {
                format!(
                    "# All points of this were passed: {}",
                    crate::report::style::one_line(text)
                )
            }
            Some(points) => format!("grading {} {}", kr.grading.word(), points.join(", ")),
        };
        let _ = writeln!(out, "{written}");
    }

    /// The points that lie beyond the new baseline; `None` if all do.
    fn points_ahead(
        &self,
        draft: &Draft<'_>,
        kr: &Kr,
        first: u32,
        count: u32,
    ) -> Option<Vec<String>> {
        let baseline = self.baseline?;
        let points = &draft.plan.points[first as usize..(first + count) as usize];
        let at = |point: &Point| draft.engine.bound(point.at);
        let target = draft.engine.read(Cell::new(Field::KrTarget, self.index)).number();
        let goal = target.filter(|_| kr.has_target).or(at(points.last()?))?;
        let start = match kr.has_target {
            true => baseline,
            false => points.first().and_then(at).unwrap_or(baseline),
        };
        let up = goal >= start;
        let ahead = |point: &&Point| {
            at(point).is_some_and(|at| if up { at > baseline } else { at < baseline })
        };
        let left: Vec<&Point> = points.iter().filter(ahead).collect();
        (left.len() < points.len()).then(|| {
            let text = |input: Input| draft.plan.source(input.place);
            let value =
                |input: Input| match draft.reads_metrics_only(input) || text(input) == "target" {
                    true => text(input).to_owned(),
                    false => at_spelled(draft, kr, input),
                };
            left.iter().map(|it| format!("{} -> {}", value(it.at), text(it.grade))).collect()
        })
    }

    /// The milestones that are not reached, their grades spread over the way that is left.
    fn milestones_ahead(&self, draft: &Draft<'_>, first: u32, count: u32) -> Option<Vec<String>> {
        let reached = draft.engine.read(Cell::new(Field::KrActual, self.index)).number()?;
        let all = &draft.plan.milestones[first as usize..(first + count) as usize];
        let grade = |input: Input| draft.engine.bound(input);
        let base = grade(all.get(reached as usize)?.grade)?;
        let ahead = all.get(reached as usize + 1..)?;
        let spread = |it: f64| ((it - base) / (1.0 - base) * 100.0).round() / 100.0;
        let line = |it: &crate::plan::model::Milestone| {
            Some(format!("{} -> {}", text_at(draft, it.name.0), spread(grade(it.grade)?)))
        };
        ahead.iter().map(line).collect()
    }
}

fn text_at<'d>(draft: &Draft<'d>, place: Place) -> &'d str {
    draft.plan.source(place)
}

fn at_spelled(draft: &Draft<'_>, kr: &Kr, input: Input) -> String {
    match draft.engine.bound(input) {
        Some(value) => grouped(&draft.plan.units.spell(value, kr.unit)),
        None => draft.plan.source(input.place).to_owned(),
    }
}

fn fate(draft: &Draft<'_>, index: usize) -> Fate {
    let kr = &draft.plan.krs[index];
    match draft.engine.kr_state(index) {
        State::Declined => return Fate::Declined,
        State::NotApplicable => return Fate::NotApplicable,
        _ => {}
    }
    if kr.kind == KrKind::Guardrail {
        return Fate::Kept;
    }
    if matches!(kr.grading, Grading::Keep(_)) {
        let grade = draft.engine.read(Cell::new(Field::KrGrade, index)).number();
        let broken = grade.is_some_and(|grade| grade < 1.0 - 1e-9);
        return if broken && kr.kind == KrKind::Committed { Fate::Missed } else { Fate::Kept };
    }
    match (is_reached(draft, index), kr.kind) {
        (true, _) => Fate::Reached,
        (false, KrKind::Committed) => Fate::Missed,
        (false, _) => Fate::Carried,
    }
}

/// Whether nothing is left to do: the target, the last milestone, or a grade of 1.
fn is_reached(draft: &Draft<'_>, index: usize) -> bool {
    let kr = &draft.plan.krs[index];
    let number = |field| draft.engine.read(Cell::new(field, index)).number();
    let full = |value: Option<f64>| value.is_some_and(|value| value >= 1.0 - 1e-9);
    let actual = number(Field::KrActual);
    match kr.grading {
        Grading::Done => actual == Some(1.0),
        Grading::Milestones(_, count) => actual.is_some_and(|it| it >= f64::from(count) - 1.0),
        _ => full(number(Field::KrGrade)) || full(number(Field::KrProgress)),
    }
}

/// A number with its digits in groups, as people write large ones: `11_900_000 EUR`.
pub(super) fn grouped(spelled: &str) -> String {
    let start = spelled.find(|it: char| it.is_ascii_digit()).unwrap_or(0);
    let digits = spelled[start..].find(|it: char| !it.is_ascii_digit());
    let end = digits.map_or(spelled.len(), |digits| start + digits);
    let mut out = spelled[..start].to_owned();
    let whole = &spelled[start..end];
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && whole.len() > 4 {
            out.push('_');
        }
        out.push(digit);
    }
    out + &spelled[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        let cases = [
            ("11900000 EUR", "11_900_000 EUR"),
            ("4060 renewals", "4060 renewals"),
            ("-12345.678 ms", "-12_345.678 ms"),
            ("63%", "63%"),
        ];
        for (plain, wanted) in cases {
            assert_eq!(grouped(plain), wanted);
        }
    }
}
