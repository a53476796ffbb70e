//! Traffic: what each node has sent to a registration and what a process is doing, for reading.
//!
//! Tests and curious library users look at the path of requests through this window. It must never
//! change anything and nothing on the path of a request asks it.

use super::cloud::Cloud;
use super::ids::{InstanceId, LinkId, NodeId, RegistrationId};
use super::machine::ProcessState;

/// What one node has sent to one registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkTraffic {
    /// The registration as this node sees it, as records name it.
    pub link: LinkId,
    /// The node.
    pub node: NodeId,
    /// The node has learnt of the registration and not of a deregistration.
    pub known: bool,
    /// Attempts sent.
    pub attempts: u64,
    /// Attempts answered.
    pub completed: u64,
    /// Attempts lost.
    pub lost: u64,
    /// Attempts in flight.
    pub in_flight: u64,
}

impl Cloud {
    /// What the nodes have sent to a registration, one item for each node that may choose it.
    pub fn traffic_of(&self, id: RegistrationId) -> impl Iterator<Item = LinkTraffic> + '_ {
        let links = self.registrations[id.index()].links.iter();
        links.map(|index| {
            let link = &self.links[index as usize];
            LinkTraffic {
                link: LinkId(index),
                node: self.views[link.view as usize].node,
                known: link.known,
                attempts: link.attempts,
                completed: link.completed,
                lost: link.lost,
                in_flight: u64::from(link.in_flight),
            }
        })
    }

    /// What the process of an instance is doing.
    pub fn process_state(&self, id: InstanceId) -> ProcessState {
        self.processes[id.index()].state
    }

    /// Whether a registration's drain is over.
    pub fn is_over(&self, id: RegistrationId) -> bool {
        self.registrations[id.index()].over
    }
}
