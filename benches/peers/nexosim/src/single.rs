//! The whole system as one model that schedules events on itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::{
    DELAY, Failure, Request, Routing, Shared, Statistics, Streams, Workload, nanoseconds, present,
};

#[derive(Default, Serialize, Deserialize)]
struct Target {
    busy: u32,
    queue: VecDeque<Request>,
    expired: bool,
}

#[derive(Serialize, Deserialize)]
struct System {
    workload: Workload,
    routing: Routing,
    targets: Vec<Target>,
    #[serde(skip)]
    streams: Option<Streams>,
    /// Counted here and handed over at the end, so that no event waits for a lock.
    #[serde(skip)]
    counted: Option<Statistics>,
    #[serde(skip)]
    statistics: Option<Shared>,
}

#[Model]
impl System {
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
    fn arrival(&mut self, _: (), context: &Context<Self>) {
        let streams = present(&mut self.streams);
        let (gap, service) = (streams.gap(self.workload.rate), streams.service());
        context
            .schedule_event(gap, schedulable!(Self::arrival), ())
            .expect("a gap is not zero");
        present(&mut self.counted).requests += 1;
        let number = self.routing.choose();
        let request = Request {
            target: number,
            arrival_ns: nanoseconds(context.time()),
            service_ns: service.as_nanos() as u64,
        };
        let target = &mut self.targets[number as usize];
        if self.workload.servers != 0 && target.busy == self.workload.servers {
            target.queue.push_back(request);
        } else {
            target.busy += 1;
            serve(request, context);
        }
    }

    #[nexosim(schedulable)]
    fn complete(&mut self, request: Request, context: &Context<Self>) {
        let target = &mut self.targets[request.target as usize];
        if target.expired {
            return;
        }
        if let Some(next) = target.queue.pop_front() {
            serve(next, context);
        } else {
            target.busy -= 1;
        }
        self.routing.outstanding[request.target as usize] -= 1;
        present(&mut self.counted).complete(request, context.time());
    }

    #[nexosim(schedulable)]
    fn deregister(&mut self, _: (), context: &Context<Self>) {
        self.routing.deregister(self.workload.deregistered());
        context
            .schedule_event(DELAY, schedulable!(Self::expiry), ())
            .expect("the delay is not zero");
    }

    #[nexosim(schedulable)]
    fn expiry(&mut self) {
        for number in 0..self.workload.deregistered() {
            self.targets[number].expired = true;
            let lost = u64::from(self.routing.outstanding[number]);
            present(&mut self.counted).lost += lost;
        }
    }

    fn report(&mut self) {
        let counted = self.counted.take().expect("a run reports once");
        let statistics = present(&mut self.statistics);
        *statistics.lock().expect("no thread has panicked") = counted;
    }
}

fn serve(request: Request, context: &Context<System>) {
    let service = Duration::from_nanos(request.service_ns);
    context
        .schedule_event(service, schedulable!(System::complete), request)
        .expect("a service time is not zero");
}

pub fn run(workload: Workload, seed: u64, statistics: &Shared) -> Result<(), Failure> {
    let mut bench = SimInit::with_num_threads(1);
    let mailbox = Mailbox::new();
    let system = System {
        workload,
        routing: Routing::new(workload),
        targets: (0..workload.targets).map(|_| Target::default()).collect(),
        streams: Some(Streams::new(seed)),
        counted: Some(Statistics::new()),
        statistics: Some(Arc::clone(statistics)),
    };
    let report = EventSource::new()
        .connect(System::report, &mailbox)
        .register(&mut bench);
    let mut simulation = bench
        .add_model(system, mailbox, "system")
        .init(MonotonicTime::EPOCH)?;
    simulation.step_until(workload.horizon)?;
    simulation.process_event(&report, ())?;
    Ok(())
}
