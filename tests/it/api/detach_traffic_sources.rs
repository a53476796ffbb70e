//! `autoscaling:DetachTrafficSources` and `autoscaling:DescribeTrafficSources`.

use serde_json::{Value, json};

use super::fleet::{API, Fleet, GROUP, Site, WEB};
use drainsim::model::settings::TargetType;

const DETACH: &str = "autoscaling:DetachTrafficSources";

fn params(sources: Value) -> Value {
    json!({"AutoScalingGroupName": GROUP, "TrafficSources": sources})
}

fn two_sources() -> Site {
    Fleet::aws()
        .target_group(API, TargetType::Instance)
        .group(GROUP, (2, 4, 3), &["i-1", "i-2", "i-3"])
        .site()
}

fn states(site: &mut Site) -> Vec<(String, String)> {
    let answer = site.accepted(
        "autoscaling:DescribeTrafficSources",
        json!({"AutoScalingGroupName": GROUP}),
    );
    let sources = answer["TrafficSources"].as_array().unwrap().iter();
    sources
        .map(|source| {
            assert_eq!(source["Type"], "elbv2");
            assert_eq!(source["TrafficSource"], source["Identifier"]);
            let text = |key: &str| source[key].as_str().unwrap().to_owned();
            (text("Identifier"), text("State"))
        })
        .collect()
}

/// The example of the page `detach_traffic_sources`; moto has no such call. Trap 4: nobody is
/// replaced, nothing is announced, all leave at once.
#[test]
fn instances_leave_the_source_and_nothing_else() {
    let mut site = Fleet::aws().group(GROUP, (2, 4, 2), &["i-1", "i-2"]).site();
    let answer = site.accepted(DETACH, params(json!([{"Identifier": WEB}])));
    assert_eq!(answer, json!({}));
    assert_eq!(states(&mut site), [(WEB.to_owned(), "Removing".to_owned())]);
    for id in ["i-1", "i-2"] {
        assert_eq!(
            site.health(WEB, id, 80),
            "draining Target.DeregistrationInProgress"
        );
    }
    site.run_to(29);
    assert_eq!(states(&mut site).len(), 1);
    site.run_to(31);
    assert_eq!(states(&mut site), [], "it can no longer be described");
    assert_eq!(site.health(WEB, "i-1", 80), "unused Target.NotRegistered");
    site.run_to(300);
    let (desired, members) = site.group(GROUP);
    assert_eq!(desired, 2);
    assert_eq!(
        members.values().collect::<Vec<_>>(),
        ["InService", "InService"]
    );
    assert_eq!(members.keys().collect::<Vec<_>>(), ["i-1", "i-2"]);
    assert!(
        site.cloud().activities.is_empty(),
        "no activity tells of it"
    );
}

/// With two attached, moto takes the instances out of both.
#[test]
fn only_the_source_named_is_left() {
    let mut site = two_sources();
    site.accepted(
        DETACH,
        params(json!([{"Identifier": API, "Type": "elbv2"}])),
    );
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    assert_eq!(
        site.health(API, "i-1", 80),
        "draining Target.DeregistrationInProgress"
    );
    site.run_to(400);
    assert_eq!(
        states(&mut site),
        [(WEB.to_owned(), "InService".to_owned())]
    );
}

#[test]
fn both_sources_may_leave_in_one_call_and_a_name_given_twice_counts_once() {
    let mut site = two_sources();
    let sources = json!([{"Identifier": API}, {"Identifier": WEB}, {"Identifier": API}]);
    site.accepted(DETACH, params(sources));
    let all = states(&mut site);
    assert!(all.iter().all(|(_, state)| state == "Removing"), "{all:?}");
}

/// Trap 9: unlike a target, a source that is not attached is an error.
#[test]
fn a_source_that_is_not_attached_refuses_the_whole_call() {
    const NOT_PART: &str = "Trying to remove Traffic Sources that are not part of the group";
    let mut site = two_sources();
    let lattice = "arn:aws:vpc-lattice:us-west-2:123456789012:targetgroup/tg-1234567890123456";
    for other in [
        json!({"Identifier": format!("{WEB}0")}),
        json!({"Identifier": lattice}),
        json!({"Identifier": "my-classic-load-balancer", "Type": "elb"}),
    ] {
        site.invalid(
            DETACH,
            params(json!([{"Identifier": WEB}, other])),
            NOT_PART,
        );
    }
    site.accepted(DETACH, params(json!([{"Identifier": WEB}])));
    site.invalid(DETACH, params(json!([{"Identifier": WEB}])), NOT_PART);
}

#[test]
fn what_cannot_be_a_source_is_refused() {
    let mut site = two_sources();
    site.invalid(
        DETACH,
        params(json!([{"Identifier": WEB, "Type": "alb"}])),
        "Setting alb as traffic sources is currently not supported. Supported sources are [elb, \
         elbv2, vpc-lattice]. Provide a supported traffic source in your request and try again.",
    );
    for (source_type, told) in [("vpc-lattice", "elbv2"), ("elb", "elbv2")] {
        site.invalid(
            DETACH,
            params(json!([{"Identifier": WEB, "Type": source_type}])),
            &format!(
                "The type {source_type} of the traffic source {WEB} does not match its \
                 identifier, which is of type {told}."
            ),
        );
    }
    site.invalid(
        DETACH,
        params(json!([{"Identifier": "my-classic-load-balancer"}])),
        "The type of the traffic source my-classic-load-balancer is required because its \
         identifier is not the ARN of a target group.",
    );
    site.invalid(
        DETACH,
        params(json!(vec![json!({"Identifier": WEB}); 11])),
        "Trying to update too many Load Balancers/Target Groups at once. The limit is 10",
    );
    site.invalid(
        DETACH,
        params(json!([{"Type": "elbv2"}])),
        "1 validation error detected: Value null at 'trafficSources.1.member.identifier' failed \
         to satisfy constraint: Member must not be null",
    );
    site.invalid(
        DETACH,
        json!({"AutoScalingGroupName": "other", "TrafficSources": [{"Identifier": WEB}]}),
        "AutoScalingGroup name not found - null",
    );
}

#[test]
fn sources_are_described_by_type_and_page() {
    let mut site = two_sources();
    let describe = "autoscaling:DescribeTrafficSources";
    let answer = site.accepted(
        describe,
        json!({"AutoScalingGroupName": GROUP, "MaxRecords": 1}),
    );
    assert_eq!(answer["TrafficSources"][0]["Identifier"], WEB);
    let answer = site.accepted(
        describe,
        json!({"AutoScalingGroupName": GROUP, "NextToken": answer["NextToken"]}),
    );
    assert_eq!(answer["TrafficSources"][0]["Identifier"], API);
    assert_eq!(answer.get("NextToken"), None);
    let answer = site.accepted(
        describe,
        json!({"AutoScalingGroupName": GROUP, "TrafficSourceType": "elb"}),
    );
    assert_eq!(answer["TrafficSources"], json!([]));
    site.refused(
        describe,
        json!({"AutoScalingGroupName": GROUP, "NextToken": "2"}),
        ("InvalidNextToken", 400, "The NextToken value is not valid."),
    );
    site.invalid(
        describe,
        json!({"AutoScalingGroupName": GROUP, "MaxRecords": 51}),
        "1 validation error detected: Value '51' at 'maxRecords' failed to satisfy constraint: \
         Member must have value less than or equal to 50",
    );
}
