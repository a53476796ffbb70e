//! Servers of server groups of Alibaba Cloud's ALB: added, removed and listed; and how they drain.

use serde_json::{Value, json};

use super::fleet::{Fleet, SERVERS, Site};
use drainsim::engine::time::SimDuration;
use drainsim::model::settings::TargetType;

const ADD: &str = "alb:AddServersToServerGroup";
const REMOVE: &str = "alb:RemoveServersFromServerGroup";
const LIST: &str = "alb:ListServerGroupServers";
const UPDATE: &str = "alb:UpdateServerGroupAttribute";
const PRIVATE: &str = "sgp-private";

/// [`SERVERS`] with the four instances of its group, a server group of addresses, and two machines
/// outside groups.
fn fleet() -> Fleet {
    Fleet::alibaba()
        .target_group(PRIVATE, TargetType::Ip)
        .machine("i-bp1z")
        .machine("10.0.0.9")
}

fn params(group: &str, servers: Value) -> Value {
    json!({"ServerGroupId": group, "Servers": servers})
}

fn ecs(id: &str, port: u16) -> Value {
    json!({"ServerId": id, "ServerType": "Ecs", "Port": port})
}

fn with(mut value: Value, key: &str, to: Value) -> Value {
    value[key] = to;
    value
}

#[test]
fn added_servers_get_traffic_and_removed_ones_leave() {
    let mut site = fleet().site();
    let answer = site.accepted(ADD, params(SERVERS, json!([ecs("i-bp1z", 22)])));
    assert!(answer["JobId"].is_string() && answer["RequestId"].is_string());
    assert_eq!(answer.as_object().unwrap().len(), 2);
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "initial");
    site.run_to(30);
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "healthy");
    let servers = json!([ecs("i-bp1z", 22), ecs("i-bp1a", 22), ecs("i-bp1z", 22)]);
    let answer = site.accepted(REMOVE, params(SERVERS, servers));
    assert!(answer["JobId"].is_string() && answer["RequestId"].is_string());
    for id in ["i-bp1z", "i-bp1a"] {
        assert_eq!(site.server(SERVERS, id, 22), "draining");
    }
    assert_eq!(site.server(SERVERS, "i-bp1b", 22), "healthy");
    site.run_to(60);
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "absent");
    // the scaling group goes on with it
    assert_eq!(site.cloud().groups[0].members.len(), 4);
}

#[test]
fn a_server_has_a_place_for_each_port() {
    let mut site = fleet().site();
    let servers = json!([ecs("i-bp1a", 80), ecs("i-bp1a", 81)]);
    site.accepted(ADD, params(SERVERS, servers));
    assert_eq!(site.server(SERVERS, "i-bp1a", 81), "initial");
    site.accepted(REMOVE, params(SERVERS, json!([ecs("i-bp1a", 80)])));
    assert_eq!(site.server(SERVERS, "i-bp1a", 80), "draining");
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
}

#[test]
fn addresses_are_servers_of_their_own_groups() {
    let mut site = fleet().site();
    let server = json!({"ServerId": "10.0.0.9", "ServerType": "Ip", "Port": 80});
    site.accepted(ADD, params(PRIVATE, json!([server])));
    site.run_to(30);
    assert_eq!(site.server(PRIVATE, "10.0.0.9", 80), "healthy");
    site.accepted(REMOVE, params(PRIVATE, json!([server])));
    // what has addresses of Elastic Load Balancing wait is not asked
    site.accepted(ADD, params(PRIVATE, json!([server])));
    assert_eq!(site.server(PRIVATE, "10.0.0.9", 80), "initial");
}

/// Trap 8: adding a draining server again is accepted and makes a new entry.
#[test]
fn a_draining_server_may_be_added_again() {
    let mut site = fleet().site();
    let servers = params(SERVERS, json!([ecs("i-bp1a", 22)]));
    site.accepted(REMOVE, servers.clone());
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "draining");
    site.accepted(ADD, servers);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "initial");
    site.run_to(60);
    assert_eq!(site.server(SERVERS, "i-bp1a", 22), "healthy");
}

#[test]
fn spellings_mean_the_same_and_tokens_make_calls_once() {
    let mut site = fleet().site();
    let nested = with(
        params(SERVERS, json!([ecs("i-bp1z", 22)])),
        "ClientToken",
        json!("token"),
    );
    let first = site.accepted(ADD, nested);
    let flat = json!({
        "ServerGroupId": SERVERS,
        "Servers.1.ServerId": "i-bp1z",
        "Servers.1.ServerType": "Ecs",
        "Servers.1.Port": "22",
        "ClientToken": "token",
    });
    assert_eq!(site.accepted(ADD, flat.clone()), first);
    match site.call(ADD, with(flat, "Servers.1.Port", json!(23))) {
        Err(error) => assert_eq!(
            (error.code, error.http_status),
            ("IdempotentParameterMismatch", 400)
        ),
        Ok(answer) => panic!("another request is refused, not answered with {answer}"),
    }
    site.run_to(30);
    assert_eq!(site.server(SERVERS, "i-bp1z", 22), "healthy");
}

/// Makes calls that must be refused with a code and its message.
fn all_refused(site: &mut Site, operation: &str, cases: &[(Value, &str, &str)]) {
    for (params, code, message) in cases {
        let missing = code.starts_with("ResourceNotFound.");
        let status = if missing { 404 } else { 400 };
        site.refused(operation, params.clone(), (code, status, message));
    }
}

#[test]
fn what_cannot_be_added_is_refused() {
    let mut site = fleet().site();
    site.host_goes(0);
    let no_ecs = "The specified resource Ecs is not found.";
    let add = |server: Value| params(SERVERS, json!([server]));
    let typed = |kind: &str| with(ecs("i-bp1b", 80), "ServerType", json!(kind));
    let address = |id: &str| {
        params(
            PRIVATE,
            json!([{"ServerId": id, "ServerType": "Ip", "Port": 80}]),
        )
    };
    all_refused(
        &mut site,
        ADD,
        &[
            (
                params("sgp-gone", json!([ecs("i-bp1b", 80)])),
                "ResourceNotFound.ServerGroup",
                "The specified resource ServerGroup is not found.",
            ),
            (add(ecs("i-gone", 80)), "ResourceNotFound.Ecs", no_ecs),
            (add(ecs("i-bp1z", 80)), "ResourceNotFound.Ecs", no_ecs),
            (
                add(typed("Eni")),
                "ResourceNotFound.Eni",
                "The specified resource Eni is not found.",
            ),
            (
                add(typed("Eci")),
                "ResourceNotFound.Eci",
                "The specified resource Eci is not found.",
            ),
            (
                add(typed("Ip")),
                "Mismatch.ServerType",
                "The ServerType is mismatched for i-bp1b and sgp-1gv2uidn2msy.",
            ),
            (
                add(with(ecs("i-bp1b", 80), "ServerIp", json!("nowhere"))),
                "IllegalParam.ServerIp",
                "The param of ServerIp is illegal.",
            ),
            (
                address("10.0.0.10"),
                "IllegalParam.ServerIp",
                "The param of ServerIp is illegal.",
            ),
            (
                params(SERVERS, json!([ecs("i-bp1b", 80), ecs("i-bp1b", 80)])),
                "DuplicatedParam.BackendServer",
                "The param of BackendServer is duplicated.",
            ),
            (
                params(SERVERS, json!([ecs("i-bp1b", 80), ecs("i-bp1b", 22)])),
                "Conflict.BackendServer",
                "There is already BackendServer having the same configuration with i-bp1b:22.",
            ),
            (
                with(add(ecs("i-bp1b", 80)), "DryRun", json!(true)),
                "DryRunOperation",
                "Request validation has been passed with DryRun flag set.",
            ),
        ],
    );
    assert_eq!(site.server(SERVERS, "i-bp1b", 80), "absent");
}

#[test]
fn what_cannot_be_removed_is_refused() {
    let mut site = fleet().site();
    let remove = |server: Value| params(SERVERS, json!([server]));
    site.accepted(REMOVE, remove(ecs("i-bp1a", 22)));
    let not_found = "The specified resource BackendServer is not found.";
    all_refused(
        &mut site,
        REMOVE,
        &[
            (
                params("sgp-gone", json!([ecs("i-bp1b", 22)])),
                "ResourceNotFound.ServerGroup",
                "The specified resource ServerGroup is not found.",
            ),
            (
                params(SERVERS, json!([ecs("i-bp1b", 22), ecs("i-bp1b", 80)])),
                "ResourceNotFound.BackendServer",
                not_found,
            ),
            (
                remove(with(ecs("i-bp1b", 22), "ServerType", json!("Eni"))),
                "ResourceNotFound.BackendServer",
                not_found,
            ),
            (
                remove(ecs("i-bp1a", 22)),
                "ResourceInConfiguring.BackendServer",
                "The specified resource of BackendServer is being configured, please try again \
                 later.",
            ),
            (
                with(remove(ecs("i-bp1b", 22)), "DryRun", json!("true")),
                "DryRunOperation",
                "Request validation has been passed with DryRun flag set.",
            ),
        ],
    );
    assert_eq!(site.server(SERVERS, "i-bp1b", 22), "healthy");
}

#[test]
fn the_shape_of_a_request_is_checked() {
    let mut site = fleet().site();
    let item = |item: Value| params(SERVERS, json!([item]));
    let many: Vec<Value> = (1..=201).map(|port| ecs("i-bp1a", port)).collect();
    let server = || ecs("i-bp1b", 80);
    for (params, missing) in [
        (json!({"Servers": [server()]}), "ServerGroupId"),
        (json!({"ServerGroupId": SERVERS}), "Servers"),
        // as it travels flattened
        (params(SERVERS, json!([])), "Servers"),
        (
            item(json!({"ServerType": "Ecs", "Port": 80})),
            "Servers.1.ServerId",
        ),
        (
            item(json!({"ServerId": "i-bp1b", "Port": 80})),
            "Servers.1.ServerType",
        ),
        (
            item(json!({"ServerId": "i-bp1b", "ServerType": "Ecs"})),
            "Servers.1.Port",
        ),
    ] {
        let message = format!(
            "The input parameter \"{missing}\" that is mandatory for processing this request is \
             not supplied."
        );
        for operation in [ADD, REMOVE] {
            site.refused(
                operation,
                params.clone(),
                ("MissingParameter", 400, &message),
            );
        }
    }
    for (params, invalid) in [
        (params(SERVERS, json!(many)), "Servers"),
        (item(with(server(), "Port", json!(0))), "Servers.1.Port"),
        (
            item(with(server(), "Port", json!(65_536))),
            "Servers.1.Port",
        ),
        (
            item(with(server(), "Weight", json!(101))),
            "Servers.1.Weight",
        ),
        (
            item(with(server(), "ServerType", json!("Vm"))),
            "Servers.1.ServerType",
        ),
        (
            item(with(server(), "Description", json!("a"))),
            "Servers.1.Description",
        ),
        (
            item(with(server(), "Description", json!("https://a"))),
            "Servers.1.Description",
        ),
        (
            with(item(server()), "ClientToken", json!("t".repeat(65))),
            "ClientToken",
        ),
    ] {
        let message = format!("The specified value of parameter \"{invalid}\" is not valid.");
        site.refused(ADD, params, ("InvalidParameter", 400, &message));
    }
}

/// The servers that a list has, with their states.
fn listed(site: &mut Site, params: Value) -> Vec<(String, String)> {
    let answer = site.accepted(LIST, params);
    let servers = answer["Servers"].as_array().unwrap();
    assert!(answer["RequestId"].is_string());
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    servers
        .iter()
        .map(|server| (word(&server["ServerId"]), word(&server["Status"])))
        .collect()
}

#[test]
fn servers_are_listed_with_their_states() {
    let mut site = fleet().site();
    let server = with(ecs("i-bp1z", 80), "Description", json!("spare"));
    let server = with(server, "Weight", json!(7));
    site.accepted(ADD, params(SERVERS, json!([server])));
    let address = json!({"ServerId": "10.0.0.9", "ServerType": "Ip", "Port": 80});
    site.accepted(ADD, params(PRIVATE, json!([address])));
    site.accepted(REMOVE, params(SERVERS, json!([ecs("i-bp1a", 22)])));
    let own = json!({"ServerGroupId": SERVERS});
    let states = [
        ("i-bp1a", "Removing"),
        ("i-bp1b", "Available"),
        ("i-bp1c", "Available"),
        ("i-bp1d", "Available"),
        ("i-bp1z", "Adding"),
    ];
    let states = states.map(|(id, state)| (id.to_owned(), state.to_owned()));
    assert_eq!(listed(&mut site, own.clone()), states);
    site.run_to(60);
    let ids: Vec<(String, String)> = listed(&mut site, own);
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|(_, state)| state == "Available"), "{ids:?}");
    let answer = site.accepted(LIST, json!({"ServerIds": ["i-bp1z", "10.0.0.9"]}));
    assert_eq!(
        answer["Servers"],
        json!([
            {
                "ServerGroupId": SERVERS, "ServerId": "i-bp1z", "ServerType": "Ecs", "Port": 80,
                "Weight": 7, "Status": "Available", "Description": "spare",
            },
            {
                "ServerGroupId": PRIVATE, "ServerId": "10.0.0.9", "ServerType": "Ip", "Port": 80,
                "Weight": 100, "Status": "Available", "ServerIp": "10.0.0.9",
            },
        ])
    );
    assert_eq!(
        (&answer["TotalCount"], &answer["MaxResults"]),
        (&json!(2), &json!(20))
    );
}

#[test]
fn lists_are_narrowed_and_paged() {
    let mut site = fleet().site();
    for (params, count) in [
        (json!({}), 4),
        (json!({"ServerGroupId": PRIVATE}), 0),
        (json!({"ServerGroupId": "sgp-gone"}), 0),
        (json!({"ServerIds.1": "i-bp1a", "ServerIds.2": "i-gone"}), 1),
        (json!({"Tag": [{"Key": "env", "Value": "product"}]}), 0),
    ] {
        assert_eq!(listed(&mut site, params.clone()).len(), count, "{params}");
    }
    let first = site.accepted(LIST, json!({"MaxResults": 3}));
    assert_eq!(first["Servers"].as_array().unwrap().len(), 3);
    assert_eq!(first["TotalCount"], 4);
    let next = site.accepted(
        LIST,
        json!({"MaxResults": 3, "NextToken": first["NextToken"]}),
    );
    assert_eq!(next["Servers"][0]["ServerId"], "i-bp1d");
    assert_eq!(next["NextToken"], Value::Null);
    let many: Vec<String> = (0..21).map(|place| format!("i-{place}")).collect();
    for (params, invalid) in [
        (json!({"MaxResults": 101}), "MaxResults"),
        (json!({"NextToken": "x"}), "NextToken"),
        (json!({"ServerIds": many}), "ServerIds"),
        (json!({"ServerIds.x": "i-bp1a"}), "ServerIds.x"),
    ] {
        let message = format!("The specified value of parameter \"{invalid}\" is not valid.");
        site.refused(LIST, params, ("InvalidParameter", 400, &message));
    }
}

/// How many seconds each drain so far has; `None` where nothing is cut.
fn delays(site: &Site) -> Vec<Option<SimDuration>> {
    site.cloud()
        .drains
        .iter()
        .map(|drain| drain.delay)
        .collect()
}

/// Draining off lets requests finish, on has a timeout: trap 8. What drains keeps what it began
/// with.
#[test]
fn draining_is_turned_on_and_off() {
    let mut site = fleet().site();
    let update = |changes: Value| with(changes, "ServerGroupId", json!(SERVERS));
    let seconds = |s| Some(SimDuration::from_secs(s));
    site.accepted(REMOVE, params(SERVERS, json!([ecs("i-bp1a", 22)])));
    let drain = json!({"ConnectionDrainEnabled": true, "ConnectionDrainTimeout": 8});
    let answer = site.accepted(UPDATE, update(json!({"ConnectionDrainConfig": drain})));
    assert!(answer["JobId"].is_string() && answer["RequestId"].is_string());
    site.accepted(REMOVE, params(SERVERS, json!([ecs("i-bp1b", 22)])));
    // as it travels, and one of the two alone
    let flat = json!({"ConnectionDrainConfig.ConnectionDrainTimeout": "900"});
    site.accepted(UPDATE, update(flat));
    site.accepted(REMOVE, params(SERVERS, json!([ecs("i-bp1c", 22)])));
    let flat = json!({"ConnectionDrainConfig.ConnectionDrainEnabled": "False"});
    site.accepted(UPDATE, update(flat));
    site.accepted(REMOVE, params(SERVERS, json!([ecs("i-bp1d", 22)])));
    assert_eq!(delays(&site), [None, seconds(8), seconds(900), None]);
    site.accepted(UPDATE, update(json!({"Scheduler": "Wlc"})));
    let attributes = &site.cloud().target_groups[0].attributes;
    assert_eq!(attributes.get("Scheduler"), Some("Wlc"));
    assert_eq!(attributes.get("ConnectionDrainTimeout"), Some("900"));
}

#[test]
fn attributes_that_cannot_be_are_refused() {
    let mut site = fleet().site();
    let update = |changes: Value| with(changes, "ServerGroupId", json!(SERVERS));
    let timeout = |seconds: i64| {
        update(json!({"ConnectionDrainConfig": {"ConnectionDrainTimeout": seconds}}))
    };
    let invalid = |key: &str| format!("The specified value of parameter \"{key}\" is not valid.");
    let nested = invalid("ConnectionDrainConfig.ConnectionDrainTimeout");
    let scheduler = invalid("Scheduler");
    all_refused(
        &mut site,
        UPDATE,
        &[
            (timeout(-1), "InvalidParameter", &nested),
            (timeout(901), "InvalidParameter", &nested),
            (
                update(json!({"ConnectionDrainConfig.ConnectionDrainTimeout": 901})),
                "InvalidParameter",
                &nested,
            ),
            (
                update(json!({"Scheduler": "Sch"})),
                "InvalidParameter",
                &scheduler,
            ),
            (
                json!({}),
                "MissingParameter",
                "The input parameter \"ServerGroupId\" that is mandatory for processing this \
                 request is not supplied.",
            ),
            (
                json!({"ServerGroupId": "sgp-gone"}),
                "ResourceNotFound.ServerGroup",
                "The specified resource ServerGroup is not found.",
            ),
            (
                with(timeout(9), "DryRun", json!(true)),
                "DryRunOperation",
                "Request validation has been passed with DryRun flag set.",
            ),
        ],
    );
    let attributes = &site.cloud().target_groups[0].attributes;
    assert_eq!(attributes.get("ConnectionDrainTimeout"), Some("300"));
}
