//! `elasticloadbalancing:ModifyListener`.

use serde_json::{Value, json};

use super::fleet::{ADDRESSES, API, FRONT, Fleet, LISTENER, NOBODYS, RULE, Site, WEB};
use drainsim::model::settings::TargetType;

const MODIFY: &str = "elasticloadbalancing:ModifyListener";
const INVALID: &str = "InvalidLoadBalancerAction";

/// `web` behind the first listener, `api` behind none, `addresses` behind another load balancer.
fn site() -> Site {
    Fleet::aws()
        .machine("i-1")
        .registered(80)
        .target_group(API, TargetType::Instance)
        .unused()
        .machine("i-2")
        .registered(80)
        .target_group(ADDRESSES, TargetType::Ip)
        .another_balancer()
        .site()
}

fn first() -> String {
    format!("{LISTENER}0")
}

fn call(actions: Value) -> Value {
    json!({"ListenerArn": first(), "DefaultActions": actions})
}

fn weights(groups: Value) -> Value {
    call(json!([{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]))
}

/// Clients are not made to stay, but the answers say what was asked for.
#[test]
fn stickiness_is_answered_as_it_was_put() {
    let mut site = site();
    let sticky = json!({"Enabled": true, "DurationSeconds": 1_000});
    for config in [sticky.clone(), json!({"Enabled": false}), sticky] {
        let actions = json!([{"Type": "forward", "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": WEB}],
            "TargetGroupStickinessConfig": config}}]);
        let answer = site.accepted(MODIFY, call(actions));
        let shown = &answer["Listeners"][0]["DefaultActions"][0]["ForwardConfig"];
        assert_eq!(shown["TargetGroupStickinessConfig"], config);
    }
}

/// R-FORWARD-1, R-FORWARD-3
#[test]
fn a_listener_forwards_to_what_it_is_told() {
    let mut site = site();
    assert_eq!(site.health(API, "i-2", 80), "unused Target.NotInUse");
    let answer = site.accepted(
        MODIFY,
        weights(json!([
            {"TargetGroupArn": WEB, "Weight": 9},
            {"TargetGroupArn": API, "Weight": 0},
        ])),
    );
    let listener = &answer["Listeners"][0];
    assert_eq!(listener["ListenerArn"], json!(first()));
    assert_eq!(listener["LoadBalancerArn"], FRONT);
    assert_eq!(
        listener["DefaultActions"],
        json!([{
            "Type": "forward",
            "Order": 1,
            "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": WEB, "Weight": 9},
                    {"TargetGroupArn": API, "Weight": 0},
                ],
                "TargetGroupStickinessConfig": {"Enabled": false},
            },
        }])
    );
    let registering = "initial Elb.RegistrationInProgress";
    assert_eq!(site.health(API, "i-2", 80), registering);
    site.run_to(40);
    assert_eq!(site.health(API, "i-2", 80), "healthy");
    let only = call(json!([{"Type": "forward", "TargetGroupArn": API}]));
    let answer = site.accepted(MODIFY, only);
    let action = &answer["Listeners"][0]["DefaultActions"][0];
    assert_eq!(action["TargetGroupArn"], API);
    assert_eq!(site.health(WEB, "i-1", 80), "unused Target.NotInUse");
}

#[test]
fn without_actions_nothing_changes() {
    let mut site = site();
    for params in [
        json!({"ListenerArn": first(), "Port": 8443}),
        json!({"ListenerArn": first(), "DefaultActions": []}),
    ] {
        let answer = site.accepted(MODIFY, params);
        let action = &answer["Listeners"][0]["DefaultActions"][0];
        assert_eq!(action["TargetGroupArn"], WEB);
        assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    }
}

/// R-FORWARD-2
#[test]
fn a_listener_may_answer_by_itself() {
    let fixed = json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}});
    let redirect = json!({"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302"}});
    for action in [fixed, redirect] {
        let mut site = site();
        let answer = site.accepted(MODIFY, call(json!([action])));
        let action = &answer["Listeners"][0]["DefaultActions"][0];
        assert_eq!(action["Type"], "fixed-response");
        assert_eq!(site.health(WEB, "i-1", 80), "unused Target.NotInUse");
    }
}

#[test]
fn what_cannot_be_forwarded_is_refused() {
    let mut site = site();
    let group = |arn: &str| json!({"Type": "forward", "TargetGroupArn": arn});
    let one_end = "The actions must hold exactly one of forward, redirect and fixed-response, as \
                   the last action to be performed";
    let associated = format!(
        "The following target groups cannot be associated with more than one load balancer: \
         {ADDRESSES}"
    );
    let cases = [
        (
            json!({"ListenerArn": LISTENER, "DefaultActions": [group(WEB)]}),
            ("ListenerNotFound", "One or more listeners not found"),
        ),
        (
            json!({"ListenerArn": RULE}),
            ("ListenerNotFound", "One or more listeners not found"),
        ),
        (
            call(json!([group(NOBODYS)])),
            ("TargetGroupNotFound", "One or more target groups not found"),
        ),
        (
            call(json!([group(ADDRESSES)])),
            ("TargetGroupAssociationLimit", associated.as_str()),
        ),
        (call(json!([group(WEB), group(API)])), (INVALID, one_end)),
        (
            call(json!([{"Type": "authenticate-oidc"}])),
            (INVALID, one_end),
        ),
        (
            call(
                json!([{"Type": "forward", "Order": 1, "TargetGroupArn": WEB},
                {"Type": "authenticate-oidc", "Order": 2}]),
            ),
            (INVALID, one_end),
        ),
        (
            call(json!([{"Type": "forward"}])),
            (INVALID, "A forward action needs a target group"),
        ),
        (
            call(json!([{"Type": "forward", "TargetGroupArn": WEB,
                "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": API}]}}])),
            (
                INVALID,
                "You cannot specify a target group ARN beside a forward configuration with other \
                 target groups",
            ),
        ),
    ];
    for (params, (code, message)) in cases {
        site.refused(MODIFY, params, (code, 400, message));
    }
}

#[test]
fn values_of_actions_are_checked() {
    let mut site = site();
    let weight =
        format!("The weight '1000' of target group '{WEB}' must be between '0-999' inclusive");
    let six: Vec<Value> = vec![json!({"TargetGroupArn": WEB}); 2];
    let stickiness = |config: Value| {
        call(json!([{"Type": "forward", "TargetGroupArn": WEB,
            "ForwardConfig": {"TargetGroupStickinessConfig": config}}]))
    };
    let sticky = "The duration of target group stickiness must be between '1-604800' inclusive";
    let cases = [
        (
            weights(json!([{"TargetGroupArn": WEB, "Weight": 1000}])),
            ("ValidationError", weight.as_str()),
        ),
        (
            weights(json!(six)),
            (INVALID, "A target group may be in an action only once"),
        ),
        (
            stickiness(json!({"Enabled": true})),
            ("ValidationError", sticky),
        ),
        (
            stickiness(json!({"Enabled": true, "DurationSeconds": 604_801})),
            ("ValidationError", sticky),
        ),
        (
            call(json!([{"Type": "redirect"}])),
            (INVALID, "A redirect action needs a RedirectConfig"),
        ),
        (
            call(json!([{"Type": "fixed-response"}])),
            (
                INVALID,
                "A fixed-response action needs a FixedResponseConfig",
            ),
        ),
        (
            call(json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "302"}}])),
            (
                "ValidationError",
                "1 validation error detected: Value '302' at \
                 'defaultActions.1.member.fixedResponseConfig.statusCode' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: ^(2|4|5)\\d\\d$",
            ),
        ),
    ];
    for (params, (code, message)) in cases {
        site.refused(MODIFY, params, (code, 400, message));
    }
}

#[test]
fn an_action_has_five_target_groups_at_most() {
    let arns: Vec<String> = (0..6)
        .map(|n| WEB.replace("my-targets", &format!("t{n}")))
        .collect();
    let fleet = arns.iter().fold(Fleet::aws(), |fleet, arn| {
        fleet.target_group(arn, TargetType::Instance).unused()
    });
    let mut site = fleet.site();
    let named = |count: usize| {
        let groups = arns[..count]
            .iter()
            .map(|arn| json!({"TargetGroupArn": arn}));
        weights(groups.collect())
    };
    site.accepted(MODIFY, named(5));
    let text = "An action may forward to 5 target groups at most";
    site.refused(MODIFY, named(6), (INVALID, 400, text));
}

#[test]
fn a_target_group_of_another_protocol_does_not_go_with_it() {
    let mut fleet = Fleet::aws()
        .target_group(API, TargetType::Instance)
        .unused();
    fleet.0.target_groups[1].protocol = "TCP".to_owned();
    fleet.site().refused(
        MODIFY,
        call(json!([{"Type": "forward", "TargetGroupArn": API}])),
        (
            "IncompatibleProtocols",
            400,
            "The specified protocols are not compatible.",
        ),
    );
}
