//! Tests of all families: draws against closed forms, and what may not be built.

use std::sync::Arc;

use super::*;
use crate::engine::math::{from_count, sqrt};
use crate::engine::random::Streams;
use crate::workload::args::ArgValue::{Duration, Durations, Number, Numbers};

const DRAWS: u64 = 1_000_000;

fn ms(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

fn build(name: &str, args: &Args) -> Sampler {
    family(name).unwrap().build(args).unwrap()
}

fn lognormal(mean: SimDuration, cv: f64) -> Sampler {
    let args = Args::new()
        .with("mean", Duration(mean))
        .with("cv", Number(cv));
    build("lognormal", &args)
}

fn gamma(mean: SimDuration, cv: f64) -> Sampler {
    let args = Args::new()
        .with("mean", Duration(mean))
        .with("cv", Number(cv));
    build("gamma", &args)
}

fn shaped(name: &str, shape: f64, scale: SimDuration) -> Sampler {
    let args = Args::new()
        .with("shape", Number(shape))
        .with("scale", Duration(scale));
    build(name, &args)
}

fn exponential(mean: SimDuration) -> Sampler {
    build("exponential", &Args::new().with("mean", Duration(mean)))
}

fn mixture() -> Sampler {
    let args = Args::new()
        .with("weights", Numbers(vec![9.0, 0.0, 1.0]))
        .with("means", Durations(Arc::from([ms(20), ms(7), ms(2000)])));
    build("hyperexponential", &args)
}

fn measured() -> Sampler {
    let rows = Arc::from([ms(10), ms(10), ms(250), ms(4000)]);
    build("empirical", &Args::new().with("file", Durations(rows)))
}

/// One sampler or more of every family, all with a finite variance.
fn samplers() -> Vec<Sampler> {
    vec![
        Sampler::from_constant(ms(250)),
        Sampler::from_uniform(ms(0), ms(4000)),
        exponential(ms(2000)),
        lognormal(ms(250), 1.5),
        shaped("pareto", 5.0, ms(100)),
        shaped("weibull", 0.7, ms(300)),
        shaped("weibull", 3.0, ms(300)),
        gamma(ms(500), 0.5),
        gamma(ms(500), 1.8),
        mixture(),
        measured(),
    ]
}

/// Whether the mean of `numbers` is within five standard errors of `expected`: a false alarm in
/// two million, and the streams are fixed.
fn assert_mean(numbers: impl Iterator<Item = f64>, expected: f64, what: &str) {
    let (mut sum, mut squares, mut n) = (0.0, 0.0, 0.0);
    for x in numbers {
        sum += x;
        squares += x * x;
        n += 1.0;
    }
    let mean = sum / n;
    let error = sqrt((squares / n - mean * mean).max(0.0) / n);
    let allowed = 5.0 * error + 1e-9 * expected;
    assert!(
        (mean - expected).abs() <= allowed,
        "{what}: {mean} instead of {expected}"
    );
}

#[test]
fn a_million_draws_of_every_family_have_its_mean_and_excess() {
    for (i, sampler) in samplers().iter().enumerate() {
        let mut stream = Streams::new(3).stream("dist", &[i as u64]);
        let draws: Vec<f64> = (0..DRAWS)
            .map(|_| sampler.sample(&mut stream).as_secs_f64())
            .collect();
        let mean = sampler.mean_s().unwrap();
        assert_mean(draws.iter().copied(), mean, &format!("{sampler:?}"));
        for d in [ms(5), ms(150), ms(400), ms(2500)] {
            let d_s = d.as_secs_f64();
            let expected = sampler.excess_mean_s(d).unwrap();
            if expected > 0.0 && expected < 1e-4 * mean {
                // Too few draws lie beyond for their mean to be normal.
                continue;
            }
            let excess = draws.iter().map(|draw| (draw - d_s).max(0.0));
            assert_mean(excess, expected, &format!("{sampler:?} beyond {d}"));
        }
    }
}

#[test]
fn every_family_has_a_sampler_here() {
    let seen: Vec<String> = samplers()
        .iter()
        .map(|sampler| format!("{sampler:?}"))
        .collect();
    for family in FAMILIES {
        let found = seen
            .iter()
            .any(|debug| debug.to_lowercase().starts_with(family.name()));
        assert!(found, "{} is not tested", family.name());
    }
}

/// The expected numbers of cut requests for ten arrivals a second of two seconds each.
#[test]
fn the_expected_cut_of_every_shape_meets_the_closed_forms() {
    let third = SimDuration::from_nanos(666_666_667);
    let shapes = [
        (exponential(ms(2000)), [20.0, 12.130_6, 1.641_70, 6.118e-6]),
        (Sampler::from_constant(ms(2000)), [20.0, 10.0, 0.0, 0.0]),
        (
            Sampler::from_uniform(ms(0), ms(4000)),
            [20.0, 11.25, 0.0, 0.0],
        ),
        (
            lognormal(ms(2000), 1.0),
            [20.0, 11.268_8, 1.705_27, 9.093_6e-3],
        ),
        (
            shaped("pareto", 1.5, third),
            [20.0, 10.886_6, 4.868_64, 1.987_62],
        ),
    ];
    for (sampler, cuts) in shapes {
        for (delay_s, cut) in [0, 1, 5, 30].into_iter().zip(cuts) {
            let found = 10.0
                * sampler
                    .excess_mean_s(SimDuration::from_secs(delay_s))
                    .unwrap();
            // The table has five digits.
            let error = (found - cut).abs();
            assert!(
                error <= 6e-5 * cut,
                "{sampler:?} at {delay_s} s: {found}, not {cut}"
            );
        }
    }
}

#[test]
fn a_batch_holds_what_single_draws_would_give() {
    for sampler in samplers() {
        let mut one = Streams::new(5).stream("batch", &[]);
        let mut all = one.clone();
        let mut batch = [SimDuration::ZERO; 300];
        sampler.fill(&mut all, &mut batch);
        for drawn in batch {
            assert_eq!(sampler.sample(&mut one), drawn);
        }
        assert_eq!(
            one.bits(),
            all.bits(),
            "both leave the stream at the same place"
        );
    }
}

#[test]
fn both_ways_to_give_a_lognormal_agree() {
    let sigma = sqrt(libm::log1p(2.25));
    let median = SimDuration::from_secs_f64(0.25 * libm::exp(-0.5 * sigma * sigma));
    let args = Args::new()
        .with("median", Duration(median))
        .with("sigma", Number(sigma));
    let by_median = build("lognormal", &args).mean_s().unwrap();
    let by_mean = lognormal(ms(250), 1.5).mean_s().unwrap();
    assert!((by_mean - 0.25).abs() < 1e-12 && (by_median - 0.25).abs() < 1e-8);
}

#[test]
fn the_extremes_of_what_may_be_built_neither_panic_nor_wrap() {
    let longest = SimDuration::MAX;
    let extremes = [
        Sampler::from_uniform(SimDuration::ZERO, longest),
        exponential(longest),
        lognormal(longest, 1000.0),
        lognormal(SimDuration::from_nanos(1), 0.0),
        shaped("pareto", 0.1, longest),
        shaped("weibull", 0.1, longest),
        shaped("weibull", 100.0, SimDuration::from_nanos(1)),
        gamma(longest, 100.0),
        gamma(longest, 0.001),
    ];
    for sampler in extremes {
        let mut stream = Streams::new(1).stream("extreme", &[]);
        let mut batch = [SimDuration::ZERO; 1000];
        sampler.fill(&mut stream, &mut batch);
        for d in [SimDuration::ZERO, ms(1), longest] {
            let excess = sampler.excess_mean_s(d);
            assert!(
                excess.is_none_or(|x| x >= 0.0),
                "{sampler:?}: {excess:?} beyond {d}"
            );
        }
    }
    assert_eq!(
        shaped("pareto", 0.1, longest).sample(&mut Streams::new(1).stream("x", &[])),
        longest
    );
    assert_eq!(shaped("pareto", 1.0, ms(1)).mean_s(), None);
}

#[test]
fn what_makes_no_sense_is_refused_with_help() {
    let cases: &[(&str, Args)] = &[
        ("constant", Args::new()),
        (
            "uniform",
            Args::new()
                .with("min", Duration(ms(2)))
                .with("max", Duration(ms(1))),
        ),
        ("exponential", Args::new().with("mean", Duration(ms(0)))),
        ("lognormal", Args::new()),
        (
            "lognormal",
            Args::new()
                .with("mean", Duration(ms(1)))
                .with("sigma", Number(1.0)),
        ),
        ("lognormal", Args::new().with("mean", Duration(ms(1)))),
        (
            "pareto",
            Args::new()
                .with("shape", Number(f64::NAN))
                .with("scale", Duration(ms(1))),
        ),
        (
            "weibull",
            Args::new()
                .with("shape", Number(0.0))
                .with("scale", Duration(ms(1))),
        ),
        (
            "gamma",
            Args::new()
                .with("mean", Duration(ms(1)))
                .with("cv", Number(0.0)),
        ),
        (
            "empirical",
            Args::new().with("file", Durations(Arc::from([]))),
        ),
    ];
    for (name, args) in cases {
        let error = family(name).unwrap().build(args).unwrap_err();
        assert!(
            !error.message.is_empty() && !error.help.is_empty(),
            "{name}"
        );
    }
    let means = Durations(Arc::from([ms(1), ms(2)]));
    for weights in [
        vec![],
        vec![1.0],
        vec![0.0, 0.0],
        vec![1.0, -1.0],
        vec![1.0, f64::NAN],
    ] {
        let args = Args::new()
            .with("weights", Numbers(weights))
            .with("means", means.clone());
        assert!(family("hyperexponential").unwrap().build(&args).is_err());
    }
}

#[test]
fn a_uniform_draw_reaches_both_bounds() {
    let sampler = Sampler::from_uniform(SimDuration::from_nanos(7), SimDuration::from_nanos(9));
    let mut stream = Streams::new(2).stream("bounds", &[]);
    let mut counts = [0_u64; 3];
    for _ in 0..30_000 {
        counts[usize::try_from(sampler.sample(&mut stream).as_nanos() - 7).unwrap()] += 1;
    }
    // Five standard errors of a binomial count around 10,000.
    assert!(
        counts
            .iter()
            .all(|&count| (from_count(count) - 1e4).abs() < 5.0 * 82.0)
    );
}
