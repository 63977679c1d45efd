//! The one integration binary: a subject a file, the harness that they share, and what they need.

mod harness;

mod checkin;
mod commands;
mod docs;
mod engine;
mod errors;
mod grading;
mod grammar;
mod hostile;
mod house;
mod import;
mod samples;
mod templates;

mod support {
    pub mod books;
    pub mod ebnf;
}
