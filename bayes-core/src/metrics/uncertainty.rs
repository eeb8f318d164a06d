//! Uncertainty of Monte Carlo predictions held in one table: total, aleatoric and epistemic, per
//! example.

use super::MetricError;
use super::moments::{PredictiveMoments, PredictiveUncertainty};
use super::rows::{check_rows, check_shape};

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
    let McShape {
        samples,
        examples,
        classes,
    } = shape;
    let dimensions = [
        ("samples", samples),
        ("examples", examples),
        ("classes", classes),
    ];
    check_shape("Monte Carlo probabilities", mc, &dimensions)?;
    check_rows(mc, classes)?;

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

#[cfg(test)]
mod tests {
    use super::*;

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
