//! The request recorder: what every request of a run is folded into.
//!
//! One concrete type on the path of a request, so that a completion costs a few additions. It
//! must never allocate per request; listed losses and windows have stated caps.

use super::ids::{EntryId, WorkloadId};
use super::loss::{CAUSES, CODES, Loss};
use crate::engine::digest::Digest;
use crate::engine::time::{SimDuration, SimTime};
use crate::stats::closed_window::ClosedWindow;
use crate::stats::histogram::Histogram;

/// Losses listed one by one; more are only counted.
pub const LISTED_LOSSES: usize = 100_000;
/// Windows kept; when there are more, every two become one.
const WINDOWS: usize = 720;

/// Counts of logical requests of one workload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Arrived.
    pub arrived: u64,
    /// Completed.
    pub completed: u64,
    /// Attempts.
    pub attempts: u64,
    /// Lost, by cause.
    pub lost_by_cause: [u64; CAUSES.len()],
    /// Lost, by code.
    pub lost_by_code: [u64; CODES.len()],
}

impl Counts {
    /// Lost for whatever cause.
    pub fn lost(&self) -> u64 {
        self.lost_by_cause.iter().sum()
    }

    /// The recorder counts repeated attempts only: each request that arrived had a first one.
    fn with_first_attempts(mut self) -> Self {
        self.attempts += self.arrived;
        self
    }

    /// These without those of `part`.
    fn without(mut self, part: &Self) -> Self {
        self.arrived -= part.arrived;
        self.completed -= part.completed;
        self.attempts -= part.attempts;
        let causes = self.lost_by_cause.iter_mut().zip(part.lost_by_cause);
        let codes = self.lost_by_code.iter_mut().zip(part.lost_by_code);
        for (all, part) in causes.chain(codes) {
            *all -= part;
        }
        self
    }
}

/// What happened in one window of time.
#[derive(Debug, Clone, Default)]
pub struct WindowCounts {
    /// Arrived.
    pub arrived: u64,
    /// Completed.
    pub completed: u64,
    /// Lost, by cause.
    pub lost_by_cause: [u64; CAUSES.len()],
    /// In flight at its end.
    pub in_flight: u64,
    /// Largest latency \[ns\].
    pub latency_max: u64,
    /// Latencies of completions.
    pub latency: ClosedWindow,
}

/// Folds requests into counts, latencies, windows and the digest.
#[derive(Debug)]
pub struct Recorder {
    warm_up: SimTime,
    window_end: SimTime,
    /// Sum of all instants at which a request was over, without those of all arrivals \[ns, modulo
    /// 2^64\]: the integral of requests in flight over time but for those still there.
    lifetimes: u64,
    /// Completions, for the digest and for conservation.
    pub(super) digest: Digest,
    /// Every request, for conservation.
    all: Vec<Counts>,
    /// Latencies of this window's completions that arrived after the warm-up; the only place a
    /// completion is counted by its latency.
    current_latency: Histogram,
    /// What arrived in the warm-up is kept apart, so that all else is counted once.
    early: Early,
    /// Latencies of the windows that are over.
    latency: Histogram,
    window: SimDuration,
    /// Lost in this window, by cause.
    current_lost: [u64; CAUSES.len()],
    /// Arrived and completed before this window.
    before: (u64, u64),
    windows: Vec<WindowCounts>,
    losses: Vec<Loss>,
    not_listed: u64,
    by_entry: Vec<u64>,
    unattributed: u64,
    /// Sum of the lifetimes of lost requests \[ns\].
    lost_lifetimes: u128,
}

/// Requests that arrived in the warm-up.
#[derive(Debug)]
struct Early {
    /// By workload.
    counts: Vec<Counts>,
    /// Latencies of completions in this window.
    current_latency: Histogram,
    /// Latencies of the windows that are over.
    latency: Histogram,
}

/// Everything a recorder holds when a run is over.
#[derive(Debug)]
pub struct Recorded {
    /// Requests that arrived after the warm-up, by workload.
    pub tallied: Vec<Counts>,
    /// Latency of completed requests that arrived after the warm-up \[ns\].
    pub latency: Histogram,
    /// Width of a window.
    pub window: SimDuration,
    /// Windows from 0 s on.
    pub windows: Vec<WindowCounts>,
    /// Lost requests, at most [`LISTED_LOSSES`].
    pub losses: Vec<Loss>,
    /// Lost requests not listed.
    pub not_listed: u64,
    /// Lost requests by culprit.
    pub by_entry: Vec<u64>,
    /// Lost requests without culprit.
    pub unattributed: u64,
}

impl Recorder {
    /// A recorder for `workloads` workloads, windows of `window` to begin with.
    pub fn new(workloads: usize, warm_up: SimTime, window: SimDuration) -> Self {
        assert!(window > SimDuration::ZERO, "a window has a width");
        Self {
            warm_up,
            window_end: SimTime::ZERO + window,
            lifetimes: 0,
            digest: Digest::default(),
            all: vec![Counts::default(); workloads],
            current_latency: Histogram::new(),
            early: Early {
                counts: vec![Counts::default(); workloads],
                current_latency: Histogram::new(),
                latency: Histogram::new(),
            },
            latency: Histogram::new(),
            window,
            current_lost: [0; CAUSES.len()],
            before: (0, 0),
            windows: Vec::new(),
            losses: Vec::new(),
            not_listed: 0,
            by_entry: Vec::new(),
            unattributed: 0,
            lost_lifetimes: 0,
        }
    }

    #[inline]
    fn turn_to(&mut self, now: SimTime) {
        if now >= self.window_end {
            self.close_windows(now);
        }
    }

    /// Requests that arrived, were completed and were lost.
    fn totals(&self) -> (u64, u64, u64) {
        let add = |(arrived, completed, lost), counts: &Counts| {
            (
                arrived + counts.arrived,
                completed + counts.completed,
                lost + counts.lost(),
            )
        };
        self.all.iter().fold((0, 0, 0), add)
    }

    #[cold]
    fn close_windows(&mut self, now: SimTime) {
        while now >= self.window_end {
            self.close_window();
            if self.windows.len() >= WINDOWS {
                self.halve();
            }
            self.window_end = self.window_end + self.window;
        }
    }

    /// Puts the current window behind the closed ones.
    fn close_window(&mut self) {
        let (arrived, completed, lost) = self.totals();
        let largest = self.current_latency.max();
        let latency_max = largest.max(self.early.current_latency.max()).unwrap_or(0);
        let mut latency = ClosedWindow::close(&mut self.current_latency, &mut self.latency);
        if self.early.current_latency.count() > 0 {
            let early = &mut self.early;
            latency.merge(&ClosedWindow::close(
                &mut early.current_latency,
                &mut early.latency,
            ));
        }
        self.windows.push(WindowCounts {
            arrived: arrived - self.before.0,
            completed: completed - self.before.1,
            lost_by_cause: std::mem::take(&mut self.current_lost),
            in_flight: arrived - completed - lost,
            latency_max,
            latency,
        });
        self.before = (arrived, completed);
    }

    /// Makes one window of every two.
    fn halve(&mut self) {
        let windows = std::mem::take(&mut self.windows);
        for pair in windows.chunks(2) {
            let mut merged = pair[0].clone();
            if let Some(later) = pair.get(1) {
                merged.arrived += later.arrived;
                merged.completed += later.completed;
                for (sum, count) in merged.lost_by_cause.iter_mut().zip(later.lost_by_cause) {
                    *sum += count;
                }
                merged.in_flight = later.in_flight;
                merged.latency_max = merged.latency_max.max(later.latency_max);
                merged.latency.merge(&later.latency);
            }
            self.windows.push(merged);
        }
        self.window = self.window.times(2);
    }

    /// A request arrived; its place among its workload's requests.
    #[inline]
    pub(super) fn arrived(&mut self, now: SimTime, workload: usize) -> u64 {
        self.turn_to(now);
        self.lifetimes = self.lifetimes.wrapping_sub(now.as_nanos());
        if now < self.warm_up {
            self.early.counts[workload].arrived += 1;
        }
        let arrived = &mut self.all[workload].arrived;
        let ordinal = *arrived;
        *arrived += 1;
        ordinal
    }

    /// A client tried again.
    pub(super) fn tried_again(&mut self, arrived: SimTime, workload: usize) {
        self.all[workload].attempts += 1;
        if arrived < self.warm_up {
            self.early.counts[workload].attempts += 1;
        }
    }

    /// A request was answered.
    #[inline]
    pub(super) fn completed(&mut self, now: SimTime, arrived: SimTime, workload: usize, link: u32) {
        self.turn_to(now);
        self.lifetimes = self.lifetimes.wrapping_add(now.as_nanos());
        self.all[workload].completed += 1;
        self.digest
            .add(now.as_nanos(), arrived.as_nanos() ^ u64::from(link) << 40);
        let latency = now.since(arrived).as_nanos();
        if arrived < self.warm_up {
            self.completed_early(latency, workload);
        } else {
            self.current_latency.record(latency);
        }
    }

    #[cold]
    fn completed_early(&mut self, latency: u64, workload: usize) {
        self.early.counts[workload].completed += 1;
        self.early.current_latency.record(latency);
    }

    /// A request was lost for good.
    pub(super) fn lost(&mut self, loss: &Loss) {
        self.turn_to(loss.at);
        self.lifetimes = self.lifetimes.wrapping_add(loss.at.as_nanos());
        self.lost_lifetimes += u128::from(loss.at.since(loss.arrived).as_nanos());
        let workload = loss.workload.index();
        let count = |counts: &mut Counts| {
            counts.lost_by_cause[loss.cause.index()] += 1;
            counts.lost_by_code[loss.code.index()] += 1;
        };
        count(&mut self.all[workload]);
        self.current_lost[loss.cause.index()] += 1;
        if loss.arrived < self.warm_up {
            count(&mut self.early.counts[workload]);
            return;
        }
        match loss.culprit {
            Some(EntryId(entry)) => {
                let entry = entry as usize;
                if self.by_entry.len() <= entry {
                    self.by_entry.resize(entry + 1, 0);
                }
                self.by_entry[entry] += 1;
            }
            None => self.unattributed += 1,
        }
        if self.losses.len() < LISTED_LOSSES {
            self.losses.push(*loss);
        } else {
            self.not_listed += 1;
        }
    }

    /// All requests of `workload`, those of the warm-up included.
    pub fn all(&self, workload: WorkloadId) -> Counts {
        self.all[workload.index()].with_first_attempts()
    }

    /// Holds the conservation of requests and the exact form of Little's law against what is
    /// really held: `held` requests that have been there for `ages` together until `now`.
    pub(super) fn assert_conserved(&self, now: SimTime, held: u64, ages: u128) {
        let (arrived, completed, lost) = self.totals();
        assert_eq!(
            arrived,
            completed + lost + held,
            "arrived = completed + lost + in flight"
        );
        let late = self.latency.sum() + self.current_latency.sum();
        let early = self.early.latency.sum() + self.early.current_latency.sum();
        let sum = late + early + self.lost_lifetimes + ages;
        let integral = self
            .lifetimes
            .wrapping_add(held.wrapping_mul(now.as_nanos()));
        assert_eq!(
            u128::from(integral),
            sum & u128::from(u64::MAX),
            "the integral of requests in flight is the sum of their lifetimes"
        );
    }

    /// When the warm-up ends.
    pub fn warm_up(&self) -> SimTime {
        self.warm_up
    }

    /// Requests that arrived after the warm-up so far, by workload.
    pub fn tallied(&self) -> Vec<Counts> {
        let tallied = self.all.iter().zip(&self.early.counts);
        tallied
            .map(|(all, early)| all.without(early).with_first_attempts())
            .collect()
    }

    /// Lost requests by culprit so far.
    pub fn by_entry(&self) -> &[u64] {
        &self.by_entry
    }

    /// Lost requests without culprit so far.
    pub fn unattributed(&self) -> u64 {
        self.unattributed
    }

    /// Latency of completed requests that arrived after the warm-up, so far \[ns\].
    pub fn latency_so_far(&self) -> Histogram {
        let mut latency = self.latency.clone();
        latency.merge(&self.current_latency);
        latency
    }

    /// Closes the last window at `end` and gives everything away.
    pub fn finish(mut self, end: SimTime) -> Recorded {
        self.turn_to(end);
        if self.windows.is_empty() || end > self.window_end_of_closed() {
            self.close_window();
        } else {
            self.latency.merge(&self.current_latency);
        }
        Recorded {
            tallied: self.tallied(),
            latency: self.latency,
            window: self.window,
            windows: self.windows,
            losses: self.losses,
            not_listed: self.not_listed,
            by_entry: self.by_entry,
            unattributed: self.unattributed,
        }
    }

    fn window_end_of_closed(&self) -> SimTime {
        SimTime::ZERO + self.window.times(self.windows.len() as u64)
    }
}
