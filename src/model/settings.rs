//! The validated settings of a run: everything the model needs, as plain data.
//!
//! The scenario layer builds these from a file, tests build them by hand. All references are
//! indices that exist; all numbers are in range. This module must never read a file or know a
//! format.

use std::sync::Arc;

use super::assumption::Assumptions;
use super::ess_rules::EssRules;
use super::hook::Hook;
use super::ids::{LaunchTemplateId, ListenerId, TargetGroupId, ZoneId};
use super::lb::{Attributes, Kind};
use super::maintenance::MaintenancePolicy;
use super::source::AttachedVia;
use super::tag::Tag;
use super::termination_policy::TerminationPolicy;
use super::warm_pool::WarmPool;
use crate::engine::time::{SimDuration, SimTime};
use crate::workload::arrivals::ArrivalProcess;
use crate::workload::dist::Sampler;

/// Whose cloud an entity lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Alibaba Cloud.
    Alibaba,
}

/// A whole fleet with its traffic.
#[derive(Debug, Clone)]
pub struct FleetSettings {
    /// The seed of every random stream.
    pub seed: u64,
    /// What the virtual clock shows at 0 s \[Unix seconds\].
    pub start_unix_s: i64,
    /// Requests that arrive earlier are left out of tallies \[ns\].
    pub warm_up: SimTime,
    /// Names of the Availability Zones; [`ZoneId`] points here.
    pub zones: Vec<String>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancerSettings>,
    /// Listeners of all load balancers and their rules; [`ListenerId`] points here.
    pub listeners: Vec<ListenerSettings>,
    /// Target groups and server groups.
    pub target_groups: Vec<TargetGroupSettings>,
    /// Launch templates.
    pub launch_templates: Vec<LaunchTemplateSettings>,
    /// Machines outside groups, those listed under `targets` included.
    pub instances: Vec<InstanceSettings>,
    /// Auto Scaling groups and scaling groups.
    pub groups: Vec<GroupSettings>,
    /// Workloads.
    pub workloads: Vec<WorkloadSettings>,
    /// What no cloud documents.
    pub assumptions: Assumptions,
}

/// A load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancerSettings {
    /// Name in the file.
    pub name: String,
    /// Application Load Balancer, ...
    pub kind: &'static dyn Kind,
    /// Enabled zones, one node each. Not empty.
    pub zones: Vec<ZoneId>,
    /// Attributes by the cloud's keys, defaults filled in.
    pub attributes: Attributes,
    /// Full ARN on AWS, `alb-...` on Alibaba Cloud.
    pub identifier: String,
}

/// A listener with its default action, or one of a listener's rules.
#[derive(Debug, Clone)]
pub struct ListenerSettings {
    /// Name in the file.
    pub name: String,
    /// Position of its load balancer in [`FleetSettings::load_balancers`].
    pub load_balancer: usize,
    /// Full ARN of the listener or the rule on AWS, `lsn-...` or `rule-...` on Alibaba Cloud.
    pub identifier: String,
    /// What makes it a rule.
    pub rule: Option<RuleSettings>,
    /// Where it forwards, with weights 0..=999. Not empty.
    pub forward: Vec<(TargetGroupId, u32)>,
}

/// What a rule is besides where it forwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSettings {
    /// Its listener.
    pub listener: ListenerId,
    /// Its place among the rules of the listener \[1..=50000\].
    pub priority: u32,
}

/// What a target's id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetType {
    /// An instance id.
    Instance,
    /// An IP address.
    Ip,
    /// The ARN of a function; there are none to register.
    Lambda,
    /// The ARN of an Application Load Balancer; none can be registered.
    Alb,
}

/// A target group, or a server group on Alibaba Cloud.
#[derive(Debug, Clone)]
pub struct TargetGroupSettings {
    /// Name in the file.
    pub name: String,
    /// Whose cloud.
    pub provider: Provider,
    /// Protocol, as in the API: `HTTP`, `HTTPS`, ...
    pub protocol: String,
    /// Default port \[1..=65535\].
    pub port: u16,
    /// What ids are.
    pub target_type: TargetType,
    /// Full ARN on AWS, server group id (`sgp-...`) on Alibaba Cloud.
    pub identifier: String,
    /// Attributes by the cloud's keys, defaults filled in.
    pub attributes: Attributes,
    /// Health checks.
    pub health_check: HealthCheckSettings,
    /// Targets registered by hand before 0 s.
    pub targets: Vec<TargetSettings>,
}

/// A target registered by hand before 0 s.
#[derive(Debug, Clone)]
pub struct TargetSettings {
    /// Position in [`FleetSettings::instances`] of the machine behind it.
    pub instance: usize,
    /// The id under which it is registered: an instance id or an IP address.
    pub id: String,
    /// Port; the group's default port when no override was given.
    pub port: u16,
    /// Weight \[0..=100\]; 100 on AWS.
    pub weight: u32,
}

/// Health check settings of a target group. Source: R-HEALTH-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthCheckSettings {
    /// Time between checks of one target.
    pub interval: SimDuration,
    /// Time after which a check without an answer has failed.
    pub timeout: SimDuration,
    /// Successes that make an unhealthy target healthy \[2..=10\].
    pub healthy_threshold: u32,
    /// Failures that make a healthy target unhealthy \[2..=10\].
    pub unhealthy_threshold: u32,
}

/// When a machine's process is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownWhen {
    /// When its instance is terminated.
    Terminate,
    /// When its instance is detached from its group, and when terminated.
    Detach,
}

/// What a process does once its `pre_stop` is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownThen {
    /// Refuses new requests, finishes the ones it has, exits.
    Finish,
    /// Exits at once.
    Exit,
    /// Goes on serving until it is killed.
    Ignore,
}

/// How a process stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShutdownSettings {
    /// What starts it.
    pub when: ShutdownWhen,
    /// Time it goes on serving after the signal.
    pub pre_stop: SimDuration,
    /// What it does then.
    pub then: ShutdownThen,
    /// Time after the signal at which it is killed.
    pub grace: SimDuration,
}

/// How a machine behaves.
#[derive(Debug, Clone)]
pub struct LaunchTemplateSettings {
    /// Name in the file.
    pub name: String,
    /// Pending until running.
    pub boot: Sampler,
    /// Running until the process answers.
    pub ready: Sampler,
    /// Requests served at once; `None` is unlimited.
    pub concurrency: Option<u32>,
    /// Requests that may wait behind those; `None` is unlimited.
    pub queue: Option<u32>,
    /// How it stops.
    pub shutdown: ShutdownSettings,
}

/// A machine outside groups that runs at 0 s.
#[derive(Debug, Clone)]
pub struct InstanceSettings {
    /// Name in the file, empty for one listed only as a target.
    pub name: String,
    /// Id: the cloud's form, or an IP address for a target of type `ip`.
    pub id: String,
    /// Where it runs.
    pub zone: ZoneId,
    /// How it behaves.
    pub launch_template: LaunchTemplateId,
}

/// A target group attached to a group before 0 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupSourceSettings {
    /// The target group or server group.
    pub target_group: TargetGroupId,
    /// Port instances are registered on.
    pub port: u16,
    /// Weight \[0..=100\]; 100 on AWS.
    pub weight: u32,
    /// Which calls attached it.
    pub attached_via: AttachedVia,
}

/// An Auto Scaling group or scaling group.
#[derive(Debug, Clone)]
pub struct GroupSettings {
    /// Name in the file; on AWS also the `AutoScalingGroupName`.
    pub name: String,
    /// Whose cloud.
    pub provider: Provider,
    /// `asg-...` on Alibaba Cloud; the name on AWS.
    pub identifier: String,
    /// Smallest size.
    pub min_size: u32,
    /// Largest size.
    pub max_size: u32,
    /// Wanted size; as many instances are `InService` at 0 s.
    pub desired_capacity: u32,
    /// Zones instances are spread over. Not empty.
    pub zones: Vec<ZoneId>,
    /// What is launched.
    pub launch_template: LaunchTemplateId,
    /// Traffic sources, `InService` at 0 s.
    pub sources: Vec<GroupSourceSettings>,
    /// Whether a failed ELB health check makes the group replace an instance.
    pub elb_health_check: bool,
    /// Time after `InService` in which ELB health checks do not count.
    pub health_check_grace_period: SimDuration,
    /// Ids of the first instances, in launch order; the rest are drawn from the seed.
    pub instance_ids: Vec<String>,
    /// What it is told beyond that.
    pub rules: GroupRules,
    /// Lifecycle hooks.
    pub hooks: Vec<Hook>,
}

/// What an Auto Scaling group is told about itself beyond its sizes. The defaults are the API's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRules {
    /// Time after a simple scaling activity in which no other begins \[s, default 300\].
    pub default_cooldown: SimDuration,
    /// Time after `InService` until an instance counts as warm; unset, other times stand in.
    pub default_instance_warmup: Option<SimDuration>,
    /// What a scale-in takes first, in order. Not empty.
    pub termination_policies: Vec<TerminationPolicy>,
    /// Whether new members are protected from scale-in.
    pub new_instances_protected: bool,
    /// How far replacing may take it from its desired capacity.
    pub maintenance: Option<MaintenancePolicy>,
    /// Whether an instance whose termination hook is abandoned is kept.
    pub retain_on_abandon: bool,
    /// Whether failed checks of VPC Lattice replace instances.
    pub lattice_health_check: bool,
    /// The version of its launch template as it was given: kept and shown, there is one only.
    pub launch_template_version: Option<String>,
    /// The health checks as they were given.
    pub health_check_type: String,
    /// What of deleting it is refused.
    pub deletion_protection: DeletionProtection,
    /// How old an instance may become: kept and shown, none is replaced for it.
    pub max_instance_lifetime: Option<SimDuration>,
    /// Its warm pool.
    pub warm_pool: Option<WarmPool>,
    /// Its tags, which change nothing.
    pub tags: Vec<Tag>,
    /// What only a scaling group of Alibaba Cloud is told.
    pub ess: EssRules,
}

/// What of deleting a group is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionProtection {
    /// Nothing.
    None,
    /// Deleting it together with its instances.
    Forced,
    /// All of it.
    All,
}

impl Default for GroupRules {
    fn default() -> Self {
        Self {
            default_cooldown: SimDuration::from_secs(300),
            default_instance_warmup: None,
            termination_policies: vec![TerminationPolicy::Default],
            new_instances_protected: false,
            maintenance: None,
            retain_on_abandon: false,
            lattice_health_check: false,
            launch_template_version: None,
            health_check_type: "EC2".to_owned(),
            deletion_protection: DeletionProtection::None,
            max_instance_lifetime: None,
            warm_pool: None,
            tags: Vec::new(),
            ess: EssRules::default(),
        }
    }
}

/// What a client does about slow or lost attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientSettings {
    /// Time after which it gives up on an attempt; `None` waits for ever.
    pub timeout: Option<SimDuration>,
    /// Further attempts after a lost one.
    pub retries: u32,
}

/// A stream of requests to a listener.
#[derive(Debug, Clone)]
pub struct WorkloadSettings {
    /// Name in the file.
    pub name: String,
    /// The listener or the rule its requests come to.
    pub listener: ListenerId,
    /// When they arrive.
    pub arrivals: ArrivalProcess,
    /// How long each takes.
    pub service: ServiceTimes,
    /// What the client does.
    pub client: ClientSettings,
}

/// Where service times come from.
#[derive(Debug, Clone)]
pub enum ServiceTimes {
    /// Drawn.
    Distribution(Sampler),
    /// One for each arrival of a trace, in order. Later attempts use the same one.
    Trace(Arc<[SimDuration]>),
}
