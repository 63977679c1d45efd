//! How the cells of a key result came about, for `explain`.

use super::Engine;
use super::explain::{Depth, Step};
use super::query::State;
use super::store::Value;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::*;
use crate::quantity::UnitId;

impl Engine {
    pub(super) fn explain_kr(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let index = cell.index as usize;
        let kr = &self.plan.krs[index];
        step.place = Some(self.plan.line_of(kr.name));
        let own = |field| Cell { field, index: cell.index };
        match self.kr_state(index) {
            State::NotApplicable => {
                return step.how = "not applicable, so left out of every mean".into();
            }
            State::Declined => return step.how = "declined: shown, not graded".into(),
            _ => {}
        }
        match kr.grading {
            Grading::Linear { uncapped } => {
                step.how = match uncapped {
                    true => "linear uncapped: progress, not below 0".into(),
                    false => "linear: progress within 0..1".into(),
                };
                self.children(step, [own(Field::KrProgress)], depth);
            }
            Grading::Done => {
                step.how = "1 once it is done, else 0".into();
                self.children(step, [own(Field::KrActual)], depth);
            }
            Grading::Score => {
                step.how = "the actual is the grade".into();
                self.children(step, [own(Field::KrActual)], depth);
            }
            Grading::Steps(first, count) => {
                step.how = format!(
                    "the furthest step reached of {}",
                    self.points_words(first, count, kr.unit)
                );
                self.children(step, [own(Field::KrActual)], depth);
            }
            Grading::Curve(first, count) => {
                let points = self.points_words(first, count, kr.unit);
                step.how = format!("straight lines between {points}");
                let target = kr.has_target.then(|| own(Field::KrTarget));
                let ends = [own(Field::KrActual), own(Field::KrBaseline)];
                self.children(step, ends.into_iter().chain(target), depth);
            }
            Grading::Milestones(..) => {
                step.how = "the grade of the furthest milestone".into();
                self.children(step, [own(Field::KrActual)], depth);
            }
            Grading::Formula(input) => {
                step.how = format!("clamp({}, 0, 1)", self.plan.source(input.place));
                if let Amount::Formula(formula) = input.amount {
                    self.children(step, self.cells_read(formula), depth);
                }
            }
            Grading::Keep(bounds) => self.explain_keep(index, bounds, step),
        }
        self.explain_lateness(index, step);
        if let Some(problem) =
            self.problems.get(&self.graph.number(super::graph::Node::Kr(cell.index)))
        {
            step.how = problem.iter().map(|it| it.message.clone()).collect::<Vec<_>>().join("; ");
        }
        if kr.kind == KrKind::Guardrail {
            step.how = format!("guardrail: {}", step.how);
        }
    }

    fn points_words(&self, first: u32, count: u32, unit: UnitId) -> String {
        let points = &self.plan.points[first as usize..(first + count) as usize];
        let word = |input: Input, unit: UnitId| match self.amount(input, None) {
            Ok(number) => self.plan.units.show(number, unit),
            Err(_) => self.plan.source(input.place).to_owned(),
        };
        let point = |point: &Point| {
            format!("{} -> {}", word(point.at, unit), word(point.grade, UnitId::BARE))
        };
        points.iter().map(point).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn explain_keep(&self, index: usize, bounds: u32, step: &mut Step) {
        let kr = &self.plan.krs[index];
        let Bounds { low, high } = self.plan.bounds[bounds as usize];
        let seen = super::bind::checkins_until(&self.plan, &kr.checkins, self.moment.as_of);
        let bound = |input: Input| match self.amount(input, None) {
            Ok(number) => self.plan.units.show(number, kr.unit),
            Err(_) => self.plan.source(input.place).to_owned(),
        };
        let words = match (low, high) {
            (Some(low), Some(high)) => format!("{} .. {}", bound(low), bound(high)),
            (Some(low), None) => format!(">= {}", bound(low)),
            (_, high) => format!("<= {}", high.map(bound).unwrap_or_default()),
        };
        let mut held = 0;
        for checkin in seen {
            let Observation::Number(input) = checkin.observation else { continue };
            let Ok(value) = self.amount(input, None) else { continue };
            let holds = self.keeps(bounds, value).unwrap_or(false);
            held += usize::from(holds);
            step.from.push(Step {
                name: checkin.date.to_string(),
                value: self.plan.units.show(value, kr.unit),
                number: Some(value),
                how: if holds { "holds".into() } else { "does not hold".into() },
                place: Some(self.plan.line_of(checkin.place)),
                from: Vec::new(),
            });
        }
        step.how = match seen.len() {
            0 => format!("keep {words}: 1 if the actual holds it, else 0"),
            _ => format!("keep {words}: held by {held} of {} check-ins", step.from.len()),
        };
    }

    pub(super) fn explain_lateness(&self, index: usize, step: &mut Step) {
        let Some(due) =
            self.plan.krs[index].due.as_deref().filter(|_| self.late.contains_key(&(index as u32)))
        else {
            return;
        };
        let raw = match self.raw_grade(index, None) {
            Ok(raw) => self.show(Value::Number(raw), UnitId::BARE),
            Err(_) => "no data".into(),
        };
        let rule = match due.late {
            Some(Late::Zero) => "the grade on the due day is final".to_owned(),
            Some(Late::Weekly(cost)) => {
                let cost = self.plan.source(cost.place);
                format!("each started week late costs {cost}, never below the grade on the due day")
            }
            None => return,
        };
        let late = self.lateness_words(index, due.date);
        step.how = format!("{}; {raw} by the rule, due {}{late}: {rule}", step.how, due.date);
    }

    pub(super) fn explain_progress(&self, index: usize, step: &mut Step, depth: Depth<'_>) {
        let own = |field| Cell::new(field, index);
        let shown = |field| {
            let value = self.read(own(field));
            value.number().map_or_else(
                || value.word().to_owned(),
                |it| crate::quantity::readable(it).into_owned(),
            )
        };
        let (actual, baseline, target) =
            (shown(Field::KrActual), shown(Field::KrBaseline), shown(Field::KrTarget));
        step.how = format!(
            "(actual - baseline) / (target - baseline) = ({actual} - {baseline}) / ({target} - {baseline})"
        );
        let cells = [own(Field::KrActual), own(Field::KrBaseline), own(Field::KrTarget)];
        self.children(step, cells, depth);
    }

    pub(super) fn explain_pace(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        step.how = "grade / elapsed".into();
        let objective = self.plan.krs[cell.index as usize].objective as usize;
        let grade = Cell { field: Field::KrGrade, index: cell.index };
        let elapsed = self.plan.objectives[objective]
            .cycle
            .map(|index| Cell { field: Field::CycleElapsed, index });
        self.children(step, std::iter::once(grade).chain(elapsed), depth);
    }

    pub(super) fn explain_forecast(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let index = cell.index as usize;
        let Some(newest) = self.newest_checkin(index) else {
            return step.how = "no check-in to go by".into();
        };
        if newest.expecting.is_some() {
            step.place = Some(self.plan.line_of(newest.place));
            return step.how = format!("expected in the check-in of {}", newest.date);
        }
        step.how = format!(
            "baseline + (newest - baseline) / elapsed on {}: the straight line to the cycle's end",
            newest.date
        );
        let cells = [Field::KrBaseline, Field::KrActual].map(|field| Cell { field, ..cell });
        self.children(step, cells, depth);
    }

    pub(super) fn explain_forecast_grade(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        step.how = "the forecast, graded by the key result's own rule".into();
        self.children(step, [Cell { field: Field::KrForecast, ..cell }], depth);
    }

    pub(super) fn explain_confidence(&self, cell: Cell, step: &mut Step) {
        let kr = &self.plan.krs[cell.index as usize];
        let seen = super::bind::checkins_until(&self.plan, &kr.checkins, self.moment.as_of);
        match seen.iter().rev().find(|checkin| checkin.confidence.is_some()) {
            Some(checkin) => {
                step.how = format!("given in the check-in of {}", checkin.date);
                step.place = Some(self.plan.line_of(checkin.place));
            }
            None => step.how = "no check-in gives one".into(),
        }
    }
}
