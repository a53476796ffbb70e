//! `ec2:TerminateInstances`: machines are told to go, whatever they are in the middle of.
//!
//! Nothing drains first; a group finds out by itself. Source: R-STOP-5.

use serde_json::{Value, json};

use crate::api::power::{
    self, DRY_RUN, INVALID_VALUE, MALFORMED, MISSING_PARAMETER, NOT_FOUND, dry_run, force, ids,
    skip_os_shutdown,
};
use crate::api::{ApiError, Call, Operation, Response};
use crate::describe::Source;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ec2:TerminateInstances",
    summary: "terminates instances at once, without draining their targets",
    params: &[ids(API), force(API), skip_os_shutdown(API), dry_run(API)],
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
    let (fields, instances) = power::named(call.cloud, OPERATION.params, params)?;
    power::unless_dry(fields)?;
    let before = power::states(call.cloud, &instances);
    for &id in &instances {
        call.cloud.terminate_machine(call.cx, id);
        if power::is_forced(fields) {
            call.cloud.kill_process(call.cx, id);
        }
    }
    let changes = power::changes(call.cloud, &instances, &before);
    Ok(json!({ "TerminatingInstances": changes }))
}
