//! Drains: the interval a registration spends deregistering, with its counts and its outcome.

use super::ids::{EntryId, RegistrationId};
use crate::engine::time::{SimDuration, SimTime};

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DrainOutcome {
    /// Every request on it finished.
    Completed,
    /// The deadline came and something was cut.
    TimedOut,
    /// The target stopped with requests in flight.
    TargetLost,
    /// The target was registered again.
    Cancelled,
    /// The horizon came first.
    Open,
}

impl DrainOutcome {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::TimedOut => "timed_out",
            Self::TargetLost => "target_lost",
            Self::Cancelled => "cancelled",
            Self::Open => "open",
        }
    }
}

/// One drain, counted as it goes.
#[derive(Debug, Clone)]
pub struct Drain {
    /// What drains.
    pub registration: RegistrationId,
    /// The timeline entry that began it.
    pub entry: Option<EntryId>,
    /// When the deregistration was accepted.
    pub start: SimTime,
    /// The deregistration delay; `None` where nothing is ever cut.
    pub delay: Option<SimDuration>,
    /// When nothing was in flight any more and no node would send more.
    pub quiet: Option<SimTime>,
    /// When it ended.
    pub end: Option<SimTime>,
    /// How it ended.
    pub outcome: DrainOutcome,
    /// In flight when it began.
    pub in_flight_at_start: u64,
    /// Sent to the target after it began.
    pub arrived_during: u64,
    /// Completed.
    pub completed: u64,
    /// Cut.
    pub cut: u64,
    /// Lost in another way.
    pub lost_other: u64,
    /// In flight.
    pub in_flight: u64,
    /// Delay that would have let its last request finish at its drawn service time.
    pub needed: SimDuration,
    /// How much later than its delay what is left on it is cut.
    pub slack: SimDuration,
}

impl Drain {
    pub(super) fn new(
        registration: RegistrationId,
        entry: Option<EntryId>,
        start: SimTime,
        delay: Option<SimDuration>,
        in_flight: u64,
    ) -> Self {
        Self {
            registration,
            entry,
            start,
            delay,
            quiet: None,
            end: None,
            outcome: DrainOutcome::Open,
            in_flight_at_start: in_flight,
            arrived_during: 0,
            completed: 0,
            cut: 0,
            lost_other: 0,
            in_flight,
            needed: SimDuration::ZERO,
            slack: SimDuration::ZERO,
        }
    }

    /// A request on it would have been over at `at`.
    pub(super) fn need(&mut self, at: SimTime) {
        let from = (self.start + self.slack).min(at);
        self.needed = self.needed.max(at.since(from));
    }

    /// What its counts say about how it ends.
    pub fn outcome_by_counts(&self) -> DrainOutcome {
        if self.cut > 0 {
            DrainOutcome::TimedOut
        } else if self.lost_other > 0 {
            DrainOutcome::TargetLost
        } else {
            DrainOutcome::Completed
        }
    }

    /// Holds the conservation of its requests.
    pub(super) fn assert_conserved(&self) {
        assert_eq!(
            self.in_flight_at_start + self.arrived_during,
            self.completed + self.cut + self.lost_other + self.in_flight,
            "what a drain began with and was sent is completed, cut, lost or in flight"
        );
    }
}
