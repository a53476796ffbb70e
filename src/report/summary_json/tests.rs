//! Tests of the contract for machines.
//!
//! They must never compare with numbers copied from a run.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::*;
use crate::report::sample;

fn parsed(outcome: &Outcome, options: ReportOptions) -> BTreeMap<String, Json> {
    let bytes = SummaryJson.render(outcome, &options).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn holds_every_described_key_in_order() {
    let outcome = sample::detach_two();
    let bytes = SummaryJson
        .render(&outcome, &ReportOptions::default())
        .unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let keys: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  \"")?.split_once('"'))
        .map(|(key, _)| key)
        .collect();
    let described: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(keys, described);
}

#[test]
fn committed_reports_leave_the_version_out() {
    let outcome = sample::detach_two();
    let with = parsed(&outcome, ReportOptions { with_version: true });
    let without = parsed(
        &outcome,
        ReportOptions {
            with_version: false,
        },
    );
    assert_eq!(with["version"], env!("CARGO_PKG_VERSION"));
    assert!(!without.contains_key("version"));
    assert_eq!(with.len(), without.len() + 1);
}

#[test]
fn requests_balance_and_only_causes_that_occur_are_listed() {
    let outcome = sample::detach_two();
    let summary = parsed(&outcome, ReportOptions::default());
    let requests = &summary["requests"];
    let count = |key: &str| requests[key].as_u64().unwrap();
    let lost = requests["lost"]["total"].as_u64().unwrap();
    assert_eq!(
        count("arrived"),
        count("completed") + count("in_flight") + lost
    );
    let by_cause = requests["lost"]["by_cause"].as_object().unwrap();
    assert!(by_cause.values().all(|n| n.as_u64().unwrap() > 0));
    let sum: u64 = by_cause.values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(sum, lost);
}

#[test]
fn a_lost_request_makes_the_maximum_infinite() {
    let outcome = sample::detach_two();
    let summary = parsed(&outcome, ReportOptions::default());
    assert_eq!(summary["latency_with_losses_ms"]["max"], "infinite");
    assert!(summary["latency_ms"]["max"].is_number());
}
