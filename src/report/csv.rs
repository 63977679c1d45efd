//! Reports as CSV (RFC 4180), safe to open in a spreadsheet.

use super::data::{Actual, Explanation, KrRow, ObjectiveRow, Scorecard, Trend};
use crate::diagnostic::{Record, clean};

/// The columns of a scorecard: the fields of a key result, then where it belongs.
const SCORECARD: &[&str] = &[
    "id",
    "title",
    "kind",
    "grading",
    "unit",
    "baseline",
    "target",
    "actual",
    "weight",
    "state",
    "progress",
    "grade",
    "band",
    "confidence",
    "pace",
    "forecast",
    "forecast_grade",
    "projected",
    "projected_grade",
    "projected_band",
    "pace_word",
    "keep",
    "broken",
    "due",
    "observed_on",
    "status",
    "objective",
    "owner",
    "cycle",
    "as_of",
];

/// A scorecard, one row a key result.
pub fn scorecard_csv(card: &Scorecard) -> String {
    let mut table = Table::new(SCORECARD);
    for objective in &card.objectives {
        for kr in &objective.key_results {
            key_result(&mut table, kr);
            place(&mut table, objective, card);
            table.end();
        }
    }
    table.out
}

fn key_result(table: &mut Table, kr: &KrRow) {
    table.text(&kr.id).text(&kr.title).text(kr.kind).text(kr.grading).maybe(kr.unit.as_deref());
    table.number(kr.baseline).number(kr.target);
    match &kr.actual {
        Some(Actual::Word(word)) => table.text(word),
        Some(Actual::Number(number)) => table.number(Some(*number)),
        None => table.number(None),
    };
    table.number(kr.weight).text(kr.state).number(kr.progress).number(kr.grade).maybe(kr.band);
    table.number(kr.confidence).number(kr.pace).number(kr.forecast).number(kr.forecast_grade);
    table.number(kr.projected).number(kr.projected_grade).maybe(kr.projected_band);
    table.maybe(kr.pace_word);
    table.maybe(kr.keep.as_deref()).text(if kr.broken { "true" } else { "false" });
    table.maybe(kr.due.as_deref()).maybe(kr.observed_on.as_deref()).maybe(kr.status);
}

fn place(table: &mut Table, objective: &ObjectiveRow, card: &Scorecard) {
    table.text(&objective.id).maybe(objective.owner.as_deref());
    table.maybe(objective.cycle.as_deref()).maybe(card.as_of.as_deref());
}

/// A trend, one row a date and thing.
pub fn trend_csv(trend: &Trend) -> String {
    let mut table = Table::new(&["date", "id", "kind", "grade"]);
    for (index, date) in trend.dates.iter().enumerate() {
        for row in &trend.rows {
            let grade = row.grades.get(index).copied().flatten();
            table.text(date).text(&row.id).text(row.kind).number(grade);
            table.end();
        }
    }
    table.out
}

/// The head of a list of problems.
pub fn problems_head() -> String {
    const HEAD: &[&str] =
        &["id", "severity", "file", "line", "column", "end_line", "end_column", "message", "help"];
    Table::new(HEAD).out
}

/// Problems, one row each, without the head.
pub fn problems(records: &[Record<'_>]) -> String {
    let mut table = Table { out: String::new(), begun: false };
    let count = |number: usize| Some(number as f64);
    for it in records {
        table.text(it.id).text(it.severity.word()).text(it.file);
        table.number(count(it.line)).number(count(it.column));
        table.number(count(it.end_line)).number(count(it.end_column));
        table.text(it.message).text(it.help).end();
    }
    table.out
}

/// What an id means: a row for each severity and text.
pub fn meanings(id: &str, meanings: &[(&str, String)]) -> String {
    let mut table = Table::new(&["id", "severity", "text"]);
    for (severity, text) in meanings {
        table.text(id).text(severity).text(text).end();
    }
    table.out
}

/// The arithmetic of a cell, one row a step; `depth` tells what follows from what.
pub fn explanation(explanation: &Explanation) -> String {
    let mut table = Table::new(&["depth", "name", "value", "number", "how", "place", "as_of"]);
    let mut open = vec![(&explanation.cell, 0_u32)];
    while let Some((step, depth)) = open.pop() {
        table.number(Some(f64::from(depth))).text(&step.name).text(&step.value);
        table.number(step.number).text(&step.how).maybe(step.place.as_deref());
        table.maybe(explanation.as_of.as_deref()).end();
        open.extend(step.from.iter().rev().map(|child| (child, depth + 1)));
    }
    table.out
}

/// A table in the making, field by field.
pub(super) struct Table {
    pub(super) out: String,
    /// Whether the row has a field.
    begun: bool,
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        Self { out: format!("{}\r\n", header.join(",")), begun: false }
    }

    fn field(&mut self, text: &str) -> &mut Self {
        if self.begun {
            self.out.push(',');
        }
        self.begun = true;
        if text.contains([',', '"', '\n', '\r']) {
            self.out.push_str(&format!("\"{}\"", text.replace('"', "\"\"")));
        } else {
            self.out.push_str(text);
        }
        self
    }

    /// A text. One that a spreadsheet would take for a formula gets a `'` in front, and so does
    /// one that begins with `'`, so that the first `'` is always to be taken off.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        let safe = clean(text);
        match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
            true => self.field(&format!("'{safe}")),
            false => self.field(&safe),
        }
    }

    pub(super) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        self.text(text.unwrap_or_default())
    }

    pub(super) fn number(&mut self, number: Option<f64>) -> &mut Self {
        let text = match number {
            Some(number) if number.abs() >= 1e15 => format!("{number:e}"),
            Some(number) => (number + 0.0).to_string(),
            None => String::new(),
        };
        self.field(&text)
    }

    pub(super) fn end(&mut self) {
        self.out.push_str("\r\n");
        self.begun = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn written(text: &str) -> String {
        let mut table = Table::new(&["text"]);
        table.text(text).end();
        table.out.trim_end().replacen("text\r\n", "", 1)
    }

    #[test]
    fn the_columns_are_the_fields_of_the_json() {
        let kr = serde_json::to_value(fixture::kr("a.b", "", "done")).expect("serialises");
        let mut fields: Vec<&str> =
            kr.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let mut columns = SCORECARD[..SCORECARD.len() - 4].to_vec();
        fields.sort_unstable();
        columns.sort_unstable();
        assert_eq!(columns, fields);
    }

    #[test]
    fn every_row_has_every_column() {
        let mut card = fixture::scorecard();
        for objective in &mut card.objectives {
            objective.key_results.iter_mut().for_each(|kr| kr.title.clear());
        }
        let csv = scorecard_csv(&card);
        let fields = |line: &str| line.split(',').count();
        assert!(csv.lines().all(|line| fields(line) == SCORECARD.len()));
    }

    #[test]
    fn formulas_are_escaped_reversibly() {
        let cases = ["=1+1", "+1", "-2 .. 4", "@sum", "\tx", "'quoted", "plain", ">= 2"];
        for text in cases {
            let field = written(text);
            assert_eq!(field.strip_prefix('\'').unwrap_or(&field), text);
            assert!(!field.starts_with(['=', '+', '-', '@', '\t']));
        }
        assert_eq!(written("\r=1"), "'?=1");
        assert_eq!(written("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(written("\u{1b}[31m"), "?[31m");
    }

    #[test]
    fn numbers_are_exact_and_no_texts() {
        let mut table = Table::new(&["number"]);
        table.number(Some(-0.1)).number(Some(900.0)).number(None).number(Some(1e300)).end();
        assert_eq!(table.out, "number\r\n-0.1,900,,1e300\r\n");
    }

    #[test]
    fn scorecard_and_trend() {
        let lines: Vec<String> = scorecard_csv(&fixture::scorecard())
            .lines()
            .take(4)
            .chain(trend_csv(&fixture::trend()).lines().take(4))
            .map(str::to_owned)
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        id,title,kind,grading,unit,baseline,target,actual,weight,state,progress,grade,band,confidence,pace,forecast,forecast_grade,projected,projected_grade,projected_band,pace_word,keep,broken,due,observed_on,status,objective,owner,cycle,as_of
        stations.opened,Stations with a new machine,aspirational,linear,stations,0,40,30,1,graded,0.74,0.74,green,,1.15625,,,,,,at risk,,false,,2026-08-28,,stations,tickets,q2,2026-08-28
        buying.tap,Median time from opening the app to a valid ticket,aspirational,linear,s,74,40,52,2,graded,0.647,0.647,yellow,0.6,1.0109375,43,,,,,on track,,false,,2026-08-28,,buying,tickets,q3,2026-08-28
        buying.latency,p95 of the fare search,aspirational,curve,ms,1400,600,980,1,graded,0.34,0.34,red,0.3,0.53125,,,,,,at risk,,false,,2026-08-28,,buying,tickets,q3,2026-08-28
        date,id,kind,grade
        2026-07-10,q3,cycle,0.08
        2026-07-10,tickets,team,
        2026-07-10,buying,objective,0.08
        ");
    }
}
