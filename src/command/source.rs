//! `:source`: takes the lines of a file as if they had been typed.

use super::{Call, Entry, Stands, Status, Subject, Then};
use crate::plan::load::read_file;
use clap::Args;
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "source",
    about: "Takes the lines of a file as if they had been typed",
    subject: Subject::Own,
    stands: Stands::PROMPT,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// A file of statements, formulas and `:` lines
    #[arg(value_name = "FILE", required = true)]
    file: Option<String>,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let file = arguments.file.unwrap_or_default();
    let text = read_file(Path::new(&file)).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8; save it as UTF-8".to_owned())
    });
    match text {
        Ok(text) => {
            let text = text.trim_start_matches('\u{feff}').to_owned();
            call.then = Then::Source(file, text);
            Status::Done
        }
        Err(reason) => {
            call.output.error(&format!("{file}: {reason}"));
            Status::Refused
        }
    }
}
