//! Oracles: hand arithmetic and queueing theory, each expectation derived in its comment.
//!
//! Statistical ones use fixed seeds and exact intervals at the stated confidence; a right simulator
//! fails one of them once in a million choices of seeds.

use drainsim::engine::math::special::normal_cdf;
use drainsim::engine::math::{exp, ln, pow, sqrt};
use drainsim::engine::phase::Phase;
use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::model::ids::InstanceId;
use drainsim::model::loss::Cause;
use drainsim::model::settings::{ShutdownSettings, ShutdownThen, ShutdownWhen};
use drainsim::stats::confidence::{Sample, poisson_interval, proportion_interval};
use drainsim::workload::args::ArgValue;
use drainsim::workload::dist::Sampler;

use crate::fleet::{ASG, Fleet, at, constant, exponential, ms, poisson, sampler, secs};

/// Level of every interval in this file.
const LEVEL: f64 = 0.999_999;

/// A law of service times with E[(S - d)+] in closed form, mean 2 s.
struct Law {
    name: &'static str,
    sampler: Sampler,
    excess: fn(f64) -> f64,
}

/// m e^(-d/m).
fn exponential_excess(d: f64) -> f64 {
    2.0 * exp(-d / 2.0)
}

/// (2 - d)+.
fn deterministic_excess(d: f64) -> f64 {
    (2.0 - d).max(0.0)
}

/// (4 - d)^2 / 8 below 4: the integral of (s - d) / 4 over d..4.
fn uniform_excess(d: f64) -> f64 {
    let left = (4.0 - d).max(0.0);
    left * left / 8.0
}

/// With sigma^2 = ln(1 + cv^2) = ln 2 and mu = ln 2 - sigma^2 / 2:
/// 2 Phi((mu + sigma^2 - ln d) / sigma) - d Phi((mu - ln d) / sigma).
fn lognormal_excess(d: f64) -> f64 {
    if d <= 0.0 {
        return 2.0;
    }
    let square = ln(2.0);
    let (sigma, mu) = (sqrt(square), ln(2.0) - square / 2.0);
    2.0 * normal_cdf((mu + square - ln(d)) / sigma) - d * normal_cdf((mu - ln(d)) / sigma)
}

/// Shape 1.5, scale 2/3: xm^a d^(1-a) / (a - 1) from the scale on, 2 - d below.
fn pareto_excess(d: f64) -> f64 {
    let (shape, scale) = (1.5, 2.0 / 3.0);
    if d < scale {
        return 2.0 - d;
    }
    pow(scale, shape) * pow(d, 1.0 - shape) / (shape - 1.0)
}

fn laws() -> [Law; 5] {
    let lognormal = sampler(
        "lognormal",
        [
            ("mean", ArgValue::Duration(secs(2))),
            ("cv", ArgValue::Number(1.0)),
        ],
    );
    let pareto = sampler(
        "pareto",
        [
            ("shape", ArgValue::Number(1.5)),
            (
                "scale",
                ArgValue::Duration(SimDuration::from_nanos(666_666_667)),
            ),
        ],
    );
    let law = |name, sampler, excess| Law {
        name,
        sampler,
        excess,
    };
    [
        law("exponential", exponential(secs(2)), exponential_excess),
        law("deterministic", constant(secs(2)), deterministic_excess),
        law(
            "uniform",
            Sampler::from_uniform(SimDuration::ZERO, secs(4)),
            uniform_excess,
        ),
        law("lognormal", lognormal, lognormal_excess),
        law("pareto", pareto, pareto_excess),
    ]
}

/// The table of expected cuts at 10 requests a second and target that the literature and a hand
/// calculator give: the closed forms above reproduce it.
#[test]
fn the_table_of_expected_cuts_is_reproduced() {
    let table = [
        (0.0, [20.0, 20.0, 20.0, 20.0, 20.0]),
        (1.0, [12.1306, 10.0, 11.25, 11.2688, 10.8866]),
        (5.0, [1.641_70, 0.0, 0.0, 1.705_27, 4.868_64]),
        (30.0, [6.118e-6, 0.0, 0.0, 9.0936e-3, 1.987_62]),
    ];
    for (delay, row) in table {
        for (law, expected) in laws().iter().zip(row) {
            let cut = 10.0 * (law.excess)(delay);
            let error = (cut - expected).abs();
            assert!(
                error <= 1e-4 * expected,
                "{} at {delay} s: {cut}, not {expected}",
                law.name
            );
            // and the sampler that a user names has the same mean excess
            let of_sampler = law
                .sampler
                .excess_mean_s(SimDuration::from_secs_f64(delay))
                .unwrap();
            let error = (of_sampler - (law.excess)(delay)).abs();
            assert!(error < 1e-6, "{}: {of_sampler}", law.name);
        }
    }
}

/// Requests cut when ten targets that get 10 requests a second each are deregistered at 20 s.
fn cuts(law: &Law, delay_s: u64, lag_ms: u64, seed: u64) -> u64 {
    let mut lab = Fleet::aws()
        .seed(seed)
        .with(|fleet| {
            let timeout = "idle_timeout.timeout_seconds".to_owned();
            fleet.load_balancers[0]
                .attributes
                .set(timeout, "4000".to_owned());
        })
        .attribute("load_balancing.algorithm.type", "weighted_random")
        .delay(delay_s)
        .propagation(constant(ms(lag_ms)))
        .machines(10)
        .traffic(poisson(100.0), law.sampler.clone())
        .quick_lab();
    lab.run_to(at(20));
    for machine in 0..10 {
        lab.deregister(machine);
    }
    let ran = lab.finish_at(at(20 + delay_s + 1));
    let drains = &ran.measurements.drains;
    assert!(drains.iter().all(|drain| drain.lost_other == 0));
    drains.iter().map(|drain| drain.cut).sum()
}

/// Invariant 10: with routing at random, unlimited concurrency and an empty start at -t0 the cuts
/// are Poisson with mean lambda (E[(S - (D-P))+] - E[(S - (D-P+t0))+]). Ten targets at 10/s, five
/// seeds: the sum is Poisson with fifty times the mean of one target. R-DRAIN-3
#[test]
fn cuts_are_those_of_theory() {
    for law in laws() {
        for (delay, lag_ms) in [
            (0_u64, 0_u64),
            (1, 0),
            (5, 0),
            (30, 0),
            (5, 4_000),
            (3, 500),
        ] {
            let span = delay as f64 - lag_ms as f64 / 1e3;
            // arrivals go on until the nodes learn, so the past is longer by the lag
            let past = 20.0 + lag_ms as f64 / 1e3;
            let one = 10.0 * ((law.excess)(span) - (law.excess)(span + past));
            let total: u64 = (1..=5).map(|seed| cuts(&law, delay, lag_ms, seed)).sum();
            let (low, high) = poisson_interval(total, LEVEL);
            let mean = 50.0 * one;
            assert!(
                (low..=high).contains(&mean),
                "{} with {delay} s and {lag_ms} ms: {total} cut, {mean} expected",
                law.name
            );
        }
    }
}

/// Drain time with exponential service of mean 1 s and rho in flight on average:
/// P(T <= t) = exp(-rho e^-t). 600 drains, Kolmogorov and Smirnov: the largest distance exceeds
/// sqrt(ln(2 / alpha) / 2 / n) with probability alpha.
#[test]
fn drain_times_have_their_law() {
    let rho = 5.0;
    let mut times = Vec::new();
    for seed in 1..=60 {
        let mut lab = Fleet::aws()
            .seed(seed)
            .attribute("load_balancing.algorithm.type", "weighted_random")
            .delay(300)
            .machines(10)
            .traffic(poisson(10.0 * rho), exponential(secs(1)))
            .quick_lab();
        lab.run_to(at(25));
        for machine in 0..10 {
            lab.deregister(machine);
        }
        let ran = lab.finish_at(at(100));
        let drains = ran.measurements.drains.iter();
        times.extend(drains.map(|drain| drain.quiet.unwrap().since(drain.start).as_secs_f64()));
    }
    times.sort_by(f64::total_cmp);
    let count = times.len() as f64;
    let law = |t: f64| exp(-rho * exp(-t));
    let mut worst = 0.0_f64;
    for (place, &time) in times.iter().enumerate() {
        // an empty target is quiet at once: the law jumps at 0, where only its value counts
        if time > 0.0 {
            let (below, above) = (place as f64 / count, (place + 1) as f64 / count);
            worst = worst.max((law(time) - below).abs().max((law(time) - above).abs()));
        }
    }
    let bound = sqrt(ln(2.0 / (1.0 - LEVEL)) / 2.0 / count);
    assert!(worst < bound, "{worst} beyond {bound}");
}

/// A queue of `servers` fed at `load` times the rate of one server, service of mean 10 ms.
struct Queue {
    servers: u32,
    room: Option<u32>,
    load: f64,
    service: Sampler,
}

/// What replications of a queue find: shares lost and mean waits in units of the mean service.
fn replicate(queue: &Queue, seeds: u64, seconds: u64) -> (Sample, Sample) {
    let mut lost = Sample::new();
    let mut waits = Sample::new();
    for seed in 1..=seeds {
        let ran = Fleet::aws()
            .seed(seed)
            .machines(1)
            .machine(|template| {
                template.concurrency = Some(queue.servers);
                template.queue = queue.room;
            })
            .with(|fleet| fleet.warm_up = at(2))
            .traffic(poisson(queue.load * 100.0), queue.service.clone())
            .quick_lab()
            .finish_at(at(2 + seconds));
        let requests = &ran.measurements.requests;
        lost.push(requests.lost() as f64 / requests.arrived as f64);
        waits.push((ran.measurements.latency.mean().unwrap() / 1e7) - 1.0);
    }
    (lost, waits)
}

fn assert_mean(sample: &Sample, expected: f64, what: &str) {
    let mean = sample.mean().unwrap();
    let half = sample.half_width(LEVEL).unwrap();
    assert!(
        (mean - expected).abs() <= half,
        "{what}: {mean} +- {half}, {expected} expected"
    );
    assert!(half < 0.35 * expected, "{what}: +- {half} says nothing");
}

/// Erlang B, c = 5 and a = 4: (4^5 / 5!) / sum of 4^k / k! for k = 0..=5
/// = 8.53333 / 42.86667 = 0.199067 are turned away where nobody may wait.
#[test]
fn erlang_b_loses_its_share() {
    let queue = Queue {
        servers: 5,
        room: Some(0),
        load: 4.0,
        service: exponential(ms(10)),
    };
    let (lost, _) = replicate(&queue, 12, 30);
    assert_mean(&lost, 0.199_067, "share lost");
}

/// Erlang C, c = 5 and a = 4: P(wait) = 0.554113 and, with c - a = 1, a mean wait of as many
/// service times.
#[test]
fn erlang_c_waits_as_long() {
    let queue = Queue {
        servers: 5,
        room: None,
        load: 4.0,
        service: exponential(ms(10)),
    };
    let (lost, waits) = replicate(&queue, 20, 60);
    assert_eq!(lost.max(), Some(0.0));
    assert_mean(&waits, 0.554_113, "mean wait");
}

/// Poisson arrivals see time averages: the share that finds all five servers busy is P(wait).
#[test]
fn erlang_c_makes_as_many_wait() {
    let mut shares = Sample::new();
    for seed in 1..=12 {
        let mut lab = Fleet::aws()
            .seed(seed)
            .machines(1)
            .machine(|template| template.concurrency = Some(5))
            .traffic(poisson(400.0), exponential(ms(10)))
            .quick_lab();
        lab.run_to(at(2));
        let id = lab.registration(0);
        let (mut arrived, mut waited) = (0_u64, 0_u64);
        let traffic = |lab: &crate::fleet::Lab| lab.cloud().traffic_of(id).next().unwrap();
        let mut before = traffic(&lab);
        while lab.kernel.step(at(17), Phase::Call) {
            let now = traffic(&lab);
            if now.attempts > before.attempts {
                arrived += 1;
                waited += u64::from(before.in_flight >= 5);
            }
            before = now;
        }
        shares.push(waited as f64 / arrived as f64);
    }
    assert_mean(&shares, 0.554_113, "share that waits");
}

/// M/M/1 at rho = 1/2 waits rho / (1 - rho) = 1 service time; M/D/1 half of it.
#[test]
fn one_server_waits_by_pollaczek_and_khinchine() {
    for (service, expected) in [(exponential(ms(10)), 1.0), (constant(ms(10)), 0.5)] {
        let queue = Queue {
            servers: 1,
            room: None,
            load: 0.5,
            service,
        };
        let (_, waits) = replicate(&queue, 20, 120);
        assert_mean(&waits, expected, "mean wait");
    }
}

/// A target that exits p after its stop signal, deregistered with the signal, is sent requests by
/// the node until that learns after Exp(l): lambda E[(L - p)+] = lambda l e^(-p/l) are misrouted.
/// lambda = 10/s at the target, l = 2 s, p = 1 s: 10 x 2 x e^-0.5 = 12.1306. R-DRAIN-2 R-STOP-2
#[test]
fn misrouted_requests_follow_the_race_of_exit_and_propagation() {
    let mut misrouted = Sample::new();
    for seed in 1..=600 {
        let mut lab = Fleet::aws()
            .seed(seed)
            .attribute("load_balancing.algorithm.type", "weighted_random")
            .propagation(exponential(secs(2)))
            .machines(2)
            .machine(|template| {
                template.shutdown = ShutdownSettings {
                    when: ShutdownWhen::Terminate,
                    pre_stop: secs(1),
                    then: ShutdownThen::Exit,
                    grace: secs(30),
                };
            })
            .traffic(poisson(20.0), constant(ms(1)))
            .quick_lab();
        lab.run_to(at(1));
        lab.deregister(0);
        lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(0)));
        let ran = lab.finish_at(at(30));
        let stale = ran.measurements.requests.lost_for(Cause::RefusedStaleRoute);
        misrouted.push(stale as f64);
    }
    assert_mean(&misrouted, 10.0 * 2.0 * exp(-0.5), "misrouted");
}

/// A target killed at the very deadline: the cut goes first, so nothing is blamed on the exit.
/// Ten targets of 10/s with service of 2 s on average cut at 1 s: 10 x 2 x e^-0.5 x 10 = 121.306.
#[test]
fn a_target_that_dies_at_the_deadline_loses_what_the_cut_loses() {
    let mut total = 0;
    for seed in 1..=5 {
        let mut lab = Fleet::aws()
            .seed(seed)
            .attribute("load_balancing.algorithm.type", "weighted_random")
            .delay(1)
            .machines(10)
            .machine(|template| {
                template.shutdown.pre_stop = secs(1);
                template.shutdown.then = ShutdownThen::Exit;
            })
            .traffic(poisson(100.0), exponential(secs(2)))
            .quick_lab();
        lab.run_to(at(40));
        for machine in 0..10 {
            lab.deregister(machine);
            lab.call(|cloud, cx| cloud.stop_process(cx, InstanceId(machine)));
        }
        let ran = lab.finish_at(at(60));
        let requests = &ran.measurements.requests;
        assert_eq!(requests.lost_for(Cause::KilledByTargetExit), 0);
        total += requests.lost_for(Cause::CutAtDeadline);
    }
    let (low, high) = poisson_interval(total, LEVEL);
    let mean = 5.0 * 100.0 * 2.0 * exp(-0.5);
    assert!((low..=high).contains(&mean), "{total}, {mean} expected");
}

/// The probability that a drain cuts nothing is e^-mean: exponential service of 2 s, 10/s and 5 s
/// of delay give e^-1.64170 = 0.193650. R-DRAIN-3
#[test]
fn the_chance_of_a_drain_without_a_cut() {
    let (mut clean, mut drains) = (0, 0);
    for seed in 1..=40 {
        let mut lab = Fleet::aws()
            .seed(seed)
            .attribute("load_balancing.algorithm.type", "weighted_random")
            .delay(5)
            .machines(10)
            .traffic(poisson(100.0), exponential(secs(2)))
            .quick_lab();
        lab.run_to(at(40));
        for machine in 0..10 {
            lab.deregister(machine);
        }
        let ran = lab.finish_at(at(50));
        drains += ran.measurements.drains.len() as u64;
        clean += ran
            .measurements
            .drains
            .iter()
            .filter(|drain| drain.cut == 0)
            .count() as u64;
    }
    let (low, high) = proportion_interval(clean, drains, LEVEL);
    let chance = exp(-10.0 * exponential_excess(5.0));
    assert!(
        (low..=high).contains(&chance),
        "{clean} of {drains}, {chance} expected"
    );
}

/// A detached member is replaced: launch delay 2 s + boot 30 s, registered at 32 s, learnt 2 s
/// later; the check of that instant finds a closed port, as the process is ready 10 s after the
/// boot at 42 s; the next one, 10 s after the first at 44 s, passes, and one is enough.
/// R-ASG-5 R-HEALTH-3
#[test]
fn a_replacement_serves_when_the_arithmetic_says() {
    let mut lab = Fleet::aws()
        .registration(constant(secs(2)))
        .with(|fleet| fleet.target_groups[0].health_check.interval = secs(10))
        .group(1, 2, 3)
        .lab();
    lab.run_to(at(100));
    lab.detach(ASG, &[InstanceId(0)], false);
    let ran = lab.finish_at(at(300));
    let group = &ran.measurements.groups[0];
    let short: Vec<(SimTime, u32)> = group.serving.points().to_vec();
    assert_eq!(short, [(at(0), 2), (at(100), 1), (at(144), 2)]);
    assert_eq!(group.in_service.at(at(131)), 1);
    assert_eq!(group.in_service.at(at(132)), 2);
}
