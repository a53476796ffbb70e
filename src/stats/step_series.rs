//! A step series: a count over time, kept as its changes.

use crate::engine::time::{SimDuration, SimTime};

/// A count over time, starting at 0 s. Between changes it is constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSeries {
    points: Vec<(SimTime, u32)>,
}

impl StepSeries {
    /// A series that is `value` from 0 s on.
    pub fn new(value: u32) -> Self {
        Self {
            points: vec![(SimTime::ZERO, value)],
        }
    }

    /// From `at` on the count is `value`. Of several changes at one instant the last one stays.
    ///
    /// # Panics
    /// When `at` lies before the last change.
    pub fn set(&mut self, at: SimTime, value: u32) {
        let &(last_at, last) = self.points.last().expect("a series has a first point");
        assert!(at >= last_at, "a step series runs forward");
        if last == value {
            return;
        }
        if last_at == at {
            self.points.pop();
            if self
                .points
                .last()
                .is_some_and(|&(_, before)| before == value)
            {
                return;
            }
        }
        self.points.push((at, value));
    }

    /// The count from the last change on.
    pub fn last(&self) -> u32 {
        self.points.last().expect("a series has a first point").1
    }

    /// The count at `at`, changes at that instant included.
    pub fn at(&self, at: SimTime) -> u32 {
        let after = self.points.partition_point(|&(time, _)| time <= at);
        self.points[after.max(1) - 1].1
    }

    /// The changes, the first at 0 s.
    pub fn points(&self) -> &[(SimTime, u32)] {
        &self.points
    }

    /// Spans of constant count that overlap `from..to`, cut to it; an instant counts as nothing.
    pub fn spans(
        &self,
        from: SimTime,
        to: SimTime,
    ) -> impl Iterator<Item = (SimTime, SimTime, u32)> + '_ {
        self.points
            .iter()
            .enumerate()
            .filter_map(move |(i, &(start, value))| {
                let end = self
                    .points
                    .get(i + 1)
                    .map_or(SimTime::MAX, |&(next, _)| next);
                let (start, end) = (start.max(from), end.min(to));
                (start < end).then_some((start, end, value))
            })
    }

    /// The smallest count over `from..to`, or at `to` when the interval is empty.
    pub fn min(&self, from: SimTime, to: SimTime) -> u32 {
        self.spans(from, to)
            .map(|(_, _, value)| value)
            .min()
            .unwrap_or_else(|| self.at(to))
    }

    /// How long the count was zero within `from..to`.
    pub fn time_at_zero(&self, from: SimTime, to: SimTime) -> SimDuration {
        self.spans(from, to)
            .filter(|&(_, _, value)| value == 0)
            .fold(SimDuration::ZERO, |sum, (start, end, _)| {
                sum + end.since(start)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(secs: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(secs)
    }

    #[test]
    fn changes_at_one_instant_leave_the_last_one() {
        let mut series = StepSeries::new(3);
        series.set(s(5), 2);
        series.set(s(5), 0);
        series.set(s(9), 4);
        assert_eq!(series.points(), [(s(0), 3), (s(5), 0), (s(9), 4)]);
        series.set(s(9), 0);
        assert_eq!(series.points(), [(s(0), 3), (s(5), 0)]);
    }

    #[test]
    fn reads_back_by_time() {
        let mut series = StepSeries::new(3);
        series.set(s(5), 0);
        series.set(s(8), 1);
        assert_eq!(
            [series.at(s(4)), series.at(s(5)), series.at(s(100))],
            [3, 0, 1]
        );
        assert_eq!(series.min(s(0), s(5)), 3);
        assert_eq!(series.min(s(6), s(100)), 0);
        assert_eq!(series.time_at_zero(s(0), s(100)), SimDuration::from_secs(3));
    }
}
