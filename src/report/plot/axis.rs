//! Axes: where the ticks lie and what is written at them.
//!
//! Ticks are at round numbers of the unit that is shown. This module must never draw.

use crate::engine::math::ln;
use crate::report::number::decimal;
use crate::report::phrase::thousands;

/// A tick: where it lies on the axis, and its label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// From 0 to `high`.
    Linear { high: f64 },
    /// From `low` to `high`, both above 0.
    Log { low: f64, high: f64 },
}

impl Scale {
    /// A scale from 0 that holds `largest` with a little room above it.
    pub(super) fn linear(largest: f64) -> Self {
        let largest = if largest > 0.0 { largest } else { 1.0 };
        Self::Linear {
            high: largest * 1.06,
        }
    }

    /// A scale that holds both values: logarithmic where the larger is more than 30 times the other.
    pub(super) fn covering(smallest: f64, largest: f64) -> Self {
        if smallest > 0.0 && largest > smallest * 30.0 {
            Self::Log {
                low: smallest * 0.8,
                high: largest * 1.25,
            }
        } else {
            Self::linear(largest)
        }
    }

    /// Where `value` lies between the ends \[0..=1\].
    pub(super) fn share(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear { high } => value / high,
            Self::Log { low, high } if value > low => ln(value / low) / ln(high / low),
            Self::Log { .. } => 0.0,
        };
        share.clamp(0.0, 1.0)
    }

    /// At most about `count` ticks.
    pub(super) fn ticks(self, count: u32, whole: bool) -> Vec<Tick> {
        match self {
            Self::Linear { high } => linear_ticks(high, count, whole),
            Self::Log { low, high } => log_ticks(low, high),
        }
    }
}

/// A number with thousands separators and the decimals that `step` needs.
fn label(value: f64, step: f64) -> String {
    let mut decimals = 0;
    let mut scaled = step;
    while scaled < 0.999 && decimals < 9 {
        scaled *= 10.0;
        decimals += 1;
    }
    let text = decimal(value, decimals);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse::<u64>().map_or(whole.to_owned(), thousands);
    if fraction.is_empty() {
        whole
    } else {
        format!("{whole}.{fraction}")
    }
}

fn linear_ticks(high: f64, count: u32, whole: bool) -> Vec<Tick> {
    let wanted = high / f64::from(count.max(1));
    let mut power = 1e-9;
    while power * 10.0 <= wanted {
        power *= 10.0;
    }
    let steps = [power, power * 2.0, power * 5.0, power * 10.0];
    let mut step = steps
        .into_iter()
        .find(|&step| step >= wanted)
        .unwrap_or(power * 10.0);
    if whole && step < 1.0 {
        step = 1.0;
    }
    multiples(step, high)
}

fn multiples(step: f64, high: f64) -> Vec<Tick> {
    (0..200)
        .map(|i| f64::from(i) * step)
        .take_while(|&at| at <= high * 1.000_001)
        .map(|at| Tick {
            at,
            label: label(at, step),
        })
        .collect()
}

fn log_ticks(low: f64, high: f64) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let mut power = 1e-9;
    let wide = high / low > 3_000.0;
    while power <= high {
        for digit in [1.0, 2.0, 5.0] {
            let at = power * digit;
            if at >= low && at <= high && (digit < 1.5 || !wide) {
                ticks.push(Tick {
                    at,
                    label: label(at, at),
                });
            }
        }
        power *= 10.0;
    }
    ticks
}

/// An axis of simulated time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TimeAxis {
    /// Its end \[s\]; it begins at 0 s.
    pub(super) end_s: f64,
}

/// Steps between ticks \[s\].
const STEPS_S: [f64; 23] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0,
    3600.0, 7200.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 432_000.0,
];

impl TimeAxis {
    /// The unit that is shown and its length \[s\].
    pub(super) fn unit(self) -> (&'static str, f64) {
        if self.end_s <= 600.0 {
            ("s", 1.0)
        } else if self.end_s <= 5.0 * 3600.0 {
            ("min", 60.0)
        } else if self.end_s <= 5.0 * 86_400.0 {
            ("h", 3600.0)
        } else {
            ("d", 86_400.0)
        }
    }

    /// At most about `count` ticks \[s\], labelled in the unit.
    pub(super) fn ticks(self, count: u32) -> Vec<Tick> {
        let wanted = self.end_s / f64::from(count.max(1));
        let (_, unit_s) = self.unit();
        if wanted < 1.0 {
            return linear_ticks(self.end_s, count, false);
        }
        let longest = STEPS_S[STEPS_S.len() - 1];
        let step = STEPS_S.into_iter().find(|&step| step >= wanted);
        let step = step.unwrap_or_else(|| longest * (wanted / longest).ceil());
        multiples(step, self.end_s)
            .into_iter()
            .map(|tick| Tick {
                at: tick.at,
                label: label(tick.at / unit_s, step / unit_s),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_lie_at_round_numbers() {
        let ticks = Scale::linear(10_000.0).ticks(5, true);
        assert_eq!(labels(&ticks), ["0", "5,000", "10,000"]);
        assert_eq!(
            labels(&Scale::linear(3.0).ticks(6, true)),
            ["0", "1", "2", "3"]
        );
        let ticks = linear_ticks(0.5, 5, false);
        assert_eq!(labels(&ticks), ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
    }

    #[test]
    fn time_is_shown_in_a_unit_that_suits_it() {
        let axis = |end_s| TimeAxis { end_s };
        assert_eq!(
            labels(&axis(60.0).ticks(6)),
            ["0", "10", "20", "30", "40", "50", "60"]
        );
        assert_eq!(axis(900.0).unit().0, "min");
        assert_eq!(labels(&axis(900.0).ticks(4)), ["0", "5", "10", "15"]);
        assert_eq!(axis(1e9).unit().0, "d");
        assert!(axis(1e9).ticks(10).len() <= 11);
        assert_eq!(labels(&axis(1.0).ticks(4)), ["0", "0.5", "1"]);
    }

    #[test]
    fn a_wide_range_is_logarithmic_and_its_middle_is_the_geometric_mean() {
        let scale = Scale::covering(1.0, 10_000.0);
        assert!(matches!(scale, Scale::Log { .. }));
        assert!((scale.share(100.0) - 0.5).abs() < 0.01);
        assert!(matches!(Scale::covering(1.0, 29.0), Scale::Linear { .. }));
        let ticks = scale.ticks(5, false);
        assert_eq!(labels(&ticks), ["1", "10", "100", "1,000", "10,000"]);
    }
}
