//! `:save`: writes what has changed.

use super::{Call, Entry, Looks, Stands, Status, Subject};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "save",
    about: "Writes the plan, only the bytes that changed; or to another file",
    subject: Subject::Own,
    stands: Stands::PROMPT,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// A new file for the plan, which goes on there
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Replaces FILE if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let saved = match arguments.file.filter(|file| *file != session.file) {
        Some(file) => session.save_as(&file, arguments.force).map(|()| vec![file]),
        None => session.save(),
    };
    match saved {
        Ok(files) if files.is_empty() => {
            call.output.note(&format!("{}: nothing to save", session.file));
            Status::Done
        }
        Ok(files) => {
            files.iter().for_each(|file| call.output.note(&format!("{file}: saved")));
            Status::Done
        }
        Err(failure) => {
            call.output.error(&failure.to_string());
            if session.has_file() && session.changed_on_disk() {
                call.output.note(
                    "`:diff` shows your changes, `:save OTHER.okr` keeps them beside it, \
                     `:reload` takes the new text",
                );
            }
            Status::Refused
        }
    }
}
