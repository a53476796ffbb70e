//! `elasticloadbalancing:ModifyRule`.

use drainsim::model::settings::TargetType;
use serde_json::{Value, json};

use super::fleet::{API, Fleet, LISTENER, NOBODYS, RULE, Site, WEB};

const MODIFY: &str = "elasticloadbalancing:ModifyRule";

/// `web` behind the listener, `api` behind a rule of it.
fn site() -> Site {
    Fleet::aws()
        .machine("i-1")
        .registered(80)
        .target_group(API, TargetType::Instance)
        .unused()
        .machine("i-2")
        .registered(80)
        .rule()
        .site()
}

fn forward(arn: &str) -> Value {
    json!([{"Type": "forward", "TargetGroupArn": arn}])
}

/// R-FORWARD-1, R-FORWARD-3
#[test]
fn a_rule_forwards_to_what_it_is_told() {
    let mut site = site();
    assert_eq!(site.health(API, "i-2", 80), "healthy");
    let params = json!({"RuleArn": RULE, "Actions": forward(WEB),
        "Conditions": [{"Field": "path-pattern", "Values": ["/canary/*"]}]});
    let answer = site.accepted(MODIFY, params);
    let rule = &answer["Rules"][0];
    assert_eq!(rule["RuleArn"], RULE);
    assert_eq!(rule["Priority"], "10");
    assert_eq!(rule["IsDefault"], false);
    assert_eq!(rule["Actions"][0]["TargetGroupArn"], WEB);
    assert_eq!(site.health(API, "i-2", 80), "unused Target.NotInUse");
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    let unchanged = site.accepted(MODIFY, json!({"RuleArn": RULE}));
    assert_eq!(unchanged, answer);
}

#[test]
fn rules_that_are_none_are_refused() {
    let mut site = site();
    let not_found = ("RuleNotFound", 400, "One or more rules not found");
    for arn in [format!("{LISTENER}0"), format!("{RULE}0")] {
        let params = json!({"RuleArn": arn, "Actions": forward(WEB)});
        site.refused(MODIFY, params, not_found);
    }
    let listener = format!("{LISTENER}0").replace(":listener/", ":listener-rule/");
    let default = format!("{listener}/f2f7dc8efc522ab0");
    let text = format!("Default rule '{default}' cannot be modified");
    site.refused(
        MODIFY,
        json!({"RuleArn": default, "Actions": forward(WEB)}),
        ("OperationNotPermitted", 400, &text),
    );
    site.refused(
        MODIFY,
        json!({"RuleArn": RULE, "Actions": forward(NOBODYS)}),
        (
            "TargetGroupNotFound",
            400,
            "One or more target groups not found",
        ),
    );
}
