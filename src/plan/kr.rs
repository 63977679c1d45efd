//! The fields of key results.

use super::cell::{Kind as CellKind, Range};
use super::model::*;
use super::names::Scope;
use super::resolve::{Resolver, Seen};
use super::value::Wanted;
use crate::diagnostic::{Kind, Problem};
use crate::quantity::UnitId;
use crate::source::{FileId, Span};
use crate::syntax::keyword::{self, Keyword};
use crate::syntax::tree::{self, Body, Node};

impl<'t> Resolver<'t> {
    pub(super) fn read_kr(&mut self, index: usize) {
        let stated = &self.declared.krs[index];
        let (file, block) = (stated.file, &stated.what.block);
        let committed = self.plan.objectives[self.plan.krs[index].objective as usize].committed;
        if committed {
            self.plan.krs[index].kind = KrKind::Committed;
        }
        let scope = self.kr_scope(index as u32);
        if self.plan.krs[index].broken && !self.plan.krs[index].has_target {
            let place = self.plan.krs[index].name;
            self.plan.krs[index].target = Some(Input { amount: Amount::Bad, place });
        }
        let mut words = KrWords::default();
        let mut seen = Seen::default();
        let mut actual = None;
        for field in block {
            if !self.counts(&mut seen, file, block, field) {
                continue;
            }
            words.note(field);
            // An actual is checked against the grading, which may stand below it.
            match field.keyword {
                Keyword::Actual => actual = Some(field),
                _ => self.kr_field(file, field, index, scope),
            }
        }
        if let Some(field) = actual {
            self.kr_field(file, field, index, scope);
        }
        self.check_kr(index, file, &words);
    }

    fn kr_field(&mut self, file: FileId, node: &'t Node, index: usize, scope: Scope) {
        let unit = self.plan.krs[index].unit;
        match (&node.body, node.keyword) {
            (Body::Value(value), Keyword::Actual) => {
                let observation = self.observation(file, value, index);
                let place = self.place(file, value.span);
                self.plan.krs[index].actual = Some((observation, place));
            }
            (Body::Value(value), Keyword::Weight) => {
                let wanted = Wanted::bare("a weight", Range::NotNegative);
                self.plan.krs[index].weight = Some(self.amount(file, value, wanted, scope));
            }
            (Body::Value(value), keyword) => {
                let wanted = Wanted::unit(keyword.word(), unit);
                let input = Some(self.amount(file, value, wanted, scope));
                match keyword {
                    Keyword::Baseline => self.plan.krs[index].baseline = input,
                    _ => self.plan.krs[index].target = input,
                }
            }
            (Body::Choice(choice), _) => {
                self.plan.krs[index].kind = match keyword::KR_KINDS[choice.index as usize] {
                    "guardrail" => KrKind::Guardrail,
                    "committed" => KrKind::Committed,
                    _ => KrKind::Aspirational,
                };
            }
            (Body::Grading(grading), _) => {
                // Where the unit is not known, nothing is said about the points'.
                let known = self.own_unit(CellKind::Kr, index as u32).is_some();
                let quiet = std::mem::replace(&mut self.quiet, !known);
                self.plan.krs[index].grading = self.grading(file, grading, unit, scope);
                self.quiet = quiet;
                self.plan.krs[index].broken |= !known;
            }
            (Body::Keep(keep), _) => {
                let bounds = self.keep(file, keep, unit, scope);
                self.plan.krs[index].grading = Grading::Keep(self.plan.bounds.len() as u32);
                self.plan.bounds.push(bounds);
            }
            (Body::Due(due), _) => {
                self.plan.krs[index].due = Some(Box::new(self.due(file, due, scope)));
            }
            (Body::Tags(_) | Body::Text(_) | Body::Allow(..), _) => {
                let mut remarks = self.plan.krs[index].remarks.take().unwrap_or_default();
                self.remark(file, node, &mut remarks);
                self.plan.krs[index].remarks = Some(remarks);
            }
            (Body::Broken(_), keyword) => self.broken_kr_field(file, node, keyword, index),
            _ => {}
        }
    }

    /// A field that could not be read poisons its cell; no other problem follows from it.
    fn broken_kr_field(&mut self, file: FileId, node: &Node, keyword: Keyword, index: usize) {
        let place = self.place(file, node.span);
        let bad = Some(Input { amount: Amount::Bad, place });
        let kr = &mut self.plan.krs[index];
        match keyword {
            Keyword::Baseline => kr.baseline = bad,
            Keyword::Target => kr.target = bad,
            Keyword::Weight => kr.weight = bad,
            Keyword::Actual => kr.actual = Some((Observation::Bad, place)),
            Keyword::Grading | Keyword::Keep | Keyword::Unit => kr.broken = true,
            _ => {}
        }
    }

    fn points(
        &mut self,
        file: FileId,
        points: &[tree::Point],
        unit: UnitId,
        scope: Scope,
    ) -> (u32, u32) {
        let read: Vec<Point> =
            points.iter().map(|point| self.point(file, point, unit, scope)).collect();
        let first = self.plan.points.len() as u32;
        self.plan.points.extend(read);
        (first, points.len() as u32)
    }

    /// A point `V -> G` with V in the given unit.
    pub(super) fn point(
        &mut self,
        file: FileId,
        point: &tree::Point,
        unit: UnitId,
        scope: Scope,
    ) -> Point {
        let (at, grade) = (point.at.text, point.grade.text);
        let wanted = Wanted::unit("a point", unit);
        let at = self.formula(file, point.at, at, wanted, scope);
        let wanted = Wanted::bare("a grade", Range::Share);
        Point { at, grade: self.formula(file, point.grade, grade, wanted, scope) }
    }

    fn grading(
        &mut self,
        file: FileId,
        grading: &tree::Grading,
        unit: UnitId,
        scope: Scope,
    ) -> Grading {
        match grading {
            tree::Grading::Linear { uncapped } => Grading::Linear { uncapped: *uncapped },
            tree::Grading::Done => Grading::Done,
            tree::Grading::Score => Grading::Score,
            tree::Grading::Steps(points) => {
                let (first, count) = self.points(file, points, unit, scope);
                Grading::Steps(first, count)
            }
            tree::Grading::Curve(points) => {
                let (first, count) = self.points(file, points, unit, scope);
                Grading::Curve(first, count)
            }
            tree::Grading::Milestones(points) => self.milestones(file, points, scope),
            tree::Grading::Formula(expr) => {
                let span = expr.text;
                let wanted = Wanted::bare("a grade", Range::Any);
                Grading::Formula(self.formula(file, *expr, span, wanted, scope))
            }
        }
    }

    fn milestones(
        &mut self,
        file: FileId,
        points: &[tree::MilestonePoint],
        scope: Scope,
    ) -> Grading {
        let first = self.plan.milestones.len() as u32;
        for point in points {
            let span = point.grade.text;
            let wanted = Wanted::bare("a grade", Range::Share);
            let grade = self.formula(file, point.grade, span, wanted, scope);
            let name = self.text_place(file, point.name);
            let text = self.plan.text(name);
            let at = self.plan.milestones.len() as u32;
            if let Some(earlier) = self.milestone_names.get(&(first, text.clone())) {
                let message = format!("two milestones are named \"{text}\"");
                let problem = Problem::new(Kind::DuplicateName, name.0, message);
                let first = self.plan.milestones[*earlier as usize].name.0;
                self.problems.push(problem.other(first, "the first").help("rename one"));
            } else {
                self.milestone_names.insert((first, text), at);
            }
            self.plan.milestones.push(Milestone { name, grade });
        }
        Grading::Milestones(first, points.len() as u32)
    }

    fn keep(&mut self, file: FileId, keep: &tree::Keep, unit: UnitId, scope: Scope) -> Bounds {
        let wanted = Wanted::unit("a bound", unit);
        let mut bound = |expr: tree::Expr| {
            let span = expr.text;
            Some(self.formula(file, expr, span, wanted, scope))
        };
        let (low, high) = match keep {
            tree::Keep::AtLeast(low) => (bound(*low), None),
            tree::Keep::AtMost(high) => (None, bound(*high)),
            tree::Keep::Within(low, high) => (bound(*low), bound(*high)),
        };
        if let (Some(from), Some(to)) = (low, high)
            && let (Amount::Number(least), Amount::Number(most)) = (from.amount, to.amount)
            && least > most
        {
            let span = from.place.span.to(to.place.span);
            let message = "the bounds do not go from low to high";
            self.problem(Kind::RangeOrder, file, span, message, "swap them");
        }
        Bounds { low, high }
    }

    fn due(&mut self, file: FileId, due: &tree::Due, scope: Scope) -> Due {
        let late = due.late.as_ref().map(|late| match late {
            tree::Late::Zero => Late::Zero,
            tree::Late::Weekly(value) => {
                let wanted = Wanted::bare("the cost of a week", Range::Share);
                Late::Weekly(self.amount(file, value, wanted, scope))
            }
        });
        Due { date: due.date.date, place: self.place(file, due.date.span), late }
    }

    fn check_kr(&mut self, index: usize, file: FileId, words: &KrWords) {
        let kr = &self.plan.krs[index];
        if kr.broken {
            return;
        }
        let name = kr.name.span;
        if let Some(keep) = words.keep
            && let Some((other, span)) = words.beside_keep
        {
            let message = format!("`{}` stands beside `keep`", other.word());
            let help = "`keep` is a field of its own: take one of the two out";
            let problem = Problem::new(Kind::KeepAndTarget, self.place(file, span), message);
            self.problems.push(problem.other(self.place(file, keep), "`keep`").help(help));
        }
        let linear = matches!(kr.grading, Grading::Linear { .. });
        if linear && !kr.has_target && words.keep.is_none() {
            let message = "the key result has nothing that could grade it";
            let help = "give it a `target`, a `keep`, or a `grading` other than `linear`";
            self.problem(Kind::NoTarget, file, name, message, help);
            self.plan.krs[index].broken = true;
        }
    }
}

/// Which fields of a key result stand, and where, for the checks between them.
#[derive(Default)]
struct KrWords {
    keep: Option<Span>,
    beside_keep: Option<(Keyword, Span)>,
}

impl KrWords {
    fn note(&mut self, node: &Node) {
        match node.keyword {
            Keyword::Keep => self.keep = Some(node.word),
            Keyword::Baseline | Keyword::Target | Keyword::Grading => {
                self.beside_keep.get_or_insert((node.keyword, node.word));
            }
            _ => {}
        }
    }
}
