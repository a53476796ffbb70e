//! `ec2:StartInstances`.

use serde_json::{Value, json};

use super::fleet::{Fleet, Site, WEB};

const START: &str = "ec2:StartInstances";
const STOP: &str = "ec2:StopInstances";

const PENDING: (u8, &str) = (0, "pending");
const RUNNING: (u8, &str) = (16, "running");
const STOPPED: (u8, &str) = (80, "stopped");

fn site() -> Site {
    Fleet::aws().machine("i-9").registered(80).site()
}

fn change(from: (u8, &str), to: (u8, &str)) -> Value {
    let state = |(code, name)| json!({"Code": code, "Name": name});
    json!({"StartingInstances": [
        {"InstanceId": "i-9", "CurrentState": state(to), "PreviousState": state(from)}
    ]})
}

fn one() -> Value {
    json!({"InstanceIds": ["i-9"]})
}

/// The machine boots 35 s and is ready 15 s later. R-STOP-7
#[test]
fn a_stopped_machine_boots_and_is_checked_again() {
    let mut site = site();
    assert_eq!(site.accepted(START, one()), change(RUNNING, RUNNING));
    site.accepted(STOP, one());
    site.run_to(30);
    assert_eq!(site.accepted(START, one()), change(STOPPED, PENDING));
    assert_eq!(site.accepted(START, one()), change(PENDING, PENDING));
    let text = "The instance 'i-9' is not in a state from which it can be stopped.";
    site.refused(STOP, one(), ("IncorrectInstanceState", 400, text));
    site.run_to(64);
    assert_eq!(site.health(WEB, "i-9", 80), "unused Target.InvalidState");
    site.run_to(66);
    let checked = "initial Elb.InitialHealthChecking";
    assert_eq!(site.health(WEB, "i-9", 80), checked);
    assert_eq!(site.accepted(START, one()), change(RUNNING, RUNNING));
    site.run_to(120);
    assert_eq!(site.health(WEB, "i-9", 80), "healthy");
}

#[test]
fn what_is_not_stopped_cannot_be_started() {
    let mut site = site();
    site.accepted(STOP, one());
    let code = "IncorrectInstanceState";
    let text = "The instance 'i-9' is not in a state from which it can be started.";
    site.refused(START, one(), (code, 400, text));
    site.run_to(30);
    let dry = "Request would have succeeded, but DryRun flag is set.";
    site.refused(
        START,
        json!({"InstanceIds": ["i-9"], "DryRun": true}),
        ("DryRunOperation", 412, dry),
    );
    site.accepted("ec2:TerminateInstances", one());
    site.refused(START, one(), (code, 400, text));
    site.refused(
        START,
        json!({"InstanceIds": []}),
        (
            "MissingParameter",
            400,
            "The request must contain the parameter InstanceId",
        ),
    );
}
