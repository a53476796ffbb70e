//! `autoscaling:AttachTrafficSources`.

use serde_json::{Value, json};

use super::fleet::{ADDRESSES, API, Fleet, GROUP, Site, WEB};
use drainsim::model::settings::TargetType;

const ATTACH: &str = "autoscaling:AttachTrafficSources";

fn params(sources: Value) -> Value {
    json!({"AutoScalingGroupName": GROUP, "TrafficSources": sources})
}

/// A group that serves `WEB` alone, though `API` exists.
fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (2, 4, 2), &["i-1", "i-2"])
        .target_group(API, TargetType::Instance)
        .target_group(ADDRESSES, TargetType::Ip)
        .site()
}

#[test]
fn members_are_registered_with_a_new_source() {
    let mut site = site();
    assert_eq!(
        site.accepted(ATTACH, params(json!([{"Identifier": API}]))),
        json!({})
    );
    assert_eq!(
        site.health(API, "i-1", 80),
        "initial Elb.RegistrationInProgress"
    );
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    site.run_to(10);
    assert_eq!(
        site.health(API, "i-1", 80),
        "healthy",
        "one check is enough"
    );
    let group = &site.cloud().groups[0];
    assert_eq!(group.sources.len(), 2);
}

#[test]
fn an_attached_source_stays_as_it_is() {
    let mut site = site();
    site.accepted(
        ATTACH,
        params(json!([{"Identifier": WEB}, {"Identifier": WEB}])),
    );
    assert_eq!(site.cloud().groups[0].sources.len(), 1);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
}

#[test]
fn a_source_being_detached_may_be_attached_again() {
    let mut site = site();
    let web = params(json!([{"Identifier": WEB}]));
    site.accepted("autoscaling:DetachTrafficSources", web.clone());
    site.run_to(5);
    site.accepted(ATTACH, web);
    assert!(site.health(WEB, "i-1", 80).starts_with("initial"));
    site.run_to(60);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    assert_eq!(site.cloud().groups[0].sources.len(), 1);
}

#[test]
fn what_does_not_exist_cannot_be_attached() {
    let mut site = site();
    let load_balancer =
        "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/front/50dc6c49";
    for (source, name) in [
        (json!({"Identifier": format!("{WEB}0")}), "Target Groups"),
        (json!({"Identifier": load_balancer}), "Target Groups"),
        (json!({"Identifier": ADDRESSES}), "Target Groups"),
        (
            json!({"Identifier": "classic", "Type": "elb"}),
            "Load Balancers",
        ),
    ] {
        site.invalid(
            ATTACH,
            params(json!([{"Identifier": API}, source])),
            &format!("Provided {name} may not be valid. Please ensure they exist and try again."),
        );
    }
    let many = vec![json!({"Identifier": API}); 11];
    site.invalid(
        ATTACH,
        params(json!(many)),
        "Trying to update too many Load Balancers/Target Groups at once. The limit is 10",
    );
}
