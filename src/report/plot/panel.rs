//! A panel: an area with two axes into which data is drawn.
//!
//! It turns seconds and values into pixels and draws grid and labels outside of the data. It must
//! never know what the values mean.

use super::axis::{Scale, Tick, TimeAxis};
use super::canvas::{Align, Canvas, LABEL, Rect};
use super::palette::{Fill, GREY, GRID, Stroke, solid};
use crate::engine::time::SimTime;
use crate::stats::step_series::StepSeries;

/// An area with a time axis and a value axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Panel {
    /// The area of the data.
    pub(super) area: Rect,
    /// The axis from left to right.
    pub(super) time: TimeAxis,
    /// The axis from bottom to top.
    pub(super) scale: Scale,
}

/// Rounds to the nearest pixel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the operand is a share of the picture's size, far within i32"
)]
pub(super) fn pixel(value: f64) -> i32 {
    value.round() as i32
}

impl Panel {
    /// The column of `secs`.
    pub(super) fn x(&self, secs: f64) -> i32 {
        let share = (secs / self.time.end_s).clamp(0.0, 1.0);
        self.area.left + pixel(share * f64::from(self.area.right - 1 - self.area.left))
    }

    /// The row of `value`.
    pub(super) fn y(&self, value: f64) -> i32 {
        let height = f64::from(self.area.bottom - 1 - self.area.top);
        self.area.bottom - 1 - pixel(self.scale.share(value) * height)
    }

    /// How many labels of about `each` pixels have room from left to right.
    fn room(&self, each: i32) -> u32 {
        u32::try_from((self.area.right - self.area.left) / each)
            .unwrap_or(1)
            .max(1)
    }

    /// Draws grid, ticks and labels; `whole` for counts, which have no ticks between whole numbers.
    pub(super) fn axes(&self, canvas: &mut Canvas, title: &str, whole: bool) {
        let height = self.area.bottom - self.area.top;
        let count = u32::try_from(height / 42).unwrap_or(1).clamp(2, 8);
        self.value_ticks(canvas, &self.scale.ticks(count, whole));
        let (unit, _) = self.time.unit();
        self.time_axis(canvas, &format!("simulated time [{unit}]"));
        let at = (self.area.left - 8, self.area.top - 12);
        canvas.text(title, at, Align::Left, LABEL.coloured(GREY));
    }

    fn value_ticks(&self, canvas: &mut Canvas, ticks: &[Tick]) {
        for tick in ticks {
            let y = self.y(tick.at);
            let line = [(self.area.left, y), (self.area.right - 1, y)];
            canvas.path(&line, solid(GRID, 1));
            let at = (self.area.left - 8, y + 5);
            canvas.text(&tick.label, at, Align::Right, LABEL.sized(15));
        }
    }

    /// Draws the time axis alone.
    pub(super) fn time_axis(&self, canvas: &mut Canvas, title: &str) {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = self.area;
        for tick in self.time.ticks(self.room(65)) {
            let x = self.x(tick.at);
            canvas.path(&[(x, top), (x, bottom - 1)], solid(GRID, 1));
            canvas.path(&[(x, bottom), (x, bottom + 4)], solid(GREY, 1));
            let at = (x, bottom + 20);
            canvas.text(&tick.label, at, Align::Centre, LABEL.sized(15));
        }
        let baseline = [(left, top), (left, bottom - 1), (right - 1, bottom - 1)];
        canvas.path(&baseline, solid(GREY, 1));
        let at = (i32::midpoint(left, right), bottom + 40);
        canvas.text(title, at, Align::Centre, LABEL.coloured(GREY));
    }

    /// Draws `points` (seconds, value) as steps, each value holding until the next point, the last
    /// one until `end_s`; `None` is a gap.
    pub(super) fn steps(
        &self,
        canvas: &mut Canvas,
        points: impl Iterator<Item = (f64, Option<f64>)>,
        end_s: f64,
        stroke: Stroke,
    ) {
        let mut path: Vec<(i32, i32)> = Vec::new();
        for (secs, value) in points {
            let x = self.x(secs);
            if let Some(&(_, y)) = path.last() {
                path.push((x, y));
            }
            match value {
                Some(value) => path.push((x, self.y(value))),
                None => self.stroke(canvas, &mut path, stroke),
            }
        }
        if let Some(&(_, y)) = path.last() {
            path.push((self.x(end_s), y));
        }
        self.stroke(canvas, &mut path, stroke);
    }

    /// Draws `path`, moves within one column reduced to their extent, and empties it.
    #[expect(clippy::unused_self, reason = "the path is in this panel's pixels")]
    fn stroke(&self, canvas: &mut Canvas, path: &mut Vec<(i32, i32)>, stroke: Stroke) {
        let mut short: Vec<(i32, i32)> = Vec::new();
        for column in path.chunk_by(|a, b| a.0 == b.0) {
            let rows = column.iter().map(|point| point.1);
            let (first, last) = (column[0], column[column.len() - 1]);
            if let (Some(low), Some(high)) = (rows.clone().min(), rows.max()) {
                short.extend([first, (first.0, low), (first.0, high), last]);
            }
        }
        short.dedup();
        canvas.path(&short, stroke);
        path.clear();
    }

    /// Draws a count over time.
    pub(super) fn series(&self, canvas: &mut Canvas, series: &StepSeries, stroke: Stroke) {
        let points = series
            .points()
            .iter()
            .map(|&(at, count)| (at.as_secs_f64(), Some(f64::from(count))));
        self.steps(canvas, points, self.time.end_s, stroke);
    }

    /// Fills the area between two counts where `upper` is larger than `lower`.
    pub(super) fn between(
        &self,
        canvas: &mut Canvas,
        upper: impl Fn(SimTime) -> u32,
        lower: impl Fn(SimTime) -> u32,
        fill: Fill,
    ) {
        let width = f64::from(self.area.right - 1 - self.area.left).max(1.0);
        for x in self.area.left..self.area.right {
            let share = f64::from(x - self.area.left) / width;
            let secs = crate::engine::time::SimDuration::from_secs_f64(share * self.time.end_s);
            let at = SimTime::ZERO + secs;
            let (high, low) = (upper(at), lower(at));
            if high > low {
                let column = Rect {
                    left: x,
                    top: self.y(f64::from(high)),
                    right: x + 1,
                    bottom: self.y(f64::from(low)),
                };
                canvas.fill(column, fill);
            }
        }
    }
}
