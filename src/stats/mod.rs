//! Statistics: tallies, time-weighted series, histograms and confidence intervals.
//!
//! They fold numbers in the order they are given and must never know what the numbers mean.

pub mod closed_window;
pub mod confidence;
pub mod histogram;
pub mod step_series;
