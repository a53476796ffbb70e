//! The cloud: state machines and rules of balancers, targets, machines and groups.
//!
//! Start in `cloud.rs`. The model takes settings, changes by events and by the commands that API
//! operations give it, and tells records. It must never read a file, know a format, name an API
//! operation, or look at a clock.

pub mod activity;
pub mod assumption;
pub mod autoscaling;
pub mod clock;
pub mod cloud;
pub mod drain;
mod draining;
pub mod ess;
pub mod event;
pub mod group;
mod health;
pub mod identifier;
pub mod ids;
mod invariant;
pub mod lb;
pub mod loss;
pub mod machine;
mod path;
mod power;
pub mod record;
pub mod recorder;
pub mod registration;
mod request;
pub mod routing;
pub mod settings;
mod targets;
mod timeout_lane;
pub mod traffic;
mod verdict;
mod view;
mod workload;

pub use targets::Registered;
