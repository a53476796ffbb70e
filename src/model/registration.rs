//! Registrations: a target in a target group, from its registration to the end of its drain.
//!
//! A registration is a generation of the key (target group, id, port): registering the same key
//! again makes a new one, which the drain of the old one does not bind.

use super::health::Checker;
use super::ids::{DrainId, EntryId, InstanceId, TargetGroupId, ZoneId};
use super::lb::DrainRules;
use super::view::Standing;
use crate::engine::time::SimTime;

/// State of a target, with its reason. Source: R-HEALTH-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TargetHealth {
    /// `initial`, `Elb.RegistrationInProgress`.
    Registering,
    /// `initial`, `Elb.InitialHealthChecking`.
    InitialChecks,
    /// `healthy`.
    Healthy,
    /// `unhealthy`, `Target.FailedHealthChecks`.
    FailedChecks,
    /// `unhealthy`, `Target.Timeout`.
    TimedOut,
    /// `draining`, `Target.DeregistrationInProgress`.
    Draining,
    /// `unused`, `Target.NotRegistered`.
    NotRegistered,
    /// `unused`, `Target.NotInUse`: no listener forwards to its target group.
    NotInUse,
    /// `unused`, `Target.NotInUse`: its zone is not enabled.
    ZoneNotEnabled,
    /// `unused`, `Target.InvalidState`: its instance was terminated.
    InvalidState,
    /// `unused`, `Target.InvalidState`: its instance was stopped.
    StoppedState,
}

impl TargetHealth {
    /// The `State` of the API.
    pub fn state(self) -> &'static str {
        match self {
            Self::Registering | Self::InitialChecks => "initial",
            Self::Healthy => "healthy",
            Self::FailedChecks | Self::TimedOut => "unhealthy",
            Self::Draining => "draining",
            Self::NotRegistered
            | Self::NotInUse
            | Self::ZoneNotEnabled
            | Self::InvalidState
            | Self::StoppedState => "unused",
        }
    }

    /// The `Reason` of the API; a healthy target has none.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Registering => Some("Elb.RegistrationInProgress"),
            Self::InitialChecks => Some("Elb.InitialHealthChecking"),
            Self::Healthy => None,
            Self::FailedChecks => Some("Target.FailedHealthChecks"),
            Self::TimedOut => Some("Target.Timeout"),
            Self::Draining => Some("Target.DeregistrationInProgress"),
            Self::NotRegistered => Some("Target.NotRegistered"),
            Self::NotInUse | Self::ZoneNotEnabled => Some("Target.NotInUse"),
            Self::InvalidState | Self::StoppedState => Some("Target.InvalidState"),
        }
    }

    /// The `Description` of the API; a healthy target has none.
    pub fn description(self) -> Option<&'static str> {
        match self {
            Self::Registering => Some("Target registration is in progress"),
            Self::InitialChecks => Some("Initial health checks in progress"),
            Self::Healthy => None,
            Self::FailedChecks => Some("Health checks failed"),
            Self::TimedOut => Some("Request timed out"),
            Self::Draining => Some("Target deregistration is in progress"),
            Self::NotRegistered => Some("Target is not registered to the target group"),
            Self::NotInUse => {
                Some("Target group is not configured to receive traffic from the load balancer")
            }
            Self::ZoneNotEnabled => {
                Some("Target is in an Availability Zone that is not enabled for the load balancer")
            }
            Self::InvalidState => Some("Target is in the terminated state"),
            Self::StoppedState => Some("Target is in the stopped state"),
        }
    }

    /// Whether it gets no traffic because of where it is: its target group is not forwarded to, or
    /// its zone is not enabled.
    pub(super) fn is_out_of_use(self) -> bool {
        matches!(self, Self::NotInUse | Self::ZoneNotEnabled)
    }

    /// Whether its machine is off.
    pub(super) fn is_off(self) -> bool {
        matches!(self, Self::InvalidState | Self::StoppedState)
    }

    /// Whether the state is `unhealthy`.
    pub fn is_unhealthy(self) -> bool {
        matches!(self, Self::FailedChecks | Self::TimedOut)
    }

    /// Whether the state is `initial`.
    pub fn is_initial(self) -> bool {
        matches!(self, Self::Registering | Self::InitialChecks)
    }

    /// Whether the target is registered and not draining.
    pub fn is_registered(self) -> bool {
        !matches!(self, Self::Draining | Self::NotRegistered)
    }
}

/// Links of a registration: those it began with, a range of the table, and those of nodes that came
/// to have its target group later.
#[derive(Debug, Clone, Default)]
pub(super) struct LinkSet {
    first: std::ops::Range<u32>,
    more: Vec<u32>,
}

impl LinkSet {
    /// The links of a new registration.
    pub(super) fn new(first: std::ops::Range<u32>) -> Self {
        Self {
            first,
            more: Vec::new(),
        }
    }

    /// Adds a link.
    pub(super) fn add(&mut self, link: u32) {
        self.more.push(link);
    }

    /// Every link, in the order they were made.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.first.clone().chain(self.more.iter().copied())
    }

    /// Whether a link is one of them.
    pub(super) fn contains(&self, link: u32) -> bool {
        self.first.contains(&link) || self.more.contains(&link)
    }
}

impl IntoIterator for LinkSet {
    type Item = u32;
    type IntoIter = std::iter::Chain<std::ops::Range<u32>, std::vec::IntoIter<u32>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.chain(self.more)
    }
}

/// A deregistration under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deregistration {
    pub(super) drain: DrainId,
    /// The rules when the call was accepted; later changes of attributes do not count.
    pub(super) rules: DrainRules,
    /// What is displayed is no longer `draining`.
    pub(super) shown_over: bool,
}

/// One registration.
#[derive(Debug)]
pub struct Registration {
    /// Its target group.
    pub target_group: TargetGroupId,
    /// Target id: an instance id or an IP address.
    pub id: String,
    /// Port.
    pub port: u16,
    /// The machine behind it.
    pub instance: InstanceId,
    /// Its zone.
    pub zone: ZoneId,
    /// State and reason.
    pub health: TargetHealth,
    /// What registered it.
    pub entry: Option<EntryId>,
    /// When it was registered; 0 s for one that stood before.
    pub since: SimTime,
    pub(super) checker: Option<Checker>,
    /// Links of all nodes that may choose it, or could once.
    pub(super) links: LinkSet,
    /// Registered with `AvailabilityZone: all`: every node may choose it.
    pub any_zone: bool,
    /// Its QUIC server id.
    pub quic_server_id: Option<String>,
    /// Its weight as it was set \[0..=100\]; nodes learn of it later.
    pub weight: u32,
    /// What set its weight last.
    pub(super) weighed_by: Option<EntryId>,
    /// What somebody wrote about it.
    pub description: Option<String>,
    pub(super) deregistration: Option<Deregistration>,
    /// What deregistered it.
    pub(super) deregistered_by: Option<EntryId>,
    /// What made it unhealthy or useless last.
    pub(super) changed_by: Option<EntryId>,
    /// When it was found unhealthy last, for kinds that drain then.
    pub(super) unhealthy_at: SimTime,
    /// Its drain is over, or it never had traffic: nothing refers to it any more.
    pub(super) over: bool,
    /// What its checks say; they go on while it drains.
    pub(super) verdict: Standing,
    /// What nodes that know of it take it for.
    pub(super) seen: Standing,
    /// How often it was found unhealthy by a kind whose nodes learn that late.
    pub(super) sightings: u64,
    /// To be registered again when its drain is over (`elbv2.ip_reregister: queue`).
    pub(super) register_again: bool,
}

impl Registration {
    /// Whether it drains and is shown to until its delay is over, whatever is in flight.
    pub fn drains_for_the_whole_delay(&self) -> bool {
        let shows = |deregistration: Deregistration| deregistration.rules.shows_full_delay;
        self.deregistration.is_some_and(shows)
    }

    /// Whether the cloud shows it: it is registered, or displayed as draining.
    pub fn is_shown(&self) -> bool {
        !self.over && self.health != TargetHealth::NotRegistered
    }
}
