//! Experiments: one run or several of a scenario, and the verdict on them.
//!
//! The layer that drives the timeline. It must never read a file or show a number.

mod agenda;
mod condition;
mod driver;
mod make;
pub mod outcome;
pub mod replicate;
mod resolve;
mod rows;
pub mod run;
mod steps;
pub mod verdict;
