//! Scaling: with every duration times k, everything happens at k times the time, exactly.

use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::model::loss::Loss;
use drainsim::model::record::Record;
use proptest::prelude::*;

use super::cases;
use super::strategies::any_plan;
use crate::fleet::Lab;

fn times(at: SimTime, scale: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_nanos(at.as_nanos()).times(scale)
}

fn scaled(record: Record, scale: u64) -> Record {
    match record {
        Record::Lost(loss) => Record::Lost(Loss {
            at: times(loss.at, scale),
            arrived: times(loss.arrived, scale),
            ..loss
        }),
        Record::TargetHealth(..)
        | Record::TargetCounts(..)
        | Record::InstanceCounts(..)
        | Record::Lifecycle(..)
        | Record::Learnt(..)
        | Record::Weighed(..)
        | Record::DrainBegan(_)
        | Record::DrainEnded(..)
        | Record::Activity(_) => record,
    }
}

proptest! {
    #![proptest_config(cases(100))]

    /// Invariant 8: traces, lags, delays, timeouts, boots and checks scaled by k give the same
    /// records at k times the time. The one duration that cannot be set, the 10 s of a connect
    /// timeout, stays out of it: no host disappears, and no appliance says nothing.
    #[test]
    fn all_times_scale_exactly(mut plan in any_plan(), scale in 2_u64..8) {
        plan.rules.terminate = 1_000_000_000;
        plan.alibaba_kind %= 2;
        let ran = |scale| {
            let lab = Lab::new(plan.settings(scale), false);
            plan.run_in(lab, scale, |_| {}).finish()
        };
        let (one, other) = (ran(1), ran(scale));
        for (&(at, record), &(other_at, other_record)) in one.records.iter().zip(&other.records) {
            prop_assert_eq!(times(at, scale), other_at, "{:?}", record);
            prop_assert_eq!(scaled(record, scale), other_record);
        }
        prop_assert_eq!(one.records.len(), other.records.len());
        let (one, other) = (one.measurements, other.measurements);
        prop_assert_eq!(one.requests, other.requests);
        prop_assert_eq!(one.latency.sum() * u128::from(scale), other.latency.sum());
        for (drain, scaled) in one.drains.iter().zip(&other.drains) {
            prop_assert_eq!(drain.needed.times(scale), scaled.needed);
            prop_assert_eq!(drain.cut, scaled.cut);
        }
    }
}
