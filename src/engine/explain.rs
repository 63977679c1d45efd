//! How a cell came about: the arithmetic as a tree, down to the lines that it came from.

use super::store::Value;
use super::{Engine, time};
use crate::plan::cell::{Cell, Field, Kind as CellKind};
use crate::plan::model::*;
use crate::quantity::UnitId;
use crate::source::Place;
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::cell::RefCell;

/// How deep an explanation goes.
const MAX_DEPTH: usize = 12;

const SHOWN_ABOVE: &str = " (its parts are shown above)";

/// How far an explanation has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Depth<'a> {
    /// How many steps lie above.
    levels: usize,
    /// The cells that have been shown.
    shown: &'a RefCell<FxHashSet<Cell>>,
    /// Whether the cell at hand is one of them.
    again: bool,
}

impl Depth<'_> {
    /// One step further down.
    pub fn below(self) -> Self {
        Self { levels: self.levels + 1, ..self }
    }
}

/// A step of the arithmetic and what it follows from.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What is computed: `speed.latency.grade`.
    pub name: String,
    /// Its value with its unit, or `no data`, `error`.
    pub value: String,
    /// The number itself; null where there is none.
    pub number: Option<f64>,
    /// The arithmetic or rule in words: `progress = (610 - 900) / (400 - 900)`.
    pub how: String,
    /// Where it comes from, `file:line`.
    pub place: Option<String>,
    /// What it follows from.
    pub from: Vec<Step>,
}

impl Engine {
    /// The arithmetic of a cell.
    pub fn explain(&self, cell: Cell) -> Step {
        let shown = RefCell::default();
        self.explain_at(cell, Depth { levels: 0, shown: &shown, again: false })
    }

    fn explain_at(&self, cell: Cell, depth: Depth<'_>) -> Step {
        let value = self.read(cell);
        let mut step = Step {
            name: self.plan.cell_name(cell),
            value: self.show(value, self.plan.unit_of(cell)),
            number: value.number(),
            how: String::new(),
            place: None,
            from: Vec::new(),
        };
        if depth.levels >= MAX_DEPTH {
            step.how = "and so on: ask for it by name".into();
            return step;
        }
        let again = !depth.shown.borrow_mut().insert(cell);
        let depth = Depth { again, ..depth };
        match cell.field {
            Field::KrGrade => self.explain_kr(cell, &mut step, depth),
            Field::KrForecast => self.explain_forecast(cell, &mut step, depth),
            Field::KrForecastGrade => self.explain_forecast_grade(cell, &mut step, depth),
            Field::KrPace => self.explain_pace(cell, &mut step, depth),
            Field::KrProgress => self.explain_progress(cell.index as usize, &mut step, depth),
            Field::KrConfidence => self.explain_confidence(cell, &mut step),
            Field::ObjectiveGrade
            | Field::ObjectiveCommittedGrade
            | Field::ObjectiveAspirationalGrade => self.explain_objective(cell, &mut step, depth),
            Field::TeamGrade | Field::TeamCommittedGrade | Field::TeamAspirationalGrade => {
                self.explain_team(cell, &mut step, depth);
            }
            Field::CycleGrade | Field::CycleCommittedGrade | Field::CycleAspirationalGrade => {
                self.explain_cycle(cell, &mut step, depth);
            }
            Field::CycleElapsed => self.explain_elapsed(cell, &mut step),
            Field::TeamCapacity => self.explain_capacity(cell, &mut step, depth),
            Field::BucketCapacity => self.explain_bucket(cell, &mut step, depth),
            Field::BucketShare if self.graph.rests[cell.index as usize] => {
                self.explain_rest(cell, &mut step, depth);
            }
            _ if self.explain_work(cell, &mut step, depth) => {}
            _ => self.explain_input(cell, &mut step, depth),
        }
        if again && !step.from.is_empty() {
            step.from.clear();
            step.how.push_str(SHOWN_ABOVE);
        }
        step
    }

    pub(super) fn show(&self, value: Value, unit: UnitId) -> String {
        match value {
            Value::Number(number) => self.plan.units.show(number, unit),
            other => other.word().to_owned(),
        }
    }

    pub(super) fn children(
        &self,
        step: &mut Step,
        cells: impl IntoIterator<Item = Cell>,
        depth: Depth<'_>,
    ) {
        let mut cells = cells.into_iter().peekable();
        if depth.again {
            // What many cells follow from is shown once.
            step.how.push_str(if cells.peek().is_some() { SHOWN_ABOVE } else { "" });
            return;
        }
        step.from.extend(cells.map(|cell| self.explain_at(cell, depth.below())));
    }

    /// An input: what is in force, and where that stands.
    fn explain_input(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        if self.is_projection() && cell.field == Field::KrActual {
            step.how = "as projected".into();
            return;
        }
        let Some(input) = self.input_in_force(cell) else {
            step.how = match (cell.field, self.observed_word(cell)) {
                (Field::KrActual, Some((word, place))) => {
                    step.place = Some(self.plan.line_of(place));
                    step.value = word;
                    "as observed".into()
                }
                (Field::KrActual, None) => "nothing has been observed".into(),
                (Field::KrBaseline, _) => "not written, so 0".into(),
                (Field::KrWeight | Field::ObjectiveWeight, _) => "not written, so 1".into(),
                (Field::TeamLeave, _) => "not written, so 0".into(),
                (Field::TeamFocus | Field::InitiativeChance, _) => "not written, so 100%".into(),
                _ => "not written".into(),
            };
            return;
        };
        step.place = Some(self.plan.line_of(input.place));
        let written = self.plan.source(input.place);
        let amended = self.amendment_in_force(cell).is_some_and(|it| it.value.place == input.place);
        let on = self.dated(cell, input.place);
        step.how = match input.amount {
            Amount::Bad => format!("`{written}` is wrong; see the problem there"),
            Amount::Formula(_) => format!("= {written}"),
            Amount::Number(_) if self.is_set_by_scenario(cell) => "set by the scenario".into(),
            Amount::Number(_) if amended => "as amended".into(),
            Amount::Number(_) if written.contains("..") => format!("the mean of {written}"),
            Amount::Number(_) => on.unwrap_or_else(|| "as written".into()),
        };
        if let Amount::Formula(formula) = input.amount {
            self.children(step, self.cells_read(formula), depth);
        }
    }

    fn is_set_by_scenario(&self, cell: Cell) -> bool {
        self.scenario_lines().any(|line| matches!(line, Change::Set(other, _) if *other == cell))
    }

    /// "checked in on 2026-02-28", for an observation.
    fn dated(&self, cell: Cell, place: Place) -> Option<String> {
        let range = match cell.field {
            Field::KrActual => self.plan.krs[cell.index as usize].checkins.clone(),
            Field::MetricValue => self.plan.metrics[cell.index as usize].checkins.clone(),
            _ => return None,
        };
        let checkins = &self.plan.checkins[range.start as usize..range.end as usize];
        let checkin = checkins.iter().find(|checkin| checkin.value == place)?;
        Some(format!("checked in on {}", checkin.date))
    }

    fn observed_word(&self, cell: Cell) -> Option<(String, Place)> {
        let kr = self.plan.krs.get(cell.index as usize).filter(|_| cell.kind() == CellKind::Kr)?;
        let place = match self.newest_checkin(cell.index as usize) {
            Some(checkin) => checkin.value,
            None => kr.actual?.1,
        };
        Some((self.plan.source(place).to_owned(), place))
    }

    /// The cells that a formula reads, each once.
    pub(super) fn cells_read(&self, formula: u32) -> Vec<Cell> {
        let mut cells = Vec::new();
        for step in self.plan.steps(formula) {
            if let CodeOp::Cell(cell, _) = step.op
                && !cells.contains(&cell)
            {
                cells.push(cell);
            }
        }
        cells
    }

    fn explain_objective(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let index = cell.index as usize;
        let objective = &self.plan.objectives[index];
        step.place = Some(self.plan.line_of(objective.name));
        let (graded, of) = self.graded_of(index);
        let only = |kr: &u32| {
            let kind = self.plan.krs[*kr as usize].kind;
            match cell.field {
                Field::ObjectiveCommittedGrade => kind == KrKind::Committed,
                Field::ObjectiveAspirationalGrade => kind == KrKind::Aspirational,
                _ => true,
            }
        };
        let krs: Vec<u32> = objective.krs.clone().filter(only).collect();
        let terms: Vec<String> = krs.iter().filter_map(|&kr| self.term(kr)).collect();
        step.how = match terms[..] {
            [] => "no key result counts".into(),
            _ => format!(
                "Σ weight × grade / Σ weight, {graded} of {of} graded: {}",
                terms.join(" + ")
            ),
        };
        let cells = krs.into_iter().map(|index| Cell { field: Field::KrGrade, index });
        self.children(step, cells, depth);
    }

    /// `2 × 0.58`, as a key result counts in its objective.
    fn term(&self, kr: u32) -> Option<String> {
        let state = self.krs[kr as usize];
        if state.is_left_out() {
            return None;
        }
        let read = |field| self.read(Cell { field, index: kr });
        let weight = self.show(read(Field::KrWeight), UnitId::BARE);
        match read(Field::KrGrade) {
            Value::NoData if state.is(super::bind::KrState::SKIP_MISSING) => None,
            Value::NoData => Some(format!("{weight} × 0 (no data)")),
            grade => Some(format!("{weight} × {}", self.show(grade, UnitId::BARE))),
        }
    }

    fn explain_team(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let index = cell.index as usize;
        step.place = Some(self.plan.line_of(self.plan.teams[index].name));
        let terms = self.objective_terms(self.members.team_objectives.get(index), cell.field);
        step.how = format!(
            "the weighted mean of its objectives and of its child teams, each weighing 1{terms}"
        );
        let objective = match cell.field {
            Field::TeamCommittedGrade => Field::ObjectiveCommittedGrade,
            Field::TeamAspirationalGrade => Field::ObjectiveAspirationalGrade,
            _ => Field::ObjectiveGrade,
        };
        let objectives = self.members.team_objectives.get(index).iter();
        let objectives = objectives.map(|&index| Cell { field: objective, index });
        let children = self.members.team_children.get(index).iter();
        let children = children.map(|&index| Cell { field: cell.field, index });
        self.children(step, objectives.chain(children), depth);
    }

    fn explain_cycle(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let index = cell.index as usize;
        step.place = Some(self.plan.line_of(self.plan.cycles[index].name));
        let terms = self.objective_terms(self.members.cycle_objectives.get(index), cell.field);
        step.how = format!("the weighted mean of its objectives{terms}");
        let objective = match cell.field {
            Field::CycleCommittedGrade => Field::ObjectiveCommittedGrade,
            Field::CycleAspirationalGrade => Field::ObjectiveAspirationalGrade,
            _ => Field::ObjectiveGrade,
        };
        let objectives = self.members.cycle_objectives.get(index).iter();
        self.children(step, objectives.map(|&index| Cell { field: objective, index }), depth);
    }

    /// `: 2 × 0.61 + 1 × 0.4`, as objectives count above; nothing where they are many.
    fn objective_terms(&self, objectives: &[u32], above: Field) -> String {
        const MANY: usize = 12;
        let field = match above {
            Field::TeamCommittedGrade | Field::CycleCommittedGrade => {
                Field::ObjectiveCommittedGrade
            }
            Field::TeamAspirationalGrade | Field::CycleAspirationalGrade => {
                Field::ObjectiveAspirationalGrade
            }
            _ => Field::ObjectiveGrade,
        };
        let term = |index: &u32| {
            let read = |field| self.read(Cell { field, index: *index });
            let grade = read(field).number()?;
            let weight = read(Field::ObjectiveWeight).number()?;
            let shown = |number| self.show(Value::Number(number), UnitId::BARE);
            Some(format!("{} × {}", shown(weight), shown(grade)))
        };
        if objectives.len() > MANY {
            return String::new();
        }
        let terms: Vec<String> = objectives.iter().filter_map(term).collect();
        if terms.is_empty() { String::new() } else { format!(": {}", terms.join(" + ")) }
    }

    fn explain_elapsed(&self, cell: Cell, step: &mut Step) {
        let cycle = &self.plan.cycles[cell.index as usize];
        step.place = Some(self.plan.line_of(cycle.name));
        if let Some(as_of) = self.moment.as_of {
            let days = time::days_between(cycle.from, cycle.to) + 1;
            let passed = (time::days_between(cycle.from, as_of) + 1).clamp(0, days);
            step.how = format!("{passed} of {days} days, up to {as_of}");
        }
    }

    fn explain_capacity(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let team = &self.plan.teams[cell.index as usize];
        if team.people.is_none() {
            return self.explain_input(cell, step, depth);
        }
        step.place = Some(self.plan.line_of(team.name));
        let weeks = self.cycle_weeks().unwrap_or(0.0);
        step.how = format!("(people × {weeks} weeks of the cycle - leave) × focus");
        let cells = [Field::TeamPeople, Field::TeamLeave, Field::TeamFocus];
        self.children(step, cells.map(|field| Cell { field, ..cell }), depth);
    }

    fn explain_bucket(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let bucket = &self.plan.buckets[cell.index as usize];
        step.place = Some(self.plan.line_of(bucket.name));
        step.how = "share × the team's capacity".into();
        let share = Cell { field: Field::BucketShare, ..cell };
        let team = Cell { field: Field::TeamCapacity, index: bucket.team };
        self.children(step, [share, team], depth);
    }

    fn explain_rest(&self, cell: Cell, step: &mut Step, depth: Depth<'_>) {
        let bucket = &self.plan.buckets[cell.index as usize];
        step.place = Some(self.plan.line_of(bucket.share_place));
        step.how = "the rest: what the other buckets leave".into();
        let others = self.plan.teams[bucket.team as usize].buckets.clone();
        let others = others.filter(|&other| other != cell.index);
        self.children(step, others.map(|index| Cell { field: Field::BucketShare, index }), depth);
    }

    /// An amount's value, for reports; `None` where it has none.
    pub fn bound(&self, input: Input) -> Option<f64> {
        self.amount(input, None).ok()
    }
}
