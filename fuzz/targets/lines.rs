//! Any bytes as lines typed at the prompt.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| okr::fuzz::lines(bytes));
