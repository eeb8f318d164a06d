//! Reliability diagrams: accuracy over confidence, one plot for each model.

use super::numbers::number;
use super::plot::{Axis, BLUE, Drawn, GREY, LETTERS, VERMILION, plot};
use super::{Error, Predictions};
use bayes_core::metrics::{
    DEFAULT_ECE_BINS, MetricError, ReliabilityBin, ece, reliability_diagram,
};
use maud::{Markup, html};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Where the counts of images are written: above the bars.
const COUNTS_AT: f64 = 1.115;
const BAR: RGBColor = RGBColor(64, 149, 197);
const TOO_SURE: RGBColor = RGBColor(242, 207, 179);
const TOO_CAUTIOUS: RGBColor = RGBColor(222, 239, 250);

pub(super) fn section(models: &[Predictions]) -> Result<Markup, Error> {
    let figures: Vec<Markup> = models.iter().map(figure).collect::<Result<_, _>>()?;
    Ok(html! {
        section {
            h2 { "Is confidence what it says?" }
            p {
                "Of the images that a model is 80 % sure of, 80 % should be right: bars should end on the dashed line. "
                "A box above a bar is the part by which the model was too sure, a pale end of a bar the part by which it "
                "was too cautious. The numbers on top count images; bars of few images mean little."
            }
            ul.legend {
                li { span.swatch.bar {} "accuracy" }
                li { span.swatch.too-sure {} "too sure" }
                li { span.swatch.too-cautious {} "accuracy, too cautious" }
            }
            div.grid { @for figure in &figures { (figure) } }
        }
    })
}

fn figure(of: &Predictions) -> Result<Markup, Error> {
    let failed = |source: MetricError| Error::Metric {
        model: of.model.clone(),
        source,
    };
    let (probabilities, labels) = (&of.probabilities, &of.labels);
    let bins = reliability_diagram(probabilities, of.classes, labels, DEFAULT_ECE_BINS);
    let bins = bins.map_err(failed)?;
    let ece = ece(probabilities, of.classes, labels, DEFAULT_ECE_BINS).map_err(failed)?;
    let description = format!("Reliability diagram of {}: ECE {ece:.4}", of.model);
    let up_to_1 = |y: &f64| if *y > 1.0 { String::new() } else { number(y) };
    let svg = plot(
        &description,
        Axis {
            label: "confidence",
            range: 0.0..1.0,
            ticks: 6,
            format: number,
        },
        Axis {
            label: "accuracy",
            range: 0.0..1.19,
            ticks: 6,
            format: up_to_1,
        },
        |chart| {
            chart.draw_series(bins.iter().map(accuracy_bar))?;
            chart.draw_series(bins.iter().flat_map(gap))?;
            let diagonal = [(0.0, 0.0), (1.0, 1.0)];
            let dashes = DashedLineSeries::new(diagonal, 10, 8, GREY.stroke_width(3));
            chart.draw_series(dashes)?;
            chart.draw_series(bins.iter().map(count))?;
            Drawn::Ok(())
        },
    )?;
    Ok(html! {
        figure {
            figcaption { strong { (of.model) } " ECE " (format!("{ece:.4}")) }
            (svg)
        }
    })
}

fn accuracy_bar(bin: &ReliabilityBin) -> Rectangle<(f64, f64)> {
    let corners = [(bin.lower, 0.0), (bin.upper, bin.accuracy)];
    between_neighbours(corners, BAR.filled())
}

/// The box between accuracy and confidence, on top of the bar or on its end: filled and framed.
fn gap(bin: &ReliabilityBin) -> [Rectangle<(f64, f64)>; 2] {
    let corners = [(bin.lower, bin.accuracy), (bin.upper, bin.mean_confidence)];
    let too_sure = bin.mean_confidence > bin.accuracy;
    let (inside, frame) = if too_sure {
        (TOO_SURE, VERMILION)
    } else {
        (TOO_CAUTIOUS, BLUE)
    };
    [inside.filled(), frame.stroke_width(1)].map(|style| between_neighbours(corners, style))
}

fn between_neighbours(corners: [(f64, f64); 2], style: ShapeStyle) -> Rectangle<(f64, f64)> {
    let mut rectangle = Rectangle::new(corners, style);
    rectangle.set_margin(0, 0, 1, 1);
    rectangle
}

/// The number of images, upright: so it fits a bar.
fn count(bin: &ReliabilityBin) -> Text<'static, (f64, f64), String> {
    let style = ("sans-serif", 0.85 * LETTERS).into_font();
    let style = style.transform(FontTransform::Rotate270).color(&GREY);
    let style = style.pos(Pos::new(HPos::Center, VPos::Center));
    let middle = f64::midpoint(bin.lower, bin.upper);
    Text::new(bin.examples.to_string(), (middle, COUNTS_AT), style)
}
