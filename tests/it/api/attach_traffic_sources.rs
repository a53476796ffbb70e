//! `autoscaling:AttachTrafficSources`.

use serde_json::{Value, json};

use super::fleet::{ADDRESSES, API, CLASSIC, Fleet, GROUP, LATTICE, Site, WEB};
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

/// A group of two that serves nothing, beside a source of each type; which health checks it asks
/// about, those of ELB and of VPC Lattice.
fn of_every_type([elb, lattice]: [bool; 2]) -> Site {
    let mut fleet =
        Fleet::aws()
            .classic(CLASSIC)
            .lattice(LATTICE)
            .group(GROUP, (2, 4, 2), &["i-1", "i-2"]);
    let group = &mut fleet.0.groups[0];
    group.sources.clear();
    group.elb_health_check = elb;
    group.rules.lattice_health_check = lattice;
    fleet.site()
}

/// Each type is told from the ARN, or given with the name. R-SOURCE-1
#[test]
fn sources_of_every_type_are_attached_and_detached() {
    let mut site = of_every_type([false, false]);
    let sources = json!([
        {"Identifier": WEB},
        {"Identifier": CLASSIC, "Type": "elb"},
        {"Identifier": LATTICE},
        {"Identifier": LATTICE, "Type": "vpc-lattice"},
    ]);
    site.accepted(ATTACH, params(sources.clone()));
    let expected = [
        [WEB, "elbv2", "Added"],
        [CLASSIC, "elb", "Added"],
        [LATTICE, "vpc-lattice", "Added"],
    ];
    assert_eq!(site.sources(), expected);
    for (source_type, identifier) in [("elb", CLASSIC), ("vpc-lattice", LATTICE), ("elbv2", WEB)] {
        let answer = site.accepted(
            "autoscaling:DescribeTrafficSources",
            json!({"AutoScalingGroupName": GROUP, "TrafficSourceType": source_type}),
        );
        let told = answer["TrafficSources"].as_array().unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["Identifier"], identifier);
    }
    site.run_to(700);
    for target_group in [WEB, CLASSIC, LATTICE] {
        assert_eq!(
            site.server(target_group, "i-1", 80),
            "healthy",
            "{target_group}"
        );
    }
    site.accepted("autoscaling:DetachTrafficSources", params(sources));
    let removing: Vec<String> = site.sources().into_iter().map(|[id, ..]| id).collect();
    assert_eq!(
        removing,
        [WEB, LATTICE],
        "without draining a classic one is gone at once"
    );
    site.run_to(731);
    assert_eq!(
        site.sources(),
        [[LATTICE, "vpc-lattice", "Removing"]],
        "it takes its minute"
    );
    site.run_to(761);
    assert_eq!(site.sources().len(), 0);
}

/// A source is in service only if the group asks about checks of its kind: ELB for a Classic Load
/// Balancer and a target group, `VPC_LATTICE` for VPC Lattice. R-ASG-9, R-ASG-10
#[test]
fn a_source_is_in_service_by_health_checks_of_its_kind() {
    for (asked, [classic, web, lattice]) in [
        ([false, false], ["Added", "Added", "Added"]),
        ([true, false], ["InService", "InService", "Added"]),
        ([false, true], ["Added", "Added", "InService"]),
        ([true, true], ["InService", "InService", "InService"]),
    ] {
        let mut site = of_every_type(asked);
        let sources = json!([{"Identifier": CLASSIC, "Type": "elb"}, {"Identifier": WEB},
            {"Identifier": LATTICE}]);
        site.accepted(ATTACH, params(sources));
        let mut states = site.sources().into_iter().map(|[_, _, state]| state);
        assert!(states.all(|state| state == "Added"));
        site.run_to(700);
        let states: Vec<String> = site
            .sources()
            .into_iter()
            .map(|[_, _, state]| state)
            .collect();
        assert_eq!(states, [classic, web, lattice], "{asked:?}");
    }
}

/// The wording is assumed. R-SOURCE-1
#[test]
fn a_type_that_contradicts_the_arn_is_refused() {
    let mut site = of_every_type([false, false]);
    for (identifier, given, told) in [
        (WEB, "vpc-lattice", "elbv2"),
        (WEB, "elb", "elbv2"),
        (LATTICE, "elbv2", "vpc-lattice"),
        (LATTICE, "elb", "vpc-lattice"),
    ] {
        site.invalid(
            ATTACH,
            params(json!([{"Identifier": identifier, "Type": given}])),
            &format!(
                "The type {given} of the traffic source {identifier} does not match its \
                 identifier, which is of type {told}."
            ),
        );
    }
    for (identifier, given, name) in [
        (CLASSIC, "elbv2", "Target Groups"),
        (CLASSIC, "vpc-lattice", "VPC Lattice Target Groups"),
        (
            "tg-0eaa4b9ab4abcdef0",
            "vpc-lattice",
            "VPC Lattice Target Groups",
        ),
    ] {
        site.invalid(
            ATTACH,
            params(json!([{"Identifier": identifier, "Type": given}])),
            &format!("Provided {name} may not be valid. Please ensure they exist and try again."),
        );
    }
}
