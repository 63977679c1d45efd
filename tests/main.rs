//! The one integration binary: a subject a file, the harness that they share, and what they need.

mod harness;

mod engine;
mod docs;
mod grading;
mod grammar;
mod templates;

mod support {
    pub mod ebnf;
}
