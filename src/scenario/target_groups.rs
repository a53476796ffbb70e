//! The sections `target_groups` and `server_groups`.

use super::codes;
use super::context::Context;
use super::fleet::{self, Draft};
use super::load_balancers::{self, attributes};
use super::section::{NAME, default, optional};
use super::shape::{self, Fields};
use super::tree::{Key, Node};
use super::{own_targets, ports, targets};
use crate::describe::{Kind as ValueKind, Param};
use crate::engine::time::SimDuration;
use crate::model::lb::{Attributes, Family, Kind, default_kind};
use crate::model::settings::{HealthCheckSettings, Provider, TargetGroupSettings, TargetType};

/// A port.
pub(super) const PORT: ValueKind = ValueKind::Integer {
    min: 1,
    max: 65_535,
};

/// The keys of a target group or server group.
pub(super) const PARAMS: &[Param] = &[
    optional(
        "protocol",
        NAME,
        "protocol, as in the API; the first of the load balancer's kind if left out",
    ),
    optional(
        "port",
        PORT,
        "port targets are registered on, 80 if left out; 6081 for `alibaba:gwlb`",
    ),
    default(
        "target_type",
        ValueKind::OneOf(&["instance", "ip"]),
        "instance",
        "what the ids of targets are",
    ),
    optional("arn", NAME, "its ARN; generated from its name if left out"),
    optional(
        "id",
        NAME,
        "its id on Alibaba Cloud; generated from its name if left out",
    ),
    optional(
        "attributes",
        ValueKind::Any,
        "attributes by the cloud's own keys",
    ),
    optional(
        "health_check",
        ValueKind::Struct(HEALTH_CHECK),
        "health checks; what is left out follows the load balancer's kind",
    ),
    optional(
        "targets",
        ValueKind::List {
            of: &ValueKind::Struct(targets::TARGET),
            min: 0,
            max: 200_000,
        },
        "targets registered by hand before 0 s",
    ),
];

const fn seconds(min: u64, max: u64) -> ValueKind {
    ValueKind::Duration {
        min_ns: min * 1_000_000_000,
        max_ns: max * 1_000_000_000,
    }
}

const THRESHOLD: ValueKind = ValueKind::Integer { min: 2, max: 10 };

/// The keys of health checks.
/// Shortest and longest interval and timeout of health checks of any kind \[s\].
const LEAST: u64 = 1;
const MOST: u64 = 300;

pub(super) const HEALTH_CHECK: &[Param] = &[
    optional(
        "interval",
        seconds(LEAST, MOST),
        "time between checks of one target",
    ),
    optional(
        "timeout",
        seconds(LEAST, MOST),
        "time after which a check without an answer has failed",
    ),
    optional(
        "healthy_threshold",
        THRESHOLD,
        "successes that make an unhealthy target healthy",
    ),
    optional(
        "unhealthy_threshold",
        THRESHOLD,
        "failures that make a healthy target unhealthy",
    ),
];

/// Reads all target groups, then all server groups, then the targets that load balancers have of
/// their own.
pub(super) fn read_all(cx: &mut Context, draft: &mut Draft, fields: &Fields<'_>) {
    for (key, node) in fields.map("target_groups") {
        read(cx, draft, key, node, Provider::Aws);
    }
    for (key, node) in fields.map("server_groups") {
        read(cx, draft, key, node, Provider::Alibaba);
    }
    let balancers = fields.map("load_balancers");
    for (index, _) in own_targets::balancers(fields) {
        let (key, node) = &balancers[index];
        let fields = Fields::new(node, key.span, load_balancers::PARAMS);
        own_targets::read(cx, draft, index, &fields);
    }
}

fn read(cx: &mut Context, draft: &mut Draft, key: &Key, node: &Node, provider: Provider) {
    let fields = Fields::new(node, key.span, PARAMS);
    let balancer = draft.balancers[draft.target_groups.len()];
    let simulated = balancer.is_none_or(|index| !draft.unknown_kinds.contains(&index));
    let in_front = balancer.map(|index| &draft.load_balancers[index]);
    let kind = in_front.map_or(default_kind(provider), |balancer| balancer.kind);
    if simulated && kind.provider() != provider {
        let name = in_front.map_or("", |balancer| balancer.name.as_str());
        let (section, other) = match provider {
            Provider::Aws => ("target_groups", "server_groups"),
            Provider::Alibaba => ("server_groups", "target_groups"),
        };
        let message = format!(
            "`{}` is behind `{name}`, which is of another cloud",
            key.name
        );
        cx.report(&codes::OTHER_CLOUD, key.span, message)
            .label(format!("it is in `{section}`"))
            .help(format!(
                "move it to `{other}`, or change the type of `{name}`"
            ));
    }
    let attributes = if simulated && kind.provider() == provider {
        let what = match provider {
            Provider::Aws => "a target group",
            Provider::Alibaba => "a server group",
        };
        let what = format!("{what} behind `{}`", kind.name());
        let params = kind.target_group_attributes();
        let params = (params, kind.not_simulated());
        let read = attributes(cx, fields.node("attributes"), params, &what);
        check_slow_start(cx, &fields, &read);
        protocol(cx, &fields, kind);
        ports::check(cx, fields.items("targets").iter().chain([node]), kind);
        own_targets::inherited(in_front, fields.node("attributes"), read)
    } else {
        Attributes::default()
    };
    let target_type = match fields.text("target_type") {
        Some("ip") => TargetType::Ip,
        _ => TargetType::Instance,
    };
    let port = fields
        .integer("port")
        .and_then(|port| u16::try_from(port).ok());
    let own = if kind.provider() == provider {
        kind
    } else {
        default_kind(provider)
    };
    let mut settings = TargetGroupSettings {
        name: key.name.clone(),
        provider,
        protocol: fields
            .text("protocol")
            .unwrap_or(own.protocols()[0])
            .to_owned(),
        port: port.unwrap_or(ports::default(own)),
        target_type,
        identifier: identifier(cx, &fields, &key.name, own),
        attributes,
        health_check: health_check(cx, &fields, kind),
        targets: Vec::new(),
    };
    targets::read(cx, draft, fields.items("targets"), &mut settings);
    draft.target_groups.push(settings);
}

fn protocol(cx: &mut Context, fields: &Fields<'_>, kind: &dyn Kind) {
    let given = fields
        .node("protocol")
        .and_then(|node| Some((node, node.text()?)));
    if let Some((node, text)) = given
        && !kind.protocols().contains(&text)
    {
        shape::unknown_word(cx, node.span, "protocol", text, kind.protocols());
    }
}

fn check_slow_start(cx: &mut Context, fields: &Fields<'_>, attributes: &Attributes) {
    let key = "slow_start.duration_seconds";
    let algorithm_key = "load_balancing.algorithm.type";
    let algorithm = attributes.get(algorithm_key).unwrap_or("round_robin");
    let slow = attributes.number(key).is_some_and(|seconds| seconds > 0);
    if slow && algorithm != "round_robin" {
        let given = fields.node("attributes").and_then(|node| node.get(key));
        let span = given.map_or(fields.at, |node| node.span);
        cx.report(
            &codes::CONFLICT,
            span,
            format!("slow start does not go together with `{algorithm}`"),
        )
        .help(format!(
            "set `{key}` to 0, or `{algorithm_key}` to round_robin"
        ));
    }
}

/// The ARN or id: the given one, or one generated from the name and the seed.
fn identifier(cx: &mut Context, fields: &Fields<'_>, name: &str, kind: &dyn Kind) -> String {
    let (provider, family) = (kind.provider(), kind.family());
    let (key, other) = match provider {
        Provider::Aws => ("arn", "id"),
        Provider::Alibaba => ("id", "arn"),
    };
    if fields.node(other).is_some() {
        let what = match provider {
            Provider::Aws => "a target group is identified by its ARN",
            Provider::Alibaba => "a server group is identified by its id",
        };
        cx.report(&codes::CONFLICT, fields.span(other), what)
            .help(format!("write `{key}: ...` instead of `{other}: ...`"));
    }
    let (valid, example): (fn(&str) -> bool, &str) = match family {
        Family::TargetGroups | Family::Classic => (
            is_target_group_arn,
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/web/73e2d6bc24d8a067",
        ),
        Family::Lattice => (
            is_lattice_arn,
            "arn:aws:vpc-lattice:us-west-2:123456789012:targetgroup/tg-0c07b012010e38cf4",
        ),
        Family::ServerGroups | Family::Slb => {
            let prefix = id_prefix(family);
            let given = alibaba_id(cx, fields, prefix, "a server group");
            return given.unwrap_or_else(|| generated(cx.seed, name, family));
        }
    };
    let Some((node, text)) = fields.node(key).and_then(|node| Some((node, node.text()?))) else {
        return generated(cx.seed, name, family);
    };
    if !valid(text) {
        let message = format!("`{text}` is not the ARN of a target group");
        cx.report(&codes::BAD_ID, node.span, message)
            .help(format!("write it as in `{example}`, or leave it out"));
    }
    cx.take_id(text, node.span);
    text.to_owned()
}

/// What the ids of server groups begin with: those of Classic Load Balancers are vServer groups.
fn id_prefix(family: Family) -> &'static str {
    if family == Family::Slb {
        "rsp-"
    } else {
        "sgp-"
    }
}

/// The id of something of Alibaba Cloud, if one is given.
pub(super) fn alibaba_id(
    cx: &mut Context,
    fields: &Fields<'_>,
    prefix: &str,
    what: &str,
) -> Option<String> {
    let node = fields.node("id")?;
    let text = node.text()?;
    if !is_alibaba_id(text, prefix) {
        let message = format!("`{text}` is not the id of {what}");
        cx.report(&codes::BAD_ID, node.span, message).help(format!(
            "write it as in `{prefix}1gv2uidn2msyabcd`, or leave it out"
        ));
    }
    cx.take_id(text, node.span);
    Some(text.to_owned())
}

fn generated(seed: u64, name: &str, family: Family) -> String {
    let stream = || fleet::identifier_stream(seed, "scenario.target_group_arn", name);
    match family {
        Family::TargetGroups | Family::Classic => format!(
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{name}/{:016x}",
            stream().bits()
        ),
        Family::Lattice => format!(
            "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-0{:016x}",
            stream().bits()
        ),
        Family::ServerGroups | Family::Slb => {
            fleet::generated_alibaba_id(seed, id_prefix(family), name, 16)
        }
    }
}

/// Whether `text` is `prefix` with lower-case letters and digits behind it.
pub(super) fn is_alibaba_id(text: &str, prefix: &str) -> bool {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '*';
    text.strip_prefix(prefix)
        .is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.chars().all(valid))
}

fn is_target_group_arn(text: &str) -> bool {
    let id = of_target_group(text, "elasticloadbalancing").and_then(|rest| rest.split_once('/'));
    id.is_some_and(|(name, id)| {
        !name.is_empty() && !id.is_empty() && id.chars().all(|c| c.is_ascii_hexdigit())
    })
}

fn is_lattice_arn(text: &str) -> bool {
    let valid = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase();
    let id = of_target_group(text, "vpc-lattice").and_then(|rest| rest.strip_prefix("tg-"));
    id.is_some_and(|id| id.len() == 17 && id.chars().all(valid))
}

/// What stands behind `targetgroup/` in an ARN of `service`.
fn of_target_group<'t>(text: &'t str, service: &str) -> Option<&'t str> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, of, region, account, resource] = parts.as_slice() else {
        return None;
    };
    let valid = *arn == "arn"
        && partition.starts_with("aws")
        && *of == service
        && !region.is_empty()
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit());
    resource.strip_prefix("targetgroup/").filter(|_| valid)
}

pub(super) fn health_check(
    cx: &mut Context,
    fields: &Fields<'_>,
    kind: &dyn Kind,
) -> HealthCheckSettings {
    let defaults = kind.health_check();
    let Some(node) = fields.node("health_check") else {
        return defaults;
    };
    let given = Fields::new(node, fields.span("health_check"), HEALTH_CHECK);
    let settings = HealthCheckSettings {
        interval: given.duration("interval").unwrap_or(defaults.interval),
        timeout: given.duration("timeout").unwrap_or(defaults.timeout),
        healthy_threshold: given
            .integer("healthy_threshold")
            .unwrap_or(defaults.healthy_threshold),
        unhealthy_threshold: given
            .integer("unhealthy_threshold")
            .unwrap_or(defaults.unhealthy_threshold),
    };
    let [interval, timeout] = kind.health_check_ranges();
    let ranges = [
        ("interval", settings.interval, interval),
        ("timeout", settings.timeout, timeout),
    ];
    for (key, value, (min, max)) in ranges {
        let range = SimDuration::from_secs(min)..=SimDuration::from_secs(max);
        // what no kind allows is told of already
        let told = value < SimDuration::from_secs(LEAST) || value > SimDuration::from_secs(MOST);
        if let Some(node) = given.node(key)
            && !range.contains(&value)
            && !told
        {
            let wanted = format!("{min}s to {max}s");
            shape::out_of_range(cx, node, key, &value.to_string(), &wanted);
        }
    }
    if kind.provider() == Provider::Aws && settings.timeout >= settings.interval {
        cx.report(
            &codes::CONFLICT,
            given.at,
            format!(
                "the health check timeout ({}) is not shorter than the interval ({})",
                settings.timeout, settings.interval
            ),
        )
        .help("shorten `timeout` or lengthen `interval`");
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_a_target_group() {
        let valid =
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/my-targets/73e2d6bc";
        assert!(is_target_group_arn(valid));
        for broken in [
            "",
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/x/73e2d6bc",
            "arn:aws:elasticloadbalancing:us-west-2:12345:targetgroup/x/73e2d6bc",
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/x",
        ] {
            assert!(!is_target_group_arn(broken), "{broken}");
        }
    }

    #[test]
    fn generated_identifiers_have_their_form_and_follow_the_seed() {
        let lattice = generated(1, "web", Family::Lattice);
        assert!(is_lattice_arn(&lattice) && !is_target_group_arn(&lattice));
        let arn = generated(1, "web", Family::TargetGroups);
        assert!(is_target_group_arn(&arn));
        assert_eq!(arn, generated(1, "web", Family::TargetGroups));
        assert_ne!(arn, generated(2, "web", Family::TargetGroups));
        let id = generated(1, "web", Family::ServerGroups);
        assert!(is_alibaba_id(&id, "sgp-") && id.len() == 20);
    }
}
