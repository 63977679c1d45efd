//! What people see: reports are data, rendered last.

pub mod across;
pub mod adoption;
pub mod advice;
pub mod advice_text;
pub mod bars;
pub mod csv;
pub mod data;
pub mod grid;
pub mod html;
pub mod json;
pub mod line;
pub mod markdown;
pub mod merge;
pub mod outline;
pub mod retro;
pub mod retro_text;
pub mod scorecard;
pub mod style;
pub mod text;
pub mod trend;
pub mod whatif;
pub mod words;

#[cfg(test)]
mod fixture;
