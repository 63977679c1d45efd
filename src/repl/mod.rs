//! The plan at a prompt: rustyline, and the same lines from a pipe (`interface.md`, "The REPL").

pub mod complete;
pub mod hint;

mod helper;
mod history;
mod paint;
mod pipe;
mod terminal;

use crate::command::{Desk, Status};
use std::io::{self, IsTerminal};

/// Takes lines until there are no more, or somebody quits.
pub fn start(desk: &mut Desk<'_>) -> Status {
    match io::stdin().is_terminal() {
        true => terminal::run(desk),
        false => pipe::run(desk),
    }
}
