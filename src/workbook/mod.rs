//! The workbook that goes to leadership and comes back (`workbook.md`).
//!
//! [`export()`] writes a plan as a workbook whose grades are live. [`read`] takes any workbook, however
//! hostile, within the limits of [`guard`].

pub mod adopt;
pub mod base;
pub mod coerce;
pub mod columns;
pub mod export;
pub mod formula;
pub mod guard;
pub mod held;
pub mod import;
pub mod layout;
pub mod merge;
pub mod pen;
pub mod read;
pub mod receipt;
pub mod refused;
pub mod rule;
pub mod sheets;
pub mod sift;
pub mod snapshot;
pub mod spell;
pub mod style;
pub mod tables;
pub mod text;
pub mod write;

pub use export::{ExportError, Options, export};
