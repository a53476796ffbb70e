//! Integration tests in one binary: properties, oracles, rules, determinism, tidiness.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

mod determinism;
mod fleet;
mod oracle;
mod properties;
mod routing;
mod rules;
mod tidy;
