//! The Gateway Load Balancer: flows stay with their appliance, drained or dead, and nobody tells
//! their clients.
//!
//! A request stands for a flow that is never idle. Source: R-GWLB-1 to R-GWLB-3.

use super::{Answers, Attributes, DrainRules, GENEVE_PORT, Kind, RoutingRules, Values};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::loss::Code;
use crate::model::routing::Algorithm;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html",
);
const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
);

/// A Gateway Load Balancer.
#[derive(Debug)]
pub(super) struct Gateway;

const DEREGISTERED: &str = "target_failover.on_deregistration";
const UNHEALTHY: &str = "target_failover.on_unhealthy";
const RESET_DEREGISTERED: &str = "send_tcp_reset.on_deregistration.enabled";
const RESET_UNHEALTHY: &str = "send_tcp_reset.on_unhealthy.enabled";

const ATTRIBUTES: &[Param] = &[super::balancer_cross_zone(
    "whether a node chooses among the appliances of all zones",
)];

const fn failover(key: &'static str, doc: &'static str) -> Param {
    Param {
        key,
        kind: ValueKind::OneOf(&["no_rebalance"]),
        presence: Presence::Default("no_rebalance"),
        doc,
        source: API,
    }
}

const fn reset(key: &'static str, doc: &'static str) -> Param {
    Param {
        key,
        kind: ValueKind::Boolean,
        presence: Presence::Default("false"),
        doc,
        source: API,
    }
}

const TARGET_GROUP_ATTRIBUTES: &[Param] = &[
    super::deregistration_delay("time for which a deregistered appliance is shown as draining [s]"),
    failover(
        DEREGISTERED,
        "where the flows of a deregistered appliance go: on to it; both must be the same",
    ),
    failover(
        UNHEALTHY,
        "where the flows of an appliance that fails its health checks go: on to it",
    ),
    reset(
        RESET_DEREGISTERED,
        "whether flows that are left at the end of the delay are reset",
    ),
    reset(
        RESET_UNHEALTHY,
        "whether the flows of an appliance that fails its health checks are reset",
    ),
];

impl Kind for Gateway {
    fn name(&self) -> &'static str {
        "gateway"
    }

    fn summary(&self) -> &'static str {
        "AWS Gateway Load Balancer: flows stay with their appliance, drained or dead"
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

    fn not_simulated(&self) -> &'static [Values] {
        &[(DEREGISTERED, &["rebalance"]), (UNHEALTHY, &["rebalance"])]
    }

    fn protocols(&self) -> &'static [&'static str] {
        &["GENEVE"]
    }

    fn port(&self) -> Option<u16> {
        Some(GENEVE_PORT)
    }

    fn health_check(&self) -> HealthCheckSettings {
        HealthCheckSettings {
            interval: SimDuration::from_secs(10),
            timeout: SimDuration::from_secs(5),
            healthy_threshold: 5,
            unhealthy_threshold: 2,
        }
    }

    fn initial_checks(&self, settings: &HealthCheckSettings, assumptions: &Assumptions) -> u32 {
        let threshold = settings.healthy_threshold;
        assumptions.nlb_initial_checks.count(threshold)
    }

    fn response_timeout(&self, _attributes: &Attributes) -> SimDuration {
        super::NEVER
    }

    fn cross_zone(&self, _target_group: &Attributes, balancer: &Attributes) -> bool {
        balancer.is_true(super::CROSS_ZONE)
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        DrainRules {
            delay: super::delay_of(target_group),
            cut: target_group.is_true(RESET_DEREGISTERED),
            cut_code: Code::Reset,
            shows_full_delay: true,
            reregistration_rescues: assumptions.reregister_cancels_drain,
            starts_on_unhealthy: false,
            resets_unhealthy: target_group.is_true(RESET_UNHEALTHY),
            slack: SimDuration::ZERO,
            spares_unhealthy: false,
        }
    }

    fn answers(&self, _assumptions: &Assumptions) -> Answers {
        Answers::OF_APPLIANCES
    }

    fn routing_rules(&self, _target_group: &Attributes) -> RoutingRules {
        RoutingRules {
            // a flow is hashed by its addresses and ports, which are its own: a draw
            algorithm: Algorithm::WeightedRandom,
            by_weight: false,
            slow_start: SimDuration::ZERO,
            fail_open_count: 1,
            fail_open_percentage: 0,
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_gwlb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_gwlb
    }
}
