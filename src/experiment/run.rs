//! One run: the timeline is driven against the cloud, and what comes of it is collected.
//!
//! Calls are not events: the kernel is stopped at (time, call phase), the call is applied, and
//! the kernel runs on.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use super::outcome::{EntryOutcome, EntryResult, Outcome, Stop};
use super::resolve::Scope;
use super::verdict;
use crate::api::Call;
use crate::engine::kernel::{Kernel, Stopped, World};
use crate::engine::phase::Phase;
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::collector::Collector;
use crate::model::cloud::Cloud;
use crate::model::ids::EntryId;
use crate::scenario::plan::{Action, Deed, Entry, EntryExpect, Horizon, Scenario, When};

/// Events after which a run is stopped unless the user says otherwise.
pub const MAX_EVENTS: u64 = 20_000_000_000;

/// How long after the last entry `horizon: settled` is waited for.
pub const SETTLE_LIMIT: SimDuration = SimDuration::from_secs(24 * 3600);

/// What a run may use and who watches it. None of it can change a number.
#[derive(Clone, Copy)]
pub struct RunOptions<'a> {
    /// Events after which the run is stopped.
    pub max_events: u64,
    /// Stops the run when it becomes true.
    pub stop: Option<&'a AtomicBool>,
    /// Told the simulated time and the events so far, now and then.
    pub progress: Option<&'a (dyn Fn(SimTime, u64) + Sync)>,
    /// Check the whole state at every event: slow, for tests.
    pub check_everything: bool,
}

impl std::fmt::Debug for RunOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunOptions")
            .field("max_events", &self.max_events)
            .finish_non_exhaustive()
    }
}

impl Default for RunOptions<'_> {
    fn default() -> Self {
        Self {
            max_events: MAX_EVENTS,
            stop: None,
            progress: None,
            check_everything: false,
        }
    }
}

/// Entries in the order in which they are made, each with its time.
pub fn order_of(timeline: &[Entry]) -> Vec<(SimTime, usize)> {
    let mut order: Vec<(SimTime, usize, usize)> = (0..timeline.len())
        .map(|index| {
            let (mut at, mut depth, mut entry) = (SimDuration::ZERO, 0, index);
            // a loader refuses cycles; the bound keeps a hand-made one from hanging us
            while let When::After(earlier, delay) = timeline[entry].when {
                at = at + delay;
                depth += 1;
                assert!(depth <= timeline.len(), "`after` goes round in a circle");
                entry = earlier.index();
            }
            let When::At(start) = timeline[entry].when else {
                unreachable!("the loop ends at a fixed time")
            };
            (start + at, depth, index)
        })
        .collect();
    order.sort_unstable();
    order
        .into_iter()
        .map(|(at, _, index)| (at, index))
        .collect()
}

/// Width of the first windows of the series: at most 240 of them, of a round width.
fn window_for(horizon: Horizon) -> SimDuration {
    const ROUND_MS: [u64; 18] = [
        1, 10, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
        300_000, 600_000, 1_800_000, 3_600_000, 21_600_000,
    ];
    let Horizon::At(end) = horizon else {
        return SimDuration::from_secs(1);
    };
    let least = end.as_nanos() / 240;
    let round = ROUND_MS.iter().map(|&ms| SimDuration::from_millis(ms));
    round
        .into_iter()
        .find(|width| width.as_nanos() >= least)
        .unwrap_or(SimDuration::from_secs(24 * 3600))
}

type Run = Kernel<Cloud, Collector>;

struct Driver<'a> {
    scenario: &'a Scenario,
    options: RunOptions<'a>,
    kernel: Run,
    entries: Vec<EntryOutcome>,
}

/// Runs a scenario once.
///
/// # Panics
/// When an invariant breaks: a bug of drainsim, reported with seed, event and time.
pub fn run(scenario: &Scenario, options: &RunOptions<'_>) -> Outcome {
    let window = window_for(scenario.horizon);
    let mut cloud = Cloud::new(scenario.fleet.clone(), window);
    if options.check_everything {
        cloud.check_everything();
    }
    let collector = Collector::new(&cloud);
    let mut kernel = Kernel::new(cloud, collector, scenario.fleet.workloads.len());
    kernel.apply(Cloud::begin);
    let mut driver = Driver {
        scenario,
        options: *options,
        kernel,
        entries: scenario
            .timeline
            .iter()
            .enumerate()
            .map(unreached)
            .collect(),
    };
    let stop = driver.drive_or_tell();
    driver.finish(stop)
}

fn unreached((index, entry): (usize, &Entry)) -> EntryOutcome {
    let (kind, what, params) = match &entry.action {
        Action::Call { operation, params } => ("call", operation.name.to_owned(), params.clone()),
        Action::Do { deed, instance } => (
            "do",
            deed.name().to_owned(),
            serde_json::json!({ "instance": instance }),
        ),
    };
    EntryOutcome {
        entry: EntryId::from_index(index),
        name: entry.name.clone(),
        at: None,
        kind,
        what,
        params,
        result: EntryResult::NotMade {
            reason: "the run stopped before".to_owned(),
        },
        unexpected: None,
        lost: 0,
    }
}

impl Driver<'_> {
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

    fn scope(&self) -> Scope<'_> {
        Scope {
            scenario: self.scenario,
            cloud: &self.kernel.world,
            entries: &self.entries,
        }
    }

    /// Drives the run; a broken invariant is told again with where to find it.
    fn drive_or_tell(&mut self) -> Stop {
        let driven = panic::catch_unwind(AssertUnwindSafe(|| self.drive()));
        driven.unwrap_or_else(|broken| {
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
        })
    }

    fn drive(&mut self) -> Stop {
        let order = order_of(&self.scenario.timeline);
        let horizon = match self.scenario.horizon {
            Horizon::At(at) => at,
            Horizon::Settled => SimTime::MAX,
        };
        let last = order.last().map_or(SimTime::ZERO, |&(at, _)| at);
        for (at, index) in order {
            if at > horizon {
                break;
            }
            if let Some(stop) = early(self.run_until(at)) {
                return stop;
            }
            self.make(at, index);
        }
        if self.scenario.horizon == Horizon::Settled {
            return self.settle(last + SETTLE_LIMIT);
        }
        early(self.run_until(horizon)).unwrap_or(Stop::Horizon)
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

    /// Makes one entry of the timeline.
    fn make(&mut self, at: SimTime, index: usize) {
        let entry = &self.scenario.timeline[index];
        let id = EntryId::from_index(index);
        let (params, result) = match &entry.action {
            Action::Call { operation, params } => match self.scope().resolve(params) {
                Err(reason) => (params.clone(), EntryResult::NotMade { reason }),
                Ok(params) => {
                    let answer = self.kernel.apply(|cloud, cx| {
                        cloud.cause = Some(id);
                        let answer = (operation.apply)(&mut Call { cloud, cx }, &params);
                        cloud.cause = None;
                        cloud.assert_coherent(cx.now);
                        answer
                    });
                    (params, EntryResult::from(answer))
                }
            },
            Action::Do { deed, instance } => self.do_deed(id, *deed, instance),
        };
        if let EntryResult::Ok { response } = &result {
            self.kernel.observer.fold_text(&response.to_string());
        }
        let outcome = &mut self.entries[index];
        outcome.at = Some(at);
        outcome.params = params;
        outcome.unexpected = unexpected(&entry.expect, &result);
        outcome.result = result;
    }

    fn do_deed(
        &mut self,
        id: EntryId,
        deed: Deed,
        instance: &str,
    ) -> (serde_json::Value, EntryResult) {
        let wanted = serde_json::json!({ "instance": instance });
        let params = match self.scope().resolve(&wanted) {
            Ok(params) => params,
            Err(reason) => return (wanted, EntryResult::NotMade { reason }),
        };
        let name = params["instance"].as_str().unwrap_or_default().to_owned();
        let Some(machine) = self.kernel.world.instance_named(&name) else {
            let reason = format!("there is no instance `{name}` at that time");
            return (params, EntryResult::NotMade { reason });
        };
        self.kernel.apply(|cloud, cx| {
            cloud.cause = Some(id);
            match deed {
                Deed::StopProcess => cloud.stop_process(cx, machine),
                Deed::KillProcess => cloud.kill_process(cx, machine),
            }
            cloud.cause = None;
            cloud.assert_coherent(cx.now);
        });
        let response = serde_json::json!({});
        (params, EntryResult::Ok { response })
    }

    fn finish(self, stop: Stop) -> Outcome {
        let Self {
            scenario,
            mut kernel,
            mut entries,
            ..
        } = self;
        kernel.apply(|cloud, cx| {
            cloud.close_drains(cx.now);
            cloud.assert_coherent(cx.now);
        });
        let (end, events) = (kernel.now(), kernel.events());
        let Kernel {
            world, observer, ..
        } = kernel;
        let changing = world.changing_group().map(|group| group.name.clone());
        let digest = observer.digest(&world);
        let measurements = observer.measure(world, scenario.fleet.warm_up, end);
        for (entry, lost) in entries.iter_mut().zip(&measurements.lost_by_entry) {
            entry.lost = *lost;
        }
        for entry in &mut entries {
            if entry.at.is_none() {
                entry.unexpected = Some("it was not reached".to_owned());
            }
        }
        let unsettled = unsettled(&measurements, stop, changing.as_deref());
        Outcome {
            scenario: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.fleet.seed,
            start_unix_s: scenario.fleet.start_unix_s,
            digest,
            events,
            stop,
            expectations: verdict::judge(
                &scenario.expectations,
                &measurements,
                unsettled.as_deref(),
            ),
            measurements,
            timeline: entries,
            replications: None,
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

/// What is still under way when a run stops, as a sentence.
fn unsettled(
    measurements: &crate::metrics::measurements::Measurements,
    stop: Stop,
    changing: Option<&str>,
) -> Option<String> {
    let end = measurements.end;
    match stop {
        Stop::EventLimit => return Some(format!("the limit on events came at {end}")),
        Stop::TooManyInFlight => {
            return Some(format!("the limit on requests in flight came at {end}"));
        }
        Stop::Interrupted => return Some(format!("the run was interrupted at {end}")),
        Stop::Horizon | Stop::Settled | Stop::NeverSettled => {}
    }
    let open = measurements
        .drains
        .iter()
        .find(|drain| drain.quiet.is_none() && drain.end.is_none());
    if let Some(drain) = open {
        let (target, group) = (&drain.target, &drain.target_group_name);
        return Some(format!(
            "the drain of `{target}` in `{group}` is still open at {end}"
        ));
    }
    let groups = measurements.groups.iter();
    let mut short = groups.filter(|group| group.serving.last() < group.desired.last());
    let group = short.find(|group| Some(group.name.as_str()) == changing)?;
    let (serving, desired) = (group.serving.last(), group.desired.last());
    Some(format!(
        "`{}` still serves with {serving} of {desired} instances at {}",
        group.name,
        end.since(SimTime::ZERO).humane()
    ))
}

impl From<Result<crate::api::Response, crate::api::ApiError>> for EntryResult {
    fn from(answer: Result<crate::api::Response, crate::api::ApiError>) -> Self {
        match answer {
            Ok(response) => Self::Ok { response },
            Err(error) => Self::Error {
                code: error.code.to_owned(),
                message: error.message,
                http_status: error.http_status,
            },
        }
    }
}

/// What the file demanded and did not get.
fn unexpected(expect: &EntryExpect, result: &EntryResult) -> Option<String> {
    match (expect, result) {
        (_, EntryResult::NotMade { reason }) => Some(format!("it was not made: {reason}")),
        (EntryExpect::Any | EntryExpect::Ok, EntryResult::Ok { .. })
        | (EntryExpect::Any, EntryResult::Error { .. }) => None,
        (EntryExpect::Ok, EntryResult::Error { code, message, .. }) => {
            Some(format!("it was refused: {code}: {message}"))
        }
        (EntryExpect::Error { code, .. }, EntryResult::Ok { .. }) => {
            Some(format!("it was accepted instead of refused with {code}"))
        }
        (
            EntryExpect::Error { code, message },
            EntryResult::Error {
                code: got,
                message: text,
                ..
            },
        ) => {
            if code != got {
                return Some(format!("it was refused with {got} instead of {code}"));
            }
            let wanted = message
                .as_ref()
                .filter(|wanted| !text.contains(wanted.as_str()));
            wanted.map(|wanted| format!("its message `{text}` does not contain `{wanted}`"))
        }
    }
}
