//! The driver: makes what the timeline says, when it says so.
//!
//! Calls are not events: the kernel is stopped at (time, call phase), the call is applied, and the
//! kernel runs on. An entry that has others `after` it hands over when it is over, so times that
//! depend on a wait need not be known beforehand. While nothing waits for a change the kernel runs
//! from one task to the next; only while something does it is looked at after each event.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;

use super::agenda::{Agenda, Task};
use super::make::Peeked;
use super::outcome::{EntryResult, Stop};
use super::resolve::Scope;
use super::rows::Rows;
use super::run::{RunOptions, SETTLE_LIMIT};
use super::steps::Thread;
use crate::engine::kernel::{Kernel, Stopped, World};
use crate::engine::phase::Phase;
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::collector::Collector;
use crate::model::cloud::Cloud;
use crate::scenario::plan::{Entry, Horizon, Scenario, When};

/// A cloud in motion, and who is told of it.
pub(super) type Run = Kernel<Cloud, Collector>;

/// What drives a run.
pub(super) struct Driver<'a> {
    pub(super) scenario: &'a Scenario,
    options: RunOptions<'a>,
    pub(super) kernel: Run,
    pub(super) rows: Rows,
    pub(super) agenda: Agenda,
    /// Entries of the file under way, and those that are over.
    pub(super) threads: Vec<Thread>,
    /// Threads that look at their condition at every change.
    pub(super) watching: BTreeSet<usize>,
    /// The entries after each entry, with their delays.
    followers: Vec<Vec<(usize, SimDuration)>>,
    /// How far behind reads may be, from the faults in the file.
    pub(super) lags: Vec<SimDuration>,
    /// Answers taken ahead of time.
    pub(super) peeked: BTreeMap<usize, Vec<Peeked>>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(scenario: &'a Scenario, options: RunOptions<'a>, kernel: Run) -> Self {
        let timeline = &scenario.timeline;
        let mut followers = vec![Vec::new(); timeline.len()];
        for (index, entry) in timeline.iter().enumerate() {
            if let When::After(other, delay) = entry.when {
                followers[other.index()].push((index, delay));
            }
        }
        Self {
            scenario,
            options,
            kernel,
            rows: Rows::new(scenario),
            agenda: Agenda::default(),
            threads: Vec::new(),
            watching: BTreeSet::new(),
            followers,
            lags: super::make::lags(timeline),
            peeked: BTreeMap::new(),
        }
    }

    pub(super) fn into_parts(self) -> (Run, Rows) {
        (self.kernel, self.rows)
    }

    pub(super) fn entry(&self, plan: usize) -> &'a Entry {
        &self.scenario.timeline[plan]
    }

    pub(super) fn scope(&self) -> Scope<'_> {
        Scope {
            scenario: self.scenario,
            cloud: &self.kernel.world,
            rows: &self.rows,
            now: self.kernel.now(),
        }
    }

    fn run_until(&mut self, at: SimTime) -> Stopped {
        let Self {
            kernel, options, ..
        } = self;
        kernel.run_until(at, Phase::Call, options.max_events, &mut |now, events| {
            if let Some(progress) = options.progress {
                progress(now, events);
            }
            !options
                .stop
                .is_some_and(|stop| stop.load(Ordering::Relaxed))
        })
    }

    /// Drives the run; a broken invariant is told again with where to find it.
    pub(super) fn drive_or_tell(&mut self) -> Stop {
        let driven = panic::catch_unwind(AssertUnwindSafe(|| self.drive()));
        let stop = driven.unwrap_or_else(|broken| {
            let text = broken.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| broken.downcast_ref::<&str>().copied());
            panic!(
                "the run of `{}` with seed {} broke at event {}, {} simulated: {}",
                self.scenario.name,
                self.scenario.fleet.seed,
                self.kernel.events(),
                self.kernel.now(),
                text.unwrap_or("no message")
            )
        });
        // the kernel knows only that the world has outgrown some limit
        if stop == Stop::TooManyInFlight && !self.kernel.world.holds_too_many() {
            return Stop::TooMuchHistory;
        }
        stop
    }

    fn drive(&mut self) -> Stop {
        assert_ends(&self.scenario.timeline);
        let horizon = match self.scenario.horizon {
            Horizon::At(at) => at,
            Horizon::Settled => SimTime::MAX,
        };
        for (index, entry) in self.scenario.timeline.iter().enumerate() {
            if let When::At(at) = entry.when {
                self.schedule_entry(index, at, 0);
            }
        }
        let mut last = SimTime::ZERO;
        loop {
            let next = self.agenda.next().filter(|at| *at <= horizon);
            let stopped = match next {
                Some(at) if self.watching.is_empty() => self.run_until(at),
                Some(at) => match self.run_watched(at) {
                    Watched::Changed => continue,
                    Watched::Reached(stopped) => stopped,
                },
                None if self.watching.is_empty() => break,
                None => match self.run_watched(horizon) {
                    Watched::Changed => continue,
                    Watched::Reached(stopped) => {
                        return early(stopped).unwrap_or(Stop::Horizon);
                    }
                },
            };
            if let Some(stop) = early(stopped) {
                return stop;
            }
            let Some((key, task)) = self.agenda.take() else {
                break;
            };
            last = last.max(key.0);
            self.perform(task, key.1);
            self.look_at_all();
        }
        if self.scenario.horizon == Horizon::Settled {
            return self.settle(last + SETTLE_LIMIT);
        }
        early(self.run_until(horizon)).unwrap_or(Stop::Horizon)
    }

    fn perform(&mut self, task: Task, depth: u32) {
        match task {
            Task::Begin(plan) => {
                let thread = self.threads.len();
                self.threads.push(Thread::new(plan, depth));
                self.start(thread, plan, plan);
            }
            Task::Go(thread) => self.go(thread),
            Task::Wake(thread) => self.wake(thread),
            Task::Look(thread) => self.look(thread),
            Task::GiveUp(thread) => self.give_up(thread),
            Task::Peek(plan) => self.peek(plan),
        }
    }

    /// Puts down the entry of the file at `plan`, which follows `depth` others.
    fn schedule_entry(&mut self, plan: usize, at: SimTime, depth: u32) {
        self.schedule_peeks(plan, at);
        self.agenda.add(at, (depth, plan), Task::Begin(plan));
    }

    /// The entry of the file at `plan` is over: those after it are put down, or left out when it
    /// failed and nothing goes on then.
    pub(super) fn follow(&mut self, plan: usize, depth: u32, stops: bool) {
        let now = self.kernel.now();
        if !stops {
            for (next, delay) in self.followers[plan].clone() {
                self.schedule_entry(next, now + delay, depth + 1);
            }
            return;
        }
        let reason = format!("`{}` failed, and it is after that", self.entry(plan).name);
        let mut left_out = vec![plan];
        while let Some(plan) = left_out.pop() {
            for &(next, _) in &self.followers[plan] {
                self.rows.list[next].result = EntryResult::NotMade {
                    reason: reason.clone(),
                };
                left_out.push(next);
            }
        }
    }

    /// Lets every thread that waits for a change look at its condition; whether one has waited
    /// enough.
    fn look_at_all(&mut self) -> bool {
        let mut changed = false;
        for thread in self.watching.clone() {
            changed |= self.look_once(thread);
        }
        changed
    }

    /// Runs event by event until `at`, or until a thread that waits for a change has seen it.
    fn run_watched(&mut self, at: SimTime) -> Watched {
        loop {
            if self.kernel.events() >= self.options.max_events {
                return Watched::Reached(Stopped::EventLimit);
            }
            if self.kernel.events().is_multiple_of(1 << 16) {
                match self.watch() {
                    Some(Stop::TooManyInFlight) => return Watched::Reached(Stopped::Exhausted),
                    Some(_) => return Watched::Reached(Stopped::Interrupted),
                    None => {}
                }
            }
            let told = self.kernel.observer.told();
            if !self.kernel.step(at, Phase::Call) {
                return Watched::Reached(self.run_until(at));
            }
            if told != self.kernel.observer.told() && self.look_at_all() {
                return Watched::Changed;
            }
        }
    }

    /// Runs on until nothing happens by itself any more.
    fn settle(&mut self, limit: SimTime) -> Stop {
        let warm_up = self.scenario.fleet.warm_up;
        if let Some(stop) = early(self.run_until(self.kernel.now().max(warm_up))) {
            return stop;
        }
        let mut told = u64::MAX;
        loop {
            if told != self.kernel.observer.told() {
                told = self.kernel.observer.told();
                if self.kernel.world.is_settled() {
                    return Stop::Settled;
                }
            }
            if self.kernel.events() >= self.options.max_events {
                return Stop::EventLimit;
            }
            if self.kernel.events().is_multiple_of(1 << 16)
                && let Some(stop) = self.watch()
            {
                return stop;
            }
            if !self.kernel.step(limit, Phase::Call) {
                return Stop::NeverSettled;
            }
        }
    }

    /// Tells how far the run is; why it must stop, if it must.
    fn watch(&self) -> Option<Stop> {
        if let Some(progress) = self.options.progress {
            progress(self.kernel.now(), self.kernel.events());
        }
        if self.kernel.world.is_exhausted() {
            return Some(Stop::TooManyInFlight);
        }
        let interrupted = self.options.stop?.load(Ordering::Relaxed);
        interrupted.then_some(Stop::Interrupted)
    }
}

/// What came of a stretch of a run in which somebody waits for a change.
enum Watched {
    /// Somebody has seen it.
    Changed,
    /// Nobody has.
    Reached(Stopped),
}

/// A loader refuses circles; a hand-made one would never begin.
fn assert_ends(timeline: &[Entry]) {
    for first in timeline {
        let (mut entry, mut depth) = (first, 0);
        while let When::After(earlier, _) = entry.when {
            depth += 1;
            assert!(depth <= timeline.len(), "`after` goes round in a circle");
            entry = &timeline[earlier.index()];
        }
    }
}

fn early(stopped: Stopped) -> Option<Stop> {
    match stopped {
        Stopped::Reached => None,
        Stopped::EventLimit => Some(Stop::EventLimit),
        Stopped::Interrupted => Some(Stop::Interrupted),
        Stopped::Exhausted => Some(Stop::TooManyInFlight),
    }
}
