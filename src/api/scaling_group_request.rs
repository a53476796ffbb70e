//! What requests say about a whole scaling group of Alibaba Cloud: sizes, zones, what is launched,
//! server groups, and what is accepted without effect.
//!
//! Source: R-ESS-1, R-ESS-4, R-ESS-12. This module must never change the cloud.

use super::alibaba;
use super::params::{Fields, optional};
use super::{ApiError, scaling_group};
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source as Page};
use crate::engine::time::SimDuration;
use crate::model::cloud::Cloud;
use crate::model::ess_rules::{EssRules, MultiAz, RECLAIM};
use crate::model::ids::{LaunchTemplateId, ZoneId};
use crate::model::removal_policy::RemovalPolicy;
use crate::model::settings::{DeletionProtection, GroupRules};

/// Two parameters contradict each other.
pub(super) const CONFLICT: &str = "InvalidParameter.Conflict";
/// No such launch template.
pub(super) const NO_TEMPLATE: &str = "LaunchTemplateSet.NotFound";
/// No such scaling configuration.
pub(super) const NO_CONFIGURATION: &str = "InvalidScalingConfigurationId.NotFound";
/// No such vSwitch.
pub(super) const NO_SWITCH: &str = "InvalidVSwitchId.NotFound";

const API: Page = Page::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createscalinggroup",
);

const MODIFY_API: Page = Page::Documented(
    "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-modifyscalinggroup",
);

const WORD: &[Chars] = &[Chars::Letter, Chars::Number];

const NAME_TEXT: Pattern = Pattern {
    text: r"[\p{L}\p{N}][\p{L}\p{N}_.-]+",
    words: "letters and digits first, then underscores, hyphens and periods as well",
    forms: &[&[
        Piece::Run {
            of: WORD,
            min: 1,
            max: 1,
        },
        Piece::Run {
            of: &[
                Chars::Letter,
                Chars::Number,
                Chars::One('_'),
                Chars::One('-'),
                Chars::One('.'),
            ],
            min: 1,
            max: 63,
        },
    ]],
};

/// The kind of a name that somebody gives to a thing.
pub(super) const NAME: Kind = Kind::Pattern {
    min: 2,
    max: 64,
    pattern: &NAME_TEXT,
};

/// The kind of a size.
pub(super) const SIZE: Kind = Kind::Integer {
    min: 0,
    max: i32::MAX as i64,
};

const ID: Kind = Kind::Text { min: 1, max: 128 };

const SWITCHES: Kind = Kind::List {
    of: &ID,
    min: 1,
    max: 5,
};

const CHECKS: Kind = Kind::OneOf(&["NONE", "ECS", "LOAD_BALANCER"]);

const REMOVAL: Kind = Kind::OneOf(&[
    "OldestInstance",
    "NewestInstance",
    "OldestScalingConfiguration",
    "CustomPolicy",
]);

/// What is launched, by the name of a launch template of the scenario.
pub(super) const LAUNCHED: [Param; 3] = [
    optional(
        "LaunchTemplateId",
        ID,
        "launch template, by its name in the scenario",
        API,
    ),
    optional(
        "LaunchTemplateVersion",
        Kind::Text { min: 1, max: 64 },
        "its version; accepted without effect, there is one only",
        API,
    ),
    optional(
        "LaunchTemplateOverrides",
        Kind::Any,
        "instance types instead of its own; accepted without effect, machines have no type",
        API,
    ),
];

/// The same as a scaling configuration.
pub(super) const CONFIGURATION: Param = optional(
    "ActiveScalingConfigurationId",
    ID,
    "scaling configuration: a launch template, by its name in the scenario",
    MODIFY_API,
);

/// What creating and modifying take besides.
pub(super) const SETTINGS: [Param; 10] = [
    optional(
        "DefaultCooldown",
        Kind::Integer {
            min: 0,
            max: 86_400,
        },
        "cooldown after a scaling activity [s]; 300 for a new group",
        API,
    ),
    optional(
        "GroupDeletionProtection",
        Kind::Boolean,
        "whether the group cannot be deleted; false for a new one",
        API,
    ),
    optional(
        "VSwitchIds",
        SWITCHES,
        "vSwitches, `vsw-` and the name of a zone each: where instances are launched",
        API,
    ),
    optional(
        "VSwitchIds.N",
        ID,
        "the N-th of them, as older SDKs send it",
        API,
    ),
    optional(
        "MultiAZPolicy",
        Kind::OneOf(&["PRIORITY", "COST_OPTIMIZED", "BALANCE", "COMPOSABLE"]),
        "how instances are spread over zones; `COMPOSABLE` changes nothing here",
        API,
    ),
    optional(
        "HealthCheckType",
        CHECKS,
        "whether instances whose machine does not run are removed; `LOAD_BALANCER` looks at no more \
         than `ECS` does",
        API,
    ),
    optional(
        "HealthCheckTypes",
        Kind::List {
            of: &CHECKS,
            min: 1,
            max: 3,
        },
        "several of them",
        API,
    ),
    optional(
        "RemovalPolicies",
        Kind::List {
            of: &REMOVAL,
            min: 1,
            max: 3,
        },
        "whom a scale-in takes first, in order; `CustomPolicy` changes nothing here",
        API,
    ),
    optional(
        "RemovalPolicy.N",
        REMOVAL,
        "the N-th of them, as older SDKs send it",
        API,
    ),
    optional(
        "ScalingPolicy",
        Kind::OneOf(&RECLAIM),
        "what becomes of instances that a scale-in removes; `recycle` stops them",
        API,
    ),
];

/// `InvalidParameter.Conflict`.
fn conflict(one: &str, other: &str) -> ApiError {
    let message =
        format!("The value of parameter \"{one}\" and parameter \"{other}\" are conflict.");
    alibaba::error(CONFLICT, 400, message)
}

/// The sizes a request asks for over those there are.
///
/// # Errors
/// `InvalidParameter.Conflict` for sizes that contradict each other.
pub(super) fn sizes(fields: Fields<'_>, (min, max): (u32, u32)) -> Result<(u32, u32), ApiError> {
    let given = |key, now| {
        let given = fields.integer(key);
        given
            .and_then(|size| u32::try_from(size).ok())
            .unwrap_or(now)
    };
    let (min, max) = (given("MinSize", min), given("MaxSize", max));
    if min > max {
        return Err(conflict("MinSize", "MaxSize"));
    }
    Ok((min, max))
}

/// The launch template a request names; `None` where it names none.
///
/// # Errors
/// `LaunchTemplateSet.NotFound`, `InvalidScalingConfigurationId.NotFound`, and
/// `InvalidParameter.Conflict` for both.
pub(super) fn launched(
    cloud: &Cloud,
    fields: Fields<'_>,
) -> Result<Option<LaunchTemplateId>, ApiError> {
    let named = |key| fields.text(key);
    let find = |name: &str| {
        let mut templates = cloud.launch_templates.iter();
        let place = templates.position(|template| template.name == name);
        place.map(LaunchTemplateId::from_index)
    };
    match (
        named("LaunchTemplateId"),
        named("ActiveScalingConfigurationId"),
    ) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(conflict("LaunchTemplateId", "ActiveScalingConfigurationId")),
        (Some(name), None) => find(name).map(Some).ok_or_else(|| {
            let message = "The specified launch template set is not found.";
            alibaba::error(NO_TEMPLATE, 400, message)
        }),
        (None, Some(name)) => find(name).map(Some).ok_or_else(|| {
            let message = "The specified scaling configuration does not exist.";
            alibaba::error(NO_CONFIGURATION, 404, message)
        }),
    }
}

/// The zones of the vSwitches a request names; `None` where it names none.
///
/// # Errors
/// `InvalidVSwitchId.NotFound` and `InvalidParameter`.
pub(super) fn zones(cloud: &Cloud, fields: Fields<'_>) -> Result<Option<Vec<ZoneId>>, ApiError> {
    let mut named = scaling_group::texts(fields, &["VSwitchIds"])?;
    if named.is_empty() {
        named.extend(fields.text("VSwitchId"));
    }
    let mut zones: Vec<ZoneId> = Vec::new();
    for name in named {
        let zone = name.strip_prefix("vsw-");
        let place = zone.and_then(|zone| cloud.zones.iter().position(|other| other == zone));
        let zone = place.map(ZoneId::from_index).ok_or_else(|| {
            let message = "The specified virtual switch does not exist.";
            alibaba::error(NO_SWITCH, 404, message)
        })?;
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    Ok((!zones.is_empty()).then_some(zones))
}

/// The rules of a group with what a request says over `rules`.
///
/// # Errors
/// `InvalidParameter` for a place of a list that is no number.
pub(super) fn rules(fields: Fields<'_>, mut rules: GroupRules) -> Result<GroupRules, ApiError> {
    rules.ess = ess_rules(fields, rules.ess)?;
    let cooldown = fields.integer("DefaultCooldown");
    if let Some(seconds) = cooldown.and_then(|seconds| u64::try_from(seconds).ok()) {
        rules.default_cooldown = SimDuration::from_secs(seconds);
    }
    if fields.get("GroupDeletionProtection").is_some() {
        rules.deletion_protection = if fields.flag("GroupDeletionProtection") {
            DeletionProtection::All
        } else {
            DeletionProtection::None
        };
    }
    Ok(rules)
}

/// The same of what only scaling groups have. Source: R-ESS-21, R-ESS-22, R-ESS-24, R-ESS-26.
fn ess_rules(fields: Fields<'_>, mut rules: EssRules) -> Result<EssRules, ApiError> {
    if let Some(policy) = fields.text("MultiAZPolicy").and_then(MultiAz::named) {
        rules.multi_az = policy;
    }
    let mut checks = fields.texts("HealthCheckTypes");
    checks.extend(fields.text("HealthCheckType"));
    if !checks.is_empty() {
        rules.health_check = !checks.contains(&"NONE");
    }
    let removal = scaling_group::texts(fields, &["RemovalPolicies", "RemovalPolicy"])?;
    let removal: Vec<RemovalPolicy> = removal
        .into_iter()
        .filter_map(RemovalPolicy::named)
        .collect();
    if !removal.is_empty() {
        rules.removal_policies = removal;
    }
    if let Some(policy) = fields.text("ScalingPolicy") {
        rules.recycles = policy == "recycle";
    }
    Ok(rules)
}
