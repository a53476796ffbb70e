//! The workload of the comparison with simcore 0.1.0, the engine of DSLab.
//!
//! Two styles. `components`, as its documentation suggests: the load balancer and every target are
//! components that send one another messages, four events a request. `single`: one component that
//! sends messages to itself, two events a request, the fastest shape this engine has. Times are
//! seconds in floating point, as the engine has them. Least outstanding is the scan that a user
//! writes first.
//!
//! Usage: `peer-simcore W1|W2|W3|W3-24|W4 SEED [--style components|single]`. Prints one line of JSON.

mod components;
mod single;

use std::process::ExitCode;
use std::time::Instant;

use hdrhistogram::Histogram;
use rand_distr::{Exp, LogNormal};
use serde::Serialize;
use simcore::SimulationContext;

/// From deregistration to the loss of what is still there \[s\].
const DELAY: f64 = 1.0;

#[derive(Clone, Copy, Debug)]
struct Workload {
    targets: usize,
    /// Arrivals a second.
    rate: f64,
    /// In seconds; the drain begins at half of it.
    horizon: f64,
    least_outstanding: bool,
    /// Requests a target serves at a time; 0 is without limit.
    servers: u32,
}

impl Workload {
    fn named(name: &str) -> Option<Self> {
        let (targets, rate, horizon, least_outstanding, servers) = match name {
            "W1" => (100, 1e4, 100.0, false, 0),
            "W2" => (100, 1e4, 100.0, true, 0),
            "W3" => (100, 1e4, 100.0, false, 32),
            "W3-24" => (100, 1e4, 100.0, false, 24),
            "W4" => (10_000, 1e6, 10.0, false, 0),
            _ => return None,
        };
        Some(Self {
            targets,
            rate,
            horizon,
            least_outstanding,
            servers,
        })
    }

    /// How many targets are deregistered, lowest numbers first.
    fn deregistered(&self) -> usize {
        self.targets / 10
    }
}

#[derive(Clone, Serialize)]
struct Arrival {}

#[derive(Clone, Serialize)]
struct Completion {
    target: u32,
    arrival: f64,
}

#[derive(Clone, Serialize)]
struct Deregistration {}

#[derive(Clone, Serialize)]
struct Expiry {}

/// What both styles of load balancer do: draw, choose and count.
struct Front {
    workload: Workload,
    gap: Exp<f64>,
    service: LogNormal<f64>,
    active: Vec<u32>,
    turn: usize,
    outstanding: Vec<u32>,
    requests: u64,
    completed: u64,
    lost: u64,
    /// In microseconds.
    latencies: Histogram<u64>,
}

impl Front {
    fn new(workload: Workload) -> Self {
        Self {
            workload,
            gap: Exp::new(workload.rate).expect("the rate is positive"),
            service: LogNormal::new(0.2_f64.ln() - 0.5, 1.0).expect("sigma is positive"),
            active: (0..workload.targets as u32).collect(),
            turn: 0,
            outstanding: vec![0; workload.targets],
            requests: 0,
            completed: 0,
            lost: 0,
            latencies: Histogram::new_with_bounds(1, 3_600_000_000, 3)
                .expect("the bounds are in order"),
        }
    }

    fn start(&self, context: &SimulationContext) {
        context.emit_self(Arrival {}, context.sample_from_distribution(&self.gap));
        context.emit_self(Deregistration {}, self.workload.horizon / 2.0);
    }

    /// Schedules the next arrival; the target and the service time of this one.
    fn arrive(&mut self, context: &SimulationContext) -> (u32, f64) {
        context.emit_self(Arrival {}, context.sample_from_distribution(&self.gap));
        self.requests += 1;
        let target = self.choose();
        self.outstanding[target as usize] += 1;
        (target, context.sample_from_distribution(&self.service))
    }

    fn choose(&mut self) -> u32 {
        if self.workload.least_outstanding {
            let outstanding = |&&target: &&u32| self.outstanding[target as usize];
            let fewest = self.active.iter().min_by_key(outstanding);
            return *fewest.expect("most targets stay");
        }
        let target = self.active[self.turn];
        self.turn = (self.turn + 1) % self.active.len();
        target
    }

    fn finish(&mut self, target: u32, latency: f64) {
        self.outstanding[target as usize] -= 1;
        self.completed += 1;
        self.latencies.saturating_record((latency * 1e6) as u64);
    }

    fn deregister(&mut self, context: &SimulationContext) {
        self.active.drain(..self.workload.deregistered());
        self.turn = 0;
        context.emit_self(Expiry {}, DELAY);
    }

    /// Counts what was on a target when its delay was over.
    fn lose(&mut self, target: usize, requests: u32) {
        self.lost += u64::from(requests);
        self.outstanding[target] -= requests;
    }
}

/// What a run found, and how many events it took.
struct Outcome {
    requests: u64,
    completed: u64,
    lost: u64,
    in_flight: u64,
    events: u64,
    p50_ms: f64,
    p99_ms: f64,
}

impl Outcome {
    fn new(front: &Front, events: u64) -> Self {
        let milliseconds = |share| front.latencies.value_at_quantile(share) as f64 / 1e3;
        Self {
            requests: front.requests,
            completed: front.completed,
            lost: front.lost,
            in_flight: front.outstanding.iter().map(|&n| u64::from(n)).sum(),
            events,
            p50_ms: milliseconds(0.5),
            p99_ms: milliseconds(0.99),
        }
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (name, seed, style) = match words.as_slice() {
        [name, seed] => (*name, *seed, "components"),
        [name, seed, "--style", style @ ("components" | "single")] => (*name, *seed, *style),
        _ => return usage(),
    };
    let (Some(workload), Ok(seed)) = (Workload::named(name), seed.parse()) else {
        return usage();
    };
    let start = Instant::now();
    let outcome = if style == "components" {
        components::run(workload, seed)
    } else {
        single::run(workload, seed)
    };
    let wall = start.elapsed().as_secs_f64();
    let left = outcome.completed + outcome.lost + outcome.in_flight;
    assert_eq!(outcome.requests, left);
    println!(
        "{{\"peer\":\"simcore 0.1.0, {style}\",\"workload\":\"{name}\",\"seed\":{seed},\
         \"requests\":{},\"completed\":{},\"lost\":{},\"in_flight_end\":{},\"events\":{},\
         \"p50_ms\":{:.3},\"p99_ms\":{:.3},\"wall_s\":{wall:.6},\"requests_per_s\":{:.0},\
         \"ns_per_request\":{:.1}}}",
        outcome.requests,
        outcome.completed,
        outcome.lost,
        outcome.in_flight,
        outcome.events,
        outcome.p50_ms,
        outcome.p99_ms,
        outcome.requests as f64 / wall,
        wall * 1e9 / outcome.requests as f64,
    );
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: peer-simcore W1|W2|W3|W3-24|W4 SEED [--style components|single]");
    ExitCode::from(2)
}
