//! A glance: the value of a metric while a run is under way, without ending it.
//!
//! Only what the metric needs is put together, so that a glance at a count costs next to nothing.
//! What a call of the timeline has not created yet counts nothing.

use super::{Collector, GroupSeries, TargetSeries, drain_of, tally};
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::measurements::{
    GroupMeasurement, Measurements, RequestTally, TargetGroupMeasurement,
};
use crate::metrics::query::{Query, Value};
use crate::metrics::{MetricUnit, Subject};
use crate::model::cloud::Cloud;
use crate::stats::histogram::Histogram;
use crate::stats::step_series::StepSeries;

impl Collector {
    /// The value of `query` at `now`; `created` is the name of its subject where that is known only
    /// once a call has created it.
    pub fn glance(
        &self,
        cloud: &Cloud,
        query: &Query,
        created: Option<&str>,
        now: SimTime,
    ) -> Value {
        let metric = query.metric;
        let mut measurements = nothing(now);
        let mut query = query.clone();
        let all = !metric.has_time();
        match metric.subject() {
            Subject::Run => look_at_run(cloud, &query, &mut measurements),
            Subject::TargetGroup => {
                let named = |name| cloud.target_groups.iter().rposition(|g| g.name == name);
                let place = created.map_or(query.subject, named);
                let series = place.and_then(|place| self.targets.get(place));
                let series = series.map_or_else(
                    || TargetSeries([0; 6].map(StepSeries::new)),
                    |TargetSeries(series)| TargetSeries(series.each_ref().map(|one| cut(one, all))),
                );
                let group = TargetGroupMeasurement::from((String::new(), series));
                measurements.target_groups.push(group);
                query.subject = Some(0);
            }
            Subject::Group => {
                let named = |name| cloud.groups.iter().rposition(|g| g.name == name);
                let place = created.map_or(query.subject, named);
                let series = place.and_then(|place| self.groups.get(place));
                let series = series.map_or_else(
                    || GroupSeries([0; 5].map(StepSeries::new)),
                    |GroupSeries(series)| GroupSeries(series.each_ref().map(|one| cut(one, all))),
                );
                let group = GroupMeasurement::from((String::new(), series));
                measurements.groups.push(group);
                query.subject = Some(0);
            }
        }
        metric.value(&measurements, &query)
    }
}

/// Puts together what a metric of the whole run needs.
fn look_at_run(cloud: &Cloud, query: &Query, measurements: &mut Measurements) {
    let recorder = cloud.recorder();
    let name = query.metric.name();
    measurements.warm_up = recorder.warm_up();
    if name.starts_with("drains.") {
        let drains = cloud.drains.iter();
        measurements.drains = drains.map(|drain| drain_of(cloud, drain)).collect();
        return;
    }
    for counts in &recorder.tallied() {
        let in_flight = counts.arrived - counts.completed - counts.lost();
        let tally = tally(counts, in_flight);
        measurements.requests.add(&tally);
        measurements.workloads.push((String::new(), tally));
    }
    measurements.lost_by_entry = recorder.by_entry().to_vec();
    measurements.unattributed = recorder.unattributed();
    if query.metric.unit() == MetricUnit::Duration {
        measurements.latency = recorder.latency_so_far();
    }
}

/// `series`, or only its last value.
fn cut(series: &StepSeries, all: bool) -> StepSeries {
    if all {
        series.clone()
    } else {
        StepSeries::new(series.last())
    }
}

/// Measurements of nothing.
fn nothing(now: SimTime) -> Measurements {
    Measurements {
        warm_up: SimTime::ZERO,
        end: now,
        requests: RequestTally::default(),
        workloads: Vec::new(),
        latency: Histogram::new(),
        losses: Vec::new(),
        losses_not_listed: 0,
        registrations: Vec::new(),
        nodes: Vec::new(),
        lost_by_entry: Vec::new(),
        made_from: Vec::new(),
        unattributed: 0,
        drains: Vec::new(),
        target_groups: Vec::new(),
        groups: Vec::new(),
        activities: Vec::new(),
        window: SimDuration::ZERO,
        windows: Vec::new(),
    }
}
