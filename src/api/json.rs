//! Shapes that several answers hold, in the clouds' own JSON.
//!
//! This module must never change the cloud.

use serde_json::{Map, Value, json};

use super::traffic_source::SourceType;
use crate::model::activity::Activity;
use crate::model::activity::StatusCode;
use crate::model::cloud::Cloud;
use crate::model::group::Group;
use crate::model::group_admin::Deletion;
use crate::model::ids::ActivityId;
use crate::model::machine::MachineState;

/// An activity of EC2 Auto Scaling.
pub(super) fn activity(cloud: &Cloud, id: ActivityId) -> Value {
    let (group, _, activity) = &cloud.activities[id.index()];
    let mut shape = json!({
        "ActivityId": activity.id,
        "AutoScalingGroupName": cloud.groups[group.index()].name,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": cloud.clock.millis(activity.start),
        "StatusCode": activity.status.name(),
        "Progress": activity.progress,
        "Details": activity.details,
    });
    if let Some(message) = &activity.status_message {
        shape["StatusMessage"] = json!(message);
    }
    if cloud.groups[group.index()].deletion == Deletion::Done {
        shape["AutoScalingGroupState"] = json!("Deleted");
    }
    if let Some(end) = activity.end {
        shape["EndTime"] = json!(cloud.clock.millis(end));
    }
    shape
}

/// Activities as they stand.
pub(super) fn activities(cloud: &Cloud, ids: &[ActivityId]) -> Vec<Value> {
    ids.iter().map(|&id| activity(cloud, id)).collect()
}

/// An activity as the call answers that began it: a termination is announced before it waits for
/// anything. Source: R-ASG-6.
pub(super) fn announced(cloud: &Cloud, id: ActivityId) -> Value {
    let mut shape = activity(cloud, id);
    let Activity { description, .. } = &cloud.activities[id.index()].2;
    let plain = description.split(" - Waiting For").next();
    shape["Description"] = json!(plain);
    shape["StatusCode"] = json!(StatusCode::InProgress.name());
    shape["Progress"] = json!(0);
    if let Some(shape) = shape.as_object_mut() {
        shape.remove("EndTime");
    }
    shape
}

/// The traffic sources of a group: identifier and type.
pub(super) fn traffic_sources(cloud: &Cloud, group: &Group) -> Vec<Value> {
    group
        .sources
        .iter()
        .map(|source| {
            let identifier = &cloud.target_groups[source.target_group.index()].identifier;
            let source_type = SourceType::of(cloud, source.target_group);
            json!({"Identifier": identifier, "Type": source_type.name()})
        })
        .collect()
}

/// The state of an EC2 instance. Source: R-STOP-5.
pub(super) fn instance_state(state: MachineState) -> Value {
    let code = match state {
        MachineState::Pending => 0,
        MachineState::Running => 16,
        MachineState::ShuttingDown => 32,
        MachineState::Terminated => 48,
        MachineState::Stopping => 64,
        MachineState::Stopped => 80,
    };
    json!({"Code": code, "Name": state.name()})
}

/// An answer with `items` under `key` and the token of the next page.
pub(super) fn paged(key: &str, items: Vec<Value>, token: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(key.to_owned(), Value::Array(items));
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), Value::String(token));
    }
    Value::Object(answer)
}
