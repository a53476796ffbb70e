//! `Filters` of `autoscaling:DescribeAutoScalingGroups` and of
//! `autoscaling:DescribeScalingActivities`, and the tags they look at.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const CREATE: &str = "autoscaling:CreateAutoScalingGroup";
const GROUPS: &str = "autoscaling:DescribeAutoScalingGroups";
const ACTIVITIES: &str = "autoscaling:DescribeScalingActivities";

fn site() -> Site {
    Fleet::aws().group(GROUP, (1, 4, 2), &["i-1", "i-2"]).site()
}

fn create(site: &mut Site, name: &str, tags: Value) {
    let request = json!({"AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 1,
        "InstanceId": "i-1", "Tags": tags});
    site.accepted(CREATE, request);
}

#[test]
fn tags_are_shown_with_their_group() {
    let mut site = site();
    let tag = |more: Value| {
        let mut tag = json!({"Key": "team"});
        for (key, value) in more.as_object().unwrap() {
            tag[key] = value.clone();
        }
        tag
    };
    let twice = json!([
        tag(json!({"Value": "old"})),
        tag(json!({"Value": "web", "PropagateAtLaunch": true}))
    ]);
    create(&mut site, "blue", twice);
    let answer = site.accepted(GROUPS, json!({"AutoScalingGroupNames": ["blue"]}));
    assert_eq!(
        answer["AutoScalingGroups"][0]["Tags"],
        json!([{"ResourceId": "blue", "ResourceType": "auto-scaling-group", "Key": "team",
            "Value": "web", "PropagateAtLaunch": true}])
    );
    let stranger = json!({"AutoScalingGroupName": "red", "MinSize": 0, "MaxSize": 1,
        "InstanceId": "i-1", "Tags": [tag(json!({"ResourceId": "blue"}))]});
    site.invalid(
        CREATE,
        stranger,
        "Tags of the request must be of the auto-scaling-group red, not of the auto-scaling-group \
         blue",
    );
}

/// Filters of one request must all hold; of the values of one filter any may.
#[test]
fn groups_are_found_by_their_tags() {
    let mut site = site();
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    create(
        &mut site,
        "blue",
        json!([tag("team", "web"), tag("stage", "prod")]),
    );
    create(
        &mut site,
        "green",
        json!([tag("team", "api"), tag("stage", "prod")]),
    );
    create(&mut site, "grey", json!([tag("owner", "web")]));
    let filter = |name: &str, values: &[&str]| json!({"Name": name, "Values": values});
    let cases = [
        (json!([filter("tag-key", &["team"])]), vec!["blue", "green"]),
        (
            json!([filter("tag-key", &["team", "owner"])]),
            vec!["blue", "green", "grey"],
        ),
        (json!([filter("tag-value", &["web"])]), vec!["blue", "grey"]),
        (json!([filter("tag:team", &["web"])]), vec!["blue"]),
        (
            json!([
                filter("tag:stage", &["prod"]),
                filter("tag:team", &["api", "web"])
            ]),
            vec!["blue", "green"],
        ),
        (
            json!([
                filter("tag:stage", &["prod"]),
                filter("tag-value", &["api"])
            ]),
            vec!["green"],
        ),
        (json!([filter("tag:team", &[])]), vec![]),
        (json!([]), vec![GROUP, "blue", "green", "grey"]),
    ];
    for (filters, expected) in cases {
        let answer = site.accepted(GROUPS, json!({"Filters": filters}));
        let groups = answer["AutoScalingGroups"].as_array().unwrap();
        let names: Vec<&str> = groups
            .iter()
            .map(|group| group["AutoScalingGroupName"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected, "{filters}");
    }
    site.invalid(
        GROUPS,
        json!({"Filters": [filter("name", &["blue"])]}),
        "Filter name name is not valid. Valid names are: [tag-key, tag-value, tag:<key>]",
    );
}

#[test]
fn activities_are_found_by_start_and_status() {
    let mut site = site();
    for (second, desired) in [(100, 3), (200, 4)] {
        site.run_to(second);
        site.accepted(
            "autoscaling:SetDesiredCapacity",
            json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": desired}),
        );
    }
    // the launch of 100 s is done, that of 200 s has begun
    site.run_to(210);
    let filter = |name: &str, value: &str| json!({"Name": name, "Values": [value]});
    let cases = [
        (json!([]), 2),
        (
            json!([filter("StartTimeLowerBound", "2026-01-01T00:02:00Z")]),
            1,
        ),
        (
            json!([filter("StartTimeUpperBound", "2026-01-01T00:02:00")]),
            1,
        ),
        (
            json!([filter("StartTimeUpperBound", "2026-01-01T08:02:00+08:00")]),
            1,
        ),
        (
            json!([
                filter("StartTimeLowerBound", "2026-01-01T00:01:00Z"),
                filter("StartTimeUpperBound", "2026-01-01T00:01:01Z")
            ]),
            0,
        ),
        (json!([filter("Status", "Successful")]), 1),
        (json!([filter("Status", "Failed")]), 0),
        (
            json!([{"Name": "Status", "Values": ["Successful", "InProgress", "PreInService"]}]),
            2,
        ),
    ];
    for (filters, expected) in cases {
        let request = json!({"AutoScalingGroupName": GROUP, "Filters": filters});
        let answer = site.accepted(ACTIVITIES, request);
        let found = answer["Activities"].as_array().unwrap().len();
        assert_eq!(found, expected, "{filters}: {answer}");
    }
}

#[test]
fn filters_of_activities_that_make_no_sense_are_refused() {
    let mut site = site();
    let cases = [
        (
            json!({"Name": "Status", "Values": ["Failed"]}),
            "The Status filter can only be used in combination with the AutoScalingGroupName \
             parameter",
        ),
        (
            json!({"Name": "StartTimeLowerBound", "Values": ["yesterday"]}),
            "The StartTimeLowerBound filter takes an ISO 8601 timestamp",
        ),
        (
            json!({"Name": "StartTimeUpperBound"}),
            "The StartTimeUpperBound filter takes one value",
        ),
        (
            json!({"Values": ["x"]}),
            "Filter name  is not valid. Valid names are: [StartTimeLowerBound, StartTimeUpperBound, \
             Status]",
        ),
    ];
    for (filter, message) in cases {
        site.invalid(ACTIVITIES, json!({"Filters": [filter]}), message);
    }
}
