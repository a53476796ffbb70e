//! Little's law in its exact form: the integral of requests in flight is the sum of lifetimes.

use std::cell::Cell;

use drainsim::engine::time::SimTime;
use proptest::prelude::*;

use super::cases;
use super::strategies::any_plan;

proptest! {
    #![proptest_config(cases(150))]

    /// Invariant 9: integrated from outside over a run until nothing is held any more, in whole
    /// nanoseconds and without rounding.
    #[test]
    fn the_integral_of_in_flight_is_the_sum_of_lifetimes(plan in any_plan()) {
        let integral = Cell::new(0_u128);
        let last = Cell::new((SimTime::ZERO, 0_u64));
        let mut lab = plan.run(|lab| {
            let (then, held) = last.get();
            let span = u128::from(lab.now().since(then).as_nanos());
            integral.set(integral.get() + u128::from(held) * span);
            last.set((lab.now(), lab.cloud().held(SimTime::ZERO).iter().sum()));
        });
        lab.step_to(plan.end_of_everything(), |lab| {
            let (then, held) = last.get();
            let span = u128::from(lab.now().since(then).as_nanos());
            integral.set(integral.get() + u128::from(held) * span);
            last.set((lab.now(), lab.cloud().held(SimTime::ZERO).iter().sum()));
        });
        let measured = lab.finish().measurements;
        prop_assert_eq!(measured.requests.in_flight, 0, "two hours end every request");
        let lost = measured
            .losses
            .iter()
            .map(|loss| u128::from(loss.at.since(loss.arrived).as_nanos()));
        let lifetimes = measured.latency.sum() + lost.sum::<u128>();
        prop_assert_eq!(integral.get(), lifetimes);
    }
}
