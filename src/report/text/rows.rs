//! The scorecard's headings, objectives and key results.

use super::super::bars::put_bar;
use super::super::data::{CycleRow, KrRow, ObjectiveRow};
use super::super::line::Line;
use super::super::outline::Entry;
use super::super::style::{Ink, Style, one_line, width_of};
use super::super::words::{self, Guardrail, Journey, Mean, Sign};
use super::columns::{Columns, Way, weight};
use super::{indent_of, state_ink};

/// How many lines the title of an objective may take.
const TITLE_LINES: usize = 3;

/// The scorecard's rows in the making.
pub(super) struct Rows<'a> {
    pub out: &'a mut String,
    pub columns: Columns,
    pub style: &'a Style,
    /// Whether projected grades stand in the place of the pace.
    pub projected: bool,
}

impl<'a> Rows<'a> {
    /// The names of the columns; in their place a remark if there is nothing to show.
    pub fn begin(&mut self, empty: bool) {
        self.out.push('\n');
        if empty {
            self.out.push_str("There is no objective in the plan yet.\n");
        } else {
            self.captions();
        }
    }

    fn captions(&mut self) {
        let columns = &self.columns;
        let mut line = Line::new(self.style);
        if columns.journey > 0 {
            let caption = match columns.way {
                Way::Target => "to",
                _ => self.style.pick("from → to", "from -> to"),
            };
            line.to(columns.journey_at()).put(Ink::Dim, caption);
        }
        if columns.now > 0 {
            line.right(Ink::Dim, "now", columns.now_end());
        }
        let grade_at = if columns.bar > 0 { columns.bar_at() } else { columns.grade_at() };
        line.to(grade_at).put(Ink::Dim, "grade");
        if columns.pace > 0 {
            let caption = if self.projected { "projected" } else { "pace" };
            line.to(columns.pace_at()).put(Ink::Dim, caption);
        }
        if columns.sure > 0 {
            line.right(Ink::Dim, "sure", columns.sure_end());
        }
        if columns.forecast > 0 {
            line.to(columns.forecast_at()).put(Ink::Dim, "forecast");
        }
        line.end(self.out);
    }

    /// A heading, or an objective with its key results.
    pub fn entry(&mut self, entry: &Entry) {
        self.out.push('\n');
        match entry {
            Entry::Cycle(cycle) => self.cycle(cycle),
            Entry::Team(team, depth, true) => self.heading(&Mean::from(*team), indent_of(*depth)),
            Entry::Team(team, depth, false) => {
                let title = words::title(&team.title, &team.id);
                self.heading(&Mean::titled(title), indent_of(*depth));
            }
            Entry::NoOwner => self.heading(&Mean::titled("Without an owner"), 0),
            Entry::Objective(row, depth) => self.objective(row, indent_of(*depth)),
        }
    }

    fn cycle(&mut self, cycle: &CycleRow) {
        let days = format!("{} .. {}", cycle.from, cycle.to);
        self.heading(&Mean { remark: &days, ..Mean::from(cycle) }, 0);
    }

    /// A title with a rule up to its bar and grade.
    fn heading(&mut self, mean: &Mean, indent: usize) {
        let mut line = Line::new(self.style);
        let room = self.columns.now_end().saturating_sub(indent);
        let title = one_line(mean.title);
        line.to(indent).put(Ink::Bold, &self.style.truncate(&title, room));
        if !mean.remark.is_empty() && width_of(&title) + mean.remark.len() + 3 <= room {
            line.put(Ink::Dim, self.style.pick(" · ", ", ")).put(Ink::Dim, mean.remark);
        }
        line.rule_to(self.columns.now_end());
        self.result(&mut line, mean.grade, mean.band, mean.state);
        self.future(&mut line, mean.projected, None);
        line.end(self.out);
    }

    fn objective(&mut self, row: &ObjectiveRow, indent: usize) {
        let title = one_line(words::title(&row.title, &row.id));
        let room = self.columns.now_end().saturating_sub(indent);
        for (index, text) in self.style.wrap(&title, room, TITLE_LINES).iter().enumerate() {
            let mut line = Line::new(self.style);
            line.to(indent).put(Ink::Bold, text);
            if index == 0 {
                self.result(&mut line, row.grade, row.band, row.state);
                self.future(&mut line, row.projected_grade, None);
            }
            line.end(self.out);
        }
        self.remarks(row, indent);
        for kr in &row.key_results {
            self.key_result(kr, indent + 2);
        }
    }

    /// The id, what counts, the status and the means apart; then the guardrails that are broken.
    fn remarks(&mut self, row: &ObjectiveRow, indent: usize) {
        let mut remarks = vec![row.id.clone()];
        remarks.extend(words::remarks(row));
        self.dim(&remarks.join(self.style.pick(" · ", ", ")), indent);
        if !row.broken_guardrails.is_empty() {
            let broken: Vec<&str> =
                row.broken_guardrails.iter().map(|id| words::title("", id)).collect();
            let mut line = Line::new(self.style);
            let text = format!("red because a guardrail is broken: {}", broken.join(", "));
            let room = self.style.width.saturating_sub(indent);
            line.to(indent).put(Ink::Red, &self.style.truncate(&one_line(&text), room));
            line.end(self.out);
        }
    }

    fn dim(&mut self, text: &str, indent: usize) {
        let mut line = Line::new(self.style);
        let room = self.style.width.saturating_sub(indent);
        line.to(indent).put(Ink::Dim, &self.style.truncate(&one_line(text), room));
        line.end(self.out);
    }

    /// The bar, the grade and the band, or the state.
    fn result(&self, line: &mut Line, grade: Option<f64>, band: Option<&str>, state: &str) {
        let columns = &self.columns;
        let Some(grade) = grade else {
            line.to(columns.grade_at()).put(state_ink(state), words::state(state));
            return;
        };
        let ink = Ink::of_band(band);
        if columns.bar > 0 {
            line.to(columns.bar_at());
            put_bar(line, self.style, grade, columns.bar, ink);
        }
        line.right(ink, &words::grade(grade), columns.band_at() - 1);
        line.to(columns.band_at()).put(ink, band.unwrap_or_default());
    }

    fn key_result(&mut self, kr: &KrRow, indent: usize) {
        let mut line = Line::new(self.style);
        self.title(&mut line, kr, indent);
        self.journey(&mut line, kr);
        self.now(&mut line, kr);
        if kr.kind == "guardrail" {
            self.guardrail(&mut line, kr);
        } else {
            self.result(&mut line, kr.grade, kr.band, kr.state);
            self.pace(&mut line, kr);
        }
        self.outlook(&mut line, kr);
        line.end(self.out);
    }

    fn title(&self, line: &mut Line, kr: &KrRow, indent: usize) {
        let weight = weight(kr, self.style);
        let room = self.columns.title.saturating_sub(indent + width_of(&weight));
        let title = one_line(words::title(&kr.title, &kr.id));
        let aside = matches!(kr.state, "declined" | "not applicable");
        let ink = if aside { Ink::Dim } else { Ink::Plain };
        line.to(indent).put(ink, &self.style.truncate(&title, room)).put(Ink::Dim, &weight);
    }

    fn journey(&self, line: &mut Line, kr: &KrRow) {
        let (columns, style) = (&self.columns, self.style);
        if columns.journey == 0 {
            return;
        }
        line.to(columns.journey_at());
        let room = columns.journey;
        match Journey::of(kr) {
            Journey::Words(words) => {
                line.put(Ink::Dim, &fitting_words(&words, room, style));
            }
            Journey::Span { from, to, unit } => {
                let from = if columns.way == Way::Target { "" } else { from };
                let from = style.truncate(from, room.saturating_sub(width_of(to) + 3));
                if columns.way == Way::Aligned {
                    line.skip(columns.from.saturating_sub(width_of(&from)));
                }
                let arrow = match from.is_empty() {
                    true => style.pick("→ ", "-> "),
                    false => style.pick(" → ", " -> "),
                };
                let used = columns.from.max(width_of(&from)) + width_of(arrow);
                line.put(Ink::Dim, &from).put(Ink::Dim, arrow);
                line.put(Ink::Plain, &with_unit(to, unit, room.saturating_sub(used), style));
            }
        }
    }

    /// The actual; a word may use the room that an empty journey leaves.
    fn now(&self, line: &mut Line, kr: &KrRow) {
        let columns = &self.columns;
        if columns.now == 0 {
            return;
        }
        let shown = one_line(words::actual(kr));
        let text = if words::is_number(kr) {
            let (number, unit) = words::split_unit(&shown);
            let unit = if columns.units || unit == "%" { unit } else { "" };
            with_unit(number, unit, columns.now, self.style)
        } else {
            let free = Journey::of(kr) == Journey::Words("".into());
            let free = if free { columns.now_end() - columns.journey_at() } else { columns.now };
            self.style.truncate(&shown, free).into_owned()
        };
        line.right(Ink::Plain, &text, columns.now_end());
    }

    /// Whether a guardrail holds, in as many words as there is room for.
    fn guardrail(&self, line: &mut Line, kr: &KrRow) {
        let Guardrail { words, detail, sign } = Guardrail::of(kr);
        let ink = match sign {
            Sign::None => state_ink(kr.state),
            _ => Ink::of_band(sign.band()),
        };
        let columns = &self.columns;
        let start = if columns.bar > 0 { columns.bar_at() } else { columns.grade_at() };
        let end = columns.pace_at() + columns.pace;
        let mark = sign_text(sign, self.style);
        let short = words.trim_start_matches("guardrail").trim_start_matches(": ").trim_start();
        let candidates =
            [format!("{mark}{words}{detail}"), format!("{mark}{words}"), words.clone()];
        let fits = candidates.iter().find(|text| start + width_of(text) <= end);
        line.to(start).put(ink, fits.map_or(short, String::as_str));
    }

    fn pace(&self, line: &mut Line, kr: &KrRow) {
        if self.projected {
            return self.future(line, kr.projected_grade, kr.projected_band);
        }
        let Some(word) = kr.pace_word.filter(|_| self.columns.pace > 0) else { return };
        let sign = Sign::of_pace(word);
        let mark = if self.columns.pace_has_sign() { pace_sign(sign, self.style) } else { "" };
        line.to(self.columns.pace_at());
        line.put(Ink::of_band(sign.band()), &format!("{mark}{word}"));
    }

    /// A projected grade in the place of the pace.
    fn future(&self, line: &mut Line, grade: Option<f64>, band: Option<&str>) {
        let Some(grade) = grade.filter(|_| self.projected && self.columns.pace > 0) else { return };
        let ink = if band.is_some() { Ink::of_band(band) } else { Ink::Plain };
        let arrow = self.style.pick("→ ", "> ");
        line.to(self.columns.pace_at()).put(ink, &format!("{arrow}{}", words::grade(grade)));
    }

    /// How sure the team is, and where it expects to end.
    fn outlook(&self, line: &mut Line, kr: &KrRow) {
        let columns = &self.columns;
        if let Some(confidence) = kr.confidence.filter(|_| columns.sure > 0) {
            line.right(Ink::Plain, &words::percent(confidence), columns.sure_end());
        }
        if columns.forecast > 0 && !kr.shown.forecast.is_empty() {
            let forecast = one_line(&kr.shown.forecast);
            let forecast = self.style.truncate(&forecast, columns.forecast);
            line.to(columns.forecast_at()).put(Ink::Plain, &forecast);
        }
    }
}

fn pace_sign(sign: Sign, style: &Style) -> &'static str {
    match sign {
        Sign::Good => style.pick("↑ ", "+ "),
        Sign::Fair => style.pick("→ ", "~ "),
        Sign::Bad => style.pick("↓ ", "! "),
        Sign::None => "",
    }
}

fn sign_text(sign: Sign, style: &Style) -> &'static str {
    match sign {
        Sign::Good => style.pick("✓ ", "+ "),
        Sign::Bad => style.pick("✗ ", "! "),
        Sign::Fair | Sign::None => "",
    }
}

/// A number with its unit, without it if that does not fit, and cut only if it must be.
fn with_unit(number: &str, unit: &str, room: usize, style: &Style) -> String {
    let text = format!("{number}{unit}");
    if width_of(&text) <= room { text } else { style.truncate(number, room).into_owned() }
}

/// Words that fit: `keep <= 40 complaints` is also said by `≤ 40 complaints`.
fn fitting_words(words: &str, room: usize, style: &Style) -> String {
    let words = match style.unicode {
        true => words.replace(">=", "≥").replace("<=", "≤"),
        false => words.to_owned(),
    };
    if width_of(&words) <= room {
        return words;
    }
    let short = words.strip_prefix("keep ").unwrap_or(&words);
    style.truncate(short, room).into_owned()
}
