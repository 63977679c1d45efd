//! `okr coach`: the handbook's red flags in a plan, each with its reason and its fix.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::coach;
use crate::report::advice::coaching;
use crate::report::{advice_text, json};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "coach",
    about: "Whether the OKRs are any good: the handbook's red flags, each with its reason and its fix",
    subject: Subject::Plan,
    stands: Stands::EVERYWHERE,
    augment: Arguments::augment_args,
    run,
};

#[derive(Args, Default)]
struct Arguments {
    #[command(flatten)]
    common: Common,
}

fn run(call: &mut Call<'_>) -> Status {
    let options = match call.options(None, false) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(session) = &call.session else { return Status::Usage };
    let engine = session.engine(options);
    let given = coach::advise(&engine);
    let shown = match call.common.format {
        Format::Json => {
            let sources = &session.plan.sources;
            let records: Vec<_> = given.iter().map(|it| it.finding().record(sources)).collect();
            json::to_json_lines(&records)
        }
        Format::Text => advice_text::text(&coaching(&engine, &given), &call.output.style()),
        Format::Csv => advice_text::csv(&coaching(&engine, &given)),
        Format::Md => advice_text::markdown(&coaching(&engine, &given)),
    };
    call.output.result(&shown);
    call.report_problems(&engine)
}
