//! Text to tree and back: the language's words, its parser, its formatter and its edits.

pub mod edit;
pub mod format;
pub mod keyword;
pub mod lexical;
pub mod open;
pub mod textmate;
pub mod tree;

mod block;
mod command;
mod dated;
mod formula;
mod parser;
mod parts;
mod recover;
mod statement;
mod value;

pub use command::comment_start;
pub use parser::{Parse, parse};
