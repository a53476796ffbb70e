//! What requests say about a whole Auto Scaling group: sizes, zones, template, health checks,
//! policies, percentages.
//!
//! Creating and updating a group take the same parameters; here they are described and read once.
//! This module must never change the cloud.

use super::ApiError;
use super::aws::{self, validation_error};
use super::params::{Fields, optional, required};
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::group_admin::Sizes;
use crate::model::ids::{LaunchTemplateId, ZoneId};
use crate::model::maintenance::MaintenancePolicy;
use crate::model::settings::{DeletionProtection, GroupRules};
use crate::model::termination_policy::TerminationPolicy;

const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",
);

/// What the name of a launch template may be.
const TEMPLATE_NAME: Pattern = Pattern {
    text: r"[a-zA-Z0-9\(\)\.\-/_]+",
    words: "letters, digits and ( ) . - / _",
    forms: &[&[Piece::Run {
        of: &[
            Chars::Range('a', 'z'),
            Chars::Range('A', 'Z'),
            Chars::Range('0', '9'),
            Chars::One('('),
            Chars::One(')'),
            Chars::One('.'),
            Chars::One('-'),
            Chars::One('/'),
            Chars::One('_'),
        ],
        min: 1,
        max: usize::MAX,
    }]],
};

/// A launch template as requests name it.
pub(super) const LAUNCH_TEMPLATE: &[Param] = &[
    optional(
        "LaunchTemplateName",
        Kind::Pattern {
            min: 3,
            max: 128,
            pattern: &TEMPLATE_NAME,
        },
        "name of a launch template of the scenario",
        API,
    ),
    optional(
        "LaunchTemplateId",
        aws::xml(1, 255),
        "id of a launch template; those of a scenario have names only",
        API,
    ),
    optional(
        "Version",
        aws::xml(1, 255),
        "a version; every template of a scenario has one only",
        API,
    ),
];

const MAINTENANCE: &[Param] = &[
    required(
        "MinHealthyPercentage",
        Kind::Integer { min: -1, max: 100 },
        "share of the desired capacity that stays in service [%]; -1 for both clears the policy",
        API,
    ),
    required(
        "MaxHealthyPercentage",
        Kind::Integer { min: -1, max: 200 },
        "share of the desired capacity that may be there at once [%, 100..=200]",
        API,
    ),
];

const RETENTION: &[Param] = &[optional(
    "TerminateHookAbandon",
    Kind::OneOf(&["retain", "terminate"]),
    "what becomes of an instance whose termination hook is abandoned",
    API,
)];

const LIFECYCLE_POLICY: &[Param] = &[optional(
    "RetentionTriggers",
    Kind::Struct(RETENTION),
    "when instances are kept",
    API,
)];

const DISTRIBUTION: &[Param] = &[optional(
    "CapacityDistributionStrategy",
    Kind::OneOf(&[
        "balanced-only",
        "balanced-best-effort",
        "reservations-then-balanced",
    ]),
    "accepted without effect: instances go to the zone with the fewest",
    API,
)];

/// Parameters that creating and updating a group share, without its name and its sizes.
pub(super) const SHARED: &[Param] = &[
    optional(
        "DesiredCapacity",
        aws::INTEGER,
        "instances the group is to have; MinSize when it is created without",
        API,
    ),
    optional(
        "LaunchTemplate",
        Kind::Struct(LAUNCH_TEMPLATE),
        "what is launched from now on",
        API,
    ),
    optional(
        "AvailabilityZones",
        Kind::List {
            of: &aws::xml(1, 255),
            min: 1,
            max: usize::MAX,
        },
        "zones instances are spread over",
        API,
    ),
    optional(
        "VPCZoneIdentifier",
        aws::xml(1, 5000),
        "subnets with a comma between them; the subnet of zone `a` is `subnet-a`",
        API,
    ),
    optional(
        "HealthCheckType",
        aws::xml(1, 32),
        "EC2, EBS, ELB, VPC_LATTICE with a comma between them; EBS has no effect",
        API,
    ),
    optional(
        "HealthCheckGracePeriod",
        aws::INTEGER,
        "time after InService in which ELB checks do not count [s]",
        API,
    ),
    optional(
        "DefaultCooldown",
        aws::INTEGER,
        "time after a simple scaling activity in which no other begins [s]; 300 if never given",
        API,
    ),
    optional(
        "DefaultInstanceWarmup",
        aws::INTEGER,
        "time after InService until an instance counts as warm [s]; -1 clears it",
        API,
    ),
    optional(
        "TerminationPolicies",
        Kind::List {
            of: &aws::xml(1, 1600),
            min: 0,
            max: usize::MAX,
        },
        "what a scale-in takes first, in order",
        API,
    ),
    optional(
        "NewInstancesProtectedFromScaleIn",
        Kind::Boolean,
        "whether no scale-in takes instances that join from now on",
        API,
    ),
    optional(
        "MaxInstanceLifetime",
        aws::INTEGER,
        "0 or at least 86400 [s]; kept and shown, no instance is replaced for its age",
        API,
    ),
    optional(
        "InstanceMaintenancePolicy",
        Kind::Struct(MAINTENANCE),
        "how far replacing instances may take the group from its desired capacity",
        API,
    ),
    optional(
        "InstanceLifecyclePolicy",
        Kind::Struct(LIFECYCLE_POLICY),
        "what becomes of instances whose hooks are abandoned",
        API,
    ),
    optional(
        "AvailabilityZoneDistribution",
        Kind::Struct(DISTRIBUTION),
        "how instances are spread",
        API,
    ),
    optional(
        "CapacityRebalance",
        Kind::Boolean,
        "accepted without effect: there are no Spot Instances",
        API,
    ),
    optional(
        "DeletionProtection",
        Kind::OneOf(&["none", "prevent-force-deletion", "prevent-all-deletion"]),
        "what of deleting the group is refused",
        API,
    ),
    optional(
        "ServiceLinkedRoleARN",
        aws::xml(1, 1600),
        "accepted without effect: permissions are not checked",
        API,
    ),
];

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
    let named = fields.texts("AvailabilityZones");
    let zone = |name: &str| cloud.zones.iter().position(|zone| zone == name);
    let mut zones: Vec<ZoneId> = Vec::new();
    let mut add = |place: usize| {
        let id = ZoneId::from_index(place);
        if !zones.contains(&id) {
            zones.push(id);
        }
    };
    for name in &named {
        let place = zone(name);
        add(place.ok_or_else(|| {
            validation_error(format!(
                "One or more availability zones do not exist: [{name}]"
            ))
        })?);
    }
    let Some(subnets) = fields.text("VPCZoneIdentifier") else {
        return Ok((!zones.is_empty()).then_some(zones));
    };
    for subnet in subnets.split(',').map(str::trim) {
        let place = subnet.strip_prefix("subnet-").and_then(zone);
        let place = place
            .ok_or_else(|| validation_error(format!("The subnet ID '{subnet}' does not exist")))?;
        if !named.is_empty() && !named.contains(&cloud.zones[place].as_str()) {
            return Err(validation_error(
                "The availability zones of the specified subnets and the Auto Scaling group do \
                 not match",
            ));
        }
        add(place);
    }
    Ok(Some(zones))
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HealthChecks {
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
        Some(_) => rules.default_instance_warmup = seconds(fields, "DefaultInstanceWarmup")?,
    }
    if fields.get("TerminationPolicies").is_some() {
        rules.termination_policies = policies(fields)?;
    }
    if fields.get("NewInstancesProtectedFromScaleIn").is_some() {
        rules.new_instances_protected = fields.flag("NewInstancesProtectedFromScaleIn");
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
