//! `:diff`: what has changed and is not saved.

use super::{Call, Entry, Looks, Stands, Status, Subject};
use crate::diagnostic::clean;
use crate::report::style::Ink;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "diff",
    about: "What has changed and is not saved, as a unified diff",
    subject: Subject::Own,
    stands: Stands::PROMPT,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let diff = session.diff();
    if diff.is_empty() {
        call.output.note("nothing has changed since the plan was saved");
        return Status::Done;
    }
    let style = call.output.style();
    let mut text = String::new();
    for line in diff.split_inclusive('\n') {
        let ink = match line.as_bytes() {
            [b'+', b'+', ..] | [b'-', b'-', ..] => Ink::Bold,
            [b'+', ..] => Ink::Green,
            [b'-', ..] => Ink::Red,
            [b'@', ..] => Ink::Dim,
            _ => Ink::Plain,
        };
        let line = line.trim_end_matches(['\n', '\r']);
        style.paint_into(&mut text, ink, &clean(line));
        text.push('\n');
    }
    call.output.result(&text);
    Status::Done
}
