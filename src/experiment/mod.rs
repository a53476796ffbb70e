//! Experiments.

pub mod outcome;
pub mod verdict;
