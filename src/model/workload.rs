//! A workload at its listener: where its requests come from, where they may go, how long they wait.
//!
//! It hands out requests and chooses the view each comes to. It must never know what became of one.

use super::assumption::NodeChoice;
use super::cloud::TargetGroup;
use super::request::End;
use super::settings::{FleetSettings, ServiceTimes};
use super::timeout_lane::TimeoutLane;
use crate::engine::random::{Stream, Streams};
use crate::engine::time::{SimDuration, SimTime};
use crate::workload::source::{RequestSource, Service};

/// A workload as the path of a request reads it.
#[derive(Debug)]
pub(super) struct Workload {
    pub(super) source: RequestSource,
    pub(super) service: ServiceTimes,
    /// Target groups by cumulative weight, with their first view.
    forward: Vec<Forward>,
    total_weight: u32,
    /// The view all requests come to, when there is only one.
    only_view: Option<u32>,
    nodes: u32,
    next_node: u32,
    round_robin_nodes: bool,
    pub(super) choices: Stream,
    pub(super) client_timeout: SimDuration,
    /// How long a request is waited for, and who gives up first.
    pub(super) patience: (SimDuration, End),
    /// Deadlines of its requests that wait.
    pub(super) timeouts: TimeoutLane,
    pub(super) retries: u8,
    pub(super) number: u16,
}

#[derive(Debug, Clone, Copy)]
struct Forward {
    up_to_weight: u32,
    target_group: usize,
    first_view: u32,
}

impl Workload {
    pub(super) fn build_all(settings: &FleetSettings, streams: Streams) -> Vec<Self> {
        let round_robin_nodes = settings.assumptions.node_choice == NodeChoice::RoundRobin;
        let build = |(index, workload): (u64, &super::settings::WorkloadSettings)| {
            let listener = &settings.listeners[workload.listener.index()];
            let load_balancer = &settings.load_balancers[listener.load_balancer];
            let mut total_weight = 0;
            let forward = listener
                .forward
                .iter()
                .filter(|(_, weight)| *weight > 0)
                .map(|&(target_group, weight)| {
                    total_weight += weight;
                    Forward {
                        up_to_weight: total_weight,
                        target_group: target_group.index(),
                        first_view: 0,
                    }
                })
                .collect();
            let service = match &workload.service {
                ServiceTimes::Distribution(sampler) => Service::Drawn(sampler.clone()),
                ServiceTimes::Trace(times) => Service::Trace(times.clone()),
            };
            let client_timeout = workload.client.timeout.unwrap_or(SimDuration::MAX);
            let response_timeout = load_balancer
                .kind
                .response_timeout(&load_balancer.attributes);
            Self {
                source: RequestSource::new(
                    workload.arrivals.clone(),
                    service,
                    streams.stream("arrivals", &[index]),
                    streams.stream("service times", &[index]),
                ),
                service: workload.service.clone(),
                forward,
                total_weight,
                only_view: None,
                nodes: u32::try_from(load_balancer.zones.len()).expect("zones fit 32 bits"),
                next_node: 0,
                round_robin_nodes,
                choices: streams.stream("node choice", &[index]),
                client_timeout,
                patience: if client_timeout < response_timeout {
                    (client_timeout, End::ClientTimeout)
                } else {
                    (response_timeout, End::ResponseTimeout)
                },
                timeouts: TimeoutLane::default(),
                retries: u8::try_from(workload.client.retries).unwrap_or(u8::MAX),
                number: u16::try_from(index).expect("workloads are limited to 1,000"),
            }
        };
        (0..).zip(&settings.workloads).map(build).collect()
    }

    pub(super) fn find_views(&mut self, target_groups: &[TargetGroup]) {
        for forward in &mut self.forward {
            forward.first_view = target_groups[forward.target_group].first_view;
        }
        self.only_view = match &*self.forward {
            [only] if self.nodes == 1 => Some(only.first_view),
            _ => None,
        };
    }

    pub(super) fn next_arrival(&self) -> SimTime {
        self.source.next()
    }

    /// The view a request comes to: a target group by weight, a node at random or in turn.
    #[inline]
    pub(super) fn choose_view(&mut self) -> u32 {
        if let Some(view) = self.only_view {
            return view;
        }
        self.choose_among_views()
    }

    fn choose_among_views(&mut self) -> u32 {
        let mut forward = self.forward[0];
        if self.forward.len() > 1 {
            let drawn = self.choices.below(u64::from(self.total_weight));
            let chosen = self
                .forward
                .iter()
                .find(|f| drawn < u64::from(f.up_to_weight));
            forward = *chosen.expect("weights add up to the total");
        }
        if self.nodes == 1 {
            return forward.first_view;
        }
        let node = if self.round_robin_nodes {
            let node = self.next_node;
            self.next_node = if node + 1 == self.nodes { 0 } else { node + 1 };
            node
        } else {
            u32::try_from(self.choices.below(u64::from(self.nodes))).expect("few nodes")
        };
        forward.first_view + node
    }
}
