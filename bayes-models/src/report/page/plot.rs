//! What all plots share: size, letters, colours, axes, and an SVG that is as wide as its place on the page.

use super::Error;
use maud::{Markup, PreEscaped, html};
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use std::ops::Range;

/// Colours that colour-blind readers tell apart (Okabe and Ito 2008), the darker ones.
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const PURPLE: RGBColor = RGBColor(204, 121, 167);
/// A colour for each model; after the last they start again, in another dash.
pub(super) const COLOURS: [RGBColor; 4] = [BLUE, VERMILION, GREEN, PURPLE];
/// Lines that say where something ideal would lie. `page.css` knows this colour, those above and the next two, to lighten
/// them on a dark page.
pub(super) const GREY: RGBColor = RGBColor(75, 85, 99);

/// Lines behind the plot.
const MESH: RGBColor = RGBColor(229, 231, 235);
/// Letters.
pub(super) const INK: RGBColor = RGBColor(55, 65, 81);

/// Width and height in units of which two are a pixel where a plot has 360 pixels: plotters rounds to whole units.
const SIZE: (u32, u32) = (720, 508);
/// Fourteen pixels there; plotters-svg writes a font size 1.24 times as small as told.
pub(super) const LETTERS: f64 = 28.0 * 1.24;

/// A chart while something is drawn into it.
pub(super) type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// Whether drawing went well.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// An axis.
pub(super) struct Axis<'a> {
    pub(super) label: &'a str,
    pub(super) range: Range<f64>,
    /// Most numbers along it.
    pub(super) ticks: usize,
    pub(super) format: fn(&f64) -> String,
}

/// Draws a plot; a reader who cannot see it is told `description`.
pub(super) fn plot(
    description: &str,
    x: Axis<'_>,
    y: Axis<'_>,
    draw: impl FnOnce(&mut Chart<'_, '_>) -> Drawn,
) -> Result<Markup, Error> {
    let mut svg = String::new();
    on_axes(&mut svg, x, y, draw).map_err(|error| Error::Plot(error.into()))?;
    // In a page an SVG needs no namespace, and without its own size it takes that of its place.
    let inner = svg.split_once('>').map_or("", |(_, inner)| inner);
    let inner = inner.trim_end().trim_end_matches("</svg>");
    let view = format!("0 0 {} {}", SIZE.0, SIZE.1);
    Ok(html! {
        svg.plot viewBox=(view) role="img" aria-label=(description) { (PreEscaped(inner)) }
    })
}

fn on_axes(
    svg: &mut String,
    x: Axis<'_>,
    y: Axis<'_>,
    draw: impl FnOnce(&mut Chart<'_, '_>) -> Drawn,
) -> Drawn {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin_top(14)
        .margin_right(48)
        .x_label_area_size(106)
        .y_label_area_size(126)
        .build_cartesian_2d(x.range, y.range)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(MESH)
        .axis_style(GREY)
        .label_style(("sans-serif", LETTERS).into_font().color(&INK))
        .x_desc(x.label)
        .y_desc(y.label)
        // Deep enough that the first numbers of both axes do not touch.
        .set_tick_mark_size(LabelAreaPosition::Bottom, 16)
        .x_labels(x.ticks)
        .y_labels(y.ticks)
        .x_label_formatter(&x.format)
        .y_label_formatter(&y.format)
        .draw()?;
    draw(&mut chart)?;
    drop(chart);
    area.present()
}

/// The CSS name of a colour.
pub(super) fn css(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
