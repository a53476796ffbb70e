//! Views: what one load balancer node knows of one target group, and how it chooses a target.
//!
//! A node learns late, so views of the same group differ for a while. Counts are kept at every
//! change; the list of eligible targets is made anew only when a request needs it. A view must
//! never look at a target's process: it knows what it was told.

use super::ids::{EntryId, InstanceId, LinkId, NodeId, RegistrationId};
use super::lb::RoutingRules;
use super::routing::Algorithm;
use super::routing::least_outstanding::Levels;
use super::routing::weighted::{self, Weighted};
use crate::engine::random::Stream;
use crate::engine::time::{SimDuration, SimTime};

/// Not in the list of eligible targets.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What a request must turn off for on a link. On a link without any a request that goes well
/// reads the link and nothing else: whatever a later feature adds costs only those who use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detours(u8);

impl Detours {
    pub(super) const NONE: Self = Self(0);
    /// The registration is draining: requests on it are counted for its drain.
    pub(super) const DRAINING: Self = Self(1);
    /// The process serves so many at once: busy servers are counted and others wait.
    pub(super) const LIMITED: Self = Self(2);
    /// The process does not take requests.
    pub(super) const STOPPED: Self = Self(4);
    /// The node chooses by how many requests are in flight.
    pub(super) const RANKED: Self = Self(8);

    #[inline]
    pub(super) const fn has(self, detour: Self) -> bool {
        self.0 & detour.0 != 0
    }

    #[inline]
    pub(super) fn set(&mut self, detour: Self, on: bool) {
        self.0 = if on {
            self.0 | detour.0
        } else {
            self.0 & !detour.0
        };
    }
}

/// One registration as one node sees it: a cache line that a request reads and writes.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Link {
    /// Requests in flight on it from this node.
    pub(super) in_flight: u32,
    /// Place among the view's eligible targets, or [`NOWHERE`].
    pub(super) position: u32,
    pub(super) view: u32,
    pub(super) registration: u32,
    pub(super) instance: u32,
    pub(super) detours: Detours,
    /// The node has learnt of the registration and not of a deregistration.
    pub(super) known: bool,
    /// What the view counts it as; kept so that a change is a difference.
    pub(super) counted: Standing,
    /// The node has cut, or has nothing to cut any more.
    pub(super) over: bool,
    pub(super) attempts: u64,
    pub(super) completed: u64,
    pub(super) lost: u64,
    /// When the node cuts what is in flight on it.
    pub(super) cut_at: SimTime,
    /// What no request asks for.
    pub(super) history: Box<LinkHistory>,
}

const _: () = assert!(size_of::<Link>() == 64, "one cache line");

/// What a node has heard of a registration and how far its share has grown.
#[derive(Debug, Clone, Default)]
pub(super) struct LinkHistory {
    /// When the node learns of the last write about it.
    pub(super) last_write: SimTime,
    /// Writes about it that the node has yet to learn of. A time alone would not tell, as events
    /// of the instant in which it learns may come first.
    pub(super) unheard: u32,
    /// Its share grows from 0 at `slow_from` to the full one at `slow_until`.
    pub(super) slow_from: SimTime,
    pub(super) slow_until: SimTime,
    /// Writes that made it usable or unusable.
    pub(super) refits: u32,
    /// The last write, learnt or not, lets the node choose it.
    pub(super) told: bool,
    /// Its weight as the node knows it \[0..=100\]; of one of weight 0 nothing is chosen.
    pub(super) weight: u32,
    /// Writes that changed its weight.
    pub(super) weighings: u32,
    /// Its next turn among targets of unequal weights; 0 if it has had none.
    pub(super) turn: u64,
}

impl Link {
    /// A link nobody knows of yet.
    pub(super) fn new(view: u32, registration: RegistrationId, instance: InstanceId) -> Self {
        Self {
            in_flight: 0,
            position: NOWHERE,
            view,
            registration: registration.0,
            instance: instance.0,
            detours: Detours::NONE,
            known: false,
            counted: Standing::Absent,
            over: false,
            attempts: 0,
            completed: 0,
            lost: 0,
            cut_at: SimTime::MAX,
            history: Box::default(),
        }
    }

    /// The registration is draining: requests on it are counted for its drain.
    pub(super) fn is_draining(&self) -> bool {
        self.detours.has(Detours::DRAINING)
    }
}

/// What a view counts a link as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not known, or of no weight.
    Absent,
    /// Known, no verdict yet.
    Initial,
    /// Known and healthy.
    Healthy,
    /// Known and not healthy.
    Unhealthy,
}

/// One node's view of one target group.
#[derive(Debug)]
pub(super) struct View {
    pub(super) node: NodeId,
    pub(super) rules: RoutingRules,
    /// Links that may be eligible now or later, in order of registration.
    pub(super) links: Vec<LinkId>,
    healthy: u32,
    unhealthy: u32,
    initial: u32,
    eligible: Vec<u32>,
    stale: bool,
    cursor: u32,
    /// The list is up to date and each eligible target simply takes its turn.
    takes_turns: bool,
    levels: Levels,
    /// The list is up to date and `levels` ranks it.
    ranked: bool,
    /// How it chooses when weights differ.
    weighted: Option<Weighted>,
    /// Until then some target may be in slow start.
    slow_until: SimTime,
    /// What last took an eligible target away.
    pub(super) emptied_by: Option<EntryId>,
    /// What last took a healthy target from it: to blame for what fails once it routes to others.
    pub(super) last_healthy_left_by: Option<EntryId>,
}

impl View {
    pub(super) fn new(node: NodeId, rules: RoutingRules) -> Self {
        Self {
            node,
            rules,
            links: Vec::new(),
            healthy: 0,
            unhealthy: 0,
            initial: 0,
            eligible: Vec::new(),
            stale: true,
            cursor: 0,
            takes_turns: false,
            levels: Levels::default(),
            ranked: false,
            weighted: None,
            slow_until: SimTime::ZERO,
            emptied_by: None,
            last_healthy_left_by: None,
        }
    }

    /// A view in which there is never anything to choose.
    pub(super) fn empty(node: NodeId) -> Self {
        let rules = RoutingRules {
            by_weight: false,
            algorithm: Algorithm::RoundRobin,
            slow_start: SimDuration::ZERO,
            fail_open_count: 1,
            fail_open_percentage: 0,
        };
        Self::new(node, rules)
    }

    /// Whether so few targets are healthy that all registered ones get requests. Source: R-ROUTE-2.
    pub(super) fn fails_open(&self) -> bool {
        let registered = self.healthy + self.unhealthy + self.initial;
        self.healthy < self.rules.fail_open_count
            || u64::from(self.healthy) * 100
                < u64::from(self.rules.fail_open_percentage) * u64::from(registered)
    }

    /// Targets a request may go to.
    pub(super) fn eligible_count(&self) -> u32 {
        if self.fails_open() {
            self.healthy + self.unhealthy
        } else {
            self.healthy
        }
    }

    /// The list of eligible targets has to be made anew.
    pub(super) fn mark_stale(&mut self) {
        self.stale = true;
        self.takes_turns = false;
        self.ranked = false;
    }

    fn is_eligible(&self, standing: Standing) -> bool {
        match standing {
            Standing::Healthy => true,
            Standing::Unhealthy => self.fails_open(),
            // a target in `initial` gets no traffic, not even when failing open
            Standing::Absent | Standing::Initial => false,
        }
    }

    fn count(&mut self, standing: Standing) -> Option<&mut u32> {
        match standing {
            Standing::Absent => None,
            Standing::Initial => Some(&mut self.initial),
            Standing::Healthy => Some(&mut self.healthy),
            Standing::Unhealthy => Some(&mut self.unhealthy),
        }
    }

    /// A link's standing changed through `cause`.
    pub(super) fn restand(&mut self, from: Standing, to: Standing, cause: Option<EntryId>) {
        let before = self.eligible_count();
        if let Some(count) = self.count(from) {
            *count -= 1;
        }
        if let Some(count) = self.count(to) {
            *count += 1;
        }
        self.mark_stale();
        if self.eligible_count() < before {
            self.emptied_by = cause;
        }
        if from == Standing::Healthy {
            self.last_healthy_left_by = cause;
        }
    }

    /// A target that became healthy at `now` enters slow start, unless no other is out of it.
    pub(super) fn enter_slow_start(&mut self, now: SimTime, link: &mut Link, others: bool) {
        if self.rules.slow_start > SimDuration::ZERO && others {
            link.history.slow_from = now;
            link.history.slow_until = now + self.rules.slow_start;
            self.slow_until = self.slow_until.max(link.history.slow_until);
            self.takes_turns = false;
        }
    }

    /// The rules were modified.
    pub(super) fn set_rules(&mut self, rules: RoutingRules, links: &mut [Link]) {
        self.rules = rules;
        self.mark_stale();
        let ranked = self.is_ranked();
        for link in &self.links {
            links[link.index()].detours.set(Detours::RANKED, ranked);
        }
    }

    /// Whether it chooses by how many requests are in flight.
    pub(super) fn is_ranked(&self) -> bool {
        self.rules.algorithm == Algorithm::LeastOutstandingRequests
    }

    /// Makes the list of eligible targets anew. Round robin goes on after the target it had
    /// reached, counted by order of registration.
    #[cold]
    fn rebuild(&mut self, links: &mut [Link]) {
        self.stale = false;
        let next = self.eligible.get(self.cursor as usize).copied();
        for &link in &self.eligible {
            links[link as usize].position = NOWHERE;
        }
        let clock = self.weighted.take().map_or(0, |weighted| weighted.clock());
        self.links.retain(|link| !links[link.index()].over);
        let mut eligible = std::mem::take(&mut self.eligible);
        eligible.clear();
        self.cursor = 0;
        for link in &self.links {
            let entry = &links[link.index()];
            if self.is_eligible(entry.counted) {
                let position = u32::try_from(eligible.len()).expect("positions fit 32 bits");
                if next.is_some_and(|next| link.0 < next) {
                    self.cursor = position + 1;
                }
                eligible.push(link.0);
                links[link.index()].position = position;
            }
        }
        if self.cursor as usize >= eligible.len() {
            self.cursor = 0;
        }
        self.eligible = eligible;
        let mut weights = self
            .eligible
            .iter()
            .map(|&link| links[link as usize].history.weight);
        let first = weights.next();
        if self.rules.by_weight && weights.any(|weight| Some(weight) != first) {
            self.weighted = Some(Weighted::new(clock, &self.eligible, links));
        } else if self.is_ranked() {
            let counts = self
                .eligible
                .iter()
                .map(|&link| links[link as usize].in_flight)
                .collect();
            self.levels = Levels::new(counts);
            self.ranked = !self.eligible.is_empty();
        }
    }

    /// Chooses a target for a request; `None` when there is no eligible one.
    #[inline]
    pub(super) fn choose(
        &mut self,
        now: SimTime,
        links: &mut [Link],
        stream: &mut Stream,
    ) -> Option<LinkId> {
        let position = if self.takes_turns {
            self.cursor
        } else if self.ranked {
            self.levels.choose(self.cursor)
        } else {
            return self.choose_otherwise(now, links, stream);
        };
        Some(self.take(position))
    }

    /// The eligible target at `position`; the next turn is that of the one behind it.
    #[inline]
    fn take(&mut self, position: u32) -> LinkId {
        let link = self.eligible[position as usize];
        self.cursor = position + 1;
        if self.cursor as usize == self.eligible.len() {
            self.cursor = 0;
        }
        LinkId(link)
    }

    /// Chooses when a target does not simply take its turn.
    #[inline(never)]
    fn choose_otherwise(
        &mut self,
        now: SimTime,
        links: &mut [Link],
        stream: &mut Stream,
    ) -> Option<LinkId> {
        if self.stale {
            self.rebuild(links);
        }
        let count = u32::try_from(self.eligible.len()).expect("positions fit 32 bits");
        if count == 0 {
            return None;
        }
        if let Some(weighted) = &mut self.weighted {
            let position = match self.rules.algorithm {
                Algorithm::RoundRobin => weighted.in_turn(&self.eligible, links),
                Algorithm::LeastOutstandingRequests => {
                    weighted::least_outstanding(self.cursor, &self.eligible, links)
                }
                Algorithm::WeightedRandom => weighted.at_random(stream),
            };
            return Some(self.take(position));
        }
        let position = match self.rules.algorithm {
            Algorithm::RoundRobin if now < self.slow_until => {
                return Some(self.choose_slowly(now, links, stream));
            }
            Algorithm::RoundRobin => {
                self.takes_turns = true;
                self.cursor
            }
            Algorithm::LeastOutstandingRequests => self.levels.choose(self.cursor),
            Algorithm::WeightedRandom => {
                u32::try_from(stream.below(u64::from(count))).expect("below a 32-bit count")
            }
        };
        Some(self.take(position))
    }

    /// Round robin in which a target in slow start takes its turn only with the share it has
    /// grown to. Source: R-ROUTE-4.
    #[cold]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share need not be exact to the nanosecond"
    )]
    fn choose_slowly(&mut self, now: SimTime, links: &[Link], stream: &mut Stream) -> LinkId {
        let mut link = LinkId(self.eligible[self.cursor as usize]);
        for _ in 0..self.eligible.len() {
            link = LinkId(self.eligible[self.cursor as usize]);
            self.cursor += 1;
            if self.cursor as usize == self.eligible.len() {
                self.cursor = 0;
            }
            let entry = &links[link.index()];
            if now >= entry.history.slow_until {
                break;
            }
            let grown = now.since(entry.history.slow_from).as_nanos() as f64;
            let whole = entry
                .history
                .slow_until
                .since(entry.history.slow_from)
                .as_nanos() as f64;
            if stream.unit() < grown / whole {
                break;
            }
        }
        link
    }

    /// A link of this view has another number of requests in flight.
    #[inline]
    pub(super) fn outstanding(&mut self, link: &Link) {
        if self.ranked && link.position != NOWHERE {
            self.levels.set(link.position, link.in_flight);
        }
    }

    /// Recounts from its links, for the check of the whole state.
    pub(super) fn assert_coherent(&self, links: &[Link]) {
        let mut counts = [0_u32; 4];
        for link in &self.links {
            counts[links[link.index()].counted as usize] += 1;
        }
        let kept = [self.initial, self.healthy, self.unhealthy];
        assert_eq!(counts[1..], kept, "a view counts its links");
    }
}
