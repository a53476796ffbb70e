//! The values that assumptions have where a file says nothing.
//!
//! A test holds them against the texts that `assumption` documents. This module must never decide
//! what an assumption means.

use super::assumption::{
    Assumptions, DrainOff, DrainWait, InitialChecks, IpReregister, NodeChoice, RemovedNode,
};
use super::loss::Code;
use crate::engine::time::SimDuration;
use crate::workload::dist::Sampler;

impl Default for Assumptions {
    /// The values the `default` column of [`super::assumption::SETTINGS`] states; a test holds the two together.
    fn default() -> Self {
        let seconds = |s| Sampler::from_constant(SimDuration::from_secs(s));
        let uniform = |min, max| {
            Sampler::from_uniform(SimDuration::from_secs(min), SimDuration::from_secs(max))
        };
        Self {
            propagation_alb: uniform(1, 10),
            propagation_clb: seconds(5),
            propagation_lattice: seconds(5),
            propagation_alibaba_alb: uniform(1, 5),
            propagation_alibaba_nlb: seconds(5),
            propagation_alibaba_gwlb: seconds(5),
            propagation_alibaba_clb: uniform(1, 5),
            registration_alb: seconds(2),
            registration_clb: seconds(2),
            registration_lattice: seconds(2),
            registration_alibaba_alb: seconds(2),
            registration_alibaba_nlb: seconds(2),
            registration_alibaba_gwlb: seconds(2),
            registration_alibaba_clb: seconds(2),
            forwarding_alb: uniform(1, 10),
            node_lag: seconds(60),
            removed_node: RemovedNode::Finish,
            drain_wait: DrainWait::DisplayedState,
            health_poll: SimDuration::from_secs(60),
            az_rebalance_poll: SimDuration::from_secs(60),
            refresh_keeps_full_minimum: false,
            waits_for_removing_sources: false,
            launch_retry_delay: SimDuration::from_secs(60),
            manual_scaling_cooldown: true,
            tracking_out_after: SimDuration::from_secs(180),
            tracking_in_after: SimDuration::from_secs(900),
            tracking_in_below: 0.9,
            utilisation_sample: SimDuration::from_secs(1),
            replacement_launch_delay: seconds(2),
            ec2_boot: seconds(35),
            ec2_terminate: seconds(20),
            ec2_stop: seconds(20),
            warm_pool_start: seconds(20),
            warm_pool_resume: seconds(10),
            reregister_cancels_drain: true,
            ip_reregister: IpReregister::Queue,
            redereg_resets: false,
            clb_initial_checks: InitialChecks::Threshold,
            clb_cut_status: Code::C504,
            clb_refused_status: Code::C503,
            lattice_cut_status: Code::C503,
            ess_waits_for_drain: false,
            ess_hook_after_removal: false,
            ess_client_token_ttl: SimDuration::from_secs(24 * 3600),
            alibaba_alb_cut_status: Code::C500,
            alibaba_alb_drain_off: DrainOff::Finish,
            alibaba_gwlb_cuts: false,
            alibaba_clb_cut_status: Code::C502,
            node_choice: NodeChoice::Random,
            contention_rate: 0.0,
        }
    }
}
