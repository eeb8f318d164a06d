//! Of a regression: what is predicted with which certainty, and whether that certainty is what it says.

use super::Error;
use super::data::{check_length, check_values};
use super::numbers::{number, percent};
use super::plot::{Axis, BLUE, Chart, Drawn, GREY, VERMILION, plot};
use bayes_core::metrics::{
    GaussianMixture, Interval, MetricError, coverage, crps_mixture, mean_width, nll_mixture,
    quantile_calibration_error, rmse,
};
use maud::{Markup, html};
use plotters::prelude::*;
use serde::Serialize;

/// Half the width of a normal distribution's middle 90 %, in standard deviations.
const NINETY: f64 = 1.644_853_626_951_472_2;

/// What one model says of numbers, and what they were.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Which model.
    pub model: String,
    /// What `x` is.
    pub x_label: String,
    /// What is predicted, with its unit.
    pub y_label: String,
    /// Where each number stands, from left to right: a year, or a rank.
    pub x: Vec<f64>,
    /// The numbers.
    pub y: Vec<f64>,
    /// The mean of each prediction.
    pub mean: Vec<f64>,
    /// The standard deviation of the means over the draws: what the weights do not know.
    pub epistemic: Vec<f64>,
    /// Ends of the interval that holds half of each prediction.
    pub half: Vec<[f64; 2]>,
    /// Ends of the interval that holds nine tenths.
    pub ninety: Vec<[f64; 2]>,
    /// The probability that each prediction gives to numbers up to the true one.
    pub levels: Vec<f64>,
    /// Root mean square error, negative log-likelihood, and continuous ranked probability score.
    pub scores: [f64; 3],
    /// Share of numbers in their 90 % interval, mean width of these, and quantile calibration error.
    pub calibration: [f64; 3],
}

impl Forecast {
    /// What `mixture` says of the numbers `y` at `x`, which is sorted here.
    ///
    /// # Errors
    /// Lists of other lengths than the mixture's; numbers that are not finite; no numbers.
    pub fn new(
        model: impl Into<String>,
        [x_label, y_label]: [&str; 2],
        x: &[f64],
        y: &[f64],
        mixture: &GaussianMixture,
    ) -> Result<Self, Error> {
        let model = model.into();
        let failed = |source: MetricError| Error::Metric {
            model: model.clone(),
            source,
        };
        check_length("x of a forecast", y.len(), x.len())?;
        let moments = mixture.moments();
        let ends =
            |level| -> Result<Vec<Interval>, Error> { mixture.intervals(level).map_err(failed) };
        let (half, ninety) = (ends(0.5)?, ends(0.9)?);
        let levels = mixture.cdf(y).map_err(failed)?;
        let scores = [
            rmse(&moments.mean, y),
            nll_mixture(mixture, y),
            crps_mixture(mixture, y),
        ];
        let calibration = [
            coverage(&ninety, y),
            mean_width(&ninety),
            quantile_calibration_error(mixture, y),
        ];
        let all = |values: [Result<f64, MetricError>; 3]| -> Result<[f64; 3], Error> {
            let [a, b, c] = values.map(|value| value.map_err(failed));
            Ok([a?, b?, c?])
        };
        let (scores, calibration) = (all(scores)?, all(calibration)?);

        let mut order: Vec<usize> = (0..x.len()).collect();
        order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
        let sorted = |values: &[f64]| order.iter().map(|&i| values[i]).collect::<Vec<_>>();
        let pairs = |ends: &[Interval]| {
            let pairs = order.iter().map(|&i| [ends[i].low, ends[i].high]);
            pairs.collect::<Vec<_>>()
        };
        let deviations: Vec<f64> = moments.epistemic.iter().map(|v| v.sqrt()).collect();
        Ok(Self {
            x_label: x_label.to_owned(),
            y_label: y_label.to_owned(),
            x: sorted(x),
            y: sorted(y),
            mean: sorted(&moments.mean),
            epistemic: sorted(&deviations),
            half: pairs(&half),
            ninety: pairs(&ninety),
            levels: sorted(&levels),
            scores,
            calibration,
            model,
        })
    }

    fn check(&self) -> Result<(), Error> {
        let n = self.x.len();
        let what = |part: &str| format!("{part} of the forecast of `{}`", self.model);
        for (part, found) in [
            ("y", self.y.len()),
            ("means", self.mean.len()),
            ("epistemic deviations", self.epistemic.len()),
            ("intervals of 50 %", self.half.len()),
            ("intervals of 90 %", self.ninety.len()),
            ("levels", self.levels.len()),
        ] {
            check_length(what(part), n.max(1), found)?;
        }
        let ends = self.half.iter().chain(&self.ninety).flatten();
        let values = self.x.iter().chain(&self.y).chain(&self.mean).chain(ends);
        let finite = "a finite number";
        check_values(&what("numbers"), values.copied(), f64::MIN, finite)?;
        let least = [&self.epistemic, &self.levels];
        let least = least.into_iter().flatten().copied();
        let expected = "a finite number, at least 0";
        check_values(&what("deviations and levels"), least, 0.0, expected)
    }
}

pub(super) fn sections(models: &[Forecast]) -> Result<[Markup; 2], Error> {
    models.iter().try_for_each(Forecast::check)?;
    let height = range(models.iter().flat_map(|of| {
        let ends = of.ninety.iter().flatten();
        of.y.iter().chain(ends).copied()
    }));
    let fans = models.iter().map(|of| fan(of, height.clone()));
    let fans: Vec<Markup> = fans.collect::<Result<_, _>>()?;
    let levels: Vec<Markup> = models.iter().map(quantiles).collect::<Result<_, _>>()?;
    Ok([
        html! {
            section {
                h2 { "What does it predict, and how surely?" }
                p {
                    "Half of the numbers should lie in the dark band and nine of ten in the pale one. The dashed lines hold "
                    "nine tenths of what the draws of the weights say of the mean: this part, the epistemic one, shrinks "
                    "with more data; what the pale band has beyond it is the noise of the data themselves."
                }
                (legend())
                div.fans { @for fan in &fans { (fan) } }
            }
        },
        html! {
            section {
                h2 { "Are its intervals what they say?" }
                p {
                    "Of all numbers a tenth should be below what the model gives as its 10 % quantile, and so on: the line "
                    "should follow the dashed one. Above it the model predicts too much, below too little; flatter in the "
                    "middle means too sure, steeper too cautious."
                }
                (table(models))
                div.grid { @for figure in &levels { (figure) } }
            }
        },
    ])
}

fn legend() -> Markup {
    html! {
        ul.legend {
            li { span.swatch.truth {} "what it was" }
            li { span.swatch.middle {} "mean" }
            li { span.swatch.fan-50 {} "50 %" }
            li { span.swatch.fan-90 {} "90 %" }
            li { span.swatch.epistemic {} "90 % of the means: epistemic" }
        }
    }
}

/// From the least to the greatest, with some room.
fn range(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let (low, high) = if ends.0 < ends.1 {
        ends
    } else {
        (ends.0 - 1.0, ends.0 + 1.0)
    };
    let room = 0.04 * (high - low);
    low - room..high + room
}

fn fan(of: &Forecast, height: std::ops::Range<f64>) -> Result<Markup, Error> {
    let svg = plot(
        &format!(
            "Fan chart of {}: {} over {}",
            of.model, of.y_label, of.x_label
        ),
        Axis {
            label: &of.x_label,
            range: range(of.x.iter().copied()),
            ticks: 6,
            format: number,
        },
        Axis {
            label: &of.y_label,
            range: height,
            ticks: 6,
            format: number,
        },
        |chart| draw_fan(chart, of),
    )?;
    Ok(html! {
        figure {
            figcaption { strong { (of.model) } " " (of.x.len()) " predictions" }
            (svg)
        }
    })
}

fn draw_fan(chart: &mut Chart<'_, '_>, of: &Forecast) -> Drawn {
    for (band, share) in [(&of.ninety, 0.25), (&of.half, 0.4)] {
        let upper = of.x.iter().zip(band).map(|(&x, ends)| (x, ends[1]));
        let lower = of.x.iter().zip(band).map(|(&x, ends)| (x, ends[0]));
        let around: Vec<(f64, f64)> = upper.chain(lower.rev()).collect();
        chart.draw_series([Polygon::new(around, BLUE.mix(share).filled())])?;
    }
    for side in [-1.0, 1.0] {
        let ends = of.mean.iter().zip(&of.epistemic);
        let ends = ends.map(|(mean, deviation)| mean + side * NINETY * deviation);
        let line: Vec<(f64, f64)> = of.x.iter().copied().zip(ends).collect();
        chart.draw_series(DashedLineSeries::new(
            line,
            10,
            7,
            VERMILION.stroke_width(3),
        ))?;
    }
    let middle = of.x.iter().copied().zip(of.mean.iter().copied());
    chart.draw_series(LineSeries::new(middle, BLUE.stroke_width(4)))?;
    let truth = of.x.iter().zip(&of.y);
    let dot = |(&x, &y)| Circle::new((x, y), 5, super::plot::INK.filled());
    chart.draw_series(truth.map(dot))?;
    Ok(())
}

/// The share of numbers below each quantile.
fn quantiles(of: &Forecast) -> Result<Markup, Error> {
    let mut levels = of.levels.clone();
    levels.sort_by(f64::total_cmp);
    let n = levels.len() as f64;
    let steps = levels.iter().enumerate();
    let steps = steps.flat_map(|(i, &level)| {
        let level = level.min(1.0);
        [(level, i as f64 / n), (level, (i + 1) as f64 / n)]
    });
    let line: Vec<(f64, f64)> = [(0.0, 0.0)]
        .into_iter()
        .chain(steps)
        .chain([(1.0, 1.0)])
        .collect();
    let svg = plot(
        &format!("Quantile calibration of {}", of.model),
        Axis {
            label: "quantile",
            range: 0.0..1.0,
            ticks: 6,
            format: percent,
        },
        Axis {
            label: "share below it",
            range: 0.0..1.0,
            ticks: 6,
            format: percent,
        },
        |chart| {
            let diagonal = [(0.0, 0.0), (1.0, 1.0)];
            let dashes = DashedLineSeries::new(diagonal, 10, 8, GREY.stroke_width(3));
            chart.draw_series(dashes)?;
            chart.draw_series(LineSeries::new(line, BLUE.stroke_width(4)))?;
            Drawn::Ok(())
        },
    )?;
    Ok(html! {
        figure {
            figcaption {
                strong { (of.model) } " calibration error " (format!("{:.3}", of.calibration[2]))
            }
            (svg)
        }
    })
}

fn table(models: &[Forecast]) -> Markup {
    let line = |title: &str, value: &dyn Fn(&Forecast) -> String| {
        html! {
            tr {
                th scope="row" { (title) }
                @for of in models { td.number { (value(of)) } }
            }
        }
    };
    let digits = |value: f64| format!("{value:.4}");
    html! {
        div.wide {
            table {
                thead { tr {
                    th scope="col" { "Metric" }
                    @for of in models { th.number scope="col" { (of.model) } }
                } }
                tbody {
                    (line("RMSE ↓", &|of| digits(of.scores[0])))
                    (line("NLL, nats ↓", &|of| digits(of.scores[1])))
                    (line("CRPS ↓", &|of| digits(of.scores[2])))
                    (line("In the 90 % interval", &|of| percent(&of.calibration[0])))
                    (line("Mean width of it ↓", &|of| digits(of.calibration[1])))
                    (line("Quantile calibration error ↓", &|of| digits(of.calibration[2])))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast() -> Forecast {
        let (mu, sigma) = (vec![0.0, 2.0, 1.0, /**/ 0.5, 2.5, 0.0], vec![1.0; 6]);
        let mixture = GaussianMixture::new(mu, sigma, 2).unwrap();
        let labels = ["year", "spots"];
        Forecast::new("net", labels, &[3.0, 1.0, 2.0], &[0.0, 2.0, 9.0], &mixture).unwrap()
    }

    #[test]
    fn a_forecast_is_sorted_and_scored() {
        let of = forecast();
        assert_eq!(
            (&of.x[..], &of.y[..]),
            (&[1.0, 2.0, 3.0][..], &[2.0, 9.0, 0.0][..])
        );
        assert_eq!(of.mean, [2.25, 0.5, 0.25]);
        assert!((of.epistemic[1] - 0.5).abs() < 1e-12);
        assert!(
            (of.calibration[0] - 2.0 / 3.0).abs() < 1e-12,
            "9 is outside"
        );
        assert!(of.levels[1] > 0.999 && of.half[0][0] > of.ninety[0][0]);
        let other = GaussianMixture::new(vec![0.0], vec![1.0], 1).unwrap();
        assert!(Forecast::new("net", ["x", "y"], &[1.0, 2.0], &[1.0, 2.0], &other).is_err());
        assert!(Forecast::new("net", ["x", "y"], &[1.0], &[f64::NAN], &other).is_err());
        assert!(Forecast::new("net", ["x", "y"], &[], &[], &other).is_err());
    }

    #[test]
    fn what_does_not_go_together_is_an_error() {
        let spoil: [fn(&mut Forecast); 4] = [
            |of| of.x[0] = f64::NAN,
            |of| of.ninety[1][1] = f64::INFINITY,
            |of| of.levels.clear(),
            |of| of.epistemic[0] = -1.0,
        ];
        for spoil in spoil {
            let mut of = forecast();
            spoil(&mut of);
            assert!(sections(&[of]).is_err());
        }
        assert!(sections(&[Forecast::default()]).is_err());
    }

    #[test]
    fn one_number_has_a_chart() {
        let mixture = GaussianMixture::new(vec![1.0], vec![1e-9], 1).unwrap();
        let of = Forecast::new("net", ["x", "y"], &[5.0], &[1.0], &mixture).unwrap();
        assert!(sections(&[of]).is_ok());
    }
}
