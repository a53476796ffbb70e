//! Routing: who gets a request, exactly where the rule is exact and by a chi-square test where it
//! is random. Seeds are fixed; a test of chance fails one right generator in a million.

use drainsim::engine::math::special::gamma_q;
use drainsim::engine::time::SimTime;
use drainsim::model::ids::{RegistrationId, TargetGroupId};
use drainsim::model::lb;
use drainsim::model::loss::Cause;
use drainsim::model::settings::{Provider, TargetSettings};
use proptest::prelude::*;

use crate::fleet::{Fleet, Lab, at, at_ms, constant, exponential, ms, poisson, secs, target_group};

/// The chance below which a test of chance fails.
const CHANCE: f64 = 1e-6;

/// Attempts sent to each machine's newest registration with `web`.
fn attempts(lab: &Lab, machines: u32) -> Vec<u64> {
    let cloud = lab.cloud();
    (0..machines)
        .map(|machine| {
            let id = lab.registration(machine);
            cloud.traffic_of(id).map(|traffic| traffic.attempts).sum()
        })
        .collect()
}

/// P(a chi-square with these degrees of freedom is at least as large).
fn chi_square_chance(counts: &[u64], expected: &[f64]) -> f64 {
    let statistic: f64 = counts
        .iter()
        .zip(expected)
        .map(|(&count, mean)| (count as f64 - mean) * (count as f64 - mean) / mean)
        .sum();
    gamma_q((counts.len() - 1) as f64 / 2.0, statistic / 2.0)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Over a stable set of targets the counts of round robin differ by one at most. R-ROUTE-1
    #[test]
    fn round_robin_takes_turns(machines in 1_usize..12, requests in 0_u64..200) {
        let arrivals: Vec<(u64, u64)> = (0..requests).map(|i| (10 * i, 35 * (i % 7))).collect();
        let mut lab = Fleet::aws().machines(machines).requests(&arrivals).lab();
        lab.run_to(at(600));
        let counts = attempts(&lab, u32::try_from(machines).unwrap());
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        prop_assert!(most - least <= 1, "{counts:?}");
        prop_assert_eq!(counts.iter().sum::<u64>(), requests);
    }

    /// Least outstanding requests never picks a target with more in flight than another. R-ROUTE-5
    #[test]
    fn least_outstanding_picks_one_of_the_least(
        machines in 1_u32..10,
        services in proptest::collection::vec(1_u64..3_000, 1..150),
    ) {
        let requests: Vec<(u64, u64)> =
            (0..).zip(&services).map(|(i, &service)| (50 * i, service)).collect();
        let mut lab = Fleet::aws()
            .attribute("load_balancing.algorithm.type", "least_outstanding_requests")
            .machines(machines as usize)
            .requests(&requests)
            .lab();
        let traffic = |lab: &Lab| -> Vec<(u64, u64)> {
            (0..machines)
                .flat_map(|m| lab.cloud().traffic_of(lab.registration(m)).collect::<Vec<_>>())
                .map(|t| (t.attempts, t.in_flight))
                .collect()
        };
        let before = std::cell::RefCell::new(traffic(&lab));
        lab.step_to(at(60), |lab| {
            let now = traffic(lab);
            let mut then = before.borrow_mut();
            let least = then.iter().map(|&(_, in_flight)| in_flight).min().unwrap();
            for (old, new) in then.iter().zip(&now) {
                if new.0 > old.0 {
                    assert_eq!(old.1, least, "{then:?} -> {now:?}");
                }
            }
            *then = now;
        });
    }
}

/// Weighted random without anomalies gives every target the same chance: chi-square with nine
/// degrees of freedom. R-ROUTE-6
#[test]
fn weighted_random_is_fair() {
    let mut lab = Fleet::aws()
        .attribute("load_balancing.algorithm.type", "weighted_random")
        .machines(10)
        .traffic(poisson(500.0), constant(ms(5)))
        .quick_lab();
    lab.run_to(at(60));
    let counts = attempts(&lab, 10);
    let each = counts.iter().sum::<u64>() as f64 / 10.0;
    assert!(each > 2_900.0);
    let chance = chi_square_chance(&counts, &[each; 10]);
    assert!(chance > CHANCE, "{counts:?}: {chance}");
}

/// A listener forwards by weight: 1 to 2 to 5, chi-square with two degrees of freedom. R-ROUTE-7
#[test]
fn a_listener_forwards_by_weight() {
    let kind = lb::kind("application").unwrap();
    let mut lab = Fleet::aws()
        .machines(3)
        .traffic(poisson(400.0), constant(ms(5)))
        .with(|fleet| {
            for name in ["b", "c"] {
                fleet
                    .target_groups
                    .push(target_group(name, kind, Provider::Aws, &[]));
            }
            for (index, group) in fleet.target_groups.iter_mut().enumerate() {
                group.targets = vec![TargetSettings {
                    instance: index,
                    id: fleet.instances[index].id.clone(),
                    port: 80,
                    weight: 100,
                }];
            }
            let weights = [1, 2, 5].into_iter().enumerate();
            fleet.listeners[0].forward = weights
                .map(|(index, weight)| (TargetGroupId::from_index(index), weight))
                .collect();
        })
        .quick_lab();
    lab.run_to(at(60));
    let counts: Vec<u64> = (0..3)
        .flat_map(|index| {
            lab.cloud()
                .traffic_of(RegistrationId(index))
                .collect::<Vec<_>>()
        })
        .map(|traffic| traffic.attempts)
        .collect();
    let total = counts.iter().sum::<u64>() as f64;
    let expected = [total / 8.0, total / 4.0, total * 5.0 / 8.0];
    let chance = chi_square_chance(&counts, &expected);
    assert!(chance > CHANCE, "{counts:?}: {chance}");
}

/// In slow start a target's share grows linearly: with nine others and a share of p = t / T of a
/// turn, a round of 9 + p requests brings it p, so it gets lambda p / (9 + p) a second. R-ROUTE-4
#[test]
fn the_share_of_a_target_in_slow_start_grows_linearly() {
    let rate = 300.0;
    let mut lab = Fleet::aws()
        .attribute("slow_start.duration_seconds", "100")
        .delay(0)
        .machines(10)
        .traffic(poisson(rate), constant(ms(1)))
        .quick_lab();
    lab.run_to(at(10));
    lab.deregister(0);
    lab.run_to(at(20));
    let id = lab.register(0);
    let healthy = loop {
        assert!(
            lab.kernel
                .step(at(60), drainsim::engine::phase::Phase::Call)
        );
        if lab.cloud().registrations[id.index()].health.state() == "healthy" {
            break lab.now();
        }
    };
    let count = |lab: &Lab| lab.cloud().traffic_of(id).map(|t| t.attempts).sum::<u64>();
    let mut before = count(&lab);
    for tenth in 0..10_u32 {
        lab.run_to(healthy + secs(10 * u64::from(tenth + 1)));
        let (now, from) = (count(&lab), f64::from(tenth) / 10.0);
        // the mean over the ten seconds, by Simpson's rule: the curve is nearly straight
        let share = |p: f64| p / (9.0 + p);
        let mean = rate * 10.0 / 6.0 * (share(from) + 4.0 * share(from + 0.05) + share(from + 0.1));
        let error = (now - before) as f64 - mean;
        // it is nearly Poisson; 5 standard deviations are one in two million
        assert!(
            error * error < 25.0 * mean.max(4.0),
            "{tenth}: {error} of {mean}"
        );
        before = now;
    }
    // and afterwards it takes its full turn
    lab.run_to(healthy + secs(120));
    let mean = rate * 20.0 / 10.0;
    let error = (count(&lab) - before) as f64 - mean;
    assert!(error * error < 25.0 * mean, "{error} of {mean}");
}

/// The first targets of an empty group do not enter slow start: somebody must take the requests.
/// Trap 11. R-ROUTE-4
#[test]
fn the_first_batch_skips_slow_start() {
    let mut lab = Fleet::aws()
        .attribute("slow_start.duration_seconds", "100")
        .machines(3)
        .with(|fleet| fleet.target_groups[0].targets.clear())
        .traffic(poisson(100.0), constant(ms(1)))
        .lab();
    for machine in 0..3 {
        lab.register(machine);
    }
    lab.run_to(at(30));
    let counts = attempts(&lab, 3);
    let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    assert!(most - least <= 1 && *least > 900, "{counts:?}");
}

/// With fewer healthy targets than the count a node routes to unhealthy ones as well. R-ROUTE-2
#[test]
fn too_few_healthy_targets_and_all_get_requests() {
    let count = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
    for (minimum, opens) in [("1", false), ("2", true)] {
        let mut lab = Fleet::aws()
            .attribute(count, minimum)
            .machines(3)
            .traffic(poisson(30.0), exponential(ms(20)))
            .lab();
        kill_two_and_check(&mut lab, opens);
    }
}

/// With a smaller healthy share than the percentage it does so too: one of three is 33 %. R-ROUTE-2
#[test]
fn too_small_a_healthy_share_and_all_get_requests() {
    let share = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
    for (minimum, opens) in [("33", false), ("34", true), ("off", false)] {
        let mut lab = Fleet::aws()
            .attribute(share, minimum)
            .machines(3)
            .traffic(poisson(30.0), exponential(ms(20)))
            .lab();
        kill_two_and_check(&mut lab, opens);
    }
}

/// Kills two of three processes, waits for the verdicts (two checks, 30 s apart) and looks whether
/// requests still go there.
fn kill_two_and_check(lab: &mut Lab, opens: bool) {
    lab.run_to(at(5));
    for machine in [0, 1] {
        let id = drainsim::model::ids::InstanceId(machine);
        lab.call(|cloud, cx| cloud.kill_process(cx, id));
    }
    lab.run_to(at(100));
    let dead = attempts(lab, 2);
    lab.run_to(at(200));
    let later = attempts(lab, 2);
    assert_eq!(dead != later, opens, "{dead:?} then {later:?}");
}

/// A target in `initial` gets no traffic; with no other there is none to send to. R-ROUTE-3
#[test]
fn a_target_in_initial_gets_nothing() {
    let mut lab = Fleet::aws()
        .registration(constant(secs(3)))
        .machines(1)
        .with(|fleet| fleet.target_groups[0].targets.clear())
        .requests(&[(1_000, 10), (2_999, 10), (3_001, 10)])
        .lab();
    lab.register(0);
    let ran = lab.finish_at(at(10));
    // the node learns at 3 s, checks at once, and one success is enough
    assert_eq!(ran.measurements.requests.completed, 1);
    let at: Vec<SimTime> = ran.measurements.losses.iter().map(|loss| loss.at).collect();
    assert_eq!(at, [at_ms(1_000), at_ms(2_999)]);
    assert!(
        ran.measurements
            .losses
            .iter()
            .all(|loss| loss.cause == Cause::NoTarget)
    );
}

/// Without cross-zone balancing a zone that has no target answers 503; with it nobody notices.
/// R-ROUTE-8
#[test]
fn an_empty_zone_without_cross_zone_answers_503() {
    for (cross_zone, loses) in [("true", false), ("false", true)] {
        let ran = Fleet::aws()
            .zones(2)
            .attribute("load_balancing.cross_zone.enabled", cross_zone)
            .machines(1)
            .traffic(poisson(50.0), constant(ms(5)))
            .lab()
            .finish_at(at(20));
        let lost = ran.measurements.requests.lost_for(Cause::NoTarget);
        assert_eq!(lost > 0, loses);
        assert!(
            ran.measurements
                .losses
                .iter()
                .all(|loss| loss.code.name() == "503")
        );
    }
}
