//! A load balancer, a model for each target and a collector, connected through ports.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::{DELAY, Failure, Request, Routing, Shared, Streams, Workload, nanoseconds, present};

#[derive(Serialize, Deserialize)]
struct LoadBalancer {
    workload: Workload,
    routing: Routing,
    /// A port to each target for requests, and one for the end of its delay.
    requests: Vec<Output<Request>>,
    expiries: Vec<Output<()>>,
    sent: u64,
    #[serde(skip)]
    streams: Option<Streams>,
    #[serde(skip)]
    statistics: Option<Shared>,
}

#[Model]
impl LoadBalancer {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        let gap = present(&mut self.streams).gap(self.workload.rate);
        let half = self.workload.horizon / 2;
        context
            .schedule_event(gap, schedulable!(Self::arrival), ())
            .and_then(|()| context.schedule_event(half, schedulable!(Self::deregister), ()))
            .expect("both are in the future");
    }

    #[nexosim(schedulable)]
    async fn arrival(&mut self, _: (), context: &Context<Self>) {
        let streams = present(&mut self.streams);
        let (gap, service) = (streams.gap(self.workload.rate), streams.service());
        context
            .schedule_event(gap, schedulable!(Self::arrival), ())
            .expect("a gap is not zero");
        self.sent += 1;
        let target = self.routing.choose();
        let request = Request {
            target,
            arrival_ns: nanoseconds(context.time()),
            service_ns: service.as_nanos() as u64,
        };
        self.requests[target as usize].send(request).await;
    }

    /// A target is done with a request. Connected only where the routing wants to know.
    async fn response(&mut self, request: Request) {
        self.routing.outstanding[request.target as usize] -= 1;
    }

    #[nexosim(schedulable)]
    async fn deregister(&mut self, _: (), context: &Context<Self>) {
        self.routing.deregister(self.workload.deregistered());
        context
            .schedule_event(DELAY, schedulable!(Self::expiry), ())
            .expect("the delay is not zero");
    }

    #[nexosim(schedulable)]
    async fn expiry(&mut self) {
        for target in 0..self.workload.deregistered() {
            self.expiries[target].send(()).await;
        }
    }

    async fn report(&mut self) {
        let statistics = present(&mut self.statistics);
        let mut statistics = statistics.lock().expect("no thread has panicked");
        statistics.requests = self.sent;
    }
}

#[derive(Serialize, Deserialize)]
struct Target {
    servers: u32,
    busy: u32,
    queue: VecDeque<Request>,
    in_system: u64,
    expired: bool,
    done: Output<Request>,
    lost: Output<u64>,
}

#[Model]
impl Target {
    async fn request(&mut self, request: Request, context: &Context<Self>) {
        self.in_system += 1;
        if self.servers != 0 && self.busy == self.servers {
            self.queue.push_back(request);
        } else {
            self.busy += 1;
            self.serve(request, context);
        }
    }

    fn serve(&self, request: Request, context: &Context<Self>) {
        let service = Duration::from_nanos(request.service_ns);
        context
            .schedule_event(service, schedulable!(Self::complete), request)
            .expect("a service time is not zero");
    }

    #[nexosim(schedulable)]
    async fn complete(&mut self, request: Request, context: &Context<Self>) {
        if self.expired {
            return;
        }
        if let Some(next) = self.queue.pop_front() {
            self.serve(next, context);
        } else {
            self.busy -= 1;
        }
        self.in_system -= 1;
        self.done.send(request).await;
    }

    async fn expire(&mut self, _: ()) {
        self.expired = true;
        self.lost.send(self.in_system).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Collector {
    #[serde(skip)]
    statistics: Option<Shared>,
}

#[Model]
impl Collector {
    async fn done(&mut self, request: Request, context: &Context<Self>) {
        let statistics = present(&mut self.statistics);
        let mut statistics = statistics.lock().expect("no thread has panicked");
        statistics.complete(request, context.time());
    }

    async fn lost(&mut self, requests: u64) {
        let statistics = present(&mut self.statistics);
        let mut statistics = statistics.lock().expect("no thread has panicked");
        statistics.lost += requests;
    }
}

pub fn run(workload: Workload, seed: u64, statistics: &Shared) -> Result<(), Failure> {
    let mut bench = SimInit::with_num_threads(1);
    let front = Mailbox::new();
    let collector = Mailbox::new();
    let mut load_balancer = LoadBalancer {
        workload,
        routing: Routing::new(workload),
        requests: Vec::new(),
        expiries: Vec::new(),
        sent: 0,
        streams: Some(Streams::new(seed)),
        statistics: Some(Arc::clone(statistics)),
    };
    for number in 0..workload.targets {
        let mailbox = Mailbox::new();
        let mut requests = Output::default();
        requests.connect(Target::request, &mailbox);
        load_balancer.requests.push(requests);
        let mut expiry = Output::default();
        expiry.connect(Target::expire, &mailbox);
        load_balancer.expiries.push(expiry);
        let mut target = Target {
            servers: workload.servers,
            busy: 0,
            queue: VecDeque::new(),
            in_system: 0,
            expired: false,
            done: Output::default(),
            lost: Output::default(),
        };
        target.done.connect(Collector::done, &collector);
        if workload.least_outstanding {
            target.done.connect(LoadBalancer::response, &front);
        }
        target.lost.connect(Collector::lost, &collector);
        bench = bench.add_model(target, mailbox, &format!("target-{number}"));
    }
    let report = EventSource::new()
        .connect(LoadBalancer::report, &front)
        .register(&mut bench);
    let counting = Collector {
        statistics: Some(Arc::clone(statistics)),
    };
    let mut simulation = bench
        .add_model(load_balancer, front, "load-balancer")
        .add_model(counting, collector, "collector")
        .init(MonotonicTime::EPOCH)?;
    simulation.step_until(workload.horizon)?;
    simulation.process_event(&report, ())?;
    Ok(())
}
