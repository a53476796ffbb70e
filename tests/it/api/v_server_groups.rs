//! `ess:AttachVServerGroups` and `ess:DetachVServerGroups`. R-ESS-33

use serde_json::{Value, json};

use super::fleet::{Fleet, SCALING_GROUP, Site, about_group, with_all};
use drainsim::model::settings::Provider;

const ATTACH: &str = "ess:AttachVServerGroups";
const DETACH: &str = "ess:DetachVServerGroups";
const FRONT: &str = "lb-bp1front";
const WEB: &str = "rsp-bp1web";
const API: &str = "rsp-bp1api";
const IDS: [&str; 2] = ["i-bp1a", "i-bp1b"];

/// A group that serves the load balancer [`FRONT`] and its vServer group [`WEB`], both on port 22,
/// another vServer group of it nobody serves, and one of another load balancer.
fn site() -> Site {
    Fleet::new(Provider::Alibaba)
        .clb(FRONT)
        .v_server_group(WEB)
        .group(SCALING_GROUP, (1, 6, 2), &IDS)
        .v_server_group(API)
        .clb("lb-bp1back")
        .v_server_group("rsp-bp1other")
        .site()
}

fn params(more: Value) -> Value {
    with_all(about_group(), more)
}

/// A call on one vServer group of a load balancer.
fn one(force: &str, balancer: &str, group: Value) -> Value {
    params(json!({
        force: true,
        "VServerGroups": [{"LoadBalancerId": balancer, "VServerGroupAttributes": [group]}],
    }))
}

fn states(site: &Site, group: &str, port: u16) -> [&'static str; 2] {
    IDS.map(|id| site.server(group, id, port))
}

fn count(site: &Site) -> usize {
    site.cloud().groups[0].sources.len()
}

/// With `ForceAttach` instances are added on the port of the call, through an activity that the
/// answer does not name. The usual weight is 50. R-ESS-31
#[test]
fn with_force_instances_are_added() {
    let mut site = site();
    let group = json!({"VServerGroupId": API, "Port": 8080});
    let answer = site.accepted(ATTACH, one("ForceAttach", FRONT, group));
    assert_eq!(answer.as_object().unwrap().len(), 1);
    assert_eq!(site.cloud().activities.len(), 1);
    site.run_to(30);
    assert_eq!(states(&site, API, 8080), ["healthy"; 2]);
    let source = &site.cloud().groups[0].sources[2];
    assert_eq!((source.port, source.weight), (8080, 50));
}

#[test]
fn without_force_only_the_association_changes() {
    let mut site = site();
    let mut call = one(
        "ForceAttach",
        FRONT,
        json!({"VServerGroupId": API, "Port": 80, "Weight": 100}),
    );
    call["ForceAttach"] = Value::Null;
    site.accepted(ATTACH, call);
    assert_eq!((states(&site, API, 80), count(&site)), (["absent"; 2], 3));
    let mut call = one(
        "ForceDetach",
        FRONT,
        json!({"VServerGroupId": WEB, "Port": 22}),
    );
    call["ForceDetach"] = json!("False");
    site.accepted(DETACH, call);
    site.run_to(60);
    assert_eq!((states(&site, WEB, 22), count(&site)), (["healthy"; 2], 2));
    assert!(site.cloud().activities.is_empty());
}

#[test]
fn with_force_instances_are_removed() {
    let mut site = site();
    let group = json!({"VServerGroupId": WEB, "Port": 22});
    let answer = site.accepted(DETACH, one("ForceDetach", FRONT, group));
    assert_eq!(answer.as_object().unwrap().len(), 1);
    site.run_to(6);
    assert_eq!((states(&site, WEB, 22), count(&site)), (["absent"; 2], 1));
    assert_eq!(states(&site, FRONT, 22), ["healthy"; 2]);
}

/// The page of the API of 2014 flattens twice, current SDKs send lists.
#[test]
fn every_spelling_is_understood() {
    let group = json!({"VServerGroupId": WEB, "Port": "22"});
    let inner = json!([group]);
    let flat = |one: &str, many: &str| {
        json!({
            format!("{one}.1.LoadBalancerId"): FRONT,
            format!("{one}.1.{many}.1.VServerGroupId"): WEB,
            format!("{one}.1.{many}.1.Port"): 22,
            format!("{one}.1.{many}.2.VServerGroupId"): API,
            format!("{one}.1.{many}.2.Port"): 22,
        })
    };
    let balancer = json!({"LoadBalancerId": FRONT, "VServerGroupAttribute": inner.to_string()});
    for spelling in [
        json!({"VServerGroups": [{"LoadBalancerId": FRONT, "VServerGroupAttributes": inner}]}),
        json!({"VServerGroup": [{"LoadBalancerId": FRONT, "VServerGroupAttribute": inner}]}),
        json!({"VServerGroup": json!([balancer]).to_string()}),
        flat("VServerGroup", "VServerGroupAttribute"),
        flat("VServerGroups", "VServerGroupAttributes"),
    ] {
        let mut site = site();
        site.accepted(DETACH, params(spelling));
        assert_eq!(count(&site), 1);
    }
}

/// What matches nothing is ignored, and no error is reported.
#[test]
fn only_the_same_load_balancer_group_and_port_match() {
    for (balancer, id, port) in [
        ("lb-bp1back", WEB, 22),
        (FRONT, WEB, 23),
        (FRONT, API, 22),
        (FRONT, "rsp-gone", 22),
        ("lb-gone", WEB, 22),
        (FRONT, FRONT, 22),
    ] {
        let mut site = site();
        let group = json!({"VServerGroupId": id, "Port": port});
        site.accepted(DETACH, one("ForceDetach", balancer, group));
        assert_eq!((states(&site, WEB, 22), count(&site)), (["healthy"; 2], 2));
        assert_eq!(states(&site, FRONT, 22), ["healthy"; 2]);
    }
}

#[test]
fn what_is_not_there_cannot_be_attached() {
    let mut site = site();
    for (balancer, id, code, status) in [
        ("lb-gone", API, "InvalidLoadBalancerId.NotFound", 404),
        (
            FRONT,
            "rsp-gone",
            "InvalidVServerGroupId.ForLoadBalancer",
            400,
        ),
        (
            FRONT,
            "rsp-bp1other",
            "InvalidVServerGroupId.ForLoadBalancer",
            400,
        ),
        (FRONT, FRONT, "InvalidVServerGroupId.ForLoadBalancer", 400),
    ] {
        let group = json!({"VServerGroupId": id, "Port": 1});
        let message = match status {
            404 => format!("The load balancer \"{balancer}\" does not exist."),
            _ => format!("Invalid VServerGroupId For LoadBalancer \"{balancer}\"."),
        };
        let call = one("ForceAttach", balancer, group);
        site.refused(ATTACH, call, (code, status, &message));
    }
}

const FIRST: &str = "VServerGroup.1.VServerGroupAttribute.1";

/// The structure of the load balancer with these vServer groups.
fn balancer(groups: Value) -> Value {
    json!({"LoadBalancerId": FRONT, "VServerGroupAttribute": groups})
}

#[test]
fn what_is_mandatory_is_asked_for() {
    let mut site = site();
    let group = json!({"VServerGroupId": WEB, "Port": 22});
    let no_port = json!([{"VServerGroupId": WEB}]);
    for (call, key) in [
        (json!({}), "VServerGroup".to_owned()),
        (
            json!({"VServerGroup": [{"VServerGroupAttribute": [group]}]}),
            "VServerGroup.1.LoadBalancerId".to_owned(),
        ),
        (
            json!({"VServerGroup": [balancer(json!([]))]}),
            "VServerGroup.1.VServerGroupAttribute".to_owned(),
        ),
        (
            json!({"VServerGroups": [{"LoadBalancerId": FRONT, "VServerGroupAttributes": no_port}]}),
            format!("{FIRST}.Port"),
        ),
        (
            json!({"VServerGroup": [balancer(json!([{"Port": 1}]))]}),
            format!("{FIRST}.VServerGroupId"),
        ),
        (json!({"RegionId": null}), "RegionId".to_owned()),
    ] {
        for operation in [ATTACH, DETACH] {
            let call = params(call.clone());
            site.bad_parameter(operation, call, ("MissingParameter", &key));
        }
    }
}

#[test]
fn values_are_checked_in_the_words_of_the_cloud() {
    let mut site = site();
    let group = json!({"VServerGroupId": WEB, "Port": 22});
    let many = |what: Value| Value::Array(vec![what; 6]);
    let heavy = json!([{"VServerGroupId": API, "Port": 1, "Weight": 101}]);
    for (operation, call, key) in [
        (
            DETACH,
            json!({"VServerGroup": many(balancer(json!([group])))}),
            "VServerGroup".to_owned(),
        ),
        (
            DETACH,
            json!({"VServerGroup": [balancer(many(group))]}),
            "VServerGroup.1.VServerGroupAttribute".to_owned(),
        ),
        (
            DETACH,
            json!({"VServerGroup": [{"LoadBalancerId": FRONT,
                "VServerGroupAttribute.1.VServerGroupId": WEB,
                "VServerGroupAttribute.1.Port": 22, "VServerGroupAttribute.1.Weight": 1}]}),
            format!("{FIRST}.Weight"),
        ),
        (
            ATTACH,
            json!({"VServerGroup": [balancer(heavy)]}),
            format!("{FIRST}.Weight"),
        ),
        (
            DETACH,
            json!({"VServerGroup.1.LoadBalancerId": FRONT,
                "VServerGroup.1.VServerGroupAttribute.1.VServerGroupId": WEB,
                "VServerGroup.1.VServerGroupAttribute.1.Port": 65536}),
            format!("{FIRST}.Port"),
        ),
    ] {
        site.bad_parameter(operation, params(call), ("InvalidParameter", &key));
    }
    let group = json!({"VServerGroupId": WEB, "Port": 22});
    let mut gone = one("ForceDetach", FRONT, group);
    gone["ScalingGroupId"] = json!("asg-gone");
    let message = "The specified scaling group does not exist.";
    site.refused(
        DETACH,
        gone,
        ("InvalidScalingGroupId.NotFound", 404, message),
    );
}

/// R-ESS-2 R-ESS-7
#[test]
fn one_activity_at_a_time_and_once_for_a_client_token() {
    let mut site = site();
    let mut call = one(
        "ForceDetach",
        FRONT,
        json!({"VServerGroupId": WEB, "Port": 22}),
    );
    call["ClientToken"] = json!("t");
    let first = site.accepted(DETACH, call.clone());
    assert_eq!(site.accepted(DETACH, call.clone()), first);
    call["ClientToken"] = json!("u");
    site.refused_with(DETACH, call, "ScalingActivityInProgress");
}

/// A load balancer is there whether or not anything has to do with its default server group, which
/// is left out of a fleet then.
#[test]
fn a_load_balancer_may_have_v_server_groups_only() {
    let mut fleet = Fleet::new(Provider::Alibaba)
        .clb(FRONT)
        .group(SCALING_GROUP, (1, 6, 2), &IDS);
    WEB.clone_into(&mut fleet.0.target_groups[0].identifier);
    fleet.0.groups[0].sources.clear();
    let mut site = fleet.site();
    let group = json!({"VServerGroupId": WEB, "Port": 22});
    site.accepted(ATTACH, one("ForceAttach", FRONT, group.clone()));
    assert_eq!(count(&site), 1);
    let message = "The load balancer \"lb-bp1back\" does not exist.";
    let other = one("ForceAttach", "lb-bp1back", group);
    let error = ("InvalidLoadBalancerId.NotFound", 404, message);
    site.refused(ATTACH, other, error);
}
