//! `ec2:TerminateInstances`: machines are told to go, whatever they are in the middle of.
//!
//! Nothing drains first; a group finds out by itself. Source: R-STOP-5.

use serde_json::{Value, json};

use crate::api::aws::{self, distinct};
use crate::api::params::{
    Constraint, Fields, Spelling, Violation, defaulted, quoted, required, violations,
};
use crate::api::{ApiError, Call, Operation, Response, json};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::InstanceId;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html",
);

const MISSING_PARAMETER: &str = "MissingParameter";
const INVALID_VALUE: &str = "InvalidParameterValue";
const MALFORMED: &str = "InvalidInstanceID.Malformed";
const NOT_FOUND: &str = "InvalidInstanceID.NotFound";
const DRY_RUN: &str = "DryRunOperation";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ec2:TerminateInstances",
    summary: "terminates instances at once, without draining their targets",
    params: &[
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
            API,
        ),
        defaulted(
            "DryRun",
            Kind::Boolean,
            "false",
            "whether only to check the request; a good one is answered with DryRunOperation",
            API,
        ),
    ],
    errors: &[
        MISSING_PARAMETER,
        INVALID_VALUE,
        MALFORMED,
        NOT_FOUND,
        DRY_RUN,
    ],
    deviations: &["a terminated instance is known for the rest of the run, not for an hour"],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    if let Some(wrong) = violations(OPERATION.params, params, Spelling::Alibaba, &[]).first() {
        return Err(worded(wrong));
    }
    let fields = Fields::of(params);
    let instances = named(call.cloud, &distinct(&fields.texts("InstanceIds")))?;
    if fields.flag("DryRun") {
        return Err(ApiError {
            code: DRY_RUN,
            message: "Request would have succeeded, but DryRun flag is set.".to_owned(),
            http_status: 412,
        });
    }
    let mut changes = Vec::new();
    for id in instances {
        let before = call.cloud.instances[id.index()].state;
        call.cloud.terminate_machine(call.cx, id);
        let instance = &call.cloud.instances[id.index()];
        changes.push(json!({
            "InstanceId": instance.id,
            "CurrentState": json::instance_state(instance.state),
            "PreviousState": json::instance_state(before),
        }));
    }
    Ok(json!({ "TerminatingInstances": changes }))
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

fn named(cloud: &Cloud, ids: &[&str]) -> Result<Vec<InstanceId>, ApiError> {
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
