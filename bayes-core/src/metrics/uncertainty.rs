//! Metrics of Monte Carlo predictions held in one table: total, aleatoric and epistemic uncertainty
//! of each example, the variation ratio, and the samples' own likelihood.

use super::MetricError;
use super::classification::log_loss;
use super::moments::{PredictiveMoments, PredictiveUncertainty};
use super::rows::{check_labels, check_rows, check_shape, top_class};

/// Dimensions of an S×N×C table of Monte Carlo or ensemble probabilities, samples outermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct McShape {
    /// S, number of samples or ensemble members.
    pub samples: usize,
    /// N, number of examples.
    pub examples: usize,
    /// C, number of classes.
    pub classes: usize,
}

impl McShape {
    /// Checks that `mc` has these dimensions and holds distributions.
    fn check(self, mc: &[f64]) -> Result<(), MetricError> {
        let dimensions = [
            ("samples", self.samples),
            ("examples", self.examples),
            ("classes", self.classes),
        ];
        check_shape("Monte Carlo probabilities", mc, &dimensions)?;
        check_rows(mc, self.classes)
    }
}

/// Mean probabilities, predictive entropy, expected entropy and mutual information of each example
/// in one pass.
///
/// `mc` is S×N×C. Formulas and ranges stand at the fields of [`PredictiveUncertainty`]. Where the
/// samples come one at a time, [`PredictiveMoments`] gives the same bits without holding the table.
///
/// # Errors
/// [`MetricError::Empty`] for a dimension of zero, [`MetricError::Length`] if `mc` is not S·N·C
/// long, and [`MetricError::InvalidProbability`] or [`MetricError::RowSum`] (row s·N + n) for a row
/// that is no distribution.
///
/// ```
/// use bayes_core::metrics::{McShape, predictive_uncertainty};
///
/// // One example: two sure samples that contradict each other.
/// let shape = McShape { samples: 2, examples: 1, classes: 2 };
/// let got = predictive_uncertainty(&[1.0, 0.0, /**/ 0.0, 1.0], shape)?;
/// assert_eq!(got.mean_probabilities, [0.5, 0.5]);
/// assert_eq!(got.expected_entropy, [0.0]);
/// assert_eq!(got.mutual_information, [2.0_f64.ln()]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn predictive_uncertainty(
    mc: &[f64],
    shape: McShape,
) -> Result<PredictiveUncertainty, MetricError> {
    shape.check(mc)?;
    let McShape {
        examples, classes, ..
    } = shape;
    let mut moments = PredictiveMoments::new(examples, classes);
    for sample in mc.chunks_exact(examples * classes) {
        moments.add(sample);
    }
    moments.finish()
}

/// Predictive entropy of each example in nats, the total uncertainty: `H[p̄_n]` with `p̄ = mean_s
/// p_s`.
///
/// `mc` is S×N×C; N values in the range 0 to log C (Shannon 1948; Depeweg et al. 2018).
/// For more than one quantity call [`predictive_uncertainty`] once.
///
/// # Errors
/// As [`predictive_uncertainty`].
pub fn predictive_entropy(mc: &[f64], shape: McShape) -> Result<Vec<f64>, MetricError> {
    Ok(predictive_uncertainty(mc, shape)?.predictive_entropy)
}

/// Expected entropy of each example in nats, the aleatoric part: `mean_s H[p_s,n]`.
///
/// `mc` is S×N×C; N values in the range 0 to log C (Depeweg et al. 2018).
/// For more than one quantity call [`predictive_uncertainty`] once.
///
/// # Errors
/// As [`predictive_uncertainty`].
pub fn expected_entropy(mc: &[f64], shape: McShape) -> Result<Vec<f64>, MetricError> {
    Ok(predictive_uncertainty(mc, shape)?.expected_entropy)
}

/// Mutual information of prediction and weights for each example in nats, the epistemic part:
/// `H[p̄_n] − mean_s H[p_s,n]`, clamped at 0.
///
/// `mc` is S×N×C; N values in the range 0 (the samples agree) to log C. Known as BALD where it
/// selects examples to label (Houlsby et al. 2011; Depeweg et al. 2018). For more than one quantity
/// call [`predictive_uncertainty`] once.
///
/// # Errors
/// As [`predictive_uncertainty`].
pub fn mutual_information(mc: &[f64], shape: McShape) -> Result<Vec<f64>, MetricError> {
    Ok(predictive_uncertainty(mc, shape)?.mutual_information)
}

/// Variation ratio of each example: `1 − max_c #{s: argmax p_s,n = c}/S`, the share of samples that
/// do not vote for the most frequent class (Freeman 1965; Gal 2016).
///
/// `mc` is S×N×C; N values in the range 0 (all samples agree) to 1 − ⌈S/C⌉/S. A sample votes for the
/// first of its classes with the highest probability. It counts votes, so it can be 0 where
/// [`mutual_information`] is not. The streaming
/// [`PredictiveMoments`] do not keep votes, which would double their memory.
///
/// # Errors
/// As [`predictive_uncertainty`].
///
/// ```
/// use bayes_core::metrics::{McShape, variation_ratio};
///
/// // Four samples of one example; one votes for the second class.
/// let shape = McShape { samples: 4, examples: 1, classes: 2 };
/// let mc = [0.9, 0.1, /**/ 0.6, 0.4, /**/ 0.3, 0.7, /**/ 0.8, 0.2];
/// assert_eq!(variation_ratio(&mc, shape)?, [0.25]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn variation_ratio(mc: &[f64], shape: McShape) -> Result<Vec<f64>, MetricError> {
    shape.check(mc)?;
    let McShape {
        samples,
        examples,
        classes,
    } = shape;
    let mut votes = vec![0_usize; classes];
    let one_example = |n: usize| {
        votes.fill(0);
        for sample in mc.chunks_exact(examples * classes) {
            votes[top_class(&sample[n * classes..][..classes]).0] += 1;
        }
        let most = votes.iter().copied().max().unwrap_or(0);
        (samples - most) as f64 / samples as f64
    };
    Ok((0..examples).map(one_example).collect())
}

/// Expected negative log-likelihood of the samples in nats: `−mean_s mean_n log p_s(n, y_n)`.
///
/// `mc` is S×N×C, `labels` has N entries below C. Range 0 to +∞, lower is better. This is the mean
/// of the logs, what a variational objective trains; [`nll`](super::nll) of the mean probabilities
/// is the log of the mean, what the prediction is judged by, and never larger (Jensen). One sample
/// that gives a true class probability 0 makes the result +∞.
///
/// # Errors
/// [`MetricError::Length`] if `labels` does not have N entries, [`MetricError::LabelOutOfRange`];
/// otherwise as [`predictive_uncertainty`].
///
/// ```
/// use bayes_core::metrics::{McShape, expected_nll, nll};
///
/// // One example of the first class, to which two samples give 1 and 1/4.
/// let shape = McShape { samples: 2, examples: 1, classes: 2 };
/// let got = expected_nll(&[1.0, 0.0, /**/ 0.25, 0.75], shape, &[0])?;
/// assert!((got - 0.5 * 4.0_f64.ln()).abs() < 1e-15);
/// assert!(nll(&[0.625, 0.375], 2, &[0])? < got);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn expected_nll(mc: &[f64], shape: McShape, labels: &[usize]) -> Result<f64, MetricError> {
    shape.check(mc)?;
    if labels.len() != shape.examples {
        return Err(MetricError::Length {
            what: "labels",
            expected: shape.examples,
            found: labels.len(),
        });
    }
    check_labels(labels, shape.classes)?;
    let rows = mc.chunks_exact(shape.classes);
    let total: f64 = rows
        .zip(labels.iter().cycle())
        .map(|(row, label)| log_loss(row, *label))
        .sum();
    Ok(total / (shape.samples as f64 * shape.examples as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::nll;
    use crate::metrics::seeded::{calibrated, predictions};

    const SHAPE: McShape = McShape {
        samples: 2,
        examples: 2,
        classes: 2,
    };
    const MC: [f64; 8] = [
        0.75, 0.25, 1.0, 0.0, /* second sample */ 0.25, 0.75, 1.0, 0.0,
    ];

    fn assert_close(got: &[f64], want: &[f64]) {
        assert_eq!(got.len(), want.len());
        for (n, (got, want)) in got.iter().zip(want).enumerate() {
            assert!(
                (got - want).abs() < 1e-15,
                "example {n}: got {got}, want {want}"
            );
        }
    }

    #[test]
    fn hand_computed_values() {
        let log2 = 2.0_f64.ln();
        // H[3/4, 1/4] = 2 log 2 − (3/4) log 3.
        let quarter = 2.0 * log2 - 0.75 * 3.0_f64.ln();
        assert_close(&predictive_entropy(&MC, SHAPE).unwrap(), &[log2, 0.0]);
        assert_close(&expected_entropy(&MC, SHAPE).unwrap(), &[quarter, 0.0]);
        assert_close(
            &mutual_information(&MC, SHAPE).unwrap(),
            &[log2 - quarter, 0.0],
        );
    }

    #[test]
    fn variation_ratio_agrees_with_counting_votes() {
        for (samples, examples, classes) in [(1, 1, 1), (1, 3, 4), (2, 5, 2), (9, 7, 3), (8, 40, 4)]
        {
            let mc = predictions(41, samples * examples, classes).probabilities;
            let shape = McShape {
                samples,
                examples,
                classes,
            };
            let got = variation_ratio(&mc, shape).unwrap();
            assert_eq!(got.len(), examples);
            for (n, got) in got.into_iter().enumerate() {
                let vote = |s: usize| {
                    let row = &mc[(s * examples + n) * classes..][..classes];
                    let beaten = |c: &usize| {
                        (0..classes).any(|d| row[d] > row[*c] || (row[d] == row[*c] && d < *c))
                    };
                    (0..classes).find(|c| !beaten(c)).unwrap()
                };
                let votes = |c: usize| (0..samples).filter(|s| vote(*s) == c).count();
                let most = (0..classes).map(votes).max().unwrap();
                let want = 1.0 - most as f64 / samples as f64;
                assert!((got - want).abs() < 1e-15, "{shape:?}, example {n}");
            }
        }
    }

    #[test]
    fn variation_ratio_at_its_ends() {
        let shape = |samples| McShape {
            samples,
            examples: 1,
            classes: 2,
        };
        assert_eq!(
            variation_ratio(&[0.6, 0.4, 1.0, 0.0], shape(2)),
            Ok(vec![0.0])
        );
        assert_eq!(
            variation_ratio(&[0.6, 0.4, 0.0, 1.0], shape(2)),
            Ok(vec![0.5])
        );
        // A tie inside a sample is a vote for the first class.
        assert_eq!(
            variation_ratio(&[0.5, 0.5, 1.0, 0.0], shape(2)),
            Ok(vec![0.0])
        );
        assert_eq!(
            variation_ratio(&[], shape(0)),
            Err(MetricError::Empty { what: "samples" })
        );
    }

    #[test]
    fn expected_nll_is_the_mean_of_the_samples_and_not_below_that_of_the_mean() {
        let (samples, examples, classes) = (6, 30, 3);
        let mc = calibrated(42, samples * examples, classes).probabilities;
        let labels = predictions(43, examples, classes).labels;
        let shape = McShape {
            samples,
            examples,
            classes,
        };
        let of_samples: Vec<f64> = mc
            .chunks_exact(examples * classes)
            .map(|sample| nll(sample, classes, &labels).unwrap())
            .collect();
        let want = of_samples.iter().sum::<f64>() / samples as f64;
        let got = expected_nll(&mc, shape, &labels).unwrap();
        assert!((got - want).abs() < 1e-13, "got {got}, want {want}");
        let mean = predictive_uncertainty(&mc, shape)
            .unwrap()
            .mean_probabilities;
        assert!(nll(&mean, classes, &labels).unwrap() < got - 0.1);
    }

    #[test]
    fn expected_nll_checks_its_labels() {
        assert_eq!(
            expected_nll(&MC, SHAPE, &[0]),
            Err(MetricError::Length {
                what: "labels",
                expected: 2,
                found: 1
            })
        );
        assert!(matches!(
            expected_nll(&MC, SHAPE, &[0, 2]),
            Err(MetricError::LabelOutOfRange { position: 1, .. })
        ));
        assert_eq!(expected_nll(&MC, SHAPE, &[0, 1]), Ok(f64::INFINITY));
    }

    #[test]
    fn equals_the_streaming_reduction() {
        let mut moments = PredictiveMoments::new(2, 2);
        moments.push(&MC[..4]).unwrap();
        moments.push(&MC[4..]).unwrap();
        assert_eq!(
            predictive_uncertainty(&MC, SHAPE).unwrap(),
            moments.finish().unwrap()
        );
    }

    #[test]
    fn bad_input_is_located_in_the_whole_table() {
        let mut mc = MC;
        mc[7] = 0.5;
        assert_eq!(
            mutual_information(&mc, SHAPE),
            Err(MetricError::RowSum { row: 3, sum: 1.5 })
        );
        assert_eq!(
            predictive_entropy(&MC[..6], SHAPE),
            Err(MetricError::Length {
                what: "Monte Carlo probabilities",
                expected: 8,
                found: 6
            })
        );
        for (shape, what) in [
            (
                McShape {
                    samples: 0,
                    ..SHAPE
                },
                "samples",
            ),
            (
                McShape {
                    examples: 0,
                    ..SHAPE
                },
                "examples",
            ),
            (
                McShape {
                    classes: 0,
                    ..SHAPE
                },
                "classes",
            ),
        ] {
            assert_eq!(
                expected_entropy(&[], shape),
                Err(MetricError::Empty { what })
            );
        }
    }
}
