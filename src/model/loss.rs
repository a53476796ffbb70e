//! Why a request was lost and what its client saw: two closed sets.
//!
//! A cause is added by one line of [`CAUSES`], never by free text. This module must never know how
//! losses are counted or shown.

use crate::describe::Source;

use super::ids::{EntryId, NodeId, RegistrationId, WorkloadId};
use crate::engine::time::SimTime;

/// Why a request was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// Still in flight on a deregistered target when the deregistration delay ended.
    CutAtDeadline,
    /// In flight on a target whose process exited or was killed.
    KilledByTargetExit,
    /// Sent to a deregistered target whose port was closed, by a node that had not learnt yet.
    RefusedStaleRoute,
    /// Sent to a deregistered target whose host was gone, by a node that had not learnt yet.
    TimeoutStaleRoute,
    /// Sent to a target whose process did not answer yet.
    RefusedNotReady,
    /// Sent to a registered target that had stopped.
    UnreachableTarget,
    /// No answer within the load balancer's timeout.
    ResponseTimeout,
    /// The target's waiting room was full.
    QueueOverflow,
    /// The node had no target to send it to.
    NoTarget,
    /// The target closed an idle connection while the request was on its way.
    KeepaliveRace,
    /// The client gave up first.
    ClientGaveUp,
    /// The flow was reset because it had been idle.
    FlowResetIdle,
    /// The flow went to a target that no longer answers and nothing told its client.
    FlowBlackholed,
    /// The load balancer node went away.
    NodeLost,
    /// The load balancer reset the connections of a target that failed its health checks.
    ResetUnhealthy,
}

/// One cause with its words.
#[derive(Debug, Clone, Copy)]
pub struct CauseDescriptor {
    /// The cause.
    pub cause: Cause,
    /// Its name in files and reports.
    pub name: &'static str,
    /// What it means.
    pub summary: &'static str,
    /// Which timeline entry is to blame.
    pub culprit: &'static str,
    /// Where the rule comes from.
    pub source: Source,
}

const TROUBLESHOOTING: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
);

const NLB_HEALTH: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html",
);

/// Every cause, in the order of the enum and of the stacks in the plots.
pub const CAUSES: &[CauseDescriptor] = &[
    CauseDescriptor {
        cause: Cause::CutAtDeadline,
        name: "cut_at_deadline",
        summary: "still in flight on a deregistered target when its deregistration delay ended",
        culprit: "the deregistration",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::KilledByTargetExit,
        name: "killed_by_target_exit",
        summary: "in flight on a target whose process exited or was killed",
        culprit: "what stopped the target",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::RefusedStaleRoute,
        name: "refused_stale_route",
        summary: "sent to a deregistered target whose port was already closed, by a node that had \
                  not learnt of the deregistration",
        culprit: "what stopped the target",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::TimeoutStaleRoute,
        name: "timeout_stale_route",
        summary: "sent to a deregistered target whose host was already gone, by a node that had \
                  not learnt of the deregistration; the connect timeout is 10 s",
        culprit: "what stopped the target",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::RefusedNotReady,
        name: "refused_not_ready",
        summary: "sent to a target whose process did not answer yet",
        culprit: "what launched or registered the target",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::UnreachableTarget,
        name: "unreachable_target",
        summary: "sent to a still registered target that had stopped, before health checks found out",
        culprit: "what stopped the target",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::ResponseTimeout,
        name: "response_timeout",
        summary: "no answer within the load balancer's idle (or request) timeout",
        culprit: "none",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::QueueOverflow,
        name: "queue_overflow",
        summary: "the target served as many as it can and its waiting room was full",
        culprit: "none",
        source: Source::Ours,
    },
    CauseDescriptor {
        cause: Cause::NoTarget,
        name: "no_target",
        summary: "the node had no eligible target to send it to",
        culprit: "what removed the last eligible target from that node's view",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::KeepaliveRace,
        name: "keepalive_race",
        summary: "the target closed an idle connection while the request was on its way",
        culprit: "none",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::ClientGaveUp,
        name: "client_gave_up",
        summary: "the client's own timeout ended the request first",
        culprit: "none",
        source: TROUBLESHOOTING,
    },
    CauseDescriptor {
        cause: Cause::FlowResetIdle,
        name: "flow_reset_idle",
        summary: "the flow was reset because it had been idle for too long",
        culprit: "none",
        source: Source::Documented(
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html",
        ),
    },
    CauseDescriptor {
        cause: Cause::FlowBlackholed,
        name: "flow_blackholed",
        summary: "the flow kept going to a target that no longer answers, and nobody was told",
        culprit: "what stopped the target",
        source: Source::Documented(
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html",
        ),
    },
    CauseDescriptor {
        cause: Cause::NodeLost,
        name: "node_lost",
        summary: "the load balancer node that carried it went away",
        culprit: "what took the node away",
        source: Source::Ours,
    },
    CauseDescriptor {
        cause: Cause::ResetUnhealthy,
        name: "reset_unhealthy",
        summary: "on a target that failed its health checks, whose connections the load balancer \
                  resets when its nodes know",
        culprit: "what stopped the target",
        source: NLB_HEALTH,
    },
];

impl Cause {
    /// The words for this cause.
    pub fn descriptor(self) -> &'static CauseDescriptor {
        &CAUSES[self as usize]
    }

    /// Its name in files and reports.
    pub fn name(self) -> &'static str {
        self.descriptor().name
    }

    /// Its place in [`CAUSES`].
    #[inline]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What the client of a lost request saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Code {
    /// Client closed the connection before the idle timeout. ALB logs it; the client saw nothing.
    C460,
    /// Internal server error: Alibaba ALB's answer for a request cut at the drain timeout.
    C500,
    /// Bad gateway.
    C502,
    /// Service unavailable.
    C503,
    /// Gateway timeout.
    C504,
    /// The client gave up first, as a Classic Load Balancer logs it.
    C408,
    /// The connection was reset: there is no answer on the level of flows.
    Reset,
    /// Nobody answered, and the client stopped waiting.
    Timeout,
}

/// Every code, in the order of the enum.
pub const CODES: &[(Code, &str)] = &[
    (Code::C460, "460"),
    (Code::C500, "500"),
    (Code::C502, "502"),
    (Code::C503, "503"),
    (Code::C504, "504"),
    (Code::C408, "408"),
    (Code::Reset, "reset"),
    (Code::Timeout, "timeout"),
];

impl Code {
    /// Its name in files and reports.
    pub fn name(self) -> &'static str {
        CODES[self as usize].1
    }

    /// Its place in [`CODES`].
    #[inline]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// One lost request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// When it was lost.
    pub at: SimTime,
    /// When it had arrived.
    pub arrived: SimTime,
    /// Which of its workload's requests it was, from 0.
    pub request: u64,
    /// Its workload.
    pub workload: WorkloadId,
    /// The target it was on, if it had one.
    pub target: Option<RegistrationId>,
    /// The node that carried it.
    pub node: NodeId,
    /// Why.
    pub cause: Cause,
    /// What its client saw.
    pub code: Code,
    /// The timeline entry that caused the last necessary transition.
    pub culprit: Option<EntryId>,
}
