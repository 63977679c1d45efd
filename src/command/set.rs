//! `:set`: another value for a cell or a field.

use super::{Call, Entry, Looks, Stands, Status, Subject, effect};
use crate::session::SetFailure;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "set",
    about: "Gives a cell or a field of the plan another value",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// What to set: `speed.latency.target`, `checkout.people`, `speed.owner`
    #[arg(value_name = "PATH", required = true)]
    path: Option<String>,
    /// The value, written as in the file: `450 ms`, `64%`, `baseline * 1.3`, `done`
    #[arg(value_name = "VALUE", required = true, num_args = 1.., allow_hyphen_values = true)]
    value: Vec<String>,
    #[command(flatten)]
    looks: Looks,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    let path = arguments.path.unwrap_or_default();
    match session.set(&path, &arguments.value.join(" ")) {
        Ok(done) => {
            effect::show(call.output, session, &done);
            Status::Done
        }
        Err(SetFailure::Path(message)) => {
            call.output.error(&message);
            Status::Failed
        }
        Err(SetFailure::Edit(failure)) => {
            effect::refused(call.output, &failure, "nothing was changed")
        }
    }
}
