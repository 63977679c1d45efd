//! `okr retro`: what a cycle came to.

use super::{Call, Common, Entry, Format, Stands, Status, Subject};
use crate::engine::Options;
use crate::report::retro::retro;
use crate::report::{json, retro_text};
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "retro",
    about: "What the cycle came to: what landed, how sure you were, where the capacity went",
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
    let original = session.engine(Options { original: true, ..options });
    let told = retro(&engine, &original);
    let shown = match call.common.format {
        Format::Text => retro_text::text(&told, &call.output.style()),
        Format::Json => json::to_json(&told),
        Format::Csv => retro_text::csv(&told),
        Format::Md => retro_text::markdown(&told),
    };
    call.output.result(&shown);
    call.report_problems(&engine)
}
