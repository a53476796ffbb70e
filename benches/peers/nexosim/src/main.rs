//! The workload of the comparison with nexosim 1.0.0, an engine of asynchronous models.
//!
//! Two styles. `models`, as its documentation suggests: a load balancer, a model for each target and
//! a collector, connected through ports. `single`: one model that schedules events on itself, two a
//! request, the fastest shape this engine has. One thread; more are slower here, since the messages
//! are small. Least outstanding is the scan that a user writes first.
//!
//! Usage: `peer-nexosim W1|W2|W3|W3-24|W4 SEED [--style models|single]`. Prints one line of JSON.

mod models;
mod single;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use nexosim::time::MonotonicTime;
use rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

type Failure = Box<dyn std::error::Error>;

/// From deregistration to the loss of what is still there.
const DELAY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Workload {
    targets: usize,
    /// Arrivals a second.
    rate: f64,
    /// The drain begins at half of it.
    horizon: Duration,
    least_outstanding: bool,
    /// Requests a target serves at a time; 0 is without limit.
    servers: u32,
}

impl Workload {
    fn named(name: &str) -> Option<Self> {
        let (targets, rate, seconds, least_outstanding, servers) = match name {
            "W1" => (100, 1e4, 100, false, 0),
            "W2" => (100, 1e4, 100, true, 0),
            "W3" => (100, 1e4, 100, false, 32),
            "W3-24" => (100, 1e4, 100, false, 24),
            "W4" => (10_000, 1e6, 10, false, 0),
            _ => return None,
        };
        Some(Self {
            targets,
            rate,
            horizon: Duration::from_secs(seconds),
            least_outstanding,
            servers,
        })
    }

    /// How many targets are deregistered, lowest numbers first.
    fn deregistered(&self) -> usize {
        self.targets / 10
    }
}

/// The random numbers of a run. An event may not be scheduled for the present, so none is zero.
struct Streams {
    arrivals: Xoshiro256PlusPlus,
    services: Xoshiro256PlusPlus,
}

impl Streams {
    fn new(seed: u64) -> Self {
        Self {
            arrivals: Xoshiro256PlusPlus::seed_from_u64(seed),
            services: Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x9E37_79B9_7F4A_7C15),
        }
    }

    fn gap(&mut self, rate: f64) -> Duration {
        let unit: f64 = Exp1.sample(&mut self.arrivals);
        Duration::from_nanos(((unit * 1e9 / rate) as u64).max(1))
    }

    fn service(&mut self) -> Duration {
        let normal: f64 = StandardNormal.sample(&mut self.services);
        let seconds = (0.2_f64.ln() - 0.5 + normal).exp();
        Duration::from_nanos(((seconds * 1e9) as u64).max(1))
    }
}

#[derive(Clone, Copy, Serialize, Deserialize, schemars::JsonSchema)]
struct Request {
    target: u32,
    arrival_ns: u64,
    service_ns: u64,
}

/// Whom a request goes to, as both styles of load balancer have it.
#[derive(Serialize, Deserialize)]
struct Routing {
    least_outstanding: bool,
    active: Vec<u32>,
    turn: usize,
    outstanding: Vec<u32>,
}

impl Routing {
    fn new(workload: Workload) -> Self {
        Self {
            least_outstanding: workload.least_outstanding,
            active: (0..workload.targets as u32).collect(),
            turn: 0,
            outstanding: vec![0; workload.targets],
        }
    }

    fn choose(&mut self) -> u32 {
        let target = if self.least_outstanding {
            let outstanding = |&&target: &&u32| self.outstanding[target as usize];
            let fewest = self.active.iter().min_by_key(outstanding);
            *fewest.expect("most targets stay")
        } else {
            let target = self.active[self.turn];
            self.turn = (self.turn + 1) % self.active.len();
            target
        };
        self.outstanding[target as usize] += 1;
        target
    }

    fn deregister(&mut self, first: usize) {
        self.active.drain(..first);
        self.turn = 0;
    }
}

/// What a run counts.
struct Statistics {
    requests: u64,
    completed: u64,
    lost: u64,
    /// In microseconds.
    latencies: Histogram<u64>,
}

impl Statistics {
    fn new() -> Self {
        Self {
            requests: 0,
            completed: 0,
            lost: 0,
            latencies: Histogram::new_with_bounds(1, 3_600_000_000, 3)
                .expect("the bounds are in order"),
        }
    }

    fn complete(&mut self, request: Request, now: MonotonicTime) {
        self.completed += 1;
        let latency = nanoseconds(now) - request.arrival_ns;
        self.latencies.saturating_record(latency / 1_000);
    }
}

/// The engine takes the models, so what they count is shared with the caller.
type Shared = Arc<Mutex<Statistics>>;

/// A model must be serializable. What is not is left out, and is there in a run that was not
/// restored, which is every run of this program.
fn present<T>(part: &mut Option<T>) -> &mut T {
    part.as_mut().expect("the run was not restored")
}

fn nanoseconds(time: MonotonicTime) -> u64 {
    time.duration_since(MonotonicTime::EPOCH).as_nanos() as u64
}

fn main() -> Result<ExitCode, Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (name, seed, style) = match words.as_slice() {
        [name, seed] => (*name, *seed, "models"),
        [name, seed, "--style", style @ ("models" | "single")] => (*name, *seed, *style),
        _ => return Ok(usage()),
    };
    let (Some(workload), Ok(seed)) = (Workload::named(name), seed.parse()) else {
        return Ok(usage());
    };
    let start = Instant::now();
    let statistics = Arc::new(Mutex::new(Statistics::new()));
    if style == "models" {
        models::run(workload, seed, &statistics)?;
    } else {
        single::run(workload, seed, &statistics)?;
    }
    let wall = start.elapsed().as_secs_f64();
    let found = statistics.lock().expect("no thread has panicked");
    println!(
        "{{\"peer\":\"nexosim 1.0.0, {style}\",\"workload\":\"{name}\",\"seed\":{seed},\
         \"requests\":{},\"completed\":{},\"lost\":{},\"in_flight_end\":{},\"p50_ms\":{:.3},\
         \"p99_ms\":{:.3},\"wall_s\":{wall:.6},\"requests_per_s\":{:.0},\"ns_per_request\":{:.1}}}",
        found.requests,
        found.completed,
        found.lost,
        found.requests - found.completed - found.lost,
        found.latencies.value_at_quantile(0.5) as f64 / 1e3,
        found.latencies.value_at_quantile(0.99) as f64 / 1e3,
        found.requests as f64 / wall,
        wall * 1e9 / found.requests as f64,
    );
    Ok(ExitCode::SUCCESS)
}

fn usage() -> ExitCode {
    eprintln!("usage: peer-nexosim W1|W2|W3|W3-24|W4 SEED [--style models|single]");
    ExitCode::from(2)
}
