//! Plain-text OKRs.

pub mod diagnostic;
pub mod engine;
pub mod estimate;
pub mod plan;
pub mod quantity;
pub mod report;
pub mod source;
pub mod suggest;
pub mod syntax;
