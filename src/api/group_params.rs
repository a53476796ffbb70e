//! What requests may say about a whole Auto Scaling group.
//!
//! Creating and updating a group share these parameters. This module must never read a value.

use super::aws;
use super::params::optional;
use crate::describe::{Chars, Kind, Param, Pattern, Piece, Source};

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
    optional(
        "MinHealthyPercentage",
        Kind::Integer { min: -1, max: 100 },
        "share of the desired capacity that stays in service [%]; -1 for both clears the policy",
        API,
    ),
    optional(
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

const IMPAIRMENT: &[Param] = &[
    optional(
        "ZonalShiftEnabled",
        Kind::Boolean,
        "whether a zonal shift moves launches away",
        API,
    ),
    optional(
        "ImpairedZoneHealthCheckBehavior",
        Kind::OneOf(&["ReplaceUnhealthy", "IgnoreUnhealthy"]),
        "what becomes of unhealthy instances of a zone that is shifted away",
        API,
    ),
];

const RESERVATION_TARGET: &[Param] = &[
    optional(
        "CapacityReservationIds",
        Kind::List {
            of: &aws::ASCII,
            min: 0,
            max: usize::MAX,
        },
        "ids of reservations",
        API,
    ),
    optional(
        "CapacityReservationResourceGroupArns",
        Kind::List {
            of: &aws::xml(1, 1600),
            min: 0,
            max: usize::MAX,
        },
        "resource groups of reservations",
        API,
    ),
];

const RESERVATION: &[Param] = &[
    optional(
        "CapacityReservationPreference",
        Kind::OneOf(&[
            "capacity-reservations-only",
            "capacity-reservations-first",
            "none",
            "default",
        ]),
        "whether reservations are used",
        API,
    ),
    optional(
        "CapacityReservationTarget",
        Kind::Struct(RESERVATION_TARGET),
        "which reservations",
        API,
    ),
];

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
        "LaunchConfigurationName",
        aws::xml(1, 255),
        "a launch configuration, of which a scenario has none",
        API,
    ),
    optional(
        "MixedInstancesPolicy",
        Kind::Struct(&[]),
        "several instance types; not simulated",
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
        "AvailabilityZoneIds",
        Kind::List {
            of: &aws::xml(1, 255),
            min: 1,
            max: usize::MAX,
        },
        "the same by id: the id of a zone of a scenario is its name",
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
        "AvailabilityZoneImpairmentPolicy",
        Kind::Struct(IMPAIRMENT),
        "accepted without effect: no zone is ever shifted away",
        API,
    ),
    optional(
        "SkipZonalShiftValidation",
        Kind::Boolean,
        "accepted without effect: no zone is ever shifted away",
        API,
    ),
    optional(
        "CapacityReservationSpecification",
        Kind::Struct(RESERVATION),
        "accepted without effect: there are no reservations",
        API,
    ),
    optional(
        "PlacementGroup",
        aws::xml(1, 255),
        "accepted without effect: instances have no place but their zone",
        API,
    ),
    optional(
        "DesiredCapacityType",
        aws::xml(1, 255),
        "units; vcpu and memory-mib need a mixed instances policy",
        API,
    ),
    optional(
        "Context",
        aws::xml(0, usize::MAX),
        "reserved; accepted without effect",
        API,
    ),
    optional(
        "ServiceLinkedRoleARN",
        aws::xml(1, 1600),
        "accepted without effect: permissions are not checked",
        API,
    ),
];
