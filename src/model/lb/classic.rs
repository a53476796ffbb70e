//! The Classic Load Balancer: draining is off unless it is turned on, ends early, and spares what
//! is in flight on an unhealthy instance.
//!
//! Its instances are registered with the balancer itself. The model holds them in a target group
//! of the balancer's name, whose attributes are those of the balancer. Source: R-CLB-1 to R-CLB-5.

use super::{Answers, Attributes, DrainRules, Family, Kind, RoutingRules};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::loss::Code;
use crate::model::routing::Algorithm;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-conn-drain.html",
);
const IDLE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-idle-timeout.html",
);
const CROSS_ZONE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-disable-crosszone-lb.html",
);

/// Whether draining is on.
pub const DRAINING: &str = "ConnectionDraining.Enabled";
/// For how long.
pub const DRAINING_TIMEOUT: &str = "ConnectionDraining.Timeout";
/// Time an instance may take to answer.
pub const IDLE_TIMEOUT: &str = "ConnectionSettings.IdleTimeout";
/// Whether nodes choose among the instances of all zones.
pub const CROSS_ZONE_ENABLED: &str = "CrossZoneLoadBalancing.Enabled";

/// A Classic Load Balancer.
#[derive(Debug)]
pub(super) struct Classic;

const ATTRIBUTES: &[Param] = &[
    Param {
        key: DRAINING,
        kind: ValueKind::Boolean,
        presence: Presence::Default("false"),
        doc: "whether requests in flight on a deregistered instance may finish; the console turns \
              it on, the API does not",
        source: GUIDE,
    },
    Param {
        key: DRAINING_TIMEOUT,
        kind: ValueKind::Integer { min: 1, max: 3600 },
        presence: Presence::Default("300"),
        doc: "for how long, if ConnectionDraining is on [s]",
        source: GUIDE,
    },
    Param {
        key: IDLE_TIMEOUT,
        kind: ValueKind::Integer { min: 1, max: 3600 },
        presence: Presence::Default("60"),
        doc: "time an instance may take to answer before the client gets 504 [s]",
        source: IDLE,
    },
    Param {
        key: CROSS_ZONE_ENABLED,
        kind: ValueKind::Boolean,
        presence: Presence::Default("false"),
        doc: "whether a node chooses among the instances of all zones",
        source: CROSS_ZONE,
    },
];

impl Kind for Classic {
    fn name(&self) -> &'static str {
        "classic"
    }

    fn summary(&self) -> &'static str {
        "AWS Classic Load Balancer: draining off by default, over early, and not for the unhealthy"
    }

    fn provider(&self) -> Provider {
        Provider::Aws
    }

    fn family(&self) -> Family {
        Family::Classic
    }

    fn source(&self) -> Source {
        GUIDE
    }

    fn attributes(&self) -> &'static [Param] {
        ATTRIBUTES
    }

    fn target_group_attributes(&self) -> &'static [Param] {
        &[]
    }

    fn protocols(&self) -> &'static [&'static str] {
        &["HTTP", "HTTPS"]
    }

    fn health_check(&self) -> HealthCheckSettings {
        HealthCheckSettings {
            interval: SimDuration::from_secs(30),
            timeout: SimDuration::from_secs(5),
            healthy_threshold: 10,
            unhealthy_threshold: 2,
        }
    }

    fn health_check_ranges(&self) -> [(u64, u64); 2] {
        [(5, 300), (2, 60)]
    }

    fn initial_checks(&self, settings: &HealthCheckSettings, assumptions: &Assumptions) -> u32 {
        let threshold = settings.healthy_threshold;
        assumptions.clb_initial_checks.count(threshold)
    }

    fn response_timeout(&self, attributes: &Attributes) -> SimDuration {
        attributes
            .seconds(IDLE_TIMEOUT)
            .expect("attributes were checked and have defaults")
    }

    fn cross_zone(&self, target_group: &Attributes, _balancer: &Attributes) -> bool {
        target_group.is_true(CROSS_ZONE_ENABLED)
    }

    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        let enabled = target_group.is_true(DRAINING);
        let timeout = target_group
            .seconds(DRAINING_TIMEOUT)
            .expect("attributes were checked and have defaults");
        DrainRules {
            delay: if enabled { timeout } else { SimDuration::ZERO },
            cut: true,
            cut_code: assumptions.clb_cut_status,
            // without draining an instance is out of service at once, with it when it is quiet
            shows_full_delay: !enabled,
            reregistration_rescues: assumptions.reregister_cancels_drain,
            starts_on_unhealthy: false,
            resets_unhealthy: false,
            slack: SimDuration::ZERO,
            spares_unhealthy: enabled,
        }
    }

    fn answers(&self, assumptions: &Assumptions) -> Answers {
        Answers {
            exited: Code::C504,
            refused: assumptions.clb_refused_status,
            unreachable: Code::C504,
            late: Code::C504,
            gave_up: Code::C408,
            ..Answers::OF_ALB
        }
    }

    fn routing_rules(&self, _target_group: &Attributes) -> RoutingRules {
        RoutingRules {
            by_weight: false,
            // fewest outstanding requests for HTTP listeners. Source: R-CLB-5
            algorithm: Algorithm::LeastOutstandingRequests,
            slow_start: SimDuration::ZERO,
            // none healthy is 503: there is no failing open
            fail_open_count: 0,
            fail_open_percentage: 0,
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_clb
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_clb
    }
}
