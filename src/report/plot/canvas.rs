//! A canvas: pixels, rectangles, lines and text, and their PNG.
//!
//! Drawing never fails half-way: the first problem is kept and told when the bytes are asked for.
//! It must never know what a picture shows.

use std::sync::LazyLock;

use plotters::prelude::{BitMapBackend, DrawingBackend, IntoFont, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, TextStyle, register_font};

use super::palette::{BLACK, Colour, Fill, Stroke, over};
use crate::report::ReportError;

/// Width of every picture \[px\].
pub(super) const WIDTH: i32 = 1200;
/// Height of every picture \[px\].
pub(super) const HEIGHT: i32 = 700;

const FONT: &str = "drainsim";

/// Registers the embedded font once; `false` if it cannot be read.
static FONT_IS_READY: LazyLock<bool> = LazyLock::new(|| {
    let regular = include_bytes!("font/DejaVuSans.ttf");
    let bold = include_bytes!("font/DejaVuSans-Bold.ttf");
    register_font(FONT, FontStyle::Normal, regular).is_ok()
        && register_font(FONT, FontStyle::Bold, bold).is_ok()
});

/// A rectangle in pixels; `right` and `bottom` lie outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

/// Where a text stands in relation to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    /// Height of a line \[px\].
    pub(super) size: i32,
    /// Whether it is bold.
    pub(super) bold: bool,
    /// Its colour.
    pub(super) colour: Colour,
}

/// Text of the first rank.
pub(super) const LABEL: Type = Type {
    size: 16,
    bold: false,
    colour: BLACK,
};

impl Type {
    /// The same in another size.
    pub(super) const fn sized(self, size: i32) -> Self {
        Self { size, ..self }
    }

    /// The same in bold.
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// The same in another colour.
    pub(super) const fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    fn font(self) -> FontDesc<'static> {
        let style = if self.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        FontDesc::new(FontFamily::Name(FONT), f64::from(self.size), style)
    }

    /// Width of `text` \[px\].
    pub(super) fn width(self, text: &str) -> i32 {
        if !*FONT_IS_READY {
            return 0;
        }
        self.font()
            .into_font()
            .layout_box(text)
            .map_or(0, |((left, _), (right, _))| right - left)
    }

    /// `text`, shortened with `…` where it is wider than `width`.
    pub(super) fn fit(self, text: &str, width: i32) -> String {
        // A text of more characters than pixels cannot fit; this bounds the work.
        let limit = usize::try_from(width).unwrap_or(0);
        let mut fitting: String = text.chars().take(limit).collect();
        if fitting.len() == text.len() && self.width(text) <= width {
            return fitting;
        }
        while !fitting.is_empty() {
            fitting.pop();
            let shortened = format!("{}…", fitting.trim_end());
            if self.width(&shortened) <= width {
                return shortened;
            }
        }
        fitting
    }
}

/// A picture being drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    pixels: Vec<u8>,
    problem: Option<String>,
}

fn rgb((r, g, b): Colour) -> RGBColor {
    RGBColor(r, g, b)
}

impl Canvas {
    /// A white canvas.
    pub(super) fn new() -> Self {
        let size = usize::try_from(WIDTH * HEIGHT * 3).expect("the picture's size is positive");
        let problem = (!*FONT_IS_READY).then(|| "the embedded font cannot be read".to_owned());
        Self {
            pixels: vec![255; size],
            problem,
        }
    }

    /// Fills `rect`, cut to the canvas.
    pub(super) fn fill(&mut self, rect: Rect, fill: Fill) {
        let pattern = over(fill.colour);
        for y in rect.top.max(0)..rect.bottom.min(HEIGHT) {
            for x in rect.left.max(0)..rect.right.min(WIDTH) {
                let colour = if fill.pattern.covers(x, y) {
                    pattern
                } else {
                    fill.colour
                };
                self.pixel(x, y, colour);
            }
        }
    }

    fn pixel(&mut self, x: i32, y: i32, colour: Colour) {
        if (0..WIDTH).contains(&x) && (0..HEIGHT).contains(&y) {
            let at = usize::try_from((y * WIDTH + x) * 3).expect("the pixel is on the canvas");
            self.pixels[at..at + 3].copy_from_slice(&<[u8; 3]>::from(colour));
        }
    }

    /// Draws the outline of `rect`, one pixel wide.
    pub(super) fn outline(&mut self, rect: Rect, colour: Colour) {
        let stroke = super::palette::solid(colour, 1);
        let (right, bottom) = (rect.right - 1, rect.bottom - 1);
        let corners = [
            (rect.left, rect.top),
            (right, rect.top),
            (right, bottom),
            (rect.left, bottom),
            (rect.left, rect.top),
        ];
        self.path(&corners, stroke);
    }

    /// Draws a path of level and upright lines through `points`; dashes run on around corners.
    pub(super) fn path(&mut self, points: &[(i32, i32)], stroke: Stroke) {
        let (dash, gap) = stroke.dash;
        let mut walked = 0;
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (dx, dy) = ((x1 - x0).signum(), (y1 - y0).signum());
            let length = (x1 - x0).abs().max((y1 - y0).abs());
            for i in 0..=length {
                if (walked + i) % (dash + gap) < dash {
                    self.dot(x0 + dx * i, y0 + dy * i, stroke);
                }
            }
            walked += length;
        }
    }

    fn dot(&mut self, x: i32, y: i32, stroke: Stroke) {
        let before = (stroke.width - 1) / 2;
        for dy in -before..stroke.width - before {
            for dx in -before..stroke.width - before {
                self.pixel(x + dx, y + dy, stroke.colour);
            }
        }
    }

    /// Draws a diamond around `x`, `y`.
    pub(super) fn diamond(&mut self, x: i32, y: i32, radius: i32, colour: Colour) {
        for dy in -radius..=radius {
            let reach = radius - dy.abs();
            for dx in -reach..=reach {
                self.pixel(x + dx, y + dy, colour);
            }
        }
    }

    /// Writes `text` with its base line at `y`.
    pub(super) fn text(&mut self, text: &str, (x, y): (i32, i32), align: Align, style: Type) {
        if self.problem.is_some() || text.is_empty() {
            return;
        }
        let left = match align {
            Align::Left => x,
            Align::Centre => x - style.width(text) / 2,
            Align::Right => x - style.width(text),
        };
        let colour = rgb(style.colour).to_rgba();
        let font = TextStyle::from(style.font())
            .color(&colour)
            .pos(Pos::new(HPos::Left, VPos::Top));
        let width = WIDTH.unsigned_abs();
        let mut backend =
            BitMapBackend::with_buffer(&mut self.pixels, (width, HEIGHT.unsigned_abs()));
        // The rasteriser puts the base line half a line below the point it is given.
        let result = backend.draw_text(text, &font, (left, y - style.size / 2));
        drop(backend);
        if let Err(error) = result {
            self.problem = Some(error.to_string());
        }
    }

    /// The picture as PNG.
    ///
    /// # Errors
    /// [`ReportError::Plot`] when something could not be drawn or encoded.
    pub(super) fn into_png(self) -> Result<Vec<u8>, ReportError> {
        if let Some(problem) = self.problem {
            return Err(ReportError::Plot(problem));
        }
        let mut bytes = Vec::new();
        let (width, height) = (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs());
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Default);
        let failed = |error: png::EncodingError| ReportError::Plot(error.to_string());
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&self.pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}
