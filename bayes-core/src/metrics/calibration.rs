//! Calibration of the top class: the expected calibration error over equal-width bins.

use std::collections::BTreeMap;

use super::MetricError;
use super::rows::{LabelledRows, top_class};

/// The usual number of bins for [`ece`] (Guo et al. 2017).
pub const DEFAULT_ECE_BINS: usize = 15;

/// Expected calibration error of the top class: `Σ_b |B_b|/N · |acc_b − conf_b|`
/// (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017).
///
/// An example's confidence is `max_c p̄(n, c)`. With `bins` = K, bin b takes confidences in (b/K,
/// (b+1)/K]; the first bin also takes 0 and the last whatever the row tolerance lets exceed 1.
/// `acc_b` and `conf_b` are the bin's accuracy and mean confidence; empty bins are skipped. Range 0
/// to 1, lower is better.
///
/// Confidences are compared with the edges as they are: 0.2 from an `f32` is 0.200000003, above the
/// edge 3/15.
///
/// # Errors
/// [`MetricError::Empty`] for zero `bins`; otherwise as [`accuracy`](super::accuracy).
///
/// ```
/// use bayes_core::metrics::{DEFAULT_ECE_BINS, ece};
///
/// // Four predictions at confidence 0.75, three of them right: perfectly calibrated.
/// let probabilities = [0.75, 0.25].repeat(4);
/// assert_eq!(ece(&probabilities, 2, &[0, 0, 0, 1], DEFAULT_ECE_BINS)?, 0.0);
/// assert_eq!(ece(&probabilities, 2, &[0, 0, 0, 0], DEFAULT_ECE_BINS)?, 0.25);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn ece(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    if bins == 0 {
        return Err(MetricError::Empty { what: "bins" });
    }
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    Ok(ece_of_rows(&rows, bins))
}

/// [`ece`] of rows already checked; `bins` is at least 1.
pub(super) fn ece_of_rows(rows: &LabelledRows<'_>, bins: usize) -> f64 {
    let examples = rows.examples() as f64;
    occupied_bins(rows, bins)
        .values()
        .map(|bin| bin.examples as f64 / examples * bin.gap())
        .sum()
}

/// What one bin has collected.
#[derive(Debug, Default)]
struct Bin {
    examples: usize,
    correct: usize,
    confidence_sum: f64,
}

impl Bin {
    /// `|acc_b − conf_b|`; the bin must hold an example.
    fn gap(&self) -> f64 {
        (self.correct as f64 - self.confidence_sum).abs() / self.examples as f64
    }
}

/// The bins that hold an example, by index. A map, so that memory follows the examples however many
/// bins there are.
fn occupied_bins(rows: &LabelledRows<'_>, bins: usize) -> BTreeMap<usize, Bin> {
    let mut occupied = BTreeMap::<usize, Bin>::new();
    for (row, label) in rows.iter() {
        let (class, confidence) = top_class(row);
        let bin = occupied.entry(bin_of(confidence, bins)).or_default();
        bin.examples += 1;
        bin.correct += usize::from(class == label);
        bin.confidence_sum += confidence;
    }
    occupied
}

/// The first of `bins` bins whose upper edge (b+1)/bins is not below `confidence`, or the last bin.
///
/// A binary search over the edges: `ceil(confidence · bins)` would put some confidences that equal
/// an edge one bin up.
fn bin_of(confidence: f64, bins: usize) -> usize {
    let (mut low, mut high) = (0, bins - 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let upper_edge = (middle + 1) as f64 / bins as f64;
        if upper_edge < confidence {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition read aloud: the bin whose half-open interval contains the confidence.
    fn bin_of_reference(confidence: f64, bins: usize) -> usize {
        let edge = |k: usize| k as f64 / bins as f64;
        let holds = |b: &usize| edge(*b) < confidence && confidence <= edge(b + 1);
        match (0..bins).find(holds) {
            Some(bin) => bin,
            None if confidence <= 0.0 => 0,
            None => bins - 1,
        }
    }

    #[test]
    fn every_edge_belongs_to_the_bin_below_it() {
        for bins in [1, 2, 3, 7, 10, 15, 49, 100, 1000] {
            assert_eq!(bin_of(0.0, bins), 0, "{bins} bins");
            assert_eq!(bin_of(1.0, bins), bins - 1, "{bins} bins");
            assert_eq!(bin_of(1.0 + 1e-5, bins), bins - 1, "{bins} bins");
            for k in 1..bins {
                let edge = k as f64 / bins as f64;
                assert_eq!(bin_of(edge, bins), k - 1, "edge {k} of {bins}");
                assert_eq!(bin_of(edge.next_up(), bins), k, "above edge {k} of {bins}");
                assert_eq!(
                    bin_of(edge.next_down(), bins),
                    k - 1,
                    "below edge {k} of {bins}"
                );
            }
        }
    }

    #[test]
    fn bins_agree_with_the_definition_on_a_grid() {
        for bins in 1..40 {
            for step in 0..=840 {
                let confidence = f64::from(step) / 840.0;
                assert_eq!(
                    bin_of(confidence, bins),
                    bin_of_reference(confidence, bins),
                    "{confidence}, {bins} bins"
                );
            }
        }
    }

    #[test]
    fn hand_computed_value() {
        // Two bins. (0, 0.5]: confidence 0.5, wrong. (0.5, 1]: confidences 0.6 (right), 0.8
        // (right), 1.0 (wrong).
        let probabilities = [0.5, 0.5, 0.6, 0.4, 0.2, 0.8, 1.0, 0.0];
        let labels = [1, 0, 1, 1];
        let want = 0.25 * 0.5 + 0.75 * (2.0 / 3.0_f64 - 0.8).abs();
        assert!((ece(&probabilities, 2, &labels, 2).unwrap() - want).abs() < 1e-15);
        // One bin: |2/4 − 2.9/4|.
        assert!((ece(&probabilities, 2, &labels, 1).unwrap() - 0.225).abs() < 1e-15);
    }

    #[test]
    fn confidence_on_an_edge_joins_the_examples_below() {
        // Ten bins: 0.6 (right) is in (0.5, 0.6] with 0.55 (wrong); one bin up it would give
        // 0.5·0.4 + 0.5·0.55.
        let probabilities = [0.6, 0.4, 0.55, 0.45];
        let got = ece(&probabilities, 2, &[0, 1], 10).unwrap();
        assert!((got - (0.5_f64 - 0.575).abs()).abs() < 1e-15);
    }

    #[test]
    fn certain_and_wrong_is_the_worst() {
        assert_eq!(ece(&[1.0, 0.0], 2, &[1], DEFAULT_ECE_BINS).unwrap(), 1.0);
        assert_eq!(ece(&[1.0, 0.0], 2, &[0], DEFAULT_ECE_BINS).unwrap(), 0.0);
    }

    #[test]
    fn any_number_of_bins_but_zero() {
        assert_eq!(
            ece(&[1.0], 1, &[0], 0),
            Err(MetricError::Empty { what: "bins" })
        );
        // As many bins as there can be: each example is alone, so each gap counts by itself.
        let got = ece(&[0.75, 0.25, 0.625, 0.375], 2, &[0, 1], usize::MAX).unwrap();
        assert_eq!(got, 0.5 * 0.25 + 0.5 * 0.625);
    }
}
