//! `autoscaling:SuspendProcesses` and `autoscaling:ResumeProcesses`.

use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site};

const SUSPEND: &str = "autoscaling:SuspendProcesses";
const RESUME: &str = "autoscaling:ResumeProcesses";

const ALL: [&str; 9] = [
    "AZRebalance",
    "AddToLoadBalancer",
    "AlarmNotification",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
];

fn site() -> Site {
    Fleet::aws().group(GROUP, (0, 4, 2), &["i-1", "i-2"]).site()
}

fn params(processes: &[&str]) -> Value {
    json!({"AutoScalingGroupName": GROUP, "ScalingProcesses": processes})
}

/// The names of what is suspended, sorted.
fn suspended(site: &mut Site) -> Vec<String> {
    let described = site.accepted("autoscaling:DescribeAutoScalingGroups", json!({}));
    let shown = &described["AutoScalingGroups"][0]["SuspendedProcesses"];
    let shown = shown.as_array().unwrap().iter();
    let mut names: Vec<String> = shown
        .map(|process| process["ProcessName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn processes_are_suspended_and_resumed_by_name() {
    let mut site = site();
    let some = params(&["Launch", "AZRebalance", "Launch"]);
    assert_eq!(site.accepted(SUSPEND, some), json!({}));
    assert_eq!(suspended(&mut site), ["AZRebalance", "Launch"]);
    site.accepted(SUSPEND, params(&["Terminate"]));
    // what is not suspended may be resumed all the same
    site.accepted(RESUME, params(&["Launch", "HealthCheck"]));
    assert_eq!(suspended(&mut site), ["AZRebalance", "Terminate"]);
}

#[test]
fn without_names_all_are_meant() {
    for list in [json!({"AutoScalingGroupName": GROUP}), params(&[])] {
        let mut site = site();
        site.accepted(SUSPEND, list.clone());
        assert_eq!(suspended(&mut site), ALL);
        site.accepted(RESUME, list);
        assert!(suspended(&mut site).is_empty());
    }
}

/// What is left undone is done when the process is resumed.
#[test]
fn a_group_catches_up() {
    let mut site = site();
    site.accepted(SUSPEND, params(&["Launch", "Terminate"]));
    let desire =
        |capacity: u32| json!({"AutoScalingGroupName": GROUP, "DesiredCapacity": capacity});
    site.accepted("autoscaling:SetDesiredCapacity", desire(3));
    site.run_to(200);
    assert_eq!(site.group(GROUP).1.len(), 2);
    site.accepted(RESUME, params(&["Launch"]));
    site.run_to(300);
    assert_eq!(site.group(GROUP).1.len(), 3);
    site.accepted("autoscaling:SetDesiredCapacity", desire(1));
    site.run_to(400);
    assert_eq!(site.group(GROUP).1.len(), 3);
    site.accepted(RESUME, params(&["Terminate"]));
    site.run_to(500);
    assert_eq!(site.group(GROUP).1.len(), 1);
}

#[test]
fn what_is_wrong_is_refused() {
    let mut site = site();
    for (name, done) in [(SUSPEND, "suspended"), (RESUME, "resumed")] {
        let error = site.call(name, params(&["Launch", "Drain"])).unwrap_err();
        assert_eq!(error.code, "ValidationError");
        assert!(
            error.message.starts_with(
                "1 validation error detected: Value '[Launch, Drain]' at 'scalingProcesses' failed \
                 to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum \
                 value set: [AddToLoadBalancer, "
            ),
            "{}",
            error.message
        );
        site.invalid(
            name,
            json!({"AutoScalingGroupName": "nobody"}),
            "AutoScalingGroup name not found - null",
        );
        let mut leaving = self::site();
        let delete = json!({"AutoScalingGroupName": GROUP, "ForceDelete": true});
        leaving.accepted("autoscaling:DeleteAutoScalingGroup", delete);
        leaving.invalid(
            name,
            params(&["Launch"]),
            &format!("Processes may not be {done} while the AutoScaling group is pending delete"),
        );
    }
    assert!(suspended(&mut site).is_empty());
}
