//! `ess:RebalanceInstances`. R-ESS-25

use drainsim::model::ess_rules::MultiAz;
use drainsim::model::ids::ZoneId;
use serde_json::json;

use super::fleet::{Fleet, SCALING_GROUP, Site};

const REBALANCE: &str = "ess:RebalanceInstances";

const DENIED: (&str, u16, &str) = (
    "OperationDenied",
    400,
    "This operation is denied because the specified scaling group does not support this action.",
);

/// A group whose three instances and one more are in the first zone, of two.
fn uneven(multi_az: MultiAz) -> Site {
    let mut fleet = Fleet::alibaba();
    let group = &mut fleet.0.groups[0];
    group.rules.ess.multi_az = multi_az;
    group.zones = vec![ZoneId(0)];
    let mut site = fleet.machine("i-bp1z").site();
    site.accepted(
        "ess:AttachInstances",
        json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP, "InstanceIds": ["i-bp1z"]}),
    );
    site
}

#[test]
fn only_balanced_groups_that_are_uneven_are_rebalanced() {
    let mut balanced = Fleet::alibaba();
    balanced.0.groups[0].rules.ess.multi_az = MultiAz::Balance;
    let group = json!({"ScalingGroupId": SCALING_GROUP, "RegionId": "cn-hangzhou"});
    balanced.site().refused(REBALANCE, group.clone(), DENIED);
    for multi_az in MultiAz::ALL {
        // all are in the one zone there is
        uneven(multi_az).refused(REBALANCE, group.clone(), DENIED);
    }
}

#[test]
fn zones_are_evened_out_by_an_activity() {
    let mut fleet = Fleet::alibaba();
    fleet.0.groups[0].rules.ess.multi_az = MultiAz::Balance;
    let mut site = fleet.machine("i-bp1y").machine("i-bp1z").site();
    let group = json!({"ScalingGroupId": SCALING_GROUP});
    site.accepted(
        "ess:AttachInstances",
        json!({"RegionId": "r", "ScalingGroupId": SCALING_GROUP,
            "InstanceIds": ["i-bp1y", "i-bp1z"]}),
    );
    let answer = site.accepted(REBALANCE, group.clone());
    assert!(answer["ScalingActivityId"].is_string());
    let error = site.call(REBALANCE, group.clone()).unwrap_err();
    assert_eq!(error.code, "ScalingActivityInProgress");
    site.run_to(200);
    site.refused(REBALANCE, group, DENIED);
    assert_eq!(site.cloud().groups[0].counts.in_service, 6);
}

#[test]
fn the_group_is_checked() {
    let mut site = Fleet::alibaba().site();
    let message = "The specified scaling group does not exist.";
    site.refused(
        REBALANCE,
        json!({"ScalingGroupId": "asg-gone"}),
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
    let message = "The input parameter \"ScalingGroupId\" that is mandatory for processing this \
                   request is not supplied.";
    site.refused(REBALANCE, json!({}), ("MissingParameter", 400, message));
    let message = "The specified value of parameter \"ClientToken\" is not valid.";
    site.refused(
        REBALANCE,
        json!({"ScalingGroupId": SCALING_GROUP, "ClientToken": "t"}),
        ("InvalidParameter", 400, message),
    );
}
