//! The same work without any events: what is left when nothing has to be put in order.
//!
//! With round robin and servers without limit, all of a request's fate is known as it arrives. This
//! is the part of the limit's time that no calendar of events can save, and an independent way to
//! the same counts.

use crate::Counts;
use crate::histogram::Histogram;
use crate::streams::Streams;
use crate::workload::Workload;

/// Runs a workload whose requests do not depend on one another (W1 and W4).
pub fn run(workload: &Workload, seed: u64) -> Counts {
    let mut streams = Streams::new(workload, seed);
    let mut latencies = Histogram::new();
    let mut active: Vec<u32> = (0..workload.targets as u32).collect();
    let expiry = workload.deregister_at + workload.delay;
    let mut deregistered = false;
    let (mut now, mut turn) = (0, 0);
    let (mut requests, mut completed, mut lost, mut in_flight) = (0, 0, 0, 0);
    loop {
        now += streams.gap();
        if now >= workload.horizon {
            break;
        }
        requests += 1;
        if now >= workload.deregister_at && !deregistered {
            deregistered = true;
            active.drain(..workload.deregistered);
            turn = 0;
        }
        let target = active[turn];
        turn += 1;
        if turn == active.len() {
            turn = 0;
        }
        let end = now + streams.service();
        if (target as usize) < workload.deregistered && end > expiry {
            lost += 1;
        } else if end >= workload.horizon {
            in_flight += 1;
        } else {
            completed += 1;
            latencies.record(end - now);
        }
    }
    Counts {
        requests,
        completed,
        lost,
        in_flight,
        events: 0,
        p50: latencies.quantile(0.5),
        p99: latencies.quantile(0.99),
    }
}
