//! Properties: what must hold for every fleet and every timeline, held against generated ones.

mod arithmetic;
mod calendar;
mod calls;
mod commands;
mod conservation;
mod draining;
mod lifecycle;
mod little;
mod monotone;
mod requests;
mod scaling;
mod scaling_groups;
mod strategies;

use drainsim::engine::time::SimTime;
use drainsim::model::activity::StatusCode;
use drainsim::model::group::SourceState;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};

use crate::fleet::Lab;

/// So many cases, the same ones at every run. `PROPTEST_CASES=2560` looks ten times as far.
pub(crate) fn cases(count: u32) -> Config {
    let further = Config::default().cases / 256;
    Config {
        cases: count * further.max(1),
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0x6472_6169_6e73_696d),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

/// Nothing is under way any more.
fn has_settled(lab: &Lab) {
    let cloud = lab.cloud();
    assert!(cloud.held(SimTime::ZERO).iter().all(|&held| held == 0));
    for drain in &cloud.drains {
        assert!(drain.end.is_some(), "a drain never ends: {drain:?}");
    }
    for group in &cloud.groups {
        let counts = group.counts;
        assert_eq!(
            (counts.pending, counts.leaving),
            (0, 0),
            "members of {} neither arrive nor leave: {:?}",
            group.name,
            group
                .members
                .iter()
                .map(|id| &cloud.instances[id.index()])
                .collect::<Vec<_>>()
        );
        let removing = group
            .sources
            .iter()
            .any(|source| source.state == SourceState::Removing);
        assert!(!removing, "a source of {} is never removed", group.name);
        assert!(group.busy.is_none(), "{} is busy for ever", group.name);
    }
    for (_, _, activity) in &cloud.activities {
        assert!(activity.status.is_over(), "it goes on: {activity:?}");
        assert!(activity.end.is_some());
        assert!(activity.progress == 100 || activity.status != StatusCode::Successful);
    }
}
