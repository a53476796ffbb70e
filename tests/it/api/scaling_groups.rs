//! `ess:CreateScalingGroup`, `ess:ModifyScalingGroup`, `ess:EnableScalingGroup`,
//! `ess:DisableScalingGroup` and `ess:DeleteScalingGroup`. R-ESS-12, R-ESS-13

use drainsim::model::machine::MachineState;
use serde_json::{Value, json};

use super::fleet::{
    BUSY, DENIED, Fleet, NO_GROUP, SCALING_GROUP, SERVERS, Site, WRONG_STATUS, about_group,
    about_instances, with,
};

const CREATE: &str = "ess:CreateScalingGroup";
const MODIFY: &str = "ess:ModifyScalingGroup";
const ENABLE: &str = "ess:EnableScalingGroup";
const DISABLE: &str = "ess:DisableScalingGroup";
const DELETE: &str = "ess:DeleteScalingGroup";

fn new() -> Value {
    json!({"RegionId": "cn-hangzhou", "ScalingGroupName": "checkout", "MinSize": 0, "MaxSize": 3,
        "LaunchTemplateId": "web-v1",
        "ServerGroups": [{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22, "Weight": 50}]})
}

fn create(site: &mut Site, params: Value) -> String {
    let answer = site.accepted(CREATE, params);
    assert!(answer["RequestId"].is_string());
    let id = answer["ScalingGroupId"].as_str().unwrap();
    assert!(id.starts_with("asg-bp1"), "{id}");
    id.to_owned()
}

fn about(id: &str) -> Value {
    json!({ "ScalingGroupId": id })
}

/// A new group does nothing; enabled, it takes instances in; disabled, it does nothing again.
#[test]
fn a_group_works_while_it_is_enabled() {
    let mut site = Fleet::alibaba().machine("i-bp1y").machine("i-bp1z").site();
    let id = create(&mut site, new());
    let group = site.scaling_group(&id);
    for (key, value) in [
        ("LifecycleState", json!("Inactive")),
        ("ScalingGroupName", json!("checkout")),
        ("MinSize", json!(0)),
        ("MaxSize", json!(3)),
        ("DefaultCooldown", json!(300)),
        ("LaunchTemplateId", json!("web-v1")),
        ("GroupDeletionProtection", json!(false)),
        ("TotalCapacity", json!(0)),
        (
            "ServerGroups",
            json!([{"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22, "Weight": 50}]),
        ),
    ] {
        assert_eq!(group[key], value, "{key}");
    }
    let attach = with(about_instances(&["i-bp1z"]), "ScalingGroupId", json!(id));
    site.refused("ess:AttachInstances", attach.clone(), WRONG_STATUS);
    site.refused(DISABLE, about(&id), WRONG_STATUS);
    let with_one = with(about(&id), "InstanceIds", json!(["i-bp1y"]));
    site.accepted(ENABLE, with_one.clone());
    assert_eq!(site.server(SERVERS, "i-bp1y", 22), "initial");
    let group = site.scaling_group(&id);
    assert_eq!(group["LifecycleState"], "Active");
    assert_eq!(group["ActiveCapacity"], 1);
    site.refused(ENABLE, with_one, WRONG_STATUS);
    site.accepted("ess:AttachInstances", attach);
    site.accepted(DISABLE, about(&id));
    assert_eq!(site.scaling_group(&id)["LifecycleState"], "Inactive");
    site.run_to(60);
    assert_eq!(
        site.server(SERVERS, "i-bp1z", 22),
        "healthy",
        "it serves on"
    );
}

/// What every operation that begins an activity, or protects, says to a group that is disabled;
/// what changes only the group is done.
#[test]
fn a_disabled_group_begins_nothing() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    site.accepted(DISABLE, about_group());
    let group = json!({"ServerGroupId": SERVERS, "Type": "ALB", "Port": 22});
    let weighted = with(group.clone(), "Weight", json!(1));
    let server_group = |group: &Value, key: &str, force: bool| {
        with(
            with(about_group(), "ServerGroups", json!([group])),
            key,
            json!(force),
        )
    };
    let attach = |force| server_group(&weighted, "ForceAttach", force);
    let detach = |force| server_group(&group, "ForceDetach", force);
    let protect = with(
        about_instances(&["i-bp1a"]),
        "ProtectedFromScaleIn",
        json!(true),
    );
    for (operation, params) in [
        ("ess:AttachInstances", about_instances(&["i-bp1z"])),
        ("ess:DetachInstances", about_instances(&["i-bp1a"])),
        ("ess:RemoveInstances", about_instances(&["i-bp1a"])),
        ("ess:AttachServerGroups", attach(true)),
        ("ess:DetachServerGroups", detach(true)),
        ("ess:SetInstancesProtection", protect),
        (
            "ess:EnterStandby",
            with(about_instances(&["i-bp1a"]), "Async", json!(true)),
        ),
    ] {
        site.refused(operation, params, WRONG_STATUS);
    }
    site.accepted("ess:AttachServerGroups", attach(false));
    site.accepted("ess:DetachServerGroups", detach(false));
    site.accepted(MODIFY, with(about_group(), "MaxSize", json!(9)));
    assert_eq!(site.scaling_group(SCALING_GROUP)["MaxSize"], 9);
}

/// What is under way when a group is disabled goes on to its end.
#[test]
fn an_activity_outlives_the_disabling() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted("ess:RemoveInstances", about_instances(&["i-bp1a"]));
    site.accepted(DISABLE, about_group());
    site.accepted(ENABLE, about_group());
    site.accepted(DISABLE, about_group());
    site.run_to(60);
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(site.scaling_state("i-bp1a"), "");
}

/// A group without anything to launch waits for somebody to say it.
#[test]
fn what_is_launched_may_be_said_later() {
    let mut site = Fleet::alibaba().site();
    let id = create(
        &mut site,
        json!({"RegionId": "r", "MinSize": 0, "MaxSize": "3"}),
    );
    let group = site.scaling_group(&id);
    assert_eq!(group["ScalingGroupName"], json!(id));
    assert_eq!(group["LaunchTemplateId"], Value::Null);
    let message =
        "An active scaling configuration for the specified scaling group is not supplied.";
    let missing = ("MissingActiveScalingConfiguration", 400, message);
    site.refused(ENABLE, about(&id), missing);
    site.accepted(
        MODIFY,
        with(about(&id), "ActiveScalingConfigurationId", json!("web-v1")),
    );
    site.accepted(ENABLE, about(&id));
    let other = json!({"RegionId": "r", "MinSize": 0, "MaxSize": 3});
    let other = create(&mut site, other);
    let template = with(about(&other), "LaunchTemplateId", json!("web-v1"));
    site.accepted(ENABLE, template);
    let like = json!({"RegionId": "r", "MinSize": 0, "MaxSize": 3, "InstanceId": "i-bp1b"});
    let like = create(&mut site, like);
    let zones = |id: &str| {
        let groups = &site.cloud().groups;
        let group = groups.iter().find(|group| group.identifier == id);
        group.unwrap().zones.len()
    };
    assert_eq!((zones(&other), zones(&like)), (2, 1));
}

#[test]
fn names_sizes_and_what_is_named_are_checked() {
    let mut site = Fleet::alibaba().site();
    create(&mut site, new());
    let duplicate = (
        "InvalidScalingGroupName.Duplicate",
        400,
        "The specified value of parameter \"ScalingGroupName\" is duplicated.",
    );
    site.refused(CREATE, new(), duplicate);
    let other = with(new(), "ScalingGroupName", json!("other"));
    for key in ["RegionId", "MinSize", "MaxSize"] {
        site.not_supplied(CREATE, with(other.clone(), key, Value::Null), key);
    }
    for (key, value) in [
        ("ScalingGroupName", json!("x")),
        ("ScalingGroupName", json!("-x")),
        ("ScalingGroupName", json!("a b")),
        ("ScalingGroupName", json!("n".repeat(65))),
        ("MinSize", json!(-1)),
        ("DefaultCooldown", json!(86_401)),
        ("ScalingPolicy", json!("forcerelease")),
        ("MultiAZPolicy", json!("RANDOM")),
        ("GroupType", json!("ECI")),
    ] {
        site.invalid_value(CREATE, with(other.clone(), key, value), key);
    }
    let wrong = json!([{"ServerGroupId": "sgp-gone", "Type": "ALB", "Port": 1, "Weight": 1}]);
    let wrong = with(other.clone(), "ServerGroups", wrong);
    site.invalid_value(CREATE, wrong, "ServerGroup.1.ServerGroupId");
}

fn conflict(one: &str, other: &str) -> String {
    format!("The value of parameter \"{one}\" and parameter \"{other}\" are conflict.")
}

#[test]
fn what_contradicts_itself_or_is_not_there_is_refused() {
    let mut site = Fleet::alibaba().site();
    let id = create(&mut site, new());
    let other = with(new(), "ScalingGroupName", json!("other"));
    let template = "The specified launch template set is not found.";
    let vswitch = "The specified virtual switch does not exist.";
    let sizes = conflict("MinSize", "MaxSize");
    for (key, value, code, status, message) in [
        (
            "MinSize",
            json!(7),
            "InvalidParameter.Conflict",
            400,
            sizes.as_str(),
        ),
        (
            "LaunchTemplateId",
            json!("no"),
            "LaunchTemplateSet.NotFound",
            400,
            template,
        ),
        (
            "VSwitchId",
            json!("us-west-2a"),
            "InvalidVSwitchId.NotFound",
            404,
            vswitch,
        ),
    ] {
        let params = with(other.clone(), key, value.clone());
        site.refused(CREATE, params, (code, status, message));
        let key = key.replace("VSwitchId", "VSwitchIds.1");
        let params = with(about(&id), &key, value);
        site.refused(MODIFY, params, (code, status, message));
    }
    let configuration = with(about(&id), "ActiveScalingConfigurationId", json!("web-v1"));
    let both = with(configuration, "LaunchTemplateId", json!("web-v1"));
    let message = conflict("LaunchTemplateId", "ActiveScalingConfigurationId");
    for operation in [ENABLE, MODIFY] {
        site.refused(
            operation,
            both.clone(),
            ("InvalidParameter.Conflict", 400, &message),
        );
        let unknown = with(about(&id), "ActiveScalingConfigurationId", json!("no"));
        let message = "The specified scaling configuration does not exist.";
        let code = "InvalidScalingConfigurationId.NotFound";
        site.refused(operation, unknown, (code, 404, message));
    }
    for operation in [ENABLE, DISABLE, MODIFY, DELETE] {
        site.refused(operation, about("asg-gone"), NO_GROUP);
        site.not_supplied(operation, json!({}), "ScalingGroupId");
    }
}

/// How a group scales and keeps itself may be said when it is created and later. R-ESS-21 R-ESS-22
/// R-ESS-24 R-ESS-26
#[test]
fn a_group_scales_as_it_is_told() {
    let mut site = Fleet::alibaba().site();
    let id = create(&mut site, new());
    for (key, value, shown) in [
        ("MultiAZPolicy", json!("BALANCE"), "MultiAZPolicy"),
        ("ScalingPolicy", json!("recycle"), "ScalingPolicy"),
        (
            "RemovalPolicies",
            json!(["NewestInstance"]),
            "RemovalPolicies",
        ),
    ] {
        let named = with(new(), "ScalingGroupName", json!(format!("with-{key}")));
        let created = create(&mut site, with(named, key, value.clone()));
        assert_eq!(site.scaling_group(&created)[shown], value, "{key}");
        assert_ne!(site.scaling_group(&id)[shown], value, "{key}");
        site.accepted(MODIFY, with(about(&id), key, value.clone()));
        assert_eq!(site.scaling_group(&id)[shown], value, "{key}");
    }
    let flat = with(about(&id), "RemovalPolicy.1", json!("OldestInstance"));
    site.accepted(MODIFY, flat);
    let policies = &site.scaling_group(&id)["RemovalPolicies"];
    assert_eq!(*policies, json!(["OldestInstance"]));
    for (key, value, checks) in [
        ("HealthCheckType", json!("NONE"), false),
        ("HealthCheckTypes", json!(["ECS", "LOAD_BALANCER"]), true),
        ("HealthCheckTypes", json!(["NONE"]), false),
        ("HealthCheckType", json!("ECS"), true),
    ] {
        site.accepted(MODIFY, with(about(&id), key, value));
        let mut groups = site.cloud().groups.iter();
        let group = groups.find(|group| group.identifier == id);
        assert_eq!(group.unwrap().rules.ess.health_check, checks, "{key}");
    }
}

/// What would be attached is checked before the group is enabled.
#[test]
fn nobody_is_attached_who_may_not_be() {
    let mut site = Fleet::alibaba().machine("i-bp1z").machine("i-bp1y").site();
    let id = create(&mut site, with(new(), "MaxSize", json!(1)));
    let enable = |ids: Value| with(about(&id), "InstanceIds", ids);
    let in_use = "Instance \"i-bp1a\" is already attached to another scaling group.";
    let unknown = "Instance \"i-404\" does not exist.";
    let many = "To attach the instances, the total capacity will be greater than the max size.";
    for (ids, refusal) in [
        (json!(["i-bp1a"]), ("InvalidInstanceId.InUse", 400, in_use)),
        (
            json!(["i-404"]),
            ("InvalidInstanceId.NotFound", 404, unknown),
        ),
        (
            json!(["i-bp1y", "i-bp1z"]),
            ("IncorrectCapacity.MaxSize", 400, many),
        ),
    ] {
        site.refused(ENABLE, enable(ids), refusal);
    }
    site.accepted(
        "ess:SuspendProcesses",
        with(about(&id), "Process.1", json!("ScaleOut")),
    );
    site.refused(ENABLE, enable(json!(["i-bp1z"])), DENIED);
    site.accepted(ENABLE, about(&id));
}

/// Without force a group goes only when it has neither members nor an activity.
#[test]
fn an_empty_group_is_deleted_at_once() {
    let mut site = Fleet::alibaba().site();
    let id = create(
        &mut site,
        with(new(), "GroupDeletionProtection", json!("true")),
    );
    let force = with(about(&id), "ForceDelete", json!(true));
    site.refused(DELETE, force, DENIED);
    let unprotected = with(about(&id), "GroupDeletionProtection", json!(false));
    site.accepted(MODIFY, unprotected);
    site.accepted(DELETE, about(&id));
    assert_eq!(site.scaling_group(&id), Value::Null);
    create(&mut site, new());
    let message = "You cannot delete a scaling configuration or scaling group while there is an \
                   instance associated with it.";
    site.refused(DELETE, about_group(), ("InstanceInUse", 400, message));
    site.accepted("ess:RemoveInstances", about_instances(&["i-bp1a"]));
    site.refused(DELETE, about_group(), BUSY);
}

/// By force members leave the server groups first; who was attached by hand or is protected runs
/// on, the others are released.
#[test]
fn a_group_is_deleted_with_its_instances() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    site.accepted("ess:AttachInstances", about_instances(&["i-bp1z"]));
    let protect = with(
        about_instances(&["i-bp1b"]),
        "ProtectedFromScaleIn",
        json!(true),
    );
    site.accepted("ess:SetInstancesProtection", protect);
    let force = with(about_group(), "ForceDelete", json!(true));
    site.accepted(DELETE, force.clone());
    let group = site.scaling_group(SCALING_GROUP);
    assert_eq!(group["LifecycleState"], "Deleting");
    assert_eq!(group["RemovingCapacity"], 5);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "draining");
    for (operation, params) in [
        (ENABLE, about_group()),
        (DISABLE, about_group()),
        (MODIFY, with(about_group(), "MaxSize", json!(9))),
        ("ess:RemoveInstances", about_instances(&["i-bp1a"])),
    ] {
        site.refused(operation, params, WRONG_STATUS);
    }
    site.accepted(DELETE, force);
    site.run_to(120);
    assert_eq!(site.scaling_group(SCALING_GROUP), Value::Null);
    site.refused(DELETE, about_group(), NO_GROUP);
    let state = |id: &str| {
        let found = site.cloud().instance_named(id).unwrap();
        site.cloud().instances[found.index()].state
    };
    for (id, expected) in [
        ("i-bp1a", MachineState::Terminated),
        ("i-bp1b", MachineState::Running),
        ("i-bp1c", MachineState::Terminated),
        ("i-bp1z", MachineState::Running),
    ] {
        assert_eq!(state(id), expected, "{id}");
        assert_eq!(site.server(SERVERS, id, 22), "absent", "{id}");
    }
}

/// Who was recycled is none of the total, and is released with the group, too. R-ESS-13 R-ESS-26
#[test]
fn a_group_is_deleted_with_whom_it_stopped() {
    let mut fleet = Fleet::alibaba();
    fleet.0.groups[0].rules.ess.recycles = true;
    let mut site = fleet.site();
    let recycle = with(
        about_instances(&["i-bp1a", "i-bp1b"]),
        "RemovePolicy",
        json!("recycle"),
    );
    site.accepted("ess:RemoveInstances", recycle);
    site.run_to(200);
    assert_eq!(site.scaling_group(SCALING_GROUP)["StoppedCapacity"], 2);
    let force = with(about_group(), "ForceDelete", json!(true));
    site.accepted(DELETE, force);
    assert_eq!(site.scaling_group(SCALING_GROUP)["RemovingCapacity"], 4);
    site.run_to(400);
    assert_eq!(site.scaling_group(SCALING_GROUP), Value::Null);
    let mut instances = site.cloud().instances.iter();
    assert!(instances.all(|instance| instance.state == MachineState::Terminated));
}

/// A forced deletion waits for the activity under way.
#[test]
fn a_deletion_waits_for_the_activity() {
    let mut site = Fleet::alibaba().site();
    let answer = site.accepted("ess:RemoveInstances", about_instances(&["i-bp1a"]));
    site.accepted(DELETE, with(about_group(), "ForceDelete", json!(true)));
    assert_eq!(site.scaling_state("i-bp1b"), "InService");
    assert_eq!(site.server(SERVERS, "i-bp1b", 22), "healthy");
    site.run_to(40);
    let over = site.activity(&answer["ScalingActivityId"]);
    assert_eq!(over["StatusCode"], "Successful");
    assert_eq!(site.scaling_state("i-bp1b"), "Removing");
    site.run_to(120);
    assert_eq!(site.scaling_group(SCALING_GROUP), Value::Null);
}

#[test]
fn a_client_token_makes_one_group() {
    let mut site = Fleet::alibaba().site();
    let token = with(new(), "ClientToken", json!("t"));
    let first = site.accepted(CREATE, token.clone());
    let same = with(token.clone(), "MaxSize", json!("3"));
    assert_eq!(site.accepted(CREATE, same), first);
    site.refused_with(
        CREATE,
        with(token, "MaxSize", json!(4)),
        "IdempotentParameterMismatch",
    );
    assert_eq!(site.cloud().groups.len(), 2);
}

/// R-ESS-21, R-ESS-22, R-ESS-24, R-ESS-26: what a group is told about zones, removal and health, when
/// it is created and later, in whichever spelling.
#[test]
fn rules_are_taken_over() {
    let mut site = Fleet::alibaba().site();
    let id = create(
        &mut site,
        with(new(), "RemovalPolicy.1", json!("NewestInstance")),
    );
    let shown = site.scaling_group(&id);
    assert_eq!(shown["RemovalPolicies"], json!(["NewestInstance"]));
    assert_eq!(shown["MultiAZPolicy"], "PRIORITY");
    let mut change = about(&id);
    change["MultiAZPolicy"] = json!("BALANCE");
    change["ScalingPolicy"] = json!("recycle");
    change["RemovalPolicies"] = json!(["OldestInstance", "NewestInstance"]);
    site.accepted(MODIFY, change);
    let shown = site.scaling_group(&id);
    let policies = json!(["OldestInstance", "NewestInstance"]);
    assert_eq!(shown["RemovalPolicies"], policies);
    assert_eq!(shown["MultiAZPolicy"], "BALANCE");
    assert_eq!(shown["ScalingPolicy"], "recycle");
    site.accepted(MODIFY, with(about(&id), "MaxSize", json!(4)));
    let same = site.scaling_group(&id);
    assert_eq!(same["RemovalPolicies"], policies, "what is not said stays");
    assert_eq!(same["ScalingPolicy"], "recycle");
}

/// R-ESS-24: nobody looks at health while it is `NONE`, and somebody does from then on.
#[test]
fn health_checks_are_turned_off_and_on() {
    let mut site = Fleet::alibaba().site();
    let checks = |kind: &str| with(about_group(), "HealthCheckType", json!(kind));
    site.accepted(MODIFY, checks("NONE"));
    let id = site.cloud().instance_named("i-bp1a").unwrap();
    site.host_goes(id.0);
    site.run_to(600);
    assert_eq!(site.scaling_state("i-bp1a"), "InService");
    site.accepted(MODIFY, checks("ECS"));
    site.run_to(900);
    assert!(!site.cloud().groups[0].members.contains(&id));
}
