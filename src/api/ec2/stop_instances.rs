//! `ec2:StopInstances`: machines are stopped, to be started again, without draining anything.
//!
//! A member of a group is replaced when the group finds out. Source: R-STOP-6.

use serde_json::{Value, json};

use crate::api::params::defaulted;
use crate::api::power::{
    self, DRY_RUN, INCORRECT_STATE, INVALID_VALUE, MALFORMED, MISSING_PARAMETER, NOT_FOUND,
    dry_run, force, ids, skip_os_shutdown,
};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::{Kind, Source};
use crate::model::cloud::Cloud;
use crate::model::ids::InstanceId;
use crate::model::machine::MachineState;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html",
);

const NO_HIBERNATION: &str = "UnsupportedHibernationConfiguration";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "ec2:StopInstances",
    summary: "stops instances, without draining their targets; what is stopped already stays so",
    params: &[
        ids(API),
        force(API),
        skip_os_shutdown(API),
        defaulted(
            "Hibernate",
            Kind::Boolean,
            "false",
            "whether to hibernate; no instance of a scenario is enabled for it",
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
        NO_HIBERNATION,
        DRY_RUN,
    ],
    deviations: &[
        "how long a stop takes is the setting ec2.stop",
        "that one instance in a wrong state refuses the whole call is assumed",
        "a slow shutdown is not forced after some minutes; the grace of the launch template counts",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let (fields, instances) = power::named(call.cloud, OPERATION.params, params)?;
    for &id in &instances {
        check_state(call.cloud, id)?;
    }
    if fields.flag("Hibernate") && !instances.is_empty() {
        return Err(aws::error(
            NO_HIBERNATION,
            "The instance cannot be hibernated because it is not enabled for hibernation.",
        ));
    }
    power::unless_dry(fields)?;
    let force = power::is_forced(fields);
    let before = power::states(call.cloud, &instances);
    for &id in &instances {
        call.cloud.stop_machine(call.cx, id, force);
    }
    let changes = power::changes(call.cloud, &instances, &before);
    Ok(json!({ "StoppingInstances": changes }))
}

fn check_state(cloud: &Cloud, id: InstanceId) -> Result<(), ApiError> {
    let instance = &cloud.instances[id.index()];
    let name = &instance.id;
    match instance.state {
        MachineState::Running | MachineState::Stopping | MachineState::Stopped => Ok(()),
        MachineState::Pending if !instance.was_started_again() => Err(aws::error(
            INCORRECT_STATE,
            format!(
                "Instance '{name}' cannot be stopped as it has never reached the 'running' state."
            ),
        )),
        MachineState::Pending | MachineState::ShuttingDown | MachineState::Terminated => {
            Err(aws::error(
                INCORRECT_STATE,
                format!("The instance '{name}' is not in a state from which it can be stopped."),
            ))
        }
    }
}
