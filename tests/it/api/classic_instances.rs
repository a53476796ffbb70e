//! `elb:RegisterInstancesWithLoadBalancer`, `elb:DeregisterInstancesFromLoadBalancer`,
//! `elb:DescribeInstanceHealth` and `elb:DescribeLoadBalancers`.

use serde_json::{Value, json};

use super::fleet::{CLASSIC, Fleet, LATTICE, Site, WEB};

const REGISTER: &str = "elb:RegisterInstancesWithLoadBalancer";
const DEREGISTER: &str = "elb:DeregisterInstancesFromLoadBalancer";
const HEALTH: &str = "elb:DescribeInstanceHealth";

const GONE: [&str; 3] = [
    "OutOfService",
    "Instance",
    "Instance is not currently registered with the LoadBalancer.",
];
const LEAVING: [&str; 3] = [
    "InService",
    "N/A",
    "Instance deregistration currently in progress.",
];

fn params(ids: &[&str]) -> Value {
    let instances = ids.iter().map(|id| json!({ "InstanceId": id }));
    json!({"LoadBalancerName": CLASSIC, "Instances": instances.collect::<Vec<_>>()})
}

/// Two instances behind the balancer, one that is not.
fn fleet() -> Fleet {
    Fleet::aws()
        .classic(CLASSIC)
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .registered(80)
        .machine("i-3")
}

fn ids(answer: &Value) -> Vec<&str> {
    let instances = answer["Instances"].as_array().unwrap().iter();
    instances
        .map(|instance| instance["InstanceId"].as_str().unwrap())
        .collect()
}

/// Who remains is told at once, also while the others drain. R-CLB-6
#[test]
fn deregistering_answers_with_those_that_remain() {
    for fleet in [fleet(), fleet().draining(60)] {
        let mut site = fleet.site();
        assert_eq!(ids(&site.accepted(DEREGISTER, params(&["i-1"]))), ["i-2"]);
        assert_eq!(
            ids(&site.accepted(DEREGISTER, params(&["i-2", "i-2"]))),
            [""; 0]
        );
    }
}

/// Without draining an instance is out of service at once; with it `InService` until the nodes know
/// and nothing is in flight. Trap 1. R-CLB-2, R-CLB-6
#[test]
fn a_draining_instance_is_in_service_and_not_for_long() {
    let mut site = fleet().site();
    site.accepted(DEREGISTER, params(&["i-1"]));
    assert_eq!(site.instance_state(CLASSIC, "i-1"), GONE);
    let mut site = fleet().draining(300).site();
    site.accepted(DEREGISTER, params(&["i-1"]));
    assert_eq!(site.instance_state(CLASSIC, "i-1"), LEAVING);
    site.run_to(20);
    assert_eq!(
        site.instance_state(CLASSIC, "i-1"),
        GONE,
        "idle, long before 300 s"
    );
    assert_eq!(
        site.instance_state(CLASSIC, "i-2"),
        ["InService", "N/A", "N/A"]
    );
}

/// Trap 9, as observed: what never was registered is an error, what was is none.
#[test]
fn what_was_registered_once_may_be_deregistered_again() {
    let mut site = fleet().site();
    let unknown = |id: &str| format!("Could not find EC2 instance {id}.");
    for id in ["i-3", "i-9"] {
        for name in [DEREGISTER, HEALTH] {
            let text = unknown(id);
            site.refused(name, params(&["i-1", id]), ("InvalidInstance", 400, &text));
        }
    }
    assert_eq!(
        site.instance_state(CLASSIC, "i-1")[0],
        "InService",
        "nothing was done"
    );
    site.accepted(DEREGISTER, params(&["i-1"]));
    assert_eq!(ids(&site.accepted(DEREGISTER, params(&["i-1"]))), ["i-2"]);
}

#[test]
fn instances_are_registered_all_or_none() {
    let mut site = fleet().machine("i-4").site();
    site.accepted("ec2:StopInstances", json!({"InstanceIds": ["i-4"]}));
    site.run_to(100);
    for (id, text) in [
        ("i-9", "Could not find EC2 instance i-9."),
        ("10.0.0.1", "Could not find EC2 instance 10.0.0.1."),
        ("i-4", "EC2 instance i-4 is not in a running state."),
    ] {
        site.refused(
            REGISTER,
            params(&["i-3", id]),
            ("InvalidInstance", 400, text),
        );
    }
    let answer = site.accepted(REGISTER, params(&["i-3", "i-1"]));
    assert_eq!(ids(&answer), ["i-1", "i-2", "i-3"]);
    assert_eq!(
        site.instance_state(CLASSIC, "i-3"),
        [
            "OutOfService",
            "ELB",
            "Instance registration is still in progress."
        ]
    );
    site.run_to(700);
    assert_eq!(site.instance_state(CLASSIC, "i-3")[0], "InService");
}

/// An instance that drains is registered again.
#[test]
fn registering_calls_a_drain_off() {
    let mut site = fleet().draining(300).site();
    site.accepted(DEREGISTER, params(&["i-1"]));
    let answer = site.accepted(REGISTER, params(&["i-1"]));
    assert_eq!(ids(&answer), ["i-1", "i-2"]);
    assert_eq!(site.instance_state(CLASSIC, "i-1")[0], "OutOfService");
}

/// That of a terminated instance is told to whoever asks for it only.
#[test]
fn states_of_machines_are_told() {
    let mut site = fleet().site();
    site.accepted("ec2:StopInstances", json!({"InstanceIds": ["i-1"]}));
    site.accepted("ec2:TerminateInstances", json!({"InstanceIds": ["i-2"]}));
    site.run_to(200);
    let mut told = |params: Value| {
        let answer = site.accepted(HEALTH, params);
        let told = answer["InstanceStates"].as_array().unwrap().iter();
        told.map(|one| one["Description"].as_str().unwrap().to_owned())
            .collect::<Vec<String>>()
    };
    assert_eq!(
        told(json!({"LoadBalancerName": CLASSIC})),
        ["Instance is in stopped state."]
    );
    assert_eq!(told(params(&["i-2"])), ["Instance is in terminated state."]);
}

/// Each family sees its own, whatever the identifier.
#[test]
fn only_classic_load_balancers_are_named() {
    let mut site = fleet().lattice(LATTICE).site();
    for name in ["front", "mesh", "other", WEB, LATTICE] {
        let text = format!("There is no ACTIVE Load Balancer named '{name}'");
        let expect = ("LoadBalancerNotFound", 400, text.as_str());
        let mut named = params(&["i-1"]);
        named["LoadBalancerName"] = json!(name);
        for operation in [REGISTER, DEREGISTER, HEALTH] {
            site.refused(operation, named.clone(), expect);
        }
        let only = json!({"LoadBalancerName": name});
        site.refused("elb:DescribeLoadBalancerAttributes", only, expect);
        let names = json!({"LoadBalancerNames": [CLASSIC, name]});
        site.refused("elb:DescribeLoadBalancers", names, expect);
    }
}

#[test]
fn balancers_are_described_by_name_and_page() {
    let mut site: Site = fleet().classic("another").site();
    let describe = "elb:DescribeLoadBalancers";
    let answer = site.accepted(describe, json!({"PageSize": 1}));
    let first = &answer["LoadBalancerDescriptions"][0];
    assert_eq!(first["LoadBalancerName"], CLASSIC);
    assert_eq!(
        first["AvailabilityZones"],
        json!(["us-west-2a", "us-west-2b"])
    );
    assert_eq!(ids(first), ["i-1", "i-2"]);
    assert_eq!(
        first["HealthCheck"],
        json!({"Target": "HTTP:80/", "Interval": 30, "Timeout": 5, "HealthyThreshold": 10,
            "UnhealthyThreshold": 2})
    );
    let answer = site.accepted(describe, json!({"Marker": answer["NextMarker"]}));
    assert_eq!(
        answer["LoadBalancerDescriptions"][0]["LoadBalancerName"],
        "another"
    );
    assert_eq!(answer.get("NextMarker"), None);
    let names = json!({"LoadBalancerNames": ["another", "another"]});
    let answer = site.accepted(describe, names);
    assert_eq!(
        answer["LoadBalancerDescriptions"].as_array().unwrap().len(),
        1
    );
    site.invalid(describe, json!({"Marker": "7"}), "Invalid marker '7'");
    site.invalid(
        describe,
        json!({"PageSize": 401}),
        "1 validation error detected: Value '401' at 'pageSize' failed to satisfy constraint: \
         Member must have value less than or equal to 400",
    );
}
