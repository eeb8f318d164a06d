//! Errors of a point prediction.

use super::checked::{check_values, finite};
use crate::metrics::MetricError;

/// Root mean square error `√(mean_n (y_n − ŷ_n)²)`, in the units of y; lower is better.
///
/// `prediction` and `y` have N entries; for draws pass their mean.
///
/// # Errors
/// [`MetricError::Empty`] for no examples, [`MetricError::Length`] if the lengths differ, [`MetricError::Number`]
/// for an entry that is not finite.
///
/// ```
/// use bayes_core::metrics::{mae, rmse};
///
/// let (prediction, y) = ([0.0, 0.0], [3.0, -4.0]);
/// assert!((rmse(&prediction, &y)? - 12.5_f64.sqrt()).abs() < 1e-15);
/// assert_eq!(mae(&prediction, &y)?, 3.5);
/// # Ok::<(), bayes_core::metrics::MetricError>(())
/// ```
pub fn rmse(prediction: &[f64], y: &[f64]) -> Result<f64, MetricError> {
    Ok(mean_of_errors(prediction, y, |error| error * error)?.sqrt())
}

/// Mean absolute error `mean_n |y_n − ŷ_n|`, in the units of y; lower is better.
///
/// # Errors
/// As [`rmse`].
pub fn mae(prediction: &[f64], y: &[f64]) -> Result<f64, MetricError> {
    mean_of_errors(prediction, y, f64::abs)
}

fn mean_of_errors(
    prediction: &[f64],
    y: &[f64],
    of_one: impl Fn(f64) -> f64,
) -> Result<f64, MetricError> {
    check_values("y", y, y.len(), finite())?;
    check_values("predictions", prediction, y.len(), finite())?;
    let sum: f64 = prediction
        .iter()
        .zip(y)
        .map(|(prediction, y)| of_one(y - prediction))
        .sum();
    Ok(sum / y.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_input_is_an_error() {
        for error in [rmse, mae] {
            assert_eq!(error(&[], &[]), Err(MetricError::Empty { what: "y" }));
            assert!(matches!(
                error(&[0.0], &[0.0, 1.0]),
                Err(MetricError::Length {
                    expected: 2,
                    found: 1,
                    ..
                })
            ));
            assert!(matches!(
                error(&[f64::INFINITY], &[0.0]),
                Err(MetricError::Number {
                    what: "predictions",
                    ..
                })
            ));
        }
    }
}
