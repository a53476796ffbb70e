//! Groups in a file: their hooks, and what scaling groups are told.

use super::*;
use crate::model::ess_rules::MultiAz;
use crate::model::hook::ActionResult;
use crate::model::removal_policy::RemovalPolicy;

/// Hooks have the defaults and the limits of the cloud of their group.
#[test]
fn hooks_are_those_of_their_cloud() {
    let text = |provider: &str, hooks: &str| {
        let (kind, section) = match provider {
            "aws" => ("application", "target_groups"),
            _ => ("alibaba:alb", "server_groups"),
        };
        format!(
            "horizon: 10m\n\
             load_balancers:\n  front: {{ type: \"{kind}\", zones: [a], listeners: {{ http: {{ \
             forward: [{{ target_group: web }}] }} }} }}\n\
             {section}: {{ web: {{}} }}\n\
             launch_templates: {{ v1: {{}} }}\n\
             groups:\n  asg: {{ provider: {provider}, min_size: 1, max_size: 2, zones: [a], \
             launch_template: v1, traffic_sources: [web], lifecycle_hooks: [{hooks}] }}\n\
             workloads:\n  shop: {{ to: front/http, arrivals: {{ poisson: {{ rate: 1/s }} }}, \
             service_time: 1s }}\n\
             timeline: []\n"
        )
    };
    for (provider, seconds, result, id) in [
        ("aws", 3_600, ActionResult::Abandon, ""),
        ("alibaba", 600, ActionResult::Continue, "ash-"),
    ] {
        let text = text(provider, "{ name: save, transition: terminating }");
        let Loaded { scenario, .. } = loaded(&text);
        let hook = &scenario.fleet.groups[0].hooks[0];
        assert_eq!(hook.heartbeat, SimDuration::from_secs(seconds));
        assert_eq!(hook.default_result, result);
        assert_eq!(&hook.id[..id.len()], id);
        assert_eq!(hook.id.is_empty(), id.is_empty());
    }
    let rollback = "{ name: save, transition: terminating, default_result: ROLLBACK }";
    let long = "{ name: save, transition: terminating, heartbeat_timeout: 6h }";
    for (hook, code) in [(rollback, "DS0312"), (long, "DS0301")] {
        assert!(problems(&text("aws", hook)).contains(code), "{hook}");
        assert_eq!(problems(&text("alibaba", hook)), "");
    }
    let many: Vec<String> = (0..11)
        .map(|number| format!("{{ name: h{number}, transition: launching }}"))
        .collect();
    let many = many.join(", ");
    assert!(problems(&text("alibaba", &many)).contains("DS0301"));
    assert_eq!(problems(&text("aws", &many)), "");
}

/// A scaling group may say how it uses its zones and whom it removes first.
#[test]
fn a_scaling_group_has_policies_of_its_own() {
    let text = "horizon: 10m\n\
        load_balancers:\n  front: { type: \"alibaba:alb\", zones: [a], listeners: { http: { \
        forward: [{ target_group: web }] } } }\n\
        server_groups: { web: {} }\n\
        launch_templates: { v1: {} }\n\
        groups:\n  asg: { provider: alibaba, min_size: 1, max_size: 2, zones: [a], \
        launch_template: v1, traffic_sources: [web], multi_az_policy: BALANCE, \
        removal_policies: [NewestInstance] }\n\
        workloads:\n  shop: { to: front/http, arrivals: { poisson: { rate: 1/s } }, \
        service_time: 1s }\n\
        timeline: []\n";
    let Loaded { scenario, .. } = loaded(text);
    let rules = &scenario.fleet.groups[0].rules.ess;
    assert_eq!(rules.multi_az, MultiAz::Balance);
    assert_eq!(rules.removal_policies, [RemovalPolicy::NewestInstance]);
}
