//! `vpc-lattice:RegisterTargets`: targets join a target group of VPC Lattice.
//!
//! Source: R-LATTICE-4.

use serde_json::Value;

use crate::api::lattice::{
    self, Failure, NOT_FOUND, Outcomes, QUOTA_EXCEEDED, TARGETS, VALIDATION,
};
use crate::api::params::required;
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;
use crate::model::cloud::Cloud;
use crate::model::ids::{InstanceId, TargetGroupId};
use crate::model::machine::MachineState;
use crate::model::settings::TargetType;
use crate::model::{Registered, TargetDetails};

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/vpc-lattice/latest/APIReference/API_RegisterTargets.html",
);

/// Targets one target group may have.
const TARGETS_PER_GROUP: usize = 1000;

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "vpc-lattice:RegisterTargets",
    summary: "puts targets into a target group of VPC Lattice; those that cannot be there are told, \
              and do not keep the others out",
    params: &[
        lattice::identifier(API),
        required(
            "targets",
            TARGETS,
            "the targets; one that is registered stays as it is",
            API,
        ),
    ],
    errors: &[VALIDATION, NOT_FOUND, QUOTA_EXCEEDED],
    deviations: &[
        "the code of a target that cannot be registered is that of a sample answer for an instance \
         of another VPC; that others have it too is assumed, and so are their messages",
        "the quota is of a target group alone, and refuses the whole call (assumed)",
        "functions and load balancers cannot be targets",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = lattice::check(OPERATION.params, params)?;
    let id = lattice::target_group(call.cloud, fields.given("targetGroupIdentifier"))?;
    let targets = lattice::named(&call.cloud.target_groups[id.index()], fields);
    let new = |target: &&(&str, u16)| call.cloud.registration_of(id, target.0, target.1).is_none();
    let count = call.cloud.registrations_of(id).count() + targets.iter().filter(new).count();
    if count > TARGETS_PER_GROUP {
        return Err(ApiError {
            code: QUOTA_EXCEEDED,
            message: format!("A target group may have {TARGETS_PER_GROUP} targets at most"),
            http_status: 402,
        });
    }
    let mut outcomes = Outcomes::default();
    for target in targets {
        let outcome = machine(call.cloud, id, target.0)
            .and_then(|machine| register(call, (id, target.0, target.1), machine));
        outcomes.note(target, outcome);
    }
    Ok(outcomes.answer())
}

fn unsupported(message: String) -> Failure {
    ("UnsupportedTarget", message)
}

/// The machine behind a target.
fn machine(cloud: &Cloud, id: TargetGroupId, target: &str) -> Result<InstanceId, Failure> {
    let found = match cloud.target_groups[id.index()].target_type {
        TargetType::Instance => aws::instance(cloud, target).ok_or_else(|| {
            // what is nowhere is not in the VPC either
            unsupported("Instance targets must be in the same VPC as their target group".to_owned())
        })?,
        TargetType::Ip => {
            let address = target.parse::<std::net::IpAddr>();
            let found = cloud.instance_named(target).filter(|_| address.is_ok());
            found.ok_or_else(|| {
                unsupported(format!(
                    "No machine of the scenario has the IP address {target}"
                ))
            })?
        }
        TargetType::Lambda | TargetType::Alb => {
            return Err(unsupported(format!("The target {target} does not exist")));
        }
    };
    if cloud.instances[found.index()].state == MachineState::Running {
        return Ok(found);
    }
    Err(unsupported(format!(
        "The instance {target} is not in a running state"
    )))
}

fn register(
    call: &mut Call<'_, '_>,
    target: (TargetGroupId, &str, u16),
    machine: InstanceId,
) -> Result<(), Failure> {
    match call
        .cloud
        .register_in(call.cx, target, machine, TargetDetails::default())
    {
        Registered::New(_) | Registered::Already(_) | Registered::Queued(_) => Ok(()),
        Registered::Refused => Err(unsupported(format!("The target {} is draining", target.1))),
    }
}
