//! The source of requests: what the model pulls arrivals and their service times from.
//!
//! Arrivals and services are made in batches, each from a stream of its own, and handed out one by
//! one without allocating. A service time is drawn for every arrival, served or not, so scenarios
//! that treat requests differently still see the same ones. It must never know who serves them.

use std::sync::Arc;

use super::arrivals::{ArrivalProcess, BATCH};
use super::dist::Sampler;
use crate::engine::random::Stream;
use crate::engine::time::{SimDuration, SimTime};

/// Where service times come from.
#[derive(Debug, Clone)]
pub enum Service {
    /// Drawn.
    Drawn(Sampler),
    /// One for each arrival of a trace, in order; again from the start for more arrivals.
    Trace(Arc<[SimDuration]>),
}

/// The requests of one workload, in order.
#[derive(Debug, Clone)]
pub struct RequestSource {
    /// The arrival that comes next, kept here so that looking at it costs one read.
    next: SimTime,
    /// Its place in the batch.
    place: usize,
    times: Vec<SimTime>,
    services: Vec<SimDuration>,
    arrivals: ArrivalProcess,
    service: Service,
    /// The row of a service trace that the next batch begins with.
    row: usize,
    arrival_stream: Stream,
    service_stream: Stream,
}

impl RequestSource {
    /// Requests from 0 s on.
    pub fn new(
        arrivals: ArrivalProcess,
        service: Service,
        arrival_stream: Stream,
        service_stream: Stream,
    ) -> Self {
        let mut source = Self {
            next: SimTime::MAX,
            place: 0,
            times: Vec::with_capacity(BATCH),
            services: Vec::with_capacity(BATCH),
            arrivals,
            service,
            row: 0,
            arrival_stream,
            service_stream,
        };
        source.refill();
        source
    }

    /// When the next request arrives; [`SimTime::MAX`] when there are no more.
    #[inline]
    pub const fn next(&self) -> SimTime {
        self.next
    }

    /// The service time of the request that arrives at [`Self::next`], and moves on to the one
    /// behind it.
    ///
    /// # Panics
    /// When there are no more.
    #[inline]
    pub fn take(&mut self) -> SimDuration {
        let service = self.services[self.place];
        self.place += 1;
        match self.times.get(self.place) {
            Some(&next) => self.next = next,
            None => self.refill(),
        }
        service
    }

    #[cold]
    fn refill(&mut self) {
        self.place = 0;
        self.times.clear();
        self.arrivals
            .fill(&mut self.arrival_stream, &mut self.times);
        self.services.clear();
        self.services.resize(self.times.len(), SimDuration::ZERO);
        match &self.service {
            Service::Drawn(sampler) => sampler.fill(&mut self.service_stream, &mut self.services),
            Service::Trace(rows) if rows.is_empty() => {}
            Service::Trace(rows) => {
                for service in &mut self.services {
                    *service = rows[self.row];
                    self.row = (self.row + 1) % rows.len();
                }
            }
        }
        self.next = self.times.first().copied().unwrap_or(SimTime::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::Streams;
    use crate::workload::args::{ArgValue, Args};
    use crate::workload::arrivals::process;
    use crate::workload::dist::family;

    fn streams() -> [Stream; 2] {
        let streams = Streams::new(21);
        [
            streams.stream("arrivals", &[0]),
            streams.stream("services", &[0]),
        ]
    }

    fn poisson() -> ArrivalProcess {
        let args = Args::new().with("rate", ArgValue::Rate(1000.0));
        process("poisson").unwrap().build(&args).unwrap()
    }

    fn lognormal() -> Sampler {
        let args = Args::new()
            .with("mean", ArgValue::Duration(SimDuration::from_millis(250)))
            .with("cv", ArgValue::Number(1.5));
        family("lognormal").unwrap().build(&args).unwrap()
    }

    #[test]
    fn requests_are_those_of_single_draws_whatever_the_batch() {
        let [arrival_stream, service_stream] = streams();
        let mut source = RequestSource::new(
            poisson(),
            Service::Drawn(lognormal()),
            arrival_stream,
            service_stream,
        );
        let [mut arrival_stream, mut service_stream] = streams();
        let (mut process, sampler) = (poisson(), lognormal());
        let mut times = Vec::new();
        while times.len() < 2000 {
            process.fill(&mut arrival_stream, &mut times);
        }
        for &time in &times[..2000] {
            assert_eq!(source.next(), time);
            assert_eq!(source.take(), sampler.sample(&mut service_stream));
        }
    }

    #[test]
    fn services_do_not_depend_on_when_requests_arrive() {
        let services = |arrivals: ArrivalProcess| {
            let [arrival_stream, service_stream] = streams();
            let service = Service::Drawn(lognormal());
            let mut source = RequestSource::new(arrivals, service, arrival_stream, service_stream);
            let mut all = Vec::new();
            while source.next() < SimTime::MAX && all.len() < 700 {
                all.push(source.take());
            }
            all
        };
        let rows: Arc<[SimTime]> = (0..700).map(SimTime::from_nanos).collect();
        let trace = Args::new().with("file", ArgValue::Times(rows));
        assert_eq!(
            services(poisson()),
            services(process("trace").unwrap().build(&trace).unwrap())
        );
    }

    #[test]
    fn a_trace_gives_its_own_services_and_ends() {
        let rows: Arc<[SimTime]> = (0..600).map(SimTime::from_nanos).collect();
        let trace = Args::new().with("file", ArgValue::Times(rows));
        let services: Arc<[SimDuration]> =
            (0..600).map(|i| SimDuration::from_nanos(7 * i)).collect();
        let [arrival_stream, service_stream] = streams();
        let mut source = RequestSource::new(
            process("trace").unwrap().build(&trace).unwrap(),
            Service::Trace(services),
            arrival_stream,
            service_stream,
        );
        for i in 0..600 {
            assert_eq!(source.next(), SimTime::from_nanos(i));
            assert_eq!(source.take(), SimDuration::from_nanos(7 * i));
        }
        assert_eq!(source.next(), SimTime::MAX);
    }

    #[test]
    fn nothing_comes_of_a_process_that_is_over() {
        let [arrival_stream, service_stream] = streams();
        let service = Service::Drawn(lognormal());
        let source = RequestSource::new(
            ArrivalProcess::Never,
            service,
            arrival_stream,
            service_stream,
        );
        assert_eq!(source.next(), SimTime::MAX);
    }
}
