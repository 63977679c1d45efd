//! `okr check`: the problems of plans.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::coach::{self, Advice};
use crate::diagnostic::{Finding, Kind, Problem, Record, Severity};
use crate::engine::{Options, Outcome, Scenarios, Verdict};
use crate::report::{csv, json, markdown};
use crate::session::Session;
use crate::source::Place;
use clap::Args;
use rustc_hash::FxHashSet;
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry {
    name: "check",
    about: "Problems of a plan: text, names, units, rings, assertions, and the coach's advice",
    subject: Subject::Own,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// Root files of plans; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Counts warnings and the coach's advice as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if let (true, [file, ..]) = (call.session.is_some(), &arguments.files[..]) {
        let message = format!("`:check` looks at the plan that is loaded; leave `{file}` out");
        call.output.error(&message);
        return Status::Usage;
    }
    if arguments.files.iter().filter(|file| *file == "-").count() > 1 {
        call.output.error("`-` is standard input, which can be read once");
        return Status::Usage;
    }
    if call.session.is_none() && arguments.files.is_empty() {
        call.output.error("name the file to check: `okr check q1.okr`");
        return Status::Usage;
    }
    if call.common.format == Format::Csv {
        call.output.result(&csv::problems_head());
    }
    if let Some(session) = call.session.take() {
        let status = check(call, session, arguments.strict);
        call.session = Some(session);
        return status;
    }
    let mut worst = Status::Done;
    for (at, file) in arguments.files.iter().enumerate() {
        let status = match Session::load(file) {
            Ok(session) => {
                let status = check(call, &session, arguments.strict);
                if at + 1 == arguments.files.len() {
                    // The process ends now: to give a large plan back piece by piece takes time.
                    std::mem::forget(session);
                }
                status
            }
            Err(error) => {
                call.output.error(&error.to_string());
                Status::Refused
            }
        };
        worst = worst.max(status);
    }
    worst
}

fn check(call: &mut Call<'_>, session: &Session, strict: bool) -> Status {
    let options = match call.common.options(session, None, false) {
        Ok(options) => options,
        Err(message) => {
            call.output.error(&message);
            return Status::Failed;
        }
    };
    let found = Found::of(session, options);
    show(call, session, &found, strict);
    let least = if strict { Severity::Warning } else { Severity::Error };
    let worst = found.problems.iter().any(|problem| problem.severity >= least);
    match worst || strict && !found.advice.is_empty() {
        true => Status::Failed,
        false => Status::Done,
    }
}

fn show(call: &mut Call<'_>, session: &Session, found: &Found, strict: bool) {
    let records: Vec<Record<'_>> =
        found.findings().iter().map(|it| it.record(&session.plan.sources)).collect();
    match call.common.format {
        Format::Json => call.output.result(&json::to_json_lines(&records)),
        Format::Csv => call.output.result(&csv::problems(&records)),
        Format::Md => {
            let line = summary(session, found);
            call.output.result(&markdown::problems(&session.file, &records, &line));
        }
        Format::Text => print_text(call, session, found, strict),
    }
}

/// What a check has found.
struct Found {
    /// Every problem of the plan and of its scenarios, in file order.
    problems: Vec<Problem>,
    /// What became of the assertions.
    outcomes: Vec<Outcome>,
    /// What the coach says about the base, in file order; nothing while the plan has errors.
    advice: Vec<Advice>,
}

impl Found {
    fn of(session: &Session, options: Options) -> Self {
        let mut problems = session.problems.clone();
        let mut scenarios = Scenarios::new(Arc::clone(&session.plan), options);
        let base = scenarios.base();
        let of_base = base.problems();
        let mut outcomes = base.assertions();
        problems.extend(session.assertion_problems(&outcomes));
        let wrong = problems.iter().chain(&of_base).any(Problem::is_error);
        let mut advice = if wrong { Vec::new() } else { coach::advise(base) };
        let known: FxHashSet<(Place, Kind, &str)> =
            of_base.iter().map(|it| (it.place, it.kind, it.message.as_str())).collect();
        let is_new = |it: &Problem| !known.contains(&(it.place, it.kind, it.message.as_str()));
        for scenario in Scenarios::order(&session.plan) {
            let engine = scenarios.of(scenario);
            problems.extend(engine.problems().into_iter().filter(is_new));
            let judged = engine.assertions();
            problems.extend(session.assertion_problems(&judged));
            outcomes.extend(judged);
        }
        problems.extend_from_slice(&of_base);
        crate::diagnostic::in_file_order(&mut problems);
        if problems.iter().any(Problem::is_error) {
            advice.clear();
        }
        Self { problems, outcomes, advice }
    }

    /// Problems and advice, in file order.
    fn findings(&self) -> Vec<Finding<'_>> {
        let problems = self.problems.iter().map(Problem::finding);
        let mut all: Vec<_> = problems.chain(self.advice.iter().map(Advice::finding)).collect();
        all.sort_by_key(|finding| finding.place);
        all
    }
}

/// The problems with their lines, then the advice: in full where it counts, else how to see it.
fn print_text(call: &mut Call<'_>, session: &Session, found: &Found, strict: bool) {
    call.output.problems_as_result(session, &found.problems);
    if strict {
        call.output.findings_as_result(session, found.advice.iter().map(Advice::finding));
    }
    if call.common.quiet {
        return;
    }
    let file = crate::diagnostic::clean(&session.file);
    let mut lines = format!("{file}: {}\n", summary(session, found));
    if !found.advice.is_empty() {
        let pieces = advice_words(found.advice.len());
        lines.push_str(&format!("{file}: {pieces} by the coach: `okr coach {file}`\n"));
    }
    call.output.result(&lines);
}

fn advice_words(count: usize) -> String {
    if count == 1 { "1 piece of advice".into() } else { format!("{count} pieces of advice") }
}

/// "1 error, 2 warnings (…)"
fn summary(session: &Session, found: &Found) -> String {
    let Found { problems, outcomes, .. } = found;
    let count = |severity| problems.iter().filter(|it| it.severity == severity).count();
    let said: Vec<String> =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
            .into_iter()
            .filter(|(severity, _)| count(*severity) > 0)
            .map(|(severity, word)| plural(count(severity), word))
            .collect();
    let found = if said.is_empty() { "no problems".to_owned() } else { said.join(", ") };
    let plan = &session.plan;
    let assertions = assertions(outcomes);
    format!(
        "{found} ({}, {}, {}{assertions})",
        plural(plan.teams.len(), "team"),
        plural(plan.objectives.len(), "objective"),
        plural(plan.krs.len(), "key result"),
    )
}

/// "; 5 of 8 assertions hold, 2 not evaluated, 1 not yet due"
fn assertions(outcomes: &[Outcome]) -> String {
    if outcomes.is_empty() {
        return String::new();
    }
    let count = |verdict: Verdict| outcomes.iter().filter(|it| it.verdict == verdict).count();
    let of = outcomes.len();
    let held = count(Verdict::Holds);
    let mut text = match (held, of) {
        (1, 1) => "; the assertion holds".to_owned(),
        (held, of) if held == of => format!("; all {of} assertions hold"),
        (held, 1) => format!("; {held} of 1 assertion holds"),
        (held, of) => format!("; {held} of {of} assertions hold"),
    };
    let failed = outcomes.iter().filter(|it| matches!(it.verdict, Verdict::Fails(_))).count();
    if failed > 0 {
        text.push_str(&format!(", {failed} failed"));
    }
    for (verdict, words) in [(Verdict::Unknown, "unknown"), (Verdict::NotYetDue, "not yet due")] {
        match count(verdict) {
            0 => {}
            some => text.push_str(&format!(", {some} {words}")),
        }
    }
    text
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
