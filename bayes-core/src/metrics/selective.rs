//! Selective prediction: the risk of answering only where the model is confident.

use super::MetricError;
use super::scores::flagged_scores;
use super::trapezoid::mean_height;

/// One point of a [`risk_coverage_curve`]: the i most confident of N examples are answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskCoveragePoint {
    /// Share of examples answered, i/N.
    pub coverage: f64,
    /// Selective risk: share of wrong answers among those given, `errors_i/i`.
    pub risk: f64,
    /// Generalised risk: share of wrong answers among all examples, `errors_i/N`.
    pub generalized_risk: f64,
}

/// Risk over coverage when examples are answered in order of falling confidence (El-Yaniv & Wiener
/// 2010).
///
/// `confidence` has N entries, higher being answered earlier: [`confidence`](super::confidence), or
/// an uncertainty negated. `correct` has N entries, as from
/// [`correct_predictions`](super::correct_predictions). The i-th of the N points is that of the i
/// most confident examples. Equal confidences are answered in the order in which they are passed
/// (stable), so shuffle examples that are sorted by class or by correctness.
///
/// # Errors
/// [`MetricError::Empty`] for no examples, [`MetricError::Length`] if the lengths differ,
/// [`MetricError::NanScore`].
///
/// ```
/// use bayes_core::metrics::risk_coverage_curve;
///
/// let curve = risk_coverage_curve(&[0.6, 0.9, 0.8, 0.7], &[false, true, true, false])?;
/// assert_eq!((curve[1].coverage, curve[1].risk), (0.5, 0.0));
/// assert_eq!((curve[3].coverage, curve[3].risk), (1.0, 0.5));
/// assert_eq!(curve[2].generalized_risk, 0.25);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn risk_coverage_curve(
    confidence: &[f64],
    correct: &[bool],
) -> Result<Vec<RiskCoveragePoint>, MetricError> {
    let answers = by_falling_confidence(confidence, correct)?;
    Ok(points(answers.iter().copied(), answers.len()).collect())
}

/// Area under the risk–coverage curve as the mean of risks: `1/N Σ_i errors_i/i` (Geifman &
/// El-Yaniv 2017).
///
/// Arguments and the order of ties are those of [`risk_coverage_curve`]. Range 0 to 1, lower is
/// better; it depends on the accuracy too, [`e_aurc`] less so. Another convention is
/// [`aurc_trapezoid`].
///
/// # Errors
/// As [`risk_coverage_curve`].
///
/// ```
/// use bayes_core::metrics::aurc;
///
/// // Risks 0, 0, 1/3, 1/2.
/// let got = aurc(&[0.6, 0.9, 0.8, 0.7], &[false, true, true, false])?;
/// assert!((got - (1.0 / 3.0 + 1.0 / 2.0) / 4.0).abs() < 1e-15);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn aurc(confidence: &[f64], correct: &[bool]) -> Result<f64, MetricError> {
    let answers = by_falling_confidence(confidence, correct)?;
    Ok(mean_risk(answers.iter().copied(), answers.len()))
}

/// Area under the risk–coverage curve by trapezoids from coverage 1/N to 1, divided by 1 − 1/N.
///
/// Arguments and the order of ties are those of [`risk_coverage_curve`]. Range 0 to 1, lower is
/// better. This is the convention of some libraries; against [`aurc`] it gives the first and the
/// last risk half the weight.
///
/// # Errors
/// [`MetricError::TooFew`] for one example; otherwise as [`risk_coverage_curve`].
///
/// ```
/// use bayes_core::metrics::aurc_trapezoid;
///
/// assert_eq!(aurc_trapezoid(&[0.9, 0.8, 0.7], &[true, true, false])?, (0.0 + 1.0 / 6.0) / 2.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn aurc_trapezoid(confidence: &[f64], correct: &[bool]) -> Result<f64, MetricError> {
    trapezoid(confidence, correct, |point| point.risk)
}

/// Area under the generalised-risk–coverage curve, AUGRC (Traub et al. 2024), by trapezoids from
/// coverage 1/N to 1, divided by 1 − 1/N.
///
/// The generalised risk `errors_i/N` is the share of examples that are answered and wrong, so the
/// area is the mean share of undetected errors over all coverages. Arguments and the order of ties
/// are those of [`risk_coverage_curve`]. Lower is better: 0 without errors, ½ + 1/(2N) with errors
/// only.
///
/// # Errors
/// As [`aurc_trapezoid`].
///
/// ```
/// use bayes_core::metrics::augrc;
///
/// assert_eq!(augrc(&[0.9, 0.8, 0.7, 0.6, 0.5], &[true, true, true, true, false])?, 0.1 / 4.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn augrc(confidence: &[f64], correct: &[bool]) -> Result<f64, MetricError> {
    trapezoid(confidence, correct, |point| point.generalized_risk)
}

/// Excess AURC: [`aurc`] minus that of the best order, in which every correct answer comes before
/// every wrong one (Geifman, Uziel & El-Yaniv 2019).
///
/// The best order's value is the exact mean of its risks, not its limit for large N. Arguments and
/// the order of ties are those of [`risk_coverage_curve`]. Range 0 (the confidence ranks perfectly)
/// to 1, lower is better.
///
/// # Errors
/// As [`risk_coverage_curve`].
///
/// ```
/// use bayes_core::metrics::e_aurc;
///
/// assert_eq!(e_aurc(&[0.6, 0.9, 0.8, 0.7], &[false, true, true, false])?, 0.0);
/// // The wrong answer first: risks 1 and 1/2, at best 0 and 1/2.
/// assert_eq!(e_aurc(&[0.6, 0.9], &[true, false])?, 0.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn e_aurc(confidence: &[f64], correct: &[bool]) -> Result<f64, MetricError> {
    let answers = by_falling_confidence(confidence, correct)?;
    let examples = answers.len();
    let right = answers.iter().filter(|correct| **correct).count();
    let best_order = (0..examples).map(|i| i < right);
    Ok(mean_risk(answers.iter().copied(), examples) - mean_risk(best_order, examples))
}

/// Whether each answer is correct, the most confident first.
fn by_falling_confidence(confidence: &[f64], correct: &[bool]) -> Result<Vec<bool>, MetricError> {
    let mut ranked = flagged_scores(confidence, "correct", correct)?;
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(ranked.into_iter().map(|(_, correct)| correct).collect())
}

/// The points of the curve for `examples` answers in their order.
fn points(
    answers: impl Iterator<Item = bool>,
    examples: usize,
) -> impl Iterator<Item = RiskCoveragePoint> {
    let total = examples as f64;
    let mut errors = 0.0;
    answers.enumerate().map(move |(before, correct)| {
        errors += f64::from(u8::from(!correct));
        let answered = (before + 1) as f64;
        RiskCoveragePoint {
            coverage: answered / total,
            risk: errors / answered,
            generalized_risk: errors / total,
        }
    })
}

fn mean_risk(answers: impl Iterator<Item = bool>, examples: usize) -> f64 {
    let risks = points(answers, examples).map(|point| point.risk);
    risks.sum::<f64>() / examples as f64
}

/// The normalised trapezoidal area under one coordinate of the curve.
fn trapezoid(
    confidence: &[f64],
    correct: &[bool],
    height: impl Fn(RiskCoveragePoint) -> f64,
) -> Result<f64, MetricError> {
    let answers = by_falling_confidence(confidence, correct)?;
    let heights = points(answers.iter().copied(), answers.len()).map(height);
    mean_height(heights).ok_or(MetricError::TooFew {
        what: "examples",
        least: 2,
        found: answers.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::seeded::calibrated;
    use crate::metrics::{confidence, correct_predictions};

    type Metric = fn(&[f64], &[bool]) -> Result<f64, MetricError>;
    const AREAS: [Metric; 4] = [aurc, aurc_trapezoid, augrc, e_aurc];

    /// The definition read aloud: example m is answered before n if it is more confident, or as
    /// confident and passed earlier; each coverage is counted over all pairs.
    fn curve_reference(confidence: &[f64], correct: &[bool]) -> Vec<RiskCoveragePoint> {
        let examples = confidence.len();
        let rank = |n: usize| {
            let before = |m: &usize| {
                confidence[*m] > confidence[n] || (confidence[*m] == confidence[n] && *m < n)
            };
            (0..examples).filter(before).count()
        };
        (1..=examples)
            .map(|answered| {
                let wrong = |n: &usize| rank(*n) < answered && !correct[*n];
                let errors = (0..examples).filter(wrong).count() as f64;
                RiskCoveragePoint {
                    coverage: answered as f64 / examples as f64,
                    risk: errors / answered as f64,
                    generalized_risk: errors / examples as f64,
                }
            })
            .collect()
    }

    #[test]
    fn agree_with_the_definitions_on_a_grid() {
        for levels in [1, 2, 5, 1009] {
            for n in [2_usize, 3, 10, 61] {
                let confidence: Vec<f64> = (0..n)
                    .map(|i| ((i * i * 31 + i * 17 + 5) % levels) as f64 / 8.0)
                    .collect();
                for every in [1, 2, 3, 100] {
                    let correct: Vec<bool> = (0..n).map(|i| i % every != 0).collect();
                    let curve = curve_reference(&confidence, &correct);
                    assert_eq!(risk_coverage_curve(&confidence, &correct).unwrap(), curve);

                    let mean = curve.iter().map(|point| point.risk).sum::<f64>() / n as f64;
                    // The best order has its errors last: i + errors − N of the first i are wrong.
                    let errors = curve[n - 1].generalized_risk * n as f64;
                    let best = (1..=n)
                        .map(|i| (i as f64 + errors - n as f64).max(0.0) / i as f64)
                        .sum::<f64>();
                    let area = |height: fn(&RiskCoveragePoint) -> f64| {
                        let trapezoids = curve.windows(2).map(|pair| {
                            let width = pair[1].coverage - pair[0].coverage;
                            0.5 * width * (height(&pair[0]) + height(&pair[1]))
                        });
                        trapezoids.sum::<f64>() / (1.0 - 1.0 / n as f64)
                    };
                    let wants = [
                        mean,
                        area(|point| point.risk),
                        area(|point| point.generalized_risk),
                        mean - best / n as f64,
                    ];
                    for (metric, want) in AREAS.into_iter().zip(wants) {
                        let got = metric(&confidence, &correct).unwrap();
                        assert!(
                            (got - want).abs() < 1e-13,
                            "{levels} levels, {n} examples, every {every}: got {got}, want {want}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn ties_keep_the_order_of_the_input() {
        // Zero and negative zero are one confidence.
        let tied = [0.0, -0.0, 0.0];
        assert_eq!(aurc(&tied, &[true, true, false]).unwrap(), 1.0 / 9.0);
        let wrong_first = aurc(&tied, &[false, true, true]).unwrap();
        assert!((wrong_first - (1.0 + 0.5 + 1.0 / 3.0) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn ends_of_the_ranges() {
        let confidence = [0.9, 0.8, 0.7, 0.6];
        for metric in AREAS {
            assert_eq!(metric(&confidence, &[true; 4]).unwrap(), 0.0);
        }
        assert_eq!(aurc(&confidence, &[false; 4]).unwrap(), 1.0);
        assert_eq!(aurc_trapezoid(&confidence, &[false; 4]).unwrap(), 1.0);
        assert_eq!(augrc(&confidence, &[false; 4]).unwrap(), 0.5 + 1.0 / 8.0);
        assert_eq!(e_aurc(&confidence, &[false; 4]).unwrap(), 0.0);
        assert_eq!(aurc(&[1.0], &[false]).unwrap(), 1.0);
    }

    #[test]
    fn confidence_ranks_calibrated_predictions_and_noise_does_not() {
        let of = calibrated(51, 10_000, 3);
        let right = correct_predictions(&of.probabilities, 3, &of.labels).unwrap();
        let sure = confidence(&of.probabilities, 3).unwrap();
        let risk = 1.0 - right.iter().filter(|right| **right).count() as f64 / 10_000.0;
        assert!(aurc(&sure, &right).unwrap() < risk - 0.05);
        // The examples are independent, so their position is no confidence: the risk is the same at
        // every coverage, its mean within 4 standard deviations of about √(2·p(1−p)/N) = 0.007.
        let position: Vec<f64> = (0..10_000).map(f64::from).collect();
        assert!((aurc(&position, &right).unwrap() - risk).abs() < 0.03);
        assert!((augrc(&position, &right).unwrap() - risk / 2.0).abs() < 0.02);
    }

    #[test]
    fn bad_input_is_an_error_in_each_metric() {
        for metric in AREAS {
            assert_eq!(metric(&[], &[]), Err(MetricError::Empty { what: "scores" }));
            assert_eq!(
                metric(&[0.5, 0.5], &[true]),
                Err(MetricError::Length {
                    what: "correct",
                    expected: 2,
                    found: 1
                })
            );
            assert_eq!(
                metric(&[f64::NAN], &[true]),
                Err(MetricError::NanScore { position: 0 })
            );
        }
        for metric in [aurc_trapezoid, augrc] {
            assert_eq!(
                metric(&[0.5], &[true]),
                Err(MetricError::TooFew {
                    what: "examples",
                    least: 2,
                    found: 1
                })
            );
        }
    }
}
