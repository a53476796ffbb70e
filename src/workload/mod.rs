//! Workloads: when requests arrive and how long they take.

pub mod arrivals;
pub mod dist;
pub mod source;
