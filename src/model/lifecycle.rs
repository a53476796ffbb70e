//! Lifecycle states: where an instance stands in its group, and which edges lead where.
//!
//! The words are the clouds' own; only documented edges exist. Source: R-ASG-1. This module must
//! never know what makes an instance take an edge.

use super::record::InstanceCounts;

/// Where an instance stands in its group. The words are the clouds' own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifecycleState {
    /// Launched or attached, not registered yet.
    Pending,
    /// Registered with every source.
    InService,
    /// Detached by a call, waiting for its drains.
    Detaching,
    /// Out of the group, running. Also an instance that never was in one.
    Detached,
    /// To be terminated, waiting for its drains or for its end.
    Terminating,
    /// Gone.
    Terminated,
    /// Alibaba Cloud: to be released or stopped.
    Removing,
    /// Launched, waiting for the lifecycle actions of launch hooks.
    PendingWait,
    /// Those are over; it registers next.
    PendingProceed,
    /// Drained, waiting for the lifecycle actions of termination hooks.
    TerminatingWait,
    /// Those are over; it is terminated next.
    TerminatingProceed,
    /// A termination hook was abandoned and the group keeps such instances.
    TerminatingRetained,
    /// Told to stand by, waiting for its drains.
    EnteringStandby,
    /// A member that takes no traffic and does not count.
    Standby,
    /// On its way into the warm pool.
    WarmedPending,
    /// On its way into the warm pool, waiting for lifecycle actions.
    WarmedPendingWait,
    /// Those are over.
    WarmedPendingProceed,
    /// In the warm pool, stopped.
    WarmedStopped,
    /// In the warm pool, running.
    WarmedRunning,
    /// In the warm pool, hibernated.
    WarmedHibernated,
    /// Leaves the warm pool to be terminated.
    WarmedTerminating,
    /// Leaves the warm pool, waiting for lifecycle actions.
    WarmedTerminatingWait,
    /// Those are over.
    WarmedTerminatingProceed,
    /// Gone from the warm pool.
    WarmedTerminated,
    /// Alibaba Cloud: off, to be started by a later scale-out.
    Stopped,
    /// Alibaba Cloud: to be released or detached, waiting for lifecycle actions.
    RemovingWait,
}

/// Which count of its group an instance is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tally {
    Pending,
    InService,
    Leaving,
    Standby,
    Warmed,
    None,
}

impl LifecycleState {
    /// All of them, in their order.
    pub const ALL: [Self; 26] = [
        Self::Pending,
        Self::InService,
        Self::Detaching,
        Self::Detached,
        Self::Terminating,
        Self::Terminated,
        Self::Removing,
        Self::PendingWait,
        Self::PendingProceed,
        Self::TerminatingWait,
        Self::TerminatingProceed,
        Self::TerminatingRetained,
        Self::EnteringStandby,
        Self::Standby,
        Self::WarmedPending,
        Self::WarmedPendingWait,
        Self::WarmedPendingProceed,
        Self::WarmedStopped,
        Self::WarmedRunning,
        Self::WarmedHibernated,
        Self::WarmedTerminating,
        Self::WarmedTerminatingWait,
        Self::WarmedTerminatingProceed,
        Self::WarmedTerminated,
        Self::Stopped,
        Self::RemovingWait,
    ];

    /// The cloud's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Detaching => "Detaching",
            Self::Detached => "Detached",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
            Self::Removing => "Removing",
            Self::Stopped => "Stopped",
            Self::RemovingWait => "Removing:Wait",
            Self::PendingWait => "Pending:Wait",
            Self::PendingProceed => "Pending:Proceed",
            Self::TerminatingWait => "Terminating:Wait",
            Self::TerminatingProceed => "Terminating:Proceed",
            Self::TerminatingRetained => "Terminating:Retained",
            Self::EnteringStandby => "EnteringStandby",
            Self::Standby => "Standby",
            Self::WarmedPending => "Warmed:Pending",
            Self::WarmedPendingWait => "Warmed:Pending:Wait",
            Self::WarmedPendingProceed => "Warmed:Pending:Proceed",
            Self::WarmedStopped => "Warmed:Stopped",
            Self::WarmedRunning => "Warmed:Running",
            Self::WarmedHibernated => "Warmed:Hibernated",
            Self::WarmedTerminating => "Warmed:Terminating",
            Self::WarmedTerminatingWait => "Warmed:Terminating:Wait",
            Self::WarmedTerminatingProceed => "Warmed:Terminating:Proceed",
            Self::WarmedTerminated => "Warmed:Terminated",
        }
    }

    /// Whether an instance may go from this state to `next`. Source: R-ASG-1.
    pub fn may_become(self, next: Self) -> bool {
        use LifecycleState as S;
        let edges: &[S] = match self {
            S::Pending => &[S::PendingWait, S::InService, S::Terminating, S::Removing],
            S::PendingWait => &[S::PendingProceed, S::Terminating, S::Pending, S::Removing],
            S::PendingProceed => &[S::InService, S::Terminating],
            S::InService => &[
                S::Detaching,
                S::EnteringStandby,
                S::Standby,
                S::Terminating,
                S::Removing,
                S::WarmedPending,
            ],
            S::EnteringStandby => &[S::Standby, S::Terminating],
            // on Alibaba Cloud it stays where it is registered: nothing has to drain or register
            S::Standby => &[
                S::Pending,
                S::InService,
                S::Detaching,
                S::Terminating,
                S::Removing,
            ],
            S::Detaching => &[S::Detached, S::Terminated, S::RemovingWait],
            S::RemovingWait => &[
                S::Detaching,
                S::Removing,
                S::InService,
                S::Standby,
                S::Pending,
            ],
            S::Removing => &[S::Detached, S::Terminated, S::Stopped, S::RemovingWait],
            // removed with its group
            S::Stopped => &[S::Pending, S::Removing, S::Terminating, S::Terminated],
            S::Detached => &[S::Pending, S::Terminated],
            S::Terminating => &[
                S::TerminatingWait,
                S::TerminatingProceed,
                S::Terminated,
                S::WarmedPending,
            ],
            S::TerminatingWait => &[S::TerminatingProceed, S::TerminatingRetained, S::Terminated],
            S::TerminatingProceed => &[S::Terminated],
            S::TerminatingRetained => &[S::Terminating],
            S::WarmedPending => &[
                S::WarmedPendingWait,
                S::WarmedStopped,
                S::WarmedRunning,
                S::WarmedHibernated,
                S::WarmedTerminating,
            ],
            S::WarmedPendingWait => &[S::WarmedPendingProceed, S::WarmedTerminating],
            S::WarmedPendingProceed => &[
                S::WarmedStopped,
                S::WarmedRunning,
                S::WarmedHibernated,
                S::WarmedTerminating,
            ],
            S::WarmedStopped | S::WarmedRunning | S::WarmedHibernated => {
                &[S::Pending, S::WarmedTerminating]
            }
            S::WarmedTerminating => &[S::WarmedTerminatingWait, S::WarmedTerminated],
            S::WarmedTerminatingWait => &[S::WarmedTerminatingProceed, S::WarmedTerminated],
            S::WarmedTerminatingProceed => &[S::WarmedTerminated],
            S::Terminated | S::WarmedTerminated => &[],
        };
        edges.contains(&next)
    }

    fn tally(self) -> Tally {
        match self {
            Self::Pending | Self::PendingWait | Self::PendingProceed => Tally::Pending,
            Self::InService => Tally::InService,
            Self::Detaching
            | Self::Terminating
            | Self::TerminatingWait
            | Self::TerminatingProceed
            | Self::EnteringStandby
            | Self::Removing
            | Self::RemovingWait => Tally::Leaving,
            Self::Standby | Self::TerminatingRetained => Tally::Standby,
            Self::WarmedPending
            | Self::WarmedPendingWait
            | Self::WarmedPendingProceed
            | Self::WarmedStopped
            | Self::WarmedRunning
            | Self::WarmedHibernated
            | Self::WarmedTerminating
            | Self::WarmedTerminatingWait
            | Self::WarmedTerminatingProceed
            | Self::Stopped => Tally::Warmed,
            Self::Detached | Self::Terminated | Self::WarmedTerminated => Tally::None,
        }
    }

    /// The count of `counts` an instance in this state is part of; `None` for one that is no
    /// member.
    pub fn count_in(self, counts: &mut InstanceCounts) -> Option<&mut u32> {
        match self.tally() {
            Tally::Pending => Some(&mut counts.pending),
            Tally::InService => Some(&mut counts.in_service),
            Tally::Leaving => Some(&mut counts.leaving),
            Tally::Standby => Some(&mut counts.standby),
            Tally::Warmed => Some(&mut counts.warmed),
            Tally::None => None,
        }
    }

    /// Whether an instance in this state counts for the capacity of its group. Source: R-ASG-3.
    pub fn counts(self) -> bool {
        matches!(self.tally(), Tally::Pending | Tally::InService)
    }

    /// Whether it is launched or attached and not in service yet.
    pub fn is_pending(self) -> bool {
        self.tally() == Tally::Pending
    }

    /// Whether it waits for lifecycle actions.
    pub fn waits_for_actions(self) -> bool {
        matches!(
            self,
            Self::PendingWait
                | Self::TerminatingWait
                | Self::RemovingWait
                | Self::WarmedPendingWait
                | Self::WarmedTerminatingWait
        )
    }

    /// Whether it is of the warm pool.
    pub fn is_warmed(self) -> bool {
        (self.tally() == Tally::Warmed && self != Self::Stopped) || self == Self::WarmedTerminated
    }

    /// Whether it is about to be terminated and not kept.
    pub fn is_terminating(self) -> bool {
        matches!(
            self,
            Self::Terminating
                | Self::TerminatingWait
                | Self::TerminatingProceed
                | Self::WarmedTerminating
                | Self::WarmedTerminatingWait
                | Self::WarmedTerminatingProceed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_left_out() {
        let places = LifecycleState::ALL.iter().map(|&state| state as usize);
        assert!(places.eq(0..=LifecycleState::RemovingWait as usize));
    }
}
