//! `elasticloadbalancing:DeleteTargetGroup`.

use drainsim::model::settings::TargetType;
use serde_json::{Value, json};

use super::fleet::{API, Fleet, RULE, Site, WEB};

const DELETE: &str = "elasticloadbalancing:DeleteTargetGroup";

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

fn named(arn: &str) -> Value {
    json!({"TargetGroupArn": arn})
}

/// R-TARGET-8
#[test]
fn what_is_forwarded_to_cannot_be_deleted() {
    let mut site = site();
    for arn in [WEB, API] {
        let text = format!("Target group '{arn}' is currently in use by a listener or a rule");
        site.refused(DELETE, named(arn), ("ResourceInUse", 400, &text));
    }
    let actions = json!([{"Type": "forward", "TargetGroupArn": WEB}]);
    let rule = json!({"RuleArn": RULE, "Actions": actions});
    site.accepted("elasticloadbalancing:ModifyRule", rule);
    assert_eq!(site.accepted(DELETE, named(API)), json!({}));
    let gone = (
        "TargetGroupNotFound",
        400,
        "One or more target groups not found",
    );
    site.refused(
        "elasticloadbalancing:DescribeTargetHealth",
        named(API),
        gone,
    );
    site.run_to(400);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
}

#[test]
fn what_does_not_exist_is_deleted() {
    let mut site = site();
    assert_eq!(site.accepted(DELETE, named("arn:x")), json!({}));
}
