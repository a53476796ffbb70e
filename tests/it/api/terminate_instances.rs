//! `ec2:TerminateInstances`.

use drainsim::model::ids::InstanceId;
use drainsim::model::machine::ProcessState;
use drainsim::model::settings::ShutdownThen;
use serde_json::{Value, json};

use super::fleet::{Fleet, GROUP, Site, WEB};

const TERMINATE: &str = "ec2:TerminateInstances";

fn site() -> Site {
    Fleet::aws()
        .group(GROUP, (1, 3, 2), &["i-1", "i-2"])
        .machine("10.0.0.5")
        .site()
}

fn change(id: &str, from: (u8, &str), to: (u8, &str)) -> Value {
    let state = |(code, name)| json!({"Code": code, "Name": name});
    json!({"TerminatingInstances": [
        {"InstanceId": id, "CurrentState": state(to), "PreviousState": state(from)}
    ]})
}

#[test]
fn a_machine_is_told_to_go_and_its_target_is_found_out_later() {
    let mut site = site();
    let ids = json!({"InstanceIds": ["i-1", "i-1"]});
    let running = (16, "running");
    let leaving = (32, "shutting-down");
    let gone = (48, "terminated");
    assert_eq!(
        site.accepted(TERMINATE, ids.clone()),
        change("i-1", running, leaving)
    );
    assert_eq!(
        site.health(WEB, "i-1", 80),
        "healthy",
        "nothing is deregistered"
    );
    assert_eq!(
        site.accepted(TERMINATE, ids.clone()),
        change("i-1", leaving, leaving)
    );
    site.run_to(21);
    assert_eq!(site.accepted(TERMINATE, ids), change("i-1", gone, gone));
    site.run_to(300);
    let (desired, members) = site.group(GROUP);
    assert_eq!(desired, 2);
    assert!(
        !members.contains_key("i-1"),
        "the group found out and replaced it"
    );
    assert_eq!(
        members
            .values()
            .filter(|state| *state == "InService")
            .count(),
        2
    );
}

#[test]
fn force_leaves_nothing_to_finish() {
    for (force, state) in [(false, ProcessState::Serving), (true, ProcessState::Exited)] {
        let mut site = Fleet::aws()
            .machine("i-9")
            .shutdown(ShutdownThen::Ignore)
            .site();
        let params = json!({"InstanceIds": ["i-9"], "Force": force});
        site.accepted(TERMINATE, params);
        assert_eq!(site.cloud().process_state(InstanceId(0)), state);
    }
}

#[test]
fn an_unknown_id_refuses_the_whole_call() {
    let mut site = site();
    let code = "InvalidInstanceID.NotFound";
    site.refused(
        TERMINATE,
        json!({"InstanceIds": ["i-1", "i-x"]}),
        (code, 400, "The instance ID 'i-x' does not exist"),
    );
    site.refused(
        TERMINATE,
        json!({"InstanceIds": ["i-x", "i-1", "i-y"]}),
        (code, 400, "The instance IDs 'i-x, i-y' do not exist"),
    );
    let malformed = r#"Invalid id: "10.0.0.5" (expecting "i-...")"#;
    site.refused(
        TERMINATE,
        json!({"InstanceIds": ["10.0.0.5"]}),
        ("InvalidInstanceID.Malformed", 400, malformed),
    );
    let missing = "The request must contain the parameter InstanceId";
    for none in [json!({}), json!({"InstanceIds": []})] {
        site.refused(TERMINATE, none, ("MissingParameter", 400, missing));
    }
    let dry = "Request would have succeeded, but DryRun flag is set.";
    site.refused(
        TERMINATE,
        json!({"InstanceIds": ["i-1"], "DryRun": true}),
        ("DryRunOperation", 412, dry),
    );
}

#[test]
fn instances_of_another_cloud_do_not_exist() {
    Fleet::alibaba().site().refused(
        TERMINATE,
        json!({"InstanceIds": ["i-bp1a"]}),
        (
            "InvalidInstanceID.NotFound",
            400,
            "The instance ID 'i-bp1a' does not exist",
        ),
    );
}
