//! Generators of small fleets and of timelines that the API layer would let through.
//!
//! A plan is plain numbers in milliseconds, so that a failing one shrinks and can be read, run
//! with another delay, or scaled. Times are multiples of half a second and requests of a tenth, so
//! that many things happen at the same instant.

use std::collections::BTreeMap;

use drainsim::engine::random::Streams;
use drainsim::engine::time::{SimDuration, SimTime};
use drainsim::model::assumption::{Assumptions, DrainOff, DrainWait, IpReregister, NodeChoice};
use drainsim::model::ess_rules::{EssRules, MultiAz};
use drainsim::model::ids::{LaunchTemplateId, ListenerId, TargetGroupId, ZoneId};
use drainsim::model::lb;
use drainsim::model::loss::Code;
use drainsim::model::settings::{
    ClientSettings, FleetSettings, GroupRules, GroupSettings, GroupSourceSettings,
    HealthCheckSettings, InstanceSettings, LaunchTemplateSettings, ListenerSettings,
    LoadBalancerSettings, Provider, ServiceTimes, ShutdownSettings, ShutdownThen, ShutdownWhen,
    TargetSettings, TargetType, WorkloadSettings,
};
use drainsim::model::source::AttachedVia;
use drainsim::model::weight::FULL_WEIGHT;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::commands::{Command, WEIGHTS, any_command};
use crate::fleet::{Lab, arrivals_at, at_ms, ms, one_of, target_group};

/// A fleet, its traffic and its timeline.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) alibaba: bool,
    /// Which of [`AWS_KINDS`].
    pub(crate) aws_kind: usize,
    /// Which kind of load balancer of Alibaba Cloud.
    pub(crate) alibaba_kind: usize,
    /// Whether targets have other weights than all the same.
    pub(crate) weighs: bool,
    pub(crate) zones: usize,
    /// Zones the balancer is enabled in, the first ones.
    pub(crate) balanced_zones: usize,
    pub(crate) targets: Vec<TargetPlan>,
    pub(crate) templates: Vec<TemplatePlan>,
    pub(crate) machines: Vec<MachinePlan>,
    pub(crate) groups: Vec<GroupPlan>,
    pub(crate) workloads: Vec<TrafficPlan>,
    pub(crate) rules: RulePlan,
    pub(crate) commands: Vec<(u64, Command)>,
    pub(crate) horizon: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct TargetPlan {
    pub(crate) delay_s: u64,
    pub(crate) drain_on: bool,
    pub(crate) algorithm: usize,
    pub(crate) slow_start_s: u64,
    pub(crate) cross_zone: bool,
    pub(crate) fail_open: (u32, u32),
    pub(crate) ip: bool,
    pub(crate) check: (u64, u32, u32),
}

#[derive(Debug, Clone)]
pub(crate) struct TemplatePlan {
    pub(crate) boot: u64,
    pub(crate) ready: u64,
    pub(crate) concurrency: Option<u32>,
    pub(crate) queue: Option<u32>,
    pub(crate) detach: bool,
    pub(crate) pre_stop: u64,
    pub(crate) then: usize,
    pub(crate) grace: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct MachinePlan {
    pub(crate) zone: usize,
    pub(crate) template: usize,
    /// Target group and port offset of each registration.
    pub(crate) targets: Vec<(usize, u16)>,
}

#[derive(Debug, Clone)]
pub(crate) struct GroupPlan {
    pub(crate) template: usize,
    pub(crate) min: u32,
    pub(crate) desired: u32,
    pub(crate) max: u32,
    pub(crate) sources: Vec<(usize, u16)>,
    pub(crate) elb: bool,
    pub(crate) grace: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct TrafficPlan {
    pub(crate) forward: Vec<(usize, u32)>,
    pub(crate) count: u64,
    pub(crate) gap: u64,
    pub(crate) short: u64,
    pub(crate) long: u64,
    pub(crate) timeout: Option<u64>,
    pub(crate) retries: u32,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub(crate) struct RulePlan {
    pub(crate) propagation: Vec<u64>,
    pub(crate) registration: Vec<u64>,
    pub(crate) launch: u64,
    pub(crate) terminate: u64,
    pub(crate) poll: u64,
    pub(crate) early: bool,
    pub(crate) rescues: bool,
    pub(crate) ip: usize,
    pub(crate) resets: bool,
    pub(crate) ess_waits: bool,
    pub(crate) off_cuts: bool,
    pub(crate) nodes_in_turn: bool,
}

/// Kinds of load balancers of AWS.
const AWS_KINDS: [&str; 2] = ["application", "network"];

/// Kinds of load balancers of Alibaba Cloud, with the schedulers that stand for [`ALGORITHMS`].
const ALIBABA_KINDS: [(&str, [&str; 3]); 4] = [
    ("alibaba:alb", ["Wrr", "Wlc", "Wrr"]),
    ("alibaba:nlb", ["rr", "Wlc", "tch"]),
    ("alibaba:gwlb", ["5TCH", "5TCH", "5TCH"]),
    ("alibaba:clb", ["wrr", "wlc", "rr"]),
];

const ALGORITHMS: [&str; 3] = [
    "round_robin",
    "least_outstanding_requests",
    "weighted_random",
];

impl Plan {
    /// The fleet with every duration `scale` times as long.
    pub(crate) fn settings(&self, scale: u64) -> FleetSettings {
        let provider = if self.alibaba {
            Provider::Alibaba
        } else {
            Provider::Aws
        };
        let kind = lb::kind(if self.alibaba {
            ALIBABA_KINDS[self.alibaba_kind].0
        } else {
            AWS_KINDS[self.aws_kind]
        });
        let kind = kind.unwrap();
        let is_timeout =
            |key: &&str| ["RequestTimeout", "idle_timeout.timeout_seconds"].contains(key);
        let timeout_key = kind
            .attributes()
            .iter()
            .map(|param| param.key)
            .find(is_timeout);
        let timeout = timeout_key.map(|key| (key.to_owned(), (60 * scale).to_string()));
        let timeout: BTreeMap<_, _> = timeout.into_iter().collect();
        let mut targets: Vec<_> = (0..self.targets.len())
            .map(|index| self.target_group(index, kind, provider, scale))
            .collect();
        let mut instances = Vec::new();
        for (index, machine) in self.machines.iter().enumerate() {
            let id = format!("i-aa{index:015x}");
            for &(group, offset) in &machine.targets {
                targets[group].targets.push(TargetSettings {
                    instance: index,
                    id: id.clone(),
                    port: 80 + offset,
                    weight: self.weight(kind, index),
                });
            }
            instances.push(InstanceSettings {
                name: format!("m{index}"),
                id,
                zone: ZoneId::from_index(machine.zone % self.zones),
                launch_template: LaunchTemplateId::from_index(machine.template),
            });
        }
        FleetSettings {
            seed: self.seed,
            start_unix_s: 1_767_225_600,
            warm_up: SimTime::ZERO,
            zones: ["a", "b", "c"][..self.zones]
                .iter()
                .map(|&zone| zone.to_owned())
                .collect(),
            load_balancers: vec![LoadBalancerSettings {
                name: "front".to_owned(),
                kind,
                zones: (0..self.balanced_zones).map(ZoneId::from_index).collect(),
                attributes: lb::Attributes::with_defaults(kind.attributes(), timeout),
                identifier: "loadbalancer/front".to_owned(),
            }],
            listeners: self.workloads.iter().map(TrafficPlan::listener).collect(),
            target_groups: targets,
            launch_templates: self.templates.iter().map(|t| t.settings(scale)).collect(),
            instances,
            groups: (0..self.groups.len())
                .map(|index| self.group(index, provider, scale))
                .collect(),
            workloads: (0..self.workloads.len())
                .map(|index| self.workload(index, scale))
                .collect(),
            assumptions: self.rules.assumptions(scale),
        }
    }

    /// The weight of the targets of a machine.
    fn weight(&self, kind: &dyn lb::Kind, machine: usize) -> u32 {
        if self.weighs && kind.has_weights() {
            WEIGHTS[machine % WEIGHTS.len()]
        } else {
            FULL_WEIGHT
        }
    }

    fn target_group(
        &self,
        index: usize,
        kind: &'static dyn lb::Kind,
        provider: Provider,
        scale: u64,
    ) -> drainsim::model::settings::TargetGroupSettings {
        let plan = &self.targets[index];
        let delay = (plan.delay_s * scale).to_string();
        let slow = (plan.slow_start_s * scale).to_string();
        let (count, percentage) = (plan.fail_open.0.to_string(), plan.fail_open.1.to_string());
        let on = |on| if on { "true" } else { "false" };
        let aws = [
            ("deregistration_delay.timeout_seconds", delay.as_str()),
            (
                "deregistration_delay.connection_termination.enabled",
                on(plan.drain_on),
            ),
            (
                "target_health_state.unhealthy.connection_termination.enabled",
                on(plan.cross_zone),
            ),
            ("load_balancing.algorithm.type", ALGORITHMS[plan.algorithm]),
            ("slow_start.duration_seconds", slow.as_str()),
            (
                "load_balancing.cross_zone.enabled",
                if plan.cross_zone { "true" } else { "false" },
            ),
            (
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
                count.as_str(),
            ),
            (
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
                percentage.as_str(),
            ),
        ];
        let alibaba = [
            (
                "ConnectionDrainEnabled",
                if plan.drain_on { "true" } else { "false" },
            ),
            ("ConnectionDrain", if plan.drain_on { "on" } else { "off" }),
            ("ConnectionDrainTimeout", delay.as_str()),
            (
                "Scheduler",
                ALIBABA_KINDS[self.alibaba_kind].1[plan.algorithm],
            ),
        ];
        let given: &[_] = if self.alibaba { &alibaba } else { &aws };
        let known = kind.target_group_attributes();
        let known = |key: &str| known.iter().any(|param| param.key == key);
        let given: Vec<_> = given
            .iter()
            .copied()
            // a group that nothing forwards to is taken for one of an Application Load Balancer
            .filter(|(key, _)| !self.alibaba || known(key))
            .collect();
        let mut group = target_group(&format!("tg{index}"), kind, provider, &given);
        let of_group = |group: &GroupPlan| group.sources.iter().any(|&(tg, _)| tg == index);
        if plan.ip && !self.groups.iter().any(of_group) {
            group.target_type = TargetType::Ip;
        }
        let (interval, healthy, unhealthy) = plan.check;
        group.health_check = HealthCheckSettings {
            interval: ms(interval * scale),
            timeout: ms(2_000 * scale),
            healthy_threshold: healthy,
            unhealthy_threshold: unhealthy,
        };
        group
    }

    fn group(&self, index: usize, provider: Provider, scale: u64) -> GroupSettings {
        let plan = &self.groups[index];
        GroupSettings {
            name: format!("asg{index}"),
            provider,
            identifier: format!("asg{index}"),
            min_size: plan.min,
            max_size: plan.max,
            desired_capacity: plan.desired,
            zones: (0..self.zones).map(ZoneId::from_index).collect(),
            launch_template: LaunchTemplateId::from_index(plan.template),
            sources: plan
                .sources
                .iter()
                .map(|&(group, offset)| GroupSourceSettings {
                    target_group: TargetGroupId::from_index(group),
                    port: 80 + offset,
                    weight: 100,
                    attached_via: AttachedVia::Unknown,
                })
                .collect(),
            elb_health_check: plan.elb,
            health_check_grace_period: ms(plan.grace * scale),
            rules: GroupRules {
                ess: EssRules {
                    multi_az: if plan.elb {
                        MultiAz::Balance
                    } else {
                        MultiAz::Priority
                    },
                    recycles: !plan.max.is_multiple_of(2),
                    ..EssRules::default()
                },
                ..GroupRules::default()
            },
            hooks: Vec::new(),
            instance_ids: Vec::new(),
        }
    }

    fn workload(&self, index: usize, scale: u64) -> WorkloadSettings {
        let plan = &self.workloads[index];
        let (times, services) = plan.trace(self.seed, index, scale);
        WorkloadSettings {
            name: format!("load{index}"),
            listener: ListenerId::from_index(index),
            arrivals: arrivals_at(times),
            service: ServiceTimes::Trace(services.into()),
            client: ClientSettings {
                timeout: plan.timeout.map(|timeout| ms(timeout * scale)),
                retries: plan.retries,
            },
        }
    }

    /// A laboratory with this fleet.
    pub(crate) fn lab(&self, check_everything: bool) -> Lab {
        Lab::new(self.settings(1), check_everything)
    }

    /// Runs the timeline; `look` sees the laboratory after every event.
    pub(crate) fn run(&self, look: impl FnMut(&Lab)) -> Lab {
        self.run_in(self.lab(true), 1, look)
    }

    /// Runs the timeline without looking.
    pub(crate) fn run_fast(&self) -> Lab {
        let mut lab = self.lab(false);
        for (at, command) in &self.commands {
            lab.run_to(at_ms(*at));
            command.make(&mut lab, 1);
        }
        lab.run_to(at_ms(self.horizon));
        lab
    }

    /// Runs the timeline, scaled, in a laboratory of the caller.
    pub(crate) fn run_in(&self, mut lab: Lab, scale: u64, mut look: impl FnMut(&Lab)) -> Lab {
        for (at, command) in &self.commands {
            lab.step_to(at_ms(at * scale), &mut look);
            command.make(&mut lab, scale);
            look(&lab);
        }
        lab.step_to(at_ms(self.horizon * scale), &mut look);
        lab
    }

    /// A time by which everything begun before the horizon is over: what waits for a drain, a
    /// boot, a health verdict or a response ends within an hour.
    pub(crate) fn end_of_everything(&self) -> SimTime {
        at_ms(self.horizon + 2 * 3_600_000)
    }
}

impl TemplatePlan {
    fn settings(&self, scale: u64) -> LaunchTemplateSettings {
        LaunchTemplateSettings {
            name: "template".to_owned(),
            boot: one_of(&[self.boot], scale),
            ready: one_of(&[self.ready], scale),
            concurrency: self.concurrency,
            queue: self.queue,
            shutdown: ShutdownSettings {
                when: if self.detach {
                    ShutdownWhen::Detach
                } else {
                    ShutdownWhen::Terminate
                },
                pre_stop: ms(self.pre_stop * scale),
                then: [
                    ShutdownThen::Finish,
                    ShutdownThen::Exit,
                    ShutdownThen::Ignore,
                ][self.then],
                grace: ms(self.grace * scale),
            },
        }
    }
}

impl TrafficPlan {
    fn listener(&self) -> ListenerSettings {
        let forward = self
            .forward
            .iter()
            .map(|&(group, weight)| (TargetGroupId::from_index(group), weight));
        ListenerSettings {
            name: "http".to_owned(),
            load_balancer: 0,
            identifier: "listener/http".to_owned(),
            rule: None,
            forward: forward.collect(),
        }
    }

    /// Arrivals and services, drawn in tenths of a second.
    fn trace(&self, seed: u64, index: usize, scale: u64) -> (Vec<SimTime>, Vec<SimDuration>) {
        let mut stream = Streams::new(seed).stream("test traffic", &[index as u64]);
        let mut now = 0;
        let mut draw = || {
            now += stream.below(2 * self.gap + 1) * 100;
            let most = if stream.below(8) == 0 {
                self.long
            } else {
                self.short
            };
            let service = (stream.below(most) + 1) * 100;
            (at_ms(now * scale), ms(service * scale))
        };
        (0..self.count).map(|_| draw()).unzip()
    }
}

impl RulePlan {
    fn assumptions(&self, scale: u64) -> Assumptions {
        Assumptions {
            propagation_alb: one_of(&self.propagation, scale),
            propagation_nlb: one_of(&self.propagation, scale),
            unhealthy_nlb: one_of(&self.propagation, scale),
            nlb_termination_slack: ms(5_000 * scale),
            propagation_alibaba_alb: one_of(&self.propagation, scale),
            propagation_alibaba_nlb: one_of(&self.propagation, scale),
            propagation_alibaba_gwlb: one_of(&self.propagation, scale),
            propagation_alibaba_clb: one_of(&self.propagation, scale),
            registration_alb: one_of(&self.registration, scale),
            registration_nlb: one_of(&self.registration, scale),
            forwarding_nlb: one_of(&self.registration, scale),
            registration_alibaba_alb: one_of(&self.registration, scale),
            registration_alibaba_nlb: one_of(&self.registration, scale),
            registration_alibaba_gwlb: one_of(&self.registration, scale),
            registration_alibaba_clb: one_of(&self.registration, scale),
            drain_wait: if self.early {
                DrainWait::Early
            } else {
                DrainWait::DisplayedState
            },
            health_poll: ms(self.poll * scale),
            replacement_launch_delay: one_of(&[self.launch], scale),
            ec2_boot: one_of(&[35_000], scale),
            ec2_terminate: one_of(&[self.terminate], scale),
            ec2_stop: one_of(&[self.terminate], scale),
            reregister_cancels_drain: self.rescues,
            ip_reregister: [
                IpReregister::Queue,
                IpReregister::Accept,
                IpReregister::Reject,
            ][self.ip],
            redereg_resets: self.resets,
            ess_waits_for_drain: self.ess_waits,
            ess_client_token_ttl: ms(1_000),
            alibaba_alb_cut_status: Code::C500,
            alibaba_alb_drain_off: if self.off_cuts {
                DrainOff::Cut
            } else {
                DrainOff::Finish
            },
            alibaba_gwlb_cuts: self.off_cuts,
            node_choice: if self.nodes_in_turn {
                NodeChoice::RoundRobin
            } else {
                NodeChoice::Random
            },
            az_rebalance_poll: ms(self.poll * scale),
            ..Assumptions::default()
        }
    }
}

/// What a plan may contain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Loose machines and target groups only, nothing that looks at the state of a target.
    pub(crate) plain: bool,
}

prop_compose! {
    fn target_plan(plain: bool)(
        delay_s in prop_oneof![Just(0), 1_u64..8, 8_u64..60],
        drain_on in any::<bool>(),
        algorithm in 0_usize..3,
        slow in any::<bool>(),
        cross_zone in prop::bool::weighted(0.8),
        fail_open in (1_u32..4, prop_oneof![Just(0_u32), 1_u32..=100]),
        ip in prop::bool::weighted(0.15),
        check in (2_u64..8, 2_u32..4, 2_u32..4),
    ) -> TargetPlan {
        TargetPlan {
            delay_s,
            drain_on,
            algorithm: if plain && algorithm == 1 { 0 } else { algorithm },
            slow_start_s: if slow && algorithm == 0 && !plain { 30 } else { 0 },
            cross_zone,
            fail_open: if plain { (1, 0) } else { fail_open },
            ip: ip && !plain,
            check: (check.0 * 1_000, check.1, check.2),
        }
    }
}

prop_compose! {
    fn template_plan(plain: bool)(
        boot in 0_u64..40,
        ready in 0_u64..20,
        concurrency in prop::option::of(1_u32..6),
        queue in prop::option::of(0_u32..6),
        detach in any::<bool>(),
        pre_stop in prop_oneof![Just(0_u64), 1_u64..40],
        then in 0_usize..3,
        grace in 0_u64..60,
    ) -> TemplatePlan {
        TemplatePlan {
            boot: boot * 500,
            ready: ready * 500,
            concurrency: if plain { None } else { concurrency },
            queue: if plain { None } else { queue },
            detach,
            pre_stop: pre_stop * 500,
            then,
            grace: grace * 500,
        }
    }
}

fn machine_plan(targets: usize) -> impl Strategy<Value = MachinePlan> {
    let registrations: Vec<(usize, u16)> = (0..targets).flat_map(|tg| [(tg, 0), (tg, 1)]).collect();
    let most = registrations.len();
    (0_usize..3, 0_usize..2, subsequence(registrations, 0..=most)).prop_map(
        |(zone, template, targets)| MachinePlan {
            zone,
            template,
            targets,
        },
    )
}

fn group_plan(targets: usize) -> impl Strategy<Value = GroupPlan> {
    let sources: Vec<(usize, u16)> = (0..targets).flat_map(|tg| [(tg, 0), (tg, 2)]).collect();
    let most = sources.len();
    (
        0_usize..2,
        0_u32..3,
        1_u32..6,
        0_u32..4,
        subsequence(sources, 0..=most),
        any::<bool>(),
        0_u64..30,
    )
        .prop_map(
            |(template, min, more, room, sources, elb, grace)| GroupPlan {
                template,
                min,
                desired: min + more,
                max: min + more + room,
                sources,
                elb,
                grace: grace * 500,
            },
        )
}

fn traffic_plan(targets: usize, plain: bool) -> impl Strategy<Value = TrafficPlan> {
    let all: Vec<usize> = (0..targets).collect();
    (
        subsequence(all, 1..=targets),
        vec(1_u32..4, targets),
        0_u64..250,
        0_u64..6,
        1_u64..20,
        1_u64..700,
        prop::option::weighted(0.3, 1_u64..80),
        0_u32..4,
    )
        .prop_map(
            move |(groups, weights, count, gap, short, long, timeout, retries)| TrafficPlan {
                forward: groups.into_iter().zip(weights).collect(),
                count,
                gap,
                short,
                long,
                timeout: timeout.map(|timeout| timeout * 500),
                retries: if plain { 0 } else { retries },
            },
        )
}

fn lags() -> impl Strategy<Value = Vec<u64>> {
    prop_oneof![
        Just(vec![0]),
        (1_u64..24).prop_map(|lag| vec![lag * 500]),
        vec((0_u64..24).prop_map(|lag| lag * 500), 2..4),
    ]
}

prop_compose! {
    fn rule_plan()(
        propagation in lags(),
        registration in lags(),
        launch in 0_u64..10,
        terminate in 0_u64..40,
        poll in 2_u64..60,
        early in any::<bool>(),
        rescues in any::<bool>(),
        ip in 0_usize..3,
        resets in prop::bool::weighted(0.2),
        ess_waits in any::<bool>(),
        off_cuts in any::<bool>(),
        nodes_in_turn in any::<bool>(),
    ) -> RulePlan {
        RulePlan {
            propagation,
            registration,
            launch: launch * 500,
            terminate: terminate * 500,
            poll: poll * 500,
            early,
            rescues,
            ip,
            resets,
            ess_waits,
            off_cuts,
            nodes_in_turn,
        }
    }
}

/// Times in half seconds within `span_s`, many of them equal.
fn times(span_s: u64) -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => (0..2 * span_s).prop_map(|half| half * 500),
        1 => (0..span_s / 10).prop_map(|ten| ten * 10_000),
    ]
}

fn fleet(shape: Shape) -> impl Strategy<Value = Plan> {
    let plain = shape.plain;
    (1_usize..4, vec(target_plan(plain), 1..4), 0_u32..4).prop_flat_map(
        move |(zones, targets, share)| {
            let count = targets.len();
            let groups = if plain { 0..=0 } else { 0..=2 };
            (
                (
                    any::<u64>(),
                    prop::bool::weighted(0.35),
                    1..=zones,
                    0..ALIBABA_KINDS.len(),
                    0..AWS_KINDS.len(),
                ),
                vec(template_plan(plain), 2),
                vec(machine_plan(count), 0..=4),
                vec(group_plan(count), groups),
                vec(traffic_plan(count, plain), 1..=2),
                rule_plan(),
            )
                .prop_map(
                    move |(head, templates, machines, groups, workloads, rules)| Plan {
                        seed: head.0,
                        alibaba: head.1 && share > 0,
                        aws_kind: head.4,
                        alibaba_kind: head.3,
                        weighs: head.0.is_multiple_of(2),
                        zones,
                        balanced_zones: head.2,
                        targets: targets.clone(),
                        templates,
                        machines,
                        groups,
                        workloads,
                        rules,
                        commands: Vec::new(),
                        horizon: 120_000,
                    },
                )
        },
    )
}

/// Any fleet with any timeline.
pub(crate) fn any_plan() -> impl Strategy<Value = Plan> {
    let commands = vec((times(110), any_command()), 0..=12);
    (fleet(Shape { plain: false }), commands).prop_map(|(mut plan, mut commands)| {
        commands.sort_by_key(|(at, _)| *at);
        plan.commands = commands;
        plan
    })
}

/// Loose machines that are only deregistered, under routing that looks at no state.
pub(crate) fn plain_plan() -> impl Strategy<Value = Plan> {
    let deregister = any::<u8>().prop_map(Command::DeregisterStanding);
    let commands = vec((times(60), deregister), 1..=8);
    (fleet(Shape { plain: true }), commands).prop_map(|(mut plan, mut commands)| {
        commands.sort_by_key(|(at, _)| *at);
        plan.commands = commands;
        plan.rules.resets = false;
        plan
    })
}

/// Any fleet under light traffic, for calls of a generator of their own.
pub(crate) fn calls_plan() -> impl Strategy<Value = Plan> {
    fleet(Shape { plain: false }).prop_map(|mut plan| {
        for workload in &mut plan.workloads {
            workload.count = workload.count.min(60);
            workload.gap += 2;
        }
        if plan.groups.is_empty() {
            plan.groups.push(GroupPlan {
                template: 0,
                min: 1,
                desired: 3,
                max: 5,
                sources: vec![(0, 0)],
                elb: false,
                grace: 0,
            });
        }
        plan
    })
}
