//! `okr fmt`: the one layout of a plan.

use super::{Call, Entry, Looks, Stands, Status, Subject, effect};
use crate::diagnostic::{self, Problem};
use crate::session::{Edit, Session};
use crate::source::{FileId, MAX_FILE_BYTES, Source, SourceMap};
use crate::syntax::edit::Snapshot;
use crate::syntax::{self, format};
use clap::Args;
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "fmt",
    about: "Rewrites files in the one layout; comments and spelling stay",
    subject: Subject::Own,
    stands: Stands::NOT_SCRIPTS,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// Files to rewrite in place; `-` goes from standard input to standard output; at the prompt,
    /// without any, the loaded plan
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Changes nothing, and fails if something would change
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if arguments.files.iter().filter(|file| *file == "-").count() > 1 {
        call.output.error("`-` is standard input, which can be read once");
        return Status::Usage;
    }
    if arguments.files.is_empty() {
        return match call.session.take() {
            Some(session) => format_session(call, session, arguments.check),
            None => {
                call.output.error("name the file to rewrite: `okr fmt q1.okr`");
                Status::Usage
            }
        };
    }
    let statuses = arguments.files.iter().map(|file| match file.as_str() {
        "-" => format_stdin(call, arguments.check),
        file => format_file(call, file, arguments.check),
    });
    statuses.max().unwrap_or(Status::Done)
}

/// Rewrites the files of the loaded plan, as one change that can be undone.
fn format_session(call: &mut Call<'_>, session: &mut Session, check: bool) -> Status {
    let mut edit = Edit::default();
    let mut status = Status::Done;
    for (file, source) in session.plan.sources.iter() {
        let bytes = source.text().as_bytes().to_vec();
        match formatted(call, source.name(), bytes) {
            Err(failed) => return failed,
            Ok((before, after)) if check => {
                status = status.max(would_change(call, source.name(), before == after));
            }
            Ok((before, after)) => edit.files.extend(Edit::whole(file, &before, &after).files),
        }
    }
    if edit.files.is_empty() {
        return status;
    }
    match session.commit_edit(&edit, "fmt") {
        Ok(done) => {
            effect::show(call.output, session, &done);
            Status::Done
        }
        Err(failure) => effect::refused(call.output, &failure, "nothing was changed"),
    }
}

fn format_stdin(call: &mut Call<'_>, check: bool) -> Status {
    match crate::plan::load::read_stdin() {
        Err(reason) => refused(call, "-", &reason),
        Ok(bytes) => match formatted(call, "-", bytes) {
            Err(status) => status,
            Ok((before, after)) if check => would_change(call, "-", before == after),
            Ok((_, after)) => {
                call.output.result(&after);
                Status::Done
            }
        },
    }
}

fn format_file(call: &mut Call<'_>, file: &str, check: bool) -> Status {
    let (snapshot, bytes) = match Snapshot::read(Path::new(file), MAX_FILE_BYTES) {
        Ok(read) => read,
        Err(error) => return refused(call, "", &error.to_string()),
    };
    let (before, after) = match formatted(call, file, bytes) {
        Ok(texts) => texts,
        Err(status) => return status,
    };
    if check || before == after {
        return would_change(call, file, before == after);
    }
    match snapshot.save(after.as_bytes()) {
        Ok(_) => {
            call.output.note(&format!("{file}: rewritten"));
            Status::Done
        }
        Err(error) => refused(call, "", &error.to_string()),
    }
}

fn refused(call: &mut Call<'_>, file: &str, reason: &str) -> Status {
    let text = if file.is_empty() { reason.to_owned() } else { format!("{file}: {reason}") };
    call.output.error(&text);
    Status::Refused
}

fn would_change(call: &mut Call<'_>, file: &str, same: bool) -> Status {
    if same {
        return Status::Done;
    }
    call.output.result(&format!("{}: would be rewritten\n", diagnostic::clean(file)));
    Status::Failed
}

/// The text before and after; a text with syntax errors is left alone.
fn formatted(call: &mut Call<'_>, file: &str, bytes: Vec<u8>) -> Result<(String, String), Status> {
    let mut sources = SourceMap::default();
    let id: FileId = sources.add(Source::from_bytes(file, None, bytes));
    let parse = syntax::parse(id, sources.get(id));
    if parse.problems.iter().any(Problem::is_error) {
        for problem in &parse.problems {
            call.output.note(&diagnostic::render(problem, &sources, false));
        }
        call.output.error(&format!("{file}: left as it is; mend its mistakes first"));
        return Err(Status::Failed);
    }
    let after = format::format(sources.get(id), &parse);
    Ok((sources.get(id).text().to_owned(), after))
}
