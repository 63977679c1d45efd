//! Other futures: overlays compared, simulated, sought, and the best shares (`capacity.md`).

pub mod compare;
pub mod feasible;
