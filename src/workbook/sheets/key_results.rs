//! Key results: one row each, inputs on the left, live grades on the right.

use super::super::base::BaseSheet;
use super::super::columns::{Field, Role, Sheet, Table};
use super::super::formula::Printer;
use super::super::held::{Held, held};
use super::super::layout::{Here, letters};
use super::super::pen::{Cached, Pen, Tag};
use super::super::rule::band_formula;
use super::super::style::{Look, number_format};
use super::{GRADE, Source};
use crate::engine::{State, Value};
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::*;
use crate::quantity::UnitId;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Formula, Table as Excel,
    TableColumn, TableStyle, XlsxError,
};

const TABLE: Table = Table::KeyResults;

/// Up to so many rows are an Excel table; more are a plain range with a filter, since a table is
/// kept in memory cell by cell while it is written.
const TABLE_ROWS: u32 = 20_000;

/// The lists of the dropdowns: for `done`, and the milestones of each key result that has some.
pub fn lists(source: &Source<'_>) -> Vec<Vec<String>> {
    let plan = &source.engine.plan;
    let mut lists = vec![["done", "open", "n/a"].map(str::to_owned).to_vec()];
    for kr in &plan.krs {
        if let Grading::Milestones(first, count) = kr.grading {
            let own = &plan.milestones[first as usize..(first + count) as usize];
            let names =
                own.iter().map(|it| super::super::text::fitted(&plan.text(it.name)).0.into_owned());
            lists.push(names.chain(["n/a".to_owned()]).collect());
        }
    }
    lists
}

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let block = source.layout.block(TABLE);
    super::widths(&mut pen.sheet, TABLE)?;
    pen.sheet.set_row_height(0, 24)?;
    frame(pen, source)?;
    let printer = |row: u32, index: usize| Printer {
        engine: source.engine,
        layout: source.layout,
        here: Here { sheet: Sheet::KeyResults, own: Some((TABLE, index)), row },
    };
    let count = source.engine.plan.krs.len();
    pen.apart(count, |pen| {
        (block.first..)
            .zip(0..count)
            .try_for_each(|(row, index)| write_row(pen, source, &printer(row, index), row, index))
    })?;
    super::fit(pen, TABLE)?;
    validate(pen, source)
}

fn column(field: Field) -> u16 {
    TABLE.position(field)
}

fn frame(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let block = source.layout.block(TABLE);
    let last = block.end().max(block.first + 1) - 1;
    let width = TABLE.columns().len() as u16 - 1;
    let sheet = &mut pen.sheet;
    if block.count > 0 && block.count <= TABLE_ROWS {
        let columns: Vec<TableColumn> = TABLE
            .columns()
            .iter()
            .map(|column| TableColumn::new().set_header(column.header))
            .collect();
        let table = Excel::new()
            .set_name("KeyResults")
            .set_style(TableStyle::None)
            .set_banded_rows(false)
            .set_columns(&columns);
        sheet.add_table(0, 0, last, width, &table)?;
    } else if block.count > 0 {
        sheet.autofilter(0, 0, last, width)?;
    }
    // The table has written its headers plainly.
    super::header(pen, TABLE, 0)?;
    let sheet = &mut pen.sheet;
    sheet.set_freeze_panes(1, column(Field::Title) + 1)?;
    super::print_set_up(sheet, true, Some((0, 0)), 0)?;
    sheet.set_print_area(0, 0, last, column(Field::Band))?;
    sheet.set_header(super::print_header("Key results", source.engine));
    super::band_colours(sheet, (1, column(Field::Band)), (last, column(Field::Band)))?;
    super::state_colours(sheet, (1, column(Field::Band)), (last, column(Field::Band)))?;
    super::grade_bars(sheet, 1, column(Field::Grade), last)?;
    super::quiet(sheet, last, width)?;
    if source.protect {
        super::protect_inputs(sheet);
    }
    Ok(())
}

/// Everything of a row that is asked for more than once.
struct Row<'a> {
    key: &'a str,
    row: u32,
    index: usize,
    form: &'a str,
    /// What its inputs hold, by their columns.
    inputs: &'a [Held],
}

fn write_row(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    printer: &Printer<'_>,
    row: u32,
    index: usize,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let kr = &plan.krs[index];
    let key = plan.kr_id(index);
    let objective = &plan.objectives[kr.objective as usize];
    let number = |field: Of| engine.read(Cell::new(field, index)).number();
    let numbers = [Of::KrBaseline, Of::KrTarget, Of::KrActual].into_iter().filter_map(number);
    let form = number_format(kr.unit == UnitId::PERCENT, numbers);
    let columns = TABLE.columns().iter();
    let inputs: Vec<Held> = columns
        .map(|column| match column.role {
            Role::Input => held(engine, TABLE, index, column.field),
            _ => Held::Empty,
        })
        .collect();
    let it = Row { key: &key, row, index, form: &form, inputs: &inputs };
    let owner = objective.owner.map(|it| plan.source(plan.teams[it as usize].name));
    let owner = owner.unwrap_or_default();
    let references = [plan.source(objective.name), owner, plan.units.word(kr.unit)];
    make_room(pen, &it, references)?;
    for (at, column) in (0_u16..).zip(TABLE.columns()) {
        let tag = Tag::new(&key, column.header);
        let reference =
            |pen: &mut Pen<'_>, text: &str| pen.text(row, at, text, Look::Reference, tag);
        match (column.role, column.field) {
            (Role::Key, _) => reference(pen, &key)?,
            (_, Field::Objective) => reference(pen, plan.source(objective.name))?,
            (_, Field::Owner) => reference(pen, owner)?,
            (_, Field::Unit) => reference(pen, plan.units.word(kr.unit))?,
            (Role::Input, field) => write_input(pen, printer, &it, at, field)?,
            (_, Field::Kind) => pen.text(row, at, kind_word(kr.kind), Look::Reference, tag)?,
            (_, Field::Rule) => {
                pen.text(row, at, &rule_words(source, index), Look::ReferenceLine, tag)?;
            }
            (_, field) => write_computed(pen, printer, &it, at, field)?,
        }
    }
    Ok(())
}

/// Makes room for the texts of a row.
fn make_room(
    pen: &mut Pen<'_>,
    it: &Row<'_>,
    [objective, owner, unit]: [&str; 3],
) -> Result<(), XlsxError> {
    let columns = TABLE.columns().iter().zip(it.inputs);
    let texts = columns.filter_map(|(column, input)| {
        let text = match (column.field, input) {
            (Field::Key, _) => it.key,
            (Field::Objective, _) => objective,
            (Field::Owner, _) => owner,
            (Field::Unit, _) => unit,
            (_, Held::Text(text)) => text.as_str(),
            _ => return None,
        };
        Some((text, column.width))
    });
    pen.room(it.row, texts)
}

fn write_input(
    pen: &mut Pen<'_>,
    printer: &Printer<'_>,
    it: &Row<'_>,
    at: u16,
    field: Field,
) -> Result<(), XlsxError> {
    let header = TABLE.columns()[usize::from(at)].header;
    let tag = Tag::new(it.key, header);
    let form = match field {
        Field::Baseline | Field::Target | Field::Actual => it.form,
        Field::Confidence => "0.0#",
        _ => "General",
    };
    let wide = matches!(field, Field::Title | Field::Note);
    match &it.inputs[usize::from(at)] {
        Held::Empty => pen.blank(it.row, at, if wide { Look::InputText } else { Look::Input }),
        Held::Text(text) => {
            let look = if wide { Look::InputText } else { Look::InputWord };
            pen.text(it.row, at, text, look, tag)
        }
        Held::Number(number) => pen.number(it.row, at, *number, Look::Input, form, tag),
        Held::Formula(text, value) => {
            let cached = Cached::from(*value);
            let input = input_of(printer, it.index, field);
            let formula = match input {
                Some(input) => printer.input(input).map(|piece| piece.guarded()),
                None => Err("it is wrong in the plan".to_owned()),
            };
            if pen.live_or_value(it.row, at, formula, &cached, Look::Input, form, tag)? {
                pen.record_formula(tag, text, &cached);
            }
            Ok(())
        }
    }
}

fn input_of(printer: &Printer<'_>, index: usize, field: Field) -> Option<Input> {
    let engine = printer.engine;
    let of = match field {
        Field::Weight => Of::KrWeight,
        Field::Baseline => Of::KrBaseline,
        Field::Target => Of::KrTarget,
        Field::Actual => Of::KrActual,
        _ => return engine.observations(index).iter().rev().find_map(|it| it.confidence),
    };
    engine.input(Cell::new(of, index))
}

fn write_computed(
    pen: &mut Pen<'_>,
    printer: &Printer<'_>,
    it: &Row<'_>,
    at: u16,
    field: Field,
) -> Result<(), XlsxError> {
    let engine = printer.engine;
    let index = it.index;
    let tag = Tag::new(it.key, TABLE.columns()[usize::from(at)].header);
    let grade = engine.read(Cell::new(Of::KrGrade, index));
    let put = |pen: &mut Pen<'_>, formula, cached: &Cached, look, form| {
        pen.live_or_value(it.row, at, formula, cached, look, form, tag).map(drop)
    };
    match field {
        Field::Progress => match printer.progress(index) {
            None => pen.blank(it.row, at, Look::Computed),
            Some(progress) => {
                let cached = Cached::from(engine.kr_progress(index));
                put(pen, progress.map(|it| it.guarded()), &cached, Look::Computed, "0%")
            }
        },
        Field::Grade => {
            let formula = match engine.kr_state(index) {
                // Opted out: whatever is observed, there is no grade.
                _ if printer.is_declined(index) => Ok("\"\"".to_owned()),
                _ => printer.grade(index).map(|it| it.guarded()),
            };
            put(pen, formula, &Cached::from(grade), Look::Computed, GRADE)
        }
        Field::Band => {
            let cached = band_word(printer, index, grade);
            put(pen, Ok(printer.band(index)), &cached, Look::Word, "")
        }
        Field::Counts => {
            let cached = Cached::from(counts(printer, index));
            put(pen, Ok(printer.counts(index)), &cached, Look::Computed, "")
        }
        Field::Points => {
            let cached = match (counts(printer, index), grade) {
                (Value::Number(counts), Value::Number(grade)) => Cached::Number(counts * grade),
                (Value::Error, _) | (Value::Number(1e-300..), Value::Error) => Cached::Error,
                _ => Cached::Number(0.0),
            };
            put(pen, Ok(printer.weighed()), &cached, Look::Computed, "")
        }
        Field::Broken => match printer.broken(index) {
            None => Ok(()),
            Some(formula) => {
                let broken = if engine.is_broken(index) { 1.0 } else { 0.0 };
                put(pen, formula, &Cached::Number(broken), Look::Computed, "")
            }
        },
        Field::ByRule if printer.is_late(index) => {
            let cached = Cached::from(engine.by_rule(index));
            let formula = printer.by_rule(index).map(|it| it.guarded());
            put(pen, formula, &cached, Look::Computed, GRADE)
        }
        // Nobody sees an empty cell of a hidden column.
        _ => Ok(()),
    }
}

fn counts(printer: &Printer<'_>, index: usize) -> Value {
    let engine = printer.engine;
    let kr = &engine.plan.krs[index];
    let grade = engine.read(Cell::new(Of::KrGrade, index));
    let out = kr.kind == KrKind::Guardrail
        || printer.is_declined(index)
        || engine.kr_state(index) == State::NotApplicable
        || (engine.skips(index) && grade == Value::NoData);
    if out { Value::Number(0.0) } else { engine.read(Cell::new(Of::KrWeight, index)) }
}

fn band_word(printer: &Printer<'_>, index: usize, grade: Value) -> Cached {
    let engine = printer.engine;
    let objective = engine.plan.krs[index].objective as usize;
    let is_guardrail = engine.plan.krs[index].kind == KrKind::Guardrail;
    let word = match (grade, engine.kr_state(index)) {
        (Value::Number(_), _) if is_guardrail && engine.is_broken(index) => "broken",
        (Value::Number(_), _) if is_guardrail => "holds",
        (Value::Number(grade), _) => engine.objective_thresholds(objective).band(grade).word(),
        (Value::Error, _) => return Cached::Error,
        (_, State::Declined) => "declined",
        (_, State::NotApplicable) => "n/a",
        _ => "no data",
    };
    Cached::Text(word.into())
}

fn kind_word(kind: KrKind) -> &'static str {
    match kind {
        KrKind::Aspirational => "aspirational",
        KrKind::Committed => "committed",
        KrKind::Guardrail => "guardrail",
    }
}

/// How a key result is graded, as its author wrote it.
pub fn rule_words(source: &Source<'_>, index: usize) -> String {
    let plan = &source.engine.plan;
    let kr = &plan.krs[index];
    let written =
        |input: Input| plan.source(input.place).split_whitespace().collect::<Vec<_>>().join(" ");
    let points = |word: &str, first: u32, count: u32| {
        let points = &plan.points[first as usize..(first + count) as usize];
        let shown: Vec<String> = points
            .iter()
            .map(|point| format!("{} → {}", written(point.at), written(point.grade)))
            .collect();
        format!("{word}: {}", shown.join(", "))
    };
    let mut words = match kr.grading {
        Grading::Linear { uncapped: false } => "the way from baseline to target".to_owned(),
        Grading::Linear { uncapped: true } => "the way from baseline to target, uncapped".into(),
        Grading::Steps(first, count) => points("steps", first, count),
        Grading::Curve(first, count) => points("curve", first, count),
        Grading::Done => "done or open".into(),
        Grading::Score => "a score given by hand".into(),
        Grading::Formula(input) => format!("formula: {}", written(input)),
        Grading::Milestones(first, count) => {
            let all = &plan.milestones[first as usize..(first + count) as usize];
            let shown: Vec<String> = all
                .iter()
                .map(|it| format!("{} → {}", plan.text(it.name), written(it.grade)))
                .collect();
            format!("milestones: {}", shown.join(", "))
        }
        Grading::Keep(bounds) => {
            let Bounds { low, high } = plan.bounds[bounds as usize];
            match (low, high) {
                (Some(low), Some(high)) => format!("keep {} to {}", written(low), written(high)),
                (Some(low), None) => format!("keep at least {}", written(low)),
                (None, Some(high)) => format!("keep at most {}", written(high)),
                (None, None) => "keep".into(),
            }
        }
    };
    if let Some(due) = kr.due.as_deref() {
        words.push_str(&format!("; due {}", due.date));
        match due.late {
            Some(Late::Zero) => words.push_str(", final on that day"),
            Some(Late::Weekly(cost)) => {
                words.push_str(&format!(", {} less for each week late", written(cost)));
            }
            None => {}
        }
    }
    words
}

/// Validation and dropdowns. They only warn: a row that was sorted elsewhere keeps its validation
/// behind.
fn validate(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let plan = &source.engine.plan;
    let block = source.layout.block(TABLE);
    if block.count == 0 {
        return Ok(());
    }
    let (first, last) = (block.first, block.end() - 1);
    let sheet = &mut pen.sheet;
    let warn = |rule: DataValidation, title: &str, message: &str| {
        rule.set_error_style(DataValidationErrorStyle::Warning)
            .set_error_title(title)?
            .set_error_message(message)
    };
    let at_least =
        DataValidation::new().allow_decimal_number(DataValidationRule::GreaterThanOrEqualTo(0.0));
    let weight = warn(at_least, "Weight", "A weight is a number of at least 0.")?;
    let within = DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, 1.0));
    let confidence = warn(within, "Confidence", "A confidence is a number from 0 to 1.")?;
    for (field, rule) in [(Field::Weight, weight), (Field::Confidence, confidence)] {
        sheet.add_data_validation(first, column(field), last, column(field), &rule)?;
    }
    for field in [Field::Baseline, Field::Target] {
        let letter = letters(column(field));
        let number = Formula::new(format!("=ISNUMBER({letter}{})", first + 1));
        let rule = DataValidation::new().allow_custom(number);
        let rule = warn(rule, "A number", "This cell wants a number in the unit of its row.")?;
        sheet.add_data_validation(first, column(field), last, column(field), &rule)?;
    }
    let at = column(Field::Actual);
    let mut plain = Runs::default();
    let mut done = Runs::default();
    let mut list = 1;
    for (kr, row) in plan.krs.iter().zip(first..) {
        match kr.grading {
            Grading::Done => done.add(row),
            Grading::Milestones(_, count) => {
                let reference = BaseSheet::list_reference(list, count as usize + 1);
                list += 1;
                let rule = DataValidation::new().allow_list_formula(Formula::new(reference));
                let rule = warn(rule, "A milestone", "Choose a milestone's name, or n/a.")?;
                sheet.add_data_validation(row, at, row, at, &rule)?;
            }
            _ => plain.add(row),
        }
    }
    let letter = letters(at);
    if let Some((row, ranges)) = done.ranges(&letter) {
        let reference = BaseSheet::list_reference(0, 3);
        let rule = DataValidation::new()
            .allow_list_formula(Formula::new(reference))
            .set_multi_range(ranges);
        let rule = warn(rule, "Done or open", "Choose done, open or n/a.")?;
        sheet.add_data_validation(row, at, row, at, &rule)?;
    }
    if let Some((row, ranges)) = plain.ranges(&letter) {
        let cell = format!("{letter}{}", row + 1);
        let wanted = Formula::new(format!("=OR(ISNUMBER({cell}),{cell}=\"n/a\")"));
        let rule = DataValidation::new().allow_custom(wanted).set_multi_range(ranges);
        let rule = warn(rule, "A number", "A number in the unit of the row, or n/a.")?;
        sheet.add_data_validation(row, at, row, at, &rule)?;
    }
    Ok(())
}

/// Rows gathered into ranges.
#[derive(Default)]
struct Runs(Vec<(u32, u32)>);

impl Runs {
    fn add(&mut self, row: u32) {
        match self.0.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            _ => self.0.push((row, row)),
        }
    }

    /// The first row, and all of them as a list of ranges of a column. A list that grows beyond
    /// what a spreadsheet reads is cut.
    fn ranges(&self, column: &str) -> Option<(u32, String)> {
        let (first, _) = *self.0.first()?;
        let shown = |(from, to): &(u32, u32)| match from == to {
            true => format!("{column}{}", from + 1),
            false => format!("{column}{}:{column}{}", from + 1, to + 1),
        };
        let ranges: Vec<String> = self.0.iter().take(4_000).map(shown).collect();
        Some((first, ranges.join(" ")))
    }
}

/// The band of an objective on the scorecard: red where a guardrail is broken.
pub fn objective_band(grade: &str, broken: &str, yellow: f64, green: f64) -> String {
    let band = band_formula(grade, "\"no data\"", yellow, green);
    format!("IF({broken}>0,\"red\",{band})")
}
