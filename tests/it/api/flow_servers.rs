//! Servers of server groups of Alibaba Cloud's NLB and GWLB: what differs from those of ALB.

use serde_json::{Value, json};

use super::fleet::{Fleet, SERVERS, Site};
use drainsim::engine::time::SimDuration;
use drainsim::model::settings::TargetType;

const PRIVATE: &str = "sgp-private";

/// A service with the port of its servers here.
struct Service {
    name: &'static str,
    port: u16,
}

const NLB: Service = Service {
    name: "nlb",
    port: 22,
};
const GWLB: Service = Service {
    name: "gwlb",
    port: 6081,
};

impl Service {
    /// [`SERVERS`] with the four instances of its group, a server group of addresses, and two
    /// machines outside groups.
    fn fleet(&self) -> Fleet {
        Fleet::alibaba_behind(&format!("alibaba:{}", self.name))
            .target_group(PRIVATE, TargetType::Ip)
            .machine("i-bp1z")
            .machine("10.0.0.9")
    }

    fn operation(&self, action: &str) -> String {
        format!("{}:{action}", self.name)
    }

    fn add(&self) -> String {
        self.operation("AddServersToServerGroup")
    }

    fn remove(&self) -> String {
        self.operation("RemoveServersFromServerGroup")
    }

    fn list(&self) -> String {
        self.operation("ListServerGroupServers")
    }

    fn update(&self) -> String {
        self.operation("UpdateServerGroupAttribute")
    }
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

fn keys(answer: &Value) -> Vec<&str> {
    let keys = answer.as_object().unwrap().keys();
    keys.map(String::as_str).collect()
}

/// The status of a server in a list, if it is in it.
fn status(site: &mut Site, service: &Service, id: &str) -> Option<String> {
    let answer = site.accepted(&service.list(), json!({"ServerIds": [id]}));
    let servers = answer["Servers"].as_array().unwrap();
    assert!(servers.len() <= 1, "{servers:?}");
    let status = servers.first()?["Status"].as_str().unwrap();
    Some(status.to_owned())
}

/// An NLB answers with a job and the server group, a GWLB with neither. R-ANLB-5 R-AGWLB-5
#[test]
fn added_servers_get_flows_and_removed_ones_leave() {
    let job: &[&str] = &["JobId", "RequestId", "ServerGroupId"];
    for (service, told) in [(NLB, job), (GWLB, &["RequestId"])] {
        let mut site = service.fleet().site();
        let servers = params(SERVERS, json!([ecs("i-bp1z", service.port)]));
        let answer = site.accepted(&service.add(), servers.clone());
        assert_eq!(keys(&answer), told, "{}", service.name);
        assert_eq!(
            status(&mut site, &service, "i-bp1z").as_deref(),
            Some("Adding")
        );
        site.run_to(60);
        assert_eq!(site.server(SERVERS, "i-bp1z", service.port), "healthy");
        assert_eq!(
            status(&mut site, &service, "i-bp1z").as_deref(),
            Some("Available")
        );
        let answer = site.accepted(&service.remove(), servers);
        assert_eq!(keys(&answer), told, "{}", service.name);
        assert_eq!(
            status(&mut site, &service, "i-bp1z").as_deref(),
            Some("Removing")
        );
        site.run_to(90);
        assert_eq!(status(&mut site, &service, "i-bp1z"), None);
        let update = json!({"ServerGroupId": SERVERS, "Scheduler": if service.port == 22 {
            "tch"
        } else {
            "5TCH"
        }});
        assert_eq!(keys(&site.accepted(&service.update(), update)), told);
    }
}

/// With draining on a GWLB shows Draining for the whole timeout, and a server that is added again
/// within it is one and the same. R-AGWLB-2
#[test]
fn a_gwlb_shows_draining() {
    let mut site = GWLB.fleet().site();
    let drain = json!({"ConnectionDrainEnabled": true, "ConnectionDrainTimeout": 20});
    let update = json!({"ServerGroupId": SERVERS, "ConnectionDrainConfig": drain});
    site.accepted(&GWLB.update(), update);
    let servers = params(
        SERVERS,
        json!([{"ServerId": "i-bp1a", "ServerType": "Ecs"}]),
    );
    site.accepted(&GWLB.remove(), servers.clone());
    site.run_to(19);
    assert_eq!(
        status(&mut site, &GWLB, "i-bp1a").as_deref(),
        Some("Draining")
    );
    site.run_to(21);
    assert_eq!(status(&mut site, &GWLB, "i-bp1a"), None);
    for expected in ["Adding", "Draining", "Adding"] {
        let operation = match expected {
            "Adding" => GWLB.add(),
            _ => GWLB.remove(),
        };
        site.accepted(&operation, servers.clone());
        assert_eq!(
            status(&mut site, &GWLB, "i-bp1a").as_deref(),
            Some(expected)
        );
    }
    site.run_to(90);
    assert_eq!(
        status(&mut site, &GWLB, "i-bp1a").as_deref(),
        Some("Available")
    );
}

/// A server of a GWLB has the port 6081 and no weight; one of an NLB must have a port, as no server
/// group here forwards to all. R-ANLB-5 R-AGWLB-5
#[test]
fn ports_and_weights_are_those_of_the_service() {
    let mut site = GWLB.fleet().site();
    let server = json!({"ServerId": "i-bp1z", "ServerType": "Ecs"});
    let flat = json!({
        "ServerGroupId": SERVERS, "Servers.1.ServerId": "i-bp1z", "Servers.1.ServerType": "Ecs",
    });
    site.accepted(&GWLB.add(), flat);
    let answer = site.accepted(&GWLB.list(), json!({"ServerIds.1": "i-bp1z"}));
    assert_eq!(
        answer["Servers"],
        json!([{
            "ServerGroupId": SERVERS, "ServerId": "i-bp1z", "ServerType": "Ecs", "Port": 6081,
            "Status": "Adding",
        }])
    );
    let message = "The specified value of parameter \"Servers.1.Port\" is not valid.";
    for operation in [GWLB.add(), GWLB.remove()] {
        let servers = params(SERVERS, json!([ecs("i-bp1b", 80)]));
        site.refused(&operation, servers, ("InvalidParameter", 400, message));
    }
    let mut site = NLB.fleet().site();
    let conflict = (
        "IllegalParam.RSPortConflictWithServerGroup",
        400,
        "The param of RSPortConflictWithServerGroup is illegal.",
    );
    site.refused(&NLB.add(), params(SERVERS, json!([server])), conflict);
    let servers = with(ecs("i-bp1z", 81), "Weight", json!(7));
    let servers = with(servers, "Description", json!("spare"));
    site.accepted(&NLB.add(), params(SERVERS, json!([servers])));
    let answer = site.accepted(&NLB.list(), json!({"ServerIds": ["i-bp1z"]}));
    assert_eq!(
        answer["Servers"],
        json!([{
            "ServerGroupId": SERVERS, "ServerId": "i-bp1z", "ServerType": "Ecs", "Port": 81,
            "Weight": 7, "Status": "Adding", "Description": "spare",
        }])
    );
}

/// Makes calls that must be refused with a code and its message.
fn all_refused(site: &mut Site, operation: &str, cases: &[(Value, &str, &str)]) {
    for (params, code, message) in cases {
        let missing = code.starts_with("ResourceNotFound.");
        let status = if missing { 404 } else { 400 };
        site.refused(operation, params.clone(), (code, status, message));
    }
}

/// R-ANLB-5
#[test]
fn an_nlb_has_errors_of_its_own() {
    let mut site = NLB.fleet().site();
    let add = |server: Value| params(SERVERS, json!([server]));
    let typed = |kind: &str| with(ecs("i-bp1b", 80), "ServerType", json!(kind));
    let nowhere = json!([{"ServerId": "10.0.0.10", "ServerType": "Ip", "Port": 80}]);
    all_refused(
        &mut site,
        &NLB.add(),
        &[
            (
                add(ecs("i-gone", 80)),
                "ResourceNotFound.Ecs",
                "The specified resource of Ecs is not found.",
            ),
            (
                add(typed("Eci")),
                "ResourceNotFound.Eci",
                "The specified resource of Eci is not found.",
            ),
            (
                add(typed("Eni")),
                "ResourceNotFound.Eni",
                "The specified resource Eni is not found.",
            ),
            (
                add(typed("Ip")),
                "Mismatch.ServerType",
                "The ServerType is mismatched for i-bp1b and sgp-1gv2uidn2msy.",
            ),
            (
                params(PRIVATE, nowhere),
                "IllegalParam.IP",
                "The param of IP is illegal.",
            ),
            (
                params(SERVERS, json!([ecs("i-bp1b", 80), ecs("i-bp1b", 80)])),
                "DuplicatedParam.Server",
                "The param of Server is duplicated.",
            ),
            (
                add(ecs("i-bp1b", 22)),
                "Conflict.BackendServer",
                "There is already BackendServer having the same configuration with i-bp1b:22.",
            ),
        ],
    );
}

/// R-ANLB-5
#[test]
fn an_nlb_does_not_know_what_is_not_there() {
    let mut site = NLB.fleet().site();
    let one = |server: Value| params(SERVERS, json!([server]));
    let dry = |server: Value| {
        (
            with(one(server), "DryRun", json!(true)),
            "DryRunOperation",
            "Request validation has been passed with DryRun flag set.",
        )
    };
    let no_group = (
        params("sgp-gone", json!([ecs("i-bp1b", 22)])),
        "ResourceNotFound.serverGroup",
        "The specified resource of serverGroup is not found.",
    );
    let no_server = (
        one(ecs("i-bp1b", 80)),
        "ResourceNotFound.BackendServer",
        "The specified resource of BackendServer is not found.",
    );
    let cases = [no_group.clone(), dry(ecs("i-bp1b", 80))];
    all_refused(&mut site, &NLB.add(), &cases);
    let cases = [no_group, no_server, dry(ecs("i-bp1b", 22))];
    all_refused(&mut site, &NLB.remove(), &cases);
    assert_eq!(site.server(SERVERS, "i-bp1b", 22), "healthy");
}

/// What a token that was used for another request is answered with differs. R-ANLB-5 R-AGWLB-5
#[test]
fn tokens_make_calls_once() {
    for (service, code) in [
        (NLB, "IdempotenceSignatureMismatch"),
        (GWLB, "IdempotentParameterMismatch"),
    ] {
        let mut site = service.fleet().site();
        let request = |id: &str| {
            let servers = params(SERVERS, json!([ecs(id, service.port)]));
            with(servers, "ClientToken", json!("token"))
        };
        let first = site.accepted(&service.remove(), request("i-bp1a"));
        assert_eq!(site.accepted(&service.remove(), request("i-bp1a")), first);
        let refused = site.call(&service.remove(), request("i-bp1b")).unwrap_err();
        assert_eq!((refused.code, refused.http_status), (code, 400));
    }
}

/// No service sees the server groups of another. R-ALB-1 R-ANLB-5 R-AGWLB-5
#[test]
fn server_groups_belong_to_one_service() {
    for own in ["alb", "nlb", "gwlb"] {
        let mut site = Fleet::alibaba_behind(&format!("alibaba:{own}")).site();
        for other in ["alb", "nlb", "gwlb"] {
            let update = format!("{other}:UpdateServerGroupAttribute");
            let found = site.call(&update, json!({"ServerGroupId": SERVERS}));
            assert_eq!(found.is_ok(), own == other, "{other} of {own}");
            let list = format!("{other}:ListServerGroupServers");
            let listed = site.accepted(&list, json!({}))["TotalCount"].clone();
            assert_eq!(listed, if own == other { 4 } else { 0 }, "{other} of {own}");
        }
    }
}

/// An NLB tells of draining beside everything else, a GWLB in a structure; the ranges are their own.
/// R-ANLB-1 R-ANLB-5 R-AGWLB-1 R-AGWLB-5
#[test]
fn draining_is_turned_on_in_two_spellings() {
    let nested = |enabled: bool, seconds: i64| {
        json!({
            "ServerGroupId": SERVERS,
            "ConnectionDrainConfig.ConnectionDrainEnabled": enabled,
            "ConnectionDrainConfig.ConnectionDrainTimeout": seconds,
        })
    };
    let flat = |enabled: bool, seconds: i64| {
        json!({
            "ServerGroupId": SERVERS,
            "ConnectionDrainEnabled": enabled,
            "ConnectionDrainTimeout": seconds,
        })
    };
    let invalid = |key: &str| format!("The specified value of parameter \"{key}\" is not valid.");
    let mut site = NLB.fleet().site();
    site.accepted(&NLB.update(), flat(true, 8));
    site.accepted(&NLB.remove(), params(SERVERS, json!([ecs("i-bp1a", 22)])));
    // what is nested is not known to it
    let _ = site.call(&NLB.update(), nested(false, 9));
    site.accepted(&NLB.remove(), params(SERVERS, json!([ecs("i-bp1b", 22)])));
    let delays: Vec<_> = site
        .cloud()
        .drains
        .iter()
        .map(|drain| drain.delay)
        .collect();
    assert_eq!(delays, [Some(SimDuration::from_secs(8)); 2]);
    let timeout = invalid("ConnectionDrainTimeout");
    all_refused(
        &mut site,
        &NLB.update(),
        &[
            (flat(true, -1), "InvalidParameter", &timeout),
            (flat(true, 901), "InvalidParameter", &timeout),
            (
                json!({"ServerGroupId": SERVERS, "Scheduler": "sch"}),
                "InvalidParameter",
                &invalid("Scheduler"),
            ),
        ],
    );
    let mut site = GWLB.fleet().site();
    site.accepted(&GWLB.update(), nested(true, 3600));
    let attributes = &site.cloud().target_groups[0].attributes;
    assert_eq!(attributes.get("ConnectionDrainTimeout"), Some("3600"));
    let timeout = invalid("ConnectionDrainConfig.ConnectionDrainTimeout");
    all_refused(
        &mut site,
        &GWLB.update(),
        &[
            (nested(true, 0), "InvalidParameter", &timeout),
            (nested(true, 3601), "InvalidParameter", &timeout),
            (
                json!({"ServerGroupId": SERVERS, "ServerFailoverMode": "Rebalance"}),
                "InvalidParameter",
                &invalid("ServerFailoverMode"),
            ),
        ],
    );
}

/// Pages and the ids they may be asked for. R-ANLB-5 R-AGWLB-5
#[test]
fn lists_have_limits_of_their_own() {
    for (service, ids, page) in [(NLB, 40, 100), (GWLB, 200, 1000)] {
        let mut site = service.fleet().site();
        let many = |count: usize| -> Vec<String> {
            (0..count).map(|place| format!("i-{place}")).collect()
        };
        site.accepted(&service.list(), json!({"ServerIds": many(ids)}));
        site.accepted(&service.list(), json!({"MaxResults": page}));
        for (params, invalid) in [
            (json!({"ServerIds": many(ids + 1)}), "ServerIds"),
            (json!({"MaxResults": page + 1}), "MaxResults"),
        ] {
            let message = format!("The specified value of parameter \"{invalid}\" is not valid.");
            let refusal = ("InvalidParameter", 400, message.as_str());
            site.refused(&service.list(), params, refusal);
        }
    }
}
