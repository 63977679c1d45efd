//! Lines that come from a pipe or a file: no prompts, no line editor, and an error ends them.

use crate::command::{Desk, Status};
use std::io::{self, BufRead};

/// Takes every line of standard input, each as it comes. The status is that of the worst line; what
/// was not saved at the end is said.
pub fn run(desk: &mut Desk<'_>) -> Status {
    let problems = desk.session.problems.clone();
    desk.output.problems(&desk.session, &problems);
    let status = desk.take_lines("standard input", Stdin);
    if desk.session.is_unsaved() {
        desk.output.note("the plan has changes that were not saved; `:save` writes them");
    }
    // An error of a line makes the status 1, whatever it would be on the command line.
    status.min(Status::Failed)
}

/// The lines of standard input, without their ends.
struct Stdin;

impl Iterator for Stdin {
    type Item = Result<String, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        match io::stdin().lock().read_until(b'\n', &mut bytes) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error.to_string())),
        }
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).to_vec();
        Some(String::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned()))
    }
}
