//! A hand-made outcome: what tests of reports and pictures are shown instead of a run.
//!
//! Its numbers balance as a real run's do, but nothing was simulated. It must never be used to
//! state what drainsim finds.

use serde_json::json;

use crate::engine::time::{SimDuration, SimTime};
use crate::experiment::outcome::{
    EntryOutcome, EntryResult, ExpectationOutcome, Outcome, Stop, Verdict,
};
use crate::metrics::measurements::{
    ActivityMeasurement, DrainMeasurement, GroupMeasurement, Measurements, RequestTally,
    TargetGroupMeasurement, Window,
};
use crate::model::activity::{Activity, StatusCode};
use crate::model::drain::DrainOutcome;
use crate::model::ids::{EntryId, NodeId, RegistrationId, TargetGroupId, WorkloadId};
use crate::model::loss::{Cause, Code, Loss};
use crate::stats::histogram::Histogram;
use crate::stats::step_series::StepSeries;

/// The shape of an outcome to make.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Length of the run \[s\].
    pub(crate) horizon_s: u64,
    /// Number of windows.
    pub(crate) windows: u64,
    /// Requests that arrive in a window.
    pub(crate) arrivals: u64,
    /// Warm-up \[s\].
    pub(crate) warm_up_s: u64,
    /// Size of the fleet.
    pub(crate) targets: u32,
    /// Groups, each with a target group of its own.
    pub(crate) groups: usize,
    /// Entries of the timeline.
    pub(crate) calls: u64,
    /// Drains.
    pub(crate) drains: u64,
    /// Lost requests.
    pub(crate) lost: Vec<(Cause, Code, u64)>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            horizon_s: 900,
            windows: 60,
            arrivals: 4500,
            warm_up_s: 60,
            targets: 6,
            groups: 1,
            calls: 3,
            drains: 2,
            lost: vec![
                (Cause::CutAtDeadline, Code::C502, 31),
                (Cause::RefusedStaleRoute, Code::C502, 12),
                (Cause::NoTarget, Code::C503, 5),
            ],
        }
    }
}

/// Two of six instances are detached: the usual case.
pub(crate) fn detach_two() -> Outcome {
    Sample::default().build()
}

fn at(secs: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(secs)
}

/// A count over time from its changes.
fn series(first: u32, changes: &[(u64, u32)]) -> StepSeries {
    let mut series = StepSeries::new(first);
    for &(secs, value) in changes {
        series.set(at(secs), value);
    }
    series
}

impl Sample {
    /// The outcome.
    pub(crate) fn build(&self) -> Outcome {
        let third = self.horizon_s / 3;
        let losses = self.losses(third);
        let windows = self.windows(&losses);
        let latency = self.latency();
        let lost: u64 = self.lost.iter().map(|l| l.2).sum();
        let mut requests = RequestTally {
            arrived: latency.count() + lost + 71,
            completed: latency.count(),
            in_flight: 71,
            attempts: latency.count() + lost + 71,
            ..RequestTally::default()
        };
        for loss in &losses {
            requests.lost_by_cause[loss.cause.index()] += 1;
            requests.lost_by_code[loss.code.index()] += 1;
        }
        let blamed = losses.iter().filter(|l| l.culprit.is_some()).count() as u64;
        let measurements = Measurements {
            warm_up: at(self.warm_up_s),
            end: at(self.horizon_s),
            requests,
            workloads: vec![("checkout".to_owned(), requests)],
            latency,
            losses,
            losses_not_listed: 0,
            registrations: (0..self.drains.max(1)).map(target).collect(),
            nodes: vec!["front/a".to_owned(), "front/b".to_owned()],
            lost_by_entry: vec![blamed],
            made_from: Vec::new(),
            unattributed: lost - blamed,
            drains: (0..self.drains).map(|i| self.drain(i, third)).collect(),
            target_groups: (0..self.groups)
                .map(|i| self.target_group(i, third))
                .collect(),
            groups: (0..self.groups).map(|i| self.group(i, third)).collect(),
            activities: activities(third),
            window: SimDuration::from_nanos(at(self.horizon_s).as_nanos().div_ceil(self.windows)),
            windows,
        };
        Outcome {
            scenario: "detach-two-of-six".to_owned(),
            description: "Two of six instances are detached and replaced.".to_owned(),
            seed: 7,
            start_unix_s: 1_767_225_600,
            digest: 0x1234_5678_9abc_def0,
            events: 1_234_567,
            stop: Stop::Horizon,
            measurements,
            timeline: self.timeline(third, blamed),
            expectations: expectations(lost),
            replications: None,
        }
    }

    fn losses(&self, call_s: u64) -> Vec<Loss> {
        let mut losses = Vec::new();
        for (i, &(cause, code, count)) in self.lost.iter().enumerate() {
            for n in 0..count {
                // The square bunches them up at the front, as losses after a call are.
                let spread = n * n * 40_000 / (count * count).max(1);
                let offset = (i as u64) * 7 + 2;
                let when = at(call_s + offset) + SimDuration::from_millis(spread);
                losses.push(Loss {
                    at: when.min(at(self.horizon_s)),
                    arrived: at(call_s),
                    request: n * 17 + i as u64,
                    workload: WorkloadId(0),
                    target: (cause != Cause::NoTarget).then_some(RegistrationId(0)),
                    node: NodeId(0),
                    cause,
                    code,
                    culprit: (self.calls > 0 && cause != Cause::QueueOverflow)
                        .then_some(EntryId(0)),
                });
            }
        }
        losses.sort_by_key(|loss| (loss.at, loss.request));
        losses
    }

    fn windows(&self, losses: &[Loss]) -> Vec<Window> {
        let width = at(self.horizon_s).as_nanos().div_ceil(self.windows);
        let mut windows: Vec<Window> = (0..self.windows)
            .map(|i| {
                let wobble = (i * 7919) % 13;
                let call = self.windows / 3;
                let slow = if i >= call && i < call + self.windows.div_ceil(12) {
                    9
                } else {
                    1
                };
                let base = 180_000_000 + wobble * 2_000_000;
                Window {
                    start: SimTime::from_nanos(width * i),
                    arrived: self.arrivals,
                    completed: self.arrivals,
                    lost_by_cause: [0; crate::model::loss::CAUSES.len()],
                    in_flight: 70 + wobble,
                    latency_p50: Some(base),
                    latency_p90: Some(base * 3),
                    latency_p99: Some(base * 6 * slow),
                    latency_max: Some(base * 20 * slow),
                }
            })
            .collect();
        for loss in losses {
            let index = usize::try_from(loss.at.as_nanos() / width).unwrap();
            let last = windows.len() - 1;
            windows[index.min(last)].lost_by_cause[loss.cause.index()] += 1;
        }
        windows
    }

    fn latency(&self) -> Histogram {
        let mut latency = Histogram::new();
        for n in 0..(self.arrivals * self.windows).min(20_000) {
            latency.record(20_000_000 + (n * n * 7919) % 900_000_007);
        }
        latency
    }

    fn drain(&self, i: u64, call_s: u64) -> DrainMeasurement {
        let cut = self.lost.iter().find(|l| l.0 == Cause::CutAtDeadline);
        let cut = cut.map_or(0, |l| l.2 / self.drains);
        let needed = SimDuration::from_millis(12_000 + (i * 7_345 + i % 2 * 22_000) % 29_400);
        let quiet = needed.min(SimDuration::from_secs(30));
        let cut = if needed > quiet { cut } else { 0 };
        DrainMeasurement {
            target: target(i),
            target_group: TargetGroupId(0),
            target_group_name: "web".to_owned(),
            entry: (self.calls > 0).then_some(EntryId(0)),
            start: at(call_s + i / 4),
            quiet: Some(at(call_s + i / 4) + quiet),
            end: Some(at(call_s + i / 4 + 30)),
            outcome: if cut > 0 {
                DrainOutcome::TimedOut
            } else {
                DrainOutcome::Completed
            },
            delay: Some(SimDuration::from_secs(30)),
            in_flight_at_start: 64 + cut,
            arrived_during: 9,
            completed: 73,
            cut,
            lost_other: 0,
            in_flight_at_end: 0,
            needed,
        }
    }

    fn target_group(&self, i: usize, call_s: u64) -> TargetGroupMeasurement {
        let (n, gone) = (self.targets, self.targets.min(2));
        let step = self.horizon_s / 15;
        let back = [
            (call_s, n - gone),
            (call_s + step, n - gone / 2),
            (call_s + 2 * step, n),
        ];
        TargetGroupMeasurement {
            name: if i == 0 {
                "web".to_owned()
            } else {
                format!("web-{i}")
            },
            registered: series(n, &back),
            healthy: series(n, &back),
            eligible: series(n, &back),
            draining: series(0, &[(call_s, gone), (call_s + step, 0)]),
            unhealthy: series(0, &[]),
            initial: series(0, &[]),
        }
    }

    fn group(&self, i: usize, call_s: u64) -> GroupMeasurement {
        let (n, gone) = (self.targets, self.targets.min(2));
        let step = self.horizon_s / 15;
        let early = [(call_s, n - gone), (call_s + step / 2, n)];
        let late = [
            (call_s, n - gone),
            (call_s + step, n - gone / 2),
            (call_s + 2 * step, n),
        ];
        GroupMeasurement {
            name: if i == 0 {
                "web-asg".to_owned()
            } else {
                format!("web-asg-{i}")
            },
            desired: series(n, &[]),
            in_service: series(n, &early),
            serving: series(n, &late),
            pending: series(0, &[(call_s, gone), (call_s + step / 2, 0)]),
            leaving: series(0, &[(call_s, gone), (call_s + step, 0)]),
        }
    }

    fn timeline(&self, call_s: u64, lost: u64) -> Vec<EntryOutcome> {
        let step = (self.horizon_s - call_s) / (self.calls + 1);
        let entries = (0..self.calls).map(|i| {
            let (result, unexpected, made) = match i {
                1 => (error(), Some("ok".to_owned()), true),
                2 => (not_made(), Some("ok".to_owned()), false),
                _ => (
                    EntryResult::Ok {
                        response: json!({ "Activities": [] }),
                    },
                    None,
                    true,
                ),
            };
            EntryOutcome {
                entry: EntryId(u32::try_from(i).unwrap()),
                name: if i == 0 {
                    "detach".to_owned()
                } else {
                    format!("entry-{}", i + 1)
                },
                at: made.then_some(at(call_s + i * step)),
                kind: "call",
                what: if i % 3 == 0 {
                    "autoscaling:DetachInstances".to_owned()
                } else {
                    "elasticloadbalancing:DeregisterTargets".to_owned()
                },
                params: json!({ "AutoScalingGroupName": "web-asg" }),
                result,
                unexpected,
                lost: if i == 0 { lost } else { 0 },
            }
        });
        entries.collect()
    }
}

fn target(i: u64) -> String {
    format!("i-{:017x}", i * 0x1f3_5a7b_9d1e + 0x93_633f_9b00_1122)
}

fn error() -> EntryResult {
    EntryResult::Error {
        code: "ValidationError".to_owned(),
        message: "AutoScalingGroup name not found - null".to_owned(),
        http_status: 400,
        body: None,
    }
}

fn not_made() -> EntryResult {
    EntryResult::NotMade {
        reason: "`${web-asg.instances[9]}` is empty: the group has 6 instances".to_owned(),
    }
}

fn activities(call_s: u64) -> Vec<ActivityMeasurement> {
    let activity = |n: u8, end, status, progress| ActivityMeasurement {
        group: "web-asg".to_owned(),
        entry: Some(EntryId(0)),
        activity: Activity {
            id: format!("5091cb52-547a-47ce-a236-c9ccbc2cb2c{n}"),
            description: "Detaching EC2 instance: i-93633f9b".to_owned(),
            cause: "At 2026-01-05T09:05:00Z instance i-93633f9b was detached in response to a \
                    user request."
                .to_owned(),
            start: at(call_s),
            end,
            status,
            status_message: None,
            progress,
            details: "{\"Availability Zone\":\"a\"}".to_owned(),
        },
    };
    vec![
        activity(1, Some(at(call_s + 30)), StatusCode::Successful, 100),
        activity(2, None, StatusCode::PreInService, 30),
    ]
}

fn expectations(lost: u64) -> Vec<ExpectationOutcome> {
    let expectation = |text: &str, actual: &str, verdict, hint: &str| ExpectationOutcome {
        text: text.to_owned(),
        actual: actual.to_owned(),
        verdict,
        hint: hint.to_owned(),
    };
    vec![
        expectation(
            "requests.lost == 0",
            &lost.to_string(),
            if lost == 0 {
                Verdict::Ok
            } else {
                Verdict::Failed
            },
            if lost == 0 {
                ""
            } else {
                "a longer deregistration delay lets more of them finish"
            },
        ),
        expectation("latency.p99 < 1500ms", "891ms", Verdict::Ok, ""),
    ]
}
