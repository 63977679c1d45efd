//! Parses the command line, runs it, exits.

use okr::command::{self, Output};
use std::process::ExitCode;

fn main() -> ExitCode {
    let status = command::main(std::env::args_os(), &mut Output::standard(), okr::repl::start);
    ExitCode::from(status.code())
}
