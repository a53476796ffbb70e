//! A workload at its listener: where its requests come from, where they may go, how long they wait.
//!
//! It hands out requests and chooses the view each comes to. It must never know what became of one.

use super::assumption::NodeChoice;
use super::ids::ListenerId;
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
    /// The listener or rule its requests come to.
    pub(super) listener: ListenerId,
    /// Target groups by cumulative weight, when all nodes know the same of the listener.
    forward: Vec<Forward>,
    total_weight: u32,
    /// The views of each target group, one for each node, one group after the other.
    views: Vec<u32>,
    /// What each node knows of the listener, when they differ: cumulative weights and views.
    each_node: Vec<Vec<(u32, u32)>>,
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
    /// Where its views begin.
    row: u32,
}

/// Who gives up first, and when.
fn patience(client_timeout: SimDuration, response_timeout: SimDuration) -> (SimDuration, End) {
    if client_timeout < response_timeout {
        (client_timeout, End::ClientTimeout)
    } else {
        (response_timeout, End::ResponseTimeout)
    }
}

impl Workload {
    pub(super) fn build_all(settings: &FleetSettings, streams: Streams) -> Vec<Self> {
        let round_robin_nodes = settings.assumptions.node_choice == NodeChoice::RoundRobin;
        let build = |(index, workload): (u64, &super::settings::WorkloadSettings)| {
            let listener = &settings.listeners[workload.listener.index()];
            let load_balancer = &settings.load_balancers[listener.load_balancer];
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
                listener: workload.listener,
                forward: Vec::new(),
                total_weight: 0,
                views: Vec::new(),
                each_node: Vec::new(),
                only_view: None,
                nodes: 0,
                next_node: 0,
                round_robin_nodes,
                choices: streams.stream("node choice", &[index]),
                client_timeout,
                patience: patience(client_timeout, response_timeout),
                timeouts: TimeoutLane::default(),
                retries: u8::try_from(workload.client.retries).unwrap_or(u8::MAX),
                number: u16::try_from(index).expect("workloads are limited to 1,000"),
            }
        };
        (0..).zip(&settings.workloads).map(build).collect()
    }

    /// Its balancer waits so long for an answer from now on: requests under way are waited for as
    /// they were.
    pub(super) fn set_response_timeout(&mut self, timeout: SimDuration) {
        self.patience = patience(self.client_timeout, timeout);
    }

    /// Where its requests go from now on: weights and views for each node, in the same order of
    /// target groups when the nodes are agreed.
    pub(super) fn set_routes(&mut self, routes: &[Vec<(u32, u32)>], agreed: bool) {
        self.nodes = u32::try_from(routes.len()).expect("nodes fit 32 bits");
        if self.next_node >= self.nodes {
            self.next_node = 0;
        }
        self.forward.clear();
        self.views.clear();
        self.each_node.clear();
        self.total_weight = 0;
        if agreed {
            for place in 0..routes[0].len() {
                self.total_weight += routes[0][place].0;
                let row = u32::try_from(self.views.len()).expect("views fit 32 bits");
                self.views.extend(routes.iter().map(|route| route[place].1));
                self.forward.push(Forward {
                    up_to_weight: self.total_weight,
                    row,
                });
            }
        } else {
            self.each_node.extend(routes.iter().map(|route| {
                let mut total = 0;
                let up_to = route.iter().map(|&(weight, view)| {
                    total += weight;
                    (total, view)
                });
                up_to.collect()
            }));
        }
        self.only_view = match &*self.views {
            [only] => Some(*only),
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
        if !self.each_node.is_empty() {
            return self.choose_by_node();
        }
        let mut forward = self.forward[0];
        if self.forward.len() > 1 {
            let drawn = self.choices.below(u64::from(self.total_weight));
            let chosen = self
                .forward
                .iter()
                .find(|f| drawn < u64::from(f.up_to_weight));
            forward = *chosen.expect("weights add up to the total");
        }
        let node = self.choose_node();
        self.views[(forward.row + node) as usize]
    }

    #[inline]
    fn choose_node(&mut self) -> u32 {
        if self.nodes == 1 {
            0
        } else if self.round_robin_nodes {
            let node = self.next_node;
            self.next_node = if node + 1 == self.nodes { 0 } else { node + 1 };
            node
        } else {
            u32::try_from(self.choices.below(u64::from(self.nodes))).expect("few nodes")
        }
    }

    /// While a change of the listener spreads: the node comes first, then what it knows.
    #[cold]
    fn choose_by_node(&mut self) -> u32 {
        let node = self.choose_node();
        let route = &self.each_node[node as usize];
        let (total, only) = *route.last().expect("there is always a view");
        if route.len() == 1 {
            return only;
        }
        let drawn = self.choices.below(u64::from(total));
        let chosen = route.iter().find(|(up_to, _)| drawn < u64::from(*up_to));
        chosen.expect("weights add up to the total").1
    }
}
