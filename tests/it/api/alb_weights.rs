//! `alb:UpdateServerGroupServersAttribute`. R-ALB-5

use serde_json::{Value, json};

use super::fleet::{Fleet, SERVERS, Site};

const UPDATE: &str = "alb:UpdateServerGroupServersAttribute";

fn params(servers: Value) -> Value {
    json!({"ServerGroupId": SERVERS, "Servers": servers})
}

fn ecs(id: &str, weight: u32) -> Value {
    json!({"ServerId": id, "ServerType": "Ecs", "Port": 22, "Weight": weight})
}

fn with(mut value: Value, key: &str, to: Value) -> Value {
    value[key] = to;
    value
}

/// Weights and descriptions of the servers, as they are listed.
fn listed(site: &mut Site) -> Vec<(u64, Value)> {
    let answer = site.accepted(
        "alb:ListServerGroupServers",
        json!({"ServerGroupId": SERVERS}),
    );
    let servers = answer["Servers"].as_array().unwrap().iter();
    servers
        .map(|one| (one["Weight"].as_u64().unwrap(), one["Description"].clone()))
        .collect()
}

#[test]
fn nodes_learn_the_new_weights_a_while_later() {
    let mut site = Fleet::alibaba().site();
    let mut servers = vec![ecs("i-bp1a", 0), ecs("i-bp1b", 10), ecs("i-bp1a", 0)];
    servers[1]["Description"] = json!("slow");
    let answer = site.accepted(UPDATE, params(json!(servers)));
    assert!(answer["JobId"].is_string() && answer["RequestId"].is_string());
    let shown = listed(&mut site);
    assert_eq!(shown[0], (0, Value::Null));
    assert_eq!(shown[1], (10, json!("slow")));
    assert_eq!(shown[2].0, 100);
    assert_eq!(site.cloud().target_groups[0].counts.eligible, 4);
    site.run_to(30);
    assert_eq!(site.cloud().target_groups[0].counts.eligible, 3);
    // what is left out stays
    let only =
        json!([{"ServerId": "i-bp1b", "ServerType": "Ecs", "Port": 22, "Description": "old"}]);
    site.accepted(UPDATE, params(only));
    assert_eq!(listed(&mut site)[1], (10, json!("old")));
    site.accepted(UPDATE, params(json!([ecs("i-bp1a", 5)])));
    site.run_to(60);
    assert_eq!(site.cloud().target_groups[0].counts.eligible, 4);
}

#[test]
fn a_server_added_with_weight_0_is_available_without_checks() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    site.accepted(
        "alb:AddServersToServerGroup",
        params(json!([ecs("i-bp1z", 0)])),
    );
    site.run_to(60);
    let answer = site.accepted(
        "alb:ListServerGroupServers",
        json!({"ServerGroupId": SERVERS, "ServerIds": ["i-bp1z"]}),
    );
    assert_eq!(answer["Servers"][0]["Status"], "Available");
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "initial");
    site.accepted(UPDATE, params(json!([ecs("i-bp1z", 50)])));
    site.run_to(120);
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "healthy");
}

#[test]
fn requests_are_checked() {
    let mut site = Fleet::alibaba().site();
    let not_found = "The specified resource BackendServer is not found.";
    let unknown = ("ResourceNotFound.BackendServer", 404, not_found);
    site.refused(
        UPDATE,
        params(json!([ecs("i-bp1a", 0), ecs("i-bp1x", 0)])),
        unknown,
    );
    assert_eq!(listed(&mut site)[0].0, 100, "all or none");
    let other_port = with(ecs("i-bp1a", 0), "Port", json!(23));
    site.refused(UPDATE, params(json!([other_port])), unknown);
    let message = "The specified resource ServerGroup is not found.";
    let gone = with(
        params(json!([ecs("i-bp1a", 0)])),
        "ServerGroupId",
        json!("sgp-gone"),
    );
    site.refused(UPDATE, gone, ("ResourceNotFound.ServerGroup", 404, message));
    let dry = with(params(json!([ecs("i-bp1a", 0)])), "DryRun", json!(true));
    let message = "Request validation has been passed with DryRun flag set.";
    site.refused(UPDATE, dry, ("DryRunOperation", 400, message));
    for (servers, named) in [
        (json!([ecs("i-bp1a", 101)]), "Servers.1.Weight"),
        (json!(vec![ecs("i-bp1a", 1); 41]), "Servers"),
    ] {
        let message = format!("The specified value of parameter \"{named}\" is not valid.");
        let refusal = ("InvalidParameter", 400, message.as_str());
        site.refused(UPDATE, params(servers), refusal);
    }
    site.accepted("alb:RemoveServersFromServerGroup", {
        let server = json!({"ServerId": "i-bp1a", "ServerType": "Ecs", "Port": 22});
        params(json!([server]))
    });
    let message = "The specified resource of BackendServer is being configured, please try again \
                   later.";
    let removing = ("ResourceInConfiguring.BackendServer", 400, message);
    site.refused(UPDATE, params(json!([ecs("i-bp1a", 1)])), removing);
    let flat = json!({"ServerGroupId": SERVERS, "Servers.1.ServerId": "i-bp1b",
        "Servers.1.ServerType": "Ecs", "Servers.1.Port": "22", "Servers.1.Weight": "7",
        "ClientToken": "t"});
    let first = site.accepted(UPDATE, flat.clone());
    assert_eq!(site.accepted(UPDATE, flat), first);
}

/// NLB does the same in its own words. R-ANLB-5
#[test]
fn servers_of_an_nlb_are_weighed_as_well() {
    let update = "nlb:UpdateServerGroupServersAttribute";
    let mut site = Fleet::alibaba_behind("alibaba:nlb").site();
    let answer = site.accepted(update, params(json!([ecs("i-bp1a", 0)])));
    assert!(answer["JobId"].is_string());
    assert_eq!(answer["ServerGroupId"], SERVERS);
    site.run_to(30);
    assert_eq!(site.cloud().target_groups[0].counts.eligible, 3);
    let message = "The specified resource of serverGroup is not found.";
    site.refused(
        UPDATE,
        params(json!([ecs("i-bp1a", 0)])),
        (
            "ResourceNotFound.ServerGroup",
            404,
            "The specified resource ServerGroup is not found.",
        ),
    );
    let gone = with(
        params(json!([ecs("i-bp1a", 0)])),
        "ServerGroupId",
        json!("sgp-gone"),
    );
    site.refused(update, gone, ("ResourceNotFound.serverGroup", 404, message));
}
