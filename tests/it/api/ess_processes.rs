//! `ess:SuspendProcesses` and `ess:ResumeProcesses`. R-ESS-14

use serde_json::{Value, json};

use super::fleet::{
    BUSY, DENIED, Fleet, NO_GROUP, SCALING_GROUP, Site, about_group, about_instances, with,
};

const SUSPEND: &str = "ess:SuspendProcesses";
const RESUME: &str = "ess:ResumeProcesses";

fn processes(names: &[&str]) -> Value {
    with(about_group(), "Processes", json!(names))
}

fn suspended(site: &mut Site) -> Value {
    site.scaling_group(SCALING_GROUP)["SuspendedProcesses"].clone()
}

/// What is part of a suspended process is refused, until it is resumed; the rest goes on.
#[test]
fn what_is_part_of_a_suspended_process_is_refused() {
    let mut site = Fleet::alibaba().machine("i-bp1z").site();
    let attach = ("ess:AttachInstances", about_instances(&["i-bp1z"]));
    let remove = ("ess:RemoveInstances", about_instances(&["i-bp1a"]));
    let detach = ("ess:DetachInstances", about_instances(&["i-bp1b"]));
    for (process, refused) in [
        ("ScaleOut", vec![&attach]),
        ("ScaleIn", vec![&remove, &detach]),
    ] {
        let answer = site.accepted(SUSPEND, processes(&[process, process]));
        assert!(answer["RequestId"].is_string());
        assert_eq!(suspended(&mut site), json!([process]));
        for (operation, params) in refused {
            site.refused(operation, params.clone(), DENIED);
        }
        site.accepted(RESUME, processes(&[process]));
        assert_eq!(suspended(&mut site), json!([]));
    }
    site.accepted(SUSPEND, processes(&["ScaleOut", "HealthCheck"]));
    site.accepted(detach.0, detach.1);
    site.accepted(
        SUSPEND,
        json!({"ScalingGroupId": SCALING_GROUP, "Process.1": "ScheduledAction",
            "Process.2": "AlarmNotification", "Process.3": "ScaleIn"}),
    );
    let all = [
        "ScaleIn",
        "ScaleOut",
        "HealthCheck",
        "AlarmNotification",
        "ScheduledAction",
    ];
    assert_eq!(suspended(&mut site), json!(all));
    site.accepted(RESUME, processes(&all));
    site.accepted(remove.0, remove.1);
    site.refused(attach.0, attach.1, BUSY);
}

#[test]
fn requests_are_checked() {
    let mut site = Fleet::alibaba().site();
    for operation in [SUSPEND, RESUME] {
        site.not_supplied(operation, about_group(), "Process");
        site.invalid_value(operation, processes(&["Launch"]), "Processes.1");
        let flat = with(about_group(), "Process.x", json!("ScaleIn"));
        site.invalid_value(operation, flat, "Process.x");
        let gone = with(processes(&["ScaleIn"]), "ScalingGroupId", json!("asg-gone"));
        site.refused(operation, gone, NO_GROUP);
        let token = with(processes(&["ScaleIn"]), "ClientToken", json!("t"));
        let first = site.accepted(operation, token.clone());
        assert_eq!(site.accepted(operation, token.clone()), first);
        site.refused_with(
            operation,
            with(token, "Processes", json!(["ScaleOut"])),
            "IdempotentParameterMismatch",
        );
    }
}
