//! The workbook that goes to leadership and comes back (`workbook.md`).

pub mod base;
pub mod columns;
pub mod export;
pub mod formula;
pub mod held;
pub mod layout;
pub mod pen;
pub mod rule;
pub mod sheets;
pub mod style;
pub mod text;

pub use export::{ExportError, Options, export};
