//! Scenario files.

pub mod codes;
pub mod diagnostic;
pub mod plan;
mod quantity;
pub mod source;
mod suggest;
mod tree;
