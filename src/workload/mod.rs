//! Workloads: when requests arrive and how long they take.
//!
//! Distributions and arrival processes live in registries, one file each, and draw from the random
//! streams they are handed. This layer must never know a cloud, a file format or the fleet that
//! serves the requests.

pub mod args;
pub mod arrivals;
pub mod dist;
pub mod source;
