//! Ziggurat.

use super::random::Stream;

pub(super) fn exponential(_stream: &mut Stream) -> f64 {
    unimplemented!()
}
pub(super) fn normal(_stream: &mut Stream) -> f64 {
    unimplemented!()
}
