//! The section `workloads`: streams of requests to listeners.

use super::context::Context;
use super::distribution;
use super::fleet::Draft;
use super::plan::Horizon;
use super::section::{NAME, default, optional, required};
use super::shape::Fields;
use super::tree::{Key, Node};
use super::{codes, suggest};
use crate::describe::{Kind, Param};
use crate::engine::time::{SimDuration, SimTime};
use crate::model::ids::ListenerId;
use crate::model::settings::{ClientSettings, ServiceTimes, WorkloadSettings};
use crate::workload::arrivals::ArrivalProcess;
use crate::workload::dist::Sampler;

/// Most requests that a run may be expected to have.
const REQUEST_LIMIT: f64 = 1e11;
/// Highest rate of arrivals \[1/s\].
const RATE_LIMIT: f64 = 1e9;

/// The keys of a workload.
pub(super) const PARAMS: &[Param] = &[
    required(
        "to",
        NAME,
        "the listener the requests go to: `load-balancer/listener`",
    ),
    required("arrivals", Kind::Arrivals, "when requests arrive"),
    optional(
        "service_time",
        Kind::Distribution,
        "how long a request takes; required unless a trace says so",
    ),
    optional("client", Kind::Struct(CLIENT), "what the client does"),
];

const CLIENT: &[Param] = &[
    optional(
        "timeout",
        Kind::Duration {
            min_ns: 1,
            max_ns: u64::MAX,
        },
        "time after which it gives up on an attempt; it waits for ever if left out",
    ),
    default(
        "retries",
        Kind::Integer { min: 0, max: 10 },
        "0",
        "further attempts after a lost one",
    ),
];

/// Reads one workload.
pub(super) fn read(
    cx: &mut Context,
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    horizon: Option<Horizon>,
) {
    let fields = Fields::new(node, key.span, PARAMS);
    let listener = fields.node("to").and_then(|node| listener(cx, draft, node));
    let arrivals = fields
        .node("arrivals")
        .and_then(|node| distribution::arrivals(cx, node, "arrivals"));
    let drawn = fields
        .node("service_time")
        .and_then(|node| distribution::sampler(cx, node, "service_time"));
    let traced = arrivals
        .as_ref()
        .and_then(|arrivals| arrivals.services.clone());
    let service = match (traced, fields.node("service_time")) {
        (Some(_), Some(node)) => {
            cx.report(
                &codes::CONFLICT,
                node.span,
                "the service time is given twice, here and by the trace",
            )
            .help("remove `service_time`, or `service` in the trace");
            None
        }
        (Some(times), None) => Some(ServiceTimes::Trace(times)),
        (None, Some(_)) => drawn.map(ServiceTimes::Distribution),
        (None, None) => {
            if arrivals.is_some() {
                missing_service(cx, &fields, &key.name);
            }
            None
        }
    };
    if let (Some(arrivals), Some(node)) = (&arrivals, fields.node("arrivals")) {
        check_rate(cx, node, arrivals.rate, horizon);
    }
    let nothing = ServiceTimes::Distribution(Sampler::from_constant(SimDuration::ZERO));
    let (process, first) = arrivals.map_or((ArrivalProcess::Never, SimTime::ZERO), |arrivals| {
        (arrivals.process, arrivals.first)
    });
    draft.first_arrivals.push(first);
    draft.workloads.push(WorkloadSettings {
        name: key.name.clone(),
        listener: listener.unwrap_or(ListenerId(0)),
        arrivals: process,
        service: service.unwrap_or(nothing),
        client: client(&fields),
    });
}

fn missing_service(cx: &mut Context, fields: &Fields<'_>, name: &str) {
    cx.report(
        &codes::MISSING_KEY,
        fields.at,
        format!("`{name}` has no `service_time`"),
    )
    .help("add `service_time: { lognormal: { mean: 250ms, cv: 1.5 } }`")
    .note("only a trace with `service` does without it");
}

fn listener(cx: &mut Context, draft: &Draft, node: &Node) -> Option<ListenerId> {
    let text = node.text()?;
    if let Some(id) = draft.listener_names.get(text) {
        return Some(*id);
    }
    let listeners = draft.listener_names.keys().map(String::as_str);
    let help = suggest::help(text, "the listeners in this file are", listeners);
    cx.report(
        &codes::UNKNOWN_NAME,
        node.span,
        format!("there is no listener `{text}`"),
    )
    .maybe_help(help)
    .note("a listener is named with its load balancer: `load-balancer/listener`");
    None
}

fn check_rate(cx: &mut Context, node: &Node, rate: Option<f64>, horizon: Option<Horizon>) {
    let Some(rate) = rate else { return };
    if rate > RATE_LIMIT {
        cx.report(
            &codes::TOO_MANY,
            node.span,
            format!("{rate:e} requests a second are more than can be simulated"),
        )
        .label("at most 1e9/s");
    }
    if let Some(Horizon::At(end)) = horizon {
        let requests = rate * end.as_secs_f64();
        if requests > REQUEST_LIMIT {
            cx.report(
                &codes::TOO_MANY,
                node.span,
                format!("about {requests:.1e} requests would arrive before the horizon"),
            )
            .label("at most 1e11 can be simulated")
            .help("lower the rate or shorten `horizon`");
        }
    }
}

fn client(fields: &Fields<'_>) -> ClientSettings {
    let Some(node) = fields.node("client") else {
        return ClientSettings::default();
    };
    let client = Fields::new(node, fields.span("client"), CLIENT);
    ClientSettings {
        timeout: client.duration("timeout"),
        retries: client.integer("retries").unwrap_or(0),
    }
}
