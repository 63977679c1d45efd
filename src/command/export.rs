//! `okr export`: the plan as a workbook.

use super::{Call, Common, Entry, Stands, Status, Subject};
use crate::syntax::edit::write_new;
use crate::workbook;
use clap::Args;
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "export",
    about: "The plan as an Excel workbook whose grades are live, to be edited and imported again",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The workbook to write
    #[arg(value_name = "BOOK", required_unless_present = "output", conflicts_with = "output")]
    book: Option<String>,
    /// The workbook to write, an `.xlsx` file; one that is there is replaced
    #[arg(long, short, value_name = "BOOK")]
    output: Option<String>,
    /// Protects the input sheets too: only what may be edited can be changed, nothing can be sorted
    #[arg(long)]
    protect: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let book = arguments.output.or(arguments.book).unwrap_or_default();
    let path = Path::new(&book);
    let is_xlsx = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("xlsx"));
    if !is_xlsx {
        let message = format!("`{book}` is no name for a workbook: end it in `.xlsx`");
        call.output.error(&message);
        return Status::Usage;
    }
    let options = match call.options(None, false) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let options = workbook::Options { protect: arguments.protect };
    let written = workbook::export(&engine, options).map_err(|error| error.to_string());
    let saved =
        written.and_then(|bytes| write_new(path, &bytes, true).map_err(|error| error.to_string()));
    if let Err(message) = saved {
        call.output.error(&message);
        return Status::Refused;
    }
    let status = call.report_problems(&engine);
    let as_of = engine.moment.as_of.map(|date| format!(", as of {date}")).unwrap_or_default();
    call.output.note(&format!("{book}: written{as_of}"));
    status
}
