//! Grades over several cycles of one plan, as data and in every form.

use super::bars::sparkline;
use super::csv::Table;
use super::line::Line;
use super::markdown::{Page, code, escape};
use super::style::{Ink, Style, one_line, width_of};
use super::words;
use crate::engine::{AsOf, Engine, Options};
use crate::plan::Plan;
use serde::Serialize;
use std::sync::Arc;

/// `okr trend --across`
#[derive(Clone, Debug, Serialize)]
pub struct Across {
    /// `okr.across/1`
    pub schema: &'static str,
    /// The as-of date.
    pub as_of: Option<String>,
    /// Where the as-of date came from, in words.
    pub as_of_from: String,
    /// The cycles that have begun, by their first day.
    pub cycles: Vec<AcrossCycle>,
    /// The grades of all, then those of each team; one for each cycle.
    pub rows: Vec<AcrossRow>,
}

/// A cycle, as of its last day or the as-of date, whichever is earlier.
#[derive(Clone, Debug, Serialize)]
pub struct AcrossCycle {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The day as of which it is graded.
    pub as_of: String,
}

/// The grades of the plan or of a team over the cycles; null where there is none.
#[derive(Clone, Debug, Serialize)]
pub struct AcrossRow {
    /// The team's id; `all` for the cycles themselves.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `cycle` or `team`.
    pub kind: &'static str,
    /// The mean in each cycle.
    pub grades: Vec<Option<f64>>,
    /// The mean of the aspirational key results alone.
    pub aspirational_grades: Vec<Option<f64>>,
    /// `in`, `above` or `below` the sweet spot, in each cycle.
    pub sweet_spots: Vec<Option<&'static str>>,
    /// The band in each cycle.
    pub bands: Vec<Option<&'static str>>,
}

impl AcrossRow {
    fn new(id: &str, title: String, kind: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            title,
            kind,
            grades: Vec::new(),
            aspirational_grades: Vec::new(),
            sweet_spots: Vec::new(),
            bands: Vec::new(),
        }
    }
}

/// The grades of every cycle that has begun, each at its end; of one team, if one is asked for.
pub fn across(plan: &Arc<Plan>, options: Options, team: Option<u32>) -> Across {
    let now = Engine::new(Arc::clone(plan), options);
    let as_of = now.moment.as_of;
    let begun = |&it: &usize| as_of.is_none_or(|as_of| plan.cycles[it].from <= as_of);
    let mut order: Vec<usize> = (0..plan.cycles.len()).filter(begun).collect();
    order.sort_by_key(|&it| (plan.cycles[it].from, it));
    let teams: Vec<usize> =
        (0..plan.teams.len()).filter(|&it| team.is_none_or(|team| team as usize == it)).collect();
    let mut rows: Vec<AcrossRow> = Vec::new();
    if team.is_none() {
        rows.push(AcrossRow::new("all", "All objectives".into(), "cycle"));
    }
    for &team in &teams {
        let stated = &plan.teams[team];
        rows.push(AcrossRow::new(plan.source(stated.name), plan.text(stated.title), "team"));
    }
    let mut cycles = Vec::new();
    for index in order {
        let cycle = &plan.cycles[index];
        let day = as_of.map_or(cycle.to, |as_of| as_of.min(cycle.to));
        let at = Options { as_of: AsOf::Date(day), cycle: Some(index as u32), ..options };
        let engine = Engine::new(Arc::clone(plan), at);
        cycles.push(AcrossCycle {
            id: plan.source(cycle.name).to_owned(),
            title: plan.text(cycle.title),
            from: cycle.from.to_string(),
            to: cycle.to.to_string(),
            as_of: day.to_string(),
        });
        let mut rows = rows.iter_mut();
        if team.is_none()
            && let Some(row) = rows.next()
        {
            add(row, &engine, engine.cycle(index), engine.thresholds());
        }
        for (row, &team) in rows.zip(&teams) {
            let thresholds = engine.team_thresholds(Some(team as u32));
            add(row, &engine, engine.team(team), thresholds);
        }
    }
    rows.retain(|row| row.kind == "cycle" || row.grades.iter().any(Option::is_some));
    Across {
        schema: "okr.across/1",
        as_of: as_of.map(|date| date.to_string()),
        as_of_from: now.moment.source.words().to_owned(),
        cycles,
        rows,
    }
}

fn add(
    row: &mut AcrossRow,
    engine: &Engine,
    mean: crate::engine::Mean,
    thresholds: crate::engine::Thresholds,
) {
    let grade = mean.grade.number();
    row.grades.push(grade);
    row.aspirational_grades.push(mean.aspirational.number());
    row.sweet_spots.push(engine.sweet_spot(&mean, &thresholds).map(|sweet| sweet.word()));
    row.bands.push(grade.map(|grade| thresholds.band(grade).word()));
}

/// In a terminal: a column a cycle, a line a team.
pub fn text(across: &Across, style: &Style) -> String {
    const CELL: usize = 12;
    let mut out = String::new();
    let as_of = words::as_of_date(across.as_of.as_deref(), &across.as_of_from);
    let mut line = Line::new(style);
    line.put(Ink::Dim, &as_of.unwrap_or_else(|| "no date in the plan".into()));
    line.end(&mut out);
    if across.cycles.is_empty() {
        out.push_str("No cycle has begun.\n");
        return out;
    }
    out.push('\n');
    let wide = |row: &AcrossRow| width_of(&one_line(words::title(&row.title, &row.id)));
    let title = across.rows.iter().map(wide).max().unwrap_or(0).clamp(8, 32);
    // Of very many cycles the latest are shown.
    let fits = (style.width.saturating_sub(title + 2) / CELL).max(1);
    let first = across.cycles.len().saturating_sub(fits);
    let mut line = Line::new(style);
    for (at, cycle) in across.cycles[first..].iter().enumerate() {
        let name = one_line(words::title(&cycle.title, &cycle.id)).into_owned();
        line.right(Ink::Dim, &style.truncate(&name, CELL - 1), title + (at + 1) * CELL);
    }
    line.end(&mut out);
    for row in &across.rows {
        let mut line = Line::new(style);
        let name = one_line(words::title(&row.title, &row.id)).into_owned();
        let ink = if row.kind == "cycle" { Ink::Bold } else { Ink::Plain };
        line.put(ink, &style.truncate(&name, title));
        for (at, index) in (first..across.cycles.len()).enumerate() {
            let ink = Ink::of_band(row.bands[index]);
            let text = match (row.grades[index], row.bands[index]) {
                (Some(grade), band) => {
                    format!("{} {}", words::grade(grade), band.unwrap_or_default())
                }
                _ => style.pick("–", "-").to_owned(),
            };
            line.right(ink, &text, title + (at + 1) * CELL);
        }
        line.end(&mut out);
    }
    out
}

/// As Markdown.
pub fn markdown(across: &Across) -> String {
    let mut page = Page::default();
    page.heading(1, "Grades over the cycles");
    if let Some(as_of) = words::as_of_date(across.as_of.as_deref(), &across.as_of_from) {
        page.paragraph(&escape(&as_of));
    }
    let titles: Vec<String> = across
        .cycles
        .iter()
        .map(|cycle| format!("{} >", escape(words::title(&cycle.title, &cycle.id))))
        .collect();
    let mut captions = vec!["What", "Id", "Trend"];
    captions.extend(titles.iter().map(String::as_str));
    page.table(&captions);
    for row in &across.rows {
        let mut cells = vec![
            escape(words::title(&row.title, &row.id)),
            format!("`{}`", code(&row.id)),
            sparkline(&row.grades, row.grades.len(), &Style::default()),
        ];
        cells.extend(row.grades.iter().zip(&row.bands).map(|(grade, band)| match grade {
            Some(grade) => format!("{} {}", words::grade(*grade), band.unwrap_or_default()),
            None => "–".into(),
        }));
        page.row(&cells);
    }
    page.out
}

/// A row a team and cycle.
pub fn csv(across: &Across) -> String {
    let mut table = Table::new(&[
        "cycle",
        "id",
        "kind",
        "grade",
        "band",
        "aspirational_grade",
        "sweet_spot",
        "as_of",
    ]);
    for (at, cycle) in across.cycles.iter().enumerate() {
        for row in &across.rows {
            table.text(&cycle.id).text(&row.id).text(row.kind).number(row.grades[at]);
            table.maybe(row.bands[at]).number(row.aspirational_grades[at]);
            table.maybe(row.sweet_spots[at]).text(&cycle.as_of).end();
        }
    }
    table.out
}
