//! `okr import --into`: a workbook that was exported comes back into its plan.

use super::import::{Arguments, STDIN, stdin_bytes};
use super::{Call, Format, Stand, Status, effect};
use crate::engine::AsOf;
use crate::report::merge as report;
use crate::session::{Edit, Session};
use crate::workbook::guard::Refusal;
use crate::workbook::import::{Failure, Prepared, prepare};
use crate::workbook::merge::{Options, Side};
use crate::workbook::read::Book;
use crate::workbook::receipt::{Conflict, Receipt};
use crate::workbook::sift::Returned;
use std::path::Path;

/// Runs the command on the plan that is named, or on the loaded one.
pub(super) fn run(call: &mut Call<'_>, arguments: &Arguments) -> Status {
    let Some(file) = &arguments.into else {
        let Some(session) = call.session.take() else { return Status::Usage };
        return into(call, session, arguments, None);
    };
    let name = arguments.book.as_deref().unwrap_or_default();
    // A plan and a workbook in two files are read at the same time.
    let (session, book) = match name == "-" {
        true => (Session::load(file), None),
        false => std::thread::scope(|scope| {
            let reading = std::thread::Builder::new().spawn_scoped(scope, || open(name)).ok();
            let session = Session::load(file);
            let book = reading.map(|reading| {
                reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            (session, book)
        }),
    };
    match session {
        Ok(mut session) => into(call, &mut session, arguments, book),
        Err(error) => {
            call.output.error(&error.to_string());
            Status::Refused
        }
    }
}

fn options(arguments: &Arguments) -> Options {
    let as_of = arguments.common.as_of.and_then(|as_of| match as_of {
        AsOf::Date(date) | AsOf::Today(date) => Some(date),
        AsOf::Default => None,
    });
    Options {
        theirs: arguments.theirs,
        ours: arguments.ours,
        delete: arguments.delete,
        amend: arguments.amend,
        accept_permutation: arguments.accept_permutation,
        sheet: arguments.sheet.clone(),
        as_of,
    }
}

fn open(book: &str) -> Result<Returned, Refusal> {
    match book {
        "-" => Book::returned_from_bytes(stdin_bytes()?, STDIN),
        file => Book::open_returned(Path::new(file)),
    }
}

/// Merges a workbook, which may have been read already.
fn into(
    call: &mut Call<'_>,
    session: &mut Session,
    arguments: &Arguments,
    book: Option<Result<Returned, Refusal>>,
) -> Status {
    let name = arguments.book.clone().unwrap_or_default();
    let book = match book.unwrap_or_else(|| open(&name)) {
        Ok(book) => book,
        Err(refusal) => {
            call.output.error(&format!("{name}: {refusal}"));
            return Status::Refused;
        }
    };
    session.settle();
    let options = options(arguments);
    let mut receipt = Receipt::new(&name, &session.file);
    receipt.dry_run = arguments.dry_run;
    let plan = session.plan.clone();
    let problems = session.problems.clone();
    let output = &mut *call.output;
    let mut stopped = arguments.dry_run;
    let mut ask = |conflict: &Conflict| match stopped {
        true => None,
        false => {
            let question = format!(
                "{}\ntake theirs (t), keep ours (o), or stop (s)?",
                report::question(conflict)
            );
            match output.choose(&question, &['t', 'o', 's']) {
                Some('t') => Some(Side::Theirs),
                Some('o') => Some(Side::Ours),
                _ => {
                    stopped = true;
                    None
                }
            }
        }
    };
    let prepared = prepare(&book, &plan, &problems, &options, receipt, &mut ask);
    // Only the session holds the plan while it is edited.
    drop(plan);
    match prepared {
        Ok(prepared) => settle(call, session, arguments, prepared),
        Err(failure) => failed(call, arguments, &name, failure),
    }
}

fn failed(call: &mut Call<'_>, arguments: &Arguments, name: &str, failure: Failure) -> Status {
    let show = |call: &mut Call<'_>, receipt: &Receipt| {
        if arguments.common.format == Format::Json {
            call.output.result(&report::json(receipt));
        } else {
            call.output.result(&report::text(receipt));
        }
    };
    match failure {
        Failure::Refused(refusal) => {
            call.output.error(&format!("{name}: {refusal}"));
            Status::Refused
        }
        Failure::Unwritable(why, receipt) => {
            show(call, &receipt);
            call.output.error(&format!("{name}: {why}; nothing was written"));
            Status::Refused
        }
        Failure::Problems(plan, problems, receipt) => {
            show(call, &receipt);
            call.output.problems_in(&plan.sources, &problems);
            call.output.error("the plan would not be sound, so nothing was written");
            Status::Failed
        }
    }
}

/// Writes what is settled, and shows the receipt.
fn settle(
    call: &mut Call<'_>,
    session: &mut Session,
    arguments: &Arguments,
    prepared: Prepared,
) -> Status {
    let Prepared { mut receipt, edits } = prepared;
    let untaken = !receipt.not_taken.is_empty() && !arguments.skip_untaken;
    let held_back = receipt.is_open() || untaken;
    let mut done = None;
    if !held_back && !arguments.dry_run && !edits.is_empty() {
        let label = format!("import {}", receipt.book);
        match session.commit_edit(&Edit { files: edits }, &label) {
            Ok(effect) => {
                receipt.written = true;
                done = Some(effect);
            }
            Err(failure) => {
                show(call, arguments, &receipt);
                return effect::refused(call.output, &failure, "nothing was written");
            }
        }
    }
    let of_stdin = receipt.written && session.file == "-";
    if of_stdin {
        // The new plan goes where the old one came from: to the next in the pipe.
        let text = session.text(crate::source::FileId(0)).to_owned();
        call.output.result(&text);
        call.output.note(report::text(&receipt).trim_end());
    } else {
        show(call, arguments, &receipt);
    }
    if let Some(effect) = done.filter(|_| call.stand == Stand::Prompt) {
        effect::show(call.output, session, &effect);
    }
    match held_back {
        true => {
            call.output.error(&report::what_holds_back(&receipt, untaken));
            Status::Conflict
        }
        false => Status::Done,
    }
}

fn show(call: &mut Call<'_>, arguments: &Arguments, receipt: &Receipt) {
    let text = match arguments.common.format {
        Format::Json => report::json(receipt),
        _ => report::text(receipt),
    };
    call.output.result(&text);
}
