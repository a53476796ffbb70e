//! The virtual clock: what the cloud writes when it writes a time.

use std::time::Duration;

use jiff::Timestamp;

use crate::engine::time::SimTime;

/// Shows simulated times as the cloud does.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Timestamp,
}

impl Clock {
    /// A clock that shows `start_unix_s` at 0 s; a time no calendar has becomes 1970.
    pub fn new(start_unix_s: i64) -> Self {
        Self {
            start: Timestamp::from_second(start_unix_s).unwrap_or_default(),
        }
    }

    /// What it shows at `time`.
    pub fn at(self, time: SimTime) -> Timestamp {
        self.start
            .checked_add(Duration::from_nanos(time.as_nanos()))
            .unwrap_or(Timestamp::MAX)
    }

    /// When it shows `time`: before 0 s it never did, and what is beyond its last instant is that.
    pub fn when(self, time: Timestamp) -> Option<SimTime> {
        let nanos = time.duration_since(self.start).as_nanos();
        let beyond = nanos > i128::from(u64::MAX);
        let nanos = u64::try_from(nanos).ok().or(beyond.then_some(u64::MAX));
        nanos.map(SimTime::from_nanos)
    }

    /// `2015-04-12T15:02:16Z`, as in the cause of an activity.
    pub fn seconds(self, time: SimTime) -> String {
        written(self.at(time))
    }

    /// `2015-04-12T15:02:16.610Z`, as in the start time of an activity.
    pub fn millis(self, time: SimTime) -> String {
        self.at(time).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}

/// A time that was given, as [`Clock::seconds`] writes one.
pub fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
