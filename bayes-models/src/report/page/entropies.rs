//! Histograms of predictive entropy: digits against images that are none, one plot for each model.

use super::data::check_values;
use super::histogram::Histogram;
use super::numbers::{number, percent};
use super::plot::{Axis, BLUE, Drawn, VERMILION, plot};
use super::{Error, Predictions};
use maud::{Markup, html};
use plotters::prelude::*;

const BINS: usize = 20;

pub(super) fn section(models: &[Predictions]) -> Result<Markup, Error> {
    let histograms: Vec<[Histogram; 2]> =
        models.iter().map(histograms).collect::<Result<_, _>>()?;
    let highest = histograms.iter().flatten().map(Histogram::highest);
    let height = (1.08 * highest.fold(0.0, f64::max)).clamp(0.01, 1.0);
    let figures = models.iter().zip(&histograms);
    let figures = figures.map(|(of, histograms)| figure(of, histograms, height));
    let figures: Vec<Markup> = figures.collect::<Result<_, _>>()?;
    Ok(html! {
        section {
            h2 { "Does it notice what is no digit?" }
            p {
                "A low entropy says “I am sure”, the highest (right end) “it could be any class”. Digits should pile "
                "up on the left and patches of photographs stand on the right: where both overlap, the model takes "
                "patches for digits."
            }
            ul.legend {
                li { span.swatch.bar {} "digits" }
                li { span.swatch.outline {} "patches of photographs" }
            }
            div.grid { @for figure in &figures { (figure) } }
        }
    })
}

/// Of digits and of patches, from 0 to the highest entropy that there is, ln C.
fn histograms(of: &Predictions) -> Result<[Histogram; 2], Error> {
    let highest = (of.classes.max(2) as f64).ln();
    let histogram = |what: &str, entropies: &[f64]| {
        let what = format!("predictive entropies of {what}, model `{}`", of.model);
        let expected = "a finite number of nats, at least 0";
        // Rounding may leave an entropy of 0 a little below it.
        check_values(&what, entropies.iter().copied(), -1e-9, expected)?;
        Ok(Histogram::new(
            entropies.iter().copied(),
            0.0..highest,
            BINS,
        ))
    };
    Ok([
        histogram("digits", &of.entropy)?,
        histogram("patches", &of.entropy_ood)?,
    ])
}

fn figure(
    of: &Predictions,
    [digits, patches]: &[Histogram; 2],
    height: f64,
) -> Result<Markup, Error> {
    let highest = (of.classes.max(2) as f64).ln();
    let svg = plot(
        &format!("Histograms of the predictive entropy of {}", of.model),
        Axis {
            label: "predictive entropy, nats",
            range: 0.0..highest,
            ticks: 6,
            format: number,
        },
        Axis {
            label: "share of images",
            range: 0.0..height,
            ticks: 6,
            format: percent,
        },
        |chart| {
            let bar = |corners| Rectangle::new(corners, BLUE.mix(0.65).filled());
            chart.draw_series(digits.bars().map(bar))?;
            let outline = PathElement::new(patches.outline(), VERMILION.stroke_width(4));
            chart.draw_series([outline])?;
            Drawn::Ok(())
        },
    )?;
    Ok(html! {
        figure {
            figcaption {
                strong { (of.model) }
                " " (of.entropy.len()) " digits, " (of.entropy_ood.len()) " patches"
            }
            (svg)
        }
    })
}
