//! `okr completions`: completion for shells.

use super::{Call, Entry, Stands, Status, Subject, cli};
use clap::Args;
use clap_complete::{Shell, generate};

pub(super) const ENTRY: Entry = Entry {
    name: "completions",
    about: "Completion for a shell: bash, elvish, fish, powershell or zsh",
    subject: Subject::Own,
    stands: Stands::COMMAND_LINE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL", required = true)]
    shell: Option<Shell>,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(shell) = arguments.shell else { return Status::Usage };
    let mut script = Vec::new();
    generate(shell, &mut cli(), "okr", &mut script);
    call.output.result(&String::from_utf8_lossy(&script));
    Status::Done
}
