//! The older calls on the sources of a group: to attach, detach and describe its load balancers, and
//! the same for their target groups. They see what older calls attached.

use drainsim::model::settings::TargetType;
use drainsim::model::source::AttachedVia;
use serde_json::{Value, json};

use super::fleet::{API, CLASSIC, Fleet, GROUP, LATTICE, Site, WEB};

const ATTACH_GROUPS: &str = "autoscaling:AttachLoadBalancerTargetGroups";
const DETACH_GROUPS: &str = "autoscaling:DetachLoadBalancerTargetGroups";
const DESCRIBE_GROUPS: &str = "autoscaling:DescribeLoadBalancerTargetGroups";
const ATTACH: &str = "autoscaling:AttachLoadBalancers";
const DETACH: &str = "autoscaling:DetachLoadBalancers";
const DESCRIBE: &str = "autoscaling:DescribeLoadBalancers";
const NOT_PART_GROUPS: &str = "Trying to remove Target Groups that are not part of the group";
const NOT_PART: &str = "Trying to remove Load Balancers that are not part of the group";

fn groups(arns: &[&str]) -> Value {
    json!({"AutoScalingGroupName": GROUP, "TargetGroupARNs": arns})
}

fn balancers(names: &[&str]) -> Value {
    json!({"AutoScalingGroupName": GROUP, "LoadBalancerNames": names})
}

fn newer(identifier: &str) -> Value {
    json!({"AutoScalingGroupName": GROUP, "TrafficSources": [{"Identifier": identifier,
        "Type": if identifier.starts_with("arn:") { Value::Null } else { json!("elb") }}]})
}

/// A group of two that serves nothing yet, beside two target groups, two Classic Load Balancers and
/// a target group of VPC Lattice.
fn bare() -> Site {
    fleet(|_| false).site()
}

/// The same with the sources of which `attached` is true, nobody knows by which call.
fn fleet(attached: impl Fn(&str) -> bool) -> Fleet {
    let mut fleet = Fleet::aws()
        .target_group(API, TargetType::Instance)
        .classic(CLASSIC)
        .classic("c2")
        .lattice(LATTICE)
        .group(GROUP, (2, 4, 2), &["i-1", "i-2"]);
    let groups = &fleet.0.target_groups;
    let sources = &mut fleet.0.groups[0].sources;
    sources.retain(|source| attached(&groups[source.target_group.index()].identifier));
    fleet
}

fn told(site: &mut Site, name: &str) -> Vec<(String, String)> {
    let answer = site.accepted(name, json!({"AutoScalingGroupName": GROUP}));
    let (list, key) = if name == DESCRIBE {
        ("LoadBalancers", "LoadBalancerName")
    } else {
        ("LoadBalancerTargetGroups", "LoadBalancerTargetGroupARN")
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = answer[list].as_array().unwrap().iter();
    all.map(|one| (text(&one[key]), text(&one["State"])))
        .collect()
}

fn pair(identifier: &str, state: &str) -> (String, String) {
    (identifier.to_owned(), state.to_owned())
}

/// Members join, the source is described by either kind of call, and members leave that source
/// alone. With c1 and c2 attached, moto takes the instances out of both.
#[test]
fn detaching_one_load_balancer_leaves_the_other() {
    let mut site = bare();
    assert_eq!(
        site.accepted(ATTACH, balancers(&[CLASSIC, "c2", CLASSIC])),
        json!({})
    );
    assert_eq!(
        told(&mut site, DESCRIBE),
        [pair(CLASSIC, "Added"), pair("c2", "Added")]
    );
    site.run_to(700);
    for balancer in [CLASSIC, "c2"] {
        assert_eq!(site.instance_state(balancer, "i-1")[0], "InService");
    }
    assert_eq!(site.accepted(DETACH, balancers(&[CLASSIC])), json!({}));
    assert_eq!(
        site.instance_state(CLASSIC, "i-1")[2],
        "Instance is not currently registered with the LoadBalancer."
    );
    assert_eq!(site.instance_state("c2", "i-1")[0], "InService");
    assert_eq!(
        told(&mut site, DESCRIBE),
        [pair("c2", "Added")],
        "without draining: at once"
    );
    site.run_to(1_000);
    assert_eq!(site.instance_state("c2", "i-2")[0], "InService");
    let (desired, members) = site.group(GROUP);
    assert_eq!((desired, members.len()), (2, 2));
    assert!(
        site.cloud().activities.is_empty(),
        "no activity tells of it"
    );
}

#[test]
fn target_groups_are_attached_and_leave_when_they_have_drained() {
    let mut site = bare();
    site.accepted(ATTACH_GROUPS, groups(&[WEB, API]));
    site.run_to(20);
    assert_eq!(site.health(WEB, "i-1", 80), "healthy");
    site.accepted(DETACH_GROUPS, groups(&[WEB]));
    assert_eq!(
        told(&mut site, DESCRIBE_GROUPS),
        [pair(WEB, "Removing"), pair(API, "Added")]
    );
    assert_eq!(site.health(API, "i-1", 80), "healthy");
    site.run_to(51);
    assert_eq!(told(&mut site, DESCRIBE_GROUPS), [pair(API, "Added")]);
}

/// What `AttachTrafficSources` attached is neither described nor detached by the older calls; the
/// newer ones see everything. R-SOURCE-2
#[test]
fn older_calls_see_what_older_calls_attached() {
    let mut site = bare();
    for (newly, formerly, [attach, detach, describe], text) in [
        (
            WEB,
            API,
            [ATTACH_GROUPS, DETACH_GROUPS, DESCRIBE_GROUPS],
            NOT_PART_GROUPS,
        ),
        (CLASSIC, "c2", [ATTACH, DETACH, DESCRIBE], NOT_PART),
    ] {
        let older = |name: &str| {
            if name.starts_with("arn:") {
                groups(&[name])
            } else {
                balancers(&[name])
            }
        };
        site.accepted("autoscaling:AttachTrafficSources", newer(newly));
        site.accepted(attach, older(formerly));
        // attached already, and so it stays as it is
        site.accepted(attach, older(newly));
        assert_eq!(told(&mut site, describe), [pair(formerly, "Added")]);
        site.invalid(detach, older(newly), text);
        site.accepted(detach, older(formerly));
        site.invalid(detach, older(formerly), text);
        site.accepted("autoscaling:DetachTrafficSources", newer(newly));
    }
    site.accepted(ATTACH_GROUPS, groups(&[WEB]));
    site.accepted("autoscaling:DetachTrafficSources", newer(WEB));
}

/// Sources of the file are seen by both kinds of calls unless it says how they came there.
#[test]
fn sources_of_the_file_are_seen_as_it_says() {
    for (via, seen) in [
        (AttachedVia::Unknown, true),
        (AttachedVia::LoadBalancers, true),
        (AttachedVia::TrafficSources, false),
    ] {
        let mut fleet = fleet(|name| name == WEB || name == CLASSIC);
        for source in &mut fleet.0.groups[0].sources {
            source.attached_via = via;
        }
        let mut site = fleet.site();
        assert_eq!(site.sources().len(), 2, "the newer call tells of all");
        assert_eq!(told(&mut site, DESCRIBE).len(), usize::from(seen));
        assert_eq!(told(&mut site, DESCRIBE_GROUPS).len(), usize::from(seen));
        if seen {
            site.accepted(DETACH, balancers(&[CLASSIC]));
            site.accepted(DETACH_GROUPS, groups(&[WEB]));
        } else {
            site.invalid(DETACH, balancers(&[CLASSIC]), NOT_PART);
            site.invalid(DETACH_GROUPS, groups(&[WEB]), NOT_PART_GROUPS);
        }
    }
}

#[test]
fn what_does_not_exist_is_neither_attached_nor_detached() {
    let mut site = bare();
    for arn in [format!("{WEB}0"), CLASSIC.to_owned(), LATTICE.to_owned()] {
        site.invalid(
            ATTACH_GROUPS,
            groups(&[WEB, &arn]),
            "Provided Target Groups may not be valid. Please ensure they exist and try again.",
        );
        site.invalid(DETACH_GROUPS, groups(&[&arn]), NOT_PART_GROUPS);
    }
    for name in ["c3", "front", "mesh", WEB] {
        site.invalid(
            ATTACH,
            balancers(&[CLASSIC, name]),
            "Provided Load Balancers may not be valid. Please ensure they exist and try again.",
        );
        site.invalid(DETACH, balancers(&[name]), NOT_PART);
    }
    for (name, given) in [
        (ATTACH, balancers(&["c"])),
        (DETACH, balancers(&["c"])),
        (ATTACH_GROUPS, groups(&["c"])),
        (DETACH_GROUPS, groups(&["c"])),
        (DESCRIBE, json!({})),
        (DESCRIBE_GROUPS, json!({})),
    ] {
        let mut given = given;
        given["AutoScalingGroupName"] = json!("other");
        site.invalid(name, given, "AutoScalingGroup name not found - null");
    }
}

/// Those being detached count as well. R-SOURCE-3
#[test]
fn ten_are_updated_at_once() {
    const TOO_MANY: &str =
        "Trying to update too many Load Balancers/Target Groups at once. The limit is 10";
    let mut site = bare();
    for name in [ATTACH, DETACH] {
        site.invalid(name, balancers(&["c"; 11]), TOO_MANY);
    }
    for name in [ATTACH_GROUPS, DETACH_GROUPS] {
        site.invalid(name, groups(&["c"; 11]), TOO_MANY);
    }
    site.accepted(ATTACH_GROUPS, groups(&[WEB; 10]));
    site.accepted(DETACH_GROUPS, groups(&[WEB]));
    site.invalid(ATTACH, balancers(&[CLASSIC; 10]), TOO_MANY);
    site.accepted(ATTACH, balancers(&[CLASSIC; 9]));
}

/// R-SOURCE-3
#[test]
fn a_group_has_fifty_sources_of_a_type_and_five_of_lattice() {
    let mut fleet = Fleet::aws();
    let names: Vec<String> = (0..51).map(|number| format!("c{number}")).collect();
    for name in &names {
        fleet = fleet.classic(name);
    }
    let mut fleet = fleet.group(GROUP, (0, 1, 0), &[]);
    fleet.0.groups[0].sources.clear();
    let mut site = fleet.site();
    for ten in names[..50].chunks(10) {
        let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
        site.accepted(ATTACH, balancers(&ten));
    }
    let text = "An Auto Scaling group may have 50 Load Balancers at most";
    site.invalid(ATTACH, balancers(&["c50"]), text);
    site.accepted(ATTACH, balancers(&["c49"]));
    site.accepted(DETACH, balancers(&["c0"]));
    site.accepted(ATTACH, balancers(&["c50"]));
    let mut fleet = Fleet::aws();
    let arns = (0..6).map(|number| LATTICE.replace("tg-0", &format!("tg-{number}")));
    let arns: Vec<String> = arns.collect();
    for arn in &arns {
        fleet = fleet.lattice(arn);
    }
    let mut site = fleet.group(GROUP, (0, 1, 0), &[]).classic(CLASSIC).site();
    // there are six in the file, where nobody counts them: five are left, which is no matter to others
    site.accepted(ATTACH, balancers(&[CLASSIC]));
    site.accepted("autoscaling:DetachTrafficSources", newer(&arns[5]));
    site.invalid(
        "autoscaling:AttachTrafficSources",
        newer(&arns[5]),
        "An Auto Scaling group may have 5 VPC Lattice Target Groups at most",
    );
}

#[test]
fn sources_are_described_by_page() {
    let mut site = fleet(|name| name == WEB || name == API).site();
    let answer = site.accepted(
        DESCRIBE_GROUPS,
        json!({"AutoScalingGroupName": GROUP, "MaxRecords": 1}),
    );
    assert_eq!(
        answer["LoadBalancerTargetGroups"],
        json!([{"LoadBalancerTargetGroupARN": WEB, "State": "InService"}])
    );
    let next = json!({"AutoScalingGroupName": GROUP, "NextToken": answer["NextToken"]});
    let answer = site.accepted(DESCRIBE_GROUPS, next);
    assert_eq!(
        answer["LoadBalancerTargetGroups"][0]["LoadBalancerTargetGroupARN"],
        API
    );
    assert_eq!(answer.get("NextToken"), None);
    site.invalid(
        DESCRIBE,
        json!({"AutoScalingGroupName": GROUP, "MaxRecords": 101}),
        "1 validation error detected: Value '101' at 'maxRecords' failed to satisfy constraint: \
         Member must have value less than or equal to 100",
    );
    site.refused(
        DESCRIBE,
        json!({"AutoScalingGroupName": GROUP, "NextToken": "1"}),
        ("InvalidNextToken", 400, "The NextToken value is not valid."),
    );
}

/// `LoadBalancerNames` and `TargetGroupARNs` of a new group are of the older kind, and all its
/// sources are in service at once.
#[test]
fn a_new_group_has_sources_of_either_kind() {
    let mut site = bare();
    site.accepted(
        "autoscaling:DeleteAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "ForceDelete": true}),
    );
    site.run_to(100);
    site.accepted(
        "autoscaling:CreateAutoScalingGroup",
        json!({"AutoScalingGroupName": GROUP, "MinSize": 0, "MaxSize": 2,
            "LaunchTemplate": {"LaunchTemplateName": "web-v1"},
            "AvailabilityZones": ["us-west-2a"], "TargetGroupARNs": [WEB],
            "LoadBalancerNames": [CLASSIC],
            "TrafficSources": [{"Identifier": API}, {"Identifier": WEB},
                {"Identifier": "c2", "Type": "elb"}, {"Identifier": LATTICE}]}),
    );
    assert_eq!(
        site.sources(),
        [
            [WEB, "elbv2", "InService"],
            [CLASSIC, "elb", "InService"],
            [API, "elbv2", "InService"],
            ["c2", "elb", "InService"],
            [LATTICE, "vpc-lattice", "InService"],
        ]
    );
    assert_eq!(told(&mut site, DESCRIBE), [pair(CLASSIC, "InService")]);
    assert_eq!(told(&mut site, DESCRIBE_GROUPS), [pair(WEB, "InService")]);
    let answer = site.accepted(
        "autoscaling:DescribeAutoScalingGroups",
        json!({"AutoScalingGroupNames": [GROUP]}),
    );
    let group = &answer["AutoScalingGroups"][0];
    assert_eq!(group["LoadBalancerNames"], json!([CLASSIC, "c2"]));
    assert_eq!(group["TargetGroupARNs"], json!([WEB, API]));
    let types = group["TrafficSources"].as_array().unwrap().iter();
    let types: Vec<&Value> = types.map(|source| &source["Type"]).collect();
    assert_eq!(types, ["elbv2", "elb", "elbv2", "elb", "vpc-lattice"]);
}
