//! Arrival processes.

use crate::engine::random::Stream;
use crate::engine::time::SimTime;

/// A ready-made arrival process.
#[derive(Debug, Clone)]
pub enum ArrivalProcess {
    /// x
    Never,
}

impl ArrivalProcess {
    /// Appends the next arrivals (some number, in order) to `out`; appends none when there are no more.
    pub fn fill(&mut self, _stream: &mut Stream, _out: &mut Vec<SimTime>) {
        unimplemented!()
    }
}
