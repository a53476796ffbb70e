//! The shape of `summary.json`: keys in the order in which they are written.
//!
//! It must never compute a value.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::report::number::Number;

/// Name and value pairs that keep their order as a JSON object.
pub(super) struct Entries<K, V>(pub(super) Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Entries<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
pub(super) struct Summary<'a> {
    pub(super) scenario: &'a str,
    pub(super) description: &'a str,
    pub(super) seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'static str>,
    pub(super) digest: String,
    pub(super) start_unix_s: i64,
    pub(super) warm_up_s: Number,
    pub(super) end_s: Number,
    pub(super) stop: &'static str,
    pub(super) events: u64,
    pub(super) passed: bool,
    pub(super) requests: Tally,
    pub(super) workloads: Entries<&'a str, Tally>,
    pub(super) latency_ms: Latency,
    pub(super) latency_with_losses_ms: Latency,
    pub(super) losses_not_listed: u64,
    pub(super) timeline: Vec<Entry<'a>>,
    pub(super) drains: Vec<Drain<'a>>,
    pub(super) target_groups: Entries<&'a str, TargetGroup>,
    pub(super) groups: Entries<&'a str, Group>,
    pub(super) expectations: Vec<Expectation<'a>>,
    pub(super) replications: Option<Replicated<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tally {
    pub(super) arrived: u64,
    pub(super) completed: u64,
    pub(super) in_flight: u64,
    pub(super) lost: Lost,
    pub(super) attempts: u64,
}

#[derive(Serialize)]
pub(super) struct Lost {
    pub(super) total: u64,
    pub(super) by_cause: Entries<&'static str, u64>,
    pub(super) by_code: Entries<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unattributed: Option<u64>,
}

/// A latency in milliseconds, `null` for none, `"infinite"` for one among lost requests.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Quantile {
    Millis(Number),
    Infinite(&'static str),
    Absent,
}

#[derive(Serialize)]
pub(super) struct Latency {
    pub(super) p50: Quantile,
    pub(super) p90: Quantile,
    pub(super) p99: Quantile,
    pub(super) p999: Quantile,
    pub(super) max: Quantile,
    pub(super) mean: Quantile,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) at_s: Option<Number>,
    pub(super) kind: &'a str,
    pub(super) what: &'a str,
    pub(super) outcome: &'static str,
    pub(super) error: Option<EntryError<'a>>,
    pub(super) not_made: Option<&'a str>,
    /// Left out where nothing was unfinished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unfinished: Option<&'a str>,
    pub(super) unexpected: Option<&'a str>,
    pub(super) params: &'a Json,
    pub(super) response: Option<&'a Json>,
    pub(super) lost: u64,
}

#[derive(Serialize)]
pub(super) struct EntryError<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) http_status: u16,
    /// Left out where none is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a Json>,
}

#[derive(Serialize)]
pub(super) struct Drain<'a> {
    pub(super) target: &'a str,
    pub(super) target_group: &'a str,
    pub(super) entry: Option<&'a str>,
    pub(super) start_s: Number,
    pub(super) quiet_s: Option<Number>,
    pub(super) end_s: Option<Number>,
    pub(super) outcome: &'static str,
    pub(super) delay_s: Option<Number>,
    pub(super) in_flight_at_start: u64,
    pub(super) arrived_during: u64,
    pub(super) completed: u64,
    pub(super) cut: u64,
    pub(super) lost_other: u64,
    pub(super) in_flight_at_end: u64,
    pub(super) needed_s: Number,
}

#[derive(Serialize)]
pub(super) struct TargetGroup {
    pub(super) registered_min: Option<Number>,
    pub(super) healthy_min: Option<Number>,
    pub(super) eligible_min: Option<Number>,
    pub(super) zero_target_s: Option<Number>,
}

#[derive(Serialize)]
pub(super) struct Group {
    pub(super) desired: u32,
    pub(super) in_service_min: Option<Number>,
    pub(super) serving_min: Option<Number>,
    pub(super) time_to_replace_s: Option<Number>,
    pub(super) capacity_deficit_instance_s: Option<Number>,
}

#[derive(Serialize)]
pub(super) struct Expectation<'a> {
    pub(super) text: &'a str,
    pub(super) actual: &'a str,
    pub(super) verdict: &'static str,
    pub(super) hint: &'a str,
}

#[derive(Serialize)]
pub(super) struct Replicated<'a> {
    pub(super) count: u32,
    pub(super) passed: u32,
    pub(super) with_losses: u32,
    pub(super) expectations_ok: &'a [u32],
    pub(super) metrics: Entries<&'a str, ReplicatedMetric>,
}

#[derive(Serialize)]
pub(super) struct ReplicatedMetric {
    pub(super) mean: Number,
    pub(super) half_width_95: Number,
    pub(super) min: Number,
    pub(super) max: Number,
}
