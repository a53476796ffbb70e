//! `autoscaling:CancelInstanceRefresh`, `RollbackInstanceRefresh`, `DescribeInstanceRefreshes`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const START: &str = "autoscaling:StartInstanceRefresh";
const CANCEL: &str = "autoscaling:CancelInstanceRefresh";
const ROLLBACK: &str = "autoscaling:RollbackInstanceRefresh";
const DESCRIBE: &str = "autoscaling:DescribeInstanceRefreshes";

fn site() -> Site {
    let mut fleet = Fleet::aws().group(GROUP, (0, 6, 2), &["i-1", "i-2"]);
    let mut next = fleet.0.launch_templates[0].clone();
    "web-v2".clone_into(&mut next.name);
    fleet.0.launch_templates.push(next);
    fleet.site()
}

fn group() -> Value {
    json!({"AutoScalingGroupName": GROUP})
}

fn start(site: &mut Site) -> Value {
    let params = json!({
        "AutoScalingGroupName": GROUP,
        "DesiredConfiguration": {"LaunchTemplate": {"LaunchTemplateName": "web-v2"}},
    });
    site.accepted(START, params)["InstanceRefreshId"].clone()
}

fn described(site: &mut Site) -> Vec<Value> {
    let answer = site.accepted(DESCRIBE, group());
    answer["InstanceRefreshes"].as_array().unwrap().clone()
}

/// Without an active refresh there is nothing to cancel or to roll back. R-REFRESH-6
#[test]
fn there_must_be_a_refresh() {
    let mut site = site();
    let none = (
        "ActiveInstanceRefreshNotFound",
        400,
        "No in progress or pending Instance Refresh found for Auto Scaling group \
         my-auto-scaling-group",
    );
    site.refused(CANCEL, group(), none);
    site.refused(ROLLBACK, group(), none);
    let id = start(&mut site);
    site.run_to(5);
    let cancelled = site.accepted(CANCEL, group());
    assert_eq!(cancelled["InstanceRefreshId"], id);
    assert_eq!(described(&mut site)[0]["Status"], "Cancelling");
    site.refused(CANCEL, group(), none);
    site.refused(ROLLBACK, group(), none);
    for operation in [CANCEL, ROLLBACK, DESCRIBE] {
        site.invalid(
            operation,
            json!({"AutoScalingGroupName": "none"}),
            "AutoScalingGroup name not found - null",
        );
    }
    site.run_to(300);
    let refresh = &described(&mut site)[0];
    assert_eq!(refresh["Status"], "Cancelled");
    assert!(refresh["EndTime"].is_string());
}

#[test]
fn a_refresh_may_be_cancelled_without_waiting() {
    let mut site = site();
    start(&mut site);
    site.run_to(5);
    site.accepted(
        CANCEL,
        json!({"AutoScalingGroupName": GROUP, "WaitForTransitioningInstances": false}),
    );
    assert_eq!(described(&mut site)[0]["Status"], "Cancelled");
}

/// A refresh without a desired configuration cannot be taken back. R-REFRESH-6
#[test]
fn a_rollback_needs_a_desired_configuration() {
    let mut site = site();
    site.accepted(START, group());
    site.refused(
        ROLLBACK,
        group(),
        (
            "IrreversibleInstanceRefresh",
            400,
            "The instance refresh has no desired configuration and cannot be rolled back.",
        ),
    );
    site.accepted(CANCEL, group());
    site.run_to(300);
    let id = start(&mut site);
    site.run_to(305);
    assert_eq!(site.accepted(ROLLBACK, group())["InstanceRefreshId"], id);
    let refresh = &described(&mut site)[0];
    assert_eq!(refresh["Status"], "RollbackInProgress");
    assert_eq!(
        refresh["RollbackDetails"],
        json!({
            "RollbackReason": "The rollback was requested by a user.",
            "RollbackStartTime": "2026-01-01T00:05:05.000Z",
            "PercentageCompleteOnRollback": 0,
            "InstancesToUpdateOnRollback": 2,
        })
    );
    site.run_to(900);
    assert_eq!(described(&mut site)[0]["Status"], "RollbackSuccessful");
}

/// The last comes first; pages and ids choose among them. R-REFRESH-4
#[test]
fn refreshes_are_listed_from_the_last() {
    let mut site = site();
    let mut ids = Vec::new();
    for run in 1..=3 {
        ids.insert(0, start(&mut site));
        site.run_to(run * 600);
    }
    let listed: Vec<Value> = described(&mut site)
        .iter()
        .map(|refresh| refresh["InstanceRefreshId"].clone())
        .collect();
    assert_eq!(listed, ids);
    let page = json!({"AutoScalingGroupName": GROUP, "MaxRecords": 2});
    let first = site.accepted(DESCRIBE, page);
    assert_eq!(first["InstanceRefreshes"].as_array().unwrap().len(), 2);
    let rest = json!({"AutoScalingGroupName": GROUP, "NextToken": first["NextToken"]});
    let rest = site.accepted(DESCRIBE, rest);
    assert_eq!(rest["InstanceRefreshes"][0]["InstanceRefreshId"], ids[2]);
    assert!(rest.get("NextToken").is_none());
    let one = json!({"AutoScalingGroupName": GROUP, "InstanceRefreshIds": [ids[1]]});
    let one = site.accepted(DESCRIBE, one);
    let one = one["InstanceRefreshes"].as_array().unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!(one[0]["PercentageComplete"], 100);
    site.refused(
        DESCRIBE,
        json!({"AutoScalingGroupName": GROUP, "NextToken": "x"}),
        ("InvalidNextToken", 400, "The NextToken value is not valid."),
    );
}
