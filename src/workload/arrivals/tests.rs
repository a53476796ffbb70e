//! Tests of all arrival processes: counts against closed forms, and what may not be built.

use std::sync::Arc;

use super::*;
use crate::engine::math::{from_count, sqrt};
use crate::engine::random::Streams;
use crate::engine::time::SimDuration;
use crate::workload::args::ArgValue::{Points, Rate, Times, Word};

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(seconds)
}

fn rate(name: &str, rate: f64) -> ArrivalProcess {
    process(name)
        .unwrap()
        .build(&Args::new().with("rate", Rate(rate)))
        .unwrap()
}

fn piecewise(points: &[(f64, f64)], between: &'static str) -> ArrivalProcess {
    let points = points
        .iter()
        .map(|&(time, rate)| (at(time), rate))
        .collect();
    let args = Args::new()
        .with("points", Points(points))
        .with("between", Word(between));
    process("piecewise_rate").unwrap().build(&args).unwrap()
}

/// All arrivals before `end`.
fn until(mut process: ArrivalProcess, end: SimTime) -> Vec<SimTime> {
    let mut stream = Streams::new(9).stream("arrivals", &[]);
    let mut times = Vec::new();
    loop {
        let before = times.len();
        process.fill(&mut stream, &mut times);
        if times.len() == before || times.last().is_some_and(|&last| last >= end) {
            times.retain(|&time| time < end);
            assert!(times.is_sorted());
            return times;
        }
    }
}

/// Five standard deviations of a Poisson count: a false alarm in two million.
fn assert_poisson(found: usize, mean: f64) {
    let found = from_count(found as u64);
    assert!(
        (found - mean).abs() < 5.0 * sqrt(mean),
        "{found} instead of {mean}"
    );
}

fn between(times: &[SimTime], from: f64, to: f64) -> usize {
    times
        .iter()
        .filter(|&&time| at(from) <= time && time < at(to))
        .count()
}

#[test]
fn constant_arrivals_are_exact_and_do_not_drift() {
    let mut process = rate("constant", 300.0);
    let mut times = Vec::new();
    let mut stream = Streams::new(1).stream("unused", &[]);
    while times.len() < 3_000_000 {
        process.fill(&mut stream, &mut times);
    }
    for (i, time) in times.iter().enumerate() {
        let k = i as u64 + 1;
        // k / 300 s rounded to the nearest nanosecond, in integers.
        assert_eq!(time.as_nanos(), (k * 1_000_000_000 * 2 + 300) / 600);
    }
}

#[test]
fn constant_arrivals_take_every_rate() {
    assert_eq!(until(rate("constant", 1e9), at(5e-9)).len(), 4);
    assert_eq!(
        until(rate("constant", 0.25), at(16.5)),
        [at(4.0), at(8.0), at(12.0), at(16.0)]
    );
    // One arrival in about 300 years, and one in 3000, which no run can hold.
    assert_eq!(until(rate("constant", 1e-10), SimTime::MAX).len(), 1);
    assert!(until(rate("constant", 1e-11), SimTime::MAX).is_empty());
    assert!(until(rate("constant", f64::MIN_POSITIVE / 4.0), SimTime::MAX).is_empty());
}

#[test]
fn poisson_arrivals_have_the_rate_and_the_variance_of_theory() {
    let times = until(rate("poisson", 2000.0), at(500.0));
    assert_poisson(times.len(), 1e6);
    // Counts in windows of 0.1 s: mean and variance are both 200.
    let mut counts = vec![0_u64; 5000];
    for time in &times {
        counts[usize::try_from(time.as_nanos() / 100_000_000).unwrap()] += 1;
    }
    let variance = counts
        .iter()
        .map(|&n| (from_count(n) - 200.0) * (from_count(n) - 200.0));
    let variance = variance.sum::<f64>() / 5000.0;
    // The standard error of a variance over n windows is about itself times sqrt(2 / n).
    assert!(
        (variance - 200.0).abs() < 5.0 * 200.0 * 0.02,
        "variance {variance}"
    );
}

#[test]
fn rounding_does_not_bias_the_highest_rates() {
    // At one a nanosecond, gaps rounded naively would be 4 % too short.
    let times = until(rate("poisson", 1e9), at(1e-3));
    // Rounded gaps are geometric with variance 2 at mean 1.
    let found = from_count(times.len() as u64);
    assert!((found - 1e6).abs() < 5.0 * sqrt(2e6), "{found}");
}

#[test]
fn a_step_holds_its_rate_until_the_next_point() {
    let process = piecewise(&[(0.0, 500.0), (100.0, 0.0), (200.0, 2000.0)], "step");
    assert_eq!(process.mean_rate_at(at(99.0)), Some(500.0));
    assert_eq!(process.mean_rate_at(at(100.0)), Some(0.0));
    assert_eq!(process.mean_rate_at(at(1e6)), Some(2000.0));
    let times = until(process, at(250.0));
    assert_poisson(between(&times, 0.0, 50.0), 25_000.0);
    assert_poisson(between(&times, 50.0, 100.0), 25_000.0);
    assert_eq!(between(&times, 100.0, 200.0), 0);
    assert_poisson(between(&times, 200.0, 250.0), 100_000.0);
}

#[test]
fn a_line_has_the_integral_of_its_rate() {
    // Up, down to nothing, a pause, and a jump.
    let points = [
        (0.0, 0.0),
        (100.0, 1000.0),
        (200.0, 0.0),
        (300.0, 0.0),
        (300.0, 400.0),
    ];
    let process = piecewise(&points, "linear");
    assert_eq!(process.mean_rate_at(at(150.0)), Some(500.0));
    let times = until(process, at(400.0));
    assert_poisson(between(&times, 0.0, 50.0), 12_500.0);
    assert_poisson(between(&times, 50.0, 100.0), 37_500.0);
    assert_poisson(between(&times, 100.0, 150.0), 37_500.0);
    assert_poisson(between(&times, 150.0, 200.0), 12_500.0);
    assert_eq!(between(&times, 200.0, 300.0), 0);
    assert_poisson(between(&times, 300.0, 400.0), 40_000.0);
}

#[test]
fn nothing_arrives_once_the_last_rate_is_zero() {
    let mut process = piecewise(&[(0.0, 100.0), (10.0, 0.0)], "step");
    let mut stream = Streams::new(1).stream("over", &[]);
    let mut times = Vec::new();
    for _ in 0..100 {
        process.fill(&mut stream, &mut times);
    }
    assert_poisson(times.len(), 1000.0);
    assert!(times.iter().all(|&time| time <= at(10.0)));
}

#[test]
fn a_trace_is_replayed_once() {
    let times: Vec<SimTime> = (0..600).map(|i| at(f64::from(i / 2))).collect();
    let args = Args::new().with("file", Times(Arc::from(times.as_slice())));
    let process = process("trace").unwrap().build(&args).unwrap();
    assert_eq!(process.trace_len(), Some(600));
    assert_eq!(process.mean_rate_at(SimTime::ZERO), None);
    assert_eq!(until(process, SimTime::MAX), times);
}

#[test]
fn what_makes_no_sense_is_refused_with_help() {
    let points = |points: &[(f64, f64)]| {
        Args::new().with(
            "points",
            Points(points.iter().map(|&(t, r)| (at(t), r)).collect()),
        )
    };
    let cases = [
        ("constant", Args::new()),
        ("poisson", Args::new().with("rate", Rate(0.0))),
        ("piecewise_rate", points(&[])),
        ("piecewise_rate", points(&[(1.0, 5.0)])),
        (
            "piecewise_rate",
            points(&[(0.0, 5.0), (2.0, 1.0), (1.0, 1.0)]),
        ),
        ("piecewise_rate", points(&[(0.0, -5.0)])),
        ("piecewise_rate", points(&[(0.0, f64::NAN)])),
        ("trace", Args::new().with("file", Times(Arc::from([])))),
        (
            "trace",
            Args::new().with("file", Times(Arc::from([at(2.0), at(1.0)]))),
        ),
    ];
    for (name, args) in cases {
        let error = process(name).unwrap().build(&args).unwrap_err();
        assert!(
            !error.message.is_empty() && !error.help.is_empty(),
            "{name}"
        );
    }
}
