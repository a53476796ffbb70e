//! Alibaba Cloud's Network Load Balancer: flows instead of requests, which draining cuts with a
//! reset when it is on, and lets live when it is off.
//!
//! A request stands for a flow, its service time for how long the flow lasts. Source: R-ANLB-1 to
//! R-ANLB-4.

use super::{Answers, Attributes, DrainRules, Kind, RoutingRules, Values, alibaba};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/user-guide/nlb-health-check-overview",
);
const SERVER_GROUP: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-createservergroup",
);
const LISTENER: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/network-load-balancer/developer-reference/api-nlb-2022-04-30-createlistener",
);

/// An Alibaba Cloud Network Load Balancer.
#[derive(Debug)]
pub(super) struct AlibabaNlb;

const ATTRIBUTES: &[Param] = &[Param {
    key: "IdleTimeout",
    kind: ValueKind::Integer { min: 10, max: 900 },
    presence: Presence::Default("900"),
    doc: "time after which an idle flow is closed, 10 to 20 for UDP; without effect, as flows are \
          taken to be never idle [s]",
    source: LISTENER,
}];

const SERVER_GROUP_ATTRIBUTES: &[Param] = &[
    alibaba::drain_enabled(
        "whether a removed or unhealthy server's flows are cut after ConnectionDrainTimeout",
        SERVER_GROUP,
    ),
    alibaba::drain_timeout(
        0,
        900,
        "time a removed or unhealthy server keeps its flows; the default is assumed [s]",
        SERVER_GROUP,
    ),
    alibaba::scheduler(
        &["Wrr", "Wlc", "rr", "tch", "qch"],
        "how a node chooses a server for a flow: weighted round robin, weighted least connections, \
         round robin, or a hash, which a draw stands for",
        SERVER_GROUP,
    ),
];

impl Kind for AlibabaNlb {
    fn name(&self) -> &'static str {
        "alibaba:nlb"
    }

    fn summary(&self) -> &'static str {
        "Alibaba Cloud Network Load Balancer: draining off by default, on it resets flows"
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

    fn not_simulated(&self) -> &'static [Values] {
        &[("Scheduler", &["sch"])]
    }

    fn protocols(&self) -> &'static [&'static str] {
        &["TCP", "UDP", "TCP_UDP"]
    }

    fn health_check(&self) -> HealthCheckSettings {
        alibaba::health_check(5, 2)
    }

    fn health_check_ranges(&self) -> [(u64, u64); 2] {
        // as checks by UDP have; those by TCP and HTTP have intervals of 50 s at most
        [(1, 300), (1, 300)]
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

    fn drain_rules(&self, target_group: &Attributes, _assumptions: &Assumptions) -> DrainRules {
        alibaba::drain_rules(target_group)
    }

    fn answers(&self, _assumptions: &Assumptions) -> Answers {
        Answers::OF_FLOWS
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        alibaba::routing_rules(target_group)
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_alibaba_nlb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_alibaba_nlb
    }
}
