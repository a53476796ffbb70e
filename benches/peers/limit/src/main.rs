//! The practical limit of the comparison: the workload written out by hand, with nothing to
//! configure, nothing to report on the way and no input that could be wrong.
//!
//! It shows what a machine can do with this work when the program knows exactly what it is for, and
//! is the unit in which the other programs are measured. Results are the same on every machine: the
//! generator, the exponential function and the order of events are integer or exactly defined.
//!
//! Usage: `peer-limit W1|W2|W3|W3-24|W4 SEED [--queue wheel|none] [--delay-s SECONDS]`.
//! Prints one line of JSON.

mod exponential;
mod floor;
mod histogram;
mod levels;
mod simulation;
mod streams;
mod wheel;
mod workload;

use std::process::ExitCode;
use std::time::Instant;

use workload::Workload;

const USAGE: &str =
    "usage: peer-limit W1|W2|W3|W3-24|W4 SEED [--queue wheel|none] [--delay-s SECONDS]";

/// What a run found.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    pub requests: u64,
    pub completed: u64,
    pub lost: u64,
    pub in_flight: u64,
    /// Arrivals, completions and the two events of the drain; 0 where there are no events.
    pub events: u64,
    /// Median latency \[ns\].
    pub p50: u64,
    /// 99th percentile of latency \[ns\].
    pub p99: u64,
}

/// The command line, understood.
#[derive(Debug)]
struct Arguments {
    name: String,
    workload: Workload,
    seed: u64,
    queue: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let name = words.next()?;
        let mut workload = Workload::named(&name)?;
        let seed = words.next()?.parse().ok()?;
        let mut queue = true;
        while let Some(option) = words.next() {
            let value = words.next()?;
            match (option.as_str(), value.as_str()) {
                ("--queue", "wheel") => queue = true,
                ("--queue", "none") => queue = false,
                ("--delay-s", seconds) => workload.set_delay(seconds.parse().ok()?),
                _ => return None,
            }
        }
        let possible = queue || workload.fate_is_known_at_arrival();
        possible.then_some(Self {
            name,
            workload,
            seed,
            queue,
        })
    }
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}\n`--queue none` goes with W1 and W4 only");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let counts = if arguments.queue {
        simulation::run(&arguments.workload, arguments.seed)
    } else {
        floor::run(&arguments.workload, arguments.seed)
    };
    let wall = start.elapsed().as_secs_f64();
    assert_eq!(
        counts.requests,
        counts.completed + counts.lost + counts.in_flight
    );
    print(&arguments, &counts, wall);
    ExitCode::SUCCESS
}

fn print(arguments: &Arguments, counts: &Counts, wall: f64) {
    let peer = if arguments.queue { "limit" } else { "floor" };
    println!(
        "{{\"peer\":\"{peer}\",\"workload\":\"{}\",\"seed\":{},\"requests\":{},\
         \"completed\":{},\"lost\":{},\"in_flight_end\":{},\"events\":{},\"p50_ms\":{:.3},\
         \"p99_ms\":{:.3},\"wall_s\":{wall:.6},\"requests_per_s\":{:.0},\"ns_per_request\":{:.1}}}",
        arguments.name,
        arguments.seed,
        counts.requests,
        counts.completed,
        counts.lost,
        counts.in_flight,
        counts.events,
        counts.p50 as f64 / 1e6,
        counts.p99 as f64 / 1e6,
        counts.requests as f64 / wall,
        wall * 1e9 / counts.requests as f64,
    );
}
