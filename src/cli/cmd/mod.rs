//! Commands: one file each.
//!
//! A command takes its arguments and gives an exit code. It must never compute a number.

pub(super) mod check;
pub(super) mod explain;
pub(super) mod list;
pub(super) mod run;
pub(super) mod schema;
