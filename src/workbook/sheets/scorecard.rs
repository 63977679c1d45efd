//! Scorecard: one page to print, all of it live.

use super::super::columns::{Field, Sheet, Table};
use super::super::formula::{Inexpressible, Printer, literal};
use super::super::layout::Here;
use super::super::pen::{Cached, Pen, Tag};
use super::super::rule::band_formula;
use super::super::style::{BAR, Look};
use super::{GRADE, Source, key_results};
use crate::engine::{Mean, Sweet, Thresholds, Value};
use crate::plan::cell::{Cell, Field as Of};
use crate::plan::model::*;
use crate::syntax::keyword::TEAM_KINDS;
use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLine, ChartSolidFill, ChartType, Color, XlsxError,
};

/// How many products of rows and objectives are added up plainly; beyond, by a faster function.
const MANY: usize = 50_000_000;

/// The widths of the first and the last column.
const TITLE_WIDTH: f64 = 52.0;
const LAST_WIDTH: f64 = 30.0;

/// The widths of all columns, which the tables share.
const WIDTHS: [f64; 8] = [TITLE_WIDTH, 14.0, 9.0, 10.0, 11.0, 11.0, 13.0, LAST_WIDTH];

/// The columns of means: grade, committed, aspirational.
const MEANS: [u16; 3] = [3, 5, 6];

/// Writes the sheet.
///
/// # Errors
///
/// If it does not fit into a workbook.
pub fn write(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let layout = source.layout;
    for (at, width) in (0_u16..).zip(WIDTHS) {
        pen.sheet.set_column_width(at, width)?;
    }
    let (title, days) = super::cycle_words(source.engine);
    pen.text(0, 0, &format!("Scorecard  {title}"), Look::Title, Tag::NONE)?;
    pen.text(1, 0, &days, Look::Subtitle, Tag::NONE)?;
    let last = layout.guardrail_rows.end();
    let sheet = &mut pen.sheet;
    sheet.set_row_height(0, 28)?;
    sheet.set_freeze_panes(2, 0)?;
    super::print_set_up(sheet, false, Some((0, 1)), u16::from(last < 75))?;
    super::quiet(sheet, last, 7)?;
    super::lock(sheet);
    cycles(pen, source)?;
    chart(pen, source)?;
    teams(pen, source)?;
    objectives(pen, source)?;
    guardrails(pen, source)?;
    (0_u16..).zip(WIDTHS).try_for_each(|(at, width)| pen.fit(at, width))
}

fn heads(pen: &mut Pen<'_>, row: u32, heads: [&str; 8]) -> Result<(), XlsxError> {
    for (at, head) in (0_u16..).zip(heads) {
        let right = matches!(at, 2 | 3 | 5 | 6);
        pen.text(row, at, head, if right { Look::HeaderRight } else { Look::Header }, Tag::NONE)?;
        if head.is_empty() {
            pen.blank(row, at, Look::Header)?;
        }
    }
    Ok(())
}

fn colours(pen: &mut Pen<'_>, first: u32, count: u32) -> Result<(), XlsxError> {
    if count > 0 {
        super::band_colours(&mut pen.sheet, (first, 4), (first + count - 1, 4))?;
        super::grade_bars(&mut pen.sheet, first, 3, first + count - 1)?;
    }
    Ok(())
}

/// Makes room for a row's title, what stands beside it, and what stands in its last column.
fn room(pen: &mut Pen<'_>, row: u32, [title, beside, last]: [&str; 3]) -> Result<(), XlsxError> {
    pen.room(row, [(title, TITLE_WIDTH), (beside, WIDTHS[1]), (last, LAST_WIDTH)])
}

fn cell(column: u16, row: u32) -> String {
    format!("{}{}", super::super::layout::letters(column), row + 1)
}

/// A weighted mean of rows of this sheet and of single cells that weigh 1.
fn mean_of(rows: Option<(u32, u32)>, children: &[u32], column: u16) -> String {
    let letter = super::super::layout::letters(column);
    let mut sums = Vec::new();
    let mut weights = Vec::new();
    let mut counts = Vec::new();
    if let Some((first, last)) = rows {
        let (first, last) = (first + 1, last + 1);
        let grades = format!("{letter}{first}:{letter}{last}");
        let weight = format!("C{first}:C{last}");
        sums.push(format!("SUMPRODUCT({weight},{grades})"));
        weights.push(format!("SUMPRODUCT(--({grades}<>\"\"),{weight})"));
        counts.push(format!("SUMPRODUCT(--({grades}<>\"\"))"));
    }
    for some in children.chunks(200) {
        let cells: Vec<String> = some.iter().map(|row| cell(column, *row)).collect();
        let list = cells.join(",");
        sums.push(format!("SUM({list})"));
        weights.push(format!("COUNT({list})"));
        counts.push(format!("COUNT({list})"));
    }
    if sums.is_empty() {
        return "\"\"".into();
    }
    let (sums, weights, counts) = (sums.join("+"), weights.join("+"), counts.join("+"));
    format!("IF({counts}=0,\"\",({sums})/({weights}))")
}

fn means(
    pen: &mut Pen<'_>,
    row: u32,
    mean: &Mean,
    formula: impl Fn(u16) -> Result<String, Inexpressible>,
    tag: &str,
) -> Result<(), XlsxError> {
    let values = [mean.grade, mean.committed, mean.aspirational];
    let names = ["grade", "committed", "aspirational"];
    for ((column, value), name) in MEANS.into_iter().zip(values).zip(names) {
        let tag = Tag::new(tag, name);
        let cached = Cached::from(value);
        pen.live_or_value(row, column, formula(column), &cached, Look::Computed, GRADE, tag)?;
    }
    Ok(())
}

fn band(
    pen: &mut Pen<'_>,
    row: u32,
    grade: Value,
    thresholds: &Thresholds,
) -> Result<(), XlsxError> {
    let formula = band_formula(&cell(3, row), "\"no data\"", thresholds.yellow, thresholds.green);
    let cached = match grade {
        Value::Number(grade) => Cached::Text(thresholds.band(grade).word().into()),
        Value::Error => Cached::Error,
        _ => Cached::Text("no data".into()),
    };
    pen.live(row, 4, &formula, &cached, Look::Word, "")
}

/// The verdict on the aspirational mean, in words.
fn sweet_words(sweet: Sweet) -> &'static str {
    match sweet {
        Sweet::In => "in: ambitious and landing",
        Sweet::Above => "above: not ambitious enough",
        Sweet::Below => "below: out of reach",
    }
}

fn sweet(
    pen: &mut Pen<'_>,
    row: u32,
    mean: Value,
    thresholds: &Thresholds,
) -> Result<(), XlsxError> {
    let mean_cell = cell(6, row);
    let (low, high) = thresholds.sweet;
    let [inside, above, below] = [Sweet::In, Sweet::Above, Sweet::Below].map(sweet_words);
    let formula = format!(
        "IF({mean_cell}=\"\",\"\",IF({mean_cell}<{}-1E-9,\"{below}\",IF({mean_cell}>{}+1E-9,\"{above}\",\"{inside}\")))",
        literal(low),
        literal(high)
    );
    let cached = match mean {
        Value::Number(mean) => Cached::Text(sweet_words(thresholds.sweet(mean)).into()),
        Value::Error => Cached::Error,
        _ => Cached::Empty,
    };
    pen.live(row, 7, &formula, &cached, Look::Text, "")
}

/// The rows of the objectives that a test holds for; they stand together.
fn rows_of(source: &Source<'_>, test: impl Fn(&Objective) -> bool) -> Option<(u32, u32)> {
    let layout = source.layout;
    let rows = layout.objectives.iter().zip(layout.objective_rows.first..);
    let mut own = rows
        .filter(|(index, _)| test(&source.engine.plan.objectives[**index as usize]))
        .map(|(_, row)| row);
    let first = own.next()?;
    Some((first, own.last().unwrap_or(first)))
}

fn cycles(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let rows = source.layout.cycle_rows;
    let names =
        ["cycle", "elapsed", "", "grade", "band", "committed", "aspirational", "sweet spot"];
    heads(pen, rows.header(), names)?;
    colours(pen, rows.first, rows.count)?;
    let thresholds = engine.thresholds();
    for (index, row) in (0..plan.cycles.len()).zip(rows.first..) {
        let key = plan.source(plan.cycles[index].name);
        let mean = engine.cycle(index);
        let title = plan.text(plan.cycles[index].title);
        room(pen, row, [&title, "", ""])?;
        pen.text(row, 0, &title, Look::Text, Tag::new(key, "cycle"))?;
        let elapsed = engine.elapsed(index).map_or(Cached::Empty, Cached::Number);
        pen.value(row, 1, &elapsed, Look::Computed, "0%", Tag::new(key, "elapsed"))?;
        pen.blank(row, 2, Look::Computed)?;
        let members = rows_of(source, |it| it.cycle == Some(index as u32));
        means(pen, row, &mean, |column| Ok(mean_of(members, &[], column)), key)?;
        band(pen, row, mean.grade, &thresholds)?;
        sweet(pen, row, mean.aspirational, &thresholds)?;
    }
    Ok(())
}

fn teams(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let rows = source.layout.team_rows;
    let names = ["team", "kind", "", "grade", "band", "committed", "aspirational", "sweet spot"];
    heads(pen, rows.header(), names)?;
    colours(pen, rows.first, rows.count)?;
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); plan.teams.len()];
    for (team, row) in plan.teams.iter().zip(rows.first..) {
        if let Some(parent) = team.parent {
            children[parent as usize].push(row);
        }
    }
    let mut members: Vec<Option<(u32, u32)>> = vec![None; plan.teams.len()];
    let in_rows = source.layout.objectives.iter().zip(source.layout.objective_rows.first..);
    for (index, row) in in_rows {
        let objective = &plan.objectives[*index as usize];
        let in_force = objective.cycle.is_none() || objective.cycle == engine.moment.cycle;
        if let Some(owner) = objective.owner.filter(|_| in_force) {
            let range = members[owner as usize].get_or_insert((row, row));
            range.1 = row;
        }
    }
    for (index, row) in (0..plan.teams.len()).zip(rows.first..) {
        let team = &plan.teams[index];
        let key = plan.source(team.name);
        let thresholds = engine.team_thresholds(Some(index as u32));
        let mean = engine.team(index);
        let kind = team.kind.map_or("", |kind| TEAM_KINDS[kind as usize]);
        let title = plan.text(team.title);
        room(pen, row, [&title, kind, ""])?;
        pen.text(row, 0, &title, Look::Text, Tag::new(key, "team"))?;
        pen.text(row, 1, kind, Look::Text, Tag::new(key, "kind"))?;
        pen.blank(row, 2, Look::Computed)?;
        let formula = |column| Ok(mean_of(members[index], &children[index], column));
        means(pen, row, &mean, formula, key)?;
        band(pen, row, mean.grade, &thresholds)?;
        sweet(pen, row, mean.aspirational, &thresholds)?;
    }
    Ok(())
}

/// How the rows of an objective are added up.
struct Rollup<'a> {
    source: &'a Source<'a>,
    ranges: &'a [(Field, String)],
    objective: usize,
    id: &'a str,
    many: bool,
}

impl Rollup<'_> {
    fn range(&self, field: Field) -> &str {
        let found = self.ranges.iter().find(|(of, _)| *of == field);
        found.map_or("", |(_, range)| range)
    }

    /// The sum of a column over the rows that a condition on another column holds for.
    fn sum(&self, field: Field, kind: Option<&str>) -> String {
        let values = self.range(field);
        if self.many {
            let keys = self.range(Field::Key);
            let kind = kind.map(|kind| format!(",{},\"{kind}\"", self.range(Field::Kind)));
            return format!(
                "SUMIFS({values},{keys},\"{}.*\"{})",
                self.id,
                kind.unwrap_or_default()
            );
        }
        let own = format!("--({}=\"{}\")", self.range(Field::Objective), self.id);
        match kind {
            Some(kind) => {
                format!("SUMPRODUCT({own},--({}=\"{kind}\"),{values})", self.range(Field::Kind))
            }
            None => format!("SUMPRODUCT({own},{values})"),
        }
    }

    /// The cells of a column, named one by one.
    fn each(&self, field: Field, kind: Option<KrKind>) -> String {
        let plan = &self.source.engine.plan;
        let krs = plan.objectives[self.objective].krs.clone().map(|kr| kr as usize);
        let cells: Vec<String> = krs
            .filter(|&kr| match kind {
                Some(kind) => plan.krs[kr].kind == kind,
                None => plan.krs[kr].kind != KrKind::Guardrail,
            })
            .map(|kr| {
                let key = plan.kr_id(kr);
                self.source.layout.lookup(Sheet::Scorecard, Table::KeyResults, field, &key, false)
            })
            .collect();
        let sums: Vec<String> =
            cells.chunks(200).map(|some| format!("SUM({})", some.join(","))).collect();
        if sums.is_empty() { "0".into() } else { sums.join("+") }
    }

    /// A mean: of all that counts, of the committed or of the aspirational ones.
    fn mean(&self, column: u16) -> String {
        let (points, counts) = match (self.source.layout.exact_means, column) {
            (true, 5) => self.pair(Some(KrKind::Committed)),
            (true, 6) => self.pair(Some(KrKind::Aspirational)),
            (true, _) => self.pair(None),
            (false, 5) => self.sums(Some("committed")),
            (false, 6) => self.sums(Some("aspirational")),
            (false, _) => self.sums(None),
        };
        format!("IF({counts}=0,\"\",({points})/({counts}))")
    }

    fn pair(&self, kind: Option<KrKind>) -> (String, String) {
        (self.each(Field::Points, kind), self.each(Field::Counts, kind))
    }

    fn sums(&self, kind: Option<&str>) -> (String, String) {
        (self.sum(Field::Points, kind), self.sum(Field::Counts, kind))
    }

    /// `3 of 5 graded`
    fn graded(&self) -> String {
        let (kind, grade, band) =
            (self.range(Field::Kind), self.range(Field::Grade), self.range(Field::Band));
        if self.many {
            let keys =
                format!("{},\"{}.*\",{kind},\"<>guardrail\"", self.range(Field::Key), self.id);
            return format!(
                "COUNTIFS({keys},{grade},\">=0\")&\" of \"&COUNTIFS({keys},{band},\"<>declined\",{band},\"<>n/a\")&\" graded\""
            );
        }
        let own = format!("--({}=\"{}\")", self.range(Field::Objective), self.id);
        let own = format!("{own},--({kind}<>\"guardrail\")");
        format!(
            "SUMPRODUCT({own},--ISNUMBER({grade}))&\" of \"&SUMPRODUCT({own},--({band}<>\"declined\"),--({band}<>\"n/a\"))&\" graded\""
        )
    }
}

fn objectives(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let plan = &source.engine.plan;
    let rows = source.layout.objective_rows;
    let names =
        ["objective", "owner", "weight", "grade", "band", "committed", "aspirational", "graded"];
    heads(pen, rows.header(), names)?;
    colours(pen, rows.first, rows.count)?;
    let many = plan.krs.len().saturating_mul(plan.objectives.len()) > MANY;
    let read = Table::KeyResults.columns().iter().map(|column| column.field);
    let ranges: Vec<(Field, String)> = read
        .map(|field| (field, source.layout.range(Sheet::Scorecard, Table::KeyResults, field)))
        .collect();
    pen.apart(source.layout.objectives.len(), |pen| {
        let mut order = source.layout.objectives.iter().zip(rows.first..);
        order.try_for_each(|(&index, row)| {
            let id = plan.source(plan.objectives[index as usize].name);
            let objective = index as usize;
            write_objective(pen, row, &Rollup { source, ranges: &ranges, objective, id, many })
        })
    })
}

fn write_objective(pen: &mut Pen<'_>, row: u32, rollup: &Rollup<'_>) -> Result<(), XlsxError> {
    let Rollup { source, objective: index, id, .. } = *rollup;
    let plan = &source.engine.plan;
    let objective = &plan.objectives[index];
    let title = plan.text(objective.title);
    let owner = objective.owner.map(|it| plan.source(plan.teams[it as usize].name));
    let owner = owner.unwrap_or_default();
    room(pen, row, [&title, owner, ""])?;
    pen.text(row, 0, &title, Look::Text, Tag::new(id, "objective"))?;
    pen.text(row, 1, owner, Look::Text, Tag::new(id, "owner"))?;
    weight(pen, source, row, index, id)?;
    let mean = source.engine.objective(index);
    means(pen, row, &mean, |column| Ok(rollup.mean(column)), id)?;
    objective_band(pen, source, row, index, rollup)?;
    graded(pen, source, row, index, rollup)
}

fn weight(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    row: u32,
    index: usize,
    id: &str,
) -> Result<(), XlsxError> {
    let cell = Cell::new(Of::ObjectiveWeight, index);
    let value = Cached::from(source.engine.read(cell));
    let tag = Tag::new(id, "weight");
    let input = source.engine.input(cell);
    match input.filter(|input| matches!(input.amount, Amount::Formula(_))) {
        Some(input) => {
            let here = Here { sheet: Sheet::Scorecard, own: None, row };
            let printer = Printer { engine: source.engine, layout: source.layout, here };
            let formula = printer.input(input).map(|piece| piece.guarded());
            pen.live_or_value(row, 2, formula, &value, Look::Computed, "", tag).map(drop)
        }
        None => pen.value(row, 2, &value, Look::Computed, "", tag),
    }
}

fn objective_band(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    row: u32,
    index: usize,
    rollup: &Rollup<'_>,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let thresholds = engine.objective_thresholds(index);
    let krs = engine.plan.objectives[index].krs.clone().map(|kr| kr as usize);
    let guarded = krs.clone().any(|kr| engine.plan.krs[kr].kind == KrKind::Guardrail);
    if !guarded {
        return band(pen, row, engine.objective(index).grade, &thresholds);
    }
    let broken = rollup.sum(Field::Broken, None);
    let grade = cell(3, row);
    let formula = key_results::objective_band(&grade, &broken, thresholds.yellow, thresholds.green);
    let cached = match engine.objective(index).grade {
        _ if krs.clone().any(|kr| engine.is_broken(kr)) => Cached::Text("red".into()),
        Value::Number(grade) => Cached::Text(thresholds.band(grade).word().into()),
        Value::Error => Cached::Error,
        _ => Cached::Text("no data".into()),
    };
    pen.live(row, 4, &formula, &cached, Look::Word, "")
}

fn graded(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    row: u32,
    index: usize,
    rollup: &Rollup<'_>,
) -> Result<(), XlsxError> {
    let (graded, of) = source.engine.graded_of(index);
    let mut formula = rollup.graded();
    let mut cached = format!("{graded} of {of} graded");
    if let Some(status) = source.engine.objective_status(index) {
        formula.push_str(&format!("&\", {}\"", status.word()));
        cached.push_str(&format!(", {}", status.word()));
    }
    pen.live(row, 7, &formula, &Cached::Text(cached), Look::Text, "")
}

fn guardrails(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let rows = source.layout.guardrail_rows;
    if rows.count == 0 {
        return Ok(());
    }
    heads(
        pen,
        rows.header(),
        ["guardrail", "objective", "unit", "actual", "state", "grade", "", "bound"],
    )?;
    super::state_colours(&mut pen.sheet, (rows.first, 4), (rows.end() - 1, 4))?;
    let all = (0..plan.krs.len()).filter(|&kr| plan.krs[kr].kind == KrKind::Guardrail);
    for (index, row) in all.zip(rows.first..) {
        guardrail(pen, source, row, index)?;
    }
    Ok(())
}

fn guardrail(
    pen: &mut Pen<'_>,
    source: &Source<'_>,
    row: u32,
    index: usize,
) -> Result<(), XlsxError> {
    let engine = source.engine;
    let plan = &engine.plan;
    let kr = &plan.krs[index];
    let key = plan.kr_id(index);
    let look =
        |field| source.layout.lookup(Sheet::Scorecard, Table::KeyResults, field, &key, false);
    let objective = plan.source(plan.objectives[kr.objective as usize].name);
    let words = key_results::rule_words(source, index);
    let title = plan.text(kr.title);
    room(pen, row, [&title, objective, &words])?;
    pen.text(row, 0, &title, Look::Text, Tag::new(&key, "guardrail"))?;
    pen.text(row, 1, objective, Look::Text, Tag::new(&key, "objective"))?;
    pen.text(row, 2, plan.units.word(kr.unit), Look::Computed, Tag::new(&key, "unit"))?;
    let (actual, grade) = (look(Field::Actual), look(Field::Grade));
    let held = super::super::held::held(engine, Table::KeyResults, index, Field::Actual);
    let cached = match held {
        super::super::held::Held::Number(number) => Cached::Number(number),
        super::super::held::Held::Text(text) => Cached::Text(text),
        super::super::held::Held::Formula(_, value) => value.into(),
        super::super::held::Held::Empty => Cached::Empty,
    };
    let numbers = engine.read(Cell::new(Of::KrActual, index)).number();
    let percent = kr.unit == crate::quantity::UnitId::PERCENT;
    let form = super::super::style::number_format(percent, numbers);
    pen.live(row, 3, &format!("IF({actual}=\"\",\"\",{actual})"), &cached, Look::Computed, &form)?;
    let broken = look(Field::Broken);
    let band = look(Field::Band);
    let state = format!("IF({grade}=\"\",{band},IF({broken}>0,\"broken\",\"holds\"))");
    let value = engine.read(Cell::new(Of::KrGrade, index));
    let word = match (value, engine.kr_state(index)) {
        (Value::Error, _) => Cached::Error,
        (Value::Number(_), _) if engine.is_broken(index) => Cached::Text("broken".into()),
        (Value::Number(_), _) => Cached::Text("holds".into()),
        (_, crate::engine::State::Declined) => Cached::Text("declined".into()),
        (_, crate::engine::State::NotApplicable) => Cached::Text("n/a".into()),
        _ => Cached::Text("no data".into()),
    };
    pen.live(row, 4, &state, &word, Look::Word, "")?;
    pen.live(
        row,
        5,
        &format!("IF({grade}=\"\",\"\",{grade})"),
        &value.into(),
        Look::Computed,
        GRADE,
    )?;
    pen.blank(row, 6, Look::Computed)?;
    pen.text(row, 7, &words, Look::Text, Tag::new(&key, "bound"))
}

/// Bars of the objectives' grades; of the teams' where the objectives are too many.
fn chart(pen: &mut Pen<'_>, source: &Source<'_>) -> Result<(), XlsxError> {
    let layout = source.layout;
    let Some((rows, title)) = layout.charted() else { return Ok(()) };
    let mut chart = Chart::new(ChartType::Bar);
    let (first, last) = (rows.first, rows.end() - 1);
    let name = Sheet::Scorecard.name();
    chart
        .add_series()
        .set_name("grade")
        .set_categories((name, first, 0, last, 0))
        .set_values((name, first, 3, last, 3))
        .set_gap(45)
        .set_format(
            ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(BAR))),
        );
    let mut font = ChartFont::new();
    font.set_size(9);
    let mut title_font = ChartFont::new();
    title_font.set_size(12).set_bold();
    chart.title().set_name(title).set_font(&title_font);
    chart.legend().set_hidden();
    chart.y_axis().set_reverse().set_font(&font);
    let grid = ChartLine::new().set_color(Color::RGB(0xD9_DD_E5)).clone();
    chart
        .x_axis()
        .set_min(0)
        .set_max(1)
        .set_num_format("0.0")
        .set_font(&font)
        .set_major_gridlines_line(&grid);
    chart.set_width(1040).set_height(layout.chart_rows * 20);
    chart.set_alt_text(format!("{title}; the numbers stand in the table below"));
    pen.sheet.insert_chart_with_offset(layout.chart_row, 0, &chart, 2, 2)?;
    Ok(())
}
