//! `okr import`: a foreign workbook becomes a plan.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::engine::AsOf;
use crate::report::adoption;
use crate::syntax::edit::write_new;
use crate::workbook::adopt::{Adopted, Wishes, adopt};
use crate::workbook::guard::{MAX_FILE, Refusal};
use crate::workbook::read::Book;
use clap::Args;
use std::io::{self, Read};
use std::path::Path;

pub(super) const ENTRY: Entry = Entry {
    name: "import",
    about: "Makes a plan of a foreign workbook: .xlsx, .xlsm, .xlsb, .xls, .ods or .csv",
    subject: Subject::Own,
    stands: Stands::COMMAND_LINE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    /// The workbook; `-` is standard input
    #[arg(value_name = "BOOK")]
    book: String,
    /// The plan to write, which must not exist yet; `-` is standard output
    #[arg(long, short, value_name = "NEW", required_unless_present = "dry_run")]
    output: Option<String>,
    /// The only sheet to take; else every one with a table of key results
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What columns mean: a header or a column's letters, and objective, kr, target, actual, …
    #[arg(long, value_name = "HEADER=COLUMN,…")]
    map: Vec<String>,
    /// Prints the plan and writes nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let wishes = match wishes(&arguments) {
        Ok(wishes) => wishes,
        Err(message) => {
            call.output.error(&format!("--map: {message}"));
            return Status::Usage;
        }
    };
    match read(&arguments.book, &wishes) {
        Ok(adopted) => deliver(call, &arguments, &adopted),
        Err(refusal) => {
            call.output.error(&format!("{}: {refusal}", arguments.book));
            Status::Refused
        }
    }
}

fn wishes(arguments: &Arguments) -> Result<Wishes, String> {
    let mut columns = Vec::new();
    for text in &arguments.map {
        columns.extend(Wishes::parse_columns(text)?);
    }
    let as_of = arguments.common.as_of.and_then(|as_of| match as_of {
        AsOf::Date(date) | AsOf::Today(date) => Some(date),
        _ => None,
    });
    Ok(Wishes { columns, sheet: arguments.sheet.clone(), as_of })
}

fn read(file: &str, wishes: &Wishes) -> Result<Adopted, Refusal> {
    if file == "-" {
        return adopt(&from_stdin()?, "standard input", wishes);
    }
    let path = Path::new(file);
    let book = Book::open(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    adopt(&book, &name, wishes)
}

/// A workbook on standard input; text is taken as CSV.
fn from_stdin() -> Result<Book, Refusal> {
    let mut bytes = Vec::new();
    let unreadable = |error: io::Error| Refusal::new(error.to_string(), "name a file instead");
    io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Book::from_bytes(bytes, "standard input.csv")
}

/// Writes the plan where it is wanted, and the receipt where the plan is not.
fn deliver(call: &mut Call<'_>, arguments: &Arguments, adopted: &Adopted) -> Status {
    let file = arguments.output.as_deref().filter(|file| !arguments.dry_run && *file != "-");
    if let Some(file) = file
        && let Err(error) = write_new(Path::new(file), adopted.plan.as_bytes(), false)
    {
        call.output.error(&error.to_string());
        return Status::Refused;
    }
    let receipt = &adopted.receipt;
    match (call.common.format, file) {
        (Format::Json, Some(_)) => call.output.result(&adoption::json(receipt, None)),
        (Format::Json, None) => call.output.result(&adoption::json(receipt, Some(&adopted.plan))),
        (_, Some(file)) => {
            call.output.result(&adoption::text(receipt));
            call.output.note(&format!("{file}: written; look at it with `okr grade {file}`"));
        }
        (_, None) => {
            call.output.result(&adopted.plan);
            call.output.note(adoption::text(receipt).trim_end());
        }
    }
    Status::Done
}
