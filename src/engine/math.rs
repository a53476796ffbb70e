//! Exact math.

/// exp
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// ln
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
