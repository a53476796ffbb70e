//! Replications: the same scenario with other seeds, on as many threads as there are.
//!
//! The seeds are those that follow the scenario's own, so replication N of two scenarios shares
//! its random numbers. The result does not depend on the number of threads: runs are independent
//! and folded in the order of their seeds. The only place where threads are.

use std::sync::atomic::Ordering;

use super::outcome::{Outcome, ReplicatedMetric, Replications, Stop, Verdict};
use super::run::{RunOptions, run};
use crate::metrics::query::{Query, Value};
use crate::metrics::{METRICS, Subject};
use crate::scenario::plan::Scenario;
use crate::stats::confidence::Sample;

/// What one replication leaves behind.
struct Trace {
    passed: bool,
    expectations: Vec<bool>,
    lost: bool,
    values: Vec<Option<f64>>,
    stop: Stop,
}

/// Metrics of the whole run, each as a query.
fn run_metrics() -> Vec<Query> {
    METRICS
        .iter()
        .filter(|metric| metric.subject() == Subject::Run)
        .map(|&metric| Query {
            metric,
            subject: None,
            cause: None,
            code: None,
            workload: None,
            call: None,
            at: None,
        })
        .collect()
}

fn trace(outcome: &Outcome, queries: &[Query]) -> Trace {
    let value = |query: &Query| match query.metric.value(&outcome.measurements, query) {
        Value::Number(number) => Some(number),
        Value::Infinite | Value::Absent | Value::Undecided => None,
    };
    Trace {
        passed: outcome.passed(),
        expectations: outcome
            .expectations
            .iter()
            .map(|e| e.verdict == Verdict::Ok)
            .collect(),
        lost: outcome.measurements.requests.lost() > 0,
        values: queries.iter().map(value).collect(),
        stop: outcome.stop,
    }
}

/// Runs a scenario `count` times; the outcome of the first run, with what all of them say.
pub fn replicate(scenario: &Scenario, options: &RunOptions<'_>, count: u32) -> Outcome {
    if count <= 1 {
        return run(scenario, options);
    }
    let queries = run_metrics();
    // A short run ends before it looks at the signal, so it is looked at between runs as well.
    let is_stopped = || {
        options
            .stop
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    };
    let one = |number: u32| {
        if is_stopped() {
            return None;
        }
        let mut other = scenario.clone();
        other.fleet.seed = scenario.fleet.seed.wrapping_add(u64::from(number));
        Some(trace(&run(&other, options), &queries))
    };
    let (mut first, others) = both(|| run(scenario, options), || run_all(1..count, one));
    let interrupted = |trace: &Trace| trace.stop == Stop::Interrupted;
    let others = others.filter(|others| !others.iter().any(interrupted));
    let (false, Some(others)) = (first.stop == Stop::Interrupted, others) else {
        first.stop = Stop::Interrupted;
        return first;
    };
    let mut traces = vec![trace(&first, &queries)];
    traces.extend(others);
    first.replications = Some(summarize(&traces, &queries, first.expectations.len()));
    first
}

#[cfg(feature = "parallel")]
fn both<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    others: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(first, others)
}

#[cfg(not(feature = "parallel"))]
fn both<A, B>(first: impl FnOnce() -> A, others: impl FnOnce() -> B) -> (A, B) {
    (first(), others())
}

#[cfg(feature = "parallel")]
fn run_all(
    numbers: std::ops::Range<u32>,
    one: impl Fn(u32) -> Option<Trace> + Send + Sync,
) -> Option<Vec<Trace>> {
    use rayon::prelude::*;
    // one at a time: a run is long, and a thread that has two left while others have none is waste
    numbers.into_par_iter().with_max_len(1).map(one).collect()
}

#[cfg(not(feature = "parallel"))]
fn run_all(
    numbers: std::ops::Range<u32>,
    one: impl Fn(u32) -> Option<Trace>,
) -> Option<Vec<Trace>> {
    numbers.map(one).collect()
}

fn summarize(traces: &[Trace], queries: &[Query], expectations: usize) -> Replications {
    let count = |test: &dyn Fn(&Trace) -> bool| {
        let matching = traces.iter().filter(|trace| test(trace)).count();
        u32::try_from(matching).expect("replications fit 32 bits")
    };
    let metrics = queries.iter().enumerate().filter_map(|(index, query)| {
        let sample: Sample = traces
            .iter()
            .filter_map(|trace| trace.values[index])
            .collect();
        Some(ReplicatedMetric {
            name: query.metric.name().to_owned(),
            mean: sample.mean()?,
            // of one number nothing is known about the spread
            half_width: sample.half_width(0.95).unwrap_or(f64::INFINITY),
            min: sample.min()?,
            max: sample.max()?,
        })
    });
    Replications {
        count: count(&|_| true),
        passed: count(&|trace| trace.passed),
        expectations_ok: (0..expectations)
            .map(|e| count(&|trace| trace.expectations[e]))
            .collect(),
        with_losses: count(&|trace| trace.lost),
        metrics: metrics.collect(),
    }
}
