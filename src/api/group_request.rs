//! What requests say about a whole Auto Scaling group: sizes, zones, template, health checks,
//! policies, percentages.
//!
//! Creating and updating a group take the same parameters, described in `group_params`; here they
//! are read once. This module must never change the cloud.

use super::ApiError;
use super::aws::validation_error;
use super::params::Fields;
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::group_admin::Sizes;
use crate::model::ids::{LaunchTemplateId, ZoneId};
use crate::model::maintenance::MaintenancePolicy;
use crate::model::settings::{DeletionProtection, GroupRules};
use crate::model::termination_policy::TerminationPolicy;

/// Longest default warm-up of instances \[s\].
const LONGEST_WARMUP: i64 = 3_600;

/// The sizes a request asks for over those there are. Source: R-ASG-19.
///
/// # Errors
/// `ValidationError` for sizes that contradict each other.
pub(super) fn sizes(fields: Fields<'_>, now: Option<Sizes>) -> Result<Sizes, ApiError> {
    let given = |key: &str| {
        fields
            .integer(key)
            .map(|size| {
                u32::try_from(size).map_err(|_| {
                    validation_error(format!("{} must be at least 0, not {size}", words(key)))
                })
            })
            .transpose()
    };
    let min = given("MinSize")?.or(now.map(|now| now.min)).unwrap_or(0);
    let max = given("MaxSize")?.or(now.map(|now| now.max)).unwrap_or(0);
    if max < min {
        return Err(validation_error(format!(
            "Max bound, {max}, must be greater than or equal to min bound, {min}"
        )));
    }
    let Some(desired) = given("DesiredCapacity")? else {
        let desired = now.map_or(min, |now| now.desired);
        return Ok(Sizes { min, max, desired }.within());
    };
    if !(min..=max).contains(&desired) {
        return Err(validation_error(format!(
            "Desired capacity:{desired} must be between the specified min size:{min} and max \
             size:{max}"
        )));
    }
    Ok(Sizes { min, max, desired })
}

fn words(key: &str) -> &'static str {
    match key {
        "MinSize" => "Min bound",
        "MaxSize" => "Max bound",
        _ => "Desired capacity",
    }
}

/// The zones a request names; `None` where it names none.
///
/// # Errors
/// `ValidationError` for a zone or a subnet that does not exist.
pub(super) fn zones(cloud: &Cloud, fields: Fields<'_>) -> Result<Option<Vec<ZoneId>>, ApiError> {
    let names = fields.texts("AvailabilityZones");
    let ids = fields.texts("AvailabilityZoneIds");
    if !names.is_empty() && !ids.is_empty() {
        return Err(validation_error(
            "You cannot specify both AvailabilityZones and AvailabilityZoneIds in the same \
             request.",
        ));
    }
    let named = if ids.is_empty() { names } else { ids };
    let zone = |name: &str| cloud.zones.iter().position(|zone| zone == name);
    let mut places = Vec::new();
    for name in &named {
        places.push(zone(name).ok_or_else(|| {
            validation_error(format!(
                "One or more availability zones do not exist: [{name}]"
            ))
        })?);
    }
    if let Some(subnets) = fields.text("VPCZoneIdentifier") {
        // where there are subnets, their zones are meant
        places.clear();
        for subnet in subnets.split(',').map(str::trim) {
            let place = subnet.strip_prefix("subnet-").and_then(zone);
            let place = place.ok_or_else(|| {
                validation_error(format!("The subnet ID '{subnet}' does not exist"))
            })?;
            if !named.is_empty() && !named.contains(&cloud.zones[place].as_str()) {
                return Err(validation_error(
                    "The availability zones of the specified subnets and the Auto Scaling group do \
                     not match",
                ));
            }
            places.push(place);
        }
    }
    let mut zones: Vec<ZoneId> = Vec::new();
    for place in places {
        let id = ZoneId::from_index(place);
        if !zones.contains(&id) {
            zones.push(id);
        }
    }
    Ok((!zones.is_empty()).then_some(zones))
}

/// What a request would have launched that is not simulated.
///
/// # Errors
/// `ValidationError` for a launch configuration, for mixed instances, and for a capacity that
/// counts anything but instances.
pub(super) fn check_launched(fields: Fields<'_>) -> Result<(), ApiError> {
    if let Some(name) = fields.text("LaunchConfigurationName") {
        return Err(validation_error(format!(
            "Launch configuration name not found - Launch configuration {name} not found"
        )));
    }
    if fields.get("MixedInstancesPolicy").is_some() {
        return Err(validation_error(
            "MixedInstancesPolicy is not simulated: name one LaunchTemplate instead.",
        ));
    }
    match fields.text("DesiredCapacityType") {
        None | Some("units") => Ok(()),
        Some(other) => Err(validation_error(format!(
            "DesiredCapacityType {other} needs a MixedInstancesPolicy with InstanceRequirements, \
             which is not simulated: use units."
        ))),
    }
}

/// The launch template a request names; `None` where it names none.
///
/// # Errors
/// `ValidationError` for one that does not exist, and for a name and an id at once.
pub(super) fn launch_template(
    cloud: &Cloud,
    fields: Fields<'_>,
) -> Result<Option<LaunchTemplateId>, ApiError> {
    let Some(given) = fields.get("LaunchTemplate") else {
        return Ok(None);
    };
    let given = Fields::of(given);
    let name = match (
        given.text("LaunchTemplateName"),
        given.text("LaunchTemplateId"),
    ) {
        (Some(name), None) => name,
        (None, Some(id)) => {
            return Err(validation_error(format!(
                "You must use a valid fully-formed launch template. The specified launch \
                 template, with template ID {id}, does not exist."
            )));
        }
        (None, None) | (Some(_), Some(_)) => {
            return Err(validation_error(
                "Valid requests must contain either launchTemplateId or LaunchTemplateName",
            ));
        }
    };
    let found = cloud
        .launch_templates
        .iter()
        .position(|template| template.name == name);
    let found = found.ok_or_else(|| {
        validation_error(format!(
            "You must use a valid fully-formed launch template. The specified launch template, \
             with template name {name}, does not exist."
        ))
    })?;
    Ok(Some(LaunchTemplateId::from_index(found)))
}

/// Which sources a group asks about the health of its instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HealthChecks {
    /// As they were given.
    pub(super) text: String,
    /// Target groups and Classic Load Balancers.
    pub(super) elb: bool,
    /// Target groups of VPC Lattice.
    pub(super) lattice: bool,
}

/// The health checks a request names; `None` where it names none.
///
/// # Errors
/// `ValidationError` for an unknown type.
pub(super) fn health_checks(fields: Fields<'_>) -> Result<Option<HealthChecks>, ApiError> {
    let Some(list) = fields.text("HealthCheckType") else {
        return Ok(None);
    };
    let mut checks = HealthChecks {
        text: list.to_owned(),
        elb: false,
        lattice: false,
    };
    for name in list.split(',').map(str::trim) {
        match name {
            "EC2" | "EBS" => {}
            "ELB" => checks.elb = true,
            "VPC_LATTICE" => checks.lattice = true,
            _ => {
                return Err(validation_error(format!(
                    "{name} is not a valid health check type. Valid types are: [EC2, EBS, ELB, \
                     VPC_LATTICE]"
                )));
            }
        }
    }
    Ok(Some(checks))
}

/// A time in whole seconds that must not be negative.
///
/// # Errors
/// `ValidationError`.
pub(super) fn seconds(fields: Fields<'_>, key: &str) -> Result<Option<SimDuration>, ApiError> {
    let Some(given) = fields.integer(key) else {
        return Ok(None);
    };
    let secs = u64::try_from(given).map_err(|_| {
        validation_error(format!(
            "{key} must be greater than or equal to 0, not {given}"
        ))
    })?;
    Ok(Some(SimDuration::from_secs(secs)))
}

/// The rules of a group with what a request says over `rules`.
///
/// # Errors
/// `ValidationError` for values out of their range.
pub(super) fn rules(fields: Fields<'_>, mut rules: GroupRules) -> Result<GroupRules, ApiError> {
    if let Some(cooldown) = seconds(fields, "DefaultCooldown")? {
        rules.default_cooldown = cooldown;
    }
    match fields.integer("DefaultInstanceWarmup") {
        None => {}
        Some(-1) => rules.default_instance_warmup = None,
        Some(warmup) if warmup > LONGEST_WARMUP => {
            return Err(validation_error(format!(
                "DefaultInstanceWarmup must be between -1 and {LONGEST_WARMUP}, not {warmup}"
            )));
        }
        Some(_) => rules.default_instance_warmup = seconds(fields, "DefaultInstanceWarmup")?,
    }
    if fields.get("TerminationPolicies").is_some() {
        rules.termination_policies = policies(fields)?;
    }
    if fields.get("NewInstancesProtectedFromScaleIn").is_some() {
        rules.new_instances_protected = fields.flag("NewInstancesProtectedFromScaleIn");
    }
    if let Some(template) = fields.get("LaunchTemplate") {
        let version = Fields::of(template).text("Version");
        rules.launch_template_version = version.map(str::to_owned);
    }
    if let Some(lifetime) = seconds(fields, "MaxInstanceLifetime")? {
        if SimDuration::ZERO < lifetime && lifetime < SimDuration::from_secs(86_400) {
            return Err(validation_error(
                "MaxInstanceLifetime must be 0 or at least 86400 seconds",
            ));
        }
        rules.max_instance_lifetime = (lifetime > SimDuration::ZERO).then_some(lifetime);
    }
    if let Some(policy) = fields.get("InstanceMaintenancePolicy") {
        rules.maintenance = maintenance(Fields::of(policy))?;
    }
    if let Some(policy) = fields.get("InstanceLifecyclePolicy") {
        let triggers = Fields::of(policy).get("RetentionTriggers");
        let word = triggers.and_then(|triggers| Fields::of(triggers).text("TerminateHookAbandon"));
        rules.retain_on_abandon = word == Some("retain");
    }
    match fields.text("DeletionProtection") {
        Some("prevent-force-deletion") => rules.deletion_protection = DeletionProtection::Forced,
        Some("prevent-all-deletion") => rules.deletion_protection = DeletionProtection::All,
        Some(_) => rules.deletion_protection = DeletionProtection::None,
        None => {}
    }
    Ok(rules)
}

/// Termination policies; `Default` comes last and a custom one first.
fn policies(fields: Fields<'_>) -> Result<Vec<TerminationPolicy>, ApiError> {
    let mut policies = Vec::new();
    for name in fields.texts("TerminationPolicies") {
        policies.push(
            TerminationPolicy::named(name)
                .ok_or_else(|| validation_error(format!("Invalid termination policy: {name}")))?,
        );
    }
    let last = policies.len().saturating_sub(1);
    let misplaced = policies.iter().enumerate().any(|(place, policy)| {
        (*policy == TerminationPolicy::Default && place != last)
            || (matches!(policy, TerminationPolicy::Custom(_)) && place != 0)
    });
    if misplaced {
        return Err(validation_error(
            "The Default termination policy must be the last of the list and a custom termination \
             policy the first.",
        ));
    }
    if policies.is_empty() {
        policies.push(TerminationPolicy::Default);
    }
    Ok(policies)
}

/// A maintenance policy; -1 for both clears it.
fn maintenance(fields: Fields<'_>) -> Result<Option<MaintenancePolicy>, ApiError> {
    let min = fields.integer("MinHealthyPercentage").unwrap_or(-1);
    let max = fields.integer("MaxHealthyPercentage").unwrap_or(-1);
    if (min, max) == (-1, -1) {
        return Ok(None);
    }
    let (Ok(min_healthy), Ok(max_healthy)) = (u32::try_from(min), u32::try_from(max)) else {
        return Err(validation_error(
            "MinHealthyPercentage and MaxHealthyPercentage must be cleared together",
        ));
    };
    if max_healthy < 100 {
        return Err(validation_error(
            "MaxHealthyPercentage must be between 100 and 200",
        ));
    }
    if max_healthy - min_healthy > 100 {
        return Err(validation_error(
            "The difference between MinHealthyPercentage and MaxHealthyPercentage must not be \
             greater than 100",
        ));
    }
    Ok(Some(MaintenancePolicy {
        min_healthy,
        max_healthy,
    }))
}
