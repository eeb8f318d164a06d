//! The four headline numbers of a classifier, computed together and printed on one line.

use std::fmt;

use super::MetricError;
use super::calibration::{DEFAULT_ECE_BINS, ece_of_rows};
use super::classification::{correctness, log_loss, squared_error};
use super::rows::LabelledRows;

/// Accuracy, negative log-likelihood, expected calibration error and Brier score of one set of
/// predictions.
///
/// `Display` prints one line with fixed columns, so that reports of several models line up.
///
/// ```
/// use bayes_core::metrics::ClassificationReport;
///
/// let report = ClassificationReport::new(&[0.75, 0.25, /**/ 0.5, 0.5], 2, &[0, 1])?;
/// assert_eq!(report.to_string(), "accuracy  50.00 %   nll  0.4904   ece 0.3750   brier 0.3125");
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassificationReport {
    /// [`accuracy`](super::accuracy), 0 to 1 (printed in percent).
    pub accuracy: f64,
    /// [`nll`](super::nll) in nats, 0 to +∞.
    pub nll: f64,
    /// [`ece`](super::ece) with [`DEFAULT_ECE_BINS`] bins, 0 to 1.
    pub ece: f64,
    /// [`brier`](super::brier) summed over classes, 0 to 2.
    pub brier: f64,
}

impl ClassificationReport {
    /// Computes the report from N×C (mean) `probabilities` with C = `classes` and N `labels`.
    ///
    /// # Errors
    /// As [`accuracy`](super::accuracy).
    pub fn new(
        probabilities: &[f64],
        classes: usize,
        labels: &[usize],
    ) -> Result<Self, MetricError> {
        let rows = LabelledRows::new(probabilities, classes, labels)?;
        Ok(Self {
            accuracy: rows.mean(correctness),
            nll: rows.mean(log_loss),
            ece: ece_of_rows(&rows, DEFAULT_ECE_BINS),
            brier: rows.mean(squared_error),
        })
    }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accuracy,
            nll,
            ece,
            brier,
        } = self;
        let percent = 100.0 * accuracy;
        write!(
            f,
            "accuracy {percent:6.2} %   nll {nll:7.4}   ece {ece:6.4}   brier {brier:6.4}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{accuracy, brier, ece, nll};

    const PROBABILITIES: [f64; 9] = [
        0.7, 0.2, 0.1, /**/ 0.1, 0.8, 0.1, /**/ 0.5, 0.25, 0.25,
    ];
    const LABELS: [usize; 3] = [0, 2, 1];

    #[test]
    fn equals_the_metrics_one_by_one() {
        let want = ClassificationReport {
            accuracy: accuracy(&PROBABILITIES, 3, &LABELS).unwrap(),
            nll: nll(&PROBABILITIES, 3, &LABELS).unwrap(),
            ece: ece(&PROBABILITIES, 3, &LABELS, 15).unwrap(),
            brier: brier(&PROBABILITIES, 3, &LABELS).unwrap(),
        };
        assert_eq!(
            ClassificationReport::new(&PROBABILITIES, 3, &LABELS).unwrap(),
            want
        );
    }

    #[test]
    fn lines_of_different_reports_align() {
        let line = |accuracy, nll, ece, brier| {
            ClassificationReport {
                accuracy,
                nll,
                ece,
                brier,
            }
            .to_string()
        };
        let best = line(1.0, 0.0, 0.0, 0.0);
        let worst = line(0.0, f64::INFINITY, 1.0, 2.0);
        assert_eq!(
            best,
            "accuracy 100.00 %   nll  0.0000   ece 0.0000   brier 0.0000"
        );
        assert_eq!(
            worst,
            "accuracy   0.00 %   nll     inf   ece 1.0000   brier 2.0000"
        );
        assert_eq!(best.len(), line(0.5, 12.5, 0.25, 0.75).len());
    }

    #[test]
    fn bad_input_is_an_error() {
        assert_eq!(
            ClassificationReport::new(&[], 3, &[]),
            Err(MetricError::Empty { what: "labels" })
        );
    }
}
