//! Determinism: the same fleet and seed do the same things, everywhere and always.

use drainsim::model::ids::InstanceId;

use crate::fleet::{ASG, Fleet, Ran, at, ms, one_of, poisson, sampler};
use drainsim::workload::args::ArgValue;

/// A small fleet in which everything that is drawn is drawn.
fn run(seed: u64, delay_s: u64) -> Ran {
    let service = sampler(
        "lognormal",
        [
            ("mean", ArgValue::Duration(ms(800))),
            ("cv", ArgValue::Number(1.5)),
        ],
    );
    let mut lab = Fleet::aws()
        .seed(seed)
        .zones(2)
        .delay(delay_s)
        .propagation(one_of(&[1_000, 2_500, 4_000], 1))
        .attribute("load_balancing.algorithm.type", "weighted_random")
        .group(2, 4, 6)
        .traffic(poisson(40.0), service)
        .client(Some(ms(20_000)), 0)
        .lab();
    lab.run_to(at(20));
    lab.detach(ASG, &[InstanceId(0), InstanceId(2)], false);
    lab.run_to(at(30));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(1)));
    lab.finish_at(at(150))
}

#[test]
fn the_same_seed_does_the_same_things() {
    let (one, other) = (run(7, 3), run(7, 3));
    assert_eq!(one.digest, other.digest);
    assert_eq!(one.records, other.records);
    assert_eq!(one.measurements.losses, other.measurements.losses);
    assert_ne!(one.digest, run(8, 3).digest, "another seed, other things");
}

/// Scenarios that differ in a delay see the same arrivals with the same service times.
#[test]
fn a_delay_changes_neither_arrivals_nor_services() {
    let (short, long) = (run(7, 1), run(7, 60));
    assert_ne!(short.digest, long.digest);
    let arrived = |ran: &Ran| -> Vec<u64> {
        let windows = ran.measurements.windows.iter();
        windows.map(|window| window.arrived).collect()
    };
    assert_eq!(arrived(&short), arrived(&long));
    // what the two detached members were sent needs the same delay, whatever it was
    for place in 0..2 {
        assert_eq!(short.drain(place).needed, long.drain(place).needed);
        assert!(short.drain(place).needed > ms(1_000));
    }
    assert!(short.lost().len() > long.lost().len());
}

/// One number for all platforms, profiles and features. It changes with the model, on purpose, and
/// then the change log says why.
#[test]
fn the_digest_of_a_small_fleet_is_written_down() {
    assert_eq!(format!("{:016x}", run(7, 3).digest), "429fd5d62e208587");
}
