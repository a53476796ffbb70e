//! Experiments: one run or several of a scenario, and the verdict on them.
//!
//! The layer that drives the timeline. It must never read a file or show a number.

pub mod outcome;
pub mod replicate;
mod resolve;
pub mod run;
pub mod verdict;
