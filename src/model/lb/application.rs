//! The Application Load Balancer: requests, cut with 502 at the deregistration deadline.

use super::{Attributes, DrainRules, Kind, RoutingRules};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::loss::Code;
use crate::model::routing;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
);
const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
);
const LB_API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html",
);

/// An Application Load Balancer.
#[derive(Debug)]
pub(super) struct Application;

const ATTRIBUTES: &[Param] = &[Param {
    key: "idle_timeout.timeout_seconds",
    kind: ValueKind::Integer { min: 1, max: 4000 },
    presence: Presence::Default("60"),
    doc: "time a target may take to answer before the client gets 504 [s]",
    source: LB_API,
}];

const TARGET_GROUP_ATTRIBUTES: &[Param] = &[
    super::deregistration_delay("time a draining target may finish its requests [s]"),
    Param {
        key: "slow_start.duration_seconds",
        kind: ValueKind::Integer { min: 0, max: 900 },
        presence: Presence::Default("0"),
        doc: "time over which a newly healthy target's share grows to its full one [s]; \
              0 (off) or 30 to 900",
        source: API,
    },
    Param {
        key: "load_balancing.algorithm.type",
        kind: ValueKind::OneOf(&[
            "round_robin",
            "least_outstanding_requests",
            "weighted_random",
        ]),
        presence: Presence::Default("round_robin"),
        doc: "how a node chooses a target",
        source: API,
    },
    super::cross_zone(
        "whether a node chooses among the targets of all zones; always on at the load balancer",
    ),
    super::UNHEALTHY_ROUTING_COUNT,
    super::UNHEALTHY_ROUTING_PERCENTAGE,
];

impl Kind for Application {
    fn name(&self) -> &'static str {
        "application"
    }

    fn summary(&self) -> &'static str {
        "AWS Application Load Balancer: balances requests and cuts with 502 at the deadline"
    }

    fn provider(&self) -> Provider {
        Provider::Aws
    }

    fn source(&self) -> Source {
        GUIDE
    }

    fn attributes(&self) -> &'static [Param] {
        ATTRIBUTES
    }

    fn target_group_attributes(&self) -> &'static [Param] {
        TARGET_GROUP_ATTRIBUTES
    }

    fn protocols(&self) -> &'static [&'static str] {
        &["HTTP", "HTTPS"]
    }

    fn health_check(&self) -> HealthCheckSettings {
        HealthCheckSettings {
            interval: SimDuration::from_secs(30),
            timeout: SimDuration::from_secs(5),
            healthy_threshold: 5,
            unhealthy_threshold: 2,
        }
    }

    fn initial_checks(&self, _settings: &HealthCheckSettings, _assumptions: &Assumptions) -> u32 {
        // one success is enough after registration; source: R-HEALTH-3
        1
    }

    fn response_timeout(&self, attributes: &Attributes) -> SimDuration {
        attributes
            .seconds("idle_timeout.timeout_seconds")
            .expect("attributes were checked and have defaults")
    }

    fn cross_zone(&self, target_group: &Attributes, _balancer: &Attributes) -> bool {
        target_group.get(super::CROSS_ZONE) != Some("false")
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        DrainRules {
            delay: super::delay_of(target_group),
            cut: true,
            cut_code: Code::C502,
            shows_full_delay: true,
            reregistration_rescues: assumptions.reregister_cancels_drain,
            starts_on_unhealthy: false,
            resets_unhealthy: false,
            slack: SimDuration::ZERO,
            spares_unhealthy: false,
        }
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        let (fail_open_count, fail_open_percentage) = super::unhealthy_routing(target_group);
        RoutingRules {
            by_weight: false,
            algorithm: routing::algorithm(
                target_group
                    .get("load_balancing.algorithm.type")
                    .expect("attributes were checked and have defaults"),
            )
            .expect("attributes were checked"),
            slow_start: target_group
                .seconds("slow_start.duration_seconds")
                .unwrap_or_default(),
            fail_open_count,
            fail_open_percentage,
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_alb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_alb
    }

    fn forwarding<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.forwarding_alb
    }
}
