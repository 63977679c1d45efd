//! Where the futures of the plan and its scenarios land.

use super::{Page, chart, escape, text};
use crate::report::words;
use crate::whatif::simulate::{Simulated, SimulatedCell, Simulation};

pub(super) fn section(page: &mut Page, simulation: &Simulation) {
    page.raw("<section aria-labelledby=\"futures\">\n<h2 id=\"futures\">Futures</h2>\n");
    page.raw(&format!(
        "<p class=\"dim\">{} futures, seed {}. What initiatives move, how sure they are and what they take is the plan’s own assumption.</p>\n",
        simulation.samples, simulation.seed
    ));
    for scenario in &simulation.scenarios {
        one(page, simulation, scenario);
    }
    page.raw("</section>\n");
}

fn one(page: &mut Page, simulation: &Simulation, scenario: &Simulated) {
    let title = match scenario.id.as_str() {
        "base" => "The plan".to_owned(),
        id => text(words::title(&scenario.title, id)),
    };
    page.raw(&format!("<h3>{title}</h3>\n"));
    let share = |count: Option<u64>| Some(count? as f64 / simulation.samples as f64);
    if let (Some(better), Some(same), Some(worse)) =
        (share(scenario.better), share(scenario.same), share(scenario.worse))
    {
        page.raw(&format!(
            "<p>Beside the plan: better in {} of the futures, the same in {}, worse in {}.</p>\n",
            about(better),
            about(same),
            about(worse)
        ));
    }
    for histogram in &scenario.histograms {
        let cell = scenario.cells.iter().find(|it| it.id == histogram.id);
        let label = escape(&format!(
            "How many futures lie where, for {}: {}",
            histogram.id,
            cell.map(numbers).unwrap_or_default()
        ));
        let picture = chart::histogram(histogram, &label);
        page.raw(&format!("<p><code>{}</code></p>\n{picture}\n", escape(&histogram.id)));
    }
    grades(page, scenario);
    buckets(page, scenario);
}

/// A probability in whole percent: certain only where all futures agree.
fn about(share: f64) -> String {
    match share {
        0.0 => "none".into(),
        share if share < 0.01 => "under 1%".into(),
        share => words::percent(share),
    }
}

fn numbers(cell: &SimulatedCell) -> String {
    let grade = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
    format!("P10 {}, P50 {}, P90 {}", grade(cell.p10), grade(cell.p50), grade(cell.p90))
}

fn grades(page: &mut Page, scenario: &Simulated) {
    let shown = |it: &&SimulatedCell| it.shown.is_grade && it.shown.in_force;
    let cells: Vec<&SimulatedCell> = scenario.cells.iter().filter(shown).collect();
    if cells.is_empty() {
        return;
    }
    page.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Projected grades\">\n<table>\n");
    page.table_head(
        "Projected grades",
        &["What", "Kind", "P10 >", "P50 >", "P90 >", "Green >", "Sweet spot >"],
    );
    page.raw("<tbody>\n");
    for cell in cells {
        let grade = |grade: Option<f64>| grade.map(words::grade).unwrap_or_default();
        let numbers = [
            grade(cell.p10),
            grade(cell.p50),
            grade(cell.p90),
            cell.p_green.map(about).unwrap_or_default(),
            cell.p_sweet.map(about).unwrap_or_default(),
        ];
        let numbers = numbers.map(|number| format!("<td class=\"num\">{number}</td>"));
        page.raw(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td>{}</tr>\n",
            text(words::title(&cell.shown.title, &cell.shown.of)),
            cell.shown.kind,
            numbers.concat()
        ));
    }
    page.raw("</tbody></table>\n</div>\n");
}

fn buckets(page: &mut Page, scenario: &Simulated) {
    if scenario.buckets.is_empty() {
        return;
    }
    page.raw(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Buckets\">\n<table>\n",
    );
    page.table_head(
        "Buckets, in person-weeks",
        &["Bucket", "Capacity >", "Drawn P50 >", "P80 >", "Over >", "Missing on average >"],
    );
    page.raw("<tbody>\n");
    for bucket in &scenario.buckets {
        let weeks = |weeks: Option<f64>| weeks.map(words::weeks).unwrap_or_default();
        let numbers = [
            weeks(bucket.capacity),
            weeks(bucket.demand_p50),
            weeks(bucket.demand_p80),
            bucket.p_over.map(about).unwrap_or_default(),
            weeks(bucket.shortfall_mean),
        ];
        let numbers = numbers.map(|number| format!("<td class=\"num\">{number}</td>"));
        page.raw(&format!(
            "<tr><th scope=\"row\"><code>{}</code></th>{}</tr>\n",
            escape(&bucket.id),
            numbers.concat()
        ));
    }
    page.raw("</tbody></table>\n</div>\n");
}
