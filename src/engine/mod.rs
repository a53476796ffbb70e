//! The kernel: time, the event calendar, random streams, exact math, the digest.
//!
//! It knows no cloud word, no file and no format; the model above it brings the events.

pub mod calendar;
pub mod digest;
pub mod kernel;
pub mod math;
pub mod phase;
pub mod random;
pub mod time;
mod ziggurat;
