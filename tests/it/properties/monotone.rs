//! More delay loses no more: the requests lost with a longer delay are a subset.
//!
//! It holds under conditions: deregistrations at fixed times, arrivals that do not react, unlimited
//! concurrency, routing that looks at no state, no registration again, and clients that do not try
//! again (a second try takes a turn from somebody else).

use drainsim::engine::time::{NANOS_PER_SECOND, SimDuration};
use proptest::prelude::*;

use super::cases;
use super::strategies::{Plan, plain_plan};
use crate::fleet::Ran;

fn run(plan: &Plan) -> Ran {
    let mut lab = plan.run_fast();
    lab.run_to(plan.end_of_everything());
    lab.finish()
}

fn with_delay(plan: &Plan, target_group: usize, delay_s: u64) -> Ran {
    let mut plan = plan.clone();
    plan.targets[target_group].delay_s = delay_s;
    run(&plan)
}

fn whole_seconds(span: SimDuration) -> (u64, bool) {
    let nanos = span.as_nanos();
    (
        nanos / NANOS_PER_SECOND,
        nanos.is_multiple_of(NANOS_PER_SECOND),
    )
}

proptest! {
    #![proptest_config(cases(200))]

    /// Invariant 7. R-DRAIN-1
    #[test]
    fn a_longer_delay_loses_a_subset(plan in plain_plan(), more in 1_u64..40) {
        let mut longer = plan.clone();
        for target in &mut longer.targets {
            target.delay_s += more;
        }
        let (short, long) = (run(&plan).lost(), run(&longer).lost());
        prop_assert!(long.is_subset(&short), "only with the longer delay: {:?}",
            long.difference(&short).collect::<Vec<_>>());
    }

    /// `needed` is what would have been enough: rounded up to a second the same drain cuts nothing,
    /// rounded down it cuts, unless a node learns only later than that.
    #[test]
    fn needed_is_just_enough(plan in plain_plan()) {
        let before = run(&plan);
        let latest = plan.rules.propagation.iter().max().copied().unwrap();
        for (place, drain) in before.measurements.drains.iter().enumerate().take(4) {
            if drain.delay.is_none() || (plan.alibaba && !plan.targets[drain.target_group.index()].drain_on) {
                continue;
            }
            let group = drain.target_group.index();
            let (seconds, whole) = whole_seconds(drain.needed);
            let enough = if whole { seconds } else { seconds + 1 };
            let after = with_delay(&plan, group, enough);
            prop_assert_eq!(after.drain(place).cut, 0, "drain {} with {} s", place, enough);
            prop_assert_eq!(after.drain(place).needed, drain.needed);
            if !whole && drain.needed > crate::fleet::ms(latest) {
                let after = with_delay(&plan, group, seconds);
                prop_assert!(after.drain(place).cut > 0, "drain {} with {} s", place, seconds);
            }
        }
    }
}
