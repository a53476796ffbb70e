//! Routing algorithms: how a node chooses among the eligible targets of its view.
//!
//! The choice is an enum, so the path of a request calls nothing through a box. One file and one
//! line of [`ALGORITHMS`] each.

pub(super) mod least_outstanding;
pub(super) mod weighted;

use crate::describe::Source;

/// How a node chooses a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Each in turn.
    RoundRobin,
    /// The one with the fewest requests in flight from this node; ties in round-robin order.
    LeastOutstandingRequests,
    /// One at random, in proportion to its weight.
    WeightedRandom,
}

/// One algorithm with its words.
#[derive(Debug, Clone, Copy)]
pub struct AlgorithmDescriptor {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Its name, as the attribute value spells it.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Where its behaviour is documented.
    pub source: Source,
}

/// The algorithm called `name`.
pub fn algorithm(name: &str) -> Option<Algorithm> {
    ALGORITHMS
        .iter()
        .find(|descriptor| descriptor.name == name)
        .map(|descriptor| descriptor.algorithm)
}

const SOURCE: Source = Source::Documented(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm",
);

/// Every algorithm.
pub static ALGORITHMS: &[AlgorithmDescriptor] = &[
    AlgorithmDescriptor {
        algorithm: Algorithm::RoundRobin,
        name: "round_robin",
        summary: "each eligible target in turn",
        source: SOURCE,
    },
    AlgorithmDescriptor {
        algorithm: Algorithm::LeastOutstandingRequests,
        name: "least_outstanding_requests",
        summary: "the target with the fewest requests in flight from this node",
        source: SOURCE,
    },
    AlgorithmDescriptor {
        algorithm: Algorithm::WeightedRandom,
        name: "weighted_random",
        summary: "a target at random",
        source: SOURCE,
    },
];
