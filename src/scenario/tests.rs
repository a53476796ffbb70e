//! Tests of whole scenarios.

use std::fmt::Write as _;

mod alibaba;

use super::*;
use crate::engine::time::{SimDuration, SimTime};
use crate::model::settings::{Provider, ServiceTimes, ShutdownThen};
use crate::model::source::AttachedVia;
use crate::model::warm_pool::PoolState;
use plan::{Action, Comparison, EntryExpect, When};

mod groups;

/// The example of the design, without the fault that this version does not simulate.
const EXAMPLE: &str = include_str!("tests/example.yaml");

fn try_load(text: &str, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    load_text("dir/example.yaml", text, Path::new("."), options)
}

fn loaded(text: &str) -> Loaded {
    try_load(text, &LoadOptions::default()).unwrap_or_else(|found| panic!("{found}"))
}

fn problems(text: &str) -> String {
    match try_load(text, &LoadOptions::default()) {
        Ok(_) => String::new(),
        Err(found) => found.to_string(),
    }
}

/// A small scenario with `more` behind it.
fn small(more: &str) -> String {
    format!(
        "horizon: 10m\n\
         load_balancers:\n  front:\n    type: application\n    zones: [a]\n    \
         listeners: {{ http: {{ forward: [{{ target_group: web }}] }} }}\n\
         target_groups: {{ web: {{}} }}\n\
         launch_templates: {{ v1: {{}} }}\n\
         groups:\n  asg: {{ min_size: 1, max_size: 2, zones: [a], launch_template: v1, \
         traffic_sources: [web] }}\n\
         {more}"
    )
}

#[test]
fn the_example_of_the_design_loads() {
    let Loaded { scenario, warnings } = loaded(EXAMPLE);
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!(scenario.name, "example");
    assert_eq!(
        scenario.horizon,
        Horizon::At(SimTime::from_nanos(900_000_000_000))
    );
    let fleet = &scenario.fleet;
    assert_eq!((fleet.seed, fleet.start_unix_s), (7, 1_767_603_600));
    assert_eq!(fleet.zones, ["a", "b"]);
    let attributes = &fleet.load_balancers[0].attributes;
    assert_eq!(attributes.get("idle_timeout.timeout_seconds"), Some("60"));
    let web = &fleet.target_groups[0];
    assert_eq!(
        web.attributes.get("deregistration_delay.timeout_seconds"),
        Some("30")
    );
    assert_eq!(web.attributes.get("slow_start.duration_seconds"), Some("0"));
    assert_eq!(web.health_check.interval, SimDuration::from_secs(10));
    let template = &fleet.launch_templates[0];
    assert_eq!(
        (template.concurrency, template.queue),
        (Some(64), Some(128))
    );
    assert_eq!(template.shutdown.then, ShutdownThen::Finish);
    assert_eq!(template.shutdown.grace, SimDuration::from_secs(60));
    let group = &fleet.groups[0];
    assert_eq!(
        (group.min_size, group.max_size, group.desired_capacity),
        (4, 8, 6)
    );
    assert_eq!(group.instance_ids, ["i-93633f9b"]);
    assert!(group.elb_health_check);
    assert_eq!((group.sources[0].port, group.sources[0].weight), (80, 100));
    assert_eq!(
        fleet.workloads[0].client.timeout,
        Some(SimDuration::from_secs(30))
    );
    assert_eq!(scenario.timeline[0].name, "detach");
    assert_eq!(scenario.timeline[0].expect, EntryExpect::Ok);
    let Action::Call { operation, params } = &scenario.timeline[0].action else {
        panic!("a call");
    };
    assert_eq!(operation.name, "autoscaling:DetachInstances");
    assert_eq!(params["InstanceIds"][1], "${web-asg.instances[1]}");
    assert_eq!(params["ShouldDecrementDesiredCapacity"], false);
    let last = scenario.expectations.last().unwrap();
    assert_eq!(last.query.at, Some(SimTime::from_nanos(360_000_000_000)));
    assert_eq!(
        (last.query.subject, last.comparison),
        (Some(0), Comparison::Equal)
    );
    assert_eq!(scenario.variants, ["too-short"]);
}

#[test]
fn a_variant_changes_values_and_the_verdict() {
    let options = LoadOptions {
        variant: Some("too-short".to_owned()),
        ..LoadOptions::default()
    };
    let scenario = try_load(EXAMPLE, &options)
        .unwrap_or_else(|e| panic!("{e}"))
        .scenario;
    assert_eq!(scenario.name, "example/too-short");
    let attributes = &scenario.fleet.target_groups[0].attributes;
    assert_eq!(
        attributes.get("deregistration_delay.timeout_seconds"),
        Some("1")
    );
    assert_eq!(scenario.expectations.len(), 1);
    assert_eq!(scenario.expectations[0].comparison, Comparison::Greater);
}

#[test]
fn set_and_seed_override_the_file() {
    let set = |path: &str, value: &str| (path.to_owned(), value.to_owned());
    let options = LoadOptions {
        set: vec![
            set("horizon", "20m"),
            set(
                "/target_groups/web/attributes/slow_start.duration_seconds",
                "30",
            ),
        ],
        seed: Some(99),
        ..LoadOptions::default()
    };
    let text = small("").replace("web: {}", "web: { attributes: {} }");
    let scenario = try_load(&text, &options)
        .unwrap_or_else(|e| panic!("{e}"))
        .scenario;
    assert_eq!(scenario.fleet.seed, 99);
    assert_eq!(
        scenario.horizon,
        Horizon::At(SimTime::from_nanos(1_200_000_000_000))
    );
    let attributes = &scenario.fleet.target_groups[0].attributes;
    assert_eq!(attributes.get("slow_start.duration_seconds"), Some("30"));
    let wrong = LoadOptions {
        set: vec![set(
            "target_groups.web.attributes.slow_start.duration_seconds",
            "29",
        )],
        ..LoadOptions::default()
    };
    let found = try_load(&text, &wrong).unwrap_err().to_string();
    assert!(found.starts_with("--set:1:"), "{found}");
    assert!(found.contains("DS0301"), "{found}");
}

#[test]
fn defaults_are_those_of_the_design() {
    let fleet = loaded(&small("")).scenario.fleet;
    assert_eq!((fleet.seed, fleet.start_unix_s), (1, 1_767_225_600));
    let template = &fleet.launch_templates[0];
    assert_eq!(template.boot.constant(), Some(SimDuration::from_secs(35)));
    assert_eq!(template.ready.constant(), Some(SimDuration::ZERO));
    assert_eq!(template.shutdown.then, ShutdownThen::Exit);
    assert_eq!(template.shutdown.grace, SimDuration::from_secs(90));
    let web = &fleet.target_groups[0];
    assert_eq!(
        (web.port, web.protocol.as_str(), web.provider),
        (80, "HTTP", Provider::Aws)
    );
    assert!(
        web.identifier
            .contains("us-east-1:123456789012:targetgroup/web/")
    );
    assert_eq!(fleet.groups[0].desired_capacity, 1);
}

#[test]
fn a_group_may_have_a_warm_pool() {
    let with = |keys: &str| {
        small("").replace(
            "traffic_sources: [web] }",
            &format!("traffic_sources: [web], warm_pool: {keys} }}"),
        )
    };
    let pool = |keys: &str| loaded(&with(keys)).scenario.fleet.groups[0].rules.warm_pool;
    assert_eq!(pool("{}"), Some(WarmPool::default()));
    let all = "{ max_group_prepared_capacity: 5, min_size: 2, pool_state: Hibernated, \
               reuse_on_scale_in: true }";
    let expected = WarmPool {
        most_prepared: Some(5),
        min_size: 2,
        state: PoolState::Hibernated,
        reuse_on_scale_in: true,
    };
    assert_eq!(pool(all), Some(expected));
    assert_eq!(
        loaded(&small("")).scenario.fleet.groups[0].rules.warm_pool,
        None
    );
    for (keys, code) in [
        ("{ pool_state: Frozen }", "DS0306"),
        ("{ min_size: -1 }", "DS0301"),
        ("{ size: 1 }", "DS0303"),
        // what stands in a pool is part of the fleet
        ("{ min_size: 200000 }", "the fleet has 200001 instances"),
    ] {
        let found = problems(&with(keys));
        assert!(found.contains(code), "{keys}: {found}");
    }
}

#[test]
fn names_are_given_once_and_references_must_exist() {
    let found = problems(&small(
        "instances: { web: { zone: a, launch_template: v2 } }\n",
    ));
    assert!(
        found.contains("DS0202") && found.contains("`web`"),
        "{found}"
    );
    assert!(
        found.contains("DS0201") && found.contains("`v2`"),
        "{found}"
    );
}

#[test]
fn targets_share_machines_with_instances() {
    let text = small("instances: { m1: { id: i-93633f9b, zone: a, launch_template: v1 } }\n")
        .replace(
            "web: {}",
            "web: { targets: [{ id: m1 }, { id: i-93633f9b, port: 81 }, { id: i-93633f9c }] }",
        );
    let fleet = loaded(&text).scenario.fleet;
    assert_eq!(fleet.instances.len(), 2);
    let targets = &fleet.target_groups[0].targets;
    let places: Vec<(usize, u16)> = targets.iter().map(|t| (t.instance, t.port)).collect();
    assert_eq!(places, [(0, 80), (0, 81), (1, 80)]);
    assert_eq!(targets[0].id, "i-93633f9b");
}

#[test]
fn the_timeline_resolves_after_and_refuses_cycles() {
    let entry =
        |more: &str| format!("do: kill_process, params: {{ instance: i-93633f9b }}, {more}");
    let text = small(&format!(
        "timeline:\n  - {{ {} }}\n  - {{ {} }}\n",
        entry("as: a, after: b, delay: 30s"),
        entry("as: b, at: 1m"),
    ));
    let scenario = loaded(&text).scenario;
    let When::After(entry_id, delay) = scenario.timeline[0].when else {
        panic!("after");
    };
    assert_eq!((entry_id.index(), delay), (1, SimDuration::from_secs(30)));
    let cycle = problems(&small(&format!(
        "timeline:\n  - {{ {} }}\n  - {{ {} }}\n",
        entry("as: a, after: b"),
        entry("as: b, after: a"),
    )));
    assert!(
        cycle.contains("DS0406") && cycle.contains("`a` after `b` after `a`"),
        "{cycle}"
    );
    let late = problems(&small(&format!("timeline: [{{ {} }}]\n", entry("at: 11m"))));
    assert!(late.contains("DS0407"), "{late}");
}

#[test]
fn a_trace_brings_its_service_times() {
    let folder = tempfile::tempdir().unwrap();
    let csv = "TIMESTAMP,ContextTokens,GeneratedTokens\n\
        2023-11-16 18:17:04.0319600,3180,8\n\
        2023-11-16 18:17:03.9799600,4808,10\n";
    std::io::Write::write_all(
        &mut std::fs::File::create(folder.path().join("t.csv")).unwrap(),
        csv.as_bytes(),
    )
    .unwrap();
    let text = small(
        "workloads:\n  chat:\n    to: front/http\n    arrivals:\n      trace: { file: t.csv, \
         time: TIMESTAMP, service: { ContextTokens: 60us, GeneratedTokens: 40ms } }\n",
    );
    let found = load_text("x.yaml", &text, folder.path(), &LoadOptions::default());
    let workload = &found
        .unwrap_or_else(|e| panic!("{e}"))
        .scenario
        .fleet
        .workloads[0];
    assert_eq!(workload.arrivals.trace_len(), Some(2));
    let ServiceTimes::Trace(times) = &workload.service else {
        panic!("a trace");
    };
    let nanos: Vec<u64> = times.iter().map(|time| time.as_nanos()).collect();
    assert_eq!(
        nanos,
        [4_808 * 60_000 + 400_000_000, 3_180 * 60_000 + 320_000_000]
    );
}

#[test]
fn a_trace_may_not_leave_its_folder_unless_it_comes_from_the_command_line() {
    let workload = "workloads:\n  chat:\n    to: front/http\n    arrivals: { trace: { file: \
        ../../no-such.csv, time: t } }\n    service_time: 1s\n";
    assert!(problems(&small(workload)).contains("DS0111"));
    let options = LoadOptions {
        set: vec![(
            "workloads.chat.arrivals.trace.file".to_owned(),
            "/no/such.csv".to_owned(),
        )],
        ..LoadOptions::default()
    };
    let found = try_load(&small(workload), &options)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("DS0101") && !found.contains("DS0111"),
        "{found}"
    );
}

#[test]
fn many_problems_are_all_found_and_capped() {
    let mut text = String::from("horizon: 1m\ntarget_groups:\n");
    for index in 0..20_000 {
        writeln!(text, "  g{index}: {{ prot: 1 }}").unwrap();
    }
    let found = try_load(&text, &LoadOptions::default()).unwrap_err();
    assert_eq!(found.iter().count(), diagnostic::SHOWN);
    assert!(found.len() >= 20_000);
    assert!(found.to_string().ends_with(" more"));
}

#[test]
fn no_prefix_and_no_single_edit_of_the_example_panics() {
    let bytes = EXAMPLE.as_bytes();
    for end in (0..bytes.len()).step_by(7) {
        let text = String::from_utf8_lossy(&bytes[..end]);
        let _ = try_load(&text, &LoadOptions::default());
    }
    for (at, byte) in (0..bytes.len())
        .step_by(5)
        .zip(b"[]{}:-&*!|>'\"%@`,#?0\n".iter().cycle())
    {
        let mut edited = bytes.to_vec();
        edited[at] = *byte;
        let text = String::from_utf8_lossy(&edited);
        let _ = try_load(&text, &LoadOptions::default());
    }
}

/// A Classic Load Balancer has instances, for which a target group of its name stands; that of a
/// service of VPC Lattice has an ARN of its own form.
#[test]
fn classic_balancers_and_lattice_services_load() {
    let Loaded { scenario, warnings } = loaded(
        "horizon: 10m\n\
         load_balancers:\n  \
           legacy:\n    type: classic\n    zones: [a]\n    instance_port: 8080\n    \
             attributes: { ConnectionDraining.Enabled: true }\n    \
             instances: [{ id: i-0123456789abcdef0 }]\n    listeners: { http: {} }\n  \
           mesh: { type: lattice, zones: [a], listeners: { http: { forward: [{ target_group: tg \
             }] } } }\n\
         target_groups: { tg: {} }\n\
         launch_templates: { v1: {} }\n\
         groups:\n  asg: { min_size: 1, max_size: 2, zones: [a], launch_template: v1, \
         traffic_sources: [legacy, tg] }\n\
         workloads:\n  shop: { to: legacy/http, arrivals: { poisson: { rate: 1/s } }, \
         service_time: 1s }\n\
         timeline:\n  - { at: 1m, call: autoscaling:DetachTrafficSources, params: { \
         AutoScalingGroupName: asg, TrafficSources: [{ Identifier: \"${legacy.name}\", Type: elb \
         }] } }\n\
         expect: [targets.legacy.draining @ 2m == 0]\n",
    );
    assert!(warnings.is_empty(), "{warnings}");
    let fleet = &scenario.fleet;
    let [tg, legacy] = fleet.target_groups.as_slice() else {
        panic!("one in the file and one of the balancer");
    };
    assert!(
        tg.identifier
            .starts_with("arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-0")
    );
    assert_eq!((legacy.name.as_str(), legacy.port), ("legacy", 8080));
    assert_eq!(legacy.identifier, "legacy");
    assert_eq!(legacy.targets[0].id, "i-0123456789abcdef0");
    let draining = |key| legacy.attributes.get(key);
    assert_eq!(draining("ConnectionDraining.Enabled"), Some("true"));
    assert_eq!(draining("ConnectionDraining.Timeout"), Some("300"));
    assert_eq!(fleet.listeners[0].forward[0].0.index(), 1);
    let sources = fleet.groups[0].sources.iter();
    let sources: Vec<_> = sources
        .map(|source| (source.target_group.index(), source.port))
        .collect();
    assert_eq!(sources, [(1, 8080), (0, 80)]);
}

#[test]
fn listeners_have_rules_and_arns_that_references_name() {
    const FILE: &str = "horizon: 10m
load_balancers:
  front:
    type: application
    zones: [a]
    listeners:
      https:
        forward: [{ target_group: blue, weight: 9 }, { target_group: green, weight: 0 }]
        rules:
          - { name: canary, priority: 10, forward: [{ target_group: green }] }
target_groups: { blue: { targets: [{ id: i-0123456789abcdef0 }] }, green: {} }
launch_templates: { v1: {} }
workloads:
  load: { to: front/https/canary, arrivals: { poisson: { rate: 1/s } }, service_time: 1s }
timeline:
  - at: 1s
    call: elasticloadbalancing:DescribeTargetHealth
    params: { TargetGroupArn: \"REFERENCE\" }
";
    let file = |reference: &str| FILE.replace("REFERENCE", reference);
    let fleet = loaded(&file("${front.listeners.https.rules.canary.arn}"))
        .scenario
        .fleet;
    let [https, canary] = fleet.listeners.as_slice() else {
        panic!("a listener and a rule: {:?}", fleet.listeners);
    };
    let balancer = &fleet.load_balancers[0].identifier;
    assert!(balancer.contains(":loadbalancer/app/front/"));
    let of = balancer.replace(":loadbalancer/", ":listener/");
    assert!(https.identifier.starts_with(&of) && https.rule.is_none());
    let of = https.identifier.replace(":listener/", ":listener-rule/");
    assert!(canary.identifier.starts_with(&of));
    assert_eq!(canary.rule.map(|rule| rule.priority), Some(10));
    assert_eq!(fleet.workloads[0].listener.index(), 1);
    for known in ["${front.arn}", "${front.listeners.https.arn}"] {
        assert_eq!(problems(&file(known)), "");
    }
    for unknown in [
        "${front.url}",
        "${front.listeners.http.arn}",
        "${front.rules.canary.arn}",
    ] {
        assert!(problems(&file(unknown)).contains("DS0206"), "{unknown}");
    }
    let wrong = FILE.replace("type: application", "arn: arn:aws:x\n    type: application");
    assert!(problems(&wrong).contains("DS0313"));
}

/// A group of `provider` that serves one target group of `section` behind a balancer of `kind`.
fn with_source(provider: &str, kind: &str, section: &str, via: &str) -> String {
    format!(
        "horizon: 10m\n\
         load_balancers:\n  front: {{ type: \"{kind}\", zones: [a], listeners: {{ http: {{ \
         forward: [{{ target_group: web }}] }} }} }}\n\
         {section}: {{ web: {{}} }}\n\
         launch_templates: {{ v1: {{}} }}\n\
         groups:\n  asg: {{ provider: {provider}, min_size: 1, max_size: 2, zones: [a], \
         launch_template: v1, traffic_sources: [{via}] }}\n\
         workloads:\n  shop: {{ to: front/http, arrivals: {{ poisson: {{ rate: 1/s }} }}, \
         service_time: 1s }}\n\
         timeline: []\n"
    )
}

/// A traffic source may say which calls attached it; a server group may not.
#[test]
fn a_source_may_say_how_it_was_attached() {
    for (source, expected) in [
        ("web", AttachedVia::Unknown),
        ("{ server_group: web }", AttachedVia::Unknown),
        (
            "{ server_group: web, attached_via: load_balancers }",
            AttachedVia::LoadBalancers,
        ),
        (
            "{ server_group: web, attached_via: traffic_sources }",
            AttachedVia::TrafficSources,
        ),
    ] {
        let text = with_source("aws", "application", "target_groups", source);
        let Loaded { scenario, .. } = loaded(&text);
        let sources = &scenario.fleet.groups[0].sources;
        assert_eq!(sources[0].attached_via, expected, "{source}");
    }
    let source = "{ server_group: web, attached_via: load_balancers }";
    let alibaba = with_source("alibaba", "alibaba:alb", "server_groups", source);
    let refused = try_load(&alibaba, &LoadOptions::default()).unwrap_err();
    assert!(
        refused.to_string().contains("attached by one call only"),
        "{refused}"
    );
}
