//! The what-ifs as people read them.

pub mod compare;
pub mod feasible;
pub mod optimize;
pub mod seek;
pub mod sensitivity;
pub mod simulate;
mod standpoint;
