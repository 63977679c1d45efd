//! Writes the TextMate grammar to standard output:
//! `cargo run --example textmate > grammar/okr.tmLanguage.json`

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let text = okr::syntax::textmate::text();
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("textmate: {error}");
            ExitCode::from(4)
        }
    }
}
