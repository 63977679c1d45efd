//! Plain-text OKRs: the language, the grading engine and the commands on plans.
//!
//! This is the map of the house. Data flows down the list; a room knows only those above it.
//!
//! | room | what it does |
//! | --- | --- |
//! | [`source`] | files, byte spans, lines and columns |
//! | [`suggest`] | the nearest name to a misspelt one |
//! | [`diagnostic`] | one problem: id, severity, place, help |
//! | [`quantity`] | numbers with units |
//! | [`estimate`] | uncertain numbers |
//! | [`syntax`] | text to tree and back: keywords, parser, formatter, edits |
//! | [`plan`] | what a plan means: includes, names, units, the model |
//! | [`engine`] | the named cells: grading, time, capacity, recalculation |
//! | [`whatif`] | other futures: overlays compared, simulated, sought, optimised |
//! | [`coach`] | the handbook's rules |
//! | [`workbook`] | Excel, both ways |
//! | [`report`] | what people see: data first, then text, JSON, CSV, Markdown |
//! | [`session`] | a loaded plan in use: problems, edits, saving |
//! | [`command`] | the one table of commands |
//! | [`repl`] | the plan at a prompt |
//!
//! A plan goes through them like this: [`plan::load()`] reads files and parses them, [`plan::resolve()`]
//! finds names and units, [`engine::Engine`] computes it as of a day, [`report`] shows it.

pub mod coach;
pub mod command;
pub mod diagnostic;
pub mod engine;
pub mod estimate;
pub mod fuzz;
pub mod plan;
pub mod quantity;
pub mod repl;
pub mod report;
pub mod session;
pub mod source;
pub mod suggest;
pub mod syntax;
pub mod whatif;
pub mod workbook;
