//! `elasticloadbalancing:DescribeListeners` and `DescribeRules`.

use drainsim::model::settings::TargetType;
use serde_json::json;

use super::fleet::{API, FRONT, Fleet, LISTENER, RULE, Site, WEB};

const LISTENERS: &str = "elasticloadbalancing:DescribeListeners";
const RULES: &str = "elasticloadbalancing:DescribeRules";

fn site() -> Site {
    Fleet::aws()
        .target_group(API, TargetType::Instance)
        .rule()
        .site()
}

#[test]
fn listeners_are_found_by_their_balancer_or_their_arn() {
    let mut site = site();
    let all = site.accepted(LISTENERS, json!({"LoadBalancerArn": FRONT}));
    let listeners = all["Listeners"].as_array().unwrap();
    assert_eq!(listeners.len(), 2, "a rule is no listener");
    let second = format!("{LISTENER}1");
    let one = site.accepted(LISTENERS, json!({"ListenerArns": [second]}));
    assert_eq!(one["Listeners"], json!([listeners[1]]));
    let paged = json!({"LoadBalancerArn": FRONT, "PageSize": 1});
    let page = site.accepted(LISTENERS, paged);
    assert_eq!(page["Listeners"], json!([listeners[0]]));
    let marker = &page["NextMarker"];
    let rest = json!({"LoadBalancerArn": FRONT, "Marker": marker});
    let rest = site.accepted(LISTENERS, rest);
    assert_eq!(rest["Listeners"], json!([listeners[1]]));
}

#[test]
fn rules_are_told_by_priority_with_the_default_one() {
    let mut site = site();
    let first = format!("{LISTENER}0");
    let answer = site.accepted(RULES, json!({"ListenerArn": first}));
    let rules = answer["Rules"].as_array().unwrap();
    let summary = |rule: &serde_json::Value| {
        let group = &rule["Actions"][0]["TargetGroupArn"];
        json!([rule["Priority"], rule["IsDefault"], group])
    };
    let told: Vec<_> = rules.iter().map(summary).collect();
    assert_eq!(
        told,
        [json!(["10", false, API]), json!(["default", true, WEB])]
    );
    let arns = json!([rules[1]["RuleArn"], RULE]);
    let named = site.accepted(RULES, json!({"RuleArns": arns}));
    assert_eq!(named["Rules"], json!([rules[1], rules[0]]));
}

#[test]
fn what_does_not_exist_is_refused() {
    let mut site = site();
    let either = "You must specify either listener ARNs or a load balancer ARN";
    site.invalid(LISTENERS, json!({}), either);
    let both = json!({"LoadBalancerArn": FRONT, "ListenerArns": [RULE]});
    site.invalid(LISTENERS, both, either);
    let rules = "You must specify either listener rule ARNs or a listener ARN";
    site.invalid(RULES, json!({}), rules);
    let marker = json!({"LoadBalancerArn": FRONT, "Marker": "x"});
    site.invalid(LISTENERS, marker, "Invalid marker 'x'");
    let not_found = "One or more listeners not found";
    for params in [
        json!({"ListenerArns": [RULE]}),
        json!({"ListenerArns": [WEB]}),
    ] {
        site.refused(LISTENERS, params, ("ListenerNotFound", 400, not_found));
    }
    site.refused(
        RULES,
        json!({"ListenerArn": RULE}),
        ("ListenerNotFound", 400, not_found),
    );
    site.refused(
        RULES,
        json!({"RuleArns": [WEB]}),
        ("RuleNotFound", 400, "One or more rules not found"),
    );
    site.refused(
        LISTENERS,
        json!({"LoadBalancerArn": WEB}),
        (
            "LoadBalancerNotFound",
            400,
            "One or more load balancers not found",
        ),
    );
}
