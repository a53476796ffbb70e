//! All tests that look at drainsim from outside, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "tests read fixtures and the bless switch"
)]

mod api;
mod bad_scenarios;
mod cli;
mod determinism;
mod fleet;
mod golden;
mod oracle;
mod properties;
mod reference;
mod routing;
mod rules;
mod runbook;
mod schema;
mod tidy;
