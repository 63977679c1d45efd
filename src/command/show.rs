//! `:show`: the source of what a path names.

use super::{Call, Entry, Looks, Stands, Status, Subject};
use crate::diagnostic::clean;
use crate::report::style::Ink;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "show",
    about: "The source of what a path names, with the dated lines about it",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// An id, a path or a cell; without it the whole plan
    #[arg(value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let pieces = match &arguments.path {
        None => session.whole_source(),
        Some(path) => match session.source_of(path) {
            Ok(pieces) => pieces,
            Err(error) => {
                call.output.error(&format!("{}; {}", error.message, error.help));
                return Status::Failed;
            }
        },
    };
    let style = call.output.style();
    let mut text = String::new();
    for piece in pieces.iter().filter(|piece| !piece.text.is_empty()) {
        style.paint_into(&mut text, Ink::Dim, &format!("# {}", clean(&piece.at)));
        text.push('\n');
        text.push_str(&clean(&piece.text.replace('\r', "")));
        if !piece.text.ends_with('\n') {
            text.push('\n');
        }
    }
    call.output.result(&text);
    Status::Done
}
