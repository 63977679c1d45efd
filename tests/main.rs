//! The one integration binary: a subject a file, the harness that they share, and what they need.

mod harness;

mod capacity;
mod checkin;
mod coach;
mod commands;
mod commit;
mod compare;
mod corpora;
mod days;
mod docs;
mod engine;
mod errors;
mod feasible;
mod grading;
mod grammar;
mod hostile;
mod house;
mod import;
mod optimize;
mod pty;
mod repl;
mod report;
mod roll;
mod samples;
mod seek;
mod sensitivity;
mod simulate;
mod templates;
mod workbook_asked;
mod workbook_export;
mod workbook_import;
mod workbook_killed;
mod workbook_office;
mod workbook_openpyxl;
mod workbook_recorded;

mod support {
    pub mod books;
    pub mod ebnf;
    pub mod office;
    pub mod python;
    pub mod sheet;
}
