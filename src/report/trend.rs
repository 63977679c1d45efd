//! Grades over the check-ins as data.

use super::data::{Trend, TrendRow};
use super::scorecard::{Part, shows};
use crate::engine::Engine;
use crate::plan::cell::{Cell, Field};
use jiff::civil::Date;

/// The grades of a plan, or of a part of it, at the end of every day with a check-in.
pub fn trend(engine: &Engine, part: Part) -> Trend {
    let plan = &engine.plan;
    let until = |date: &Date| engine.moment.as_of.is_none_or(|as_of| *date <= as_of);
    let mut dates: Vec<Date> =
        plan.checkins.iter().map(|checkin| checkin.date).filter(until).collect();
    dates.sort_unstable();
    dates.dedup();
    let mut rows = rows(engine, part);
    let mut days = engine.days();
    for date in &dates {
        let view = days.on(*date);
        for (row, cell) in &mut rows {
            row.grades.push(view.read(*cell).number());
        }
    }
    for (row, cell) in &mut rows {
        let index = cell.index as usize;
        let thresholds = match cell.field {
            Field::KrGrade => engine.objective_thresholds(plan.krs[index].objective as usize),
            Field::ObjectiveGrade => engine.objective_thresholds(index),
            Field::TeamGrade => engine.team_thresholds(Some(cell.index)),
            _ => engine.thresholds(),
        };
        (row.yellow, row.green) = (thresholds.yellow, thresholds.green);
        row.band = engine.read(*cell).number().map(|grade| thresholds.band(grade).word());
    }
    let cycle = engine.moment.cycle.map(|cycle| &plan.cycles[cycle as usize]);
    Trend {
        schema: "okr.trend/1",
        as_of: engine.moment.as_of.map(|date| date.to_string()),
        as_of_from: engine.moment.source.words().to_owned(),
        period: cycle.map(|cycle| (cycle.from.to_string(), cycle.to.to_string())),
        dates: dates.iter().map(Date::to_string).collect(),
        rows: rows.into_iter().map(|(row, _)| row).collect(),
    }
}

/// What is drawn: the cycle, teams and objectives of a plan; of an objective its key results too.
fn rows(engine: &Engine, part: Part) -> Vec<(TrendRow, Cell)> {
    let plan = &engine.plan;
    let row = |cell: Cell, title: String, kind: &'static str| {
        let id = plan.thing_name(cell.kind(), cell.index);
        let grades = Vec::new();
        (TrendRow { id, title, kind, grades, band: None, yellow: 0.0, green: 0.0 }, cell)
    };
    let mut rows = Vec::new();
    if let (Part::All | Part::Cycle(_), Some(cycle)) = (part, engine.moment.cycle) {
        let cycle = if let Part::Cycle(cycle) = part { cycle } else { cycle } as usize;
        let title = plan.text(plan.cycles[cycle].title);
        rows.push(row(Cell::new(Field::CycleGrade, cycle), title, "cycle"));
    }
    for (index, team) in plan.teams.iter().enumerate() {
        let shown = match part {
            Part::All | Part::Cycle(_) => true,
            Part::Team(only) => only as usize == index,
            _ => false,
        };
        if shown {
            rows.push(row(Cell::new(Field::TeamGrade, index), plan.text(team.title), "team"));
        }
    }
    for (index, objective) in plan.objectives.iter().enumerate() {
        if shows(engine, part, index) && !matches!(part, Part::Kr(_)) {
            let title = plan.text(objective.title);
            rows.push(row(Cell::new(Field::ObjectiveGrade, index), title, "objective"));
        }
    }
    let krs: Vec<u32> = match part {
        Part::Objective(index) => plan.objectives[index as usize].krs.clone().collect(),
        Part::Kr(kr) => vec![kr],
        _ => Vec::new(),
    };
    for kr in krs {
        let title = plan.text(plan.krs[kr as usize].title);
        rows.push(row(Cell::new(Field::KrGrade, kr as usize), title, "key result"));
    }
    rows
}
