//! The collector: the observer of rare records, which folds them into series and the digest.
//!
//! It is told of state changes and losses, never of a request that goes well. It must never change
//! a run.

mod glance;

use crate::engine::digest::Digest;
use crate::engine::kernel::Observer;
use crate::engine::time::SimTime;
use crate::metrics::measurements::{
    ActivityMeasurement, DrainMeasurement, GroupMeasurement, Measurements, RequestTally,
    TargetGroupMeasurement, Window,
};
use crate::model::activity::Activity;
use crate::model::cloud::{Cloud, Node};
use crate::model::drain::DrainOutcome;
use crate::model::ids::{EntryId, GroupId};
use crate::model::record::{InstanceCounts, Record, TargetCounts};
use crate::model::recorder::{Counts, WindowCounts};
use crate::model::registration::Registration;
use crate::stats::step_series::StepSeries;

/// Series of one target group.
#[derive(Debug)]
struct TargetSeries([StepSeries; 6]);

/// Series of one group.
#[derive(Debug)]
struct GroupSeries([StepSeries; 5]);

fn target_values(counts: TargetCounts) -> [u32; 6] {
    [
        counts.registered,
        counts.healthy,
        counts.eligible,
        counts.draining,
        counts.unhealthy,
        counts.initial,
    ]
}

fn group_values(counts: InstanceCounts) -> [u32; 5] {
    [
        counts.desired,
        counts.in_service,
        counts.serving,
        counts.pending,
        counts.leaving,
    ]
}

/// Folds records.
#[derive(Debug)]
pub struct Collector {
    digest: Digest,
    targets: Vec<TargetSeries>,
    groups: Vec<GroupSeries>,
    told: u64,
}

impl Collector {
    /// A collector that begins with the counts of `cloud` at 0 s.
    pub fn new(cloud: &Cloud) -> Self {
        let targets = cloud
            .target_groups
            .iter()
            .map(|group| TargetSeries(target_values(group.counts).map(StepSeries::new)));
        let groups = cloud
            .groups
            .iter()
            .map(|group| GroupSeries(group_values(group.counts).map(StepSeries::new)));
        Self {
            digest: Digest::default(),
            targets: targets.collect(),
            groups: groups.collect(),
            told: 0,
        }
    }

    /// Makes room for so many target groups and groups; those that calls have created counted
    /// nothing before.
    fn grow(&mut self, targets: usize, groups: usize) {
        while self.targets.len() < targets {
            self.targets.push(TargetSeries([0; 6].map(StepSeries::new)));
        }
        while self.groups.len() < groups {
            self.groups.push(GroupSeries([0; 5].map(StepSeries::new)));
        }
    }

    /// Records told so far.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// The digest of all records and of all completions of `cloud`.
    pub fn digest(&self, cloud: &Cloud) -> u64 {
        let mut digest = self.digest;
        digest.fold(&[cloud.digest().value()]);
        digest.value()
    }

    /// Folds a fact that is no record, such as the answer to a call, into the digest.
    pub fn fold_text(&mut self, text: &str) {
        self.digest.fold_text(text);
    }

    /// Everything measured when the run of `cloud` is over at `end`.
    pub fn measure(mut self, cloud: Cloud, warm_up: SimTime, end: SimTime) -> Measurements {
        self.grow(cloud.target_groups.len(), cloud.groups.len());
        let held = cloud.held(warm_up);
        let names = cloud.workload_names.clone();
        let drains = cloud
            .drains
            .iter()
            .map(|drain| drain_of(&cloud, drain))
            .collect();
        let targets = cloud.registrations.iter();
        let registrations = targets.map(|target| target_of(&cloud, target)).collect();
        let nodes = nodes_of(&cloud);
        let activities = activities_of(&cloud);
        let named = cloud.target_groups.iter().map(|group| group.name.clone());
        let target_groups = named
            .zip(self.targets)
            .map(TargetGroupMeasurement::from)
            .collect();
        let named = cloud.groups.iter().map(|group| group.name.clone());
        let groups = named.zip(self.groups).map(GroupMeasurement::from).collect();
        let recorded = cloud.into_recorder().finish(end);
        let tallies = recorded
            .tallied
            .iter()
            .zip(held)
            .map(|(counts, held)| tally(counts, held));
        let workloads: Vec<(String, RequestTally)> = names.into_iter().zip(tallies).collect();
        let mut requests = RequestTally::default();
        for (_, tally) in &workloads {
            requests.add(tally);
        }
        let starts = (0_u64..).map(|index| SimTime::ZERO + recorded.window.times(index));
        let windows = starts.zip(&recorded.windows).map(window).collect();
        Measurements {
            warm_up,
            end,
            requests,
            workloads,
            latency: recorded.latency,
            losses: recorded.losses,
            losses_not_listed: recorded.not_listed,
            lost_by_entry: recorded.by_entry,
            made_from: Vec::new(),
            unattributed: recorded.unattributed,
            registrations,
            nodes,
            drains,
            target_groups,
            groups,
            activities,
            window: recorded.window,
            windows,
        }
    }
}

impl From<(String, TargetSeries)> for TargetGroupMeasurement {
    fn from((name, TargetSeries(series)): (String, TargetSeries)) -> Self {
        let [registered, healthy, eligible, draining, unhealthy, initial] = series;
        Self {
            name,
            registered,
            healthy,
            eligible,
            draining,
            unhealthy,
            initial,
        }
    }
}

impl From<(String, GroupSeries)> for GroupMeasurement {
    fn from((name, GroupSeries(series)): (String, GroupSeries)) -> Self {
        let [desired, in_service, serving, pending, leaving] = series;
        Self {
            name,
            desired,
            in_service,
            serving,
            pending,
            leaving,
        }
    }
}

fn activities_of(cloud: &Cloud) -> Vec<ActivityMeasurement> {
    let measure =
        |(group, entry, activity): &(GroupId, Option<EntryId>, Activity)| ActivityMeasurement {
            group: cloud.groups[group.index()].name.clone(),
            entry: *entry,
            activity: activity.clone(),
        };
    cloud.activities.iter().map(measure).collect()
}

fn window((start, counts): (SimTime, &WindowCounts)) -> Window {
    // the middle of a bucket may lie above the largest value in it
    let quantile = |q| Some(counts.latency.quantile(q)?.min(counts.latency_max));
    Window {
        start,
        arrived: counts.arrived,
        completed: counts.completed,
        lost_by_cause: counts.lost_by_cause,
        in_flight: counts.in_flight,
        latency_p50: quantile(0.5),
        latency_p90: quantile(0.9),
        latency_p99: quantile(0.99),
        latency_max: (counts.completed > 0).then_some(counts.latency_max),
    }
}

fn tally(counts: &Counts, in_flight: u64) -> RequestTally {
    let tally = RequestTally {
        arrived: counts.arrived,
        completed: counts.completed,
        in_flight,
        attempts: counts.attempts,
        lost_by_cause: counts.lost_by_cause,
        lost_by_code: counts.lost_by_code,
    };
    assert_eq!(
        tally.arrived,
        tally.completed + tally.lost() + tally.in_flight,
        "arrived = completed + lost + in flight"
    );
    tally
}

fn target_of(cloud: &Cloud, registration: &Registration) -> String {
    let group = &cloud.target_groups[registration.target_group.index()];
    if registration.port == group.port {
        registration.id.clone()
    } else {
        format!("{}:{}", registration.id, registration.port)
    }
}

fn nodes_of(cloud: &Cloud) -> Vec<String> {
    let name = |node: &Node| {
        let balancer = &cloud.load_balancers[node.load_balancer];
        format!("{}/{}", balancer.name, cloud.zones[node.zone.index()])
    };
    cloud.nodes.iter().map(name).collect()
}

fn drain_of(cloud: &Cloud, drain: &crate::model::drain::Drain) -> DrainMeasurement {
    let registration = &cloud.registrations[drain.registration.index()];
    let group = &cloud.target_groups[registration.target_group.index()];
    let target = target_of(cloud, registration);
    // a drain that is quiet has an outcome even when its display goes on
    let outcome = match (drain.end, drain.quiet) {
        (None, Some(_)) => drain.outcome_by_counts(),
        (None, None) => DrainOutcome::Open,
        (Some(_), _) => drain.outcome,
    };
    DrainMeasurement {
        target,
        target_group: registration.target_group,
        target_group_name: group.name.clone(),
        entry: drain.entry,
        start: drain.start,
        quiet: drain.quiet,
        end: drain.end,
        outcome,
        delay: drain.delay,
        in_flight_at_start: drain.in_flight_at_start,
        arrived_during: drain.arrived_during,
        completed: drain.completed,
        cut: drain.cut,
        lost_other: drain.lost_other,
        in_flight_at_end: drain.in_flight,
        needed: drain.needed,
    }
}

impl RequestTally {
    /// Adds the counts of another workload.
    fn add(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.completed += other.completed;
        self.in_flight += other.in_flight;
        self.attempts += other.attempts;
        for (sum, count) in self.lost_by_cause.iter_mut().zip(other.lost_by_cause) {
            *sum += count;
        }
        for (sum, count) in self.lost_by_code.iter_mut().zip(other.lost_by_code) {
            *sum += count;
        }
    }
}

impl Observer<Record> for Collector {
    fn observe(&mut self, at: SimTime, record: Record) {
        self.told += 1;
        self.digest.fold(&[at.as_nanos()]);
        self.digest.fold(&record.words());
        match record {
            Record::TargetCounts(group, counts) => {
                if group.index() >= self.targets.len() {
                    self.grow(group.index() + 1, 0);
                }
                let series = &mut self.targets[group.index()].0;
                for (series, value) in series.iter_mut().zip(target_values(counts)) {
                    series.set(at, value);
                }
            }
            Record::InstanceCounts(group, counts) => {
                if group.index() >= self.groups.len() {
                    self.grow(0, group.index() + 1);
                }
                let series = &mut self.groups[group.index()].0;
                for (series, value) in series.iter_mut().zip(group_values(counts)) {
                    series.set(at, value);
                }
            }
            Record::TargetHealth(..)
            | Record::Lifecycle(..)
            | Record::Learnt(..)
            | Record::Weighed(..)
            | Record::DrainBegan(_)
            | Record::DrainEnded(..)
            | Record::Activity(_)
            | Record::Lost(_) => {}
        }
    }
}
