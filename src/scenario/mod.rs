//! Scenario files.

pub mod plan;
