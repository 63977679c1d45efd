//! The one integration binary: a subject a file, the harness that they share, and what they need.

mod harness;

mod capacity;
mod checkin;
mod commands;
mod compare;
mod days;
mod docs;
mod engine;
mod errors;
mod feasible;
mod grading;
mod grammar;
mod house;
mod optimize;
mod samples;
mod seek;
mod templates;

mod support {
    pub mod ebnf;
}
