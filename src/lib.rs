//! drainsim: a deterministic discrete-event simulator of taking machines out of a live fleet.
//!
//! It answers, before the call is made, how many requests in flight a `DetachInstances`,
//! `DetachTrafficSources`, `DeregisterTargets` or `DetachServerGroups` will lose, why, through
//! which call, how deep the capacity dips and which deregistration delay would have been enough.
//!
//! Data flows one way: file -> [`scenario`] -> [`experiment`] -> [`model`] records -> outcome ->
//! [`report`]. `docs/ARCHITECTURE.md` holds the map and who may name whom.

pub mod api;
#[cfg(feature = "cli")]
pub mod cli;
pub mod describe;
pub mod engine;
pub mod experiment;
pub mod metrics;
pub mod model;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod workload;
