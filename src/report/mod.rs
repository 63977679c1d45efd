//! What people see: reports are data, rendered last.

pub mod data;
