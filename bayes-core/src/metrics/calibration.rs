//! Calibration of the top class: how far confidence is from accuracy, bin by bin.

use std::collections::BTreeMap;

use super::MetricError;
use super::bins::{Bin, check_bins, equal_mass, equal_width};
use super::rows::LabelledRows;

/// The usual number of bins for [`ece`] (Guo et al. 2017).
pub const DEFAULT_ECE_BINS: usize = 15;

/// Expected calibration error of the top class: `Σ_b |B_b|/N · |acc_b − conf_b|`
/// (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017).
///
/// An example's confidence is `max_c p̄(n, c)`. With `bins` = K, bin b takes confidences in (b/K,
/// (b+1)/K]; the first bin also takes 0 and the last whatever the row tolerance lets exceed 1.
/// `acc_b` and `conf_b` are the bin's accuracy and mean confidence; empty bins are skipped. Range 0
/// to 1, lower is better. The bins themselves are [`reliability_diagram`](super::reliability_diagram).
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
    check_bins(bins)?;
    Ok(ece_of_rows(
        &LabelledRows::new(probabilities, classes, labels)?,
        bins,
    ))
}

/// Maximum calibration error of the top class: `max_b |acc_b − conf_b|` over the occupied bins of
/// [`ece`] (Naeini, Cooper & Hauskrecht 2015).
///
/// Range 0 to 1, lower is better. A bin with one example counts as much as a full one, so the value
/// grows with the number of bins.
///
/// # Errors
/// As [`ece`].
///
/// ```
/// use bayes_core::metrics::mce;
///
/// // Bin (0.5, 0.75]: right at 0.75. Bin (0.75, 1]: wrong at 1.
/// assert_eq!(mce(&[0.75, 0.25, /**/ 1.0, 0.0], 2, &[0, 1], 4)?, 1.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn mce(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    Ok(top_class_bins(probabilities, classes, labels, bins)?
        .values()
        .map(Bin::gap)
        .fold(0.0, f64::max))
}

/// Root mean square calibration error of the top class: `√(Σ_b |B_b|/N · (acc_b − conf_b)²)` over
/// the occupied bins of [`ece`] (Hendrycks, Mazeika & Dietterich 2019).
///
/// Range 0 to 1, lower is better; between [`ece`] and [`mce`].
///
/// # Errors
/// As [`ece`].
///
/// ```
/// use bayes_core::metrics::rmsce;
///
/// // Gaps 0.25 and 1, each with half of the examples.
/// let got = rmsce(&[0.75, 0.25, /**/ 1.0, 0.0], 2, &[0, 1], 4)?;
/// assert!((got - (0.5_f64 * (0.0625 + 1.0)).sqrt()).abs() < 1e-15);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn rmsce(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    let occupied = top_class_bins(probabilities, classes, labels, bins)?;
    Ok(weighted_mean(occupied.values(), labels.len(), |bin| bin.gap().powi(2)).sqrt())
}

/// Adaptive expected calibration error of the top class: `Σ_g |g|/N · |acc_g − conf_g|` over groups
/// of equal size (after Nguyen & O'Connor 2015).
///
/// The examples are sorted by confidence and cut into `bins` groups whose sizes differ by at most
/// one, the larger groups first; with fewer examples than `bins` each is a group. Equal confidences
/// keep their order in the input, so where a tie straddles a cut the value depends on that order.
/// Range 0 to 1, lower is better.
///
/// This looks at the top class only; [`ace`](super::ace) looks at all classes.
///
/// # Errors
/// As [`ece`].
///
/// ```
/// use bayes_core::metrics::adaptive_ece;
///
/// // Sorted confidences 0.5 (right), 0.625 (wrong) | 0.75 (right), 1 (right).
/// let probabilities = [1.0, 0.0, /**/ 0.5, 0.5, /**/ 0.75, 0.25, /**/ 0.625, 0.375];
/// let got = adaptive_ece(&probabilities, 2, &[0, 0, 0, 1], 2)?;
/// assert_eq!(got, 0.5 * (0.5625 - 0.5) + 0.5 * (1.0 - 0.875));
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn adaptive_ece(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    check_bins(bins)?;
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    let groups = equal_mass(rows.top_class_events(), bins);
    Ok(weighted_mean(groups.iter(), rows.examples(), Bin::gap))
}

/// Average calibration error of the top class: the unweighted mean of `|acc_b − conf_b|` over the
/// occupied equal-width bins of [`ece`] (Neumann, Zisserman & Vedaldi 2018).
///
/// Range 0 to 1, lower is better. Some libraries call this ACE; it is another metric than Nixon's
/// [`ace`](super::ace), whose ranges have equal mass and cover all classes.
///
/// # Errors
/// As [`ece`].
///
/// ```
/// use bayes_core::metrics::ace_equal_width;
///
/// // Three examples right at 0.75 and one wrong at 1: the gaps count alike.
/// let probabilities = [0.75, 0.25, /**/ 0.75, 0.25, /**/ 0.75, 0.25, /**/ 1.0, 0.0];
/// assert_eq!(ace_equal_width(&probabilities, 2, &[0, 0, 0, 1], 4)?, (0.25 + 1.0) / 2.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn ace_equal_width(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<f64, MetricError> {
    let occupied = top_class_bins(probabilities, classes, labels, bins)?;
    Ok(occupied.values().map(Bin::gap).sum::<f64>() / occupied.len() as f64)
}

/// [`ece`] of rows already checked; `bins` is at least 1.
pub(super) fn ece_of_rows(rows: &LabelledRows<'_>, bins: usize) -> f64 {
    let occupied = equal_width(rows.top_class_events(), bins);
    weighted_mean(occupied.values(), rows.examples(), Bin::gap)
}

/// The occupied equal-width bins of the top class, by index.
pub(super) fn top_class_bins(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
    bins: usize,
) -> Result<BTreeMap<usize, Bin>, MetricError> {
    check_bins(bins)?;
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    Ok(equal_width(rows.top_class_events(), bins))
}

/// `Σ_b |B_b|/N · value(b)` for N = `examples`.
pub(super) fn weighted_mean<'a>(
    bins: impl Iterator<Item = &'a Bin>,
    examples: usize,
    value: impl Fn(&Bin) -> f64,
) -> f64 {
    bins.map(|bin| bin.examples as f64 / examples as f64 * value(bin))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::seeded::{Predictions, calibrated, predictions};

    type Metric = fn(&[f64], usize, &[usize], usize) -> Result<f64, MetricError>;
    const METRICS: [(&str, Metric); 5] = [
        ("ece", ece),
        ("mce", mce),
        ("rmsce", rmsce),
        ("adaptive_ece", adaptive_ece),
        ("ace_equal_width", ace_equal_width),
    ];

    /// Gap and size of every occupied bin, by the definition: each bin looks at all examples.
    fn gaps_reference(of: &Predictions, bins: usize) -> Vec<(f64, f64)> {
        let inside = |b: usize, confidence: f64| {
            let (low, high) = (b as f64 / bins as f64, (b + 1) as f64 / bins as f64);
            let above = confidence > low || b == 0;
            above && (confidence <= high || b == bins - 1)
        };
        (0..bins)
            .filter_map(|b| {
                let (mut count, mut right, mut confidence) = (0.0, 0.0, 0.0);
                for (row, label) in of.rows().filter(|(row, _)| inside(b, top(row).1)) {
                    count += 1.0;
                    right += f64::from(u8::from(top(row).0 == label));
                    confidence += top(row).1;
                }
                (count > 0.0).then(|| ((right / count - confidence / count).abs(), count))
            })
            .collect()
    }

    fn top(row: &[f64]) -> (usize, f64) {
        let highest = row.iter().copied().fold(0.0, f64::max);
        let class = row.iter().position(|p| *p == highest).unwrap();
        (class, highest)
    }

    #[test]
    fn agree_with_the_definitions_on_a_grid() {
        for (examples, classes) in [(1, 1), (1, 3), (2, 2), (17, 4), (200, 3)] {
            let of = predictions(7, examples, classes);
            let n = examples as f64;
            for bins in [1, 2, 3, 10, 15, 16] {
                let gaps = gaps_reference(&of, bins);
                let wants = [
                    gaps.iter().map(|(gap, size)| size / n * gap).sum(),
                    gaps.iter().map(|(gap, _)| *gap).fold(0.0, f64::max),
                    gaps.iter()
                        .map(|(gap, size)| size / n * gap * gap)
                        .sum::<f64>()
                        .sqrt(),
                    gaps.iter().map(|(gap, _)| gap).sum::<f64>() / gaps.len() as f64,
                ];
                let metrics: [Metric; 4] = [ece, mce, rmsce, ace_equal_width];
                for (metric, want) in metrics.into_iter().zip(wants) {
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
    fn adaptive_ece_agrees_with_its_definition_on_a_grid() {
        for examples in [1, 2, 17, 200] {
            let of = predictions(8, examples, 3);
            let mut order: Vec<usize> = (0..examples).collect();
            order.sort_by(|a, b| {
                let confidence = |n: &usize| top(&of.probabilities[n * 3..n * 3 + 3]).1;
                confidence(a).total_cmp(&confidence(b))
            });
            for bins in [1, 2, 3, 10, 16, 300] {
                let (mut want, mut start) = (0.0, 0);
                for b in 0..bins {
                    let end = start + examples / bins + usize::from(b < examples % bins);
                    let difference: f64 = order[start..end]
                        .iter()
                        .map(|n| {
                            let (class, confidence) = top(&of.probabilities[n * 3..n * 3 + 3]);
                            confidence - f64::from(u8::from(class == of.labels[*n]))
                        })
                        .sum();
                    want += difference.abs() / examples as f64;
                    start = end;
                }
                let got = adaptive_ece(&of.probabilities, 3, &of.labels, bins).unwrap();
                assert!(
                    (got - want).abs() < 1e-14,
                    "{examples} examples, {bins} bins: got {got}, want {want}"
                );
            }
        }
    }

    #[test]
    fn calibrated_predictions_score_near_zero_and_overconfident_ones_do_not() {
        // 20000 labels drawn from the probabilities themselves. A bin's gap has standard deviation
        // √(p(1−p)/n_b), so the expectation of the ECE is about √(2/π)·0.5·√(15/20000) = 0.011.
        let fair = calibrated(11, 20_000, 3);
        for (name, metric) in METRICS {
            let bound = if name == "mce" || name == "ace_equal_width" {
                0.15
            } else {
                0.025
            };
            let got = metric(&fair.probabilities, 3, &fair.labels, 15).unwrap();
            assert!(got < bound, "{name} of calibrated predictions is {got}");

            let sure = fair.sharpened();
            let got = metric(&sure.probabilities, 3, &sure.labels, 15).unwrap();
            assert!(got > 0.1, "{name} of overconfident predictions is {got}");
        }
    }

    #[test]
    fn hand_computed_value() {
        // Two bins. (0, 0.5]: confidence 0.5, wrong. (0.5, 1]: confidences 0.6 (right), 0.8
        // (right), 1.0 (wrong).
        let probabilities = [0.5, 0.5, 0.6, 0.4, 0.2, 0.8, 1.0, 0.0];
        let labels = [1, 0, 1, 1];
        let upper = (2.0 / 3.0_f64 - 0.8).abs();
        let wants: [(Metric, f64); 5] = [
            (ece, 0.25 * 0.5 + 0.75 * upper),
            (mce, 0.5),
            (rmsce, (0.25 * 0.25 + 0.75 * upper * upper).sqrt()),
            // Groups 0.5, 0.6 and 0.8, 1.0: one right in each.
            (adaptive_ece, 0.5 * 0.05 + 0.5 * 0.4),
            (ace_equal_width, 0.5 * (0.5 + upper)),
        ];
        for (metric, want) in wants {
            let got = metric(&probabilities, 2, &labels, 2).unwrap();
            assert!((got - want).abs() < 1e-15, "got {got}, want {want}");
        }
        // One bin: |2/4 − 2.9/4|.
        for (name, metric) in METRICS {
            let got = metric(&probabilities, 2, &labels, 1).unwrap();
            assert!((got - 0.225).abs() < 1e-15, "{name}: {got}");
        }
    }

    #[test]
    fn confidence_on_an_edge_joins_the_examples_below() {
        // Ten bins: 0.6 (right) is in (0.5, 0.6] with 0.55 (wrong), so all equal-width metrics see
        // one bin; one bin up, the ECE would be 0.5·0.4 + 0.5·0.55.
        let probabilities = [0.6, 0.4, 0.55, 0.45];
        let metrics: [Metric; 4] = [ece, mce, rmsce, ace_equal_width];
        for metric in metrics {
            let got = metric(&probabilities, 2, &[0, 1], 10).unwrap();
            assert!((got - (0.5_f64 - 0.575).abs()).abs() < 1e-15, "{got}");
        }
    }

    #[test]
    fn certain_and_wrong_is_the_worst() {
        for (name, metric) in METRICS {
            let of = |label| metric(&[1.0, 0.0], 2, &[label], DEFAULT_ECE_BINS).unwrap();
            assert_eq!((of(1), of(0)), (1.0, 0.0), "{name}");
        }
    }

    #[test]
    fn any_number_of_bins_but_zero() {
        for (name, metric) in METRICS {
            assert_eq!(
                metric(&[1.0], 1, &[0], 0),
                Err(MetricError::Empty { what: "bins" }),
                "{name}"
            );
            // As many bins as there can be: each example is alone, so each gap counts by itself.
            let got = metric(&[0.75, 0.25, 0.625, 0.375], 2, &[0, 1], usize::MAX).unwrap();
            let want = match name {
                "mce" => 0.625,
                "rmsce" => (0.5_f64 * (0.0625 + 0.390625)).sqrt(),
                _ => 0.5 * 0.25 + 0.5 * 0.625,
            };
            assert_eq!(got, want, "{name}");
        }
    }

    #[test]
    fn bad_input_is_an_error_in_each_metric() {
        for (name, metric) in METRICS {
            let error = metric(&[0.5, 0.25], 2, &[0], 3);
            assert_eq!(
                error,
                Err(MetricError::RowSum { row: 0, sum: 0.75 }),
                "{name}"
            );
        }
    }
}
