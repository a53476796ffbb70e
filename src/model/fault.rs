//! Faults: what goes wrong with the cloud itself while a runbook is under way.
//!
//! A fault is in force from the moment the timeline makes it, for a span or until the end. Whoever
//! would meet it asks: the driver before a call (throttling, stale answers), the operations
//! (contention), a group that launches (capacity). This module must never name an operation.

use super::ids::ZoneId;
use crate::describe::{Kind, Param, Presence, Source};
use crate::engine::time::{SimDuration, SimTime};

/// What a fault can be, as a user sees it.
#[derive(Debug)]
pub struct FaultKind {
    /// Its name in a file.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// Details.
    pub notes: &'static [&'static str],
    /// Where it comes from.
    pub source: Source,
}

const fn param(key: &'static str, kind: Kind, presence: Presence, doc: &'static str) -> Param {
    Param {
        key,
        kind,
        presence,
        doc,
        source: Source::Ours,
    }
}

const NAMES: Kind = Kind::List {
    of: &Kind::Text { min: 1, max: 255 },
    min: 1,
    max: 1_000,
};
const SPAN: Kind = Kind::Duration {
    min_ns: 0,
    max_ns: u64::MAX,
};
/// Every fault has it.
const FOR: Param = param(
    "for",
    SPAN,
    Presence::Optional,
    "for how long; until the end if left out",
);

/// Whose calls it is about.
const SERVICES: Param = param(
    "operations",
    NAMES,
    Presence::Optional,
    "operations (`autoscaling:DetachInstances`) or whole services (`ec2`); every call if left out",
);

/// Calls are refused for their number. Source: R-FAULT-1.
pub const THROTTLING: FaultKind = FaultKind {
    name: "throttling",
    summary: "calls are refused because there are too many, with the code of their service",
    params: &[
        SERVICES,
        param(
            "share",
            Kind::Number { min: 0.0, max: 1.0 },
            Presence::Optional,
            "share of the calls that are refused, at random",
        ),
        param(
            "bucket",
            Kind::Number { min: 0.0, max: 1e9 },
            Presence::Optional,
            "calls that are let through at once before any is refused",
        ),
        param(
            "refill",
            Kind::Rate,
            Presence::Optional,
            "how fast the bucket fills again; not at all if left out",
        ),
        FOR,
    ],
    notes: &[
        "neither `share` nor `bucket`: every call is refused",
        "a call that is refused for another reason has spent its part of the bucket",
        "a throttled call spends nothing",
    ],
    source: Source::Documented(
        "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html",
    ),
};

/// Auto Scaling says that another update is under way.
pub const RESOURCE_CONTENTION: FaultKind = FaultKind {
    name: "resource_contention",
    summary: "calls that change a group are answered with ResourceContention",
    params: &[
        param(
            "rate",
            Kind::Number { min: 0.0, max: 1.0 },
            Presence::Default("1"),
            "share of the calls, at random",
        ),
        FOR,
    ],
    notes: &["when the service raises it is not documented; `faults.contention_rate` is the same"],
    source: Source::Documented(
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachInstances.html",
    ),
};

/// EC2 has no capacity. Source: R-FAULT-2.
pub const LAUNCH_FAILURE: FaultKind = FaultKind {
    name: "launch_failure",
    summary: "launches fail with InsufficientInstanceCapacity",
    params: &[
        param(
            "zones",
            NAMES,
            Presence::Optional,
            "where; every zone if left out",
        ),
        FOR,
    ],
    notes: &[
        "each refused launch is a Failed activity; the group tries its other zones at once and \
         all of them again after `asg.launch_retry_delay`",
    ],
    source: Source::Documented(
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html",
    ),
};

/// Reads lag behind writes. Source: R-FAULT-3.
pub const STALE_DESCRIBES: FaultKind = FaultKind {
    name: "stale_describes",
    summary: "Describe and List calls answer as the state was some time ago",
    params: &[param("lag", SPAN, Presence::Required, "how long ago"), FOR],
    notes: &[
        "a call whose time becomes known less than that before it is made answers as the state \
         was then",
        "`wait_until` over states and metrics looks at the truth",
    ],
    source: Source::Documented(
        "https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html",
    ),
};

/// Calls are answered with an error of the scenario's choice. Source: R-FAULT-4.
pub const CALL_ERROR: FaultKind = FaultKind {
    name: "call_error",
    summary: "calls are answered with an error that the file names, so many of them or all",
    params: &[
        param(
            "code",
            Kind::Text { min: 1, max: 255 },
            Presence::Required,
            "the cloud's error code (`ServiceUnavailable`)",
        ),
        SERVICES,
        param(
            "message",
            Kind::Text { min: 1, max: 1_000 },
            Presence::Optional,
            "the cloud's message; if left out, the one Auto Scaling of Alibaba Cloud has for a \
             code of its own, else none",
        ),
        param(
            "http_status",
            Kind::Integer { min: 400, max: 599 },
            Presence::Optional,
            "HTTP status; if left out, the one of such a code, else 400",
        ),
        param(
            "times",
            Kind::Integer {
                min: 1,
                max: 100_000,
            },
            Presence::Optional,
            "how many calls are refused; all if left out",
        ),
        FOR,
    ],
    notes: &[
        "a call that is refused changes nothing and is not looked at: its parameters may be wrong, \
         its client token is not remembered",
        "a call that is throttled, too, is throttled, and not one of the `times`",
        "whether the service documents the code for that operation is not checked",
    ],
    source: Source::Documented(
        "https://developer.alibaba.com/docs/doc.htm?articleId=112345&docType=1&treeId=606",
    ),
};

/// Every fault.
pub static FAULTS: &[&FaultKind] = &[
    &THROTTLING,
    &RESOURCE_CONTENTION,
    &LAUNCH_FAILURE,
    &STALE_DESCRIBES,
    &CALL_ERROR,
];

/// Faults that have a name and are not simulated yet.
pub const NOT_SIMULATED: &[&str] = &["zone_outage", "instance_failure", "network_partition"];

/// A fault with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// [`THROTTLING`]
    Throttling {
        /// Operations and services; empty for all.
        operations: Vec<String>,
        /// Which of their calls.
        rule: Throttle,
    },
    /// [`RESOURCE_CONTENTION`]
    ResourceContention {
        /// Share of the calls.
        rate: f64,
    },
    /// [`LAUNCH_FAILURE`]
    LaunchFailure {
        /// Where; empty for everywhere.
        zones: Vec<ZoneId>,
    },
    /// [`STALE_DESCRIBES`]
    StaleDescribes {
        /// How long ago.
        lag: SimDuration,
    },
    /// [`CALL_ERROR`]
    CallError {
        /// Operations and services; empty for all.
        operations: Vec<String>,
        /// With what they are answered.
        refusal: Refusal,
        /// How many of their calls; all if `None`.
        times: Option<u32>,
    },
}

/// With what a scenario has a call refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The cloud's error code.
    pub code: String,
    /// The cloud's message, if the scenario says one.
    pub message: Option<String>,
    /// HTTP status, if the scenario says one.
    pub http_status: Option<u16>,
}

impl Fault {
    /// What kind it is.
    pub fn kind(&self) -> &'static FaultKind {
        match self {
            Self::Throttling { .. } => &THROTTLING,
            Self::ResourceContention { .. } => &RESOURCE_CONTENTION,
            Self::LaunchFailure { .. } => &LAUNCH_FAILURE,
            Self::StaleDescribes { .. } => &STALE_DESCRIBES,
            Self::CallError { .. } => &CALL_ERROR,
        }
    }
}

/// Which calls are throttled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Throttle {
    /// So large a share, at random.
    Share(f64),
    /// Those that find a bucket empty.
    Bucket {
        /// Calls it holds.
        size: f64,
        /// How fast it fills \[1/s\].
        refill: f64,
    },
}

/// A fault in force.
#[derive(Debug)]
struct InForce {
    fault: Fault,
    until: SimTime,
    /// What is left in the bucket of a throttle, or how many calls are yet to be refused.
    left: f64,
    /// When that was counted.
    counted: SimTime,
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<InForce>,
}

/// Whether `operations` holds `operation` or its service. Operations of Classic Load Balancers are
/// of `elb`, those of the others of `elbv2`, and all of them of `elasticloadbalancing`.
fn concerns(operations: &[String], operation: &str) -> bool {
    let service = operation.split_once(':').map_or("", |(service, _)| service);
    operations.is_empty()
        || operations.iter().any(|one| {
            let (of, rest) = one
                .split_once(':')
                .map_or((one.as_str(), None), |(of, rest)| (of, Some(rest)));
            let same = of == service
                || (of == "elbv2" && service == "elasticloadbalancing")
                || (of == "elasticloadbalancing" && matches!(service, "elb" | "elbv2"));
            same && rest.is_none_or(|rest| operation.ends_with(&format!(":{rest}")))
        })
}

impl Faults {
    /// `fault` is in force from `now` until `until`.
    pub fn begin(&mut self, fault: Fault, now: SimTime, until: SimTime) {
        let left = match &fault {
            Fault::Throttling {
                rule: Throttle::Bucket { size, .. },
                ..
            } => *size,
            Fault::CallError { times, .. } => times.map_or(f64::INFINITY, f64::from),
            Fault::Throttling { .. }
            | Fault::ResourceContention { .. }
            | Fault::LaunchFailure { .. }
            | Fault::StaleDescribes { .. } => 0.0,
        };
        self.list.push(InForce {
            fault,
            until,
            left,
            counted: now,
        });
    }

    /// Whether a call of `operation` is throttled. `draw` gives the number between 0 and 1 that
    /// decides about a share; it is asked only when there is one. Every bucket that lets the call
    /// through has one call less.
    pub fn throttles(
        &mut self,
        operation: &str,
        now: SimTime,
        mut draw: impl FnMut() -> f64,
    ) -> bool {
        let mut refused = false;
        for one in self.list.iter_mut().filter(|one| now < one.until) {
            let Fault::Throttling { operations, rule } = &one.fault else {
                continue;
            };
            if refused || !concerns(operations, operation) {
                continue;
            }
            match *rule {
                Throttle::Share(share) => refused = share >= 1.0 || draw() < share,
                Throttle::Bucket { size, refill } => {
                    let passed = now.since(one.counted).as_secs_f64();
                    one.left = (one.left + passed * refill).min(size);
                    one.counted = now;
                    if one.left >= 1.0 {
                        one.left -= 1.0;
                    } else {
                        refused = true;
                    }
                }
            }
        }
        refused
    }

    /// With what a call of `operation` is refused, if it is: one call less is yet to be.
    pub fn refuses(&mut self, operation: &str, now: SimTime) -> Option<Refusal> {
        let in_force = self.list.iter_mut().filter(|one| now < one.until);
        for one in in_force.filter(|one| one.left >= 1.0) {
            if let Fault::CallError {
                operations,
                refusal,
                ..
            } = &one.fault
                && concerns(operations, operation)
            {
                one.left -= 1.0;
                return Some(refusal.clone());
            }
        }
        None
    }

    /// The share of calls that meet contention.
    pub fn contention(&self, now: SimTime) -> f64 {
        let rates = self.in_force(now).filter_map(|fault| match fault {
            Fault::ResourceContention { rate } => Some(*rate),
            Fault::Throttling { .. }
            | Fault::LaunchFailure { .. }
            | Fault::StaleDescribes { .. }
            | Fault::CallError { .. } => None,
        });
        rates.fold(0.0, f64::max)
    }

    /// Whether EC2 has no capacity in `zone`.
    pub fn refuses_launch(&self, zone: ZoneId, now: SimTime) -> bool {
        self.in_force(now).any(|fault| match fault {
            Fault::LaunchFailure { zones } => zones.is_empty() || zones.contains(&zone),
            Fault::Throttling { .. }
            | Fault::ResourceContention { .. }
            | Fault::StaleDescribes { .. }
            | Fault::CallError { .. } => false,
        })
    }

    /// How far reads lag behind.
    pub fn lag(&self, now: SimTime) -> Option<SimDuration> {
        let lags = self.in_force(now).filter_map(|fault| match fault {
            Fault::StaleDescribes { lag } => Some(*lag),
            Fault::Throttling { .. }
            | Fault::ResourceContention { .. }
            | Fault::LaunchFailure { .. }
            | Fault::CallError { .. } => None,
        });
        lags.max()
    }

    fn in_force(&self, now: SimTime) -> impl Iterator<Item = &Fault> {
        let still = self.list.iter().filter(move |one| now < one.until);
        still.map(|one| &one.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    fn throttling(operations: &[&str], rule: Throttle) -> Fault {
        Fault::Throttling {
            operations: operations.iter().map(|&one| one.to_owned()).collect(),
            rule,
        }
    }

    #[test]
    fn a_bucket_lets_through_what_it_holds_and_fills_again() {
        let mut faults = Faults::default();
        let rule = Throttle::Bucket {
            size: 2.0,
            refill: 1.0,
        };
        faults.begin(throttling(&["ec2"], rule), at(0), SimTime::MAX);
        let mut ask = |millis| faults.throttles("ec2:DescribeInstances", at(millis), || 0.5);
        // two are held; the third comes too early; one second gives one back, half a second none
        let refused: Vec<bool> = [0, 0, 0, 1_000, 1_500, 2_000].map(&mut ask).into();
        assert_eq!(refused, [false, false, true, false, true, false]);
        // never more than it holds, however long nobody calls
        let refused: Vec<bool> = [60_000, 60_000, 60_000].map(ask).into();
        assert_eq!(refused, [false, false, true]);
    }

    #[test]
    fn a_fault_concerns_what_it_names_while_it_is_in_force() {
        let mut faults = Faults::default();
        let always = Throttle::Share(1.0);
        let named = ["elbv2:DescribeTargetHealth", "autoscaling"];
        faults.begin(throttling(&named, always), at(0), at(10));
        let mut ask = |operation, millis| faults.throttles(operation, at(millis), || 0.5);
        assert!(ask("elasticloadbalancing:DescribeTargetHealth", 9));
        assert!(!ask("elasticloadbalancing:DeregisterTargets", 9));
        assert!(!ask("elb:DescribeTargetHealth", 9));
        assert!(ask("autoscaling:DetachInstances", 0));
        assert!(!ask("ec2:TerminateInstances", 0));
        assert!(!ask("autoscaling:DetachInstances", 10));
    }

    /// The two APIs of Elastic Load Balancing are throttled together or apart.
    #[test]
    fn either_api_of_elastic_load_balancing_may_be_named() {
        let classic = "elb:DeregisterInstancesFromLoadBalancer";
        let newer = "elasticloadbalancing:DeregisterTargets";
        for (named, concerned) in [
            ("elasticloadbalancing", [true, true]),
            ("elb", [true, false]),
            ("elbv2", [false, true]),
            (classic, [true, false]),
            (
                "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
                [true, false],
            ),
            ("elbv2:DeregisterTargets", [false, true]),
            ("vpc-lattice:DeregisterTargets", [false, false]),
        ] {
            let operations = [named.to_owned()];
            assert_eq!(
                [classic, newer].map(|one| concerns(&operations, one)),
                concerned,
                "{named}"
            );
        }
    }

    #[test]
    fn so_many_calls_are_refused_with_what_the_scenario_says() {
        let refusal = |code: &str| Refusal {
            code: code.to_owned(),
            message: None,
            http_status: None,
        };
        let mut faults = Faults::default();
        for (operations, code, times) in [
            (vec!["ess:DetachServerGroups".to_owned()], "Once", Some(1)),
            (vec!["ess".to_owned()], "Always", None),
        ] {
            let fault = Fault::CallError {
                operations,
                refusal: refusal(code),
                times,
            };
            faults.begin(fault, at(0), at(10));
        }
        let mut ask = |operation, millis| {
            let refused = faults.refuses(operation, at(millis));
            refused.map(|refusal| refusal.code)
        };
        assert_eq!(ask("alb:ListServerGroupServers", 1), None);
        assert_eq!(ask("ess:AttachInstances", 1).as_deref(), Some("Always"));
        assert_eq!(ask("ess:DetachServerGroups", 1).as_deref(), Some("Once"));
        assert_eq!(ask("ess:DetachServerGroups", 9).as_deref(), Some("Always"));
        assert_eq!(ask("ess:DetachServerGroups", 10), None);
    }

    #[test]
    fn zones_without_capacity_refuse_launches() {
        let mut faults = Faults::default();
        let zones = vec![ZoneId(1)];
        faults.begin(Fault::LaunchFailure { zones }, at(0), at(10));
        assert!(faults.refuses_launch(ZoneId(1), at(9)));
        assert!(!faults.refuses_launch(ZoneId(0), at(9)));
        assert!(!faults.refuses_launch(ZoneId(1), at(10)));
    }
}
