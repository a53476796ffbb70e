//! `vpc-lattice:RegisterTargets`, `vpc-lattice:DeregisterTargets` and `vpc-lattice:ListTargets`.

use serde_json::{Value, json};

use super::fleet::{CLASSIC, Fleet, LATTICE, Site, WEB};

const REGISTER: &str = "vpc-lattice:RegisterTargets";
const DEREGISTER: &str = "vpc-lattice:DeregisterTargets";
const LIST: &str = "vpc-lattice:ListTargets";
const ID: &str = "tg-0eaa4b9ab4abcdef0";

fn params(targets: Value) -> Value {
    json!({"targetGroupIdentifier": ID, "targets": targets})
}

/// Two targets of the service, one machine that is none.
fn site() -> Site {
    Fleet::aws()
        .classic(CLASSIC)
        .lattice(LATTICE)
        .machine("i-1")
        .registered(80)
        .machine("i-2")
        .registered(80)
        .machine("i-3")
        .site()
}

fn listed(site: &mut Site) -> Vec<(String, u64, String)> {
    let answer = site.accepted(LIST, json!({"targetGroupIdentifier": LATTICE}));
    let items = answer["items"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items
        .map(|item| {
            (
                text(&item["id"]),
                item["port"].as_u64().unwrap(),
                text(&item["status"]),
            )
        })
        .collect()
}

/// Trap 9: what is wrong with one target is told inside a success, and the others
/// leave. R-LATTICE-4
#[test]
fn trap_9_failures_are_told_inside_a_success() {
    let mut site = site();
    let answer = site.accepted(
        DEREGISTER,
        params(json!([{"id": "i-1"}, {"id": "i-3"}, {"id": "i-2", "port": 8080}, {"id": "i-1"}])),
    );
    assert_eq!(
        answer,
        json!({
            "successful": [{"id": "i-1", "port": 80}],
            "unsuccessful": [
                {"id": "i-3", "port": 80, "failureCode": "TargetNotRegistered",
                    "failureMessage": "The target i-3 is not registered on port 80"},
                {"id": "i-2", "port": 8080, "failureCode": "TargetNotRegistered",
                    "failureMessage": "The target i-2 is not registered on port 8080"},
            ],
        })
    );
    let states = listed(&mut site);
    let draining = ("i-1".to_owned(), 80, "DRAINING".to_owned());
    assert_eq!(
        states,
        [draining, ("i-2".to_owned(), 80, "HEALTHY".to_owned())]
    );
}

/// One minute, whatever is in flight, and a second call does not begin it anew. R-LATTICE-1
#[test]
fn a_target_drains_for_one_minute() {
    let mut site = site();
    site.accepted(DEREGISTER, params(json!([{"id": "i-1"}])));
    site.run_to(30);
    let again = site.accepted(DEREGISTER, params(json!([{"id": "i-1"}])));
    assert_eq!(again["unsuccessful"], json!([]));
    site.run_to(59);
    assert_eq!(listed(&mut site)[0].2, "DRAINING");
    site.run_to(61);
    assert_eq!(listed(&mut site).len(), 1);
}

#[test]
fn targets_that_cannot_be_there_do_not_keep_others_out() {
    let mut site = site();
    site.accepted("ec2:StopInstances", json!({"InstanceIds": ["i-2"]}));
    site.run_to(100);
    let answer = site.accepted(
        REGISTER,
        params(
            json!([{"id": "i-3", "port": 443}, {"id": "i-9"}, {"id": "i-2", "port": 1},
            {"id": "i-1"}]),
        ),
    );
    assert_eq!(
        answer["successful"],
        json!([{"id": "i-3", "port": 443}, {"id": "i-1", "port": 80}])
    );
    assert_eq!(
        answer["unsuccessful"],
        json!([
            {"id": "i-9", "port": 80, "failureCode": "UnsupportedTarget",
                "failureMessage":
                    "Instance targets must be in the same VPC as their target group"},
            {"id": "i-2", "port": 1, "failureCode": "UnsupportedTarget",
                "failureMessage": "The instance i-2 is not in a running state"},
        ])
    );
    let states = listed(&mut site);
    assert_eq!(states[1], ("i-2".to_owned(), 80, "UNUSED".to_owned()));
    assert_eq!(states[2], ("i-3".to_owned(), 443, "INITIAL".to_owned()));
    site.run_to(200);
    assert_eq!(listed(&mut site)[2].2, "HEALTHY");
}

#[test]
fn a_request_of_the_wrong_shape_is_refused() {
    let mut site = site();
    let many = |count| json!(vec![json!({"id": "i-1"}); count]);
    for (name, given, path) in [
        (REGISTER, params(json!([])), "targets"),
        (REGISTER, params(many(101)), "targets"),
        (DEREGISTER, params(many(101)), "targets"),
        (LIST, params(many(21)), "targets"),
        (
            LIST,
            json!({"targetGroupIdentifier": ID, "maxResults": 101}),
            "maxResults",
        ),
        (
            DEREGISTER,
            params(json!([{"port": 80}])),
            "targets.1.member.id",
        ),
        (
            DEREGISTER,
            params(json!([{"id": "i-1", "port": 0}])),
            "targets.1.member.port",
        ),
        (
            DEREGISTER,
            params(json!([{"id": "n".repeat(201)}])),
            "targets.1.member.id",
        ),
        (
            LIST,
            json!({"targetGroupIdentifier": "tg-0eaa4b9ab4abcdef"}),
            "targetGroupIdentifier",
        ),
        (
            LIST,
            json!({"targetGroupIdentifier": WEB}),
            "targetGroupIdentifier",
        ),
        (
            LIST,
            json!({"targetGroupIdentifier": CLASSIC}),
            "targetGroupIdentifier",
        ),
    ] {
        let error = site.call(name, given).unwrap_err();
        assert_eq!(
            (error.code, error.http_status),
            ("ValidationException", 400)
        );
        let wanted = format!("at '{path}' failed to satisfy constraint: Member must");
        assert!(error.message.contains(&wanted), "{error}");
    }
    let other = "tg-00000000000000000";
    let text = format!("Target Group {other} not found");
    for name in [REGISTER, DEREGISTER, LIST] {
        let given = json!({"targetGroupIdentifier": other, "targets": [{"id": "i-1"}]});
        site.refused(name, given, ("ResourceNotFoundException", 404, &text));
    }
}

#[test]
fn a_target_group_has_a_thousand_targets_at_most() {
    let mut site = site();
    for page in 0..10 {
        let ports = (0..100).map(|place| 1_000 + 100 * page + place);
        let targets: Vec<Value> = ports
            .map(|port| json!({"id": "i-3", "port": port}))
            .collect();
        let answer = site.call(REGISTER, params(json!(targets)));
        if page < 9 {
            answer.unwrap();
            continue;
        }
        let error = answer.unwrap_err();
        assert_eq!(
            (error.code, error.http_status),
            ("ServiceQuotaExceededException", 402)
        );
    }
}

#[test]
fn targets_are_listed_by_name_and_page() {
    let mut site = site();
    let answer = site.accepted(LIST, json!({"targetGroupIdentifier": ID, "maxResults": 1}));
    assert_eq!(
        answer["items"],
        json!([{"id": "i-1", "port": 80, "status": "HEALTHY"}])
    );
    let next = json!({"targetGroupIdentifier": ID, "nextToken": answer["nextToken"]});
    let answer = site.accepted(LIST, next);
    assert_eq!(answer["items"][0]["id"], "i-2");
    assert_eq!(answer.get("nextToken"), None);
    let answer = site.accepted(LIST, params(json!([{"id": "i-2"}, {"id": "i-3"}])));
    assert_eq!(answer["items"].as_array().unwrap().len(), 1);
    site.refused(
        LIST,
        json!({"targetGroupIdentifier": ID, "nextToken": "9"}),
        ("ValidationException", 400, "The nextToken is not valid."),
    );
}
