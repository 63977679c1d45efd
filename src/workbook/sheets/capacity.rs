//! Capacity: teams, buckets and draws, with the sums live.

use super::super::columns::{Column, Field, Role, Sheet, Table};
use super::super::formula::{Inexpressible, Printer, literal};
use super::super::held::{Held, draw, draw_key, from_id, held};
use super::super::layout::{DrawRow, Here};
use super::super::pen::{Cached, Pen, Tag, own_note};
use super::super::style::{Look, number_format};
use super::{EFFORT, SHARE, Source};
use crate::engine::Value;
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::*;
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DataValidation, DataValidationErrorStyle, DataValidationRule,
    Format, XlsxError,
};

/// The widths of the first two columns.
const KEY_WIDTH: f64 = 36.0;
const TITLE_WIDTH: f64 = 44.0;

/// The widths of the columns, which three tables share.
const WIDTHS: [f64; 9] = [KEY_WIDTH, TITLE_WIDTH, 12.0, 20.0, 10.0, 12.0, 12.0, 12.0, 22.0];

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let engine = source.engine;
    for (at, width) in (0_u16..).zip(WIDTHS) {
        pen.sheet.set_column_width(at, width)?;
    }
    let (title, days) = super::cycle_words(engine);
    pen.text(0, 0, &format!("Capacity  {title}"), Look::Title, Tag::NONE)?;
    pen.text(1, 0, &days, Look::Subtitle, Tag::NONE)?;
    let last = source.layout.block(Table::Draws).end() + 1;
    let sheet = &mut pen.sheet;
    sheet.set_row_height(0, 26)?;
    sheet.set_freeze_panes(2, 1)?;
    super::print_set_up(sheet, true, Some((0, 1)), 0)?;
    super::quiet(sheet, last, 8)?;
    if source.protect {
        super::protect_inputs(sheet);
    }
    rules(pen, source)?;
    heading(pen, source, Table::Teams, "Teams: people, leave and focus, in person-weeks")?;
    for index in 0..engine.plan.teams.len() {
        write_row(pen, source, Table::Teams, index)?;
    }
    heading(pen, source, Table::Buckets, "Buckets: shares of each team's capacity")?;
    for index in 0..engine.plan.buckets.len() {
        write_row(pen, source, Table::Buckets, index)?;
    }
    heading(pen, source, Table::Draws, "Initiatives: what they draw from the buckets")?;
    for index in 0..source.layout.draws.len() {
        write_draw(pen, source, index)?;
    }
    (0_u16..).zip(WIDTHS).try_for_each(|(at, width)| pen.fit(at, width))
}

fn heading(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    table: Table,
    title: &str,
) -> Result<(), XlsxError> {
    let row = source.layout.block(table).header();
    // Beside the keys, so that a heading is never taken for one.
    pen.text(row - 1, 1, title, Look::Heading, Tag::NONE)?;
    super::header(pen, table, row)
}

/// What warns: shares over the whole, loads over 100 %, inputs out of range.
fn rules(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let red = || {
        Format::new()
            .set_background_color(Color::RGB(0xF9_D3_D3))
            .set_font_color(Color::RGB(0x9B_1C_1C))
            .set_bold()
    };
    let teams = source.layout.block(Table::Teams);
    let buckets = source.layout.block(Table::Buckets);
    let sheet = &mut pen.sheet;
    if teams.count > 0 {
        let (shares, check) =
            (Table::Teams.position(Field::Shares), Table::Teams.position(Field::Check));
        let letter = super::super::layout::letters(shares);
        let rule = ConditionalFormatFormula::new()
            .set_rule(format!("=N(${letter}{})>1+1E-9", teams.first + 1).as_str())
            .set_format(red());
        sheet.add_conditional_format(teams.first, shares, teams.end() - 1, check, &rule)?;
    }
    if buckets.count > 0 {
        let load = Table::Buckets.position(Field::Load);
        let letter = super::super::layout::letters(load);
        let rule = ConditionalFormatFormula::new()
            .set_rule(format!("=N(${letter}{})>1+1E-9", buckets.first + 1).as_str())
            .set_format(red());
        sheet.add_conditional_format(buckets.first, load, buckets.end() - 1, load, &rule)?;
    }
    let inputs = [
        (Table::Teams, Field::People, "People"),
        (Table::Teams, Field::Leave, "Leave, in person-weeks"),
        (Table::Teams, Field::Focus, "A share of time"),
        (Table::Buckets, Field::Share, "A share of the team's capacity"),
        (Table::Draws, Field::Draw, "Effort, in person-weeks"),
    ];
    for (table, field, what) in inputs {
        let block = source.layout.block(table);
        if block.count == 0 {
            continue;
        }
        let rule = match field {
            Field::Share => DataValidationRule::Between(0.0, 1.0),
            _ => DataValidationRule::GreaterThanOrEqualTo(0.0),
        };
        let validation = DataValidation::new()
            .allow_decimal_number(rule)
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_title("Capacity")?
            .set_error_message(format!("{what}: a number of at least 0."))?;
        let at = table.position(field);
        sheet.add_data_validation(block.first, at, block.end() - 1, at, &validation)?;
    }
    Ok(())
}

fn printer<'a>(source: &'a Source<'a>, table: Table, index: usize, row: u32) -> Printer<'a> {
    let here = Here { sheet: Sheet::Capacity, own: Some((table, index)), row };
    Printer { engine: source.engine, layout: source.layout, here }
}

fn write_row(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    table: Table,
    index: usize,
) -> Result<(), XlsxError> {
    let plan = &source.engine.plan;
    let row = source.layout.block(table).first + index as u32;
    let key = match table {
        Table::Teams => plan.source(plan.teams[index].name).to_owned(),
        _ => plan.bucket_id(index),
    };
    let title = match held(source.engine, table, index, Field::Title) {
        Held::Text(title) => title,
        _ => String::new(),
    };
    let team = match table {
        Table::Buckets => plan.source(plan.teams[plan.buckets[index].team as usize].name),
        _ => "",
    };
    let texts = [(key.as_str(), KEY_WIDTH), (title.as_str(), TITLE_WIDTH), (team, WIDTHS[2])];
    pen.room(row, texts)?;
    for (at, column) in (0_u16..).zip(table.columns()) {
        let tag = Tag::new(&key, column.header);
        match column.role {
            Role::Key => pen.text(row, at, &key, Look::Reference, tag)?,
            Role::Input => write_input(pen, source, table, index, (row, at), column, tag)?,
            Role::Reference => {
                let team = plan.buckets[index].team;
                pen.text(
                    row,
                    at,
                    plan.source(plan.teams[team as usize].name),
                    Look::Reference,
                    tag,
                )?;
            }
            _ => write_computed(pen, source, table, index, (row, at), column, tag)?,
        }
    }
    Ok(())
}

fn write_input(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    table: Table,
    index: usize,
    (row, at): (u32, u16),
    column: &Column,
    tag: Tag<'_>,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let of = match column.field {
        Field::People => Of::TeamPeople,
        Field::Leave => Of::TeamLeave,
        Field::Focus => Of::TeamFocus,
        _ => Of::BucketShare,
    };
    let percent = matches!(column.field, Field::Focus | Field::Share);
    match held(engine, table, index, column.field) {
        Held::Empty => pen.blank(row, at, Look::Input),
        Held::Text(text) => pen.text(row, at, &text, Look::InputText, tag),
        Held::Number(number) => {
            pen.number(row, at, number, Look::Input, &number_format(percent, [number]), tag)
        }
        Held::Formula(text, value) => {
            let cached = Cached::from(value);
            let form = number_format(percent, value.number());
            let rest = table == Table::Buckets && engine.plan.buckets[index].share.is_none();
            let printer = printer(source, table, index, row);
            let formula = match engine.input(Cell::new(of, index)) {
                _ if rest => Ok(rest_formula(source, index)),
                Some(input) => printer.input(input).map(|piece| piece.guarded()),
                None => Err("it is wrong in the plan".to_owned()),
            };
            if pen.live_or_value(row, at, formula, &cached, Look::Input, &form, tag)? {
                pen.record_formula(tag, &text, &cached);
            }
            if rest {
                pen.note(row, at, own_note::REST, tag)?;
            }
            Ok(())
        }
    }
}

/// What the other buckets of the team leave.
fn rest_formula(source: &Source<'_>, index: usize) -> String {
    let plan = &source.engine.plan;
    let team = plan.buckets[index].team;
    let others: Vec<String> = plan.teams[team as usize]
        .buckets
        .clone()
        .filter(|other| *other as usize != index)
        .map(|other| {
            let key = plan.bucket_id(other as usize);
            source.layout.lookup(Sheet::Capacity, Table::Buckets, Field::Share, &key, false)
        })
        .collect();
    match others.is_empty() {
        true => "1".into(),
        false => format!("MAX(0,1-SUM({}))", others.join(",")),
    }
}

fn write_computed(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    table: Table,
    index: usize,
    (row, at): (u32, u16),
    column: &Column,
    tag: Tag<'_>,
) -> Result<(), XlsxError> {
    let printer = printer(source, table, index, row);
    let (formula, cached, form) = match table {
        Table::Teams => match team_cell(source, &printer, index, column.field) {
            Some(cell) => cell,
            None => return pen.blank(row, at, Look::Computed),
        },
        _ => bucket_cell(source, &printer, index, column.field),
    };
    let look = if column.field == Field::Check { Look::Text } else { Look::Computed };
    pen.live_or_value(row, at, formula, &cached, look, form, tag).map(drop)
}

type Live = (Result<String, Inexpressible>, Cached, &'static str);

fn team_cell(
    source: &Source<'_>,
    printer: &Printer<'_>,
    index: usize,
    field: Field,
) -> Option<Live> {
    let engine = source.engine;
    let team = &engine.plan.teams[index];
    let capacity = engine.read(Cell::new(Of::TeamCapacity, index));
    let key = engine.plan.source(team.name);
    let sum = || {
        let teams = source.layout.range(Sheet::Capacity, Table::Buckets, Field::Team);
        let shares = source.layout.range(Sheet::Capacity, Table::Buckets, Field::Share);
        format!("SUMPRODUCT(--({teams}=\"{key}\"),{shares})")
    };
    match field {
        Field::Weeks => {
            team.people?;
            let weeks = engine.cycle_weeks()?;
            Some((Ok(literal(weeks)), Cached::Number(weeks), EFFORT))
        }
        Field::Capacity => match (team.people, team.capacity) {
            (Some(_), _) => {
                let own = |field| printer.own(field);
                let (people, weeks) = (own(Field::People), own(Field::Weeks));
                let (leave, focus) = (own(Field::Leave), own(Field::Focus));
                let focus = if team.focus.is_some() {
                    focus
                } else {
                    format!("IF({focus}=\"\",1,{focus})")
                };
                let text = format!("({people}*{weeks}-{leave})*{focus}");
                Some((Ok(text), Cached::from(capacity), EFFORT))
            }
            (None, Some(written)) => {
                let formula = printer.input(written).map(|piece| piece.guarded());
                Some((formula, Cached::from(capacity), EFFORT))
            }
            (None, None) => None,
        },
        Field::Shares if !team.buckets.is_empty() => {
            let shares = team
                .buckets
                .clone()
                .map(|bucket| engine.read(Cell::new(Of::BucketShare, bucket as usize)).number());
            let shares: Option<f64> = shares.sum();
            let cached = shares.map_or(Cached::Error, Cached::Number);
            Some((Ok(sum()), cached, SHARE))
        }
        Field::Check if !team.buckets.is_empty() => {
            let own = printer.own(Field::Shares);
            let text = format!(
                "IF({own}>1+1E-9,\"over 100 %\",IF({own}<1-1E-9,\"slack \"&TEXT(1-{own},\"0%\"),\"ok\"))"
            );
            let cached = match (
                engine.slack(index),
                engine.read(Cell::new(Of::BucketShare, team.buckets.start as usize)),
            ) {
                (_, Value::Error) => Cached::Error,
                (Some(slack), _) => Cached::Text(format!("slack {:.0}%", slack * 100.0)),
                (None, _) => Cached::Text("ok".into()),
            };
            Some((Ok(text), cached, ""))
        }
        _ => None,
    }
}

fn bucket_cell(source: &Source<'_>, printer: &Printer<'_>, index: usize, field: Field) -> Live {
    let engine = source.engine;
    let plan = &engine.plan;
    let read = |field: Of| engine.read(Cell::new(field, index));
    let team = Cell::new(Of::TeamCapacity, plan.buckets[index].team as usize);
    let range = |field| source.layout.range(Sheet::Capacity, Table::Draws, field);
    match field {
        Field::Capacity => {
            let formula = printer.cell(team, 0).map(|capacity| {
                let own = printer.own(Field::Share);
                format!("IF(ISNUMBER({0}),{own}*{0},\"\")", capacity.text)
            });
            (formula, Cached::from(read(Of::BucketCapacity)), EFFORT)
        }
        Field::Demand => {
            let demand = demand(source, index);
            let formula = match source.layout.draws.is_empty() {
                true => "0".to_owned(),
                false => format!(
                    "SUMPRODUCT(--({}={}),{},1-{})",
                    range(Field::From),
                    printer.own(Field::Key),
                    range(Field::Draw),
                    range(Field::Finished)
                ),
            };
            (Ok(formula), demand.map_or(Cached::Error, Cached::Number), EFFORT)
        }
        _ => {
            let (demand_cell, capacity) =
                (printer.own(Field::Demand), printer.own(Field::Capacity));
            let formula = format!(
                "IF({demand_cell}=0,0,IF(N({capacity})=0,\"no capacity\",{demand_cell}/{capacity}))"
            );
            let cached = match (demand(source, index), read(Of::BucketCapacity)) {
                (Some(0.0), _) => Cached::Number(0.0),
                (Some(demand), Value::Number(capacity)) if capacity != 0.0 => {
                    Cached::Number(demand / capacity)
                }
                (None, _) | (_, Value::Error) => Cached::Error,
                _ => Cached::Text("no capacity".into()),
            };
            (Ok(formula), cached, "0%")
        }
    }
}

/// What the initiatives draw from a bucket: the program's own sum where it has one.
fn demand(source: &Source<'_>, bucket: usize) -> Option<f64> {
    let engine = source.engine;
    if let Value::Number(demand) = engine.read(Cell::new(Of::BucketDemand, bucket)) {
        return Some(demand);
    }
    let mut sum = 0.0;
    for row in source.layout.draws.iter().filter(|row| row.from == Draw::Bucket(bucket as u32)) {
        sum += draw(engine, row).0.number()? * (1.0 - finished(source, row));
    }
    Some(sum)
}

fn finished(source: &Source<'_>, row: &DrawRow) -> f64 {
    let cell = Cell::new(Of::InitiativeFinished, row.initiative);
    source.engine.read(cell).number().unwrap_or(0.0)
}

fn write_draw(pen: &mut Pen<'_>, source: &Source<'_>, index: usize) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let row_of = &source.layout.draws[index];
    let row = source.layout.block(Table::Draws).first + index as u32;
    let key = draw_key(plan, row_of);
    let initiative = &plan.initiatives[row_of.initiative];
    let cell = |field: Of| engine.read(Cell::new(field, row_of.initiative));
    let (title, from) = (plan.text(initiative.title), from_id(plan, row_of.from));
    let texts = [(key.as_str(), KEY_WIDTH), (title.as_str(), TITLE_WIDTH), (&from, WIDTHS[3])];
    pen.room(row, texts)?;
    for (at, column) in (0_u16..).zip(Table::Draws.columns()) {
        let tag = Tag::new(&key, column.header);
        match column.field {
            Field::Key => pen.text(row, at, &key, Look::Reference, tag)?,
            Field::Title => pen.text(row, at, &title, Look::Reference, tag)?,
            Field::From => pen.text(row, at, &from_id(plan, row_of.from), Look::Reference, tag)?,
            Field::Draw => write_effort(pen, source, index, (row, at), tag)?,
            Field::Finished => {
                let finished = Cached::Number(finished(source, row_of));
                pen.value(row, at, &finished, Look::ReferenceNumber, "0%", tag)?;
            }
            Field::Priority => {
                pen.value(
                    row,
                    at,
                    &cell(Of::InitiativePriority).into(),
                    Look::ReferenceNumber,
                    "",
                    tag,
                )?;
            }
            Field::Chance => {
                pen.value(
                    row,
                    at,
                    &cell(Of::InitiativeChance).into(),
                    Look::ReferenceNumber,
                    "0%",
                    tag,
                )?;
            }
            _ => {
                let funded = cell(Of::InitiativeFunded);
                pen.value(row, at, &funded.into(), Look::Computed, "0%", tag)?;
            }
        }
    }
    Ok(())
}

/// The effort: an input where it is one number, else the mean of the range, live.
fn write_effort(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    index: usize,
    (row, at): (u32, u16),
    tag: Tag<'_>,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let row_of = &source.layout.draws[index];
    let (value, number) = draw(engine, row_of);
    if let (Some(_), Value::Number(effort)) = (number, value) {
        return pen.number(row, at, effort, Look::Input, EFFORT, tag);
    }
    let printer = printer(source, Table::Draws, index, row);
    let draws = &engine.plan.initiatives[row_of.initiative].draws;
    let parts: Result<Vec<String>, Inexpressible> = row_of
        .lines
        .iter()
        .map(|line| printer.input(draws[*line].0.mean).map(|piece| piece.at(2)))
        .collect();
    let formula = parts.map(|parts| parts.join("+"));
    let cached = Cached::from(value);
    pen.live_or_value(row, at, formula, &cached, Look::Computed, EFFORT, tag)?;
    let shown: Vec<String> = row_of
        .lines
        .iter()
        .map(|line| engine.plan.source(draws[*line].0.mean.place).to_owned())
        .collect();
    let text = format!("{}{}. To be changed there.", own_note::IN_THE_PLAN, shown.join(" and "));
    pen.note(row, at, &text, tag)
}
