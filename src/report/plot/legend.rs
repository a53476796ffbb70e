//! A legend: what each line and fill means, in a band of its own that never covers data.
//!
//! It must never know the data.

use super::canvas::{Align, Canvas, LABEL, Rect};
use super::palette::{Colour, Fill, GREY, Stroke};

/// What stands before a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Fill(Fill),
    Line(Stroke),
    Diamond(Colour),
    /// An upright line.
    Upright(Stroke),
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) mark: Mark,
    pub(super) label: String,
}

/// An entry.
pub(super) fn item(mark: Mark, label: impl Into<String>) -> Item {
    Item {
        mark,
        label: label.into(),
    }
}

/// Height of a row \[px\].
pub(super) const ROW: i32 = 23;
const SWATCH: i32 = 28;
const GAP: i32 = 26;

fn rows(items: &[Item], width: i32) -> Vec<Vec<(i32, &Item)>> {
    let mut rows: Vec<Vec<(i32, &Item)>> = vec![Vec::new()];
    let mut x = 0;
    for item in items {
        let needed = SWATCH + 6 + LABEL.width(&item.label);
        if x > 0 && x + needed > width {
            rows.push(Vec::new());
            x = 0;
        }
        rows.last_mut()
            .expect("there is a first row")
            .push((x, item));
        x += needed + GAP;
    }
    rows
}

/// The height a legend of `items` takes in a band of `width` \[px\].
pub(super) fn height(items: &[Item], width: i32) -> i32 {
    let count = i32::try_from(rows(items, width).len()).expect("a legend has few rows");
    if items.is_empty() { 0 } else { count * ROW }
}

/// Draws `items` from `left`, `top` on, wrapped at `width`.
pub(super) fn draw(canvas: &mut Canvas, items: &[Item], (left, top): (i32, i32), width: i32) {
    let mut y = top;
    for row in rows(items, width) {
        for (x, item) in row {
            let x = left + x;
            draw_mark(canvas, item.mark, x, y);
            let at = (x + SWATCH + 6, y + 16);
            canvas.text(&item.label, at, Align::Left, LABEL);
        }
        y += ROW;
    }
}

fn draw_mark(canvas: &mut Canvas, mark: Mark, x: i32, y: i32) {
    let middle = y + 11;
    match mark {
        Mark::Fill(fill) => {
            let swatch = Rect {
                left: x,
                top: y + 4,
                right: x + SWATCH,
                bottom: y + 18,
            };
            canvas.fill(swatch, fill);
            canvas.outline(swatch, GREY);
        }
        Mark::Line(stroke) => canvas.path(&[(x, middle), (x + SWATCH - 4, middle)], stroke),
        Mark::Diamond(colour) => canvas.diamond(x + SWATCH / 2, middle, 6, colour),
        Mark::Upright(stroke) => {
            let x = x + SWATCH / 2;
            canvas.path(&[(x, y + 3), (x, y + 19)], stroke);
        }
    }
}
