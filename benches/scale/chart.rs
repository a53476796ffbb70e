//! The picture of the sweeps: a panel each, the cost of a request against what grows.
//!
//! The horizontal axes are logarithmic, the vertical one begins at 0 and is the same everywhere;
//! a thin line shows how dear a request may become. It must never measure anything.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, ChartBuilder, Circle, Color, DrawingArea, IntoDrawingArea, IntoFont,
    IntoLogRange, PathElement, RGBColor, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, ShapeStyle, TextStyle, register_font};

use crate::Row;

const WIDTH: u32 = 1500;
const HEIGHT: u32 = 520;
const FONT: &str = "drainsim";
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(213, 94, 0);
const GREY: RGBColor = RGBColor(90, 90, 90);
const GRID: RGBColor = RGBColor(226, 226, 226);

/// What a panel shows.
struct Panel {
    sweep: &'static str,
    title: &'static str,
    axis: &'static str,
    value: fn(&Row) -> f64,
}

const PANELS: [Panel; 3] = [
    Panel {
        sweep: "targets",
        title: "100,000 requests/s on more targets",
        axis: "targets",
        value: |row| f64::from(row.point.targets),
    },
    Panel {
        sweep: "in_flight",
        title: "1,000,000 requests/s held longer, 1,000 targets",
        axis: "requests in flight",
        value: |row| row.point.in_flight(),
    },
    Panel {
        sweep: "arrival_rate",
        title: "more requests on 1,000 targets",
        axis: "requests arriving [1/s]",
        value: |row| f64::from(row.point.rate),
    },
];

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// The picture as PNG; `limit` is how many times the smallest point a request may cost.
pub(crate) fn png(curves: &[&[Row]], limit: f64) -> Result<Vec<u8>, Box<dyn Error>> {
    let regular = include_bytes!("../../src/report/plot/font/DejaVuSans.ttf");
    register_font(FONT, FontStyle::Normal, regular).map_err(|_| "the font cannot be read")?;
    let mut pixels = vec![255; (WIDTH * HEIGHT * 3) as usize];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, (WIDTH, HEIGHT)).into_drawing_area();
        let costs = curves.iter().flat_map(|curve| curve.iter());
        let dearest = costs.map(|row| row.ns).fold(0.0, f64::max);
        let allowed = curves.iter().map(|curve| curve[0].ns * limit);
        let top = allowed.fold(dearest, f64::max) * 1.15;
        for (panel, area) in PANELS.iter().zip(root.split_evenly((1, PANELS.len()))) {
            let of_sweep = curves.iter().copied();
            let shown: Vec<&[Row]> = of_sweep
                .filter(|curve| curve[0].point.sweep == panel.sweep)
                .collect();
            draw(&area, panel, &shown, limit, top)?;
        }
        root.present()?;
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn text(size: i32, colour: RGBColor, at: HPos) -> TextStyle<'static> {
    let mut style = TextStyle::from((FONT, size).into_font());
    style.color = colour.to_backend_color();
    style.pos(Pos::new(at, VPos::Bottom))
}

/// 1,000 rather than 1000; values of an axis are whole.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

fn draw(
    area: &Area<'_>,
    panel: &Panel,
    curves: &[&[Row]],
    limit: f64,
    top: f64,
) -> Result<(), Box<dyn Error>> {
    let value = panel.value;
    let rows = || curves.iter().flat_map(|curve| curve.iter());
    let low = rows().map(value).fold(f64::INFINITY, f64::min);
    let high = rows().map(value).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(panel.title, text(18, RGBColor(0, 0, 0), HPos::Center))
        .margin(14)
        .margin_right(34)
        .x_label_area_size(52)
        .y_label_area_size(62)
        .build_cartesian_2d((low * 0.8..high * 1.25).log_scale(), 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(RGBColor(255, 255, 255))
        .axis_style(GREY)
        .x_desc(panel.axis)
        .y_desc("cost of a request [ns]")
        .x_labels(5)
        .y_labels(8)
        .x_label_formatter(&|x| thousands(*x))
        .y_label_formatter(&|y| thousands(*y))
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 16))
        .draw()?;
    let allowed = curves[0][0].ns * limit;
    let line = vec![(low, allowed), (high, allowed)];
    chart.draw_series([PathElement::new(line, GREY.stroke_width(1))])?;
    let note = format!("{limit} times the smallest point");
    let style = text(14, GREY, HPos::Left);
    chart.draw_series([Text::new(note, (low, allowed + top * 0.008), style)])?;
    for (curve, colour) in curves.iter().zip([BLUE, ORANGE]) {
        let path: Vec<(f64, f64)> = curve.iter().map(|row| (value(row), row.ns)).collect();
        let last = path[path.len() - 1];
        let dots = path.iter().map(|&at| {
            let style: ShapeStyle = colour.filled();
            Circle::new(at, 4, style)
        });
        chart.draw_series(dots)?;
        chart.draw_series([PathElement::new(path.clone(), colour.stroke_width(2))])?;
        let name = curve[0].point.routing.replace('_', " ");
        let at = (last.0, last.1 + top * 0.02);
        chart.draw_series([Text::new(name, at, text(15, colour, HPos::Right))])?;
    }
    Ok(())
}
