//! Alibaba Cloud's Application Load Balancer: draining is off by default, and off means that
//! requests may finish; on adds a cut-off.

use super::{Attributes, DrainRules, Kind, RoutingRules};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::{Assumptions, DrainOff};
use crate::model::routing;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/user-guide/smooth-transition-of-alb-request-by-connection-graceful-interrupt",
);
const SERVER_GROUP: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createservergroup",
);
const LISTENER: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createlistener",
);

/// An Alibaba Cloud Application Load Balancer.
#[derive(Debug)]
pub(super) struct AlibabaAlb;

const ATTRIBUTES: &[Param] = &[Param {
    key: "RequestTimeout",
    kind: ValueKind::Integer { min: 1, max: 600 },
    presence: Presence::Default("60"),
    doc: "time a server may take to answer before the client gets 504 [s]",
    source: LISTENER,
}];

const SERVER_GROUP_ATTRIBUTES: &[Param] = &[
    Param {
        key: "ConnectionDrainEnabled",
        kind: ValueKind::Boolean,
        presence: Presence::Default("false"),
        doc: "whether a removed server's requests are cut after ConnectionDrainTimeout",
        source: SERVER_GROUP,
    },
    Param {
        key: "ConnectionDrainTimeout",
        kind: ValueKind::Integer { min: 0, max: 900 },
        presence: Presence::Default("300"),
        doc: "time a removed or unhealthy server may finish its requests [s]",
        source: SERVER_GROUP,
    },
    Param {
        key: "Scheduler",
        kind: ValueKind::OneOf(&["Wrr", "Wlc"]),
        presence: Presence::Default("Wrr"),
        doc: "how a node chooses a server: weighted round robin or weighted least connections",
        source: SERVER_GROUP,
    },
];

impl Kind for AlibabaAlb {
    fn name(&self) -> &'static str {
        "alibaba:alb"
    }

    fn summary(&self) -> &'static str {
        "Alibaba Cloud Application Load Balancer: draining off by default, and off lets requests finish"
    }

    fn provider(&self) -> Provider {
        Provider::Alibaba
    }

    fn source(&self) -> Source {
        GUIDE
    }

    fn attributes(&self) -> &'static [Param] {
        ATTRIBUTES
    }

    fn target_group_attributes(&self) -> &'static [Param] {
        SERVER_GROUP_ATTRIBUTES
    }

    fn protocols(&self) -> &'static [&'static str] {
        &["HTTP", "HTTPS"]
    }

    fn health_check(&self) -> HealthCheckSettings {
        HealthCheckSettings {
            interval: SimDuration::from_secs(2),
            timeout: SimDuration::from_secs(5),
            healthy_threshold: 3,
            unhealthy_threshold: 3,
        }
    }

    fn initial_checks(&self, settings: &HealthCheckSettings, _assumptions: &Assumptions) -> u32 {
        settings.healthy_threshold
    }

    fn response_timeout(&self, attributes: &Attributes) -> SimDuration {
        attributes
            .seconds("RequestTimeout")
            .expect("attributes were checked and have defaults")
    }

    fn cross_zone(&self, _target_group: &Attributes) -> bool {
        true
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        let enabled = target_group.is_true("ConnectionDrainEnabled");
        DrainRules {
            delay: if enabled {
                target_group
                    .seconds("ConnectionDrainTimeout")
                    .expect("attributes were checked and have defaults")
            } else {
                SimDuration::ZERO
            },
            cut: enabled || assumptions.alibaba_alb_drain_off == DrainOff::Cut,
            cut_code: assumptions.alibaba_alb_cut_status,
            shows_full_delay: false,
            reregistration_rescues: false,
            starts_on_unhealthy: enabled,
            spares_unhealthy: false,
        }
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        let algorithm = match target_group.get("Scheduler") {
            Some("Wlc") => "least_outstanding_requests",
            _ => "round_robin",
        };
        RoutingRules {
            algorithm: routing::algorithm(algorithm).expect("the algorithm is registered"),
            slow_start: SimDuration::ZERO,
            fail_open_count: 1,
            fail_open_percentage: 0,
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_alibaba_alb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_alibaba_alb
    }
}
