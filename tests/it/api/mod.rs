//! Tests of the API operations: what each answers, refuses and does.
#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` literals read best as arguments"
)]

mod alb_servers;
mod attach_instances;
mod attach_server_groups;
mod attach_traffic_sources;
mod classic_attributes;
mod classic_instances;
mod contention;
mod create_auto_scaling_group;
mod create_target_group;
mod delete_auto_scaling_group;
mod delete_lifecycle_hook;
mod delete_target_group;
mod delete_warm_pool;
mod deregister_targets;
mod describe;
mod describe_auto_scaling_instances;
mod describe_listeners;
mod describe_policies;
mod describe_scaling_groups;
mod describe_target_groups;
mod describe_target_health;
mod detach_instances;
mod detach_server_groups;
mod detach_traffic_sources;
mod drills;
mod ess_attach_instances;
mod ess_detach_instances;
mod ess_lifecycle_hooks;
mod ess_processes;
mod execute_policy;
mod families;
pub(crate) mod filters;
mod fleet;
mod instance_refreshes;
mod lattice_targets;
mod lifecycle_actions;
mod modify_listener;
mod modify_rule;
mod modify_target_group;
mod modify_target_group_attributes;
mod older_sources;
mod processes;
mod put_lifecycle_hook;
mod put_scaling_policy;
mod put_warm_pool;
mod register_targets;
mod registry;
mod remove_instances;
mod scaling_groups;
mod scheduled_actions;
mod set_desired_capacity;
mod set_instance_health;
mod set_instance_protection;
mod set_instances_protection;
mod set_subnets;
mod standby;
mod start_instance_refresh;
mod start_instances;
mod stop_instances;
mod terminate_instance_in_auto_scaling_group;
mod terminate_instances;
mod update_auto_scaling_group;
