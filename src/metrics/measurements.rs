//! Measurements: every number a run was folded into, before anyone shows or judges it.
//!
//! Plain data, filled by the collector and the request recorder. Reports, metrics and
//! expectations read it; this module must never compute a verdict or format a byte.

use crate::engine::time::{SimDuration, SimTime};
use crate::model::activity::Activity;
use crate::model::drain::DrainOutcome;
use crate::model::ids::{EntryId, TargetGroupId};
use crate::model::loss::{CAUSES, CODES, Cause, Code, Loss};
use crate::stats::histogram::Histogram;
use crate::stats::step_series::StepSeries;

/// Everything measured in one run.
#[derive(Debug, Clone)]
pub struct Measurements {
    /// Tallies hold requests that arrived at or after this.
    pub warm_up: SimTime,
    /// Where the run stopped.
    pub end: SimTime,
    /// All workloads together.
    pub requests: RequestTally,
    /// Each workload, by its name in the file.
    pub workloads: Vec<(String, RequestTally)>,
    /// Time from arrival to completion of completed requests \[ns\].
    pub latency: Histogram,
    /// Lost requests in the order they were lost, at most the cap of the recorder.
    pub losses: Vec<Loss>,
    /// Lost requests beyond the cap: counted everywhere, listed nowhere.
    pub losses_not_listed: u64,
    /// Target of each registration, `id` or `id:port`, indexed by
    /// [`RegistrationId`](crate::model::ids::RegistrationId).
    pub registrations: Vec<String>,
    /// Name of each node, `load_balancer/zone`, indexed by [`NodeId`](crate::model::ids::NodeId).
    pub nodes: Vec<String>,
    /// Lost requests by the entry of the outcome to blame, indexed by [`EntryId`].
    pub lost_by_entry: Vec<u64>,
    /// The entries of the file that each entry of the outcome was made from, itself first and then
    /// those it is a step of. Empty when no entry has steps: each was made from itself then.
    pub made_from: Vec<Vec<EntryId>>,
    /// Lost requests nobody is to blame for.
    pub unattributed: u64,
    /// Drains in the order they began.
    pub drains: Vec<DrainMeasurement>,
    /// Target groups in the order of the file.
    pub target_groups: Vec<TargetGroupMeasurement>,
    /// Groups in the order of the file.
    pub groups: Vec<GroupMeasurement>,
    /// Scaling activities in the order they began.
    pub activities: Vec<ActivityMeasurement>,
    /// Width of each window.
    pub window: SimDuration,
    /// What happened in each window of time, from 0 s on.
    pub windows: Vec<Window>,
}

impl Measurements {
    /// Whether the entry `made` of the outcome was made from `entry` of the file, or is one of the
    /// steps of that.
    pub fn is_made_from(&self, made: EntryId, entry: EntryId) -> bool {
        match self.made_from.get(made.index()) {
            Some(around) => around.contains(&entry),
            None => made == entry,
        }
    }
}

/// Counts of logical requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestTally {
    /// Arrived.
    pub arrived: u64,
    /// Answered by a target.
    pub completed: u64,
    /// Still held when the run stopped.
    pub in_flight: u64,
    /// Tries made, retries included.
    pub attempts: u64,
    /// Lost, by [`Cause`].
    pub lost_by_cause: [u64; CAUSES.len()],
    /// Lost, by [`Code`].
    pub lost_by_code: [u64; CODES.len()],
}

impl RequestTally {
    /// Lost for whatever cause.
    pub fn lost(&self) -> u64 {
        self.lost_by_cause.iter().sum()
    }

    /// Lost for `cause`.
    pub fn lost_for(&self, cause: Cause) -> u64 {
        self.lost_by_cause[cause.index()]
    }

    /// Lost with `code`.
    pub fn lost_with(&self, code: Code) -> u64 {
        self.lost_by_code[code.index()]
    }
}

/// One drain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrainMeasurement {
    /// Target id, `id:port` where the port is not the group's.
    pub target: String,
    /// Its target group.
    pub target_group: TargetGroupId,
    /// Name of the target group.
    pub target_group_name: String,
    /// The timeline entry that began it.
    pub entry: Option<EntryId>,
    /// When the deregistration was accepted.
    pub start: SimTime,
    /// When nothing was in flight any more and no node would send more.
    pub quiet: Option<SimTime>,
    /// When it ended; `None` when the horizon came first.
    pub end: Option<SimTime>,
    /// How.
    pub outcome: DrainOutcome,
    /// The deregistration delay it ran with; `None` where nothing is ever cut.
    pub delay: Option<SimDuration>,
    /// In flight when it began.
    pub in_flight_at_start: u64,
    /// Sent to the target after it began, by nodes that had not learnt.
    pub arrived_during: u64,
    /// Of those, completed.
    pub completed: u64,
    /// Of those, cut at the deadline.
    pub cut: u64,
    /// Of those, lost in another way.
    pub lost_other: u64,
    /// Of those, still in flight when it ended or the run stopped.
    pub in_flight_at_end: u64,
    /// Delay that would have let its last request finish at its drawn service time.
    pub needed: SimDuration,
}

/// One target group over time.
#[derive(Debug, Clone)]
pub struct TargetGroupMeasurement {
    /// Name in the file.
    pub name: String,
    /// Registered targets (not draining).
    pub registered: StepSeries,
    /// Healthy targets.
    pub healthy: StepSeries,
    /// Targets the node with the fewest would choose among.
    pub eligible: StepSeries,
    /// Draining targets.
    pub draining: StepSeries,
    /// Unhealthy targets.
    pub unhealthy: StepSeries,
    /// Targets in `initial`.
    pub initial: StepSeries,
}

/// One group over time.
#[derive(Debug, Clone)]
pub struct GroupMeasurement {
    /// Name in the file.
    pub name: String,
    /// Wanted size.
    pub desired: StepSeries,
    /// Instances in `InService`.
    pub in_service: StepSeries,
    /// `InService` and healthy in every configured source.
    pub serving: StepSeries,
    /// Instances in `Pending`.
    pub pending: StepSeries,
    /// Instances leaving: `Detaching`, `Terminating`, `Removing`.
    pub leaving: StepSeries,
}

/// One scaling activity as it stood when the run stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityMeasurement {
    /// Name of its group in the file.
    pub group: String,
    /// The timeline entry that caused it.
    pub entry: Option<EntryId>,
    /// The activity.
    pub activity: Activity,
}

/// What happened in one window of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Window {
    /// When it began.
    pub start: SimTime,
    /// Requests that arrived in it.
    pub arrived: u64,
    /// Requests completed in it.
    pub completed: u64,
    /// Requests lost in it, by [`Cause`].
    pub lost_by_cause: [u64; CAUSES.len()],
    /// Requests in flight at its end.
    pub in_flight: u64,
    /// Latency of requests completed in it \[ns\], `None` when there was none.
    pub latency_p50: Option<u64>,
    /// The 90th percentile \[ns\].
    pub latency_p90: Option<u64>,
    /// The 99th percentile \[ns\].
    pub latency_p99: Option<u64>,
    /// The largest \[ns\].
    pub latency_max: Option<u64>,
}
