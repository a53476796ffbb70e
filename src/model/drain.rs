//! Drains: the interval a registration spends deregistering, with its counts and its outcome.

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
