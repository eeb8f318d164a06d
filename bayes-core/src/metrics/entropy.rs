//! Shannon entropy of class probabilities.

use super::MetricError;
use super::rows::check_table;

/// `x log x` in nats with its limit 0 at `x = 0`, exactly.
///
/// For 0 ≤ x ≤ 1 the range is −1/e to 0. Below 0 there is no value and the result is NaN.
///
/// ```
/// use bayes_core::metrics::xlogx;
///
/// assert_eq!(xlogx(0.0), 0.0);
/// assert_eq!(xlogx(0.5), 0.5 * 0.5_f64.ln());
/// ```
pub fn xlogx(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * x.ln() }
}

/// Entropy of each row in nats: `H[p_n] = −Σ_c p(n, c) log p(n, c)` (Shannon 1948).
///
/// `probabilities` is N×C with C = `classes`; the result has N entries in the range 0 (certain) to
/// log C (uniform). On mean probabilities this is the predictive entropy.
///
/// # Errors
/// [`MetricError::Length`] if the table does not divide into rows of `classes`,
/// [`MetricError::Empty`] if it has no rows or no classes, and [`MetricError::InvalidProbability`]
/// or [`MetricError::RowSum`] for a row that is no distribution.
///
/// ```
/// use bayes_core::metrics::entropy;
///
/// let h = entropy(&[1.0, 0.0, /**/ 0.5, 0.5], 2)?;
/// assert_eq!(h, [0.0, 2.0_f64.ln()]);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn entropy(probabilities: &[f64], classes: usize) -> Result<Vec<f64>, MetricError> {
    check_table(probabilities, classes)?;
    Ok(probabilities
        .chunks_exact(classes)
        .map(row_entropy)
        .collect())
}

/// Entropy in nats of one row already checked.
pub(crate) fn row_entropy(row: &[f64]) -> f64 {
    // Subtracted from zero, so that a certain row gives 0 and not −0.
    0.0 - row.iter().copied().map(xlogx).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xlogx_is_zero_at_zero_and_continuous_there() {
        assert_eq!(xlogx(0.0), 0.0);
        assert_eq!(xlogx(-0.0), 0.0);
        assert_eq!(xlogx(1.0), 0.0);
        let tiny = xlogx(f64::MIN_POSITIVE);
        assert!(tiny < 0.0 && tiny > -1e-300);
        assert!(xlogx(-0.1).is_nan());
    }

    #[test]
    fn hand_computed_values_and_extremes() {
        let h = entropy(&[0.5, 0.25, 0.25, 0.0, 1.0, 0.0], 3).unwrap();
        assert!((h[0] - 1.5 * 2.0_f64.ln()).abs() < 1e-15);
        assert_eq!(h[1].to_bits(), 0.0_f64.to_bits());
        let uniform = entropy(&[0.01; 100], 100).unwrap();
        assert!((uniform[0] - 100.0_f64.ln()).abs() < 1e-13);
    }

    #[test]
    fn bad_tables_are_errors() {
        assert_eq!(
            entropy(&[0.5, 0.5, 1.0], 2),
            Err(MetricError::Length {
                what: "probabilities",
                expected: 4,
                found: 3
            })
        );
        assert_eq!(entropy(&[], 2), Err(MetricError::Empty { what: "rows" }));
        assert_eq!(
            entropy(&[1.0], 0),
            Err(MetricError::Empty { what: "classes" })
        );
        assert_eq!(
            entropy(&[0.5, 0.25], 2),
            Err(MetricError::RowSum { row: 0, sum: 0.75 })
        );
    }
}
