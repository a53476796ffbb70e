//! `summary.json`: everything a machine needs to know about a run, in a stable order of keys.
//!
//! Where there is nothing to measure the value is `null`; a quantile that falls among lost requests
//! is the string `"infinite"`; a replacement that is still missing instances has a
//! `time_to_replace_s` of `null`. It must never leave a key out, `version` excepted.

mod shape;

use shape::{
    Drain, Entries, Entry, EntryError, Expectation, Group, Latency, Lost, Quantile, Replicated,
    ReplicatedMetric, Summary, Tally, TargetGroup,
};

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
         `too_many_in_flight`, `too_much_history` or `interrupted`",
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
        Stop::TooMuchHistory => "too_much_history",
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
        let (mut error, mut not_made, mut unfinished, mut answer) = (None, None, None, None);
        match &entry.result {
            EntryResult::Ok { response } => answer = Some(response),
            EntryResult::Error {
                code,
                message,
                http_status,
                body,
            } => {
                error = Some(EntryError {
                    code,
                    message,
                    http_status: *http_status,
                    body: body.as_ref(),
                });
            }
            EntryResult::NotMade { reason } => not_made = Some(reason.as_str()),
            EntryResult::Unfinished { reason, .. } => unfinished = Some(reason.as_str()),
        }
        Self {
            name: &entry.name,
            at_s: entry.at.map(Number::time),
            kind: entry.kind,
            what: &entry.what,
            outcome: entry_outcome(entry),
            error,
            not_made,
            unfinished,
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
mod tests;
