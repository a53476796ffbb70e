//! Choices: the words that settings may have whose values are neither times nor numbers.
//!
//! Each is one reading of what no cloud documents. This module must never say which one is the
//! default: `assumption` does.

/// What ends an instance's wait for its drains when it leaves an Auto Scaling group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrainWait {
    /// Until the target's displayed state leaves `draining`.
    DisplayedState,
    /// Until nothing is in flight on it.
    Early,
}

/// What Alibaba's ALB does with requests in flight when draining is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrainOff {
    /// Lets them finish.
    Finish,
    /// Cuts them.
    Cut,
}

/// What registering a draining IP target again does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpReregister {
    /// It stays draining until its deadline and is registered then.
    Queue,
    /// It is registered at once, like an instance.
    Accept,
    /// The call is refused.
    Reject,
}

/// How many successful checks make a new target healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialChecks {
    /// One.
    One,
    /// As many as make an unhealthy one healthy.
    Threshold,
}

impl InitialChecks {
    /// So many, when `threshold` make an unhealthy target healthy.
    pub(super) fn count(self, threshold: u32) -> u32 {
        match self {
            Self::One => 1,
            Self::Threshold => threshold,
        }
    }
}

/// How a client's request finds a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeChoice {
    /// At random, as DNS spreads many clients.
    Random,
    /// In turn.
    RoundRobin,
}

/// What becomes of requests in flight through a node whose zone was disabled, when clients have
/// stopped coming to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedNode {
    /// It lets them finish.
    Finish,
    /// They are lost with it.
    Lose,
}
