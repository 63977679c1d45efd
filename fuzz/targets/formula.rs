//! Any bytes as a formula, as a REPL line gives it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| okr::fuzz::formula(bytes));
