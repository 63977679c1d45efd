//! `okr compare` and `okr whatif`: the base and scenarios side by side, and why they differ.

use super::super::grid::{CsvField, Grid, GridCell, csv};
use super::super::line::Line;
use super::super::markdown::{Page, escape};
use super::super::style::{Ink, Style, one_line};
use super::super::words;
use crate::whatif::compare::{Comparison, Outlook};

/// How near two numbers count as the same.
const SAME: f64 = 1e-9;

/// What is said first where part of the cycle's capacity is spent, and counts all the same.
pub const WHOLE_CYCLE: &str = "counts the capacity of the whole cycle, although there are \
                               check-ins in it; `--remaining` counts what is left";

/// The comparison for a terminal.
///
/// With `all`, it also shows the many key results and initiatives that are the same everywhere.
pub fn text(comparison: &Comparison, all: bool, style: &Style) -> String {
    let mut out = String::new();
    for head in heads(comparison) {
        for wrapped in style.wrap(&one_line(&head), style.width, 4) {
            let mut line = Line::new(style);
            line.put(Ink::Dim, &wrapped);
            line.end(&mut out);
        }
    }
    out.push_str(&grid(comparison, all, style).text(style));
    for outlook in comparison.scenarios.iter().skip(1) {
        why(&mut out, outlook, style);
    }
    out
}

/// The lines before the table.
fn heads(comparison: &Comparison) -> Vec<String> {
    let mut heads = Vec::new();
    if comparison.mid_cycle && !comparison.remaining {
        heads.push(WHOLE_CYCLE.to_owned());
    }
    if let Some(as_of) = &comparison.as_of {
        let left = if comparison.remaining { "; only the capacity after it counts" } else { "" };
        heads.push(format!("as of {as_of} ({}){left}", comparison.as_of_from));
    }
    heads
}

fn why(out: &mut String, outlook: &Outlook, style: &Style) {
    out.push('\n');
    let mut line = Line::new(style);
    line.put(Ink::Bold, &outlook.id).skip(1).put(Ink::Dim, &outlook.title);
    line.end(out);
    let nothing = ["nothing changes".to_owned()];
    let reasons = if outlook.why.is_empty() { &nothing[..] } else { &outlook.why };
    for reason in reasons {
        let room = style.width.saturating_sub(4);
        for (index, text) in style.wrap(&one_line(reason), room, 6).iter().enumerate() {
            let mut line = Line::new(style);
            if index == 0 {
                line.to(2).put(Ink::Dim, style.pick("·", "-"));
            }
            line.to(4).put(Ink::Plain, text);
            line.end(out);
        }
    }
}

/// A number beside the base's: marked where it differs, up or down.
fn marked(
    value: Option<f64>,
    base: Option<f64>,
    shown: String,
    ink: Ink,
    style: &Style,
) -> GridCell {
    let mark = match (value, base) {
        (Some(value), Some(base)) if value > base + SAME => style.pick(" ↑", " +"),
        (Some(value), Some(base)) if value < base - SAME => style.pick(" ↓", " -"),
        (Some(_), None) | (None, Some(_)) => " *",
        _ => "  ",
    };
    (ink, format!("{shown}{mark}"))
}

/// From how many key results on those that land the same are only counted.
const MANY: usize = 12;

/// Whether a row says anything that the base does not.
fn differ(cells: &[GridCell]) -> bool {
    cells.iter().skip(1).any(|(_, text)| !text.ends_with("  ") || *text != cells[0].1)
}

/// Says how many rows were left out.
fn fold(grid: &mut Grid, alike: usize, verb: &str) {
    match alike {
        0 => {}
        1 => grid.row(&format!("1 more {verb}s the same"), 2, Vec::new()),
        some => grid.row(&format!("{some} more {verb} the same"), 2, Vec::new()),
    }
}

/// The table; with `all`, also the key results and initiatives that are the same everywhere.
fn grid(comparison: &Comparison, all: bool, style: &Style) -> Grid {
    let scenarios = &comparison.scenarios;
    let mut grid = Grid {
        // The marks stand behind the numbers, so the names keep their distance as well.
        head: scenarios.iter().map(|it| format!("{}  ", it.id)).collect(),
        rows: Vec::new(),
    };
    let Some(base) = scenarios.first() else { return grid };
    let all = all || base.key_results.len() <= MANY;
    let dash = || style.pick("–", "-").to_owned();
    let grade = |it: Option<f64>| it.map_or_else(dash, words::grade);
    let each = |of: &dyn Fn(usize, &Outlook) -> Shown| -> Vec<GridCell> {
        let (was, ..) = of(0, base);
        let cell = |(at, outlook): (usize, &Outlook)| {
            let (value, shown, ink) = of(at, outlook);
            marked(value, was, shown, ink, style)
        };
        scenarios.iter().enumerate().map(cell).collect()
    };
    grid.section("Grade");
    grid.row("now", 2, each(&|_, it| (it.grade, grade(it.grade), Ink::Plain)));
    grid.row(
        "projected",
        2,
        each(&|_, it| (it.projected_grade, grade(it.projected_grade), Ink::Plain)),
    );
    grid.section("Objectives, projected");
    for row in union(scenarios, |it| it.objectives.iter().map(|it| (&it.id, &it.title))) {
        let of = |at: usize, it: &Outlook| {
            let found = row.places[at].map(|place| &it.objectives[place]);
            let value = found.and_then(|it| it.projected_grade);
            (value, grade(value), Ink::Plain)
        };
        grid.row(words::title(row.title, row.id), 2, each(&of));
    }
    grid.section("Key results, projected");
    let mut alike = 0;
    for row in union(scenarios, |it| it.key_results.iter().map(|it| (&it.id, &it.title))) {
        let of = |at: usize, it: &Outlook| {
            let found = row.places[at].map(|place| &it.key_results[place]);
            let value = found.and_then(|it| it.projected_grade);
            let shown = found.map_or("", |it| it.shown.as_str());
            let text = format!("{shown} {}", grade(value)).trim_start().to_owned();
            (value, text, Ink::of_band(found.and_then(|it| it.projected_band)))
        };
        let cells = each(&of);
        match all || differ(&cells) {
            true => grid.row(words::title(row.title, row.id), 2, cells),
            false => alike += 1,
        }
    }
    fold(&mut grid, alike, "land");
    capacity_rows(&mut grid, scenarios, all, &each, style);
    grid
}

/// A number of a scenario, how it is shown, and how it is painted.
type Shown = (Option<f64>, String, Ink);

type Each<'a> = dyn Fn(&dyn Fn(usize, &Outlook) -> Shown) -> Vec<GridCell> + 'a;

fn capacity_rows(grid: &mut Grid, scenarios: &[Outlook], all: bool, each: &Each, style: &Style) {
    let dash = || style.pick("–", "-").to_owned();
    let percent = |it: Option<f64>| it.map_or_else(dash, words::percent);
    let buckets = union(scenarios, |it| it.buckets.iter().map(|it| (&it.id, &it.id)));
    if !buckets.is_empty() {
        grid.section("Share and load of buckets");
    }
    for row in &buckets {
        let of = |at: usize, it: &Outlook| {
            let found = row.places[at].map(|place| &it.buckets[place]);
            let share = found.and_then(|it| it.share);
            let load = found.and_then(|it| it.load);
            let none = found.is_some_and(|it| it.shortfall.is_some_and(|it| it > 0.0));
            let over = load.map_or(none, |load| load > 1.0 + SAME);
            let loaded = if load.is_none() && none { "no capacity".into() } else { percent(load) };
            let share = share.map_or(String::new(), |it| format!("{} · ", words::percent(it)));
            let share = if style.unicode { share } else { share.replace('·', "/") };
            (load, format!("{share}{loaded}"), if over { Ink::Red } else { Ink::Plain })
        };
        grid.row(row.id, 2, each(&of));
    }
    let initiatives = union(scenarios, |it| it.initiatives.iter().map(|it| (&it.id, &it.title)));
    if !initiatives.is_empty() {
        grid.section("Initiatives, funded");
    }
    let mut alike = 0;
    for row in &initiatives {
        let of = |at: usize, it: &Outlook| {
            let found = row.places[at].map(|place| &it.initiatives[place]);
            let funded = found.and_then(|it| it.funded);
            let ink = if funded.is_some_and(|it| it < 1.0) { Ink::Yellow } else { Ink::Plain };
            (funded, percent(funded), ink)
        };
        let cells = each(&of);
        match all || differ(&cells) {
            true => grid.row(words::title(row.title, row.id), 2, cells),
            false => alike += 1,
        }
    }
    fold(grid, alike, "stand");
}

/// A row of the table.
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    /// Where each scenario has it.
    places: Vec<Option<usize>>,
}

/// The rows of all scenarios, each once, in the order of the plan as far as they agree on it.
fn union<'a, I>(scenarios: &'a [Outlook], rows: impl Fn(&'a Outlook) -> I) -> Vec<Row<'a>>
where
    I: Iterator<Item = (&'a String, &'a String)>,
{
    let mut all: Vec<Row<'a>> = Vec::new();
    let mut seen: rustc_hash::FxHashMap<&str, usize> = Default::default();
    for (at, outlook) in scenarios.iter().enumerate() {
        for (place, (id, title)) in rows(outlook).enumerate() {
            let row = *seen.entry(id).or_insert_with(|| {
                all.push(Row { id, title, places: vec![None; scenarios.len()] });
                all.len() - 1
            });
            all[row].places[at] = Some(place);
        }
    }
    all
}

/// The comparison as Markdown.
pub fn markdown(comparison: &Comparison) -> String {
    let mut page = Page::default();
    page.heading(1, "Scenarios side by side");
    for head in heads(comparison) {
        page.paragraph(&escape(&head));
    }
    let style = Style { color: false, width: usize::MAX, unicode: true };
    grid(comparison, true, &style).markdown(&mut page);
    for outlook in comparison.scenarios.iter().skip(1) {
        page.heading(2, &format!("Why {}", outlook.id));
        let reasons: Vec<String> =
            outlook.why.iter().map(|reason| format!("- {}", escape(reason))).collect();
        page.paragraph(&if reasons.is_empty() {
            "nothing changes".into()
        } else {
            reasons.join("\n")
        });
    }
    page.out
}

/// The comparison as CSV: a row for each number of each scenario.
pub fn to_csv(comparison: &Comparison) -> String {
    let mut rows: Vec<Vec<CsvField>> = Vec::new();
    for it in &comparison.scenarios {
        let mut add = |kind: &str, id: &str, field: &str, value: Option<f64>| {
            let text = |text: &str| CsvField::Text(text.to_owned());
            rows.push(vec![
                text(&it.id),
                text(kind),
                text(id),
                text(field),
                CsvField::Number(value),
            ]);
        };
        add("cycle", comparison.cycle.as_deref().unwrap_or_default(), "grade", it.grade);
        let id = comparison.cycle.as_deref().unwrap_or_default();
        add("cycle", id, "projected_grade", it.projected_grade);
        for row in &it.objectives {
            add("objective", &row.id, "grade", row.grade);
            add("objective", &row.id, "projected_grade", row.projected_grade);
        }
        for row in &it.key_results {
            add("key result", &row.id, "projected", row.projected);
            add("key result", &row.id, "projected_grade", row.projected_grade);
        }
        for row in &it.buckets {
            for (field, value) in [
                ("share", row.share),
                ("capacity", row.capacity),
                ("demand", row.demand),
                ("load", row.load),
                ("shortfall", row.shortfall),
            ] {
                add("bucket", &row.id, field, value);
            }
        }
        for row in &it.initiatives {
            add("initiative", &row.id, "funded", row.funded);
            add("initiative", &row.id, "paid", row.paid);
        }
    }
    csv(&["scenario", "kind", "id", "field", "value"], rows.into_iter())
}
