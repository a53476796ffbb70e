//! Tests of what scenarios say of Alibaba Cloud.

use super::*;

/// A Classic Load Balancer of Alibaba Cloud is its default server group, to which listeners send that
/// do not say otherwise; what a vServer group does not say follows the load balancer.
#[test]
fn load_balancers_of_alibaba_cloud_have_a_default_server_group() {
    let Loaded { scenario, warnings } = loaded(
        "horizon: 10m\n\
         load_balancers:\n  \
           front:\n    type: alibaba:clb\n    id: lb-bp1front\n    zones: [a]\n    \
             attributes: { ConnectionDrain: \"on\", Scheduler: rr }\n    \
             instance_port: 8080\n    listeners:\n      http: {}\n      \
               api: { forward: [{ target_group: api }] }\n\
         server_groups: { api: { id: rsp-bp1api, attributes: { Scheduler: wlc } } }\n\
         launch_templates: { v1: {} }\n\
         groups:\n  web: { provider: alibaba, min_size: 1, max_size: 2, zones: [a], \
         launch_template: v1, traffic_sources: [front, { server_group: api, weight: 7 }] }\n\
         workloads:\n  shop: { to: front/http, arrivals: { poisson: { rate: 1/s } }, \
         service_time: 1s }\n\
         expect: [targets.front.healthy @ 2m == 1]\n",
    );
    assert!(warnings.is_empty(), "{warnings}");
    let fleet = &scenario.fleet;
    let [api, front] = fleet.target_groups.as_slice() else {
        panic!("one in the file and one of the balancer");
    };
    assert_eq!(api.identifier, "rsp-bp1api");
    assert_eq!(
        (front.identifier.as_str(), front.port),
        ("lb-bp1front", 8080)
    );
    for (group, scheduler) in [(api, "wlc"), (front, "rr")] {
        assert_eq!(group.attributes.get("Scheduler"), Some(scheduler));
        assert_eq!(group.attributes.get("ConnectionDrain"), Some("on"));
    }
    let forwards = fleet.listeners.iter();
    let forwards: Vec<_> = forwards.map(|one| one.forward[0].0.index()).collect();
    assert_eq!(forwards, [1, 0]);
    let sources = fleet.groups[0].sources.iter();
    let sources: Vec<_> = sources
        .map(|source| (source.target_group.index(), source.port, source.weight))
        .collect();
    assert_eq!(sources, [(1, 8080, 50), (0, 80, 7)]);
}

/// A default server group that nothing has to do with is left out; a call that attaches load
/// balancers may have to do with any.
#[test]
fn a_default_server_group_of_no_use_is_left_out() {
    let file = |call: &str| {
        format!(
            "horizon: 10m\n\
             load_balancers:\n  front: {{ type: alibaba:clb, id: lb-bp1front, zones: [a], \
             listeners: {{ http: {{ forward: [{{ target_group: api }}] }} }} }}\n\
             server_groups: {{ api: {{}} }}\n\
             launch_templates: {{ v1: {{}} }}\n\
             groups:\n  web: {{ provider: alibaba, min_size: 1, max_size: 2, zones: [a], \
             launch_template: v1, traffic_sources: [api] }}\n\
             timeline:\n  - {{ at: 1m, call: \"ess:{call}LoadBalancers\", params: {{ \
             ScalingGroupId: \"${{web.id}}\", LoadBalancers: [lb-bp1front] }} }}\n"
        )
    };
    for (call, count) in [("Detach", 1), ("Attach", 2)] {
        let Loaded { scenario, .. } = loaded(&file(call));
        assert_eq!(scenario.fleet.target_groups.len(), count, "{call}");
    }
}

/// Load balancers of Alibaba Cloud have ids of their kind, those of AWS have none.
#[test]
fn ids_of_load_balancers_have_the_form_of_their_kind() {
    for (kind, id, wrong) in [
        (
            "alibaba:alb",
            "lb-bp1",
            "`lb-bp1` is not the id of a load balancer",
        ),
        (
            "alibaba:clb",
            "alb-1",
            "`alb-1` is not the id of a load balancer",
        ),
        ("application", "alb-1", "is identified by its ARN"),
    ] {
        let found = problems(&format!(
            "horizon: 10m\nload_balancers: {{ front: {{ type: \"{kind}\", zones: [a], id: {id} }} }}\n"
        ));
        assert!(found.contains(wrong), "{found}");
    }
}

/// What is left out follows the kind of load balancer in front.
#[test]
fn server_groups_follow_the_kind_in_front() {
    for (kind, protocol, port, id) in [
        ("alibaba:alb", "HTTP", 80, "alb-"),
        ("alibaba:nlb", "TCP", 80, "nlb-"),
        ("alibaba:gwlb", "GENEVE", 6081, "gwlb-"),
    ] {
        let own = kind.trim_start_matches("alibaba:").to_uppercase();
        let source = format!("{{ server_group: web, type: {own} }}");
        let text = with_source("alibaba", kind, "server_groups", &source);
        let Loaded { scenario, .. } = loaded(&text);
        let fleet = &scenario.fleet;
        let group = &fleet.target_groups[0];
        assert_eq!((group.protocol.as_str(), group.port), (protocol, port));
        assert_eq!(fleet.groups[0].sources[0].port, port, "{kind}");
        let balancer = &fleet.load_balancers[0].identifier;
        assert!(balancer.starts_with(id), "{balancer}");
    }
}
