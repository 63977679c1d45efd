//! One problem of a plan: its kind, its place, what is wrong in the user's words and how to mend it.

mod kinds;
mod render;

pub use kinds::Kind;
pub use render::{clean, render, render_finding};

use crate::source::{Place, Position, SourceMap};
use serde::Serialize;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The coach's advice; fails only `check --strict`.
    Advice,
    /// Something to know; never fails a run.
    Note,
    /// Suspicious; fails only `check --strict`.
    Warning,
    /// Wrong: the exit status is 1.
    Error,
}

impl Severity {
    /// The severity's word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Advice => "advice",
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What kind of problem it is; gives the stable id.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence, in the user's words.
    pub message: String,
    /// Other places that belong to it, such as a first definition, each with its remark.
    pub others: Vec<(Place, String)>,
    /// How to mend it; may be empty.
    pub help: String,
}

impl Problem {
    /// A problem of the kind's usual severity.
    pub fn new(kind: Kind, place: Place, message: impl Into<String>) -> Self {
        let severity = kind.severity();
        let (message, help) = (message.into(), String::new());
        Self { kind, severity, place, message, others: Vec::new(), help }
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Shows another place.
    pub fn other(mut self, place: Place, remark: impl Into<String>) -> Self {
        self.others.push((place, remark.into()));
        self
    }

    /// Whether it makes the exit status 1.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The problem as `check --format json` prints it.
    pub fn record<'a>(&'a self, sources: &'a SourceMap) -> Record<'a> {
        self.finding().record(sources)
    }

    /// The problem as it is shown.
    pub fn finding(&self) -> Finding<'_> {
        Finding {
            id: self.kind.id(),
            severity: self.severity,
            place: self.place,
            message: &self.message,
            others: &self.others,
            help: &self.help,
            counsel: None,
        }
    }
}

/// What is to be shown at a place of a plan: a problem, or a piece of the coach's advice.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// The stable id, described by `okr explain ID`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: &'a str,
    /// Other places that belong to it, each with its remark.
    pub others: &'a [(Place, String)],
    /// How to mend it; may be empty.
    pub help: &'a str,
    /// What advice says beside it.
    pub counsel: Option<Counsel<'a>>,
}

/// What a piece of the coach's advice says beside what a problem says.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counsel<'a> {
    /// The principle of the handbook; null where the rule is ours.
    pub principle: Option<&'static str>,
    /// The path of what it is about.
    pub about: &'a str,
}

impl<'a> Finding<'a> {
    /// The finding as `check --format json` prints it.
    pub fn record(&self, sources: &'a SourceMap) -> Record<'a> {
        let source = sources.get(self.place.file);
        let Position { line, column } = source.position(self.place.span.start);
        let end = source.position(self.place.span.end);
        Record {
            id: self.id,
            severity: self.severity,
            file: source.name(),
            line,
            column,
            end_line: end.line,
            end_column: end.column,
            message: self.message,
            help: self.help,
            counsel: self.counsel,
        }
    }
}

/// A problem or a piece of advice with lines and columns, as one JSON object: both from 1, columns in Unicode
/// characters, ends exclusive.
#[derive(Clone, Debug, Serialize)]
pub struct Record<'a> {
    /// The stable id, described by `okr explain ID`.
    pub id: &'static str,
    /// `error`, `warning`, `note` or `advice`.
    pub severity: Severity,
    /// The file's name as the user gave it.
    pub file: &'a str,
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// The column after the last.
    pub end_column: usize,
    /// What is wrong.
    pub message: &'a str,
    /// How to mend it.
    pub help: &'a str,
    /// What advice says beside it; left out of a problem.
    #[serde(flatten)]
    pub counsel: Option<Counsel<'a>>,
}

/// How many problems are shown in one run.
pub const MAX_PROBLEMS: usize = 10_000;

/// Sorts problems by file and place and drops exact repetitions; of very many the first are kept.
pub fn in_file_order(problems: &mut Vec<Problem>) {
    let order = |it: &Problem| (it.kind == Kind::TooManyProblems, it.place, it.kind.id());
    problems.sort_by(|a, b| order(a).cmp(&order(b)));
    problems.dedup_by(|a, b| a.place == b.place && a.kind == b.kind && a.message == b.message);
    if problems.len() > MAX_PROBLEMS + 1 {
        problems.retain(|problem| problem.kind != Kind::TooManyProblems);
        problems.truncate(MAX_PROBLEMS);
        let place = problems[MAX_PROBLEMS - 1].place;
        let message = format!("there are more problems: the first {MAX_PROBLEMS} are shown");
        let problem = Problem::new(Kind::TooManyProblems, place, message);
        problems.push(problem.help("mend the first ones and check again"));
    }
}
