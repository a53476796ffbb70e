//! Names of operations and identifiers of target groups: three services, each with its own.

use drainsim::api::{OPERATIONS, in_both, namesakes, operation, spellings};
use drainsim::model::settings::TargetType;
use serde_json::json;

use super::fleet::{API, CLASSIC, Fleet, LATTICE, LISTENER, WEB};

/// Trap 10: `DeregisterTargets` is in two services, and `elb` is a third that has
/// none.
#[test]
fn trap_10_one_name_in_three_services() {
    for (name, found) in [
        (
            "elbv2:DeregisterTargets",
            Some("elasticloadbalancing:DeregisterTargets"),
        ),
        (
            "elasticloadbalancing:DeregisterTargets",
            Some("elasticloadbalancing:DeregisterTargets"),
        ),
        (
            "vpc-lattice:DeregisterTargets",
            Some("vpc-lattice:DeregisterTargets"),
        ),
        ("elb:DeregisterTargets", None),
        (
            "elb:DescribeInstanceHealth",
            Some("elb:DescribeInstanceHealth"),
        ),
        (
            "elasticloadbalancing:DescribeInstanceHealth",
            Some("elb:DescribeInstanceHealth"),
        ),
        ("elbv2:DescribeInstanceHealth", None),
        // in both of the published APIs
        (
            "elb:ModifyLoadBalancerAttributes",
            Some("elb:ModifyLoadBalancerAttributes"),
        ),
        ("elasticloadbalancing:ModifyLoadBalancerAttributes", None),
        ("elasticloadbalancing:DescribeLoadBalancers", None),
        (
            "autoscaling:DescribeLoadBalancers",
            Some("autoscaling:DescribeLoadBalancers"),
        ),
        ("DeregisterTargets", None),
    ] {
        assert_eq!(operation(name).map(|found| found.name), found, "{name}");
    }
    let both = ["elb:DescribeLoadBalancers", "elbv2:DescribeLoadBalancers"];
    let name = "elasticloadbalancing:DescribeLoadBalancers";
    assert_eq!(in_both(name), Some(both.map(str::to_owned)));
    assert_eq!(in_both("elb:DescribeLoadBalancers"), None);
}

#[test]
fn every_spelling_leads_to_its_operation_and_to_no_other() {
    for one in OPERATIONS {
        for spelling in spellings(one) {
            assert_eq!(operation(&spelling).unwrap().name, one.name);
            assert_eq!(in_both(&spelling), None, "{spelling}");
        }
    }
}

#[test]
fn whoever_takes_the_wrong_service_is_told_the_right_ones() {
    let lattice = "vpc-lattice:DeregisterTargets";
    for (name, right) in [
        ("elb:DeregisterTargets", &["elbv2:DeregisterTargets"][..]),
        (
            "autoscaling:DeregisterTargets",
            &["elbv2:DeregisterTargets", lattice],
        ),
        (
            "elbv2:DescribeInstanceHealth",
            &["elb:DescribeInstanceHealth"],
        ),
        (
            "ec2:detachinstances",
            &["autoscaling:DetachInstances", "ess:DetachInstances"],
        ),
        ("ec2:Nothing", &[]),
    ] {
        assert_eq!(namesakes(name), right, "{name}");
    }
}

/// Whatever has an identifier of another family is not found by the newer API of Elastic Load
/// Balancing.
#[test]
fn target_groups_of_other_families_are_not_found() {
    let mut site = Fleet::aws()
        .target_group(API, TargetType::Instance)
        .classic(CLASSIC)
        .lattice(LATTICE)
        .machine("i-1")
        .registered(80)
        .site();
    for identifier in [CLASSIC, LATTICE, "old"] {
        let message = format!("'{identifier}' is not a valid target group ARN");
        let expect = ("ValidationError", 400, message.as_str());
        let targets = json!({"TargetGroupArn": identifier, "Targets": [{"Id": "i-1"}]});
        for name in [
            "elbv2:RegisterTargets",
            "elbv2:DeregisterTargets",
            "elbv2:DescribeTargetHealth",
        ] {
            site.refused(name, targets.clone(), expect);
        }
        for action in [
            json!({"Type": "forward", "TargetGroupArn": identifier}),
            json!({"Type": "forward", "ForwardConfig": {"TargetGroups": [
                {"TargetGroupArn": WEB}, {"TargetGroupArn": identifier}]}}),
        ] {
            let listener = format!("{LISTENER}0");
            let given = json!({"ListenerArn": listener, "DefaultActions": [action]});
            site.refused("elbv2:ModifyListener", given, expect);
        }
    }
}
