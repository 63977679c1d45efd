//! The workbook that goes to leadership and comes back (`workbook.md`).
//!
//! [`read`] takes any workbook, however hostile, within the limits of [`guard`]; [`adopt`] makes a
//! plan of a sheet that this program did not write.

pub mod adopt;
pub mod guard;
pub mod read;
