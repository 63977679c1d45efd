//! Parses the command line, runs it, exits.

use okr::command::{self, Output};
use okr::workbook::read::child;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(status) = child::serve(std::env::args_os()) {
        return status;
    }
    if let Ok(program) = std::env::current_exe() {
        child::use_program(program);
    }
    let status = command::main(std::env::args_os(), &mut Output::standard(), okr::repl::start);
    ExitCode::from(status.code())
}
