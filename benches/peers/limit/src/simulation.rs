//! The event loop: arrivals, completions, and one drain.

use crate::Counts;
use crate::histogram::Histogram;
use crate::levels::Levels;
use crate::streams::Streams;
use crate::wheel::Wheel;
use crate::workload::Workload;

/// End of a list of slots.
const NONE: u32 = u32::MAX;
/// The two events that are no completion have the first two slots.
const DEREGISTER: u32 = 0;
const EXPIRE: u32 = 1;

#[derive(Clone, Copy, Debug)]
struct Request {
    arrival: u64,
    service: u64,
    target: u32,
    /// The next one in the line of the target, or the next free slot.
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Target {
    in_system: u32,
    busy: u32,
    /// First and last of those that wait.
    head: u32,
    tail: u32,
    /// Its delay is over: what was on it has been counted as lost.
    expired: bool,
}

#[derive(Debug)]
struct Simulation<'a> {
    workload: &'a Workload,
    streams: Streams,
    wheel: Wheel,
    latencies: Histogram,
    levels: Levels,
    targets: Vec<Target>,
    /// Targets in service, in the order of round robin.
    active: Vec<u32>,
    turn: usize,
    requests: Vec<Request>,
    free: u32,
    arrived: u64,
    completed: u64,
    lost: u64,
    events: u64,
}

/// Runs a workload to its horizon.
pub fn run(workload: &Workload, seed: u64) -> Counts {
    let mut simulation = Simulation::new(workload, seed);
    simulation.wheel.push(workload.deregister_at, DEREGISTER);
    // one Poisson source has one pending arrival, which is compared with and never scheduled
    let mut next_arrival = simulation.streams.gap();
    loop {
        if let Some((now, slot)) = simulation.wheel.pop_before(next_arrival) {
            if now >= workload.horizon {
                break;
            }
            simulation.events += 1;
            match slot {
                DEREGISTER => simulation.deregister(now),
                EXPIRE => simulation.expire(),
                _ => simulation.complete(now, slot),
            }
        } else {
            let now = next_arrival;
            if now >= workload.horizon {
                break;
            }
            simulation.events += 1;
            next_arrival = now + simulation.streams.gap();
            simulation.arrive(now);
        }
    }
    simulation.counts()
}

impl<'a> Simulation<'a> {
    fn new(workload: &'a Workload, seed: u64) -> Self {
        let idle = Target {
            in_system: 0,
            busy: 0,
            head: NONE,
            tail: NONE,
            expired: false,
        };
        let unused = Request {
            arrival: 0,
            service: 0,
            target: 0,
            next: NONE,
        };
        let in_flight = (workload.rate * 0.2) as usize;
        let mut requests = Vec::with_capacity(in_flight * 2);
        requests.extend([unused; 2]);
        Self {
            workload,
            streams: Streams::new(workload, seed),
            wheel: Wheel::new(),
            latencies: Histogram::new(),
            levels: Levels::new(workload.targets),
            targets: vec![idle; workload.targets],
            active: (0..workload.targets as u32).collect(),
            turn: 0,
            requests,
            free: NONE,
            arrived: 0,
            completed: 0,
            lost: 0,
            events: 0,
        }
    }

    #[inline(always)]
    fn choose(&mut self) -> u32 {
        if self.workload.least_outstanding {
            let target = self.levels.least();
            self.levels.change(target, 1);
            return target;
        }
        let target = self.active[self.turn];
        self.turn += 1;
        if self.turn == self.active.len() {
            self.turn = 0;
        }
        target
    }

    #[inline(always)]
    fn store(&mut self, request: Request) -> u32 {
        if self.free == NONE {
            self.requests.push(request);
            return self.requests.len() as u32 - 1;
        }
        let slot = self.free;
        self.free = self.requests[slot as usize].next;
        self.requests[slot as usize] = request;
        slot
    }

    #[inline(always)]
    fn arrive(&mut self, now: u64) {
        self.arrived += 1;
        let target = self.choose();
        let service = self.streams.service();
        let slot = self.store(Request {
            arrival: now,
            service,
            target,
            next: NONE,
        });
        let target = &mut self.targets[target as usize];
        target.in_system += 1;
        if self.workload.servers == 0 {
            self.wheel.push(now + service, slot);
        } else if target.busy < self.workload.servers {
            target.busy += 1;
            self.wheel.push(now + service, slot);
        } else if target.head == NONE {
            target.head = slot;
            target.tail = slot;
        } else {
            let last = std::mem::replace(&mut target.tail, slot);
            self.requests[last as usize].next = slot;
        }
    }

    #[inline(always)]
    fn complete(&mut self, now: u64, slot: u32) {
        let request = self.requests[slot as usize];
        self.requests[slot as usize].next = self.free;
        self.free = slot;
        let target = &mut self.targets[request.target as usize];
        if target.expired {
            return;
        }
        target.in_system -= 1;
        if self.workload.servers != 0 {
            if target.head == NONE {
                target.busy -= 1;
            } else {
                let next = target.head;
                let waiting = &self.requests[next as usize];
                target.head = waiting.next;
                self.wheel.push(now + waiting.service, next);
            }
        }
        if self.workload.least_outstanding {
            self.levels.change(request.target, -1);
        }
        self.completed += 1;
        self.latencies.record(now - request.arrival);
    }

    /// No new request goes to the first targets from now on.
    fn deregister(&mut self, now: u64) {
        let leaving = self.workload.deregistered;
        for target in self.active.drain(..leaving) {
            self.levels.remove(target);
        }
        self.turn = 0;
        self.wheel.push(now + self.workload.delay, EXPIRE);
    }

    /// What is still on them, running or waiting, is lost.
    fn expire(&mut self) {
        for target in &mut self.targets[..self.workload.deregistered] {
            self.lost += u64::from(target.in_system);
            target.in_system = 0;
            target.expired = true;
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            requests: self.arrived,
            completed: self.completed,
            lost: self.lost,
            in_flight: self.targets.iter().map(|t| u64::from(t.in_system)).sum(),
            events: self.events,
            p50: self.latencies.quantile(0.5),
            p99: self.latencies.quantile(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Workload, run};

    #[test]
    fn without_a_queue_the_counts_are_the_same() {
        for seed in 1..=3 {
            let mut workload = Workload::named("W1").expect("there is a W1");
            workload.horizon /= 10;
            workload.deregister_at /= 10;
            let (events, floor) = (run(&workload, seed), crate::floor::run(&workload, seed));
            assert_eq!(events.requests, floor.requests);
            assert_eq!(events.completed, floor.completed);
            assert_eq!(events.lost, floor.lost);
            assert_eq!(events.in_flight, floor.in_flight);
            assert_eq!((events.p50, events.p99), (floor.p50, floor.p99));
        }
    }
}
