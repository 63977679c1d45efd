//! Other futures: overlays compared, simulated, sought, and the best shares (`capacity.md`).

pub mod compare;
pub mod feasible;
mod feasible_ways;
mod lanes;
pub mod optimize;
mod optimize_linear;
mod optimize_model;
mod optimize_search;
mod optimize_space;
mod random;
pub mod search;
mod search_kinks;
pub mod search_line;
pub mod seek;
pub mod seek_chance;
pub mod seek_goal;
pub mod sensitivity;
mod sensitivity_trial;
pub mod simulate;
pub mod standpoint;

#[cfg(test)]
mod optimize_tests;
