//! The glossary: words of the reports and of the file that are no registry's business.
//!
//! Each word is used in one meaning everywhere. It must never explain what a registry describes.

use crate::describe::{Page, Source};

/// A word and its meaning.
#[derive(Debug, Clone, Copy)]
struct Term {
    name: &'static str,
    meaning: &'static str,
    more: &'static str,
}

const fn term(name: &'static str, meaning: &'static str, more: &'static str) -> Term {
    Term {
        name,
        meaning,
        more,
    }
}

const TERMS: &[Term] = &[
    term(
        "drain",
        "the interval a target spends deregistering, with an outcome",
        "It begins when a deregistration is accepted. Outcomes: `completed` (every request on it \
         finished), `timed_out` (the deadline came and something was cut), `target_lost` (the \
         target stopped with requests in flight), `cancelled` (it was registered again), `open` \
         (the horizon came first). in_flight_at_start + arrived_during = completed + cut + \
         lost_other + in_flight_at_end, in every drain.",
    ),
    term(
        "detach",
        "what a group does with an instance: it is no longer a member, and goes on running",
        "Detaching deregisters the instance from every target group of the group, which starts a \
         drain; on Alibaba Cloud it stays in the server groups unless `DetachOption` is `both`. \
         Terminating is another thing.",
    ),
    term(
        "standby",
        "what a member of a group does that stays one and serves nobody for a while",
        "On AWS it is deregistered, which starts a drain, and registered again. On Alibaba Cloud its \
         weight is taken to 0: nothing drains and nothing is cut.",
    ),
    term(
        "weight",
        "the share of new requests that a server of Alibaba Cloud gets, 0 to 100",
        "With 0 it gets none and finishes what it has. Nodes learn of a weight as they learn of a \
         removal: some time later.",
    ),
    term(
        "recycle",
        "what a scaling group of Alibaba Cloud does that stops instances and does not release them",
        "Written `scaling_policy: recycle`. A later scale-out starts the stopped ones before it \
         launches any.",
    ),
    term(
        "server group",
        "what Alibaba Cloud calls a target group",
        "Written under `server_groups`. A Classic Load Balancer has vServer groups, and a default \
         server group that is called as the load balancer.",
    ),
    term(
        "deregister",
        "what a target group does with a target: no new requests, a drain, then removal",
        "Each load balancer node learns of it a little later; until then it goes on sending \
         requests to the target.",
    ),
    term(
        "culprit",
        "the timeline entry that caused the last necessary transition before a loss",
        "Cut: the deregistration. Exit, refused, unreachable: what stopped the target. No target: \
         what removed the last eligible one from that node's view. Effects inherit the entry that \
         started them. The sum over entries plus `unattributed` is the number of lost requests.",
    ),
    term(
        "unattributed",
        "lost requests that no timeline entry is to blame for",
        "Time-outs and full waiting rooms have no culprit, and neither has what happens before the \
         first entry.",
    ),
    term(
        "needed_s",
        "the deregistration delay that would have let a drain's last request finish [s]",
        "It is counted at the service time that request had drawn, whether it was cut or not, so \
         it answers how long would have been enough. The largest over all drains is the metric \
         `drains.needed`.",
    ),
    term(
        "quiet_s",
        "when nothing was in flight on a draining target and no node would send more [s]",
        "A drain may end later than that: the displayed state can last for the whole delay.",
    ),
    term(
        "serving",
        "an instance that is InService and healthy in every configured traffic source",
        "InService alone says that the group counts it; serving says that clients can use it. \
         A source that is detached is configured no longer: a group that has none left serves \
         with all that is InService, though no load balancer sends it anything.",
    ),
    term(
        "time_to_replace",
        "the longest span in which a group served with fewer instances than desired",
        "Never short is 0; still short at the horizon is undecided.",
    ),
    term(
        "capacity_deficit",
        "the integral of max(0, desired - serving) over time [instance seconds]",
        "Two instances missing for 30 s and one missing for 60 s are both 60.",
    ),
    term(
        "settled",
        "a horizon: the run stops when every drain and replacement is over",
        "Written `horizon: settled`. With a fixed horizon a drain may still be open at the end, \
         which leaves expectations on losses undecided.",
    ),
    term(
        "undecided",
        "a verdict: the horizon came before the expectation could be judged",
        "It fails the run. Lengthen the horizon or use `horizon: settled`.",
    ),
    term(
        "in flight",
        "requests that were sent to a target and neither answered nor lost yet",
        "arrived = completed + lost + in_flight, where in flight is counted from what is really \
         held and never derived.",
    ),
    term(
        "request",
        "one thing a client wants; an attempt is one try at it",
        "Losses are counted in requests: an attempt that fails and is retried with success is no \
         loss.",
    ),
    term(
        "warm-up",
        "the first part of a run: requests that arrive in it are left out of tallies",
        "Written `warm_up: 1m`. Minima are taken from its end on.",
    ),
    term(
        "replication",
        "one more run of the same scenario with another seed",
        "One run is one draw. `run --replications N` tells in how many of N each expectation held, \
         with confidence intervals of the metrics.",
    ),
    term(
        "latency_with_losses",
        "latency in which every lost request counts as infinite",
        "Cutting slow requests must not look like an improvement, as it does in `latency`, which \
         knows completed requests only.",
    ),
    term(
        "propagation",
        "the time until a load balancer node has learnt of a change",
        "Nodes learn late and in order. No cloud documents how late; the settings \
         `propagation.*` and `registration.*` hold what is assumed or was observed.",
    ),
    term(
        "digest",
        "16 hex digits over everything that happened in a run",
        "The same scenario, seed and version give the same digest on every platform and for any \
         number of threads.",
    ),
    term(
        "not_made",
        "a timeline entry that could not be made: a reference was empty, or the run stopped first",
        "It fails the verdict.",
    ),
];

/// A page for every term.
pub(super) fn pages() -> Vec<Page> {
    let pages = TERMS.iter().map(|term| Page {
        topic: "term",
        name: term.name.to_owned(),
        summary: term.meaning.to_owned(),
        params: &[],
        notes: vec![term.more.to_owned()],
        source: Source::Ours,
    });
    pages.collect()
}
