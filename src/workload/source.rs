//! stub
#![expect(missing_docs, reason = "stub")]
use super::{arrivals::ArrivalProcess, dist::Sampler};
use crate::engine::{
    random::Stream,
    time::{SimDuration, SimTime},
};
#[derive(Debug)]
pub enum Service {
    Drawn(Sampler),
    Trace(std::sync::Arc<[SimDuration]>),
}
#[derive(Debug)]
pub struct RequestSource;
impl RequestSource {
    pub fn new(_: ArrivalProcess, _: Service, _: Stream, _: Stream) -> Self {
        Self
    }
    pub fn next(&self) -> SimTime {
        unimplemented!()
    }
    pub fn take(&mut self) -> SimDuration {
        unimplemented!()
    }
}
