//! Writes the yardstick plan of the benches to standard output:
//! `cargo run --release --example yardstick -- 100000 > /tmp/yardstick.okr`

use std::io::Write;
use std::process::ExitCode;

#[path = "../benches/support/yardstick.rs"]
mod yardstick;

/// The one argument is the number of key results, 100,000 without it.
fn main() -> ExitCode {
    let Ok(krs) = std::env::args().nth(1).map_or(Ok(100_000), |word| word.parse()) else {
        eprintln!("usage: yardstick [KEY_RESULTS]");
        return ExitCode::from(2);
    };
    let text = yardstick::plan(krs);
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yardstick: {error}");
            ExitCode::from(4)
        }
    }
}
