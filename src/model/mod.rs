//! The cloud: state machines and rules of balancers, targets, machines and groups.
//!
//! Start in `cloud.rs`. The model takes settings, changes by events and by the commands that API
//! operations give it, and tells records. It must never read a file, know a format, name an API
//! operation, or look at a clock.

pub mod activity;
pub mod adjustment;
pub mod assumption;
mod assumption_default;
pub mod autoscaling;
mod balancer;
pub mod capacity;
pub mod choice;
pub mod clock;
pub mod cloud;
mod cooldown;
pub mod drain;
mod drain_wait;
mod draining;
pub mod ess;
pub mod ess_hook;
pub mod ess_standby;
pub mod event;
pub mod fault;
pub mod group;
pub mod group_admin;
mod health;
pub mod hook;
pub mod identifier;
pub mod ids;
mod invariant;
pub mod lb;
pub mod lifecycle;
pub mod listener;
pub mod loss;
pub mod machine;
pub mod maintenance;
mod member_health;
pub mod membership;
mod path;
pub mod policy;
mod power;
pub mod record;
pub mod recorder;
pub mod recurrence;
pub mod refresh;
mod refresh_choice;
mod refreshing;
pub mod registration;
mod request;
pub mod routing;
pub mod scaling_group_state;
pub mod scaling_process;
pub mod schedule;
mod scope;
pub mod setting;
pub mod settings;
mod settled;
mod shortage;
pub mod source;
mod standby;
pub mod tag;
pub mod target_group;
mod targets;
pub mod termination_policy;
mod timeout_lane;
pub mod tracking;
pub mod traffic;
mod verdict;
mod view;
mod warm_instance;
pub mod warm_pool;
pub mod weight;
mod workload;
mod zone;

pub use targets::{Registered, TargetDetails};
