//! Instances as the requests of EC2 name them, and answers that tell how their states changed.
//!
//! Source: R-STOP-5 to R-STOP-7. This module must never change the cloud.

use serde_json::{Value, json};

use super::aws::{self, distinct};
use super::params::{
    Constraint, Fields, Spelling, Violation, defaulted, quoted, required, violations,
};
use super::{ApiError, json as shapes};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::InstanceId;
use crate::model::machine::MachineState;

/// A parameter that must be there is not.
pub(super) const MISSING_PARAMETER: &str = "MissingParameter";
/// A parameter has a value it cannot have.
pub(super) const INVALID_VALUE: &str = "InvalidParameterValue";
/// An id is none of an instance.
pub(super) const MALFORMED: &str = "InvalidInstanceID.Malformed";
/// No such instance.
pub(super) const NOT_FOUND: &str = "InvalidInstanceID.NotFound";
/// What a good request that was only to be checked is answered with.
pub(super) const DRY_RUN: &str = "DryRunOperation";
/// An instance is in a state in which this cannot be done to it.
pub(super) const INCORRECT_STATE: &str = "IncorrectInstanceState";

/// The ids of the instances.
pub(super) const fn ids(source: Source) -> Param {
    required(
        "InstanceIds",
        Kind::List {
            of: &Kind::Text {
                min: 1,
                max: usize::MAX,
            },
            min: 1,
            max: 1000,
        },
        "ids of the instances, all of them or none",
        source,
    )
}

/// Whether only to check.
pub(super) const fn dry_run(source: Source) -> Param {
    defaulted(
        "DryRun",
        Kind::Boolean,
        "false",
        "whether only to check the request; a good one is answered with DryRunOperation",
        source,
    )
}

/// Whether to leave an orderly shutdown out.
pub(super) const fn force(source: Source) -> Param {
    defaulted(
        "Force",
        Kind::Boolean,
        "false",
        "whether to leave an orderly shutdown out: processes are killed at once",
        source,
    )
}

/// The same by another name.
pub(super) const fn skip_os_shutdown(source: Source) -> Param {
    defaulted(
        "SkipOsShutdown",
        Kind::Boolean,
        "false",
        "whether to leave the shutdown of the operating system out, as `Force` does",
        source,
    )
}

/// Whether a request leaves an orderly shutdown out.
pub(super) fn is_forced(fields: Fields<'_>) -> bool {
    fields.flag("Force") || fields.flag("SkipOsShutdown")
}

/// The fields of a request of the right shape, and the instances it names.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`, `InvalidInstanceID.*`.
pub(super) fn named<'a>(
    cloud: &Cloud,
    params: &[Param],
    value: &'a Value,
) -> Result<(Fields<'a>, Vec<InstanceId>), ApiError> {
    if let Some(wrong) = violations(params, value, Spelling::Alibaba, &[]).first() {
        return Err(worded(wrong));
    }
    let fields = Fields::of(value);
    let instances = found(cloud, &distinct(&fields.texts("InstanceIds")))?;
    Ok((fields, instances))
}

/// To be asked when nothing else is wrong with a request, before anything changes.
///
/// # Errors
/// `DryRunOperation` when the request was only to be checked.
pub(super) fn unless_dry(fields: Fields<'_>) -> Result<(), ApiError> {
    if fields.flag("DryRun") {
        return Err(ApiError {
            code: DRY_RUN,
            message: "Request would have succeeded, but DryRun flag is set.".to_owned(),
            http_status: 412,
        });
    }
    Ok(())
}

/// The states of instances, to be told as the previous ones.
pub(super) fn states(cloud: &Cloud, instances: &[InstanceId]) -> Vec<MachineState> {
    let state = |id: &InstanceId| cloud.instances[id.index()].state;
    instances.iter().map(state).collect()
}

/// What became of instances that were in the states `before`.
pub(super) fn changes(
    cloud: &Cloud,
    instances: &[InstanceId],
    before: &[MachineState],
) -> Vec<Value> {
    let change = |(id, before): (&InstanceId, &MachineState)| {
        let instance = &cloud.instances[id.index()];
        json!({
            "InstanceId": instance.id,
            "CurrentState": shapes::instance_state(instance.state),
            "PreviousState": shapes::instance_state(*before),
        })
    };
    instances.iter().zip(before).map(change).collect()
}

fn worded(wrong: &Violation) -> ApiError {
    let nothing = matches!(
        wrong.constraint,
        Constraint::NotNull | Constraint::MinLength(_)
    );
    if nothing && wrong.path == "InstanceIds" {
        let message = "The request must contain the parameter InstanceId";
        return aws::error(MISSING_PARAMETER, message);
    }
    let value = wrong.value.as_deref().unwrap_or("null");
    let path = &wrong.path;
    aws::error(
        INVALID_VALUE,
        format!("Value ({value}) for parameter {path} is invalid."),
    )
}

fn found(cloud: &Cloud, ids: &[&str]) -> Result<Vec<InstanceId>, ApiError> {
    if let Some(odd) = ids.iter().find(|id| !id.starts_with("i-")) {
        let message = format!("Invalid id: \"{odd}\" (expecting \"i-...\")");
        return Err(aws::error(MALFORMED, message));
    }
    let mut instances = Vec::new();
    let mut unknown = Vec::new();
    for &id in ids {
        match aws::instance(cloud, id) {
            Some(instance) => instances.push(instance),
            None => unknown.push(id),
        }
    }
    match unknown.as_slice() {
        [] => Ok(instances),
        [id] => Err(aws::error(
            NOT_FOUND,
            format!("The instance ID {} does not exist", quoted([*id])),
        )),
        _ => Err(aws::error(
            NOT_FOUND,
            format!("The instance IDs '{}' do not exist", unknown.join(", ")),
        )),
    }
}
