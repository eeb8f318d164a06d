//! Murphy's decomposition of the Brier score.

use super::MetricError;
use super::bins::{bin_of, check_bins, equal_width};
use super::rows::LabelledRows;

/// The parts of a Brier score summed over classes; see [`brier_decomposition`].
///
/// With class c's probabilities in bins b, `p_bc` the mean probability of a bin, `o_bc` the share of
/// its examples with label c, `o_c` the share of all examples with label c, and `w_bc = |B_bc|/N`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrierDecomposition {
    /// `Σ_c Σ_b w_bc (p_bc − o_bc)²`: 0 where every bin is calibrated, at most 2.
    pub reliability: f64,
    /// `Σ_c Σ_b w_bc (o_bc − o_c)²`: how far the bins tell outcomes apart, 0 to `uncertainty`;
    /// higher is better.
    pub resolution: f64,
    /// `Σ_c o_c (1 − o_c)`: the Brier score of always predicting the class frequencies, 0 to
    /// 1 − 1/C. A property of the labels alone.
    pub uncertainty: f64,
    /// `Σ_c 1/N Σ_b Σ_{n∈b} (p̄(n, c) − p_bc)²`: spread of probabilities inside bins.
    pub within_bin_variance: f64,
    /// `Σ_c 2/N Σ_b Σ_{n∈b} (p̄(n, c) − p_bc)(1[y_n = c] − o_bc)`: what that spread tells about the
    /// outcomes, the factor 2 included.
    pub within_bin_covariance: f64,
}

impl BrierDecomposition {
    /// `reliability − resolution + uncertainty + within_bin_variance − within_bin_covariance`,
    /// which is [`brier`](super::brier) up to rounding.
    pub fn brier(&self) -> f64 {
        self.reliability - self.resolution + self.uncertainty + self.within_bin_variance
            - self.within_bin_covariance
    }
}

/// Splits the Brier score into reliability, resolution and uncertainty (Murphy 1973), with the two
/// terms that binning adds (Stephenson, Coelho & Jolliffe 2008).
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. Each class against the
/// rest is put into `bins` equal-width bins with the edges of [`ece`](super::ece), and the parts are
/// summed over classes as in [`brier`](super::brier).
///
/// Where all probabilities in a bin are equal, `reliability − resolution + uncertainty` is the Brier
/// score. Otherwise the two within-bin terms make up the difference: with them, the five parts sum
/// to the Brier score for any number of bins, as [`BrierDecomposition::brier`] does.
///
/// # Errors
/// As [`ece`](super::ece).
///
/// ```
/// use bayes_core::metrics::{brier, brier_decomposition};
///
/// // Of four examples, two are given 3/4 for the first class (one right), two 1/4 (none right).
/// let probabilities = [0.75, 0.25, /**/ 0.75, 0.25, /**/ 0.25, 0.75, /**/ 0.25, 0.75];
/// let labels = [0, 1, 1, 1];
/// let parts = brier_decomposition(&probabilities, 2, &labels, 4)?;
/// assert_eq!(parts.reliability, 2.0 * (0.5 * 0.0625 + 0.5 * 0.0625));
/// assert_eq!(parts.resolution, 2.0 * (0.5 * 0.0625 + 0.5 * 0.0625));
/// assert_eq!(parts.uncertainty, 2.0 * 0.25 * 0.75);
/// assert_eq!(parts.brier(), brier(&probabilities, 2, &labels)?);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn brier_decomposition(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<BrierDecomposition, MetricError> {
    check_bins(bins)?;
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    let mut sum = BrierDecomposition {
        reliability: 0.0,
        resolution: 0.0,
        uncertainty: 0.0,
        within_bin_variance: 0.0,
        within_bin_covariance: 0.0,
    };
    for class in 0..classes {
        add_class(&mut sum, &rows, class, bins);
    }
    Ok(sum)
}

/// Adds the parts of one class against the rest.
fn add_class(sum: &mut BrierDecomposition, rows: &LabelledRows<'_>, class: usize, bins: usize) {
    let examples = rows.examples() as f64;
    let hits = rows.class_events(class).filter(|(_, hit)| *hit).count();
    let base_rate = hits as f64 / examples;
    sum.uncertainty += base_rate * (1.0 - base_rate);

    let occupied = equal_width(rows.class_events(class), bins);
    for bin in occupied.values() {
        let weight = bin.examples as f64 / examples;
        sum.reliability += weight * bin.gap().powi(2);
        sum.resolution += weight * (bin.frequency() - base_rate).powi(2);
    }
    for (probability, hit) in rows.class_events(class) {
        let bin = &occupied[&bin_of(probability, bins)];
        let spread = probability - bin.mean_probability();
        let outcome = f64::from(u8::from(hit)) - bin.frequency();
        sum.within_bin_variance += spread * spread / examples;
        sum.within_bin_covariance += 2.0 * spread * outcome / examples;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::brier;
    use crate::metrics::seeded::{calibrated, predictions};

    #[test]
    fn parts_sum_to_the_brier_score_for_any_bins() {
        for (examples, classes) in [(1, 1), (1, 4), (30, 2), (200, 5)] {
            for of in [
                predictions(31, examples, classes),
                calibrated(32, examples, classes),
            ] {
                let want = brier(&of.probabilities, classes, &of.labels).unwrap();
                for bins in [1, 2, 7, 10, 15, 1000, usize::MAX] {
                    let parts =
                        brier_decomposition(&of.probabilities, classes, &of.labels, bins).unwrap();
                    assert!(
                        (parts.brier() - want).abs() < 1e-13,
                        "{examples} examples, {classes} classes, {bins} bins: {parts:?}, want {want}"
                    );
                    assert!(parts.resolution <= parts.uncertainty + 1e-13, "{parts:?}");
                }
            }
        }
    }

    #[test]
    fn equal_probabilities_in_each_bin_leave_three_parts() {
        // Multiples of 1/20 in 40 bins: twice as many as values, as the first bin takes 0 as well.
        let of = predictions(33, 300, 3);
        let parts = brier_decomposition(&of.probabilities, 3, &of.labels, 40).unwrap();
        let three = parts.reliability - parts.resolution + parts.uncertainty;
        let want = brier(&of.probabilities, 3, &of.labels).unwrap();
        assert!((three - want).abs() < 1e-13, "{three}, want {want}");
        // In one bin they are spread.
        let parts = brier_decomposition(&of.probabilities, 3, &of.labels, 1).unwrap();
        assert!(parts.within_bin_variance > 0.01, "{parts:?}");
        assert!(parts.resolution < 1e-15, "{parts:?}");
    }

    #[test]
    fn hand_computed_values() {
        // One class column 0.5 (hit), 0.3 (miss) in (0, 0.5] and its mirror 0.5 (miss) in (0, 0.5],
        // 0.7 (hit) in (0.5, 1].
        let parts = brier_decomposition(&[0.5, 0.5, 0.3, 0.7], 2, &[0, 1], 2).unwrap();
        let want = BrierDecomposition {
            reliability: 0.01 + 0.5 * (0.25 + 0.09),
            resolution: 0.5 * (0.25 + 0.25),
            uncertainty: 0.5,
            within_bin_variance: 0.01,
            within_bin_covariance: 0.1,
        };
        for (got, want) in [
            (parts.reliability, want.reliability),
            (parts.resolution, want.resolution),
            (parts.uncertainty, want.uncertainty),
            (parts.within_bin_variance, want.within_bin_variance),
            (parts.within_bin_covariance, want.within_bin_covariance),
        ] {
            assert!((got - want).abs() < 1e-15, "{parts:?}");
        }
    }

    #[test]
    fn calibrated_predictions_are_reliable_and_overconfident_ones_are_not() {
        let fair = calibrated(34, 20_000, 3);
        let sure = fair.sharpened();
        let of = |p: &[f64]| brier_decomposition(p, 3, &fair.labels, 15).unwrap();
        // Sampling adds about p(1−p)/n_b per bin: 3 · 15/20000 · 0.2 = 5e-4 in all.
        assert!(of(&fair.probabilities).reliability < 1.5e-3);
        assert!(of(&sure.probabilities).reliability > 2e-2);
        assert!(of(&fair.probabilities).resolution > 0.05);
    }

    #[test]
    fn no_bins_is_an_error() {
        assert_eq!(
            brier_decomposition(&[1.0], 1, &[0], 0),
            Err(MetricError::Empty { what: "bins" })
        );
    }
}
