//! `losses.png`: what was lost and when, by cause, and which delay would have been enough.
//!
//! Bars are sums over windows; where windows are too many for the width, neighbours are added up
//! and the axis says so. It must never scale one cause differently from another.

use super::axis::Scale;
use super::canvas::Rect;
use super::drains;
use super::legend::{Item, Mark, item};
use super::page::{Form, GUTTER, Page};
use super::palette::{GREEN, of_cause};
use super::panel::Panel;
use crate::engine::time::SimDuration;
use crate::experiment::outcome::Outcome;
use crate::metrics::measurements::Measurements;
use crate::model::loss::{CAUSES, Cause};
use crate::report::phrase::{humane, percent, thousands};
use crate::report::{Report, ReportError, ReportOptions};

/// The report `losses.png`.
#[derive(Debug)]
pub(crate) struct LossesPng;

/// The sums of neighbouring windows.
#[derive(Debug)]
struct Bar {
    start_s: f64,
    end_s: f64,
    lost: [u64; CAUSES.len()],
}

impl Report for LossesPng {
    fn name(&self) -> &'static str {
        "losses.png"
    }

    fn summary(&self) -> &'static str {
        "what was lost and when, by cause, and which delay would have been enough"
    }

    fn is_plot(&self) -> bool {
        true
    }

    fn render(&self, outcome: &Outcome, _: &ReportOptions) -> Result<Vec<u8>, ReportError> {
        let m = &outcome.measurements;
        let has_drains = !m.drains.is_empty();
        let width = if has_drains { 600 } else { 1150 };
        let mut page = Page::new(outcome, "What was lost", &subtitle(m), width - GUTTER);
        page.legend(&legend(m));
        let place = Rect {
            right: page.rest.left + width,
            ..page.rest
        };
        let columns = usize::try_from((width - GUTTER) / 5).unwrap_or(1);
        let (bars, windows) = bars(m, columns);
        let largest = bars.iter().map(|bar| bar.lost.iter().sum::<u64>()).max();
        let span = humane(SimDuration::from_nanos(m.window.as_nanos()).times(windows));
        let title = format!("lost requests per {span}");
        let scale = Scale::linear(to_f64(largest.unwrap_or(0)));
        let form = Form {
            whole: true,
            extra: 0,
        };
        let panel = page.panel(place, scale, &title, form);
        page.calls.draw(&mut page.canvas, &panel);
        for bar in &bars {
            draw_bar(&mut page, &panel, bar);
        }
        if m.requests.lost() == 0 && bars.iter().all(|bar| bar.lost.iter().sum::<u64>() == 0) {
            page.note(&panel, "no request was lost", GREEN);
        }
        if has_drains {
            let place = Rect {
                left: page.rest.left + width + 30,
                ..page.rest
            };
            drains::draw(&mut page.canvas, m, place);
        }
        page.canvas.into_png()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a height in pixels needs no more"
)]
fn to_f64(count: u64) -> f64 {
    count as f64
}

fn subtitle(m: &Measurements) -> String {
    let (lost, arrived) = (m.requests.lost(), m.requests.arrived);
    if lost == 0 {
        return format!("none of {} requests was lost", thousands(arrived));
    }
    format!(
        "{} of {} requests lost ({})",
        thousands(lost),
        thousands(arrived),
        percent(lost, arrived)
    )
}

/// Whether any window or tally holds a loss for `cause`.
fn occurs(m: &Measurements, cause: Cause) -> bool {
    let index = cause.index();
    m.requests.lost_by_cause[index] > 0 || m.windows.iter().any(|w| w.lost_by_cause[index] > 0)
}

fn legend(m: &Measurements) -> Vec<Item> {
    CAUSES
        .iter()
        .filter(|descriptor| occurs(m, descriptor.cause))
        .map(|descriptor| {
            let count = thousands(m.requests.lost_for(descriptor.cause));
            let label = format!("{} {count}", descriptor.name);
            item(Mark::Fill(of_cause(descriptor.cause)), label)
        })
        .collect()
}

/// At most `columns` bars, and how many windows each stands for.
fn bars(m: &Measurements, columns: usize) -> (Vec<Bar>, u64) {
    let windows = rounded(m.windows.len().div_ceil(columns.max(1)).max(1));
    let bars = m.windows.chunks(windows).map(|chunk| {
        let mut lost = [0; CAUSES.len()];
        for window in chunk {
            for (sum, count) in lost.iter_mut().zip(window.lost_by_cause) {
                *sum += count;
            }
        }
        let last = &chunk[chunk.len() - 1];
        Bar {
            start_s: chunk[0].start.as_secs_f64(),
            end_s: (last.start + m.window).min(m.end).as_secs_f64(),
            lost,
        }
    });
    (bars.collect(), windows as u64)
}

/// The next larger number of windows that gives a round span of seconds, minutes or hours.
fn rounded(windows: usize) -> usize {
    let round = [
        1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 300, 600, 1200, 3600,
    ];
    round
        .into_iter()
        .find(|&number| number >= windows)
        .unwrap_or(windows)
}

fn draw_bar(page: &mut Page<'_>, panel: &Panel, bar: &Bar) {
    let (left, right) = (panel.x(bar.start_s), panel.x(bar.end_s));
    // A gap between bars, where there is room for one.
    let right = if right - left > 4 {
        right - 1
    } else {
        right.max(left + 1)
    };
    let mut sum = 0;
    let mut bottom = panel.y(0.0);
    for descriptor in CAUSES {
        let count = bar.lost[descriptor.cause.index()];
        if count == 0 {
            continue;
        }
        sum += count;
        // One lost request among thousands must still be seen.
        let top = panel.y(to_f64(sum)).min(bottom - 2);
        let rect = Rect {
            left,
            top,
            right,
            bottom,
        };
        page.canvas.fill(rect, of_cause(descriptor.cause));
        bottom = top;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Sample;

    #[test]
    fn bars_hold_every_loss_however_few_they_are() {
        let sample = Sample {
            windows: 3600,
            ..Sample::default()
        };
        let outcome = sample.build();
        for columns in [1, 7, 100, 10_000] {
            let (bars, windows) = bars(&outcome.measurements, columns);
            let sum: u64 = bars.iter().flat_map(|bar| bar.lost).sum();
            assert_eq!(sum, outcome.measurements.requests.lost());
            assert!(bars.len() <= columns);
            assert!(windows * bars.len() as u64 >= 3600);
        }
    }
}
