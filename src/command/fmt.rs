//! `okr fmt`: the one layout of a plan.

use super::{Call, Common, Entry, Status, Subject};
use crate::diagnostic::{self, Problem};
use crate::source::{FileId, MAX_FILE_BYTES, Source, SourceMap};
use crate::syntax::edit::Snapshot;
use crate::syntax::{self, format};
use clap::Args;
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "fmt",
    about: "Rewrites files in the one layout; comments and spelling stay",
    subject: Subject::Own,
    in_scripts: false,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// Files to rewrite in place; `-` goes from standard input to standard output
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Changes nothing, and fails if something would change
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    if arguments.files.iter().filter(|file| *file == "-").count() > 1 {
        call.output.error("`-` is standard input, which can be read once");
        return Status::Usage;
    }
    let statuses = arguments.files.iter().map(|file| match file.as_str() {
        "-" => format_stdin(call, arguments.check),
        file => format_file(call, file, arguments.check),
    });
    statuses.max().unwrap_or(Status::Done)
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
