//! The Network Load Balancer: flows, which outlive the deregistration delay unless they are
//! terminated, and nodes that learn late.
//!
//! A request stands for a flow that is never idle. Source: R-NLB-1 to R-NLB-5.

use super::{Answers, Attributes, DrainRules, Kind, RoutingRules};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::loss::Code;
use crate::model::routing::Algorithm;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html",
);
const API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
);

/// A Network Load Balancer.
#[derive(Debug)]
pub(super) struct Network;

const TERMINATION: &str = "deregistration_delay.connection_termination.enabled";
const UNHEALTHY_TERMINATION: &str = "target_health_state.unhealthy.connection_termination.enabled";

const ATTRIBUTES: &[Param] = &[super::balancer_cross_zone(
    "whether a node chooses among the targets of all zones, where a target group says nothing \
          else",
)];

const TARGET_GROUP_ATTRIBUTES: &[Param] = &[
    super::deregistration_delay(
        "time for which a deregistered target is shown as draining, after which its flows may \
              be closed [s]",
    ),
    Param {
        key: TERMINATION,
        kind: ValueKind::Boolean,
        presence: Presence::Default("false"),
        doc: "whether flows that are left on a target at the end of the delay are closed",
        source: API,
    },
    Param {
        key: UNHEALTHY_TERMINATION,
        kind: ValueKind::Boolean,
        presence: Presence::Default("true"),
        doc: "whether the flows on a target that fails its health checks are reset",
        source: API,
    },
    super::cross_zone("whether a node chooses among the targets of all zones"),
    super::UNHEALTHY_ROUTING_COUNT,
    super::UNHEALTHY_ROUTING_PERCENTAGE,
];

impl Kind for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn summary(&self) -> &'static str {
        "AWS Network Load Balancer: flows, new ones for two minutes, old ones beyond the delay"
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
        &["TCP", "TLS"]
    }

    fn health_check(&self) -> HealthCheckSettings {
        HealthCheckSettings {
            interval: SimDuration::from_secs(30),
            timeout: SimDuration::from_secs(10),
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

    fn cross_zone(&self, target_group: &Attributes, balancer: &Attributes) -> bool {
        match target_group.get(super::CROSS_ZONE) {
            Some("true") => true,
            Some("false") => false,
            _ => balancer.is_true(super::CROSS_ZONE),
        }
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        DrainRules {
            delay: super::delay_of(target_group),
            cut: target_group.is_true(TERMINATION),
            cut_code: Code::Reset,
            shows_full_delay: true,
            reregistration_rescues: assumptions.reregister_cancels_drain,
            starts_on_unhealthy: false,
            resets_unhealthy: target_group.is_true(UNHEALTHY_TERMINATION),
            slack: assumptions.nlb_termination_slack,
            spares_unhealthy: false,
        }
    }

    fn answers(&self, _assumptions: &Assumptions) -> Answers {
        Answers::OF_FLOWS
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        let (fail_open_count, fail_open_percentage) = super::unhealthy_routing(target_group);
        RoutingRules {
            // a flow is hashed by its addresses and ports, which are its own: a draw
            algorithm: Algorithm::WeightedRandom,
            by_weight: false,
            slow_start: SimDuration::ZERO,
            fail_open_count,
            fail_open_percentage,
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_nlb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_nlb
    }

    fn unhealthy_propagation<'a>(&self, assumptions: &'a Assumptions) -> Option<&'a Sampler> {
        Some(&assumptions.unhealthy_nlb)
    }

    fn forwarding<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.forwarding_nlb
    }
}
