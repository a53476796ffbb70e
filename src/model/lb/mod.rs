//! Load balancer kinds: one file and one line of [`KINDS`] each.
//!
//! A kind says which attributes it has and turns them into plain rules when a file is loaded or an
//! attribute is modified. It is never asked on the path of a request.

mod alibaba;
mod alibaba_alb;
mod alibaba_clb;
mod alibaba_gwlb;
mod alibaba_nlb;
mod application;
pub mod classic;
mod gateway;
mod lattice;
mod network;

pub use alibaba_clb::USUAL_WEIGHT;
pub use alibaba_gwlb::GENEVE_PORT;
use std::collections::BTreeMap;
use std::fmt::Debug;

use super::assumption::Assumptions;
use super::loss::Code;
use super::routing::Algorithm;
use super::settings::{HealthCheckSettings, Provider};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::workload::dist::Sampler;

/// Longer than any run: nothing ends what is answered late.
const NEVER: SimDuration = SimDuration::from_secs(100 * 365 * 24 * 3600);

/// Every kind of load balancer.
pub static KINDS: &[&dyn Kind] = &[
    &application::Application,
    &network::Network,
    &gateway::Gateway,
    &classic::Classic,
    &lattice::Lattice,
    &alibaba_alb::AlibabaAlb,
    &alibaba_nlb::AlibabaNlb,
    &alibaba_gwlb::AlibabaGwlb,
    &alibaba_clb::AlibabaClb,
];

/// Which API load balancers of a kind and their targets are managed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Elastic Load Balancing of 2015: Application, Network and Gateway Load Balancers.
    TargetGroups,
    /// Elastic Load Balancing of 2012: Classic Load Balancers, which have instances and no target
    /// group. Here one of its name stands for those instances.
    Classic,
    /// VPC Lattice.
    Lattice,
    /// Alibaba Cloud.
    ServerGroups,
    /// Alibaba Cloud's API of 2014: Classic Load Balancers, each of which has a default server group
    /// with its id, and vServer groups.
    Slb,
}

impl Family {
    /// Whether load balancers have targets of their own, for which a target group stands here.
    pub fn has_own_targets(self) -> bool {
        match self {
            Self::Classic | Self::Slb => true,
            Self::TargetGroups | Self::Lattice | Self::ServerGroups => false,
        }
    }
}

/// An attribute with values of it.
pub type Values = (&'static str, &'static [&'static str]);

/// A kind of load balancer.
pub trait Kind: Debug + Sync {
    /// Its name in a file: `application`.
    fn name(&self) -> &'static str;
    /// One line.
    fn summary(&self) -> &'static str;
    /// Whose cloud it is.
    fn provider(&self) -> Provider;
    /// Which API it is managed by.
    fn family(&self) -> Family {
        match self.provider() {
            Provider::Aws => Family::TargetGroups,
            Provider::Alibaba => Family::ServerGroups,
        }
    }
    /// Whether its targets have weights of their own.
    fn has_weights(&self) -> bool {
        self.provider() == Provider::Alibaba
    }
    /// Whether targets of weight 0 are checked, too. Source: R-WEIGHT-1.
    fn checks_weightless(&self) -> bool {
        false
    }
    /// The weight \[0..=100\] of a server whose instance stood by; that of the scaling group's
    /// source if there is none. Source: R-ESS-40.
    fn weight_after_standby(&self) -> Option<u32> {
        None
    }
    /// Where its behaviour is documented.
    fn source(&self) -> Source;
    /// Attributes of the load balancer (and, on Alibaba Cloud, of its listeners).
    fn attributes(&self) -> &'static [Param];
    /// Attributes of its target groups.
    fn target_group_attributes(&self) -> &'static [Param];
    /// Values that attributes of its target groups have in the cloud and not here.
    fn not_simulated(&self) -> &'static [Values] {
        &[]
    }
    /// Protocols its target groups may have, the one first that they have if nothing is said.
    fn protocols(&self) -> &'static [&'static str];
    /// The port of all targets, where there is no choice.
    fn port(&self) -> Option<u16> {
        None
    }
    /// Health checks of a target group that says nothing about them.
    fn health_check(&self) -> HealthCheckSettings;
    /// Shortest and longest interval and timeout of health checks \[s\].
    fn health_check_ranges(&self) -> [(u64, u64); 2] {
        match self.provider() {
            Provider::Aws => [(5, 300), (2, 120)],
            Provider::Alibaba => [(1, 50), (1, 300)],
        }
    }
    /// Successful checks that make a new target healthy.
    fn initial_checks(&self, settings: &HealthCheckSettings, assumptions: &Assumptions) -> u32;
    /// Time it waits for an answer of a target.
    fn response_timeout(&self, attributes: &Attributes) -> SimDuration;
    /// Whether the target group's nodes choose among the targets of all zones.
    fn cross_zone(&self, target_group: &Attributes, balancer: &Attributes) -> bool;
    /// How its target groups drain.
    fn drain_rules(&self, target_group: &Attributes, assumptions: &Assumptions) -> DrainRules;
    /// What the clients of attempts that fail see.
    fn answers(&self, _assumptions: &Assumptions) -> Answers {
        Answers::OF_ALB
    }
    /// How its nodes choose a target.
    fn routing_rules(&self, target_group: &Attributes) -> RoutingRules;
    /// How late a node learns of a deregistration.
    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler;
    /// How late a node learns of a registration.
    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler;
    /// How late nodes learn that a target is unhealthy; at once where nothing is said.
    fn unhealthy_propagation<'a>(&self, _assumptions: &'a Assumptions) -> Option<&'a Sampler> {
        None
    }
    /// How late a node learns where a listener or rule forwards.
    fn forwarding<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        self.registration(assumptions)
    }
}

/// The type of the server groups behind load balancers of a kind: `ALB`, `NLB` or `GWLB`; none for
/// those of Classic Load Balancers and of another cloud.
pub fn server_group_type(kind: &dyn Kind) -> Option<String> {
    let name = kind.name().strip_prefix("alibaba:");
    name.filter(|_| kind.family() == Family::ServerGroups)
        .map(str::to_ascii_uppercase)
}

/// The kind called `name`.
pub fn kind(name: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

/// How a target group drains, as plain data.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of a kind, not a state"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainRules {
    /// Time a draining target may finish its requests \[s, 0..=3600\]. Source: R-DRAIN-1.
    pub delay: SimDuration,
    /// Whether what is still in flight at the deadline is cut.
    pub cut: bool,
    /// What the client of a cut request sees.
    pub cut_code: Code,
    /// Whether the state shows `draining` until the deadline even when nothing is in flight.
    pub shows_full_delay: bool,
    /// Whether registering a draining target again rescues what is in flight on it.
    pub reregistration_rescues: bool,
    /// Whether a target found unhealthy starts the same drain.
    pub starts_on_unhealthy: bool,
    /// Whether the connections of a target are reset when nodes learn that it is unhealthy, unless
    /// they route to all targets then. Source: R-NLB-4.
    pub resets_unhealthy: bool,
    /// How much later than the deadline what is still in flight is cut \[s\]. Source: R-NLB-2.
    pub slack: SimDuration,
    /// Whether what is in flight on a draining target that is or becomes unhealthy is not cut.
    pub spares_unhealthy: bool,
}

/// What the clients of attempts that fail see, as plain data. Source: R-LOSS-9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// The target's process exited.
    pub exited: Code,
    /// The target's port is closed.
    pub refused: Code,
    /// The target's host does not answer a connection.
    pub unreachable: Code,
    /// The target does not answer in time.
    pub late: Code,
    /// The client gave up first: what is logged.
    pub gave_up: Code,
    /// There is no target to send to.
    pub no_target: Code,
    /// The target's waiting room is full.
    pub overflow: Code,
    /// The port of a process that has exited says nothing: it takes the connect timeout to find out.
    pub silent: bool,
}

impl Answers {
    /// Those of an Application Load Balancer.
    pub const OF_ALB: Self = Self {
        exited: Code::C502,
        refused: Code::C502,
        unreachable: Code::C504,
        late: Code::C504,
        gave_up: Code::C460,
        no_target: Code::C503,
        overflow: Code::C503,
        silent: false,
    };
    /// Those of a balancer that passes packets on: what is refused is reset, and a host that is
    /// gone leaves the client waiting. Source: R-ANLB-4.
    pub const OF_FLOWS: Self = Self {
        exited: Code::Reset,
        refused: Code::Reset,
        unreachable: Code::Timeout,
        late: Code::Timeout,
        gave_up: Code::Timeout,
        no_target: Code::Reset,
        overflow: Code::Reset,
        silent: false,
    };
    /// Those of a balancer in front of appliances: nobody answers for one that is gone. Source:
    /// R-AGWLB-4.
    pub const OF_APPLIANCES: Self = Self {
        exited: Code::Timeout,
        refused: Code::Timeout,
        unreachable: Code::Timeout,
        late: Code::Timeout,
        gave_up: Code::Timeout,
        no_target: Code::Timeout,
        overflow: Code::Timeout,
        silent: true,
    };
}

/// How a node chooses a target, as plain data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoutingRules {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Whether targets of unequal weights have unequal shares. Source: R-WEIGHT-2.
    pub by_weight: bool,
    /// Time over which a new target's share grows to its full one; zero is off.
    pub slow_start: SimDuration,
    /// Fewer healthy targets than this and a node routes to all registered ones \[>= 1\].
    pub fail_open_count: u32,
    /// A smaller healthy share than this and a node routes to all registered ones \[%, 0 is off\].
    pub fail_open_percentage: u32,
}

/// Attribute values by the cloud's own keys, as text, as they travel on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// The defaults of `params`, with the values of `given` over them.
    ///
    /// Keys and values must have been checked against `params`.
    pub fn with_defaults(params: &[Param], given: BTreeMap<String, String>) -> Self {
        let mut all = BTreeMap::new();
        for param in params {
            if let Presence::Default(value) = param.presence {
                all.insert(param.key.to_owned(), value.to_owned());
            }
        }
        all.extend(given);
        Self(all)
    }

    /// Gives every attribute of `params` that has no value its default.
    pub(super) fn complete(&mut self, params: &[Param]) {
        let given = std::mem::take(&mut self.0);
        *self = Self::with_defaults(params, given);
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Sets `key`; the value must have been checked.
    pub fn set(&mut self, key: String, value: String) {
        self.0.insert(key, value);
    }

    /// Keys and values in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of `key` as a number; attributes that are off or absent are `None`.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.get(key)?.parse().ok()
    }

    /// Whether `key` is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    /// The value of `key` as whole seconds.
    pub fn seconds(&self, key: &str) -> Option<SimDuration> {
        self.number(key).map(SimDuration::from_secs)
    }
}

/// The kind whose rules a target group follows that no load balancer forwards to.
pub fn default_kind(provider: Provider) -> &'static dyn Kind {
    match provider {
        Provider::Aws => &application::Application,
        Provider::Alibaba => &alibaba_alb::AlibabaAlb,
    }
}

/// Where attributes of target groups are documented.
const TARGET_GROUP_API: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
);

/// How long a deregistered target is shown as draining; what is in flight is cut then, if it is.
const fn deregistration_delay(doc: &'static str) -> Param {
    Param {
        key: DELAY,
        kind: ValueKind::Integer { min: 0, max: 3600 },
        presence: Presence::Default("300"),
        doc,
        source: TARGET_GROUP_API,
    }
}

const DELAY: &str = "deregistration_delay.timeout_seconds";

/// The deregistration delay of a target group of AWS.
fn delay_of(target_group: &Attributes) -> SimDuration {
    target_group
        .seconds(DELAY)
        .expect("attributes were checked and have defaults")
}

const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

/// Whether a node chooses among the targets of all zones, said by a target group.
const fn cross_zone(doc: &'static str) -> Param {
    Param {
        key: CROSS_ZONE,
        kind: ValueKind::OneOf(&["true", "false", "use_load_balancer_configuration"]),
        presence: Presence::Default("use_load_balancer_configuration"),
        doc,
        source: TARGET_GROUP_API,
    }
}

/// The same said by a load balancer on which it is off unless it is turned on.
const fn balancer_cross_zone(doc: &'static str) -> Param {
    Param {
        key: CROSS_ZONE,
        kind: ValueKind::Boolean,
        presence: Presence::Default("false"),
        doc,
        source: Source::Documented(
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html",
        ),
    }
}

/// From how few healthy targets on a node routes to all, as a count.
const UNHEALTHY_ROUTING_COUNT: Param = Param {
    key: "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    kind: ValueKind::Integer { min: 1, max: 1000 },
    presence: Presence::Default("1"),
    doc: "fewer healthy targets than this and a node routes to all registered ones",
    source: TARGET_GROUP_API,
};

/// The same as a share.
const UNHEALTHY_ROUTING_PERCENTAGE: Param = Param {
    key: "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    kind: ValueKind::Text { min: 1, max: 3 },
    presence: Presence::Default("off"),
    doc: "a smaller share of healthy targets than this and a node routes to all registered ones \
          [%]; `off` or 1 to 100",
    source: TARGET_GROUP_API,
};

/// What the two amount to: a count and a percentage.
fn unhealthy_routing(target_group: &Attributes) -> (u32, u32) {
    let number = |param: Param| {
        let number = target_group.number(param.key);
        number.and_then(|value| u32::try_from(value).ok())
    };
    let count = number(UNHEALTHY_ROUTING_COUNT).unwrap_or(1);
    (count, number(UNHEALTHY_ROUTING_PERCENTAGE).unwrap_or(0))
}
