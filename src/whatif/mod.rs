//! Other futures: overlays compared, simulated, sought, and the best shares (`capacity.md`).

pub mod compare;
pub mod feasible;
mod lanes;
mod random;
pub mod search;
mod search_kinks;
pub mod search_line;
pub mod seek;
pub mod seek_goal;
pub mod sensitivity;
pub mod simulate;
pub mod standpoint;
