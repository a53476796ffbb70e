//! The panel of drains: how long each took, its deadline, and the delay it would have needed.
//!
//! Bars start at the deregistration, so drains of different times can be compared. It must never
//! show more than fit: beyond that the worst are shown and the rest is counted.

use super::axis::{Scale, TimeAxis};
use super::canvas::{Align, Canvas, LABEL, Rect};
use super::legend::{self, Item, Mark, item};
use super::palette::{BLACK, Fill, GREY, PURPLE, Pattern, SKY, VERMILLION, fill, solid};
use super::panel::Panel;
use crate::engine::time::SimDuration;
use crate::metrics::measurements::{DrainMeasurement, Measurements};
use crate::report::phrase::{humane, thousands};

/// Drains shown at most.
const SHOWN: usize = 30;
const CALM: Fill = fill(SKY, Pattern::Solid);
const CUT: Fill = fill(VERMILLION, Pattern::Rising);
const LABELS: i32 = 160;
const COUNTS: i32 = 62;

/// How much longer than its delay a drain needed \[ns\]; what worst-first is sorted by.
fn shortfall(drain: &DrainMeasurement) -> i128 {
    let delay = drain.delay.unwrap_or(SimDuration::MAX);
    i128::from(drain.needed.as_nanos()) - i128::from(delay.as_nanos())
}

/// The longest drain and the delay it had.
fn longest(drains: &[DrainMeasurement]) -> Option<&DrainMeasurement> {
    // Of several, the first.
    drains.iter().rev().max_by_key(|drain| drain.needed)
}

/// Draws the drains of `m` into `place`.
pub(super) fn draw(canvas: &mut Canvas, m: &Measurements, place: Rect) {
    let shown = select(&m.drains);
    let style = LABEL.bold();
    let width = place.right - place.left;
    let title = style.fit(&title(&m.drains), width);
    canvas.text(&title, (place.left, place.top + 16), Align::Left, style);
    let items = items();
    let at = (place.left, place.top + 24);
    legend::draw(canvas, &items, at, width);
    let rows = i32::try_from(shown.len()).expect("a constant bounds the rows");
    let mut panel = Panel {
        area: Rect {
            left: place.left + LABELS,
            top: place.top + 30 + legend::height(&items, width),
            right: place.right - COUNTS,
            bottom: place.bottom - super::page::AXIS,
        },
        time: TimeAxis {
            end_s: shown.iter().map(|d| reach(d)).fold(1.0, f64::max) * 1.05,
        },
        scale: Scale::Linear { high: 1.0 },
    };
    let row = ((panel.area.bottom - 1 - panel.area.top) / rows.max(1)).min(34);
    panel.area.bottom = panel.area.top + row * rows + 1;
    let (unit, _) = panel.time.unit();
    let mut axis = format!("time since deregistration [{unit}]");
    if shown.len() < m.drains.len() {
        let all = thousands(m.drains.len() as u64);
        axis = format!("{axis}, the {} worst of {all} drains", shown.len());
    }
    panel.time_axis(canvas, &axis);
    for (i, drain) in (0..).zip(&shown) {
        let top = panel.area.top + i * row;
        draw_row(canvas, &panel, drain, (top, top + row));
    }
}

/// How far to the right a drain's row reaches \[s\].
fn reach(drain: &DrainMeasurement) -> f64 {
    let delay = drain.delay.unwrap_or_default();
    let quiet = quiet(drain).unwrap_or_default();
    drain.needed.max(delay).max(quiet).as_secs_f64()
}

/// How long it took until it was quiet.
fn quiet(drain: &DrainMeasurement) -> Option<SimDuration> {
    drain
        .quiet
        .map(|quiet| quiet.max(drain.start).since(drain.start))
}

fn select(drains: &[DrainMeasurement]) -> Vec<&DrainMeasurement> {
    let mut shown: Vec<&DrainMeasurement> = drains.iter().collect();
    if shown.len() > SHOWN {
        shown.sort_by_key(|drain| std::cmp::Reverse(shortfall(drain)));
        shown.truncate(SHOWN);
    }
    shown.sort_by_key(|drain| drain.start);
    shown
}

fn title(drains: &[DrainMeasurement]) -> String {
    let Some(drain) = longest(drains) else {
        return String::new();
    };
    let delay = drain.delay.map_or_else(
        || "nothing is cut".to_owned(),
        |delay| format!("the delay was {}", humane(delay)),
    );
    format!("longest drain needed {}; {delay}", humane(drain.needed))
}

fn items() -> Vec<Item> {
    vec![
        item(Mark::Fill(CALM), "until quiet"),
        item(Mark::Fill(CUT), "until cut"),
        item(Mark::Upright(solid(BLACK, 3)), "deadline"),
        item(Mark::Diamond(PURPLE), "needed"),
    ]
}

fn draw_row(canvas: &mut Canvas, panel: &Panel, drain: &DrainMeasurement, rows: (i32, i32)) {
    let (top, bottom) = rows;
    let (pad, middle) = ((bottom - top) / 6, i32::midpoint(top, bottom));
    let end = quiet(drain).unwrap_or(drain.delay.unwrap_or(drain.needed));
    let bar = Rect {
        left: panel.area.left + 1,
        top: top + pad,
        right: panel.x(end.as_secs_f64()).max(panel.area.left + 3),
        bottom: bottom - pad,
    };
    canvas.fill(bar, if drain.cut > 0 { CUT } else { CALM });
    canvas.outline(bar, GREY);
    let needed = panel.x(drain.needed.as_secs_f64());
    if needed > bar.right {
        canvas.path(&[(bar.right, middle), (needed, middle)], solid(PURPLE, 2));
    }
    if let Some(delay) = drain.delay {
        let x = panel.x(delay.as_secs_f64());
        canvas.path(&[(x, top + 1), (x, bottom - 2)], solid(BLACK, 3));
    }
    let radius = ((bottom - top) / 3).clamp(3, 7);
    canvas.diamond(needed, middle, radius, PURPLE);
    let size = (bottom - top + 2).clamp(12, 15);
    let small = LABEL.sized(size);
    let name = small.fit(&drain.target, LABELS - 12);
    let at = (panel.area.left - 8, middle + size / 3);
    canvas.text(&name, at, Align::Right, small);
    if drain.cut > 0 {
        let at = (panel.area.right + 8, middle + size / 3);
        let text = small.fit(&format!("{} cut", thousands(drain.cut)), COUNTS - 8);
        canvas.text(&text, at, Align::Left, small);
    }
}
