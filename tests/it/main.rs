//! Tests.

mod bad_scenarios;
