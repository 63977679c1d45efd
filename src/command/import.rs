//! `okr import`: a foreign workbook becomes a plan, or an exported one comes back into its plan.

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
    about: "Merges an exported workbook back into its plan, or makes a plan of a foreign one",
    subject: Subject::Own,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
pub(super) struct Arguments {
    /// The workbook: .xlsx, .xlsm, .xlsb, .xls, .ods or .csv; `-` is standard input
    #[arg(value_name = "BOOK", required = true)]
    pub book: Option<String>,
    /// The plan that the workbook was exported from; on a `:` line the loaded one
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    pub into: Option<String>,
    /// The plan to make of a foreign workbook, which must not exist yet; `-` is standard output
    #[arg(long, short, value_name = "NEW")]
    pub output: Option<String>,
    /// The sheet to take: of several copies, or the only one of a foreign workbook
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Prints what would be done, and writes nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Takes the workbook's side of every conflict; a question about a value stays open
    #[arg(long, conflicts_with = "ours")]
    pub theirs: bool,
    /// Keeps the plan's side of every conflict and question
    #[arg(long)]
    pub ours: bool,
    /// Takes values of which it is asked what they mean as they are meant: 65 in a percent cell as 65%
    #[arg(long)]
    pub as_meant: bool,
    /// Applies what the workbook no longer has: emptied cells and missing rows
    #[arg(long)]
    pub delete: bool,
    /// Writes baselines, targets and weights as amendments, so that the old values stay
    #[arg(long)]
    pub amend: bool,
    /// Takes values that were exchanged between rows
    #[arg(long)]
    pub accept_permutation: bool,
    /// Goes on although some changed cells have no place in the plan
    #[arg(long)]
    pub skip_untaken: bool,
    /// What columns of a foreign workbook mean: a header or a column's letters, and objective, kr,
    /// target, actual, …
    #[arg(long, value_name = "HEADER=COLUMN,…", conflicts_with = "into")]
    pub map: Vec<String>,
    #[command(flatten)]
    pub common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let arguments: Arguments = call.arguments();
    let loaded = call.session.is_some() && arguments.output.is_none();
    if loaded || arguments.into.is_some() {
        return super::import_into::run(call, &arguments);
    }
    if arguments.output.is_none() && !arguments.dry_run {
        call.output.error(
            "name the plan that the workbook was exported from, `--into FILE`, or a plan to make of \
             it, `-o NEW.okr`",
        );
        return Status::Usage;
    }
    let wishes = match wishes(&arguments) {
        Ok(wishes) => wishes,
        Err(message) => {
            call.output.error(&format!("--map: {message}"));
            return Status::Usage;
        }
    };
    let book = arguments.book.clone().unwrap_or_default();
    match read(&book, &wishes) {
        Ok(adopted) => deliver(call, &arguments, &adopted),
        Err(refusal) => {
            call.output.error(&format!("{book}: {refusal}"));
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
        let book = Book::from_bytes(stdin_bytes()?, STDIN)?;
        return adopt(&book, "standard input", wishes);
    }
    let path = Path::new(file);
    let book = Book::open(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    adopt(&book, &name, wishes)
}

/// The name of a workbook on standard input, so that text is taken as CSV.
pub(super) const STDIN: &str = "standard input.csv";

pub(super) fn stdin_bytes() -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let unreadable = |error: io::Error| Refusal::new(error.to_string(), "name a file instead");
    io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
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
