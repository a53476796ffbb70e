//! Target tracking: policies that keep a metric of their group near a target.
//!
//! Every minute of the clock each tracked metric gives one reading. A policy's high alarm needs some
//! readings in a row above its target, its low alarm more of them well below it. Scaling out follows
//! the policy that wants the most; scaling in needs all of them to agree, and a metric without
//! readings agrees to nothing. Source: R-TRACK-1 to R-TRACK-6. This module must never check what a
//! call may ask for.

use std::collections::VecDeque;

use super::cloud::Cloud;
use super::event::{Cx, Timer, schedule};
use super::ids::{GroupId, TargetGroupId};
use super::lifecycle::LifecycleState;
use super::machine::Process;
use super::policy::{Policy, PolicyKind};
use super::scaling_process::ScalingProcess;
use crate::engine::time::{NANOS_PER_SECOND, SimDuration, SimTime};

/// Time from one reading to the next. Source: R-TRACK-1.
const PERIOD: SimDuration = SimDuration::from_secs(60);

/// What a policy tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackedMetric {
    /// Requests of a minute sent to a target group, for each of its healthy targets.
    RequestsPerTarget(TargetGroupId),
    /// Share of their servers that instances have busy \[%\].
    Utilisation,
    /// Something that is not modelled: it has no readings.
    Unknown,
}

/// A target tracking policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    /// What it tracks.
    pub metric: TrackedMetric,
    /// What it should be, in the unit of the metric.
    pub target: f64,
    /// Whether it scales in.
    pub scales_in: bool,
    /// `EstimatedInstanceWarmup`.
    pub warmup: Option<SimDuration>,
    /// Names of its alarms, high and low.
    pub alarms: [String; 2],
    readings: Readings,
}

/// What a policy has seen of its metric.
#[derive(Debug, Clone, PartialEq)]
struct Readings {
    /// The last ones, the newest last; `None` where there was nothing to read.
    last: VecDeque<Option<f64>>,
    /// When the policy was put: the first reading is of the first whole minute after.
    since: SimTime,
    /// Requests sent to the target group until the last reading.
    sent: u64,
    /// Sum of the samples since then, and how many they were.
    samples: (f64, u32),
}

impl Tracking {
    /// A policy that has read nothing yet.
    pub fn new(
        metric: TrackedMetric,
        target: f64,
        scales_in: bool,
        warmup: Option<SimDuration>,
        alarms: [String; 2],
    ) -> Self {
        Self {
            metric,
            target,
            scales_in,
            warmup,
            alarms,
            readings: Readings {
                last: VecDeque::new(),
                since: SimTime::ZERO,
                sent: 0,
                samples: (0.0, 0),
            },
        }
    }

    /// The newest reading, if the last `count` of them were all there and all `is` so.
    fn after(&self, count: usize, is: impl Fn(f64) -> bool) -> Option<f64> {
        let last = &self.readings.last;
        let from = last.len().checked_sub(count)?;
        let so = |reading: &Option<f64>| reading.is_some_and(&is);
        last.range(from..)
            .all(so)
            .then(|| last.back().copied().flatten())?
    }
}

/// Readings of a minute that make up a span, one at least.
fn periods(span: SimDuration) -> usize {
    let periods = span.as_nanos().div_ceil(PERIOD.as_nanos()).max(1);
    usize::try_from(periods).unwrap_or(usize::MAX)
}

/// What `capacity` becomes so that a metric of `reading` comes to `target`: rounded up both ways, so
/// that scaling in is careful. Source: R-TRACK-3.
fn in_proportion(capacity: u32, reading: f64, target: f64) -> u32 {
    // a mean of many samples may be off by a few bits
    let wanted = (f64::from(capacity) * reading / target * (1.0 - 1e-9)).ceil();
    if wanted >= f64::from(u32::MAX) {
        return u32::MAX;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number in range"
    )]
    let whole = wanted.max(0.0) as u32;
    whole
}

impl Cloud {
    /// The label by which a policy names a target group: what its load balancer's ARN and its own end
    /// in. `None` where no load balancer forwards to it. Source: R-TRACK-1.
    pub fn resource_label(&self, id: TargetGroupId) -> Option<String> {
        let group = &self.target_groups[id.index()];
        let balancer = &self.load_balancers[group.load_balancer?];
        let (_, front) = balancer.identifier.split_once(":loadbalancer/")?;
        let (_, back) = group.identifier.split_once(":targetgroup/")?;
        Some(format!("{front}/targetgroup/{back}"))
    }

    fn tracks(&self, group: GroupId) -> impl Iterator<Item = (&Policy, &Tracking)> {
        let policies = self.groups[group.index()].scaling.policies.iter();
        policies.filter_map(|policy| match &policy.kind {
            PolicyKind::Tracking(tracking) => Some((policy, tracking)),
            PolicyKind::Simple { .. } | PolicyKind::Step { .. } | PolicyKind::Predictive => None,
        })
    }

    /// The policies of a group have changed: a new one begins to read, and without any nobody does.
    pub(super) fn expect_tracking(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        let metrics: Vec<(String, TrackedMetric)> = self
            .tracks(group)
            .map(|(policy, tracking)| (policy.name.clone(), tracking.metric))
            .collect();
        if metrics.is_empty() {
            cx.calendar.cancel(&Timer::Track(group));
            cx.calendar.cancel(&Timer::Sample(group));
            return;
        }
        if cx.calendar.due(&Timer::Track(group)).is_none() {
            schedule(cx, self.clock.next_minute(cx.now), Timer::Track(group));
        }
        let samples = metrics
            .iter()
            .any(|(_, metric)| *metric == TrackedMetric::Utilisation);
        if samples && cx.calendar.due(&Timer::Sample(group)).is_none() {
            let at = cx.now + self.assumptions.utilisation_sample;
            schedule(cx, at, Timer::Sample(group));
        }
    }

    /// A policy that was just put counts requests from now on.
    pub(super) fn begin_tracking(&self, now: SimTime, tracking: &mut Tracking) {
        tracking.readings.since = now;
        if let TrackedMetric::RequestsPerTarget(id) = tracking.metric {
            tracking.readings.sent = self.sent_to(id);
        }
    }

    /// Attempts that were sent to the targets of a group, past ones included.
    fn sent_to(&self, id: TargetGroupId) -> u64 {
        let registrations = self.registrations.iter();
        registrations
            .filter(|registration| registration.target_group == id)
            .flat_map(|registration| registration.links.iter())
            .map(|link| self.links[link as usize].attempts)
            .sum()
    }

    /// The mean share of busy servers of the members that count for metrics \[%\]; `None` without
    /// a member whose servers are limited. Source: R-TRACK-4.
    fn utilisation(&self, now: SimTime, group: GroupId) -> Option<f64> {
        let (mut busy, mut count) = (0.0, 0_u32);
        for member in &self.groups[group.index()].members {
            let instance = &self.instances[member.index()];
            let Process {
                concurrency,
                busy: of_it,
                ..
            } = self.processes[member.index()];
            let counts = instance.lifecycle == LifecycleState::InService
                && instance.membership.contributes_at <= now;
            if counts && self.processes[member.index()].is_limited() {
                busy += f64::from(of_it) / f64::from(concurrency.max(1));
                count += 1;
            }
        }
        (count > 0).then(|| 100.0 * busy / f64::from(count))
    }

    pub(super) fn on_sample(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        let sample = self.utilisation(cx.now, group);
        let mut sampled = false;
        for policy in &mut self.groups[group.index()].scaling.policies {
            if let PolicyKind::Tracking(tracking) = &mut policy.kind
                && tracking.metric == TrackedMetric::Utilisation
            {
                sampled = true;
                if let Some(sample) = sample {
                    tracking.readings.samples.0 += sample;
                    tracking.readings.samples.1 += 1;
                }
            }
        }
        if sampled {
            let at = cx.now + self.assumptions.utilisation_sample;
            schedule(cx, at, Timer::Sample(group));
        }
    }

    pub(super) fn on_track(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        schedule(cx, cx.now + PERIOD, Timer::Track(group));
        self.read_metrics(cx.now, group);
        if self.does(group, ScalingProcess::AlarmNotification) && !self.scale_out(cx, group) {
            self.scale_in(cx, group);
        }
    }

    /// Every tracking policy takes a reading.
    fn read_metrics(&mut self, now: SimTime, group: GroupId) {
        let keeps = periods(self.assumptions.tracking_out_after)
            .max(periods(self.assumptions.tracking_in_after));
        let mut counted: Vec<(TargetGroupId, u64, u32)> = Vec::new();
        for (_, tracking) in self.tracks(group) {
            if let TrackedMetric::RequestsPerTarget(id) = tracking.metric {
                let healthy = self.target_groups[id.index()].counts.healthy;
                counted.push((id, self.sent_to(id), healthy));
            }
        }
        for policy in &mut self.groups[group.index()].scaling.policies {
            let PolicyKind::Tracking(tracking) = &mut policy.kind else {
                continue;
            };
            let readings = &mut tracking.readings;
            let reading = match tracking.metric {
                TrackedMetric::Unknown => None,
                TrackedMetric::Utilisation => {
                    let (sum, count) = std::mem::take(&mut readings.samples);
                    (count > 0).then(|| sum / f64::from(count))
                }
                TrackedMetric::RequestsPerTarget(id) => {
                    let found = counted.iter().find(|(counted, ..)| *counted == id);
                    let (_, sent, healthy) = found.expect("it was counted just now");
                    let new = sent - std::mem::replace(&mut readings.sent, *sent);
                    let new = u32::try_from(new).unwrap_or(u32::MAX);
                    (*healthy > 0).then(|| f64::from(new) / f64::from(*healthy))
                }
            };
            if now.since(readings.since) < PERIOD {
                continue;
            }
            readings.last.push_back(reading);
            if readings.last.len() > keeps {
                readings.last.pop_front();
            }
        }
    }

    /// Scales out to the largest capacity that a policy in high alarm wants; whether one is.
    /// Source: R-TRACK-2.
    fn scale_out(&mut self, cx: &mut Cx<'_>, group: GroupId) -> bool {
        let count = periods(self.assumptions.tracking_out_after);
        let mut alarm = false;
        let mut most: Option<(u32, &Policy, &Tracking)> = None;
        for (policy, tracking) in self.tracks(group).filter(|(policy, _)| policy.enabled) {
            let target = tracking.target;
            let Some(reading) = tracking.after(count, |reading| reading > target) else {
                continue;
            };
            alarm = true;
            let wanted = |capacity| in_proportion(capacity, reading, target);
            if let Some(wanted) = self.more_capacity(cx.now, group, wanted)
                && most.is_none_or(|(most, ..)| wanted > most)
            {
                most = Some((wanted, policy, tracking));
            }
        }
        if let Some((wanted, policy, tracking)) = most {
            let warmup = self.warmup_after_policy(group, tracking.warmup);
            let who = triggered(policy, &tracking.alarms[0]);
            self.cause = policy.entry;
            self.scale(cx, group, wanted, &who, Some(warmup));
        }
        alarm
    }

    /// Scales in if every policy that does is in low alarm, to the largest capacity that one of them
    /// wants. Source: R-TRACK-2, R-TRACK-5.
    fn scale_in(&mut self, cx: &mut Cx<'_>, group: GroupId) {
        let count = periods(self.assumptions.tracking_in_after);
        let share = self.assumptions.tracking_in_below;
        let mut largest: Option<(u32, &Policy, &Tracking)> = None;
        let scaling_in =
            |(policy, tracking): &(&Policy, &Tracking)| policy.enabled && tracking.scales_in;
        for (policy, tracking) in self.tracks(group).filter(scaling_in) {
            let target = tracking.target;
            let Some(reading) = tracking.after(count, |reading| reading < share * target) else {
                return;
            };
            let wanted = |capacity| in_proportion(capacity, reading, target);
            let Some(wanted) = self.less_capacity(cx.now, group, wanted) else {
                return;
            };
            if largest.is_none_or(|(largest, ..)| wanted > largest) {
                largest = Some((wanted, policy, tracking));
            }
        }
        if let Some((wanted, policy, tracking)) = largest {
            let who = triggered(policy, &tracking.alarms[1]);
            self.cause = policy.entry;
            self.scale(cx, group, wanted, &who, None);
        }
    }
}

/// The words in which an activity names the alarm and the policy that it triggered.
fn triggered(policy: &Policy, alarm: &str) -> String {
    format!(
        "a monitor alarm {alarm} in state ALARM triggered policy {}",
        policy.name
    )
}

impl super::clock::Clock {
    /// The next whole minute of the clock after `now`.
    fn next_minute(self, now: SimTime) -> SimTime {
        let shown = u64::try_from(self.at(now).as_nanosecond()).unwrap_or_default();
        let minute = 60 * NANOS_PER_SECOND;
        now + SimDuration::from_nanos(minute - shown % minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-TRACK-3: up both ways; a capacity of none wants none.
    #[test]
    fn capacities_are_in_proportion_to_the_reading() {
        for (capacity, reading, target, wanted) in [
            (2, 600.0, 300.0, 4),
            (3, 50.0, 40.0, 4),
            (10, 40.0, 40.0, 10),
            (10, 31.0, 40.0, 8),
            (2, 80.000_000_000_000_01, 40.0, 4),
            (10, 0.0, 40.0, 0),
            (0, 80.0, 40.0, 0),
            (7, 1e300, 1e-300, u32::MAX),
        ] {
            assert_eq!(in_proportion(capacity, reading, target), wanted);
        }
    }

    #[test]
    fn an_alarm_needs_enough_readings_in_a_row() {
        let mut tracking = Tracking::new(
            TrackedMetric::Utilisation,
            50.0,
            true,
            None,
            [String::new(), String::new()],
        );
        let cases = [
            (Some(60.0), None),
            (Some(70.0), None),
            (Some(80.0), Some(80.0)),
            (None, None),
            (Some(60.0), None),
            (Some(60.0), None),
            (Some(61.0), Some(61.0)),
            (Some(50.0), None),
        ];
        for (reading, alarm) in cases {
            tracking.readings.last.push_back(reading);
            let found = tracking.after(3, |reading| reading > 50.0);
            assert_eq!(format!("{found:?}"), format!("{alarm:?}"));
        }
    }

    #[test]
    fn readings_are_taken_at_whole_minutes_of_the_clock() {
        let clock = super::super::clock::Clock::new(1_767_225_610);
        let at = |secs| SimTime::ZERO + SimDuration::from_secs(secs);
        for (now, next) in [(0, 50), (49, 50), (50, 110), (111, 170)] {
            assert_eq!(clock.next_minute(at(now)), at(next));
        }
    }
}
