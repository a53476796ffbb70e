//! A page: title, subtitle, legend, panels and the strip of calls, each in a band of its own.
//!
//! Bands are laid out from the outside to the inside, so nothing can cover data. It must never know
//! which picture it is.

use super::axis::{Scale, TimeAxis};
use super::calls::Calls;
use super::canvas::{Align, Canvas, HEIGHT, LABEL, Rect, WIDTH};
use super::legend::{self, Item};
use super::palette::{Colour, GREY, Pattern, SHADE, WHITE, fill};
use super::panel::Panel;
use crate::experiment::outcome::Outcome;

/// Space around everything \[px\].
pub(super) const MARGIN: i32 = 24;
/// Space left of a panel for its labels \[px\].
pub(super) const GUTTER: i32 = 64;
/// Space below a panel for its axis \[px\].
pub(super) const AXIS: i32 = 50;

/// A page being filled.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) canvas: Canvas,
    pub(super) calls: Calls<'a>,
    /// What is left between the bands.
    pub(super) rest: Rect,
    end_s: f64,
    warm_up_s: f64,
}

impl<'a> Page<'a> {
    /// A page with its title, subtitle and strip; `width` is that of the data \[px\].
    pub(super) fn new(outcome: &'a Outcome, title: &str, subtitle: &str, width: i32) -> Self {
        let mut canvas = Canvas::new();
        let large = LABEL.sized(25).bold();
        let room = WIDTH - 2 * MARGIN;
        let title = large.fit(&format!("{title}: {}", outcome.scenario), room);
        canvas.text(&title, (MARGIN, 40), Align::Left, large);
        let small = LABEL.sized(17).coloured(GREY);
        canvas.text(&small.fit(subtitle, room), (MARGIN, 66), Align::Left, small);
        let end_s = outcome.measurements.end.as_secs_f64().max(1e-9);
        let calls = Calls::new(outcome, width, end_s);
        let bottom = HEIGHT - 12 - calls.strip_height();
        calls.strip(&mut canvas, MARGIN, bottom + 8);
        let rest = Rect {
            left: MARGIN,
            top: 78,
            right: WIDTH - MARGIN,
            bottom,
        };
        let warm_up_s = outcome.measurements.warm_up.as_secs_f64();
        Self {
            canvas,
            calls,
            rest,
            end_s,
            warm_up_s,
        }
    }

    /// Draws a legend over the whole width and takes its band from the rest.
    pub(super) fn legend(&mut self, items: &[Item]) {
        let width = self.rest.right - self.rest.left;
        let at = (self.rest.left, self.rest.top);
        legend::draw(&mut self.canvas, items, at, width);
        self.rest.top += legend::height(items, width);
    }

    /// A panel over time in `place`, with its axes, warm-up and room for the numbers of the calls,
    /// and `extra` pixels more above the data.
    pub(super) fn panel(&mut self, place: Rect, scale: Scale, title: &str, form: Form) -> Panel {
        let panel = Panel {
            area: Rect {
                left: place.left + GUTTER,
                top: place.top + 26 + self.calls.band() + form.extra,
                right: place.right,
                bottom: place.bottom - AXIS,
            },
            time: TimeAxis { end_s: self.end_s },
            scale,
        };
        let warm_up = Rect {
            right: panel.x(self.warm_up_s),
            ..panel.area
        };
        self.canvas.fill(warm_up, fill(SHADE, Pattern::Solid));
        let title_panel = Panel {
            area: Rect {
                top: panel.area.top - self.calls.band() - form.extra,
                ..panel.area
            },
            ..panel
        };
        panel.axes(&mut self.canvas, "", form.whole);
        let at = (title_panel.area.left - 8, title_panel.area.top - 10);
        let style = LABEL.coloured(GREY);
        self.canvas.text(title, at, Align::Left, style);
        let small = LABEL.sized(14).coloured(GREY);
        if warm_up.right - warm_up.left > small.width("warm-up") + 8 {
            let at = (
                i32::midpoint(warm_up.left, warm_up.right),
                warm_up.bottom - 8,
            );
            self.canvas.text("warm-up", at, Align::Centre, small);
        }
        panel
    }
}

impl Page<'_> {
    /// Writes `text` large into the middle of an empty panel.
    pub(super) fn note(&mut self, panel: &Panel, text: &str, colour: Colour) {
        let style = LABEL.sized(34).bold().coloured(colour);
        let x = i32::midpoint(panel.area.left, panel.area.right);
        let y = i32::midpoint(panel.area.top, panel.area.bottom);
        let half = style.width(text) / 2 + 12;
        let ground = Rect {
            left: x - half,
            top: y - 32,
            right: x + half,
            bottom: y + 18,
        };
        self.canvas.fill(ground, fill(WHITE, Pattern::Solid));
        self.canvas.text(text, (x, y), Align::Centre, style);
    }
}

/// The form of a panel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Whether values are counts.
    pub(super) whole: bool,
    /// Space between the numbers of the calls and the data \[px\].
    pub(super) extra: i32,
}
