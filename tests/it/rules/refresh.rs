//! Instance refreshes: who is replaced, in which order and how fast, and how they end.

use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::model::ids::{InstanceId, LaunchTemplateId, RefreshId, WorkloadId};
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::maintenance::MaintenancePolicy;
use drainsim::model::record::Record;
use drainsim::model::refresh::{Obstacle, Refresh, RefreshPreferences, RefreshStatus};
use drainsim::model::scaling_process::ScalingProcess;

use crate::fleet::{ASG, Fleet, Lab, at, constant, secs, when};

/// The template that refreshes go to.
const NEXT: LaunchTemplateId = LaunchTemplateId(1);

/// Drains of 30 s; launches begin 2 s after they are due and boot for 30 s.
fn fleet(desired: u32) -> Fleet {
    Fleet::aws().delay(30).group(0, desired, 20).with(|fleet| {
        fleet.assumptions.ec2_terminate = constant(secs(20));
        let mut next = fleet.launch_templates[0].clone();
        "web-v2".clone_into(&mut next.name);
        fleet.launch_templates.push(next);
    })
}

pub(super) fn preferences(min_healthy: u32, max_healthy: u32) -> RefreshPreferences {
    RefreshPreferences {
        percentages: MaintenancePolicy {
            min_healthy,
            max_healthy,
        },
        maximum_given: max_healthy > 100,
        warmup: SimDuration::ZERO,
        checkpoints: Vec::new(),
        checkpoint_delay: secs(3_600),
        skip_matching: false,
        auto_rollback: false,
        protected: Obstacle::Wait,
        standby: Obstacle::Wait,
        bake: SimDuration::ZERO,
    }
}

fn start(lab: &mut Lab, preferences: RefreshPreferences) -> RefreshId {
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.start_refresh(cx, ASG, preferences, Some(NEXT)))
}

fn refresh(lab: &Lab) -> &Refresh {
    &lab.cloud().refreshes[0]
}

fn progress(lab: &Lab) -> (RefreshStatus, u32, u32) {
    let refresh = refresh(lab);
    (refresh.status, refresh.percentage, refresh.to_update)
}

/// How many members have which launch template: of those that count, the old and the new.
fn templates(lab: &Lab) -> (usize, usize) {
    let cloud = lab.cloud();
    let members = cloud.groups[0].members.iter();
    let counting = members
        .map(|id| &cloud.instances[id.index()])
        .filter(|instance| instance.lifecycle.counts());
    let (old, new): (Vec<_>, Vec<_>) =
        counting.partition(|instance| instance.launch_template != NEXT);
    (old.len(), new.len())
}

/// The fewest that were in service and the most that counted in the whole run.
fn extremes(lab: &Lab) -> (u32, u32) {
    let counts = lab.kernel.observer.records.iter();
    let counts = counts.filter_map(|(_, record)| {
        let Record::InstanceCounts(_, counts) = record else {
            return None;
        };
        Some(*counts)
    });
    let (mut fewest, mut most) = (u32::MAX, 0);
    for counts in counts {
        fewest = fewest.min(counts.in_service);
        most = most.max(counts.in_service + counts.pending);
    }
    (fewest, most)
}

/// Without a maximum the only instance goes first, even with a minimum of 100 %: nobody is there
/// until its replacement is. A maximum that is stated, be it 100 %, launches first. R-REFRESH-2
#[test]
fn one_instance_is_replaced_first_or_last() {
    let stated = RefreshPreferences {
        maximum_given: true,
        ..preferences(100, 100)
    };
    for (preferences, extremes_of) in [
        (preferences(90, 100), (0, 1)),
        (preferences(100, 100), (0, 1)),
        (stated, (1, 2)),
        (preferences(100, 200), (1, 2)),
        (preferences(100, 110), (1, 2)),
    ] {
        let mut lab = fleet(1).lab();
        start(&mut lab, preferences.clone());
        lab.run_to(at(600));
        assert_eq!(extremes(&lab), extremes_of, "{preferences:?}");
        assert_eq!(templates(&lab), (0, 1), "{preferences:?}");
        assert_eq!(progress(&lab), (RefreshStatus::Successful, 100, 0));
        assert!(lab.cloud().is_settled());
    }
    // where the guide is believed instead
    let mut lab = fleet(1)
        .with(|fleet| fleet.assumptions.refresh_keeps_full_minimum = true)
        .lab();
    start(&mut lab, preferences(100, 100));
    lab.run_to(at(600));
    assert_eq!(extremes(&lab), (1, 2));
}

/// Traffic through the only instance: terminated first, every request of the gap is lost;
/// launched first, none is. R-REFRESH-2
#[test]
fn the_gap_loses_requests() {
    let arrivals: Vec<(u64, u64)> = (20..400).map(|second| (second * 1_000, 50)).collect();
    let lost = |preferences: RefreshPreferences| {
        let mut lab = fleet(1).requests(&arrivals).lab();
        start(&mut lab, preferences);
        lab.run_to(at(600));
        lab.cloud().recorder().all(WorkloadId(0)).lost()
    };
    // it boots for 30 s at least, and one request arrives a second
    assert!(lost(preferences(100, 100)) >= 22);
    assert_eq!(lost(preferences(100, 200)), 0);
}

/// As many at a time as the percentages allow, in whole batches: the next begins when the last
/// has been replaced, is warm and gone. R-REFRESH-2
#[test]
fn percentages_bound_every_batch() {
    for (min, max, expected) in [
        (50, 100, (2, 4)),
        (75, 100, (3, 4)),
        (0, 100, (0, 4)),
        (100, 150, (4, 6)),
        (100, 200, (4, 8)),
    ] {
        let mut lab = fleet(4).zones(2).lab();
        start(&mut lab, preferences(min, max));
        lab.run_to(at(1_200));
        assert_eq!(extremes(&lab), expected, "{min} {max}");
        assert_eq!(templates(&lab), (0, 4), "{min} {max}");
        assert_eq!(refresh(&lab).status, RefreshStatus::Successful);
    }
}

/// A replacement counts when it is healthy and its warm-up, which begins in service, is over; the
/// percentage tells nothing earlier. R-REFRESH-2, R-REFRESH-4
#[test]
fn only_warm_replacements_count() {
    let mut lab = fleet(2).lab();
    start(
        &mut lab,
        RefreshPreferences {
            warmup: secs(300),
            ..preferences(50, 100)
        },
    );
    assert_eq!(progress(&lab), (RefreshStatus::Pending, 0, 2));
    lab.run_to(at(20));
    assert_eq!(progress(&lab), (RefreshStatus::InProgress, 0, 2));
    let first = lab.cloud().instances[2].id.clone();
    let in_service = when(&lab, 2, S::InService);
    assert_eq!(in_service, None);
    lab.run_to(at(300));
    let in_service = when(&lab, 2, S::InService).unwrap();
    assert_eq!(in_service, at(42), "2 s to launch and 30 s to boot");
    assert_eq!(
        refresh(&lab).reason.as_deref(),
        Some(
            format!(
                "Waiting for instances to warm up before continuing. For example: {first} is \
                 warming up."
            )
            .as_str()
        )
    );
    lab.run_to(at(341));
    assert_eq!(progress(&lab), (RefreshStatus::InProgress, 0, 2));
    assert_eq!(when(&lab, 1, S::Terminating), None);
    lab.run_to(at(343));
    assert_eq!(progress(&lab), (RefreshStatus::InProgress, 50, 1));
    assert_eq!(when(&lab, 1, S::Terminating), Some(at(342)));
    lab.run_to(at(1_000));
    assert_eq!(progress(&lab), (RefreshStatus::Successful, 100, 0));
    assert_eq!(refresh(&lab).end, Some(at(342 + 32 + 300)));
}

/// The words of both activities. R-ASG-7
#[test]
fn activities_name_the_refresh() {
    let mut lab = fleet(1).lab();
    start(&mut lab, preferences(90, 100));
    lab.run_to(at(100));
    let id = lab.cloud().instances[0].id.clone();
    let causes: Vec<&str> = lab
        .cloud()
        .activities
        .iter()
        .map(|(_, _, activity)| activity.cause.as_str())
        .collect();
    assert_eq!(
        causes,
        [
            format!(
                "At 2026-01-01T00:00:10Z an instance was taken out of service in response to an \
                 instance refresh.  At 2026-01-01T00:00:10Z instance {id} was selected for \
                 termination."
            )
            .as_str(),
            "At 2026-01-01T00:00:12Z an instance was launched in response to an instance refresh.",
        ]
    );
}

/// The zone where most remain comes first, there who was launched first; who already has the
/// template stays if that is asked. R-REFRESH-3
#[test]
fn the_fullest_zone_comes_first() {
    let mut lab = fleet(3).zones(2).lab();
    start(&mut lab, preferences(67, 100));
    lab.run_to(at(1_000));
    // zone a has members 0 and 2, zone b has 1
    let order: Vec<Option<SimTime>> = [0, 1, 2]
        .into_iter()
        .map(|id| when(&lab, id, S::Terminating))
        .collect();
    assert!(order[0] < order[1] && order[1] < order[2], "{order:?}");
    let mut lab = fleet(3).lab();
    let skips = RefreshPreferences {
        skip_matching: true,
        ..preferences(90, 100)
    };
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.start_refresh(cx, ASG, skips.clone(), Some(LaunchTemplateId(0))));
    lab.run_to(at(20));
    assert_eq!(progress(&lab), (RefreshStatus::Successful, 100, 0));
    assert!(lab.cloud().activities.is_empty(), "nobody was replaced");
}

/// It pauses when a checkpoint is reached, once for those reached together, and goes no further
/// than the last. R-REFRESH-4
#[test]
fn checkpoints_pause_a_refresh() {
    let mut lab = fleet(4).lab();
    start(
        &mut lab,
        RefreshPreferences {
            checkpoints: vec![5, 20, 50, 100],
            checkpoint_delay: secs(600),
            ..preferences(0, 100)
        },
    );
    // one of four is more than 20 % already: 32 s to its service, and some to its health
    lab.run_to(at(200));
    assert_eq!(progress(&lab), (RefreshStatus::InProgress, 25, 3));
    lab.run_to(at(610));
    assert_eq!(templates(&lab), (3, 1));
    lab.run_to(at(1_000));
    assert_eq!(progress(&lab), (RefreshStatus::InProgress, 50, 2));
    lab.run_to(at(1_250));
    assert_eq!(templates(&lab), (2, 2));
    lab.run_to(at(2_000));
    assert_eq!(progress(&lab), (RefreshStatus::Successful, 100, 0));
    // a last checkpoint below 100 ends it there
    let mut lab = fleet(4).lab();
    start(
        &mut lab,
        RefreshPreferences {
            checkpoints: vec![50],
            checkpoint_delay: secs(100),
            bake: secs(200),
            ..preferences(50, 100)
        },
    );
    lab.run_to(at(250));
    assert_eq!(progress(&lab), (RefreshStatus::Baking, 50, 2));
    lab.run_to(at(600));
    assert_eq!(progress(&lab), (RefreshStatus::Successful, 50, 2));
    assert_eq!(templates(&lab), (2, 2));
}

/// What is launched while it goes on has the desired template, and so has the group once it has
/// succeeded, not earlier. R-REFRESH-5
#[test]
fn the_template_is_the_desired_one() {
    let mut lab = fleet(2).lab();
    start(&mut lab, preferences(50, 100));
    lab.run_to(at(11));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 3));
    lab.run_to(at(50));
    assert_eq!(templates(&lab), (1, 2), "a scale-out launches it, too");
    assert_eq!(lab.cloud().groups[0].launch_template, LaunchTemplateId(0));
    lab.run_to(at(1_000));
    assert_eq!(refresh(&lab).status, RefreshStatus::Successful);
    assert_eq!(lab.cloud().groups[0].launch_template, NEXT);
    assert_eq!(templates(&lab), (0, 3));
}

/// Cancelled, it waits for what is under way and leaves the rest as it is. R-REFRESH-6
#[test]
fn a_cancelled_refresh_leaves_things_as_they_are() {
    for (waits, first) in [
        (true, RefreshStatus::Cancelling),
        (false, RefreshStatus::Cancelled),
    ] {
        let mut lab = fleet(4).lab();
        let id = start(&mut lab, preferences(75, 100));
        lab.run_to(at(20));
        lab.call(|cloud, cx| cloud.cancel_refresh(cx, id, waits));
        assert_eq!(refresh(&lab).status, first);
        lab.run_to(at(1_000));
        assert_eq!(refresh(&lab).status, RefreshStatus::Cancelled);
        assert_eq!(templates(&lab).0, 3);
        assert_eq!(lab.cloud().groups[0].launch_template, LaunchTemplateId(0));
        assert!(lab.cloud().is_settled());
    }
}

/// Rolled back, what was replaced is replaced again by what the group launched before, at the
/// same pace; the percentage goes back to zero. R-REFRESH-6
#[test]
fn a_rollback_returns_to_the_previous_template() {
    for (min, max, fewest) in [(50, 100, 2), (100, 200, 4)] {
        let mut lab = fleet(4).lab();
        let checkpoints = RefreshPreferences {
            checkpoints: vec![50, 100],
            ..preferences(min, max)
        };
        let id = start(&mut lab, checkpoints);
        lab.run_to(at(400));
        assert_eq!(progress(&lab), (RefreshStatus::InProgress, 50, 2));
        lab.call(|cloud, cx| cloud.roll_refresh_back(cx, id, "asked".to_owned()));
        assert_eq!(refresh(&lab).status, RefreshStatus::RollbackInProgress);
        lab.run_to(at(1_000));
        assert_eq!(progress(&lab), (RefreshStatus::RollbackSuccessful, 0, 2));
        assert_eq!(templates(&lab), (4, 0));
        assert_eq!(extremes(&lab).0, fewest);
        for untouched in [2, 3] {
            assert_eq!(when(&lab, untouched, S::Terminating), None);
        }
        let rollback = refresh(&lab).rollback.clone().unwrap();
        assert_eq!((rollback.percentage, rollback.to_update), (50, 2));
    }
    // in the middle of launching first: nobody has gone, and what was launched goes
    let mut lab = fleet(4).lab();
    let id = start(&mut lab, preferences(100, 200));
    lab.run_to(at(20));
    assert_eq!(templates(&lab), (4, 4));
    lab.call(|cloud, cx| cloud.roll_refresh_back(cx, id, "asked".to_owned()));
    assert_eq!(templates(&lab), (4, 0));
    lab.run_to(at(300));
    assert_eq!(progress(&lab).0, RefreshStatus::RollbackSuccessful);
    assert!(lab.cloud().is_settled());
}

/// Replacements that never pass their checks make it fail after an hour, or be rolled back if
/// that was asked. R-REFRESH-7
#[test]
fn a_refresh_gives_up_after_an_hour() {
    for (auto_rollback, expected) in [
        (false, RefreshStatus::Failed),
        (true, RefreshStatus::RollbackSuccessful),
    ] {
        let mut lab = fleet(2)
            .with(|fleet| {
                // its process never answers
                fleet.launch_templates[1].ready = constant(secs(1_000_000));
                fleet.groups[0].health_check_grace_period = secs(1_000_000);
            })
            .lab();
        start(
            &mut lab,
            RefreshPreferences {
                auto_rollback,
                ..preferences(50, 100)
            },
        );
        // the drain of who was replaced is over within 60 s
        lab.run_to(at(3_600));
        assert_eq!(refresh(&lab).status, RefreshStatus::InProgress);
        assert_eq!(when(&lab, 1, S::Terminating), None);
        lab.run_to(at(4_500));
        assert_eq!(refresh(&lab).status, expected);
        if auto_rollback {
            assert_eq!(templates(&lab), (2, 0));
        }
    }
}

/// Members that are protected or on standby are replaced, left alone, or waited for an hour.
/// R-REFRESH-7
#[test]
fn some_members_stand_in_the_way() {
    for (obstacle, status, left) in [
        (Obstacle::Replace, RefreshStatus::Successful, 0),
        (Obstacle::Ignore, RefreshStatus::Successful, 1),
        (Obstacle::Wait, RefreshStatus::Failed, 1),
    ] {
        let chosen = RefreshPreferences {
            protected: obstacle,
            standby: obstacle,
            ..preferences(50, 100)
        };
        let mut lab = fleet(2).lab();
        lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0)], true));
        start(&mut lab, chosen.clone());
        lab.run_to(at(5_000));
        assert_eq!(refresh(&lab).status, status, "protected, {obstacle:?}");
        assert_eq!(templates(&lab).0, left, "protected, {obstacle:?}");
        let mut lab = fleet(3).lab();
        lab.call(|cloud, cx| {
            cloud.announce_standby(cx, ASG, &[InstanceId(0)], true);
            cloud.begin_standby(cx, ASG, &[InstanceId(0)]);
        });
        lab.run_to(at(60));
        lab.call(|cloud, cx| cloud.start_refresh(cx, ASG, chosen, Some(NEXT)));
        lab.run_to(at(5_000));
        assert_eq!(refresh(&lab).status, status, "standby, {obstacle:?}");
        let standby = lab.cloud().groups[0].counts.standby;
        assert_eq!(standby as usize, left, "standby, {obstacle:?}");
    }
    // one that is no longer protected goes on
    let mut lab = fleet(1).lab();
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0)], true));
    start(&mut lab, preferences(90, 100));
    lab.run_to(at(3_000));
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0)], false));
    lab.run_to(at(3_200));
    assert_eq!(refresh(&lab).status, RefreshStatus::Successful);
}

/// A suspended process makes it rest, for as long as it takes. R-PROC-1
#[test]
fn a_suspended_process_makes_a_refresh_rest() {
    for process in [
        ScalingProcess::InstanceRefresh,
        ScalingProcess::Launch,
        ScalingProcess::Terminate,
    ] {
        let mut lab = fleet(2).lab();
        lab.call(|cloud, _| cloud.suspend_processes(ASG, &[process]));
        start(&mut lab, preferences(50, 100));
        lab.run_to(at(10_000));
        assert_eq!(templates(&lab), (2, 0), "{process:?}");
        lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[process]));
        lab.run_to(at(11_000));
        assert_eq!(progress(&lab), (RefreshStatus::Successful, 100, 0));
    }
}

/// Members that leave meanwhile are no business of it: detached, scaled in, found unhealthy, or
/// with the whole group. R-REFRESH-3
#[test]
fn members_that_vanish_are_skipped() {
    let mut lab = fleet(4).lab();
    start(&mut lab, preferences(75, 100));
    lab.run_to(at(11));
    lab.detach(ASG, &[InstanceId(1)], false);
    lab.call(|cloud, cx| {
        cloud.set_member_health(cx, InstanceId(2), false, false);
        cloud.set_desired_capacity(cx, ASG, 3);
    });
    lab.run_to(at(2_000));
    assert_eq!(progress(&lab), (RefreshStatus::Successful, 100, 0));
    assert_eq!(templates(&lab), (0, 3));
    let mut lab = fleet(4).lab();
    start(&mut lab, preferences(100, 200));
    lab.run_to(at(20));
    lab.call(|cloud, cx| cloud.delete_group(cx, ASG));
    lab.run_to(at(200));
    assert_eq!(refresh(&lab).status, RefreshStatus::Cancelled);
    assert!(lab.cloud().is_settled());
}

/// Cancelled before what it launches first is launched, it launches and terminates nobody; cancelled
/// later, those go who have a replacement under way, whether it is waited for or not. R-REFRESH-6
#[test]
fn a_refresh_cancelled_before_its_launches_makes_none() {
    for waits in [true, false] {
        let mut lab = fleet(4).lab();
        let id = start(&mut lab, preferences(100, 200));
        lab.run_to(at(11));
        assert_eq!(lab.cloud().groups[0].wanted(), 8, "launches are due");
        lab.call(|cloud, cx| cloud.cancel_refresh(cx, id, waits));
        assert_eq!(lab.cloud().groups[0].wanted(), 4, "{waits}");
        lab.run_to(at(1_000));
        assert_eq!(refresh(&lab).status, RefreshStatus::Cancelled);
        assert_eq!(lab.cloud().instances.len(), 4, "{waits}");
        assert_eq!(templates(&lab), (4, 0), "{waits}");
        assert!(lab.cloud().activities.is_empty(), "{waits}");
        assert!(lab.cloud().is_settled());

        let mut lab = fleet(4).lab();
        let id = start(&mut lab, preferences(100, 200));
        lab.run_to(at(20));
        lab.call(|cloud, cx| cloud.cancel_refresh(cx, id, waits));
        assert_eq!(templates(&lab), (4, 4), "{waits}");
        lab.run_to(at(1_000));
        assert_eq!(refresh(&lab).status, RefreshStatus::Cancelled);
        assert_eq!((templates(&lab), extremes(&lab)), ((0, 4), (4, 8)));
        assert!(lab.cloud().is_settled());
    }
}

/// Behind the last checkpoint nothing is waited for but the bake time, be it 100 or less.
/// R-REFRESH-4
#[test]
fn the_last_checkpoint_does_not_pause() {
    for (checkpoints, percentage) in [(vec![50], 50), (vec![25, 50], 50), (vec![100], 100)] {
        for bake in [0, 200] {
            // one that has another behind it does
            let pauses = if checkpoints.len() > 1 { 3_600 } else { 0 };
            let mut lab = fleet(4).lab();
            start(
                &mut lab,
                RefreshPreferences {
                    checkpoints: checkpoints.clone(),
                    bake: secs(bake),
                    ..preferences(50, 100)
                },
            );
            let mut bakes_at = None;
            lab.step_to(at(5_000), |lab| {
                if refresh(lab).percentage == percentage && bakes_at.is_none() {
                    bakes_at = Some(lab.now());
                }
            });
            let end = bakes_at.unwrap() + secs(bake);
            let left = 4 - 4 * percentage / 100;
            assert_eq!(
                progress(&lab),
                (RefreshStatus::Successful, percentage, left)
            );
            assert_eq!(refresh(&lab).end, Some(end), "{checkpoints:?} {bake}");
            assert!(at(pauses) < end && end < at(pauses + 1_000), "{end}");
        }
    }
}
