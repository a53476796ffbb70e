//! Phases: the order of events at one instant, on one page.
//!
//! Events run by (time, phase, sequence). A phase is a promise to users: a request that completes
//! at the very deadline is not cut, a target that exits as a node learns is found gone, a health
//! verdict counts for a call of the same instant, and a call made as a request arrives is seen by
//! that request.

/// When within one instant an event runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Phase {
    /// Requests complete or time out. The fast lane of the calendar holds this phase alone.
    Request,
    /// Deregistration deadlines pass.
    Deadline,
    /// Processes exit, hosts disappear.
    ProcessExit,
    /// Load balancer nodes learn of control-plane writes.
    Propagation,
    /// Machines boot, groups launch and terminate.
    Lifecycle,
    /// Health verdicts change, groups look at health.
    Health,
    /// API calls and deeds of the timeline; a run stops here, so nothing else has this phase.
    Call,
    /// Requests arrive.
    Arrival,
}
