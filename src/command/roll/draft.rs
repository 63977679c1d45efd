//! The text of the next cycle's plan.
//!
//! What is carried over is written from the statements as they stand, with new baselines; then it is
//! read as a plan. What cannot be read in its new surroundings, such as a formula that names a key
//! result that was left behind, becomes a comment, until the rest is sound.

use super::goal::{Fate, Goal, grouped};
use super::statements::Statements;
use crate::engine::Engine;
use crate::plan::cell::{Cell, Field};
use crate::plan::model::{Amount, CodeOp, Input, Subject, Talk, TalkKind};
use crate::plan::{Plan, load_text, resolve};
use crate::report::style::one_line;
use crate::syntax::keyword::{Keyword, is_reserved};
use crate::syntax::tree::quote;
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// The next cycle.
pub(super) struct Period {
    pub title: String,
    pub from: Date,
    pub to: Date,
}

/// A draft in the making.
pub(super) struct Draft<'e> {
    pub engine: &'e Engine,
    pub plan: &'e Plan,
    pub statements: Statements<'e>,
    pub period: Period,
    /// The cycle that is over.
    cycle: Option<u32>,
    /// Key results that cannot be read in the draft.
    unreadable: FxHashSet<u32>,
    /// Objectives whose own fields cannot.
    plain: FxHashSet<u32>,
    /// What of the text belongs to which objective and key result.
    sections: Vec<(Range<usize>, u32, Option<u32>)>,
    carried: usize,
    questions: Vec<(&'static str, Vec<String>)>,
}

impl<'e> Draft<'e> {
    pub fn new(engine: &'e Engine, period: Period) -> Self {
        let plan: &Plan = &engine.plan;
        Self {
            engine,
            plan,
            statements: Statements::of(plan),
            period,
            cycle: engine.moment.cycle,
            unreadable: FxHashSet::default(),
            plain: FxHashSet::default(),
            sections: Vec::new(),
            carried: 0,
            questions: Vec::new(),
        }
    }

    /// The draft as a sound plan.
    pub fn text(&mut self) -> String {
        loop {
            let text = self.written();
            if !self.learns_from(&text) {
                return text;
            }
        }
    }

    /// "12 key results carried over, 5 questions"
    pub fn summary(&self) -> String {
        let questions: usize = self.questions.iter().map(|(_, lines)| lines.len()).sum();
        let plural = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        format!(
            "{} carried over, {} in comments",
            plural(self.carried, "key result"),
            plural(questions, "question")
        )
    }

    /// Notes what cannot be read in the draft; tells whether there is anything new.
    fn learns_from(&mut self, text: &str) -> bool {
        let (plan, mut problems) = resolve(load_text("draft", text, Path::new(".")));
        let engine = Engine::new(plan.into(), Default::default());
        problems.extend(engine.problems());
        let mut learnt = false;
        for problem in problems.iter().filter(|problem| problem.is_error()) {
            let at = problem.place.span.start as usize;
            let within = self.sections.iter().filter(|(range, ..)| range.contains(&at));
            // The narrowest section that the problem lies in.
            let Some((_, objective, kr)) = within.min_by_key(|(range, ..)| range.len()) else {
                continue;
            };
            learnt |= match kr {
                Some(kr) => self.unreadable.insert(*kr),
                None => self.plain.insert(*objective),
            };
        }
        learnt
    }

    fn written(&mut self) -> String {
        self.sections.clear();
        self.questions.clear();
        self.carried = 0;
        let mut out = String::new();
        let period = &self.period;
        let old = self.cycle.map(|it| self.plan.text(self.plan.cycles[it as usize].title));
        let old = one_line(old.as_deref().unwrap_or_default()).into_owned();
        let _ = writeln!(
            out,
            "# {}, a draft: what {old} left open, from where it stood{}.\n# Questions for the talk are \
             in the comments; strike them out as they are answered.\n\nokr 1\n",
            one_line(&period.title),
            self.engine.moment.as_of.map(|date| format!(" on {date}")).unwrap_or_default(),
        );
        let _ = writeln!(
            out,
            "cycle {} {} {} .. {}\n",
            self.cycle_id(),
            quote(&period.title),
            period.from,
            period.to
        );
        for policy in self.statements.all(Keyword::Policy) {
            let _ = writeln!(out, "{policy}\n");
        }
        self.teams(&mut out);
        self.metrics(&mut out);
        for objective in 0..self.plan.objectives.len() {
            let cycle = self.plan.objectives[objective].cycle;
            if cycle.is_none() || cycle == self.cycle {
                self.objective(&mut out, objective);
            }
        }
        self.initiatives();
        self.ask(&mut out);
        out
    }

    /// An id for the cycle: as the old one follows from its title, else the title's words.
    fn cycle_id(&self) -> String {
        let slug = |title: &str| -> Vec<String> {
            let words = title.split(|it: char| !it.is_ascii_alphanumeric());
            words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect()
        };
        let words = slug(&self.period.title);
        let old = self.cycle.map(|it| &self.plan.cycles[it as usize]);
        let follows = old.and_then(|old| {
            let (id, title) = (self.plan.source(old.name), slug(&self.plan.text(old.title)));
            let count = (1..=title.len()).find(|count| title[..*count].join("_") == id)?;
            words.get(..count).map(|words| words.join("_"))
        });
        let mut id = follows.unwrap_or_else(|| words.join("_"));
        if !id.starts_with(|it: char| it.is_ascii_lowercase()) {
            id = format!("cycle_{id}").trim_end_matches('_').to_owned();
        }
        let taken = |id: &str| {
            is_reserved(id) || self.plan.names.global(id).is_some() && self.plan.cycle(id).is_none()
        };
        while taken(&id) {
            id.push('_');
        }
        id
    }

    /// Teams as they stand, each with a question about its capacity.
    fn teams(&self, out: &mut String) {
        for (index, team) in self.plan.teams.iter().enumerate() {
            let said: Vec<String> = [
                (team.people, "people "),
                (team.leave, "leave "),
                (team.focus, "focus "),
                (team.capacity, "capacity "),
            ]
            .into_iter()
            .filter_map(|(input, word)| Some(format!("{word}{}", self.plan.source(input?.place))))
            .collect();
            if !said.is_empty() {
                let weeks = self.engine.read(Cell::new(Field::TeamCapacity, index)).number();
                let unit = crate::quantity::UnitId::PERSON_WEEKS;
                let weeks = weeks.map(|it| self.plan.units.show((it * 10.0).round() / 10.0, unit));
                let weeks = weeks.map(|it| format!(", {it} in all")).unwrap_or_default();
                comment(
                    out,
                    &format!("Capacity: is this still so? Last time {}{weeks}.", said.join(", ")),
                );
            }
            let _ = writeln!(out, "{}\n", self.statements.whole(team.name));
        }
    }

    /// Metrics at the value that they have now.
    fn metrics(&self, out: &mut String) {
        for (index, metric) in self.plan.metrics.iter().enumerate() {
            let as_written = metric.checkins.is_empty() && self.reads_metrics_only(metric.value);
            let value = self.engine.read(Cell::new(Field::MetricValue, index)).number();
            match value.filter(|_| !as_written) {
                Some(value) => {
                    let title = quote(&self.plan.text(metric.title));
                    let id = self.plan.source(metric.name);
                    let value = grouped(&self.plan.units.spell(value, metric.unit));
                    let was = self.plan.source(metric.value.place);
                    let _ = writeln!(out, "metric {id} {title} {value}  # was {}", one_line(was));
                }
                None => {
                    let _ = writeln!(out, "{}", self.statements.whole(metric.name));
                }
            }
        }
        if !self.plan.metrics.is_empty() {
            out.push('\n');
        }
    }

    fn objective(&mut self, out: &mut String, index: usize) {
        let stated = &self.plan.objectives[index];
        let id = self.plan.source(stated.name);
        let title = self.plan.text(stated.title);
        if self.engine.objective_status(index) == Some(TalkKind::Declined) {
            let why = self.why(Subject::Objective(index as u32));
            let line = format!("{}{why}", self.named(id, &title));
            self.question("Declined last time: is it time now?", line);
            return;
        }
        let goals: Vec<Goal> = stated.krs.clone().map(|kr| Goal::of(self, kr as usize)).collect();
        let stays = |goal: &Goal| matches!(goal.fate, Fate::Kept | Fate::Carried | Fate::Missed);
        for goal in goals.iter().filter(|goal| !stays(goal)) {
            let question = match goal.fate {
                Fate::Declined => "Declined last time: is it time now?",
                Fate::NotApplicable => "Not applicable last time: is it now?",
                _ => "Reached: what comes next?",
            };
            let why = match goal.fate {
                Fate::Declined => self.why(goal.subject()),
                _ => String::new(),
            };
            self.question(question, format!("{}{why}", self.named(&goal.id, &goal.title)));
        }
        if !goals.is_empty() && !goals.iter().any(stays) {
            return;
        }
        let start = out.len();
        let _ = writeln!(out, "objective {id} {} {{", quote(&title));
        self.objective_fields(out, index);
        out.push('\n');
        for (kr, goal) in stated.krs.clone().zip(&goals).filter(|(_, goal)| stays(goal)) {
            let from = out.len();
            if self.unreadable.contains(&kr) {
                let text = self.statements.whole(self.plan.krs[kr as usize].name);
                comment(out, "This names what is not in the draft any more; write it anew:");
                text.lines().for_each(|line| comment(out, line));
                continue;
            }
            goal.write(self, out);
            self.carried += usize::from(goal.fate != Fate::Kept);
            self.sections.push((from..out.len(), index as u32, Some(kr)));
        }
        out.push_str("}\n\n");
        self.sections.push((start..out.len(), index as u32, None));
    }

    /// The fields of an objective that stay.
    fn objective_fields(&self, out: &mut String, index: usize) {
        let stated = &self.plan.objectives[index];
        let plain = self.plain.contains(&(index as u32));
        for node in self.statements.fields(stated.name) {
            let text = self.statements.text(stated.name, node.span);
            match node.keyword {
                Keyword::Kr | Keyword::Cycle => {}
                Keyword::Weight if self.is_amended(Field::ObjectiveWeight, index) => {
                    let weight = self.engine.read(Cell::new(Field::ObjectiveWeight, index));
                    let _ = writeln!(out, "weight {}", weight.number().unwrap_or(1.0));
                }
                Keyword::Weight | Keyword::Supports if plain => comment(out, text),
                _ => {
                    let _ = writeln!(out, "{text}");
                }
            }
        }
    }

    /// Initiatives that are not finished are questions: their efforts and effects were the old cycle's.
    fn initiatives(&mut self) {
        for initiative in &self.plan.initiatives {
            let of_cycle = initiative.cycle.is_none() || initiative.cycle == self.cycle;
            if initiative.scenario.is_some() || !of_cycle {
                continue;
            }
            let finished = initiative.finished.and_then(|it| self.engine.bound(it)).unwrap_or(0.0);
            if finished >= 1.0 - 1e-9 {
                continue;
            }
            let name =
                self.named(self.plan.source(initiative.name), &self.plan.text(initiative.title));
            let draws: Vec<&str> =
                initiative.draws.iter().map(|(it, _)| self.plan.source(it.mean.place)).collect();
            let draws = match draws.is_empty() {
                true => String::new(),
                false => format!(", {}", draws.join(" + ")),
            };
            let share = (finished * 100.0).round();
            let state = if share > 0.0 { format!(", {share}% finished") } else { String::new() };
            self.question(
                "Initiatives: what goes on, and what does it still take?",
                format!("{name}{draws}{state}"),
            );
        }
    }

    /// The questions at the end.
    fn ask(&self, out: &mut String) {
        for (question, lines) in &self.questions {
            comment(out, question);
            lines.iter().for_each(|line| comment(out, &format!("- {line}")));
            out.push('\n');
        }
    }

    fn question(&mut self, question: &'static str, line: String) {
        match self.questions.iter_mut().find(|(it, _)| *it == question) {
            Some((_, lines)) => lines.push(line),
            None => self.questions.push((question, vec![line])),
        }
    }

    /// Who declined, and why.
    fn why(&self, subject: Subject) -> String {
        let declined = |it: &&Talk| it.kind == TalkKind::Declined && it.subject == subject;
        let Some(talk) = self.plan.talk.iter().rfind(declined) else { return String::new() };
        let by = self.plan.source(talk.by);
        let text = talk.text.map(|text| format!(": {}", quote(&self.plan.text(text))));
        format!(", by {by} on {}{}", talk.date, text.unwrap_or_default())
    }

    fn named(&self, id: &str, title: &str) -> String {
        format!("{id} {}", quote(title))
    }

    /// Whether a cell was amended by the as-of date.
    pub fn is_amended(&self, field: Field, index: usize) -> bool {
        let cell = Cell::new(field, index);
        let as_of = self.engine.moment.as_of;
        let past = |date: Date| as_of.is_none_or(|as_of| date <= as_of);
        self.plan.amendments.iter().any(|it| it.cell == cell && past(it.date))
    }

    /// Whether an amount is a number, or a formula of nothing but metrics.
    pub fn reads_metrics_only(&self, input: Input) -> bool {
        let Amount::Formula(formula) = input.amount else { return input.amount != Amount::Bad };
        let steps = self.plan.steps(formula).iter();
        let other =
            |op: CodeOp| matches!(op, CodeOp::Cell(cell, _) if cell.field != Field::MetricValue);
        !steps.map(|code| code.op).any(other)
    }
}

/// A comment on a line of its own; text of the plan cannot leave it.
pub(super) fn comment(out: &mut String, text: &str) {
    let _ = writeln!(out, "# {}", one_line(text.trim_end()));
}
