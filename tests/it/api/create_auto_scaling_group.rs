//! `autoscaling:CreateAutoScalingGroup`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const CREATE: &str = "autoscaling:CreateAutoScalingGroup";
const DESCRIBE: &str = "autoscaling:DescribeAutoScalingGroups";

fn site() -> Site {
    Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site()
}

/// A complete request, with `changes` over it.
fn request(changes: Value) -> Value {
    let mut request = json!({
        "AutoScalingGroupName": "green",
        "MinSize": 2,
        "MaxSize": 6,
        "LaunchTemplate": {"LaunchTemplateName": "web-v1", "Version": "$Latest"},
        "VPCZoneIdentifier": "subnet-us-west-2a, subnet-us-west-2b",
        "TargetGroupARNs": [WEB],
    });
    let changes = changes.as_object().unwrap().clone();
    for (key, value) in changes {
        request[key] = value;
    }
    request
}

/// R-ASG-18: it launches its minimum, registers it, and its sources are in service at once.
#[test]
fn a_new_group_launches_and_registers_its_instances() {
    let mut site = site();
    site.run_to(10);
    assert_eq!(site.accepted(CREATE, request(json!({}))), json!({}));
    let sources = site.accepted(
        "autoscaling:DescribeTrafficSources",
        json!({"AutoScalingGroupName": "green"}),
    );
    assert_eq!(sources["TrafficSources"][0]["State"], "InService");
    let (desired, members) = site.group("green");
    assert_eq!((desired, members.len()), (2, 0));
    // launched after 2 s, running 35 s later
    site.run_to(13);
    let (_, members) = site.group("green");
    assert!(
        members.values().all(|state| state == "Pending"),
        "{members:?}"
    );
    site.run_to(48);
    let (_, members) = site.group("green");
    assert_eq!(members.len(), 2);
    assert!(members.values().all(|state| state == "InService"));
    let zones: Vec<&str> = site.cloud().groups[1]
        .members
        .iter()
        .map(|id| site.cloud().zones[site.cloud().instances[id.index()].zone.index()].as_str())
        .collect();
    assert_eq!(zones, ["us-west-2a", "us-west-2b"]);
    let id = members.into_keys().next().unwrap();
    assert_eq!(site.server(WEB, &id, 80), "initial");
    site.run_to(200);
    assert_eq!(site.server(WEB, &id, 80), "healthy");
}

#[test]
fn what_is_given_is_described() {
    let mut site = site();
    let given = json!({
        "DesiredCapacity": 3,
        "HealthCheckType": "EC2,ELB",
        "HealthCheckGracePeriod": 120,
        "DefaultCooldown": 60,
        "DefaultInstanceWarmup": 3_600,
        "TerminationPolicies": ["OldestInstance", "Default"],
        "NewInstancesProtectedFromScaleIn": true,
        "MaxInstanceLifetime": 86_400,
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150},
        "DeletionProtection": "prevent-force-deletion",
    });
    site.accepted(CREATE, request(given.clone()));
    let answer = site.accepted(DESCRIBE, json!({"AutoScalingGroupNames": ["green"]}));
    let group = &answer["AutoScalingGroups"][0];
    for (key, value) in given.as_object().unwrap() {
        assert_eq!(&group[key], value, "{key}");
    }
    assert_eq!(group["CreatedTime"], "2026-01-01T00:00:00.000Z");
    assert_eq!(group["TargetGroupARNs"], json!([WEB]));
    assert_eq!(
        group["LaunchTemplate"],
        json!({"LaunchTemplateName": "web-v1", "Version": "$Latest"})
    );
}

#[test]
fn defaults_are_those_of_the_api() {
    let mut site = site();
    site.accepted(CREATE, request(json!({})));
    let answer = site.accepted(DESCRIBE, json!({"AutoScalingGroupNames": ["green"]}));
    let group = &answer["AutoScalingGroups"][0];
    assert_eq!(group["DesiredCapacity"], 2, "DesiredCapacity is MinSize");
    assert_eq!(group["DefaultCooldown"], 300);
    assert_eq!(group["HealthCheckType"], "EC2");
    assert_eq!(group["HealthCheckGracePeriod"], 0);
    assert_eq!(group["TerminationPolicies"], json!(["Default"]));
    assert_eq!(group["NewInstancesProtectedFromScaleIn"], false);
}

/// Health checks are shown as they were put, then and by an update.
#[test]
fn health_check_types_are_answered_as_they_were_put() {
    let mut site = site();
    let shown = |site: &mut Site| {
        let answer = site.accepted(DESCRIBE, json!({"AutoScalingGroupNames": ["green"]}));
        answer["AutoScalingGroups"][0]["HealthCheckType"].clone()
    };
    site.accepted(CREATE, request(json!({"HealthCheckType": "ELB"})));
    assert_eq!(shown(&mut site), "ELB");
    for types in ["EBS,ELB", "ELB,EC2", "EC2"] {
        let update = json!({"AutoScalingGroupName": "green", "HealthCheckType": types});
        site.accepted("autoscaling:UpdateAutoScalingGroup", update);
        assert_eq!(shown(&mut site), types);
    }
}

/// Where there are subnets a group is in their zones, not in all of those it names.
#[test]
fn subnets_decide_about_zones() {
    let mut site = site();
    let zones = json!({"VPCZoneIdentifier": "subnet-us-west-2a",
        "AvailabilityZones": ["us-west-2a", "us-west-2b"]});
    site.accepted(CREATE, request(zones));
    let answer = site.accepted(DESCRIBE, json!({"AutoScalingGroupNames": ["green"]}));
    let group = &answer["AutoScalingGroups"][0];
    assert_eq!(group["AvailabilityZones"], json!(["us-west-2a"]));
    assert_eq!(group["VPCZoneIdentifier"], "subnet-us-west-2a");
    site.run_to(60);
    let members = site.cloud().groups[1].members.iter();
    let zones: Vec<u32> = members
        .map(|id| site.cloud().instances[id.index()].zone.0)
        .collect();
    assert_eq!(zones, [0, 0]);
}

#[test]
fn a_name_is_taken_once() {
    let taken = "AutoScalingGroup by this name already exists - A group with the name \
                 my-auto-scaling-group already exists";
    let request = request(json!({"AutoScalingGroupName": GROUP}));
    site().refused(CREATE, request, ("AlreadyExists", 400, taken));
}

#[test]
fn wrong_requests_change_nothing() {
    let none = |key: &str| {
        let mut request = request(json!({}));
        request.as_object_mut().unwrap().remove(key);
        request
    };
    let cases = [
        (
            request(json!({"MinSize": 3, "MaxSize": 2})),
            "Max bound, 2, must be greater than or equal to min bound, 3",
        ),
        (
            request(json!({"DesiredCapacity": 7})),
            "Desired capacity:7 must be between the specified min size:2 and max size:6",
        ),
        (
            none("LaunchTemplate"),
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, \
             InstanceId or MixedInstancesPolicy parameter.",
        ),
        (
            none("VPCZoneIdentifier"),
            "At least one Availability Zone or VPC Subnet is required.",
        ),
        (
            request(json!({"LaunchTemplate": {"LaunchTemplateName": "nobody"}})),
            "You must use a valid fully-formed launch template. The specified launch template, \
             with template name nobody, does not exist.",
        ),
        (
            request(json!({"HealthCheckType": "ELB,HTTP"})),
            "HTTP is not a valid health check type. Valid types are: [EC2, EBS, ELB, VPC_LATTICE]",
        ),
        (
            request(json!({"TerminationPolicies": ["Default", "OldestInstance"]})),
            "The Default termination policy must be the last of the list and a custom termination \
             policy the first.",
        ),
        (
            request(json!({"MaxInstanceLifetime": 3600})),
            "MaxInstanceLifetime must be 0 or at least 86400 seconds",
        ),
        (
            request(json!({"DefaultInstanceWarmup": 3_601})),
            "DefaultInstanceWarmup must be between -1 and 3600, not 3601",
        ),
        (
            request(json!({"InstanceMaintenancePolicy":
                {"MinHealthyPercentage": 50, "MaxHealthyPercentage": 200}})),
            "The difference between MinHealthyPercentage and MaxHealthyPercentage must not be \
             greater than 100",
        ),
        (
            request(json!({"TargetGroupARNs": ["arn:aws:elasticloadbalancing:x"]})),
            "Provided Target Groups may not be valid. Please ensure they exist and try again.",
        ),
        (
            none("MinSize"),
            "1 validation error detected: Value null at 'minSize' failed to satisfy constraint: \
             Member must not be null",
        ),
    ];
    let mut site = site();
    for (request, message) in cases {
        site.invalid(CREATE, request, message);
    }
}

/// What is launched and where cannot be said in ways that are not simulated, nor twice.
#[test]
fn what_is_not_simulated_is_refused() {
    let cases = [
        (
            request(json!({"LaunchConfigurationName": "old"})),
            "Launch configuration name not found - Launch configuration old not found",
        ),
        (
            request(json!({"MixedInstancesPolicy": {}})),
            "MixedInstancesPolicy is not simulated: name one LaunchTemplate instead.",
        ),
        (
            request(json!({"DesiredCapacityType": "vcpu"})),
            "DesiredCapacityType vcpu needs a MixedInstancesPolicy with InstanceRequirements, which \
             is not simulated: use units.",
        ),
        (
            request(json!({"AvailabilityZones": ["us-west-2a"],
                "AvailabilityZoneIds": ["us-west-2a"]})),
            "You cannot specify both AvailabilityZones and AvailabilityZoneIds in the same request.",
        ),
        (
            request(json!({"InstanceMaintenancePolicy": {"MinHealthyPercentage": 90}})),
            "MinHealthyPercentage and MaxHealthyPercentage must be cleared together",
        ),
    ];
    let mut site = site();
    for (request, message) in cases {
        site.invalid(CREATE, request, message);
    }
}

/// What decides nothing here is taken as it comes from a template of a real group.
#[test]
fn what_has_no_effect_is_accepted() {
    let mut site = site();
    let mut whole = request(json!({
        "AvailabilityZoneIds": ["us-west-2a"],
        "AvailabilityZoneImpairmentPolicy": {"ZonalShiftEnabled": true,
            "ImpairedZoneHealthCheckBehavior": "IgnoreUnhealthy"},
        "SkipZonalShiftValidation": true,
        "CapacityReservationSpecification": {"CapacityReservationPreference": "none",
            "CapacityReservationTarget": {"CapacityReservationIds": ["cr-1"]}},
        "PlacementGroup": "spread",
        "DesiredCapacityType": "units",
        "Context": "x",
        "Operator": {"Principal": "eks.amazonaws.com"},
    }));
    whole.as_object_mut().unwrap().remove("VPCZoneIdentifier");
    site.accepted(CREATE, whole);
    let answer = site.accepted(DESCRIBE, json!({"AutoScalingGroupNames": ["green"]}));
    assert_eq!(
        answer["AutoScalingGroups"][0]["AvailabilityZones"],
        json!(["us-west-2a"])
    );
}

/// A group made after an instance takes its template and zone.
#[test]
fn an_instance_may_be_the_model() {
    let mut site = site();
    let request = json!({
        "AutoScalingGroupName": "like",
        "MinSize": 1,
        "MaxSize": 1,
        "InstanceId": "i-2",
    });
    site.accepted(CREATE, request);
    site.run_to(60);
    let group = &site.cloud().groups[1];
    let zone = site.cloud().instances[group.members[0].index()].zone;
    assert_eq!(site.cloud().zones[zone.index()], "us-west-2b");
}

/// Hooks that come with a group are waited for by its first instances, too.
#[test]
fn the_first_instances_wait_for_the_hooks() {
    let mut site = site();
    let hooks = |hooks: Value| {
        json!({"AutoScalingGroupName": "hooked", "MinSize": 1, "MaxSize": 1,
            "InstanceId": "i-2", "LifecycleHookSpecificationList": hooks})
    };
    let hook = json!({"LifecycleHookName": "warm", "HeartbeatTimeout": 40,
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "DefaultResult": "CONTINUE"});
    let twice = "The lifecycle hook name warm is specified more than once";
    site.invalid(CREATE, hooks(json!([hook, hook])), twice);
    let many: Vec<Value> = (0..51)
        .map(|number| {
            let mut hook = hook.clone();
            hook["LifecycleHookName"] = json!(format!("warm-{number}"));
            hook
        })
        .collect();
    let most = "AutoScalingGroup has 50 lifecycle hooks, which is the most.";
    site.refused(CREATE, hooks(json!(many)), ("LimitExceeded", 400, most));
    site.accepted(CREATE, hooks(json!([hook])));
    // launched after 2 s, running after 37 s
    for (second, state) in [
        (40, "Pending:Wait"),
        (76, "Pending:Wait"),
        (77, "InService"),
    ] {
        site.run_to(second);
        let (_, members) = site.group("hooked");
        let states: Vec<&String> = members.values().collect();
        assert_eq!(states, [state], "at {second} s");
    }
    let shown = site.accepted(
        "autoscaling:DescribeLifecycleHooks",
        json!({"AutoScalingGroupName": "hooked"}),
    );
    assert_eq!(shown["LifecycleHooks"][0]["GlobalTimeout"], 4_000);
}
