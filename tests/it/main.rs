//! All tests that look at drainsim from outside, in one binary.
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests read fixtures and the bless switch"
)]

mod api;
mod bad_scenarios;
mod cli;
mod golden;
mod schema;
