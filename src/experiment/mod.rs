//! Experiments.

pub mod outcome;
