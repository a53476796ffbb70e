//! What the server groups of Alibaba Cloud's load balancers share: attributes, health checks, and
//! the plain rules of those that say nothing else.
//!
//! This module must never know which kind asks.

use super::{Attributes, DrainRules, RoutingRules};
use crate::describe::{Kind as ValueKind, Param, Presence, Source};
use crate::engine::time::SimDuration;
use crate::model::loss::Code;
use crate::model::routing::Algorithm;
use crate::model::settings::HealthCheckSettings;

const DRAIN_ENABLED: &str = "ConnectionDrainEnabled";
const DRAIN_TIMEOUT: &str = "ConnectionDrainTimeout";
const SCHEDULER: &str = "Scheduler";

const fn param(
    key: &'static str,
    kind: ValueKind,
    default: &'static str,
    doc: &'static str,
    source: Source,
) -> Param {
    Param {
        key,
        kind,
        presence: Presence::Default(default),
        doc,
        source,
    }
}

/// Whether draining is on.
pub(super) const fn drain_enabled(doc: &'static str, source: Source) -> Param {
    param(DRAIN_ENABLED, ValueKind::Boolean, "false", doc, source)
}

/// For how long, between `min` and `max` \[s\].
pub(super) const fn drain_timeout(min: i64, max: i64, doc: &'static str, source: Source) -> Param {
    let span = ValueKind::Integer { min, max };
    param(DRAIN_TIMEOUT, span, "300", doc, source)
}

/// How a node chooses a server: one of `words`, of which the first is the default.
pub(super) const fn scheduler(
    words: &'static [&'static str],
    doc: &'static str,
    source: Source,
) -> Param {
    let kind = ValueKind::OneOf(words);
    param(SCHEDULER, kind, words[0], doc, source)
}

/// How a node that is told so by its server group chooses a server. Each request is from a client
/// port of its own, so that a hash over ports is a draw. Source: R-ANLB-3, R-AGWLB-3.
pub(super) fn algorithm(server_group: &Attributes) -> Algorithm {
    match server_group.get(SCHEDULER) {
        Some("Wlc" | "wlc") => Algorithm::LeastOutstandingRequests,
        Some("tch" | "qch" | "5TCH") => Algorithm::WeightedRandom,
        _ => Algorithm::RoundRobin,
    }
}

/// The rules by which nodes choose; without a healthy server they try all.
pub(super) fn routing_rules(server_group: &Attributes) -> RoutingRules {
    RoutingRules {
        algorithm: algorithm(server_group),
        // `rr` takes turns whatever the weights
        by_weight: server_group.get(SCHEDULER) != Some("rr"),
        slow_start: SimDuration::ZERO,
        fail_open_count: 1,
        fail_open_percentage: 0,
    }
}

/// Draining off lets everything finish; on, it cuts at the timeout, also on an unhealthy server.
/// What clients see of a cut is a reset.
pub(super) fn drain_rules(server_group: &Attributes) -> DrainRules {
    let enabled = server_group.is_true(DRAIN_ENABLED);
    let timeout = server_group
        .seconds(DRAIN_TIMEOUT)
        .expect("attributes were checked and have defaults");
    DrainRules {
        delay: if enabled { timeout } else { SimDuration::ZERO },
        cut: enabled,
        cut_code: Code::Reset,
        shows_full_delay: false,
        reregistration_rescues: false,
        starts_on_unhealthy: enabled,
        resets_unhealthy: false,
        slack: SimDuration::ZERO,
        spares_unhealthy: false,
    }
}

/// Health checks so often \[s\], and as many for a change of the verdict in either direction.
pub(super) const fn health_check(interval: u64, threshold: u32) -> HealthCheckSettings {
    HealthCheckSettings {
        interval: SimDuration::from_secs(interval),
        timeout: SimDuration::from_secs(5),
        healthy_threshold: threshold,
        unhealthy_threshold: threshold,
    }
}
