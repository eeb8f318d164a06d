//! Calibration of all classes, each against the rest.

use super::MetricError;
use super::bins::{Bin, check_bins, equal_mass, equal_width};
use super::calibration::weighted_mean;
use super::rows::LabelledRows;

/// Class-wise expected calibration error: `1/C Σ_c Σ_b |B_bc|/N · |freq_bc − conf_bc|`, also known
/// as static calibration error, SCE (Nixon et al. 2019; Kull et al. 2019).
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. For class c all N
/// probabilities `p̄(n, c)` are put into `bins` equal-width bins with the edges of
/// [`ece`](super::ece); `freq_bc` is the share of a bin's examples with label c and `conf_bc` their
/// mean `p̄(n, c)`. Empty bins are skipped. Range 0 to 1, lower is better; with many classes most
/// probabilities are near 0 and so is the value.
///
/// # Errors
/// As [`ece`](super::ece).
///
/// ```
/// use bayes_core::metrics::classwise_ece;
///
/// // Always 3/4 for the first class, which is right half of the time: both classes are off by ¼.
/// assert_eq!(classwise_ece(&[0.75, 0.25, /**/ 0.75, 0.25], 2, &[0, 1], 15)?, 0.25);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn classwise_ece(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    check_bins(bins)?;
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    let one_class = |class| {
        let occupied = equal_width(rows.class_events(class), bins);
        weighted_mean(occupied.values(), rows.examples(), Bin::gap)
    };
    Ok((0..classes).map(one_class).sum::<f64>() / classes as f64)
}

/// Adaptive calibration error: `1/(C·R) Σ_c Σ_r |freq_rc − conf_rc|` over R equal-mass ranges of
/// each class (Nixon et al. 2019).
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. For class c the N
/// probabilities `p̄(n, c)` are sorted and cut into R = `bins` ranges whose sizes differ by at most
/// one, the larger ranges first; R is N where there are fewer examples than `bins`. `freq_rc` is
/// the share of a range's examples with label c and `conf_rc` their mean `p̄(n, c)`. Ranges count
/// alike. Equal probabilities keep their order in the input, so where a tie straddles a cut the
/// value depends on that order. Range 0 to 1, lower is better.
///
/// Two other metrics carry the same name elsewhere: see [`ace_equal_width`](super::ace_equal_width)
/// and [`adaptive_ece`](super::adaptive_ece).
///
/// # Errors
/// As [`ece`](super::ece).
///
/// ```
/// use bayes_core::metrics::ace;
///
/// // Each class has the ranges {1/4} and {3/4}, and each range's example came true.
/// assert_eq!(ace(&[0.75, 0.25, /**/ 0.25, 0.75], 2, &[0, 1], 2)?, 0.25);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn ace(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    check_bins(bins)?;
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    let one_class = |class| {
        let ranges = equal_mass(rows.class_events(class), bins);
        ranges.iter().map(Bin::gap).sum::<f64>() / ranges.len() as f64
    };
    Ok((0..classes).map(one_class).sum::<f64>() / classes as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::seeded::{Predictions, calibrated, predictions};

    type Metric = fn(&[f64], usize, &[usize], usize) -> Result<f64, MetricError>;
    const METRICS: [Metric; 2] = [classwise_ece, ace];

    /// The definition read aloud: for each class and bin, look at all examples.
    fn classwise_ece_reference(of: &Predictions, bins: usize) -> f64 {
        let mut total = 0.0;
        for class in 0..of.classes {
            for b in 0..bins {
                let (low, high) = (b as f64 / bins as f64, (b + 1) as f64 / bins as f64);
                let inside = |p: f64| (p > low || b == 0) && (p <= high || b == bins - 1);
                let difference: f64 = of
                    .rows()
                    .filter(|(row, _)| inside(row[class]))
                    .map(|(row, label)| row[class] - f64::from(u8::from(label == class)))
                    .sum();
                total += difference.abs() / of.labels.len() as f64;
            }
        }
        total / of.classes as f64
    }

    /// The definition read aloud, for at least as many examples as ranges.
    fn ace_reference(of: &Predictions, ranges: usize) -> f64 {
        let examples = of.labels.len();
        let mut total = 0.0;
        for class in 0..of.classes {
            let mut events: Vec<(f64, f64)> = of
                .rows()
                .map(|(row, label)| (row[class], f64::from(u8::from(label == class))))
                .collect();
            events.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut start = 0;
            for r in 0..ranges {
                let end = start + examples / ranges + usize::from(r < examples % ranges);
                let difference: f64 = events[start..end].iter().map(|(p, hit)| p - hit).sum();
                total += difference.abs() / (end - start) as f64;
                start = end;
            }
        }
        total / (of.classes * ranges) as f64
    }

    #[test]
    fn agree_with_the_definitions_on_a_grid() {
        for (examples, classes) in [(16, 1), (17, 2), (40, 5), (200, 3)] {
            let of = predictions(21, examples, classes);
            for bins in [1, 2, 3, 10, 15, 16] {
                let wants = [classwise_ece_reference(&of, bins), ace_reference(&of, bins)];
                for (metric, want) in METRICS.into_iter().zip(wants) {
                    let got = metric(&of.probabilities, classes, &of.labels, bins).unwrap();
                    assert!(
                        (got - want).abs() < 1e-14,
                        "{examples} examples, {classes} classes, {bins} bins: got {got}, want {want}"
                    );
                }
            }
        }
    }

    #[test]
    fn zeros_ones_and_edges_lie_in_the_bins_of_the_ece() {
        // Class 0 is given 0 (false), 1/4 (true) and 1 (true). With 4 bins the first holds 0 and 1/4
        // and is off by |1 − 1/4|/3; 1 is alone in the last.
        let probabilities = [0.0, 1.0, 0.25, 0.75, 1.0, 0.0];
        let labels = [1, 0, 0];
        let class_0 = (1.0 - 0.25_f64).abs() / 3.0;
        // Class 1 is given 1 (true), 3/4 (false) and 0 (false): one bin each.
        let class_1 = 0.75 / 3.0;
        let got = classwise_ece(&probabilities, 2, &labels, 4).unwrap();
        assert!((got - 0.5 * (class_0 + class_1)).abs() < 1e-15, "{got}");
    }

    #[test]
    fn calibrated_predictions_score_near_zero_and_overconfident_ones_do_not() {
        let fair = calibrated(5, 20_000, 3);
        let sure = fair.sharpened();
        for metric in METRICS {
            let of = |p: &Predictions| metric(&p.probabilities, 3, &p.labels, 15).unwrap();
            assert!(of(&fair) < 0.02, "calibrated: {}", of(&fair));
            assert!(of(&sure) > 0.06, "overconfident: {}", of(&sure));
        }
    }

    #[test]
    fn any_number_of_bins_but_zero() {
        for metric in METRICS {
            assert_eq!(
                metric(&[1.0], 1, &[0], 0),
                Err(MetricError::Empty { what: "bins" })
            );
            // Every probability alone: gaps 1/4, 5/8 for each class.
            let got = metric(&[0.75, 0.25, 0.625, 0.375], 2, &[0, 1], usize::MAX).unwrap();
            assert_eq!(got, 0.5 * (0.25 + 0.625));
        }
    }
}
