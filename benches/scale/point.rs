//! One point of a sweep: its scenario, how it is timed, and the proof that its work was done.
//!
//! A request is timed inside a run, between the instant at which the fleet is as busy as it gets
//! and the horizon, so neither set-up nor filling is in it. It must never know how a point is shown.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::experiment::outcome::{Outcome, Stop};
use drainsim::experiment::run::{RunOptions, run};
use drainsim::scenario::plan::Scenario;
use drainsim::scenario::{LoadOptions, load_text};

/// A log-normal of sigma 1 has this share of its mean as median: e^-0.5.
const MEDIAN_OF_MEAN: f64 = 0.606_530_66;
/// After this many mean service times in-flight is within 3 % of what it comes to.
const FILLED_AFTER: u64 = 7;

/// The time this thread has been given by a processor, where the system tells (Linux), so that
/// the turns of other processes do not count; elsewhere the time that passed. It moves in steps of
/// some milliseconds, too coarse for a set-up.
fn busy() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let begun = *BEGUN;
    let told = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        let nanos: u64 = text.split_whitespace().next()?.parse().ok()?;
        (nanos > 0).then(|| Duration::from_nanos(nanos))
    };
    told().unwrap_or_else(|| begun.elapsed())
}

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    /// The sweep it belongs to.
    pub(crate) sweep: &'static str,
    /// The routing algorithm, as the cloud spells it.
    pub(crate) routing: &'static str,
    /// Targets.
    pub(crate) targets: u32,
    /// Arrivals \[1/s\].
    pub(crate) rate: u32,
    /// Mean service time \[ms\].
    pub(crate) service_ms: u32,
}

/// What one round found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Cost of a request \[ns\].
    pub(crate) ns_per_request: f64,
    /// From the text to an outcome without a request \[ms\].
    pub(crate) setup_ms: f64,
}

impl Point {
    /// Requests in flight once the fleet is as busy as it gets.
    pub(crate) fn in_flight(&self) -> f64 {
        f64::from(self.rate) * f64::from(self.service_ms) / 1e3
    }

    /// The instant from which on requests are timed.
    fn filled(&self) -> SimDuration {
        SimDuration::from_millis(u64::from(self.service_ms) * FILLED_AFTER)
    }

    /// The horizon of a run that times `requests` of them.
    fn horizon(&self, requests: u32) -> SimDuration {
        self.filled() + SimDuration::from_secs_f64(f64::from(requests) / f64::from(self.rate))
    }

    fn text(&self, horizon: SimDuration) -> String {
        let Self {
            routing,
            targets,
            rate,
            service_ms,
            ..
        } = self;
        let median = SimDuration::from_secs_f64(f64::from(*service_ms) / 1e3 * MEDIAN_OF_MEAN);
        let (horizon, median) = (horizon.as_nanos(), median.as_nanos());
        format!(
            "horizon: {horizon}ns
load_balancers:
  front:
    type: application
    zones: [a]
    attributes: {{ idle_timeout.timeout_seconds: 4000 }}
    listeners: {{ http: {{ forward: [{{ target_group: web }}] }} }}
target_groups:
  web: {{ attributes: {{ load_balancing.algorithm.type: {routing} }} }}
launch_templates: {{ server: {{}} }}
groups:
  fleet: {{ min_size: 0, max_size: {targets}, desired_capacity: {targets}, zones: [a], \
              launch_template: server, traffic_sources: [web] }}
workloads:
  all:
    to: front/http
    arrivals: {{ poisson: {{ rate: {rate}/s }} }}
    service_time: {{ lognormal: {{ median: {median}ns, sigma: 1 }} }}
"
        )
    }

    fn scenario(&self, horizon: SimDuration) -> Scenario {
        let text = self.text(horizon);
        load_text("scale.yaml", &text, Path::new("."), &LoadOptions::default())
            .unwrap_or_else(|problems| panic!("{self:?} is no scenario: {problems:?}"))
            .scenario
    }

    /// Times `requests` of them once, and the set-up apart.
    pub(crate) fn measure(&self, requests: u32) -> Timing {
        let begun = Instant::now();
        run(
            &self.scenario(SimDuration::from_nanos(1)),
            &RunOptions::default(),
        );
        let setup_ms = begun.elapsed().as_secs_f64() * 1e3;

        let horizon = self.horizon(requests);
        let scenario = self.scenario(horizon);
        let passed: Mutex<Vec<(SimTime, u64, Duration)>> = Mutex::default();
        let note = |now, events| {
            let mut passed = passed.lock().expect("nobody panics while noting");
            passed.push((now, events, busy()));
        };
        let outcome = run(
            &scenario,
            &RunOptions {
                progress: Some(&note),
                ..RunOptions::default()
            },
        );
        self.assert_done(&outcome, horizon);
        let passed = passed.into_inner().expect("nobody panics while noting");
        let filled = SimTime::ZERO + self.filled();
        let from = passed.iter().find(|&&(now, ..)| now >= filled);
        let (Some(&(_, first, start)), Some(&(_, last, end))) = (from, passed.last()) else {
            panic!("{self:?} is too short to be timed")
        };
        assert!(last > first, "{self:?} is too short to be timed");
        // a request is two events: it arrives and it completes
        let timed = u32::try_from((last - first) / 2).expect("a sweep is some millions long");
        Timing {
            ns_per_request: end.saturating_sub(start).as_secs_f64() * 1e9 / f64::from(timed),
            setup_ms,
        }
    }

    /// Holds a run to the closed forms of an M/G/infinity fleet that loses nothing.
    fn assert_done(&self, outcome: &Outcome, horizon: SimDuration) {
        assert_eq!(outcome.stop, Stop::Horizon, "{self:?}");
        let tally = &outcome.measurements.requests;
        assert_eq!(tally.lost(), 0, "{self:?} takes nobody out");
        assert_eq!(tally.arrived, tally.completed + tally.in_flight, "{self:?}");
        let expected = f64::from(self.rate) * horizon.as_secs_f64();
        let off = (float(tally.arrived) - expected).abs();
        assert!(off <= 5.0 * expected.sqrt(), "{self:?}: arrivals");
        let (held, level) = (float(tally.in_flight), self.in_flight());
        let slack = 5.0 * level.sqrt();
        assert!(
            (0.95 * level - slack..=level + slack).contains(&held),
            "{self:?}: {held} in flight rather than {level}"
        );
        let others = outcome.events - tally.arrived - tally.completed;
        assert!(
            float(others) <= 0.01 * float(outcome.events),
            "{self:?}: {others} events are no request's"
        );
    }

    /// Most memory that a process of its own holds while it runs this point \[MiB\], where the
    /// system tells.
    pub(crate) fn peak_mib(index: usize) -> Option<f64> {
        let program = std::env::current_exe().ok()?;
        let output = Command::new(program)
            .args(["--memory-of", &index.to_string()])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
    }

    /// Runs this point and says what this process held at most \[KiB\].
    pub(crate) fn hold(&self, requests: u32) -> Option<u64> {
        let scenario = self.scenario(self.horizon(requests));
        run(&scenario, &RunOptions::default());
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

/// A count as a float; counts of a sweep are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
