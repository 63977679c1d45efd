//! `okr sensitivity` as a tornado: the base in the middle, a bar for each input.

use super::super::grid::{CsvField, csv};
use super::super::line::Line;
use super::super::markdown::{Page, code, escape};
use super::super::style::{Ink, Style, one_line, width_of};
use super::standpoint::{heads, put_heads};
use crate::whatif::sensitivity::{Sensitivity, Swing};

/// The widest label.
const WIDEST: usize = 36;

/// For a terminal: the inputs with the largest swing.
pub fn text(found: &Sensitivity, top: usize, style: &Style) -> String {
    let mut out = String::new();
    put_heads(&mut out, &found.standpoint, style);
    let mut line = Line::new(style);
    line.put(Ink::Bold, &found.cell).put(Ink::Plain, " is ").put(Ink::Bold, &found.shown);
    line.end(&mut out);
    if found.inputs.is_empty() {
        out.push_str("No input of the plan reaches it.\n");
        return out;
    }
    let shown: Vec<&Swing> = found.inputs.iter().take(top).filter(|it| it.swing > 0.0).collect();
    let layout = Layout::of(found, &shown, style);
    if !shown.is_empty() {
        out.push('\n');
        layout.head(&mut out);
        shown.iter().for_each(|it| layout.row(&mut out, it));
        out.push('\n');
    }
    for said in remarks(found, shown.len(), style) {
        for text in style.wrap(&one_line(&said), style.width, 4) {
            let mut line = Line::new(style);
            line.put(Ink::Dim, &text);
            line.end(&mut out);
        }
    }
    out
}

/// What the picture does not say.
fn remarks(found: &Sensitivity, shown: usize, style: &Style) -> Vec<String> {
    let mut remarks = Vec::new();
    let (low, high) = (style.pick("□", "-"), style.pick("■", "#"));
    if shown > 0 {
        remarks.push(format!(
            "{low} the input low, {high} high: ranges at their P10 and P90, given numbers (*) a tenth \
             less and more, one at a time"
        ));
    }
    let still = found.inputs.iter().filter(|it| it.swing == 0.0).count();
    let more = found.inputs.len() - still - shown.min(found.inputs.len() - still);
    if more > 0 {
        remarks.push(format!("{more} more move it less; `--top` shows more"));
    }
    match still {
        0 => {}
        1 => remarks.push("1 more input reaches it, and does not move it now".into()),
        _ => remarks.push(format!("{still} more inputs reach it, and do not move it now")),
    }
    remarks
}

/// Where the parts of a row stand.
struct Layout<'a> {
    style: &'a Style,
    label: usize,
    range: usize,
    /// Cells on each side of the base.
    half: usize,
    base: f64,
    /// The greatest distance from the base.
    reach: f64,
    ends: [String; 2],
}

impl<'a> Layout<'a> {
    fn of(found: &Sensitivity, shown: &[&Swing], style: &'a Style) -> Self {
        let widest =
            |of: &dyn Fn(&Swing) -> usize| shown.iter().map(|it| of(it)).max().unwrap_or(0);
        let label = widest(&|it| width_of(&one_line(&label(it)))).clamp(8, WIDEST);
        let range = widest(&|it| width_of(&one_line(&span(it)))).min(24);
        let half = (style.width.saturating_sub(label + range + 7) / 2).clamp(6, 30);
        let ends = |it: &Swing| [(it.at_low, &it.shown[2]), (it.at_high, &it.shown[3])].map(owned);
        let all: Vec<(f64, String)> = shown.iter().flat_map(|it| ends(it)).flatten().collect();
        let distance = |it: &(f64, String)| (it.0 - found.base).abs();
        let reach = all.iter().map(distance).fold(0.0, f64::max);
        let end = |sign: f64| {
            let side = all.iter().filter(|it| (it.0 - found.base) * sign > 0.0);
            let furthest = side.max_by(|a, b| distance(a).total_cmp(&distance(b)));
            furthest.map(|it| it.1.clone()).unwrap_or_default()
        };
        let ends = [end(-1.0), end(1.0)];
        Self { style, label, range, half, base: found.base, reach, ends }
    }

    /// Where the base line stands.
    fn middle(&self) -> usize {
        2 + self.label + 2 + self.range + 2 + self.half
    }

    /// The furthest values to either side over the bars.
    fn head(&self, out: &mut String) {
        let mut line = Line::new(self.style);
        let [left, right] = &self.ends;
        line.to(self.middle() - self.half).put(Ink::Dim, left);
        line.right(Ink::Dim, right, self.middle() + 1 + self.half);
        line.end(out);
    }

    fn row(&self, out: &mut String, it: &Swing) {
        let style = self.style;
        let mut line = Line::new(style);
        line.to(2).put(Ink::Plain, &style.truncate(&one_line(&label(it)), self.label));
        let range = span(it);
        line.right(
            Ink::Dim,
            &style.truncate(&one_line(&range), self.range),
            self.label + 4 + self.range,
        );
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (at, sign) in [(it.at_low, style.pick("□", "-")), (it.at_high, style.pick("■", "#"))]
        {
            let Some(at) = at else { continue };
            let cells = self.cells(at);
            match at < self.base {
                true => left.push((cells, sign)),
                false => right.push((cells, sign)),
            }
        }
        let left = bar(left, self.half);
        line.to(self.middle() - left.len());
        put(&mut line, left.iter().rev());
        line.put_own(Ink::Dim, style.pick("│", "|"), 1);
        put(&mut line, bar(right, self.half).iter());
        if it.at_low.is_none() || it.at_high.is_none() {
            line.skip(1).put(Ink::Red, "error");
        }
        line.end(out);
    }

    /// How many cells a value is from the base; at least one if it differs.
    fn cells(&self, at: f64) -> usize {
        let distance = (at - self.base).abs();
        if distance == 0.0 || self.reach == 0.0 {
            return 0;
        }
        ((distance / self.reach * self.half as f64).round() as usize).clamp(1, self.half)
    }
}

fn owned((at, shown): (Option<f64>, &String)) -> Option<(f64, String)> {
    Some((at?, shown.clone()))
}

/// The cells of a bar from the base outwards: where both ends lie on one side, the nearer one's sign
/// goes as far as that.
fn bar(mut ends: Vec<(usize, &'static str)>, most: usize) -> Vec<&'static str> {
    ends.sort_by_key(|end| end.0);
    let mut cells = Vec::new();
    for (length, sign) in ends {
        while cells.len() < length.min(most) {
            cells.push(sign);
        }
    }
    cells
}

fn put<'s>(line: &mut Line, cells: impl Iterator<Item = &'s &'static str>) {
    for cell in cells {
        line.put_own(Ink::Plain, cell, 1);
    }
}

fn label(it: &Swing) -> String {
    if it.uncertain { it.id.clone() } else { format!("{}*", it.id) }
}

fn span(it: &Swing) -> String {
    format!("{} .. {}", it.shown[0], it.shown[1])
}

/// As Markdown.
pub fn markdown(found: &Sensitivity) -> String {
    let mut page = Page::default();
    page.heading(1, &format!("What {} hangs on", found.cell));
    for head in heads(&found.standpoint) {
        page.paragraph(&escape(&head));
    }
    page.paragraph(&format!("`{}` is **{}**.", code(&found.cell), escape(&found.shown)));
    page.table(&["Input", "Low >", "High >", "At low >", "At high >", "Swing >"]);
    for it in &found.inputs {
        let [low, high, at_low, at_high] = it.shown.each_ref().map(|text| escape(text));
        let swing = crate::quantity::readable(it.swing).into_owned();
        page.row(&[format!("`{}`", code(&it.id)), low, high, at_low, at_high, swing]);
    }
    page.out
}

/// As CSV, a row for each input.
pub fn to_csv(found: &Sensitivity) -> String {
    let rows = found.inputs.iter().map(|it| {
        let numbers = [Some(it.low), Some(it.high), it.at_low, it.at_high, Some(it.swing)];
        let mut row = vec![CsvField::Text(found.cell.clone()), CsvField::Text(it.id.clone())];
        row.extend(numbers.map(CsvField::Number));
        row.push(CsvField::Text(if it.uncertain { "true" } else { "false" }.into()));
        row
    });
    csv(&["cell", "id", "low", "high", "at_low", "at_high", "swing", "uncertain"], rows)
}
