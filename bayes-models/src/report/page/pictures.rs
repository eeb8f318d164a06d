//! The images that a model is least and most sure of, drawn, with what it says of them.

use super::data::{check_length, check_values};
use super::{Error, LeastSure, Picture, UncertainImage};
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) fn section(of: &LeastSure) -> Result<Markup, Error> {
    let figures = |images: &[UncertainImage]| {
        let figures = images.iter().map(figure);
        figures.collect::<Result<Vec<Markup>, _>>()
    };
    let (least, surest) = (figures(&of.images)?, figures(&of.surest)?);
    Ok(html! {
        section {
            h2 { "What is it least sure of?" }
            p {
                "The images with the highest entropy H of " strong { (of.model) } ", with the probability p of the "
                "class that it took. The mutual information MI is the part of H on which the draws of the weights "
                "disagree; the rest is in the image itself. A dashed frame and a ✗ mark a wrong answer."
            }
            div.pictures { @for figure in &least { (figure) } }
            @if !surest.is_empty() {
                h3 { "And most sure of?" }
                p { "Those with the lowest entropy. One that is wrong here is worth a look: its label may be." }
                div.pictures { @for figure in &surest { (figure) } }
            }
        }
    })
}

fn figure(image: &UncertainImage) -> Result<Markup, Error> {
    let numbers = [image.probability, image.entropy, image.mutual_information];
    let what = format!("p, H and MI of an image of class {}", image.label);
    check_values(&what, numbers, -1e-9, "a finite number, at least 0")?;
    let right = image.label == image.prediction;
    Ok(html! {
        figure.wrong[!right] {
            (picture(image)?)
            figcaption {
                strong { @if right { "✓ right: " (image.label) } @else { "✗ wrong: " (image.prediction) } }
                br;
                @if !right { "is " (image.label) ", " }
                "p " (format!("{:.2}", image.probability))
                br;
                "H " (format!("{:.2}", image.entropy)) ", MI " (format!("{:.2}", image.mutual_information))
            }
        }
    })
}

/// Squares without seams: one path for each colour.
fn picture(image: &UncertainImage) -> Result<Markup, Error> {
    let what = format!("pixels of an image of class {}", image.label);
    let Picture { width, pixels } = &image.picture;
    let height = pixels.len().div_ceil((*width).max(1)).max(1);
    check_length(&what, width * height, pixels.len())?;
    let numbers = pixels.iter().flatten().map(|&part| f64::from(part));
    check_values(&what, numbers, f64::MIN, "a finite number")?;

    let mut paths = BTreeMap::<[u8; 3], String>::new();
    for (i, pixel) in pixels.iter().enumerate() {
        let colour = pixel.map(|part| (255.0 * part.clamp(0.0, 1.0)).round() as u8);
        let (x, y) = (i % width, i / width);
        // Writing to a string cannot fail.
        let _ = write!(paths.entry(colour).or_default(), "M{x} {y}h1v1h-1z");
    }
    let view = format!("0 0 {width} {height}");
    let description = format!("Picture of class {}", image.label);
    Ok(html! {
        svg.picture viewBox=(view) shape-rendering="crispEdges" role="img" aria-label=(description) {
            @for ([red, green, blue], squares) in &paths {
                path fill=(format!("#{red:02x}{green:02x}{blue:02x}")) d=(squares) {}
            }
        }
    })
}
