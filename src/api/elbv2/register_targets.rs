//! `elasticloadbalancing:RegisterTargets`: targets join a target group.
//!
//! Source: R-TARGET-3.

use serde_json::{Value, json};

use crate::api::params::{quoted, required};
use crate::api::target::{self, INVALID_TARGET, LIST, Target};
use crate::api::{ApiError, Call, Operation, Response, aws};
use crate::describe::Source;
use crate::model::assumption::IpReregister;
use crate::model::cloud::Cloud;
use crate::model::ids::{InstanceId, TargetGroupId};
use crate::model::machine::MachineState;
use crate::model::registration::TargetHealth;
use crate::model::settings::TargetType;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html",
);

/// Targets one target group may have.
const TARGETS_PER_GROUP: usize = 1000;
/// Times one target may be registered with one load balancer.
const REGISTRATIONS_PER_TARGET: usize = 1000;

const TOO_MANY_TARGETS: &str = "TooManyTargets";
const TOO_MANY_REGISTRATIONS: &str = "TooManyRegistrationsForTargetId";

/// The operation.
pub(in crate::api) static OPERATION: Operation = Operation {
    name: "elasticloadbalancing:RegisterTargets",
    summary: "puts targets into a target group; a draining one is registered again",
    params: &[
        required(
            "TargetGroupArn",
            aws::TARGET_GROUP_ARN,
            "ARN of the target group",
            API,
        ),
        required(
            "Targets",
            LIST,
            "the targets, all of them or none; one that is registered stays as it is",
            API,
        ),
    ],
    errors: &[
        aws::VALIDATION_ERROR,
        aws::TARGET_GROUP_NOT_FOUND,
        INVALID_TARGET,
        TOO_MANY_TARGETS,
        TOO_MANY_REGISTRATIONS,
    ],
    deviations: &[
        "an IP address must be that of a machine of the scenario, else the answer is InvalidTarget",
        "the AvailabilityZone of an IP target is checked, but its machine's own zone counts",
        "functions and load balancers cannot be targets: no scenario has the former, and the latter \
         are not simulated as targets",
        "the QuicServerId of a QUIC target group is accepted without effect",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = aws::target_group(call.cloud, fields.given("TargetGroupArn"))?;
    let targets = target::named(call.cloud, &call.cloud.target_groups[id.index()], fields)?;
    let machines = machines(call.cloud, id, &targets)?;
    check_quotas(call.cloud, id, &targets)?;
    check_draining(call.cloud, id, &targets)?;
    for (target, machine) in targets.iter().zip(machines) {
        call.cloud
            .register(call.cx, id, target.id, target.port, machine);
    }
    Ok(json!({}))
}

/// The machines behind targets.
fn machines(
    cloud: &Cloud,
    id: TargetGroupId,
    targets: &[Target<'_>],
) -> Result<Vec<InstanceId>, ApiError> {
    let group = &cloud.target_groups[id.index()];
    let mut machines = Vec::new();
    let mut stopped = Vec::new();
    for target in targets {
        target::check_form(group, target.id)?;
        let machine = match group.target_type {
            TargetType::Instance => {
                let found = aws::instance(cloud, target.id).ok_or_else(target::no_such_target)?;
                if cloud.instances[found.index()].state != MachineState::Running {
                    stopped.push(target.id);
                }
                found
            }
            TargetType::Lambda | TargetType::Alb => return Err(target::no_such_target()),
            TargetType::Ip => cloud.instance_named(target.id).ok_or_else(|| {
                aws::error(
                    INVALID_TARGET,
                    format!(
                        "No machine of the scenario has the IP address '{}'",
                        target.id
                    ),
                )
            })?,
        };
        machines.push(machine);
    }
    if stopped.is_empty() {
        return Ok(machines);
    }
    Err(aws::error(
        INVALID_TARGET,
        format!(
            "The following targets are not in a running state and cannot be registered: {}",
            quoted(stopped)
        ),
    ))
}

fn check_quotas(cloud: &Cloud, id: TargetGroupId, targets: &[Target<'_>]) -> Result<(), ApiError> {
    let is_new = |target: &&Target<'_>| cloud.registration_of(id, target.id, target.port).is_none();
    let new: Vec<&Target<'_>> = targets.iter().filter(is_new).collect();
    if new.is_empty() {
        return Ok(());
    }
    if cloud.registrations_of(id).count() + new.len() > TARGETS_PER_GROUP {
        return Err(aws::error(
            TOO_MANY_TARGETS,
            "You've reached the limit on the number of targets.",
        ));
    }
    let Some(load_balancer) = cloud.target_groups[id.index()].load_balancer else {
        return Ok(());
    };
    let mut times = std::collections::BTreeMap::new();
    for target in &new {
        *times.entry(target.id).or_insert(0_usize) += 1;
    }
    for (index, group) in cloud.target_groups.iter().enumerate() {
        if group.load_balancer == Some(load_balancer) {
            for registration in cloud.registrations_of(TargetGroupId::from_index(index)) {
                let registered = cloud.registrations[registration.index()].id.as_str();
                if let Some(count) = times.get_mut(registered) {
                    *count += 1;
                }
            }
        }
    }
    if times
        .values()
        .any(|&count| count > REGISTRATIONS_PER_TARGET)
    {
        return Err(aws::error(
            TOO_MANY_REGISTRATIONS,
            "You've reached the limit on the number of times a target can be registered with a \
             load balancer.",
        ));
    }
    Ok(())
}

/// Where a draining IP target cannot be registered again, the whole call is refused. Source:
/// R-TARGET-6.
fn check_draining(
    cloud: &Cloud,
    id: TargetGroupId,
    targets: &[Target<'_>],
) -> Result<(), ApiError> {
    let group = &cloud.target_groups[id.index()];
    let refuses = group.target_type == TargetType::Ip
        && group.load_balancer.is_some()
        && cloud.assumptions.ip_reregister == IpReregister::Reject;
    let draining = |target: &&Target<'_>| {
        cloud
            .registration_of(id, target.id, target.port)
            .is_some_and(|found| {
                cloud.registrations[found.index()].health == TargetHealth::Draining
            })
    };
    match targets.iter().filter(|_| refuses).find(draining) {
        None => Ok(()),
        Some(target) => Err(aws::error(
            INVALID_TARGET,
            format!(
                "The target '{}' is deregistering and cannot be registered before its \
                 deregistration delay has elapsed",
                target.id
            ),
        )),
    }
}
