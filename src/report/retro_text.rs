//! The retrospective as text, CSV and Markdown.

use super::csv::Table;
use super::line::Line;
use super::markdown::{Page, escape};
use super::retro::{Calibration, Retro, RetroKr, RetroMean};
use super::style::{Ink, Style, one_line, width_of};
use super::words;

/// A table of text: its caption, its columns (those that end with ` >` are numbers), its rows.
struct Sheet {
    caption: &'static str,
    remark: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// What is shown, in order; empty tables are left out.
fn sheets(retro: &Retro) -> Vec<Sheet> {
    let sheets = [
        landed(&retro.key_results),
        means("Against the sweet spot", "Team", &retro.teams),
        means("By kind of team", "Kind", &retro.kinds),
        calibration(&retro.calibration),
        shares(retro),
        amendments(retro),
    ];
    sheets.into_iter().filter(|sheet| !sheet.rows.is_empty()).collect()
}

fn number(value: Option<f64>) -> String {
    value.map(words::grade).unwrap_or_default()
}

fn share(value: Option<f64>) -> String {
    value.map(words::percent).unwrap_or_default()
}

fn landed(krs: &[RetroKr]) -> Sheet {
    let count = |outcome: &str| krs.iter().filter(|kr| kr.outcome == outcome).count();
    let outcomes = [
        "landed",
        "short",
        "kept",
        "missed",
        "held",
        "broken",
        "no data",
        "not applicable",
        "declined",
        "error",
    ];
    let counts: Vec<String> = outcomes
        .iter()
        .filter(|outcome| count(outcome) > 0)
        .map(|outcome| format!("{} {outcome}", count(outcome)))
        .collect();
    let row = |kr: &RetroKr| {
        vec![
            words::title(&kr.title, &kr.id).to_owned(),
            kr.kind.to_owned(),
            number(kr.grade),
            kr.outcome.to_owned(),
            match (kr.first_confidence, kr.last_confidence) {
                (Some(first), Some(last)) if first != last => {
                    format!("{} → {}", words::percent(first), words::percent(last))
                }
                (_, last) => share(last),
            },
        ]
    };
    Sheet {
        caption: "What landed",
        remark: counts.join(", "),
        columns: vec!["Key result", "Kind", "Grade >", "Outcome", "Confidence"],
        rows: krs.iter().map(row).collect(),
    }
}

fn means(caption: &'static str, of: &'static str, means: &[RetroMean]) -> Sheet {
    let row = |mean: &RetroMean| {
        vec![
            words::title(&mean.title, &mean.id).to_owned(),
            number(mean.grade),
            number(mean.committed_grade),
            number(mean.aspirational_grade),
            format!("{} .. {}", mean.sweet[0], mean.sweet[1]),
            words::verdict(mean.sweet_spot).unwrap_or_default().to_owned(),
        ]
    };
    Sheet {
        caption,
        remark: String::new(),
        columns: vec![of, "Grade >", "Committed >", "Aspirational >", "Sweet spot", "Verdict"],
        rows: means.iter().map(row).collect(),
    }
}

fn calibration(calibration: &Calibration) -> Sheet {
    let buckets = calibration.buckets.iter().filter(|bucket| bucket.count > 0);
    let row = |bucket: &super::retro::ConfidenceBucket| {
        vec![
            format!("{:.1} .. {:.1}", bucket.from, bucket.to),
            bucket.count.to_string(),
            share(bucket.mean_confidence),
            share(bucket.came_true),
        ]
    };
    let remark = match (calibration.mean_confidence, calibration.came_true, calibration.brier) {
        (Some(sure), Some(came), Some(brier)) => format!(
            "{} sure on average, and {} came true; Brier score {brier:.2} (0 is perfect, 0.25 a coin)",
            words::percent(sure),
            words::percent(came)
        ),
        _ => String::new(),
    };
    Sheet {
        caption: "Confidence against outcome",
        remark,
        columns: vec!["Confidence", "Check-ins >", "Mean >", "Came true >"],
        rows: buckets.map(row).collect(),
    }
}

fn shares(retro: &Retro) -> Sheet {
    let row = |it: &super::retro::RetroShare| {
        vec![
            it.id.clone(),
            share(it.planned),
            share(it.used),
            it.planned_weeks.map(words::weeks).unwrap_or_default(),
            it.used_weeks.map(words::weeks).unwrap_or_default(),
        ]
    };
    Sheet {
        caption: "Planned against used shares",
        remark:
            "Used is what initiatives took: what was finished, and what was funded of the rest."
                .into(),
        columns: vec!["Bucket", "Planned >", "Used >", "Planned pw >", "Used pw >"],
        rows: retro.shares.iter().map(row).collect(),
    }
}

fn amendments(retro: &Retro) -> Sheet {
    let row = |it: &super::retro::RetroAmendment| {
        vec![
            it.id.clone(),
            it.shown[0].clone(),
            it.shown[1].clone(),
            number(it.original_grade),
            number(it.grade),
            it.why.clone().unwrap_or_default(),
        ]
    };
    let cycle = retro.cycle.as_ref();
    let remark = match cycle.and_then(|cycle| Some((cycle.original_grade?, cycle.grade?))) {
        Some((original, grade)) => format!(
            "Against the original values the cycle has {}, with the amendments {}.",
            words::grade(original),
            words::grade(grade)
        ),
        None => String::new(),
    };
    Sheet {
        caption: "Original against amended",
        remark,
        columns: vec!["Cell", "Original >", "Amended >", "Grade then >", "Grade >", "Why"],
        rows: retro.amendments.iter().map(row).collect(),
    }
}

fn headline(retro: &Retro) -> (String, Vec<String>) {
    let Some(cycle) = &retro.cycle else { return ("The plan".into(), Vec::new()) };
    let title = words::title(&cycle.title, &cycle.id).to_owned();
    let mut parts = vec![format!("{} .. {}", cycle.from, cycle.to)];
    parts.extend(words::as_of_date(retro.as_of.as_deref(), &retro.as_of_from));
    if !cycle.over {
        parts.push("not over yet".into());
    }
    let mut grade: Vec<String> = Vec::new();
    if let Some(number) = cycle.grade {
        grade.push(format!("{} {}", words::grade(number), cycle.band.unwrap_or_default()));
    }
    grade.extend(words::verdict(cycle.sweet_spot).map(str::to_owned));
    grade.extend(words::means(cycle.committed_grade, cycle.aspirational_grade));
    if !grade.is_empty() {
        parts.push(grade.join(", "));
    }
    (title, parts)
}

/// `okr retro` in a terminal.
pub fn text(retro: &Retro, style: &Style) -> String {
    let mut out = String::new();
    let (title, parts) = headline(retro);
    paragraph(&mut out, Ink::Bold, &title, style);
    parts.iter().for_each(|part| paragraph(&mut out, Ink::Plain, part, style));
    for sheet in sheets(retro) {
        out.push('\n');
        paragraph(&mut out, Ink::Bold, sheet.caption, style);
        if !sheet.remark.is_empty() {
            paragraph(&mut out, Ink::Dim, &sheet.remark, style);
        }
        table(&mut out, &sheet, style);
    }
    out
}

fn paragraph(out: &mut String, ink: Ink, text: &str, style: &Style) {
    for text in style.wrap(&one_line(text), style.width, usize::MAX) {
        let mut line = Line::new(style);
        line.put(ink, &text);
        line.end(out);
    }
}

/// Columns as wide as what stands in them; the first gives way where there is no room.
fn table(out: &mut String, sheet: &Sheet, style: &Style) {
    let captions: Vec<&str> =
        sheet.columns.iter().map(|caption| caption.trim_end_matches(" >")).collect();
    let right: Vec<bool> = sheet.columns.iter().map(|caption| caption.ends_with(" >")).collect();
    let wide = |column: usize| {
        let cells = sheet.rows.iter().map(|row| width_of(&one_line(&row[column])));
        cells.chain([width_of(captions[column])]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..captions.len()).map(wide).collect();
    let rest: usize = widths[1..].iter().map(|width| width + 2).sum();
    widths[0] = widths[0].min(style.width.saturating_sub(rest)).max(12);
    // Whatever is left of the line is the last column's.
    let last = widths.len() - 1;
    let before: usize = widths[..last].iter().map(|width| width + 2).sum();
    widths[last] = widths[last].min(style.width.saturating_sub(before).max(8));
    let mut put = |cells: &[&str], ink: Ink| {
        let mut line = Line::new(style);
        let mut at = 0;
        for (column, cell) in cells.iter().enumerate() {
            let text = one_line(cell);
            let text = style.truncate(&text, widths[column]);
            match right[column] {
                true => line.right(ink, &text, at + widths[column]),
                false => line.to(at).put(ink, &text),
            };
            at += widths[column] + 2;
        }
        line.end(out);
    };
    put(&captions, Ink::Dim);
    for row in &sheet.rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        put(&cells, Ink::Plain);
    }
}

/// `okr retro` as Markdown.
pub fn markdown(retro: &Retro) -> String {
    let mut page = Page::default();
    let (title, parts) = headline(retro);
    page.heading(1, &format!("Retrospective: {title}"));
    page.paragraph(&parts.iter().map(|part| escape(part)).collect::<Vec<_>>().join(" · "));
    for sheet in sheets(retro) {
        page.heading(2, sheet.caption);
        if !sheet.remark.is_empty() {
            page.paragraph(&escape(&sheet.remark));
        }
        page.table(&sheet.columns);
        for row in &sheet.rows {
            page.row(&row.iter().map(|cell| escape(cell)).collect::<Vec<_>>());
        }
    }
    page.out
}

/// A row a key result, with the names of the JSON.
pub fn csv(retro: &Retro) -> String {
    let mut table = Table::new(&[
        "id",
        "title",
        "objective",
        "owner",
        "kind",
        "grade",
        "band",
        "outcome",
        "first_confidence",
        "last_confidence",
        "cycle",
        "as_of",
    ]);
    let cycle = retro.cycle.as_ref().map(|cycle| cycle.id.as_str());
    for kr in &retro.key_results {
        table.text(&kr.id).text(&kr.title).text(&kr.objective).maybe(kr.owner.as_deref());
        table.text(kr.kind).number(kr.grade).maybe(kr.band).text(kr.outcome);
        table.number(kr.first_confidence).number(kr.last_confidence);
        table.maybe(cycle).maybe(retro.as_of.as_deref()).end();
    }
    table.out
}
