//! Replacements launched first: when those they stand in for go, whatever else happens meanwhile.

use drainsim::model::group_admin::Sizes;
use drainsim::model::ids::InstanceId;
use drainsim::model::lifecycle::LifecycleState as S;
use drainsim::model::maintenance::MaintenancePolicy;
use drainsim::model::scaling_process::ScalingProcess;
use drainsim::model::termination_policy::TerminationPolicy;

use crate::fleet::{ASG, Fleet, Lab, at, constant, secs, when};

/// Four members in `zones` zones, of which two may be replaced at once.
fn fleet(zones: u32) -> Fleet {
    let fleet = Fleet::aws().delay(30).zones(zones).group(0, 4, 10);
    fleet.with(|fleet| {
        fleet.assumptions.ec2_terminate = constant(secs(20));
        fleet.groups[0].rules.maintenance = Some(MaintenancePolicy {
            min_healthy: 100,
            max_healthy: 150,
        });
    })
}

/// Marks members as unhealthy.
fn mark(lab: &mut Lab, ids: &[u32]) {
    for &id in ids {
        lab.call(|cloud, cx| cloud.set_member_health(cx, InstanceId(id), false, true));
    }
}

fn in_service(lab: &Lab) -> Vec<u32> {
    let members = lab.cloud().groups[0].members.iter();
    let serving = members.filter(|id| lab.cloud().instances[id.index()].lifecycle == S::InService);
    serving.map(|id| id.0).collect()
}

/// A newcomer that fails is replaced itself, and who it was to stand in for still goes. R-ASG-16
#[test]
fn a_newcomer_that_fails_holds_nobody_up() {
    let mut lab = fleet(1).lab();
    lab.run_to(at(10));
    mark(&mut lab, &[0]);
    lab.run_to(at(50));
    assert!(when(&lab, 4, S::InService).is_some());
    lab.call(|cloud, cx| cloud.kill_process(cx, InstanceId(4)));
    lab.run_to(at(600));
    assert!(when(&lab, 4, S::Terminating).unwrap() < when(&lab, 0, S::Terminating).unwrap());
    assert_eq!(in_service(&lab), [1, 2, 3, 5]);
    assert!(lab.cloud().is_settled());
}

/// A scale-in spares who waits for a replacement, and takes no more than it must. R-ASG-8
#[test]
fn a_scale_in_meanwhile_leaves_the_right_number() {
    let mut lab = fleet(1).lab();
    lab.run_to(at(10));
    mark(&mut lab, &[0, 1, 2, 3]);
    lab.run_to(at(15));
    lab.call(|cloud, cx| cloud.set_desired_capacity(cx, ASG, 2));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!(counts.in_service, 4, "no newcomer serves yet");
    lab.run_to(at(600));
    let counts = lab.cloud().groups[0].counts;
    assert_eq!((counts.in_service, counts.serving), (2, 2));
    assert!((0..4).all(|id| when(&lab, id, S::Terminating).is_some()));
    assert!(lab.cloud().is_settled());
}

/// Zones are evened out one move after another, though each newcomer must be healthy first; while
/// nobody may be terminated no more are launched than even them out. R-ASG-14, R-PROC-2
#[test]
fn zones_are_evened_out_to_the_end() {
    for suspended in [false, true] {
        let mut lab = fleet(2).with(|fleet| fleet.groups[0].max_size = 100).lab();
        lab.run_to(at(10));
        lab.call(|cloud, cx| {
            if suspended {
                cloud.suspend_processes(ASG, &[ScalingProcess::Terminate]);
            }
            // as if its zones had been others before
            cloud.groups[0].zones.swap_remove(0);
            cloud.set_desired_capacity(cx, ASG, 4);
        });
        lab.run_to(at(2_000));
        assert!(lab.cloud().is_settled(), "{suspended}");
        if suspended {
            let counts = lab.cloud().groups[0].counts;
            assert_eq!(counts.in_service, 6, "two were in the zone it has left");
            lab.call(|cloud, cx| cloud.resume_processes(cx, ASG, &[ScalingProcess::Terminate]));
            lab.run_to(at(3_000));
        }
        assert_eq!(in_service(&lab), [1, 3, 4, 5], "{suspended}");
        assert!(lab.cloud().is_settled());
    }
}

/// Whatever makes enough of those who stand in lets the others go: a lower capacity, other health
/// checks, a source less. R-ASG-16
#[test]
fn whatever_suffices_lets_them_go() {
    for way in 0..3 {
        let mut lab = fleet(1)
            .with(|fleet| {
                fleet.launch_templates[0].ready = constant(secs(5_000));
                fleet.groups[0].rules.termination_policies =
                    vec![TerminationPolicy::NewestInstance];
            })
            .lab();
        lab.run_to(at(10));
        mark(&mut lab, &[0]);
        lab.run_to(at(200));
        assert_eq!(
            in_service(&lab).len(),
            5,
            "the newcomer passes no check yet"
        );
        lab.call(|cloud, cx| match way {
            0 => cloud.set_desired_capacity(cx, ASG, 3),
            1 => cloud.detach_sources(cx, ASG, &[0]),
            _ => {
                cloud.groups[0].elb_health_check = false;
                let (min, max, desired) = (0, 10, 4);
                cloud.update_group(cx, ASG, Sizes { min, max, desired });
            }
        });
        lab.run_to(at(300));
        assert!(when(&lab, 0, S::Terminating).is_some(), "{way}");
    }
}

/// No more are launched first than the policy has room for, here two. R-ASG-16
#[test]
fn the_policy_limits_how_many_are_launched_first() {
    let mut lab = fleet(1).lab();
    lab.run_to(at(10));
    lab.call(|cloud, cx| (0..4).for_each(|id| cloud.kill_process(cx, InstanceId(id))));
    let mut most = 0;
    lab.step_to(at(1_000), |lab| {
        let counts = lab.cloud().groups[0].counts;
        most = most.max(counts.in_service + counts.pending);
    });
    assert_eq!(most, 6);
    assert_eq!(in_service(&lab), [4, 5, 6, 7]);
}
