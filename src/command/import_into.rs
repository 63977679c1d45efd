//! `okr import --into`: a workbook that was exported comes back into its plan.

use super::import::{Arguments, STDIN, stdin_bytes};
use super::{Call, Format, Stand, Status, effect};
use crate::engine::AsOf;
use crate::report::merge as report;
use crate::session::{Edit, Session};
use crate::workbook::guard::Refusal;
use crate::workbook::import::{Failure, Prepared, prepare};
use crate::workbook::merge::{Ask, Options, Side};
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
        as_meant: arguments.as_meant,
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
    let merged =
        |ask: &mut Ask<'_>| prepare(&book, &plan, &problems, &options, receipt.clone(), ask);
    let asks = call.output.can_ask() && !arguments.dry_run;
    let mut skipped = 0;
    let mut prepared = merged(&mut |_| None);
    if let Ok(first) = &prepared
        && asks
    {
        // What has no place is asked about first, so that no answer is given for nothing.
        let go_on = leaves_out(call, arguments, &first.receipt, &mut skipped);
        if go_on && first.receipt.is_open() {
            prepared = merged(&mut asking(call));
            if let Ok(second) = &prepared
                && !second.receipt.is_open()
            {
                leaves_out(call, arguments, &second.receipt, &mut skipped);
            }
        }
    }
    // Only the session holds the plan while it is edited.
    drop(plan);
    match prepared {
        Ok(prepared) => settle(call, session, arguments, prepared, skipped),
        Err(failure) => failed(call, arguments, &name, failure),
    }
}

/// Asks about cells that have no place, if there are more of them than were left out before. Tells
/// whether to go on.
fn leaves_out(
    call: &mut Call<'_>,
    arguments: &Arguments,
    receipt: &Receipt,
    skipped: &mut usize,
) -> bool {
    let count = receipt.not_taken.len();
    if arguments.skip_untaken || count <= *skipped {
        return true;
    }
    let question = format!("{}go on without them (y/n)?", report::untaken_question(receipt));
    let answer = call.output.ask(&question, |answer| match answer.to_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    });
    let yes = answer == Some(true);
    if yes {
        *skipped = count;
    }
    yes
}

/// Asks about each conflict, until told to stop.
fn asking<'c>(call: &'c mut Call<'_>) -> impl FnMut(&Conflict) -> Option<Side> + 'c {
    let mut stopped = false;
    move |conflict| {
        if stopped {
            return None;
        }
        let question = format!("{}\n{}", report::question(conflict), report::answers(conflict));
        let side =
            call.output.ask(&question, |answer| report::answered(conflict, answer)).flatten();
        stopped = side.is_none();
        side
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
        Failure::Problems(_, problems, receipt) => {
            show(call, &receipt);
            // Their places are in a text that nobody has.
            for problem in &problems {
                call.output.error(&problem.message);
            }
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
    skipped: usize,
) -> Status {
    let Prepared { mut receipt, edits } = prepared;
    let untaken = receipt.not_taken.len() > skipped && !arguments.skip_untaken;
    let held_back = receipt.is_open() || untaken;
    let mut done = None;
    if !held_back && !arguments.dry_run && !edits.is_empty() {
        let label = format!("import {}", receipt.book);
        match session.commit_edit(&Edit { files: edits }, &label) {
            Ok(effect) => {
                // At the prompt the plan of the session is changed, and no file.
                (receipt.written, receipt.taken_over) = (session.immediate, !session.immediate);
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
