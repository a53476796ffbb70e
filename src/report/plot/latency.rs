//! `latency.png`: what clients felt, as percentiles of completed requests in windows of time.
//!
//! Where windows are too many for the width the worst of neighbours is drawn and the axis says so.
//! Lost requests have no latency: they are ticks above the data. It must never draw a lost request
//! as a fast one.

use super::axis::Scale;
use super::canvas::{Align, LABEL, Rect};
use super::legend::{Mark, item};
use super::page::{Form, Page};
use super::palette::{BLACK, BLUE, GREY, Stroke, VERMILLION, dashed, solid};
use super::panel::Panel;
use crate::engine::time::SimDuration;
use crate::experiment::outcome::Outcome;
use crate::metrics::measurements::{Measurements, Window};
use crate::report::phrase::{humane, percent, thousands};
use crate::report::{Report, ReportError, ReportOptions};

/// The report `latency.png`.
#[derive(Debug)]
pub(crate) struct LatencyPng;

/// Windows drawn at most.
const COLUMNS: usize = 360;

/// A percentile with its name, its line and where it stands in a window.
type Line = (&'static str, Stroke, fn(&Window) -> Option<u64>);

const LINES: [Line; 3] = [
    ("p99", solid(VERMILLION, 3), |w| w.latency_p99),
    ("p90", dashed(BLUE, 2, (9, 4)), |w| w.latency_p90),
    ("p50", solid(BLACK, 1), |w| w.latency_p50),
];

impl Report for LatencyPng {
    fn name(&self) -> &'static str {
        "latency.png"
    }

    fn summary(&self) -> &'static str {
        "what clients felt: latency percentiles over time, with the losses above"
    }

    fn is_plot(&self) -> bool {
        true
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let m = &outcome.measurements;
        let mut page = Page::new(outcome, "What clients felt", &subtitle(m), 1088);
        let mut items: Vec<_> = LINES
            .iter()
            .map(|(name, stroke, _)| item(Mark::Line(*stroke), *name))
            .collect();
        let lost = m.windows.iter().any(|w| lost_in(w) > 0);
        if lost {
            items.push(item(Mark::Upright(solid(VERMILLION, 2)), "lost requests"));
        }
        page.legend(&items);
        let windows = m.windows.len().div_ceil(COLUMNS).max(1);
        let worst = if windows > 1 {
            format!(", worst of {windows} windows of {}", humane(m.window))
        } else {
            format!(" in windows of {}", humane(m.window))
        };
        let (scale, unit_ns, unit) = scale(m);
        let title = format!("latency [{unit}]{worst}");
        let form = Form {
            whole: false,
            extra: if lost { 16 } else { 0 },
        };
        let panel = page.panel(page.rest, scale, &title, form);
        page.calls
            .draw(&mut page.canvas, &above(&panel, form.extra));
        draw_losses(&mut page, &panel, m, form.extra);
        for (_, stroke, read) in LINES {
            let points = m.windows.chunks(windows).map(|chunk| {
                let value = chunk.iter().filter_map(read).max();
                (
                    chunk[0].start.as_secs_f64(),
                    value.map(|ns| to_f64(ns) / unit_ns),
                )
            });
            panel.steps(&mut page.canvas, points, m.end.as_secs_f64(), stroke);
        }
        if m.windows.iter().all(|w| w.latency_max.is_none()) {
            page.note(&panel, "no request was completed", GREY);
        }
        page.canvas.into_png()
    }
}

/// The panel with `extra` pixels more at its top, for marks that lie above the data.
fn above(panel: &Panel, extra: i32) -> Panel {
    Panel {
        area: Rect {
            top: panel.area.top - extra,
            ..panel.area
        },
        ..*panel
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a height in pixels needs no more"
)]
fn to_f64(count: u64) -> f64 {
    count as f64
}

fn lost_in(window: &Window) -> u64 {
    window.lost_by_cause.iter().sum()
}

/// The value axis, its unit in nanoseconds, and the unit's name.
fn scale(m: &Measurements) -> (Scale, f64, &'static str) {
    let values = || {
        m.windows
            .iter()
            .flat_map(|w| [w.latency_p50, w.latency_p90, w.latency_p99])
    };
    let largest = values().flatten().max().unwrap_or(0);
    let smallest = values().flatten().filter(|&ns| ns > 0).min().unwrap_or(0);
    let (unit_ns, unit) = match largest {
        0..10_000_000 => (1e3, "µs"),
        10_000_000..20_000_000_000 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    let scale = Scale::covering(to_f64(smallest) / unit_ns, to_f64(largest) / unit_ns);
    (scale, unit_ns, unit)
}

fn subtitle(m: &Measurements) -> String {
    let quantile = |q| {
        let value = m.latency.quantile(q, 0);
        value.map_or_else(
            || "none".to_owned(),
            |ns| humane(SimDuration::from_nanos(ns)),
        )
    };
    let lost = m.requests.lost();
    let losses = if lost == 0 {
        "no request was lost".to_owned()
    } else {
        let share = percent(lost, m.requests.arrived);
        format!("{} lost ({share}) are not in it", thousands(lost))
    };
    format!(
        "{} completed requests: median {}, p99 {}; {losses}",
        thousands(m.requests.completed),
        quantile(0.5),
        quantile(0.99),
    )
}

/// Draws a tick above the data for every column in which a request was lost.
fn draw_losses(page: &mut Page<'_>, panel: &Panel, m: &Measurements, extra: i32) {
    if extra == 0 {
        return;
    }
    for window in m.windows.iter().filter(|w| lost_in(w) > 0) {
        let left = panel.x(window.start.as_secs_f64());
        let right = panel.x((window.start + m.window).min(m.end).as_secs_f64());
        let middle = i32::midpoint(left, right);
        let top = panel.area.top - extra;
        let line = [(middle, top + 2), (middle, panel.area.top - 4)];
        page.canvas.path(&line, solid(VERMILLION, 2));
    }
    let at = (panel.area.left - 8, panel.area.top - 3);
    page.canvas.text("lost", at, Align::Right, LABEL.sized(15));
}
