//! Histograms of uncertainty: what belongs to the classes against what belongs to none, one plot for each model.

use super::data::check_values;
use super::histogram::Histogram;
use super::numbers::{decimals, percent};
use super::plot::{Axis, BLUE, Drawn, VERMILION, plot};
use super::{Error, Names, Predictions};
use maud::{Markup, html};
use plotters::prelude::*;

const BINS: usize = 20;

/// A kind of uncertainty, in nats.
struct Quantity {
    name: &'static str,
    explanation: &'static str,
    of: fn(&Predictions) -> [&[f64]; 2],
    /// Where the axis ends.
    end: fn(&[&Predictions]) -> f64,
}

/// The highest entropy that there is, ln C.
fn ln_classes(models: &[&Predictions]) -> f64 {
    let classes = models.iter().map(|of| of.classes).max();
    (classes.unwrap_or(2).max(2) as f64).ln()
}

/// The largest mutual information of all models, which may be a small part of ln C; a thousandth of it at least.
fn most_informed(models: &[&Predictions]) -> f64 {
    let values = models.iter().flat_map(|of| (INFORMATION.of)(of)).flatten();
    let most = ln_classes(models);
    values
        .fold(1e-3 * most, |largest, &value| largest.max(value))
        .min(most)
}

const ENTROPY: Quantity = Quantity {
    name: "predictive entropy",
    explanation: "A low entropy says “I am sure”, the highest (right end) “it could be any class”.",
    of: |of| [&of.entropy, &of.entropy_ood],
    end: ln_classes,
};

const INFORMATION: Quantity = Quantity {
    name: "mutual information",
    explanation: "The part of the entropy on which the draws of the weights disagree, and which more data would remove: \
                  what a model has not learned lies to the right, what is ambiguous in itself does not. The axis ends at \
                  the largest value. A model that does not draw has none.",
    of: |of| [&of.mutual_information, &of.mutual_information_ood],
    end: most_informed,
};

pub(super) fn section(models: &[Predictions], names: &Names) -> Result<Markup, Error> {
    let (entropy, information) = (
        figures(&ENTROPY, models, names)?,
        figures(&INFORMATION, models, names)?,
    );
    Ok(html! {
        section {
            h2 { "Does it notice what it has not learned?" }
            p {
                (ENTROPY.explanation) " The " (names.inside) " should pile up on the left and the " (names.outside)
                " stand on the right: where both overlap, the model takes one for the other."
            }
            ul.legend {
                li { span.swatch.bar {} (names.inside) }
                li { span.swatch.outline {} (names.outside) }
            }
            div.grid { @for figure in &entropy { (figure) } }
            @if !information.is_empty() {
                h3 { "Mutual information" }
                p { (INFORMATION.explanation) }
                div.grid { @for figure in &information { (figure) } }
            }
        }
    })
}

/// A plot for each model that has this kind, all of one height.
fn figures(
    quantity: &Quantity,
    models: &[Predictions],
    names: &Names,
) -> Result<Vec<Markup>, Error> {
    let models: Vec<&Predictions> = models
        .iter()
        .filter(|of| (quantity.of)(of).iter().any(|values| !values.is_empty()))
        .collect();
    let end = (quantity.end)(&models);
    let all: Vec<[Histogram; 2]> = models
        .iter()
        .map(|of| histograms(quantity, of, names, end))
        .collect::<Result<_, _>>()?;
    let highest = all.iter().flatten().map(Histogram::highest);
    let height = (1.08 * highest.fold(0.0, f64::max)).clamp(0.01, 1.0);
    let figures = models.iter().zip(&all);
    figures
        .map(|(of, histograms)| figure(quantity, of, histograms, [end, height], names))
        .collect()
}

/// Of what is inside and outside, from 0 to the end of the axis.
fn histograms(
    quantity: &Quantity,
    of: &Predictions,
    names: &Names,
    end: f64,
) -> Result<[Histogram; 2], Error> {
    let histogram = |what: &str, values: &[f64]| {
        let what = format!("{} of {what}, model `{}`", quantity.name, of.model);
        let expected = "a finite number of nats, at least 0";
        // Rounding may leave an entropy of 0 a little below it.
        check_values(&what, values.iter().copied(), -1e-9, expected)?;
        Ok(Histogram::new(values.iter().copied(), 0.0..end, BINS))
    };
    let [inside, outside] = (quantity.of)(of);
    Ok([
        histogram(&names.inside, inside)?,
        histogram(&names.outside, outside)?,
    ])
}

fn figure(
    quantity: &Quantity,
    of: &Predictions,
    [inside, outside]: &[Histogram; 2],
    [end, height]: [f64; 2],
    names: &Names,
) -> Result<Markup, Error> {
    let svg = plot(
        &format!("Histograms of the {} of {}", quantity.name, of.model),
        Axis {
            label: &format!("{}, nats", quantity.name),
            range: 0.0..end,
            ticks: 6,
            format: |value| decimals(*value, 4),
        },
        Axis {
            label: "share of images",
            range: 0.0..height,
            ticks: 6,
            format: percent,
        },
        |chart| {
            let bar = |corners| Rectangle::new(corners, BLUE.mix(0.65).filled());
            chart.draw_series(inside.bars().map(bar))?;
            let outline = PathElement::new(outside.outline(), VERMILION.stroke_width(4));
            chart.draw_series([outline])?;
            Drawn::Ok(())
        },
    )?;
    let [counted, beyond] = (quantity.of)(of).map(<[f64]>::len);
    Ok(html! {
        figure {
            figcaption {
                strong { (of.model) }
                " " (counted) " " (names.inside) ", " (beyond) " " (names.outside)
            }
            (svg)
        }
    })
}
