//! Alibaba Cloud's Classic Load Balancer (CLB, once SLB): removing a server cuts what is in flight on
//! it, and draining, which only TCP and UDP listeners have, is off.
//!
//! One has a default server group, which has the id of the load balancer, and vServer groups with
//! ids of their own. Its attributes are those of its listeners; what a vServer group does not say
//! follows them. Source: R-ACLB-1 to R-ACLB-4.

use super::{Attributes, DrainRules, Family, Kind, RoutingRules, alibaba};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/classic-load-balancer/user-guide/backend-server-overview",
);
const HTTP_LISTENER: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-createloadbalancerhttplistener",
);
const TCP_LISTENER: Source = Source::Documented(
    "https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-createloadbalancertcplistener",
);

/// The weight that ESS gives instances behind it where nobody says one \[0..=100\]. Source: R-ESS-31.
pub const USUAL_WEIGHT: u32 = 50;

/// Whether draining is on.
const DRAIN: &str = "ConnectionDrain";
/// For how long.
const DRAIN_TIMEOUT: &str = "ConnectionDrainTimeout";

/// A Classic Load Balancer of Alibaba Cloud.
#[derive(Debug)]
pub(super) struct AlibabaClb;

const REQUEST_TIMEOUT: Param = Param {
    key: "RequestTimeout",
    kind: ValueKind::Integer { min: 1, max: 180 },
    presence: Presence::Default("60"),
    doc: "time a server may take to answer before the client gets 504 [s]",
    source: HTTP_LISTENER,
};

const ATTRIBUTES: &[Param] = &[
    REQUEST_TIMEOUT,
    SERVER_GROUP_ATTRIBUTES[0],
    SERVER_GROUP_ATTRIBUTES[1],
    SERVER_GROUP_ATTRIBUTES[2],
];

const SERVER_GROUP_ATTRIBUTES: &[Param] = &[
    alibaba::scheduler(
        &["wrr", "rr", "wlc"],
        "how the listener chooses a server: weighted round robin, round robin, or weighted least \
         connections, which newer listeners do not have",
        HTTP_LISTENER,
    ),
    Param {
        key: DRAIN,
        kind: ValueKind::OneOf(&["on", "off"]),
        presence: Presence::Default("off"),
        doc: "whether what is in flight on a removed server may go on for ConnectionDrainTimeout; \
              only TCP and UDP listeners have it",
        source: TCP_LISTENER,
    },
    Param {
        key: DRAIN_TIMEOUT,
        kind: ValueKind::Integer { min: 10, max: 900 },
        presence: Presence::Default("300"),
        doc: "for how long, if ConnectionDrain is on [s]; the cloud has no default, requests must \
              say it",
        source: TCP_LISTENER,
    },
];

impl Kind for AlibabaClb {
    fn name(&self) -> &'static str {
        "alibaba:clb"
    }

    fn summary(&self) -> &'static str {
        "Alibaba Cloud Classic Load Balancer: removing a server cuts what is in flight on it"
    }

    fn provider(&self) -> Provider {
        Provider::Alibaba
    }

    fn family(&self) -> Family {
        Family::Slb
    }

    fn checks_weightless(&self) -> bool {
        true
    }

    fn weight_after_standby(&self) -> Option<u32> {
        Some(USUAL_WEIGHT)
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
        &["HTTP", "HTTPS", "TCP", "UDP"]
    }

    fn health_check(&self) -> HealthCheckSettings {
        alibaba::health_check(2, 3)
    }

    fn initial_checks(&self, settings: &HealthCheckSettings, _assumptions: &Assumptions) -> u32 {
        settings.healthy_threshold
    }

    fn response_timeout(&self, attributes: &Attributes) -> SimDuration {
        attributes
            .seconds(REQUEST_TIMEOUT.key)
            .expect("attributes were checked and have defaults")
    }

    fn cross_zone(&self, _target_group: &Attributes, _balancer: &Attributes) -> bool {
        true
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        let enabled = target_group.get(DRAIN) == Some("on");
        let timeout = target_group
            .seconds(DRAIN_TIMEOUT)
            .expect("attributes were checked and have defaults");
        DrainRules {
            delay: if enabled { timeout } else { SimDuration::ZERO },
            cut: true,
            cut_code: assumptions.alibaba_clb_cut_status,
            shows_full_delay: false,
            reregistration_rescues: false,
            starts_on_unhealthy: false,
            resets_unhealthy: false,
            slack: SimDuration::ZERO,
            spares_unhealthy: false,
        }
    }

    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules {
        RoutingRules {
            // it sends nothing new to a server that fails its checks: there is no failing open
            fail_open_count: 0,
            ..alibaba::routing_rules(target_group)
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_alibaba_clb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_alibaba_clb
    }
}
