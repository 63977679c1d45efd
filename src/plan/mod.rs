//! What a plan means: its files together, every name and unit resolved, every formula checked.

pub mod cell;
pub mod load;
pub mod model;

mod asked;
mod check;
mod dated;
mod declare;
mod facts;
mod fields;
mod infer;
mod initiative;
mod kr;
mod names;
mod policy;
mod resolve;
mod scenario;
mod value;

pub use asked::{Asked, AskedKind, NotAsked, ask};
pub use load::{LoadError, Loaded, load, load_again, load_edited, load_text, load_with};
pub use model::Plan;
pub use names::{Found, NameError};
pub use resolve::resolve;
pub use value::out_of_range;
