//! `okr roll`: a draft of the next cycle's plan, from where this one stands.

mod draft;
mod goal;
mod statements;

use super::{Call, Common, Entry, Looks, Stands, Status, Subject};
use crate::diagnostic::{Problem, Severity};
use crate::engine::Options;
use crate::source::Source;
use crate::syntax::edit::write_new;
use crate::syntax::{self, format};
use clap::Args;
use draft::{Draft, Period};
use jiff::civil::Date;
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "roll",
    about: "Drafts the next cycle: what is carried over, from where it stands",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The next cycle: its title, and its first and last day with `..` between them
    #[arg(id = "period", long = "cycle", required = true, num_args = 4,
        value_names = ["TITLE", "DATE", "..", "DATE"])]
    period: Vec<String>,
    /// The cycle that is over, by its id; by default the one in force
    #[arg(long, value_name = "ID")]
    from: Option<String>,
    /// The file to write, which must not exist yet; without it, or with `-`, standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// Writes the file even if it exists
    #[arg(long)]
    force: bool,
    /// The day as of which to look: a date, or `today`; by default that of the newest check-in
    #[arg(long, value_name = "DATE", value_parser = super::call::parse_as_of)]
    as_of: Option<crate::engine::AsOf>,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let period = match period(&arguments.period) {
        Ok(period) => period,
        Err(message) => {
            call.output.error(&message);
            return Status::Usage;
        }
    };
    let common = Common {
        cycle: arguments.from.clone(),
        as_of: arguments.as_of,
        quiet: arguments.looks.quiet,
        ..Common::default()
    };
    let Some(session) = &call.session else { return Status::Usage };
    let options = match common.options(session, None, false) {
        Ok(options) => options,
        Err(message) => {
            call.output.error(&message);
            return Status::Failed;
        }
    };
    match drafted(call, period, options) {
        Ok(draft) => write(call, &arguments, &draft),
        Err(status) => status,
    }
}

/// The title, the first and the last day of `"Q2 2026" 2026-04-01 .. 2026-06-30`.
fn period(words: &[String]) -> Result<Period, String> {
    let [title, from, dots, to] = words else {
        return Err(
            "`--cycle` wants a title and two dates: `\"Q2 2026\" 2026-04-01 .. 2026-06-30`".into(),
        );
    };
    if dots != ".." {
        return Err(format!("`..` stands between the two dates, not `{dots}`"));
    }
    let date = |text: &str| -> Result<Date, String> {
        super::call::parse_date(text).map_err(|error| format!("`{text}` is no date: {error}"))
    };
    let (from, to) = (date(from)?, date(to)?);
    if to < from {
        return Err(format!("the cycle ends on {to}, before it begins; swap the dates"));
    }
    Ok(Period { title: title.clone(), from, to })
}

/// What was drafted, and what is to be said about it.
struct Drafted {
    text: String,
    summary: String,
}

fn drafted(call: &mut Call<'_>, period: Period, options: Options) -> Result<Drafted, Status> {
    let Some(session) = &call.session else { return Err(Status::Usage) };
    let engine = session.engine(options);
    let problems: Vec<Problem> =
        session.all_problems(&engine).into_iter().filter(Problem::is_error).collect();
    let wrong = |it: &Problem| it.kind != crate::diagnostic::Kind::AssertionFailed;
    if problems.iter().any(wrong) {
        call.output.problems(session, &problems);
        call.output.error("nothing is drafted from a plan with errors; mend them first");
        return Err(Status::Failed);
    }
    if engine.moment.cycle.is_none() {
        call.output.error("the plan has no cycle that could be over; add one");
        return Err(Status::Failed);
    }
    let mut draft = Draft::new(&engine, period);
    let text = draft.text();
    let mut sources = crate::source::SourceMap::default();
    let id = sources.add(Source::from_text("draft", text));
    let parse = syntax::parse(id, sources.get(id));
    debug_assert!(parse.problems.iter().all(|it| it.severity < Severity::Error));
    Ok(Drafted { text: format::format(sources.get(id), &parse), summary: draft.summary() })
}

fn write(call: &mut Call<'_>, arguments: &Arguments, draft: &Drafted) -> Status {
    let Some(file) = arguments.output.as_deref().filter(|file| *file != "-") else {
        call.output.result(&draft.text);
        return Status::Done;
    };
    match write_new(Path::new(file), draft.text.as_bytes(), arguments.force) {
        Ok(()) => {
            call.output.note(&format!("{file}: drafted: {}", draft.summary));
            Status::Done
        }
        Err(error) => {
            let hint = match Path::new(file).exists() && !arguments.force {
                true => "; `--force` writes over it",
                false => "",
            };
            call.output.error(&format!("{error}{hint}"));
            Status::Refused
        }
    }
}
