//! Alibaba Cloud's Gateway Load Balancer: flows through appliances, which it neither cuts when a
//! drain is over nor takes from an appliance that no longer answers.
//!
//! A request stands for a flow, its service time for how long the flow lasts. Source: R-AGWLB-1 to
//! R-AGWLB-4.

use super::{Answers, Attributes, DrainRules, Kind, RoutingRules, Values, alibaba};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::loss::Code;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/user-guide/overview-of-gwlb-server-groups",
);
const SERVER_GROUP: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/developer-reference/api-gwlb-2024-04-15-createservergroup",
);
const LISTENER: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/developer-reference/api-gwlb-2024-04-15-createlistener",
);

/// The port of every server.
pub const GENEVE_PORT: u16 = 6081;

/// An Alibaba Cloud Gateway Load Balancer.
#[derive(Debug)]
pub(super) struct AlibabaGwlb;

const ATTRIBUTES: &[Param] = &[Param {
    key: "TcpIdleTimeout",
    kind: ValueKind::Integer { min: 60, max: 6000 },
    presence: Presence::Default("350"),
    doc: "time after which an idle flow is forgotten; without effect, as flows are taken to be \
          never idle [s]",
    source: LISTENER,
}];

const SERVER_GROUP_ATTRIBUTES: &[Param] = &[
    alibaba::drain_enabled(
        "whether a removed server is shown as Draining for ConnectionDrainTimeout",
        SERVER_GROUP,
    ),
    alibaba::drain_timeout(
        1,
        3600,
        "time a removed server is Draining; flows that are still busy then go on or, with the \
         setting `alibaba_gwlb.drain_end`, are cut [s]",
        SERVER_GROUP,
    ),
    alibaba::scheduler(
        &["5TCH"],
        "how a node chooses a server for a flow: a hash over addresses, ports and protocol, which \
         a draw stands for",
        SERVER_GROUP,
    ),
    Param {
        key: "ServerFailoverMode",
        kind: ValueKind::OneOf(&["NoRebalance"]),
        presence: Presence::Default("NoRebalance"),
        doc: "where the flows of an unhealthy server go: on to it",
        source: SERVER_GROUP,
    },
];

impl Kind for AlibabaGwlb {
    fn name(&self) -> &'static str {
        "alibaba:gwlb"
    }

    fn summary(&self) -> &'static str {
        "Alibaba Cloud Gateway Load Balancer: flows stay with their appliance, drained or dead"
    }

    fn provider(&self) -> Provider {
        Provider::Alibaba
    }

    fn has_weights(&self) -> bool {
        false
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

    fn not_simulated(&self) -> &'static [Values] {
        &[
            ("Scheduler", &["3TCH", "2TCH"]),
            ("ServerFailoverMode", &["Rebalance"]),
        ]
    }

    fn protocols(&self) -> &'static [&'static str] {
        &["GENEVE"]
    }

    fn port(&self) -> Option<u16> {
        Some(GENEVE_PORT)
    }

    fn health_check(&self) -> HealthCheckSettings {
        alibaba::health_check(10, 2)
    }

    fn initial_checks(&self, settings: &HealthCheckSettings, _assumptions: &Assumptions) -> u32 {
        settings.healthy_threshold
    }

    fn response_timeout(&self, _attributes: &Attributes) -> SimDuration {
        super::NEVER
    }

    fn cross_zone(&self, _target_group: &Attributes, _balancer: &Attributes) -> bool {
        true
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        let rules = alibaba::drain_rules(target_group);
        DrainRules {
            cut: rules.cut && assumptions.alibaba_gwlb_cuts,
            cut_code: Code::Timeout,
            shows_full_delay: rules.cut,
            // it goes from Draining back to Adding, so it is one server all the time
            reregistration_rescues: true,
            // draining is for removal; flows stay with an unhealthy server
            starts_on_unhealthy: false,
            ..rules
        }
    }

    fn answers(&self, _assumptions: &Assumptions) -> Answers {
        Answers::OF_APPLIANCES
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        alibaba::routing_rules(target_group)
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_alibaba_gwlb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_alibaba_gwlb
    }
}
