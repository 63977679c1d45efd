//! The draft as a plan in the language, commented and laid out.

use super::draft::{Actual, Draft, Grading, Kr, Objective};
use super::period::Period;
use super::quantity::{Quantity, rounded};
use super::row::shown;
use crate::plan::cell::{Field, Kind};
use crate::quantity::MAGNITUDES;
use crate::syntax::keyword::{self, Context};
use crate::syntax::lexical::as_id;
use crate::syntax::tree::quote;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt::Write as _;
use std::ops::Range;

/// The longest title that is taken whole, in characters.
const LONGEST_TITLE: usize = 500;
/// The longest id, in characters.
const LONGEST_ID: usize = 100;

/// A plan as text, and where its parts are.
#[derive(Debug, Default)]
pub struct Written {
    /// The text, not yet formatted.
    pub text: String,
    /// The ids of objectives, each with those of its key results.
    pub ids: Vec<(String, Vec<String>)>,
    /// The lines of each key result, from 0, by objective and key result.
    pub lines: Vec<(Range<usize>, (usize, usize))>,
    /// How many teams it has.
    pub teams: usize,
    /// How many cycles it has.
    pub cycles: usize,
}

/// What the writer is told beside the draft.
pub struct Told<'a> {
    /// The comment at the beginning, line by line.
    pub head: &'a [String],
    /// The day of the check-ins, if one is known.
    pub as_of: Option<Date>,
    /// Key results, by objective and index, that are written as remarks only.
    pub plain: &'a FxHashSet<(usize, usize)>,
}

/// Writes the draft.
pub fn write(draft: &Draft, told: &Told<'_>) -> Written {
    let mut writer = Writer { out: Written::default(), line: 0, ids: Ids::default(), told };
    writer.plan(draft);
    writer.out
}

struct Writer<'a> {
    out: Written,
    line: usize,
    ids: Ids,
    told: &'a Told<'a>,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.text.push_str(text);
        self.out.text.push('\n');
        self.line += 1;
    }

    fn comment(&mut self, text: &str) {
        self.line(&comment(text));
    }

    fn plan(&mut self, draft: &Draft) {
        self.line("okr 1");
        self.line("");
        for line in self.told.head {
            self.comment(line);
        }
        self.line("");
        let periods = self.periods(draft);
        let teams = self.teams(draft);
        for (index, objective) in draft.objectives.iter().enumerate() {
            let owner = objective.team.as_ref().and_then(|it| teams.get(it));
            let cycle = objective.period.as_ref().filter(|_| periods.len() > 1);
            let cycle = cycle.and_then(|it| periods.get(it));
            self.objective(index, objective, [owner, cycle]);
        }
        self.checkins(draft);
    }

    fn periods(&mut self, draft: &Draft) -> FxHashMap<Period, String> {
        let mut periods: Vec<Period> =
            draft.objectives.iter().filter_map(|it| it.period.clone()).collect();
        periods.sort();
        periods.dedup();
        self.out.cycles = periods.len();
        if periods.is_empty() {
            self.comment("Which period is this? The sheet does not say, so nothing has a pace yet. For example:");
            self.comment("cycle q1 \"Q1 2026\" 2026-01-01 .. 2026-03-31");
            self.line("");
            return FxHashMap::default();
        }
        let mut named = FxHashMap::default();
        for period in periods {
            let id = self.id(&period.title, "cycle");
            let (title, first, last) = (quote(&period.title), period.first, period.last);
            self.line(&format!("cycle {id} {title} {first} .. {last}"));
            named.insert(period, id);
        }
        self.line("");
        named
    }

    fn teams(&mut self, draft: &Draft) -> FxHashMap<String, String> {
        let mut named: FxHashMap<String, String> = FxHashMap::default();
        for team in draft.objectives.iter().filter_map(|it| it.team.as_ref()) {
            if !named.contains_key(team) {
                let id = self.id(team, "team");
                self.line(&format!("team {id} {}", quote(&cut(team))));
                named.insert(team.clone(), id);
            }
        }
        self.out.teams = named.len();
        if !named.is_empty() {
            self.line("");
        }
        named
    }

    /// A new id of the plan: the title's ASCII words, numbered if taken.
    fn id(&mut self, title: &str, fallback: &str) -> String {
        self.ids.free(title, fallback, |_| false)
    }

    fn objective(
        &mut self,
        index: usize,
        objective: &Objective,
        [owner, cycle]: [Option<&String>; 2],
    ) {
        let id = self.id(&objective.title, "objective");
        let title = quote(&cut(&objective.title));
        self.line(&format!("objective {id} {title} {{ {}", comment(&objective.place)));
        self.out.ids.push((id, Vec::new()));
        for (word, value) in [("owner", owner), ("cycle", cycle)] {
            if let Some(value) = value {
                self.line(&format!("{word} {value}"));
            }
        }
        if let Some(weight) = objective.weight {
            self.line(&format!("weight {}", plain_number(weight)));
        }
        if let Some(lead) = &objective.lead {
            self.line(&format!("lead {}", quote(lead)));
        }
        for note in &objective.notes {
            self.line(&format!("note {}", quote(note)));
        }
        // An objective whose weights are all zero would have no grade.
        let weighs = objective.krs.iter().any(|kr| kr.weight.is_some_and(|it| it > 0.0));
        let mut ids = Ids::default();
        for (at, kr) in objective.krs.iter().enumerate() {
            let id = ids.free(&kr.title, "result", is_of_objective);
            let first = self.line;
            let plain = self.told.plain.contains(&(index, at));
            self.kr(kr, &id, weighs, plain);
            self.out.lines.push((first..self.line, (index, at)));
            if let Some((_, ids)) = self.out.ids.last_mut() {
                ids.push(id);
            }
        }
        self.line("}");
        self.line("");
    }

    fn kr(&mut self, kr: &Kr, id: &str, weighs: bool, plain: bool) {
        for text in &kr.comments {
            self.comment(text);
        }
        let (title, place) = (quote(&cut(&kr.title)), comment(&format!("row {}", kr.row)));
        self.line(&format!("kr {id} {title} {{ {place}"));
        if plain {
            self.comment("the numbers of this row do not fit together, so they are notes");
            self.line("grading done");
            for (word, number) in [("from", &kr.baseline), ("target", &kr.target)] {
                if let Some(number) = number {
                    self.line(&format!("note {}", quote(&format!("{word}: {}", shown(number)))));
                }
            }
        } else {
            self.values(kr);
        }
        if let Some(kind) = kr.kind {
            self.line(&format!("kind {kind}"));
        }
        if let Some(weight) = kr.weight.filter(|_| weighs) {
            self.line(&format!("weight {}", plain_number(weight)));
        }
        if let Some(due) = kr.due {
            self.line(&format!("due {due}"));
        }
        if let Some(lead) = &kr.lead {
            self.line(&format!("lead {}", quote(lead)));
        }
        for note in &kr.notes {
            self.line(&format!("note {}", quote(note)));
        }
        self.line("}");
    }

    fn values(&mut self, kr: &Kr) {
        if let Some(baseline) = &kr.baseline {
            self.line(&format!("baseline {}", spelled(baseline)));
        }
        let target = kr.target.as_ref().map(spelled).unwrap_or_default();
        match kr.grading {
            Grading::Linear => self.line(&format!("target {target}")),
            Grading::KeepMost => self.line(&format!("keep <= {target}")),
            Grading::KeepLeast => self.line(&format!("keep >= {target}")),
            Grading::Done => self.line("grading done"),
            Grading::Score => self.line("grading score"),
        }
        if self.checkin_day(kr).is_some() {
            return;
        }
        if let Some(value) = observed(kr) {
            self.line(&format!("actual {value}"));
        }
        if let Some(confidence) = kr.confidence {
            let percent = plain_number(confidence * 100.0);
            self.comment(&format!(
                "confidence {percent} %: a check-in holds it, `okr import --as-of DATE` writes one"
            ));
        }
    }

    /// The day of a key result's check-in, if there is one and something to say.
    fn checkin_day(&self, kr: &Kr) -> Option<Date> {
        let says = observed(kr).is_some() && kr.actual != Actual::NotApplicable;
        kr.updated.or(self.told.as_of).filter(|_| says)
    }

    fn checkins(&mut self, draft: &Draft) {
        let mut lines: Vec<(Date, String)> = Vec::new();
        for (at, objective) in draft.objectives.iter().enumerate() {
            for (index, kr) in objective.krs.iter().enumerate() {
                let (Some(day), Some(value)) = (self.checkin_day(kr), observed(kr)) else {
                    continue;
                };
                if self.told.plain.contains(&(at, index)) {
                    continue;
                }
                let (id, ids) = &self.out.ids[at];
                let mut line = format!("{day} checkin {id}.{} {value}", ids[index]);
                if let Some(confidence) = kr.confidence {
                    let _ = write!(line, " confidence {}", plain_number(confidence));
                }
                lines.push((day, line));
            }
        }
        lines.sort_by_key(|(day, _)| *day);
        for (_, line) in lines {
            self.line(&line);
        }
    }
}

/// What a key result's actual or check-in says.
fn observed(kr: &Kr) -> Option<String> {
    match (&kr.actual, kr.grading) {
        (Actual::NotApplicable, _) => Some("n/a".into()),
        (Actual::Done(true), _) => Some("done".into()),
        (Actual::Done(false), _) => Some("open".into()),
        (Actual::Number(number), _) => Some(spelled(number)),
        (Actual::Unknown, Grading::Score) => {
            let claim = kr.claim.as_ref().map(|claim| claim.value);
            claim.filter(|value| (0.0..=1.0).contains(value)).map(plain_number)
        }
        (Actual::Unknown, _) => None,
    }
}

/// Whether an id is a word of objectives, so that a path would have two meanings.
fn is_of_objective(id: &str) -> bool {
    keyword::lookup(Context::Objective, id).is_some() || Field::of(Kind::Objective, id).is_some()
}

/// Ids that are taken, and the next number of each that has been numbered.
#[derive(Default)]
struct Ids {
    taken: FxHashSet<String>,
    next: FxHashMap<String, u32>,
}

impl Ids {
    /// The title's ASCII words joined by `_`, numbered where that is taken or means something else.
    fn free(&mut self, title: &str, fallback: &str, means_else: impl Fn(&str) -> bool) -> String {
        let mut id: String = as_id(title).chars().take(LONGEST_ID).collect();
        if id.trim_matches('_').is_empty() {
            id = fallback.to_owned();
        }
        let plain = id.clone();
        while keyword::is_reserved(&id) || means_else(&id) || self.taken.contains(&id) {
            let number = self.next.entry(plain.clone()).or_insert(1);
            *number += 1;
            id = format!("{plain}_{number}");
        }
        self.taken.insert(id.clone());
        id
    }
}

fn cut(title: &str) -> String {
    match title.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title.to_owned(),
    }
}

/// A text as a comment on one line.
fn comment(text: &str) -> String {
    format!("# {}", text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn plain_number(number: f64) -> String {
    let number = rounded(number);
    format!("{}", if number == 0.0 { 0.0 } else { number })
}

/// A number as the language writes it, with the magnitude that the sheet has.
fn spelled(number: &Quantity) -> String {
    let letter = MAGNITUDES.iter().find(|(_, power)| *power == number.magnitude);
    let (Some((letter, power)), false) = (letter, number.percent) else { return shown(number) };
    let head = plain_number(number.value / 10_f64.powi(*power));
    match &number.unit {
        Some(unit) => format!("{head}{letter} {unit}"),
        None => format!("{head}{letter}"),
    }
}
