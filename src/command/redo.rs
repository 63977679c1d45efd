//! `:redo`: does again what was taken back.

use super::undo::{Arguments, step};
use super::{Entry, Stands, Subject};
use crate::session::Session;
use clap::Args;

pub(super) const ENTRY: Entry = Entry {
    name: "redo",
    about: "Does the change again that was taken back last",
    subject: Subject::Own,
    stands: Stands::LINES,
    augment: Arguments::augment_args,
    run: |call| step(call, "done again", "redo", Session::redo),
};
