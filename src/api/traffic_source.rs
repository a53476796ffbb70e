//! Traffic sources as requests name them, and their types.
//!
//! Source: R-ASG-9, R-SOURCE-1 to R-SOURCE-3. This module must never change the cloud.

use std::fmt::{self, Display};

use super::ApiError;
use super::aws::{validation_error, xml};
use super::params::{Fields, optional, required};
use crate::describe::{Kind, Param, Source};
use crate::model::cloud::Cloud;
use crate::model::group::{Source as Attached, SourceState};
use crate::model::ids::{GroupId, TargetGroupId};
use crate::model::lb::Family;
use crate::model::settings::TargetType;

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

    /// The type of sources that a target group stands for.
    pub(super) fn of(cloud: &Cloud, id: TargetGroupId) -> Self {
        match cloud.target_groups[id.index()].kind.family() {
            Family::Classic => Self::Classic,
            Family::Lattice => Self::Lattice,
            Family::TargetGroups | Family::ServerGroups | Family::Slb => Self::TargetGroup,
        }
    }

    /// The word of the API.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Classic => "elb",
            Self::TargetGroup => "elbv2",
            Self::Lattice => "vpc-lattice",
        }
    }

    fn family(self) -> Family {
        match self {
            Self::Classic => Family::Classic,
            Self::TargetGroup => Family::TargetGroups,
            Self::Lattice => Family::Lattice,
        }
    }

    /// Most sources of this type that a group may have. Source: R-SOURCE-3.
    pub(super) const fn quota(self) -> usize {
        match self {
            Self::Classic | Self::TargetGroup => 50,
            Self::Lattice => 5,
        }
    }

    /// The type that an ARN tells of: any of Elastic Load Balancing can only mean a target group.
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

/// A source as a request names it: identifier and type.
pub(super) type Named<'a> = (&'a str, SourceType);

/// Identifiers and types of the traffic sources a request names for a group.
///
/// # Errors
/// `ValidationError` for too many sources, an unknown type, a name without a type, and an ARN of
/// another type.
pub(super) fn named<'a>(
    cloud: &Cloud,
    group: GroupId,
    fields: Fields<'a>,
) -> Result<Vec<Named<'a>>, ApiError> {
    check_count(cloud, group, fields.items("TrafficSources").len())?;
    typed(fields)
}

/// Checks that a call does not name too many sources, those of the group that are being detached
/// counted. Source: R-SOURCE-3.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_count(cloud: &Cloud, group: GroupId, count: usize) -> Result<(), ApiError> {
    let sources = cloud.groups[group.index()].sources.iter();
    let leaving = sources.filter(|source| source.state == SourceState::Removing);
    if count.saturating_add(leaving.count()) <= LIMIT {
        return Ok(());
    }
    Err(validation_error(format!(
        "Trying to update too many Load Balancers/Target Groups at once. The limit is {LIMIT}"
    )))
}

/// Identifiers and types of the traffic sources a request names, however many. Source: R-SOURCE-1.
///
/// # Errors
/// `ValidationError` for an unknown type, a name without a type, and an ARN of another type.
pub(super) fn typed(fields: Fields<'_>) -> Result<Vec<Named<'_>>, ApiError> {
    fields
        .items("TrafficSources")
        .iter()
        .map(|item| {
            let fields = Fields::of(item);
            let identifier = fields.given("Identifier");
            let given = fields.text("Type").map(SourceType::named).transpose()?;
            let source_type = match (given, SourceType::of_arn(identifier)) {
                (Some(given), Some(told)) if given != told => {
                    return Err(validation_error(format!(
                        "The type {} of the traffic source {identifier} does not match its \
                         identifier, which is of type {}.",
                        given.name(),
                        told.name()
                    )));
                }
                (Some(known), _) | (None, Some(known)) => known,
                (None, None) => {
                    return Err(validation_error(format!(
                        "The type of the traffic source {identifier} is required because its \
                         identifier is not the ARN of a target group."
                    )));
                }
            };
            Ok((identifier, source_type))
        })
        .collect()
}

/// The target group that a source of this type stands for.
fn find(cloud: &Cloud, (identifier, source_type): Named<'_>) -> Option<TargetGroupId> {
    cloud
        .target_group_named(identifier)
        .filter(|id| cloud.target_groups[id.index()].kind.family() == source_type.family())
}

/// The place in its group of an attached source that is not being detached.
pub(super) fn attached(
    cloud: &Cloud,
    group: GroupId,
    named: Named<'_>,
    sees: impl Fn(&Attached) -> bool,
) -> Option<usize> {
    let target_group = find(cloud, named)?;
    let sources = &cloud.groups[group.index()].sources;
    sources.iter().position(|source| {
        source.target_group == target_group && source.state != SourceState::Removing && sees(source)
    })
}

/// The target group a source stands for, if instances of a group can join it.
///
/// # Errors
/// `ValidationError`.
pub(super) fn attachable(cloud: &Cloud, named: Named<'_>) -> Result<TargetGroupId, ApiError> {
    let takes_instances =
        |id: &TargetGroupId| cloud.target_groups[id.index()].target_type == TargetType::Instance;
    find(cloud, named).filter(takes_instances).ok_or_else(|| {
        validation_error(format!(
            "Provided {} may not be valid. Please ensure they exist and try again.",
            named.1
        ))
    })
}

/// Checks that a group which has sources `before` may have the `new` ones as well. Source:
/// R-SOURCE-3.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_quotas(
    cloud: &Cloud,
    before: &[TargetGroupId],
    new: &[TargetGroupId],
) -> Result<(), ApiError> {
    for source_type in [
        SourceType::Classic,
        SourceType::TargetGroup,
        SourceType::Lattice,
    ] {
        let of_type = |ids: &[TargetGroupId]| {
            let same = |id: &&TargetGroupId| SourceType::of(cloud, **id) == source_type;
            ids.iter().filter(same).count()
        };
        let (quota, added) = (source_type.quota(), of_type(new));
        if added > 0 && of_type(before) + added > quota {
            return Err(validation_error(format!(
                "An Auto Scaling group may have {quota} {source_type} at most"
            )));
        }
    }
    Ok(())
}
