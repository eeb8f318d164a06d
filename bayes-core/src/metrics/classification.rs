//! The predicted class and its confidence, accuracy, and the two proper scores: negative
//! log-likelihood and the Brier score.

use super::MetricError;
use super::rows::{LabelledRows, check_table, top_class};

/// Share of examples whose predicted class is the true one: `mean_n 1[argmax_c p̄(n, c) = y_n]`.
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. Range 0 to 1, higher
/// is better. On a tie the first class counts as predicted.
///
/// # Errors
/// See [`MetricError`]: lengths that differ, no examples or classes, a label out of range, a row
/// that is no distribution.
///
/// ```
/// use bayes_core::metrics::accuracy;
///
/// let probabilities = [0.7, 0.2, 0.1, /**/ 0.3, 0.3, 0.4];
/// assert_eq!(accuracy(&probabilities, 3, &[0, 1])?, 0.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn accuracy(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
) -> Result<f64, MetricError> {
    Ok(LabelledRows::new(probabilities, classes, labels)?.mean(correctness))
}

/// Whether each example's predicted class is the true one: `argmax_c p̄(n, c) = y_n`.
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C; N values. On a tie the
/// first class counts as predicted. What [`aurc`](super::aurc) and [`auc_avu`](super::auc_avu) ask
/// for.
///
/// # Errors
/// As [`accuracy`].
///
/// ```
/// use bayes_core::metrics::correct_predictions;
///
/// assert_eq!(correct_predictions(&[0.7, 0.3, /**/ 0.5, 0.5], 2, &[0, 1])?, [true, false]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn correct_predictions(
    probabilities: &[f64],
    classes: usize,
    labels: &[usize],
) -> Result<Vec<bool>, MetricError> {
    let rows = LabelledRows::new(probabilities, classes, labels)?;
    Ok(rows
        .top_class_events()
        .map(|(_, correct)| correct)
        .collect())
}

/// Confidence of each example, the probability of its predicted class: `max_c p̄(n, c)`.
///
/// `probabilities` is N×C with C = `classes`; N values in the range 1/C to 1 (maximum softmax
/// probability, Hendrycks & Gimpel 2017). Negated, it is a score for [`auroc`](super::auroc).
///
/// # Errors
/// As [`entropy`](super::entropy).
///
/// ```
/// use bayes_core::metrics::confidence;
///
/// assert_eq!(confidence(&[0.7, 0.3, /**/ 0.0, 1.0], 2)?, [0.7, 1.0]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn confidence(probabilities: &[f64], classes: usize) -> Result<Vec<f64>, MetricError> {
    check_table(probabilities, classes)?;
    let rows = probabilities.chunks_exact(classes);
    Ok(rows.map(|row| top_class(row).1).collect())
}

/// Negative log-likelihood in nats: `−mean_n log p̄(n, y_n)` (logarithmic score, Good 1952).
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. Range 0 to +∞, lower
/// is better. For Monte Carlo predictions pass the *mean* probabilities: this is the log of the
/// mean, which is never larger than the mean of the samples' own NLLs,
/// [`expected_nll`](super::expected_nll) (Jensen). A true class given
/// probability 0 makes the result +∞, as the formula says; nothing is clipped.
///
/// # Errors
/// See [`MetricError`]: lengths that differ, no examples or classes, a label out of range, a row
/// that is no distribution.
///
/// ```
/// use bayes_core::metrics::nll;
///
/// let got = nll(&[0.25, 0.75, /**/ 0.5, 0.5], 2, &[1, 0])?;
/// assert!((got + (0.75_f64.ln() + 0.5_f64.ln()) / 2.0).abs() < 1e-15);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn nll(probabilities: &[f64], classes: usize, labels: &[usize]) -> Result<f64, MetricError> {
    Ok(LabelledRows::new(probabilities, classes, labels)?.mean(log_loss))
}

/// Brier score, summed over classes: `mean_n Σ_c (p̄(n, c) − 1[y_n = c])²` (Brier 1950).
///
/// `probabilities` is N×C with C = `classes`, `labels` has N entries below C. Range 0 to 2, lower
/// is better. For two classes this is twice the one-column form that some libraries report.
///
/// # Errors
/// See [`MetricError`]: lengths that differ, no examples or classes, a label out of range, a row
/// that is no distribution.
///
/// ```
/// use bayes_core::metrics::brier;
///
/// // Certain and right: 0. Certain and wrong: 2.
/// assert_eq!(brier(&[1.0, 0.0, /**/ 1.0, 0.0], 2, &[0, 1])?, 1.0);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn brier(probabilities: &[f64], classes: usize, labels: &[usize]) -> Result<f64, MetricError> {
    Ok(LabelledRows::new(probabilities, classes, labels)?.mean(squared_error))
}

/// 1 where the predicted class is the label, else 0.
pub(super) fn correctness(row: &[f64], label: usize) -> f64 {
    f64::from(u8::from(top_class(row).0 == label))
}

/// `−log p(label)`.
pub(super) fn log_loss(row: &[f64], label: usize) -> f64 {
    // Subtracted from zero, so that a sure and right prediction gives 0 and not −0.
    0.0 - row[label].ln()
}

/// Squared distance from `row` to the one-hot vector of `label`.
pub(super) fn squared_error(row: &[f64], label: usize) -> f64 {
    let difference = |(class, p): (usize, &f64)| p - f64::from(u8::from(class == label));
    row.iter()
        .enumerate()
        .map(|entry| difference(entry).powi(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBABILITIES: [f64; 9] = [
        0.7, 0.2, 0.1, /**/ 0.1, 0.8, 0.1, /**/ 0.5, 0.25, 0.25,
    ];
    const LABELS: [usize; 3] = [0, 2, 1];

    #[test]
    fn hand_computed_values() {
        let right = accuracy(&PROBABILITIES, 3, &LABELS).unwrap();
        assert!((right - 1.0 / 3.0).abs() < 1e-15);

        let want = -(0.7_f64 * 0.1 * 0.25).ln() / 3.0;
        assert!((nll(&PROBABILITIES, 3, &LABELS).unwrap() - want).abs() < 1e-14);

        // (0.09 + 0.04 + 0.01) + (0.01 + 0.64 + 0.81) + (0.25 + 0.5625 + 0.0625)
        let want = (0.14 + 1.46 + 0.875) / 3.0;
        assert!((brier(&PROBABILITIES, 3, &LABELS).unwrap() - want).abs() < 1e-14);
    }

    #[test]
    fn extremes_of_the_ranges() {
        let sure = [1.0, 0.0];
        assert_eq!(nll(&sure, 2, &[0]).unwrap().to_bits(), 0.0_f64.to_bits());
        assert_eq!(nll(&sure, 2, &[1]).unwrap(), f64::INFINITY);
        assert_eq!(brier(&sure, 2, &[0]).unwrap(), 0.0);
        assert_eq!(brier(&sure, 2, &[1]).unwrap(), 2.0);
    }

    #[test]
    fn predictions_and_confidences_are_of_the_first_highest_class() {
        let probabilities = [0.2, 0.4, 0.4, /**/ 0.0, 0.0, 1.0];
        let right = |labels: [usize; 2]| correct_predictions(&probabilities, 3, &labels).unwrap();
        assert_eq!(right([1, 2]), [true, true]);
        assert_eq!(right([2, 0]), [false, false]);
        assert_eq!(confidence(&probabilities, 3).unwrap(), [0.4, 1.0]);
        assert_eq!(confidence(&[], 3), Err(MetricError::Empty { what: "rows" }));
    }

    #[test]
    fn nll_of_the_mean_is_below_the_mean_nll() {
        let (first, second, mean) = ([0.9, 0.1], [0.3, 0.7], [0.6, 0.4]);
        let of = |row: &[f64]| nll(row, 2, &[0]).unwrap();
        assert!(of(&mean) < 0.5 * (of(&first) + of(&second)) - 0.1);
    }

    #[test]
    fn bad_input_is_an_error_in_each_metric() {
        for metric in [accuracy, nll, brier] {
            assert!(matches!(
                metric(&[0.5, 0.5], 2, &[2]),
                Err(MetricError::LabelOutOfRange { .. })
            ));
            assert!(matches!(
                metric(&[3.0, -1.0], 2, &[0]),
                Err(MetricError::InvalidProbability { .. })
            ));
            assert!(matches!(
                metric(&[0.5, 0.5], 2, &[0, 1]),
                Err(MetricError::Length { .. })
            ));
        }
    }
}
