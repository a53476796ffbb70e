//! The values of all assumptions, and what they are where a file says nothing.
//!
//! A test holds the defaults against the texts that `assumption` documents. This module must never
//! decide what an assumption means.

use super::assumption::{
    DrainOff, DrainWait, InitialChecks, IpReregister, NodeChoice, RemovedNode,
};
use super::loss::Code;
use crate::engine::time::SimDuration;
use crate::workload::dist::Sampler;

/// The values of all settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Debug, Clone)]
pub struct Assumptions {
    /// `propagation.alb`
    pub propagation_alb: Sampler,
    /// `propagation.clb`
    pub propagation_clb: Sampler,
    /// `propagation.nlb`
    pub propagation_nlb: Sampler,
    /// `propagation.gwlb`
    pub propagation_gwlb: Sampler,
    /// `propagation.lattice`
    pub propagation_lattice: Sampler,
    /// `propagation.alibaba_alb`
    pub propagation_alibaba_alb: Sampler,
    /// `propagation.alibaba_nlb`
    pub propagation_alibaba_nlb: Sampler,
    /// `propagation.alibaba_gwlb`
    pub propagation_alibaba_gwlb: Sampler,
    /// `propagation.alibaba_clb`
    pub propagation_alibaba_clb: Sampler,
    /// `registration.alb`
    pub registration_alb: Sampler,
    /// `registration.clb`
    pub registration_clb: Sampler,
    /// `registration.nlb`
    pub registration_nlb: Sampler,
    /// `unhealthy_propagation.nlb`
    pub unhealthy_nlb: Sampler,
    /// `propagation.nlb_rule`
    pub forwarding_nlb: Sampler,
    /// `registration.gwlb`
    pub registration_gwlb: Sampler,
    /// `registration.lattice`
    pub registration_lattice: Sampler,
    /// `registration.alibaba_alb`
    pub registration_alibaba_alb: Sampler,
    /// `registration.alibaba_nlb`
    pub registration_alibaba_nlb: Sampler,
    /// `registration.alibaba_gwlb`
    pub registration_alibaba_gwlb: Sampler,
    /// `registration.alibaba_clb`
    pub registration_alibaba_clb: Sampler,
    /// `propagation.alb_rule`
    pub forwarding_alb: Sampler,
    /// `propagation.lb_node`
    pub node_lag: Sampler,
    /// `lb.removed_node`
    pub removed_node: RemovedNode,
    /// `asg.drain_wait`
    pub drain_wait: DrainWait,
    /// `asg.health_poll`
    pub health_poll: SimDuration,
    /// `asg.az_rebalance_poll`
    pub az_rebalance_poll: SimDuration,
    /// `asg.refresh_full_minimum`
    pub refresh_keeps_full_minimum: bool,
    /// `asg.waits_for_removing_sources`
    pub waits_for_removing_sources: bool,
    /// `asg.launch_retry_delay`
    pub launch_retry_delay: SimDuration,
    /// `asg.manual_scaling_cooldown`
    pub manual_scaling_cooldown: bool,
    /// `asg.tracking_out_after`
    pub tracking_out_after: SimDuration,
    /// `asg.tracking_in_after`
    pub tracking_in_after: SimDuration,
    /// `asg.tracking_in_below`
    pub tracking_in_below: f64,
    /// `cloudwatch.utilisation_sample`
    pub utilisation_sample: SimDuration,
    /// `asg.replacement_launch_delay`
    pub replacement_launch_delay: Sampler,
    /// `ec2.boot`
    pub ec2_boot: Sampler,
    /// `ec2.terminate`
    pub ec2_terminate: Sampler,
    /// `ec2.stop`
    pub ec2_stop: Sampler,
    /// `warm_pool.start`
    pub warm_pool_start: Sampler,
    /// `warm_pool.resume`
    pub warm_pool_resume: Sampler,
    /// `elbv2.reregister_cancels_drain`
    pub reregister_cancels_drain: bool,
    /// `elbv2.ip_reregister`
    pub ip_reregister: IpReregister,
    /// `elbv2.redereg_resets`
    pub redereg_resets: bool,
    /// `nlb.termination_slack`
    pub nlb_termination_slack: SimDuration,
    /// `nlb.initial_checks`
    pub nlb_initial_checks: InitialChecks,
    /// `clb.initial_checks`
    pub clb_initial_checks: InitialChecks,
    /// `clb.cut_status`
    pub clb_cut_status: Code,
    /// `clb.refused_status`
    pub clb_refused_status: Code,
    /// `lattice.cut_status`
    pub lattice_cut_status: Code,
    /// `ess.waits_for_drain`
    pub ess_waits_for_drain: bool,
    /// `ess.scale_in_hook`: whether who leaves waits for hooks after it has left its server groups.
    pub ess_hook_after_removal: bool,
    /// `ess.client_token_ttl`
    pub ess_client_token_ttl: SimDuration,
    /// `alibaba_alb.cut_status`
    pub alibaba_alb_cut_status: Code,
    /// `alibaba_alb.drain_off`
    pub alibaba_alb_drain_off: DrainOff,
    /// `alibaba_gwlb.drain_end`
    pub alibaba_gwlb_cuts: bool,
    /// `alibaba_clb.cut_status`
    pub alibaba_clb_cut_status: Code,
    /// `lb.node_choice`
    pub node_choice: NodeChoice,
    /// `faults.contention_rate`
    pub contention_rate: f64,
}

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
            propagation_nlb: seconds(120),
            propagation_gwlb: seconds(60),
            propagation_lattice: seconds(5),
            propagation_alibaba_alb: uniform(1, 5),
            propagation_alibaba_nlb: seconds(5),
            propagation_alibaba_gwlb: seconds(5),
            propagation_alibaba_clb: uniform(1, 5),
            registration_alb: seconds(2),
            registration_clb: seconds(2),
            registration_nlb: seconds(60),
            unhealthy_nlb: seconds(35),
            forwarding_nlb: seconds(75),
            registration_gwlb: seconds(60),
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
            nlb_termination_slack: SimDuration::from_secs(5),
            nlb_initial_checks: InitialChecks::Threshold,
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
