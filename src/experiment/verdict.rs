//! stub
use super::outcome::ExpectationOutcome;
/// stub
pub fn judge(
    _: &[crate::scenario::plan::Expectation],
    _: &crate::metrics::measurements::Measurements,
    _: Option<&str>,
) -> Vec<ExpectationOutcome> {
    vec![]
}
