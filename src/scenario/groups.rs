//! The section `groups`: Auto Scaling groups and scaling groups.

use std::collections::BTreeSet;

use super::context::{Context, Thing};
use super::fleet::{self, Draft};
use super::section::{DURATION, NAME, ZONES, count, default, optional, required};
use super::shape::{self, Fields};
use super::tree::{Key, Node, Value};
use super::{codes, group_rules, instances, load_balancers, ports, target_groups};
use crate::describe::{Kind, Param};
use crate::model::ess_rules::{MultiAz, RECLAIM};
use crate::model::ids::{LaunchTemplateId, TargetGroupId};
use crate::model::lb::{self, Family};
use crate::model::removal_policy::RemovalPolicy;
use crate::model::settings::{GroupSettings, GroupSourceSettings, Provider};
use crate::model::source::AttachedVia;
use crate::model::weight::FULL_WEIGHT;

/// The keys of a group.
pub(super) const PARAMS: &[Param] = &[
    default(
        "provider",
        Kind::OneOf(&["aws", "alibaba"]),
        "aws",
        "whose cloud it is",
    ),
    optional(
        "id",
        NAME,
        "its id on Alibaba Cloud; generated from its name if left out",
    ),
    required("min_size", count(0), "smallest size"),
    required("max_size", count(0), "largest size"),
    optional(
        "desired_capacity",
        count(0),
        "wanted size, InService at 0 s; `min_size` if left out",
    ),
    required("zones", ZONES, "zones instances are spread over"),
    required("launch_template", NAME, "what is launched"),
    optional(
        "traffic_sources",
        Kind::List {
            of: &Kind::Any,
            min: 0,
            max: 50,
        },
        "target groups or server groups, InService at 0 s",
    ),
    optional(
        "health_check_type",
        Kind::List {
            of: &Kind::OneOf(&["EC2", "EBS", "ELB", "VPC_LATTICE", "ECS", "NONE"]),
            min: 0,
            max: 4,
        },
        "health checks that make it replace an instance; [EC2] if left out, EBS has no effect; on \
         Alibaba Cloud [ECS] or [NONE], the former if left out",
    ),
    default(
        "health_check_grace_period",
        DURATION,
        "0s",
        "time after InService in which ELB health checks do not count",
    ),
    optional(
        "instances",
        Kind::List {
            of: &Kind::Struct(INSTANCE),
            min: 0,
            max: 200_000,
        },
        "ids of the first instances; the rest are generated from the seed",
    ),
    optional(
        "lifecycle_hooks",
        Kind::List {
            of: &Kind::Struct(group_rules::HOOK),
            min: 0,
            max: 50,
        },
        "lifecycle hooks; on Alibaba Cloud `launching` means SCALE_OUT, `terminating` SCALE_IN",
    ),
    default(
        "default_cooldown",
        DURATION,
        "300s",
        "time after a simple scaling activity in which no other begins (AWS)",
    ),
    optional(
        "default_instance_warmup",
        DURATION,
        "time after InService until an instance counts as warm (AWS)",
    ),
    optional(
        "termination_policies",
        Kind::List {
            of: &NAME,
            min: 1,
            max: 10,
        },
        "what a scale-in takes first; [Default] if left out (AWS)",
    ),
    default(
        "multi_az_policy",
        Kind::OneOf(&MultiAz::NAMES),
        "PRIORITY",
        "which of its zones it uses: the first with machines, or all evenly; COST_OPTIMIZED is as \
         PRIORITY (Alibaba Cloud)",
    ),
    optional(
        "removal_policies",
        Kind::List {
            of: &Kind::OneOf(&RemovalPolicy::NAMES),
            min: 1,
            max: 2,
        },
        "what a scale-in takes first; [OldestScalingConfiguration, OldestInstance] if left out \
         (Alibaba Cloud)",
    ),
    default(
        "scaling_policy",
        Kind::OneOf(&RECLAIM),
        "release",
        "what becomes of instances that scaling in removes; recycled ones are stopped, and started \
         by a later scale-out (Alibaba Cloud)",
    ),
    default(
        "new_instances_protected_from_scale_in",
        Kind::Boolean,
        "false",
        "whether no scale-in takes its instances (AWS)",
    ),
    optional(
        "instance_maintenance_policy",
        Kind::Struct(group_rules::MAINTENANCE),
        "how far replacing instances may take it from its desired capacity (AWS)",
    ),
    default(
        "terminate_hook_abandon",
        Kind::OneOf(&["terminate", "retain"]),
        "terminate",
        "what becomes of an instance whose termination hook is abandoned (AWS)",
    ),
    optional(
        "warm_pool",
        Kind::Struct(group_rules::WARM_POOL),
        "prepared instances beside it, as many as it is to have at 0 s (AWS)",
    ),
];

const INSTANCE: &[Param] = &[required("id", NAME, "an instance id")];

/// The keys of a traffic source that is not a bare name.
pub(super) const SOURCE: &[Param] = &[
    required(
        "server_group",
        NAME,
        "the server group or target group; a load balancer of type `alibaba:clb` is its default server \
         group",
    ),
    optional(
        "port",
        Kind::Integer {
            min: 1,
            max: 65_535,
        },
        "port instances are registered on; the server group's if left out",
    ),
    optional(
        "type",
        Kind::OneOf(&["ALB", "NLB", "GWLB"]),
        "type of server group",
    ),
    optional(
        "weight",
        Kind::Integer { min: 0, max: 100 },
        "weight instances are registered with; if left out 50 behind `alibaba:clb`, elsewhere 100",
    ),
    optional(
        "attached_via",
        Kind::OneOf(&["traffic_sources", "load_balancers"]),
        "which calls attached it: the older ones on load balancers see only what they attached; \
         both see it if left out (AWS)",
    ),
];

/// Reads one group.
pub(super) fn read(cx: &mut Context, draft: &mut Draft, key: &Key, node: &Node) {
    let fields = Fields::new(node, key.span, PARAMS);
    let provider = match fields.text("provider") {
        Some("alibaba") => Provider::Alibaba,
        _ => Provider::Aws,
    };
    let (min_size, max_size, desired_capacity) = sizes(cx, &fields);
    let zones = load_balancers::zones(cx, draft, &fields);
    let template = fields
        .node("launch_template")
        .and_then(|node| cx.find(node, Thing::LaunchTemplate))
        .unwrap_or_default();
    draft.use_template(template);
    group_rules::refuse(cx, &fields, provider);
    group_rules::refuse_checks(cx, &fields, provider);
    let sources = sources(cx, draft, &fields, provider);
    let settings = GroupSettings {
        name: key.name.clone(),
        provider,
        identifier: identifier(cx, &fields, &key.name, provider),
        min_size,
        max_size,
        desired_capacity,
        zones,
        launch_template: LaunchTemplateId::from_index(template),
        sources,
        elb_health_check: group_rules::has_check(&fields, "ELB"),
        health_check_grace_period: fields
            .duration("health_check_grace_period")
            .unwrap_or_default(),
        rules: group_rules::rules(cx, &fields),
        hooks: group_rules::hooks(cx, &fields, &key.name, provider),
        instance_ids: instance_ids(cx, &fields, provider, desired_capacity),
    };
    draft.groups.push(settings);
}

fn sizes(cx: &mut Context, fields: &Fields<'_>) -> (u32, u32, u32) {
    let min = fields.integer("min_size");
    let max = fields.integer("max_size");
    let desired = fields.integer("desired_capacity").or(min);
    let (Some(min), Some(max), Some(desired)) = (min, max, desired) else {
        return (0, 0, 0);
    };
    if min > max {
        cx.report(
            &codes::CONFLICT,
            fields.span("min_size"),
            format!("`min_size` ({min}) is larger than `max_size` ({max})"),
        )
        .help("raise `max_size` or lower `min_size`");
    } else if !(min..=max).contains(&desired) {
        let message = format!(
            "`desired_capacity` ({desired}) is outside `min_size` ({min}) and `max_size` ({max})"
        );
        cx.report(&codes::CONFLICT, fields.span("desired_capacity"), message)
            .help(format!(
                "write a number from {min} to {max}, or change the bounds"
            ));
    }
    (min, max, desired)
}

fn identifier(cx: &mut Context, fields: &Fields<'_>, name: &str, provider: Provider) -> String {
    let given = fields
        .node("id")
        .and_then(|node| Some((node, node.text()?)));
    match (provider, given) {
        (Provider::Aws, None) => name.to_owned(),
        (Provider::Aws, Some(_)) => {
            cx.report(
                &codes::CONFLICT,
                fields.span("id"),
                "an Auto Scaling group of AWS is identified by its name",
            )
            .help("remove `id`, or write `provider: alibaba`");
            name.to_owned()
        }
        (Provider::Alibaba, None) => fleet::generated_alibaba_id(cx.seed, "asg-", name, 20),
        (Provider::Alibaba, Some((node, id))) => {
            if !target_groups::is_alibaba_id(id, "asg-") {
                let message = format!("`{id}` is not the id of a scaling group");
                cx.report(&codes::BAD_ID, node.span, message)
                    .help("write it as in `asg-bp18p2yfxow2dloqabcd`, or leave it out");
            }
            cx.take_id(id, node.span);
            id.to_owned()
        }
    }
}

fn sources(
    cx: &mut Context,
    draft: &Draft,
    fields: &Fields<'_>,
    provider: Provider,
) -> Vec<GroupSourceSettings> {
    let mut sources = Vec::new();
    let mut seen = BTreeSet::new();
    for item in fields.items("traffic_sources") {
        let (node, port, weight, via) = match &item.value {
            Value::Map(_) => {
                shape::check_struct(cx, item, "traffic_sources", item.span, SOURCE, &[]);
                let source = Fields::new(item, item.span, SOURCE);
                let Some(node) = source.node("server_group") else {
                    continue;
                };
                let via = attached_via(cx, &source, provider);
                if provider == Provider::Aws && source.node("weight").is_some() {
                    let message = "traffic sources of AWS have no weight";
                    cx.report(&codes::CONFLICT, source.span("weight"), message)
                        .help("remove `weight`; listeners and rules weigh target groups");
                }
                (node, source.integer("port"), source.integer("weight"), via)
            }
            Value::Text(_) | Value::Integer(..) | Value::Float(..) | Value::Bool(_) => {
                (item, None, None, AttachedVia::Unknown)
            }
            Value::Null | Value::List(_) => {
                let wanted = "a name, or a map with `server_group`";
                shape::wrong_kind(cx, item, "traffic_sources", wanted);
                continue;
            }
        };
        let Some(index) = cx.find(node, Thing::TargetGroup) else {
            continue;
        };
        let Some(group) = draft.target_groups.get(index) else {
            continue;
        };
        if group.provider != provider {
            let message = format!("`{}` is of another cloud than this group", group.name);
            cx.report(&codes::OTHER_CLOUD, node.span, message)
                .help("set `provider` of the group to the cloud of its traffic sources");
        }
        if let Some(kind) = draft.kind_behind(index) {
            check_type(cx, item, &group.name, kind);
            ports::check(cx, [item], kind);
        }
        let port = port.and_then(|port| u16::try_from(port).ok());
        let port = port.unwrap_or(group.port);
        if !seen.insert((index, port)) {
            let message = format!("`{}` is listed twice on port {port}", group.name);
            cx.report(&codes::CONFLICT, node.span, message)
                .help("list each traffic source once");
        }
        sources.push(GroupSourceSettings {
            target_group: TargetGroupId::from_index(index),
            port,
            weight: weight.unwrap_or_else(|| usual_weight(draft, index)),
            attached_via: via,
        });
    }
    sources
}

/// The weight ESS gives to instances where nobody says one. Source: R-ESS-4, R-ESS-31.
fn usual_weight(draft: &Draft, target_group: usize) -> u32 {
    let balancer = draft.balancers.get(target_group).copied().flatten();
    let balancer = balancer.and_then(|index| draft.load_balancers.get(index));
    match balancer.map(|balancer| balancer.kind.family()) {
        Some(Family::Slb) => lb::USUAL_WEIGHT,
        _ => FULL_WEIGHT,
    }
}

fn attached_via(cx: &mut Context, source: &Fields<'_>, provider: Provider) -> AttachedVia {
    let via = match source.text("attached_via") {
        Some("traffic_sources") => AttachedVia::TrafficSources,
        Some("load_balancers") => AttachedVia::LoadBalancers,
        Some(_) | None => return AttachedVia::Unknown,
    };
    if provider == Provider::Alibaba {
        let message = "a server group is attached by one call only";
        cx.report(&codes::CONFLICT, source.span("attached_via"), message)
            .help("remove `attached_via`");
    }
    via
}

/// Reports a type of server group that is not the one of the load balancer in front.
fn check_type(cx: &mut Context, source: &Node, name: &str, kind: &dyn lb::Kind) {
    let Some(own) = lb::server_group_type(kind) else {
        return;
    };
    if let Some(node) = source.get("type")
        && let Some(other) = node.text().filter(|other| *other != own)
    {
        let message = format!("`{name}` is a server group of type `{own}`, not `{other}`");
        cx.report(&codes::CONFLICT, node.span, message)
            .help(format!("write `type: {own}`, or leave it out"));
    }
}

fn instance_ids(
    cx: &mut Context,
    fields: &Fields<'_>,
    provider: Provider,
    desired: u32,
) -> Vec<String> {
    let items = fields.items("instances");
    if items.len() > desired as usize {
        cx.report(
            &codes::CONFLICT,
            fields.span("instances"),
            format!(
                "{} instances are listed, but `desired_capacity` is {desired}",
                items.len()
            ),
        )
        .help("raise `desired_capacity`, or list fewer");
    }
    let mut ids = Vec::new();
    for item in items {
        let instance = Fields::new(item, item.span, INSTANCE);
        let Some((node, id)) = instance
            .node("id")
            .and_then(|node| Some((node, node.text()?)))
        else {
            continue;
        };
        instances::check_instance_id(cx, id, node.span, provider);
        cx.take_id(id, node.span);
        ids.push(id.to_owned());
    }
    ids
}
