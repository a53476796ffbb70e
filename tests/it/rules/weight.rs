//! Weights: what nodes learn of them, what they do to checks and to what is in flight, and how
//! large a share each algorithm gives.

use drainsim::engine::math::special::gamma_q;
use drainsim::model::ids::RegistrationId;
use drainsim::model::loss::Cause;
use drainsim::model::registration::TargetHealth;
use proptest::prelude::*;

use crate::fleet::{Fleet, Lab, at, constant, secs};

/// Two servers that serve one request each 500 ms for 8 s, of which nodes learn after 3 s.
fn pair() -> Fleet {
    let requests: Vec<(u64, u64)> = (0..120).map(|i| (500 * i, 8_000)).collect();
    Fleet::alibaba()
        .propagation(constant(secs(3)))
        .machines(2)
        .requests(&requests)
}

fn weigh(lab: &mut Lab, machine: u32, weight: u32) {
    let id = lab.registration(machine);
    lab.call(|cloud, cx| cloud.set_weight(cx, id, weight));
}

/// Attempts sent to each of the first machines.
fn attempts(lab: &Lab, machines: u32) -> Vec<u64> {
    let traffic = |machine| lab.cloud().traffic_of(lab.registration(machine));
    (0..machines)
        .map(|machine| traffic(machine).map(|traffic| traffic.attempts).sum())
        .collect()
}

fn held(lab: &Lab, machine: u32) -> u64 {
    let traffic = lab.cloud().traffic_of(lab.registration(machine));
    traffic.map(|traffic| traffic.in_flight).sum()
}

/// A server of weight 0 gets nothing new once its nodes have learnt; what is in flight finishes,
/// nothing drains, and it stays in its server group. R-WEIGHT-1
#[test]
fn a_server_of_weight_0_gets_nothing_new() {
    let mut lab = pair().lab();
    lab.run_to(at(20));
    weigh(&mut lab, 0, 0);
    lab.run_to(at(23));
    let before = attempts(&lab, 2);
    assert_eq!(before[0], before[1], "nodes do not know yet");
    assert!(held(&lab, 0) > 0);
    lab.run_to(at(40));
    let after = attempts(&lab, 2);
    assert!(after[0] - before[0] <= 1, "{before:?} {after:?}");
    assert!(after[1] > before[1] + 30);
    assert_eq!(held(&lab, 0), 0, "what it had is finished");
    let server = lab.registration(0);
    assert_eq!(
        lab.cloud().registrations[server.index()].health,
        TargetHealth::Healthy
    );
    weigh(&mut lab, 0, 100);
    lab.run_to(at(55));
    assert!(attempts(&lab, 2)[0] > after[0] + 10);
    let ran = lab.finish_at(at(90));
    assert_eq!(ran.measurements.requests.lost(), 0);
    assert!(ran.measurements.drains.is_empty());
}

/// With all servers at weight 0 requests have nowhere to go, and the last to be weighed is to
/// blame. R-WEIGHT-1
#[test]
fn without_weight_there_is_no_target() {
    let mut lab = pair().lab();
    lab.run_to(at(20));
    weigh(&mut lab, 0, 0);
    weigh(&mut lab, 1, 0);
    let ran = lab.finish_at(at(90));
    let losses = &ran.measurements.losses;
    assert!(losses.iter().all(|loss| loss.cause == Cause::NoTarget));
    assert!(losses.iter().all(|loss| loss.at >= at(23)));
    assert!(losses.len() >= 70, "{}", losses.len());
}

/// Nobody checks a server of weight 0: it is taken for what it was until it has weight again.
/// R-WEIGHT-1
#[test]
fn a_server_of_weight_0_is_not_checked() {
    let health = |lab: &Lab| {
        let server = lab.registration(0);
        lab.cloud().registrations[server.index()].health
    };
    let mut lab = Fleet::alibaba()
        .propagation(constant(secs(3)))
        .machines(2)
        .lab();
    lab.run_to(at(10));
    weigh(&mut lab, 0, 0);
    lab.run_to(at(14));
    lab.call(|cloud, cx| cloud.stop_process(cx, drainsim::model::ids::InstanceId(0)));
    lab.run_to(at(300));
    assert_eq!(health(&lab), TargetHealth::Healthy);
    weigh(&mut lab, 0, 1);
    lab.run_to(at(303));
    assert_eq!(
        health(&lab),
        TargetHealth::Healthy,
        "three checks have to fail"
    );
    lab.run_to(at(320));
    assert_eq!(health(&lab), TargetHealth::FailedChecks);
}

/// A Classic Load Balancer checks a server of weight 0 all the same. R-WEIGHT-1
#[test]
fn a_classic_balancer_checks_it_all_the_same() {
    let mut lab = Fleet::clb()
        .propagation(constant(secs(3)))
        .machines(2)
        .lab();
    lab.run_to(at(10));
    weigh(&mut lab, 0, 0);
    lab.run_to(at(14));
    lab.call(|cloud, cx| cloud.stop_process(cx, drainsim::model::ids::InstanceId(0)));
    lab.run_to(at(30));
    let server = lab.registration(0);
    let health = lab.cloud().registrations[server.index()].health;
    assert_eq!(health, TargetHealth::FailedChecks);
}

/// A server that is added with weight 0 begins its checks when it is given weight. R-WEIGHT-1
#[test]
fn a_server_added_with_weight_0_waits_for_it() {
    let mut lab = Fleet::alibaba()
        .registration(constant(secs(2)))
        .propagation(constant(secs(2)))
        .machines(2)
        .requests(&[(60_000, 10)])
        .with(|fleet| fleet.target_groups[0].targets[0].weight = 0)
        .lab();
    lab.run_to(at(50));
    weigh(&mut lab, 1, 0);
    lab.run_to(at(55));
    let counts = lab.cloud().target_groups[0].counts;
    assert_eq!((counts.registered, counts.eligible), (2, 0));
    weigh(&mut lab, 0, 30);
    let ran = lab.finish_at(at(70));
    assert_eq!(ran.measurements.requests.lost(), 0);
}

/// A server that drains is not weighed any more, and a weight on its way to a node does not hold
/// its drain up. R-WEIGHT-1
#[test]
fn a_draining_server_is_not_weighed() {
    let mut lab = pair().lab();
    lab.run_to(at(20));
    weigh(&mut lab, 0, 50);
    lab.deregister(0);
    weigh(&mut lab, 0, 10);
    let ran = lab.finish_at(at(90));
    assert_eq!(ran.measurements.requests.lost(), 0);
    assert!(ran.drain(0).end.is_some());
}

/// A lab whose servers have these weights, with so many requests, 10 ms apart.
fn weighted(fleet: Fleet, weights: &[u32], requests: u64, service: u64) -> Lab {
    let arrivals: Vec<(u64, u64)> = (0..requests).map(|i| (10 * i, service)).collect();
    fleet
        .machines(weights.len())
        .with(|fleet| {
            for (target, &weight) in fleet.target_groups[0].targets.iter_mut().zip(weights) {
                target.weight = weight;
            }
        })
        .requests(&arrivals)
        .quick_lab()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Weighted round robin gives each server as many turns as its weight asks for, give or take
    /// half a turn of its own and its share of half a turn of each. R-WEIGHT-2
    #[test]
    fn turns_follow_weights(
        weights in proptest::collection::vec(0_u32..=100, 2..9),
        requests in 1_u64..600,
    ) {
        let total: u32 = weights.iter().sum();
        prop_assume!(total > 0);
        let mut lab = weighted(Fleet::alibaba(), &weights, requests, 5);
        lab.run_to(at(600));
        let machines = u32::try_from(weights.len()).unwrap();
        for (count, weight) in attempts(&lab, machines).iter().zip(&weights) {
            let fair = requests as f64 * f64::from(*weight) / f64::from(total);
            let share = fair / requests as f64;
            let slack = 0.5 + share * weights.len() as f64 / 2.0 + 1e-6;
            prop_assert!((*count as f64 - fair).abs() <= slack, "{count} of {fair} for {weight}");
        }
    }

    /// Weighted least connections never chooses a server whose requests in flight, divided by its
    /// weight, are more than another's. R-WEIGHT-2
    #[test]
    fn connections_follow_weights(
        weights in proptest::collection::vec(1_u32..=100, 2..7),
        service in 10_u64..2_000,
    ) {
        let fleet = Fleet::alibaba().attribute("Scheduler", "Wlc");
        let mut lab = weighted(fleet, &weights, 150, service);
        let machines = u32::try_from(weights.len()).unwrap();
        let look = |lab: &Lab| -> Vec<(u64, u64)> {
            let held = (0..machines).map(|machine| held(lab, machine));
            attempts(lab, machines).into_iter().zip(held).collect()
        };
        let before = std::cell::RefCell::new(look(&lab));
        lab.step_to(at(30), |lab| {
            let now = look(lab);
            let mut then = before.borrow_mut();
            let load = |place: usize| then[place].1 as f64 / f64::from(weights[place]);
            for (place, (old, new)) in then.iter().zip(&now).enumerate() {
                if new.0 > old.0 {
                    let least = (0..weights.len()).map(load).fold(f64::MAX, f64::min);
                    assert!(load(place) <= least, "{then:?} -> {now:?}");
                }
            }
            *then = now;
        });
    }
}

/// A random choice is in proportion to the weights: chi-square with three degrees of freedom.
/// R-WEIGHT-2
#[test]
fn chance_follows_weights() {
    let weights = [10, 20, 30, 40];
    let fleet = Fleet::alibaba_behind("alibaba:nlb").attribute("Scheduler", "tch");
    let mut lab = weighted(fleet, &weights, 20_000, 5);
    lab.run_to(at(600));
    let counts = attempts(&lab, 4);
    let statistic: f64 = counts
        .iter()
        .zip(weights)
        .map(|(&count, weight)| {
            let mean = 200.0 * f64::from(weight);
            (count as f64 - mean).powi(2) / mean
        })
        .sum();
    assert!(gamma_q(1.5, statistic / 2.0) > 1e-6, "{counts:?}");
}

/// Turns go on where they were when a server joins: it gets its share from then on and does not
/// catch up. R-WEIGHT-2
#[test]
fn a_newcomer_does_not_catch_up() {
    let mut lab = weighted(
        Fleet::alibaba().registration(constant(secs(0))),
        &[10, 20, 0],
        3_000,
        5,
    );
    lab.run_to(at(20));
    let before = attempts(&lab, 3);
    assert_eq!(before[2], 0);
    let id = RegistrationId(2);
    lab.call(|cloud, cx| cloud.set_weight(cx, id, 30));
    lab.run_to(at(600));
    let after = attempts(&lab, 3);
    let joined = after[2];
    assert!((400..=500).contains(&joined), "{before:?} {after:?}");
    assert!(after[0] - before[0] >= 160, "{before:?} {after:?}");
}

/// A weight of a scaling group's source is that of its instances. R-WEIGHT-1
#[test]
fn members_have_the_weight_of_their_source() {
    let mut lab = Fleet::alibaba()
        .group(1, 2, 4)
        .with(|fleet| fleet.groups[0].sources[0].weight = 40)
        .lab();
    lab.run_to(at(1));
    let weight = |machine| lab.cloud().registrations[lab.registration(machine).index()].weight;
    assert_eq!((weight(0), weight(1)), (40, 40));
}
