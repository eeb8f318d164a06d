//! Histograms of the posterior: how wide each weight's distribution is, and how it compares with its mean.

use super::data::{check_length, check_values};
use super::histogram::Histogram;
use super::numbers::{number, percent, power_of_ten, whole};
use super::plot::{Axis, BLUE, Drawn, GREY, plot};
use super::{Error, LayerPosterior};
use maud::{Markup, html};
use plotters::prelude::*;
use std::ops::Range;

const BINS: usize = 30;
/// Layers that are shown at once; the others are shown when asked for.
const AT_ONCE: usize = 9;

/// A number of a weight's posterior, on a logarithmic scale.
struct Quantity {
    name: &'static str,
    axis: &'static str,
    value: fn(mu: f64, sigma: f64) -> f64,
    format: fn(&f64) -> String,
    /// The range of the axis starts and ends at multiples of this.
    step: f64,
    /// Where to draw a line.
    mark: Option<f64>,
}

const SIGMA: Quantity = Quantity {
    name: "Sigma",
    axis: "sigma",
    value: |_, sigma| sigma.log10(),
    format: power_of_ten,
    step: 0.5,
    mark: None,
};

const SIGNAL_TO_NOISE: Quantity = Quantity {
    name: "Signal-to-noise ratio",
    axis: "|mu|/sigma, dB",
    // Without noise and signal there is no signal.
    value: |mu, sigma| {
        if mu == 0.0 {
            f64::NEG_INFINITY
        } else {
            20.0 * (mu.abs() / sigma).log10()
        }
    },
    format: number,
    step: 10.0,
    mark: Some(0.0),
};

pub(super) fn section(layers: &[LayerPosterior]) -> Result<Markup, Error> {
    layers.iter().try_for_each(check)?;
    let (sigma, ratio) = (figures(&SIGMA, layers)?, figures(&SIGNAL_TO_NOISE, layers)?);
    Ok(html! {
        section {
            h2 { "How sure is the Bayesian model of its weights?" }
            p {
                "Each weight is a normal distribution: sigma is its width, mu its centre. Layers whose bars lie "
                "further to the left are known more precisely. All layers have the same axis, and the bars at its ends "
                "hold what lies beyond."
            }
            h3 { "What it has learned from the data" }
            p {
                "The KL is what separates the posterior from the prior: a layer that has learned nothing has none. In "
                "nats; a weight that stands for one bit costs 0.69."
            }
            (costs(layers))
            h3 { (SIGMA.name) }
            (sigma)
            h3 { (SIGNAL_TO_NOISE.name) }
            p {
                "In decibels, 20 log₁₀ |mu|/sigma. Left of the line at 0 dB a weight’s noise is larger than the weight "
                "itself: the data hardly say what it should be, and the net might do without it."
            }
            (ratio)
        }
    })
}

/// The KL of each layer and its share of the whole, as a table with bars.
fn costs(layers: &[LayerPosterior]) -> Markup {
    let total: f64 = layers.iter().map(|layer| layer.kl).sum();
    let share = |kl: f64| if total > 0.0 { 100.0 * kl / total } else { 0.0 };
    html! {
        div.wide {
            table {
                thead { tr {
                    th scope="col" { "Layer" }
                    th.number scope="col" { "weights" }
                    th.number scope="col" { "KL, nats" }
                    th.number scope="col" { "per weight" }
                    th.number scope="col" { "share" }
                    th.share {}
                } }
                tbody { @for layer in layers {
                    tr {
                        th scope="row" { (layer.name) }
                        td.number { (whole(layer.mu.len() as f64)) }
                        td.number { (whole(layer.kl)) }
                        td.number { (format!("{:.2}", layer.kl / layer.mu.len().max(1) as f64)) }
                        td.number { (format!("{:.0}\u{a0}%", share(layer.kl))) }
                        td.share { span style=(format!("width: {:.1}%", share(layer.kl).clamp(0.0, 100.0))) {} }
                    }
                } }
            }
        }
    }
}

fn check(layer: &LayerPosterior) -> Result<(), Error> {
    let what = |part| format!("{part} of layer `{}`", layer.name);
    check_length(what("sigma"), layer.mu.len(), layer.sigma.len())?;
    let (mu, sigma) = (layer.mu.iter().copied(), layer.sigma.iter().copied());
    check_values(&what("mu"), mu.map(f64::from), f64::MIN, "a finite number")?;
    let expected = "a finite number, at least 0";
    check_values(&what("sigma"), sigma.map(f64::from), 0.0, expected)?;
    check_values(&what("KL"), [layer.kl], f64::MIN, "a finite number")
}

/// A plot for each layer.
fn figures(quantity: &Quantity, layers: &[LayerPosterior]) -> Result<Markup, Error> {
    let value = |(&mu, &sigma): (&f32, &f32)| (quantity.value)(mu.into(), sigma.into());
    let values = |layer: &LayerPosterior| layer.mu.iter().zip(&layer.sigma).map(value).collect();
    let values: Vec<Vec<f64>> = layers.iter().map(values).collect();
    let range = common_range(&values, quantity.step);
    let figures = layers.iter().zip(&values);
    let figures = figures.map(|(layer, values)| figure(quantity, layer, values, &range));
    let figures: Vec<Markup> = figures.collect::<Result<_, Error>>()?;
    let (shown, others) = figures.split_at(figures.len().min(AT_ONCE));
    Ok(html! {
        div.grid { @for figure in shown { (figure) } }
        @if !others.is_empty() {
            details {
                summary { "The other " (others.len()) " layers" }
                div.grid { @for figure in others { (figure) } }
            }
        }
    })
}

fn figure(
    quantity: &Quantity,
    layer: &LayerPosterior,
    values: &[f64],
    range: &Range<f64>,
) -> Result<Markup, Error> {
    let histogram = Histogram::new(values.iter().copied(), range.clone(), BINS);
    let height = (1.08 * histogram.highest()).clamp(0.01, 1.0);
    let svg = plot(
        &format!("Histogram of {} in layer {}", quantity.axis, layer.name),
        Axis {
            label: quantity.axis,
            range: range.clone(),
            ticks: 5,
            format: quantity.format,
        },
        Axis {
            label: "share of weights",
            range: 0.0..height,
            ticks: 5,
            format: percent,
        },
        |chart| {
            let bar = |corners| Rectangle::new(corners, BLUE.mix(0.75).filled());
            chart.draw_series(histogram.bars().map(bar))?;
            if let Some(mark) = quantity.mark.filter(|mark| range.contains(mark)) {
                let line = [(mark, 0.0), (mark, height)];
                chart.draw_series([PathElement::new(line, GREY.stroke_width(3))])?;
            }
            Drawn::Ok(())
        },
    )?;
    let below = |mark: f64| {
        let below = values.iter().filter(|value| **value < mark).count();
        format!(
            "{:.0}\u{a0}%",
            100.0 * below as f64 / values.len().max(1) as f64
        )
    };
    Ok(html! {
        figure {
            figcaption {
                strong { (layer.name) }
                " " (whole(values.len() as f64)) " weights"
                @if let Some(mark) = quantity.mark { ", " (below(mark)) " below 0\u{a0}dB" }
            }
            (svg)
        }
    })
}

/// From the lowest first percentile of a layer to the highest last one, in whole steps: one far weight does not make all
/// bars thin, and a small layer counts like a large one.
fn common_range(layers: &[Vec<f64>], step: f64) -> Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for layer in layers {
        let mut finite: Vec<f64> = layer.iter().copied().filter(|v| v.is_finite()).collect();
        finite.sort_by(f64::total_cmp);
        let Some(last) = finite.len().checked_sub(1) else {
            continue;
        };
        low = low.min(finite[last / 100]);
        high = high.max(finite[last - last / 100]);
    }
    if low > high {
        return -step..step;
    }
    let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
    if low < high {
        low..high
    } else {
        low - step..high + step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_leaves_out_a_far_weight_and_keeps_a_small_layer() {
        let mut large: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        large[7] = -80.0;
        assert_eq!(common_range(&[large, vec![3.2]], 0.5), 0.0..3.5);
        assert_eq!(common_range(&[vec![2.0]], 1.0), 1.0..3.0);
        for nothing in [vec![], vec![vec![]], vec![vec![f64::NEG_INFINITY]]] {
            assert_eq!(common_range(&nothing, 10.0), -10.0..10.0);
        }
    }
}
