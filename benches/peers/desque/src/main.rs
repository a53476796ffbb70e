//! The workload of the comparison with desque 0.4.0, a thin list of boxed events.
//!
//! Written as its documentation suggests: the state of the simulation is one struct, every kind of
//! event is a struct that executes itself on it, and time is a number of nanoseconds. Least
//! outstanding is the scan that a user writes first.
//!
//! Usage: `peer-desque W1|W2|W3|W3-24|W4 SEED`. Prints one line of JSON.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::time::Instant;

use desque::SimState;
use desque::serial::{Event, Simulation};
use hdrhistogram::Histogram;
use rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// From deregistration to the loss of what is still there \[ns\].
const DELAY: u64 = 1_000_000_000;

#[derive(Clone, Copy, Debug)]
struct Workload {
    targets: usize,
    /// Arrivals a second.
    rate: f64,
    /// In nanoseconds; the drain begins at half of it.
    horizon: u64,
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
            horizon: seconds * 1_000_000_000,
            least_outstanding,
            servers,
        })
    }

    /// How many targets are deregistered, lowest numbers first.
    fn deregistered(&self) -> usize {
        self.targets / 10
    }
}

#[derive(Debug, Default)]
struct Target {
    busy: u32,
    /// Arrival and service time of those that wait.
    queue: VecDeque<(u64, u64)>,
    expired: bool,
}

#[derive(Debug)]
struct State {
    workload: Workload,
    arrivals: Xoshiro256PlusPlus,
    services: Xoshiro256PlusPlus,
    targets: Vec<Target>,
    outstanding: Vec<u32>,
    active: Vec<usize>,
    turn: usize,
    requests: u64,
    completed: u64,
    lost: u64,
    /// In microseconds.
    latencies: Histogram<u64>,
}

impl SimState<u64> for State {
    fn is_complete(&self, now: &u64) -> bool {
        *now >= self.workload.horizon
    }
}

impl State {
    fn new(workload: Workload, seed: u64) -> Self {
        Self {
            workload,
            arrivals: Xoshiro256PlusPlus::seed_from_u64(seed),
            services: Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x9E37_79B9_7F4A_7C15),
            targets: (0..workload.targets).map(|_| Target::default()).collect(),
            outstanding: vec![0; workload.targets],
            active: (0..workload.targets).collect(),
            turn: 0,
            requests: 0,
            completed: 0,
            lost: 0,
            latencies: Histogram::new_with_bounds(1, 3_600_000_000, 3)
                .expect("the bounds are in order"),
        }
    }

    fn gap(&mut self) -> u64 {
        let unit: f64 = Exp1.sample(&mut self.arrivals);
        (unit * 1e9 / self.workload.rate) as u64
    }

    fn service(&mut self) -> u64 {
        let normal: f64 = StandardNormal.sample(&mut self.services);
        ((0.2_f64.ln() - 0.5 + normal).exp() * 1e9) as u64
    }

    fn choose(&mut self) -> usize {
        if self.workload.least_outstanding {
            let fewest = self.active.iter().min_by_key(|&&t| self.outstanding[t]);
            return *fewest.expect("most targets stay");
        }
        let target = self.active[self.turn];
        self.turn = (self.turn + 1) % self.active.len();
        target
    }
}

type Simulator = Simulation<State, u64>;

#[derive(Debug)]
struct Arrival;

impl Event<State, u64> for Arrival {
    fn execute(&mut self, simulator: &mut Simulator) -> desque::Result {
        let now = *simulator.current_time();
        let state = simulator.state_mut();
        state.requests += 1;
        let (gap, service) = (state.gap(), state.service());
        let target = state.choose();
        let servers = state.workload.servers;
        state.outstanding[target] += 1;
        let chosen = &mut state.targets[target];
        if servers != 0 && chosen.busy == servers {
            chosen.queue.push_back((now, service));
        } else {
            chosen.busy += 1;
            let completion = Completion {
                target,
                arrival: now,
            };
            simulator.schedule(completion, now + service)?;
        }
        simulator.schedule(Arrival, now + gap)
    }
}

#[derive(Debug)]
struct Completion {
    target: usize,
    arrival: u64,
}

impl Event<State, u64> for Completion {
    fn execute(&mut self, simulator: &mut Simulator) -> desque::Result {
        let now = *simulator.current_time();
        let state = simulator.state_mut();
        let target = &mut state.targets[self.target];
        if target.expired {
            return Ok(());
        }
        state.outstanding[self.target] -= 1;
        state.completed += 1;
        let latency = now - self.arrival;
        state.latencies.saturating_record(latency / 1_000);
        if let Some((arrival, service)) = target.queue.pop_front() {
            let completion = Completion {
                target: self.target,
                arrival,
            };
            simulator.schedule(completion, now + service)?;
        } else {
            target.busy -= 1;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Deregistration;

impl Event<State, u64> for Deregistration {
    fn execute(&mut self, simulator: &mut Simulator) -> desque::Result {
        let now = *simulator.current_time();
        let state = simulator.state_mut();
        state.active.drain(..state.workload.deregistered());
        state.turn = 0;
        simulator.schedule(Expiry, now + DELAY)
    }
}

#[derive(Debug)]
struct Expiry;

impl Event<State, u64> for Expiry {
    fn execute(&mut self, simulator: &mut Simulator) -> desque::Result {
        let state = simulator.state_mut();
        for target in 0..state.workload.deregistered() {
            state.targets[target].expired = true;
            state.lost += u64::from(state.outstanding[target]);
            state.outstanding[target] = 0;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let arguments = match words.as_slice() {
        [_, name, seed] => Workload::named(name).zip(seed.parse().ok()),
        _ => None,
    };
    let Some((workload, seed)) = arguments else {
        eprintln!("usage: peer-desque W1|W2|W3|W3-24|W4 SEED");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let mut state = State::new(workload, seed);
    let first = state.gap();
    let mut simulator = Simulation::new(state, 0);
    simulator
        .schedule(Arrival, first)
        .and_then(|()| simulator.schedule(Deregistration, workload.horizon / 2))
        .and_then(|()| simulator.run())
        .expect("nothing is scheduled in the past");
    let wall = start.elapsed().as_secs_f64();
    print(&words[1], seed, simulator.state(), wall);
    ExitCode::SUCCESS
}

fn print(name: &str, seed: u64, state: &State, wall: f64) {
    let in_flight: u64 = state.outstanding.iter().map(|&n| u64::from(n)).sum();
    assert_eq!(state.requests, state.completed + state.lost + in_flight);
    println!(
        "{{\"peer\":\"desque 0.4.0\",\"workload\":\"{name}\",\"seed\":{seed},\"requests\":{},\
         \"completed\":{},\"lost\":{},\"in_flight_end\":{in_flight},\"p50_ms\":{:.3},\
         \"p99_ms\":{:.3},\"wall_s\":{wall:.6},\"requests_per_s\":{:.0},\"ns_per_request\":{:.1}}}",
        state.requests,
        state.completed,
        state.lost,
        state.latencies.value_at_quantile(0.5) as f64 / 1e3,
        state.latencies.value_at_quantile(0.99) as f64 / 1e3,
        state.requests as f64 / wall,
        wall * 1e9 / state.requests as f64,
    );
}
