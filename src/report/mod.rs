//! What people see: reports are data, rendered last.

pub mod data;
pub mod scorecard;
pub mod trend;
