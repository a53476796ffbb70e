//! `elasticloadbalancing:RegisterTargets`: targets join a target group.
//!
//! Source: R-TARGET-3.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::params::{quoted, required};
use crate::api::target::{self, INVALID_TARGET, LIST, Target};
use crate::api::{ApiError, Call, Operation, Response, aws, target_group};
use crate::describe::Source;
use crate::model::TargetDetails;
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
/// Targets one Application Load Balancer may have.
const TARGETS_PER_BALANCER: usize = 1000;
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
        "the AvailabilityZone of an IP target is checked; all nodes use it with `all`, else its \
         machine's own zone counts",
        "that `all` is refused where cross-zone load balancing is off is assumed",
        "functions and load balancers cannot be targets: no scenario has the former, and the latter \
         are not simulated as targets",
        "the QuicServerId of a QUIC target group is kept without effect; that it is unique is checked \
         within the target group",
    ],
    source: API,
    apply,
};

fn apply(call: &mut Call<'_, '_>, params: &Value) -> Result<Response, ApiError> {
    let fields = aws::check(OPERATION.params, params, &[])?;
    let id = target_group::named(call.cloud, fields.given("TargetGroupArn"))?;
    let targets = target::named(call.cloud, &call.cloud.target_groups[id.index()], fields)?;
    let machines = machines(call.cloud, id, &targets)?;
    check_server_ids(call.cloud, id, &targets)?;
    check_zones(call.cloud, id, &targets)?;
    check_quotas(call.cloud, id, &targets)?;
    check_draining(call.cloud, id, &targets)?;
    for (target, machine) in targets.iter().zip(machines) {
        let details = TargetDetails {
            any_zone: target.any_zone,
            quic_server_id: target.quic_server_id.map(str::to_owned),
            ..TargetDetails::default()
        };
        let key = (id, target.id, target.port);
        call.cloud.register_in(call.cx, key, machine, details);
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

/// Server ids are required for QUIC, unique, and stay as they are. Source: R-TARGET-5.
fn check_server_ids(
    cloud: &Cloud,
    id: TargetGroupId,
    targets: &[Target<'_>],
) -> Result<(), ApiError> {
    if !target::is_quic(&cloud.target_groups[id.index()]) {
        return Ok(());
    }
    let mut servers = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for registration in cloud.registrations_of(id) {
        let found = &cloud.registrations[registration.index()];
        if let Some(server) = found.quic_server_id.as_deref() {
            let key = (found.id.as_str(), found.port);
            servers.insert(key, server);
            owners.insert(server, key);
        }
    }
    for target in targets {
        let key = (target.id, target.port);
        let wrong = match (target.quic_server_id, servers.get(&key)) {
            (None, _) => "is required",
            (Some(server), Some(present)) if server != *present => {
                "cannot be changed while it is registered"
            }
            (Some(server), _) if *owners.entry(server).or_insert(key) != key => {
                "is used by another target"
            }
            (Some(_), _) => continue,
        };
        return Err(aws::validation_error(format!(
            "The QUIC server ID of target '{}' {wrong}",
            target.id
        )));
    }
    Ok(())
}

/// Where cross-zone is off, a target cannot be one of all zones. Source: R-TARGET-5.
fn check_zones(cloud: &Cloud, id: TargetGroupId, targets: &[Target<'_>]) -> Result<(), ApiError> {
    let group = &cloud.target_groups[id.index()];
    if cloud.is_cross_zone(group) {
        return Ok(());
    }
    match targets.iter().find(|target| target.any_zone) {
        None => Ok(()),
        Some(target) => Err(aws::validation_error(format!(
            "The Availability Zone 'all' cannot be specified for target '{}' because cross-zone \
             load balancing is disabled",
            target.id
        ))),
    }
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
    let behind = (0..cloud.target_groups.len())
        .filter(|&index| cloud.target_groups[index].load_balancer == Some(load_balancer))
        .map(|index| {
            cloud
                .registrations_of(TargetGroupId::from_index(index))
                .count()
        });
    if behind.sum::<usize>() + new.len() > TARGETS_PER_BALANCER {
        return Err(aws::error(
            TOO_MANY_TARGETS,
            "You've reached the limit on the number of targets.",
        ));
    }
    let mut times = BTreeMap::new();
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
