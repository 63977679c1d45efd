//! `:as-of`: the day as of which the plan is looked at.

use super::call::parse_as_of;
use super::{Call, Entry, Looks, Stands, Status, Subject};
use crate::engine::AsOf;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "as-of",
    about: "Looks at the plan as of a day from now on: a date, `today`, or `default`",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// A date, `today`, or `default`: that of the newest check-in; without it, the day is shown
    #[arg(value_name = "DATE", value_parser = day)]
    day: Option<AsOf>,
    #[command(flatten)]
    looks: Looks,
}

fn day(text: &str) -> Result<AsOf, String> {
    if text == "default" {
        return Ok(AsOf::Default);
    }
    parse_as_of(text).map_err(|error| format!("{error}, or `today`, or `default`"))
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let Some(session) = call.session.as_mut() else { return Status::Usage };
    if let Some(day) = arguments.day {
        session.view.as_of = day;
    }
    let moment = session.computed().moment;
    let shown = match moment.as_of {
        Some(date) => format!("as of {date} ({})\n", moment.source.words()),
        None => "the plan has no dates\n".to_owned(),
    };
    call.output.result(&shown);
    Status::Done
}
