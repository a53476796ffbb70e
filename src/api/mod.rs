//! API operations: one file each, checked, applied and answered as the cloud does.
//!
//! An operation is a descriptor with a function. What the cloud would refuse is an [`ApiError`],
//! recorded and without effect; it is never an error of the simulator. This module must never know
//! a file format, the timeline, or how an answer is shown.

use serde_json::Value;

use crate::describe::{Param, Source};
use crate::model::cloud::Cloud;
use crate::model::event::Cx;

mod action;
mod alibaba;
mod alibaba_spelling;
mod attachment;
mod attribute;
mod aws;
mod balancer_attribute;
mod capacity_adjustment;
mod check;
mod classic;
mod common_error;
mod ess_clb;
mod ess_source;
mod ess_standby;
mod group_params;
mod group_request;
mod group_shape;
mod gwlb;
mod hooks;
mod json;
mod lattice;
mod members;
mod name;
mod nlb;
mod params;
mod power;
mod processes;
mod refresh;
mod scaling_group;
mod scaling_group_hooks;
mod scaling_group_request;
mod scaling_policy;
mod scaling_rule;
mod scheduled_action;
mod server_group;
mod server_params;
mod server_service;
mod tag;
mod target;
mod target_group;
mod tracking_policy;
mod traffic_source;

mod alb {
    pub(super) mod add_servers_to_server_group;
    pub(super) mod list_server_group_servers;
    pub(super) mod remove_servers_from_server_group;
    pub(super) mod update_server_group_attribute;
    pub(super) mod update_server_group_servers_attribute;
}

mod autoscaling {
    pub(super) mod attach_instances;
    pub(super) mod attach_load_balancer_target_groups;
    pub(super) mod attach_load_balancers;
    pub(super) mod attach_traffic_sources;
    pub(super) mod cancel_instance_refresh;
    pub(super) mod complete_lifecycle_action;
    pub(super) mod create_auto_scaling_group;
    pub(super) mod delete_auto_scaling_group;
    pub(super) mod delete_lifecycle_hook;
    pub(super) mod delete_policy;
    pub(super) mod delete_scheduled_action;
    pub(super) mod delete_warm_pool;
    pub(super) mod describe_auto_scaling_groups;
    pub(super) mod describe_auto_scaling_instances;
    pub(super) mod describe_instance_refreshes;
    pub(super) mod describe_lifecycle_hooks;
    pub(super) mod describe_load_balancer_target_groups;
    pub(super) mod describe_load_balancers;
    pub(super) mod describe_policies;
    pub(super) mod describe_scaling_activities;
    pub(super) mod describe_scheduled_actions;
    pub(super) mod describe_traffic_sources;
    pub(super) mod describe_warm_pool;
    pub(super) mod detach_instances;
    pub(super) mod detach_load_balancer_target_groups;
    pub(super) mod detach_load_balancers;
    pub(super) mod detach_traffic_sources;
    pub(super) mod enter_standby;
    pub(super) mod execute_policy;
    pub(super) mod exit_standby;
    pub(super) mod put_lifecycle_hook;
    pub(super) mod put_scaling_policy;
    pub(super) mod put_scheduled_update_group_action;
    pub(super) mod put_warm_pool;
    pub(super) mod record_lifecycle_action_heartbeat;
    pub(super) mod resume_processes;
    pub(super) mod rollback_instance_refresh;
    pub(super) mod set_desired_capacity;
    pub(super) mod set_instance_health;
    pub(super) mod set_instance_protection;
    pub(super) mod start_instance_refresh;
    pub(super) mod suspend_processes;
    pub(super) mod terminate_instance_in_auto_scaling_group;
    pub(super) mod update_auto_scaling_group;
}

mod ec2 {
    pub(super) mod start_instances;
    pub(super) mod stop_instances;
    pub(super) mod terminate_instances;
}

mod elb {
    pub(super) mod deregister_instances_from_load_balancer;
    pub(super) mod describe_instance_health;
    pub(super) mod describe_load_balancer_attributes;
    pub(super) mod describe_load_balancers;
    pub(super) mod modify_load_balancer_attributes;
    pub(super) mod register_instances_with_load_balancer;
}

mod elbv2 {
    pub(super) mod create_target_group;
    pub(super) mod delete_target_group;
    pub(super) mod deregister_targets;
    pub(super) mod describe_listeners;
    pub(super) mod describe_rules;
    pub(super) mod describe_target_group_attributes;
    pub(super) mod describe_target_groups;
    pub(super) mod describe_target_health;
    pub(super) mod modify_listener;
    pub(super) mod modify_rule;
    pub(super) mod modify_target_group;
    pub(super) mod modify_target_group_attributes;
    pub(super) mod register_targets;
    pub(super) mod set_subnets;
}

mod ess {
    pub(super) mod attach_alb_server_groups;
    pub(super) mod attach_instances;
    pub(super) mod attach_load_balancers;
    pub(super) mod attach_server_groups;
    pub(super) mod attach_v_server_groups;
    pub(super) mod complete_lifecycle_action;
    pub(super) mod create_lifecycle_hook;
    pub(super) mod create_scaling_group;
    pub(super) mod create_scaling_rule;
    pub(super) mod delete_lifecycle_hook;
    pub(super) mod delete_scaling_group;
    pub(super) mod delete_scaling_rule;
    pub(super) mod describe_lifecycle_actions;
    pub(super) mod describe_lifecycle_hooks;
    pub(super) mod describe_scaling_activities;
    pub(super) mod describe_scaling_groups;
    pub(super) mod describe_scaling_instances;
    pub(super) mod describe_scaling_rules;
    pub(super) mod detach_alb_server_groups;
    pub(super) mod detach_instances;
    pub(super) mod detach_load_balancers;
    pub(super) mod detach_server_groups;
    pub(super) mod detach_v_server_groups;
    pub(super) mod disable_scaling_group;
    pub(super) mod enable_scaling_group;
    pub(super) mod enter_standby;
    pub(super) mod execute_scaling_rule;
    pub(super) mod exit_standby;
    pub(super) mod modify_lifecycle_hook;
    pub(super) mod modify_scaling_group;
    pub(super) mod rebalance_instances;
    pub(super) mod record_lifecycle_action_heartbeat;
    pub(super) mod remove_instances;
    pub(super) mod resume_processes;
    pub(super) mod scale_with_adjustment;
    pub(super) mod set_instances_protection;
    pub(super) mod suspend_processes;
}

mod vpc_lattice {
    pub(super) mod deregister_targets;
    pub(super) mod list_targets;
    pub(super) mod register_targets;
}

pub use alibaba_spelling::kind_for;
pub use common_error::{error_body, refused};
pub use name::{in_both, is_in_both, namesakes, operation, spellings};
pub use params::{has_type_of, param_for};

/// An operation of a cloud's API.
#[derive(Debug)]
pub struct Operation {
    /// As in an IAM action: `autoscaling:DetachInstances`; of the API of Classic Load Balancers as
    /// its command line: `elb:DescribeInstanceHealth`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Parameters, spelt as in the API reference.
    pub params: &'static [Param],
    /// Error codes it may answer with.
    pub errors: &'static [&'static str],
    /// Where our behaviour is known to differ.
    pub deviations: &'static [&'static str],
    /// Its page of the API reference.
    pub source: Source,
    /// Checks the parameters, changes the cloud and answers. A refused call changes nothing but
    /// identifiers.
    pub apply: fn(&mut Call<'_, '_>, &Value) -> Result<Response, ApiError>,
}

/// What a call may touch.
#[derive(Debug)]
pub struct Call<'a, 'b> {
    /// The cloud it changes.
    pub cloud: &'a mut Cloud,
    /// The instant it is made in.
    pub cx: &'a mut Cx<'b>,
}

/// What the cloud answers to a call it refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The code as it stands on the wire: `ValidationError`.
    pub code: &'static str,
    /// The message.
    pub message: String,
    /// HTTP status.
    pub http_status: u16,
}

/// What the cloud answers to a call it accepts, in its own JSON form.
pub type Response = Value;

/// Every operation.
pub static OPERATIONS: &[&Operation] = &[
    &alb::add_servers_to_server_group::OPERATION,
    &alb::list_server_group_servers::OPERATION,
    &alb::remove_servers_from_server_group::OPERATION,
    &alb::update_server_group_attribute::OPERATION,
    &alb::update_server_group_servers_attribute::OPERATION,
    &autoscaling::attach_instances::OPERATION,
    &autoscaling::attach_load_balancer_target_groups::OPERATION,
    &autoscaling::attach_load_balancers::OPERATION,
    &autoscaling::attach_traffic_sources::OPERATION,
    &autoscaling::cancel_instance_refresh::OPERATION,
    &autoscaling::complete_lifecycle_action::OPERATION,
    &autoscaling::create_auto_scaling_group::OPERATION,
    &autoscaling::delete_auto_scaling_group::OPERATION,
    &autoscaling::delete_lifecycle_hook::OPERATION,
    &autoscaling::delete_policy::OPERATION,
    &autoscaling::delete_scheduled_action::OPERATION,
    &autoscaling::delete_warm_pool::OPERATION,
    &autoscaling::describe_auto_scaling_groups::OPERATION,
    &autoscaling::describe_auto_scaling_instances::OPERATION,
    &autoscaling::describe_instance_refreshes::OPERATION,
    &autoscaling::describe_lifecycle_hooks::OPERATION,
    &autoscaling::describe_load_balancer_target_groups::OPERATION,
    &autoscaling::describe_load_balancers::OPERATION,
    &autoscaling::describe_policies::OPERATION,
    &autoscaling::describe_scaling_activities::OPERATION,
    &autoscaling::describe_scheduled_actions::OPERATION,
    &autoscaling::describe_traffic_sources::OPERATION,
    &autoscaling::describe_warm_pool::OPERATION,
    &autoscaling::detach_instances::OPERATION,
    &autoscaling::detach_load_balancer_target_groups::OPERATION,
    &autoscaling::detach_load_balancers::OPERATION,
    &autoscaling::detach_traffic_sources::OPERATION,
    &autoscaling::enter_standby::OPERATION,
    &autoscaling::execute_policy::OPERATION,
    &autoscaling::exit_standby::OPERATION,
    &autoscaling::put_lifecycle_hook::OPERATION,
    &autoscaling::put_scaling_policy::OPERATION,
    &autoscaling::put_scheduled_update_group_action::OPERATION,
    &autoscaling::put_warm_pool::OPERATION,
    &autoscaling::record_lifecycle_action_heartbeat::OPERATION,
    &autoscaling::resume_processes::OPERATION,
    &autoscaling::rollback_instance_refresh::OPERATION,
    &autoscaling::set_desired_capacity::OPERATION,
    &autoscaling::set_instance_health::OPERATION,
    &autoscaling::set_instance_protection::OPERATION,
    &autoscaling::start_instance_refresh::OPERATION,
    &autoscaling::suspend_processes::OPERATION,
    &autoscaling::terminate_instance_in_auto_scaling_group::OPERATION,
    &autoscaling::update_auto_scaling_group::OPERATION,
    &ec2::start_instances::OPERATION,
    &ec2::stop_instances::OPERATION,
    &ec2::terminate_instances::OPERATION,
    &elb::deregister_instances_from_load_balancer::OPERATION,
    &elb::describe_instance_health::OPERATION,
    &elb::describe_load_balancer_attributes::OPERATION,
    &elb::describe_load_balancers::OPERATION,
    &elb::modify_load_balancer_attributes::OPERATION,
    &elb::register_instances_with_load_balancer::OPERATION,
    &elbv2::create_target_group::OPERATION,
    &elbv2::delete_target_group::OPERATION,
    &elbv2::deregister_targets::OPERATION,
    &elbv2::describe_listeners::OPERATION,
    &elbv2::describe_rules::OPERATION,
    &elbv2::describe_target_group_attributes::OPERATION,
    &elbv2::describe_target_groups::OPERATION,
    &elbv2::describe_target_health::OPERATION,
    &elbv2::modify_listener::OPERATION,
    &elbv2::modify_rule::OPERATION,
    &elbv2::modify_target_group::OPERATION,
    &elbv2::modify_target_group_attributes::OPERATION,
    &elbv2::register_targets::OPERATION,
    &elbv2::set_subnets::OPERATION,
    &ess::attach_alb_server_groups::OPERATION,
    &ess::attach_instances::OPERATION,
    &ess::attach_load_balancers::OPERATION,
    &ess::attach_server_groups::OPERATION,
    &ess::attach_v_server_groups::OPERATION,
    &ess::complete_lifecycle_action::OPERATION,
    &ess::create_lifecycle_hook::OPERATION,
    &ess::create_scaling_group::OPERATION,
    &ess::create_scaling_rule::OPERATION,
    &ess::delete_lifecycle_hook::OPERATION,
    &ess::delete_scaling_group::OPERATION,
    &ess::delete_scaling_rule::OPERATION,
    &ess::describe_lifecycle_actions::OPERATION,
    &ess::describe_lifecycle_hooks::OPERATION,
    &ess::describe_scaling_activities::OPERATION,
    &ess::describe_scaling_groups::OPERATION,
    &ess::describe_scaling_instances::OPERATION,
    &ess::describe_scaling_rules::OPERATION,
    &ess::detach_alb_server_groups::OPERATION,
    &ess::detach_instances::OPERATION,
    &ess::detach_load_balancers::OPERATION,
    &ess::detach_server_groups::OPERATION,
    &ess::detach_v_server_groups::OPERATION,
    &ess::disable_scaling_group::OPERATION,
    &ess::enable_scaling_group::OPERATION,
    &ess::enter_standby::OPERATION,
    &ess::execute_scaling_rule::OPERATION,
    &ess::exit_standby::OPERATION,
    &ess::modify_lifecycle_hook::OPERATION,
    &ess::modify_scaling_group::OPERATION,
    &ess::rebalance_instances::OPERATION,
    &ess::record_lifecycle_action_heartbeat::OPERATION,
    &ess::remove_instances::OPERATION,
    &ess::resume_processes::OPERATION,
    &ess::scale_with_adjustment::OPERATION,
    &ess::set_instances_protection::OPERATION,
    &ess::suspend_processes::OPERATION,
    &gwlb::add_servers_to_server_group::OPERATION,
    &gwlb::list_server_group_servers::OPERATION,
    &gwlb::remove_servers_from_server_group::OPERATION,
    &gwlb::update_server_group_attribute::OPERATION,
    &nlb::add_servers_to_server_group::OPERATION,
    &nlb::list_server_group_servers::OPERATION,
    &nlb::remove_servers_from_server_group::OPERATION,
    &nlb::update_server_group_attribute::OPERATION,
    &nlb::update_server_group_servers_attribute::OPERATION,
    &vpc_lattice::deregister_targets::OPERATION,
    &vpc_lattice::list_targets::OPERATION,
    &vpc_lattice::register_targets::OPERATION,
];

/// What a service answers to a call that is one too many.
pub fn throttled(operation: &Operation) -> ApiError {
    let service = operation.name.split_once(':').map_or("", |(of, _)| of);
    let (code, message, http_status) = match service {
        "ec2" => ("RequestLimitExceeded", "Request limit exceeded.", 503),
        "vpc-lattice" => ("ThrottlingException", "Rate exceeded", 429),
        "alb" | "ess" | "gwlb" | "nlb" => return common_error::THROTTLED.error(),
        _ => ("Throttling", "Rate exceeded", 400),
    };
    ApiError {
        code,
        message: message.to_owned(),
        http_status,
    }
}

/// Whether clients send every value of this operation as text, as Alibaba Cloud's do: `"true"` and
/// `"22"` are then as good as `true` and `22`.
pub fn sends_text(operation: &str) -> bool {
    let service = operation.split_once(':').map_or("", |(of, _)| of);
    matches!(service, "alb" | "ess" | "gwlb" | "nlb")
}
