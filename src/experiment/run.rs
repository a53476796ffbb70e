//! One run: the timeline is driven against the cloud, and what comes of it is collected.
//!
//! Here a run is put together and its outcome taken; in between it belongs to the driver. This
//! module must never look into the timeline.

use std::sync::atomic::AtomicBool;

use super::driver::{Driver, Run};
use super::outcome::{Outcome, Stop};
use super::rows::Rows;
use super::verdict;
use crate::engine::kernel::Kernel;
use crate::engine::time::{SimDuration, SimTime};
use crate::metrics::collector::Collector;
use crate::model::cloud::Cloud;
use crate::scenario::plan::{Horizon, Scenario};

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
    let mut driver = Driver::new(scenario, *options, kernel);
    let stop = driver.drive_or_tell();
    let (kernel, rows) = driver.into_parts();
    finish(scenario, stop, kernel, rows)
}

fn finish(scenario: &Scenario, stop: Stop, mut kernel: Run, rows: Rows) -> Outcome {
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
    let mut measurements = observer.measure(world, scenario.fleet.warm_up, end);
    let timeline = rows.finish(scenario, &mut measurements);
    let unsettled = unsettled(&measurements, stop, changing.as_deref());
    Outcome {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        seed: scenario.fleet.seed,
        start_unix_s: scenario.fleet.start_unix_s,
        digest,
        events,
        stop,
        expectations: verdict::judge(&scenario.expectations, &measurements, unsettled.as_deref()),
        measurements,
        timeline,
        replications: None,
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
        Stop::TooMuchHistory => {
            return Some(format!(
                "the limit on instances and activities came at {end}"
            ));
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
