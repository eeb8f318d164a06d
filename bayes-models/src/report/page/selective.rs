//! Risk over coverage, all models in one plot: what is gained by answering only where a model is sure.

use super::numbers::percent;
use super::plot::{Axis, COLOURS, Chart, Drawn, GREY, css, plot};
use super::{Error, Predictions};
use bayes_core::metrics::{
    MetricError, RiskCoveragePoint, aurc, confidence, correct_predictions, e_aurc,
    risk_coverage_curve,
};
use maud::{Markup, html};
use plotters::prelude::*;

/// The height of the plot fits the risks from here on: those of the first few answers jump between 0 and 1.
const STEADY: f64 = 0.1;
/// Most points of a line.
const POINTS: usize = 400;
/// How lines differ besides their colours, in the plot and in CSS.
const DASHES: [(Option<(u32, u32)>, &str); 3] = [
    (None, "solid"),
    (Some((18, 10)), "dashed"),
    (Some((4, 8)), "dotted"),
];

/// One model's line.
struct Curve {
    points: Vec<RiskCoveragePoint>,
    aurc: f64,
    e_aurc: f64,
    /// As if every right answer came before every wrong one.
    optimum: Vec<RiskCoveragePoint>,
}

impl Curve {
    fn of(of: &Predictions) -> Result<Self, MetricError> {
        let confidence = confidence(&of.probabilities, of.classes)?;
        let correct = correct_predictions(&of.probabilities, of.classes, &of.labels)?;
        let right: Vec<f64> = correct.iter().map(|&correct| f64::from(correct)).collect();
        Ok(Self {
            points: risk_coverage_curve(&confidence, &correct)?,
            aurc: aurc(&confidence, &correct)?,
            e_aurc: e_aurc(&confidence, &correct)?,
            optimum: risk_coverage_curve(&right, &correct)?,
        })
    }

    /// The risk if all is answered.
    fn full_risk(&self) -> f64 {
        self.points.last().map_or(1.0, |point| point.risk)
    }
}

pub(super) fn section(models: &[Predictions]) -> Result<Markup, Error> {
    let curve = |of: &Predictions| {
        Curve::of(of).map_err(|source| Error::Metric {
            model: of.model.clone(),
            source,
        })
    };
    let curves: Vec<Curve> = models.iter().map(curve).collect::<Result<_, _>>()?;
    let svg = draw(&curves)?;
    Ok(html! {
        section {
            h2 { "What if it may say “I do not know”?" }
            p {
                "From left to right a model answers more and more images, the surest first. The lower a line, the "
                "fewer of the answers are wrong; at the right end all images are answered. The grey line is the best "
                "that the most accurate model could do: all its right answers before the wrong ones."
            }
            div.pair {
                figure { (svg) }
                div.wide { (legend(models, &curves)) }
            }
        }
    })
}

fn draw(curves: &[Curve]) -> Result<Markup, Error> {
    let steady = curves.iter().flat_map(|curve| &curve.points);
    let steady = steady.filter(|point| point.coverage >= STEADY);
    let highest = steady.map(|point| point.risk).fold(0.0, f64::max);
    let height = (1.15 * highest).clamp(0.01, 1.0);
    plot(
        "Risk over coverage of all models",
        Axis {
            label: "coverage: share of images answered",
            range: 0.0..1.0,
            ticks: 6,
            format: percent,
        },
        Axis {
            label: "risk: share wrong",
            range: 0.0..height,
            ticks: 6,
            format: percent,
        },
        |chart| {
            if let Some((_, Curve { optimum, .. })) = most_accurate(curves) {
                let line = LineSeries::new(line(optimum, height), GREY.mix(0.7).stroke_width(3));
                chart.draw_series(line)?;
            }
            let mut numbered = curves.iter().enumerate();
            numbered.try_for_each(|(i, curve)| draw_curve(chart, i, curve, height))
        },
    )
}

/// The model with the fewest wrong answers, and which it is.
fn most_accurate(curves: &[Curve]) -> Option<(usize, &Curve)> {
    let numbered = curves.iter().enumerate();
    numbered.min_by(|(_, a), (_, b)| a.full_risk().total_cmp(&b.full_risk()))
}

fn draw_curve(chart: &mut Chart<'_, '_>, index: usize, curve: &Curve, height: f64) -> Drawn {
    let (colour, dash, _) = look(index);
    let (points, style) = (line(&curve.points, height), colour.stroke_width(4));
    match dash {
        None => chart.draw_series(LineSeries::new(points, style))?,
        Some((dash, space)) => {
            chart.draw_series(DashedLineSeries::new(points, dash, space, style))?
        }
    };
    Ok(())
}

/// Coverage and risk, not above the plot, of few enough points.
fn line(points: &[RiskCoveragePoint], height: f64) -> Vec<(f64, f64)> {
    let every = points.len().div_ceil(POINTS).max(1);
    let shown = points
        .iter()
        .skip((points.len().max(1) - 1) % every)
        .step_by(every);
    shown
        .map(|point| (point.coverage, point.risk.min(height)))
        .collect()
}

/// The colour and dash of a model's line, in the plot and in CSS.
fn look(index: usize) -> (RGBColor, Option<(u32, u32)>, &'static str) {
    // Dashes go on by one more at each round of the colours, so no two of the first twelve are the same.
    let (dash, name) = DASHES[(index + index / (COLOURS.len() * DASHES.len())) % DASHES.len()];
    (COLOURS[index % COLOURS.len()], dash, name)
}

fn legend(models: &[Predictions], curves: &[Curve]) -> Markup {
    let border = |colour, dash| format!("border-top: 3px {dash} {}", css(colour));
    let of = |index: usize| {
        let (colour, _, dash) = look(index);
        border(colour, dash)
    };
    html! {
        table {
            thead { tr {
                th scope="col" { "Model" }
                th.number scope="col" { "AURC" }
                th.number scope="col" { "above best" }
            } }
            tbody {
                @for (i, (model, curve)) in models.iter().zip(curves).enumerate() {
                    tr {
                        th scope="row" { span.line style=(of(i)) {} (model.model) }
                        td.number { (format!("{:.5}", curve.aurc)) }
                        td.number { (format!("{:.5}", curve.e_aurc)) }
                    }
                }
                @if let Some((i, curve)) = most_accurate(curves) {
                    tr {
                        th scope="row" { span.line style=(border(GREY, "solid")) {} "best order of " (models[i].model) }
                        td.number { (format!("{:.5}", curve.aurc - curve.e_aurc)) }
                        td.number { "0" }
                    }
                }
            }
        }
        p.note { "AURC: the mean height of a line; above best: how much of it a better order would save." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn twelve_lines_differ() {
        let looks: BTreeSet<_> = (0..12).map(|i| (css(look(i).0), look(i).2)).collect();
        assert_eq!(looks.len(), 12);
    }

    #[test]
    fn long_lines_are_thinned_and_keep_their_end() {
        for n in [0, 1, 2, 399, 400, 401, 1000, 12_345] {
            let points: Vec<_> = (1..=n)
                .map(|i| RiskCoveragePoint {
                    coverage: f64::from(i) / f64::from(n),
                    risk: 0.5,
                    generalized_risk: 0.0,
                })
                .collect();
            let line = line(&points, 0.25);
            assert!(line.len() <= POINTS && line.len() * 2 >= points.len().min(POINTS));
            assert_eq!(line.last().copied(), (n > 0).then_some((1.0, 0.25)), "{n}");
        }
    }
}
