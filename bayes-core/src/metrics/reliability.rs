//! The reliability diagram: confidence against accuracy, bin by bin.

use super::MetricError;
use super::bins::{Bin, edges};
use super::calibration::top_class_bins;

/// One bar of a [`reliability_diagram`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Lower edge b/K, not in the bin (except that the first bin takes 0).
    pub lower: f64,
    /// Upper edge (b+1)/K, in the bin.
    pub upper: f64,
    /// Number of examples, at least 1.
    pub examples: usize,
    /// Mean confidence of the examples, `conf_b`.
    pub mean_confidence: f64,
    /// Share of the examples whose predicted class is the true one, `acc_b`.
    pub accuracy: f64,
}

/// The bins that [`ece`](super::ece) is made of, as points to plot: accuracy over mean confidence
/// (DeGroot & Fienberg 1983; Niculescu-Mizil & Caruana 2005).
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. The bins are those of
/// [`ece`](super::ece) with the same number of `bins`, in ascending order; empty ones are left out.
/// Calibrated predictions lie on the diagonal, overconfident ones below it. `Σ_b |B_b|/N ·
/// |acc_b − conf_b|` over the result is the ECE.
///
/// # Errors
/// As [`ece`](super::ece).
///
/// ```
/// use bayes_core::metrics::reliability_diagram;
///
/// // Two examples at confidence 0.75, one of them right, and a right one at 1.
/// let probabilities = [0.75, 0.25, /**/ 0.25, 0.75, /**/ 1.0, 0.0];
/// let bins = reliability_diagram(&probabilities, 2, &[0, 0, 0], 4)?;
/// assert_eq!(bins.len(), 2);
/// assert_eq!((bins[0].lower, bins[0].upper), (0.5, 0.75));
/// assert_eq!((bins[0].examples, bins[0].mean_confidence, bins[0].accuracy), (2, 0.75, 0.5));
/// assert_eq!((bins[1].examples, bins[1].mean_confidence, bins[1].accuracy), (1, 1.0, 1.0));
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn reliability_diagram(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<Vec<ReliabilityBin>, MetricError> {
    let occupied = top_class_bins(probabilities, classes, labels, bins)?;
    let bar = |(index, bin): (usize, Bin)| {
        let (lower, upper) = edges(index, bins);
        ReliabilityBin {
            lower,
            upper,
            examples: bin.examples,
            mean_confidence: bin.mean_probability(),
            accuracy: bin.frequency(),
        }
    };
    Ok(occupied.into_iter().map(bar).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::seeded::predictions;
    use crate::metrics::{accuracy, ece};

    #[test]
    fn sums_to_the_ece_the_accuracy_and_the_count() {
        let of = predictions(3, 200, 3);
        for bins in [1, 2, 3, 10, 15, 1000] {
            let bars = reliability_diagram(&of.probabilities, 3, &of.labels, bins).unwrap();
            let sum = |value: &dyn Fn(&ReliabilityBin) -> f64| -> f64 {
                bars.iter()
                    .map(|bar| bar.examples as f64 / 200.0 * value(bar))
                    .sum()
            };
            let gap = sum(&|bar| (bar.accuracy - bar.mean_confidence).abs());
            let want = ece(&of.probabilities, 3, &of.labels, bins).unwrap();
            assert!((gap - want).abs() < 1e-14, "{bins} bins");
            let want = accuracy(&of.probabilities, 3, &of.labels).unwrap();
            assert!(
                (sum(&|bar| bar.accuracy) - want).abs() < 1e-14,
                "{bins} bins"
            );
            assert!((sum(&|_| 1.0) - 1.0).abs() < 1e-14, "{bins} bins");
            for bar in &bars {
                let mean = bar.mean_confidence;
                assert!(
                    bar.lower < mean && mean < bar.upper + 1e-12,
                    "{bar:?} of {bins} bins"
                );
            }
        }
    }

    #[test]
    fn confidences_on_edges_lie_in_the_bin_below() {
        // Confidence k/10 for k = 5 to 10; with 10 bins each is the upper edge of its own.
        let confidences: Vec<f64> = (5..=10).map(|k| f64::from(k) / 10.0).collect();
        let probabilities: Vec<f64> = confidences.iter().flat_map(|p| [*p, 1.0 - p]).collect();
        let bars = reliability_diagram(&probabilities, 2, &[0; 6], 10).unwrap();
        let uppers: Vec<f64> = bars.iter().map(|bar| bar.upper).collect();
        assert_eq!(uppers, confidences);
    }

    #[test]
    fn no_bins_is_an_error() {
        assert_eq!(
            reliability_diagram(&[1.0], 1, &[0], 0),
            Err(MetricError::Empty { what: "bins" })
        );
    }
}
