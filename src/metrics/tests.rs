//! Tests of all metrics on measurements made by hand.

use super::measurements::{
    DrainMeasurement, GroupMeasurement, RequestTally, TargetGroupMeasurement,
};
use super::*;
use crate::engine::time::{SimDuration, SimTime};
use crate::model::drain::DrainOutcome;
use crate::model::ids::{EntryId, NodeId, TargetGroupId, WorkloadId};
use crate::model::loss::{Cause, Code, Loss};
use crate::stats::histogram::Histogram;

fn s(secs: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(secs)
}

fn series(first: u32, changes: &[(u64, u32)]) -> StepSeries {
    let mut series = StepSeries::new(first);
    for &(at, value) in changes {
        series.set(s(at), value);
    }
    series
}

fn drain(outcome: DrainOutcome, cut: u64, needed_s: u64) -> DrainMeasurement {
    DrainMeasurement {
        target: "i-1".to_owned(),
        target_group: TargetGroupId(0),
        target_group_name: "web".to_owned(),
        entry: None,
        start: s(300),
        quiet: None,
        end: (outcome != DrainOutcome::Open).then(|| s(400)),
        outcome,
        delay: None,
        in_flight_at_start: 5,
        arrived_during: 0,
        completed: 5 - cut,
        cut,
        lost_other: 0,
        in_flight_at_end: 0,
        needed: SimDuration::from_secs(needed_s),
    }
}

fn loss(cause: Cause, code: Code, workload: u32, culprit: Option<u32>) -> Loss {
    Loss {
        at: s(310),
        arrived: s(300),
        request: 0,
        workload: WorkloadId(workload),
        target: None,
        node: NodeId(0),
        cause,
        code,
        culprit: culprit.map(EntryId),
    }
}

/// A run of 900 s after 60 s of warm-up: 100 requests of 1..=97 ms, three of them lost, one target
/// group `web`, one group `web-asg` with a gap of two instances for 40 s and of one for 60 s more.
pub(crate) fn measured() -> Measurements {
    let mut latency = Histogram::new();
    for millis in 1..=97 {
        latency.record(millis * 1_000_000);
    }
    let mut requests = RequestTally {
        arrived: 104,
        completed: 97,
        in_flight: 4,
        attempts: 110,
        ..RequestTally::default()
    };
    requests.lost_by_cause[Cause::CutAtDeadline.index()] = 2;
    requests.lost_by_cause[Cause::NoTarget.index()] = 1;
    requests.lost_by_code[Code::C502.index()] = 2;
    requests.lost_by_code[Code::C503.index()] = 1;
    let full = series(3, &[]);
    Measurements {
        warm_up: s(60),
        end: s(900),
        requests,
        workloads: vec![
            ("checkout".to_owned(), requests),
            ("idle".to_owned(), RequestTally::default()),
        ],
        latency,
        losses: vec![
            loss(Cause::CutAtDeadline, Code::C502, 0, Some(0)),
            loss(Cause::CutAtDeadline, Code::C502, 0, Some(1)),
            loss(Cause::NoTarget, Code::C503, 0, None),
        ],
        losses_not_listed: 0,
        registrations: Vec::new(),
        nodes: Vec::new(),
        lost_by_entry: vec![1, 1],
        made_from: Vec::new(),
        unattributed: 1,
        drains: vec![
            drain(DrainOutcome::Completed, 0, 7),
            drain(DrainOutcome::TimedOut, 2, 42),
        ],
        target_groups: vec![TargetGroupMeasurement {
            name: "web".to_owned(),
            // Low before the warm-up, which must not count.
            registered: series(0, &[(50, 3), (300, 1), (400, 3)]),
            healthy: series(3, &[(300, 1), (900, 0)]),
            eligible: series(3, &[(300, 0), (304, 2), (500, 0), (501, 3)]),
            draining: series(0, &[(300, 2), (400, 0)]),
            unhealthy: full.clone(),
            initial: full.clone(),
        }],
        groups: vec![GroupMeasurement {
            name: "web-asg".to_owned(),
            desired: series(3, &[(600, 2)]),
            in_service: series(3, &[(300, 1), (330, 3)]),
            serving: series(3, &[(300, 1), (340, 2), (400, 3), (700, 2)]),
            pending: full.clone(),
            leaving: full,
        }],
        activities: Vec::new(),
        window: SimDuration::from_secs(1),
        windows: Vec::new(),
    }
}

/// A query for the metric that `path` names, of the first subject.
pub(crate) fn query(path: &str) -> Query {
    let (metric, subject) = find(path).unwrap_or_else(|| panic!("{path} is a metric"));
    Query {
        metric,
        subject: subject.map(|_| 0),
        cause: None,
        code: None,
        workload: None,
        call: None,
        at: None,
    }
}

fn value(query: &Query) -> Value {
    query.metric.value(&measured(), query)
}

#[test]
fn every_metric_has_a_unique_name_that_finds_it() {
    for (i, metric) in METRICS.iter().enumerate() {
        let path = metric.name().replace('*', "a-B_9");
        let (found, subject) = find(&path).unwrap();
        assert_eq!(
            found.name(),
            metric.name(),
            "{path} is found as the first of its name"
        );
        assert_eq!(subject.is_some(), metric.subject() != Subject::Run);
        assert!(
            METRICS[..i]
                .iter()
                .all(|other| other.name() != metric.name())
        );
        assert!(!metric.summary().is_empty() && !metric.summary().ends_with('.'));
    }
}

#[test]
fn names_that_do_not_exist_find_nothing_but_suggestions() {
    for path in [
        "requests.loss",
        "targets.draining",
        "targets..draining",
        "targets.a.b.draining",
    ] {
        assert!(find(path).is_none(), "{path}");
    }
    assert_eq!(names_like("requests.losst")[0], "requests.lost");
    assert_eq!(names_like("targets.web.drainin")[0], "targets.web.draining");
    assert_eq!(
        names_like("group.web-asg.time_to_replace")[0],
        "groups.web-asg.time_to_replace"
    );
    assert!(names_like("zzz").is_empty());
}

#[test]
fn plain_metrics_read_what_was_measured() {
    for (path, expected) in [
        ("requests.arrived", 104.0),
        ("requests.completed", 97.0),
        ("requests.in_flight", 4.0),
        ("requests.attempts", 110.0),
        ("requests.lost", 3.0),
        ("requests.unattributed", 1.0),
        ("requests.loss_ratio", 3.0 / 104.0),
        ("latency.max", 0.097),
        ("latency.mean", 0.049),
        ("drains.count", 2.0),
        ("drains.completed", 1.0),
        ("drains.timed_out", 1.0),
        ("drains.target_lost", 0.0),
        ("drains.cancelled", 0.0),
        ("drains.open", 0.0),
        ("drains.cut", 2.0),
        ("drains.in_flight_at_start", 10.0),
        ("drains.needed", 42.0),
        ("targets.web.registered_min", 1.0),
        ("targets.web.healthy_min", 0.0),
        ("targets.web.eligible_min", 0.0),
        ("targets.web.zero_target", 5.0),
        ("targets.web.draining", 0.0),
        ("groups.web-asg.desired", 2.0),
        ("groups.web-asg.in_service_min", 1.0),
        ("groups.web-asg.serving_min", 1.0),
        // 300..400 s, in two steps.
        ("groups.web-asg.time_to_replace", 100.0),
        ("groups.web-asg.capacity_deficit", 2.0 * 40.0 + 60.0),
    ] {
        assert_eq!(value(&query(path)), Value::Number(expected), "{path}");
    }
}

#[test]
fn a_lost_request_is_infinitely_late() {
    let Value::Number(median) = value(&query("latency_with_losses.p50")) else {
        panic!("the median is finite");
    };
    // Rank 50 of 97 completed and 3 lost; buckets are within 0.4 %.
    assert!((median / 0.050 - 1.0).abs() < 0.004);
    assert_eq!(value(&query("latency_with_losses.p99")), Value::Infinite);
    assert_eq!(value(&query("latency_with_losses.max")), Value::Infinite);
    assert_eq!(value(&query("latency_with_losses.mean")), Value::Infinite);
    let mut nothing = measured();
    nothing.latency = Histogram::new();
    let p50 = query("latency.p50");
    assert_eq!(p50.metric.value(&nothing, &p50), Value::Absent);
    let p50 = query("latency_with_losses.p50");
    assert_eq!(p50.metric.value(&nothing, &p50), Value::Infinite);
}

/// Lost requests that match the labels `narrow` sets.
fn lost(narrow: impl Fn(&mut Query)) -> Value {
    let mut query = query("requests.lost");
    narrow(&mut query);
    value(&query)
}

#[test]
fn one_label_narrows_losses() {
    assert_eq!(
        lost(|query| query.cause = Some(Cause::CutAtDeadline)),
        Value::Number(2.0)
    );
    assert_eq!(
        lost(|query| query.code = Some(Code::C503)),
        Value::Number(1.0)
    );
    assert_eq!(
        lost(|query| query.call = Some(EntryId(1))),
        Value::Number(1.0)
    );
    assert_eq!(
        lost(|query| query.call = Some(EntryId(9))),
        Value::Number(0.0)
    );
    assert_eq!(lost(|query| query.workload = Some(1)), Value::Number(0.0));
}

#[test]
fn several_labels_narrow_losses_together() {
    let (cut, no_target) = (Some(Cause::CutAtDeadline), Some(Cause::NoTarget));
    let together = |query: &mut Query, workload, cause, code, call: Option<u32>| {
        (query.workload, query.cause) = (workload, cause);
        (query.code, query.call) = (code, call.map(EntryId));
    };
    for (workload, cause, code, call, expected) in [
        (Some(0), no_target, None, None, 1.0),
        (Some(1), no_target, None, None, 0.0),
        (None, cut, None, Some(0), 1.0),
        (None, no_target, Some(Code::C502), None, 0.0),
        (None, cut, Some(Code::C502), None, 2.0),
        (Some(0), None, None, Some(1), 1.0),
        (Some(1), None, None, Some(1), 0.0),
        (Some(0), cut, Some(Code::C502), Some(1), 1.0),
    ] {
        let found = lost(|query| together(query, workload, cause, code, call));
        assert_eq!(
            found,
            Value::Number(expected),
            "{workload:?} {cause:?} {code:?} {call:?}"
        );
    }
}

#[test]
fn several_labels_cannot_be_told_when_losses_are_not_listed() {
    let mut measurements = measured();
    measurements.losses_not_listed = 5;
    let mut query = query("requests.lost");
    query.cause = Some(Cause::NoTarget);
    assert_eq!(
        query.metric.value(&measurements, &query),
        Value::Number(1.0)
    );
    query.call = Some(EntryId(1));
    assert_eq!(query.metric.value(&measurements, &query), Value::Undecided);
}

#[test]
fn a_series_is_read_at_its_time_and_not_beyond_the_end() {
    let draining = query("targets.web.draining");
    for (at, expected) in [(0, 0.0), (300, 2.0), (399, 2.0), (400, 0.0), (900, 0.0)] {
        let query = Query {
            at: Some(s(at)),
            ..draining.clone()
        };
        assert_eq!(value(&query), Value::Number(expected), "at {at} s");
    }
    assert_eq!(
        value(&Query {
            at: Some(s(901)),
            ..draining
        }),
        Value::Undecided
    );
}

#[test]
fn a_gap_that_is_still_open_leaves_the_replacement_undecided() {
    let mut measurements = measured();
    measurements.groups[0].serving.set(s(890), 1);
    let query = query("groups.web-asg.time_to_replace");
    assert_eq!(query.metric.value(&measurements, &query), Value::Undecided);
}

#[test]
fn a_group_that_was_never_short_needs_no_time() {
    let mut measurements = measured();
    measurements.groups[0].serving = series(3, &[]);
    for path in [
        "groups.web-asg.time_to_replace",
        "groups.web-asg.capacity_deficit",
    ] {
        let query = query(path);
        assert_eq!(
            query.metric.value(&measurements, &query),
            Value::Number(0.0)
        );
    }
}
