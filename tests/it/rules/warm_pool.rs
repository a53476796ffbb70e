//! Warm pools: how they are filled, drawn from, given back to and emptied.

use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::model::activity::{Activity, StatusCode};
use drainsim::model::group_admin::Sizes;
use drainsim::model::hook::{ActionResult, Hook, Transition};
use drainsim::model::ids::{EntryId, InstanceId, LaunchTemplateId, LifecycleActionId, ZoneId};
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::machine::{MachineState, ProcessState};
use drainsim::model::scaling_process::ScalingProcess;
use drainsim::model::warm_pool::{PoolState, WarmPool};
use proptest::prelude::*;

use super::refresh::preferences;
use crate::fleet::{ASG, Fleet, Lab, at, constant, history, secs};
use crate::properties::cases;

const POOL: WarmPool = WarmPool {
    most_prepared: None,
    min_size: 0,
    state: PoolState::Stopped,
    reuse_on_scale_in: false,
};

const REUSING: WarmPool = WarmPool {
    reuse_on_scale_in: true,
    ..POOL
};

fn kept(state: PoolState) -> WarmPool {
    WarmPool { state, ..POOL }
}

fn hook(transition: Transition) -> Hook {
    Hook {
        id: String::new(),
        name: format!("{transition:?}"),
        transition,
        heartbeat: secs(600),
        default_result: ActionResult::Abandon,
        notification_target: None,
        role: None,
        metadata: None,
    }
}

/// A group of two, four at most. A machine boots in 30 s, is ready 10 s later, stops and goes in
/// 20 s; launches begin 2 s after they are due, and drains take 30 s.
fn fleet() -> Fleet {
    Fleet::aws().delay(30).group(1, 2, 4).with(|fleet| {
        fleet.assumptions.ec2_stop = constant(secs(20));
        fleet.assumptions.ec2_terminate = constant(secs(20));
        fleet.assumptions.replacement_launch_delay = constant(secs(2));
    })
}

/// The same with a pool that stands filled, and hooks: members 0 and 1, in the pool 2 and 3.
fn standing(pool: WarmPool, hooks: &[Transition]) -> Lab {
    let hooks: Vec<Hook> = hooks.iter().copied().map(hook).collect();
    let with = fleet().with(|fleet| {
        fleet.groups[0].rules.warm_pool = Some(pool);
        fleet.groups[0].hooks = hooks;
    });
    with.lab()
}

/// The same with a pool that is put at 10 s.
fn put(pool: WarmPool, hooks: &[Transition]) -> Lab {
    let hooks: Vec<Hook> = hooks.iter().copied().map(hook).collect();
    let mut lab = fleet().with(|fleet| fleet.groups[0].hooks = hooks).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.put_warm_pool(cx, ASG, pool));
    lab
}

fn scale_to(lab: &mut Lab, desired: u32) {
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, desired));
}

fn complete(lab: &mut Lab, action: u32, result: ActionResult) {
    lab.call(|cloud, cx| cloud.complete_action(cx, LifecycleActionId(action), result));
}

fn warmed(lab: &Lab) -> u32 {
    lab.cloud().groups[0].counts.warmed
}

fn state(lab: &Lab, id: usize) -> S {
    lab.cloud().instances[id].lifecycle
}

/// The first activity whose description begins so.
fn activity<'a>(lab: &'a Lab, description: &str) -> &'a Activity {
    let mut activities = lab.cloud().activities.iter();
    let found = activities.find(|(_, _, activity)| activity.description.starts_with(description));
    let found = found.unwrap_or_else(|| panic!("{description}"));
    &found.2
}

/// The examples of the user guide, and those about a prepared capacity below the desired one.
/// R-WARM-1
#[test]
fn a_pool_has_room_for_what_the_group_may_grow_by() {
    let sizes = [
        // (prepared, min, max, desired) -> size
        (None, 0, 10, 6, 4),
        (Some(8), 0, 10, 6, 2),
        (Some(900), 0, 1_500, 800, 100),
        (Some(900), 25, 1_500, 890, 25),
        (Some(10), 10, 20, 15, 10),
        (Some(5), 0, 10, 6, 0),
        (Some(5), 3, 10, 6, 3),
        (None, 4, 6, 6, 4),
    ];
    for (most_prepared, min_size, max, desired, size) in sizes {
        let pool = WarmPool {
            most_prepared,
            min_size,
            ..POOL
        };
        assert_eq!(pool.size(max, desired), size, "{pool:?} {max} {desired}");
    }
}

/// A pool is filled as late as a group is, and what it has too much of goes at once: first what is
/// still on its way in, then what came last. R-WARM-2
#[test]
fn a_pool_follows_the_sizes_of_its_group() {
    let mut lab = put(POOL, &[]);
    assert_eq!(warmed(&lab), 0);
    lab.run_to(at(13));
    assert_eq!(warmed(&lab), 2);
    let told = activity(&lab, "Launching a new EC2 instance into warm pool: i-");
    assert_eq!(
        told.cause,
        "At 2026-01-01T00:00:12Z an instance was started in response to a difference between \
         desired and actual warm pool capacity, increasing the capacity from 0 to 1."
    );
    assert_eq!((told.status, told.progress), (StatusCode::PreInService, 30));
    let sizes = |max| Sizes {
        min: 1,
        max,
        desired: 2,
    };
    lab.run_to(at(100));
    lab.call(|cloud, cx| cloud.update_group(cx, ASG, sizes(5)));
    lab.run_to(at(110));
    assert_eq!(
        (state(&lab, 3), state(&lab, 4)),
        (S::WarmedStopped, S::WarmedPending)
    );
    lab.call(|cloud, cx| cloud.update_group(cx, ASG, sizes(3)));
    assert_eq!(state(&lab, 2), S::WarmedStopped);
    assert_eq!(
        (state(&lab, 3), state(&lab, 4)),
        (S::WarmedTerminating, S::WarmedTerminating)
    );
    let told = activity(&lab, "Terminating EC2 instance: i-");
    assert!(
        told.cause
            .contains("shrinking the capacity from 3 to 2.  At ")
    );
    lab.run_to(at(140));
    assert_eq!(warmed(&lab), 1);
    assert_eq!(state(&lab, 3), S::WarmedTerminated);
    assert!(lab.cloud().is_settled());
}

/// A suspended process is not carried out for the pool either. R-WARM-2
#[test]
fn suspended_processes_leave_a_pool_alone() {
    let mut lab = put(POOL, &[]);
    lab.call(|cloud, _| cloud.suspend_processes(ASG, &[ScalingProcess::Launch]));
    lab.run_to(at(60));
    assert_eq!(warmed(&lab), 0);
    assert!(lab.cloud().is_settled());
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Launch]));
    lab.run_to(at(200));
    assert_eq!(warmed(&lab), 2);
    lab.call(|cloud, _| cloud.suspend_processes(ASG, &[ScalingProcess::Terminate]));
    let small = WarmPool {
        most_prepared: Some(2),
        ..POOL
    };
    lab.call(|cloud, cx| cloud.put_warm_pool(cx, ASG, small));
    lab.run_to(at(300));
    assert_eq!(warmed(&lab), 2);
    lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Terminate]));
    lab.run_to(at(400));
    assert_eq!(warmed(&lab), 0);
}

/// A launch for which there is no machine is an activity that has failed, and the pool tries again.
/// R-WARM-2
#[test]
fn a_pool_that_cannot_be_filled_tries_again() {
    let mut lab = fleet().lab();
    lab.kernel.world.most_machines = 3;
    lab.call(|cloud, cx| cloud.put_warm_pool(cx, ASG, POOL));
    lab.run_to(at(30));
    assert_eq!(warmed(&lab), 1);
    let launches = lab.cloud().activities.iter();
    let told: Vec<StatusCode> = launches.map(|(_, _, activity)| activity.status).collect();
    assert_eq!(told[0], StatusCode::PreInService, "the first was launched");
    assert!(told.len() > 1 && told[1..].iter().all(|status| *status == StatusCode::Failed));
    lab.kernel.world.most_machines = 4;
    lab.run_to(at(70));
    assert_eq!(warmed(&lab), 2);
}

/// What is launched into a pool boots and is stopped, left running or hibernated; nothing waits
/// for its process. R-WARM-3
#[test]
fn an_instance_is_prepared_and_kept_as_the_pool_says() {
    for (pool, rests, second, machine, process) in [
        (
            PoolState::Stopped,
            S::WarmedStopped,
            62,
            MachineState::Stopped,
            ProcessState::Gone,
        ),
        (
            PoolState::Running,
            S::WarmedRunning,
            42,
            MachineState::Running,
            ProcessState::Serving,
        ),
        (
            PoolState::Hibernated,
            S::WarmedHibernated,
            62,
            MachineState::Stopped,
            ProcessState::Gone,
        ),
    ] {
        let mut lab = put(kept(pool), &[]);
        lab.run_to(at(100));
        assert_eq!(history(&lab, 2), [(rests, second)]);
        let cloud = lab.cloud();
        assert_eq!(cloud.instances[2].state, machine);
        assert_eq!(cloud.process_state(InstanceId(2)), process);
        assert!(cloud.instances[2].registrations.is_empty());
        let told = activity(&lab, "Launching a new EC2 instance into warm pool: i-");
        assert_eq!(told.status, StatusCode::Successful);
        assert!(cloud.is_settled());
    }
}

/// Launch hooks run on the way in, before it is stopped; one that is abandoned is replaced in the
/// pool. R-WARM-3
#[test]
fn launch_hooks_run_on_the_way_in() {
    let mut lab = put(POOL, &[Transition::Launching]);
    lab.run_to(at(60));
    assert_eq!(lab.cloud().instances[2].state, MachineState::Running);
    assert!(!lab.cloud().is_settled());
    complete(&mut lab, 0, ActionResult::Continue);
    complete(&mut lab, 1, ActionResult::Abandon);
    lab.run_to(at(120));
    assert_eq!(
        history(&lab, 2),
        [
            (S::WarmedPendingWait, 42),
            (S::WarmedPendingProceed, 60),
            (S::WarmedStopped, 80),
        ]
    );
    assert_eq!(
        history(&lab, 3),
        [
            (S::WarmedPendingWait, 42),
            (S::WarmedTerminating, 60),
            (S::WarmedTerminated, 80),
        ]
    );
    assert_eq!(history(&lab, 4), [(S::WarmedPendingWait, 92)]);
}

/// A group that lacks instances draws them from its pool, where they go through the launch hooks
/// again, and the pool is filled again as far as it is wanted. R-WARM-4
#[test]
fn a_scale_out_draws_from_the_pool() {
    let mut lab = standing(POOL, &[Transition::Launching]);
    lab.run_to(at(10));
    scale_to(&mut lab, 3);
    assert_eq!(warmed(&lab), 2, "what will be drawn is not too much");
    lab.run_to(at(40));
    let name = lab.cloud().instances[2].id.clone();
    let told = activity(&lab, "Launching a new EC2 instance");
    assert_eq!(
        told.description,
        format!("Launching a new EC2 instance from warm pool: {name}")
    );
    assert_eq!(
        told.cause,
        "At 2026-01-01T00:00:12Z an instance was started in response to a difference between \
         desired and actual capacity, increasing the capacity from 2 to 3."
    );
    complete(&mut lab, 0, ActionResult::Continue);
    lab.run_to(at(300));
    assert_eq!(
        history(&lab, 2),
        [
            (S::Pending, 12),
            (S::PendingWait, 32),
            (S::PendingProceed, 40),
            (S::InService, 40),
        ]
    );
    // four at most, three wanted
    assert_eq!((warmed(&lab), lab.cloud().instances.len()), (1, 4));
}

/// Whoever is detached without a decrement is replaced from the pool, which is filled again.
/// R-WARM-4
#[test]
fn a_replacement_is_drawn_and_the_pool_filled() {
    let mut lab = standing(POOL, &[]);
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(0)], false);
    lab.run_to(at(200));
    assert_eq!(history(&lab, 2), [(S::Pending, 12), (S::InService, 32)]);
    assert_eq!(history(&lab, 4), [(S::WarmedStopped, 62)]);
    assert_eq!(warmed(&lab), 2);
    // what the entry did is the entry's doing
    for (_, cause, activity) in &lab.cloud().activities {
        assert_eq!(*cause, Some(EntryId(0)), "{activity:?}");
    }
    assert_eq!(lab.cloud().instances[2].launched_by, Some(EntryId(0)));
    assert_eq!(lab.cloud().instances[4].launched_by, Some(EntryId(0)));
}

/// Without an instance that is ready the group launches a new one. R-WARM-4
#[test]
fn a_pool_that_is_not_ready_means_a_cold_start() {
    let mut lab = put(POOL, &[]);
    lab.run_to(at(20));
    scale_to(&mut lab, 3);
    lab.run_to(at(300));
    assert_eq!(history(&lab, 4), [(S::InService, 52)]);
    // of two on their way in one was too many then
    assert_eq!(warmed(&lab), 1);
}

/// Drawn is whoever stands where the group has the fewest, launched first. R-WARM-4
#[test]
fn the_emptiest_zone_is_drawn_for() {
    let mut lab = fleet()
        .zones(2)
        .with(|fleet| {
            fleet.groups[0].zones = vec![ZoneId(0), ZoneId(1)];
            fleet.groups[0].rules.warm_pool = Some(POOL);
        })
        .lab();
    // members 0 and 2 stand in the first zone, 1 and 3 in the second
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(1)], false);
    lab.run_to(at(50));
    assert_eq!(state(&lab, 3), S::InService);
    assert_eq!(state(&lab, 2), S::WarmedStopped);
}

/// What evens zones out is not drawn from a full zone: otherwise it would go on for ever. R-WARM-4
#[test]
fn zones_are_not_evened_out_from_a_full_zone() {
    let one = WarmPool {
        most_prepared: Some(5),
        ..POOL
    };
    let mut lab = fleet()
        .zones(2)
        .with(|fleet| {
            fleet.groups[0].zones = vec![ZoneId(0), ZoneId(1)];
            (fleet.groups[0].max_size, fleet.groups[0].desired_capacity) = (5, 4);
            fleet.groups[0].instance_ids = Vec::new();
            fleet.groups[0].rules.warm_pool = Some(one);
        })
        .lab();
    // the pool stands in the first zone, and so does what fills it
    lab.run_to(at(10));
    lab.detach(ASG, &[InstanceId(1)], false);
    lab.run_to(at(40));
    assert_eq!(state(&lab, 4), S::InService);
    lab.run_to(at(600));
    let cloud = lab.cloud();
    let in_second = cloud
        .instances
        .iter()
        .filter(|instance| instance.zone == ZoneId(1) && instance.lifecycle == S::InService);
    assert_eq!(in_second.count(), 2);
    assert_eq!(cloud.groups[0].counts.in_service, 4);
    assert_eq!(cloud.instances.len(), 7);
    assert!(cloud.is_settled());
}

/// When the first instance serves that a scale-out at 10 s brings.
fn serves_at(pool: Option<WarmPool>) -> SimTime {
    let with = fleet().with(|fleet| fleet.groups[0].rules.warm_pool = pool);
    let mut lab = with.lab();
    lab.run_to(at(10));
    scale_to(&mut lab, 3);
    let mut serves = None;
    lab.step_to(at(200), |lab| {
        let counts = lab.cloud().groups[0].counts;
        let running = (2..lab.cloud().instances.len()).any(|id| {
            state(lab, id) == S::InService
                && lab.cloud().process_state(InstanceId::from_index(id)) == ProcessState::Serving
        });
        if running && serves.is_none() {
            assert_eq!(counts.in_service, 3);
            serves = Some(lab.now());
        }
    });
    serves.expect("it serves")
}

/// A stopped instance starts sooner than a new one boots, a hibernated one is ready with it, and
/// a running one has nothing to wait for. R-WARM-5
#[test]
fn a_warm_start_is_sooner_than_a_cold_one() {
    assert_eq!(serves_at(None), at(12 + 30 + 10));
    assert_eq!(serves_at(Some(POOL)), at(12 + 20 + 10));
    assert_eq!(serves_at(Some(kept(PoolState::Hibernated))), at(12 + 10));
    assert_eq!(serves_at(Some(kept(PoolState::Running))), at(12));
}

/// What boots fast does not start more slowly from a pool. R-WARM-5
#[test]
fn a_warm_start_takes_no_longer_than_a_boot() {
    let mut lab = fleet()
        .machine(|template| template.boot = constant(secs(5)))
        .with(|fleet| fleet.groups[0].rules.warm_pool = Some(POOL))
        .lab();
    scale_to(&mut lab, 3);
    lab.run_to(at(30));
    assert_eq!(history(&lab, 2), [(S::Pending, 2), (S::InService, 7)]);
}

/// A process that was not ready when its machine hibernated is not ready when it wakes up.
/// R-WARM-5
#[test]
fn what_was_not_ready_does_not_wake_up_ready() {
    let mut lab = put(kept(PoolState::Hibernated), &[]);
    lab.run_to(at(100));
    scale_to(&mut lab, 3);
    lab.run_to(at(300));
    let joined = history(&lab, 2)[2];
    assert_eq!(joined, (S::InService, 102 + 20));
    let mut lab = put(kept(PoolState::Hibernated), &[Transition::Launching]);
    lab.run_to(at(60));
    complete(&mut lab, 0, ActionResult::Continue);
    lab.run_to(at(100));
    assert_eq!(state(&lab, 2), S::WarmedHibernated);
    scale_to(&mut lab, 3);
    lab.run_to(at(113));
    assert_eq!(history(&lab, 2)[4], (S::PendingWait, 112));
    assert_eq!(
        lab.cloud().process_state(InstanceId(2)),
        ProcessState::Serving
    );
}

/// An instance of a pool that somebody terminates is replaced there, and so is a running one that
/// somebody stops; a stopped one is as it is to be. R-WARM-6
#[test]
fn what_fails_in_a_pool_is_replaced() {
    for (pool, stops, replaced) in [
        (PoolState::Stopped, false, true),
        (PoolState::Running, false, true),
        (PoolState::Running, true, true),
        (PoolState::Stopped, true, false),
    ] {
        let mut lab = standing(kept(pool), &[]);
        lab.run_to(at(10));
        let id = InstanceId(2);
        lab.call(|cloud, cx| {
            if stops {
                cloud.stop_machine(cx, id, false);
            } else {
                cloud.terminate_machine(cx, id);
            }
        });
        lab.run_to(at(300));
        assert_eq!(warmed(&lab), 2);
        assert_eq!(state(&lab, 2) == S::WarmedTerminated, replaced);
        if replaced {
            assert_eq!(
                activity(&lab, "Terminating EC2 instance: i-")
                    .cause
                    .split(' ')
                    .skip(2)
                    .collect::<Vec<_>>()
                    .join(" "),
                "an instance was taken out of service in response to an EC2 health check \
                 indicating it has been terminated or stopped."
            );
        }
        assert!(lab.cloud().is_settled());
        let counts = lab.cloud().groups[0].counts;
        assert_eq!((counts.in_service, counts.serving), (2, 2));
    }
}

/// A call may mark an instance of a pool, whatever the grace period; who waits for lifecycle
/// actions is looked at when they are over. R-WARM-6
#[test]
fn a_mark_replaces_an_instance_of_a_pool() {
    let mut lab = put(POOL, &[Transition::Launching]);
    lab.run_to(at(60));
    lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(2), false, true));
    lab.run_to(at(200));
    assert_eq!(state(&lab, 2), S::WarmedPendingWait);
    complete(&mut lab, 0, ActionResult::Continue);
    lab.run_to(at(400));
    assert_eq!(state(&lab, 2), S::WarmedTerminated);
    let (state, second) = history(&lab, 2)[2];
    assert_eq!(state, S::WarmedStopped);
    assert_eq!(second, 220);
}

/// Terminated while it waits on its way in, it is found when its actions are over. R-WARM-6
#[test]
fn a_dead_instance_does_not_enter_a_pool() {
    let mut lab = put(POOL, &[Transition::Launching]);
    lab.run_to(at(60));
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(2)));
    lab.run_to(at(150));
    assert_eq!(state(&lab, 2), S::WarmedPendingWait);
    complete(&mut lab, 0, ActionResult::Continue);
    assert_eq!(state(&lab, 2), S::WarmedTerminated);
    lab.run_to(at(153));
    assert_eq!(warmed(&lab), 2, "another one is on its way");
}

/// Termination hooks run before an instance leaves a pool for good; the pool is shown until the
/// last one has. R-WARM-7
#[test]
fn a_pool_is_deleted_with_its_instances() {
    let mut lab = standing(POOL, &[Transition::Terminating]);
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.delete_warm_pool(cx, ASG, false));
    assert!(lab.cloud().groups[0].deletes_pool());
    lab.run_to(at(50));
    for action in [0, 1] {
        complete(&mut lab, action, ActionResult::Continue);
    }
    lab.run_to(at(69));
    assert!(lab.cloud().groups[0].rules.warm_pool.is_some());
    lab.run_to(at(70));
    let group = &lab.cloud().groups[0];
    assert_eq!((group.rules.warm_pool, group.deletes_pool()), (None, false));
    assert_eq!(
        history(&lab, 2),
        [
            (S::WarmedTerminating, 10),
            (S::WarmedTerminatingWait, 10),
            (S::WarmedTerminatingProceed, 50),
            (S::WarmedTerminated, 70),
        ]
    );
    let told = activity(&lab, "Terminating EC2 instance: i-");
    assert_eq!(told.status, StatusCode::Successful);
    assert!(
        told.cause
            .contains("in response to the deletion of its warm pool.")
    );
    assert_eq!(lab.cloud().groups[0].counts.in_service, 2);
}

/// By force nothing waits for hooks, neither those on their way in nor those that already wait on
/// their way out. R-WARM-7
#[test]
fn force_empties_a_pool_without_hooks() {
    let mut lab = put(POOL, &[Transition::Launching, Transition::Terminating]);
    lab.run_to(at(60));
    complete(&mut lab, 0, ActionResult::Continue);
    lab.run_to(at(100));
    let small = WarmPool {
        most_prepared: Some(3),
        ..POOL
    };
    lab.call(|cloud, cx| cloud.put_warm_pool(cx, ASG, small));
    assert_eq!(state(&lab, 3), S::WarmedTerminatingWait);
    lab.call(|cloud, cx| cloud.delete_warm_pool(cx, ASG, true));
    lab.run_to(at(120));
    for id in [2, 3] {
        assert_eq!(state(&lab, id), S::WarmedTerminated);
    }
    assert_eq!(lab.cloud().groups[0].rules.warm_pool, None);
    let actions = &lab.cloud().lifecycle_actions;
    assert!(actions.iter().all(|action| action.result.is_some()));
}

/// A group that is deleted takes its pool along. R-WARM-7
#[test]
fn a_deleted_group_takes_its_pool_along() {
    let mut lab = put(POOL, &[Transition::Launching]);
    lab.run_to(at(60));
    complete(&mut lab, 0, ActionResult::Continue);
    lab.call(|cloud, cx| cloud.delete_group(cx, ASG));
    lab.run_to(at(100));
    assert!(lab.cloud().groups[0].members.is_empty());
    for id in [2, 3] {
        assert_eq!(state(&lab, id), S::WarmedTerminated);
        assert_eq!(lab.cloud().instances[id].state, MachineState::Terminated);
    }
    assert!(lab.cloud().is_settled());
}

/// With reuse a scale-in drains its victim and puts it into the pool, where termination hooks run
/// before it is stopped; drawn again it is a member like any other. R-WARM-8
#[test]
fn a_scale_in_gives_back_to_the_pool() {
    let mut lab = standing(
        WarmPool {
            most_prepared: Some(2),
            ..REUSING
        },
        &[Transition::Terminating],
    );
    assert_eq!(warmed(&lab), 0);
    lab.run_to(at(10));
    scale_to(&mut lab, 1);
    lab.run_to(at(50));
    let victim = (0..2).find(|id| state(&lab, *id) != S::InService).unwrap();
    assert_eq!(state(&lab, victim), S::WarmedPendingWait);
    let shown = lab.cloud().instances[victim].registrations.iter();
    let shown = shown.filter(|id| lab.cloud().registrations[id.index()].is_shown());
    assert_eq!(shown.count(), 0);
    complete(&mut lab, 0, ActionResult::Continue);
    lab.run_to(at(100));
    let victim = u32::try_from(victim).unwrap();
    assert_eq!(
        history(&lab, victim),
        [
            (S::Terminating, 10),
            (S::WarmedPending, 40),
            (S::WarmedPendingWait, 40),
            (S::WarmedPendingProceed, 50),
            (S::WarmedStopped, 70),
        ]
    );
    let told = activity(&lab, "Returning EC2 instance to warm pool: i-");
    assert_eq!(told.status, StatusCode::Successful);
    assert_eq!(
        lab.cloud().instances.len(),
        2,
        "nothing was launched for it"
    );
    scale_to(&mut lab, 2);
    lab.run_to(at(200));
    assert_eq!(
        history(&lab, victim)[5..],
        [(S::Pending, 102), (S::InService, 122)]
    );
    assert_eq!(lab.cloud().groups[0].counts.serving, 2);
}

/// What a pool has no room for is terminated, and so is whom a call names. R-WARM-8
#[test]
fn only_a_scale_in_with_room_gives_back() {
    let absolute = WarmPool {
        most_prepared: Some(1),
        min_size: 1,
        ..REUSING
    };
    let mut lab = standing(absolute, &[]);
    lab.run_to(at(10));
    scale_to(&mut lab, 1);
    lab.run_to(at(200));
    assert_eq!((warmed(&lab), lab.cloud().instances.len()), (1, 3));
    assert_eq!(state(&lab, 2), S::WarmedStopped);
    let mut lab = standing(REUSING, &[]);
    lab.run_to(at(10));
    lab.call(|cloud, cx| cloud.terminate_by_user(cx, ASG, &[InstanceId(0)], true));
    lab.run_to(at(200));
    assert_eq!(state(&lab, 0), S::Terminated);
    assert_eq!(warmed(&lab), 3);
}

/// A pool that is smaller, gone or no longer takes anybody back when the victim has drained does
/// not get it. R-WARM-8
#[test]
fn a_pool_that_has_changed_takes_nobody_back() {
    for change in 0..3 {
        let mut lab = standing(REUSING, &[]);
        lab.run_to(at(10));
        scale_to(&mut lab, 1);
        lab.run_to(at(20));
        lab.call(|cloud, cx| match change {
            0 => cloud.delete_warm_pool(cx, ASG, false),
            1 => cloud.put_warm_pool(cx, ASG, POOL),
            _ => cloud.put_warm_pool(
                cx,
                ASG,
                WarmPool {
                    most_prepared: Some(1),
                    ..REUSING
                },
            ),
        });
        lab.run_to(at(300));
        let gone = (0..2).filter(|id| state(&lab, *id) == S::Terminated);
        assert_eq!(gone.count(), 1, "{change}");
        assert_eq!(warmed(&lab), [0, 3, 0][change]);
    }
}

/// An instance refresh leaves a pool alone, and draws from it what has the new template only.
/// R-WARM-4, R-WARM-9
#[test]
fn a_refresh_leaves_the_pool_alone() {
    let mut lab = fleet()
        .with(|fleet| {
            let mut newer = fleet.launch_templates[0].clone();
            "web-v2".clone_into(&mut newer.name);
            fleet.launch_templates.push(newer);
            fleet.groups[0].rules.warm_pool = Some(POOL);
        })
        .lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| {
        let newer = Some(LaunchTemplateId(1));
        cloud.start_refresh(cx, ASG, preferences(50, 100), newer);
    });
    lab.run_to(at(2_000));
    let cloud = lab.cloud();
    assert_eq!(cloud.groups[0].refresh, None);
    for instance in &cloud.instances {
        let newer = instance.launch_template == LaunchTemplateId(1);
        let state = instance.lifecycle;
        assert_eq!(state == S::InService, newer && state != S::Terminated);
        assert!(newer || matches!(state, S::Terminated | S::WarmedStopped));
    }
    assert_eq!(warmed(&lab), 2);
    // from now on the group draws what there is
    scale_to(&mut lab, 3);
    lab.run_to(at(2_100));
    assert_eq!(state(&lab, 2), S::InService);
}

/// What is left to the members: nothing in a pool counts, serves, has a target or is asked about
/// its checks. R-WARM-9
#[test]
fn a_pool_neither_counts_nor_serves() {
    let pool = kept(PoolState::Running);
    let with = fleet().with(|fleet| fleet.groups[0].rules.warm_pool = Some(pool));
    let requests: Vec<(u64, u64)> = (0..100).map(|n| (n * 1_000, 10)).collect();
    let mut lab = with.requests(&requests).lab();
    lab.step_to(at(110), |lab| {
        let counts = lab.cloud().groups[0].counts;
        assert_eq!(
            (
                counts.in_service,
                counts.serving,
                counts.pending,
                counts.warmed
            ),
            (2, 2, 0, 2)
        );
        assert!(lab.cloud().instances[2].registrations.is_empty());
    });
    assert!(lab.cloud().activities.is_empty());
    assert_eq!(lab.finish().measurements.requests.completed, 100);
}

/// Counts of a group at every second of a history of desired capacities, one every 200 s. When
/// all is over the pool is as large as it is to be, and nothing is under way.
fn evolution(pool: Option<WarmPool>, wanted: &[u32], zones: u32) -> Vec<(u32, u32)> {
    let mut lab = fleet()
        .zones(zones)
        .with(|fleet| {
            fleet.groups[0].zones = (0..zones).map(ZoneId).collect();
            fleet.groups[0].max_size = 8;
            fleet.groups[0].rules.warm_pool = pool;
        })
        .lab();
    let mut seen = Vec::new();
    for (step, &desired) in (0..).zip(wanted) {
        scale_to(&mut lab, desired);
        for second in 0..200 {
            lab.run_to(at(200 * step + second));
            let counts = lab.cloud().groups[0].counts;
            seen.push((counts.in_service, counts.in_service + counts.pending));
        }
    }
    lab.run_to(lab.now() + secs(3_000));
    let cloud = lab.cloud();
    assert!(cloud.is_settled());
    assert_eq!(warmed(&lab), cloud.groups[0].wanted_pool());
    let mut activities = cloud.activities.iter();
    assert!(activities.all(|(_, _, activity)| activity.status.is_over()));
    seen
}

proptest! {
    #![proptest_config(cases(40))]

    /// With a pool a group has as many instances as without at every moment, and never fewer in
    /// service. R-WARM-4, R-WARM-9
    #[test]
    fn a_pool_changes_how_soon_and_not_how_many(
        wanted in proptest::collection::vec(1_u32..=8, 1..5),
        kind in 0_usize..3,
        reuse in any::<bool>(),
        prepared in proptest::option::of(0_u32..10),
    ) {
        let state = [PoolState::Stopped, PoolState::Running, PoolState::Hibernated][kind];
        let pool = WarmPool {
            most_prepared: prepared,
            min_size: 0,
            state,
            reuse_on_scale_in: reuse,
        };
        let (with, without) = (evolution(Some(pool), &wanted, 1), evolution(None, &wanted, 1));
        for (place, (with, without)) in with.into_iter().zip(without).enumerate() {
            prop_assert_eq!(with.1, without.1, "at {}", place);
            prop_assert!(with.0 >= without.0, "at {}: {} of {}", place, with.0, without.0);
        }
        // of several zones any may be drawn from, and they are evened out afterwards
        evolution(Some(pool), &wanted, 3);
    }
}

/// A warm start that is set to take longer than a boot takes as long as the boot. R-WARM-5
#[test]
fn a_slow_warm_start_is_a_cold_one() {
    let slow = fleet().with(|fleet| {
        fleet.assumptions.warm_pool_start = constant(SimDuration::from_secs(3_600));
        fleet.groups[0].rules.warm_pool = Some(POOL);
    });
    let mut lab = slow.lab();
    lab.run_to(at(10));
    scale_to(&mut lab, 3);
    lab.run_to(at(100));
    assert_eq!(history(&lab, 2), [(S::Pending, 12), (S::InService, 42)]);
}

/// What fills a pool is blamed on the entry that left it short; what replaces a stopped instance
/// that somebody terminates, on that. R-WARM-6
#[test]
fn a_pool_knows_who_is_to_blame() {
    let mut lab = put(POOL, &[]);
    lab.run_to(at(11));
    lab.call(|cloud, cx| cloud.set_protection(cx, ASG, &[InstanceId(0)], true));
    lab.run_to(at(100));
    assert_eq!(state(&lab, 2), S::WarmedStopped);
    lab.call(|cloud, cx| cloud.terminate_machine(cx, InstanceId(2)));
    lab.run_to(at(300));
    assert_eq!(state(&lab, 4), S::WarmedStopped);
    let launched = &lab.cloud().instances[2..];
    let blamed: Vec<Option<EntryId>> = launched.iter().map(|new| new.launched_by).collect();
    assert_eq!(blamed, [0, 0, 2].map(|entry| Some(EntryId(entry))));
    let told: Vec<Option<EntryId>> = lab
        .cloud()
        .activities
        .iter()
        .map(|(_, entry, _)| *entry)
        .collect();
    // two launches, then a termination and a launch
    assert_eq!(told, [0, 0, 2, 2].map(|entry| Some(EntryId(entry))));
}
