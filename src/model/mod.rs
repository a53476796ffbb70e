//! The cloud: state machines and rules.
//!
//! No file, no format, no API name.

pub mod activity;
pub mod assumption;
pub mod drain;
pub mod ids;
pub mod lb;
pub mod loss;
pub mod routing;
pub mod settings;
