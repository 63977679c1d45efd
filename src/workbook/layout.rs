//! Where everything stands in the workbook, and how a formula refers to it.
//!
//! Rows of input sheets are found by their key, never by their place, so that sorting breaks no
//! formula. A column that holds formulas is read with `OFFSET`: a range that contains the reader
//! itself would be a circular reference to a spreadsheet, however exact the lookup is.

use super::columns::{Field, Sheet, Table};
use crate::engine::Engine;
use crate::plan::cell::{self, Cell};
use crate::plan::model::{Amount, CodeOp, Draw, Input, KrKind};
use std::fmt::Write;

/// Rows of a table, counted from 0: its header stands in the row before `first`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Block {
    /// The first row of data.
    pub first: u32,
    /// How many rows there are.
    pub count: u32,
}

impl Block {
    /// The header's row.
    pub fn header(&self) -> u32 {
        self.first.saturating_sub(1)
    }

    /// The row after the last.
    pub fn end(&self) -> u32 {
        self.first + self.count
    }
}

/// A draw of an initiative on one bucket or team, all lines added.
#[derive(Clone, Debug)]
pub struct DrawRow {
    /// The initiative.
    pub initiative: usize,
    /// Where it draws from.
    pub from: Draw,
    /// The lines of the initiative, by their number.
    pub lines: Vec<usize>,
}

/// Where everything stands.
#[derive(Debug)]
pub struct Layout {
    blocks: [Block; 6],
    /// Draws, in the order of their rows.
    pub draws: Vec<DrawRow>,
    /// Objectives in the order of their rows on the scorecard: the cycle in force first, then by
    /// owner.
    pub objectives: Vec<u32>,
    /// The scorecard's rows of cycles.
    pub cycle_rows: Block,
    /// Where the chart stands.
    pub chart_row: u32,
    /// How many rows the chart takes.
    pub chart_rows: u32,
    /// The scorecard's rows of teams.
    pub team_rows: Block,
    /// The scorecard's rows of objectives.
    pub objective_rows: Block,
    /// The scorecard's rows of guardrails.
    pub guardrail_rows: Block,
    /// The row of each objective on the scorecard.
    objective_row: Vec<u32>,
    /// Whether a formula of the plan reads a mean, so that means must name their rows one by one.
    pub exact_means: bool,
    /// Cells whose column holds formulas.
    formula_fields: Vec<cell::Field>,
}

/// How many bars a chart has at most.
const BARS: u32 = 24;

/// A row of the workbook that a formula stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here {
    /// The sheet.
    pub sheet: Sheet,
    /// The table and the index of the thing whose row it is.
    pub own: Option<(Table, usize)>,
    /// The row, from 0.
    pub row: u32,
}

impl Layout {
    /// The layout of a plan.
    pub fn of(engine: &Engine) -> Self {
        let plan = &engine.plan;
        let draws = draws(engine);
        let buckets = bucket_rows(engine).len();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let single = |rows: usize| Block { first: 1, count: count(rows) };
        let teams = Block { first: 5, count: count(plan.teams.len()) };
        let buckets = Block { first: teams.end() + 3, count: count(buckets) };
        let below = Block { first: buckets.end() + 3, count: count(draws.len()) };
        let seen = plan.checkins.len();
        let blocks = [
            single(plan.krs.len()),
            single(plan.metrics.len()),
            teams,
            buckets,
            below,
            single(seen),
        ];
        let objectives = objectives_in_order(engine);
        let cycle_rows = Block { first: 4, count: count(plan.cycles.len()) };
        let chart_row = cycle_rows.end() + 1;
        let (bars, teams_count) = (count(objectives.len()), count(plan.teams.len()));
        let bars = if bars > BARS && teams_count > 0 { teams_count } else { bars };
        let chart_rows = if bars == 0 { 0 } else { bars.min(BARS) + 4 };
        let team_rows = Block { first: chart_row + chart_rows + 2, count: teams_count };
        let objective_rows = Block { first: team_rows.end() + 2, count: count(objectives.len()) };
        let guardrails = plan.krs.iter().filter(|kr| kr.kind == KrKind::Guardrail).count();
        let guardrail_rows = Block { first: objective_rows.end() + 2, count: count(guardrails) };
        let mut objective_row = vec![0; plan.objectives.len()];
        for (&objective, row) in objectives.iter().zip(objective_rows.first..) {
            objective_row[objective as usize] = row;
        }
        Self {
            blocks,
            draws,
            objectives,
            cycle_rows,
            chart_row,
            chart_rows,
            team_rows,
            objective_rows,
            guardrail_rows,
            objective_row,
            exact_means: reads_means(engine),
            formula_fields: formula_fields(engine),
        }
    }

    /// The rows of a table.
    pub fn block(&self, table: Table) -> Block {
        self.blocks[table as usize]
    }

    /// The rows of the scorecard that the chart draws, and its title.
    pub fn charted(&self) -> Option<(Block, &'static str)> {
        let (rows, title) = match (self.objective_rows, self.team_rows) {
            (objectives, teams) if objectives.count > BARS && teams.count > 0 => {
                (teams, "Grades of the teams")
            }
            (objectives, _) => (objectives, "Grades of the objectives"),
        };
        let rows = Block { count: rows.count.min(BARS), ..rows };
        (rows.count > 0).then_some((rows, title))
    }

    /// The scorecard's row of an objective.
    pub fn objective_row(&self, objective: usize) -> u32 {
        self.objective_row[objective]
    }

    /// A whole column of a table, `$M$2:$M$48`, as seen from a sheet.
    pub fn range(&self, here: Sheet, table: Table, field: Field) -> String {
        let block = self.block(table);
        let column = letters(table.position(field));
        let prefix = if table.sheet() == here { "" } else { table.sheet().prefix() };
        let last = block.end().max(block.first + 1);
        format!("{prefix}${column}${}:${column}${last}", block.first + 1)
    }

    /// A cell of a table, found by its row's key.
    pub fn lookup(
        &self,
        here: Sheet,
        table: Table,
        field: Field,
        key: &str,
        fixed: bool,
    ) -> String {
        let keys = self.range(here, table, Field::Key);
        let prefix = if table.sheet() == here { "" } else { table.sheet().prefix() };
        let column = letters(table.position(field));
        let header = self.block(table).header() + 1;
        let mut text = String::new();
        let _ = match fixed {
            true => {
                let values = self.range(here, table, field);
                write!(text, "INDEX({values},MATCH(\"{key}\",{keys},0))")
            }
            false => {
                write!(text, "OFFSET({prefix}${column}${header},MATCH(\"{key}\",{keys},0),0)")
            }
        };
        text
    }

    /// A cell of a table: of the reader's own row, or found by its key.
    pub fn cell_of(
        &self,
        here: Here,
        table: Table,
        field: Field,
        index: usize,
        key: &str,
    ) -> String {
        if here.own == Some((table, index)) {
            let mut text = String::with_capacity(10);
            text.push('$');
            text.push_str(&letters(table.position(field)));
            let _ = write!(text, "{}", here.row + 1);
            return text;
        }
        let fixed = cell_field(table, field).is_some_and(|it| !self.formula_fields.contains(&it));
        self.lookup(here.sheet, table, field, key, fixed)
    }
}

/// The plan's cell in a column that the plan writes; `None` for a computed one.
fn cell_field(table: Table, field: Field) -> Option<cell::Field> {
    use cell::Field as Of;
    Some(match (table, field) {
        (Table::KeyResults, Field::Baseline) => Of::KrBaseline,
        (Table::KeyResults, Field::Target) => Of::KrTarget,
        (Table::KeyResults, Field::Actual) => Of::KrActual,
        (Table::KeyResults, Field::Weight) => Of::KrWeight,
        (Table::KeyResults, Field::Confidence) => Of::KrConfidence,
        (Table::Metrics, Field::Value) => Of::MetricValue,
        (Table::Teams, Field::People) => Of::TeamPeople,
        (Table::Teams, Field::Leave) => Of::TeamLeave,
        (Table::Teams, Field::Focus) => Of::TeamFocus,
        _ => return None,
    })
}

/// Where a plan's cell stands in a table.
pub fn table_place(cell: Cell) -> Option<(Table, Field)> {
    use cell::Field as Of;
    Some(match cell.field {
        Of::KrBaseline => (Table::KeyResults, Field::Baseline),
        Of::KrTarget => (Table::KeyResults, Field::Target),
        Of::KrActual => (Table::KeyResults, Field::Actual),
        Of::KrWeight => (Table::KeyResults, Field::Weight),
        Of::KrConfidence => (Table::KeyResults, Field::Confidence),
        Of::KrProgress => (Table::KeyResults, Field::Progress),
        Of::KrGrade => (Table::KeyResults, Field::Grade),
        Of::MetricValue => (Table::Metrics, Field::Value),
        Of::TeamPeople => (Table::Teams, Field::People),
        Of::TeamLeave => (Table::Teams, Field::Leave),
        Of::TeamFocus => (Table::Teams, Field::Focus),
        Of::TeamCapacity => (Table::Teams, Field::Capacity),
        Of::BucketShare => (Table::Buckets, Field::Share),
        Of::BucketCapacity => (Table::Buckets, Field::Capacity),
        Of::BucketDemand => (Table::Buckets, Field::Demand),
        Of::BucketLoad => (Table::Buckets, Field::Load),
        _ => return None,
    })
}

/// The buckets of the workbook: each team's own.
pub fn bucket_rows(engine: &Engine) -> Vec<usize> {
    (0..engine.plan.buckets.len()).collect()
}

/// The draws of the initiatives of the cycle in force, those on one bucket added.
fn draws(engine: &Engine) -> Vec<DrawRow> {
    let plan = &engine.plan;
    let mut rows: Vec<DrawRow> = Vec::new();
    for (initiative, it) in plan.initiatives.iter().enumerate() {
        if !engine.takes_part(initiative) {
            continue;
        }
        let own = rows.len();
        for (line, (_, from)) in it.draws.iter().enumerate() {
            match rows[own..].iter_mut().find(|row| row.from == *from) {
                Some(row) => row.lines.push(line),
                None => rows.push(DrawRow { initiative, from: *from, lines: vec![line] }),
            }
        }
    }
    rows
}

fn objectives_in_order(engine: &Engine) -> Vec<u32> {
    let plan = &engine.plan;
    let mut order: Vec<u32> = (0..plan.objectives.len() as u32).collect();
    order.sort_by_key(|&index| {
        let objective = &plan.objectives[index as usize];
        let in_force = objective.cycle == engine.moment.cycle || objective.cycle.is_none();
        (!in_force, objective.cycle, objective.owner.map_or(u32::MAX, |owner| owner), index)
    });
    order
}

/// Whether any formula of the plan reads a mean of key results.
fn reads_means(engine: &Engine) -> bool {
    use cell::Kind;
    engine.plan.code.iter().any(|code| match code.op {
        CodeOp::Cell(cell, _) => {
            matches!(cell.kind(), Kind::Objective | Kind::Team | Kind::Cycle)
        }
        _ => false,
    })
}

/// The fields that hold a formula somewhere.
fn formula_fields(engine: &Engine) -> Vec<cell::Field> {
    use cell::Field as Of;
    let plan = &engine.plan;
    let is_formula = |cell: Cell| {
        let input: Option<Input> = engine.input(cell);
        input.is_some_and(|input| matches!(input.amount, Amount::Formula(_)))
    };
    let has = |field: Of, count: usize| {
        let found = (0..count).any(|index| is_formula(Cell::new(field, index)));
        found.then_some(field)
    };
    let kr = [Of::KrBaseline, Of::KrTarget, Of::KrActual, Of::KrWeight]
        .map(|field| has(field, plan.krs.len()));
    let team = [Of::TeamPeople, Of::TeamLeave, Of::TeamFocus].map(|it| has(it, plan.teams.len()));
    let metric = [has(Of::MetricValue, plan.metrics.len())];
    let confidence = plan.checkins.iter().filter_map(|checkin| checkin.confidence);
    let computed = confidence.into_iter().any(|it| matches!(it.amount, Amount::Formula(_)));
    let confidence = [computed.then_some(Of::KrConfidence)];
    kr.into_iter().chain(team).chain(metric).chain(confidence).flatten().collect()
}

/// The letters of a column, from 0: `A`, …, `Z`, `AA`.
pub fn letters(column: u16) -> String {
    super::read::column_letters(u32::from(column))
}
