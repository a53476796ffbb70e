//! A VPC Lattice service: targets drain for one minute, which nothing changes.
//!
//! Source: R-LATTICE-1 to R-LATTICE-3.

use super::{Attributes, DrainRules, Family, Kind, RoutingRules};
use crate::describe::{Param, Source};
use crate::engine::time::SimDuration;
use crate::model::assumption::Assumptions;
use crate::model::routing::Algorithm;
use crate::model::settings::{HealthCheckSettings, Provider};
use crate::workload::dist::Sampler;

const GUIDE: Source =
    Source::Documented("https://docs.aws.amazon.com/vpc-lattice/latest/ug/target-groups.html");

/// How long a target drains. Source: R-LATTICE-1.
const DRAIN: SimDuration = SimDuration::from_secs(60);
/// How long a target may take to answer: the idle timeout of a service. Source: R-LATTICE-3.
const IDLE_TIMEOUT: SimDuration = SimDuration::from_secs(60);

/// A service of VPC Lattice.
#[derive(Debug)]
pub(super) struct Lattice;

impl Kind for Lattice {
    fn name(&self) -> &'static str {
        "lattice"
    }

    fn summary(&self) -> &'static str {
        "AWS VPC Lattice service: targets drain for one minute, whatever one would like"
    }

    fn provider(&self) -> Provider {
        Provider::Aws
    }

    fn family(&self) -> Family {
        Family::Lattice
    }

    fn source(&self) -> Source {
        GUIDE
    }

    fn attributes(&self) -> &'static [Param] {
        &[]
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
            healthy_threshold: 5,
            unhealthy_threshold: 2,
        }
    }

    fn health_check_ranges(&self) -> [(u64, u64); 2] {
        [(5, 300), (1, 120)]
    }

    fn initial_checks(&self, _settings: &HealthCheckSettings, _assumptions: &Assumptions) -> u32 {
        // one success is enough after registration; source: R-LATTICE-2
        1
    }

    fn response_timeout(&self, _attributes: &Attributes) -> SimDuration {
        IDLE_TIMEOUT
    }

    fn cross_zone(&self, _target_group: &Attributes, _balancer: &Attributes) -> bool {
        true
    }

    fn drain_rules(&self, _target_group: &Attributes, assumptions: &Assumptions) -> DrainRules {
        DrainRules {
            delay: DRAIN,
            cut: true,
            cut_code: assumptions.lattice_cut_status,
            shows_full_delay: true,
            reregistration_rescues: assumptions.reregister_cancels_drain,
            starts_on_unhealthy: false,
            resets_unhealthy: false,
            slack: SimDuration::ZERO,
            spares_unhealthy: false,
        }
    }

    fn routing_rules(&self, _target_group: &Attributes) -> RoutingRules {
        RoutingRules {
            by_weight: false,
            algorithm: Algorithm::RoundRobin,
            slow_start: SimDuration::ZERO,
            // only healthy targets get requests; source: R-LATTICE-2
            fail_open_count: 0,
            fail_open_percentage: 0,
        }
    }

    fn propagation<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.propagation_lattice
    }

    fn registration<'a>(&self, assumptions: &'a Assumptions) -> &'a Sampler {
        &assumptions.registration_lattice
    }
}
