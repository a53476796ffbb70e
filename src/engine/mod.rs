//! The kernel: time, the event calendar, random streams, exact math, the digest.
//!
//! It knows no cloud word, no file and no format; the model above it brings the events.

pub mod math;
pub mod random;
pub mod time;
mod ziggurat;
