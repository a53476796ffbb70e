//! Alibaba Cloud's Application Load Balancer: draining is off by default, and off means that
//! requests may finish; on adds a cut-off.

use super::{Attributes, DrainRules, Kind, RoutingRules, Values, alibaba};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::{Assumptions, DrainOff};
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
    alibaba::drain_enabled(
        "whether a removed server's requests are cut after ConnectionDrainTimeout",
        SERVER_GROUP,
    ),
    alibaba::drain_timeout(
        0,
        900,
        "time a removed or unhealthy server may finish its requests [s]",
        SERVER_GROUP,
    ),
    alibaba::scheduler(
        &["Wrr", "Wlc"],
        "how a node chooses a server: weighted round robin or weighted least connections",
        SERVER_GROUP,
    ),
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
        alibaba::health_check(2, 3)
    }

    fn initial_checks(&self, settings: &HealthCheckSettings, _assumptions: &Assumptions) -> u32 {
        settings.healthy_threshold
    }

    fn response_timeout(&self, attributes: &Attributes) -> SimDuration {
        attributes
            .seconds("RequestTimeout")
            .expect("attributes were checked and have defaults")
    }

    fn cross_zone(&self, _target_group: &Attributes, _balancer: &Attributes) -> bool {
        true
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        let rules = alibaba::drain_rules(target_group);
        DrainRules {
            cut: rules.cut || assumptions.alibaba_alb_drain_off == DrainOff::Cut,
            cut_code: assumptions.alibaba_alb_cut_status,
            ..rules
        }
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        alibaba::routing_rules(target_group)
    }

    fn not_simulated(&self) -> &'static [Values] {
        &[("Scheduler", &["Sch", "Uch"])]
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_alibaba_alb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_alibaba_alb
    }
}
