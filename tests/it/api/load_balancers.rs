//! `ess:AttachLoadBalancers` and `ess:DetachLoadBalancers`. R-ESS-32

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, Site, with_all};
use drainsim::model::settings::Provider;

const ATTACH: &str = "ess:AttachLoadBalancers";
const DETACH: &str = "ess:DetachLoadBalancers";
const FRONT: &str = "lb-bp1front";
const BACK: &str = "lb-bp1back";
const IDS: [&str; 2] = ["i-bp1a", "i-bp1b"];

/// A group that serves the load balancer [`FRONT`], and another load balancer nobody serves.
fn site() -> Site {
    Fleet::new(Provider::Alibaba)
        .clb(FRONT)
        .group(SCALING_GROUP, (1, 6, 2), &IDS)
        .clb(BACK)
        .v_server_group("rsp-bp1v")
        .site()
}

fn params(more: Value) -> Value {
    with_all(json!({"ScalingGroupId": SCALING_GROUP}), more)
}

fn states(site: &Site, balancer: &str) -> [&'static str; 2] {
    IDS.map(|id| site.server(balancer, id, 22))
}

fn count(site: &Site) -> usize {
    site.cloud().groups[0].sources.len()
}

/// With `ForceAttach` instances are added to the default server group; the answer names the activity
/// only with Async.
#[test]
fn with_force_instances_are_added() {
    for asynchronous in [false, true] {
        let mut site = site();
        let call = json!({"LoadBalancers": [BACK], "ForceAttach": true, "Async": asynchronous});
        let answer = site.accepted(ATTACH, params(call));
        assert_eq!(answer["ScalingActivityId"].is_string(), asynchronous);
        assert!(answer["RequestId"].is_string());
        assert_eq!(states(&site, BACK), ["initial"; 2]);
        site.run_to(30);
        assert_eq!(states(&site, BACK), ["healthy"; 2]);
        assert_eq!(site.cloud().activities.len(), 1);
    }
}

/// Who is attached has the weight that the call says, or that of the load balancer. R-ESS-11 R-ESS-31
#[test]
fn instances_are_attached_with_weights_of_their_own() {
    let mut site = Fleet::new(Provider::Alibaba)
        .clb(FRONT)
        .group(SCALING_GROUP, (1, 6, 2), &IDS)
        .machine("i-bp1y")
        .machine("i-bp1z")
        .site();
    let standard = site.cloud().groups[0].sources[0].weight;
    let ids = ["i-bp1z", "i-bp1y"];
    let call = json!({"InstanceIds": ids, "LoadBalancerWeights": [7]});
    site.accepted("ess:AttachInstances", params(call));
    let weights = ids.map(|id| {
        let mut servers = site.cloud().registrations.iter();
        servers.find(|server| server.id == id).unwrap().weight
    });
    assert_eq!(weights, [7, standard]);
}

/// Without force only instances to come are added. Those that are there can be added later, as the
/// page says, by another call for the same load balancer.
#[test]
fn without_force_they_are_added_by_another_call() {
    let mut site = site();
    let call = json!({"LoadBalancers": [BACK]});
    let answer = site.accepted(ATTACH, params(call));
    assert_eq!(
        answer.as_object().unwrap().len(),
        1,
        "no activity: {answer}"
    );
    assert_eq!((states(&site, BACK), count(&site)), (["absent"; 2], 2));
    let call = json!({"LoadBalancers": [BACK], "ForceAttach": true});
    site.accepted(ATTACH, params(call));
    site.run_to(30);
    assert_eq!((states(&site, BACK), count(&site)), (["healthy"; 2], 2));
}

/// Weights come with configurations; 50 is usual. R-ESS-31
#[test]
fn weights_come_with_configurations() {
    for (call, weight) in [
        (
            json!({"LoadBalancerConfigs": [{"LoadBalancerId": BACK, "Weight": 7}]}),
            7,
        ),
        (
            json!({"LoadBalancerConfig.1.LoadBalancerId": BACK, "LoadBalancerConfig.1.Weight": "0"}),
            0,
        ),
        (
            json!({"LoadBalancerConfigs": [{"LoadBalancerId": BACK}]}),
            50,
        ),
        (json!({"LoadBalancers": [BACK]}), 50),
    ] {
        let mut site = site();
        site.accepted(ATTACH, params(call));
        assert_eq!(site.cloud().groups[0].sources[1].weight, weight);
    }
}

/// Without `ForceDetach` only the association ends, and traffic goes on.
#[test]
fn without_force_instances_stay() {
    let mut site = site();
    let answer = site.accepted(DETACH, params(json!({"LoadBalancers": [FRONT]})));
    assert_eq!(
        answer.as_object().unwrap().len(),
        1,
        "no activity: {answer}"
    );
    site.run_to(600);
    assert_eq!((states(&site, FRONT), count(&site)), (["healthy"; 2], 0));
    assert!(site.cloud().activities.is_empty());
}

#[test]
fn with_force_they_are_removed() {
    for asynchronous in [false, true] {
        let mut site = site();
        let call = json!({"LoadBalancers": [FRONT], "ForceDetach": true, "Async": asynchronous});
        let answer = site.accepted(DETACH, params(call));
        assert_eq!(answer["ScalingActivityId"].is_string(), asynchronous);
        site.run_to(6);
        assert_eq!((states(&site, FRONT), count(&site)), (["absent"; 2], 0));
        assert_eq!(site.cloud().groups[0].counts.in_service, 2);
    }
}

/// Asked for in the background, a change of the association alone is an activity that is over at
/// once.
#[test]
fn in_the_background_it_is_an_activity_in_any_case() {
    for (operation, id) in [(ATTACH, BACK), (DETACH, FRONT)] {
        let mut site = site();
        let call = json!({"LoadBalancers": [id], "Async": "true"});
        let answer = site.accepted(operation, params(call));
        let describe =
            json!({"RegionId": "r", "ScalingActivityIds": [answer["ScalingActivityId"]]});
        let answer = site.accepted("ess:DescribeScalingActivities", describe);
        assert_eq!(answer["ScalingActivities"][0]["StatusCode"], "Successful");
        assert_eq!(states(&site, FRONT), ["healthy"; 2]);
    }
}

#[test]
fn every_spelling_is_understood() {
    for spelling in [
        json!({"LoadBalancers": [FRONT]}),
        json!({"LoadBalancer": [FRONT]}),
        json!({"LoadBalancer": json!([FRONT]).to_string()}),
        json!({"LoadBalancer.1": FRONT, "RegionId": "cn-qingdao"}),
        json!({"LoadBalancers.1": FRONT, "LoadBalancers.2": FRONT}),
    ] {
        let mut site = site();
        site.accepted(DETACH, params(spelling));
        assert_eq!(count(&site), 0);
    }
}

/// Each operation has its own words for a load balancer that is not there; to detach one it must be
/// attached.
#[test]
fn load_balancers_must_be_there() {
    let mut site = site();
    for (operation, id, words) in [
        (ATTACH, "lb-gone", "The load balancer"),
        (ATTACH, "rsp-bp1v", "The load balancer"),
        (DETACH, "lb-gone", "The Load Balancer"),
        (DETACH, BACK, "The Load Balancer"),
    ] {
        let call = params(json!({"LoadBalancers": [id]}));
        let message = format!("{words} \"{id}\" does not exist.");
        site.refused(
            operation,
            call,
            ("InvalidLoadBalancerId.NotFound", 404, &message),
        );
    }
    // all or none
    let call = params(json!({"LoadBalancers": [FRONT, BACK], "ForceDetach": true}));
    assert!(site.call(DETACH, call).is_err());
    assert_eq!(states(&site, FRONT), ["healthy"; 2]);
}

#[test]
fn what_is_mandatory_is_asked_for() {
    let mut site = site();
    for (operation, call, key) in [
        (ATTACH, json!({}), "LoadBalancer"),
        (DETACH, json!({}), "LoadBalancer"),
        (
            DETACH,
            json!({"LoadBalancers": [FRONT], "ScalingGroupId": null}),
            "ScalingGroupId",
        ),
        (
            ATTACH,
            json!({"LoadBalancerConfigs": [{"Weight": 1}]}),
            "LoadBalancerConfig.1.LoadBalancerId",
        ),
    ] {
        site.bad_parameter(operation, params(call), ("MissingParameter", key));
    }
}

#[test]
fn values_are_checked_in_the_words_of_the_cloud() {
    let mut site = site();
    let six = json!(["a", "b", "c", "d", "e", "f"]);
    let config = |weight: i32| json!({"LoadBalancerId": BACK, "Weight": weight});
    let five = json!([config(1), config(1), config(1), config(1), config(1)]);
    for (operation, call, key) in [
        (DETACH, json!({"LoadBalancer": six.clone()}), "LoadBalancer"),
        (DETACH, json!({"LoadBalancers": six}), "LoadBalancers"),
        (
            ATTACH,
            json!({"LoadBalancerConfigs": five, "LoadBalancers": [FRONT]}),
            "LoadBalancer",
        ),
        (
            ATTACH,
            json!({"LoadBalancerConfig": [config(101)]}),
            "LoadBalancerConfig.1.Weight",
        ),
        (DETACH, json!({"LoadBalancer": "not json"}), "LoadBalancer"),
        (DETACH, json!({"LoadBalancer.1": 7}), "LoadBalancer.1"),
        (DETACH, json!({"LoadBalancer.x": FRONT}), "LoadBalancer.x"),
        (
            DETACH,
            json!({"LoadBalancers": [FRONT], "Async": "maybe"}),
            "Async",
        ),
    ] {
        site.bad_parameter(operation, params(call), ("InvalidParameter", key));
    }
    let gone = params(json!({"LoadBalancers": [FRONT], "ScalingGroupId": "asg-gone"}));
    let message = "The specified scaling group does not exist.";
    site.refused(
        DETACH,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}

/// What is no activity does not wait for one. R-ESS-2
#[test]
fn one_scaling_activity_at_a_time() {
    let mut site = site();
    let forced = params(json!({"LoadBalancers": [FRONT], "ForceDetach": true}));
    site.accepted(DETACH, forced.clone());
    let asked = params(json!({"LoadBalancers": [BACK], "Async": true}));
    for (operation, call) in [(DETACH, forced), (ATTACH, asked)] {
        site.refused_with(operation, call, "ScalingActivityInProgress");
    }
    site.accepted(ATTACH, params(json!({"LoadBalancers": [BACK]})));
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut site = site();
    let call = json!({"LoadBalancers": [FRONT], "ForceDetach": true, "ClientToken": "t"});
    let first = site.accepted(DETACH, params(call.clone()));
    site.run_to(60);
    // detached since, it would not be found
    assert_eq!(site.accepted(DETACH, params(call.clone())), first);
    let mut other = params(call);
    other["Async"] = json!(true);
    site.refused_with(DETACH, other, "IdempotentParameterMismatch");
}
