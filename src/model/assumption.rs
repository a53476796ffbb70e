//! Assumptions: what no cloud documents, each behind a named setting with a default and a mark.
//!
//! One line of [`SETTINGS`] each; the `settings:` section of a scenario changes them. Nothing
//! assumed is hard-wired anywhere else.

pub use super::assumptions::Assumptions;
pub use super::choice::{
    DrainOff, DrainWait, InitialChecks, IpReregister, NodeChoice, RemovedNode,
};
use super::setting::{
    ANY_DURATION, AT_LEAST_A_SECOND, INITIAL_CHECKS, SERVER_FAULTS, assumed_time, setting,
};
pub use super::setting::{Setting, SettingValue};
use crate::describe::{Kind, Source};

/// Every setting.
pub static SETTINGS: &[Setting] = &[
    setting(
        "propagation.alb",
        Kind::Distribution,
        "{uniform: {min: 1s, max: 10s}}",
        "how late an Application Load Balancer node learns of a deregistration",
        Source::Observed(
            "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1719",
        ),
        |a, v| a.propagation_alb = v.sampler(),
    ),
    assumed_time(
        "propagation.clb",
        "5s",
        "how late a Classic Load Balancer node learns of a deregistration",
        |a, v| a.propagation_clb = v.sampler(),
    ),
    setting(
        "propagation.nlb",
        Kind::Distribution,
        "120s",
        "how late a Network Load Balancer node learns of a deregistration, whatever the delay",
        Source::Observed(
            "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2366",
        ),
        |a, v| a.propagation_nlb = v.sampler(),
    ),
    setting(
        "unhealthy_propagation.nlb",
        Kind::Distribution,
        "35s",
        "how late the nodes of a Network Load Balancer learn that a target is unhealthy",
        Source::Observed("https://github.com/aws/containers-roadmap/issues/470"),
        |a, v| a.unhealthy_nlb = v.sampler(),
    ),
    assumed_time(
        "propagation.gwlb",
        "60s",
        "how late a Gateway Load Balancer node learns of a deregistration: minutes, says the guide",
        |a, v| a.propagation_gwlb = v.sampler(),
    ),
    assumed_time(
        "propagation.lattice",
        "5s",
        "how late VPC Lattice learns of a deregistration where it routes",
        |a, v| a.propagation_lattice = v.sampler(),
    ),
    assumed_time(
        "propagation.alibaba_alb",
        "{uniform: {min: 1s, max: 5s}}",
        "how late an Alibaba ALB node learns that a server was removed or weighs otherwise",
        |a, v| a.propagation_alibaba_alb = v.sampler(),
    ),
    assumed_time(
        "propagation.alibaba_nlb",
        "5s",
        "how late an Alibaba NLB node learns that a server was removed or weighs otherwise",
        |a, v| a.propagation_alibaba_nlb = v.sampler(),
    ),
    assumed_time(
        "propagation.alibaba_gwlb",
        "5s",
        "how late an Alibaba GWLB node learns that a server was removed",
        |a, v| a.propagation_alibaba_gwlb = v.sampler(),
    ),
    assumed_time(
        "propagation.alibaba_clb",
        "{uniform: {min: 1s, max: 5s}}",
        "how late a node of an Alibaba CLB learns that a server was removed or weighs otherwise",
        |a, v| a.propagation_alibaba_clb = v.sampler(),
    ),
    setting(
        "registration.alb",
        Kind::Distribution,
        "2s",
        "how late an Application Load Balancer node learns of a registration",
        Source::Observed(
            "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1834",
        ),
        |a, v| a.registration_alb = v.sampler(),
    ),
    assumed_time(
        "registration.clb",
        "2s",
        "how late a Classic Load Balancer node learns of a registration",
        |a, v| a.registration_clb = v.sampler(),
    ),
    setting(
        "registration.nlb",
        Kind::Distribution,
        "60s",
        "how late a Network Load Balancer node learns of a registration",
        Source::Observed(
            "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1834",
        ),
        |a, v| a.registration_nlb = v.sampler(),
    ),
    setting(
        "propagation.nlb_rule",
        Kind::Distribution,
        "75s",
        "how late a Network Load Balancer node learns where a listener forwards",
        Source::Observed("https://github.com/aws/containers-roadmap/issues/470"),
        |a, v| a.forwarding_nlb = v.sampler(),
    ),
    assumed_time(
        "registration.gwlb",
        "60s",
        "how late a Gateway Load Balancer node learns of a registration",
        |a, v| a.registration_gwlb = v.sampler(),
    ),
    assumed_time(
        "registration.lattice",
        "2s",
        "how late VPC Lattice learns of a registration where it routes",
        |a, v| a.registration_lattice = v.sampler(),
    ),
    assumed_time(
        "registration.alibaba_alb",
        "2s",
        "how late an Alibaba ALB node learns that a server was added",
        |a, v| a.registration_alibaba_alb = v.sampler(),
    ),
    assumed_time(
        "registration.alibaba_nlb",
        "2s",
        "how late an Alibaba NLB node learns that a server was added",
        |a, v| a.registration_alibaba_nlb = v.sampler(),
    ),
    assumed_time(
        "registration.alibaba_gwlb",
        "2s",
        "how late an Alibaba GWLB node learns that a server was added",
        |a, v| a.registration_alibaba_gwlb = v.sampler(),
    ),
    assumed_time(
        "registration.alibaba_clb",
        "2s",
        "how late a node of an Alibaba CLB learns that a server was added",
        |a, v| a.registration_alibaba_clb = v.sampler(),
    ),
    assumed_time(
        "propagation.alb_rule",
        "{uniform: {min: 1s, max: 10s}}",
        "how late an Application Load Balancer node learns where a listener or rule forwards",
        |a, v| a.forwarding_alb = v.sampler(),
    ),
    assumed_time(
        "propagation.lb_node",
        "60s",
        "how late clients find the node of a zone that was enabled, and stop coming to that of one \
         that was disabled: as long as a DNS answer lives",
        |a, v| a.node_lag = v.sampler(),
    ),
    setting(
        "lb.removed_node",
        Kind::OneOf(&["finish", "lose"]),
        "finish",
        "what becomes of requests in flight through the node of a disabled zone when clients have \
         stopped coming to it",
        Source::Assumed,
        |a, v| {
            a.removed_node = if v.is_word("lose") {
                RemovedNode::Lose
            } else {
                RemovedNode::Finish
            };
        },
    ),
    setting(
        "asg.drain_wait",
        Kind::OneOf(&["displayed_state", "early"]),
        "displayed_state",
        "what ends the wait of an instance that leaves a group: the displayed end of its drains, \
         or nothing in flight on it",
        Source::Observed("https://github.com/hellofresh/eks-rolling-update/issues/22"),
        |a, v| {
            a.drain_wait = if v.is_word("early") {
                DrainWait::Early
            } else {
                DrainWait::DisplayedState
            };
        },
    ),
    setting(
        "asg.health_poll",
        AT_LEAST_A_SECOND,
        "60s",
        "how often a group looks at the health of its instances",
        Source::Assumed,
        |a, v| a.health_poll = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "asg.az_rebalance_poll",
        AT_LEAST_A_SECOND,
        "60s",
        "how often a group looks at whether its zones are even",
        Source::Assumed,
        |a, v| a.az_rebalance_poll = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "asg.refresh_full_minimum",
        Kind::OneOf(&["terminate_first", "launch_first"]),
        "terminate_first",
        "what an instance refresh does that is to keep 100 % and is not told how much more it may \
         have; the API reference and the guide disagree",
        Source::Documented(
            "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html",
        ),
        |a, v| a.refresh_keeps_full_minimum = v.is_word("launch_first"),
    ),
    setting(
        "asg.waits_for_removing_sources",
        Kind::Boolean,
        "false",
        "whether a member that leaves waits for the drains of traffic sources that are being \
         detached",
        Source::Observed("https://github.com/hashicorp/terraform/issues/18812"),
        |a, v| a.waits_for_removing_sources = v.flag(),
    ),
    setting(
        "asg.launch_retry_delay",
        AT_LEAST_A_SECOND,
        "60s",
        "when a group tries again to launch after every zone has refused",
        Source::Assumed,
        |a, v| a.launch_retry_delay = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "asg.manual_scaling_cooldown",
        Kind::Boolean,
        "true",
        "whether a change of the desired capacity by a call begins the default cooldown of its group, \
         which only calls with HonorCooldown wait for",
        Source::Assumed,
        |a, v| a.manual_scaling_cooldown = v.flag(),
    ),
    setting(
        "asg.tracking_out_after",
        AT_LEAST_A_SECOND,
        "3m",
        "how long a tracked metric is above its target before a group scales out, in whole minutes",
        Source::Assumed,
        |a, v| a.tracking_out_after = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "asg.tracking_in_after",
        AT_LEAST_A_SECOND,
        "15m",
        "how long a tracked metric is well below its target before a group scales in, in whole \
         minutes",
        Source::Assumed,
        |a, v| a.tracking_in_after = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "asg.tracking_in_below",
        Kind::Number { min: 0.0, max: 1.0 },
        "0.9",
        "share of its target below which a tracked metric is well below it",
        Source::Assumed,
        |a, v| {
            if let SettingValue::Number(share) = v {
                a.tracking_in_below = share;
            }
        },
    ),
    setting(
        "cloudwatch.utilisation_sample",
        AT_LEAST_A_SECOND,
        "1s",
        "how often the busy servers of instances are counted for their mean utilisation of a minute",
        Source::Assumed,
        |a, v| a.utilisation_sample = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "asg.replacement_launch_delay",
        Kind::Distribution,
        "2s",
        "time from a shortage of instances to the launch activity",
        Source::Observed("a log of an Auto Scaling group replacing an unhealthy instance"),
        |a, v| a.replacement_launch_delay = v.sampler(),
    ),
    assumed_time(
        "ec2.boot",
        "35s",
        "Pending until running, for a launch template that does not say",
        |a, v| a.ec2_boot = v.sampler(),
    ),
    assumed_time(
        "ec2.terminate",
        "20s",
        "time from a termination until the host no longer answers, if its process has exited",
        |a, v| a.ec2_terminate = v.sampler(),
    ),
    assumed_time(
        "ec2.stop",
        "20s",
        "time from a stop until the host no longer answers, if its process has exited",
        |a, v| a.ec2_stop = v.sampler(),
    ),
    setting(
        "warm_pool.start",
        Kind::Distribution,
        "20s",
        "Pending until running of a stopped instance that is drawn from a warm pool, if its launch \
         template boots no faster",
        Source::Observed("activities of warm pools, of which a draw took 19 s and another 36 s"),
        |a, v| a.warm_pool_start = v.sampler(),
    ),
    assumed_time(
        "warm_pool.resume",
        "10s",
        "the same of a hibernated instance, whose process answers then",
        |a, v| a.warm_pool_resume = v.sampler(),
    ),
    setting(
        "elbv2.reregister_cancels_drain",
        Kind::Boolean,
        "true",
        "whether registering a draining target again lets the requests in flight on it finish",
        Source::Assumed,
        |a, v| a.reregister_cancels_drain = v.flag(),
    ),
    setting(
        "elbv2.ip_reregister",
        Kind::OneOf(&["queue", "accept", "reject"]),
        "queue",
        "what registering a draining IP target again does: wait for its deadline, succeed at once, \
         or fail",
        Source::Assumed,
        |a, v| {
            a.ip_reregister = if v.is_word("accept") {
                IpReregister::Accept
            } else if v.is_word("reject") {
                IpReregister::Reject
            } else {
                IpReregister::Queue
            };
        },
    ),
    setting(
        "elbv2.redereg_resets",
        Kind::Boolean,
        "false",
        "whether deregistering a draining target again starts its delay anew",
        Source::Assumed,
        |a, v| a.redereg_resets = v.flag(),
    ),
    setting(
        "nlb.termination_slack",
        ANY_DURATION,
        "5s",
        "how long after the deregistration delay a Network Load Balancer that terminates \
         connections does so",
        Source::Assumed,
        |a, v| a.nlb_termination_slack = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "nlb.initial_checks",
        INITIAL_CHECKS,
        "healthy_threshold",
        "successful checks that make a new target of a Network or Gateway Load Balancer healthy",
        Source::Assumed,
        |a, v| a.nlb_initial_checks = v.initial_checks(),
    ),
    setting(
        "clb.initial_checks",
        INITIAL_CHECKS,
        "healthy_threshold",
        "successful checks that put a new instance of a Classic Load Balancer in service",
        Source::Assumed,
        |a, v| a.clb_initial_checks = v.initial_checks(),
    ),
    setting(
        "clb.cut_status",
        SERVER_FAULTS,
        "504",
        "what the client of a request sees that a Classic Load Balancer cuts",
        Source::Assumed,
        |a, v| a.clb_cut_status = v.status(),
    ),
    setting(
        "clb.refused_status",
        SERVER_FAULTS,
        "503",
        "what the client of a request sees whose instance of a Classic Load Balancer has closed \
         its port",
        Source::Assumed,
        |a, v| a.clb_refused_status = v.status(),
    ),
    setting(
        "lattice.cut_status",
        SERVER_FAULTS,
        "503",
        "what the client of a request sees that VPC Lattice cuts when the drain ends",
        Source::Assumed,
        |a, v| a.lattice_cut_status = v.status(),
    ),
    setting(
        "ess.waits_for_drain",
        Kind::Boolean,
        "false",
        "whether an ESS scaling activity waits for the servers it removed to drain",
        Source::Assumed,
        |a, v| a.ess_waits_for_drain = v.flag(),
    ),
    setting(
        "ess.scale_in_hook",
        Kind::OneOf(&["before_removal", "after_removal"]),
        "before_removal",
        "when an instance that leaves an ESS scaling group waits for its hooks: before it is removed \
         from the server groups or after; the vendor's pages disagree",
        Source::Documented(
            "https://www.alibabacloud.com/help/en/auto-scaling/developer-reference/api-ess-2022-02-22-createlifecyclehook",
        ),
        |a, v| a.ess_hook_after_removal = v.is_word("after_removal"),
    ),
    setting(
        "ess.client_token_ttl",
        ANY_DURATION,
        "24h",
        "how long ESS remembers a ClientToken",
        Source::Assumed,
        |a, v| a.ess_client_token_ttl = v.sampler().constant().unwrap_or_default(),
    ),
    setting(
        "alibaba_alb.cut_status",
        SERVER_FAULTS,
        "500",
        "what the client of a request sees that an Alibaba ALB cuts at the drain timeout",
        Source::Documented(
            "https://www.alibabacloud.com/help/en/slb/application-load-balancer/user-guide/smooth-transition-of-alb-request-by-connection-graceful-interrupt",
        ),
        |a, v| a.alibaba_alb_cut_status = v.status(),
    ),
    setting(
        "alibaba_alb.drain_off",
        Kind::OneOf(&["finish", "cut"]),
        "finish",
        "what an Alibaba ALB without connection draining does with requests in flight on a removed \
         server; the vendor's pages disagree",
        Source::Documented(
            "https://www.alibabacloud.com/help/en/slb/application-load-balancer/user-guide/smooth-transition-of-alb-request-by-connection-graceful-interrupt",
        ),
        |a, v| {
            a.alibaba_alb_drain_off = if v.is_word("cut") {
                DrainOff::Cut
            } else {
                DrainOff::Finish
            };
        },
    ),
    setting(
        "alibaba_gwlb.drain_end",
        Kind::OneOf(&["idle", "cut"]),
        "idle",
        "what ends the flows on a removed server of an Alibaba GWLB when the drain timeout is over: \
         that they are idle, which none here is, or the balancer",
        Source::Documented(
            "https://www.alibabacloud.com/help/en/slb/gateway-based-load-balancing-gwlb/user-guide/overview-of-gwlb-server-groups",
        ),
        |a, v| a.alibaba_gwlb_cuts = v.is_word("cut"),
    ),
    setting(
        "alibaba_clb.cut_status",
        SERVER_FAULTS,
        "502",
        "what the client of a request sees that an Alibaba CLB cuts with the server it is on",
        Source::Observed("the vendor's advice, retold: http://www.aliyun123.cn/news/758.html"),
        |a, v| a.alibaba_clb_cut_status = v.status(),
    ),
    setting(
        "lb.node_choice",
        Kind::OneOf(&["random", "round_robin"]),
        "random",
        "how requests spread over the nodes of a load balancer",
        Source::Assumed,
        |a, v| {
            a.node_choice = if v.is_word("round_robin") {
                NodeChoice::RoundRobin
            } else {
                NodeChoice::Random
            };
        },
    ),
    setting(
        "faults.contention_rate",
        Kind::Number { min: 0.0, max: 1.0 },
        "0",
        "share of Auto Scaling calls answered with ResourceContention",
        Source::Assumed,
        |a, v| {
            if let SettingValue::Number(rate) = v {
                a.contention_rate = rate;
            }
        },
    ),
];
