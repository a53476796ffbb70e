//! `summary.json`: everything a machine needs to know about a run, in a stable order of keys.
//!
//! Where there is nothing to measure the value is `null`; a quantile that falls among lost requests
//! is the string `"infinite"`; a replacement that is still missing instances has a
//! `time_to_replace_s` of `null`. It must never leave a key out, `version` excepted.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::number::Number;
use super::subject::{entry_name, entry_outcome, metric};
use super::{Column, Report, ReportError, ReportOptions, column};
use crate::experiment::outcome::{EntryOutcome, EntryResult, Outcome, Replications, Stop};
use crate::metrics::measurements::{DrainMeasurement, RequestTally};
use crate::metrics::query::Value;
use crate::model::loss::{CAUSES, CODES};

/// The report `summary.json`.
#[derive(Debug)]
pub(super) struct SummaryJson;

const KEYS: &[Column] = &[
    column(
        "scenario",
        "stem of the file, with `/variant` behind it if one was chosen",
    ),
    column("description", "what the scenario shows"),
    column("seed", "seed of the run"),
    column(
        "version",
        "version of drainsim; committed reports leave it out",
    ),
    column(
        "digest",
        "16 hex digits over all records: the same run has the same digest",
    ),
    column("start_unix_s", "what the virtual clock showed at 0 s"),
    column(
        "warm_up_s",
        "requests that arrived earlier are left out of tallies",
    ),
    column("end_s", "where the run stopped"),
    column(
        "stop",
        "`horizon`, `settled`, `never_settled`, `event_limit`, \
         `too_many_in_flight` or `interrupted`",
    ),
    column("events", "events handled"),
    column("passed", "whether the verdict is ok"),
    column(
        "requests",
        "counts of logical requests; arrived = completed + lost + in_flight",
    ),
    column("workloads", "the same for each workload"),
    column(
        "latency_ms",
        "quantiles, maximum and mean over completed requests",
    ),
    column(
        "latency_with_losses_ms",
        "the same with every lost request counted as `\"infinite\"`",
    ),
    column(
        "losses_not_listed",
        "lost requests beyond the cap of losses.csv",
    ),
    column(
        "timeline",
        "what became of each entry, in the order of the file",
    ),
    column("drains", "every drain, in the order in which they began"),
    column(
        "target_groups",
        "minima over [warm_up, end] and time without a target",
    ),
    column(
        "groups",
        "size, minima, time to replace and missing capacity",
    ),
    column(
        "expectations",
        "text, actual value, verdict and hint of each",
    ),
    column(
        "replications",
        "further runs with other seeds, `null` for a single run",
    ),
];

impl Report for SummaryJson {
    fn name(&self) -> &'static str {
        "summary.json"
    }

    fn summary(&self) -> &'static str {
        "the contract for machines: verdict, losses, latency, drains, capacity"
    }

    fn columns(&self) -> &'static [Column] {
        KEYS
    }

    fn render(&self, outcome: &Outcome, options: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let mut bytes = serde_json::to_vec_pretty(&Summary::new(outcome, *options))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Name and value pairs that keep their order as a JSON object.
struct Entries<K, V>(Vec<(K, V)>);

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
struct Summary<'a> {
    scenario: &'a str,
    description: &'a str,
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    digest: String,
    start_unix_s: i64,
    warm_up_s: Number,
    end_s: Number,
    stop: &'static str,
    events: u64,
    passed: bool,
    requests: Tally,
    workloads: Entries<&'a str, Tally>,
    latency_ms: Latency,
    latency_with_losses_ms: Latency,
    losses_not_listed: u64,
    timeline: Vec<Entry<'a>>,
    drains: Vec<Drain<'a>>,
    target_groups: Entries<&'a str, TargetGroup>,
    groups: Entries<&'a str, Group>,
    expectations: Vec<Expectation<'a>>,
    replications: Option<Replicated<'a>>,
}

#[derive(Serialize)]
struct Tally {
    arrived: u64,
    completed: u64,
    in_flight: u64,
    lost: Lost,
    attempts: u64,
}

#[derive(Serialize)]
struct Lost {
    total: u64,
    by_cause: Entries<&'static str, u64>,
    by_code: Entries<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unattributed: Option<u64>,
}

/// A latency in milliseconds, `null` for none, `"infinite"` for one among lost requests.
#[derive(Serialize)]
#[serde(untagged)]
enum Quantile {
    Millis(Number),
    Infinite(&'static str),
    Absent,
}

#[derive(Serialize)]
struct Latency {
    p50: Quantile,
    p90: Quantile,
    p99: Quantile,
    p999: Quantile,
    max: Quantile,
    mean: Quantile,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    at_s: Option<Number>,
    kind: &'a str,
    what: &'a str,
    outcome: &'static str,
    error: Option<EntryError<'a>>,
    not_made: Option<&'a str>,
    unexpected: Option<&'a str>,
    params: &'a Json,
    response: Option<&'a Json>,
    lost: u64,
}

#[derive(Serialize)]
struct EntryError<'a> {
    code: &'a str,
    message: &'a str,
    http_status: u16,
}

#[derive(Serialize)]
struct Drain<'a> {
    target: &'a str,
    target_group: &'a str,
    entry: Option<&'a str>,
    start_s: Number,
    quiet_s: Option<Number>,
    end_s: Option<Number>,
    outcome: &'static str,
    delay_s: Option<Number>,
    in_flight_at_start: u64,
    arrived_during: u64,
    completed: u64,
    cut: u64,
    lost_other: u64,
    in_flight_at_end: u64,
    needed_s: Number,
}

#[derive(Serialize)]
struct TargetGroup {
    registered_min: Option<Number>,
    healthy_min: Option<Number>,
    eligible_min: Option<Number>,
    zero_target_s: Option<Number>,
}

#[derive(Serialize)]
struct Group {
    desired: u32,
    in_service_min: Option<Number>,
    serving_min: Option<Number>,
    time_to_replace_s: Option<Number>,
    capacity_deficit_instance_s: Option<Number>,
}

#[derive(Serialize)]
struct Expectation<'a> {
    text: &'a str,
    actual: &'a str,
    verdict: &'static str,
    hint: &'a str,
}

#[derive(Serialize)]
struct Replicated<'a> {
    count: u32,
    passed: u32,
    with_losses: u32,
    expectations_ok: &'a [u32],
    metrics: Entries<&'a str, ReplicatedMetric>,
}

#[derive(Serialize)]
struct ReplicatedMetric {
    mean: Number,
    half_width_95: Number,
    min: Number,
    max: Number,
}

impl<'a> Summary<'a> {
    fn new(outcome: &'a Outcome, options: ReportOptions) -> Self {
        let m = &outcome.measurements;
        let workloads = m.workloads.iter();
        Self {
            scenario: &outcome.scenario,
            description: &outcome.description,
            seed: outcome.seed,
            version: options.with_version.then_some(env!("CARGO_PKG_VERSION")),
            digest: format!("{:016x}", outcome.digest),
            start_unix_s: outcome.start_unix_s,
            warm_up_s: Number::time(m.warm_up),
            end_s: Number::time(m.end),
            stop: stop_name(outcome.stop),
            events: outcome.events,
            passed: outcome.passed(),
            requests: Tally::new(&m.requests, Some(m.unattributed)),
            workloads: Entries(
                workloads
                    .map(|(name, tally)| (name.as_str(), Tally::new(tally, None)))
                    .collect(),
            ),
            latency_ms: Latency::new(outcome, 0),
            latency_with_losses_ms: Latency::new(outcome, m.requests.lost()),
            losses_not_listed: m.losses_not_listed,
            timeline: outcome.timeline.iter().map(Entry::new).collect(),
            drains: m.drains.iter().map(|d| Drain::new(outcome, d)).collect(),
            target_groups: target_groups(outcome),
            groups: groups(outcome),
            expectations: expectations(outcome),
            replications: outcome.replications.as_ref().map(Replicated::new),
        }
    }
}

/// The name of `stop` in reports.
pub(crate) fn stop_name(stop: Stop) -> &'static str {
    match stop {
        Stop::Horizon => "horizon",
        Stop::Settled => "settled",
        Stop::NeverSettled => "never_settled",
        Stop::EventLimit => "event_limit",
        Stop::TooManyInFlight => "too_many_in_flight",
        Stop::Interrupted => "interrupted",
    }
}

impl Tally {
    fn new(tally: &RequestTally, unattributed: Option<u64>) -> Self {
        let causes = CAUSES.iter().map(|c| (c.name, tally.lost_for(c.cause)));
        let codes = CODES.iter().map(|&(c, name)| (name, tally.lost_with(c)));
        Self {
            arrived: tally.arrived,
            completed: tally.completed,
            in_flight: tally.in_flight,
            lost: Lost {
                total: tally.lost(),
                by_cause: Entries(causes.filter(|&(_, count)| count > 0).collect()),
                by_code: Entries(codes.filter(|&(_, count)| count > 0).collect()),
                unattributed,
            },
            attempts: tally.attempts,
        }
    }
}

impl Latency {
    fn new(outcome: &Outcome, infinite: u64) -> Self {
        let latency = &outcome.measurements.latency;
        let nothing = latency.count() == 0 && infinite == 0;
        let judge = |value: Option<u64>| match value {
            Some(nanos) => Quantile::Millis(Number::millis(nanos)),
            None if nothing => Quantile::Absent,
            None => Quantile::Infinite("infinite"),
        };
        let quantile = |q| judge(latency.quantile(q, infinite));
        // One infinite value makes the maximum and the mean infinite.
        let finite = infinite == 0;
        let mean = latency.mean().filter(|_| finite);
        Self {
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: judge(latency.max().filter(|_| finite)),
            mean: mean.map_or_else(
                || judge(None),
                |nanos| Quantile::Millis(Number::decimal(nanos / 1e6, 3)),
            ),
        }
    }
}

impl<'a> Entry<'a> {
    fn new(entry: &'a EntryOutcome) -> Self {
        let (mut error, mut not_made, mut answer) = (None, None, None);
        match &entry.result {
            EntryResult::Ok { response } => answer = Some(response),
            EntryResult::Error {
                code,
                message,
                http_status,
            } => {
                error = Some(EntryError {
                    code,
                    message,
                    http_status: *http_status,
                });
            }
            EntryResult::NotMade { reason } => not_made = Some(reason.as_str()),
        }
        Self {
            name: &entry.name,
            at_s: entry.at.map(Number::time),
            kind: entry.kind,
            what: &entry.what,
            outcome: entry_outcome(entry),
            error,
            not_made,
            unexpected: entry.unexpected.as_deref(),
            params: &entry.params,
            response: answer,
            lost: entry.lost,
        }
    }
}

impl<'a> Drain<'a> {
    fn new(outcome: &'a Outcome, drain: &'a DrainMeasurement) -> Self {
        Self {
            target: &drain.target,
            target_group: &drain.target_group_name,
            entry: drain.entry.map(|entry| entry_name(outcome, Some(entry))),
            start_s: Number::time(drain.start),
            quiet_s: drain.quiet.map(Number::time),
            end_s: drain.end.map(Number::time),
            outcome: drain.outcome.name(),
            delay_s: drain.delay.map(Number::span),
            in_flight_at_start: drain.in_flight_at_start,
            arrived_during: drain.arrived_during,
            completed: drain.completed,
            cut: drain.cut,
            lost_other: drain.lost_other,
            in_flight_at_end: drain.in_flight_at_end,
            needed_s: Number::span(drain.needed),
        }
    }
}

/// A metric's value as a JSON number; everything that is no number is `null`.
fn number(outcome: &Outcome, name: &str, subject: usize) -> Option<Number> {
    match metric(outcome, name, Some(subject)) {
        Value::Number(value) => Some(Number::decimal(value, 9)),
        Value::Infinite | Value::Absent | Value::Undecided => None,
    }
}

fn target_groups(outcome: &Outcome) -> Entries<&str, TargetGroup> {
    let all = outcome.measurements.target_groups.iter().enumerate();
    Entries(
        all.map(|(i, group)| {
            let value = TargetGroup {
                registered_min: number(outcome, "targets.*.registered_min", i),
                healthy_min: number(outcome, "targets.*.healthy_min", i),
                eligible_min: number(outcome, "targets.*.eligible_min", i),
                zero_target_s: number(outcome, "targets.*.zero_target", i),
            };
            (group.name.as_str(), value)
        })
        .collect(),
    )
}

fn groups(outcome: &Outcome) -> Entries<&str, Group> {
    let all = outcome.measurements.groups.iter().enumerate();
    Entries(
        all.map(|(i, group)| {
            let value = Group {
                desired: group.desired.last(),
                in_service_min: number(outcome, "groups.*.in_service_min", i),
                serving_min: number(outcome, "groups.*.serving_min", i),
                time_to_replace_s: number(outcome, "groups.*.time_to_replace", i),
                capacity_deficit_instance_s: number(outcome, "groups.*.capacity_deficit", i),
            };
            (group.name.as_str(), value)
        })
        .collect(),
    )
}

fn expectations(outcome: &Outcome) -> Vec<Expectation<'_>> {
    let all = outcome.expectations.iter();
    all.map(|expectation| Expectation {
        text: &expectation.text,
        actual: &expectation.actual,
        verdict: expectation.verdict.name(),
        hint: &expectation.hint,
    })
    .collect()
}

impl<'a> Replicated<'a> {
    fn new(replications: &'a Replications) -> Self {
        let metrics = replications.metrics.iter();
        Self {
            count: replications.count,
            passed: replications.passed,
            with_losses: replications.with_losses,
            expectations_ok: &replications.expectations_ok,
            metrics: Entries(
                metrics
                    .map(|metric| {
                        let value = ReplicatedMetric {
                            mean: Number::decimal(metric.mean, 6),
                            half_width_95: Number::decimal(metric.half_width, 6),
                            min: Number::decimal(metric.min, 6),
                            max: Number::decimal(metric.max, 6),
                        };
                        (metric.name.as_str(), value)
                    })
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
}
