//! `ec2:StartInstances`: stopped machines boot again.
//!
//! Source: R-STOP-7.

use serde_json::{Value, json};

use crate::api::params::{optional, quoted};
use crate::api::power::{
    self, DRY_RUN, INCORRECT_STATE, INVALID_VALUE, MALFORMED, MISSING_PARAMETER, NOT_FOUND,
    dry_run, ids,
};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::InstanceId;
use crate::model::machine::MachineState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html",
);

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ec2:StartInstances",
    summary: "starts stopped instances; what runs already stays as it is",
    params: &[
        ids(API),
        optional(
            "AdditionalInfo",
            Kind::Text {
                min: 0,
                max: usize::MAX,
            },
            "reserved by the service; without effect",
            API,
        ),
        dry_run(API),
    ],
    errors: &[
        MISSING_PARAMETER,
        INVALID_VALUE,
        MALFORMED,
        NOT_FOUND,
        INCORRECT_STATE,
        DRY_RUN,
    ],
    deviations: &[
        "an instance boots as after its launch: with the boot and ready times of its launch \
         template, drawn anew",
        "that one instance in a wrong state refuses the whole call is assumed",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let (fields, instances) = power::named(call.cloud, OPERATION.params, params)?;
    for &id in &instances {
        check_state(call.cloud, id)?;
    }
    power::unless_dry(fields)?;
    let before = power::states(call.cloud, &instances);
    for &id in &instances {
        call.cloud.start_machine(call.cx, id);
    }
    let changes = power::changes(call.cloud, &instances, &before);
    Ok(json!({ "StartingInstances": changes }))
}

fn check_state(cloud: &Cloud, id: InstanceId) -> Result<(), ApiError> {
    let instance = &cloud.instances[id.index()];
    match instance.state {
        MachineState::Pending | MachineState::Running | MachineState::Stopped => Ok(()),
        MachineState::Stopping | MachineState::ShuttingDown | MachineState::Terminated => {
            let name = quoted([instance.id.as_str()]);
            Err(aws::error(
                INCORRECT_STATE,
                format!("The instance {name} is not in a state from which it can be started."),
            ))
        }
    }
}
