//! Traffic sources as requests name them, and their types.
//!
//! Source: R-ASG-9. This module must never change the cloud.

use std::fmt::{self, Display};

use super::ApiError;
use super::aws::{validation_error, xml};
use super::params::{Fields, optional, required};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::group::SourceState;
use crate::model::ids::{GroupId, TargetGroupId};
use crate::model::settings::{Provider, TargetType};

/// Most traffic sources one call may name, those still being detached counted.
pub(super) const LIMIT: usize = 10;

const IDENTIFIER: Source = Source::Documented(
    "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TrafficSourceIdentifier.html",
);

/// What a request says about one traffic source.
pub(super) const ITEM: &[Param] = &[
    required(
        "Identifier",
        xml(1, 511),
        "ARN of a target group, or name of a Classic Load Balancer",
        IDENTIFIER,
    ),
    optional(
        "Type",
        xml(1, 511),
        "`elb`, `elbv2` or `vpc-lattice`; required for the name of a Classic Load Balancer, else \
         told from the ARN",
        IDENTIFIER,
    ),
];

/// The kind of the list of traffic sources.
pub(super) const LIST: Kind = Kind::List {
    of: &Kind::Struct(ITEM),
    min: 1,
    max: LIMIT,
};

/// Type of a traffic source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceType {
    /// A Classic Load Balancer.
    Classic,
    /// A target group of an Application, Network or Gateway Load Balancer.
    TargetGroup,
    /// A target group of VPC Lattice.
    Lattice,
}

impl SourceType {
    /// The type called `name`.
    ///
    /// # Errors
    /// `ValidationError` for any other name.
    pub(super) fn named(name: &str) -> Result<Self, ApiError> {
        match name {
            "elb" => Ok(Self::Classic),
            "elbv2" => Ok(Self::TargetGroup),
            "vpc-lattice" => Ok(Self::Lattice),
            _ => Err(validation_error(format!(
                "Setting {name} as traffic sources is currently not supported. Supported sources \
                 are [elb, elbv2, vpc-lattice]. Provide a supported traffic source in your request \
                 and try again."
            ))),
        }
    }

    fn of_arn(identifier: &str) -> Option<Self> {
        let service = identifier.strip_prefix("arn:")?.split(':').nth(1)?;
        match service {
            "elasticloadbalancing" => Some(Self::TargetGroup),
            "vpc-lattice" => Some(Self::Lattice),
            _ => None,
        }
    }
}

impl Display for SourceType {
    /// What messages call sources of this type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Classic => "Load Balancers",
            Self::TargetGroup => "Target Groups",
            Self::Lattice => "VPC Lattice Target Groups",
        })
    }
}

/// Identifiers and types of the traffic sources a request names.
///
/// # Errors
/// `ValidationError` for too many sources, an unknown type, and a name without a type.
pub(super) fn named<'a>(
    cloud: &Cloud,
    group: GroupId,
    fields: Fields<'a>,
) -> Result<Vec<(&'a str, SourceType)>, ApiError> {
    let items = fields.items("TrafficSources");
    let sources = &cloud.groups[group.index()].sources;
    let leaving = sources
        .iter()
        .filter(|source| source.state == SourceState::Removing);
    if items.len().saturating_add(leaving.count()) > LIMIT {
        return Err(validation_error(format!(
            "Trying to update too many Load Balancers/Target Groups at once. The limit is {LIMIT}"
        )));
    }
    typed(fields)
}

/// Identifiers and types of the traffic sources a request names, however many.
///
/// # Errors
/// `ValidationError` for an unknown type, and a name without a type.
pub(super) fn typed(fields: Fields<'_>) -> Result<Vec<(&str, SourceType)>, ApiError> {
    fields
        .items("TrafficSources")
        .iter()
        .map(|item| {
            let fields = Fields::of(item);
            let identifier = fields.given("Identifier");
            let source_type = match fields.text("Type") {
                Some(name) => SourceType::named(name)?,
                None => SourceType::of_arn(identifier).ok_or_else(|| {
                    validation_error(format!(
                        "The type of the traffic source {identifier} is required because its \
                         identifier is not the ARN of a target group."
                    ))
                })?,
            };
            Ok((identifier, source_type))
        })
        .collect()
}

/// The place in its group of an attached source that is not being detached.
pub(super) fn attached(
    cloud: &Cloud,
    group: GroupId,
    identifier: &str,
    source_type: SourceType,
) -> Option<usize> {
    if source_type != SourceType::TargetGroup {
        return None;
    }
    let target_group = cloud.target_group_named(identifier)?;
    let sources = &cloud.groups[group.index()].sources;
    sources.iter().position(|source| {
        source.target_group == target_group && source.state != SourceState::Removing
    })
}

/// The target group a source stands for, if instances of a group can join it.
///
/// # Errors
/// `ValidationError`.
pub(super) fn attachable(
    cloud: &Cloud,
    identifier: &str,
    source_type: SourceType,
) -> Result<TargetGroupId, ApiError> {
    let found = match source_type {
        SourceType::TargetGroup => cloud.target_group_named(identifier),
        SourceType::Classic | SourceType::Lattice => None,
    };
    let takes_instances = |id: &TargetGroupId| {
        let group = &cloud.target_groups[id.index()];
        group.provider == Provider::Aws && group.target_type == TargetType::Instance
    };
    found.filter(takes_instances).ok_or_else(|| {
        validation_error(format!(
            "Provided {source_type} may not be valid. Please ensure they exist and try again."
        ))
    })
}
